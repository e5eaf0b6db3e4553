package api_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/tasklist"
)

// desk reads every list the same, and keeps what it was asked.
type desk struct {
	kept   map[string]tasklist.Import
	asked  []tasklist.Choices
	reason string
	by     account.Caller
}

func (d *desk) reading(i tasklist.Import) api.ListReading {
	return api.ListReading{
		Import: i, Sheets: []string{"清单"}, Sheet: "清单", Heads: []tasklist.Head{{Column: 1, Name: "A", Heading: "序号"}, {Column: 9, Name: "I", Heading: "处室", Sample: "一处"}},
		Preview: tasklist.Preview{
			Columns: map[int]tasklist.Field{1: tasklist.FieldNumber, 7: tasklist.FieldDeadline}, Header: 2, Titles: []int{1}, Missing: []string{"10.4"},
			Rows: []tasklist.Row{
				{Row: 5, Task: "10", Measure: "10.3", Title: "完善汇编", Units: []string{"yjj"}, Kind: plan.Milestone, Due: []calendar.Date{calendar.MustDate("2026-06-30")}, Outcome: tasklist.Update, Changes: []string{"完成时限：2026-03-31 → 2026-06-30"}},
				{Row: 6, Outcome: tasklist.Confirm, Problems: []tasklist.Problem{{Cell: "G6", Reason: "不是日期", Proposal: "请写明日期"}}},
			},
		},
		Faults:  []string{"第6行须确认"},
		Effects: []obligation.Effect{{ID: id("xinhua", "2026H1"), UnitName: "新华路街道", Title: "报送学习情况", Kind: obligation.Rearming, Changes: []string{"到期日：2026-06-30 → 2026-09-30"}}},
	}
}

func (d *desk) Keep(_ context.Context, i tasklist.Import, file []byte) (api.ListReading, error) {
	if strings.HasPrefix(string(file), "<html") {
		return api.ListReading{}, api.Refuse(api.CodeSheet, "这是网页，不是表格")
	}
	i.ID, i.Size = "2026-abc", int64(len(file))
	d.kept[i.ID] = i
	return d.reading(i), nil
}

func (d *desk) All(context.Context, string) ([]tasklist.Import, error) {
	var out []tasklist.Import
	for _, i := range d.kept {
		out = append(out, i)
	}
	return out, nil
}

func (d *desk) Open(ctx context.Context, plan, id string) (api.ListReading, error) {
	return d.Read(ctx, plan, id, d.kept[id].Settled)
}

func (d *desk) Settle(_ context.Context, _, id string, s tasklist.Settling) (tasklist.Import, error) {
	i, ok := d.kept[id]
	if !ok {
		return i, refused(obligation.CodeNotFound)
	}
	i.Settled = i.Settled.With(s)
	d.kept[id] = i
	return i, nil
}

func (d *desk) Read(_ context.Context, _, id string, c tasklist.Choices) (api.ListReading, error) {
	i, ok := d.kept[id]
	if !ok {
		return api.ListReading{}, refused(obligation.CodeNotFound)
	}
	d.asked = append(d.asked, c)
	return d.reading(i), nil
}

func (d *desk) Apply(ctx context.Context, plan, id string, c tasklist.Choices, reason string, by account.Caller) (api.ListReading, api.SeedReport, error) {
	r, err := d.Read(ctx, plan, id, c)
	if err != nil {
		return r, api.SeedReport{}, err
	}
	if len(c.Answers) == 0 {
		return r, api.SeedReport{}, api.Refuse(api.CodeUnsettled, "第6行须确认")
	}
	d.reason, d.by = reason, by
	return r, api.SeedReport{Plan: plan, Version: 4, Changed: true, Revised: 1}, nil
}

func (d *desk) Corrections(context.Context, string, string, tasklist.Choices) (string, []byte, error) {
	return "待改正.xlsx", []byte("PK"), nil
}

func (d *desk) Export(_ context.Context, plan string, year int) (string, []byte, error) {
	if plan != "changning-2024" || year != 2026 {
		return "", nil, errors.New("another list")
	}
	return "2026年工作任务清单.xlsx", []byte("PK list"), nil
}

