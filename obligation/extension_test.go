package obligation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

func TestExtension(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20 10:00")
	l.do("2025-06-23 10:00", obligation.Sign, "")
	l.ask("2025-06-26 10:00", "2025-07-31")
	require.Equal(t, "office", l.state.WaitingOn())
	require.Equal(t, "2025-06-30", l.state.Deadline().String(), "what is wished for does not hold yet")
	e := l.put("2025-06-27 15:00", obligation.Command{Kind: obligation.GrantExtension, Text: "请抓紧"})
	require.Equal(t, "2025-07-31", e.Due.String())
	require.Equal(t, "2025-07-31", l.state.Due.String())
	require.Equal(t, "2025-07-31", l.state.Deadline().String())
	require.Equal(t, "2025-06-30", l.state.Original.String(), "the original date stays visible")
	require.Equal(t, "huayang", l.state.WaitingOn())
	require.Equal(t, obligation.StageSigned, l.state.Stage)
	require.Equal(t, []int{1, 1}, []int{l.state.Asked, l.state.Extensions})
	l.until("2025-08-07")
	require.Equal(t, []string{
		"06-20 10:00 opened", "06-23 10:00 signed", "06-25 09:00 reminded remind-3", "06-26 10:00 extension_asked",
		"06-27 09:00 reminded remind-1", // the deadline still lies ahead
		"06-27 15:00 extended",
		"07-10 09:00 reminded remind-15", "07-22 09:00 reminded remind-7", "07-28 09:00 reminded remind-3", "07-30 09:00 reminded remind-1",
		"08-01 00:00 overdue", "08-05 09:00 reminded press+3", "08-07 09:00 drafted letter+5",
	}, l.told())
}

// The office holds the ball: nothing follows from a deadline that passes meanwhile, and it is reminded itself.
func TestNothingFollowsFromTheDeadlineWhileTheOfficeThinks(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20 10:00")
	l.ask("2025-06-30 17:00", "2025-07-31")
	l.until("2025-07-15")
	require.Equal(t, []string{
		"06-20 10:00 opened", "06-24 09:00 reminded sign+2", "06-25 09:00 reminded remind-3", "06-27 09:00 reminded remind-1",
		"06-30 17:00 extension_asked",
		"07-03 09:00 reminded review+3", "07-08 09:00 reminded review+3 ×2", "07-11 09:00 reminded review+3 ×3",
	}, l.told())
	require.Equal(t, obligation.Yellow, obligation.LightAt(l.state, l.cal, moment("2025-07-15")), "not overdue")
	require.False(t, l.state.WasOverdue)
	events := l.tick("2025-09-01 10:00")
	require.Equal(t, []string{"09-01 10:00 reminded review+3 ×15"}, tell(events), "nor after an outage")
	require.Empty(t, l.tick("2025-09-01 10:00"))

	silent := open(t, with(due("2025-06-30"), steps("remind-1", "letter+5")), "2025-06-20")
	silent.ask("2025-06-30 17:00", "2025-07-31")
	require.Empty(t, silent.next(), "it waits for the office alone")
}

// What repeats up to the deadline, or until it is signed for, does not go on beyond it.
func TestRepetitionsEndWithTheDeadlineWhileTheOfficeThinks(t *testing.T) {
	o := with(due("2025-06-30"), steps("sign+2", "remind-3"), func(o *obligation.Opening) { o.Policy.Ladder.Steps[1].Every = 2 })
	l := open(t, o, "2025-06-20")
	l.ask("2025-06-24 10:00", "2025-07-31")
	l.until("2025-09-01")
	require.Equal(t, []string{
		"06-20 09:00 opened", "06-24 09:00 reminded sign+2", "06-24 10:00 extension_asked", "06-25 09:00 reminded remind-3", "06-27 09:00 reminded remind-3 ×2",
	}, l.told())
	late := open(t, o, "2025-06-20")
	late.ask("2025-06-24 10:00", "2025-07-31")
	events := late.tick("2025-09-01")
	require.Equal(t, []string{"09-01 09:00 reminded remind-3 ×2"}, tell(events))
	require.Equal(t, 1, events[0].Missed, "those beyond the deadline were not missed")
}

