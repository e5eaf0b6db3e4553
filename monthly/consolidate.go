package monthly

import (
	"slices"
	"strings"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/statistics"
)

// Entry is one unit's report on the month.
type Entry struct {
	ID       obligation.ID
	Unit     string // code
	Name     string
	Liaison  string // whoever has it to report; "": nobody is named
	Status   Status
	Zero     bool
	Stage    obligation.Stage
	Due      calendar.Date   // that holds now
	Reported time.Time       // the latest report; zero: there is none
	Rung     obligation.Rung // the highest that was reached; "": none
	Seq      int             // of the ledger
	// Report is what it says, with the lines on which the unit has written something; nil: it was not filled in by the form,
	// or there is none.
	Report *obligation.Report
}

// Row is how what one action or task asks for stands: what falls due in the month, and in the whole year.
type Row struct {
	Key, Name   string
	Month, Year statistics.Row
}

// Remark is what a unit has written on one matter of its list.
type Remark struct {
	Unit string // name
	obligation.ReportLine
}

// TaskRemarks are what units have written on the matters of one task.
type TaskRemarks struct {
	Task, Name string
	Remarks    []Remark
}

// Summary is the office's report on a month. Who has reported stands as of Now; how the list of tasks stands, as of Cut, by
// package statistics.
type Summary struct {
	Plan    plan.Plan
	Month   Month
	Period  plan.Period
	Now     time.Time
	Cut     time.Time // the end of the day on which the reports are due, or Now where that is earlier
	Counts  Counts
	Entries []Entry // in the plan's order of units
	Total   Row
	Actions []Row
	Tasks   []Row
	Remarks []TaskRemarks
}

// Figures are how what falls due in the month and in its whole year stands, as of the cut.
type Figures struct{ Month, Year statistics.Figures }

// Cut returns the instant that the list of tasks stands as of: the end of the day on which the month's report is due, or now.
func Cut(period plan.Period, loc *time.Location, now time.Time) time.Time {
	if end := period.Due.End(loc); end.Before(now) {
		return end
	}
	return now
}

// CutChinese returns the cut as people write it.
func (s *Summary) CutChinese() string {
	cut := s.Cut.In(obligation.Location(s.Plan.Zone))
	if cut.Before(s.Now) {
		return s.Period.Due.Chinese() + textMidnight
	}
	return cut.Format(instantLayout)
}

// Consolidate returns the report on the month of the period. views are its obligations.
func Consolidate(d obligation.Definition, period plan.Period, views []obligation.View, f Figures, now time.Time) Summary {
	loc := obligation.Location(d.Plan.Zone)
	out := Summary{Plan: d.Plan, Month: Month(period.Key), Period: period, Now: now, Cut: Cut(period, loc, now)}
	places := map[string]int{}
	for i, u := range d.Plan.Units {
		places[u.Code] = i - len(d.Plan.Units) // who is no more comes last
	}
	views = slices.Clone(views)
	slices.SortFunc(views, func(a, b obligation.View) int {
		if n := places[a.State.ID.Unit] - places[b.State.ID.Unit]; n != 0 {
			return n
		}
		return strings.Compare(a.State.ID.String(), b.State.ID.String())
	})
	for _, v := range views {
		e, reported := entryOf(&d.Plan, v, now)
		out.Counts.Add(v.Standing, reported, now)
		out.Entries = append(out.Entries, e)
	}
	out.Total = Row{Month: f.Month.Total, Year: f.Year.Total}
	out.Actions, out.Tasks = rows(f, statistics.ByAction), rows(f, statistics.ByTask)
	out.Remarks = remarks(out.Entries, out.Tasks)
	return out
}

func entryOf(p *plan.Plan, v obligation.View, now time.Time) (Entry, statistics.Reported) {
	s := v.State
	reported := statistics.Reported{Period: s.ID.Period, At: s.Submitted}
	if r := statistics.ReportOf(s); r != nil {
		reported = *r
	}
	e := Entry{
		ID: s.ID, Unit: s.ID.Unit, Name: s.UnitName, Liaison: s.Liaison, Status: StatusOf(v.Standing, reported, now), Zero: reported.Zero, Stage: s.Stage,
		Due: s.Due, Reported: s.Submitted, Rung: s.HighestRung(), Seq: s.Seq, Report: s.Report,
	}
	if u, ok := p.Unit(e.Unit); ok && e.Liaison == "" && len(u.Contacts) > 0 {
		e.Liaison = u.Contacts[0].Name
	}
	return e, reported
}

// rows puts month and year side by side, in the order of the year: whatever is due in the month is due in the year.
func rows(f Figures, by statistics.Key) []Row {
	months := map[string]statistics.Row{}
	for _, r := range f.Month.By(by) {
		months[r.Key] = r
	}
	var out []Row
	for _, r := range f.Year.By(by) {
		out = append(out, Row{Key: r.Key, Name: r.Name, Month: months[r.Key], Year: r})
	}
	return out
}

// remarks gathers what units have written on matters by task, in the order of the tasks' rows; what is in none of them follows.
func remarks(entries []Entry, tasks []Row) []TaskRemarks {
	var out []TaskRemarks
	at := map[string]int{}
	for _, t := range tasks {
		at[t.Key] = len(out)
		out = append(out, TaskRemarks{Task: t.Key, Name: t.Name})
	}
	for _, e := range entries {
		if e.Report == nil {
			continue
		}
		for _, l := range e.Report.Lines {
			i, known := at[l.Task]
			if !known {
				i, at[l.Task] = len(out), len(out)
				out = append(out, TaskRemarks{Task: l.Task, Name: l.Task})
			}
			out[i].Remarks = append(out[i].Remarks, Remark{e.Name, l})
		}
	}
	return slices.DeleteFunc(out, func(t TaskRemarks) bool { return len(t.Remarks) == 0 })
}

// Of returns the entries of some statuses.
func (s *Summary) Of(statuses ...Status) []Entry {
	var out []Entry
	for _, e := range s.Entries {
		if slices.Contains(statuses, e.Status) {
			out = append(out, e)
		}
	}
	return out
}
