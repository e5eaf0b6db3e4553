package doctor

import (
	"context"
	"fmt"

	"duban/obligation"
)

// Asking a workflow how much of the ledger it knows costs the engine some twenty milliseconds. So only a whole examination asks, and
// one only so many, in turn; and none waits long for those that say nothing.
const (
	askedAtOnce = 2000
	silentMost  = 3
)

// moments finds workflows that know more or less of the ledger than there is: their databases are of different moments.
func (x *examination) moments() error {
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
	silent := 0
	for n := range min(len(open), askedAtOnce) {
		id := open[(from+n)%len(open)]
		f, astray, says, err := x.astray(x.ctx, id)
		if err != nil {
			return err
		}
		if astray {
			x.find(f)
		}
		if !says {
			if silent++; silent == silentMost {
				return nil // none works, and that is a finding of its own
			}
		}
		x.asked = id
	}
	return nil
}

// astray reports whether an obligation's workflow knows another ledger than there is.
func (d *Doctor) astray(ctx context.Context, id obligation.ID) (f Finding, astray, says bool, err error) {
	seq, says, err := d.Engine.Position(ctx, id)
	if err != nil || !says {
		return f, false, says, err
	}
	v, err := d.Record.Load(ctx, id)
	if err != nil || v.State.IsClosed() || seq == v.State.Seq {
		return f, false, says, err
	}
	f = Finding{
		Kind: WorkflowAstray, Subject: Work{Kind: WorkObligation, ID: id}.String(), Problem: fmt.Sprintf(textBehindLedger, seq, v.State.Seq), Repair: repairRead,
		Since: v.Updated, Automatic: true,
	}
	if seq > v.State.Seq {
		f.Problem, f.Repair = fmt.Sprintf(textAheadOfLedger, seq, v.State.Seq), repairAnew
		return f, true, says, nil
	}
	return f, d.Real().Sub(v.Updated) >= d.Grace, says, nil // else the ledger is just a moment ahead
}

// align brings a workflow to where the ledger is: one that is behind reads it, and one that is ahead begins anew from it.
func (d *Doctor) align(ctx context.Context, workflow string) (string, error) {
	w, ok := ParseWork(workflow)
	if !ok || w.Kind != WorkObligation {
		return "", &UnableError{WorkflowAstray, workflow}
	}
	f, astray, _, err := d.astray(ctx, w.ID)
	switch {
	case err != nil:
		return "", err
	case !astray:
		return doneNothing, nil
	case f.Repair == repairAnew:
		if err := d.Engine.Stop(ctx, workflow, f.Problem); err != nil {
			return "", err
		}
		return doneResumed, d.Engine.Resume(ctx, w)
	default:
		return doneInformed, d.Engine.CatchUp(ctx, w.ID)
	}
}
