package telemetry

import (
	"context"
	"log/slog"
	"strings"

	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/activity"
)

// The keys of the identifiers by which lines are found: of the request, the trace, the workflow and the obligation that it follows, and who
// acts. Every line has those that apply.
const (
	KeyRequest    = "request"
	KeyLogin      = "login"
	keyTrace      = "trace"
	keyWorkflow   = "workflow"
	keyRun        = "run"
	keyActivity   = "activity"
	KeyObligation = "obligation"
)

// spoken are the engine's words for what has a word of ours.
var spoken = map[string]string{
	"WorkflowID": keyWorkflow, "RunID": keyRun, "TraceID": keyTrace, "SpanID": "span", "ActivityType": keyActivity,
}

// Logger returns a logger whose lines carry the identifiers of what happens. about tells those that a context knows beside trace and
// workflow, by key.
func Logger(to *slog.Logger, about ...func(context.Context) []slog.Attr) *slog.Logger {
	return slog.New(&handler{Handler: to.Handler(), about: about})
}

// handler adds identifiers to log lines. What a line says itself is not said again.
type handler struct {
	slog.Handler
	about []func(context.Context) []slog.Attr
	said  []string // the keys of With
	group bool     // what is added now would stand in a group
}

// Handle implements slog.Handler.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	if h.group {
		return h.Handler.Handle(ctx, r)
	}
	said := map[string]bool{}
	for _, k := range h.said {
		said[k] = true
	}
	named := make([]slog.Attr, 0, r.NumAttrs())
	renamed := false
	r.Attrs(func(a slog.Attr) bool {
		for _, b := range ours(a) {
			renamed = renamed || b.Key != a.Key
			said[b.Key] = true
			named = append(named, b)
		}
		return true
	})
	out := r
	if renamed {
		out = slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
		out.AddAttrs(named...)
	} else {
		out = r.Clone()
	}
	for _, a := range h.known(ctx) {
		if !said[a.Key] && a.Value.String() != "" {
			said[a.Key] = true
			out.AddAttrs(a)
		}
	}
	return h.Handler.Handle(ctx, out)
}

// known returns what the context tells.
func (h *handler) known(ctx context.Context) []slog.Attr {
	var out []slog.Attr
	for _, f := range h.about {
		out = append(out, f(ctx)...)
	}
	if s := trace.SpanContextFromContext(ctx); s.IsValid() {
		out = append(out, slog.String(keyTrace, s.TraceID().String()))
	}
	if activity.IsActivity(ctx) {
		info := activity.GetInfo(ctx)
		out = append(out, slog.String(keyActivity, info.ActivityType.Name))
		out = append(out, ours(slog.String("WorkflowID", info.WorkflowExecution.ID))...)
	}
	return out
}

// WithAttrs implements slog.Handler.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if h.group {
		return &handler{Handler: h.Handler.WithAttrs(attrs), about: h.about, said: h.said, group: true}
	}
	var named []slog.Attr
	said := append([]string(nil), h.said...)
	for _, a := range attrs {
		for _, b := range ours(a) {
			named, said = append(named, b), append(said, b.Key)
		}
	}
	return &handler{Handler: h.Handler.WithAttrs(named), about: h.about, said: said}
}

// WithGroup implements slog.Handler.
func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{Handler: h.Handler.WithGroup(name), about: h.about, said: h.said, group: true}
}

// ours says what the engine's SDK says in our words, and names the obligation that a workflow follows or a document belongs to.
func ours(a slog.Attr) []slog.Attr {
	key, ok := spoken[a.Key]
	if !ok {
		return []slog.Attr{a}
	}
	out := []slog.Attr{{Key: key, Value: a.Value}}
	if key != keyWorkflow {
		return out
	}
	id := a.Value.String()
	kind, rest, _ := strings.Cut(id, "/")
	switch kind {
	case "obligation":
		out = append(out, slog.String(KeyObligation, rest))
	case "document":
		if last := strings.LastIndex(rest, "/"); last > 0 {
			out = append(out, slog.String(KeyObligation, rest[:last]))
		}
	}
	return out
}
