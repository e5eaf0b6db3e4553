package devserver

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestListKeepsFullTextInStep walks rows through every way of gaining and losing a list of keywords. FTS5 calls its
// table corrupt when it is told to forget what it never knew, so a wrong trigger shows here.
func TestListKeepsFullTextInStep(t *testing.T) {
	file := filepath.Join(t.TempDir(), visibilityFile)
	require.NoError(t, createSchema(file, visibilitySchema))
	db, err := openFile(file)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })

	write := func(run, attributes string) {
		t.Helper()
		_, err := db.Exec(`INSERT INTO executions_visibility
			(namespace_id, run_id, start_time, execution_time, workflow_id, workflow_type_name, status, encoding, search_attributes)
			VALUES ('n', ?, '2026-01-01', '2026-01-01', 'w', 't', 1, '', ?)
			ON CONFLICT (namespace_id, run_id) DO UPDATE SET search_attributes = excluded.search_attributes`, run, attributes)
		require.NoError(t, err)
	}
	const plain = `{"Keyword01":"a"}`
	const problem = `{"Keyword01":"a","TemporalReportedProblems":"category=WorkflowTaskFailed"}`
	requireFound := func(want ...string) {
		t.Helper()
		require.Equal(t, want, runs(t, db, `"category=WorkflowTaskFailed"`))
		_, err := db.Exec(`INSERT INTO executions_visibility_fts_keyword_list(executions_visibility_fts_keyword_list) VALUES ('integrity-check')`)
		require.NoError(t, err)
	}

	write("healthy", plain)
	requireFound()
	write("born ill", problem)
	requireFound("born ill")
	write("healthy", problem)
	requireFound("born ill", "healthy")
	write("born ill", plain)
	requireFound("healthy")
	write("born ill", plain)
	requireFound("healthy")
	write("healthy", problem)
	requireFound("healthy")
	_, err = db.Exec(`DELETE FROM executions_visibility WHERE run_id = 'born ill'`)
	require.NoError(t, err)
	requireFound("healthy")
	_, err = db.Exec(`DELETE FROM executions_visibility WHERE run_id = 'healthy'`)
	require.NoError(t, err)
	requireFound()
}

func runs(t *testing.T, db *sql.DB, match string) []string {
	t.Helper()
	rows, err := db.Query(`SELECT run_id FROM executions_visibility WHERE rowid IN (
		SELECT rowid FROM executions_visibility_fts_keyword_list
		WHERE executions_visibility_fts_keyword_list MATCH ?) ORDER BY run_id`, match)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var out []string
	for rows.Next() {
		var run string
		require.NoError(t, rows.Scan(&run))
		out = append(out, run)
	}
	require.NoError(t, rows.Err())
	return out
}

func TestListKeepsOnlyUsefulIndexes(t *testing.T) {
	file := filepath.Join(t.TempDir(), visibilityFile)
	require.NoError(t, createSchema(file, visibilitySchema))
	db, err := openFile(file)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	var names string
	require.NoError(t, db.QueryRow(`SELECT group_concat(name ORDER BY name) FROM sqlite_master
		WHERE sql IS NOT NULL AND tbl_name = 'executions_visibility' AND type <> 'table'`).Scan(&names))
	require.Equal(t, "by_status,by_workflow_id,by_workflow_type,default_idx,"+
		"executions_visibility_ad,executions_visibility_ai,executions_visibility_au,executions_visibility_bu", names)
}
