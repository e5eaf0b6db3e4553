package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"duban/api"
	"duban/plan"
	"duban/tasklist"
)

// maxListForm is the greatest length of the form that brings a list: the API's bound of the file, and what is around it.
const maxListForm = 11 << 20

func (s *server) registerLists(p routes) {
	p.get("/plans/:plan/lists", s.lists)
	p.post("/plans/:plan/lists", s.bringList)
	p.get("/plans/:plan/lists/:list", s.list)
	p.post("/plans/:plan/lists/:list", s.settleList)
	p.get("/plans/:plan/lists/:list/rows/:row", s.listRow)
	p.post("/plans/:plan/lists/:list/rows/:row", s.settleRow)
	p.post("/plans/:plan/lists/:list/apply", s.applyList)
	p.get("/plans/:plan/lists/:list/corrections", s.corrections)
}

func (s *server) lists(c *gin.Context) {
	if f, ok := s.planFrame(c, textLists, menuLists); ok {
		s.showLists(c, http.StatusOK, f)
	}
}

func (s *server) showLists(c *gin.Context, status int, f frame) {
	all, err := get[api.ImportViews](s, c, plansPath(f.Plan.Code, "lists"), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	f.Scripts = []string{"lists.js"}
	s.render(c, status, listsPage(f, all.Lists))
}

// planYears returns those of the plan, and the one that it is now.
func planYears(p api.Plan) (all []int, now int) {
	for y := p.From.Year(); y > 0 && y <= p.To.Year(); y++ {
		all = append(all, y)
	}
	return all, max(p.From.Year(), min(p.To.Year(), p.Today.Year()))
}

// bringList passes the file on as it comes.
func (s *server) bringList(c *gin.Context) {
	f, ok := s.planFrame(c, textLists, menuLists)
	if !ok {
		return
	}
	read, err := s.passList(c, f.Plan.Code)
	if err != nil {
		f = s.with(c, f, err)
		s.showLists(c, f.refused.Status, f)
		return
	}
	c.Redirect(http.StatusSeeOther, plansPath(f.Plan.Code, "lists", read.Import.ID))
}

func (s *server) passList(c *gin.Context, plan string) (api.ListPreview, error) {
	none := &api.Problem{Status: http.StatusUnprocessableEntity, Detail: textNoFile}
	broken := &api.Problem{Status: http.StatusBadRequest, Detail: textBadUpload}
	var out api.ListPreview
	form, err := c.Request.MultipartReader()
	if err != nil {
		return out, none
	}
	query := url.Values{}
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return out, none
		case err != nil:
			return out, broken
		case part.FormName() == "year":
			year, err := io.ReadAll(io.LimitReader(part, 16))
			if err != nil {
				return out, broken
			}
			query.Set("year", string(year))
		case part.FormName() == "file":
			return out, s.passFile(c, plan, query, part, &out)
		}
	}
}

func (s *server) passFile(c *gin.Context, plan string, query url.Values, part *multipart.Part, into any) error {
	if part.FileName() == "" {
		return &api.Problem{Status: http.StatusUnprocessableEntity, Detail: textNoFile}
	}
	query.Set("name", part.FileName())
	r := request(c, http.MethodPost, plansPath(plan, "lists"), query, part)
	r.ContentLength = -1
	r.Header.Set("Content-Type", "application/octet-stream")
	return s.call(r, into)
}

// listView is one page of a list as it was read.
type listView struct {
	api.ListDetail
	Show   string // which rows, a key of listShows
	Page   int    // from 1
	Kind   string // of effects
	Effect int    // page of the effects, from 1
	names  map[string]string
}

const (
	rowsPerPage    = 50
	effectsPerPage = 50
)

// listShows are the choices of rows, in the order of their tabs.
var listShows = []struct {
	key, label string
	outcomes   []tasklist.Outcome // nil: all
}{
	{"pending", "待处理", []tasklist.Outcome{tasklist.Fault, tasklist.Confirm}},
	{"create", "新增", []tasklist.Outcome{tasklist.Create}},
	{"update", "变更", []tasklist.Outcome{tasklist.Update}},
	{"unchanged", "没有变化", []tasklist.Outcome{tasklist.Unchanged}},
	{"skipped", "略去", []tasklist.Outcome{tasklist.Skipped}},
	{"all", "全部", nil},
}

