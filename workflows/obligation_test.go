package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	sdkpb "go.temporal.io/api/sdk/v1"

	"duban/calendar"
	"duban/obligation"
	"duban/workflows"
)

func TestUnitThatReportsInTimeIsOnlyReminded(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	s.ask("2025-06-20 10:00", "sign", command(""), "")
	s.ask("2025-06-27 15:00", "submit", command("汇编已印发"), "")
	s.ask("2025-06-30 11:00", "accept", command(""), "")
	id := s.follow(opening(), "2025-06-20 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"06-20 09:00 opened", "06-20 10:00 signed", "06-25 09:00 reminded remind-3", "06-27 09:00 reminded remind-1",
		"06-27 15:00 submitted", "06-30 11:00 accepted",
	}, s.told(id))
	require.Equal(t, []string{"task p/10"}, s.mem.told)
}

func TestSilentUnitClimbsTheLadder(t *testing.T) {
	s := newStory(t, "2025-06-27 12:00")
	s.at("2025-07-09 10:00", func() { // the letter is signed off elsewhere
		s.issue(obligation.Letter)
		s.env.SignalWorkflow(workflows.SignalRecorded, workflows.RecordedSignal{})
	})
	s.ask("2025-07-21 10:00", "submit", command("已完成"), "")
	s.ask("2025-07-21 11:00", "accept", command(""), "")
	id := s.follow(opening(), "2025-06-27 12:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"06-27 12:00 opened", "07-01 00:00 overdue", "07-03 09:00 reminded press+3", "07-07 09:00 drafted letter+5",
		"07-09 10:00 issued", "07-10 09:00 reminded press+3", "07-17 09:00 reminded press+3", "07-21 10:00 submitted", "07-21 11:00 accepted",
	}, s.told(id))
	require.Len(t, s.mem.started, 1, "one document workflow")
	require.Equal(t, obligation.Yellow, obligation.LightAt(s.mem.state(id), s.cal, moment("2025-08-01 09:00")), "late is never green")
}

// issue signs a draft off in the store, as the document's workflow does.
func (s *story) issue(rung obligation.Rung) {
	id := opening().Facts.ID
	_, err := s.mem.Issue(nil, id, rung, obligation.Series{Code: "长安委办", Year: 2025}, moment("2024-07-09 10:00"), "主任", //nolint:staticcheck // the fake needs no context
		func(st obligation.State, number string, letters int) (obligation.Entry, error) {
			events, err := obligation.Decide(st, obligation.Command{
				Kind: obligation.Issue, By: obligation.Actor{Role: obligation.RoleOffice}, Rung: rung, Number: number, Letters: letters,
			}, s.cal, s.env.Now())
			if err != nil {
				return obligation.Entry{}, err
			}
			return obligation.NewEntry(st, events, s.cal), nil
		})
	require.NoError(s.t, err)
}

func TestDraftIsWithdrawnWhenFulfilledFirst(t *testing.T) {
	s := newStory(t, "2025-06-27 12:00")
	s.ask("2025-07-08 10:00", "submit", command("已完成"), "")
	s.ask("2025-07-08 11:00", "accept", command(""), "")
	id := s.follow(opening(), "2025-06-27 12:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{"07-08 10:00 submitted", "07-08 11:00 withdrawn", "07-08 11:00 accepted"}, s.told(id)[4:])
	require.Contains(t, s.mem.told, "settle p/10.1/huayang/1/letter")
}

func TestReturnRearmsTheReminders(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	s.ask("2025-06-23 10:00", "submit", command("初稿"), "")
	s.ask("2025-06-30 10:00", "return", command("缺少附件"), "")
	s.ask("2025-07-04 16:00", "submit", command("已补"), "")
	s.ask("2025-07-07 08:00", "accept", command(""), "")
	id := s.follow(opening(), "2025-06-20 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"06-20 09:00 opened", "06-23 10:00 submitted", "06-26 09:00 reminded review+3", "06-30 10:00 returned",
		"07-02 09:00 reminded remind-3", "07-04 09:00 reminded remind-1", "07-04 16:00 submitted", "07-07 08:00 accepted",
	}, s.told(id))
	require.False(t, s.mem.state(id).WasOverdue, "who reported in time and cured in time was never late")
}

