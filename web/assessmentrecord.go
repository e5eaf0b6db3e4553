package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"duban/api"
	"duban/assessment"
)

func (s *server) assessmentRecord(c *gin.Context) {
	f, ok := s.planFrame(c, textAssessments, menuAssessments)
	if !ok {
		return
	}
	page := plansPath(f.Plan.Code, "assessments", c.Param("half"))
	a, err := get[api.Assessment](s, c, page, nil)
	var r api.AssessmentRecord
	if err == nil {
		r, err = get[api.AssessmentRecord](s, c, page+at("record"), nil)
	}
	if err != nil {
		s.fail(c, f, err)
		return
	}
	f.Title = assessmentTitle(a.AssessmentHead) + textRecord
	s.render(c, http.StatusOK, assessmentRecordPage(f, a.AssessmentHead, r.Events))
}

// saidIn says in words what an entry of the record gives or decides; "": its kind says all.
func saidIn(e api.AssessmentEvent) string {
	switch e.Kind {
	case assessment.Scored:
		return pointsText(*e.Points) + textPointsUnit
	case assessment.Adjusted:
		return signedText(*e.Points) + textPointsUnit
	case assessment.Graded:
		return e.GradeLabel
	case assessment.Advised, assessment.Decided:
		return stance(api.AssessmentVerdict{MatterLabel: e.MatterLabel}, e.Yes)
	case assessment.Counted:
		return textSayUntil + day(e.Until)
	case assessment.Reminded:
		return recordHolders[e.To]
	default:
		return ""
	}
}
