package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// crowd is people at work, several at once, and what they were told was done.
type crowd struct {
	sync.Mutex
	events  map[string]int    // path of an obligation → sequence of its last acknowledged event
	n       int               // how many were acknowledged
	uploads map[string]string // ID of a file that was uploaded → its content
	stop    chan struct{}
	wg      sync.WaitGroup
}

// work lets the office nudge every unit, over and over, and a unit upload, until they are told to end.
func (p *process) work() *crowd {
	p.t.Helper()
	l := &crowd{events: map[string]int{}, uploads: map[string]string{}, stop: make(chan struct{})}
	all := p.obligations("plan=small&measure=1.1")
	p.token(http.MethodPost, task+"/evidence")
	for worker := range 4 {
		l.wg.Go(func() {
			for i := worker; ; i = (i + 4) % len(all) {
				select {
				case <-l.stop:
					return
				default:
				}
				path := all[i].path()
				response, err := p.send(http.MethodPost, path+"/nudge", `{"text":"请抓紧"}`, nil)
				if err != nil {
					return // the server is gone
				}
				body, _ := io.ReadAll(response.Body)
				_ = response.Body.Close()
				var event struct{ Seq int }
				if response.StatusCode == http.StatusOK && json.Unmarshal(body, &event) == nil {
					l.done(func() { l.events[path], l.n = max(l.events[path], event.Seq), l.n+1 })
				}
			}
		})
	}
	l.wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-l.stop:
				return
			default:
			}
			content := fmt.Sprintf("第%d份 %s", n, rand.Text())
			response, err := p.uploading(task, fmt.Sprintf("材料%d.txt", n), "text/plain", strings.NewReader(content))
			if err != nil {
				return
			}
			var answer struct{ ID string }
			err = json.NewDecoder(response.Body).Decode(&answer)
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK && err == nil && answer.ID != "" {
				l.done(func() { l.uploads[answer.ID] = content })
			}
		}
	})
	return l
}

func (l *crowd) done(f func()) {
	l.Lock()
	defer l.Unlock()
	f()
}

// acknowledged returns what has been so far.
func (l *crowd) acknowledged() (events map[string]int, uploads map[string]string, n int) {
	l.Lock()
	defer l.Unlock()
	return maps.Clone(l.events), maps.Clone(l.uploads), l.n
}

func (l *crowd) end() {
	close(l.stop)
	l.wg.Wait()
}

// A backup that is taken while everybody works holds everything that was acknowledged before it began, and what is restored
// from it goes on by itself.
func TestBackupUnderLoad(t *testing.T) {
	folder, backups := t.TempDir(), t.TempDir()
	p := serve(t, folder, outageClock()...)
	p.seedSmall("2025-03-24")
	p.awaitOpened("small", 62)
	l := p.work()
	var file string
	var events map[string]int
	var uploads map[string]string
	await(t, "a backup is made while others are answered", func() bool {
		if _, _, n := l.acknowledged(); n < 60 {
			return false
		}
		var before, after int
		events, uploads, before = l.acknowledged()
		file = p.backup(filepath.Join(backups, fmt.Sprintf("at-%d.tar.zst", before)))
		_, _, after = l.acknowledged()
		return len(uploads) > 0 && after > before
	})
	l.end()
	p.stop()

	restored := filepath.Join(t.TempDir(), "there")
	out, code := run(t, "restore", file, "--to", restored)
	require.Zero(t, code, out)
	require.Contains(t, out, "已恢复到 "+restored)
	verify(t, restored)
	q := serve(t, restored, outageClock()...)
	for path, seq := range events {
		require.Greater(t, seq, 1, path)
		require.GreaterOrEqual(t, len(q.ledger(view(path))), seq, path)
	}
	for id, content := range uploads {
		got, _ := q.download(task + "/evidence/" + id)
		require.Equal(t, content, string(got))
	}
	all := q.obligations("plan=small&measure=1.1")
	await(t, "every unit's letter is drafted", func() bool {
		for _, o := range q.obligations("plan=small&measure=1.1") {
			if o.Rung != "letter" {
				return false
			}
		}
		return true
	})
	for _, o := range all {
		requireOnce(t, o, q.ledger(o))
	}
	q.replays("--server", strings.TrimSuffix(q.api, "/api/v1"))
	q.stop()
	verify(t, restored)
	requireRefusals(t, file)
}

