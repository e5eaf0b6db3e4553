package workflows_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	sdk "go.temporal.io/sdk/worker"

	"duban/workflows"
)

// TestRecordedHistoriesReplay runs this build over the histories that every release recorded: what is open anywhere goes
// on with it.
func TestRecordedHistoriesReplay(t *testing.T) {
	recorded, err := filepath.Glob("testdata/histories/*/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, recorded)
	replayer := sdk.NewWorkflowReplayer()
	for _, w := range []any{
		workflows.PlanWorkflow, workflows.TaskWorkflow, workflows.ObligationWorkflow, workflows.DocumentWorkflow, workflows.DispatchWorkflow,
		workflows.AssessmentWorkflow,
	} {
		replayer.RegisterWorkflow(w)
	}
	for _, file := range recorded {
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
			require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(nil, file))
		})
	}
}
