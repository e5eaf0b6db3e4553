package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
)

// pastOf stores obligations of two units, two tasks and two years, some with letters, and returns their ledgers in the
// order of Histories.
func pastOf(t *testing.T, s *store.Store) map[string][]obligation.Event {
	ledgers := map[string][]obligation.Event{}
	for _, o := range []struct{ measure, unit, task, due string }{
		{"10.1", "yingji", "10", "2026-03-31"},
		{"10.2", "yingji", "10", "2026-03-30"},
		{"11.1", "yingji", "11", "2026-03-31"},
		{"10.1", "huayang", "10", "2026-03-31"},
		{"10.3", "huayang", "10", "2027-03-31"},
	} {
		id := obligationID(o.measure, o.unit)
		opening := opening(id, o.due)
		opening.Facts.Task = o.task
		first := openedFrom(opening)
		second := tick(t, first.State, late)
		put(t, s, first, second)
		ledgers[o.measure+" "+o.unit] = append(first.Events, second.Events...)
	}
	for i, of := range []string{"11.1 yingji", "10.1 huayang"} {
		var id obligation.ID
		for _, e := range ledgers[of][:1] {
			id = e.Facts.ID
		}
		at := late.Add(time.Duration(i+1) * time.Hour)
		series := obligation.SeriesOf(obligation.Letter, calendar.DateOf(at, time.UTC))
		_, err := s.Issue(t.Context(), id, obligation.Letter, series, time.Time{}, "王主任",
			func(st obligation.State, number string, letters int) (obligation.Entry, error) {
				issue := obligation.Command{Kind: obligation.Issue, By: office(), Rung: obligation.Letter, Number: number, Letters: letters}
				return decided(t, st, at, issue), nil
			})
		require.NoError(t, err)
		events, err := s.EventsAfter(t.Context(), id, len(ledgers[of]))
		require.NoError(t, err)
		ledgers[of] = append(ledgers[of], events...)
	}
	return ledgers
}

func TestHistories(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		ledgers := pastOf(t, s)
		toYingji := obligation.PastLetter{Unit: "yingji", At: late.Add(time.Hour)}
		toHuayang := obligation.PastLetter{Unit: "huayang", At: late.Add(2 * time.Hour)}
		before, err := store.Dump(t.Context(), s)
		require.NoError(t, err)
		for name, c := range map[string]struct {
			selection obligation.Selection
			want      []string
			letters   []obligation.PastLetter
		}{
			"everything": {
				obligation.Selection{},
				[]string{"10.2 yingji", "10.1 huayang", "10.1 yingji", "11.1 yingji", "10.3 huayang"},
				nil,
			},
			"an obligation": {
				obligation.Selection{ID: obligationID("10.1", "yingji")},
				[]string{"10.1 yingji"},
				[]obligation.PastLetter{toYingji},
			},
			"a unit":         {obligation.Selection{Unit: "yingji"}, []string{"10.2 yingji", "10.1 yingji", "11.1 yingji"}, nil},
			"a task":         {obligation.Selection{Task: "11"}, []string{"11.1 yingji"}, nil},
			"another task":   {obligation.Selection{Task: "10", Unit: "yingji"}, []string{"10.2 yingji", "10.1 yingji"}, []obligation.PastLetter{toYingji}},
			"a year":         {obligation.Selection{DueFrom: calendar.MustDate("2027-01-01"), DueTo: calendar.MustDate("2027-12-31")}, []string{"10.3 huayang"}, []obligation.PastLetter{toHuayang}},
			"nothing":        {obligation.Selection{Unit: "nobody"}, nil, nil},
			"another's id":   {obligation.Selection{ID: obligationID("10.1", "yingji"), Unit: "huayang"}, nil, nil},
			"a day too late": {obligation.Selection{DueFrom: calendar.MustDate("2026-04-01"), DueTo: calendar.MustDate("2026-12-31")}, nil, nil},
		} {
			c.selection.Plan = planCode
			got, err := s.Histories(t.Context(), c.selection, 100)
			require.NoError(t, err, name)
			require.Equal(t, len(c.want), got.Total, name)
			require.Len(t, got.Ledgers, len(c.want), name)
			for i, of := range c.want {
				require.Equal(t, ledgers[of], got.Ledgers[i], "%s: %s", name, of)
			}
			require.Equal(t, c.letters, got.Letters, name)
		}
		other, err := s.Histories(t.Context(), obligation.Selection{Plan: "other"}, 100)
		require.NoError(t, err)
		require.Zero(t, other)
		after, err := store.Dump(t.Context(), s)
		require.NoError(t, err)
		require.Equal(t, before, after)
		require.NotEmpty(t, before["ledger"])
	})
}

