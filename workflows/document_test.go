package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/activities"
	"duban/obligation"
	"duban/workflows"
)

// draft brings an obligation to the draft of the rung and returns what the document's workflow starts from.
func (s *story) draft(rung obligation.Rung, at string) workflows.DocumentInput {
	o := opening()
	if rung == obligation.Interview { // the only formal rung of its ladder
		steps := o.Policy.Ladder.Steps
		o.Policy.Ladder.Steps = slices.Delete(slices.Clone(steps), 4, 5)
	}
	state := s.open(o, "2025-06-20 09:00")
	for {
		next, ok := obligation.NextStep(state, s.cal)
		require.True(s.t, ok)
		events, err := obligation.Decide(state, obligation.Command{Kind: obligation.Tick}, s.cal, next.At)
		require.NoError(s.t, err)
		en := obligation.NewEntry(state, events, s.cal)
		s.mem.add(en)
		state = en.State
		if len(en.Drafts) > 0 {
			require.Equal(s.t, rung, en.Drafts[0].Rung)
			require.False(s.t, next.At.After(moment(at)), "the story begins after the draft")
			return workflows.DocumentInput{DocumentStart: activities.DocumentStart{
				Document: en.Drafts[0], Setting: s.setting(), Zone: "Asia/Shanghai", At: 9 * time.Hour, Nudge: 3,
			}}
		}
	}
}

func office(name string) obligation.Actor {
	return obligation.Actor{Role: obligation.RoleOffice, Name: name}
}

func (s *story) expectTold(obligationID obligation.ID) {
	s.env.OnSignalExternalWorkflow("default-test-namespace", workflows.ObligationID(obligationID), "", workflows.SignalRecorded, workflows.Empty{}).
		Return(nil).Once()
}

func TestLetterWaitsForSignOffAndRemindsItsHolder(t *testing.T) {
	s := newStory(t, "2025-07-07 09:00")
	in := s.draft(obligation.Letter, "2025-07-07 09:00")
	s.expectTold(in.Document.Obligation)
	s.ask("2025-07-16 10:00", "sign_off", workflows.SignOff{By: office("主任")}, "")
	s.env.ExecuteWorkflow(workflows.DocumentWorkflow, in)
	require.NoError(t, s.env.GetWorkflowError())
	doc := s.mem.documents["p/10.1/huayang/1/letter"]
	require.Equal(t, "长安委办〔2025〕1号", doc.Number)
	require.Equal(t, "主任", doc.SignedBy)
	require.Len(t, s.mem.posts, 2, "the holder is reminded after 3 and 6 working days")
	require.Equal(t, []string{"dispatch p"}, s.mem.told)
	s.env.AssertExpectations(t)
}

func TestWithdrawnDraftNeedsAReasonAndGetsNoNumber(t *testing.T) {
	s := newStory(t, "2025-07-07 09:00")
	in := s.draft(obligation.Letter, "2025-07-07 09:00")
	s.expectTold(in.Document.Obligation)
	s.ask("2025-07-07 10:00", "withdraw", workflows.Withdraw{By: office("主任")}, "reason_missing")
	s.ask("2025-07-07 11:00", "withdraw", workflows.Withdraw{By: office("主任"), Reason: "已口头承诺"}, "")
	s.env.ExecuteWorkflow(workflows.DocumentWorkflow, in)
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, obligation.DocumentWithdrawn, s.mem.documents["p/10.1/huayang/1/letter"].Status)
	require.Empty(t, s.mem.numbers)
}

func TestSignOffAfterTheUnitHasReportedIsRefused(t *testing.T) {
	s := newStory(t, "2025-07-07 09:00")
	in := s.draft(obligation.Letter, "2025-07-07 09:00")
	report := command("已完成")
	report.Kind = obligation.Submit
	s.decided(in.Document.Obligation, "2025-07-08 09:30", report)
	s.ask("2025-07-08 10:00", "sign_off", workflows.SignOff{By: office("主任")}, "in_review")
	s.at("2025-07-08 11:00", func() { s.env.SignalWorkflow(workflows.SignalSettled, workflows.Empty{}) })
	s.env.ExecuteWorkflow(workflows.DocumentWorkflow, in)
	require.NoError(t, s.env.GetWorkflowError())
	require.Empty(t, s.mem.numbers, "a refused sign-off takes no number")
}

