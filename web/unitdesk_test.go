package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/obligation"
)

const deskPage = "/plans/p1/desk"

// lists is an API whose lists of obligations, documents and digests go with what they are asked for.
type lists struct {
	*programs
	found func(path string, q url.Values) any // nil: nothing is
	seen  []string
}

func (l *lists) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/api/v1")
	l.seen = append(l.seen, path+"?"+r.URL.Query().Encode())
	if r.Method == http.MethodGet {
		if out := l.found(path, r.URL.Query()); out != nil {
			_ = json.NewEncoder(w).Encode(out)
			return
		}
	}
	l.programs.ServeHTTP(w, r)
}

func due(measure string, stage obligation.Stage, deadline string) api.Obligation {
	return api.Obligation{
		Plan: "p1", Measure: measure, Unit: "xinhua", Period: "2026H1", Seq: 7, Task: "13", Title: "事项" + measure + hostile, UnitName: "新华路街道",
		PeriodLabel: "2026年上半年", Stage: stage, StageLabel: stage.Chinese(), Light: obligation.Yellow, LightLabel: "黄灯",
		Deadline: calendar.MustDate(deadline), WaitingOn: "xinhua",
	}
}

// busy is the API of a unit that has something of everything to do.
func busy() *lists {
	page := func(total int, all ...api.Obligation) api.ObligationPage {
		return api.ObligationPage{Obligations: all, Total: total}
	}
	p := answering(reported())
	p.answers["GET /obligations/p1/1.1/xinhua/2026H1"] = api.ObligationDetail{Recent: []api.Event{
		{Kind: obligation.Signed, Text: "又签"}, {Kind: obligation.Returned, At: instant("2026-07-01 09:30"), Text: "缺少签到表" + hostile},
	}}
	return &lists{programs: p, found: func(path string, q url.Values) any {
		switch {
		case path == hazardsAPI && q.Get("waitingOn") == "xinhua" && q.Get("stage") == "submitted":
			return api.HazardPage{Total: 22, Hazards: []api.Hazard{
				{Number: "2026-004", Label: "长隐〔2026〕4号", Enterprise: "某公司" + hostile, Text: "软管老化", Waited: 6, Obligation: due("7.1", obligation.StageSubmitted, "2026-07-20")},
				{Number: "2026-005", Label: "长隐〔2026〕5号", Enterprise: "另一家", Text: "通道堵塞", Obligation: due("7.1", obligation.StageSubmitted, "2026-07-20")},
			}}
		case path == "/documents" && q.Get("waitingOn") == "xinhua":
			return api.DocumentPage{Documents: []api.Document{{
				Plan: "p1", Measure: "5.1", Unit: "xinhua", Period: "2026H1", Rung: obligation.Interview, Title: "约谈" + hostile,
				Meeting: &api.Meeting{Rectification: &api.Rectification{Demands: "完成汇编" + hostile, Due: calendar.MustDate("2026-07-01"), Overdue: true, Returned: 1, Reason: "不全"}},
			}}}
		case path == "/documents":
			return api.DocumentPage{Documents: []api.Document{
				{Plan: "p1", Measure: "6.1", Unit: "xinhua", Period: "2026H1", Rung: obligation.Interview, Title: "约谈通知", Meeting: &api.Meeting{At: instant("2026-07-09 14:00"), Place: "区政府101室" + hostile, Material: "书面说明"}},
				{Plan: "p1", Measure: "6.2", Unit: "xinhua", Period: "2026H1", Rung: obligation.Interview, Title: "已报整改", Meeting: &api.Meeting{Held: instant("2026-06-09 14:00"), Rectification: &api.Rectification{}}},
			}}
		case strings.Contains(path, "/inbox/"):
			return api.InboxPage{Digests: []api.Digest{{ID: "p1/xinhua/2026-07-06", Day: calendar.MustDate("2026-07-06"), Messages: []api.Message{{KindLabel: "提醒", Title: "甲" + hostile, Urgent: true}}}}}
		case path != "/obligations":
			return nil
		case q.Get("waitingOn") == "office":
			o := due("9.1", obligation.StageSigned, "2026-08-01")
			o.Application = &api.Application{}
			return page(1, o)
		case q.Get("stage") == "returned":
			return page(12, due("1.1", obligation.StageReturned, "2026-07-10"))
		case q.Get("list") == "overdue":
			o := due("2.1", obligation.StageOpen, "2026-06-30")
			o.Light, o.Rung, o.RungLabel = obligation.Red, obligation.Letter, "督促函"
			return page(1, o)
		case q.Get("stage") == "open":
			return page(2, due("3.1", obligation.StageOpen, "2026-07-06"), due("3.2", obligation.StageOpen, "2027-01-31"))
		case q.Get("list") == "due-soon":
			return page(1, due("4.1", obligation.StageSigned, "2026-07-20"))
		}
		return page(30)
	}}
}

