package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

func measured(t testing.TB, o Options) *Telemetry {
	t.Helper()
	o.Metrics = true
	observed, err := New(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, observed.Close(context.Background())) })
	return observed
}

func page(t *testing.T, observed *Telemetry) string {
	t.Helper()
	w := httptest.NewRecorder()
	observed.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	return w.Body.String()
}

func TestNothingIsObservedUnlessAskedFor(t *testing.T) {
	observed, err := New(t.Context(), Options{})
	require.NoError(t, err)
	for name, o := range map[string]*Telemetry{"off": observed, "none": nil} {
		require.False(t, o.Observes(), name)
		require.Nil(t, o.Engine(), name)
		interceptors, err := o.Interceptors()
		require.NoError(t, err, name)
		require.Empty(t, interceptors, name)
		meter, err := o.EngineMeter()
		require.NoError(t, err, name)
		require.Nil(t, meter, name)
		require.NoError(t, o.Watch([]Gauge{{Name: "duban_x", Help: "x"}}, func(context.Context) ([]Reading, error) {
			t.Fatal("was read")
			return nil, nil
		}), name)
	}
	require.NoError(t, observed.Close(t.Context()))
}

func TestGaugesAreReadOnceInAWhile(t *testing.T) {
	observed := measured(t, Options{})
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	reads, fault := 0, error(nil)
	require.NoError(t, observed.watch([]Gauge{{"duban_things", "Things."}}, fresh, func() time.Time { return at }, func(context.Context) ([]Reading, error) {
		reads++
		return []Reading{{"duban_things", float64(reads), []string{"kind", "red"}}}, fault
	}))
	require.Contains(t, page(t, observed), `duban_things{kind="red"} 1`)
	at = at.Add(fresh - 1)
	require.Contains(t, page(t, observed), `duban_things{kind="red"} 1`)
	at = at.Add(1)
	require.Contains(t, page(t, observed), `duban_things{kind="red"} 2`)
	require.Equal(t, 2, reads)

	at, fault = at.Add(fresh), errors.New("away")
	broken := page(t, observed)
	require.NotContains(t, broken, "duban_things{", "an old value would pass for a new one")
	require.Contains(t, page(t, observed), "duban_reading_failures_total 1")
	at, fault = at.Add(fresh), nil
	require.Contains(t, page(t, observed), `duban_things{kind="red"} 4`)
}

// served is a router that is observed.
func served(t testing.TB, observed *Telemetry) http.Handler {
	t.Helper()
	gin.SetMode(gin.TestMode)
	r := gin.New()
	r.HandleMethodNotAllowed = true
	if observed.Observes() {
		r.Use(observed.Requests())
	}
	r.GET("/feeds/:secret", func(c *gin.Context) { c.Status(http.StatusOK) })
	r.GET("/broken", func(c *gin.Context) { c.Status(http.StatusInternalServerError) })
	return r
}

func TestRequestsAreCountedByRoute(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	observed := measured(t, Options{Exporter: spans, Ratio: 1})
	h := served(t, observed)
	for _, target := range []string{"GET /feeds/hemlig-1", "GET /feeds/hemlig-2", "GET /nowhere/hemlig-3", "BREW /feeds/hemlig-4", "GET /broken"} {
		method, path, _ := strings.Cut(target, " ")
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, path+"?token=hemlig-5", nil))
	}
	got := page(t, observed)
	for _, line := range []string{
		`_count{method="GET",route="/feeds/:secret",status="200"} 2`,
		`_count{method="GET",route="none",status="404"} 1`,
		`_count{method="other",route="none",status="405"} 1`,
		`_count{method="GET",route="/broken",status="500"} 1`,
	} {
		require.Contains(t, got, "duban_http_request_duration_seconds"+line)
	}
	text, err := json.Marshal(spans.GetSpans())
	require.NoError(t, err)
	require.NotContains(t, got+string(text), "hemlig", "paths may be secrets")
	require.NotContains(t, string(text), "192.0.2.1", "the address of whoever asks")
	require.Equal(t, "GET /feeds/:secret", spans.GetSpans()[0].Name)
}

