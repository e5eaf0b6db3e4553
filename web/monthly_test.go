package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/monthly"
	"duban/obligation"
	"duban/plan"
)

const (
	monthsPage = "/plans/p1/monthly"
	junePage   = monthsPage + "/2026-06"
)

// june is an API with a month of four units: two reports that wait, one that was accepted late, and one that is missing. All that
// people wrote tries to be markup.
func june() *programs {
	entry := func(unit, name string, status monthly.Status, stage obligation.Stage) api.MonthlyEntry {
		e := api.MonthlyEntry{
			Measure: "13.1", Unit: unit, UnitName: name, Period: "2026H1", Status: status, StatusLabel: status.Chinese(), Stage: stage, StageLabel: stage.Chinese(),
			Due: calendar.MustDate("2026-06-28"), Liaison: "张三" + hostile,
		}
		if status != monthly.Missing {
			e.Reported = instant("2026-06-26 10:00")
		}
		return e
	}
	xin := entry("xinhua", "新华路街道", monthly.OnTime, obligation.StageSubmitted)
	xin.Report = &api.MonthlyReport{Progress: "检查10家" + hostile, Problems: "缺人" + hostile, Next: "复查" + hostile}
	zero := entry("yjj", "区应急局", monthly.OnTime, obligation.StageSubmitted)
	zero.Zero, zero.Report = true, &api.MonthlyReport{Zero: true}
	missing := entry("d", "丁办", monthly.Missing, obligation.StageOpen)
	missing.Rung, missing.RungLabel = obligation.Press, "催办"
	row := api.MonthlyRow{Key: "1", Name: "行动1" + hostile, Month: api.MonthlyFigures{Counted: 4, Closed: 1, Overdue: 2}, Year: api.MonthlyFigures{Counted: 9, Closed: 6, Overdue: 2, Completion: 2.0 / 3}}
	head := api.MonthlyMonth{
		Month: "2026-06", Label: "2026年6月", Due: calendar.MustDate("2026-06-28"), Counts: api.MonthlyCounts{Units: 4, Reported: 3, OnTime: 2, Late: 1, Zero: 1, Missing: 1},
	}
	o := reported()
	o.Recent = []api.Event{{Kind: obligation.Submitted, Seq: 29, Report: &api.MonthlyReport{Progress: "检查10家" + hostile, Lines: []api.MonthlyLine{{
		Measure: "1.1", Period: "2026H1", Title: "开展学习" + hostile, GroupLabel: "本月已办", StageLabel: "待审核", Light: obligation.Green, LightLabel: "绿灯", Note: "已学" + hostile,
	}}}}}
	p := answering(o)
	p.answers["GET "+monthsPage] = api.MonthlyList{At: instant("2026-07-06 09:00"), Measure: "13.1", Months: []api.MonthlyMonth{head}}
	p.answers["GET "+junePage] = api.MonthlySummary{
		MonthlyMonth: head, Measure: "13.1", At: instant("2026-07-06 09:00"), CutLabel: "2026年6月28日24时",
		Entries: []api.MonthlyEntry{xin, entry("late", "丙集团", monthly.Late, obligation.StageAccepted), zero, missing},
		Total:   row, Actions: []api.MonthlyRow{row}, Tasks: []api.MonthlyRow{row},
		Remarks: []api.MonthlyRemarks{{Task: "1", Name: "任务1", Remarks: []api.MonthlyRemark{{UnitName: "新华路街道", MonthlyLine: api.MonthlyLine{Title: "开展学习", Note: "已学" + hostile}}}}},
	}
	return p
}

