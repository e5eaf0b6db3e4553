// Package bench measures what matters on a small machine: seeding, a burst of reminders, idle cost, restart, and the
// preview of the whole plan. It prints figures and asserts counts, never times.
package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/interceptor"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/calendar"
	"duban/internal/devserver"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
	"duban/seed"
	"duban/worker"
	"duban/workflows"
)

var shanghai = obligation.Location("Asia/Shanghai")

// size is how many obligations the benchmarks run with; DUBAN_BENCH_SIZE changes it, in steps of fifty.
func size(b *testing.B) int {
	b.Helper()
	text := os.Getenv("DUBAN_BENCH_SIZE")
	if text == "" {
		return 5000
	}
	n, err := strconv.Atoi(text)
	require.NoError(b, err)
	require.Zero(b, n%50)
	return n
}

// definition is a plan of n obligations: fifty units, n/50 measures, all due on one day and reminded only once before.
func definition(b *testing.B, n int, due calendar.Date) obligation.Definition {
	b.Helper()
	cal, err := calendar.NewCalendar(1, map[int]calendar.Year{})
	require.NoError(b, err)
	ladder := obligation.Ladder{Code: "bench", Title: "测量", Cure: 5, Yellow: 7, Rework: 5, Nudge: 3, Steps: []obligation.Step{
		{Code: "remind-3", Rung: obligation.Remind, Anchor: obligation.AnchorDue, Offset: -3, To: obligation.ToUnit},
		{Code: "press+3", Rung: obligation.Press, Anchor: obligation.AnchorDue, Offset: 3, Every: 5, To: obligation.ToUnit},
	}}
	d := obligation.Definition{AsOf: due.AddDays(-60), Calendar: cal, Ladders: []obligation.Ladder{ladder}, Plan: plan.Plan{
		Code: "bench", Number: "长安委〔2025〕1号", Title: "测量", Issued: due.AddDays(-60), From: due.AddDays(-60), To: due.AddDays(60),
		Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay,
	}}
	for i := range 50 {
		d.Plan.Units = append(d.Plan.Units, plan.Unit{Code: fmt.Sprintf("u%02d", i), Name: fmt.Sprintf("责任单位%02d", i), Kind: plan.KindGovernment})
	}
	const perTask = 10
	for i := range n / 50 {
		task := fmt.Sprint(1 + i/perTask)
		if i%perTask == 0 {
			d.Plan.Tasks = append(d.Plan.Tasks, plan.Task{Code: task, Title: "任务" + task})
		}
		d.Plan.Measures = append(d.Plan.Measures, plan.Measure{
			Code: fmt.Sprintf("%s.%d", task, 1+i%perTask), Task: task, Title: "完善重大事故隐患判定标准汇编并开展政策解读",
			Quote: "完善重大事故隐患判定标准汇编，结合安全宣传“五进”，开展重大事故隐患政策解读", Done: "汇编印发，政策解读有记录",
			Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindGovernment}},
			Schedule: plan.Schedule{Kind: plan.Milestone, Due: []calendar.Date{due}},
		})
	}
	return d
}

// house is duban in this process, without its API.
type house struct {
	b      *testing.B
	folder string
	store  *store.Store
	engine *devserver.Server
	client *workflows.Client
	worker sdk.Worker
	armed  *watch // obligations whose workflow has begun
	wrote  *watch // reminders in the ledger
}

func open(b *testing.B, folder string) *house {
	b.Helper()
	debug.SetMemoryLimit(350 << 20) // as the program does
	h := &house{b: b, folder: folder, armed: newWatch(), wrote: newWatch()}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	var err error
	h.store, err = store.Open(b.Context(), store.Options{Driver: "sqlite", DSN: filepath.Join(folder, "duban.db"), Now: time.Now, Logger: log})
	require.NoError(b, err)
	h.engine, err = devserver.Start(b.Context(), devserver.Options{
		DataDir: filepath.Join(folder, "temporal"), HostPort: "127.0.0.1:0", SearchAttributes: workflows.SearchAttributes,
		StickyCacheSize: worker.DefaultCached, Logger: log,
	})
	require.NoError(b, err)
	h.client, err = workflows.Dial(b.Context(), workflows.Connection{
		HostPort: h.engine.HostPort(), Namespace: h.engine.Namespace(), APIKey: h.engine.Token(), Embedded: true, Log: log,
	})
	require.NoError(b, err)
	h.worker = worker.New(h.client, &activities.Activities{
		Record: record{h.store, h.wrote}, Documents: h.store, Outbox: h.store, Assessments: h.store, Hazards: h.store, Engine: h.client, Log: log,
	}, worker.Options{Interceptors: []interceptor.WorkerInterceptor{&begun{armed: h.armed}}})
	require.NoError(b, h.worker.Start())
	return h
}

