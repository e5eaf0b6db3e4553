package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// tasked is a plan's API with a task of two measures, which two units have shares of.
func tasked() *programs {
	p := hung()
	task := api.Task{
		Code: "1", Action: 1, Title: "强化领导责任", MeasureCount: 2, Light: obligation.Red, LightLabel: "红灯",
		Lead:   []api.UnitRef{{Code: "a", Name: "区委办"}, {Code: "b", Name: "区府办"}, {Code: "c", Name: "区应急局"}, {Code: "d", Name: "区司法局"}, {Code: "e", Name: "区财政局"}},
		Counts: api.Counts{Total: 9, Open: 4, Red: 2, Closed: 3, History: 2},
	}
	p.answers["GET /plans/p1"] = api.PlanDetail{Actions: []api.Action{{Number: 1, Title: "责任体系行动"}}}
	p.answers["GET /plans/p1/tasks"] = api.TaskList{Tasks: []api.Task{task, {Code: "S1", Title: "加强组织领导", Light: obligation.None, LightLabel: "不亮灯"}}}
	p.answers["GET /plans/p1/tasks/1"] = api.TaskDetail{Task: task, Text: "落实责任。\n第二段。", Measures: []api.Measure{
		{
			Code: "1.1", Title: "每季度专题会议", Quote: "每季度至少召开一次", Done: "会议纪要", Inferred: []string{"audience", "schedule.from", "other"}, Note: "按惯例推定",
			Schedule: api.Schedule{Kind: plan.Recurring, KindLabel: "周期性", Periods: []api.Period{
				{Key: "2024Q1", Label: "2024年第一季度", Due: calendar.MustDate("2024-03-25"), BeforeIssue: true},
				{Key: "2025Q1", Label: "2025年第一季度", Due: calendar.MustDate("2025-03-31"), Provisional: true},
			}},
			Units: []api.UnitRef{{Code: "a", Name: "区委办"}},
		},
		{Code: "1.2", Title: "年度清单", Schedule: api.Schedule{KindLabel: "限期完成"}},
	}}
	p.answers["GET /plans/p1/tasks/1/matrix"] = api.Matrix{
		Task: "1", Title: "强化领导责任", Units: []api.UnitRef{{Code: "a", Name: "区委办"}, {Code: "b", Name: "区府办"}},
		Rows: []api.MatrixRow{
			{Measure: "1.1", Title: "每季度专题会议", KindLabel: "周期性", Cells: []api.MatrixCell{
				{Unit: "a", Light: obligation.Red, Total: 3, Closed: 1, Overdue: 1, Due: calendar.MustDate("2024-06-30")},
				{Unit: "b", Light: obligation.Green, Total: 1, Period: "2024Q1"},
			}},
			{Measure: "1.2", Title: "年度清单", Cells: []api.MatrixCell{}},
		},
	}
	return p
}

func TestTasks(t *testing.T) {
	for _, role := range []string{"office", "leader", "auditor"} {
		w := get(served(tasked()), "/plans/p1/tasks", as(role))
		require.Equal(t, http.StatusOK, w.Code, role)
		for name, part := range map[string]string{
			"an action over its tasks":     `<th scope="rowgroup" colspan="9">1 责任体系行动</th>`,
			"those of none":                `<th scope="rowgroup" colspan="9">保障措施与总体目标</th>`,
			"the task leads to its page":   `<a href="/plans/p1/tasks/1">`,
			"a light has shape and name":   `<span class="lamp red" title="红灯"><span aria-hidden="true">■</span>红</span>`,
			"many leads are cut short":     `title="区委办、区府办、区应急局、区司法局、区财政局">区委办、区府办、区应急局等 5 家</td>`,
			"a count leads to what it is":  `<a href="/plans/p1/obligations?open=true&amp;task=1">4</a>`,
			"the reds":                     `<a href="/plans/p1/obligations?light=red&amp;task=1">2</a>`,
			"a count of nothing leads not": `<td data-label="黄灯" class="num yellow"><span class="zero">0</span></td>`,
		} {
			require.Contains(t, w.Body.String(), part, name)
		}
	}
	for _, role := range []string{"unit", "admin"} {
		require.Equal(t, http.StatusForbidden, get(served(tasked()), "/plans/p1/tasks", as(role)).Code)
		require.Equal(t, http.StatusForbidden, get(served(tasked()), "/plans/p1/tasks/1", as(role)).Code)
	}
	p := tasked()
	p.answers["GET /plans/p1/tasks"] = api.TaskList{}
	require.Contains(t, get(served(p), "/plans/p1/tasks", as("office")).Body.String(), "方案里还没有任务")
}

