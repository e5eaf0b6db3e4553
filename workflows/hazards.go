package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/calendar"
	"duban/obligation"
)

// carries reports whether hazards are entered under a measure of the task.
func (r *taskRun) carries() bool {
	_, ok := r.in.Definition.Carrier()
	return ok
}

// setup lets hazards be entered. A task that carries none takes the message too, and refuses it.
func (r *taskRun) setup(ctx workflow.Context) error {
	check := func(ctx workflow.Context, m Register) error {
		if _, err := r.in.Definition.HazardOpening(m.Registration, 1, r.in.Window.From, r.at(ctx, m.Now)); err != nil {
			return refused(err)
		}
		return nil
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, UpdateRegister, r.register, workflow.UpdateHandlerOptions{Validator: check, Description: textRegister})
}

// register enters a hazard and starts its workflow. Whatever ends the process between the two, the replay enters nothing
// again and starts what was entered.
func (r *taskRun) register(ctx workflow.Context, m Register) (obligation.Event, error) {
	r.hear(m.Now)
	m.Registration.Key = workflow.GetCurrentUpdateInfo(ctx).ID
	// A new calendar is told to those that run: none is entered and not yet started meanwhile.
	if err := r.entering.Lock(ctx); err != nil {
		return obligation.Event{}, err
	}
	defer r.entering.Unlock()
	entry := activities.Entry{
		Registration: m.Registration, Definition: r.in.Definition, Calendar: r.in.Setting.Calendar, At: r.in.Window.From, Now: business(ctx, r.in.Setting),
	}
	var out obligation.Entered
	if err := workflow.ExecuteLocalActivity(local(ctx, textRegister), a.EnterHazard, entry).Get(ctx, &out); err != nil {
		return obligation.Event{}, err
	}
	r.entered++
	// Again, after the process has ended in between, the finding is told once more and is closed already.
	if finding, closing, ok := out.Event.Closing(); ok {
		tell(ctx, ObligationID(finding), SignalRearm, RearmSignal{Promoted: true, Command: closing})
	}
	if out.State.IsClosed() {
		return out.Event, nil // history runs no workflow
	}
	r.started++
	var run workflow.Execution
	err := start(ctx, r.in.Setting, out.State).GetChildWorkflowExecution().Get(ctx, &run)
	if err != nil && !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return obligation.Event{}, err
	}
	return out.Event, nil
}

// closing returns when the plan's period is over; until then a task that carries hazards goes on, whatever is closed.
func (r *taskRun) closing() time.Time {
	p := r.in.Definition.Plan
	return p.To.End(obligation.Location(p.Zone))
}

// takesHazards reports whether hazards may still be entered.
func (r *taskRun) takesHazards(ctx workflow.Context) bool {
	return r.carries() && business(ctx, r.in.Setting).Before(r.closing())
}

// adoptHazards tells the hazards that are not closed of a new calendar. They are no periods of the agenda: nothing else that the plan
// changes is theirs, and one whose measure is withdrawn is followed up to its end.
func (r *taskRun) adoptHazards(ctx workflow.Context, before obligation.Definition, old *calendar.Calendar, reason string) error {
	_, carried := before.Carrier()
	if (!carried && !r.carries()) || old.Version() == r.in.Setting.Calendar.Version() {
		return nil
	}
	if err := r.entering.Lock(ctx); err != nil {
		return err
	}
	defer r.entering.Unlock()
	var ids []obligation.ID
	if err := workflow.ExecuteLocalActivity(local(ctx, textCarried), a.OpenHazards, before.Plan.Code).Get(ctx, &ids); err != nil {
		return err
	}
	for _, id := range ids {
		m := RearmSignal{Calendar: r.in.Setting.Calendar, Command: obligation.Command{By: obligation.System, Text: revised(textNewYear, reason)}}
		tell(ctx, ObligationID(id), SignalRearm, m)
	}
	return nil
}
