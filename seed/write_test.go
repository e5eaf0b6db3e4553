package seed_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/plan"
	"duban/seed"
)

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	require.NoError(t, err)
	return string(text)
}

// What is written is read back as it was.
func TestWriteIsReadBack(t *testing.T) {
	b, err := seed.Embedded()
	require.NoError(t, err)
	folder := t.TempDir()
	require.NoError(t, seed.Write(folder, b))
	again, err := seed.Load(os.DirFS(folder))
	require.NoError(t, err)
	require.Equal(t, asJSON(t, b.Plan.Units), asJSON(t, again.Plan.Units))
	require.Equal(t, asJSON(t, b.Ladders), asJSON(t, again.Ladders))
	require.Equal(t, asJSON(t, b.Calendar), asJSON(t, again.Calendar))
	require.Equal(t, b.Assessment, again.Assessment)
	tasks := map[string]plan.Task{}
	for _, task := range again.Plan.Tasks {
		tasks[task.Code] = task
	}
	for _, task := range b.Plan.Tasks {
		require.Equal(t, task, tasks[task.Code])
		require.Equal(t, b.Plan.MeasuresOf(task.Code), again.Plan.MeasuresOf(task.Code))
	}
	require.ErrorIs(t, seed.Write(folder, b), fs.ErrExist, "nothing is overwritten")
}

// The draft of the next campaign is a plan that can be checked, edited and run.
func TestDraftOfTheNextCampaignLoads(t *testing.T) {
	b, err := seed.Embedded()
	require.NoError(t, err)
	next := *b
	next.Plan = b.Plan.Next(plan.Draft{
		Code: "changning-2027", Number: "长安委〔2027〕1号", Title: "新一轮三年行动实施方案", Issued: calendar.MustDate("2027-04-19"), Years: 3,
	})
	require.Empty(t, next.Plan.Validate())
	folder := t.TempDir()
	require.NoError(t, seed.Write(folder, &next))
	read, err := seed.Load(os.DirFS(folder))
	require.NoError(t, err)
	require.Equal(t, calendar.MustDate("2029-12-31"), read.Plan.To)
	require.Len(t, read.Plan.Measures, len(b.Plan.Measures))
}
