package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"duban/calendar"
	"duban/internal/report"
	"duban/obligation"
	"duban/rehearsal"
)

// output takes one run after the other, so that only one is in memory, and writes the rest at the end.
type output interface {
	add(run *rehearsal.Run) error
	end() error
}

// output returns where the runs go; with several of them every line names its run.
func (c rehearseCmd) output(w io.Writer, several bool) output {
	switch {
	case c.Format == "json":
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		return &jsonRuns{out: out, unit: c.Unit, several: several}
	case c.Format == "html":
		return &htmlRuns{out: w}
	case c.Format == "csv":
		rows := map[string]func(*rehearsal.Run, string, func([]string) error) error{
			"events": eventRows, "units": unitRows, "weeks": weekRows,
		}
		return &csvRuns{w: w, out: csv.NewWriter(w), unit: c.Unit, several: several, headings: rehearseHeadings[c.Of], rows: rows[c.Of]}
	}
	return &tableRuns{out: w, unit: c.Unit}
}

type htmlRuns struct {
	out  io.Writer
	runs []report.Rehearsal
}

func (h *htmlRuns) add(run *rehearsal.Run) error {
	h.runs = append(h.runs, report.Of(run))
	return nil
}

func (h *htmlRuns) end() error { return report.WriteRehearsals(h.out, h.runs) }

type jsonRuns struct {
	out     *json.Encoder
	unit    string
	several bool
}

