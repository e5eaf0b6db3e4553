package training

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// watch is a real clock that the test moves on.
type watch struct{ at time.Time }

func (w *watch) now() time.Time { return w.at }

var (
	real0 = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	start = time.Date(2024, 4, 19, 1, 0, 0, 0, time.UTC)
)

func TestClockRunsAtItsSpeedAndStopsAtWhatIsNotDone(t *testing.T) {
	w := &watch{real0}
	p := newPace(w.now, start, 3600)
	require.Equal(t, start, p.now())
	wait, _ := p.towards(start.Add(10 * time.Hour))
	require.Equal(t, 10*time.Second, wait)
	w.at = w.at.Add(4 * time.Second)
	require.Equal(t, start.Add(4*time.Hour), p.now())
	w.at = w.at.Add(time.Minute) // what falls due after ten hours takes long
	require.Equal(t, start.Add(10*time.Hour), p.now())
	require.True(t, p.read().slow)
	p.done(start.Add(10 * time.Hour))
	wait, _ = p.towards(start.Add(12 * time.Hour))
	require.Negative(t, wait, "the delay is made up for as fast as the machine can")
	p.done(start.Add(12 * time.Hour))
	w.at = w.at.Add(time.Hour) // it slept
	p.done(start.Add(13 * time.Hour))
	wait, _ = p.towards(start.Add(13*time.Hour + 70*time.Second*3600))
	require.Equal(t, 10*time.Second, wait, "but no more than a minute of it")
}

func TestFastestClockStaysWithinWhatADurationHolds(t *testing.T) {
	w := &watch{real0}
	p := newPace(w.now, start, 1e12)
	w.at = w.at.Add(time.Hour)
	wait, _ := p.towards(start.Add(24 * time.Hour))
	require.Negative(t, wait)
	require.Equal(t, start.Add(24*time.Hour), p.now())
	p.done(start.Add(24 * time.Hour))
	require.Equal(t, start.Add(24*time.Hour), p.now())
}

func TestPauseKeepsTheTimeAndSpeed(t *testing.T) {
	w := &watch{real0}
	p := newPace(w.now, start, 3600)
	p.towards(start.Add(100 * time.Hour))
	w.at = w.at.Add(5 * time.Second)
	p.set(3600, true)
	w.at = w.at.Add(time.Hour)
	require.Equal(t, start.Add(5*time.Hour), p.now())
	wait, _ := p.towards(start.Add(100 * time.Hour))
	require.Equal(t, forever, wait)
	p.set(7200, false)
	w.at = w.at.Add(time.Second)
	require.Equal(t, start.Add(7*time.Hour), p.now())
}

func TestClockNeverRunsBackwards(t *testing.T) {
	w := &watch{real0}
	p := newPace(w.now, start, 3600)
	p.done(start.Add(5 * time.Hour))
	p.done(start.Add(2 * time.Hour)) // a restart finds done what was done
	p.towards(start.Add(5 * time.Hour))
	require.Equal(t, start.Add(5*time.Hour), p.now())
}

func TestActualSpeedIsThatOfTheLastSeconds(t *testing.T) {
	w := &watch{real0}
	p := newPace(w.now, start, 3600)
	require.Zero(t, p.read().actual, "nothing can be told yet")
	require.False(t, p.read().slow)
	for i := range 30 {
		w.at = w.at.Add(2 * time.Second)
		p.done(start.Add(time.Duration(i+1) * time.Hour))
	}
	r := p.read()
	require.InDelta(t, 3600, r.speed, 1e-9)
	require.InDelta(t, 1800, r.actual, 1)
	require.True(t, r.slow)
}

func TestWaitingEndsWithTheContextAndWithAChange(t *testing.T) {
	p := newPace(time.Now, start, 1e-9)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.reach(ctx, start.Add(time.Hour)) }()
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	go func() { ended <- p.reach(t.Context(), start.Add(2*time.Hour)) }()
	p.set(1e12, false)
	require.NoError(t, <-ended)
}
