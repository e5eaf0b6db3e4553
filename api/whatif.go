package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
)

// History is the part of the store that a replay of the past (回放试算) and the figures are taken from. It changes nothing.
type History interface {
	// Changed hands every ledger of the plan that has grown since a position in the record, whole, to each: all of them where
	// since is 0. It returns the position that is reached.
	Changed(ctx context.Context, plan string, since int64, each func(id obligation.ID, ledger []obligation.Event)) (int64, error)
	// Histories returns the ledgers of the obligations that are selected, all as of one moment; where more than most are, it
	// returns none of them, only how many they are.
	Histories(ctx context.Context, sel obligation.Selection, most int) (obligation.Histories, error)
}

// whatIfTimeout is how long a replay may take: a year of a plan takes some seconds.
const whatIfTimeout = time.Minute

// WhatIfInput asks what would have been otherwise.
type WhatIfInput struct {
	Body WhatIfBody
}

// WhatIfBody selects obligations, and says what would have been otherwise.
type WhatIfBody struct {
	Plan       string `json:"plan" minLength:"1" maxLength:"64" example:"changning-2024" doc:"方案代码"`
	Obligation string `json:"obligation,omitempty" maxLength:"255" example:"changning-2024/10.1/yjj/2025H1" doc:"一件责任事项：方案/分项任务/单位/周期；不与 unit、task、year 合用"`
	Unit       string `json:"unit,omitempty" maxLength:"64" doc:"责任单位代码"`
	Task       string `json:"task,omitempty" maxLength:"64" doc:"任务编号"`
	Year       int    `json:"year,omitempty" minimum:"2000" maximum:"2100" doc:"到期的年份"`

	Ladders  []LadderInFull   `json:"ladders,omitempty" maxItems:"20" doc:"换升级阶梯：按代码替换交办时的阶梯"`
	Ladder   string           `json:"ladder,omitempty" maxLength:"40" doc:"所有事项都用这一个阶梯（代码，取自 ladders；没有给 ladders 则取自方案现行的）"`
	Due      string           `json:"due,omitempty" format:"date" doc:"换到期日；与 obligation 合用，不与 shiftDays 合用"`
	Shift    int              `json:"shiftDays,omitempty" minimum:"-1100" maximum:"1100" doc:"到期日顺延几天，提前为负"`
	Calendar *WhatIfCalendar  `json:"calendar,omitempty" doc:"换节假日安排"`
	RestDays plan.RestDayRule `json:"restDays,omitempty" enum:"next_day,next_workday" doc:"休息日到期的事项何时逾期：next_day 次日，next_workday 顺延至下一工作日后"`

	Events bool `json:"events,omitempty" doc:"true：列出全部事项，并附试算的台账；不填只列有差别的事项"`
}

// WhatIfCalendar is a calendar to be tried.
type WhatIfCalendar struct {
	Years map[string]WhatIfYear `json:"years" maxProperties:"20" doc:"各年的节假日安排，以四位年份为键；没有写的年份只分周末"`
}

// WhatIfYear is one year's notice.
type WhatIfYear struct {
	Off []string `json:"off,omitempty" maxItems:"100" doc:"放假的日子：MMDD 或 MMDD-MMDD"`
	On  []string `json:"on,omitempty" maxItems:"100" doc:"调休上班的周末：MMDD 或 MMDD-MMDD"`
}

// WhatIfResult says what would have been otherwise.
type WhatIfResult struct {
	Until       time.Time          `json:"until" doc:"已知截至这一刻，此后的不推测"`
	Selected    int                `json:"selected" doc:"所选的责任事项数"`
	Units       []WhatIfUnit       `json:"units" doc:"各责任单位：实际与试算"`
	Obligations []WhatIfObligation `json:"obligations" doc:"有差别的责任事项；events 为 true 时为全部"`
	Dropped     []WhatIfDropped    `json:"dropped" doc:"实际办理过、试算中办不成的操作"`
	Assumptions []WhatIfAssumption `json:"assumptions" doc:"台账没有说明、试算所作的假定"`
}

// WhatIfUnit is what one unit went through and would have gone through.
type WhatIfUnit struct {
	UnitRef
	Obligations int         `json:"obligations" doc:"责任事项数"`
	Changed     int         `json:"changed" doc:"其中有差别的"`
	Real        WhatIfTally `json:"real" doc:"实际"`
	Alternative WhatIfTally `json:"alternative" doc:"试算"`
}

// WhatIfTally counts what a unit goes through.
type WhatIfTally struct {
	Reminders  int `json:"reminders" doc:"提醒"`
	Presses    int `json:"presses" doc:"催办"`
	Overdue    int `json:"overdue" doc:"逾期"`
	Letters    int `json:"letters" doc:"督促函"`
	Circulars  int `json:"circulars" doc:"通报"`
	Interviews int `json:"interviews" doc:"约谈"`
	Others     int `json:"others" doc:"曝光、移交"`
}

