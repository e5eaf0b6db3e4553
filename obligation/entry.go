package obligation

import (
	"time"

	"duban/calendar"
)

// Entry is one decision ready for the record: its events, the state after them, and what follows for the read
// model and the outbox. All of it is stored in one transaction or not at all.
type Entry struct {
	Before   int        `json:"before"` // sequence of the last event the decision knew of
	Events   []Event    `json:"events"`
	State    State      `json:"state"` // after the events
	Standing Standing   `json:"standing"`
	NextAt   time.Time  `json:"nextAt,omitzero"` // of the next step; zero: none
	NextKind string     `json:"nextKind,omitempty"`
	Notices  []Notice   `json:"notices,omitempty"`
	Drafts   []Document `json:"drafts,omitempty"` // documents that the events drafted
}

// NewEntry applies the events to s and derives what follows from them.
func NewEntry(s State, events []Event, cal *calendar.Calendar) Entry {
	en := Entry{Before: s.Seq, Events: events}
	for _, e := range events {
		s = Apply(s, e)
		en.Notices = append(en.Notices, Notices(s, e)...)
		if e.Kind == Drafted {
			en.Drafts = append(en.Drafts, Draft(s, e))
		}
	}
	en.State, en.Standing = s, s.Standing(cal)
	if next, ok := NextStep(s, cal); ok {
		en.NextAt, en.NextKind = next.At, next.Describe()
	}
	return en
}

// Replay returns the state that the events lead to from s.
func Replay(s State, events []Event) State {
	for _, e := range events {
		s = Apply(s, e)
	}
	return s
}
