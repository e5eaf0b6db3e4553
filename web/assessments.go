package web

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
	"duban/assessment"
	"duban/obligation"
)

// The routes of an assessment, and of what it says of one unit.
const (
	assessmentRoute     = "/plans/:plan/assessments/:half"
	assessmentUnitRoute = assessmentRoute + "/units/:unit"
)

func (s *server) registerAssessments(p routes) {
	p.get("/plans/:plan/assessments", s.assessments)
	p.get(assessmentRoute, s.assessment)
	p.get(assessmentRoute+"/record", s.assessmentRecord)
	p.get(assessmentRoute+"/what-if", s.assessmentTrial)
	p.post(assessmentRoute+"/what-if", s.tryAssessment)
	p.post(assessmentRoute+"/:verb", s.assess)
	p.get(assessmentUnitRoute, s.assessmentUnit)
	p.post(assessmentUnitRoute+"/decide", s.decideAssessment)
	p.post(assessmentUnitRoute+"/:verb", s.assessUnit)
}

func (s *server) assessments(c *gin.Context) {
	f, ok := s.planFrame(c, textAssessments, menuAssessments)
	if !ok {
		return
	}
	list, err := get[api.AssessmentList](s, c, plansPath(f.Plan.Code, "assessments"), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, http.StatusOK, assessmentsPage(f, list.Assessments))
}

func (s *server) assessment(c *gin.Context) {
	if f, ok := s.planFrame(c, textAssessments, menuAssessments); ok {
		s.showAssessment(c, http.StatusOK, f)
	}
}

