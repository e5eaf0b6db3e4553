package progress

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/report"
	"duban/statistics"
)

// How much a report names: more would bury what matters. All of it is on the pages.
const (
	named        = 3  // actions and units in a sentence
	namedOverdue = 20 // in the table of what is overdue
	drawnUnits   = 10 // in a chart
	drawnTrend   = 12 // quarters
)

// Compose returns the report.
func Compose(f Facts) report.Report {
	p := f.Definition.Plan
	w := &writer{Facts: f}
	w.say(textOpening, p.Title, brackets(p.Number), f.Half.Chinese(), f.day().Chinese())
	w.overall()
	w.byTask()
	w.byUnit()
	w.escalation()
	w.times()
	w.overdue()
	w.ahead()
	w.assessed()
	w.say(textClosing)
	out := report.Report{
		Title: fmt.Sprintf(textTitle, p.Title, f.Half.Chinese()), Subtitle: fmt.Sprintf(textAsOf, f.day().Chinese()),
		Issuer: p.Issuer + textOffice, To: p.Issuer, Date: f.Written, Blocks: w.blocks,
	}
	if !f.over() {
		out.Subtitle += fmt.Sprintf(textNotOver, f.Half.Chinese())
	}
	return out
}

type writer struct {
	Facts
	blocks []report.Block
}

func (w *writer) add(blocks ...report.Block) { w.blocks = append(w.blocks, blocks...) }

func (w *writer) say(format string, args ...any) {
	w.add(report.Paragraph{Text: fmt.Sprintf(format, args...)})
}

func (w *writer) note(format string, args ...any) {
	w.add(report.Note{Text: fmt.Sprintf(format, args...)})
}

func (w *writer) head(level int, text string) { w.add(report.Heading{Level: level, Text: text}) }

func (w *writer) overall() {
	w.head(1, headOverall)
	t, half := w.Figures.Total, w.Half.Chinese()
	w.say(textTotal, half, t.Total, t.Counted, t.Waived, t.History)
	if t.Counted == 0 {
		return
	}
	w.say(textDone, t.Closed, t.OnTime, t.Late, t.Open, t.Overdue, completion(t), rate(t))
	last := w.Before.Total
	if last.Counted == 0 {
		w.say(textNoBefore, before(w.Half).Chinese())
	} else {
		w.say(textBefore, before(w.Half).Chinese(), change(t.Completion, last.Completion), change(t.Rate, last.Rate), less(t.Overdue, last.Overdue))
		w.compared(t, last)
	}
	w.trend()
}

// compared sets the half-year beside the one before.
func (w *writer) compared(t, last statistics.Row) {
	var rows [][]string
	for i, count := range []func(statistics.Row) int{
		func(r statistics.Row) int { return r.Counted }, func(r statistics.Row) int { return r.Closed }, func(r statistics.Row) int { return r.OnTime },
		func(r statistics.Row) int { return r.Late }, func(r statistics.Row) int { return r.Open }, func(r statistics.Row) int { return r.Overdue },
	} {
		rows = append(rows, []string{comparedRows[i], itoa(count(t)), itoa(count(last)), fmt.Sprintf("%+d", count(t)-count(last))})
	}
	rows = append(rows,
		[]string{headCompletion, completion(t), completion(last), points(t.Completion, last.Completion)},
		[]string{headRate, rate(t), rate(last), points(t.Rate, last.Rate)})
	w.add(report.Table{Caption: captionCompared, Rows: rows, Columns: []report.Column{
		{Heading: headItem, Width: 3, Align: report.Left},
		{Heading: w.Half.Chinese(), Width: 3, Align: report.Right},
		{Heading: before(w.Half).Chinese(), Width: 3, Align: report.Right},
		{Heading: headChange, Width: 3, Align: report.Right},
	}})
	w.note(noteCompared)
}

// trend draws the months of the half-year, and the quarters of the plan up to it.
func (w *writer) trend() {
	if months := counted(w.Figures.By(statistics.ByMonth)); len(months) > 0 {
		w.add(standing(report.StackedColumns, captionMonths, months))
	}
	quarters := w.quarters()
	if len(quarters) < 2 {
		return
	}
	c := report.Chart{Caption: captionTrend, Kind: report.Lines, Percent: true, Series: []report.Series{{Name: headCompletion}, {Name: headRate, Tone: report.Green}}}
	for _, r := range quarters {
		c.Categories = append(c.Categories, r.Name)
		c.Series[0].Values = append(c.Series[0].Values, r.Completion)
		c.Series[1].Values = append(c.Series[1].Values, r.Rate)
	}
	w.add(c)
}