// count returns how many rows a tab holds.
func (v listView) count(show string) int {
	n := v.Counts
	switch show {
	case "pending":
		return n.Fault + n.Confirm
	case "create":
		return n.Create
	case "update":
		return n.Update
	case "unchanged":
		return n.Unchanged
	case "skipped":
		return n.Skipped
	default:
		return n.Fault + n.Confirm + n.Create + n.Update + n.Unchanged + n.Skipped
	}
}

// here returns what brings the same page again.
func (v listView) here() string { return v.query("page", strconv.Itoa(v.Page)) }

// query returns what brings the same page again, with one thing otherwise.
func (v listView) query(name, value string) string {
	q := url.Values{"show": {v.Show}, "page": {strconv.Itoa(v.Page)}, "kind": {v.Kind}, "effects": {strconv.Itoa(v.Effect)}}
	q.Set(name, value)
	switch name {
	case "show":
		q.Set("page", "1")
	case "kind":
		q.Set("effects", "1")
	}
	for key, initial := range map[string]string{"page": "1", "kind": "", "effects": "1"} {
		if q.Get(key) == initial {
			q.Del(key)
		}
	}
	return "?" + q.Encode()
}

// before is how a row has been answered so far, for its form to carry: a list of thousands of rows is not read once more only
// to add to an answer. "" where it has not been.
func (v listView) before(row int) string { return answerText(v.Choices.Answers, row) }

func answerText(answers map[string]api.ListAnswer, row int) string {
	a, answered := answers[strconv.Itoa(row)]
	if !answered {
		return ""
	}
	text, err := json.Marshal(a)
	if err != nil {
		panic(err) // it has come as JSON
	}
	return string(text)
}

func (v listView) pages() int { return (v.Selected + rowsPerPage - 1) / rowsPerPage }

// effectTotal is how many obligations there are of the kind that is shown.
func effectTotal(n api.EffectCounts, kind string) int {
	switch kind {
	case "rearmed":
		return n.Rearmed
	case "withdrawn":
		return n.Withdrawn
	case "joined":
		return n.Joined
	default:
		return n.Rearmed + n.Withdrawn + n.Joined
	}
}

// unitNames returns how the plan's units are called, by code.
func (s *server) unitNames(c *gin.Context, plan string) (map[string]string, []api.Unit, error) {
	units, err := get[api.UnitList](s, c, plansPath(plan, "units"), nil)
	names := make(map[string]string, len(units.Units))
	for _, u := range units.Units {
		names[u.Code] = u.Name
	}
	return names, units.Units, err
}

// called returns the names of units.
func called(names map[string]string, codes []string) []string {
	out := make([]string, len(codes))
	for i, code := range codes {
		out[i] = cmp.Or(names[code], code)
	}
	return out
}

func pageOf(c *gin.Context, name string) int {
	n, err := strconv.Atoi(c.Query(name))
	if err != nil {
		return 1
	}
	return max(n, 1)
}

// readListView reads the page of the list that the address asks for; where it does not say which rows, those that wait come
// first.
func (s *server) readListView(c *gin.Context, plan string) (listView, error) {
	v := listView{Show: c.Query("show"), Page: pageOf(c, "page"), Kind: c.Query("kind"), Effect: pageOf(c, "effects")}
	ask := func(show string) (api.ListDetail, error) {
		q := url.Values{
			"limit": {strconv.Itoa(rowsPerPage)}, "offset": {strconv.Itoa((v.Page - 1) * rowsPerPage)},
			"effectsLimit": {strconv.Itoa(effectsPerPage)}, "effectsOffset": {strconv.Itoa((v.Effect - 1) * effectsPerPage)},
		}
		if v.Kind != "" {
			q.Set("effectKind", v.Kind)
		}
		for _, tab := range listShows {
			if tab.key == show && tab.outcomes != nil {
				q.Set("outcome", listed(tab.outcomes))
			}
		}
		return get[api.ListDetail](s, c, plansPath(plan, "lists", c.Param("list")), q)
	}
	var err error
	if v.ListDetail, err = ask(cmp.Or(v.Show, "pending")); err != nil {
		return v, err
	}
	if v.Show == "" {
		v.Show = "pending"
		if v.count("pending") == 0 {
			v.Show = "all"
			if v.ListDetail, err = ask(v.Show); err != nil {
				return v, err
			}
		}
	}
	if len(v.Rows) == 0 && v.Selected > 0 { // the last rows of the last page have been settled
		v.Page = v.pages()
		if v.ListDetail, err = ask(v.Show); err != nil {
			return v, err
		}
	}
	v.names, _, err = s.unitNames(c, plan)
	return v, err
}