func (s *server) showAssessment(c *gin.Context, status int, f frame) {
	a, err := get[api.Assessment](s, c, plansPath(f.Plan.Code, "assessments", c.Param("half")), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	f.Title = assessmentTitle(a.AssessmentHead)
	s.render(c, status, assessmentPage(f, a))
}

// assessmentVerbs say how what was typed becomes what the API is asked of an assessment as a whole.
var assessmentVerbs = map[string]reading{
	"close":     nothingSaid,
	"propose":   nothingSaid,
	"sign":      nothingSaid,
	"publish":   nothingSaid,
	"send-back": spoken,
}

// reading makes what the API is asked of what was typed.
type reading func(c *gin.Context) (any, error)

func nothingSaid(*gin.Context) (any, error) { return api.ActBody{}, nil }

func spoken(c *gin.Context) (any, error) { return api.AssessTextBody{Text: typed(c, "text")}, nil }

// openVerb returns how the form of the address's verb is read, with the frame of its page. It answers itself, and returns false,
// where there is no such verb or plan.
func (s *server) openVerb(c *gin.Context, verbs map[string]reading) (f frame, read reading, ok bool) {
	if read, ok = verbs[c.Param("verb")]; !ok {
		s.lost(c)
		return f, nil, false
	}
	f, ok = s.planFrame(c, textAssessments, menuAssessments)
	return f, read, ok
}

func (s *server) assess(c *gin.Context) {
	f, read, ok := s.openVerb(c, assessmentVerbs)
	if !ok {
		return
	}
	verb, page := c.Param("verb"), plansPath(f.Plan.Code, "assessments", c.Param("half"))
	body, err := read(c)
	if err == nil {
		_, err = send[struct{}](s, c, http.MethodPost, page+at(verb), body)
	}
	if err != nil {
		f = s.with(c, f, err)
		s.showAssessment(c, f.refused.Status, f)
		return
	}
	done(c, page, "assessment-"+verb)
}

// assessed is what an assessment says of one unit.
type assessed struct {
	Of   api.Assessment
	Unit api.AssessmentDetail
}

func (s *server) assessmentUnit(c *gin.Context) {
	if f, ok := s.planFrame(c, textAssessments, menuAssessments); ok {
		s.showAssessmentUnit(c, http.StatusOK, f)
	}
}

func (s *server) showAssessmentUnit(c *gin.Context, status int, f frame) {
	page := plansPath(f.Plan.Code, "assessments", c.Param("half"))
	var v assessed
	var err error
	if v.Of, err = get[api.Assessment](s, c, page, nil); err == nil {
		v.Unit, err = get[api.AssessmentDetail](s, c, page+at("units", c.Param("unit")), nil)
	}
	if err != nil {
		s.fail(c, f, err)
		return
	}
	f.Title = v.Unit.Name + " " + assessmentTitle(v.Of.AssessmentHead)
	s.render(c, status, assessmentUnitPage(f, v))
}

// unitVerbs say how what was typed becomes what the API is asked of a unit's score.
var unitVerbs = map[string]reading{"score": pointsSaid, "adjust": pointsSaid, "object": spoken, "answer": spoken, "grade": gradeSaid, "advise": verdictSaid}

func pointsSaid(c *gin.Context) (any, error) {
	p, err := strconv.ParseFloat(typed(c, "points"), 64)
	if err != nil || math.IsNaN(p) || math.IsInf(p, 0) {
		return nil, &api.Problem{Status: http.StatusUnprocessableEntity, Code: api.CodeValidation, Detail: textPoints}
	}
	return api.AssessPointsBody{Points: p, Text: typed(c, "text")}, nil
}

// assessUnit has the API carry out what is said of a unit. The office goes on with the ranking, a unit stays with its own.
func (s *server) assessUnit(c *gin.Context) {
	f, read, ok := s.openVerb(c, unitVerbs)
	if !ok {
		return
	}
	verb := c.Param("verb")
	half := plansPath(f.Plan.Code, "assessments", c.Param("half"))
	page := half + at("units", c.Param("unit"))
	body, err := read(c)
	if err == nil {
		_, err = send[struct{}](s, c, http.MethodPost, page+at(verb), body)
	}
	switch {
	case err != nil:
		f = s.with(c, f, err)
		s.showAssessmentUnit(c, f.refused.Status, f)
	case f.Who.Role == account.Office:
		done(c, half, "assessment-"+verb)
	default:
		done(c, page, "assessment-"+verb)
	}
}

func assessmentTitle(h api.AssessmentHead) string { return h.HalfLabel + textAssessments }

// lastDay returns the last day of a half-year: its checkpoint is the midnight after it.
func lastDay(h api.AssessmentHead) string { return day(dateOf(h.Checkpoint).AddDays(-1)) }

// nextOf says what happens next, and who does it.
func nextOf(h api.AssessmentHead) string {
	switch h.Stage {
	case assessment.StageCounting:
		return fmt.Sprintf(textNextCount, lastDay(h))
	case assessment.StageUnits:
		return fmt.Sprintf(textNextUnits, day(h.Until))
	default:
		return nextOfStage[h.Stage]
	}
}

// stepOf returns which of assessmentSteps is being taken; as many as there are: none is left.
func stepOf(stage assessment.Stage) int {
	for i, step := range assessmentSteps {
		if step.stage == stage {
			return i
		}
	}
	return len(assessmentSteps)
}

// pointsText writes points as people do.
func pointsText(p float64) string { return strconv.FormatFloat(p, 'f', -1, 64) }

// signedText writes points that are added or taken off.
func signedText(p float64) string {
	if p > 0 {
		return "+" + pointsText(p)
	}
	return pointsText(p)
}

// scale is what the bars of a ranking are held against: from the least points, or nothing, to the most.
func scale(units []api.AssessmentUnit) (least, most float64) {
	for _, u := range units {
		least, most = min(least, u.Points), max(most, u.Points)
	}
	return least, most
}

// ruleText says what a rule gives.
func ruleText(i api.AssessmentRuleItem) string {
	out := fmt.Sprintf(textRuleEach, signedText(i.Points))
	if i.Most > 0 {
		out += fmt.Sprintf(textRuleMost, pointsText(i.Most))
	}
	return out
}

// ruleOf returns what the rule of a line gives; "": no rule fits it.
func ruleOf(r *api.AssessmentRules, code string) string {
	if r == nil {
		return ""
	}
	i := slices.IndexFunc(r.Items, func(i api.AssessmentRuleItem) bool { return i.Code == code })
	if i < 0 {
		return ""
	}
	return ruleText(r.Items[i])
}

// linePath returns the address of the very entry that a line comes from: of an obligation's ledger, or of the assessment's own
// record.
func linePath(plan, half string, l api.AssessmentLine) string {
	entry := "#e" + strconv.Itoa(l.Seq)
	id, ok := obligation.ParseID(l.Obligation)
	if !ok {
		return plansPath(plan, "assessments", half, "record") + entry
	}
	return plansPath(id.Plan, "obligations", id.Measure, id.Unit, id.Period) + "?entry=" + strconv.Itoa(l.Seq) + entry
}

// lineName says which obligation a line is about, or that it is about the assessment's own record.
func lineName(l api.AssessmentLine) string {
	id, ok := obligation.ParseID(l.Obligation)
	if !ok {
		return textOwnRecord
	}
	return strings.TrimSpace(id.Measure + " " + l.Title)
}

// what says what a line is about in one word.
func what(l api.AssessmentLine) string {
	switch {
	case l.RungLabel != "":
		return l.RungLabel
	case l.GradeLabel != "":
		return l.OnLabel + "：" + l.GradeLabel
	default:
		return l.OnLabel
	}
}

// openObjection reports whether a unit's objection awaits its answer.
func openObjection(u api.AssessmentUnit) bool { return u.Objection != "" && u.Answer == "" }

// objecting returns the units whose objections await their answers.
func objecting(units []api.AssessmentUnit) []api.AssessmentUnit {
	return slices.DeleteFunc(slices.Clone(units), func(u api.AssessmentUnit) bool { return !openObjection(u) })
}

// saidOpen reports whether the office may still adjust and answer.
func saidOpen(h api.AssessmentHead) bool {
	return h.Stage == assessment.StageUnits || h.Stage == assessment.StageOffice
}

// reportPath returns where the API gives the assessment, or what it says of one unit, as a spreadsheet.
func reportPath(h api.AssessmentHead, unit string) string {
	path := apiPrefix + plansPath(h.Plan, "assessments", h.Half, "report")
	if unit != "" {
		path += "?" + url.Values{"unit": {unit}}.Encode()
	}
	return path
}