// quarters returns the latest ones that have begun, up to the half-year's last.
func (w *writer) quarters() []statistics.Row {
	year, month, _ := w.day().Civil()
	last := fmt.Sprintf("%dQ%d", year, (month+2)/3)
	if w.over() {
		last = fmt.Sprintf("%dQ%d", w.Half.Year, 2*w.Half.N)
	}
	rows := slices.DeleteFunc(counted(w.Whole.By(statistics.ByQuarter)), func(r statistics.Row) bool { return r.Key > last })
	return rows[max(0, len(rows)-drawnTrend):]
}

func (w *writer) byTask() {
	if w.Figures.Total.Counted == 0 {
		return
	}
	w.head(1, headTasks)
	w.head(2, headActions)
	actions := counted(w.Figures.By(statistics.ByAction))
	w.say(textActions, len(actions))
	if n := min(named, len(actions)/2); n > 0 { // nobody is best and worst
		w.say(textExtremes, names(extremes(actions, true)[:n]), names(extremes(actions, false)[:n]))
	}
	w.add(standing(report.StackedBars, captionActionsDrawn, actions), w.progress(statistics.ByAction, captionActions, actions))
	w.head(2, headEachTask)
	w.add(w.progress(statistics.ByTask, captionTasks, counted(w.Figures.By(statistics.ByTask))))
	w.note(noteTasks)
}

// progress is a table of how the rows stand, and their sum.
func (w *writer) progress(by statistics.Key, caption string, rows []statistics.Row) report.Table {
	t := report.Table{Caption: caption, Total: true, Columns: append([]report.Column{{Heading: by.Chinese(), Width: 32, Align: report.Left}}, progressColumns()...)}
	for _, r := range rows {
		t.Rows = append(t.Rows, append([]string{r.Name}, progressCells(r)...))
	}
	t.Rows = append(t.Rows, append([]string{textSum}, progressCells(w.Figures.Total)...))
	return t
}

func progressColumns() []report.Column {
	return columns(progressHeadings, []int{8, 9, 12, 12, 12, 11, 11})
}

// columns are of figures, each as wide as its heading and what stands under it.
func columns(headings []string, widths []int) []report.Column {
	out := make([]report.Column, len(headings))
	for i, heading := range headings {
		out[i] = report.Column{Heading: heading, Width: widths[i], Align: report.Right}
	}
	return out
}

// progressCells are in the order of progressHeadings.
func progressCells(r statistics.Row) []string {
	return []string{itoa(r.Counted), itoa(r.Closed), itoa(r.OnTime), itoa(r.Late), itoa(r.Overdue), completion(r), rate(r)}
}

func (w *writer) byUnit() {
	units := ranked(w.Figures.By(statistics.ByUnit))
	if len(units) == 0 {
		return
	}
	w.head(1, headUnits)
	behind := slices.DeleteFunc(byRow(units), func(r statistics.Row) bool { return r.Closed == r.Counted })
	w.say(textUnits, len(units), len(units)-len(behind))
	if len(behind) > 0 {
		last := extremes(behind, false)
		w.say(textUnitsLast, names(last[:min(named, len(last))]))
	}
	t := report.Table{Caption: captionUnits, Total: true}
	t.Columns = append([]report.Column{{Heading: headRank, Width: 7}, {Heading: statistics.ByUnit.Chinese(), Width: 20, Align: report.Left}}, progressColumns()...)
	for _, u := range units {
		t.Rows = append(t.Rows, append([]string{itoa(u.rank), u.Name}, progressCells(u.Row)...))
	}
	t.Rows = append(t.Rows, append([]string{"", textSum}, progressCells(w.Figures.Total)...))
	w.add(t)
	w.note(noteUnits)
	w.lateUnits(units)
}

// lateUnits draws who owes most.
func (w *writer) lateUnits(units []place) {
	owing := slices.DeleteFunc(byRow(units), func(r statistics.Row) bool { return r.Overdue == 0 })
	if len(owing) == 0 {
		return
	}
	slices.SortStableFunc(owing, func(a, b statistics.Row) int { return b.Overdue - a.Overdue })
	c := report.Chart{Caption: captionOwing, Kind: report.Bars, Series: []report.Series{{Name: headOverdue, Tone: report.Red}}}
	for _, r := range owing[:min(len(owing), drawnUnits)] {
		c.Categories = append(c.Categories, r.Name)
		c.Series[0].Values = append(c.Series[0].Values, float64(r.Overdue))
	}
	w.add(c)
}

