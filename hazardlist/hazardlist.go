// Package hazardlist reads and writes the register of hazards (隐患台账) as a table: it finds the columns by their headings, reads
// every row, and says what would become of it. It knows no file format, no database and no clock. It guesses nothing: what
// can't be read is set aside with the reason, and what looks like an entry that is there is asked about.
package hazardlist

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/tasklist"
)

// Field is what a column holds.
type Field int

// The fields, in the order in which they are written.
const (
	Number Field = iota // of an entry that is there: 长隐〔2026〕3号
	Grade
	Source
	Reference
	Industry
	Region
	Enterprise
	Place
	Text
	Basis
	Measures
	Principal
	Notified
	Found
	Unit
	Due
	Reviewer
	Former
	Cancelled
	fields
)

// Fields are all of them.
func Fields() []Field {
	out := make([]Field, fields)
	for i := range out {
		out[i] = Field(i)
	}
	return out
}

// Row is one row as it was read.
type Row struct {
	Row      int              // of the sheet
	Outcome  tasklist.Outcome // Create, Unchanged, Fault or Confirm
	Number   string           // of the entry that it is, or that it looks like: 2026-003
	Problems []tasklist.Problem
	Entry    obligation.Registration // nothing of Fault
}

// Preview is a list as it was read.
type Preview struct {
	Header int // row of the headings; 0: none was found
	Rows   []Row
}

// Count returns how many rows have the outcome.
func (p Preview) Count(o tasklist.Outcome) (n int) {
	for _, r := range p.Rows {
		if r.Outcome == o {
			n++
		}
	}
	return n
}

// Known are the entries that are there.
type Known []obligation.State

// Read reads a sheet against the definition, as of the business instant now. known are the plan's entries, and confirmed the rows
// that somebody wants to have entered although they look like one of them.
func Read(sheet tasklist.Sheet, d obligation.Definition, known Known, confirmed []int, now time.Time) Preview {
	r := reader{d: d, known: known, now: now}
	var p Preview
	for _, line := range sheet.Rows {
		if p.Header == 0 {
			if r.columns = columnsOf(line); r.columns != nil {
				p.Header = line.N
			}
			continue
		}
		if row, ok := r.row(line); ok {
			if row.Outcome == tasklist.Confirm && slices.Contains(confirmed, row.Row) {
				row.Outcome, row.Problems = tasklist.Create, nil
			}
			p.Rows = append(p.Rows, row)
		}
	}
	return p
}

// columnsOf returns which column holds which field, nil where the line is not that of the headings: it names at least the
// enterprise and the hazard.
func columnsOf(line tasklist.Line) map[Field]int {
	out := map[Field]int{}
	for _, c := range line.Cells {
		for f := range fields {
			if _, taken := out[f]; !taken && plan.Squeeze(c.Text) == f.Chinese() {
				out[f] = c.Column
			}
		}
	}
	if out[Enterprise] == 0 || out[Text] == 0 {
		return nil
	}
	return out
}

type reader struct {
	d       obligation.Definition
	known   Known
	now     time.Time
	columns map[Field]int
	before  []Row
}

// line is a row that is being read.
type line struct {
	reader   *reader
	cells    map[int]tasklist.Cell
	n        int
	problems []tasklist.Problem
}

func (r *reader) row(in tasklist.Line) (Row, bool) {
	l := &line{reader: r, cells: map[int]tasklist.Cell{}, n: in.N}
	for _, c := range in.Cells {
		l.cells[c.Column] = c
	}
	if l.text(Enterprise) == "" && l.text(Text) == "" {
		return Row{}, false // a note, a sum
	}
	out := Row{Row: in.N}
	if number := l.text(Number); number != "" {
		return l.numbered(out, number), true
	}
	out.Entry = l.entry()
	if len(l.problems) == 0 {
		// What the cells can't tell, the register itself says: it would refuse it.
		if _, err := r.d.HazardOpening(out.Entry, 1, 0, r.now); err != nil {
			l.problem(Text, err.Error(), "")
		}
	}
	switch same, row := r.same(out.Entry.Hazard); {
	case len(l.problems) > 0:
		out.Outcome = tasklist.Fault
	case same != "":
		out.Outcome, out.Number = tasklist.Confirm, same
		l.problem(Enterprise, fmt.Sprintf(textSame, same), textSameProposal)
	case row > 0:
		out.Outcome = tasklist.Confirm
		l.problem(Enterprise, fmt.Sprintf(textSameRow, row), textSameProposal)
	default:
		out.Outcome = tasklist.Create
	}
	out.Problems = l.problems
	r.before = append(r.before, out)
	return out, true
}

var label = regexp.MustCompile(`^(?:.*〔)?(\d{4})(?:〕|-)0*(\d{1,6})号?$`)

// Key reads a number as people write it (长隐〔2026〕3号, 2026-003), and returns it as it stands in addresses; "" where it is none.
func Key(number string) string {
	m := label.FindStringSubmatch(plan.Squeeze(number))
	if m == nil {
		return ""
	}
	year, _ := strconv.Atoi(m[1]) // digits
	n, _ := strconv.Atoi(m[2])
	return obligation.Hazard{Year: year, Number: n}.Key()
}

