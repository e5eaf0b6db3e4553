package doctor

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"duban/obligation"
)

// Reconciled counts the obligations whose workflow was not where their ledger is.
type Reconciled struct {
	Open    int // obligations that were looked at
	Behind  int // their workflows read what the ledger has more
	Ahead   int // their workflows knew of events that the ledger does not have, and began anew from it
	Missing int // they had no workflow, and have one that begins from the ledger
}

// Reconcile brings the workflow of every open obligation to where its ledger is, at once and without a word of it before: after
// a restore the databases may be of different moments. The ledger is the record, so nothing of it changes; what a workflow knew
// beyond it is forgotten.
func (d *Doctor) Reconcile(ctx context.Context) (Reconciled, error) {
	var open []obligation.ID
	err := d.Record.Live(ctx, func(l obligation.Live) error {
		if l.Rung == "" {
			open = append(open, l.ID)
		}
		return nil
	})
	if err != nil {
		return Reconciled{}, err
	}
	var mu sync.Mutex
	var sum Reconciled
	group, aligned := errgroup.WithContext(ctx)
	group.SetLimit(askedAtOnce)
	for _, id := range open {
		group.Go(func() error {
			was, err := d.bring(aligned, id)
			if err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			mu.Lock()
			defer mu.Unlock()
			sum.Open++
			switch was {
			case behind:
				sum.Behind++
			case ahead, silent:
				sum.Ahead++
			case gone:
				sum.Missing++
			case level:
			}
			return nil
		})
	}
	err = group.Wait()
	return sum, err
}

// bring brings one workflow to where its ledger is, and returns where it was.
func (d *Doctor) bring(ctx context.Context, id obligation.ID) (standpoint, error) {
	at, problem, _, err := d.standpoint(ctx, id)
	if err != nil {
		return at, err
	}
	w := Work{Kind: WorkObligation, ID: id}
	switch at {
	case behind:
		err = d.Engine.CatchUp(ctx, id)
	case ahead, silent:
		err = d.anew(ctx, w, problem)
	case gone:
		err = d.Engine.Resume(ctx, w)
	case level:
	}
	return at, err
}