func (w *writer) escalation() {
	t := w.Figures.Total
	if t.Total == 0 {
		return
	}
	w.head(1, headEscalation)
	var reached []string
	for i, rung := range statistics.Rungs {
		if t.Reached[i] > 0 {
			reached = append(reached, fmt.Sprintf(textTimes, rung.Chinese(), t.Reached[i]))
		}
	}
	if len(reached) == 0 {
		w.say(textNoRungs, w.Half.Chinese())
		return
	}
	w.say(textRungs, w.Half.Chinese(), strings.Join(reached, "、"))
	table := report.Table{Caption: captionRungs, Total: true, Columns: []report.Column{{Heading: headDue, Width: 16, Align: report.Left}}}
	for _, rung := range statistics.Rungs {
		table.Columns = append(table.Columns, report.Column{Heading: rung.Chinese(), Width: 10, Align: report.Right})
	}
	formal := report.Chart{Caption: captionFormal, Kind: report.StackedColumns, Series: []report.Series{
		{Name: obligation.Letter.Chinese(), Tone: report.Yellow}, {Name: obligation.Circular.Chinese()}, {Name: obligation.Interview.Chinese(), Tone: report.Red},
	}}
	row := func(name string, r statistics.Row) {
		cells := []string{name}
		for _, n := range r.Reached {
			cells = append(cells, itoa(n))
		}
		table.Rows = append(table.Rows, cells)
	}
	issued := 0
	for _, r := range w.Figures.By(statistics.ByMonth) {
		row(r.Name, r)
		formal.Categories = append(formal.Categories, r.Name)
		for i := range formal.Series {
			n := r.Reached[slices.Index(statistics.Rungs[:], obligation.Letter)+i]
			issued += n
			formal.Series[i].Values = append(formal.Series[i].Values, float64(n))
		}
	}
	row(textSum, t)
	w.add(table)
	w.note(noteRungs)
	if issued > 0 {
		w.add(formal)
	}
}

func (w *writer) times() {
	t := w.Figures.Total
	if !slices.ContainsFunc(t.Times[:], func(x statistics.Time) bool { return x.Count > 0 }) {
		return
	}
	w.head(1, headTimes)
	for i, sentence := range timeSentences {
		if x := t.Times[i]; x.Count > 0 {
			w.say(sentence, x.Count, x.Median.Chinese(), x.P90.Chinese())
		}
	}
	table := report.Table{Caption: captionTimes, Columns: []report.Column{
		{Heading: headItem, Width: 16, Align: report.Left},
		{Heading: headCount, Width: 11, Align: report.Right},
		{Heading: headMedian, Width: 29, Align: report.Right},
		{Heading: headP90, Width: 29, Align: report.Right},
		{Heading: headMeaning, Width: 42, Align: report.Left},
	}}
	for _, x := range t.Times {
		table.Rows = append(table.Rows, []string{x.Work.Chinese(), itoa(x.Count), span(x, x.Median), span(x, x.P90), x.Work.Meaning()})
	}
	w.add(table)
	w.note(noteTimes)
	each := report.Table{Caption: captionUnitTimes, Wide: true, Columns: []report.Column{{Heading: statistics.ByUnit.Chinese(), Width: 28, Align: report.Left}}}
	for _, work := range statistics.Works {
		each.Columns = append(each.Columns, report.Column{Heading: work.Chinese(), Width: 24, Align: report.Right})
	}
	for _, r := range counted(w.Figures.By(statistics.ByUnit)) {
		cells := []string{r.Name}
		for _, x := range r.Times {
			cells = append(cells, span(x, x.Median))
		}
		each.Rows = append(each.Rows, cells)
	}
	w.add(each)
}

