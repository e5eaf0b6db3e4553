package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"duban/calendar"
	"duban/obligation"
	"duban/workflows"
)

// lead opens an obligation whose parts have a stand-in for their workflow, and returns what follows it to its end.
func (s *story) lead(begin string, part func(workflow.Context, workflows.ObligationInput) error) func() {
	s.env.RegisterWorkflowWithOptions(part, workflow.RegisterOptions{Name: "ObligationWorkflow"})
	follow := func(ctx workflow.Context, in workflows.ObligationInput) error {
		// A function of its own, or the engine would take its name for that of the parts' workflow as well.
		in.Setting = s.setting()
		return workflows.ObligationWorkflow(ctx, in)
	}
	s.env.RegisterWorkflowWithOptions(follow, workflow.RegisterOptions{Name: "Lead"})
	state := s.open(opening(), begin)
	return func() { s.env.ExecuteWorkflow("Lead", workflows.ObligationInput{State: state}) }
}

// The parts are opened with their own workflows, and the lead hears of them.
func TestLeadBreaksItsObligationDown(t *testing.T) {
	s := newStory(t, "2025-06-02 09:00")
	var started []string
	lead := s.lead("2025-06-02 09:00", func(ctx workflow.Context, in workflows.ObligationInput) error {
		started = append(started, workflow.Now(ctx).In(shanghai).Format("01-02 15:04 ")+in.State.ID.String())
		return nil
	})
	parts := command("")
	parts.Parts = []obligation.Part{
		{Unit: "xinhua", UnitName: "新华路街道", Text: "提供材料", Due: calendar.MustDate("2025-06-20")},
		{Unit: "tianshan", UnitName: "天山路街道", Text: "提供材料", Due: calendar.MustDate("2025-06-25")},
	}
	hears := func(when string, n int, stage obligation.Stage) {
		s.at(when, func() { s.env.SignalWorkflow(workflows.SignalPart, workflows.PartSignal{N: n, Stage: stage}) })
	}
	s.ask("2025-06-03 09:30", "sign", command(""), "")
	s.ask("2025-06-03 10:00", "break_down", parts, "")
	s.ask("2025-06-10 10:00", "submit", command("已汇总"), "parts_open")
	hears("2025-06-11 10:00", 1, obligation.StageSubmitted)
	hears("2025-06-11 11:00", 1, obligation.StageSubmitted) // twice: it leaves no trace
	hears("2025-06-12 10:00", 2, obligation.StageWaived)
	s.ask("2025-06-13 10:00", "submit", command("已汇总"), "")
	s.ask("2025-06-13 11:00", "accept", command(""), "parts_in_review")
	hears("2025-06-13 12:00", 1, obligation.StageAccepted)
	s.ask("2025-06-13 13:00", "accept", command(""), "")
	lead()
	require.NoError(t, s.env.GetWorkflowError())
	id := opening().Facts.ID
	require.Equal(t, []string{
		"06-02 09:00 opened", "06-03 09:30 signed", "06-03 10:00 broken_down", "06-11 10:00 part_moved", "06-12 10:00 part_moved",
		"06-13 10:00 submitted", "06-13 12:00 part_moved", "06-13 13:00 accepted",
	}, s.told(id))
	require.ElementsMatch(t, []string{"06-03 10:00 p/10.1/xinhua/1.huayang.1", "06-03 10:00 p/10.1/tianshan/1.huayang.2"}, started)
	for _, p := range s.mem.state(id).Parts {
		require.Equal(t, []string{"06-03 10:00 opened"}, s.told(obligation.PartID(id, p)), "each has its own ledger")
	}
}

// A part tells its lead whenever it stands otherwise, and only then.
func TestPartTellsItsLead(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	var told []obligation.Stage
	s.env.OnSignalExternalWorkflow(mock.Anything, workflows.ObligationID(opening().Facts.ID), "", workflows.SignalPart, mock.Anything).
		Return(func(_, _, _, _ string, arg any) error {
			m := arg.(workflows.PartSignal)
			require.Equal(t, 3, m.N)
			told = append(told, m.Stage)
			return nil
		})
	lead := obligation.State{Facts: opening().Facts, Policy: opening().Policy}
	part := obligation.PartOpening(lead, obligation.Part{N: 3, Unit: "xinhua", UnitName: "新华路街道", Text: "提供材料", Due: calendar.MustDate("2025-06-30")})
	s.ask("2025-06-23 10:00", "sign", command(""), "")
	s.ask("2025-06-26 10:00", "submit", command("已报"), "")
	s.ask("2025-06-26 11:00", "return", command("缺附件"), "")
	s.ask("2025-06-27 10:00", "submit", command("已补"), "")
	s.ask("2025-06-27 11:00", "accept", command(""), "")
	s.follow(part, "2025-06-20 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []obligation.Stage{
		obligation.StageSigned, obligation.StageSubmitted, obligation.StageReturned, obligation.StageSubmitted, obligation.StageAccepted,
	}, told)
}

// A new calendar reaches the parts by way of their lead.
func TestPartsFollowTheCalendarOfTheirLead(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	var reached []workflows.RearmSignal
	lead := s.lead("2025-06-20 09:00", func(ctx workflow.Context, _ workflows.ObligationInput) error {
		var m workflows.RearmSignal
		workflow.GetSignalChannel(ctx, workflows.SignalRearm).Receive(ctx, &m)
		reached = append(reached, m)
		return nil
	})
	parts := command("")
	parts.Parts = []obligation.Part{{Unit: "xinhua", UnitName: "新华路街道", Text: "提供材料", Due: calendar.MustDate("2025-06-30")}}
	s.ask("2025-06-20 10:00", "break_down", parts, "")
	facts := opening().Facts
	s.at("2025-06-20 11:00", func() {
		s.env.SignalWorkflow(workflows.SignalRearm, workflows.RearmSignal{
			Command: obligation.Command{By: obligation.System, Text: "节假日公布", Facts: &facts}, Calendar: s.cal,
		})
	})
	s.ask("2025-06-20 12:00", "waive", command("上级取消"), "")
	lead()
	require.NoError(t, s.env.GetWorkflowError())
	require.Len(t, reached, 1)
	require.NotNil(t, reached[0].Calendar)
	require.Nil(t, reached[0].Command.Facts, "its dates are its lead's")
}
