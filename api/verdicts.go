package api

import (
	"context"
	"fmt"
	"strings"

	"duban/assessment"
	"duban/obligation"
)

// AssessmentMeritRule says what speaks for a commendation.
type AssessmentMeritRule struct {
	Code   string           `json:"code" maxLength:"64" doc:"代码"`
	Title  string           `json:"title" maxLength:"200" doc:"名称"`
	Done   int              `json:"done,omitempty" minimum:"0" maximum:"100000" doc:"至少办结几件"`
	OnTime bool             `json:"onTime,omitempty" doc:"无一逾期"`
	Passed bool             `json:"passed,omitempty" doc:"无一退回"`
	Upper  int              `json:"upper,omitempty" minimum:"0" maximum:"1000" doc:"名次在前几名；不填则不限"`
	Grade  assessment.Grade `json:"grade,omitempty" enum:"excellent,good,fair,poor" doc:"质量评价的等次；不填则不限"`
}

// AssessmentMerit is a fact that speaks for commending a unit.
type AssessmentMerit struct {
	Code  string           `json:"code" doc:"代码"`
	Title string           `json:"title" doc:"名称"`
	Lines []AssessmentLine `json:"lines,omitempty" doc:"所依据的台账各条，只在查看一家单位时给出；名次没有"`
}

// AssessmentVerdict is what people make of the facts about a unit.
type AssessmentVerdict struct {
	Matter      assessment.Matter `json:"matter" enum:"commend,veto" doc:"事项：commend 通报表扬，veto 一票否优"`
	MatterLabel string            `json:"matterLabel" doc:"事项名称"`
	Opinion     bool              `json:"opinion" doc:"区安委办的意见：是否表扬（否优）"`
	Why         string            `json:"why,omitempty" doc:"意见的理由"`
	Decided     bool              `json:"decided" doc:"领导是否已决定"`
	Yes         bool              `json:"yes" doc:"领导的决定：是否表扬（否优）"`
	Reason      string            `json:"reason,omitempty" doc:"决定的理由"`
}

// AssessGradeInput grades the quality of a unit's work.
type AssessGradeInput struct {
	AssessmentUnitPath
	Retry
	Body AssessGradeBody
}

// AssessGradeBody is a grade, and why.
type AssessGradeBody struct {
	Grade assessment.Grade `json:"grade" enum:"excellent,good,fair,poor" doc:"等次：excellent 优，good 良，fair 中，poor 差"`
	Text  string           `json:"text" maxLength:"4000" doc:"理由"`
}

// AssessVerdictInput is an opinion or a decision on a matter of a unit.
type AssessVerdictInput struct {
	AssessmentUnitPath
	Retry
	Body AssessVerdictBody
}

// AssessVerdictBody is what is thought right, and why.
type AssessVerdictBody struct {
	Matter assessment.Matter `json:"matter" enum:"commend,veto" doc:"事项：commend 通报表扬，veto 一票否优"`
	Yes    bool              `json:"yes" doc:"是否表扬（否优）"`
	Text   string            `json:"text" maxLength:"4000" doc:"理由"`
}

func (s *server) registerVerdicts(act func(id, path string, codes ...assessment.Code) operation) {
	register(s, act("grade-assessment", "/units/{unit}/grade", assessment.CodeUnit, assessment.CodeReason, assessment.CodeText), s.gradeAssessment)
	codes := []assessment.Code{assessment.CodeUnit, assessment.CodeReason, assessment.CodeText, assessment.CodeBoth}
	register(s, act("advise-assessment", "/units/{unit}/advise", codes...), s.assessVerdict(assessment.Advised, obligation.RoleOffice))
	register(s, act("decide-assessment", "/units/{unit}/decide", append(codes, assessment.CodeNoOpinion)...),
		s.assessVerdict(assessment.Decided, obligation.RoleLeader))
}

func (s *server) gradeAssessment(ctx context.Context, in *AssessGradeInput) (*AssessOutput, error) {
	return s.assess(ctx, in.AssessmentPath, in.Retry, assessment.Command{
		Kind: assessment.Graded, By: by(ctx, obligation.RoleOffice), Unit: in.Unit, Grade: in.Body.Grade, Text: in.Body.Text,
	})
}

func (s *server) assessVerdict(kind assessment.Kind, role obligation.Role) func(context.Context, *AssessVerdictInput) (*AssessOutput, error) {
	return func(ctx context.Context, in *AssessVerdictInput) (*AssessOutput, error) {
		return s.assess(ctx, in.AssessmentPath, in.Retry, assessment.Command{
			Kind: kind, By: by(ctx, role), Unit: in.Unit, Matter: in.Body.Matter, Yes: in.Body.Yes, Text: in.Body.Text,
		})
	}
}

// unpublished leaves out what a liaison does not see of his own unit before it is published: its rank, and what is thought of it.
func (u AssessmentUnit) unpublished() AssessmentUnit {
	u.Rank, u.Merits, u.Verdicts = 0, nil, nil
	return u
}

// published leaves out what a liaison does not see once it is published: of other units all that was said about their points, and
// the reasons of what was decided.
func (u AssessmentUnit) published(own bool) AssessmentUnit {
	verdicts := []AssessmentVerdict{}
	for _, v := range u.Verdicts {
		if !v.Decided || !v.Yes {
			continue
		}
		v.Why = ""
		if !own {
			v.Reason = ""
		}
		verdicts = append(verdicts, v)
	}
	if own {
		u.Verdicts = verdicts
		return u
	}
	return AssessmentUnit{
		UnitRef: u.UnitRef, Rank: u.Rank, Points: u.Points, Counted: u.Counted, Adjusted: u.Adjusted, Light: u.Light, LightName: u.LightName,
		Figures: u.Figures, Verdicts: verdicts,
	}
}

func showVerdicts(said assessment.Statement) []AssessmentVerdict {
	var out []AssessmentVerdict
	for _, m := range assessment.Matters {
		if v, ok := said.Verdicts[m]; ok {
			out = append(out, AssessmentVerdict{m, m.Chinese(), v.Opinion, v.Why, v.Decided, v.Yes, v.Reason})
		}
	}
	return out
}

func meritTitles(merits []AssessmentMerit) string {
	return strings.Join(list(merits, func(m AssessmentMerit) string { return m.Title }), "；")
}

// verdictText says in a cell what people make of a matter; "": nobody has said anything.
func verdictText(verdicts []AssessmentVerdict, m assessment.Matter) string {
	for _, v := range verdicts {
		switch {
		case v.Matter != m:
		case v.Decided:
			return fmt.Sprintf(textVerdict, yesNo[v.Yes], v.Reason)
		default:
			return fmt.Sprintf(textOpinion, yesNo[v.Opinion], v.Why)
		}
	}
	return ""
}
