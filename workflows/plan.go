package workflows

import (
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// PlanWorkflow starts a plan's tasks, its dispatcher and its half-yearly assessments, takes in changed definitions, and ends with
// the last of them.
func PlanWorkflow(ctx workflow.Context, in PlanInput) error {
	r := &planRun{
		in: in, done: workflow.GetSignalChannel(ctx, SignalTaskDone), assessed: workflow.GetSignalChannel(ctx, SignalAssessed), lock: workflow.NewMutex(ctx),
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, UpdateSeed, r.seed, workflow.UpdateHandlerOptions{Description: textSeed}); err != nil {
		return err
	}
	if err := r.startAll(ctx); err != nil {
		return err
	}
	for !r.ended() {
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() {
			return r.continueAsNew(ctx)
		}
		if err := workflow.Await(ctx, func() bool { return r.done.Len() > 0 || r.assessed.Len() > 0 }); err != nil {
			return err
		}
		r.drain(ctx)
	}
	tell(ctx, DispatchID(r.in.Definition.Plan.Code), SignalFinish, Empty{})
	return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

type planRun struct {
	in       PlanInput
	done     workflow.ReceiveChannel
	assessed workflow.ReceiveChannel
	lock     workflow.Mutex
	// fresh are tasks that this run started by itself: the seeding that began it is told of them.
	fresh int
}

func (r *planRun) drain(ctx workflow.Context) {
	var task string
	for r.done.ReceiveAsync(&task) {
		if !slices.Contains(r.in.Done, task) {
			r.in.Done = append(r.in.Done, task)
		}
	}
	var half string
	for r.assessed.ReceiveAsync(&half) {
		if !slices.Contains(r.in.Assessed, half) {
			r.in.Assessed = append(r.in.Assessed, half)
		}
	}
	workflow.SetCurrentDetails(ctx, planDetails(r.in))
}

func (r *planRun) ended() bool {
	if slices.ContainsFunc(r.in.Halves, func(half string) bool { return !slices.Contains(r.in.Assessed, half) }) {
		return false
	}
	return !slices.ContainsFunc(r.in.Definition.Plan.Tasks, func(t plan.Task) bool { return !slices.Contains(r.in.Done, t.Code) })
}

// startAll starts the dispatcher and every task that has not been started.
func (r *planRun) startAll(ctx workflow.Context) error {
	if err := r.lock.Lock(ctx); err != nil {
		return err
	}
	defer r.lock.Unlock()
	n, err := r.start(ctx)
	r.fresh += n
	if err != nil {
		return err
	}
	return r.assess(ctx, changeAssessments)
}

// changeAssessments marks that a plan starts its half-yearly assessments; before, nobody did. A seeding has a change of its
// own, by its Update: a plan that was started before begins them with the first seeding afterwards.
const changeAssessments = "assessments"

// assess starts the assessments that were not started yet: of every half-year that is not over on the as-of date.
func (r *planRun) assess(ctx workflow.Context, change string) error {
	p := r.in.Definition.Plan
	halves := slices.DeleteFunc(assessment.Checkpoints(p, r.in.Definition.AsOf), func(h assessment.Half) bool { return slices.Contains(r.in.Halves, h.String()) })
	if len(halves) == 0 || workflow.GetVersion(ctx, change, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return nil
	}
	loc := obligation.Location(p.Zone)
	var futures []workflow.ChildWorkflowFuture
	for _, h := range halves {
		begun := assessment.Begin(p.Code, h, h.Checkpoint(loc))
		attributes := append(showAssessment(begun, begun.Since, loc).since(shown{}), AttrPlan.ValueSet(p.Code))
		futures = append(futures, workflow.ExecuteChildWorkflow(child(ctx, AssessmentID(p.Code, h.String()), assessmentSummary(p, h), attributes...),
			AssessmentWorkflow, AssessmentInput{Plan: p.Code, Half: h.String(), Zone: p.Zone, At: r.in.Window.From, Setting: r.in.Setting}))
		r.in.Halves = append(r.in.Halves, h.String())
	}
	for _, f := range futures {
		if err := started(ctx, f); err != nil {
			return err
		}
	}
	workflow.SetCurrentDetails(ctx, planDetails(r.in))
	return nil
}

func (r *planRun) start(ctx workflow.Context) (int, error) {
	p := r.in.Definition.Plan
	dispatch := workflow.ExecuteChildWorkflow(child(ctx, DispatchID(p.Code), dispatchSummary(p), AttrPlan.ValueSet(p.Code)),
		DispatchWorkflow, DispatchInput{Plan: p.Code, Zone: p.Zone, Setting: r.in.Setting, Window: r.in.Window})
	if err := started(ctx, dispatch); err != nil {
		return 0, err
	}
	var futures []workflow.ChildWorkflowFuture
	for _, t := range p.Tasks {
		if slices.Contains(r.in.Started, t.Code) {
			continue
		}
		futures = append(futures, workflow.ExecuteChildWorkflow(
			child(ctx, TaskID(p.Code, t.Code), taskSummary(t), AttrPlan.ValueSet(p.Code), AttrTask.ValueSet(t.Code)),
			TaskWorkflow, r.task(t)))
		r.in.Started = append(r.in.Started, t.Code)
	}
	for _, f := range futures {
		if err := started(ctx, f); err != nil {
			return 0, err
		}
	}
	workflow.SetCurrentDetails(ctx, planDetails(r.in))
	return len(futures), nil
}

// reassess lets the assessments go by a changed definition.
func (r *planRun) reassess(ctx workflow.Context, before *calendar.Calendar) error {
	if now := r.in.Setting.Calendar; now != nil && (before == nil || now.Version() != before.Version()) {
		for _, half := range r.in.Halves {
			if !slices.Contains(r.in.Assessed, half) {
				tell(ctx, AssessmentID(r.in.Definition.Plan.Code, half), SignalCalendar, now)
			}
		}
	}
	return r.assess(ctx, changeAssessments+"/"+updateID(ctx))
}

func (r *planRun) task(t plan.Task) TaskInput {
	return TaskInput{Setting: r.in.Setting, Window: r.in.Window, Definition: r.in.Definition.ForTask(t.Code)}
}

func child(ctx workflow.Context, id, summary string, attributes ...temporal.SearchAttributeUpdate) workflow.Context {
	return workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            id,
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_ABANDON,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		TypedSearchAttributes: temporal.NewSearchAttributes(attributes...),
		StaticSummary:         summary,
	})
}

