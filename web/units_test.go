package web_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/calendar"
	"duban/plan"
	"duban/web"
)

// offices is an API with a plan and two units.
func offices(more map[string]any) *programs {
	yjj := api.Unit{
		Code: "yjj", Name: "区应急局", Kind: plan.KindGovernment, KindLabel: "政府部门", Tags: []string{"member"}, Aliases: []string{"应急局"},
		To: calendar.MustDate("2026-12-31"), Contacts: []api.Contact{{Name: hostile, Mobile: "13800000001", Channels: []plan.Channel{plan.ChannelSMS}}},
	}
	xinhua := api.Unit{Code: "xinhua", Name: "新华路街道", Kind: plan.KindStreet, KindLabel: "街道（镇）", Tags: []string{}, Aliases: []string{}}
	answers := map[string]any{
		"GET /plans":               api.PlanList{Plans: []api.Plan{{Code: "p1", Title: "方案", From: calendar.MustDate("2024-01-01"), To: calendar.MustDate("2026-12-31")}}},
		"GET /plans/p1/units":      api.UnitList{Units: []api.Unit{yjj, xinhua}},
		"GET /plans/p1/units/yjj":  api.UnitDetail{Unit: yjj, Valid: true, Counts: &api.Counts{Total: 9, Red: 2}},
		"GET /plans/p1/units/none": &api.Problem{Status: http.StatusNotFound},
		"GET /plans/p1/overview":   api.Overview{Units: []api.UnitRank{{Unit: "yjj", Total: 9, Overdue: 2}}},
		"POST /plans/p1/changes/preview": api.ChangesPreview{Effects: []api.EffectView{
			{Obligation: "p1/1.1/yjj/1", Title: "修订" + hostile, UnitName: "区应急局", KindLabel: "调整", Changes: []string{"单位名称：甲 → 乙"}},
		}},
	}
	maps.Copy(answers, more)
	return &programs{answers: answers}
}

func sent(p *programs, key string) []string {
	var out []string
	for _, a := range p.asked {
		if after, ok := strings.CutPrefix(a, key); ok {
			out = append(out, strings.TrimSpace(after))
		}
	}
	return out
}

func opened(p *programs) *gin.Engine {
	return pages(newDoor(), func(d *web.Deps) {
		d.API, d.Views = p, []web.View{{Name: "红灯", Path: "/temporal/namespaces/duban/workflows?query=x"}}
	})
}

func TestUnits(t *testing.T) {
	p := offices(nil)
	h := opened(p)
	for _, role := range []string{"office", "leader", "auditor", "admin"} {
		body := get(h, "/plans/p1/units", as(role)).Body.String()
		require.Contains(t, body, "政府部门")
		require.Contains(t, body, `href="/plans/p1/units/yjj"`)
		require.Contains(t, body, "至2026年12月31日")
		require.Contains(t, body, "没有联络员")
		require.NotContains(t, body, "<script>alert")
		require.Equal(t, role != "admin", strings.Contains(body, "逾期 2"), "%s: administrators see no business", role)
		require.Equal(t, role == "office" || role == "admin", strings.Contains(body, "新增单位"), role)
		body = get(h, "/plans/p1/units/yjj", as(role)).Body.String()
		require.Equal(t, role == "office" || role == "admin", strings.Contains(body, "更换联络员"), role)
		require.Equal(t, role != "admin", strings.Contains(body, "它的责任事项"), role)
	}
	require.Equal(t, http.StatusNotFound, get(h, "/plans/p1/units/none", as("office")).Code)
	require.Equal(t, http.StatusNotFound, get(h, "/plans/none/units", as("office")).Code)
	body := get(h, "/plans/p1/units?q=x", header{"Cookie": "as=office", "HX-Request": "true"}).Body.String()
	require.True(t, strings.HasPrefix(body, `<div id="units"`), "the list alone")
	empty := opened(offices(map[string]any{"GET /plans/p1/units": api.UnitList{}}))
	require.Contains(t, get(empty, "/plans/p1/units?q=x", as("office")).Body.String(), "没有符合条件的单位")
	require.Contains(t, get(empty, "/plans/p1/units", as("office")).Body.String(), "还没有责任单位")
}

