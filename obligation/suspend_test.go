package obligation_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/calendar"
	"duban/obligation"
)

func TestSuspension(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20 10:00")
	l.do("2025-06-23 10:00", obligation.Sign, "")
	l.do("2025-06-26 10:00", obligation.Suspend, "上级正在修订标准")
	require.Equal(t, &obligation.Suspension{
		Seq: 4, At: moment("2025-06-26 10:00").UTC(), From: moment("2025-06-26 10:00").UTC(), Reason: "上级正在修订标准",
	}, l.state.Suspension)
	require.Equal(t, "office", l.state.WaitingOn())
	require.Empty(t, l.next())
	require.Empty(t, l.tick("2025-08-01 10:00"), "nothing happens by itself")
	require.Equal(t, obligation.Green, obligation.LightAt(l.state, l.cal, moment("2025-08-01 10:00")), "suspended time is not overdue")
	e := l.do("2025-08-01 15:00", obligation.Resume, "标准已经印发")
	require.Equal(t, 26, e.Days)
	require.Equal(t, "2025-08-05", e.Due.String(), "two working days were left, and two are")
	require.Equal(t, "2025-08-05", l.state.Deadline().String())
	require.Equal(t, "2025-08-05", l.state.Due.String())
	require.Equal(t, "2025-06-30", l.state.Original.String(), "the original date stays visible")
	require.Equal(t, 26, l.state.SuspendedDays)
	require.Nil(t, l.state.Suspension)
	l.until("2025-08-12")
	require.Equal(t, []string{
		"06-20 10:00 opened", "06-23 10:00 signed", "06-25 09:00 reminded remind-3", "06-26 10:00 suspended", "08-01 15:00 resumed",
		"08-04 09:00 reminded remind-1", "08-06 00:00 overdue", "08-08 09:00 reminded press+3", "08-12 09:00 drafted letter+5",
	}, l.told())
	require.Contains(t, obligation.Notices(l.state, l.events[5])[0].Why, "期限：2025年8月5日（原定2025年6月30日）；已扣除中止的26个工作日")
}

// What was late stays late, with the distance that it had.
func TestSuspensionOfWhatIsOverdue(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("press+3", "letter+5", "circular+15")), "2025-06-20")
	l.until("2025-07-10")
	l.issue("2025-07-10 10:00", 1)
	l.do("2025-07-11 10:00", obligation.Suspend, "台风")
	require.Equal(t, obligation.Yellow, obligation.LightAt(l.state, l.cal, moment("2025-07-20")))
	l.do("2025-07-18 10:00", obligation.Resume, "恢复")
	require.Equal(t, "2025-07-07", l.state.Deadline().String())
	require.True(t, l.state.Overdue)
	require.Equal(t, obligation.Red, obligation.LightAt(l.state, l.cal, moment("2025-07-18 10:00")))
	l.until("2025-07-28")
	require.Equal(t, []string{
		"07-18 10:00 resumed", "07-24 09:00 reminded press+3 ×3", "07-28 09:00 drafted circular+15",
	}, l.since(7), "no second overdue, and the fifth and the fifteenth day are those that they were")
	require.Equal(t, "该事项恢复办理，中止5个工作日，期限相应顺延至2025年7月7日，仍已逾期，请尽快完成并报送。理由：恢复",
		obligation.Notices(obligation.Replay(obligation.State{}, l.events[:8]), l.events[7])[0].Text)
}

func TestWhatIsLateFromARefusalStaysSo(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("press+3", "letter+5", "review+3")), "2025-06-20")
	l.ask("2025-06-30 17:00", "2025-07-31")
	l.do("2025-07-09 15:00", obligation.RefuseExtension, "理由不充分")
	l.tick("2025-07-09 15:00")
	l.do("2025-07-10 10:00", obligation.Suspend, "台风")
	l.do("2025-07-17 10:00", obligation.Resume, "恢复")
	require.Equal(t, "2025-07-07", l.state.Deadline().String())
	require.Equal(t, "07-21 09:00 reminded press+3", l.next(), "three working days after the refusal, and five")
	l.until("2025-07-21")
	require.Contains(t, obligation.Notices(l.state, l.events[len(l.events)-1])[0].Why, "逾期后的措施从2025年7月16日起算；已扣除中止的5个工作日")
}

