package obligation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

// The standard ladder over a plain half-year's end, if nobody acts.
func TestStandardLadderIfNobodyActs(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-04-21") // Monday
	require.Equal(t, "04-23 09:00 reminded sign+2", l.next())
	l.until("2025-07-07")
	require.Equal(t, []string{
		"04-21 09:00 opened",
		"04-23 09:00 reminded sign+2",
		"04-29 09:00 reminded sign+2 ×2", // 27 April was made up
		"05-09 09:00 reminded sign+2 ×3", // Labour Day, 1 to 5 May
		"05-16 09:00 reminded sign+2 ×4",
		"05-23 09:00 reminded sign+2 ×5",
		"05-30 09:00 reminded sign+2 ×6",
		"06-09 09:00 reminded remind-15 (sign+2×7)", // both on one day: one reminder; Dragon Boat, 31 May to 2 June
		"06-16 09:00 reminded sign+2 ×8",
		"06-19 09:00 reminded remind-7",
		"06-23 09:00 reminded sign+2 ×9",
		"06-25 09:00 reminded remind-3",
		"06-27 09:00 reminded remind-1",
		"06-30 09:00 reminded sign+2 ×10",
		"07-01 00:00 overdue",
		"07-03 09:00 reminded press+3",
		"07-07 09:00 drafted letter+5",
	}, l.told())
	// While the draft waits, the pressing goes on and nothing formal follows.
	l.until("2025-07-10")
	require.Equal(t, []string{"07-10 09:00 reminded press+3 ×2"}, l.since(17))
	l.issue("2025-07-10 15:00", 1)
	l.until("2025-07-21")
	l.issue("2025-07-21 10:00", 1)
	l.until("2025-08-11")
	l.issue("2025-08-11 10:00", 1)
	require.Equal(t, []string{
		"07-10 15:00 issued letter",
		"07-17 09:00 reminded press+3 ×3",
		"07-21 09:00 drafted circular+15", "07-21 10:00 issued circular",
		"07-24 09:00 reminded press+3 ×4", "07-31 09:00 reminded press+3 ×5", "08-07 09:00 reminded press+3 ×6",
		"08-11 09:00 drafted interview+30", "08-11 10:00 issued interview",
	}, l.since(18))
	// The top is reached: the pressing never ends by itself.
	require.Equal(t, "08-14 09:00 reminded press+3", l.next())
	_, ok := obligation.NextNewStep(l.state, l.cal)
	require.False(t, ok, "nothing but repetitions is left")
}

