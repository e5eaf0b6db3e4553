package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
	"duban/obligation"
)

// inHand is an API with an obligation that the unit has to report, and two files that lie ready.
func inHand(change func(*api.ObligationDetail)) *programs {
	o := reported()
	o.Stage, o.StageLabel, o.WaitingOn, o.Light, o.Allowed = obligation.StageSigned, "办理中", "xinhua", obligation.Yellow, 2
	if change != nil {
		change(&o)
	}
	p := answering(o)
	file := func(id, name string, staged bool) api.EvidenceItem {
		return api.EvidenceItem{EventEvidence: api.EventEvidence{ID: id, Name: name, Size: 2048}, Staged: staged}
	}
	p.answers["GET "+oneAPI+"/evidence"] = api.EvidenceList{
		Evidence: []api.EvidenceItem{file("F1", "签到表"+hostile, true), file("F2", "纪要.pdf", true), file("F0", "旧.pdf", false)},
		MaxFile:  50 << 20, MaxFiles: 50, MaxTotal: 500 << 20,
	}
	return p
}

// rectifying adds an interview after which the unit has to report.
func rectifying(p *programs) *programs {
	p.answers["GET "+oneAPI+"/documents"] = api.DocumentList{Documents: []api.Document{{
		Plan: "p1", Measure: "13.1", Unit: "xinhua", Period: "2026H1", Rung: obligation.Interview, WaitingOn: "xinhua",
		Meeting: &api.Meeting{Rectification: &api.Rectification{Demands: "完成汇编" + hostile, Due: calendar.MustDate("2026-07-20"), Returned: 1, Reason: "不全"}},
	}}}
	return p
}

func TestUnitIsOfferedWhatGoesWithTheStage(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*api.ObligationDetail)
		want   string
	}{
		"signed":          {nil, "submit progress ask-extension send-back delegate"},
		"not yet signed":  {func(o *api.ObligationDetail) { o.Stage = obligation.StageOpen }, "sign submit progress ask-extension send-back delegate"},
		"late":            {func(o *api.ObligationDetail) { o.Light = obligation.Red }, "submit progress send-back delegate"},
		"extended enough": {func(o *api.ObligationDetail) { o.Extensions = 2 }, "submit progress send-back delegate"},
		"delegated": {func(o *api.ObligationDetail) {
			o.Delegation = &api.Delegation{By: "张三", To: "李四"}
		}, "submit progress ask-extension send-back end-delegation"},
		"wants more time": {func(o *api.ObligationDetail) {
			o.WaitingOn, o.Application = "office", &api.Application{}
		}, "submit progress delegate"},
		"sent back": {func(o *api.ObligationDetail) {
			o.WaitingOn, o.SentBack = "office", &api.Objection{}
		}, "submit progress delegate"},
		"suspended": {func(o *api.ObligationDetail) {
			o.WaitingOn, o.Suspended = "office", &api.Suspension{}
		}, ""},
		"submitted": {func(o *api.ObligationDetail) {
			o.WaitingOn, o.Stage = "office", obligation.StageSubmitted
		}, ""},
		"closed": {func(o *api.ObligationDetail) { o.WaitingOn, o.Stage = "", obligation.StageAccepted }, ""},
	} {
		p := inHand(tt.change)
		body := get(over(p), onePage, as("unit")).Body.String()
		for verb := range strings.FieldsSeq("sign submit progress ask-extension send-back delegate end-delegation rectify") {
			offered := strings.Contains(body, `action="`+onePage+"/"+verb+`"`)
			require.Equal(t, strings.Contains(" "+tt.want+" ", " "+verb+" "), offered, "%s: %s", name, verb)
		}
		require.NotContains(t, get(over(p), onePage, as("office")).Body.String(), `action="`+onePage+`/submit"`)
	}
	closed := func(o *api.ObligationDetail) {
		o.WaitingOn, o.Stage = "", obligation.StageAccepted
		o.Formals = []api.Formal{{RungRef: api.RungRef{Rung: obligation.Interview}}}
	}
	body := get(over(rectifying(inHand(closed))), onePage, as("unit")).Body.String()
	require.Contains(t, body, `action="`+onePage+`/rectify"`, "what an interview demands outlives the obligation")
	require.Contains(t, body, "完成汇编&#34;")
	require.Contains(t, body, "不全")
	require.Contains(t, body, `data-evidence="/api/v1`+oneAPI+`/evidence"`)
}

