package api_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/obligation"
)

// drill is a training that keeps what it is told.
type drill struct{ status api.TrainingStatus }

func (d *drill) Status() api.TrainingStatus { return d.status }

func (d *drill) Pace(daysPerSecond float64, paused bool) {
	d.status.DaysPerSecond, d.status.Paused = daysPerSecond, paused
}

func (d *drill) Take(unit string, byHand bool) error {
	if unit != "xinhua" {
		return &obligation.Error{Code: obligation.CodeNotFound}
	}
	d.status.ByHand = slices.DeleteFunc(d.status.ByHand, func(u string) bool { return u == unit })
	if byHand {
		d.status.ByHand = append(d.status.ByHand, unit)
	}
	return nil
}

func TestTrainingIsSteered(t *testing.T) {
	deps := newFake(t).deps()
	deps.Rehearsal = true
	deps.Training = &drill{api.TrainingStatus{Script: "一般", Start: now, Now: now, Until: now, DaysPerSecond: 3.5, Slow: true, Actual: 2}}
	h := api.New(deps)
	put := func(status int, path, body string) map[string]any {
		return ask(t, h, status, request(http.MethodPut, v1+path, body))
	}
	first := get(t, h, v1+"/training")
	require.Equal(t, "2026-03-02T10:00:00+08:00", first["now"])
	require.Equal(t, true, first["slow"])
	require.EqualValues(t, 2, first["actualDaysPerSecond"])
	require.Empty(t, first["byHand"])

	paused := put(http.StatusOK, "/training/pace", `{"paused":true}`)
	require.Equal(t, true, paused["paused"])
	require.EqualValues(t, 3.5, paused["daysPerSecond"], "a pause keeps the speed")
	faster := put(http.StatusOK, "/training/pace", `{"paused":false,"daysPerSecond":10}`)
	require.EqualValues(t, 10, faster["daysPerSecond"])
	require.Equal(t, "validation_failed", put(http.StatusUnprocessableEntity, "/training/pace", `{"paused":false,"daysPerSecond":-1}`)["code"])

	require.Equal(t, []any{"xinhua"}, put(http.StatusOK, "/training/units/xinhua", `{"byHand":true}`)["byHand"])
	require.Empty(t, put(http.StatusOK, "/training/units/xinhua", `{"byHand":false}`)["byHand"])
	require.Equal(t, "not_found", put(http.StatusNotFound, "/training/units/nobody", `{"byHand":true}`)["code"])
}

func TestNoTrainingNoRoute(t *testing.T) {
	h := api.New(newFake(t).deps())
	require.Equal(t, "route_not_found", ask(t, h, http.StatusNotFound, request(http.MethodGet, v1+"/training", ""))["code"])
}
