package workflows

import (
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/obligation"
)

// TaskWorkflow opens a task's obligations period by period and follows their outcome until the last one is closed.
func TaskWorkflow(ctx workflow.Context, in TaskInput) error {
	r := &taskRun{
		in: in, revise: workflow.GetSignalChannel(ctx, SignalRevise), outcome: workflow.GetSignalChannel(ctx, SignalOutcome),
		entering: workflow.NewMutex(ctx),
	}
	r.keeper.setting = &r.in.Setting
	if err := r.plan(); err != nil {
		return temporal.NewNonRetryableApplicationError(err.Error(), "invalid_plan", err)
	}
	if err := r.setup(ctx); err != nil {
		return err
	}
	if err := r.serve(ctx, r.settled); err != nil {
		return err
	}
	for {
		if err := r.openDue(ctx); err != nil {
			return err
		}
		if err := r.count(ctx); err != nil {
			return err
		}
		if r.full(ctx) {
			return r.continueAsNew(ctx)
		}
		if len(r.pending) == 0 && r.counted.Open == 0 && r.revise.Len() == 0 && !r.takesHazards(ctx) {
			return r.finish(ctx)
		}
		if err := r.await(ctx); err != nil {
			return err
		}
	}
}

type taskRun struct {
	keeper
	in      TaskInput
	pending []obligation.Slot // not opened, by time of opening
	counted obligation.Count
	started int // children of this run
	revise  workflow.ReceiveChannel
	outcome workflow.ReceiveChannel

	entered  int            // hazards, in this run
	entering workflow.Mutex // one hazard at a time, and none while a new calendar is told
}

const (
	// batchSize is how many obligations are opened together: one transaction, one workflow task.
	batchSize = 100
	// childrenPerRun bounds the children that are pending in one run; the server's limit is 2,000.
	childrenPerRun = 1000
)

// plan computes what is still to be opened.
func (r *taskRun) plan() error {
	slots, err := r.in.Definition.Agenda(taskOf(r.in.Definition).Code, r.in.Window.From)
	if err != nil {
		return err
	}
	r.pending = slices.DeleteFunc(slots, func(s obligation.Slot) bool { return slices.Contains(r.in.Opened, s.Key()) })
	return nil
}

// settled reports whether nothing is left to open up to the instant.
func (r *taskRun) settled(now time.Time) bool {
	return len(r.pending) == 0 || r.pending[0].At.After(now)
}

func (r *taskRun) full(ctx workflow.Context) bool {
	return workflow.GetInfo(ctx).GetContinueAsNewSuggested() || r.started >= childrenPerRun
}

// openDue opens every period whose time has come, a batch at a time.
func (r *taskRun) openDue(ctx workflow.Context) error {
	for !r.full(ctx) {
		now := business(ctx, r.in.Setting)
		var batch []obligation.Opening
		taken := 0
		for _, s := range r.pending {
			openings := r.in.Definition.Openings(s, r.in.Window.From)
			if s.At.After(now) || (taken > 0 && len(batch)+len(openings) > batchSize) {
				break
			}
			batch = append(batch, openings...)
			taken++
		}
		if taken == 0 {
			return nil
		}
		if err := r.open(ctx, batch, now); err != nil {
			return err
		}
		for _, s := range r.pending[:taken] {
			r.in.Opened = append(r.in.Opened, s.Key())
		}
		r.pending = r.pending[taken:]
	}
	return nil
}

func (r *taskRun) open(ctx workflow.Context, openings []obligation.Opening, now time.Time) error {
	n, err := openAll(ctx, r.in.Setting, openings, now)
	r.started += n
	return err
}

// openAll records a batch and starts the workflows of what is live, awaiting each start. It returns how many it started.
func openAll(ctx workflow.Context, setting activities.Setting, openings []obligation.Opening, now time.Time) (int, error) {
	var opened []activities.Opened
	batch := activities.Batch{Openings: openings, Calendar: setting.Calendar, Now: now}
	err := workflow.ExecuteLocalActivity(local(ctx, openSummary(len(openings))), a.Open, batch).Get(ctx, &opened)
	if err != nil {
		return 0, err
	}
	var starts []workflow.ChildWorkflowFuture
	for i, o := range opened {
		if !o.Live {
			continue
		}
		opening := openings[i]
		opening.Outcome = o.Outcome
		first := obligation.Open(opening, setting.Calendar, o.At)
		first.Seq = o.Seq
		starts = append(starts, start(ctx, setting, obligation.Apply(obligation.State{}, first)))
	}
	for _, s := range starts {
		var run workflow.Execution
		if err := s.GetChildWorkflowExecution().Get(ctx, &run); err != nil && !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
			return 0, err
		}
	}
	return len(starts), nil
}

// start starts the workflow of an obligation. It outlives whoever starts it.
func start(ctx workflow.Context, setting activities.Setting, s obligation.State) workflow.ChildWorkflowFuture {
	return workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            ObligationID(s.ID),
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		TypedSearchAttributes: obligationAttributes(s, setting.Calendar, business(ctx, setting)),
		StaticSummary:         obligationSummary(s),
		StaticDetails:         obligationStaticDetails(s),
	}), ObligationWorkflow, ObligationInput{State: s, Setting: setting})
}

