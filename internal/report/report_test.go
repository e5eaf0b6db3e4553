package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/echarts"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
)

func ladder(title string, letter int) obligation.Ladder {
	return obligation.Ladder{Code: "standard", Title: title, Cure: 3, Yellow: 7, Rework: 5, Nudge: 3, Extensions: 2, Steps: []obligation.Step{
		{Code: "remind-3", Rung: obligation.Remind, Anchor: obligation.AnchorDue, Offset: -3, To: obligation.ToUnit},
		{Code: "press+1", Rung: obligation.Press, Anchor: obligation.AnchorDue, Offset: 1, Every: 3, To: obligation.ToUnit},
		{Code: "letter", Rung: obligation.Letter, Anchor: obligation.AnchorDue, Offset: letter, To: obligation.ToUnit, SignOff: obligation.SignOffOffice},
		{Code: "circular", Rung: obligation.Circular, Anchor: obligation.AnchorDue, Offset: letter + 6, To: obligation.ToUnit, SignOff: obligation.SignOffLeader},
		{Code: "interview", Rung: obligation.Interview, Anchor: obligation.AnchorDue, Offset: letter + 12, To: obligation.ToUnit, SignOff: obligation.SignOffLeader, Letters: 2},
		{Code: "review", Rung: obligation.Remind, Anchor: obligation.AnchorSubmitted, Offset: 3, Every: 3, To: obligation.ToOffice},
	}}
}

// mixture is a script in which something of everything happens.
func mixture(title string, never int) rehearsal.Script {
	return rehearsal.Script{
		Code: "mixture", Title: title, Seed: 7,
		Behaviours: []rehearsal.Behaviour{
			{Code: "early", Title: "提前", Sign: 0, Report: -2, Spread: 1},
			{Code: "late", Title: "晚报", Sign: 3, Report: 9, Return: 1, Rework: 4},
			{Code: "more", Title: "延期", Sign: 1, Extend: []rehearsal.Extra{{Before: 3, By: 10}}},
			{Code: "never", Title: "不报", Sign: rehearsal.Never, Report: rehearsal.Never},
		},
		Units: []rehearsal.Rule{
			{Who: rehearsal.Who{Units: []string{"u1"}, Tasks: []string{"1"}}, Mix: []rehearsal.Share{{Behaviour: "early", Weight: 1}}},
			{Mix: []rehearsal.Share{{Behaviour: "early", Weight: 6}, {Behaviour: "late", Weight: 3}, {Behaviour: "more", Weight: 2}, {Behaviour: "never", Weight: never}}},
		},
		Office: []rehearsal.Office{{Review: 2, Sign: 1, Meet: 3}},
	}
}

// rehearse runs a plan of three years with so many units.
func rehearse(t testing.TB, units int, script rehearsal.Script, l obligation.Ladder) Rehearsal {
	t.Helper()
	cal, err := calendar.NewCalendar(1, map[int]calendar.Year{2024: {}, 2025: {}, 2026: {}})
	require.NoError(t, err)
	p := plan.Plan{
		Code: "p", Number: "长安委〔2024〕5号", Title: "安全生产治本攻坚三年行动实施方案（2024—2026年）", Zone: "Asia/Shanghai",
		RestDayRule: plan.RestDayNextWorkday, Issued: calendar.MustDate("2024-04-19"),
		From: calendar.MustDate("2024-01-01"), To: calendar.MustDate("2026-12-31"), Tasks: []plan.Task{{Code: "1"}},
		Measures: []plan.Measure{
			{
				Code: "1.1", Task: "1", Title: "每月报送", Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}},
				Schedule: plan.Schedule{Kind: plan.Recurring, Cron: "0 0 28 * *", Names: plan.CronDue},
			},
			{Code: "1.2", Task: "1", Title: "持续推进", Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}}, Schedule: plan.Schedule{Kind: plan.Continuous}},
		},
	}
	for i := range units {
		p.Units = append(p.Units, plan.Unit{Code: fmt.Sprintf("u%d", i), Name: fmt.Sprintf("第%d街道办事处（镇）", i), Kind: plan.KindStreet})
	}
	d := obligation.Definition{AsOf: p.Issued, Plan: p, Calendar: cal, Ladders: []obligation.Ladder{l}}
	run, err := rehearsal.Rehearse(d, script, rehearsal.Setting{At: 9 * time.Hour})
	require.NoError(t, err)
	run.Title = script.Title + "·" + l.Title
	return Of(run)
}

func written(t testing.TB, runs ...Rehearsal) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, WriteRehearsals(&b, runs))
	return b.String()
}

