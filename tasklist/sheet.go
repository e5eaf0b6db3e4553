// Package tasklist reads the annual list of tasks (年度工作任务清单) that the office brings as a spreadsheet: it finds the columns,
// reads deadlines and units in all the forms that occur, recognises what the plan already has, and says row by row what would
// become of it. It knows no file format, no database and no clock. It invents no date and guesses no unit: what can't be
// read is set aside with the reason, and what is only likely is proposed.
package tasklist

import "duban/calendar"

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
