package calendar

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// notices holds what the State Council published for the plan's three years.
func notices() map[int]Year {
	return map[int]Year{
		2024: {
			Off: []string{"0101", "0210-0217", "0404-0406", "0501-0505", "0608-0610", "0915-0917", "1001-1007"},
			On:  []string{"0204", "0218", "0407", "0428", "0511", "0914", "0929", "1012"},
		},
		2025: {
			Off: []string{"0101", "0128-0204", "0404-0406", "0501-0505", "0531-0602", "1001-1008"},
			On:  []string{"0126", "0208", "0427", "0928", "1011"},
		},
		2026: {
			Off: []string{"0101-0103", "0215-0223", "0404-0406", "0501-0505", "0619-0621", "0925-0927", "1001-1007"},
			On:  []string{"0104", "0214", "0228", "0509", "0920", "1010"},
		},
	}
}

func china(t require.TestingT) *Calendar {
	c, err := NewCalendar(3, notices())
	require.NoError(t, err)
	return c
}

func TestWorkdaysOfTheYears(t *testing.T) {
	c := china(t)
	for year, want := range map[int]int{2024: 251, 2025: 248, 2026: 248} {
		before := NewDate(year, time.January, 0)
		require.Equal(t, want, c.WorkdaysBetween(before, NewDate(year, time.December, 31)), year)
	}
}

// The monthly report is due "每月28日前": which 28ths are rest days, and which are made up.
func TestThe28ths(t *testing.T) {
	c := china(t)
	var rest, madeUp []string
	for i := range 33 { // from the month of issue
		d := NewDate(2024, time.April+time.Month(i), 28)
		weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
		switch {
		case !c.Workday(d):
			rest = append(rest, d.String()[:7])
		case weekend:
			madeUp = append(madeUp, d.String()[:7])
		}
	}
	require.Equal(t, []string{
		"2024-07", "2024-09", "2024-12", "2025-01", "2025-06", "2025-12", "2026-03", "2026-06", "2026-11",
	}, rest)
	require.Equal(t, []string{"2024-04", "2025-09", "2026-02"}, madeUp)
}

func TestAWeekWithoutAWorkingDay(t *testing.T) {
	c := china(t)
	for d := MustDate("2026-02-16"); d <= MustDate("2026-02-22"); d++ {
		require.False(t, c.Workday(d), d)
	}
	require.Equal(t, MustDate("2026-02-24"), c.NextWorkday(MustDate("2026-02-16")))
	require.Equal(t, MustDate("2026-02-14"), c.AddWorkdays(MustDate("2026-02-22"), 0), "back to the made-up Saturday")
}

func TestWorkday(t *testing.T) {
	c := china(t)
	for day, want := range map[string]bool{
		"2024-02-04": true,  // Sunday, made up
		"2024-02-09": true,  // the eve is a working day in 2024
		"2024-02-10": false, // Spring Festival
		"2024-02-18": true,  // Sunday, made up
		"2024-10-01": false, // Tuesday, National Day
		"2024-06-29": false, // a plain Saturday
		"2024-06-28": true,  // a plain Friday
		"2025-01-26": true,  // Sunday, made up
		"2026-01-02": false, // Friday, off
		"2026-01-04": true,  // Sunday, made up
		"2027-01-01": true,  // Friday of a provisional year
		"2027-01-02": false, // Saturday of a provisional year
		"2023-10-02": true,  // Monday of a year that was never entered
	} {
		require.Equal(t, want, c.Workday(MustDate(day)), day)
	}
}

