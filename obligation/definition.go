package obligation

import (
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

// LadderOf returns the measure's ladder.
func (d Definition) LadderOf(m plan.Measure) Ladder {
	for _, l := range d.Ladders {
		if l.Code == m.Ladder {
			return l
		}
	}
	return d.Ladders[0]
}
