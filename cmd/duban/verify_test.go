package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/obligation"
	"duban/seed"
)

// recorded returns a data folder whose ledger holds the opening of some obligations of the embedded plan.
func recorded(t *testing.T) (folder string, n int) {
	t.Helper()
	folder = t.TempDir()
	s, err := store.Open(t.Context(), store.Options{
		Driver: store.SQLite, DSN: filepath.Join(folder, "duban.db"), Synchronous: "OFF", Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	b, err := seed.Embedded()
	require.NoError(t, err)
	d := obligation.Definition{AsOf: b.Plan.Issued, Plan: b.Plan, Calendar: b.Calendar, Ladders: b.Ladders}
	_, _, err = s.PutDefinition(t.Context(), d)
	require.NoError(t, err)
	agenda, err := d.Agenda("", 9*time.Hour)
	require.NoError(t, err)
	var entries []obligation.Entry
	for _, o := range d.Openings(agenda[0], 9*time.Hour) {
		first := obligation.Open(o, d.Calendar, agenda[0].At)
		entries = append(entries, obligation.NewEntry(obligation.State{}, []obligation.Event{first}, d.Calendar))
	}
	_, err = s.Append(t.Context(), entries)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return folder, len(entries)
}

func TestVerify(t *testing.T) {
	folder, n := recorded(t)
	require.Positive(t, n)
	args := []string{"--set", "data.folder=" + folder, "verify"}
	got := duban(t, nil, args...)
	require.Zero(t, got.code, got.stderr)
	require.Contains(t, got.stdout, "台账核验通过")

	got = duban(t, nil, append(args, "--json")...)
	require.Zero(t, got.code, got.stderr)
	var report store.Report
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &report))
	require.Equal(t, n, report.Obligations)
	require.Empty(t, report.Findings)
}

// Whoever changes the file of the database itself leaves a broken chain.
func TestVerifyFindsWhatWasTamperedWith(t *testing.T) {
	folder, _ := recorded(t)
	file := filepath.Join(folder, "duban.db")
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	by, other := []byte(`"role":"system"`), []byte(`"role":"office"`)
	require.True(t, bytes.Contains(content, by))
	content = bytes.ReplaceAll(content, by, other)
	require.NoError(t, os.WriteFile(file, content, 0o600))

	args := []string{"--set", "data.folder=" + folder, "verify"}
	got := duban(t, nil, args...)
	require.Equal(t, 1, got.code)
	require.Contains(t, got.stderr, "台账核验发现")
	require.Contains(t, got.stderr, "哈希链断裂")
	require.NotContains(t, got.stdout, "通过")

	got = duban(t, nil, append(args, "--json")...)
	require.Equal(t, 1, got.code)
	var report store.Report
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &report))
	require.NotEmpty(t, report.Findings)
}

func TestVerifyCreatesNoDatabase(t *testing.T) {
	folder := t.TempDir()
	requireFaults(t, 2, duban(t, nil, "--set", "data.folder="+folder, "verify"), "找不到数据库文件", filepath.Join(folder, "duban.db"))
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestExportedDossierIsProvedWithoutTheRecord(t *testing.T) {
	folder, _ := recorded(t)
	s, err := store.Open(t.Context(), store.Options{Driver: store.SQLite, DSN: filepath.Join(folder, "duban.db")})
	require.NoError(t, err)
	page, err := s.List(t.Context(), obligation.Filter{Limit: 1})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	id := page.Views[0].State.ID.String()
	file := filepath.Join(t.TempDir(), "out.zip")
	export := []string{"--set", "data.folder=" + folder, "export", "obligation", id, "--output", file}
	got := duban(t, nil, export...)
	require.Zero(t, got.code, got.stderr)
	manifest := regexp.MustCompile(`[0-9a-f]{64}`).FindString(got.stdout)
	require.NotEmpty(t, manifest)
	require.Equal(t, 2, duban(t, nil, export...).code, "nothing is overwritten")
	require.Equal(t, 2, duban(t, nil, "--set", "data.folder="+folder, "export", "obligation", "what").code)

	got = duban(t, nil, "verify", file)
	require.Zero(t, got.code, got.stderr)
	require.Contains(t, got.stdout, "卷宗核验通过："+id)
	require.Contains(t, got.stdout, manifest)
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, bytes.Replace(content, []byte(`"role":"system"`), []byte(`"role":"office"`), 1), 0o600))
	got = duban(t, nil, "verify", file)
	require.Equal(t, 1, got.code)
	require.Contains(t, got.stderr, "文件 ledger.jsonl 无法读取")
	got = duban(t, nil, "verify", "--json", file)
	require.Equal(t, 1, got.code)
	require.Contains(t, got.stdout, "文件 ledger.jsonl 无法读取")
	requireFaults(t, 2, duban(t, nil, "verify", filepath.Join(folder, "none.zip")), "无法打开卷宗文件")
}
