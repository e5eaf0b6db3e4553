package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
	"duban/obligation"
)

const (
	v1     = "/api/v1"
	fresh  = v1 + "/obligations/changning-2024/1.1/xinhua/2026H1"
	late   = v1 + "/obligations/changning-2024/1.1/tianshan/2026-01"
	past   = v1 + "/obligations/changning-2024/1.1/tianshan/2025H2"
	letter = v1 + "/documents/changning-2024/1.1/tianshan/2026-01/letter"
	talk   = v1 + "/documents/changning-2024/1.1/xinhua/2026H1/interview"
	none   = `{}`
)

// ask sends a request, wants the status and returns the answer.
func ask(t *testing.T, h http.Handler, status int, r *http.Request) map[string]any {
	t.Helper()
	w := serve(h, r)
	require.Equal(t, status, w.Code, w.Body.String())
	require.NotContains(t, w.Body.String(), "null", "an array or object is null")
	require.NotContains(t, w.Body.String(), "$schema")
	var out map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
	return out
}

func get(t *testing.T, h http.Handler, path string) map[string]any {
	t.Helper()
	return ask(t, h, http.StatusOK, request(http.MethodGet, path, ""))
}

func post(t *testing.T, h http.Handler, path, body string, headers ...string) map[string]any {
	t.Helper()
	return ask(t, h, http.StatusOK, request(http.MethodPost, path, body, headers...))
}

func objects(t *testing.T, v any) []map[string]any {
	t.Helper()
	values, ok := v.([]any)
	require.True(t, ok, "%v is no array", v)
	out := make([]map[string]any, len(values))
	for i := range values {
		out[i] = values[i].(map[string]any)
	}
	return out
}

func TestStartPlanIsIdempotentAndTakesOutcomes(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	body := `{"asOf":"2026-01-01","outcomes":[{"measure":"1.1","unit":"tianshan","period":"2025H2","outcome":"done"},{"measure":"1.1","outcome":"owed"}]}`
	first := post(t, h, v1+"/plans", body)
	require.EqualValues(t, 2, first["started"])
	require.EqualValues(t, 2, first["outcomes"])
	require.Equal(t, api.SeedRequest{AsOf: calendar.MustDate("2026-01-01"), Outcomes: []api.SeedOutcome{
		{Measure: "1.1", Unit: "tianshan", Period: "2025H2", Outcome: obligation.Done}, {Measure: "1.1", Outcome: obligation.Owed},
	}}, f.seeds[0])
	again := post(t, h, v1+"/plans", `{}`)
	require.EqualValues(t, 0, again["started"])
	require.Equal(t, false, again["changed"])
	require.Equal(t, "2026-01-01", again["asOf"])
}

func TestPlanThatIsSentAlong(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	post(t, h, v1+"/plans", `{"files":{"plan.yaml":"plan: {}"}}`)
	require.Equal(t, map[string]string{"plan.yaml": "plan: {}"}, f.seeds[0].Files)

	f.faults = api.Faults{"第1行：没有分项任务 9.9", "第2行：没有单位 nobody"}
	p := wantProblem(t, serve(h, request(http.MethodPost, v1+"/plans", `{}`)), http.StatusUnprocessableEntity, "plan_invalid")
	require.Equal(t, []api.ProblemField{{Field: "body", Message: "第1行：没有分项任务 9.9"}, {Field: "body", Message: "第2行：没有单位 nobody"}}, p.Errors)

	f.faults = refused(obligation.CodeAsOfAhead)
	wantProblem(t, serve(h, request(http.MethodPost, v1+"/plans", `{"asOf":"2027-01-01"}`)), http.StatusUnprocessableEntity, "as_of_ahead")
	f.faults = errors.New("rpc error: code = Unavailable")
	wantProblem(t, serve(h, request(http.MethodPost, v1+"/plans", `{}`)), http.StatusServiceUnavailable, "engine_unavailable")
	f.faults = errDown
	wantProblem(t, serve(h, request(http.MethodPost, v1+"/plans", `{}`)), http.StatusServiceUnavailable, "database_unavailable")
}

func TestPlans(t *testing.T) {
	h := api.New(newFake(t).deps())
	plans := objects(t, get(t, h, v1+"/plans")["plans"])
	require.Len(t, plans, 1)
	require.Equal(t, "长安委〔2024〕5号", plans[0]["number"])
	one := get(t, h, v1+"/plans/changning-2024")
	require.Equal(t, []any{float64(2026)}, one["calendarYears"])
	require.Equal(t, map[string]any{"total": 3., "open": 2., "red": 1., "yellow": 0., "closed": 0., "history": 1.}, one["counts"])
	require.Equal(t, "标准阶梯", objects(t, one["ladders"])[0]["title"])
}

