package obligation

import (
	"time"

	"duban/calendar"
)

// DueSoon (即将逾期) reports whether the unit has still to deliver, is not late by now, and shows yellow for that or becomes
// overdue at or before the instant soon. While something waits for the office nothing becomes overdue.
func (s Standing) DueSoon(now, soon time.Time) bool {
	return s.withUnit() && now.Before(s.OverdueAt) && s.OverdueAt.Before(never) && (!now.Before(s.YellowAt) || s.Stage == StageReturned || !soon.Before(s.OverdueAt))
}

// IsOverdue (逾期未办) reports whether the unit has still to deliver and is late.
func (s Standing) IsOverdue(now time.Time) bool { return s.withUnit() && !now.Before(s.OverdueAt) }

// withUnit reports whether the unit has still to deliver. What waits for the office meanwhile is never overdue.
func (s Standing) withUnit() bool {
	return s.Stage == StageOpen || s.Stage == StageSigned || s.Stage == StageReturned
}

// In reports whether it belongs into the listing at the business instant now.
func (s Standing) In(l Listing, now, soon time.Time) bool {
	switch l {
	case ListDueSoon:
		return s.DueSoon(now, soon)
	case ListOverdue:
		return s.IsOverdue(now)
	case ListLate:
		return s.Stage == StageAccepted && s.WasOverdue
	case ListDone:
		return s.Stage == StageAccepted
	}
	return false
}

// Tally is how some obligations stand, all in numbers.
type Tally struct {
	Total, Closed, Waived, History int // Closed: accepted
	Green, Yellow, Red, None       int // lights
	DueSoon, Overdue, Late         int // as Standing has them; Late: accepted, and was overdue
}

// Add counts n more of one standing.
func (t *Tally) Add(s Standing, n int, now, soon time.Time) {
	count := func(to *int, when bool) {
		if when {
			*to += n
		}
	}
	light := DeriveLight(s, now)
	t.Total += n
	count(&t.Closed, s.Stage == StageAccepted)
	count(&t.Waived, s.Stage == StageWaived)
	count(&t.History, s.Stage == StageHistory)
	count(&t.Green, light == Green)
	count(&t.Yellow, light == Yellow)
	count(&t.Red, light == Red)
	count(&t.None, light == None)
	count(&t.DueSoon, s.DueSoon(now, soon))
	count(&t.Overdue, s.IsOverdue(now))
	count(&t.Late, s.In(ListLate, now, soon))
}

// Plus returns the sum.
func (t Tally) Plus(o Tally) Tally {
	return Tally{
		t.Total + o.Total, t.Closed + o.Closed, t.Waived + o.Waived, t.History + o.History,
		t.Green + o.Green, t.Yellow + o.Yellow, t.Red + o.Red, t.None + o.None,
		t.DueSoon + o.DueSoon, t.Overdue + o.Overdue, t.Late + o.Late,
	}
}

// Open returns how many are not closed.
func (t Tally) Open() int { return t.Total - t.Closed - t.Waived - t.History }

// Counted returns how many count for or against their units: neither waived nor history.
func (t Tally) Counted() int { return t.Total - t.Waived - t.History }

// OnTime returns how many were accepted without ever having been overdue.
func (t Tally) OnTime() int { return t.Closed - t.Late }

// Rate (按时率) is the share that was on time of all that was delivered or is overdue, from 0 to 1; 0 where there is none.
func (t Tally) Rate() float64 {
	decided := t.Closed + t.Overdue
	if decided == 0 {
		return 0
	}
	return float64(t.OnTime()) / float64(decided)
}

// Light is the worst of all; where there is nothing that has a light there is none.
func (t Tally) Light() Light {
	switch {
	case t.Red > 0:
		return Red
	case t.Yellow > 0:
		return Yellow
	case t.Green > 0:
		return Green
	default:
		return None
	}
}

// TallyKey is what tallies are kept by, beside the month.
type TallyKey string

// The keys.
const (
	TallyTask TallyKey = "task"
	TallyUnit TallyKey = "unit"
)

// MonthTally is how what falls due in one month stands, of one task or unit.
type MonthTally struct {
	Key   string // the task's or unit's code
	Month string // 2024-05
	Tally
}

// Share is how a unit's obligations of one measure stand.
type Share struct {
	Measure, Unit string
	Period        string        // of the only one; "": there are more
	Due           calendar.Date // the first of those that are open; zero: none is
	Tally
}

// Add counts one more.
func (s *Share) Add(period string, due calendar.Date, st Standing, now, soon time.Time) {
	if s.Period = period; s.Total > 0 {
		s.Period = ""
	}
	open := s.Open()
	s.Tally.Add(st, 1, now, soon)
	if s.Open() > open && (s.Due.IsZero() || due < s.Due) {
		s.Due = due
	}
}
