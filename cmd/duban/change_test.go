package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/obligation"
)

func changing(t *testing.T, folder, name, text string, args ...string) said {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return duban(t, nil, append([]string{"--set", "data.folder=" + folder, "changes", "preview", file}, args...)...)
}

// A change is previewed against what is recorded, whether it is written in YAML or in JSON.
func TestChangesPreview(t *testing.T) {
	folder, _ := recorded(t)
	i := withoutEngineOver(t, folder)
	all, err := i.store.Definitions(t.Context())
	require.NoError(t, err)
	agenda, err := all[0].Agenda("", 9*time.Hour)
	require.NoError(t, err)
	live := agenda[slices.IndexFunc(agenda, func(s obligation.Slot) bool { return s.Period.Due >= all[0].AsOf })]
	o := all[0].Openings(live, 9*time.Hour)[0]
	first := obligation.Open(o, all[0].Calendar, live.At)
	_, err = i.store.Append(t.Context(), []obligation.Entry{obligation.NewEntry(obligation.State{}, []obligation.Event{first}, all[0].Calendar)})
	require.NoError(t, err)
	unit, name, measure := o.Facts.ID.Unit, o.Facts.UnitName, o.Facts.ID.Measure

	renamed := "单位名称：" + name + " → 新的名称"
	got := changing(t, folder, "change.yaml", "units:\n  - {code: "+unit+", name: 新的名称}\n")
	require.Zero(t, got.code, got.stderr)
	require.Contains(t, got.stdout, renamed)
	require.Contains(t, got.stdout, "有变化的 1 件：调整 1，撤销 0，交办 0")

	got = changing(t, folder, "change.json", `{"units": [{"code": "`+unit+`", "name": "新的名称"}], "reason": "更名"}`, "--json")
	require.Zero(t, got.code, got.stderr)
	require.NotContains(t, got.stdout, "null")
	var shown api.ChangesPreview
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &shown))
	require.Equal(t, []string{renamed}, shown.Effects[0].Changes)

	// A measure's code is a number to YAML, and has to be taken as it stands.
	got = changing(t, folder, "change.yaml", "measures: [{code: "+measure+", title: 另一个标题}]")
	require.Contains(t, got.stdout, "另一个标题")
	require.Zero(t, got.code, got.stderr)
	after, err := i.store.Definition(t.Context(), all[0].Plan.Code)
	require.NoError(t, err)
	require.Equal(t, all[0], after, "a preview changes nothing")
}

// The manual's example is one that can be made.
func TestChangesOfTheManual(t *testing.T) {
	manual, err := os.ReadFile("../../docs/office.md")
	require.NoError(t, err)
	_, example, found := strings.Cut(string(manual), "\n例如：\n\n    units:\n")
	require.True(t, found)
	example, _, _ = strings.Cut(example, "\n\n")
	folder, _ := recorded(t)
	got := changing(t, folder, "change.yaml", "    units:\n"+example)
	require.Zero(t, got.code, got.stderr)
}

func TestChangesThatCannotBe(t *testing.T) {
	folder, _ := recorded(t)
	requireFaults(t, 1, changing(t, folder, "change.yaml", "units:\n  - {code: nobody, name: 无}\n"), "nobody")
	requireFaults(t, 1, changing(t, folder, "change.yaml", "units:\n  - {code: yjj, nome: 无}\n"), "change.yaml:2", "nome")
	requireFaults(t, 1, changing(t, folder, "change.yaml", "ladders:\n  - {code: strict, title: 从严, cure: 3, rework: 5, nudge: 2, steps: []}\n"), "至少要有一个步骤")
	requireFaults(t, 1, changing(t, folder, "change.yaml", "notice: 放假通知"), "年")
	requireFaults(t, 2, changing(t, t.TempDir(), "change.yaml", "removeLadders: [strict]"), "duban.db")
	requireFaults(t, 2, duban(t, nil, "changes", "preview"), "--notice")
	requireFaults(t, 1, changing(t, folder, "change.yaml", "{}"), "没有写明调整什么")

	notice := filepath.Join(t.TempDir(), "notice.txt")
	require.NoError(t, os.WriteFile(notice, []byte("国务院办公厅"), 0o600))
	requireFaults(t, 2, changing(t, folder, "change.yaml", "notice: 放假通知", "--notice", notice), "去掉其一")
	file := filepath.Join(t.TempDir(), "change.yaml")
	require.NoError(t, os.WriteFile(file, []byte("removeLadders: [strict]"), 0o600))
	requireFaults(t, 2, duban(t, nil, "--set", "data.folder="+folder, "changes", "make", file), "--reason")
}
