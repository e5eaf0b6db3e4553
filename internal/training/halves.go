package training

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"duban/assessment"
	"duban/obligation"
	"duban/rehearsal"
)

// half is a half-yearly assessment that is not published.
type half struct {
	of    string
	state assessment.State // brief
	last  time.Time        // of the latest event
	step  time.Time        // when something falls due by itself; zero: nothing does
	act   *rehearsal.HalfAct
	// What was refused since the last event: they let it be until something changes.
	refused []assessment.Kind
}

// next returns the instant at which anything happens to the assessment, and whether somebody does it; zero: nothing happens.
// What falls due by itself comes first.
func (h *half) next() (at time.Time, acts bool) {
	if h.act != nil && (h.step.IsZero() || h.act.At.Before(h.step)) {
		return h.act.At, true
	}
	return h.step, false
}

// meetHalves takes in the half-yearly assessments, as their records have them.
func (c *Conductor) meetHalves(ctx context.Context, reached time.Time) error {
	c.halves = map[string]*half{}
	for _, of := range assessment.Checkpoints(c.Definition.Plan, c.Definition.AsOf) {
		h := &half{of: of.String(), state: assessment.Begin(c.Definition.Plan.Code, of, of.Checkpoint(c.loc))}
		h.last = h.state.Since
		events, err := c.Record.AssessmentEvents(ctx, c.Definition.Plan.Code, h.of)
		if err != nil && !obligation.IsNotFound(err) {
			return err
		}
		for _, e := range events {
			h.state, h.last = assessment.Apply(h.state, e), e.At
		}
		h.state = h.state.Brief()
		if h.state.Stage != assessment.StagePublished {
			c.halves[h.of] = h
			c.foreseeHalf(h)
		}
	}
	return c.assess(ctx, reached)
}

// foreseeHalf finds what happens to an assessment next: what falls due, and what somebody does.
func (c *Conductor) foreseeHalf(h *half) {
	h.step, h.act = time.Time{}, nil
	if next, ok := assessment.NextStep(h.state, c.Definition.Calendar, c.loc, c.Window.From); ok {
		h.step = next.At
	}
	if act, ok := c.cast.Assess(h.state, h.last, c.byHand, h.refused, c.Definition.Calendar); ok {
		h.act = &act
	}
}

// assess lets happen to the assessments what happens up to the instant.
func (c *Conductor) assess(ctx context.Context, until time.Time) error {
	for _, of := range slices.Sorted(maps.Keys(c.halves)) {
		h := c.halves[of]
		for at, acts := h.next(); c.halves[of] != nil && !at.IsZero() && !at.After(until); at, acts = h.next() {
			do := c.stepHalf
			if acts {
				do = c.actHalf
			}
			if err := do(ctx, h); err != nil {
				return err
			}
		}
	}
	return nil
}

// stepHalf lets the step that falls due next be taken.
func (c *Conductor) stepHalf(ctx context.Context, h *half) error {
	at := h.step
	for range tries {
		if err := c.Engine.AdvanceAssessment(ctx, at, c.Definition.Plan.Code, h.of); err != nil {
			return err
		}
		if err := c.refreshHalf(ctx, h, at); err != nil {
			return err
		}
		if h.step.IsZero() || h.step.After(at) {
			return nil
		}
	}
	return fmt.Errorf("assessment of %s: moved on to %s without effect", h.of, at)
}

// actHalf lets somebody do what he does next. What the core refuses is let be until something changes.
func (c *Conductor) actHalf(ctx context.Context, h *half) error {
	act := *h.act
	err := c.Engine.Assess(ctx, act.At, c.Definition.Plan.Code, h.of, act.Command)
	if refused, ok := errors.AsType[*assessment.Error](err); ok {
		c.Log.WarnContext(ctx, "refused", "assessment", h.of, "command", act.Command.Kind, "code", refused.Code)
		h.refused = append(h.refused, act.Command.Kind)
		c.foreseeHalf(h)
		return nil
	}
	if err != nil {
		return err
	}
	return c.refreshHalf(ctx, h, act.At)
}

// refreshHalf reads how an assessment stands since something was done at the instant.
func (c *Conductor) refreshHalf(ctx context.Context, h *half, at time.Time) error {
	states, err := c.Record.Assessments(ctx, c.Definition.Plan.Code)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(states, func(s assessment.State) bool { return s.Half == h.of })
	if i >= 0 && states[i].Seq > h.state.Seq {
		h.state, h.last, h.refused = states[i], at, nil
	}
	if h.state.Stage == assessment.StagePublished {
		delete(c.halves, h.of)
	}
	c.foreseeHalf(h)
	return nil
}

// Assess lets a person do something about an assessment at the present instant, as Act does about an obligation.
func (c *Conductor) Assess(ctx context.Context, of string, do func(now time.Time) error) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	now := c.pace.now()
	if err := do(now); err != nil {
		return err
	}
	if h := c.halves[of]; h != nil {
		return c.refreshHalf(ctx, h, now)
	}
	return nil
}
