package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
	"duban/obligation"
)

const listPage = "/plans/p1/obligations"

// listed is an API with a list of two: one in the hands of its unit, one that waits for the office.
func listed() *queries {
	p := answering(reported())
	waiting := reported().Obligation
	inHand := waiting
	inHand.Period, inHand.Stage, inHand.WaitingOn, inHand.Deadline = "2025H2", obligation.StageSigned, "xinhua", calendar.MustDate("2026-07-01")
	p.answers["GET /obligations"] = api.ObligationPage{Obligations: []api.Obligation{waiting, inHand}, Total: 137, Next: "NEXT"}
	p.answers["GET /plans/p1"] = api.PlanDetail{Actions: []api.Action{{Number: 5, Title: "动态清零" + hostile}}}
	p.answers["GET /plans/p1/tasks"] = api.TaskList{Tasks: []api.Task{{Code: "13", Title: "带队检查" + hostile}}}
	p.answers["GET /plans/p1/units"] = api.UnitList{Units: []api.Unit{{Code: "xinhua", Name: "新华路街道"}, {Code: "yjj", Name: hostile}}}
	return &queries{programs: p}
}

func TestListOfObligations(t *testing.T) {
	q := listed()
	w := get(over(q), listPage+"?list=overdue&q=检查&stage=open&stage=signed&sort=-due&action=5&year=&measure=13.1", as("office"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, []string{"/obligations?action=5&list=overdue&measure=13.1&plan=p1&q=检查&sort=-due&stage=open,signed"}, q.seen)
	body := w.Body.String()
	for _, want := range []string{
		"共 <b>137</b> 件", `href="` + onePage + `"`, "已过 5 天", `aria-sort="descending"`, `value="检查"`, "open、signed", "分项任务 13.1",
		`href="/api/v1/obligations/export?action=5&amp;list=overdue&amp;measure=13.1&amp;plan=p1&amp;q=%E6%A3%80%E6%9F%A5&amp;sort=-due&amp;stage=open%2Csigned"`,
		"cursor=NEXT", `value="13.1/xinhua/2025H2"`, `name="list" value="overdue" form="filters"`, "动态清零", "带队检查",
	} {
		require.Contains(t, body, want)
	}
	require.NotContains(t, body, `value="13.1/xinhua/2026H1"`, "nobody nudges what waits for himself")
	require.NotContains(t, body, "<script>alert")
	require.NotContains(t, body, "<img src=x")
	for _, role := range []string{"leader", "auditor", "unit"} {
		body := get(over(listed()), listPage, as(role)).Body.String()
		require.NotContains(t, body, `name="pick"`, role)
		require.NotContains(t, body, `action="/plans/p1/obligations/nudge"`, role)
		require.Contains(t, body, "/api/v1/obligations/export?", role)
	}
}

// A liaison has his own unit alone: nothing of the plan that he may not see is asked for.
func TestListOfALiaison(t *testing.T) {
	q := listed()
	body := get(over(q), listPage, as("unit")).Body.String()
	require.Equal(t, []string{"GET /plans", "GET /obligations"}, q.asked)
	require.NotContains(t, body, `name="unit"`)
	require.NotContains(t, body, `name="action"`)
	require.NotContains(t, body, "文书待签发")
	require.NotContains(t, body, ">责任单位 <")
}

// A script gets what changes alone, and the address that brings the same page again.
func TestListChangesInPlace(t *testing.T) {
	q := listed()
	partly := header{"Cookie": "as=office", "HX-Request": "true"}
	w := get(over(q), listPage+"?q=&light=red&stage=&sort=due&cols=title&cols=light&cols=due&list=", partly)
	require.NotContains(t, w.Body.String(), "<html")
	require.Equal(t, "/plans/p1/obligations?cols=light%2Ctitle%2Cdue&light=red", w.Header().Get("HX-Push-Url"))
	require.Equal(t, []string{"GET /plans", "GET /obligations"}, q.asked, "what the fields offer has not changed")
	require.NotContains(t, w.Body.String(), `data-label="状态"`)
	again := get(over(listed()), w.Header().Get("HX-Push-Url"), as("office")).Body.String()
	require.NotContains(t, again, `data-label="状态"`)
	require.Contains(t, again, `data-label="期限"`)

	w = get(over(listed()), listPage+"?cols=title&cols=light&cols=unit&cols=period&cols=due&cols=stage&cols=waiting&cols=next", partly)
	require.Equal(t, listPage, w.Header().Get("HX-Push-Url"), "what is shown anyhow need not be said")
	w = get(over(listed()), listPage+"?cursor=C2", partly)
	require.Equal(t, listPage+"?cursor=C2", w.Header().Get("HX-Push-Url"))
	require.Contains(t, w.Body.String(), "回到第一页")
	w = get(over(listed()), listPage, header{"Cookie": "as=office", "HX-Request": "true", "HX-History-Restore-Request": "true"})
	require.Contains(t, w.Body.String(), "<html", "coming back brings the page")
}

func TestEmptyAndRefusedLists(t *testing.T) {
	q := listed()
	q.answers["GET /obligations"] = api.ObligationPage{}
	require.Contains(t, get(over(q), listPage, as("office")).Body.String(), "还没有责任事项")
	body := get(over(q), listPage+"?q=x", as("office")).Body.String()
	require.Contains(t, body, "没有符合条件的责任事项")
	require.Contains(t, body, "清除条件")
	q.answers["GET /obligations"] = &api.Problem{Status: http.StatusUnprocessableEntity, Code: api.CodeValidation, Detail: "提交的内容有误", Errors: []api.ProblemField{{Message: "亮灯只能是" + hostile}}}
	w := get(over(q), listPage+"?light="+url.QueryEscape(hostile), as("office"))
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), "亮灯只能是")
	require.NotContains(t, w.Body.String(), "<script>alert")
}