func TestRefusedBeforeTheDeadline(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("remind-1", "press+3", "letter+5", "review+3")), "2025-06-20")
	l.ask("2025-06-23 10:00", "2025-07-31")
	e := l.do("2025-06-26 10:00", obligation.RefuseExtension, "理由不充分")
	require.Equal(t, "2025-06-30", e.Due.String(), "the ledger says which deadline holds")
	require.Equal(t, "huayang", l.state.WaitingOn())
	l.until("2025-07-07")
	require.Equal(t, []string{
		"06-20 09:00 opened", "06-23 10:00 extension_asked", "06-26 09:00 reminded review+3", "06-26 10:00 extension_refused",
		"06-27 09:00 reminded remind-1", "07-01 00:00 overdue", "07-03 09:00 reminded press+3", "07-07 09:00 drafted letter+5",
	}, l.told())
	require.NotContains(t, obligation.Notices(l.state, l.events[7])[0].Why, "答复延期申请")
}

// The lapse is not lost, and the time that the office took is not counted against the unit.
func TestRefusedAfterTheDeadline(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("remind-1", "press+3", "letter+5", "circular+15", "review+3")), "2025-06-20")
	l.ask("2025-06-30 17:00", "2025-07-31")
	l.do("2025-07-09 15:00", obligation.RefuseExtension, "理由不充分")
	require.Equal(t, "07-01 00:00 overdue", l.next())
	require.Equal(t, obligation.Red, obligation.LightAt(l.state, l.cal, moment("2025-07-09 15:00")))
	l.tick("2025-07-09 15:00")
	l.until("2025-07-16")
	l.issue("2025-07-16 10:00", 1)
	l.until("2025-07-30")
	require.Equal(t, []string{
		"07-03 09:00 reminded review+3", "07-08 09:00 reminded review+3 ×2", "07-09 15:00 extension_refused", "07-09 15:00 overdue",
		"07-14 09:00 reminded press+3", "07-16 09:00 drafted letter+5", "07-16 10:00 issued letter", "07-21 09:00 reminded press+3 ×2",
		"07-28 09:00 reminded press+3 ×3", "07-30 09:00 drafted circular+15",
	}, l.since(3))
	why := obligation.Notices(l.state, l.events[7])[0].Why
	require.Contains(t, why, "期限：2025年6月30日；逾期后的措施从2025年7月9日（答复延期申请之日）起算")

	// A new deadline has its own count.
	l.do("2025-07-31 10:00", obligation.Submit, "已完成")
	l.put("2025-07-31 11:00", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-08-05")})
	require.Zero(t, l.state.Refused)
}

// Two letters within a year bring nobody in before the day after the refusal.
func TestInterviewWaitsForTheDayAfterTheRefusal(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("interview+30"), func(o *obligation.Opening) { o.Policy.Ladder.Steps[0].Letters = 0 }), "2025-06-20")
	l.state.Letters = 2
	l.ask("2025-06-30 17:00", "2025-07-31")
	l.do("2025-07-09 15:00", obligation.RefuseExtension, "理由不充分")
	l.state.Policy.Ladder.Steps[0].Letters = 2
	l.tick("2025-07-09 15:00")
	require.Equal(t, "07-10 09:00 drafted interview+30", l.next())
}

func TestWhatIsDoneBeforeTheNextTickSeesTheLapse(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("remind-1")), "2025-06-20")
	l.ask("2025-06-30 17:00", "2025-07-31")
	l.do("2025-07-09 15:00", obligation.RefuseExtension, "理由不充分")
	_, err := l.decide("2025-07-09 15:01", obligation.Command{Kind: obligation.AskExtension, Text: "再申请", Due: calendar.MustDate("2025-08-29")})
	requireCode(t, obligation.CodeExtensionLate, err)
	events, err := l.decide("2025-07-09 15:01", obligation.Command{Kind: obligation.Submit, Text: "已完成"})
	require.NoError(t, err)
	require.Equal(t, []string{"07-09 15:01 overdue", "07-09 15:01 submitted"}, tell(events))
}

