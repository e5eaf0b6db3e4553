package api_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/obligation"
)

// Histories implements api.History.
func (f *fake) Histories(_ context.Context, sel obligation.Selection, most int) (obligation.Histories, error) {
	defer f.lock()()
	if sel.Plan == "" || most < 1 {
		return obligation.Histories{}, fmt.Errorf("selection out of bounds: %+v", sel)
	}
	var out obligation.Histories
	for id, events := range f.ledgers {
		due := events[0].Facts.Due
		if (sel.ID == obligation.ID{} || sel.ID == id) && (sel.Unit == "" || sel.Unit == id.Unit) && (sel.Task == "" || sel.Task == events[0].Facts.Task) &&
			(sel.DueFrom.IsZero() || due >= sel.DueFrom) && (sel.DueTo.IsZero() || due <= sel.DueTo) {
			out.Ledgers = append(out.Ledgers, events)
		}
	}
	slices.SortFunc(out.Ledgers, func(a, b []obligation.Event) int { return cmp.Compare(a[0].Facts.ID.String(), b[0].Facts.ID.String()) })
	if out.Total = len(out.Ledgers) + f.more; out.Total > most {
		out.Ledgers = nil
	}
	return out, f.down
}

const strict = `{"code":"standard","title":"从严阶梯","cure":3,"rework":3,"nudge":2,"steps":[
	{"code":"remind-7","rung":"remind","anchor":"due","offset":-7,"to":"unit"},
	{"code":"letter+3","rung":"letter","anchor":"due","offset":3,"to":"unit","signOff":"office"}]}`

func whatIf(fields string) *http.Request {
	return request(http.MethodPost, v1+"/whatif", `{"plan":"changning-2024",`+fields+`}`)
}

func TestWhatIf(t *testing.T) {
	f := newFake(t)
	before := len(f.ledgers)
	h := api.New(f.deps())
	got := ask(t, h, http.StatusOK, whatIf(`"unit":"tianshan","ladders":[`+strict+`]`))
	require.Equal(t, "2026-03-02T10:00:00+08:00", got["until"])
	require.EqualValues(t, 2, got["selected"])
	unit := objects(t, got["units"])[0]
	require.Equal(t, "天山路街道", unit["name"])
	require.EqualValues(t, 1, unit["changed"])
	require.EqualValues(t, 0, unit["real"].(map[string]any)["letters"], "drafted, and not signed off")
	one := objects(t, got["obligations"])
	require.Len(t, one, 1)
	require.Equal(t, "changning-2024/1.1/tianshan/2026-01", one[0]["id"])
	require.NotContains(t, one[0], "events")
	var drafted map[string]any
	for _, d := range objects(t, one[0]["differences"]) {
		if d["kind"] == "drafted" {
			drafted = d
		}
	}
	require.Equal(t, map[string]any{
		"kind": "drafted", "kindLabel": "拟文", "rung": "letter", "rungLabel": "督促函", "real": "2026-02-09T17:00:00+08:00",
		"alternative": "2026-02-04T09:00:00+08:00", "why": "逾期3个工作日：督促函",
	}, drafted)
	codes := []any{}
	for _, a := range objects(t, got["assumptions"]) {
		require.NotEmpty(t, a["text"])
		codes = append(codes, a["code"])
	}
	require.Contains(t, codes, "people")
	require.Contains(t, codes, "history")
	require.Equal(t, before, len(f.ledgers))
	require.Zero(t, f.calls, "the engine is not asked")

	all := ask(t, h, http.StatusOK, whatIf(`"year":2026,"shiftDays":10,"events":true`))
	require.Len(t, all["obligations"], 2, "all that are selected")
	event := objects(t, objects(t, all["obligations"])[0]["events"])[0]
	require.Equal(t, "opened", event["kind"])
	require.Equal(t, "2026-02-09", event["facts"].(map[string]any)["due"])
}

func TestWhatIfListsWhatCannotBeDone(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	_, err := f.decide(id("tianshan", "2026-01"), obligation.Command{
		Kind: obligation.Issue, By: obligation.Actor{Role: obligation.RoleOffice, Name: "王主任"}, Rung: obligation.Letter, Number: "长安委办〔2026〕1号", Letters: 1,
	}, now.AddDate(0, 0, -7))
	require.NoError(t, err)
	got := ask(t, h, http.StatusOK, whatIf(`"obligation":"changning-2024/1.1/tianshan/2026-01","due":"2026-03-31"`))
	dropped := objects(t, got["dropped"])
	require.Len(t, dropped, 1)
	require.Equal(t, "no_draft", dropped[0]["code"])
	require.Equal(t, "签发", dropped[0]["kindLabel"])
	require.Equal(t, map[string]any{"role": "office", "roleLabel": "区安委办", "name": "王主任"}, dropped[0]["by"])
	require.EqualValues(t, 0, objects(t, got["units"])[0]["alternative"].(map[string]any)["overdue"])
}

