package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
	"duban/plan"
)

func (s *server) registerChanges(p routes) {
	p.get("/plans/:plan/changes", s.changes)
	p.get("/plans/:plan/changes/:kind", s.change)
	p.post("/plans/:plan/changes/:kind", s.makeChange)
}

// changeKind is one way to change a plan, with a form of its own.
type changeKind struct {
	key, label, hint string
	about            string // what is chosen first: "measure", "unit", or "" for nothing
	business         bool   // the office's alone
}

var changeKinds = []changeKind{
	{"due", "改期", "限期完成的分项任务换到期日；可以增减。", "measure", true},
	{"from", "改首期", "每月、每周等周期性任务从哪一期起办：如月报从哪个月起报。", "measure", true},
	{"audience", "改派", "换责任单位：按类别、标签，或逐家点名。", "measure", true},
	{"ladder", "换阶梯", "分项任务改用另一套升级阶梯。", "measure", true},
	{"withdraw", "撤销", "分项任务不再办理；正在办理的不必再办，历史保留。", "measure", true},
	{"rename", "单位更名", "原名自动成为别名，以前的记录照旧查得到。", "unit", false},
	{"merge", "单位撤并", "写明末日和并入的单位，由它接着办。", "unit", false},
	{"validity", "单位起止", "单位从哪天起、到哪天止承担任务。", "unit", false},
	{"holidays", "节假日", "粘贴国务院办公厅的放假通知，日期随之重新计算。", "", false},
}

func kindOfChange(key string) (changeKind, bool) {
	i := slices.IndexFunc(changeKinds, func(k changeKind) bool { return k.key == key })
	if i < 0 {
		return changeKind{}, false
	}
	return changeKinds[i], true
}

// offered are the kinds that the caller is shown.
func offered(who account.Caller) []changeKind {
	return slices.DeleteFunc(slices.Clone(changeKinds), func(k changeKind) bool { return k.business && who.Role != account.Office })
}

func (s *server) changes(c *gin.Context) {
	f, ok := s.planFrame(c, textChanges, menuChanges)
	if !ok {
		return
	}
	var lists api.ImportViews
	if f.Who.Role == account.Office {
		var err error
		if lists, err = get[api.ImportViews](s, c, plansPath(f.Plan.Code, "lists"), nil); err != nil {
			s.fail(c, f, err)
			return
		}
	}
	s.render(c, http.StatusOK, changesPage(f, slices.DeleteFunc(lists.Lists, func(i api.ImportView) bool { return i.Applied.IsZero() })))
}

// preview is what a change would do, one page of it, with the form that asked.
type preview struct {
	api.ChangesPreview
	Path    string
	Kind    string // of the effects that are shown
	Page    int
	carried url.Values // what was typed, for the form that makes the change
}

// fields are what was typed, in a fixed order.
func (p preview) fields() []field { return kept{Form: p.carried.Encode()}.fields() }

// previewChanges asks what a change would do. What it shows belongs to what was typed.
func (s *server) previewChanges(c *gin.Context, f frame, b api.ChangesBody) (*preview, error) {
	p := &preview{Path: c.Request.URL.RequestURI(), Kind: c.PostForm("effect-kind"), carried: url.Values{}}
	if p.Page, _ = strconv.Atoi(c.PostForm("effects")); p.Page < 1 {
		p.Page = 1
	}
	for name, values := range c.Request.PostForm {
		if !slices.Contains([]string{fieldForm, fieldKey, fieldSeq, "reason", "effect-kind", "effects"}, name) {
			p.carried[name] = values
		}
	}
	q := url.Values{"effectsLimit": {strconv.Itoa(effectsPerPage)}, "effectsOffset": {strconv.Itoa((p.Page - 1) * effectsPerPage)}}
	if p.Kind != "" {
		q.Set("effectKind", p.Kind)
	}
	var err error
	p.ChangesPreview, err = sendAs[api.ChangesPreview](s, c, http.MethodPost, plansPath(f.Plan.Code, "changes", "preview")+"?"+q.Encode(), b, "")
	if err != nil {
		return nil, err
	}
	return p, nil
}

// commitChanges makes a change.
func (s *server) commitChanges(c *gin.Context, f frame, b api.ChangesBody) (api.ChangesMade, error) {
	path := plansPath(f.Plan.Code, "changes") + "?effectsLimit=" + strconv.Itoa(effectsPerPage)
	return send[api.ChangesMade](s, c, http.MethodPost, path, api.MakeChangesBody{ChangesBody: b, Reason: c.PostForm("reason")})
}

// considered makes a change where that has been confirmed, and else returns what it would do; nil: nobody can tell, for the
// reason that the frame shows.
func (s *server) considered(c *gin.Context, f frame, b api.ChangesBody) (frame, *preview, *api.ChangesMade) {
	var refused error
	if c.PostForm(fieldForm) == "make" {
		made, err := s.commitChanges(c, f, b)
		if err == nil {
			return f, nil, &made
		}
		refused = err
	}
	p, err := s.previewChanges(c, f, b)
	if refused == nil {
		refused = err
	}
	if refused != nil {
		f = s.with(c, f, refused)
	}
	return f, p, nil
}

// changeView is the form of a change with what can be chosen in it.
type changeView struct {
	changeKind
	Tasks   []api.Task
	Task    api.TaskDetail
	Measure *api.Measure // nil: not chosen yet
	Units   []api.Unit
	Unit    *api.Unit // nil: not chosen yet
	Ladders []api.LadderUse
	Years   []int // whose holidays are known
	Form    filled
	Preview *preview // nil: not asked for yet
	names   map[string]string
}

