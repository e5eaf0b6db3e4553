package obligation_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

func delegation(to, from, until string) obligation.Command {
	c := obligation.Command{Kind: obligation.Delegate, By: zhang, Name: to, Due: calendar.MustDate(until)}
	if from != "" {
		c.From = calendar.MustDate(from)
	}
	return c
}

func TestBothNamesStandOnWhatADelegateDoes(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20 10:00")
	e := l.put("2025-06-20 11:00", delegation("李四", "2025-06-24", "2025-06-26"))
	require.Equal(t, &obligation.Delegation{By: "张三", To: "李四", From: calendar.MustDate("2025-06-24"), Until: calendar.MustDate("2025-06-26")}, e.Delegation)
	require.Empty(t, obligation.Notices(l.state, e))
	progress := func(when string, by obligation.Actor) obligation.Actor {
		t.Helper()
		return l.put(when, obligation.Command{Kind: obligation.ReportProgress, Text: "推进中", By: by}).By
	}
	require.Equal(t, li, progress("2025-06-23 10:00", li), "not yet")
	both := obligation.Actor{Role: obligation.RoleUnit, Name: "李四", For: "张三"}
	require.Equal(t, both, progress("2025-06-24 00:00", li))
	require.True(t, both.Is(li))
	require.Equal(t, zhang, progress("2025-06-25 10:00", zhang))
	require.Equal(t, wang, l.put("2025-06-25 11:00", obligation.Command{Kind: obligation.Nudge, By: wang}).By)
	require.Equal(t, both, progress("2025-06-26 23:59", li))
	require.Equal(t, li, progress("2025-06-27 10:00", li), "no more")
	require.Equal(t, "06-27 09:00 reminded remind-1", tell(l.events)[len(l.events)-2], "it changes nothing else")
}

func TestDelegateIsNobodyElseThanHimself(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20 10:00")
	l.put("2025-06-20 11:00", delegation("李四", "", "2025-06-26"))
	seen := l.state.Seq
	l.put("2025-06-20 12:00", obligation.Command{Kind: obligation.Sign, By: li})
	_, err := l.decide("2025-06-20 13:00", obligation.Command{Kind: obligation.ReportProgress, Text: "推进中", By: li, Expected: seen})
	require.NoError(t, err)
	_, err = l.decide("2025-06-20 13:00", obligation.Command{Kind: obligation.ReportProgress, Text: "推进中", By: zhang, Expected: seen})
	requireCode(t, obligation.CodeConflict, err)
}

func TestDelegationThatCannotBe(t *testing.T) {
	l := at(t, "signed")
	for name, c := range map[string]struct {
		command obligation.Command
		want    obligation.ErrorCode
	}{
		"to nobody":       {delegation("", "", "2025-07-31"), obligation.CodeNameInvalid},
		"to oneself":      {delegation("张三", "", "2025-07-31"), obligation.CodeNameInvalid},
		"to a novel":      {delegation(strings.Repeat("李", 51), "", "2025-07-31"), obligation.CodeNameInvalid},
		"until yesterday": {delegation("李四", "", "2025-07-08"), obligation.CodePeriodInvalid},
		"backwards":       {delegation("李四", "2025-07-31", "2025-07-30"), obligation.CodePeriodInvalid},
		"nothing to end":  {obligation.Command{Kind: obligation.EndDelegation, By: zhang}, obligation.CodeNoDelegation},
	} {
		_, err := l.decide("2025-07-09 10:00", c.command)
		require.Error(t, err, name)
		requireCode(t, c.want, err)
	}
	l.put("2025-07-09 10:00", delegation("李四", "", "2025-07-09"))
	l.put("2025-07-09 11:00", delegation("王二", "", "2025-07-10"))
	require.Equal(t, "王二", l.state.Delegation.To, "the last one holds")
	l.put("2025-07-09 12:00", obligation.Command{Kind: obligation.EndDelegation, By: zhang})
	require.Nil(t, l.state.Delegation)
	l.put("2025-07-09 13:00", delegation("李四", "", "2025-07-09"))
	_, err := l.decide("2025-07-10 10:00", obligation.Command{Kind: obligation.EndDelegation, By: zhang})
	requireCode(t, obligation.CodeNoDelegation, err)
}

func TestHandOver(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-20 10:00")
	over := func(former, name string) obligation.Command {
		return obligation.Command{Kind: obligation.HandOver, By: wang, Former: former, Name: name, Text: "岗位调整"}
	}
	l.put("2025-06-20 10:30", delegation("李四", "", "2025-12-31"))
	e := l.put("2025-06-20 11:00", over("张三", "赵六"))
	require.Equal(t, []string{"张三", "赵六"}, []string{e.Former, e.Name})
	require.Equal(t, "赵六", l.state.Liaison)
	require.Nil(t, l.state.Delegation, "whom the former has asked acts for nobody now")
	n := obligation.Notices(l.state, e)[0]
	require.Equal(t, []any{obligation.ToUnit, false}, []any{n.To, n.Urgent})
	require.Equal(t, "该事项的联络员由张三变更为赵六，请赵六接续办理。理由：岗位调整", n.Text)
	require.Contains(t, n.Why, "事由：移交联络员")
	require.True(t, n.Current(l.state))
	refused := func(c obligation.Command, want obligation.ErrorCode) {
		t.Helper()
		_, err := l.decide("2025-06-20 12:00", c)
		requireCode(t, want, err)
	}
	refused(over("张三", "赵六"), obligation.CodeNothingToDo)
	refused(over("张三", "钱七"), obligation.CodeOtherLiaison)
	refused(over("赵六", " "), obligation.CodeNameInvalid)
	mute := over("赵六", "钱七")
	mute.Text = ""
	refused(mute, obligation.CodeReasonMissing)
	e = l.put("2025-06-20 13:00", over("", "钱七"))
	require.Equal(t, "赵六", e.Former, "the ledger knows")
	require.Equal(t, "06-24 09:00 reminded sign+2", l.next(), "it changes nothing else")
	first := open(t, due("2025-06-30"), "2025-06-20 10:00")
	e = first.put("2025-06-20 11:00", over("", "赵六"))
	require.Equal(t, "该事项的联络员变更为赵六，请赵六接续办理。理由：岗位调整", obligation.Notices(first.state, e)[0].Text)
}

// Who attends to it is settled at any time, and holds up nothing.
func TestLiaisonsChangeAtAnyTime(t *testing.T) {
	for _, situation := range []string{"open", "open+draft", "signed", "submitted", "returned", "asked"} {
		for _, more := range []obligation.CommandKind{"", obligation.Suspend, obligation.SendBack} {
			l := at(t, situation)
			if _, err := l.decide("2025-07-09 10:00", obligation.Command{Kind: more, Text: "待定"}); more != "" && err == nil {
				l.do("2025-07-09 10:00", more, "待定")
			}
			before, waits := obligation.NextStep(l.state, l.cal)
			l.put("2025-07-09 10:00", delegation("李四", "", "2025-07-31"))
			l.put("2025-07-09 10:00", obligation.Command{Kind: obligation.EndDelegation, By: zhang})
			l.put("2025-07-09 10:00", obligation.Command{Kind: obligation.HandOver, By: wang, Name: "赵六", Text: "岗位调整"})
			after, still := obligation.NextStep(l.state, l.cal)
			require.Equal(t, before, after)
			require.Equal(t, waits, still)
		}
	}
	_, err := at(t, "accepted").decide("2025-07-09 10:00", obligation.Command{Kind: obligation.HandOver, Name: "赵六", Text: "岗位调整"})
	requireCode(t, obligation.CodeClosed, err)
}
