package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

const week = "/api/v1/obligations/changning-2024/6.3/yingji/2026W10"

// inspecting gives the fake's plan a weekly inspection, and opens the week that runs.
func inspecting(f *fake) obligation.ID {
	m := plan.Measure{
		Code: "6.3", Task: "1", Title: "每周督导检查", Quote: "每半年报送一次学习情况", Done: "记录", Form: plan.FormInspection, Audience: plan.Audience{Units: []string{"yingji"}},
		Schedule: plan.Schedule{Kind: plan.Recurring, Cron: "0 0 * * 1", Names: plan.CronStart, Exempt: plan.ExemptRestWeeks, From: calendar.MustDate("2026-02-02")},
	}
	f.definition.Plan.Measures = append(f.definition.Plan.Measures, m)
	order := f.definition.Ladders[0]
	order.Code, order.Title, order.Rework = obligation.OrderLadder, "交办阶梯", 3
	f.definition.Ladders = append(f.definition.Ladders, order)
	slots, err := f.definition.Agenda("1", 9*time.Hour)
	if err != nil {
		panic(err)
	}
	for _, s := range slots {
		if s.Measure.Code == "6.3" && s.Period.Key == "2026W10" {
			o := f.definition.Openings(s, 9*time.Hour)[0]
			f.ledgers[o.Facts.ID] = []obligation.Event{obligation.Open(o, f.definition.Calendar, s.At)}
			return o.Facts.ID
		}
	}
	panic("no such week")
}

// openFindings opens what the week found, as its workflow does.
func (f *fake) openFindings(id obligation.ID) {
	st := f.state(id)
	for _, found := range st.Findings() {
		o := obligation.FindingOpening(st, found)
		f.ledgers[o.Facts.ID] = []obligation.Event{obligation.Open(o, f.definition.Calendar, now)}
	}
}

const (
	planBody   = `{"theme":"消防安全","visits":[{"unit":"xinhua","day":"2026-03-03","places":"商铺","people":"李、赵"}]}`
	recordBody = `{"theme":"消防安全","visits":[{"unit":"xinhua","day":"2026-03-02","seen":"商铺"},{"unit":"tianshan","day":"2026-03-02","seen":"仓库"}],"summary":"总体较好",` +
		`"findings":[{"unit":"xinhua","place":"某商铺","text":"安全出口上锁","basis":"消防法","severity":"major","demands":"立即开启"},` +
		`{"unit":"tianshan","text":"灭火器过期","severity":"common","demands":"更换","due":"2026-03-20","ladder":"standard"}]}`
)

