package api

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/progress"
	"duban/statistics"
)

// StatisticsScope bounds figures to what falls due in a year or a part of it, and may take them as of an earlier day.
type StatisticsScope struct {
	PlanPath
	Year    int    `query:"year" minimum:"2000" maximum:"2100" doc:"到期的年份；不填为方案期全部"`
	Half    int    `query:"half" minimum:"1" maximum:"2" doc:"到期的半年：1 上半年，2 下半年；与 year 合用，不与 quarter 合用"`
	Quarter int    `query:"quarter" minimum:"1" maximum:"4" doc:"到期的季度；与 year 合用"`
	Until   string `query:"until" format:"date" doc:"截至这一天（含），此后发生的不计；不填或在今天以后为此刻"`
}

// StatisticsInput asks for the figures by one key.
type StatisticsInput struct {
	StatisticsScope
	By statistics.Key `query:"by" enum:"action,task,unit" default:"action" doc:"分组：action 行动，task 任务，unit 责任单位"`
}

// Statistics are the figures of a plan.
type Statistics struct {
	At     time.Time        `json:"at" doc:"截至这一刻"`
	Scope  string           `json:"scope" example:"2026年上半年" doc:"统计范围：按到期日"`
	Years  []int            `json:"years" doc:"方案期的各年"`
	Halves []StatisticsHalf `json:"halves" doc:"可以下载进展情况报告的半年，最近的在前"`
	By     statistics.Key   `json:"by" enum:"action,task,unit" doc:"rows 的分组"`
	Total  StatisticsRow    `json:"total" doc:"合计"`
	Rows   []StatisticsRow  `json:"rows" doc:"各组，按方案的顺序；没有责任事项的不列"`
	Year   []StatisticsRow  `json:"byYear" doc:"各年度"`
	Season []StatisticsRow  `json:"byQuarter" doc:"各季度"`
	Trend  []StatisticsRow  `json:"byMonth" doc:"各月，按到期的月份"`
	Works  []StatisticsWork `json:"works" doc:"times 中各项用时指什么"`
}

// StatisticsHalf is a half-year that has begun.
type StatisticsHalf struct {
	Half  string `json:"half" example:"2026H1" doc:"半年"`
	Label string `json:"label" example:"2026年上半年" doc:"名称"`
}

// StatisticsRow is how the obligations of one group stand.
type StatisticsRow struct {
	Key        string           `json:"key" doc:"行动编号、任务编号、单位代码，或 2026、2026Q1、2026-01"`
	Name       string           `json:"name" doc:"名称"`
	Total      int              `json:"total" doc:"全部责任事项，含免办和补录"`
	Counted    int              `json:"counted" doc:"应办：不含免办和补录"`
	Closed     int              `json:"closed" doc:"已办结"`
	OnTime     int              `json:"onTime" doc:"按时办结"`
	Late       int              `json:"late" doc:"逾期办结"`
	Open       int              `json:"open" doc:"未办结"`
	Overdue    int              `json:"overdue" doc:"逾期未办"`
	Waived     int              `json:"waived" doc:"免办"`
	History    int              `json:"history" doc:"补录"`
	Completion float64          `json:"completion" minimum:"0" maximum:"1" doc:"完成率：已办结占应办的比例；没有应办的为 0"`
	Rate       float64          `json:"rate" minimum:"0" maximum:"1" doc:"按时率：按时办结占按时办结、逾期办结、逾期未办之和的比例；三者都没有的为 0"`
	Reached    []StatisticsRung `json:"reached" doc:"各级措施送达责任单位的次数，由低到高"`
	Times      []StatisticsTime `json:"times" doc:"各项用时"`
}

// StatisticsRung is how often a rung reached units.
type StatisticsRung struct {
	Rung  obligation.Rung `json:"rung" doc:"措施"`
	Label string          `json:"label" doc:"措施名称"`
	Count int             `json:"count" doc:"次数"`
}

// StatisticsTime is how long one kind of work took.
type StatisticsTime struct {
	Work   statistics.Work `json:"work" enum:"sign,report,review,answer,sign_off" doc:"哪一项"`
	Label  string          `json:"label" doc:"名称"`
	Count  int             `json:"count" doc:"办了几次；0：没有用时"`
	Median StatisticsSpan  `json:"median" doc:"中位数"`
	P90    StatisticsSpan  `json:"p90" doc:"九成不超过"`
}

// StatisticsSpan is a working time.
type StatisticsSpan struct {
	Days  int    `json:"days" doc:"工作日：一个工作日按 24 小时计，休息日的时间不计"`
	Hours int    `json:"hours" minimum:"0" maximum:"23" doc:"不足一个工作日的小时数，分钟舍去"`
	Label string `json:"label" example:"2个工作日5小时" doc:"写法；没有用时的为空"`
}

// StatisticsWork says what one kind of time is.
type StatisticsWork struct {
	Work    statistics.Work `json:"work" enum:"sign,report,review,answer,sign_off" doc:"哪一项"`
	Label   string          `json:"label" doc:"名称"`
	Meaning string          `json:"meaning" doc:"从何时到何时"`
}

