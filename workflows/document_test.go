package workflows_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"duban/activities"
	"duban/calendar"
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
	s.env.OnSignalExternalWorkflow("default-test-namespace", workflows.ObligationID(obligationID), "", workflows.SignalRecorded, workflows.RecordedSignal{}).
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
	for range 3 {
		s.expectTold(in.Document.Obligation)
	}
	held := obligation.Meeting{At: moment("2025-08-18 14:00"), Place: "区应急局会议室"}
	postponed := obligation.Meeting{At: moment("2025-08-20 14:00"), Place: "区应急局会议室"}
	s.ask("2025-08-12 10:00", "sign_off", workflows.SignOff{By: office("区领导")}, "meeting_missing")
	s.ask("2025-08-12 10:30", "arrange", putOff("区领导", held), "no_meeting")
	s.ask("2025-08-12 11:00", "sign_off", workflows.SignOff{By: office("区领导"), Meeting: &held}, "")
	s.ask("2025-08-13 11:00", "arrange", putOff("经办人", postponed), "")
	minutes := command("单位承诺月底前完成")
	s.ask("2025-08-27 09:30", "conclude", minutes, "rectification_missing")
	minutes.Exempt = "当场提交了汇编"
	s.ask("2025-08-27 10:00", "conclude", minutes, "")
	s.env.ExecuteWorkflow(workflows.DocumentWorkflow, in)
	require.NoError(t, s.env.GetWorkflowError())
	doc := s.mem.documents["p/10.1/huayang/1/interview"]
	require.True(t, doc.Meeting.At.Equal(postponed.At))
	require.Equal(t, "单位承诺月底前完成", doc.Meeting.Outcome)
	require.Len(t, s.mem.posts, 1, "nobody registered the outcome for three working days")
}

func putOff(by string, to obligation.Meeting) workflows.Command {
	return workflows.Command{Command: obligation.Command{By: office(by), Text: "主要负责同志出差", Meeting: &to}}
}

