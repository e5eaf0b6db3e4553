package obligation

import (
	"cmp"

	"duban/calendar"
	"duban/plan"
)

// Definition is everything by which a plan runs, as it was seeded last.
type Definition struct {
	Version  int                `json:"version"` // grows with every changed seeding, from 1
	AsOf     calendar.Date      `json:"asOf"`    // what fell due before it is history; set by the first seeding
	Plan     plan.Plan          `json:"plan"`
	Calendar *calendar.Calendar `json:"calendar"`
	Ladders  []Ladder           `json:"ladders"` // the first is the default
}

// Periods returns the periods of the measure that bind somebody. The error is a fault of the schedule.
func (d Definition) Periods(m plan.Measure) ([]plan.Period, error) {
	return d.Plan.Binding(m, d.Calendar)
}

// OrderLadder is the code of the ladder by which findings of inspections are followed up, where a plan has it.
const OrderLadder = "order"

// LadderNamed returns the ladder of the code.
func (d Definition) LadderNamed(code string) (Ladder, bool) {
	for _, l := range d.Ladders {
		if l.Code == code {
			return l, true
		}
	}
	return Ladder{}, false
}

// FindingLadder returns the ladder of the code for a finding; "": the plan's for findings, or else its default.
func (d Definition) FindingLadder(code string) (Ladder, bool) {
	if l, ok := d.LadderNamed(cmp.Or(code, OrderLadder)); ok || code != "" {
		return l, ok
	}
	return d.Ladders[0], true
}

// LadderOf returns the measure's ladder.
func (d Definition) LadderOf(m plan.Measure) Ladder {
	for _, l := range d.Ladders {
		if l.Code == m.Ladder {
			return l
		}
	}
	return d.Ladders[0]
}