// A change is shown before it is made, and only what was typed otherwise is sent.
func TestUnitIsChanged(t *testing.T) {
	p := offices(nil)
	h := opened(p)
	form := url.Values{
		"form": {"unit"}, "key": {"k1"}, "name": {"区应急管理局"}, "kind": {"government"}, "tags": {"member"}, "aliases": {"应急局"}, "to": {"2026-12-31"},
	}
	w := post(h, "/plans/p1/units/yjj", form, as("admin"))
	require.Equal(t, http.StatusOK, w.Code)
	body := w.Body.String()
	require.Contains(t, body, "尚未更改")
	require.Contains(t, body, "单位名称：甲 → 乙")
	require.NotContains(t, body, "<script>alert")
	require.Equal(t, "区应急管理局", hidden(t, w, "name"))
	require.Equal(t, []string{`{"units":[{"code":"yjj","name":"区应急管理局"}]}`}, sent(p, "POST /plans/p1/changes/preview"))
	require.Empty(t, sent(p, "POST /plans/p1/changes "))

	form.Set("step", "edit")
	body = post(h, "/plans/p1/units/yjj", form, as("admin")).Body.String()
	require.Contains(t, body, `value="区应急管理局"`)
	require.NotContains(t, body, `role="alert"`)

	form.Set("step", "make")
	form.Set("reason", "机构改革")
	w = post(h, "/plans/p1/units/yjj", form, as("admin"))
	require.Equal(t, []any{http.StatusSeeOther, "/plans/p1/units/yjj?done=amended"}, []any{w.Code, w.Header().Get("Location")})
	require.Equal(t, []string{`k1  {"units":[{"code":"yjj","name":"区应急管理局"}],"reason":"机构改革"}`}, sent(p, "POST /plans/p1/changes "))

	for name, change := range map[string]url.Values{
		"没有改动": {"form": {"unit"}, "name": {"区应急局"}, "kind": {"government"}, "tags": {"member"}, "aliases": {"应急局"}, "to": {"2026-12-31"}},
		"不能清空": {"form": {"unit"}, "name": {"区应急局"}, "kind": {"government"}, "tags": {"member"}, "aliases": {"应急局"}},
	} {
		w = post(h, "/plans/p1/units/yjj", change, as("office"))
		require.Equal(t, http.StatusUnprocessableEntity, w.Code)
		require.Contains(t, w.Body.String(), name)
	}
	require.Len(t, sent(p, "POST /plans/p1/changes "), 1)
}

func TestContactsAreReplaced(t *testing.T) {
	p := offices(nil)
	h := opened(p)
	form := url.Values{
		"form": {"contacts"}, "key": {"k1"}, "c0-name": {"张三"}, "c0-mobile": {"13800000001"}, "c0-wecom": {"zhang"}, "c0-channel": {"sms", "wecom", ""},
		"c1-name": {"李四"}, "c1-email": {"li@example.cn"}, "c2-name": {""}, "c2-channel": {"", "", ""},
	}
	w := post(h, "/plans/p1/units/yjj", form, as("office"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), "先后：短信、企业微信")
	require.Equal(t, []string{
		`{"units":[{"code":"yjj","contacts":[{"name":"张三","wecom":"zhang","mobile":"13800000001","channels":["sms","wecom"]},{"name":"李四","email":"li@example.cn"}]}]}`,
	}, sent(p, "POST /plans/p1/changes/preview"))

	p.answers["POST /plans/p1/changes/preview"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "内容有误", Errors: nil}
	w = post(h, "/plans/p1/units/yjj", form, as("office"))
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), "内容有误")
	require.Contains(t, w.Body.String(), `value="li@example.cn"`, "what was typed is still there")
}

