package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/letter"
	"duban/internal/sheet"
)

const march = "/plans/small/monthly/2025-03"

// monthView is what is asserted of a month.
type monthView struct {
	Counts  struct{ Units, Reported, OnTime, Late, Zero, Missing, Pending int }
	Entries []struct {
		Unit, Status, Rung, Stage string
		Zero                      bool
		Report                    *struct{ Progress string }
	}
	Total struct {
		Month, Year struct{ Counted, Closed, Overdue int }
	}
}

func (m monthView) told() map[string]string {
	out := map[string]string{}
	for _, e := range m.Entries {
		out[e.Unit] = e.Status
	}
	return out
}

func (p *process) month() monthView {
	p.t.Helper()
	var m monthView
	p.get(march, &m)
	return m
}

// monthly is the small plan with a monthly report of four units by the form, which is pressed for on the first working day.
func monthlyPlan(t *testing.T) map[string]string {
	files := smallFiles(t)
	files["tasks/tasks.yaml"] = strings.Replace(files["tasks/tasks.yaml"], "audience: {units: [u01, u02]}", "audience: {units: [u01, u02, u03, u04]}\n        form: monthly\n        ladder: short", 1)
	files["ladders.yaml"] += `  - code: short
    title: 短周期阶梯
    cure: 5
    yellow: 3
    rework: 5
    nudge: 3
    steps:
      - {code: press+1, rung: press, anchor: due, offset: 1, to: unit}
      - {code: letter+30, rung: letter, anchor: due, offset: 30, to: unit, signOff: office}
`
	return files
}

func reportOf(unit string) string { return "/obligations/small/1.2/" + unit + "/2025-03" }