func TestTask(t *testing.T) {
	w := get(served(tasked()), "/plans/p1/tasks/1", as("office"))
	require.Equal(t, http.StatusOK, w.Code)
	for name, part := range map[string]string{
		"its own words":              "落实责任。\n第二段。",
		"its action":                 `<p class="sub">1 责任体系行动</p>`,
		"a measure's quote":          `<blockquote>每季度至少召开一次</blockquote>`,
		"what the plan leaves open":  `推定待确认：责任单位、首日、other`,
		"and why it is so":           `按惯例推定`,
		"when it is due":             `共 2 期，2024年3月25日至2025年3月31日到期`,
		"a period before the plan":   `2024年第一季度：2024年3月25日<span class="quiet">（早于印发日，不升级）</span>`,
		"one not yet certain":        `2025年第一季度：2025年3月31日<span class="quiet">（节假日安排未公布，日期暂定）</span>`,
		"one that is never due":      `方案期内没有到期日`,
		"nobody is in its range":     `今天没有单位属于这个范围`,
		"many leads to their list":   `<td class="red"><a href="/plans/p1/obligations?measure=1.1&amp;unit=a" title="区委办 · 1.1 每季度专题会议` + "\n" + `红灯：共 3 项，已办结 1 项，逾期未办 1 项，最近到期 2024年6月30日"><span aria-hidden="true">■</span><span class="unseen">红灯</span> 1/3</a></td>`,
		"one leads to itself":        `<td class="green"><a href="/plans/p1/obligations/1.1/b/2024Q1"`,
		"the years of the plan":      `<a href="/plans/p1/tasks/1?year=2025" hx-get="/plans/p1/tasks/1?year=2025" hx-target="#matrix"`,
		"a measure nobody has yet":   `<span class="code">1.2</span> 年度清单`,
		"history is counted as such": `<dd><a href="/plans/p1/obligations?stage=history&amp;task=1">2</a></dd>`,
	} {
		require.Contains(t, w.Body.String(), part, name)
	}
	require.NotContains(t, w.Body.String(), "已免办", "there is none")
}

// A choice of the year replaces the matrix alone, and bounds where its squares lead to.
func TestTheYearOfAMatrix(t *testing.T) {
	p := tasked()
	w := get(served(p), "/plans/p1/tasks/1?year=2024", header{"Cookie": "as=office", "HX-Request": "true"})
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, []string{"GET /plans", "GET /plans/p1/tasks/1/matrix"}, p.asked)
	require.NotContains(t, w.Body.String(), "<html")
	require.Contains(t, w.Body.String(), `href="/plans/p1/obligations?measure=1.1&amp;unit=a&amp;year=2024"`)
	require.Regexp(t, `hx-push-url="true" aria-current="true">\s*2024`, w.Body.String())
	require.Contains(t, get(served(tasked()), "/plans/p1/tasks/1?year=2024", as("office")).Body.String(), "<html")

	p.answers["GET /plans/p1/tasks/1/matrix"] = api.Matrix{Task: "1"}
	require.Contains(t, get(served(p), "/plans/p1/tasks/1?year=2025", as("office")).Body.String(), "2025 年没有到期的责任事项")
	require.Contains(t, get(served(p), "/plans/p1/tasks/1?year=nonsense", as("office")).Body.String(), "还没有交办的责任事项")

	p.answers["GET /plans/p1/tasks/1/matrix"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "提交的内容有误"}
	w = get(served(p), "/plans/p1/tasks/1?year=99", as("office"))
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), "提交的内容有误")
	p.answers["GET /plans/p1/tasks/1/matrix"] = &api.Problem{Status: http.StatusNotFound}
	require.Equal(t, http.StatusNotFound, get(served(p), "/plans/p1/tasks/1", as("office")).Code)
}

func TestTasksTakeNamesAsText(t *testing.T) {
	const markup = `"><script>alert(1)</script>`
	p := tasked()
	task := api.Task{Code: markup, Action: 1, Title: markup, Lead: []api.UnitRef{{Name: markup}}, LightLabel: markup}
	p.answers["GET /plans/p1"] = api.PlanDetail{Actions: []api.Action{{Number: 1, Title: markup}}}
	p.answers["GET /plans/p1/tasks"] = api.TaskList{Tasks: []api.Task{task}}
	p.answers["GET /plans/p1/tasks/1"] = api.TaskDetail{Task: task, Text: markup, Measures: []api.Measure{{
		Code: markup, Title: markup, Quote: markup, Done: markup, Note: markup, Inferred: []string{markup}, Units: []api.UnitRef{{Name: markup}},
		Schedule: api.Schedule{KindLabel: markup, Periods: []api.Period{{Label: markup}, {Label: markup}}}, Ladder: api.Ladder{Title: markup},
	}}}
	p.answers["GET /plans/p1/tasks/1/matrix"] = api.Matrix{Task: markup, Title: markup, Units: []api.UnitRef{{Code: markup, Name: markup}}, Rows: []api.MatrixRow{{
		Measure: markup, Title: markup, KindLabel: markup, Cells: []api.MatrixCell{{Unit: markup, Total: 1, Period: markup}},
	}}}
	for _, path := range []string{"/plans/p1/tasks", "/plans/p1/tasks/1"} {
		body := get(served(p), path, as("office")).Body.String()
		require.Contains(t, body, "alert(1)")
		require.NotContains(t, body, "<script>")
	}
}
