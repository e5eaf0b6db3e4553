package e2e

import (
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"duban/internal/store/storetest"
)

// onMariaDB are the settings that keep the record in a database of the server.
func onMariaDB(dsn string) []string {
	return []string{"--set", "database.driver=mysql", "--set", "database.dsn=" + dsn}
}

// The business day on which the small plan's reminders begin, so many days a second: a unit that does nothing is
// reminded on 26 and 28 March, overdue on 1 April, and gets its letter drafted on 9 April.
func outageClock() []string { return append([]string{"--seed", "none"}, scaled("2025-03-24", 0.5)...) }

// sign is a command that the outage meets.
const sign = `{}`

func TestDatabaseDownForAWhile(t *testing.T) {
	for name, end := range map[string]func(*storetest.Server, testing.TB){
		"stopped": (*storetest.Server).Stop,
		"killed":  (*storetest.Server).Kill,
	} {
		t.Run(name, func(t *testing.T) {
			server := storetest.Start(t)
			database := onMariaDB(server.Database(t, "test_outage"))
			p := serve(t, t.TempDir(), append(outageClock(), database...)...)
			p.seedSmall("2025-03-24")
			p.awaitOpened("small", 62)
			all := p.obligations("plan=small&measure=1.1")
			require.Len(t, all, 60)
			key := http.Header{"Idempotency-Key": {"sign-in-the-dark"}}

			// Timers fire and find no database: the answers to people alone take longer than the days between two.
			await(t, "every obligation has its workflow", func() bool { return p.openWorkflows("small") == 62 })
			p.token(http.MethodPost, "/obligations/small/1.1/u01/1/sign") // nobody gets an account in the dark
			end(server, t)
			p.requireDown(key)
			await(t, "every unit's reminder has fallen due", func() bool {
				return !slices.ContainsFunc(all, func(o obligationView) bool { return !p.timerFired(o) })
			})
			p.requireDown(key)

			server.Restart(t)
			await(t, "duban is ready again", func() bool {
				response, err := http.Get(p.api + "/ready")
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())
				return response.StatusCode == http.StatusOK
			})
			await(t, "every unit has its letter drafted", func() bool {
				return !slices.ContainsFunc(p.obligations("plan=small&measure=1.1"), func(o obligationView) bool { return o.Rung != "letter" })
			})
			response, err := p.send(http.MethodPost, "/obligations/small/1.1/u01/1/sign", sign, key)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, http.StatusOK, response.StatusCode, "the same key gets the answer that the outage held back")
			for _, o := range all {
				p.requireEverythingOnce(o)
			}
			require.NotContains(t, p.stderr.String(), "goroutine")
			p.stop()
			out, code := run(t, append(slices.Clone(database), "--set", "data.folder="+p.folder, "verify")...)
			require.Zero(t, code, out)
		})
	}
}

// requireEverythingOnce holds an obligation that nobody fulfilled to what must have happened to it: every event once,
// no reminder left out that is not merged into another, the deadline missed once, the letter drafted once.
func (p *process) requireEverythingOnce(o obligationView) {
	p.t.Helper()
	events := p.ledger(o)
	requireOnce(p.t, o, events)
	kinds := map[string]int{}
	for _, e := range events {
		kinds[e.Kind]++
		if e.Kind == "reminded" {
			kinds[e.Step]++
		}
	}
	for _, kind := range []string{"opened", "overdue", "drafted"} {
		require.Equal(p.t, 1, kinds[kind], "%s: %s", o.path(), kind)
	}
	if o.Unit == "u01" {
		require.Equal(p.t, 1, kinds["signed"], o.path())
	} else {
		require.Zero(p.t, kinds["signed"], o.path())
	}
	require.Positive(p.t, kinds["reminded"], "%s: what fell due meanwhile", o.path())
}

// timerFired reports whether a timer has gone off in the obligation's workflow.
func (p *process) timerFired(o obligationView) bool {
	p.t.Helper()
	return slices.ContainsFunc(p.history("obligation/"+strings.TrimPrefix(o.path(), "/obligations/")).Events, func(e *historypb.HistoryEvent) bool {
		return e.EventType == enumspb.EVENT_TYPE_TIMER_FIRED
	})
}

// requireDown holds every kind of request to a clear answer while there is no database.
func (p *process) requireDown(key http.Header) {
	p.t.Helper()
	for _, c := range []struct{ method, path, body string }{
		{"GET", "/plans", ""},
		{"GET", "/plans/small/tasks", ""},
		{"GET", "/obligations?plan=small", ""},
		{"GET", "/obligations/small/1.1/u01/1", ""},
		{"GET", "/obligations/small/1.1/u01/1/ledger", ""},
		{"GET", "/documents", ""},
		{"GET", "/plans/small/inbox/u01", ""},
		{"GET", "/ready", ""},
		{"POST", "/plans", "{}"},
		{"POST", "/obligations/small/1.1/u01/1/sign", sign},
	} {
		answer := p.refused(p.send(c.method, c.path, c.body, key))
		require.Equal(p.t, http.StatusServiceUnavailable, answer.Status, "%s: %+v", c.path, answer)
		require.Contains(p.t, []string{"database_unavailable", "engine_unavailable", "not_ready"}, answer.Code, c.path)
	}
	response, err := http.Get(p.api + "/health")
	require.NoError(p.t, err)
	require.NoError(p.t, response.Body.Close())
	require.Equal(p.t, http.StatusOK, response.StatusCode, "the process itself is well")
}

func TestDatabaseDownAtStart(t *testing.T) {
	server := storetest.Start(t)
	database := onMariaDB(server.Database(t, "test_late"))
	server.Stop(t)
	p := launch(t, t.TempDir(), append([]string{"--seed", "none"}, database...)...)
	await(t, "the log says that the database is waited for", func() bool {
		select {
		case err := <-p.done:
			require.Fail(t, "duban ended", "%v\n%s", err, p.stderr)
		default:
		}
		return strings.Contains(p.stderr.String(), "database cannot be reached, trying again")
	})
	server.Restart(t)
	p.awaitServing()
	p.seedSmall("2026-01-01")
	p.stop()
	out, code := run(t, append(slices.Clone(database), "--set", "data.folder="+p.folder, "verify")...)
	require.Zero(t, code, out)
}

// Somebody who is told to stop while waiting for the database ends, and does not wait for the night.
func TestStoppedWhileTheDatabaseIsDown(t *testing.T) {
	server := storetest.Start(t)
	database := onMariaDB(server.Database(t, "test_never"))
	server.Stop(t)
	p := launch(t, t.TempDir(), database...)
	await(t, "the database is waited for", func() bool { return strings.Contains(p.stderr.String(), "trying again") })
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	err := <-p.done
	require.Error(t, err)
	require.Contains(t, p.stderr.String(), "数据库一直无法连接，请检查数据库服务和网络")
	require.NotContains(t, p.stderr.String(), "goroutine")
}