func (h *house) close() {
	h.b.Helper()
	h.worker.Stop()
	h.client.Close()
	require.NoError(h.b, h.engine.Close())
	require.NoError(h.b, h.store.Close())
}

// watch notes when each of many things happened first, in real time.
type watch struct {
	mu   sync.Mutex
	seen map[string]time.Time
	grew chan struct{}
}

func newWatch() *watch { return &watch{seen: map[string]time.Time{}, grew: make(chan struct{}, 1)} }

func (w *watch) note(key string) {
	w.mu.Lock()
	if _, ok := w.seen[key]; !ok {
		w.seen[key] = time.Now()
	}
	w.mu.Unlock()
	select {
	case w.grew <- struct{}{}:
	default:
	}
}

func (w *watch) len() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.seen)
}

// await blocks until n things have happened.
func (w *watch) await(b *testing.B, n int) {
	b.Helper()
	limit := time.After(10 * time.Minute)
	for w.len() < n {
		select {
		case <-w.grew:
		case <-limit:
			require.Fail(b, "not all happened", "%d of %d", w.len(), n)
		}
	}
}

// after returns how long after the instant the things happened, ascending.
func (w *watch) after(t time.Time) []time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []time.Duration
	for _, at := range w.seen {
		out = append(out, at.Sub(t))
	}
	slices.Sort(out)
	return out
}

// record notes reminders once they are stored.
type record struct {
	*store.Store
	wrote *watch
}

func (r record) Append(ctx context.Context, entries []obligation.Entry) ([][]obligation.Event, error) {
	out, err := r.Store.Append(ctx, entries)
	for _, en := range entries {
		for _, e := range en.Events {
			if err == nil && e.Kind == obligation.Reminded {
				r.wrote.note(en.State.ID.String())
			}
		}
	}
	return out, err
}

// begun notes the workflows of obligations when they begin.
type begun struct {
	interceptor.WorkerInterceptorBase
	armed *watch
}

func (i *begun) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	in := &begunWorkflow{armed: i.armed}
	in.Next = next
	return in
}

type begunWorkflow struct {
	interceptor.WorkflowInboundInterceptorBase
	armed *watch
}

func (i *begunWorkflow) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	if info := workflow.GetInfo(ctx); info.WorkflowType.Name == "ObligationWorkflow" {
		i.armed.note(info.WorkflowExecution.ID)
	}
	return i.Next.ExecuteWorkflow(ctx, in)
}

// BenchmarkLife seeds N obligations, lets N reminders fall due at one instant, sleeps, restarts and counts.
func BenchmarkLife(b *testing.B) {
	n := size(b)
	lead := 30*time.Second + time.Duration(n)*15*time.Millisecond // more than seeding takes
	due := calendar.MustDate("2025-06-30")
	remind := calendar.MustDate("2025-06-25").At(9*time.Hour, shanghai)
	folder := b.TempDir()
	h := open(b, folder)
	begin := time.Now()
	clock := calendar.Clock{Origin: begin, Start: remind.Add(-lead), Speed: 1}
	d := definition(b, n, due)
	stored, _, err := h.store.PutDefinition(b.Context(), d)
	require.NoError(b, err)
	_, err = h.client.StartPlan(b.Context(), workflows.PlanInput{
		Setting: activities.Setting{Clock: clock, Calendar: d.Calendar}, Window: obligation.DefaultWindow, Definition: stored,
	})
	require.NoError(b, err)
	h.armed.await(b, n)
	report(b, "seed-and-arm-s", time.Since(begin).Seconds())
	report(b, "armed/s", float64(n)/time.Since(begin).Seconds())

	h.wrote.await(b, n)
	instant := clock.Real(remind)
	after := h.wrote.after(instant)
	report(b, "reminders-last-s", after[n-1].Seconds())
	report(b, "reminders-p99-s", after[n*99/100-1].Seconds())
	report(b, "reminders-p50-s", after[n/2].Seconds())
	h.count(n)

	idle(b)
	h.close()
	restart := time.Now()
	h = open(b, folder)
	require.NoError(b, h.client.Check(b.Context()))
	require.NoError(b, h.store.Ping(b.Context()))
	report(b, "restart-ready-s", time.Since(restart).Seconds())
	h.count(n)
	h.close()
}

