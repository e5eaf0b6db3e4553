package worker_test

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"

	"duban/activities"
	"duban/calendar"
	"duban/obligation"
	"duban/worker"
	"duban/workflows"
)

// frontend is an engine that takes no signal of workflows whose IDs contain a word.
type frontend struct {
	workflowservice.UnimplementedWorkflowServiceServer

	refuses string
	mu      sync.Mutex
	told    []string
}

func (f *frontend) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{}, nil
}

func (f *frontend) SignalWorkflowExecution(_ context.Context, r *workflowservice.SignalWorkflowExecutionRequest) (*workflowservice.SignalWorkflowExecutionResponse, error) {
	id := r.GetWorkflowExecution().GetWorkflowId()
	if strings.Contains(id, f.refuses) {
		return nil, serviceerror.ToStatus(serviceerror.NewInvalidArgument("not this one")).Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, id)
	return &workflowservice.SignalWorkflowExecutionResponse{}, nil
}

// notes are what the record has of commands that nobody has answered.
type notes struct {
	list  []obligation.Unheard
	heard chan obligation.Unheard
}

func (n *notes) Unheard(context.Context, time.Time) ([]obligation.Unheard, error) { return n.list, nil }

func (n *notes) Heard(_ context.Context, u obligation.Unheard) error {
	n.heard <- u
	return nil
}

func (n *notes) Load(_ context.Context, id obligation.ID) (obligation.View, error) {
	return obligation.View{State: obligation.State{Facts: obligation.Facts{ID: id}, Seq: 2}}, nil
}

func (n *notes) Definition(context.Context, string) (obligation.Definition, error) {
	return obligation.Definition{}, nil
}

// One workflow that can't be told, and stays in the record to be told later, keeps no other from being told.
func TestHearingGoesOnAfterOneThatCannotBeTold(t *testing.T) {
	engine := &frontend{refuses: "stubborn"}
	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, engine)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(server.Stop)
	client, err := workflows.Dial(t.Context(), workflows.Connection{HostPort: l.Addr().String(), Namespace: "n"})
	require.NoError(t, err)
	t.Cleanup(client.Close)

	record := &notes{heard: make(chan obligation.Unheard, 4), list: []obligation.Unheard{
		{Ledger: "p/1.1/stubborn/1", Command: "a"}, {Ledger: "p/1.1/u/1", Command: "b"}, {Ledger: "p/2026H1", Command: "c"},
	}}
	ctx, stop := context.WithCancel(t.Context())
	h := &worker.Hearing{
		Record: record, Client: client, Log: slog.New(slog.DiscardHandler),
		Setting: func(c *calendar.Calendar) activities.Setting { return activities.Setting{Calendar: c} },
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.Run(ctx)
	}()
	require.Equal(t, "b", (<-record.heard).Command)
	require.Equal(t, "c", (<-record.heard).Command)
	stop()
	<-ended
	require.Empty(t, record.heard)
	require.Equal(t, []string{"obligation/p/1.1/u/1", "assessment/p/2026H1"}, engine.told)
}
