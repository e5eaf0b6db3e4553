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
// The summary names the timer in the Temporal UI.
func waitUntil(ctx workflow.Context, s activities.Setting, at time.Time, summary string, condition func() bool) (bool, error) {
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
