package workflows

import (
	"context"
	"time"

	"duban/assessment"
	"duban/obligation"
)

// Conducted moves workflows on a held clock on and puts people's commands to them, each at the instant it is given.
type Conducted struct{ Client *Client }

// AdvanceTask returns when every period that begins up to the instant is opened.
func (c Conducted) AdvanceTask(ctx context.Context, now time.Time, plan, task string) error {
	// The plan's workflow may not have started it yet.
	out, err := update[Advanced](ctx, c.Client, TaskID(plan, task), UpdateAdvance, "", Advance{Now: now})
	if err != nil || out.Done {
		return err
	}
	return c.advance(ctx, now, TaskID(plan, task))
}

// AdvanceObligation returns when all that falls due up to the instant is in the ledger.
func (c Conducted) AdvanceObligation(ctx context.Context, now time.Time, id obligation.ID) error {
	return c.advance(ctx, now, ObligationID(id))
}

// AdvanceDocument returns when whoever holds the document has been reminded.
func (c Conducted) AdvanceDocument(ctx context.Context, now time.Time, id obligation.ID, rung obligation.Rung) error {
	return c.advance(ctx, now, DocumentID(id, rung))
}

// AdvanceDispatch returns when the digests of the time are made.
func (c Conducted) AdvanceDispatch(ctx context.Context, now time.Time, plan string) error {
	return c.advance(ctx, now, DispatchID(plan))
}

// AdvanceAssessment returns when all that falls due up to the instant is recorded.
func (c Conducted) AdvanceAssessment(ctx context.Context, now time.Time, plan, half string) error {
	// The plan's workflow may not have started it yet.
	_, err := update[Advanced](ctx, c.Client, AssessmentID(plan, half), UpdateAdvance, "", Advance{Now: now})
	return err
}

// Assess puts a command to an assessment.
func (c Conducted) Assess(ctx context.Context, now time.Time, plan, half string, cmd assessment.Command) error {
	_, err := c.Client.At(now).Assess(ctx, plan, half, cmd)
	return err
}

// advance moves a workflow on. What has ended has nothing left to do, and a run that continues as new is asked again.
func (c Conducted) advance(ctx context.Context, now time.Time, workflowID string) error {
	for {
		out, err := updateOnce[Advanced](ctx, c.Client, workflowID, UpdateAdvance, "", Advance{Now: now})
		if obligation.IsNotFound(err) {
			return nil
		}
		if err != nil || out.Done {
			return err
		}
	}
}

// Command puts a command to an obligation.
func (c Conducted) Command(ctx context.Context, now time.Time, id obligation.ID, cmd obligation.Command) error {
	_, err := c.Client.At(now).Command(ctx, id, cmd)
	return err
}

// SignOff lets a draft go out.
func (c Conducted) SignOff(ctx context.Context, now time.Time, id obligation.ID, cmd obligation.Command) error {
	_, err := c.Client.At(now).SignOff(ctx, id, cmd.Rung, cmd.By, cmd.Meeting, cmd.Key)
	return err
}

// Interview puts a command about an interview.
func (c Conducted) Interview(ctx context.Context, now time.Time, id obligation.ID, cmd obligation.Command) error {
	_, err := c.Client.At(now).Interview(ctx, id, cmd)
	return err
}
