package training

import (
	"context"
	"sync"
	"time"
)

// pace says how fast business time runs, and never lets it run past what is still to be done: where the machine can't
// keep up, the clock waits for it, and makes up for it when there is less to do.
type pace struct {
	real func() time.Time

	mu      sync.Mutex
	speed   float64 // business seconds a real second, as asked for
	paused  bool
	at      time.Time // business instant due at the real instant since, by the speed that was asked for
	since   time.Time
	limit   time.Time // the clock shows no more: what falls due then is not done yet
	changed chan struct{}

	marks []mark // where the clock stood, over the last seconds
}

type mark struct{ real, business time.Time }

const (
	// measured is over how long the actual speed is told.
	measured = 10 * time.Second
	// behind is the real time by which a clock that is late is called slow, and mostLate the most that is made up for: a
	// machine that slept for a night does not race through years.
	behind, mostLate = 3 * time.Second, time.Minute
)

func newPace(real func() time.Time, start time.Time, speed float64) *pace {
	return &pace{real: real, speed: speed, at: start, since: real(), limit: start, changed: make(chan struct{})}
}

// now returns the business instant that the clock shows.
func (p *pace) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown()
}

// due returns the business instant that the clock would show if the machine kept up.
func (p *pace) due() time.Time {
	if p.paused {
		return p.at
	}
	return p.at.Add(p.business(p.real().Sub(p.since)))
}

// business returns how much business time passes in a span of real time; at most a century, where a Duration ends.
func (p *pace) business(real time.Duration) time.Duration {
	return time.Duration(min(float64(real)*p.speed, float64(100*365*24*time.Hour)))
}

func (p *pace) shown() time.Time {
	if at := p.due(); at.Before(p.limit) {
		return at
	}
	return p.limit
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
	if p.limit.Before(at) {
		p.limit = at
	}
	if p.paused {
		return forever, p.changed
	}
	return time.Duration(float64(at.Sub(p.due())) / p.speed), p.changed
}

// done notes an instant whose work is done.
func (p *pace) done(at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limit.Before(at) {
		p.limit = at
	}
	now := p.real()
	if p.due().Before(at) { // what a restart finds done already, and what was done together with it
		p.at, p.since = at, now
	}
	if p.late(at) > mostLate {
		p.at, p.since = at.Add(p.business(mostLate)), now
	}
	p.marks = append(p.marks, mark{now, at})
	for len(p.marks) > 2 && now.Sub(p.marks[0].real) > measured {
		p.marks = p.marks[1:]
	}
}

// late returns by how much real time the clock is behind where it was asked to be.
func (p *pace) late(at time.Time) time.Duration {
	return time.Duration(float64(p.due().Sub(at)) / p.speed)
}

// set changes the speed, or stops and starts the clock, from what it shows.
func (p *pace) set(speed float64, paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at, p.since = p.shown(), p.real()
	p.speed, p.paused, p.marks = speed, paused, nil
	close(p.changed)
	p.changed = make(chan struct{})
}

// reading is what a clock can be asked.
type reading struct {
	speed  float64 // as asked for
	actual float64 // over the last seconds; 0: can't be told yet
	paused bool
	slow   bool
}

func (p *pace) read() reading {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := reading{speed: p.speed, paused: p.paused, slow: !p.paused && p.late(p.shown()) > behind}
	if n := len(p.marks); n > 1 {
		if span := p.marks[n-1].real.Sub(p.marks[0].real); span > time.Second {
			r.actual = float64(p.marks[n-1].business.Sub(p.marks[0].business)) / float64(span)
		}
	}
	return r
}
