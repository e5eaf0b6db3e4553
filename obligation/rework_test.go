package obligation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

func TestReturnGivesTimeForTheRework(t *testing.T) {
	tests := []struct {
		name, due, submitted, returned, until, want string
	}{
		{"early: the whole of the first deadline", "2025-06-30", "2025-06-09", "2025-06-10", "", "2025-06-30"},
		{"near the end: five working days", "2025-06-30", "2025-06-26", "2025-06-27", "", "2025-07-04"},
		{"late: five working days", "2025-06-30", "2025-07-02", "2025-07-02", "", "2025-07-09"},
		{"over National Day", "2025-09-15", "2025-09-12", "2025-09-30", "", "2025-10-14"}, // 11 October is made up
		{"on a rest day", "2025-06-20", "2025-06-20", "2025-06-28", "", "2025-07-04"},
		{"the office names the day", "2025-06-30", "2025-06-26", "2025-06-27", "2025-06-29", "2025-06-29"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := open(t, due(tt.due), "2025-06-02")
			l.do(tt.submitted+" 10:00", obligation.Submit, "已完成")
			c := obligation.Command{Kind: obligation.Return, Text: "缺附件"}
			if tt.until != "" {
				c.Due = calendar.MustDate(tt.until)
			}
			e := l.put(tt.returned+" 15:00", c)
			require.Equal(t, tt.want, e.Due.String())
			require.Equal(t, tt.want, l.state.Deadline().String())
			require.Equal(t, tt.due, l.state.Due.String())
			require.Equal(t, tt.due, l.state.Original.String())
			require.Equal(t, 1, l.state.Round)
		})
	}
}

