package workflows_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/worker"
	"duban/workflows"
)

// TestRecordedHistoriesReplay runs this build over the histories that every release recorded: what is open anywhere goes
// on with it.
func TestRecordedHistoriesReplay(t *testing.T) {
	replayer, err := worker.NewReplayer(nil)
	require.NoError(t, err)
	recorded := workflows.Recorded()
	files, err := fs.Glob(recorded, "*/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(file, ".json"), func(t *testing.T) {
			content, err := fs.ReadFile(recorded, file)
			require.NoError(t, err)
			history, err := workflows.ParseHistory(content)
			require.NoError(t, err)
			require.NoError(t, replayer.Replay(history))
		})
	}
}

// A workflow that was started a moment ago, and that no worker has looked at, is no difference.
func TestJustStartedReplays(t *testing.T) {
	replayer, err := worker.NewReplayer(nil)
	require.NoError(t, err)
	content, err := fs.ReadFile(workflows.Recorded(), "v1/plan.json")
	require.NoError(t, err)
	history, err := workflows.ParseHistory(content)
	require.NoError(t, err)
	for n := range 4 {
		history.Events = history.Events[:3-n]
		require.NoError(t, replayer.Replay(history), "%d events", 3-n)
	}
}
