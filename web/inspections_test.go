package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/obligation"
)

const (
	weekPage = "/plans/p1/inspections/S6.3/awb/2026W10"
	weekAPI  = "/obligations/p1/S6.3/awb/2026W10"
)

// inspected is an API that has an inspection in a state; all that people wrote tries to be markup.
func inspected(state obligation.InspectionStage) *programs {
	head := api.Inspection{
		Measure: "S6.3", Unit: "awb", Period: "2026W10", PeriodLabel: "2026年第10周", Start: calendar.MustDate("2026-03-02"), Due: calendar.MustDate("2026-03-08"),
		State: state, StateLabel: state.Chinese(), Stage: obligation.StageSigned, StageLabel: "办理中", Light: obligation.Green, LightLabel: "绿灯",
	}
	detail := api.InspectionDetail{
		Inspection: head, Seq: 4, Units: []api.UnitRef{{Code: "xinhua", Name: "新华路街道" + hostile}, {Code: "yjj", Name: "区应急局"}},
		Ladders: []api.LadderRef{{Code: "order", Title: "交办阶梯"}, {Code: "standard", Title: "标准阶梯"}},
	}
	sheet := &api.InspectionSheet{Theme: "消防安全" + hostile, Basis: "制度", Visits: []api.Visit{
		{Unit: "xinhua", UnitName: "新华路街道", Day: calendar.MustDate("2026-03-03"), Places: "商铺" + hostile, People: "李、赵", Seen: "通道" + hostile},
	}}
	finding := api.Finding{
		Inspection: "p1/S6.3/awb/2026W10", PeriodLabel: "2026年第10周", N: 1, Unit: "xinhua", UnitName: "新华路街道", Place: "某商铺" + hostile, Text: "上锁" + hostile, Basis: "消防法",
		Severity: obligation.SeverityMajor, SeverityLabel: "重大", Major: true, Demands: "开启" + hostile, Due: calendar.MustDate("2026-03-20"),
		Obligation: &api.Obligation{Plan: "p1", Measure: "S6.3", Unit: "xinhua", Period: "2026W10.awb.f1", Light: obligation.Red, LightLabel: "红灯", StageLabel: "待签收", RungLabel: "督促函", Deadline: calendar.MustDate("2026-03-20")},
	}
	opening := finding
	opening.N, opening.Obligation, opening.Major, opening.Severity, opening.SeverityLabel = 2, nil, false, obligation.SeverityCommon, "一般"
	if state != obligation.InspectionUnplanned {
		detail.Plan, detail.Theme, detail.Changes = sheet, sheet.Theme, 2
	}
	if state == obligation.InspectionHeld {
		detail.Record, detail.Recorded, detail.Report, detail.Summary = sheet, instant("2026-03-04 10:00"), "已经开展"+hostile, "小结"+hostile
		detail.List, detail.Inspection.Findings, detail.Open, detail.Overdue, detail.Major = []api.Finding{finding, opening}, 2, 2, 1, 1
	}
	listed := detail.Inspection
	if state != obligation.InspectionUnplanned {
		listed.Units = []string{"新华路街道" + hostile}
	}
	p := answering(reported())
	p.answers["GET "+weekAPI+"/inspection"] = detail
	p.answers["GET /plans/p1/inspections"] = api.InspectionList{Inspections: []api.Inspection{listed}, Coverage: []api.Coverage{
		{Unit: "yjj", UnitName: "区应急局", Days: 40}, {Unit: "xinhua", UnitName: "新华路街道" + hostile, Visits: 1, Last: calendar.MustDate("2026-03-03"), Days: 3, Open: 2, Overdue: 1},
	}}
	p.answers["GET /plans/p1/findings"] = api.FindingList{Findings: []api.Finding{finding, opening}}
	p.answers["GET /plans/p1/units"] = api.UnitList{Units: []api.Unit{{Code: "xinhua", Name: "新华路街道"}}}
	return p
}

