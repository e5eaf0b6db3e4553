package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDraftOfTheNextPlan(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "next")
	args := []string{"seed", "draft", folder, "--code", "changning-2027", "--number", "长安委〔2027〕1号", "--title", "新一轮三年行动", "--issued", "2027-04-19"}
	got := duban(t, nil, args...)
	require.Zero(t, got.code, got.stderr)
	require.Contains(t, got.stdout, "2027-01-01 至 2029-12-31")
	require.Zero(t, duban(t, nil, "seed", "check", "--dir", folder).code)
	again := duban(t, nil, args...)
	require.Equal(t, 1, again.code)
	require.Contains(t, again.stderr, folder)
}
