package tasklist

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var inBrackets = regexp.MustCompile(`\([^()]*\)`)

// headingOf tells what a column of the heading holds; "": it is none that is known.
func headingOf(text string) Field {
	if utf8.RuneCountInString(text) > 30 {
		return ""
	}
	if f := headings[bare(text)]; f != "" {
		return f
	}
	return headings[bare(inBrackets.ReplaceAllString(key(text), ""))]
}

// hints are parts of headings that tell what a column holds where its heading is not known as a whole.
var hints = []struct {
	part  string
	field Field
}{
	{"领导", FieldIgnored},
	{"责任人", FieldIgnored},
	{"牵头", FieldLead},
	{"配合", FieldUnits},
	{"参与", FieldUnits},
	{"协办", FieldUnits},
	{"责任单位", FieldUnits},
	{"责任部门", FieldUnits},
	{"时限", FieldDeadline},
	{"完成时间", FieldDeadline},
	{"节点", FieldDeadline},
	{"措施", FieldMeasure},
	{"举措", FieldMeasure},
	{"成果", FieldDone},
	{"标准", FieldDone},
	{"备注", FieldNote},
	{"完成情况", FieldStatus},
	{"进展", FieldStatus},
	{"工作任务", FieldTask},
}

func likelyHeading(text string) Field {
	if f := headingOf(text); f != "" {
		return f
	}
	for _, h := range hints {
		if strings.Contains(key(text), h.part) && utf8.RuneCountInString(text) <= 30 {
			return h.field
		}
	}
	return ""
}

// table is a sheet whose headings are known.
type table struct {
	columns map[int]Field
	header  int // index in rows; -1: none
	body    int // index of the first row below the headings
}

// How far down headings are looked for.
const headerWithin = 60

// findTable finds the headings; columns that were mapped by hand come first.
func findTable(rows []Line, mapped map[int]Field) table {
	t := table{columns: map[int]Field{}, header: -1}
	for i, row := range rows[:min(len(rows), headerWithin)] {
		if !heads(row) {
			continue
		}
		t.header, t.body = i, i+1
		for _, c := range row.Cells {
			if f := likelyHeading(c.Text); f != "" {
				t.columns[c.Column] = f
			} else if strings.TrimSpace(c.Text) != "" {
				t.columns[c.Column] = FieldIgnored
			}
		}
		if t.body < len(rows) && subheads(row, rows[t.body]) {
			t.refine(rows[t.body])
			t.body++
		}
		if t.body < len(rows) && counts(rows[t.body]) {
			t.body++
		}
		break
	}
	maps.Copy(t.columns, mapped)
	t.promote(mapped)
	return t
}

// heads reports whether a row is one of headings.
func heads(row Line) bool {
	var found []Field
	for _, c := range row.Cells {
		if f := headingOf(c.Text); f != "" && !c.Merged && !slices.Contains(found, f) {
			found = append(found, f)
		}
	}
	what := slices.ContainsFunc(found, func(f Field) bool { return f == FieldMeasure || f == FieldTask || f == FieldAction })
	return what && len(found) >= 2
}

// allHeads reports whether a row holds headings only: they are repeated on every page.
func allHeads(row Line) bool {
	n := 0
	for _, c := range row.Cells {
		if c.Merged || strings.TrimSpace(c.Text) == "" {
			continue
		}
		if headingOf(c.Text) == "" {
			return false
		}
		n++
	}
	return n >= 2
}

// subheads reports whether a row is the second of the headings: all its own cells are headings, or stand below a heading that
// spans several columns.
func subheads(head, row Line) bool {
	n := 0
	for _, c := range row.Cells {
		if c.Merged || strings.TrimSpace(c.Text) == "" {
			continue
		}
		n++
		if headingOf(c.Text) == "" && (!spans(head, c.Column) || utf8.RuneCountInString(c.Text) > 12) {
			return false
		}
	}
	return n > 0
}

// spans reports whether the cell of the column is merged with one beside it.
func spans(row Line, column int) bool {
	own, ok := cellAt(row, column)
	if !ok {
		return false
	}
	for _, c := range row.Cells {
		if (c.Column == column-1 || c.Column == column+1) && c.Text == own.Text && (c.Merged || own.Merged) {
			return true
		}
	}
	return false
}

func cellAt(row Line, column int) (Cell, bool) {
	for _, c := range row.Cells {
		if c.Column == column {
			return c, true
		}
	}
	return Cell{}, false
}

// counts reports whether a row numbers the columns: 1 2 3 4, (1) (2) (3).
func counts(row Line) bool {
	n := 0
	for _, c := range row.Cells {
		if c.Merged || strings.TrimSpace(c.Text) == "" {
			continue
		}
		n++
		if markNumber(strings.Trim(key(c.Text), "()")) != n {
			return false
		}
	}
	return n >= 3
}

// refine takes the second row of headings where it says more than the first.
func (t *table) refine(row Line) {
	for _, c := range row.Cells {
		if f := likelyHeading(c.Text); f != "" && !c.Merged {
			t.columns[c.Column] = f
		}
	}
}

// promote makes the action's column that of the tasks where nothing else can be: 重点任务 without 具体措施.
func (t *table) promote(mapped map[int]Field) {
	if t.has(FieldMeasure) || t.has(FieldTask) {
		return
	}
	for column, f := range t.columns {
		if _, byHand := mapped[column]; f == FieldAction && !byHand {
			t.columns[column] = FieldTask
		}
	}
}

func (t *table) has(f Field) bool {
	for _, field := range t.columns {
		if field == f {
			return true
		}
	}
	return false
}

// of returns the columns of a field, from left to right.
func (t *table) of(f Field) []int {
	var columns []int
	for column, field := range t.columns {
		if field == f {
			columns = append(columns, column)
		}
	}
	slices.Sort(columns)
	return columns
}
