package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/internal/config"
)

func TestOwnTemplatesAreReadAtTheStart(t *testing.T) {
	folder := t.TempDir()
	i := &installation{cfg: config.Config{Data: config.Data{Folder: folder}}}
	require.NoError(t, i.openLetters(t.Context()))
	var d api.Deps
	i.withLetters(&d)
	require.NotNil(t, d.Letters)

	require.NoError(t, os.Mkdir(filepath.Join(folder, "templates"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "templates", "letter.txt"), []byte("{{define \"标题\"}}\n{{.单味}}{{end}}"), 0o600))
	err := i.openLetters(t.Context())
	require.ErrorContains(t, err, "letter.txt 第 2 行：没有字段 .单味")
	require.ErrorContains(t, err, "缺少“正文”")
}
