package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/workflows"
)

// lost records what an Update led to whose process was killed: the workflow has never heard of it.
func (s *story) lost(when string, id obligation.ID, kind obligation.CommandKind, c obligation.Command) {
	s.at(when, func() {
		c.Kind, c.Key = kind, string(kind)+"@"+when
		state := s.mem.state(id)
		events, err := obligation.Decide(state, c, s.cal, moment(when))
		require.NoError(s.t, err)
		s.mem.add(obligation.NewEntry(state, events, s.cal))
	})
}

// makeUp tells the workflow at each of the times.
func (s *story) makeUp(times ...string) {
	for _, when := range times {
		s.at(when, func() { s.env.SignalWorkflow(workflows.SignalRecorded, workflows.RecordedSignal{Lost: true}) })
	}
}

// noting is a stand-in for the workflows of what is opened.
func noting(started *[]string) func(workflow.Context, workflows.ObligationInput) error {
	return func(ctx workflow.Context, in workflows.ObligationInput) error {
		*started = append(*started, workflow.Now(ctx).In(shanghai).Format("01-02 15:04 ")+in.State.ID.String())
		return nil
	}
}

func TestLostBreakingDownIsMadeUpFor(t *testing.T) {
	s := newStory(t, "2025-06-02 09:00")
	var started []string
	lead := s.lead("2025-06-02 09:00", noting(&started))
	parts := func(unit string) obligation.Command {
		c := command("")
		c.Parts = []obligation.Part{{Unit: unit, UnitName: unit, Text: "提供材料", Due: calendar.MustDate("2025-06-20")}}
		return c
	}
	id := opening().Facts.ID
	s.ask("2025-06-03 09:30", "sign", command(""), "")
	s.ask("2025-06-03 10:00", "break_down", parts("xinhua"), "")
	s.makeUp("2025-06-03 10:30") // what is open stays
	s.lost("2025-06-03 11:00", id, obligation.BreakDown, parts("tianshan"))
	s.makeUp("2025-06-03 12:00", "2025-06-03 13:00")
	s.ask("2025-06-13 13:00", "waive", command("上级取消"), "")
	lead()
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{"06-03 10:00 p/10.1/xinhua/1.huayang.1", "06-03 12:00 p/10.1/tianshan/1.huayang.2"}, started)
	require.Equal(t, []string{"06-02 09:00 opened", "06-03 09:30 signed", "06-03 10:00 broken_down", "06-03 11:00 broken_down", "06-13 13:00 waived"}, s.told(id))
	require.Equal(t, []string{"06-03 12:00 opened"}, s.told(obligation.PartID(id, s.mem.state(id).Parts[1])))
}

// A step that falls due before anybody tells the workflow adopts the breaking down; the parts are opened when it is told.
func TestLostBreakingDownThatAStepAdoptedIsMadeUpFor(t *testing.T) {
	s := newStory(t, "2025-06-24 09:00")
	var started []string
	lead := s.lead("2025-06-24 09:00", noting(&started))
	c := command("")
	c.Parts = []obligation.Part{{Unit: "xinhua", UnitName: "新华路街道", Text: "提供材料", Due: calendar.MustDate("2025-06-30")}}
	id := opening().Facts.ID
	s.lost("2025-06-24 11:00", id, obligation.BreakDown, c)
	s.makeUp("2025-06-25 12:00")
	s.ask("2025-06-26 13:00", "waive", command("上级取消"), "")
	lead()
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{"06-24 09:00 opened", "06-24 11:00 broken_down", "06-25 09:00 reminded remind-3"}, s.told(id)[:3])
	require.Equal(t, []string{"06-25 12:00 p/10.1/xinhua/1.huayang.1"}, started)
}

func TestLostRecordOfAnInspectionIsMadeUpFor(t *testing.T) {
	s := newStory(t, "2025-06-09 09:00")
	var started []string
	id := weekly().Facts.ID
	s.lost("2025-06-12 10:00", id, obligation.RecordInspection, inspected("xinhua", "tianshan"))
	s.makeUp("2025-06-12 11:00", "2025-06-12 12:00")
	s.ask("2025-06-13 10:00", "waive", command("合并到下周"), "")
	s.closes("2025-06-20 10:00", 1)
	s.closes("2025-06-20 11:00", 2)
	state := s.open(weekly(), "2025-06-09 09:00")
	s.inspection(workflows.ObligationInput{State: state}, noting(&started))
	require.NoError(t, s.env.GetWorkflowError())
	require.ElementsMatch(t, []string{"06-12 11:00 p/S6.3/xinhua/2025W24.awb.f1", "06-12 11:00 p/S6.3/tianshan/2025W24.awb.f2"}, started)
	require.Equal(t, moment("2025-06-20 11:00"), s.env.Now().In(shanghai), "it waits for the last one")
}

