package monthly_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/monthly"
	"duban/obligation"
	"duban/plan"
	"duban/report"
	"duban/statistics"
)

var shanghai = obligation.Location("Asia/Shanghai")

func at(text string) time.Time {
	out, err := time.ParseInLocation("2006-01-02 15:04", text, shanghai)
	if err != nil {
		panic(err)
	}
	return out
}

func campaign(t *testing.T) obligation.Definition {
	t.Helper()
	cal, err := calendar.NewCalendar(1, map[int]calendar.Year{2025: {}, 2026: {}})
	require.NoError(t, err)
	return obligation.Definition{
		Version: 1, AsOf: calendar.MustDate("2025-01-01"), Calendar: cal,
		Ladders: []obligation.Ladder{{Code: "short", Title: "短", Cure: 5, Yellow: 3, Rework: 5, Nudge: 3, Extensions: 1, Steps: []obligation.Step{
			{Code: "press+1", Rung: obligation.Press, Anchor: obligation.AnchorDue, Offset: 1, To: obligation.ToUnit},
		}}},
		Plan: plan.Plan{
			Code: "p", Title: "三年行动实施方案", Number: "长安委〔2025〕5号", Issuer: "区安委会", Issued: calendar.MustDate("2025-01-01"),
			From: calendar.MustDate("2025-01-01"), To: calendar.MustDate("2026-12-31"), Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextWorkday,
			Actions: []plan.Action{{Number: 1, Title: "提升行动"}},
			Tasks:   []plan.Task{{Code: "1", Action: 1, Title: "学习"}, {Code: "S6", Title: "机制"}},
			Measures: []plan.Measure{
				{Code: "1.1", Task: "1", Title: "开展学习", Schedule: plan.Schedule{Kind: plan.Continuous}},
				{Code: "S6.6", Task: "S6", Title: "月报", Form: plan.FormMonthly, Schedule: plan.Schedule{Kind: plan.Recurring, Cron: "0 0 28 * *", Names: plan.CronDue, From: calendar.MustDate("2025-05-01")}},
			},
			Units: []plan.Unit{{Code: "b", Name: "乙局", Contacts: []plan.Contact{{Name: "联络员乙"}}}, {Code: "a", Name: "甲街道"}, {Code: "c", Name: "丙集团"}, {Code: "d", Name: "丁办"}},
		},
	}
}

// life is an obligation of the campaign and what has become of it.
type life struct {
	t     *testing.T
	d     obligation.Definition
	state obligation.State
	all   []obligation.Event
}

func opened(t *testing.T, d obligation.Definition, measure, unit, period, due, when string) *life {
	t.Helper()
	m, ok := d.Plan.Measure(measure)
	require.True(t, ok)
	u, _ := d.Plan.Unit(unit)
	l := &life{t: t, d: d}
	l.add(obligation.Open(obligation.Opening{
		AsOf:   d.AsOf,
		Policy: obligation.Policy{Ladder: d.Ladders[0], Zone: d.Plan.Zone, RestDayRule: d.Plan.RestDayRule, At: 9 * time.Hour},
		Facts: obligation.Facts{
			ID: obligation.ID{Plan: "p", Measure: measure, Unit: unit, Period: period}, Task: m.Task, Title: m.Title, UnitName: u.Name, Period: period,
			Due: calendar.MustDate(due), Form: m.Form,
		},
	}, d.Calendar, at(when)))
	return l
}

func (l *life) add(events ...obligation.Event) {
	for _, e := range events {
		l.state, l.all = obligation.Apply(l.state, e), append(l.all, e)
	}
}

func (l *life) does(when string, c obligation.Command) *life {
	l.t.Helper()
	events, err := obligation.Decide(l.state, c, l.d.Calendar, at(when))
	require.NoError(l.t, err)
	l.add(events...)
	return l
}

func (l *life) submits(when, progress string) *life {
	l.t.Helper()
	return l.does(when, obligation.Command{Kind: obligation.Submit, Text: progress})
}

func (l *life) view() obligation.View {
	return obligation.View{State: l.state, Standing: l.state.Standing(l.d.Calendar), Updated: l.all[len(l.all)-1].At}
}