// Tab is a filled table, on a sheet of its own.
type Tab struct {
	Name string
	Table
	Rows [][]string
}

// statisticsTimeout is how long figures may take: the first time all ledgers of the plan are read.
const statisticsTimeout = time.Minute

func (s *server) registerStatistics() {
	of := func(id, path, kind string) operation {
		o := operation{id: id, method: http.MethodGet, path: "/plans/{plan}/statistics" + path, tag: tagPlans, limit: statisticsTimeout, codes: []Code{Code(obligation.CodeNotFound)}}
		if kind != "" {
			o.content = map[string]*huma.MediaType{kind: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
		}
		return o
	}
	register(s, of("get-statistics", "", ""), s.getStatistics)
	register(s, of("export-statistics", "/export", spreadsheetType), s.exportStatistics)
}

// gathered is what has been read of a plan's ledgers. It is kept, so that only what has grown since is read again.
type gathered struct {
	version  int       // of the definition
	until    time.Time // zero: everything
	position int64     // in the record
	cases    []statistics.Case
	places   map[obligation.ID]int
}

// figures keeps what was read of the plans. One reading goes on at a time: it may be of a million entries.
type figures struct {
	turn  chan struct{}
	plans map[figuresKey]*gathered
}

// figuresKey tells what stands now from what stood at the end of earlier days.
type figuresKey struct {
	plan  string
	until int64 // of the cut, in Unix seconds; 0: none
}

// mostCuts is how many earlier days are kept: those of the half-years, and some that somebody looks at.
const mostCuts = 12

func newFigures() *figures {
	return &figures{turn: make(chan struct{}, 1), plans: map[figuresKey]*gathered{}}
}

// of returns the figures of a scope as of the business instant now, or of the end of an earlier day.
func (f *figures) of(ctx context.Context, record Reader, d obligation.Definition, scope statistics.Scope, now time.Time, until calendar.Date) (statistics.Figures, error) {
	var out statistics.Figures
	err := f.with(ctx, record, d, now, until, func(cases []statistics.Case, now time.Time) error {
		out = statistics.Compute(cases, d, scope, now)
		return nil
	})
	return out, err
}

// with lets use see the cases of a plan as of the business instant now, or of the end of an earlier day. They are use's only until
// it returns.
func (f *figures) with(ctx context.Context, record Reader, d obligation.Definition, now time.Time, until calendar.Date, use func(cases []statistics.Case, now time.Time) error) error {
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	now, cut := statistics.Cut(d, now, until)
	g := f.kept(d, cut)
	// The first reading goes on when who asked has given up: else that of a large plan might never end.
	position, err := record.Changed(context.WithoutCancel(ctx), d.Plan.Code, g.position, func(id obligation.ID, ledger []obligation.Event) { g.take(id, ledger, d.Calendar) })
	if err != nil {
		return err
	}
	g.position = position
	return use(g.cases, now)
}

// kept returns what has been read of a plan up to a cut.
func (f *figures) kept(d obligation.Definition, cut time.Time) *gathered {
	key := figuresKey{plan: d.Plan.Code}
	if !cut.IsZero() {
		key.until = cut.Unix()
	}
	g := f.plans[key]
	if g != nil && g.version == d.Version {
		return g
	}
	if len(f.plans) > mostCuts {
		maps.DeleteFunc(f.plans, func(k figuresKey, _ *gathered) bool { return k.until != 0 })
	}
	g = &gathered{version: d.Version, until: cut, places: map[obligation.ID]int{}}
	f.plans[key] = g
	return g
}

func (g *gathered) take(id obligation.ID, ledger []obligation.Event, cal *calendar.Calendar) {
	c, ok := statistics.Read(ledger, cal, g.until)
	if !ok {
		return
	}
	if i, known := g.places[id]; known {
		g.cases[i] = c
		return
	}
	g.places[id] = len(g.cases)
	g.cases = append(g.cases, c)
}

// scope reads what is asked for.
func (in StatisticsScope) scope() (statistics.Scope, calendar.Date, error) {
	out := statistics.Scope{Year: in.Year, Half: in.Half, Quarter: in.Quarter}
	until, err := date("query.until", in.Until)
	switch {
	case err != nil:
		return out, 0, err
	case in.Half > 0 && in.Quarter > 0:
		return out, 0, invalid("query.half", textHalfOrQuarter)
	case in.Year == 0 && (in.Half > 0 || in.Quarter > 0):
		return out, 0, invalid("query.year", textYearMissing)
	}
	return out, until, nil
}

func (s *server) figuresOf(ctx context.Context, in StatisticsScope) (obligation.Definition, statistics.Figures, error) {
	scope, until, err := in.scope()
	if err != nil {
		return obligation.Definition{}, statistics.Figures{}, err
	}
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return d, statistics.Figures{}, err
	}
	f, err := s.figures.of(ctx, s.Reader, d, scope, s.Now(), until)
	return d, f, err
}

