package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// said is what a command line did.
type said struct {
	code           int
	stdout, stderr string
}

// duban runs a command line in an empty folder with nothing in its environment but what is given.
func duban(t *testing.T, vars []string, args ...string) said {
	t.Helper()
	t.Chdir(t.TempDir())
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, vars, &stdout, &stderr)
	return said{code, stdout.String(), stderr.String()}
}

func chinese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// requireFaults holds a failure to its code (a number, because scripts rely on it) and words: on stderr alone, every line a fault in Chinese.
func requireFaults(t *testing.T, code int, got said, words ...string) {
	t.Helper()
	require.Equal(t, code, got.code, "%+v", got)
	require.Empty(t, got.stdout)
	for line := range strings.Lines(got.stderr) {
		require.True(t, strings.HasPrefix(line, "duban: "), line)
		require.True(t, chinese(line), line)
	}
	for _, word := range words {
		require.Contains(t, got.stderr, word)
	}
	require.NotContains(t, got.stderr, "goroutine")
}

func TestHelpAndVersion(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"help":            {[]string{"--help"}, "在一个进程里运行全部"},
		"help of a group": {[]string{"seed", "--help"}, "检查方案数据"},
		"help of one":     {[]string{"preview", "--help"}, "YYYY-MM"},
		"version":         {[]string{"version"}, "duban " + version},
	} {
		got := duban(t, nil, c.args...)
		require.Zero(t, got.code, name)
		require.Contains(t, got.stdout, c.want, name)
		require.Empty(t, got.stderr, name)
	}
}

func TestCommandLineFaults(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		word string
	}{
		"nothing":           {nil, "serve"},
		"unknown command":   {[]string{"dance"}, "dance"},
		"unknown flag":      {[]string{"version", "--loud"}, "--loud"},
		"unknown value":     {[]string{"preview", "--format", "pdf"}, "pdf"},
		"missing folder":    {[]string{"seed", "check", "--dir", "nowhere"}, "nowhere"},
		"missing value":     {[]string{"preview", "--unit"}, "--unit"},
		"a word too many":   {[]string{"version", "now"}, "now"},
		"no key and value":  {[]string{"--set", "listen.address", "version"}, "listen.address"},
		"seed which":        {[]string{"serve", "--seed", "mine"}, "mine"},
		"bad day to serve":  {[]string{"serve", "--as-of", "2026-02-30"}, "2026-02-30"},
		"bad day to apply":  {[]string{"seed", "apply", "--as-of", "tomorrow"}, "tomorrow"},
		"bad list to apply": {[]string{"seed", "apply", "--done", "nowhere.csv"}, "nowhere.csv"},
	} {
		t.Run(name, func(t *testing.T) { requireFaults(t, 2, duban(t, nil, c.args...), c.word) })
	}
}

func TestSettingsFaults(t *testing.T) {
	file := filepath.Join(t.TempDir(), "duban.yaml")
	require.NoError(t, os.WriteFile(file, []byte("listen:\n  adresse: 127.0.0.1:1\ndatabase:\n  driver: oracle\n"), 0o600))
	for name, c := range map[string]struct {
		args, vars, words []string
	}{
		"all at once": {
			[]string{"--set", "listen.address=0.0.0.0:8080", "--set", "database.driver=oracle", "--set", "no.such=1", "serve"},
			nil,
			[]string{"listen.address", "只能监听本机地址", "database.driver", "sqlite、mysql", "no"},
		},
		"from the file": {
			[]string{"--config", file, "verify"}, nil, []string{"adresse", "第 2 行", "address", "driver", "第 4 行"},
		},
		"from the environment": {[]string{"serve"}, []string{"DUBAN_DATABASE__DRIVER=oracle"}, []string{"DUBAN_DATABASE__DRIVER"}},
		"no such file":         {[]string{"--config", "/nowhere/duban.yaml", "serve"}, nil, []string{"/nowhere/duban.yaml", "找不到"}},
		"mysql without address": {
			[]string{"--set", "database.driver=mysql", "serve"}, nil, []string{"database.dsn"},
		},
		"serve elsewhere": {
			[]string{"--set", "engine.mode=external", "--set", "engine.external.hostPort=temporal.example:7233", "--set", "privacy.keyFile=keys.yaml", "serve"},
			nil,
			[]string{"duban worker", "duban api"},
		},
		"a worker of nothing": {[]string{"worker"}, nil, []string{"engine.mode=external", "engine.external.hostPort"}},
		"an API of nothing":   {[]string{"api"}, nil, []string{"engine.mode=external"}},
	} {
		t.Run(name, func(t *testing.T) { requireFaults(t, 2, duban(t, c.vars, c.args...), c.words...) })
	}
}

// A secret in the settings is not repeated by what complains about it.
func TestSettingsFaultsKeepSecrets(t *testing.T) {
	got := duban(t, nil, "--set", "database.driver=mysql", "--set", "database.dsn=root:hunter2@@nowhere", "serve")
	requireFaults(t, 2, got, "database.dsn")
	require.NotContains(t, got.stderr, "hunter2")
}
