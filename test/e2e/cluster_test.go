//go:build unix

package e2e

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/seal"
	"duban/internal/store/storetest"
	"duban/test/cluster"
)

// The trial of an installation of several machines. Without flags it is a small one; docs/operations.md has a large one's figures.
var (
	load    = flag.Int("load", 600, "obligations of the trial on a cluster, a multiple of 600")
	outage  = flag.Duration("outage", 3*time.Second, "how long the trial's databases are down")
	workers = flag.Int("workers", 2, "workers of the trial")
	clients = flag.Int("clients", 4, "commands of the trial that are under way at once")
	calm    = flag.Bool("calm", false, "let nothing befall the trial, and measure it")
	look    = flag.Bool("look", false, "keep the trial's processes running for a look until interrupted")
)

// district is duban on several machines: workers and APIs over MariaDB and a Temporal cluster on PostgreSQL, everything a process of its
// own.
type district struct {
	t        *testing.T
	cluster  *cluster.Cluster
	maria    *storetest.Server
	dsn      string
	settings []string
	program  string // the build that is started from now on
	workers  []*process
	apis     []*process
	office   string // a token

	mu sync.Mutex // of apis, while others ask them
}

// buildCluster builds the cluster's programs, once for all tests, and returns their folder.
var buildCluster = sync.OnceValues(func() (string, error) {
	programs := filepath.Join(filepath.Dir(binary), "cluster")
	if err := os.MkdirAll(programs, 0o700); err != nil {
		return "", err
	}
	return programs, cluster.Build(context.Background(), filepath.Join("..", "cluster", "server"), programs)
})

// newDistrict is a district whose processes run by the clock of the settings, with an account of the office.
func newDistrict(t *testing.T, workers int, clock []string) *district {
	t.Helper()
	d := emptyDistrict(t, clock)
	d.open(workers, 2)
	d.office = d.apis[0].tokenOf("office", "office", "")
	return d
}

// emptyDistrict has databases and a cluster with nothing in them, and no process of duban's.
func emptyDistrict(t *testing.T, settings []string) *district {
	t.Helper()
	programs, err := buildCluster()
	require.NoError(t, err)
	c, err := cluster.Start(t.Context(), filepath.Join(t.TempDir(), "cluster"), programs)
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			for _, p := range c.Processes() {
				t.Logf("%s: %s", p.Name, p.Tail())
			}
		}
		require.NoError(t, c.Close())
	})
	d := &district{t: t, cluster: c, program: binary, maria: storetest.Start(t)}
	d.dsn = d.maria.Database(t, "test_district")
	keys := filepath.Join(t.TempDir(), "keys.yaml")
	_, err = seal.Create(keys, seal.AES256GCM, time.Now())
	require.NoError(t, err)
	d.settings = append(onMariaDB(d.dsn), "--set", "privacy.keyFile="+keys, "--set", "engine.mode=external",
		"--set", "engine.external.hostPort="+c.HostPort, "--set", "engine.external.namespace="+c.Namespace, "--set", "listen.address=127.0.0.1:0")
	d.settings = append(d.settings, settings...)
	t.Cleanup(func() {
		if t.Failed() {
			for _, p := range slices.Concat(d.workers, d.apis) {
				t.Logf("%s: %s", strings.Join(p.cmd.Args, " "), p.stderr)
			}
		}
	})
	return d
}

// open begins the processes, and returns when they run.
func (d *district) open(workers, apis int) {
	d.t.Helper()
	for range workers {
		d.workers = append(d.workers, d.begin("worker"))
	}
	for range apis {
		d.apis = append(d.apis, d.begin("api"))
	}
	for _, p := range slices.Concat(d.workers, d.apis) {
		p.awaitServing()
	}
}

func (d *district) begin(command string) *process {
	p := startProgram(d.t, d.program, d.t.TempDir(), append(slices.Clone(d.settings), command)...)
	p.namespace = d.cluster.Namespace
	return p
}

// again kills a process and begins another in its place.
func (d *district) again(list []*process, n int, command string) {
	list[n].kill()
	p := d.begin(command)
	p.awaitServing()
	d.mu.Lock()
	defer d.mu.Unlock()
	list[n] = p
}

// end stops every process of duban's.
func (d *district) end() {
	for _, p := range slices.Concat(d.apis, d.workers) {
		p.stop()
	}
}

