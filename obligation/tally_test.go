package obligation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

// Due on Monday 30 June: yellow from 19 June, overdue from 1 July.
func TestListings(t *testing.T) {
	for name, c := range map[string]struct {
		did  func(*life)
		when string
		want []obligation.Listing
	}{
		"31 days before":               {nil, "2025-05-30 10:00", nil},
		"30 days before":               {nil, "2025-05-31 10:00", []obligation.Listing{obligation.ListDueSoon}},
		"yellow":                       {nil, "2025-06-19 10:00", []obligation.Listing{obligation.ListDueSoon}},
		"the last moment":              {nil, "2025-06-30 23:59", []obligation.Listing{obligation.ListDueSoon}},
		"overdue":                      {nil, "2025-07-01 00:00", []obligation.Listing{obligation.ListOverdue}},
		"under review":                 {func(l *life) { l.do("2025-06-10", obligation.Submit, "已完成") }, "2025-06-20 10:00", nil},
		"under review, long after":     {func(l *life) { l.do("2025-06-10", obligation.Submit, "已完成") }, "2025-08-20 10:00", nil},
		"suspended, its deadline near": {func(l *life) { l.do("2025-06-10", obligation.Suspend, "等待文件") }, "2025-06-29 10:00", nil},
		"asking for more time": {func(l *life) {
			l.put("2025-06-10", obligation.Command{Kind: obligation.AskExtension, Text: "材料未齐", Due: calendar.MustDate("2025-07-31")})
		}, "2025-06-29 10:00", nil},
		"returned, long before": {func(l *life) {
			l.do("2025-05-10 10:00", obligation.Submit, "已完成")
			l.put("2025-05-12 10:00", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-06-30")})
		}, "2025-05-12 11:00", []obligation.Listing{obligation.ListDueSoon}},
		"accepted in time": {func(l *life) {
			l.do("2025-06-10", obligation.Submit, "已完成")
			l.do("2025-06-11", obligation.Accept, "")
		}, "2025-06-20 10:00", []obligation.Listing{obligation.ListDone}},
		"accepted late": {func(l *life) {
			l.tick("2025-07-01 00:00")
			l.do("2025-07-02", obligation.Submit, "已完成")
			l.do("2025-07-03", obligation.Accept, "")
		}, "2025-08-20 10:00", []obligation.Listing{obligation.ListLate, obligation.ListDone}},
		"waived": {func(l *life) { l.do("2025-06-10", obligation.Waive, "任务取消") }, "2025-06-20 10:00", nil},
	} {
		l := open(t, due("2025-06-30"), "2025-05-02")
		if c.did != nil {
			c.did(l)
		}
		now := moment(c.when)
		soon := (calendar.DateOf(now, shanghai) + 30).End(shanghai)
		var got []obligation.Listing
		for _, list := range []obligation.Listing{obligation.ListDueSoon, obligation.ListOverdue, obligation.ListLate, obligation.ListDone} {
			if l.state.Standing(l.cal).In(list, now, soon) {
				got = append(got, list)
			}
		}
		require.Equal(t, c.want, got, name)
	}
}

func TestTally(t *testing.T) {
	now := moment("2025-07-01 10:00")
	soon := now.AddDate(0, 0, 30)
	far := now.AddDate(1, 0, 0)
	var got obligation.Tally
	require.Equal(t, obligation.None, got.Light())
	require.Zero(t, got.Rate())
	add := func(n int, s obligation.Standing) { got.Add(s, n, now, soon) }
	add(4, obligation.Standing{Stage: obligation.StageAccepted})
	require.Equal(t, obligation.Green, got.Light())
	require.InDelta(t, 1, got.Rate(), 0)
	add(1, obligation.Standing{Stage: obligation.StageWaived})
	add(1, obligation.Standing{Stage: obligation.StageAccepted, WasOverdue: true})
	require.Equal(t, obligation.Yellow, got.Light())
	add(1, obligation.Standing{Stage: obligation.StageSubmitted, YellowAt: now, OverdueAt: now})
	add(2, obligation.Standing{Stage: obligation.StageOpen, YellowAt: now, OverdueAt: far})
	add(3, obligation.Standing{Stage: obligation.StageSigned, YellowAt: now, OverdueAt: now})
	require.Equal(t, obligation.Red, got.Light())
	add(1, obligation.Standing{Stage: obligation.StageHistory, Outcome: obligation.Missed, WasOverdue: true})
	require.Equal(t, obligation.Tally{
		Total: 13, Closed: 5, Waived: 1, History: 1, Green: 5, Yellow: 3, Red: 4, None: 1, DueSoon: 2, Overdue: 3, Late: 1,
	}, got)
	require.Equal(t, 6, got.Open())
	require.Equal(t, 11, got.Counted())
	require.Equal(t, 4, got.OnTime())
	require.InDelta(t, 4.0/8, got.Rate(), 1e-9, "four of eight: five closed, three overdue")
	require.Equal(t, 26, got.Plus(got).Total)
	require.Equal(t, 2, got.Plus(got).Late)
}

func TestShare(t *testing.T) {
	now := moment("2025-07-01 10:00")
	open := obligation.Standing{Stage: obligation.StageOpen, YellowAt: now, OverdueAt: now.AddDate(1, 0, 0)}
	var s obligation.Share
	s.Add("2024", calendar.MustDate("2024-12-31"), obligation.Standing{Stage: obligation.StageAccepted}, now, now)
	require.Equal(t, "2024", s.Period)
	require.Zero(t, s.Due)
	s.Add("2026", calendar.MustDate("2026-12-31"), open, now, now)
	s.Add("2025", calendar.MustDate("2025-12-31"), open, now, now)
	require.Empty(t, s.Period)
	require.Equal(t, calendar.MustDate("2025-12-31"), s.Due)
	require.Equal(t, 3, s.Total)
}
