package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/store"
	"duban/internal/store/storetest"
	"duban/obligation"
)

func TestOpenAgainKeepsTheRecord(t *testing.T) {
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) {
			o := d.options(t)
			s, err := store.Open(t.Context(), o)
			require.NoError(t, err)
			first := opened(obligationID("10.1", "yingji"))
			put(t, s, first)
			require.NoError(t, s.Close())
			require.NoError(t, s.Close())
			_, err = s.Append(t.Context(), []obligation.Entry{first})
			require.Error(t, err)

			s = openStore(t, o)
			require.NoError(t, s.Ping(t.Context()))
			put(t, s, tick(t, first.State, late))
			requireSound(t, s)
		})
	}
}

// The ones that come at the same time migrate one after the other.
func TestOpenAtTheSameTime(t *testing.T) {
	o := databases()[1].options(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := store.Open(t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { _ = s.Close() })
		})
	}
	wg.Wait()
}

// A process may end anywhere in the middle of a migration, which MySQL cannot roll back.
func TestOpenCompletesWhatBrokeOff(t *testing.T) {
	o := databases()[1].options(t)
	s, err := store.Open(t.Context(), o)
	require.NoError(t, err)
	require.NoError(t, store.Exec(t.Context(), s, "DELETE FROM goose_db_version", "DROP TRIGGER ledger_no_delete", "DROP TABLE installation"))
	require.NoError(t, s.Close())
	s = openStore(t, o)
	_, err = s.Installation(t.Context(), calendar.Clock{})
	require.NoError(t, err)
	put(t, s, opened(obligationID("10.1", "yingji")))
	require.Error(t, store.Exec(t.Context(), s, "DELETE FROM ledger"))
}

func TestOpenRefusesANewerDatabase(t *testing.T) {
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) {
			o := d.options(t)
			s := openStore(t, o)
			require.NoError(t, store.Exec(t.Context(), s, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)"))
			_, err := store.Open(t.Context(), o)
			require.ErrorContains(t, err, "99")
			require.ErrorContains(t, err, "请改用新版程序")
			require.False(t, store.Transient(err))
		})
	}
}

// A newer build that only added to the tables lets this one go on, for a rollback: it says so, and from which build on.
func TestOpenGoesOnWithWhatANewerBuildAdded(t *testing.T) {
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) {
			o := d.options(t)
			s := openStore(t, o)
			add := func(version int, since string) {
				t.Helper()
				require.NoError(t, store.Exec(t.Context(), s, fmt.Sprintf("INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, 1)", version),
					fmt.Sprintf("INSERT INTO schema_compatibility (version, since) SELECT %d, %s", version, since)))
			}
			const own = "MAX(version_id) FROM goose_db_version WHERE version_id < 99"
			require.NoError(t, store.Exec(t.Context(), s, "ALTER TABLE units ADD COLUMN later INTEGER"))
			add(99, own)
			put(t, openStore(t, o), opened(obligationID("10.1", "yingji")))
			add(100, own)
			requireSound(t, openStore(t, o))
			add(101, "100")
			_, err := store.Open(t.Context(), o)
			require.ErrorContains(t, err, "101")
			require.ErrorContains(t, err, "请改用新版程序")
		})
	}
}

func TestOpenRefusesBadOptions(t *testing.T) {
	for name, c := range map[string]struct {
		options store.Options
		problem string
	}{
		"driver":      {store.Options{Driver: "oracle"}, "oracle"},
		"no path":     {store.Options{Driver: store.SQLite}, "路径"},
		"synchronous": {store.Options{Driver: store.SQLite, DSN: filepath.Join(t.TempDir(), "a.db"), Synchronous: "MAYBE"}, "MAYBE"},
		"dsn":         {store.Options{Driver: store.MySQL, DSN: "localhost"}, "DSN"},
		"no database": {store.Options{Driver: store.MySQL, DSN: "root@tcp(127.0.0.1:1)/"}, "库名"},
	} {
		_, err := store.Open(t.Context(), c.options)
		require.ErrorContains(t, err, c.problem, name)
		require.False(t, store.Transient(err), name)
	}
}

func TestOpenTellsWhoWasTurnedAway(t *testing.T) {
	o := databases()[1].options(t)
	for name, dsn := range map[string]string{
		"user":     strings.Replace(o.DSN, "root@", "nobody:x@", 1),
		"database": o.DSN + "_missing",
	} {
		_, err := store.Open(t.Context(), store.Options{Driver: store.MySQL, DSN: dsn})
		require.ErrorContains(t, err, "请检查用户名、口令", name)
		require.False(t, store.Transient(err), name)
	}
}

func TestSQLiteTakesAnyPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "数据 100%?#", "a b", "duban.db")
	put(t, openStore(t, store.Options{Driver: store.SQLite, DSN: path}), opened(obligationID("10.1", "yingji")))
	_, err := os.Stat(path)
	require.NoError(t, err)
}

// A SQLite file that another process writes to is waited for; a damaged one is refused.
func TestSQLiteRefusesWhatIsNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "duban.db")
	require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("no database "), 1000), 0o600))
	_, err := store.Open(t.Context(), store.Options{Driver: store.SQLite, DSN: path})
	require.Error(t, err)
	require.False(t, store.Transient(err))
}

// said lets a test wait for something that is logged.
type said struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.text.Write(b)
}

func TestOpenWaitsForADatabaseThatIsDown(t *testing.T) {
	server := storetest.Start(t)
	dsn := server.Database(t, "test_down")
	server.Stop(t)

	ctx, cancel := context.WithCancel(t.Context())
	log := &said{more: make(chan struct{}, 1)}
	options := store.Options{Driver: store.MySQL, DSN: dsn, Logger: slog.New(slog.NewTextHandler(log, nil))}
	go func() {
		<-log.more
		cancel()
	}()
	_, err := store.Open(ctx, options)
	require.ErrorContains(t, err, "数据库一直无法连接")
	require.True(t, store.Transient(err))

	log = &said{more: make(chan struct{}, 1)}
	options.Logger = slog.New(slog.NewTextHandler(log, nil))
	opened := make(chan error, 1)
	go func() {
		s, err := store.Open(t.Context(), options)
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	<-log.more // it has tried in vain
	server.Restart(t)
	require.NoError(t, <-opened)
	require.Equal(t, 1, strings.Count(log.text.String(), "\n"), "%s", &log.text)
}

// A database that goes down meanwhile fails calls as transient and is used again once it is back; nothing that was
// answered for is lost, and what was not can be repeated.
func TestDatabaseGoesDownMeanwhile(t *testing.T) {
	server := storetest.Start(t)
	s := openStore(t, store.Options{Driver: store.MySQL, DSN: server.Database(t, "test_restart")})
	first, second := opened(obligationID("10.1", "yingji")), opened(obligationID("10.2", "yingji"))
	put(t, s, first)
	server.Stop(t)

	for name, call := range map[string]func() error{
		"ping":   func() error { return s.Ping(t.Context()) },
		"append": func() error { _, err := s.Append(t.Context(), []obligation.Entry{second}); return err },
		"load":   func() error { _, err := s.Load(t.Context(), first.State.ID); return err },
		"list":   func() error { _, err := s.List(t.Context(), obligation.Filter{}); return err },
		"decide": func() error {
			_, err := s.Decide(t.Context(), first.State.ID, func(obligation.State) (obligation.Entry, error) {
				return obligation.Entry{}, errors.New("decided without a database")
			})
			return err
		},
	} {
		err := call()
		require.True(t, store.Transient(err), "%s: %v", name, err)
	}
	server.Restart(t)
	require.NoError(t, s.Ping(t.Context()))
	put(t, s, second, tick(t, first.State, late))
	requireSound(t, s)
}

// A busy server ends transactions and connections at any time: callers repeat, and everything is stored once.
func TestConnectionsAreKilledMeanwhile(t *testing.T) {
	s := openStore(t, databases()[1].options(t))
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				killOne(t, s)
			}
		}
	})
	var callers sync.WaitGroup
	for i := range 8 {
		callers.Go(func() {
			for j := range 25 {
				entry := opened(obligationID("10.1", unitCode(i*25+j)))
				// MariaDB reports some kills as errors of another kind, so whatever comes is tried again, for a while.
				for n := 0; ; n++ {
					_, err := s.Append(t.Context(), []obligation.Entry{entry})
					if err == nil {
						break
					}
					if n == 1000 {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	callers.Wait()
	close(done)
	wg.Wait()
	var report store.Report
	require.Eventually(t, func() bool {
		var err error
		report, err = s.Verify(t.Context(), nil)
		return err == nil
	}, time.Minute, time.Millisecond)
	require.Empty(t, report.Findings)
	require.Equal(t, 200, report.Events)
}

func killOne(t *testing.T, s *store.Store) {
	id, err := store.Number(t.Context(), s, "SELECT COALESCE(MAX(id), 0) FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND db = DATABASE()")
	if err == nil && id > 0 {
		_, _ = store.Number(t.Context(), s, fmt.Sprintf("KILL %d", id))
	}
}
