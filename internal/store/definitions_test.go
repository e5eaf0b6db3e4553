package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
)

func definition() obligation.Definition {
	return obligation.Definition{
		AsOf: monday, Calendar: cal, Ladders: []obligation.Ladder{ladder},
		Plan: plan.Plan{
			Code: planCode, Number: "长安委〔2024〕5号", Title: "治本攻坚三年行动", Zone: "Asia/Shanghai",
			Measures: []plan.Measure{{Code: "10.1", Task: "10", Title: "汇编"}},
			Units:    []plan.Unit{{Code: "yingji", Name: "区应急局", Kind: plan.KindGovernment}},
		},
	}
}

func TestPutDefinitionGrowsWithContentOnly(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		_, err := s.Definition(t.Context(), planCode)
		requireCode(t, obligation.CodeNotFound, err)

		d := definition()
		stored, changed, err := s.PutDefinition(t.Context(), d)
		require.NoError(t, err)
		require.True(t, changed)
		require.Equal(t, 1, stored.Version)
		require.Equal(t, monday, stored.AsOf)

		d.AsOf, d.Version = tuesday, 9
		stored, changed, err = s.PutDefinition(t.Context(), d)
		require.NoError(t, err)
		require.False(t, changed)
		require.Equal(t, 1, stored.Version)
		require.Equal(t, monday, stored.AsOf, "the first seeding's stays")

		d.Plan.Measures[0].Title = "汇编与学习"
		stored, changed, err = s.PutDefinition(t.Context(), d)
		require.NoError(t, err)
		require.True(t, changed)
		require.Equal(t, 2, stored.Version)

		got, err := s.Definition(t.Context(), planCode)
		require.NoError(t, err)
		require.Equal(t, stored, got)
		all, err := s.Definitions(t.Context())
		require.NoError(t, err)
		require.Equal(t, []obligation.Definition{stored}, all)
		requireSound(t, s)
	})
}

func TestPutDefinitionConcurrently(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		changes := 0
		for range 8 {
			wg.Go(func() {
				_, changed, err := s.PutDefinition(t.Context(), definition())
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				if changed {
					changes++
				}
			})
		}
		wg.Wait()
		require.Equal(t, 1, changes)
	})
}

// Two officers who change a plan at once: the second is told, and what the first changed stays.
func TestReviseDefinitionOverwritesNothingNewer(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seen, _, err := s.PutDefinition(t.Context(), definition())
		require.NoError(t, err)
		revised := func(title string) obligation.Definition {
			d := definition()
			d.Version, d.Plan.Measures[0].Title = seen.Version, title
			return d
		}
		first, changed, err := s.ReviseDefinition(t.Context(), revised("汇编与学习"))
		require.NoError(t, err)
		require.True(t, changed)
		require.Equal(t, 2, first.Version)

		_, changed, err = s.ReviseDefinition(t.Context(), revised("汇编与培训"))
		requireCode(t, obligation.CodeConflict, err)
		require.False(t, changed)
		_, changed, err = s.ReviseDefinition(t.Context(), revised("汇编与学习"))
		require.NoError(t, err, "done again, it is done")
		require.False(t, changed)

		got, err := s.Definition(t.Context(), planCode)
		require.NoError(t, err)
		require.Equal(t, first, got)
	})
}

func TestInstallationKeepsTheFirstClock(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		scaled := calendar.Clock{Origin: start, Start: start.AddDate(-2, 0, 0), Speed: 1000}
		got, err := s.Installation(t.Context(), scaled)
		require.NoError(t, err)
		require.Equal(t, scaled, got)
		got, err = s.Installation(t.Context(), calendar.Clock{})
		require.NoError(t, err)
		require.Equal(t, scaled, got)
		_, err = s.Installation(t.Context(), calendar.Clock{Speed: 1})
		require.Error(t, err)
	})
}

func TestOutcomes(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		a, b, c := obligationID("10.1", "yingji"), obligationID("10.2", "yingji"), obligationID("10.3", "yingji")
		require.NoError(t, s.PutOutcomes(t.Context(), planCode, nil))
		require.NoError(t, s.PutOutcomes(t.Context(), planCode, map[obligation.ID]obligation.Outcome{a: obligation.Done, b: obligation.Missed}))
		require.NoError(t, s.PutOutcomes(t.Context(), planCode, map[obligation.ID]obligation.Outcome{b: obligation.Owed}))
		require.Error(t, s.PutOutcomes(t.Context(), "other", map[obligation.ID]obligation.Outcome{c: obligation.Done}))
		got, err := s.Outcomes(t.Context(), []obligation.ID{a, b, c})
		require.NoError(t, err)
		require.Equal(t, map[obligation.ID]obligation.Outcome{a: obligation.Done, b: obligation.Owed}, got)
	})
}

func TestUnitsKeepContactsThatASeedingDoesNotName(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedContacts(t, s)
		_, changed, err := s.PutDefinition(t.Context(), definition())
		require.NoError(t, err)
		require.True(t, changed)
		put(t, s, opened(obligationID("10.1", "yingji")))
		require.Equal(t, 1, digest(t, s, monday, false, email...))
		pending, err := s.PendingDeliveries(t.Context(), planCode, store.ChannelMail, 10)
		require.NoError(t, err)
		require.Len(t, pending, 2)
		require.Equal(t, time.UTC, pending[0].At.Location())
	})
}
