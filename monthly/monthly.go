// Package monthly is the monthly report cycle (月报): “每月28日前……报送工作开展情况及任务清单完成情况”. A month's report is an obligation like any
// other and runs by the same rules; this package fills it in beforehand from the unit's obligations (Prefill), and makes the
// office's report of what all units have reported (Consolidate). It is pure: it takes the time as an argument.
package monthly

import (
	"fmt"
	"slices"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/statistics"
)

// Month is what a report is about, as its period is named: 2024-05.
type Month string

// Parse reads a month.
func Parse(text string) (Month, bool) {
	_, err := time.Parse(plan.MonthLayout, text)
	return Month(text), err == nil
}

// Civil returns the year and the month.
func (m Month) Civil() (int, time.Month) {
	t, _ := time.Parse(plan.MonthLayout, string(m)) // of one that Parse has read
	return t.Year(), t.Month()
}

// Chinese returns what people call the month: 2024年5月.
func (m Month) Chinese() string {
	year, month := m.Civil()
	return fmt.Sprintf(textMonth, year, int(month))
}

// Last returns the last day of the month.
func (m Month) Last() calendar.Date {
	year, month := m.Civil()
	return calendar.NewDate(year, month+1, 1) - 1
}

// Plus returns the month so many later.
func (m Month) Plus(n int) Month {
	year, month := m.Civil()
	y, next, _ := calendar.NewDate(year, month+time.Month(n), 1).Civil()
	return Month(fmt.Sprintf("%d-%02d", y, next))
}

// Scope returns what falls due in the month.
func (m Month) Scope() statistics.Scope {
	year, month := m.Civil()
	return statistics.Scope{Year: year, Month: int(month)}
}

// Period returns the days that the plan's report on the month covers: from the day after the last report was due until this one
// is. It is false where the plan has no report on it.
func Period(p *plan.Plan, m Month) (plan.Measure, plan.Period, bool) {
	measure, ok := p.Monthly()
	if !ok {
		return measure, plan.Period{}, false
	}
	periods, err := p.Periods(measure)
	if err != nil {
		return measure, plan.Period{}, false // the loader lets no such plan in
	}
	for _, of := range periods {
		if of.Key == string(m) {
			return measure, of, true
		}
	}
	return measure, plan.Period{}, false
}

// Status is how a unit's report on a month stands.
type Status string

// The statuses.
const (
	OnTime  Status = "on_time" // (按时报送) reported, never overdue
	Late    Status = "late"    // (逾期报送) reported, and was overdue
	Missing Status = "missing" // (逾期未报) not reported, and overdue
	Pending Status = "pending" // (待报送) not reported, not due yet
	Waived  Status = "waived"  // (免报) nobody has to report
	History Status = "history" // (补录) due before the as-of date: kept as a record
)

// StatusOf returns how a report stands at the business instant now. What was returned was reported; what is suspended is not late.
func StatusOf(s obligation.Standing, r statistics.Reported, now time.Time) Status {
	late := s.WasOverdue || s.IsOverdue(now)
	switch {
	case s.Stage == obligation.StageWaived:
		return Waived
	case s.Stage == obligation.StageHistory:
		return History
	case !r.At.IsZero() && late:
		return Late
	case !r.At.IsZero():
		return OnTime
	case late:
		return Missing
	default:
		return Pending
	}
}

// Counts are how many reports on a month stand how.
type Counts struct {
	Units    int `json:"units"`    // that have to report: neither waived nor history
	Reported int `json:"reported"` // OnTime and Late
	OnTime   int `json:"onTime"`
	Late     int `json:"late"`
	Zero     int `json:"zero"`     // of Reported: that there is nothing to tell
	Returned int `json:"returned"` // of Reported: back with the unit
	Missing  int `json:"missing"`
	Pending  int `json:"pending"`
	Waived   int `json:"waived"`
	History  int `json:"history"`
}

// Add counts one report.
func (c *Counts) Add(s obligation.Standing, r statistics.Reported, now time.Time) {
	status := StatusOf(s, r, now)
	switch status {
	case OnTime:
		c.OnTime++
	case Late:
		c.Late++
	case Missing:
		c.Missing++
	case Pending:
		c.Pending++
	case Waived:
		c.Waived++
		return
	case History:
		c.History++
		return
	}
	c.Units++
	if status != OnTime && status != Late {
		return
	}
	c.Reported++
	if r.Zero {
		c.Zero++
	}
	if s.Stage == obligation.StageReturned {
		c.Returned++
	}
}

// Tally is how the reports on one month stand.
type Tally struct {
	Month Month
	Due   calendar.Date // by the plan
	Counts
}

// Months returns how the reports on all months stand that have been opened, the latest first.
func Months(cases []statistics.Case, d obligation.Definition, now time.Time) []Tally {
	counts := map[string]*Counts{}
	for i := range cases {
		c := &cases[i]
		if c.Report == nil {
			continue
		}
		if counts[c.Report.Period] == nil {
			counts[c.Report.Period] = &Counts{}
		}
		counts[c.Report.Period].Add(c.Standing, *c.Report, now)
	}
	out := []Tally{}
	measure, ok := d.Plan.Monthly()
	if !ok {
		return out
	}
	periods, err := d.Plan.Periods(measure)
	if err != nil {
		return out // the loader lets no such plan in
	}
	for _, p := range slices.Backward(periods) {
		if c := counts[p.Key]; c != nil {
			out = append(out, Tally{Month(p.Key), p.Due, *c})
		}
	}
	return out
}
