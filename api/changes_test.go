package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/obligation"
)

// amender amends the fake's definition, and keeps what it was asked.
type amender struct {
	f    *fake
	made []obligation.Amendment
	why  string
}

func (m *amender) Preview(_ context.Context, plan string, a obligation.Amendment) ([]obligation.Effect, error) {
	if plan != m.f.definition.Plan.Code {
		return nil, refused(obligation.CodeNotFound)
	}
	if _, err := m.f.definition.Amend(a); err != nil && len(a.Units) > 0 && a.Units[0].Code == "nobody" {
		return nil, err
	}
	m.made = append(m.made, a)
	return []obligation.Effect{{ID: id("xinhua", "2026H1"), UnitName: "新华路街道", Title: "报送学习情况", Kind: obligation.Withdrawing}}, nil
}

func (m *amender) Change(ctx context.Context, plan string, a obligation.Amendment, reason string, by account.Caller) ([]obligation.Effect, api.SeedReport, error) {
	effects, err := m.Preview(ctx, plan, a)
	m.why = reason + " " + by.Login
	return effects, api.SeedReport{Plan: plan, Version: 4, Changed: true}, err
}

func TestLaddersAreListedAndChanged(t *testing.T) {
	f := newFake(t)
	deps := f.deps()
	m, log := &amender{f: f}, &registry{}
	deps.Changes, deps.Accounts = m, log
	h := api.New(deps)
	path := v1 + "/plans/changning-2024"

	shown := objects(t, ask(t, h, http.StatusOK, request(http.MethodGet, path+"/ladders", "", asHeader, "admin"))["ladders"])
	require.Len(t, shown, len(f.definition.Ladders))
	require.Equal(t, true, shown[0]["default"])
	require.EqualValues(t, len(f.definition.Plan.Measures), shown[0]["measures"])
	require.Len(t, shown[0]["steps"], len(f.definition.Ladders[0].Steps))
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/plans/other/ladders", "")), http.StatusNotFound, "not_found")

	post(t, h, path+"/changes", `{"ladders":[`+strict+`],"removeLadders":["gentle"],"reason":"从严"}`)
	a := m.made[0]
	require.Equal(t, obligation.Step{
		Code: "letter+3", Rung: obligation.Letter, Anchor: obligation.AnchorDue, Offset: 3, To: obligation.ToUnit, SignOff: obligation.SignOffOffice,
	}, a.Ladders[0].Steps[1])
	require.Equal(t, []any{"standard", 3, []string{"gentle"}}, []any{a.Ladders[0].Code, a.Ladders[0].Cure, a.RemoveLadders})

	// What can't be a ladder is told with its place, before anything is asked of the plan.
	wrong := strings.Replace(strict, `"signOff":"office"`, `"every":2`, 1)
	got := ask(t, h, http.StatusUnprocessableEntity, request(http.MethodPost, path+"/changes/preview", `{"ladders":[`+wrong+`]}`))
	require.Equal(t, "validation_failed", got["code"])
	require.Contains(t, fmt.Sprint(got["errors"]), "body.ladders[0].steps[1]")
	require.Len(t, m.made, 1)
}

func TestChangesArePreviewedAndMade(t *testing.T) {
	f := newFake(t)
	deps := f.deps()
	m, log := &amender{f: f}, &registry{}
	deps.Changes, deps.Accounts = m, log
	h := api.New(deps)
	path := v1 + "/plans/changning-2024/changes"
	notice := `"关于2027年部分节假日安排的通知"`
	refuses(t, h, "plan_invalid", http.StatusUnprocessableEntity, path+"/preview", `{"notice":`+notice+`}`)
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, path+"/preview", `{"notice":`+notice+`,"years":{"2027":{"off":[],"on":[]}}}`)
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, path+"/preview", `{"years":{"next":{"off":[],"on":[]}}}`)
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, path+"/preview", `{"measures":[{"code":"1.1","due":["2026-02-30"]}]}`)
	refuses(t, h, "plan_invalid", http.StatusUnprocessableEntity, path+"/preview", `{"units":[{"code":"nobody","name":"无"}]}`)
	require.Empty(t, m.made)

	body := `{"years":{"2027":{"off":["0101"],"on":["0103"]}},"units":[{"code":"xinhua","name":"新华街道办事处","to":"2026-12-31","contacts":[{"name":"王五","mobile":"13800000001"}]}],
		"measures":[{"code":"1.1","due":["2026-06-30"],"audience":{"kinds":["street"]}}]`
	got := post(t, h, path+"/preview", body+"}")
	require.Equal(t, "撤销", objects(t, got["effects"])[0]["kindLabel"])
	a := m.made[0]
	require.Equal(t, map[int]calendar.Year{2027: {Off: []string{"0101"}, On: []string{"0103"}}}, a.Years)
	require.Equal(t, []any{"新华街道办事处", calendar.MustDate("2026-12-31"), "13800000001"}, []any{*a.Units[0].Name, *a.Units[0].To, (*a.Units[0].Contacts)[0].Mobile})
	require.Equal(t, calendar.MustDate("2026-06-30"), (*a.Measures[0].Due)[0])

	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, path, body+"}")
	done := post(t, h, path, body+`,"reason":"机构调整"}`)
	require.EqualValues(t, 4, done["seed"].(map[string]any)["version"])
	require.Equal(t, "机构调整 zhang", m.why)
	require.Equal(t, "机构调整", log.entries[0].Detail)

	// Who keeps the accounts sees to units and holidays, and decides no business.
	post(t, h, path, `{"units":[{"code":"xinhua","name":"新华街道办事处"}],"reason":"更名"}`, asHeader, "admin")
	refuses(t, h, "not_allowed", http.StatusForbidden, path, `{"measures":[{"code":"1.1","withdraw":true}],"reason":"撤销"}`, asHeader, "admin")
	refuses(t, h, "not_allowed", http.StatusForbidden, path+"/preview", `{"removeLadders":["strict"]}`, asHeader, "admin")
	refuses(t, h, "not_allowed", http.StatusForbidden, path, `{"ladders":[`+strict+`],"reason":"从严"}`, asHeader, "admin")
}
