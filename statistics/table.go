package statistics

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// Key is what the rows of a table stand for.
type Key string

// The keys.
const (
	ByAction  Key = "action"
	ByTask    Key = "task"
	ByUnit    Key = "unit"
	ByYear    Key = "year"
	ByQuarter Key = "quarter"
	ByMonth   Key = "month"
)

// Scope bounds figures to what falls due in a year, or in a half, a quarter or a month of it; zero fields bound nothing.
type Scope struct {
	Year    int
	Half    int // 1 or 2; of these three at most one
	Quarter int // 1 to 4
	Month   int // 1 to 12
}

// Holds reports whether what is due on the day is in the scope.
func (s Scope) Holds(due calendar.Date) bool {
	year, month, _ := due.Civil()
	return (s.Year == 0 || year == s.Year) && (s.Half == 0 || int(month+5)/6 == s.Half) && (s.Quarter == 0 || int(month+2)/3 == s.Quarter) &&
		(s.Month == 0 || int(month) == s.Month)
}

// Last returns the last day of the scope; zero where no year bounds it.
func (s Scope) Last() calendar.Date {
	month := 12
	switch {
	case s.Year == 0:
		return 0
	case s.Half > 0:
		month = 6 * s.Half
	case s.Quarter > 0:
		month = 3 * s.Quarter
	case s.Month > 0:
		month = s.Month
	}
	return calendar.NewDate(s.Year, time.Month(month+1), 1) - 1
}

// Row is how the obligations of one key stand, or those of a whole scope.
type Row struct {
	Key  string `json:"key"`
	Name string `json:"name"`

	Total   int `json:"total"`   // all, waived ones and history included
	Counted int `json:"counted"` // those that count for or against their units
	Closed  int `json:"closed"`  // accepted
	OnTime  int `json:"onTime"`  // of them, without ever having been overdue
	Late    int `json:"late"`    // of them, the others
	Open    int `json:"open"`
	Overdue int `json:"overdue"` // of them, late by now
	Waived  int `json:"waived"`
	History int `json:"history"`

	Completion float64 `json:"completion"` // (完成率) Closed of Counted, from 0 to 1; 0 where there is none
	Rate       float64 `json:"rate"`       // (按时率) OnTime of Closed and Overdue, from 0 to 1; 0 where there is none

	Reached [len(Rungs)]int  `json:"reached"` // how often each of Rungs reached a unit
	Times   [len(Works)]Time `json:"times"`   // in the order of Works
}

// Keys are all keys, in the order in which people are shown the tables.
var Keys = [...]Key{ByAction, ByTask, ByUnit, ByYear, ByQuarter, ByMonth}

// Figures are everything that is told of a scope. The same cases, definition and instant give the same figures, and the same
// bytes as JSON.
type Figures struct {
	Scope  Scope     `json:"scope"`
	Now    time.Time `json:"now"` // as of which
	Total  Row       `json:"total"`
	Tables []Table   `json:"tables"` // in the order of Keys
}

// Table is the figures by one key: actions, tasks and units in the plan's order, what it does not have (any more) after them, and
// times one after another. There is no row for what has no case.
type Table struct {
	By   Key   `json:"by"`
	Rows []Row `json:"rows"`
}

// By returns the rows of one key's table.
func (f Figures) By(k Key) []Row {
	for _, t := range f.Tables {
		if t.By == k {
			return t.Rows
		}
	}
	return nil
}

// Compute returns the figures of the cases that the scope holds, as of the business instant now.
func Compute(cases []Case, d obligation.Definition, s Scope, now time.Time) Figures {
	names := namesOf(d)
	total, groups := &group{}, map[Key]map[string]*group{}
	for _, k := range Keys {
		groups[k] = map[string]*group{}
	}
	for i := range cases {
		c := &cases[i]
		if !s.Holds(c.Due) {
			continue
		}
		total.add(c, now)
		for _, k := range Keys {
			key := names.key(c, k)
			g := groups[k][key]
			if g == nil {
				g = &group{place: names.place(k, key), name: names.name(k, key, c)}
				groups[k][key] = g
			}
			g.add(c, now)
		}
	}
	out := Figures{Scope: s, Now: now, Total: total.row("", s.Chinese())}
	for _, k := range Keys {
		out.Tables = append(out.Tables, Table{k, rows(groups[k])})
	}
	return out
}

