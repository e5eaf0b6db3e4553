package seed_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/seed"
	"duban/tasklist"
)

// table makes a sheet of an exported list.
func table(headings []string, rows [][]string) tasklist.Sheet {
	s := tasklist.Sheet{Name: "清单"}
	for i, cells := range append([][]string{headings}, rows...) {
		line := tasklist.Line{N: i + 1}
		for j, text := range cells {
			if text != "" {
				line.Cells = append(line.Cells, tasklist.Cell{Column: j + 1, Text: text})
			}
		}
		s.Rows = append(s.Rows, line)
	}
	return s
}

// What is written of the plan is read back as the plan.
func TestExportedListIsUnchanged(t *testing.T) {
	b, err := seed.Embedded()
	require.NoError(t, err)
	for _, year := range []int{2024, 2025, 2026} {
		t.Run(fmt.Sprint(year), func(t *testing.T) {
			headings, rows := tasklist.Export(b.Plan, b.Calendar, year)
			require.NotEmpty(t, rows)
			p := tasklist.Read(table(headings, rows), tasklist.Options{Plan: b.Plan, Calendar: b.Calendar, Year: year})
			require.Len(t, p.Rows, len(rows))
			for _, r := range p.Rows {
				require.Equal(t, tasklist.Unchanged, r.Outcome, "%s %v %v", r.Measure, r.Problems, r.Changes)
			}
			require.Empty(t, p.Missing)
			after, err := p.Apply(b.Plan)
			require.NoError(t, err)
			require.Equal(t, b.Plan, after)
		})
	}
}
