package statistics

import (
	"slices"
	"time"

	"duban/calendar"
)

const day = 24 * time.Hour

// WorkingTime returns how much of the time between two instants lies on working days of the zone. A working day has 24 hours:
// what is handed over at 17:00 and answered at 9:00 on the next working day took 16 hours, whatever rest days lie between.
func WorkingTime(cal *calendar.Calendar, from, to time.Time, loc *time.Location) time.Duration {
	if !from.Before(to) {
		return 0
	}
	first, last := calendar.DateOf(from, loc), calendar.DateOf(to, loc)
	whole := time.Duration(cal.WorkdaysBetween(first-1, last-1)) * day // from first up to, not including, last
	if cal.Workday(first) {
		whole -= from.Sub(first.At(0, loc))
	}
	if cal.Workday(last) {
		whole += to.Sub(last.At(0, loc))
	}
	return whole
}

// passed returns the working time between two instants that have been reached, less what the obligation was suspended.
func (r *reader) passed(from, to time.Time) time.Duration {
	loc := r.state.Policy.Location()
	out := WorkingTime(r.cal, from, to, loc)
	suspended := r.suspended
	if s := r.state.Suspension; s != nil {
		suspended = append(slices.Clip(suspended), [2]time.Time{s.At, to})
	}
	for _, s := range suspended {
		begin, end := s[0], s[1]
		if begin.Before(from) {
			begin = from
		}
		if end.After(to) {
			end = to
		}
		out -= WorkingTime(r.cal, begin, end, loc)
	}
	return out
}

// Span is a working time as people read it: 2 working days and 5 hours, the rest of an hour left out.
type Span struct {
	Days  int `json:"days"`
	Hours int `json:"hours"` // 0 to 23
}

func spanOf(d time.Duration) Span { return Span{int(d / day), int(d % day / time.Hour)} }

// Time is how long one kind of work took.
type Time struct {
	Work   Work `json:"work"`
	Count  int  `json:"count"` // how often it was done; 0: the spans say nothing
	Median Span `json:"median"`
	P90    Span `json:"p90"` // nine of ten took no longer
}

// timeOf sums up what the work took each time. Both figures are ones that occurred (nearest rank), so that nothing is rounded.
func timeOf(w Work, took []time.Duration) Time {
	out := Time{Work: w, Count: len(took)}
	if len(took) == 0 {
		return out
	}
	slices.Sort(took)
	rank := func(percent int) Span { return spanOf(took[(len(took)*percent+99)/100-1]) }
	out.Median, out.P90 = rank(50), rank(90)
	return out
}
