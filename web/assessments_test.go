package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
)

const (
	halvesPage = "/plans/p1/assessments"
	halfPage   = halvesPage + "/2026H1"
	xinPage    = halfPage + "/units/xinhua"
)

// scored is an API that has an assessment at a stage; all that people wrote tries to be markup.
func scored(stage assessment.Stage) *programs {
	head := api.AssessmentHead{
		Plan: "p1", Half: "2026H1", HalfLabel: "2026年上半年", Checkpoint: instant("2026-07-01 00:00"), Stage: stage, StageLabel: stage.Chinese(),
		Since: instant("2026-07-01 00:05"), Until: calendar.MustDate("2026-07-08"),
	}
	switch stage {
	case assessment.StageUnits:
		head.WaitingOn, head.WaitingLabel = "units", "责任单位"
	case assessment.StageLeader:
		head.WaitingOn, head.WaitingLabel = "leader", "安委会领导"
	case assessment.StageOffice, assessment.StageSigned:
		head.WaitingOn, head.WaitingLabel = "office", "区安委办"
	default:
	}
	veto := api.AssessmentLine{
		Obligation: "p1/13.1/xinhua/2026H1", Title: "带队检查" + hostile, Period: "2026年上半年" + hostile, Seq: 7, At: instant("2026-06-02 10:00"), On: assessment.Issued, OnLabel: "正式措施",
		Rung: obligation.Interview, RungLabel: "约谈", Item: "interview", ItemTitle: "被约谈" + hostile, Points: -5,
	}
	self := 99.5
	xin := api.AssessmentUnit{
		UnitRef: api.UnitRef{Code: "xinhua", Name: "新华路街道" + hostile}, Rank: 2, Points: 94, Counted: 93, Adjusted: 1, Reason: "属实" + hostile,
		Self: &self, SelfText: "自评" + hostile, Objection: "文件晚到" + hostile, Figures: api.AssessmentFigures{Overdue: 3}, Vetoes: 1, Vetoed: []api.AssessmentLine{veto},
	}
	grade := api.AssessmentLine{Seq: 4, At: instant("2026-07-02 10:00"), On: assessment.Quality, OnLabel: "质量评价", GradeLabel: "优", Item: "excellent", ItemTitle: "质量评价为优", Points: 3}
	xin.Light, xin.LightName, xin.Grade, xin.GradeName, xin.GradeWhy = obligation.Red, "红灯", assessment.Excellent, "优", "扎实"+hostile
	xin.Merits = []api.AssessmentMerit{{Code: "best", Title: "质量为优" + hostile, Lines: []api.AssessmentLine{grade}}}
	xin.Verdicts = []api.AssessmentVerdict{
		{Matter: assessment.Commend, MatterLabel: "通报表扬", Opinion: true, Why: "突出" + hostile, Decided: true, Yes: true, Reason: "同意" + hostile},
		{Matter: assessment.Veto, MatterLabel: "一票否优", Why: "已整改" + hostile},
	}
	yjj := api.AssessmentUnit{UnitRef: api.UnitRef{Code: "yjj", Name: "区应急局"}, Rank: 1, Points: 101.5, Counted: 101.5, Figures: api.AssessmentFigures{OnTime: 9}}
	half := api.Assessment{
		AssessmentHead: head, Units: []api.AssessmentUnit{yjj, xin}, Tasks: []api.AssessmentTask{{Task: "13", Title: "督办" + hostile, Figures: api.AssessmentFigures{Late: 4}}},
		Rules: &api.AssessmentRules{Title: "试行" + hostile, Base: 100, Items: []api.AssessmentRuleItem{{Code: "interview", Title: "被约谈", Points: -5, Most: 10, Veto: true}}},
	}
	if stage == assessment.StageOffice {
		half.Why = "再核实" + hostile
	}
	half.Idle = []api.UnitRef{{Code: "zgh", Name: "总工会" + hostile}}
	lines := []api.AssessmentLine{grade, veto, {Obligation: "p1/13.2/xinhua/2026-03", Seq: 4, At: instant("2026-04-01 09:00"), OnLabel: "延期"}}
	p := answering(reported())
	p.answers["GET "+halvesPage] = api.AssessmentList{Assessments: []api.AssessmentHead{head, {
		Plan: "p1", Half: "2026H2", HalfLabel: "2026年下半年", Checkpoint: instant("2027-01-01 00:00"), Stage: assessment.StageCounting, StageLabel: "待计分",
	}}}
	p.answers["GET "+halfPage] = half
	p.answers["GET "+halfPage+"/record"] = api.AssessmentRecord{Events: []api.AssessmentEvent{
		{Seq: 1, Kind: assessment.Counted, KindLabel: "计分", At: instant("2026-07-01 00:00"), Until: calendar.MustDate("2026-07-08"), Hash: "c0ffee"},
		{Seq: 4, Kind: assessment.Advised, KindLabel: "拟办意见", At: instant("2026-07-02 10:00"), By: api.Actor{Name: "经办" + hostile}, Unit: "xinhua", UnitName: "新华" + hostile, MatterLabel: "一票否优", Text: "已整改" + hostile},
		{Seq: 5, Kind: assessment.Scored, KindLabel: "自评", At: instant("2026-07-02 11:00"), Unit: "xinhua", UnitName: "新华", Points: &self},
	}}
	p.answers["POST "+halfPage+"/what-if"] = api.AssessmentTrial{Half: "2026H1", Rules: *half.Rules, Units: []api.AssessmentTrialUnit{
		{UnitRef: api.UnitRef{Code: "xinhua", Name: "新华" + hostile}, Rank: 1, Points: 96.1, CountedRank: 3, CountedScore: &self}, {UnitRef: api.UnitRef{Code: "yjj", Name: "区应急局"}, Rank: 2, Points: 95},
	}}
	p.answers["GET "+xinPage] = api.AssessmentDetail{AssessmentUnit: xin, Lines: lines}
	return p
}

