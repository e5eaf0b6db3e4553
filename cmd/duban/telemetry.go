package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/otel/metric"

	"duban/account"
	"duban/activities"
	"duban/api"
	"duban/assessment"
	"duban/internal/store"
	"duban/internal/telemetry"
	"duban/obligation"
)

// observe begins to observe the process, where the settings ask for metrics or traces.
func (i *installation) observe(ctx context.Context) error {
	if i.telemetry == nil {
		c := i.cfg
		o := telemetry.Options{Version: version, Metrics: c.Metrics.Address != "", Endpoint: c.Tracing.Endpoint, Ratio: c.Tracing.Ratio}
		if c.Tracing.CA != "" && strings.HasPrefix(c.Tracing.Endpoint, "https://") {
			roots, err := trusting(c.Tracing.CA)
			if err != nil {
				return err
			}
			o.Roots = roots
		}
		t, err := telemetry.New(ctx, o)
		if err != nil {
			return err
		}
		i.telemetry = t
	}
	i.closing(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := i.telemetry.Close(ctx); err != nil {
			// A collector that is away keeps nobody from stopping.
			i.log.WarnContext(ctx, "telemetry", "error", err)
		}
		return nil
	})
	return nil
}

// listenMetrics serves the metrics on their own address: whoever fetches them has no account, and learns nothing about people.
func (i *installation) listenMetrics(ctx context.Context) error {
	if i.cfg.Metrics.Address == "" {
		return nil
	}
	if err := errors.Join(i.watchStore(), i.watchVitals(), i.watchDoctor(), i.watchBackups()); err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", i.cfg.Metrics.Address)
	if err != nil {
		return fmt.Errorf(textListenMetrics, i.cfg.Metrics.Address, err)
	}
	i.metricsAddr = l.Addr().String()
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", i.telemetry.Handler())
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(i.log.Handler(), slog.LevelDebug),
	}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			i.failed <- err
		}
	}()
	i.closing(server.Close)
	i.log.InfoContext(ctx, "metrics", "address", i.metricsAddr)
	return nil
}

// engineMeter returns what the embedded engine keeps its metrics with; nil: with nothing.
func (i *installation) engineMeter() (metric.Meter, error) {
	if !i.cfg.Metrics.Engine {
		return nil, nil
	}
	return i.telemetry.EngineMeter()
}

// outcomeOf tells a refusal by a rule, or a caller that left, from what is broken.
func outcomeOf(err error) telemetry.Outcome {
	var refused *obligation.Error
	var denied *account.Error
	var assessed *assessment.Error
	switch {
	case err == nil:
		return telemetry.OK
	case errors.As(err, &refused), errors.As(err, &denied), errors.As(err, &assessed), errors.Is(err, context.Canceled):
		return telemetry.Refused
	default:
		return telemetry.Failed
	}
}

// storeObserver returns who is told of write transactions; nil: nobody.
func (i *installation) storeObserver() store.Observer {
	if !i.telemetry.Observes() {
		return nil
	}
	return transactions{i.telemetry}
}

type transactions struct{ *telemetry.Telemetry }

// Transaction implements store.Observer.
func (t transactions) Transaction(ctx context.Context, operation string) (context.Context, func(error)) {
	ctx, ended := t.Telemetry.Transaction(ctx, operation)
	return ctx, func(err error) { ended(outcomeOf(err)) }
}

// observed returns channels that tell what they send.
func (i *installation) observed(channels []activities.Channel) []activities.Channel {
	if !i.telemetry.Observes() {
		return channels
	}
	out := make([]activities.Channel, len(channels))
	for n, c := range channels {
		out[n] = outletOf{c, i.telemetry}
	}
	return out
}

type outletOf struct {
	activities.Channel
	telemetry *telemetry.Telemetry
}

// Send implements activities.Channel.
func (o outletOf) Send(ctx context.Context, address string, d obligation.Digest) (obligation.DeliveryStatus, error) {
	ctx, ended := o.telemetry.Delivery(ctx, o.Name())
	status, err := o.Channel.Send(ctx, address, d)
	ended(string(status), status != obligation.DeliverySent)
	return status, err
}

// withTelemetry has the API and the pages tell of requests and of people's commands.
func (i *installation) withTelemetry(d *api.Deps) {
	if i.telemetry.Observes() {
		d.Observe, d.Commands = i.telemetry.Requests(), commands{d.Commands, i.telemetry}
	}
}

// commands tell how people's commands end.
type commands struct {
	api.Commands
	telemetry *telemetry.Telemetry
}

// carried carries a command out and tells how it ended.
func carried[T any](ctx context.Context, c commands, kind string, do func(context.Context) (T, error)) (T, error) {
	ctx, ended := c.telemetry.Command(ctx, kind)
	out, err := do(ctx)
	ended(outcomeOf(err))
	return out, err
}

// Command implements api.Commands.
func (c commands) Command(ctx context.Context, id obligation.ID, cmd obligation.Command) (obligation.Event, error) {
	return carried(ctx, c, string(cmd.Kind), func(ctx context.Context) (obligation.Event, error) { return c.Commands.Command(ctx, id, cmd) })
}

// SignOff implements api.Commands.
func (c commands) SignOff(
	ctx context.Context, id obligation.ID, rung obligation.Rung, by obligation.Actor, m *obligation.Meeting, key string,
) (obligation.Document, error) {
	return carried(ctx, c, "sign_off", func(ctx context.Context) (obligation.Document, error) {
		return c.Commands.SignOff(ctx, id, rung, by, m, key)
	})
}

// Withdraw implements api.Commands.
func (c commands) Withdraw(
	ctx context.Context, id obligation.ID, rung obligation.Rung, by obligation.Actor, reason, key string,
) (obligation.Document, error) {
	return carried(ctx, c, "withdraw", func(ctx context.Context) (obligation.Document, error) {
		return c.Commands.Withdraw(ctx, id, rung, by, reason, key)
	})
}

// Interview implements api.Commands.
func (c commands) Interview(ctx context.Context, id obligation.ID, cmd obligation.Command) (obligation.Document, error) {
	return carried(ctx, c, string(cmd.Kind), func(ctx context.Context) (obligation.Document, error) { return c.Commands.Interview(ctx, id, cmd) })
}

// Register implements api.Commands.
func (c commands) Register(ctx context.Context, plan, task string, r obligation.Registration) (obligation.Event, error) {
	return carried(ctx, c, "register", func(ctx context.Context) (obligation.Event, error) { return c.Commands.Register(ctx, plan, task, r) })
}

// Assess implements api.Commands.
func (c commands) Assess(ctx context.Context, plan, half string, cmd assessment.Command) (assessment.Event, error) {
	return carried(ctx, c, "assessment_"+string(cmd.Kind), func(ctx context.Context) (assessment.Event, error) {
		return c.Commands.Assess(ctx, plan, half, cmd)
	})
}
