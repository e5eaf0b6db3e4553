package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/obligation"
	"duban/workflows"
)

func TestDispatcherSendsOnWorkingDaysAndUrgentInsideTheWindow(t *testing.T) {
	s := newStory(t, "2025-09-26 08:00") // Friday; Sunday the 28th is made up, 1 to 8 October are off
	urgent := func() { s.env.SignalWorkflow(workflows.SignalUrgent, workflows.Empty{}) }
	s.at("2025-09-26 14:00", urgent)
	s.at("2025-09-26 14:00", urgent)
	s.at("2025-09-27 11:00", urgent) // Saturday: waits for Sunday's window
	s.at("2025-10-09 12:00", func() { s.env.SignalWorkflow(workflows.SignalFinish, workflows.Empty{}) })
	s.env.ExecuteWorkflow(workflows.DispatchWorkflow, workflows.DispatchInput{
		Plan: "p", Zone: "Asia/Shanghai", Setting: s.setting(), Window: obligation.DefaultWindow,
	})
	require.NoError(t, s.env.GetWorkflowError())
	var runs []string
	for _, r := range s.mem.runs {
		line := r.Now.In(shanghai).Format("01-02 15:04")
		if r.Urgent {
			line += " urgent"
		}
		runs = append(runs, line)
	}
	require.Equal(t, []string{
		"09-26 09:15", "09-26 14:01 urgent", "09-28 09:00 urgent", "09-28 09:15", "09-29 09:15", "09-30 09:15", "10-09 09:15", "10-09 12:00",
	}, runs)
}
