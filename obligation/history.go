package obligation

import (
	"time"

	"duban/calendar"
)

// Selection names obligations of a plan whose ledgers are wanted; zero fields but the plan's select all.
type Selection struct {
	Plan, Task, Unit string
	ID               ID // one obligation
	DueFrom, DueTo   calendar.Date
}

// Histories is what happened to the obligations of a selection, all as of one moment.
type Histories struct {
	Total   int          // obligations that are selected; more than Ledgers holds where that would have been too many
	Ledgers [][]Event    // each from its first event on, by due date and ID
	Letters []PastLetter // to the same units, about obligations that are not selected, in the order of time
}

// PastLetter is a letter that a unit really got. It counts for every obligation of the unit.
type PastLetter struct {
	Unit string    // code
	At   time.Time // of its sign-off
}
