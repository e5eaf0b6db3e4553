package workflows

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io/fs"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/api/workflowservice/v1"

	"duban/obligation"
)

// RunHistory is what the engine recorded of one run of a workflow.
type RunHistory struct {
	Workflow string          `json:"workflow"`
	Run      string          `json:"run"`
	History  json.RawMessage `json:"history"` // as Temporal writes it in JSON; payloads are as they are stored
}

//go:embed testdata/histories
var recorded embed.FS

// Recorded holds a folder of histories for every release that recorded some, one file of JSON for each. They are kept without
// keys.
func Recorded() fs.FS {
	sub, err := fs.Sub(recorded, "testdata/histories")
	if err != nil {
		panic(err) // a fault of the source
	}
	return sub
}

// ParseHistory reads the JSON of a history.
func ParseHistory(content []byte) (*historypb.History, error) {
	h := &historypb.History{}
	return h, temporalproto.CustomJSONUnmarshalOptions{DiscardUnknown: true}.Unmarshal(content, h)
}

// Open returns the histories of the workflows that run, a page at a time: an empty cursor begins, and an empty one that is
// returned ends. One that starts or ends meanwhile may be left out.
func (c *Client) Open(ctx context.Context, cursor []byte) (open []RunHistory, next []byte, err error) {
	page, err := c.sdk.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: c.namespace, Query: "ExecutionStatus = 'Running'", PageSize: openPage, NextPageToken: cursor,
	})
	if err != nil {
		return nil, nil, translate(err)
	}
	for _, e := range page.GetExecutions() {
		id := e.GetExecution().GetWorkflowId()
		h, err := c.run(ctx, id, "")
		if err != nil {
			return nil, nil, err
		}
		if len(h.GetEvents()) == 0 {
			continue
		}
		kept, err := keep(id, h)
		if err != nil {
			return nil, nil, err
		}
		open = append(open, kept)
	}
	return open, page.GetNextPageToken(), nil
}

// openPage is how many workflows are in a page.
const openPage = 50

// Histories returns what the engine has of an obligation's workflow and those of its documents at the rungs, the first run
// of each first. A history whose time to be kept is over is left out: the ledger is the record.
func (c *Client) Histories(ctx context.Context, id obligation.ID, rungs []obligation.Rung) ([]RunHistory, error) {
	names := []string{ObligationID(id)}
	for _, rung := range rungs {
		names = append(names, DocumentID(id, rung))
	}
	var out []RunHistory
	for _, name := range names {
		runs, err := c.runs(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, runs...)
	}
	return out, nil
}

// runs returns the runs of a workflow, from the last one back along those that it continues.
func (c *Client) runs(ctx context.Context, workflowID string) ([]RunHistory, error) {
	var out []RunHistory
	for run := ""; ; {
		history, err := c.run(ctx, workflowID, run)
		if err != nil || len(history.GetEvents()) == 0 {
			return out, err
		}
		kept, err := keep(workflowID, history)
		if err != nil {
			return nil, err
		}
		out = append([]RunHistory{kept}, out...)
		if run = began(history).GetContinuedExecutionRunId(); run == "" {
			return out, nil
		}
	}
}

// run returns a run's history, the last one's where none is named, and one without events where the engine has none.
func (c *Client) run(ctx context.Context, workflowID, run string) (*historypb.History, error) {
	history := &historypb.History{}
	pages := c.sdk.GetWorkflowHistory(ctx, workflowID, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for pages.HasNext() {
		e, err := pages.Next()
		if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
			return nil, nil
		}
		if err != nil {
			return nil, translate(err)
		}
		history.Events = append(history.Events, e)
	}
	return history, nil
}

func keep(workflowID string, h *historypb.History) (RunHistory, error) {
	content, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(h)
	return RunHistory{workflowID, began(h).GetOriginalExecutionRunId(), content}, err
}

func began(h *historypb.History) *historypb.WorkflowExecutionStartedEventAttributes {
	return h.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
}
