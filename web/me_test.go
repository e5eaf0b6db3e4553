package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/web"
)

func TestFeedsOnOnesOwnPage(t *testing.T) {
	p := &programs{answers: map[string]any{
		"GET /me/feeds":  api.FeedList{Feeds: []api.Feed{{ID: "f1"}}},
		"POST /me/feeds": api.IssuedFeed{Feed: api.Feed{ID: "f1"}, Path: "/api/v1/feeds/SECRET/calendar.ics"},
	}}
	h := pages(newDoor(), func(d *web.Deps) { d.API, d.Origins = p, []string{"https://duban.example"} })
	body := get(h, "/me", as("unit")).Body.String()
	require.Contains(t, body, `action="/me/feeds/f1/revoke"`)
	require.NotContains(t, body, "SECRET")
	form := url.Values{"key": {"k1"}}
	w := ask(h, http.MethodPost, "/me/feeds", form, as("office"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `<code class="number">https://duban.example/api/v1/feeds/SECRET/calendar.ics</code>`)
	w = ask(h, http.MethodPost, "/me/feeds/f1/revoke", form, as("office"))
	require.Equal(t, "/me?done=feed-revoked", w.Header().Get("Location"))
	require.Contains(t, p.asked, "DELETE /me/feeds/f1 k1")

	require.NotContains(t, get(h, "/me", as("admin")).Body.String(), "日历订阅", "an administrator has no due dates")
	require.Equal(t, http.StatusForbidden, ask(h, http.MethodPost, "/me/feeds", form, as("admin")).Code)
	p.answers["POST /me/feeds"] = &api.Problem{Status: http.StatusServiceUnavailable, Detail: "数据库暂时无法读写"}
	require.Contains(t, ask(h, http.MethodPost, "/me/feeds", form, as("office")).Body.String(), "数据库暂时无法读写")
}
