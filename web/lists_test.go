package web_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/tasklist"
)

// oneList is an API that has one list of one plan.
func oneList() *programs {
	units := []api.Unit{
		{Code: "yjj", Name: "区应急局", Kind: plan.KindGovernment, KindLabel: "政府部门", Tags: []string{"regulator"}},
		{Code: "xinhua", Name: "新华路街道" + hostile, Kind: plan.KindStreet, KindLabel: "街道（镇）"},
	}
	due := []calendar.Date{calendar.MustDate("2026-06-30")}
	detail := api.ListDetail{
		Import:  api.ImportView{ID: "2026-abc", Year: 2026, Name: hostile + ".xlsx", SHA256: strings.Repeat("ab", 32), By: "吴敏", StatusLabel: "已读取"},
		Choices: api.ListChoices{Answers: map[string]api.ListAnswer{"4": {ListReply: api.ListReply{Task: "16"}}, "9": {ListReply: api.ListReply{Skip: true}}}},
		Sheets:  []string{"清单", "附表"}, Sheet: "清单", Header: 2, Selected: 120, Faults: []string{"第4行须确认"},
		Columns: []api.ListColumn{{Number: 1, Name: "A", Heading: "序号", Field: tasklist.FieldNumber}, {Number: 9, Name: "I", Heading: hostile}},
		Counts:  api.ListCounts{Create: 7, Confirm: 118, Fault: 2, Skipped: 1},
		Rows: []api.ListRow{
			{
				Row: 4, Title: hostile, Task: "14", Measure: "14.9", Units: []string{"yjj", "xinhua"}, Lead: []string{"yjj"}, Due: due, When: "2026-06-30", Outcome: tasklist.Confirm, OutcomeLabel: "须确认",
				Problems: []api.ListProblem{{Cell: "C4", Reason: "不能确定属于方案的哪项任务", Proposal: hostile}},
			},
			{Row: 5, Part: 2, Title: "第二项", Outcome: tasklist.Fault, OutcomeLabel: "须改正"},
			{Row: 9, Title: "略去的", Outcome: tasklist.Skipped, OutcomeLabel: "略去"},
		},
		Missing: []api.MissingView{{Measure: "10.4", Title: "没有了的", Withdraw: true}},
	}
	return &programs{answers: map[string]any{
		"GET /plans":                          api.PlanList{Plans: []api.Plan{{Code: "p1", From: calendar.MustDate("2024-04-19"), To: calendar.MustDate("2026-12-31"), Today: calendar.MustDate("2026-03-02"), Version: 3}}},
		"GET /plans/p1/units":                 api.UnitList{Units: units},
		"GET /plans/p1/tasks":                 api.TaskList{Tasks: []api.Task{{Code: "14", Title: "督办"}, {Code: "16", Title: "信息化"}}},
		"GET /plans/p1/tasks/16":              api.TaskDetail{Task: api.Task{Code: "16"}, Measures: []api.Measure{{Code: "16.1", Title: "建库", Schedule: api.Schedule{Kind: plan.Milestone, Periods: []api.Period{{Due: due[0]}}}}}},
		"GET /plans/p1/lists":                 api.ImportViews{Lists: []api.ImportView{detail.Import}},
		"GET /plans/p1/lists/2026-abc":        detail,
		"POST /plans/p1/lists":                api.ListPreview{Import: detail.Import},
		"POST /plans/p1/lists/2026-abc/apply": api.AppliedList{ListPreview: api.ListPreview{Import: detail.Import}, Seed: api.SeedResult{Changed: true, Version: 4}},
	}}
}

// bodyOf returns the body of what the API was asked.
func bodyOf(asked string) string {
	_, body, _ := strings.Cut(asked, "{")
	return "{" + body
}

// last returns the last thing that the API was asked by the method.
func (p *programs) last(t *testing.T, method string) string {
	t.Helper()
	for _, v := range slices.Backward(p.asked) {
		if strings.HasPrefix(v, method+" ") {
			return v
		}
	}
	require.Fail(t, "nothing was asked by "+method)
	return ""
}

