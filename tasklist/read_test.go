package tasklist

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/calendar"
	"duban/plan"
)

// settled reads a sheet with every row confirmed that can be, and all others left out.
func settled(o Options, s Sheet) (Preview, Options) {
	o.Answers = map[int]Answer{}
	for _, r := range Read(s, o).Rows {
		if r.Outcome == Confirm {
			o.Answers[r.Row] = Answer{Confirm: true}
		}
	}
	for _, row := range Read(s, o).Pending() {
		o.Answers[row] = Answer{Skip: true}
	}
	return Read(s, o), o
}

// Whatever sheet is applied, the plan is sound afterwards, only what the rows are about has changed, and the same sheet is
// then found unchanged.
func TestAppliedListIsUnchanged(t *testing.T) {
	for file, c := range corpus(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			o, s := c.options(t), grid(t, c.Grid)
			p, o := settled(o, s)
			before := o.Plan
			after, err := p.Apply(before)
			require.NoError(t, err)
			require.Empty(t, after.Validate())

			about := map[string]Row{}
			for _, r := range p.Rows {
				if r.Outcome == Create || r.Outcome == Update {
					about[r.Measure] = r
				}
			}
			for _, m := range before.Measures {
				now, ok := after.Measure(m.Code)
				require.True(t, ok)
				if r, changed := about[m.Code]; changed {
					require.Equal(t, Update, r.Outcome)
				} else {
					require.Equal(t, m, now)
				}
			}
			require.Len(t, after.Measures, len(before.Measures)+count(p, Create))

			o.Plan = after
			for _, r := range Read(s, o).Rows {
				if r.Outcome != Skipped {
					require.Equal(t, Unchanged, r.Outcome, "%d %s %v %v", r.Row, r.Measure, r.Problems, r.Changes)
				}
			}
		})
	}
}

func count(p Preview, o Outcome) int {
	n := 0
	for _, r := range p.Rows {
		if r.Outcome == o {
			n++
		}
	}
	return n
}

// A new measure keeps its code whatever other rows are skipped, confirmed or called new.
// What the office says is new is new once: the same list, with the same answers, finds what it became.
func TestNewIsNewOnlyOnce(t *testing.T) {
	current := realPlan(t)
	sheet := Sheet{Rows: []Line{
		{N: 1, Cells: []Cell{{Column: 1, Text: "工作任务"}, {Column: 2, Text: "具体措施"}, {Column: 3, Text: "责任单位"}, {Column: 4, Text: "完成时限"}}},
		{N: 2, Cells: []Cell{{Column: 1, Text: "规范安全生产第三方服务"}, {Column: 2, Text: "开展第三方服务机构专项抽查"}, {Column: 3, Text: "区应急局"}, {Column: 4, Text: "2026年10月底前"}}},
	}}
	o := Options{Plan: current, Year: 2026, Name: "2026年工作任务清单", Answers: map[int]Answer{2: {Task: "28", Measure: "new", Confirm: true}}}
	first := Read(sheet, o)
	require.Equal(t, Create, first.Rows[0].Outcome, "%+v", first.Rows[0])
	next, err := first.Apply(current)
	require.NoError(t, err)
	o.Plan = next
	again := Read(sheet, o)
	require.Equal(t, []any{Unchanged, first.Rows[0].Measure}, []any{again.Rows[0].Outcome, again.Rows[0].Measure})
}

func TestCodesAreStable(t *testing.T) {
	c := corpus(t)["testdata/corpus/01-domain-table.yaml"]
	o, s := c.options(t), grid(t, c.Grid)
	codes := map[[2]int]string{}
	rapid.Check(t, func(t *rapid.T) {
		o.Answers = map[int]Answer{}
		for row := 3; row <= 11; row++ {
			o.Answers[row] = rapid.SampledFrom([]Answer{{}, {Skip: true}, {Confirm: true}, {Measure: newMeasure}, {Measure: newMeasure, Confirm: true}}).Draw(t, "answer")
		}
		for _, r := range Read(s, o).Rows {
			if _, ok := o.Plan.Measure(r.Measure); ok || r.Measure == "" {
				continue
			}
			at := [2]int{r.Row, r.Part}
			if codes[at] == "" {
				codes[at] = r.Measure
			}
			require.Equal(t, codes[at], r.Measure)
		}
	})
	require.Len(t, codes, 11-2+1)
}

