package api_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/tasklist"
)

const theHazards = thePlan + "/hazards"

// carry lets the fake's plan take hazards, and enters one that xinhua has to put right and yingji reviews.
func (f *fake) carry(t *testing.T) obligation.ID {
	t.Helper()
	f.definition.Plan.Measures[0].Form = plan.FormHazard
	e, err := f.Register(t.Context(), "changning-2024", "1", obligation.Registration{
		By: obligation.Actor{Role: obligation.RoleOffice}, Key: "seeded", Unit: "xinhua", Due: calendar.MustDate("2026-03-31"),
		Hazard: obligation.Hazard{
			Source: obligation.ByInspection, Grade: obligation.Major, Industry: "gas", Region: "xinhua", Enterprise: "某某餐饮有限公司", Place: "甲路1号",
			Text: "燃气软管老化", Found: calendar.MustDate("2026-02-20"), Reviewer: "yingji",
		},
	})
	require.NoError(t, err)
	return e.Facts.ID
}

// Register implements api.Commands.
func (f *fake) Register(ctx context.Context, _, _ string, r obligation.Registration) (obligation.Event, error) {
	if err := f.engine(ctx); err != nil {
		return obligation.Event{}, err
	}
	defer f.lock()()
	n := 1
	for _, events := range f.ledgers {
		if events[0].Facts.Hazard != nil {
			n++
		}
	}
	o, err := f.definition.HazardOpening(r, n, 0, now)
	if err != nil {
		return obligation.Event{}, err
	}
	e := obligation.OpenHazard(o, r, f.definition.Calendar, now)
	f.ledgers[o.Facts.ID] = []obligation.Event{e}
	if finding, c, ok := e.Closing(); ok {
		if _, err := f.decide(finding, c, now); err != nil {
			return obligation.Event{}, err
		}
	}
	return e, f.lost
}

// EnteredByKey implements api.Reader.
func (f *fake) EnteredByKey(_ context.Context, _, key string) (obligation.Entered, error) {
	defer f.lock()()
	for _, events := range f.ledgers {
		if events[0].Facts.Hazard != nil && events[0].Key == key {
			return obligation.Entered{State: obligation.Apply(obligation.State{}, events[0]), Event: events[0]}, f.down
		}
	}
	return obligation.Entered{}, cmp.Or(f.down, refused(obligation.CodeNotFound))
}

func hazardous(q *obligation.HazardFilter, st obligation.State) bool {
	if q == nil {
		return true
	}
	h := st.Hazard
	return h != nil && (len(q.Numbers) == 0 || slices.Contains(q.Numbers, h.Key())) && (len(q.Grades) == 0 || slices.Contains(q.Grades, h.Grade)) &&
		(q.Involved == "" || q.Involved == st.ID.Unit || q.Involved == h.Reviewer) && (q.Supervised == nil || *q.Supervised == (st.Supervision != nil)) &&
		(len(q.Industries) == 0 || slices.Contains(q.Industries, h.Industry))
}

// sheets reads lines of cells that commas part.
func sheets(_ string, file []byte) ([]tasklist.Sheet, error) {
	if strings.HasPrefix(string(file), "<html>") {
		return nil, api.Refuse(api.CodeSheet, "这是网页，不是表格")
	}
	var s tasklist.Sheet
	for i, line := range strings.Split(string(file), "\n") {
		row := tasklist.Line{N: i + 1}
		for j, text := range strings.Split(line, ",") {
			if text != "" {
				row.Cells = append(row.Cells, tasklist.Cell{Column: j + 1, Text: text})
			}
		}
		s.Rows = append(s.Rows, row)
	}
	return []tasklist.Sheet{s}, nil
}

const anEntry = `{"unit":"tianshan","due":"2026-04-30","grade":"general","source":"self_check","industry":"lift","region":"tianshan",
	"enterprise":"另一家公司","place":"乙路2号","text":"电梯未检","found":"2026-03-01"}`

