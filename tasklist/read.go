package tasklist

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"duban/calendar"
	"duban/plan"
)

// Read reads a sheet against the plan as it stands. Preview and application are this one reading; the same sheet and options
// always give the same preview.
func Read(s Sheet, o Options) Preview {
	r := newReader(o)
	l := lay(s, o.Columns)
	out := Preview{
		Rows: []Row{}, Columns: l.columns, Titles: l.titles, Notes: l.notes, Headings: l.headings, Continued: l.continued,
	}
	if l.header >= 0 {
		out.Header = l.rows[l.header].N
	}
	r.table = &l.table
	for _, rec := range l.records {
		r.items = append(r.items, r.split(rec)...)
	}
	r.recognise()
	r.claims()
	for i := range r.items {
		out.Rows = append(out.Rows, r.row(&r.items[i]))
	}
	out.Missing = r.missing()
	return out
}

// reader is the state of reading one sheet.
type reader struct {
	Options
	*index
	dir   *directory
	span  Span
	table *table
	items []item
	// crews and timings are cells that were read before: lists repeat themselves.
	crews   map[string]crew
	timings map[string]Timing
}

func newReader(o Options) *reader {
	if o.Name == "" {
		o.Name = fmt.Sprintf(textList, o.Year)
	}
	return &reader{
		Options: o, index: newIndex(&o.Plan), dir: newDirectory(&o.Plan, o.Year), span: planSpan(&o.Plan, o.Year),
		crews: map[string]crew{}, timings: map[string]Timing{},
	}
}

// item is one thing to do: a record, or a part of one.
type item struct {
	record
	part     int
	text     string // what is to be done
	deadline value
	lead     string
	units    string
	answer   Answer

	task     found
	measure  found // of an existing measure; code "": none
	new      bool  // it is, or would be, a new measure
	reserved string
	problems []Problem // that nothing but the sheet or an answer to just this can mend
}

// split gives the parts of a record: ①…②… with deadlines and units that are numbered likewise.
func (r *reader) split(rec record) []item {
	text := rec.text(r.table)
	items := parts(text.text)
	n := len(items)
	var out []item
	for i, said := range items {
		it := item{record: rec, text: said}
		if n > 1 {
			it.part = i + 1
		}
		it.answer = r.Answers[rec.row].of(it.part)
		it.deadline, it.lead, it.units = rec.values[FieldDeadline], rec.values[FieldLead].text, rec.values[FieldUnits].text
		r.share(&it, FieldDeadline, i, n, func(s string) { it.deadline.text, it.deadline.date = s, 0 })
		r.share(&it, FieldLead, i, n, func(s string) { it.lead = s })
		r.share(&it, FieldUnits, i, n, func(s string) { it.units = s })
		out = append(out, it)
	}
	for _, part := range slices.Sorted(maps.Keys(r.Answers[rec.row].Parts)) {
		if out[len(out)-1].part < part || part < 1 {
			out[0].doubts = append(slices.Clone(out[0].doubts), placed{FieldMeasure, Doubt{
				Fatal: true, Reason: fmt.Sprintf(textNoPart, part, n), Proposal: textNoPartProposal,
			}})
		}
	}
	return out
}

// share gives a part of a row its part of a cell.
func (r *reader) share(it *item, f Field, nth, of int, set func(string)) {
	cell := parts(it.values[f].text)
	switch {
	case len(cell) == 1:
	case len(cell) == of:
		set(cell[nth])
	default:
		it.doubts = append(slices.Clone(it.doubts), placed{f, Doubt{
			Fatal: of > 1, Reason: fmt.Sprintf(textPartsDiffer, of, len(cell)), Proposal: textPartsProposal,
		}})
	}
}

// cell names the cell of a field.
func (r *reader) cell(it *item, f Field) string {
	v, ok := it.values[f]
	if (!ok || v.column == 0) && (f == FieldMeasure || f == FieldTask) {
		v = it.record.text(r.table)
	}
	column := v.column
	for _, other := range []Field{f, FieldMeasure, FieldTask} {
		if columns := r.table.of(other); column == 0 && len(columns) > 0 {
			column = columns[0]
		}
	}
	return ColumnName(max(column, 1)) + fmt.Sprint(it.row)
}

func (r *reader) problem(it *item, f Field, d Doubt) Problem {
	return Problem{Cell: r.cell(it, f), Reason: d.Reason, Proposal: d.Proposal}
}