func TestSigningIsAskedForAnewAfterASuspension(t *testing.T) {
	l := open(t, with(due("2025-12-31"), steps("sign+2")), "2025-06-02")
	l.until("2025-06-11")
	l.do("2025-06-12 10:00", obligation.Suspend, "待定")
	l.do("2025-06-20 10:00", obligation.Resume, "恢复")
	require.Equal(t, "06-24 09:00 reminded sign+2", l.next())
}

func TestCureBeginsAnewAfterASuspension(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("letter+5", "circular+15")), "2025-06-20")
	l.until("2025-07-07")
	l.issue("2025-07-18 10:00", 1)
	l.do("2025-07-18 11:00", obligation.Suspend, "待定")
	l.do("2025-08-01 10:00", obligation.Resume, "恢复")
	require.Equal(t, "08-08 09:00 drafted circular+15", l.next())
}

func TestSuspensionEndsAnApplicationAndHoldsADraft(t *testing.T) {
	l := at(t, "asked")
	l.do("2025-07-09 10:00", obligation.Suspend, "待定")
	require.Nil(t, l.state.Application)
	require.Equal(t, "2025-06-30", l.state.Deadline().String())
	l.do("2025-07-16 10:00", obligation.Resume, "恢复")
	require.Equal(t, "2025-07-16", l.state.Deadline().String(), "whoever was not late is not late on the day he resumes")

	l = at(t, "open+draft")
	l.do("2025-07-09 10:00", obligation.Suspend, "待定")
	drafted := obligation.Notice{Kind: obligation.Drafted, Rung: obligation.Letter, To: obligation.ToOffice}
	require.False(t, drafted.Current(l.state))
	require.True(t, l.state.DraftHeld())
	_, err := l.decide("2025-07-10 10:00", obligation.Command{Kind: obligation.Issue, Rung: obligation.Letter, Number: "1"})
	requireCode(t, obligation.CodeSuspended, err)
	l.do("2025-07-11 10:00", obligation.Resume, "恢复")
	require.True(t, drafted.Current(l.state))
	l.issue("2025-07-11 11:00", 1)
}

func TestWhoMayDoWhatWhileItIsSuspended(t *testing.T) {
	for _, situation := range []string{"open", "signed", "returned", "asked", "open+draft"} {
		l := at(t, situation)
		_, err := l.decide("2025-07-09 10:00", obligation.Command{Kind: obligation.Resume, Text: "恢复"})
		requireCode(t, obligation.CodeNotSuspended, err)
		_, err = l.decide("2025-07-09 10:00", obligation.Command{Kind: obligation.Suspend})
		requireCode(t, obligation.CodeReasonMissing, err)
		l.do("2025-07-09 10:00", obligation.Suspend, "待定")
		for _, kind := range []obligation.CommandKind{
			obligation.Sign, obligation.Submit, obligation.Accept, obligation.Return, obligation.Nudge, obligation.Issue, obligation.Suspend,
			obligation.AskExtension, obligation.GrantExtension, obligation.RefuseExtension,
		} {
			_, err := l.decide("2025-07-10 10:00", obligation.Command{Kind: kind, Text: "已完成", Rung: obligation.Letter})
			requireCode(t, obligation.CodeSuspended, err)
		}
		_, err = l.decide("2025-07-10 10:00", obligation.Command{Kind: obligation.Resume, Text: " "})
		requireCode(t, obligation.CodeReasonMissing, err)
	}
	for _, situation := range []string{"submitted", "submitted+draft"} {
		_, err := at(t, situation).decide("2025-07-09 10:00", obligation.Command{Kind: obligation.Suspend, Text: "待定"})
		requireCode(t, obligation.CodeInReview, err)
	}
	l := at(t, "signed")
	l.do("2025-07-09 10:00", obligation.Suspend, "待定")
	l.do("2025-07-10 10:00", obligation.Waive, "上级取消")
	require.Nil(t, l.state.Suspension)
	require.Empty(t, l.state.WaitingOn())
}

// A deadline that is given during a suspension loses only what follows it.
func TestRearmedWhileItIsSuspended(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	l.do("2025-06-10 10:00", obligation.Suspend, "待定")
	e := l.put("2025-07-10 10:00", obligation.Command{Kind: obligation.Rearm, Text: "清单调整", Facts: moved("2025-09-30")})
	require.NotNil(t, l.state.Suspension)
	require.Empty(t, l.next())
	require.Equal(t, "office", l.state.WaitingOn())
	require.False(t, obligation.Notices(l.state, e)[0].Current(l.state), "nothing is sent")
	l.do("2025-07-17 10:00", obligation.Resume, "恢复")
	require.Equal(t, "2025-10-14", l.state.Deadline().String(), "five working days, the holidays not counted")
	// The plan says what it said before: that takes nothing back.
	events, err := l.decide("2025-07-18 10:00", obligation.Command{Kind: obligation.Rearm, Text: "日历", Facts: moved("2025-09-30")})
	requireCode(t, obligation.CodeNothingToDo, err)
	require.Empty(t, events)
}