func TestRegisteringAHazard(t *testing.T) {
	f := newFake(t)
	f.carry(t)
	h := api.New(f.deps())
	w := serve(h, request(http.MethodPost, theHazards, anEntry, "Idempotency-Key", "k1"))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	got := decoded(t, w)
	require.Equal(t, []any{"2026-002", "长隐〔2026〕2号", "一般", "电梯", "天山路街道"}, []any{got["number"], got["label"], got["gradeLabel"], got["industryLabel"], got["regionName"]})
	require.Equal(t, "tianshan", got["obligation"].(map[string]any)["unit"])
	require.Equal(t, "2026-002", got["obligation"].(map[string]any)["hazard"])

	again := serve(h, request(http.MethodPost, theHazards, anEntry, "Idempotency-Key", "k1"))
	require.Equal(t, "true", again.Header().Get("Idempotent-Replayed"))
	require.Equal(t, "2026-002", decoded(t, again)["number"], "once")
	other := serve(h, request(http.MethodPost, theHazards, strings.Replace(anEntry, "乙路", "丙路", 1), "Idempotency-Key", "k1"))
	wantProblem(t, other, http.StatusConflict, "idempotency_key_reused")
	wantProblem(t, serve(h, request(http.MethodPost, theHazards, strings.Replace(anEntry, `"grade":"general"`, `"grade":"major"`, 1))), http.StatusUnprocessableEntity, "hazard_reviewer_invalid")
	wantProblem(t, serve(h, request(http.MethodPost, theHazards, strings.Replace(anEntry, `"found"`, `"former":"2020-001","found"`, 1))), http.StatusUnprocessableEntity, "hazard_former_unknown")
	wantProblem(t, serve(h, request(http.MethodPost, theHazards, strings.Replace(anEntry, `"found"`, `"former":"那一条","found"`, 1))), http.StatusUnprocessableEntity, "hazard_former_unknown")
	relapse := serve(h, request(http.MethodPost, theHazards, strings.Replace(anEntry, `"found"`, `"former":"长隐〔2026〕1号","found"`, 1)))
	require.Equal(t, "2026-001", decoded(t, relapse)["former"])

	f.gone = true
	wantProblem(t, serve(h, request(http.MethodPost, theHazards, anEntry)), http.StatusServiceUnavailable, "engine_unavailable")
	f.definition.Plan.Measures[0].Form = ""
	wantProblem(t, serve(h, request(http.MethodPost, theHazards, anEntry)), http.StatusConflict, "hazard_no_measure")
}

func TestWhoMayRegister(t *testing.T) {
	f := newFake(t)
	f.carry(t)
	h := api.New(f.deps())
	as := func(who, body string) (int, string) {
		w := serve(h, request(http.MethodPost, theHazards, body, asHeader, who))
		code, _ := decoded(t, w)["code"].(string)
		return w.Code, code
	}
	for _, c := range []struct{ who, body, code string }{
		{"unit li tianshan", anEntry, ""},
		{"unit li tianshan", strings.Replace(anEntry, `"unit":"tianshan",`, "", 1), ""},
		{"unit zhang xinhua", anEntry, "other_unit"},
		{"unit li tianshan", strings.Replace(anEntry, "self_check", "inspection", 1), "validation_failed"},
		{"leader", anEntry, "not_allowed"},
		{"auditor", anEntry, "not_allowed"},
	} {
		_, code := as(c.who, c.body)
		require.Equal(t, c.code, code, "%s %s", c.who, c.body)
	}
}