func TestAssessments(t *testing.T) {
	for _, role := range []account.Role{account.Office, account.Leader, account.Auditor, account.Unit} {
		body := get(over(scored(assessment.StageUnits)), halvesPage, as(string(role))).Body.String()
		for _, want := range []string{
			`href="/plans/p1/assessments/2026H1"`, "单位自评", "责任单位", "2026年7月1日 00:05", "2026年6月30日24时", "2026年7月8日截止", "2026年12月31日结束时系统自动计分",
			`aria-current="page"`, "assessments.css",
		} {
			require.Contains(t, body, want, role)
		}
	}
	require.Equal(t, http.StatusForbidden, get(over(scored(assessment.StageUnits)), halvesPage, as("admin")).Code)
	require.Contains(t, get(over(answering(reported())), halvesPage, as("office")).Body.String(), "方案期内没有要评估的半年")
}

func TestAssessment(t *testing.T) {
	for _, role := range []account.Role{account.Office, account.Leader, account.Auditor} {
		body := get(over(scored(assessment.StageOffice)), halfPage, as(string(role))).Body.String()
		for _, want := range []string{
			"2026年上半年考核评估", "再核实&#34;", `<meter min="0" max="101.5" value="94"`, "+1", `title="属实&#34;`, "99.5", "待答复", "试行&#34;", "每件（次）-5 分，最多 10 分",
			`href="/plans/p1/tasks/13"`, "督办&#34;", "由人决定", "约谈", `href="/plans/p1/obligations/13.1/xinhua/2026H1?entry=7#e7"`, `href="` + xinPage + `"`,
			`href="/api/v1/plans/p1/assessments/2026H1/report"`, `aria-current="step"`, "<b>区安委办</b>",
		} {
			require.Contains(t, body, want, role)
		}
		require.NotContains(t, body, "<script>alert")
		require.NotContains(t, body, "<img src=x")
	}
	require.Equal(t, 2, strings.Count(get(over(scored(assessment.StageOffice)), halfPage, as("leader")).Body.String(), `class="past"`))
	require.Equal(t, 5, strings.Count(get(over(scored(assessment.StagePublished)), halfPage, as("leader")).Body.String(), `class="past"`), "all is done")
	begun := scored(assessment.StageCounting)
	begun.answers["GET "+halfPage] = api.Assessment{AssessmentHead: api.AssessmentHead{Plan: "p1", Half: "2026H1", HalfLabel: "2026年上半年", Checkpoint: instant("2026-07-01 00:00"), Stage: assessment.StageCounting}}
	body := get(over(begun), halfPage, as("office")).Body.String()
	require.Contains(t, body, "还没有计分。2026年6月30日结束时")
	require.NotContains(t, body, "/report", "there is nothing to take along")
	require.NotContains(t, body, `method="post" action="/plans`)
	begun.answers["GET "+halfPage] = &api.Problem{Status: http.StatusNotFound}
	require.Equal(t, http.StatusNotFound, get(over(begun), halfPage, as("office")).Code)
}

