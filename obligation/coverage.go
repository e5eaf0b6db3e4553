package obligation

import (
	"cmp"
	"slices"

	"duban/calendar"
)

// Place is a unit that may be inspected.
type Place struct{ Unit, UnitName string }

// Coverage says when a unit was last inspected, and what of its findings is open.
type Coverage struct {
	Place
	Visits  int           // inspections that were with it
	Last    calendar.Date // day of the last one; zero: never
	Days    int           // since then; where it was never, since the first inspection could have been
	Open    int           // findings that are not closed
	Overdue int           // of those, the ones that are overdue
}

// Covers returns how each place is covered, whom to visit next first: who was not inspected for longest, and among those who
// has most open findings. inspections and findings are those of the plan; today is the day it is asked, since the day the duty began.
func Covers(places []Place, inspections []State, findings []View, since, today calendar.Date) []Coverage {
	out := make([]Coverage, len(places))
	at := make(map[string]int, len(places))
	for i, p := range places {
		out[i], at[p.Unit] = Coverage{Place: p}, i
	}
	for _, s := range inspections {
		if !s.isRecorded() {
			continue
		}
		seen := map[string]bool{}
		for _, v := range s.Inspection.Record.Visits {
			i, ok := at[v.Unit]
			if !ok {
				continue
			}
			if !seen[v.Unit] {
				seen[v.Unit] = true
				out[i].Visits++
			}
			out[i].Last = max(out[i].Last, v.Day)
		}
	}
	for _, v := range findings {
		i, ok := at[v.State.ID.Unit]
		if !ok || v.State.IsClosed() {
			continue
		}
		out[i].Open++
		if v.State.Overdue {
			out[i].Overdue++
		}
	}
	for i := range out {
		out[i].Days = max(0, int(today-cmp.Or(out[i].Last, since)))
	}
	slices.SortStableFunc(out, func(a, b Coverage) int {
		return cmp.Or(cmp.Compare(a.Last, b.Last), cmp.Compare(b.Open, a.Open), cmp.Compare(b.Overdue, a.Overdue))
	})
	return out
}