// What a part or a finding has lost reaches whoever it belongs to, once; and closing by it ends the workflow and tells the task.
func TestLostClosingIsTold(t *testing.T) {
	first := obligation.Apply(obligation.State{}, obligation.Open(weekly(), holidays(t), moment("2025-06-09 09:00")))
	c := inspected("xinhua")
	c.Kind = obligation.RecordInspection
	events, err := obligation.Decide(first, c, holidays(t), moment("2025-06-12 10:00"))
	require.NoError(t, err)
	week := obligation.Replay(first, events)
	lead := obligation.State{Facts: opening().Facts, Policy: opening().Policy}
	for name, tt := range map[string]struct {
		opening obligation.Opening
		of      obligation.ID
		told    []workflows.PartSignal
	}{
		"finding": {
			obligation.FindingOpening(week, week.Findings()[0]), weekly().Facts.ID,
			[]workflows.PartSignal{{N: 1, Stage: obligation.StageAccepted, Finding: true}},
		},
		"part": {
			obligation.PartOpening(lead, obligation.Part{N: 3, Unit: "xinhua", UnitName: "新华路街道", Text: "提供材料", Due: calendar.MustDate("2025-06-30")}),
			opening().Facts.ID,
			[]workflows.PartSignal{{N: 3, Stage: obligation.StageSubmitted}, {N: 3, Stage: obligation.StageAccepted}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, "2025-06-12 10:00")
			var told []workflows.PartSignal
			s.env.OnSignalExternalWorkflow(mock.Anything, workflows.ObligationID(tt.of), "", workflows.SignalPart, mock.Anything).
				Return(func(_, _, _, _ string, arg any) error {
					told = append(told, arg.(workflows.PartSignal))
					return nil
				})
			id := tt.opening.Facts.ID
			s.ask("2025-06-13 10:00", "submit", command("已完成"), "")
			s.makeUp("2025-06-13 10:30")
			s.lost("2025-06-13 11:00", id, obligation.Accept, command(""))
			s.makeUp("2025-06-13 12:00")
			s.follow(tt.opening, "2025-06-12 10:00")
			require.NoError(t, s.env.GetWorkflowError())
			require.Equal(t, tt.told, told)
			require.Equal(t, moment("2025-06-13 12:00"), s.env.Now().In(shanghai))
			require.Contains(t, s.mem.told, "task p/"+tt.opening.Facts.Task)
		})
	}
}

// An obligation that is suspended waits for nobody and nothing: a lost resumption would let it sleep for ever.
func TestLostResumptionIsMadeUpFor(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	id := opening().Facts.ID
	s.ask("2025-06-20 10:00", "sign", command(""), "")
	s.ask("2025-06-20 11:00", "suspend", command("等待上级文件"), "")
	s.lost("2025-06-23 11:00", id, obligation.Resume, command("文件已到"))
	s.makeUp("2025-06-23 12:00")
	s.ask("2025-06-27 10:00", "waive", command("上级取消"), "")
	s.follow(opening(), "2025-06-20 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"06-20 09:00 opened", "06-20 10:00 signed", "06-20 11:00 suspended", "06-23 11:00 resumed", "06-26 09:00 reminded remind-3", "06-27 10:00 waived",
	}, s.told(id))
}

// A document that was drafted by a lost Update gets its workflow.
func TestLostDraftIsMadeUpFor(t *testing.T) {
	s := newStory(t, "2025-07-02 09:00")
	skip := command("情节严重")
	skip.By, skip.Rung = obligation.Actor{Role: obligation.RoleOffice, Name: "王主任"}, obligation.Letter
	s.lost("2025-07-02 11:00", opening().Facts.ID, obligation.Skip, skip)
	s.makeUp("2025-07-02 12:00")
	s.ask("2025-07-02 13:00", "waive", command("上级取消"), "")
	s.follow(opening(), "2025-06-20 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Len(t, s.mem.started, 1)
	require.Equal(t, obligation.Letter, s.mem.started[0].Document.Rung)
}

// A sign-off that was lost ends the draft's waiting, and the obligation is told.
func TestLostSignOffIsMadeUpFor(t *testing.T) {
	s := newStory(t, "2025-07-07 09:00")
	in := s.draft(obligation.Letter, "2025-07-07 09:00")
	s.expectTold(in.Document.Obligation)
	s.makeUp("2025-07-07 10:00") // the draft is what it was
	s.at("2025-07-07 11:00", func() { s.issue(obligation.Letter) })
	s.makeUp("2025-07-07 12:00")
	s.env.ExecuteWorkflow(workflows.DocumentWorkflow, in)
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, moment("2025-07-07 12:00"), s.env.Now().In(shanghai))
	s.env.AssertExpectations(t)
}

// A publication that was lost ends the assessment, and the plan is told.
func TestLostPublicationIsMadeUpFor(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	s.overdueUnits()
	s.expectPublished()
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil)
	s.ask("2025-07-16 10:05", "proposed", say("office", "", ""), "")
	s.ask("2025-07-16 10:06", "signed", say("leader", "", ""), "")
	s.makeUp("2025-07-16 11:00") // it is what it was
	s.at("2025-07-16 12:00", func() {
		half, _ := assessment.ParseHalf("2025H1")
		begun := assessment.Begin("p", half, half.Checkpoint(shanghai))
		_, _, err := s.mem.DecideAssessment(nil, begun, "lost", func(st assessment.State) (assessment.Event, error) { //nolint:staticcheck // the fake needs no context
			c := say("office", "", "").Command
			c.Kind, c.Key = assessment.Published, "lost"
			return assessment.Decide(st, c, s.cal, shanghai, moment("2025-07-16 12:00"))
		}, nil)
		require.NoError(t, err)
	})
	s.makeUp("2025-07-16 13:00")
	s.env.ExecuteWorkflow(workflows.AssessmentWorkflow, s.assessment(s.setting()))
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, moment("2025-07-16 13:00"), s.env.Now().In(shanghai))
	s.env.AssertExpectations(t)
}
