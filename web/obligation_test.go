package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/obligation"
	"duban/web"
)

const (
	onePage = "/plans/p1/obligations/13.1/xinhua/2026H1"
	oneAPI  = "/obligations/p1/13.1/xinhua/2026H1"
	hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>`
)

var shanghai = time.FixedZone("Asia/Shanghai", 8*3600)

func instant(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

// reported is an obligation whose report awaits the office; all that people wrote tries to be markup.
func reported() api.ObligationDetail {
	o := api.ObligationDetail{
		Obligation: api.Obligation{
			Plan: "p1", Measure: "13.1", Unit: "xinhua", Period: "2026H1", Seq: 30, Task: "13", Title: "督促企业主要负责人带队检查" + hostile,
			UnitName: "新华路街道", PeriodLabel: "2026年上半年", Stage: obligation.StageSubmitted, StageLabel: "待审核",
			Light: obligation.Red, LightLabel: "红灯", Due: calendar.MustDate("2026-06-30"), OriginalDue: calendar.MustDate("2026-05-31"),
			Deadline: calendar.MustDate("2026-06-30"), WasOverdue: true, Rung: obligation.Letter, RungLabel: "督促函",
			WaitingOn: "office", WaitingOnName: "区安委办", NextAt: instant("2026-07-08 09:00"), NextLabel: "提醒",
		},
		Quote: "企业主要负责人每季度至少带队检查1次" + hostile, Done: "检查记录", Ladder: api.Ladder{Title: "标准阶梯"},
		Opened: instant("2026-01-04 09:00"), Signed: instant("2026-01-05 10:30"), Submitted: instant("2026-07-03 16:20"),
		Next:     &api.NextStep{At: instant("2026-07-08 09:00"), Kind: obligation.Reminded, Label: "提醒（提交后3个工作日未审核）", Why: "提交后3个工作日未审核：提醒", Rung: obligation.Remind},
		Formals:  []api.Formal{{RungRef: api.RungRef{Rung: obligation.Letter, RungLabel: "督促函"}, Number: "长安委办〔2026〕7号"}},
		Evidence: []api.EvidenceItem{{EventEvidence: api.EventEvidence{ID: "E1", Name: "总结" + hostile + ".pdf", Size: 2 << 20, SHA256: strings.Repeat("ab", 32)}, Uploaded: instant("2026-07-03 16:00"), By: api.Actor{Name: "李四"}}},
		Parts:    []api.Part{{N: 1, Unit: "yjj", UnitName: "区应急局", Text: "提供名单" + hostile, Due: calendar.MustDate("2026-06-01"), Obligation: "p1/13.1/yjj/2026H1.1", Stage: obligation.StageSigned, StageLabel: "办理中", Light: obligation.Green}},
		Workflow: "/temporal/namespaces/duban/workflows/x",
		Recent:   []api.Event{{Seq: 29, Kind: obligation.Submitted, KindLabel: "提交", At: instant("2026-07-03 16:20"), By: api.Actor{RoleLabel: "责任单位", Name: "李四"}, Text: "已完成" + hostile}},
	}
	return o
}

// answering is an API that has a plan and one obligation.
func answering(o api.ObligationDetail) *programs {
	return &programs{answers: map[string]any{
		"GET /plans":    api.PlanList{Plans: []api.Plan{{Code: "p1", Title: "三年行动", Today: calendar.MustDate("2026-07-06"), From: calendar.MustDate("2024-01-01"), To: calendar.MustDate("2026-12-31")}}},
		"GET " + oneAPI: o,
		"GET " + oneAPI + "/ledger": api.LedgerPage{Events: []api.Event{
			{Seq: 29, Kind: obligation.Submitted, KindLabel: "提交", At: instant("2026-07-03 16:20"), By: api.Actor{RoleLabel: "责任单位", Name: "李四", For: "王五"}, Text: "已完成" + hostile, Hash: "beef"},
			{Seq: 30, Kind: obligation.Nudged, KindLabel: "催问", At: instant("2026-07-04 09:00"), By: api.Actor{RoleLabel: "区安委办", Name: "赵六"}},
		}},
		"GET " + oneAPI + "/documents": api.DocumentList{Documents: []api.Document{{
			Plan: "p1", Measure: "13.1", Unit: "xinhua", Period: "2026H1", Rung: obligation.Letter, RungLabel: "督促函", StatusLabel: "已签发", Title: "关于督促" + hostile, Number: "长安委办〔2026〕7号",
		}}},
	}}
}

func over(p http.Handler) *gin.Engine {
	return pages(newDoor(), func(d *web.Deps) { d.API = p })
}

func TestObligationPage(t *testing.T) {
	for _, role := range []account.Role{account.Office, account.Leader, account.Auditor, account.Unit} {
		w := get(over(answering(reported())), onePage, as(string(role)))
		require.Equal(t, http.StatusOK, w.Code, role)
		body := w.Body.String()
		for _, want := range []string{
			"督促企业主要负责人带队检查&#34;", "新华路街道", "2026年上半年", "2026年6月30日", "原期限 2026年5月31日", "待审核", "已督促函", "曾经逾期",
			"自 2026年7月3日 16:20", "2026年7月8日 09:00，届时情况不变的，系统自动发出提醒。", "为什么：提交后3个工作日未审核：提醒；按标准阶梯。",
			"企业主要负责人每季度至少带队检查1次", "检查记录", "2.0 MB", "abababababab</code>", `href="/api/v1` + oneAPI + `/evidence/E1"`,
			`href="/plans/p1/documents/13.1/xinhua/2026H1/letter"`, "长安委办〔2026〕7号", `href="/plans/p1/obligations/13.1/yjj/2026H1.1"`,
			"责任单位 李四（代王五）", "beef", "■",
		} {
			require.Contains(t, body, want, role)
		}
		require.NotContains(t, body, "<script>alert", role)
		require.NotContains(t, body, "<img src=x", role)
		require.NotContains(t, body, "已过 ", "its time is over, and it is not the unit that is waited for")
		require.Less(t, strings.Index(body, "赵六"), strings.Index(body, "beef"), "newest first")
		require.Equal(t, role == account.Office, strings.Contains(body, `action="`+onePage), role)
		require.Equal(t, role != account.Unit, strings.Contains(body, "/dossier"), role)
		require.Equal(t, role != account.Unit, strings.Contains(body, "/temporal/namespaces"), role)
	}
	require.Equal(t, http.StatusForbidden, get(over(answering(reported())), onePage, as("admin")).Code)
	gone := answering(reported())
	gone.answers["GET "+oneAPI] = &api.Problem{Status: http.StatusNotFound, Code: "not_found"}
	require.Equal(t, http.StatusNotFound, get(over(gone), onePage, as("office")).Code)
	require.Equal(t, http.StatusNotFound, get(over(answering(reported())), strings.Replace(onePage, "p1", "p2", 1), as("office")).Code)
}

