package obligation

import (
	"maps"
	"slices"
	"time"

	"duban/calendar"
)

// EventKind is what happened.
type EventKind string

// The kinds of events.
const (
	Recorded        EventKind = "recorded"  // taken into the record as history
	Opened          EventKind = "opened"    // handed over to the unit
	Reminded        EventKind = "reminded"  // a remind or press step
	Overdue         EventKind = "overdue"   // the deadline passed in the unit's hands
	Drafted         EventKind = "drafted"   // a formal rung was decided and its document drafted
	Issued          EventKind = "issued"    // the document was signed off and numbered
	Withdrawn       EventKind = "withdrawn" // the draft was withdrawn
	Signed          EventKind = "signed"
	Submitted       EventKind = "submitted"
	Accepted        EventKind = "accepted"
	Returned        EventKind = "returned"
	Nudged          EventKind = "nudged"
	Progressed      EventKind = "progressed" // the unit told how far it is
	Waived          EventKind = "waived"     // nobody has to deliver it any more
	Delegated       EventKind = "delegated"
	DelegationEnded EventKind = "delegation_ended"
	HandedOver      EventKind = "handed_over" // to another liaison of the unit
	BrokenDown      EventKind = "broken_down" // into parts for co-organisers
	PartMoved       EventKind = "part_moved"  // one of them stands otherwise
	SentBack        EventKind = "sent_back"   // the unit says that it is not its own
	SendBackRefused EventKind = "send_back_refused"
	Suspended       EventKind = "suspended"
	Resumed         EventKind = "resumed"
	Rearmed         EventKind = "rearmed" // facts or policy changed on purpose

	InspectionPlanned  EventKind = "inspection_planned"
	InspectionRecorded EventKind = "inspection_recorded"
	FindingsAdded      EventKind = "findings_added"

	ExtensionAsked   EventKind = "extension_asked" // the unit applied for more time
	Extended         EventKind = "extended"        // and got it
	ExtensionRefused EventKind = "extension_refused"
)

// Role is in whose capacity somebody acts.
type Role string

// The roles that act on obligations.
const (
	RoleSystem Role = "system"
	RoleOffice Role = "office"
	RoleLeader Role = "leader"
	RoleUnit   Role = "unit"
)

// Actor is who acted.
type Actor struct {
	Role  Role   `json:"role"`
	Name  string `json:"name,omitempty"`
	Login string `json:"login,omitempty"` // of the account: two people may have the same name
	For   string `json:"for,omitempty"`   // for whom a delegate acts
}

// Is reports whether both are the same person in the same capacity, whomever he acts for.
func (a Actor) Is(b Actor) bool { return a.Role == b.Role && a.Name == b.Name && a.Login == b.Login }

// System is duban itself.
var System = Actor{Role: RoleSystem}