func TestTasksHaveCountsAndTheWorstLight(t *testing.T) {
	h := api.New(newFake(t).deps())
	tasks := objects(t, get(t, h, v1+"/plans/changning-2024/tasks")["tasks"])
	require.Len(t, tasks, 2)
	require.Equal(t, "red", tasks[0]["light"])
	require.Equal(t, "红灯", tasks[0]["lightLabel"])
	require.Equal(t, "区应急局", objects(t, tasks[0]["lead"])[0]["name"])
	require.Equal(t, "none", tasks[1]["light"], "without obligations there is nothing to light")

	one := get(t, h, v1+"/plans/changning-2024/tasks/1")
	require.Equal(t, "每半年报送一次学习情况。", one["text"])
	measure := objects(t, one["measures"])[0]
	require.Equal(t, "每半年报送一次学习情况", measure["quote"])
	require.Equal(t, []any{"audience"}, measure["inferred"])
	require.Len(t, measure["units"], 2)
	schedule := measure["schedule"].(map[string]any)
	require.Equal(t, "持续推进", schedule["kindLabel"])
	periods := objects(t, schedule["periods"])
	require.Equal(t, "2024-06-30", periods[0]["due"])
	require.Equal(t, true, periods[0]["provisional"], "2024 is not in the calendar")
	require.NotContains(t, periods[len(periods)-1], "provisional")
}

func TestUnits(t *testing.T) {
	units := objects(t, get(t, api.New(newFake(t).deps()), v1+"/plans/changning-2024/units")["units"])
	require.Len(t, units, 3)
	require.Equal(t, "政府部门", units[0]["kindLabel"])
	require.Equal(t, []any{}, units[0]["aliases"])
	require.Equal(t, []any{map[string]any{
		"name": "王五", "email": "w@example.cn", "mobile": "138****0001", "channels": []any{"smtp", "sms"},
	}}, units[0]["contacts"], "the number is nobody's business")
	for query, want := range map[string]int{"?kind=street": 2, "?kind=party": 0, "?q=新": 1, "?q=xinhua&kind=street": 1, "?q=无": 0} {
		require.Len(t, get(t, api.New(newFake(t).deps()), v1+"/plans/changning-2024/units"+query)["units"], want, query)
	}
}

func TestObligationsAreFilteredAndPaged(t *testing.T) {
	h := api.New(newFake(t).deps())
	for query, want := range map[string]int{
		"": 3, "?unit=xinhua": 1, "?open=true": 2, "?open=false": 1, "?stage=history": 1, "?light=red": 1,
		"?dueFrom=2026-01-01": 2, "?dueTo=2025-12-31": 1, "?dueFrom=2026-01-30&dueTo=2026-01-30": 1, "?limit=200&unit=none": 0,
	} {
		require.Len(t, get(t, h, v1+"/obligations"+query)["obligations"], want, query)
	}
	seen, cursor := 0, ""
	for range 3 {
		page := get(t, h, v1+"/obligations?limit=1&cursor="+cursor)
		seen += len(objects(t, page["obligations"]))
		cursor, _ = page["next"].(string)
	}
	require.Equal(t, 3, seen)
	require.Empty(t, cursor)
}

func TestObligationSaysWhatComesNextAndWhy(t *testing.T) {
	h := api.New(newFake(t).deps())
	one := get(t, h, fresh)
	require.Equal(t, "待签收", one["stageLabel"])
	require.Equal(t, "green", one["light"])
	require.Equal(t, "2026-06-30", one["originalDue"])
	require.Equal(t, "xinhua", one["waitingOn"])
	require.Equal(t, "新华路街道", one["waitingOnName"])
	require.Equal(t, "2026-01-05T17:00:00+08:00", one["opened"], "instants are in the plan's zone")
	require.Equal(t, map[string]any{
		"at": "2026-06-19T09:00:00+08:00", "kind": "reminded", "label": "提醒（到期前7个工作日）", "why": "到期前7个工作日：提醒", "rung": "remind",
	}, one["next"])
	require.Equal(t, "http://127.0.0.1:8080/namespaces/duban/workflows/obligation%2Fchangning-2024%2F1.1%2Fxinhua%2F2026H1", one["workflow"])

	one = get(t, h, late)
	require.Equal(t, "red", one["light"])
	require.Equal(t, map[string]any{"rung": "letter", "rungLabel": "督促函"}, one["draft"])
	require.Equal(t, "letter", objects(t, one["formals"])[0]["rung"])

	one = get(t, h, past)
	require.Equal(t, "补录", one["stageLabel"])
	require.Equal(t, "待确认", one["outcomeLabel"])
	require.NotContains(t, one, "next")
	require.NotContains(t, one, "workflow", "history runs no workflow")
	require.NotContains(t, one, "waitingOn")
}

