package obligation

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"duban/calendar"
	"duban/plan"
)

const restDayNextWorkday = plan.RestDayNextWorkday

// MaxText is the greatest length of what a person writes, in characters.
const MaxText = 4000

// CommandKind is what somebody, or the passing of time, asks of an obligation.
type CommandKind string

// The kinds of commands.
const (
	Tick           CommandKind = "tick"         // time has passed
	Sign           CommandKind = "sign"         // the unit signs for it
	Submit         CommandKind = "submit"       // the unit reports completion
	Accept         CommandKind = "accept"       // the office accepts the submission
	Return         CommandKind = "return"       // the office returns it with a reason
	Nudge          CommandKind = "nudge"        // the office asks where it stands
	ReportProgress CommandKind = "progress"     // the unit tells how far it is
	Waive          CommandKind = "waive"        // the office closes it: nobody has to deliver it any more
	Issue          CommandKind = "issue"        // the pending draft is signed off
	WithdrawDoc    CommandKind = "withdraw_doc" // the pending draft is withdrawn
	Skip           CommandKind = "skip"         // a higher formal rung is drafted at once, with a reason
	Rearm          CommandKind = "rearm"        // facts or policy are changed on purpose

	Suspend CommandKind = "suspend" // the office suspends it with a reason
	Resume  CommandKind = "resume"  // the office lets it go on

	BreakDown CommandKind = "break_down" // a lead unit asks co-organisers for parts of it
	HearPart  CommandKind = "hear_part"  // a part stands otherwise now

	PlanInspection   CommandKind = "plan_inspection"   // the office says whom it inspects, or says it anew
	RecordInspection CommandKind = "record_inspection" // and what it looked at and found
	AddFindings      CommandKind = "add_findings"      // what was found later

	Delegate      CommandKind = "delegate" // a liaison lets another act for him for some days
	EndDelegation CommandKind = "end_delegation"
	HandOver      CommandKind = "hand_over" // another liaison of the unit takes it over

	SendBack       CommandKind = "send_back"        // the unit says that it is not its own
	RefuseSendBack CommandKind = "refuse_send_back" // the office leaves it with the unit, with a reason

	AskExtension    CommandKind = "ask_extension"    // the unit applies for more time
	GrantExtension  CommandKind = "grant_extension"  // the office gives it
	RefuseExtension CommandKind = "refuse_extension" // the office does not, with a reason
)

// Command is one request to the decider. Which of the optional fields count follows from Kind.
type Command struct {
	Kind CommandKind `json:"kind"`
	By   Actor       `json:"by"`
	Key  string      `json:"key,omitempty"`  // idempotency key
	Text string      `json:"text,omitempty"` // report, reason

	// Expected is the sequence of the ledger that the actor saw; 0: he does not say. A command is refused where another
	// has had a hand in the obligation since, so that nobody overwrites what he has not seen.
	Expected int `json:"expected,omitempty"`

	Due     calendar.Date `json:"due,omitzero"`      // Return: the deadline of the rework; none: the ladder's. AskExtension: as wished. GrantExtension: none: as applied for. Delegate: the last day
	Name    string        `json:"name,omitempty"`    // Delegate: to whom. HandOver: the new liaison
	Former  string        `json:"former,omitempty"`  // HandOver: the liaison until now; "": whoever it is
	From    calendar.Date `json:"from,omitzero"`     // Delegate: the first day; none: today
	Parts   []Part        `json:"parts,omitempty"`   // BreakDown; HearPart: the one, with its stage
	Percent *int          `json:"percent,omitempty"` // ReportProgress
	Rung    Rung          `json:"rung,omitempty"`    // Issue, WithdrawDoc, Skip
	Number  string        `json:"number,omitempty"`  // Issue: of the document. Promote: of the hazard
	Letters int           `json:"letters,omitempty"` // Issue: letters to the unit within a year, this one included
	Meeting *Meeting      `json:"meeting,omitempty"` // Issue, of an interview; Arrange
	Demands string        `json:"demands,omitempty"` // Conclude: what has to be put right, until Due; none: as the ladder's rework
	Checked calendar.Date `json:"checked,omitzero"`  // PassReview, FailReview: the day of the check on the spot
	Unit    string        `json:"unit,omitempty"`    // PassReview, FailReview: the unit that the actor acts for
	Hazard  *Hazard       `json:"hazard,omitempty"`  // Regrade: the grade, and another reviewer
	Exempt  string        `json:"exempt,omitempty"`  // Conclude: why nothing has to
	Facts   *Facts        `json:"facts,omitempty"`   // Rearm
	Policy  *Policy       `json:"policy,omitempty"`  // Rearm

	Report     *Report          `json:"report,omitempty"`     // Submit, of a month's report; its words are the text
	Inspection *InspectionSheet `json:"inspection,omitempty"` // PlanInspection, RecordInspection
	Findings   []Finding        `json:"findings,omitempty"`   // RecordInspection, AddFindings
	Ladders    []Ladder         `json:"ladders,omitempty"`    // those that Findings name

	Evidence []Evidence `json:"evidence,omitempty"` // Submit, ReportProgress, Rectify: what is handed in with it
}

