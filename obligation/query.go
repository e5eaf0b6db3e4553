package obligation

import (
	"time"

	"duban/calendar"
)

// View is an obligation as the read model has it.
type View struct {
	State    State     `json:"state"`
	Standing Standing  `json:"standing"`
	NextAt   time.Time `json:"nextAt,omitzero"`
	NextKind string    `json:"nextKind,omitempty"`
	Updated  time.Time `json:"updated"`
}

// Filter selects obligations; zero fields select all.
type Filter struct {
	Plan, Task, Measure, Unit string
	Stage                     Stage
	Light                     Light // as of Now
	Open                      *bool // true: not closed
	DueFrom, DueTo            calendar.Date
	Now                       time.Time // business time that lights are derived for
	After                     string    // cursor: the last page's Next
	Limit                     int       // 1 to 200
}

// DocumentFilter selects documents; zero fields select all.
type DocumentFilter struct {
	Plan, Unit string
	Rung       Rung
	Status     DocumentStatus
	WaitingOn  string        // "office", "leader", or a unit's code: see Document.WaitingOn
	Overdue    calendar.Date // whoever holds it had time until before this day
	After      string        // cursor: the last page's
	Limit      int           // 1 to 200
}

// Page is one page of views, ordered by due date and ID.
type Page struct {
	Views []View `json:"views"`
	Next  string `json:"next,omitempty"` // cursor of the next page; "": this is the last
}

// Count is how many obligations of a task stand where.
type Count struct {
	Task    string `json:"task"`
	Total   int    `json:"total"`
	Open    int    `json:"open"` // not closed, history excluded
	Red     int    `json:"red"`
	Yellow  int    `json:"yellow"`
	Closed  int    `json:"closed"` // accepted
	Waived  int    `json:"waived,omitempty"`
	History int    `json:"history"`
}
