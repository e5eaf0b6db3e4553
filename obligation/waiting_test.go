package obligation_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

// Whoever holds it has held it since it last came to him.
func TestWhatAnObligationWaitsFor(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02 10:00")
	waits := func(want obligation.Wait, since string) {
		t.Helper()
		require.Equal(t, want, l.state.WaitsFor())
		require.True(t, moment(since).Equal(l.state.WaitsSince()), "%s", l.state.WaitsSince())
	}
	waits(obligation.WaitUnit, "2025-06-02 10:00")
	l.do("2025-06-03 10:00", obligation.Sign, "")
	waits(obligation.WaitUnit, "2025-06-02 10:00")
	l.put("2025-06-04 10:00", obligation.Command{Kind: obligation.AskExtension, Text: "材料未齐", Due: calendar.MustDate("2025-07-31")})
	waits(obligation.WaitExtension, "2025-06-04 10:00")
	l.do("2025-06-05 10:00", obligation.RefuseExtension, "理由不充分")
	waits(obligation.WaitUnit, "2025-06-05 10:00")
	l.do("2025-06-06 10:00", obligation.SendBack, "不属于本单位")
	waits(obligation.WaitSendBack, "2025-06-06 10:00")
	l.do("2025-06-09 10:00", obligation.RefuseSendBack, "属于")
	waits(obligation.WaitUnit, "2025-06-09 10:00")
	l.do("2025-06-10 10:00", obligation.Suspend, "等待文件")
	waits(obligation.WaitSuspension, "2025-06-10 10:00")
	l.do("2025-06-12 10:00", obligation.Resume, "文件已到")
	waits(obligation.WaitUnit, "2025-06-12 10:00")
	l.do("2025-06-13 10:00", obligation.Submit, "已完成")
	waits(obligation.WaitSubmission, "2025-06-13 10:00")
	l.put("2025-06-16 10:00", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-06-30")})
	waits(obligation.WaitUnit, "2025-06-16 10:00")
	l.do("2025-06-17 10:00", obligation.Submit, "二稿")
	l.do("2025-06-18 10:00", obligation.Accept, "")
	require.Empty(t, l.state.WaitsFor())
	require.Zero(t, l.state.WaitsSince())
}

func TestWhatADocumentWaitsFor(t *testing.T) {
	at := moment("2025-08-01 10:00")
	meeting := func(m obligation.Meeting) *obligation.Meeting { return &m }
	for name, c := range map[string]struct {
		doc  obligation.Document
		want obligation.Wait
	}{
		"draft":     {obligation.Document{Status: obligation.DocumentDraft, Drafted: at}, obligation.WaitDraft},
		"letter":    {obligation.Document{Rung: obligation.Letter, Status: obligation.DocumentIssued, Settled: at}, ""},
		"withdrawn": {obligation.Document{Status: obligation.DocumentWithdrawn, Drafted: at}, ""},
		"interview": {obligation.Document{
			Rung: obligation.Interview, Status: obligation.DocumentIssued, Settled: at, Meeting: meeting(obligation.Meeting{At: at.AddDate(0, 0, 5)}),
		}, obligation.WaitInterview},
		"to be put right": {obligation.Document{
			Rung: obligation.Interview, Status: obligation.DocumentIssued, Meeting: meeting(obligation.Meeting{Held: at, Rectification: &obligation.Rectification{Since: at}}),
		}, obligation.WaitRectify},
		"to be verified": {obligation.Document{
			Rung: obligation.Interview, Status: obligation.DocumentIssued, Meeting: meeting(obligation.Meeting{Held: at, Rectification: &obligation.Rectification{Reported: at}}),
		}, obligation.WaitRectification},
	} {
		c.doc.Unit = "huayang"
		require.Equal(t, c.want, c.doc.WaitsFor(), name)
		require.Equal(t, c.want != "", c.doc.WaitsSince().Equal(at), name)
		require.True(t, c.want == "" || c.want.OfDocument(), name)
	}
}

func TestSearchText(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02 10:00")
	l.state.Title = "推广ABC系统"
	require.Equal(t, "推广abc系统 华阳路街道 10.1 1 上半年", l.state.SearchText())
	l.state.Title = strings.Repeat("长", 2000)
	require.Len(t, []rune(l.state.SearchText()), 1000)
	require.Equal(t, []string{"abc", "排查"}, obligation.SearchWords("  ABC\t排查 "))
}

func TestForHowManyDaysItWaits(t *testing.T) {
	s := open(t, due("2025-06-30"), "2025-06-09 09:00").state
	submitted := s
	submitted.Stage, submitted.Submitted = obligation.StageSubmitted, moment("2025-06-11 23:30")
	closed := s
	closed.Stage, closed.Closed = obligation.StageAccepted, moment("2025-06-11 10:00")
	for name, c := range map[string]struct {
		state obligation.State
		now   string
		want  int
	}{
		"on the first day":           {s, "2025-06-09 23:59", 0},
		"on the next, a minute on":   {s, "2025-06-10 00:00", 1},
		"with the unit":              {s, "2025-06-12 10:00", 3},
		"from the report on":         {submitted, "2025-06-12 00:30", 1},
		"a clock that was turned":    {submitted, "2025-06-10 10:00", 0},
		"nobody has it any more":     {closed, "2025-06-20 10:00", 0},
		"rest days count: they pass": {s, "2025-06-16 10:00", 7},
	} {
		require.Equal(t, c.want, c.state.DaysWaited(moment(c.now)), name)
	}
}
