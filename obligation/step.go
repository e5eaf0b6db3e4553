package obligation

import (
	"time"

	"duban/calendar"
)

// Next is what falls due next by itself.
type Next struct {
	At      time.Time
	Kind    EventKind // Reminded, Overdue or Drafted
	Step    Step      // the ladder's step; zero for Overdue
	N       int       // occurrence of the step for the present deadline, from 1; 0 for Overdue and formal rungs
	Letters int       // so many letters within a year brought the step forward; 0: none did
}

// NextStep returns what falls due next, and false where nothing does: the obligation is closed, or it waits for
// a person alone. The instant may lie in the past, after an outage.
func NextStep(s State, cal *calendar.Calendar) (Next, bool) { return s.next(cal, true) }

// NextNewStep is NextStep without repetitions of steps that were taken before: false means that only those are left,
// and that nothing new happens any more if nobody acts.
func NextNewStep(s State, cal *calendar.Calendar) (Next, bool) { return s.next(cal, false) }

func (s State) next(cal *calendar.Calendar, repeated bool) (Next, bool) {
	if s.IsClosed() {
		return Next{}, false
	}
	var next Next
	found := false
	earlier := func(n Next, ok bool) {
		if ok && (!found || n.At.Before(next.At)) {
			next, found = n, true
		}
	}
	earlier(s.overdueStep(cal))
	earlier(s.formalStep(cal))
	for _, st := range s.Policy.Ladder.Steps {
		if repeated || s.Marks[st.Code].N == 0 {
			earlier(s.informalStep(cal, st))
		}
	}
	return next, found
}

// effective returns the day whose end makes the obligation overdue.
func (s State) effective(cal *calendar.Calendar) calendar.Date {
	return s.Policy.lastDay(cal, s.Anchor)
}

// lastDay returns the last day on which somebody with the deadline is in time.
func (p Policy) lastDay(cal *calendar.Calendar, deadline calendar.Date) calendar.Date {
	if p.RestDayRule == restDayNextWorkday {
		return cal.NextWorkday(deadline)
	}
	return deadline
}

// exempt reports whether the deadline lies before the plan was issued: it is kept and flagged, and nobody is held to
// it. A deadline for rework that the office set later binds like any other, but nothing beyond a reminder follows.
func (s State) exempt() bool { return s.BeforeIssue && s.Stage != StageReturned }

func (s State) overdueStep(cal *calendar.Calendar) (Next, bool) {
	if !s.withUnit() || s.Application != nil || s.Objection != nil || s.Overdue || s.exempt() {
		return Next{}, false
	}
	return Next{At: s.effective(cal).End(s.Policy.Location()), Kind: Overdue}, true
}

// OverdueAt returns the instant at which the obligation becomes, or became, overdue: the end of its deadline's
// whole day under the plan's rule for rest days, or never while it is suspended, or an
// application for more time or an objection waits. An objection undoes nothing: what was overdue before it stays so.
func (s State) OverdueAt(cal *calendar.Calendar) time.Time {
	if s.Application != nil || s.Suspension != nil || (s.Objection != nil && !s.Overdue) {
		return never
	}
	if s.Outcome == Owed && s.RoundSeq == 0 {
		return s.Due.End(s.Policy.Location())
	}
	return s.effective(cal).End(s.Policy.Location())
}

// never is later than anything that happens, and still an instant that databases keep and compare.
var never = time.Date(9999, time.January, 1, 0, 0, 0, 0, time.UTC)

// YellowAt returns the instant from which the light is yellow: the beginning of the working day that lies the
// ladder's Yellow working days before the deadline, or never while it is suspended.
func (s State) YellowAt(cal *calendar.Calendar) time.Time {
	if s.Suspension != nil {
		return never
	}
	return cal.AddWorkdays(s.Anchor, -s.Policy.Ladder.Yellow).At(0, s.Policy.Location())
}

// anchor returns the date a step counts from; false where the step is void in the present stage.
func (s State) anchor(cal *calendar.Calendar, st Step) (calendar.Date, bool) {
	switch st.Anchor {
	case AnchorSubmitted:
		return calendar.DateOf(s.Presented(), s.Policy.Location()), s.Stage == StageSubmitted
	case AnchorAsked:
		return calendar.DateOf(s.Application.At, s.Policy.Location()), true
	case AnchorObjected:
		return calendar.DateOf(s.Objection.At, s.Policy.Location()), true
	case AnchorOpened, AnchorDue:
	}
	if !s.withUnit() || s.Objection != nil || s.exempt() || (s.BeforeIssue && st.Rung != Remind) {
		return 0, false
	}
	switch {
	case st.Anchor == AnchorOpened:
		// Once it is overdue, the steps counted from the due date speak for both.
		from := s.Opened
		if s.Resumed.After(from) {
			from = s.Resumed
		}
		return calendar.DateOf(from, s.Policy.Location()), s.Stage == StageOpen && !s.Overdue
	case st.Offset > 0:
		return s.lateFrom(cal), true
	default:
		return s.Anchor, !s.Overdue // nobody is reminded of what lies ahead once it is past
	}
}

