package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/obligation"
)

// body returns what the API was asked last by POST on the path.
func (p *programs) body(t *testing.T, path string) string {
	t.Helper()
	for _, v := range slices.Backward(p.asked) {
		if strings.HasPrefix(v, "POST "+path+" ") {
			return bodyOf(v)
		}
	}
	require.Fail(t, "nothing was asked of "+path)
	return ""
}

const (
	previews = "/plans/p1/changes/preview"
	makes    = "/plans/p1/changes"
)

func changing() *programs {
	p := oneList()
	p.answers["GET /plans/p1/ladders"] = api.LadderList{Ladders: []api.LadderUse{
		{LadderInFull: api.LadderInFull{Code: "standard", Title: "标准阶梯" + hostile, Cure: 5, Yellow: 7, Rework: 5, Nudge: 3, Extensions: 2, Steps: []api.LadderStep{
			{Code: "remind-15", Rung: obligation.Remind, Anchor: obligation.AnchorDue, Offset: -15, To: obligation.ToUnit},
			{Code: "press+3", Rung: obligation.Press, Anchor: obligation.AnchorDue, Offset: 3, Every: 5, To: obligation.ToUnit},
			{Code: "interview+30", Rung: obligation.Interview, Anchor: obligation.AnchorDue, Offset: 30, To: obligation.ToUnit, SignOff: obligation.SignOffLeader, Letters: 2},
		}}, Default: true, Measures: 12},
		{LadderInFull: api.LadderInFull{Code: "unused", Title: "不用的", Cure: 1, Rework: 1, Nudge: 1}},
	}}
	p.answers["POST "+previews] = api.ChangesPreview{
		Holidays: []string{"元旦：1月1日" + hostile}, EffectCounts: api.EffectCounts{Rearmed: 120},
		Effects: []api.EffectView{{Obligation: "p1/16.1/yjj/1", UnitName: "区应急局", Title: hostile, KindLabel: "调整", Changes: []string{"甲", "乙", "丙", "丁"}}},
	}
	p.answers["POST "+makes] = api.ChangesMade{Seed: api.SeedResult{Changed: true, Version: 4, Revised: 1}}
	return p
}

// Each form says what it is for; what it would do is shown before it is done.
func TestChangesArePreviewedAndMade(t *testing.T) {
	for _, tt := range []struct {
		path, role string
		form       url.Values
		want       string
	}{
		{"due?task=16&measure=16.1", "office", url.Values{"due": {"2026-09-30", ""}}, `{"measures":[{"code":"16.1","due":["2026-09-30"]}]}`},
		{
			"audience?task=16&measure=16.1", "office",
			url.Values{"kinds": {"street"}, "tags": {"regulator"}, "units": {"yjj"}, "except": {"xinhua"}},
			`{"measures":[{"code":"16.1","audience":{"kinds":["street"],"tags":["regulator"],"units":["yjj"],"except":["xinhua"]}}]}`,
		},
		{"ladder?task=16&measure=16.1", "office", url.Values{"ladder": {"unused"}}, `{"measures":[{"code":"16.1","ladder":"unused"}]}`},
		{"withdraw?task=16&measure=16.1", "office", url.Values{}, `{"measures":[{"code":"16.1","withdraw":true}]}`},
		{"rename?unit=yjj", "admin", url.Values{"name": {" 区应急管理局 "}}, `{"units":[{"code":"yjj","name":"区应急管理局"}]}`},
		{"merge?unit=yjj", "admin", url.Values{"to": {"2026-09-30"}, "into": {"xinhua"}}, `{"units":[{"code":"yjj","to":"2026-09-30","into":"xinhua"}]}`},
		{"validity?unit=yjj", "office", url.Values{"from": {"2026-01-01"}}, `{"units":[{"code":"yjj","from":"2026-01-01"}]}`},
		{"holidays", "admin", url.Values{"notice": {"通知"}}, `{"notice":"通知"}`},
	} {
		p := changing()
		h := over(p)
		path := "/plans/p1/changes/" + tt.path
		body := get(h, path, as(tt.role)).Body.String()
		require.Contains(t, body, "预览</button>", tt.path)
		require.NotContains(t, body, "确认调整", tt.path)
		require.NotContains(t, body, hostile, tt.path)

		tt.form.Set("form", "preview")
		w := post(h, path, tt.form, as(tt.role))
		require.Equal(t, http.StatusOK, w.Code, tt.path)
		body = w.Body.String()
		require.NotContains(t, body, hostile, tt.path)
		for _, text := range []string{"预览：会怎样变化", "元旦：1月1日", "调整 120", "第 1 / 3 页", "还有 1 处", "确认调整"} {
			require.Contains(t, body, text, tt.path)
		}
		require.JSONEq(t, tt.want, p.body(t, previews), tt.path)
		for name, values := range tt.form {
			if name != "form" {
				require.Contains(t, body, `<input type="hidden" name="`+name+`" value="`+values[0], "what was seen is what is made")
			}
		}

		tt.form.Set("form", "make")
		tt.form.Set("reason", "统一调整")
		tt.form.Set("key", "k-1")
		w = post(h, path, tt.form, as(tt.role))
		require.Equal(t, http.StatusOK, w.Code, tt.path)
		require.Contains(t, w.Body.String(), "方案已调整为第 4 版")
		require.JSONEq(t, strings.TrimSuffix(tt.want, "}")+`,"reason":"统一调整"}`, p.body(t, makes), tt.path)

		p.answers["POST "+makes] = &api.Problem{Status: http.StatusConflict, Detail: "其他人刚刚处理过"}
		w = post(h, path, tt.form, as(tt.role))
		require.Equal(t, http.StatusConflict, w.Code, tt.path)
		require.Contains(t, w.Body.String(), "其他人刚刚处理过")
		require.Contains(t, w.Body.String(), `value="统一调整"`, "what was typed is still there")
	}
}

