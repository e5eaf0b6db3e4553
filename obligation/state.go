// Package obligation is the core of duban: the decider of one unit's share of one measure for one period. It
// decides what falls due next (NextStep), what a command or the passing of time leads to (Decide), and what
// that makes of the obligation (Apply). It knows no clock, database or engine, so the preview and the rehearsal
// run the very same rules as production.
package obligation

import (
	"slices"
	"strings"
	"sync"
	"time"

	"duban/calendar"
	"duban/plan"
)

// ID names an obligation: measure × unit × period of a plan.
type ID struct {
	Plan    string `json:"plan"`
	Measure string `json:"measure"`
	Unit    string `json:"unit"`
	Period  string `json:"period"`
}

// String returns "plan/measure/unit/period".
func (id ID) String() string { return id.Plan + "/" + id.Measure + "/" + id.Unit + "/" + id.Period }

// ParseID reads what String wrote.
func ParseID(s string) (ID, bool) {
	p := strings.Split(s, "/")
	if len(p) != 4 || slices.Contains(p, "") {
		return ID{}, false
	}
	return ID{p[0], p[1], p[2], p[3]}, true
}

// Stage is where an obligation stands.
type Stage string

// The stages. Accepted, waived and history are final.
const (
	StageOpen      Stage = "open"      // handed over, not signed for
	StageSigned    Stage = "signed"    // signed for, in hand
	StageSubmitted Stage = "submitted" // submitted, the office reviews
	StageReturned  Stage = "returned"  // returned with a reason
	StageAccepted  Stage = "accepted"  // accepted: closed
	StageWaived    Stage = "waived"    // waived with a reason: closed, neither done nor missed
	StageHistory   Stage = "history"   // fell due before the as-of date: kept as a record, never ran
)

// Outcome is what the office says of an obligation that fell due before the as-of date.
type Outcome string

// The outcomes of history.
const (
	Done    Outcome = "done"
	Missed  Outcome = "missed"
	Unknown Outcome = "unknown" // the office has not said
	Owed    Outcome = "owed"    // still to be delivered: it opens overdue
)

// Facts are what an obligation is about. They change only by re-arming.
type Facts struct {
	ID          ID            `json:"id"`
	Task        string        `json:"task"`
	PlanTitle   string        `json:"planTitle,omitempty"`
	Title       string        `json:"title"`
	Quote       string        `json:"quote"`
	Done        string        `json:"done,omitempty"` // what counts as done
	Form        plan.Form     `json:"form,omitempty"` // what more is kept of it than words and files
	UnitName    string        `json:"unitName"`
	Period      string        `json:"periodLabel"`
	Due         calendar.Date `json:"due"`
	BeforeIssue bool          `json:"beforeIssue,omitempty"` // due before the plan was issued: kept, flagged, never escalates
	Provisional bool          `json:"provisional,omitempty"` // dates counted through a year whose holidays are not published

	Start calendar.Date `json:"start,omitzero"` // first day of its period, where it is an inspection

	Finding  int    `json:"finding,omitempty"`  // its number in the inspection that found it, which Parent and LeadName name then
	Parent   string `json:"parent,omitempty"`   // the ID of the lead's obligation that this is a part of
	LeadName string `json:"leadName,omitempty"` // of the unit whose that is
	Part     int    `json:"part,omitempty"`     // its number there

	Hazard *Hazard `json:"hazard,omitempty"` // the register's entry, where it is a hazard to be put right; never changed in place
}

// Same reports whether both say the same.
func (f Facts) Same(o Facts) bool {
	a, b := f.Hazard, o.Hazard
	f.Hazard, o.Hazard = nil, nil
	return f == o && (a == b || a != nil && b != nil && *a == *b)
}

// Policy is how an obligation is followed up, frozen when it opens.
type Policy struct {
	Ladder      Ladder           `json:"ladder"`
	Zone        string           `json:"zone"`
	RestDayRule plan.RestDayRule `json:"restDayRule"`
	At          time.Duration    `json:"at"` // time of day at which steps are taken, from midnight in Zone
}

