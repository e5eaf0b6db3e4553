package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// instruments are what the program counts and times as it happens.
type instruments struct {
	requests     metric.Float64Histogram
	commands     metric.Float64Histogram
	transactions metric.Float64Histogram
	retries      metric.Int64Counter
	deliveries   metric.Float64Histogram
	unread       metric.Int64Counter
}

func newInstruments(m metric.Meter) (i instruments, err error) {
	timed := func(name, help string) metric.Float64Histogram {
		h, e := m.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(help))
		err = errors.Join(err, e)
		return h
	}
	counted := func(name, help string) metric.Int64Counter {
		c, e := m.Int64Counter(name, metric.WithDescription(help))
		err = errors.Join(err, e)
		return c
	}
	i = instruments{
		requests:     timed("duban_http_request_duration", "How long requests took, by method, route and status."),
		commands:     timed("duban_command_duration", "How long people's commands took to an answer, by kind and outcome: ok, refused, failed."),
		transactions: timed("duban_db_transaction_duration", "How long write transactions took, with waiting their turn, by operation and outcome: ok, refused, failed."),
		retries:      counted("duban_db_retries", "Write transactions that were run again because another one got in their way."),
		deliveries:   timed("duban_delivery_duration", "How long sending a message took, by channel and outcome: sent, pending, failed, unknown."),
		unread:       counted("duban_reading_failures", "Scrapes for which gauges could not be read."),
	}
	return i, err
}

// Outcome is how something ended.
type Outcome string

// The outcomes.
const (
	OK      Outcome = "ok"
	Refused Outcome = "refused" // by a rule, or the caller left: nothing is broken
	Failed  Outcome = "failed"
)

// Command begins a span of a person's command. The returned function says how it ended.
func (t *Telemetry) Command(ctx context.Context, kind string) (context.Context, func(Outcome)) {
	began := time.Now()
	ctx, span := t.tracer.Start(ctx, "command "+kind)
	return ctx, func(o Outcome) {
		end(span, o)
		t.commands.Record(ctx, time.Since(began).Seconds(), metric.WithAttributes(attribute.String("kind", kind), attribute.String("outcome", string(o))))
	}
}

// Transaction begins a span of a write transaction. The returned function says how it ended.
func (t *Telemetry) Transaction(ctx context.Context, operation string) (context.Context, func(Outcome)) {
	began := time.Now()
	ctx, span := t.tracer.Start(ctx, "store "+operation, trace.WithAttributes(attribute.String("db.operation.name", operation)))
	return ctx, func(o Outcome) {
		end(span, o)
		t.transactions.Record(ctx, time.Since(began).Seconds(), metric.WithAttributes(attribute.String("operation", operation), attribute.String("outcome", string(o))))
	}
}

// Retried counts a write transaction that is run again.
func (t *Telemetry) Retried() { t.retries.Add(context.Background(), 1) }

// Delivery begins a span of a message that is sent on a channel. The returned function says how it ended, in the delivery's own word.
func (t *Telemetry) Delivery(ctx context.Context, channel string) (context.Context, func(status string, failed bool)) {
	began := time.Now()
	ctx, span := t.tracer.Start(ctx, "notify "+channel, trace.WithSpanKind(trace.SpanKindClient))
	return ctx, func(status string, failed bool) {
		span.SetAttributes(attribute.String("duban.delivery.status", status))
		if failed {
			end(span, Failed)
		} else {
			end(span, OK)
		}
		t.deliveries.Record(ctx, time.Since(began).Seconds(), metric.WithAttributes(attribute.String("channel", channel), attribute.String("outcome", status)))
	}
}

// end ends a span. Texts of errors stay out of it: they may name people and addresses.
func end(span trace.Span, o Outcome) {
	span.SetAttributes(attribute.String("duban.outcome", string(o)))
	if o == Failed {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
