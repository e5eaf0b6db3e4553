package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/obligation"
)

func TestHeartbeats(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		require.NoError(t, s.Beat(t.Context(), "worker/a", start))
		require.NoError(t, s.Beat(t.Context(), "worker/a", start.Add(time.Minute)))
		require.NoError(t, s.Beat(t.Context(), "worker/b", start))
		require.NoError(t, s.ExpectBeats(t.Context(), start.Add(time.Hour), "worker/b", store.DispatchBeat(planCode)))
		require.NoError(t, s.ExpectBeats(t.Context(), start))
		beats := func() map[string]time.Time {
			t.Helper()
			out, err := s.Beats(t.Context())
			require.NoError(t, err)
			return out
		}
		require.Equal(t, map[string]time.Time{
			"worker/a": start.Add(time.Minute), "worker/b": start, store.DispatchBeat(planCode): start.Add(time.Hour),
		}, beats())
		require.NoError(t, s.ForgetBeats(t.Context(), "worker/", start.Add(time.Second)))
		require.NotContains(t, beats(), "worker/b")
		require.Len(t, beats(), 2)

		// A run that sends what can't wait alone is no whole run.
		for _, urgent := range []bool{true, false} {
			_, err := s.Digest(t.Context(), planCode, monday, urgent, start.Add(2*time.Hour), nil)
			require.NoError(t, err)
			require.Equal(t, !urgent, beats()[store.DispatchBeat(planCode)].Equal(start.Add(2*time.Hour)))
		}
	})
}

func TestLive(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		drafted(t, s, victim)
		put(t, s, opened(other))
		tamper(t, s, "UPDATE obligations SET next_at = NULL, waiting_on = '' WHERE id = '"+other.String()+"'")
		var live []obligation.Live
		visit := func(l obligation.Live) error { live = append(live, l); return nil }
		require.NoError(t, s.Live(t.Context(), visit))
		require.Equal(t, []obligation.Live{
			{ID: victim, Updated: start}, {ID: other, Updated: start, Nobody: true}, {ID: victim, Rung: obligation.Letter, Updated: start},
		}, live)
		issueLetter(t, s, victim)
		live = nil
		require.NoError(t, s.Live(t.Context(), visit))
		require.Len(t, live, 2, "a letter that is out is followed by nothing")

		before := time.Now().Add(-time.Hour)
		at, err := s.Clock(t.Context())
		require.NoError(t, err)
		require.True(t, at.After(before) && at.Before(before.Add(2*time.Hour)), "in UTC: %s", at)
	})
}
