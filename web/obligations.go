package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/obligation"
)

const obligationsRoute = "/plans/:plan/obligations"

func (s *server) registerObligations(p routes) {
	p.get(obligationsRoute, s.obligations)
	p.post(obligationsRoute+"/nudge", s.nudgeMany)
}

// maxNudged is how many obligations are nudged at once.
const maxNudged = 50

// What of the address of the list selects; each goes to the API as it is.
var selectors = []string{
	"list", "q", "action", "task", "unit", "year", "stage", "light", "waitsFor", "waitingOn", "sort", "measure", "open", "dueFrom", "dueTo",
}

// hiddenSelectors have no field of their own: they come from links of other pages, and stay until somebody takes them away.
var hiddenSelectors = []string{"measure", "open", "dueFrom", "dueTo"}

// fieldColumns is what of the address says which columns are shown.
const fieldColumns = "cols"

// column is one of the list's. Where it sorts, the API knows it by that name.
type column struct {
	key, label string
	sort       string
	first      bool // shown unless others are chosen
}

// columns are all that the list has beside the title, in their order.
var columns = []column{
	{key: "light", label: "亮灯", sort: "light", first: true},
	{key: "title", label: "责任事项", sort: "task", first: true},
	{key: "unit", label: "责任单位", sort: "unit", first: true},
	{key: "period", label: "周期", first: true},
	{key: "due", label: "期限", sort: "due", first: true},
	{key: "stage", label: "状态", first: true},
	{key: "waiting", label: "等谁办理", first: true},
	{key: "rung", label: "已采取"},
	{key: "progress", label: "最近进展"},
	{key: "next", label: "下一步", first: true},
	{key: "updated", label: "最近变动", sort: "updated"},
}

// choice is what the address of the list asks for.
type choice struct {
	plan    string
	own     bool       // a liaison's: there is no other unit in it
	values  url.Values // of the selectors, without empty ones
	cursor  string
	columns []string // nil: those that are shown first
}

// chosen reads the address of the list.
func chosen(f frame, asked url.Values) choice {
	ch := choice{plan: f.Plan.Code, own: f.Who.Role == account.Unit, values: url.Values{}, cursor: asked.Get("cursor")}
	for _, name := range selectors {
		if v := strings.Join(slices.DeleteFunc(slices.Clone(asked[name]), func(v string) bool { return v == "" }), ","); v != "" {
			ch.values.Set(name, v)
		}
	}
	if ch.values.Get("sort") == string(obligation.SortDue) {
		ch.values.Del("sort") // it is the order anyhow
	}
	named := strings.Split(strings.Join(asked[fieldColumns], ","), ",")
	for _, col := range ch.offered() {
		if col.key == "title" || slices.Contains(named, col.key) {
			ch.columns = append(ch.columns, col.key)
		}
	}
	if len(asked[fieldColumns]) == 0 || slices.Equal(ch.columns, ch.first()) {
		ch.columns = nil
	}
	return ch
}

// offered are the columns that there are.
func (ch choice) offered() []column {
	return slices.DeleteFunc(slices.Clone(columns), func(col column) bool { return ch.own && col.key == "unit" })
}

// first are the columns that are shown unless others are chosen.
func (ch choice) first() []string {
	var out []string
	for _, col := range ch.offered() {
		if col.first {
			out = append(out, col.key)
		}
	}
	return out
}

// has reports whether a column is shown.
func (ch choice) has(key string) bool {
	if ch.columns == nil {
		return slices.Contains(ch.first(), key)
	}
	return slices.Contains(ch.columns, key)
}

// path returns the list's address with one selector changed, from its first page on; "" takes it away.
func (ch choice) path(name, value string) string {
	values := url.Values{}
	maps.Copy(values, ch.values)
	values.Del(name)
	if value != "" {
		values.Set(name, value)
	}
	if ch.columns != nil {
		values.Set(fieldColumns, strings.Join(ch.columns, ","))
	}
	path := plansPath(ch.plan, "obligations")
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	return path
}

// here returns the address of what is shown.
func (ch choice) here() string { return ch.path("cursor", ch.cursor) }

// query returns what the API is asked for.
func (ch choice) query() url.Values {
	q := url.Values{"plan": {ch.plan}}
	maps.Copy(q, ch.values)
	if ch.cursor != "" {
		q.Set("cursor", ch.cursor)
	}
	return q
}

// export returns where the API has all that is selected as a spreadsheet.
func (ch choice) export() string {
	q := ch.query()
	q.Del("cursor")
	return apiPrefix + "/obligations/export?" + q.Encode()
}

// selects reports whether anything but the order and the columns is chosen.
func (ch choice) selects() bool {
	for name := range ch.values {
		if name != "sort" {
			return true
		}
	}
	return false
}

// sorted returns how a column stands in the order: 1 ascending, -1 descending, 0 not at all.
func (ch choice) sorted(col column) int {
	switch by := ch.order(); {
	case col.sort == "":
		return 0
	case by == col.sort:
		return 1
	case by == "-"+col.sort:
		return -1
	default:
		return 0
	}
}

// order is the API's name of the order.
func (ch choice) order() string {
	if by := ch.values.Get("sort"); by != "" {
		return by
	}
	return string(obligation.SortDue)
}

// turned returns the address of the list in the order of a column, or the other way round where it is that already.
func (ch choice) turned(col column) string {
	if ch.sorted(col) > 0 {
		return ch.path("sort", "-"+col.sort)
	}
	return ch.path("sort", col.sort)
}

