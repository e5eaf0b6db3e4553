package rehearsal

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// Past is what really happened to some obligations, for WhatIf.
type Past struct {
	Ledgers  [][]obligation.Event    // each from its first event on, as recorded
	Letters  []obligation.PastLetter // to the same units about other obligations: they count as they were, ascending
	Calendar *calendar.Calendar      // in force
	Issued   calendar.Date           // day on which the plan was issued: what falls due before it never escalates
	Until    time.Time               // business instant up to which the past is known; what was recorded at or after it is left out
}

// MaxRelived is how many obligations are replayed together: more than a plan has in a year.
const MaxRelived = 20_000

// PastOf returns the past of a plan's obligations up to a business instant.
func PastOf(h obligation.Histories, d obligation.Definition, until time.Time) Past {
	return Past{Ledgers: h.Ledgers, Letters: h.Letters, Calendar: d.Calendar, Issued: d.Plan.Issued, Until: until}
}

// Alternative is what might have been another way. Zero fields leave things as they were.
type Alternative struct {
	Ladders  []obligation.Ladder // each stands in for the ladder of its code
	Ladder   *obligation.Ladder  // stands in for every ladder, before Ladders
	Due      calendar.Date       // another due date for every obligation
	Shift    int                 // days by which every due date moves, later where positive; Due counts before it
	Calendar *calendar.Calendar
	RestDays plan.RestDayRule
}

// IsZero reports whether all is as it was.
func (a Alternative) IsZero() bool {
	return len(a.Ladders) == 0 && a.Ladder == nil && a.Due.IsZero() && a.Shift == 0 && a.Calendar == nil && a.RestDays == ""
}

func (a Alternative) policy(p obligation.Policy) obligation.Policy {
	if a.Ladder != nil {
		p.Ladder = *a.Ladder
	} else if i := slices.IndexFunc(a.Ladders, func(l obligation.Ladder) bool { return l.Code == p.Ladder.Code }); i >= 0 {
		p.Ladder = a.Ladders[i]
	}
	p.RestDayRule = cmp.Or(a.RestDays, p.RestDayRule)
	return p
}

func (a Alternative) due(d calendar.Date) calendar.Date { return cmp.Or(a.Due, d.AddDays(a.Shift)) }

// WhatIf (回放试算) replays what people did in the past in the world of the alternative, through the decider, and says what
// would have differed. Without an alternative it finds again what happened.
//
// What falls due by itself comes from the core anew, each at its own instant. What people did they do again at the same
// instants: nobody is supposed to have acted otherwise. An act that the core refuses in the alternative world is dropped and
// listed. A rework's deadline that was the ladder's is the ladder's again; one of the office's own stays, and so do the dates
// of extensions. A re-arming keeps its facts, but for the ladder, the rest-day rule and the due date that the alternative
// gives. What was recorded as history stays as it is; what was owed opens again.
//
// A document that is drafted on the day on which it really was is signed off, or withdrawn, at the instant at which it
// really was. On another day that takes as many working days as it really took, from its draft or, where a report was
// returned in between, from that. One that was never drafted is signed off after the median of the working days that the
// past's documents of its rung took; one that was never signed off at least after as many working days as it waited.
// Nothing is signed off while the office reviews.
func WhatIf(past Past, a Alternative) *Comparison {
	past.Ledgers = known(past.Ledgers, past.Until)
	r := replay(past, a)
	control := r
	if !a.IsZero() {
		control = replay(past, Alternative{})
	}
	return compare(past, r, control)
}

// known returns the ledgers up to the instant; what opened later is not known.
func known(ledgers [][]obligation.Event, until time.Time) [][]obligation.Event {
	var out [][]obligation.Event
	for _, events := range ledgers {
		n := slices.IndexFunc(events, func(e obligation.Event) bool { return !e.At.Before(until) })
		if n < 0 {
			n = len(events)
		}
		if n > 0 {
			out = append(out, events[:n:n])
		}
	}
	return out
}

