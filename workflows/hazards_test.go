package workflows_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/workflows"
)

// carrying is the plan with a measure that hazards are entered under.
func carrying(t *testing.T) obligation.Definition {
	t.Helper()
	d := definition(t, "2025-05-12")
	d.Plan.Measures = []plan.Measure{{
		Code: "10.1", Task: "10", Title: "闭环整改", Quote: "确保闭环整改到位", Form: plan.FormHazard,
		Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}},
		Schedule: plan.Schedule{Kind: plan.Milestone, Due: []calendar.Date{calendar.MustDate("2025-06-30")}},
	}}
	return d
}

func registration(enterprise string) workflows.Register {
	return workflows.Register{Registration: obligation.Registration{
		By: obligation.Actor{Role: obligation.RoleOffice, Name: "王"}, Unit: "huayang", Due: calendar.MustDate("2025-07-31"),
		Hazard: obligation.Hazard{
			Source: obligation.ByInspection, Grade: obligation.General, Industry: "gas", Region: "huayang", Enterprise: enterprise, Place: "甲路1号",
			Text: "燃气软管老化", Found: calendar.MustDate("2025-05-12"),
		},
	}}
}

func hazardID(n int) obligation.ID {
	return obligation.ID{Plan: "p", Measure: "10.1", Unit: "huayang", Period: fmt.Sprintf("2025-%03d", n)}
}

// follow runs the task from its input.
func (s *story) carries(in workflows.TaskInput) {
	s.env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(nil).Maybe()
	s.env.ExecuteWorkflow(workflows.TaskWorkflow, in)
}

func (s *story) taskInput(d obligation.Definition) workflows.TaskInput {
	return workflows.TaskInput{Setting: s.setting(), Window: obligation.DefaultWindow, Definition: d.ForTask("10")}
}

func TestAHazardIsEnteredOnceAndFollowed(t *testing.T) {
	s := newStory(t, "2025-05-12 10:00")
	started := s.standIn(-1)
	s.mem.lost = 1 // the process ends after it was entered and before anybody knew
	s.ask("2025-05-13 10:00", workflows.UpdateRegister, registration("某某餐饮有限公司"), "")
	s.ask("2025-05-15 10:00", workflows.UpdateRegister, registration("另一家公司"), "")
	s.carries(s.taskInput(carrying(t)))
	require.NoError(t, s.env.GetWorkflowError())
	require.Contains(t, *started, "05-13 "+hazardID(1).String())
	require.Contains(t, *started, "05-15 "+hazardID(2).String())
	require.Len(t, *started, 4, "two hazards, and the measure's own two")
	require.Zero(t, s.mem.lost)
	require.Equal(t, "register@2025-05-13 10:00", s.mem.ledger[hazardID(1)][0].Key)
	require.Len(t, s.mem.ledger, 4)
	require.Equal(t, "2026-01-01", s.env.Now().In(shanghai).Format("2006-01-02"), "the task goes on until the plan's period is over")
}

func TestWhatCantBeEnteredIsRefusedByTheTask(t *testing.T) {
	s := newStory(t, "2025-05-12 10:00")
	s.standIn(-1)
	bad := registration("")
	s.ask("2025-05-13 10:00", workflows.UpdateRegister, bad, string(obligation.CodeHazardIncomplete))
	none := carrying(t)
	none.Plan.Measures[0].Form = ""
	s.carries(s.taskInput(carrying(t)))
	require.NoError(t, s.env.GetWorkflowError())
	require.Len(t, s.mem.ledger, 2)

	other := newStory(t, "2025-05-12 10:00")
	other.standIn(-1)
	other.ask("2025-05-13 10:00", workflows.UpdateRegister, registration("某某餐饮有限公司"), string(obligation.CodeHazardNoMeasure))
	other.carries(other.taskInput(none))
	require.NoError(t, other.env.GetWorkflowError())
}

