package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/calendar"
)

func date(s string) calendar.Date { return calendar.MustDate(s) }

func dates(list ...string) []calendar.Date {
	out := make([]calendar.Date, len(list))
	for i, s := range list {
		out[i] = date(s)
	}
	return out
}

// threeYears is the head of the real plan: issued on 2024-04-19 for 2024 to 2026.
func threeYears() *Plan {
	return &Plan{
		Code: "changning-2024", Number: "长安委〔2024〕5号", Title: "三年行动", Issuer: "长宁区安全生产委员会",
		Issued: date("2024-04-19"), From: date("2024-01-01"), To: date("2026-12-31"),
		Zone: "Asia/Shanghai", RestDayRule: RestDayNextDay,
	}
}

// line writes a period as "key label start due".
func line(p Period) string { return fmt.Sprintf("%s %s %s %s", p.Key, p.Label, p.Start, p.Due) }

func TestPeriods(t *testing.T) {
	tests := map[string]struct {
		schedule Schedule
		count    int
		first    []string
		last     string
	}{
		"a milestone opens on the day of issue": {
			Schedule{Kind: Milestone, Due: dates("2024-06-30")},
			1,
			[]string{"1 2024年6月30日前 2024-04-19 2024-06-30"},
			"1 2024年6月30日前 2024-04-19 2024-06-30",
		},
		"two due dates open together, from the schedule's first day": {
			Schedule{Kind: Milestone, From: date("2024-06-01"), Due: dates("2024-12-31", "2026-12-31")},
			2,
			[]string{"1 2024年底前 2024-06-01 2024-12-31"},
			"2 2026年底前 2024-06-01 2026-12-31",
		},
		"a date before the day of issue is kept": {
			Schedule{Kind: Milestone, Due: dates("2024-03-25")},
			1,
			[]string{"1 2024年3月25日前 2024-03-25 2024-03-25"},
			"1 2024年3月25日前 2024-03-25 2024-03-25",
		},
		"每月28日前, first in May": {
			Schedule{Kind: Recurring, Cron: "0 0 28 * *", Names: CronDue, From: date("2024-05-01")},
			32,
			[]string{"2024-05 2024年5月 2024-05-01 2024-05-28", "2024-06 2024年6月 2024-05-29 2024-06-28"},
			"2026-12 2026年12月 2026-11-29 2026-12-28",
		},
		"without a first day it recurs from the day of issue": {
			Schedule{Kind: Recurring, Cron: "0 0 28 * *", Names: CronDue},
			33,
			[]string{"2024-04 2024年4月 2024-04-19 2024-04-28"},
			"2026-12 2026年12月 2026-11-29 2026-12-28",
		},
		"每季度: the running quarter begins on the first day": {
			Schedule{Kind: Recurring, Cron: "0 0 1 1,4,7,10 *", Names: CronStart, From: date("2024-04-19")},
			11,
			[]string{"2024Q2 2024年第二季度 2024-04-19 2024-06-30", "2024Q3 2024年第三季度 2024-07-01 2024-09-30"},
			"2026Q4 2026年第四季度 2026-10-01 2026-12-31",
		},
		"March and December by due days": {
			Schedule{Kind: Recurring, Cron: "0 0 31 3,12 *", Names: CronDue, From: date("2024-04-19")},
			5,
			[]string{"2024-12 2024年12月 2024-04-19 2024-12-31", "2025-03 2025年3月 2025-01-01 2025-03-31"},
			"2026-12 2026年12月 2026-04-01 2026-12-31",
		},
		"每周: ISO weeks, the first and the last cut at the ends": {
			Schedule{Kind: Recurring, Cron: "0 0 * * 1", Names: CronStart, From: date("2024-05-01")},
			140,
			[]string{"2024W18 2024年第18周 2024-05-01 2024-05-05", "2024W19 2024年第19周 2024-05-06 2024-05-12"},
			"2026W53 2026年第53周 2026-12-28 2026-12-31",
		},
		"a week belongs to the year of its Thursday": {
			Schedule{Kind: Recurring, Cron: "0 0 * * 1", Names: CronStart, From: date("2024-12-30"), To: date("2025-01-05")},
			1,
			[]string{"2025W01 2025年第1周 2024-12-30 2025-01-05"},
			"2025W01 2025年第1周 2024-12-30 2025-01-05",
		},
		"due days after the last day form no period": {
			Schedule{Kind: Recurring, Cron: "0 0 * * 5", Names: CronDue, From: date("2026-12-14")},
			2,
			[]string{"2026W51 2026年第51周 2026-12-14 2026-12-18"},
			"2026W52 2026年第52周 2026-12-19 2026-12-25",
		},
		"the first day may be a due day itself": {
			Schedule{Kind: Recurring, Cron: "0 0 28 * *", Names: CronDue, From: date("2026-11-28")},
			2,
			[]string{"2026-11 2026年11月 2026-11-28 2026-11-28"},
			"2026-12 2026年12月 2026-11-29 2026-12-28",
		},
		"每半年": {
			Schedule{Kind: Recurring, Cron: "0 0 1 1,7 *", Names: CronStart},
			6,
			[]string{"2024H1 2024年上半年 2024-04-19 2024-06-30", "2024H2 2024年下半年 2024-07-01 2024-12-31"},
			"2026H2 2026年下半年 2026-07-01 2026-12-31",
		},
		"每年": {
			Schedule{Kind: Recurring, Cron: "0 0 1 1 *", Names: CronStart},
			3,
			[]string{"2024 2024年度 2024-04-19 2024-12-31"},
			"2026 2026年度 2026-01-01 2026-12-31",
		},
		"a year that runs since January": {
			Schedule{Kind: Recurring, Cron: "0 0 1 1 *", Names: CronStart, From: date("2025-12-15")},
			2,
			[]string{"2025 2025年度 2025-12-15 2025-12-31"},
			"2026 2026年度 2026-01-01 2026-12-31",
		},
		"每年 by a due day": {
			Schedule{Kind: Recurring, Cron: "0 0 30 11 *", Names: CronDue},
			3,
			[]string{"2024 2024年度 2024-04-19 2024-11-30"},
			"2026 2026年度 2025-12-01 2026-11-30",
		},
		"June and November have no even rhythm": {
			Schedule{Kind: Recurring, Cron: "0 0 30 6,11 *", Names: CronDue},
			6,
			[]string{"2024-06 2024年6月 2024-04-19 2024-06-30", "2024-11 2024年11月 2024-07-01 2024-11-30"},
			"2026-11 2026年11月 2026-07-01 2026-11-30",
		},
		"a single month is still called by its month": {
			Schedule{Kind: Recurring, Cron: "0 0 28 * *", Names: CronDue, From: date("2026-12-01")},
			1,
			[]string{"2026-12 2026年12月 2026-12-01 2026-12-28"},
			"2026-12 2026年12月 2026-12-01 2026-12-28",
		},
		"an irregular rhythm is called by its days": {
			Schedule{Kind: Recurring, Cron: "0 0 15,28 * *", Names: CronDue, From: date("2024-05-16"), To: date("2024-06-28")},
			3,
			[]string{"2024-05-28 2024年5月28日 2024-05-16 2024-05-28", "2024-06-15 2024年6月15日 2024-05-29 2024-06-15"},
			"2024-06-28 2024年6月28日 2024-06-16 2024-06-28",
		},
		"continuous: every half-year since the day of issue": {
			Schedule{Kind: Continuous},
			6,
			[]string{"2024H1 2024年上半年 2024-04-19 2024-06-30", "2024H2 2024年下半年 2024-07-01 2024-12-31"},
			"2026H2 2026年下半年 2026-07-01 2026-12-31",
		},
		"continuous within its own days": {
			Schedule{Kind: Continuous, From: date("2025-01-01"), To: date("2025-10-31")},
			2,
			[]string{"2025H1 2025年上半年 2025-01-01 2025-06-30"},
			"2025H2 2025年下半年 2025-07-01 2025-10-31",
		},
		"continuous from June": {
			Schedule{Kind: Continuous, From: date("2026-06-15")},
			2,
			[]string{"2026H1 2026年上半年 2026-06-15 2026-06-30"},
			"2026H2 2026年下半年 2026-07-01 2026-12-31",
		},
		"continuous never before the day of issue": {
			Schedule{Kind: Continuous, From: date("2024-01-01"), To: date("2024-06-30")},
			1,
			[]string{"2024H1 2024年上半年 2024-04-19 2024-06-30"},
			"2024H1 2024年上半年 2024-04-19 2024-06-30",
		},
		"a schedule may recur from before the day of issue if it says so": {
			Schedule{Kind: Recurring, Cron: "0 0 1 1,4,7,10 *", Names: CronStart, From: date("2024-01-01")},
			12,
			[]string{"2024Q1 2024年第一季度 2024-01-01 2024-03-31"},
			"2026Q4 2026年第四季度 2026-10-01 2026-12-31",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			periods, err := threeYears().Periods(Measure{Schedule: tt.schedule})
			require.NoError(t, err)
			require.Len(t, periods, tt.count)
			for i, want := range tt.first {
				require.Equal(t, want, line(periods[i]))
			}
			require.Equal(t, tt.last, line(periods[len(periods)-1]))
		})
	}
}

