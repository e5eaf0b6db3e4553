package tasklist

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"duban/calendar"
)

// record is a row of the table that is a task, with what fills its blanks from above.
type record struct {
	row    int
	values map[Field]value
	// within are the headings of sections that the record stands below.
	within section
	stray  bool // text in a place where none belongs
	doubts []placed
}

// value is what a record has in a field.
type value struct {
	text   string
	date   calendar.Date // of a cell that the spreadsheet keeps as a date
	column int           // the first of the field that has text
	above  bool          // it was taken from above: merged, blank or 同上
}

// placed is a doubt and the field that it is about.
type placed struct {
	field Field
	Doubt
}

// section is the last heading of an action and of a task within the table.
type section struct{ action, task string }

// layout is a sheet with every row in its place.
type layout struct {
	table
	rows                               []Line
	records                            []record
	titles, notes, headings, continued []int
}

var (
	noteStart      = regexp.MustCompile(`^(?:注\d*[:.、]|注$|备注[:]|说明[:]|填表说明|附注|※|\*|★|注意:)`)
	signStart      = regexp.MustCompile(`^(?:填报人|审核人|审签|审定|制表|填表|填报单位|填报日期|单位盖章|联系人:)`)
	chineseOrdinal = regexp.MustCompile(`^(?:\(?第?[一二三四五六七八九十]|行动)`)
	totalStart     = regexp.MustCompile(`^(?:小计|合计|总计|共计)`)
)

// lay puts every row of a sheet in its place.
func lay(s Sheet, mapped map[int]Field) layout {
	l := layout{}
	for _, row := range s.Rows {
		if slices.ContainsFunc(row.Cells, filled) {
			l.rows = append(l.rows, row)
		}
	}
	l.table = findTable(l.rows, mapped)
	for i, row := range l.rows[:l.body] {
		if i < l.header {
			l.titles = append(l.titles, row.N)
		} else {
			l.headings = append(l.headings, row.N)
		}
	}
	b := body{layout: &l, above: map[Field]value{}}
	for _, row := range l.rows[l.body:] {
		b.place(row)
	}
	return l
}

func filled(c Cell) bool { return key(c.Text) != "" || !c.Date.IsZero() }

// body is the state of going down the table.
type body struct {
	*layout
	above  map[Field]value // the last of each field
	in     section
	noting bool // below the table, among its notes
}

// place decides what a row is.
func (b *body) place(row Line) {
	own := ownCells(row)
	switch {
	case len(own) == 0:
		// Nothing but what is merged from above: it adds nothing to it.
		b.continueOrNote(row)
	case allHeads(row), counts(row) && len(b.records) == 0:
		b.headings = append(b.headings, row.N)
	case signStart.MatchString(key(own[0].Text)):
		b.notes = append(b.notes, row.N)
	case noteStart.MatchString(key(own[0].Text)) && b.textless(own), totalStart.MatchString(key(own[0].Text)):
		b.notes = append(b.notes, row.N)
		b.noting = b.noting || noteStart.MatchString(key(own[0].Text))
	case len(own) == 1 && b.single(row, own[0]):
	case b.continues(own):
		b.proceed(row)
	default:
		b.noting = false
		b.record(row)
	}
}

func ownCells(row Line) []Cell {
	var own []Cell
	for _, c := range row.Cells {
		if !c.Merged && filled(c) {
			own = append(own, c)
		}
	}
	return own
}

func (b *body) continueOrNote(row Line) {
	if len(b.records) > 0 {
		b.continued = append(b.continued, row.N)
	} else {
		b.notes = append(b.notes, row.N)
	}
}

// textless reports whether none but the first of the cells has something to say about a task.
func (b *body) textless(own []Cell) bool {
	for _, c := range own[1:] {
		if f := b.columns[c.Column]; f == FieldDeadline || f == FieldUnits || f == FieldLead || f == FieldMeasure {
			return false
		}
	}
	return true
}

// single places a row of one text: a section's heading, a note, or a stray text.
func (b *body) single(row Line, c Cell) bool {
	f := b.columns[c.Column]
	switch {
	case b.noting:
		b.notes = append(b.notes, row.N)
	case b.header < 0 && len(b.columns) == 0:
		return false
	case actionNumber(c.Text) > 0 && (wideCell(row, c) || f == FieldNumber || f == FieldAction || f == FieldTask && b.has(FieldMeasure)):
		if chineseOrdinal.MatchString(key(c.Text)) {
			b.in = section{action: c.Text}
		} else {
			b.in.task = c.Text // 1.强化党委政府领导责任 heads a task
		}
		b.above = map[Field]value{}
		b.headings = append(b.headings, row.N)
	case wideCell(row, c):
		if b.header < 0 {
			b.titles = append(b.titles, row.N)
			return true
		}
		b.in.task = c.Text
		b.above = map[Field]value{}
		b.headings = append(b.headings, row.N)
	default:
		return false
	}
	return true
}

