package main

import (
	"context"
	"fmt"

	"duban/account"
	"duban/api"
	"duban/obligation"
	"duban/seed"
)

// changes change what a plan runs by, in the middle of it.
type changes struct{ i *installation }

// Preview implements api.Changes.
func (c changes) Preview(ctx context.Context, plan string, a obligation.Amendment) ([]obligation.Effect, error) {
	_, effects, err := c.amended(ctx, plan, a)
	return effects, err
}

func (c changes) amended(ctx context.Context, plan string, a obligation.Amendment) (obligation.Definition, []obligation.Effect, error) {
	before, err := c.i.store.Definition(ctx, plan)
	if err != nil {
		return before, nil, err
	}
	after, err := before.Amend(a)
	if err != nil {
		return before, nil, err
	}
	effects, err := c.i.effects(ctx, before, after)
	return after, effects, err
}

// Change implements api.Changes.
func (c changes) Change(
	ctx context.Context, plan string, a obligation.Amendment, reason string, by account.Caller,
) ([]obligation.Effect, api.SeedReport, error) {
	after, effects, err := c.amended(ctx, plan, a)
	if err != nil {
		return nil, api.SeedReport{}, err
	}
	report, err := c.i.runBy(ctx, after, reason, by)
	return effects, report, err
}

// effects returns what a definition would do to what runs by the one before.
func (i *installation) effects(ctx context.Context, before, after obligation.Definition) ([]obligation.Effect, error) {
	open, err := i.open(ctx, before.Plan.Code)
	if err != nil {
		return nil, err
	}
	return before.Effects(after, open, i.window().From, i.now())
}

// open returns what runs of a plan.
func (i *installation) open(ctx context.Context, plan string) (map[obligation.ID]obligation.State, error) {
	open := true
	f := obligation.Filter{Plan: plan, Open: &open, Now: i.now(), Limit: 200}
	out := map[obligation.ID]obligation.State{}
	for {
		page, err := i.store.List(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, v := range page.Views {
			out[v.State.ID] = v.State
		}
		if f.After = page.Next; f.After == "" {
			return out, nil
		}
	}
}

// runBy lets a plan run by another definition, made out of the stored one; where somebody else changed the plan meanwhile, it
// is refused with obligation.CodeConflict. Broken off anywhere, it is done again from the start and ends the same.
func (i *installation) runBy(ctx context.Context, d obligation.Definition, reason string, by account.Caller) (api.SeedReport, error) {
	if i.training != nil {
		return api.SeedReport{}, api.Faults{textDemoSeed}
	}
	report, err := i.applier().Apply(ctx, seed.Request{
		Bundle: &seed.Bundle{Plan: d.Plan, Calendar: d.Calendar, Ladders: d.Ladders}, Base: d.Version, Reason: fmt.Sprintf(textChangedBy, reason, by.Name),
	})
	if err != nil {
		return api.SeedReport{}, refusedSeed(err)
	}
	return shown(report), nil
}