func TestLedgerPages(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	all := len(f.ledgers[id("tianshan", "2026-01")])
	page := get(t, h, late+"/ledger?limit=1")
	event := objects(t, page["events"])[0]
	require.Equal(t, "交办", event["kindLabel"])
	require.Equal(t, map[string]any{"role": "system", "roleLabel": "系统"}, event["by"])
	require.Equal(t, "2026-01-30", event["facts"].(map[string]any)["due"])
	require.Equal(t, "standard", event["ladder"].(map[string]any)["code"])
	require.EqualValues(t, 1, page["next"])
	rest := get(t, h, late+"/ledger?after=1")
	require.Len(t, rest["events"], all-1)
	require.NotContains(t, rest, "next")
	full := get(t, h, fmt.Sprintf("%s/ledger?limit=%d", late, all))
	require.Len(t, full["events"], all)
	require.NotContains(t, full, "next", "a full last page has no next")
	require.Equal(t, fmt.Sprintf("%064x", 2), objects(t, full["events"])[1]["hash"])

	// Longer than the longest page.
	for range 250 {
		_, err := f.decide(id("xinhua", "2026H1"), obligation.Command{Kind: obligation.Nudge}, now)
		require.NoError(t, err)
	}
	page = get(t, h, fresh+"/ledger?limit=200")
	require.EqualValues(t, 200, page["next"])
	require.Len(t, get(t, h, fresh+"/ledger?limit=200&after=200")["events"], 51)
}

func TestRoleFollowsFromTheRoute(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	for _, c := range []struct{ verb, body, kind, role, text string }{
		{"sign", none, "signed", "unit", ""},
		{"nudge", `{"text":"进展如何"}`, "nudged", "office", "进展如何"},
		{"submit", `{"text":" 已报送 "}`, "submitted", "unit", "已报送"},
		{"return", `{"reason":"缺附件","due":"2026-03-20"}`, "returned", "office", "缺附件"},
		{"submit", `{"text":"已补正"}`, "submitted", "unit", "已补正"},
		{"accept", `{}`, "accepted", "office", ""},
	} {
		e := post(t, h, fresh+"/"+c.verb, c.body)
		require.Equal(t, c.kind, e["kind"])
		require.Equal(t, c.role, e["by"].(map[string]any)["role"])
		require.NotContains(t, e["by"].(map[string]any)["name"], " ")
		if c.text != "" {
			require.Equal(t, c.text, e["text"])
		}
		if c.kind == "returned" {
			require.Equal(t, "2026-03-20", e["due"])
		}
	}
	require.Equal(t, "已完成", get(t, h, fresh)["stageLabel"])
	require.Equal(t, 6, f.calls)
}

func TestRetryGetsTheFirstAnswer(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	body := `{"text":"已报送"}`
	first := serve(h, request(http.MethodPost, fresh+"/submit", body, "Idempotency-Key", "k-1"))
	require.Equal(t, http.StatusOK, first.Code, first.Body.String())
	require.Equal(t, "k-1", first.Header().Get("Idempotency-Key"))
	require.Empty(t, first.Header().Get("Idempotent-Replayed"))
	again := serve(h, request(http.MethodPost, fresh+"/submit", body, "Idempotency-Key", "k-1"))
	require.Equal(t, http.StatusOK, again.Code)
	require.Equal(t, "true", again.Header().Get("Idempotent-Replayed"))
	require.JSONEq(t, first.Body.String(), again.Body.String())
	require.Equal(t, 1, f.calls)

	nudge := newFake(t)
	n := api.New(nudge.deps())
	post(t, n, fresh+"/nudge", none, "Idempotency-Key", "n-1")
	wantProblem(t, serve(n, request(http.MethodPost, fresh+"/accept", none, "Idempotency-Key", "n-1")), http.StatusConflict, "idempotency_key_reused")

	due := func(day string) string { return `{"reason":"缺附件","due":"` + day + `"}` }
	post(t, n, fresh+"/submit", body)
	post(t, n, fresh+"/return", due("2026-03-20"), "Idempotency-Key", "r-1")
	post(t, n, fresh+"/return", due("2026-03-20"), "Idempotency-Key", "r-1")
	wantProblem(t, serve(n, request(http.MethodPost, fresh+"/return", due("2026-03-21"), "Idempotency-Key", "r-1")), http.StatusConflict, "idempotency_key_reused")

	// Even once it is closed.
	post(t, h, fresh+"/accept", none, "Idempotency-Key", "k-2")
	require.Equal(t, "accepted", post(t, h, fresh+"/accept", none, "Idempotency-Key", "k-2")["kind"])
	require.Equal(t, 2, f.calls)

	for name, other := range map[string]*http.Request{
		"another text":    request(http.MethodPost, fresh+"/submit", `{"text":"另一份"}`, "Idempotency-Key", "k-1"),
		"another person":  request(http.MethodPost, fresh+"/submit", `{"text":"已报送"}`, "Idempotency-Key", "k-1", asHeader, "same li"),
		"another command": request(http.MethodPost, fresh+"/sign", `{}`, "Idempotency-Key", "k-1"),
	} {
		require.Equal(t, "idempotency_key_reused", ask(t, h, http.StatusConflict, other)["code"], name)
	}
	require.Equal(t, 2, f.calls)
}

