package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/obligation"
)

// inReview are the answers about reports of two units that await review.
func inReview() map[string]any {
	one := api.Obligation{
		Plan: "p1", Measure: "1.1", Unit: "xinhua", Period: "2026H1", Seq: 7, Title: "报送" + script, UnitName: "新华路街道", PeriodLabel: "上半年", Task: "1",
		Stage: obligation.StageSubmitted, StageLabel: "待审核", Light: obligation.Green, LightLabel: "绿灯", Deadline: calendar.MustDate("2026-03-31"),
		OriginalDue: calendar.MustDate("2026-02-28"), WaitingOn: "office",
	}
	two := one
	two.Unit, two.UnitName = "tianshan", "天山路街道"
	picture := api.EventEvidence{ID: "f1", Name: "照片" + script + ".png", Type: "image/png", Size: 2048}
	letter := api.EventEvidence{ID: "f2", Name: "总结.pdf", Type: "application/pdf", Size: 2048}
	unit := api.Actor{Role: obligation.RoleUnit, RoleLabel: "责任单位", Name: "李四"}
	return map[string]any{
		"GET /obligations": api.ObligationPage{Obligations: []api.Obligation{one, two}, Total: 2},
		"GET /obligations/p1/1.1/xinhua/2026H1": api.ObligationDetail{Obligation: one, Quote: "依据原句", Returns: 1, Evidence: []api.EvidenceItem{
			{EventEvidence: picture, Seq: 7}, {EventEvidence: letter, Seq: 3}, {EventEvidence: api.EventEvidence{ID: "f3", Name: "未报.pdf"}, Staged: true},
		}},
		"GET /obligations/p1/1.1/tianshan/2026H1": api.ObligationDetail{Obligation: two},
		"GET /obligations/p1/1.1/xinhua/2026H1/ledger": api.LedgerPage{Events: []api.Event{
			{Seq: 3, Kind: obligation.Submitted, KindLabel: "提交", By: unit, Text: "第一次报送"},
			{Seq: 4, Kind: obligation.Returned, KindLabel: "退回", By: api.Actor{Role: obligation.RoleOffice, RoleLabel: "区安委办"}, Text: "缺少照片"},
			{Seq: 5, Kind: obligation.Reminded, KindLabel: "提醒", By: api.Actor{Role: obligation.RoleSystem}, Text: "自动提醒"},
			{Seq: 7, Kind: obligation.Submitted, KindLabel: "提交", By: unit, Text: "已补充" + script},
		}},
	}
}

func TestReportsAreReviewed(t *testing.T) {
	h, q := onPlan(inReview())
	body := get(h, "/plans/p1/desk?tab=submission", as("office")).Body.String()
	for _, text := range []string{
		"已补充", "缺少照片", "已退回 1 次", "原期限 2026年2月28日", "依据原句", `<img src="/api/v1/obligations/p1/1.1/xinhua/2026H1/evidence/f1"`, "先前报送的材料（1 件）",
		`href="/plans/p1/desk?open=1.1%2Ftianshan%2F2026H1&amp;tab=submission"`, `class="queue"`,
	} {
		require.Contains(t, body, text)
	}
	for _, text := range []string{"<script>alert", "自动提醒", "未报.pdf", "evidence/f2\" alt"} {
		require.NotContains(t, body, text)
	}
	require.Contains(t, q.queries, "/obligations?cursor=&limit=50&plan=p1&waitsFor=submission")
	require.Contains(t, get(h, "/plans/p1/desk?tab=submission&open=1.1/tianshan/2026H1", as("office")).Body.String(), `class="queue reading"`, "a phone shows the one alone")

	require.Contains(t, body, `class="answer approve" data-accept><input type="hidden" name="form" value="accept">`)
	require.Contains(t, body, `class="answer" data-return><input type="hidden" name="form" value="return">`)

	form := url.Values{
		"tab": {"submission"}, "item": {"1.1/xinhua/2026H1"}, "next": {"1.1/tianshan/2026H1"}, "verb": {"accept"}, "key": {"k"}, "seq": {"7"}, "text": {" 好 "},
	}
	w := post(h, "/plans/p1/desk", form, as("office"))
	require.Equal(t, []any{http.StatusSeeOther, "/plans/p1/desk?done=accept&open=1.1%2Ftianshan%2F2026H1&tab=submission"}, []any{w.Code, w.Header().Get("Location")})
	require.Contains(t, q.asked, `POST /obligations/p1/1.1/xinhua/2026H1/accept k "7" {"text":"好"}`)
	form.Set("next", "//evil.example/")
	form.Set("tab", "//evil.example")
	require.True(t, strings.HasPrefix(post(h, "/plans/p1/desk", form, as("office")).Header().Get("Location"), "/plans/p1/desk?"))

	for _, bad := range []string{"", "x", "1.1/xinhua", "1.1/xinhua/2026H1/letter/more/still"} {
		form.Set("item", bad)
		require.Equal(t, http.StatusNotFound, post(h, "/plans/p1/desk", form, as("office")).Code, bad)
	}
	require.Equal(t, http.StatusForbidden, post(h, "/plans/p1/desk", form, as("unit")).Code)
	require.Equal(t, http.StatusForbidden, get(h, "/plans/p1/desk", as("auditor")).Code)
}