// What a unit sees before and after it is published.
func TestAssessmentOfAUnit(t *testing.T) {
	p := scored(assessment.StageUnits)
	own := p.answers["GET "+halfPage].(api.Assessment)
	own.Units, own.Tasks = own.Units[1:], nil
	own.Units[0].Rank = 0
	p.answers["GET "+halfPage] = own
	body := get(over(p), halfPage, as("unit")).Body.String()
	for _, want := range []string{"核对逐条得分", `<b>94</b>`, `<b>99.5</b>`, "文件晚到&#34;", `action="` + xinPage + `/score"`} {
		require.Contains(t, body, want)
	}
	for _, not := range []string{"名次", "/report", "<script>alert", `action="` + xinPage + `/object"`} {
		require.NotContains(t, body, not)
	}
	p = scored(assessment.StagePublished)
	body = get(over(p), halfPage, as("unit")).Body.String()
	require.Contains(t, body, `class="own"`)
	require.Contains(t, body, `href="`+xinPage+`"`)
	require.NotContains(t, body, `href="`+halfPage+`/units/yjj"`, "the lines of others are not shown to it")
	require.NotContains(t, body, `href="/plans/p1/tasks`)
	require.NotContains(t, body, xinPage+"/score")
}

func TestAssessmentUnit(t *testing.T) {
	body := get(over(scored(assessment.StageUnits)), xinPage, as("office")).Body.String()
	for _, want := range []string{
		`href="/plans/p1/obligations/13.1/xinhua/2026H1?entry=7#e7"`, "13.1 带队检查&#34;", "第 7 条", "2026年6月2日 10:00", "被约谈&#34;", "每件（次）-5 分，最多 10 分", "没有一项适用",
		`href="/plans/p1/obligations/13.2/xinhua/2026-03?entry=4#e4"`, "基础分", "+1 分：属实&#34;", "自评&#34;", "文件晚到&#34;", "由人决定", `/report?unit=xinhua`, `action="` + xinPage + `/answer"`, `action="` + xinPage + `/adjust"`,
	} {
		require.Contains(t, body, want)
	}
	require.NotContains(t, body, "<script>alert")
	body = get(over(scored(assessment.StageUnits)), xinPage, as("unit")).Body.String()
	require.NotContains(t, body, "/report")
	require.NotContains(t, body, "/adjust")
	p := scored(assessment.StageUnits)
	p.answers["GET "+xinPage] = &api.Problem{Status: http.StatusForbidden, Detail: "不是本单位的"}
	w := get(over(p), xinPage, as("unit"))
	require.Equal(t, http.StatusForbidden, w.Code)
	require.Contains(t, w.Body.String(), "不是本单位的")
}