func TestHistoriesThatAreTooMany(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		pastOf(t, s)
		all := obligation.Selection{Plan: planCode}
		got, err := s.Histories(t.Context(), all, 5)
		require.NoError(t, err)
		require.Len(t, got.Ledgers, 5)
		got, err = s.Histories(t.Context(), all, 2)
		require.NoError(t, err)
		require.Equal(t, obligation.Histories{Total: 5}, got)
	})
}

// More ledgers than are read at a time.
func TestHistoriesOfManyObligations(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		var entries []obligation.Entry
		for i := range 450 {
			entries = append(entries, opened(obligationID("10.1", unitCode(i))))
		}
		put(t, s, entries...)
		got, err := s.Histories(t.Context(), obligation.Selection{Plan: planCode}, 1000)
		require.NoError(t, err)
		require.Equal(t, 450, got.Total)
		for i, events := range got.Ledgers {
			require.Equal(t, entries[i].Events, events)
		}
	})
}

// Every obligation has a policy of its own, and the process that reads them knows none of them yet: there is one connection to read by.
func TestHistoriesOfManyPolicies(t *testing.T) {
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) {
			o := d.options(t)
			var entries []obligation.Entry
			for i := range 200 {
				one := opening(obligationID("10.1", unitCode(i)), "2026-03-31")
				one.Policy.Ladder.Cure = i
				entries = append(entries, openedFrom(one))
			}
			put(t, openStore(t, o), entries...)
			got, err := openStore(t, o).Histories(t.Context(), obligation.Selection{Plan: planCode}, 1000)
			require.NoError(t, err)
			for i, events := range got.Ledgers {
				require.Equal(t, entries[i].Events, events)
			}
		})
	}
}

func TestKnownUntil(t *testing.T) {
	real := start.AddDate(0, 1, 0)
	for name, c := range map[string]struct {
		clock calendar.Clock
		want  time.Time
	}{
		"the wall clock":                    {calendar.Clock{}, real},
		"a scaled clock":                    {calendar.Clock{Origin: start, Start: start, Speed: 2}, start.Add(2 * real.Sub(start))},
		"a held clock: the last event":      {calendar.Clock{Start: start.AddDate(0, 0, -1), Held: true}, late.Add(time.Microsecond)},
		"a held clock that was moved later": {calendar.Clock{Start: late.AddDate(0, 0, 1), Held: true}, late.AddDate(0, 0, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *store.Store) {
				got, err := s.KnownUntil(t.Context(), real)
				require.NoError(t, err)
				require.True(t, real.Equal(got), "without a clock it is the wall clock")
				_, err = s.Installation(t.Context(), c.clock)
				require.NoError(t, err)
				drafted(t, s, obligationID("10.1", "yingji"))
				before, err := store.Dump(t.Context(), s)
				require.NoError(t, err)
				got, err = s.KnownUntil(t.Context(), real)
				require.NoError(t, err)
				require.True(t, c.want.Equal(got), "%s, not %s", got, c.want)
				after, err := store.Dump(t.Context(), s)
				require.NoError(t, err)
				require.Equal(t, before, after)
			})
		})
	}
}

func TestChanged(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		ledgers := pastOf(t, s)
		changed := func(since int64) (map[string][]obligation.Event, int64) {
			got := map[string][]obligation.Event{}
			position, err := s.Changed(t.Context(), planCode, since, func(id obligation.ID, ledger []obligation.Event) {
				require.Equal(t, planCode, id.Plan)
				got[id.Measure+" "+id.Unit] = ledger
			})
			require.NoError(t, err)
			return got, position
		}
		all, first := changed(0)
		require.Equal(t, ledgers, all)
		require.Positive(t, first)

		next := opening(obligationID("12.1", "yingji"), "2026-03-31")
		put(t, s, openedFrom(next))
		grown, second := changed(first)
		require.Greater(t, second, first)
		require.Contains(t, grown, "12.1 yingji")
		far, _ := changed(second + 10_000)
		require.Empty(t, far, "nothing has grown since")

		other := next
		other.Facts.ID.Plan = planCode + "-b"
		put(t, s, openedFrom(other))
		all, _ = changed(0)
		require.Len(t, all, 6, "another plan's are not among them")
	})
}
