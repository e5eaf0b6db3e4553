package web_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/obligation"
	"duban/statistics"
	"duban/web"
)

func figured(name string) *programs {
	row := func(key, name string) api.StatisticsRow {
		r := api.StatisticsRow{Key: key, Name: name, Total: 12, Counted: 10, Closed: 6, OnTime: 5, Late: 1, Open: 4, Overdue: 2, Waived: 1, History: 1, Completion: .6, Rate: .625}
		r.Reached = []api.StatisticsRung{{Rung: obligation.Remind, Label: "提醒", Count: 31}, {Rung: obligation.Letter, Label: "督促函", Count: 7}}
		r.Times = []api.StatisticsTime{
			{Work: statistics.Sign, Label: "签收用时", Count: 8, Median: api.StatisticsSpan{Days: 1, Hours: 3, Label: "1个工作日3小时"}, P90: api.StatisticsSpan{Days: 4, Label: "4个工作日"}},
			{Work: statistics.Answer, Label: "答复用时"},
		}
		return r
	}
	p := hung()
	p.answers["GET /plans/p1/statistics"] = api.Statistics{
		At: time.Date(2024, 6, 17, 10, 0, 0, 0, obligation.Location("Asia/Shanghai")), Scope: "2024年第1季度", Years: []int{2024, 2025}, By: statistics.ByUnit,
		Halves: []api.StatisticsHalf{{Half: "2024H2", Label: "2024年下半年"}, {Half: "2024H1", Label: "2024年上半年"}},
		Total:  row("", "合计"), Rows: []api.StatisticsRow{row("huayang", name)}, Year: []api.StatisticsRow{row("2024", "2024年")},
		Season: []api.StatisticsRow{row("2024Q1", "2024年第1季度")}, Trend: []api.StatisticsRow{row("2024-06", "2024年6月"), row("2024-07", "2024年7月")},
		Works: []api.StatisticsWork{{Work: statistics.Sign, Label: "签收用时", Meaning: "从交办到签收"}, {Work: statistics.Answer, Label: "答复用时", Meaning: "从申请到答复"}},
	}
	return p
}

// queried serves the pages over the fake API and keeps with which parameters it was asked.
func queried(p *programs) (http.Handler, *[]string) {
	asked := &[]string{}
	return pages(newDoor(), func(d *web.Deps) {
		d.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			*asked = append(*asked, r.URL.RequestURI())
			p.ServeHTTP(w, r)
		})
	}), asked
}

func TestStatistics(t *testing.T) {
	h, asked := queried(figured("华阳路街道"))
	w := get(h, "/plans/p1/statistics?year=2024&part=Q1&by=unit", as("leader"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, []string{"/api/v1/plans", "/api/v1/plans/p1/statistics?by=unit&quarter=1&year=2024"}, *asked, "and nothing else is asked for")
	body := w.Body.String()
	for name, part := range map[string]string{
		"the scope, and as of when":         `<b>2024年第1季度</b>到期的责任事项，截至 2024年6月17日 10:00。`,
		"what is chosen stays chosen":       `<option value="Q1" selected>第一季度</option>`,
		"the year too":                      `<option value="2024" selected>2024 年</option>`,
		"the same figures as a spreadsheet": `href="/api/v1/plans/p1/statistics/export?quarter=1&amp;year=2024"`,
		"the report on a half-year":         `<form class="filters" method="get" action="/api/v1/plans/p1/statistics/report"`,
		"of those that have begun":          `<option value="2024H2">2024年下半年</option><option value="2024H1">2024年上半年</option>`,
		"a rate":                            `<b>62.5%</b> <span>按时率</span>`,
		"charts are drawn from tables":      `data-series="red">逾期未办</th>`,
		"how long it took":                  `<td class="nowrap">1个工作日3小时</td>`,
		"what was never done took no time":  `<td class="nowrap">—</td>`,
		"what the time is":                  `从交办到签收`,
		"escalations":                       `<td class="num">31</td>`,
	} {
		require.Contains(t, body, part, name)
	}
	require.NotContains(t, body, "2024年7月", "the trend ends with this month")
	require.NotContains(t, body, `unit=huayang`, "no list shows a quarter's obligations")
	half := get(served(figured("华阳路街道")), "/plans/p1/statistics?year=2024&part=H1", as("office")).Body.String()
	require.Contains(t, half, `<option value="2024H1" selected>`, "the half-year that is looked at")
	year := get(served(figured("华阳路街道")), "/plans/p1/statistics?year=2024&by=unit", as("office")).Body.String()
	require.Contains(t, year, `href="/plans/p1/obligations?unit=huayang&amp;year=2024"`)
}

func TestStatisticsOfAll(t *testing.T) {
	for query, asked := range map[string]string{
		"":                   "/api/v1/plans/p1/statistics?by=action",
		"?part=H2":           "/api/v1/plans/p1/statistics?by=action", // of no year there is no part
		"?year=2024&part=H2": "/api/v1/plans/p1/statistics?by=action&half=2&year=2024",
		"?year=2024&part=X9": "/api/v1/plans/p1/statistics?by=action&year=2024",
	} {
		h, got := queried(figured("一"))
		require.Equal(t, http.StatusOK, get(h, "/plans/p1/statistics"+query, as("auditor")).Code)
		require.Equal(t, asked, (*got)[1], query)
	}
	part := get(served(figured("一")), "/plans/p1/statistics", header{"Cookie": "as=office", "HX-Request": "true"}).Body.String()
	require.NotContains(t, part, "<html")
	require.Contains(t, part, "data-chart")
	for _, role := range []string{"unit", "admin"} {
		require.Equal(t, http.StatusForbidden, get(served(figured("一")), "/plans/p1/statistics", as(role)).Code)
	}
}

func TestStatisticsOfNothing(t *testing.T) {
	p := hung()
	p.answers["GET /plans/p1/statistics"] = api.Statistics{Scope: "2025年"}
	body := get(served(p), "/plans/p1/statistics?year=2025", as("office")).Body.String()
	require.Contains(t, body, "这个范围内没有责任事项")
	require.NotContains(t, body, "data-chart")
	require.NotContains(t, body, "statistics/report", "there is nothing to report on")
	p.answers["GET /plans/p1/statistics"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "请求不正确"}
	require.Contains(t, get(served(p), "/plans/p1/statistics?year=1", as("office")).Body.String(), "请求不正确")
}

func TestStatisticsTakeNamesAsText(t *testing.T) {
	body := get(served(figured(`"><script>alert(1)</script>`)), "/plans/p1/statistics?by=unit", as("office")).Body.String()
	require.Contains(t, body, "alert(1)")
	require.NotContains(t, body, "<script>")
}
