package workflows

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"

	"duban/activities"
	"duban/assessment"
	"duban/obligation"
)

// Client is duban's view of the engine: the only place that knows the SDK's client. Its methods translate the engine's
// errors: a refusal of the core becomes an *obligation.Error or *assessment.Error again, an engine that cannot be reached ErrEngine.
type Client struct {
	sdk       client.Client
	namespace string
	queue     string
	now       time.Time // business instant that commands tell, where the clock is held
	heard     func(context.Context, obligation.Unheard)
}

// At returns the client of somebody who acts at the business instant on a held clock: the time of the workflows there
// moves only when it is told.
func (c *Client) At(now time.Time) *Client {
	at := *c
	at.now = now
	return &at
}

// ErrEngine is returned when the engine gave no answer. What was asked may have been done: asking again with the same
// key is safe.
var ErrEngine = errors.New("workflow engine unavailable")

// Connection says how to reach a Temporal frontend.
type Connection struct {
	HostPort  string                  // empty: as the profile says
	Namespace string                  // empty: as the profile says
	Profile   string                  // of Temporal's client configuration file; empty: none
	APIKey    string                  // a bearer token: of a cluster, or of the embedded server's start
	TLS       *tls.Config             // nil: as the profile says, else without TLS
	Embedded  bool                    // the server is in this process: the key goes over loopback without TLS
	TaskQueue string                  // empty: TaskQueue
	Converter converter.DataConverter // what all that the engine keeps goes through, errors too; nil: it keeps them readable
	Log       *slog.Logger

	Metrics      client.MetricsHandler // of the client and its workers; nil: there are none
	Interceptors []interceptor.ClientInterceptor

	Heard func(context.Context, obligation.Unheard) // a workflow has answered a person; nil: nobody keeps account of that
}

// Dial connects to the engine. The caller closes the client.
func Dial(ctx context.Context, c Connection) (*Client, error) {
	var options client.Options
	if c.Profile != "" {
		loaded, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{ConfigFileProfile: c.Profile})
		if err != nil {
			return nil, fmt.Errorf("profile %s: %w", c.Profile, err)
		}
		options = loaded
	}
	options.Logger = log.NewStructuredLogger(c.Log)
	options.HostPort = cmp.Or(c.HostPort, options.HostPort)
	options.Namespace = cmp.Or(c.Namespace, options.Namespace)
	if c.TLS != nil {
		options.ConnectionOptions.TLS = c.TLS
	}
	if c.APIKey != "" {
		options.Credentials = client.NewAPIKeyStaticCredentials(c.APIKey)
		options.ConnectionOptions.TLSDisabled = c.Embedded // the SDK turns it on for keys
	}
	if c.Converter != nil {
		options.DataConverter = c.Converter
		options.FailureConverter = FailureConverter(c.Converter)
	}
	options.MetricsHandler, options.Interceptors = c.Metrics, append(options.Interceptors, c.Interceptors...)
	sdk, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEngine, err)
	}
	heard := c.Heard
	if heard == nil {
		heard = func(context.Context, obligation.Unheard) {}
	}
	return &Client{sdk: sdk, namespace: options.Namespace, queue: cmp.Or(c.TaskQueue, TaskQueue), heard: heard}, nil
}

// FailureConverter returns how errors are kept where values go through the converter: their texts go through it as well.
func FailureConverter(values converter.DataConverter) converter.FailureConverter {
	return temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{DataConverter: values, EncodeCommonAttributes: true})
}

// SDK returns the SDK's client, for workers.
func (c *Client) SDK() client.Client { return c.sdk }

// Namespace returns the namespace that this client works in.
func (c *Client) Namespace() string { return c.namespace }

// TaskQueue returns the queue on which this client starts workflows.
func (c *Client) TaskQueue() string { return c.queue }

// Close ends the connection.
func (c *Client) Close() { c.sdk.Close() }

// Prepare registers the search attributes in the namespace of an external cluster, and returns when the cluster takes
// them. Those it has already stay. Several processes may do so at once.
func (c *Client) Prepare(ctx context.Context) error {
	missing, err := c.missingAttributes(ctx)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		_, err = c.sdk.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
			Namespace: c.namespace, SearchAttributes: missing,
		})
	}
	if err != nil {
		// Where another process came first there is nothing left to do.
		if missing, again := c.missingAttributes(ctx); again != nil || len(missing) > 0 {
			return fmt.Errorf("add search attributes: %w", err)
		}
	}
	return c.awaitAttributes(ctx)
}

