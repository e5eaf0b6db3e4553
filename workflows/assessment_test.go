package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"duban/activities"
	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/workflows"
)

// overdueUnits has obligations of two units that are overdue at the checkpoint of 2025H1.
func (s *story) overdueUnits() {
	for _, unit := range []string{"huayang", "jiangsu"} {
		o := opening()
		o.Facts.ID.Unit, o.Facts.UnitName, o.Facts.Due = unit, "单位"+unit, calendar.MustDate("2025-05-30")
		state := s.open(o, "2025-05-20 09:00")
		events, err := obligation.Decide(state, obligation.Command{Kind: obligation.Tick}, s.cal, moment("2025-06-03 10:00"))
		require.NoError(s.t, err)
		s.mem.add(obligation.NewEntry(state, events, s.cal))
	}
}

func (s *story) assessment(setting activities.Setting) workflows.AssessmentInput {
	return workflows.AssessmentInput{Plan: "p", Half: "2025H1", Zone: "Asia/Shanghai", At: 9 * time.Hour, Setting: setting}
}

// say is a person's command about an assessment.
func say(role obligation.Role, unit, text string) workflows.AssessmentCommand {
	return workflows.AssessmentCommand{Command: assessment.Command{By: obligation.Actor{Role: role, Name: string(role)}, Unit: unit, Text: text}}
}

// graded is the office's grade, about the matter an opinion or a decision for it.
func graded(c workflows.AssessmentCommand, grade assessment.Grade) workflows.AssessmentCommand {
	c.Grade = grade
	return c
}

func about(c workflows.AssessmentCommand, matter assessment.Matter) workflows.AssessmentCommand {
	c.Matter, c.Yes = matter, true
	return c
}

func worth(c workflows.AssessmentCommand, points assessment.Points) workflows.AssessmentCommand {
	c.Points = &points
	return c
}

// recorded returns an assessment's record as people would tell it.
func (s *story) recorded() []string {
	var out []string
	for _, e := range s.mem.assessments["p/2025H1"] {
		line := e.At.In(shanghai).Format("01-02 15:04 ") + string(e.Kind)
		if e.To != "" {
			line += " " + e.To
		}
		out = append(out, line)
	}
	return out
}

func (s *story) expectPublished() {
	s.env.OnSignalExternalWorkflow("default-test-namespace", "plan/p", "", workflows.SignalAssessed, "2025H1").Return(nil).Once()
}

