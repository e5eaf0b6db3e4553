package worker

import (
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	sdk "go.temporal.io/sdk/worker"

	"duban/workflows"
)

// Replayer runs this build over what the engine has recorded of workflows, without doing anything: what it would do otherwise
// than was done is an error that names the first difference.
type Replayer struct{ sdk sdk.WorkflowReplayer }

// NewReplayer returns a replayer of every workflow that a worker serves. values opens the payloads; nil: they are readable. With a worker's
// interceptors it does what that worker would.
func NewReplayer(values converter.DataConverter, interceptors ...interceptor.WorkerInterceptor) (*Replayer, error) {
	options := sdk.WorkflowReplayerOptions{Interceptors: interceptors}
	if values != nil {
		options.DataConverter, options.FailureConverter = values, workflows.FailureConverter(values)
	}
	r, err := sdk.NewWorkflowReplayerWithOptions(options)
	if err != nil {
		return nil, err
	}
	for _, w := range served {
		r.RegisterWorkflow(w)
	}
	return &Replayer{r}, nil
}

// begun is how many events a history has once a worker has looked at it: it was started, its first task scheduled and begun.
const begun = 3

// Replay replays one run. Of one that was only just started nothing can be done otherwise.
func (r *Replayer) Replay(h *history.History) error {
	if len(h.GetEvents()) < begun {
		return nil
	}
	return r.sdk.ReplayWorkflowHistory(nil, h)
}
