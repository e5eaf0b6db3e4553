package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
)

// What the database groups comes to the same as counting one by one.
func TestTallies(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		views := population(t, s, 200)
		f := obligation.Filter{Plan: planCode, Now: start.AddDate(0, 0, 20), Soon: start.AddDate(0, 0, 30)}
		for by, key := range map[obligation.TallyKey]func(obligation.State) string{
			obligation.TallyTask: func(s obligation.State) string { return s.Task },
			obligation.TallyUnit: func(s obligation.State) string { return s.ID.Unit },
		} {
			for _, units := range [][]string{nil, {unitCode(7)}} {
				f.Units = units
				want := map[[2]string]obligation.Tally{}
				for _, v := range views {
					if units != nil && v.State.ID.Unit != units[0] {
						continue
					}
					k := [2]string{key(v.State), v.State.Due.String()[:7]}
					tally := want[k]
					tally.Add(v.Standing, 1, f.Now, f.Soon)
					want[k] = tally
				}
				got, err := s.Tallies(t.Context(), f, by)
				require.NoError(t, err)
				require.Len(t, got, len(want), "each once")
				for _, g := range got {
					require.Equal(t, want[[2]string{g.Key, g.Month}], g.Tally, "%s %s", g.Key, g.Month)
				}
			}
		}
		none, err := s.Tallies(t.Context(), obligation.Filter{Plan: "other", Now: f.Now}, obligation.TallyTask)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

func TestShares(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		at := func(measure, unit, period, due string) obligation.Entry {
			o := opening(obligationID(measure, unit), due)
			o.Facts.ID.Period = period
			return openedFrom(o)
		}
		first, second := at("10.1", "a", "2026-03", "2026-03-31"), at("10.1", "a", "2026-04", "2026-04-30")
		submitted := decided(t, first.State, start, obligation.Command{Kind: obligation.Submit, By: unit(), Text: "已完成"})
		put(t, s, first, second, at("10.2", "b", "2027", "2027-01-31"), submitted,
			decided(t, submitted.State, start, obligation.Command{Kind: obligation.Accept, By: office()}))
		f := obligation.Filter{Plan: planCode, Tasks: []string{"10"}, Now: start.AddDate(0, 2, 0), Soon: start.AddDate(0, 3, 0)}
		got, err := s.Shares(t.Context(), f)
		require.NoError(t, err)
		require.Equal(t, []obligation.Share{
			{Measure: "10.1", Unit: "a", Due: second.State.Due, Tally: obligation.Tally{Total: 2, Closed: 1, Green: 1, Red: 1, Overdue: 1}},
			{Measure: "10.2", Unit: "b", Period: "2027", Due: calendar.MustDate("2027-01-31"), Tally: obligation.Tally{Total: 1, Green: 1}},
		}, got)
		f.Units, f.DueTo = []string{"a"}, first.State.Due
		got, err = s.Shares(t.Context(), f)
		require.NoError(t, err)
		require.Equal(t, []obligation.Share{{Measure: "10.1", Unit: "a", Period: "2026-03", Tally: obligation.Tally{Total: 1, Closed: 1, Green: 1}}}, got)
	})
}

// However many obligations there are, a tally reads no row of them and sorts nothing.
func TestTalliesAreReadFromAnIndex(t *testing.T) {
	s := openStore(t, databases()[0].options(t))
	for _, key := range []string{"task", "unit"} {
		columns := key + ", due, stage, outcome, was_overdue, yellow_at, overdue_at"
		steps, err := store.QueryPlan(t.Context(), s, "SELECT "+columns+", COUNT(*) FROM obligations WHERE plan = 'p' GROUP BY "+columns+" ORDER BY "+columns)
		require.NoError(t, err)
		require.Contains(t, steps, "COVERING INDEX obligations_standing_by_"+key)
		require.NotContains(t, steps, "TEMP B-TREE")
	}
}
