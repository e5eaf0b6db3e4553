package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
	"duban/obligation"
)

const hazardsAPI = "/plans/p1/hazards"

// registered is an API with one hazard: xinhua has put it right, yjj reviews.
func registered(change func(*api.Hazard)) *programs {
	h := api.Hazard{
		Number: "2024-003", Label: "长隐〔2024〕3号", Grade: obligation.Major, GradeLabel: "重大", SourceLabel: "督导检查", IndustryLabel: "燃气", RegionName: "新华路街道",
		Enterprise: "某某公司" + hostile, Place: "甲路1号" + hostile, Text: "软管老化" + hostile, Found: calendar.MustDate("2024-06-01"),
		Reviewer: "yjj", ReviewerName: "区应急局", Former: "2024-001",
		Review: &api.Review{At: time.Date(2024, 6, 5, 10, 0, 0, 0, time.UTC), Checked: calendar.MustDate("2024-06-05"), Text: "还有一处" + hostile},
		Obligation: api.Obligation{
			Plan: "p1", Measure: "14.5", Unit: "xinhua", Period: "2024-003", UnitName: "新华路街道", Stage: obligation.StageSubmitted, StageLabel: "待审核",
			Light: obligation.Yellow, LightLabel: "黄灯", WaitingOn: "yjj", WaitingOnName: "区应急局", Deadline: calendar.MustDate("2024-06-30"), Seq: 7,
		},
	}
	if change != nil {
		change(&h)
	}
	p := hung()
	p.answers["GET "+hazardsAPI] = api.HazardPage{Hazards: []api.Hazard{h}, Total: 51, Next: "more"}
	p.answers["GET "+hazardsAPI+"/2024-003"] = h
	p.answers["GET "+hazardsAPI+"/options"] = api.HazardOptions{
		Open: true, Industries: []api.Option{{Code: "gas", Label: "燃气"}}, Regions: []api.UnitRef{{Code: "xinhua", Name: "新华路街道"}},
		Units: []api.UnitRef{{Code: "xinhua", Name: "新华路街道"}}, Reviewers: []api.UnitRef{{Code: "yjj", Name: "区应急局"}},
	}
	p.answers["POST "+hazardsAPI] = h
	return p
}

