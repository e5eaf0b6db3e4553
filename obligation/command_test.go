package obligation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

// at returns an obligation due on 2025-06-30 in one of the situations that people meet it in, on 2025-07-09 10:00.
func at(t *testing.T, situation string) *life {
	t.Helper()
	if situation == "history" {
		return open(t, with(due("2025-06-30"), asOf("2025-07-01")), "2025-07-09 10:00")
	}
	l := open(t, due("2025-06-30"), "2025-06-02")
	situation, letter := strings.CutSuffix(situation, "+draft")
	switch situation {
	case "open":
	case "signed":
		l.do("2025-06-03", obligation.Sign, "")
	case "asked":
		l.do("2025-06-03", obligation.Sign, "")
		l.ask("2025-06-30 17:00", "2025-07-31")
		situation = "signed"
	case "submitted", "returned", "accepted":
		when := "2025-06-27 10:00"
		if letter {
			when = "2025-07-07 10:00"
		}
		l.do(when, obligation.Submit, "已完成")
		if situation == "returned" {
			l.do("2025-07-08 10:00", obligation.Return, "缺附件")
		}
		if situation == "accepted" {
			l.do("2025-07-08 10:00", obligation.Accept, "")
		}
	default:
		t.Fatalf("no such situation %q", situation)
	}
	l.until("2025-07-09 10:00")
	_, pending := l.state.PendingDraft()
	if !letter && pending {
		l.issue("2025-07-09 10:00", 1)
	}
	require.Equal(t, situation, string(l.state.Stage))
	return l
}

