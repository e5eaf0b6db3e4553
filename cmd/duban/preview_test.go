package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// preview lists the embedded plan as JSON.
func preview(t *testing.T, args ...string) []previewLine {
	t.Helper()
	got := duban(t, nil, append([]string{"preview", "--format", "json", "--as-of", "2026-01-01"}, args...)...)
	require.Zero(t, got.code, got.stderr)
	var lines []previewLine
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &lines))
	return lines
}

func TestPreviewFilters(t *testing.T) {
	all := preview(t)
	require.Positive(t, len(all))
	sample := all[len(all)/2]
	month := sample.At.Format("2006-01")
	want := 0
	for _, l := range all {
		require.NotEmpty(t, l.Why, l.Obligation)
		require.GreaterOrEqual(t, l.At.Format("2006-01-02"), "2026-01-01", "the past is not fired")
		if l.Unit == sample.Unit && l.Task == sample.Task && l.At.Format("2006-01") == month {
			want++
		}
	}
	some := preview(t, "--unit", sample.Unit, "--task", sample.Task, "--month", month)
	require.Equal(t, want, len(some)) // a failure must not print thousands of lines
	for _, l := range some {
		require.Equal(t, []string{sample.Unit, sample.Task, month}, []string{l.Unit, l.Task, l.At.Format("2006-01")})
	}
	require.True(t, slices.Contains(some, sample))
	require.Equal(t, countOf(all, func(l previewLine) bool { return l.Unit == sample.Unit }), len(preview(t, "--unit", sample.Unit)))
	require.Equal(t, countOf(all, func(l previewLine) bool { return l.Task == sample.Task }), len(preview(t, "--task", sample.Task)))
}

func countOf(lines []previewLine, f func(previewLine) bool) int {
	n := 0
	for _, l := range lines {
		if f(l) {
			n++
		}
	}
	return n
}

func TestPreviewFormats(t *testing.T) {
	args := []string{"preview", "--as-of", "2026-01-01", "--month", "2026-06"}
	n := len(preview(t, "--month", "2026-06"))
	require.Positive(t, n)

	got := duban(t, nil, append(args, "--format", "csv")...)
	require.Zero(t, got.code, got.stderr)
	text, marked := strings.CutPrefix(got.stdout, "\ufeff")
	require.True(t, marked, "spreadsheets need the mark to read Chinese")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, previewHeadings, rows[0])
	require.Equal(t, n+1, len(rows))
	require.Regexp(t, `^2026-06-\d\d \d\d:\d\d$`, rows[1][0])

	for _, format := range [][]string{nil, {"--format", "table"}} {
		got = duban(t, nil, append(args, format...)...)
		require.Zero(t, got.code, got.stderr)
		require.Equal(t, n+1, strings.Count(got.stdout, "\n"))
		require.True(t, strings.HasSuffix(got.stdout, fmt.Sprintf(textPreviewTotal, n)))
	}
}

func TestPreviewOfNothing(t *testing.T) {
	args := []string{"preview", "--as-of", "2026-01-01", "--month", "2031-01", "--format"}
	require.Equal(t, said{stdout: "[]\n"}, duban(t, nil, append(args, "json")...))
	require.Equal(t, said{stdout: textNoMatch + "\n"}, duban(t, nil, append(args, "table")...))
	got := duban(t, nil, append(args, "csv")...)
	require.Equal(t, 1, strings.Count(got.stdout, "\n"), "the headings alone")
}

func TestPreviewFaults(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		word string
	}{
		"unknown unit": {[]string{"--unit", "nobody"}, ""},
		"unknown task": {[]string{"--task", "99"}, ""},
		"bad month":    {[]string{"--month", "2026-13"}, "2026-13"},
		"other month":  {[]string{"--month", "三月"}, "三月"},
		"bad day":      {[]string{"--as-of", "2026-02-29"}, "2026-02-29"},
	} {
		t.Run(name, func(t *testing.T) {
			requireFaults(t, 2, duban(t, nil, append([]string{"preview"}, c.args...)...), c.word)
		})
	}
}