func TestTheRegister(t *testing.T) {
	h, asked := queried(registered(nil))
	w := get(h, "/plans/p1/hazards?grade=major&list=overdue&q=%E8%BD%AF", as("office"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, *asked, "/api/v1/plans/p1/hazards?grade=major&limit=50&list=overdue&q=%E8%BD%AF")
	body := w.Body.String()
	require.NotContains(t, body, hostile)
	for name, part := range map[string]string{
		"how many":                `共 <b>51</b> 条`,
		"the number":              "长隐〔2024〕3号",
		"what is chosen stays":    `<option value="major" selected>重大</option>`,
		"the list stays":          `aria-current="page">逾期未整改</a>`,
		"who holds it":            "区应急局",
		"the next page":           `href="/plans/p1/hazards?cursor=more&amp;grade=major&amp;list=overdue&amp;q=%E8%BD%AF"`,
		"the same as a table":     `href="/api/v1/plans/p1/hazards/export?grade=major&amp;list=overdue&amp;q=%E8%BD%AF"`,
		"a relapse":               "反弹",
		"the office enters":       `href="/plans/p1/hazards/new"`,
		"and brings lists":        `href="/plans/p1/hazards/import"`,
		"one of them":             `href="/plans/p1/hazards/2024-003"`,
		"the menu leads here too": `href="/plans/p1/hazards?open=true"`,
	} {
		require.Contains(t, body, part, name)
	}
	require.NotContains(t, get(served(registered(nil)), "/plans/p1/hazards", as("auditor")).Body.String(), `/hazards/new`)
	empty := registered(nil)
	empty.answers["GET "+hazardsAPI] = api.HazardPage{}
	require.Contains(t, get(served(empty), "/plans/p1/hazards", as("office")).Body.String(), "台账里还没有隐患")
	require.Contains(t, get(served(empty), "/plans/p1/hazards?grade=major", as("office")).Body.String(), "没有符合条件的隐患")
}

func TestOneHazard(t *testing.T) {
	office := get(served(registered(nil)), "/plans/p1/hazards/2024-003", as("office")).Body.String()
	require.NotContains(t, office, hostile)
	for name, part := range map[string]string{
		"the way to what is done": `href="/plans/p1/obligations/14.5/xinhua/2024-003"`,
		"the office records":      "由区安委办代录区应急局的审核意见",
		"it lists":                `action="/plans/p1/hazards/2024-003/supervise"`,
		"it grades":               `action="/plans/p1/hazards/2024-003/regrade"`,
		"when it was looked at":   "2024年6月5日",
		"what it was before":      `href="/plans/p1/hazards/2024-001"`,
	} {
		require.Contains(t, office, part, name)
	}
	leader := get(served(registered(nil)), "/plans/p1/hazards/2024-003", as("leader")).Body.String()
	require.Contains(t, leader, "/supervise")
	require.NotContains(t, leader, "/review")
	auditor := get(served(registered(nil)), "/plans/p1/hazards/2024-003", as("auditor")).Body.String()
	require.NotContains(t, auditor, "<form method=\"post\" action=\"/plans/p1/hazards")
	closed := registered(func(h *api.Hazard) {
		h.Obligation.Stage, h.Obligation.WaitingOn, h.Cancelled = obligation.StageAccepted, "", calendar.MustDate("2024-06-10")
	})
	body := get(served(closed), "/plans/p1/hazards/2024-003", as("office")).Body.String()
	require.Contains(t, body, `href="/plans/p1/hazards/new?former=2024-003"`)
	require.NotContains(t, body, "/regrade")
}

func TestActsOnAHazard(t *testing.T) {
	for verb, c := range map[string]struct {
		form url.Values
		body string
	}{
		"supervise": {url.Values{"authority": {" 长安委〔2024〕9号 "}}, `{"authority":"长安委〔2024〕9号"}`},
		"regrade":   {url.Values{"grade": {"general"}, "reason": {"复核"}}, `{"grade":"general","reason":"复核"}`},
		"review":    {url.Values{"passed": {"false"}, "checked": {"2024-06-05"}, "text": {"还有一处"}}, `{"passed":false,"checked":"2024-06-05","text":"还有一处"}`},
	} {
		p := registered(nil)
		c.form.Set("key", "k1")
		c.form.Set("seq", "7")
		w := post(served(p), "/plans/p1/hazards/2024-003/"+verb, c.form, as("office"))
		require.Equal(t, http.StatusSeeOther, w.Code, verb)
		require.Equal(t, "/plans/p1/hazards/2024-003?done=hazard-"+verb, w.Header().Get("Location"))
		require.JSONEq(t, c.body, p.body(t, hazardsAPI+"/2024-003/"+verb))
		require.Contains(t, p.last(t, "POST"), ` k1 "7"`, "once, and as of what was seen")
	}
	require.Equal(t, http.StatusNotFound, post(served(registered(nil)), "/plans/p1/hazards/2024-003/dance", nil, as("office")).Code)
	p := registered(nil)
	p.answers["POST "+hazardsAPI+"/2024-003/review"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "现场核查日期无效"}
	w := post(served(p), "/plans/p1/hazards/2024-003/review", url.Values{"form": {"review"}, "text": {"我看过了"}, "checked": {"2030-01-01"}}, as("office"))
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), "现场核查日期无效")
	require.Contains(t, w.Body.String(), "我看过了", "what was typed is still there")
}