func TestAddWorkdays(t *testing.T) {
	c := china(t)
	tests := []struct {
		from string
		n    int
		want string
	}{
		{"2024-06-28", 1, "2024-07-01"},    // over a weekend
		{"2024-06-30", -1, "2024-06-28"},   // due on a Sunday: one working day before
		{"2024-06-30", -3, "2024-06-26"},   //
		{"2024-06-30", 0, "2024-06-28"},    // what falls on a rest day moves before it
		{"2024-06-28", 0, "2024-06-28"},    // a working day stays
		{"2024-09-30", 1, "2024-10-08"},    // over National Day
		{"2024-10-08", -1, "2024-09-30"},   //
		{"2024-09-28", 1, "2024-09-29"},    // onto a made-up Sunday
		{"2024-02-09", 1, "2024-02-18"},    // over the Spring Festival onto a made-up Sunday
		{"2026-12-31", 1, "2027-01-01"},    // into a provisional year: the plain week
		{"2024-12-31", 3, "2025-01-06"},    // 1 January off, then the weekend
		{"2024-06-30", -15, "2024-06-07"},  // the first reminder, over the Dragon Boat Festival
		{"2024-06-30", 30, "2024-08-09"},   // an interview is proposed
		{"2024-01-01", -250, "2023-01-16"}, // into the time before any notice
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, c.AddWorkdays(MustDate(tt.from), tt.n).String(), "%s %+d", tt.from, tt.n)
	}
}

func TestProvisional(t *testing.T) {
	c := china(t)
	require.False(t, c.Provisional(MustDate("2024-01-01")))
	require.False(t, c.Provisional(MustDate("2026-12-31")))
	require.True(t, c.Provisional(MustDate("2023-12-31")))
	require.True(t, c.Provisional(MustDate("2027-01-01")))

	years := notices()
	delete(years, 2025)
	gap, err := NewCalendar(1, years)
	require.NoError(t, err)
	require.True(t, gap.Provisional(MustDate("2025-06-01")), "a year missing between two others")
	require.False(t, gap.Provisional(MustDate("2026-06-01")))
	require.Equal(t, []int{2024, 2026}, gap.Years())

	empty, err := NewCalendar(0, nil)
	require.NoError(t, err)
	require.True(t, empty.Provisional(MustDate("2024-01-01")))
	require.Empty(t, empty.Years())
	require.Equal(t, MustDate("2024-01-02"), empty.AddWorkdays(MustDate("2024-01-01"), 1))
}

// A notice that arrives for another year never moves a date within the years published before.
func TestANewYearMovesNothingPublished(t *testing.T) {
	years := notices()
	delete(years, 2026)
	before, err := NewCalendar(2, years)
	require.NoError(t, err)
	after := china(t)
	rapid.Check(t, func(t *rapid.T) {
		d := NewDate(2024, time.January, 1).AddDays(rapid.IntRange(0, 730).Draw(t, "date"))
		require.Equal(t, before.Workday(d), after.Workday(d))
	})
	require.True(t, before.Provisional(MustDate("2026-02-16")))
	require.NotEqual(t, before.Workday(MustDate("2026-02-16")), after.Workday(MustDate("2026-02-16")))
}

func TestWorkdayProperties(t *testing.T) {
	c := china(t)
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate(t, "date")
		n := rapid.IntRange(1, 300).Draw(t, "n")
		after, before := c.AddWorkdays(d, n), c.AddWorkdays(d, -n)

		require.Greater(t, after, d)
		require.Less(t, before, d)
		require.True(t, c.Workday(after))
		require.True(t, c.Workday(before))
		require.Equal(t, n, c.WorkdaysBetween(d, after), "exactly n working days lie after d, up to the result")
		require.Equal(t, n, c.WorkdaysBetween(before-1, d-1), "and exactly n before d, from the result on")

		require.Less(t, after, c.AddWorkdays(d, n+1), "strictly monotone in n")
		require.LessOrEqual(t, after, c.AddWorkdays(d+1, n), "monotone in d")
		require.LessOrEqual(t, before, c.AddWorkdays(d+1, -n), "monotone in d")

		workday := c.NextWorkday(d)
		require.GreaterOrEqual(t, workday, d)
		require.True(t, c.Workday(workday))
		require.Equal(t, workday, c.AddWorkdays(c.AddWorkdays(workday, n), -n), "inverse from a working day")
		require.Equal(t, workday, c.AddWorkdays(workday, 0))
		require.LessOrEqual(t, c.AddWorkdays(d, 0), d)

		e := anyDate(t, "other")
		require.Equal(t, c.WorkdaysBetween(d, e), -c.WorkdaysBetween(e, d))
	})
}

