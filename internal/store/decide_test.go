package store_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/obligation"
)

func TestDecideStoresWhatItDecides(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		put(t, s, opened(id))
		sign := func(st obligation.State) (obligation.Entry, error) {
			events, err := obligation.Decide(st, obligation.Command{Kind: obligation.Sign, By: unit(), Key: "k-1"}, cal, start.Add(time.Hour))
			if err != nil {
				return obligation.Entry{}, err
			}
			return obligation.NewEntry(st, events, cal), nil
		}
		events, err := s.Decide(t.Context(), id, sign)
		require.NoError(t, err)
		require.Len(t, events, 1)
		_, err = s.Decide(t.Context(), id, sign)
		requireCode(t, obligation.CodeAlreadySigned, err)
		_, err = s.Decide(t.Context(), obligationID("10.9", "yingji"), sign)
		requireCode(t, obligation.CodeNotFound, err)

		e, err := s.EventByKey(t.Context(), id, "k-1")
		require.NoError(t, err)
		require.Equal(t, events[0], e)
		_, err = s.EventByKey(t.Context(), id, "k-2")
		requireCode(t, obligation.CodeNotFound, err)
		requireSound(t, s)
	})
}

func TestDecideConcurrentlyLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		put(t, s, opened(id))
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				_, err := s.Decide(t.Context(), id, func(st obligation.State) (obligation.Entry, error) {
					return decided(t, st, start.Add(time.Hour), obligation.Command{Kind: obligation.Nudge, By: office()}), nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		v, err := s.Load(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, 31, v.State.Seq)
		requireSound(t, s)
	})
}

func TestDecidePanicsInTheCaller(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		put(t, s, opened(id))
		require.PanicsWithValue(t, "no", func() {
			_, _ = s.Decide(t.Context(), id, func(obligation.State) (obligation.Entry, error) { panic("no") })
		})
		var wg sync.WaitGroup
		wg.Go(func() { // as a failed requirement of a test does
			_, _ = s.Decide(t.Context(), id, func(obligation.State) (obligation.Entry, error) {
				runtime.Goexit()
				return obligation.Entry{}, nil
			})
			t.Error("the caller goes on")
		})
		wg.Wait()
		put(t, s, opened(obligationID("10.2", "yingji"))) // the writer lives
		requireSound(t, s)
	})
}

func TestDecideRefusesAnEntryOfAnotherState(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		put(t, s, opened(id))
		_, err := s.Decide(t.Context(), id, func(obligation.State) (obligation.Entry, error) { return opened(id), nil })
		require.Error(t, err)
		requireSound(t, s)
	})
}

func TestCancelledContextIsReturnedAsSuch(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.Append(ctx, []obligation.Entry{opened(obligationID("10.1", "yingji"))})
		require.ErrorIs(t, err, context.Canceled)
		_, err = s.Load(ctx, obligationID("10.1", "yingji"))
		require.ErrorIs(t, err, context.Canceled)
		_, err = s.Decide(ctx, obligationID("10.1", "yingji"), nil)
		require.ErrorIs(t, err, context.Canceled)
	})
}

// Invariant 3: an event, its read-model change, its messages and its documents are one transaction. A process that
// ends between any two statements leaves nothing, and the retry stores it all.
func TestEntryIsStoredWholeOrNotAtAll(t *testing.T) {
	errKilled := errors.New("killed")
	for _, point := range []string{"policies", "obligations", "ledger", "messages", "unheard", "documents", "settlements", "evidence", "commit"} {
		t.Run(point, func(t *testing.T) {
			each(t, func(t *testing.T, s *store.Store) {
				first := opened(obligationID("10.1", "yingji"))
				put(t, s, first)
				// The letter is drafted and withdrawn at once, so that every table is written.
				second := tick(t, first.State, late)
				third := decided(t, second.State, late, obligation.Command{Kind: obligation.WithdrawDoc, By: office(), Rung: obligation.Letter, Text: "已电话催办"})
				entries := []obligation.Entry{second, third}

				store.SetFault(s, func(p string) error {
					if p == point {
						return errKilled
					}
					return nil
				})
				_, err := s.Append(t.Context(), entries)
				require.ErrorIs(t, err, errKilled)
				requireSound(t, s)
				v, err := s.Load(t.Context(), first.State.ID)
				require.NoError(t, err)
				require.Equal(t, first.State, v.State)

				store.SetFault(s, nil)
				put(t, s, entries...)
				requireSound(t, s)
				n, err := store.Number(t.Context(), s, "SELECT COUNT(*) FROM messages")
				require.NoError(t, err)
				require.Equal(t, len(first.Notices)+len(second.Notices)+len(third.Notices), n)
			})
		})
	}
}

// Invariant 1: one ledger row for each obligation and sequence, and none is ever changed.
func TestLedgerOnlyGrows(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		put(t, s, opened(obligationID("10.1", "yingji")))
		columns := "obligation, seq, kind, at, notices, event, hash"
		statements := []string{
			"UPDATE ledger SET kind = 'accepted'",
			"DELETE FROM ledger",
			"INSERT INTO ledger (" + columns + ") SELECT " + columns + " FROM ledger",
			"REPLACE INTO ledger (" + columns + ") SELECT " + columns + " FROM ledger",
			"REPLACE INTO ledger (id, " + columns + ") SELECT id, obligation, 7, kind, at, notices, event, hash FROM ledger",
			"UPDATE policies SET content = '{}'",
			"DELETE FROM policies",
		}
		for _, q := range statements {
			require.Error(t, store.Exec(t.Context(), s, q), q)
		}
		requireSound(t, s)
	})
}