func TestWhatIfByCalendarRuleAndOneLadder(t *testing.T) {
	h := api.New(newFake(t).deps())
	for _, fields := range []string{
		`"calendar":{"years":{"2026":{"off":["0201-0220"]}}}`, `"ladders":[` + strings.Replace(strict, "standard", "strict", 1) + `],"ladder":"strict"`,
		`"ladder":"standard","shiftDays":-3`, `"restDays":"next_workday","shiftDays":1`,
	} {
		got := ask(t, h, http.StatusOK, whatIf(`"task":"1",`+fields))
		require.NotEmpty(t, got["obligations"], fields)
	}
}

func TestWhatIfRefuses(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	const one = `"obligation":"changning-2024/1.1/tianshan/2026-01",`
	for name, c := range map[string]struct {
		fields string
		status int
		code   api.Code
		field  string
	}{
		"nothing to try":    {`"unit":"tianshan"`, 422, "no_alternative", ""},
		"nothing selected":  {`"shiftDays":3`, 422, "nothing_selected", ""},
		"nobody":            {`"unit":"nobody","shiftDays":3`, 404, "not_found", ""},
		"no such one":       {`"obligation":"changning-2024/1.1/nobody/2026-01","shiftDays":3`, 404, "not_found", ""},
		"no id":             {`"obligation":"1.1","shiftDays":3`, 422, "validation_failed", "body.obligation"},
		"of another plan":   {`"obligation":"other/1.1/tianshan/2026-01","shiftDays":3`, 422, "validation_failed", "body.obligation"},
		"one and a unit":    {one + `"unit":"tianshan","shiftDays":3`, 422, "validation_failed", "body.obligation"},
		"a date for many":   {`"unit":"tianshan","due":"2026-03-31"`, 422, "validation_failed", "body.due"},
		"no such date":      {one + `"due":"2026-02-30"`, 422, "validation_failed", "body.due"},
		"two dates":         {one + `"due":"2026-03-31","shiftDays":3`, 422, "validation_failed", "body.due"},
		"too far":           {one + `"shiftDays":9999`, 422, "validation_failed", "body.shiftDays"},
		"no such ladder":    {one + `"ladder":"gentle"`, 422, "validation_failed", "body.ladder"},
		"a broken ladder":   {one + `"ladders":[` + strings.Replace(strict, `"cure":3`, `"cure":0`, 1) + `]`, 422, "validation_failed", "body.ladders[0]"},
		"a broken step":     {one + `"ladders":[` + strings.Replace(strict, `"offset":3`, `"offset":-3`, 1) + `]`, 422, "validation_failed", "body.ladders[0].steps[1]"},
		"a ladder twice":    {one + `"ladders":[` + strict + `,` + strict + `]`, 422, "validation_failed", "body.ladders[1].code"},
		"no year":           {one + `"calendar":{"years":{"soon":{}}}`, 422, "validation_failed", "body.calendar.years"},
		"no day":            {one + `"calendar":{"years":{"2026":{"off":["0230"]}}}`, 422, "validation_failed", "body.calendar"},
		"an unknown field":  {one + `"shift":3`, 422, "validation_failed", "body.shift"},
		"no rule":           {one + `"restDays":"never"`, 422, "validation_failed", "body.restDays"},
		"a number for text": {`"unit":7,"shiftDays":3`, 422, "validation_failed", "body.unit"},
	} {
		p := wantProblem(t, serve(h, whatIf(c.fields)), c.status, string(c.code))
		if c.field != "" {
			require.Equal(t, c.field, p.Errors[0].Field, name)
		}
	}
	wantProblem(t, serve(h, request(http.MethodPost, v1+"/whatif", `{"plan":"other","unit":"x","shiftDays":3}`)), 404, "not_found")
	f.more = 1_000_000
	wantProblem(t, serve(h, whatIf(`"unit":"tianshan","shiftDays":3`)), 422, "selection_too_large")
	f.more, f.down = 0, errDown
	wantProblem(t, serve(h, whatIf(`"unit":"tianshan","shiftDays":3`)), 503, "database_unavailable")
	large := `"unit":"tianshan","ladder":"` + strings.Repeat("x", 1<<20) + `"`
	wantProblem(t, serve(h, whatIf(large)), 413, "body_too_large")
}
