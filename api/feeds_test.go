package api_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/stretchr/testify/require"

	"duban/api"
)

func TestFeeds(t *testing.T) {
	f := newFake(t)
	var log bytes.Buffer
	d := f.deps()
	d.Log, d.Origins = slog.New(slog.NewTextHandler(&log, nil)), []string{"https://duban.example"}
	long := f.definition.Plan.Measures[0].Title + strings.Repeat("，扎实开展治本攻坚；", 12) + `"甲,乙"`
	f.ledgers[id("xinhua", "2026H1")][0].Facts.Title = long
	h := api.New(d)
	liaison := []string{asHeader, "unit zhang xinhua"}
	issued := ask(t, h, http.StatusOK, request(http.MethodPost, v1+"/me/feeds", "", liaison...))
	require.Equal(t, []any{"f1", v1 + "/feeds/SECRET/calendar.ics"}, []any{issued["id"], issued["path"]})

	w := serve(h, request(http.MethodGet, v1+"/feeds/SECRET/calendar.ics", "", asHeader, "nobody"))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Equal(t, "text/calendar; charset=utf-8", w.Header().Get("Content-Type"))
	text := w.Body.String()
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		require.LessOrEqual(t, len(line), 75, line)
		require.NotContains(t, line, "\n")
		require.True(t, strings.ToValidUTF8(line, "?") == line, "no character is cut: %q", line)
	}
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	require.NoError(t, err)
	require.Len(t, cal.Events(), 1, "his unit's alone")
	e := cal.Events()[0]
	require.Equal(t, "changning-2024/1.1/xinhua/2026H1@duban", e.Id())
	require.Equal(t, "【绿灯】"+long+"（新华路街道）", e.GetProperty(ics.ComponentPropertySummary).Value)
	require.Equal(t, "https://duban.example/plans/changning-2024/obligations/1.1/xinhua/2026H1", e.GetProperty(ics.ComponentPropertyUrl).Value)
	require.Contains(t, text, "DTSTART;VALUE=DATE:20260630\r\nDTEND;VALUE=DATE:20260701\r\n")
	require.Contains(t, text, "STATUS:CONFIRMED\r\n")
	require.Equal(t, text, serve(h, request(http.MethodGet, v1+"/feeds/SECRET/calendar.ics", "", asHeader, "nobody")).Body.String())

	ask(t, h, http.StatusOK, request(http.MethodDelete, v1+"/me/feeds/f1", "", liaison...))
	require.NotEmpty(t, objects(t, ask(t, h, http.StatusOK, request(http.MethodGet, v1+"/me/feeds", "", liaison...))["feeds"])[0]["revoked"])
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/feeds/SECRET/calendar.ics", "")), http.StatusNotFound, "account_not_found")
	wantProblem(t, serve(h, request(http.MethodDelete, v1+"/me/feeds/f9", "", liaison...)), http.StatusNotFound, "account_not_found")
	require.NotContains(t, log.String(), "SECRET", "what opens the feed is in no log")
	require.Contains(t, log.String(), "/feeds/…")
}

// The office's calendar has everything from some months ago on.
func TestFeedOfTheOffice(t *testing.T) {
	f := newFake(t)
	f.open("xinhua", "2025H1", "2025-06-30", "2026-01-05")
	h := api.New(f.deps())
	ask(t, h, http.StatusOK, request(http.MethodPost, v1+"/me/feeds", ""))
	cal, err := ics.ParseCalendar(serve(h, request(http.MethodGet, v1+"/feeds/SECRET/calendar.ics", "")).Body)
	require.NoError(t, err)
	require.Len(t, cal.Events(), 3)
	for _, e := range cal.Events() {
		start, err := e.GetAllDayStartAt()
		require.NoError(t, err)
		require.True(t, start.After(now.Add(-91*24*time.Hour)))
	}
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/me/feeds", "", asHeader, "admin")), http.StatusForbidden, "not_allowed")
}
