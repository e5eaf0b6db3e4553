package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// Overview is how a plan, or a unit in it, stands today.
type Overview struct {
	Today       calendar.Date  `json:"today" format:"date" doc:"今天（业务日期）"`
	Total       int            `json:"total" doc:"全部责任事项：未办结、已办结、已免办、补录之和"`
	Open        int            `json:"open" doc:"未办结"`
	Closed      int            `json:"closed" doc:"已办结"`
	Waived      int            `json:"waived" doc:"已免办"`
	History     int            `json:"history" doc:"补录"`
	DueSoon     int            `json:"dueSoon" doc:"即将逾期：在责任单位手中、尚未逾期，已亮黄灯或 30 日内到期"`
	Overdue     int            `json:"overdue" doc:"逾期未办"`
	OverdueDone int            `json:"overdueDone" doc:"逾期已办：办结了，但曾经逾期"`
	Waiting     []WaitingCount `json:"waiting" doc:"等待区安委办、安委会领导办理的，按类别；没有的类别不列"`
	Units       []UnitRank     `json:"units" doc:"各责任单位，按时率低的在前；没有责任事项的不列"`
	Trend       []TrendPoint   `json:"trend" doc:"截至本月，各月到期的事项办得怎样，按月份排列"`
}

// WaitingCount is how much of one kind waits for the office or a leader.
type WaitingCount struct {
	Kind   obligation.Wait `json:"kind" enum:"draft,submission,extension,sendback,suspension,interview,rectification,supervision" doc:"等什么：draft 文书待签发，submission 报送待审核，extension 延期待答复，sendback 退回待答复，suspension 中止待恢复，interview 约谈待举行并登记，rectification 整改报告待核查，supervision 重大隐患待挂牌"`
	Label  string          `json:"label" doc:"名称"`
	Count  int             `json:"count" doc:"件数"`
	Oldest time.Time       `json:"oldest" doc:"其中最早的从何时等起"`
}

// UnitRank is how a unit's obligations stand.
type UnitRank struct {
	Unit    string        `json:"unit" doc:"责任单位代码"`
	Name    string        `json:"name" doc:"责任单位名称"`
	Kind    plan.UnitKind `json:"kind,omitempty" doc:"类别；方案里已没有这个单位的不出现"`
	Total   int           `json:"total" doc:"全部责任事项，不含免办和补录"`
	Closed  int           `json:"closed" doc:"已办结"`
	OnTime  int           `json:"onTime" doc:"按时办结"`
	Late    int           `json:"late" doc:"逾期办结"`
	Overdue int           `json:"overdue" doc:"逾期未办"`
	Yellow  int           `json:"yellow" doc:"黄灯"`
	Rate    float64       `json:"rate" minimum:"0" maximum:"1" doc:"按时率：按时办结的占按时办结、逾期办结、逾期未办之和的比例；三者都没有的为 0"`
}

// TrendPoint is what became of what fell due in one month.
type TrendPoint struct {
	Month   string `json:"month" example:"2024-05" doc:"到期月份"`
	Due     int    `json:"due" doc:"到期的责任事项，不含免办和补录"`
	OnTime  int    `json:"onTime" doc:"按时办结"`
	Late    int    `json:"late" doc:"逾期办结"`
	Overdue int    `json:"overdue" doc:"逾期未办"`
}

func (s *server) registerOverview() {
	register(s, operation{
		id: "get-overview", method: http.MethodGet, path: "/plans/{plan}/overview", tag: tagPlans, codes: []Code{Code(obligation.CodeNotFound)},
	}, s.getOverview)
}

func (s *server) getOverview(ctx context.Context, q *UnitQuery) (*Body[Overview], error) {
	d, f, err := s.view(ctx, q.Plan, q.Unit)
	if err != nil {
		return nil, err
	}
	tallies, err := s.Reader.Tallies(ctx, f, obligation.TallyUnit)
	if err != nil {
		return nil, err
	}
	unit := ""
	if len(f.Units) > 0 {
		unit = f.Units[0]
	}
	awaited, err := s.Reader.Awaited(ctx, q.Plan, unit)
	if err != nil {
		return nil, err
	}
	if onlyIssued(ctx) {
		awaited = slices.DeleteFunc(awaited, func(a obligation.Awaited) bool { return a.For == obligation.WaitDraft })
	}
	loc := obligation.Location(d.Plan.Zone)
	out := showOverview(d, tallies, calendar.DateOf(f.Now, loc))
	out.Waiting = list(awaited, func(a obligation.Awaited) WaitingCount {
		return WaitingCount{a.For, a.For.Chinese(), a.Count, in(a.Oldest, loc)}
	})
	return answer(out), nil
}

func showOverview(d obligation.Definition, tallies []obligation.MonthTally, today calendar.Date) Overview {
	var all obligation.Tally
	units, months := map[string]obligation.Tally{}, map[string]obligation.Tally{}
	for _, t := range tallies {
		all = all.Plus(t.Tally)
		units[t.Key] = units[t.Key].Plus(t.Tally)
		if t.Month <= month(today) {
			months[t.Month] = months[t.Month].Plus(t.Tally)
		}
	}
	out := Overview{
		Today: today, Total: all.Total, Open: all.Open(), Closed: all.Closed, Waived: all.Waived, History: all.History,
		DueSoon: all.DueSoon, Overdue: all.Overdue, OverdueDone: all.Late, Units: []UnitRank{}, Trend: []TrendPoint{},
	}
	for code, t := range units {
		if t.Counted() > 0 {
			u, _ := d.Plan.Unit(code)
			out.Units = append(out.Units, UnitRank{
				code, unitName(d, code), u.Kind, t.Counted(), t.Closed, t.OnTime(), t.Late, t.Overdue, t.Yellow, t.Rate(),
			})
		}
	}
	slices.SortFunc(out.Units, compareRanks)
	for m, t := range months {
		if t.Counted() > 0 {
			out.Trend = append(out.Trend, TrendPoint{m, t.Counted(), t.OnTime(), t.Late, t.Overdue})
		}
	}
	slices.SortFunc(out.Trend, func(a, b TrendPoint) int { return strings.Compare(a.Month, b.Month) })
	return out
}

// compareRanks puts who is least on time first; of whom nothing has been decided yet comes last.
func compareRanks(a, b UnitRank) int {
	undecided := func(u UnitRank) int {
		if u.Closed+u.Overdue == 0 {
			return 1
		}
		return 0
	}
	return cmp.Or(undecided(a)-undecided(b), cmp.Compare(a.Rate, b.Rate), b.Overdue-a.Overdue, strings.Compare(a.Unit, b.Unit))
}