func TestMonthsPage(t *testing.T) {
	for _, role := range []account.Role{account.Office, account.Leader, account.Auditor} {
		body := get(over(june()), monthsPage, as(string(role))).Body.String()
		for _, want := range []string{`href="` + junePage + `"`, "2026年6月28日", `<td data-label="零报告" class="num">1</td>`, `<span class="tag red">1</span>`, "monthly.css", `aria-current="page"`} {
			require.Contains(t, body, want, role)
		}
	}
	body := get(over(june()), monthsPage, as("unit")).Body.String()
	require.Contains(t, body, `href="/plans/p1/obligations/13.1/xinhua/2026-06"`)
	require.Contains(t, body, "逾期未报")
	require.NotContains(t, body, "应报", "of one unit there is nothing to count")
	require.Equal(t, http.StatusForbidden, get(over(june()), monthsPage, as("admin")).Code)

	none := june()
	none.answers["GET "+monthsPage] = api.MonthlyList{}
	require.Contains(t, get(over(none), monthsPage, as("office")).Body.String(), "这个方案没有月报")
	none.answers["GET "+monthsPage] = api.MonthlyList{Measure: "13.1"}
	require.Contains(t, get(over(none), monthsPage, as("office")).Body.String(), "还没有交办月报")
}

func TestMonthPage(t *testing.T) {
	for _, role := range []account.Role{account.Office, account.Leader, account.Auditor} {
		body := get(over(june()), junePage, as(string(role))).Body.String()
		for _, want := range []string{
			"2026年6月月报", "2026年6月28日24时", `href="/api/v1/plans/p1/monthly/2026-06/report"`, `href="/api/v1/plans/p1/monthly/2026-06/export"`,
			`href="` + junePage + `/xinhua"`, `href="/plans/p1/obligations/13.1/d/2026H1"`, "已催办", "张三&#34;", "检查10家&#34;", "66.7%", "已学&#34;", "零报告",
		} {
			require.Contains(t, body, want, role)
		}
		require.NotContains(t, body, "<script>alert")
		require.NotContains(t, body, "<img src=x")
		office := role == account.Office
		require.Equal(t, office, strings.Contains(body, `name="pick" value="13.1/d/2026H1" checked`), role)
		require.Equal(t, office, strings.Contains(body, "逐份审阅"), role)
	}
	unit := get(over(june()), junePage, as("unit")).Body.String()
	require.NotContains(t, unit, "/export")
	require.NotContains(t, unit, "催问选中")
	gone := june()
	gone.answers["GET "+junePage] = &api.Problem{Status: http.StatusNotFound}
	require.Equal(t, http.StatusNotFound, get(over(gone), junePage, as("office")).Code)
}