func TestATraceGoesOnWhereACallerBeganIt(t *testing.T) {
	const began = "0af7651916cd43dd8448eb211c80319c"
	for ratio, want := range map[float64]int{1: 1, 0: 0} {
		spans := tracetest.NewInMemoryExporter()
		observed := measured(t, Options{Exporter: spans, Ratio: ratio})
		r := httptest.NewRequest(http.MethodGet, "/broken", nil)
		r.Header.Set("Traceparent", "00-"+began+"-b7ad6b7169203331-01")
		served(t, observed).ServeHTTP(httptest.NewRecorder(), r)
		require.Len(t, spans.GetSpans(), want, "who asks does not decide how much is kept")
		for _, s := range spans.GetSpans() {
			require.Equal(t, began, s.SpanContext.TraceID().String())
		}
	}
}

func TestErrorsKeepTheirTextsOutOfTraces(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	observed := measured(t, Options{Exporter: spans, Ratio: 1})
	_, ended := observed.Command(t.Context(), "sign")
	ended(Refused)
	_, written := observed.Transaction(t.Context(), "Append")
	written(Failed)
	_, sent := observed.Delivery(t.Context(), "smtp")
	sent("unknown", true)
	observed.Retried()
	got := page(t, observed)
	for _, line := range []string{
		`duban_command_duration_seconds_count{kind="sign",outcome="refused"} 1`,
		`duban_db_transaction_duration_seconds_count{operation="Append",outcome="failed"} 1`,
		`duban_delivery_duration_seconds_count{channel="smtp",outcome="unknown"} 1`,
		`duban_db_retries_total 1`,
	} {
		require.Contains(t, got, line)
	}
	status := map[string]string{}
	for _, s := range spans.GetSpans() {
		status[s.Name] = s.Status.Code.String() + s.Status.Description
	}
	require.Equal(t, map[string]string{"command sign": "Unset", "store Append": "Error", "notify smtp": "Error"}, status)
}

func TestBeats(t *testing.T) {
	observed := measured(t, Options{})
	const polled, dispatched = `duban_worker_last_poll_timestamp_seconds `, `duban_dispatch_last_run_timestamp_seconds `
	require.Contains(t, page(t, observed), polled+"0\n")
	observed.Engine().WithTags(map[string]string{"worker_type": "x"}).Counter("temporal_workflow_task_queue_poll_empty").Inc(1)
	require.NotContains(t, page(t, observed), polled+"0\n")

	interceptors, err := observed.Interceptors()
	require.NoError(t, err)
	var suite testsuite.WorkflowTestSuite
	run := func(name string, outcome error) {
		e := suite.NewTestActivityEnvironment()
		e.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{interceptors[0].(interceptor.WorkerInterceptor)}})
		e.RegisterActivityWithOptions(func(context.Context) error { return outcome }, activity.RegisterOptions{Name: name})
		_, err := e.ExecuteActivity(name)
		require.Equal(t, outcome == nil, err == nil)
	}
	run("Decide", nil)
	run("Dispatch", errors.New("the outbox is away"))
	require.Contains(t, page(t, observed), dispatched+"0\n", "neither was a run of the dispatcher that ended well")
	run("Dispatch", nil)
	require.NotContains(t, page(t, observed), dispatched+"0\n")
}

func TestAWholeRunIsNoSpan(t *testing.T) {
	spans := tracetest.NewInMemoryExporter()
	observed := measured(t, Options{Exporter: spans, Ratio: 1})
	interceptors, err := observed.Interceptors()
	require.NoError(t, err)
	var suite testsuite.WorkflowTestSuite
	e := suite.NewTestWorkflowEnvironment()
	e.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{interceptors[0].(interceptor.WorkerInterceptor)}})
	e.RegisterActivityWithOptions(func(context.Context) error { return nil }, activity.RegisterOptions{Name: "Decide"})
	e.ExecuteWorkflow(func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
		for range 2 {
			if err := workflow.ExecuteActivity(ctx, "Decide").Get(ctx, nil); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, e.GetWorkflowError())
	traces := map[string][]string{}
	for _, s := range spans.GetSpans() {
		id := s.SpanContext.TraceID().String()
		traces[id] = append(traces[id], s.Name)
	}
	require.Len(t, traces, 2, "each reminder is a trace of its own")
	for _, names := range traces {
		require.ElementsMatch(t, []string{"StartActivity:Decide", "RunActivity:Decide"}, names)
	}
}