func TestExtensionIsAskedForAndDecided(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	ask := `{"due":"2026-07-31","reason":"材料未齐，已完成一半"}`
	asked := post(t, h, fresh+"/ask-extension", ask, "Idempotency-Key", "x-1")
	require.Equal(t, "申请延期", asked["kindLabel"])
	require.Equal(t, "unit", asked["by"].(map[string]any)["role"])
	require.Equal(t, "2026-07-31", asked["due"])
	require.Equal(t, "材料未齐，已完成一半", asked["text"])
	require.Equal(t, asked, post(t, h, fresh+"/ask-extension", ask, "Idempotency-Key", "x-1"), "a retry")
	other := strings.Replace(ask, "07-31", "08-31", 1)
	wantProblem(t, serve(h, request(http.MethodPost, fresh+"/ask-extension", other, "Idempotency-Key", "x-1")), http.StatusConflict, "idempotency_key_reused")

	one := get(t, h, fresh)
	require.Equal(t, map[string]any{"at": "2026-03-02T10:00:00+08:00", "due": "2026-07-31"}, one["application"])
	require.Equal(t, "区安委办", one["waitingOnName"])
	require.Equal(t, "2026-06-30", one["deadline"])
	require.EqualValues(t, 2, one["extensionsAllowed"])
	require.NotContains(t, one, "extensions")
	listed := objects(t, get(t, h, v1+"/obligations?unit=xinhua")["obligations"])
	require.Equal(t, one["application"], listed[0]["application"], "the office finds it in the list")

	no := `{"reason":"理由不充分"}`
	refused := post(t, h, fresh+"/refuse-extension", no, "Idempotency-Key", "x-2")
	require.Equal(t, refused, post(t, h, fresh+"/refuse-extension", no, "Idempotency-Key", "x-2"))
	require.Equal(t, "不同意延期", refused["kindLabel"])
	require.Equal(t, "office", refused["by"].(map[string]any)["role"])
	require.NotContains(t, get(t, h, fresh), "application")

	post(t, h, fresh+"/ask-extension", ask)
	granted := post(t, h, fresh+"/grant-extension", `{"due":"2026-07-15","text":"请抓紧"}`)
	require.Equal(t, "同意延期", granted["kindLabel"])
	require.Equal(t, "office", granted["by"].(map[string]any)["role"])
	require.Equal(t, "请抓紧", granted["text"])
	require.Equal(t, "2026-07-15", granted["facts"].(map[string]any)["due"])
	post(t, h, fresh+"/ask-extension", ask)
	require.Equal(t, "2026-07-31", post(t, h, fresh+"/grant-extension", none, "Idempotency-Key", "x-3")["due"], "as applied for")
	require.Equal(t, "2026-07-31", post(t, h, fresh+"/grant-extension", none, "Idempotency-Key", "x-3")["due"])
	one = get(t, h, fresh)
	require.Equal(t, "2026-06-30", one["originalDue"])
	require.Equal(t, "2026-07-31", one["due"])
	require.Equal(t, []any{2., 3., 2.}, []any{one["extensions"], one["asked"], one["extensionsAllowed"]})
	require.Equal(t, 6, f.calls)
}

func TestExtensionThatIsRefusedByTheRules(t *testing.T) {
	h := api.New(newFake(t).deps())
	refuse := func(code string, status int, path, body string) {
		t.Helper()
		wantProblem(t, serve(h, request(http.MethodPost, path, body)), status, code)
	}
	ask := `{"due":"2026-07-31","reason":"材料未齐"}`
	refuse("no_extension", http.StatusConflict, fresh+"/grant-extension", none)
	refuse("no_extension", http.StatusConflict, fresh+"/refuse-extension", `{"reason":"理由不充分"}`)
	refuse("extension_late", http.StatusConflict, late+"/ask-extension", ask)
	refuse("due_invalid", http.StatusUnprocessableEntity, fresh+"/ask-extension", strings.Replace(ask, "07-31", "06-30", 1))
	refuse("reason_missing", http.StatusUnprocessableEntity, fresh+"/ask-extension", strings.Replace(ask, "材料未齐", " ", 1))
	refuse("validation_failed", http.StatusUnprocessableEntity, fresh+"/ask-extension", `{"reason":"材料未齐"}`)
	refuse("validation_failed", http.StatusUnprocessableEntity, fresh+"/ask-extension", strings.Replace(ask, "07-31", "06-31", 1))
	refuse("validation_failed", http.StatusUnprocessableEntity, fresh+"/grant-extension", `{"due":"2026-06-31"}`)
	post(t, h, fresh+"/ask-extension", ask)
	refuse("extension_pending", http.StatusConflict, fresh+"/ask-extension", ask)
	refuse("due_invalid", http.StatusUnprocessableEntity, fresh+"/grant-extension", `{"due":"2026-06-30"}`)
	refuse("reason_missing", http.StatusUnprocessableEntity, fresh+"/refuse-extension", `{"reason":" "}`)
	post(t, h, fresh+"/grant-extension", none)
	post(t, h, fresh+"/ask-extension", strings.Replace(ask, "07-31", "08-31", 1))
	post(t, h, fresh+"/grant-extension", none)
	refuse("extensions_used", http.StatusConflict, fresh+"/ask-extension", strings.Replace(ask, "07-31", "09-30", 1))
}

