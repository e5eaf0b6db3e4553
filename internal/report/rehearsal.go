// Package report writes reports that people open in a browser without a server or a network: one file each, with
// everything in it that it shows.
package report

import (
	"slices"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
)

// Rehearsal is what the report shows of one run. A run holds every event of three years; this is small.
type Rehearsal struct {
	title   string
	plan    plan.Plan
	asOf    calendar.Date
	last    calendar.Date // the last day that was rehearsed
	ladders []obligation.Ladder
	script  rehearsal.Script
	summary rehearsal.Summary
	months  map[int]*rehearsal.Tally // what happened in each month
	notices map[string]map[int]int   // to each unit in each month

	provisional []int // years whose holidays are not published
}

// Of returns what the report shows of the run.
func Of(run *rehearsal.Run) Rehearsal {
	d := run.Definition
	loc := obligation.Location(d.Plan.Zone)
	r := Rehearsal{
		title: run.Title, plan: d.Plan, asOf: d.AsOf, last: calendar.DateOf(run.Until.Add(-time.Nanosecond), loc),
		ladders: d.Ladders, script: run.Script, summary: run.Summary(),
		months: map[int]*rehearsal.Tally{}, notices: map[string]map[int]int{},
	}
	for year := r.asOf.Year(); year <= r.last.Year(); year++ {
		if d.Calendar.Provisional(calendar.NewDate(year, time.January, 1)) {
			r.provisional = append(r.provisional, year)
		}
	}
	r.count(run, loc)
	return r
}

// count goes through what happened, month by month.
func (r *Rehearsal) count(run *rehearsal.Run, loc *time.Location) {
	for i := range run.Ledgers {
		l := &run.Ledgers[i]
		unit := r.notices[l.Facts.ID.Unit]
		if unit == nil {
			unit = map[int]int{}
			r.notices[l.Facts.ID.Unit] = unit
		}
		for j := range l.Events {
			month := monthOf(calendar.DateOf(l.Events[j].At, loc))
			var one rehearsal.Tally
			one.Count(&l.Events[j])
			unit[month] += one.Unit()
			if r.months[month] == nil {
				r.months[month] = &rehearsal.Tally{}
			}
			r.months[month].Add(one)
		}
	}
}

// monthOf counts months from the year 0.
func monthOf(d calendar.Date) int {
	year, month, _ := d.Civil()
	return year*12 + int(month) - 1
}

// span returns the first and the last of the months and of the weeks in which anything happens in any of the runs.
func span(runs []Rehearsal) (months []int, weeks []calendar.Date) {
	for _, r := range runs {
		for m := range r.months {
			months = append(months, m)
		}
		for _, w := range r.summary.Weeks {
			weeks = append(weeks, w.Monday)
		}
	}
	if len(months) == 0 {
		return nil, nil
	}
	first, last := slices.Min(months), slices.Max(months)
	months = months[:0]
	for m := first; m <= last; m++ {
		months = append(months, m)
	}
	from, to := slices.Min(weeks), slices.Max(weeks)
	weeks = weeks[:0]
	for w := from; w <= to; w += 7 {
		weeks = append(weeks, w)
	}
	return months, weeks
}

// unitRef is a unit in the order in which the report lists them.
type unitRef struct{ code, name string }

// unitsOf returns the units of all runs: those of the first in its plan's order, then what others have beyond.
func unitsOf(runs []Rehearsal) []unitRef {
	var units []unitRef
	seen := map[string]bool{}
	for _, r := range runs {
		for _, u := range r.summary.Units {
			if !seen[u.Code] {
				seen[u.Code] = true
				units = append(units, unitRef{u.Code, u.Name})
			}
		}
	}
	return units
}