// backup has the installation copied into a file by another process.
func (p *process) backup(file string, args ...string) string {
	p.t.Helper()
	out, code := run(p.t, append([]string{"--set", "data.folder=" + p.folder, "backup", "--output", file}, args...)...)
	require.Zero(p.t, code, out)
	require.Contains(p.t, out, "已备份到 "+file)
	return file
}

// requireRefusals holds the commands to what they must not take.
func requireRefusals(t *testing.T, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	keys := strings.TrimSuffix(file, ".tar.zst") + ".keys.yaml"
	refused := func(name string, code int, text string, args ...string) {
		t.Helper()
		to := filepath.Join(t.TempDir(), "to")
		out, got := run(t, append([]string{"restore", "--to", to}, args...)...)
		require.Equal(t, code, got, "%s: %s", name, out)
		require.Contains(t, out, text, name)
		left, err := os.ReadDir(filepath.Dir(to))
		require.NoError(t, err)
		require.Empty(t, left, name)
	}
	changed := func(at int) []byte {
		c := bytes.Clone(content)
		c[at] ^= 0x10
		return c
	}
	for name, bad := range map[string][]byte{
		"empty": {}, "cut in the middle": content[:len(content)/2], "cut at the end": content[:len(content)-1], "no archive": []byte("duban"),
		"first bytes": changed(1), "begin": changed(500), "middle": changed(len(content) / 2), "end": changed(len(content) - 2), "more": append(bytes.Clone(content), "more"...),
		"twice": append(bytes.Clone(content), content...),
	} {
		path := filepath.Join(t.TempDir(), "bad.tar.zst")
		require.NoError(t, os.WriteFile(path, bad, 0o600))
		out, code := run(t, "backup", "verify", path)
		require.Equal(t, 1, code, "%s: %s", name, out)
		require.Contains(t, out, "备份文件不完整，或被改动过", name)
		refused(name, 1, "备份文件不完整，或被改动过", path, "--keys", keys)
	}
	out, code := run(t, "backup", "verify", file)
	require.Zero(t, code, out)

	full := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(full, "mine"), []byte("x"), 0o600))
	out, code = run(t, "restore", file, "--to", full)
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "不是空的")
	require.Equal(t, map[string]string{"mine": "x"}, contents(t, full))

	alone := filepath.Join(t.TempDir(), "alone.tar.zst")
	require.NoError(t, os.Link(file, alone))
	refused("no keys", 2, "找不到密钥的副本", alone)
	other := filepath.Join(t.TempDir(), "keys.yaml")
	out, code = run(t, "--set", "privacy.keyFile="+other, "key", "add")
	require.Zero(t, code, out)
	refused("other keys", 1, "密钥", alone, "--keys", other)
	refused("no file", 2, "不能打开备份文件", alone+"x")
}

// contents reads every file below a folder.
func contents(t *testing.T, folder string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		below, _ := filepath.Rel(folder, path)
		out[below] = string(text)
		return err
	}))
	return out
}

