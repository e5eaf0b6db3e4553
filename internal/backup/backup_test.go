package backup_test

import (
	"archive/tar"
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"duban/internal/backup"
)

func database(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.ExecContext(t.Context(), "CREATE TABLE entries (n INTEGER, text TEXT)")
	require.NoError(t, err)
	return db
}

func count(t *testing.T, path string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&immutable=1")
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM entries").Scan(&n))
	return n
}

// What is written after the moment was taken is in no copy, in whichever order they are made; and nobody waits meanwhile.
func TestMomentStands(t *testing.T) {
	folder := t.TempDir()
	paths := []string{filepath.Join(folder, "a 100%#.db"), filepath.Join(folder, "b.db")}
	var dbs []*sql.DB
	for i, path := range paths {
		dbs = append(dbs, database(t, strings.NewReplacer("%", "%25", "#", "%23").Replace(path)))
		for n := range 1000 * (i + 1) {
			_, err := dbs[i].ExecContext(t.Context(), "INSERT INTO entries VALUES (?, ?)", n, strings.Repeat("安全", 100))
			require.NoError(t, err)
		}
	}
	m, err := backup.Hold(t.Context(), paths...)
	require.NoError(t, err)
	for _, db := range dbs {
		_, err = db.ExecContext(t.Context(), "INSERT INTO entries SELECT n, text FROM entries")
		require.NoError(t, err)
	}
	for i := range paths {
		to := filepath.Join(folder, fmt.Sprint("copy", i))
		require.NoError(t, m.Copy(t.Context(), i, to))
		_, err = dbs[i].ExecContext(t.Context(), "DELETE FROM entries WHERE n > 10")
		require.NoError(t, err)
		info, err := os.Stat(to)
		require.NoError(t, err)
		require.Equal(t, m.Size(i), info.Size())
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		require.Equal(t, 1000*(i+1), count(t, to))
		require.Error(t, m.Copy(t.Context(), i, to), "nothing is written over")
	}
	require.NoError(t, m.Close())
	_, err = backup.Hold(t.Context(), paths[0], filepath.Join(folder, "nowhere.db"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestDamagedDatabaseIsNotCopied(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := database(t, path)
	for n := range 2000 {
		_, err := db.ExecContext(t.Context(), "INSERT INTO entries VALUES (?, ?)", n, strings.Repeat("x", 200))
		require.NoError(t, err)
	}
	_, err := db.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)")
	require.NoError(t, err)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	copy(content[5*4096:], bytes.Repeat([]byte{0xee}, 4096))
	require.NoError(t, os.WriteFile(path, content, 0o600))
	m, err := backup.Hold(t.Context(), path)
	require.NoError(t, err)
	defer m.Close()
	require.Error(t, m.Copy(t.Context(), 0, filepath.Join(t.TempDir(), "copy.db")))
}

// archive writes one with a ledger and whatever else.
func archive(t *testing.T, more map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.tar.zst")
	w, err := backup.Create(path)
	require.NoError(t, err)
	_, err = w.Add(backup.Ledger, 6, strings.NewReader("ledger"))
	require.NoError(t, err)
	for name, content := range more {
		_, err := w.Add(name, int64(len(content)), strings.NewReader(content))
		require.NoError(t, err)
	}
	_, err = os.Stat(path)
	require.ErrorIs(t, err, os.ErrNotExist, "it has no name before it is complete")
	m, digest, err := w.Finish(t.Context(), backup.Manifest{Program: "v1"})
	require.NoError(t, err)
	require.Len(t, digest, 64)
	require.Len(t, m.Files, 1+len(more))
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1)
	return path
}

func TestArchiveComesBack(t *testing.T) {
	path := archive(t, map[string]string{"evidence/ab/abc": strings.Repeat("图", 1<<20), "templates/letter.txt": ""})
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	to := t.TempDir()
	m, err := backup.Extract(t.Context(), f, to)
	require.NoError(t, err)
	require.Equal(t, "v1", m.Program)
	content, err := os.ReadFile(filepath.Join(to, "evidence", "ab", "abc"))
	require.NoError(t, err)
	require.Equal(t, strings.Repeat("图", 1<<20), string(content))
	_, err = backup.Create(path)
	require.Error(t, err, "nothing is written over")
}

// Every byte that is changed or missing is noticed.
func TestEveryChangeIsNoticed(t *testing.T) {
	content, err := os.ReadFile(archive(t, map[string]string{"evidence/ab/abc": "签到表"}))
	require.NoError(t, err)
	sound := 0
	for i := range content {
		_, err := backup.Check(t.Context(), bytes.NewReader(content[:i]), nil)
		require.ErrorIs(t, err, backup.ErrBroken, "cut at %d", i)
		changed := bytes.Clone(content)
		changed[i] ^= 0x40
		// Some bits of the frames say how to read, and nothing of what is read: that is proven either way.
		if _, err := backup.Check(t.Context(), bytes.NewReader(changed), nil); err == nil {
			sound++
		} else {
			require.ErrorIs(t, err, backup.ErrBroken, "changed at %d", i)
		}
	}
	require.LessOrEqual(t, sound, 8)
}

// Whoever makes an archive by hand gets nothing out of the folder, and nothing unlisted into it.
func TestHostileArchives(t *testing.T) {
	type file struct {
		name, content string
		kind          byte
	}
	build := func(manifest any, files ...file) []byte {
		var b bytes.Buffer
		z, err := zstd.NewWriter(&b)
		require.NoError(t, err)
		w := tar.NewWriter(z)
		add := func(f file) {
			require.NoError(t, w.WriteHeader(&tar.Header{Typeflag: f.kind, Name: f.name, Size: int64(len(f.content)), Linkname: "/etc/passwd", Mode: 0o777}))
			_, err := w.Write([]byte(f.content))
			require.NoError(t, err)
		}
		for _, f := range files {
			add(f)
		}
		if manifest != nil {
			text, err := json.Marshal(manifest)
			require.NoError(t, err)
			add(file{"manifest.json", string(text), tar.TypeReg})
		}
		require.NoError(t, errors.Join(w.Close(), z.Close()))
		return b.Bytes()
	}
	good := backup.Manifest{Format: 1}
	for name, content := range map[string][]byte{
		"nothing":           build(nil),
		"no manifest":       build(nil, file{"duban.db", "x", tar.TypeReg}),
		"no ledger":         build(good),
		"unlisted":          build(good, file{"duban.db", "x", tar.TypeReg}),
		"outside":           build(good, file{"../x", "x", tar.TypeReg}),
		"absolute":          build(good, file{"/tmp/x", "x", tar.TypeReg}),
		"link":              build(good, file{"duban.db", "", tar.TypeSymlink}),
		"twice":             build(good, file{"a", "x", tar.TypeReg}, file{"a", "y", tar.TypeReg}),
		"no JSON":           build("x"),
		"missing":           build(backup.Manifest{Format: 1, Files: []backup.File{{Name: "duban.db"}}}),
		"manifest not last": build(good, file{"manifest.json", "{}", tar.TypeReg}, file{"duban.db", "x", tar.TypeReg}),
	} {
		to := filepath.Join(t.TempDir(), "to")
		require.NoError(t, os.Mkdir(to, 0o700))
		_, err := backup.Extract(t.Context(), bytes.NewReader(content), to)
		require.ErrorIs(t, err, backup.ErrBroken, name)
		around, err := os.ReadDir(filepath.Dir(to))
		require.NoError(t, err)
		require.Len(t, around, 1, name)
	}
	_, err := backup.Check(t.Context(), bytes.NewReader(build(backup.Manifest{Format: backup.Format + 1})), nil)
	require.ErrorIs(t, err, backup.ErrNewer)
}

func TestRotation(t *testing.T) {
	folder, loc := t.TempDir(), time.FixedZone("CST", 8*3600)
	begun := time.Date(2026, 11, 25, 2, 30, 0, 0, loc)
	for day := range 5 {
		path := filepath.Join(folder, backup.Name(begun.AddDate(0, 0, day)))
		require.NoError(t, os.WriteFile(path, []byte("x"), 0o600))
		require.NoError(t, os.WriteFile(backup.Keys(path), []byte("x"), 0o600))
	}
	for _, mine := range []string{"duban-monday.tar.zst", "duban-20261125-023000.tar.zst.old", "notes.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, mine), nil, 0o600))
	}
	removed, err := backup.Rotate(folder, loc, 0)
	require.NoError(t, err)
	require.Empty(t, removed)
	removed, err = backup.Rotate(folder, loc, 2)
	require.NoError(t, err)
	require.Len(t, removed, 3)
	left, err := backup.List(folder, loc)
	require.NoError(t, err)
	require.Len(t, left, 2)
	require.True(t, left[0].Begun.Equal(begun.AddDate(0, 0, 4)))
	all, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, all, 2*2+3, "nobody else's files are touched")
	none, err := backup.List(filepath.Join(folder, "nowhere"), loc)
	require.NoError(t, err)
	require.Empty(t, none)
}