func listed[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return strings.Join(texts, ",")
}

func listTitle(i api.ImportView) string { return fmt.Sprintf("%d年工作任务清单", i.Year) }

func (s *server) list(c *gin.Context) {
	if f, ok := s.planFrame(c, textLists, menuLists); ok {
		s.showList(c, http.StatusOK, f)
	}
}

func (s *server) showList(c *gin.Context, status int, f frame) {
	v, err := s.readListView(c, f.Plan.Code)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	f.Title, f.Wide, f.Scripts = listTitle(v.Import), true, []string{"lists.js"}
	s.render(c, status, listPage(f, v))
}

func (s *server) refuseList(c *gin.Context, f frame, err error) {
	f = s.with(c, f, err)
	s.showList(c, f.refused.Status, f)
}

// settle keeps what is settled and shows the list again, at the same place.
func (s *server) settle(c *gin.Context, f frame, b api.ListSettling, anchor string) {
	path := plansPath(f.Plan.Code, "lists", c.Param("list"))
	if _, err := send[api.ImportView](s, c, http.MethodPatch, path, b); err != nil {
		s.refuseList(c, f, err)
		return
	}
	c.Redirect(http.StatusSeeOther, (&url.URL{Path: path, RawQuery: c.Request.URL.RawQuery, Fragment: anchor}).String())
}

// settleList takes what is said of the list as a whole: the sheet, the columns, what is withdrawn, or several rows at once.
func (s *server) settleList(c *gin.Context) {
	f, ok := s.planFrame(c, textLists, menuLists)
	if !ok {
		return
	}
	var b api.ListSettling
	anchor := ""
	switch c.PostForm(fieldForm) {
	case "sheet":
		b.Sheet = new(c.PostForm("sheet"))
	case "columns":
		b.Columns = map[string]tasklist.Field{}
		for _, n := range c.PostFormArray("column") {
			if field := c.PostForm("field-" + n); field != "" {
				b.Columns[n] = tasklist.Field(field)
			}
		}
	case "withdraw":
		b.Withdraw, anchor = new(append([]string{}, c.PostFormArray("measure")...)), "missing"
	default:
		b.Answers = map[string]api.ListAnswer{}
		for _, row := range c.PostFormArray("row") {
			b.Answers[row] = api.ListAnswer{ListReply: api.ListReply{Confirm: true}}
		}
	}
	s.settle(c, f, b, anchor)
}

// rowView is one row with what can be chosen for it.
type rowView struct {
	List     api.ImportView
	Number   int
	Part     string        // the one that the page is about; "": the row
	Rows     []api.ListRow // its parts
	Answer   api.ListReply
	Before   string // the whole answer so far
	Task     string // whose measures are to choose from
	Tasks    []api.Task
	Measures []api.Measure
	Units    []api.Unit
	names    map[string]string
	back     string // query of the list's page
}

// first is the part by which the form begins.
func (v rowView) first() api.ListRow {
	if len(v.Rows) == 0 {
		return api.ListRow{}
	}
	return v.Rows[0]
}

func (v rowView) leads(code string) bool {
	return slices.Contains(v.Answer.Lead, code) || v.Answer.Lead == nil && slices.Contains(v.first().Lead, code)
}

func (v rowView) takesPart(code string) bool {
	return slices.Contains(v.Answer.Units, code) || v.Answer.Units == nil && slices.Contains(v.first().Units, code)
}

// chosen is the measure that the form begins with: what was answered, else what the row was read as.
func (v rowView) chosen() string {
	read := v.first().Measure
	if !slices.ContainsFunc(v.Measures, func(m api.Measure) bool { return m.Code == read }) {
		read = newMeasure
	}
	return cmp.Or(v.Answer.Measure, read)
}

// dues are the dates that were answered, or read.
func (v rowView) dues() string {
	days := v.Answer.Due
	if days == nil {
		for _, d := range v.first().Due {
			days = append(days, d.String())
		}
	}
	return strings.Join(days, "、")
}

// newMeasure is the answer that a row is no measure that there is.
const newMeasure = "new"