func TestTheRegister(t *testing.T) {
	f := newFake(t)
	f.carry(t)
	h := api.New(f.deps())
	serve(h, request(http.MethodPost, theHazards, anEntry))
	numbers := func(query, as string) (out []any) {
		w := serve(h, request(http.MethodGet, theHazards+query, "", asHeader, as))
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		for _, v := range objects(t, decoded(t, w)["hazards"]) {
			out = append(out, v["number"])
		}
		slices.SortFunc(out, func(a, b any) int { return cmp.Compare(a.(string), b.(string)) })
		return out
	}
	require.Equal(t, []any{"2026-001", "2026-002"}, numbers("", "office"))
	require.Equal(t, []any{"2026-001"}, numbers("?grade=major", "office"))
	require.Equal(t, []any{"2026-002"}, numbers("?industry=lift", "office"))
	require.Equal(t, []any{"2026-001"}, numbers("?waitingOn=office", "office"), "it waits to be listed")
	require.Equal(t, []any{"2026-001"}, numbers("?q=软管", "office"))
	require.Equal(t, []any{"2026-001"}, numbers("", "unit zhang xinhua"))
	require.Equal(t, []any{"2026-001"}, numbers("", "unit wang yingji"), "its reviewer sees it")
	require.Equal(t, []any{"2026-002"}, numbers("", "unit li tianshan"))
	require.Equal(t, 2.0, get(t, h, theHazards+"?limit=1")["total"])
	one := theHazards + "/2026-001"
	require.Equal(t, "某某餐饮有限公司", get(t, h, one)["enterprise"])
	for who, status := range map[string]int{"unit zhang xinhua": 200, "unit wang yingji": 200, "unit li tianshan": 403, "auditor": 200, "admin": 403} {
		require.Equal(t, status, serve(h, request(http.MethodGet, one, "", asHeader, who)).Code, who)
	}
	wantProblem(t, serve(h, request(http.MethodGet, theHazards+"/2026-009", "")), http.StatusNotFound, "not_found")
	options := get(t, h, theHazards+"/options")
	require.Equal(t, true, options["open"])
	require.Len(t, objects(t, options["regions"]), 2)
	require.Len(t, objects(t, options["reviewers"]), 1)
	export := serve(h, request(http.MethodGet, theHazards+"/export?grade=major", ""))
	require.Equal(t, http.StatusOK, export.Code)
	require.Contains(t, export.Body.String(), "长隐〔2026〕1号\t重大\t督导检查")
	require.NotContains(t, export.Body.String(), "电梯未检")
	require.Contains(t, serve(h, request(http.MethodGet, theHazards+"/template", "")).Body.String(), "企业（单位）名称")
}

// The whole way over the API: listed, put right, not passed, put right again, passed, cancelled.
func TestAHazardOverTheAPI(t *testing.T) {
	f := newFake(t)
	id := f.carry(t)
	h := api.New(f.deps())
	one, own := theHazards+"/2026-001", "/api/v1/obligations/"+id.String()
	act := func(path, as, body, want string) {
		t.Helper()
		w := serve(h, request(http.MethodPost, path, body, asHeader, as))
		got := decoded(t, w)
		require.Equal(t, want, cmp.Or(fmt.Sprint(got["code"]), "<nil>")+"/"+fmt.Sprint(got["kind"]), w.Body.String())
	}
	act(one+"/supervise", "auditor", `{"authority":"长安委〔2026〕9号"}`, "not_allowed/<nil>")
	act(one+"/supervise", "leader", `{"authority":"长安委〔2026〕9号"}`, "<nil>/supervised")
	act(one+"/supervise", "office", `{"authority":"长安委〔2026〕9号"}`, "supervised/<nil>")
	act(one+"/review", "unit wang yingji", `{"passed":true,"checked":"2026-03-02","text":"看过"}`, "not_submitted/<nil>")
	act(own+"/submit", "unit zhang xinhua", `{"text":"已更换"}`, "<nil>/submitted")
	act(own+"/accept", "office", `{}`, "review_missing/<nil>")
	act(one+"/review", "unit zhang xinhua", `{"passed":true,"checked":"2026-03-02","text":"看过"}`, "not_reviewer/<nil>")
	act(one+"/review", "unit li tianshan", `{"passed":true,"checked":"2026-03-02","text":"看过"}`, "other_unit/<nil>")
	act(one+"/review", "unit wang yingji", `{"passed":true,"checked":"2026-03-03","text":"看过"}`, "checked_invalid/<nil>")
	require.Equal(t, "区应急局", get(t, h, one)["obligation"].(map[string]any)["waitingOnName"])
	act(one+"/review", "unit wang yingji", `{"passed":false,"checked":"2026-03-02","text":"还有一处"}`, "<nil>/review_failed")
	require.Equal(t, false, get(t, h, one)["review"].(map[string]any)["passed"])
	act(own+"/submit", "unit zhang xinhua", `{"text":"全部更换"}`, "<nil>/submitted")
	act(one+"/review", "office", `{"passed":true,"checked":"2026-03-02","text":"电话确认"}`, "<nil>/review_passed")
	act(own+"/accept", "office", `{}`, "<nil>/accepted")
	require.Equal(t, "2026-03-02", get(t, h, one)["cancelled"])
	act(one+"/regrade", "office", `{"grade":"general","reason":"复核"}`, "obligation_closed/<nil>")
}

