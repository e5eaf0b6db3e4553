package workflows

import (
	"context"
	"errors"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"duban/obligation"
)

// QueryPosition asks an obligation's workflow how much of the ledger it knows: the sequence of an event.
const QueryPosition = "position"

// Position returns the sequence of the last event that an obligation's workflow knows of. The error is CodeNotFound where none
// runs.
func (c *Client) Position(ctx context.Context, id obligation.ID) (int, error) {
	answer, err := c.sdk.QueryWorkflowWithOptions(ctx, &client.QueryWorkflowWithOptionsRequest{
		WorkflowID: ObligationID(id), QueryType: QueryPosition, QueryRejectCondition: enumspb.QUERY_REJECT_CONDITION_NOT_OPEN,
	})
	if _, gone := errors.AsType[*serviceerror.NotFound](err); gone || err == nil && answer.QueryRejected != nil {
		return 0, &obligation.Error{Code: obligation.CodeNotFound}
	}
	if err != nil {
		return 0, translate(err)
	}
	var seq int
	return seq, answer.QueryResult.Get(&seq)
}