// numbered is a row that names an entry that is there: lists that duban itself wrote do. It is nothing to enter.
func (l *line) numbered(out Row, number string) Row {
	out.Number, out.Outcome = Key(number), tasklist.Unchanged
	if !slices.ContainsFunc(l.reader.known, func(s obligation.State) bool { return s.Hazard.Key() == out.Number }) {
		l.problem(Number, fmt.Sprintf(textNoNumber, number), textNumberProposal)
		out.Outcome = tasklist.Fault
	}
	out.Problems = l.problems
	return out
}

// same returns the number of an entry that the hazard looks like, or the row before.
func (r *reader) same(h obligation.Hazard) (number string, row int) {
	for _, s := range r.known {
		if s.Stage != obligation.StageWaived && s.Hazard.SameAs(h) {
			return s.Hazard.Key(), 0
		}
	}
	for _, b := range r.before {
		if b.Outcome != tasklist.Fault && b.Entry.Hazard.SameAs(h) {
			return "", b.Row
		}
	}
	return "", 0
}

func (l *line) entry() obligation.Registration {
	r := obligation.Registration{
		Unit: l.unit(Unit, true), Due: l.date(Due, true),
		Hazard: obligation.Hazard{
			Reference: l.text(Reference), Region: l.unit(Region, true), Enterprise: l.needed(Enterprise), Place: l.needed(Place), Text: l.needed(Text),
			Basis: l.text(Basis), Measures: l.text(Measures), Principal: l.text(Principal), Notified: l.text(Notified),
			Found: l.date(Found, true), Reviewer: l.unit(Reviewer, false), Cancelled: l.date(Cancelled, false),
		},
	}
	h := &r.Hazard
	h.Grade = chosen(l, Grade, obligation.Grades, obligation.Grade.Chinese)
	h.Source = chosen(l, Source, obligation.HazardSources, obligation.HazardSource.Chinese)
	h.Industry = chosen(l, Industry, obligation.Industries, func(i obligation.Industry) string { return i.Name }).Code
	if former := l.text(Former); former != "" {
		if h.Former = Key(former); !slices.ContainsFunc(l.reader.known, func(s obligation.State) bool { return s.Hazard.Key() == h.Former }) {
			l.problem(Former, fmt.Sprintf(textNoNumber, former), "")
		}
	}
	return r
}

// chosen reads a cell that holds the name of one of a few.
func chosen[T any](l *line, f Field, among []T, name func(T) string) T {
	text := plan.Squeeze(l.needed(f))
	for _, v := range among {
		if name(v) == text || name(v)+textHazard == text || name(v)+textAccidentHazard == text {
			return v
		}
	}
	var none T
	if text != "" {
		names := make([]string, len(among))
		for i, v := range among {
			names[i] = name(v)
		}
		l.problem(f, fmt.Sprintf(textNotAmong, text), fmt.Sprintf(textAmong, strings.Join(names, "、")))
	}
	return none
}

func (l *line) text(f Field) string { return l.cells[l.reader.columns[f]].Text }

func (l *line) needed(f Field) string {
	text := l.text(f)
	if plan.Squeeze(text) == "" {
		l.problem(f, fmt.Sprintf(textMissing, f.Chinese()), "")
	}
	return text
}

// unit reads the name or the code of a unit.
func (l *line) unit(f Field, needed bool) string {
	text := l.text(f)
	if needed {
		text = l.needed(f)
	}
	if text == "" {
		return ""
	}
	u, ok := l.reader.d.Plan.UnitNamed(text)
	if !ok {
		u, ok = l.reader.d.Plan.Unit(plan.Squeeze(text))
	}
	if !ok {
		l.problem(f, fmt.Sprintf(textNoUnit, text), textUnitProposal)
	}
	return u.Code
}

var written = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$`)

// date reads a day: one that the spreadsheet keeps as such, or one that is written out.
func (l *line) date(f Field, needed bool) calendar.Date {
	c := l.cells[l.reader.columns[f]]
	if !c.Date.IsZero() {
		return c.Date
	}
	if needed {
		l.needed(f)
	}
	if plan.Squeeze(c.Text) == "" {
		return 0
	}
	if m := written.FindStringSubmatch(plan.Squeeze(c.Text)); m != nil {
		if day, err := calendar.ParseDate(fmt.Sprintf("%s-%02s-%02s", m[1], m[2], m[3])); err == nil {
			return day
		}
	}
	l.problem(f, fmt.Sprintf(textNoDate, c.Text), textDateProposal)
	return 0
}

func (l *line) problem(f Field, reason, proposal string) {
	cell := strconv.Itoa(l.n)
	if column := l.reader.columns[f]; column > 0 {
		cell = tasklist.ColumnName(column) + cell
	}
	l.problems = append(l.problems, tasklist.Problem{Cell: cell, Reason: reason, Proposal: proposal})
}

// Cells returns an entry as a row of the table, in the order of Fields. Reading them again finds the entry.
func Cells(s obligation.State) []string {
	h := s.Hazard
	day := func(d calendar.Date) string {
		if d.IsZero() {
			return ""
		}
		return d.String()
	}
	return []string{
		Number: h.Label(), Grade: h.Grade.Chinese(), Source: h.Source.Chinese(), Reference: h.Reference, Industry: obligation.IndustryName(h.Industry),
		Region: h.RegionName, Enterprise: h.Enterprise, Place: h.Place, Text: h.Text, Basis: h.Basis, Measures: h.Measures,
		Principal: h.Principal, Notified: h.Notified, Found: day(h.Found), Unit: s.UnitName, Due: day(s.Due), Reviewer: h.ReviewerName,
		Former: h.Former, Cancelled: day(s.CancelledOn()),
	}
}
