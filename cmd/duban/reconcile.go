package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"duban/activities"
	"duban/internal/config"
	"duban/obligation"
	"duban/workflows"
)

// reconciled counts the obligations whose workflow was not where their ledger is.
type reconciled struct {
	Open    int // obligations that were looked at
	Behind  int // their workflows read what the ledger has more
	Ahead   int // their workflows knew of events that the ledger does not have, and began anew from it
	Missing int // they had no workflow, and have one that begins from the ledger
}

// positionWait is how long a workflow may take to say where it is: right after a start the engine may first offer its task for five seconds
// to the worker that is gone. One that waits for the ledger to get back what it lost can't say.
const positionWait = 10 * time.Second

// aligning bounds how many workflows are asked at once.
const aligning = 16

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

// reconcile brings the workflow of every open obligation to where its ledger is: the databases may be of different moments. The
// ledger is the record, so nothing of it changes; what a workflow knew beyond it is forgotten.
func (i *installation) reconcile(ctx context.Context) (reconciled, error) {
	var sum tally
	plans, err := i.store.Definitions(ctx)
	if err != nil {
		return sum.reconciled, err
	}
	for _, d := range plans {
		setting := i.setting(d.Calendar)
		open := true
		for filter := (obligation.Filter{Plan: d.Plan.Code, Open: &open, Limit: 200}); ; {
			page, err := i.store.List(ctx, filter)
			if err != nil {
				return sum.reconciled, err
			}
			group, aligned := errgroup.WithContext(ctx)
			group.SetLimit(aligning)
			for _, v := range page.Views {
				group.Go(func() error {
					if err := i.align(aligned, v.State.ID, setting, &sum); err != nil {
						return fmt.Errorf("%s: %w", v.State.ID, err)
					}
					return nil
				})
			}
			if err := group.Wait(); err != nil {
				return sum.reconciled, err
			}
			if filter.After = page.Next; page.Next == "" {
				break
			}
		}
	}
	return sum.reconciled, nil
}

// tally counts for several at once.
type tally struct {
	sync.Mutex
	reconciled
}

func (t *tally) add(n *int) {
	t.Lock()
	defer t.Unlock()
	*n++
}

// align brings one workflow to where its ledger is.
func (i *installation) align(ctx context.Context, id obligation.ID, setting activities.Setting, sum *tally) error {
	seq, says, err := i.position(ctx, id)
	missing := obligation.IsNotFound(err)
	if err != nil && !missing {
		return err
	}
	// Only now: the workflow goes on meanwhile, and the ledger is ahead of it for a moment with every event.
	view, err := i.store.Load(ctx, id)
	if err != nil {
		return err
	}
	sum.add(&sum.Open)
	switch {
	case view.State.IsClosed():
		return nil
	case missing:
		sum.add(&sum.Missing)
	case !says, seq > view.State.Seq:
		sum.add(&sum.Ahead)
		if err := i.client.Stop(ctx, workflows.ObligationID(id), textAheadOfLedger); err != nil {
			return err
		}
	case seq < view.State.Seq:
		sum.add(&sum.Behind)
		return i.client.CatchUp(ctx, id)
	default:
		return nil
	}
	return chart{i}.resumeObligation(ctx, id, setting)
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
