package api

import (
	"context"
	"net/http"
	"slices"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// MatrixInput asks for the matrix of a task.
type MatrixInput struct {
	TaskPath
	Year int `query:"year" minimum:"2000" maximum:"2199" doc:"只看这一年到期的；不填为整个方案期"`
}

// Matrix is a task taken apart: measures × units.
type Matrix struct {
	Task  string      `json:"task" doc:"任务编号"`
	Title string      `json:"title" doc:"任务标题"`
	Year  int         `json:"year,omitempty" doc:"所看的年份；整个方案期的不出现"`
	Units []UnitRef   `json:"units" doc:"有责任事项的单位，按方案的顺序；联络员只看得到本单位"`
	Rows  []MatrixRow `json:"rows" doc:"各分项任务，按方案的顺序；没有责任事项的也列出"`
}

// MatrixRow is a measure in the matrix.
type MatrixRow struct {
	Measure   string            `json:"measure" doc:"分项任务编号"`
	Title     string            `json:"title" doc:"分项任务标题"`
	Kind      plan.ScheduleKind `json:"kind,omitempty" doc:"时间安排的类别；方案里已没有这个分项任务的不出现"`
	KindLabel string            `json:"kindLabel,omitempty" doc:"类别名称"`
	Cells     []MatrixCell      `json:"cells" doc:"有责任事项的单位，按 units 的顺序"`
}

// MatrixCell is a unit's share of a measure.
type MatrixCell struct {
	Unit    string           `json:"unit" doc:"责任单位代码"`
	Light   obligation.Light `json:"light" enum:"green,yellow,red,none" doc:"亮灯：以其中最差者为准"`
	Total   int              `json:"total" doc:"全部"`
	Closed  int              `json:"closed" doc:"已办结、免办或补录的"`
	Overdue int              `json:"overdue" doc:"逾期未办"`
	Period  string           `json:"period,omitempty" doc:"周期代码：只有一件时给出，可凭以打开该件"`
	Due     calendar.Date    `json:"due,omitzero" format:"date" doc:"未办结的中最近的到期日；都已办结的不出现"`
}

func (s *server) registerMatrix() {
	register(s, operation{
		id: "get-matrix", method: http.MethodGet, path: "/plans/{plan}/tasks/{task}/matrix", tag: tagPlans, codes: []Code{Code(obligation.CodeNotFound)},
	}, s.getMatrix)
}

func (s *server) getMatrix(ctx context.Context, in *MatrixInput) (*Body[Matrix], error) {
	d, f, err := s.view(ctx, in.Plan, "")
	if err != nil {
		return nil, err
	}
	t, ok := d.Plan.Task(in.Task)
	if !ok {
		return nil, notFound()
	}
	f.Tasks = []string{t.Code}
	if in.Year != 0 {
		f.DueFrom, f.DueTo = yearOf(in.Year)
	}
	shares, err := s.Reader.Shares(ctx, f)
	if err != nil {
		return nil, err
	}
	return answer(showMatrix(d, t, in.Year, shares)), nil
}

func showMatrix(d obligation.Definition, t plan.Task, year int, shares []obligation.Share) Matrix {
	units := d.Plan.Units
	for _, s := range shares {
		// What the plan does not have any more stands behind, under its code.
		if _, ok := d.Plan.Unit(s.Unit); !ok && !slices.ContainsFunc(units, func(u plan.Unit) bool { return u.Code == s.Unit }) {
			units = append(slices.Clone(units), plan.Unit{Code: s.Unit, Name: s.Unit})
		}
	}
	measures := d.Plan.MeasuresOf(t.Code)
	for _, s := range shares {
		if !slices.ContainsFunc(measures, func(m plan.Measure) bool { return m.Code == s.Measure }) {
			measures = append(measures, plan.Measure{Code: s.Measure, Title: s.Measure})
		}
	}
	out := Matrix{Task: t.Code, Title: t.Title, Year: year, Units: []UnitRef{}}
	for _, u := range units {
		if slices.ContainsFunc(shares, func(s obligation.Share) bool { return s.Unit == u.Code }) {
			out.Units = append(out.Units, UnitRef{u.Code, u.Name})
		}
	}
	out.Rows = list(measures, func(m plan.Measure) MatrixRow {
		row := MatrixRow{Measure: m.Code, Title: m.Title, Kind: m.Schedule.Kind, KindLabel: scheduleKinds[m.Schedule.Kind], Cells: []MatrixCell{}}
		for _, u := range out.Units {
			for _, s := range shares {
				if s.Measure == m.Code && s.Unit == u.Code {
					row.Cells = append(row.Cells, MatrixCell{s.Unit, s.Light(), s.Total, s.Total - s.Open(), s.Overdue, s.Period, s.Due})
				}
			}
		}
		return row
	})
	return out
}