// A second return takes nothing away of the time that the first one gave.
func TestSecondReturnKeepsTheTimeOfTheFirst(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	l.do("2025-06-26", obligation.Submit, "初稿")
	l.put("2025-06-27", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-08-29")})
	l.do("2025-07-07", obligation.Submit, "二稿")
	l.do("2025-07-08", obligation.Return, "仍缺附件")
	require.Equal(t, "2025-08-29", l.state.Deadline().String())
	require.Equal(t, 2, l.state.Round)
}

// Nor does an early day that the office named for the first rework cut the deadline itself.
func TestSecondReturnKeepsTheDeadline(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	l.do("2025-06-05", obligation.Submit, "初稿")
	l.put("2025-06-06", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-06-10")})
	l.do("2025-06-09", obligation.Submit, "二稿")
	l.do("2025-06-10", obligation.Return, "仍缺附件")
	require.Equal(t, "2025-06-30", l.state.Deadline().String())
}

func TestWhoSubmitsHasSigned(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	l.do("2025-06-05", obligation.Submit, "初稿")
	require.Equal(t, moment("2025-06-05").UTC(), l.state.Signed)
	l = open(t, due("2025-06-30"), "2025-06-02")
	l.do("2025-06-03", obligation.Sign, "")
	l.do("2025-06-05", obligation.Submit, "初稿")
	require.Equal(t, moment("2025-06-03").UTC(), l.state.Signed)
	require.Equal(t, moment("2025-06-05").UTC(), l.state.Submitted)
}

// Complaint of users elsewhere: the reminder that is lost after a return and a resubmission.
func TestReturnRearmsTheReminders(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-09 10:00")
	l.until("2025-06-19")
	l.do("2025-06-20 10:00", obligation.Submit, "初稿")
	l.put("2025-06-24 10:00", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-07-31")})
	l.until("2025-07-29")
	l.do("2025-07-30 10:00", obligation.Submit, "二稿")
	l.do("2025-08-01 10:00", obligation.Return, "仍缺附件")
	l.until("2025-08-13")
	require.Equal(t, []string{
		"06-09 10:00 opened", "06-11 09:00 reminded sign+2", "06-18 09:00 reminded sign+2 ×2", "06-19 09:00 reminded remind-7", "06-20 10:00 submitted",
		"06-24 10:00 returned",
		"07-10 09:00 reminded remind-15", "07-22 09:00 reminded remind-7", "07-28 09:00 reminded remind-3", "07-30 09:00 reminded remind-1",
		"07-30 10:00 submitted",
		"08-01 10:00 returned", // until 8 August
		"08-05 09:00 reminded remind-3", "08-07 09:00 reminded remind-1", "08-09 00:00 overdue", "08-13 09:00 reminded press+3",
	}, l.told())
}

func TestWhileTheOfficeReviewsTheUnitIsLeftAlone(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-12 10:00")
	l.do("2025-06-13 10:00", obligation.Submit, "已完成")
	l.until("2025-07-01")
	require.Equal(t, "office", l.state.WaitingOn())
	require.Equal(t, []string{
		"06-18 09:00 reminded review+3", "06-23 09:00 reminded review+3 ×2", "06-26 09:00 reminded review+3 ×3", "07-01 09:00 reminded review+3 ×4",
	}, l.since(2), "only the office is reminded, of its review")
	for _, e := range l.events[2:] {
		n := obligation.Notices(l.state, e)[0]
		require.Equal(t, obligation.ToOffice, n.To)
		require.Equal(t, "华阳路街道报送的完成情况还没有审核，请尽快审核通过或退回。", n.Text)
	}
	require.False(t, l.state.WasOverdue, "reported in time; the office's review is the office's time")
}

func TestReviewRemindersBeginAnewWithEverySubmission(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-12 10:00")
	l.do("2025-06-13 10:00", obligation.Submit, "初稿")
	l.until("2025-06-18")
	l.do("2025-06-19 10:00", obligation.Return, "缺附件")
	l.do("2025-06-20 10:00", obligation.Submit, "二稿")
	l.until("2025-06-25")
	require.Equal(t, []string{"06-18 09:00 reminded review+3", "06-19 10:00 returned", "06-20 10:00 submitted", "06-25 09:00 reminded review+3"}, l.since(2))
}

func TestReviewRemindersAfterAnOutage(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-12 10:00")
	l.do("2025-06-13 10:00", obligation.Submit, "初稿")
	l.tick("2025-07-02 10:00")
	require.Equal(t, []string{"07-02 10:00 reminded review+3 ×4"}, l.since(2))
	require.Equal(t, 3, l.events[2].Missed)
}

// The formal rungs that were reached stay reached; the next one counts from the deadline of the rework.
func TestFormalRungsAcrossAReturn(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("letter+5", "circular+15", "interview+30")), "2025-06-09")
	l.until("2025-07-07")
	l.issue("2025-07-07 10:00", 1)
	l.do("2025-07-08 10:00", obligation.Submit, "已完成")
	l.put("2025-07-09 10:00", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-07-31")})
	l.until("2025-08-21")
	require.Equal(t, []string{"08-01 00:00 overdue", "08-21 09:00 drafted circular+15"}, l.since(6))
	require.True(t, l.state.WasOverdue)
}

func TestLateReportIsRecordedAsLateFirst(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("remind-1")), "2025-06-09")
	for kind, text := range map[obligation.CommandKind]string{obligation.Submit: "已完成", obligation.Sign: "", obligation.Nudge: ""} {
		events, err := l.decide("2025-07-01 00:00", obligation.Command{Kind: kind, Text: text})
		require.NoError(t, err)
		require.Len(t, events, 2)
		require.Equal(t, []string{"07-01 00:00 overdue (remind-1×1)"}, tell(events[:1]), "the engine had not come to it yet")
		require.Equal(t, []int{2, 3}, []int{events[0].Seq, events[1].Seq})
		require.Equal(t, obligation.System, events[0].By)
		require.Empty(t, events[0].Key)
	}
	events, err := l.decide("2025-06-30 23:59", obligation.Command{Kind: obligation.Submit, Text: "已完成"})
	require.NoError(t, err)
	require.Len(t, events, 1, "the due date includes its whole day")
}

func TestDraftIsWithdrawnWhenFulfilledFirst(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("letter+5")), "2025-06-09")
	l.until("2025-07-07")
	l.do("2025-07-08 10:00", obligation.Submit, "已完成")
	_, err := l.decide("2025-07-08 11:00", obligation.Command{Kind: obligation.Issue, Rung: obligation.Letter, Number: "1"})
	requireCode(t, obligation.CodeInReview, err)
	l.put("2025-07-08 12:00", obligation.Command{Kind: obligation.Accept, By: obligation.Actor{Role: obligation.RoleOffice, Name: "王"}, Key: "k"})
	require.Equal(t, []string{"07-08 12:00 withdrawn letter", "07-08 12:00 accepted"}, l.since(4))
	withdrawn, accepted := l.events[4], l.events[5]
	require.Equal(t, obligation.System, withdrawn.By)
	require.NotEmpty(t, withdrawn.Text)
	require.Empty(t, withdrawn.Key, "the command's key belongs to one event only")
	require.Equal(t, "k", accepted.Key)
	require.Empty(t, l.state.HighestRung(), "the letter reached nobody")
	require.Equal(t, obligation.Yellow, obligation.LightAt(l.state, l.cal, moment("2025-07-09")), "closed late is yellow, not green")
	require.Empty(t, l.next())
	require.Empty(t, l.tick("2026-12-31"))
}