func (w *writer) overdue() {
	w.head(1, headNowOverdue)
	if len(w.Overdue) == 0 {
		w.say(textNoneOverdue, w.day().Chinese())
		return
	}
	units, here := map[string]bool{}, 0
	for _, c := range w.Overdue {
		units[c.Unit] = true
		if scope(w.Half).Holds(c.Due) {
			here++
		}
	}
	first := w.Overdue[0]
	w.say(textOverdue, w.day().Chinese(), len(w.Overdue), len(units), w.Half.Chinese(), here)
	w.say(textLongest, first.UnitName, nested(first.Title), first.Due.Chinese(), w.late(first))
	shown := w.Overdue[:min(len(w.Overdue), namedOverdue)]
	t := report.Table{Caption: captionOverdue, Columns: []report.Column{
		{Heading: headNumber, Width: 9},
		{Heading: statistics.ByUnit.Chinese(), Width: 25, Align: report.Left},
		{Heading: headMatter, Width: 49, Align: report.Left},
		{Heading: headDeadline, Width: 32},
		{Heading: headDays, Width: 16, Align: report.Right},
		{Heading: headTaken, Width: 16},
	}}
	for i, c := range shown {
		t.Rows = append(t.Rows, []string{itoa(i + 1), c.UnitName, c.Title, c.Due.Chinese(), itoa(w.late(c)), taken(c)})
	}
	w.add(t)
	if len(shown) < len(w.Overdue) {
		w.note(noteOverdue, len(shown), len(w.Overdue))
	}
}

// late returns for how many days the case has been overdue.
func (w *writer) late(c statistics.Case) int {
	return int(w.day()-calendar.DateOf(c.Standing.OverdueAt, w.location())) + 1
}

// taken names the highest rung that reached the unit.
func taken(c statistics.Case) string {
	for i := len(c.Reached) - 1; i >= 0; i-- {
		if c.Reached[i] > 0 {
			return statistics.Rungs[i].Chinese()
		}
	}
	return dash
}

func (w *writer) ahead() {
	next := after(w.Half)
	if next.From() > w.Definition.Plan.To {
		return
	}
	w.head(1, fmt.Sprintf(headAhead, next.Chinese()))
	t := w.Ahead.Total
	w.say(textAhead, next.Chinese(), t.Counted, len(counted(w.Ahead.By(statistics.ByUnit))), t.Closed)
	if t.Counted == 0 {
		return
	}
	c := report.Chart{Caption: fmt.Sprintf(captionAheadMonths, next.Chinese()), Kind: report.Columns, Series: []report.Series{{Name: headCounted}}}
	for _, r := range counted(w.Ahead.By(statistics.ByMonth)) {
		c.Categories = append(c.Categories, r.Name)
		c.Series[0].Values = append(c.Series[0].Values, float64(r.Counted))
	}
	table := report.Table{Caption: fmt.Sprintf(captionAhead, next.Chinese()), Total: true, Columns: []report.Column{
		{Heading: statistics.ByAction.Chinese(), Width: 60, Align: report.Left},
		{Heading: headCounted, Width: 15, Align: report.Right},
		{Heading: headClosed, Width: 15, Align: report.Right},
		{Heading: headOpen, Width: 15, Align: report.Right},
	}}
	row := func(name string, r statistics.Row) {
		table.Rows = append(table.Rows, []string{name, itoa(r.Counted), itoa(r.Closed), itoa(r.Open)})
	}
	for _, r := range counted(w.Ahead.By(statistics.ByAction)) {
		row(r.Name, r)
	}
	row(textSum, t)
	w.add(c, table)
}

// assessed shows scores once they are published: before, they may still change.
func (w *writer) assessed() {
	w.head(1, headAssessment)
	st := w.Assessment
	switch {
	case st == nil && !w.over():
		w.say(textNotAssessed, w.Half.Chinese(), w.Half.To().Chinese())
		return
	case st == nil:
		w.say(textNoAssessment, w.Half.Chinese())
		return
	case st.Stage != assessment.StagePublished:
		w.say(textUnpublished, w.Half.Chinese(), w.Written.Chinese(), st.Stage.Chinese())
		return
	}
	ranking := st.Ranking()
	w.say(textPublished, w.Half.Chinese(), dateOf(st.Since, w.location()), len(ranking), st.Card.Rules.Title)
	if len(ranking) == 0 {
		return
	}
	t := report.Table{Caption: fmt.Sprintf(captionAssessment, w.Half.Chinese())}
	t.Columns = append([]report.Column{{Heading: headRank, Width: 8}, {Heading: statistics.ByUnit.Chinese(), Width: 25, Align: report.Left}},
		columns(assessmentHeadings, []int{10, 12, 12, 12, 8, 12, 12})...)
	vetoed := 0
	for _, u := range ranking {
		n := u.Figures
		t.Rows = append(t.Rows, []string{itoa(u.Rank), u.Name, u.Points.String(), itoa(n.OnTime), itoa(n.Late), itoa(n.Overdue), itoa(n.Returned), itoa(n.Issued), itoa(len(u.Vetoes))})
		if len(u.Vetoes) > 0 {
			vetoed++
		}
	}
	w.say(textScores, ranking[0].Points, ranking[len(ranking)-1].Points, vetoed)
	w.add(t)
	w.note(noteAssessment)
}

