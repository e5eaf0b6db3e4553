package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
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