// Event is one entry of the ledger. Which of the optional fields are set follows from Kind.
type Event struct {
	Seq   int       `json:"seq"`
	Kind  EventKind `json:"kind"`
	At    time.Time `json:"at"` // business time, UTC, truncated to microseconds
	By    Actor     `json:"by"`
	Key   string    `json:"key,omitempty"`   // idempotency key of the command
	Asked string    `json:"asked,omitempty"` // Opened, of a hazard that was a finding: the key of the promotion

	Step       string        `json:"step,omitempty"` // code of the ladder's step
	Rung       Rung          `json:"rung,omitempty"`
	To         Recipient     `json:"to,omitempty"`
	Collapsed  []Taken       `json:"collapsed,omitempty"` // missed steps that this one stands for
	Missed     int           `json:"missed,omitempty"`    // how many reminders that were not sent this one stands for, all occurrences counted
	N          int           `json:"n,omitempty"`         // occurrences of Step taken so far for the present deadline, this one included
	Hand       bool          `json:"hand,omitempty"`      // somebody did it, or it is told to somebody: see touches; absent from what was recorded before that was asked
	Text       string        `json:"text,omitempty"`      // what the person wrote: report, reason
	Number     string        `json:"number,omitempty"`    // of the document; Promoted: of the hazard
	Letters    int           `json:"letters,omitempty"`   // letters to the unit within a year, this one included
	Due        calendar.Date `json:"due,omitzero"`        // the deadline that holds from now on; none where a re-arming leaves it. ExtensionAsked: the date wished for
	Delegation *Delegation   `json:"delegation,omitempty"`
	Name       string        `json:"name,omitempty"`    // HandedOver: the new liaison
	Former     string        `json:"former,omitempty"`  // HandedOver: the one before, where it is known. InterviewMoved: when and where it was to be
	Parts      []Part        `json:"parts,omitempty"`   // BrokenDown; PartMoved: the one
	Percent    *int          `json:"percent,omitempty"` // Progressed; nil where it was not named
	Answer     bool          `json:"answer,omitempty"`  // Nudged: awaits one. Progressed: is one
	Days       int           `json:"days,omitempty"`    // Resumed: working days that it was suspended
	Since      time.Time     `json:"since,omitzero"`    // Resumed: steps up to it are past
	Late       calendar.Date `json:"late,omitzero"`     // the day that the steps after the deadline count from, where it is another
	Outcome    Outcome       `json:"outcome,omitempty"`
	Meeting    *Meeting      `json:"meeting,omitempty"` // Issued, of an interview; InterviewMoved, InterviewHeld: time, place and material
	Demands    string        `json:"demands,omitempty"` // InterviewHeld: what has to be put right until Due
	Checked    calendar.Date `json:"checked,omitzero"`  // ReviewPassed, ReviewFailed: the day of the check on the spot
	Exempt     string        `json:"exempt,omitempty"`  // InterviewHeld: why nothing has to
	Overdue    bool          `json:"overdue,omitempty"` // Rectified: after its deadline
	Facts      *Facts        `json:"facts,omitempty"`   // the facts it opened with, and those that a re-arming or another deadline changed
	Policy     *Policy       `json:"policy,omitempty"`  // the new policy of a re-arming, and the one it opened with

	Report     *Report          `json:"report,omitempty"`     // Submitted: the month's report, where it was filled in by the form
	Inspection *InspectionSheet `json:"inspection,omitempty"` // InspectionPlanned, InspectionRecorded
	Findings   []Finding        `json:"findings,omitempty"`   // InspectionRecorded, FindingsAdded: those that it opens
	Ladders    []Ladder         `json:"ladders,omitempty"`    // their ladders

	Evidence []Evidence `json:"evidence,omitempty"` // Submitted, Progressed, Rectified: the files handed in, by name
}

// Taken counts the occurrences of a step taken so far for the present deadline.
type Taken struct {
	Step string `json:"step"`
	N    int    `json:"n"`
}

// Apply returns the state after the event. It never fails and does not change s.
func Apply(s State, e Event) State {
	s.Seq = e.Seq
	s.Marks = maps.Clone(s.Marks)
	s.Formals = slices.Clone(s.Formals)
	switch e.Kind {
	case Recorded, Opened:
		s = applyOpening(s, e)
	case Reminded:
		s = applyReminder(s, e)
	case Overdue:
		s.Overdue, s.WasOverdue = true, true
	case Drafted:
		s.Formals = append(s.Formals, Formal{Rung: e.Rung, Drafted: e.At})
	case Issued, Withdrawn:
		s = applySettlement(s, e)
	case InterviewMoved, InterviewHeld, Rectified, RectificationVerified, RectificationReturned, RectificationWaived:
		s.Meeting = s.Meeting.after(e)
	case Signed:
		s = s.withoutObjection() // who signs takes it on
		s.Stage, s.Signed = StageSigned, e.At
	case Submitted:
		s = s.withoutApplication().withoutObjection() // who reports needs no more time, and takes it on
		s.Stage, s.Submitted, s.Report, s.Review = StageSubmitted, e.At, e.Report.brief(), nil
		if s.Signed.IsZero() {
			s.Signed = e.At
		}
	case Accepted:
		s.Stage, s.Closed = StageAccepted, e.At
	case Waived:
		s = s.withoutApplication().withoutObjection()
		s.Stage, s.Closed, s.Suspension = StageWaived, e.At, nil
	case Promoted:
		s = s.withoutApplication().withoutObjection()
		s.Stage, s.Closed, s.Suspension, s.Promoted = StageWaived, e.At, nil, e.Number
	case Progressed:
		s = applyProgress(s, e)
	case BrokenDown:
		s.Parts = slices.Concat(s.Parts, e.Parts)
	case PartMoved:
		s = applyPart(s, e.Parts[0])
	case InspectionPlanned, InspectionRecorded, FindingsAdded:
		s = applyInspection(s, e)
	case Delegated:
		s.Delegation = e.Delegation
	case DelegationEnded:
		s.Delegation = nil
	case HandedOver:
		s.Liaison, s.Delegation = e.Name, nil // whom the former asked acts for nobody now
	case SentBack:
		s = s.withoutApplication() // whose it is comes first
		s.Objection = &Objection{Seq: e.Seq, At: e.At, Reason: e.Text}
	case SendBackRefused:
		s = applySendBackRefusal(s, e)
	case Suspended:
		s = s.withoutApplication() // the deadline moves anyway
		s.Suspension = &Suspension{Seq: e.Seq, At: e.At, From: e.At, Reason: e.Text}
	case Resumed:
		s = applyResumption(s, e)
	case Returned:
		s = applyReturn(s, e)
	case Supervised:
		s.Supervision = &Supervision{Seq: e.Seq, At: e.At, By: e.By, Authority: e.Text}
	case Regraded:
		s.Facts = *e.Facts
	case ReviewPassed, ReviewFailed:
		s = applyReview(s, e)
	case Rearmed:
		s = applyRearming(s, e)
	case ExtensionAsked:
		s.Application, s.Asked = &Application{e.Seq, e.At, e.Due}, s.Asked+1
	case Extended:
		s = applyExtension(s, e)
	case ExtensionRefused:
		s = s.withoutApplication()
		s.Refused = e.At
	case Nudged:
		if e.Answer {
			s.NudgedSeq = e.Seq
		}
	}
	if e.Hand {
		s = s.touch(e)
	}
	return s
}