// stamp brings an instant to what every database keeps, so that an event read back equals the one decided.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Decide returns the events a command leads to at the business instant now, numbered from s.Seq+1, or an *Error.
// Tick never fails and may lead to nothing.
func Decide(s State, c Command, cal *calendar.Calendar, now time.Time) ([]Event, error) {
	now = stamp(now)
	if c.Kind == Tick {
		return tick(s, cal, now), nil
	}
	if s.IsClosed() && !c.Kind.aboutInterview() {
		return nil, refuse(CodeClosed)
	}
	if c.Expected > 0 && s.movedOn(c.Expected, c.By) {
		return nil, refuse(CodeConflict)
	}
	c.Text, c.Name, c.Former = strings.TrimSpace(c.Text), strings.TrimSpace(c.Name), strings.TrimSpace(c.Former)
	if utf8.RuneCountInString(c.Text) > MaxText {
		return nil, refuse(CodeTextTooLong)
	}
	if c.Report != nil { // which has bounds of its own
		c.Report = c.Report.Trimmed()
		c.Text = c.Report.Words()
	}
	var events []Event
	if e, ok := s.lapse(cal, now); ok && !c.Kind.aboutInterview() {
		// The deadline passed before anybody acted: that is recorded first, whatever held up its own step.
		events = append(events, e)
		s = Apply(s, e)
	}
	e, err := decide(s, c, cal, now)
	if err != nil {
		return nil, err
	}
	if f, waiting := s.pending(); waiting && e.Kind.closes() {
		// A draft is withdrawn when the obligation is closed first.
		w := Event{Seq: s.Seq + 1, Kind: Withdrawn, At: now, By: System, Rung: f.Rung, Text: withdrawals[e.Kind]}
		events = append(events, w)
		s = Apply(s, w)
	}
	e.Seq, e.At, e.By, e.Key, e.Text = s.Seq+1, now, s.actor(c.By, now), c.Key, c.Text
	e.Hand = e.touches()
	return append(events, e), nil
}

func decide(s State, c Command, cal *calendar.Calendar, now time.Time) (Event, error) {
	if s.Suspension != nil && !c.Kind.duringSuspension() {
		return Event{}, refuse(CodeSuspended)
	}
	switch c.Kind {
	case Sign:
		return s.sign()
	case Submit:
		return s.submit(c)
	case Accept:
		return s.accept()
	case Return:
		return s.giveBack(c, cal, now)
	case Nudge:
		return s.nudge()
	case ReportProgress:
		return s.progress(c)
	case Promote:
		return s.promote(c)
	case Waive:
		return s.waive(c)
	case SendBack:
		return s.sendBack(c)
	case RefuseSendBack:
		return s.refuseSendBack(c, cal, now)
	case BreakDown:
		return s.breakDown(c, now)
	case HearPart:
		return s.hear(c)
	case PlanInspection:
		return s.planInspection(c)
	case RecordInspection:
		return s.recordInspection(c, cal, now)
	case AddFindings:
		return s.addFindings(c, cal, now)
	case Delegate:
		return s.delegate(c, now)
	case EndDelegation:
		return s.endDelegation(now)
	case HandOver:
		return s.handOver(c)
	case Suspend:
		return s.suspend(c)
	case Resume:
		return s.resume(c, cal, now)
	case Issue:
		return s.settle(c, Issued)
	case WithdrawDoc:
		return s.settle(c, Withdrawn)
	case Skip:
		return s.skip(c)
	case Rearm:
		return s.rearm(c, cal, now)
	case AskExtension:
		return s.askExtension(c, now)
	case GrantExtension:
		return s.grantExtension(c, cal, now)
	case RefuseExtension:
		return s.refuseExtension(c)
	case Arrange, Conclude, Rectify, VerifyRectification, ReturnRectification, WaiveRectification:
		return s.interview(c, cal, now)
	case Supervise, Regrade, PassReview, FailReview:
		return s.hazard(c, cal, now)
	case Tick:
	}
	return Event{}, refuse(CodeUnknown)
}

