package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/assessment"
	"duban/obligation"
)

// AssessmentWorkflow brings one half-yearly assessment from its checkpoint to its publication: it waits for the earlier of what
// falls due by itself and a person's Update, and has each decided and recorded by one activity in one transaction. Its state
// is brief: a card with every line would not fit a history.
func AssessmentWorkflow(ctx workflow.Context, in AssessmentInput) error {
	r := &assessmentRun{
		in: in, lock: workflow.NewMutex(ctx),
		calendars: workflow.GetSignalChannel(ctx, SignalCalendar), recorded: workflow.GetSignalChannel(ctx, SignalRecorded),
	}
	r.keeper.setting = &r.in.Setting
	r.state = assessment.Begin(in.Plan, in.half(), in.half().Checkpoint(obligation.Location(in.Zone)))
	r.begun = r.state
	if err := r.setup(ctx); err != nil {
		return err
	}
	for r.state.Stage != assessment.StagePublished {
		if err := r.await(ctx); err != nil {
			return err
		}
	}
	tell(ctx, PlanID(in.Plan), SignalAssessed, in.Half)
	return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

type assessmentRun struct {
	keeper
	in    AssessmentInput
	begun assessment.State
	state assessment.State
	lock  workflow.Mutex // one decision at a time, in the order of arrival
	shown shown

	calendars workflow.ReceiveChannel
	recorded  workflow.ReceiveChannel
}

func (r *assessmentRun) setup(ctx workflow.Context) error {
	for _, kind := range assessment.Commands {
		handle := func(ctx workflow.Context, m AssessmentCommand) (assessment.Event, error) {
			m.Kind, m.Key = kind, updateID(ctx)
			r.hear(m.Now)
			return r.decide(ctx, m.Command)
		}
		valid := func(ctx workflow.Context, m AssessmentCommand) error {
			m.Kind = kind
			_, err := assessment.Decide(r.state, m.Command, r.in.Setting.Calendar, r.loc(), r.at(ctx, m.Now))
			return check(err)
		}
		options := workflow.UpdateHandlerOptions{Validator: valid, Description: kind.Chinese()}
		if err := workflow.SetUpdateHandlerWithOptions(ctx, string(kind), handle, options); err != nil {
			return err
		}
	}
	r.shown = r.show()
	workflow.SetCurrentDetails(ctx, assessmentDetails(r.state, r.nextAt(), r.loc()))
	return r.serve(ctx, r.settled)
}

func (r *assessmentRun) loc() *time.Location { return obligation.Location(r.in.Zone) }

func (r *assessmentRun) nextStep() (assessment.Next, bool) {
	return assessment.NextStep(r.state, r.in.Setting.Calendar, r.loc(), r.in.At)
}

// nextAt returns when something falls due by itself; zero: never.
func (r *assessmentRun) nextAt() time.Time {
	next, _ := r.nextStep()
	return next.At
}

// settled reports whether nothing is left to do up to the instant.
func (r *assessmentRun) settled(now time.Time) bool {
	next, ok := r.nextStep()
	return !r.lock.IsLocked() && r.calendars.Len() == 0 && r.recorded.Len() == 0 && (!ok || next.At.After(now))
}

// await waits for what falls due next, or for a person.
func (r *assessmentRun) await(ctx workflow.Context) error {
	for r.calendars.ReceiveAsync(&r.in.Setting.Calendar) {
		if err := r.publish(ctx); err != nil {
			return err
		}
	}
	for r.recorded.ReceiveAsync(nil) {
		if err := r.makeUp(ctx); err != nil || r.state.Stage == assessment.StagePublished {
			return err
		}
	}
	next, ok := r.nextStep()
	seq := r.state.Seq
	changed := func() bool { return r.state.Seq != seq || r.calendars.Len() > 0 || r.recorded.Len() > 0 }
	if !ok {
		return workflow.Await(ctx, changed)
	}
	fired, err := waitUntil(ctx, &r.in.Setting, next.At, next.Kind.Chinese(), changed)
	if err != nil || !fired {
		return err
	}
	// The key is the step's own, so that an attempt whose answer was lost is found.
	_, err = r.decide(ctx, assessment.Command{Kind: next.Kind, By: obligation.System, Key: fmt.Sprintf("%s/%d", next.Kind, seq+1)})
	return err
}

// decide has a command decided and recorded, and adopts what the record says then, whoever wrote it.
func (r *assessmentRun) decide(ctx workflow.Context, c assessment.Command) (assessment.Event, error) {
	if err := r.lock.Lock(ctx); err != nil {
		return assessment.Event{}, err
	}
	defer r.lock.Unlock()
	step := activities.AssessmentStep{
		Begun: r.begun, Command: c, Seq: r.state.Seq, Setting: r.in.Setting, Zone: r.in.Zone, At: r.in.At, Now: business(ctx, r.in.Setting),
	}
	var done activities.Assessed
	var err error
	if c.Kind == assessment.Counted {
		err = workflow.ExecuteActivity(remote(ctx, textAssess, countTime), a.CountAssessment, step).Get(ctx, &done)
	} else {
		err = workflow.ExecuteLocalActivity(local(ctx, textRecord+c.Kind.Chinese()), a.Assess, step).Get(ctx, &done)
	}
	if err != nil {
		return assessment.Event{}, err
	}
	r.state = done.State
	if err := r.publish(ctx); err != nil {
		return assessment.Event{}, err
	}
	if done.Refused != "" && c.By.Role != obligation.RoleSystem {
		return assessment.Event{}, refused(assessment.Refuse(done.Refused))
	}
	return done.Event, nil
}

// countTime is how long an attempt to count may take: 5,000 obligations take some seconds.
const countTime = 10 * time.Minute

// publish brings the search attributes and the details in the Temporal UI up to date.
func (r *assessmentRun) publish(ctx workflow.Context) error {
	workflow.SetCurrentDetails(ctx, assessmentDetails(r.state, r.nextAt(), r.loc()))
	now := r.show()
	updates := now.since(r.shown)
	r.shown = now
	if len(updates) == 0 {
		return nil
	}
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}

func (r *assessmentRun) show() shown { return showAssessment(r.state, r.nextAt(), r.loc()) }
