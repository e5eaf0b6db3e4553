package api

import (
	"context"
	"net/http"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// UnitQuery bounds an answer about a plan to one unit.
type UnitQuery struct {
	PlanPath
	Unit string `query:"unit" maxLength:"64" doc:"只看这个责任单位（代码）；不填为全部，联络员只能看本单位"`
}

// Wall is the wall chart: tasks × months.
type Wall struct {
	From  string        `json:"from" example:"2024-01" doc:"方案期的首月"`
	To    string        `json:"to" example:"2026-12" doc:"方案期的末月"`
	Today calendar.Date `json:"today" format:"date" doc:"今天（业务日期）"`
	Rows  []WallRow     `json:"rows" doc:"各项任务，按方案的顺序；没有责任事项的也列出"`
}

// WallRow is a task on the wall chart.
type WallRow struct {
	Task        string           `json:"task" doc:"任务编号"`
	Title       string           `json:"title" doc:"任务标题"`
	Action      int              `json:"action" doc:"所属行动；保障措施与总体目标为 0"`
	ActionTitle string           `json:"actionTitle,omitempty" doc:"行动标题；没有则不出现"`
	Light       obligation.Light `json:"light" enum:"green,yellow,red,none" doc:"整项任务的亮灯：各月中最差的"`
	Cells       []WallCell       `json:"cells" doc:"有事项到期的各月，按月份排列；没有事项的月份不列"`
}

// WallCell is what of a task falls due in one month.
type WallCell struct {
	Month  string           `json:"month" example:"2024-05" doc:"到期月份"`
	Total  int              `json:"total" doc:"全部"`
	Closed int              `json:"closed" doc:"已办结、免办或补录的"`
	Green  int              `json:"green" doc:"绿灯"`
	Yellow int              `json:"yellow" doc:"黄灯"`
	Red    int              `json:"red" doc:"红灯"`
	None   int              `json:"none" doc:"不亮灯：免办，或补录待确认"`
	Light  obligation.Light `json:"light" enum:"green,yellow,red,none" doc:"亮灯：以其中最差者为准；全部按时办结的为绿"`
}

func (s *server) registerWall() {
	register(s, operation{
		id: "get-wall", method: http.MethodGet, path: "/plans/{plan}/wall", tag: tagPlans, codes: []Code{Code(obligation.CodeNotFound)},
	}, s.getWall)
}

// view returns a plan, and what selects the obligations in it that the caller may see, of one unit where he asks for one.
func (s *server) view(ctx context.Context, code, unit string) (obligation.Definition, obligation.Filter, error) {
	f := obligation.Filter{Plan: code, Now: s.Now()}
	if unit != "" {
		f.Units = []string{unit}
	}
	if err := ownUnit(ctx, &f); err != nil {
		return obligation.Definition{}, f, err
	}
	d, err := s.Reader.Definition(ctx, code)
	if err == nil {
		f.Soon = soonAt(f.Now, obligation.Location(d.Plan.Zone))
	}
	return d, f, err
}

func (s *server) getWall(ctx context.Context, in *UnitQuery) (*Body[Wall], error) {
	d, f, err := s.view(ctx, in.Plan, in.Unit)
	if err != nil {
		return nil, err
	}
	tallies, err := s.Reader.Tallies(ctx, f, obligation.TallyTask)
	if err != nil {
		return nil, err
	}
	byTask := map[string][]obligation.MonthTally{}
	for _, t := range tallies {
		byTask[t.Key] = append(byTask[t.Key], t)
	}
	return answer(Wall{
		From: month(d.Plan.From), To: month(d.Plan.To), Today: calendar.DateOf(f.Now, obligation.Location(d.Plan.Zone)),
		Rows: list(d.Plan.Tasks, func(t plan.Task) WallRow { return showWallRow(d, t, byTask[t.Code]) }),
	}), nil
}

// month returns the month of a day: 2024-05.
func month(d calendar.Date) string { return d.String()[:len("2006-01")] }

func showWallRow(d obligation.Definition, t plan.Task, months []obligation.MonthTally) WallRow {
	row := WallRow{Task: t.Code, Title: t.Title, Action: t.Action}
	for _, a := range d.Plan.Actions {
		if a.Number == t.Action {
			row.ActionTitle = a.Title
		}
	}
	var all obligation.Tally
	row.Cells = list(months, func(m obligation.MonthTally) WallCell {
		all = all.Plus(m.Tally)
		return WallCell{
			Month: m.Month, Total: m.Total, Closed: m.Total - m.Open(), Green: m.Green, Yellow: m.Yellow, Red: m.Red, None: m.None, Light: m.Light(),
		}
	})
	row.Light = all.Light()
	return row
}