func TestUnitDesk(t *testing.T) {
	l := busy()
	w := get(over(l), deskPage, as("unit"))
	body := w.Body.String()
	require.Equal(t, http.StatusOK, w.Code)
	last := 0
	for _, want := range []string{
		"新华路街道 · 2026年7月6日", "退回补正", "缺少签到表&#34;", "还有 11 件", "已逾期", "已督促函", "还没有签收", "已过 6 天", "待签收", "全部签收（2 件）", "今天到期", "2027年1月31日",
		"待报整改", "完成汇编&#34;", "不全", "已过 5 天", "待复核的隐患", "22 件", "长隐〔2026〕4号", "已等 6 天", "长隐〔2026〕5号", "今天报送", "还有 20 条", "约谈通知", "区政府101室&#34;", "书面说明", "2026年7月9日 14:00", "即将到期", "还有 14 天", "未读通知", "提醒：甲&#34;", "等区安委办答复", "整改待核查", "延期待答复",
	} {
		at := strings.Index(body[last:], want)
		require.GreaterOrEqual(t, at, 0, "%s, after what is more urgent", want)
		last += at
	}
	require.NotContains(t, body, "又签")
	require.NotContains(t, body, "尚未逾期")
	require.NotContains(t, body, "<script>alert")
	require.NotContains(t, body, "都办完了")
	require.Contains(t, body, `href="/plans/p1/obligations/1.1/xinhua/2026H1#act"`)
	require.Contains(t, body, `<a class="button plain" href="/plans/p1/hazards/2026-004">去复核</a>`)
	require.Contains(t, body, `href="/plans/p1/hazards?sort=updated&amp;stage=submitted&amp;waitingOn=xinhua"`)
	require.Contains(t, body, `href="/plans/p1/obligations/5.1/xinhua/2026H1#rectify"`)
	require.Contains(t, body, `href="/plans/p1/inbox?digest=p1%2Fxinhua%2F2026-07-06&amp;unread=1"`)
	for _, asked := range l.seen {
		q, err := url.ParseQuery(asked[strings.Index(asked, "?")+1:])
		require.NoError(t, err)
		if strings.HasPrefix(asked, "/obligations?") || strings.HasPrefix(asked, "/documents?") || strings.HasPrefix(asked, hazardsAPI) {
			require.NotEmpty(t, q.Get("limit"), "%s reads no more than is shown", asked)
			require.True(t, q.Get("plan") == "p1" || strings.HasPrefix(asked, hazardsAPI), asked)
		}
	}
}

func TestUnitDeskWithNothingToDo(t *testing.T) {
	for total, want := range map[int]string{0: "都办完了", 3: "在办 3 件，都不急"} {
		l := &lists{programs: answering(reported()), found: func(path string, q url.Values) any {
			if path == "/obligations" && q.Get("stage")+q.Get("list")+q.Get("open") == "" {
				return api.ObligationPage{Total: total}
			}
			return nil
		}}
		body := get(over(l), deskPage, as("unit")).Body.String()
		require.Contains(t, body, want)
		require.Contains(t, body, "都办完了")
		require.NotContains(t, body, "<section class=\"panel\" id=")
	}
	down := &lists{programs: answering(reported()), found: func(string, url.Values) any { return nil }}
	down.answers["GET /obligations"] = &api.Problem{Status: http.StatusServiceUnavailable, Detail: "数据库没有答复", Request: "R-1"}
	w := get(over(down), deskPage, as("unit"))
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), "R-1")
	require.NotContains(t, w.Body.String(), "都办完了")
}