// A backup that is killed leaves nothing by its name, and the next one tidies up after it.
func TestKilledWhileBackingUp(t *testing.T) {
	folder, backups := t.TempDir(), t.TempDir()
	p := serve(t, folder, "--seed", "none")
	p.now()
	p.kill() // its logs are not folded back, and nobody has the databases open
	bulk := filepath.Join(folder, "evidence", "00", strings.Repeat("0", 64)+"-bulk")
	require.NoError(t, os.MkdirAll(filepath.Dir(bulk), 0o700))
	require.NoError(t, os.WriteFile(bulk, nil, 0o600))
	require.NoError(t, os.Truncate(bulk, 1<<30)) // takes a while, and no room
	partial := func() []string {
		found, err := filepath.Glob(filepath.Join(backups, ".duban-backup-*"))
		require.NoError(t, err)
		return found
	}
	cmd := exec.Command(binary, "--set", "data.folder="+folder, "backup", "--output", backups)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	await(t, "the archive is being written", func() bool {
		found, err := filepath.Glob(filepath.Join(backups, ".duban-backup-*", "*.tar.zst"))
		require.NoError(t, err)
		return len(found) > 0
	})
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	left := partial()
	require.Len(t, left, 1)
	require.Equal(t, left, entriesOf(t, backups), "nothing has the name of a backup or its keys")

	require.NoError(t, os.Remove(bulk))
	old := time.Now().Add(-48 * time.Hour)
	require.NoError(t, os.Chtimes(left[0], old, old))
	for range 3 {
		p.backupInto(backups, "--keep", "2")
	}
	require.Empty(t, partial())
	archives, err := filepath.Glob(filepath.Join(backups, "duban-*.tar.zst"))
	require.NoError(t, err)
	keys, err := filepath.Glob(filepath.Join(backups, "duban-*.keys.yaml"))
	require.NoError(t, err)
	require.Len(t, archives, 2)
	require.Len(t, keys, 2)
	require.Len(t, entriesOf(t, backups), 4)
	for _, path := range append(archives, keys...) {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), path)
	}
}

// backupInto makes a backup that is named by the second, in a second of its own.
func (p *process) backupInto(folder string, args ...string) {
	p.t.Helper()
	await(p.t, "a second in which no other backup was begun", func() bool {
		out, code := run(p.t, append([]string{"--set", "data.folder=" + p.folder, "backup", "--output", folder}, args...)...)
		return code == 0 || !strings.Contains(out, "已经存在")
	})
}

func entriesOf(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = filepath.Join(folder, e.Name())
	}
	return out
}

// What a backup can't do it says before it begins.
func TestBackupRefusals(t *testing.T) {
	folder := t.TempDir()
	for name, c := range map[string]struct {
		text string
		args []string
	}{
		"no place":    {"--output", []string{"--set", "data.folder=" + folder, "backup"}},
		"no database": {"找不到数据库文件", []string{"--set", "data.folder=" + folder, "backup", "--output", t.TempDir()}},
		"MySQL": {"mysqldump --single-transaction", []string{
			"--set", "database.driver=mysql", "--set", "database.dsn=u:p@tcp(127.0.0.1:1)/duban", "backup", "--output", t.TempDir(),
		}},
		"scheduled with MySQL": {"backup.folder", []string{
			"--set", "database.driver=mysql", "--set", "database.dsn=u:p@tcp(127.0.0.1:1)/duban", "--set", "backup.folder=" + folder, "serve",
		}},
		"keep of a file": {"--keep", []string{"--set", "data.folder=" + folder, "backup", "--output", filepath.Join(folder, "x.tar.zst"), "--keep", "1"}},
	} {
		out, code := run(t, c.args...)
		require.Equal(t, 2, code, "%s: %s", name, out)
		require.Contains(t, out, c.text, name)
	}
	require.Empty(t, entriesOf(t, folder))
}

// A process that serves makes up at its start for the backup that it missed.
func TestScheduledBackup(t *testing.T) {
	folder, backups := t.TempDir(), t.TempDir()
	args := []string{
		"--set", "listen.address=127.0.0.1:0", "--set", "engine.embedded.hostPort=127.0.0.1:0", "--set", "backup.folder=" + backups, "serve", "--seed", "none",
	}
	p := start(t, folder, args...)
	p.awaitServing()
	await(t, "the backup is there", func() bool { return strings.Contains(p.stderr.String(), "backup made") })
	p.stop()
	made := entriesOf(t, backups)
	require.Len(t, made, 2)
	archive := made[1]
	require.True(t, strings.HasSuffix(archive, ".tar.zst"), made)
	out, code := run(t, "backup", "verify", archive)
	require.Zero(t, code, out)

	p = start(t, folder, args...) // the day has its backup
	p.awaitServing()
	p.now()
	p.stop()
	require.Equal(t, made, entriesOf(t, backups))
}
