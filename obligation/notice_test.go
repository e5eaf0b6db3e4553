package obligation_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

// history lives an obligation through every kind of event and returns it with the notices of each.
func history(t *testing.T) (*life, []obligation.Notice) {
	l := open(t, due("2025-06-30"), "2025-06-23 10:00")
	l.do("2025-06-25 10:00", obligation.Sign, "")
	l.do("2025-06-26 10:00", obligation.Nudge, "")
	l.do("2025-06-26 11:00", obligation.Nudge, "进展如何？")
	l.until("2025-07-07")
	l.issue("2025-07-07 10:00", 1)
	l.do("2025-07-08 10:00", obligation.Submit, "已完成")
	l.until("2025-07-11")
	l.put("2025-07-11 10:00", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-07-18")})
	l.put("2025-07-14 10:00", obligation.Command{Kind: obligation.Rearm, Text: "市里改期", Facts: moved("2025-07-31")})
	l.until("2025-08-21")
	l.put("2025-08-21 10:00", obligation.Command{Kind: obligation.WithdrawDoc, Rung: obligation.Circular, Text: "已电话沟通"})
	l.do("2025-08-22 10:00", obligation.Submit, "已补")
	l.do("2025-08-22 11:00", obligation.Accept, "")
	var notices []obligation.Notice
	s := obligation.State{}
	for _, e := range l.events {
		s = obligation.Apply(s, e)
		of := obligation.Notices(s, e)
		require.LessOrEqual(t, len(of), 1)
		notices = append(notices, of...)
	}
	return l, notices
}

func TestWhoIsToldWhat(t *testing.T) {
	_, notices := history(t)
	type told struct {
		kind   obligation.EventKind
		to     obligation.Recipient
		urgent bool
		text   string
	}
	var got []told
	for _, n := range notices {
		require.Equal(t, "完善判定标准汇编", n.Title)
		got = append(got, told{n.Kind, n.To, n.Urgent, n.Text})
	}
	const unit, office = obligation.ToUnit, obligation.ToOffice
	press := told{obligation.Reminded, unit, false, "该事项应于2025年7月31日前完成，已经逾期，请尽快完成并报送。"}
	remind := told{obligation.Reminded, unit, false, "该事项应于2025年7月31日前完成，请抓紧办理并按时报送。"}
	require.Equal(t, []told{
		{obligation.Opened, unit, false, "新交办事项，请签收并于2025年6月30日前完成。"},
		{obligation.Reminded, unit, false, "该事项应于2025年6月30日前完成，请抓紧办理并按时报送。"},
		{obligation.Nudged, unit, true, "区安委办询问该事项的进展，请尽快办理并报送。"},
		{obligation.Nudged, unit, true, "区安委办询问该事项的进展：进展如何？"},
		{obligation.Reminded, unit, false, "该事项应于2025年6月30日前完成，请抓紧办理并按时报送。"},
		{obligation.Overdue, unit, false, "该事项截止2025年6月30日仍未报送完成情况，已经逾期，请尽快完成并报送。"},
		{obligation.Reminded, unit, false, "该事项应于2025年6月30日前完成，已经逾期，请尽快完成并报送。"},
		{obligation.Drafted, office, false, "华阳路街道逾期未完成，已拟督促函，请审核签发或撤回。"},
		{obligation.Issued, unit, true, "已就该事项向你单位发出督促函（长安委办〔2025〕5号），请按要求办理。"},
		{obligation.Submitted, office, false, "华阳路街道已报送完成情况，请审核。"},
		{obligation.Reminded, office, false, "华阳路街道报送的完成情况还没有审核，请尽快审核通过或退回。"},
		{obligation.Returned, unit, true, "报送的完成情况被退回，请于2025年7月18日前补正后重新报送。理由：缺附件"},
		{obligation.Rearmed, unit, false, "该事项有调整，现应于2025年7月31日前完成。理由：市里改期"},
		remind, remind, remind,
		{obligation.Overdue, unit, false, "该事项截止2025年7月31日仍未报送完成情况，已经逾期，请尽快完成并报送。"},
		press, press, press,
		{obligation.Drafted, office, false, "华阳路街道逾期未完成，已拟通报，请审核签发或撤回。"},
		{obligation.Submitted, office, false, "华阳路街道已报送完成情况，请审核。"},
		{obligation.Accepted, unit, false, "报送的完成情况已审核通过，该事项办结。"},
	}, got)
}

func TestWhyDidIGetThis(t *testing.T) {
	_, notices := history(t)
	why := map[obligation.EventKind][]string{}
	for _, n := range notices {
		why[n.Kind] = append(why[n.Kind], n.Why)
	}
	const plan = "依据：方案任务10“完善重大事故隐患判定标准汇编”；"
	require.Equal(t, plan+"事由：交办；升级阶梯：标准阶梯；期限：2025年6月30日", why[obligation.Opened][0])
	require.Equal(t, plan+"措施：提醒（到期前3个工作日）；升级阶梯：标准阶梯；期限：2025年6月30日；另有1次未发出的提醒并入本次", why[obligation.Reminded][0])
	require.Equal(t, plan+"措施：提醒（到期前1个工作日）；升级阶梯：标准阶梯；期限：2025年6月30日", why[obligation.Reminded][1])
	require.Equal(t, plan+"事由：逾期；升级阶梯：标准阶梯；期限：2025年6月30日", why[obligation.Overdue][0])
	require.Equal(t, plan+"措施：督促函（逾期5个工作日）；升级阶梯：标准阶梯；期限：2025年6月30日", why[obligation.Drafted][0])
	require.Equal(t, plan+"事由：退回；升级阶梯：标准阶梯；期限：2025年6月30日；本次从2025年7月18日起算", why[obligation.Returned][0])
	require.Equal(t, plan+"事由：调整；升级阶梯：标准阶梯；期限：2025年7月31日（原定2025年6月30日）", why[obligation.Rearmed][0])
	require.Equal(t, plan+"措施：通报（逾期15个工作日）；升级阶梯：标准阶梯；期限：2025年7月31日（原定2025年6月30日）", why[obligation.Drafted][1])
	for _, all := range why {
		for _, w := range all {
			require.Contains(t, w, plan)
		}
	}
}

func TestReasons(t *testing.T) {
	l, _ := history(t)
	got := map[string]bool{}
	for _, e := range l.events {
		got[obligation.Reason(l.state, e)] = true
	}
	for _, want := range []string{
		"任务周期开始：交办", "到期前3个工作日：提醒", "期限已过仍未完成", "逾期3个工作日，其后每5个工作日一次：催办", "逾期5个工作日：督促函",
		"提交后3个工作日未审核，其后每3个工作日一次：提醒", "签收", "提交", "退回", "审核通过", "调整", "催问", "签发", "撤回文书",
	} {
		require.True(t, got[want], want)
	}
}

// Right before sending: does it still hold?
func TestNoticeStillHolds(t *testing.T) {
	notices := func(l *life) map[string]obligation.Notice {
		out := map[string]obligation.Notice{}
		s := obligation.State{}
		for _, e := range l.events {
			s = obligation.Apply(s, e)
			for _, n := range obligation.Notices(s, e) {
				key := string(n.Kind)
				if e.Step != "" {
					key = e.Step
				}
				out[key] = n
			}
		}
		return out
	}
	holds := func(l *life, of map[string]obligation.Notice) map[string]bool {
		out := map[string]bool{}
		for key, n := range of {
			out[key] = n.Current(l.state)
		}
		return out
	}
	l := open(t, due("2025-06-30"), "2025-06-18 10:00")
	l.until("2025-07-07")
	l.do("2025-07-07 09:30", obligation.Nudge, "")
	all := notices(l)
	require.Equal(t, map[string]bool{
		"opened": true, "sign+2": true, "remind-7": true, "remind-3": true, "remind-1": true, "overdue": true, "press+3": true,
		"letter+5": true, "nudged": true,
	}, holds(l, all))

	l.do("2025-07-07 09:40", obligation.Sign, "")
	require.Equal(t, map[string]bool{
		"opened": true, "sign+2": false, "remind-7": true, "remind-3": true, "remind-1": true, "overdue": true, "press+3": true,
		"letter+5": true, "nudged": true,
	}, holds(l, all), "signed for in the meantime: not asked to sign any more")

	l.do("2025-07-07 09:50", obligation.Submit, "已完成")
	all["submitted"] = notices(l)["submitted"]
	require.Equal(t, map[string]bool{
		"opened": false, "sign+2": false, "remind-7": false, "remind-3": false, "remind-1": false, "overdue": false, "press+3": false,
		"letter+5": true, "nudged": false, "submitted": true,
	}, holds(l, all), "nobody is nagged after reporting")

	l.until("2025-07-10")
	all["review+3"] = notices(l)["review+3"]
	require.True(t, all["review+3"].Current(l.state))
	l.do("2025-07-10 10:00", obligation.Return, "缺附件")
	all["returned"] = notices(l)["returned"]
	require.Equal(t, map[string]bool{
		"opened": false, "sign+2": false, "remind-7": false, "remind-3": false, "remind-1": false, "overdue": false, "press+3": false,
		"letter+5": true, "nudged": false, "submitted": false, "review+3": false, "returned": true,
	}, holds(l, all), "what belonged to the first deadline is not sent in the second")

	l.issue("2025-07-10 11:00", 1)
	all["issued"] = notices(l)["issued"]
	l.do("2025-07-11 10:00", obligation.Submit, "已补")
	require.True(t, all["issued"].Current(l.state), "a letter that was issued is issued")
	l.do("2025-07-11 11:00", obligation.Accept, "")
	all["accepted"] = notices(l)["accepted"]
	for key, still := range holds(l, all) {
		require.Equal(t, key == "issued" || key == "accepted", still, key)
	}
}

func TestDraftThatIsSettledIsNotAskedFor(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-18 10:00")
	l.until("2025-07-07")
	n := obligation.Notices(l.state, l.events[len(l.events)-1])[0]
	require.Equal(t, obligation.Drafted, n.Kind)
	require.True(t, n.Current(l.state))
	l.issue("2025-07-07 10:00", 1)
	require.False(t, n.Current(l.state))
	l.until("2025-07-21")
	require.False(t, n.Current(l.state), "the next draft has a notice of its own")
}

func TestRearmReplacesTheNoticesBefore(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-24 10:00")
	l.until("2025-06-25")
	old := obligation.Notices(l.state, l.events[1])[0]
	sign := old
	sign.Anchor = obligation.AnchorOpened
	require.True(t, sign.Current(l.state))
	e := l.put("2025-06-25 09:10", obligation.Command{Kind: obligation.Rearm, Text: "改期", Facts: moved("2025-07-31")})
	require.False(t, old.Current(l.state), "it names a date that no longer holds")
	require.False(t, sign.Current(l.state))
	require.True(t, obligation.Notices(l.state, l.events[0])[0].Current(l.state), "it was handed over all the same")
	require.True(t, obligation.Notices(l.state, e)[0].Current(l.state))
}

// Steps of a ladder may keep the office informed as well.
func TestStepsToTheOffice(t *testing.T) {
	o := with(due("2025-06-30"), steps("sign+2", "remind-3", "press+3"), func(o *obligation.Opening) {
		for i := range o.Policy.Ladder.Steps {
			o.Policy.Ladder.Steps[i].To = obligation.ToOffice
		}
	})
	require.Empty(t, o.Policy.Ladder.Validate())
	l := open(t, o, "2025-06-18 10:00").until("2025-07-03")
	texts := map[string]obligation.Notice{}
	s := obligation.State{}
	for _, e := range l.events {
		s = obligation.Apply(s, e)
		if e.Step != "" && texts[e.Step].Text == "" {
			texts[e.Step] = obligation.Notices(s, e)[0]
		}
	}
	require.Equal(t, "华阳路街道还没有签收该事项，请关注。", texts["sign+2"].Text)
	require.Equal(t, "华阳路街道应于2025年6月30日前完成该事项，尚未报送，请关注。", texts["remind-3"].Text)
	require.Equal(t, "华阳路街道应于2025年6月30日前完成该事项，已经逾期，请关注。", texts["press+3"].Text)
	for code, n := range texts {
		require.Equal(t, obligation.ToOffice, n.To)
		require.True(t, n.Current(l.state), code)
	}
	require.Empty(t, l.state.HighestRung(), "the unit was told nothing")
	l.do("2025-07-04", obligation.Submit, "已完成")
	for code, n := range texts {
		require.False(t, n.Current(l.state), code)
	}
}

// At one instant each recipient gets his own reminder.
func TestRemindersToBoth(t *testing.T) {
	o := with(due("2025-06-30"), steps("remind-3", "remind-1"), func(o *obligation.Opening) {
		o.Policy.Ladder.Steps[1].Offset, o.Policy.Ladder.Steps[1].To = -3, obligation.ToOffice
	})
	l := open(t, o, "2025-06-18 10:00").until("2025-06-25")
	require.Equal(t, []string{"06-25 09:00 reminded remind-3", "06-25 09:00 reminded remind-1"}, l.since(1))
	require.Equal(t, []obligation.Recipient{obligation.ToUnit, obligation.ToOffice}, []obligation.Recipient{l.events[1].To, l.events[2].To})
}

func TestEverythingSurvivesJSON(t *testing.T) {
	l, notices := history(t)
	s := obligation.State{}
	for _, e := range l.events {
		s = obligation.Apply(s, e)
		requireJSON(t, e)
		requireJSON(t, s)
	}
	for _, n := range notices {
		requireJSON(t, n)
	}
	requireJSON(t, open(t, with(due("2025-06-30"), asOf("2025-07-01"), outcome(obligation.Done)), "2025-07-01").state)
	requireJSON(t, obligation.Command{Kind: obligation.Rearm, Facts: moved("2025-07-01"), Policy: &l.state.Policy, Due: calendar.MustDate("2025-07-01")})
}

func requireJSON[T any](t *testing.T, v T) {
	t.Helper()
	out, err := json.Marshal(v)
	require.NoError(t, err)
	var back T
	require.NoError(t, json.Unmarshal(out, &back))
	require.Equal(t, v, back)
}

func TestApplyChangesNothingElse(t *testing.T) {
	l, _ := history(t)
	s := obligation.State{}
	for _, e := range l.events {
		before, err := json.Marshal(s)
		require.NoError(t, err)
		event, err := json.Marshal(e)
		require.NoError(t, err)
		next := obligation.Apply(s, e)
		after, err := json.Marshal(s)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after), "%s changed its argument", e.Kind)
		// Nor do the two share anything that a later event changes.
		for i := range next.Formals {
			next.Formals[i].Number = "changed"
		}
		for code := range next.Marks {
			next.Marks[code] = obligation.Mark{N: 99}
		}
		after, err = json.Marshal(s)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after), "%s shares with its argument", e.Kind)
		same, err := json.Marshal(e)
		require.NoError(t, err)
		require.Equal(t, string(event), string(same))
		s = obligation.Apply(s, e)
	}
}

