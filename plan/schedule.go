package plan

import (
	"slices"

	"duban/calendar"
)

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

// Exemption says which periods of a recurring schedule bind nobody.
type Exemption string

// ExemptRestWeeks exempts what has no working day from its first day to its last: a week that is all holidays.
const ExemptRestWeeks Exemption = "restweeks"

// Exempts reports whether nobody is bound in the period, by the calendar. A provisional year has working days in every week.
func (s Schedule) Exempts(p Period, cal *calendar.Calendar) bool {
	return s.Exempt == ExemptRestWeeks && cal != nil && cal.WorkdaysBetween(p.Start, p.Due) == 0
}

// Schedule says when a measure is due. Cron is a standard five-field expression in the plan's zone.
type Schedule struct {
	Kind  ScheduleKind    `json:"kind" yaml:"kind"`
	Due   []calendar.Date `json:"due,omitempty" yaml:"due"`     // milestone: the due dates, ascending
	Cron  string          `json:"cron,omitempty" yaml:"cron"`   // recurring only
	Names CronNames       `json:"names,omitempty" yaml:"names"` // recurring only
	From  calendar.Date   `json:"from,omitzero" yaml:"from"`    // first day; none: see Plan.Span
	To    calendar.Date   `json:"to,omitzero" yaml:"to"`        // last day; none: the last day of the plan's period

	Exempt Exemption `json:"exempt,omitempty" yaml:"exempt"` // recurring only

	// Numbers tell a milestone's periods apart where due dates came or went since the plan was begun: one for each of Due, in its
	// order. None: 1, 2, 3… Given is the highest that was ever given; none is given twice.
	Numbers []int `json:"numbers,omitempty" yaml:"numbers"`
	Given   int   `json:"given,omitempty" yaml:"given"`
}

// WithDue returns a milestone's schedule with other due dates. As many as before are the same periods, moved. Where it is more or
// fewer, a date that stays keeps its period, one that is new gets a period of its own, and the period of one that is not
// there any more is gone for good.
func (s Schedule) WithDue(due []calendar.Date) Schedule {
	if len(due) == len(s.Due) {
		s.Due = slices.Clone(due)
		return s
	}
	before, given, whole := s.numbers(), max(s.Given, len(s.Due)), true
	numbers := make([]int, len(due))
	for i, d := range due {
		if at := slices.Index(s.Due, d); at >= 0 {
			numbers[i] = before[at]
		} else {
			given++
			numbers[i] = given
		}
		whole = whole && numbers[i] == i+1
	}
	s.Due, s.Numbers, s.Given = slices.Clone(due), numbers, given
	if whole && given == len(due) {
		s.Numbers, s.Given = nil, 0
	}
	return s
}

// soundNumbers reports whether the numbers tell the due dates apart, and will tell those to come from all before.
func (s Schedule) soundNumbers() bool {
	if len(s.Numbers) == 0 {
		return s.Given == 0
	}
	for i, n := range s.Numbers {
		if n < 1 || n > s.Given || slices.Contains(s.Numbers[:i], n) {
			return false
		}
	}
	return len(s.Numbers) == len(s.Due)
}

// numbers returns the number of each due date.
func (s Schedule) numbers() []int {
	if len(s.Numbers) > 0 {
		return s.Numbers
	}
	numbers := make([]int, len(s.Due))
	for i := range numbers {
		numbers[i] = i + 1
	}
	return numbers
}