// Each stage offers its forms to whom it waits for, and to nobody else.
func TestAssessmentForms(t *testing.T) {
	offered := func(stage assessment.Stage, page, role string) []string {
		body := get(over(scored(stage)), page, as(role)).Body.String()
		var out []string
		for _, verb := range []string{"close", "propose", "publish", "sign", "send-back"} {
			if strings.Contains(body, `action="`+halfPage+`/`+verb+`"`) {
				out = append(out, verb)
			}
		}
		for _, verb := range []string{"score", "object", "answer", "adjust", "grade", "advise", "decide"} {
			if strings.Contains(body, `action="`+xinPage+`/`+verb+`"`) {
				out = append(out, verb)
			}
		}
		return out
	}
	for _, c := range []struct {
		stage      assessment.Stage
		page, role string
		want       []string
	}{
		{assessment.StageUnits, halfPage, "office", []string{"close", "answer"}},
		{assessment.StageOffice, halfPage, "office", []string{"propose", "answer"}},
		{assessment.StageLeader, halfPage, "office", nil},
		{assessment.StageSigned, halfPage, "office", []string{"publish"}},
		{assessment.StagePublished, halfPage, "office", nil},
		{assessment.StageOffice, halfPage, "leader", nil},
		{assessment.StageLeader, halfPage, "leader", []string{"sign", "send-back", "decide"}},
		{assessment.StageLeader, halfPage, "auditor", nil},
		{assessment.StageOffice, xinPage, "office", []string{"answer", "adjust", "grade", "advise"}},
		{assessment.StageLeader, xinPage, "office", nil},
		{assessment.StageUnits, xinPage, "unit", []string{"score"}},
		{assessment.StageOffice, xinPage, "unit", nil},
		{assessment.StageUnits, xinPage, "leader", nil},
	} {
		require.Equal(t, c.want, offered(c.stage, c.page, c.role), "%s %s %s", c.stage, c.page, c.role)
	}
	p := scored(assessment.StageUnits)
	answered := p.answers["GET "+xinPage].(api.AssessmentDetail)
	answered.Answer = "已核"
	p.answers["GET "+xinPage] = answered
	require.Contains(t, get(over(p), xinPage, as("unit")).Body.String(), `action="`+xinPage+`/object"`, "answered, it may object again")
}

func TestAssessmentIsCarriedOn(t *testing.T) {
	for _, c := range []struct{ role, page, verb, typed, asked, next string }{
		{"office", halfPage, "close", "", `{}`, halfPage},
		{"office", halfPage, "propose", "", `{}`, halfPage},
		{"office", halfPage, "publish", "", `{}`, halfPage},
		{"leader", halfPage, "sign", "", `{}`, halfPage},
		{"leader", halfPage, "send-back", "text= 再核实 ", `{"text":"再核实"}`, halfPage},
		{"office", xinPage, "answer", "text=已核", `{"text":"已核"}`, halfPage},
		{"office", xinPage, "adjust", "points=-1.5&text=重复", `{"points":-1.5,"text":"重复"}`, halfPage},
		{"office", xinPage, "grade", "grade=good&text= 扎实 ", `{"grade":"good","text":"扎实"}`, halfPage},
		{"office", xinPage, "advise", "matter=veto&yes=no&text=已整改", `{"matter":"veto","yes":false,"text":"已整改"}`, halfPage},
		{"leader", xinPage, "decide", "matter=commend&yes=yes&text=同意", `{"matter":"commend","yes":true,"text":"同意"}`, halfPage},
		{"unit", xinPage, "score", "points=96.5", `{"points":96.5}`, xinPage},
		{"unit", xinPage, "object", "text=晚到", `{"text":"晚到"}`, xinPage},
	} {
		p := scored(assessment.StageUnits)
		form, err := url.ParseQuery(c.typed)
		require.NoError(t, err)
		form.Set("key", "K1")
		w := post(over(p), c.page+"/"+c.verb, form, as(c.role))
		require.Equal(t, []any{http.StatusSeeOther, c.next + "?done=assessment-" + c.verb}, []any{w.Code, w.Header().Get("Location")}, c.verb)
		require.Contains(t, p.asked, "POST "+c.page+"/"+c.verb+" K1  "+c.asked)
		require.Contains(t, get(over(p), w.Header().Get("Location"), as(c.role)).Body.String(), `class="notice"`, c.verb)
	}
	for _, page := range []string{halfPage, xinPage} {
		require.Equal(t, http.StatusNotFound, post(over(scored(assessment.StageUnits)), page+"/delete", nil, as("office")).Code)
	}
	require.Equal(t, http.StatusForbidden, post(over(scored(assessment.StageLeader)), halfPage+"/sign", nil, as("unit")).Code)
	require.Equal(t, http.StatusForbidden, post(over(scored(assessment.StageUnits)), xinPage+"/score", nil, as("leader")).Code)
	require.Equal(t, http.StatusForbidden, post(over(scored(assessment.StageLeader)), xinPage+"/decide", nil, as("office")).Code)
}

