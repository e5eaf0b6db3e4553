package training

import (
	"context"
	"maps"
	"slices"
	"time"

	"duban/assessment"
)

// meetHalves takes in the half-yearly assessments, as they stand after what was reached.
func (c *Conductor) meetHalves(ctx context.Context, reached time.Time) error {
	c.halves = map[string]time.Time{}
	for _, h := range assessment.Checkpoints(c.Definition.Plan, c.Definition.AsOf) {
		c.halves[h.String()] = h.Checkpoint(c.loc)
	}
	return c.assess(ctx, reached)
}

// assess moves the assessments on that have something to do up to the instant. What people do about them is left to people.
func (c *Conductor) assess(ctx context.Context, at time.Time) error {
	for _, half := range slices.Sorted(maps.Keys(c.halves)) {
		if !c.halves[half].After(at) {
			if err := c.moveHalf(ctx, at, half); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Conductor) moveHalf(ctx context.Context, at time.Time, half string) error {
	next, err := c.Engine.AdvanceAssessment(ctx, at, c.Definition.Plan.Code, half)
	if err != nil {
		return err
	}
	if c.halves[half] = next; next.IsZero() {
		delete(c.halves, half)
	}
	return nil
}

// Assess lets a person do something about an assessment at the present instant, as Act does about an obligation.
func (c *Conductor) Assess(ctx context.Context, half string, do func(now time.Time) error) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	now := c.pace.now()
	if err := do(now); err != nil {
		return err
	}
	if _, open := c.halves[half]; !open {
		return nil
	}
	return c.moveHalf(ctx, now, half)
}
