package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
)

// business returns the business instant that the installation's clock shows.
func business(ctx workflow.Context, s activities.Setting) time.Time {
	return s.Clock.Business(workflow.Now(ctx))
}

// waitUntil blocks until the clock shows the business instant, and then returns true, or until the condition holds.
// The summary names the timer in the Temporal UI. On a held clock no timer runs: somebody moves the setting's clock on.
func waitUntil(ctx workflow.Context, s *activities.Setting, at time.Time, summary string, condition func() bool) (bool, error) {
	if s.Clock.Held {
		reached := func() bool { return !business(ctx, *s).Before(at) }
		err := workflow.Await(ctx, func() bool { return condition() || reached() })
		return !condition(), err
	}
	d := s.Clock.Real(at).Sub(workflow.Now(ctx))
	if d <= 0 {
		return true, nil
	}
	met, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
		Timeout: d, TimerOptions: workflow.TimerOptions{Summary: summary},
	}, condition)
	return !met, err
}

// local returns the context of a local activity that is tried until it succeeds: a database that is down for a
// minute, or for a night, delays a decision and never loses it.
func local(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: forever,
		StartToCloseTimeout:    30 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 3, MaximumInterval: time.Minute},
		Summary:                summary,
	})
}

// remote returns the context of a longer activity that is tried until it succeeds, and soon again where its process was
// killed: it has to tell that it is alive.
func remote(ctx workflow.Context, summary string, attempt time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: attempt,
		HeartbeatTimeout:    30 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
		Summary:             summary,
	})
}

// forever is longer than any plan runs.
const forever = 10 * 365 * 24 * time.Hour

// refused is what an Update answers a person with: the core's code and Chinese text.
func refused(err error) error {
	return temporal.NewNonRetryableApplicationError(err.Error(), codeOf(err), nil)
}

// idle reports whether a workflow may continue as new: no handler is running and no signal waits.
func idle(ctx workflow.Context, signals ...workflow.ReceiveChannel) bool {
	if !workflow.AllHandlersFinished(ctx) {
		return false
	}
	for _, ch := range signals {
		if ch.Len() > 0 {
			return false
		}
	}
	return true
}

// keeper keeps a workflow's time where the clock is held: it moves on with every message that tells the time.
type keeper struct {
	setting *activities.Setting
	leaving bool // the run is about to continue as new: what it has not done, the next one does
}

// serve lets the workflow be moved on to an instant by Update. The Update is answered once the workflow has done what
// falls due up to then, which settled tells.
func (k *keeper) serve(ctx workflow.Context, settled func(now time.Time) bool) error {
	if !k.setting.Clock.Held {
		return nil
	}
	handle := func(ctx workflow.Context, m Advance) (Advanced, error) {
		k.hear(m.Now)
		err := workflow.Await(ctx, func() bool { return k.leaving || settled(m.Now) })
		return Advanced{Done: settled(m.Now)}, err
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, UpdateAdvance, handle, workflow.UpdateHandlerOptions{Description: textAdvance})
}

// hear moves the clock on to what a message says.
func (k *keeper) hear(now time.Time) { k.setting.Clock = k.setting.Clock.Moved(now) }

// at returns the business instant at which a message that tells the time is judged, before anything hears it.
func (k *keeper) at(ctx workflow.Context, told time.Time) time.Time {
	return k.setting.Clock.Moved(told).Business(workflow.Now(ctx))
}

// leave ends the waiting of those who moved the clock on, so that the run can continue as new.
func (k *keeper) leave(ctx workflow.Context) error {
	k.leaving = true
	return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}
