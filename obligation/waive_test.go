package obligation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/obligation"
)

func TestWaive(t *testing.T) {
	for _, situation := range []string{"open", "signed+draft", "asked", "submitted", "submitted+draft", "returned"} {
		t.Run(situation, func(t *testing.T) {
			l := at(t, situation)
			_, waiting := l.state.PendingDraft()
			was := l.state.WasOverdue
			_, err := l.decide("2025-07-09 10:00", obligation.Command{Kind: obligation.Waive, Text: " "})
			requireCode(t, obligation.CodeReasonMissing, err)
			e := l.do("2025-07-09 10:00", obligation.Waive, "该单位已撤并")
			require.Equal(t, obligation.Waived, e.Kind)
			require.Equal(t, obligation.StageWaived, l.state.Stage)
			require.True(t, l.state.IsClosed())
			require.Equal(t, moment("2025-07-09 10:00").UTC(), l.state.Closed)
			require.Empty(t, l.state.WaitingOn())
			require.Empty(t, l.next())
			require.Nil(t, l.state.Application)
			require.Equal(t, was, l.state.WasOverdue, "what has passed stays in the record")
			require.Equal(t, obligation.None, obligation.LightAt(l.state, l.cal, moment("2025-12-31")), "neither for nor against anybody")
			if waiting {
				w := l.events[len(l.events)-2]
				require.Equal(t, obligation.Withdrawn, w.Kind)
				require.Equal(t, "事项已免办，文书不再发出", w.Text)
			}
			require.Empty(t, l.tick("2026-12-31"))
			_, err = l.decide("2025-07-10 10:00", obligation.Command{Kind: obligation.Submit, Text: "已完成"})
			requireCode(t, obligation.CodeClosed, err)
		})
	}
	_, err := at(t, "accepted").decide("2025-07-09 10:00", obligation.Command{Kind: obligation.Waive, Text: "该单位已撤并"})
	requireCode(t, obligation.CodeClosed, err)
}

func TestUnitIsToldOfTheWaiving(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	opened := obligation.Notices(l.state, l.events[0])[0]
	e := l.do("2025-06-03 10:00", obligation.Waive, "该单位已撤并")
	n := obligation.Notices(l.state, e)[0]
	require.Equal(t, obligation.ToUnit, n.To)
	require.Equal(t, "该事项已免办，不必再报送。理由：该单位已撤并", n.Text)
	require.Contains(t, n.Why, "事由：免办")
	require.True(t, n.Current(l.state))
	require.False(t, opened.Current(l.state))
}

func TestWaivedAfterItsDeadlineHasPassedUnseen(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("letter+5")), "2025-06-02")
	events, err := l.decide("2025-07-02 10:00", obligation.Command{Kind: obligation.Waive, Text: "上级取消"})
	require.NoError(t, err)
	require.Equal(t, []string{"07-02 10:00 overdue", "07-02 10:00 waived"}, tell(events))
	require.Equal(t, obligation.None, obligation.DeriveLight(obligation.Standing{Stage: obligation.StageWaived, WasOverdue: true}, time.Time{}))
}
