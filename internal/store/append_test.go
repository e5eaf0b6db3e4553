package store_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/obligation"
)

func TestAppendStoresEntry(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		first := opened(id)
		put(t, s, first)
		second := tick(t, first.State, late)
		put(t, s, second)

		v, err := s.Load(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, second.State, v.State)
		require.True(t, second.Standing.OverdueAt.Equal(v.Standing.OverdueAt))
		require.True(t, second.NextAt.Equal(v.NextAt))
		require.Equal(t, second.NextKind, v.NextKind)
		require.Equal(t, start, v.Updated)

		events, err := s.EventsAfter(t.Context(), id, 0)
		require.NoError(t, err)
		require.Equal(t, append(first.Events, second.Events...), events)

		doc, err := s.Document(t.Context(), id, obligation.Letter)
		require.NoError(t, err)
		require.Equal(t, second.Drafts[0], doc)
	})
}

func TestAppendAgainAdopts(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		first := opened(obligationID("10.1", "yingji"))
		put(t, s, first)
		second := tick(t, first.State, late)
		put(t, s, second)

		adopted, err := s.Append(t.Context(), []obligation.Entry{first, opened(obligationID("10.2", "yingji"))})
		require.NoError(t, err)
		require.Equal(t, append(first.Events, second.Events...), adopted[0])
		require.Nil(t, adopted[1])

		rival := decided(t, first.State, late, obligation.Command{Kind: obligation.Sign, By: unit()})
		adopted, err = s.Append(t.Context(), []obligation.Entry{rival})
		require.NoError(t, err)
		require.Equal(t, second.Events, adopted[0])
		requireSound(t, s)
	})
}

func TestAppendBehindIsAnErrorOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		first := opened(id)
		other := opened(obligationID("10.2", "yingji"))
		_, err := s.Append(t.Context(), []obligation.Entry{other, tick(t, first.State, late)})
		var behind *store.BehindError
		require.ErrorAs(t, err, &behind)
		require.Equal(t, store.BehindError{ID: id, Have: 0, Want: 1}, *behind)

		_, err = s.Load(t.Context(), other.State.ID)
		requireCode(t, obligation.CodeNotFound, err) // all or none
	})
}

func TestAppendSeveralOfOneObligation(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		first := opened(obligationID("10.1", "yingji"))
		second := tick(t, first.State, late)
		put(t, s, first, second)
		events, err := s.EventsAfter(t.Context(), first.State.ID, 0)
		require.NoError(t, err)
		require.Len(t, events, second.State.Seq)
		requireSound(t, s)
	})
}

func TestAppendConcurrentlyStoresOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		first := opened(obligationID("10.1", "yingji"))
		var stored, took int
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				adopted, err := s.Append(t.Context(), []obligation.Entry{first})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err != nil:
					t.Error(err)
				case adopted[0] == nil:
					stored++
				default:
					took++
				}
			})
		}
		wg.Wait()
		require.Equal(t, 1, stored)
		require.Equal(t, 39, took)
		requireSound(t, s)
	})
}

func TestAppendFailureTouchesNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		var wg sync.WaitGroup
		for i := range 60 {
			first := opened(obligationID("10.1", unitCode(i)))
			entry := first
			if i%3 == 0 {
				entry = tick(t, first.State, late) // its first event is missing
			}
			wg.Go(func() {
				_, err := s.Append(t.Context(), []obligation.Entry{entry})
				if (err != nil) != (i%3 == 0) {
					t.Errorf("entry %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		page, err := s.List(t.Context(), obligation.Filter{Plan: planCode, Limit: 200, Now: start})
		require.NoError(t, err)
		require.Len(t, page.Views, 40)
		requireSound(t, s)
	})
}