// What can be done goes with how the obligation stands; nothing can where it is closed.
func TestOfficeIsOfferedWhatGoesWithTheStage(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*api.ObligationDetail)
		want   string
	}{
		"submitted": {func(*api.ObligationDetail) {}, "accept return hand-over waive"},
		"signed":    {func(o *api.ObligationDetail) { o.Stage, o.WaitingOn = obligation.StageSigned, "xinhua" }, "nudge skip suspend hand-over waive"},
		"not late": {func(o *api.ObligationDetail) {
			o.Stage, o.WaitingOn, o.WasOverdue = obligation.StageOpen, "xinhua", false
		}, "nudge suspend hand-over waive"},
		"drafted": {func(o *api.ObligationDetail) {
			o.Stage, o.WaitingOn, o.Draft = obligation.StageReturned, "xinhua", &api.RungRef{Rung: obligation.Interview}
		}, "nudge suspend hand-over waive"},
		"wants more time": {func(o *api.ObligationDetail) {
			o.Stage, o.WasOverdue, o.Application = obligation.StageSigned, false, &api.Application{Due: calendar.MustDate("2026-08-01")}
		}, "grant-extension refuse-extension nudge suspend hand-over waive"},
		"sent back": {func(o *api.ObligationDetail) {
			o.Stage, o.SentBack = obligation.StageOpen, &api.Objection{Reason: "不属我局"}
		}, "refuse-send-back hand-over waive"},
		"suspended": {func(o *api.ObligationDetail) {
			o.Stage, o.Suspended = obligation.StageSigned, &api.Suspension{Reason: "标准修订"}
		}, "resume hand-over waive"},
		"closed": {func(o *api.ObligationDetail) { o.Stage, o.WaitingOn, o.Next = obligation.StageAccepted, "", nil }, ""},
	} {
		o := reported()
		tt.change(&o)
		body := get(over(answering(o)), onePage, as("office")).Body.String()
		for verb := range strings.FieldsSeq("accept return grant-extension refuse-extension refuse-send-back resume nudge skip suspend hand-over waive") {
			offered := strings.Contains(body, `action="`+onePage+"/"+verb+`"`)
			require.Equal(t, strings.Contains(" "+tt.want+" ", " "+verb+" "), offered, "%s: %s", name, verb)
		}
	}
}

