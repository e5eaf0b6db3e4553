package seed

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// reports are the openings of the monthly report of one unit, by month.
func reports(t *testing.T, d obligation.Definition) map[string]obligation.Opening {
	t.Helper()
	m, ok := d.Plan.Monthly()
	require.True(t, ok)
	require.Equal(t, "S6.6", m.Code)
	slots, err := d.Agenda(m.Task, 9*time.Hour)
	require.NoError(t, err)
	out := map[string]obligation.Opening{}
	for _, s := range slots {
		if s.Measure.Code != m.Code {
			continue
		}
		for _, o := range d.Openings(s, 9*time.Hour) {
			require.Equal(t, plan.FormMonthly, o.Facts.Form)
			if o.Facts.ID.Unit == "huayang" {
				out[s.Period.Key] = o
			}
		}
	}
	return out
}

func definition(t *testing.T) obligation.Definition {
	t.Helper()
	b := changning(t)
	return obligation.Definition{Version: 1, AsOf: calendar.MustDate("2024-04-19"), Plan: b.Plan, Calendar: b.Calendar, Ladders: b.Ladders}
}

// The month's report is due on the 28th; where that is a rest day, on the working day that follows (方案 restDayRule).
func TestMonthlyReportsOnRestDays(t *testing.T) {
	d := definition(t)
	from := calendar.MustDate("2024-04-01") // so that the made-up 28 April is among them
	d, err := d.Amend(obligation.Amendment{Measures: []obligation.MeasureChange{{Code: "S6.6", From: &from}}})
	require.NoError(t, err)
	all := reports(t, d)
	require.Len(t, all, 33)
	for month, last := range map[string]string{
		// rest days: until the end of the next working day
		"2024-07": "2024-07-29", // Sunday
		"2024-09": "2024-09-29", // Saturday, before a made-up Sunday
		"2024-12": "2024-12-30", // Saturday
		"2025-01": "2025-02-05", // Spring Festival
		"2025-06": "2025-06-30", // Saturday
		"2025-12": "2025-12-29", // Sunday
		"2026-03": "2026-03-30", // Saturday
		"2026-06": "2026-06-29", // Sunday
		"2026-11": "2026-11-30", // Saturday
		// made-up working days at weekends: the day itself
		"2024-04": "2024-04-28",
		"2025-09": "2025-09-28",
		"2026-02": "2026-02-28",
		// a working day like any other
		"2024-05": "2024-05-28",
	} {
		o := all[month]
		require.Equal(t, month+"-28", o.Facts.Due.String())
		s := obligation.Apply(obligation.State{}, obligation.Open(o, d.Calendar, o.Facts.Due.AddDays(-20).At(9*time.Hour, time.UTC)))
		zone := o.Policy.Location()
		require.Equal(t, calendar.MustDate(last).End(zone), s.OverdueAt(d.Calendar).In(zone), month)
	}
}

// The first month is what the plan says until the office says otherwise.
func TestFirstMonthlyReport(t *testing.T) {
	d := definition(t)
	first := func(d obligation.Definition) string {
		all := reports(t, d)
		out := "9999-99"
		for month := range all {
			out = min(out, month)
		}
		return out
	}
	require.Equal(t, "2024-05", first(d))
	later := calendar.MustDate("2024-07-01")
	after, err := d.Amend(obligation.Amendment{Measures: []obligation.MeasureChange{{Code: "S6.6", From: &later}}})
	require.NoError(t, err)
	require.Equal(t, "2024-07", first(after))

	// Of what was opened before, exactly the two months are withdrawn.
	open := map[obligation.ID]obligation.State{}
	now := calendar.MustDate("2024-08-01").At(9*time.Hour, obligation.Location(d.Plan.Zone))
	for month, o := range reports(t, d) {
		if month <= "2024-08" {
			s := obligation.Apply(obligation.State{}, obligation.Open(o, d.Calendar, now.AddDate(0, -4, 0)))
			open[s.ID] = s
		}
	}
	require.Len(t, open, 4)
	effects, err := d.Effects(after, open, 9*time.Hour, now)
	require.NoError(t, err)
	withdrawn := map[string]bool{}
	for _, e := range effects {
		if e.Kind == obligation.Withdrawing {
			withdrawn[e.ID.Period] = true
		}
	}
	require.Equal(t, map[string]bool{"2024-05": true, "2024-06": true}, withdrawn)

	_, err = d.Amend(obligation.Amendment{Measures: []obligation.MeasureChange{{Code: "S6.7", From: &later}}})
	require.EqualError(t, err, "分项任务 S6.7 是限期完成的，没有首期可改；请改它的到期日")
	outside := calendar.MustDate("2028-01-01")
	_, err = d.Amend(obligation.Amendment{Measures: []obligation.MeasureChange{{Code: "S6.6", From: &outside}}})
	require.Error(t, err)
}
