package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
)

// Rules implements api.Assessing.
func (f *fake) Rules(context.Context, string) (assessment.Rules, error) {
	return assessment.Rules{Title: "试行", Base: 1000, Items: []assessment.Item{
		{Code: "late", Title: "逾期未办", On: assessment.Overdue, Points: -20},
		{Code: "letter", Title: "督促函", On: assessment.Issued, Points: -5, Veto: true},
		{Code: "good", Title: "质量评价为良", On: assessment.Quality, Grade: assessment.Good, Points: 10},
	}, Merits: []assessment.Merit{{Code: "first", Title: "名次第一", Upper: 1}, {Code: "good", Title: "质量评价为良", Grade: assessment.Good}}}, f.down
}

// Assessments implements api.Assessing.
func (f *fake) Assessments(_ context.Context, plan string) ([]assessment.State, error) {
	defer f.lock()()
	var out []assessment.State
	for half, events := range f.assessments {
		st := assessment.State{Plan: plan, Half: half}
		for _, e := range events {
			st = assessment.Apply(st, e)
		}
		out = append(out, st.Brief())
	}
	return out, f.down
}

// AssessmentEvents implements api.Assessing.
func (f *fake) AssessmentEvents(_ context.Context, _, half string) ([]assessment.Event, error) {
	defer f.lock()()
	if f.down != nil {
		return nil, f.down
	}
	if len(f.assessments[half]) == 0 {
		return nil, &obligation.Error{Code: obligation.CodeNotFound}
	}
	return slices.Clone(f.assessments[half]), nil
}

// AssessmentHashes implements api.Assessing.
func (f *fake) AssessmentHashes(_ context.Context, _, half string) ([]string, error) {
	defer f.lock()()
	var out []string
	for _, e := range f.assessments[half] {
		out = append(out, fmt.Sprintf("%04d", e.Seq))
	}
	return out, f.down
}

// EachLedger implements api.Assessing.
func (f *fake) EachLedger(_ context.Context, plan string, visit func([]obligation.Event)) error {
	defer f.lock()()
	for id, events := range f.ledgers {
		if id.Plan == plan {
			visit(events)
		}
	}
	return f.down
}

// Assess implements api.Commands.
func (f *fake) Assess(ctx context.Context, plan, half string, c assessment.Command) (assessment.Event, error) {
	if err := f.engine(ctx); err != nil {
		return assessment.Event{}, err
	}
	defer f.lock()()
	return f.assess(plan, half, c)
}

func (f *fake) assess(plan, half string, c assessment.Command) (assessment.Event, error) {
	h, _ := assessment.ParseHalf(half)
	st := assessment.Begin(plan, h, h.Checkpoint(shanghai))
	for _, e := range f.assessments[half] {
		st = assessment.Apply(st, e)
	}
	e, err := assessment.Decide(st, c, f.definition.Calendar, shanghai, now)
	if err != nil {
		return e, err
	}
	f.assessments[half] = append(f.assessments[half], e)
	e.Card = nil
	return e, nil
}

var shanghai = obligation.Location("Asia/Shanghai")

// count counts 2026H1: tianshan is overdue, xinhua was asked for more time.
func (f *fake) count(t *testing.T) {
	t.Helper()
	f.ledgers[id("xinhua", "2026H1")] = append(f.ledgers[id("xinhua", "2026H1")],
		obligation.Event{Seq: 2, Kind: obligation.Extended, At: now, By: obligation.Actor{Role: obligation.RoleOffice}, Due: calendar.MustDate("2026-08-31")})
	rules, err := f.Rules(t.Context(), "changning-2024")
	require.NoError(t, err)
	scoring := assessment.NewScoring(rules, assessment.Half{Year: 2026, N: 1}, f.definition.Plan, f.definition.Calendar)
	require.NoError(t, f.EachLedger(t.Context(), "changning-2024", scoring.Ledger))
	card := scoring.Card()
	_, err = f.assess("changning-2024", "2026H1", assessment.Command{Kind: assessment.Counted, By: obligation.System, Card: &card})
	require.NoError(t, err)
}

const (
	halves  = v1 + "/plans/changning-2024/assessments"
	half    = halves + "/2026H1"
	asXin   = "unit zhang xinhua"
	asTian  = "unit li tianshan"
	asChief = "leader"
)