// Whoever reviews a hazard reads its record and evidence, and of everything else no more than before.
func TestTheReviewerReadsTheHazard(t *testing.T) {
	f := newFake(t)
	id := f.carry(t)
	deps := f.deps()
	h := api.New(deps)
	serve(h, request(http.MethodPost, theHazards, anEntry)) // of tianshan, which nobody reviews
	other := obligation.ID{Plan: id.Plan, Measure: id.Measure, Unit: "tianshan", Period: "2026-002"}
	const let, foreign = "", "other_unit"
	for _, c := range []struct{ who, of, part, code string }{
		{"unit wang yingji", id.String(), "", let},
		{"unit wang yingji", id.String(), "/ledger", let},
		{"unit wang yingji", id.String(), "/evidence", let},
		{"unit wang yingji", id.String(), "/evidence/x", "not_found"},
		{"unit wang yingji", id.String(), "/documents", foreign},
		{"unit wang yingji", other.String(), "", foreign},
		{"unit wang yingji", other.String(), "/ledger", foreign},
		{"unit wang yingji", other.String(), "/evidence", foreign},
		{"unit wang yingji", other.String(), "/evidence/x", foreign},
		{"unit wang yingji", "changning-2024/1.1/xinhua/2026H1", "", foreign},
		{"unit wang yingji", "changning-2024/1.1/xinhua/2026-009", "", foreign},
		{"unit zhang xinhua", id.String(), "/evidence", let},
		{"unit li tianshan", id.String(), "", foreign},
		{"unit li tianshan", id.String(), "/ledger", foreign},
		{"unit li tianshan", id.String(), "/evidence", foreign},
		{"unit li tianshan", id.String(), "/evidence/x", foreign},
		{"admin", id.String(), "/evidence", "not_allowed"},
	} {
		w := serve(h, request(http.MethodGet, "/api/v1/obligations/"+c.of+c.part, "", asHeader, c.who))
		code, _ := decoded(t, w)["code"].(string)
		require.Equal(t, c.code, code, "%s %s%s", c.who, c.of, c.part)
	}
	for _, verb := range []string{"sign", "submit", "progress", "send-back", "ask-extension"} {
		w := serve(h, request(http.MethodPost, "/api/v1/obligations/"+id.String()+"/"+verb, `{"text":"代报","reason":"代报","due":"2026-04-30"}`, asHeader, "unit wang yingji"))
		wantProblem(t, w, http.StatusForbidden, foreign)
	}
	regrade := `{"grade":"major","reviewer":"tianshan","reason":"改由街道审核"}`
	require.Equal(t, http.StatusOK, serve(h, request(http.MethodPost, theHazards+"/2026-001/regrade", regrade)).Code)
	for who, status := range map[string]int{"unit wang yingji": http.StatusForbidden, "unit li tianshan": http.StatusOK} {
		require.Equal(t, status, serve(h, request(http.MethodGet, "/api/v1/obligations/"+id.String(), "", asHeader, who)).Code, "%s, once another one reviews", who)
	}
	f.down = errDown
	require.Equal(t, http.StatusServiceUnavailable, serve(h, request(http.MethodGet, "/api/v1/obligations/"+id.String(), "", asHeader, "unit wang yingji")).Code)
}

