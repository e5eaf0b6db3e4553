package obligation

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"duban/calendar"
	"duban/plan"
)

// Slot is one period of one measure, with the business instant at which its obligations open: the beginning of the
// period at the time of day at which steps are taken. An instant that is past means at once.
type Slot struct {
	Measure plan.Measure
	Period  plan.Period
	At      time.Time
}

// Key returns "measure/period", unique within a plan.
func (s Slot) Key() string { return s.Measure.Code + "/" + s.Period.Key }

// Agenda returns every period of every measure of the task, or of the whole plan where task is "", in the order in
// which they open. at is the time of day, from midnight in the plan's zone. The error is a fault of the schedule.
func (d Definition) Agenda(task string, at time.Duration) ([]Slot, error) {
	var slots []Slot
	loc := Location(d.Plan.Zone)
	for _, m := range d.Plan.Measures {
		if task != "" && m.Task != task {
			continue
		}
		periods, err := d.Periods(m)
		if err != nil {
			return nil, err
		}
		for _, p := range periods {
			slots = append(slots, Slot{Measure: m, Period: p, At: p.Start.At(at, loc)})
		}
	}
	slices.SortStableFunc(slots, func(a, b Slot) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Period.Due, b.Period.Due)) })
	return slots, nil
}

// Openings returns the openings of a slot, one for each unit of its audience that is valid on the due date, in the
// plan's order. at is the time of day of the steps.
func (d Definition) Openings(s Slot, at time.Duration) []Opening {
	units := d.Plan.Resolve(s.Measure.Audience, s.Period.Due)
	policy := Policy{Ladder: d.LadderOf(s.Measure), Zone: d.Plan.Zone, RestDayRule: d.Plan.RestDayRule, At: at}
	start := calendar.Date(0)
	if s.Measure.Form == plan.FormInspection {
		start = s.Period.Start
	}
	out := make([]Opening, len(units))
	for i, u := range units {
		out[i] = Opening{
			Policy: policy, AsOf: d.AsOf,
			Facts: Facts{
				ID:   ID{Plan: d.Plan.Code, Measure: s.Measure.Code, Unit: u.Code, Period: s.Period.Key},
				Task: s.Measure.Task, PlanTitle: d.Plan.Title, Title: s.Measure.Title, Quote: s.Measure.Quote, Done: s.Measure.Done,
				UnitName: u.Name, Period: s.Period.Label, Due: s.Period.Due, BeforeIssue: d.Plan.BeforeIssue(s.Period.Due),
				Form: s.Measure.Form, Start: start,
			},
		}
	}
	return out
}

// Change is what a new definition does to a slot that is open: the openings of units that joined it, and of those
// whose facts or policy changed.
type Change struct {
	Joined  []Opening
	Rearmed []Opening
}

// Gone returns the openings of a slot of d that the definition after has no more: the measure was withdrawn, or the unit
// left its audience.
func (d Definition) Gone(after Definition, s Slot, at time.Duration) []Opening {
	stays := map[ID]bool{}
	for _, m := range after.Plan.Measures {
		if m.Code != s.Measure.Code {
			continue
		}
		periods, err := after.Periods(m)
		if err != nil {
			return nil // the loader lets no such definition in
		}
		for _, p := range periods {
			if p.Key != s.Period.Key {
				continue
			}
			for _, o := range after.Openings(Slot{Measure: m, Period: p}, at) {
				stays[o.Facts.ID] = true
			}
		}
	}
	return slices.DeleteFunc(d.Openings(s, at), func(o Opening) bool { return stays[o.Facts.ID] })
}

// Compare returns what the definition after changes in a slot of it, seen from d.
func (d Definition) Compare(after Definition, s Slot, at time.Duration) Change {
	known := map[ID]Opening{}
	for _, m := range d.Plan.Measures {
		if m.Code != s.Measure.Code {
			continue
		}
		periods, err := d.Periods(m)
		if err != nil {
			continue // it ran by this definition, so it had periods; a fault here only means that all is new
		}
		for _, p := range periods {
			if p.Key == s.Period.Key {
				for _, o := range d.Openings(Slot{Measure: m, Period: p}, at) {
					known[o.Facts.ID] = o
				}
			}
		}
	}
	var c Change
	for _, o := range after.Openings(s, at) {
		old, ok := known[o.Facts.ID]
		switch {
		case !ok:
			c.Joined = append(c.Joined, o)
		case !old.Facts.Same(o.Facts) || !reflect.DeepEqual(old.Policy, o.Policy) || d.Calendar.Version() != after.Calendar.Version():
			c.Rearmed = append(c.Rearmed, o)
		}
	}
	return c
}

// ForTask returns the definition with only the task, its measures and the units they fall to, as workflows need it.
func (d Definition) ForTask(task string) Definition {
	all := d.ForWorkflow()
	only := all
	only.Plan.Tasks, only.Plan.Measures, only.Plan.Units, only.Plan.Actions = nil, nil, nil, nil
	for _, t := range all.Plan.Tasks {
		if t.Code == task {
			only.Plan.Tasks = []plan.Task{t}
		}
	}
	for _, m := range all.Plan.Measures {
		if m.Task == task {
			only.Plan.Measures = append(only.Plan.Measures, m)
		}
	}
	for _, u := range all.Plan.Units {
		// Whoever reviews a hazard, and where it is, need not be among those whom the measure falls to.
		falls := func(m plan.Measure) bool { return m.Form == plan.FormHazard || m.Audience.Selects(u) }
		if slices.ContainsFunc(only.Plan.Measures, falls) {
			only.Plan.Units = append(only.Plan.Units, u)
		}
	}
	return only
}

// SameTask reports whether the task runs by the same definition in both: its measures, units, ladders and calendar.
func (d Definition) SameTask(other Definition, task string) bool {
	a, b := d.ForTask(task), other.ForTask(task)
	return reflect.DeepEqual(a.Plan, b.Plan) && reflect.DeepEqual(a.Ladders, b.Ladders) &&
		a.Calendar.Version() == b.Calendar.Version()
}

// ForWorkflow returns the definition without what workflows do not need: the wording of the tasks, aliases and contacts.
func (d Definition) ForWorkflow() Definition {
	d.Plan.Tasks, d.Plan.Units = slices.Clone(d.Plan.Tasks), slices.Clone(d.Plan.Units)
	for i := range d.Plan.Tasks {
		d.Plan.Tasks[i].Text = ""
	}
	for i := range d.Plan.Units {
		d.Plan.Units[i].Aliases, d.Plan.Units[i].Contacts = nil, nil
	}
	return d
}
