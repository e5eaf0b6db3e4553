package api

import (
	"context"
	"net/http"
	"slices"

	"duban/account"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// PlanPath addresses a plan.
type PlanPath struct {
	Plan string `path:"plan" maxLength:"64" example:"changning-2024" doc:"方案代码"`
}

// TaskPath addresses a task.
type TaskPath struct {
	PlanPath
	Task string `path:"task" maxLength:"64" example:"10" doc:"任务编号：1 至 30，保障措施 S1 至 S6，总体目标 G"`
}

// SeedInput starts a plan.
type SeedInput struct {
	Body SeedBody
}

// SeedBody says which plan, and from when on it is followed up.
type SeedBody struct {
	AsOf     string            `json:"asOf,omitempty" format:"date" example:"2026-01-01" doc:"起算日：此前到期的作为补录，不再督办；不填沿用上次的，首次为办理当日"`
	Outcomes []SeedBodyRow     `json:"outcomes,omitempty" maxItems:"100000" doc:"起算日前到期事项的办理情况；同一事项以最后一条为准"`
	Files    map[string]string `json:"files,omitempty" maxProperties:"1000" doc:"方案数据的各个文件：路径与内容；不填为程序内置的方案"`
}

// SeedBodyRow is what the office says of obligations that fell due before the as-of date.
type SeedBodyRow struct {
	Measure string             `json:"measure" minLength:"1" maxLength:"64" example:"10.1" doc:"分项任务编号"`
	Unit    string             `json:"unit,omitempty" maxLength:"64" doc:"责任单位代码；不填为全部单位"`
	Period  string             `json:"period,omitempty" maxLength:"64" doc:"周期；不填为全部周期"`
	Outcome obligation.Outcome `json:"outcome" enum:"done,missed,unknown,owed" doc:"done 已完成，missed 未完成，unknown 待确认，owed 仍需办理"`
}

// SeedResult is what a start did.
type SeedResult struct {
	Plan     string        `json:"plan" doc:"方案代码"`
	Version  int           `json:"version" doc:"方案数据的版本，每次有变化的启动加一"`
	AsOf     calendar.Date `json:"asOf" format:"date" doc:"现行起算日"`
	Changed  bool          `json:"changed" doc:"方案数据是否有变化"`
	Tasks    int           `json:"tasks" doc:"任务数"`
	Started  int           `json:"started" doc:"此次新启动的任务数；重复启动为 0"`
	Revised  int           `json:"revised" doc:"此次按变化调整的任务数"`
	Outcomes int           `json:"outcomes" doc:"采用了办理情况的事项数"`
	Total    int           `json:"total" doc:"方案期内的责任事项总数"`
	Due      int           `json:"due" doc:"其中现在应当交办或补录的；启动后在后台陆续办理"`
}

// Plan is a plan in a list.
type Plan struct {
	Code     string        `json:"code" doc:"方案代码"`
	Number   string        `json:"number" doc:"文号"`
	Title    string        `json:"title" doc:"标题"`
	Issuer   string        `json:"issuer" doc:"印发机关"`
	Issued   calendar.Date `json:"issued" format:"date" doc:"印发日期"`
	From     calendar.Date `json:"from" format:"date" doc:"起始日"`
	To       calendar.Date `json:"to" format:"date" doc:"截止日"`
	Zone     string        `json:"zone" doc:"时区"`
	AsOf     calendar.Date `json:"asOf" format:"date" doc:"起算日"`
	Today    calendar.Date `json:"today" format:"date" doc:"今天（业务日期）"`
	Version  int           `json:"version" doc:"方案数据的版本"`
	Tasks    int           `json:"tasks" doc:"任务数"`
	Measures int           `json:"measures" doc:"分项任务数"`
	Units    int           `json:"units" doc:"责任单位数"`
}

// PlanDetail is a plan with its actions and how its obligations stand.
type PlanDetail struct {
	Plan
	RestDayRule plan.RestDayRule `json:"restDayRule" enum:"next_day,next_workday" doc:"休息日到期的事项何时逾期：next_day 次日，next_workday 顺延至下一工作日后"`
	Actions     []Action         `json:"actions" doc:"行动"`
	Ladders     []Ladder         `json:"ladders" doc:"升级阶梯，第一个为默认"`
	Years       []int            `json:"calendarYears" doc:"节假日安排已公布的年份；其余年份的日期为暂定"`
	Counts      Counts           `json:"counts" doc:"责任事项统计"`
}

// Action is one group of tasks.
type Action struct {
	Number int    `json:"number" doc:"序号"`
	Title  string `json:"title" doc:"标题"`
}

// Ladder names an escalation ladder.
type Ladder struct {
	Code  string `json:"code" doc:"代码"`
	Title string `json:"title" doc:"名称"`
}

// Counts is how many obligations stand where.
type Counts struct {
	Total   int `json:"total" doc:"全部"`
	Open    int `json:"open" doc:"未办结，不含补录"`
	Red     int `json:"red" doc:"红灯"`
	Yellow  int `json:"yellow" doc:"黄灯"`
	Closed  int `json:"closed" doc:"已办结"`
	Waived  int `json:"waived,omitempty" doc:"已免办；没有则不出现"`
	History int `json:"history" doc:"补录"`
}

// PlanList is every plan of the installation.
type PlanList struct {
	Plans []Plan `json:"plans" doc:"方案"`
}

// Task is a task in a list.
type Task struct {
	Code         string           `json:"code" doc:"任务编号"`
	Action       int              `json:"action" doc:"所属行动；保障措施与总体目标为 0"`
	Title        string           `json:"title" doc:"标题"`
	Lead         []UnitRef        `json:"lead" doc:"牵头单位"`
	MeasureCount int              `json:"measureCount" doc:"分项任务数"`
	Counts       Counts           `json:"counts" doc:"责任事项统计"`
	Light        obligation.Light `json:"light" enum:"green,yellow,red,none" doc:"亮灯：以其下最差者为准；没有责任事项时不亮灯"`
	LightLabel   string           `json:"lightLabel" doc:"亮灯名称"`
}

// TaskDetail is a task with its wording and measures.
type TaskDetail struct {
	Task
	Text     string    `json:"text" doc:"方案原文"`
	Measures []Measure `json:"measures" doc:"分项任务"`
}

// TaskList is every task of a plan.
type TaskList struct {
	Tasks []Task `json:"tasks" doc:"任务"`
}

// Measure is one thing to deliver.
type Measure struct {
	Code     string    `json:"code" doc:"分项任务编号"`
	Title    string    `json:"title" doc:"标题"`
	Quote    string    `json:"quote" doc:"依据：方案原句"`
	Done     string    `json:"done" doc:"完成标准"`
	Schedule Schedule  `json:"schedule" doc:"时间安排"`
	Audience Audience  `json:"audience" doc:"责任单位的范围"`
	Units    []UnitRef `json:"units" doc:"今天属于该范围的单位"`
	Ladder   Ladder    `json:"ladder" doc:"升级阶梯"`
	Inferred []string  `json:"inferred" doc:"方案未写明、由推定得出、须由区安委办确认的字段"`
	Note     string    `json:"note,omitempty" doc:"推定的内容与理由"`
}

// Schedule says when a measure is due.
type Schedule struct {
	Kind      plan.ScheduleKind `json:"kind" enum:"milestone,recurring,continuous" doc:"类别"`
	KindLabel string            `json:"kindLabel" doc:"类别名称"`
	Cron      string            `json:"cron,omitempty" doc:"周期表达式（五段，方案时区）"`
	Names     plan.CronNames    `json:"names,omitempty" doc:"表达式指的是到期日 due 还是周期首日 start"`
	From      calendar.Date     `json:"from,omitzero" format:"date" doc:"首日；不填从方案"`
	To        calendar.Date     `json:"to,omitzero" format:"date" doc:"末日；不填从方案"`
	Periods   []Period          `json:"periods" doc:"方案期内的全部周期与到期日"`
}

// Period is one instance of a schedule.
type Period struct {
	Key         string        `json:"key" doc:"周期代码"`
	Label       string        `json:"label" doc:"周期名称"`
	Start       calendar.Date `json:"start" format:"date" doc:"首日"`
	Due         calendar.Date `json:"due" format:"date" doc:"到期日"`
	BeforeIssue bool          `json:"beforeIssue,omitempty" doc:"早于方案印发日：保留并标记，不升级"`
	Provisional bool          `json:"provisional,omitempty" doc:"所在年份的节假日安排尚未公布"`
}

// Audience selects units.
type Audience struct {
	Kinds  []plan.UnitKind `json:"kinds" doc:"单位类别"`
	Tags   []string        `json:"tags" doc:"标签"`
	Units  []string        `json:"units" doc:"点名的单位代码"`
	Except []string        `json:"except" doc:"除外的单位代码"`
}

// UnitRef names a unit.
type UnitRef struct {
	Code string `json:"code" doc:"单位代码"`
	Name string `json:"name" doc:"单位名称"`
}

// Unit is a unit with its contacts.
type Unit struct {
	Code      string        `json:"code" doc:"单位代码"`
	Name      string        `json:"name" doc:"单位名称"`
	Kind      plan.UnitKind `json:"kind" enum:"party,government,street,group" doc:"类别"`
	KindLabel string        `json:"kindLabel" doc:"类别名称"`
	Tags      []string      `json:"tags" doc:"标签"`
	Aliases   []string      `json:"aliases" doc:"别名、曾用名"`
	From      calendar.Date `json:"from,omitzero" format:"date" doc:"有效期首日"`
	To        calendar.Date `json:"to,omitzero" format:"date" doc:"有效期末日"`
	Contacts  []Contact     `json:"contacts" doc:"联络员"`
}

// Contact is where a unit's notices go. Who may see units need not see whole telephone numbers.
type Contact struct {
	Name     string         `json:"name" doc:"姓名"`
	Email    string         `json:"email,omitempty" doc:"电子邮箱"`
	WeCom    string         `json:"wecom,omitempty" doc:"企业微信的成员账号"`
	DingTalk string         `json:"dingtalk,omitempty" doc:"钉钉的成员账号"`
	Feishu   string         `json:"feishu,omitempty" doc:"飞书的成员账号"`
	Mobile   string         `json:"mobile,omitempty" doc:"手机号码，中间四位不显示"`
	Channels []plan.Channel `json:"channels" doc:"依次使用的通知渠道：前一个发送失败才用后一个"`
	Chosen   []plan.Channel `json:"chosen,omitempty" doc:"选定的通知渠道；没有选定、按通常顺序的不出现"`
}

// UnitsInput selects units.
type UnitsInput struct {
	PlanPath
	Q    string        `query:"q" maxLength:"100" doc:"名称、别名、代码或标签中的几个字"`
	Kind plan.UnitKind `query:"kind" enum:"party,government,street,group" doc:"类别"`
}

// UnitList is units of a plan.
type UnitList struct {
	Units []Unit `json:"units" doc:"责任单位，按方案的顺序"`
}

func (s *server) registerPlans() {
	notFound := []Code{Code(obligation.CodeNotFound)}
	register(s, operation{
		id: "start-plan", method: http.MethodPost, path: "/plans", tag: tagPlans, limit: s.SeedTimeout,
		codes: []Code{Code(obligation.CodeConflict), Code(obligation.CodeAsOfAhead), CodeFaults},
	}, s.startPlan)
	register(s, operation{id: "list-plans", method: http.MethodGet, path: "/plans", tag: tagPlans}, s.listPlans)
	register(s, operation{id: "get-plan", method: http.MethodGet, path: "/plans/{plan}", tag: tagPlans, codes: notFound}, s.getPlan)
	register(s, operation{id: "list-tasks", method: http.MethodGet, path: "/plans/{plan}/tasks", tag: tagPlans, codes: notFound}, s.listTasks)
	register(s, operation{id: "get-task", method: http.MethodGet, path: "/plans/{plan}/tasks/{task}", tag: tagPlans, codes: notFound}, s.getTask)
	register(s, operation{id: "list-ladders", method: http.MethodGet, path: "/plans/{plan}/ladders", tag: tagPlans, codes: notFound}, s.listLadders)
	register(s, operation{id: "list-units", method: http.MethodGet, path: "/plans/{plan}/units", tag: tagPlans, codes: notFound}, s.listUnits)
}

func (s *server) startPlan(ctx context.Context, in *SeedInput) (*Body[SeedResult], error) {
	r := SeedRequest{Files: in.Body.Files, Outcomes: list(in.Body.Outcomes, func(o SeedBodyRow) SeedOutcome { return SeedOutcome(o) })}
	var err error
	if r.AsOf, err = date("body.asOf", in.Body.AsOf); err != nil {
		return nil, err
	}
	report, err := s.Seeder.Seed(ctx, r)
	if err != nil {
		return nil, engine(err)
	}
	return answer(SeedResult(report)), nil
}

func (s *server) listPlans(ctx context.Context, _ *struct{}) (*Body[PlanList], error) {
	definitions, err := s.Reader.Definitions(ctx)
	if err != nil {
		return nil, err
	}
	return answer(PlanList{list(definitions, s.showPlan)}), nil
}

func (s *server) getPlan(ctx context.Context, in *PlanPath) (*Body[PlanDetail], error) {
	d, counts, err := s.definitionAndCounts(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	detail := PlanDetail{
		Plan: s.showPlan(d), RestDayRule: d.Plan.RestDayRule, Ladders: list(d.Ladders, showLadder), Years: []int{},
		Actions: list(d.Plan.Actions, func(a plan.Action) Action { return Action(a) }),
	}
	if d.Calendar != nil {
		detail.Years = append(detail.Years, d.Calendar.Years()...)
	}
	for _, c := range counts {
		detail.Counts.add(c)
	}
	return answer(detail), nil
}

func (s *server) definitionAndCounts(ctx context.Context, code string) (obligation.Definition, []obligation.Count, error) {
	d, err := s.Reader.Definition(ctx, code)
	if err != nil {
		return d, nil, err
	}
	counts, err := s.Reader.Counts(ctx, code, s.Now())
	return d, counts, err
}

func (s *server) listTasks(ctx context.Context, in *PlanPath) (*Body[TaskList], error) {
	d, counts, err := s.definitionAndCounts(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	return answer(TaskList{list(d.Plan.Tasks, func(t plan.Task) Task { return showTask(d, t, counts) })}), nil
}

func (s *server) getTask(ctx context.Context, in *TaskPath) (*Body[TaskDetail], error) {
	d, counts, err := s.definitionAndCounts(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	t, ok := d.Plan.Task(in.Task)
	if !ok {
		return nil, notFound()
	}
	today := calendar.DateOf(s.Now(), obligation.Location(d.Plan.Zone))
	return answer(TaskDetail{
		Task: showTask(d, t, counts), Text: t.Text,
		Measures: list(d.Plan.MeasuresOf(t.Code), func(m plan.Measure) Measure { return showMeasure(d, m, today) }),
	}), nil
}

func (s *server) listUnits(ctx context.Context, in *UnitsInput) (*Body[UnitList], error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	units := slices.DeleteFunc(slices.Clone(d.Plan.Units), func(u plan.Unit) bool { return in.Kind != "" && u.Kind != in.Kind || !u.Matches(in.Q) })
	return answer(UnitList{list(units, func(u plan.Unit) Unit { return showUnit(caller(ctx), u) })}), nil
}

// contactsFor returns the contacts of a unit that the caller may see: liaisons those of their own unit.
func contactsFor(who account.Caller, u plan.Unit) []Contact {
	if !who.Owns(u.Code) {
		return []Contact{}
	}
	return list(u.Contacts, showContact)
}

func showContact(c plan.Contact) Contact {
	return Contact{
		Name: c.Name, Email: c.Email, WeCom: c.WeCom, DingTalk: c.DingTalk, Feishu: c.Feishu, Mobile: plan.MaskMobile(c.Mobile),
		Channels: list(c.Addresses(), func(a plan.Address) plan.Channel { return a.Channel }), Chosen: c.Channels,
	}
}

func (s *server) showPlan(d obligation.Definition) Plan {
	p := d.Plan
	return Plan{
		Code: p.Code, Number: p.Number, Title: p.Title, Issuer: p.Issuer, Issued: p.Issued, From: p.From, To: p.To, Zone: p.Zone,
		AsOf: d.AsOf, Today: calendar.DateOf(s.Now(), obligation.Location(p.Zone)), Version: d.Version, Tasks: len(p.Tasks), Measures: len(p.Measures), Units: len(p.Units),
	}
}

func showLadder(l obligation.Ladder) Ladder { return Ladder{l.Code, l.Title} }

func (c *Counts) add(n obligation.Count) {
	c.Total += n.Total
	c.Open += n.Open
	c.Red += n.Red
	c.Yellow += n.Yellow
	c.Closed += n.Closed
	c.Waived += n.Waived
	c.History += n.History
}

// light is the worst of the task's obligations.
func (c Counts) light() obligation.Light {
	switch {
	case c.Red > 0:
		return obligation.Red
	case c.Yellow > 0:
		return obligation.Yellow
	case c.Open+c.Closed > 0:
		return obligation.Green
	default:
		return obligation.None
	}
}

func showTask(d obligation.Definition, t plan.Task, counts []obligation.Count) Task {
	out := Task{
		Code: t.Code, Action: t.Action, Title: t.Title, MeasureCount: len(d.Plan.MeasuresOf(t.Code)),
		Lead: list(t.Lead, func(code string) UnitRef { return UnitRef{code, unitName(d, code)} }),
	}
	if i := slices.IndexFunc(counts, func(c obligation.Count) bool { return c.Task == t.Code }); i >= 0 {
		out.Counts.add(counts[i])
	}
	out.Light = out.Counts.light()
	out.LightLabel = out.Light.Chinese()
	return out
}

// unitName returns the name of a recipient or unit; the code itself where the plan does not know it any more.
func unitName(d obligation.Definition, code string) string {
	if code == string(obligation.ToOffice) {
		return textOffice
	}
	if u, ok := d.Plan.Unit(code); ok {
		return u.Name
	}
	return code
}

func showMeasure(d obligation.Definition, m plan.Measure, today calendar.Date) Measure {
	return Measure{
		Code: m.Code, Title: m.Title, Quote: m.Quote, Done: m.Done, Inferred: filled(m.Inferred), Note: m.Note,
		Schedule: showSchedule(d, m), Ladder: showLadder(d.LadderOf(m)),
		Units:    list(d.Plan.Resolve(m.Audience, today), func(u plan.Unit) UnitRef { return UnitRef{u.Code, u.Name} }),
		Audience: Audience{filled(m.Audience.Kinds), filled(m.Audience.Tags), filled(m.Audience.Units), filled(m.Audience.Except)},
	}
}

func showSchedule(d obligation.Definition, m plan.Measure) Schedule {
	sch := m.Schedule
	// The schedule was checked when the plan was seeded; one that gives no periods shows none.
	periods, _ := d.Periods(m)
	return Schedule{
		Kind: sch.Kind, KindLabel: scheduleKinds[sch.Kind], Cron: sch.Cron, Names: sch.Names, From: sch.From, To: sch.To,
		Periods: list(periods, func(p plan.Period) Period {
			return Period{
				Key: p.Key, Label: p.Label, Start: p.Start, Due: p.Due, BeforeIssue: d.Plan.BeforeIssue(p.Due),
				Provisional: d.Calendar != nil && d.Calendar.Provisional(p.Due),
			}
		}),
	}
}
