package obligation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"duban/calendar"
	"duban/plan"
)

// Amendment (方案调整) changes what a plan runs by, on purpose and in the middle of it. What is left out stays.
type Amendment struct {
	Years    map[int]calendar.Year `json:"years,omitempty"` // holidays, by year
	Units    []UnitChange          `json:"units,omitempty"`
	Measures []MeasureChange       `json:"measures,omitempty"`
	// Ladders take the place of those of the same code, each as a whole; those of another code are added. What runs by one that
	// changes is re-armed.
	Ladders []Ladder `json:"ladders,omitempty"`
	// RemoveLadders are codes. Neither the default nor one that a measure still names can be removed.
	RemoveLadders []string `json:"removeLadders,omitempty"`
}

// IsZero reports whether the amendment changes nothing.
func (a Amendment) IsZero() bool {
	return len(a.Years)+len(a.Units)+len(a.Measures)+len(a.Ladders)+len(a.RemoveLadders) == 0
}

// UnitChange changes a unit, or adds one. A unit that gets another name keeps the one before as an alias.
type UnitChange struct {
	Code     string          `json:"code"`
	New      bool            `json:"new,omitempty"`
	Name     *string         `json:"name,omitempty"`
	Kind     *plan.UnitKind  `json:"kind,omitempty"`
	Tags     *[]string       `json:"tags,omitempty"`
	Aliases  *[]string       `json:"aliases,omitempty"`
	From     *calendar.Date  `json:"from,omitempty"`
	To       *calendar.Date  `json:"to,omitempty"` // last day
	Contacts *[]plan.Contact `json:"contacts,omitempty"`
	// Into is the unit that takes its place after the last day (撤并): it stands in for it wherever a measure or a task names it.
	Into string `json:"into,omitempty"`
}

// MeasureChange changes a measure, or withdraws it.
type MeasureChange struct {
	Code     string           `json:"code"`
	Withdraw bool             `json:"withdraw,omitempty"`
	Title    *string          `json:"title,omitempty"`
	Done     *string          `json:"done,omitempty"`
	Ladder   *string          `json:"ladder,omitempty"` // code; "" for the plan's default
	Due      *[]calendar.Date `json:"due,omitempty"`    // of a milestone: see plan.Schedule.WithDue
	From     *calendar.Date   `json:"from,omitempty"`   // first day of one that recurs or continues: periods before it are none
	Audience *plan.Audience   `json:"audience,omitempty"`
}

// AmendFaults are why an amendment can't be made, one Chinese line each.
type AmendFaults []string

// Error implements error.
func (f AmendFaults) Error() string { return strings.Join(f, "\n") }

// Amend returns the definition as the amendment leaves it. d stays as it is. The error is AmendFaults, all at once.
func (d Definition) Amend(a Amendment) (Definition, error) {
	m := &amending{d: d}
	m.d.Plan.Units, m.d.Plan.Measures = slices.Clone(d.Plan.Units), slices.Clone(d.Plan.Measures)
	if a.IsZero() {
		return d, AmendFaults{amendNothing}
	}
	m.ladders(a.Ladders)
	for _, c := range a.Units {
		m.unit(c)
	}
	for _, c := range a.Units {
		if c.Into != "" {
			m.merge(c)
		}
	}
	for _, c := range a.Measures {
		m.measure(c)
	}
	m.removeLadders(a.RemoveLadders)
	m.calendar(a.Years)
	if len(m.faults) == 0 {
		for _, f := range m.d.Plan.Validate() {
			m.faults = append(m.faults, f.Message)
		}
	}
	if len(m.faults) > 0 {
		return d, m.faults
	}
	return m.d, nil
}

type amending struct {
	d      Definition
	faults AmendFaults
}

