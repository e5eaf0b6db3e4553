package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/api"
)

func (s *server) registerTasks(p routes) {
	p.get("/plans/:plan/tasks", s.tasks)
	p.get("/plans/:plan/tasks/:task", s.task)
}

func (s *server) tasks(c *gin.Context) {
	f, ok := s.planFrame(c, textTasks, menuTasks)
	if !ok {
		return
	}
	detail, err := get[api.PlanDetail](s, c, at("plans", f.Plan.Code), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	list, err := get[api.TaskList](s, c, at("plans", f.Plan.Code, "tasks"), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, http.StatusOK, tasksPage(f, taskGroups(detail, list.Tasks)))
}

// taskGroup is an action with its tasks.
type taskGroup struct {
	Title string
	Tasks []api.Task
}

func taskGroups(p api.PlanDetail, tasks []api.Task) []taskGroup {
	var out []taskGroup
	for i, t := range tasks {
		if i == 0 || t.Action != tasks[i-1].Action {
			out = append(out, taskGroup{Title: actionName(t.Action, actionTitle(p, t.Action))})
		}
		g := &out[len(out)-1]
		g.Tasks = append(g.Tasks, t)
	}
	return out
}

func actionTitle(p api.PlanDetail, number int) string {
	for _, a := range p.Actions {
		if a.Number == number {
			return a.Title
		}
	}
	return ""
}

// taskView is all that the page of a task shows. Year is the one that its matrix is bounded to, 0: none.
type taskView struct {
	Task   api.TaskDetail
	Action string
	Matrix api.Matrix
	Year   int
	Years  []int
}

func (s *server) task(c *gin.Context) {
	f, ok := s.planFrame(c, textTasks, menuTasks)
	if !ok {
		return
	}
	v := taskView{}
	v.Year, _ = strconv.Atoi(c.Query("year")) // what is no year bounds nothing
	for y := f.Plan.From.Year(); y <= f.Plan.To.Year(); y++ {
		v.Years = append(v.Years, y)
	}
	q := url.Values{}
	if v.Year != 0 {
		q.Set("year", strconv.Itoa(v.Year))
	}
	var err error
	if v.Matrix, err = get[api.Matrix](s, c, at("plans", f.Plan.Code, "tasks", c.Param("task"), "matrix"), q); err != nil {
		s.fail(c, f, err)
		return
	}
	if part(c) {
		s.render(c, http.StatusOK, matrixPart(f, v))
		return
	}
	if v.Task, err = get[api.TaskDetail](s, c, at("plans", f.Plan.Code, "tasks", c.Param("task")), nil); err != nil {
		s.fail(c, f, err)
		return
	}
	detail, err := get[api.PlanDetail](s, c, at("plans", f.Plan.Code), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	v.Action = actionName(v.Task.Action, actionTitle(detail, v.Task.Action))
	f.Title = taskName(v.Task.Code) + " " + v.Task.Title
	s.render(c, http.StatusOK, taskPage(f, v))
}

// shownLeads is how many lead units a narrow column names.
const shownLeads = 3

func leads(list []api.UnitRef) string {
	names := unitNames(list)
	if len(list) <= shownLeads+1 {
		return names
	}
	return unitNames(list[:shownLeads]) + fmt.Sprintf("等 %d 家", len(list))
}

func unitNames(list []api.UnitRef) string {
	names := make([]string, 0, len(list))
	for _, u := range list {
		names = append(names, u.Name)
	}
	return strings.Join(names, "、")
}

// span says when a measure is due, in a line.
func span(s api.Schedule) string {
	switch n := len(s.Periods); n {
	case 0:
		return "方案期内没有到期日"
	case 1:
		return day(s.Periods[0].Due)
	default:
		return fmt.Sprintf("共 %d 期，%s至%s到期", n, day(s.Periods[0].Due), day(s.Periods[n-1].Due))
	}
}

// marks say what is particular about a period's date.
func marks(p api.Period) string {
	var out []string
	if p.BeforeIssue {
		out = append(out, "早于印发日，不升级")
	}
	if p.Provisional {
		out = append(out, "节假日安排未公布，日期暂定")
	}
	if len(out) == 0 {
		return ""
	}
	return "（" + strings.Join(out, "；") + "）"
}

// inferred says which parts of a measure the plan leaves open.
func inferred(fields []string) string {
	names := make([]string, 0, len(fields))
	for _, field := range fields {
		name, ok := fieldNames[field]
		if !ok {
			name = field
		}
		names = append(names, name)
	}
	return strings.Join(names, "、")
}

// cellOf returns a unit's share of a measure; nil: it has none.
func cellOf(r api.MatrixRow, unit string) *api.MatrixCell {
	for i := range r.Cells {
		if r.Cells[i].Unit == unit {
			return &r.Cells[i]
		}
	}
	return nil
}

// cellPath returns where a share is looked at: its one obligation, or the list of them.
func cellPath(f frame, v taskView, r api.MatrixRow, c api.MatrixCell) string {
	if c.Period != "" {
		return plansPath(f.Plan.Code, "obligations", r.Measure, c.Unit, c.Period)
	}
	return listPath(f.Plan.Code, "measure", r.Measure, "unit", c.Unit, "year", yearText(v.Year))
}

// cellTip says everything that a share knows.
func cellTip(r api.MatrixRow, unit string, c api.MatrixCell) string {
	out := fmt.Sprintf("%s · %s %s\n%s：共 %d 项，已办结 %d 项", unit, r.Measure, r.Title, c.Light.Chinese(), c.Total, c.Closed)
	if c.Overdue > 0 {
		out += fmt.Sprintf("，逾期未办 %d 项", c.Overdue)
	}
	if !c.Due.IsZero() {
		out += "，最近到期 " + day(c.Due)
	}
	return out
}

// share is what a share's cell writes beside its light.
func share(c api.MatrixCell) string {
	if c.Total == 1 {
		return ""
	}
	return fmt.Sprintf("%d/%d", c.Closed, c.Total)
}

func yearText(year int) string {
	if year == 0 {
		return ""
	}
	return strconv.Itoa(year)
}

func yearPath(f frame, task string, year int) string {
	path := plansPath(f.Plan.Code, "tasks", task)
	if year != 0 {
		path += "?year=" + strconv.Itoa(year)
	}
	return path
}
