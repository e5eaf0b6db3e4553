package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/calendar"
	"duban/obligation"
)

// DispatchWorkflow sends what a plan's outbox holds: a digest for each recipient every working day, and what is urgent
// as soon as the sending window is open.
func DispatchWorkflow(ctx workflow.Context, in DispatchInput) error {
	r := &dispatchRun{in: in, urgent: workflow.GetSignalChannel(ctx, SignalUrgent), finish: workflow.GetSignalChannel(ctx, SignalFinish)}
	r.keeper.setting = &r.in.Setting
	if err := r.serve(ctx, r.settled); err != nil {
		return err
	}
	if r.in.Last.IsZero() {
		r.in.Last = business(ctx, in.Setting)
	}
	for !r.in.Finished {
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			if err := r.leave(ctx); err != nil {
				return err
			}
			return workflow.NewContinueAsNewError(ctx, DispatchWorkflow, r.drained())
		}
		if err := r.turn(ctx); err != nil {
			return err
		}
	}
	if err := r.leave(ctx); err != nil {
		return err
	}
	return r.run(ctx, false) // what the last obligations left
}

type dispatchRun struct {
	keeper
	in     DispatchInput
	urgent workflow.ReceiveChannel
	finish workflow.ReceiveChannel
	next   time.Time // business instant of the run that is waited for; none: a run is under way
}

// settled reports whether nothing is left to send up to the instant.
func (r *dispatchRun) settled(now time.Time) bool { return r.next.After(now) }

// drained takes the waiting signals into the state, so that none is lost.
func (r *dispatchRun) drained() DispatchInput {
	for r.urgent.ReceiveAsync(nil) {
		r.in.Urgent = true
	}
	for r.finish.ReceiveAsync(nil) {
		r.in.Finished = true
	}
	return r.in
}

// turn waits for the next run and does it.
func (r *dispatchRun) turn(ctx workflow.Context) error {
	loc, cal := obligation.Location(r.in.Zone), r.in.Setting.Calendar
	at, urgent := r.in.Window.NextDigest(cal, r.in.Last, loc), false
	if r.drained(); r.in.Finished {
		return nil
	}
	if r.in.Urgent {
		// A minute's grace gathers what one person does in one go.
		if soon := r.in.Window.Next(cal, business(ctx, r.in.Setting).Add(grace), loc); soon.Before(at) {
			at, urgent = soon, true
		}
	}
	wake := func() bool { return r.finish.Len() > 0 || (!r.in.Urgent && r.urgent.Len() > 0) }
	r.next = at
	fired, err := waitUntil(ctx, &r.in.Setting, at, textDispatch, wake)
	r.next = time.Time{}
	if err != nil || !fired {
		return err
	}
	if !urgent {
		r.in.Last = business(ctx, r.in.Setting)
	}
	r.drained() // what came during the grace goes out with this run
	r.in.Urgent = false
	return r.run(ctx, urgent)
}

const grace = time.Minute

func (r *dispatchRun) run(ctx workflow.Context, urgent bool) error {
	now := business(ctx, r.in.Setting)
	dispatch := activities.Dispatch{
		Plan: r.in.Plan, Day: calendar.DateOf(now, obligation.Location(r.in.Zone)), Urgent: urgent, Now: now,
	}
	var done activities.Dispatched
	if err := workflow.ExecuteActivity(remote(ctx, textDispatch, time.Hour), a.Dispatch, dispatch).Get(ctx, &done); err != nil {
		return err
	}
	workflow.SetCurrentDetails(ctx, dispatchDetails(now, obligation.Location(r.in.Zone), done))
	return nil
}
