package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/workflows"
)

func weekly() obligation.Opening {
	o := opening()
	o.Facts.ID = obligation.ID{Plan: "p", Measure: "S6.3", Unit: "awb", Period: "2025W24"}
	o.Facts.Form, o.Facts.Start, o.Facts.Due = plan.FormInspection, calendar.MustDate("2025-06-09"), calendar.MustDate("2025-06-15")
	return o
}

// inspected records an inspection that found something with each of the units.
func inspected(units ...string) obligation.Command {
	c := command("")
	c.By = obligation.Actor{Role: obligation.RoleOffice, Name: "王主任"}
	c.Inspection = &obligation.InspectionSheet{Theme: "消防安全"}
	c.Findings, c.Ladders = found(units...), []obligation.Ladder{ladder()}
	for _, u := range units {
		c.Inspection.Visits = append(c.Inspection.Visits, obligation.Visit{Unit: u, UnitName: u, Day: calendar.MustDate("2025-06-11"), Seen: "商铺"})
	}
	return c
}

func found(units ...string) (out []obligation.Finding) {
	for _, u := range units {
		out = append(out, obligation.Finding{Unit: u, UnitName: u, Text: "安全出口上锁", Demands: "开启", Severity: obligation.SeverityCommon, Due: calendar.MustDate("2025-06-30"), Ladder: "standard"})
	}
	return out
}

// inspection runs an inspection whose findings have a stand-in for their workflow.
func (s *story) inspection(in workflows.ObligationInput, finding func(workflow.Context, workflows.ObligationInput) error) {
	s.env.RegisterWorkflowWithOptions(finding, workflow.RegisterOptions{Name: "ObligationWorkflow"})
	s.env.RegisterWorkflowWithOptions(func(ctx workflow.Context, in workflows.ObligationInput) error {
		in.Setting = s.setting()
		return workflows.ObligationWorkflow(ctx, in)
	}, workflow.RegisterOptions{Name: "Inspection"})
	s.env.ExecuteWorkflow("Inspection", in)
}

func (s *story) closes(when string, n int) {
	s.at(when, func() {
		s.env.SignalWorkflow(workflows.SignalPart, workflows.PartSignal{N: n, Stage: obligation.StageAccepted, Finding: true})
	})
}

// Recording opens each finding once, with its own ledger. The week is accepted while they are open, and the inspection stays
// for them to have their calendar from it.
func TestInspectionOpensItsFindings(t *testing.T) {
	s := newStory(t, "2025-06-09 09:00")
	var started []string
	var reached []workflows.RearmSignal
	s.ask("2025-06-09 10:00", "sign", command(""), "")
	s.ask("2025-06-12 10:00", "record_inspection", inspected("xinhua", "tianshan"), "")
	s.ask("2025-06-12 11:00", "record_inspection", inspected("xinhua"), "inspection_recorded")
	later := inspected()
	later.Inspection, later.Findings = nil, found("xinhua")
	s.ask("2025-06-12 12:00", "add_findings", later, "")
	s.ask("2025-06-13 10:00", "submit", command("已检查"), "")
	s.ask("2025-06-13 11:00", "accept", command(""), "")
	s.closes("2025-06-14 10:00", 2)
	s.closes("2025-06-14 11:00", 2)
	facts := weekly().Facts
	s.at("2025-06-16 10:00", func() {
		s.env.SignalWorkflow(workflows.SignalRearm, workflows.RearmSignal{Gone: true, Calendar: s.cal, Command: obligation.Command{By: obligation.System, Text: "节假日公布", Facts: &facts}})
	})
	s.closes("2025-06-20 10:00", 1)
	s.closes("2025-06-20 11:00", 3)
	state := s.open(weekly(), "2025-06-09 09:00")
	s.inspection(workflows.ObligationInput{State: state}, func(ctx workflow.Context, in workflows.ObligationInput) error {
		started = append(started, workflow.Now(ctx).In(shanghai).Format("01-02 15:04 ")+in.State.ID.String())
		var m workflows.RearmSignal
		if ok, _ := workflow.GetSignalChannel(ctx, workflows.SignalRearm).ReceiveWithTimeout(ctx, 30*24*time.Hour, &m); ok {
			reached = append(reached, m)
		}
		return nil
	})
	require.NoError(t, s.env.GetWorkflowError())
	id := weekly().Facts.ID
	require.Equal(t, []string{
		"06-09 09:00 opened", "06-09 10:00 signed", "06-11 09:00 reminded remind-3", "06-12 10:00 inspection_recorded", "06-12 12:00 findings_added",
		"06-13 09:00 reminded remind-1", "06-13 10:00 submitted", "06-13 11:00 accepted",
	}, s.told(id))
	require.ElementsMatch(t, []string{
		"06-12 10:00 p/S6.3/xinhua/2025W24.awb.f1", "06-12 10:00 p/S6.3/tianshan/2025W24.awb.f2", "06-12 12:00 p/S6.3/xinhua/2025W24.awb.f3",
	}, started)
	for _, f := range s.mem.state(id).Findings() {
		require.Equal(t, "opened", s.told(obligation.FindingID(id, f))[0][12:], "each has its own ledger")
	}
	require.Len(t, reached, 2, "what is closed needs no calendar")
	require.NotNil(t, reached[0].Calendar)
	require.False(t, reached[0].Gone, "what was found has to be put right, whatever becomes of the week")
	require.Nil(t, reached[0].Command.Facts)
}