func TestUntilWhenOneMayAsk(t *testing.T) {
	for when, want := range map[string]obligation.ErrorCode{"2025-06-30 23:59": "", "2025-07-01 00:00": obligation.CodeExtensionLate} {
		l := open(t, with(due("2025-06-28"), steps("remind-1")), "2025-06-20") // a Saturday: it has the whole Monday
		_, err := l.decide(when, obligation.Command{Kind: obligation.AskExtension, Text: "材料未齐", Due: calendar.MustDate("2025-07-31")})
		if want == "" {
			require.NoError(t, err)
			continue
		}
		requireCode(t, want, err)
	}
	l := open(t, with(due("2025-06-28"), steps("remind-1")), "2025-06-20")
	for _, wish := range []string{"2025-06-28", "2025-06-29"} {
		_, err := l.decide("2025-06-29 10:00", obligation.Command{Kind: obligation.AskExtension, Text: "材料未齐", Due: calendar.MustDate(wish)})
		requireCode(t, obligation.CodeDueInvalid, err)
	}
	_, err := l.decide("2025-06-29 10:00", obligation.Command{Kind: obligation.AskExtension, Text: "材料未齐"})
	requireCode(t, obligation.CodeDueInvalid, err)
	owed := open(t, with(due("2025-06-30"), asOf("2025-07-31"), outcome(obligation.Owed)), "2025-07-01")
	_, err = owed.decide("2025-07-02", obligation.Command{Kind: obligation.AskExtension, Text: "材料未齐", Due: calendar.MustDate("2025-08-29")})
	requireCode(t, obligation.CodeExtensionLate, err)
	exempt := open(t, with(due("2025-06-30"), beforeIssue), "2025-06-20")
	_, err = exempt.decide("2025-06-23", obligation.Command{Kind: obligation.AskExtension, Text: "材料未齐", Due: calendar.MustDate("2025-08-29")})
	requireCode(t, obligation.CodeExtensionLate, err)
}

func TestExtensionsAreBounded(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20")
	l.ask("2025-06-23 10:00", "2025-07-31")
	l.do("2025-06-24 10:00", obligation.RefuseExtension, "理由不充分")
	for _, until := range []string{"2025-07-11", "2025-07-18"} {
		l.ask("2025-06-25 10:00", until)
		l.do("2025-06-25 11:00", obligation.GrantExtension, "")
	}
	_, err := l.decide("2025-06-26", obligation.Command{Kind: obligation.AskExtension, Text: "再申请", Due: calendar.MustDate("2025-08-29")})
	requireCode(t, obligation.CodeExtensionsUsed, err)
	require.Equal(t, []int{3, 2}, []int{l.state.Asked, l.state.Extensions}, "those that were refused do not count")
	require.Equal(t, "2025-06-30", l.state.Original.String())

	none := open(t, with(due("2025-06-30"), func(o *obligation.Opening) { o.Policy.Ladder.Extensions = 0 }), "2025-06-20")
	_, err = none.decide("2025-06-26", obligation.Command{Kind: obligation.AskExtension, Text: "申请", Due: calendar.MustDate("2025-08-29")})
	requireCode(t, obligation.CodeExtensionsUsed, err)
}

func TestFewerExtensionsThanWhenItWasAskedFor(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20")
	l.ask("2025-06-23 10:00", "2025-07-31")
	policy := with(due("2025-06-30")).Policy
	policy.Ladder.Extensions = 0
	l.put("2025-06-23 11:00", obligation.Command{Kind: obligation.Rearm, Text: "不再允许延期", Policy: &policy})
	require.NotNil(t, l.state.Application, "another ladder answers nobody")
	_, err := l.decide("2025-06-24", obligation.Command{Kind: obligation.GrantExtension})
	requireCode(t, obligation.CodeExtensionsUsed, err)
	l.do("2025-06-24", obligation.RefuseExtension, "不再允许延期")
}

func TestOfficeNamesAnotherDay(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20")
	l.ask("2025-06-27 10:00", "2025-07-04")
	for _, day := range []string{"2025-06-27", "2025-06-30"} {
		_, err := l.decide("2025-06-27 11:00", obligation.Command{Kind: obligation.GrantExtension, Due: calendar.MustDate(day)})
		requireCode(t, obligation.CodeDueInvalid, err)
	}
	_, err := l.decide("2025-07-04 11:00", obligation.Command{Kind: obligation.GrantExtension})
	requireCode(t, obligation.CodeDueInvalid, err) // the office took too long for the day applied for
	e := l.put("2025-07-04 11:00", obligation.Command{Kind: obligation.GrantExtension, Due: calendar.MustDate("2025-07-05")})
	require.Equal(t, "2025-07-05", e.Due.String())
	require.False(t, l.state.WasOverdue)
}