func TestNewCalendarRefuses(t *testing.T) {
	tests := map[string]struct {
		year   int
		notice Year
		want   []string
	}{
		"no such day":               {2024, Year{Off: []string{"0230"}}, []string{"0230"}},
		"not a date":                {2024, Year{Off: []string{"2024-01-01"}}, []string{"2024-01-01"}},
		"empty":                     {2024, Year{On: []string{""}}, []string{`""`}},
		"backwards":                 {2024, Year{Off: []string{"0217-0210"}}, []string{"0217-0210"}},
		"off and on":                {2024, Year{Off: []string{"0210-0217"}, On: []string{"0217"}}, []string{"2024-02-17"}},
		"twice":                     {2024, Year{Off: []string{"0101", "0101-0102"}}, []string{"2024-01-01"}},
		"made up on a working day":  {2024, Year{On: []string{"0205"}}, []string{"2024-02-05"}},
		"everything at once":        {2024, Year{Off: []string{"0230", "0101", "0101"}, On: []string{"x"}}, []string{"0230", "2024-01-01", `"x"`}},
		"a year that is a mistake":  {20244, Year{}, []string{"20244"}},
		"a year before all notices": {24, Year{}, []string{"24"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := NewCalendar(1, map[int]Year{tt.year: tt.notice})
			require.Error(t, err)
			for _, want := range tt.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestCalendarIsImmutable(t *testing.T) {
	years := notices()
	c, err := NewCalendar(1, years)
	require.NoError(t, err)
	before, err := json.Marshal(c)
	require.NoError(t, err)
	years[2024].Off[0] = "1231"
	delete(years, 2025)
	after, err := json.Marshal(c)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "what the caller does to its map afterwards does not matter")
}

func TestCalendarJSON(t *testing.T) {
	c := china(t)
	out, err := json.Marshal(c)
	require.NoError(t, err)
	var back Calendar
	require.NoError(t, json.Unmarshal(out, &back))
	require.Equal(t, 3, back.Version())
	require.Equal(t, c.Years(), back.Years())
	for d := MustDate("2023-06-01"); d <= MustDate("2027-06-01"); d++ {
		require.Equal(t, c.Workday(d), back.Workday(d), d)
		require.Equal(t, c.Provisional(d), back.Provisional(d), d)
	}
	require.Error(t, json.Unmarshal([]byte(`{"version":1,"years":{"2024":{"off":["0230"]}}}`), &back))
	require.Error(t, json.Unmarshal([]byte(`{"years":[]}`), &back))
	require.Equal(t, 3, back.Version(), "a refused calendar changes nothing")
}

func BenchmarkAddWorkdays(b *testing.B) {
	c := china(b)
	d := MustDate("2024-06-30")
	for b.Loop() {
		c.AddWorkdays(d, -15)
	}
}

func TestDayKind(t *testing.T) {
	c, err := NewCalendar(1, map[int]Year{2026: {Off: []string{"0501-0505"}, On: []string{"0509"}}})
	require.NoError(t, err)
	for day, want := range map[string]DayKind{
		"2026-04-30": DayWork,
		"2026-05-01": DayOff,
		"2026-05-02": DayOff, // a Saturday within
		"2026-05-06": DayWork,
		"2026-05-09": DayMadeUp,
		"2026-05-10": DayRest,
		"2027-05-01": DayRest, // not published
		"2027-05-04": DayWork,
	} {
		require.Equal(t, want, c.DayKind(MustDate(day)), day)
	}
}