func TestInspections(t *testing.T) {
	for _, role := range []account.Role{account.Office, account.Leader, account.Auditor} {
		p := inspected(obligation.InspectionHeld)
		body := get(over(p), "/plans/p1/inspections?unit=xinhua&state=recorded", as(string(role))).Body.String()
		for _, want := range []string{
			`href="` + weekPage + `"`, "2026年第10周", "消防安全&#34;", "已登记", "没有查过", "3 天前", "逾期 1", `aria-current="page"`, "inspections.css",
			`value="xinhua" selected`, `value="recorded" selected`,
		} {
			require.Contains(t, body, want, role)
		}
		require.NotContains(t, body, "<script>alert")
	}
	require.Equal(t, http.StatusForbidden, get(over(inspected(obligation.InspectionHeld)), "/plans/p1/inspections", as("unit")).Code)
	require.Contains(t, get(over(answering(reported())), "/plans/p1/inspections", as("office")).Body.String(), "没有符合条件的检查")
}

func TestInspectionPage(t *testing.T) {
	offers := func(state obligation.InspectionStage, role account.Role) (out []string) {
		body := get(over(inspected(state)), weekPage, as(string(role))).Body.String()
		require.NotContains(t, body, "<script>alert")
		require.NotContains(t, body, "<img src=x")
		for _, verb := range []string{"plan-inspection", "record-inspection", "add-findings"} {
			if strings.Contains(body, `action="`+weekPage+"/"+verb+`"`) {
				out = append(out, verb)
			}
		}
		return out
	}
	require.Equal(t, []string{"plan-inspection", "record-inspection"}, offers(obligation.InspectionUnplanned, account.Office))
	require.Equal(t, []string{"plan-inspection", "record-inspection"}, offers(obligation.InspectionReady, account.Office))
	require.Equal(t, []string{"add-findings"}, offers(obligation.InspectionHeld, account.Office))
	require.Empty(t, offers(obligation.InspectionHeld, account.Auditor))
	require.Empty(t, offers(obligation.InspectionReady, account.Leader))

	body := get(over(inspected(obligation.InspectionHeld)), weekPage, as("office")).Body.String()
	for _, want := range []string{
		"上锁&#34;", "开启&#34;", "通道&#34;", "小结&#34;", "已经开展&#34;", "有 1 个重大问题", "正在交办", "已督促函", "2 次，历次安排在台账里",
		`href="/plans/p1/obligations/S6.3/xinhua/2026W10.awb.f1"`, `href="/api/v1/obligations/p1/S6.3/xinhua/2026W10.awb.f1/order"`,
		`href="/plans/p1/obligations/S6.3/awb/2026W10"`,
	} {
		require.Contains(t, body, want)
	}
	require.Contains(t, get(over(inspected(obligation.InspectionReady)), weekPage, as("office")).Body.String(), `value="商铺&#34;`, "the record begins with the plan")
}

