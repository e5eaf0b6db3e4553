package devserver

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// phase says how far the server's life has come; the logger judges what it hears by it.
type phase struct{ v atomic.Int32 }

const (
	phaseStarting int32 = iota
	phaseRunning
	phaseStopping
)

// logger hands the server's log lines to slog. Below the wanted level nothing is formatted.
type logger struct {
	to    *slog.Logger
	level slog.Leveler
	phase *phase
	// tags are kept as they came: a logger is made for every workflow touched, and hardly one in a thousand
	// ever writes a line.
	tags []tag.Tag
}

var (
	_ log.Logger     = (*logger)(nil)
	_ log.WithLogger = (*logger)(nil)
)

// wantedWarning is given at every start because the server's HTTP port, which we do not want, is closed.
const wantedWarning = "HTTP API port has not been set."

func (l *logger) write(level slog.Level, msg string, tags []tag.Tag) {
	// While stopping, the services lose sight of each other one by one; what they say about that is no news.
	if l.phase.v.Load() == phaseStopping && level > slog.LevelDebug {
		level = slog.LevelDebug
	}
	if strings.HasPrefix(msg, wantedWarning) {
		level = slog.LevelDebug
	}
	if level < l.level.Level() || !l.to.Enabled(context.Background(), level) {
		return
	}
	l.to.LogAttrs(context.Background(), level, msg, append(attrs(l.tags), attrs(tags)...)...)
}

func attrs(tags []tag.Tag) []slog.Attr {
	out := make([]slog.Attr, 0, len(tags))
	for _, t := range tags {
		if t.Key() == "" {
			continue
		}
		v := t.Value()
		if err, ok := v.(error); ok {
			v = err.Error()
		}
		out = append(out, slog.Any(t.Key(), v))
	}
	return out
}

func (l *logger) Debug(msg string, tags ...tag.Tag) { l.write(slog.LevelDebug, msg, tags) }
func (l *logger) Info(msg string, tags ...tag.Tag)  { l.write(slog.LevelInfo, msg, tags) }
func (l *logger) Warn(msg string, tags ...tag.Tag)  { l.write(slog.LevelWarn, msg, tags) }
func (l *logger) Error(msg string, tags ...tag.Tag) { l.write(slog.LevelError, msg, tags) }

// DPanic is for mistakes worth a panic in development only.
func (l *logger) DPanic(msg string, tags ...tag.Tag) { l.write(slog.LevelError, msg, tags) }

// Panic logs and panics, as its callers rely on.
func (l *logger) Panic(msg string, tags ...tag.Tag) {
	l.write(slog.LevelError, msg, tags)
	panic(describe(msg, tags))
}

// Fatal must not return, and must not end the process behind the caller's back while the server starts:
// there it ends the goroutine, which Start reports as an error. Once the server runs, a half-dead engine would
// be worse than none, so it panics and lets the supervisor start the process again.
func (l *logger) Fatal(msg string, tags ...tag.Tag) {
	l.write(slog.LevelError, msg, tags)
	if l.phase.v.Load() == phaseRunning {
		panic(describe(msg, tags))
	}
	runtime.Goexit()
}

func describe(msg string, tags []tag.Tag) string {
	var b strings.Builder
	b.WriteString(msg)
	for _, a := range attrs(tags) {
		fmt.Fprintf(&b, " %s=%v", a.Key, a.Value)
	}
	return b.String()
}

// With gives a logger that adds the tags to every line.
func (l *logger) With(tags ...tag.Tag) log.Logger {
	return &logger{to: l.to, level: l.level, phase: l.phase, tags: slices.Concat(l.tags, tags)}
}
