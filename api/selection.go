package api

import (
	"context"
	"slices"
	"strings"
	"time"

	"duban/account"
	"duban/calendar"
	"duban/obligation"
)

// Selection selects obligations and orders them. Several values of one filter are alternatives.
type Selection struct {
	Plan      string             `query:"plan" maxLength:"64" doc:"方案代码"`
	Action    int                `query:"action" minimum:"0" maximum:"100" doc:"所属行动；须同时给出 plan"`
	Task      []string           `query:"task" maxItems:"100" doc:"任务编号，可列多个，以逗号分隔"`
	Measure   string             `query:"measure" maxLength:"64" doc:"分项任务编号"`
	Unit      []string           `query:"unit" maxItems:"200" doc:"责任单位代码，可列多个，以逗号分隔"`
	Stage     []obligation.Stage `query:"stage" maxItems:"7" enum:"open,signed,submitted,returned,accepted,waived,history" doc:"状态，可列多个，以逗号分隔"`
	Light     []obligation.Light `query:"light" maxItems:"4" enum:"green,yellow,red,none" doc:"此刻的亮灯，可列多个，以逗号分隔"`
	List      obligation.Listing `query:"list" enum:"due-soon,overdue,late,done" doc:"due-soon 即将逾期（在责任单位手中、尚未逾期，已亮黄灯或 30 日内到期），overdue 逾期未办，late 逾期已办，done 已办结"`
	Open      string             `query:"open" enum:"true,false" doc:"true 未办结，false 已办结或补录"`
	Year      int                `query:"year" minimum:"1990" maximum:"2199" doc:"到期的年份"`
	DueFrom   string             `query:"dueFrom" format:"date" doc:"到期日不早于"`
	DueTo     string             `query:"dueTo" format:"date" doc:"到期日不晚于"`
	WaitingOn string             `query:"waitingOn" maxLength:"64" doc:"等谁办理：office 区安委办，leader 安委会领导（有文书待签发），或责任单位代码"`
	WaitsFor  obligation.Wait    `query:"waitsFor" enum:"draft,submission,extension,sendback,suspension,interview,rectification,supervision,review" doc:"等什么：类别同概览的 waiting"`
	Query     string             `query:"q" maxLength:"100" doc:"搜索：分项任务标题、单位名称、分项任务编号、周期；以空格分隔的词须都出现"`
	Sort      string             `query:"sort" enum:"due,updated,task,unit,light,-due,-updated,-task,-unit,-light" default:"due" doc:"排序：due 到期日，updated 最近变动，task 任务，unit 责任单位代码，light 亮灯（红、黄、绿、不亮）；加 - 为倒序"`
}

// soonDays is within how many days what falls due is shown as such.
const soonDays = 30

// filter reads what a caller selects, within what he may see.
func (s *server) filter(ctx context.Context, in Selection) (obligation.Filter, error) {
	f := obligation.Filter{
		Plan: in.Plan, Tasks: in.Task, Measure: in.Measure, Units: in.Unit, Stages: in.Stage, Lights: in.Light, Listing: in.List,
		WaitingOn: in.WaitingOn, WaitsFor: in.WaitsFor, Words: obligation.SearchWords(in.Query), Now: s.Now(),
	}
	f.Sort, f.Descending = obligation.Sort(strings.TrimPrefix(in.Sort, "-")), strings.HasPrefix(in.Sort, "-")
	if in.Open != "" {
		open := in.Open == "true"
		f.Open = &open
	}
	if err := ownUnit(ctx, &f); err != nil {
		return f, err
	}
	if err := in.due(&f); err != nil {
		return f, err
	}
	return f, s.ofPlan(ctx, in, &f)
}

// ownUnit bounds a liaison to his unit, and to what he may know of: a draft is nothing that the unit hears of.
func ownUnit(ctx context.Context, f *obligation.Filter) error {
	who := caller(ctx)
	if who.Role != account.Unit {
		return nil
	}
	for _, unit := range f.Units {
		if unit != who.Unit {
			return account.Refuse(account.CodeForeign)
		}
	}
	if f.WaitsFor == obligation.WaitDraft || f.WaitingOn == string(obligation.RoleLeader) {
		return account.Refuse(account.CodeForbidden)
	}
	f.Units = []string{who.Unit}
	return nil
}

// due reads between which days the obligations fall due.
func (in Selection) due(f *obligation.Filter) error {
	var err error
	if f.DueFrom, err = date("query.dueFrom", in.DueFrom); err != nil {
		return err
	}
	if f.DueTo, err = date("query.dueTo", in.DueTo); err != nil {
		return err
	}
	if !f.DueFrom.IsZero() && !f.DueTo.IsZero() && f.DueTo < f.DueFrom {
		return invalid("query.dueTo", textDueOrder)
	}
	if in.Year != 0 {
		first, last := yearOf(in.Year)
		f.DueFrom = max(f.DueFrom, first)
		if f.DueTo.IsZero() || f.DueTo > last {
			f.DueTo = last
		}
	}
	return nil
}

// yearOf returns the first and the last day of a year.
func yearOf(year int) (first, last calendar.Date) {
	return calendar.NewDate(year, time.January, 1), calendar.NewDate(year, time.December, 31)
}

// ofPlan reads what only the plan can tell: the tasks of an action, and its days. In a plan that does not exist nothing is found.
func (s *server) ofPlan(ctx context.Context, in Selection, f *obligation.Filter) error {
	if in.Plan == "" {
		if in.Action != 0 {
			return invalid("query.action", textActionOfPlan)
		}
		f.Soon = soonAt(f.Now, zoneOfOffice)
		return nil
	}
	d, err := s.Reader.Definition(ctx, in.Plan)
	if obligation.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	f.Soon = soonAt(f.Now, obligation.Location(d.Plan.Zone))
	if in.Action != 0 {
		f.Tasks = tasksOf(d, in)
	}
	return nil
}

// tasksOf returns the tasks of an action that are among those asked for. Where there are none, it is a task that no plan has.
func tasksOf(d obligation.Definition, in Selection) []string {
	var codes []string
	for _, t := range d.Plan.Tasks {
		if t.Action == in.Action && (len(in.Task) == 0 || slices.Contains(in.Task, t.Code)) {
			codes = append(codes, t.Code)
		}
	}
	if codes == nil {
		return []string{""}
	}
	return codes
}

// soonAt returns the instant before which what becomes overdue falls due soon.
func soonAt(now time.Time, loc *time.Location) time.Time {
	return (calendar.DateOf(now, loc) + soonDays).End(loc)
}
