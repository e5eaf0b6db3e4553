package notify

import (
	"context"
	"sync"
	"time"
)

// Clock is what requests are stamped with and rates are kept by. It is real time whatever the installation's clock
// shows: the rates are those of other people's servers. The zero Clock is the machine's.
type Clock struct {
	Now func() time.Time
	// Wait returns after d, or at once with the context's error when that is done first.
	Wait func(ctx context.Context, d time.Duration) error
}

func (c Clock) orReal() Clock {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wait == nil {
		c.Wait = pause
	}
	return c
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// quota allows n within any span. A token bucket would not do: full at the beginning, it lets nearly 2n through.
type quota struct {
	n    int
	span time.Duration
}

// pace keeps quotas by the instants of what went out. It is safe for concurrent use.
type pace struct {
	quotas []quota

	mu   sync.Mutex
	past []time.Time // ascending, no longer than the largest n
}

// take counts one that goes out now and returns 0, or returns how long none may go out.
func (p *pace) take(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var wait time.Duration
	most := 0
	for _, q := range p.quotas {
		most = max(most, q.n)
		if len(p.past) >= q.n {
			wait = max(wait, p.past[len(p.past)-q.n].Add(q.span).Sub(now))
		}
	}
	if wait > 0 {
		return wait
	}
	p.past = append(p.past, now)
	p.past = p.past[max(0, len(p.past)-most):]
	return 0
}

// perMinute returns the pace of so many a minute, nil for 0.
func perMinute(n int) *pace {
	if n == 0 {
		return nil
	}
	return &pace{quotas: []quota{{n, time.Minute}}}
}

// turn waits until one may go out, and counts it. Without a pace it may at once.
func (p *pace) turn(ctx context.Context, clock Clock) error {
	if p == nil {
		return nil
	}
	for wait := p.take(clock.Now()); wait > 0; wait = p.take(clock.Now()) {
		if err := clock.Wait(ctx, wait); err != nil {
			return err
		}
	}
	return nil
}