func TestInspection(t *testing.T) {
	f := newFake(t)
	id := inspecting(f)
	h := api.New(f.deps())
	refuses(t, h, "no_inspection", http.StatusConflict, fresh+"/plan-inspection", planBody)
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, week+"/plan-inspection", strings.Replace(planBody, "xinhua", "nowhere", 1))
	refuses(t, h, "visit_day_invalid", http.StatusUnprocessableEntity, week+"/plan-inspection", strings.Replace(planBody, "03-03", "03-30", 1))
	planned := post(t, h, week+"/plan-inspection", planBody, "Idempotency-Key", "k-1")
	require.Equal(t, planned, post(t, h, week+"/plan-inspection", planBody, "Idempotency-Key", "k-1"), "a retry")
	refuses(t, h, "idempotency_key_reused", http.StatusConflict, week+"/plan-inspection", strings.Replace(planBody, "商铺", "仓库", 1), "Idempotency-Key", "k-1")
	refuses(t, h, "inspection_unrecorded", http.StatusConflict, week+"/add-findings", `{"findings":[{"unit":"xinhua","text":"a","severity":"common","demands":"b"}]}`)
	refuses(t, h, "visit_unseen", http.StatusUnprocessableEntity, week+"/record-inspection", strings.Replace(recordBody, `"seen":"仓库"`, `"seen":""`, 1))
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, week+"/record-inspection", strings.Replace(recordBody, "standard", "none", 1))
	refuses(t, h, "finding_due_invalid", http.StatusUnprocessableEntity, week+"/record-inspection", strings.Replace(recordBody, "03-20", "03-02", 1))

	shown := get(t, h, week+"/inspection")
	require.Equal(t, []any{"planned", "消防安全", "2026-03-02", "2026-03-08"}, []any{shown["state"], shown["theme"], shown["start"], shown["due"]})
	require.Equal(t, "order", objects(t, shown["ladders"])[0]["code"], "the default comes first")
	recorded := post(t, h, week+"/record-inspection", recordBody)
	require.Len(t, objects(t, recorded["findings"]), 2)
	shown = get(t, h, week+"/inspection")
	require.Equal(t, []any{"recorded", 2.0, 2.0, 1.0}, []any{shown["state"], shown["findings"], shown["open"], shown["major"]})
	require.NotContains(t, objects(t, shown["list"])[0], "obligation", "it is being opened")
	require.Contains(t, get(t, h, week)["report"], "发现问题2个")
	refuses(t, h, "inspection_recorded", http.StatusConflict, week+"/plan-inspection", planBody)

	f.openFindings(id)
	first := objects(t, get(t, h, week+"/inspection")["list"])[0]["obligation"].(map[string]any)
	require.Equal(t, []any{"某商铺：安全出口上锁", "2026-03-05", "changning-2024/6.3/yingji/2026W10"}, []any{first["title"], first["due"], first["findingOf"]})
	require.NotContains(t, first, "partOf")

	list := get(t, h, "/api/v1/plans/changning-2024/inspections?year=2026&unit=tianshan&state=recorded")
	require.Len(t, objects(t, list["inspections"]), 1)
	require.Empty(t, objects(t, get(t, h, "/api/v1/plans/changning-2024/inspections?unit=yingji")["inspections"]))
	require.Empty(t, objects(t, get(t, h, "/api/v1/plans/changning-2024/inspections?year=2025")["inspections"]))
	coverage := objects(t, list["coverage"])
	require.Equal(t, []any{"yingji", 28.0}, []any{coverage[0]["unit"], coverage[0]["days"]}, "who was never inspected comes first")
	require.Equal(t, []any{"2026-03-02", 1.0}, []any{coverage[1]["last"], coverage[1]["open"]})

	require.Len(t, objects(t, get(t, h, "/api/v1/plans/changning-2024/findings?severity=major&open=true")["findings"]), 1)
	require.Empty(t, objects(t, get(t, h, "/api/v1/plans/changning-2024/findings?open=false")["findings"]))
	require.Len(t, objects(t, get(t, h, "/api/v1/plans/changning-2024/findings?of=tianshan&light=green")["findings"]), 1)

	w := serve(h, request(http.MethodGet, "/api/v1/plans/changning-2024/findings/export", ""))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), "安全出口上锁")
	require.Contains(t, w.Body.String(), "灭火器过期")
	w = serve(h, request(http.MethodGet, "/api/v1/obligations/changning-2024/6.3/xinhua/2026W10.yingji.f1/order", ""))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Contains(t, w.Body.String(), "2026年第10周 xinhua 2")
	w = serve(h, request(http.MethodGet, fresh+"/order", ""))
	require.Equal(t, http.StatusConflict, w.Code)
}

// A unit hears of its own findings alone, and plans nothing.
func TestInspectionsOfAUnit(t *testing.T) {
	f := newFake(t)
	id := inspecting(f)
	h := api.New(f.deps())
	post(t, h, week+"/record-inspection", recordBody)
	f.openFindings(id)
	ask := func(method, path, body string) *httptest.ResponseRecorder {
		return serve(h, request(method, path, body, asHeader, "unit wang xinhua"))
	}
	w := ask(http.MethodGet, "/api/v1/plans/changning-2024/findings", "")
	require.Contains(t, w.Body.String(), "安全出口上锁")
	require.NotContains(t, w.Body.String(), "灭火器过期")
	require.Equal(t, http.StatusForbidden, ask(http.MethodGet, "/api/v1/plans/changning-2024/findings?of=tianshan", "").Code)
	require.Equal(t, http.StatusForbidden, ask(http.MethodGet, "/api/v1/plans/changning-2024/inspections", "").Code)
	require.Equal(t, http.StatusForbidden, ask(http.MethodPost, week+"/add-findings", `{"findings":[]}`).Code)
	require.Equal(t, http.StatusOK, ask(http.MethodGet, "/api/v1/obligations/changning-2024/6.3/xinhua/2026W10.yingji.f1/order", "").Code)
	require.Equal(t, http.StatusForbidden, ask(http.MethodGet, "/api/v1/obligations/changning-2024/6.3/tianshan/2026W10.yingji.f2/order", "").Code)
}