// files are those of a plan with so many obligations: tasks of five measures of the small plan's sixty units.
func (d *district) files(obligations int) map[string]string {
	const measures, units = 5, 60
	files := smallFiles(d.t)
	var tasks strings.Builder
	tasks.WriteString("tasks:\n")
	for task := 1; task <= obligations/measures/units; task++ {
		fmt.Fprintf(&tasks, "  - {code: \"%d\", action: 1, title: 任务%[1]d, text: 2025年3月31日前完成演练总结。, lead: [u01], measures: [\n", task)
		for m := 1; m <= measures; m++ {
			fmt.Fprintf(&tasks, "      {code: \"%d.%d\", title: 总结%[1]d之%[2]d, quote: 2025年3月31日前完成演练总结, audience: {kinds: [government]}, "+
				"schedule: {kind: milestone, due: [\"2025-03-31\"], from: 2025-03-03}, done: 总结报送区安委办, inferred: []},\n", task, m)
		}
		tasks.WriteString("    ]}\n")
	}
	files["tasks/tasks.yaml"] = tasks.String()
	return files
}

// traffic asks for one command after the other, each until it is answered, with the same key.
type traffic struct {
	d       *district
	mu      sync.Mutex
	acked   []string // keys
	longest time.Duration
	stopped atomic.Bool
	over    sync.WaitGroup
}

func (d *district) drive() *traffic {
	w := &traffic{d: d}
	for c := range *clients {
		w.over.Go(func() { w.client(c) })
	}
	return w
}

func (w *traffic) client(c int) {
	obligations := *load
	for n := 0; !w.stopped.Load(); n++ {
		at := (n*7919 + c*104729) % obligations // all over the plan
		path := fmt.Sprintf("/obligations/small/%d.%d/u%02d/1/nudge", at/300+1, at/60%5+1, at%60+1)
		key := fmt.Sprintf("nudge-%d-%d", c, n)
		began := time.Now()
		for try := 0; !w.ask(path, key, c+try); try++ {
			time.Sleep(100 * time.Millisecond) // as a program that waits before it asks again
		}
		w.mu.Lock()
		w.acked = append(w.acked, key)
		w.longest = max(w.longest, time.Since(began))
		w.mu.Unlock()
	}
}

// ask reports whether the command was answered. An API that is away is one of the things that happen, a refusal is not.
func (w *traffic) ask(path, key string, n int) bool {
	w.d.mu.Lock()
	api := w.d.apis[n%len(w.d.apis)].api
	w.d.mu.Unlock()
	request, err := http.NewRequestWithContext(w.d.t.Context(), http.MethodPost, api+path, strings.NewReader(`{"text":"请报进展"}`))
	if err != nil {
		return false
	}
	request.Header.Set("Authorization", "Bearer "+w.d.office)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	if s := response.StatusCode; s >= http.StatusBadRequest && s < http.StatusInternalServerError && s != http.StatusTooManyRequests {
		answer, _ := io.ReadAll(response.Body)
		w.d.t.Errorf("%s: %d %s", path, s, answer)
		w.stopped.Store(true)
		return true
	}
	return response.StatusCode == http.StatusOK
}

// answered returns how many commands were.
func (w *traffic) answered() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.acked)
}

// end has no more commands begin, and returns when all were answered.
func (w *traffic) end() []string {
	w.stopped.Store(true)
	w.over.Wait()
	return w.acked
}

// through has something happen to the district under way, and returns when every client has been answered twice since. It returns how
// long the slowest command took.
func (w *traffic) through(what string, happen func()) time.Duration {
	w.mu.Lock()
	w.longest = 0
	w.mu.Unlock()
	before := w.answered()
	happen()
	await(w.d.t, "commands are answered after "+what, func() bool { return w.stopped.Load() || w.answered() >= before+2*(*clients) })
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.longest
}

// pace logs how many commands are answered in a minute that begins when the first ones are.
func (w *traffic) pace(t *testing.T) {
	t.Helper()
	await(t, "commands are answered", func() bool { return w.answered() > *clients })
	before, began := w.answered(), time.Now()
	time.Sleep(time.Minute)
	n, took := w.answered()-before, time.Since(began)
	w.mu.Lock()
	defer w.mu.Unlock()
	t.Logf("%.1f commands a second by %d clients, the slowest %.2f s", float64(n)/took.Seconds(), *clients, w.longest.Seconds())
}

// Every process of an installation of several machines is killed in turn, and both databases are away for a while: while obligations
// are opened, as far as they take long enough, and while the office's commands go on. All that was acknowledged is in the record once,
// and nothing else happened twice.
func TestSeveralMachines(t *testing.T) {
	d := newDistrict(t, *workers, scaled("2025-03-24", 0.001))
	office := d.apis[0]
	began := time.Now()
	status, body := office.post("/plans", map[string]any{"files": d.files(*load), "asOf": "2025-03-24"})
	require.Equal(t, http.StatusOK, status, body)
	d.awaitOpened(1)
	happenings := d.happenings()
	order := slices.Sorted(maps.Keys(happenings))
	for _, what := range order {
		if *calm || *look || d.opened() == *load {
			break
		}
		t.Logf("opening   %-16s nothing opened for %.1f s", what, d.standstill(happenings[what]).Seconds())
	}
	d.awaitOpened(*load)
	t.Logf("%d obligations opened in %.0f s by %d workers", *load, time.Since(began).Seconds(), *workers)
	if *look {
		d.show()
		return
	}

	w := d.drive()
	if *calm {
		w.pace(t)
		order = nil
	}
	for _, what := range order {
		t.Logf("commands  %-16s slowest command %.1f s", what, w.through(what, happenings[what]).Seconds())
	}
	acked := w.end()
	t.Logf("%d commands acknowledged", len(acked))
	d.requireOnce(acked)
	await(t, "every open obligation has its workflow", func() bool { return d.apis[0].openWorkflows("small") == *load })
	d.end()
	d.verify()
}

