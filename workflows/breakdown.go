package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"duban/obligation"
)

// openParts opens the obligations of co-organisers that a lead unit has broken its own down to. What is open already stays.
func (r *obligationRun) openParts(ctx workflow.Context, parts []obligation.Part, now time.Time) error {
	openings := make([]obligation.Opening, len(parts))
	for i, p := range parts {
		openings[i] = obligation.PartOpening(r.state, p)
		r.parted = max(r.parted, p.N)
	}
	_, err := openAll(ctx, r.setting, openings, now)
	return err
}

// unopened returns the parts that may not be open yet: nobody has heard of them, and this run has not opened them.
func (r *obligationRun) unopened() []obligation.Part {
	return slices.DeleteFunc(slices.Clone(r.state.Parts), func(p obligation.Part) bool { return p.Stage != "" || p.N <= r.parted })
}

// tellLead tells the lead's obligation how this part of it stands.
func (r *obligationRun) tellLead(ctx workflow.Context) {
	lead, part := r.state.Lead()
	if !part || r.told == r.state.Stage {
		return
	}
	r.told = r.state.Stage
	tell(ctx, ObligationID(lead), SignalPart, PartSignal{N: r.state.Part, Stage: r.state.Stage})
}

// hearPart takes in how a part stands.
func (r *obligationRun) hearPart(ctx workflow.Context, m PartSignal) {
	heard := obligation.Command{Kind: obligation.HearPart, By: obligation.System, Parts: []obligation.Part{{N: m.N, Stage: m.Stage}}}
	if _, err := r.decide(ctx, heard); err != nil {
		// It is known, or the lead's own is closed: nobody waits for an answer.
		workflow.GetLogger(ctx).Debug("part not heard", "reason", err)
	}
}

// adjustParts lets the parts follow another policy or calendar of the lead's, and its end. Their dates are the lead's own.
func (r *obligationRun) adjustParts(ctx workflow.Context, m RearmSignal) {
	if m.Command.Policy == nil && m.Calendar == nil && !m.Gone {
		return
	}
	m.Command.Facts = nil
	for _, p := range r.state.Parts {
		tell(ctx, ObligationID(obligation.PartID(r.state.ID, p)), SignalRearm, m)
	}
}