func TestInterviewGetsADateAndAnOutcome(t *testing.T) {
	s := newStory(t, "2025-08-11 09:00")
	in := s.draft(obligation.Interview, "2025-08-11 09:00")
	s.expectTold(in.Document.Obligation)
	held := obligation.Meeting{At: moment("2025-08-18 14:00"), Place: "区应急局会议室"}
	postponed := obligation.Meeting{At: moment("2025-08-20 14:00"), Place: "区应急局会议室"}
	s.ask("2025-08-12 10:00", "sign_off", workflows.SignOff{By: office("区领导")}, "meeting_missing")
	s.ask("2025-08-12 10:30", "arrange", workflows.Arrange{By: office("区领导"), Meeting: held}, "no_meeting")
	s.ask("2025-08-12 11:00", "sign_off", workflows.SignOff{By: office("区领导"), Meeting: &held}, "")
	s.ask("2025-08-13 11:00", "arrange", workflows.Arrange{By: office("经办人"), Meeting: postponed}, "")
	s.ask("2025-08-27 10:00", "conclude", workflows.Conclude{By: office("经办人"), Outcome: "单位承诺月底前完成"}, "")
	s.env.ExecuteWorkflow(workflows.DocumentWorkflow, in)
	require.NoError(t, s.env.GetWorkflowError())
	doc := s.mem.documents["p/10.1/huayang/1/interview"]
	require.True(t, doc.Meeting.At.Equal(postponed.At))
	require.Equal(t, "单位承诺月底前完成", doc.Meeting.Outcome)
	require.Len(t, s.mem.posts, 1, "nobody registered the outcome for three working days")
}

func TestAutomaticRungIsIssuedWithoutAPerson(t *testing.T) {
	s := newStory(t, "2025-07-07 09:00")
	in := s.draft(obligation.Letter, "2025-07-07 09:00")
	in.Document.SignOff = obligation.SignOffAuto
	s.expectTold(in.Document.Obligation)
	s.env.ExecuteWorkflow(workflows.DocumentWorkflow, in)
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, obligation.DocumentIssued, s.mem.documents["p/10.1/huayang/1/letter"].Status)
}

// decided records what a person decides while the document waits.
func (s *story) decided(id obligation.ID, when string, c obligation.Command) {
	s.at(when, func() {
		_, err := s.mem.Decide(s.t.Context(), id, func(st obligation.State) (obligation.Entry, error) {
			events, err := obligation.Decide(st, c, s.cal, s.env.Now())
			return obligation.NewEntry(st, events, s.cal), err
		})
		require.NoError(s.t, err)
	})
}

func TestAutomaticRungIsTriedAgainAfterTheReportWasReturned(t *testing.T) {
	s := newStory(t, "2025-07-07 09:00")
	in := s.draft(obligation.Letter, "2025-07-07 09:00")
	in.Document.SignOff = obligation.SignOffAuto
	id := in.Document.Obligation
	report := command("已完成")
	report.Kind = obligation.Submit
	_, err := s.mem.Decide(t.Context(), id, func(st obligation.State) (obligation.Entry, error) {
		events, err := obligation.Decide(st, report, s.cal, s.env.Now()) // just before the letter could go out
		return obligation.NewEntry(st, events, s.cal), err
	})
	require.NoError(t, err)
	s.at("2025-07-10 09:30", func() {
		require.Empty(t, s.mem.numbers, "refused on 7 July and on 10 July: the report waits for its review")
	})
	s.decided(id, "2025-07-11 10:00", obligation.Command{Kind: obligation.Return, By: office("经办人"), Text: "缺少附件"})
	s.expectTold(id)
	s.env.ExecuteWorkflow(workflows.DocumentWorkflow, in)
	require.NoError(t, s.env.GetWorkflowError())
	doc := s.mem.documents["p/10.1/huayang/1/letter"]
	require.Equal(t, obligation.DocumentIssued, doc.Status)
	require.Equal(t, "长安委办〔2025〕1号", doc.Number)
	require.True(t, doc.Settled.Equal(moment("2025-07-15 09:00")), "three working days after it was tried last: %v", doc.Settled)
	require.Empty(t, s.mem.posts, "there is nobody to remind")
	s.env.AssertExpectations(t)
}

func TestAutomaticInterviewWaitsForItsTimeAndPlace(t *testing.T) {
	s := newStory(t, "2025-08-11 09:00")
	in := s.draft(obligation.Interview, "2025-08-11 09:00")
	in.Document.SignOff = obligation.SignOffAuto
	s.expectTold(in.Document.Obligation)
	s.ask("2025-08-15 10:00", "withdraw", workflows.Withdraw{By: office("主任"), Reason: "改为现场检查"}, "")
	s.env.ExecuteWorkflow(workflows.DocumentWorkflow, in)
	require.NoError(t, s.env.GetWorkflowError())
	require.Len(t, s.mem.posts, 1, "nobody but a person can say when and where: he is reminded after three working days")
}