// A process that was killed after it stored the record opens the findings that the ledger has with its next step, and once.
func TestFindingsOfAnAdoptedRecordAreOpened(t *testing.T) {
	s := newStory(t, "2025-06-11 18:00")
	var started []string
	state := s.open(weekly(), "2025-06-09 09:00")
	c := inspected("xinhua")
	c.Kind, c.Key = obligation.RecordInspection, "record_inspection@2025-06-12 10:00"
	events, err := obligation.Decide(state, c, s.cal, moment("2025-06-11 17:00"))
	require.NoError(t, err)
	s.mem.add(obligation.NewEntry(state, events, s.cal)) // the workflow does not know
	s.ask("2025-06-12 10:00", "record_inspection", inspected("xinhua"), "inspection_recorded")
	s.ask("2025-06-13 10:00", "waive", command("合并到下周"), "")
	s.closes("2025-06-20 10:00", 1)
	s.inspection(workflows.ObligationInput{State: state}, func(_ workflow.Context, in workflows.ObligationInput) error {
		started = append(started, in.State.ID.String())
		return nil
	})
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{"p/S6.3/xinhua/2025W24.awb.f1"}, started)
}

// What an earlier run opened is not opened again.
func TestInspectionGoesOnWithItsFindings(t *testing.T) {
	s := newStory(t, "2025-06-12 09:00")
	state := s.open(weekly(), "2025-06-09 09:00")
	c := inspected("xinhua")
	c.Kind = obligation.RecordInspection
	events, err := obligation.Decide(state, c, s.cal, moment("2025-06-11 17:00"))
	require.NoError(t, err)
	entry := obligation.NewEntry(state, events, s.cal)
	s.mem.add(entry)
	s.ask("2025-06-13 10:00", "waive", command("合并到下周"), "")
	s.closes("2025-06-20 10:00", 1)
	s.inspection(workflows.ObligationInput{State: entry.State, Found: 1, Unsettled: []int{1}}, func(workflow.Context, workflows.ObligationInput) error {
		require.Fail(t, "opened again")
		return nil
	})
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, moment("2025-06-20 10:00"), s.env.Now().In(shanghai), "it waits for the last one")
}

// A finding tells its inspection when it is closed, and nothing before.
func TestFindingTellsItsInspection(t *testing.T) {
	s := newStory(t, "2025-06-12 10:00")
	var told []workflows.PartSignal
	s.env.OnSignalExternalWorkflow(mock.Anything, workflows.ObligationID(weekly().Facts.ID), "", workflows.SignalPart, mock.Anything).
		Return(func(_, _, _, _ string, arg any) error {
			told = append(told, arg.(workflows.PartSignal))
			return nil
		})
	first := obligation.Apply(obligation.State{}, obligation.Open(weekly(), s.cal, moment("2025-06-09 09:00")))
	c := inspected("xinhua")
	c.Kind = obligation.RecordInspection
	events, err := obligation.Decide(first, c, s.cal, moment("2025-06-12 10:00"))
	require.NoError(t, err)
	week := obligation.Replay(first, events)
	s.ask("2025-06-13 10:00", "sign", command(""), "")
	s.ask("2025-06-20 10:00", "submit", command("已整改"), "")
	s.ask("2025-06-20 11:00", "accept", command(""), "")
	s.follow(obligation.FindingOpening(week, week.Findings()[0]), "2025-06-12 10:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []workflows.PartSignal{{N: 1, Stage: obligation.StageAccepted, Finding: true}}, told)
}

// A finding that became a hazard is closed by being told so, once, and tells its inspection.
func TestPromotedFindingEnds(t *testing.T) {
	s := newStory(t, "2025-06-12 10:00")
	var told []workflows.PartSignal
	s.env.OnSignalExternalWorkflow(mock.Anything, workflows.ObligationID(weekly().Facts.ID), "", workflows.SignalPart, mock.Anything).
		Return(func(_, _, _, _ string, arg any) error {
			told = append(told, arg.(workflows.PartSignal))
			return nil
		})
	first := obligation.Apply(obligation.State{}, obligation.Open(weekly(), s.cal, moment("2025-06-09 09:00")))
	c := inspected("xinhua")
	c.Kind = obligation.RecordInspection
	events, err := obligation.Decide(first, c, s.cal, moment("2025-06-12 10:00"))
	require.NoError(t, err)
	week := obligation.Replay(first, events)
	for _, when := range []string{"2025-06-13 10:00", "2025-06-13 10:00"} {
		s.at(when, func() {
			s.env.SignalWorkflow(workflows.SignalRearm, workflows.RearmSignal{Promoted: true, Command: obligation.Command{
				By: obligation.Actor{Role: obligation.RoleOffice, Name: "王主任"}, Key: "k1", Number: "2025-001", Text: "转为重大隐患",
			}})
		})
	}
	o := obligation.FindingOpening(week, week.Findings()[0])
	s.follow(o, "2025-06-12 10:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{"06-12 10:00 opened", "06-13 10:00 promoted"}, s.told(o.Facts.ID))
	require.Equal(t, "2025-001", s.mem.state(o.Facts.ID).Promoted)
	require.Equal(t, []workflows.PartSignal{{N: 1, Stage: obligation.StageWaived, Finding: true}}, told)
}
