// Package telemetry is what those who operate duban see of it: metrics for Prometheus, traces for a collector of OpenTelemetry, and the
// identifiers in its log lines. It alone knows the SDKs; the other packages declare what they tell and to whom, and where nothing is
// observed they are told of nobody.
//
// Nothing here carries what people wrote, their names or their addresses: routes, kinds and outcomes are words of the program.
package telemetry

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	nometric "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	notrace "go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc/credentials"
)

// name is that of the program in metrics and traces.
const name = "duban"

// Options say what is observed.
type Options struct {
	Version  string // of the program
	Metrics  bool
	Endpoint string         // of a collector that takes OTLP over gRPC: http://host:port, or https:// for TLS; "": no traces
	Roots    *x509.CertPool // that an endpoint with TLS is trusted by; nil: the system's
	Ratio    float64        // of the traces that are kept, 0 to 1

	// Exporter takes the traces in place of an endpoint, at once; for tests.
	Exporter sdktrace.SpanExporter
}

// Telemetry observes one process. Of what is not wanted it keeps nothing; nil observes nothing at all.
type Telemetry struct {
	registry *prometheus.Registry // nil: no metrics
	meters   []*sdkmetric.MeterProvider
	traces   *sdktrace.TracerProvider // nil: none

	meter  metric.Meter
	tracer trace.Tracer
	instruments
	beats beats
}

// New begins to observe. The caller closes it.
func New(ctx context.Context, o Options) (*Telemetry, error) {
	t := &Telemetry{meter: nometric.Meter{}, tracer: notrace.Tracer{}}
	if o.Metrics {
		if err := t.openMetrics(o.Version); err != nil {
			return nil, err
		}
	}
	if err := t.openTraces(ctx, o); err != nil {
		return nil, err
	}
	var err error
	if t.instruments, err = newInstruments(t.meter); err != nil {
		return nil, err
	}
	// A counter that nothing has happened to stands at zero: what is missing can't be told from what never was.
	t.retries.Add(ctx, 0)
	t.unread.Add(ctx, 0)
	return t, t.watchBeats()
}

// buckets are those of everything that is timed, in seconds: a page in milliseconds, a run of the dispatcher in minutes.
var buckets = []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 120}

func (t *Telemetry) openMetrics(version string) error {
	t.registry = prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "duban_build_info", Help: "The version of the program that runs; always 1.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	for _, c := range []prometheus.Collector{
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), build,
	} {
		if err := t.registry.Register(c); err != nil {
			return err
		}
	}
	var err error
	t.meter, err = t.newMeter("")
	return err
}

// newMeter returns a meter whose metrics stand on the page with the prefix before their names.
func (t *Telemetry) newMeter(prefix string) (metric.Meter, error) {
	options := []exporter.Option{exporter.WithRegisterer(t.registry), exporter.WithoutTargetInfo(), exporter.WithoutScopeInfo()}
	if prefix != "" { // else every name would begin with an underscore
		options = append(options, exporter.WithNamespace(prefix))
	}
	reader, err := exporter.New(options...)
	if err != nil {
		return nil, err
	}
	timers := sdkmetric.NewView(
		sdkmetric.Instrument{Name: "*", Unit: "s", Kind: sdkmetric.InstrumentKindHistogram},
		sdkmetric.Stream{Aggregation: sdkmetric.AggregationExplicitBucketHistogram{Boundaries: buckets, NoMinMax: true}},
	)
	p := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithView(timers), sdkmetric.WithResource(resource.Empty()))
	t.meters = append(t.meters, p)
	return p.Meter(name), nil
}

// EngineMeter returns what the embedded engine keeps its own metrics with; they begin with temporal_server_. nil: metrics are off.
func (t *Telemetry) EngineMeter() (metric.Meter, error) {
	if !t.Measures() {
		return nil, nil
	}
	return t.newMeter("temporal_server")
}

func (t *Telemetry) openTraces(ctx context.Context, o Options) error {
	var out sdktrace.TracerProviderOption
	switch {
	case o.Exporter != nil:
		out = sdktrace.WithSyncer(o.Exporter)
	case o.Endpoint != "":
		e, err := collector(ctx, o)
		if err != nil {
			return err
		}
		out = sdktrace.WithBatcher(e)
	default:
		return nil
	}
	// Whether a trace is kept follows from its number alone, so that every process decides the same, whoever began it.
	kept := sdktrace.TraceIDRatioBased(o.Ratio)
	t.traces = sdktrace.NewTracerProvider(out,
		sdktrace.WithSampler(sdktrace.ParentBased(kept, sdktrace.WithRemoteParentSampled(kept), sdktrace.WithRemoteParentNotSampled(kept))),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", name), attribute.String("service.version", o.Version))))
	t.tracer = t.traces.Tracer(name)
	return nil
}

// collector returns what sends traces to the endpoint. It connects when there is something to send: a collector that is down
// keeps nobody from working.
func collector(ctx context.Context, o Options) (sdktrace.SpanExporter, error) {
	options := []otlptracegrpc.Option{otlptracegrpc.WithEndpointURL(o.Endpoint), otlptracegrpc.WithTimeout(10 * time.Second)}
	if o.Roots != nil {
		options = append(options, otlptracegrpc.WithTLSCredentials(credentials.NewClientTLSFromCert(o.Roots, "")))
	}
	return otlptracegrpc.New(ctx, options...)
}

// Measures reports whether there are metrics; without, nobody need count.
func (t *Telemetry) Measures() bool { return t != nil && t.registry != nil }

// Traces reports whether there are traces.
func (t *Telemetry) Traces() bool { return t != nil && t.traces != nil }

// Observes reports whether there is anything to tell.
func (t *Telemetry) Observes() bool { return t.Measures() || t.Traces() }

// Handler serves the metrics to Prometheus.
func (t *Telemetry) Handler() http.Handler {
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// Close sends what traces are left, as long as ctx lasts.
func (t *Telemetry) Close(ctx context.Context) error {
	var faults []error
	if t.traces != nil {
		faults = append(faults, t.traces.Shutdown(ctx))
	}
	for _, p := range t.meters {
		faults = append(faults, p.Shutdown(ctx))
	}
	return errors.Join(faults...)
}
