package integration

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/activities"
	"duban/calendar"
	"duban/obligation"
)

func (f *fixture) signOff(doc obligation.Document) activities.SignOff {
	return activities.SignOff{Document: doc, By: office, Key: "key-1", Setting: f.setting(), Now: late, Day: calendar.MustDate("2026-04-08")}
}

func TestIssueDocumentOnce(t *testing.T) {
	f := newFixture(t)
	f.drafted("yingji")
	f.drafted("xiaofang")
	f.engine.heard()
	f.engine.failures = 1
	_, err := f.IssueDocument(t.Context(), f.signOff(f.draft("yingji")))
	require.ErrorIs(t, err, errEngine, "the dispatcher could not be told")
	drafted := f.draft("yingji")
	for range 2 {
		doc, err := f.IssueDocument(t.Context(), f.signOff(drafted))
		require.NoError(t, err)
		require.Equal(t, obligation.DocumentIssued, doc.Status)
		require.Equal(t, "长安委办〔2026〕1号", doc.Number)
		require.Equal(t, office.Name, doc.SignedBy)
	}
	require.Equal(t, []string{"dispatch " + planCode, "dispatch " + planCode}, f.engine.heard())
	issued := 0
	events, err := f.store.EventsAfter(t.Context(), obligationID("yingji"), 0)
	require.NoError(t, err)
	for _, e := range events {
		if e.Kind == obligation.Issued {
			issued++
		}
	}
	require.Equal(t, 1, issued)

	doc, err := f.IssueDocument(t.Context(), f.signOff(f.draft("xiaofang")))
	require.NoError(t, err)
	require.Equal(t, "长安委办〔2026〕2号", doc.Number, "the retries took no number")
	f.requireSound()
}

// Nobody gets a letter after reporting, and the number stays for the next one.
func TestIssueDocumentIsRefusedAfterTheReport(t *testing.T) {
	f := newFixture(t)
	s := f.drafted("yingji")
	draft := f.draft("yingji")
	s = f.decide(s, late, obligation.Command{Kind: obligation.Submit, By: unit, Text: "已完成"})
	_, err := f.IssueDocument(t.Context(), f.signOff(draft))
	requireRefused(t, obligation.CodeInReview, err)

	f.decide(s, late, obligation.Command{Kind: obligation.Accept, By: office})
	_, err = f.IssueDocument(t.Context(), f.signOff(draft))
	requireRefused(t, obligation.CodeNoDraft, err)
	require.Equal(t, obligation.DocumentWithdrawn, f.draft("yingji").Status)

	f.drafted("xiaofang")
	doc, err := f.IssueDocument(t.Context(), f.signOff(f.draft("xiaofang")))
	require.NoError(t, err)
	require.Equal(t, "长安委办〔2026〕1号", doc.Number)
	f.requireSound()
}

func TestIssueDocumentRefusesWhatDoesNotExist(t *testing.T) {
	f := newFixture(t)
	_, err := f.IssueDocument(t.Context(), f.signOff(obligation.Document{Obligation: obligationID("nobody"), Rung: obligation.Letter}))
	requireRefused(t, obligation.CodeNotFound, err)
	_, err = f.SetMeeting(t.Context(), activities.InterviewCommand{Obligation: obligationID("nobody")})
	requireRefused(t, obligation.CodeNotFound, err)
}

func TestWithdrawDocumentOnce(t *testing.T) {
	f := newFixture(t)
	f.drafted("yingji")
	draft := f.draft("yingji")
	w := activities.Withdrawal{Document: draft, By: office, Reason: "已电话沟通", Setting: f.setting(), Now: late}
	for range 2 {
		doc, err := f.WithdrawDocument(t.Context(), w)
		require.NoError(t, err)
		require.Equal(t, obligation.DocumentWithdrawn, doc.Status)
		require.Equal(t, w.Reason, doc.Reason)
	}
	_, err := f.IssueDocument(t.Context(), f.signOff(draft))
	requireRefused(t, obligation.CodeNoDraft, err)

	f.drafted("xiaofang")
	w.Document, w.Reason = f.draft("xiaofang"), ""
	_, err = f.WithdrawDocument(t.Context(), w)
	requireRefused(t, obligation.CodeReasonMissing, err)
	f.requireSound()
}

func TestRemindHolderOnceForEachNumber(t *testing.T) {
	f := newFixture(t)
	f.drafted("yingji")
	for _, n := range []int{1, 1, 2} {
		require.NoError(t, f.RemindHolder(t.Context(), activities.HolderNotice{Document: f.draft("yingji"), N: n, Now: late.Add(time.Duration(n) * time.Hour)}))
	}
	_, err := f.Dispatch(t.Context(), activities.Dispatch{Plan: planCode, Day: calendar.MustDate("2026-04-08"), Now: late})
	require.NoError(t, err)
	list, _, err := f.store.Inbox(t.Context(), obligation.InboxFilter{Plan: planCode, Recipient: string(obligation.ToOffice)})
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Len(t, list[0].Messages, 3, "that it was drafted, and two reminders")
}