func (s *server) change(c *gin.Context) {
	if f, v, ok := s.openChange(c); ok {
		v.Form = f.form("preview", 0)
		s.render(c, http.StatusOK, changePage(f, v))
	}
}

// openChange reads what the form shows. It answers itself, and returns false, where there is nothing to show.
func (s *server) openChange(c *gin.Context) (frame, changeView, bool) {
	k, known := kindOfChange(c.Param("kind"))
	f, ok := s.planFrame(c, k.label, menuChanges)
	if !ok {
		return f, changeView{}, false
	}
	if !known {
		s.lost(c)
		return f, changeView{}, false
	}
	f.Scripts = []string{"lists.js"}
	v, err := s.readChange(c, f.Plan.Code, k)
	if err != nil {
		s.fail(c, f, err)
		return f, v, false
	}
	return f, v, true
}

func (s *server) readChange(c *gin.Context, code string, k changeKind) (changeView, error) {
	v := changeView{changeKind: k}
	var err error
	if k.about != "" {
		if v.names, v.Units, err = s.unitNames(c, code); err != nil {
			return v, err
		}
	}
	switch k.about {
	case "measure":
		return v, s.readMeasure(c, code, &v)
	case "unit":
		if i := slices.IndexFunc(v.Units, func(u api.Unit) bool { return u.Code == c.Query("unit") }); i >= 0 {
			v.Unit = &v.Units[i]
		}
		return v, nil
	default:
		p, err := get[api.PlanDetail](s, c, plansPath(code), nil)
		if err != nil && caller(c.Request.Context()).Role != account.Admin {
			return v, err
		}
		v.Years = p.Years
		return v, nil
	}
}

func (s *server) readMeasure(c *gin.Context, code string, v *changeView) error {
	tasks, err := get[api.TaskList](s, c, plansPath(code, "tasks"), nil)
	if err != nil {
		return err
	}
	v.Tasks = tasks.Tasks
	task, measure := c.Query("task"), c.Query("measure")
	if !slices.ContainsFunc(v.Tasks, func(t api.Task) bool { return t.Code == task }) {
		return nil
	}
	if v.Task, err = get[api.TaskDetail](s, c, plansPath(code, "tasks", task), nil); err != nil {
		return err
	}
	if i := slices.IndexFunc(v.Task.Measures, func(m api.Measure) bool { return m.Code == measure }); i >= 0 {
		v.Measure = &v.Task.Measures[i]
	}
	if v.key == "ladder" {
		ladders, err := get[api.LadderList](s, c, plansPath(code, "ladders"), nil)
		v.Ladders = ladders.Ladders
		return err
	}
	return nil
}

// makeChange shows what a change would do, and makes it where it has been confirmed.
func (s *server) makeChange(c *gin.Context) {
	f, v, ok := s.openChange(c)
	if !ok {
		return
	}
	f, p, made := s.considered(c, f, v.body(c))
	if made != nil {
		f.Title = textChanged
		s.render(c, http.StatusOK, changedPage(f, v.label, plansPath(f.Plan.Code, "changes"), *made))
		return
	}
	v.Preview, v.Form = p, f.form("preview", 0)
	v.Form.Typed, v.Form.Failed = c.Request.PostForm, true
	s.render(c, statusOf(f), changePage(f, v))
}

// body is the amendment that the form describes.
func (v changeView) body(c *gin.Context) api.ChangesBody {
	text := func(name string) string { return strings.TrimSpace(c.PostForm(name)) }
	var m api.MeasureChangeInput
	var u api.UnitChangeInput
	if v.Measure != nil {
		m.Code = v.Measure.Code
	}
	if v.Unit != nil {
		u.Code = v.Unit.Code
	}
	switch v.key {
	case "due":
		m.Due = slices.DeleteFunc(slices.Clone(c.PostFormArray("due")), func(d string) bool { return d == "" })
	case "from":
		m.From = text("from")
	case "audience":
		m.Audience = &api.AudienceInput{Tags: c.PostFormArray("tags"), Units: c.PostFormArray("units"), Except: c.PostFormArray("except")}
		for _, kind := range c.PostFormArray("kinds") {
			m.Audience.Kinds = append(m.Audience.Kinds, plan.UnitKind(kind))
		}
	case "ladder":
		m.Ladder = new(text("ladder"))
	case "withdraw":
		m.Withdraw = true
	case "rename":
		u.Name = new(text("name"))
	case "merge":
		u.To, u.Into = text("to"), text("into")
	case "validity":
		u.From, u.To = text("from"), text("to")
	}
	switch v.about {
	case "measure":
		return api.ChangesBody{Measures: []api.MeasureChangeInput{m}}
	case "unit":
		return api.ChangesBody{Units: []api.UnitChangeInput{u}}
	default:
		return api.ChangesBody{Notice: c.PostForm("notice")}
	}
}

// dues are the dates in the form: as typed, else as they stand.
func (v changeView) dues() []string {
	if v.Form.Failed {
		return v.Form.Typed["due"]
	}
	var out []string
	for _, p := range v.Measure.Schedule.Periods {
		out = append(out, p.Due.String())
	}
	return append(out, "")
}

// tags are all that the plan's units have.
func (v changeView) tags() []string {
	var out []string
	for _, u := range v.Units {
		out = append(out, u.Tags...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// kinds are those of the plan's units, as they are called.
func (v changeView) kinds() []api.Unit {
	var out []api.Unit
	for _, u := range v.Units {
		if !slices.ContainsFunc(out, func(o api.Unit) bool { return o.Kind == u.Kind }) {
			out = append(out, u)
		}
	}
	return out
}
