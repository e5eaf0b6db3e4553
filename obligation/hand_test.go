package obligation_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/obligation"
)

var (
	zhang = obligation.Actor{Role: obligation.RoleUnit, Name: "张三"}
	li    = obligation.Actor{Role: obligation.RoleUnit, Name: "李四"}
	wang  = obligation.Actor{Role: obligation.RoleOffice, Name: "王五"}
)

func TestNobodyOverwritesWhatHeHasNotSeen(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20 10:00")
	l.put("2025-06-23 10:00", obligation.Command{Kind: obligation.Sign, By: zhang, Expected: 1})
	l.until("2025-06-27") // two reminders by itself: 3 and 4
	submit := func(by obligation.Actor, seen int) error {
		_, err := l.decide("2025-06-27 10:00", obligation.Command{Kind: obligation.Submit, Text: "已完成", By: by, Expected: seen})
		return err
	}
	require.NoError(t, submit(li, 0), "who says nothing of his view is not asked")
	requireCode(t, obligation.CodeConflict, submit(li, 1))
	require.NoError(t, submit(li, 2), "reminders in between overwrite nothing")
	require.NoError(t, submit(li, 4))
	require.NoError(t, submit(zhang, 1), "it was he who signed")

	l.put("2025-06-27 11:00", obligation.Command{Kind: obligation.Nudge, By: wang}) // 5
	requireCode(t, obligation.CodeConflict, submit(zhang, 4))
	l.put("2025-06-27 12:00", obligation.Command{Kind: obligation.ReportProgress, Text: "推进中", By: zhang}) // 6
	requireCode(t, obligation.CodeConflict, submit(zhang, 4))
	require.NoError(t, submit(zhang, 5))
	requireCode(t, obligation.CodeConflict, submit(li, 5))
}

func TestAnotherDateIsSomethingToLookAtAgain(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20 10:00")
	sign := func() error {
		_, err := l.decide("2025-06-24 10:00", obligation.Command{Kind: obligation.Sign, By: zhang, Expected: 1})
		return err
	}
	policy := l.state.Policy
	policy.Ladder.Cure++
	l.put("2025-06-20 11:00", obligation.Command{Kind: obligation.Rearm, By: obligation.System, Text: "阶梯调整", Policy: &policy})
	require.NoError(t, sign(), "the unit was told of nothing")
	l.put("2025-06-20 12:00", obligation.Command{Kind: obligation.Rearm, By: obligation.System, Text: "清单调整", Facts: moved("2025-07-31")})
	requireCode(t, obligation.CodeConflict, sign())
}

// What is recorded before this was known says nothing of hands, and leads to the state that it always led to.
func TestOlderLedgersHaveNoHands(t *testing.T) {
	l := at(t, "signed")
	old := slices.Clone(l.events)
	for i := range old {
		old[i].Hand = false
	}
	require.Empty(t, obligation.Replay(obligation.State{}, old).Hands)
	require.Len(t, l.state.Hands, 1)
}

// Whatever happens: an act is refused as a conflict exactly where somebody else had a hand in it after the view.
func TestConflictsAreThoseOfOthers(t *testing.T) {
	actors := []obligation.Actor{zhang, li, wang, obligation.System}
	rapid.Check(t, func(t *rapid.T) {
		s := obligation.Apply(obligation.State{}, obligation.Open(due("2025-06-30"), holidays, moment("2025-06-20")))
		var done []obligation.Event
		for range rapid.IntRange(0, 12).Draw(t, "acts") {
			c := obligation.Command{Kind: obligation.ReportProgress, Text: "推进中", By: rapid.SampledFrom(actors).Draw(t, "by")}
			events, err := obligation.Decide(s, c, holidays, moment("2025-06-21"))
			require.NoError(t, err)
			s, done = obligation.Replay(s, events), append(done, events...)
		}
		me, seen := rapid.SampledFrom(actors[:3]).Draw(t, "me"), rapid.IntRange(1, s.Seq).Draw(t, "seen")
		_, err := obligation.Decide(s, obligation.Command{Kind: obligation.Sign, By: me, Expected: seen}, holidays, moment("2025-06-21"))
		conflict := slices.ContainsFunc(done, func(e obligation.Event) bool {
			return e.Seq > seen && e.By != me && e.By != obligation.System
		})
		if conflict {
			requireCode(t, obligation.CodeConflict, err)
		} else {
			require.NoError(t, err)
		}
	})
}
