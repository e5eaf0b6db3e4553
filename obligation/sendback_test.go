package obligation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/obligation"
)

// The office holds the ball from the moment at which the unit says that it is not its own.
func TestSentBack(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20 10:00")
	l.do("2025-06-24 10:00", obligation.SendBack, "属新华路街道")
	require.Equal(t, "office", l.state.WaitingOn())
	require.Equal(t, &obligation.Objection{Seq: 3, At: moment("2025-06-24 10:00").UTC(), Reason: "属新华路街道"}, l.state.Objection)
	l.until("2025-07-10")
	require.Equal(t, []string{
		"06-24 10:00 sent_back", "06-27 09:00 reminded review+3", "07-02 09:00 reminded review+3 ×2", "07-07 09:00 reminded review+3 ×3",
		"07-10 09:00 reminded review+3 ×4",
	}, l.since(2), "neither reminders nor the deadline reach the unit")
	require.Equal(t, obligation.Yellow, obligation.LightAt(l.state, l.cal, moment("2025-07-10")))
	n := obligation.Notices(l.state, l.events[3])[0]
	require.Equal(t, obligation.ToOffice, n.To)
	require.Equal(t, "华阳路街道退回了该事项，还没有答复，请尽快改派（免办、调整）或不同意退回。", n.Text)
	require.Contains(t, n.Why, "措施：提醒（退回后3个工作日未答复，其后每3个工作日一次）")
	require.True(t, n.Current(l.state))

	e := l.do("2025-07-10 15:00", obligation.RefuseSendBack, "方案明确由你单位负责")
	require.False(t, n.Current(l.state))
	require.Equal(t, "2025-06-30", e.Due.String())
	require.Equal(t, "huayang", l.state.WaitingOn())
	l.tick("2025-07-10 15:00")
	l.until("2025-07-17")
	require.Equal(t, []string{
		"07-10 15:00 send_back_refused", "07-10 15:00 overdue", "07-15 09:00 reminded press+3", "07-17 09:00 drafted letter+5",
	}, l.since(7), "what follows from the deadline counts from the refusal")
	require.Contains(t, obligation.Notices(l.state, l.events[9])[0].Why, "逾期后的措施从2025年7月10日起算")
	_, err := l.decide("2025-07-17 10:00", obligation.Command{Kind: obligation.SendBack, Text: "还是不属于"})
	requireCode(t, obligation.CodeSendBackUsed, err)
	l.put("2025-07-18 10:00", obligation.Command{Kind: obligation.Rearm, Text: "清单调整", Facts: moved("2025-09-30")})
	l.do("2025-07-18 11:00", obligation.SendBack, "调整后也不属于")
}

func TestRefusedBeforeTheDeadlineItGoesOn(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("sign+2", "remind-3", "remind-1", "press+3", "review+3")), "2025-06-20 10:00")
	l.do("2025-06-23 10:00", obligation.SendBack, "不属于")
	l.do("2025-06-25 10:00", obligation.RefuseSendBack, "属于")
	l.until("2025-07-03")
	require.Equal(t, []string{
		"06-25 10:00 send_back_refused", "06-27 09:00 reminded remind-1", "07-01 00:00 overdue", "07-03 09:00 reminded press+3",
	}, l.since(2), "what fell due meanwhile is past")
}

// What was overdue stays so, but the time that the office takes is not counted.
func TestSentBackAfterTheDeadline(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("press+3", "letter+5", "review+3")), "2025-06-20")
	l.until("2025-07-03")
	l.do("2025-07-03 10:00", obligation.SendBack, "不属于")
	require.Equal(t, obligation.Red, obligation.LightAt(l.state, l.cal, moment("2025-07-04")))
	l.until("2025-07-08")
	l.do("2025-07-10 10:00", obligation.RefuseSendBack, "属于")
	l.until("2025-07-17")
	require.Equal(t, []string{
		"07-03 10:00 sent_back", "07-08 09:00 reminded review+3", "07-10 10:00 send_back_refused", "07-14 09:00 drafted letter+5",
		"07-17 09:00 reminded press+3 ×2",
	}, l.since(3))
}