func TestChangesThatCanNotBePreviewed(t *testing.T) {
	p := changing()
	h := over(p)
	p.answers["POST "+previews] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "有误", Errors: []api.ProblemField{{Message: "缺少春节"}}}
	w := post(h, "/plans/p1/changes/holidays", url.Values{"form": {"preview"}, "notice": {"通知" + hostile}}, as("office"))
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), "缺少春节")
	require.Contains(t, w.Body.String(), "通知&#34;&gt;&lt;script&gt;")
	require.NotContains(t, w.Body.String(), "确认调整")
	require.NotContains(t, w.Body.String(), hostile)
	require.Equal(t, http.StatusNotFound, get(h, "/plans/p1/changes/nothing", as("office")).Code)

	body := get(h, "/plans/p1/changes", as("office")).Body.String()
	require.Contains(t, body, "/plans/p1/changes/due")
	require.Contains(t, body, "现行方案第 3 版")
	body = get(h, "/plans/p1/changes", as("admin")).Body.String()
	require.NotContains(t, body, "/plans/p1/changes/due", "who keeps the accounts decides no business")
	require.Contains(t, body, "/plans/p1/changes/holidays")
	require.Equal(t, http.StatusForbidden, get(h, "/plans/p1/changes", as("leader")).Code)
	require.Contains(t, get(h, "/plans/p1/changes/due?task=16", as("office")).Body.String(), "先选定任务和分项任务")
}