func TestInspectionIsTyped(t *testing.T) {
	p := inspected(obligation.InspectionReady)
	form := url.Values{
		"form": {"record-inspection"}, "key": {"k-1"}, "seq": {"4"}, "theme": {" 消防 "}, "basis": {"制度"}, "material": {""}, "summary": {"好"},
		"visit-unit": {"xinhua", ""}, "visit-day": {"2026-03-03", "2026-03-02"}, "visit-places": {"商铺", ""}, "visit-people": {"李", ""}, "visit-seen": {"通道", ""},
		"finding-unit": {"", "xinhua"}, "finding-severity": {"common", "major"}, "finding-place": {"", "某铺"}, "finding-text": {"", "上锁"}, "finding-basis": {"", ""},
		"finding-demands": {"", "开启"}, "finding-due": {"", "2026-03-20"}, "finding-ladder": {"order", "standard"},
	}
	w := post(over(p), weekPage+"/record-inspection", form, as("office"))
	require.Equal(t, http.StatusSeeOther, w.Code)
	require.Equal(t, weekPage+"?done=record-inspection", w.Header().Get("Location"))
	require.Contains(t, p.asked, `POST `+weekAPI+`/record-inspection k-1 "4" {"theme":"消防","basis":"制度","visits":[{"unit":"xinhua","day":"2026-03-03","places":"商铺","people":"李","seen":"通道"}],`+
		`"findings":[{"unit":"xinhua","place":"某铺","text":"上锁","severity":"major","demands":"开启","due":"2026-03-20","ladder":"standard"}],"summary":"好"}`)
	require.Contains(t, get(over(p), weekPage+"?done=record-inspection", as("office")).Body.String(), "问题已交办")

	p.answers["POST "+weekAPI+"/record-inspection"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "问题的整改期限须晚于今天。"}
	form["finding-text"] = []string{"", "上锁" + hostile}
	w = post(over(p), weekPage+"/record-inspection", form, as("office"))
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	for _, want := range []string{"问题的整改期限须晚于今天。", `value="上锁&#34;`, ">开启</textarea>", `value="2026-03-20"`, `value="major" selected`, `value="standard" selected`} {
		require.Contains(t, w.Body.String(), want, "what was typed stays")
	}
	require.NotContains(t, w.Body.String(), "<script>alert")

	for verb, want := range map[string]string{
		"plan-inspection": `{"theme":"消防","basis":"制度","visits":[{"unit":"xinhua","day":"2026-03-03","places":"商铺","people":"李","seen":"通道"}],"reason":"改期"}`,
		"add-findings":    `{"findings":[{"unit":"xinhua","place":"某铺","text":"上锁","severity":"major","demands":"开启","due":"2026-03-20","ladder":"standard"}],"reason":"改期"}`,
	} {
		form["finding-text"], form["reason"] = []string{"", "上锁"}, []string{"改期"}
		require.Equal(t, http.StatusSeeOther, post(over(p), weekPage+"/"+verb, form, as("office")).Code)
		require.Contains(t, p.asked[len(p.asked)-1], want)
	}
	require.Equal(t, http.StatusNotFound, post(over(p), weekPage+"/nonsense", form, as("office")).Code)
	require.Equal(t, http.StatusForbidden, post(over(p), weekPage+"/add-findings", form, as("leader")).Code)
}

func TestFindings(t *testing.T) {
	for _, role := range []account.Role{account.Office, account.Leader, account.Auditor, account.Unit} {
		body := get(over(inspected(obligation.InspectionHeld)), "/plans/p1/findings?severity=major&open=true", as(string(role))).Body.String()
		for _, want := range []string{"上锁&#34;", "重大", "正在交办", `href="/api/v1/plans/p1/findings/export?open=true&amp;severity=major"`, `value="major" selected`} {
			require.Contains(t, body, want, role)
		}
		require.Equal(t, role != account.Unit, strings.Contains(body, weekPage), "a unit has no page of inspections")
	}
	require.Contains(t, get(over(answering(reported())), "/plans/p1/findings", as("unit")).Body.String(), "没有符合条件的问题")
}

// The page of an obligation leads to its inspection, and proposes what to report of it.
func TestObligationOfAnInspection(t *testing.T) {
	o := reported()
	o.FindingOf = "p1/S6.3/awb/2026W10"
	require.Contains(t, get(over(answering(o)), onePage, as("office")).Body.String(), `href="`+weekPage+`"`)
	require.Contains(t, get(over(answering(o)), onePage, as("unit")).Body.String(), `href="/plans/p1/findings"`)
}