func upload(h http.Handler, year, name, content string) *httptest.ResponseRecorder {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("year", year)
	if name != "-" {
		part, _ := form.CreateFormFile("file", name)
		_, _ = io.WriteString(part, content)
	}
	_ = form.Close()
	r := httptest.NewRequest(http.MethodPost, "/plans/p1/lists", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Cookie", "as=office")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestListIsBrought(t *testing.T) {
	p := oneList()
	h := over(p)
	body := get(h, "/plans/p1/lists", as("office")).Body.String()
	require.Contains(t, body, "2026年工作任务清单")
	require.Contains(t, body, "SHA-256 abababababab…")
	require.Contains(t, body, `enctype="multipart/form-data"`)
	require.Contains(t, body, `<option value="2024">2024 年</option>`)
	require.NotContains(t, body, hostile)

	w := upload(h, "2026", "清单.xlsx", "PK content")
	require.Equal(t, []any{http.StatusSeeOther, "/plans/p1/lists/2026-abc"}, []any{w.Code, w.Header().Get("Location")})
	require.Equal(t, "POST /plans/p1/lists   PK content", p.last(t, "POST"), "the file is passed on as it came")

	for _, name := range []string{"", "-"} {
		w = upload(h, "2026", name, "")
		require.Equal(t, http.StatusUnprocessableEntity, w.Code)
		require.Contains(t, w.Body.String(), "没有选文件")
	}
	p.answers["POST /plans/p1/lists"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "不是表格"}
	w = upload(h, "2026", "a.xlsx", "<html>")
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), "不是表格")
	require.Contains(t, w.Body.String(), "导入过的清单")

	// Nothing but this page takes a file.
	r := httptest.NewRequest(http.MethodPost, "/plans/p1/lists/2026-abc/apply", strings.NewReader("--x--"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.Header.Set("Cookie", "as=office")
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
	p.answers["GET /plans/p1/lists"] = api.ImportViews{}
	require.Contains(t, get(h, "/plans/p1/lists", as("office")).Body.String(), "还没有导入过清单")
}

func TestListIsShownPageByPage(t *testing.T) {
	p := oneList()
	h := over(p)
	w := get(h, "/plans/p1/lists/2026-abc?show=pending&page=2", as("office"))
	require.Equal(t, http.StatusOK, w.Code)
	body := w.Body.String()
	require.NotContains(t, body, hostile)
	for _, text := range []string{
		"须改正 2、须确认 118", "第 2 / 3 页", `id="r4"`, "牵头，共 2 家", "不能确定属于方案的哪项任务", "5（2）", "还有 120 项待处理", "按什么读", "撤销 10.4 没有了的",
		`name="part" value="2"`, "/rows/5?page=2&amp;show=pending&amp;part=2", "收回对第 9 行的确认",
	} {
		require.Contains(t, body, text)
	}
	require.NotContains(t, body, "/apply", "it can't be applied yet")

	detail := p.answers["GET /plans/p1/lists/2026-abc"].(api.ListDetail)
	detail.Faults, detail.Counts = nil, api.ListCounts{Create: 1}
	detail.EffectCounts = api.EffectCounts{Rearmed: 60, Joined: 2}
	detail.Effects = []api.EffectView{{Obligation: "p1/10.1/yjj/2026H1", UnitName: "区应急局", Title: hostile, Kind: obligation.Rearming, KindLabel: "调整", Changes: []string{"到期日：2026-06-30 → 2026-09-30", hostile}}}
	p.answers["GET /plans/p1/lists/2026-abc"] = detail
	body = get(h, "/plans/p1/lists/2026-abc", as("office")).Body.String()
	require.NotContains(t, body, hostile)
	require.Contains(t, body, "/plans/p1/obligations/10.1/yjj/2026H1")
	require.Contains(t, body, "<del>2026-06-30</del>")
	require.Contains(t, body, "共 62 件")
	require.Contains(t, body, "/plans/p1/lists/2026-abc/apply")
	p.answers["GET /plans/p1/lists/2026-abc"] = &api.Problem{Status: http.StatusNotFound}
	require.Equal(t, http.StatusNotFound, get(h, "/plans/p1/lists/2026-abc", as("office")).Code)
}

// What the office says of a row is added to what it said before, and the page comes back to the row.
func TestRowsAreAnswered(t *testing.T) {
	const one = "/plans/p1/lists/2026-abc"
	for _, tt := range []struct {
		name, path string
		form       url.Values
		want       string
	}{
		{"confirmed", "/rows/4", url.Values{"answer": {"confirm"}}, `{"answers":{"4":{"confirm":true,"task":"16"}}}`},
		{"new", "/rows/4", url.Values{"answer": {"new"}}, `{"answers":{"4":{"confirm":true,"task":"16","measure":"new"}}}`},
		{"left out", "/rows/4", url.Values{"answer": {"skip"}}, `{"answers":{"4":{"skip":true}}}`},
		{"taken back", "/rows/9", url.Values{"answer": {"back"}}, `{"takeBack":[9]}`},
		{"a part", "/rows/5", url.Values{"answer": {"skip"}, "part": {"2"}}, `{"answers":{"5":{"parts":{"2":{"skip":true}}}}}`},
		{"chosen", "/rows/4", url.Values{
			"answer": {"chosen"}, "task": {"16"}, "measure": {"16.1"}, "confirm": {"yes"}, "own-units": {"yes"}, "lead": {"yjj"}, "units": {"xinhua"},
			"own-dates": {"yes"}, "kind": {"milestone"}, "due": {"2026年6月30日、2026/12/31"},
		}, `{"answers":{"4":{"confirm":true,"task":"16","measure":"16.1","lead":["yjj"],"units":["xinhua","yjj"],"due":["2026-06-30","2026-12-31"],"kind":"milestone"}}}`},
		{"as it reads", "/rows/4", url.Values{"answer": {"chosen"}, "task": {"16"}, "measure": {"new"}, "lead": {"yjj"}, "kind": {"milestone"}}, `{"answers":{"4":{"task":"16","measure":"new"}}}`},
		{"several", "", url.Values{"form": {"confirm"}, "row": {"4", "6"}}, `{"answers":{"4":{"confirm":true},"6":{"confirm":true}}}`},
		{"columns", "", url.Values{"form": {"columns"}, "column": {"1", "9"}, "field-1": {""}, "field-9": {"note"}}, `{"columns":{"9":"note"}}`},
		{"sheet", "", url.Values{"form": {"sheet"}, "sheet": {"附表"}}, `{"sheet":"附表"}`},
		{"withdrawals", "", url.Values{"form": {"withdraw"}}, `{"withdraw":[]}`},
	} {
		p := oneList()
		h := over(p)
		if strings.HasPrefix(tt.path, "/rows/") {
			tt.form.Set("before", map[string]string{"/rows/4": `{"task":"16"}`, "/rows/9": `{"skip":true}`}[tt.path])
		}
		w := post(h, one+tt.path+"?page=2&show=pending", tt.form, as("office"))
		require.Equal(t, http.StatusSeeOther, w.Code, tt.name)
		require.Contains(t, w.Header().Get("Location"), one+"?page=2&show=pending", tt.name)
		asked := p.last(t, http.MethodPatch)
		require.JSONEq(t, tt.want, bodyOf(asked), tt.name)
	}
	p := oneList()
	h := over(p)
	body := get(h, one+"/rows/4?show=pending&task=16", as("office")).Body.String()
	require.NotContains(t, body, hostile)
	require.Contains(t, body, "16.1 建库")
	require.Contains(t, body, `action="`+one+`/rows/4?show=pending"`)
	require.Equal(t, http.StatusNotFound, get(h, one+"/rows/x", as("office")).Code)
	require.Equal(t, http.StatusNotFound, get(h, one+"/rows/5?part=7", as("office")).Code)
	require.Contains(t, get(h, one, as("office")).Body.String(), `name="before" value="{&#34;task&#34;:&#34;16&#34;}"`)
	require.Equal(t, http.StatusUnprocessableEntity, post(h, one+"/rows/4", url.Values{"answer": {"skip"}, "before": {"{"}}, as("office")).Code)
	p.answers["PATCH /plans/p1/lists/2026-abc"] = &api.Problem{Status: http.StatusConflict, Detail: "其他人刚刚处理过"}
	w := post(h, one+"/rows/4", url.Values{"answer": {"skip"}}, as("office"))
	require.Equal(t, http.StatusConflict, w.Code)
	require.Contains(t, w.Body.String(), "其他人刚刚处理过")
}

func TestListIsApplied(t *testing.T) {
	const path = "/plans/p1/lists/2026-abc/apply"
	p := oneList()
	h := over(p)
	w := post(h, path, url.Values{"form": {"apply"}, "key": {"k-1"}, "reason": {"年度清单"}}, as("office"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), "清单已写进方案（第 4 版）")
	asked := p.last(t, http.MethodPost)
	require.Contains(t, asked, "k-1")
	require.JSONEq(t, `{"answers":{"4":{"task":"16"},"9":{"skip":true}},"reason":"年度清单"}`, bodyOf(asked), "by all that was settled")

	p.answers["POST "+path] = &api.Problem{Status: http.StatusConflict, Detail: "清单还有没确认的", Errors: []api.ProblemField{{Message: "第4行须确认"}}}
	detail := p.answers["GET /plans/p1/lists/2026-abc"].(api.ListDetail)
	detail.Faults, detail.Counts = nil, api.ListCounts{Create: 1}
	p.answers["GET /plans/p1/lists/2026-abc"] = detail
	w = post(h, path, url.Values{"form": {"apply"}, "reason": {"年度" + hostile}}, as("office"))
	require.Equal(t, http.StatusConflict, w.Code)
	require.Contains(t, w.Body.String(), "第4行须确认")
	require.Contains(t, w.Body.String(), `value="年度&#34;&gt;&lt;script&gt;`, "what was typed is still there")

	w = get(h, "/plans/p1/lists/2026-abc/corrections", as("office"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, p.last(t, http.MethodPost), "/corrections")
	p.answers["POST /plans/p1/lists/2026-abc/corrections"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "读不出"}
	require.Contains(t, get(h, "/plans/p1/lists/2026-abc/corrections", as("office")).Body.String(), "读不出")
}
