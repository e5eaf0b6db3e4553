package training

import (
	"context"
	"sync"
	"time"
)

// pace says how fast business time runs, and never lets it run past what is still to be done: where the machine can't
// keep up, the clock waits for it.
type pace struct {
	real func() time.Time

	mu      sync.Mutex
	speed   float64 // business seconds a real second, as asked for
	paused  bool
	at      time.Time // business instant shown at the real instant since
	since   time.Time
	limit   time.Time // the clock shows no more: what falls due then is not done yet
	changed chan struct{}

	marks []mark // where the clock stood, over the last seconds
}

type mark struct{ real, business time.Time }

// measured is over how long the real speed is told.
const measured = 10 * time.Second

func newPace(real func() time.Time, start time.Time, speed float64) *pace {
	return &pace{real: real, speed: speed, at: start, since: real(), limit: start, changed: make(chan struct{})}
}

// now returns the business instant that the clock shows.
func (p *pace) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown()
}

func (p *pace) shown() time.Time {
	at := p.at
	if !p.paused {
		at = at.Add(time.Duration(float64(p.real().Sub(p.since)) * p.speed))
	}
	if at.After(p.limit) {
		at = p.limit
	}
	return at
}

// reach blocks until the clock shows the business instant, which is the next at which anything falls due.
func (p *pace) reach(ctx context.Context, at time.Time) error {
	for {
		wait, changed := p.towards(at)
		if wait <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-changed:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// forever is how long a clock that stands waits to be set going.
const forever = 365 * 24 * time.Hour

func (p *pace) towards(at time.Time) (time.Duration, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.base()
	p.limit = at
	if p.paused {
		return forever, p.changed
	}
	return time.Duration(float64(at.Sub(p.at)) / p.speed), p.changed
}

// done lets the clock go on from an instant whose work is done. The time that the work took is not made up for: a clock
// that hurries after a delay would let the next steps come late.
func (p *pace) done(at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.real()
	if at.Before(p.at) {
		at = p.at // what a restart finds done already
	}
	p.at, p.since = at, now
	if p.limit.Before(at) {
		p.limit = at
	}
	p.marks = append(p.marks, mark{now, at})
	for len(p.marks) > 2 && now.Sub(p.marks[0].real) > measured {
		p.marks = p.marks[1:]
	}
}

// base takes what the clock shows as the point it goes on from.
func (p *pace) base() { p.at, p.since = p.shown(), p.real() }

// set changes the speed, or stops and starts the clock.
func (p *pace) set(speed float64, paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.base()
	p.speed, p.paused, p.marks = speed, paused, nil
	close(p.changed)
	p.changed = make(chan struct{})
}

// read returns what was asked for, and the speed over the last seconds, 0 where that can't be told yet.
func (p *pace) read() (speed, actual float64, paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.marks); n > 1 {
		if span := p.marks[n-1].real.Sub(p.marks[0].real); span > time.Second {
			actual = float64(p.marks[n-1].business.Sub(p.marks[0].business)) / float64(span)
		}
	}
	return p.speed, actual, p.paused
}