// missingAttributes returns what the namespace does not have yet.
func (c *Client) missingAttributes(ctx context.Context) (map[string]enumspb.IndexedValueType, error) {
	have, err := c.sdk.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: c.namespace})
	if err != nil {
		return nil, fmt.Errorf("list search attributes: %w", err)
	}
	missing := maps.Clone(SearchAttributes)
	maps.DeleteFunc(missing, func(name string, _ enumspb.IndexedValueType) bool {
		_, ok := have.GetCustomAttributes()[name]
		return ok
	})
	return missing, nil
}

// A cluster's frontends hear of new search attributes some seconds after they were registered.
const (
	attributesRetry = 500 * time.Millisecond
	attributesWait  = 2 * time.Minute
)

// awaitAttributes returns when the frontend knows the search attributes: until then it takes no workflow that has them.
func (c *Client) awaitAttributes(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, attributesWait)
	defer cancel()
	retry := time.NewTicker(attributesRetry)
	defer retry.Stop()
	names := slices.Sorted(maps.Keys(SearchAttributes))
	probe := &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: c.namespace, Query: "WorkflowId = 'none' AND (" + strings.Join(names, " IS NULL OR ") + " IS NULL)",
	}
	for {
		_, err := c.sdk.CountWorkflow(ctx, probe)
		if _, unknown := errors.AsType[*serviceerror.InvalidArgument](err); !unknown {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("search attributes: %w", err)
		case <-retry.C:
		}
	}
}

// StartPlan starts a plan's workflow, or gives the running one the definition as it was seeded last.
func (c *Client) StartPlan(ctx context.Context, in PlanInput) (SeedResult, error) {
	in.Definition = in.Definition.ForWorkflow()
	return persist(ctx, func() (SeedResult, error) { return c.seed(ctx, in) }, notReady)
}

func (c *Client) seed(ctx context.Context, in PlanInput) (SeedResult, error) {
	p := in.Definition.Plan
	start := c.sdk.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID: PlanID(p.Code), TaskQueue: c.queue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		TypedSearchAttributes:    temporal.NewSearchAttributes(AttrPlan.ValueSet(p.Code)),
		StaticSummary:            planSummary(p),
	}, PlanWorkflow, in)
	handle, err := c.sdk.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start,
		UpdateOptions: client.UpdateWorkflowOptions{
			WorkflowID: PlanID(p.Code), UpdateName: UpdateSeed, Args: []any{in}, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	var result SeedResult
	if err == nil {
		err = handle.Get(ctx, &result)
	}
	return result, translate(err)
}

// Command puts a person's command to an obligation. c.Key makes it idempotent.
func (c *Client) Command(ctx context.Context, id obligation.ID, cmd obligation.Command) (obligation.Event, error) {
	e, err := update[obligation.Event](ctx, c, ObligationID(id), string(cmd.Kind), cmd.Key, Command{Command: cmd, Now: c.now})
	return e, c.answered(ctx, id.String(), cmd.Key, err)
}

// Register enters a hazard under the task that carries them. r.Key makes it idempotent.
func (c *Client) Register(ctx context.Context, plan, task string, r obligation.Registration) (obligation.Event, error) {
	e, err := update[obligation.Event](ctx, c, TaskID(plan, task), UpdateRegister, r.Key, Register{Registration: r, Now: c.now})
	if err != nil {
		return e, err
	}
	return e, c.answered(ctx, e.Facts.ID.String(), r.Key, nil)
}

// SignOff lets a draft go out.
func (c *Client) SignOff(
	ctx context.Context, id obligation.ID, rung obligation.Rung, by obligation.Actor, meeting *obligation.Meeting, key string,
) (obligation.Document, error) {
	d, err := update[obligation.Document](ctx, c, DocumentID(id, rung), UpdateSignOff, key, SignOff{By: by, Meeting: meeting, Now: c.now})
	return d, c.answered(ctx, id.String(), key, err)
}

// Withdraw takes a draft back.
func (c *Client) Withdraw(
	ctx context.Context, id obligation.ID, rung obligation.Rung, by obligation.Actor, reason, key string,
) (obligation.Document, error) {
	d, err := update[obligation.Document](ctx, c, DocumentID(id, rung), UpdateWithdraw, key, Withdraw{By: by, Reason: reason, Now: c.now})
	return d, c.answered(ctx, id.String(), key, err)
}

