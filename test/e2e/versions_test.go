//go:build unix

package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// laterBuild is this program as its next release might be: a migration adds to the tables and lets this release go on, and every
// workflow of an obligation notes a change that this release does not know.
func laterBuild(t *testing.T) string {
	t.Helper()
	replaced := map[string]string{}
	replace := func(file, text string) {
		at, err := filepath.Abs(filepath.Join("..", "..", file))
		require.NoError(t, err)
		by := filepath.Join(t.TempDir(), filepath.Base(file))
		require.NoError(t, os.WriteFile(by, []byte(text), 0o600))
		replaced[at] = by
	}
	const added = "-- +goose Up\nALTER TABLE units ADD COLUMN later INTEGER;\n" +
		"INSERT INTO schema_compatibility (version, since) SELECT 99999, MAX(version_id) FROM goose_db_version WHERE version_id < 99999;\n"
	for _, dialect := range []string{"sqlite", "mysql"} {
		replace("internal/store/migrations/"+dialect+"/99999_later.sql", added)
	}
	const file, begin = "workflows/obligation.go", "func (r *obligationRun) setup(ctx workflow.Context) error {\n"
	text, err := os.ReadFile(filepath.Join("..", "..", file))
	require.NoError(t, err)
	require.Contains(t, string(text), begin)
	replace(file, strings.Replace(string(text), begin, begin+"\tworkflow.GetVersion(ctx, \"later\", workflow.DefaultVersion, 1)\n", 1))

	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	require.NoError(t, err)
	at := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(at, overlay, 0o600))
	program := filepath.Join(t.TempDir(), "duban")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-overlay", at, "-o", program, "duban/cmd/duban").CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}

// An installation of several machines goes over to the next release one process after the other, and back again, under way all the
// time: all that was acknowledged is in the record once, and nothing else happened twice.
func TestNextReleaseAndBack(t *testing.T) {
	later := laterBuild(t)
	d := newDistrict(t, 2, scaled("2025-03-24", 0.001))
	status, body := d.apis[0].post("/plans", map[string]any{"files": d.files(*load), "asOf": "2025-03-24"})
	require.Equal(t, http.StatusOK, status, body)
	d.awaitOpened(*load / 2)
	d.program = later
	d.again(d.workers, 0, "worker") // in the middle of the opening: it brings the tables up to date
	d.awaitOpened(*load)

	w := d.drive()
	rest := []struct {
		what string
		list []*process
		n    int
	}{{"api", d.apis, 0}, {"worker", d.workers, 1}, {"api", d.apis, 1}}
	for _, r := range rest {
		w.through("one more "+r.what+" of the next release", func() { d.again(r.list, r.n, r.what) })
	}
	d.program = binary
	w.through("the first worker that goes back", func() { d.again(d.workers, 0, "worker") })
	for _, r := range rest {
		w.through("one more "+r.what+" that goes back", func() { d.again(r.list, r.n, r.what) })
	}
	w.through("all are back", func() {})
	d.requireOnce(w.end())
	await(t, "every open obligation has its workflow", func() bool { return d.apis[0].openWorkflows("small") == *load })
	require.Equal(t, 1, d.count("SELECT COUNT(*) FROM goose_db_version WHERE version_id = 99999"), "the tables are the next release's")
	d.end()
	d.verify()
}