// count reads how the task's obligations stand: the database is the truth, a signal only says that it has changed.
func (r *taskRun) count(ctx workflow.Context) error {
	ref := activities.TaskRef{
		Plan: r.in.Definition.Plan.Code, Task: taskOf(r.in.Definition).Code, Now: business(ctx, r.in.Setting),
	}
	if err := workflow.ExecuteLocalActivity(local(ctx, textCount), a.Count, ref).Get(ctx, &r.counted); err != nil {
		return err
	}
	workflow.SetCurrentDetails(ctx, taskDetails(r.in.Definition, r.counted, r.pending))
	return nil
}

// await waits for the next period, a changed definition, or an outcome.
func (r *taskRun) await(ctx workflow.Context) error {
	woken := func() bool { return r.revise.Len() > 0 || r.outcome.Len() > 0 || (r.entered > 0 && r.full(ctx)) }
	if len(r.pending) == 0 && r.takesHazards(ctx) {
		if _, err := waitUntil(ctx, &r.in.Setting, r.closing(), textClosing, woken); err != nil {
			return err
		}
	} else if len(r.pending) == 0 {
		if err := workflow.Await(ctx, woken); err != nil {
			return err
		}
	} else if _, err := waitUntil(ctx, &r.in.Setting, r.pending[0].At, slotSummary(r.pending[0]), woken); err != nil {
		return err
	}
	r.drain()
	var next TaskInput
	for r.revise.ReceiveAsync(&next) {
		if err := r.adopt(ctx, next); err != nil {
			return err
		}
	}
	return nil
}

// drain takes the waiting outcomes: one count serves all of them.
func (r *taskRun) drain() {
	for r.outcome.ReceiveAsync(nil) {
		continue
	}
}

// adopt takes over a changed definition: running obligations of changed measures are re-armed, units that joined an
// open period are opened, history is reconsidered, new periods are planned.
func (r *taskRun) adopt(ctx workflow.Context, next TaskInput) error {
	before, setting := r.in.Definition, r.in.Setting
	r.in.Definition, r.in.Setting.Calendar = next.Definition, next.Setting.Calendar
	slots, err := r.in.Definition.Agenda(taskOf(r.in.Definition).Code, r.in.Window.From)
	if err != nil {
		return err
	}
	if err := r.adoptHazards(ctx, before, setting.Calendar, next.Reason); err != nil {
		return err
	}
	if err := r.withdraw(ctx, before, next.Reason); err != nil {
		return err
	}
	var joined []obligation.Opening
	for _, s := range slots {
		if !slices.Contains(r.in.Opened, s.Key()) {
			continue
		}
		if next.Reconsider && s.Period.Due < max(before.AsOf, r.in.Definition.AsOf) {
			joined = append(joined, r.in.Definition.Openings(s, r.in.Window.From)...)
			continue
		}
		change := before.Compare(r.in.Definition, s, r.in.Window.From)
		joined = append(joined, change.Joined...)
		for _, o := range change.Rearmed {
			r.rearm(ctx, o, setting, next.Reason)
		}
	}
	for chunk := range slices.Chunk(joined, batchSize) {
		if err := r.open(ctx, chunk, business(ctx, r.in.Setting)); err != nil {
			return err
		}
	}
	return r.plan()
}

// withdraw closes the running obligations of what the definition before had and this one has no more.
func (r *taskRun) withdraw(ctx workflow.Context, before obligation.Definition, reason string) error {
	if workflow.GetVersion(ctx, changeWithdraw, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return nil
	}
	slots, err := before.Agenda(taskOf(before).Code, r.in.Window.From)
	if err != nil {
		return err
	}
	for _, s := range slots {
		if !slices.Contains(r.in.Opened, s.Key()) {
			continue
		}
		for _, o := range before.Gone(r.in.Definition, s, r.in.Window.From) {
			m := RearmSignal{Gone: true, Command: obligation.Command{By: obligation.System, Text: revised(textGone, reason)}}
			tell(ctx, ObligationID(o.Facts.ID), SignalRearm, m)
		}
	}
	return nil
}

// changeWithdraw marks that what leaves a plan is withdrawn; before, it stayed open.
const changeWithdraw = "withdraw-what-left"

func (r *taskRun) rearm(ctx workflow.Context, o obligation.Opening, old activities.Setting, reason string) {
	m := RearmSignal{Command: obligation.Command{By: obligation.System, Text: revised(textRevised, reason), Facts: &o.Facts, Policy: &o.Policy}}
	if old.Calendar.Version() != r.in.Setting.Calendar.Version() {
		m.Calendar = r.in.Setting.Calendar
	}
	tell(ctx, ObligationID(o.Facts.ID), SignalRearm, m)
}

// finish tells the plan that nothing of the task is left to do.
func (r *taskRun) finish(ctx workflow.Context) error {
	if err := r.leave(ctx); err != nil {
		return err
	}
	tell(ctx, PlanID(r.in.Definition.Plan.Code), SignalTaskDone, taskOf(r.in.Definition).Code)
	return nil
}

func (r *taskRun) continueAsNew(ctx workflow.Context) error {
	if err := r.leave(ctx); err != nil {
		return err
	}
	r.drain()
	var next TaskInput
	for r.revise.ReceiveAsync(&next) {
		if err := r.adopt(ctx, next); err != nil {
			return err
		}
	}
	return workflow.NewContinueAsNewError(ctx, TaskWorkflow, r.in)
}