func (s *server) listRow(c *gin.Context) {
	if f, ok := s.planFrame(c, textLists, menuLists); ok {
		s.showRow(c, http.StatusOK, f)
	}
}

func (s *server) showRow(c *gin.Context, status int, f frame) {
	v, err := s.readRow(c, f.Plan.Code)
	switch {
	case err != nil:
		s.fail(c, f, err)
	case len(v.Rows) == 0:
		s.lost(c)
	default:
		f.Title, f.Scripts = fmt.Sprintf(textRowOf, v.Number), []string{"lists.js"}
		s.render(c, status, listRowPage(f, v))
	}
}

func (s *server) readRow(c *gin.Context, code string) (rowView, error) {
	n, _ := strconv.Atoi(c.Param("row")) // 0: there is no such row
	if n < 1 {
		return rowView{}, nil
	}
	l, err := get[api.ListDetail](s, c, plansPath(code, "lists", c.Param("list")), url.Values{"row": {strconv.Itoa(n)}, "effectsLimit": {"1"}})
	if err != nil {
		return rowView{}, err
	}
	back := c.Request.URL.Query()
	back.Del("task")
	back.Del("part")
	v := rowView{
		List: l.Import, Number: n, Part: c.Query("part"), Rows: l.Rows, Before: answerText(l.Choices.Answers, n), back: back.Encode(),
	}
	answer := l.Choices.Answers[strconv.Itoa(n)]
	v.Answer = answer.ListReply
	if v.Part != "" {
		if own, named := answer.Parts[v.Part]; named {
			v.Answer = own
		}
		v.Rows = slices.DeleteFunc(v.Rows, func(r api.ListRow) bool { return strconv.Itoa(r.Part) != v.Part })
	}
	v.Task = cmp.Or(c.Query("task"), c.PostForm("task"), v.Answer.Task, v.first().Task)
	tasks, err := get[api.TaskList](s, c, plansPath(code, "tasks"), nil)
	if err != nil {
		return v, err
	}
	v.Tasks = tasks.Tasks
	if slices.ContainsFunc(v.Tasks, func(t api.Task) bool { return t.Code == v.Task }) {
		t, err := get[api.TaskDetail](s, c, plansPath(code, "tasks", v.Task), nil)
		if err != nil {
			return v, err
		}
		v.Measures = t.Measures
	}
	v.names, v.Units, err = s.unitNames(c, code)
	return v, err
}

// settleRow takes the answer of one row: a quick one, or what its own page says in full.
func (s *server) settleRow(c *gin.Context) {
	f, ok := s.planFrame(c, textLists, menuLists)
	if !ok {
		return
	}
	row := c.Param("row")
	n, err := strconv.Atoi(row)
	if err != nil {
		s.lost(c)
		return
	}
	var before api.ListAnswer
	if text := c.PostForm("before"); text != "" {
		if err := json.Unmarshal([]byte(text), &before); err != nil {
			s.refuseList(c, f, &api.Problem{Status: http.StatusUnprocessableEntity, Detail: textForm})
			return
		}
	}
	a := replied(c, before)
	b := api.ListSettling{Answers: map[string]api.ListAnswer{row: a}}
	if reflect.ValueOf(a).IsZero() {
		b = api.ListSettling{TakeBack: []int{n}}
	}
	q := c.Request.URL.Query()
	q.Del("task")
	q.Del("part")
	c.Request.URL.RawQuery = q.Encode()
	s.settle(c, f, b, "r"+row)
}

// replied returns what a row is answered with, after one more answer: to the row, or to the part that the form names.
func replied(c *gin.Context, before api.ListAnswer) api.ListAnswer {
	part := c.PostForm("part")
	reply, answered := before.ListReply, true
	if part != "" {
		if own, named := before.Parts[part]; named {
			reply = own
		}
	}
	switch c.PostForm("answer") {
	case "back":
		reply, answered = api.ListReply{}, false
	case "skip":
		reply = api.ListReply{Skip: true}
	case "confirm":
		reply.Confirm, reply.Skip = true, false
	case "new":
		reply.Confirm, reply.Skip, reply.Measure = true, false, newMeasure
	default:
		reply = typedReply(c)
	}
	if part == "" {
		return api.ListAnswer{ListReply: reply, Parts: before.Parts}
	}
	parts := maps.Clone(before.Parts)
	if parts == nil {
		parts = map[string]api.ListReply{}
	}
	parts[part] = reply
	if !answered {
		delete(parts, part)
	}
	if len(parts) == 0 {
		parts = nil
	}
	return api.ListAnswer{ListReply: before.ListReply, Parts: parts}
}

