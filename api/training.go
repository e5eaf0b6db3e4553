package api

import (
	"context"
	"net/http"
	"time"

	"duban/obligation"
)

// TrainingState is how a training stands.
type TrainingState struct {
	Script        string    `json:"script" doc:"情景名称"`
	Start         time.Time `json:"start" doc:"从哪一刻开始（业务时间）"`
	Now           time.Time `json:"now" doc:"演练时钟现在的时间"`
	Until         time.Time `json:"until" doc:"到哪一刻结束"`
	DaysPerSecond float64   `json:"daysPerSecond" doc:"设定的速度：每秒走几天"`
	Actual        float64   `json:"actualDaysPerSecond" doc:"最近几秒的实际速度；0 为尚不能确定"`
	Paused        bool      `json:"paused" doc:"是否暂停"`
	Slow          bool      `json:"slow" doc:"本机跟不上设定的速度，时钟已自动放慢"`
	Finished      bool      `json:"finished" doc:"是否已经走完"`
	Events        int       `json:"events" doc:"台账记录条数"`
	ByHand        []string  `json:"byHand" doc:"由人扮演的责任单位（代码）"`
}

// PaceInput is a wish for another speed.
type PaceInput struct {
	Body struct {
		DaysPerSecond float64 `json:"daysPerSecond,omitempty" minimum:"0.00001" maximum:"100" doc:"每秒走几天；不填则不变"`
		Paused        bool    `json:"paused" doc:"true 暂停，false 继续"`
	}
}

// TakeInput names a unit and who plays it.
type TakeInput struct {
	Unit string `path:"unit" maxLength:"64" doc:"责任单位代码"`
	Body struct {
		ByHand bool `json:"byHand" doc:"true 由人扮演，false 交还情景"`
	}
}

func (s *server) registerTraining() {
	register(s, operation{id: "get-training", method: http.MethodGet, path: "/training", tag: tagTraining}, func(context.Context, *struct{}) (*Body[TrainingState], error) {
		return s.training(), nil
	})
	register(s, operation{id: "pace-training", method: http.MethodPut, path: "/training/pace", tag: tagTraining}, s.paceTraining)
	register(s, operation{
		id: "take-unit", method: http.MethodPut, path: "/training/units/{unit}", tag: tagTraining, codes: []Code{Code(obligation.CodeNotFound)},
	}, s.takeUnit)
}

func (s *server) training() *Body[TrainingState] {
	t := s.Training.Status()
	return answer(TrainingState{
		Script: t.Script, Start: in(t.Start, zoneOfOffice), Now: in(t.Now, zoneOfOffice), Until: in(t.Until, zoneOfOffice),
		DaysPerSecond: t.DaysPerSecond, Actual: t.Actual, Paused: t.Paused, Slow: t.Slow, Finished: t.Finished, Events: t.Events,
		ByHand: filled(t.ByHand),
	})
}

func (s *server) paceTraining(_ context.Context, in *PaceInput) (*Body[TrainingState], error) {
	speed := in.Body.DaysPerSecond
	if speed == 0 {
		speed = s.Training.Status().DaysPerSecond
	}
	s.Training.Pace(speed, in.Body.Paused)
	return s.training(), nil
}

func (s *server) takeUnit(_ context.Context, in *TakeInput) (*Body[TrainingState], error) {
	if err := s.Training.Take(in.Unit, in.Body.ByHand); err != nil {
		return nil, err
	}
	return s.training(), nil
}
