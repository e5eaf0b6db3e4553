package api

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"duban/account"
	"duban/calendar"
	"duban/monthly"
	"duban/obligation"
	"duban/plan"
	"duban/statistics"
)

// MonthlyReportInput is a month's report as a unit fills it in.
type MonthlyReportInput struct {
	Zero     bool          `json:"zero,omitempty" doc:"零报告：本月没有需要报告的；不再写工作开展情况、存在问题和说明"`
	Progress string        `json:"progress,omitempty" maxLength:"4000" doc:"工作开展情况，限 1800 字；不是零报告的必填"`
	Problems string        `json:"problems,omitempty" maxLength:"4000" doc:"存在问题，限 1000 字"`
	Next     string        `json:"next,omitempty" maxLength:"4000" doc:"下步计划，限 1000 字"`
	Notes    []MonthlyNote `json:"notes,omitempty" maxItems:"500" doc:"对清单中事项的说明；清单本身按报送时的情况自动附上"`
}

// MonthlyNote is what a unit writes on one matter of its list.
type MonthlyNote struct {
	Measure string `json:"measure" maxLength:"64" doc:"分项任务编号"`
	Period  string `json:"period" maxLength:"64" doc:"周期代码"`
	Text    string `json:"text" maxLength:"1000" doc:"说明，限 200 字"`
}

// MonthlyReport is a month's report as it was handed in.
type MonthlyReport struct {
	Zero     bool          `json:"zero" doc:"零报告"`
	Progress string        `json:"progress,omitempty" doc:"工作开展情况"`
	Problems string        `json:"problems,omitempty" doc:"存在问题"`
	Next     string        `json:"next,omitempty" doc:"下步计划"`
	Lines    []MonthlyLine `json:"lines" doc:"任务清单完成情况：报送时的情况"`
}

// MonthlyLine is how one matter of the unit stood.
type MonthlyLine struct {
	Measure     string               `json:"measure" doc:"分项任务编号"`
	Period      string               `json:"period" doc:"周期代码"`
	Task        string               `json:"task" doc:"任务编号"`
	Title       string               `json:"title" doc:"分项任务标题"`
	PeriodLabel string               `json:"periodLabel" doc:"周期名称"`
	Due         calendar.Date        `json:"due" format:"date" doc:"到期日"`
	Stage       obligation.Stage     `json:"stage" doc:"状态"`
	StageLabel  string               `json:"stageLabel" doc:"状态名称"`
	Light       obligation.Light     `json:"light" enum:"green,yellow,red,none" doc:"亮灯"`
	LightLabel  string               `json:"lightLabel" doc:"亮灯名称"`
	Group       obligation.LineGroup `json:"group" enum:"done,overdue,due,next" doc:"done 本月已办，overdue 逾期未办，due 本月到期未办，next 下月到期"`
	GroupLabel  string               `json:"groupLabel" doc:"为什么列出"`
	Note        string               `json:"note,omitempty" doc:"责任单位的说明"`
}

// MonthlyForm is what a unit finds filled in when it begins a month's report.
type MonthlyForm struct {
	Month    monthly.Month `json:"month" example:"2025-06" doc:"哪个月"`
	Label    string        `json:"label" doc:"月份名称"`
	From     calendar.Date `json:"from" format:"date" doc:"报告期首日：上一期截止日的次日"`
	To       calendar.Date `json:"to" format:"date" doc:"报告期末日：报送截止日"`
	Lines    []MonthlyLine `json:"lines" doc:"任务清单完成情况：此刻的情况"`
	Progress string        `json:"progress,omitempty" doc:"可以采用的文字：工作开展情况"`
	Problems string        `json:"problems,omitempty" doc:"可以采用的文字：存在问题"`
	Next     string        `json:"next,omitempty" doc:"可以采用的文字：下步计划"`

	Report   *MonthlyReport `json:"report,omitempty" doc:"本月已报的内容；没有则不出现"`
	Previous *MonthlyReport `json:"previous,omitempty" doc:"上月所报的内容；没有则不出现"`
}

