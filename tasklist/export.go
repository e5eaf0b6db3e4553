package tasklist

import (
	"fmt"
	"slices"
	"strings"

	"duban/calendar"
	"duban/plan"
)

// Export produces the list of a year from the plan: every measure of which something falls due in it by the calendar, in the
// plan's order. Reading the table against the same plan, calendar and year finds every row unchanged.
func Export(p plan.Plan, cal *calendar.Calendar, year int) (headings []string, rows [][]string) {
	for _, c := range exported {
		headings = append(headings, c.text)
	}
	dir := newDirectory(&p, year)
	actions := map[int]string{}
	for _, a := range p.Actions {
		actions[a.Number] = a.Title
	}
	for _, t := range p.Tasks {
		for _, m := range p.MeasuresOf(t.Code) {
			if here, _ := dueIn(&p, cal, m, year); !here {
				continue
			}
			rows = append(rows, exportRow(&p, dir, t, m, actions[t.Action]))
		}
	}
	return headings, rows
}

func exportRow(p *plan.Plan, dir *directory, t plan.Task, m plan.Measure, action string) []string {
	lead := p.LeadOf(m)
	others := slices.DeleteFunc(dir.resolve(m.Audience), func(c string) bool { return slices.Contains(lead, c) })
	cells := map[Field]string{
		FieldNumber: t.Code, FieldAction: action, FieldTask: t.Title, FieldMeasure: m.Title, FieldCode: m.Code, FieldDone: m.Done,
		FieldLead: strings.Join(dir.words(lead), textSep), FieldUnits: strings.Join(dir.words(others), textSep),
		FieldDeadline: deadlineText(m.Schedule, dir.year),
	}
	row := make([]string, len(exported))
	for i, c := range exported {
		row[i] = cells[c.field]
	}
	return row
}

// deadlineText writes what of a schedule binds in the year so that it is read back as the same.
func deadlineText(s plan.Schedule, year int) string {
	if s.Kind != plan.Milestone {
		return scheduleText(s, year)
	}
	var days []string
	for _, d := range s.Due {
		if d.Year() == year {
			days = append(days, dayText(d))
		}
	}
	return strings.Join(days, "；")
}

func dayText(d calendar.Date) string { return fmt.Sprintf(textDueOn, d.Chinese()) }
