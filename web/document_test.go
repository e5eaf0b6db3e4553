package web_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
	"duban/obligation"
	"duban/web"
)

func at(day string, hour int) time.Time {
	return calendar.MustDate(day).At(time.Duration(hour)*time.Hour, shanghai)
}

// script is a text that would run in a page that takes it for its own.
const script = `"><script>alert(1)</script>`

// questions is an API that remembers what was asked of it, with the queries.
type questions struct {
	programs
	queries []string
}

// ServeHTTP implements http.Handler.
func (q *questions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		q.queries = append(q.queries, strings.TrimPrefix(r.URL.Path, "/api/v1")+"?"+r.URL.RawQuery)
	}
	q.programs.ServeHTTP(w, r)
}

// onPlan returns pages over an API that has one plan, two units and the answers.
func onPlan(answers map[string]any) (*gin.Engine, *questions) {
	p := &questions{programs: programs{answers: map[string]any{
		"GET /plans": api.PlanList{Plans: []api.Plan{{Code: "p1", Zone: "Asia/Shanghai", Today: calendar.MustDate("2026-03-02")}}},
		"GET /plans/p1/units": api.UnitList{Units: []api.Unit{
			{Code: "xinhua", Name: "新华路街道", Contacts: []api.Contact{{Name: "李四"}}}, {Code: "tianshan", Name: "天山路街道"},
		}},
	}}}
	maps.Copy(p.answers, answers)
	return pages(newDoor(), func(d *web.Deps) { d.API = p }), p
}

func draft(rung obligation.Rung, waitingOn string) api.Document {
	return api.Document{
		Plan: "p1", Measure: "1.1", Unit: "xinhua", Period: "2026H1", Rung: rung, RungLabel: rung.Chinese(), Status: obligation.DocumentDraft, StatusLabel: "待签发",
		Title: "关于督促落实" + script + "的函", Body: "正文" + script, Drafted: at("2026-03-01", 9), WaitingOn: waitingOn,
	}
}

// filed are the answers about a document.
func filed(d api.Document) map[string]any {
	one := "GET /documents/p1/1.1/xinhua/2026H1/" + string(d.Rung)
	return map[string]any{
		one: d,
		one + "/text": api.Sheet{Title: d.Title, Blocks: []api.SheetBlock{
			{Style: "masthead", Pieces: []api.SheetPiece{{Text: "区安委会办公室"}}},
			{Style: "rule"},
			{Style: "text", Pieces: []api.SheetPiece{{Text: "一、抓紧办理。", Head: true}, {Text: script}}},
			{Style: "table", Rows: [][]string{{"序号", "单位"}, {"1", script}}},
		}},
		one + "/minutes/text": api.Sheet{Title: "约谈纪要", Blocks: []api.SheetBlock{{Style: "signatures", Rows: [][]string{{"约谈方："}}}}},
		"GET /obligations/p1/1.1/xinhua/2026H1": api.ObligationDetail{Obligation: api.Obligation{
			Plan: "p1", Measure: "1.1", Unit: "xinhua", Period: "2026H1", Title: "报送" + script, UnitName: "新华路街道" + script,
		}},
	}
}

const onePath = "/plans/p1/documents/1.1/xinhua/2026H1/"

func TestDocumentIsReadAndSigned(t *testing.T) {
	answers := filed(draft(obligation.Letter, "office"))
	h, p := onPlan(answers)
	body := get(h, onePath+"letter", as("office")).Body.String()
	for _, text := range []string{`class="masthead"`, "<b>一、抓紧办理。</b>", "<th scope=\"col\">序号</th>", "下载 Word", `href="/api/v1/documents/p1/1.1/xinhua/2026H1/letter/file?format=pdf"`, "2026年3月1日 09:00"} {
		require.Contains(t, body, text)
	}
	require.NotContains(t, body, "<script>alert")
	require.Regexp(t, `action="`+onePath+`letter/sign-off" data-confirm="[^"]*" data-accept>`, body)
	require.Contains(t, body, `action="`+onePath+`letter/withdraw" data-return>`)
	w := post(h, onePath+"letter/sign-off", url.Values{"key": {"k-1"}}, as("office"))
	require.Equal(t, []any{http.StatusSeeOther, onePath + "letter?done=document-sign-off"}, []any{w.Code, w.Header().Get("Location")})
	require.Contains(t, p.asked, "POST /documents/p1/1.1/xinhua/2026H1/letter/sign-off k-1  {}")

	for role, signs := range map[string]bool{"leader": false, "auditor": false, "unit": false} {
		require.Equal(t, signs, strings.Contains(get(h, onePath+"letter", as(role)).Body.String(), "/sign-off"), role)
	}
	require.Contains(t, get(h, onePath+"letter", as("leader")).Body.String(), "/withdraw", "a leader may stop what the office would sign")
	require.NotContains(t, get(h, onePath+"letter", as("leader")).Body.String(), "data-accept", "no key does it at once")
	require.Equal(t, http.StatusForbidden, post(h, onePath+"letter/withdraw", nil, as("unit")).Code)
	require.Equal(t, http.StatusNotFound, post(h, onePath+"letter/burn", nil, as("office")).Code)

	p.answers["GET /documents/p1/1.1/xinhua/2026H1/letter/text"] = &api.Problem{Status: http.StatusConflict, Detail: "文书已撤回"}
	body = get(h, onePath+"letter", as("auditor")).Body.String()
	require.Contains(t, body, "文书已撤回")
	require.Contains(t, body, "正文&#34;&gt;&lt;script&gt;", "what there is of it")
}

