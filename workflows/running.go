package workflows

import (
	"cmp"
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/temporal"

	"duban/activities"
	"duban/assessment"
	"duban/obligation"
)

// Standing says how the engine has a workflow.
type Standing int

// The standings.
const (
	Absent  Standing = iota // the engine does not know it, or no more
	Runs                    // it is open
	Done                    // it ended by itself
	Stopped                 // it was ended: terminated, cancelled, failed or timed out
)

// Standing returns how the engine has the last run of a workflow, and when that ended; zero where it has not.
func (c *Client) Standing(ctx context.Context, workflowID string) (Standing, time.Time, error) {
	d, err := c.sdk.DescribeWorkflowExecution(ctx, workflowID, "")
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return Absent, time.Time{}, nil
	}
	if err != nil {
		return Absent, time.Time{}, translate(err)
	}
	info := d.GetWorkflowExecutionInfo()
	var ended time.Time
	if t := info.GetCloseTime(); t != nil {
		ended = t.AsTime()
	}
	switch info.GetStatus() {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
		return Runs, ended, nil
	case enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		return Done, ended, nil
	default:
		return Stopped, ended, nil
	}
}

// runningPage is how many workflows the engine lists at a time.
const runningPage = 1000

// Running visits the IDs of the workflows that run. The list runs some moments behind.
func (c *Client) Running(ctx context.Context, visit func(workflowID string)) error {
	return c.list(ctx, "ExecutionStatus = 'Running'", visit)
}

func (c *Client) list(ctx context.Context, query string, visit func(workflowID string)) error {
	var next []byte
	for {
		page, err := c.sdk.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: c.namespace, Query: query, PageSize: runningPage, NextPageToken: next,
		})
		if err != nil {
			return translate(err)
		}
		for _, e := range page.GetExecutions() {
			visit(e.GetExecution().GetWorkflowId())
		}
		if next = page.GetNextPageToken(); len(next) == 0 {
			return nil
		}
	}
}

// Failing is a workflow whose tasks fail: the engine tries them again and again, and it stands still.
type Failing struct {
	Workflow string
	Since    time.Time
}

// Failing returns the workflows whose tasks fail.
func (c *Client) Failing(ctx context.Context) ([]Failing, error) {
	var ids []string
	if err := c.list(ctx, "ExecutionStatus = 'Running' AND "+failingQuery, func(id string) { ids = append(ids, id) }); err != nil {
		return nil, err
	}
	var out []Failing
	for _, id := range ids {
		d, err := c.sdk.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			return nil, translate(err)
		}
		if p := d.GetPendingWorkflowTask(); p != nil { // the list runs behind: it may go on by now
			out = append(out, Failing{id, p.GetOriginalScheduledTime().AsTime()})
		}
	}
	return out, nil
}

// Stop ends a workflow that nothing in the record belongs to. One that does not run is as good.
func (c *Client) Stop(ctx context.Context, workflowID, reason string) error {
	err := c.sdk.TerminateWorkflow(ctx, workflowID, "", reason)
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return nil
	}
	return translate(err)
}

// CatchUp lets an obligation's workflow read what others have recorded, and do what follows from it.
func (c *Client) CatchUp(ctx context.Context, id obligation.ID) error {
	return translate(c.signal(ctx, ObligationID(id), SignalRecorded, RecordedSignal{Lost: true}))
}

// ResumePlan starts the workflow of a plan that has none, and with it what it starts. What runs stays as it is.
func (c *Client) ResumePlan(ctx context.Context, in PlanInput) error {
	p := in.Definition.Plan
	in.Definition = in.Definition.ForWorkflow()
	return c.begin(ctx, PlanID(p.Code), static{summary: planSummary(p)}, temporal.NewSearchAttributes(AttrPlan.ValueSet(p.Code)), PlanWorkflow, in)
}

// ResumeTask starts the workflow of a task that has none: it finds what it opened. The definition is the task's.
func (c *Client) ResumeTask(ctx context.Context, in TaskInput) error {
	t := taskOf(in.Definition)
	return c.begin(ctx, TaskID(in.Definition.Plan.Code, t.Code), static{summary: taskSummary(t)},
		temporal.NewSearchAttributes(AttrPlan.ValueSet(in.Definition.Plan.Code), AttrTask.ValueSet(t.Code)), TaskWorkflow, in)
}

