package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
	"duban/obligation"
	"duban/web"
)

// hung is a plan's API with a wall chart of two actions and an overview.
func hung() *programs {
	today := calendar.MustDate("2024-06-17")
	return &programs{answers: map[string]any{
		"GET /plans": api.PlanList{Plans: []api.Plan{{
			Code: "p1", Title: "三年行动方案", From: calendar.MustDate("2024-01-01"), To: calendar.MustDate("2025-03-31"), Zone: "Asia/Shanghai",
		}}},
		"GET /plans/p1/wall": api.Wall{From: "2024-01", To: "2025-03", Today: today, Rows: []api.WallRow{
			{Task: "1", Title: "强化领导责任", Action: 1, ActionTitle: "责任体系行动", Light: obligation.Red, Cells: []api.WallCell{
				{Month: "2024-02", Total: 5, Closed: 2, Green: 2, Yellow: 1, Red: 2, Light: obligation.Red},
				{Month: "2024-06", Total: 4, Closed: 4, Green: 4, Light: obligation.Green},
			}},
			{Task: "2", Title: "落实监管责任", Action: 1, ActionTitle: "责任体系行动", Light: obligation.Green, Cells: []api.WallCell{
				{Month: "2024-06", Total: 7, Closed: 3, Green: 7, Light: obligation.Green},
			}},
			{Task: "S1", Title: "加强组织领导", Light: obligation.None, Cells: []api.WallCell{}},
		}},
		"GET /plans/p1/overview": api.Overview{
			Today: today, Total: 16, Open: 7, Closed: 9, DueSoon: 3, Overdue: 2, OverdueDone: 1,
			Waiting: []api.WaitingCount{
				{Kind: obligation.WaitDraft, Label: "文书待签发", Count: 2, Oldest: time.Date(2024, 6, 14, 9, 0, 0, 0, obligation.Location("Asia/Shanghai"))},
				{Kind: obligation.WaitSubmission, Label: "报送待审核", Count: 3},
			},
			Units: []api.UnitRank{
				{Unit: "huayang", Name: "华阳路街道", Total: 9, OnTime: 5, Late: 1, Overdue: 2, Rate: 0.625}, {Unit: "new", Name: "新长宁集团", Total: 2},
			},
			Trend: []api.TrendPoint{{Month: "2024-02", Due: 5, OnTime: 2, Late: 1, Overdue: 2}},
		},
	}}
}

func served(p *programs) http.Handler {
	return pages(newDoor(), func(d *web.Deps) { d.API = p })
}

