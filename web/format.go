package web

import (
	"fmt"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// day returns a date as people write it: 2026年6月30日; "": there is none.
func day(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	y, m, n := d.Civil()
	return fmt.Sprintf("%d年%d月%d日", y, m, n)
}

// dateOf returns the date of an instant in its own zone, which is the plan's.
func dateOf(t time.Time) calendar.Date { return calendar.DateOf(t, t.Location()) }

// shortDay returns a date for narrow columns: 6月30日 within the year, else 2025年6月30日.
func shortDay(d, today calendar.Date) string {
	if d.IsZero() || d.Year() != today.Year() {
		return day(d)
	}
	_, m, n := d.Civil()
	return fmt.Sprintf("%d月%d日", m, n)
}

// moment returns an instant of the plan's zone: 2026年6月30日 14:05; "": there is none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006年1月2日 15:04")
}

// monthName returns how people call a month that is written 2026-06: 2026年6月.
func monthName(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return t.Format("2006年1月")
}

// lampSign returns a light's shape.
func lampSign(light string) string {
	switch obligation.Light(light) {
	case obligation.Green:
		return "●"
	case obligation.Yellow:
		return "▲"
	case obligation.Red:
		return "■"
	default:
		return "○"
	}
}

// fromNow says how far a due date is from today.
func fromNow(due, today calendar.Date) string {
	switch n := int(due - today); {
	case n == 0:
		return "今天到期"
	case n > 0:
		return fmt.Sprintf("还有 %d 天", n)
	default:
		return fmt.Sprintf("已过 %d 天", -n)
	}
}

// size returns a file's size as people read it.
func size(bytes int64) string {
	switch {
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.0f KB", float64(bytes)/(1<<10))
	default:
		return fmt.Sprintf("%d 字节", bytes)
	}
}
