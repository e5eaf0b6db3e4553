package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

const (
	theMonths   = thePlan + "/monthly"
	theFebruary = theMonths + "/2026-02"
	itsReport   = v1 + "/obligations/changning-2024/S1.1/xinhua/2026-02"
)

// withReports adds a monthly report to the plan, with February opened for both streets and for yingji.
func withReports(t *testing.T) *fake {
	t.Helper()
	f := newFake(t)
	f.definition.Plan.Measures = append(f.definition.Plan.Measures, plan.Measure{
		Code: "S1.1", Task: "S1", Title: "报送月报", Quote: "长期坚持", Done: "月报", Form: plan.FormMonthly, Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}},
		Schedule: plan.Schedule{Kind: plan.Recurring, Cron: "0 0 28 * *", Names: plan.CronDue, From: calendar.MustDate("2026-01-01")},
	})
	for _, unit := range []string{"xinhua", "tianshan", "yingji"} {
		f.openReport(unit, "2026-02")
	}
	return f
}

func (f *fake) openReport(unit, month string) obligation.ID {
	u, _ := f.definition.Plan.Unit(unit)
	id := obligation.ID{Plan: "changning-2024", Measure: "S1.1", Unit: unit, Period: month}
	facts := obligation.Facts{ID: id, Task: "S1", Title: "报送月报", UnitName: u.Name, Period: month, Due: calendar.MustDate(month + "-28"), Form: plan.FormMonthly}
	policy := obligation.Policy{Ladder: f.definition.Ladders[0], Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay, At: 9 * time.Hour}
	e := obligation.Open(obligation.Opening{Facts: facts, Policy: policy, AsOf: f.definition.AsOf}, f.definition.Calendar, calendar.MustDate(month+"-01").At(9*time.Hour, time.UTC))
	f.ledgers[id] = []obligation.Event{e}
	return id
}

func (f *fake) reports(t *testing.T, unit string, at time.Time, r obligation.Report) {
	t.Helper()
	_, err := f.decide(obligation.ID{Plan: "changning-2024", Measure: "S1.1", Unit: unit, Period: "2026-02"}, obligation.Command{Kind: obligation.Submit, Report: &r}, at)
	require.NoError(t, err)
}

// A unit finds its own matters as they stand, hands its report in, and what it said stays as it was.
func TestMonthlyReport(t *testing.T) {
	f := withReports(t)
	before := f.openReport("xinhua", "2026-01")
	_, err := f.decide(before, obligation.Command{Kind: obligation.Submit, Report: &obligation.Report{Progress: "一月", Next: "二月再查"}}, now.AddDate(0, 0, -35))
	require.NoError(t, err)
	f.open("xinhua", "2026-03", "2026-03-31", "2026-01-05")
	f.decide(id("xinhua", "2026H1"), obligation.Command{Kind: obligation.Submit, Text: "已办"}, now.AddDate(0, 0, -10))
	h := api.New(f.deps())

	form := get(t, h, itsReport+"/monthly")
	require.Equal(t, []any{"2026-02", "2026年2月", "2026-01-29", "2026-02-28"}, []any{form["month"], form["label"], form["from"], form["to"]})
	lines := objects(t, form["lines"])
	require.Len(t, lines, 2)
	require.Equal(t, []any{"2026H1", "done", "本月已办", "待审核"}, []any{lines[0]["period"], lines[0]["group"], lines[0]["groupLabel"], lines[0]["stageLabel"]})
	require.Equal(t, []any{"2026-03", "next"}, []any{lines[1]["period"], lines[1]["group"]})
	require.Equal(t, "本月完成1项：报送学习情况（2026H1）。其中1项已报送待审核。", form["progress"])
	require.Equal(t, "二月再查", form["previous"].(map[string]any)["next"])
	require.NotContains(t, form, "report")
	require.Equal(t, "monthly", get(t, h, itsReport)["form"])

	body := `{"report":{"progress":" 检查10家 ","problems":"缺人","notes":[{"measure":"1.1","period":"2026H1","text":"已学"}]}}`
	e := post(t, h, itsReport+"/submit", body, "Idempotency-Key", "k1")
	require.Equal(t, "工作开展情况：检查10家\n存在问题：缺人", e["text"])
	said := objects(t, e["report"].(map[string]any)["lines"])
	require.Equal(t, []any{"已学", nil}, []any{said[0]["note"], said[1]["note"]})

	// A retry is answered, whatever has become of the matters meanwhile.
	f.decide(id("xinhua", "2026H1"), obligation.Command{Kind: obligation.Waive, Text: "免"}, now)
	again := serve(h, request(http.MethodPost, itsReport+"/submit", body, "Idempotency-Key", "k1"))
	require.Equal(t, []any{http.StatusOK, "true"}, []any{again.Code, again.Header().Get("Idempotent-Replayed")}, again.Body.String())
	for _, other := range []string{
		strings.Replace(body, "已学", "没学", 1), strings.Replace(body, "检查10家", "检查11家", 1), `{"report":{"progress":"检查10家","problems":"缺人"}}`, `{"text":"工作开展情况：检查10家\n存在问题：缺人"}`,
	} {
		wantProblem(t, serve(h, request(http.MethodPost, itsReport+"/submit", other, "Idempotency-Key", "k1")), http.StatusConflict, "idempotency_key_reused")
	}
	require.Equal(t, "待审核", objects(t, get(t, h, itsReport)["recent"])[0]["report"].(map[string]any)["lines"].([]any)[0].(map[string]any)["stageLabel"], "as it stood when it was reported")
	require.Equal(t, "检查10家", get(t, h, itsReport+"/monthly")["report"].(map[string]any)["progress"])
}

