package progress_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/progress"
	"duban/report"
	"duban/statistics"
)

var shanghai = obligation.Location("Asia/Shanghai")

func campaign() obligation.Definition {
	date := calendar.MustDate
	return obligation.Definition{AsOf: date("2026-01-01"), Ladders: []obligation.Ladder{{Code: "standard"}}, Plan: plan.Plan{
		Code: "p", Number: "长安委〔2024〕5号", Title: "三年行动方案", Issuer: "区安全生产委员会", Zone: "Asia/Shanghai", Issued: date("2024-04-19"), From: date("2024-04-19"), To: date("2026-12-31"),
		Actions: []plan.Action{{Number: 1, Title: "学习教育行动"}, {Number: 2, Title: "科技支撑行动"}},
		Tasks:   []plan.Task{{Code: "1", Action: 1, Title: "学习"}, {Code: "2", Action: 2, Title: "科技"}},
		Units:   []plan.Unit{{Code: "a", Name: "甲局"}, {Code: "b", Name: "乙局"}, {Code: "c", Name: "丙局"}},
		Measures: []plan.Measure{
			{Code: "1.1", Task: "1", Title: "开会", Audience: plan.Audience{Units: []string{"a", "b"}}, Schedule: plan.Schedule{Kind: plan.Milestone, Due: []calendar.Date{date("2026-09-30")}}},
		},
	}}
}

// had is a case as of the test's instant.
func had(n int, task, unit, due string, s obligation.Standing) statistics.Case {
	id := obligation.ID{Plan: "p", Measure: task + ".1", Unit: unit, Period: fmt.Sprint("x", n)}
	names := map[string]string{"a": "甲局", "b": "乙局", "c": "丙局"}
	return statistics.Case{ID: id, Task: task, Unit: unit, UnitName: names[unit], Title: fmt.Sprintf("事项%d", n), Due: calendar.MustDate(due), Standing: s, Reached: [7]int{2, 1}}
}

func cases() []statistics.Case {
	done := obligation.Standing{Stage: obligation.StageAccepted}
	late := obligation.Standing{Stage: obligation.StageAccepted, WasOverdue: true}
	open := func(due string) obligation.Standing {
		return obligation.Standing{Stage: obligation.StageSigned, YellowAt: calendar.MustDate(due).At(0, shanghai), OverdueAt: calendar.MustDate(due).End(shanghai)}
	}
	out := []statistics.Case{
		had(1, "1", "a", "2026-01-31", done), had(2, "1", "a", "2026-02-28", done), had(3, "1", "b", "2026-02-28", late), had(4, "1", "b", "2026-05-10", open("2026-05-10")),
		had(5, "2", "c", "2026-03-31", open("2026-03-31")), had(6, "2", "c", "2026-06-30", open("2026-06-30")), had(7, "2", "c", "2026-06-30", obligation.Standing{Stage: obligation.StageWaived}),
		had(8, "2", "a", "2025-12-31", done), had(9, "2", "b", "2025-10-31", open("2025-10-31")), had(10, "1", "a", "2026-08-31", done),
	}
	out[8].Title = "落实“一岗双责”"
	out[4].Reached = [7]int{3, 2, 1}
	out[0].Took = []statistics.Took{{Work: statistics.Review, Time: 29 * time.Hour}}
	return out
}

// asOf composes the report on a half-year as of the end of a day.
func asOf(t *testing.T, half assessment.Half, day string, states ...assessment.State) report.Report {
	t.Helper()
	f, err := progress.Gather(cases(), states, campaign(), half, calendar.MustDate(day).End(shanghai), calendar.MustDate("2026-07-06"))
	require.NoError(t, err)
	return progress.Compose(f)
}

var h1 = assessment.Half{Year: 2026, N: 1}

// said are all sentences and notes.
func said(r report.Report) string {
	var out []string
	for _, b := range r.Blocks {
		switch b := b.(type) {
		case report.Heading:
			out = append(out, "# "+b.Text)
		case report.Paragraph:
			out = append(out, b.Text)
		case report.Note:
			out = append(out, b.Text)
		default:
		}
	}
	return strings.Join(out, "\n")
}

func table(t *testing.T, r report.Report, caption string) report.Table {
	t.Helper()
	for _, b := range r.Blocks {
		if found, ok := b.(report.Table); ok && found.Caption == caption {
			for _, row := range found.Rows {
				require.Len(t, row, len(found.Columns), caption)
			}
			return found
		}
	}
	require.Fail(t, "no table "+caption)
	return report.Table{}
}

func chart(t *testing.T, r report.Report, caption string) report.Chart {
	t.Helper()
	for _, b := range r.Blocks {
		if found, ok := b.(report.Chart); ok && found.Caption == caption {
			return found
		}
	}
	require.Fail(t, "no chart "+caption)
	return report.Chart{}
}

