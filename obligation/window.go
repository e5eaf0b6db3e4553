package obligation

import (
	"time"

	"duban/calendar"
)

// Window is when notices go out: on working days between From and To, the day's digest at Digest. All three are
// offsets from midnight in the plan's zone.
type Window struct {
	From   time.Duration `json:"from"`
	To     time.Duration `json:"to"`
	Digest time.Duration `json:"digest"`
}

// DefaultWindow is 09:00 to 17:30 with the digest at 09:15: after the steps of the day, which are taken at 09:00.
var DefaultWindow = Window{From: 9 * time.Hour, To: 17*time.Hour + 30*time.Minute, Digest: 9*time.Hour + 15*time.Minute}

// NextDigest returns the first digest time after the instant.
func (w Window) NextDigest(cal *calendar.Calendar, after time.Time, loc *time.Location) time.Time {
	for day := cal.NextWorkday(calendar.DateOf(after, loc)); ; day = cal.NextWorkday(day + 1) {
		if at := day.At(w.Digest, loc); at.After(after) {
			return at
		}
	}
}

// Next returns the first instant from now on at which a notice may go out: now, inside the window of a working day.
func (w Window) Next(cal *calendar.Calendar, now time.Time, loc *time.Location) time.Time {
	for day := cal.NextWorkday(calendar.DateOf(now, loc)); ; day = cal.NextWorkday(day + 1) {
		switch {
		case now.Before(day.At(w.From, loc)):
			return day.At(w.From, loc)
		case now.Before(day.At(w.To, loc)):
			return now
		}
	}
}
