package devserver_test

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"duban/internal/devserver"
)

// The benchmarks drive the engine with what duban asks of it: thousands of workflows that sleep, then wake at one
// instant, do one local activity, upsert what changed and sleep again. They print what docs/engine.md records:
//
//	go test ./internal/devserver -run '^$' -bench Burst -benchtime 1x -timeout 20m
//
// DUBAN_BENCH_N is the number of workflows (default 5000), DUBAN_BENCH_WAIT how long after the first start the
// timers fire (default 60s), DUBAN_BENCH_PROFILE a folder for one CPU profile per phase and a heap profile.

var (
	keyStage    = temporal.NewSearchAttributeKeyKeyword("DubanStage")
	keyLight    = temporal.NewSearchAttributeKeyKeyword("DubanLight")
	keyNextStep = temporal.NewSearchAttributeKeyTime("DubanNextStep")
)

type sleeper struct {
	FireAt  time.Time
	Notes   string
	Request int
}

func recordStep(_ context.Context, in sleeper) (int, error) { return in.Request + 1, nil }

func sleepAndStep(ctx workflow.Context, in sleeper) error {
	commands := workflow.GetSignalChannel(ctx, "command")
	err := workflow.SetUpdateHandler(ctx, "ask", func(workflow.Context) (int, error) { return in.Request, nil })
	if err != nil {
		return err
	}
	for {
		timerCtx, cancel := workflow.WithCancel(ctx)
		timer := workflow.NewTimerWithOptions(timerCtx, in.FireAt.Sub(workflow.Now(ctx)),
			workflow.TimerOptions{Summary: "催办"})
		fired := false
		workflow.NewSelector(ctx).
			AddFuture(timer, func(workflow.Future) { fired = true }).
			AddReceive(commands, func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, nil) }).
			Select(ctx)
		cancel()
		if !fired {
			return nil
		}
		actx := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 10 * time.Second})
		if err := workflow.ExecuteLocalActivity(actx, recordStep, in).Get(ctx, &in.Request); err != nil {
			return err
		}
		in.FireAt = workflow.Now(ctx).Add(1000 * time.Hour)
		err = workflow.UpsertTypedSearchAttributes(ctx,
			keyLight.ValueSet("yellow"), keyNextStep.ValueSet(in.FireAt))
		if err != nil {
			return err
		}
	}
}

func benchAttributes(i int, due time.Time) temporal.SearchAttributes {
	kw := temporal.NewSearchAttributeKeyKeyword
	return temporal.NewSearchAttributes(
		keyPlan.ValueSet("2024-2026"), kw("DubanTask").ValueSet(strconv.Itoa(i%30)),
		kw("DubanMeasure").ValueSet("12.3"), kw("DubanUnit").ValueSet(fmt.Sprintf("unit-%d", i%60)),
		keyStage.ValueSet("open"), keyLight.ValueSet("green"), kw("DubanRung").ValueSet("remind"),
		kw("DubanWaitingOn").ValueSet("unit"), keyYear.ValueSet(2026), keyDue.ValueSet(due), keyNextStep.ValueSet(due))
}

func benchWorker(b *testing.B, c client.Client) worker.Worker {
	b.Helper()
	w := worker.New(c, "q", worker.Options{
		MaxConcurrentWorkflowTaskExecutionSize:  32,
		MaxConcurrentWorkflowTaskPollers:        8,
		MaxConcurrentActivityTaskPollers:        1,
		StickyScheduleToStartTimeout:            5 * time.Minute,
		MaxConcurrentLocalActivityExecutionSize: 32,
	})
	w.RegisterWorkflow(sleepAndStep)
	w.RegisterActivity(recordStep)
	require.NoError(b, w.Start())
	return w
}

func BenchmarkBurst(b *testing.B) {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("DUBAN_BENCH_N"), "5000"))
	require.NoError(b, err)
	wait, err := time.ParseDuration(cmp.Or(os.Getenv("DUBAN_BENCH_WAIT"), "60s"))
	require.NoError(b, err)
	for range b.N {
		burst(b, n, wait)
	}
}

