package store_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
)

// population stores obligations of every kind of standing and returns them as views, in the order of lists.
func population(t testing.TB, s *store.Store, n int) []obligation.View {
	return populationOf(t, s, "10.1", n)
}

func populationOf(t testing.TB, s *store.Store, measure string, n int) []obligation.View {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	stages := []obligation.Stage{
		obligation.StageOpen, obligation.StageSigned, obligation.StageSubmitted, obligation.StageReturned, obligation.StageAccepted, obligation.StageHistory,
		obligation.StageWaived,
	}
	outcomes := []obligation.Outcome{"", obligation.Done, obligation.Missed, obligation.Unknown, obligation.Owed}
	tasks := []string{"2", "10", "30", "S1", "G"}
	var entries []obligation.Entry
	var views []obligation.View
	for i := range n {
		due := monday.AddDays(rng.IntN(40))
		o := opening(obligationID(measure, unitCode(i)), due.String())
		o.Facts.Task = tasks[rng.IntN(len(tasks))]
		en := openedFrom(o)
		// Any standing, also those that no sequence of commands leads to: the derivation must agree on all of them.
		at := func() time.Time { return start.Add(time.Duration(rng.IntN(40*24)) * time.Hour) }
		en.State.Stage, en.State.Outcome = stages[rng.IntN(len(stages))], outcomes[rng.IntN(len(outcomes))]
		en.Standing = obligation.Standing{
			Stage: en.State.Stage, Outcome: en.State.Outcome, WasOverdue: rng.IntN(2) == 0, YellowAt: at(), OverdueAt: at(),
		}
		entries = append(entries, en)
		views = append(views, obligation.View{State: en.State, Standing: en.Standing, NextAt: en.NextAt, NextKind: en.NextKind, Updated: start})
	}
	put(t, s, entries...)
	slices.SortFunc(views, func(a, b obligation.View) int {
		return cmp.Or(cmp.Compare(a.State.Due, b.State.Due), cmp.Compare(a.State.ID.String(), b.State.ID.String()))
	})
	return views
}

// all follows the cursors to the end.
func all(t testing.TB, s *store.Store, f obligation.Filter) []obligation.View {
	var out []obligation.View
	for {
		page, err := s.List(t.Context(), f)
		require.NoError(t, err)
		out = append(out, page.Views...)
		if f.After = page.Next; page.Next == "" {
			return out
		}
	}
}

func ids(views []obligation.View) []string {
	out := []string{}
	for _, v := range views {
		out = append(out, v.State.ID.String())
	}
	return out
}

func only(views []obligation.View, keep func(obligation.View) bool) []string {
	return ids(slices.DeleteFunc(slices.Clone(views), func(v obligation.View) bool { return !keep(v) }))
}

// Lights in SQL are those of the core, whatever the standing and the instant.
func TestListByLightAgreesWithTheCore(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		views := population(t, s, 300)
		instants := []time.Time{start.Add(-time.Hour), start.AddDate(0, 0, 50)}
		for i := range 12 {
			v := views[i*20].Standing
			instants = append(instants, v.OverdueAt, v.OverdueAt.Add(-time.Microsecond), v.YellowAt, v.YellowAt.Add(-time.Nanosecond))
		}
		for _, now := range instants {
			for _, light := range []obligation.Light{obligation.Green, obligation.Yellow, obligation.Red, obligation.None} {
				got := all(t, s, obligation.Filter{Plan: planCode, Lights: []obligation.Light{light}, Now: now, Limit: 70})
				want := only(views, func(v obligation.View) bool { return obligation.DeriveLight(v.Standing, now) == light })
				require.Equal(t, want, ids(got), "%s at %s", light, now)
			}
			requireCounts(t, s, views, now)
		}
	})
}

