package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

type trainingCmd struct {
	Server string `help:"正在运行的演练（默认：本机的）。" placeholder:"URL"`

	Status trainingStatusCmd `cmd:"" default:"1" help:"演练到哪一天，快慢如何。"`
	Pause  trainingPauseCmd  `cmd:"" help:"暂停演练时钟。"`
	Resume trainingResumeCmd `cmd:"" help:"继续，可以换一个速度。"`
	Take   trainingTakeCmd   `cmd:"" help:"由人扮演一家责任单位。"`
	Give   trainingGiveCmd   `cmd:"" help:"把一家责任单位交还情景。"`
}

type (
	trainingStatusCmd struct{}
	trainingPauseCmd  struct{}
	trainingResumeCmd struct {
		Speed float64 `help:"每秒走几天（默认：不变）。" placeholder:"DAYS"`
	}
	trainingTakeCmd struct {
		Unit string `arg:"" help:"责任单位代码。"`
	}
	trainingGiveCmd struct {
		Unit string `arg:"" help:"责任单位代码。"`
	}
)

// Run implements the command.
func (trainingStatusCmd) Run(e *env) error { return e.training(http.MethodGet, "", nil) }

// Run implements the command.
func (trainingPauseCmd) Run(e *env) error {
	return e.training(http.MethodPut, "/pace", map[string]any{"paused": true})
}

// Run implements the command.
func (c trainingResumeCmd) Run(e *env) error {
	body := map[string]any{"paused": false}
	if c.Speed != 0 {
		body["daysPerSecond"] = c.Speed
	}
	return e.training(http.MethodPut, "/pace", body)
}

// Run implements the command.
func (c trainingTakeCmd) Run(e *env) error { return e.play(c.Unit, true) }

// Run implements the command.
func (c trainingGiveCmd) Run(e *env) error { return e.play(c.Unit, false) }

func (e *env) play(unit string, byHand bool) error {
	return e.training(http.MethodPut, "/units/"+url.PathEscape(unit), map[string]any{"byHand": byHand})
}

// training asks the running training, and says how it stands then.
func (e *env) training(method, path string, body any) error {
	var s struct {
		Script   string    `json:"script"`
		Now      time.Time `json:"now"`
		Until    time.Time `json:"until"`
		Speed    float64   `json:"daysPerSecond"`
		Actual   float64   `json:"actualDaysPerSecond"`
		Paused   bool      `json:"paused"`
		Slow     bool      `json:"slow"`
		Finished bool      `json:"finished"`
		Events   int       `json:"events"`
		ByHand   []string  `json:"byHand"`
	}
	cfg, _, err := e.settings()
	if err != nil {
		return err
	}
	c, err := dial(apart(cfg), e.cli.Training.Server, e.vars)
	if err != nil {
		return err
	}
	if err := c.call(e.ctx, method, "/api/v1/training"+path, body, &s); err != nil {
		return err
	}
	state := textRunning
	switch {
	case s.Finished:
		state = textFinished
	case s.Paused:
		state = textPaused
	case s.Slow:
		state = fmt.Sprintf(textSlowed, s.Actual)
	}
	fmt.Fprintf(e.stdout, textTraining, s.Script, s.Now.Format("2006-01-02 15:04"), s.Until.Format("2006-01-02"), s.Events, s.Speed, state)
	if len(s.ByHand) > 0 {
		fmt.Fprintf(e.stdout, textByHand, strings.Join(s.ByHand, "、"))
	}
	return nil
}