// MonthlyCounts are how many reports stand how.
type MonthlyCounts struct {
	Units    int `json:"units" doc:"应报：不含免报和补录"`
	Reported int `json:"reported" doc:"已报"`
	OnTime   int `json:"onTime" doc:"按时报送"`
	Late     int `json:"late" doc:"逾期报送"`
	Zero     int `json:"zero" doc:"已报中的零报告"`
	Returned int `json:"returned" doc:"已报中退回补正的"`
	Missing  int `json:"missing" doc:"逾期未报"`
	Pending  int `json:"pending" doc:"待报送：期限未到"`
	Waived   int `json:"waived" doc:"免报"`
	History  int `json:"history" doc:"补录"`
}

// MonthlyList is how the reports on the months stand.
type MonthlyList struct {
	At      time.Time      `json:"at" doc:"截至这一刻"`
	Measure string         `json:"measure,omitempty" doc:"月报是哪项分项任务；没有则方案没有月报"`
	Months  []MonthlyMonth `json:"months" doc:"已经交办的各月，新的在前"`
}

// MonthlyMonth is how the reports on one month stand.
type MonthlyMonth struct {
	Month  monthly.Month `json:"month" example:"2025-06" doc:"哪个月"`
	Label  string        `json:"label" doc:"月份名称"`
	Due    calendar.Date `json:"due" format:"date" doc:"报送截止日"`
	Counts MonthlyCounts `json:"counts" doc:"报送情况"`
}

// MonthlyPath addresses a month.
type MonthlyPath struct {
	PlanPath
	Month string `path:"month" pattern:"^[0-9]{4}-(0[1-9]|1[0-2])$" patternDescription:"年月，如 2025-06" example:"2025-06" doc:"哪个月"`
}

// MonthlySummary is the office's report on a month.
type MonthlySummary struct {
	MonthlyMonth
	Measure string    `json:"measure" doc:"月报的分项任务编号"`
	At      time.Time `json:"at" doc:"报送情况截至这一刻"`
	Cut     time.Time `json:"cut" doc:"任务清单完成情况截至这一刻：报送截止日结束，或此刻"`

	CutLabel string `json:"cutLabel" example:"2025年6月28日24时" doc:"截至何时的写法"`

	Entries []MonthlyEntry   `json:"entries" doc:"各单位的月报，按方案的顺序"`
	Total   MonthlyRow       `json:"total" doc:"任务清单完成情况：合计"`
	Actions []MonthlyRow     `json:"actions" doc:"按行动"`
	Tasks   []MonthlyRow     `json:"tasks" doc:"按任务"`
	Remarks []MonthlyRemarks `json:"remarks" doc:"责任单位对事项的说明，按任务汇集"`
}

// MonthlyEntry is one unit's report.
type MonthlyEntry struct {
	Measure     string           `json:"measure" doc:"分项任务编号"`
	Unit        string           `json:"unit" doc:"责任单位代码"`
	UnitName    string           `json:"unitName" doc:"责任单位名称"`
	Period      string           `json:"period" doc:"周期代码"`
	Seq         int              `json:"seq" doc:"台账序号，可作为办理时的 If-Match"`
	Status      monthly.Status   `json:"status" enum:"on_time,late,missing,pending,waived,history" doc:"报送情况"`
	StatusLabel string           `json:"statusLabel" doc:"报送情况的名称"`
	Zero        bool             `json:"zero" doc:"零报告"`
	Stage       obligation.Stage `json:"stage" doc:"状态"`
	StageLabel  string           `json:"stageLabel" doc:"状态名称"`
	Due         calendar.Date    `json:"due" format:"date" doc:"现在的到期日"`
	Reported    time.Time        `json:"reported,omitzero" doc:"最近一次报送的时间；没有则不出现"`
	Liaison     string           `json:"liaison,omitempty" doc:"联络员"`
	Rung        obligation.Rung  `json:"rung,omitempty" doc:"已采取的最高升级措施"`
	RungLabel   string           `json:"rungLabel,omitempty" doc:"措施名称"`
	Report      *MonthlyReport   `json:"report,omitempty" doc:"所报内容，清单中只列有说明的事项；没有按表单填报的不出现"`
}

// MonthlyRow is how what an action or task asks for stands.
type MonthlyRow struct {
	Key   string         `json:"key" doc:"行动编号或任务编号"`
	Name  string         `json:"name" doc:"名称"`
	Month MonthlyFigures `json:"month" doc:"本月到期的"`
	Year  MonthlyFigures `json:"year" doc:"全年到期的"`
}

