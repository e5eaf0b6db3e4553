package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/assessment"
)

const theReport = theFigures + "/report?half="

func TestProgressReport(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	w := serve(h, request(http.MethodGet, theReport+"2026H1", ""))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Contains(t, w.Header().Get("Content-Type"), "wordprocessingml")
	require.Contains(t, w.Header().Get("Content-Disposition"), "2026-03-02.docx")
	for _, text := range []string{
		"2026年上半年进展情况的报告|截至2026年3月2日，2026年上半年尚未结束|", "|2026-03-02\n", "2026年上半年到期的责任事项共2件，其中应办2件，免办0件，补录0件。", "考核评估的节点为2026年6月30日24时", "特此报告。",
	} {
		require.Contains(t, w.Body.String(), text)
	}
	w = serve(h, request(http.MethodGet, theReport+"2026H1&until=2026-02-08", ""))
	require.Contains(t, w.Body.String(), "|截至2026年2月8日，2026年上半年尚未结束|")
	require.Contains(t, w.Header().Get("Content-Disposition"), "2026-02-08.docx")

	w = serve(h, request(http.MethodGet, theReport+"2025H2", ""))
	require.Contains(t, w.Body.String(), "|截至2025年12月31日|", "what happened after the half-year is not in it")
	require.NotContains(t, w.Body.String(), "尚未结束")
}

// Scores are in it once they are published.
func TestProgressReportShowsPublishedScores(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	ask := func() string {
		w := serve(h, request(http.MethodGet, theReport+"2025H2", ""))
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		return w.Body.String()
	}
	require.Contains(t, ask(), "没有2025年下半年考核评估的计分记录。")
	card := assessment.Card{Half: "2025H2", Rules: assessment.Rules{Title: "规则"}, Units: []assessment.UnitScore{{Unit: "xinhua", Name: "新华路街道", Rank: 1, Points: 987}}}
	record := []assessment.Event{{Seq: 1, Kind: assessment.Counted, At: now, Card: &card}}
	f.assessments = map[string][]assessment.Event{"2025H2": record}
	require.Contains(t, ask(), "处于“单位自评”阶段，尚未公布")
	require.NotContains(t, ask(), "98.7")
	f.assessments["2025H2"] = append(record, assessment.Event{Seq: 2, Kind: assessment.Published, At: now})
	require.Contains(t, ask(), "已于2026年3月2日公布，共评估1家责任单位，评分规则为“规则”。")
	require.Contains(t, ask(), "[1 新华路街道 98.7 0 0 0 0 0 0]")
}

func TestProgressReportThatThereIsNot(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	for query, want := range map[string]struct {
		status int
		code   string
	}{
		"2026H2":                  {http.StatusConflict, "half_not_begun"},
		"2026H1&until=2025-12-31": {http.StatusConflict, "half_not_begun"},
		"2023H2":                  {http.StatusNotFound, "not_found"},
		"2027H1":                  {http.StatusNotFound, "not_found"},
		"2026H3":                  {http.StatusUnprocessableEntity, "validation_failed"},
		"":                        {http.StatusUnprocessableEntity, "validation_failed"},
		"2026H1&until=2026-02-30": {http.StatusUnprocessableEntity, "validation_failed"},
	} {
		wantProblem(t, serve(h, request(http.MethodGet, theReport+query, "")), want.status, want.code)
	}
	f.down = errDown
	wantProblem(t, serve(h, request(http.MethodGet, theReport+"2026H1", "")), http.StatusServiceUnavailable, "database_unavailable")
}
