package api

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// checkTimeout is how long one check of readiness may take.
const checkTimeout = 3 * time.Second

// Health says that the process answers.
type Health struct {
	Status  string `json:"status" enum:"ok" doc:"ok：进程在运行"`
	Version string `json:"version" doc:"程序版本"`
}

// Ready says that everything works.
type Ready struct {
	Status    string        `json:"status" enum:"ready" doc:"ready：可以使用"`
	Rehearsal bool          `json:"rehearsal" doc:"演练：使用比例时钟，数据与正式环境分开"`
	Now       time.Time     `json:"now" doc:"业务时间"`
	Checks    []CheckResult `json:"checks" doc:"各项检查"`
	Backup    *LastBackup   `json:"backup,omitempty" doc:"定时备份；没有启用的不写"`
}

// LastBackup says how old the newest of the installation's own backups is.
type LastBackup struct {
	At       *time.Time `json:"at,omitempty" doc:"最近一次备份的时间；还没有备份的不写"`
	AgeHours *int       `json:"ageHours,omitempty" doc:"距今多少小时"`
}

// CheckResult is one check that passed.
type CheckResult struct {
	Name  string `json:"name" doc:"代码"`
	Label string `json:"label" doc:"名称"`
}

func (s *server) registerHealth() {
	register(s, operation{id: "health", method: http.MethodGet, path: "/health", tag: tagHealth}, func(context.Context, *struct{}) (*Body[Health], error) {
		return answer(Health{Status: "ok", Version: s.Version}), nil
	})
	register(s, operation{id: "ready", method: http.MethodGet, path: "/ready", tag: tagHealth, codes: []Code{CodeNotReady}}, s.ready)
}

// ready asks all checks at once, so that the slowest decides how long it takes.
func (s *server) ready(ctx context.Context, _ *struct{}) (*Body[Ready], error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	failures := make([]error, len(s.Checks))
	var wait sync.WaitGroup
	for i, c := range s.Checks {
		wait.Go(func() { failures[i] = probe(ctx, c) })
	}
	wait.Wait()
	var failed []ProblemField
	out := Ready{Status: "ready", Rehearsal: s.Rehearsal, Now: s.Now().In(zoneOfOffice), Checks: []CheckResult{}}
	for i, c := range s.Checks {
		if failures[i] == nil {
			out.Checks = append(out.Checks, CheckResult{c.Name, c.Label})
			continue
		}
		s.Log.WarnContext(ctx, "not ready", "request", requestID(ctx), "check", c.Name, "error", failures[i])
		failed = append(failed, ProblemField{Field: c.Name, Message: fmt.Sprintf(textCheckFailed, c.Label)})
	}
	if len(failed) > 0 {
		return nil, newProblem(CodeNotReady, failed...)
	}
	if s.LastBackup != nil {
		out.Backup = s.lastBackup(ctx)
	}
	return answer(out), nil
}

// lastBackup asks for the newest backup. One that can't be seen keeps nobody from working: the doctor finds it.
func (s *server) lastBackup(ctx context.Context) *LastBackup {
	at, err := s.LastBackup()
	if err != nil {
		s.Log.WarnContext(ctx, "backups can't be listed", "request", requestID(ctx), "error", err)
	}
	if err != nil || at.IsZero() {
		return &LastBackup{}
	}
	at = at.In(zoneOfOffice)
	hours := int(s.Now().Sub(at).Hours()) // the clock is the wall clock where there are backups
	return &LastBackup{At: &at, AgeHours: &hours}
}

// probe runs a check and gives up on one that ignores its context; a check that panics has failed.
func probe(ctx context.Context, c Check) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if cause := recover(); cause != nil {
				done <- fmt.Errorf("panic: %v", cause)
			}
		}()
		done <- c.Probe(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// zoneOfOffice is the zone of instants that belong to no plan.
var zoneOfOffice = time.FixedZone("Asia/Shanghai", 8*60*60)