func TestWhatNoMonthlyReportIs(t *testing.T) {
	f := withReports(t)
	h := api.New(f.deps())
	submit := func(path, body string) string {
		return serve(h, request(http.MethodPost, path+"/submit", body)).Body.String()
	}
	plainOne := v1 + "/obligations/changning-2024/1.1/xinhua/2026H1"
	for body, code := range map[string]string{
		`{"report":{}}`: "report_progress_missing",
		`{"report":{"zero":true,"progress":"有"}}`:                                             "report_zero_with_text",
		`{"report":{"progress":"` + strings.Repeat("字", 1801) + `"}}`:                         "report_too_long",
		`{"report":{"progress":"有","notes":[{"measure":"1.1","period":"2031","text":"别的"}]}}`: "report_line_foreign",
		`{"report":{"progress":"有"},"text":"有"}`:                                              "validation_failed",
		`{"report":{"progress":"有","lines":[]}}`:                                              "validation_failed",
		`{}`: "text_missing",
	} {
		require.Contains(t, submit(itsReport, body), `"code":"`+code+`"`, body)
	}
	require.Contains(t, submit(plainOne, `{"report":{"progress":"有"}}`), `"code":"report_form_missing"`)
	wantProblem(t, serve(h, request(http.MethodGet, plainOne+"/monthly", "")), http.StatusUnprocessableEntity, "report_form_missing")
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/obligations/changning-2024/S1.1/xinhua/2031-01/monthly", "")), http.StatusNotFound, "not_found")
	require.Contains(t, submit(itsReport, `{"text":"见附件"}`), `"kind":"submitted"`, "words alone are taken as well")
}