func burst(b *testing.B, n int, wait time.Duration) {
	ctx := b.Context()
	o, log := options(b, cmp.Or(os.Getenv("DUBAN_BENCH_DIR"), b.TempDir()))
	begun := time.Now()
	s, err := devserver.Start(ctx, o)
	require.NoError(b, err)
	defer func() { _ = s.Close() }()
	say("started in %v, %s", time.Since(begun).Round(time.Millisecond), memory())
	c := dial(b, s)
	w := benchWorker(b, c)
	timers := timerCounter(b, o.DataDir)

	p := begin(b, "start")
	fireAt := time.Now().Add(wait)
	jobs := make(chan int)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := range jobs {
				_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
					ID: fmt.Sprintf("obligation/2024-2026/12.3/unit-%d/2026", i), TaskQueue: "q",
					TypedSearchAttributes: benchAttributes(i, fireAt), StaticSummary: "区发改局：编制年度计划",
				},
					sleepAndStep, sleeper{FireAt: fireAt, Notes: strings.Repeat("督", 300)})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range n {
		jobs <- i
	}
	close(jobs)
	wg.Wait()
	p.report("starts/s", n)
	waitFor(b, func() bool { return timers("") >= n }, func() string { return fmt.Sprint(timers("")) })
	p.end("armed/s", n)
	if late := time.Since(fireAt); late > 0 {
		say("armed %v after the timers were due", late.Round(time.Millisecond))
	}
	idle(b, min(time.Until(fireAt)-time.Second, 20*time.Second))

	time.Sleep(time.Until(fireAt))
	p = begin(b, "fire")
	asked := ask(b, c, n)
	for _, q := range []int{50, 90, 99, 100} {
		waitFor(b, func() bool { return timers("rearmed") >= n*q/100 }, func() string { return fmt.Sprint(timers("rearmed")) })
		p.report(fmt.Sprintf("fired-p%d", q), n*q/100)
	}
	p.end("fired/s", n)
	<-asked
	idle(b, 20*time.Second)
	profileHeap(b)

	begun = time.Now()
	w.Stop()
	say("worker stopped in %v", time.Since(begun).Round(time.Millisecond))
	c.Close()
	begun = time.Now()
	require.NoError(b, s.Close())
	say("closed in %v", time.Since(begun).Round(time.Millisecond))
	begun = time.Now()
	s, err = devserver.Start(ctx, o)
	require.NoError(b, err)
	ready := time.Since(begun)
	b.ReportMetric(ready.Seconds(), "restart-s")
	c = dial(b, s)
	w = benchWorker(b, c)
	p = begin(b, "wake")
	// Half a thousand of the sleepers are woken by a command, each of which has to be replayed first.
	woken := min(n, 500)
	for i := range woken {
		require.NoError(b, c.SignalWorkflow(ctx, fmt.Sprintf("obligation/2024-2026/12.3/unit-%d/2026", i), "", "command", nil))
	}
	for i := range woken {
		require.NoError(b, c.GetWorkflow(ctx, fmt.Sprintf("obligation/2024-2026/12.3/unit-%d/2026", i), "").Get(ctx, nil))
	}
	p.end("woken/s", woken)
	begun = time.Now()
	w.Stop()
	c.Close()
	require.NoError(b, s.Close())
	say("restarted in %v, closed in %v", ready.Round(time.Millisecond), time.Since(begun).Round(time.Millisecond))
	if said := log.String(); said != "" {
		say("log:\n%.4000s", said)
	}
	size(b, o.DataDir)
}

// ask has people ask workflows something while the timers fire, one every tenth of a second, and reports how long
// they wait.
func ask(b *testing.B, c client.Client, n int) <-chan struct{} {
	b.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		var mu sync.Mutex
		var took []time.Duration
		var wg sync.WaitGroup
		for i := range min(n/50, 100) {
			time.Sleep(100 * time.Millisecond)
			wg.Go(func() {
				begun := time.Now()
				h, err := c.UpdateWorkflow(b.Context(), client.UpdateWorkflowOptions{
					WorkflowID: fmt.Sprintf("obligation/2024-2026/12.3/unit-%d/2026", n-1-i*37), UpdateName: "ask",
					WaitForStage: client.WorkflowUpdateStageCompleted,
				})
				if err == nil {
					err = h.Get(b.Context(), nil)
				}
				if err != nil {
					b.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				took = append(took, time.Since(begun).Round(time.Millisecond))
			})
		}
		wg.Wait()
		slices.Sort(took)
		say("%d updates during the burst: median %v, slowest %v", len(took), took[len(took)/2], took[len(took)-1])
	}()
	return done
}

