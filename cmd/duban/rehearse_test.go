package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/rehearsal"
	"duban/seed"
)

// short keeps the rehearsals of these tests to three months.
var short = []string{"rehearse", "--until", "2024-07-31"}

func rehearsed(t *testing.T, args ...string) string {
	t.Helper()
	got := duban(t, nil, append(slices.Clone(short), args...)...)
	require.Zero(t, got.code, got.stderr)
	require.Empty(t, got.stderr)
	return got.stdout
}

func TestRehearseJSON(t *testing.T) {
	out := rehearsed(t, "--json")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	require.Greater(t, len(lines), 1000)
	form := regexp.MustCompile(`^\{"at":"2024-0\d-\d\dT[^"]+\+08:00","obligation":"changning-2024/[^"]+","unit":"\w+","measure":"[^"]+","kind":"\w+","rung":"\w*","to":"\w*","why":".+"\}$`)
	kinds := map[string]bool{}
	last := ""
	for _, l := range lines {
		require.Regexp(t, form, l)
		var told struct{ At, Kind, Rung string }
		require.NoError(t, json.Unmarshal([]byte(l), &told))
		require.LessOrEqual(t, last, told.At)
		last = told.At
		kinds[told.Kind+told.Rung] = true
	}
	for _, kind := range []string{"opened", "remindedremind", "overdue", "draftedletter", "issuedletter", "submitted", "accepted"} {
		require.True(t, kinds[kind], kind)
	}
	require.Equal(t, out, rehearsed(t, "--format", "json"), "the same input, the same output")

	some := strings.Split(strings.TrimSuffix(rehearsed(t, "--json", "--unit", "huayang"), "\n"), "\n")
	require.Equal(t, slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !strings.Contains(l, `"unit":"huayang"`) }), some)

	several := strings.Split(rehearsed(t, "--json", "--unit", "huayang", "--script", "mixed", "--script", "lax"), "\n")
	require.Equal(t, `{"run":"一般",`+strings.TrimPrefix(some[0], "{"), several[0])
	require.True(t, strings.HasPrefix(several[len(some)], `{"run":"松弛","at":`), "one run after the other")
}

func TestRehearseCSV(t *testing.T) {
	rows := func(args ...string) [][]string {
		text, marked := strings.CutPrefix(rehearsed(t, append(args, "--format", "csv")...), "\ufeff")
		require.True(t, marked, "spreadsheets need the mark to read Chinese")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		require.NoError(t, err)
		return rows
	}
	events := rows()
	require.Equal(t, rehearseHeadings["events"], events[0])
	require.Equal(t, strings.Count(rehearsed(t, "--json"), "\n")+1, len(events))
	letter := slices.IndexFunc(events, func(r []string) bool { return r[1] == "签发" })
	require.Positive(t, letter)
	require.Equal(t, "督促函", events[letter][2])
	require.Equal(t, events[letter][3], events[letter][8], "it goes to the unit")
	require.Equal(t, "长安委办〔2024〕1号", events[letter][9])
	review := slices.IndexFunc(events, func(r []string) bool { return r[1] == "提交" })
	require.Equal(t, "区安委办", events[review][8])

	both := rows("--script", "lax", "--ladders", "default", "--ladders", "strict", "--of", "units", "--unit", "huayang")
	require.Len(t, both, 3)
	require.Equal(t, append([]string{"推演"}, rehearseHeadings["units"]...), both[0])
	require.Equal(t, []string{"松弛·标准阶梯", "华阳路街道"}, both[1][:2])
	require.Equal(t, []string{"松弛·从严阶梯", "华阳路街道"}, both[2][:2])

	weeks := rows("--of", "weeks")
	require.Equal(t, rehearseHeadings["weeks"], weeks[0])
	require.Equal(t, []string{"2024-04-15", "区安委办", "通知"}, weeks[1][:3])
	require.True(t, slices.ContainsFunc(weeks, func(r []string) bool { return r[1] == "区安委办" && r[2] == "办件" }))
	require.Less(t, len(rows("--of", "weeks", "--unit", "huayang")), 18, "a line a week")
}

func TestRehearseTable(t *testing.T) {
	out := rehearsed(t, "--script", "diligent", "--script", "lax")
	require.Contains(t, out, "推演（不是真实办理数据）")
	require.Contains(t, out, "2024-04-19 至 2024-07-31")
	for _, heading := range []string{textRunsTable, textUnitsTable, textOfficeWeeks} {
		require.Contains(t, out, "\n"+heading+"\n")
	}
	require.Regexp(t, `(?m)^勤勉 +\d+ .*\n松弛 +\d+`, out)
	require.Regexp(t, `(?m)^华阳路街道 +勤勉 .*\n华阳路街道 +松弛 `, out, "a unit's runs stand below each other")
	require.Regexp(t, `(?m)^2024-07-01 +\d+ +\d+$`, out)
	require.Equal(t, out, rehearsed(t, "--script", "diligent", "--script", "lax"))

	one := rehearsed(t, "--unit", "huayang")
	require.Contains(t, one, textUnitWeeks)
	require.NotContains(t, one, "江苏路街道")
}