// revival is one replay of the past.
type revival struct {
	past  Past
	with  Alternative
	cal   *calendar.Calendar
	usual map[obligation.Rung]delay
	lives []*relife
}

func replay(past Past, a Alternative) *revival {
	r := &revival{past: past, with: a, cal: past.Calendar, usual: usualDelays(past)}
	if a.Calendar != nil {
		r.cal = a.Calendar
	}
	byUnit := map[string][]*life{}
	for i, events := range past.Ledgers {
		l := &relife{life: life{Ledger: &Ledger{Facts: *events[0].Facts}, place: i}, real: events, papers: papersOf(events, past.Until)}
		r.lives = append(r.lives, l)
		if r.await(l) {
			byUnit[l.Facts.ID.Unit] = append(byUnit[l.Facts.ID.Unit], &l.life)
		}
	}
	for unit, lives := range byUnit {
		r.replayUnit(unit, lives)
	}
	return r
}

// replayUnit follows one unit's obligations together in the order of time, because its letters count together.
func (r *revival) replayUnit(unit string, lives []*life) {
	letters := letterbox{}
	for _, l := range r.past.Letters {
		if l.Unit == unit {
			letters.others = append(letters.others, l.At)
		}
	}
	waiting := agenda(lives)
	heap.Init(&waiting)
	for waiting.Len() > 0 {
		l := r.lives[waiting[0].place]
		r.take(l, &letters)
		if r.await(l) {
			heap.Fix(&waiting, 0)
		} else {
			heap.Pop(&waiting)
		}
	}
}

// letterbox is one unit's letters: those of the replay, and those about other obligations.
type letterbox struct{ here, others []time.Time }

// with counts the letters within a year, the document that is signed off now included.
func (b *letterbox) with(rung obligation.Rung, now time.Time) int {
	n, _ := slices.BinarySearchFunc(b.others, now, func(at, now time.Time) int {
		if at.After(now) {
			return 1
		}
		return -1
	})
	return lettersOf(rung, slices.Concat(b.others[:n], b.here), now)
}

// relife is one obligation that lives again.
type relife struct {
	life
	real    []obligation.Event
	turn    int              // the real event that comes next
	was     obligation.State // really, before that event
	papers  map[obligation.Rung]paper
	signing *signing // what the act is where it settles a document
	settled []signing
	dropped []Dropped
}

// last returns the instant of the last event; nothing happens before it any more.
func (l *relife) last() time.Time {
	if len(l.Events) == 0 {
		return time.Time{}
	}
	return l.Events[len(l.Events)-1].At
}

// await finds what happens to the life next, and returns false where nothing does in the time that is known.
func (r *revival) await(l *relife) bool {
	step, found := obligation.NextStep(l.End, r.cal)
	if len(l.Events) == 0 {
		found = false
	}
	l.next, l.act, l.signing = step.At, nil, nil
	if last := l.last(); l.next.Before(last) {
		l.next = last // an application that was refused late had held it up
	}
	earlier := func(at time.Time) bool { return !found || at.Before(l.next) }
	l.skip()
	seq := 0
	if l.turn < len(l.real) {
		if e := l.real[l.turn]; earlier(e.At) {
			l.next, l.act, seq, found = e.At, &Act{At: e.At}, e.Seq, true
		}
	}
	if s, ok := r.signOff(l); ok && (earlier(s.at) || (l.act != nil && s.at.Equal(l.next) && s.seq < seq)) {
		l.next, l.act, l.signing, found = s.at, &Act{At: s.at}, &s, true
	}
	return found && l.next.Before(r.past.Until)
}

// skip passes over what happened by itself, and over sign-offs, which follow their documents.
func (l *relife) skip() {
	for l.turn < len(l.real) && follows(l.real[l.turn]) {
		l.pass()
	}
}