func TestExtensionOfARework(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	l.do("2025-06-26", obligation.Submit, "初稿")
	l.put("2025-06-27", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-07-04")})
	l.ask("2025-07-03", "2025-07-18")
	l.put("2025-07-04", obligation.Command{Kind: obligation.GrantExtension})
	require.Equal(t, "2025-06-30", l.state.Due.String(), "only the deadline of the rework moves")
	require.Equal(t, "2025-07-18", l.state.Deadline().String())
	require.Equal(t, []int{1, 1}, []int{l.state.Round, l.state.Extensions})
	l.put("2025-07-07", obligation.Command{Kind: obligation.Rearm, Text: "清单调整", Facts: moved("2025-07-11")})
	require.Equal(t, "2025-07-18", l.state.Deadline().String(), "a re-arming takes nothing of it")
}

func TestWhatEndsAnApplication(t *testing.T) {
	asked := func() *life {
		l := open(t, with(due("2025-06-30"), steps("remind-1", "press+3", "review+3")), "2025-06-20")
		l.ask("2025-06-30 10:00", "2025-07-31")
		return l.until("2025-07-03")
	}
	l := asked()
	l.do("2025-07-04 10:00", obligation.Submit, "已完成")
	require.Nil(t, l.state.Application)
	require.False(t, l.state.WasOverdue, "the office had the ball when the deadline passed")
	require.Equal(t, "07-09 09:00 reminded review+3", l.next(), "the review has its own count")

	l = asked()
	l.put("2025-07-04 10:00", obligation.Command{Kind: obligation.Rearm, Text: "市里改期", Facts: moved("2025-08-29")})
	require.Nil(t, l.state.Application)
	require.Equal(t, "huayang", l.state.WaitingOn())

	l = asked()
	facts := *moved("2025-06-30")
	facts.UnitName = "华阳街道"
	l.put("2025-07-04 10:00", obligation.Command{Kind: obligation.Rearm, Text: "更名", Facts: &facts})
	require.NotNil(t, l.state.Application, "the deadline is the same")
}

// A new calendar, or another wording, re-arms with the plan's own date. That takes no extension back.
func TestRearmWithTheDateThatThePlanHadKeepsTheExtension(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20")
	for _, until := range []string{"2025-07-11", "2025-07-31"} {
		l.ask("2025-06-25 10:00", until)
		l.do("2025-06-25 11:00", obligation.GrantExtension, "")
	}
	_, err := l.decide("2025-06-26", obligation.Command{Kind: obligation.Rearm, Text: "日历更新", Facts: moved("2025-06-30")})
	requireCode(t, obligation.CodeNothingToDo, err)
	facts := *moved("2025-06-30")
	facts.Title = "修订判定标准汇编"
	l.put("2025-06-26", obligation.Command{Kind: obligation.Rearm, Text: "更正", Facts: &facts})
	require.Equal(t, "修订判定标准汇编", l.state.Title)
	require.Equal(t, "2025-07-31", l.state.Due.String())
	require.Equal(t, "2025-07-31", l.state.Deadline().String())

	// Another date of the plan is on purpose, and from then on it is the plan's.
	l.put("2025-06-27", obligation.Command{Kind: obligation.Rearm, Text: "市里改期", Facts: moved("2025-08-29")})
	require.Equal(t, "2025-08-29", l.state.Due.String())
	l.put("2025-06-27", obligation.Command{Kind: obligation.Rearm, Text: "市里又改期", Facts: moved("2025-06-30")})
	require.Equal(t, "2025-06-30", l.state.Due.String())
}

func TestExtensionIntoAYearWithoutPublishedHolidays(t *testing.T) {
	l := open(t, due("2026-06-30"), "2026-06-01")
	require.False(t, l.state.Provisional)
	l.ask("2026-06-15", "2026-12-30")
	e := l.put("2026-06-15 10:00", obligation.Command{Kind: obligation.GrantExtension})
	require.True(t, e.Facts.Provisional)
	require.True(t, l.state.Provisional)
}

func TestNoticesOfAnExtension(t *testing.T) {
	told := func(l *life, e obligation.Event) obligation.Notice {
		t.Helper()
		list := obligation.Notices(l.state, e)
		require.Len(t, list, 1)
		return list[0]
	}
	l := open(t, due("2025-06-30"), "2025-06-23 10:00")
	asked := told(l, l.ask("2025-06-25 10:00", "2025-07-31"))
	require.Equal(t, obligation.ToOffice, asked.To)
	require.False(t, asked.Urgent)
	require.Equal(t, "华阳路街道申请将期限由2025年6月30日延至2025年7月31日，请同意或不同意。理由：材料未齐，已完成一半", asked.Text)
	require.Contains(t, asked.Why, "事由：申请延期；升级阶梯：标准阶梯；期限：2025年6月30日")
	require.True(t, asked.Current(l.state))

	l.until("2025-06-30 09:00")
	e := l.events[len(l.events)-1]
	require.Equal(t, "review+3", e.Step)
	undecided := told(l, e)
	require.Equal(t, obligation.ToOffice, undecided.To)
	require.Equal(t, "华阳路街道申请将期限由2025年6月30日延至2025年7月31日，还没有答复，请尽快同意或不同意。", undecided.Text)
	require.Contains(t, undecided.Why, "措施：提醒（申请延期后3个工作日未答复，其后每3个工作日一次）")
	require.True(t, undecided.Current(l.state))
	next, _ := obligation.NextStep(l.state, l.cal)
	require.Equal(t, "提醒（申请延期后3个工作日未答复，其后每3个工作日一次）", next.Describe())

	refused := told(l, l.do("2025-06-30 10:00", obligation.RefuseExtension, "理由不充分"))
	require.Equal(t, obligation.ToUnit, refused.To)
	require.True(t, refused.Urgent)
	require.Equal(t, "延期申请未获同意，期限仍为2025年6月30日，请抓紧完成并报送。理由：理由不充分", refused.Text)
	require.True(t, refused.Current(l.state))
	require.False(t, asked.Current(l.state))
	require.False(t, undecided.Current(l.state))

	second := told(l, l.ask("2025-06-30 11:00", "2025-07-31"))
	require.True(t, second.Current(l.state))
	require.False(t, asked.Current(l.state), "it is another application")
	require.False(t, undecided.Current(l.state))
	extended := told(l, l.put("2025-06-30 12:00", obligation.Command{Kind: obligation.GrantExtension, Text: "下不为例"}))
	require.Equal(t, obligation.ToUnit, extended.To)
	require.False(t, extended.Urgent)
	require.Equal(t, "延期申请已获同意，请于2025年7月31日前完成并报送。附言：下不为例", extended.Text)
	require.Contains(t, extended.Why, "期限：2025年7月31日（原定2025年6月30日）")
	require.True(t, extended.Current(l.state))
	require.False(t, refused.Current(l.state), "it names a date that no longer holds")

	l.do("2025-07-10 10:00", obligation.Submit, "已完成")
	for _, n := range []obligation.Notice{asked, undecided, refused, second, extended} {
		require.False(t, n.Current(l.state), n.Kind)
	}
	l.until("2025-07-15")
	review := told(l, l.events[len(l.events)-1])
	require.Equal(t, "华阳路街道报送的完成情况还没有审核，请尽快审核通过或退回。", review.Text)
	require.True(t, review.Current(l.state))
}

func TestStateWithAnApplicationIsPlainData(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-23 10:00")
	l.ask("2025-06-25 10:00", "2025-07-31")
	l.until("2025-06-30 09:00")
	l.do("2025-06-30 10:00", obligation.RefuseExtension, "理由不充分")
	l.ask("2025-06-30 11:00", "2025-07-31")
	l.put("2025-06-30 12:00", obligation.Command{Kind: obligation.GrantExtension})
	only := open(t, with(due("2025-06-30"), steps("review+3")), "2025-06-23 10:00")
	only.ask("2025-06-25 10:00", "2025-07-31")
	only.do("2025-07-01 10:00", obligation.RefuseExtension, "理由不充分")
	requireJSON(t, only.state)
	s := obligation.State{}
	for _, e := range l.events {
		before := s
		application := obligation.Application{}
		if before.Application != nil {
			application = *before.Application
		}
		s = obligation.Apply(s, e)
		requireJSON(t, s)
		requireJSON(t, e)
		if before.Application != nil {
			require.Equal(t, application, *before.Application, "%s changed its argument", e.Kind)
		}
	}
}
