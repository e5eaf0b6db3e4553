package main

import (
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
	"duban/seed"
)

// lived returns a data folder with a year of a few units' ledgers, as a rehearsal has them.
func lived(t *testing.T) (folder string, run *rehearsal.Run) {
	t.Helper()
	b, err := seed.Embedded()
	require.NoError(t, err)
	script, err := readScript("lax", &b.Plan)
	require.NoError(t, err)
	b.Plan.Units = slices.DeleteFunc(b.Plan.Units, func(u plan.Unit) bool { return u.Code != "huayang" && u.Code != "yjj" })
	d := obligation.Definition{AsOf: b.Plan.Issued, Plan: b.Plan, Calendar: b.Calendar, Ladders: b.Ladders}
	until := calendar.MustDate("2025-06-01").At(0, obligation.Location(b.Plan.Zone))
	run, err = rehearsal.Rehearse(d, script, rehearsal.Setting{At: 9 * time.Hour, Until: until})
	require.NoError(t, err)

	folder = t.TempDir()
	s, err := store.Open(t.Context(), store.Options{
		Driver: store.SQLite, DSN: filepath.Join(folder, "duban.db"), Synchronous: "OFF", Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	_, err = s.Installation(t.Context(), calendar.Clock{Start: until, Held: true})
	require.NoError(t, err)
	_, _, err = s.PutDefinition(t.Context(), d)
	require.NoError(t, err)
	var entries []obligation.Entry
	for _, l := range run.Ledgers {
		entries = append(entries, obligation.NewEntry(obligation.State{}, l.Events, b.Calendar))
	}
	_, err = s.Append(t.Context(), entries)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return folder, run
}

// content returns every row of every table of the database.
func content(t *testing.T, folder string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(folder, "duban.db"))
	require.NoError(t, err)
	defer db.Close()
	column := func(query string) (out []string) {
		rows, err := db.Query(query)
		require.NoError(t, err)
		defer rows.Close()
		names, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			values, places := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				places[i] = &values[i]
			}
			require.NoError(t, rows.Scan(places...))
			out = append(out, fmt.Sprint(values...))
		}
		require.NoError(t, rows.Err())
		return out
	}
	var out []string
	for _, table := range column("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") {
		for _, row := range column("SELECT * FROM " + table) {
			out = append(out, table+" "+row)
		}
	}
	return out
}

func TestWhatIf(t *testing.T) {
	folder, run := lived(t)
	before := content(t, folder)
	require.Greater(t, len(before), 100)
	ask := func(args ...string) said {
		return duban(t, nil, append([]string{"--set", "data.folder=" + folder, "whatif"}, args...)...)
	}

	got := ask("--unit", "huayang", "--ladders", "strict")
	require.Zero(t, got.code, got.stderr)
	require.Empty(t, got.stderr)
	for _, word := range []string{"回放试算（不改动台账）", "所试：升级阶梯 strict", "华阳路街道", "→", "督促函拟文", "改期", "四、说明", "1. 签收、报送", "已知截至 2025-06-01 00:00"} {
		require.Contains(t, got.stdout, word)
	}
	require.NotContains(t, got.stdout, "区应急局")
	require.NotContains(t, got.stdout, "%!")
	require.NotContains(t, got.stdout, "与台账不同", "the ledger holds what the rules say")

	got = ask("--year", "2024", "--shift-days", "30", "--format", "json")
	require.Zero(t, got.code, got.stderr)
	var c rehearsal.Comparison
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &c))
	want := 0
	for i := range run.Ledgers {
		if run.Ledgers[i].End.Due.Year() == 2024 {
			want++
		}
	}
	require.Len(t, c.Obligations, want)
	require.Len(t, c.Units, 2)

	one := c.Obligations[slices.IndexFunc(c.Obligations, func(o rehearsal.Relived) bool { return len(o.Differences) > 2 })]
	got = ask("--obligation", one.Facts.ID.String(), "--due", one.Facts.Due.AddDays(30).String(), "--format", "csv")
	require.Zero(t, got.code, got.stderr)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.stdout, "\ufeff"))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, whatIfHeadings, rows[0])
	require.Len(t, rows, len(one.Differences)+1, "one alone is what it is among all: letters about others count")
	require.Equal(t, one.Facts.ID.String(), rows[1][0])

	for _, args := range [][]string{
		{"--task", one.Facts.Task, "--ladder", "short"},
		{"--unit", "yjj", "--rest-days", "next_workday"},
		{"--unit", "yjj", "--calendar", calendarFile(t, "version: 9\nyears:\n  2024:\n    off: ['0901-0930']\n")},
		{"--unit", "yjj", "--plan", "changning-2024", "--ladders", "default", "--ladder", "standard"},
	} {
		got = ask(args...)
		require.Zero(t, got.code, "%v: %s", args, got.stderr)
		require.Contains(t, got.stdout, "二、逾期和文书与实际的差别")
	}
	require.Equal(t, before, content(t, folder), "it leaves no trace")
}

func calendarFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "calendar.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func TestWhatIfFaults(t *testing.T) {
	folder, _ := lived(t)
	for name, c := range map[string]struct {
		args  []string
		words []string
	}{
		"nothing to try":   {[]string{"--unit", "yjj"}, []string{"--ladders", "--shift-days"}},
		"nothing selected": {[]string{"--shift-days", "3"}, []string{"--obligation", "--year"}},
		"several at once": {
			[]string{"--obligation", "10.1", "--unit", "yjj", "--shift-days", "2000", "--due", "soon"},
			[]string{"方案/分项任务/单位/周期", "不必再给", "--due 与 --shift-days", "2000", "soon"},
		},
		"a date for many":   {[]string{"--unit", "yjj", "--due", "2025-01-31"}, []string{"--obligation"}},
		"no such year":      {[]string{"--year", "25", "--shift-days", "3"}, []string{"25"}},
		"no such unit":      {[]string{"--unit", "nobody", "--shift-days", "3"}, []string{"没有符合条件"}},
		"no such plan":      {[]string{"--unit", "yjj", "--plan", "other", "--shift-days", "3"}, []string{"changning-2024"}},
		"no such ladders":   {[]string{"--unit", "yjj", "--ladders", "gentle"}, []string{"gentle", "strict"}},
		"no such ladder":    {[]string{"--unit", "yjj", "--ladder", "gentle"}, []string{"gentle", "standard、short"}},
		"no calendar":       {[]string{"--unit", "yjj", "--calendar", "nowhere.yaml"}, []string{"nowhere.yaml"}},
		"a broken calendar": {[]string{"--unit", "yjj", "--calendar", calendarFile(t, "version: 0\n")}, []string{"calendar.yaml:1"}},
		"a rule too many":   {[]string{"--unit", "yjj", "--rest-days", "never"}, []string{"never"}},
	} {
		t.Run(name, func(t *testing.T) {
			requireFaults(t, exitUsage, duban(t, nil, append([]string{"--set", "data.folder=" + folder, "whatif"}, c.args...)...), c.words...)
		})
	}
	empty := t.TempDir()
	requireFaults(t, exitUsage, duban(t, nil, "--set", "data.folder="+empty, "whatif", "--unit", "yjj", "--shift-days", "3"), "找不到数据库文件")
}

// The same question to the API writes no row either.
func TestWhatIfOverTheAPILeavesNoTrace(t *testing.T) {
	folder, run := lived(t)
	before := content(t, folder)
	s, err := store.Open(t.Context(), store.Options{
		Driver: store.SQLite, DSN: filepath.Join(folder, "duban.db"), Synchronous: "OFF", Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	officer := func(*http.Request) (account.Caller, error) {
		return account.Caller{Login: "office", Role: account.Office, Scopes: account.Scopes}, nil
	}
	h := api.New(api.Deps{Identify: officer, Reader: s, Now: func() time.Time { return run.Until }, Log: slog.New(slog.DiscardHandler), Transient: store.Transient})
	r := httptest.NewRequest(http.MethodPost, "http://localhost/api/v1/whatif",
		strings.NewReader(`{"plan":"changning-2024","year":2024,"ladder":"short","shiftDays":14,"events":true}`))
	r.RemoteAddr = "127.0.0.1:50000"
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	var got api.WhatIfResult
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	require.Positive(t, got.Selected)
	require.Len(t, got.Obligations, got.Selected)
	require.Len(t, got.Units, 2)
	require.NoError(t, s.Close())
	require.Equal(t, before, content(t, folder))
}
