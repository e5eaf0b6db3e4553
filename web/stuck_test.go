package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/obligation"
)

func TestStuck(t *testing.T) {
	since := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	p := offices(map[string]any{"GET /plans/p1/stuck": api.Stuck{
		People: []api.StuckPerson{
			{Who: "yjj", Name: "区应急局", Kind: "unit", Count: 3, Since: since, Oldest: []api.ObligationRef{
				{Plan: "p1", Measure: "1.1", Unit: "yjj", Period: "1", Title: "修订" + hostile, ForLabel: "责任单位办理", Since: since},
			}},
			{Who: "leader", Name: "安委会领导", Kind: "leader", Count: 1, Since: since, Oldest: []api.ObligationRef{
				{Plan: "p1", Measure: "1.1", Unit: "yjj", Period: "1", Title: "督促函", Rung: obligation.Letter, ForLabel: "文书待签发", Since: since},
			}},
		},
		System: []api.StuckFault{{Kind: "deliveries_failed", Label: "发送失败", Count: 2, Since: since, Help: "请核对地址。"}},
	}})
	h := opened(p)
	for _, role := range []string{"office", "leader", "auditor", "admin"} {
		body := get(h, "/plans/p1/stuck", as(role)).Body.String()
		for _, want := range []string{"等人办理", "系统异常", "<b>4</b>", "请核对地址。", "2026年3月2日 09:00", `href="/temporal/namespaces/duban/workflows?query=x"`} {
			require.Contains(t, body, want, role)
		}
		require.NotContains(t, body, "<script>alert")
		require.Equal(t, role != "admin", strings.Contains(body, `href="/plans/p1/obligations/1.1/yjj/1"`), role)
		require.Equal(t, role != "admin", strings.Contains(body, `href="/plans/p1/documents/1.1/yjj/1/letter"`), role)
		require.Equal(t, role != "leader", strings.Contains(body, `href="/channels?plan=p1"`), role)
	}
	require.Equal(t, http.StatusForbidden, get(h, "/plans/p1/stuck", as("unit")).Code)
	p.answers["GET /plans/p1/stuck"] = api.Stuck{}
	body := get(h, "/plans/p1/stuck", as("office")).Body.String()
	require.Contains(t, body, "没有事项在等人办理")
	require.Contains(t, body, "系统运行正常")
	p.answers["GET /plans/p1/stuck"] = &api.Problem{Status: http.StatusServiceUnavailable, Detail: "数据库暂时连不上", Request: "N1"}
	body = get(h, "/plans/p1/stuck", as("office")).Body.String()
	require.Contains(t, body, "数据库暂时连不上")
	require.Contains(t, body, "N1")
}
