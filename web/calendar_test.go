package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
)

func TestCalendar(t *testing.T) {
	year := api.CalendarYear{Year: 2027, Provisional: true}
	for d := calendar.MustDate("2027-01-01"); d.Year() == 2027; d++ {
		year.Days = append(year.Days, api.CalendarDay{Date: d, Kind: calendar.DayWork})
	}
	year.Days[0].Kind, year.Days[2].Kind, year.Days[3].Kind = calendar.DayOff, calendar.DayMadeUp, calendar.DayRest
	p := offices(map[string]any{"GET /plans/p1/calendar/2027": year, "GET /plans/p1/calendar/2026": api.CalendarYear{Year: 2026}})
	h := opened(p)
	body := get(h, "/plans/p1/calendar?year=2027", as("leader")).Body.String()
	require.Contains(t, body, "尚未公布")
	require.Contains(t, body, `title="放假">休`)
	require.Contains(t, body, `title="补班">班`)
	require.Equal(t, 12, strings.Count(body, "<caption>"))
	require.Contains(t, body, "全年工作日 <strong>363</strong>")
	require.NotContains(t, body, "粘贴国务院办公厅的通知")

	p.answers["POST /plans/p1/changes/preview"] = api.ChangesPreview{Holidays: []string{"元旦：1月1日至3日放假"}, Effects: []api.EffectView{}}
	w := post(h, "/plans/p1/calendar?year=2027", url.Values{"form": {"notice"}, "notice": {"国务院办公厅关于2027年……"}}, as("admin"))
	require.Contains(t, w.Body.String(), "元旦：1月1日至3日放假")
	require.Contains(t, w.Body.String(), "没有事项因此变化")
	require.Equal(t, "国务院办公厅关于2027年……", hidden(t, w, "notice"))
	p.answers["POST /plans/p1/changes/preview"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "通知读不懂"}
	w = post(h, "/plans/p1/calendar?year=2027", url.Values{"form": {"notice"}, "notice": {hostile}}, as("admin"))
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), "通知读不懂")
	require.NotContains(t, w.Body.String(), "<script>alert")
}