func fetch[T any](t *testing.T, h http.Handler, path, as string) T {
	t.Helper()
	var out T
	w := serve(h, request(http.MethodGet, path, "", asHeader, as))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
	return out
}

// The whole way by the API: what each role sees and does.
func TestAssessmentByTheAPI(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	refuses(t, h, "assessment_stage", http.StatusConflict, half+"/close", none, asHeader, "office")
	begun := fetch[api.Assessment](t, h, half, "office")
	require.Equal(t, []any{assessment.StageCounting, 0}, []any{begun.Stage, len(begun.Units)})
	f.count(t)
	list := fetch[api.AssessmentList](t, h, halves, asXin)
	require.Len(t, list.Assessments, 2)
	require.Equal(t, []string{"2026H1 单位自评 责任单位", "2026H2 待计分 "}, []string{
		list.Assessments[0].Half + " " + list.Assessments[0].StageLabel + " " + list.Assessments[0].WaitingLabel,
		list.Assessments[1].Half + " " + list.Assessments[1].StageLabel + " " + list.Assessments[1].WaitingLabel,
	})
	ranking := fetch[api.Assessment](t, h, half, "office")
	require.Equal(t, []any{"xinhua", 1, 100.0, "tianshan", 2, 98.0}, []any{
		ranking.Units[0].Code, ranking.Units[0].Rank, ranking.Units[0].Points, ranking.Units[1].Code, ranking.Units[1].Rank, ranking.Units[1].Points,
	})
	require.Equal(t, 1, ranking.Units[1].Figures.Overdue)
	require.Equal(t, "学习贯彻", ranking.Tasks[0].Title)
	require.Equal(t, -2.0, ranking.Rules.Items[0].Points)

	own := fetch[api.Assessment](t, h, half, asTian)
	require.Len(t, own.Units, 1, "the others are secret until it is published")
	require.Equal(t, []any{"tianshan", 0, 98.0, 0}, []any{own.Units[0].Code, own.Units[0].Rank, own.Units[0].Points, len(own.Tasks)})
	detail := fetch[api.AssessmentDetail](t, h, half+"/units/tianshan", asTian)
	require.Len(t, detail.Lines, 1)
	require.Equal(t, []any{"报送学习情况", "changning-2024/1.1/tianshan/2026-01", 2, "逾期未办", "late", -2.0},
		[]any{detail.Lines[0].Title, detail.Lines[0].Obligation, detail.Lines[0].Seq, detail.Lines[0].OnLabel, detail.Lines[0].Item, detail.Lines[0].Points})
	refusesGet(t, h, "other_unit", half+"/units/tianshan", asXin)
	refusesGet(t, h, "not_found", half+"/units/yingji", "office")
	refusesGet(t, h, "not_found", halves+"/2027H1", "office")
	refusesGet(t, h, "validation_failed", halves+"/2027", "office")

	post(t, h, half+"/units/xinhua/score", `{"points":99.5,"text":"有延期"}`, asHeader, asXin)
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, half+"/units/xinhua/score", `{"points":99.55}`, asHeader, asXin)
	refuses(t, h, "other_unit", http.StatusForbidden, half+"/units/xinhua/object", `{"text":"不对"}`, asHeader, asTian)
	refuses(t, h, "assessment_reason_missing", http.StatusUnprocessableEntity, half+"/units/tianshan/object", `{"text":" "}`, asHeader, asTian)
	objected := post(t, h, half+"/units/tianshan/object", `{"text":"文件晚到"}`, asHeader, asTian, "Idempotency-Key", "k-1")
	again := serve(h, request(http.MethodPost, half+"/units/tianshan/object", `{"text":"文件晚到"}`, asHeader, asTian, "Idempotency-Key", "k-1"))
	require.Contains(t, again.Body.String(), `"seq":3,`)
	require.Equal(t, 3.0, objected["seq"])
	require.Equal(t, "true", again.Header().Get("Idempotent-Replayed"))
	refuses(t, h, "idempotency_key_reused", http.StatusConflict, half+"/units/tianshan/object", `{"text":"另一件"}`, asHeader, asTian, "Idempotency-Key", "k-1")
	post(t, h, half+"/close", none, asHeader, "office")
	refuses(t, h, "assessment_unanswered", http.StatusConflict, half+"/propose", none, asHeader, "office")
	refuses(t, h, "assessment_reason_missing", http.StatusUnprocessableEntity, half+"/units/tianshan/adjust", `{"points":1}`, asHeader, "office")
	post(t, h, half+"/units/tianshan/adjust", `{"points":1.5,"text":"属实"}`, asHeader, "office")
	post(t, h, half+"/units/tianshan/answer", `{"text":"已调整"}`, asHeader, "office")
	post(t, h, half+"/propose", none, asHeader, "office")
	refuses(t, h, "not_allowed", http.StatusForbidden, half+"/sign", none, asHeader, "office")
	post(t, h, half+"/send-back", `{"text":"再核实"}`, asHeader, asChief)
	require.Equal(t, "再核实", fetch[api.Assessment](t, h, half, "auditor").Why)
	require.Empty(t, fetch[api.Assessment](t, h, half, asTian).Why)
	post(t, h, half+"/propose", none, asHeader, "office")
	post(t, h, half+"/sign", none, asHeader, asChief)
	post(t, h, half+"/publish", none, asHeader, "office")
	refuses(t, h, "assessment_published", http.StatusConflict, half+"/units/xinhua/score", `{"points":1}`, asHeader, asXin)

	shown := fetch[api.Assessment](t, h, half, asXin)
	require.Len(t, shown.Units, 2)
	require.Equal(t, []any{"tianshan", 2, 99.5, 98.0, 1.5, ""}, []any{
		shown.Units[1].Code, shown.Units[1].Rank, shown.Units[1].Points, shown.Units[1].Counted, shown.Units[1].Adjusted, shown.Units[1].Objection,
	}, "published: the points are everybody's, what was said about them is not")
	kinds := func(as string) []assessment.Kind {
		var out []assessment.Kind
		for _, e := range fetch[api.AssessmentRecord](t, h, half+"/record", as).Events {
			out = append(out, e.Kind)
		}
		return out
	}
	require.Equal(t, []assessment.Kind{"counted", "scored", "objected", "closed", "adjusted", "answered", "proposed", "sent", "proposed", "signed", "published"}, kinds("auditor"))
	require.Equal(t, []assessment.Kind{"counted", "scored", "closed", "published"}, kinds(asXin))
}