// When the steps around due dates of three years fall. "-" is the end of the whole due day.
func TestStepsCountWorkingDays(t *testing.T) {
	tests := []struct {
		due  string
		rule func(*obligation.Opening)
		want string
	}{
		// A plain working day.
		{"2025-06-30", nil, "06-09 06-19 06-25 06-27 - 07-01 00:00 07-03 07-07 07-21 08-11"},
		{"2025-06-30", nextDay, "06-09 06-19 06-25 06-27 - 07-01 00:00 07-03 07-07 07-21 08-11"},
		// A Saturday: it has the whole Monday, or not.
		{"2025-06-28", nil, "06-09 06-19 06-25 06-27 - 07-01 00:00 07-03 07-07 07-21 08-11"},
		{"2025-06-28", nextDay, "06-09 06-19 06-25 06-27 - 06-29 00:00 07-02 07-04 07-18 08-08"},
		// A Saturday before a made-up Sunday, then National Day.
		{"2024-09-28", nil, "09-06 09-19 09-25 09-27 - 09-30 00:00 10-09 10-11 10-24 11-14"},
		{"2024-09-28", nextDay, "09-06 09-19 09-25 09-27 - 09-29 00:00 10-08 10-10 10-23 11-13"},
		// A made-up Sunday is a working day under both rules; the letter falls on a made-up Saturday.
		{"2025-09-28", nil, "09-08 09-18 09-24 09-26 - 09-29 00:00 10-09 10-11 10-24 11-14"},
		{"2025-09-28", nextDay, "09-08 09-18 09-24 09-26 - 09-29 00:00 10-09 10-11 10-24 11-14"},
		// A made-up Saturday after the week without a working day.
		{"2026-02-28", nil, "02-02 02-12 02-25 02-27 - 03-01 00:00 03-04 03-06 03-20 04-13"},
		// In the middle of the Spring Festival.
		{"2026-02-18", nil, "01-27 02-06 02-12 02-14 - 02-25 00:00 02-27 03-02 03-16 04-07"},
		{"2026-02-18", nextDay, "01-27 02-06 02-12 02-14 - 02-19 00:00 02-26 02-28 03-13 04-03"},
		// On the last day before the Spring Festival.
		{"2024-02-09", nil, "01-22 02-01 02-06 02-08 - 02-10 00:00 02-20 02-22 03-07 03-28"},
		// Out of the published years: the plain week.
		{"2026-12-31", nil, "12-10 12-22 12-28 12-30 - 01-01 00:00 01-05 01-07 01-21 02-11"},
	}
	for _, tt := range tests {
		name := tt.due
		o := with(due(tt.due), steps("remind-15", "remind-7", "remind-3", "remind-1", "press+3", "letter+5", "circular+15", "interview+30"),
			func(o *obligation.Opening) { o.Policy.Ladder.Steps[4].Every = 0 })
		if tt.rule != nil {
			name += " next day"
			o = with(o, tt.rule)
		}
		t.Run(name, func(t *testing.T) {
			l := open(t, o, "2023-06-01")
			var got []string
			for {
				next, ok := obligation.NextStep(l.state, l.cal)
				if !ok {
					break
				}
				l.until(next.At.In(shanghai).Format("2006-01-02 15:04"))
				if _, waits := l.state.PendingDraft(); waits {
					l.issue(next.At.In(shanghai).Format("2006-01-02 15:04"), 0)
				}
				if next.Kind == obligation.Overdue {
					got = append(got, "-", next.At.In(shanghai).Format("01-02 15:04"))
					continue
				}
				require.Equal(t, "09:00", next.At.In(shanghai).Format("15:04"))
				require.True(t, holidays.Workday(calendar.DateOf(next.At, shanghai)), "never on a rest day")
				got = append(got, next.At.In(shanghai).Format("01-02"))
			}
			require.Equal(t, tt.want, strings.Join(got, " "))
		})
	}
}

// A step on the due date itself moves before it where that is a rest day, under either rule.
func TestStepOnADueDateThatIsARestDay(t *testing.T) {
	for _, rule := range []func(*obligation.Opening){nextDay, func(*obligation.Opening) {}} {
		o := with(due("2025-06-28"), steps("remind-1"), rule, func(o *obligation.Opening) { o.Policy.Ladder.Steps[0].Offset = 0 })
		require.Equal(t, "06-27 09:00 reminded remind-1", open(t, o, "2025-06-02").next())
	}
}

func TestSigningStopsTheSignClockAndNotTheOther(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-11")
	l.until("2025-06-13")
	l.do("2025-06-16", obligation.Sign, "")
	l.until("2025-06-25")
	require.Equal(t, []string{
		"06-11 09:00 opened", "06-13 09:00 reminded sign+2", "06-16 09:00 signed", "06-19 09:00 reminded remind-7", "06-25 09:00 reminded remind-3",
	}, l.told())
}

func TestUnsignedAndOverdueIsPressedOnceNotTwice(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-25")
	l.until("2025-07-18")
	require.Equal(t, []string{
		"06-25 09:00 opened", "06-27 09:00 reminded remind-1 (sign+2×1)", "07-01 00:00 overdue", "07-03 09:00 reminded press+3",
		"07-07 09:00 drafted letter+5", "07-10 09:00 reminded press+3 ×2", "07-17 09:00 reminded press+3 ×3",
	}, l.told())
}

// What lies on the day of the opening itself is said by the opening.
func TestStepsUpToTheOpeningArePast(t *testing.T) {
	require.Equal(t, "06-27 09:00 reminded remind-1", open(t, with(due("2025-06-30"), steps("remind-3", "remind-1")), "2025-06-25 09:00").next())
	require.Equal(t, "06-25 09:00 reminded remind-3", open(t, with(due("2025-06-30"), steps("remind-3", "remind-1")), "2025-06-25 08:59").next())
}