func TestLostAnswerIsFoundAgainByItsKey(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	f.lost = errors.New("connection reset by peer")
	w := serve(h, request(http.MethodPost, fresh+"/sign", none))
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), "engine_unavailable")
	require.NotContains(t, w.Body.String(), "reset")
	key := w.Header().Get("Idempotency-Key")
	require.NotEmpty(t, key, "the generated key is given, or the user could not repeat it")
	f.lost = nil
	require.Equal(t, "signed", post(t, h, fresh+"/sign", none, "Idempotency-Key", key)["kind"])
	require.Equal(t, 1, f.calls)
}

func TestCommandThatTakesTooLong(t *testing.T) {
	f := newFake(t)
	f.block = true
	d := f.deps()
	d.CommandTimeout = 20 * time.Millisecond
	h, began := api.New(d), time.Now()
	w := serve(h, request(http.MethodPost, fresh+"/sign", none, "Idempotency-Key", "k-9"))
	require.Less(t, time.Since(began), 5*time.Second)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Equal(t, "5", w.Header().Get("Retry-After"))
	require.Equal(t, "k-9", w.Header().Get("Idempotency-Key"))
	require.Contains(t, w.Body.String(), "不会丢失")
	require.NotContains(t, w.Body.String(), "deadline")
}

func TestHistoryAndClosedObligationsAskNoEngine(t *testing.T) {
	f := newFake(t)
	p := ask(t, api.New(f.deps()), http.StatusConflict, request(http.MethodPost, past+"/sign", none))
	require.Equal(t, "obligation_closed", p["code"])
	require.Zero(t, f.calls)
}

func TestWorkflowThatTheEngineHasLost(t *testing.T) {
	f := newFake(t)
	f.gone = true
	h := api.New(f.deps())
	wantProblem(t, serve(h, request(http.MethodPost, fresh+"/sign", none)), http.StatusServiceUnavailable, "engine_unavailable")
	wantProblem(t, serve(h, request(http.MethodPost, letter+"/sign-off", none)), http.StatusServiceUnavailable, "engine_unavailable")
}

func TestObligationThatIsClosedMeanwhile(t *testing.T) {
	f := newFake(t)
	f.overtaken = true
	wantProblem(t, serve(api.New(f.deps()), request(http.MethodPost, fresh+"/nudge", none)), http.StatusConflict, "obligation_closed")
}

func TestReviewNeedsASubmission(t *testing.T) {
	h := api.New(newFake(t).deps())
	wantProblem(t, serve(h, request(http.MethodPost, fresh+"/accept", none)), http.StatusConflict, "not_submitted")
	wantProblem(t, serve(h, request(http.MethodPost, fresh+"/return", `{"reason":"缺附件"}`)), http.StatusConflict, "not_submitted")
}

func TestDocumentIsSignedOffByWhoeverItsDraftNames(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	drafts := objects(t, get(t, h, v1+"/documents?status=draft&plan=changning-2024&unit=tianshan")["documents"])
	require.Len(t, drafts, 1)
	require.Equal(t, "待签发", drafts[0]["statusLabel"])
	require.Equal(t, "区安委办主任签发", drafts[0]["signOffLabel"])
	require.Equal(t, drafts[0], get(t, h, letter))
	require.Equal(t, drafts, objects(t, get(t, h, late+"/documents")["documents"]))
	require.Equal(t, []any{}, get(t, h, fresh+"/documents")["documents"])

	issued := post(t, h, letter+"/sign-off", none, "Idempotency-Key", "s-1")
	require.Equal(t, "长安委办〔2026〕5号", issued["number"])
	require.Equal(t, "2026-03-02T10:00:00+08:00", issued["settled"])
	require.Equal(t, issued, post(t, h, letter+"/sign-off", none, "Idempotency-Key", "s-1"), "a retry")
	require.Equal(t, 1, f.calls)
	events := f.ledgers[id("tianshan", "2026-01")]
	require.Equal(t, obligation.Actor{Role: obligation.RoleOffice, Name: "张三", Login: "zhang"}, events[len(events)-1].By)
	require.Equal(t, "no_draft", ask(t, h, http.StatusConflict, request(http.MethodPost, letter+"/sign-off", none))["code"])

	f.draftInterview(id("xinhua", "2026H1"))
	post(t, h, talk+"/sign-off", `{"meeting":{"at":"2026-03-02T15:00:00+08:00","place":"101室"}}`)
	events = f.ledgers[id("xinhua", "2026H1")]
	require.Equal(t, obligation.Actor{Role: obligation.RoleLeader, Name: "张三", Login: "zhang"}, events[len(events)-1].By)
}