func TestMonths(t *testing.T) {
	for text, want := range map[string]bool{"2025-06": true, "2025-13": false, "2025-6": false, "202506": false, "": false} {
		_, ok := monthly.Parse(text)
		require.Equal(t, want, ok, text)
	}
	m, _ := monthly.Parse("2025-12")
	require.Equal(t, []string{"2025年12月", "2026-01", "2025-11", "2025-12-31"}, []string{m.Chinese(), string(m.Plus(1)), string(m.Plus(-1)), m.Last().String()})
	require.Equal(t, statistics.Scope{Year: 2025, Month: 12}, m.Scope())

	d := campaign(t)
	measure, p, ok := monthly.Period(&d.Plan, "2025-06")
	require.True(t, ok)
	require.Equal(t, []string{"S6.6", "2025-05-29", "2025-06-28"}, []string{measure.Code, p.Start.String(), p.Due.String()})
	_, _, ok = monthly.Period(&d.Plan, "2025-04")
	require.False(t, ok, "before the first month")
	d.Plan.Measures[1].Form = ""
	_, _, ok = monthly.Period(&d.Plan, "2025-06")
	require.False(t, ok)
}

// Each obligation stands in one report of done, and what is left in the group of its due date.
func TestPrefill(t *testing.T) {
	d := campaign(t)
	_, june, _ := monthly.Period(&d.Plan, "2025-06")
	_, july, _ := monthly.Period(&d.Plan, "2025-07")
	now := at("2025-06-25 10:00")
	on := func(period, due string) *life { return opened(t, d, "1.1", "a", period, due, "2025-05-06 09:00") }
	lives := []*life{
		on("done", "2025-06-20").submits("2025-06-10 10:00", "已办").does("2025-06-11 10:00", obligation.Command{Kind: obligation.Accept}),
		on("waits", "2025-06-30").submits("2025-06-24 10:00", "已办"),
		on("before", "2025-05-20").submits("2025-05-28 10:00", "已办"), // the last day of May's report
		on("first", "2025-06-20").submits("2025-05-29 10:00", "已办"),  // the first day of June's
		on("overdue", "2025-06-17"),
		on("late", "2025-04-17"),
		on("due", "2025-06-30"),
		on("next", "2025-07-31"),
		on("far", "2025-08-01"),
		on("returned", "2025-06-20").submits("2025-06-10 10:00", "已办").does("2025-06-20 10:00", obligation.Command{Kind: obligation.Return, Text: "补"}),
		on("waived", "2025-06-20").does("2025-06-10 10:00", obligation.Command{Kind: obligation.Waive, Text: "免"}),
		opened(t, d, "S6.6", "a", "2025-06", "2025-06-28", "2025-05-29 09:00"),
	}
	var views []obligation.View
	for _, l := range lives {
		views = append(views, l.view())
	}
	f := monthly.Prefill(june, views, now)
	var got []string
	for _, l := range f.Lines {
		got = append(got, string(l.Group)+" "+l.ID.Period+" "+string(l.Light))
	}
	require.Equal(t, []string{
		"done done green", "done first green", "done waits green", "overdue late red", "overdue overdue red", "due returned yellow", "due due yellow", "next next green",
	}, got)
	require.Equal(t, "本月完成3项：开展学习（done）；开展学习（first）；开展学习（waits）。其中2项已报送待审核。", f.Progress)
	require.Equal(t, "逾期未完成2项：开展学习（2025年4月17日到期）；开展学习（2025年6月17日到期）。", f.Problems)
	require.Equal(t, "抓紧完成已逾期的2项。按期完成本月到期的2项：开展学习（2025年6月20日到期）；开展学习（2025年6月30日到期）。推进下月到期的1项：开展学习（2025年7月31日到期）。", f.Next)

	var done []string
	for _, l := range monthly.Prefill(july, views, at("2025-07-25 10:00")).Lines {
		if l.Group == obligation.LineDone {
			done = append(done, l.ID.Period)
		}
	}
	require.Empty(t, done, "what June's report has is not told again")

	empty := monthly.Prefill(june, nil, now)
	require.Equal(t, []string{"", "", "继续按方案推进各项任务。"}, []string{empty.Progress, empty.Problems, empty.Next})
}

// However many matters there are, what can be taken over fits into the report.
func TestWhatIsTakenOverFits(t *testing.T) {
	d := campaign(t)
	d.Plan.Measures[0].Title = strings.Repeat("题", 190)
	_, june, _ := monthly.Period(&d.Plan, "2025-06")
	var views []obligation.View
	for i := range 700 {
		due := []string{"2025-04-17", "2025-06-30", "2025-07-31"}[i%3]
		l := opened(t, d, "1.1", "a", fmt.Sprint(i), due, "2025-03-06 09:00")
		if i%7 == 0 {
			l.submits("2025-06-10 10:00", "已办")
		}
		views = append(views, l.view())
	}
	f := monthly.Prefill(june, views, at("2025-06-25 10:00"))
	require.Len(t, f.Lines, obligation.MaxReportLines)
	r := obligation.Report{Progress: f.Progress, Problems: f.Problems, Next: f.Next, Lines: f.Lines}
	report := opened(t, d, "S6.6", "a", "2025-06", "2025-06-28", "2025-05-29 09:00")
	report.does("2025-06-25 10:00", obligation.Command{Kind: obligation.Submit, Report: &r})
	require.Contains(t, f.Progress, "等。")
}

