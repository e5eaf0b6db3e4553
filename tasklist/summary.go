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
		for _, problem := range r.Problems {
			line := problem.Cell + " " + problem.Reason
			if problem.Proposal != "" {
				line += "；" + problem.Proposal
			}
			lines = append(lines, strings.TrimSpace(line))
		}
		out[r.Row] = strings.Join(lines, "\n")
	}
	return out
}

// Unsettled is why a list can't be applied: rows are to be corrected or confirmed.
type Unsettled struct {
	Rows []Row
}

// Error implements error.
func (u *Unsettled) Error() string { return strings.Join(u.Reasons(), "\n") }

// Reasons returns one Chinese line a row.
func (u *Unsettled) Reasons() []string {
	out := make([]string, len(u.Rows))
	for i, r := range u.Rows {
		var why []string
		for _, p := range r.Problems {
			why = append(why, p.Reason)
		}
		out[i] = fmt.Sprintf(textUnsettledRow, r.Row, strings.Join(why, "；"))
	}
	return out
}

const textUnsettledRow = "第%d行：%s"