func TestDraftIsWithdrawn(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	body := `{"reason":"情况有变"}`
	doc := post(t, h, letter+"/withdraw", body, "Idempotency-Key", "w-1")
	require.Equal(t, "已撤回", doc["statusLabel"])
	require.Equal(t, "情况有变", doc["reason"])
	require.Equal(t, doc, post(t, h, letter+"/withdraw", body, "Idempotency-Key", "w-1"))
	require.Equal(t, 1, f.calls)
	f.draftInterview(id("tianshan", "2026-01"))
	other := request(http.MethodPost, strings.Replace(letter, "letter", "interview", 1)+"/withdraw", body, "Idempotency-Key", "w-1")
	wantProblem(t, serve(h, other), http.StatusConflict, "idempotency_key_reused")
	require.Equal(t, "no_draft", ask(t, h, http.StatusConflict, request(http.MethodPost, letter+"/withdraw", body))["code"])
}

func TestInterviewIsArrangedAndConcluded(t *testing.T) {
	f := newFake(t)
	f.draftInterview(id("xinhua", "2026H1"))
	h := api.New(f.deps())
	refuse := func(code string, status int, verb, body string) {
		t.Helper()
		require.Equal(t, code, ask(t, h, status, request(http.MethodPost, talk+verb, body))["code"])
	}
	refuse("meeting_missing", http.StatusUnprocessableEntity, "/sign-off", none)
	refuse("meeting_past", http.StatusUnprocessableEntity, "/sign-off", `{"meeting":{"at":"2026-03-02T09:59:00+08:00","place":"101室"}}`)
	moved := `{"meeting":{"at":"2026-03-02T06:00:00Z","place":"102室","material":"整改方案"},"reason":"主要负责同志出差"}`
	refuse("no_meeting", http.StatusConflict, "/arrange", moved)
	doc := post(t, h, talk+"/sign-off", `{"meeting":{"at":"2026-03-02T15:00:00+08:00","place":"101室"}}`)
	require.Equal(t, "office", doc["waitingOn"])

	doc = post(t, h, talk+"/arrange", moved, "Idempotency-Key", "m-1")
	require.Equal(t, map[string]any{
		"at": "2026-03-02T14:00:00+08:00", "place": "102室", "material": "整改方案",
		"moves": []any{map[string]any{
			"by": "张三", "on": "2026-03-02T10:00:00+08:00", "reason": "主要负责同志出差", "from": "2026-03-02T15:00:00+08:00",
			"to": "2026-03-02T14:00:00+08:00", "place": "101室",
		}},
	}, doc["meeting"])
	calls := f.calls
	require.Equal(t, doc, post(t, h, talk+"/arrange", moved, "Idempotency-Key", "m-1"))
	require.Equal(t, calls, f.calls, "what was done is not asked for again")
	refuse("nothing_to_do", http.StatusConflict, "/arrange", moved)
	refuse("reason_missing", http.StatusUnprocessableEntity, "/arrange", `{"meeting":{"at":"2026-03-12T06:00:00Z","place":"102室"},"reason":" "}`)
	other := request(http.MethodPost, talk+"/arrange", strings.Replace(moved, "102", "103", 1), "Idempotency-Key", "m-1")
	require.Equal(t, "idempotency_key_reused", ask(t, h, http.StatusConflict, other)["code"])

	refuse("outcome_missing", http.StatusUnprocessableEntity, "/conclude", `{"outcome":" ","exempt":"已完成"}`)
	refuse("rectification_missing", http.StatusUnprocessableEntity, "/conclude", `{"outcome":"已约谈"}`)
	refuse("due_invalid", http.StatusUnprocessableEntity, "/conclude", `{"outcome":"已约谈","demands":"完成汇编","due":"2026-03-02"}`)
	doc = post(t, h, talk+"/conclude", `{"outcome":"已约谈","exempt":"当场完成"}`)
	require.Equal(t, "当场完成", doc["meeting"].(map[string]any)["exempt"])
	require.NotContains(t, doc, "waitingOn")
	refuse("no_meeting", http.StatusConflict, "/arrange", moved)
	refuse("no_rectification", http.StatusConflict, "/rectify", `{"text":"已完成"}`)
}