// june is a month of four units: one reports, one that there is nothing to tell, one late, and one not at all.
func june(t *testing.T) (obligation.Definition, []*life) {
	t.Helper()
	d := campaign(t)
	on := func(unit string) *life {
		return opened(t, d, "S6.6", unit, "2025-06", "2025-06-28", "2025-05-29 09:00")
	}
	line := obligation.ReportLine{ID: obligation.ID{Plan: "p", Measure: "1.1", Unit: "a", Period: "2025H1"}, Task: "1", Title: "开展学习", Period: "2025年上半年", Note: "已学两次"}
	lapse := obligation.Command{Kind: obligation.Tick}
	return d, []*life{
		on("a").does("2025-06-27 10:00", obligation.Command{Kind: obligation.Submit, Report: &obligation.Report{Progress: "检查10家\n\n 整改3处", Next: "复查", Lines: []obligation.ReportLine{line}}}),
		on("b").does("2025-06-30 10:00", obligation.Command{Kind: obligation.Submit, Report: &obligation.Report{Zero: true}}), // the 28th is a Saturday
		on("c").does("2025-07-01 09:00", lapse).does("2025-07-02 10:00", obligation.Command{Kind: obligation.Submit, Text: "见附件"}),
		on("d").does("2025-07-01 09:00", lapse),
	}
}

func consolidate(t *testing.T, now time.Time) monthly.Summary {
	t.Helper()
	d, lives := june(t)
	_, period, _ := monthly.Period(&d.Plan, "2025-06")
	var views []obligation.View
	var cases []statistics.Case
	cut := monthly.Cut(period, shanghai, now)
	all := append(slices.Clone(lives), opened(t, d, "1.1", "a", "2025H1", "2025-06-20", "2025-05-06 09:00"), opened(t, d, "1.1", "b", "2025H2", "2025-12-31", "2025-05-06 09:00"),
		opened(t, d, "1.1", "c", "2025H1", "2025-06-20", "2025-05-06 09:00").submits("2025-06-19 10:00", "已办").does("2025-06-20 10:00", obligation.Command{Kind: obligation.Accept}))
	for i, l := range all {
		if i < len(lives) {
			views = append(views, l.view())
		}
		c, ok := statistics.Read(l.all, d.Calendar, cut)
		require.True(t, ok)
		cases = append(cases, c)
	}
	return monthly.Consolidate(d, period, views, monthly.Figures{
		Month: statistics.Compute(cases, d, monthly.Month("2025-06").Scope(), cut), Year: statistics.Compute(cases, d, statistics.Scope{Year: 2025}, cut),
	}, now)
}

func TestConsolidate(t *testing.T) {
	s := consolidate(t, at("2025-07-03 10:00"))
	require.Equal(t, monthly.Counts{Units: 4, Reported: 3, OnTime: 2, Late: 1, Zero: 1, Missing: 1}, s.Counts)
	var got []string
	for _, e := range s.Entries {
		got = append(got, fmt.Sprint(e.Name, " ", e.Status, " ", e.Zero, " ", e.Report != nil, " ", e.Rung, " ", e.Liaison))
	}
	require.Equal(t, []string{
		"乙局 on_time true true  联络员乙", "甲街道 on_time false true  ", "丙集团 late false false press ", "丁办 missing false false press ",
	}, got, "in the plan's order of units")
	require.Equal(t, "2025年6月28日24时", s.CutChinese())

	// As of the cut nobody was late yet: the 28th is a Saturday.
	require.Equal(t, []int{6, 1, 1, 7, 1}, []int{s.Total.Month.Counted, s.Total.Month.Closed, s.Total.Month.Overdue, s.Total.Year.Counted, s.Total.Year.Closed})
	require.Equal(t, []string{"行动1 提升行动", "保障措施与总体目标"}, []string{s.Actions[0].Name, s.Actions[1].Name})
	require.Equal(t, []int{2, 3}, []int{s.Actions[0].Month.Counted, s.Actions[0].Year.Counted})
	require.Len(t, s.Remarks, 1)
	require.Equal(t, []string{"任务1 学习", "甲街道", "已学两次"}, []string{s.Remarks[0].Name, s.Remarks[0].Remarks[0].Unit, s.Remarks[0].Remarks[0].Note})
	require.Len(t, s.Of(monthly.Missing, monthly.Pending), 1)

	early := consolidate(t, at("2025-06-28 10:00"))
	require.Equal(t, early.Now, early.Cut)
	require.Equal(t, "2025年6月28日10时00分", early.CutChinese())
}

