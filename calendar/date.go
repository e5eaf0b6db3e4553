// Package calendar knows civil dates, the working days of the People's Republic of China as the State
// Council publishes them year by year, and the clock of an installation. It reads no clock itself: every
// function that needs the time takes it as an argument.
package calendar

import (
	"fmt"
	"time"
)

// Date is a civil date without time or zone, counted in days since 1970-01-01. The zero Date means "none".
// Its text form is "2006-01-02"; the zero Date is the empty text.
type Date int32

const secondsPerDay = 24 * 60 * 60

// NewDate returns the date of year, month and day, normalising overflow the way time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

// DateOf returns the civil date of instant t in the zone loc.
func DateOf(t time.Time, loc *time.Location) Date {
	y, m, d := t.In(loc).Date()
	return NewDate(y, m, d)
}

// ParseDate reads "2006-01-02". A date that does not exist (2025-02-30) is an error, and so is 1970-01-01, which
// would mean "none".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Unix() == 0 {
		return 0, fmt.Errorf("日期 %q 不是有效的 YYYY-MM-DD", s)
	}
	return Date(t.Unix() / secondsPerDay), nil
}

// MustDate is ParseDate for literals in tests and tables; it panics on an error.
func MustDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func (d Date) utc() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// IsZero reports whether d is "none".
func (d Date) IsZero() bool { return d == 0 }

// Civil returns the parts of the date.
func (d Date) Civil() (year int, month time.Month, day int) { return d.utc().Date() }

// Year returns the year.
func (d Date) Year() int { return d.utc().Year() }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	// 1970-01-01 was a Thursday.
	return time.Weekday(((int(d)+4)%7 + 7) % 7)
}

// AddDays returns the date n calendar days later (earlier where n is negative).
func (d Date) AddDays(n int) Date { return d + Date(n) }

// At returns the instant of d at the given offset from midnight in the zone loc.
func (d Date) At(offset time.Duration, loc *time.Location) time.Time {
	y, m, day := d.Civil()
	return time.Date(y, m, day, 0, 0, 0, int(offset), loc)
}

// End returns the instant at which the whole day d is over: the following midnight in the zone loc.
func (d Date) End(loc *time.Location) time.Time { return (d + 1).At(0, loc) }

// String returns "2006-01-02", or "" for the zero Date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.utc().Format(time.DateOnly)
}

// Chinese returns "2024年6月30日", or "" for the zero Date.
func (d Date) Chinese() string {
	if d == 0 {
		return ""
	}
	y, m, day := d.Civil()
	return fmt.Sprintf("%d年%d月%d日", y, int(m), day)
}

// MarshalText implements encoding.TextMarshaler.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; the empty text is the zero Date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	v, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}
