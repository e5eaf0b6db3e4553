package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/assessment"
	"duban/internal/store"
	"duban/obligation"
)

// What a person had recorded is noted with it, until it is forgotten; what falls due by itself is not.
func TestCommandsAreNotedUntilTheyAreHeard(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		first := opened(id)
		signed := decided(t, first.State, start.Add(time.Hour), obligation.Command{Kind: obligation.Sign, By: unit(), Key: "k-1"})
		next, ok := obligation.NextStep(signed.State, cal)
		require.True(t, ok)
		put(t, s, first, signed, tick(t, signed.State, next.At))
		noted := []obligation.Unheard{{Ledger: id.String(), Command: "k-1"}}
		require.Equal(t, noted, must(s.Unheard(t.Context(), start)))
		require.Empty(t, must(s.Unheard(t.Context(), start.Add(-time.Second))), "it was recorded later")

		hazard := enter(t, s, "k-2").State
		begun := assessment.Begin(planCode, assessment.Half{Year: 2026, N: 1}, start)
		say := func(key string, by obligation.Role) {
			_, _, err := s.DecideAssessment(t.Context(), begun, key, func(st assessment.State) (assessment.Event, error) {
				return assessment.Event{Seq: st.Seq + 1, Kind: assessment.Advised, At: start, By: obligation.Actor{Role: by}, Key: key}, nil
			}, func(assessment.State) time.Time { return time.Time{} })
			require.NoError(t, err)
		}
		say("counted/1", obligation.RoleSystem)
		say("k-3", obligation.RoleOffice)
		noted = append(noted, obligation.Unheard{Ledger: begun.ID(), Command: "k-3"}, obligation.Unheard{Ledger: hazard.ID.String(), Command: "k-2"})
		require.ElementsMatch(t, noted, must(s.Unheard(t.Context(), start)))

		require.NoError(t, s.Heard(t.Context(), obligation.Unheard{Ledger: id.String(), Command: "another"}))
		require.Len(t, must(s.Unheard(t.Context(), start)), 3)
		for _, u := range noted {
			require.NoError(t, s.Heard(t.Context(), u))
			require.NoError(t, s.Heard(t.Context(), u))
		}
		require.Empty(t, must(s.Unheard(t.Context(), start)))
	})
}

// What is not stored is not noted either.
func TestCommandThatIsBrokenOffIsNotNoted(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		first := opened(obligationID("10.1", "yingji"))
		put(t, s, first)
		store.SetFault(s, func(p string) error {
			if p == "documents" { // the note is written
				return errors.New("broken off")
			}
			return nil
		})
		_, err := s.Append(t.Context(), []obligation.Entry{decided(t, first.State, start.Add(time.Hour), obligation.Command{Kind: obligation.Sign, By: unit(), Key: "k-1"})})
		require.Error(t, err)
		store.SetFault(s, nil)
		require.Empty(t, must(s.Unheard(t.Context(), start)))
	})
}
