package workflows

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/api/serviceerror"

	"duban/obligation"
)

// Stop ends a workflow that nothing in the record belongs to. One that does not run is as good.
func (c *Client) Stop(ctx context.Context, workflowID, reason string) error {
	err := c.sdk.TerminateWorkflow(ctx, workflowID, "", reason)
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
		return nil
	}
	return translate(err)
}

// CatchUp lets an obligation's workflow read what others have recorded.
func (c *Client) CatchUp(ctx context.Context, id obligation.ID) error {
	return translate(c.signal(ctx, ObligationID(id), SignalRecorded))
}

// ResumeObligation starts the workflow of an obligation that has none. in.State is what the ledger leads to, so that no step is
// taken twice; now is the business instant.
func (c *Client) ResumeObligation(ctx context.Context, in ObligationInput, now time.Time) error {
	return c.begin(ctx, ObligationID(in.State.ID), obligationSummary(in.State), obligationAttributes(in.State, in.Setting.Calendar, now), ObligationWorkflow, in)
}
