package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/sheet"
	"duban/internal/store"
	"duban/tasklist"
)

// lists of the plan that the program carries, in a folder without a database.
func inList(t *testing.T, args ...string) said {
	t.Helper()
	return duban(t, nil, append([]string{"--set", "data.folder=" + t.TempDir(), "list"}, args...)...)
}

// The list that duban gives out is the plan: read again, nothing changes.
func TestExportedListIsReadBackUnchanged(t *testing.T) {
	for _, year := range []string{"2024", "2025", "2026"} {
		file := filepath.Join(t.TempDir(), "list.xlsx")
		got := inList(t, "export", file, "--year", year)
		require.Zero(t, got.code, got.stderr)
		got = inList(t, "preview", file, "--year", year, "--json")
		require.Zero(t, got.code, got.stderr)
		var p tasklist.Preview
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &p))
		require.Greater(t, len(p.Rows), 100, year)
		for _, r := range p.Rows {
			require.Equal(t, tasklist.Unchanged, r.Outcome, "%s row %d: %+v", year, r.Row, r)
		}
		require.Empty(t, p.Missing)
	}
}

func TestListPreview(t *testing.T) {
	file := filepath.Join(t.TempDir(), "2026.csv")
	text := "序号,工作任务,具体措施,牵头单位,责任单位,完成时限,分项任务编号\n" +
		"7,推进国家安全发展示范城市创建,基本达到国家安全发展示范城市标准,区应急局,,2026年11月底前,7.5\n" +
		"30,开展安康杯竞赛,开展安康杯竞赛,区总工会,,尽快,\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	got := inList(t, "preview", file, "--year", "2026")
	require.Zero(t, got.code, got.stderr)
	require.Contains(t, got.stdout, "完成时限：2026-12-31 → 2026-11-30")
	require.Contains(t, got.stdout, "“尽快”不是日期")
	require.Contains(t, got.stdout, "变更 1")
	got = inList(t, "preview", file, "--year", "2026", "--json")
	require.NotContains(t, got.stdout, "null")
	var p tasklist.Preview
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &p))
	require.Equal(t, []any{3, tasklist.Fault}, []any{p.Rows[1].Row, p.Rows[1].Outcome})

	answers := filepath.Join(t.TempDir(), "answers.json")
	require.NoError(t, os.WriteFile(answers, []byte(`{"answers":{"3":{"skip":true}}}`), 0o600))
	require.Contains(t, inList(t, "preview", file, "--year", "2026", "--answers", answers).stdout, "略去 1")
	require.NoError(t, os.WriteFile(answers, []byte(`{"answers":{"3":{"skip":true}},"withdraw":["7.5"]}`), 0o600))
	require.Contains(t, inList(t, "preview", file, "--year", "2026", "--answers", answers).stdout, "还不能应用：\n分项任务 7.5 不在")
	require.NoError(t, os.WriteFile(answers, []byte(`{"answers":{"3":{"parts":{"2":{"skip":true}}}}}`), 0o600))
	require.Contains(t, inList(t, "preview", file, "--year", "2026", "--answers", answers).stdout, "写了第 2 项，这一行只有 1 项")
	require.NoError(t, os.WriteFile(answers, []byte(`{"answer":{}}`), 0o600))
	requireFaults(t, 2, inList(t, "preview", file, "--year", "2026", "--answers", answers), "确认文件")
}

// What can't be read comes back with the reason, and is read again as if the column were not there.
func TestListIsCorrected(t *testing.T) {
	folder := t.TempDir()
	file, out := filepath.Join(folder, "2026.csv"), filepath.Join(folder, "correct.xlsx")
	text := "序号,工作任务,具体措施,牵头单位,责任单位,完成时限,分项任务编号\n30,开展安康杯竞赛,开展安康杯竞赛,区总工会,,尽快,\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	got := inList(t, "correct", file, out, "--year", "2026")
	require.Zero(t, got.code, got.stderr)
	before, after := inList(t, "preview", file, "--year", "2026"), inList(t, "preview", out, "--year", "2026")
	require.Equal(t, before.stdout, after.stdout)
	content, err := os.ReadFile(out)
	require.NoError(t, err)
	book, err := sheet.Read(bytes.NewReader(content), int64(len(content)), "correct.xlsx")
	require.NoError(t, err)
	require.Len(t, book.Sheets, 1)
}

func TestListThatIsNoList(t *testing.T) {
	for name, content := range map[string]string{"a.xlsx": "no workbook", "b.xlsx": "", "c.csv": "<html><table></table></html>"} {
		file := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		got := inList(t, "preview", file, "--year", "2026")
		require.Equal(t, 1, got.code, name)
		require.Greater(t, strings.Count(got.stderr, "\n"), 1, "what is wrong, and what to do: %s", got.stderr)
	}
}

func TestListTemplateIsAnEmptyList(t *testing.T) {
	file := filepath.Join(t.TempDir(), "template.xlsx")
	require.Zero(t, inList(t, "template", file, "--year", "2026").code)
	var p tasklist.Preview
	got := inList(t, "preview", file, "--year", "2026", "--json")
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &p))
	require.Empty(t, p.Rows)
	require.NotZero(t, p.Header)
}

// A list is read against the office's own plan: where that can't be told, no other takes its place.
func TestListIsReadAgainstNoOtherPlan(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list.xlsx")
	in := func(folder string, args ...string) said {
		return duban(t, nil, append([]string{"--set", "data.folder=" + folder, "list", "export", file, "--year", "2026"}, args...)...)
	}
	broken := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(broken, "duban.db"), []byte(strings.Repeat("not a database\n", 400)), 0o600))
	require.NotZero(t, in(broken).code)
	require.NoFileExists(t, file)

	folder, _ := recorded(t)
	s, err := store.Open(t.Context(), store.Options{
		Driver: store.SQLite, DSN: filepath.Join(folder, "duban.db"), Synchronous: "OFF", Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	all, err := s.Definitions(t.Context())
	require.NoError(t, err)
	second := all[0]
	second.Plan.Code = "changning-2027"
	_, _, err = s.PutDefinition(t.Context(), second)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	requireFaults(t, 2, in(folder), "--plan", "changning-2024、changning-2027")
	require.NoFileExists(t, file)
	require.Zero(t, in(folder, "--plan", "changning-2027").code)
	require.FileExists(t, file)
}