// follows reports whether an event follows from others. All others have a command, see commandOf.
func follows(e obligation.Event) bool {
	switch e.Kind {
	case obligation.Drafted:
		return e.By.Role == obligation.RoleSystem // else somebody skipped a rung
	case obligation.Reminded, obligation.Overdue, obligation.Issued, obligation.Withdrawn:
		return true
	case obligation.Recorded, obligation.Opened, obligation.Signed, obligation.Submitted, obligation.Accepted, obligation.Returned,
		obligation.Nudged, obligation.Waived, obligation.Suspended, obligation.Resumed, obligation.Rearmed, obligation.ExtensionAsked,
		obligation.Extended, obligation.ExtensionRefused, obligation.SentBack, obligation.SendBackRefused, obligation.Progressed,
		obligation.Delegated, obligation.DelegationEnded, obligation.HandedOver, obligation.BrokenDown, obligation.PartMoved,
		obligation.InspectionPlanned, obligation.InspectionRecorded, obligation.FindingsAdded, obligation.Promoted,
		obligation.InterviewMoved, obligation.InterviewHeld, obligation.Rectified, obligation.RectificationVerified,
		obligation.RectificationReturned, obligation.RectificationWaived,
		obligation.Supervised, obligation.Regraded, obligation.ReviewPassed, obligation.ReviewFailed:
	}
	return false
}

func (l *relife) pass() {
	l.was = obligation.Apply(l.was, l.real[l.turn])
	l.turn++
}

// take lets happen what the life waits for.
func (r *revival) take(l *relife, letters *letterbox) {
	switch {
	case l.act == nil:
		// A tick is never refused, and at the time of a step it always leads to something.
		events, _ := obligation.Decide(l.End, obligation.Command{Kind: obligation.Tick}, r.cal, l.next)
		l.record(events)
	case l.signing != nil:
		r.settle(l, letters)
	default:
		e := l.real[l.turn]
		if e.Kind == obligation.Recorded || e.Kind == obligation.Opened {
			l.record([]obligation.Event{r.open(l, e)})
		} else {
			r.again(l, e)
		}
		l.pass()
	}
}

func (l *relife) record(events []obligation.Event) {
	for _, e := range events {
		l.End = obligation.Apply(l.End, e)
	}
	l.Events, l.refused = append(l.Events, events...), nil
}

// open opens the obligation as it would have opened. History stays what it is.
func (r *revival) open(l *relife, e obligation.Event) obligation.Event {
	if e.Kind == obligation.Recorded {
		return e
	}
	o := obligation.Opening{Facts: *e.Facts, Policy: r.with.policy(*e.Policy)}
	r.date(&o.Facts, e.Facts.Due)
	if e.Outcome == obligation.Owed {
		// Its ladder counts from the day from which it really did.
		o.Outcome, o.AsOf = obligation.Owed, e.Due
	}
	opened := obligation.Open(o, r.cal, e.At)
	opened.Seq, opened.By, opened.Key, opened.Text = l.End.Seq+1, e.By, e.Key, e.Text
	return opened
}

// date gives the facts the due date that the alternative makes of the real one.
func (r *revival) date(f *obligation.Facts, real calendar.Date) {
	if f.Due = r.with.due(real); f.Due != real && !r.past.Issued.IsZero() {
		f.BeforeIssue = f.Due < r.past.Issued
	}
}

// again does what somebody really did, or drops it.
func (r *revival) again(l *relife, e obligation.Event) {
	events, err := obligation.Decide(l.End, r.command(l, e), r.cal, e.At)
	switch {
	case err != nil:
		l.drop(e, err)
	case e.Kind == obligation.Rearmed && changes(e) && !changes(events[len(events)-1]):
		l.drop(e, nil)
	default:
		l.record(events)
	}
}

// changes reports whether a re-arming changed anything.
func changes(e obligation.Event) bool { return e.Facts != nil || e.Policy != nil || !e.Due.IsZero() }