// Each form becomes one command: under its key, as of what its page showed.
func TestOfficeActs(t *testing.T) {
	for verb, tt := range map[string]struct{ form, body string }{
		"accept":           {"text=很好", `{"text":"很好"}`},
		"return":           {"reason=缺少清单&due=2026-07-20", `{"reason":"缺少清单","due":"2026-07-20"}`},
		"nudge":            {"text=", `{}`},
		"waive":            {"reason=撤并", `{"reason":"撤并"}`},
		"suspend":          {"reason=修订", `{"reason":"修订"}`},
		"resume":           {"reason=印发", `{"reason":"印发"}`},
		"refuse-send-back": {"reason=属于", `{"reason":"属于"}`},
		"grant-extension":  {"due=&text=", `{}`},
		"refuse-extension": {"reason=不行", `{"reason":"不行"}`},
		"skip":             {"rung=interview&reason=严重", `{"rung":"interview","reason":"严重"}`},
		"hand-over":        {"to= 钱七 &from=&reason=调离", `{"to":{"name":"钱七"},"reason":"调离"}`},
	} {
		p := answering(reported())
		form, err := url.ParseQuery("form=" + verb + "&key=k-1&seq=30&" + tt.form)
		require.NoError(t, err)
		w := post(over(p), onePage+"/"+verb, form, as("office"))
		require.Equal(t, []any{http.StatusSeeOther, onePage + "?done=" + verb}, []any{w.Code, w.Header().Get("Location")}, verb)
		require.Contains(t, p.asked, `POST `+oneAPI+"/"+verb+` k-1 "30" `+tt.body)
		body := get(over(p), onePage+"?done="+verb, as("office")).Body.String()
		require.Contains(t, body, `class="notice"`, verb)
	}
	for _, verb := range []string{"erase", "ledger"} {
		p := answering(reported())
		require.Equal(t, http.StatusNotFound, post(over(p), onePage+"/"+verb, nil, as("office")).Code)
		require.Empty(t, p.asked, "the API is not asked for what no form is for")
	}
	for _, role := range []string{"leader", "auditor", "admin"} {
		p := answering(reported())
		require.Equal(t, http.StatusForbidden, post(over(p), onePage+"/accept", nil, as(role)).Code)
		require.Empty(t, p.asked)
	}
}

func TestRefusedActKeepsWhatWasTyped(t *testing.T) {
	p := answering(reported())
	p.answers["POST "+oneAPI+"/return"] = &api.Problem{Status: http.StatusUnprocessableEntity, Code: api.Code(obligation.CodeDueInvalid), Detail: "日期无效。"}
	form := url.Values{"form": {"return"}, "key": {"k-1"}, "seq": {"30"}, "reason": {"缺少" + hostile}, "due": {"2020-01-01"}}
	w := post(over(p), onePage+"/return", form, as("office"))
	body := w.Body.String()
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, body, "日期无效。")
	require.Contains(t, body, "缺少&#34;&gt;&lt;script&gt;")
	require.Contains(t, body, `value="2020-01-01"`)
	require.NotContains(t, body, "<script>alert")

	// Somebody else was faster: the page is as of now, and says so.
	moved := reported()
	moved.Seq = 33
	p.answers["GET "+oneAPI] = moved
	p.answers["POST "+oneAPI+"/return"] = &api.Problem{Status: http.StatusConflict, Code: api.Code(obligation.CodeConflict), Detail: "x"}
	w = post(over(p), onePage+"/return", form, as("office"))
	require.Equal(t, http.StatusConflict, w.Code)
	require.Contains(t, w.Body.String(), "其他人刚刚办理过")
	require.Contains(t, w.Body.String(), "缺少&#34;")
	require.Contains(t, w.Body.String(), `name="seq" value="33"`)
	require.NotContains(t, w.Body.String(), `name="seq" value="30"`)

	// And it can't be returned any more: what was written is not lost.
	moved.Stage, moved.WaitingOn = obligation.StageAccepted, ""
	p.answers["GET "+oneAPI] = moved
	w = post(over(p), onePage+"/return", form, as("office"))
	require.NotContains(t, w.Body.String(), `action="`+onePage)
	require.Contains(t, w.Body.String(), "您刚才填写的内容")
	require.Contains(t, w.Body.String(), "缺少&#34;")
}

