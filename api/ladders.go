package api

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"duban/obligation"
)

// LadderInFull is an escalation ladder with its steps.
type LadderInFull struct {
	Code       string       `json:"code" maxLength:"40" doc:"代码"`
	Title      string       `json:"title" maxLength:"100" doc:"名称"`
	Cure       int          `json:"cure" doc:"两次正式措施之间至少隔几个工作日"`
	Yellow     int          `json:"yellow,omitempty" doc:"到期前几个工作日起亮黄灯"`
	Rework     int          `json:"rework" doc:"退回后未另定期限时的补正工作日"`
	Nudge      int          `json:"nudge" doc:"文书待签发时每隔几个工作日提醒一次"`
	Extensions int          `json:"extensions,omitempty" doc:"最多可以同意几次延期"`
	Steps      []LadderStep `json:"steps" maxItems:"50" doc:"步骤，正式措施按先后排列"`
}

// LadderStep is one of its steps.
type LadderStep struct {
	Code    string               `json:"code" maxLength:"40" doc:"代码，在阶梯内唯一"`
	Rung    obligation.Rung      `json:"rung" enum:"remind,press,letter,circular,interview,expose,transfer" doc:"措施"`
	Anchor  obligation.Anchor    `json:"anchor" enum:"opened,due,submitted" doc:"起算点：opened 交办，due 到期，submitted 提交"`
	Offset  int                  `json:"offset" doc:"起算点之后几个工作日，之前为负"`
	Every   int                  `json:"every,omitempty" doc:"此后每几个工作日重复一次；不填不重复"`
	To      obligation.Recipient `json:"to" enum:"unit,office" doc:"对象"`
	SignOff obligation.SignOff   `json:"signOff,omitempty" enum:"auto,office,leader" doc:"正式措施由谁签发"`
	Letters int                  `json:"letters,omitempty" doc:"一年内督促函达到几份即提前进行；不填不提前"`
}

// LadderUse is a plan's ladder, and how far it is used.
type LadderUse struct {
	LadderInFull
	Default  bool `json:"default" doc:"true：默认阶梯，没有另写阶梯的分项任务都用它；不能删除"`
	Measures int  `json:"measures" doc:"用它的分项任务数；为 0 的可以删除（默认的除外）"`
}

// LadderList is every ladder of a plan.
type LadderList struct {
	Ladders []LadderUse `json:"ladders" doc:"升级阶梯，第一个为默认"`
}

func (s *server) listLadders(ctx context.Context, in *PlanPath) (*Body[LadderList], error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	used := map[string]int{}
	for _, m := range d.Plan.Measures {
		used[d.LadderOf(m).Code]++
	}
	out := make([]LadderUse, len(d.Ladders))
	for i, l := range d.Ladders {
		out[i] = LadderUse{showLadderInFull(l), i == 0, used[l.Code]}
	}
	return answer(LadderList{out}), nil
}

func showLadderInFull(l obligation.Ladder) LadderInFull {
	return LadderInFull{
		Code: l.Code, Title: l.Title, Cure: l.Cure, Yellow: l.Yellow, Rework: l.Rework, Nudge: l.Nudge, Extensions: l.Extensions,
		Steps: list(l.Steps, func(st obligation.Step) LadderStep { return LadderStep(st) }),
	}
}

// laddersOf returns the ladders, or everything that is wrong with them.
func laddersOf(sent []LadderInFull) ([]obligation.Ladder, []ProblemField) {
	var ladders []obligation.Ladder
	var faults []ProblemField
	for i, w := range sent {
		l := obligation.Ladder{
			Code: w.Code, Title: w.Title, Cure: w.Cure, Yellow: w.Yellow, Rework: w.Rework, Nudge: w.Nudge, Extensions: w.Extensions,
			Steps: list(w.Steps, func(st LadderStep) obligation.Step { return obligation.Step(st) }),
		}
		at := fmt.Sprintf("body.ladders[%d]", i)
		for _, err := range l.Validate() {
			field := at
			if step, ok := errors.AsType[*obligation.StepFault](err); ok {
				field = fmt.Sprintf("%s.steps[%d]", at, step.Index)
			}
			faults = append(faults, ProblemField{field, err.Error()})
		}
		if slices.ContainsFunc(ladders, func(o obligation.Ladder) bool { return o.Code == l.Code }) {
			faults = append(faults, ProblemField{at + ".code", textLadderTwice})
		}
		ladders = append(ladders, l)
	}
	return ladders, faults[:min(len(faults), maxFields)]
}
