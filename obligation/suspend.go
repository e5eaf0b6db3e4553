package obligation

import (
	"time"

	"duban/calendar"
)

// Suspension (中止) is the time in which nobody has to deliver: nothing falls due, nothing is sent, nothing escalates.
// The office holds the ball until it resumes or waives the obligation.
type Suspension struct {
	Seq    int       `json:"seq"` // of the event by which it began
	At     time.Time `json:"at"`
	From   time.Time `json:"from"` // from when its working days count: its beginning, or that of a deadline given since
	Reason string    `json:"reason"`
}

// duringSuspension reports whether the command is taken while the obligation is suspended.
func (k CommandKind) duringSuspension() bool {
	return k == Resume || k == Waive || k == Promote || k == Rearm || k == WithdrawDoc || k == HearPart || k.aside() || k.aboutInterview()
}

func (s State) suspend(c Command) (Event, error) {
	if s.Stage == StageSubmitted {
		return Event{}, refuse(CodeInReview)
	}
	if s.Objection != nil {
		return Event{}, refuse(CodeSendBackPending)
	}
	if c.Text == "" {
		return Event{}, refuse(CodeReasonMissing)
	}
	return Event{Kind: Suspended}, nil
}

// resume ends a suspension. All dates that lie ahead, and those that the steps after the deadline count from, move on by
// the working days that it took, so that everything has the distance that it had.
func (s State) resume(c Command, cal *calendar.Calendar, now time.Time) (Event, error) {
	if s.Suspension == nil {
		return Event{}, refuse(CodeNotSuspended)
	}
	if c.Text == "" {
		return Event{}, refuse(CodeReasonMissing)
	}
	m := s.moving(cal, now)
	e := Event{Kind: Resumed, Days: m.days, Due: m.deadline(s.Anchor), Since: m.instant(s.Since)}
	if late := s.lateFrom(cal); s.Overdue && late > s.effective(cal) {
		e.Late = m.day(late)
	}
	facts := s.Facts
	if s.Stage != StageReturned {
		facts.Due = m.deadline(s.Due) // else only the deadline of the rework moves
	}
	facts.Provisional = provisional(cal, e.Due, s.Policy.Ladder)
	if facts != s.Facts {
		e.Facts = &facts
	}
	return e, nil
}

// moving brings dates from before a suspension to where they lie after it.
type moving struct {
	State
	cal   *calendar.Calendar
	now   time.Time
	today calendar.Date
	days  int // working days of the suspension
}

func (s State) moving(cal *calendar.Calendar, now time.Time) moving {
	loc := s.Policy.Location()
	today := calendar.DateOf(now, loc)
	return moving{s, cal, now, today, max(0, cal.WorkdaysBetween(calendar.DateOf(s.Suspension.From, loc), today))}
}

// day moves any day. Where the suspension took no working day it stays, on a rest day too.
func (m moving) day(d calendar.Date) calendar.Date {
	if m.days == 0 {
		return d
	}
	return m.cal.AddWorkdays(d, m.days)
}

// deadline moves a deadline. One that had not passed leaves at least the day of the resumption, and one that had passed
// before the suspension has passed after it.
func (m moving) deadline(d calendar.Date) calendar.Date {
	moved := d
	if m.days > 0 {
		moved = m.cal.AddWorkdays(m.Policy.lastDay(m.cal, d), m.days)
	}
	switch {
	case m.Overdue:
		return max(d, min(moved, m.cal.AddWorkdays(m.today, -1)))
	case m.exempt():
		return moved
	default:
		return max(moved, m.cal.NextWorkday(m.today))
	}
}

// instant moves an instant, but not beyond the resumption.
func (m moving) instant(t time.Time) time.Time {
	loc := m.Policy.Location()
	d := calendar.DateOf(t, loc)
	moved := m.day(d).At(t.Sub(d.At(0, loc)), loc)
	if m.days > 0 && !m.cal.Workday(d) {
		moved = m.day(d).End(loc) // the steps of the working day before it are past as well
	}
	moved = stamp(moved)
	if moved.After(m.now) {
		return m.now
	}
	return moved
}

func applyResumption(s State, e Event) State {
	if e.Facts != nil {
		if s.Planned.IsZero() && e.Facts.Due != s.Due {
			s.Planned = s.Due
		}
		s.Facts = *e.Facts
	}
	s.Suspension, s.Resumed, s.ResumedSeq = nil, e.At, e.Seq
	s.SuspendedDays += e.Days
	s.Anchor, s.Since = e.Due, e.Since
	if !e.Late.IsZero() {
		s.LateFrom, s.Refused = e.Late, time.Time{}
	}
	// Whoever had not signed for it is given the time for that again.
	return s.withoutMarks(AnchorOpened)
}

// withoutMarks returns the state in which no step of the anchor was taken.
func (s State) withoutMarks(a Anchor) State {
	for _, st := range s.Policy.Ladder.Steps {
		if st.Anchor == a {
			delete(s.Marks, st.Code)
		}
	}
	if len(s.Marks) == 0 {
		s.Marks = nil
	}
	return s
}

// DraftHeld reports whether the draft that waits can't be signed off now: the office reviews a report or an
// objection, or it is suspended.
func (s State) DraftHeld() bool { return !s.withUnit() || s.Objection != nil }