func requireCounts(t testing.TB, s *store.Store, views []obligation.View, now time.Time) {
	want := map[string]obligation.Count{}
	for _, v := range views {
		c := want[v.State.Task]
		c.Task = v.State.Task
		c.Total++
		switch v.Standing.Stage {
		case obligation.StageAccepted:
			c.Closed++
		case obligation.StageWaived:
			c.Waived++
		case obligation.StageHistory:
			c.History++
		default:
			c.Open++
		}
		switch obligation.DeriveLight(v.Standing, now) {
		case obligation.Red:
			c.Red++
		case obligation.Yellow:
			c.Yellow++
		default:
		}
		want[v.State.Task] = c
	}
	got, err := s.Counts(t.Context(), planCode, now)
	require.NoError(t, err)
	require.Len(t, got, len(want))
	for i, task := range []string{"2", "10", "30", "G", "S1"} {
		require.Equal(t, want[task], got[i])
	}
}

func TestListFiltersAndPages(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		views := population(t, s, 120)
		yes, no := true, false
		for name, c := range map[string]struct {
			filter obligation.Filter
			keep   func(obligation.View) bool
		}{
			"all":            {obligation.Filter{}, func(obligation.View) bool { return true }},
			"task":           {obligation.Filter{Tasks: []string{"30"}}, func(v obligation.View) bool { return v.State.Task == "30" }},
			"measure":        {obligation.Filter{Measure: "10.2"}, func(obligation.View) bool { return false }},
			"period":         {obligation.Filter{Period: views[0].State.ID.Period}, func(v obligation.View) bool { return v.State.ID.Period == views[0].State.ID.Period }},
			"no such period": {obligation.Filter{Period: "1999"}, func(obligation.View) bool { return false }},
			"unit":           {obligation.Filter{Units: []string{unitCode(3)}}, func(v obligation.View) bool { return v.State.ID.Unit == unitCode(3) }},
			"stage":          {obligation.Filter{Stages: []obligation.Stage{obligation.StageSigned}}, func(v obligation.View) bool { return v.State.Stage == obligation.StageSigned }},
			"open":           {obligation.Filter{Open: &yes}, func(v obligation.View) bool { return !v.State.IsClosed() }},
			"closed":         {obligation.Filter{Open: &no}, func(v obligation.View) bool { return v.State.IsClosed() }},
			"due": {obligation.Filter{DueFrom: monday + 5, DueTo: monday + 9}, func(v obligation.View) bool {
				return v.State.Due >= monday+5 && v.State.Due <= monday+9
			}},
			"other plan": {obligation.Filter{Plan: "other"}, func(obligation.View) bool { return false }},
		} {
			c.filter.Now, c.filter.Limit = start, 7
			require.Equal(t, only(views, c.keep), ids(all(t, s, c.filter)), name)
		}
		page, err := s.List(t.Context(), obligation.Filter{Plan: planCode, Now: start, Limit: 1000})
		require.NoError(t, err)
		require.Len(t, page.Views, 120)
		for i, v := range page.Views {
			require.Equal(t, views[i].State, v.State)
			require.True(t, views[i].Standing.YellowAt.Equal(v.Standing.YellowAt))
		}
		for _, bad := range []string{"zzz", "e30", "eyJrIjoieCIsImkiOiJ4In0"} {
			_, err = s.List(t.Context(), obligation.Filter{After: bad})
			requireCode(t, obligation.CodeNotFound, err)
		}
	})
}

// While the office thinks about more time the light is yellow, however late it gets.
func TestApplicationForMoreTimeIsNotRed(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		first := opened(obligationID("10.1", "yingji"))
		asked := decided(t, first.State, start, obligation.Command{
			Kind: obligation.AskExtension, By: unit(), Text: "材料未齐", Due: calendar.MustDate("2026-05-29"),
		})
		put(t, s, first, asked)
		lights := func() (found []obligation.Light) {
			for _, l := range []obligation.Light{obligation.Green, obligation.Yellow, obligation.Red} {
				page, err := s.List(t.Context(), obligation.Filter{Plan: planCode, Lights: []obligation.Light{l}, Now: late.AddDate(1, 0, 0), Limit: 10})
				require.NoError(t, err)
				for _, v := range page.Views {
					require.Equal(t, l, obligation.DeriveLight(v.Standing, late.AddDate(1, 0, 0)))
					found = append(found, l)
				}
			}
			return found
		}
		require.Equal(t, []obligation.Light{obligation.Yellow}, lights())
		v, err := s.Load(t.Context(), first.State.ID)
		require.NoError(t, err)
		require.Equal(t, asked.State, v.State)
		require.True(t, asked.Standing.OverdueAt.Equal(v.Standing.OverdueAt))
		requireSound(t, s)

		put(t, s, decided(t, asked.State, late, obligation.Command{Kind: obligation.RefuseExtension, By: office(), Text: "理由不充分"}))
		require.Equal(t, []obligation.Light{obligation.Red}, lights())
		requireSound(t, s)
	})
}

