package api_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
)

// surgeon finds two things and repairs one of them.
type surgeon struct {
	asked []api.Examination
	err   error
}

func (s *surgeon) Examine(_ context.Context, how api.Examination) (api.Diagnosis, error) {
	s.asked = append(s.asked, how)
	return api.Diagnosis{At: now, Whole: how == api.ExamineWhole, Findings: []api.DiagnosisFinding{
		{Kind: "disk_full", Label: "磁盘空间不足", Subject: "/data", Problem: "只剩 1 MB", Repair: "请清理", Since: new(now.Add(-time.Hour))},
		{Kind: "calendar_provisional", Label: "节假日安排未定", Subject: "p/2027", Problem: "没有录入", Repair: "请录入", Notice: true},
	}}, s.err
}

func (s *surgeon) Repair(_ context.Context, kind, _ string) (string, error) {
	if kind == "disk_full" {
		return "", api.ErrNotRepairable
	}
	return "已启动流程", s.err
}

func TestDoctor(t *testing.T) {
	deps := newFake(t).deps()
	log, s := &registry{}, &surgeon{}
	deps.Accounts, deps.Doctor = log, s
	h := api.New(deps)
	examined := func(query, role string) map[string]any {
		return ask(t, h, http.StatusOK, request(http.MethodGet, v1+"/doctor"+query, "", asHeader, role))
	}
	got := examined("", "auditor")
	require.Equal(t, false, got["healthy"])
	require.Equal(t, "2026-03-02T09:00:00+08:00", got["findings"].([]any)[0].(map[string]any)["since"])
	require.Equal(t, true, examined("?examine=whole", "admin")["whole"])
	require.Equal(t, []api.Examination{api.ExamineLast, api.ExamineWhole}, s.asked)
	require.Equal(t, "validation_failed", ask(t, h, http.StatusUnprocessableEntity, request(http.MethodGet, v1+"/doctor?examine=twice", "", asHeader, "admin"))["code"])
	for _, role := range []string{"office", "leader", "unit yjj"} {
		require.Equal(t, http.StatusForbidden, serve(h, request(http.MethodGet, v1+"/doctor", "", asHeader, role)).Code, role)
	}

	body := `{"kind":"workflow_missing","subject":"plan/p"}`
	require.Equal(t, map[string]any{"done": "已启动流程"}, post(t, h, v1+"/doctor/repair", body, asHeader, "admin"))
	require.Len(t, log.entries, 1)
	e := log.entries[0]
	require.Equal(t, []any{account.FaultRepaired, "plan/p", "workflow_missing 已启动流程", "zhang"}, []any{e.Action, e.Target, e.Detail, e.By})
	refuses(t, h, "not_allowed", http.StatusForbidden, v1+"/doctor/repair", body, asHeader, "auditor")
	refuses(t, h, "not_repairable", http.StatusConflict, v1+"/doctor/repair", `{"kind":"disk_full","subject":"/data"}`, asHeader, "admin")
	s.err = errors.New("gone")
	refuses(t, h, "engine_unavailable", http.StatusServiceUnavailable, v1+"/doctor/repair", body, asHeader, "admin")
	require.Len(t, log.entries, 1, "nothing was done")
}

// What is only told of is no fault.
func TestDoctorToldOfWhatIsNoFault(t *testing.T) {
	deps := newFake(t).deps()
	deps.Doctor = healthy{}
	got := ask(t, api.New(deps), http.StatusOK, request(http.MethodGet, v1+"/doctor", "", asHeader, "admin"))
	require.Equal(t, true, got["healthy"])
	require.Len(t, got["findings"], 1)
}

type healthy struct{ api.Doctor }

func (healthy) Examine(context.Context, api.Examination) (api.Diagnosis, error) {
	return api.Diagnosis{At: now, Findings: []api.DiagnosisFinding{{Kind: "calendar_provisional", Subject: "p/2027", Notice: true}}}, nil
}