func TestRefusedReviewKeepsWhatWasTyped(t *testing.T) {
	answers := inReview()
	answers["POST /obligations/p1/1.1/xinhua/2026H1/return"] = &api.Problem{Status: 409, Detail: "其他人刚刚处理过，请刷新后再看。"}
	h, _ := onPlan(answers)
	w := post(h, "/plans/p1/desk", url.Values{
		"form": {"return"}, "tab": {"submission"}, "item": {"1.1/xinhua/2026H1"}, "verb": {"return"}, "reason": {"还缺" + script}, "due": {"2026-04-10"},
	}, as("office"))
	require.Equal(t, 409, w.Code)
	for _, text := range []string{"其他人刚刚处理过", "还缺&#34;&gt;&lt;script&gt;", `value="2026-04-10"`, `value="1.1/xinhua/2026H1"`} {
		require.Contains(t, w.Body.String(), text)
	}
}

// A leader signs first, and is offered what is his to sign alone.
func TestLeadersSignFirst(t *testing.T) {
	d := draft(obligation.Circular, "leader")
	answers := filed(d)
	answers["GET /documents"] = api.DocumentPage{Documents: []api.Document{d}}
	answers["GET /obligations"] = api.ObligationPage{Total: 3}
	h, q := onPlan(answers)
	body := get(h, "/plans/p1/desk", as("leader")).Body.String()
	require.Less(t, strings.Index(body, "文书待签"), strings.Index(body, "待审核"))
	require.Contains(t, body, `name="verb" value="sign-off"`)
	require.Contains(t, body, `class="masthead"`)
	require.Contains(t, q.queries, "/documents?cursor=&limit=50&plan=p1&status=draft&waitingOn=leader")
	require.Contains(t, q.queries, "/obligations?limit=1&plan=p1&waitingOn=leader&waitsFor=draft")
	w := post(h, "/plans/p1/desk", url.Values{"tab": {"draft"}, "item": {"1.1/xinhua/2026H1/circular"}, "verb": {"sign-off"}}, as("leader"))
	require.Equal(t, "/plans/p1/desk?done=document-sign-off&tab=draft", w.Header().Get("Location"))

	review, _ := onPlan(inReview())
	body = get(review, "/plans/p1/desk?tab=submission", as("leader")).Body.String()
	require.Contains(t, body, "由区安委办办理")
	require.NotContains(t, body, `value="accept"`)
}

