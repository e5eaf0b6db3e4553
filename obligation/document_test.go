package obligation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

func TestIDs(t *testing.T) {
	id := obligation.ID{Plan: "p", Measure: "10.1", Unit: "huayang", Period: "2024-05"}
	require.Equal(t, "p/10.1/huayang/2024-05", id.String())
	back, ok := obligation.ParseID(id.String())
	require.True(t, ok)
	require.Equal(t, id, back)
	for _, bad := range []string{"", "p", "p/10.1/huayang", "p/10.1/huayang/", "/10.1/huayang/1", "p//huayang/1", "p/10.1/huayang/1/2"} {
		_, ok := obligation.ParseID(bad)
		require.False(t, ok, bad)
	}
	require.Equal(t, "p/10.1/huayang/2024-05/letter", obligation.DocumentID(id, obligation.Letter))
	require.Equal(t, "huayang", obligation.RecipientOf(id, obligation.ToUnit))
	require.Equal(t, "office", obligation.RecipientOf(id, obligation.ToOffice))
}

// drafts follows an obligation up its ladder and returns what is drafted.
func drafts(t *testing.T, l *life, until string) map[obligation.Rung]obligation.Document {
	t.Helper()
	out := map[obligation.Rung]obligation.Document{}
	for {
		next, ok := obligation.NextStep(l.state, l.cal)
		if !ok || next.At.After(moment(until)) {
			return out
		}
		before := l.state
		events := l.tick(next.At.In(shanghai).Format("2006-01-02 15:04"))
		for _, d := range obligation.NewEntry(before, events, l.cal).Drafts {
			out[d.Rung] = d
			l.issue(next.At.In(shanghai).Format("2006-01-02 15:04"), 0)
		}
	}
}

func TestDrafts(t *testing.T) {
	of := drafts(t, open(t, due("2025-06-30"), "2025-06-02"), "2025-08-11")
	require.Len(t, of, 3)
	require.Equal(t, obligation.Document{
		Obligation: due("2025-06-30").Facts.ID, Rung: obligation.Letter, Status: obligation.DocumentDraft, SignOff: obligation.SignOffOffice,
		Unit: "huayang", Title: "关于督促落实“完善判定标准汇编”的函", Drafted: moment("2025-07-07").UTC(),
		Body: "华阳路街道：\n根据《三年行动实施方案》任务10“完善重大事故隐患判定标准汇编”，你单位负责的“完善判定标准汇编”应于2025年6月30日前完成。" +
			"截至拟文之日已逾期7天，仍未报送完成情况。其间已提醒、催办不少于5次，最近一次为2025年7月3日。\n请高度重视，抓紧办理，于收到本函后5个工作日内书面报送完成情况。",
	}, of[obligation.Letter])
	require.Equal(t, "关于“完善判定标准汇编”逾期未完成情况的通报", of[obligation.Circular].Title)
	require.Contains(t, of[obligation.Circular].Body, "已逾期21天")
	require.Contains(t, of[obligation.Circular].Body, "此前已发出督促函（长安委办〔2025〕5号，2025年7月7日）。")
	require.Equal(t, "关于就“完善判定标准汇编”进行约谈的通知", of[obligation.Interview].Title)
	require.Contains(t, of[obligation.Interview].Body, "不得委托他人")
	require.Equal(t, obligation.SignOffLeader, of[obligation.Interview].SignOff)

	ladder := with(due("2025-06-30"), steps("letter+5", "circular+15"), func(o *obligation.Opening) {
		o.Policy.Ladder.Steps[0].Rung, o.Policy.Ladder.Steps[1].Rung = obligation.Expose, obligation.Transfer
	})
	of = drafts(t, open(t, ladder, "2025-06-02"), "2025-08-11")
	require.Equal(t, "关于曝光“完善判定标准汇编”逾期未完成情况的函", of[obligation.Expose].Title)
	require.Equal(t, "关于移交“完善判定标准汇编”有关问题线索的函", of[obligation.Transfer].Title)
}

