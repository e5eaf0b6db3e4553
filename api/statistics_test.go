package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/obligation"
)

// Changed implements api.History. The fake's position is how many events there are; it keeps what it was asked for.
func (f *fake) Changed(_ context.Context, plan string, since int64, each func(obligation.ID, []obligation.Event)) (int64, error) {
	defer f.lock()()
	f.since = append(f.since, since)
	if f.down != nil {
		return 0, f.down
	}
	var position int64
	for id, ledger := range f.ledgers {
		if position += int64(len(ledger)); id.Plan == plan {
			each(id, ledger)
		}
	}
	return position, nil
}

// workbooks stands for the writer of several tables.
func workbooks(w io.Writer, tabs []api.Tab) error {
	for _, t := range tabs {
		headings := make([]string, len(t.Columns))
		for i, c := range t.Columns {
			headings[i] = c.Heading
		}
		if _, err := fmt.Fprintf(w, "# %s\n%s\n%s\n%s\n", t.Name, t.Title, t.Note, strings.Join(headings, "\t")); err != nil {
			return err
		}
		for _, row := range t.Rows {
			if len(row) != len(headings) {
				return fmt.Errorf("%d texts for %d columns", len(row), len(headings))
			}
			if _, err := fmt.Fprintln(w, strings.Join(row, "\t")); err != nil {
				return err
			}
		}
	}
	return nil
}

const theFigures = thePlan + "/statistics"

func TestStatistics(t *testing.T) {
	f := newFake(t)
	f.decide(id("xinhua", "2026H1"), obligation.Command{Kind: obligation.Sign}, now.Add(-26*time.Hour)) // a Sunday
	f.decide(id("xinhua", "2026H1"), obligation.Command{Kind: obligation.Submit, Text: "已完成"}, now.Add(-time.Hour))
	f.decide(id("xinhua", "2026H1"), obligation.Command{Kind: obligation.Accept}, now)
	h := api.New(f.deps())
	got := get(t, h, theFigures)
	require.Equal(t, []any{"2026-03-02T10:00:00+08:00", "方案期全部", "action", []any{2024.0, 2025.0, 2026.0}}, []any{got["at"], got["scope"], got["by"], got["years"]})
	total := got["total"].(map[string]any)
	for name, want := range map[string]any{
		"total": 3.0, "counted": 2.0, "closed": 1.0, "onTime": 1.0, "late": 0.0, "open": 1.0, "overdue": 1.0, "waived": 0.0, "history": 1.0, "completion": 0.5, "rate": 0.5,
	} {
		require.Equal(t, want, total[name], name)
	}
	require.Equal(t, map[string]any{
		"work": "review", "label": "审核用时", "count": 1.0, "median": map[string]any{"days": 0.0, "hours": 1.0, "label": "1小时"}, "p90": map[string]any{"days": 0.0, "hours": 1.0, "label": "1小时"},
	}, objects(t, total["times"])[2])
	require.Equal(t, map[string]any{"days": 0.0, "hours": 0.0, "label": ""}, objects(t, total["times"])[3]["median"], "what was never done has no time")
	require.Equal(t, map[string]any{"rung": "remind", "label": "提醒", "count": 0.0}, objects(t, total["reached"])[0])

	require.Equal(t, map[string]any{"half": "2026H1", "label": "2026年上半年"}, objects(t, got["halves"])[0], "the latest that has begun")
	rows := objects(t, got["rows"])
	require.Len(t, rows, 1)
	require.Equal(t, []any{"1", "行动1 学习教育行动", 3.0}, []any{rows[0]["key"], rows[0]["name"], rows[0]["total"]})
	units := objects(t, get(t, h, theFigures+"?by=unit")["rows"])
	require.Equal(t, []any{"新华路街道", "天山路街道"}, []any{units[0]["name"], units[1]["name"]}, "in the plan's order")
	require.Equal(t, []any{"2025-12", "2026-01", "2026-06"}, keys(t, got["byMonth"]))
	require.Equal(t, []any{"2025Q4", "2026Q1", "2026Q2"}, keys(t, got["byQuarter"]))
	require.Equal(t, []any{"2025", "2026"}, keys(t, got["byYear"]))

	quarter := get(t, h, theFigures+"?year=2026&quarter=1&by=task")
	require.Equal(t, []any{"2026年第1季度", 1.0}, []any{quarter["scope"], quarter["total"].(map[string]any)["total"]})
	half := get(t, h, theFigures+"?year=2026&half=1&by=task")
	require.Equal(t, []any{"2026年上半年", 2.0}, []any{half["scope"], half["total"].(map[string]any)["total"]})

	past := get(t, h, theFigures+"?until=2026-02-08")
	require.Equal(t, "2026-02-09T00:00:00+08:00", past["at"], "the whole of the day belongs to it")
	require.Equal(t, 0.0, past["total"].(map[string]any)["closed"], "and nothing that happened later")
	require.Equal(t, got["total"], get(t, h, theFigures+"?until=2026-12-31")["total"], "nothing is known of what comes")
}

