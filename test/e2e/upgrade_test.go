package e2e

import (
	"database/sql"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/libtnb/sqlite"
	"github.com/stretchr/testify/require"

	"duban/internal/backup"
)

// Every release leaves the data of an installation in testdata/upgrade, which every later build has to open. They are made by
// that release's own program:
//
//	go test ./test/e2e -run TestUpgrade -fixture v2 -program ./duban
var (
	fixture = flag.String("fixture", "", "write the data of an installation into testdata/upgrade/NAME.tar.zst")
	program = flag.String("program", "", "the program that makes them")
)

const fixtures = "testdata/upgrade"

// fixtureClock begins a day before what was not done by 31 March is overdue, and takes five minutes for a day: a quarter of an hour
// after the data were made there is something for the workflows to do, and the dates reach for decades.
func fixtureClock() []string {
	return append([]string{"--seed", "none"}, scaled("2025-04-08", 1.0/288)...)
}

func TestUpgrade(t *testing.T) {
	if *fixture != "" {
		recordInstallation(t)
	}
	all, err := filepath.Glob(filepath.Join(fixtures, "*.tar.zst"))
	require.NoError(t, err)
	require.NotEmpty(t, all)
	for _, file := range all {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".tar.zst"), func(t *testing.T) {
			folder := unpack(t, file)
			verify(t, folder) // which brings the tables up to date
			p := serve(t, folder, fixtureClock()...)
			for unit, stage := range map[string]string{"u01": "submitted", "u02": "returned", "u03": "open", "u04": "accepted"} {
				require.Equal(t, stage, p.one("small/1.1/"+unit).Stage, unit)
			}
			p.replays("--server", strings.TrimSuffix(p.api, "/api/v1"))
			content, _ := p.download(task + "/evidence/" + p.onlyEvidence(task))
			require.Equal(t, "签到表", string(content))

			// What people do reaches workflows that the old build began, and time goes on for them.
			p.act("/obligations/small/1.1/u01/1/accept", map[string]any{})
			p.act(task+"/submit", map[string]any{"text": "总结已印发"})
			require.Equal(t, "accepted", p.one("small/1.1/u01").Stage)
			require.Equal(t, "submitted", p.one("small/1.1/u02").Stage)
			await(t, "a unit that did nothing is overdue", func() bool {
				return slices.ContainsFunc(p.ledger(p.one("small/1.1/u03")), func(e ledgerEvent) bool { return e.Kind == "overdue" })
			})
			requireOnce(t, p.one("small/1.1/u03"), p.ledger(p.one("small/1.1/u03")))
			p.stop()
			verify(t, folder)
			p.replays()
		})
	}
}

// one returns an obligation of the first period.
func (p *process) one(id string) obligationView {
	p.t.Helper()
	var o obligationView
	p.get("/obligations/"+id+"/1", &o)
	parts := strings.Split(id, "/")
	o.Plan, o.Measure, o.Unit, o.Period = parts[0], parts[1], parts[2], "1"
	return o
}

func (p *process) onlyEvidence(path string) string {
	p.t.Helper()
	var list evidenceList
	p.get(path+"/evidence", &list)
	require.Len(p.t, list.Evidence, 1)
	return list.Evidence[0].ID
}

