package plan

import "duban/calendar"

// ScheduleKind says how due dates follow from a schedule.
type ScheduleKind string

const (
	// Milestone has one or more fixed due dates.
	Milestone ScheduleKind = "milestone"
	// Recurring repeats by a cron expression.
	Recurring ScheduleKind = "recurring"
	// Continuous (持续推进、长期坚持) has no date of its own: it is accounted for at each half-yearly checkpoint.
	Continuous ScheduleKind = "continuous"
)

// CronNames says what the days of a cron expression are.
type CronNames string

const (
	// CronDue means that the cron expression names due days: each period ends on one, the next begins the day after.
	CronDue CronNames = "due"
	// CronStart means that it names first days of periods: each period is due on the day before the next begins.
	CronStart CronNames = "start"
)

// Schedule says when a measure is due. Cron is a standard five-field expression in the plan's zone.
type Schedule struct {
	Kind  ScheduleKind    `json:"kind" yaml:"kind"`
	Due   []calendar.Date `json:"due,omitempty" yaml:"due"`     // milestone: the due dates, ascending
	Cron  string          `json:"cron,omitempty" yaml:"cron"`   // recurring only
	Names CronNames       `json:"names,omitempty" yaml:"names"` // recurring only
	From  calendar.Date   `json:"from,omitzero" yaml:"from"`    // first day; none: see Plan.Span
	To    calendar.Date   `json:"to,omitzero" yaml:"to"`        // last day; none: the last day of the plan's period
}