// What the charts and tables show by month adds up to what the run says in all.
func TestMonthsAddUp(t *testing.T) {
	r := rehearse(t, 5, mixture("一般", 1), ladder("标准阶梯", 5))
	var total rehearsal.Tally
	for _, m := range r.months {
		total.Add(*m)
	}
	require.Equal(t, r.summary.Total, total)
	require.Positive(t, total.Letters)
	require.Positive(t, total.Interviews)
	for _, u := range r.summary.Units {
		sum := 0
		for _, n := range r.notices[u.Code] {
			sum += n
		}
		require.Equal(t, u.Total.Unit(), sum, u.Code)
	}
	require.Equal(t, []int{2027}, r.provisional)
}

// requireIn requires a text in the page without printing a megabyte.
func requireIn(t *testing.T, page, text string) {
	t.Helper()
	require.True(t, strings.Contains(page, text), text)
}

var dataOf = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)

func data(t testing.TB, page string) chartData {
	t.Helper()
	m := dataOf.FindStringSubmatch(page)
	require.NotNil(t, m)
	var d chartData
	require.NoError(t, json.Unmarshal([]byte(m[1]), &d))
	return d
}

func TestReport(t *testing.T) {
	a, b := rehearse(t, 5, mixture("一般", 1), ladder("标准阶梯", 5)), rehearse(t, 5, mixture("一般", 1), ladder("从严阶梯", 3))
	page := written(t, a, b)
	require.True(t, page == written(t, a, b), "the same runs, the same bytes")
	for _, text := range []string{
		"不是真实办理数据", "长安委〔2024〕5号", "2024-04-19", "2027-03-01", "随机种子 7", "一般·标准阶梯", "一般·从严阶梯", "2027年放假安排尚未公布",
		"<dt>其余各项</dt><dd>提前 50%、晚报 25%、延期 16.6%、不报 8.3%</dd>", "督促函（逾期3个工作日），区安委办签发",
	} {
		requireIn(t, page, text)
	}
	require.Equal(t, 1, strings.Count(page, "<h3>从严阶梯</h3>"), "what the runs have in common is told once")

	d := data(t, page)
	require.Equal(t, "2024-04", d.Months[0])
	require.Equal(t, "2024-04-15", d.Weeks[0])
	require.Len(t, d.Units, 5)
	require.Len(t, d.Runs, 2)
	for i, r := range []Rehearsal{a, b} {
		c := d.Runs[i]
		require.Len(t, c.Letters, len(d.Months))
		require.Len(t, c.Reviews, len(d.Weeks))
		sum := 0
		for _, n := range c.Reviews {
			sum += n
		}
		require.Equal(t, r.summary.Total.Submitted, sum)
		require.Equal(t, [5]int{r.summary.End.OnTime, r.summary.End.Late, r.summary.End.Green, r.summary.End.Yellow, r.summary.End.Red}, c.End)
	}
	charts := regexp.MustCompile(`data-chart="(\w+)"`).FindAllStringSubmatch(page, -1)
	require.Len(t, charts, 1+2+2+2+1)
	require.Equal(t, 1+1+2+2, strings.Count(page, "<details>"), "each kind of chart has its table, and the totals stand above theirs")
}

// A page that is sent around asks nothing of anybody.
func TestReportIsSelfContained(t *testing.T) {
	page := written(t, rehearse(t, 2, mixture("一般", 1), ladder("标准阶梯", 5)))
	requireIn(t, page, `content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"`)
	rest := strings.Replace(page, echarts.Script, "", 1)
	require.Len(t, rest, len(page)-len(echarts.Script), "it is there, unmodified")
	for _, asks := range []string{`(?i)<(link|img|iframe|base|object)\b`, `(?i)<script[^>]*\bsrc=`, `(?i)@import|\burl\(`, `https?://`} {
		require.Empty(t, regexp.MustCompile(asks).FindString(rest))
	}
	requireIn(t, page, "Licensed to the Apache Software Foundation")
}

// Whatever a script is called, it stays text.
func TestReportEscapes(t *testing.T) {
	r := rehearse(t, 2, mixture(`</script><script>alert("甲")</script>`, 1), ladder("<b>阶梯", 5))
	page := written(t, r)
	require.False(t, strings.Contains(page, "<script>alert"))
	require.False(t, strings.Contains(page, "<b>阶梯"))
	require.Equal(t, r.title, data(t, page).Runs[0].Title)
	require.False(t, strings.Contains(page, `class="tabs"`), "one run needs no tabs")
}

// Runs of two lists stand beside each other: months and units are those of both.
func TestReportOfDifferentLists(t *testing.T) {
	a, b := rehearse(t, 2, mixture("甲", 1), ladder("标准阶梯", 5)), rehearse(t, 4, mixture("乙", 1), ladder("标准阶梯", 5))
	d := data(t, written(t, a, b))
	require.Len(t, d.Units, 4)
	require.Equal(t, [5]int{}, d.Runs[0].Units[3])
	require.NotEqual(t, [5]int{}, d.Runs[1].Units[3])
	require.Len(t, d.Runs[0].Notices, 4)
}