func TestApplyRefusesWhatIsPending(t *testing.T) {
	o := Options{Plan: realPlan(t), Year: 2024}
	s := grid(t, "任务｜具体措施｜责任单位｜完成时限\n"+
		"强化综合考核和责任倒查｜印制考核手册｜区安委办｜6月底前\n"+
		"强化综合考核和责任倒查｜装订考核手册｜区水务局｜6月底前\n"+
		"强化综合考核和责任倒查｜分发考核手册｜应急局等｜6月底前")
	p := Read(s, o)
	_, err := p.Apply(o.Plan)
	var pending *PendingError
	require.ErrorAs(t, err, &pending)
	require.Equal(t, []int{3, 4}, pending.Rows)
	require.Equal(t, "还有 2 行没有确认或有错误，第 3、4 行；请先确认、改正或跳过", err.Error())

	o.Answers = map[int]Answer{3: {Skip: true}, 4: {Confirm: true}}
	after, err := Read(s, o).Apply(o.Plan)
	require.NoError(t, err)
	m, ok := after.Measure("5.6")
	require.True(t, ok)
	require.Equal(t, plan.Measure{
		Code: "5.6", Task: "5", Title: "印制考核手册", Quote: "印制考核手册", Source: "2024年工作任务清单第2行",
		Audience: plan.Audience{Units: []string{"awb"}},
		Schedule: plan.Schedule{Kind: plan.Milestone, Due: []calendar.Date{calendar.MustDate("2024-06-30")}},
		Done:     "清单未写完成标准，由区安委办认定。", Inferred: []string{"done", "schedule"},
		Note: "清单没有写完成标准；清单没有把完成时限写到日或写明年份，按本年度该月、该季或该年最后一天计。",
	}, m)
	_, ok = after.Measure("5.7")
	require.False(t, ok, "the skipped row's code stays free")
	require.Equal(t, []string{"5.5", "5.6", "5.8"}, codesOf(after, "5")[4:])

	stale := o.Plan
	stale.Units = stale.Units[1:]
	_, err = Read(s, o).Apply(stale)
	var unsound *UnsoundError
	require.ErrorAs(t, err, &unsound, "the plan has lost a unit since")
}

func codesOf(p plan.Plan, task string) []string {
	var codes []string
	for _, m := range p.MeasuresOf(task) {
		codes = append(codes, m.Code)
	}
	return codes
}

// A list changes only what falls due in its year.
func TestOtherYearsStay(t *testing.T) {
	date := calendar.MustDate
	p := realPlan(t)
	read := func(year int, deadline string) Row {
		t.Helper()
		rows := Read(grid(t, "分项任务编号｜具体措施｜完成时限\n5.6｜评先｜"+deadline), Options{Plan: p, Year: year}).Rows
		require.Len(t, rows, 1)
		return rows[0]
	}
	base := plan.Measure{
		Code: "5.6", Task: "5", Title: "评先", Quote: "评先", Source: "清单", Audience: plan.Audience{Units: []string{"awb"}}, Done: "名单",
	}
	base.Schedule = plan.Schedule{Kind: plan.Milestone, Due: []calendar.Date{date("2024-06-30"), date("2025-06-30"), date("2026-06-30")}}
	p.Measures = append(p.Measures, base)
	at := len(p.Measures) - 1

	r := read(2025, "2025年9月30日前、11月30日前")
	require.Equal(t, Update, r.Outcome)
	require.Equal(t, []calendar.Date{date("2024-06-30"), date("2025-09-30"), date("2025-11-30"), date("2026-06-30")}, r.Becomes.Schedule.Due)
	require.Equal(t, []int{1, 4, 5, 3}, r.Becomes.Schedule.Numbers, "what runs for another year stays what it is")
	require.Equal(t, []string{"完成时限：2025-06-30 → 2025-09-30、2025-11-30"}, r.Changes)
	require.Equal(t, Unchanged, read(2025, "6月30日前").Outcome)
	require.Equal(t, Unchanged, read(2025, "2025年6月30日前，2026年6月30日前").Outcome, "what the plan has of another year is no news")
	require.Equal(t, Confirm, read(2025, "每季度").Outcome, "a rhythm would bind in other years too")

	p.Measures[at].Schedule = plan.Schedule{Kind: plan.Recurring, Cron: "0 0 1 1,4,7,10 *", Names: plan.CronStart, From: date("2025-01-01"), To: date("2025-12-31")}
	require.Equal(t, Unchanged, read(2025, "每季度").Outcome)
	r = read(2026, "每季度")
	require.Equal(t, Update, r.Outcome, "the next year's list carries it on")
	require.Equal(t, []string{"起止日期：2025-01-01 至 2025-12-31 → 2025-01-01 至 2026-12-31"}, r.Changes)
	require.Equal(t, Update, read(2025, "每月").Outcome, "nothing binds in another year")
	require.Equal(t, Confirm, read(2026, "每月").Outcome)

	p.Measures[at].Schedule = plan.Schedule{Kind: plan.Continuous, From: date("2025-01-01"), To: date("2025-12-31")}
	require.Equal(t, Unchanged, read(2025, "持续推进").Outcome)
	require.Equal(t, Update, read(2026, "持续推进").Outcome)
}

