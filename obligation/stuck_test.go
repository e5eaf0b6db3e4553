package obligation_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/obligation"
)

// What was to be told before the last whole window began has had that window to go out.
func TestPatience(t *testing.T) {
	for now, want := range map[string]string{
		"2025-09-30 12:00": "2025-09-29 09:00",
		"2025-09-30 17:30": "2025-09-30 09:00",
		"2025-10-05 12:00": "2025-09-30 09:00", // the holidays have no window
		"2025-10-09 09:30": "2025-09-30 09:00",
		"2025-10-11 18:00": "2025-10-11 09:00", // a Saturday that is made up
	} {
		p := obligation.PatienceAt(obligation.DefaultWindow, holidays, moment(now), shanghai)
		require.Equal(t, want, p.Told.In(shanghai).Format("2006-01-02 15:04"), now)
		require.True(t, p.Stepped.Equal(moment(now).AddDate(0, 0, -1)))
	}
}

func TestLongest(t *testing.T) {
	at := func(day string) obligation.Held { return obligation.Held{Title: day, Since: moment(day)} }
	got := obligation.Longest([]obligation.Held{at("2025-03-01 00:00"), at("2025-01-01 00:00"), at("2025-02-01 00:00")}, 2)
	require.Equal(t, []obligation.Held{at("2025-01-01 00:00"), at("2025-02-01 00:00")}, got)
	require.Len(t, obligation.Longest(got, 9), 2)
}
