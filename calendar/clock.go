package calendar

import (
	"errors"
	"fmt"
	"time"
)

// Clock is the one clock of an installation. The zero Clock is the wall clock. A scaled clock, for training and
// acceptance, shows Start at the real instant Origin and then runs Speed times as fast. It is stored with the
// installation and given to every workflow as input, because recorded histories outlive releases.
type Clock struct {
	Origin time.Time `json:"origin,omitzero"`
	Start  time.Time `json:"start,omitzero"`
	Speed  float64   `json:"speed,omitempty"`
}

// A clock slower or faster than these leaves the range in which instants can be told apart over years.
const slowest, fastest = 0.1, 1e8

// Validate returns an error where a scaled clock lacks an origin, a start, or a sensible speed.
func (c Clock) Validate() error {
	if c == (Clock{}) {
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

// Scaled reports whether the clock is anything but the wall clock.
func (c Clock) Scaled() bool { return c.Speed != 0 }

// Business returns the business instant that the clock shows at the real instant.
func (c Clock) Business(real time.Time) time.Time {
	if !c.Scaled() {
		return real
	}
	return c.Start.Add(time.Duration(float64(real.Sub(c.Origin)) * c.Speed))
}

// Real returns the real instant at which the clock shows the business instant, or by a rounding error more. It is
// never early, so that a timer set for a business instant never fires before it.
func (c Clock) Real(business time.Time) time.Time {
	if !c.Scaled() {
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
