// Package plan describes one campaign: its actions and tasks, the measures that each task breaks down into, the
// units that answer for them, and the schedules from which periods and due dates follow. It is pure: it knows no
// clock, no database and no network.
package plan

import (
	"slices"
	"time"

	"duban/calendar"
)

// Plan (方案) is one campaign with everything that its document says.
type Plan struct {
	Code        string        `json:"code" yaml:"code"`     // stable identifier, part of workflow IDs: "changning-2024"
	Number      string        `json:"number" yaml:"number"` // the document's number: 长安委〔2024〕5号
	Title       string        `json:"title" yaml:"title"`
	Issuer      string        `json:"issuer" yaml:"issuer"`
	Issued      calendar.Date `json:"issued" yaml:"issued"`
	From        calendar.Date `json:"from" yaml:"from"` // first day of the period
	To          calendar.Date `json:"to" yaml:"to"`     // last day of the period
	Zone        string        `json:"zone" yaml:"zone"` // IANA name of the zone of all dates and cron expressions
	RestDayRule RestDayRule   `json:"restDayRule" yaml:"restDayRule"`
	Actions     []Action      `json:"actions" yaml:"actions"`
	Tasks       []Task        `json:"tasks" yaml:"-"`
	Measures    []Measure     `json:"measures" yaml:"-"`
	Units       []Unit        `json:"units" yaml:"-"`
}

// RestDayRule says when an obligation that falls due on a rest day becomes overdue.
type RestDayRule string

const (
	// RestDayNextDay makes it overdue on the next day, rest day or not.
	RestDayNextDay RestDayRule = "next_day"
	// RestDayNextWorkday leaves it the whole next working day.
	RestDayNextWorkday RestDayRule = "next_workday"
)

// Action (行动) is one of the plan's groups of tasks.
type Action struct {
	Number int    `json:"number" yaml:"number"`
	Title  string `json:"title" yaml:"title"`
}

// Task (任务) is one numbered duty of the plan: "1" to "30"; the safeguards are "S1" to "S6" and the overall goals
// with the division of work "G".
type Task struct {
	Code   string   `json:"code" yaml:"code"`
	Action int      `json:"action" yaml:"action"` // 0 for the safeguards and the goals
	Title  string   `json:"title" yaml:"title"`
	Text   string   `json:"text" yaml:"text"` // the whole wording, a paragraph a line, no other white space
	Lead   []string `json:"lead" yaml:"lead"` // codes of the lead units
}

// Measure (分项任务) is one thing to deliver: by whom, by when, and the phrase of the plan that says so.
type Measure struct {
	Code     string   `json:"code" yaml:"code"` // task code, dot, running number: "10.1"
	Task     string   `json:"task" yaml:"-"`
	Title    string   `json:"title" yaml:"title"`
	Quote    string   `json:"quote" yaml:"quote"` // exact phrase of the task's text; of the source's, where there is one
	Audience Audience `json:"audience" yaml:"audience"`
	Schedule Schedule `json:"schedule" yaml:"schedule"`
	Done     string   `json:"done" yaml:"done"`               // what counts as done
	Form     Form     `json:"form,omitempty" yaml:"form"`     // what its obligations are, where they are more than a report
	Ladder   string   `json:"ladder,omitempty" yaml:"ladder"` // code of its ladder; "" for the plan's default
	Inferred []string `json:"inferred" yaml:"inferred"`       // fields the document leaves open, to be confirmed by the office
	Note     string   `json:"note,omitempty" yaml:"note"`     // what was inferred and why
	// Source names what the measure was taken from where that is not the plan itself: an annual list (年度工作任务清单) and
	// its row. The quote is then the list's phrase and need not stand in the task's text.
	Source string   `json:"source,omitempty" yaml:"source"`
	Lead   []string `json:"lead,omitempty" yaml:"lead"` // codes of the lead units where a list names them; none: see Plan.LeadOf
}

// Form says what the obligations of a measure are, where people do more with them than report.
type Form string

// FormInspection (督导检查) makes each obligation an inspection: planned, recorded, and followed up finding by finding.
const FormInspection Form = "inspection"

// Location returns the plan's zone. Load it once and keep it: it reads the machine's or the program's time zone data.
// The error is a Fault.
func (p *Plan) Location() (*time.Location, error) {
	loc, faults := p.location()
	if len(faults) > 0 {
		return nil, faults[0]
	}
	return loc, nil
}

func (p *Plan) location() (*time.Location, []Fault) {
	if p.Zone == "" {
		return nil, []Fault{fault("zone", CodeMissing, "zone")}
	}
	loc, err := time.LoadLocation(p.Zone)
	// "Local" would be another zone on another machine.
	if err != nil || p.Zone == "Local" {
		return nil, []Fault{fault("zone", CodeUnknownZone, p.Zone)}
	}
	return loc, nil
}

// BeforeIssue reports whether the due date lies before the day the plan was issued. Such a date is kept and flagged,
// and never escalates (the document has one: 3月25日 before 4月19日).
func (p *Plan) BeforeIssue(due calendar.Date) bool { return due < p.Issued }

// Task returns the task of the code.
func (p *Plan) Task(code string) (Task, bool) {
	return find(p.Tasks, func(t Task) bool { return t.Code == code })
}

// Measure returns the measure of the code.
func (p *Plan) Measure(code string) (Measure, bool) {
	return find(p.Measures, func(m Measure) bool { return m.Code == code })
}

// LeadOf returns the codes of the units that lead the measure: those that a list names, else those of its task that the
// measure falls to.
func (p *Plan) LeadOf(m Measure) []string {
	if len(m.Lead) > 0 {
		return m.Lead
	}
	task, _ := p.Task(m.Task)
	var lead []string
	for _, code := range task.Lead {
		if u, ok := p.Unit(code); ok && m.Audience.Selects(u) {
			lead = append(lead, code)
		}
	}
	return lead
}

// Unit returns the unit of the code.
func (p *Plan) Unit(code string) (Unit, bool) {
	return find(p.Units, func(u Unit) bool { return u.Code == code })
}

// UnitNamed returns the unit that bears the name or alias; white space does not count.
func (p *Plan) UnitNamed(name string) (Unit, bool) {
	name = Squeeze(name)
	return find(p.Units, func(u Unit) bool {
		return name != "" && slices.ContainsFunc(u.names(), func(n string) bool { return Squeeze(n) == name })
	})
}

// MeasuresOf returns the measures of the task, in the plan's order.
func (p *Plan) MeasuresOf(task string) []Measure {
	var measures []Measure
	for _, m := range p.Measures {
		if m.Task == task {
			measures = append(measures, m)
		}
	}
	return measures
}

func find[T any](list []T, match func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, match); i >= 0 {
		return list[i], true
	}
	var none T
	return none, false
}
