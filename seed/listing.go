package seed

import (
	"slices"

	"duban/calendar"
	"duban/plan"
)

// Listing is a plan with everything that follows from it worked out: what `duban seed show --json` prints. Lists in
// it are never null.
type Listing struct {
	Plan     ListedPlan      `json:"plan"`
	Actions  []plan.Action   `json:"actions"`
	Tasks    []plan.Task     `json:"tasks"`
	Measures []ListedMeasure `json:"measures"`
	Units    []ListedUnit    `json:"units"`
}

// ListedPlan is the plan's head.
type ListedPlan struct {
	Code        string           `json:"code"`
	Number      string           `json:"number"`
	Title       string           `json:"title"`
	Issuer      string           `json:"issuer"`
	Issued      calendar.Date    `json:"issued"`
	From        calendar.Date    `json:"from"`
	To          calendar.Date    `json:"to"`
	Zone        string           `json:"zone"`
	RestDayRule plan.RestDayRule `json:"restDayRule"`
}

// ListedMeasure is a measure with its due dates and the units it falls to.
type ListedMeasure struct {
	Code     string         `json:"code"`
	Task     string         `json:"task"`
	Title    string         `json:"title"`
	Quote    string         `json:"quote"`
	Schedule ListedSchedule `json:"schedule"`
	Audience ListedAudience `json:"audience"`
	Units    []string       `json:"units"` // codes, in the plan's order, of all that answer for at least one period
	Done     string         `json:"done"`
	Ladder   string         `json:"ladder"` // "" for the plan's default
	Inferred []string       `json:"inferred"`
	Note     string         `json:"note"`
	Source   string         `json:"source,omitempty"` // the annual list that it was taken from
	Lead     []string       `json:"lead,omitempty"`   // where a list names them
}

// ListedSchedule is a schedule with all its periods. From and To are the days on which it begins and ends to bind,
// also where the measure itself names none.
type ListedSchedule struct {
	Kind    plan.ScheduleKind `json:"kind"`
	Due     []calendar.Date   `json:"due"` // of every period
	Cron    string            `json:"cron"`
	Names   plan.CronNames    `json:"names"`
	From    calendar.Date     `json:"from"`
	To      calendar.Date     `json:"to"`
	Periods []ListedPeriod    `json:"periods"`
}

// ListedPeriod is a period and whether it fell due before the plan was issued.
type ListedPeriod struct {
	plan.Period
	BeforeIssue bool `json:"beforeIssue"`
}

// ListedAudience is an audience as it is written.
type ListedAudience struct {
	Kinds  []plan.UnitKind `json:"kinds"`
	Tags   []string        `json:"tags"`
	Units  []string        `json:"units"`
	Except []string        `json:"except"`
}

// ListedUnit is a unit without its contacts, which are nobody's business but the office's.
type ListedUnit struct {
	Code    string        `json:"code"`
	Name    string        `json:"name"`
	Kind    plan.UnitKind `json:"kind"`
	Tags    []string      `json:"tags"`
	Aliases []string      `json:"aliases"`
	From    calendar.Date `json:"from,omitzero"`
	To      calendar.Date `json:"to,omitzero"`
}

// List works out everything that follows from a plan by the calendar: what it exempts is left out. The error is a plan.Fault where a schedule can't be expanded,
// which Validate would have found.
func List(p *plan.Plan, cal *calendar.Calendar) (*Listing, error) {
	l := &Listing{
		Plan:    ListedPlan{p.Code, p.Number, p.Title, p.Issuer, p.Issued, p.From, p.To, p.Zone, p.RestDayRule},
		Actions: listed(p.Actions),
		Tasks:   listed(p.Tasks), Measures: []ListedMeasure{}, Units: []ListedUnit{},
	}
	for i := range l.Tasks {
		l.Tasks[i].Lead = listed(l.Tasks[i].Lead)
	}
	for _, m := range p.Measures {
		measure, err := listMeasure(p, m, cal)
		if err != nil {
			return nil, err
		}
		l.Measures = append(l.Measures, measure)
	}
	for _, u := range p.Units {
		l.Units = append(l.Units, ListedUnit{u.Code, u.Name, u.Kind, listed(u.Tags), listed(u.Aliases), u.From, u.To})
	}
	return l, nil
}

func listMeasure(p *plan.Plan, m plan.Measure, cal *calendar.Calendar) (ListedMeasure, error) {
	periods, err := p.Binding(m, cal)
	if err != nil {
		return ListedMeasure{}, err
	}
	a, s := m.Audience, m.Schedule
	from, to := p.Span(s)
	out := ListedMeasure{
		Code: m.Code, Task: m.Task, Title: m.Title, Quote: m.Quote, Done: m.Done, Ladder: m.Ladder, Note: m.Note, Source: m.Source, Lead: m.Lead,
		Schedule: ListedSchedule{Kind: s.Kind, Due: []calendar.Date{}, Cron: s.Cron, Names: s.Names, From: from, To: to, Periods: []ListedPeriod{}},
		Audience: ListedAudience{listed(a.Kinds), listed(a.Tags), listed(a.Units), listed(a.Except)},
		Inferred: listed(m.Inferred), Units: []string{},
	}
	for _, period := range periods {
		out.Schedule.Due = append(out.Schedule.Due, period.Due)
		out.Schedule.Periods = append(out.Schedule.Periods, ListedPeriod{period, p.BeforeIssue(period.Due)})
	}
	for _, u := range p.Units {
		if a.Selects(u) && slices.ContainsFunc(periods, func(period plan.Period) bool { return u.ValidOn(period.Start) }) {
			out.Units = append(out.Units, u.Code)
		}
	}
	return out, nil
}

// listed copies a list; the copy is empty where the list is nil.
func listed[T any](list []T) []T { return append([]T{}, list...) }
