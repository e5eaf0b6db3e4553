package workflows_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	updatepb "go.temporal.io/api/update/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc"

	"duban/obligation"
	"duban/workflows"
)

// frontend is an engine that is not ready for the first Updates it is given.
type frontend struct {
	workflowservice.UnimplementedWorkflowServiceServer

	unready int32
	asked   atomic.Int32
	keys    chan string
}

func (f *frontend) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{}, nil
}

func (f *frontend) UpdateWorkflowExecution(_ context.Context, r *workflowservice.UpdateWorkflowExecutionRequest) (*workflowservice.UpdateWorkflowExecutionResponse, error) {
	f.keys <- r.GetRequest().GetMeta().GetUpdateId()
	if f.asked.Add(1) <= f.unready {
		return nil, serviceerror.ToStatus(serviceerror.NewWorkflowNotReady("unexpected workflow task failure")).Err()
	}
	result, err := converter.GetDefaultDataConverter().ToPayloads(obligation.Event{Seq: 2, Kind: obligation.Nudged})
	if err != nil {
		return nil, err
	}
	return &workflowservice.UpdateWorkflowExecutionResponse{
		UpdateRef: &updatepb.UpdateRef{WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: "w", RunId: "r"}, UpdateId: r.GetRequest().GetMeta().GetUpdateId()},
		Outcome:   &updatepb.Outcome{Value: &updatepb.Outcome_Success{Success: result}},
		Stage:     enumspb.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
	}, nil
}

// A command whose workflow's task has just failed is put again, as the same one, before anybody is told that the engine is away.
func TestCommandIsPutAgainWhereTheWorkflowIsNotReady(t *testing.T) {
	engine := &frontend{unready: 2, keys: make(chan string, 10)}
	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, engine)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(server.Stop)
	c, err := workflows.Dial(t.Context(), workflows.Connection{HostPort: l.Addr().String(), Namespace: "n"})
	require.NoError(t, err)
	t.Cleanup(c.Close)

	e, err := c.Command(t.Context(), obligation.ID{Plan: "p", Measure: "1.1", Unit: "u", Period: "1"}, obligation.Command{Kind: obligation.Nudge, Key: "k"})
	require.NoError(t, err)
	require.Equal(t, obligation.Nudged, e.Kind)
	for range 3 {
		require.Equal(t, "k", <-engine.keys)
	}
	require.Empty(t, engine.keys)
}
