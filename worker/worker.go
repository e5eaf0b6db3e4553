// Package worker registers duban's workflows and activities with the engine and says how a worker runs them.
package worker

import (
	"cmp"
	"time"

	"go.temporal.io/sdk/interceptor"
	sdk "go.temporal.io/sdk/worker"

	"duban/activities"
	"duban/workflows"
)

// deployment is the name under which the engine lists duban's builds.
const deployment = "duban"

// Options say how much a worker takes on.
type Options struct {
	BuildID      string // names this build in the histories; "" where unknown
	Interceptors []interceptor.WorkerInterceptor
	OnFatal      func(error) // called when the worker cannot go on; nil: it is only logged
	Cached       int         // workflows kept in memory between their steps; 0: DefaultCached
	// Sticky is how long a task waits for the worker that keeps its workflow in memory before another one takes it; 0:
	// StickyAlone.
	Sticky time.Duration
}

// How long a task waits for the worker that keeps its workflow in memory.
const (
	// StickyAlone is for a worker that has no other beside it: none would take the task sooner, and under a burst the
	// SDK's default of five seconds leaves tails of ten.
	StickyAlone = time.Minute
	// StickyShared is for one of several workers: whoever asks something of a workflow that a killed worker kept waits
	// no longer than this for another worker's answer, and gets it within the time that the API gives a command.
	StickyShared = 5 * time.Second
)

// DefaultCached bounds memory: thousands of obligations sleep for weeks, and replaying a lean history is cheap.
const DefaultCached = 300

// New returns a worker that serves the client's task queue with the activities. The caller starts and stops it. The number of
// cached workflows is a setting of the process: that of the last worker made counts.
func New(c *workflows.Client, a *activities.Activities, o Options) sdk.Worker {
	if o.Cached == 0 {
		o.Cached = DefaultCached
	}
	sdk.SetStickyWorkflowCacheSize(o.Cached)
	w := sdk.New(c.SDK(), c.TaskQueue(), sdk.Options{
		// Two pollers, the SDK's default, leave tails of ten seconds under a burst.
		MaxConcurrentWorkflowTaskExecutionSize: 32,
		MaxConcurrentWorkflowTaskPollers:       8,
		MaxConcurrentActivityTaskPollers:       2,
		StickyScheduleToStartTimeout:           cmp.Or(o.Sticky, StickyAlone),
		Interceptors:                           o.Interceptors,
		OnFatalError:                           o.OnFatal,
		WorkerStopTimeout:                      10 * time.Second,
		// Not pinned: every open workflow moves to the newest build, and changes stand behind workflow.GetVersion.
		DeploymentOptions: sdk.DeploymentOptions{
			Version: sdk.WorkerDeploymentVersion{DeploymentName: deployment, BuildID: o.BuildID},
		},
	})
	Register(w, a)
	return w
}

// Register registers every workflow and activity.
func Register(r sdk.Registry, a *activities.Activities) {
	for _, w := range served {
		r.RegisterWorkflow(w)
	}
	RegisterActivities(r, a)
}

// served are the workflows.
var served = []any{
	workflows.PlanWorkflow, workflows.TaskWorkflow, workflows.ObligationWorkflow, workflows.DocumentWorkflow, workflows.DispatchWorkflow,
	workflows.AssessmentWorkflow,
}

// RegisterActivities registers every activity.
func RegisterActivities(r sdk.ActivityRegistry, a *activities.Activities) { r.RegisterActivity(a) }
