package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// BreakDownInput asks co-organisers for parts of an obligation.
type BreakDownInput struct {
	ObligationPath
	Acting
	Body BreakDownBody
}

// BreakDownBody says who is asked for what, by when.
type BreakDownBody struct {
	Parts []PartInput `json:"parts" minItems:"1" maxItems:"50" doc:"分解事项"`
}

// PartInput is what one co-organiser is asked for.
type PartInput struct {
	Unit string `json:"unit" maxLength:"64" doc:"配合单位代码，不能是本单位"`
	Text string `json:"text" minLength:"1" maxLength:"200" doc:"请配合单位办理的内容"`
	Due  string `json:"due" format:"date" doc:"期限，不能晚于本事项现在的期限"`
}

// Part is what a co-organiser was asked for, and how it stands.
type Part struct {
	N          int              `json:"n" doc:"序号"`
	Unit       string           `json:"unit" doc:"配合单位代码"`
	UnitName   string           `json:"unitName" doc:"配合单位名称"`
	Text       string           `json:"text" doc:"内容"`
	Due        calendar.Date    `json:"due" format:"date" doc:"分解时的期限"`
	Obligation string           `json:"obligation" doc:"分解出的责任事项：方案/分项任务/单位/周期"`
	Stage      obligation.Stage `json:"stage,omitempty" doc:"状态；正在开立的没有"`
	StageLabel string           `json:"stageLabel,omitempty" doc:"状态名称"`
	Light      obligation.Light `json:"light,omitempty" doc:"此刻的亮灯"`
	Deadline   calendar.Date    `json:"deadline,omitzero" format:"date" doc:"现在的期限"`
	Progress   *Progress        `json:"progress,omitempty" doc:"最近报告的进展"`
}

func (s *server) breakDown(ctx context.Context, in *BreakDownInput) (*EventOutput, error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	c := obligation.Command{Kind: obligation.BreakDown, By: by(ctx, obligation.RoleUnit)}
	for i, p := range in.Body.Parts {
		due, err := date(fmt.Sprintf("body.parts[%d].due", i), p.Due)
		if err != nil {
			return nil, err
		}
		u := slices.IndexFunc(d.Plan.Units, func(u plan.Unit) bool { return u.Code == p.Unit })
		if u < 0 {
			return nil, invalid(fmt.Sprintf("body.parts[%d].unit", i), textUnknownUnit)
		}
		c.Parts = append(c.Parts, obligation.Part{Unit: p.Unit, UnitName: d.Plan.Units[u].Name, Text: p.Text, Due: due})
	}
	return s.command(ctx, in.id(), in.Acting, c)
}

// parts shows what the co-organisers of an obligation were asked for, each as it stands now.
func (s *server) parts(ctx context.Context, st obligation.State) ([]Part, error) {
	var parts []Part
	for _, p := range st.Parts {
		id := obligation.PartID(st.ID, p)
		shown := Part{N: p.N, Unit: p.Unit, UnitName: p.UnitName, Text: p.Text, Due: p.Due, Obligation: id.String()}
		v, err := s.Reader.Load(ctx, id)
		if err != nil && !obligation.IsNotFound(err) {
			return nil, err
		}
		if err == nil { // else it is being opened
			o := showObligation(v, s.Now())
			shown.Stage, shown.StageLabel, shown.Light, shown.Deadline, shown.Progress = o.Stage, o.StageLabel, o.Light, o.Deadline, o.Progress
		}
		parts = append(parts, shown)
	}
	return parts, nil
}

// sameParts reports whether a breaking down says what the command asked for.
func sameParts(e obligation.Event, c obligation.Command) bool {
	return slices.EqualFunc(e.Parts, c.Parts, func(a, b obligation.Part) bool {
		return a.Unit == b.Unit && a.Due == b.Due && a.Text == strings.TrimSpace(b.Text)
	})
}

// EventPart is a part as the ledger has it.
type EventPart struct {
	N          int              `json:"n" doc:"序号"`
	Unit       string           `json:"unit" doc:"配合单位代码"`
	UnitName   string           `json:"unitName" doc:"配合单位名称"`
	Text       string           `json:"text" doc:"内容"`
	Due        calendar.Date    `json:"due" format:"date" doc:"分解时的期限"`
	Stage      obligation.Stage `json:"stage,omitempty" doc:"此后的状态"`
	StageLabel string           `json:"stageLabel,omitempty" doc:"状态名称"`
}

func showParts(parts []obligation.Part) []EventPart {
	if len(parts) == 0 {
		return nil
	}
	return list(parts, func(p obligation.Part) EventPart {
		return EventPart{p.N, p.Unit, p.UnitName, p.Text, p.Due, p.Stage, p.Stage.Chinese()}
	})
}