func TestRefusedAssessmentKeepsWhatWasTyped(t *testing.T) {
	refusal := &api.Problem{Status: http.StatusConflict, Code: "assessment_stage", Detail: "现在不在这一步"}
	p := scored(assessment.StageLeader)
	p.answers["POST "+halfPage+"/send-back"] = refusal
	w := post(over(p), halfPage+"/send-back", url.Values{"form": {"send-back"}, "text": {"再核实" + hostile}}, as("leader"))
	require.Equal(t, http.StatusConflict, w.Code)
	require.Contains(t, w.Body.String(), "现在不在这一步")
	require.Contains(t, w.Body.String(), "required>再核实&#34;")
	require.NotContains(t, w.Body.String(), "<script>alert")

	p = scored(assessment.StageLeader)
	p.answers["POST "+xinPage+"/decide"] = refusal
	w = post(over(p), xinPage+"/decide", url.Values{"form": {"decide-veto-xinhua"}, "matter": {"veto"}, "yes": {"yes"}, "text": {"屡催不办"}}, as("leader"))
	require.Equal(t, http.StatusConflict, w.Code)
	require.Contains(t, w.Body.String(), "required>屡催不办<")
	require.Contains(t, w.Body.String(), `value="yes" checked`)

	p = scored(assessment.StageUnits)
	p.answers["POST "+xinPage+"/adjust"] = refusal
	w = post(over(p), xinPage+"/adjust", url.Values{"form": {"adjust"}, "points": {"2"}, "text": {"重复"}}, as("office"))
	require.Equal(t, http.StatusConflict, w.Code)
	require.Contains(t, w.Body.String(), `value="2"`)
	require.Contains(t, w.Body.String(), "required>重复<")

	for _, points := range []string{"", "九十", "NaN", "Inf", "1e999"} {
		p = scored(assessment.StageUnits)
		w = post(over(p), xinPage+"/score", url.Values{"form": {"score"}, "points": {points}, "text": {"完成得好"}}, as("unit"))
		require.Equal(t, http.StatusUnprocessableEntity, w.Code, points)
		require.Contains(t, w.Body.String(), "请填写分数")
		require.Contains(t, w.Body.String(), "完成得好")
		for _, asked := range p.asked {
			require.NotContains(t, asked, "POST", points)
		}
	}
}