// typedReply is what a row's page says. Units and dates are the reading's own unless somebody has chosen others.
func typedReply(c *gin.Context) api.ListReply {
	a := api.ListReply{Task: c.PostForm("task"), Measure: c.PostForm("measure"), Confirm: c.PostForm("confirm") != ""}
	if c.PostForm("own-units") != "" {
		a.Lead, a.Units = c.PostFormArray("lead"), c.PostFormArray("units")
		for _, code := range a.Lead {
			if !slices.Contains(a.Units, code) {
				a.Units = append(a.Units, code)
			}
		}
	}
	if c.PostForm("own-dates") != "" {
		a.Kind = plan.ScheduleKind(c.PostForm("kind"))
		for _, text := range strings.FieldsFunc(c.PostForm("due"), func(r rune) bool { return strings.ContainsRune("、，,；; \n\t", r) }) {
			if d, err := time.Parse("2006-1-2", strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-").Replace(text)); err == nil {
				text = d.Format(time.DateOnly)
			}
			a.Due = append(a.Due, text)
		}
	}
	return a
}

func (s *server) applyList(c *gin.Context) {
	f, ok := s.planFrame(c, textLists, menuLists)
	if !ok {
		return
	}
	path := plansPath(f.Plan.Code, "lists", c.Param("list"))
	l, err := get[api.ListDetail](s, c, path, url.Values{"limit": {"1"}, "effectsLimit": {"1"}})
	if err != nil {
		s.refuseList(c, f, err)
		return
	}
	done, err := send[api.AppliedList](s, c, http.MethodPost, path+"/apply", api.ApplyListBody{ListChoices: l.Choices, Reason: c.PostForm("reason")})
	if err != nil {
		s.refuseList(c, f, err)
		return
	}
	f.Title = textApplied
	s.render(c, http.StatusOK, listAppliedPage(f, done))
}

// corrections gives the list's own workbook back, with why rows could not be read.
func (s *server) corrections(c *gin.Context) {
	f, ok := s.planFrame(c, textLists, menuLists)
	if !ok {
		return
	}
	path := plansPath(f.Plan.Code, "lists", c.Param("list"))
	l, err := get[api.ListDetail](s, c, path, url.Values{"limit": {"1"}, "effectsLimit": {"1"}})
	if err == nil {
		err = s.passAnswer(c, http.MethodPost, path+"/corrections", l.Choices)
	}
	if err != nil {
		s.fail(c, f, err)
	}
}

// columnFields are what a column may hold, in the order of the lists.
var columnFields = []struct {
	field tasklist.Field
	label string
}{
	{tasklist.FieldNumber, "序号"},
	{tasklist.FieldAction, "行动"},
	{tasklist.FieldTask, "工作任务"},
	{tasklist.FieldMeasure, "具体措施"},
	{tasklist.FieldLead, "牵头单位"},
	{tasklist.FieldUnits, "责任（配合）单位"},
	{tasklist.FieldDeadline, "完成时限"},
	{tasklist.FieldDone, "完成标准"},
	{tasklist.FieldNote, "备注"},
	{tasklist.FieldCode, "分项任务编号"},
	{tasklist.FieldStatus, "完成情况（不读）"},
	{tasklist.FieldIgnored, "不读"},
}

// scheduleKinds are how the kinds of schedules are called.
var scheduleKinds = []struct {
	kind  plan.ScheduleKind
	label string
}{{plan.Milestone, "限期完成"}, {plan.Recurring, "周期性"}, {plan.Continuous, "持续推进"}}

func scheduleKind(kind plan.ScheduleKind) string {
	for _, k := range scheduleKinds {
		if k.kind == kind {
			return k.label
		}
	}
	return ""
}

// outcomeTag is the colour of an outcome beside its word.
func outcomeTag(o tasklist.Outcome) string {
	switch o {
	case tasklist.Fault:
		return "red"
	case tasklist.Confirm:
		return "yellow"
	case tasklist.Create, tasklist.Update:
		return "green"
	case tasklist.Unchanged, tasklist.Skipped:
	}
	return ""
}
