package obligation

import (
	"cmp"
	"time"

	"duban/calendar"
)

// Application (延期申请) is what a unit asks for before its deadline passes. While it waits, the office holds the ball:
// the deadline does not pass, and nothing that follows from its passing happens.
type Application struct {
	Seq int           `json:"seq"` // of the event by which it was made
	At  time.Time     `json:"at"`
	Due calendar.Date `json:"due"` // the date wished for
}

func (s State) askExtension(c Command, now time.Time) (Event, error) {
	switch {
	case s.Stage == StageSubmitted:
		return Event{}, refuse(CodeInReview)
	case s.Application != nil:
		return Event{}, refuse(CodeExtensionPending)
	case s.Objection != nil:
		return Event{}, refuse(CodeSendBackPending)
	case s.Extensions >= s.Policy.Ladder.Extensions:
		return Event{}, refuse(CodeExtensionsUsed)
	case s.Overdue, s.exempt():
		// A deadline before the plan was issued had passed before anybody could ask.
		return Event{}, refuse(CodeExtensionLate)
	case c.Text == "":
		return Event{}, refuse(CodeReasonMissing)
	case !s.extends(c.Due, now):
		return Event{}, refuse(CodeDueInvalid)
	}
	return Event{Kind: ExtensionAsked, Due: c.Due}, nil
}

func (s State) grantExtension(c Command, cal *calendar.Calendar, now time.Time) (Event, error) {
	if s.Application == nil {
		return Event{}, refuse(CodeNoExtension)
	}
	if s.Extensions >= s.Policy.Ladder.Extensions {
		// A re-arming has allowed fewer since it was applied for.
		return Event{}, refuse(CodeExtensionsUsed)
	}
	due := cmp.Or(c.Due, s.Application.Due)
	if !s.extends(due, now) {
		return Event{}, refuse(CodeDueInvalid)
	}
	e := Event{Kind: Extended, Due: due}
	facts := s.Facts
	if s.Stage != StageReturned {
		facts.Due = due // else only the deadline of the rework moves
	}
	facts.Provisional = provisional(cal, due, s.Policy.Ladder)
	if facts != s.Facts {
		e.Facts = &facts
	}
	return e, nil
}

func (s State) refuseExtension(c Command) (Event, error) {
	if s.Application == nil {
		return Event{}, refuse(CodeNoExtension)
	}
	if c.Text == "" {
		return Event{}, refuse(CodeReasonMissing)
	}
	return Event{Kind: ExtensionRefused, Due: s.Anchor}, nil
}

// extends reports whether the date gives more time than there is: it lies after the deadline, and is still ahead.
func (s State) extends(due calendar.Date, now time.Time) bool {
	return due > max(s.Anchor, calendar.DateOf(now, s.Policy.Location()))
}

func applyExtension(s State, e Event) State {
	s.Extensions++
	if e.Facts != nil {
		if s.Planned.IsZero() && e.Facts.Due != s.Due {
			s.Planned = s.Due
		}
		s.Facts = *e.Facts
	}
	return s.until(e)
}

// withoutApplication returns the state with no application waiting. What the office is given next has its own count of reminders.
func (s State) withoutApplication() State {
	if s.Application == nil {
		return s
	}
	s.Application = nil
	return s.withoutMarks(AnchorSubmitted)
}

// asTaken returns the step as it is taken now: what reminds the office of a review reminds it of an application or an
// objection too, and a hazard's reviewer of his.
func (s State) asTaken(st Step) Step {
	switch {
	case st.Anchor != AnchorSubmitted:
	case s.WithReviewer():
		st.To = ToReviewer
	case s.Application != nil:
		st.Anchor = AnchorAsked
	case s.Objection != nil:
		st.Anchor = AnchorObjected
	}
	return st
}

// heldFrom returns the instant from which the step is held back because an application waits, and false where it is not:
// nobody is pressed for a deadline that passes while the office thinks about another.
func (s State) heldFrom(cal *calendar.Calendar, st Step) (time.Time, bool) {
	if s.Application == nil || st.Anchor == AnchorAsked {
		return time.Time{}, false
	}
	return s.effective(cal).End(s.Policy.Location()), true
}

// lateFrom returns the day from which the steps after the deadline are counted: its own, or a later one. The time the
// office took to refuse is not counted against the unit.
func (s State) lateFrom(cal *calendar.Calendar) calendar.Date {
	from := max(s.effective(cal), s.LateFrom)
	if s.Refused.IsZero() {
		return from
	}
	return max(from, calendar.DateOf(s.Refused, s.Policy.Location()))
}
