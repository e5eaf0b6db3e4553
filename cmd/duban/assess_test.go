package main

import (
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/assessment"
	"duban/internal/store"
	"duban/obligation"
	"duban/seed"
)

// A half-year is counted from the record as the assessment does, and leaves no trace.
func TestAssessCountsWithoutATrace(t *testing.T) {
	folder, run := lived(t)
	before := content(t, folder)
	assess := func(args ...string) said {
		return duban(t, nil, append([]string{"--set", "data.folder=" + folder, "assess"}, args...)...)
	}
	rules, err := seed.DefaultRules()
	require.NoError(t, err)
	var ledgers [][]obligation.Event
	for _, l := range run.Ledgers {
		ledgers = append(ledgers, l.Events)
	}
	want := assessment.Score(rules, assessment.Half{Year: 2024, N: 2}, run.Definition.Plan, run.Definition.Calendar, ledgers)
	require.Len(t, want.Units, 2)

	r := assess("2024H2", "--format", "json")
	require.Zero(t, r.code, r.stderr)
	var got assessment.Card
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &got))
	require.Equal(t, want, got)

	r = assess("2024H2")
	require.Zero(t, r.code, r.stderr)
	for _, u := range want.Units {
		i := slices.IndexFunc(strings.Split(r.stdout, "\n"), func(line string) bool {
			return strings.Contains(line, u.Unit) && strings.Contains(line, u.Points.String())
		})
		require.Positive(t, i, r.stdout)
	}
	r = assess("2024H2", "--unit", "huayang", "--format", "csv")
	require.Zero(t, r.code, r.stderr)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(r.stdout, "\ufeff"))).ReadAll()
	require.NoError(t, err)
	i := slices.IndexFunc(want.Units, func(u assessment.UnitScore) bool { return u.Unit == "huayang" })
	require.Len(t, rows, len(want.Units[i].Lines)+2)
	require.Equal(t, want.Units[i].Points.String(), rows[len(rows)-1][5])

	file := filepath.Join(t.TempDir(), "strict.yaml")
	require.NoError(t, os.WriteFile(file, []byte("title: 从严\nbase: 500\nitems:\n  - {code: o, title: 逾期, on: overdue, points: -5}\n"), 0o600))
	r = assess("2024H2", "--rules", file, "--format", "json")
	require.Zero(t, r.code, r.stderr)
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &got))
	for _, u := range got.Units {
		require.Equal(t, assessment.Points(500-5*u.Figures.Overdue), u.Points)
	}
	require.Equal(t, before, content(t, folder))

	require.NoError(t, os.WriteFile(file, []byte("title: 错\nbase: 500\nitems:\n  - {code: o, title: 逾期, on: lost, points: -5}\n"), 0o600))
	for _, c := range []struct {
		args []string
		word string
	}{
		{[]string{"2024"}, "2026H1"},
		{[]string{"2024H2", "--unit", "nobody"}, "nobody"},
		{[]string{"2024H2", "--rules", file}, "strict.yaml:4"},
	} {
		requireFaults(t, exitUsage, assess(c.args...), c.word)
	}
}

// What docs/ shows of the last half-year is what the command writes: the same plan, script and rules give the same bytes.
func TestShownAssessmentIsWhatTheCommandWrites(t *testing.T) {
	shown, err := os.ReadFile(filepath.Join("..", "..", "docs", "assessment-2026H2.md"))
	require.NoError(t, err)
	r := duban(t, nil, "assess", "2026H2", "--script", "mixed", "--unit", "huayang", "--format", "md")
	require.Zero(t, r.code, r.stderr)
	_, after, found := strings.Cut(string(shown), "\n---\n\n")
	require.True(t, found)
	require.Equal(t, strings.Split(after, "\n"), strings.Split(r.stdout, "\n"), "docs/assessment-2026H2.md: make it again with the command that it names")
}

// The assessment of a script needs no record; what is wrong with what it is asked is said.
func TestAssessByAScript(t *testing.T) {
	r := duban(t, nil, "assess", "2024H2", "--script", "diligent")
	require.Zero(t, r.code, r.stderr)
	require.Contains(t, r.stdout, "2024年下半年考核评估")
	file := filepath.Join(t.TempDir(), "strict.yaml")
	require.NoError(t, os.WriteFile(file, []byte("title: 从严\nbase: 500\nitems:\n  - {code: o, title: 逾期, on: overdue, points: -5}\n"), 0o600))
	r = duban(t, nil, "assess", "2024H2", "--script", "diligent", "--rules", file, "--format", "md")
	require.Zero(t, r.code, r.stderr)
	require.Contains(t, r.stdout, "从严，基础分 50 分")
	require.NotContains(t, r.stdout, "逐条得分", "of no unit")
	requireFaults(t, exitUsage, duban(t, nil, "assess", "2024H2", "--script", "nobody"), "nobody")
	requireFaults(t, exitUsage, duban(t, nil, "assess", "2024H2", "--script", "mixed", "--unit", "nobody"), "nobody")
}

// The report of what is recorded tells the record; before there is one, what is counted from the ledgers.
func TestAssessReportsTheRecord(t *testing.T) {
	folder, run := lived(t)
	report := func() string {
		r := duban(t, nil, "--set", "data.folder="+folder, "assess", "2024H2", "--unit", "huayang", "--format", "md")
		require.Zero(t, r.code, r.stderr)
		return r.stdout
	}
	before := report()
	require.Contains(t, before, "待计分")
	require.Contains(t, before, "华阳路街道：逐条得分")
	require.NotContains(t, before, "## 过程")
	rules, err := seed.DefaultRules()
	require.NoError(t, err)
	half := assessment.Half{Year: 2024, N: 2}
	s, err := store.Open(t.Context(), store.Options{Driver: store.SQLite, DSN: filepath.Join(folder, "duban.db"), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	_, events, err := run.Assess(half, rules, 9*time.Hour)
	require.NoError(t, err)
	for _, e := range events {
		_, _, err := s.DecideAssessment(t.Context(), assessment.Begin("changning-2024", half, half.Checkpoint(obligation.Location("Asia/Shanghai"))), e.Key,
			func(assessment.State) (assessment.Event, error) { return e, nil }, func(assessment.State) time.Time { return time.Time{} })
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	after := report()
	require.Contains(t, after, "已公布")
	require.Contains(t, after, "| 公布 | 1 |")
}