// MonthlyFigures are how some obligations stand.
type MonthlyFigures struct {
	Counted    int     `json:"counted" doc:"应办：不含免办和补录"`
	Closed     int     `json:"closed" doc:"已办结"`
	Late       int     `json:"late" doc:"其中逾期办结"`
	Overdue    int     `json:"overdue" doc:"逾期未办"`
	Completion float64 `json:"completion" minimum:"0" maximum:"1" doc:"完成率：已办结占应办的比例；没有应办的为 0"`
}

// MonthlyRemarks are what units have written on the matters of one task.
type MonthlyRemarks struct {
	Task    string          `json:"task" doc:"任务编号"`
	Name    string          `json:"name" doc:"任务名称"`
	Remarks []MonthlyRemark `json:"remarks" doc:"说明"`
}

// MonthlyRemark is what a unit has written on one matter.
type MonthlyRemark struct {
	UnitName string `json:"unitName" doc:"责任单位名称"`
	MonthlyLine
}

func (s *server) registerMonthly() {
	notFound := []Code{Code(obligation.CodeNotFound)}
	get := func(id, path, tag string, codes ...Code) operation {
		return operation{id: id, method: http.MethodGet, path: path, tag: tag, limit: statisticsTimeout, codes: append(codes, notFound...)}
	}
	register(s, get("list-monthly", "/plans/{plan}/monthly", tagPlans), s.listMonthly)
	register(s, get("get-monthly", "/plans/{plan}/monthly/{month}", tagPlans), s.getMonthly)
	export := get("export-monthly", "/plans/{plan}/monthly/{month}/export", tagPlans)
	export.content = map[string]*huma.MediaType{spreadsheetType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	register(s, export, s.exportMonthly)
	if s.Letters != nil {
		download := get("download-monthly", "/plans/{plan}/monthly/{month}/report", tagPlans)
		download.content = map[string]*huma.MediaType{mediaTypes[formatDOCX]: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
		register(s, download, s.downloadMonthly)
	}
	register(s, get("get-monthly-form", "/obligations/{plan}/{measure}/{unit}/{period}/monthly", tagObligations, Code(obligation.CodeReportForm)), s.getMonthlyForm)
}

func (s *server) listMonthly(ctx context.Context, in *PlanPath) (*Body[MonthlyList], error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	out := MonthlyList{At: s.Now().In(obligation.Location(d.Plan.Zone)), Months: []MonthlyMonth{}}
	measure, ok := d.Plan.Monthly()
	if !ok {
		return answer(out), nil
	}
	out.Measure = measure.Code
	err = s.figures.with(ctx, s.Reader, d, s.Now(), 0, func(cases []statistics.Case, now time.Time) error {
		out.Months = list(monthly.Months(visible(ctx, cases), d, now), func(t monthly.Tally) MonthlyMonth {
			return MonthlyMonth{t.Month, t.Month.Chinese(), t.Due, MonthlyCounts(t.Counts)}
		})
		return nil
	})
	return answer(out), err
}

// visible leaves a liaison the cases of his own unit.
func visible(ctx context.Context, cases []statistics.Case) []statistics.Case {
	who := caller(ctx)
	if who.Role != account.Unit {
		return cases
	}
	var out []statistics.Case
	for i := range cases {
		if cases[i].Unit == who.Unit {
			out = append(out, cases[i])
		}
	}
	return out
}

// summary makes the office's report on a month, of what the caller may see.
func (s *server) summary(ctx context.Context, in *MonthlyPath) (monthly.Summary, error) {
	var none monthly.Summary
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return none, err
	}
	month := monthly.Month(in.Month)
	measure, period, ok := monthly.Period(&d.Plan, month)
	if !ok {
		return none, notFound()
	}
	f := obligation.Filter{Plan: d.Plan.Code, Measure: measure.Code, Period: period.Key, Now: s.Now()}
	if err := ownUnit(ctx, &f); err != nil {
		return none, err
	}
	views, err := s.all(ctx, f, nil)
	if err != nil {
		return none, err
	}
	if len(views) == 0 {
		return none, notFound() // nothing of it has been opened
	}
	var figures monthly.Figures
	year := statistics.Scope{Year: period.Due.Year()}
	err = s.figures.with(ctx, s.Reader, d, f.Now, period.Due, func(cases []statistics.Case, now time.Time) error {
		cases = visible(ctx, cases)
		figures = monthly.Figures{Month: statistics.Compute(cases, d, month.Scope(), now), Year: statistics.Compute(cases, d, year, now)}
		return nil
	})
	return monthly.Consolidate(d, period, views, figures, f.Now), err
}

// all reads the pages of a list, until one ends with what need not be read on from; nil: all of them.
func (s *server) all(ctx context.Context, f obligation.Filter, enough func(obligation.View) bool) ([]obligation.View, error) {
	var out []obligation.View
	for f.Limit = 200; ; {
		page, err := s.Reader.List(ctx, f)
		if err != nil {
			return nil, err
		}
		out = append(out, page.Views...)
		if page.Next == "" || enough != nil && enough(page.Views[len(page.Views)-1]) {
			return out, nil
		}
		f.After = page.Next
	}
}

func (s *server) getMonthly(ctx context.Context, in *MonthlyPath) (*Body[MonthlySummary], error) {
	m, err := s.summary(ctx, in)
	if err != nil {
		return nil, err
	}
	loc := obligation.Location(m.Plan.Zone)
	return answer(MonthlySummary{
		MonthlyMonth: MonthlyMonth{m.Month, m.Month.Chinese(), m.Period.Due, MonthlyCounts(m.Counts)},
		Measure:      m.Entries[0].ID.Measure, At: m.Now.In(loc), Cut: m.Cut.In(loc), CutLabel: m.CutChinese(),
		Entries: list(m.Entries, func(e monthly.Entry) MonthlyEntry { return showMonthlyEntry(e, loc) }),
		Total:   showMonthlyRow(m.Total), Actions: list(m.Actions, showMonthlyRow), Tasks: list(m.Tasks, showMonthlyRow),
		Remarks: list(m.Remarks, func(t monthly.TaskRemarks) MonthlyRemarks {
			return MonthlyRemarks{t.Task, t.Name, list(t.Remarks, func(r monthly.Remark) MonthlyRemark {
				return MonthlyRemark{r.Unit, showMonthlyLine(r.ReportLine)}
			})}
		}),
	}), nil
}

func showMonthlyEntry(e monthly.Entry, loc *time.Location) MonthlyEntry {
	return MonthlyEntry{
		Measure: e.ID.Measure, Unit: e.Unit, UnitName: e.Name, Period: e.ID.Period, Seq: e.Seq, Status: e.Status, StatusLabel: e.Status.Chinese(),
		Zero: e.Zero, Stage: e.Stage, StageLabel: e.Stage.Chinese(), Due: e.Due, Reported: in(e.Reported, loc), Liaison: e.Liaison,
		Rung: e.Rung, RungLabel: e.Rung.Chinese(), Report: showMonthlyReport(e.Report),
	}
}

func showMonthlyReport(r *obligation.Report) *MonthlyReport {
	if r == nil {
		return nil
	}
	return &MonthlyReport{r.Zero, r.Progress, r.Problems, r.Next, list(r.Lines, showMonthlyLine)}
}

func showMonthlyLine(l obligation.ReportLine) MonthlyLine {
	return MonthlyLine{
		Measure: l.ID.Measure, Period: l.ID.Period, Task: l.Task, Title: l.Title, PeriodLabel: l.Period, Due: l.Due, Stage: l.Stage,
		StageLabel: l.Stage.Chinese(), Light: l.Light, LightLabel: l.Light.Chinese(), Group: l.Group, GroupLabel: l.Group.Chinese(), Note: l.Note,
	}
}

func showMonthlyRow(r monthly.Row) MonthlyRow {
	show := func(s statistics.Row) MonthlyFigures {
		return MonthlyFigures{s.Counted, s.Closed, s.Late, s.Overdue, s.Completion}
	}
	return MonthlyRow{r.Key, r.Name, show(r.Month), show(r.Year)}
}

func (s *server) getMonthlyForm(ctx context.Context, in *ObligationPath) (*Body[MonthlyForm], error) {
	v, d, period, err := s.monthOf(ctx, in.id())
	if err != nil {
		return nil, err
	}
	form, err := s.prefill(ctx, d, period, in.id())
	if err != nil {
		return nil, err
	}
	month := monthly.Month(period.Key)
	out := MonthlyForm{
		Month: month, Label: month.Chinese(), From: period.Start, To: period.Due, Lines: list(form.Lines, showMonthlyLine),
		Progress: form.Progress, Problems: form.Problems, Next: form.Next, Report: showMonthlyReport(v.State.Report),
	}
	last := in.id()
	last.Period = string(month.Plus(-1))
	switch before, err := s.Reader.Load(ctx, last); {
	case err == nil:
		out.Previous = showMonthlyReport(before.State.Report)
	case !obligation.IsNotFound(err):
		return nil, err
	}
	return answer(out), nil
}

// monthOf returns the obligation, and the period that its report covers. One that has no such form is refused.
func (s *server) monthOf(ctx context.Context, id obligation.ID) (v obligation.View, d obligation.Definition, period plan.Period, err error) {
	if v, err = s.Reader.Load(ctx, id); err != nil {
		return v, d, period, err
	}
	if d, err = s.Reader.Definition(ctx, id.Plan); err != nil {
		return v, d, period, err
	}
	measure, period, ok := monthly.Period(&d.Plan, monthly.Month(id.Period))
	if !ok || measure.Code != id.Measure || v.State.Form != measure.Form {
		err = &obligation.Error{Code: obligation.CodeReportForm}
	}
	return v, d, period, err
}

// prefill fills in the report of a unit as of now.
func (s *server) prefill(ctx context.Context, d obligation.Definition, period plan.Period, id obligation.ID) (monthly.Form, error) {
	now := s.Now()
	f := obligation.Filter{
		Plan: id.Plan, Units: []string{id.Unit}, Now: now, DueTo: monthly.Month(period.Key).Plus(1).Last(),
		Stages: []obligation.Stage{obligation.StageOpen, obligation.StageSigned, obligation.StageReturned},
	}
	views, err := s.all(ctx, f, nil)
	if err != nil {
		return monthly.Form{}, err
	}
	// What was reported in the period has changed since it began.
	began := period.Start.At(0, obligation.Location(d.Plan.Zone))
	f = obligation.Filter{
		Plan: id.Plan, Units: f.Units, Now: now, Stages: []obligation.Stage{obligation.StageSubmitted, obligation.StageAccepted},
		Sort: obligation.SortUpdated, Descending: true,
	}
	reported, err := s.all(ctx, f, func(last obligation.View) bool { return last.Updated.Before(began) })
	return monthly.Prefill(period, append(views, reported...), now), err
}

// monthlyReport returns what a unit reports, with the list of its matters as they stand. What answers an earlier request again has
// no list: it is compared by what the unit wrote.
func (s *server) monthlyReport(ctx context.Context, id obligation.ID, key string, in MonthlyReportInput) (*obligation.Report, error) {
	r := &obligation.Report{Zero: in.Zero, Progress: in.Progress, Problems: in.Problems, Next: in.Next}
	for _, n := range in.Notes {
		of := obligation.ID{Plan: id.Plan, Measure: n.Measure, Unit: id.Unit, Period: n.Period}
		r.Lines = append(r.Lines, obligation.ReportLine{ID: of, Note: n.Text})
	}
	r = r.Trimmed()
	if key != "" {
		switch _, err := s.Reader.EventByKey(ctx, id, key); {
		case err == nil:
			return r, nil
		case !obligation.IsNotFound(err):
			return nil, err
		}
	}
	_, d, period, err := s.monthOf(ctx, id)
	if err != nil {
		return nil, err
	}
	form, err := s.prefill(ctx, d, period, id)
	if err != nil {
		return nil, err
	}
	notes := notesOf(r)
	r.Lines = form.Lines
	for i, l := range r.Lines {
		r.Lines[i].Note = notes[l.ID]
		delete(notes, l.ID)
	}
	if len(notes) > 0 {
		return nil, &obligation.Error{Code: obligation.CodeReportLine}
	}
	return r, nil
}

// notesOf returns what a unit has written on its matters.
func notesOf(r *obligation.Report) map[obligation.ID]string {
	out := map[obligation.ID]string{}
	for _, l := range r.Lines {
		if l.Note != "" {
			out[l.ID] = l.Note
		}
	}
	return out
}

// sameReport reports whether the event has the report that the command hands in, as far as the unit wrote it. Its words are
// compared as the text.
func sameReport(e obligation.Event, c obligation.Command) bool {
	if e.Report == nil || c.Report == nil {
		return e.Report == c.Report
	}
	return e.Report.Zero == c.Report.Zero && maps.Equal(notesOf(e.Report), notesOf(c.Report))
}

// exportMonthly writes the consolidated report as a workbook.
func (s *server) exportMonthly(ctx context.Context, in *MonthlyPath) (*FileOutput, error) {
	m, err := s.summary(ctx, in)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := s.Workbook(&out, monthlyTabs(m)); err != nil {
		return nil, err
	}
	return fileNamed(spreadsheetType, "monthly-"+in.Month+".xlsx", m.Month.Chinese()+textMonthlyFile+".xlsx", out.Bytes()), nil
}

// downloadMonthly writes the consolidated report as a document.
func (s *server) downloadMonthly(ctx context.Context, in *MonthlyPath) (*FileOutput, error) {
	m, err := s.summary(ctx, in)
	if err != nil {
		return nil, err
	}
	r := m.Report()
	content, err := s.Letters.Report(r)
	if err != nil {
		return nil, err
	}
	return fileNamed(mediaTypes[formatDOCX], "monthly-"+in.Month+".docx", r.Title+".docx", content), nil
}

func monthlyTabs(m monthly.Summary) []Tab {
	loc := obligation.Location(m.Plan.Zone)
	note := fmt.Sprintf(textMonthlyNote, m.Month.Chinese(), m.Now.In(loc).Format(minuteLayout), m.CutChinese())
	tab := func(name string, columns []TableColumn, rows [][]string) Tab {
		return Tab{Name: name, Table: Table{Title: m.Month.Chinese() + name, Note: note, Columns: columns}, Rows: rows}
	}
	c := m.Counts
	counts := numbers(c.Units, c.Reported, c.OnTime, c.Late, c.Zero, c.Returned, c.Missing, c.Pending, c.Waived, c.History)
	var reports, contents, remarks [][]string
	for _, e := range m.Entries {
		reported, zero := "", ""
		if !e.Reported.IsZero() {
			reported = e.Reported.In(loc).Format(minuteLayout)
		}
		if e.Zero {
			zero = textYes
		}
		reports = append(reports, []string{e.Name, e.Status.Chinese(), zero, e.Stage.Chinese(), reported, e.Due.String(), e.Liaison, e.Rung.Chinese()})
		if r := e.Report; r != nil && !r.Zero {
			contents = append(contents, []string{e.Name, r.Progress, r.Problems, r.Next})
		}
	}
	for _, t := range m.Remarks {
		for _, r := range t.Remarks {
			remarks = append(remarks, []string{t.Name, r.Unit, r.Title, r.Period, r.Note})
		}
	}
	figures := func(rows []monthly.Row) [][]string {
		var out [][]string
		for _, r := range append(slices.Clone(rows), monthly.Row{Name: textSum, Month: m.Total.Month, Year: m.Total.Year}) {
			line := append([]string{r.Name}, numbers(r.Month.Counted, r.Month.Closed, r.Month.Overdue, r.Year.Counted, r.Year.Closed, r.Year.Late, r.Year.Overdue)...)
			out = append(out, append(line, statistics.Percent(r.Year.Completion, r.Year.Counted > 0)))
		}
		return out
	}
	by := func(k statistics.Key) []TableColumn {
		return append([]TableColumn{{k.Chinese(), 36}}, monthlyFigureColumns...)
	}
	return []Tab{
		tab(textMonthlyFile, monthlyCountHeadings, [][]string{counts}),
		tab(textMonthlyReports, monthlyReportColumns, reports),
		tab(textMonthlyActions, by(statistics.ByAction), figures(m.Actions)),
		tab(textMonthlyTasks, by(statistics.ByTask), figures(m.Tasks)),
		tab(textMonthlyContents, monthlyContentColumns, contents),
		tab(textMonthlyRemarks, monthlyRemarkColumns, remarks),
	}
}

func numbers(values ...int) []string { return list(values, strconv.Itoa) }
