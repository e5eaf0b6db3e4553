package obligation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/obligation"
)

func (l *life) skip(when string, rung obligation.Rung) obligation.Event {
	l.t.Helper()
	return l.put(when, obligation.Command{Kind: obligation.Skip, By: wang, Rung: rung, Text: "情节严重"})
}

func TestSkipARung(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("letter+5", "circular+15", "interview+30")), "2025-06-20")
	l.until("2025-07-01 00:00")
	e := l.skip("2025-07-02 10:00", obligation.Circular)
	require.Equal(t, "circular+15", e.Step)
	require.Equal(t, "情节严重", e.Text)
	rung, waiting := l.state.PendingDraft()
	require.Equal(t, []any{obligation.Circular, true}, []any{rung, waiting})
	d := obligation.Draft(l.state, e)
	require.Equal(t, []any{obligation.Circular, obligation.SignOffLeader}, []any{d.Rung, d.SignOff})
	n := obligation.Notices(l.state, e)[0]
	require.Equal(t, obligation.ToOffice, n.To)
	require.Equal(t, "华阳路街道逾期未完成，已越级拟通报，请审核签发或撤回。理由：情节严重", n.Text)
	require.Contains(t, n.Why, "措施：通报（越级）")
	require.Equal(t, "越级：通报", obligation.Reason(l.state, e))
	require.True(t, n.Current(l.state))
	l.issue("2025-07-04 10:00", 0)
	l.until("2025-09-01")
	require.Equal(t, []string{
		"07-02 10:00 drafted circular+15", "07-04 10:00 issued circular", "08-11 09:00 drafted interview+30",
	}, l.since(2), "what lies below it is past, and what lies above it comes at its time")
	l.issue("2025-08-11 10:00", 0)
	_, err := l.decide("2025-09-01 10:00", obligation.Command{Kind: obligation.Skip, Rung: obligation.Letter, Text: "补发"})
	requireCode(t, obligation.CodeRungInvalid, err)
}

// The cure period lies between a rung that was drafted at once and the next.
func TestCureAfterASkippedRung(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("letter+5", "circular+15", "interview+30")), "2025-06-20")
	l.until("2025-07-07")
	l.issue("2025-07-07 10:00", 1)
	l.skip("2025-07-07 11:00", obligation.Circular)
	l.issue("2025-08-08 10:00", 0)
	require.Equal(t, "08-15 09:00 drafted interview+30", l.next())
}

func TestWhoMaySkipWhat(t *testing.T) {
	skip := obligation.Command{Kind: obligation.Skip, Rung: obligation.Interview, Text: "情节严重"}
	for situation, want := range map[string]obligation.ErrorCode{
		"open": "", "signed": "", "returned": obligation.CodeNotOverdue, "submitted": obligation.CodeInReview,
		"open+draft": obligation.CodeDraftPending, "asked": obligation.CodeNotOverdue, "accepted": obligation.CodeClosed,
	} {
		_, err := at(t, situation).decide("2025-07-09 10:00", skip)
		if want == "" {
			require.NoError(t, err, situation)
		} else {
			requireCode(t, want, err)
		}
	}
	l := at(t, "open")
	for _, rung := range []obligation.Rung{obligation.Letter, obligation.Press, obligation.Expose, ""} {
		_, err := l.decide("2025-07-09 10:00", obligation.Command{Kind: obligation.Skip, Rung: rung, Text: "情节严重"})
		requireCode(t, obligation.CodeRungInvalid, err)
	}
	_, err := l.decide("2025-07-09 10:00", obligation.Command{Kind: obligation.Skip, Rung: obligation.Interview, Text: " "})
	requireCode(t, obligation.CodeReasonMissing, err)
	l.do("2025-07-09 10:00", obligation.SendBack, "不属于")
	_, err = l.decide("2025-07-09 10:00", skip)
	requireCode(t, obligation.CodeSendBackPending, err)
	_, err = open(t, with(due("2025-06-30"), beforeIssue), "2025-06-20").decide("2025-07-09 10:00", skip)
	requireCode(t, obligation.CodeNotOverdue, err)
}

// The deadline has passed, and its step has not been taken yet: that is recorded first.
func TestSkipRightAfterTheDeadline(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("letter+5", "circular+15")), "2025-06-20")
	events, err := l.decide("2025-07-01 10:00", obligation.Command{Kind: obligation.Skip, By: wang, Rung: obligation.Circular, Text: "情节严重"})
	require.NoError(t, err)
	require.Equal(t, []string{"07-01 10:00 overdue", "07-01 10:00 drafted circular+15"}, tell(events))
}
