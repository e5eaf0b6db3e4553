package obligation_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

func parts(list ...string) obligation.Command {
	c := obligation.Command{Kind: obligation.BreakDown, By: zhang}
	for _, p := range list {
		unit, day, _ := strings.Cut(p, " ")
		c.Parts = append(c.Parts, obligation.Part{Unit: unit, UnitName: unit + "街道", Text: " 提供材料 ", Due: calendar.MustDate(day)})
	}
	return c
}

func (l *life) hear(when string, n int, stage obligation.Stage) obligation.Event {
	l.t.Helper()
	return l.put(when, obligation.Command{Kind: obligation.HearPart, By: obligation.System, Parts: []obligation.Part{{N: n, Stage: stage}}})
}

func TestBreakDown(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	e := l.put("2025-06-03 10:00", parts("xinhua 2025-06-20", "tianshan 2025-06-30"))
	require.Empty(t, obligation.Notices(l.state, e))
	require.Equal(t, []obligation.Part{
		{N: 1, Unit: "xinhua", UnitName: "xinhua街道", Text: "提供材料", Due: calendar.MustDate("2025-06-20")},
		{N: 2, Unit: "tianshan", UnitName: "tianshan街道", Text: "提供材料", Due: calendar.MustDate("2025-06-30")},
	}, l.state.Parts)
	l.put("2025-06-04 10:00", parts("xinhua 2025-06-04"))
	require.Equal(t, 3, l.state.Parts[2].N, "more may follow")

	o := obligation.PartOpening(l.state, l.state.Parts[0])
	require.Equal(t, "p/10.1/xinhua/1.huayang.1", o.Facts.ID.String(), "always the same")
	require.Equal(t, obligation.PartID(l.state.ID, l.state.Parts[0]), o.Facts.ID)
	require.Equal(t, l.state.Policy, o.Policy)
	part := open(t, o, "2025-06-03 10:00")
	require.Equal(t, []any{"提供材料", "10", "完善重大事故隐患判定标准汇编", "xinhua街道", "xinhua"},
		[]any{part.state.Title, part.state.Task, part.state.Quote, part.state.UnitName, part.state.WaitingOn()})
	lead, ok := part.state.Lead()
	require.Equal(t, []any{l.state.ID, true}, []any{lead, ok})
	_, ok = l.state.Lead()
	require.False(t, ok)
	require.Equal(t, "06-05 09:00 reminded sign+2", part.next(), "it has its own clocks")
	require.Equal(t, "华阳路街道牵头的事项请你单位配合，请签收并于2025年6月20日前完成报送。", obligation.Notices(part.state, part.events[0])[0].Text)
	_, err := part.decide("2025-06-04 10:00", parts("tianshan 2025-06-10"))
	requireCode(t, obligation.CodePartOfPart, err)
}

// A lead reports for all of them, and is done when all of them are.
func TestLeadWaitsForItsParts(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	l.put("2025-06-03 10:00", parts("xinhua 2025-06-20", "tianshan 2025-06-20"))
	submit := func() error {
		_, err := l.decide("2025-06-20 10:00", obligation.Command{Kind: obligation.Submit, Text: "已完成"})
		return err
	}
	requireCode(t, obligation.CodePartsOpen, submit())
	l.hear("2025-06-10 10:00", 1, obligation.StageSigned)
	_, err := l.decide("2025-06-10 10:00", obligation.Command{Kind: obligation.HearPart, Parts: []obligation.Part{{N: 1, Stage: obligation.StageSigned}}})
	requireCode(t, obligation.CodeNothingToDo, err)
	_, err = l.decide("2025-06-10 10:00", obligation.Command{Kind: obligation.HearPart, Parts: []obligation.Part{{N: 9, Stage: obligation.StageSigned}}})
	requireCode(t, obligation.CodeNothingToDo, err)
	before := slices.Clone(l.state.Parts)
	l.hear("2025-06-11 10:00", 1, obligation.StageSubmitted)
	require.Equal(t, obligation.StageSigned, before[0].Stage, "a state that was given away stays what it was")
	requireCode(t, obligation.CodePartsOpen, submit())
	l.hear("2025-06-12 10:00", 2, obligation.StageWaived)
	require.NoError(t, submit())
	l.do("2025-06-20 11:00", obligation.Submit, "已汇总")
	accept := func() error {
		_, err := l.decide("2025-06-20 12:00", obligation.Command{Kind: obligation.Accept})
		return err
	}
	requireCode(t, obligation.CodePartsInReview, accept())
	l.hear("2025-06-20 12:00", 1, obligation.StageReturned)
	requireCode(t, obligation.CodePartsInReview, accept())
	l.hear("2025-06-20 12:30", 1, obligation.StageAccepted)
	require.NoError(t, accept())
}

func TestLeadIsToldOfItsParts(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	l.put("2025-06-03 10:00", parts("xinhua 2025-06-20"))
	require.Empty(t, obligation.Notices(l.state, l.hear("2025-06-10 10:00", 1, obligation.StageSigned)))
	n := obligation.Notices(l.state, l.hear("2025-06-11 10:00", 1, obligation.StageSubmitted))[0]
	require.Equal(t, obligation.ToUnit, n.To)
	require.Equal(t, "配合单位xinhua街道的分解事项“提供材料”：待审核。", n.Text)
	require.Contains(t, n.Why, "事由：分解事项进度")
	require.True(t, n.Current(l.state))
	l.do("2025-06-12 10:00", obligation.Suspend, "待定")
	require.False(t, n.Current(l.state))
	l.hear("2025-06-12 11:00", 1, obligation.StageAccepted)
	require.Equal(t, obligation.StageAccepted, l.state.Parts[0].Stage, "it is heard all the same")
}

func TestBreakDownThatCannotBe(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	long, nameless, mute := parts("xinhua 2025-06-20"), parts("xinhua 2025-06-20"), parts("xinhua 2025-06-20")
	long.Parts[0].Text, nameless.Parts[0].UnitName, mute.Parts[0].Text = strings.Repeat("字", 201), "", " "
	for name, tt := range map[string]struct {
		command obligation.Command
		want    obligation.ErrorCode
	}{
		"nothing":        {parts(), obligation.CodePartInvalid},
		"to oneself":     {parts("huayang 2025-06-20"), obligation.CodePartInvalid},
		"to nobody":      {nameless, obligation.CodePartInvalid},
		"a novel":        {long, obligation.CodePartInvalid},
		"no text":        {mute, obligation.CodePartInvalid},
		"yesterday":      {parts("xinhua 2025-06-02"), obligation.CodePartDue},
		"after the lead": {parts("xinhua 2025-06-20", "tianshan 2025-07-01"), obligation.CodePartDue},
		"too many":       {parts(slices.Repeat([]string{"xinhua 2025-06-20"}, 51)...), obligation.CodePartInvalid},
	} {
		_, err := l.decide("2025-06-03 10:00", tt.command)
		require.Error(t, err, name)
		requireCode(t, tt.want, err)
	}
	_, err := at(t, "submitted").decide("2025-07-09 10:00", parts("xinhua 2025-07-09"))
	requireCode(t, obligation.CodeInReview, err)
	l.do("2025-06-03 10:00", obligation.SendBack, "不属于")
	_, err = l.decide("2025-06-03 10:00", parts("xinhua 2025-06-20"))
	requireCode(t, obligation.CodeSendBackPending, err)
}
