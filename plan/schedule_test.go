package plan

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/calendar"
)

func TestWithDue(t *testing.T) {
	two := Schedule{Kind: Milestone, Due: dates("2024-06-30", "2025-06-30")}
	fewer := two.WithDue(dates("2025-06-30"))
	for _, tt := range []struct {
		name string
		from Schedule
		due  []calendar.Date
		keys []string
	}{
		{"the same", two, two.Due, []string{"1", "2"}},
		{"moved", two, dates("2024-09-30", "2025-09-30"), []string{"1", "2"}},
		{"one more at the end", two, dates("2024-06-30", "2025-06-30", "2026-06-30"), []string{"1", "2", "3"}},
		{"one more before", two, dates("2024-05-30", "2024-06-30", "2025-06-30"), []string{"3", "1", "2"}},
		{"the last less", two, dates("2024-06-30"), []string{"1"}},
		{"the first less", two, dates("2025-06-30"), []string{"2"}},
		{"the first back is another", fewer, dates("2024-06-30", "2025-06-30"), []string{"3", "2"}},
		{"fewer, moved", fewer, dates("2025-09-30"), []string{"2"}},
		{"fewer, and others", two, dates("2026-06-30"), []string{"3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := slices.Clone(tt.from.Due)
			got := tt.from.WithDue(tt.due)
			periods, err := threeYears().Periods(Measure{Schedule: got})
			require.NoError(t, err)
			var keys []string
			for _, p := range periods {
				keys = append(keys, p.Key)
			}
			require.Equal(t, tt.keys, keys)
			require.Equal(t, before, tt.from.Due, "what was stays as it was")
		})
	}
	require.Empty(t, two.WithDue(dates("2024-06-30", "2025-06-30", "2026-06-30")).Numbers, "what is plain is not written")
}

// Whatever comes and goes, a period that is gone never comes back, and one whose date stays stays.
func TestPeriodsOfMilestonesAreNeverConfused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Schedule{Kind: Milestone, Due: dates("2024-06-30", "2025-06-30")}
		gone := map[int]bool{}
		for range rapid.IntRange(1, 8).Draw(t, "changes") {
			days := rapid.SliceOfNDistinct(rapid.IntRange(0, 900), 1, 5, func(n int) int { return n }).Draw(t, "due")
			var due []calendar.Date
			for _, n := range days {
				due = append(due, date("2024-05-01")+calendar.Date(n))
			}
			if rapid.Bool().Draw(t, "keep one") && !slices.Contains(due, s.Due[0]) {
				due = append(due, s.Due[0])
			}
			slices.Sort(due)
			next := s.WithDue(due)
			if !next.soundNumbers() {
				t.Fatalf("unsound: %+v", next)
			}
			for i, n := range s.numbers() {
				at := slices.Index(next.numbers(), n)
				if at < 0 {
					gone[n] = true
				} else if len(due) != len(s.Due) && next.Due[at] != s.Due[i] {
					t.Fatalf("period %d was %s and is %s", n, s.Due[i], next.Due[at])
				}
			}
			for _, n := range next.numbers() {
				if gone[n] {
					t.Fatalf("period %d came back", n)
				}
			}
			s = next
		}
	})
}