func TestUnitIsAdded(t *testing.T) {
	p := offices(nil)
	form := url.Values{"form": {"add"}, "name": {"区数据局"}, "code": {"sjj"}, "kind": {"government"}, "tags": {"member、support"}, "from": {"2026-03-01"}}
	w := post(opened(p), "/plans/p1/units", form, as("admin"))
	require.Contains(t, w.Body.String(), "2026年3月1日")
	require.Equal(t, []string{
		`{"units":[{"code":"sjj","new":true,"name":"区数据局","kind":"government","tags":["member","support"],"aliases":[],"from":"2026-03-01"}]}`,
	}, sent(p, "POST /plans/p1/changes/preview"))
}

func TestRosterIsImported(t *testing.T) {
	for name, table := range map[string]string{
		"copied out of a spreadsheet": "单位\t姓名\t手机\n应急局\t张三\t13800000001\n\t李四\t\n新华路街道\t王五\t\n",
		"CSV":                         "\ufeff单位,姓名,手机\r\n区应急局,张三,13800000001\r\n,李四,\r\nxinhua,王五,\r\n",
	} {
		p := offices(nil)
		w := post(opened(p), "/plans/p1/contacts", url.Values{"form": {"roster"}, "table": {table}}, as("office"))
		require.Equal(t, http.StatusOK, w.Code, name)
		require.Equal(t, []string{
			`{"units":[{"code":"yjj","contacts":[{"name":"张三","mobile":"13800000001"},{"name":"李四"}]},{"code":"xinhua","contacts":[{"name":"王五"}]}]}`,
		}, sent(p, "POST /plans/p1/changes/preview"), name)
	}
	for table, want := range map[string]string{
		"单位\t姓名\n区水务局\t张三\n应急局\t\n应急局\t李四": "第 2 行：没有这个单位：区水务局",
		"张三\t13800000001":  "没有找到表头",
		"单位,姓名":            "没有可以导入的联络员",
		"单位,姓名\n\"区应急局,张三": "引号不成对",
	} {
		p := offices(nil)
		w := post(opened(p), "/plans/p1/contacts", url.Values{"form": {"roster"}, "table": {table}}, as("office"))
		require.Equal(t, http.StatusUnprocessableEntity, w.Code, table)
		require.Contains(t, w.Body.String(), want)
		require.Empty(t, sent(p, "POST"), "nothing is taken of a roster that can't be read")
	}
}

// A preview asks for no more effects than it lists, and counts them all.
func TestPreviewIsBounded(t *testing.T) {
	p := offices(nil)
	p.answers["POST /plans/p1/changes/preview"] = api.ChangesPreview{
		Effects:      []api.EffectView{{Obligation: "p1/1.1/yjj/2026H1", Title: "事项", UnitName: "区应急局", KindLabel: "调整"}},
		EffectCounts: api.EffectCounts{Rearmed: 120, Joined: 3},
	}
	var query url.Values
	h := pages(newDoor(), func(d *web.Deps) {
		d.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				query = r.URL.Query()
			}
			p.ServeHTTP(w, r)
		})
	})
	form := url.Values{"form": {"unit"}, "name": {"区应急管理局"}, "kind": {"government"}, "tags": {"member"}, "aliases": {"应急局"}, "to": {"2026-12-31"}}
	body := post(h, "/plans/p1/units/yjj", form, as("office")).Body.String()
	require.Equal(t, "50", query.Get("effectsLimit"))
	for _, want := range []string{"调整 120 件", "交办 3 件", "另有 122 件没有列出", `href="/plans/p1/obligations/1.1/yjj/2026H1"`} {
		require.Contains(t, body, want)
	}
	require.NotContains(t, body, "撤销 ")
	require.NotContains(t, post(h, "/plans/p1/units/yjj", form, as("admin")).Body.String(), `href="/plans/p1/obligations/1.1`, "administrators see no business")
}