// From the checkpoint to the publication: whoever holds it up is reminded, and everybody may do what is his to do.
func TestAssessmentFromItsCheckpointToItsPublication(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	s.overdueUnits()
	s.expectPublished()
	var stages []string
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil).Run(func(args mock.Arguments) {
		attributes := args.Get(0).(temporal.SearchAttributes)
		if stage, ok := attributes.GetKeyword(workflows.AttrStage); ok {
			holder, _ := attributes.GetKeyword(workflows.AttrWaitingOn)
			stages = append(stages, stage+" "+holder)
		}
	})
	s.ask("2025-06-30 23:00", "scored", worth(say("unit", "huayang", ""), 1000), "assessment_stage")
	s.ask("2025-07-02 10:00", "scored", worth(say("unit", "huayang", ""), 1000), "")
	s.ask("2025-07-03 10:00", "scored", worth(say("office", "huayang", ""), 1000), "assessment_role")
	s.ask("2025-07-07 10:00", "objected", say("unit", "jiangsu", "文件晚到"), "")
	s.ask("2025-07-16 10:00", "proposed", say("office", "", ""), "assessment_unanswered")
	s.ask("2025-07-16 11:00", "adjusted", worth(say("office", "jiangsu", "属实"), 20), "")
	s.ask("2025-07-16 12:00", "answered", say("office", "jiangsu", "已调整"), "")
	s.ask("2025-07-16 12:10", "graded", say("office", "huayang", "扎实"), "assessment_grade_unknown")
	s.ask("2025-07-16 12:20", "graded", graded(say("office", "huayang", "扎实"), assessment.Excellent), "")
	s.ask("2025-07-16 12:30", "advised", about(say("office", "huayang", "突出"), assessment.Commend), "")
	s.ask("2025-07-16 13:00", "proposed", say("office", "", ""), "")
	s.ask("2025-07-17 10:00", "sent", say("leader", "", "请再核实"), "")
	s.ask("2025-07-17 11:00", "proposed", say("office", "", ""), "")
	s.ask("2025-07-18 10:00", "signed", say("office", "", ""), "assessment_role")
	s.ask("2025-07-18 10:10", "signed", say("leader", "", ""), "assessment_undecided")
	s.ask("2025-07-18 10:20", "decided", about(say("leader", "huayang", "同意"), assessment.Commend), "")
	s.ask("2025-07-18 11:00", "signed", say("leader", "", ""), "")
	s.ask("2025-07-18 12:00", "published", say("office", "", ""), "")
	s.env.ExecuteWorkflow(workflows.AssessmentWorkflow, s.assessment(s.setting()))
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"07-01 00:00 counted", "07-02 10:00 scored", "07-04 09:00 reminded units", "07-07 10:00 objected", "07-09 00:00 closed",
		"07-14 09:00 reminded office", "07-16 11:00 adjusted", "07-16 12:00 answered", "07-16 12:20 graded", "07-16 12:30 advised", "07-16 13:00 proposed",
		"07-17 10:00 sent", "07-17 11:00 proposed", "07-18 10:20 decided", "07-18 11:00 signed", "07-18 12:00 published",
	}, s.recorded())
	require.Equal(t, []string{"单位自评 责任单位", "区安委办复核 区安委办", "待签发 安委会领导", "区安委办复核 区安委办", "待签发 安委会领导", "待公布 区安委办", "已公布 "}, stages)
	require.Len(t, s.mem.assessments["p/2025H1"][0].Card.Units, 2)
	told := map[string]int{}
	for _, n := range s.mem.posted {
		told[n.Recipient+" "+string(assessment.KindOf(n.Notice))]++
	}
	require.Equal(t, map[string]int{
		"huayang counted": 1, "jiangsu counted": 1, "jiangsu reminded": 1, "office objected": 1, "office reminded": 1, "jiangsu adjusted": 1, "huayang graded": 1,
		"jiangsu answered": 1, "office proposed": 2, "office sent": 1, "huayang published": 1, "jiangsu published": 1,
	}, told)
	s.env.AssertExpectations(t)
}

// A process that ends between storing an event and hearing of it finds the event, and does nothing twice.
func TestAssessmentAdoptsWhatAnEarlierAttemptStored(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	s.overdueUnits()
	s.expectPublished()
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil)
	s.mem.lost = 1 // of the count
	for _, at := range []string{"2025-07-02 10:00", "2025-07-08 23:59", "2025-07-16 10:00"} {
		s.at(at, func() { s.mem.lost = 1 })
	}
	s.ask("2025-07-02 10:01", "objected", say("unit", "jiangsu", "文件晚到"), "")
	s.ask("2025-07-16 10:01", "answered", say("office", "jiangsu", "维持"), "")
	s.ask("2025-07-16 10:05", "proposed", say("office", "", ""), "")
	s.ask("2025-07-16 10:06", "signed", say("leader", "", ""), "")
	s.ask("2025-07-16 10:07", "published", say("office", "", ""), "")
	s.env.ExecuteWorkflow(workflows.AssessmentWorkflow, s.assessment(s.setting()))
	require.NoError(t, s.env.GetWorkflowError())
	require.Zero(t, s.mem.lost)
	require.Equal(t, []string{
		"07-01 00:00 counted", "07-02 10:01 objected", "07-04 09:00 reminded units", "07-09 00:00 closed", "07-14 09:00 reminded office",
		"07-16 10:01 answered", "07-16 10:05 proposed", "07-16 10:06 signed", "07-16 10:07 published",
	}, s.recorded())
}

