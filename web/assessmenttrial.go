package web

import (
	"math"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"duban/api"
)

// trial is a half-year tried by other rules.
type trial struct {
	Of     api.AssessmentHead
	Rules  api.AssessmentRules // as they are typed, or to begin with
	Result *api.AssessmentTrial
}

// assessmentTrial shows the rules that can be changed: those that it was counted by, or else those that stand, with what they come
// to so far.
func (s *server) assessmentTrial(c *gin.Context) {
	f, v, ok := s.openTrial(c)
	if ok {
		s.render(c, http.StatusOK, assessmentTrialPage(f, v))
	}
}

func (s *server) openTrial(c *gin.Context) (frame, trial, bool) {
	f, ok := s.planFrame(c, textAssessments, menuAssessments)
	if !ok {
		return f, trial{}, false
	}
	page := plansPath(f.Plan.Code, "assessments", c.Param("half"))
	a, err := get[api.Assessment](s, c, page, nil)
	v := trial{Of: a.AssessmentHead}
	switch {
	case err != nil:
	case a.Rules != nil:
		v.Rules = *a.Rules
	default:
		var standing api.AssessmentTrial
		standing, err = send[api.AssessmentTrial](s, c, http.MethodPost, page+at("what-if"), api.AssessmentTrialBody{})
		v.Rules, v.Result = standing.Rules, &standing
	}
	if err != nil {
		s.fail(c, f, err)
		return f, v, false
	}
	f.Title = assessmentTitle(v.Of) + textTrial
	return f, v, true
}

// tryAssessment has the API count by what was typed. It leaves no trace.
func (s *server) tryAssessment(c *gin.Context) {
	f, v, ok := s.openTrial(c)
	if !ok {
		return
	}
	var err error
	if v.Rules, err = rulesTyped(c, v.Rules); err == nil {
		var result api.AssessmentTrial
		path := plansPath(f.Plan.Code, "assessments", c.Param("half"), "what-if")
		result, err = send[api.AssessmentTrial](s, c, http.MethodPost, path, api.AssessmentTrialBody{Rules: &v.Rules})
		v.Result = &result
	}
	if err != nil {
		f, v.Result = s.with(c, f, err), nil
	}
	s.render(c, statusOf(f), assessmentTrialPage(f, v))
}

// rulesTyped returns the rules with the numbers that were typed; what is left empty is worth nothing.
func rulesTyped(c *gin.Context, rules api.AssessmentRules) (api.AssessmentRules, error) {
	refused := &api.Problem{Status: http.StatusUnprocessableEntity, Code: api.CodeValidation, Detail: textPoints}
	number := func(field string) (float64, bool) {
		text := typed(c, field)
		if text == "" {
			return 0, true
		}
		p, err := strconv.ParseFloat(text, 64)
		return p, err == nil && p >= -1000 && p <= 1000
	}
	var ok bool
	if rules.Base, ok = number("base"); !ok {
		return rules, refused
	}
	items := make([]api.AssessmentRuleItem, len(rules.Items))
	copy(items, rules.Items)
	for i := range items {
		each, valid := number("points-" + items[i].Code)
		most, bounded := number("most-" + items[i].Code)
		if !valid || !bounded {
			return rules, refused
		}
		items[i].Points, items[i].Most = each, most
	}
	rules.Items = items
	return rules, nil
}

// shift says how a rank has moved; "": it has not.
func shift(u api.AssessmentTrialUnit) string {
	switch d := u.CountedRank - u.Rank; {
	case u.CountedRank == 0 || d == 0:
		return ""
	case d > 0:
		return "↑" + strconv.Itoa(d)
	default:
		return "↓" + strconv.Itoa(-d)
	}
}

// gain is what a unit would get more; zero where nothing is counted yet.
func gain(u api.AssessmentTrialUnit) float64 {
	if u.CountedScore == nil {
		return 0
	}
	return math.Round(10*(u.Points-*u.CountedScore)) / 10
}

// mostText writes a bound; "": there is none.
func mostText(most float64) string {
	if most == 0 {
		return ""
	}
	return pointsText(most)
}
