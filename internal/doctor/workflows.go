package doctor

import (
	"context"
	"fmt"
	"time"

	"duban/assessment"
	"duban/obligation"
)

// expected is what a workflow has to follow.
type expected struct {
	work    Work
	updated time.Time // real time at which the record last changed it; zero: long ago
	nobody  bool      // it is open, with neither a next step nor a holder
}

// expects visits everything that has to have a workflow.
func (x *examination) expects(visit func(expected)) error {
	for _, d := range x.plans {
		if err := x.wholes(d, visit); err != nil {
			return err
		}
	}
	return x.Record.Live(x.ctx, func(l obligation.Live) error {
		w := Work{Kind: WorkObligation, ID: l.ID}
		if l.Rung != "" {
			w.Kind, w.Rung = WorkDocument, l.Rung
		}
		visit(expected{w, l.Updated, l.Nobody})
		return nil
	})
}

// workflows compares what the engine runs with what the record has.
func (x *examination) workflows() error {
	running := map[string]bool{}
	if err := x.Engine.Running(x.ctx, func(workflow string) { running[workflow] = true }); err != nil {
		return err
	}
	known := map[string]bool{}
	missing := []expected{}
	expect := func(e expected) {
		if e.nobody {
			x.find(Finding{Kind: Nobody, Subject: e.work.ID.String(), Problem: textNobody, Since: e.updated, Repair: repairNobody, Automatic: true})
		}
		name := e.work.String()
		if known[name] = true; !running[name] {
			missing = append(missing, e)
		}
	}
	if err := x.expects(expect); err != nil {
		return err
	}
	for _, e := range missing {
		if err := x.missing(e); err != nil {
			return err
		}
	}
	for workflow := range running {
		if known[workflow] {
			continue
		}
		if f, wrong, err := x.orphan(x.ctx, workflow); err != nil {
			return err
		} else if wrong {
			x.find(f)
		}
	}
	return nil
}

// wholes expects the workflows of a plan, its dispatcher, its tasks and its assessments: as long as something of theirs is to
// come.
func (x *examination) wholes(d obligation.Definition, expect func(expected)) error {
	code, now := d.Plan.Code, x.Now()
	open := map[string]bool{}
	counts, err := x.Record.Counts(x.ctx, code, now)
	if err != nil {
		return err
	}
	for _, c := range counts {
		open[c.Task] = c.Open > 0
	}
	slots, err := d.Agenda("", x.Window.From)
	if err != nil {
		return err
	}
	for _, s := range slots {
		if s.At.After(now) {
			open[s.Measure.Task] = true
		}
	}
	if m, ok := d.Carrier(); ok && now.Before(d.Plan.To.End(obligation.Location(d.Plan.Zone))) {
		open[m.Task] = true // hazards may be entered to the end
	}
	states, err := x.Record.Assessments(x.ctx, code)
	if err != nil {
		return err
	}
	published := map[string]bool{}
	for _, s := range states {
		published[s.Half] = s.Stage == assessment.StagePublished
	}
	alive := false
	for _, t := range d.Plan.Tasks {
		if open[t.Code] {
			alive = true
			expect(expected{work: Work{Kind: WorkTask, Plan: code, Part: t.Code}})
		}
	}
	for _, h := range assessment.Checkpoints(d.Plan, d.AsOf) {
		if !published[h.String()] {
			alive = true
			expect(expected{work: Work{Kind: WorkAssessment, Plan: code, Part: h.String()}})
		}
	}
	if alive {
		expect(expected{work: Work{Kind: WorkPlan, Plan: code}})
		expect(expected{work: Work{Kind: WorkDispatch, Plan: code}})
	}
	return nil
}

// missing finds what has no workflow. The engine's list runs behind, so it is asked itself.
func (x *examination) missing(e expected) error {
	name := e.work.String()
	standing, ended, err := x.Engine.Standing(x.ctx, name)
	if err != nil {
		return err
	}
	f, grace := Finding{Kind: WorkflowMissing, Subject: name, Since: ended, Repair: repairResume, Automatic: true}, x.Grace
	switch standing {
	case Runs:
		return nil
	case Absent:
		f.Problem, f.Since, grace = textNoWorkflow, e.updated, x.Seeding
	case Stopped:
		f.Problem = textStopped
	case Done:
		f.Problem = textEnded
	}
	if standing != Stopped && x.Real().Sub(later(e.updated, ended)) < grace {
		return nil // one is just ahead of the other
	}
	x.find(f)
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// orphan reports whether a workflow runs that follows nothing.
func (d *Doctor) orphan(ctx context.Context, workflow string) (f Finding, wrong bool, err error) {
	w, ok := ParseWork(workflow)
	if !ok {
		return f, false, nil
	}
	f = Finding{Kind: WorkflowOrphan, Subject: workflow, Automatic: true}
	if f.Problem, f.Repair, f.Since, err = d.follows(ctx, w); err != nil || f.Problem == "" {
		return f, false, err
	}
	standing, _, err := d.Engine.Standing(ctx, workflow)
	return f, standing == Runs, err
}

// follows says what is wrong with a workflow; "": it follows what the record has.
func (d *Doctor) follows(ctx context.Context, w Work) (problem, repair string, since time.Time, err error) {
	if w.Kind != WorkObligation && w.Kind != WorkDocument {
		plans, err := d.Record.Definitions(ctx)
		for _, p := range plans {
			if p.Plan.Code == w.Plan {
				return "", "", since, err
			}
		}
		return fmt.Sprintf(textNoPlan, w.Plan), repairStop, since, err
	}
	v, err := d.Record.Load(ctx, w.ID)
	switch {
	case obligation.IsNotFound(err):
		events, err := d.Record.EventsAfter(ctx, w.ID, 0)
		if err != nil || len(events) > 0 {
			return "", "", since, err // its row is what is wrong
		}
		return textNoLedger, repairStop, since, nil
	case err != nil || d.Real().Sub(v.Updated) < d.Grace:
		return "", "", since, err
	case w.Kind == WorkObligation && v.State.IsClosed():
		// The workflow of an inspection lasts until what it found is closed.
		if _, open, err := d.Record.Unsettled(ctx, v.State); err != nil || len(open) > 0 {
			return "", "", since, err
		}
		return textClosed, repairCatchUp, v.State.Closed, nil
	case w.Kind == WorkObligation:
		return "", "", since, nil
	}
	doc, err := d.Record.Document(ctx, w.ID, w.Rung)
	switch {
	case obligation.IsNotFound(err):
		return textNoDocument, repairStop, since, nil
	case err != nil || !doc.IsSettled():
		return "", "", since, err
	default:
		return textSettled, repairStop, doc.Settled, nil
	}
}

// failing finds the workflows whose tasks fail.
func (x *examination) failing() error {
	return x.Engine.Failing(x.ctx, func(workflow string, since time.Time) {
		x.find(Finding{Kind: WorkflowFailing, Subject: workflow, Problem: textTaskFails, Since: since, Repair: repairFailing})
	})
}