// WhatIfObligation is one obligation with what differs.
type WhatIfObligation struct {
	ID          string             `json:"id" doc:"编号：方案/分项任务/单位/周期"`
	Title       string             `json:"title" doc:"分项任务标题"`
	UnitName    string             `json:"unitName" doc:"责任单位名称"`
	Due         calendar.Date      `json:"due" format:"date" doc:"实际交办时的到期日"`
	Differences []WhatIfDifference `json:"differences" doc:"差别，按时间排列"`
	Events      []Event            `json:"events,omitempty" doc:"试算的台账"`
}

// WhatIfDifference is one thing that would have happened otherwise.
type WhatIfDifference struct {
	Kind        obligation.EventKind `json:"kind" doc:"类别：reminded 提醒或催办，overdue 逾期，drafted 拟文，issued 签发，withdrawn 撤回"`
	KindLabel   string               `json:"kindLabel" doc:"类别名称"`
	Rung        obligation.Rung      `json:"rung,omitempty" doc:"措施"`
	RungLabel   string               `json:"rungLabel,omitempty" doc:"措施名称"`
	Step        string               `json:"step,omitempty" doc:"阶梯的步骤"`
	Real        time.Time            `json:"real,omitzero" doc:"实际的时间；没有则实际没有发生"`
	Alternative time.Time            `json:"alternative,omitzero" doc:"试算的时间；没有则不会发生"`
	Why         string               `json:"why" doc:"为什么"`
}

// WhatIfDropped is something that somebody did and could not have done.
type WhatIfDropped struct {
	Obligation string               `json:"obligation" doc:"责任事项编号"`
	Seq        int                  `json:"seq" doc:"实际台账中的序号"`
	Kind       obligation.EventKind `json:"kind" doc:"操作"`
	KindLabel  string               `json:"kindLabel" doc:"操作名称"`
	Rung       obligation.Rung      `json:"rung,omitempty" doc:"措施"`
	At         time.Time            `json:"at" doc:"实际办理的时间"`
	By         Actor                `json:"by" doc:"谁"`
	Code       obligation.ErrorCode `json:"code" doc:"办不成的原因，供程序判断"`
	Why        string               `json:"why" doc:"办不成的原因"`
}

// WhatIfAssumption is something that the past does not say.
type WhatIfAssumption struct {
	Code  string          `json:"code" doc:"代码，供程序判断"`
	Rung  obligation.Rung `json:"rung,omitempty" doc:"措施"`
	Count int             `json:"count,omitempty" doc:"涉及几处"`
	Days  int             `json:"days,omitempty" doc:"假定的工作日"`
	Of    int             `json:"of,omitempty" doc:"依据几份文书"`
	Text  string          `json:"text" doc:"说明"`
}

func (s *server) registerWhatIf() {
	register(s, operation{
		id: "what-if", method: http.MethodPost, path: "/whatif", tag: tagObligations, limit: whatIfTimeout,
		codes: []Code{Code(obligation.CodeNotFound), CodeNoAlternative, CodeNothingSelected, CodeSelectionTooLarge},
	}, s.whatIf)
}

func (s *server) whatIf(ctx context.Context, in *WhatIfInput) (*Body[WhatIfResult], error) {
	d, err := s.Reader.Definition(ctx, in.Body.Plan)
	if err != nil {
		return nil, err
	}
	sel, err := in.Body.selection()
	if err != nil {
		return nil, err
	}
	a, err := in.Body.alternative(d)
	if err != nil {
		return nil, err
	}
	until := s.Now()
	h, err := s.Reader.Histories(ctx, sel, rehearsal.MaxRelived)
	switch {
	case err != nil:
		return nil, err
	case h.Total == 0:
		return nil, notFound()
	case len(h.Ledgers) < h.Total:
		return nil, newProblem(CodeSelectionTooLarge, ProblemField{"body", fmt.Sprintf(textTooManySelected, h.Total, rehearsal.MaxRelived)})
	}
	return answer(showWhatIf(rehearsal.WhatIf(rehearsal.PastOf(h, d, until), a), in.Body.Events, obligation.Location(d.Plan.Zone))), nil
}

