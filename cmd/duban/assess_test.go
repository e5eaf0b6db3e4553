package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/assessment"
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
	b, err := seed.Embedded()
	require.NoError(t, err)
	var ledgers [][]obligation.Event
	for _, l := range run.Ledgers {
		ledgers = append(ledgers, l.Events)
	}
	want := assessment.Score(rules, assessment.Half{Year: 2024, N: 2}, b.Plan, b.Calendar, ledgers)
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