// A letter about a rework does not say that nothing was reported.
func TestDraftAboutARework(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	l.do("2025-06-27", obligation.Submit, "初稿")
	l.put("2025-06-30", obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-07-10")})
	body := drafts(t, l, "2025-07-17")[obligation.Letter].Body
	require.Contains(t, body, "应于2025年6月30日前完成。报送的完成情况已退回补正，补正期限为2025年7月10日，截至拟文之日已逾期7天，仍未重新报送。")
}

func TestSeries(t *testing.T) {
	day := calendar.MustDate("2026-03-01")
	for rung, want := range map[obligation.Rung]string{
		obligation.Letter: "长安委办〔2026〕5号", obligation.Interview: "长安委办〔2026〕5号", obligation.Circular: "长安委〔2026〕5号",
		obligation.Expose: "长安委〔2026〕5号", obligation.Transfer: "长安委〔2026〕5号",
	} {
		require.Equal(t, want, obligation.SeriesOf(rung, day).Format(5), rung)
	}
}

func TestSignOff(t *testing.T) {
	now := moment("2025-07-08")
	meeting := &obligation.Meeting{At: moment("2025-07-15 14:00"), Place: "区应急局三楼会议室"}
	putOff := obligation.Command{Kind: obligation.Arrange, Text: "分管领导出差", Meeting: &obligation.Meeting{At: moment("2025-07-16 14:00"), Place: meeting.Place}}
	minutes := obligation.Command{Kind: obligation.Conclude, Text: "说明了情况", Exempt: "当场办结"}
	today := &obligation.Meeting{At: moment("2025-07-08 16:00"), Place: meeting.Place}
	held := &obligation.Meeting{At: meeting.At, Place: meeting.Place, Held: moment("2025-07-15 16:00"), Outcome: "限期整改"}
	doc := func(rung obligation.Rung, status obligation.DocumentStatus, m *obligation.Meeting) obligation.Document {
		return obligation.Document{Rung: rung, Status: status, Meeting: m}
	}
	const draft, issued, withdrawn = obligation.DocumentDraft, obligation.DocumentIssued, obligation.DocumentWithdrawn
	const letter, interview = obligation.Letter, obligation.Interview
	tests := []struct {
		name    string
		doc     obligation.Document
		settled bool
		// what each act is refused with
		sign, withdraw, arrange, conclude obligation.ErrorCode
	}{
		{"a drafted letter", doc(letter, draft, nil), false, "", "", "no_meeting", "no_meeting"},
		{"an issued letter", doc(letter, issued, nil), true, "no_draft", "no_draft", "no_meeting", "no_meeting"},
		{"a withdrawn letter", doc(letter, withdrawn, nil), true, "no_draft", "no_draft", "no_meeting", "no_meeting"},
		{"a drafted interview", doc(interview, draft, nil), false, "", "", "no_meeting", "no_meeting"},
		{"an interview that is to come", doc(interview, issued, meeting), false, "no_draft", "no_draft", "", "meeting_ahead"},
		{"an interview of today", doc(interview, issued, today), false, "no_draft", "no_draft", "", ""},
		{"an interview without a date", doc(interview, issued, nil), false, "no_draft", "no_draft", "no_meeting", "no_meeting"},
		{"an interview that was held", doc(interview, issued, held), true, "no_draft", "no_draft", "no_meeting", "no_meeting"},
		{"an interview that was withdrawn", doc(interview, withdrawn, nil), true, "no_draft", "no_draft", "no_meeting", "no_meeting"},
	}
	check := func(t *testing.T, want obligation.ErrorCode, err error) {
		t.Helper()
		if want == "" {
			require.NoError(t, err)
			return
		}
		requireCode(t, want, err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.settled, tt.doc.IsSettled())
			check(t, tt.sign, tt.doc.CanSignOff(meeting, now))
			check(t, tt.withdraw, tt.doc.CanWithdraw("已电话沟通"))
			check(t, tt.arrange, tt.doc.Can(putOff, holidays, shanghai, now))
			check(t, tt.conclude, tt.doc.Can(minutes, holidays, shanghai, now))
		})
	}
	check(t, "", doc(letter, draft, nil).CanSignOff(nil, now))
	check(t, "meeting_missing", doc(interview, draft, nil).CanSignOff(nil, now))
	check(t, "meeting_missing", doc(interview, draft, nil).CanSignOff(&obligation.Meeting{At: meeting.At, Place: " "}, now))
	check(t, "meeting_missing", doc(interview, draft, nil).CanSignOff(&obligation.Meeting{Place: "三楼"}, now))
	check(t, "meeting_past", doc(interview, draft, nil).CanSignOff(&obligation.Meeting{At: now, Place: "三楼"}, now))
	check(t, "reason_missing", doc(letter, draft, nil).CanWithdraw(" "))
}

