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

const inboxPage = "/plans/p1/inbox"

func told() *lists {
	digests := api.InboxPage{Next: "c/2", Digests: []api.Digest{
		{ID: "p1/xinhua/2026-07-06", Day: calendar.MustDate("2026-07-06"), Created: instant("2026-07-06 08:30"), Messages: []api.Message{
			{Plan: "p1", Measure: "13.1", Unit: "xinhua", Period: "2026H1", KindLabel: "签发", RungLabel: "督促函", Urgent: true, Title: "带队检查" + hostile, Text: "督促函已发出" + hostile, Why: "逾期后10个工作日：督促函" + hostile},
		}},
		{ID: "p1/xinhua/2026-07-03", Day: calendar.MustDate("2026-07-03"), Created: instant("2026-07-03 08:30"), Read: instant("2026-07-03 09:15"), Messages: []api.Message{{Title: "月报"}, {Plan: "p1", Assessment: "2026H1", KindLabel: "计分", Title: "2026年上半年考核评估"}}},
	}}
	return &lists{programs: answering(reported()), found: func(path string, _ url.Values) any {
		if strings.HasPrefix(path, "/plans/p1/inbox/") && !strings.HasSuffix(path, "/read") {
			return digests
		}
		return nil
	}}
}

func TestInbox(t *testing.T) {
	l := told()
	body := get(over(l), inboxPage, as("unit")).Body.String()
	require.Contains(t, l.seen, "/plans/p1/inbox/xinhua?limit=20")
	for _, want := range []string{
		"2026年7月6日", "紧急", "未读", "签发", "·督促函", "带队检查&#34;", "督促函已发出&#34;", "为什么收到", "逾期后10个工作日：督促函&#34;", "2026年7月3日 09:15已读",
		`href="/plans/p1/obligations/13.1/xinhua/2026H1"`, `href="/api/v1/plans/p1/inbox/xinhua/print?digest=p1%2Fxinhua%2F2026-07-06"`, `href="/plans/p1/inbox?cursor=c%2F2"`,
	} {
		require.Contains(t, body, want)
	}
	require.Contains(t, body, `<a href="/plans/p1/assessments/2026H1">2026年上半年考核评估</a>`, "an assessment is no obligation to be led to")
	require.Equal(t, 1, strings.Count(body, "hx-post="), "what is read is not marked again")
	require.NotContains(t, body, "<script>alert")
	require.NotContains(t, body, "回到最新")

	l = told()
	body = get(over(l), inboxPage+"?unread=1&cursor=c%2F2", as("unit")).Body.String()
	require.Contains(t, l.seen, "/plans/p1/inbox/xinhua?cursor=c%2F2&limit=20&unread=true")
	require.Contains(t, body, `href="/plans/p1/inbox?unread=1">回到最新`)
	body = get(over(told()), inboxPage+"?digest=p1%2Fxinhua%2F2026-07-06", as("unit")).Body.String()
	require.Contains(t, body, `hx-trigger="load"`, "it comes opened")

	l = told()
	get(over(l), inboxPage, as("office"))
	require.Contains(t, l.seen, "/plans/p1/inbox/office?limit=20")
	for _, role := range []account.Role{account.Leader, account.Auditor, account.Admin} {
		require.Equal(t, http.StatusForbidden, get(over(told()), inboxPage, as(string(role))).Code, role)
	}
	empty := answering(reported())
	require.Contains(t, get(over(empty), inboxPage, as("unit")).Body.String(), "还没有收到通知")
	require.Contains(t, get(over(empty), inboxPage+"?unread=1", as("unit")).Body.String(), "没有未读的通知")
	empty.answers["GET /plans/p1/inbox/xinhua"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "游标不对"}
	require.Contains(t, get(over(empty), inboxPage+"?cursor=x", as("unit")).Body.String(), "游标不对")
}

func TestReadingADigest(t *testing.T) {
	const read = "/plans/p1/inbox/xinhua/read"
	p := answering(reported())
	p.answers["POST "+read] = api.Digest{ID: "p1/xinhua/2026-07-06", Read: instant("2026-07-06 10:00")}
	form := url.Values{"digest": {"p1/xinhua/2026-07-06"}}
	w := post(over(p), inboxPage+"/read", form, header{"Cookie": "as=unit", "HX-Request": "true"})
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, `<span class="digest-mark quiet">2026年7月6日 10:00已读</span>`, w.Body.String(), "the mark alone")
	require.Contains(t, p.asked, `POST `+read+`   {"digest":"p1/xinhua/2026-07-06"}`)
	w = post(over(p), inboxPage+"/read", form, as("unit"))
	require.Equal(t, []any{http.StatusSeeOther, "/plans/p1/inbox?digest=p1%2Fxinhua%2F2026-07-06&done=read"}, []any{w.Code, w.Header().Get("Location")})

	p.answers["POST "+read] = &api.Problem{Status: http.StatusNotFound, Code: api.Code(obligation.CodeNotFound), Detail: "找不到"}
	w = post(over(p), inboxPage+"/read", form, header{"Cookie": "as=unit", "HX-Request": "true"})
	require.Equal(t, http.StatusNotFound, w.Code)
	require.Empty(t, w.Body.String())
	require.Contains(t, post(over(p), inboxPage+"/read", form, as("unit")).Body.String(), "找不到")
	require.Equal(t, http.StatusForbidden, post(over(p), inboxPage+"/read", form, as("leader")).Code)
}