func TestDraftSurvivesAReturn(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("letter+5", "circular+15")), "2025-06-09")
	l.until("2025-07-07")
	l.do("2025-07-08 10:00", obligation.Submit, "随便写写")
	l.do("2025-07-09 10:00", obligation.Return, "不是所要的材料")
	rung, ok := l.state.PendingDraft()
	require.True(t, ok, "an empty report does not do away with the letter")
	require.Equal(t, obligation.Letter, rung)
	l.issue("2025-07-10 10:00", 1)
	require.Equal(t, obligation.Letter, l.state.HighestRung())
}

func TestHighestRung(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-24")
	require.Empty(t, l.state.HighestRung())
	l.until("2025-06-25")
	require.Equal(t, obligation.Remind, l.state.HighestRung())
	l.until("2025-07-03")
	require.Equal(t, obligation.Press, l.state.HighestRung())
	l.until("2025-07-07")
	require.Equal(t, obligation.Letter, l.state.HighestRung(), "a draft counts")
	l.put("2025-07-08", obligation.Command{Kind: obligation.WithdrawDoc, Rung: obligation.Letter, Text: "已电话沟通"})
	require.Equal(t, obligation.Press, l.state.HighestRung(), "a withdrawn one does not")
	l.do("2025-07-09", obligation.Submit, "已完成")
	l.until("2025-07-20")
	require.Equal(t, obligation.Press, l.state.HighestRung(), "what the office is reminded of is no rung of the unit's")
}

func TestHighestRungIsNotTheLatest(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("press+3", "remind-3"), func(o *obligation.Opening) {
		o.Policy.Ladder.Steps[1].Offset = 5
	}), "2025-06-24")
	l.until("2025-07-07")
	require.Equal(t, obligation.Press, l.state.HighestRung())
}

func TestRearmWithANewDueDate(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-23 10:00")
	l.until("2025-07-07")
	l.issue("2025-07-07 10:00", 1)
	e := l.put("2025-07-07 11:00", obligation.Command{Kind: obligation.Rearm, Text: "市里改期", Facts: moved("2025-07-31")})
	require.Equal(t, obligation.ToUnit, e.To)
	require.Equal(t, "该事项有调整，现应于2025年7月31日前完成。理由：市里改期", obligation.Notices(l.state, e)[0].Text)
	require.Contains(t, obligation.Notices(l.state, e)[0].Why, "期限：2025年7月31日（原定2025年6月30日）")
	require.Equal(t, "2025-07-31", l.state.Due.String())
	require.Equal(t, "2025-06-30", l.state.Original.String(), "the original date stays visible")
	require.False(t, l.state.Overdue)
	require.Equal(t, 0, l.state.Round, "nothing was returned")
	n := len(l.events)
	l.until("2025-08-21")
	require.Equal(t, []string{
		"07-09 09:00 reminded sign+2 ×3", "07-10 09:00 reminded remind-15", "07-16 09:00 reminded sign+2 ×4", "07-22 09:00 reminded remind-7",
		"07-23 09:00 reminded sign+2 ×5", "07-28 09:00 reminded remind-3", "07-30 09:00 reminded remind-1 (sign+2×6)",
		"08-01 00:00 overdue", "08-05 09:00 reminded press+3", "08-12 09:00 reminded press+3 ×2", "08-19 09:00 reminded press+3 ×3",
		"08-21 09:00 drafted circular+15",
	}, l.since(n), "the letter was sent and is not sent again")
}

// A date in the past does not make the unit late on the day it hears of it.
func TestRearmWithADueDateThatIsPast(t *testing.T) {
	l := open(t, due("2025-12-31"), "2025-06-23 10:00")
	l.put("2025-07-10 10:00", obligation.Command{Kind: obligation.Rearm, Text: "清单更正", Facts: moved("2025-06-30")})
	require.Equal(t, "2025-06-30", l.state.Due.String())
	require.Equal(t, "2025-07-10", l.state.Deadline().String())
	n := len(l.events)
	l.until("2025-07-17")
	require.Equal(t, []string{"07-11 00:00 overdue", "07-15 09:00 reminded press+3", "07-17 09:00 drafted letter+5"}, l.since(n))
}