func TestSigningOnTheDesk(t *testing.T) {
	sign := func(l *lists, form url.Values) *httptest.ResponseRecorder {
		form.Set("form", "sign")
		form.Set("key", "k")
		return post(over(l), deskPage+"/sign", form, as("unit"))
	}
	both := []string{"3.1/2026H1", "3.2/2026H1"}

	l := busy()
	w := sign(l, url.Values{"item": both, "one": {"3.2/2026H1"}})
	require.Equal(t, []any{http.StatusSeeOther, deskPage + "?done=signed"}, []any{w.Code, w.Header().Get("Location")})
	require.Contains(t, l.asked, "POST /obligations/p1/3.2/xinhua/2026H1/sign k-0  {}")
	require.NotContains(t, strings.Join(l.asked, "\n"), "POST /obligations/p1/3.1", "the other is left alone")
	require.Contains(t, get(over(l), deskPage+"?done=signed", as("unit")).Body.String(), "已签收。")

	l = busy()
	l.answers["POST /obligations/p1/3.2/xinhua/2026H1/sign"] = &api.Problem{Status: http.StatusConflict, Detail: "该事项已经签收" + hostile}
	w = sign(l, url.Values{"item": both, "all": {"1"}})
	body := w.Body.String()
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, l.asked, "POST /obligations/p1/3.1/xinhua/2026H1/sign k-0  {}")
	require.Contains(t, l.asked, "POST /obligations/p1/3.2/xinhua/2026H1/sign k-1  {}")
	require.Regexp(t, regexp.MustCompile(`(?s)签收结果.*✓ 已签收.*事项3\.1.*✕ 未签收.*事项3\.2.*该事项已经签收&#34;`), body)
	require.NotContains(t, body, "<script>alert")

	for _, items := range [][]string{nil, make([]string, 51)} {
		l = busy()
		w = sign(l, url.Values{"item": items})
		require.Equal(t, http.StatusUnprocessableEntity, w.Code)
		require.Contains(t, w.Body.String(), "一次最多 50 件")
		require.NotContains(t, strings.Join(l.asked, "\n"), "/sign")
	}

	// Nobody signs for another unit, whatever he sends.
	l = busy()
	sign(l, url.Values{"item": {"3.1/../yjj/2026H1", "3.1/x/sign?"}})
	for _, asked := range l.asked {
		if strings.HasPrefix(asked, "POST") {
			require.Regexp(t, `^POST /obligations/p1/3\.1/xinhua/`, asked)
		}
	}
}

func TestDeskIsForThoseWhoAct(t *testing.T) {
	for role, want := range map[account.Role]int{account.Unit: http.StatusOK, account.Auditor: http.StatusForbidden, account.Admin: http.StatusForbidden} {
		require.Equal(t, want, get(over(busy()), deskPage, as(string(role))).Code, role)
	}
	for _, role := range []account.Role{account.Office, account.Leader, account.Auditor, account.Admin} {
		require.Equal(t, http.StatusForbidden, post(over(busy()), deskPage+"/sign", url.Values{"item": {"3.1/2026H1"}}, as(string(role))).Code, role)
	}
	require.Equal(t, http.StatusNotFound, get(over(busy()), "/plans/p2/desk", as("unit")).Code)
}

// Where there is nothing but reviews, the desk is not clear.
func TestADeskOfReviewsAlone(t *testing.T) {
	l := &lists{programs: answering(reported()), found: func(path string, _ url.Values) any {
		if path != hazardsAPI {
			return nil
		}
		return api.HazardPage{Total: 1, Hazards: []api.Hazard{{Number: "2026-004", Enterprise: "某公司", ReviewerName: "新华路街道", Obligation: due("7.1", obligation.StageSubmitted, "2026-07-20")}}}
	}}
	body := get(over(l), deskPage, as("unit")).Body.String()
	require.Contains(t, body, "新华路街道 · 2026年7月6日")
	require.Contains(t, body, "待复核的隐患")
	require.NotContains(t, body, "都办完了")
}

// A deadline on a day of rest may be over and not missed yet: the light says so, and the desk does.
func TestDeadlineOnADayOfRest(t *testing.T) {
	l := &lists{programs: answering(reported()), found: func(path string, q url.Values) any {
		if q.Get("list") != "due-soon" {
			return nil
		}
		return api.ObligationPage{Total: 1, Obligations: []api.Obligation{due("4.1", obligation.StageSigned, "2026-07-05")}}
	}}
	body := get(over(l), deskPage, as("unit")).Body.String()
	require.Contains(t, body, "尚未逾期")
	require.NotContains(t, body, `class="quiet late"`)
}

// Of many that are to be signed for most are folded away, and go with the others.
func TestManyToSignFor(t *testing.T) {
	l := &lists{programs: answering(reported()), found: func(path string, q url.Values) any {
		if path != "/obligations" || q.Get("stage") != "open" {
			return nil
		}
		var out api.ObligationPage
		for i := range 50 {
			out.Obligations = append(out.Obligations, due(fmt.Sprintf("3.%d", i), obligation.StageOpen, "2026-08-01"))
		}
		out.Total = 60
		return out
	}}
	body := get(over(l), deskPage, as("unit")).Body.String()
	require.Equal(t, 50, strings.Count(body, `name="item"`))
	require.Contains(t, body, "其余 42 件")
	require.Contains(t, body, "全部签收（50 件）")
	require.Contains(t, body, "还有 10 件")
}
