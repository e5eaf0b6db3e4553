package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"duban/internal/config"
	"duban/internal/doctor"
	"duban/obligation"
)

// positionWait is how long a workflow may take to say where it is: right after a start the engine may first offer its task for five seconds
// to the worker that is gone. One that waits for the ledger to get back what it lost can't say.
const positionWait = 10 * time.Second

// position returns how much of its ledger an obligation's workflow knows; says is false where it does not say in time, and the error
// CodeNotFound where none runs. Only a worker can make a workflow answer.
func (i *installation) position(ctx context.Context, id obligation.ID) (seq int, says bool, err error) {
	if i.cfg.Engine.Mode == config.EngineEmbedded && !i.works {
		return 0, false, &obligation.Error{Code: obligation.CodeNotFound} // it stands still, and so do they
	}
	asking, cancel := context.WithTimeout(ctx, positionWait)
	defer cancel()
	seq, err = i.client.Position(asking, id)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return 0, false, nil
	}
	return seq, err == nil, err
}

// rearming is an engine in which many workflows may begin: it has read the plans before.
type rearming struct {
	chart
	plans map[string]obligation.Definition
}

// Resume implements doctor.Engine.
func (r rearming) Resume(ctx context.Context, w doctor.Work) error {
	return r.resume(ctx, w, r.plans[cmp.Or(w.Plan, w.ID.Plan)])
}

// rearmer returns a doctor that begins workflows by the thousands, and examines nothing.
func (i *installation) rearmer(ctx context.Context) (*doctor.Doctor, error) {
	plans, err := i.store.Definitions(ctx)
	if err != nil {
		return nil, err
	}
	engine := rearming{chart{i}, map[string]obligation.Definition{}}
	for _, d := range plans {
		engine.plans[d.Plan.Code] = d
	}
	return doctor.New(doctor.Options{Record: i.store, Engine: engine, Window: i.window(), Now: i.now, Log: i.log}), nil
}

// reconcile brings the workflow of every open obligation to where its ledger is.
func (i *installation) reconcile(ctx context.Context) (doctor.Reconciled, error) {
	d, err := i.rearmer(ctx)
	if err != nil {
		return doctor.Reconciled{}, err
	}
	return d.Reconcile(ctx)
}

// reconcileRetry is how often an engine is asked again that gave no answer.
const reconcileRetry = 10 * time.Second

// reconcileRestored reconciles an installation that was restored, once, while it serves.
func (i *installation) reconcileRestored(context.Context) error {
	note := filepath.Join(i.cfg.Data.Folder, restoredFile)
	if _, err := os.Stat(note); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	i.beside(func(ctx context.Context) {
		retry := time.NewTicker(reconcileRetry)
		defer retry.Stop()
		for {
			sum, err := i.reconcile(ctx)
			if err == nil {
				err = os.Remove(note)
			}
			if err == nil {
				i.log.InfoContext(ctx, "restored workflows agree with the ledger", "open", sum.Open, "behind", sum.Behind, "ahead", sum.Ahead, "missing", sum.Missing)
				return
			}
			if ctx.Err() == nil {
				i.log.WarnContext(ctx, "restored workflows not compared with the ledger yet", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-retry.C:
			}
		}
	})
	return nil
}