// The office grades and has its opinions, a leader decides, and the result says so; units learn of it when it is published.
func TestAssessmentIsJudgedByPeople(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	f.count(t)
	const xin, tian = half + "/units/xinhua", half + "/units/tianshan"
	refuses(t, h, "assessment_reason_missing", http.StatusUnprocessableEntity, xin+"/grade", `{"grade":"good","text":" "}`, asHeader, "office")
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, xin+"/grade", `{"grade":"perfect","text":"好"}`, asHeader, "office")
	refuses(t, h, "not_allowed", http.StatusForbidden, xin+"/grade", `{"grade":"good","text":"好"}`, asHeader, asChief)
	post(t, h, xin+"/grade", `{"grade":"good","text":"材料扎实"}`, asHeader, "office")
	post(t, h, xin+"/advise", `{"matter":"commend","yes":true,"text":"突出"}`, asHeader, "office")
	post(t, h, tian+"/advise", `{"matter":"veto","yes":true,"text":"屡催不办"}`, asHeader, "office")
	refuses(t, h, "assessment_commended_and_ruled_out", http.StatusConflict, tian+"/advise", `{"matter":"commend","yes":true,"text":"突出"}`, asHeader, "office")

	units := fetch[api.Assessment](t, h, half, asChief).Units
	require.Equal(t, []any{101.0, 101.0, "良", "材料扎实", "绿灯", "红灯"}, []any{units[0].Points, units[0].Counted, units[0].GradeName, units[0].GradeWhy, units[0].LightName, units[1].LightName})
	require.Equal(t, []api.AssessmentMerit{{Code: "first", Title: "名次第一"}, {Code: "good", Title: "质量评价为良"}}, units[0].Merits)
	require.Equal(t, []api.AssessmentVerdict{{Matter: "commend", MatterLabel: "通报表扬", Opinion: true, Why: "突出"}}, units[0].Verdicts)
	detail := fetch[api.AssessmentDetail](t, h, xin, "auditor")
	last := detail.Lines[len(detail.Lines)-1]
	require.Equal(t, []any{"", 2, "质量评价", "良", "good", 1.0}, []any{last.Obligation, last.Seq, last.OnLabel, last.GradeLabel, last.Item, last.Points})
	require.Equal(t, []api.AssessmentLine{last}, detail.Merits[1].Lines)
	own := fetch[api.AssessmentDetail](t, h, xin, asXin)
	require.Equal(t, []any{"良", 0, 0, 0}, []any{own.GradeName, own.Rank, len(own.Merits), len(own.Verdicts)}, "its grade is told, what is thought of it is not")

	post(t, h, half+"/close", none, asHeader, "office")
	post(t, h, half+"/propose", none, asHeader, "office")
	refuses(t, h, "assessment_undecided", http.StatusConflict, half+"/sign", none, asHeader, asChief)
	refuses(t, h, "assessment_no_opinion", http.StatusConflict, xin+"/decide", `{"matter":"veto","yes":false,"text":"无事实"}`, asHeader, asChief)
	refuses(t, h, "not_allowed", http.StatusForbidden, xin+"/decide", `{"matter":"commend","yes":true,"text":"同意"}`, asHeader, "office")
	post(t, h, xin+"/decide", `{"matter":"commend","yes":true,"text":"同意表扬"}`, asHeader, asChief)
	post(t, h, tian+"/decide", `{"matter":"veto","yes":false,"text":"已整改"}`, asHeader, asChief)
	post(t, h, half+"/sign", none, asHeader, asChief)
	post(t, h, half+"/publish", none, asHeader, "office")

	shown := fetch[api.Assessment](t, h, half, asTian)
	require.Equal(t, []api.AssessmentVerdict{{Matter: "commend", MatterLabel: "通报表扬", Opinion: true, Decided: true, Yes: true}}, shown.Units[0].Verdicts, "everybody learns who is commended")
	require.Equal(t, []any{"", 0, 0}, []any{shown.Units[0].GradeName, len(shown.Units[0].Merits), len(shown.Units[1].Verdicts)})
	require.Equal(t, []api.UnitRef{{Code: "yingji", Name: "区应急局"}}, shown.Idle)
	mine := fetch[api.Assessment](t, h, half, asXin)
	require.Equal(t, []any{"同意表扬", 2}, []any{mine.Units[0].Verdicts[0].Reason, len(mine.Units[0].Merits)})
	record := fetch[api.AssessmentRecord](t, h, half+"/record", "auditor").Events
	require.Len(t, record, 10)
	require.Equal(t, []any{"拟办意见", "新华路街道", "通报表扬", true, "突出", "0003"}, []any{record[2].KindLabel, record[2].UnitName, record[2].MatterLabel, record[2].Yes, record[2].Text, record[2].Hash})
	for _, e := range fetch[api.AssessmentRecord](t, h, half+"/record", asXin).Events {
		require.NotContains(t, []assessment.Kind{assessment.Advised, assessment.Decided, assessment.Signed}, e.Kind)
	}
	// Tried by other rules the grade counts as they say, and the ranking it is compared with holds it too.
	w := serve(h, request(http.MethodPost, half+"/what-if", `{"rules":{"title":"从严","base":100,"items":[{"code":"q","title":"质量","on":"quality","grade":"good","points":5}]}}`, asHeader, "office"))
	var trial api.AssessmentTrial
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &trial), w.Body)
	require.Equal(t, []any{105.0, 101.0, 1}, []any{trial.Units[0].Points, *trial.Units[0].CountedScore, trial.Units[0].CountedRank})
}