func TestWhoMayDoWhatWhenItIsSentBack(t *testing.T) {
	for situation, want := range map[string]obligation.ErrorCode{"submitted": obligation.CodeInReview, "accepted": obligation.CodeClosed} {
		_, err := at(t, situation).decide("2025-07-09 10:00", obligation.Command{Kind: obligation.SendBack, Text: "不属于"})
		requireCode(t, want, err)
	}
	for _, situation := range []string{"open", "open+draft", "signed", "returned", "asked"} {
		l := at(t, situation)
		refused := func(kind obligation.CommandKind, text string, want obligation.ErrorCode) {
			t.Helper()
			_, err := l.decide("2025-07-09 10:00", obligation.Command{Kind: kind, Text: text, Rung: obligation.Letter})
			requireCode(t, want, err)
		}
		refused(obligation.SendBack, " ", obligation.CodeReasonMissing)
		refused(obligation.RefuseSendBack, "属于", obligation.CodeNoSendBack)
		l.do("2025-07-09 10:00", obligation.SendBack, "不属于")
		require.Nil(t, l.state.Application)
		refused(obligation.SendBack, "不属于", obligation.CodeSendBackPending)
		refused(obligation.RefuseSendBack, " ", obligation.CodeReasonMissing)
		refused(obligation.Nudge, "", obligation.CodeSendBackPending)
		refused(obligation.Suspend, "待定", obligation.CodeSendBackPending)
		refused(obligation.AskExtension, "材料未齐", obligation.CodeSendBackPending)
		refused(obligation.Accept, "", obligation.CodeNotSubmitted)
		if situation == "open+draft" {
			refused(obligation.Issue, "", obligation.CodeSendBackPending)
			require.True(t, l.state.DraftHeld())
			l.put("2025-07-09 10:00", obligation.Command{Kind: obligation.WithdrawDoc, Rung: obligation.Letter, Text: "不属于"})
		}
	}
}

func TestObjectionEnds(t *testing.T) {
	for name, c := range map[string]obligation.Command{
		"sign": {Kind: obligation.Sign}, "submit": {Kind: obligation.Submit, Text: "已完成"}, "waive": {Kind: obligation.Waive, Text: "改派"},
		"another date":  {Kind: obligation.Rearm, Text: "清单调整", Facts: moved("2025-09-30")},
		"another title": {Kind: obligation.Rearm, Text: "清单调整", Facts: retitled()},
	} {
		t.Run(name, func(t *testing.T) {
			l := at(t, "open")
			l.do("2025-07-09 10:00", obligation.SendBack, "不属于")
			l.until("2025-07-14")
			l.put("2025-07-14 10:00", c)
			require.Nil(t, l.state.Objection)
			require.Zero(t, l.state.Marks["review+3"])
		})
	}
	l := at(t, "open")
	l.do("2025-07-09 10:00", obligation.SendBack, "不属于")
	policy := l.state.Policy
	policy.Ladder.Cure++
	l.put("2025-07-09 11:00", obligation.Command{Kind: obligation.Rearm, Text: "阶梯调整", Policy: &policy})
	require.NotNil(t, l.state.Objection, "another ladder says nothing of whose it is")
}

func retitled() *obligation.Facts {
	facts := due("2025-06-30").Facts
	facts.Title = "协助完善判定标准汇编"
	return &facts
}

func TestNoticesAroundAnObjection(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-23 10:00")
	opened := obligation.Notices(l.state, l.events[0])[0]
	l.until("2025-06-25")
	reminded := obligation.Notices(l.state, l.events[1])[0]
	back := obligation.Notices(l.state, l.do("2025-06-25 10:00", obligation.SendBack, "属新华路街道"))[0]
	require.Equal(t, obligation.ToOffice, back.To)
	require.Equal(t, "华阳路街道退回该事项，认为不属于本单位，请改派（免办、调整）或不同意退回。理由：属新华路街道", back.Text)
	require.Contains(t, back.Why, "事由：退回（不属本单位）")
	require.True(t, back.Current(l.state))
	require.False(t, reminded.Current(l.state))
	require.False(t, opened.Current(l.state))
	no := obligation.Notices(l.state, l.do("2025-06-26 10:00", obligation.RefuseSendBack, "方案明确"))[0]
	require.Equal(t, []any{obligation.ToUnit, true}, []any{no.To, no.Urgent})
	require.Equal(t, "退回未获同意，该事项仍由你单位办理，期限为2025年6月30日，请抓紧完成并报送。理由：方案明确", no.Text)
	require.False(t, back.Current(l.state))
	require.True(t, no.Current(l.state))
	l.do("2025-06-27 10:00", obligation.Submit, "已完成")
	require.False(t, no.Current(l.state))
}
