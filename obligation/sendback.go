package obligation

import (
	"time"

	"duban/calendar"
)

// Objection (退回：不属于本单位) is a unit's word that an obligation is not its own. Until the office has refused it,
// re-armed or waived the obligation, the office holds the ball: nobody reminds the unit, the deadline does not pass, and
// nothing escalates. What was overdue before stays so.
type Objection struct {
	Seq    int       `json:"seq"` // of the event by which it was made
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

func (s State) sendBack(c Command) (Event, error) {
	switch {
	case s.Stage == StageSubmitted:
		return Event{}, refuse(CodeInReview)
	case s.Objection != nil:
		return Event{}, refuse(CodeSendBackPending)
	case s.Kept:
		return Event{}, refuse(CodeSendBackUsed)
	case c.Text == "":
		return Event{}, refuse(CodeReasonMissing)
	}
	return Event{Kind: SentBack}, nil
}

// refuseSendBack leaves the obligation with the unit. The time the office took is not counted against it.
func (s State) refuseSendBack(c Command, cal *calendar.Calendar, now time.Time) (Event, error) {
	if s.Objection == nil {
		return Event{}, refuse(CodeNoSendBack)
	}
	if c.Text == "" {
		return Event{}, refuse(CodeReasonMissing)
	}
	e := Event{Kind: SendBackRefused, Due: s.Anchor}
	loc := s.Policy.Location()
	late := calendar.DateOf(now, loc)
	if s.Overdue {
		late = s.lateFrom(cal)
		if days := cal.WorkdaysBetween(calendar.DateOf(s.Objection.At, loc), calendar.DateOf(now, loc)); days > 0 {
			late = cal.AddWorkdays(late, days)
		}
	}
	if late > s.effective(cal) {
		e.Late = late
	}
	return e, nil
}

func applySendBackRefusal(s State, e Event) State {
	s = s.withoutObjection()
	s.Kept, s.Since = true, e.At
	if !e.Late.IsZero() {
		s.LateFrom, s.Refused = e.Late, time.Time{}
	}
	return s
}

// withoutObjection returns the state with none waiting. What the office is given next has its own count of reminders.
func (s State) withoutObjection() State {
	if s.Objection == nil {
		return s
	}
	s.Objection = nil
	return s.withoutMarks(AnchorSubmitted)
}