func TestReportOfAHalfYear(t *testing.T) {
	r := asOf(t, h1, "2026-06-30")
	require.Equal(t, []string{"关于《三年行动方案》2026年上半年进展情况的报告", "截至2026年6月30日", "区安全生产委员会办公室", "区安全生产委员会", "2026-07-06"},
		[]string{r.Title, r.Subtitle, r.Issuer, r.To, r.Date.String()})
	text := said(r)
	for _, sentence := range []string{
		"现将《三年行动方案》（长安委〔2024〕5号）2026年上半年的进展情况报告如下。", "截至2026年6月30日24时",
		"2026年上半年到期的责任事项共7件，其中应办6件，免办1件，补录0件。",
		"已办结3件（按时办结2件、逾期办结1件），未办结3件（其中逾期未办3件）；完成率50.0%，按时率33.3%。",
		"与2025年下半年到期事项的现状相比，完成率持平，按时率下降16.7个百分点，逾期未办增加2件。",
		"2项行动（含保障措施与总体目标）有到期的应办事项。", "完成率较高的是行动1 学习教育行动（75.0%）；较低的是行动2 科技支撑行动（0.0%）。",
		"3家责任单位有到期的应办事项，其中1家全部办结。", "完成率较低的是丙局（0.0%）、乙局（50.0%）。",
		"累计送达提醒15次、催办8次、督促函1次。",
		"区安委办审核1次，用时中位数1个工作日5小时，九成不超过1个工作日5小时。",
		"逾期未办的共4件，涉及2家责任单位；其中2026年上半年到期的3件。", "逾期最久的是乙局的“落实‘一岗双责’”，期限为2025年10月31日，已逾期242天。",
		"# 2026年下半年到期的事项", "2026年下半年到期的应办事项共3件，涉及2家责任单位，其中已提前办结1件。",
		"没有2026年上半年考核评估的计分记录。", "特此报告。",
	} {
		require.Contains(t, text, sentence)
	}
	require.NotContains(t, text, "责任单位签收", "what was never done took no time")

	compared := table(t, r, "完成情况与上一个半年对比")
	require.Equal(t, [][]string{{"应办", "6", "2", "+4"}, {"完成率", "50.0%", "50.0%", "+0.0"}, {"按时率", "33.3%", "50.0%", "-16.7"}}, [][]string{compared.Rows[0], compared.Rows[6], compared.Rows[7]})
	units := table(t, r, "各责任单位完成情况")
	require.Equal(t, [][]string{
		{"1", "甲局", "2", "2", "2", "0", "0", "100.0%", "100.0%"},
		{"2", "乙局", "2", "1", "0", "1", "1", "50.0%", "0.0%"},
		{"3", "丙局", "2", "0", "0", "0", "2", "0.0%", "0.0%"},
		{"", "合计", "6", "3", "2", "1", "3", "50.0%", "33.3%"},
	}, units.Rows)
	require.True(t, units.Total)
	require.Equal(t, []string{"合计", "15", "8", "1", "0", "0", "0", "0"}, table(t, r, "各级措施送达责任单位的次数").Rows[5])
	require.Equal(t, []string{"2", "丙局", "事项5", "2026年3月31日", "91", "督促函"}, table(t, r, "逾期最久的事项").Rows[1])
	require.Equal(t, [][]string{{"行动1 学习教育行动", "3", "1", "2"}, {"合计", "3", "1", "2"}}, table(t, r, "2026年下半年各行动到期事项").Rows, "what has still to be opened included")

	months := chart(t, r, "各月到期事项的办理情况（件）")
	require.Equal(t, []string{"2026年1月", "2026年2月", "2026年3月", "2026年5月", "2026年6月"}, months.Categories)
	require.Equal(t, [][]float64{{1, 1, 0, 0, 0}, {0, 1, 0, 0, 0}, {0, 0, 1, 1, 1}, {0, 0, 0, 0, 0}},
		[][]float64{months.Series[0].Values, months.Series[1].Values, months.Series[2].Values, months.Series[3].Values})
	trend := chart(t, r, "方案开始以来各季度到期事项的完成率和按时率")
	require.Equal(t, []string{"2025年第4季度", "2026年第1季度", "2026年第2季度"}, trend.Categories, "and nothing of what comes")
	require.Equal(t, []float64{0.5, 0.75, 0}, trend.Series[0].Values)
	require.Equal(t, []string{"丙局", "乙局"}, chart(t, r, "逾期未办较多的责任单位（件）").Categories)
}

func TestReportOfAHalfYearThatIsNotOver(t *testing.T) {
	r := asOf(t, h1, "2026-05-15")
	require.Equal(t, "截至2026年5月15日，2026年上半年尚未结束", r.Subtitle)
	require.Contains(t, said(r), "2026年上半年考核评估的节点为2026年6月30日24时")
	require.Contains(t, said(r), "未办结3件（其中逾期未办2件）")
	last := asOf(t, assessment.Half{Year: 2026, N: 2}, "2026-12-31")
	require.NotContains(t, said(last), "2027年", "the plan has ended")
	require.Contains(t, said(last), "与2026年上半年到期事项的现状相比")
}

