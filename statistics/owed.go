package statistics

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"duban/obligation"
)

// Overdue returns the cases that are late by the business instant now, those that have been for longest first.
func Overdue(cases []Case, now time.Time) []Case {
	var out []Case
	for _, c := range cases {
		if c.Standing.IsOverdue(now) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Case) int {
		return cmp.Or(a.Standing.OverdueAt.Compare(b.Standing.OverdueAt), strings.Compare(a.ID.String(), b.ID.String()))
	})
	return out
}

// Ahead returns what falls due in the scope: the cases that do, and what by the definition has still to be opened, as cases of
// which nothing has happened. The error is a fault of a schedule.
func Ahead(cases []Case, d obligation.Definition, s Scope) ([]Case, error) {
	var out []Case
	known := make(map[obligation.ID]bool, len(cases))
	for _, c := range cases {
		known[c.ID] = true
		if s.Holds(c.Due) {
			out = append(out, c)
		}
	}
	slots, err := d.Agenda("", 0)
	if err != nil {
		return nil, err
	}
	for _, slot := range slots {
		if !s.Holds(slot.Period.Due) {
			continue
		}
		for _, o := range d.Openings(slot, 0) {
			if f := o.Facts; !known[f.ID] {
				out = append(out, Case{ID: f.ID, Task: f.Task, Unit: f.ID.Unit, UnitName: f.UnitName, Title: f.Title, Due: f.Due})
			}
		}
	}
	return out, nil
}