func TestPeriodsRefuse(t *testing.T) {
	tests := map[string]struct {
		schedule   Schedule
		path, code string
	}{
		"every minute":           {Schedule{Kind: Recurring, Names: CronDue, Cron: "* * * * *"}, "schedule.cron", CodeCronNotDays},
		"every second hour":      {Schedule{Kind: Recurring, Names: CronDue, Cron: "0 */2 1 * *"}, "schedule.cron", CodeCronNotDays},
		"a zone of its own":      {Schedule{Kind: Recurring, Names: CronDue, Cron: "TZ=UTC 0 1 * *"}, "schedule.cron", CodeCronNotDays},
		"every day":              {Schedule{Kind: Recurring, Names: CronDue, Cron: "0 0 * * *"}, "schedule", CodeTooManyPeriods},
		"every day as start":     {Schedule{Kind: Recurring, Names: CronStart, Cron: "0 0 * * *"}, "schedule", CodeTooManyPeriods},
		"a descriptor":           {Schedule{Kind: Recurring, Names: CronDue, Cron: "@monthly"}, "schedule.cron", CodeBadCron},
		"a descriptor in fields": {Schedule{Kind: Recurring, Names: CronDue, Cron: "@every 1 2 3 4"}, "schedule.cron", CodeCronNotDays},
		"with seconds":           {Schedule{Kind: Recurring, Names: CronDue, Cron: "0 0 0 28 * *"}, "schedule.cron", CodeBadCron},
		"no such day":            {Schedule{Kind: Recurring, Names: CronDue, Cron: "0 0 32 * *"}, "schedule.cron", CodeBadCron},
		"30 February":            {Schedule{Kind: Recurring, Names: CronDue, Cron: "0 0 30 2 *"}, "schedule.cron", CodeCronSkipsMonth},
		"the 31st of each month": {Schedule{Kind: Recurring, Names: CronDue, Cron: "0 0 31 * *"}, "schedule.cron", CodeCronSkipsMonth},
		"29 February":            {Schedule{Kind: Recurring, Names: CronDue, Cron: "0 0 29 2 *"}, "schedule.cron", CodeCronSkipsMonth},
		"no cron":                {Schedule{Kind: Recurring, Names: CronDue}, "schedule.cron", CodeMissing},
		"no meaning of the days": {Schedule{Kind: Recurring, Cron: "0 0 28 * *"}, "schedule.names", CodeUnknownValue},
		"recurring with dates":   {Schedule{Kind: Recurring, Names: CronDue, Cron: "0 0 28 * *", Due: dates("2024-06-30")}, "schedule.due", CodeNotApplicable},
		"no day within":          {Schedule{Kind: Recurring, Names: CronDue, Cron: "0 0 28 * *", From: date("2026-12-29")}, "schedule", CodeNoPeriod},
		"no kind":                {Schedule{}, "schedule.kind", CodeUnknownValue},
		"no date":                {Schedule{Kind: Milestone}, "schedule.due", CodeNothingDue},
		"an empty date":          {Schedule{Kind: Milestone, Due: []calendar.Date{0}}, "schedule.due[0]", CodeMissing},
		"dates out of order":     {Schedule{Kind: Milestone, Due: dates("2025-06-30", "2024-06-30")}, "schedule.due[1]", CodeDateOrder},
		"a date twice":           {Schedule{Kind: Milestone, Due: dates("2025-06-30", "2025-06-30")}, "schedule.due[1]", CodeDateOrder},
		"due before its period":  {Schedule{Kind: Milestone, From: date("2024-07-01"), Due: dates("2024-06-30")}, "schedule.due[0]", CodeDueBeforePeriod},
		"due before the plan":    {Schedule{Kind: Milestone, Due: dates("2023-12-31")}, "schedule.due[0]", CodeDueBeforePeriod},
		"due after the plan":     {Schedule{Kind: Milestone, Due: dates("2027-01-01")}, "schedule.due[0]", CodeDueAfterPeriod},
		"due after its period":   {Schedule{Kind: Milestone, To: date("2025-01-31"), Due: dates("2025-02-01")}, "schedule.due[0]", CodeDueAfterPeriod},
		"numbers and dates":      {Schedule{Kind: Milestone, Due: dates("2024-06-30", "2025-06-30"), Numbers: []int{2}, Given: 2}, "schedule.numbers", CodeBadNumbers},
		"a number twice":         {Schedule{Kind: Milestone, Due: dates("2024-06-30", "2025-06-30"), Numbers: []int{2, 2}, Given: 2}, "schedule.numbers", CodeBadNumbers},
		"a number not given":     {Schedule{Kind: Milestone, Due: dates("2024-06-30"), Numbers: []int{3}, Given: 2}, "schedule.numbers", CodeBadNumbers},
		"numbers given, none":    {Schedule{Kind: Milestone, Due: dates("2024-06-30"), Given: 2}, "schedule.numbers", CodeBadNumbers},
		"numbers of a rhythm":    {Schedule{Kind: Recurring, Names: CronDue, Cron: "0 0 28 * *", Numbers: []int{1}}, "schedule.numbers", CodeNotApplicable},
		"milestone with cron":    {Schedule{Kind: Milestone, Cron: "0 0 28 * *", Due: dates("2024-06-30")}, "schedule.cron", CodeNotApplicable},
		"begins before the plan": {Schedule{Kind: Continuous, From: date("2023-01-01")}, "schedule.from", CodeOutsidePlan},
		"ends after the plan":    {Schedule{Kind: Continuous, To: date("2027-01-01")}, "schedule.to", CodeOutsidePlan},
		"ends before it begins":  {Schedule{Kind: Continuous, From: date("2025-01-02"), To: date("2025-01-01")}, "schedule.to", CodeDateOrder},
		"over before the issue":  {Schedule{Kind: Continuous, To: date("2024-02-01")}, "schedule.to", CodeDateOrder},
		"continuous with names":  {Schedule{Kind: Continuous, Names: CronDue}, "schedule.names", CodeNotApplicable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			periods, err := threeYears().Periods(Measure{Schedule: tt.schedule})
			require.Empty(t, periods)
			var f Fault
			require.ErrorAs(t, err, &f)
			require.Equal(t, tt.path, f.Path)
			require.Equal(t, tt.code, f.Code)
			require.NotEmpty(t, f.Message)
			require.NotContains(t, f.Message, "%!", "the message must fit its arguments")
		})
	}
}

