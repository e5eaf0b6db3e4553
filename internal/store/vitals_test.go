package store_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/obligation"
)

func TestVitals(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		waiting(t, s)
		v, err := s.Vitals(t.Context(), []string{planCode}, late)
		require.NoError(t, err)

		// The lights are the core's: the lists show the same.
		want := map[store.StandingCount]int{}
		for _, view := range all(t, s, obligation.Filter{Plan: planCode, Now: late}) {
			want[store.StandingCount{Plan: planCode, Stage: view.State.Stage, Light: obligation.DeriveLight(view.State.Standing(cal), late)}]++
		}
		got := map[store.StandingCount]int{}
		for _, c := range v.Obligations {
			n := c.N
			c.N = 0
			got[c] += n
		}
		require.Equal(t, want, got)
		require.Greater(t, len(got), 3)

		require.Equal(t, []store.WaitingCount{{Plan: planCode, Kind: string(obligation.WaitDraft), N: 1, Oldest: late}}, v.Documents)
		require.Len(t, v.Outbox, 1)
		require.Positive(t, v.Outbox[0].N)
		require.Equal(t, start, v.Outbox[0].Oldest)
		require.Empty(t, v.Deliveries)

		none, err := s.Vitals(t.Context(), []string{"other"}, late)
		require.NoError(t, err)
		require.Equal(t, store.Vitals{}, none)
		_, err = s.Vitals(t.Context(), nil, late)
		require.NoError(t, err, "an installation without a plan")
	})
}

// told is an observer that remembers.
type told struct {
	mu    sync.Mutex
	ended map[string][]error
}

func (o *told) Transaction(ctx context.Context, operation string) (context.Context, func(error)) {
	return ctx, func(err error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.ended[operation] = append(o.ended[operation], err)
	}
}

func (o *told) Retried() {}

func TestObserverIsToldOfEveryWrite(t *testing.T) {
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) {
			o := &told{ended: map[string][]error{}}
			options := d.options(t)
			options.Observer = o
			s := openStore(t, options)
			first := opened(obligationID("10.1", "yingji"))
			put(t, s, first)
			require.True(t, obligation.IsNotFound(s.MarkRead(t.Context(), "nothing", start)))
			require.Equal(t, []error{nil}, o.ended["Append"])
			require.Len(t, o.ended["MarkRead"], 1, "%v", o.ended)
			require.True(t, obligation.IsNotFound(o.ended["MarkRead"][0]))

			gone, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := s.Append(gone, []obligation.Entry{first})
			require.ErrorIs(t, err, context.Canceled)
			require.Len(t, o.ended["Append"], 1, "nothing was begun")
			require.NotContains(t, o.ended, "other")
			require.Zero(t, s.Queued())
		})
	}
}
