package obligation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

// meeting is on Wednesday, 20 August 2025.
func meeting() *obligation.Meeting {
	return &obligation.Meeting{At: moment("2025-08-20 14:00"), Place: "区应急局三楼会议室", Material: "书面说明、整改方案"}
}

// calledIn brings an obligation to an interview that was signed off, and returns it with the notice's document.
func calledIn(t *testing.T) (*life, *paper) {
	t.Helper()
	l := open(t, with(due("2025-06-30"), steps("interview+30")), "2025-06-02")
	for {
		next, ok := obligation.NextStep(l.state, l.cal)
		require.True(t, ok)
		before := l.state
		en := obligation.NewEntry(before, l.tick(next.At.In(shanghai).Format("2006-01-02 15:04")), l.cal)
		if len(en.Drafts) == 1 {
			p := &paper{t, l, en.Drafts[0]}
			p.put("2025-08-12 10:00", obligation.Command{Kind: obligation.Issue, Rung: obligation.Interview, Number: "长安委办〔2025〕7号", Meeting: meeting()})
			return l, p
		}
	}
}

// paper is a document that follows its obligation's ledger.
type paper struct {
	t   *testing.T
	l   *life
	doc obligation.Document
}

func (p *paper) put(at string, c obligation.Command) obligation.Event {
	p.t.Helper()
	e := p.l.put(at, c)
	p.doc = p.doc.After(e)
	require.Equal(p.t, p.l.state.Meeting, p.doc.Meeting, "document and ledger say the same")
	return e
}

func notice(t *testing.T, s obligation.State, e obligation.Event) obligation.Notice {
	t.Helper()
	notices := obligation.Notices(s, e)
	require.Len(t, notices, 1)
	return notices[0]
}

func TestNoticeOfAnInterviewNamesTimePlaceAndMaterial(t *testing.T) {
	l, p := calledIn(t)
	require.Equal(t, meeting().Material, p.doc.Meeting.Material)
	issued := l.events[len(l.events)-1]
	n := notice(t, l.state, issued)
	require.Contains(t, n.Text, "时间：2025年8月20日14:00；地点：区应急局三楼会议室。请携带：书面说明、整改方案。")
	require.Equal(t, "office", p.doc.WaitingOn())
}

func TestPuttingOffKeepsARecord(t *testing.T) {
	l, p := calledIn(t)
	to := meeting()
	to.At = moment("2025-08-25 09:30")
	e := p.put("2025-08-19 10:00", obligation.Command{Kind: obligation.Arrange, By: obligation.Actor{Role: obligation.RoleOffice, Name: "王主任"}, Text: "主要负责同志出差", Meeting: to})
	require.Equal(t, obligation.InterviewMoved, e.Kind)
	require.Equal(t, []obligation.Move{{
		By: e.By, On: e.At, Reason: "主要负责同志出差", From: meeting().At.UTC(), To: to.At.UTC(), Place: meeting().Place,
	}}, p.doc.Meeting.Moves)
	n := notice(t, l.state, e)
	require.True(t, n.Urgent)
	require.Equal(t, "约谈改为2025年8月25日09:30，地点：区应急局三楼会议室（原定2025年8月20日14:00 区应急局三楼会议室）。请携带：书面说明、整改方案。理由：主要负责同志出差", n.Text)
	for name, tt := range map[string]struct {
		command obligation.Command
		code    obligation.ErrorCode
	}{
		"to where it is":   {obligation.Command{Meeting: to, Text: "理由"}, "nothing_to_do"},
		"without a reason": {obligation.Command{Meeting: meeting()}, "reason_missing"},
		"to the past":      {obligation.Command{Meeting: &obligation.Meeting{At: moment("2025-08-18"), Place: "三楼"}, Text: "理由"}, "meeting_past"},
		"nowhere":          {obligation.Command{Meeting: &obligation.Meeting{At: to.At.Add(1)}, Text: "理由"}, "meeting_missing"},
		"to nothing":       {obligation.Command{Text: "理由"}, "meeting_missing"},
		"with a book":      {obligation.Command{Meeting: &obligation.Meeting{At: to.At, Place: "三楼", Material: strings.Repeat("书", 1001)}, Text: "理由"}, "text_too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.command.Kind = obligation.Arrange
			_, err := obligation.Decide(l.state, tt.command, l.cal, moment("2025-08-19 11:00"))
			requireCode(t, tt.code, err)
		})
	}
}