func TestUnitActs(t *testing.T) {
	for verb, tt := range map[string]struct{ form, path, body string }{
		"sign":           {"", oneAPI + "/sign", `{}`},
		"submit":         {"text=已完成&evidence=F1&evidence=F2", oneAPI + "/submit", `{"text":"已完成","evidence":["F1","F2"]}`},
		"progress":       {"percent=60&text=", oneAPI + "/progress", `{"percent":60}`},
		"ask-extension":  {"due=2026-08-01&reason=等标准", oneAPI + "/ask-extension", `{"due":"2026-08-01","reason":"等标准"}`},
		"send-back":      {"reason=不属本单位", oneAPI + "/send-back", `{"reason":"不属本单位"}`},
		"delegate":       {"to= 李四 &from=&until=2026-07-31&reason=", oneAPI + "/delegate", `{"to":{"name":"李四"},"until":"2026-07-31"}`},
		"end-delegation": {"", oneAPI + "/end-delegation", `{}`},
		"break-down": {
			"unit=yjj&text=提供名单&due=2026-07-10&unit=&text=&due=2026-07-10&unit=jtw&text= 汇总 &due=2026-07-11", oneAPI + "/break-down",
			`{"parts":[{"unit":"yjj","text":"提供名单","due":"2026-07-10"},{"unit":"jtw","text":"汇总","due":"2026-07-11"}]}`,
		},
		"rectify": {"text=已整改&evidence=F1", "/documents/p1/13.1/xinhua/2026H1/interview/rectify", `{"text":"已整改","evidence":["F1"]}`},
	} {
		p := inHand(nil)
		form, err := url.ParseQuery("form=" + verb + "&key=k-1&seq=30&" + tt.form)
		require.NoError(t, err)
		w := post(over(p), onePage+"/"+verb, form, as("unit"))
		require.Equal(t, []any{http.StatusSeeOther, onePage + "?done=" + verb}, []any{w.Code, w.Header().Get("Location")}, verb)
		require.Contains(t, p.asked, `POST `+tt.path+` k-1 "30" `+tt.body)
		require.Contains(t, get(over(p), onePage+"?done="+verb, as("unit")).Body.String(), `class="notice"`, verb)
	}
	p := inHand(nil)
	post(over(p), onePage+"/progress", url.Values{"percent": {"六十"}}, as("unit"))
	require.Contains(t, p.asked[len(p.asked)-1], `{"percent":-1}`, "it is for the API to refuse")
}

// What lies ready is ticked; what was unticked before a refusal stays so.
func TestEvidenceGoesWithTheForm(t *testing.T) {
	p := inHand(nil)
	body := get(over(p), onePage, as("unit")).Body.String()
	for _, want := range []string{`name="evidence" value="F1" checked`, `name="evidence" value="F2" checked`, "签到表&#34;", "2 KB", `data-max="52428800"`, "50.0 MB", "evidence.js", "<noscript>"} {
		require.Contains(t, body, want)
	}
	require.NotContains(t, body, `value="F0"`, "it was handed in before")
	require.NotContains(t, body, "<script>alert")

	p.answers["POST "+oneAPI+"/submit"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "请写明完成情况。"}
	w := post(over(p), onePage+"/submit", url.Values{"form": {"submit"}, "text": {"写了" + hostile}, "evidence": {"F2"}}, as("unit"))
	body = w.Body.String()
	_, form, _ := strings.Cut(body, `action="`+onePage+`/submit"`)
	form, _, _ = strings.Cut(form, "</form>")
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, body, "请写明完成情况。")
	require.Contains(t, form, "写了&#34;")
	require.Contains(t, form, `value="F1">`)
	require.Contains(t, form, `value="F2" checked>`)
	require.NotContains(t, get(over(p), onePage, as("office")).Body.String(), "evidence.js")

	// A training takes none.
	p.answers["GET "+oneAPI+"/evidence"] = &api.Problem{Status: http.StatusNotFound, Code: api.CodeRouteNotFound}
	w = get(over(p), onePage, as("unit"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `action="`+onePage+`/submit"`)
	require.NotContains(t, w.Body.String(), "data-evidence")
}

func TestBreakingDown(t *testing.T) {
	page := onePage + "/break-down"
	p := inHand(nil)
	p.answers["GET /plans/p1/units"] = api.UnitList{Units: []api.Unit{{Code: "xinhua", Name: "新华路街道"}, {Code: "yjj", Name: "区应急局" + hostile}}}
	body := get(over(p), page, as("unit")).Body.String()
	require.Equal(t, 3, strings.Count(body, `name="unit"`))
	require.Contains(t, body, "区应急局&#34;")
	require.NotContains(t, body, `value="xinhua"`, "nobody asks himself")
	require.Contains(t, body, `max="2026-06-30"`)
	require.NotContains(t, body, "<script>alert")
	require.Contains(t, get(over(p), onePage, as("unit")).Body.String(), `href="`+page+`"`)
	part := inHand(func(o *api.ObligationDetail) { o.PartOf = "p1/13.1/yjj/2026H1" })
	require.NotContains(t, get(over(part), onePage, as("unit")).Body.String(), `href="`+page+`"`, "a part is not broken down")

	p.answers["POST "+oneAPI+"/break-down"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "分解事项的期限不能早于今天。"}
	form := url.Values{"form": {"break-down"}, "unit": {"", "yjj"}, "text": {"", "提供名单" + hostile}, "due": {"2026-06-30", "2020-01-01"}}
	w := post(over(p), page, form, as("unit"))
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	for _, want := range []string{"期限不能早于今天", `value="yjj" selected`, "提供名单&#34;", `value="2020-01-01"`} {
		require.Contains(t, w.Body.String(), want)
	}
	require.Equal(t, http.StatusForbidden, get(over(p), page, as("office")).Code)
}