// recognise finds every item's task and measure.
func (r *reader) recognise() {
	taken := map[string]bool{}
	for i := range r.items {
		it := &r.items[i]
		it.task = r.taskOf(r.clue(it))
		it.measure = r.exact(it)
		if it.measure.sure {
			taken[it.measure.code] = true
		}
	}
	next := map[string]int{}
	// A code is kept for every item that may become a new measure, whatever the answers are: they move no other code.
	for i := range r.items {
		it := &r.items[i]
		if it.task.code != "" && !it.measure.exact {
			it.reserved = r.reserve(next, it.task.code)
		}
		if it.task.code != "" && it.measure.code == "" && it.measure.doubt == (Doubt{}) {
			it.measure = r.similar(it, taken)
		}
	}
	for i := range r.items {
		r.decide(&r.items[i], next)
	}
}

func (r *reader) reserve(next map[string]int, task string) string {
	if next[task] == 0 {
		next[task] = r.next(task)
	}
	code := fmt.Sprintf("%s.%d", task, next[task])
	next[task]++
	return code
}

func (r *reader) clue(it *item) clue {
	c := clue{
		number: it.values[FieldNumber].text, action: it.values[FieldAction].text, task: it.values[FieldTask].text, text: it.text,
		code: it.values[FieldCode].text, within: it.within,
	}
	if !r.table.has(FieldMeasure) {
		c.task = it.text
	}
	return c
}

// exact finds the measure that a code, a title or a phrase names.
func (r *reader) exact(it *item) found {
	if code := key(it.values[FieldCode].text); code != "" {
		if _, ok := r.plan.Measure(code); ok {
			return found{code: code, sure: true, exact: true}
		}
		doubt := Doubt{Reason: fmt.Sprintf(textMeasureMissing, code)}
		if codes := r.exactly(it.task.code, it.text); len(codes) > 0 {
			f := r.proposeMeasure(codes[0])
			f.doubt.Reason = doubt.Reason
			return f
		}
		return found{doubt: doubt}
	}
	if it.task.code == "" {
		return found{}
	}
	switch codes := r.exactly(it.task.code, it.text); len(codes) {
	case 0:
		return found{}
	case 1:
		// Of a task that is only likely, the measure is no surer than the task.
		return found{code: codes[0], sure: it.task.sure, exact: it.task.sure, doubt: it.task.doubt}
	default:
		return r.proposeMeasure(codes[0])
	}
}

// similar proposes the measure that an item may mean.
func (r *reader) similar(it *item, taken map[string]bool) found {
	t := r.timing(it.deadline)
	code := r.nearest(it.task.code, it.text, taken, func(m plan.Measure) float64 {
		switch {
		case slices.ContainsFunc(m.Schedule.Due, func(d calendar.Date) bool { return slices.Contains(t.Due, d) || slices.Contains(t.Beyond, d) }):
			return sameDay
		case r.reaches(m, t):
			return -otherYears
		}
		return 0
	})
	m, ok := r.plan.Measure(code)
	switch {
	case !ok:
		return found{}
	case r.reaches(m, t):
		// What is only like it does not change what binds in other years.
		return found{near: code, doubt: Doubt{Reason: textMeasureMaybe}}
	}
	return r.proposeMeasure(code)
}

// reaches reports whether the timing of a row would change what falls due of the measure in other years.
func (r *reader) reaches(m plan.Measure, t Timing) bool {
	if t.Kind == "" || t.Kind == plan.Milestone && len(t.Due)+len(t.Beyond) == 0 {
		return false
	}
	_, others := reschedule(r.plan, r.Calendar, r.Year, m, t)
	return others
}

func (r *reader) proposeMeasure(code string) found {
	m, _ := r.plan.Measure(code)
	return found{code: code, doubt: Doubt{Reason: textMeasureMaybe, Proposal: fmt.Sprintf(textMeasureProposal, code, m.Title)}}
}

// newMeasure is the answer that a row is about a measure that the plan does not have yet.
const newMeasure = "new"