func TestEnteringAHazard(t *testing.T) {
	p := registered(nil)
	body := get(served(p), "/plans/p1/hazards/new?former=2024-001", as("office")).Body.String()
	require.Contains(t, body, `value="2024-001"`)
	require.Contains(t, body, "督导检查")
	unit := get(served(p), "/plans/p1/hazards/new", as("unit")).Body.String()
	require.NotContains(t, unit, "督导检查", "a unit enters what it has found itself")
	require.NotContains(t, unit, `name="unit"`)
	form := url.Values{"form": {"hazard"}, "key": {"k1"}, "enterprise": {" 某某公司 "}, "grade": {"major"}, "found": {"2024-06-01"}, "due": {"2024-06-30"}}
	w := post(served(p), "/plans/p1/hazards/new", form, as("office"))
	require.Equal(t, "/plans/p1/hazards/2024-003?done=hazard-entered", w.Header().Get("Location"))
	require.Contains(t, p.body(t, hazardsAPI), `"enterprise":"某某公司"`)
	p.answers["POST "+hazardsAPI] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "请写全隐患等级"}
	w = post(served(p), "/plans/p1/hazards/new", form, as("office"))
	require.Contains(t, w.Body.String(), "请写全隐患等级")
	require.Contains(t, w.Body.String(), "某某公司")
}

func TestBringingHazards(t *testing.T) {
	p := registered(nil)
	p.answers["POST "+hazardsAPI+"/preview"] = api.HazardListPreview{
		Create: 2, Confirm: 1, Rows: []api.HazardListRow{{Row: 4, Outcome: "confirm", OutcomeLabel: "疑似重复，须确认", Number: "2024-003", Enterprise: "某某" + hostile, Problems: []api.ListProblem{{Cell: "A4", Reason: "相同"}}}},
	}
	h, asked := queried(p)
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	require.NoError(t, parts.WriteField("confirm", "4，7 行"))
	file, err := parts.CreateFormFile("file", "隐患.csv")
	require.NoError(t, err)
	_, _ = file.Write([]byte("a,b"))
	require.NoError(t, parts.Close())
	r := httptest.NewRequest(http.MethodPost, "http://localhost/plans/p1/hazards/import/preview", &form)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	r.Header.Set("Cookie", "as=office")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code)
	require.NotContains(t, w.Body.String(), hostile)
	require.Contains(t, w.Body.String(), "将登记 <b>2</b> 条（现在什么都没有登记）")
	require.Contains(t, *asked, "/api/v1/plans/p1/hazards/preview?confirm=4%2C7&name=%E9%9A%90%E6%82%A3.csv")
	require.Contains(t, post(h, "/plans/p1/hazards/import/preview", nil, as("office")).Body.String(), "没有选文件")
	require.Equal(t, http.StatusNotFound, post(h, "/plans/p1/hazards/import/eat", nil, as("office")).Code)
}

func TestHazardAnalysis(t *testing.T) {
	p := registered(nil)
	row := api.HazardAnalysisRow{Key: "gas", Name: "燃气" + hostile, Total: 9, Open: 4, Overdue: 2, Cancelled: 5, InTime: 4, Relapsed: 1, Days: 23}
	p.answers["GET "+hazardsAPI+"/analysis"] = api.HazardAnalysis{
		Total: row, Tables: []api.HazardAnalysisTab{{By: "industry", Label: "行业领域", Rows: []api.HazardAnalysisRow{row}}, {By: "region", Label: "街道（镇）"}},
		Months: []api.HazardMovement{{Key: "2024-06", Name: "2024年6月", Start: 3, New: 2, Cancelled: 1, End: 4}},
		Stock:  api.HazardStock{Year: 2024, Stock: 8, Eliminated: 6, Left: 1, Rate: .75}, Curb: api.HazardCurb{Year: 2025}, Zero: api.HazardZero{Year: 2026, Open: 4},
	}
	h, asked := queried(p)
	body := get(h, "/plans/p1/hazards/analysis?grade=major", as("leader")).Body.String()
	require.NotContains(t, body, hostile)
	require.Contains(t, *asked, "/api/v1/plans/p1/hazards/analysis?grade=major")
	for _, part := range []string{
		"消除率 75.0%", `<b>23</b> <span>平均整改天数</span>`, `data-series="red">逾期未整改</th>`, "2024年6月", "增量没有下降", "有逾期未整改",
		`href="/api/v1/plans/p1/hazards/analysis/export?grade=major"`,
	} {
		require.Contains(t, body, part)
	}
}