func applyOpening(s State, e Event) State {
	s.Facts, s.Policy = *e.Facts, *e.Policy
	s.Original, s.Anchor, s.Outcome = s.Due, e.Due, e.Outcome
	s.Opened, s.Since = e.At, e.At
	s.Stage = StageOpen
	if e.Kind == Recorded {
		s.Stage = StageHistory
	}
	// What is owed from before the as-of date is overdue from its first day: its one notice says so.
	s.Overdue = e.Outcome == Owed
	s.WasOverdue = e.Outcome == Owed || e.Outcome == Missed
	return s
}

func applyReminder(s State, e Event) State {
	if s.Marks == nil {
		s.Marks = map[string]Mark{}
	}
	s.Marks[e.Step] = Mark{N: e.N, At: e.At}
	for _, c := range e.Collapsed {
		s.Marks[c.Step] = Mark{N: c.N, At: e.At}
	}
	return s
}

func applySettlement(s State, e Event) State {
	for i := range s.Formals {
		if s.Formals[i].Rung == e.Rung && s.Formals[i].Settled.IsZero() {
			s.Formals[i].Settled, s.Formals[i].Number = e.At, e.Number
		}
	}
	if e.Kind == Issued {
		s.Letters = max(s.Letters, e.Letters)
	}
	if e.Meeting != nil {
		s.Meeting = s.Meeting.after(e)
	}
	return s
}

func applyRearming(s State, e Event) State {
	if e.Policy != nil {
		// Steps that the new ladder has in the past never fire, and those it changed are taken anew.
		before := s.Policy.Ladder
		s.Policy, s.Since = *e.Policy, e.At
		for _, old := range before.Steps {
			if now, ok := s.Policy.Ladder.step(old.Code); !ok || now != old {
				delete(s.Marks, old.Code)
			}
		}
	}
	if e.Facts != nil {
		s.Facts = *e.Facts
	}
	if e.To != "" {
		// It is another thing now, or due at another time: the unit may look at it afresh.
		s = s.withoutObjection()
		s.Kept = false
	}
	if !e.Due.IsZero() {
		s = s.until(e)
		s.Planned = 0
	}
	return s
}

// until returns the state with the event's deadline. It begins the count of reminders anew, and an application for more
// time is done with; formal rungs that were reached stay reached.
func (s State) until(e Event) State {
	s.RoundSeq, s.Anchor, s.Since, s.Overdue, s.Marks = e.Seq, e.Due, e.At, false, nil
	s.Application, s.Refused, s.LateFrom = nil, time.Time{}, 0
	if s.Suspension != nil {
		since := *s.Suspension
		since.From = e.At
		s.Suspension = &since
	}
	return s
}
