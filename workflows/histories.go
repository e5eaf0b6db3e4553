package workflows

import (
	"context"
	"encoding/json"
	"errors"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/temporalproto"

	"duban/obligation"
)

// RunHistory is what the engine recorded of one run of a workflow.
type RunHistory struct {
	Workflow string          `json:"workflow"`
	Run      string          `json:"run"`
	History  json.RawMessage `json:"history"` // as Temporal writes it in JSON; payloads are as they are stored
}

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
		history := &historypb.History{}
		pages := c.sdk.GetWorkflowHistory(ctx, workflowID, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for pages.HasNext() {
			e, err := pages.Next()
			if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
				return out, nil
			}
			if err != nil {
				return nil, translate(err)
			}
			history.Events = append(history.Events, e)
		}
		if len(history.GetEvents()) == 0 {
			return out, nil
		}
		content, err := temporalproto.CustomJSONMarshalOptions{}.Marshal(history)
		if err != nil {
			return nil, err
		}
		began := history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
		out = append([]RunHistory{{workflowID, began.GetOriginalExecutionRunId(), content}}, out...)
		if run = began.GetContinuedExecutionRunId(); run == "" {
			return out, nil
		}
	}
}
