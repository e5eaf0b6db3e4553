// Package workflows holds duban's workflows: thin shells that feed the core with time and commands and store what it
// decides. They contain no rule of their own.
package workflows

import (
	"time"

	"duban/activities"
	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
)

// TaskQueue is the queue that all of duban's workers serve.
const TaskQueue = "duban"

// The IDs of workflows. They are deterministic: starting what exists changes nothing.

// PlanID returns the ID of a plan's workflow.
func PlanID(plan string) string { return "plan/" + plan }

// TaskID returns the ID of a task's workflow.
func TaskID(plan, task string) string { return "task/" + plan + "/" + task }

// ObligationID returns the ID of an obligation's workflow.
func ObligationID(id obligation.ID) string { return "obligation/" + id.String() }

// DocumentID returns the ID of the workflow of an obligation's document at a rung.
func DocumentID(id obligation.ID, rung obligation.Rung) string {
	return "document/" + obligation.DocumentID(id, rung)
}

// AssessmentID returns the ID of the workflow of a half-yearly assessment.
func AssessmentID(plan, half string) string { return "assessment/" + assessment.ID(plan, half) }

// DispatchID returns the ID of a plan's dispatcher.
func DispatchID(plan string) string { return "dispatch/" + plan }

// The Updates: what people ask for. Those of an obligation, and those about an interview (DocumentWorkflow: Command →
// obligation.Document), are named by the core's command kinds; so are those of an assessment (AssessmentCommand →
// assessment.Event).
const (
	UpdateSeed     = "seed"     // PlanWorkflow: PlanInput → SeedResult
	UpdateSignOff  = "sign_off" // DocumentWorkflow: SignOff → obligation.Document
	UpdateWithdraw = "withdraw" // DocumentWorkflow: Withdraw → obligation.Document
	UpdateRegister = "register" // TaskWorkflow, of one that carries hazards: Register → obligation.Event
	UpdateAdvance  = "advance"  // all but PlanWorkflow, on a held clock: Advance → Advanced
)

// The Signals: what workflows tell each other.
const (
	SignalRearm    = "rearm"    // to an obligation: RearmSignal
	SignalRecorded = "recorded" // to an obligation: its ledger has grown by another hand
	SignalPart     = "part"     // to a lead's obligation: PartSignal
	SignalRevise   = "revise"   // to a task: TaskInput with the changed definition
	SignalOutcome  = "outcome"  // to a task: one of its obligations has closed
	SignalSettled  = "settled"  // to a document: its draft was withdrawn because the obligation is fulfilled
	SignalUrgent   = "urgent"   // to a dispatcher: something cannot wait for the day's digest
	SignalFinish   = "finish"   // to a dispatcher: its plan has ended
	SignalTaskDone = "task_done"
	SignalCalendar = "calendar" // to an assessment: *calendar.Calendar, a new one
	SignalAssessed = "assessed" // to a plan: one of its assessments is published
)

// QueryPosition asks an obligation's workflow how much of the ledger it knows: the sequence of an event.
const QueryPosition = "position"

// Empty is the payload of messages that say all by their name.
type Empty struct{}

// Advance moves a workflow on a held clock on.
type Advance struct {
	Now time.Time `json:"now"` // business instant
}

// Advanced answers it.
type Advanced struct {
	Done bool `json:"done"` // false: the run continues as new; ask again
}

// AssessmentCommand is a person's command about an assessment.
type AssessmentCommand struct {
	assessment.Command
	Now time.Time `json:"now,omitzero"` // business instant, where the clock is held
}

// AssessmentInput is what the workflow of a half-yearly assessment starts from.
type AssessmentInput struct {
	Plan    string             `json:"plan"`
	Half    string             `json:"half"` // 2026H1
	Zone    string             `json:"zone"`
	At      time.Duration      `json:"at"` // time of day of reminders
	Setting activities.Setting `json:"setting"`
}

func (in AssessmentInput) half() assessment.Half {
	half, _ := assessment.ParseHalf(in.Half) // of a plan's checkpoints
	return half
}