func TestAssessmentWithoutRulesIsCountedOnceTheyAreThere(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	s.overdueUnits()
	s.mem.unruled = 3
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil)
	s.at("2025-07-02 09:00", s.env.CancelWorkflow)
	s.env.ExecuteWorkflow(workflows.AssessmentWorkflow, s.assessment(s.setting()))
	require.Equal(t, []string{"07-01 00:00 counted"}, s.recorded())
}

// What somebody else recorded meanwhile is adopted, and what was about to happen by itself is reckoned anew.
func TestAssessmentLetsBeWhatAnotherHandHasOvertaken(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	s.overdueUnits()
	s.expectPublished()
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil)
	s.at("2025-07-03 10:00", func() {
		begun := assessment.Begin("p", assessment.Half{Year: 2025, N: 1}, moment("2025-07-01 00:00"))
		closed := assessment.Command{Kind: assessment.Closed, By: office("经办人")}
		_, _, err := s.mem.DecideAssessment(t.Context(), begun, "elsewhere", func(st assessment.State) (assessment.Event, error) {
			return assessment.Decide(st, closed, s.cal, shanghai, moment("2025-07-03 10:00"))
		}, nil)
		require.NoError(t, err)
	})
	s.ask("2025-07-09 10:00", "proposed", say("office", "", ""), "")
	s.ask("2025-07-09 11:00", "signed", say("leader", "", ""), "")
	s.ask("2025-07-09 12:00", "published", say("office", "", ""), "")
	s.env.ExecuteWorkflow(workflows.AssessmentWorkflow, s.assessment(s.setting()))
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"07-01 00:00 counted", "07-03 10:00 closed", "07-08 09:00 reminded office", "07-09 10:00 proposed", "07-09 11:00 signed", "07-09 12:00 published",
	}, s.recorded(), "the units are not reminded after they had their say")
}

func TestAssessmentOnAHeldClockIsMovedOn(t *testing.T) {
	s := newStory(t, "2026-11-24 16:00")
	s.overdueUnits()
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil)
	done := 0
	for i, to := range []string{"2025-06-30 09:00", "2025-07-01 00:00", "2025-07-04 09:00", "2025-07-09 00:00"} {
		s.env.RegisterDelayedCallback(func() {
			s.env.UpdateWorkflow(workflows.UpdateAdvance, to, &advanced{t, &done}, workflows.Advance{Now: moment(to)})
		}, time.Duration(i+1)*time.Second)
	}
	s.env.RegisterDelayedCallback(s.env.CancelWorkflow, time.Minute)
	s.env.ExecuteWorkflow(workflows.AssessmentWorkflow, s.assessment(s.held("2025-06-20 09:00")))
	require.Equal(t, []string{"07-01 00:00 counted", "07-04 09:00 reminded units", "07-09 00:00 closed"}, s.recorded())
	require.Equal(t, 4, done)
}

// The holidays of the next year are published long after its assessment was started.
func TestAssessmentGoesByTheHolidaysThatWerePublishedMeanwhile(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	s.overdueUnits()
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil)
	changed, err := calendar.NewCalendar(2, map[int]calendar.Year{2025: {Off: []string{"0701-0703"}}})
	require.NoError(t, err)
	s.at("2025-06-25 09:00", func() { s.env.SignalWorkflow(workflows.SignalCalendar, changed) })
	s.at("2025-07-20 09:00", s.env.CancelWorkflow)
	s.env.ExecuteWorkflow(workflows.AssessmentWorkflow, s.assessment(s.setting()))
	require.Equal(t, "2025-07-10", s.mem.assessments["p/2025H1"][0].Until.String())
}

