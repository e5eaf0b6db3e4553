package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"duban/calendar"
)

// Period is one instance of a measure's schedule.
type Period struct {
	Key   string        `json:"key"`   // unique within the measure, part of obligation IDs: "1", "2024-05", "2024Q2", "2024H1", "2024W18", "2024"
	Label string        `json:"label"` // for people: "2024年第二季度"
	Start calendar.Date `json:"start"` // the day it opens
	Due   calendar.Date `json:"due"`
}

// MaxPeriods bounds the periods of one measure: a weekly duty over seven years fits, a daily one over three does not.
const MaxPeriods = 400

// Periods returns every period of the measure's schedule within the plan's period, ascending by due date. The same
// plan and measure always give the same periods, so workflows may call it; the work is done per measure, not per
// unit, so call it once and use the result for all units.
//
// A milestone has one period for each due date, all of which open together. A recurring measure has one for each
// day its cron expression names:
//   - CronDue: each period ends on a named day and the next begins the day after. The days that remain between the
//     last named day and the end form no period, for the document names no day on which they would be due.
//   - CronStart: each period is due on the day before the next begins. The period that runs when the schedule
//     begins starts on the schedule's first day, and the one that runs when it ends is due on its last day: the
//     duty binds within them too ("每周组织一次" holds in the last, short week).
//
// A continuous measure has one for each half-year that its schedule touches since the plan was issued, due on
// 30 June and 31 December, the last one cut at the schedule's end.
//
// Cron expressions name civil days; they are the same in whatever zone the plan is, so none is loaded here.
//
// The error is a Fault whose path is relative to the measure ("schedule.cron").
func (p *Plan) Periods(m Measure) ([]Period, error) {
	faults, rec := p.checkSchedule(m.Schedule)
	if len(faults) > 0 {
		return nil, faults[0]
	}
	periods := p.expand(m.Schedule, rec)
	switch {
	case len(periods) > MaxPeriods:
		return nil, fault("schedule", CodeTooManyPeriods, MaxPeriods)
	case len(periods) == 0:
		return nil, fault("schedule", CodeNoPeriod)
	}
	return periods, nil
}

// Binding returns the periods of the measure that bind somebody: those of Periods without what the calendar exempts; no calendar
// exempts nothing. The error is that of Periods.
func (p *Plan) Binding(m Measure, cal *calendar.Calendar) ([]Period, error) {
	periods, err := p.Periods(m)
	return slices.DeleteFunc(periods, func(of Period) bool { return m.Schedule.Exempts(of, cal) }), err
}

// expand returns the periods of a schedule that checkSchedule has passed; one more than MaxPeriods is enough to
// show that there are too many.
func (p *Plan) expand(s Schedule, rec *recurrence) []Period {
	from, to := p.Span(s)
	switch {
	case s.Kind == Milestone:
		return milestones(s, from)
	case s.Kind == Continuous:
		return halfYears(from, to)
	case s.Names == CronDue:
		return rec.endingOnDays(from, to)
	default:
		return rec.beginningOnDays(from, to)
	}
}

// Span returns the first and the last day on which the schedule binds. Where the schedule names none, a milestone
// begins on the day the plan was issued, and what recurs or continues on the first day of the plan's period or the
// day of issue, whichever is later: nothing binds before it was issued. A continuous measure never begins before
// the day of issue.
func (p *Plan) Span(s Schedule) (from, to calendar.Date) {
	from, to = s.From, s.To
	switch {
	case s.Kind == Milestone && from.IsZero():
		from = p.Issued
	case s.Kind == Continuous:
		from = max(from, p.From, p.Issued)
	case from.IsZero():
		from = max(p.From, p.Issued)
	}
	if to.IsZero() {
		to = p.To
	}
	return from, to
}

func milestones(s Schedule, from calendar.Date) []Period {
	periods := make([]Period, 0, len(s.Due))
	numbers := s.numbers()
	for i, due := range s.Due {
		// A date before the day of issue is kept (3月25日 before 4月19日); its period can't begin after it ends.
		periods = append(periods, Period{Key: fmt.Sprint(numbers[i]), Label: milestoneLabel(due), Start: min(from, due), Due: due})
	}
	return periods
}

func milestoneLabel(due calendar.Date) string {
	if y, m, d := due.Civil(); m == time.December && d == 31 {
		return fmt.Sprintf("%d年底前", y)
	}
	return due.Chinese() + "前"
}

func halfYears(from, to calendar.Date) []Period {
	var periods []Period
	for start := from; start <= to && len(periods) <= MaxPeriods; {
		y, m, _ := start.Civil()
		end := calendar.NewDate(y, time.June, 30)
		if m > time.June {
			end = calendar.NewDate(y, time.December, 31)
		}
		periods = append(periods, Period{halfYearly.key(start), halfYearly.label(start), start, min(end, to)})
		start = end + 1
	}
	return periods
}

// recurrence is a parsed cron expression and the rhythm of the days it names.
type recurrence struct {
	spec *cron.SpecSchedule
	cadence
}

var cronParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// The rhythm of a cron expression is read off these four years (one of them a leap year), not off the plan's
// period: keys are parts of workflow IDs and must not change when a plan is extended or a schedule shortened.
var rhythmFrom, rhythmTo = calendar.NewDate(2024, time.January, 1), calendar.NewDate(2027, time.December, 31)

