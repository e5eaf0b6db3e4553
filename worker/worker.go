// Package worker registers duban's workflows and activities with the engine and says how a worker runs them.
package worker

import (
	"time"

	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/workflows"
)

// Options say how much a worker takes on.
type Options struct {
	BuildID string // names this build in the histories; "" where unknown
	Cached  int    // workflows kept in memory between their steps; 0: DefaultCached
}

// DefaultCached bounds memory: thousands of obligations sleep for weeks, and replaying a lean history is cheap.
const DefaultCached = 300

// New returns a worker that serves duban's task queue with the activities. The caller starts and stops it. The number of
// cached workflows is a setting of the process: that of the last worker made counts.
func New(c client.Client, a *activities.Activities, o Options) sdk.Worker {
	if o.Cached == 0 {
		o.Cached = DefaultCached
	}
	sdk.SetStickyWorkflowCacheSize(o.Cached)
	w := sdk.New(c, workflows.TaskQueue, sdk.Options{
		// Two pollers and a short sticky timeout, the SDK's defaults, leave tails of ten seconds under a burst.
		MaxConcurrentWorkflowTaskExecutionSize: 32,
		MaxConcurrentWorkflowTaskPollers:       8,
		MaxConcurrentActivityTaskPollers:       2,
		StickyScheduleToStartTimeout:           time.Minute,
		WorkerStopTimeout:                      10 * time.Second,
		BuildID:                                o.BuildID, //nolint:staticcheck // auto-upgrade: every open workflow moves to the newest build
	})
	Register(w, a)
	return w
}

// Register registers every workflow and activity.
func Register(r sdk.Registry, a *activities.Activities) {
	for _, w := range []any{
		workflows.PlanWorkflow, workflows.TaskWorkflow, workflows.ObligationWorkflow, workflows.DocumentWorkflow, workflows.DispatchWorkflow,
	} {
		r.RegisterWorkflowWithOptions(w, workflow.RegisterOptions{VersioningBehavior: workflow.VersioningBehaviorAutoUpgrade})
	}
	r.RegisterActivity(a)
}