// Those who have not reported are nudged as any obligation is, and the way back leads to the month.
func TestNudgingFromAMonth(t *testing.T) {
	p := june()
	p.answers["GET /obligations/p1/13.1/d/2026H1"] = reported()
	w := post(over(p), "/plans/p1/obligations/nudge", url.Values{"form": {"nudge"}, "key": {"k-1"}, "back": {junePage}, "pick": {"13.1/d/2026H1"}}, as("office"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, p.asked, `POST /obligations/p1/13.1/d/2026H1/nudge k-1-1  {}`)
	require.Contains(t, w.Body.String(), `href="`+junePage+`"`)
	w = post(over(p), "/plans/p1/obligations/nudge", url.Values{"form": {"nudge"}, "back": {"https://evil.example/plans/p1/monthly/x"}, "pick": {"13.1/d/2026H1"}}, as("office"))
	require.NotContains(t, w.Body.String(), "evil.example")
}

// The office reads one report after the other; whatever it decides, the next one that waits is opened.
func TestReadingAMonth(t *testing.T) {
	p := june()
	body := get(over(p), junePage+"/xinhua", as("office")).Body.String()
	for _, want := range []string{
		"新华路街道 2026年6月月报", "已报的 3 份中第 1 份", "检查10家&#34;", "开展学习&#34;", "已学&#34;", `href="` + junePage + `/late"`,
		`action="` + junePage + `/xinhua/accept"`, `action="` + junePage + `/xinhua/return"`,
	} {
		require.Contains(t, body, want)
	}
	require.NotContains(t, body, "<script>alert")
	require.NotContains(t, get(over(p), junePage+"/xinhua", as("leader")).Body.String(), `/accept"`)
	require.Equal(t, http.StatusNotFound, get(over(p), junePage+"/nobody", as("office")).Code)

	accept := url.Values{"form": {"accept"}, "key": {"k-1"}, "seq": {"30"}, "text": {""}}
	w := post(over(p), junePage+"/xinhua/accept", accept, as("office"))
	require.Equal(t, []any{http.StatusSeeOther, junePage + "/yjj?done=accept"}, []any{w.Code, w.Header().Get("Location")})
	require.Contains(t, p.asked, `POST `+oneAPI+`/accept k-1 "30" {}`)
	m := p.answers["GET "+junePage].(api.MonthlySummary)
	m.Entries[2].Stage = obligation.StageAccepted
	w = post(over(p), junePage+"/xinhua/return", url.Values{"form": {"return"}, "key": {"k-2"}, "seq": {"30"}, "reason": {"补"}}, as("office"))
	require.Equal(t, junePage+"?done=return", w.Header().Get("Location"), "none waits any more")

	p.answers["POST "+oneAPI+"/return"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "请写明理由。"}
	w = post(over(p), junePage+"/xinhua/return", url.Values{"form": {"return"}, "reason": {"缺少" + hostile}}, as("office"))
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), "缺少&#34;")
	require.Equal(t, http.StatusNotFound, post(over(p), junePage+"/xinhua/waive", accept, as("office")).Code)
	require.Equal(t, http.StatusForbidden, post(over(p), junePage+"/xinhua/accept", accept, as("unit")).Code)
}

// filling is an API with a month's report that the unit has to fill in.
func filling() *programs {
	p := inHand(func(o *api.ObligationDetail) { o.Form = plan.FormMonthly })
	p.answers["GET "+oneAPI+"/monthly"] = api.MonthlyForm{
		Month: "2026-06", Label: "2026年6月", From: calendar.MustDate("2026-05-29"), To: calendar.MustDate("2026-06-28"),
		Lines:    []api.MonthlyLine{{Measure: "1.1", Period: "2026H1", Title: "开展学习" + hostile, GroupLabel: "本月已办"}, {Measure: "1.2", Period: "1", Title: "检查", GroupLabel: "下月到期"}},
		Progress: "本月完成1项" + hostile, Next: "继续" + hostile, Previous: &api.MonthlyReport{Next: "上月说要查" + hostile},
	}
	return p
}