// Interview puts a person's command about an interview. cmd.Key makes it idempotent.
func (c *Client) Interview(ctx context.Context, id obligation.ID, cmd obligation.Command) (obligation.Document, error) {
	d, err := update[obligation.Document](ctx, c, DocumentID(id, obligation.Interview), string(cmd.Kind), cmd.Key, Command{Command: cmd, Now: c.now})
	return d, c.answered(ctx, id.String(), cmd.Key, err)
}

// Assess puts a person's command about a half-yearly assessment. c.Key makes it idempotent.
func (c *Client) Assess(ctx context.Context, plan, half string, cmd assessment.Command) (assessment.Event, error) {
	e, err := update[assessment.Event](ctx, c, AssessmentID(plan, half), string(cmd.Kind), cmd.Key, AssessmentCommand{Command: cmd, Now: c.now})
	return e, c.answered(ctx, assessment.ID(plan, half), cmd.Key, err)
}

// answered lets it be known that a workflow has carried a command out to its end, and returns the error of the command.
func (c *Client) answered(ctx context.Context, ledger, key string, err error) error {
	if err == nil {
		c.heard(ctx, obligation.Unheard{Ledger: ledger, Command: key})
	}
	return err
}

// MakeUpObligation lets an obligation's workflow make up for what was recorded without it. A hazard that was entered and has no
// workflow yet gets one.
func (c *Client) MakeUpObligation(ctx context.Context, s obligation.State, setting activities.Setting) error {
	m := RecordedSignal{Lost: true}
	if s.Hazard == nil || s.Seq > 1 || s.IsClosed() {
		return c.signal(ctx, ObligationID(s.ID), SignalRecorded, m)
	}
	_, err := c.sdk.SignalWithStartWorkflow(ctx, ObligationID(s.ID), SignalRecorded, m, client.StartWorkflowOptions{
		ID: ObligationID(s.ID), TaskQueue: c.queue,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		TypedSearchAttributes: obligationAttributes(s, setting.Calendar, setting.Clock.Business(time.Now())),
		StaticSummary:         obligationSummary(s),
		StaticDetails:         obligationStaticDetails(s),
	}, ObligationWorkflow, ObligationInput{State: s, Setting: setting})
	if _, ok := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); ok {
		return nil // it ran and has ended
	}
	return err
}

// MakeUpDocument lets a document's workflow make up for what was recorded without it.
func (c *Client) MakeUpDocument(ctx context.Context, id obligation.ID, rung obligation.Rung) error {
	return c.signal(ctx, DocumentID(id, rung), SignalRecorded, RecordedSignal{Lost: true})
}

// MakeUpAssessment lets the workflow of the assessment with the ID make up for what was recorded without it.
func (c *Client) MakeUpAssessment(ctx context.Context, id string) error {
	return c.signal(ctx, assessmentPrefix+id, SignalRecorded, RecordedSignal{Lost: true})
}

// The record runs a moment ahead of the engine: what was just opened or drafted may have no workflow yet.
const (
	startGrace = 5 * time.Second
	startRetry = 200 * time.Millisecond
)

// update puts an Update to a workflow that the caller knows to be open.
func update[T any](ctx context.Context, c *Client, workflowID, name, key string, payload any) (T, error) {
	return persist(ctx, func() (T, error) { return updateOnce[T](ctx, c, workflowID, name, key, payload) },
		func(err error) bool { return obligation.IsNotFound(err) || notReady(err) })
}

// notReady reports whether a workflow's task failed while an Update waited for it, as in the first moments of a cluster, whose
// services learn of the search attributes one after the other.
func notReady(err error) bool {
	_, not := errors.AsType[*serviceerror.WorkflowNotReady](err)
	return not
}

// persist asks again for a moment while the error is one that passes.
func persist[T any](ctx context.Context, ask func() (T, error), passes func(error) bool) (T, error) {
	grace, cancel := context.WithTimeout(ctx, startGrace)
	defer cancel()
	retry := time.NewTicker(startRetry)
	defer retry.Stop()
	for {
		out, err := ask()
		if err == nil || !passes(err) {
			return out, err
		}
		select {
		case <-grace.Done():
			return out, err
		case <-retry.C:
		}
	}
}