func TestPeriodsOfAPlanWithoutDates(t *testing.T) {
	_, err := (&Plan{}).Periods(Measure{Schedule: Schedule{Kind: Continuous}})
	require.Equal(t, Fault{Path: "issued", Code: CodeMissing, Message: "缺少 issued，请填写"}, err)
}

// Whatever the rhythm: unique keys, ascending periods without overlap inside the plan, no gap between two, and the
// same keys for the periods that a shortened schedule keeps.
func TestPeriodsProperties(t *testing.T) {
	crons := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("0 0 %d * *", rapid.IntRange(1, 28).Draw(t, "day"))
		}),
		rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("0 0 * * %d", rapid.IntRange(0, 6).Draw(t, "weekday"))
		}),
		rapid.Custom(func(t *rapid.T) string {
			months := rapid.SliceOfNDistinct(rapid.IntRange(1, 12), 1, 12, rapid.ID).Draw(t, "months")
			list := strings.Trim(strings.ReplaceAll(fmt.Sprint(months), " ", ","), "[]")
			return fmt.Sprintf("30 9 %d %s *", rapid.IntRange(1, 28).Draw(t, "day"), list)
		}),
		rapid.Custom(func(t *rapid.T) string {
			a := rapid.IntRange(1, 14).Draw(t, "first")
			return fmt.Sprintf("0 0 %d,%d * *", a, a+rapid.IntRange(1, 14).Draw(t, "gap"))
		}),
	)
	rapid.Check(t, func(t *rapid.T) {
		p := threeYears()
		from := p.From.AddDays(rapid.IntRange(0, 700).Draw(t, "from"))
		to := from.AddDays(rapid.IntRange(0, int(p.To-from)).Draw(t, "length"))
		m := Measure{Schedule: Schedule{
			Kind: Recurring, Cron: crons.Draw(t, "cron"), From: from, To: to,
			Names: rapid.SampledFrom(cronNames).Draw(t, "names"),
		}}
		periods, err := p.Periods(m)
		if err != nil {
			var f Fault
			require.ErrorAs(t, err, &f)
			require.Equal(t, CodeNoPeriod, f.Code)
			return
		}
		again, err := p.Periods(m)
		require.NoError(t, err)
		require.Equal(t, periods, again)
		keys := map[string]Period{}
		for i, period := range periods {
			require.NotContains(t, keys, period.Key)
			keys[period.Key] = period
			require.LessOrEqual(t, from, period.Start)
			require.LessOrEqual(t, period.Start, period.Due)
			require.LessOrEqual(t, period.Due, to)
			if i == 0 {
				require.Equal(t, from, period.Start)
			} else {
				require.Equal(t, periods[i-1].Due+1, period.Start)
			}
		}
		if m.Schedule.Names == CronStart {
			require.Equal(t, to, periods[len(periods)-1].Due)
		}
		m.Schedule.From, m.Schedule.To = 0, 0
		whole, err := p.Periods(m)
		require.NoError(t, err)
		due := map[string]calendar.Date{}
		for _, period := range whole {
			due[period.Key] = period.Due
		}
		for key, period := range keys {
			if full, ok := due[key]; ok && period.Due != to {
				require.Equal(t, full, period.Due, "the key %s must mean the same due date", key)
			}
		}
	})
}

func TestISOWeek(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := calendar.NewDate(2000, time.January, 1).AddDays(rapid.IntRange(0, 20000).Draw(t, "days"))
		y, m, day := d.Civil()
		wantYear, wantWeek := time.Date(y, m, day, 0, 0, 0, 0, time.UTC).ISOWeek()
		year, week := isoWeek(d)
		require.Equal(t, wantYear, year)
		require.Equal(t, wantWeek, week)
	})
}

func BenchmarkPeriodsOfAWeeklyMeasure(b *testing.B) {
	p := threeYears()
	m := Measure{Schedule: Schedule{Kind: Recurring, Cron: "0 0 * * 1", Names: CronStart}}
	for b.Loop() {
		if _, err := p.Periods(m); err != nil {
			b.Fatal(err)
		}
	}
}
