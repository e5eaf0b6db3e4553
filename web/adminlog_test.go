package web_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
)

func TestAdminLog(t *testing.T) {
	p := offices(map[string]any{"GET /admin-log": api.LogPage{Next: 41, Entries: []api.LogEntry{
		{Seq: 42, At: time.Date(2026, 3, 2, 9, 0, 1, 0, time.UTC), By: "operator", Action: account.AccountCreated, ActionLabel: "开立账号", Target: "li", Detail: hostile, Hash: "0123456789abcdef"},
		{Seq: 41, Action: account.EnterFailed, ActionLabel: "登录失败", Hash: "ab"},
	}}})
	h := opened(p)
	body := get(h, "/admin-log", as("auditor")).Body.String()
	for _, want := range []string{"2026年3月2日 09:00:01", "本机操作员", "不知道是谁", "■ 登录失败", `title="0123456789abcdef"`, "/admin-log?before=41"} {
		require.Contains(t, body, want)
	}
	require.NotContains(t, body, "<script>alert")
	p.answers["GET /admin-log"] = api.LogPage{}
	body = get(h, "/admin-log?before=1", as("admin")).Body.String()
	require.Contains(t, body, "没有更早的记录")
	require.Contains(t, body, "回到最新")
}
