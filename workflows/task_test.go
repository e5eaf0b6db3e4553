package workflows_test

import (
	"slices"
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

func definition(t *testing.T, asOf string) obligation.Definition {
	t.Helper()
	return obligation.Definition{
		Version: 1, AsOf: calendar.MustDate(asOf), Calendar: holidays(t), Ladders: []obligation.Ladder{ladder()},
		Plan: plan.Plan{
			Code: "p", Number: "长安委〔2025〕1号", Title: "方案", Issued: calendar.MustDate("2025-01-02"),
			From: calendar.MustDate("2025-01-01"), To: calendar.MustDate("2025-12-31"), Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextWorkday,
			Tasks: []plan.Task{{Code: "1", Title: "责任体系"}, {Code: "10", Title: "判定标准"}},
			Measures: []plan.Measure{
				{
					Code: "1.1", Task: "1", Title: "每季度召开会议", Audience: plan.Audience{Units: []string{"qwb"}},
					Schedule: plan.Schedule{Kind: plan.Recurring, Cron: "0 0 1 1,4,7,10 *", Names: plan.CronStart},
				},
				{
					Code: "10.1", Task: "10", Title: "完善判定标准汇编", Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}},
					Schedule: plan.Schedule{Kind: plan.Milestone, Due: []calendar.Date{calendar.MustDate("2025-06-30")}},
				},
			},
			Units: []plan.Unit{
				{Code: "qwb", Name: "区委办", Kind: plan.KindParty},
				{Code: "huayang", Name: "华阳路街道", Kind: plan.KindStreet},
				{Code: "jiangsu", Name: "江苏路街道", Kind: plan.KindStreet},
			},
		},
	}
}

// standIn replaces the obligations' workflow: it notes its start and closes its obligation after a while.
func (s *story) standIn(days int) *[]string {
	var started []string
	s.env.RegisterWorkflowWithOptions(
		func(ctx workflow.Context, in workflows.ObligationInput) error {
			started = append(started, workflow.Now(ctx).In(shanghai).Format("01-02 ")+in.State.ID.String())
			rearm := workflow.GetSignalChannel(ctx, workflows.SignalRearm)
			due := in.State.Due.AddDays(days).At(0, shanghai)
			if _, err := workflow.AwaitWithTimeout(ctx, due.Sub(workflow.Now(ctx)), func() bool { return rearm.Len() > 0 }); err != nil {
				return err
			}
			var m workflows.RearmSignal
			if rearm.ReceiveAsync(&m) {
				what := "gone " + in.State.ID.String() + " " + m.Command.Text
				if !m.Gone {
					what = "rearm " + in.State.ID.String() + " " + m.Command.Facts.Due.String()
				}
				started = append(started, what)
			}
			st := in.State
			for _, c := range []obligation.Command{{Kind: obligation.Submit, Text: "完成"}, {Kind: obligation.Accept}} {
				events, err := obligation.Decide(st, c, in.Setting.Calendar, workflow.Now(ctx))
				if err != nil {
					return err
				}
				en := obligation.NewEntry(st, events, in.Setting.Calendar)
				s.mem.add(en)
				st = en.State
			}
			s.env.SignalWorkflow(workflows.SignalOutcome, workflows.Empty{})
			return nil
		}, workflow.RegisterOptions{Name: "ObligationWorkflow"})
	return &started
}

func TestTaskOpensPeriodByPeriodAndRecordsThePast(t *testing.T) {
	s := newStory(t, "2025-05-12 10:00")
	started := s.standIn(-1)
	s.env.OnSignalExternalWorkflow("default-test-namespace", "plan/p", "", workflows.SignalTaskDone, "1").Return(nil).Once()
	s.env.ExecuteWorkflow(workflows.TaskWorkflow, workflows.TaskInput{
		Setting: s.setting(), Window: obligation.DefaultWindow, Definition: definition(t, "2025-05-12").ForTask("1"),
	})
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{"05-12 p/1.1/qwb/2025Q2", "07-01 p/1.1/qwb/2025Q3", "10-01 p/1.1/qwb/2025Q4"}, *started)
	past := s.mem.state(obligation.ID{Plan: "p", Measure: "1.1", Unit: "qwb", Period: "2025Q1"})
	require.Equal(t, obligation.StageHistory, past.Stage)
	require.Equal(t, obligation.Unknown, past.Outcome)
	s.env.AssertExpectations(t)
}

