package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What deploy/kubernetes gives the processes are settings that they take.
func TestDeployedSettings(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "deploy", "kubernetes", "settings.yaml"))
	require.NoError(t, err)
	_, indented, found := strings.Cut(string(content), "  duban.yaml: |\n")
	require.True(t, found)
	c, err := Load(Options{File: write(t, strings.ReplaceAll("\n"+indented, "\n    ", "\n")), Env: []string{
		"DUBAN_DATABASE__DSN=duban:password@tcp(mysql.storage:3306)/duban", "DUBAN_EVIDENCE__S3__ACCESS_KEY=a", "DUBAN_EVIDENCE__S3__SECRET_KEY=b",
	}, Overrides: map[string]string{"data.folder": "/data"}})
	require.NoError(t, err)
	require.Equal(t, EngineExternal, c.Engine.Mode)
	require.Equal(t, MySQL, c.Database.Driver)
	require.True(t, c.Listen.Encrypted())
}