func TestEveryTabOfTheDesk(t *testing.T) {
	for _, tab := range []string{"submission", "extension", "sendback", "draft", "interview", "suspension"} {
		h, _ := onPlan(nil)
		body := get(h, "/plans/p1/desk?tab="+tab, as("office")).Body.String()
		require.Contains(t, body, `class="empty"`, tab)
	}
	o := inReview()["GET /obligations/p1/1.1/xinhua/2026H1"].(api.ObligationDetail)
	o.Stage = obligation.StageSigned
	for verb, change := range map[string]func(*api.ObligationDetail){
		"grant-extension":  func(o *api.ObligationDetail) { o.Application = &api.Application{Due: calendar.MustDate("2026-04-30")} },
		"refuse-extension": func(o *api.ObligationDetail) { o.Application = &api.Application{Due: calendar.MustDate("2026-04-30")} },
		"refuse-send-back": func(o *api.ObligationDetail) { o.SentBack = &api.Objection{Reason: "不属本单位"} },
		"waive":            func(o *api.ObligationDetail) { o.SentBack = &api.Objection{Reason: "不属本单位"} },
		"resume":           func(o *api.ObligationDetail) { o.Suspended = &api.Suspension{Reason: "等待批复"} },
	} {
		answers, changed := inReview(), o
		change(&changed)
		answers["GET /obligations/p1/1.1/xinhua/2026H1"] = changed
		h, _ := onPlan(answers)
		body := get(h, "/plans/p1/desk?tab=extension", as("office")).Body.String()
		require.Contains(t, body, `name="verb" value="`+verb+`"`)
		require.NotContains(t, body, `value="nudge"`)
	}
}

func TestUnitIsHandedOver(t *testing.T) {
	answers := inReview()
	answers["POST /plans/p1/units/xinhua/hand-over"] = api.Bulk{Total: 2, Done: 1, Failed: 1, Items: []api.BulkItem{{Measure: "1.1", Period: "2026H1", Title: script, Detail: "暂时无法办理"}}}
	h, q := onPlan(answers)
	require.Contains(t, get(h, "/plans/p1/handover", as("office")).Body.String(), "请先选择")
	body := get(h, "/plans/p1/handover?unit=xinhua", as("office")).Body.String()
	require.Contains(t, body, "在办的事项 2 件")
	require.Contains(t, body, `<option value="李四">`)
	require.Contains(t, q.queries, "/obligations?limit=50&open=true&plan=p1&unit=xinhua")
	w := post(h, "/plans/p1/handover", url.Values{
		"form": {"handover"}, "unit": {"xinhua"}, "from": {"李四"}, "to": {"王五" + script}, "reason": {"调离"}, "key": {"k-9"},
	}, as("office"))
	require.Contains(t, q.asked, `POST /plans/p1/units/xinhua/hand-over k-9  {"from":{"name":"李四"},"to":{"name":"王五\"\u003e\u003cscript\u003ealert(1)\u003c/script\u003e"},"reason":"调离"}`)
	for _, text := range []string{"已办理 1 件", "没有办成 1 件", "暂时无法办理", "王五&#34;&gt;", "调离</textarea>"} {
		require.Contains(t, w.Body.String(), text)
	}
	require.Equal(t, "k-9", hidden(t, w, "key"), "sent again it is completed")
	require.NotContains(t, w.Body.String(), "<script>alert")

	answers["POST /plans/p1/units/xinhua/delegate"] = &api.Problem{Status: 422, Detail: "委托的起止日期无效"}
	h, _ = onPlan(answers)
	body = get(h, "/plans/p1/handover?unit=tianshan", as("unit")).Body.String()
	require.Contains(t, body, "新华路街道在办的事项", "a liaison has his own unit alone")
	w = post(h, "/plans/p1/handover", url.Values{"form": {"handover"}, "unit": {"tianshan"}, "to": {"王五"}, "until": {"2026-03-20"}}, as("unit"))
	require.Contains(t, w.Body.String(), "委托的起止日期无效")
	require.Contains(t, w.Body.String(), `value="2026-03-20"`)
	require.Equal(t, http.StatusForbidden, get(h, "/plans/p1/handover", as(string(account.Leader))).Code)
}
