package obligation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/obligation"
)

func TestProgress(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20 10:00")
	l.put("2025-06-23 10:00", obligation.Command{Kind: obligation.ReportProgress, Percent: new(40), Text: "初稿完成"})
	require.Equal(t, &obligation.Progress{Seq: 2, At: moment("2025-06-23 10:00").UTC(), Percent: new(40), Text: "初稿完成"}, l.state.Progress)
	require.Equal(t, obligation.StageOpen, l.state.Stage, "whoever tells of it has still to sign")
	l.do("2025-06-24 10:00", obligation.ReportProgress, "征求意见")
	require.Equal(t, 40, *l.state.Progress.Percent, "what was named last holds")
	require.Equal(t, "征求意见", l.state.Progress.Text)
	e := l.put("2025-06-26 10:00", obligation.Command{Kind: obligation.ReportProgress, Percent: new(0)})
	require.Zero(t, *e.Percent)
	require.Equal(t, 0, *l.state.Progress.Percent, "nothing forbids to be honest")
	require.Empty(t, l.state.Progress.Text)
	require.Empty(t, obligation.Notices(l.state, e))
	l.until("2025-07-01 00:00")
	require.Equal(t, []string{
		"06-20 10:00 opened", "06-23 10:00 progressed", "06-24 09:00 reminded sign+2", "06-24 10:00 progressed", "06-25 09:00 reminded remind-3",
		"06-26 10:00 progressed", "06-27 09:00 reminded remind-1", "07-01 00:00 overdue",
	}, l.told(), "it stops no reminder")
}

func TestProgressThatSaysNothing(t *testing.T) {
	for situation, want := range map[string]obligation.ErrorCode{
		"open": "", "signed": "", "returned": "", "asked": "", "open+draft": "", "submitted": obligation.CodeInReview, "accepted": obligation.CodeClosed,
	} {
		l := at(t, situation)
		_, err := l.decide("2025-07-09 10:00", obligation.Command{Kind: obligation.ReportProgress, Percent: new(100)})
		if want != "" {
			requireCode(t, want, err)
			continue
		}
		require.NoError(t, err)
		_, err = l.decide("2025-07-09 10:00", obligation.Command{Kind: obligation.ReportProgress, Text: " "})
		requireCode(t, obligation.CodeProgressMissing, err)
		for _, n := range []int{-1, 101} {
			_, err = l.decide("2025-07-09 10:00", obligation.Command{Kind: obligation.ReportProgress, Percent: new(n), Text: "推进中"})
			requireCode(t, obligation.CodePercentInvalid, err)
		}
	}
}

// The office that asked is told; nobody is asked for what he has just said.
func TestProgressAnswersTheOffice(t *testing.T) {
	l := at(t, "signed")
	nudged := obligation.Notices(l.state, l.do("2025-07-09 10:00", obligation.Nudge, ""))[0]
	require.True(t, nudged.Current(l.state))
	e := l.put("2025-07-09 11:00", obligation.Command{Kind: obligation.ReportProgress, Percent: new(80), Text: "只差印发"})
	require.False(t, nudged.Current(l.state))
	n := obligation.Notices(l.state, e)[0]
	require.Equal(t, obligation.ToOffice, n.To)
	require.Equal(t, "华阳路街道答复催问，报告进展（80%）：只差印发", n.Text)
	require.True(t, n.Current(l.state))
	e = l.do("2025-07-10 10:00", obligation.ReportProgress, "已送印")
	require.Empty(t, obligation.Notices(l.state, e), "it has its answer")
	l.do("2025-07-10 11:00", obligation.Nudge, "")
	e = l.put("2025-07-10 12:00", obligation.Command{Kind: obligation.ReportProgress, Percent: new(90)})
	require.Equal(t, "华阳路街道答复催问，报告进展（90%）", obligation.Notices(l.state, e)[0].Text)
	l.do("2025-07-10 13:00", obligation.Submit, "已完成")
	require.False(t, n.Current(l.state), "the report says more")
}