func TestHistoryIsEnteredWithoutAWorkflow(t *testing.T) {
	s := newStory(t, "2025-05-12 10:00")
	started := s.standIn(-1)
	past := registration("某某餐饮有限公司")
	past.Hazard.Found, past.Due, past.Hazard.Cancelled = calendar.MustDate("2023-11-01"), calendar.MustDate("2023-12-31"), calendar.MustDate("2023-12-20")
	s.ask("2025-05-13 10:00", workflows.UpdateRegister, past, "")
	s.carries(s.taskInput(carrying(t)))
	require.NoError(t, s.env.GetWorkflowError())
	require.Len(t, *started, 2, "the measure's own")
	require.Equal(t, obligation.StageHistory, s.mem.state(hazardID(1)).Stage)
}

// A new calendar reaches every open hazard; a withdrawn measure ends the entering, not what was entered.
func TestHazardsHearOfACalendarAndOutliveTheirMeasure(t *testing.T) {
	s := newStory(t, "2025-05-12 10:00")
	type message struct {
		calendar int
		gone     bool
		facts    bool
	}
	told := map[obligation.ID][]message{}
	s.env.RegisterWorkflowWithOptions(func(ctx workflow.Context, in workflows.ObligationInput) error {
		var m workflows.RearmSignal
		workflow.GetSignalChannel(ctx, workflows.SignalRearm).Receive(ctx, &m)
		heard := message{gone: m.Gone, facts: m.Command.Facts != nil}
		if m.Calendar != nil {
			heard.calendar = m.Calendar.Version()
		}
		told[in.State.ID] = append(told[in.State.ID], heard)
		return nil
	}, workflow.RegisterOptions{Name: "ObligationWorkflow"})
	s.ask("2025-05-13 10:00", workflows.UpdateRegister, registration("某某餐饮有限公司"), "")
	after := carrying(t)
	after.Version = 2
	after.Plan.Measures = nil
	var err error
	after.Calendar, err = calendar.NewCalendar(2, map[int]calendar.Year{2025: {Off: []string{"0501-0505"}}})
	require.NoError(t, err)
	s.at("2025-05-20 10:00", func() {
		next := s.taskInput(after)
		next.Setting.Calendar = after.Calendar
		s.env.SignalWorkflow(workflows.SignalRevise, next)
	})
	s.ask("2025-05-21 10:00", workflows.UpdateRegister, registration("另一家公司"), string(obligation.CodeHazardNoMeasure))
	s.at("2025-05-22 10:00", func() { s.env.CancelWorkflow() })
	s.env.ExecuteWorkflow(workflows.TaskWorkflow, s.taskInput(carrying(t)))
	require.Equal(t, []message{{2, false, false}}, told[hazardID(1)])
	require.Equal(t, obligation.StageOpen, s.mem.state(hazardID(1)).Stage)
	require.True(t, told[obligation.ID{Plan: "p", Measure: "10.1", Unit: "huayang", Period: "1"}][0].gone, "the measure's own are withdrawn")
}

// What is entered by the hundred makes the task continue as new, and the next run goes on entering.
func TestHazardsOutliveARunOfTheTask(t *testing.T) {
	s := newStory(t, "2025-05-12 10:00")
	s.standIn(-1)
	s.ask("2025-05-13 10:00", workflows.UpdateRegister, registration("某某餐饮有限公司"), "")
	s.at("2025-05-14 10:00", func() { s.env.SetContinueAsNewSuggested(true) })
	s.ask("2025-05-15 10:00", workflows.UpdateRegister, registration("另一家公司"), "")
	full := false
	s.at("2025-05-15 10:01", func() { full = s.env.IsWorkflowCompleted() })
	s.carries(s.taskInput(carrying(t)))
	var next *workflow.ContinueAsNewError
	require.True(t, errors.As(s.env.GetWorkflowError(), &next), "%v", s.env.GetWorkflowError())
	require.True(t, full, "as soon as there is too much in it")

	env := newStory(t, "2025-05-16 10:00")
	env.mem.ledger = s.mem.ledger
	in := env.taskInput(carrying(t))
	in.Opened = []string{"10.1/1"}
	started := env.standIn(-1)
	env.ask("2025-05-19 10:00", workflows.UpdateRegister, registration("第三家公司"), "")
	env.at("2025-05-19 11:00", func() { // somebody who never got his answer asks again
		env.env.UpdateWorkflow(workflows.UpdateRegister, "register@2025-05-15 10:00", &answer{t, "register", ""}, registration("另一家公司"))
	})
	env.at("2025-05-20 10:00", func() { env.env.CancelWorkflow() })
	env.carries(in)
	require.ElementsMatch(t, []string{"05-19 " + hazardID(3).String(), "05-19 " + hazardID(2).String()}, *started)
	require.Len(t, env.mem.ledger, 5, "and it is entered once")
}