// command returns the command that the event was the answer to.
func (r *revival) command(l *relife, e obligation.Event) obligation.Command {
	c := obligation.Command{Kind: commandOf[e.Kind], By: e.By, Key: e.Key, Text: e.Text, Percent: e.Percent, Report: e.Report}
	switch e.Kind {
	case obligation.Regraded:
		c.Hazard = e.Facts.Hazard
	case obligation.ReviewPassed:
		c.Checked, c.Unit = e.Checked, l.was.Hazard.Reviewer
	case obligation.Returned, obligation.ReviewFailed:
		if e.Kind == obligation.ReviewFailed {
			c.Checked, c.Unit = e.Checked, l.was.Hazard.Reviewer
		}
		byLadder := c
		if real, err := obligation.Decide(l.was, byLadder, r.past.Calendar, e.At); err != nil || real[len(real)-1].Due != e.Due {
			c.Due = e.Due
		}
	case obligation.ExtensionAsked, obligation.Extended:
		c.Due = e.Due
	case obligation.InterviewMoved, obligation.InterviewHeld, obligation.RectificationReturned:
		c.Meeting, c.Demands, c.Exempt, c.Due = e.Meeting, e.Demands, e.Exempt, e.Due
	case obligation.Drafted:
		c.Rung = e.Rung
	case obligation.Delegated:
		c.Name, c.From, c.Due = e.Delegation.To, e.Delegation.From, e.Delegation.Until
	case obligation.BrokenDown, obligation.PartMoved:
		c.Parts = e.Parts
	case obligation.InspectionPlanned, obligation.InspectionRecorded, obligation.FindingsAdded:
		c.Inspection, c.Findings, c.Ladders = e.Inspection, e.Findings, e.Ladders
	case obligation.Promoted:
		c.Number = e.Number
	case obligation.HandedOver:
		c.Name, c.Former = e.Name, e.Former
	case obligation.Rearmed:
		policy := l.End.Policy
		if e.Policy != nil {
			policy = r.with.policy(*e.Policy)
		}
		c.Policy = &policy
		if e.Facts != nil {
			facts := *e.Facts
			if e.Due.IsZero() {
				facts.Due, facts.BeforeIssue = l.End.Due, l.End.BeforeIssue // it did not move it
			} else {
				r.date(&facts, e.Facts.Due)
			}
			c.Facts = &facts
		}
	default:
	}
	return c
}

// commandOf names the command that leads to an event.
var commandOf = map[obligation.EventKind]obligation.CommandKind{
	obligation.Signed: obligation.Sign, obligation.Submitted: obligation.Submit, obligation.Accepted: obligation.Accept,
	obligation.Returned: obligation.Return, obligation.Nudged: obligation.Nudge, obligation.Waived: obligation.Waive,
	obligation.Suspended: obligation.Suspend, obligation.Resumed: obligation.Resume, obligation.Rearmed: obligation.Rearm,
	obligation.Issued: obligation.Issue, obligation.Withdrawn: obligation.WithdrawDoc,
	obligation.ExtensionAsked: obligation.AskExtension, obligation.Extended: obligation.GrantExtension,
	obligation.ExtensionRefused: obligation.RefuseExtension, obligation.SentBack: obligation.SendBack,
	obligation.SendBackRefused: obligation.RefuseSendBack, obligation.Progressed: obligation.ReportProgress, obligation.Drafted: obligation.Skip,
	obligation.Delegated: obligation.Delegate, obligation.DelegationEnded: obligation.EndDelegation, obligation.HandedOver: obligation.HandOver,
	obligation.InterviewMoved: obligation.Arrange, obligation.InterviewHeld: obligation.Conclude, obligation.Rectified: obligation.Rectify,
	obligation.RectificationVerified: obligation.VerifyRectification, obligation.RectificationReturned: obligation.ReturnRectification,
	obligation.RectificationWaived: obligation.WaiveRectification,
	obligation.Supervised:          obligation.Supervise, obligation.Regraded: obligation.Regrade,
	obligation.ReviewPassed: obligation.PassReview, obligation.ReviewFailed: obligation.FailReview,
	obligation.BrokenDown: obligation.BreakDown, obligation.PartMoved: obligation.HearPart,
	obligation.InspectionPlanned: obligation.PlanInspection, obligation.InspectionRecorded: obligation.RecordInspection,
	obligation.FindingsAdded: obligation.AddFindings, obligation.Promoted: obligation.Promote,
}