func (d *desk) Template(context.Context, string, int) (string, []byte, error) {
	return "模板.xlsx", []byte("PK template"), nil
}

func TestListIsBroughtReadAndApplied(t *testing.T) {
	f := newFake(t)
	deps := f.deps()
	d := &desk{kept: map[string]tasklist.Import{}}
	log := &registry{}
	deps.Lists, deps.Accounts = d, log
	h := api.New(deps)
	upload := v1 + "/plans/changning-2024/lists?year=2026&name=" + "%E6%B8%85%E5%8D%95.xlsx"
	got := post(t, h, upload, "PK...", "Content-Type", "application/octet-stream")
	require.Equal(t, []any{"2026-abc", "清单.xlsx", "张三", "已读取"}, []any{
		got["import"].(map[string]any)["id"], got["import"].(map[string]any)["name"], got["import"].(map[string]any)["by"], got["import"].(map[string]any)["statusLabel"],
	})
	rows := objects(t, got["rows"])
	require.Equal(t, []any{"update", "变更", []any{"2026-06-30"}, []any{}}, []any{rows[0]["outcome"], rows[0]["outcomeLabel"], rows[0]["due"], rows[0]["lead"]})
	require.Equal(t, "G6", objects(t, rows[1]["problems"])[0]["cell"])
	require.Equal(t, "调整", objects(t, got["effects"])[0]["kindLabel"])
	require.Equal(t, []any{"第6行须确认"}, got["faults"])
	require.Equal(t, map[string]any{"1": "number", "7": "deadline"}, got["columns"])

	one := v1 + "/plans/changning-2024/lists/2026-abc"
	post(t, h, one+"/preview", `{"columns":{"7":"deadline"},"answers":{"6":{"skip":true}}}`)
	require.Equal(t, tasklist.Choices{Columns: map[int]tasklist.Field{7: tasklist.FieldDeadline}, Answers: map[int]tasklist.Answer{6: {Skip: true}}}, d.asked[0])
	post(t, h, one+"/preview", `{"answers":{"6":{"confirm":true,"parts":{"2":{"skip":true}}}}}`)
	require.Equal(t, map[int]tasklist.Answer{6: {Confirm: true, Parts: map[int]tasklist.Answer{2: {Skip: true}}}}, d.asked[1].Answers)
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, one+"/preview", `{"answers":{"six":{}}}`)
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, one+"/preview", `{"answers":{"6":{"parts":{"0":{"skip":true}}}}}`)
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, one+"/apply", `{"reason":" "}`)
	refuses(t, h, "list_unsettled", http.StatusConflict, one+"/apply", `{"reason":"年度清单"}`)
	done := post(t, h, one+"/apply", `{"answers":{"6":{"skip":true}},"withdraw":["10.4"],"reason":"年度清单"}`)
	require.EqualValues(t, 4, done["seed"].(map[string]any)["version"])
	require.Equal(t, []any{"年度清单", "zhang"}, []any{d.reason, d.by.Login})
	require.Equal(t, []string{"10.4"}, d.asked[len(d.asked)-1].Withdraw)
	require.Equal(t, account.PlanSeeded, log.entries[0].Action)
	require.Len(t, objects(t, get(t, h, v1+"/plans/changning-2024/lists")["lists"]), 1)
	refuses(t, h, "not_found", http.StatusNotFound, v1+"/plans/changning-2024/lists/2026-def/preview", none)

	for path, want := range map[string]string{"/plans/changning-2024/list?year=2026": "PK list", "/plans/changning-2024/list/template?year=2026": "PK template"} {
		w := serve(h, request(http.MethodGet, v1+path, ""))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Equal(t, want, w.Body.String())
		require.Contains(t, w.Header().Get("Content-Disposition"), "attachment")
	}
	w := serve(h, request(http.MethodPost, one+"/corrections", none))
	require.Equal(t, "PK", w.Body.String())
}