func TestReportOfNothing(t *testing.T) {
	page := written(t, rehearse(t, 0, mixture("一般", 1), ladder("标准阶梯", 5)))
	requireIn(t, page, "<td>—</td>")
}

func TestReportThatCannotBeWritten(t *testing.T) {
	require.EqualError(t, WriteRehearsals(full{}, []Rehearsal{rehearse(t, 1, mixture("一般", 1), ladder("标准阶梯", 5))}), "disk full")
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestColumns(t *testing.T) {
	for runs, want := range []int{0, 1, 2, 3, 2, 2, 2, 2, 2, 3, 2, 2, 2} {
		require.Equal(t, want, columns(runs), "%d runs", runs)
	}
}

func TestBehaviourInWords(t *testing.T) {
	for _, tt := range []struct {
		b    rehearsal.Behaviour
		want string
	}{
		{rehearsal.Behaviour{}, "交办当天签收，期限当天报送"},
		{rehearsal.Behaviour{Sign: 2, Report: -3, Spread: 2}, "交办后2个工作日签收，期限前3个工作日报送（前后浮动2个工作日）"},
		{rehearsal.Behaviour{Sign: 1, Report: 10, Return: 2, Rework: 4}, "交办后1个工作日签收，逾期10个工作日报送，退回2次，每次4个工作日后补报"},
		{rehearsal.Behaviour{Sign: 1, Return: 1, Rework: rehearsal.Never}, "交办后1个工作日签收，期限当天报送，退回1次，不再补报"},
		{rehearsal.Behaviour{Sign: rehearsal.Never, Report: rehearsal.Never, Spread: 3}, "不签收，不报送"},
		{rehearsal.Behaviour{Sign: 1, Extend: []rehearsal.Extra{{Before: 3, By: 10}}}, "交办后1个工作日签收，期限前3个工作日申请延期10个工作日，期限当天报送"},
	} {
		require.Equal(t, tt.want, behaviour(tt.b))
	}
}

func TestRulesInWords(t *testing.T) {
	p := plan.Plan{Units: []plan.Unit{{Code: "u", Name: "区应急局"}}}
	s := rehearsal.Script{
		Behaviours: []rehearsal.Behaviour{{Code: "a", Title: "甲"}, {Code: "b", Title: "乙"}},
		Units: []rehearsal.Rule{
			{
				Who: rehearsal.Who{
					Kinds: []plan.UnitKind{plan.KindStreet, plan.KindGroup}, Tags: []string{"park"}, Units: []string{"u"},
					Tasks: []string{"1", "2"}, Measures: []string{"3.1"},
				},
				Mix: []rehearsal.Share{{Behaviour: "a", Weight: 2}, {Behaviour: "b", Weight: 1}},
			},
			{Mix: []rehearsal.Share{{Behaviour: "b", Weight: 5}}},
		},
		Office: []rehearsal.Office{{Review: rehearsal.Never, Sign: rehearsal.Never, Refuse: true, Forgets: 5}},
	}
	require.Equal(t, []line{
		{"街道（镇）、区属集团公司、带“park”标签的单位、区应急局；任务1、2；分项任务3.1", "甲 66.6%、乙 33.3%"}, {"其余各项", "乙 100%"},
	}, rules(s, &p))
	require.Equal(t, []line{{"全部事项", "不审核，不签发文书，不同意延期，每百件漏办5件"}}, office(s, &p))
	s.Office = []rehearsal.Office{{Review: 1, Sign: 2, Meet: 3}}
	require.Equal(t, []line{{"全部事项", "收到报送、延期申请后1个工作日内办理，文书拟好后2个工作日签发，约谈在签发后3个工作日举行"}}, office(s, &p))
}

func TestLadderInWords(t *testing.T) {
	l := ladder("标准阶梯", 5)
	require.Equal(t, "到期前7个工作日起亮黄灯；两次正式措施至少隔3个工作日；退回后5个工作日内补正；文书待签发每3个工作日提醒一次；最多延期2次", periods(l))
	require.Equal(t, []string{
		"提醒（到期前3个工作日）", "催办（逾期1个工作日，其后每3个工作日一次）", "督促函（逾期5个工作日），区安委办签发", "通报（逾期11个工作日），领导签发",
		"约谈（逾期17个工作日），领导签发，一年内第2份督促函起提前", "提醒（提交后3个工作日未审核，其后每3个工作日一次），发给区安委办",
	}, steps(l))
}