func rows(groups map[string]*group) []Row {
	keys := slices.SortedFunc(maps.Keys(groups), func(a, b string) int {
		return cmp.Or(groups[a].place-groups[b].place, strings.Compare(a, b))
	})
	out := make([]Row, 0, len(keys))
	for _, key := range keys {
		out = append(out, groups[key].row(key, groups[key].name))
	}
	return out
}

// group is what is counted together.
type group struct {
	place   int
	name    string
	tally   obligation.Tally
	reached [len(Rungs)]int
	took    [len(Works)][]time.Duration
}

func (g *group) add(c *Case, now time.Time) {
	g.tally.Add(c.Standing, 1, now, now)
	for i, n := range c.Reached {
		g.reached[i] += n
	}
	for _, t := range c.Took {
		i := slices.Index(Works[:], t.Work)
		g.took[i] = append(g.took[i], t.Time)
	}
}

func (g *group) row(key, name string) Row {
	t := g.tally
	out := Row{
		Key: key, Name: name, Total: t.Total, Counted: t.Counted(), Closed: t.Closed, OnTime: t.OnTime(), Late: t.Late, Open: t.Open(), Overdue: t.Overdue,
		Waived: t.Waived, History: t.History, Rate: t.Rate(), Reached: g.reached,
	}
	if out.Counted > 0 {
		out.Completion = float64(out.Closed) / float64(out.Counted)
	}
	for i, w := range Works {
		out.Times[i] = timeOf(w, g.took[i])
	}
	return out
}

// names are what a plan calls its actions, tasks and units, in its order.
type names struct {
	tasks, units, actions map[string]named
	actionOf              map[string]string // by task
	times                 map[calendar.Date]spell
}

// spell is the keys of a due date: thousands of obligations share one.
type spell struct{ year, quarter, month string }

type named struct {
	place int
	name  string
}

func namesOf(d obligation.Definition) names {
	n := names{tasks: map[string]named{}, units: map[string]named{}, actions: map[string]named{}, actionOf: map[string]string{}, times: map[calendar.Date]spell{}}
	for i, a := range d.Plan.Actions {
		n.actions[actionKey(a.Number)] = named{i, fmt.Sprintf(textAction, a.Number, a.Title)}
	}
	n.actions[actionKey(0)] = named{len(d.Plan.Actions), textNoAction}
	for i, t := range d.Plan.Tasks {
		n.tasks[t.Code] = named{i, fmt.Sprintf(textTask, t.Code, t.Title)}
		n.actionOf[t.Code] = actionKey(t.Action)
	}
	for i, u := range d.Plan.Units {
		n.units[u.Code] = named{i, u.Name}
	}
	return n
}

func actionKey(number int) string { return fmt.Sprint(number) }

func (n names) key(c *Case, by Key) string {
	switch by {
	case ByAction:
		return cmp.Or(n.actionOf[c.Task], actionKey(0))
	case ByTask:
		return c.Task
	case ByUnit:
		return c.Unit
	case ByYear:
		return n.spell(c.Due).year
	case ByQuarter:
		return n.spell(c.Due).quarter
	case ByMonth:
	}
	return n.spell(c.Due).month
}

func (n names) spell(due calendar.Date) spell {
	if known, ok := n.times[due]; ok {
		return known
	}
	year, month, _ := due.Civil()
	out := spell{fmt.Sprint(year), fmt.Sprintf("%dQ%d", year, (month+2)/3), fmt.Sprintf("%d-%02d", year, month)}
	n.times[due] = out
	return out
}

func (n names) of(by Key) map[string]named {
	switch by {
	case ByAction:
		return n.actions
	case ByTask:
		return n.tasks
	case ByUnit:
		return n.units
	case ByYear, ByQuarter, ByMonth:
	}
	return nil
}

// place orders rows: what the plan has no place for comes last, and what is no part of it goes by its key.
func (n names) place(by Key, key string) int {
	of := n.of(by)
	if of == nil {
		return 0
	}
	if found, ok := of[key]; ok {
		return found.place
	}
	return len(of)
}

func (n names) name(by Key, key string, c *Case) string {
	if found, ok := n.of(by)[key]; ok {
		return found.name
	}
	year, month, _ := c.Due.Civil()
	switch by {
	case ByUnit:
		return c.UnitName
	case ByYear:
		return fmt.Sprintf(textYear, year)
	case ByQuarter:
		return fmt.Sprintf(textQuarter, year, (month+2)/3)
	case ByMonth:
		return fmt.Sprintf(textMonth, year, int(month))
	case ByAction, ByTask:
	}
	return key
}