func (s State) sign() (Event, error) {
	switch s.Stage {
	case StageOpen:
		return Event{Kind: Signed}, nil
	case StageSubmitted:
		return Event{}, refuse(CodeInReview)
	default:
		return Event{}, refuse(CodeAlreadySigned)
	}
}

func (s State) submit(c Command) (Event, error) {
	if s.Stage == StageSubmitted {
		return Event{}, refuse(CodeInReview)
	}
	if err := s.checkReport(c.Report); err != nil {
		return Event{}, err
	}
	if c.Text == "" {
		return Event{}, refuse(CodeTextMissing)
	}
	if slices.ContainsFunc(s.Parts, func(p Part) bool { return !p.settled() }) {
		return Event{}, refuse(CodePartsOpen) // a lead reports for all of them
	}
	files, err := evidenceOf(c)
	return Event{Kind: Submitted, Report: c.Report, Evidence: files}, err
}

func (s State) accept() (Event, error) {
	if s.Stage != StageSubmitted {
		return Event{}, refuse(CodeNotSubmitted)
	}
	if slices.ContainsFunc(s.Parts, func(p Part) bool { return !p.closed() }) {
		return Event{}, refuse(CodePartsInReview)
	}
	if s.WithReviewer() {
		return Event{}, refuse(CodeReviewMissing)
	}
	return Event{Kind: Accepted}, nil
}

func (s State) giveBack(c Command, cal *calendar.Calendar, now time.Time) (Event, error) {
	if s.Stage != StageSubmitted {
		return Event{}, refuse(CodeNotSubmitted)
	}
	if c.Text == "" {
		return Event{}, refuse(CodeReasonMissing)
	}
	today := calendar.DateOf(now, s.Policy.Location())
	due := c.Due
	switch {
	case due.IsZero():
		// Whoever reported in time keeps the whole of it.
		due = max(s.Due, s.Anchor, cal.AddWorkdays(today, s.Policy.Ladder.Rework))
	case due <= today:
		return Event{}, refuse(CodeDueInvalid)
	}
	e := Event{Kind: Returned, Due: due}
	if facts := s.Facts; facts.Provisional != provisional(cal, due, s.Policy.Ladder) {
		facts.Provisional = !facts.Provisional
		e.Facts = &facts
	}
	return e, nil
}

func (s State) nudge() (Event, error) {
	if s.Stage == StageSubmitted {
		return Event{}, refuse(CodeInReview)
	}
	if s.Objection != nil {
		return Event{}, refuse(CodeSendBackPending)
	}
	return Event{Kind: Nudged, To: ToUnit, Answer: true}, nil
}

func (s State) settle(c Command, kind EventKind) (Event, error) {
	f, waiting := s.pending()
	if !waiting || f.Rung != c.Rung {
		return Event{}, refuse(CodeNoDraft)
	}
	if kind == Withdrawn {
		if c.Text == "" {
			return Event{}, refuse(CodeReasonMissing)
		}
		return Event{Kind: Withdrawn, Rung: c.Rung}, nil
	}
	if s.Stage == StageSubmitted {
		return Event{}, refuse(CodeInReview)
	}
	if s.Objection != nil {
		return Event{}, refuse(CodeSendBackPending)
	}
	e := Event{Kind: Issued, Rung: c.Rung, To: ToUnit, Number: c.Number, Letters: c.Letters}
	if c.Meeting != nil && c.Rung == Interview {
		e.Meeting = c.Meeting.appointment()
	}
	return e, nil
}

func (s State) rearm(c Command, cal *calendar.Calendar, now time.Time) (Event, error) {
	if c.Text == "" {
		return Event{}, refuse(CodeReasonMissing)
	}
	e := s.rearmed(c, cal, now)
	if c.Policy == nil && e.Facts == nil {
		return Event{}, refuse(CodeNothingToDo)
	}
	return e, nil
}