func TestRearmTakesNothingOfTheRework(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	l.do("2025-06-26", obligation.Submit, "初稿")
	l.put("2025-06-27", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-08-29")})
	l.put("2025-07-01", obligation.Command{Kind: obligation.Rearm, Text: "清单调整", Facts: moved("2025-07-31")})
	require.Equal(t, "2025-07-31", l.state.Due.String())
	require.Equal(t, "2025-08-29", l.state.Deadline().String())
	l.put("2025-07-02", obligation.Command{Kind: obligation.Rearm, Text: "清单调整", Facts: moved("2025-09-30")})
	require.Equal(t, "2025-09-30", l.state.Deadline().String())
}

func TestRearmOfOtherFacts(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-23 10:00")
	l.until("2025-06-25")
	change := func(f func(*obligation.Facts)) obligation.Event {
		facts := l.state.Facts
		f(&facts)
		facts.ID.Unit = "somebody-else"
		return l.put("2025-06-25 10:00", obligation.Command{Kind: obligation.Rearm, Text: "更正", Facts: &facts})
	}
	require.Empty(t, change(func(f *obligation.Facts) { f.UnitName = "华阳街道" }).To, "a unit needs no notice of its own name")
	require.Equal(t, obligation.ToUnit, change(func(f *obligation.Facts) { f.Title = "修订判定标准汇编" }).To)
	require.Equal(t, obligation.ToUnit, change(func(f *obligation.Facts) { f.Quote = "修订" }).To)
	require.Equal(t, obligation.ToUnit, change(func(f *obligation.Facts) { f.Done = "汇编再次印发" }).To)
	require.Equal(t, "huayang", l.state.ID.Unit, "an obligation never becomes another")
	require.Equal(t, "华阳街道", l.state.UnitName)
	require.Equal(t, "06-27 09:00 reminded remind-1", l.next(), "what was sent is not sent again")
	require.Zero(t, l.state.RoundSeq)
}

func TestRearmOfThePolicy(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-19 10:00")
	l.until("2025-06-25") // sign+2 on 23 June, remind-3 on 25 June
	same := l.state.Policy
	e := l.put("2025-06-25 09:30", obligation.Command{Kind: obligation.Rearm, Text: "日历更新", Policy: &same})
	require.Nil(t, e.Policy, "a ledger repeats no policy")
	require.Empty(t, obligation.Notices(l.state, e))

	changed := with(due("2025-06-30")).Policy
	for i := range changed.Ladder.Steps {
		switch st := &changed.Ladder.Steps[i]; st.Code {
		case "remind-3":
			st.Offset = -2 // tomorrow: it was sent for another day
		case "remind-7":
			st.Offset = -6 // past
		case "letter+5":
			st.Offset = 4
		}
	}
	e = l.put("2025-06-25 10:00", obligation.Command{Kind: obligation.Rearm, Text: "改用新阶梯", Policy: &changed})
	require.NotNil(t, e.Policy)
	require.Equal(t, obligation.Remind, l.state.HighestRung(), "the reminder to sign was sent, and is the same in both")
	require.Nil(t, e.Facts, "nor facts that hold already")
	require.Empty(t, e.Due)
	n := len(l.events)
	l.until("2025-07-04")
	require.Equal(t, []string{
		"06-26 09:00 reminded remind-3", "06-27 09:00 reminded remind-1", "06-30 09:00 reminded sign+2 ×2", "07-01 00:00 overdue",
		"07-03 09:00 reminded press+3", "07-04 09:00 drafted letter+5",
	}, l.since(n))
	require.Equal(t, "2025-06-30", l.state.Deadline().String())
}

// A ladder that lacks a rung that was reached goes on above it.
func TestRearmWithAnotherLadder(t *testing.T) {
	tests := map[string][]string{
		"circular+15":  {"letter+5", "circular+15", "interview+30"},
		"interview+30": {"circular+15", "letter+5", "interview+30"}, // circulars come before letters there
		"":             {"interview+30", "circular+15", "letter+5"},
	}
	for want, ladder := range tests {
		l := open(t, with(due("2025-06-30"), steps("letter+5")), "2025-06-19")
		l.until("2025-07-07")
		l.issue("2025-07-07 10:00", 0)
		policy := with(due("2025-06-30"), steps(ladder...)).Policy
		l.put("2025-07-08 10:00", obligation.Command{Kind: obligation.Rearm, Text: "改用新阶梯", Policy: &policy})
		next, _ := obligation.NextStep(l.state, l.cal)
		require.Equal(t, want, next.Step.Code)
	}
	l := open(t, with(due("2025-06-30"), steps("circular+15")), "2025-06-19")
	l.until("2025-07-21")
	l.issue("2025-07-21 10:00", 0)
	policy := with(due("2025-06-30"), steps("letter+5", "interview+30")).Policy
	l.put("2025-07-22 10:00", obligation.Command{Kind: obligation.Rearm, Text: "改用新阶梯", Policy: &policy})
	next, _ := obligation.NextStep(l.state, l.cal)
	require.Equal(t, "interview+30", next.Step.Code, "no letter after a circular")
}
