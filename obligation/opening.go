package obligation

import (
	"time"

	"duban/calendar"
)

// Opening says how an obligation begins.
type Opening struct {
	Facts   Facts
	Policy  Policy
	AsOf    calendar.Date // what fell due before it is history
	Outcome Outcome       // of history, as the office's list says; "" where it says nothing
}

// Open returns the first event of an obligation. What fell due before the as-of date is recorded as history,
// unless the office marks it as owed: that opens overdue, its ladder counting from the as-of date.
func Open(o Opening, cal *calendar.Calendar, now time.Time) Event {
	facts, policy := o.Facts, o.Policy
	e := Event{Seq: 1, Kind: Opened, At: stamp(now), By: System, Due: facts.Due, Facts: &facts, Policy: &policy}
	today := calendar.DateOf(now, policy.Location())
	switch {
	case facts.Due >= o.AsOf && o.Outcome == Done:
		e.Kind, e.Outcome = Recorded, Done
	case facts.Due >= o.AsOf:
		// After an outage it may open too late: its ladder counts from the day the unit hears of it.
		e.Due = max(facts.Due, today)
	case o.Outcome == Owed:
		// Nothing of the past is fired: where the as-of date lies behind, the count begins today.
		e.Due, e.Outcome = max(o.AsOf, today), Owed
	default:
		e.Kind, e.Outcome = Recorded, o.Outcome
		if e.Outcome == "" {
			e.Outcome = Unknown
		}
	}
	facts.Provisional = provisional(cal, e.Due, policy.Ladder)
	return e
}

// provisional reports whether a date of the ladder counted from the deadline lies in a year whose holidays are not
// published.
func provisional(cal *calendar.Calendar, deadline calendar.Date, l Ladder) bool {
	return cal.Provisional(deadline) || cal.Provisional(cal.AddWorkdays(deadline, l.reach()))
}

// Reconsider returns the event by which history becomes what the opening now says: another outcome, or an obligation
// that is still to be delivered. It returns false where nothing changes; what is not history is never reconsidered.
func Reconsider(s State, o Opening, cal *calendar.Calendar, now time.Time) (Event, bool) {
	if s.Stage != StageHistory {
		return Event{}, false
	}
	if o.Outcome == "" && s.Outcome != Unknown {
		return Event{}, false // what the office said once holds until it says otherwise
	}
	e := Open(o, cal, now)
	if e.Kind == Recorded && e.Outcome == s.Outcome {
		return Event{}, false
	}
	e.Seq = s.Seq + 1
	return e, true
}