// standing draws what was done in time, done late, overdue, and not due yet.
func standing(kind report.ChartKind, caption string, rows []statistics.Row) report.Chart {
	c := report.Chart{Caption: caption, Kind: kind, Series: []report.Series{
		{Name: headOnTime, Tone: report.Green}, {Name: headLate, Tone: report.Yellow}, {Name: headOverdue, Tone: report.Red}, {Name: headRunning, Tone: report.Grey},
	}}
	for _, r := range rows {
		c.Categories = append(c.Categories, r.Name)
		for i, n := range []int{r.OnTime, r.Late, r.Overdue, r.Open - r.Overdue} {
			c.Series[i].Values = append(c.Series[i].Values, float64(n))
		}
	}
	return c
}

// counted leaves the rows that count for or against anybody.
func counted(rows []statistics.Row) []statistics.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r statistics.Row) bool { return r.Counted == 0 })
}

// place is a unit in the ranking.
type place struct {
	statistics.Row
	rank int
}

// ranked orders units by what they have completed, and by what of that in time; equal ones share a rank and keep the plan's order.
func ranked(rows []statistics.Row) []place {
	rows = counted(rows)
	slices.SortStableFunc(rows, compare)
	out := make([]place, len(rows))
	for i, r := range rows {
		out[i] = place{r, i + 1}
		if i > 0 && compare(rows[i-1], r) == 0 {
			out[i].rank = out[i-1].rank
		}
	}
	return out
}

// compare puts who has completed more first. Shares are compared as fractions, so that nothing is rounded.
func compare(a, b statistics.Row) int {
	share := func(n, of, m, by int) int { return m*max(1, of) - n*max(1, by) }
	if c := share(a.Closed, a.Counted, b.Closed, b.Counted); c != 0 {
		return c
	}
	return share(a.OnTime, a.Closed+a.Overdue, b.OnTime, b.Closed+b.Overdue)
}

// extremes returns the rows by what they have completed, the best or the worst first.
func extremes(rows []statistics.Row, best bool) []statistics.Row {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b statistics.Row) int {
		if best {
			return compare(a, b)
		}
		return compare(b, a)
	})
	return rows
}

func byRow(places []place) []statistics.Row {
	out := make([]statistics.Row, len(places))
	for i, p := range places {
		out[i] = p.Row
	}
	return out
}

// names lists rows with what they have completed.
func names(rows []statistics.Row) string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = fmt.Sprintf(textNamed, r.Name, completion(r))
	}
	return strings.Join(out, "、")
}

func completion(r statistics.Row) string { return statistics.Percent(r.Completion, r.Counted > 0) }

func rate(r statistics.Row) string { return statistics.Percent(r.Rate, r.Closed+r.Overdue > 0) }

// tenths returns a share in tenths of a percent, as it is shown: differences are those of what people read.
func tenths(share float64) int { return int(math.Round(share * 1000)) }

func points(now, last float64) string {
	return fmt.Sprintf(textPoints, float64(tenths(now)-tenths(last))/10)
}

// change says how a share has changed.
func change(now, last float64) string {
	d := tenths(now) - tenths(last)
	switch {
	case d > 0:
		return fmt.Sprintf(textUp, float64(d)/10)
	case d < 0:
		return fmt.Sprintf(textDown, float64(-d)/10)
	}
	return textSame
}

// less says how a number has changed.
func less(now, last int) string {
	switch {
	case now > last:
		return fmt.Sprintf(textMore, now-last)
	case now < last:
		return fmt.Sprintf(textFewer, last-now)
	}
	return textSame
}

func span(t statistics.Time, s statistics.Span) string {
	if t.Count == 0 {
		return dash
	}
	return s.Chinese()
}

// nested returns the text for use inside of quotation marks.
func nested(text string) string { return strings.NewReplacer("“", "‘", "”", "’").Replace(text) }

func itoa(n int) string { return strconv.Itoa(n) }