func TestLadders(t *testing.T) {
	p := changing()
	h := over(p)
	body := get(h, "/plans/p1/ladders", as("leader")).Body.String()
	require.NotContains(t, body, hostile)
	require.NotContains(t, body, "修改</a>")
	for _, text := range []string{"到期前 15 个工作日：提醒", "到期后 3 个工作日：催办，此后每 5 个工作日一次", "约谈，领导签发；一年内督促函达到 2 份即提前", "12 个分项任务在用"} {
		require.Contains(t, body, text)
	}
	require.Equal(t, http.StatusForbidden, post(h, "/plans/p1/ladders/standard", url.Values{"form": {"make"}}, as("leader")).Code)

	p.answers["POST /whatif"] = api.WhatIfResult{Selected: 40, Units: []api.WhatIfUnit{
		{UnitRef: api.UnitRef{Code: "yjj", Name: "区应急局" + hostile}, Changed: 1, Real: api.WhatIfTally{Letters: 1}, Alternative: api.WhatIfTally{Letters: 3}},
		{UnitRef: api.UnitRef{Name: "没有变化的单位"}},
	}}
	form := url.Values{
		"form": {"preview"}, "title": {"标准阶梯"}, "cure": {"5"}, "yellow": {"7"}, "rework": {"5"}, "nudge": {"3"}, "extensions": {"1"}, "step": {"1", "2", "3", "4"},
		"code-1": {"remind-15"}, "rung-1": {"remind"}, "moment-1": {"before"}, "days-1": {"10"}, "to-1": {"unit"}, "order-1": {"2"},
		"code-2": {"press+3"}, "rung-2": {""}, "moment-2": {"due"}, "days-2": {"3"}, "to-2": {"unit"}, "order-2": {"2"},
		"code-3": {""}, "rung-3": {"letter"}, "moment-3": {"due"}, "days-3": {"5"}, "to-3": {"unit"}, "sign-3": {"office"}, "letters-3": {"2"}, "order-3": {"3"},
		"code-4": {""}, "rung-4": {"remind"}, "moment-4": {"submitted"}, "days-4": {"3"}, "every-4": {"3"}, "to-4": {"office"}, "order-4": {"1"},
	}
	w := post(h, "/plans/p1/ladders/standard", form, as("office"))
	require.Equal(t, http.StatusOK, w.Code)
	ladder := `{"code":"standard","title":"标准阶梯","cure":5,"yellow":7,"rework":5,"nudge":3,"extensions":1,"steps":[
		{"code":"remind+3","rung":"remind","anchor":"submitted","offset":3,"every":3,"to":"office"},
		{"code":"remind-15","rung":"remind","anchor":"due","offset":-10,"to":"unit"},
		{"code":"letter+5","rung":"letter","anchor":"due","offset":5,"to":"unit","signOff":"office","letters":2}]}`
	require.JSONEq(t, `{"ladders":[`+ladder+`]}`, p.body(t, previews))
	require.Contains(t, p.body(t, "/whatif"), `"plan":"p1"`)
	body = w.Body.String()
	require.NotContains(t, body, hostile)
	require.NotContains(t, body, "没有变化的单位")
	require.Contains(t, body, "1 → <b>3</b>")
	require.Contains(t, body, "确认调整")

	form.Set("form", "make")
	form.Set("reason", "从严")
	require.Contains(t, post(h, "/plans/p1/ladders/standard", form, as("office")).Body.String(), "方案已调整为第 4 版")
	require.JSONEq(t, `{"ladders":[`+ladder+`],"reason":"从严"}`, p.body(t, makes))

	p.answers["POST /whatif"] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "一次最多试算"}
	form.Set("form", "preview")
	w = post(h, "/plans/p1/ladders/standard", form, as("office"))
	require.Equal(t, http.StatusOK, w.Code, "that the past can't be replayed is no reason not to go on")
	require.Contains(t, w.Body.String(), "一次最多试算")

	require.Contains(t, get(h, "/plans/p1/ladders/unused", as("office")).Body.String(), "预览删除")
	require.NotContains(t, get(h, "/plans/p1/ladders/standard", as("office")).Body.String(), "预览删除")
	post(h, "/plans/p1/ladders/unused", url.Values{"form": {"remove"}, "remove": {"yes"}}, as("office"))
	require.JSONEq(t, `{"removeLadders":["unused"]}`, p.body(t, previews))
	require.Equal(t, http.StatusNotFound, get(h, "/plans/p1/ladders/none", as("office")).Code)
	body = get(h, "/plans/p1/ladders/new", as("office")).Body.String()
	require.Contains(t, body, `name="code"`)
	form.Set("code", "strict")
	post(h, "/plans/p1/ladders/new", form, as("office"))
	require.Contains(t, p.body(t, previews), `"code":"strict"`)
}