func TestDocumentChanged(t *testing.T) {
	meeting := &obligation.Meeting{At: moment("2025-07-15 14:00"), Place: "三楼"}
	same := &obligation.Meeting{At: moment("2025-07-15 14:00"), Place: "三楼"}
	other := &obligation.Meeting{At: moment("2025-07-16 14:00"), Place: "三楼"}
	draft := obligation.Document{Status: obligation.DocumentDraft}
	issued := obligation.Document{Status: obligation.DocumentIssued}
	require.False(t, draft.Changed(draft))
	require.True(t, issued.Changed(draft))
	arranged := obligation.Document{Status: obligation.DocumentIssued, Meeting: meeting}
	require.True(t, arranged.Changed(issued))
	require.True(t, issued.Changed(arranged))
	require.False(t, arranged.Changed(obligation.Document{Status: obligation.DocumentIssued, Meeting: same}))
	require.True(t, arranged.Changed(obligation.Document{Status: obligation.DocumentIssued, Meeting: other}))
}

func TestHolderIsRemindedAgainAndAgain(t *testing.T) {
	draft := obligation.Document{Obligation: due("2025-06-30").Facts.ID, Rung: obligation.Interview, Status: obligation.DocumentDraft, Title: "关于约谈的通知", Drafted: moment("2025-09-26")}
	var days []string
	for n := range 4 {
		at := draft.RemindAt(n, 3, 9*time.Hour, holidays, shanghai)
		days = append(days, at.Format("01-02 15:04"))
	}
	require.Equal(t, []string{"09-30 09:00", "10-11 09:00", "10-15 09:00", "10-20 09:00"}, days) // 28 September and 11 October are made up
	require.Equal(t, "09-28 09:00", draft.RemindAt(0, 0, 9*time.Hour, holidays, shanghai).Format("01-02 15:04"), "at least a working day")

	post := holderNotice(t, draft, 2, "2025-10-11")
	require.Equal(t, obligation.Notice{
		Kind: obligation.Drafted, Rung: obligation.Interview, To: obligation.ToOffice, Title: "关于约谈的通知",
		Text: "约谈仍待签发，请审核签发或撤回。", Why: "依据：文书在办理环节停留，按升级阶梯规定的间隔提醒经办人；这是第2次提醒。",
	}, post.Notice)
	require.Equal(t, "office", post.Recipient)
	require.NotEqual(t, post.Key, holderNotice(t, draft, 3, "2025-10-15").Key)

	waits := draft
	waits.Status, waits.Meeting = obligation.DocumentIssued, &obligation.Meeting{At: moment("2025-10-20 14:00"), Place: "三楼"}
	require.Equal(t, "10-23 09:00", waits.RemindAt(0, 3, 9*time.Hour, holidays, shanghai).Format("01-02 15:04"), "from the day of the interview")
	first := holderNotice(t, waits, 1, "2025-10-23")
	require.Equal(t, "约谈尚未登记结果，请登记约谈情况，或另定时间。", first.Notice.Text)
	require.Equal(t, obligation.Issued, first.Notice.Kind)
	putOff := waits
	putOff.Meeting = &obligation.Meeting{At: moment("2025-11-03 14:00"), Place: "三楼"}
	require.NotEqual(t, first.Key, holderNotice(t, putOff, 1, "2025-11-06").Key, "put off, it is counted anew and no reminder is lost")
}

func holderNotice(t *testing.T, d obligation.Document, n int, at string) obligation.Post {
	t.Helper()
	posts := obligation.HolderNotices(d, n, moment(at), shanghai)
	require.Len(t, posts, 1)
	return posts[0]
}

func TestSendingWindow(t *testing.T) {
	w := obligation.DefaultWindow
	for now, want := range map[string]string{
		"2025-06-30 08:59": "06-30 09:00", "2025-06-30 09:00": "06-30 09:00", "2025-06-30 13:00": "06-30 13:00",
		"2025-06-30 17:29": "06-30 17:29", "2025-06-30 17:30": "07-01 09:00", "2025-06-28 12:00": "06-30 09:00",
		"2025-09-28 12:00": "09-28 12:00", // a made-up Sunday
		"2025-09-30 18:00": "10-09 09:00", // before National Day
	} {
		require.Equal(t, want, w.Next(holidays, moment(now), shanghai).In(shanghai).Format("01-02 15:04"), now)
	}
	for after, want := range map[string]string{
		"2025-06-30 09:14": "06-30 09:15", "2025-06-30 09:15": "07-01 09:15", "2025-06-27 10:00": "06-30 09:15", "2025-06-28 10:00": "06-30 09:15",
		"2025-09-27 10:00": "09-28 09:15", "2025-09-30 10:00": "10-09 09:15",
	} {
		require.Equal(t, want, w.NextDigest(holidays, moment(after), shanghai).In(shanghai).Format("01-02 15:04"), after)
	}
}
