package calendar

import (
	"errors"
	"fmt"
	"time"
)

// Clock is the one clock of an installation. The zero Clock is the wall clock. A scaled clock, for acceptance, shows
// Start at the real instant Origin and then runs Speed times as fast. A held clock, for training, shows Start until
// somebody moves it on: at three years in five minutes a millisecond is an hour, and only a clock that waits for what
// falls due keeps every step at its own instant. A clock is stored with the installation and given to every workflow as
// input, because recorded histories outlive releases.
type Clock struct {
	Origin time.Time `json:"origin,omitzero"`
	Start  time.Time `json:"start,omitzero"`
	Speed  float64   `json:"speed,omitempty"`
	Held   bool      `json:"held,omitempty"`
}

// A clock slower or faster than these leaves the range in which instants can be told apart over years.
const slowest, fastest = 0.1, 1e8

// Validate returns an error where a scaled clock lacks an origin, a start, or a sensible speed, or a held one a start.
func (c Clock) Validate() error {
	switch {
	case c == (Clock{}):
		return nil
	case c.Held && (c.Start.IsZero() || c.Speed != 0 || !c.Origin.IsZero()):
		return errors.New("演练时钟只给出起始业务时间（start），由演练本身推进")
	case c.Held:
		return nil
	}
	if c.Origin.IsZero() || c.Start.IsZero() {
		return errors.New("比例时钟必须同时给出起点（origin）和起始业务时间（start）")
	}
	// Also refuses what is not a number.
	if !(c.Speed >= slowest && c.Speed <= fastest) {
		return fmt.Errorf("比例时钟的倍速（speed）应在 %v 到 %v 之间，现为 %v", slowest, fastest, c.Speed)
	}
	return nil
}

// Scaled reports whether the clock is anything but the wall clock: what happens on it reaches nobody outside.
func (c Clock) Scaled() bool { return c.Speed != 0 || c.Held }

// Moved returns a held clock that shows the business instant, or what it showed where that is later: no clock runs
// backwards. Other clocks move by themselves.
func (c Clock) Moved(business time.Time) Clock {
	if c.Held && business.After(c.Start) {
		c.Start = business
	}
	return c
}

// Business returns the business instant that the clock shows at the real instant.
func (c Clock) Business(real time.Time) time.Time {
	switch {
	case c.Held:
		return c.Start
	case c.Speed == 0:
		return real
	}
	return c.Start.Add(time.Duration(float64(real.Sub(c.Origin)) * c.Speed))
}

// Real returns the real instant at which the clock shows the business instant, or by a rounding error more. It is
// never early, so that a timer set for a business instant never fires before it. Of a held clock nobody knows; it
// returns the business instant.
func (c Clock) Real(business time.Time) time.Time {
	if c.Speed == 0 {
		return business
	}
	real := c.Origin.Add(time.Duration(float64(business.Sub(c.Start)) / c.Speed))
	// Over years a float64 holds no single nanoseconds. Instants centuries away, where even a Duration ends, are
	// left as they are.
	for range 8 {
		early := business.Sub(c.Business(real))
		if early <= 0 {
			break
		}
		real = real.Add(time.Duration(float64(early)/c.Speed) + 1)
	}
	return real
}