// listing is what the page of the list shows.
type listing struct {
	choice
	api.ObligationPage
	Refusal string // why the API showed nothing
	Reasons []string
	Filters filters
}

// filters are what the fields of the list offer. A liaison has no use for units, and no view of the whole plan.
type filters struct {
	Actions []api.Action
	Tasks   []api.Task
	Units   []api.Unit
	Years   []int
}

func (s *server) obligations(c *gin.Context) {
	f, ok := s.planFrame(c, textObligations, menuObligations)
	if !ok {
		return
	}
	f.Wide, f.Scripts = true, []string{"obligations.js"}
	l := listing{choice: chosen(f, c.Request.URL.Query())}
	status := http.StatusOK
	var err error
	if l.ObligationPage, err = get[api.ObligationPage](s, c, "/obligations", l.query()); err != nil {
		p := s.problem(c, err)
		status, l.Refusal = p.Status, p.Detail
		for _, e := range p.Errors {
			l.Reasons = append(l.Reasons, e.Message)
		}
	}
	if part(c) {
		c.Header("HX-Push-Url", l.here())
		s.render(c, status, listPart(f, l))
		return
	}
	if l.Filters, err = s.filters(c, f); err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, status, obligationsPage(f, l))
}

// filters asks for what the fields offer.
func (s *server) filters(c *gin.Context, f frame) (filters, error) {
	var out filters
	for y := f.Plan.From.Year(); y <= f.Plan.To.Year(); y++ {
		out.Years = append(out.Years, y)
	}
	if f.Who.Role == account.Unit {
		return out, nil
	}
	plan, err := get[api.PlanDetail](s, c, "/plans"+at(f.Plan.Code), nil)
	if err != nil {
		return out, err
	}
	tasks, err := get[api.TaskList](s, c, "/plans"+at(f.Plan.Code, "tasks"), nil)
	if err != nil {
		return out, err
	}
	units, err := get[api.UnitList](s, c, "/plans"+at(f.Plan.Code, "units"), nil)
	out.Actions, out.Tasks, out.Units = plan.Actions, tasks.Tasks, units.Units
	return out, err
}

// nudged is what became of one of several nudges.
type nudged struct {
	api.Obligation
	Refusal string // "": it was nudged
}

// nudgeMany nudges each obligation that was ticked, under a key of its own: sent again, none is nudged twice.
func (s *server) nudgeMany(c *gin.Context) {
	f, ok := s.planFrame(c, textNudging, menuObligations)
	if !ok {
		return
	}
	back := chosen(f, backQuery(c))
	picked := c.PostFormArray("pick")
	if len(picked) == 0 || len(picked) > maxNudged {
		f.Refusal = fmt.Sprintf(textPick, maxNudged)
		s.render(c, http.StatusUnprocessableEntity, nudgedPage(f, nil, back.here()))
		return
	}
	here := back.here()
	if from := c.PostForm("back"); strings.HasPrefix(from, plansPath(f.Plan.Code, "monthly")+"/") {
		here = from // a month's reports
	}
	results := make([]nudged, len(picked))
	for i, id := range picked {
		results[i] = s.nudgeOne(c, f.Plan.Code, id, c.PostForm(fieldKey)+"-"+strconv.Itoa(i+1))
	}
	s.render(c, http.StatusOK, nudgedPage(f, results, here))
}

// nudgeOne nudges an obligation that is named as its row does: measure/unit/period.
func (s *server) nudgeOne(c *gin.Context, plan, id, key string) nudged {
	path := "/obligations" + at(append([]string{plan}, strings.Split(id, "/")...)...)
	var out nudged
	if _, err := sendAs[api.Event](s, c, http.MethodPost, path+"/nudge", api.NoteBody{}, key); err != nil {
		out.Refusal = s.problem(c, err).Detail
	}
	o, err := get[api.ObligationDetail](s, c, path, nil)
	if err != nil {
		out.Title = id
		if out.Refusal == "" {
			out.Refusal = s.problem(c, err).Detail
		}
		return out
	}
	out.Obligation = o.Obligation
	return out
}

// backQuery returns the query of the list that a form was sent from.
func backQuery(c *gin.Context) url.Values {
	u, err := url.Parse(c.PostForm("back"))
	if err != nil {
		return nil
	}
	return u.Query()
}

// rowID names an obligation within its plan.
func rowID(o api.Obligation) string { return strings.Join([]string{o.Measure, o.Unit, o.Period}, "/") }

// refusals counts those that were not nudged.
func refusals(results []nudged) int {
	n := 0
	for _, r := range results {
		if r.Refusal != "" {
			n++
		}
	}
	return n
}

// selectorLabel says what a selector without a field selects.
func selectorLabel(name, value string) string {
	switch name {
	case "open":
		if value == "true" {
			return "未办结"
		}
		return "已办结或补录"
	case "measure":
		return "分项任务 " + value
	}
	d, err := calendar.ParseDate(value)
	if err != nil {
		return value
	}
	if name == "dueFrom" {
		return day(d) + "起到期"
	}
	return day(d) + "前到期"
}

// codes returns the values of what a field offers.
func codes[T any](offered []T, code func(T) string) []string {
	out := make([]string, len(offered))
	for i, o := range offered {
		out[i] = code(o)
	}
	return out
}