// informalStep returns the next occurrence of a remind or press step that is not past.
func (s State) informalStep(cal *calendar.Calendar, st Step) (Next, bool) {
	n := s.Marks[st.Code].N
	if st.Rung.Formal() || (n > 0 && st.Every == 0) {
		return Next{}, false
	}
	st = s.asTaken(st)
	anchor, ok := s.anchor(cal, st)
	if !ok {
		return Next{}, false
	}
	next := s.occurrence(cal, st, anchor, n)
	held, waits := s.heldFrom(cal, st)
	return next, next.At.After(s.Since) && (!waits || next.At.Before(held))
}

// occurrence returns the next occurrence of a step that was taken n times, after Since where it repeats.
func (s State) occurrence(cal *calendar.Calendar, st Step, anchor calendar.Date, n int) Next {
	loc := s.Policy.Location()
	first := st.date(cal, anchor, 0)
	if st.Every == 0 {
		return Next{At: first.At(s.Policy.At, loc), Kind: Reminded, Step: st, N: 1}
	}
	n = max(n, st.repetitions(cal, first, calendar.DateOf(s.Since, loc)))
	at := cal.AddWorkdays(first, n*st.Every).At(s.Policy.At, loc)
	if !at.After(s.Since) {
		n++
		at = cal.AddWorkdays(first, n*st.Every).At(s.Policy.At, loc)
	}
	return Next{At: at, Kind: Reminded, Step: st, N: n + 1}
}

// latestOccurrence moves a repeating step on to its last occurrence up to the instant.
func (s State) latestOccurrence(cal *calendar.Calendar, next Next, until time.Time) Next {
	st := next.Step
	if st.Every == 0 {
		return next
	}
	if held, waits := s.heldFrom(cal, st); waits && !until.Before(held) {
		until = held.Add(-time.Nanosecond)
	}
	loc := s.Policy.Location()
	anchor, _ := s.anchor(cal, st)
	first := st.date(cal, anchor, 0)
	for n := st.repetitions(cal, first, calendar.DateOf(until, loc)); n >= next.N; n-- {
		if at := cal.AddWorkdays(first, n*st.Every).At(s.Policy.At, loc); !at.After(until) {
			next.At, next.N = at, n+1
			break
		}
	}
	return next
}

// formalStep returns the next formal rung: the earliest one above those decided, never before the last one is
// settled and its cure period is over. While a draft awaits its sign-off, or an application or objection the office, there is none.
func (s State) formalStep(cal *calendar.Calendar) (Next, bool) {
	if _, waiting := s.pending(); waiting || !s.withUnit() || s.Application != nil || s.Objection != nil || s.BeforeIssue {
		return Next{}, false
	}
	var next Next
	found := false
	for i, st := range s.Policy.Ladder.Steps {
		if !st.Rung.Formal() || !s.above(i) {
			continue
		}
		n := s.formalNext(cal, st)
		if !found || n.At.Before(next.At) {
			next, found = n, true
		}
	}
	return next, found
}

// above reports whether the ladder's i-th step stands above every formal rung that was decided.
func (s State) above(i int) bool {
	for _, f := range s.Formals {
		if !s.Policy.Ladder.comesAfter(i, f.Rung) {
			return false
		}
	}
	return true
}

func (s State) formalNext(cal *calendar.Calendar, st Step) Next {
	loc := s.Policy.Location()
	next := Next{Kind: Drafted, Step: st, Letters: s.forward(st)}
	day := st.date(cal, s.lateFrom(cal), 0)
	if next.Letters > 0 {
		// Whatever the letters say, nobody is called in before the present deadline has passed.
		day = cal.AddWorkdays(s.lateFrom(cal), 1)
	}
	if n := len(s.Formals); n > 0 {
		// Who was suspended meanwhile could cure nothing: the period is his from the day he resumes.
		from := max(calendar.DateOf(s.Formals[n-1].Settled, loc), calendar.DateOf(s.Resumed, loc))
		day = max(day, cal.AddWorkdays(from, s.Policy.Ladder.Cure))
	}
	next.At = day.At(s.Policy.At, loc)
	return next
}

// forward returns how many letters within a year bring the formal step forward where the unit got them, else 0.
func (s State) forward(st Step) int {
	if s.Letters < st.Letters {
		return 0
	}
	return st.Letters
}