func TestMinutesSayWhatHasToBePutRight(t *testing.T) {
	for name, tt := range map[string]struct {
		command obligation.Command
		code    obligation.ErrorCode
		due     string
	}{
		"by the ladder":       {obligation.Command{Text: "说明了情况", Demands: "完成汇编"}, "", "2025-08-27"},
		"by a date":           {obligation.Command{Text: "说明了情况", Demands: "完成汇编", Due: calendar.MustDate("2025-09-10")}, "", "2025-09-10"},
		"nothing":             {obligation.Command{Text: "说明了情况", Exempt: "已当场完成"}, "", ""},
		"neither":             {obligation.Command{Text: "说明了情况"}, "rectification_missing", ""},
		"both":                {obligation.Command{Text: "说明了情况", Demands: "完成汇编", Exempt: "已完成"}, "rectification_missing", ""},
		"a date for nothing":  {obligation.Command{Text: "说明了情况", Exempt: "已完成", Due: calendar.MustDate("2025-09-10")}, "rectification_missing", ""},
		"no minutes":          {obligation.Command{Demands: "完成汇编"}, "outcome_missing", ""},
		"on the day itself":   {obligation.Command{Text: "说明了情况", Demands: "完成汇编", Due: calendar.MustDate("2025-08-20")}, "due_invalid", ""},
		"more than fits":      {obligation.Command{Text: "说明了情况", Demands: strings.Repeat("字", 4001)}, "text_too_long", ""},
		"a reason too long":   {obligation.Command{Text: "说明了情况", Exempt: strings.Repeat("字", 4001)}, "text_too_long", ""},
		"minutes too long":    {obligation.Command{Text: strings.Repeat("字", 4001), Exempt: "已完成"}, "text_too_long", ""},
		"blanks for a reason": {obligation.Command{Text: "说明了情况", Exempt: "  "}, "rectification_missing", ""},
	} {
		t.Run(name, func(t *testing.T) {
			l, p := calledIn(t)
			tt.command.Kind = obligation.Conclude
			err := p.doc.Can(tt.command, l.cal, shanghai, moment("2025-08-20 17:00"))
			if tt.code != "" {
				requireCode(t, tt.code, err)
				_, err = obligation.Decide(l.state, tt.command, l.cal, moment("2025-08-20 17:00"))
				requireCode(t, tt.code, err)
				return
			}
			require.NoError(t, err)
			before := l.state
			e := p.put("2025-08-20 17:00", tt.command)
			require.Equal(t, obligation.InterviewHeld, e.Kind)
			require.True(t, e.Meeting.At.Equal(meeting().At), "the entry says which interview it was")
			require.Equal(t, before.Hands, l.state.Hands, "whoever looks at the obligation need not look again")
			if tt.due == "" {
				require.True(t, p.doc.IsSettled())
				require.Equal(t, tt.command.Exempt, p.doc.Meeting.Exempt)
				require.Empty(t, obligation.Notices(l.state, e))
				return
			}
			require.Equal(t, tt.due, e.Due.String())
			require.Equal(t, "huayang", p.doc.WaitingOn())
			require.Equal(t, tt.due, p.doc.WaitsUntil().String())
			require.Equal(t, "约谈纪要要求整改，请于"+e.Due.Chinese()+"前报送整改报告。整改要求：完成汇编", notice(t, l.state, e).Text)
		})
	}
}

