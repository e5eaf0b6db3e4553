package api_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
)

func TestDelegation(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	refuses(t, h, "no_delegation", http.StatusConflict, fresh+"/end-delegation", none)
	body := `{"to":{"name":"李四"},"until":"2026-03-06"}`
	refuses(t, h, "period_invalid", http.StatusUnprocessableEntity, fresh+"/delegate", `{"to":{"name":"李四"},"until":"2026-03-01"}`)
	refuses(t, h, "name_invalid", http.StatusUnprocessableEntity, fresh+"/delegate", `{"to":{"name":"张三"},"until":"2026-03-06"}`)
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, fresh+"/delegate", `{"to":{"name":"李四"},"until":"2026-02-30"}`)
	made := post(t, h, fresh+"/delegate", body, "Idempotency-Key", "d-1")
	require.Equal(t, made, post(t, h, fresh+"/delegate", body, "Idempotency-Key", "d-1"), "a retry")
	refuses(t, h, "idempotency_key_reused", http.StatusConflict, fresh+"/delegate", `{"to":{"name":"王二"},"until":"2026-03-06"}`, "Idempotency-Key", "d-1")
	want := map[string]any{"by": "张三", "to": "李四", "from": "2026-03-02", "until": "2026-03-06"}
	require.Equal(t, want, made["delegation"])
	require.Equal(t, want, get(t, h, fresh)["delegation"])
	signed := post(t, h, fresh+"/sign", none, asHeader, "same li", "Idempotency-Key", "d-2")
	require.Equal(t, map[string]any{"role": "unit", "roleLabel": "责任单位", "name": "李四", "login": "li", "for": "张三"}, signed["by"], "both names")
	require.Equal(t, signed, post(t, h, fresh+"/sign", none, asHeader, "same li", "Idempotency-Key", "d-2"), "a retry")
	post(t, h, fresh+"/end-delegation", none)
	require.NotContains(t, get(t, h, fresh), "delegation")
}

func TestHandOver(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	made := post(t, h, fresh+"/hand-over", `{"from":{"name":"张三"},"to":{"name":"赵六"},"reason":"岗位调整"}`)
	require.Equal(t, []any{"移交联络员", "赵六", "张三"}, []any{made["kindLabel"], made["liaison"], made["formerLiaison"]})
	require.Equal(t, "赵六", get(t, h, fresh)["liaison"])
	refuses(t, h, "nothing_to_do", http.StatusConflict, fresh+"/hand-over", `{"to":{"name":"赵六"},"reason":"岗位调整"}`)
	refuses(t, h, "other_liaison", http.StatusConflict, fresh+"/hand-over", `{"from":{"name":"张三"},"to":{"name":"钱七"},"reason":"岗位调整"}`)
}

// A liaison leaves: all that is open goes over in one call, which may be repeated.
func TestHandOverAll(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	path := v1 + "/plans/changning-2024/units/xinhua/hand-over"
	body := `{"from":{"name":"张三"},"to":{"name":"赵六"},"reason":"岗位调整"}`
	open := len(objects(t, get(t, h, v1+"/obligations?unit=xinhua&open=true")["obligations"]))
	require.Positive(t, open)
	first := post(t, h, path, body, "Idempotency-Key", "h-1")
	require.EqualValues(t, open, first["total"])
	require.EqualValues(t, open, first["done"])
	items := objects(t, first["items"])
	require.Len(t, items, open)
	require.Equal(t, "done", items[0]["result"])
	require.Equal(t, first, post(t, h, path, body, "Idempotency-Key", "h-1"), "a retry")
	require.Equal(t, open, f.calls)
	for _, o := range objects(t, get(t, h, v1+"/obligations?unit=xinhua&open=true")["obligations"]) {
		require.Equal(t, "赵六", o["liaison"])
	}
	again := post(t, h, path, `{"to":{"name":"赵六"},"reason":"岗位调整"}`)
	require.EqualValues(t, open, again["unchanged"], "whose it is already stays so")
	other := post(t, h, path, `{"from":{"name":"张三"},"to":{"name":"钱七"},"reason":"岗位调整"}`)
	require.EqualValues(t, open, other["refused"])
	require.Equal(t, "other_liaison", objects(t, other["items"])[0]["code"])
	f.lost = errors.New("connection reset by peer")
	lost := post(t, h, path, `{"to":{"name":"钱七"},"reason":"岗位调整"}`, "Idempotency-Key", "h-2")
	require.EqualValues(t, open, lost["failed"])
	f.lost = nil
	require.EqualValues(t, open, post(t, h, path, `{"to":{"name":"钱七"},"reason":"岗位调整"}`, "Idempotency-Key", "h-2")["done"])
	wantProblem(t, serve(h, request(http.MethodPost, v1+"/plans/changning-2024/units/nowhere/hand-over", body)), http.StatusNotFound, "not_found")
	wantProblem(t, serve(h, request(http.MethodPost, v1+"/plans/nowhere/units/xinhua/hand-over", body)), http.StatusNotFound, "not_found")
}

func TestDelegateAll(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	done := post(t, h, v1+"/plans/changning-2024/units/xinhua/delegate", `{"to":{"name":"李四"},"until":"2026-03-06"}`)
	require.Equal(t, done["total"], done["done"])
	require.Equal(t, "李四", get(t, h, fresh)["delegation"].(map[string]any)["to"])
}