func TestImpossibleCommandIsRefusedAndLeavesNoTrace(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	s.ask("2025-06-20 10:00", "accept", command(""), "not_submitted")
	s.ask("2025-06-20 10:01", "submit", command(" "), "text_missing")
	s.ask("2025-06-20 10:02", "sign", command(""), "")
	s.ask("2025-06-20 10:03", "sign", command(""), "already_signed")
	s.ask("2025-06-20 11:00", "submit", command("已完成"), "")
	s.ask("2025-06-20 11:01", "nudge", command(""), "in_review")
	s.ask("2025-06-20 11:02", "return", command(""), "reason_missing")
	s.ask("2025-06-20 12:00", "accept", command(""), "")
	id := s.follow(opening(), "2025-06-20 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{"06-20 09:00 opened", "06-20 10:02 signed", "06-20 11:00 submitted", "06-20 12:00 accepted"}, s.told(id))
}

func TestDecisionStoredBeforeACrashIsAdoptedNotRepeated(t *testing.T) {
	s := newStory(t, "2025-06-24 09:00")
	state := s.open(opening(), "2025-06-24 09:00")
	// An earlier attempt stored its reminder and was killed before the engine heard of it.
	events, err := obligation.Decide(state, obligation.Command{Kind: obligation.Tick}, s.cal, moment("2025-06-25 09:00"))
	require.NoError(t, err)
	s.mem.add(obligation.NewEntry(state, events, s.cal))
	s.ask("2025-06-26 10:00", "submit", command("已完成"), "")
	s.ask("2025-06-26 11:00", "accept", command(""), "")
	s.env.ExecuteWorkflow(workflows.ObligationWorkflow, workflows.ObligationInput{State: state, Setting: s.setting()})
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"06-24 09:00 opened", "06-25 09:00 reminded remind-3", "06-26 09:00 reminded sign+2", "06-26 10:00 submitted", "06-26 11:00 accepted",
	}, s.told(state.ID))
}

func TestDatabaseThatIsDownDelaysAndLosesNothing(t *testing.T) {
	s := newStory(t, "2025-06-24 09:00")
	s.mem.failures = 5
	s.ask("2025-06-26 10:00", "submit", command("已完成"), "")
	s.ask("2025-06-26 11:00", "accept", command(""), "")
	id := s.follow(opening(), "2025-06-24 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Zero(t, s.mem.failures)
	require.Len(t, s.mem.ledger[id], 5)
}

func TestRearmMovesTheDueDateAndKeepsTheOriginal(t *testing.T) {
	s := newStory(t, "2025-06-24 09:00")
	facts := opening().Facts
	facts.Due = calendar.MustDate("2025-07-31")
	s.at("2025-06-24 12:00", func() {
		s.env.SignalWorkflow(workflows.SignalRearm, workflows.RearmSignal{
			Command: obligation.Command{By: obligation.System, Text: "清单调整", Facts: &facts},
		})
	})
	s.ask("2025-06-24 13:00", "sign", command(""), "")
	s.ask("2025-07-29 10:00", "submit", command("已完成"), "")
	s.ask("2025-07-29 11:00", "accept", command(""), "")
	id := s.follow(opening(), "2025-06-24 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"06-24 09:00 opened", "06-24 12:00 rearmed", "06-24 13:00 signed", "07-28 09:00 reminded remind-3", "07-29 10:00 submitted", "07-29 11:00 accepted",
	}, s.told(id))
	require.Equal(t, calendar.MustDate("2025-06-30"), s.mem.state(id).Original)
}