// decide takes what the office has answered of an item's task and measure.
func (r *reader) decide(it *item, next map[string]int) {
	a := it.answer
	if a.Task != "" {
		if _, ok := r.plan.Task(a.Task); !ok {
			it.problems = append(it.problems, r.problem(it, FieldTask, Doubt{Reason: fmt.Sprintf(textAnswerTask, a.Task)}))
		} else if a.Task != it.task.code {
			it.task = found{code: a.Task, sure: true}
			it.reserved = ""
			it.measure = r.exact(it)
			if it.measure.code == "" {
				it.measure = r.similar(it, nil)
			}
		} else {
			it.task.sure = true
			it.measure.sure = it.measure.sure || it.measure.code != "" && it.measure.doubt == it.task.doubt
		}
	}
	if a.Confirm && it.task.code != "" {
		it.task.sure = true
	}
	switch m, ok := r.plan.Measure(a.Measure); {
	case ok:
		it.task, it.measure = found{code: m.Task, sure: true}, found{code: m.Code, sure: true}
	case a.Measure == newMeasure:
		it.measure = r.brought(it)
	case a.Measure != "":
		it.problems = append(it.problems, r.problem(it, FieldMeasure, Doubt{Reason: fmt.Sprintf(textMeasureMissing, a.Measure)}))
	case a.Confirm && it.measure.code != "":
		it.measure.sure = true
	case a.Confirm:
		it.measure = found{} // a code that does not exist, or one that is only like it: a new measure
	}
	if it.measure.code == "" && it.task.code != "" {
		it.new = true
		if it.reserved == "" {
			it.reserved = r.reserve(next, it.task.code)
		}
		near, alike := r.plan.Measure(it.measure.near)
		switch {
		case alike:
			it.measure.doubt.Proposal = fmt.Sprintf(textMeasureBeside, near.Code, near.Title, it.reserved)
		case it.measure.doubt.Reason != "":
			it.measure.doubt.Proposal = fmt.Sprintf(textMeasureAsNew, it.reserved)
		}
	}
}

// brought returns the measure that the row became when its list was applied before: what is new is new only once.
func (r *reader) brought(it *item) found {
	for _, m := range r.plan.Measures {
		if m.Task == it.task.code && strings.HasPrefix(m.Source, r.Name) && bare(m.Title) == bare(titleOf(it.text)) {
			return found{code: m.Code, sure: true}
		}
	}
	return found{}
}

// claims finds rows that say the same twice.
func (r *reader) claims() {
	byCode, byText := map[string][]int{}, map[string][]int{}
	for i, it := range r.items {
		switch {
		case it.answer.Skip:
		case it.measure.sure:
			byCode[it.measure.code] = append(byCode[it.measure.code], i)
		case it.task.code != "" && key(it.text) != "":
			k := it.task.code + " " + plainText(it.text)
			byText[k] = append(byText[k], i)
		}
	}
	for code, same := range byCode {
		r.clash(same, func(other *item) string { return fmt.Sprintf(textMeasureSame, other.row, code) })
	}
	for _, same := range byText {
		r.clash(same, func(other *item) string { return fmt.Sprintf(textRowSame, other.row) })
	}
}

func (r *reader) clash(same []int, reason func(other *item) string) {
	if len(same) < 2 {
		return
	}
	for n, i := range same {
		other := same[0]
		if n == 0 {
			other = same[1]
		}
		it := &r.items[i]
		it.problems = append(it.problems, r.problem(it, FieldMeasure, Doubt{Reason: reason(&r.items[other]), Proposal: textRowSameProposal}))
	}
}

// missing are measures of earlier lists that fall due in the year and that no row is about.
func (r *reader) missing() []string {
	var codes []string
	for _, m := range r.plan.Measures {
		named := slices.ContainsFunc(r.items, func(it item) bool { return it.measure.code == m.Code })
		if m.Source == "" || named {
			continue
		}
		if here, _ := dueIn(r.plan, r.Calendar, m, r.Year); here {
			codes = append(codes, m.Code)
		}
	}
	return codes
}

// crew reads a cell of units once.
func (r *reader) crew(text string) crew {
	c, ok := r.crews[text]
	if !ok {
		c = r.dir.units(text)
		r.crews[text] = c
	}
	return c
}

func (r *reader) timing(v value) Timing {
	if !v.date.IsZero() {
		return dateCell(Cell{Text: v.text, Date: v.date}, r.span)
	}
	t, ok := r.timings[v.text]
	if !ok {
		t = ParseDeadline(v.text, r.span)
		r.timings[v.text] = t
	}
	return t
}

// verdict gathers what is wrong with a row.
type verdict struct {
	fatal, open []Problem
}

func (v *verdict) add(p Problem, fatal bool) {
	if fatal {
		v.fatal = append(v.fatal, p)
	} else {
		v.open = append(v.open, p)
	}
}