// The story of a rectification: late, returned, and verified after the obligation itself is closed.
func TestRectificationGoesOnUntilItIsVerified(t *testing.T) {
	l, p := calledIn(t)
	held := p.put("2025-08-20 17:00", obligation.Command{Kind: obligation.Conclude, Text: "说明了情况", Demands: "完成汇编"})
	refused := func(at string, kind obligation.CommandKind, code obligation.ErrorCode) {
		t.Helper()
		_, err := obligation.Decide(l.state, obligation.Command{Kind: kind, Text: "文字"}, l.cal, moment(at))
		requireCode(t, code, err)
		requireCode(t, code, p.doc.Can(obligation.Command{Kind: kind, Text: "文字"}, l.cal, shanghai, moment(at)))
	}
	refused("2025-08-21 10:00", obligation.Conclude, "no_meeting")
	refused("2025-08-21 10:00", obligation.Arrange, "no_meeting")
	refused("2025-08-21 10:00", obligation.VerifyRectification, "not_rectified")
	refused("2025-08-21 10:00", obligation.ReturnRectification, "not_rectified")

	l.do("2025-08-22", obligation.Submit, "已完成")
	l.do("2025-08-25", obligation.Accept, "")
	require.True(t, l.state.IsClosed())
	require.False(t, l.state.IsOver())
	demanded := notice(t, l.state, held)
	require.True(t, demanded.Current(l.state), "the unit still has to put it right")
	require.Equal(t, obligation.RectificationOpen, l.state.Meeting.Rectification.Status())

	require.False(t, l.state.Meeting.Rectification.OverdueOn(calendar.MustDate("2025-08-27")), "its whole day included")
	require.True(t, l.state.Meeting.Rectification.OverdueOn(calendar.MustDate("2025-08-28")))
	requireCode(t, "rectification_text_missing", p.doc.Can(obligation.Command{Kind: obligation.Rectify, Text: " "}, l.cal, shanghai, moment("2025-08-29")))
	first := p.put("2025-08-29 10:00", obligation.Command{Kind: obligation.Rectify, Text: "汇编已印发"})
	require.True(t, first.Overdue)
	require.True(t, p.doc.Meeting.Rectification.Late)
	require.Equal(t, "office", p.doc.WaitingOn())
	require.Zero(t, p.doc.WaitsUntil())
	asked := notice(t, l.state, first)
	require.Equal(t, "华阳路街道已逾期报送整改报告，请核查。整改情况：汇编已印发", asked.Text)
	require.Equal(t, obligation.ToOffice, asked.To)
	require.True(t, asked.Current(l.state))
	require.False(t, demanded.Current(l.state), "nobody is nagged after reporting")
	refused("2025-08-29 11:00", obligation.Rectify, "rectified")

	_, err := obligation.Decide(l.state, obligation.Command{Kind: obligation.ReturnRectification}, l.cal, moment("2025-09-01"))
	requireCode(t, "reason_missing", err)
	_, err = obligation.Decide(l.state, obligation.Command{Kind: obligation.ReturnRectification, Text: "缺附件", Due: calendar.MustDate("2025-09-01")}, l.cal, moment("2025-09-01"))
	requireCode(t, "due_invalid", err)
	returned := p.put("2025-09-01 10:00", obligation.Command{Kind: obligation.ReturnRectification, Text: "缺附件"})
	require.Equal(t, "2025-09-08", returned.Due.String(), "five working days")
	require.False(t, asked.Current(l.state))
	require.True(t, notice(t, l.state, returned).Current(l.state))
	require.Equal(t, 1, p.doc.Meeting.Rectification.Returned)
	require.Equal(t, "2025-08-27", p.doc.Meeting.Rectification.Original.String())

	second := p.put("2025-09-05 10:00", obligation.Command{Kind: obligation.Rectify, Text: "已补附件"})
	require.False(t, second.Overdue)
	verified := p.put("2025-09-08 10:00", obligation.Command{Kind: obligation.VerifyRectification, Text: "现场核查属实"})
	require.Equal(t, "整改已核查通过。附言：现场核查属实", notice(t, l.state, verified).Text)
	require.True(t, p.doc.IsSettled())
	require.True(t, l.state.IsOver())
	require.Equal(t, obligation.RectificationDone, p.doc.Meeting.Rectification.Status())
	require.Empty(t, p.doc.WaitingOn())
	refused("2025-09-09 10:00", obligation.WaiveRectification, "no_rectification")
}

func TestRectificationIsWaivedWithAReason(t *testing.T) {
	l, p := calledIn(t)
	p.put("2025-08-20 17:00", obligation.Command{Kind: obligation.Conclude, Text: "说明了情况", Demands: "完成汇编"})
	requireCode(t, "reason_missing", p.doc.Can(obligation.Command{Kind: obligation.WaiveRectification}, l.cal, shanghai, moment("2025-08-21")))
	e := p.put("2025-08-21 10:00", obligation.Command{Kind: obligation.WaiveRectification, Text: "上级已统一印发"})
	require.Equal(t, "约谈所提整改要求不再执行，不必报送整改报告。理由：上级已统一印发", notice(t, l.state, e).Text)
	require.Equal(t, obligation.RectificationDropped, p.doc.Meeting.Rectification.Status())
	require.True(t, p.doc.IsSettled())
}