func TestEngineMetricsStandApart(t *testing.T) {
	observed := measured(t, Options{})
	meter, err := observed.EngineMeter()
	require.NoError(t, err)
	c, err := meter.Int64Counter("service_requests")
	require.NoError(t, err)
	c.Add(t.Context(), 3)
	require.Contains(t, page(t, observed), "temporal_server_service_requests_total 3\n")
	require.NotNil(t, observed.Engine())
	require.Contains(t, page(t, observed), "\ntemporal_workflow_task_execution_failed_total 0\n", "an alarm looks at it before it ever happened")
}

type requestKey struct{}

func TestLogger(t *testing.T) {
	var out bytes.Buffer
	spans := tracetest.NewInMemoryExporter()
	observed := measured(t, Options{Exporter: spans, Ratio: 1})
	log := Logger(slog.New(slog.NewJSONHandler(&out, nil)), func(ctx context.Context) []slog.Attr {
		if ctx.Value(requestKey{}) == nil {
			return nil
		}
		return []slog.Attr{slog.String(KeyRequest, "r1"), slog.String(KeyLogin, "")}
	})
	said := func(speak func()) map[string]any {
		out.Reset()
		speak()
		require.Equal(t, 1, strings.Count(out.String(), "\n"))
		var line map[string]any
		require.NoError(t, json.Unmarshal(out.Bytes(), &line))
		for _, key := range []string{"time", "level", "msg"} {
			delete(line, key)
		}
		for key := range line {
			require.Equal(t, 1, strings.Count(out.String(), fmt.Sprintf("%q:", key)), "%s is said twice: %s", key, out.String())
		}
		return line
	}
	ctx := context.WithValue(t.Context(), requestKey{}, true)
	traced, _ := observed.Command(ctx, "sign")

	require.Equal(t, map[string]any{"a": "b"}, said(func() { log.InfoContext(t.Context(), "m", "a", "b") }))
	require.Equal(t, map[string]any{"request": "r1"}, said(func() { log.InfoContext(ctx, "m") }), "nobody acts: nobody is named")
	require.Equal(t, map[string]any{"request": "mine"}, said(func() { log.InfoContext(ctx, "m", "request", "mine") }), "what a line says itself")
	require.Equal(t, map[string]any{"request": "mine"}, said(func() { log.With("request", "mine").InfoContext(ctx, "m") }))
	require.Regexp(t, "^[0-9a-f]{32}$", said(func() { log.InfoContext(traced, "m") })["trace"])
	require.Equal(t, map[string]any{"g": map[string]any{"a": "b"}}, said(func() { log.WithGroup("g").InfoContext(t.Context(), "m", "a", "b") }))

	for id, obligation := range map[string]any{
		"obligation/p/10.1/huayang/2026H1":      "p/10.1/huayang/2026H1",
		"document/p/10.1/huayang/2026H1/letter": "p/10.1/huayang/2026H1",
		"dispatch/p":                            nil,
	} {
		want := map[string]any{"workflow": id, "run": "1"}
		if obligation != nil {
			want["obligation"] = obligation
		}
		require.Equal(t, want, said(func() { log.With("WorkflowID", id, "RunID", "1").InfoContext(t.Context(), "m") }))
		require.Equal(t, want, said(func() { log.InfoContext(t.Context(), "m", "WorkflowID", id, "RunID", "1") }))
	}
}

func TestActivitiesLogTheirWorkflow(t *testing.T) {
	var out bytes.Buffer
	log := Logger(slog.New(slog.NewJSONHandler(&out, nil)))
	var suite testsuite.WorkflowTestSuite
	e := suite.NewTestActivityEnvironment()
	e.RegisterActivityWithOptions(func(ctx context.Context) error {
		log.InfoContext(ctx, "delivery")
		return nil
	}, activity.RegisterOptions{Name: "Dispatch"})
	_, err := e.ExecuteActivity("Dispatch")
	require.NoError(t, err)
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	require.Equal(t, "Dispatch", line["activity"])
	require.NotEmpty(t, line["workflow"])
}

// BenchmarkRequest is what watching a request costs, beside all that is done for it.
func BenchmarkRequest(b *testing.B) {
	for name, o := range map[string]Options{
		"off": {}, "metrics": {Metrics: true}, "metrics and all traces": {Metrics: true, Exporter: tracetest.NewNoopExporter(), Ratio: 1},
	} {
		b.Run(name, func(b *testing.B) {
			observed, err := New(b.Context(), o)
			require.NoError(b, err)
			h := served(b, observed)
			r := httptest.NewRequest(http.MethodGet, "/feeds/x", nil)
			w := httptest.NewRecorder()
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
	}
}
