// Package tasklist reads the annual list of tasks (年度工作任务清单) that the office brings as a spreadsheet: it finds the columns,
// reads deadlines and units in all the forms that occur, recognises what the plan already has, and says row by row what would
// become of it. It knows no file format, no database and no clock. It invents no date and guesses no unit: what can't be
// read is set aside with the reason, and what is only likely is proposed.
package tasklist

import (
	"maps"
	"slices"

	"duban/calendar"
)

// Sheet is one sheet of a workbook as its reader found it. Rows without any text may be left out; the order is the sheet's.
type Sheet struct {
	Name string `json:"name"`
	Rows []Line `json:"rows"`
}

// Line is one row of a sheet.
type Line struct {
	N     int    `json:"n"` // as the spreadsheet counts, from 1
	Cells []Cell `json:"cells"`
}

// Cell is one cell that is not empty.
type Cell struct {
	Column int    `json:"column"` // from 1
	Text   string `json:"text"`   // as shown; line breaks kept
	// Date is the value of a cell that the spreadsheet itself keeps as a date; zero: it is a text or a number.
	Date calendar.Date `json:"date,omitzero"`
	// Merged marks a cell that is covered by a merged region to its left or above: Text and Date are those of the region.
	Merged bool `json:"merged,omitempty"`
}

// Head is a column as its sheet shows it.
type Head struct {
	Column  int    // from 1
	Name    string // as a spreadsheet calls it: "C"
	Heading string // what stands in the row of the headings
	Sample  string // the first text below it
}

// Heads returns every column of the sheet that has a text at or below the row of the headings, or anywhere where header is 0.
func (s Sheet) Heads(header int) []Head {
	found := map[int]Head{}
	for _, line := range s.Rows {
		for _, c := range line.Cells {
			if line.N < header || c.Text == "" {
				continue
			}
			h := found[c.Column]
			h.Column, h.Name = c.Column, ColumnName(c.Column)
			switch {
			case line.N == header:
				h.Heading = c.Text
			case h.Sample == "":
				h.Sample = c.Text
			}
			found[c.Column] = h
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b Head) int { return a.Column - b.Column })
}

// Field is what a column holds.
type Field string

// The fields.
const (
	FieldNumber   Field = "number"   // 序号
	FieldAction   Field = "action"   // 行动、主要任务
	FieldTask     Field = "task"     // 工作任务
	FieldMeasure  Field = "measure"  // 具体措施
	FieldLead     Field = "lead"     // 牵头单位
	FieldUnits    Field = "units"    // 责任（配合）单位
	FieldDeadline Field = "deadline" // 完成时限
	FieldDone     Field = "done"     // 完成标准、工作成果
	FieldNote     Field = "note"     // 备注
	FieldCode     Field = "code"     // 分项任务编号: of lists that duban itself made
	FieldStatus   Field = "status"   // 完成情况: of lists that duban itself made; read over
	FieldIgnored  Field = "ignored"
)
