package obligation

import (
	"time"

	"duban/calendar"
)

// Next is what falls due next by itself.
type Next struct {
	At   time.Time
	Kind EventKind // Reminded, Overdue or Drafted
	Step Step      // the ladder's step; zero for Overdue
	N    int       // occurrence of the step within the round, from 1; 0 for Overdue and formal rungs
}

// NextStep returns what falls due next, and false where nothing does: the obligation is closed, or it waits for
// a person alone. The instant may lie in the past, after an outage.
func NextStep(s State, cal *calendar.Calendar) (Next, bool) {
	if s.IsClosed() || s.BeforeIssue {
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
		earlier(s.informalStep(cal, st))
	}
	return next, found
}

// effective returns the day whose end makes the obligation overdue.
func (s State) effective(cal *calendar.Calendar) calendar.Date {
	if s.Policy.RestDayRule == restDayNextWorkday {
		return cal.NextWorkday(s.Anchor)
	}
	return s.Anchor
}

func (s State) overdueStep(cal *calendar.Calendar) (Next, bool) {
	if !s.withUnit() || s.Overdue {
		return Next{}, false
	}
	return Next{At: s.effective(cal).End(s.Policy.Location()), Kind: Overdue}, true
}

// OverdueAt returns the instant at which the obligation becomes, or became, overdue: the end of its deadline's
// whole day under the plan's rule for rest days.
func (s State) OverdueAt(cal *calendar.Calendar) time.Time {
	if s.Outcome == Owed && s.Round == 0 {
		return s.Due.End(s.Policy.Location())
	}
	return s.effective(cal).End(s.Policy.Location())
}

// YellowAt returns the instant from which the light is yellow: the beginning of the working day that lies the
// ladder's Yellow working days before the deadline.
func (s State) YellowAt(cal *calendar.Calendar) time.Time {
	return cal.AddWorkdays(s.Anchor, -s.Policy.Ladder.Yellow).At(0, s.Policy.Location())
}

// anchor returns the date a step counts from; false where the step is void in the present stage.
func (s State) anchor(cal *calendar.Calendar, st Step) (calendar.Date, bool) {
	switch st.Anchor {
	case AnchorOpened:
		// Once it is overdue, the steps counted from the due date speak for both.
		return calendar.DateOf(s.Opened, s.Policy.Location()), s.Stage == StageOpen && !s.Overdue
	case AnchorSubmitted:
		return calendar.DateOf(s.Submitted, s.Policy.Location()), s.Stage == StageSubmitted
	case AnchorDue:
		if st.Offset > 0 {
			return s.effective(cal), s.withUnit()
		}
		return s.Anchor, s.withUnit()
	}
	return 0, false
}

// taken returns how often the step was taken for the present anchor.
func (s State) taken(st Step) int {
	m := s.Marks[st.Code]
	if st.Anchor == AnchorSubmitted && m.At.Before(s.Submitted) {
		return 0 // it was taken for an earlier submission
	}
	return m.N
}

// informalStep returns the next occurrence of a remind or press step that is not past.
func (s State) informalStep(cal *calendar.Calendar, st Step) (Next, bool) {
	anchor, ok := s.anchor(cal, st)
	n := s.taken(st)
	if !ok || st.Rung.Formal() || (n > 0 && st.Every == 0) {
		return Next{}, false
	}
	for {
		at := st.date(cal, anchor, n).At(s.Policy.At, s.Policy.Location())
		if !at.Before(s.Since) {
			return Next{At: at, Kind: Reminded, Step: st, N: n + 1}, true
		}
		if st.Every == 0 {
			return Next{}, false
		}
		n++
	}
}

// formalStep returns the next formal rung: the earliest one above those decided, never before the last one is
// settled and its cure period is over. While a draft awaits its sign-off there is none.
func (s State) formalStep(cal *calendar.Calendar) (Next, bool) {
	if _, waiting := s.pending(); waiting || !s.withUnit() {
		return Next{}, false
	}
	var last Formal
	if n := len(s.Formals); n > 0 {
		last = s.Formals[n-1]
	}
	var next Next
	found := false
	for _, st := range s.Policy.Ladder.Steps {
		if !st.Rung.Formal() || rungOrder[st.Rung] <= rungOrder[last.Rung] {
			continue
		}
		at := s.formalAt(cal, st, last)
		if !found || at.Before(next.At) {
			next, found = Next{At: at, Kind: Drafted, Step: st}, true
		}
	}
	return next, found
}

func (s State) formalAt(cal *calendar.Calendar, st Step, last Formal) time.Time {
	zone := s.Policy.Location()
	at := st.date(cal, s.effective(cal), 0).At(s.Policy.At, zone)
	if last.Rung == "" {
		return at
	}
	cured := cal.AddWorkdays(calendar.DateOf(last.Settled, zone), s.Policy.Ladder.Cure).At(s.Policy.At, zone)
	forward := st.Letters > 0 && s.Letters >= st.Letters
	if forward || at.Before(cured) {
		return cured
	}
	return at
}