// An obligation that opens in the middle of a repeating step joins its rhythm.
func TestRepetitionsBeforeTheOpeningArePast(t *testing.T) {
	every := with(due("2025-06-30"), steps("remind-15"), func(o *obligation.Opening) { o.Policy.Ladder.Steps[0].Every = 4 })
	for when, want := range map[string]string{
		"2025-06-06": "06-09 09:00 reminded remind-15", "2025-06-09 09:00": "06-13 09:00 reminded remind-15",
		"2025-06-12": "06-13 09:00 reminded remind-15", "2025-06-13 08:59": "06-13 09:00 reminded remind-15",
		"2025-06-13 09:00": "06-19 09:00 reminded remind-15", "2025-06-21": "06-25 09:00 reminded remind-15",
	} {
		require.Equal(t, want, open(t, every, when).next(), when)
	}
	l := open(t, every, "2025-06-12").until("2025-06-30")
	require.Equal(t, []string{"06-12 09:00 opened", "06-13 09:00 reminded remind-15 ×2", "06-19 09:00 reminded remind-15 ×3", "06-25 09:00 reminded remind-15 ×4"}, l.told())
}

func TestRepetitionBeforeDueEndsWithTheDeadline(t *testing.T) {
	every := with(due("2025-06-30"), steps("remind-3"), func(o *obligation.Opening) { o.Policy.Ladder.Steps[0].Every = 2 })
	l := open(t, every, "2025-06-24").until("2025-08-01")
	require.Equal(t, []string{"06-24 09:00 opened", "06-25 09:00 reminded remind-3", "06-27 09:00 reminded remind-3 ×2", "07-01 00:00 overdue"}, l.told())
	require.Empty(t, l.next(), "only the unit can act")
	require.Equal(t, "huayang", l.state.WaitingOn())
}

func TestAfterAnOutage(t *testing.T) {
	tests := []struct {
		name, back string
		want       []string
	}{
		{"before the deadline, one reminder stands for all", "2025-06-26 14:00", []string{
			"06-26 14:00 reminded remind-3 (remind-15×1 remind-7×1 sign+2×3)",
		}},
		{"after the deadline, its passing stands for all reminders of it", "2025-07-02 08:00", []string{
			"07-02 08:00 overdue (remind-1×1 remind-15×1 remind-3×1 remind-7×1 sign+2×3)",
		}},
		{"after the pressing, that is made up as well", "2025-07-03 09:00", []string{
			"07-03 09:00 overdue (remind-1×1 remind-15×1 remind-3×1 remind-7×1 sign+2×3)", "07-03 09:00 reminded press+3",
		}},
		{"months later: the latest pressing, and the first of the formal rungs", "2025-09-01 10:00", []string{
			"09-01 10:00 overdue (remind-1×1 remind-15×1 remind-3×1 remind-7×1 sign+2×3)", "09-01 10:00 reminded press+3 ×9",
			"09-01 10:00 drafted letter+5",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := open(t, due("2025-06-30"), "2025-06-06")
			l.tick(tt.back)
			require.Equal(t, tt.want, l.since(1))
			require.Empty(t, l.tick(tt.back), "the same instant again brings nothing")
			next, ok := obligation.NextStep(l.state, l.cal)
			require.True(t, ok)
			require.True(t, next.At.After(moment(tt.back)), "nothing is left behind")
		})
	}
}

// What would have come after the deadline is void then, and was not missed.
func TestOnlyRemindersBeforeTheDeadlineAreMissed(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-06").until("2025-06-27")
	l.tick("2025-07-02 10:00") // the next reminder to sign was for 1 July
	require.Equal(t, "07-02 10:00 overdue", l.since(len(l.events) - 1)[0])
	require.Zero(t, l.events[len(l.events)-1].Missed)
}

func TestNewStepsAndRepetitions(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("remind-3", "press+3")), "2025-06-20")
	for _, want := range []string{"remind-3", "", "press+3"} {
		next, ok := obligation.NextNewStep(l.state, l.cal)
		require.True(t, ok)
		require.Equal(t, want, next.Step.Code)
		l.until(next.At.In(shanghai).Format("2006-01-02 15:04"))
	}
	_, ok := obligation.NextNewStep(l.state, l.cal)
	require.False(t, ok)
	require.Equal(t, "07-10 09:00 reminded press+3", l.next())
}