// A calendar that moves nothing of an obligation leaves no trace in its ledger; one that does is followed, and stands there.
func TestCalendarLeavesAnEventWhereItMovesSomething(t *testing.T) {
	s := newStory(t, "2025-06-24 09:00")
	o := opening()
	publish := func(at string, version int, years map[int]calendar.Year) {
		years[2025] = calendar.Year{Off: append(years[2025].Off, s.cal.Year(2025).Off...), On: s.cal.Year(2025).On}
		cal, err := calendar.NewCalendar(version, years)
		require.NoError(t, err)
		s.at(at, func() {
			s.env.SignalWorkflow(workflows.SignalRearm, workflows.RearmSignal{
				Command: obligation.Command{By: obligation.System, Text: "节假日公布", Facts: &o.Facts, Policy: &o.Policy}, Calendar: cal,
			})
		})
	}
	publish("2025-06-24 12:00", 2, map[int]calendar.Year{2027: {Off: []string{"0101"}}})
	s.ask("2025-06-24 13:00", "sign", command(""), "")
	publish("2025-06-25 10:00", 3, map[int]calendar.Year{2025: {Off: []string{"0627"}}})
	s.ask("2025-06-26 10:00", "submit", command("已完成"), "")
	s.ask("2025-06-26 11:00", "accept", command(""), "")
	id := s.follow(o, "2025-06-24 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"06-24 09:00 opened", "06-24 13:00 signed", "06-25 09:00 reminded remind-3", "06-25 10:00 rearmed", "06-26 09:00 reminded remind-1",
		"06-26 10:00 submitted", "06-26 11:00 accepted",
	}, s.told(id))
}

func TestExtensionThatTheOfficeIsSlowToDecide(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	asking := func(until string) obligation.Command {
		c := command("材料未齐，已完成一半")
		c.Due = calendar.MustDate(until)
		return c
	}
	s.ask("2025-06-20 10:00", "sign", command(""), "")
	s.ask("2025-06-26 10:00", "grant_extension", command(""), "no_extension")
	s.ask("2025-06-30 16:00", "ask_extension", asking("2025-06-30"), "due_invalid")
	s.ask("2025-06-30 17:00", "ask_extension", asking("2025-07-31"), "")
	s.ask("2025-06-30 17:01", "ask_extension", asking("2025-07-31"), "extension_pending")
	s.at("2025-07-04 09:00", func() { // the deadline has passed, and the office has not answered
		details, err := s.env.QueryWorkflow("__temporal_workflow_metadata")
		require.NoError(t, err)
		var metadata sdkpb.WorkflowMetadata
		require.NoError(t, details.Get(&metadata))
		require.Contains(t, metadata.GetCurrentDetails(), "等待：区安委办答复延期申请（2025年6月30日 17:00 申请延至 2025年7月31日）")
	})
	s.ask("2025-07-04 10:00", "grant_extension", command("请抓紧"), "")
	s.ask("2025-07-25 10:00", "ask_extension", asking("2025-08-29"), "")
	s.ask("2025-07-25 11:00", "refuse_extension", command(""), "reason_missing")
	s.ask("2025-07-25 12:00", "refuse_extension", command("理由不充分"), "")
	s.ask("2025-07-31 10:00", "submit", command("已完成"), "")
	s.ask("2025-07-31 11:00", "accept", command(""), "")
	id := s.follow(opening(), "2025-06-20 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"06-20 09:00 opened", "06-20 10:00 signed", "06-25 09:00 reminded remind-3", "06-27 09:00 reminded remind-1",
		"06-30 17:00 extension_asked", "07-03 09:00 reminded review+3", "07-04 10:00 extended",
		"07-25 10:00 extension_asked", "07-25 12:00 extension_refused",
		"07-28 09:00 reminded remind-3", "07-30 09:00 reminded remind-1", "07-31 10:00 submitted", "07-31 11:00 accepted",
	}, s.told(id))
	state := s.mem.state(id)
	require.Equal(t, calendar.MustDate("2025-06-30"), state.Original)
	require.Equal(t, obligation.Green, obligation.LightAt(state, s.cal, moment("2025-08-01 09:00")), "never late")
}

