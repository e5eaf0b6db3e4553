package main

import (
	"context"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/worker"
	"duban/workflows"
)

// shelf holds the histories of an engine, one a page.
type shelf []api.OpenWorkflow

// OpenWorkflows implements api.Workflows.
func (s shelf) OpenWorkflows(_ context.Context, cursor []byte) ([]api.OpenWorkflow, []byte, error) {
	n := len(cursor)
	if n+1 == len(s) {
		return s[n : n+1], nil, nil
	}
	return s[n : n+1], append(cursor, 'x'), nil
}

func TestReplayStopsAtTheFirstDifference(t *testing.T) {
	content, err := fs.ReadFile(workflows.Recorded(), "v1/dispatch.json")
	require.NoError(t, err)
	other := strings.ReplaceAll(string(content), `"Dispatch"`, `"Forget"`) // an activity that this build does not call there
	require.NotEqual(t, string(content), other)
	r, err := worker.NewReplayer(nil)
	require.NoError(t, err)
	count := 0
	err = replayOpen(&env{ctx: t.Context()}, shelf{{Workflow: "a", History: content}, {Workflow: "b", History: []byte(other)}, {Workflow: "c", History: []byte(other)}}, r, &count)
	var different *differentError
	require.ErrorAs(t, err, &different)
	require.Equal(t, "b", different.workflow)
	require.Equal(t, 1, count)
	require.ErrorContains(t, err, "不能升级")
}
