package calendar

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var shanghai = time.FixedZone("CST", 8*60*60)

// anyDate draws dates within some decades of the plan, none among them never.
func anyDate(t *rapid.T, label string) Date {
	return NewDate(1999, time.January, 1).AddDays(rapid.IntRange(0, 20000).Draw(t, label))
}

func TestParseDate(t *testing.T) {
	for in, want := range map[string]string{
		"2024-02-29": "2024年2月29日",
		"2026-12-31": "2026年12月31日",
		"1969-12-31": "1969年12月31日",
		"1970-01-02": "1970年1月2日",
	} {
		d, err := ParseDate(in)
		require.NoError(t, err, in)
		require.Equal(t, in, d.String())
		require.Equal(t, want, d.Chinese())
	}
	for _, in := range []string{
		"", "2025-02-29", "2025-02-30", "2024-13-01", "2024-00-10", "2024-6-30", "20240630", "2024-06-30 ", "2024年6月30日",
		"2024-06-30T00:00:00Z",
		"1970-01-01", // would be read as "none"
	} {
		_, err := ParseDate(in)
		require.ErrorContains(t, err, "YYYY-MM-DD", in)
	}
}

func TestMustDatePanics(t *testing.T) {
	require.Panics(t, func() { MustDate("2025-02-30") })
}

func TestDateOf(t *testing.T) {
	instant := time.Date(2024, time.June, 30, 16, 30, 0, 0, time.UTC)
	require.Equal(t, MustDate("2024-06-30"), DateOf(instant, time.UTC))
	require.Equal(t, MustDate("2024-07-01"), DateOf(instant, shanghai), "in Shanghai it is past midnight")
}

func TestDateInstants(t *testing.T) {
	d := MustDate("2024-06-30")
	require.Equal(t, time.Date(2024, time.June, 30, 9, 30, 0, 0, shanghai), d.At(9*time.Hour+30*time.Minute, shanghai))
	require.Equal(t, time.Date(2024, time.July, 1, 0, 0, 0, 0, shanghai), d.End(shanghai), "the whole due day counts")
}

// At is a time of day, not a span from midnight; the two differ on the days when clocks are changed.
func TestDateAtChangeOfClocks(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	at := MustDate("2024-03-10").At(9*time.Hour, newYork)
	require.Equal(t, "09:00", at.Format("15:04"))
}

func TestNewDateNormalises(t *testing.T) {
	require.Equal(t, MustDate("2025-01-01"), NewDate(2024, time.December, 32))
	require.Equal(t, MustDate("2024-02-29"), NewDate(2024, time.March, 0))
}

func TestZeroDate(t *testing.T) {
	var d Date
	require.True(t, d.IsZero())
	require.Empty(t, d.String())
	require.Empty(t, d.Chinese())
	out, err := json.Marshal(struct {
		D Date `json:"d"`
		O Date `json:"o,omitzero"`
	}{})
	require.NoError(t, err)
	require.JSONEq(t, `{"d":""}`, string(out))
}

func TestDateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate(t, "date")
		y, m, day := d.Civil()
		require.Equal(t, d, NewDate(y, m, day))
		require.Equal(t, y, d.Year())
		require.Equal(t, time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Weekday(), d.Weekday())
		require.Equal(t, d, DateOf(d.At(0, shanghai), shanghai))
		require.Equal(t, d, DateOf(d.End(shanghai).Add(-time.Nanosecond), shanghai))
		require.Equal(t, d+1, DateOf(d.End(shanghai), shanghai))

		out, err := json.Marshal(d)
		require.NoError(t, err)
		require.Equal(t, `"`+d.String()+`"`, string(out))
		var back Date
		require.NoError(t, json.Unmarshal(out, &back))
		require.Equal(t, d, back)
	})
}

func TestDateWeekdayBeforeTheEpoch(t *testing.T) {
	require.Equal(t, time.Wednesday, MustDate("1969-12-31").Weekday())
	require.Equal(t, time.Monday, MustDate("1900-01-01").Weekday())
}

func TestDateUnmarshalText(t *testing.T) {
	d := MustDate("2024-06-30")
	require.NoError(t, d.UnmarshalText(nil))
	require.True(t, d.IsZero())
	require.Error(t, d.UnmarshalText([]byte("2024-02-30")))
}
