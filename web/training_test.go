package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/web"
)

func TestTrainingIsSteered(t *testing.T) {
	start := time.Date(2024, 4, 19, 0, 0, 0, 0, time.UTC)
	p := oneList()
	p.answers["GET /training"] = api.TrainingState{
		Script: "一般" + hostile, Start: start, Now: start.AddDate(0, 0, 50), Until: start.AddDate(0, 0, 100), DaysPerSecond: 3.5, Slow: true, ByHand: []string{"xinhua"},
	}
	h := pages(newDoor(), func(d *web.Deps) { d.API, d.Rehearsal, d.Training = p, true, true })
	body := get(h, "/training", as("office")).Body.String()
	require.NotContains(t, body, hostile)
	for _, text := range []string{"已走完 50%", "进行中", "3.5", "已自动放慢", "暂停</button>", "交还新华路街道", `href="/training"`} {
		require.Contains(t, body, text)
	}
	body = get(h, "/training", as("unit")).Body.String()
	require.Contains(t, body, "已走完 50%")
	require.NotContains(t, body, "暂停</button>", "who plays a unit does not steer")
	require.Equal(t, http.StatusForbidden, post(h, "/training/pace", url.Values{"pace": {"pause"}}, as("leader")).Code)

	for _, tt := range []struct {
		path string
		form url.Values
		want string
	}{
		{"pace", url.Values{"pace": {"pause"}}, `PUT /training/pace   {"paused":true}`},
		{"pace", url.Values{"pace": {"run"}, "speed": {"0.5"}}, `PUT /training/pace   {"daysPerSecond":0.5,"paused":false}`},
		{"pace", url.Values{"pace": {"run"}, "speed": {"快"}}, `PUT /training/pace   {"daysPerSecond":-1,"paused":false}`},
		{"units", url.Values{"unit": {"yjj"}, "play": {"take"}}, `PUT /training/units/yjj   {"byHand":true}`},
		{"units", url.Values{"unit": {"xinhua"}, "play": {"give"}}, `PUT /training/units/xinhua   {"byHand":false}`},
	} {
		w := post(h, "/training/"+tt.path, tt.form, as("office"))
		require.Equal(t, []any{http.StatusSeeOther, "/training"}, []any{w.Code, w.Header().Get("Location")})
		require.Equal(t, tt.want, p.last(t, "PUT"))
	}
	p.answers["PUT /training/pace"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "速度有误"}
	w := post(h, "/training/pace", url.Values{"speed": {"0"}}, as("admin"))
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), "速度有误")
	p.answers["GET /training"] = &api.Problem{Status: http.StatusNotFound}
	require.Equal(t, http.StatusNotFound, get(h, "/training", as("office")).Code, "where there is no training")
	require.NotContains(t, get(pages(newDoor(), func(d *web.Deps) { d.Rehearsal = true }), "/me", as("office")).Body.String(), "/training")
}