// Several are nudged under keys of their own, and each result is told.
func TestNudgingSeveral(t *testing.T) {
	q := listed()
	q.answers["POST "+strings.Replace(oneAPI, "2026H1", "2025H2", 1)+"/nudge"] = &api.Problem{Status: http.StatusConflict, Detail: "该事项已提交，正在等待审核。"}
	q.answers["GET "+strings.Replace(oneAPI, "2026H1", "2025H2", 1)] = reported()
	form := url.Values{"key": {"k-1"}, "form": {"nudge"}, "pick": {"13.1/xinhua/2026H1", "13.1/xinhua/2025H2"}, "back": {listPage + "?list=overdue"}}
	w := post(over(q), listPage+"/nudge", form, as("office"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, q.asked, "POST "+oneAPI+"/nudge k-1-1  {}")
	require.Contains(t, q.asked, "POST "+strings.Replace(oneAPI, "2026H1", "2025H2", 1)+"/nudge k-1-2  {}")
	for _, want := range []string{"已催问 1 件，没有办理 1 件", "该事项已提交，正在等待审核。", `href="/plans/p1/obligations?list=overdue"`} {
		require.Contains(t, w.Body.String(), want)
	}
	for _, back := range []string{"https://evil.example/", "//evil.example", "javascript:alert(1)", ":"} {
		form.Set("back", back)
		require.NotContains(t, post(over(listed()), listPage+"/nudge", form, as("office")).Body.String(), "evil")
	}
	for _, picked := range [][]string{nil, make([]string, 51)} {
		q := listed()
		form["pick"] = picked
		w := post(over(q), listPage+"/nudge", form, as("office"))
		require.Equal(t, http.StatusUnprocessableEntity, w.Code)
		require.Contains(t, w.Body.String(), "一次最多 50 件")
		require.Equal(t, []string{"GET /plans"}, q.asked, "nothing is done")
	}
	form["pick"] = []string{"../../plans", "a/b/c/d", ""}
	q = listed()
	post(over(q), listPage+"/nudge", form, as("office"))
	for _, asked := range q.asked {
		require.True(t, strings.HasPrefix(asked, "GET ") || strings.Contains(asked, "/nudge "), asked)
	}
	require.Equal(t, http.StatusForbidden, post(over(listed()), listPage+"/nudge", form, as("unit")).Code)
}