// What an earlier list brought and this one does not name is told; the plan's own measures need not stand in a list.
func TestMissing(t *testing.T) {
	o := Options{Plan: realPlan(t), Year: 2025, Name: "2025年清单"}
	first := grid(t, "任务｜具体措施｜责任单位｜完成时限\n强化综合考核和责任倒查｜印制手册｜区安委办｜6月底前\n强化综合考核和责任倒查｜分发图册｜区安委办｜9月底前")
	after, err := Read(first, o).Apply(o.Plan)
	require.NoError(t, err)
	o.Plan = after
	second := grid(t, "任务｜具体措施｜责任单位｜完成时限\n强化综合考核和责任倒查｜分发图册｜区安委办｜9月底前")
	require.Equal(t, []string{"5.6"}, Read(second, o).Missing)
	o.Year = 2026
	require.Empty(t, Read(second, o).Missing, "it was not due in this year")
}

func TestExport(t *testing.T) {
	p := realPlan(t)
	headings, rows := Export(p, nil, 2025)
	require.Equal(t, []string{"序号", "行动", "工作任务", "具体措施", "牵头单位", "责任单位", "完成时限", "完成标准", "分项任务编号"}, headings)
	byCode := map[string][]string{}
	for _, row := range rows {
		byCode[row[8]] = row
	}
	require.NotContains(t, byCode, "6.4", "it was due in 2024")
	require.Equal(t, []string{
		"18", "安全科技支撑和工程治理行动", "消防、公路、电梯等工程治理", "城镇建成区消防供水基本全覆盖", "区消防救援局、区建管委", "", "2025年12月31日前",
	}, byCode["18.6"][:7])
	require.Equal(t, []string{"区委办、区府办", "各街道（镇）", "每季度"}, byCode["1.2"][4:7])
	require.Equal(t, "持续推进", byCode["1.1"][6])
	require.Equal(t, "每年6月16日前", byCode["29.2"][6])
	require.Equal(t, "区安委会各成员单位", byCode["S6.6"][5])
	require.Equal(t, "每月28日前", byCode["S6.6"][6])

	p.Measures[0].Schedule = plan.Schedule{Kind: plan.Recurring, Cron: "0 0 1,15 * *", Names: plan.CronDue}
	_, rows = Export(p, nil, 2025)
	require.Equal(t, "按现行进度", rows[0][6], "a rhythm without words")
}

