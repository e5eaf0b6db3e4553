package telemetry

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
)

// beats are when the process was last seen to work, in seconds of Unix time; 0: not yet.
type beats struct {
	polled     atomic.Int64 // the worker asked the engine for work and was answered
	dispatched atomic.Int64 // a run of the dispatcher ended well
}

// watchBeats adds the gauges that alarm when nothing ran.
func (t *Telemetry) watchBeats() error {
	if !t.Measures() {
		return nil
	}
	const polled, dispatched = "duban_worker_last_poll_timestamp_seconds", "duban_dispatch_last_run_timestamp_seconds"
	return t.watch([]Gauge{
		{polled, "When the engine last answered this process's worker that asked it for work, in seconds of Unix time; 0: not yet."},
		{dispatched, "When this process last ended a run of the dispatcher, in seconds of Unix time; 0: not yet."},
	}, 0, time.Now, func(context.Context) ([]Reading, error) {
		return []Reading{
			{Gauge: polled, Value: float64(t.beats.polled.Load())}, {Gauge: dispatched, Value: float64(t.beats.dispatched.Load())},
		}, nil
	})
}

// rare are the engine's counters that alarms look at. Most processes never count any: they stand at zero from the start.
var rare = []string{
	"temporal_workflow_task_execution_failed", "temporal_activity_execution_failed", "temporal_local_activity_execution_failed", "temporal_request_failure",
}

// Engine returns where the engine's client and worker keep their metrics (temporal_…); nil: nowhere.
func (t *Telemetry) Engine() client.MetricsHandler {
	if !t.Measures() {
		return nil
	}
	h := opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{Meter: t.meter, UseMonotonicCounters: true})
	for _, name := range rare {
		h.Counter(name).Inc(0)
	}
	return polls{h, &t.beats}
}

// polls notices when a worker's question for work was answered, with some or none.
type polls struct {
	client.MetricsHandler
	beats *beats
}

// WithTags implements client.MetricsHandler.
func (p polls) WithTags(tags map[string]string) client.MetricsHandler {
	return polls{p.MetricsHandler.WithTags(tags), p.beats}
}

// Counter implements client.MetricsHandler.
func (p polls) Counter(name string) client.MetricsCounter {
	c := p.MetricsHandler.Counter(name)
	switch name {
	case "temporal_workflow_task_queue_poll_succeed", "temporal_workflow_task_queue_poll_empty", "temporal_activity_poll_no_task":
		return beating{c, p.beats}
	default:
		return c
	}
}

type beating struct {
	client.MetricsCounter
	beats *beats
}

// Inc implements client.MetricsCounter.
func (b beating) Inc(n int64) {
	b.beats.polled.Store(time.Now().Unix())
	b.MetricsCounter.Inc(n)
}

// Interceptors return what follows a trace through the engine, and what notices that the dispatcher runs. They write a header and no
// command, so that a history is replayed with them and without.
func (t *Telemetry) Interceptors() ([]interceptor.ClientInterceptor, error) {
	var out []interceptor.ClientInterceptor
	if t.Traces() {
		tracing, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
			Tracer: t.tracer, DisableBaggage: true, DisableQueryTracing: true, AllowInvalidParentSpans: true, SpanStarter: start,
		})
		if err != nil {
			return nil, err
		}
		out = append(out, tracing)
	}
	if t.Measures() {
		out = append(out, &watcher{beats: &t.beats})
	}
	return out, nil
}

// start begins the span of something in the engine; the whole run of a workflow has none. It lasts for months, is begun anew whenever the
// workflow is read back into memory, and would gather three years of reminders in the trace of the seeding: each of them is a
// trace of its own.
func start(ctx context.Context, t trace.Tracer, name string, options ...trace.SpanStartOption) trace.Span {
	if strings.HasPrefix(name, "RunWorkflow:") {
		return trace.SpanFromContext(context.Background())
	}
	_, span := t.Start(ctx, name, options...)
	return span
}

// watcher notices that the dispatcher runs.
type watcher struct {
	interceptor.InterceptorBase
	beats *beats
}

// InterceptActivity implements interceptor.WorkerInterceptor.
func (w *watcher) InterceptActivity(ctx context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &watched{interceptor.ActivityInboundInterceptorBase{Next: next}, w.beats}
}

type watched struct {
	interceptor.ActivityInboundInterceptorBase
	beats *beats
}

// dispatch is the name of the activity that sends what the outbox holds.
const dispatch = "Dispatch"

// ExecuteActivity implements interceptor.ActivityInboundInterceptor.
func (w *watched) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	out, err := w.Next.ExecuteActivity(ctx, in)
	if err == nil && activity.GetInfo(ctx).ActivityType.Name == dispatch {
		w.beats.dispatched.Store(time.Now().Unix())
	}
	return out, err
}
