package store

import (
	"database/sql/driver"
	"fmt"
	"time"

	"duban/calendar"
)

// instantLayout has a fixed width, so that instants compare as texts.
const instantLayout = "2006-01-02 15:04:05.000000"

// instant is a time column: UTC with microseconds, NULL for the zero time.
type instant struct{ time.Time }

// Value implements driver.Valuer.
func (t instant) Value() (driver.Value, error) {
	if t.IsZero() {
		return nil, nil
	}
	return t.UTC().Format(instantLayout), nil
}

// Scan implements sql.Scanner.
func (t *instant) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		t.Time = time.Time{}
		return nil
	case time.Time:
		t.Time = v.UTC()
		return nil
	case []byte:
		return t.Scan(string(v))
	case string:
		parsed, err := time.Parse(instantLayout, v)
		t.Time = parsed
		return err
	}
	return fmt.Errorf("instant from %T", v)
}

// earliest stands for the zero time in columns that lights are derived from: MySQL knows no year before it.
var earliest = time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC)

// standing is an instant that a light is derived from. It is never NULL, since NULL compares with nothing.
func standing(t time.Time) instant {
	if t.Before(earliest) {
		t = earliest
	}
	return instant{t}
}

// date is a date column, NULL for the zero date.
type date struct{ calendar.Date }

// Value implements driver.Valuer.
func (d date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan implements sql.Scanner.
func (d *date) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		d.Date = 0
		return nil
	case time.Time:
		d.Date = calendar.DateOf(v, time.UTC)
		return nil
	case []byte:
		return d.Scan(string(v))
	case string:
		parsed, err := calendar.ParseDate(v)
		d.Date = parsed
		return err
	}
	return fmt.Errorf("date from %T", v)
}

// required is a date column that is never NULL: obligations are listed by it.
func required(d calendar.Date) any {
	if d.IsZero() {
		return "1000-01-01"
	}
	return d.String()
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