// The office says of a finding what the register has to know, and is told what was refused with all that it typed.
func TestPromotingAFinding(t *testing.T) {
	const finding = "/obligations/p1/S6.3/xinhua/2024W25.awb.f1"
	const page = "/plans/p1/obligations/S6.3/xinhua/2024W25.awb.f1"
	api1 := func(change func(*api.ObligationDetail)) *programs {
		p := registered(nil)
		o := api.ObligationDetail{Obligation: api.Obligation{
			Plan: "p1", Measure: "S6.3", Unit: "xinhua", Period: "2024W25.awb.f1", UnitName: "新华路街道", Title: "安全出口上锁" + hostile, Seq: 4, WaitingOn: "xinhua",
			Stage: obligation.StageSigned, FindingOf: "p1/S6.3/awb/2024W25", Deadline: calendar.MustDate("2024-06-30"), PeriodLabel: "2024年第25周",
		}, Done: "立即开启"}
		if change != nil {
			change(&o)
		}
		p.answers["GET "+finding] = o
		p.answers["GET "+finding+"/ledger"] = api.LedgerPage{}
		return p
	}
	require.Contains(t, get(served(api1(nil)), page, as("office")).Body.String(), `href="`+page+`/promote"`)
	for _, role := range []string{"leader", "auditor", "unit"} {
		require.NotContains(t, get(served(api1(nil)), page, as(role)).Body.String(), "/promote", role)
		require.Equal(t, http.StatusForbidden, get(served(api1(nil)), page+"/promote", as(role)).Code, role)
	}
	closed := func(o *api.ObligationDetail) { o.WaitingOn, o.Promoted = "", "2024-003" }
	body := get(served(api1(closed)), page, as("office")).Body.String()
	require.NotContains(t, body, "/promote")
	require.Contains(t, body, `href="/plans/p1/hazards/2024-003">转隐患 2024-003</a>`)
	other := func(o *api.ObligationDetail) { o.FindingOf = "" }
	require.NotContains(t, get(served(api1(other)), page, as("office")).Body.String(), "/promote", "it is no finding")

	form := get(served(api1(nil)), page+"/promote", as("office"))
	require.Equal(t, http.StatusOK, form.Code)
	body = form.Body.String()
	require.NotContains(t, body, hostile)
	for _, part := range []string{"安全出口上锁", "立即开启", `value="2024-06-30"`, `<option value="yjj">区应急局</option>`, `action="` + page + `/promote"`, "data-confirm"} {
		require.Contains(t, body, part)
	}
	said := url.Values{"form": {"promote"}, "key": {"k1"}, "seq": {"4"}, "due": {"2024-07-31"}, "industry": {"gas"}, "region": {"xinhua"}, "enterprise": {" 某商铺 "}, "place": {"甲路1号"}, "reviewer": {"yjj"}}
	p := api1(nil)
	w := post(served(p), page+"/promote", said, as("office"))
	require.Equal(t, []any{http.StatusSeeOther, page + "?done=promote"}, []any{w.Code, w.Header().Get("Location")})
	require.JSONEq(t, `{"due":"2024-07-31","industry":"gas","region":"xinhua","enterprise":"某商铺","place":"甲路1号","reviewer":"yjj"}`, p.body(t, finding+"/promote"))
	require.Contains(t, p.last(t, "POST"), ` k1 "4"`, "once, and as of what was seen")

	p = api1(nil)
	p.answers["POST "+finding+"/promote"] = &api.Problem{Status: http.StatusConflict, Code: api.Code(obligation.CodePromoted), Detail: "该问题已经转为重大隐患挂牌督办"}
	w = post(served(p), page+"/promote", said, as("office"))
	require.Equal(t, http.StatusConflict, w.Code)
	require.Contains(t, w.Body.String(), "该问题已经转为重大隐患挂牌督办")
	require.Contains(t, w.Body.String(), `value=" 某商铺 "`, "what was typed is still there")

	from := registered(func(h *api.Hazard) { h.Inspection, h.Finding = "p1/S6.3/awb/2024W25", "p1/S6.3/xinhua/2024W25.awb.f1" })
	body = get(served(from), "/plans/p1/hazards/2024-003", as("office")).Body.String()
	require.Contains(t, body, `href="`+page+`"`)
	require.Contains(t, body, `href="/plans/p1/inspections/S6.3/awb/2024W25"`)
}
