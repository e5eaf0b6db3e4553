package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"duban/obligation"
)

// openFindings opens the obligations of what an inspection found, as its state has it: also of a record that an earlier
// attempt stored before its process ended. What is open already stays.
func (r *obligationRun) openFindings(ctx workflow.Context) error {
	findings := r.state.Findings()
	if len(findings) <= r.found {
		return nil
	}
	fresh := findings[r.found:]
	openings := make([]obligation.Opening, len(fresh))
	for i, f := range fresh {
		openings[i] = obligation.FindingOpening(r.state, f)
		r.unsettled = append(r.unsettled, f.N)
	}
	r.found = len(findings)
	_, err := openAll(ctx, r.setting, openings, business(ctx, r.setting))
	return err
}

// tellInspection tells the inspection that found this that it is closed.
func (r *obligationRun) tellInspection(ctx workflow.Context) {
	inspection, found := r.state.Found()
	if !found || !r.state.IsClosed() {
		return
	}
	tell(ctx, ObligationID(inspection), SignalPart, PartSignal{N: r.state.Finding, Stage: r.state.Stage, Finding: true})
}

// hearFinding takes in that a finding is closed. How it stands is in its own ledger alone.
func (r *obligationRun) hearFinding(m PartSignal) {
	r.unsettled = slices.DeleteFunc(r.unsettled, func(n int) bool { return n == m.N })
}

// adjustFindings lets the findings follow another calendar of the inspection's. They have ladders of their own, and what was
// found has to be put right whatever becomes of the inspection.
func (r *obligationRun) adjustFindings(ctx workflow.Context, m RearmSignal) {
	if m.Calendar == nil {
		return
	}
	m.Gone = false
	m.Command.Facts, m.Command.Policy = nil, nil
	for _, f := range r.state.Findings() {
		if slices.Contains(r.unsettled, f.N) {
			tell(ctx, ObligationID(obligation.FindingID(r.state.ID, f)), SignalRearm, m)
		}
	}
}