func TestReworkThatIsSuspended(t *testing.T) {
	l := at(t, "returned")
	was := l.state
	l.do("2025-07-09 10:00", obligation.Suspend, "待定")
	l.do("2025-07-16 10:00", obligation.Resume, "恢复")
	require.Equal(t, was.Due, l.state.Due, "only the deadline of the rework moves")
	require.Equal(t, holidays.AddWorkdays(was.Deadline(), 5), l.state.Deadline())
}

func TestNoticesAroundASuspension(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-26 08:00")
	opened := obligation.Notices(l.state, l.events[0])[0]
	l.until("2025-06-27")
	before := obligation.Notices(l.state, l.events[1])[0]
	suspended := obligation.Notices(l.state, l.do("2025-06-27 10:00", obligation.Suspend, "待定"))[0]
	require.Equal(t, "该事项中止办理，恢复之前不必报送，也不会催办。理由：待定", suspended.Text)
	require.Equal(t, obligation.ToUnit, suspended.To)
	require.True(t, suspended.Current(l.state))
	require.False(t, opened.Current(l.state))
	require.False(t, before.Current(l.state))
	resumed := obligation.Notices(obligation.State{}, obligation.Event{Kind: obligation.Nudged})[0]
	require.False(t, resumed.Current(l.state))
	resumed = obligation.Notices(l.state, l.do("2025-07-01 10:00", obligation.Resume, "恢复"))[0]
	resumed.Seq = l.state.Seq
	require.True(t, resumed.Current(l.state))
	require.False(t, suspended.Current(l.state))
	require.False(t, before.Current(l.state), "it names a deadline that holds no more")
	l.do("2025-07-01 11:00", obligation.Submit, "已完成")
	require.False(t, resumed.Current(l.state))
}

// Whatever the ladder: a suspension before the deadline only moves all that follows by its working days.
func TestSuspensionMovesEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, _ := anyOpening(t)
		o.Facts.Due = holidays.NextWorkday(max(o.Facts.Due, calendar.MustDate("2024-06-01")))
		o.Facts.BeforeIssue, o.Outcome, o.AsOf, o.Policy.At = false, "", 0, 9*time.Hour
		opened := o.Facts.Due.AddDays(-80).At(8*time.Hour, shanghai)
		stop := holidays.AddWorkdays(o.Facts.Due, -rapid.IntRange(0, 40).Draw(t, "before")).At(12*time.Hour, shanghai)
		days := rapid.IntRange(1, 100).Draw(t, "days")
		follow := func(suspended bool) []string {
			s := obligation.Apply(obligation.State{}, obligation.Open(o, holidays, opened))
			var told []string
			from := calendar.DateOf(stop, shanghai)
			put := func(c obligation.Command, now time.Time) {
				events, err := obligation.Decide(s, c, holidays, now)
				require.NoError(t, err)
				s = obligation.Replay(s, events)
				for _, e := range events {
					if now.After(stop) && c.Kind == obligation.Tick {
						told = append(told, fmt.Sprintf("%s %s %d", e.Kind, e.Step, holidays.WorkdaysBetween(from, calendar.DateOf(e.At.Add(-time.Nanosecond), shanghai))))
					}
				}
			}
			put(obligation.Command{Kind: obligation.Sign}, opened)
			walk := func(until time.Time) {
				for {
					next, ok := obligation.NextStep(s, holidays)
					if !ok || next.At.After(until) {
						return
					}
					put(tickCommand, next.At)
					if rung, waits := s.PendingDraft(); waits {
						put(obligation.Command{Kind: obligation.Issue, Rung: rung, Number: "号"}, next.At)
					}
				}
			}
			walk(stop)
			if suspended {
				put(obligation.Command{Kind: obligation.Suspend, Text: "待定"}, stop)
				from = holidays.AddWorkdays(from, days)
				put(obligation.Command{Kind: obligation.Resume, Text: "恢复"}, from.At(12*time.Hour, shanghai))
			}
			walk(holidays.AddWorkdays(from, 60).At(12*time.Hour, shanghai))
			return told
		}
		require.Equal(t, follow(false), follow(true))
	})
}
