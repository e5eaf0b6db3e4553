package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/seed"
)

// object is a JSON object; keys returns its keys in order.
type object map[string]any

func (o object) keys() []string {
	var keys []string
	for k := range o {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func requireKeys(t *testing.T, o object, keys string) {
	t.Helper()
	require.Equal(t, strings.Fields(keys), o.keys())
}

// Programs of others read this.
func TestSeedShowJSON(t *testing.T) {
	got := duban(t, nil, "seed", "show", "--json")
	require.Zero(t, got.code, got.stderr)
	require.NotContains(t, got.stdout, "null", "lists are empty, not missing")
	var shown struct {
		Plan                            object
		Actions, Tasks, Measures, Units []object
	}
	var whole object
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &whole))
	requireKeys(t, whole, "actions measures plan tasks units")
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &shown))
	require.Len(t, shown.Actions, 10)
	require.NotEmpty(t, shown.Measures)
	for _, a := range shown.Actions {
		requireKeys(t, a, "number title")
	}
	numbered := 0
	for _, task := range shown.Tasks {
		requireKeys(t, task, "action code lead text title")
		require.IsType(t, []any{}, task["lead"])
		if task["action"].(float64) > 0 {
			numbered++
		}
	}
	require.Equal(t, 30, numbered)
	units := map[string]bool{}
	for _, u := range shown.Units {
		delete(u, "from") // only where a unit does not exist all the time
		delete(u, "to")
		requireKeys(t, u, "aliases code kind name tags")
		units[u["code"].(string)] = true
	}
	for _, m := range shown.Measures {
		// Beside what the issue lists: what counts as done, the ladder, the reason of an inference, the periods.
		requireKeys(t, m, "audience code done inferred ladder note quote schedule task title units")
		schedule := object(m["schedule"].(map[string]any))
		requireKeys(t, schedule, "cron due from kind names periods to")
		require.Contains(t, []any{"milestone", "recurring", "continuous"}, schedule["kind"])
		require.NotEmpty(t, schedule["due"], m["code"])
		for _, day := range schedule["due"].([]any) {
			require.Regexp(t, `^202[4-6]-\d\d-\d\d$`, day)
		}
		requireKeys(t, object(m["audience"].(map[string]any)), "except kinds tags units")
		require.NotEmpty(t, m["units"], m["code"])
		for _, u := range m["units"].([]any) {
			require.True(t, units[u.(string)], u)
		}
	}
}

func TestSeedShowAsTable(t *testing.T) {
	got := duban(t, nil, "seed", "show")
	require.Zero(t, got.code, got.stderr)
	require.Contains(t, got.stdout, "长安委〔2024〕5号")
	require.Contains(t, got.stdout, "10.1")
}

func TestSeedCheck(t *testing.T) {
	got := duban(t, nil, "seed", "check")
	require.Zero(t, got.code, got.stderr)
	require.Contains(t, got.stdout, "方案数据没有问题")
}

// copied is the embedded plan as files that a test may break.
func copied(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "plan")
	require.NoError(t, os.CopyFS(folder, seed.Files()))
	return folder
}

// spoil replaces the first occurrence of a text in a file and returns the line on which it stands.
func spoil(t *testing.T, file, before, after string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	head, _, found := strings.Cut(string(text), before)
	require.True(t, found, "%s has no %q", file, before)
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(text), before, after, 1)), 0o600))
	return strings.Count(head, "\n") + 1
}

func TestSeedCheckListsEveryFault(t *testing.T) {
	folder := copied(t)
	require.Zero(t, duban(t, nil, "seed", "check", "--dir", folder).code, "it is sound before")
	places := []string{
		place("plan.yaml", spoil(t, filepath.Join(folder, "plan.yaml"), "issued: 2024-04-19", "issued: 2024-04-31")),
		place("plan.yaml", spoil(t, filepath.Join(folder, "plan.yaml"), "restDayRule: next_workday", "restDayRule: never")),
		place("units.yaml", spoil(t, filepath.Join(folder, "units.yaml"), "kind: government", "kynd: government")),
		place("ladders.yaml", spoil(t, filepath.Join(folder, "ladders.yaml"), "cure: ", "cure: soon # ")),
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, "notes.yaml"), []byte("a: b\n"), 0o600))
	got := duban(t, nil, "seed", "check", "--dir", folder)
	requireFaults(t, 1, got, append(places, "notes.yaml: ")...)
	require.GreaterOrEqual(t, strings.Count(got.stderr, "\n"), len(places)+1)
	for _, args := range [][]string{{"seed", "show", "--json"}, {"preview"}, {"seed", "apply"}} {
		require.Equal(t, got, duban(t, nil, append(args, "--dir", folder)...), "%v", args)
	}
}