// Suspended, or sent back before its deadline, it is not red, however late it gets.
func TestWhatWaitsForTheOfficeIsNotRed(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		lights := func(id obligation.ID) (found []obligation.Light) {
			for _, l := range []obligation.Light{obligation.Green, obligation.Yellow, obligation.Red, obligation.None} {
				page, err := s.List(t.Context(), obligation.Filter{Plan: planCode, Units: []string{id.Unit}, Lights: []obligation.Light{l}, Now: late.AddDate(1, 0, 0), Limit: 10})
				require.NoError(t, err)
				for range page.Views {
					found = append(found, l)
				}
			}
			return found
		}
		put(t, s, opened(obligationID("10.1", "a")))
		require.Equal(t, []obligation.Light{obligation.Red}, lights(obligationID("10.1", "a")))

		first := opened(obligationID("10.1", "b"))
		back := decided(t, first.State, start, obligation.Command{Kind: obligation.SendBack, By: unit(), Text: "不属于"})
		put(t, s, first, back)
		require.Equal(t, []obligation.Light{obligation.Yellow}, lights(first.State.ID))
		put(t, s, decided(t, back.State, start, obligation.Command{Kind: obligation.Waive, By: office(), Text: "改派"}))
		require.Equal(t, []obligation.Light{obligation.None}, lights(first.State.ID))

		first = opened(obligationID("10.1", "c"))
		suspended := decided(t, first.State, start, obligation.Command{Kind: obligation.Suspend, By: office(), Text: "待定"})
		put(t, s, first, suspended)
		require.Equal(t, []obligation.Light{obligation.Green}, lights(first.State.ID))
		v, err := s.Load(t.Context(), first.State.ID)
		require.NoError(t, err)
		require.Equal(t, suspended.State, v.State)
		requireSound(t, s)
	})
}

func TestLedgerByPage(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		state := drafted(t, s, id)
		var got []obligation.Event
		for after := 0; ; after = len(got) {
			events, err := s.Ledger(t.Context(), id, after, 2)
			require.NoError(t, err)
			hashes, err := s.Hashes(t.Context(), id, after, 2)
			require.NoError(t, err)
			require.Len(t, hashes, len(events))
			if len(events) == 0 {
				break
			}
			got = append(got, events...)
		}
		require.Equal(t, state, obligation.Replay(obligation.State{}, got))
		_, err := s.Ledger(t.Context(), obligationID("10.2", "yingji"), 0, 10)
		requireCode(t, obligation.CodeNotFound, err)
		_, err = s.Load(t.Context(), obligationID("10.2", "yingji"))
		requireCode(t, obligation.CodeNotFound, err)
	})
}

// A new calendar moves dates without anything having happened.
func TestAppendWithoutEventsRefreshesStanding(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		first := opened(obligationID("10.1", "yingji"))
		put(t, s, first)
		longer := must(calendar.NewCalendar(2, map[int]calendar.Year{2026: {Off: []string{"0320-0331"}}}))
		put(t, s, obligation.NewEntry(first.State, nil, longer))
		v, err := s.Load(t.Context(), first.State.ID)
		require.NoError(t, err)
		require.True(t, first.State.YellowAt(longer).Equal(v.Standing.YellowAt))
		require.False(t, first.Standing.YellowAt.Equal(v.Standing.YellowAt))
		requireSound(t, s)

		_, err = s.Append(t.Context(), []obligation.Entry{obligation.NewEntry(obligation.State{Facts: obligation.Facts{ID: obligationID("10.2", "yingji")}}, nil, cal)})
		require.ErrorContains(t, err, "opens nothing")
	})
}