const promoteBody = `{"due":"2026-03-31","industry":"fire","region":"xinhua","enterprise":"某商铺","place":"甲路1号","reviewer":"yingji","measures":"停业整改"}`

// A finding becomes one hazard, and is closed; each says which the other is.
func TestPromotingAFinding(t *testing.T) {
	f := newFake(t)
	f.definition.Plan.Measures[0].Form = plan.FormHazard
	id := inspecting(f)
	h := api.New(f.deps())
	post(t, h, week+"/record-inspection", recordBody)
	f.openFindings(id)
	const first, second = "/api/v1/obligations/changning-2024/6.3/xinhua/2026W10.yingji.f1", "/api/v1/obligations/changning-2024/6.3/tianshan/2026W10.yingji.f2"
	refuses(t, h, "no_finding", http.StatusConflict, fresh+"/promote", promoteBody)
	require.Equal(t, http.StatusOK, serve(h, request(http.MethodPost, first+"/sign", `{}`, asHeader, "unit zhang xinhua")).Code)
	refuses(t, h, "conflict", http.StatusConflict, first+"/promote", promoteBody, "If-Match", `"1"`)
	refuses(t, h, "hazard_reviewer_invalid", http.StatusUnprocessableEntity, first+"/promote", strings.Replace(promoteBody, `"yingji"`, `"xinhua"`, 1))
	refuses(t, h, "hazard_region_invalid", http.StatusUnprocessableEntity, first+"/promote", strings.Replace(promoteBody, `"xinhua"`, `"yingji"`, 1))
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, first+"/promote", strings.Replace(promoteBody, "03-31", "03-99", 1))
	for _, who := range []string{"leader", "auditor", "admin", "unit zhang xinhua"} {
		require.Equal(t, http.StatusForbidden, serve(h, request(http.MethodPost, first+"/promote", promoteBody, asHeader, who)).Code, who)
	}
	require.NotContains(t, get(t, h, first), "promoted", "what is refused changes nothing")

	hazard := post(t, h, first+"/promote", promoteBody, "Idempotency-Key", "k-1")
	require.Equal(t, []any{"2026-001", "major", "inspection", "xinhua", "安全出口上锁", "changning-2024/6.3/yingji/2026W10", "changning-2024/6.3/xinhua/2026W10.yingji.f1"}, []any{
		hazard["number"], hazard["grade"], hazard["source"], hazard["obligation"].(map[string]any)["unit"], hazard["text"], hazard["inspection"], hazard["finding"],
	})
	require.Contains(t, hazard["reference"], "督导检查第1个问题")
	require.Equal(t, "office", hazard["obligation"].(map[string]any)["waitingOn"], "it waits to be listed for supervision")
	closed := get(t, h, first)
	require.Equal(t, []any{"2026-001", "waived", "转挂牌督办"}, []any{closed["promoted"], closed["stage"], closed["stageLabel"]})
	events := objects(t, get(t, h, first+"/ledger")["events"])
	last := events[len(events)-1]
	require.Equal(t, []any{"promoted", "2026-001", "转为重大隐患长隐〔2026〕1号"}, []any{last["kind"], last["number"], last["text"]})

	again := serve(h, request(http.MethodPost, first+"/promote", promoteBody, "Idempotency-Key", "k-1"))
	require.Equal(t, []any{http.StatusOK, "true"}, []any{again.Code, again.Header().Get("Idempotent-Replayed")}, again.Body.String())
	refuses(t, h, "idempotency_key_reused", http.StatusConflict, first+"/promote", strings.Replace(promoteBody, "03-31", "04-30", 1), "Idempotency-Key", "k-1")
	refuses(t, h, "promoted", http.StatusConflict, first+"/promote", promoteBody)
	require.Len(t, objects(t, get(t, h, theHazards)["hazards"]), 1)

	// An answer that was lost has entered it all the same.
	f.lost = errDown
	require.Equal(t, http.StatusServiceUnavailable, serve(h, request(http.MethodPost, second+"/promote", promoteBody, "Idempotency-Key", "k-2")).Code)
	f.lost = nil
	require.Equal(t, "2026-002", post(t, h, second+"/promote", promoteBody, "Idempotency-Key", "k-2")["number"])
	require.Len(t, objects(t, get(t, h, theHazards)["hazards"]), 2)
	require.Equal(t, 0.0, get(t, h, week+"/inspection")["open"])
}
