package seed

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"duban/calendar"
	"duban/obligation"
)

// OutcomeRow is what the office says of obligations that fell due before the as-of date. An empty Unit or Period stands
// for all of the measure's. Where several rows match, the last one counts.
type OutcomeRow struct {
	Line    int // in the file; 0 where it came from elsewhere
	Measure string
	Unit    string
	Period  string
	Outcome obligation.Outcome
}

func (r OutcomeRow) matches(id obligation.ID) bool {
	return r.Measure == id.Measure && (r.Unit == "" || r.Unit == id.Unit) && (r.Period == "" || r.Period == id.Period)
}

func (r OutcomeRow) describe() string {
	return strings.Join([]string{r.Measure, orAll(r.Unit), orAll(r.Period)}, "/")
}

// unmatched is the fault of a row that speaks of nothing that fell due before the as-of date.
func (r OutcomeRow) unmatched(asOf calendar.Date) error {
	where := ""
	if r.Line > 0 {
		where = fmt.Sprintf(textOutcomeLine, r.Line)
	}
	return fmt.Errorf("%s"+textOutcomeUnmatched, where, r.describe(), asOf.Chinese())
}

func orAll(s string) string {
	if s == "" {
		return "*"
	}
	return s
}

// OutcomeFaults are all that is wrong with a list of outcomes, in Chinese with line numbers.
type OutcomeFaults struct{ faults []error }

// Error implements error.
func (f *OutcomeFaults) Error() string { return errors.Join(f.faults...).Error() }

// Unwrap returns the single faults.
func (f *OutcomeFaults) Unwrap() []error { return f.faults }

// maxOutcomeRows bounds a list: sixty units times a few hundred periods.
const maxOutcomeRows = 100_000

// ReadOutcomes reads a CSV with the columns measure, unit, period and outcome (or 分项任务, 责任单位, 周期, 办理情况) in any
// order. Units are named by their codes; outcomes are done, missed, owed, unknown or their Chinese names. All faults are
// returned together as *OutcomeFaults.
func ReadOutcomes(r io.Reader) ([]OutcomeRow, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = true
	head, err := in.Read()
	if err != nil {
		return nil, &OutcomeFaults{[]error{errors.New(textOutcomeEmpty)}}
	}
	columns, err := outcomeColumns(head)
	if err != nil {
		return nil, &OutcomeFaults{[]error{err}}
	}
	var rows []OutcomeRow
	var faults []error
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := in.FieldPos(0)
		if err != nil {
			faults = append(faults, fmt.Errorf(textOutcomeBroken, line))
			break
		}
		row, err := outcomeRow(record, columns, line)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		if rows = append(rows, row); len(rows) > maxOutcomeRows {
			faults = append(faults, fmt.Errorf(textOutcomeTooMany, maxOutcomeRows))
			break
		}
	}
	if len(faults) > 0 {
		return nil, &OutcomeFaults{faults}
	}
	return rows, nil
}

func outcomeColumns(head []string) (map[string]int, error) {
	columns := map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		if column, ok := outcomeHeadings[name]; ok {
			columns[column] = i
		}
	}
	for _, column := range []string{"measure", "outcome"} {
		if _, ok := columns[column]; !ok {
			return nil, fmt.Errorf(textOutcomeColumn, column)
		}
	}
	return columns, nil
}

func outcomeRow(record []string, columns map[string]int, line int) (OutcomeRow, error) {
	field := func(column string) string {
		if i, ok := columns[column]; ok && i < len(record) {
			return strings.TrimSpace(record[i])
		}
		return ""
	}
	outcome, ok := outcomeWords[strings.ToLower(field("outcome"))]
	if !ok {
		return OutcomeRow{}, fmt.Errorf(textOutcomeWord, line, field("outcome"))
	}
	if field("measure") == "" {
		return OutcomeRow{}, fmt.Errorf(textOutcomeMeasure, line)
	}
	return OutcomeRow{Line: line, Measure: field("measure"), Unit: field("unit"), Period: field("period"), Outcome: outcome}, nil
}

var outcomeHeadings = map[string]string{
	"measure": "measure", "分项任务": "measure", "unit": "unit", "责任单位": "unit", "period": "period", "周期": "period",
	"outcome": "outcome", "办理情况": "outcome",
}

var outcomeWords = map[string]obligation.Outcome{
	"done": obligation.Done, "已完成": obligation.Done, "missed": obligation.Missed, "未完成": obligation.Missed,
	"owed": obligation.Owed, "仍需办理": obligation.Owed, "unknown": obligation.Unknown, "待确认": obligation.Unknown,
}

// What is wrong with a list of outcomes.
const (
	textOutcomeEmpty     = "办理情况清单是空的，第一行应为表头：measure,unit,period,outcome。"
	textOutcomeColumn    = "第1行：缺少列 %s；表头应为 measure,unit,period,outcome（或 分项任务,责任单位,周期,办理情况）。"
	textOutcomeBroken    = "第%d行：不是有效的 CSV，请检查引号和逗号。"
	textOutcomeTooMany   = "清单超过%d行，请分批导入。"
	textOutcomeWord      = "第%d行：办理情况 %q 不认识，请填 done（已完成）、missed（未完成）、owed（仍需办理）或 unknown（待确认）。"
	textOutcomeMeasure   = "第%d行：没有写分项任务代码（measure）。"
	textOutcomeLine      = "第%d行："
	textOutcomeUnmatched = "%s 在%s之前没有到期的责任事项；请核对分项任务、责任单位和周期代码。"
)