// What may rule out the best grade is listed with the ranking; of other units a liaison does not see it.
func TestAssessmentListsWhatPeopleDecide(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	late := id("tianshan", "2026-01")
	f.ledgers[late] = append(f.ledgers[late], obligation.Event{Seq: len(f.ledgers[late]) + 1, Kind: obligation.Issued, At: now, By: obligation.Actor{Role: obligation.RoleLeader}, Rung: obligation.Letter})
	f.count(t)
	units := fetch[api.Assessment](t, h, half, "auditor").Units
	require.Equal(t, []any{"xinhua", 0, "tianshan", 1}, []any{units[0].Code, len(units[0].Vetoed), units[1].Code, len(units[1].Vetoed)})
	require.Equal(t, []any{"督促函", "changning-2024/1.1/tianshan/2026-01"}, []any{units[1].Vetoed[0].RungLabel, units[1].Vetoed[0].Obligation})
	for _, step := range [][2]string{{"/close", "office"}, {"/propose", "office"}, {"/sign", asChief}, {"/publish", "office"}} {
		post(t, h, half+step[0], none, asHeader, step[1])
	}
	for as, want := range map[string]int{asXin: 0, asTian: 1} {
		require.Len(t, fetch[api.Assessment](t, h, half, as).Units[1].Vetoed, want, as)
	}
}