// The office sees how all stand, a unit itself; page, spreadsheet and report have the same figures.
func TestMonthlySummary(t *testing.T) {
	f := withReports(t)
	line := obligation.ReportLine{ID: id("xinhua", "2026H1"), Task: "1", Title: "报送学习情况", Period: "2026H1", Note: "已学"}
	f.reports(t, "xinhua", now.AddDate(0, 0, -4), obligation.Report{Progress: "检查10家", Lines: []obligation.ReportLine{line}})
	f.reports(t, "yingji", now.AddDate(0, 0, -3), obligation.Report{Zero: true})
	h := api.New(f.deps())

	m := get(t, h, theFebruary)
	require.Equal(t, map[string]any{
		"units": 3., "reported": 2., "onTime": 2., "late": 0., "zero": 1., "returned": 0., "missing": 1., "pending": 0., "waived": 0., "history": 0.,
	}, m["counts"])
	require.Equal(t, []any{"2026-03-01T00:00:00+08:00", "2026年2月28日24时"}, []any{m["cut"], m["cutLabel"]})
	entries := objects(t, m["entries"])
	require.Equal(t, []any{"区应急局", "on_time", true, "王五"}, []any{entries[0]["unitName"], entries[0]["status"], entries[0]["zero"], entries[0]["liaison"]})
	require.Equal(t, []any{"新华路街道", "检查10家"}, []any{entries[1]["unitName"], entries[1]["report"].(map[string]any)["progress"]})
	require.Equal(t, []any{"天山路街道", "missing", "逾期未报"}, []any{entries[2]["unitName"], entries[2]["status"], entries[2]["statusLabel"]})
	total := m["total"].(map[string]any)["month"].(map[string]any)
	require.Equal(t, []any{3., 0., 1.}, []any{total["counted"], total["closed"], total["overdue"]})
	require.Equal(t, "已学", objects(t, objects(t, m["remarks"])[0]["remarks"])[0]["note"])

	year := get(t, h, theFigures+"?year=2026&until=2026-02-28&by=task")
	require.Equal(t, year["total"].(map[string]any)["counted"], m["total"].(map[string]any)["year"].(map[string]any)["counted"], "as the statistics have it")

	months := objects(t, get(t, h, theMonths)["months"])
	require.Len(t, months, 1)
	require.Equal(t, []any{"2026-02", "2026-02-28", m["counts"]}, []any{months[0]["month"], months[0]["due"], months[0]["counts"]})

	own := ask(t, h, http.StatusOK, request(http.MethodGet, theFebruary, "", asHeader, "unit zhang xinhua"))
	require.Len(t, objects(t, own["entries"]), 1)
	require.Equal(t, []any{1., 1.}, []any{own["counts"].(map[string]any)["units"], own["total"].(map[string]any)["month"].(map[string]any)["counted"]}, "of its own alone")
	require.Equal(t, 1., objects(t, ask(t, h, http.StatusOK, request(http.MethodGet, theMonths, "", asHeader, "unit zhang xinhua"))["months"])[0]["counts"].(map[string]any)["units"])

	sheets := serve(h, request(http.MethodGet, theFebruary+"/export", "")).Body.String()
	for _, part := range []string{
		"# 工作开展情况月报\n2026年2月工作开展情况月报\n2026年2月；报送情况截至 2026-03-02 10:00，任务清单完成情况截至 2026年2月28日24时\n应报\t已报\t按时报送\t",
		"\n3\t2\t2\t0\t1\t0\t1\t0\t0\t0\n", "区应急局\t按时报送\t是\t待审核\t", "天山路街道\t逾期未报\t\t待签收\t", "\n新华路街道\t检查10家\t\t\n",
		"\n任务1 学习贯彻\t新华路街道\t报送学习情况\t2026H1\t已学\n", "\n合计\t3\t0\t1\t5\t0\t0\t2\t0.0%\n",
	} {
		require.Contains(t, sheets, part)
	}
	w := serve(h, request(http.MethodGet, theFebruary+"/report", ""))
	require.Contains(t, w.Header().Get("Content-Disposition"), "monthly-2026-02.docx")
	require.Contains(t, w.Body.String(), "应报送3家，已报送2家，其中按时报送2家、逾期报送0家，零报告1家；逾期未报1家，期限未到待报送0家。")
	require.Contains(t, w.Body.String(), "本月到期3项，已办结0项，逾期未办1项。全年应办5项，")
}

func TestMonthsThatAreNone(t *testing.T) {
	h := api.New(withReports(t).deps())
	for _, path := range []string{"/2025-12", "/2026-03", "/2031-01"} { // before the first, not opened yet, after the plan
		for _, what := range []string{"", "/export", "/report"} {
			wantProblem(t, serve(h, request(http.MethodGet, theMonths+path+what, "")), http.StatusNotFound, "not_found")
		}
	}
	wantProblem(t, serve(h, request(http.MethodGet, theMonths+"/2026-13", "")), http.StatusUnprocessableEntity, "validation_failed")
	for _, path := range []string{"/export", "/report"} {
		wantProblem(t, serve(h, request(http.MethodGet, theFebruary+path, "", asHeader, "unit zhang xinhua")), http.StatusForbidden, "not_allowed")
	}
	wantProblem(t, serve(h, request(http.MethodGet, itsReport+"/monthly", "", asHeader, "unit zhang tianshan")), http.StatusForbidden, "other_unit")
	none := get(t, api.New(newFake(t).deps()), theMonths)
	require.Empty(t, none["months"])
	require.NotContains(t, none, "measure")
}

// The first month is a change like any other.
func TestTheFirstMonthChanges(t *testing.T) {
	f := withReports(t)
	h := api.New(f.deps())
	post(t, h, thePlan+"/changes/preview", `{"measures":[{"code":"S1.1","from":"2026-03-01"}]}`)
	wantProblem(t, serve(h, request(http.MethodPost, thePlan+"/changes/preview", `{"measures":[{"code":"S1.1","from":"2026-02-30"}]}`)), http.StatusUnprocessableEntity, "validation_failed")
	b := api.ChangesBody{Measures: []api.MeasureChangeInput{{Code: "S1.1", From: "2026-03-01"}}}
	a, _, err := b.Amendment()
	require.NoError(t, err)
	require.Equal(t, calendar.MustDate("2026-03-01"), *a.Measures[0].From)
}
