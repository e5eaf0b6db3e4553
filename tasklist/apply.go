package tasklist

import (
	"fmt"
	"slices"
	"strings"

	"duban/plan"
)

// PendingError is the refusal to apply a list while rows are neither confirmed nor skipped.
type PendingError struct {
	Rows []int // of the sheet, ascending
}

// Error implements error with the message for the office.
func (e *PendingError) Error() string {
	names := make([]string, len(e.Rows))
	for i, row := range e.Rows {
		names[i] = fmt.Sprint(row)
	}
	return fmt.Sprintf(textPending, len(e.Rows), strings.Join(names, textSep))
}

// UnsoundError is the refusal to apply a list that would leave the plan with faults.
type UnsoundError struct {
	Faults []plan.Fault
}

// Error implements error with the message for the office.
func (e *UnsoundError) Error() string {
	var messages []string
	for _, f := range e.Faults[:min(len(e.Faults), 3)] {
		messages = append(messages, f.Message)
	}
	return fmt.Sprintf(textUnsound, strings.Join(messages, "；"))
}

// Pending returns the rows that have to be confirmed, corrected or skipped before the list can be applied, ascending.
func (p Preview) Pending() []int {
	var rows []int
	for _, r := range p.Rows {
		if (r.Outcome == Confirm || r.Outcome == Fault) && !slices.Contains(rows, r.Row) {
			rows = append(rows, r.Row)
		}
	}
	slices.Sort(rows)
	return rows
}

// Apply returns the current plan with every measure that the list creates or updates. The plan that was passed stays as it
// is. New measures stand behind the others of their task. It refuses with a *PendingError while rows wait for somebody, and
// with an *UnsoundError where the outcome would not be a sound plan: the plan has changed since the list was read.
func (p Preview) Apply(current plan.Plan) (plan.Plan, error) {
	if rows := p.Pending(); len(rows) > 0 {
		return plan.Plan{}, &PendingError{rows}
	}
	next := current
	next.Measures = slices.Clone(current.Measures)
	for _, r := range p.Rows {
		if r.Becomes == nil {
			continue
		}
		at := slices.IndexFunc(next.Measures, func(m plan.Measure) bool { return m.Code == r.Measure })
		switch {
		case r.Outcome == Update && at >= 0:
			next.Measures[at] = *r.Becomes
		case r.Outcome == Update, r.Outcome == Create:
			next.Measures = slices.Insert(next.Measures, behind(next.Measures, r.Task), *r.Becomes)
		}
	}
	if faults := next.Validate(); len(faults) > 0 {
		return plan.Plan{}, &UnsoundError{faults}
	}
	return next, nil
}

// behind returns where a new measure of the task is put.
func behind(measures []plan.Measure, task string) int {
	for i, m := range slices.Backward(measures) {
		if m.Task == task {
			return i + 1
		}
	}
	return len(measures)
}