// The file says what the answers say, and what it says adds up.
func TestAssessmentAsAFile(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	f.count(t)
	post(t, h, half+"/units/tianshan/object", `{"text":"文件晚到"}`, asHeader, asTian)
	post(t, h, half+"/units/tianshan/adjust", `{"points":1.5,"text":"属实"}`, asHeader, "office")
	lines := func(query string) []string {
		w := serve(h, request(http.MethodGet, half+"/report"+query, "", asHeader, "auditor"))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Contains(t, w.Header().Get("Content-Disposition"), "assessment-2026H1.xlsx")
		return strings.Split(strings.TrimSuffix(w.Body.String(), "\n"), "\n")
	}
	require.Equal(t, []string{
		"2026年上半年考核评估", "治本攻坚三年行动实施方案；评分规则：试行；进度：单位自评",
		"名次\t单位\t得分\t计分\t调整\t调整理由\t自评\t申诉\t答复\t亮灯\t质量评价\t按时办结\t逾期办结\t逾期未办\t退回\t延期\t正式措施\t否优事实\t表扬事实\t通报表扬\t一票否优",
		"1\t新华路街道\t100\t100\t0\t\t\t\t\t绿灯\t\t0\t0\t0\t0\t1\t0\t0\t名次第一\t\t",
		"2\t天山路街道\t99.5\t98\t1.5\t属实\t\t文件晚到\t\t红灯\t\t0\t0\t1\t0\t0\t0\t0\t\t\t",
		"\t区应急局\t本期无事项",
	}, lines(""))
	require.Equal(t, []string{
		"基础分\t\t\t\t\t\t100", "changning-2024/1.1/tianshan/2026-01\t2\t2026-02-02 17:00\t逾期未办\t\t逾期未办\t-2",
		"区安委办调整\t\t\t属实\t\t\t1.5", "得分\t\t\t\t\t\t99.5",
	}, lines("?unit=tianshan")[3:])
	refusesGet(t, h, "not_found", half+"/report?unit=yingji", "office")
	refusesGet(t, h, "not_allowed", half+"/report", asTian)
}

func refusesGet(t *testing.T, h http.Handler, code, path, as string) {
	t.Helper()
	w := serve(h, request(http.MethodGet, path, "", asHeader, as))
	var p api.Problem
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	require.Equal(t, api.Code(code), p.Code)
}

func TestOtherRulesAreTriedWithoutATrace(t *testing.T) {
	f := newFake(t)
	h := api.New(f.deps())
	f.count(t)
	before, calls := slices.Clone(f.assessments["2026H1"]), f.calls
	try := func(body, as string) api.AssessmentTrial {
		var out api.AssessmentTrial
		w := serve(h, request(http.MethodPost, half+"/what-if", body, asHeader, as))
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
		return out
	}
	standing := try("{}", "auditor")
	require.Equal(t, []any{"试行", 98.0, 98.0}, []any{standing.Rules.Title, standing.Units[1].Points, *standing.Units[1].CountedScore})
	got := try(`{"rules":{"title":"从严","base":100,"items":[{"code":"o","title":"逾期","on":"overdue","points":-30.5},{"code":"e","title":"延期","on":"extended","points":-40}]}}`, asChief)
	require.Equal(t, []any{"tianshan", 1, 69.5, 2, 98.0}, []any{
		got.Units[0].Code, got.Units[0].Rank, got.Units[0].Points, got.Units[0].CountedRank, *got.Units[0].CountedScore,
	})
	require.Equal(t, []any{"xinhua", 2, 60.0}, []any{got.Units[1].Code, got.Units[1].Rank, got.Units[1].Points})
	require.Equal(t, []any{before, calls}, []any{f.assessments["2026H1"], f.calls})
	w := serve(h, request(http.MethodPost, half+"/what-if", `{"rules":{"title":"错","base":100,"items":[{"code":"a","title":"甲","on":"late","rung":"letter","points":1}]}}`, asHeader, "office"))
	require.Contains(t, w.Body.String(), "不能限定措施")
	refuses(t, h, "not_allowed", http.StatusForbidden, half+"/what-if", "{}", asHeader, asXin)
}