func TestRectificationIsReportedReturnedAndVerified(t *testing.T) {
	f := newFake(t)
	f.draftInterview(id("xinhua", "2026H1"))
	h := api.New(f.deps())
	held := func(query string) int {
		t.Helper()
		return len(objects(t, get(t, h, v1+"/documents?rung=interview&"+query)["documents"]))
	}
	refuse := func(code, verb, body string) {
		t.Helper()
		require.Equal(t, code, ask(t, h, http.StatusConflict, request(http.MethodPost, talk+verb, body))["code"])
	}
	rectification := func(doc map[string]any) map[string]any {
		return doc["meeting"].(map[string]any)["rectification"].(map[string]any)
	}
	post(t, h, talk+"/sign-off", `{"meeting":{"at":"2026-03-02T15:00:00+08:00","place":"101室"}}`)
	doc := post(t, h, talk+"/conclude", `{"outcome":"已约谈","demands":"完成汇编","due":"2026-03-20"}`)
	require.Equal(t, "xinhua", doc["waitingOn"])
	require.Equal(t, "2026-03-20", doc["waitsUntil"])
	require.Equal(t, false, doc["overdue"])
	require.Equal(t, "整改中", rectification(doc)["statusLabel"])
	require.Equal(t, 1, held("waitingOn=xinhua"))
	require.Zero(t, held("waitingOn=office"))
	require.Zero(t, held("overdue=true"))
	refuse("not_rectified", "/verify", none)
	refuse("not_rectified", "/return", `{"reason":"缺附件"}`)

	d := f.deps()
	d.Now = func() time.Time { return now.AddDate(0, 0, 19) }
	later := api.New(d)
	page := objects(t, get(t, later, v1+"/documents?plan=changning-2024&overdue=true")["documents"])
	require.Len(t, page, 1)
	require.Equal(t, true, page[0]["overdue"])
	require.Equal(t, true, rectification(page[0])["overdue"])

	doc = post(t, h, talk+"/rectify", `{"text":"汇编已印发"}`, "Idempotency-Key", "r-1")
	require.Equal(t, "office", doc["waitingOn"])
	require.Equal(t, "汇编已印发", rectification(doc)["report"])
	require.Equal(t, doc, post(t, h, talk+"/rectify", `{"text":"汇编已印发"}`, "Idempotency-Key", "r-1"))
	refuse("rectified", "/rectify", `{"text":"汇编已印发"}`)
	doc = post(t, h, talk+"/return", `{"reason":"缺附件","due":"2026-03-25"}`)
	require.Equal(t, "2026-03-25", rectification(doc)["due"])
	require.Equal(t, "2026-03-20", rectification(doc)["originalDue"])
	require.EqualValues(t, 1, rectification(doc)["returned"])
	post(t, h, talk+"/rectify", `{"text":"已补附件"}`)
	doc = post(t, h, talk+"/verify", none)
	require.Equal(t, "核查通过", rectification(doc)["statusLabel"])
	require.NotContains(t, doc, "waitingOn")
	refuse("no_rectification", "/waive", `{"reason":"已完成"}`)
}

func TestRectificationIsWaived(t *testing.T) {
	f := newFake(t)
	f.draftInterview(id("xinhua", "2026H1"))
	h := api.New(f.deps())
	post(t, h, talk+"/sign-off", `{"meeting":{"at":"2026-03-02T15:00:00+08:00","place":"101室"}}`)
	post(t, h, talk+"/conclude", `{"outcome":"已约谈","demands":"完成汇编"}`)
	doc := post(t, h, talk+"/waive", `{"reason":"上级已统一印发"}`)
	require.Equal(t, "免予整改", doc["meeting"].(map[string]any)["rectification"].(map[string]any)["statusLabel"])
}

func TestInbox(t *testing.T) {
	h := api.New(newFake(t).deps())
	inbox := v1 + "/plans/changning-2024/inbox/"
	page := get(t, h, inbox+"xinhua?limit=1")
	digest := objects(t, page["digests"])[0]
	require.Equal(t, "2026-03-02T10:00:00+08:00", digest["created"])
	require.NotContains(t, digest, "read")
	require.Equal(t, "交办", objects(t, digest["messages"])[0]["kindLabel"])
	next := get(t, h, inbox+"xinhua?limit=1&cursor="+strings.ReplaceAll(page["next"].(string), "/", "%2F"))
	require.Equal(t, "2026-02-27", objects(t, next["digests"])[0]["day"])
	require.Len(t, get(t, h, inbox+"office")["digests"], 1)
	require.Equal(t, []any{}, get(t, h, inbox+"tianshan")["digests"])

	as := []string{asHeader, "unit zhang xinhua"}
	read := post(t, h, inbox+"xinhua/read", `{"digest":"changning-2024/xinhua/2026-03-02"}`, as...)
	require.Equal(t, "2026-03-02T10:00:00+08:00", read["read"])
	require.Equal(t, read, post(t, h, inbox+"xinhua/read", `{"digest":"changning-2024/xinhua/2026-03-02"}`, as...))
	p := ask(t, h, http.StatusNotFound, request(http.MethodPost, inbox+"xinhua/read", `{"digest":"changning-2024/office/2026-03-02"}`, as...))
	require.Equal(t, "not_found", p["code"], "the digest is somebody else's")
	unread := objects(t, get(t, h, inbox+"xinhua?unread=true")["digests"])
	require.Len(t, unread, 1)
	require.Equal(t, "2026-02-27", unread[0]["day"])
	refuses(t, h, "other_unit", http.StatusForbidden, inbox+"xinhua/read", `{"digest":"changning-2024/xinhua/2026-03-02"}`)
	post(t, h, inbox+"office/read", `{"digest":"changning-2024/office/2026-03-02"}`)
}