// What people decide by facts stands beside the ranking, for those who decide; each fact leads to what it rests on.
func TestAssessmentShowsWhatPeopleDecideBy(t *testing.T) {
	for _, role := range []string{"office", "leader", "auditor"} {
		body := get(over(scored(assessment.StageOffice)), halfPage, as(role)).Body.String()
		for _, want := range []string{
			"质量为优&#34;", "由人决定", "突出&#34;", "同意&#34;", "一票否优待决定", "不一票否优", `<span class="tag green">通报表扬</span>`, "红", "本期无事项，不排名：总工会&#34;",
			`href="` + halfPage + `/record"`, `href="` + halfPage + `/what-if"`,
		} {
			require.Contains(t, body, want, role)
		}
		require.NotContains(t, body, "<script>alert")
	}
	unit := get(over(scored(assessment.StagePublished)), halfPage, as("unit")).Body.String()
	require.NotContains(t, unit, "由人决定")
	require.NotContains(t, unit, "/what-if")
	body := get(over(scored(assessment.StageOffice)), xinPage, as("office")).Body.String()
	for _, want := range []string{"所依据的台账 1 条", `href="` + halfPage + `/record#e4"`, "质量评价：优", "考核评估的记录", "扎实&#34;"} {
		require.Contains(t, body, want)
	}
	require.NotContains(t, body, "<script>alert")
}

func TestAssessmentRecord(t *testing.T) {
	for _, role := range []string{"office", "leader", "auditor", "unit"} {
		body := get(over(scored(assessment.StageOffice)), halfPage+"/record", as(role)).Body.String()
		for _, want := range []string{`id="e1"`, "自评和申诉到2026年7月8日", "c0ffee", `id="e4"`, "不一票否优", "已整改&#34;", "经办&#34;", "99.5 分", "2026年上半年考核评估的记录"} {
			require.Contains(t, body, want, role)
		}
		require.NotContains(t, body, "<script>alert")
	}
	p := scored(assessment.StageCounting)
	p.answers["GET "+halfPage+"/record"] = api.AssessmentRecord{}
	require.Contains(t, get(over(p), halfPage+"/record", as("office")).Body.String(), "还没有记录")
}

// Other rules are typed as numbers and tried; what was typed stays.
func TestAssessmentIsTriedByOtherRules(t *testing.T) {
	p := scored(assessment.StageOffice)
	body := get(over(p), halfPage+"/what-if", as("auditor")).Body.String()
	require.Contains(t, body, `name="points-interview"`)
	require.Contains(t, body, `value="-5"`)
	require.Contains(t, body, `name="most-interview"`)
	require.NotContains(t, body, "试算结果", "nothing is counted before it is asked for")
	w := post(over(p), halfPage+"/what-if", url.Values{"form": {"what-if"}, "base": {"90"}, "points-interview": {"-7.5"}, "most-interview": {""}}, as("auditor"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, strings.Join(p.asked, "\n"), `"base":90,"items":[{"code":"interview","title":"被约谈","on":"","points":-7.5,"veto":true}]`)
	for _, want := range []string{"试算结果", "<b>96.1</b>", "-3.4", "↑2", "新华&#34;", `value="-7.5"`} {
		require.Contains(t, w.Body.String(), want)
	}
	require.NotContains(t, w.Body.String(), "<script>alert")
	for _, points := range []string{"九", "NaN", "1e9"} {
		w = post(over(scored(assessment.StageOffice)), halfPage+"/what-if", url.Values{"form": {"what-if"}, "base": {"90"}, "points-interview": {points}}, as("office"))
		require.Equal(t, http.StatusUnprocessableEntity, w.Code, points)
		require.Contains(t, w.Body.String(), `value="`+points+`"`)
	}
	p = scored(assessment.StageCounting)
	p.answers["GET "+halfPage] = api.Assessment{AssessmentHead: api.AssessmentHead{Plan: "p1", Half: "2026H1", HalfLabel: "2026年上半年", Stage: assessment.StageCounting}}
	require.Contains(t, get(over(p), halfPage+"/what-if", as("office")).Body.String(), "试算结果", "before it is counted it shows what it comes to so far")
	require.Equal(t, http.StatusForbidden, get(over(p), halfPage+"/what-if", as("unit")).Code)
}