func updateOnce[T any](ctx context.Context, c *Client, workflowID, name, key string, payload any) (T, error) {
	var out T
	handle, err := c.sdk.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		UpdateID: key, WorkflowID: workflowID, UpdateName: name, Args: []any{payload}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, &out)
	}
	return out, translate(err)
}

// StartDocument implements activities.Engine.
func (c *Client) StartDocument(ctx context.Context, d activities.DocumentStart) error {
	doc := d.Document
	_, err := c.sdk.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: DocumentID(doc.Obligation, doc.Rung), TaskQueue: c.queue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		TypedSearchAttributes:    documentAttributes(d),
		StaticSummary:            documentSummary(doc),
	}, DocumentWorkflow, DocumentInput{DocumentStart: d})
	if _, ok := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); ok {
		return nil // it ran and has ended
	}
	return err
}

// static is what people read of a workflow from its start to its end.
type static struct{ summary, details string }

// begin starts a workflow, also one that ran before and was ended. One that runs stays as it is.
func (c *Client) begin(ctx context.Context, id string, said static, attributes temporal.SearchAttributes, run, in any) error {
	_, err := c.sdk.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: c.queue,
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		TypedSearchAttributes:    attributes,
		StaticSummary:            said.summary,
		StaticDetails:            said.details,
	}, run, in)
	return translate(err)
}

// hurried is how little time is left for a question that isn't put again.
const hurried = time.Second

// Position returns the sequence of the last event that an obligation's workflow knows of. The error is CodeNotFound where none
// runs, and context.DeadlineExceeded where it does not answer in the context's time.
func (c *Client) Position(ctx context.Context, id obligation.ID) (int, error) {
	answer, err := c.sdk.QueryWorkflowWithOptions(ctx, &client.QueryWorkflowWithOptionsRequest{
		WorkflowID: ObligationID(id), QueryType: QueryPosition, QueryRejectCondition: enumspb.QUERY_REJECT_CONDITION_NOT_OPEN,
	})
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone || err == nil && answer.QueryRejected != nil {
		return 0, &obligation.Error{Code: obligation.CodeNotFound}
	}
	if _, late := errors.AsType[*serviceerror.DeadlineExceeded](err); late {
		// The server is a moment earlier than the context. One that is busy gives up sooner, which says nothing of the workflow.
		if until, bounded := ctx.Deadline(); ctx.Err() == nil && (!bounded || time.Until(until) > hurried) {
			return c.Position(ctx, id)
		}
		return 0, fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	}
	if err != nil {
		return 0, translate(err)
	}
	var seq int
	return seq, answer.QueryResult.Get(&seq)
}

// SettleDocument implements activities.Engine.
func (c *Client) SettleDocument(ctx context.Context, id obligation.ID, rung obligation.Rung) error {
	return c.signal(ctx, DocumentID(id, rung), SignalSettled, Empty{})
}

// NotifyTask implements activities.Engine.
func (c *Client) NotifyTask(ctx context.Context, plan, task string) error {
	return c.signal(ctx, TaskID(plan, task), SignalOutcome, Empty{})
}

// NotifyDispatch implements activities.Engine.
func (c *Client) NotifyDispatch(ctx context.Context, plan string) error {
	return c.signal(ctx, DispatchID(plan), SignalUrgent, Empty{})
}

// signal signals a workflow. One that has ended needs no telling.
func (c *Client) signal(ctx context.Context, workflowID, name string, payload any) error {
	err := c.sdk.SignalWorkflow(ctx, workflowID, "", name, payload)
	if _, ok := errors.AsType[*serviceerror.NotFound](err); ok {
		return nil
	}
	return err
}

// Check returns an error where the engine does not answer.
func (c *Client) Check(ctx context.Context) error {
	_, err := c.sdk.CheckHealth(ctx, &client.CheckHealthRequest{})
	return err
}

// translate turns the engine's errors into the domain's.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if refusal, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		if code := obligation.ErrorCode(refusal.Type()); obligation.KnownCode(code) {
			return &obligation.Error{Code: code}
		}
		if code := assessment.Code(refusal.Type()); assessment.KnownCode(code) {
			return assessment.Refuse(code)
		}
		return fmt.Errorf("%w: %w", ErrEngine, err)
	}
	if _, ok := errors.AsType[*serviceerror.NotFound](err); ok {
		return &obligation.Error{Code: obligation.CodeNotFound}
	}
	return fmt.Errorf("%w: %w", ErrEngine, err)
}
