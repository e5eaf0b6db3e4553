package obligation

import (
	"slices"
	"time"

	"duban/calendar"
)

// Holding is what waits for one holder.
type Holding struct {
	Who    string // "office", "leader", or a unit's code
	Count  int    // obligations and documents
	Since  time.Time
	Oldest []Held // those that wait longest, at most as many as were asked for
}

// Held is an obligation, or a document of it, that waits for its holder.
type Held struct {
	ID       ID
	Rung     Rung // of the document; "": it is the obligation itself
	Title    string
	UnitName string
	Period   string // its label; "": it is a document
	For      Wait
	Since    time.Time
}

// Awaited is how much of one kind waits.
type Awaited struct {
	For    Wait
	Count  int
	Oldest time.Time
}

// Fault is something of the system's own that keeps people waiting.
type Fault string

// The faults.
const (
	FaultFailed  Fault = "deliveries_failed"  // and nobody was told on another way, nor has read it in the inbox
	FaultUnknown Fault = "deliveries_unknown" // and it was not read in the inbox
	FaultUnsent  Fault = "deliveries_waiting" // through a whole window of sending
	FaultOutbox  Fault = "notices_waiting"    // they are in no digest after a whole window
	FaultMissed  Fault = "steps_missed"       // what should have happened by itself a day ago did not
	FaultNobody  Fault = "nobody"             // open, without a next step and without a holder
)

// Faults are all of them.
var Faults = []Fault{FaultFailed, FaultUnknown, FaultUnsent, FaultOutbox, FaultMissed, FaultNobody}

// Broken is how much has one fault.
type Broken struct {
	Fault Fault
	Count int
	Since time.Time // of the first
}

// Patience says how long what goes by itself may take.
type Patience struct {
	Told    time.Time // what was to be told before it should have gone out
	Stepped time.Time // what fell due before it should have happened
}

// stepPatience is how late a step may be: an engine that was down for a night has caught up by then.
const stepPatience = 24 * time.Hour

// PatienceAt returns how far everything should have come by the business instant now.
func PatienceAt(w Window, cal *calendar.Calendar, now time.Time, loc *time.Location) Patience {
	return Patience{Told: w.lastWhole(cal, now, loc), Stepped: now.Add(-stepPatience)}
}

// lastWhole returns when the last window that is over began.
func (w Window) lastWhole(cal *calendar.Calendar, now time.Time, loc *time.Location) time.Time {
	day := calendar.DateOf(now, loc)
	if now.Before(day.At(w.To, loc)) {
		day--
	}
	return cal.AddWorkdays(day, 0).At(w.From, loc)
}

// Longest returns at most as many as have waited longest.
func Longest(held []Held, most int) []Held {
	slices.SortStableFunc(held, func(a, b Held) int { return a.Since.Compare(b.Since) })
	return held[:min(most, len(held))]
}
