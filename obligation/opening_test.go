package obligation_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

// What is opened on 2025-07-10 and how, by its due date, the as-of date and what the office's list says.
func TestAsOfDateDivides(t *testing.T) {
	tests := []struct {
		due, asOf string
		says      obligation.Outcome
		stage     obligation.Stage
		outcome   obligation.Outcome
		deadline  string
		light     obligation.Light
	}{
		// What fell due before it is history, as the list says.
		{"2025-06-30", "2025-07-01", "", obligation.StageHistory, obligation.Unknown, "2025-06-30", obligation.None},
		{"2025-06-30", "2025-07-01", obligation.Unknown, obligation.StageHistory, obligation.Unknown, "2025-06-30", obligation.None},
		{"2025-06-30", "2025-07-01", obligation.Done, obligation.StageHistory, obligation.Done, "2025-06-30", obligation.Green},
		{"2025-06-30", "2025-07-01", obligation.Missed, obligation.StageHistory, obligation.Missed, "2025-06-30", obligation.Red},
		// What is still owed opens overdue and counts from the as-of date, or from today where that lies behind.
		{"2025-06-30", "2025-07-10", obligation.Owed, obligation.StageOpen, obligation.Owed, "2025-07-10", obligation.Red},
		{"2025-06-30", "2025-07-01", obligation.Owed, obligation.StageOpen, obligation.Owed, "2025-07-10", obligation.Red},
		// What is ahead opens; the list only counts where it says that it is done already.
		{"2025-07-31", "2025-07-01", "", obligation.StageOpen, "", "2025-07-31", obligation.Green},
		{"2025-07-31", "2025-07-01", obligation.Owed, obligation.StageOpen, "", "2025-07-31", obligation.Green},
		{"2025-07-31", "2025-07-01", obligation.Missed, obligation.StageOpen, "", "2025-07-31", obligation.Green},
		{"2025-07-31", "2025-07-01", obligation.Done, obligation.StageHistory, obligation.Done, "2025-07-31", obligation.Green},
		{"2025-07-31", "", "", obligation.StageOpen, "", "2025-07-31", obligation.Green},
		// Due on the as-of date itself is not before it.
		{"2025-07-10", "2025-07-10", "", obligation.StageOpen, "", "2025-07-10", obligation.Yellow},
		{"2025-07-10", "2025-07-10", obligation.Done, obligation.StageHistory, obligation.Done, "2025-07-10", obligation.Green},
		// After an outage it opens too late: it counts from the day the unit hears of it.
		{"2025-07-05", "2025-07-01", "", obligation.StageOpen, "", "2025-07-10", obligation.Yellow},
	}
	for _, tt := range tests {
		o := with(due(tt.due), outcome(tt.says))
		if tt.asOf != "" {
			o = with(o, asOf(tt.asOf))
		}
		l := open(t, o, "2025-07-10 10:00")
		name := tt.due + " as of " + tt.asOf + " " + string(tt.says)
		require.Equal(t, tt.stage, l.state.Stage, name)
		require.Equal(t, tt.outcome, l.state.Outcome, name)
		require.Equal(t, tt.deadline, l.state.Deadline().String(), name)
		require.Equal(t, tt.due, l.state.Original.String(), name)
		require.Equal(t, tt.due, l.state.Due.String(), name)
		require.Equal(t, tt.light, obligation.LightAt(l.state, l.cal, moment("2025-07-10 10:00")), name)
		require.Equal(t, tt.stage == obligation.StageHistory, l.state.IsClosed(), name)
		if l.state.IsClosed() {
			require.Empty(t, l.next(), name)
			require.Empty(t, l.state.WaitingOn(), name)
			require.Empty(t, obligation.Notices(l.state, l.events[0]), name)
		} else {
			require.Equal(t, "huayang", l.state.WaitingOn(), name)
			require.Len(t, obligation.Notices(l.state, l.events[0]), 1, name)
		}
	}
}

func TestWhatIsOwedOpensOverdueWithOneNotice(t *testing.T) {
	l := open(t, with(due("2025-03-31"), asOf("2025-07-01"), outcome(obligation.Owed)), "2025-07-01 14:00")
	require.True(t, l.state.Overdue)
	require.True(t, l.state.WasOverdue)
	notices := obligation.Notices(l.state, l.events[0])
	require.Equal(t, "该事项应于2025年3月31日前完成，至今仍需办理，请尽快签收、完成并报送。", notices[0].Text)
	l.until("2025-07-16")
	require.Equal(t, []string{
		"07-01 14:00 opened", "07-04 09:00 reminded press+3", "07-08 09:00 drafted letter+5", "07-11 09:00 reminded press+3 ×2",
	}, l.told(), "not overdue once more, and not asked to sign for it as well")
	require.Equal(t, obligation.Red, obligation.LightAt(l.state, l.cal, moment("2025-07-16")))
}