// verify has this build prove the record.
func (d *district) verify() {
	d.t.Helper()
	out, code := run(d.t, append(slices.Clone(d.settings), "verify")...)
	require.Zero(d.t, code, out)
}

// happenings are what befalls the district, by name.
func (d *district) happenings() map[string]func() {
	kill := func(p *cluster.Process) func() {
		return func() {
			require.NoError(d.t, p.Kill())
			require.NoError(d.t, p.Start())
		}
	}
	all := map[string]func(){
		"duban worker": func() { d.again(d.workers, len(d.workers)-1, "worker") },
		"duban api":    func() { d.again(d.apis, 1, "api") },
		"PostgreSQL away": func() {
			require.NoError(d.t, d.cluster.Postgres.Stop())
			time.Sleep(*outage)
			require.NoError(d.t, d.cluster.Postgres.Start())
		},
		"MariaDB away": func() {
			d.maria.Stop(d.t)
			time.Sleep(*outage)
			d.maria.Restart(d.t)
		},
		"MariaDB": func() {
			d.maria.Kill(d.t)
			d.maria.Restart(d.t)
		},
	}
	for _, p := range d.cluster.Processes() {
		all[p.Name] = kill(p)
	}
	return all
}

// opened counts the obligations by the record itself: APIs come and go.
func (d *district) opened() int {
	d.t.Helper()
	return d.count("SELECT COUNT(*) FROM ledger WHERE kind = 'opened'")
}

// standstill has something happen while obligations are opened, and returns how long it was until one more was opened after it.
func (d *district) standstill(happen func()) time.Duration {
	d.t.Helper()
	began := time.Now()
	happen()
	before := d.opened()
	await(d.t, "one more is opened", func() bool { n := d.opened(); return n > before || n == *load })
	return time.Since(began)
}

// awaitOpened waits for so many obligations: thousands take minutes.
func (d *district) awaitOpened(n int) {
	d.t.Helper()
	for last, still := 0, 0; ; {
		opened := d.apis[0].opened("small")
		if opened >= n {
			return
		}
		if opened == last {
			still++
		} else {
			last, still = opened, 0
		}
		require.Less(d.t, still, 60, "nothing is opened any more, after %d", opened)
		time.Sleep(time.Second)
	}
}

// requireOnce holds the record to what was acknowledged: every command once, and no step of an obligation twice.
func (d *district) requireOnce(acked []string) {
	d.t.Helper()
	require.Equal(d.t, *load, d.count("SELECT COUNT(*) FROM ledger WHERE kind = 'opened'"))
	require.Zero(d.t, d.count("SELECT COUNT(*) FROM (SELECT obligation FROM ledger WHERE kind IN ('opened', 'overdue') GROUP BY obligation, kind HAVING COUNT(*) > 1) doubled"))
	require.Equal(d.t, len(acked), d.count("SELECT COUNT(*) FROM ledger WHERE kind = 'nudged'"), "what was acknowledged, and no more")
	for keys := range slices.Chunk(acked, 500) {
		in, args := strings.TrimSuffix(strings.Repeat("?,", len(keys)), ","), make([]any, len(keys))
		for i, k := range keys {
			args[i] = k
		}
		require.Equal(d.t, len(keys), d.count("SELECT COUNT(DISTINCT command) FROM ledger WHERE command IN ("+in+")", args...))
	}
}

// count asks duban's tables for a number.
func (d *district) count(query string, args ...any) (n int) {
	d.t.Helper()
	db, err := sql.Open("mysql", d.dsn)
	require.NoError(d.t, err)
	defer db.Close()
	require.NoError(d.t, db.QueryRowContext(d.t.Context(), query, args...).Scan(&n))
	return n
}

// show keeps everything running until it is interrupted.
func (d *district) show() {
	for n, p := range d.apis {
		fmt.Printf("duban api %d: %s (office: %s)\n", n+1, strings.TrimSuffix(p.api, "/api/v1"), d.office)
	}
	fmt.Printf("Temporal: %s, namespace %s; MariaDB: %s\n", d.cluster.HostPort, d.cluster.Namespace, d.dsn)
	done := make(chan os.Signal, 1)
	signal.Notify(done, os.Interrupt)
	<-done
	d.end()
}