func TestReportOfNothing(t *testing.T) {
	f, err := progress.Gather(nil, nil, campaign(), assessment.Half{Year: 2024, N: 2}, calendar.MustDate("2024-12-31").End(shanghai), calendar.MustDate("2025-01-06"))
	require.NoError(t, err)
	r := progress.Compose(f)
	text := said(r)
	for _, sentence := range []string{"2024年下半年到期的责任事项共0件", "截至2024年12月31日，没有逾期未办的责任事项。", "特此报告。"} {
		require.Contains(t, text, sentence)
	}
	for _, b := range r.Blocks {
		if _, ok := b.(report.Table); ok {
			require.Fail(t, "a table of nothing")
		}
	}
}

func TestReportShowsScoresOncePublished(t *testing.T) {
	st := assessment.State{Plan: "p", Half: "2026H1", Stage: assessment.StageLeader, Since: calendar.MustDate("2026-07-20").At(9*time.Hour, shanghai), Card: assessment.Card{
		Rules: assessment.Rules{Title: "试行规则"}, Units: []assessment.UnitScore{
			{Unit: "a", Name: "甲局", Points: 1000, Figures: assessment.Figures{OnTime: 2}}, {Unit: "b", Name: "乙局", Points: 870, Vetoes: []assessment.Line{{}, {}}},
		},
	}, Units: map[string]assessment.Statement{"a": {Adjusted: -150}}}
	other := st
	other.Half, other.Stage = "2025H2", assessment.StagePublished
	r := asOf(t, h1, "2026-06-30", other, st)
	require.Contains(t, said(r), "2026年上半年考核评估已按节点前的台账计分，2026年7月6日处于“待签发”阶段，尚未公布；得分和名次以公布的为准。")
	st.Stage = assessment.StagePublished
	r = asOf(t, h1, "2026-06-30", other, st)
	require.Contains(t, said(r), "已于2026年7月20日公布，共评估2家责任单位，评分规则为“试行规则”。")
	require.Contains(t, said(r), "最高得分87分，最低得分85分；列有“一票否优”事实的1家，是否否优由人决定。")
	require.Equal(t, [][]string{{"1", "乙局", "87", "0", "0", "0", "0", "0", "2"}, {"2", "甲局", "85", "2", "0", "0", "0", "0", "0"}}, table(t, r, "2026年上半年考核评估得分").Rows, "as the office adjusted them")
}

func TestUnitsOfEqualFiguresShareAPlace(t *testing.T) {
	done := obligation.Standing{Stage: obligation.StageAccepted}
	all := []statistics.Case{
		had(1, "1", "a", "2026-01-31", done), had(2, "1", "b", "2026-01-31", done), had(3, "1", "b", "2026-02-28", done),
		had(4, "1", "c", "2026-02-28", obligation.Standing{Stage: obligation.StageAccepted, WasOverdue: true}),
	}
	f, err := progress.Gather(all, nil, campaign(), h1, calendar.MustDate("2026-06-30").End(shanghai), 0)
	require.NoError(t, err)
	var places [][]string
	for _, row := range table(t, progress.Compose(f), "各责任单位完成情况").Rows {
		places = append(places, row[:2])
	}
	require.Equal(t, [][]string{{"1", "甲局"}, {"1", "乙局"}, {"3", "丙局"}, {"", "合计"}}, places, "who was in time comes before who was not")
	require.NotContains(t, said(progress.Compose(f)), "完成率较低的是丙局", "all have done everything")
}

func TestWhichHalfYearsThereAre(t *testing.T) {
	d := campaign()
	at := func(day string) time.Time { return calendar.MustDate(day).At(9*time.Hour, shanghai) }
	var names []string
	for _, h := range progress.Halves(d, at("2025-07-01")) {
		names = append(names, h.String())
	}
	require.Equal(t, []string{"2025H2", "2025H1", "2024H2", "2024H1"}, names)
	require.Empty(t, progress.Halves(d, at("2023-07-01")))
	require.False(t, progress.Begun(d, h1, calendar.MustDate("2026-01-01").At(0, shanghai)), "of that instant there is nothing yet")
	require.True(t, progress.Has(d, assessment.Half{Year: 2024, N: 1}))
	require.False(t, progress.Has(d, assessment.Half{Year: 2027, N: 1}))
	require.False(t, progress.Has(d, assessment.Half{Year: 2023, N: 2}))
	require.Equal(t, "2026-06-30", progress.AsOf(d, h1, at("2026-08-01")).String())
	require.Equal(t, "2026-03-01", progress.AsOf(d, h1, at("2026-03-01")).String())
}