// row gives an item's outcome.
func (r *reader) row(it *item) Row {
	out := Row{Row: it.row, Part: it.part, Task: it.task.code, Title: titleOf(it.text), Lead: []string{}, Units: []string{}, Due: []calendar.Date{}, Problems: []Problem{}}
	out.Measure = it.measure.code
	if it.new {
		out.Measure = it.reserved
	}
	var v verdict
	if !r.readable(it, &v) {
		out.Task, out.Measure = "", ""
		return r.close(it, out, v, nil, nil)
	}
	var was *plan.Measure
	is := plan.Measure{Code: out.Measure, Task: it.task.code}
	if m, ok := r.plan.Measure(it.measure.code); ok {
		was, is = &m, m
		is.Inferred, is.Lead = slices.Clone(m.Inferred), slices.Clone(m.Lead)
	}
	r.identify(it, &v)
	r.words(it, was, &is)
	units := r.assign(it, was, &is, &v)
	timing := r.fix(it, was, &is, &v)
	for _, d := range it.doubts {
		if !r.answered(it, d.field) {
			v.add(r.problem(it, d.field, d.Doubt), d.Fatal)
		}
	}
	out.Lead, out.Units = append(out.Lead, units.lead...), append(out.Units, units.all...)
	out.Kind, out.Due, out.When = timing.Kind, append(out.Due, timing.Due...), whenText(timing)
	return r.close(it, out, v, was, &is)
}

// readable reports whether the row says anything that can be read at all.
func (r *reader) readable(it *item, v *verdict) bool {
	switch {
	case !r.table.has(FieldMeasure) && !r.table.has(FieldTask):
		v.add(Problem{Cell: fmt.Sprintf("A%d", it.row), Reason: textNoHeader, Proposal: textNoHeaderProposal}, true)
		return false
	case it.stray && len(it.values) > 0 && r.mute(it):
		v.add(Problem{Cell: fmt.Sprintf("A%d", it.row), Reason: textStrayText, Proposal: textStrayProposal}, true)
		return false
	case key(it.text) == "":
		v.add(r.problem(it, FieldMeasure, Doubt{Reason: textNoText}), true)
		return false
	}
	if utf8.RuneCountInString(it.text) > longestText {
		v.add(r.problem(it, FieldMeasure, Doubt{Reason: fmt.Sprintf(textTooLong, longestText), Proposal: textTooLongProposal}), true)
	}
	return true
}

// mute reports whether a row says nothing of units and deadlines.
func (r *reader) mute(it *item) bool {
	return it.values[FieldDeadline].text == "" && it.values[FieldUnits].text == "" && it.values[FieldLead].text == ""
}

// answered reports whether the office has answered what a field is about.
func (r *reader) answered(it *item, f Field) bool {
	switch f {
	case FieldDeadline:
		return len(it.answer.Due) > 0 || it.answer.Kind != ""
	case FieldLead:
		return it.answer.Lead != nil
	case FieldUnits:
		return len(it.answer.Units) > 0
	case FieldTask, FieldNumber, FieldAction:
		return it.task.sure
	default:
		return false
	}
}

// identify tells what is unsure of the task and the measure.
func (r *reader) identify(it *item, v *verdict) {
	v.fatal = append(v.fatal, it.problems...)
	if !it.task.sure {
		v.add(r.problem(it, FieldTask, it.task.doubt), it.task.code == "")
	}
	if !it.measure.sure && it.measure.doubt.Reason != "" && it.measure.doubt != it.task.doubt {
		v.add(r.problem(it, FieldMeasure, it.measure.doubt), false)
	}
}

// words fills in what the measure says. The plan's own measures keep the plan's words where a list paraphrases them.
func (r *reader) words(it *item, was, is *plan.Measure) {
	title, text := titleOf(it.text), plan.Normalise(it.text)
	same := was != nil && (bare(title) == bare(was.Title) || bare(text) == bare(was.Quote) || plainText(text) == bare(was.Title) || plainText(text) == bare(was.Quote))
	switch {
	case was == nil:
		is.Title, is.Quote, is.Source = title, text, fmt.Sprintf(textSourceRow, r.Name, it.row)
	case same:
	case was.Source != "":
		is.Title, is.Quote, is.Source = title, text, fmt.Sprintf(textSourceRow, r.Name, it.row)
	case it.values[FieldCode].text != "":
		is.Title = title
	}
	done := plan.Normalise(it.values[FieldDone].text)
	switch {
	case done != "" && !slices.Contains(noUnits, key(done)):
		is.Done = done
	case was == nil:
		is.Done = textDoneUnwritten
		infer(is, "done", textNoteDone)
	}
	if remark := plan.Normalise(it.values[FieldNote].text); was == nil && remark != "" {
		is.Note = joinNotes(is.Note, fmt.Sprintf(textNoteRemark, remark))
	}
}

// infer marks a field of the measure as left open by the list.
func infer(m *plan.Measure, field, why string) {
	if !slices.Contains(m.Inferred, field) {
		m.Inferred = append(m.Inferred, field)
	}
	if !strings.Contains(m.Note, why) {
		m.Note = joinNotes(m.Note, why)
	}
}

func joinNotes(a, b string) string {
	if a == "" {
		return b + "。"
	}
	return strings.TrimRight(a, "。") + "；" + strings.TrimRight(b, "。") + "。"
}
