package api

import (
	"context"
	"net/http"
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

func (s *server) getStuck(context.Context, *PlanPath) (*Body[Stuck], error) { return nil, errLater }
