package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
)

// OpenWorkflows answers with two pages of one workflow each.
func (f *fake) OpenWorkflows(_ context.Context, cursor []byte) ([]api.OpenWorkflow, []byte, error) {
	if len(cursor) == 0 {
		return []api.OpenWorkflow{{Workflow: "plan/p", Run: "r1", History: json.RawMessage(`{"events":[]}`)}}, []byte{0, 1, 2}, f.down
	}
	return []api.OpenWorkflow{{Workflow: "task/p/1", Run: string(cursor), History: json.RawMessage(`{}`)}}, nil, f.down
}

func TestOpenWorkflowsComePageByPage(t *testing.T) {
	h := api.New(newFake(t).deps())
	first := get(t, h, v1+"/workflows")
	require.Equal(t, "plan/p", first["workflows"].([]any)[0].(map[string]any)["workflow"])
	next := first["next"].(string)
	second := get(t, h, v1+"/workflows?cursor="+next)
	require.Equal(t, "\x00\x01\x02", second["workflows"].([]any)[0].(map[string]any)["run"])
	require.NotContains(t, second, "next")
	require.Equal(t, "validation_failed", ask(t, h, http.StatusUnprocessableEntity, request(http.MethodGet, v1+"/workflows?cursor=*", ""))["code"])
}

func TestOpenWorkflowsWithoutTheEngine(t *testing.T) {
	f := newFake(t)
	f.down = context.DeadlineExceeded
	require.Equal(t, "engine_unavailable", ask(t, api.New(f.deps()), http.StatusServiceUnavailable, request(http.MethodGet, v1+"/workflows", ""))["code"])
}