func TestCommandsAboutNoInterview(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	for _, kind := range obligation.InterviewCommands {
		_, err := obligation.Decide(l.state, obligation.Command{Kind: kind, Text: "文字"}, l.cal, moment("2025-06-03"))
		requireCode(t, "no_meeting", err)
	}
}

// An interview that was arranged before the ledger spoke of interviews is known from its document alone.
func TestInterviewFromBeforeTheLedgerSpokeOfIt(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	c := obligation.Command{Kind: obligation.Conclude, Text: "说明了情况", Demands: "完成汇编"}
	events, err := obligation.Decide(l.state.Adopting(meeting()), c, l.cal, moment("2025-08-20 17:00"))
	require.NoError(t, err)
	s := obligation.Replay(l.state, events[len(events)-1:])
	require.True(t, s.Meeting.At.Equal(meeting().At))
	require.Equal(t, meeting().Place, s.Meeting.Place)
	require.True(t, s.Meeting.Rectification.WithUnit())
}

func TestUnitIsRemindedOfARectificationAndTheOfficeOnceItIsLate(t *testing.T) {
	_, p := calledIn(t)
	p.put("2025-09-22 17:00", obligation.Command{Kind: obligation.Conclude, Text: "说明了情况", Demands: "完成汇编", Due: calendar.MustDate("2025-09-30")})
	var days []string
	for n := range 4 {
		days = append(days, p.doc.RemindAt(n, 3, 9*time.Hour, holidays, shanghai).Format("01-02 15:04"))
	}
	// National Day lies between, 28 September and 11 October are made up.
	require.Equal(t, []string{"09-26 09:00", "10-09 09:00", "10-13 09:00", "10-16 09:00"}, days)

	before := obligation.HolderNotices(p.doc, 1, moment("2025-09-26"), shanghai)
	require.Len(t, before, 1)
	require.Equal(t, "huayang", before[0].Recipient)
	require.Equal(t, "约谈要求的整改应于2025年9月30日前完成并报送整改报告，请抓紧办理。", before[0].Notice.Text)
	require.True(t, before[0].Notice.Current(p.l.state))
	late := obligation.HolderNotices(p.doc, 2, moment("2025-10-09"), shanghai)
	require.Len(t, late, 2)
	require.Equal(t, "约谈要求的整改应于2025年9月30日前完成，已经逾期，请立即整改并报送整改报告。", late[0].Notice.Text)
	require.Equal(t, "office", late[1].Recipient)
	require.Equal(t, "责任单位应于2025年9月30日前完成约谈要求的整改，至今没有报送整改报告，请关注。", late[1].Notice.Text)
	require.NotEqual(t, late[0].Key, late[1].Key)

	p.put("2025-10-10 10:00", obligation.Command{Kind: obligation.Rectify, Text: "已印发"})
	require.False(t, late[0].Notice.Current(p.l.state))
	require.False(t, late[1].Notice.Current(p.l.state))
	require.Equal(t, "10-14 09:00", p.doc.RemindAt(0, 3, 9*time.Hour, holidays, shanghai).Format("01-02 15:04"))
	review := holderNotice(t, p.doc, 1, "2025-10-14")
	require.Equal(t, "整改报告已经报送，还没有核查，请尽快核查通过或退回。", review.Notice.Text)
	require.True(t, review.Notice.Current(p.l.state))

	p.put("2025-10-14 10:00", obligation.Command{Kind: obligation.ReturnRectification, Text: "缺附件", Due: calendar.MustDate("2025-10-16")})
	require.False(t, review.Notice.Current(p.l.state))
	require.Equal(t, "10-17 09:00", p.doc.RemindAt(0, 3, 9*time.Hour, holidays, shanghai).Format("01-02 15:04"), "the deadline is too near for a reminder before it")
	again := obligation.HolderNotices(p.doc, 2, moment("2025-10-17"), shanghai)
	require.NotEqual(t, late[0].Key, again[0].Key, "another deadline is counted anew")
}
