package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
)

func TestBreakDown(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	body := `{"parts":[{"unit":"tianshan","text":"提供材料","due":"2026-06-20"}]}`
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, fresh+"/break-down", strings.Replace(body, "tianshan", "nowhere", 1))
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, fresh+"/break-down", strings.Replace(body, "06-20", "06-31", 1))
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, fresh+"/break-down", `{"parts":[]}`)
	refuses(t, h, "part_due_invalid", http.StatusUnprocessableEntity, fresh+"/break-down", strings.Replace(body, "06-20", "07-20", 1))
	refuses(t, h, "part_invalid", http.StatusUnprocessableEntity, fresh+"/break-down", strings.Replace(body, "tianshan", "xinhua", 1))
	broken := post(t, h, fresh+"/break-down", body, "Idempotency-Key", "k-1")
	require.Equal(t, broken, post(t, h, fresh+"/break-down", body, "Idempotency-Key", "k-1"), "a retry")
	refuses(t, h, "idempotency_key_reused", http.StatusConflict, fresh+"/break-down", strings.Replace(body, "材料", "数据", 1), "Idempotency-Key", "k-1")
	require.Equal(t, "unit", broken["by"].(map[string]any)["role"])
	require.Equal(t, "tianshan", objects(t, broken["parts"])[0]["unit"])
	part := objects(t, get(t, h, fresh)["parts"])[0]
	require.Equal(t, "changning-2024/1.1/tianshan/2026H1.xinhua.1", part["obligation"])
	require.Equal(t, []any{"提供材料", "2026-06-20"}, []any{part["text"], part["due"]})
	require.NotContains(t, part, "stage", "it is being opened")
	refuses(t, h, "parts_open", http.StatusConflict, fresh+"/submit", `{"text":"已完成"}`)
}