func TestEntry(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-18 10:00")
	opening := obligation.NewEntry(obligation.State{}, l.events, l.cal)
	require.Equal(t, 0, opening.Before)
	require.Equal(t, l.state, opening.State)
	require.Equal(t, moment("2025-06-19").UTC(), opening.NextAt.UTC())
	require.Equal(t, "提醒（到期前7个工作日）", opening.NextKind)
	require.Len(t, opening.Notices, 1)
	require.Empty(t, opening.Drafts)

	before := l.state
	events := l.tick("2025-07-07")
	late := obligation.NewEntry(before, events, l.cal)
	require.Equal(t, 1, late.Before)
	require.Equal(t, l.state, late.State)
	require.Equal(t, l.state, obligation.Replay(before, events))
	require.Equal(t, l.state.Standing(l.cal), late.Standing)
	require.Equal(t, []int{2, 3, 4}, []int{late.Notices[0].Seq, late.Notices[1].Seq, late.Notices[2].Seq})
	require.Len(t, late.Drafts, 1)
	require.Equal(t, obligation.Letter, late.Drafts[0].Rung)

	before = l.state
	l.do("2025-07-08", obligation.Submit, "已完成")
	l.do("2025-07-08", obligation.Accept, "")
	closed := obligation.NewEntry(before, l.events[4:], l.cal)
	require.Zero(t, closed.NextAt)
	require.Empty(t, closed.NextKind)
}