func TestPrintDigest(t *testing.T) {
	h := api.New(newFake(t).deps())
	inbox := v1 + "/plans/changning-2024/inbox/"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request(http.MethodGet, inbox+"xinhua/print?digest=changning-2024%2Fxinhua%2F2026-03-02", ""))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, []string{"default-src 'none'"}, w.Header().Values("Content-Security-Policy"), "the page's own, and no other beside it")
	require.Equal(t, "<p>新华路街道 changning-2024/xinhua/2026-03-02</p>", w.Body.String())
	for _, digest := range []string{"changning-2024%2Foffice%2F2026-03-02", "changning-2024%2Fxinhua%2F1999-01-01"} {
		p := ask(t, h, http.StatusNotFound, request(http.MethodGet, inbox+"xinhua/print?digest="+digest, ""))
		require.Equal(t, "not_found", p["code"])
	}
	ask(t, h, http.StatusUnprocessableEntity, request(http.MethodGet, inbox+"xinhua/print", ""))
	d := newFake(t).deps()
	d.Print = nil
	ask(t, api.New(d), http.StatusNotFound, request(http.MethodGet, inbox+"xinhua/print?digest=x", ""))
}

func TestHealthAndReadiness(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	require.Equal(t, "ok", get(t, h, v1+"/health")["status"])
	ready := get(t, h, v1+"/ready")
	require.Equal(t, "ready", ready["status"])
	require.Len(t, ready["checks"], 2)
	require.Equal(t, "2026-03-02T10:00:00+08:00", ready["now"])
	require.NotContains(t, ready, "backup", "none are made")

	d := f.deps()
	var newest time.Time
	var lost error
	d.LastBackup = func() (time.Time, error) { return newest, lost }
	backed := api.New(d)
	require.Equal(t, map[string]any{}, get(t, backed, v1+"/ready")["backup"], "there is none yet")
	newest = now.Add(-50 * time.Hour)
	require.Equal(t, map[string]any{"at": "2026-02-28T08:00:00+08:00", "ageHours": 50.0}, get(t, backed, v1+"/ready")["backup"])
	lost = errDown
	ready = get(t, backed, v1+"/ready")
	require.Equal(t, []any{"ready", map[string]any{}}, []any{ready["status"], ready["backup"]}, "a folder that can't be read keeps nobody from working")

	f.down = errDown
	w := serve(h, request(http.MethodGet, v1+"/ready", ""))
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Equal(t, "5", w.Header().Get("Retry-After"))
	require.Contains(t, w.Body.String(), `{"field":"database","message":"数据库不可用"}`)
	require.NotContains(t, w.Body.String(), "流程引擎不可用")
	require.NotContains(t, w.Body.String(), "hunter2")
	require.Equal(t, "ok", get(t, h, v1+"/health")["status"], "the process itself lives")
}

func TestCheckThatHangsOrPanics(t *testing.T) {
	d := newFake(t).deps()
	d.Checks = []api.Check{
		{Name: "engine", Label: "流程引擎", Probe: func(context.Context) error { select {} }},
		{Name: "database", Label: "数据库", Probe: func(context.Context) error { panic("nil pointer") }},
	}
	h := api.New(d)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	p := wantProblem(t, serve(h, request(http.MethodGet, v1+"/ready", "").WithContext(ctx)), http.StatusServiceUnavailable, "not_ready")
	require.Equal(t, []api.ProblemField{{Field: "engine", Message: "流程引擎不可用"}, {Field: "database", Message: "数据库不可用"}}, p.Errors)
}

func TestRehearsalSaysSo(t *testing.T) {
	d := newFake(t).deps()
	d.Rehearsal = true
	w := serve(api.New(d), request(http.MethodGet, v1+"/ready", ""))
	require.Equal(t, "true", w.Header().Get("X-Duban-Rehearsal"))
	require.Contains(t, w.Body.String(), `"rehearsal":true`)
}