func (m *amending) fault(format string, args ...any) {
	m.faults = append(m.faults, fmt.Sprintf(format, args...))
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func (m *amending) unit(c UnitChange) {
	units := m.d.Plan.Units
	i := slices.IndexFunc(units, func(u plan.Unit) bool { return u.Code == c.Code })
	switch {
	case c.New && i >= 0:
		m.fault(amendUnitTaken, c.Code)
		return
	case c.New:
		m.d.Plan.Units = append(m.d.Plan.Units, plan.Unit{Code: c.Code, Tags: []string{}, Aliases: []string{}})
		i = len(units)
	case i < 0:
		m.fault(amendNoUnit, c.Code)
		return
	}
	if !c.New && c.Contacts != nil && len(*c.Contacts) == 0 {
		// The letters would go on to those before: contacts are replaced, never left without any.
		m.fault(amendNoContact, m.d.Plan.Units[i].Name)
		return
	}
	u := &m.d.Plan.Units[i]
	before := u.Name
	set(&u.Name, c.Name)
	set(&u.Kind, c.Kind)
	set(&u.Tags, c.Tags)
	set(&u.Aliases, c.Aliases)
	set(&u.From, c.From)
	set(&u.To, c.To)
	set(&u.Contacts, c.Contacts)
	if !c.New && before != u.Name && !slices.Contains(u.Aliases, before) {
		u.Aliases = append(slices.Clone(u.Aliases), before)
	}
	u.Aliases = slices.DeleteFunc(slices.Clone(u.Aliases), func(a string) bool { return a == u.Name })
}

// merge lets another unit take the place of one that ends.
func (m *amending) merge(c UnitChange) {
	old, _ := m.d.Plan.Unit(c.Code)
	if _, ok := m.d.Plan.Unit(c.Into); !ok || c.Into == c.Code {
		m.fault(amendNoUnit, c.Into)
		return
	}
	if old.To.IsZero() {
		m.fault(amendNoEnd, old.Name)
		return
	}
	for i := range m.d.Plan.Units {
		if m.d.Plan.Units[i].Code == c.Code {
			m.d.Plan.Units[i].Into = c.Into
		}
	}
	for i := range m.d.Plan.Measures {
		a := &m.d.Plan.Measures[i].Audience
		if slices.Contains(a.Units, c.Code) && !slices.Contains(a.Units, c.Into) {
			a.Units = append(slices.Clone(a.Units), c.Into)
		}
	}
	for i := range m.d.Plan.Tasks {
		t := &m.d.Plan.Tasks[i]
		if slices.Contains(t.Lead, c.Code) && !slices.Contains(t.Lead, c.Into) {
			m.d.Plan.Tasks = slices.Clone(m.d.Plan.Tasks)
			t = &m.d.Plan.Tasks[i]
			t.Lead = append(slices.Clone(t.Lead), c.Into)
		}
	}
}

func (m *amending) measure(c MeasureChange) {
	i := slices.IndexFunc(m.d.Plan.Measures, func(v plan.Measure) bool { return v.Code == c.Code })
	if i < 0 {
		m.fault(amendNoMeasure, c.Code)
		return
	}
	if c.Withdraw {
		m.d.Plan.Measures = slices.Delete(m.d.Plan.Measures, i, i+1)
		return
	}
	v := &m.d.Plan.Measures[i]
	set(&v.Title, c.Title)
	set(&v.Done, c.Done)
	set(&v.Audience, c.Audience)
	if c.Ladder != nil {
		if *c.Ladder != "" && !slices.ContainsFunc(m.d.Ladders, func(l Ladder) bool { return l.Code == *c.Ladder }) {
			m.fault(amendNoLadder, *c.Ladder)
			return
		}
		v.Ladder = *c.Ladder
	}
	if c.From != nil {
		if v.Schedule.Kind == plan.Milestone {
			m.fault(amendNoRecurrence, v.Code)
			return
		}
		v.Schedule.From = *c.From
	}
	if c.Due == nil {
		return
	}
	if v.Schedule.Kind != plan.Milestone {
		m.fault(amendNoMilestone, v.Code)
		return
	}
	v.Schedule = v.Schedule.WithDue(*c.Due)
}

func (m *amending) ladders(put []Ladder) {
	m.d.Ladders = slices.Clone(m.d.Ladders)
	for i, l := range put {
		of := func(other Ladder) bool { return other.Code == l.Code }
		if slices.ContainsFunc(put[:i], of) {
			m.fault(amendLadderTwice, l.Code)
			continue
		}
		for _, err := range l.Validate() {
			m.fault("%s", err)
		}
		if at := slices.IndexFunc(m.d.Ladders, of); at >= 0 {
			m.d.Ladders[at] = l
		} else {
			m.d.Ladders = append(m.d.Ladders, l)
		}
	}
}

// removeLadders comes after the measures: one that they have left can go in the same amendment.
func (m *amending) removeLadders(codes []string) {
	for _, code := range codes {
		at := slices.IndexFunc(m.d.Ladders, func(l Ladder) bool { return l.Code == code })
		var users []string
		for _, v := range m.d.Plan.Measures {
			if v.Ladder == code {
				users = append(users, v.Code)
			}
		}
		switch {
		case at < 0:
			m.fault(amendNoLadder, code)
		case at == 0:
			m.fault(amendDefaultLadder, code)
		case len(users) > 0:
			m.fault(amendLadderUsed, code, strings.Join(users, "、"))
		default:
			m.d.Ladders = slices.Delete(m.d.Ladders, at, at+1)
		}
	}
}

func (m *amending) calendar(years map[int]calendar.Year) {
	if len(years) == 0 {
		return
	}
	all, version := map[int]calendar.Year{}, 1
	if c := m.d.Calendar; c != nil {
		version = c.Version() + 1
		for _, n := range c.Years() {
			all[n] = c.Year(n)
		}
	}
	before := maps.Clone(all)
	maps.Copy(all, years)
	if m.d.Calendar != nil && maps.EqualFunc(before, all, sameYear) {
		return // another version would have every date counted again
	}
	c, err := calendar.NewCalendar(version, all)
	if err != nil {
		m.fault("%s", err.Error())
		return
	}
	m.d.Calendar = c
}

func sameYear(a, b calendar.Year) bool { return slices.Equal(a.Off, b.Off) && slices.Equal(a.On, b.On) }
