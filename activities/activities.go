// Package activities holds the effects of the workflows: what reads or writes the database, sends, or starts other
// workflows. Every activity is idempotent: it may run again after a crash and then finds what it did.
package activities

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"duban/calendar"
	"duban/obligation"
)

// Record is the part of the store that keeps obligations. Append stores each entry whole or not at all; where the
// ledger is already ahead of an entry it returns the ledger's events instead, for the caller to adopt.
type Record interface {
	Append(ctx context.Context, entries []obligation.Entry) ([][]obligation.Event, error)
	EventsAfter(ctx context.Context, id obligation.ID, seq int) ([]obligation.Event, error)
	Outcomes(ctx context.Context, ids []obligation.ID) (map[obligation.ID]obligation.Outcome, error)
	Load(ctx context.Context, id obligation.ID) (obligation.View, error)
	Counts(ctx context.Context, plan string, now time.Time) ([]obligation.Count, error)
}

// Engine starts and signals workflows. A workflow that has ended is not an error: there is nobody left to tell.
type Engine interface {
	StartDocument(ctx context.Context, d DocumentStart) error
	SettleDocument(ctx context.Context, id obligation.ID, rung obligation.Rung) error
	NotifyTask(ctx context.Context, plan, task string) error
	NotifyDispatch(ctx context.Context, plan string) error
}

// Setting is what every workflow runs by: the installation's clock and the plan's calendar.
type Setting struct {
	Clock    calendar.Clock     `json:"clock"`
	Calendar *calendar.Calendar `json:"calendar"`
}

// Activities are duban's activities. One value serves any number of workers.
type Activities struct {
	Record    Record
	Documents Documents
	Outbox    Outbox
	Engine    Engine
	Channels  []Channel // outside the application; empty on a scaled clock
	Log       *slog.Logger

	Assessments Assessments
	Hazards     Hazards
}

// final turns a refusal of the core into an error that no retry repeats, so that only what may pass (a database
// that is down) is tried again.
func final(err error) error {
	if refused, ok := errors.AsType[*obligation.Error](err); ok {
		return temporal.NewNonRetryableApplicationError(refused.Error(), string(refused.Code), nil)
	}
	return err
}

// beats is how often a long activity tells the engine that it is alive.
const beats = 5 * time.Second

// beat tells the engine that the activity is alive until the returned function is called, so that one whose process was
// killed is tried again soon. Local activities and tests have no heartbeat.
func beat(ctx context.Context) (stop func()) {
	if !activity.IsActivity(ctx) || activity.GetInfo(ctx).HeartbeatTimeout == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		tick := time.NewTicker(beats)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	return cancel
}