// wideCell reports whether the cell is merged across at least three columns.
func wideCell(row Line, c Cell) bool {
	n := 0
	for _, other := range row.Cells {
		if other.Merged && other.Text == c.Text && other.Column > c.Column {
			n++
		}
	}
	return n >= 2
}

// continues reports whether the own cells only add to the record above: they say neither which task nor what is to be done.
func (b *body) continues(own []Cell) bool {
	if len(b.records) == 0 {
		return false
	}
	for _, c := range own {
		switch b.columns[c.Column] {
		case FieldLead, FieldUnits, FieldDeadline, FieldDone, FieldNote, FieldStatus:
		default:
			return false
		}
	}
	last := &b.records[len(b.records)-1]
	return !last.stray
}

// proceed adds a row to the record above.
func (b *body) proceed(row Line) {
	b.continued = append(b.continued, row.N)
	last := &b.records[len(b.records)-1]
	for _, c := range ownCells(row) {
		f := b.columns[c.Column]
		v := last.values[f]
		if key(c.Text) == "" || isDitto(c.Text) {
			continue
		}
		if f == FieldDeadline && key(v.text) != "" {
			last.doubts = append(last.doubts, placed{f, Doubt{Reason: fmt.Sprintf(textContinuedDue, row.N), Proposal: textDatesOnly}})
		}
		v.text, v.date = strings.TrimSpace(v.text+"\n"+c.Text), 0
		if v.column == 0 {
			v.column = c.Column
		}
		last.values[f] = v
		b.above[f] = v
	}
}

func isDitto(text string) bool { return slices.Contains(dittos, key(text)) }

// inherited are fields that a blank cell takes from above.
var inherited = []Field{FieldNumber, FieldAction, FieldTask}

// record takes a row as a task.
func (b *body) record(row Line) {
	r := record{row: row.N, values: map[Field]value{}, within: b.in}
	for _, f := range []Field{
		FieldNumber, FieldAction, FieldTask, FieldMeasure, FieldLead, FieldUnits, FieldDeadline, FieldDone, FieldNote, FieldCode, FieldStatus,
	} {
		v := b.value(row, f)
		switch {
		case isDitto(v.text):
			up, ok := b.above[f]
			if !ok {
				r.doubts = append(r.doubts, placed{f, Doubt{Fatal: true, Reason: fmt.Sprintf(textNothingAbove, v.text)}})
				up = value{column: v.column}
			}
			up.column, up.above = v.column, true
			v = up
		case key(v.text) == "" && slices.Contains(inherited, f) && b.inherits(row, f):
			v = b.above[f]
			v.above = true
		}
		r.values[f] = v
		if v.text != "" {
			b.above[f] = v
		}
	}
	r.stray = key(r.text(&b.table).text) == ""
	b.records = append(b.records, r)
}

// inherits reports whether a blank cell goes on with what is above it. A task of its own has no number from above.
func (b *body) inherits(row Line, f Field) bool {
	own := ownCells(row)
	for _, c := range own {
		switch b.columns[c.Column] {
		case FieldAction:
			if f != FieldAction && !isDitto(c.Text) && b.has(FieldTask) {
				return false
			}
		case FieldTask:
			if f == FieldNumber && b.has(FieldMeasure) && !isDitto(c.Text) {
				return false
			}
		default:
		}
	}
	// What has to be done is not taken from above where the tasks' column is what says it.
	return f != FieldTask || b.has(FieldMeasure)
}

// value joins the cells of a field's columns.
func (b *body) value(row Line, f Field) value {
	var v value
	var texts []string
	for _, column := range b.of(f) {
		c, ok := cellAt(row, column)
		if !ok || !filled(c) {
			continue
		}
		text := strings.TrimSpace(c.Text)
		if text == "" {
			text = c.Date.String()
		}
		if v.column == 0 {
			v = value{date: c.Date, column: column, above: c.Merged}
		} else {
			v.date = 0
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	v.text = strings.Join(texts, "\n")
	return v
}

// text is what the record says is to be done.
func (r record) text(t *table) value {
	if t.has(FieldMeasure) {
		if v := r.values[FieldMeasure]; v.text != "" {
			return v
		}
		// A task without measures of its own is one.
		if v := r.values[FieldTask]; v.text != "" && !v.above {
			return v
		}
		return value{}
	}
	return r.values[FieldTask]
}

// ColumnName names a column the way spreadsheets do: A, B, …, AA.
func ColumnName(n int) string {
	name := ""
	for ; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	return name
}