// An interview is arranged in the plan's zone; what was typed stays where it is refused.
func TestInterviewOnThePage(t *testing.T) {
	answers := filed(draft(obligation.Interview, "leader"))
	answers["POST /documents/p1/1.1/xinhua/2026H1/interview/sign-off"] = &api.Problem{Status: 422, Detail: "约谈时间须晚于现在。"}
	h, p := onPlan(answers)
	typed := url.Values{"form": {"document-sign-off"}, "at": {"2026-03-02T14:00"}, "place": {"三楼" + script}, "material": {"说明"}, "key": {"k"}}
	w := post(h, onePath+"interview/sign-off", typed, as("leader"))
	require.Equal(t, 422, w.Code)
	require.Contains(t, p.asked, `POST /documents/p1/1.1/xinhua/2026H1/interview/sign-off k  {"meeting":{"at":"2026-03-02T14:00:00+08:00","place":"三楼\"\u003e\u003cscript\u003ealert(1)\u003c/script\u003e","material":"说明"}}`)
	for _, text := range []string{"约谈时间须晚于现在", `value="2026-03-02T14:00"`, "三楼&#34;&gt;&lt;script&gt;", `value="说明"`} {
		require.Contains(t, w.Body.String(), text)
	}
	require.NotContains(t, w.Body.String(), "<script>alert")

	d := draft(obligation.Interview, "office")
	d.Status, d.Number = obligation.DocumentIssued, "长安委办〔2026〕5号"
	d.Meeting = &api.Meeting{At: at("2026-03-02", 14), Place: "三楼"}
	p.answers["GET /documents/p1/1.1/xinhua/2026H1/interview"] = d
	body := get(h, onePath+"interview", as("office")).Body.String()
	require.Contains(t, body, `value="2026-03-02T14:00"`, "as it is arranged now")
	require.Contains(t, body, "/conclude")
	require.NotContains(t, body, "下载约谈纪要")
	post(h, onePath+"interview/conclude", url.Values{"outcome": {" 已说明 "}, "demands": {"整改"}, "due": {"2026-03-30"}}, as("office"))
	require.Contains(t, p.asked, `POST /documents/p1/1.1/xinhua/2026H1/interview/conclude   {"outcome":"已说明","demands":"整改","due":"2026-03-30"}`)

	d.Meeting.Held, d.Meeting.Outcome = at("2026-03-02", 16), "已说明"
	d.Meeting.Rectification = &api.Rectification{Status: obligation.RectificationReported, StatusLabel: "待核查", Demands: "整改"}
	p.answers["GET /documents/p1/1.1/xinhua/2026H1/interview"] = d
	body = get(h, onePath+"interview", as("office")).Body.String()
	for _, text := range []string{"下载约谈纪要", "/verify", "/return", "/waive", "约谈方："} {
		require.Contains(t, body, text)
	}
	require.NotContains(t, get(h, onePath+"interview", as("leader")).Body.String(), "/verify")

	d.WaitingOn, d.Meeting.Rectification.Status = "xinhua", obligation.RectificationOpen
	p.answers["GET /documents/p1/1.1/xinhua/2026H1/interview"] = d
	require.Contains(t, get(h, onePath+"interview", as("unit")).Body.String(), "去报送整改情况")
}

func TestDocumentsAreFiltered(t *testing.T) {
	h, p := onPlan(map[string]any{"GET /documents": api.DocumentPage{Documents: []api.Document{draft(obligation.Letter, "xinhua")}, Next: "c2"}})
	w := get(h, "/plans/p1/documents?status=draft&unit=xinhua&secret=1", as("office"))
	body := w.Body.String()
	require.Contains(t, body, `href="/plans/p1/documents/1.1/xinhua/2026H1/letter"`)
	require.Contains(t, body, `cursor=c2&amp;status=draft&amp;unit=xinhua"`, "the next page is of the same documents")
	require.NotContains(t, body, "<script>alert")
	require.Contains(t, p.queries, "/documents?cursor=&limit=30&plan=p1&status=draft&unit=xinhua")
	part := get(h, "/plans/p1/documents", header{"Cookie": "as=office", "HX-Request": "true"}).Body.String()
	require.Contains(t, part, `id="documents"`)
	require.NotContains(t, part, "<html")
	require.NotContains(t, get(h, "/plans/p1/documents", as("unit")).Body.String(), `name="waitingOn"`)
	empty, _ := onPlan(nil)
	require.Contains(t, get(empty, "/plans/p1/documents?rung=letter", as("auditor")).Body.String(), "请放宽条件")
	require.Contains(t, get(empty, "/plans/p1/documents", as("auditor")).Body.String(), "还没有文书")
	require.Equal(t, http.StatusForbidden, get(empty, "/plans/p1/documents", as("admin")).Code)
}