func TestWhatIsStillOwedOpensOverdue(t *testing.T) {
	s := newStory(t, "2025-05-12 10:00")
	id := obligation.ID{Plan: "p", Measure: "1.1", Unit: "qwb", Period: "2025Q1"}
	s.mem.say(id, obligation.Owed)
	started := s.standIn(60)
	s.env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(nil)
	s.env.ExecuteWorkflow(workflows.TaskWorkflow, workflows.TaskInput{
		Setting: s.setting(), Window: obligation.DefaultWindow, Definition: definition(t, "2025-05-12").ForTask("1"),
	})
	require.NoError(t, s.env.GetWorkflowError())
	require.Contains(t, *started, "05-12 "+id.String())
	opened := s.mem.ledger[id][0]
	require.Equal(t, obligation.Owed, opened.Outcome)
	require.Equal(t, calendar.MustDate("2025-05-12"), opened.Due, "its ladder counts from the as-of date")
}

func TestRevisionRearmsChangedMeasuresAndOpensForNewUnits(t *testing.T) {
	s := newStory(t, "2025-05-12 10:00")
	started := s.standIn(-1)
	before := definition(t, "2025-05-12")
	after := definition(t, "2025-05-12")
	after.Version = 2
	after.Plan.Measures = slices.Clone(after.Plan.Measures)
	after.Plan.Measures[1].Schedule.Due = []calendar.Date{calendar.MustDate("2025-08-29")}
	after.Plan.Measures[1].Audience = plan.Audience{Units: []string{"huayang", "jiangsu", "qwb"}}
	s.at("2025-05-20 10:00", func() {
		s.env.SignalWorkflow(workflows.SignalRevise, workflows.TaskInput{Setting: s.setting(), Definition: after.ForTask("10")})
	})
	s.env.OnSignalExternalWorkflow("default-test-namespace", "plan/p", "", workflows.SignalTaskDone, "10").Return(nil).Once()
	s.env.ExecuteWorkflow(workflows.TaskWorkflow, workflows.TaskInput{
		Setting: s.setting(), Window: obligation.DefaultWindow, Definition: before.ForTask("10"),
	})
	require.NoError(t, s.env.GetWorkflowError())
	// Obligations of one batch start beside each other.
	require.ElementsMatch(t, []string{
		"05-12 p/10.1/huayang/1", "05-12 p/10.1/jiangsu/1",
		"rearm p/10.1/huayang/1 2025-08-29", "rearm p/10.1/jiangsu/1 2025-08-29", "05-20 p/10.1/qwb/1",
	}, *started)
	s.env.AssertExpectations(t)
}

// What leaves a plan is nobody's to deliver any more: a unit that leaves the audience, and a measure that is withdrawn.
func TestRevisionWithdrawsWhatIsGone(t *testing.T) {
	for name, revise := range map[string]func(*plan.Measure){
		"a unit":    func(m *plan.Measure) { m.Audience = plan.Audience{Units: []string{"jiangsu"}} },
		"a measure": func(m *plan.Measure) { m.Code = "10.2" },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, "2025-05-12 10:00")
			started := s.standIn(-1)
			after := definition(t, "2025-05-12")
			after.Version = 2
			after.Plan.Measures = slices.Clone(after.Plan.Measures)
			revise(&after.Plan.Measures[1])
			s.at("2025-05-20 10:00", func() {
				s.env.SignalWorkflow(workflows.SignalRevise, workflows.TaskInput{Setting: s.setting(), Definition: after.ForTask("10"), Reason: "机构调整（经办人）"})
			})
			s.env.OnSignalExternalWorkflow("default-test-namespace", "plan/p", "", workflows.SignalTaskDone, "10").Return(nil).Once()
			s.env.ExecuteWorkflow(workflows.TaskWorkflow, workflows.TaskInput{
				Setting: s.setting(), Window: obligation.DefaultWindow, Definition: definition(t, "2025-05-12").ForTask("10"),
			})
			require.NoError(t, s.env.GetWorkflowError())
			require.Contains(t, *started, "gone p/10.1/huayang/1 方案或清单不再列有此项：机构调整（经办人）")
			require.Equal(t, name == "a measure", slices.Contains(*started, "gone p/10.1/jiangsu/1 方案或清单不再列有此项：机构调整（经办人）"))
			require.Equal(t, name == "a measure", slices.Contains(*started, "05-20 p/10.2/huayang/1"))
		})
	}
}

