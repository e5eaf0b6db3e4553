package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/rehearsal"
)

type previewCmd struct {
	bundleFlag
	Unit   string `help:"只看一家责任单位（代码）。" placeholder:"CODE"`
	Task   string `help:"只看一项任务。" placeholder:"CODE"`
	Month  string `help:"只看一个月。" placeholder:"YYYY-MM"`
	AsOf   string `help:"起算日：此前到期的不列（默认：今天）。" placeholder:"YYYY-MM-DD"`
	Format string `help:"输出格式：table、csv 或 json。" enum:"table,csv,json" default:"table"`
}

// previewLine is one step in the outputs.
type previewLine struct {
	At          time.Time     `json:"at"`
	Obligation  string        `json:"obligation"`
	Task        string        `json:"task"`
	Measure     string        `json:"measure"`
	Title       string        `json:"title"`
	Unit        string        `json:"unit"`
	UnitName    string        `json:"unitName"`
	Period      string        `json:"period"`
	Due         calendar.Date `json:"due"`
	Kind        string        `json:"kind"`
	Rung        string        `json:"rung"`
	Step        string        `json:"step"`
	Why         string        `json:"why"`
	Provisional bool          `json:"provisional"`
}

// Run implements the command. Without --as-of it lists what lies ahead of today, with 2024-04-19 the whole plan.
func (c previewCmd) Run(e *env) error {
	b, err := c.load()
	if err != nil {
		return err
	}
	asOf, err := parseDay(c.AsOf)
	if err != nil {
		return err
	}
	if asOf.IsZero() {
		asOf = today()
	}
	filter := rehearsal.Filter{Unit: c.Unit, Task: c.Task}
	if filter.From, filter.To, err = month(c.Month); err != nil {
		return err
	}
	cfg, _, err := e.settings()
	if err != nil {
		return err
	}
	d := obligation.Definition{AsOf: asOf, Plan: b.Plan, Calendar: b.Calendar, Ladders: b.Ladders}
	lines, err := rehearsal.Preview(d, rehearsal.Setting{At: cfg.Window.From.Duration()}, filter)
	if err != nil {
		return usageError{err}
	}
	switch c.Format {
	case "json":
		return previewJSON(e.stdout, lines)
	case "csv":
		return previewCSV(e.stdout, lines)
	default:
		return previewTable(e.stdout, lines)
	}
}

// month returns the first and the last day of a month written 2026-03; none for "".
func month(text string) (from, to calendar.Date, err error) {
	if text == "" {
		return 0, 0, nil
	}
	first, err := time.Parse("2006-01", text)
	if err != nil {
		return 0, 0, usageError{fmt.Errorf(textMonth, text)}
	}
	from = calendar.NewDate(first.Year(), first.Month(), 1)
	return from, calendar.NewDate(first.Year(), first.Month()+1, 0), nil
}

func previewOf(l rehearsal.Line) previewLine {
	return previewLine{
		At: l.At, Obligation: l.Of.ID.String(), Task: l.Of.Task, Measure: l.Of.ID.Measure, Title: l.Of.Title, Unit: l.Of.ID.Unit,
		UnitName: l.Of.UnitName, Period: l.Of.Period, Due: l.Of.Due, Kind: string(l.Kind), Rung: string(l.Rung), Step: l.Code, Why: l.Why,
		Provisional: l.Provisional,
	}
}

func previewJSON(w io.Writer, lines []rehearsal.Line) error {
	out := make([]previewLine, len(lines))
	for i, l := range lines {
		out[i] = previewOf(l)
	}
	return writeJSON(w, out)
}

func previewCSV(w io.Writer, lines []rehearsal.Line) error {
	// A spreadsheet takes the text for UTF-8 only with the mark in front.
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write(previewHeadings); err != nil {
		return err
	}
	for _, l := range lines {
		p := previewOf(l)
		row := []string{
			p.At.Format("2006-01-02 15:04"), action(l), p.UnitName, p.Measure, p.Title, p.Period, p.Due.String(), p.Why, certain(p.Provisional),
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func previewTable(w io.Writer, lines []rehearsal.Line) error {
	if len(lines) == 0 {
		_, err := fmt.Fprintln(w, textNoMatch)
		return err
	}
	out := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, l := range lines {
		p := previewOf(l)
		fmt.Fprintf(out, "%s\t%s\t%s\t%s %s\t%s\t%s\t%s\n", p.At.Format("2006-01-02 15:04"), action(l), p.UnitName, p.Measure, p.Title,
			p.Due, p.Why, certain(p.Provisional))
	}
	fmt.Fprintf(out, textPreviewTotal, len(lines))
	return out.Flush()
}

func action(l rehearsal.Line) string {
	if l.Rung != "" {
		return l.Rung.Chinese()
	}
	return l.Kind.Chinese()
}

func certain(provisional bool) string {
	if provisional {
		return textProvisional
	}
	return ""
}