// The register says for how long whoever holds a hazard has had it.
func TestHowLongAReviewWaits(t *testing.T) {
	f := newFake(t)
	id := f.carry(t)
	h := api.New(f.deps())
	f.decide(id, obligation.Command{Kind: obligation.Submit, By: obligation.Actor{Role: obligation.RoleUnit}, Text: "已更换"}, now.AddDate(0, 0, -5))
	waiting := func(who string) []map[string]any {
		return objects(t, decoded(t, serve(h, request(http.MethodGet, theHazards+"?waitingOn=yingji&stage=submitted", "", asHeader, who)))["hazards"])
	}
	require.Len(t, waiting("unit wang yingji"), 1)
	require.Equal(t, 5.0, waiting("unit wang yingji")[0]["waited"])
	require.Empty(t, waiting("unit li tianshan"))
	review := `{"passed":true,"checked":"2026-03-02","text":"看过"}`
	require.Equal(t, http.StatusOK, serve(h, request(http.MethodPost, theHazards+"/2026-001/review", review, asHeader, "unit wang yingji")).Code)
	require.Empty(t, waiting("unit wang yingji"))
	require.NotContains(t, get(t, h, theHazards+"/2026-001"), "waited", "the office has it since today")
}

func TestRegradingOverTheAPI(t *testing.T) {
	f := newFake(t)
	f.carry(t)
	h := api.New(f.deps())
	serve(h, request(http.MethodPost, theHazards, anEntry))
	path := theHazards + "/2026-002/regrade"
	wantProblem(t, serve(h, request(http.MethodPost, path, `{"grade":"major","reason":"达到标准"}`)), http.StatusUnprocessableEntity, "hazard_reviewer_invalid")
	wantProblem(t, serve(h, request(http.MethodPost, path, `{"grade":"major","reviewer":"nobody","reason":"达到标准"}`)), http.StatusUnprocessableEntity, "hazard_reviewer_invalid")
	first := serve(h, request(http.MethodPost, path, `{"grade":"major","reviewer":"yingji","reason":"达到标准"}`, "Idempotency-Key", "r1"))
	require.Equal(t, http.StatusOK, first.Code, first.Body.String())
	again := serve(h, request(http.MethodPost, path, `{"grade":"major","reviewer":"yingji","reason":"达到标准"}`, "Idempotency-Key", "r1"))
	require.Equal(t, "true", again.Header().Get("Idempotent-Replayed"))
	wantProblem(t, serve(h, request(http.MethodPost, path, `{"grade":"general","reason":"达到标准"}`, "Idempotency-Key", "r1")), http.StatusConflict, "idempotency_key_reused")
	require.Equal(t, []any{"major", "区应急局"}, []any{get(t, h, theHazards+"/2026-002")["grade"], get(t, h, theHazards+"/2026-002")["reviewerName"]})
}

func TestAnalysingHazards(t *testing.T) {
	f := newFake(t)
	f.carry(t)
	h := api.New(f.deps())
	got := get(t, h, theHazards+"/analysis")
	require.Equal(t, 1.0, got["total"].(map[string]any)["open"])
	require.Len(t, objects(t, got["byYear"]), 3)
	require.Equal(t, "2026-02", objects(t, got["byMonth"])[25]["key"])
	require.Equal(t, 1.0, objects(t, got["byMonth"])[25]["new"])
	require.Equal(t, "燃气", objects(t, objects(t, got["tables"])[0]["rows"])[0]["name"])
	require.Equal(t, 1.0, got["zero"].(map[string]any)["open"])
	require.Equal(t, 0.0, get(t, h, theHazards+"/analysis?grade=general")["total"].(map[string]any)["total"])
	export := serve(h, request(http.MethodGet, theHazards+"/analysis/export", "")).Body.String()
	for _, text := range []string{"# 年度目标", "2024年底前基本消除2023年及以前排查发现的重大隐患存量", "# 行业领域", "燃气\t1\t1\t0", "# 月份", "2026年2月\t0\t1\t0\t1"} {
		require.Contains(t, export, text)
	}
}