func (s *server) getStatistics(ctx context.Context, in *StatisticsInput) (*Body[Statistics], error) {
	d, f, err := s.figuresOf(ctx, in.StatisticsScope)
	if err != nil {
		return nil, err
	}
	out := Statistics{
		At: f.Now.In(obligation.Location(d.Plan.Zone)), Scope: f.Scope.Chinese(), Years: []int{}, By: in.By, Total: showStatisticsRow(f.Total),
		Rows: list(f.By(in.By), showStatisticsRow), Year: list(f.By(statistics.ByYear), showStatisticsRow),
		Season: list(f.By(statistics.ByQuarter), showStatisticsRow), Trend: list(f.By(statistics.ByMonth), showStatisticsRow),
		Works: list(statistics.Works[:], func(w statistics.Work) StatisticsWork { return StatisticsWork{w, w.Chinese(), w.Meaning()} }),
	}
	out.Halves = list(progress.Halves(d, s.Now()), func(h assessment.Half) StatisticsHalf { return StatisticsHalf{h.String(), h.Chinese()} })
	for year := d.Plan.From.Year(); year <= d.Plan.To.Year(); year++ {
		out.Years = append(out.Years, year)
	}
	return answer(out), nil
}

func showStatisticsRow(r statistics.Row) StatisticsRow {
	out := StatisticsRow{
		Key: r.Key, Name: r.Name, Total: r.Total, Counted: r.Counted, Closed: r.Closed, OnTime: r.OnTime, Late: r.Late, Open: r.Open, Overdue: r.Overdue,
		Waived: r.Waived, History: r.History, Completion: r.Completion, Rate: r.Rate,
	}
	for i, rung := range statistics.Rungs {
		out.Reached = append(out.Reached, StatisticsRung{rung, rung.Chinese(), r.Reached[i]})
	}
	for _, t := range r.Times {
		span := func(s statistics.Span) StatisticsSpan {
			if t.Count == 0 {
				return StatisticsSpan{}
			}
			return StatisticsSpan{s.Days, s.Hours, s.Chinese()}
		}
		out.Times = append(out.Times, StatisticsTime{t.Work, t.Work.Chinese(), t.Count, span(t.Median), span(t.P90)})
	}
	return out
}

// exportStatistics writes a sheet for each grouping.
func (s *server) exportStatistics(ctx context.Context, in *StatisticsScope) (*FileOutput, error) {
	d, f, err := s.figuresOf(ctx, *in)
	if err != nil {
		return nil, err
	}
	at := f.Now.In(obligation.Location(d.Plan.Zone))
	note := fmt.Sprintf(textStatisticsNote, f.Scope.Chinese(), at.Format(minuteLayout))
	tabs := make([]Tab, 0, len(f.Tables))
	for _, t := range f.Tables {
		tab := Tab{Name: t.By.Chinese(), Table: Table{Title: textStatisticsTitle + t.By.Chinese(), Note: note, Columns: statisticsColumns(t.By)}}
		for _, r := range append(t.Rows, f.Total) {
			tab.Rows = append(tab.Rows, statisticsRow(r))
		}
		tab.Rows[len(tab.Rows)-1][0] = textSum
		tabs = append(tabs, tab)
	}
	var out bytes.Buffer
	if err := s.Workbook(&out, tabs); err != nil {
		return nil, err
	}
	name := textStatisticsFile + f.Scope.Chinese() + " " + calendar.DateOf(at, at.Location()).String() + ".xlsx"
	return fileNamed(spreadsheetType, "statistics.xlsx", name, out.Bytes()), nil
}

func statisticsColumns(by statistics.Key) []TableColumn {
	columns := []TableColumn{{by.Chinese(), 36}}
	for _, heading := range statisticsHeadings {
		columns = append(columns, TableColumn{heading, 9})
	}
	for _, rung := range statistics.Rungs {
		columns = append(columns, TableColumn{rung.Chinese(), 8})
	}
	for _, w := range statistics.Works {
		columns = append(columns, TableColumn{w.Chinese() + textTimes, 9}, TableColumn{w.Chinese() + textMedian, 16}, TableColumn{w.Chinese() + textP90, 16})
	}
	return columns
}

// statisticsRow is in the order of statisticsColumns.
func statisticsRow(r statistics.Row) []string {
	out := []string{r.Name}
	for _, n := range []int{r.Total, r.Counted, r.Closed, r.OnTime, r.Late, r.Open, r.Overdue, r.Waived, r.History} {
		out = append(out, strconv.Itoa(n))
	}
	out = append(out, statistics.Percent(r.Completion, r.Counted > 0), statistics.Percent(r.Rate, r.Closed+r.Overdue > 0))
	for _, n := range r.Reached {
		out = append(out, strconv.Itoa(n))
	}
	for _, t := range r.Times {
		median, p90 := "", ""
		if t.Count > 0 {
			median, p90 = t.Median.Chinese(), t.P90.Chinese()
		}
		out = append(out, strconv.Itoa(t.Count), median, p90)
	}
	return out
}
