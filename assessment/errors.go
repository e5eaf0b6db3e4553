package assessment

// Code is the stable code of a refusal, for programs.
type Code string

// The codes.
const (
	CodeRole        Code = "assessment_role"
	CodeStage       Code = "assessment_stage"
	CodeOver        Code = "assessment_published"
	CodeUnit        Code = "assessment_unit_unknown"
	CodePoints      Code = "assessment_points_missing"
	CodeReason      Code = "assessment_reason_missing"
	CodeText        Code = "assessment_text_too_long"
	CodeObjected    Code = "assessment_objection_pending"
	CodeNoObjection Code = "assessment_no_objection"
	CodeUnanswered  Code = "assessment_unanswered"
	CodeCard        Code = "assessment_not_counted"
	CodeGrade       Code = "assessment_grade_unknown"
	CodeMatter      Code = "assessment_matter_unknown"
	CodeUndecided   Code = "assessment_undecided"
	CodeNoOpinion   Code = "assessment_no_opinion"
	CodeBoth        Code = "assessment_commended_and_ruled_out"
)

// Error is a refusal.
type Error struct{ Code Code }

// Error implements error. It is Chinese and says what to do.
func (e *Error) Error() string { return errorTexts[e.Code] }

func refuse(code Code) error { return &Error{code} }

// KnownCode reports whether the code is one of this package's.
func KnownCode(c Code) bool { return errorTexts[c] != "" }

// Refuse returns the refusal of a code.
func Refuse(code Code) error { return refuse(code) }