// queries notes what the API is asked for, beside what it answers.
type queries struct {
	*programs
	seen []string
}

func (q *queries) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "/obligations") {
		text, _ := url.QueryUnescape(r.URL.RawQuery)
		q.seen = append(q.seen, strings.TrimPrefix(r.URL.Path, "/api/v1")+"?"+text)
	}
	q.programs.ServeHTTP(w, r)
}

func TestLedgerIsShownPieceByPiece(t *testing.T) {
	q := &queries{programs: answering(reported())}
	body := get(over(q), onePage, as("office")).Body.String()
	require.Contains(t, q.seen, oneAPI+"/ledger?after=10&limit=20")
	require.Contains(t, body, `hx-get="`+onePage+`?before=11"`)
	q.seen = nil
	w := get(over(q), onePage+"?before=11", header{"Cookie": "as=office", "HX-Request": "true"})
	require.Equal(t, []string{oneAPI + "/ledger?after=0&limit=10"}, q.seen, "and nothing else")
	require.NotContains(t, w.Body.String(), "<html")
	require.NotContains(t, w.Body.String(), "更早的")
	w = get(over(q), onePage+"?before=11", as("office"))
	require.Contains(t, w.Body.String(), "<html", "without a script it is a page of its own")
	for _, bad := range []string{"x", "-5", "0", "1"} {
		q.seen = nil
		require.Equal(t, http.StatusOK, get(over(q), onePage+"?before="+bad, as("office")).Code)
		require.Contains(t, q.seen, oneAPI+"/ledger?after=10&limit=20", fmt.Sprint("the newest: ", bad))
	}
}

// An address may name an entry: the piece of the ledger that it stands in is shown, and the entry has its own name there.
func TestLedgerIsShownAroundAnEntry(t *testing.T) {
	q := &queries{programs: answering(reported())}
	for entry, want := range map[string]string{"5": "?after=0&limit=15", "10": "?after=0&limit=20", "11": "?after=10&limit=20", "x": "?after=10&limit=20", "-1": "?after=10&limit=20"} {
		q.seen = nil
		body := get(over(q), onePage+"?entry="+entry, as("office")).Body.String()
		require.Contains(t, q.seen, oneAPI+"/ledger"+want, entry)
		require.Regexp(t, `<li class="[a-z_]+" id="e\d+">`, body)
	}
}

// Who reviews a hazard of another unit reads its record; nothing that only that unit may do or see is offered or asked for.
func TestObligationPageOfAReviewer(t *testing.T) {
	const path = "/obligations/p1/14.5/yjj/2026-004"
	p := answering(reported())
	o := p.answers["GET "+oneAPI].(api.ObligationDetail)
	o.Measure, o.Unit, o.Period, o.Hazard, o.WaitingOn = "14.5", "yjj", "2026-004", "2026-004", "xinhua"
	p.answers["GET "+path] = o
	p.answers["GET "+path+"/ledger"] = p.answers["GET "+oneAPI+"/ledger"]
	w := get(over(p), "/plans"+strings.Replace(path, "/obligations/p1", "/p1/obligations", 1), as("unit"))
	require.Equal(t, http.StatusOK, w.Code)
	body := w.Body.String()
	require.Contains(t, body, `href="/api/v1`+path+`/evidence/E1"`)
	require.Contains(t, body, `href="/plans/p1/hazards/2026-004"`)
	require.Contains(t, body, "beef", "its ledger")
	require.NotContains(t, body, `id="act"`)
	require.NotContains(t, body, `method="post" action="/plans/p1/obligations`)
	for _, asked := range p.asked {
		require.NotContains(t, asked, path+"/documents")
		require.NotContains(t, asked, path+"/evidence")
	}
}