func TestWaivedObligationEndsAndTellsItsTask(t *testing.T) {
	s := newStory(t, "2025-06-27 12:00")
	s.ask("2025-07-08 10:00", "waive", command(" "), "reason_missing")
	s.ask("2025-07-08 11:00", "waive", command("该单位已撤并"), "")
	id := s.follow(opening(), "2025-06-27 12:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{"07-08 11:00 withdrawn", "07-08 11:00 waived"}, s.told(id)[4:])
	require.Contains(t, s.mem.told, "settle p/10.1/huayang/1/letter")
	require.Contains(t, s.mem.told, "task p/10")
}

func TestSuspendedObligationWaitsForTheOffice(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	s.ask("2025-06-20 10:00", "sign", command(""), "")
	s.ask("2025-06-26 10:00", "suspend", command("上级正在修订标准"), "")
	s.ask("2025-06-26 11:00", "submit", command("已完成"), "suspended")
	s.at("2025-07-15 09:00", func() {
		details, err := s.env.QueryWorkflow("__temporal_workflow_metadata")
		require.NoError(t, err)
		var metadata sdkpb.WorkflowMetadata
		require.NoError(t, details.Get(&metadata))
		require.Contains(t, metadata.GetCurrentDetails(), "等待：区安委办恢复办理（2025年6月26日 10:00 中止：上级正在修订标准）")
		require.NotContains(t, metadata.GetCurrentDetails(), "下一步")
	})
	s.ask("2025-08-01 15:00", "resume", command("标准已经印发"), "")
	s.ask("2025-08-01 15:01", "resume", command("标准已经印发"), "not_suspended")
	s.ask("2025-08-05 10:00", "submit", command("已完成"), "")
	s.ask("2025-08-05 11:00", "accept", command(""), "")
	id := s.follow(opening(), "2025-06-20 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"06-20 09:00 opened", "06-20 10:00 signed", "06-25 09:00 reminded remind-3", "06-26 10:00 suspended", "08-01 15:00 resumed",
		"08-04 09:00 reminded remind-1", "08-05 10:00 submitted", "08-05 11:00 accepted",
	}, s.told(id))
	require.Equal(t, calendar.MustDate("2025-06-30"), s.mem.state(id).Original)
	require.False(t, s.mem.state(id).WasOverdue)
}

func TestSentBackObligationWaitsForTheOffice(t *testing.T) {
	s := newStory(t, "2025-06-24 09:00")
	s.ask("2025-06-24 10:00", "send_back", command("属新华路街道"), "")
	s.at("2025-07-01 12:00", func() { // the deadline has passed, and the office has not answered
		details, err := s.env.QueryWorkflow("__temporal_workflow_metadata")
		require.NoError(t, err)
		var metadata sdkpb.WorkflowMetadata
		require.NoError(t, details.Get(&metadata))
		require.Contains(t, metadata.GetCurrentDetails(), "等待：区安委办答复退回（2025年6月24日 10:00 退回：属新华路街道）")
	})
	s.ask("2025-07-02 10:00", "refuse_send_back", command("方案明确"), "")
	s.ask("2025-07-02 11:00", "send_back", command("不属于"), "send_back_used")
	s.ask("2025-07-03 10:00", "waive", command("改派新华路街道"), "")
	id := s.follow(opening(), "2025-06-24 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"06-24 09:00 opened", "06-24 10:00 sent_back", "06-27 09:00 reminded review+3", "07-02 09:00 reminded review+3",
		"07-02 10:00 send_back_refused", "07-02 10:00 overdue", "07-03 10:00 waived",
	}, s.told(id))
}

func TestProgressStopsNoReminder(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	far := command("初稿完成")
	far.Percent = new(int)
	*far.Percent = 40
	s.ask("2025-06-23 10:00", "progress", command(" "), "progress_missing")
	s.ask("2025-06-23 11:00", "progress", far, "")
	s.at("2025-06-25 12:00", func() {
		details, err := s.env.QueryWorkflow("__temporal_workflow_metadata")
		require.NoError(t, err)
		var metadata sdkpb.WorkflowMetadata
		require.NoError(t, details.Get(&metadata))
		require.Contains(t, metadata.GetCurrentDetails(), "进展：2025年6月23日 11:00 40% 初稿完成")
	})
	s.ask("2025-06-26 10:00", "submit", command("已完成"), "")
	s.ask("2025-06-26 11:00", "accept", command(""), "")
	id := s.follow(opening(), "2025-06-20 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"06-20 09:00 opened", "06-23 11:00 progressed", "06-24 09:00 reminded sign+2", "06-25 09:00 reminded remind-3",
		"06-26 10:00 submitted", "06-26 11:00 accepted",
	}, s.told(id))
}