func TestMissedRemindersAreCounted(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-06")
	events := l.tick("2025-06-26 14:00")
	// sign+2 on 10, 17 and 24 June, remind-15, -7 and -3: six, of which one is sent.
	require.Equal(t, 5, events[0].Missed)
	require.Contains(t, obligation.Notices(l.state, events[0])[0].Why, "另有5次未发出的提醒并入本次")

	l = open(t, due("2025-06-30"), "2025-06-06")
	events = l.tick("2025-08-01 14:00")
	require.Equal(t, []int{7, 4, 0}, []int{events[0].Missed, events[1].Missed, events[2].Missed}, "press on 3, 10, 17, 24 and 31 July")

	on := open(t, due("2025-06-30"), "2025-06-06").until("2025-07-31")
	for _, e := range on.events {
		require.Equal(t, len(e.Collapsed), e.Missed, "on time only what falls on one instant is sent as one")
	}
}

// After a long outage the formal rungs come one by one, each a cure period of five working days after the last.
func TestFormalRungsAfterAnOutageKeepTheCurePeriod(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("letter+5", "circular+15", "interview+30")), "2025-06-06")
	l.tick("2025-11-03 10:00")
	l.until("2025-12-01")
	require.Equal(t, []string{"11-03 10:00 overdue", "11-03 10:00 drafted letter+5"}, l.since(1), "the next waits for the sign-off of this")
	l.issue("2025-12-01 16:00", 1)
	l.until("2025-12-08")
	require.Equal(t, "12-08 09:00 drafted circular+15", l.since(4)[0])
	l.put("2025-12-09 10:00", obligation.Command{Kind: obligation.WithdrawDoc, Rung: obligation.Circular, Text: "改为约谈"})
	l.until("2025-12-31")
	require.Equal(t, []string{
		"11-03 10:00 overdue", "11-03 10:00 drafted letter+5", "12-01 16:00 issued letter",
		"12-08 09:00 drafted circular+15", "12-09 10:00 withdrawn circular", "12-16 09:00 drafted interview+30",
	}, l.since(1))
	require.Equal(t, obligation.Interview, l.state.HighestRung())
}

// "约谈、通报、曝光" is an order that the plan itself names: the ladder's own order counts.
func TestFormalRungsFollowTheLaddersOwnOrder(t *testing.T) {
	o := with(due("2025-06-30"), steps("interview+30", "circular+15", "letter+5"), func(o *obligation.Opening) {
		for i, offset := range []int{3, 10, 20} {
			o.Policy.Ladder.Steps[i].Offset, o.Policy.Ladder.Steps[i].Letters = offset, 0
		}
	})
	require.Empty(t, o.Policy.Ladder.Validate())
	l := open(t, o, "2025-06-06")
	for _, day := range []string{"2025-07-03", "2025-07-14", "2025-07-28"} {
		l.until(day)
		l.issue(day, 0)
	}
	require.Equal(t, []string{
		"07-01 00:00 overdue", "07-03 09:00 drafted interview+30", "07-03 09:00 issued interview", "07-14 09:00 drafted circular+15",
		"07-14 09:00 issued circular", "07-28 09:00 drafted letter+5", "07-28 09:00 issued letter",
	}, l.since(1))
	require.Empty(t, l.next())
}

func TestSecondLetterWithinAYearBringsTheInterviewForward(t *testing.T) {
	for letters, want := range map[int]string{0: "07-21 09:00 drafted circular+15", 1: "07-21 09:00 drafted circular+15", 2: "07-15 09:00 drafted interview+30", 7: "07-15 09:00 drafted interview+30"} {
		l := open(t, with(due("2025-06-30"), steps("letter+5", "circular+15", "interview+30")), "2025-06-06")
		l.until("2025-07-07")
		l.issue("2025-07-08 10:00", letters)
		require.Equal(t, want, l.next(), "%d letters", letters)
	}
}

