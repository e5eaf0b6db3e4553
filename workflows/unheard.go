package workflows

import (
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/assessment"
	"duban/obligation"
)

// An Update is in no history before the task is over in which it is carried out. Where the process is killed after the record has
// its events and before that, the engine has never heard of it: a workflow learns of it by a signal (SignalRecorded), and does
// then what the Update would have done.

// changeLost marks that a workflow makes up for lost Updates; before, it learnt of them with its next step.
const changeLost = "make-up-for-lost-updates"

func makesUp(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, changeLost, workflow.DefaultVersion, 1) > workflow.DefaultVersion
}

// makeUp adopts what a lost Update has recorded, tells whoever is to be told, and opens the parts and findings that the state has and
// that are not open. What was done already stays.
func (r *obligationRun) makeUp(ctx workflow.Context) {
	if !makesUp(ctx) {
		r.catchUp(ctx)
		return
	}
	r.makingUp = true
	defer func() { r.makingUp = false }()
	if err := r.followLost(ctx); err != nil {
		workflow.GetLogger(ctx).Error("make up for a lost update", "error", err)
	}
}

func (r *obligationRun) followLost(ctx workflow.Context) error {
	if err := r.lock.Lock(ctx); err != nil {
		return err
	}
	defer r.lock.Unlock()
	decision := activities.Decision{Entry: obligation.Entry{State: r.state}, Setting: r.setting, Nudge: r.state.Policy.Ladder.Nudge}
	var found activities.Adopted
	if err := workflow.ExecuteLocalActivity(local(ctx, textCatchUp), a.MakeUp, decision).Get(ctx, &found); err != nil {
		return err
	}
	r.state = obligation.Replay(r.state, found.Events)
	if err := r.publish(ctx); err != nil {
		return err
	}
	if parts := r.unopened(); len(parts) > 0 {
		if err := r.openParts(ctx, parts, business(ctx, r.setting)); err != nil {
			return err
		}
	}
	return r.openFindings(ctx)
}

// makeUp adopts what a lost Update has recorded of the document, and tells the obligation.
func (r *documentRun) makeUp(ctx workflow.Context) error {
	if !makesUp(ctx) {
		return nil
	}
	_, err := r.change(ctx, func() (obligation.Document, error) {
		var doc obligation.Document
		ref := activities.DocumentRef{Obligation: r.doc.Obligation, Rung: r.doc.Rung}
		err := workflow.ExecuteLocalActivity(local(ctx, textCatchUp), a.ReadDocument, ref).Get(ctx, &doc)
		return doc, err
	})
	return err
}

// makeUp adopts what a lost Update has recorded of the assessment.
func (r *assessmentRun) makeUp(ctx workflow.Context) error {
	if !makesUp(ctx) {
		return nil
	}
	if err := r.lock.Lock(ctx); err != nil {
		return err
	}
	defer r.lock.Unlock()
	step := activities.AssessmentStep{Begun: r.begun, Command: assessment.Command{By: obligation.System}, Seq: -1, Setting: r.in.Setting, Zone: r.in.Zone, At: r.in.At}
	var done activities.Assessed
	if err := workflow.ExecuteLocalActivity(local(ctx, textCatchUp), a.Assess, step).Get(ctx, &done); err != nil {
		return err
	}
	r.state = done.State
	return r.publish(ctx)
}