func TestWhoeverHasNotSeenItIsRefused(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	seen := func(text string, seq int, name string) obligation.Command {
		c := command(text)
		c.Expected, c.By.Name = seq, name
		return c
	}
	s.ask("2025-06-20 10:00", "sign", seen("", 1, "张三"), "")              // 2
	s.ask("2025-06-26 10:00", "submit", seen("已完成", 1, "李四"), "conflict") // 3 is a reminder
	s.ask("2025-06-26 10:01", "submit", seen("已完成", 2, "李四"), "")         // it overwrites nothing
	s.ask("2025-06-26 11:00", "accept", seen("", 3, "王五"), "conflict")    // another version was submitted
	s.ask("2025-06-26 11:01", "accept", seen("", 4, "王五"), "")
	id := s.follow(opening(), "2025-06-20 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"06-20 09:00 opened", "06-20 10:00 signed", "06-25 09:00 reminded remind-3", "06-26 10:01 submitted", "06-26 11:01 accepted",
	}, s.told(id))
}

func TestSkippedRungIsDraftedAtOnce(t *testing.T) {
	s := newStory(t, "2025-06-27 12:00")
	up := command("情节严重")
	up.By.Role, up.Rung = obligation.RoleOffice, obligation.Interview
	s.ask("2025-06-30 10:00", "skip", up, "not_overdue")
	s.ask("2025-07-02 10:00", "skip", up, "")
	s.ask("2025-07-02 11:00", "skip", up, "draft_pending")
	s.ask("2025-07-08 10:00", "submit", command("已完成"), "")
	s.ask("2025-07-08 11:00", "accept", command(""), "")
	id := s.follow(opening(), "2025-06-27 12:00")
	require.NoError(t, s.env.GetWorkflowError())
	require.Equal(t, []string{
		"06-27 12:00 opened", "07-01 00:00 overdue", "07-02 10:00 drafted interview+30", "07-03 09:00 reminded press+3",
		"07-08 10:00 submitted", "07-08 11:00 withdrawn", "07-08 11:00 accepted",
	}, s.told(id))
	require.Len(t, s.mem.started, 1, "its document has a workflow as every other")
	require.Equal(t, obligation.Interview, s.mem.started[0].Document.Rung)
}

func TestDelegateActsForTheLiaisonUntilTheHandover(t *testing.T) {
	s := newStory(t, "2025-06-20 09:00")
	as := func(name, text string) obligation.Command {
		c := command(text)
		c.By.Name = name
		return c
	}
	to := as("张三", "出差")
	to.Name, to.Due = "李四", calendar.MustDate("2025-06-30")
	over := as("王五", "岗位调整")
	over.By.Role, over.Former, over.Name = obligation.RoleOffice, "张三", "赵六"
	s.ask("2025-06-20 10:00", "delegate", to, "")
	s.ask("2025-06-20 11:00", "sign", as("李四", ""), "")
	s.at("2025-06-20 11:30", func() {
		details, err := s.env.QueryWorkflow("__temporal_workflow_metadata")
		require.NoError(t, err)
		var metadata sdkpb.WorkflowMetadata
		require.NoError(t, details.Get(&metadata))
		require.Contains(t, metadata.GetCurrentDetails(), "委托代办：李四 代 张三，2025年6月20日至2025年6月30日")
	})
	s.ask("2025-06-20 12:00", "hand_over", over, "")
	s.ask("2025-06-20 12:01", "hand_over", over, "nothing_to_do")
	s.ask("2025-06-20 12:02", "end_delegation", as("张三", ""), "no_delegation")
	s.ask("2025-06-23 10:00", "submit", as("李四", "已完成"), "")
	s.ask("2025-06-23 11:00", "accept", command(""), "")
	id := s.follow(opening(), "2025-06-20 09:00")
	require.NoError(t, s.env.GetWorkflowError())
	events := s.mem.ledger[id]
	require.Equal(t, "张三", events[2].By.For)
	require.Equal(t, obligation.HandedOver, events[3].Kind)
	require.Empty(t, events[4].By.For, "whom the former asked acts for nobody now")
}
