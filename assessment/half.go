// Package assessment scores the half-yearly assessment of progress (每半年开展一次进度评估): from the ledgers and the rules
// alone, so that the same ledgers under the same rules give the same scores, whenever they are counted.
package assessment

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"duban/calendar"
	"duban/plan"
)

// Half is a half-year, whose end is a checkpoint (评估节点).
type Half struct{ Year, N int } // N is 1 or 2

var halfText = regexp.MustCompile(`^(2\d{3})H([12])$`)

// ParseHalf reads what String wrote: 2026H1.
func ParseHalf(s string) (Half, bool) {
	m := halfText.FindStringSubmatch(s)
	if m == nil {
		return Half{}, false
	}
	year, _ := strconv.Atoi(m[1]) // four digits
	return Half{year, int(m[2][0] - '0')}, true
}

// HalfOf returns the half-year of a date.
func HalfOf(d calendar.Date) Half {
	year, month, _ := d.Civil()
	if month <= time.June {
		return Half{year, 1}
	}
	return Half{year, 2}
}

// Halves returns the half-years from the one of the first date to that of the last.
func Halves(first, last calendar.Date) []Half {
	var out []Half
	for h := HalfOf(first); h.From() <= last; h = h.next() {
		out = append(out, h)
	}
	return out
}

// Checkpoints returns the half-years of a plan that are assessed: those that are not over on the as-of date.
func Checkpoints(p plan.Plan, asOf calendar.Date) []Half { return Halves(max(p.From, asOf), p.To) }

func (h Half) next() Half {
	if h.N == 1 {
		return Half{h.Year, 2}
	}
	return Half{h.Year + 1, 1}
}

// String returns 2026H1.
func (h Half) String() string { return fmt.Sprintf("%dH%d", h.Year, h.N) }

// Chinese returns 2026年上半年.
func (h Half) Chinese() string { return fmt.Sprintf(halfNames[h.N], h.Year) }

// From returns the first day.
func (h Half) From() calendar.Date {
	return calendar.NewDate(h.Year, time.Month(6*h.N-5), 1)
}

// To returns the last day.
func (h Half) To() calendar.Date { return h.next().From().AddDays(-1) }

// Checkpoint returns the instant at which the half-year is over.
func (h Half) Checkpoint(zone *time.Location) time.Time { return h.To().End(zone) }

// begins returns the instant at which it begins.
func (h Half) begins(zone *time.Location) time.Time { return h.From().At(0, zone) }
