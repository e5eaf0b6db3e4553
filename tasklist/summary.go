package tasklist

import (
	"fmt"
	"strings"
)

// Counts returns how many rows an application creates, updates, finds unchanged and leaves out.
func (p Preview) Counts() (created, updated, unchanged, skipped int) {
	for _, r := range p.Rows {
		switch r.Outcome {
		case Create:
			created++
		case Update:
			updated++
		case Unchanged:
			unchanged++
		case Skipped:
			skipped++
		case Fault, Confirm:
		}
	}
	return created, updated, unchanged, skipped
}

// String returns the problem as one line of Chinese: where, what, and what may be meant.
func (p Problem) String() string {
	line := strings.TrimSpace(p.Cell + " " + p.Reason)
	if p.Proposal != "" {
		line += "；" + p.Proposal
	}
	return line
}

// Reasons returns, by row of the sheet, why a row is not settled, in Chinese.
func (p Preview) Reasons() map[int]string {
	out := map[int]string{}
	for _, r := range p.Rows {
		if r.Outcome != Fault && r.Outcome != Confirm {
			continue
		}
		var lines []string
		if before := out[r.Row]; before != "" {
			lines = append(lines, before)
		}
		of := ""
		if r.Part > 0 {
			of = fmt.Sprintf(textPart, r.Part)
		}
		for _, problem := range r.Problems {
			lines = append(lines, of+problem.String())
		}
		out[r.Row] = strings.Join(lines, "\n")
	}
	return out
}

// Heading returns the heading of a field in the lists that Export makes; "" where they have no such column.
func Heading(f Field) string {
	if f == FieldStatus {
		return textStatus
	}
	for _, c := range exported {
		if c.field == f {
			return c.text
		}
	}
	return ""
}

const textStatus = "完成情况"
