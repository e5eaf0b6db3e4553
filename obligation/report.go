package obligation

import (
	"strings"
	"unicode/utf8"

	"duban/calendar"
	"duban/plan"
)

// The greatest lengths of what a month's report says, in characters, and the greatest number of matters that it lists. All of
// its words together are no longer than MaxText.
const (
	MaxReportProgress = 1800
	MaxReportPart     = 1000 // problems; next steps
	MaxReportNote     = 200
	MaxReportLines    = 500
)

// Report (月报) is what a unit tells of a month: 工作开展情况及任务清单完成情况. It stands in the event of its submission, so the chain of
// hashes vouches for it.
type Report struct {
	Zero     bool         `json:"zero,omitempty"`     // (零报告) there is nothing to tell
	Progress string       `json:"progress,omitempty"` // 工作开展情况
	Problems string       `json:"problems,omitempty"` // 存在问题
	Next     string       `json:"next,omitempty"`     // 下步计划
	Lines    []ReportLine `json:"lines,omitempty"`    // 任务清单完成情况, as it stood when the unit reported
}

// LineGroup says why a month's report lists a matter.
type LineGroup string

// The groups, in the order in which people read them.
const (
	LineDone    LineGroup = "done"    // reported by the unit in the month
	LineOverdue LineGroup = "overdue" // still to be delivered, and late
	LineDue     LineGroup = "due"     // still to be delivered, due in the month
	LineNext    LineGroup = "next"    // still to be delivered, due in the next month
)

// LineGroups are all groups in their order.
var LineGroups = [...]LineGroup{LineDone, LineOverdue, LineDue, LineNext}

// ReportLine is how one obligation of the unit stood when the unit reported on the month.
type ReportLine struct {
	ID     ID            `json:"id"`
	Task   string        `json:"task"`
	Title  string        `json:"title"`
	Period string        `json:"periodLabel"`
	Due    calendar.Date `json:"due"`
	Stage  Stage         `json:"stage"`
	Light  Light         `json:"light"`
	Group  LineGroup     `json:"group"`
	Note   string        `json:"note,omitempty"` // of the unit
}

// Words returns the report as one text, for whoever reads the ledger without knowing of forms.
func (r *Report) Words() string {
	if r.Zero {
		return strings.TrimSpace(textZeroReport + part(textReportNext, r.Next))
	}
	return strings.TrimSpace(part(textReportProgress, r.Progress) + part(textReportProblems, r.Problems) + part(textReportNext, r.Next))
}

// part is one part of a report under its heading; nothing where there is none.
func part(heading, text string) string {
	if text == "" {
		return ""
	}
	return "\n" + heading + text
}

// Trimmed returns the report without the space around what was written.
func (r *Report) Trimmed() *Report {
	out := *r
	out.Progress, out.Problems, out.Next = strings.TrimSpace(r.Progress), strings.TrimSpace(r.Problems), strings.TrimSpace(r.Next)
	out.Lines = nil
	for _, l := range r.Lines {
		l.Note = strings.TrimSpace(l.Note)
		out.Lines = append(out.Lines, l)
	}
	return &out
}

// brief returns what the state remembers of the report: of the lines, those on which the unit has written something. The whole
// of it stands in the ledger.
func (r *Report) brief() *Report {
	if r == nil {
		return nil
	}
	out := *r
	out.Lines = nil
	for _, l := range r.Lines {
		if l.Note != "" {
			out.Lines = append(out.Lines, l)
		}
	}
	return &out
}

// checkReport returns an *Error where the report can't be handed in for the obligation; nil is none, and always can.
func (s State) checkReport(r *Report) error {
	if r == nil {
		return nil
	}
	noted, long := false, false
	seen := map[ID]bool{s.ID: true} // a report is no matter of its own
	for _, l := range r.Lines {
		if l.ID.Plan != s.ID.Plan || l.ID.Unit != s.ID.Unit || seen[l.ID] {
			return refuse(CodeReportLine)
		}
		seen[l.ID] = true
		noted = noted || l.Note != ""
		long = long || utf8.RuneCountInString(l.Note) > MaxReportNote
	}
	switch {
	case s.Form != plan.FormMonthly:
		return refuse(CodeReportForm)
	case long || len(r.Lines) > MaxReportLines || utf8.RuneCountInString(r.Progress) > MaxReportProgress ||
		utf8.RuneCountInString(r.Problems) > MaxReportPart || utf8.RuneCountInString(r.Next) > MaxReportPart:
		return refuse(CodeReportTooLong)
	case r.Zero && (noted || r.Progress != "" || r.Problems != ""):
		return refuse(CodeReportZero)
	case !r.Zero && r.Progress == "":
		return refuse(CodeReportProgress)
	}
	return nil
}