func TestWhatIsOwedIsYellowOnceItIsDone(t *testing.T) {
	l := open(t, with(due("2025-03-31"), asOf("2025-07-01"), outcome(obligation.Owed)), "2025-07-01 14:00")
	l.do("2025-07-02 10:00", obligation.Submit, "已完成")
	l.do("2025-07-02 11:00", obligation.Accept, "")
	require.Equal(t, obligation.Yellow, obligation.LightAt(l.state, l.cal, moment("2026-01-01")))
	require.Equal(t, "2025-03-31", l.state.Original.String())
}

// What is owed and gets a new due date is red only after that.
func TestWhatIsOwedMayGetAnotherDate(t *testing.T) {
	l := open(t, with(due("2025-03-31"), asOf("2025-07-01"), outcome(obligation.Owed)), "2025-07-01 14:00")
	l.put("2025-07-02 10:00", obligation.Command{Kind: obligation.Rearm, Text: "清单调整", Facts: moved("2025-07-31")})
	require.Equal(t, obligation.Yellow, obligation.LightAt(l.state, l.cal, moment("2025-07-02 10:00")), "late once, never green again")
	require.Equal(t, moment("2025-08-01 00:00").UTC(), l.state.OverdueAt(l.cal).UTC())
}

func TestReworkOfWhatIsOwedHasADeadlineOfItsOwn(t *testing.T) {
	l := open(t, with(due("2025-03-31"), asOf("2025-07-01"), outcome(obligation.Owed)), "2025-07-01 14:00")
	l.do("2025-07-02 10:00", obligation.Submit, "已完成")
	l.put("2025-07-03 10:00", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-07-31")})
	require.Equal(t, obligation.Yellow, obligation.LightAt(l.state, l.cal, moment("2025-07-31 23:59")))
	require.Equal(t, obligation.Red, obligation.LightAt(l.state, l.cal, moment("2025-08-01 00:00")))
}

func TestLateOpeningDoesNotFireThePast(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-07-10 10:00")
	require.Equal(t, "该事项应于2025年6月30日前完成，至今仍需办理，请尽快签收、完成并报送。", obligation.Notices(l.state, l.events[0])[0].Text)
	l.until("2025-07-18")
	require.Equal(t, []string{"07-10 10:00 opened", "07-11 00:00 overdue", "07-15 09:00 reminded press+3", "07-17 09:00 drafted letter+5"}, l.told())
	require.Equal(t, "2025-06-30", l.state.Original.String())
}

// The document's own 3月25日 lies before its date of issue, 4月19日.
func TestDueBeforeIssueNeverEscalates(t *testing.T) {
	l := open(t, with(due("2024-03-25"), beforeIssue), "2024-03-01")
	l.tick("2024-12-31")
	require.Equal(t, []string{"03-01 09:00 opened"}, l.told())
	require.Empty(t, l.next())
	require.Equal(t, "huayang", l.state.WaitingOn())
	require.Equal(t, "2024-03-25", l.state.Original.String())
	l.do("2024-12-31 10:00", obligation.Sign, "")
	l.do("2024-12-31 11:00", obligation.Submit, "已报送")
	require.Equal(t, []string{"12-31 10:00 signed", "12-31 11:00 submitted"}, l.since(1), "nobody is told that it is overdue")
	l.until("2025-01-06")
	require.Equal(t, []string{"01-06 09:00 reminded review+3"}, l.since(3), "the office's own review is not forgotten")
	l.do("2025-01-07 10:00", obligation.Accept, "")
	require.Equal(t, obligation.Green, obligation.LightAt(l.state, l.cal, moment("2025-01-08")))
}

func TestDueBeforeIssueAndStillOwed(t *testing.T) {
	l := open(t, with(due("2024-03-25"), beforeIssue, asOf("2025-07-01"), outcome(obligation.Owed)), "2025-07-01 10:00")
	l.tick("2025-12-31")
	require.Equal(t, []string{"07-01 10:00 opened"}, l.told())
}

// The rework has a date of its own, which is reminded of; nothing beyond that follows.
func TestReworkOfWhatWasDueBeforeIssue(t *testing.T) {
	l := open(t, with(due("2024-03-25"), beforeIssue), "2024-04-19")
	l.do("2025-06-02 10:00", obligation.Submit, "已报送")
	l.put("2025-06-03 10:00", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-06-30")})
	l.until("2025-12-31")
	require.Equal(t, []string{
		"06-09 09:00 reminded remind-15", "06-19 09:00 reminded remind-7", "06-25 09:00 reminded remind-3", "06-27 09:00 reminded remind-1",
		"07-01 00:00 overdue",
	}, l.since(3))
}

func TestReconsider(t *testing.T) {
	history := func(says obligation.Outcome) *life {
		return open(t, with(due("2025-06-30"), asOf("2025-07-01"), outcome(says)), "2025-07-01")
	}
	again := func(says obligation.Outcome) obligation.Opening {
		return with(due("2025-06-30"), asOf("2025-07-01"), outcome(says))
	}
	tests := []struct {
		was, says obligation.Outcome
		want      obligation.EventKind
		outcome   obligation.Outcome
	}{
		{"", "", "", ""},
		{"", obligation.Unknown, "", ""},
		{"", obligation.Done, obligation.Recorded, obligation.Done},
		{obligation.Done, obligation.Done, "", ""},
		{obligation.Done, "", "", ""},
		{obligation.Missed, "", "", ""},
		{obligation.Done, obligation.Missed, obligation.Recorded, obligation.Missed},
		{obligation.Done, obligation.Owed, obligation.Opened, obligation.Owed},
	}
	for _, tt := range tests {
		l := history(tt.was)
		e, ok := obligation.Reconsider(l.state, again(tt.says), l.cal, moment("2025-07-20 10:00"))
		require.Equal(t, tt.want != "", ok, "%s → %s", tt.was, tt.says)
		if !ok {
			continue
		}
		require.Equal(t, 2, e.Seq)
		require.Equal(t, tt.want, e.Kind)
		l.add(e)
		require.Equal(t, tt.outcome, l.state.Outcome)
		require.Equal(t, tt.outcome == obligation.Owed, !l.state.IsClosed())
		require.Equal(t, tt.outcome != obligation.Done, l.state.WasOverdue)
	}
	// The as-of date was moved back: what was history is ahead again.
	l := history("")
	e, ok := obligation.Reconsider(l.state, with(due("2025-06-30"), asOf("2025-06-01")), l.cal, moment("2025-07-20 10:00"))
	require.True(t, ok)
	require.Equal(t, obligation.Opened, e.Kind)
	require.Equal(t, "2025-07-20", e.Due.String())
	// What runs is never taken back.
	running := open(t, due("2025-06-30"), "2025-06-02")
	_, ok = obligation.Reconsider(running.state, again(obligation.Done), running.cal, moment("2025-07-20 10:00"))
	require.False(t, ok)
}

// Dates counted through 2027, whose holidays are not published, are flagged.
func TestProvisional(t *testing.T) {
	for day, want := range map[string]bool{
		"2026-06-30": false,
		"2026-11-19": false, // 30 working days on: 31 December
		"2026-11-20": true,  // 30 working days on: 1 January
		"2026-12-31": true, "2027-01-15": true, "2023-06-30": true, "2023-12-20": true,
	} {
		l := open(t, due(day), "2024-04-19")
		if day < "2024" {
			l = open(t, with(due(day), asOf("2024-01-01")), "2024-04-19")
		}
		require.Equal(t, want, l.state.Provisional, day)
		for _, n := range obligation.Notices(l.state, l.events[0]) {
			require.Equal(t, want, strings.Contains(n.Why, "节假日安排尚未公布"), day)
		}
	}
	// A late opening and rework count from later days.
	require.True(t, open(t, due("2026-10-10"), "2026-12-01").state.Provisional)
	l := open(t, due("2026-06-30"), "2026-06-01")
	l.do("2026-06-29", obligation.Submit, "已完成")
	e := l.put("2026-06-30", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2026-08-31")})
	require.Nil(t, e.Facts)
	l.do("2026-08-20", obligation.Submit, "已完成")
	l.put("2026-08-21", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2026-12-15")})
	require.True(t, l.state.Provisional)
}

func TestRearmedDatesMayBeProvisional(t *testing.T) {
	l := open(t, due("2026-11-02"), "2026-10-12")
	require.False(t, l.state.Provisional)
	policy := with(due("2026-11-02"), func(o *obligation.Opening) { o.Policy.Ladder.Steps[8].Offset = 60 }).Policy
	l.put("2026-10-13", obligation.Command{Kind: obligation.Rearm, Text: "改用新阶梯", Policy: &policy})
	require.True(t, l.state.Provisional, "the ladder now reaches into the next year")
	policy = due("2026-11-02").Policy
	l.put("2026-10-14", obligation.Command{Kind: obligation.Rearm, Text: "改回", Policy: &policy})
	require.False(t, l.state.Provisional)

	l = open(t, due("2027-03-01"), "2026-10-12")
	l.put("2026-12-01", obligation.Command{Kind: obligation.Rearm, Text: "清单更正", Facts: moved("2026-10-30")})
	require.True(t, l.state.Provisional, "it counts from the day the unit hears of it")
}

// When the calendar of the next year arrives, a re-arming settles what was provisional, and nobody is bothered.
func TestProvisionalUntilTheCalendarArrives(t *testing.T) {
	l := open(t, due("2026-12-31"), "2026-11-02")
	years := map[int]calendar.Year{2026: {}, 2027: {}}
	next, err := calendar.NewCalendar(4, years)
	require.NoError(t, err)
	l.cal = next
	e := l.put("2026-11-03 10:00", obligation.Command{Kind: obligation.Rearm, Text: "2027年节假日公布", Facts: moved("2026-12-31")})
	require.False(t, l.state.Provisional)
	require.Empty(t, obligation.Notices(l.state, e))
	require.Equal(t, calendar.MustDate("2026-12-31"), l.state.Deadline())
}
