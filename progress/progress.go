// Package progress composes the half-yearly report on the progress of a plan (半年进展情况报告) to the committee. Every sentence
// is made of figures that package statistics computes and of the half-year's published assessment. It is pure: the same cases,
// definition and instants give the same report.
package progress

import (
	"slices"
	"time"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/statistics"
)

// Facts are everything that a report is made of.
type Facts struct {
	Definition obligation.Definition
	Half       assessment.Half
	Now        time.Time     // as of which, not included
	Written    calendar.Date // the day of writing

	Figures statistics.Figures // of what falls due in the half-year
	Before  statistics.Figures // of what fell due in the half-year before it, as of the same instant
	Whole   statistics.Figures // of the whole plan
	Ahead   statistics.Figures // of what falls due in the half-year after it, what has still to be opened included
	Overdue []statistics.Case  // of the whole plan, the longest first

	Assessment *assessment.State // of the half-year; nil: nothing has been counted
}

// Has reports whether the half-year is one of the plan's.
func Has(d obligation.Definition, h assessment.Half) bool {
	return h.To() >= d.Plan.From && h.From() <= d.Plan.To
}

// Begun reports whether the half-year has begun by the business instant now: before, there is nothing to report on.
func Begun(d obligation.Definition, h assessment.Half, now time.Time) bool {
	return now.After(h.From().At(0, obligation.Location(d.Plan.Zone)))
}

// Halves returns the half-years that there can be a report on by the business instant now, the latest first.
func Halves(d obligation.Definition, now time.Time) []assessment.Half {
	out := slices.DeleteFunc(assessment.Halves(d.Plan.From, d.Plan.To), func(h assessment.Half) bool { return !Begun(d, h, now) })
	slices.Reverse(out)
	return out
}

// AsOf returns the last day that a report which is asked for now takes into account: that of the half-year, or today while it
// is not over.
func AsOf(d obligation.Definition, h assessment.Half, now time.Time) calendar.Date {
	return min(h.To(), calendar.DateOf(now, obligation.Location(d.Plan.Zone)))
}

// Gather takes the facts out of a plan's cases and assessments, as of the business instant now. The error is a fault of a schedule.
func Gather(cases []statistics.Case, assessments []assessment.State, d obligation.Definition, h assessment.Half, now time.Time, written calendar.Date) (Facts, error) {
	var st *assessment.State
	if i := slices.IndexFunc(assessments, func(st assessment.State) bool { return st.Half == h.String() }); i >= 0 {
		st = &assessments[i]
	}
	next := after(h)
	ahead, err := statistics.Ahead(cases, d, scope(next))
	if err != nil {
		return Facts{}, err
	}
	return Facts{
		Definition: d, Half: h, Now: now, Written: written, Assessment: st,
		Figures: statistics.Compute(cases, d, scope(h), now),
		Before:  statistics.Compute(cases, d, scope(before(h)), now),
		Whole:   statistics.Compute(cases, d, statistics.Scope{}, now),
		Ahead:   statistics.Compute(ahead, d, scope(next), now),
		Overdue: statistics.Overdue(cases, now),
	}, nil
}

func scope(h assessment.Half) statistics.Scope { return statistics.Scope{Year: h.Year, Half: h.N} }

func before(h assessment.Half) assessment.Half { return assessment.HalfOf(h.From() - 1) }

func after(h assessment.Half) assessment.Half { return assessment.HalfOf(h.To() + 1) }

// day returns the last day that the facts take into account.
func (f Facts) day() calendar.Date { return calendar.DateOf(f.Now.Add(-1), f.location()) }

func (f Facts) location() *time.Location { return obligation.Location(f.Definition.Plan.Zone) }

// over reports whether the whole half-year is taken into account.
func (f Facts) over() bool { return f.day() >= f.Half.To() }