// parseRecurrence reads a cron expression that names days; otherwise it returns the code of what is wrong with it.
func parseRecurrence(expr string) (rec *recurrence, code string) {
	fields := strings.Fields(expr)
	if len(fields) != 5 {
		return nil, CodeBadCron
	}
	if !digits(fields[0]) || !digits(fields[1]) {
		return nil, CodeCronNotDays
	}
	parsed, err := cronParser.Parse(expr)
	if err != nil {
		return nil, CodeBadCron
	}
	r := &recurrence{spec: parsed.(*cron.SpecSchedule)}
	var days []calendar.Date
	months := 0
	for d, last := r.next(rhythmFrom-1), -1; !d.IsZero() && d <= rhythmTo; d = r.next(d) {
		days = append(days, d)
		if n := monthIndex(d); n != last {
			months, last = months+1, n
		}
	}
	named := 0
	for m := range 12 {
		if r.spec.Month&(1<<(m+1)) != 0 {
			named++
		}
	}
	if months != 4*named {
		// "0 0 31 * *" would silently leave out every month that has no such day.
		return nil, CodeCronSkipsMonth
	}
	r.cadence = cadenceOf(days)
	return r, ""
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// next returns the first day named after d, or the zero date where there is none.
func (r *recurrence) next(d calendar.Date) calendar.Date {
	t := r.spec.Next(d.End(time.UTC).Add(-time.Second))
	if t.IsZero() {
		return 0
	}
	return calendar.DateOf(t, time.UTC)
}

func (r *recurrence) endingOnDays(from, to calendar.Date) []Period {
	var periods []Period
	start := from
	for due := r.next(from - 1); !due.IsZero() && due <= to && len(periods) <= MaxPeriods; due = r.next(due) {
		periods = append(periods, Period{r.key(due), r.label(due), start, due})
		start = due + 1
	}
	return periods
}

func (r *recurrence) beginningOnDays(from, to calendar.Date) []Period {
	// Every named month has a day in every year, so the running period began at most a leap year ago.
	begin := r.next(from - 367)
	for n := r.next(begin); n <= from; n = r.next(begin) {
		begin = n
	}
	var periods []Period
	for begin <= to && len(periods) <= MaxPeriods {
		n := r.next(begin)
		periods = append(periods, Period{r.key(begin), r.label(begin), max(begin, from), min(n-1, to)})
		begin = n
	}
	return periods
}

// cadence is the rhythm of a recurrence; it decides what a period is called.
type cadence int

const (
	irregular cadence = iota // named by the day itself
	weekly
	monthly // at most one day a month, not necessarily in every month
	quarterly
	halfYearly
	yearly
)

func cadenceOf(days []calendar.Date) cadence {
	weeks, once, step := true, true, 0
	for i, d := range days {
		if i == 0 {
			continue
		}
		prev := days[i-1]
		weeks = weeks && monday(d)-monday(prev) == 7
		gap := monthIndex(d) - monthIndex(prev)
		once = once && gap > 0
		if i == 1 {
			step = gap
		} else if gap != step {
			step = 0
		}
	}
	switch {
	case step == 12:
		return yearly
	case step == 6:
		return halfYearly
	case step == 3:
		return quarterly
	case once:
		return monthly
	case weeks:
		return weekly
	default:
		return irregular
	}
}

func monthIndex(d calendar.Date) int {
	y, m, _ := d.Civil()
	return y*12 + int(m) - 1
}

func monday(d calendar.Date) calendar.Date {
	return d - calendar.Date((int(d.Weekday())+6)%7)
}

// isoWeek returns the ISO 8601 week of d and the year that the week belongs to: that of its Thursday.
func isoWeek(d calendar.Date) (year, week int) {
	thursday := monday(d) + 3
	year = thursday.Year()
	return year, int(thursday-calendar.NewDate(year, time.January, 1))/7 + 1
}

func (c cadence) key(d calendar.Date) string {
	y, m, _ := d.Civil()
	switch c {
	case weekly:
		year, week := isoWeek(d)
		return fmt.Sprintf("%dW%02d", year, week)
	case monthly:
		return fmt.Sprintf("%d-%02d", y, int(m))
	case quarterly:
		return fmt.Sprintf("%dQ%d", y, quarter(m))
	case halfYearly:
		return fmt.Sprintf("%dH%d", y, half(m))
	case yearly:
		return fmt.Sprint(y)
	default:
		return d.String()
	}
}

func (c cadence) label(d calendar.Date) string {
	y, m, _ := d.Civil()
	switch c {
	case weekly:
		year, week := isoWeek(d)
		return fmt.Sprintf("%d年第%d周", year, week)
	case monthly:
		return fmt.Sprintf("%d年%d月", y, int(m))
	case quarterly:
		return fmt.Sprintf("%d年第%s季度", y, [...]string{"一", "二", "三", "四"}[quarter(m)-1])
	case halfYearly:
		return fmt.Sprintf("%d年%s半年", y, [...]string{"上", "下"}[half(m)-1])
	case yearly:
		return fmt.Sprintf("%d年度", y)
	default:
		return d.Chinese()
	}
}

func quarter(m time.Month) int { return (int(m)-1)/3 + 1 }

func half(m time.Month) int { return (int(m)-1)/6 + 1 }