// timerCounter counts armed timers in the database itself, from a connection of its own: what is counted there
// has been committed.
func timerCounter(b *testing.B, dir string) func(kind string) int {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "engine.db")+"?mode=ro&_pragma=busy_timeout=5000")
	require.NoError(b, err)
	b.Cleanup(func() { _ = db.Close() })
	return func(kind string) int {
		query := `SELECT count(*) FROM timer_info_maps`
		if kind == "rearmed" {
			query += ` WHERE timer_id <> '5'`
		}
		var n int
		require.NoError(b, db.QueryRow(query).Scan(&n))
		return n
	}
}

func waitFor(b *testing.B, done func() bool, state func() string) {
	b.Helper()
	deadline := time.Now().Add(5 * time.Minute)
	for !done() {
		if time.Now().After(deadline) {
			b.Fatalf("gave up at %s", state())
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func idle(b *testing.B, d time.Duration) {
	b.Helper()
	if d < 5*time.Second {
		return
	}
	time.Sleep(3 * time.Second)
	cpu, begun := cpuTime(), time.Now()
	time.Sleep(d - 4*time.Second)
	say("idle: %.1f%% of a core, %s", 100*(cpuTime()-cpu).Seconds()/time.Since(begun).Seconds(), memory())
}

type phase struct {
	b     *testing.B
	name  string
	begun time.Time
	cpu   time.Duration
	out   *os.File
}

func begin(b *testing.B, name string) *phase {
	b.Helper()
	p := &phase{b: b, name: name, begun: time.Now(), cpu: cpuTime()}
	if dir := os.Getenv("DUBAN_BENCH_PROFILE"); dir != "" {
		var err error
		p.out, err = os.Create(filepath.Join(dir, name+".cpu"))
		require.NoError(b, err)
		require.NoError(b, pprof.StartCPUProfile(p.out))
		// What everybody waits for in the middle of the phase tells more than what they compute.
		time.AfterFunc(25*time.Second, func() {
			if f, err := os.Create(filepath.Join(dir, name+".goroutines")); err == nil {
				_ = pprof.Lookup("goroutine").WriteTo(f, 1)
				_ = f.Close()
			}
		})
	}
	return p
}

func (p *phase) report(unit string, n int) {
	p.b.Helper()
	took := time.Since(p.begun)
	p.b.ReportMetric(float64(n)/took.Seconds(), unit)
	say("%s: %d in %v, %.0f/s, %.1f ms CPU each, %s", unit, n, took.Round(time.Millisecond),
		float64(n)/took.Seconds(), float64((cpuTime()-p.cpu).Microseconds())/1000/float64(n), memory())
}

func (p *phase) end(unit string, n int) {
	p.b.Helper()
	p.report(unit, n)
	if p.out != nil {
		pprof.StopCPUProfile()
		_ = p.out.Close()
	}
}

func profileHeap(b *testing.B) {
	b.Helper()
	dir := os.Getenv("DUBAN_BENCH_PROFILE")
	if dir == "" {
		return
	}
	runtime.GC()
	f, err := os.Create(filepath.Join(dir, "heap"))
	require.NoError(b, err)
	defer func() { _ = f.Close() }()
	require.NoError(b, pprof.WriteHeapProfile(f))
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// memory gives the resident set now and after the heap's free pages went back to the system.
func memory() string {
	before := resident("VmRSS")
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	total, files := resident("VmRSS"), resident("RssFile")
	// What is neither the binary's file nor Go's belongs to SQLite, which allocates for itself.
	rest := m.MSpanSys + m.MCacheSys + m.BuckHashSys + m.GCSys + m.OtherSys
	goTotal := m.HeapInuse + m.StackSys + rest
	return fmt.Sprintf("RSS %d MB (after GC %d MB: %d of files, %d heap, %d stacks, %d other Go, %d SQLite), %d goroutines", before,
		total, files, m.HeapInuse>>20, m.StackSys>>20, rest>>20, total-files-int(goTotal>>20), runtime.NumGoroutine())
}

func resident(kind string) int {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, kind+":"); ok {
			kb, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			return kb / 1024
		}
	}
	return 0
}

func size(b *testing.B, dir string) {
	b.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(b, err)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Size() > 1<<20 {
			say("%s: %d MB", e.Name(), info.Size()>>20)
		}
	}
}

// say prints at once: the testing package keeps only the first ten lines a benchmark logs.
func say(format string, args ...any) { fmt.Printf("    "+format+"\n", args...) }