// State is everything the decider remembers. It is plain data and survives JSON.
type State struct {
	Facts
	Policy Policy `json:"policy"`

	Seq      int           `json:"seq"` // sequence of the last event applied
	Stage    Stage         `json:"stage"`
	Promoted string        `json:"promoted,omitempty"` // number of the hazard that the finding became: it is waived then
	Outcome  Outcome       `json:"outcome,omitempty"`  // history, and owed where it opened overdue
	Original calendar.Date `json:"original"`           // the first due date: never lost
	Anchor   calendar.Date `json:"anchor"`             // the date that due-anchored steps count from: due date, as-of date, or rework deadline

	Opened    time.Time `json:"opened,omitzero"`
	Since     time.Time `json:"since,omitzero"` // steps up to and including it are past and never fire
	Signed    time.Time `json:"signed,omitzero"`
	Submitted time.Time `json:"submitted,omitzero"` // of the latest submission
	Closed    time.Time `json:"closed,omitzero"`

	Round      int             `json:"round"`                // how often it was returned
	RoundSeq   int             `json:"roundSeq,omitempty"`   // sequence of the event that gave it another deadline; 0: it has its first
	Overdue    bool            `json:"overdue,omitempty"`    // the current deadline has passed in the unit's hands
	WasOverdue bool            `json:"wasOverdue,omitempty"` // a deadline ever passed in the unit's hands: survives completion
	Marks      map[string]Mark `json:"marks,omitempty"`      // steps taken for the present deadline, by step code
	Formals    []Formal        `json:"formals,omitempty"`    // formal rungs decided, ever
	Letters    int             `json:"letters,omitempty"`    // letters to this unit within a year, as of the last one issued

	Application *Application  `json:"application,omitempty"` // for more time, awaiting the office
	Asked       int           `json:"asked,omitempty"`       // how often more time was ever applied for
	Extensions  int           `json:"extensions,omitempty"`  // how often it was granted
	Refused     time.Time     `json:"refused,omitzero"`      // when more time was last refused; zero: not for the present deadline
	Planned     calendar.Date `json:"planned,omitzero"`      // the plan's due date, where an extension or a suspension moved Due beyond it

	Meeting *Meeting `json:"meeting,omitempty"` // the interview, once it is arranged

	Report *Report `json:"report,omitempty"` // the latest, in brief, where it was filled in by the form

	Parts []Part `json:"parts,omitempty"` // what co-organisers were asked for

	Inspection *Inspection `json:"inspection,omitempty"` // as it was planned and recorded, where it is one

	Liaison    string      `json:"liaison,omitempty"`    // of the unit, where it was handed over to one
	Delegation *Delegation `json:"delegation,omitempty"` // the last, until it is ended; also one whose days are over

	Hands []Hand `json:"hands,omitempty"` // the last, and the last one of somebody else

	Progress  *Progress `json:"progress,omitempty"`
	NudgedSeq int       `json:"nudgedSeq,omitempty"` // sequence of the last nudge that awaits an answer

	Objection *Objection `json:"objection,omitempty"` // that it is not the unit's own, awaiting the office
	Kept      bool       `json:"kept,omitempty"`      // the office has refused one: there is no other until it is re-armed

	Supervision *Supervision `json:"supervision,omitempty"` // of a hazard: that it is listed
	Review      *Review      `json:"review,omitempty"`      // of a hazard: the reviewer's last word on the present report, or the return by it

	Suspension    *Suspension   `json:"suspension,omitempty"`    // nobody has to deliver now
	Resumed       time.Time     `json:"resumed,omitzero"`        // when a suspension last ended
	ResumedSeq    int           `json:"resumedSeq,omitempty"`    // sequence of that event
	SuspendedDays int           `json:"suspendedDays,omitempty"` // working days of all suspensions that have ended
	LateFrom      calendar.Date `json:"lateFrom,omitzero"`       // the day that the steps after the deadline count from, where it is later than that
}

