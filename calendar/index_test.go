package calendar

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// count is the definition of AddWorkdays: one day after the other.
func count(c *Calendar, d Date, n int) Date {
	if n == 0 {
		for !c.Workday(d) {
			d--
		}
		return d
	}
	step := Date(1)
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		if d += step; c.Workday(d) {
			n--
		}
	}
	return d
}

func TestIndexCountsAsOneDayAfterTheOther(t *testing.T) {
	published := china(t)
	years := notices()
	delete(years, 2025)
	gap, err := NewCalendar(1, years)
	require.NoError(t, err)
	empty, err := NewCalendar(0, nil)
	require.NoError(t, err)
	for name, c := range map[string]*Calendar{"three years": published, "a year missing": gap, "no year": empty} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				d := NewDate(rapid.IntRange(1965, 2032).Draw(t, "year"), time.January, rapid.IntRange(1, 366).Draw(t, "day"))
				n := rapid.IntRange(-600, 600).Draw(t, "n")
				require.Equal(t, count(c, d, n), c.AddWorkdays(d, n))
			})
			// Around the ends of the published years every combination counts.
			for _, edge := range []string{"2023-12-28", "2024-12-28", "2025-12-28", "2026-12-28", "1970-01-02"} {
				for d := MustDate(edge); d < MustDate(edge)+14; d++ {
					for n := -15; n <= 15; n++ {
						require.Equal(t, count(c, d, n), c.AddWorkdays(d, n), "%s %+d", d, n)
					}
				}
			}
		})
	}
}
