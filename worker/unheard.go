package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"duban/activities"
	"duban/calendar"
	"duban/obligation"
	"duban/workflows"
)

// Record is the part of the store that knows whom a workflow has not answered.
type Record interface {
	Unheard(ctx context.Context, until time.Time) ([]obligation.Unheard, error)
	Heard(ctx context.Context, u obligation.Unheard) error
	Load(ctx context.Context, id obligation.ID) (obligation.View, error)
	Definition(ctx context.Context, plan string) (obligation.Definition, error)
}

// Hearing tells workflows of what the record has and they may not know, because the process was killed that had just recorded it.
// Several processes may do so at once, and a workflow that knows already does nothing.
type Hearing struct {
	Record Record
	Client *workflows.Client
	// Setting returns what a workflow that begins now runs by.
	Setting func(*calendar.Calendar) activities.Setting
	Log     *slog.Logger
}

const (
	hearEvery = 30 * time.Second
	// hearAfter is how long a workflow has to answer by itself: longer than the task of a worker that is lost takes to reach
	// another one.
	hearAfter = time.Minute
)

// Run makes up for what a process before has left, and from then on for what others leave, until the context ends. What fails
// is tried again.
func (h *Hearing) Run(ctx context.Context) {
	again := time.NewTicker(hearEvery)
	defer again.Stop()
	until := time.Now()
	for {
		if err := h.round(ctx, until); err != nil && ctx.Err() == nil {
			h.Log.WarnContext(ctx, "workflows are told of what is recorded", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case now := <-again.C:
			until = now.Add(-hearAfter)
		}
	}
}

// round tells of all that was recorded up to the real instant. What fails keeps nobody after it from being told.
func (h *Hearing) round(ctx context.Context, until time.Time) error {
	for {
		list, err := h.Record.Unheard(ctx, until)
		if err != nil || len(list) == 0 {
			return err
		}
		var faults []error
		for _, u := range list {
			if err := h.tell(ctx, u); err != nil && !obligation.IsNotFound(err) {
				faults = append(faults, fmt.Errorf("%s: %w", u.Ledger, err))
				continue
			}
			// The engine keeps the message from here on.
			faults = append(faults, h.Record.Heard(ctx, u))
		}
		if err := errors.Join(faults...); err != nil {
			return err
		}
	}
}

func (h *Hearing) tell(ctx context.Context, u obligation.Unheard) error {
	id, ok := obligation.ParseID(u.Ledger)
	if !ok {
		return h.Client.MakeUpAssessment(ctx, u.Ledger)
	}
	v, err := h.Record.Load(ctx, id)
	if err != nil {
		return err
	}
	for _, f := range v.State.Formals {
		if err := h.Client.MakeUpDocument(ctx, id, f.Rung); err != nil {
			return err
		}
	}
	d, err := h.Record.Definition(ctx, id.Plan)
	if err != nil {
		return err
	}
	return h.Client.MakeUpObligation(ctx, v.State, h.Setting(d.Calendar))
}
