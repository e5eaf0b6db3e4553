package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// What can't be moved, or not there, is said before anything is touched. What can is in test/e2e.
func TestMoveRefuses(t *testing.T) {
	folder, _ := recorded(t)
	settings := filepath.Join(t.TempDir(), "duban.yaml")
	require.NoError(t, os.WriteFile(settings, []byte("database: {driver: mysql, dsn: 'duban:x@tcp(127.0.0.1:1)/duban'}\n"), 0o600))
	there := []string{
		"--set", "data.folder=" + t.TempDir(), "--set", "database.driver=mysql", "--set", "database.dsn=duban:x@tcp(127.0.0.1:1)/duban",
		"--set", "engine.mode=external", "--set", "engine.external.hostPort=127.0.0.1:1", "--set", "privacy.keyFile=" + filepath.Join(folder, "keys.yaml"),
	}
	empty := t.TempDir()
	for problem, args := range map[string][]string{
		"迁移的去处须是 MySQL 和外部集群": {"move", folder},
		"请检查": append(slices.Clip(there), "move", filepath.Join(empty, "none")),
		empty + " 里没有内嵌引擎的数据":   append(slices.Clip(there), "move", empty),
		settings + " 不是单机安装的设置": append(slices.Clip(there), "move", settings),
	} {
		got := duban(t, nil, args...)
		require.Equal(t, 2, got.code, problem)
		require.Contains(t, got.stderr, problem)
	}
}