func (b WhatIfBody) selection() (obligation.Selection, error) {
	sel := obligation.Selection{Plan: b.Plan, Unit: b.Unit, Task: b.Task}
	several := b.Unit != "" || b.Task != "" || b.Year != 0
	if b.Year != 0 {
		sel.DueFrom, sel.DueTo = calendar.NewDate(b.Year, time.January, 1), calendar.NewDate(b.Year, time.December, 31)
	}
	if b.Obligation == "" {
		if !several {
			return sel, newProblem(CodeNothingSelected)
		}
		return sel, nil
	}
	id, ok := obligation.ParseID(b.Obligation)
	if !ok || id.Plan != b.Plan || several {
		return sel, invalid("body.obligation", textOneObligation)
	}
	sel.ID = id
	return sel, nil
}

func (b WhatIfBody) alternative(d obligation.Definition) (rehearsal.Alternative, error) {
	a := rehearsal.Alternative{Shift: b.Shift, RestDays: b.RestDays}
	var err error
	if a.Due, err = date("body.due", b.Due); err != nil {
		return a, err
	}
	if !a.Due.IsZero() && (b.Obligation == "" || b.Shift != 0) {
		return a, invalid("body.due", textDueOfOne)
	}
	var faults []ProblemField
	if a.Ladders, faults = laddersOf(b.Ladders); len(faults) > 0 {
		return a, newProblem(CodeValidation, faults...)
	}
	if b.Ladder != "" {
		if a.Ladder = find(a.Ladders, d.Ladders, b.Ladder); a.Ladder == nil {
			return a, invalid("body.ladder", textUnknownLadder)
		}
	}
	if b.Calendar != nil {
		if a.Calendar, err = b.Calendar.calendar(d.Calendar.Version() + 1); err != nil {
			return a, err
		}
	}
	if a.IsZero() {
		return a, newProblem(CodeNoAlternative)
	}
	return a, nil
}

// find returns the ladder of the code among those that were sent, or the plan's where none were.
func find(sent, own []obligation.Ladder, code string) *obligation.Ladder {
	if len(sent) == 0 {
		sent = own
	}
	i := slices.IndexFunc(sent, func(l obligation.Ladder) bool { return l.Code == code })
	if i < 0 {
		return nil
	}
	return &sent[i]
}

func (c WhatIfCalendar) calendar(version int) (*calendar.Calendar, error) {
	years := map[int]calendar.Year{}
	for key, y := range c.Years {
		year, err := strconv.Atoi(key)
		if err != nil {
			return nil, invalid("body.calendar.years", textYearKey)
		}
		years[year] = calendar.Year{Off: y.Off, On: y.On}
	}
	cal, err := calendar.NewCalendar(version, years)
	if err != nil {
		return nil, invalid("body.calendar", strings.ReplaceAll(err.Error(), "\n", "；"))
	}
	return cal, nil
}

func showWhatIf(c *rehearsal.Comparison, events bool, loc *time.Location) WhatIfResult {
	out := WhatIfResult{
		Until: in(c.Until, loc), Selected: len(c.Obligations), Obligations: []WhatIfObligation{},
		Units: list(c.Units, func(u rehearsal.UnitDifference) WhatIfUnit {
			return WhatIfUnit{UnitRef{u.Code, u.Name}, u.Obligations, u.Changed, showTally(u.Real), showTally(u.Alternative)}
		}),
		Dropped: list(c.Dropped, func(d rehearsal.Dropped) WhatIfDropped {
			return WhatIfDropped{
				Obligation: d.Obligation.String(), Seq: d.Seq, Kind: d.Kind, KindLabel: d.Kind.Chinese(), Rung: d.Rung, At: in(d.At, loc),
				By: showActor(d.By), Code: d.Code, Why: d.Why,
			}
		}),
		Assumptions: list(c.Assumptions, func(a rehearsal.Assumption) WhatIfAssumption { return WhatIfAssumption(a) }),
	}
	for _, o := range c.Obligations {
		if len(o.Differences) == 0 && !events {
			continue
		}
		shown := WhatIfObligation{
			ID: o.Facts.ID.String(), Title: o.Facts.Title, UnitName: o.Facts.UnitName, Due: o.Facts.Due,
			Differences: list(o.Differences, func(d rehearsal.Difference) WhatIfDifference {
				return WhatIfDifference{
					Kind: d.Kind, KindLabel: d.Kind.Chinese(), Rung: d.Rung, RungLabel: d.Rung.Chinese(), Step: d.Step,
					Real: in(d.Real, loc), Alternative: in(d.Alternative, loc), Why: d.Why,
				}
			}),
		}
		if events {
			shown.Events = list(o.Events, func(e obligation.Event) Event { return showEvent(e, loc) })
		}
		out.Obligations = append(out.Obligations, shown)
	}
	return out
}

func showTally(t rehearsal.Tally) WhatIfTally {
	return WhatIfTally{t.Reminders, t.Presses, t.Overdue, t.Letters, t.Circulars, t.Interviews, t.Others}
}
