package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"duban/obligation"
)

// Stuck is what does not move: what waits for people, and what is broken.
type Stuck struct {
	People []StuckPerson `json:"people" doc:"等人办理的，等得最久的在前"`
	System []StuckFault  `json:"system" doc:"系统的故障，须管理员处理；没有则为空"`
}

// StuckPerson is whom something waits for.
type StuckPerson struct {
	Who    string          `json:"who" doc:"责任单位代码；office 区安委办，leader 安委会领导"`
	Name   string          `json:"name" doc:"名称"`
	Kind   string          `json:"kind" enum:"unit,office,leader" doc:"类别"`
	Count  int             `json:"count" doc:"件数：责任事项与文书"`
	Since  time.Time       `json:"since" doc:"其中最早的从何时等起"`
	Oldest []ObligationRef `json:"oldest" doc:"等得最久的，至多 3 件"`
}

// ObligationRef names an obligation, or a document of it, that waits for somebody.
type ObligationRef struct {
	Plan        string          `json:"plan" doc:"方案代码"`
	Measure     string          `json:"measure" doc:"分项任务编号"`
	Unit        string          `json:"unit" doc:"责任单位代码"`
	Period      string          `json:"period" doc:"周期代码"`
	Title       string          `json:"title" doc:"分项任务标题；文书的，为文书标题"`
	UnitName    string          `json:"unitName" doc:"责任单位名称"`
	PeriodLabel string          `json:"periodLabel,omitempty" doc:"周期名称；文书的没有"`
	Rung        obligation.Rung `json:"rung,omitempty" doc:"哪份文书；责任事项本身的没有"`
	RungLabel   string          `json:"rungLabel,omitempty" doc:"升级措施名称"`
	For         obligation.Wait `json:"for" doc:"等什么"`
	ForLabel    string          `json:"forLabel" doc:"名称"`
	Since       time.Time       `json:"since" doc:"从何时等起"`
}

// StuckFault is one kind of thing that is broken.
type StuckFault struct {
	Kind  obligation.Fault `json:"kind" enum:"deliveries_failed,deliveries_unknown,deliveries_waiting,notices_waiting,steps_missed,nobody" doc:"类别：deliveries_failed 发送失败，deliveries_unknown 发出与否不明，deliveries_waiting 迟迟没有发出，notices_waiting 通知没有汇总，steps_missed 到时没有办理，nobody 没有下一步也没有等谁"`
	Label string           `json:"label" doc:"名称"`
	Count int              `json:"count" doc:"件数"`
	Since time.Time        `json:"since" doc:"其中最早的时间"`
	Help  string           `json:"help" doc:"怎么办"`
}

func (s *server) registerStuck() {
	register(s, operation{
		id: "get-stuck", method: http.MethodGet, path: "/plans/{plan}/stuck", tag: tagHealth, codes: []Code{Code(obligation.CodeNotFound)},
	}, s.getStuck)
}

// oldestShown is how many of what waits longest are shown of every holder.
const oldestShown = 3

func (s *server) getStuck(ctx context.Context, path *PlanPath) (*Body[Stuck], error) {
	d, err := s.Reader.Definition(ctx, path.Plan)
	if err != nil {
		return nil, err
	}
	loc, now := obligation.Location(d.Plan.Zone), s.Now()
	holdings, err := s.Reader.Holdings(ctx, path.Plan, oldestShown)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(holdings, func(a, b obligation.Holding) int {
		return cmp.Or(a.Since.Compare(b.Since), strings.Compare(a.Who, b.Who))
	})
	broken, err := s.Reader.Broken(ctx, path.Plan, obligation.PatienceAt(s.Window, d.Calendar, now, loc))
	if err != nil {
		return nil, err
	}
	return answer(Stuck{
		People: list(holdings, func(h obligation.Holding) StuckPerson { return showHolding(d, h, loc) }),
		System: list(broken, func(b obligation.Broken) StuckFault {
			return StuckFault{b.Fault, faults[b.Fault].label, b.Count, in(b.Since, loc), faults[b.Fault].help}
		}),
	}), nil
}

func showHolding(d obligation.Definition, h obligation.Holding, loc *time.Location) StuckPerson {
	out := StuckPerson{Who: h.Who, Name: unitName(d, h.Who), Kind: holderUnit, Count: h.Count, Since: in(h.Since, loc)}
	switch h.Who {
	case string(obligation.ToOffice):
		out.Kind = h.Who
	case string(obligation.RoleLeader):
		out.Kind, out.Name = h.Who, roles[obligation.RoleLeader]
	}
	out.Oldest = list(h.Oldest, func(o obligation.Held) ObligationRef {
		return ObligationRef{
			Plan: o.ID.Plan, Measure: o.ID.Measure, Unit: o.ID.Unit, Period: o.ID.Period, Title: o.Title, UnitName: o.UnitName, PeriodLabel: o.Period,
			Rung: o.Rung, RungLabel: o.Rung.Chinese(), For: o.For, ForLabel: o.For.Chinese(), Since: in(o.Since, loc),
		}
	})
	return out
}

// holderUnit is the kind of a holder that is a unit; the others are their own.
const holderUnit = "unit"