// ResumeDispatch starts the dispatcher of a plan that has none. Where in.Last is zero it begins with the next window.
func (c *Client) ResumeDispatch(ctx context.Context, d obligation.Definition, in DispatchInput) error {
	return c.begin(ctx, DispatchID(in.Plan), static{summary: dispatchSummary(d.Plan)}, temporal.NewSearchAttributes(AttrPlan.ValueSet(in.Plan)), DispatchWorkflow, in)
}

// ResumeAssessment starts the workflow of an assessment that has none: it adopts what is recorded.
func (c *Client) ResumeAssessment(ctx context.Context, d obligation.Definition, in AssessmentInput) error {
	loc := obligation.Location(in.Zone)
	begun := assessment.Begin(in.Plan, in.half(), in.half().Checkpoint(loc))
	attributes := append(showAssessment(begun, begun.Since, loc).since(shown{}), AttrPlan.ValueSet(in.Plan))
	return c.begin(ctx, AssessmentID(in.Plan, in.Half), static{summary: assessmentSummary(d.Plan, in.half())}, temporal.NewSearchAttributes(attributes...), AssessmentWorkflow, in)
}

// ResumeObligation starts the workflow of an obligation that has none. in.State is what the ledger leads to, so that no step is
// taken twice; now is the business instant.
func (c *Client) ResumeObligation(ctx context.Context, in ObligationInput, now time.Time) error {
	said := static{obligationSummary(in.State), obligationStaticDetails(in.State)}
	return c.begin(ctx, ObligationID(in.State.ID), said, obligationAttributes(in.State, in.Setting.Calendar, now), ObligationWorkflow, in)
}

// ResumeDocument starts the workflow of a document that has none.
func (c *Client) ResumeDocument(ctx context.Context, d activities.DocumentStart) error {
	doc := d.Document
	return c.begin(ctx, DocumentID(doc.Obligation, doc.Rung), static{summary: documentSummary(doc)}, documentAttributes(d), DocumentWorkflow, DocumentInput{DocumentStart: d})
}

func documentAttributes(d activities.DocumentStart) temporal.SearchAttributes {
	doc := d.Document
	attributes := []temporal.SearchAttributeUpdate{
		AttrPlan.ValueSet(doc.Obligation.Plan), AttrMeasure.ValueSet(doc.Obligation.Measure), AttrUnit.ValueSet(cmp.Or(d.UnitName, doc.Unit)),
		AttrRung.ValueSet(doc.Rung.Chinese()), AttrWaitingOn.ValueSet(documentHolder(doc, d.UnitName)),
	}
	if until := doc.WaitsUntil(); !until.IsZero() { // an interview that is followed up
		attributes = append(attributes, AttrDue.ValueSet(until.At(0, obligation.Location(d.Zone))))
	}
	return temporal.NewSearchAttributes(attributes...)
}

// A worker that asks for tasks waits a while for one; nobody puts any into the queue that is asked here.
const (
	clockQueue = "duban-clock"
	clockPoll  = 3 * time.Second
)

// Clock returns the instant at which the engine last heard a question that was put to it between two instants of this machine's
// clock: if both clocks agree, it lies between them. It takes some seconds.
func (c *Client) Clock(ctx context.Context, machine func() time.Time) (before, engine, after time.Time, err error) {
	queue := &taskqueuepb.TaskQueue{Name: clockQueue, Kind: enumspb.TASK_QUEUE_KIND_NORMAL}
	before = machine()
	polling, cancel := context.WithTimeout(ctx, clockPoll)
	defer cancel()
	// That it comes back empty, or not in time, is what it is expected to do.
	_, _ = c.sdk.WorkflowService().PollActivityTaskQueue(polling, &workflowservice.PollActivityTaskQueueRequest{Namespace: c.namespace, TaskQueue: queue, Identity: clockQueue})
	after = machine()
	d, err := c.sdk.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: c.namespace, TaskQueue: queue, TaskQueueType: enumspb.TASK_QUEUE_TYPE_ACTIVITY,
	})
	if err != nil {
		return before, engine, after, translate(err)
	}
	for _, p := range d.GetPollers() {
		if at := p.GetLastAccessTime().AsTime(); at.After(engine) {
			engine = at
		}
	}
	if engine.IsZero() {
		return before, engine, after, ErrEngine
	}
	return before, engine, after, nil
}
