package api_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
)

// refuses says which problem a command is answered with.
func refuses(t *testing.T, h http.Handler, code string, status int, path, body string, headers ...string) {
	t.Helper()
	wantProblem(t, serve(h, request(http.MethodPost, path, body, headers...)), status, code)
}

func TestWaive(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	refuses(t, h, "reason_missing", http.StatusUnprocessableEntity, fresh+"/waive", `{"reason":" "}`)
	body := `{"reason":"该单位已撤并"}`
	waived := post(t, h, fresh+"/waive", body, "Idempotency-Key", "w-1")
	require.Equal(t, waived, post(t, h, fresh+"/waive", body, "Idempotency-Key", "w-1"), "a retry, though it is closed now")
	require.Equal(t, "免办", waived["kindLabel"])
	require.Equal(t, "office", waived["by"].(map[string]any)["role"])
	one := get(t, h, fresh)
	require.Equal(t, []any{"waived", "已免办", "none"}, []any{one["stage"], one["stageLabel"], one["light"]})
	require.NotContains(t, one, "waitingOn")
	require.Len(t, objects(t, get(t, h, v1+"/obligations?stage=waived")["obligations"]), 1)
	refuses(t, h, "obligation_closed", http.StatusConflict, fresh+"/submit", `{"text":"已完成"}`)
}

func TestSuspendAndResume(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	refuses(t, h, "not_suspended", http.StatusConflict, fresh+"/resume", `{"reason":"恢复"}`)
	refuses(t, h, "reason_missing", http.StatusUnprocessableEntity, fresh+"/suspend", `{"reason":" "}`)
	body := `{"reason":"上级正在修订标准"}`
	suspended := post(t, h, fresh+"/suspend", body, "Idempotency-Key", "s-1")
	require.Equal(t, suspended, post(t, h, fresh+"/suspend", body, "Idempotency-Key", "s-1"), "a retry")
	require.Equal(t, "中止", suspended["kindLabel"])
	require.Equal(t, "office", suspended["by"].(map[string]any)["role"])
	one := get(t, h, fresh)
	require.Equal(t, map[string]any{"since": "2026-03-02T10:00:00+08:00", "reason": "上级正在修订标准"}, one["suspended"])
	require.Equal(t, "区安委办", one["waitingOnName"])
	require.NotContains(t, one, "next")
	listed := objects(t, get(t, h, v1+"/obligations?unit=xinhua")["obligations"])
	require.Equal(t, one["suspended"], listed[0]["suspended"])
	refuses(t, h, "suspended", http.StatusConflict, fresh+"/sign", none)
	resumed := post(t, h, fresh+"/resume", `{"reason":"标准已经印发"}`)
	require.Equal(t, "恢复", resumed["kindLabel"])
	require.NotContains(t, get(t, h, fresh), "suspended")
	require.Contains(t, get(t, h, fresh), "next")
}

func TestSendBackAndItsAnswer(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	back, no := `{"reason":"属新华路街道"}`, `{"reason":"方案明确"}`
	refuses(t, h, "no_send_back", http.StatusConflict, fresh+"/refuse-send-back", no)
	sent := post(t, h, fresh+"/send-back", back, "Idempotency-Key", "b-1")
	require.Equal(t, sent, post(t, h, fresh+"/send-back", back, "Idempotency-Key", "b-1"), "a retry")
	require.Equal(t, "退回（不属本单位）", sent["kindLabel"])
	require.Equal(t, "unit", sent["by"].(map[string]any)["role"])
	one := get(t, h, fresh)
	require.Equal(t, map[string]any{"at": "2026-03-02T10:00:00+08:00", "reason": "属新华路街道"}, one["sentBack"])
	require.Equal(t, "区安委办", one["waitingOnName"])
	refuses(t, h, "send_back_pending", http.StatusConflict, fresh+"/send-back", back)
	refuses(t, h, "send_back_pending", http.StatusConflict, fresh+"/nudge", none)
	refused := post(t, h, fresh+"/refuse-send-back", no)
	require.Equal(t, "office", refused["by"].(map[string]any)["role"])
	require.NotContains(t, get(t, h, fresh), "sentBack")
	refuses(t, h, "send_back_used", http.StatusConflict, fresh+"/send-back", back)
}

