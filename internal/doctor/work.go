package doctor

import (
	"strings"

	"duban/obligation"
)

// WorkKind is what a workflow follows.
type WorkKind string

// The kinds of work.
const (
	WorkPlan       WorkKind = "plan"
	WorkTask       WorkKind = "task"
	WorkDispatch   WorkKind = "dispatch"
	WorkAssessment WorkKind = "assessment"
	WorkObligation WorkKind = "obligation"
	WorkDocument   WorkKind = "document"
)

// Work is what a workflow follows. All but obligations and documents have Plan, and tasks and assessments Part.
type Work struct {
	Kind WorkKind
	Plan string
	Part string // the task's code, or the half-year
	ID   obligation.ID
	Rung obligation.Rung
}

// String returns the ID of its workflow.
func (w Work) String() string {
	switch w.Kind {
	case WorkObligation:
		return string(w.Kind) + "/" + w.ID.String()
	case WorkDocument:
		return string(w.Kind) + "/" + obligation.DocumentID(w.ID, w.Rung)
	case WorkTask, WorkAssessment:
		return string(w.Kind) + "/" + w.Plan + "/" + w.Part
	default:
		return string(w.Kind) + "/" + w.Plan
	}
}

// ParseWork reads what String returned. A workflow that follows nothing of duban's is none.
func ParseWork(workflow string) (Work, bool) {
	kind, rest, _ := strings.Cut(workflow, "/")
	w := Work{Kind: WorkKind(kind)}
	ok := rest != ""
	switch w.Kind {
	case WorkPlan, WorkDispatch:
		w.Plan = rest
	case WorkTask, WorkAssessment:
		w.Plan, w.Part, ok = strings.Cut(rest, "/")
	case WorkObligation:
		w.ID, ok = obligation.ParseID(rest)
	case WorkDocument:
		at := strings.LastIndexByte(rest, '/')
		if at < 0 {
			return w, false
		}
		w.Rung = obligation.Rung(rest[at+1:])
		w.ID, ok = obligation.ParseID(rest[:at])
	default:
		return w, false
	}
	return w, ok
}