func TestPlanStartsTheAssessmentsThatAreNotOver(t *testing.T) {
	s := newStory(t, "2025-05-12 10:00")
	s.env.RegisterWorkflowWithOptions(func(workflow.Context, workflows.TaskInput) error { return nil }, workflow.RegisterOptions{Name: "TaskWorkflow"})
	s.env.RegisterWorkflowWithOptions(func(workflow.Context, workflows.DispatchInput) error { return nil }, workflow.RegisterOptions{Name: "DispatchWorkflow"})
	var halves []string
	s.env.RegisterWorkflowWithOptions(func(_ workflow.Context, in workflows.AssessmentInput) error {
		halves = append(halves, in.Half)
		return nil
	}, workflow.RegisterOptions{Name: "AssessmentWorkflow"})
	d := definition(t, "2025-05-12")
	longer := definition(t, "2025-05-12")
	longer.Version, longer.Plan.To = 2, calendar.MustDate("2026-06-30")
	for at, in := range map[string]workflows.PlanInput{
		"2025-05-12 11:00": {Setting: s.setting(), Definition: d}, "2025-05-12 12:00": {Setting: s.setting(), Definition: longer},
	} {
		s.ask(at, "seed", in, "")
	}
	s.at("2025-05-13 09:00", func() {
		for _, task := range []string{"1", "10"} {
			s.env.SignalWorkflow(workflows.SignalTaskDone, task)
		}
	})
	ended := func(half string) func() { return func() { s.env.SignalWorkflow(workflows.SignalAssessed, half) } }
	s.at("2025-07-20 09:00", ended("2025H1"))
	s.at("2026-01-20 09:00", ended("2025H2"))
	s.at("2026-07-20 09:00", ended("2026H1"))
	s.env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(nil)
	s.env.ExecuteWorkflow(workflows.PlanWorkflow, workflows.PlanInput{Setting: s.setting(), Window: obligation.DefaultWindow, Definition: d})
	require.NoError(t, s.env.GetWorkflowError())
	require.ElementsMatch(t, []string{"2025H1", "2025H2", "2026H1"}, halves, "each once, and what was added with the next seeding")
	require.False(t, s.env.Now().Before(moment("2026-07-20 09:00")), "the plan ends with its last assessment")
}

// A plan that was started before there were assessments begins them with the next start of the program, which seeds what runs.
func TestPlanOfAnEarlierReleaseBeginsItsAssessmentsWithTheNextSeeding(t *testing.T) {
	s := newStory(t, "2025-05-12 10:00")
	s.env.RegisterWorkflowWithOptions(func(workflow.Context, workflows.TaskInput) error { return nil }, workflow.RegisterOptions{Name: "TaskWorkflow"})
	s.env.RegisterWorkflowWithOptions(func(workflow.Context, workflows.DispatchInput) error { return nil }, workflow.RegisterOptions{Name: "DispatchWorkflow"})
	var begun []string
	s.env.RegisterWorkflowWithOptions(func(ctx workflow.Context, in workflows.AssessmentInput) error {
		begun = append(begun, workflow.Now(ctx).In(shanghai).Format("01-02 15:04 ")+in.Half)
		return nil
	}, workflow.RegisterOptions{Name: "AssessmentWorkflow"})
	s.env.OnGetVersion("assessments", workflow.DefaultVersion, workflow.Version(1)).Return(workflow.DefaultVersion)
	s.env.OnGetVersion(mock.Anything, workflow.DefaultVersion, workflow.Version(1)).Return(workflow.Version(1))
	d := definition(t, "2025-05-12")
	for _, at := range []string{"2025-05-13 11:00", "2025-05-14 11:00"} {
		s.ask(at, "seed", workflows.PlanInput{Setting: s.setting(), Definition: d}, "")
	}
	s.at("2025-05-15 09:00", s.env.CancelWorkflow)
	s.env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(nil)
	s.env.ExecuteWorkflow(workflows.PlanWorkflow, workflows.PlanInput{Setting: s.setting(), Window: obligation.DefaultWindow, Definition: d})
	require.ElementsMatch(t, []string{"05-13 11:00 2025H1", "05-13 11:00 2025H2"}, begun)
}