func TestWhoMayDoWhatWhen(t *testing.T) {
	const now = "2025-07-09 10:00"
	commands := map[string]obligation.Command{
		"sign":           {Kind: obligation.Sign},
		"submit":         {Kind: obligation.Submit, Text: "已完成"},
		"submit nothing": {Kind: obligation.Submit, Text: " \n"},
		"accept":         {Kind: obligation.Accept},
		"return":         {Kind: obligation.Return, Text: "缺附件"},
		"return mutely":  {Kind: obligation.Return, Text: " "},
		"return by":      {Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-07-10")},
		"return today":   {Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate("2025-07-09")},
		"nudge":          {Kind: obligation.Nudge},
		"issue":          {Kind: obligation.Issue, Rung: obligation.Letter, Number: "1"},
		"issue other":    {Kind: obligation.Issue, Rung: obligation.Circular, Number: "1"},
		"withdraw":       {Kind: obligation.WithdrawDoc, Rung: obligation.Letter, Text: "已电话沟通"},
		"withdraw mute":  {Kind: obligation.WithdrawDoc, Rung: obligation.Letter},
		"withdraw other": {Kind: obligation.WithdrawDoc, Rung: obligation.Interview, Text: "已电话沟通"},
		"rearm":          {Kind: obligation.Rearm, Text: "清单调整", Facts: moved("2025-09-30")},
		"rearm mutely":   {Kind: obligation.Rearm, Facts: moved("2025-09-30")},
		"rearm nothing":  {Kind: obligation.Rearm, Text: "清单调整"},
		"ask":            {Kind: obligation.AskExtension, Text: "材料未齐，已完成一半", Due: calendar.MustDate("2025-07-31")},
		"ask mutely":     {Kind: obligation.AskExtension, Text: " ", Due: calendar.MustDate("2025-07-31")},
		"ask no more":    {Kind: obligation.AskExtension, Text: "材料未齐", Due: calendar.MustDate("2025-07-15")},
		"grant":          {Kind: obligation.GrantExtension},
		"grant today":    {Kind: obligation.GrantExtension, Due: calendar.MustDate("2025-07-09")},
		"grant other":    {Kind: obligation.GrantExtension, Due: calendar.MustDate("2025-08-29"), Text: "不再延期"},
		"refuse":         {Kind: obligation.RefuseExtension, Text: "理由不充分"},
		"refuse mutely":  {Kind: obligation.RefuseExtension},
		"dance":          {Kind: "dance"},
		"":               {},
		"write a novel":  {Kind: obligation.Submit, Text: strings.Repeat("字", obligation.MaxText+1)},
	}
	// What each command leads to: the event's kind, or the refusal's code.
	const closed = "obligation_closed"
	rows := map[string]map[string]string{
		"open": {
			"sign": "signed", "submit": "submitted", "submit nothing": "text_missing", "accept": "not_submitted",
			"return": "not_submitted", "return mutely": "not_submitted", "return by": "not_submitted", "return today": "not_submitted",
			"nudge": "nudged", "issue": "no_draft", "issue other": "no_draft", "withdraw": "no_draft", "withdraw mute": "no_draft",
			"withdraw other": "no_draft", "rearm": "rearmed", "rearm mutely": "reason_missing", "rearm nothing": "nothing_to_do",
			"ask": "extension_late", "ask mutely": "extension_late", "ask no more": "extension_late",
			"grant": "no_extension", "grant today": "no_extension", "grant other": "no_extension", "refuse": "no_extension", "refuse mutely": "no_extension",
			"dance": "unknown_command", "": "unknown_command", "write a novel": "text_too_long",
		},
		"open+draft": {
			"sign": "signed", "submit": "submitted", "submit nothing": "text_missing", "accept": "not_submitted",
			"return": "not_submitted", "return mutely": "not_submitted", "return by": "not_submitted", "return today": "not_submitted",
			"nudge": "nudged", "issue": "issued", "issue other": "no_draft", "withdraw": "withdrawn", "withdraw mute": "reason_missing",
			"withdraw other": "no_draft", "rearm": "rearmed", "rearm mutely": "reason_missing", "rearm nothing": "nothing_to_do",
			"ask": "extension_late", "ask mutely": "extension_late", "ask no more": "extension_late",
			"grant": "no_extension", "grant today": "no_extension", "grant other": "no_extension", "refuse": "no_extension", "refuse mutely": "no_extension",
			"dance": "unknown_command", "": "unknown_command", "write a novel": "text_too_long",
		},
		"signed+draft": {
			"sign": "already_signed", "submit": "submitted", "submit nothing": "text_missing", "accept": "not_submitted",
			"return": "not_submitted", "return mutely": "not_submitted", "return by": "not_submitted", "return today": "not_submitted",
			"nudge": "nudged", "issue": "issued", "issue other": "no_draft", "withdraw": "withdrawn", "withdraw mute": "reason_missing",
			"withdraw other": "no_draft", "rearm": "rearmed", "rearm mutely": "reason_missing", "rearm nothing": "nothing_to_do",
			"ask": "extension_late", "ask mutely": "extension_late", "ask no more": "extension_late",
			"grant": "no_extension", "grant today": "no_extension", "grant other": "no_extension", "refuse": "no_extension", "refuse mutely": "no_extension",
			"dance": "unknown_command", "": "unknown_command", "write a novel": "text_too_long",
		},
		"submitted": {
			"sign": "in_review", "submit": "in_review", "submit nothing": "in_review", "accept": "accepted",
			"return": "returned", "return mutely": "reason_missing", "return by": "returned", "return today": "due_invalid",
			"nudge": "in_review", "issue": "no_draft", "issue other": "no_draft", "withdraw": "no_draft", "withdraw mute": "no_draft",
			"withdraw other": "no_draft", "rearm": "rearmed", "rearm mutely": "reason_missing", "rearm nothing": "nothing_to_do",
			"ask": "in_review", "ask mutely": "in_review", "ask no more": "in_review",
			"grant": "no_extension", "grant today": "no_extension", "grant other": "no_extension", "refuse": "no_extension", "refuse mutely": "no_extension",
			"dance": "unknown_command", "": "unknown_command", "write a novel": "text_too_long",
		},
		"submitted+draft": { // a draft waits, and the unit has reported: it can be withdrawn, and can't be signed off
			"sign": "in_review", "submit": "in_review", "submit nothing": "in_review", "accept": "accepted",
			"return": "returned", "return mutely": "reason_missing", "return by": "returned", "return today": "due_invalid",
			"nudge": "in_review", "issue": "in_review", "issue other": "no_draft", "withdraw": "withdrawn", "withdraw mute": "reason_missing",
			"withdraw other": "no_draft", "rearm": "rearmed", "rearm mutely": "reason_missing", "rearm nothing": "nothing_to_do",
			"ask": "in_review", "ask mutely": "in_review", "ask no more": "in_review",
			"grant": "no_extension", "grant today": "no_extension", "grant other": "no_extension", "refuse": "no_extension", "refuse mutely": "no_extension",
			"dance": "unknown_command", "": "unknown_command", "write a novel": "text_too_long",
		},
		"returned": {
			"sign": "already_signed", "submit": "submitted", "submit nothing": "text_missing", "accept": "not_submitted",
			"return": "not_submitted", "return mutely": "not_submitted", "return by": "not_submitted", "return today": "not_submitted",
			"nudge": "nudged", "issue": "no_draft", "issue other": "no_draft", "withdraw": "no_draft", "withdraw mute": "no_draft",
			"withdraw other": "no_draft", "rearm": "rearmed", "rearm mutely": "reason_missing", "rearm nothing": "nothing_to_do",
			"ask": "extension_asked", "ask mutely": "reason_missing", "ask no more": "due_invalid",
			"grant": "no_extension", "grant today": "no_extension", "grant other": "no_extension", "refuse": "no_extension", "refuse mutely": "no_extension",
			"dance": "unknown_command", "": "unknown_command", "write a novel": "text_too_long",
		},
		"asked": { // the deadline has passed since, and the office has not answered
			"sign": "already_signed", "submit": "submitted", "submit nothing": "text_missing", "accept": "not_submitted",
			"return": "not_submitted", "return mutely": "not_submitted", "return by": "not_submitted", "return today": "not_submitted",
			"nudge": "nudged", "issue": "no_draft", "issue other": "no_draft", "withdraw": "no_draft", "withdraw mute": "no_draft",
			"withdraw other": "no_draft", "rearm": "rearmed", "rearm mutely": "reason_missing", "rearm nothing": "nothing_to_do",
			"ask": "extension_pending", "ask mutely": "extension_pending", "ask no more": "extension_pending",
			"grant": "extended", "grant today": "due_invalid", "grant other": "extended", "refuse": "extension_refused", "refuse mutely": "reason_missing",
			"dance": "unknown_command", "": "unknown_command", "write a novel": "text_too_long",
		},
		"accepted": {}, "history": {},
	}
	for situation, row := range rows {
		for name, c := range commands {
			want := row[name]
			if situation == "accepted" || situation == "history" {
				want = closed
			}
			t.Run(situation+"/"+name, func(t *testing.T) {
				l := at(t, situation)
				before := l.state
				c.By, c.Key = obligation.Actor{Role: obligation.RoleUnit, Name: "联络员"}, "key-1"
				events, err := l.decide(now, c)
				require.Equal(t, before, l.state)
				if err != nil {
					requireCode(t, obligation.ErrorCode(want), err)
					require.Empty(t, events)
					return
				}
				l.add(events...)
				e := events[len(events)-1]
				require.Equal(t, want, string(e.Kind))
				require.Equal(t, c.By, e.By)
				require.Equal(t, "key-1", e.Key)
				require.Equal(t, c.Text, e.Text)
				require.True(t, c.Due.IsZero() || c.Due == e.Due)
				require.Equal(t, moment(now).UTC(), e.At)
			})
		}
	}
}

// moved returns the facts of due("2025-06-30") with another due date.
func moved(day string) *obligation.Facts {
	facts := due(day).Facts
	return &facts
}

func TestWhatIsWrittenIsTrimmed(t *testing.T) {
	l := at(t, "open")
	require.Equal(t, "已完成", l.do("2025-07-09 10:00", obligation.Submit, "  已完成\n").Text)
}

func TestLongestTextIsAccepted(t *testing.T) {
	l := at(t, "open")
	l.do("2025-07-09 10:00", obligation.Submit, strings.Repeat("字", obligation.MaxText))
	require.Equal(t, obligation.StageSubmitted, l.state.Stage)
}

func TestInstantsAreWhatADatabaseKeeps(t *testing.T) {
	l := open(t, due("2025-06-30"), "2025-06-02")
	now := moment("2025-06-03").Add(1234567 * time.Nanosecond)
	events, err := obligation.Decide(l.state, obligation.Command{Kind: obligation.Sign}, l.cal, now)
	require.NoError(t, err)
	require.Equal(t, moment("2025-06-03").Add(1234*time.Microsecond).UTC(), events[0].At)
	require.Equal(t, now.Truncate(time.Microsecond).UTC(), obligation.Open(due("2025-06-30"), l.cal, now).At)
}

func TestEveryErrorSaysWhatToDo(t *testing.T) {
	for _, code := range []obligation.ErrorCode{
		obligation.CodeClosed, obligation.CodeAlreadySigned, obligation.CodeNotSubmitted, obligation.CodeInReview,
		obligation.CodeReasonMissing, obligation.CodeTextMissing, obligation.CodeTextTooLong, obligation.CodeDueInvalid,
		obligation.CodeNoDraft, obligation.CodeUnknown, obligation.CodeNothingToDo, obligation.CodeMeetingMissing,
		obligation.CodeMeetingPast, obligation.CodeNoMeeting, obligation.CodeAsOfAhead, obligation.CodeNotFound, obligation.CodeConflict,
		obligation.CodeExtensionPending, obligation.CodeNoExtension, obligation.CodeExtensionsUsed, obligation.CodeExtensionLate,
		obligation.CodeSuspended, obligation.CodeNotSuspended, obligation.CodeSendBackPending, obligation.CodeNoSendBack, obligation.CodeSendBackUsed,
		obligation.CodeProgressMissing, obligation.CodePercentInvalid, obligation.CodeNotOverdue, obligation.CodeDraftPending, obligation.CodeRungInvalid,
		obligation.CodePartOfPart, obligation.CodePartInvalid, obligation.CodePartDue, obligation.CodePartsOpen, obligation.CodePartsInReview,
		obligation.CodeHazardNoMeasure, obligation.CodeHazardIncomplete, obligation.CodeHazardTextTooLong, obligation.CodeHazardUnit,
		obligation.CodeHazardRegion, obligation.CodeHazardIndustry, obligation.CodeHazardReviewer, obligation.CodeHazardDates, obligation.CodeNoHazard,
		obligation.CodeSupervised, obligation.CodeReviewMissing, obligation.CodeReviewed, obligation.CodeNotReviewer, obligation.CodeCheckedInvalid,
		obligation.CodeHazardFormer, obligation.CodeNameInvalid, obligation.CodePeriodInvalid, obligation.CodeNoDelegation, obligation.CodeOtherLiaison,
	} {
		require.True(t, obligation.KnownCode(code), code)
		require.NotEmpty(t, (&obligation.Error{Code: code}).Error(), code)
	}
	require.False(t, obligation.KnownCode("no_such_code"))
	require.True(t, obligation.IsNotFound(&obligation.Error{Code: obligation.CodeNotFound}))
	require.False(t, obligation.IsNotFound(&obligation.Error{Code: obligation.CodeClosed}))
}
