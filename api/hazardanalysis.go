package api

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/statistics"
)

// HazardAnalysisInput asks for the figures of the register.
type HazardAnalysisInput struct {
	PlanPath
	Grade obligation.Grade `query:"grade" enum:"major,general" doc:"只统计这一等级；不填为全部。三个年度目标总是只看重大隐患"`
}

// HazardAnalysis are the figures of the register.
type HazardAnalysis struct {
	At       time.Time           `json:"at" doc:"截至这一刻"`
	Total    HazardAnalysisRow   `json:"total" doc:"合计"`
	Tables   []HazardAnalysisTab `json:"tables" doc:"分行业领域、分街道（镇）、分来源、分等级、分责任单位"`
	Years    []HazardMovement    `json:"byYear" doc:"各年度的存量和增量"`
	Quarters []HazardMovement    `json:"byQuarter" doc:"各季度的存量和增量"`
	Months   []HazardMovement    `json:"byMonth" doc:"各月的存量和增量"`
	Stock    HazardStock         `json:"stock" doc:"首年目标：基本消除方案期前排查发现的重大隐患存量"`
	Curb     HazardCurb          `json:"curb" doc:"次年目标：有效遏制重大隐患增量"`
	Zero     HazardZero          `json:"zero" doc:"末年目标：形成动态清零的常态化机制"`
}

// HazardStock is the first year's goal.
type HazardStock struct {
	Year       int     `json:"year" doc:"年度"`
	Stock      int     `json:"stock" doc:"存量：方案期以前发现、到方案期开始没有销号的重大隐患"`
	Eliminated int     `json:"eliminated" doc:"其中到当年底（未到年底的，到现在）已销号的"`
	Left       int     `json:"left" doc:"其中到现在没有销号的"`
	Rate       float64 `json:"rate" minimum:"0" maximum:"1" doc:"消除率：eliminated 占 stock 的比例；没有存量的为 1"`
}

// HazardZero is the third year's goal.
type HazardZero struct {
	Year      int     `json:"year" doc:"年度"`
	Open      int     `json:"open" doc:"现在没有销号的重大隐患"`
	Overdue   int     `json:"overdue" doc:"其中逾期未整改的"`
	Age       int     `json:"age" doc:"没有销号的自发现以来平均多少天（自然日，四舍五入）"`
	Oldest    int     `json:"oldest" doc:"最久的多少天"`
	Cancelled int     `json:"cancelled" doc:"当年销号的"`
	InTime    int     `json:"inTime" doc:"其中没有逾期过的"`
	Rate      float64 `json:"rate" minimum:"0" maximum:"1" doc:"按期销号率：inTime 占 cancelled 的比例；没有销号的为 1"`
	Zero      bool    `json:"zero" doc:"true：没有逾期未整改的"`
}

// HazardCurb is the second year's goal.
type HazardCurb struct {
	Year     int              `json:"year" doc:"年度"`
	New      int              `json:"new" doc:"当年新增"`
	Before   int              `json:"before" doc:"上一年新增"`
	Curbed   bool             `json:"curbed" doc:"true：少于上一年，或没有新增"`
	Quarters []HazardMovement `json:"quarters" doc:"两年的各季度，截至现在"`
}

// HazardAnalysisTab is the figures by one key.
type HazardAnalysisTab struct {
	By    statistics.HazardKey `json:"by" enum:"industry,region,source,grade,unit" doc:"分组"`
	Label string               `json:"label" doc:"分组名称"`
	Rows  []HazardAnalysisRow  `json:"rows" doc:"各组；没有隐患的不列"`
}

// HazardAnalysisRow is how the hazards of one group stand.
type HazardAnalysisRow struct {
	Key       string `json:"key" doc:"代码"`
	Name      string `json:"name" doc:"名称"`
	Total     int    `json:"total" doc:"上账：登记过的，不含误报"`
	Open      int    `json:"open" doc:"未销号"`
	Overdue   int    `json:"overdue" doc:"逾期未整改"`
	Cancelled int    `json:"cancelled" doc:"已销号"`
	InTime    int    `json:"inTime" doc:"其中没有逾期过的"`
	Relapsed  int    `json:"relapsed" doc:"反弹：登记为原有隐患再次出现的"`
	Days      int    `json:"days" doc:"已销号的从发现到销号平均多少天（自然日，四舍五入）；没有销号的为 0"`
}

// HazardMovement is how the stock moved: start + new − cancelled = end.
type HazardMovement struct {
	Key       string `json:"key" doc:"年度、季度或月份：2026、2026Q1、2026-01"`
	Name      string `json:"name" doc:"名称"`
	Start     int    `json:"start" doc:"期初存量"`
	New       int    `json:"new" doc:"新增：按发现日期"`
	Cancelled int    `json:"cancelled" doc:"销号：按销号日期"`
	End       int    `json:"end" doc:"期末存量"`
}

// hazardFigures computes the figures, of every hazard of the plan.
func (s *server) hazardFigures(ctx context.Context, in HazardAnalysisInput) (statistics.HazardFigures, time.Time, error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return statistics.HazardFigures{}, time.Time{}, err
	}
	now := s.Now()
	views, err := s.hazards(ctx, obligation.Filter{Plan: in.Plan, Hazards: &obligation.HazardFilter{}, Now: now}, maxExport)
	if err != nil {
		return statistics.HazardFigures{}, now, err
	}
	var cases []statistics.HazardCase
	for _, v := range views {
		if c, ok := statistics.ReadHazard(v, now); ok {
			cases = append(cases, c)
		}
	}
	at := now.In(obligation.Location(d.Plan.Zone))
	return statistics.ComputeHazards(cases, d, in.Grade, calendar.DateOf(at, at.Location())), at, nil
}

