package calendar

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var (
	origin = time.Date(2026, time.November, 23, 8, 0, 0, 123, time.UTC)
	start  = time.Date(2024, time.April, 19, 0, 0, 0, 0, shanghai)
)

func TestWallClock(t *testing.T) {
	var c Clock
	require.NoError(t, c.Validate())
	require.False(t, c.Scaled())
	now := time.Now()
	require.Equal(t, now, c.Business(now))
	require.Equal(t, now, c.Real(now))
}

func TestScaledClock(t *testing.T) {
	day := Clock{Origin: origin, Start: start, Speed: 24 * 60 * 60} // a day a second
	require.NoError(t, day.Validate())
	require.True(t, day.Scaled())
	require.True(t, start.Equal(day.Business(origin)))
	require.True(t, start.AddDate(0, 0, 10).Equal(day.Business(origin.Add(10*time.Second))))
	require.WithinDuration(t, origin.Add(10*time.Second), day.Real(start.AddDate(0, 0, 10)), time.Microsecond)
	require.WithinDuration(t, origin.Add(-time.Second), day.Real(start.AddDate(0, 0, -1)), time.Microsecond,
		"the business time before the start lies before the origin")
}

func TestHeldClockMovesOnlyForwardAndOnlyWhenMoved(t *testing.T) {
	c := Clock{Start: start, Held: true}
	require.NoError(t, c.Validate())
	require.True(t, c.Scaled())
	require.Equal(t, start, c.Business(origin))
	require.Equal(t, start, c.Business(origin.AddDate(1, 0, 0)))
	later := c.Moved(start.AddDate(0, 0, 3))
	require.Equal(t, start.AddDate(0, 0, 3), later.Business(origin))
	require.Equal(t, later, later.Moved(start), "no clock runs backwards")
	wall := Clock{}
	require.Equal(t, wall, wall.Moved(start), "the wall clock moves by itself")
}

func TestClockValidate(t *testing.T) {
	tests := map[string]Clock{
		"no origin":    {Start: start, Speed: 10},
		"no start":     {Origin: origin, Speed: 10},
		"no speed":     {Origin: origin, Start: start},
		"backwards":    {Origin: origin, Start: start, Speed: -1},
		"not a number": {Origin: origin, Start: start, Speed: math.NaN()},
		"infinite":     {Origin: origin, Start: start, Speed: math.Inf(1)},
		"too fast":     {Origin: origin, Start: start, Speed: 1e12},
		"standing":     {Origin: origin, Start: start, Speed: 1e-12},
		"speed alone":  {Speed: 2},
		"held nowhere": {Held: true},
		"held, moving": {Held: true, Start: start, Speed: 2, Origin: origin},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) { require.Error(t, c.Validate()) })
	}
}

// A timer set for Real(b) must not fire before the clock shows b, nor noticeably after.
func TestClockIsNeverEarly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Clock{Origin: origin, Start: start, Speed: rapid.OneOf(
			rapid.Float64Range(0.1, 2),
			rapid.Float64Range(1, 1e6),
			rapid.SampledFrom([]float64{1, 2, 3, 60, 3600, 86400, 315360}),
		).Draw(t, "speed")}
		require.NoError(t, c.Validate())
		b := start.Add(time.Duration(rapid.Int64Range(0, int64(4*365*24*time.Hour)).Draw(t, "business")))
		real := c.Real(b)
		shown := c.Business(real)
		require.False(t, shown.Before(b), "at its real instant the clock shows %v, %v early", shown, b.Sub(shown))
		tolerance := time.Duration(c.Speed*float64(time.Microsecond)) + time.Microsecond
		require.LessOrEqual(t, shown.Sub(b), tolerance)
	})
}

func TestClockIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Clock{Origin: origin, Start: start, Speed: rapid.Float64Range(0.1, 1e6).Draw(t, "speed")}
		a := origin.Add(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "real")))
		b := a.Add(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "later")))
		require.False(t, c.Business(b).Before(c.Business(a)))
		require.False(t, c.Real(b).Add(time.Microsecond).Before(c.Real(a)), "up to rounding")
	})
}

func TestClockFarAway(t *testing.T) {
	c := Clock{Origin: origin, Start: start, Speed: 0.1}
	c.Real(time.Date(9999, time.January, 1, 0, 0, 0, 0, time.UTC))
	c.Real(time.Time{})
}

func TestClockJSON(t *testing.T) {
	for _, c := range []Clock{{}, {Origin: origin, Start: start, Speed: 315360}} {
		out, err := json.Marshal(c)
		require.NoError(t, err)
		var back Clock
		require.NoError(t, json.Unmarshal(out, &back))
		require.NoError(t, back.Validate())
		require.Equal(t, c.Scaled(), back.Scaled())
		now := origin.Add(time.Hour)
		require.True(t, c.Business(now).Equal(back.Business(now)), "histories are replayed with the clock that was stored")
	}
	out, err := json.Marshal(Clock{})
	require.NoError(t, err)
	require.JSONEq(t, `{}`, string(out))
}