func keys(t *testing.T, rows any) []any {
	t.Helper()
	var out []any
	for _, r := range objects(t, rows) {
		out = append(out, r["key"])
	}
	return out
}

// What has been read of a plan is kept until its definition changes.
func TestStatisticsReadWhatHasGrown(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	open := func() any { return get(t, h, theFigures)["total"].(map[string]any)["open"] }
	require.Equal(t, 2.0, open())
	f.open("xinhua", "2026H2", "2026-12-31", "2026-03-01")
	require.Equal(t, 3.0, open())
	f.definition.Version++
	require.Equal(t, 3.0, open())
	get(t, h, theFigures+"?until=2026-02-08")
	get(t, h, theFigures+"?until=2026-02-08&by=task")
	get(t, h, theFigures+"?until=2026-02-09")
	require.Equal(t, []int64{0, 5, 0, 0, 6, 0}, f.since)
	f.down = errDown
	wantProblem(t, serve(h, request(http.MethodGet, theFigures, "")), http.StatusServiceUnavailable, "database_unavailable")
	f.down = nil
	require.Equal(t, 3.0, open(), "what failed leaves nothing behind")
}

func TestStatisticsAreForReaders(t *testing.T) {
	h := api.New(newFake(t).deps())
	for _, path := range []string{theFigures, theFigures + "/export", theFigures + "/report?half=2026H1"} {
		for _, who := range []string{"unit zhang xinhua", "admin"} {
			wantProblem(t, serve(h, request(http.MethodGet, path, "", asHeader, who)), http.StatusForbidden, "not_allowed")
		}
		if strings.Contains(path, "?") {
			continue
		}
		wantProblem(t, serve(h, request(http.MethodGet, path+"?quarter=1", "")), http.StatusUnprocessableEntity, "validation_failed")
		wantProblem(t, serve(h, request(http.MethodGet, path+"?year=2026&quarter=1&half=1", "")), http.StatusUnprocessableEntity, "validation_failed")
		wantProblem(t, serve(h, request(http.MethodGet, path+"?until=2026-02-30", "")), http.StatusUnprocessableEntity, "validation_failed")
	}
	wantProblem(t, serve(h, request(http.MethodGet, theFigures+"?by=month", "")), http.StatusUnprocessableEntity, "validation_failed")
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/plans/none/statistics", "")), http.StatusNotFound, "not_found")
}

func TestStatisticsAsASpreadsheet(t *testing.T) {
	h := api.New(newFake(t).deps())
	w := serve(h, request(http.MethodGet, theFigures+"/export?year=2026", ""))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Contains(t, w.Header().Get("Content-Disposition"), "2026")
	text := w.Body.String()
	for _, part := range []string{
		"# 行动\n督办统计：行动\n2026年到期的责任事项，截至 2026-03-02 10:00。", "# 任务\n", "# 责任单位\n", "# 年度\n", "# 季度\n", "# 月份\n",
		"天山路街道\t1\t1\t0\t0\t0\t1\t1\t0\t0\t0.0%\t0.0%\t0\t0\t0\t0\t0\t0\t0\t0\t\t\t",
		"新华路街道\t1\t1\t0\t0\t0\t1\t0\t0\t0\t0.0%\t—\t", "合计\t2\t2\t",
	} {
		require.Contains(t, text, part)
	}
	require.Equal(t, 6, strings.Count(text, "合计\t2\t"))
}