// One unit reports, one that there is nothing to tell, one late, and one is silent and pressed. What the office reads of it on
// the page, in the spreadsheet, in the report and on the command line are the same figures.
func TestMonthlyReports(t *testing.T) {
	folder := t.TempDir()
	// The units have a minute of real time until the 28th has passed.
	p := serve(t, folder, append([]string{"--seed", "none"}, scaled("2025-03-14", 0.25)...)...)
	status, body := p.post("/plans", map[string]any{"files": monthlyPlan(t), "asOf": "2025-03-14"})
	require.Equal(t, http.StatusOK, status, body)
	await(t, "the reports are opened", func() bool { return len(p.obligations("plan=small&measure=1.2")) == 4 })

	var form struct {
		From, To string
		Lines    []struct{ Measure, Group string }
	}
	p.get(reportOf("u01")+"/monthly", &form)
	require.Equal(t, []string{"2025-03-01", "2025-03-28"}, []string{form.From, form.To})
	require.Len(t, form.Lines, 1, "the summary that it owes until the end of the month")
	require.Equal(t, "due", form.Lines[0].Group)
	status, body = p.post(reportOf("u01")+"/submit", map[string]any{"report": map[string]any{
		"progress": "检查12家，整改3处", "problems": "缺少专业力量", "notes": []any{map[string]any{"measure": "1.1", "period": "1", "text": "月底前完成"}},
	}})
	require.Equal(t, http.StatusOK, status, body)
	status, body = p.post(reportOf("u02")+"/submit", map[string]any{"report": map[string]any{"zero": true, "progress": "有"}})
	require.Equal(t, http.StatusUnprocessableEntity, status, body)
	require.Contains(t, body, "report_zero_with_text")
	status, body = p.post(reportOf("u02")+"/submit", map[string]any{"report": map[string]any{"zero": true}})
	require.Equal(t, http.StatusOK, status, body)
	p.act(reportOf("u01")+"/accept", map[string]any{})

	await(t, "the 28th has passed, and who is silent is pressed", func() bool {
		pressed := 0
		for _, e := range p.month().Entries {
			if e.Status == "missing" && e.Rung == "press" {
				pressed++
			}
		}
		return pressed == 2
	})
	status, body = p.post(reportOf("u03")+"/submit", map[string]any{"text": "迟报，见附件"})
	require.Equal(t, http.StatusOK, status, body)

	m := p.month()
	require.Equal(t, map[string]string{"u01": "on_time", "u02": "on_time", "u03": "late", "u04": "missing"}, m.told())
	require.Equal(t, []int{4, 3, 2, 1, 1, 1, 0}, []int{m.Counts.Units, m.Counts.Reported, m.Counts.OnTime, m.Counts.Late, m.Counts.Zero, m.Counts.Missing, m.Counts.Pending})
	require.Equal(t, []any{"检查12家，整改3处", true}, []any{m.Entries[0].Report.Progress, m.Entries[1].Zero})
	require.Equal(t, []int{1, 64}, []int{m.Total.Month.Closed, m.Total.Month.Counted}, "sixty summaries and four reports are due in March")

	// The figures are the statistics', as of the end of the 28th.
	var figures struct {
		Total struct{ Counted, Closed, Overdue int }
	}
	p.get("/plans/small/statistics?year=2025&until=2025-03-28", &figures)
	require.Equal(t, figures.Total, m.Total.Year)

	content, _ := p.download(march + "/export")
	book, err := sheet.Read(bytes.NewReader(content), int64(len(content)), "monthly.xlsx")
	require.NoError(t, err)
	rows := map[string][][]string{}
	for _, s := range book.Sheets {
		for _, line := range s.Rows {
			var row []string
			for _, cell := range line.Cells {
				row = append(row, cell.Text)
			}
			rows[s.Name] = append(rows[s.Name], row)
		}
	}
	last := func(name string) string { return strings.Join(rows[name][len(rows[name])-1], " ") }
	require.Equal(t, "4 3 2 1 1 0 1 0 0 0", last("工作开展情况月报"))
	sums := fmt.Sprintf("合计 %d %d %d %d %d", m.Total.Month.Counted, m.Total.Month.Closed, m.Total.Month.Overdue, m.Total.Year.Counted, m.Total.Year.Closed)
	require.True(t, strings.HasPrefix(last("各任务完成情况"), sums), last("各任务完成情况"))
	require.Contains(t, last("所报内容"), "检查12家，整改3处")
	require.Contains(t, last("事项说明"), "月底前完成")

	content, _ = p.download(march + "/report")
	blocks, err := letter.Read(content)
	require.NoError(t, err)
	var text strings.Builder
	for _, b := range blocks {
		for _, piece := range b.Pieces {
			text.WriteString(piece.Text)
		}
		for _, row := range b.Rows {
			text.WriteString(strings.Join(row, " ") + "\n")
		}
		text.WriteString("\n")
	}
	for _, want := range []string{
		"2025年3月工作开展情况月报", "应报送4家，已报送3家，其中按时报送2家、逾期报送1家，零报告1家；逾期未报1家，期限未到待报送0家。",
		fmt.Sprintf("本月到期%d项，已办结%d项，逾期未办%d项。全年应办%d项，已办结%d项", m.Total.Month.Counted, m.Total.Month.Closed, m.Total.Month.Overdue, m.Total.Year.Counted, m.Total.Year.Closed),
		sums, "检查12家，整改3处", "月底前完成", "催办",
	} {
		require.Contains(t, text.String(), want)
	}

	server := strings.TrimSuffix(p.api, "/api/v1")
	out, code := run(t, "--set", "data.folder="+folder, "monthly", "2025-03", "--server", server)
	require.Zero(t, code, out)
	require.Contains(t, out, "应报 4 家，已报 3 家：按时 2、逾期 1，其中零报告 1；逾期未报 1 家，待报送 0 家")
	file := filepath.Join(t.TempDir(), "m.json")
	out, code = run(t, "--set", "data.folder="+folder, "monthly", "2025-03", "--server", server, "--format", "json", "-o", file)
	require.Zero(t, code, out)
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	var again monthView
	require.NoError(t, json.Unmarshal(written, &again))
	require.Equal(t, []any{m.Counts, m.Total}, []any{again.Counts, again.Total})
	out, code = run(t, "--set", "data.folder="+folder, "monthly", "2025-03", "--server", server, "--format", "docx", "-o", file)
	require.Equal(t, 2, code, "nothing is overwritten: %s", out)

	// The office lets the reports begin in June: May's, of which nothing was asked yet, is never opened.
	change := filepath.Join(t.TempDir(), "change.yaml")
	require.NoError(t, os.WriteFile(change, []byte("measures:\n  - {code: 1.2, from: 2025-06-01}\n"), 0o600))
	p.changes("make", change, "--reason", "首期改为六月", "--server", server)
	var task struct {
		Measures []struct {
			Code     string
			Schedule struct{ Periods []struct{ Key string } }
		}
	}
	p.get("/plans/small/tasks/1", &task)
	require.Equal(t, "2025-06", task.Measures[1].Schedule.Periods[0].Key)
	await(t, "who is silent has nothing to report any more", func() bool {
		var o struct{ Stage string }
		p.get(reportOf("u04"), &o)
		return o.Stage == "waived"
	})
	p.stop()
	verify(t, folder)
}
