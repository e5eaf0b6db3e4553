package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Databases of different moments under one installation: whichever is older, the workflows go by the ledger again, and people's
// commands are answered by what it says.
func TestDatabasesOfDifferentMoments(t *testing.T) {
	folder := t.TempDir()
	clock := append([]string{"--seed", "none"}, scaled("2025-03-24", 1.0/24)...)
	p := serve(t, folder, clock...)
	p.seedSmall("2025-03-24")
	p.awaitOpened("small", 62)
	await(t, "every obligation has its workflow", func() bool { return p.openWorkflows("small") == 62 })
	path := func(unit string) string { return "/obligations/small/1.1/" + unit + "/1" }
	p.act(path("u02")+"/sign", map[string]any{})
	p.act(path("u03")+"/sign", map[string]any{})
	p.act(path("u03")+"/submit", map[string]any{"text": "总结已印发"})
	p.stop()
	early := copied(t, folder)

	p = serve(t, folder, clock...)
	p.act(path("u01")+"/sign", map[string]any{})
	p.act(path("u02")+"/submit", map[string]any{"text": "总结已印发"})
	p.act(path("u03")+"/accept", map[string]any{})
	p.act(path("u05")+"/nudge", map[string]any{"text": "请抓紧"})
	p.stop()
	late := copied(t, folder)

	mix := func(t *testing.T, ledger, engine string, restored bool) *process {
		t.Helper()
		there := copied(t, ledger)
		require.NoError(t, os.RemoveAll(filepath.Join(there, "temporal")))
		require.NoError(t, os.CopyFS(filepath.Join(there, "temporal"), os.DirFS(filepath.Join(engine, "temporal"))))
		if restored { // what a restore leaves
			require.NoError(t, os.WriteFile(filepath.Join(there, "restored.json"), []byte("{}"), 0o600))
		}
		q := serve(t, there, clock...)
		t.Cleanup(func() {
			if t.Failed() {
				t.Log(q.stderr.String())
			}
		})
		if !restored {
			return q
		}
		await(t, "the workflows were compared with the ledger", func() bool { return strings.Contains(q.stderr.String(), "restored workflows agree") })
		_, err := os.Stat(filepath.Join(there, "restored.json"))
		require.ErrorIs(t, err, os.ErrNotExist, "once is enough")
		return q
	}
	t.Run("the engine is older", func(t *testing.T) {
		q := mix(t, late, early, true)
		q.act(path("u02")+"/accept", map[string]any{}) // what was submitted is known
		q.act(path("u01")+"/submit", map[string]any{"text": "总结已印发"})
		require.Equal(t, "accepted", q.one("small/1.1/u03").Stage)
		q.requireWhole()
		require.Contains(t, q.stderr.String(), "ahead=0")
	})
	t.Run("the engine is newer", func(t *testing.T) {
		q := mix(t, early, late, true)
		q.act(path("u01")+"/sign", map[string]any{}) // was forgotten
		q.act(path("u02")+"/submit", map[string]any{"text": "总结已印发"})
		q.act(path("u03")+"/accept", map[string]any{}) // its workflow had ended
		q.act(path("u05")+"/nudge", map[string]any{"text": "请抓紧"})
		q.requireWhole()
		require.NotContains(t, q.stderr.String(), "ahead=0")
	})
	t.Run("the engine is newer, and nobody said so", func(t *testing.T) {
		q := mix(t, early, late, false)
		doctor := []string{"--set", "data.folder=" + q.folder, "doctor", "--server", strings.TrimSuffix(q.api, "/api/v1")}
		out, code := run(t, doctor...)
		require.Equal(t, 1, code, out)
		require.Equal(t, 3, strings.Count(out, "■ 流程与台账不在同一时刻"), out)
		await(t, "the doctor finds nothing of the kind any more", func() bool {
			out, _ := run(t, append(doctor, "--fix", "--yes")...)
			return !strings.Contains(out, "流程与台账不在同一时刻") && !strings.Contains(out, "缺少流程")
		})
		q.act(path("u01")+"/sign", map[string]any{})
		q.act(path("u03")+"/accept", map[string]any{})
		q.requireWhole()
		out, _ = run(t, "--set", "data.folder="+q.folder, "--set", "engine.embedded.hostPort=127.0.0.1:0", "--set", "listen.address=127.0.0.1:1", "doctor")
		require.NotContains(t, out, "流程与台账不在同一时刻", "nobody answers where nobody works, and that is no fault of the workflows")
	})
}

// requireWhole holds an installation to a ledger that verifies and whose every open obligation has its workflow.
func (p *process) requireWhole() {
	p.t.Helper()
	open := p.obligations("plan=small&open=true")
	await(p.t, "every open obligation has its workflow", func() bool { return p.openWorkflows("small") == len(open) })
	for _, o := range p.obligations("plan=small") {
		requireOnce(p.t, o, p.ledger(o))
	}
	p.replays("--server", strings.TrimSuffix(p.api, "/api/v1"))
	p.stop()
	verify(p.t, p.folder)
}

// copied copies the data of an installation that nobody runs.
func copied(t *testing.T, folder string) string {
	t.Helper()
	there := filepath.Join(t.TempDir(), "copy")
	require.NoError(t, os.CopyFS(there, os.DirFS(folder)))
	for _, private := range []string{"keys.yaml"} {
		require.NoError(t, os.Chmod(filepath.Join(there, private), 0o600))
	}
	return there
}
