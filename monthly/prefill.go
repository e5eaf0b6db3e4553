package monthly

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// Form is what a unit finds filled in when it begins its report.
type Form struct {
	Lines []obligation.ReportLine // 任务清单完成情况, in the order of the groups, and within one by due date
	// What the unit may take over into its report; "" where there is nothing to say.
	Progress, Problems, Next string
}

// Count returns how many matters are in a group.
func (f Form) Count(g obligation.LineGroup) int {
	n := 0
	for _, l := range f.Lines {
		if l.Group == g {
			n++
		}
	}
	return n
}

// Prefill fills a report in from the unit's obligations as they stand at the business instant now. period is what the report
// covers: done is what the unit reported in these days, so nothing is told in two reports. What is still to be delivered goes by
// the month of its due date. Monthly reports are no matters of a report.
func Prefill(period plan.Period, views []obligation.View, now time.Time) Form {
	var f Form
	for _, v := range views {
		s := v.State
		if s.Form == plan.FormMonthly {
			continue
		}
		group := groupOf(period, v, now)
		if group == "" {
			continue
		}
		f.Lines = append(f.Lines, obligation.ReportLine{
			ID: s.ID, Task: s.Task, Title: s.Title, Period: s.Period, Due: s.Due, Stage: s.Stage, Light: obligation.DeriveLight(v.Standing, now), Group: group,
		})
	}
	slices.SortFunc(f.Lines, func(a, b obligation.ReportLine) int {
		return cmp.Or(place(a.Group)-place(b.Group), cmp.Compare(a.Due, b.Due), strings.Compare(a.ID.String(), b.ID.String()))
	})
	if len(f.Lines) > obligation.MaxReportLines {
		f.Lines = f.Lines[:obligation.MaxReportLines]
	}
	f.Progress, f.Problems, f.Next = f.progress(), f.problems(), f.next()
	return f
}

func place(g obligation.LineGroup) int { return slices.Index(obligation.LineGroups[:], g) }

// groupOf returns why the report lists an obligation; "": it does not.
func groupOf(period plan.Period, v obligation.View, now time.Time) obligation.LineGroup {
	s := v.State
	month := Month(period.Key)
	switch s.Stage {
	case obligation.StageSubmitted, obligation.StageAccepted:
		if day := calendar.DateOf(s.Submitted, s.Policy.Location()); !s.Submitted.IsZero() && period.Start <= day && day <= period.Due {
			return obligation.LineDone
		}
	case obligation.StageOpen, obligation.StageSigned, obligation.StageReturned:
		switch {
		case v.Standing.IsOverdue(now):
			return obligation.LineOverdue
		case s.BeforeIssue: // it is never late, so it would be told for ever
		case s.Due <= month.Last():
			return obligation.LineDue
		case s.Due <= month.Plus(1).Last():
			return obligation.LineNext
		}
	case obligation.StageWaived, obligation.StageHistory:
	}
	return ""
}

func (f Form) progress() string {
	done := f.matters(obligation.LineDone, named)
	if len(done) == 0 {
		return ""
	}
	text := fmt.Sprintf(textDone, len(done), enumerate(done, obligation.MaxReportProgress))
	waiting := 0
	for _, l := range f.Lines {
		if l.Stage == obligation.StageSubmitted {
			waiting++
		}
	}
	if waiting > 0 {
		text += fmt.Sprintf(textInReview, waiting)
	}
	return text
}

func (f Form) problems() string {
	overdue := f.matters(obligation.LineOverdue, dated)
	if len(overdue) == 0 {
		return ""
	}
	return fmt.Sprintf(textOverdue, len(overdue), enumerate(overdue, obligation.MaxReportPart))
}

func (f Form) next() string {
	overdue, due, next := f.Count(obligation.LineOverdue), f.matters(obligation.LineDue, dated), f.matters(obligation.LineNext, dated)
	text := ""
	if overdue > 0 {
		text += fmt.Sprintf(textNextMost, overdue)
	}
	if len(due) > 0 {
		text += fmt.Sprintf(textNextDue, len(due), enumerate(due, obligation.MaxReportPart/2))
	}
	if len(next) > 0 {
		text += fmt.Sprintf(textNextMonth, len(next), enumerate(next, obligation.MaxReportPart/2))
	}
	return cmp.Or(text, textNothingDue)
}

func named(l obligation.ReportLine) string { return fmt.Sprintf(textMatter, l.Title, l.Period) }

func dated(l obligation.ReportLine) string {
	return fmt.Sprintf(textOverdueBy, l.Title, l.Due.Chinese())
}

func (f Form) matters(g obligation.LineGroup, write func(obligation.ReportLine) string) []string {
	var out []string
	for _, l := range f.Lines {
		if l.Group == g {
			out = append(out, write(l))
		}
	}
	return out
}

// room is what is left of a part of the report for the words around the matters, in characters.
const room = 100

// enumerate joins the matters, as many as leave room in a part of the report that may have so many characters.
func enumerate(matters []string, most int) string {
	text, length := "", 0
	for i, m := range matters {
		n := len([]rune(m)) + 1
		if i > 0 && length+n > most-room {
			return fmt.Sprintf(textMore, text)
		}
		if i > 0 {
			text += textBetween
		}
		text, length = text+m, length+n
	}
	return text
}