func TestProgress(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	refuses(t, h, "progress_missing", http.StatusUnprocessableEntity, fresh+"/progress", none)
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, fresh+"/progress", `{"percent":101}`)
	body := `{"percent":40,"text":"初稿完成"}`
	told := post(t, h, fresh+"/progress", body, "Idempotency-Key", "p-1")
	require.Equal(t, told, post(t, h, fresh+"/progress", body, "Idempotency-Key", "p-1"), "a retry")
	refuses(t, h, "idempotency_key_reused", http.StatusConflict, fresh+"/progress", `{"percent":50,"text":"初稿完成"}`, "Idempotency-Key", "p-1")
	refuses(t, h, "idempotency_key_reused", http.StatusConflict, fresh+"/progress", `{"text":"初稿完成"}`, "Idempotency-Key", "p-1")
	require.Equal(t, []any{"进展", 40., "初稿完成"}, []any{told["kindLabel"], told["percent"], told["text"]})
	want := map[string]any{"at": "2026-03-02T10:00:00+08:00", "percent": 40., "text": "初稿完成"}
	require.Equal(t, want, get(t, h, fresh)["progress"])
	require.Equal(t, want, objects(t, get(t, h, v1+"/obligations?unit=xinhua")["obligations"])[0]["progress"])
}

// Two people look at the same obligation: whoever acts on what he has not seen is told so.
func TestNobodyOverwritesWhatHeHasNotSeen(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	seen := serve(h, request(http.MethodGet, fresh, ""))
	tag := seen.Header().Get("ETag")
	require.Regexp(t, `^"[0-9]+"$`, tag)
	require.Equal(t, tag, strconv.Quote(fmt.Sprint(get(t, h, fresh)["seq"])))
	signed := serve(h, request(http.MethodPost, fresh+"/sign", none, "If-Match", tag, "Idempotency-Key", "e-1"))
	require.Equal(t, http.StatusOK, signed.Code, signed.Body)
	next := signed.Header().Get("ETag")
	require.NotEqual(t, tag, next)
	other := `{"text":"请说明"}`
	refuses(t, h, "conflict", http.StatusConflict, fresh+"/nudge", other, "If-Match", tag)
	again := serve(h, request(http.MethodPost, fresh+"/sign", none, "If-Match", tag, "Idempotency-Key", "e-1"))
	require.Equal(t, []any{http.StatusOK, "true"}, []any{again.Code, again.Header().Get("Idempotent-Replayed")}, "a retry is no conflict")
	for _, match := range []string{next, "W/" + next, strings.Trim(next, `"`), "*"} {
		post(t, h, fresh+"/nudge", other, "If-Match", match)
	}
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, fresh+"/nudge", other, "If-Match", "yesterday")
}

func TestSkip(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	body := `{"rung":"circular","reason":"情节严重"}`
	refuses(t, h, "not_overdue", http.StatusConflict, fresh+"/skip", body)
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, late+"/skip", strings.Replace(body, "circular", "press", 1))
	refuses(t, h, "draft_pending", http.StatusConflict, late+"/skip", body)
	post(t, h, letter+"/withdraw", `{"reason":"改为通报"}`)
	refuses(t, h, "rung_invalid", http.StatusConflict, late+"/skip", strings.Replace(body, "circular", "letter", 1))
}

// However many reminders come after it, what people last did is told: the report that is reviewed, and why it was returned.
func TestRecent(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	require.NotContains(t, get(t, h, fresh), "recent", "nobody has done anything")
	recent := func() []string {
		var out []string
		for _, e := range objects(t, get(t, h, fresh)["recent"]) {
			out = append(out, fmt.Sprint(e["kindLabel"], " ", e["text"]))
		}
		return out
	}
	post(t, h, fresh+"/submit", `{"text":"已完成全部检查"}`)
	post(t, h, fresh+"/return", `{"reason":"缺少清单"}`)
	require.Equal(t, []string{"退回 缺少清单", "提交 已完成全部检查"}, recent())
	post(t, h, fresh+"/submit", `{"text":"补上清单"}`)
	require.Equal(t, []string{"提交 补上清单", "退回 缺少清单"}, recent())
	f.tick(id("xinhua", "2026H1"), "2026-03-06", "2026-03-12")
	require.Equal(t, []string{"提交 补上清单", "退回 缺少清单"}, recent())

	post(t, h, letter+"/withdraw", `{"reason":"电话已落实"}`)
	require.Len(t, get(t, h, late)["recent"], 1)
	require.Empty(t, ask(t, h, http.StatusOK, request(http.MethodGet, late, "", asHeader, "unit li tianshan"))["recent"], "a unit hears of no draft")
}