func place(file string, line int) string { return (seed.Fault{File: file, Line: line}).String() }

// token lets a command in elsewhere than on the server's own machine.
var token = []string{"DUBAN_TOKEN=duban_test"}

// server is a duban that answers what the test wants, and keeps what it was asked.
func server(t *testing.T, status int, answer any) (url string, asked *applyRequest) {
	t.Helper()
	asked = &applyRequest{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			body, _ := io.ReadAll(r.Body)
			_ = json.Unmarshal(body, asked)
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(answer)
			return
		}
		_, _ = io.WriteString(w, `{"tasks":[{"counts":{"total":7}},{"counts":{"total":5}}]}`)
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

func TestSeedApply(t *testing.T) {
	list := filepath.Join(t.TempDir(), "done.csv")
	require.NoError(t, os.WriteFile(list, []byte("分项任务,责任单位,周期,办理情况\n10.1,,,已完成\n1.1,yingji,2024,owed\n"), 0o600))
	folder := copied(t)
	url, asked := server(t, http.StatusOK, applyAnswer{Plan: "p", Version: 3, AsOf: "2026-01-01", Changed: true, Tasks: 37, Started: 37, Due: 12})
	got := duban(t, token, "seed", "apply", "--server", url, "--as-of", "2026-01-01", "--done", list, "--dir", folder)
	require.Zero(t, got.code, got.stderr)
	require.Contains(t, got.stdout, "第 3 版")
	require.Contains(t, got.stdout, "2026-01-01")
	require.Equal(t, "2026-01-01", asked.AsOf)
	require.Equal(t, []applyOutcome{{Measure: "10.1", Outcome: "done"}, {Measure: "1.1", Unit: "yingji", Period: "2024", Outcome: "owed"}}, asked.Outcomes)
	require.Contains(t, asked.Files, "plan.yaml")
	require.Contains(t, asked.Files, "units.yaml")

	url, asked = server(t, http.StatusOK, applyAnswer{Plan: "p", Version: 3, AsOf: "2026-01-01", Due: 12})
	got = duban(t, token, "seed", "apply", "--server", url)
	require.Zero(t, got.code, got.stderr)
	require.Contains(t, got.stdout, "没有变化")
	require.Empty(t, asked.Files, "the server has the embedded plan itself")
}

func TestSeedApplyFaults(t *testing.T) {
	list := filepath.Join(t.TempDir(), "done.csv")
	require.NoError(t, os.WriteFile(list, []byte("measure,unit,period,outcome\n10.1,,,maybe\n,,,done\n"), 0o600))
	requireFaults(t, 1, duban(t, nil, "seed", "apply", "--done", list), "第2行", "第3行")

	url, _ := server(t, http.StatusUnprocessableEntity, map[string]any{
		"detail": "方案数据有误", "errors": []map[string]string{{"message": "10.1/*/* 没有到期"}, {"message": "10.2/*/* 没有到期"}},
	})
	got := duban(t, token, "seed", "apply", "--server", url)
	requireFaults(t, 1, got, "方案数据有误", "10.1/*/*", "10.2/*/*")
	require.Equal(t, 3, strings.Count(got.stderr, "\n"))

	url, _ = server(t, http.StatusBadGateway, "no problem of duban's")
	requireFaults(t, 1, duban(t, token, "seed", "apply", "--server", url), "502")

	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	requireFaults(t, 1, duban(t, token, "seed", "apply", "--server", gone.URL), "duban serve", "--server")
}
