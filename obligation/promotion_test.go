package obligation_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

// opened returns a finding of a recorded inspection, opened on the day of the record.
func opened(t *testing.T) *life {
	l := open(t, weekly("2025-06-15"), "2025-06-09")
	l.put("2025-06-12 10:00", recorded(sheet("huayang 2025-06-11 商铺"), finding("huayang", "2025-06-20")))
	return open(t, obligation.FindingOpening(l.state, l.state.Findings()[0]), "2025-06-12 10:00")
}

func promoting(change func(*obligation.Registration)) obligation.Registration {
	r := obligation.Registration{By: office, Key: "theirs", Asked: "k1", Unit: "nobody", Due: calendar.MustDate("2025-07-31"), Hazard: obligation.Hazard{
		Source: obligation.PublicReport, Grade: obligation.General, Text: "别的", Enterprise: "某某公司", Place: "甲路1号", Reviewer: "yjj", Former: "2024-001",
	}}
	if change != nil {
		change(&r)
	}
	return r
}

// What the inspection recorded is taken over, and nothing of it can be said otherwise.
func TestPromotionOfAFinding(t *testing.T) {
	l := opened(t)
	r, err := l.state.Promotion(promoting(nil), []string{"照片.jpg"}, 0)
	require.NoError(t, err)
	require.Equal(t, []any{"huayang", obligation.PromotionKey(l.state.ID), "k1"}, []any{r.Unit, r.Key, r.Asked})
	require.Equal(t, obligation.Hazard{
		Source: obligation.ByInspection, Grade: obligation.Major, Inspection: "p/S6.3/awb/2025W24", Finding: "p/S6.3/huayang/2025W24.awb.f1",
		Reference: "2025年第24周督导检查第1个问题；佐证材料：照片.jpg", Text: "某商铺：安全出口上锁", Found: calendar.MustDate("2025-06-12"),
		Enterprise: "某某公司", Place: "甲路1号", Reviewer: "yjj",
	}, r.Hazard)
	same, err := l.state.Promotion(promoting(func(r *obligation.Registration) { r.Hazard.Enterprise = " 某商铺" }), nil, 0)
	require.NoError(t, err)
	require.Equal(t, "安全出口上锁", same.Hazard.Text, "it is not named twice")
	long, err := l.state.Promotion(promoting(nil), []string{strings.Repeat("长", 300)}, 0)
	require.NoError(t, err)
	require.Len(t, []rune(long.Hazard.Reference), 200)

	_, err = l.state.Promotion(promoting(func(r *obligation.Registration) { r.By.Name = "另一人" }), nil, 0)
	require.NoError(t, err)
	l.do("2025-06-13 10:00", obligation.Sign, "")
	_, err = l.state.Promotion(promoting(nil), nil, 1)
	requireCode(t, obligation.CodeConflict, err)
}

func TestPromotedFindingIsClosed(t *testing.T) {
	l := opened(t)
	r, err := l.state.Promotion(promoting(nil), nil, 0)
	require.NoError(t, err)
	r.Hazard.Year, r.Hazard.Number = 2025, 4
	id, c, ok := obligation.Event{Kind: obligation.Opened, By: r.By, Asked: r.Asked, Facts: &obligation.Facts{Hazard: &r.Hazard}}.Closing()
	require.True(t, ok)
	require.Equal(t, l.state.ID, id)
	require.Equal(t, obligation.Command{Kind: obligation.Promote, By: office, Key: "k1", Number: "2025-004", Text: "转为重大隐患长隐〔2025〕4号"}, c)
	l.do("2025-06-12 11:00", obligation.Suspend, "等鉴定")
	e := l.put("2025-06-13 10:00", c)
	require.Equal(t, []any{obligation.Promoted, "2025-004", "k1"}, []any{e.Kind, e.Number, e.Key})
	require.Equal(t, []any{"2025-004", obligation.StageWaived, "转挂牌督办", ""}, []any{l.state.Promoted, l.state.Stage, l.state.StageName(), l.state.WaitingOn()})
	require.Nil(t, l.state.Suspension)
	notice := obligation.Notices(l.state, e)
	require.Len(t, notice, 1)
	require.Equal(t, "该问题已转为重大隐患长隐〔2025〕4号，由隐患台账继续督办，不必再按问题报送。", notice[0].Text)

	_, err = obligation.Decide(l.state, c, l.cal, moment("2025-06-14 10:00"))
	requireCode(t, obligation.CodeClosed, err)
	_, err = l.state.Promotion(promoting(nil), nil, 0)
	requireCode(t, obligation.CodePromoted, err)
}

func TestWhatCantBePromoted(t *testing.T) {
	other := open(t, due("2025-06-30"), "2025-06-02 10:00")
	_, err := other.state.Promotion(promoting(nil), nil, 0)
	requireCode(t, obligation.CodeNoFinding, err)
	promote := obligation.Command{Kind: obligation.Promote, By: office, Number: "2025-004"}
	_, err = obligation.Decide(other.state, promote, other.cal, moment("2025-06-03 10:00"))
	requireCode(t, obligation.CodeNoFinding, err)

	l := opened(t)
	promote.Number = ""
	_, err = obligation.Decide(l.state, promote, l.cal, moment("2025-06-13 10:00"))
	requireCode(t, obligation.CodeHazardIncomplete, err)
	l.do("2025-06-13 10:00", obligation.Waive, "重复")
	_, err = l.state.Promotion(promoting(nil), nil, 0)
	requireCode(t, obligation.CodeClosed, err)

	for _, e := range []obligation.Event{
		{Kind: obligation.Signed, Facts: &obligation.Facts{Hazard: &obligation.Hazard{Finding: "p/1/a/1"}}},
		{Kind: obligation.Opened, Facts: &obligation.Facts{}},
		{Kind: obligation.Opened, Facts: &obligation.Facts{Hazard: &obligation.Hazard{}}},
	} {
		_, _, ok := e.Closing()
		require.False(t, ok)
	}
}
