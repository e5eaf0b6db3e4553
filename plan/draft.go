package plan

import (
	"slices"
	"strconv"
	"strings"

	"duban/calendar"
)

// Draft says what the next campaign takes over from this one.
type Draft struct {
	Code   string
	Number string
	Title  string
	Issued calendar.Date
	Years  int // by how many years every date is moved on
}

// Next returns the draft of the next campaign: the same actions, tasks and measures with every date moved on. Units that are no
// more are left out. What follows from the old document's words alone is marked as inferred, for the office to confirm
// against the new one.
func (p *Plan) Next(d Draft) Plan {
	move := func(day calendar.Date) calendar.Date { return later(day, d.Years) }
	out := *p
	out.Code, out.Number, out.Title, out.Issued = d.Code, d.Number, d.Title, d.Issued
	out.From, out.To = move(p.From), move(p.To)
	out.Units = slices.DeleteFunc(slices.Clone(p.Units), func(u Unit) bool { return !u.To.IsZero() && u.To < out.From })
	exists := func(code string) bool {
		return slices.ContainsFunc(out.Units, func(u Unit) bool { return u.Code == code })
	}
	only := func(codes []string) []string {
		return slices.DeleteFunc(slices.Clone(codes), func(code string) bool { return !exists(code) })
	}
	out.Tasks = slices.Clone(p.Tasks)
	for i := range out.Tasks {
		out.Tasks[i].Lead = only(out.Tasks[i].Lead)
	}
	out.Measures = slices.Clone(p.Measures)
	for i := range out.Measures {
		m := &out.Measures[i]
		m.Audience.Units, m.Audience.Except = only(m.Audience.Units), only(m.Audience.Except)
		m.Schedule.Due = slices.Clone(m.Schedule.Due)
		m.Schedule.Numbers, m.Schedule.Given = nil, 0 // nothing of it has been opened
		for n, due := range m.Schedule.Due {
			m.Schedule.Due[n] = move(due)
		}
		m.Schedule.From, m.Schedule.To = move(m.Schedule.From), move(m.Schedule.To)
		if !slices.Contains(m.Inferred, inferredSchedule) {
			m.Inferred = append(slices.Clone(m.Inferred), inferredSchedule)
		}
		m.Note = strings.TrimSpace(m.Note + " " + strings.ReplaceAll(textDrafted, "%d", strconv.Itoa(d.Years)))
	}
	return out
}

// inferredSchedule names a measure's schedule among what was inferred.
const inferredSchedule = "schedule"

// later returns the same day so many years on; the 29th of February becomes the 28th. None stays none.
func later(d calendar.Date, years int) calendar.Date {
	if d.IsZero() {
		return d
	}
	y, m, day := d.Civil()
	moved := calendar.NewDate(y+years, m, day)
	if _, month, _ := moved.Civil(); month != m {
		moved = calendar.NewDate(y+years, m, day-1)
	}
	return moved
}

const textDrafted = "由上一方案顺延%d年，待对照新方案确认。"