func TestWall(t *testing.T) {
	p := hung()
	w := get(served(p), "/plans/p1", as("leader"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, []string{"GET /plans", "GET /plans/p1/wall", "GET /plans/p1/overview"}, p.asked, "and nothing else is asked for")
	body := w.Body.String()
	for name, part := range map[string]string{
		"a red square counts what is red":   `<td class="month red"><a id="w1-2024-02" href="/plans/p1/obligations?dueFrom=2024-02-01&amp;dueTo=2024-02-29&amp;task=1"`,
		"it has a shape and a number":       `<span aria-hidden="true"><i>■</i>2</span><span class="unseen">5 项，2 红</span>`,
		"it tells everything":               `2024年2月 任务 1 强化领导责任` + "\n" + `5 项到期，红灯 2，黄灯 1，绿灯 2，已办结 2"`,
		"today is marked within its month":  `<td class="month now mid green closed">`,
		"what is all settled is ticked":     `<span aria-hidden="true"><i>✓</i>4</span><span class="unseen">4 项，0 红</span>`,
		"what is not is lit":                `<span aria-hidden="true"><i>●</i>7</span>`,
		"years stand over their months":     `<th scope="colgroup" class="year" colspan="12">2024年</th><th scope="colgroup" class="year" colspan="3">2025年</th>`,
		"actions stand over their tasks":    `<th scope="rowgroup" class="action" rowspan="2">1 责任体系行动</th>`,
		"tasks of no action have their own": `<th scope="rowgroup" class="action" rowspan="1">保障措施与总体目标</th>`,
		"a task leads to its page":          `href="/plans/p1/tasks/1"`,
		"a task's sum leads to its reds":    `href="/plans/p1/obligations?light=red&amp;task=1"`,
		"it refreshes by itself":            `hx-get="/plans/p1" hx-trigger="every 60s"`,
		"what is overdue":                   `href="/plans/p1/obligations?list=overdue"><b><span aria-hidden="true">■</span>2</b>`,
		"what waits in all":                 `href="#waiting"><b>5</b>`,
		"and since when":                    `最早的已等 3 天`,
		"a unit's rate":                     `<td class="num">62%</td>`,
		"one of which nothing was due":      `<td class="num">—</td>`,
		"the charts are drawn from tables":  `data-series="red">逾期未办</th>`,
	} {
		require.Contains(t, body, part, name)
	}
	require.Equal(t, 3*15, strings.Count(body, `<td class="month`), "a square for each task and month")
}

// What waits is handled at the desk of whoever can; to everybody else it is a list.
func TestWhatWaitsLeadsToWhoHandlesIt(t *testing.T) {
	for role, want := range map[string][2]string{
		"office":  {"/plans/p1/desk", "/plans/p1/desk"},
		"leader":  {"/plans/p1/desk", "/plans/p1/obligations?waitsFor=submission"},
		"auditor": {"/plans/p1/obligations?waitsFor=draft", "/plans/p1/obligations?waitsFor=submission"},
	} {
		body := get(served(hung()), "/plans/p1", as(role)).Body.String()
		require.Contains(t, body, `<a href="`+want[0]+`"><b>2</b><span>文书待签发`, role)
		require.Contains(t, body, `<a href="`+want[1]+`"><b>3</b><span>报送待审核`, role)
	}
	require.Equal(t, http.StatusForbidden, get(served(hung()), "/plans/p1", as("unit")).Code)
	require.Equal(t, http.StatusForbidden, get(served(hung()), "/plans/p1", as("admin")).Code)
}

// A page that hangs gets what changed alone; one that the browser goes back to is whole.
func TestTheWallRefreshesItsBoard(t *testing.T) {
	part := get(served(hung()), "/plans/p1", header{"Cookie": "as=office", "HX-Request": "true"}).Body.String()
	require.NotContains(t, part, "<html")
	require.Contains(t, part, `<table class="wall">`)
	for _, h := range []string{"HX-Boosted", "HX-History-Restore-Request"} {
		require.Contains(t, get(served(hung()), "/plans/p1", header{"Cookie": "as=office", "HX-Request": "true", h: "true"}).Body.String(), "<html", h)
	}
}

func TestTheWallOfAPlanThatHasJustBegun(t *testing.T) {
	p := hung()
	p.answers["GET /plans/p1/wall"] = api.Wall{From: "2024-01", To: "2024-12", Today: calendar.MustDate("2023-12-01"), Rows: []api.WallRow{{Task: "1", Title: "强化领导责任", Action: 1}}}
	p.answers["GET /plans/p1/overview"] = api.Overview{}
	body := get(served(p), "/plans/p1", as("office")).Body.String()
	for _, part := range []string{"还没有责任事项", "没有等待区安委办", "还没有到期的责任事项", "还没有单位有责任事项", "强化领导责任"} {
		require.Contains(t, body, part)
	}
	require.NotContains(t, body, "data-chart", "there is nothing to draw")
	require.NotContains(t, body, "month now", "today is on no chart")
	require.NotContains(t, get(served(hung()), "/plans/p1", as("office")).Body.String(), "还没有责任事项")
}

func TestTheWallThatCannotBeShown(t *testing.T) {
	require.Equal(t, http.StatusNotFound, get(served(hung()), "/plans/p2", as("office")).Code)
	for _, path := range []string{"GET /plans/p1/wall", "GET /plans/p1/overview"} {
		p := hung()
		p.answers[path] = &api.Problem{Status: http.StatusServiceUnavailable, Detail: "数据库暂时无法读写", Request: "R-1"}
		w := get(served(p), "/plans/p1", as("office"))
		require.Equal(t, http.StatusServiceUnavailable, w.Code)
		require.Contains(t, w.Body.String(), "数据库暂时无法读写")
		require.Contains(t, w.Body.String(), "R-1")
	}
}

func TestTheWallTakesNamesAsText(t *testing.T) {
	const markup = `"><script>alert(1)</script>`
	p := hung()
	p.answers["GET /plans"] = api.PlanList{Plans: []api.Plan{{Code: "p1", Title: markup}}}
	p.answers["GET /plans/p1/wall"] = api.Wall{From: "2024-01", To: "2024-12", Rows: []api.WallRow{{
		Task: markup, Title: markup, Action: 1, ActionTitle: markup, Light: obligation.Red,
		Cells: []api.WallCell{{Month: "2024-02", Total: 1, Red: 1, Light: obligation.Red}},
	}}}
	p.answers["GET /plans/p1/overview"] = api.Overview{
		Waiting: []api.WaitingCount{{Label: markup}}, Units: []api.UnitRank{{Unit: markup, Name: markup}}, Trend: []api.TrendPoint{{Month: markup}},
	}
	body := get(served(p), "/plans/p1", as("office")).Body.String()
	require.Contains(t, body, "alert(1)")
	require.NotContains(t, body, "<script>")
}
