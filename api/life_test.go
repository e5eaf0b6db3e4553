package api_test

import (
	"net/http"
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
	refuses(t, h, "reason_missing", http.StatusUnprocessableEntity, fresh+"/waive", `{"by":{"name":"李四"},"reason":" "}`)
	body := `{"by":{"name":"李四"},"reason":"该单位已撤并"}`
	waived := post(t, h, fresh+"/waive", body, "Idempotency-Key", "w-1")
	require.Equal(t, waived, post(t, h, fresh+"/waive", body, "Idempotency-Key", "w-1"), "a retry, though it is closed now")
	require.Equal(t, "免办", waived["kindLabel"])
	require.Equal(t, "office", waived["by"].(map[string]any)["role"])
	one := get(t, h, fresh)
	require.Equal(t, []any{"waived", "已免办", "none"}, []any{one["stage"], one["stageLabel"], one["light"]})
	require.NotContains(t, one, "waitingOn")
	require.Len(t, objects(t, get(t, h, v1+"/obligations?stage=waived")["obligations"]), 1)
	refuses(t, h, "obligation_closed", http.StatusConflict, fresh+"/submit", `{"by":{"name":"张三"},"text":"已完成"}`)
}