// recordInstallation lets a program of its release make the data.
func recordInstallation(t *testing.T) {
	t.Helper()
	ours := binary
	binary = *program
	defer func() { binary = ours }()
	folder := t.TempDir()
	p := serve(t, folder, fixtureClock()...)
	p.seedSmall("2025-03-24")
	p.awaitOpened("small", 62)
	await(t, "every obligation has its workflow", func() bool { return p.openWorkflows("small") == 62 })
	for _, unit := range []string{"u01", "u04"} {
		path := "/obligations/small/1.1/" + unit + "/1"
		p.act(path+"/sign", map[string]any{})
		p.act(path+"/submit", map[string]any{"text": "总结已印发"})
	}
	p.act("/obligations/small/1.1/u04/1/accept", map[string]any{})
	p.act(task+"/sign", map[string]any{})
	status, answer := p.upload("签到表.txt", "text/plain", strings.NewReader("签到表"))
	require.Equal(t, 200, status, answer)
	p.act(task+"/submit", map[string]any{"text": "签到表", "evidence": []any{answer["id"]}})
	p.act(task+"/return", map[string]any{"reason": "缺少总结"})
	p.stop()
	require.NoError(t, os.MkdirAll(fixtures, 0o755))
	file, err := filepath.Abs(filepath.Join(fixtures, *fixture+".tar.zst"))
	require.NoError(t, err)
	w, err := backup.Create(file)
	require.NoError(t, err)
	for _, name := range slices.Sorted(maps.Keys(contents(t, folder))) {
		require.NoError(t, w.AddFile(filepath.ToSlash(name), filepath.Join(folder, name)))
	}
	_, _, err = w.Finish(t.Context(), backup.Manifest{Program: *fixture})
	require.NoError(t, err)
}

func unpack(t *testing.T, file string) string {
	t.Helper()
	folder := t.TempDir()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	_, err = backup.Extract(t.Context(), f, folder)
	require.NoError(t, err)
	return folder
}

// Data of a newer build are refused, with a word of what to do, and stay as they are to the last byte.
func TestNewerDataAreRefused(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder, "--seed", "none")
	p.now()
	p.stop()
	file := p.backup(filepath.Join(t.TempDir(), "now.tar.zst"))
	for name, c := range map[string]struct {
		text string
		age  func(t *testing.T, folder string)
	}{
		"tables": {"它已由更新的程序升级过，请改用新版程序", func(t *testing.T, folder string) {
			db, err := sql.Open(sqlite.DriverName, filepath.Join(folder, "duban.db"))
			require.NoError(t, err)
			_, err = db.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)")
			require.NoError(t, err)
			require.NoError(t, db.Close())
		}},
		"engine": {"请改用写成该数据的督办版本（或更新的版本）", func(t *testing.T, folder string) {
			record := filepath.Join(folder, "temporal", "engine.json")
			text, err := os.ReadFile(record)
			require.NoError(t, err)
			newer := strings.Replace(string(text), `"serverVersion": "1.`, `"serverVersion": "9.`, 1)
			require.NotEqual(t, newer, string(text))
			require.NoError(t, os.WriteFile(record, []byte(newer), 0o600))
		}},
		"layout": {"本程序只认识", func(t *testing.T, folder string) {
			record := filepath.Join(folder, "temporal", "engine.json")
			text, err := os.ReadFile(record)
			require.NoError(t, err)
			newer := strings.Replace(string(text), `"layout": 1`, `"layout": 2`, 1)
			require.NotEqual(t, newer, string(text))
			require.NoError(t, os.WriteFile(record, []byte(newer), 0o600))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			there := filepath.Join(t.TempDir(), "there")
			out, code := run(t, "restore", file, "--to", there)
			require.Zero(t, code, out)
			c.age(t, there)
			before := contents(t, there)
			settings := []string{"--set", "data.folder=" + there, "--set", "listen.address=127.0.0.1:0", "--set", "engine.embedded.hostPort=127.0.0.1:0"}
			for range 2 {
				out, code = run(t, append(settings, "serve")...)
				require.Equal(t, 1, code, out)
				require.Contains(t, out, c.text)
				require.NotContains(t, out, "goroutine")
				after := contents(t, there)
				require.Equal(t, slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
				for file, content := range before {
					require.True(t, content == after[file], "%s was changed", file)
				}
			}

			// A backup is taken of it all the same, and not restored by this build.
			newer := filepath.Join(t.TempDir(), "newer.tar.zst")
			out, code = run(t, append(settings, "backup", "--output", newer)...)
			require.Zero(t, code, out)
			to := filepath.Join(t.TempDir(), "to")
			out, code = run(t, "restore", newer, "--to", to)
			require.Equal(t, 1, code, out)
			require.Contains(t, out, c.text)
			_, err := os.Stat(to)
			require.ErrorIs(t, err, fs.ErrNotExist)
		})
	}
}