// BenchmarkPreview lists every step of the real plan from the day it was issued, by the rules alone.
func BenchmarkPreview(b *testing.B) {
	bundle, err := seed.Embedded()
	require.NoError(b, err)
	d := obligation.Definition{AsOf: bundle.Plan.Issued, Plan: bundle.Plan, Calendar: bundle.Calendar, Ladders: bundle.Ladders}
	require.Equal(b, calendar.MustDate("2024-04-19"), d.AsOf)
	steps := func() int {
		lines, err := rehearsal.Preview(d, rehearsal.Setting{At: obligation.DefaultWindow.From}, rehearsal.Filter{})
		require.NoError(b, err)
		return len(lines)
	}
	first := steps()
	require.Positive(b, first)
	for b.Loop() {
		require.Equal(b, first, steps(), "the same plan has the same steps every time")
	}
	report(b, "preview-units", float64(len(d.Plan.Units)))
	report(b, "preview-steps", float64(first))
	report(b, "preview-s", b.Elapsed().Seconds()/float64(b.N))
}

// BenchmarkRehearsal plays the real plan's three years by the script that ships with it.
func BenchmarkRehearsal(b *testing.B) {
	bundle, err := seed.Embedded()
	require.NoError(b, err)
	file, content, err := seed.Named(seed.Files(), seed.ScriptsDir, "mixed")
	require.NoError(b, err)
	script, err := seed.ReadScript(file, content, &bundle.Plan)
	require.NoError(b, err)
	d := obligation.Definition{AsOf: bundle.Plan.Issued, Plan: bundle.Plan, Calendar: bundle.Calendar, Ladders: bundle.Ladders}
	entries := func() (obligations, events int) {
		run, err := rehearsal.Rehearse(d, script, rehearsal.Setting{At: obligation.DefaultWindow.From})
		require.NoError(b, err)
		for i := range run.Ledgers {
			events += len(run.Ledgers[i].Events)
		}
		return len(run.Ledgers), events
	}
	obligations, first := entries()
	require.Positive(b, first)
	for b.Loop() {
		_, again := entries()
		require.Equal(b, first, again, "the same script leads to the same every time")
	}
	report(b, "rehearsal-obligations", float64(obligations))
	report(b, "rehearsal-entries", float64(first))
	report(b, "rehearsal-s", b.Elapsed().Seconds()/float64(b.N))
}

// count asserts that every obligation has one opening and one reminder in an intact ledger.
func (h *house) count(n int) {
	h.b.Helper()
	found, missing, double := 0, 0, 0
	filter := obligation.Filter{Plan: "bench", Limit: 200, Now: time.Now()}
	for {
		page, err := h.store.List(h.b.Context(), filter)
		require.NoError(h.b, err)
		for _, v := range page.Views {
			found++
			events, err := h.store.EventsAfter(h.b.Context(), v.State.ID, 0)
			require.NoError(h.b, err)
			opened, reminded := 0, 0
			for _, e := range events {
				switch e.Kind {
				case obligation.Opened:
					opened++
				case obligation.Reminded:
					reminded++
				default:
				}
			}
			missing += max(0, 1-opened) + max(0, 1-reminded)
			double += max(0, opened-1) + max(0, reminded-1)
		}
		if filter.After = page.Next; page.Next == "" {
			break
		}
	}
	require.Equal(h.b, n, found)
	require.Zero(h.b, missing)
	require.Zero(h.b, double)
	proof, err := h.store.Verify(h.b.Context(), func(int, int) {})
	require.NoError(h.b, err)
	require.Empty(h.b, proof.Findings)
}

// idle reports what sleeping obligations cost.
func idle(b *testing.B) {
	b.Helper()
	debug.FreeOSMemory()
	const span = 20 * time.Second
	before := cpu(b)
	<-time.After(span) // it is the idling that is measured
	report(b, "idle-cpu-%", 100*(cpu(b)-before).Seconds()/span.Seconds())
	report(b, "idle-rss-MB", rss(b))
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// rss returns the resident memory of this process in MB.
func rss(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	require.NoError(b, err)
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			require.NoError(b, err)
			return kb / 1024
		}
	}
	require.Fail(b, "no VmRSS")
	return 0
}

func report(b *testing.B, unit string, value float64) {
	b.Helper()
	b.ReportMetric(value, unit)
	fmt.Printf("  %-20s %10.2f\n", unit, value)
}