// What is settled of a list stays, and is shown one page at a time.
func TestListIsSettledStepByStep(t *testing.T) {
	deps := newFake(t).deps()
	d := &desk{kept: map[string]tasklist.Import{"2026-abc": {ID: "2026-abc", Status: tasklist.Received}}}
	deps.Lists = d
	h := api.New(deps)
	one := v1 + "/plans/changning-2024/lists/2026-abc"
	settle := func(body string) {
		t.Helper()
		w := serve(h, request(http.MethodPatch, one, body))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
	}
	settle(`{"answers":{"6":{"confirm":true},"7":{"skip":true}},"columns":{"9":"note"}}`)
	settle(`{"takeBack":[7],"withdraw":["10.4"]}`)
	want := tasklist.Choices{
		Answers: map[int]tasklist.Answer{6: {Confirm: true}}, Columns: map[int]tasklist.Field{9: tasklist.FieldNote}, Withdraw: []string{"10.4"},
	}
	got := get(t, h, one+"?outcome=confirm&limit=1")
	require.Equal(t, want, d.asked[len(d.asked)-1], "it is read by what is settled")
	require.Equal(t, map[string]any{"6": map[string]any{"confirm": true}}, got["choices"].(map[string]any)["answers"])
	require.Equal(t, map[string]any{"create": 0.0, "update": 1.0, "unchanged": 0.0, "error": 0.0, "confirm": 1.0, "skipped": 0.0}, got["counts"])
	require.Equal(t, []any{1.0, 6.0}, []any{got["selected"], objects(t, got["rows"])[0]["row"]})
	require.Equal(t, "number", objects(t, got["columns"])[0]["field"])
	require.Equal(t, []any{"一处", ""}, []any{objects(t, got["columns"])[1]["sample"], objects(t, got["columns"])[1]["field"]})
	require.Equal(t, true, objects(t, got["missing"])[0]["withdraw"])
	require.Equal(t, map[string]any{"rearmed": 1.0, "withdrawn": 0.0, "joined": 0.0}, got["effectCounts"])
	require.Empty(t, get(t, h, one+"?offset=9&effectsLimit=1&effectsOffset=1")["rows"])
	require.Empty(t, get(t, h, one+"?effectKind=joined")["effects"])
	require.Len(t, get(t, h, one+"?row=5")["rows"], 1)
	settle(`{"sheet":"附表"}`)
	require.Equal(t, tasklist.Choices{Sheet: "附表", Withdraw: []string{"10.4"}}, d.kept["2026-abc"].Settled, "another sheet has other rows")
	for body, where := range map[string]string{`{"answers":{"six":{}}}`: one, `{"columns":{"0":"note"}}`: one} {
		wantProblem(t, serve(h, request(http.MethodPatch, where, body)), http.StatusUnprocessableEntity, "validation_failed")
	}
	wantProblem(t, serve(h, request(http.MethodPatch, v1+"/plans/changning-2024/lists/none", none)), http.StatusNotFound, "not_found")
}

func TestListThatIsNoneIsRefused(t *testing.T) {
	deps := newFake(t).deps()
	deps.Lists = &desk{kept: map[string]tasklist.Import{}}
	h := api.New(deps)
	upload := v1 + "/plans/changning-2024/lists?year=2026&name=a.xlsx"
	as := []string{"Content-Type", "application/octet-stream"}
	p := wantProblem(t, serve(h, request(http.MethodPost, upload, "<html>", as...)), http.StatusUnprocessableEntity, "sheet_unreadable")
	require.Equal(t, "这是网页，不是表格", p.Errors[0].Message)
	wantProblem(t, serve(h, request(http.MethodPost, upload, "", as...)), http.StatusBadRequest, "body_missing")
	wantProblem(t, serve(h, request(http.MethodPost, upload, strings.Repeat("a", 10<<20+1), as...)), http.StatusRequestEntityTooLarge, "body_too_large")
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, v1+"/plans/changning-2024/lists?name=a.xlsx", "PK")
	refuses(t, h, "not_allowed", http.StatusForbidden, upload, "PK", asHeader, "admin")
}