// Command is a person's command to an obligation, or about its interview.
type Command struct {
	obligation.Command
	Now time.Time `json:"now,omitzero"` // business instant, where the clock is held
}

// ObligationInput is what an obligation's workflow starts from, and continues as new with.
type ObligationInput struct {
	State   obligation.State   `json:"state"`
	Setting activities.Setting `json:"setting"`

	Found     int   `json:"found,omitempty"`     // findings of an inspection that were opened
	Unsettled []int `json:"unsettled,omitempty"` // and the numbers of those that are not closed
}

// RearmSignal changes a running obligation on purpose.
type RearmSignal struct {
	Command  obligation.Command `json:"command"`
	Calendar *calendar.Calendar `json:"calendar,omitempty"` // a new one; none: it stays
	Gone     bool               `json:"gone,omitempty"`     // the plan has it no more: nobody has to deliver it
}

// Register enters a hazard into the register.
type Register struct {
	obligation.Registration
	Now time.Time `json:"now,omitzero"` // business instant, where the clock is held
}

// PartSignal tells a lead's obligation how one of its parts stands.
// PartSignal tells a lead's obligation how one of its parts stands, or an inspection that one of its findings is closed.
type PartSignal struct {
	N       int              `json:"n"`
	Stage   obligation.Stage `json:"stage"`
	Finding bool             `json:"finding,omitempty"`
}

// TaskInput is what a task's workflow starts from, and continues as new with. Its definition holds this task and its
// measures only.
type TaskInput struct {
	Setting    activities.Setting    `json:"setting"`
	Window     obligation.Window     `json:"window"`
	Definition obligation.Definition `json:"definition"`
	Opened     []string              `json:"opened,omitempty"`     // "measure/period", in order of opening
	Reason     string                `json:"reason,omitempty"`     // of a revision: why, and who says so
	Reconsider bool                  `json:"reconsider,omitempty"` // of a revision: the office has said more of what fell due before the as-of date
}

// PlanInput is what a plan's workflow starts from, and continues as new with.
type PlanInput struct {
	Setting    activities.Setting    `json:"setting"`
	Window     obligation.Window     `json:"window"`
	Definition obligation.Definition `json:"definition"`
	Started    []string              `json:"started,omitempty"`    // tasks whose workflow was started
	Done       []string              `json:"done,omitempty"`       // tasks that have ended
	Halves     []string              `json:"halves,omitempty"`     // half-years whose assessment was started
	Assessed   []string              `json:"assessed,omitempty"`   // half-years whose assessment is published
	Reason     string                `json:"reason,omitempty"`     // of a seeding: why something changes, and who says so
	Reconsider []string              `json:"reconsider,omitempty"` // of a seeding: tasks of whose past the office has said more
}

// SeedResult tells what a seeding did.
type SeedResult struct {
	Version int `json:"version"`
	Started int `json:"started"` // tasks
	Revised int `json:"revised"` // tasks that were told of a change
}

// SignOff lets a draft go out. An interview needs its meeting.
type SignOff struct {
	By      obligation.Actor    `json:"by"`
	Meeting *obligation.Meeting `json:"meeting,omitempty"`
	Now     time.Time           `json:"now,omitzero"` // business instant, where the clock is held
}

// Withdraw takes a draft back.
type Withdraw struct {
	By     obligation.Actor `json:"by"`
	Reason string           `json:"reason"`
	Now    time.Time        `json:"now,omitzero"` // business instant, where the clock is held
}

// DocumentInput is what a document's workflow starts from, and continues as new with.
type DocumentInput struct {
	activities.DocumentStart
	Reminded int `json:"reminded,omitempty"` // reminders to whoever holds it, so far
}

// DispatchInput is what a dispatcher starts from, and continues as new with.
type DispatchInput struct {
	Plan     string             `json:"plan"`
	Zone     string             `json:"zone"`
	Setting  activities.Setting `json:"setting"`
	Window   obligation.Window  `json:"window"`
	Last     time.Time          `json:"last,omitzero"` // business instant of the last full run
	Urgent   bool               `json:"urgent,omitempty"`
	Finished bool               `json:"finished,omitempty"`
}
