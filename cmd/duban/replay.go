package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"

	"go.temporal.io/sdk/interceptor"

	"duban/api"
	"duban/internal/config"
	"duban/internal/seal"
	"duban/worker"
	"duban/workflows"
)

type replayCmd struct {
	Recorded bool   `help:"只试跑历次版本录下的历史，不看任何运行中的系统。"`
	Server   string `help:"正在运行的督办的地址（默认：设置中的监听地址）。" placeholder:"URL"`
	JSON     bool   `help:"以 JSON 输出。"`
}

// replayReport says what was replayed.
type replayReport struct {
	Version   string `json:"version"`  // of this build
	Recorded  int    `json:"recorded"` // histories that releases recorded
	Open      int    `json:"open"`     // workflows that run
	Different string `json:"different,omitempty"`
	Reason    string `json:"reason,omitempty"`
}

// Run implements the command.
func (c replayCmd) Run(e *env) error {
	report := replayReport{Version: version}
	err := c.replay(e, &report)
	different := (*differentError)(nil)
	if errors.As(err, &different) {
		report.Different, report.Reason = different.workflow, different.cause.Error()
	} else if err != nil {
		return err
	}
	if c.JSON {
		if err := writeJSON(e.stdout, report); err != nil {
			return err
		}
	}
	if err == nil && !c.JSON {
		fmt.Fprintf(e.stdout, textReplayed, version, report.Recorded, report.Open)
	}
	return err
}

func (c replayCmd) replay(e *env, report *replayReport) error {
	if err := replayRecorded(&report.Recorded); err != nil || c.Recorded {
		return err
	}
	cfg, log, err := e.settings()
	if err != nil {
		return err
	}
	ring, err := seal.Open(cfg.Privacy.KeyFile)
	if err != nil {
		return err
	}
	i := &installation{cfg: cfg, log: log, codec: seal.NewCodec(ring)}
	used, err := usedKeys(filepath.Join(cfg.Data.Folder, engineFolder))
	if err != nil {
		return err
	}
	if err := ring.Require(used); err != nil {
		return err
	}
	r, err := worker.NewReplayer(seal.Converter(i.codec))
	if err != nil {
		return err
	}
	source, done, err := c.source(e, i)
	if err != nil {
		return err
	}
	return errors.Join(replayOpen(e, source, r, &report.Open), done())
}

// differentError says that this build would have done something else than was done.
type differentError struct {
	workflow string
	cause    error
}

func (e *differentError) Error() string { return fmt.Sprintf(textDifferent, e.workflow, e.cause) }

// replayRecorded replays what releases recorded.
func replayRecorded(count *int, with ...interceptor.WorkerInterceptor) error {
	r, err := worker.NewReplayer(nil, with...)
	if err != nil {
		return err
	}
	recorded := workflows.Recorded()
	return fs.WalkDir(recorded, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(recorded, path)
		if err != nil {
			return err
		}
		*count++
		return replayOne(r, path, content)
	})
}

// replayOpen replays every workflow that runs.
func replayOpen(e *env, source api.Workflows, r *worker.Replayer, count *int) error {
	var cursor []byte
	for {
		page, next, err := source.OpenWorkflows(e.ctx, cursor)
		if err != nil {
			return err
		}
		for _, w := range page {
			if err := replayOne(r, w.Workflow, w.History); err != nil {
				return err
			}
			*count++
		}
		if len(next) == 0 {
			return nil
		}
		cursor = next
	}
}

func replayOne(r *worker.Replayer, name string, content []byte) error {
	h, err := workflows.ParseHistory(content)
	if err != nil {
		return fmt.Errorf(textBadHistory, name, err)
	}
	if err := r.Replay(h); err != nil {
		return &differentError{name, err}
	}
	return nil
}

// source returns what shows the workflows that run, and what ends its use. An external engine is asked itself. The embedded one is
// asked through the duban that runs it; where none does, this process opens it for as long as it takes, and no workflow goes on.
func (c replayCmd) source(e *env, i *installation) (api.Workflows, func() error, error) {
	embedded := i.cfg.Engine.Mode == config.EngineEmbedded
	none := func() error { return nil }
	if c.Server != "" || embedded {
		server, err := dial(i.cfg, c.Server, e.vars)
		if err == nil {
			err = server.call(e.ctx, http.MethodGet, "/api/v1/health", nil, &struct{}{})
		}
		if err == nil || c.Server != "" {
			return remoteWorkflows{server}, none, err
		}
	}
	if embedded {
		if err := i.startEngine(e.ctx); err != nil {
			return nil, nil, err
		}
	}
	if err := i.connect(e.ctx); err != nil {
		return nil, nil, errors.Join(err, i.Close())
	}
	return histories{i.client}, i.Close, nil
}

// histories show what an engine keeps.
type histories struct{ client *workflows.Client }

// OpenWorkflows implements api.Workflows.
func (h histories) OpenWorkflows(ctx context.Context, cursor []byte) ([]api.OpenWorkflow, []byte, error) {
	page, next, err := h.client.Open(ctx, cursor)
	out := make([]api.OpenWorkflow, len(page))
	for n, w := range page {
		out[n] = api.OpenWorkflow(w)
	}
	return out, next, err
}

// remoteWorkflows asks a running duban. Its cursors are that one's.
type remoteWorkflows struct{ server *remote }

// OpenWorkflows implements api.Workflows.
func (r remoteWorkflows) OpenWorkflows(ctx context.Context, cursor []byte) ([]api.OpenWorkflow, []byte, error) {
	var page api.OpenWorkflows
	err := r.server.call(ctx, http.MethodGet, "/api/v1/workflows?"+url.Values{"cursor": {string(cursor)}}.Encode(), nil, &page)
	return page.Workflows, []byte(page.Next), err
}