func TestFillingInAMonth(t *testing.T) {
	p := filling()
	body := get(over(p), onePage, as("unit")).Body.String()
	for _, want := range []string{
		"填报2026年6月月报", `name="zero" value="1"`, `data-take="submit-progress" data-text="本月完成1项&#34;`, "上月说要查&#34;", `name="of" value="1.1/2026H1"`,
		"2026年5月29日", "monthly.js", `data-evidence=`, "报送2026年6月月报",
	} {
		require.Contains(t, body, want)
	}
	require.NotContains(t, body, "<script>alert")
	require.NotContains(t, body, `name="text" maxlength="4000" rows="3" required`, "nobody writes it in words as well")
	require.NotContains(t, get(over(p), onePage, as("office")).Body.String(), "monthly.js")

	form := url.Values{
		"form": {"submit"}, "key": {"k-1"}, "seq": {"30"}, "monthly": {"1"}, "progress": {" 检查10家 "}, "problems": {""}, "next": {"复查"},
		"of": {"1.1/2026H1", "1.2/1"}, "note": {"", " 已查 "}, "evidence": {"F1"},
	}
	w := post(over(p), onePage+"/submit", form, as("unit"))
	require.Equal(t, http.StatusSeeOther, w.Code)
	require.Contains(t, p.asked, `POST `+oneAPI+`/submit k-1 "30" {"evidence":["F1"],"report":{"progress":"检查10家","next":"复查","notes":[{"measure":"1.2","period":"1","text":"已查"}]}}`)
	post(over(p), onePage+"/submit", url.Values{"form": {"submit"}, "monthly": {"1"}, "zero": {"1"}}, as("unit"))
	require.Contains(t, p.asked[len(p.asked)-1], `{"report":{"zero":true}}`)

	// What was typed survives a refusal.
	p.answers["POST "+oneAPI+"/submit"] = &api.Problem{Status: http.StatusUnprocessableEntity, Code: api.Code(obligation.CodeReportZero), Detail: "勾选了“零报告”，又写有内容。"}
	form.Set("zero", "1")
	form.Set("problems", "缺人"+hostile)
	w = post(over(p), onePage+"/submit", form, as("unit"))
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	for _, want := range []string{"勾选了“零报告”", `name="zero" value="1" checked`, "检查10家", "缺人&#34;", `value=" 已查 "`} {
		require.Contains(t, w.Body.String(), want)
	}

	// What was returned is mended from what was said.
	returned := filling()
	m := returned.answers["GET "+oneAPI+"/monthly"].(api.MonthlyForm)
	m.Report = &api.MonthlyReport{Progress: "原来写的", Lines: []api.MonthlyLine{{Measure: "1.2", Period: "1", Note: "原来的说明"}}}
	returned.answers["GET "+oneAPI+"/monthly"] = m
	body = get(over(returned), onePage, as("unit")).Body.String()
	require.Contains(t, body, "原来写的</textarea>")
	require.Contains(t, body, `value="原来的说明"`)

	// Where the plan has no such month any more, it is reported in words.
	returned.answers["GET "+oneAPI+"/monthly"] = &api.Problem{Status: http.StatusUnprocessableEntity, Code: api.Code(obligation.CodeReportForm)}
	body = get(over(returned), onePage, as("unit")).Body.String()
	require.Contains(t, body, "报送完成情况")
	require.NotContains(t, body, "monthly.js")
	returned.answers["GET "+oneAPI+"/monthly"] = &api.Problem{Status: http.StatusServiceUnavailable, Detail: "数据库暂时无法读写"}
	require.Equal(t, http.StatusServiceUnavailable, get(over(returned), onePage, as("unit")).Code)
}

// The change of the first month is a form like the others.
func TestChangingTheFirstMonth(t *testing.T) {
	p := june()
	p.answers["GET /plans/p1/tasks"] = api.TaskList{Tasks: []api.Task{{Code: "S6", Title: "机制"}}}
	measure := api.Measure{Code: "S6.6", Title: "月报", Schedule: api.Schedule{Kind: plan.Recurring, Periods: []api.Period{{Due: calendar.MustDate("2024-05-28")}}}}
	p.answers["GET /plans/p1/tasks/S6"] = api.TaskDetail{Task: api.Task{Code: "S6"}, Measures: []api.Measure{measure}}
	page := "/plans/p1/changes/from?task=S6&measure=S6.6"
	body := get(over(p), page, as("office")).Body.String()
	require.Contains(t, body, `name="from" type="date"`)
	require.Contains(t, body, "首期到期日现为2024年5月28日")
	p.answers["POST /plans/p1/changes/preview"] = api.ChangesPreview{}
	post(over(p), page, url.Values{"form": {"preview"}, "from": {"2024-07-01"}}, as("office"))
	require.Contains(t, strings.Join(p.asked, "\n"), `{"measures":[{"code":"S6.6","from":"2024-07-01"}]}`)
	measure.Schedule.Kind = plan.Milestone
	p.answers["GET /plans/p1/tasks/S6"] = api.TaskDetail{Task: api.Task{Code: "S6"}, Measures: []api.Measure{measure}}
	require.Contains(t, get(over(p), page, as("office")).Body.String(), "没有首期可改")
}
