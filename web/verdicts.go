package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/api"
	"duban/assessment"
)

func gradeSaid(c *gin.Context) (any, error) {
	return api.AssessGradeBody{Grade: assessment.Grade(typed(c, "grade")), Text: typed(c, "text")}, nil
}

func verdictSaid(c *gin.Context) (any, error) {
	return api.AssessVerdictBody{Matter: assessment.Matter(typed(c, "matter")), Yes: typed(c, "yes") == "yes", Text: typed(c, "text")}, nil
}

// decideAssessment has the API carry out a leader's decision, beside the ranking.
func (s *server) decideAssessment(c *gin.Context) {
	f, ok := s.planFrame(c, textAssessments, menuAssessments)
	if !ok {
		return
	}
	half := plansPath(f.Plan.Code, "assessments", c.Param("half"))
	body, err := verdictSaid(c)
	if err == nil {
		_, err = send[struct{}](s, c, http.MethodPost, half+at("units", c.Param("unit"), "decide"), body)
	}
	if err != nil {
		f = s.with(c, f, err)
		s.showAssessment(c, f.refused.Status, f)
		return
	}
	done(c, half, "assessment-decide")
}

// judged are the units of which facts are recorded or anything is thought, in the order of the ranking.
func judged(units []api.AssessmentUnit) []api.AssessmentUnit {
	return slices.DeleteFunc(slices.Clone(units), func(u api.AssessmentUnit) bool {
		return len(u.Vetoed)+len(u.Merits)+len(u.Verdicts) == 0
	})
}

// awaited are the verdicts that await a leader's decision.
func awaited(u api.AssessmentUnit) []api.AssessmentVerdict {
	return slices.DeleteFunc(slices.Clone(u.Verdicts), func(v api.AssessmentVerdict) bool { return v.Decided })
}

// passed are the matters that were decided on.
func passed(u api.AssessmentUnit) []api.AssessmentVerdict {
	return slices.DeleteFunc(slices.Clone(u.Verdicts), func(v api.AssessmentVerdict) bool { return !v.Decided || !v.Yes })
}

// stance says what is thought of a matter, or decided: 通报表扬, 不通报表扬.
func stance(v api.AssessmentVerdict, yes bool) string {
	if yes {
		return v.MatterLabel
	}
	return fmt.Sprintf(textNot, v.MatterLabel)
}

// verdictColour returns the tag's colour of a matter that was decided on.
func verdictColour(v api.AssessmentVerdict) string {
	if v.Matter == assessment.Commend {
		return "green"
	}
	return "red"
}

// idleNames names the units that had nothing to do.
func idleNames(units []api.UnitRef) string {
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = u.Name
	}
	return strings.Join(names, "、")
}