func TestRehearseTwoLists(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "长宁修订")
	require.NoError(t, os.CopyFS(dir, seed.Files()))
	script := filepath.Join(dir, "scripts", "mine.yaml")
	content, err := os.ReadFile(filepath.Join(dir, "scripts", "lax.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(script, []byte(strings.Replace(string(content), "title: 松弛", "title: 自拟", 1)), 0o600))

	out := rehearsed(t, "--dir", "default", "--dir", dir, "--script", "diligent")
	require.Regexp(t, `(?m)^勤勉·自带方案 +\d+ .*\n勤勉·长宁修订 +\d+`, out)
	require.Contains(t, rehearsed(t, "--dir", dir, "--script", "mine"), "\n自拟 ", "a name stands for a script in the plan's own folder, too")
	require.Contains(t, rehearsed(t, "--script", script, "--script", script), "\n自拟（2） ")
}

func TestRehearseReport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.html")
	require.Empty(t, rehearsed(t, "--format", "html", "--out", file))
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(content), "推演报告")
	require.Equal(t, rehearsed(t, "--format", "html"), string(content), "the same input, the same report")
	left, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	require.Len(t, left, 1)
}

// The report that docs/ shows is what the command in docs/office.md writes.
func TestShownRehearsalIsWhatTheCommandWrites(t *testing.T) {
	if testing.Short() {
		t.Skip("rehearses the whole plan six times")
	}
	shown, err := os.ReadFile(filepath.Join("..", "..", "docs", "rehearsal-2024-2026.html"))
	require.NoError(t, err)
	r := duban(t, nil, "rehearse", "--script", "diligent", "--script", "mixed", "--script", "lax", "--ladders", "default", "--ladders", "strict", "--format", "html")
	require.Zero(t, r.code, r.stderr)
	require.True(t, r.stdout == string(shown), "docs/rehearsal-2024-2026.html: make it again with the command that docs/office.md names")
}

func TestRehearseFaults(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		return file
	}
	_, mixed, err := seed.Named(seed.Files(), seed.ScriptsDir, "mixed")
	require.NoError(t, err)
	_, strict, err := seed.Named(seed.Files(), seed.LaddersDir, "strict")
	require.NoError(t, err)
	line := func(content []byte, text string) int {
		before, _, found := strings.Cut(string(content), text)
		require.True(t, found, text)
		return strings.Count(before, "\n") + 1
	}
	badScript := strings.Replace(strings.Replace(string(mixed), "kinds: [group]", "units: [nobody]", 1), "report: 10,", "report: soon,", 1)
	script := write("s.yaml", badScript)
	ladders := write("l.yaml", strings.Replace(string(strict), "circular, anchor: due, offset: 8", "circular, anchor: due, offset: 2", 1))
	for name, c := range map[string]struct {
		args, words []string
	}{
		"all at once": {
			[]string{"--script", script, "--ladders", ladders, "--script", "nothing", "--as-of", "2024-02-30"},
			[]string{
				fmt.Sprintf("s.yaml:%d: ", line(mixed, "kinds: [group]")), "nobody", fmt.Sprintf("s.yaml:%d: ", line(mixed, "report: 10,")),
				fmt.Sprintf("l.yaml:%d: ", line(strict, "circular+8")), "倒着走", `"nothing"`, "diligent、lax、mixed", "2024-02-30",
			},
		},
		"an unknown unit":    {[]string{"--unit", "nobody"}, []string{"nobody"}},
		"no such file":       {[]string{"--script", "./nowhere.yaml"}, []string{"nowhere.yaml"}},
		"no such ladders":    {[]string{"--ladders", "steep"}, []string{"steep", "strict"}},
		"no such folder":     {[]string{"--dir", "nowhere"}, []string{"nowhere", "--dir"}},
		"an end too early":   {[]string{"--until", "2024-04-18"}, []string{"--until", "2024-04-19"}},
		"a bad end":          {[]string{"--until", "soon"}, []string{"soon"}},
		"too many":           {slices.Repeat([]string{"--script", "mixed"}, maxRuns+1), []string{"13", "12"}},
		"a unit's report":    {[]string{"--format", "html", "--unit", "huayang"}, []string{"--unit"}},
		"two formats":        {[]string{"--format", "csv", "--json"}, []string{"csv"}},
		"nowhere to write":   {[]string{"--until", "2024-04-20", "--out", "/nowhere/x.csv"}, []string{"/nowhere/x.csv"}},
		"an unknown format":  {[]string{"--format", "pdf"}, []string{"pdf"}},
		"a plan with faults": {[]string{"--dir", dir}, []string{"plan.yaml"}},
	} {
		t.Run(name, func(t *testing.T) {
			requireFaults(t, 2, duban(t, nil, append([]string{"rehearse"}, c.args...)...), c.words...)
		})
	}
	got := duban(t, nil, "rehearse", "--dir", "default", "--dir", "default", "--script", script)
	require.Equal(t, 2, strings.Count(got.stderr, "\n"), "a fault is named once, however many plans find it: %s", got.stderr)
}

// What cannot be written leaves nothing behind.
func TestRehearseWritesAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x.csv")
	require.NoError(t, os.Mkdir(file, 0o700))
	got := duban(t, nil, append(slices.Clone(short), "--unit", "huayang", "--out", file)...)
	requireFaults(t, 1, got, file)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestReadScriptByNameOrFile(t *testing.T) {
	b, err := seed.Embedded()
	require.NoError(t, err)
	s, err := readScript("mixed", &b.Plan)
	require.NoError(t, err)
	require.Equal(t, "一般", s.Title)
	_, err = readScript("./nowhere.yaml", &b.Plan)
	require.ErrorAs(t, err, &usageError{})
	require.Equal(t, rehearsal.Script{}, func() rehearsal.Script { s, _ := readScript("nobody", &b.Plan); return s }())
}

func TestColumns(t *testing.T) {
	var b strings.Builder
	require.NoError(t, columns(&b, [][]string{{"单位", "通知", "x"}, {"华阳路街道", "5", "1"}, {"abc", "12345", ""}}, 1))
	require.Equal(t, "单位         通知  x\n华阳路街道      5  1\nabc         12345\n", b.String())
}