func TestPlanStartsTasksOnceAndTellsThemOfChanges(t *testing.T) {
	s := newStory(t, "2025-05-12 10:00")
	var tasks []string
	month := 30 * 24 * time.Hour
	var revised []string
	s.env.RegisterWorkflowWithOptions(func(ctx workflow.Context, in workflows.TaskInput) error {
		task := in.Definition.Plan.Tasks[0].Code
		tasks = append(tasks, task)
		if ok, _ := workflow.GetSignalChannel(ctx, workflows.SignalRevise).ReceiveWithTimeout(ctx, month, &in); ok {
			revised = append(revised, task+" "+in.Definition.Plan.Measures[0].Title)
		}
		return nil
	}, workflow.RegisterOptions{Name: "TaskWorkflow"})
	finished := false
	s.env.RegisterWorkflowWithOptions(func(ctx workflow.Context, _ workflows.DispatchInput) error {
		finished, _ = workflow.GetSignalChannel(ctx, workflows.SignalFinish).ReceiveWithTimeout(ctx, month, nil)
		return nil
	}, workflow.RegisterOptions{Name: "DispatchWorkflow"})
	s.env.RegisterWorkflowWithOptions(func(workflow.Context, workflows.AssessmentInput) error { return nil }, workflow.RegisterOptions{Name: "AssessmentWorkflow"})
	before, after := definition(t, "2025-05-12"), definition(t, "2025-05-12")
	after.Version = 2
	after.Plan.Measures = slices.Clone(after.Plan.Measures)
	after.Plan.Measures[1].Title = "修订判定标准汇编"
	seed := func(when string, d obligation.Definition) {
		s.ask(when, "seed", workflows.PlanInput{Setting: s.setting(), Definition: d}, "")
	}
	seed("2025-05-12 11:00", before)
	seed("2025-05-12 12:00", after)
	seed("2025-05-12 13:00", after)
	for _, task := range []string{"1", "10", "10"} {
		s.at("2025-05-13 09:00", func() { s.env.SignalWorkflow(workflows.SignalTaskDone, task) })
	}
	for _, half := range []string{"2025H1", "2025H2"} {
		s.at("2025-05-13 09:00", func() { s.env.SignalWorkflow(workflows.SignalAssessed, half) })
	}
	s.env.ExecuteWorkflow(workflows.PlanWorkflow, workflows.PlanInput{
		Setting: s.setting(), Window: obligation.DefaultWindow, Definition: before,
	})
	require.NoError(t, s.env.GetWorkflowError())
	require.ElementsMatch(t, []string{"1", "10"}, tasks, "beside each other")
	require.Equal(t, []string{"10 修订判定标准汇编"}, revised)
	require.True(t, finished)
}

func TestOfficeMaySayLaterThatHistoryIsStillOwed(t *testing.T) {
	s := newStory(t, "2025-05-12 10:00")
	id := obligation.ID{Plan: "p", Measure: "1.1", Unit: "qwb", Period: "2025Q1"}
	started := s.standIn(60)
	d := definition(t, "2025-05-12").ForTask("1")
	s.at("2025-05-20 10:00", func() {
		s.mem.say(id, obligation.Owed)
		s.env.SignalWorkflow(workflows.SignalRevise, workflows.TaskInput{Setting: s.setting(), Definition: d, Reconsider: true})
	})
	s.env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(nil)
	s.env.ExecuteWorkflow(workflows.TaskWorkflow, workflows.TaskInput{Setting: s.setting(), Window: obligation.DefaultWindow, Definition: d})
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{"05-12 10:00 recorded", "05-20 10:00 opened"}, s.told(id)[:2])
	require.Contains(t, *started, "05-20 "+id.String())
	require.Equal(t, calendar.MustDate("2025-05-20"), s.mem.ledger[id][1].Due)
}
