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

// Listing is one of the lists that people keep by how an obligation stands with its deadline.
type Listing string

// The listings.
const (
	ListDueSoon Listing = "due-soon" // 即将逾期
	ListOverdue Listing = "overdue"  // 逾期未办
	ListLate    Listing = "late"     // 逾期已办
	ListDone    Listing = "done"     // 已办结
)

// Sort is what a list is ordered by; among equals by due date and ID.
type Sort string

// The orders of lists.
const (
	SortDue     Sort = "due" // also where none is given
	SortUpdated Sort = "updated"
	SortTask    Sort = "task" // numbers as numbers, before everything else
	SortUnit    Sort = "unit" // by code
	SortLight   Sort = "light"
)

// Filter selects obligations; zero fields select all. Several values of one field are alternatives.
type Filter struct {
	Plan, Measure  string
	Period         string
	Tasks, Units   []string
	Stages         []Stage
	Lights         []Light // as of Now
	Listing        Listing // as of Now and Soon
	Open           *bool   // true: not closed
	DueFrom, DueTo calendar.Date
	WaitingOn      string        // "office", a unit's code, or "leader": a document of it waits for him
	WaitsFor       Wait          // of the obligation, or of a document of it
	Hazards        *HazardFilter // nil: hazards or not
	Words          []string      // each stands in State.SearchText
	Now            time.Time     // business time that lights are derived for
	Soon           time.Time     // what becomes overdue at or before it falls due soon
	Sort           Sort
	Descending     bool
	Count          bool   // the page says how many there are in all
	After          string // cursor: the last page's Next, of the same order
	Limit          int    // 1 to 200
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

// InboxFilter selects digests of a recipient.
type InboxFilter struct {
	Plan      string // "": of every plan
	Recipient string // a unit's code, or "office"
	Unread    bool   // only what nobody has read yet
	After     string // cursor: the last page's
	Limit     int    // 1 to 200; else the usual page
}

// Page is one page of views in the order of the filter.
type Page struct {
	Views []View `json:"views"`
	Total int    `json:"total,omitempty"` // of all pages; 0: not asked for
	Next  string `json:"next,omitempty"`  // cursor of the next page; "": this is the last
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