func (s *server) analyseHazards(ctx context.Context, in *HazardAnalysisInput) (*Body[HazardAnalysis], error) {
	f, at, err := s.hazardFigures(ctx, *in)
	if err != nil {
		return nil, err
	}
	row := func(r statistics.HazardRow) HazardAnalysisRow {
		return HazardAnalysisRow{r.Key, r.Name, r.Total, r.Open, r.Overdue, r.Cancelled, r.InTime, r.Relapsed, r.Days}
	}
	movement := func(m statistics.Movement) HazardMovement { return HazardMovement(m) }
	return answer(HazardAnalysis{
		At: at, Total: row(f.Total), Years: list(f.Years, movement), Quarters: list(f.Quarters, movement), Months: list(f.Months, movement),
		Stock: HazardStock(f.Stock), Zero: HazardZero(f.Zero), Curb: HazardCurb{f.Curb.Year, f.Curb.New, f.Curb.Before, f.Curb.Curbed, list(f.Curb.Quarters, movement)},
		Tables: list(f.Tables, func(t statistics.HazardTable) HazardAnalysisTab {
			return HazardAnalysisTab{t.By, t.By.Chinese(), list(t.Rows, row)}
		}),
	}), nil
}

// exportHazardAnalysis writes a sheet for the goals, one for each grouping, and one for each kind of span.
func (s *server) exportHazardAnalysis(ctx context.Context, in *HazardAnalysisInput) (*FileOutput, error) {
	f, at, err := s.hazardFigures(ctx, *in)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf(textHazardsNote, at.Format(minuteLayout))
	goals := Tab{Name: textGoals, Table: Table{Title: textGoals, Note: note, Columns: []TableColumn{{textGoal, 44}, {textFigure, 44}, {textValue, 14}}}}
	for _, g := range goalRows(f) {
		goals.Rows = append(goals.Rows, g[:])
	}
	tabs := []Tab{goals}
	for _, t := range f.Tables {
		tab := Tab{Name: t.By.Chinese(), Table: Table{Title: textHazardsBy + t.By.Chinese(), Note: note, Columns: []TableColumn{{t.By.Chinese(), 28}}}}
		for _, h := range hazardHeadings {
			tab.Columns = append(tab.Columns, TableColumn{h, 12})
		}
		for _, r := range append(t.Rows, f.Total) {
			tab.Rows = append(tab.Rows, cells(r.Name, r.Total, r.Open, r.Overdue, r.Cancelled, r.InTime, r.Relapsed, r.Days))
		}
		tabs = append(tabs, tab)
	}
	for _, m := range []struct {
		name string
		list []statistics.Movement
	}{{textYears, f.Years}, {textQuarters, f.Quarters}, {textMonths, f.Months}} {
		tab := Tab{Name: m.name, Table: Table{Title: textMovements + m.name, Note: note, Columns: []TableColumn{{m.name, 20}}}}
		for _, h := range movementHeadings {
			tab.Columns = append(tab.Columns, TableColumn{h, 12})
		}
		for _, v := range m.list {
			tab.Rows = append(tab.Rows, cells(v.Name, v.Start, v.New, v.Cancelled, v.End))
		}
		tabs = append(tabs, tab)
	}
	return s.hazardWorkbook(textHazardAnalysis+" "+calendar.DateOf(at, at.Location()).String()+".xlsx", tabs...)
}

func cells(name string, figures ...int) []string {
	out := []string{name}
	for _, n := range figures {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

// goalRows tell the three goals: the goal, the figure, its value.
func goalRows(f statistics.HazardFigures) [][3]string {
	stock, curb, zero := fmt.Sprintf(textStockGoal, f.Stock.Year, f.Stock.Year-1), fmt.Sprintf(textCurbGoal, f.Curb.Year), fmt.Sprintf(textZeroGoal, f.Zero.Year)
	n := strconv.Itoa
	return [][3]string{
		{stock, textStock, n(f.Stock.Stock)},
		{stock, fmt.Sprintf(textEliminated, f.Stock.Year), n(f.Stock.Eliminated)},
		{stock, textLeft, n(f.Stock.Left)},
		{stock, textStockRate, statistics.Percent(f.Stock.Rate, f.Stock.Stock > 0)},
		{curb, fmt.Sprintf(textNewIn, f.Curb.Year-1), n(f.Curb.Before)},
		{curb, fmt.Sprintf(textNewIn, f.Curb.Year), n(f.Curb.New)},
		{zero, textOpenNow, n(f.Zero.Open)},
		{zero, textOverdueNow, n(f.Zero.Overdue)},
		{zero, textAge, n(f.Zero.Age)},
		{zero, textOldest, n(f.Zero.Oldest)},
		{zero, fmt.Sprintf(textCancelledIn, f.Zero.Year), n(f.Zero.Cancelled)},
		{zero, textZeroRate, statistics.Percent(f.Zero.Rate, f.Zero.Cancelled > 0)},
	}
}
