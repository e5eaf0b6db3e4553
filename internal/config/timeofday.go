package config

import (
	"errors"
	"fmt"
	"time"
)

// TimeOfDay is an offset from midnight, as calendar.Date.At takes it. Its text form is "09:15"; the end of the day is
// "24:00".
type TimeOfDay time.Duration

// At returns the time of day of hour and minute.
func At(hour, minute int) TimeOfDay {
	return TimeOfDay(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// Duration returns the offset from midnight.
func (t TimeOfDay) Duration() time.Duration { return time.Duration(t) }

// String returns "09:15".
func (t TimeOfDay) String() string {
	m := int(time.Duration(t) / time.Minute)
	return fmt.Sprintf("%02d:%02d", m/60, m%60)
}

// MarshalText implements encoding.TextMarshaler.
func (t TimeOfDay) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *TimeOfDay) UnmarshalText(b []byte) error {
	if string(b) == "24:00" {
		*t = At(24, 0)
		return nil
	}
	v, err := time.Parse("15:04", string(b))
	if err != nil {
		return errors.New(textTimeOfDay)
	}
	*t = At(v.Hour(), v.Minute())
	return nil
}
