package assessment_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/assessment"
)

// Who is told what, and what of it still holds by the time the post leaves.
func TestNoticesOfAnAssessment(t *testing.T) {
	tr := counted(t)
	told := func(at string, c assessment.Command) []assessment.Notice {
		t.Helper()
		tr.now = instant("2026-" + at)
		e, err := assessment.Decide(tr.state, c, workdays(t), zone, tr.now)
		require.NoError(t, err)
		tr.state = assessment.Apply(tr.state, e)
		return assessment.Notices(tr.state, e)
	}
	texts := func(list []assessment.Notice) []string {
		out := []string{}
		for _, n := range list {
			out = append(out, n.Recipient+" "+n.Text)
		}
		return out
	}
	first := assessment.Notices(tr.state, assessment.Event{Kind: assessment.Counted, Seq: 1})
	require.Equal(t, []string{
		"a 2026年上半年考核评估已计分，你单位 101 分。请于2026年7月8日前核对逐项得分，可以自评或申诉；逾期视为无异议。",
		"b 2026年上半年考核评估已计分，你单位 98 分。请于2026年7月8日前核对逐项得分，可以自评或申诉；逾期视为无异议。",
	}, texts(first))
	require.Equal(t, assessment.Counted, assessment.KindOf(first[0].Notice))
	require.Contains(t, first[0].Why, "评分规则：试行")
	require.True(t, tr.state.Current("a", first[0].Notice))

	require.Empty(t, told("07-02 10:00", assessment.Command{Kind: assessment.Scored, By: unit, Unit: "a", Points: points(1000)}))
	reminded := told("07-06 09:00", assessment.Command{Kind: assessment.Reminded, By: system})
	require.Equal(t, []string{"b 2026年上半年考核评估的自评和申诉2026年7月8日截止，你单位还没有意见，请核对得分。"}, texts(reminded))
	require.True(t, tr.state.Current("b", reminded[0].Notice))
	objected := told("07-07 10:00", assessment.Command{Kind: assessment.Objected, By: unit, Unit: "b", Text: "因上级调整"})
	require.Equal(t, []string{"office 单位b对2026年上半年考核评估的得分提出申诉，请复核并答复：因上级调整"}, texts(objected))
	require.False(t, tr.state.Current("b", reminded[0].Notice), "it has said something")
	require.True(t, tr.state.Current("office", objected[0].Notice))
	require.Empty(t, told("07-09 00:00", assessment.Command{Kind: assessment.Closed, By: system}))
	require.False(t, tr.state.Current("a", first[0].Notice), "they have had their say")
	waiting := told("07-14 09:00", assessment.Command{Kind: assessment.Reminded, By: system})
	require.Equal(t, []string{"office 2026年上半年考核评估在等区安委办办理（区安委办复核），请抓紧。"}, texts(waiting))
	require.Equal(t, []string{"b 2026年上半年考核评估中你单位的得分调整 2 分，理由：情况属实"},
		texts(told("07-15 10:00", assessment.Command{Kind: assessment.Adjusted, By: clerk, Unit: "b", Points: points(20), Text: "情况属实"})))
	require.Equal(t, []string{"b 你单位对2026年上半年考核评估的申诉已答复：已调整"},
		texts(told("07-15 10:05", assessment.Command{Kind: assessment.Answered, By: clerk, Unit: "b", Text: "已调整"})))
	require.False(t, tr.state.Current("office", objected[0].Notice), "it is answered")
	proposed := told("07-15 11:00", assessment.Command{Kind: assessment.Proposed, By: clerk})
	require.Equal(t, []string{"office 2026年上半年考核评估已送签发，请提请领导签发。"}, texts(proposed))
	require.False(t, tr.state.Current("office", waiting[0].Notice), "it lies with the leader")
	require.Equal(t, texts(proposed), texts(told("07-20 09:00", assessment.Command{Kind: assessment.Reminded, By: system})))
	sent := told("07-20 10:00", assessment.Command{Kind: assessment.Sent, By: leader, Text: "请核实"})
	require.Equal(t, []string{"office 领导退回2026年上半年考核评估，请复核：请核实"}, texts(sent))
	require.False(t, tr.state.Current("office", proposed[0].Notice))
	require.True(t, tr.state.Current("office", sent[0].Notice))
	told("07-20 11:00", assessment.Command{Kind: assessment.Proposed, By: clerk})
	require.False(t, tr.state.Current("office", sent[0].Notice))
	require.Empty(t, told("07-20 12:00", assessment.Command{Kind: assessment.Signed, By: leader}))
	published := told("07-20 13:00", assessment.Command{Kind: assessment.Published, By: clerk})
	require.Equal(t, []string{"a 2026年上半年考核评估已公布，你单位 101 分，第 1 名。", "b 2026年上半年考核评估已公布，你单位 100 分，第 2 名。"}, texts(published))
	require.True(t, tr.state.Current("a", published[0].Notice))
}

// What is left out of the brief state decides nothing: both go the same way.
func TestTheBriefStateDecidesTheSame(t *testing.T) {
	tr := counted(t)
	brief := &trial{t: t, state: tr.state.Brief(), now: tr.now}
	require.NotEmpty(t, tr.state.Card.Units[0].Lines)
	require.Empty(t, brief.state.Card.Units[0].Lines)
	for _, c := range []assessment.Command{
		{Kind: assessment.Objected, By: unit, Unit: "b", Text: "不对"},
		{Kind: assessment.Scored, By: unit, Unit: "z", Points: points(0)},
		{Kind: assessment.Answered, By: clerk, Unit: "b", Text: "维持"},
		{Kind: assessment.Closed, By: clerk},
		{Kind: assessment.Proposed, By: clerk},
	} {
		require.Equal(t, tr.do("07-02 10:00", c), brief.do("07-02 10:00", c))
		require.Equal(t, tr.next(), brief.next())
	}
	require.Equal(t, tr.state.Brief(), brief.state)
	require.Equal(t, tr.state.Ranking()[0].Points, brief.state.Ranking()[0].Points)
}