// started awaits a child's start. One that exists already is as good.
func started(ctx workflow.Context, f workflow.ChildWorkflowFuture) error {
	err := f.GetChildWorkflowExecution().Get(ctx, nil)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return nil
	}
	return err
}

// seed takes in the definition as it was seeded last. Seeding what runs already changes nothing.
func (r *planRun) seed(ctx workflow.Context, in PlanInput) (SeedResult, error) {
	if err := r.lock.Lock(ctx); err != nil {
		return SeedResult{}, err
	}
	defer r.lock.Unlock()
	result := SeedResult{Version: in.Definition.Version, Started: r.fresh}
	r.fresh = 0
	if err := r.assess(ctx, changeAssessments+"/"+updateID(ctx)); err != nil {
		return result, err
	}
	if in.Definition.Version < r.in.Definition.Version || (in.Definition.Version == r.in.Definition.Version && len(in.Reconsider) == 0) {
		result.Version = r.in.Definition.Version
		return result, nil
	}
	before, holidays := r.in.Definition, r.in.Setting.Calendar
	r.in.Definition, r.in.Setting.Calendar = in.Definition, in.Setting.Calendar
	if err := r.reassess(ctx, holidays); err != nil {
		return result, err
	}
	for _, t := range in.Definition.Plan.Tasks {
		reconsider := slices.Contains(in.Reconsider, t.Code) || before.AsOf != in.Definition.AsOf
		if !slices.Contains(r.in.Started, t.Code) || (before.SameTask(in.Definition, t.Code) && !reconsider) {
			continue
		}
		revision := r.task(t)
		revision.Reconsider, revision.Reason = reconsider, in.Reason
		tell(ctx, TaskID(in.Definition.Plan.Code, t.Code), SignalRevise, revision)
		result.Revised++
		if slices.Contains(r.in.Done, t.Code) {
			// It had ended: it begins anew, finds what it opened, and opens what was added.
			done := func(code string) bool { return code == t.Code }
			r.in.Done, r.in.Started = slices.DeleteFunc(r.in.Done, done), slices.DeleteFunc(r.in.Started, done)
		}
	}
	n, err := r.start(ctx)
	result.Started += n
	return result, err
}

func (r *planRun) continueAsNew(ctx workflow.Context) error {
	if err := workflow.Await(ctx, func() bool { return idle(ctx) && !r.lock.IsLocked() }); err != nil {
		return err
	}
	r.drain(ctx)
	return workflow.NewContinueAsNewError(ctx, PlanWorkflow, r.in)
}

// taskOf returns the one task of a task's definition.
func taskOf(d obligation.Definition) plan.Task { return d.Plan.Tasks[0] }