// The whole way of a hazard through its workflow, told by the ledger.
func TestAHazardThroughItsWorkflow(t *testing.T) {
	s := newStory(t, "2025-05-12 10:00")
	d := carrying(t)
	r := registration("某某餐饮有限公司").Registration
	r.Hazard.Grade, r.Hazard.Reviewer = obligation.Major, "qwb"
	o, err := d.HazardOpening(r, 1, obligation.DefaultWindow.From, moment("2025-05-12 10:00"))
	require.NoError(t, err)
	first := obligation.OpenHazard(o, r, s.cal, moment("2025-05-12 10:00"))
	s.mem.add(obligation.NewEntry(obligation.State{}, []obligation.Event{first}, s.cal))
	act := func(c obligation.Command) workflows.Command { return workflows.Command{Command: c} }
	reviewed := obligation.Command{Text: "现场看过", Unit: "qwb", By: obligation.Actor{Role: obligation.RoleUnit}, Checked: calendar.MustDate("2025-05-20")}
	s.ask("2025-05-13 10:00", "supervise", act(obligation.Command{Text: "长安委〔2025〕9号"}), "")
	s.ask("2025-05-20 10:00", "submit", act(obligation.Command{Text: "已更换"}), "")
	s.ask("2025-05-20 11:00", "accept", act(obligation.Command{}), string(obligation.CodeReviewMissing))
	s.ask("2025-05-20 12:00", "fail_review", act(reviewed), "")
	s.ask("2025-05-21 10:00", "submit", act(obligation.Command{Text: "全部更换"}), "")
	s.ask("2025-05-21 11:00", "pass_review", act(reviewed), "")
	s.ask("2025-05-22 10:00", "accept", act(obligation.Command{}), "")
	s.env.ExecuteWorkflow(workflows.ObligationWorkflow, workflows.ObligationInput{State: obligation.Apply(obligation.State{}, first), Setting: s.setting()})
	require.NoError(t, s.env.GetWorkflowError())
	var kinds []string
	for _, e := range s.mem.ledger[hazardID(1)] {
		kinds = append(kinds, string(e.Kind))
	}
	require.Equal(t, []string{"opened", "supervised", "reminded", "submitted", "review_failed", "submitted", "review_passed", "accepted"}, slices.Compact(kinds))
}

// A finding that becomes a hazard is told so once it is entered, also where the process ended in between.
func TestAPromotedFindingIsTold(t *testing.T) {
	for name, lost := range map[string]int{"at once": 0, "after the process ended": 1} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, "2025-05-12 10:00")
			s.standIn(-1)
			s.mem.lost = lost
			finding := obligation.ID{Plan: "p", Measure: "S6.3", Unit: "huayang", Period: "2025W20.awb.f1"}
			var told []workflows.RearmSignal
			s.env.OnSignalExternalWorkflow(mock.Anything, workflows.ObligationID(finding), "", workflows.SignalRearm, mock.Anything).
				Return(func(_, _, _, _ string, arg any) error {
					told = append(told, arg.(workflows.RearmSignal))
					return nil
				})
			promoted := registration("某某餐饮有限公司")
			promoted.Asked, promoted.Hazard.Finding = "k1", finding.String()
			s.ask("2025-05-13 10:00", workflows.UpdateRegister, promoted, "")
			s.ask("2025-05-15 10:00", workflows.UpdateRegister, registration("另一家公司"), "")
			s.carries(s.taskInput(carrying(t)))
			require.NoError(t, s.env.GetWorkflowError())
			require.Equal(t, []workflows.RearmSignal{{Promoted: true, Command: obligation.Command{
				Kind: obligation.Promote, By: promoted.By, Key: "k1", Number: "2025-001", Text: "转为重大隐患长隐〔2025〕1号",
			}}}, told)
		})
	}
}