const aList = `隐患清单
等级,来源,行业领域,街道（镇）,企业（单位）名称,地点,隐患内容,发现日期,整改期限,责任单位,审核单位,销号日期
一般,企业自查,电梯,天山路街道,另一家公司,乙路2号,电梯未检,2026-03-01,2026年4月30日,天山路街道,,
重大,督导检查,燃气,新华街道,某某餐饮有限公司,甲路1号,燃气软管老化,2026-02-20,2026-03-31,新华路街道,区应急局,
重大,督导检查,燃气,新华街道,第三家公司,丙路3号,无报警器,2026-02-30,2026-03-31,新华路街道,没有的局,
一般,群众举报,消防,天山路街道,第四家公司,丁路4号,通道堵塞,2023-11-01,2023-12-01,天山路街道,,2023-11-20
,,,,,,合计,,,,,`

func bringList(t *testing.T, h http.Handler, path, body string) map[string]any {
	t.Helper()
	w := serve(h, request(http.MethodPost, theHazards+path, body, "Content-Type", "application/octet-stream"))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	return decoded(t, w)
}

func TestBringingAListOfHazards(t *testing.T) {
	f := newFake(t)
	f.carry(t)
	h := api.New(f.deps())
	counts := func(p map[string]any) []any { return []any{p["create"], p["unchanged"], p["confirm"], p["error"]} }
	list := strings.Replace(aList, ",,,,,,合计,,,,,", "", 1)
	p := bringList(t, h, "/preview?name=a.csv", list)
	require.Equal(t, []any{2.0, 0.0, 1.0, 1.0}, counts(p))
	rows := objects(t, p["rows"])
	require.Equal(t, []any{"confirm", "2026-001"}, []any{rows[1]["outcome"], rows[1]["number"]})
	require.Contains(t, fmt.Sprint(rows[2]["problems"]), "“2026-02-30”不是日期")
	require.Contains(t, fmt.Sprint(rows[2]["problems"]), "“没有的局”不是方案里的单位")
	require.Len(t, f.ledgers, 4, "a preview enters nothing")

	f.lost = errDown
	w := serve(h, request(http.MethodPost, theHazards+"/apply?name=a.csv", list, "Content-Type", "application/octet-stream"))
	require.Equal(t, http.StatusServiceUnavailable, w.Code, "broken off after its first row")
	f.lost = nil
	digest := fmt.Sprint(p["sha256"])
	applied := bringList(t, h, "/apply?name=a.csv&sha256="+digest, list)
	require.Equal(t, []any{1.0, 1.0, 1.0, 1.0}, counts(applied), "it goes on where it was")
	require.Equal(t, []any{0.0, 2.0, 1.0, 1.0}, counts(bringList(t, h, "/apply?name=a.csv", list)), "and enters nothing twice")
	require.Equal(t, []any{1.0, 2.0, 0.0, 1.0}, counts(bringList(t, h, "/apply?name=a.csv&confirm=4", list)), "but what somebody has confirmed")
	require.Len(t, f.ledgers, 7)
	history := get(t, h, theHazards+"/2026-003")
	require.Equal(t, []any{"history", "2023-11-20"}, []any{history["obligation"].(map[string]any)["stage"], history["cancelled"]})

	wantProblem(t, serve(h, request(http.MethodPost, theHazards+"/apply?name=a.csv&sha256=other", list, "Content-Type", "application/octet-stream")), http.StatusConflict, "conflict")
	for body, code := range map[string]string{"<html>": "sheet_unreadable", "a,b": "sheet_unreadable"} {
		wantProblem(t, serve(h, request(http.MethodPost, theHazards+"/preview?name=a.csv", body, "Content-Type", "application/octet-stream")), http.StatusUnprocessableEntity, code)
	}
}

// What was written can be read again: nothing is entered.
func TestAnExportedRegisterIsUnchanged(t *testing.T) {
	f := newFake(t)
	f.carry(t)
	h := api.New(f.deps())
	text := serve(h, request(http.MethodGet, theHazards+"/export", "")).Body.String()
	p := bringList(t, h, "/preview?name=a.csv", strings.ReplaceAll(text, "\t", ","))
	require.Equal(t, []any{0.0, 1.0, 0.0, 0.0}, []any{p["create"], p["unchanged"], p["confirm"], p["error"]})
}

func decoded(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var out map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out), w.Body.String())
	return out
}
