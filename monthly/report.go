package monthly

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"duban/calendar"
	"duban/obligation"
	"duban/report"
	"duban/statistics"
)

// Report returns the office's report on the month as it is written: who has reported, how the list of tasks stands, what the units
// have told. It is dated with the day that it stands as of.
func (s *Summary) Report() report.Report {
	loc := obligation.Location(s.Plan.Zone)
	now := s.Now.In(loc)
	out := report.Report{
		Title: fmt.Sprintf(textReportTitle, s.Month.Chinese()), Issuer: s.Plan.Issuer + textOfficeOf, Date: calendar.DateOf(now, loc),
	}
	add := func(blocks ...report.Block) { out.Blocks = append(out.Blocks, blocks...) }
	c := s.Counts
	add(report.Paragraph{Text: fmt.Sprintf(textReportOpening, s.Plan.Title, s.Plan.Number, now.Format(instantLayout), s.CutChinese())})

	add(report.Heading{Level: 1, Text: textReports})
	add(report.Paragraph{Text: fmt.Sprintf(textReportCounts, c.Units, c.Reported, c.OnTime, c.Late, c.Zero, c.Missing, c.Pending) + s.others()})
	if missing := s.Of(Missing, Pending); len(missing) > 0 {
		rows := make([][]string, 0, len(missing))
		for i, e := range missing {
			rung := e.Rung.Chinese()
			if rung == "" {
				rung = textNone
			}
			rows = append(rows, []string{strconv.Itoa(i + 1), e.Name, e.Status.Chinese(), dash(e.Liaison), rung})
		}
		add(report.Table{Caption: textMissingTable, Columns: columns(headingsMissing), Rows: rows})
	}
	if late := s.Of(Late); len(late) > 0 {
		add(report.Paragraph{Text: fmt.Sprintf(textLateUnits, names(late))})
	}
	if zero := slices.DeleteFunc(s.Of(OnTime, Late), func(e Entry) bool { return !e.Zero }); len(zero) > 0 {
		add(report.Paragraph{Text: fmt.Sprintf(textZeroUnits, names(zero))})
	}

	add(report.Heading{Level: 1, Text: textTaskList})
	add(report.Paragraph{Text: fmt.Sprintf(textMonthFigures, s.Total.Month.Counted, s.Total.Month.Closed, s.Total.Month.Overdue) +
		fmt.Sprintf(textYearFigures, s.Total.Year.Counted, s.Total.Year.Closed, s.Total.Year.Late, s.Total.Year.Overdue, share(s.Total.Year))})
	add(report.Table{Caption: textActionTable, Columns: columns(headingsFigures(statistics.ByAction)), Rows: figures(append(slices.Clone(s.Actions), s.sum())), Total: true})
	add(report.Table{Caption: textTaskTable, Columns: columns(headingsFigures(statistics.ByTask)), Rows: figures(append(slices.Clone(s.Tasks), s.sum())), Total: true})

	add(report.Heading{Level: 1, Text: textContents})
	told := 0
	for _, e := range s.Entries {
		r := e.Report
		if r == nil || r.Zero {
			continue
		}
		told++
		add(report.Heading{Level: 2, Text: e.Name})
		for _, part := range []struct{ heading, text string }{{textProgress, r.Progress}, {textProblems, r.Problems}, {textNextSteps, r.Next}} {
			for i, line := range lines(part.text) {
				if i == 0 {
					line = part.heading + line
				}
				add(report.Paragraph{Text: line})
			}
		}
	}
	if told == 0 {
		add(report.Paragraph{Text: textNothingTold})
	}
	if len(s.Remarks) > 0 {
		add(report.Heading{Level: 1, Text: textRemarks})
	}
	for _, t := range s.Remarks {
		add(report.Heading{Level: 2, Text: t.Name})
		for _, r := range t.Remarks {
			add(report.Paragraph{Text: fmt.Sprintf(textRemark, r.Unit, r.Title, r.Period, strings.Join(lines(r.Note), " "))})
		}
	}
	return out
}

// others says of whom nothing is asked, and what is back with its unit, where there is any.
func (s *Summary) others() string {
	var text strings.Builder
	for _, of := range []struct {
		n    int
		text string
	}{{s.Counts.Returned, textReturned}, {s.Counts.Waived, textWaived}, {s.Counts.History, textHistory}} {
		if of.n > 0 {
			fmt.Fprintf(&text, of.text, of.n)
		}
	}
	return text.String()
}

func (s *Summary) sum() Row { return Row{Name: textSum, Month: s.Total.Month, Year: s.Total.Year} }

func share(r statistics.Row) string { return statistics.Percent(r.Completion, r.Counted > 0) }

func figures(rows []Row) [][]string {
	out := make([][]string, 0, len(rows))
	for _, r := range rows {
		line := []string{r.Name}
		for _, n := range []int{r.Month.Counted, r.Month.Closed, r.Month.Overdue, r.Year.Counted, r.Year.Closed, r.Year.Overdue} {
			line = append(line, strconv.Itoa(n))
		}
		out = append(out, append(line, share(r.Year)))
	}
	return out
}

func columns(of []heading) []report.Column {
	out := make([]report.Column, len(of))
	for i, h := range of {
		out[i] = report.Column{Heading: h.text, Width: h.width, Align: h.align}
	}
	return out
}

func names(entries []Entry) string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.Name
	}
	return strings.Join(out, "、")
}

// lines returns the lines of what somebody wrote, without those that are blank.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func dash(text string) string {
	if text == "" {
		return "—"
	}
	return text
}
