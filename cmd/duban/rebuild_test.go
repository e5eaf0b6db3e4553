package main

import (
	"database/sql"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRebuild(t *testing.T) {
	folder, n := recorded(t)
	args := []string{"--set", "data.folder=" + folder, "rebuild", "--json"}
	rebuilt := func(more ...string) rebuildReport {
		t.Helper()
		got := duban(t, nil, append(args, more...)...)
		require.Zero(t, got.code, got.stderr)
		var report rebuildReport
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &report))
		return report
	}
	exec := func(statement string) {
		t.Helper()
		db, err := sql.Open("sqlite", filepath.Join(folder, "duban.db"))
		require.NoError(t, err)
		defer db.Close()
		_, err = db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	require.Equal(t, []any{n, 0}, []any{rebuilt().Obligations, len(rebuilt().Written)})
	exec("DELETE FROM obligations")
	require.Equal(t, 1, duban(t, nil, "--set", "data.folder="+folder, "verify").code)
	first := rebuilt("--plan", "changning-2024")
	require.Len(t, first.Written, n)
	require.Empty(t, first.Findings)
	require.Zero(t, duban(t, nil, "--set", "data.folder="+folder, "verify").code)

	exec("UPDATE obligations SET stage = 'accepted'")
	require.Equal(t, []string{first.Written[0]}, rebuilt("--obligation", first.Written[0]).Written)
	require.Len(t, rebuilt().Written, n-1)
	requireFaults(t, 2, duban(t, nil, "--set", "data.folder="+folder, "rebuild", "--obligation", "what"), "方案/分项任务/责任单位/周期")
	requireFaults(t, 2, duban(t, nil, "--set", "data.folder="+folder, "rebuild", "--plan", "none"), "changning-2024")
	requireFaults(t, 2, duban(t, nil, "--set", "data.folder="+t.TempDir(), "rebuild"), "找不到数据库文件")

	// What the ledger says is not taken over where the ledger was changed.
	exec("DROP TRIGGER ledger_no_update")
	exec("UPDATE ledger SET event = REPLACE(event, 'system', 'office') WHERE obligation = '" + first.Written[0] + "'")
	exec("UPDATE obligations SET stage = 'accepted' WHERE id = '" + first.Written[0] + "'")
	got := duban(t, nil, args...)
	require.Equal(t, 1, got.code)
	require.Contains(t, got.stderr, first.Written[0]+"：台账损坏")
}