func TestInterviewBroughtForwardSaysSo(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("letter+5", "interview+30")), "2025-06-06")
	l.until("2025-07-07")
	require.Contains(t, obligation.Notices(l.state, l.events[2])[0].Why, "督促函（逾期5个工作日）")
	l.issue("2025-07-08 10:00", 3)
	next, _ := obligation.NextStep(l.state, l.cal)
	require.Equal(t, "约谈（一年内督促函达到2份，提前进行）", next.Describe())
	require.Equal(t, "一年内督促函达到2份，提前进行：约谈", next.Reason())
	l.until("2025-07-15")
	e := l.events[len(l.events)-1]
	require.Equal(t, "interview+30", e.Step)
	require.Contains(t, obligation.Notices(l.state, e)[0].Why, "约谈（一年内督促函达到2份，提前进行）")
	require.Equal(t, next.Reason(), obligation.Reason(l.state, e))
}

// What the letters brought forward stays forward, however few letters a later sign-off counts.
func TestLettersAreNotForgotten(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("letter+5", "circular+15", "interview+30"), func(o *obligation.Opening) {
		o.Policy.Ladder.Steps[1].Letters = 2
	}), "2025-06-06")
	l.until("2025-07-07")
	l.issue("2025-07-07 10:00", 2)
	l.until("2025-07-14")
	l.issue("2025-07-14 10:00", 0)
	require.Equal(t, "07-21 09:00 drafted interview+30", l.next())
}

// Two letters within a year bring nobody in while he still has time.
func TestInterviewWaitsForTheDeadlineOfTheRework(t *testing.T) {
	l := open(t, with(due("2025-06-30"), steps("letter+5", "interview+30")), "2025-06-06")
	l.until("2025-07-07")
	l.issue("2025-07-07 10:00", 2)
	l.do("2025-07-08 10:00", obligation.Submit, "已完成")
	l.put("2025-07-09 10:00", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-07-31")})
	l.until("2025-08-15")
	require.Equal(t, []string{"08-01 00:00 overdue", "08-01 09:00 drafted interview+30"}, l.since(6))
}

func TestNextDescribes(t *testing.T) {
	st := standard().Steps
	for want, n := range map[string]obligation.Next{
		"逾期": {Kind: obligation.Overdue},
		"提醒（交办后2个工作日未签收，其后每5个工作日一次）": {Kind: obligation.Reminded, Step: st[0]},
		"提醒（到期前15个工作日）":              {Kind: obligation.Reminded, Step: st[1]},
		"催办（逾期3个工作日，其后每5个工作日一次）":     {Kind: obligation.Reminded, Step: st[5]},
		"督促函（逾期5个工作日）":               {Kind: obligation.Drafted, Step: st[6]},
		"提醒（提交后3个工作日未审核，其后每3个工作日一次）": {Kind: obligation.Reminded, Step: st[9]},
		"提醒（到期当日）":                   {Kind: obligation.Reminded, Step: obligation.Step{Rung: obligation.Remind, Anchor: obligation.AnchorDue}},
	} {
		require.Equal(t, want, n.Describe())
	}
	require.Equal(t, "到期前15个工作日：提醒", obligation.Next{Kind: obligation.Reminded, Step: st[1]}.Reason())
	require.Equal(t, "期限已过仍未完成", obligation.Next{Kind: obligation.Overdue}.Reason())
}

func TestOtherHours(t *testing.T) {
	o := with(due("2025-06-30"), steps("remind-1"), func(o *obligation.Opening) {
		o.Policy.At, o.Policy.Zone = 14*time.Hour+30*time.Minute, "Asia/Urumqi"
	})
	l := open(t, o, "2025-06-06")
	next, _ := obligation.NextStep(l.state, l.cal)
	require.Equal(t, "2025-06-27 14:30:00 +0600 +06", next.At.String())
}

// A zone that the machine does not know is read as China's own.
func TestUnknownZone(t *testing.T) {
	loc := obligation.Location("Asia/Nowhere")
	_, offset := moment("2025-06-30").In(loc).Zone()
	require.Equal(t, 8*60*60, offset)
	require.Same(t, loc, obligation.Location("Asia/Nowhere"))
}
