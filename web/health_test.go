package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
)

func TestHealth(t *testing.T) {
	since := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	p := offices(map[string]any{"GET /doctor": api.Diagnosis{At: since, Findings: []api.DiagnosisFinding{
		{Kind: "workflow_missing", Label: "缺少流程", Subject: "obligation/p1/" + hostile, Problem: "引擎中没有它的流程", Since: &since, Repair: "按台账启动它的流程", Automatic: true},
		{Kind: "ledger_broken", Label: "台账损坏", Subject: "p1/1.1/yjj/1", Problem: "哈希链断裂", Repair: "请从备份恢复"},
		{Kind: "calendar_provisional", Label: "节假日安排未定", Subject: "p1/2027", Problem: "还没有录入", Repair: "请录入", Notice: true},
	}}})
	h := opened(p)
	for _, role := range []string{"admin", "auditor"} {
		body := get(h, "/health", as(role)).Body.String()
		require.NotContains(t, body, hostile)
		for _, text := range []string{"<b>2</b>", "<b>1</b>", "缺少流程", "2026年3月2日 09:00", "可以自动修复：按台账启动它的流程。", "须人处理：请从备份恢复。", "提示：节假日安排未定", `href="/health"`} {
			require.Contains(t, body, text)
		}
		require.Equal(t, map[string]int{"admin": 1, "auditor": 0}[role], strings.Count(body, ">修复</button>"), "who changes nothing repairs nothing")
	}
	for _, role := range []string{"office", "leader", "unit"} {
		require.Equal(t, http.StatusForbidden, get(h, "/health", as(role)).Code)
	}
	form := url.Values{"kind": {"workflow_missing"}, "subject": {"obligation/p1/1.1/yjj/1"}}
	require.Equal(t, http.StatusForbidden, post(h, "/health/repair", form, as("auditor")).Code)
	w := post(h, "/health/repair", form, as("admin"))
	require.Equal(t, []any{http.StatusSeeOther, "/health?done=repaired&examine=now"}, []any{w.Code, w.Header().Get("Location")})
	require.Equal(t, `POST /doctor/repair   {"kind":"workflow_missing","subject":"obligation/p1/1.1/yjj/1"}`, p.last(t, "POST"))
	require.Contains(t, get(h, "/health?done=repaired", as("admin")).Body.String(), "已修复")

	p.answers["POST /doctor/repair"] = &api.Problem{Status: http.StatusConflict, Detail: "这项故障不能自动修复"}
	w = post(h, "/health/repair", form, as("admin"))
	require.Equal(t, http.StatusConflict, w.Code)
	require.Contains(t, w.Body.String(), "这项故障不能自动修复")
	p.answers["GET /doctor"] = api.Diagnosis{At: since, Whole: true, Healthy: true}
	require.Contains(t, get(h, "/health?examine=whole", as("admin")).Body.String(), "系统运行正常，没有故障")
	p.answers["GET /doctor"] = &api.Problem{Status: http.StatusServiceUnavailable, Detail: "数据库暂时连不上", Request: "N1"}
	require.Contains(t, get(h, "/health", as("admin")).Body.String(), "数据库暂时连不上")
}