func (j *jsonRuns) add(run *rehearsal.Run) error {
	for told := range run.Told() {
		if j.unit != "" && told.Unit != j.unit {
			continue
		}
		var line any = told
		if j.several {
			line = struct {
				Run string `json:"run"`
				rehearsal.Told
			}{run.Title, told}
		}
		if err := j.out.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func (*jsonRuns) end() error { return nil }

type csvRuns struct {
	w        io.Writer
	out      *csv.Writer
	unit     string
	several  bool
	begun    bool
	headings []string
	rows     func(run *rehearsal.Run, unit string, write func([]string) error) error
}

func (c *csvRuns) add(run *rehearsal.Run) error {
	if !c.begun {
		c.begun = true
		// A spreadsheet takes the text for UTF-8 only with the mark in front.
		if _, err := io.WriteString(c.w, "\ufeff"); err != nil {
			return err
		}
		if err := c.write(textRunHeading, c.headings); err != nil {
			return err
		}
	}
	return c.rows(run, c.unit, func(row []string) error { return c.write(run.Title, row) })
}

func (c *csvRuns) write(run string, row []string) error {
	if c.several {
		row = append([]string{run}, row...)
	}
	return c.out.Write(row)
}

func (c *csvRuns) end() error {
	c.out.Flush()
	return c.out.Error()
}

func eventRows(run *rehearsal.Run, unit string, write func([]string) error) error {
	for told := range run.Told() {
		if unit != "" && told.Unit != unit {
			continue
		}
		to := ""
		switch told.To {
		case "":
		case string(obligation.ToOffice):
			to = textOffice
		default:
			to = told.Of.UnitName
		}
		row := []string{
			told.At.Format("2006-01-02 15:04"), told.Kind.Chinese(), told.Rung.Chinese(), told.Of.UnitName, told.Measure, told.Of.Title,
			told.Of.Period, told.Of.Due.String(), to, told.Number, told.Why,
		}
		if err := write(row); err != nil {
			return err
		}
	}
	return nil
}

func unitRows(run *rehearsal.Run, unit string, write func([]string) error) error {
	s := run.Summary()
	for _, u := range s.Units {
		if unit != "" && u.Code != unit {
			continue
		}
		if err := write(append([]string{u.Name}, unitCells(u)...)); err != nil {
			return err
		}
	}
	return nil
}

// weekRows lists the weeks in which there is anything: those of the office, and those of each unit.
func weekRows(run *rehearsal.Run, unit string, write func([]string) error) error {
	s := run.Summary()
	for i, w := range s.Weeks {
		monday := w.Monday.String()
		if n := w.Office(); n > 0 && unit == "" {
			if err := write([]string{monday, textOffice, textDuties, strconv.Itoa(n)}); err != nil {
				return err
			}
		}
		for _, u := range s.Units {
			if u.Weeks[i] == 0 || unit != "" && u.Code != unit {
				continue
			}
			if err := write([]string{monday, u.Name, textNotices, strconv.Itoa(u.Weeks[i])}); err != nil {
				return err
			}
		}
	}
	return nil
}

// tableRuns shows the runs in figures, beside each other.
type tableRuns struct {
	out   io.Writer
	unit  string
	title string
	runs  []tabled
}

type tabled struct {
	title   string
	summary rehearsal.Summary
}

func (t *tableRuns) add(run *rehearsal.Run) error {
	d := run.Definition
	t.title = fmt.Sprintf(textRehearsed, d.Plan.Title, d.Plan.Number, d.AsOf, lastDay(run))
	t.runs = append(t.runs, tabled{run.Title, run.Summary()})
	return nil
}

func (t *tableRuns) end() error {
	if _, err := fmt.Fprintln(t.out, t.title); err != nil {
		return err
	}
	for _, table := range []struct {
		title string
		rows  [][]string
		left  int
	}{
		{textRunsTable, t.totals(), 1}, {textUnitsTable, t.units(), 2}, {textWeeksTable(t.unit), t.weeks(), 1},
	} {
		if _, err := fmt.Fprintf(t.out, "\n%s\n", table.title); err != nil {
			return err
		}
		if err := columns(t.out, table.rows, table.left); err != nil {
			return err
		}
	}
	return nil
}

func (t *tableRuns) totals() [][]string {
	rows := [][]string{rehearseTotals}
	for _, r := range t.runs {
		total, end := r.summary.Total, r.summary.End
		rows = append(rows, append([]string{r.title}, cells(
			end.Counted(), end.OnTime, end.Late, end.Green, end.Yellow, end.Red, total.Reminders, total.Presses, total.Overdue,
			total.Letters, total.Circulars, total.Interviews, total.Submitted, total.Returned, total.Asked, total.Extended, total.Office(),
			day(r.summary.OfficePeak), r.summary.OfficeMost)...))
	}
	return rows
}

// units shows each unit's runs below each other.
func (t *tableRuns) units() [][]string {
	rows := [][]string{append([]string{rehearseHeadings["units"][0], textRunHeading}, rehearseHeadings["units"][1:]...)}
	for _, code := range t.codes() {
		for _, r := range t.runs {
			if u, ok := r.unit(code); ok {
				rows = append(rows, append([]string{u.Name, r.title}, unitCells(u)...))
			}
		}
	}
	return rows
}

// codes returns the units that are shown, in the order of the first plan that has them.
func (t *tableRuns) codes() []string {
	var codes []string
	for _, r := range t.runs {
		for _, u := range r.summary.Units {
			if (t.unit == "" || t.unit == u.Code) && !slices.Contains(codes, u.Code) {
				codes = append(codes, u.Code)
			}
		}
	}
	return codes
}

func (r tabled) unit(code string) (rehearsal.UnitSummary, bool) {
	i := slices.IndexFunc(r.summary.Units, func(u rehearsal.UnitSummary) bool { return u.Code == code })
	if i < 0 {
		return rehearsal.UnitSummary{}, false
	}
	return r.summary.Units[i], true
}

// weeks shows what the office, or the unit that was asked for, has each week.
func (t *tableRuns) weeks() [][]string {
	loads := map[calendar.Date][]int{}
	heading := []string{textMonday}
	var mondays []calendar.Date
	for k, r := range t.runs {
		heading = append(heading, r.title)
		u, _ := r.unit(t.unit)
		for i, w := range r.summary.Weeks {
			if loads[w.Monday] == nil {
				loads[w.Monday] = make([]int, len(t.runs))
				mondays = append(mondays, w.Monday)
			}
			if loads[w.Monday][k] = w.Office(); t.unit != "" {
				loads[w.Monday][k] = weekOf(u, i)
			}
		}
	}
	slices.Sort(mondays)
	rows := [][]string{heading}
	for _, monday := range mondays {
		row := []string{monday.String()}
		for _, n := range loads[monday] {
			row = append(row, strconv.Itoa(n))
		}
		rows = append(rows, row)
	}
	return rows
}

// unitCells are what a unit goes through and where it stands in the end.
func unitCells(u rehearsal.UnitSummary) []string {
	return cells(u.Total.Unit(), u.Total.Overdue, u.Total.Letters, u.Total.Circulars, u.Total.Interviews, day(u.Peak), u.Most,
		u.End.OnTime, u.End.Late, u.End.Green, u.End.Yellow, u.End.Red)
}

func day(d calendar.Date) string {
	if d.IsZero() {
		return "-"
	}
	return d.String()
}

func cells(values ...any) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fmt.Sprint(v)
	}
	return out
}
