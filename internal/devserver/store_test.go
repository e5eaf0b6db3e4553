package devserver

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/server/schema/sqlite"
)

func prepared(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	reopen(t, dir)
	return dir
}

func reopen(t *testing.T, dir string) {
	t.Helper()
	d, err := openDataDir(dir)
	require.NoError(t, err)
	require.NoError(t, d.close())
	for file, table := range map[string]string{mainFile: "executions", visibilityFile: "executions_visibility"} {
		there, err := hasTable(filepath.Join(dir, file), table)
		require.NoError(t, err)
		require.True(t, there, "%s has %s", file, table)
	}
	there, err := hasTable(filepath.Join(dir, mainFile), "executions_visibility")
	require.NoError(t, err)
	require.False(t, there, "visibility lies in its own file")
}

func TestFirstStartInterrupted(t *testing.T) {
	// Each case is what a kill leaves behind at one moment of the first start.
	cases := map[string]func(t *testing.T, dir string){
		"before anything": func(*testing.T, string) {},
		"after the lock file": func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, lockFileName), nil, 0o600))
		},
		"while writing the record": func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, recordFile+".123"), []byte(`{"serv`), 0o600))
		},
		"after the record": func(t *testing.T, dir string) {
			d := &dataDir{path: dir}
			require.NoError(t, d.writeRecord(currentRecord(historyShards)))
		},
		"after an empty database": func(t *testing.T, dir string) {
			d := &dataDir{path: dir}
			require.NoError(t, d.writeRecord(currentRecord(historyShards)))
			require.NoError(t, os.WriteFile(filepath.Join(dir, mainFile), nil, 0o600))
		},
		"in the middle of the tables": func(t *testing.T, dir string) {
			d := &dataDir{path: dir}
			require.NoError(t, d.writeRecord(currentRecord(historyShards)))
			leaveHalfASchema(t, filepath.Join(dir, mainFile))
		},
		"between the two databases": func(t *testing.T, dir string) {
			d := &dataDir{path: dir}
			require.NoError(t, d.writeRecord(currentRecord(historyShards)))
			require.NoError(t, createSchema(filepath.Join(dir, mainFile), mainSchema))
		},
		"in the middle of the list's tables": func(t *testing.T, dir string) {
			d := &dataDir{path: dir}
			require.NoError(t, d.writeRecord(currentRecord(historyShards)))
			require.NoError(t, createSchema(filepath.Join(dir, mainFile), mainSchema))
			leaveHalfASchema(t, filepath.Join(dir, visibilityFile))
		},
	}
	for name, interrupt := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			interrupt(t, dir)
			reopen(t, dir)
			reopen(t, dir)
		})
	}
}

// leaveHalfASchema runs half of the statements and copies the files as they lie on disk at that moment, which is
// what a killed process leaves.
func leaveHalfASchema(t *testing.T, file string) {
	t.Helper()
	scratch := filepath.Join(t.TempDir(), filepath.Base(file))
	db, err := openFile(scratch)
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	// A cache of one page makes SQLite write uncommitted pages out, the worst it can leave.
	_, err = db.Exec(`PRAGMA cache_size = 1`)
	require.NoError(t, err)
	tx, err := db.BeginTx(context.Background(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	n := 0
	err = sqlite.SetupSchemaOnDB(schemaTx{tx: tx, rewrite: func(stmt string) []string {
		if n++; n > 20 {
			return nil
		}
		return []string{stmt}
	}})
	require.NoError(t, err)
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(scratch + suffix)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file+suffix, raw, 0o600))
	}
}

func TestVersionGuard(t *testing.T) {
	change := func(f func(*record)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			var r record
			raw, err := os.ReadFile(filepath.Join(dir, recordFile))
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(raw, &r))
			f(&r)
			raw, err = json.Marshal(r)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, recordFile), raw, 0o600))
		}
	}
	cases := map[string]struct {
		spoil func(*testing.T, string)
		want  error
		says  string
	}{
		"newer server":   {change(func(r *record) { r.ServerVersion = "99.0.0" }), ErrVersion, "99.0.0"},
		"older server":   {change(func(r *record) { r.ServerVersion = "1.0.0" }), ErrVersion, "1.0.0"},
		"other schema":   {change(func(r *record) { r.MainSchema = "9.9" }), ErrVersion, "9.9"},
		"newer layout":   {change(func(r *record) { r.Layout = layout + 1 }), ErrVersion, "库结构"},
		"no shard count": {change(func(r *record) { r.HistoryShards = 0 }), ErrVersion, "库结构"},
		"torn record": {func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, recordFile), []byte("{"), 0o600))
		}, ErrVersion, "已损坏"},
		"lost record": {func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, recordFile)))
		}, ErrVersion, recordFile},
		"lost database": {func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, mainFile)))
		}, ErrData, mainFile},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			dir := prepared(t)
			tc.spoil(t, dir)
			before := snapshot(t, dir)
			_, err := openDataDir(dir)
			require.ErrorIs(t, err, tc.want)
			require.ErrorContains(t, err, tc.says)
			require.Equal(t, before, snapshot(t, dir), "a refusal changes nothing")
		})
	}
}

func TestShardCountStaysWithTheData(t *testing.T) {
	dir := t.TempDir()
	d := &dataDir{path: dir}
	require.NoError(t, d.writeRecord(currentRecord(historyShards+3)))
	opened, err := openDataDir(dir)
	require.NoError(t, err)
	require.EqualValues(t, historyShards+3, opened.record.HistoryShards)
	require.NoError(t, opened.close())
}

func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "-shm") || strings.HasSuffix(e.Name(), "-wal") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		out[e.Name()] = string(raw)
	}
	return out
}