// The list of months counts the same reports in the same way.
func TestTheListOfMonthsAgrees(t *testing.T) {
	d, lives := june(t)
	now := at("2025-07-03 10:00")
	lives = append(lives, opened(t, d, "S6.6", "a", "2025-07", "2025-07-28", "2025-06-29 09:00"),
		opened(t, d, "S6.6", "b", "2025-07", "2025-07-28", "2025-06-29 09:00").submits("2025-07-01 10:00", "早报").does("2025-07-02 10:00", obligation.Command{Kind: obligation.Return, Text: "补"}),
		opened(t, d, "S6.6", "c", "2025-07", "2025-07-28", "2025-06-29 09:00").does("2025-07-02 10:00", obligation.Command{Kind: obligation.Waive, Text: "撤并"}),
		opened(t, d, "1.1", "a", "2025H1", "2025-06-20", "2025-05-06 09:00"))
	var cases []statistics.Case
	for _, l := range lives {
		c, _ := statistics.Read(l.all, d.Calendar, time.Time{})
		cases = append(cases, c)
	}
	require.Equal(t, []monthly.Tally{
		{"2025-07", calendar.MustDate("2025-07-28"), monthly.Counts{Units: 2, Reported: 1, OnTime: 1, Returned: 1, Pending: 1, Waived: 1}},
		{"2025-06", calendar.MustDate("2025-06-28"), consolidate(t, now).Counts},
	}, monthly.Months(cases, d, now))
	d.Plan.Measures[1].Form = ""
	require.Empty(t, monthly.Months(cases, d, now))
}

func TestStatusOfHistory(t *testing.T) {
	for stage, want := range map[obligation.Stage]monthly.Status{obligation.StageHistory: monthly.History, obligation.StageWaived: monthly.Waived} {
		var c monthly.Counts
		s := obligation.Standing{Stage: stage, WasOverdue: true}
		require.Equal(t, want, monthly.StatusOf(s, statistics.Reported{}, at("2025-07-03 10:00")))
		c.Add(s, statistics.Reported{Zero: true}, at("2025-07-03 10:00"))
		require.Equal(t, 1, c.Waived+c.History)
		require.Zero(t, c.Units+c.Zero)
	}
}

func TestReport(t *testing.T) {
	s := consolidate(t, at("2025-07-03 10:00"))
	r := s.Report()
	require.Equal(t, []string{"2025年6月工作开展情况月报", "区安委会办公室", "2025-07-03"}, []string{r.Title, r.Issuer, r.Date.String()})
	var text strings.Builder
	tables := map[string]report.Table{}
	for _, b := range r.Blocks {
		switch b := b.(type) {
		case report.Heading:
			fmt.Fprintf(&text, "%d %s\n", b.Level, b.Text)
		case report.Paragraph:
			require.NotContains(t, b.Text, "\n", "every text is one line")
			fmt.Fprintln(&text, b.Text)
		case report.Table:
			tables[b.Caption] = b
			for _, row := range b.Rows {
				require.Len(t, row, len(b.Columns))
			}
		case report.Note, report.Chart:
			t.Fatalf("unexpected %v", b)
		}
	}
	require.Equal(t, `根据《三年行动实施方案》（长安委〔2025〕5号）“每月28日前报送工作开展情况及任务清单完成情况”的要求，现将各单位报送情况（截至2025年7月3日10时00分）和任务清单完成情况（截至2025年6月28日24时）汇总如下。
1 报送情况
应报送4家，已报送3家，其中按时报送2家、逾期报送1家，零报告1家；逾期未报1家，期限未到待报送0家。
逾期报送的单位：丙集团。
零报告的单位：乙局。
1 任务清单完成情况
本月到期6项，已办结1项，逾期未办1项。全年应办7项，已办结1项（其中逾期办结0项），逾期未办1项，完成率14.3%。
1 各单位工作开展情况
2 甲街道
工作开展情况：检查10家
整改3处
下步计划：复查
1 有关事项的说明
2 任务1 学习
甲街道：“开展学习”（2025年上半年），已学两次
`, text.String())
	require.Equal(t, [][]string{{"1", "丁办", "逾期未报", "—", "催办"}}, tables["未报送的单位"].Rows)
	require.Equal(t, [][]string{
		{"行动1 提升行动", "2", "1", "1", "3", "1", "1", "33.3%"}, {"保障措施与总体目标", "4", "0", "0", "4", "0", "0", "0.0%"}, {"合计", "6", "1", "1", "7", "1", "1", "14.3%"},
	}, tables["各行动任务完成情况"].Rows)
	require.Len(t, tables["各项任务完成情况"].Rows, 3)
}
