package calendar

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Year is what the State Council's notice says of one year: Off lists the days off and On the weekend days
// that are made up as working days, each as "MMDD" or "MMDD-MMDD" (inclusive). Days that neither names follow
// the week: Monday to Friday are working days.
type Year struct {
	Off []string `json:"off" yaml:"off"`
	On  []string `json:"on" yaml:"on"`
}

// Calendar tells working days from rest days. A year that it does not hold is provisional: the plain week is
// assumed for it and dates that were counted through it are to be confirmed once the notice is published.
// A Calendar is immutable after NewCalendar and safe for concurrent use.
type Calendar struct {
	version int
	source  map[int]Year
	first   Date   // the first day in days
	days    []kind // one a day, from first to the end of the last published year

	// Working days are counted by index, so that a date costs the same however far away it lies. passed holds how many
	// working days lie before each day of days, and at the end before the day after; workdays lists them.
	passed   []int32
	workdays []Date
}

type kind byte

const (
	provisional kind = iota
	working
	resting
)

// Years outside of these are slips of the pen.
const firstYear, lastYear = 1990, 2199

// NewCalendar checks the notices and builds a Calendar. version grows with every published change, so that
// what was computed with an older one can be told. All faults are reported together.
func NewCalendar(version int, years map[int]Year) (*Calendar, error) {
	c := &Calendar{version: version, source: make(map[int]Year, len(years))}
	if len(years) == 0 {
		return c, nil
	}
	for y, notice := range years {
		c.source[y] = Year{slices.Clone(notice.Off), slices.Clone(notice.On)}
	}
	published := c.Years()
	lo, hi := published[0], published[len(published)-1]
	if lo < firstYear || hi > lastYear {
		return nil, fmt.Errorf("年份应在 %d 到 %d 之间，现为 %d 到 %d，请核对", firstYear, lastYear, lo, hi)
	}
	c.first = NewDate(lo, time.January, 1)
	c.days = make([]kind, NewDate(hi+1, time.January, 1)-c.first)
	var faults []error
	for y := lo; y <= hi; y++ {
		if notice, ok := years[y]; ok {
			start := NewDate(y, time.January, 1)
			faults = append(faults, mark(c.days[start-c.first:NewDate(y+1, time.January, 1)-c.first], y, notice))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	c.index()
	return c, nil
}

func (c *Calendar) index() {
	c.passed = make([]int32, len(c.days)+1)
	for i := range c.days {
		c.passed[i+1] = c.passed[i]
		if d := c.first + Date(i); c.Workday(d) {
			c.passed[i+1]++
			c.workdays = append(c.workdays, d)
		}
	}
}

func mark(days []kind, year int, notice Year) error {
	start := NewDate(year, time.January, 1)
	for i := range days {
		days[i] = resting
		if plainWorkday(start + Date(i)) {
			days[i] = working
		}
	}
	var faults []error
	named := map[Date]bool{}
	set := func(spans []string, to kind) {
		for _, span := range spans {
			first, last, err := parseSpan(year, span)
			if err != nil {
				faults = append(faults, err)
				continue
			}
			for d := first; d <= last; d++ {
				if named[d] {
					faults = append(faults, fmt.Errorf("%d年：%s 既列为放假又列为上班，或列了两次", year, d))
				}
				named[d] = true
				if to == working && plainWorkday(d) {
					faults = append(faults, fmt.Errorf("%d年：补班日 %s 本来就是工作日", year, d))
				}
				days[d-start] = to
			}
		}
	}
	set(notice.Off, resting)
	set(notice.On, working)
	return errors.Join(faults...)
}

func parseSpan(year int, span string) (from, to Date, err error) {
	a, b, ranged := strings.Cut(span, "-")
	if !ranged {
		b = a
	}
	from, errFrom := parseMonthDay(year, a)
	to, errTo := parseMonthDay(year, b)
	if errFrom != nil || errTo != nil || from > to {
		return 0, 0, fmt.Errorf("%d年：%q 不是有效的 MMDD 或 MMDD-MMDD", year, span)
	}
	return from, to, nil
}

func parseMonthDay(year int, s string) (Date, error) {
	if len(s) != 4 {
		return 0, errors.New("length")
	}
	return ParseDate(strconv.Itoa(year) + "-" + s[:2] + "-" + s[2:])
}

func plainWorkday(d Date) bool {
	w := d.Weekday()
	return w != time.Saturday && w != time.Sunday
}

// Version returns the version the calendar was built with.
func (c *Calendar) Version() int { return c.version }

// Years returns the years that are published in this calendar, in ascending order.
func (c *Calendar) Years() []int {
	years := make([]int, 0, len(c.source))
	for y := range c.source {
		years = append(years, y)
	}
	slices.Sort(years)
	return years
}

// Year returns what a published year arranges; none for one that is provisional.
func (c *Calendar) Year(n int) Year { return c.source[n] }

// DayKind is what people read of a day: whether they work on it, and why.
type DayKind string

// The kinds of days.
const (
	DayWork   DayKind = "work"    // Monday to Friday
	DayRest   DayKind = "rest"    // Saturday and Sunday
	DayOff    DayKind = "off"     // a notice names it as a day off
	DayMadeUp DayKind = "made-up" // a notice makes a weekend day a working day
)

// DayKind returns what people read of the day. In a provisional year it is the plain week.
func (c *Calendar) DayKind(d Date) DayKind {
	switch {
	case named(c.source[d.Year()].Off, d):
		return DayOff
	case named(c.source[d.Year()].On, d):
		return DayMadeUp
	case plainWorkday(d):
		return DayWork
	default:
		return DayRest
	}
}

// named reports whether one of the spans of d's year, which have been checked, holds d.
func named(spans []string, d Date) bool {
	for _, span := range spans {
		if first, last, err := parseSpan(d.Year(), span); err == nil && first <= d && d <= last {
			return true
		}
	}
	return false
}

// Provisional reports whether the holidays of d's year are not published.
func (c *Calendar) Provisional(d Date) bool { return c.kind(d) == provisional }

func (c *Calendar) kind(d Date) kind {
	if i := int(d - c.first); i >= 0 && i < len(c.days) {
		return c.days[i]
	}
	return provisional
}

// Workday reports whether people work on d.
func (c *Calendar) Workday(d Date) bool {
	switch c.kind(d) {
	case working:
		return true
	case resting:
		return false
	default:
		return plainWorkday(d)
	}
}

// AddWorkdays returns the n-th working day after d (before d where n is negative). For n = 0 it returns d if
// that is a working day, and otherwise the last working day before it: what would be sent on a rest day goes
// out before it, never after.
func (c *Calendar) AddWorkdays(d Date, n int) Date {
	before := c.before(d)
	if n > 0 && c.Workday(d) {
		before++ // d itself is not counted
	}
	switch {
	case n > 0:
		return c.workday(before + n - 1)
	case n < 0:
		return c.workday(before + n)
	case c.Workday(d):
		return d
	default:
		return c.workday(before - 1)
	}
}

// before returns how many working days lie from the first published day up to but not including d; negative before it.
func (c *Calendar) before(d Date) int {
	switch i := int(d - c.first); {
	case len(c.days) == 0:
		return plainBefore(d)
	case i < 0:
		return plainBefore(d) - plainBefore(c.first)
	case i < len(c.passed):
		return int(c.passed[i])
	default:
		end := c.first + Date(len(c.days))
		return len(c.workdays) + plainBefore(d) - plainBefore(end)
	}
}

// workday returns the working day that n working days lie before, as before counts them.
func (c *Calendar) workday(n int) Date {
	switch {
	case len(c.days) == 0:
		return plainDay(n)
	case n < 0:
		return plainDay(n + plainBefore(c.first))
	case n < len(c.workdays):
		return c.workdays[n]
	default:
		end := c.first + Date(len(c.days))
		return plainDay(n - len(c.workdays) + plainBefore(end))
	}
}

// The plain week is counted from a Monday.
const firstMonday Date = 4 // 1970-01-05

// plainBefore returns how many days from Monday to Friday lie between firstMonday and d, d excluded.
func plainBefore(d Date) int {
	days := int(d - firstMonday)
	weeks := days / 7
	if days < 0 && days%7 != 0 {
		weeks--
	}
	return weeks*5 + min(days-weeks*7, 5)
}

// plainDay returns the day from Monday to Friday that n of them lie before.
func plainDay(n int) Date {
	weeks := n / 5
	if n < 0 && n%5 != 0 {
		weeks--
	}
	return firstMonday + Date(weeks*7+n-weeks*5)
}

// NextWorkday returns d if it is a working day, and otherwise the first one after it.
func (c *Calendar) NextWorkday(d Date) Date {
	for !c.Workday(d) {
		d++
	}
	return d
}

// WorkdaysBetween counts the working days after from up to and including to; it is negative where to lies
// before from.
func (c *Calendar) WorkdaysBetween(from, to Date) int { return c.before(to+1) - c.before(from+1) }

type calendarJSON struct {
	Version int          `json:"version"`
	Years   map[int]Year `json:"years"`
}

// MarshalJSON implements json.Marshaler.
func (c *Calendar) MarshalJSON() ([]byte, error) {
	return json.Marshal(calendarJSON{c.version, c.source})
}

// UnmarshalJSON implements json.Unmarshaler; the notices are checked as NewCalendar does.
func (c *Calendar) UnmarshalJSON(b []byte) error {
	var v calendarJSON
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	built, err := NewCalendar(v.Version, v.Years)
	if err != nil {
		return err
	}
	*c = *built
	return nil
}