// Mark counts how often a step was taken for the present deadline; collapsed occurrences count.
type Mark struct {
	N  int       `json:"n"`
	At time.Time `json:"at"`
}

// Formal is one formal rung that was decided: drafted, then issued or withdrawn.
type Formal struct {
	Rung    Rung      `json:"rung"`
	Drafted time.Time `json:"drafted"`
	Settled time.Time `json:"settled,omitzero"` // issued or withdrawn
	Number  string    `json:"number,omitempty"` // "" where withdrawn
}

// IsClosed reports whether nothing can happen to it any more.
func (s State) IsClosed() bool {
	return s.Stage == StageAccepted || s.Stage == StageWaived || s.Stage == StageHistory
}

// IsOver reports whether it is closed and nothing of an interview is left to do either.
func (s State) IsOver() bool { return s.IsClosed() && (s.Meeting == nil || s.Meeting.IsSettled()) }

// TakesEvidence reports whether the unit may still upload files for it: of an interview it may have to hand some in after
// the obligation itself is closed.
func (s State) TakesEvidence() bool {
	return !s.IsClosed() || (s.Meeting != nil && s.Meeting.Rectification.WithUnit())
}

// withUnit reports whether the unit has still to report, whoever holds the ball. While it is suspended nobody has.
func (s State) withUnit() bool {
	return s.Suspension == nil && s.reportable()
}

func (s State) reportable() bool {
	return s.Stage == StageOpen || s.Stage == StageSigned || s.Stage == StageReturned
}

// WaitingOn returns who holds the ball: the unit's code, that of a hazard's reviewer, "office", or "" once it is closed.
func (s State) WaitingOn() string {
	switch {
	case s.IsClosed():
		return ""
	case s.WithReviewer():
		return s.Hazard.Reviewer
	case s.Stage == StageSubmitted, s.unlisted(), s.Application != nil, s.Suspension != nil, s.Objection != nil:
		return string(ToOffice)
	default:
		return s.ID.Unit
	}
}

// withdrawn reports whether the rung was decided and never reached the unit.
func (f Formal) withdrawn() bool { return !f.Settled.IsZero() && f.Number == "" }

// HighestRung returns the highest rung reached so far, "" for none. A draft that was withdrawn reached nobody.
func (s State) HighestRung() Rung {
	for _, f := range slices.Backward(s.Formals) {
		if !f.withdrawn() {
			return f.Rung
		}
	}
	top := Rung("")
	for _, st := range s.Policy.Ladder.Steps {
		if s.Marks[st.Code].N > 0 && st.To == ToUnit && rungOrder[st.Rung] > rungOrder[top] {
			top = st.Rung
		}
	}
	return top
}

// pending returns the formal rung that is drafted and neither issued nor withdrawn.
func (s State) pending() (Formal, bool) {
	if n := len(s.Formals); n > 0 && s.Formals[n-1].Settled.IsZero() {
		return s.Formals[n-1], true
	}
	return Formal{}, false
}

// PendingDraft returns the rung whose draft awaits sign-off.
func (s State) PendingDraft() (Rung, bool) {
	f, ok := s.pending()
	return f.Rung, ok
}

// Location returns the zone of all the policy's dates.
func (p Policy) Location() *time.Location { return Location(p.Zone) }

// Location returns the zone of an IANA name. A plan's zone is validated when it is seeded; one that this machine does
// not know is read as UTC+8, the only zone the People's Republic of China has.
func Location(zone string) *time.Location {
	if loc, ok := zones.Load(zone); ok {
		return loc.(*time.Location)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.FixedZone(zone, 8*60*60)
	}
	zones.Store(zone, loc)
	return loc
}

// zones spares every decision the parsing of the zone's rules.
var zones sync.Map
