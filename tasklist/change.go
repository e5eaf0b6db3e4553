package tasklist

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"duban/calendar"
	"duban/plan"
)

// firstDay and lastDay bound the list's year within the plan: nothing binds before it was issued.
func firstDay(p *plan.Plan, year int) calendar.Date {
	return max(calendar.NewDate(year, time.January, 1), p.From, p.Issued)
}

func lastDay(p *plan.Plan, year int) calendar.Date {
	return min(calendar.NewDate(year, time.December, 31), p.To)
}

// planSpan is what dates of the list may lie in; the plan has one before its day of issue.
func planSpan(p *plan.Plan, year int) Span {
	return Span{Year: year, From: min(p.From, calendar.NewDate(p.Issued.Year(), time.January, 1)), To: p.To}
}

// newSchedule is the schedule of a measure that a list of the year brings.
func newSchedule(p *plan.Plan, year int, t Timing) plan.Schedule {
	from, to := firstDay(p, year), lastDay(p, year)
	s := plan.Schedule{Kind: t.Kind}
	switch t.Kind {
	case plan.Milestone:
		s.Due = merged(t.Due, t.Beyond)
		// It opens with the list's year; dates before that are the list's own.
		if from > p.Issued && s.Due[0] >= from {
			s.From = from
		}
	case plan.Recurring:
		s.Cron, s.Names, s.From, s.To = t.Cron, t.Names, from, to
	case plan.Continuous:
		s.From, s.To = from, to
	}
	return s
}

func merged(a, b []calendar.Date) []calendar.Date {
	all := append(slices.Clone(a), b...)
	slices.Sort(all)
	return slices.Compact(all)
}

// reschedule changes what falls due in the list's year and leaves the other years alone. Where that can't be, because one
// rhythm binds in several years, others reports it.
func reschedule(p *plan.Plan, cal *calendar.Calendar, year int, m plan.Measure, t Timing) (s plan.Schedule, others bool) {
	s = m.Schedule
	here, elsewhere := dueIn(p, cal, m, year)
	switch {
	case s.Kind == plan.Milestone && t.Kind == plan.Milestone:
		kept := slices.DeleteFunc(slices.Clone(s.Due), func(d calendar.Date) bool { return d.Year() == year })
		s = s.WithDue(merged(merged(kept, t.Due), t.Beyond))
		if s.From > 0 && s.Due[0] < s.From {
			s.From = 0
		}
		if s.To > 0 && s.Due[len(s.Due)-1] > s.To {
			s.To = 0
		}
		return s, false
	case s.Kind == t.Kind && s.Cron == t.Cron && s.Names == t.Names:
		if !here {
			from, to := p.Span(s)
			s.From, s.To = min(from, firstDay(p, year)), max(to, lastDay(p, year))
		}
		return s, false
	}
	return newSchedule(p, year, t), elsewhere
}

// dueIn reports whether anything of the measure falls due in the year, and whether in any other.
func dueIn(p *plan.Plan, cal *calendar.Calendar, m plan.Measure, year int) (here, elsewhere bool) {
	periods, _ := p.Binding(m, cal) // a plan that was seeded has sound schedules
	for _, period := range periods {
		if period.Due.Year() == year {
			here = true
		} else {
			elsewhere = true
		}
	}
	return here, elsewhere
}

func sameSchedule(a, b plan.Schedule) bool {
	return a.Kind == b.Kind && a.Cron == b.Cron && a.Names == b.Names && a.Exempt == b.Exempt && a.From == b.From && a.To == b.To && slices.Equal(a.Due, b.Due)
}

// scheduleText says for people when something falls due in the year.
func scheduleText(s plan.Schedule, year int) string {
	switch s.Kind {
	case plan.Milestone:
		var days []string
		for _, d := range s.Due {
			if year == 0 || d.Year() == year {
				days = append(days, d.String())
			}
		}
		if len(days) == 0 {
			return textNone
		}
		return strings.Join(days, textSep)
	case plan.Recurring:
		return rhythmText(s.Cron, s.Names)
	case plan.Continuous:
		return textContinuous
	}
	return textNone
}

// The forms of cron expressions that there are words for.
var (
	cronMonthly   = regexp.MustCompile(`^0 0 (\d{1,2}) \* \*$`)
	cronQuarterly = regexp.MustCompile(`^0 0 (\d{1,2}) 3,6,9,12 \*$`)
	cronYearly    = regexp.MustCompile(`^0 0 (\d{1,2}) (\d{1,2}) \*$`)
	cronWeekly    = regexp.MustCompile(`^0 0 \* \* ([0-6])$`)
)

// rhythmText writes a rhythm so that it is read back as the same; textAsBefore where there are no words for it.
func rhythmText(cron string, names plan.CronNames) string {
	if text := rhythmTexts[rhythm{cron, names}]; text != "" {
		return text
	}
	if names != plan.CronDue {
		return textAsBefore
	}
	if m := cronMonthly.FindStringSubmatch(cron); m != nil {
		return fmt.Sprintf(textMonthlyOn, m[1])
	}
	if m := cronQuarterly.FindStringSubmatch(cron); m != nil {
		return fmt.Sprintf(textQuarterlyOn, m[1])
	}
	if m := cronYearly.FindStringSubmatch(cron); m != nil {
		return fmt.Sprintf(textYearlyOn, m[2], m[1])
	}
	if m := cronWeekly.FindStringSubmatch(cron); m != nil {
		return textWeeklyOn + string([]rune("日一二三四五六")[decimal(m[1])])
	}
	return textAsBefore
}

// changes tells what an update changes.
func (d *directory) changes(was, is plan.Measure) []string {
	var lines []string
	note := func(what, before, after string) {
		if before == "" {
			before = textNone
		}
		lines = append(lines, fmt.Sprintf(textChange, what, before, after))
	}
	if was.Title != is.Title {
		note(textTitleOf, was.Title, is.Title)
	}
	if before, after := d.plan.LeadOf(was), d.plan.LeadOf(is); !sameSet(before, after) {
		note(textLeadOf, d.namesOf(before), d.namesOf(after))
	}
	if before, after := d.resolve(was.Audience), d.resolve(is.Audience); !sameSet(before, after) {
		note(textUnitsOf, d.namesOf(before), d.namesOf(after))
	}
	if a, b := was.Schedule, is.Schedule; !sameSchedule(a, b) {
		before, after := scheduleText(a, d.year), scheduleText(b, d.year)
		if before == after {
			before, after = scheduleText(a, 0), scheduleText(b, 0)
		}
		if before != after {
			note(textDueOf, before, after)
		} else {
			note(textSpanOf, d.spanText(a), d.spanText(b))
		}
	}
	if was.Done != is.Done {
		note(textDoneOf, was.Done, is.Done)
	}
	return lines
}

func (d *directory) spanText(s plan.Schedule) string {
	from, to := d.plan.Span(s)
	return fmt.Sprintf(textSpan, from, to)
}