// The whole way of an interview: put off, held, its rectification reported late, returned, and verified. Whoever holds it
// is reminded all along, and the obligation hears of everything.
func TestInterviewGoesOnUntilItsRectificationIsVerified(t *testing.T) {
	s := newStory(t, "2025-08-11 09:00")
	in := s.draft(obligation.Interview, "2025-08-11 09:00")
	in.UnitName = "华阳路街道"
	id := in.Document.Obligation
	const acts = 7
	for range acts {
		s.expectTold(id)
	}
	var holders []string
	s.env.OnUpsertTypedSearchAttributes(mock.Anything).Return(nil).Run(func(args mock.Arguments) {
		attributes := args.Get(0).(temporal.SearchAttributes)
		holder, _ := attributes.GetKeyword(workflows.AttrWaitingOn)
		due, ok := attributes.GetTime(workflows.AttrDue)
		if ok {
			holder += due.In(moment("2025-01-01 00:00").Location()).Format(" 01-02")
		}
		holders = append(holders, holder)
	})
	to := obligation.Meeting{At: moment("2025-08-20 14:00"), Place: "区应急局会议室", Material: "整改方案"}
	first := obligation.Meeting{At: moment("2025-08-18 14:00"), Place: "区应急局会议室", Material: "整改方案"}
	s.ask("2025-08-12 11:00", "sign_off", workflows.SignOff{By: office("区领导"), Meeting: &first}, "")
	s.ask("2025-08-13 11:00", "arrange", putOff("经办人", to), "")
	minutes := command("说明了情况")
	minutes.Demands, minutes.Due = "完成汇编", calendar.MustDate("2025-09-03")
	s.ask("2025-08-20 17:00", "conclude", minutes, "")
	s.ask("2025-08-21 10:00", "verify_rectification", command(""), "not_rectified")
	s.at("2025-08-29 10:00", func() {
		require.Equal(t, []string{"huayang 约谈要求的整改应于2025年9月3日前完成并报送整改报告，请抓紧办理。"}, s.posted(), "three working days before the deadline")
	})
	s.ask("2025-09-10 10:00", "rectify", command("汇编已印发"), "")
	s.ask("2025-09-16 10:00", "return_rectification", command("缺附件"), "")
	report := command("已补附件")
	report.Evidence = []obligation.Evidence{{ID: "1", Name: "附件.pdf", Type: "application/pdf", Size: 9, SHA256: "ab"}}
	s.ask("2025-09-18 10:00", "rectify", report, "")
	s.ask("2025-09-19 10:00", "verify_rectification", command(""), "")
	s.env.ExecuteWorkflow(workflows.DocumentWorkflow, in)
	require.NoError(t, s.env.GetWorkflowError())
	s.env.AssertExpectations(t)

	const late, told = "huayang 约谈要求的整改应于2025年9月3日前完成，已经逾期，请立即整改并报送整改报告。", "office 责任单位应于2025年9月3日前完成约谈要求的整改，至今没有报送整改报告，请关注。"
	require.Equal(t, []string{
		"huayang 约谈要求的整改应于2025年9月3日前完成并报送整改报告，请抓紧办理。",
		late, told, late, told, // on 4 and 9 September
		"office 整改报告已经报送，还没有核查，请尽快核查通过或退回。",            // on 15 September
		"huayang 约谈要求的整改应于2025年9月23日前完成并报送整改报告，请抓紧办理。", // on 18 September
	}, s.posted())
	require.Equal(t, []string{"华阳路街道 09-03", "区安委办", "华阳路街道 09-23", "区安委办", ""}, holders)
	state := s.mem.state(id)
	require.Equal(t, s.mem.documents["p/10.1/huayang/1/interview"].Meeting, state.Meeting)
	require.Equal(t, obligation.RectificationDone, state.Meeting.Rectification.Status())
	require.True(t, state.Meeting.Rectification.Late)
	require.Equal(t, report.Evidence, state.Meeting.Rectification.Evidence)
	require.Len(t, state.Meeting.Moves, 1)
}

// A retry of an attempt that ended after it had recorded changes nothing.
func TestInterviewIsRecordedOnce(t *testing.T) {
	s := newStory(t, "2025-08-11 09:00")
	in := s.draft(obligation.Interview, "2025-08-11 09:00")
	id := in.Document.Obligation
	meeting := obligation.Meeting{At: moment("2025-08-18 14:00"), Place: "区应急局会议室"}
	acts := s.mem.activities()
	_, err := acts.IssueDocument(t.Context(), activities.SignOff{
		Document: in.Document, By: office("区领导"), Key: "sign", Meeting: &meeting, Setting: s.setting(), Now: moment("2025-08-12 11:00"), Day: calendar.MustDate("2025-08-12"),
	})
	require.NoError(t, err)
	minutes := activities.InterviewCommand{
		Obligation: id, Setting: s.setting(), Now: moment("2025-08-18 17:00"),
		Command: obligation.Command{Kind: obligation.Conclude, Key: "minutes", By: office("经办人"), Text: "说明了情况", Demands: "完成汇编"},
	}
	once, err := acts.SetMeeting(t.Context(), minutes)
	require.NoError(t, err)
	n := len(s.mem.ledger[id])
	again, err := acts.SetMeeting(t.Context(), minutes)
	require.NoError(t, err)
	require.Equal(t, once, again)
	require.Len(t, s.mem.ledger[id], n)
	minutes.Command.Key = "others"
	_, err = acts.SetMeeting(t.Context(), minutes)
	require.ErrorContains(t, err, "没有待举行的约谈")
}

func (s *story) posted() []string {
	s.mem.mu.Lock()
	defer s.mem.mu.Unlock()
	var out []string
	for _, p := range s.mem.posts {
		out = append(out, p.Recipient+" "+p.Notice.Text)
	}
	return out
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