// rearmed returns the event by which the command's facts and policy become the obligation's.
func (s State) rearmed(c Command, cal *calendar.Calendar, now time.Time) Event {
	facts, policy := s.Facts, s.Policy
	if c.Facts != nil {
		facts = *c.Facts
		facts.ID, facts.Hazard = s.ID, s.Hazard
		if !s.Planned.IsZero() && facts.Due == s.Planned {
			facts.Due = s.Due // the plan says what it said before: that takes no extension back
		}
	}
	if c.Policy != nil {
		policy = *c.Policy
	}
	e := Event{Kind: Rearmed}
	if facts.Due != s.Due {
		// As when it opened late: nobody is late on the day he hears of it. Rework keeps the time it was given.
		e.Due = max(facts.Due, calendar.DateOf(now, policy.Location()))
		if s.Stage == StageReturned {
			e.Due = max(e.Due, s.Anchor)
		}
	}
	facts.Provisional = provisional(cal, cmp.Or(e.Due, s.Anchor), policy.Ladder)
	if facts != s.Facts {
		e.Facts = &facts
	}
	if c.Policy != nil && !reflect.DeepEqual(policy, s.Policy) {
		e.Policy = &policy
	}
	if told := s.Facts; e.Due != 0 || facts.Title != told.Title || facts.Quote != told.Quote || facts.Done != told.Done {
		e.To = ToUnit
	}
	return e
}

// tick decides what the passing of time leads to: the deadline's passing, one reminder a recipient for all that
// were missed, and at most one formal rung.
func tick(s State, cal *calendar.Calendar, now time.Time) []Event {
	if s.IsClosed() {
		return nil
	}
	var events []Event
	if e, ok := s.lapse(cal, now); ok {
		events = append(events, e)
		s = Apply(s, e)
	}
	seq := s.Seq
	add := func(e Event) {
		seq++
		e.Seq, e.At, e.By = seq, now, System
		events = append(events, e)
	}
	for _, to := range []Recipient{ToUnit, ToOffice, ToReviewer} {
		if e, ok := s.collapsed(cal, to, now); ok {
			add(e)
		}
	}
	if n, ok := s.formalStep(cal); ok && !n.At.After(now) {
		add(Event{Kind: Drafted, Step: n.Step.Code, Rung: n.Step.Rung, To: ToUnit})
	}
	return events
}

// lapse returns the event of the deadline's passing where it has passed. Its notice stands for the reminders of the
// deadline that were missed.
func (s State) lapse(cal *calendar.Calendar, now time.Time) (Event, bool) {
	next, ok := s.overdueStep(cal)
	if !ok || next.At.After(now) {
		return Event{}, false
	}
	e := Event{Seq: s.Seq + 1, Kind: Overdue, At: now, By: System, Due: s.Anchor}
	for _, st := range s.Policy.Ladder.Steps {
		n, ok := s.informalStep(cal, st)
		if !ok || !n.At.Before(next.At) {
			continue
		}
		last := s.latestOccurrence(cal, n, next.At)
		e.Collapsed = append(e.Collapsed, Taken{st.Code, last.N})
		e.Missed += last.N - n.N + 1
	}
	slices.SortFunc(e.Collapsed, byStep)
	return e, true
}

func byStep(a, b Taken) int { return strings.Compare(a.Step, b.Step) }

// collapsed returns the one reminder that stands for all those to the recipient that fell due up to now: the
// latest. Of two at the same instant the higher rung, which stands later in the ladder, is sent.
func (s State) collapsed(cal *calendar.Calendar, to Recipient, now time.Time) (Event, bool) {
	var latest Next
	var others []Taken
	missed := -1 // the one that is sent was not
	for _, st := range s.Policy.Ladder.Steps {
		if s.asTaken(st).To != to {
			continue
		}
		n, ok := s.informalStep(cal, st)
		if !ok || n.At.After(now) {
			continue
		}
		last := s.latestOccurrence(cal, n, now)
		missed += last.N - n.N + 1
		switch {
		case latest.N == 0:
			latest = last
		case last.At.Before(latest.At):
			others = append(others, Taken{last.Step.Code, last.N})
		default:
			others = append(others, Taken{latest.Step.Code, latest.N})
			latest = last
		}
	}
	if latest.N == 0 {
		return Event{}, false
	}
	slices.SortFunc(others, byStep)
	return Event{
		Kind: Reminded, Step: latest.Step.Code, Rung: latest.Step.Rung, To: to, N: latest.N, Collapsed: others, Missed: missed,
		Due: s.Anchor,
	}, true
}