// What the office answers of one part of a row holds of that part alone.
func TestAnswersToPartsOfARow(t *testing.T) {
	o := Options{Plan: realPlan(t), Year: 2026}
	s := grid(t, "序号｜工作任务｜具体措施｜牵头单位｜完成时限\n"+
		"16｜完善重大隐患信息化管理｜①建成演练数据库②组织演练观摩｜区应急局｜①尽快②2026年9月底前")
	read := func(a Answer) []Row {
		o.Answers = map[int]Answer{2: a}
		rows := Read(s, o).Rows
		require.Len(t, rows, 2)
		return rows
	}
	outcomes := func(rows []Row) []Outcome { return []Outcome{rows[0].Outcome, rows[1].Outcome} }
	row := Answer{Task: "14", Measure: "new", Confirm: true}
	require.Equal(t, []Outcome{Fault, Create}, outcomes(read(row)), "as a whole it can't be settled but by leaving it out")
	skipped := row
	skipped.Parts = map[int]Answer{1: {Skip: true}}
	require.Equal(t, []Outcome{Skipped, Create}, outcomes(read(skipped)))

	dated := row
	dated.Parts = map[int]Answer{1: {Task: "14", Measure: "new", Confirm: true, Due: []string{"2026-06-30"}}}
	rows := read(dated)
	require.Equal(t, []Outcome{Create, Create}, outcomes(rows))
	require.Equal(t, []calendar.Date{calendar.MustDate("2026-06-30")}, rows[0].Due)
	require.Equal(t, []calendar.Date{calendar.MustDate("2026-09-30")}, rows[1].Due)
	require.NotEqual(t, rows[0].Measure, rows[1].Measure)

	require.Contains(t, Read(s, Options{Plan: o.Plan, Year: 2026, Answers: map[int]Answer{2: row}}).Reasons()[2], "第1项：", "it says which part to answer")
	row.Parts = map[int]Answer{3: {Skip: true}}
	rows = read(row)
	require.Equal(t, Fault, rows[0].Outcome)
	require.Contains(t, Preview{Rows: rows}.Reasons()[2], "写了第 3 项，这一行只有 2 项")
}

// A weekly duty whose only week of the year has no working day falls due in no list of that year.
func TestWeeksThatBindNobodyAreInNoList(t *testing.T) {
	cal, err := calendar.NewCalendar(1, map[int]calendar.Year{2025: {}, 2026: {Off: []string{"0216-0220"}}})
	require.NoError(t, err)
	weeks := func(exempt plan.Exemption, from, to string) plan.Measure {
		return plan.Measure{
			Code: "5.6", Task: "5", Title: "每周督查", Quote: "每周督查", Source: "清单", Audience: plan.Audience{Units: []string{"awb"}}, Done: "记录",
			Schedule: plan.Schedule{
				Kind: plan.Recurring, Cron: "0 0 * * 1", Names: plan.CronStart, Exempt: exempt, From: calendar.MustDate(from), To: calendar.MustDate(to),
			},
		}
	}
	for _, c := range []struct {
		name string
		m    plan.Measure
		cal  *calendar.Calendar
		due  bool
	}{
		{"a week of holidays", weeks(plan.ExemptRestWeeks, "2026-02-16", "2026-02-22"), cal, false},
		{"that and a working week", weeks(plan.ExemptRestWeeks, "2026-02-16", "2026-03-01"), cal, true},
		{"a duty of all weeks", weeks("", "2026-02-16", "2026-02-22"), cal, true},
		{"by no calendar", weeks(plan.ExemptRestWeeks, "2026-02-16", "2026-02-22"), nil, true},
		{"another year", weeks(plan.ExemptRestWeeks, "2025-02-17", "2025-02-23"), cal, false},
	} {
		p := realPlan(t)
		p.Measures = append(p.Measures, c.m)
		_, rows := Export(p, c.cal, 2026)
		listed := slices.ContainsFunc(rows, func(row []string) bool { return slices.Contains(row, "5.6") })
		require.Equal(t, c.due, listed, c.name)
		missing := Read(grid(t, "任务｜具体措施｜责任单位｜完成时限\n强化综合考核和责任倒查｜印制手册｜区安委办｜6月底前"), Options{Plan: p, Calendar: c.cal, Year: 2026}).Missing
		require.Equal(t, c.due, slices.Contains(missing, "5.6"), c.name)
		_, others := reschedule(&p, c.cal, 2025, c.m, Timing{Kind: plan.Continuous})
		require.Equal(t, c.due, others, "%s: another rhythm changes nothing of a year in which nothing binds", c.name)
	}
	every, most := weeks("", "2026-01-05", "2026-12-27"), weeks(plan.ExemptRestWeeks, "2026-01-05", "2026-12-27")
	require.False(t, sameSchedule(every.Schedule, most.Schedule))
}
