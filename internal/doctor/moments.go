package doctor

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"duban/obligation"
)

// Asking a workflow how much of the ledger it knows costs the engine some twenty milliseconds. So only a whole examination asks, and
// one only so many, in turn, some at once. Where many say nothing it ends sooner: each is waited for.
const (
	askedMost   = 2000
	askedAtOnce = 16
	silentMost  = 8 * askedAtOnce
)

// moments finds workflows that know more or less of the ledger than there is: their databases are of different moments.
func (x *examination) moments() error {
	if slices.ContainsFunc(x.found, func(f Finding) bool { return f.Kind == WorkerSilent }) {
		return nil // without a worker no workflow can say anything
	}
	var open []obligation.ID
	from := 0
	err := x.Record.Live(x.ctx, func(l obligation.Live) error {
		if l.Rung == "" {
			open = append(open, l.ID)
			if l.ID == x.asked {
				from = len(open)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	turn := slices.Concat(open[from:], open[:from])
	silent := 0
	for ids := range slices.Chunk(turn[:min(len(turn), askedMost)], askedAtOnce) {
		found := make([]Finding, len(ids))
		group, ctx := errgroup.WithContext(x.ctx)
		for n, id := range ids {
			group.Go(func() (err error) {
				found[n], err = x.astray(ctx, id)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		for _, f := range found {
			if f.Kind != "" {
				x.find(f)
			}
			if f.Problem == textSilent {
				silent++
			}
		}
		if x.asked = ids[len(ids)-1]; silent >= silentMost {
			return nil
		}
	}
	return nil
}

// standpoint is how an obligation's workflow knows its ledger.
type standpoint int

const (
	level  standpoint = iota // it knows all of it, or there is nothing more to know
	behind                   // the ledger has more
	ahead                    // it knows more than the ledger has
	silent                   // it does not say, as one that waits for what the ledger lost
	gone                     // none runs
)

// standpoint compares what an obligation's workflow knows with its ledger, and says in Chinese how they differ.
func (d *Doctor) standpoint(ctx context.Context, id obligation.ID) (standpoint, string, obligation.View, error) {
	seq, says, err := d.Engine.Position(ctx, id)
	missing := obligation.IsNotFound(err)
	if err != nil && !missing {
		return level, "", obligation.View{}, err
	}
	// Only now: the workflow goes on meanwhile, and the ledger is ahead of it for a moment with every event.
	v, err := d.Record.Load(ctx, id)
	switch {
	case err != nil, v.State.IsClosed():
		return level, "", v, err
	case missing:
		return gone, "", v, nil
	case !says:
		return silent, textSilent, v, nil
	case seq > v.State.Seq:
		return ahead, fmt.Sprintf(textAheadOfLedger, seq, v.State.Seq), v, nil
	case seq < v.State.Seq:
		return behind, fmt.Sprintf(textBehindLedger, seq, v.State.Seq), v, nil
	default:
		return level, "", v, nil
	}
}

// astray finds that an obligation's workflow knows another ledger than there is; without a kind: it does not. One that decided on more
// than the ledger has waits for what is missing, and can't even say so.
func (d *Doctor) astray(ctx context.Context, id obligation.ID) (Finding, error) {
	at, problem, v, err := d.standpoint(ctx, id)
	f := Finding{
		Kind: WorkflowAstray, Subject: Work{Kind: WorkObligation, ID: id}.String(), Problem: problem, Repair: repairAnew, Since: v.Updated, Automatic: true,
	}
	switch {
	case err == nil && (at == ahead || at == silent):
		return f, nil
	case err == nil && at == behind && d.Real().Sub(v.Updated) >= d.Grace: // else the ledger is just a moment ahead
		f.Repair = repairRead
		return f, nil
	default: // one that is gone is a finding of its own
		return Finding{}, err
	}
}

// align brings a workflow to where the ledger is: one that is behind reads it, and one that is ahead begins anew from it.
func (d *Doctor) align(ctx context.Context, workflow string) (string, error) {
	w, ok := ParseWork(workflow)
	if !ok || w.Kind != WorkObligation {
		return "", &UnableError{WorkflowAstray, workflow}
	}
	f, err := d.astray(ctx, w.ID)
	switch {
	case err != nil:
		return "", err
	case f.Kind == "":
		return doneNothing, nil
	case f.Repair == repairAnew:
		return doneResumed, d.anew(ctx, w, f.Problem)
	default:
		return doneInformed, d.Engine.CatchUp(ctx, w.ID)
	}
}

// anew ends an obligation's workflow, and begins another from the ledger.
func (d *Doctor) anew(ctx context.Context, w Work, why string) error {
	if err := d.Engine.Stop(ctx, w.String(), why); err != nil {
		return err
	}
	return d.Engine.Resume(ctx, w)
}
