package api

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"duban/account"
	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// Assessing is the part of the store that assessments are read from.
type Assessing interface {
	// Rules returns the rules by which a plan is assessed now.
	Rules(ctx context.Context, plan string) (assessment.Rules, error)
	// Assessments returns the assessments of a plan of which something is recorded, brief, in the order of their half-years.
	Assessments(ctx context.Context, plan string) ([]assessment.State, error)
	// AssessmentEvents returns an assessment's whole record, or CodeNotFound where nothing is recorded.
	AssessmentEvents(ctx context.Context, plan, half string) ([]assessment.Event, error)
	// AssessmentHashes returns the hashes of the same events, in hexadecimal.
	AssessmentHashes(ctx context.Context, plan, half string) ([]string, error)
	// EachLedger shows every ledger of a plan, all as of one moment.
	EachLedger(ctx context.Context, plan string, visit func([]obligation.Event)) error
}

// AssessmentPath addresses a half-yearly assessment.
type AssessmentPath struct {
	PlanPath
	Half string `path:"half" pattern:"^2[0-9]{3}H[12]$" patternDescription:"年份加 H1（上半年）或 H2（下半年）" example:"2026H1" doc:"评估的半年"`
}

func (p AssessmentPath) half() assessment.Half {
	half, _ := assessment.ParseHalf(p.Half) // the schema has checked it
	return half
}

// AssessmentUnitPath addresses what an assessment says of one unit.
type AssessmentUnitPath struct {
	AssessmentPath
	Unit string `path:"unit" maxLength:"64" doc:"责任单位代码"`
}

// AssessmentHead says where an assessment stands.
type AssessmentHead struct {
	Plan         string           `json:"plan" doc:"方案代码"`
	Half         string           `json:"half" doc:"评估的半年，如 2026H1"`
	HalfLabel    string           `json:"halfLabel" doc:"评估的半年，如 2026年上半年"`
	Checkpoint   time.Time        `json:"checkpoint" doc:"评估节点：半年结束的时刻，计分只看此前的台账"`
	Stage        assessment.Stage `json:"stage" enum:"counting,units,office,leader,signed,published" doc:"进度：counting 待计分，units 单位自评，office 复核，leader 待签发，signed 待公布，published 已公布"`
	StageLabel   string           `json:"stageLabel" doc:"进度名称"`
	Since        time.Time        `json:"since,omitzero" doc:"何时到这一步"`
	Until        calendar.Date    `json:"until,omitzero" doc:"自评和申诉的最后一天"`
	WaitingOn    string           `json:"waitingOn,omitempty" doc:"在等谁：units 责任单位，office 区安委办，leader 安委会领导"`
	WaitingLabel string           `json:"waitingLabel,omitempty" doc:"在等谁"`
	Seq          int              `json:"seq" doc:"记录的序号"`
}

// AssessmentList is every assessment of a plan.
type AssessmentList struct {
	Assessments []AssessmentHead `json:"assessments" doc:"各次考核评估，按时间排列；节点未到的也在内"`
}

// Assessment is a half-yearly assessment with its ranking.
type Assessment struct {
	AssessmentHead
	Rules *AssessmentRules `json:"rules,omitempty" doc:"计分所用的规则；计分后才有"`
	Why   string           `json:"why,omitempty" doc:"领导退回的理由"`
	Units []AssessmentUnit `json:"units" doc:"各单位，按名次；公布前联络员只看得到本单位"`
	Tasks []AssessmentTask `json:"tasks" doc:"各任务的办理情况；公布前联络员看不到"`
	Idle  []UnitRef        `json:"idle" doc:"本期无事项的单位，不排名；公布前联络员只看得到本单位"`
}

// AssessmentRules are how points are given.
type AssessmentRules struct {
	Title string               `json:"title" maxLength:"200" doc:"名称"`
	Base  float64              `json:"base" minimum:"-1000" maximum:"1000" doc:"基础分，最多一位小数"`
	Items []AssessmentRuleItem `json:"items" minItems:"1" maxItems:"100" doc:"评分项；同一情形有几项合用时，以排在前面的为准"`

	Merits []AssessmentMeritRule `json:"merits,omitempty" maxItems:"50" doc:"通报表扬的事实：哪些算，由人据以决定"`
}

// AssessmentRuleItem gives points for a cause.
type AssessmentRuleItem struct {
	Code     string           `json:"code" maxLength:"64" doc:"代码"`
	Title    string           `json:"title" maxLength:"200" doc:"名称"`
	On       assessment.Cause `json:"on" enum:"on_time,late,overdue,returned,extended,issued,quality" doc:"情形：on_time 按时办结，late 逾期办结，overdue 逾期未办，returned 报送被退回，extended 延期，issued 正式措施，quality 质量评价"`
	Rung     obligation.Rung  `json:"rung,omitempty" enum:"letter,circular,interview,expose,transfer" doc:"只限这一措施（on 为 issued 时）"`
	Grade    assessment.Grade `json:"grade,omitempty" enum:"excellent,good,fair,poor" doc:"只限这一等次（on 为 quality 时）"`
	Measures []string         `json:"measures,omitempty" maxItems:"500" doc:"只限这些分项任务"`
	Points   float64          `json:"points" minimum:"-1000" maximum:"1000" doc:"每件（次）的分数，扣分为负，最多一位小数"`
	Most     float64          `json:"most,omitempty" minimum:"0" maximum:"1000" doc:"这一项最多加、扣多少分；不填则不封顶"`
	Veto     bool             `json:"veto,omitempty" doc:"列为“一票否优”的事实"`
}

// AssessmentUnit is what a unit got.
type AssessmentUnit struct {
	UnitRef
	Rank      int               `json:"rank,omitempty" doc:"名次，同分同名次；公布前联络员看不到"`
	Points    float64           `json:"points" doc:"得分，含调整"`
	Counted   float64           `json:"counted" doc:"按规则计得的分数"`
	Adjusted  float64           `json:"adjusted" doc:"区安委办的调整"`
	Reason    string            `json:"reason,omitempty" doc:"调整的理由"`
	Self      *float64          `json:"self,omitempty" doc:"单位自评的分数；没有则未自评"`
	SelfText  string            `json:"selfText,omitempty" doc:"自评说明"`
	Objection string            `json:"objection,omitempty" doc:"申诉"`
	Answer    string            `json:"answer,omitempty" doc:"对申诉的答复"`
	Light     obligation.Light  `json:"light" enum:"green,yellow,red" doc:"节点时的亮灯：red 有逾期未办，yellow 有逾期办结，green 都没有"`
	LightName string            `json:"lightLabel" doc:"亮灯名称"`
	Figures   AssessmentFigures `json:"figures" doc:"办理情况"`
	Grade     assessment.Grade  `json:"grade,omitempty" enum:"excellent,good,fair,poor" doc:"区安委办的质量评价；没有则未评价"`
	GradeName string            `json:"gradeLabel,omitempty" doc:"质量评价的等次名称"`
	GradeWhy  string            `json:"gradeReason,omitempty" doc:"质量评价的理由"`
	Vetoes    int               `json:"vetoes" doc:"“一票否优”的事实有几条，由人决定是否否优"`
	Vetoed    []AssessmentLine  `json:"vetoLines,omitempty" doc:"逐条得分中属于“一票否优”事实的；联络员只看得到本单位的"`

	Merits   []AssessmentMerit   `json:"merits,omitempty" doc:"通报表扬的事实，由人决定是否表扬；联络员公布后才看得到，且只看得到本单位的"`
	Verdicts []AssessmentVerdict `json:"verdicts,omitempty" doc:"通报表扬、一票否优：区安委办的意见和领导的决定；公布后各单位只看得到决定表扬、否优的"`
}

// AssessmentTask is how a task's obligations did.
type AssessmentTask struct {
	Task    string            `json:"task" doc:"任务编号"`
	Title   string            `json:"title,omitempty" doc:"任务标题"`
	Light   obligation.Light  `json:"light" enum:"green,yellow,red" doc:"节点时的亮灯，同单位的"`
	Figures AssessmentFigures `json:"figures" doc:"办理情况"`
}

// AssessmentFigures count what happened within the half-year, and what was open at its end.
type AssessmentFigures struct {
	OnTime   int `json:"onTime" doc:"按时办结"`
	Late     int `json:"late" doc:"逾期办结"`
	Overdue  int `json:"overdue" doc:"节点时逾期未办"`
	Returned int `json:"returned" doc:"报送被退回"`
	Extended int `json:"extended" doc:"延期"`
	Issued   int `json:"issued" doc:"正式措施"`
}

// AssessmentDetail is what a unit got, entry by entry.
type AssessmentDetail struct {
	AssessmentUnit
	Lines []AssessmentLine `json:"lines" doc:"逐条：看了台账的哪一条，值多少分"`
}

// AssessmentLine is one entry of a ledger, and what it is worth.
type AssessmentLine struct {
	Obligation string           `json:"obligation,omitempty" doc:"责任事项编号：方案/分项任务/单位/周期；没有则是考核评估自己的记录（质量评价）"`
	Title      string           `json:"title,omitempty" doc:"分项任务的标题"`
	Period     string           `json:"periodLabel,omitempty" doc:"周期名称"`
	Seq        int              `json:"seq" doc:"该事项台账的第几条"`
	At         time.Time        `json:"at" doc:"该条的时间"`
	On         assessment.Cause `json:"on" doc:"情形"`
	OnLabel    string           `json:"onLabel" doc:"情形名称"`
	Rung       obligation.Rung  `json:"rung,omitempty" doc:"措施"`
	RungLabel  string           `json:"rungLabel,omitempty" doc:"措施名称"`
	GradeLabel string           `json:"gradeLabel,omitempty" doc:"质量评价的等次"`
	Item       string           `json:"item,omitempty" doc:"评分项代码；没有则没有一项适用"`
	ItemTitle  string           `json:"itemTitle,omitempty" doc:"评分项名称"`
	Points     float64          `json:"points" doc:"分数，已计封顶"`
}

// AssessmentRecord is everything that happened to an assessment.
type AssessmentRecord struct {
	Events []AssessmentEvent `json:"events" doc:"记录，按先后排列；联络员只看得到本单位的和计分、截止、公布"`
}

// AssessmentEvent is one entry of an assessment's record.
type AssessmentEvent struct {
	Seq       int             `json:"seq" doc:"序号"`
	Kind      assessment.Kind `json:"kind" doc:"类别"`
	KindLabel string          `json:"kindLabel" doc:"类别名称"`
	At        time.Time       `json:"at" doc:"时间"`
	By        Actor           `json:"by" doc:"办理人"`
	Unit      string          `json:"unit,omitempty" doc:"责任单位代码"`
	Points    *float64        `json:"points,omitempty" doc:"分数"`
	Text      string          `json:"text,omitempty" doc:"说明、理由或答复"`
	Until     calendar.Date   `json:"until,omitzero" doc:"自评和申诉的最后一天"`
	To        string          `json:"to,omitempty" doc:"提醒了谁：units、office 或 leader"`
	UnitName  string          `json:"unitName,omitempty" doc:"责任单位名称，只在记录中给出"`

	Grade       assessment.Grade  `json:"grade,omitempty" doc:"质量评价的等次"`
	GradeLabel  string            `json:"gradeLabel,omitempty" doc:"等次名称"`
	Matter      assessment.Matter `json:"matter,omitempty" doc:"所说的事项：commend 通报表扬，veto 一票否优"`
	MatterLabel string            `json:"matterLabel,omitempty" doc:"事项名称"`
	Yes         bool              `json:"yes,omitempty" doc:"主张（决定）表扬或否优；没有则为不表扬、不否优"`
	Hash        string            `json:"hash,omitempty" doc:"哈希链的值，只在记录中给出：改动任何一条，其后各条都对不上"`
}

// AssessInput is a command that needs no words.
type AssessInput struct {
	AssessmentPath
	Retry
	Body ActBody
}

// AssessReasonInput is a command with its reason.
type AssessReasonInput struct {
	AssessmentPath
	Retry
	Body AssessTextBody
}

// AssessTextInput is what is said of a unit.
type AssessTextInput struct {
	AssessmentUnitPath
	Retry
	Body AssessTextBody
}

// AssessTextBody is what is said.
type AssessTextBody struct {
	Text string `json:"text" maxLength:"4000" doc:"申诉、答复或理由"`
}

// AssessPointsInput gives a unit points.
type AssessPointsInput struct {
	AssessmentUnitPath
	Retry
	Body AssessPointsBody
}

// AssessPointsBody are points, and why.
type AssessPointsBody struct {
	Points float64 `json:"points" minimum:"-1000" maximum:"1000" doc:"分数，最多一位小数：自评为总分，调整为加（正）、扣（负）多少分，代替前次的调整"`
	Text   string  `json:"text,omitempty" maxLength:"4000" doc:"自评说明；调整须写明理由"`
}

// AssessOutput answers a command about an assessment.
type AssessOutput struct {
	Key    string `header:"Idempotency-Key" doc:"本次操作的键"`
	Replay string `header:"Idempotent-Replayed" doc:"true：此前已办理，这是当时的回答"`
	Body   AssessmentEvent
}

// AssessmentTrialInput asks what a half-year would be worth by other rules.
type AssessmentTrialInput struct {
	AssessmentPath
	Body AssessmentTrialBody
}

// AssessmentTrialBody holds other rules.
type AssessmentTrialBody struct {
	Rules *AssessmentRules `json:"rules,omitempty" doc:"换用的评分规则；不填则为方案现行的"`
}

// AssessmentTrial is what a half-year would be worth.
type AssessmentTrial struct {
	Half  string                `json:"half" doc:"评估的半年"`
	Rules AssessmentRules       `json:"rules" doc:"试算所用的规则"`
	Units []AssessmentTrialUnit `json:"units" doc:"各单位，按试算的名次"`
	Tasks []AssessmentTask      `json:"tasks" doc:"各任务的办理情况"`
}

// AssessmentTrialUnit is what a unit would get.
type AssessmentTrialUnit struct {
	UnitRef
	Rank         int               `json:"rank" doc:"试算的名次"`
	Points       float64           `json:"points" doc:"试算的分数"`
	CountedRank  int               `json:"countedRank,omitempty" doc:"计分时的名次（未含调整）；没有则还没有计分"`
	CountedScore *float64          `json:"countedPoints,omitempty" doc:"计分时的分数（未含调整）"`
	Figures      AssessmentFigures `json:"figures" doc:"办理情况"`
	Vetoes       int               `json:"vetoes" doc:"“一票否优”的事实有几条"`
}

// AssessmentReportInput asks for an assessment as a file.
type AssessmentReportInput struct {
	AssessmentPath
	Format string `query:"format" enum:"xlsx" default:"xlsx" doc:"文件格式"`
	Unit   string `query:"unit" maxLength:"64" doc:"责任单位代码：只要这一家的逐条依据；不填为各单位的名次和得分"`
}

// trialTimeout is how long a trial may take: the ledgers of a whole plan are read.
const trialTimeout = time.Minute

func (s *server) registerAssessments() {
	const one = "/plans/{plan}/assessments/{half}"
	get := func(id, path string) operation {
		return operation{id: id, method: http.MethodGet, path: path, tag: tagAssessments, codes: []Code{Code(obligation.CodeNotFound)}}
	}
	register(s, get("list-assessments", "/plans/{plan}/assessments"), s.listAssessments)
	register(s, get("get-assessment", one), s.getAssessment)
	register(s, get("get-assessment-unit", one+"/units/{unit}"), s.getAssessmentUnit)
	register(s, get("list-assessment-record", one+"/record"), s.listAssessmentRecord)
	report := get("export-assessment", one+"/report")
	report.limit = exportTimeout
	report.content = map[string]*huma.MediaType{spreadsheetType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	register(s, report, s.exportAssessment)
	try := get("try-assessment", one+"/what-if")
	try.method, try.limit = http.MethodPost, trialTimeout
	register(s, try, s.tryAssessment)
	act := func(id, path string, codes ...assessment.Code) operation {
		codes = append(codes, assessment.CodeRole, assessment.CodeStage, assessment.CodeOver)
		return operation{
			id: id, method: http.MethodPost, path: one + path, tag: tagAssessments, limit: s.CommandTimeout,
			codes: append(list(codes, func(c assessment.Code) Code { return Code(c) }), Code(obligation.CodeNotFound), CodeKeyReused),
		}
	}
	register(s, act("score-assessment", "/units/{unit}/score", assessment.CodeUnit, assessment.CodeText), s.assessPoints(assessment.Scored, obligation.RoleUnit))
	register(s, act("object-assessment", "/units/{unit}/object", assessment.CodeUnit, assessment.CodeReason, assessment.CodeObjected, assessment.CodeText),
		s.assessText(assessment.Objected, obligation.RoleUnit))
	register(s, act("answer-assessment", "/units/{unit}/answer", assessment.CodeUnit, assessment.CodeReason, assessment.CodeNoObjection, assessment.CodeText),
		s.assessText(assessment.Answered, obligation.RoleOffice))
	register(s, act("adjust-assessment", "/units/{unit}/adjust", assessment.CodeUnit, assessment.CodeReason, assessment.CodeText),
		s.assessPoints(assessment.Adjusted, obligation.RoleOffice))
	register(s, act("close-assessment", "/close"), s.assessPlain(assessment.Closed, obligation.RoleOffice))
	register(s, act("propose-assessment", "/propose", assessment.CodeUnanswered), s.assessPlain(assessment.Proposed, obligation.RoleOffice))
	register(s, act("sign-assessment", "/sign", assessment.CodeUndecided), s.assessPlain(assessment.Signed, obligation.RoleLeader))
	register(s, act("send-back-assessment", "/send-back", assessment.CodeReason, assessment.CodeText), s.sendBackAssessment)
	register(s, act("publish-assessment", "/publish"), s.assessPlain(assessment.Published, obligation.RoleOffice))
	s.registerVerdicts(act)
}

func (s *server) listAssessments(ctx context.Context, in *PlanPath) (*Body[AssessmentList], error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	states, err := s.Reader.Assessments(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	loc := obligation.Location(d.Plan.Zone)
	for _, h := range assessment.Checkpoints(d.Plan, d.AsOf) {
		if !slices.ContainsFunc(states, func(st assessment.State) bool { return st.Half == h.String() }) {
			states = append(states, assessment.Begin(in.Plan, h, h.Checkpoint(loc)))
		}
	}
	slices.SortFunc(states, func(a, b assessment.State) int { return cmp.Compare(a.Half, b.Half) })
	return answer(AssessmentList{list(states, func(st assessment.State) AssessmentHead { return showAssessmentHead(st, loc) })}), nil
}

// assessment returns an assessment with its record, whole: not begun yet where nothing is recorded. A half-year that the plan
// does not assess is CodeNotFound.
func (s *server) assessment(ctx context.Context, p AssessmentPath) (assessment.State, []assessment.Event, obligation.Definition, error) {
	d, err := s.Reader.Definition(ctx, p.Plan)
	if err != nil {
		return assessment.State{}, nil, d, err
	}
	st := assessment.Begin(p.Plan, p.half(), p.half().Checkpoint(obligation.Location(d.Plan.Zone)))
	events, err := s.Reader.AssessmentEvents(ctx, p.Plan, p.Half)
	if obligation.IsNotFound(err) && slices.Contains(assessment.Checkpoints(d.Plan, d.AsOf), p.half()) {
		err = nil
	}
	for _, e := range events {
		st = assessment.Apply(st, e)
	}
	return st, events, d, err
}

func (s *server) getAssessment(ctx context.Context, in *AssessmentPath) (*Body[Assessment], error) {
	st, _, d, err := s.assessment(ctx, *in)
	if err != nil {
		return nil, err
	}
	who := caller(ctx)
	secret := who.Role == account.Unit && st.Stage != assessment.StagePublished
	out := Assessment{AssessmentHead: showAssessmentHead(st, obligation.Location(d.Plan.Zone)), Units: []AssessmentUnit{}, Tasks: []AssessmentTask{}, Idle: []UnitRef{}}
	if len(st.Card.Rules.Items) > 0 {
		rules := showRules(st.Card.Rules)
		out.Rules = &rules
	}
	for _, u := range st.Ranking() {
		if secret && !who.Owns(u.Unit) {
			continue
		}
		shown := showAssessmentUnit(st, u, &d.Plan)
		switch {
		case secret:
			shown = shown.unpublished()
		case who.Role == account.Unit:
			shown = shown.published(who.Owns(u.Unit))
		}
		out.Units = append(out.Units, shown)
	}
	for _, u := range st.Card.Idle {
		if !secret || who.Owns(u.Unit) {
			out.Idle = append(out.Idle, UnitRef{u.Unit, u.Name})
		}
	}
	if !secret {
		out.Tasks = showAssessmentTasks(st.Card, d)
	}
	if who.Role != account.Unit {
		out.Why = st.Why
	}
	return answer(out), nil
}

func (s *server) getAssessmentUnit(ctx context.Context, in *AssessmentUnitPath) (*Body[AssessmentDetail], error) {
	st, _, d, err := s.assessment(ctx, in.AssessmentPath)
	if err != nil {
		return nil, err
	}
	ranking := st.Ranking()
	i := slices.IndexFunc(ranking, func(u assessment.UnitScore) bool { return u.Unit == in.Unit })
	if i < 0 {
		return nil, notFound()
	}
	out := AssessmentDetail{AssessmentUnit: showAssessmentUnit(st, ranking[i], &d.Plan), Lines: showLines(ranking[i].Lines, st.Card.Rules, &d.Plan)}
	for n, m := range st.Merits(ranking[i]) {
		out.Merits[n].Lines = showLines(st.Rests(m, ranking[i]), st.Card.Rules, &d.Plan)
	}
	if caller(ctx).Role == account.Unit {
		if st.Stage == assessment.StagePublished {
			out.AssessmentUnit = out.published(true)
		} else {
			out.AssessmentUnit = out.unpublished()
		}
	}
	return answer(out), nil
}

func (s *server) listAssessmentRecord(ctx context.Context, in *AssessmentPath) (*Body[AssessmentRecord], error) {
	st, events, d, err := s.assessment(ctx, *in)
	if err != nil {
		return nil, err
	}
	hashes, err := s.Reader.AssessmentHashes(ctx, in.Plan, in.Half)
	if err != nil {
		return nil, err
	}
	who, loc := caller(ctx), obligation.Location(d.Plan.Zone)
	out := AssessmentRecord{Events: []AssessmentEvent{}}
	for i, e := range events {
		if who.Role == account.Unit && !ownRecord(who, e) {
			continue
		}
		shown := showAssessmentEvent(e, loc)
		if i < len(hashes) {
			shown.Hash = hashes[i]
		}
		for _, u := range st.Card.Units {
			if u.Unit == e.Unit {
				shown.UnitName = u.Name
			}
		}
		out.Events = append(out.Events, shown)
	}
	return answer(out), nil
}

// ownRecord reports whether a liaison sees the entry: of his own unit, what was said to it, and what concerns all. What is thought
// of commending it or ruling it out is the office's and the leader's own until it is published with the result.
func ownRecord(who account.Caller, e assessment.Event) bool {
	switch e.Kind {
	case assessment.Counted, assessment.Closed, assessment.Published:
		return true
	case assessment.Advised, assessment.Decided:
		return false
	default:
		return e.Unit != "" && who.Owns(e.Unit)
	}
}

// exportAssessment writes the ranking, or one unit's lines, as the other answers show them.
func (s *server) exportAssessment(ctx context.Context, in *AssessmentReportInput) (*FileOutput, error) {
	st, _, d, err := s.assessment(ctx, in.AssessmentPath)
	if err != nil {
		return nil, err
	}
	loc := obligation.Location(d.Plan.Zone)
	head := showAssessmentHead(st, loc)
	table := Table{Title: fmt.Sprintf(textAssessmentTitle, head.HalfLabel), Columns: assessmentColumns}
	table.Note = fmt.Sprintf(textAssessmentNote, d.Plan.Title, st.Card.Rules.Title, head.StageLabel)
	var rows [][]string
	for _, u := range st.Ranking() {
		switch {
		case in.Unit == "":
			rows = append(rows, assessmentRow(showAssessmentUnit(st, u, &d.Plan)))
		case in.Unit == u.Unit:
			table.Title, table.Columns = table.Title+" "+u.Name, assessmentLineColumns
			rows = assessmentAccount(st, u, &d.Plan)
		}
	}
	if in.Unit != "" && len(rows) == 0 {
		return nil, notFound()
	}
	if in.Unit == "" {
		for _, u := range st.Card.Idle {
			rows = append(rows, []string{"", u.Name, textAssessmentIdle})
		}
	}
	var out bytes.Buffer // as many rows as a card has lines of one unit
	err = s.Spreadsheet(&out, table, func(yield func([]string, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return fileNamed(spreadsheetType, "assessment-"+in.Half+".xlsx", table.Title+".xlsx", out.Bytes()), nil
}

// points writes points as people do.
func points(p float64) string { return strconv.FormatFloat(p, 'f', -1, 64) }

// assessmentRow is in the order of assessmentColumns.
func assessmentRow(u AssessmentUnit) []string {
	self := ""
	if u.Self != nil {
		self = points(*u.Self)
	}
	row := []string{strconv.Itoa(u.Rank), u.Name, points(u.Points), points(u.Counted), points(u.Adjusted), u.Reason, self, u.Objection, u.Answer, u.LightName, u.GradeName}
	f := u.Figures
	for _, n := range []int{f.OnTime, f.Late, f.Overdue, f.Returned, f.Extended, f.Issued, u.Vetoes} {
		row = append(row, strconv.Itoa(n))
	}
	return append(row, meritTitles(u.Merits), verdictText(u.Verdicts, assessment.Commend), verdictText(u.Verdicts, assessment.Veto))
}

// assessmentAccount are the rows that a unit's points add up from, and their sum.
func assessmentAccount(st assessment.State, u assessment.UnitScore, p *plan.Plan) [][]string {
	row := func(what, why string, p assessment.Points) []string {
		return []string{what, "", "", why, "", "", points(worth(p))}
	}
	rows := [][]string{row(textAssessmentBase, "", st.Card.Rules.Base)}
	for _, l := range showLines(u.Lines, st.Card.Rules, p) {
		rows = append(rows, assessmentLineRow(l))
	}
	if said := st.Units[u.Unit]; said.Adjusted != 0 {
		rows = append(rows, row(textAssessmentAdjusted, said.Reason, said.Adjusted))
	}
	return append(rows, row(textAssessmentTotal, "", u.Points))
}

// assessmentLineRow is in the order of assessmentLineColumns.
func assessmentLineRow(l AssessmentLine) []string {
	return []string{
		cmp.Or(l.Obligation, textAssessmentRecord), strconv.Itoa(l.Seq), l.At.Format(minuteLayout), l.OnLabel, cmp.Or(l.RungLabel, l.GradeLabel), l.ItemTitle, points(l.Points),
	}
}

func (s *server) tryAssessment(ctx context.Context, in *AssessmentTrialInput) (*Body[AssessmentTrial], error) {
	st, _, d, err := s.assessment(ctx, in.AssessmentPath)
	if err != nil {
		return nil, err
	}
	var rules assessment.Rules
	if in.Body.Rules == nil {
		rules, err = s.Reader.Rules(ctx, in.Plan)
	} else {
		rules, err = in.Body.Rules.rules()
	}
	if err != nil {
		return nil, err
	}
	scoring := assessment.NewScoring(rules, in.half(), d.Plan, d.Calendar)
	if err := s.Reader.EachLedger(ctx, in.Plan, scoring.Ledger); err != nil {
		return nil, err
	}
	card := scoring.Card()
	counted := st.Under(st.Card).Ranking()
	out := AssessmentTrial{Half: in.Half, Rules: showRules(rules), Tasks: showAssessmentTasks(card, d)}
	out.Units = list(st.Under(card).Ranking(), func(u assessment.UnitScore) AssessmentTrialUnit {
		unit := AssessmentTrialUnit{
			UnitRef: UnitRef{u.Unit, u.Name}, Rank: u.Rank, Points: worth(u.Points), Figures: AssessmentFigures(u.Figures), Vetoes: len(u.Vetoes),
		}
		if i := slices.IndexFunc(counted, func(c assessment.UnitScore) bool { return c.Unit == u.Unit }); i >= 0 {
			points := worth(counted[i].Points)
			unit.CountedRank, unit.CountedScore = counted[i].Rank, &points
		}
		return unit
	})
	return answer(out), nil
}

func (s *server) assessPlain(kind assessment.Kind, role obligation.Role) func(context.Context, *AssessInput) (*AssessOutput, error) {
	return func(ctx context.Context, in *AssessInput) (*AssessOutput, error) {
		return s.assess(ctx, in.AssessmentPath, in.Retry, assessment.Command{Kind: kind, By: by(ctx, role)})
	}
}

func (s *server) assessText(kind assessment.Kind, role obligation.Role) func(context.Context, *AssessTextInput) (*AssessOutput, error) {
	return func(ctx context.Context, in *AssessTextInput) (*AssessOutput, error) {
		return s.assess(ctx, in.AssessmentPath, in.Retry, assessment.Command{Kind: kind, By: by(ctx, role), Unit: in.Unit, Text: in.Body.Text})
	}
}

func (s *server) assessPoints(kind assessment.Kind, role obligation.Role) func(context.Context, *AssessPointsInput) (*AssessOutput, error) {
	return func(ctx context.Context, in *AssessPointsInput) (*AssessOutput, error) {
		points, err := tenths("body.points", in.Body.Points)
		if err != nil {
			return nil, err
		}
		return s.assess(ctx, in.AssessmentPath, in.Retry, assessment.Command{Kind: kind, By: by(ctx, role), Unit: in.Unit, Points: &points, Text: in.Body.Text})
	}
}

func (s *server) sendBackAssessment(ctx context.Context, in *AssessReasonInput) (*AssessOutput, error) {
	return s.assess(ctx, in.AssessmentPath, in.Retry, assessment.Command{Kind: assessment.Sent, By: by(ctx, obligation.RoleLeader), Text: in.Body.Text})
}

// assess puts a person's command about an assessment, once for its key.
func (s *server) assess(ctx context.Context, p AssessmentPath, retry Retry, c assessment.Command) (*AssessOutput, error) {
	st, events, d, err := s.assessment(ctx, p)
	if err != nil {
		return nil, err
	}
	c.Key = cmp.Or(retry.Key, rand.Text())
	out := &AssessOutput{Key: c.Key}
	loc := obligation.Location(d.Plan.Zone)
	if i := slices.IndexFunc(events, func(e assessment.Event) bool { return e.Key == c.Key }); i >= 0 {
		if !events[i].Answers(c) {
			return nil, keyed{newProblem(CodeKeyReused), c.Key}
		}
		out.Replay, out.Body = "true", showAssessmentEvent(events[i], loc)
		return out, nil
	}
	if _, err := assessment.Decide(st, c, d.Calendar, loc, s.Now()); err != nil {
		return nil, keyed{err, c.Key}
	}
	e, err := s.Commands.Assess(ctx, p.Plan, p.Half, c)
	if obligation.IsNotFound(err) {
		err = fmt.Errorf("no workflow runs for assessment %s", assessment.ID(p.Plan, p.Half))
	}
	if err != nil {
		return nil, keyed{engine(err), c.Key}
	}
	out.Body = showAssessmentEvent(e, loc)
	return out, nil
}

// worth returns points as people write them.
func worth(p assessment.Points) float64 { return float64(p) / 10 }

func worthOf(p *assessment.Points) *float64 {
	if p == nil {
		return nil
	}
	out := worth(*p)
	return &out
}

// tenths reads points as people write them: with one decimal at most.
func tenths(field string, points float64) (assessment.Points, error) {
	n := math.Round(points * 10)
	if math.Abs(points*10-n) > 1e-6 {
		return 0, invalid(field, textOneDecimal)
	}
	return assessment.Points(n), nil
}

func (r AssessmentRules) rules() (assessment.Rules, error) {
	out := assessment.Rules{Title: r.Title, Items: make([]assessment.Item, len(r.Items))}
	var err error
	if out.Base, err = tenths("body.rules.base", r.Base); err != nil {
		return out, err
	}
	for i, item := range r.Items {
		field := fmt.Sprintf("body.rules.items[%d]", i)
		rule := assessment.Item{Code: item.Code, Title: item.Title, On: item.On, Rung: item.Rung, Grade: item.Grade, Measures: item.Measures, Veto: item.Veto}
		if rule.Points, err = tenths(field+".points", item.Points); err != nil {
			return out, err
		}
		if rule.Most, err = tenths(field+".most", item.Most); err != nil {
			return out, err
		}
		out.Items[i] = rule
	}
	for _, m := range r.Merits {
		out.Merits = append(out.Merits, assessment.Merit(m))
	}
	if faults := out.Validate(); len(faults) > 0 {
		return out, newProblem(CodeValidation, list(faults, func(err error) ProblemField { return ProblemField{"body.rules", err.Error()} })...)
	}
	return out, nil
}

func showRules(r assessment.Rules) AssessmentRules {
	return AssessmentRules{Title: r.Title, Base: worth(r.Base), Items: list(r.Items, func(i assessment.Item) AssessmentRuleItem {
		return AssessmentRuleItem{
			Code: i.Code, Title: i.Title, On: i.On, Rung: i.Rung, Grade: i.Grade, Measures: i.Measures, Points: worth(i.Points), Most: worth(i.Most), Veto: i.Veto,
		}
	}), Merits: list(r.Merits, func(m assessment.Merit) AssessmentMeritRule { return AssessmentMeritRule(m) })}
}

func showAssessmentHead(st assessment.State, loc *time.Location) AssessmentHead {
	half, _ := assessment.ParseHalf(st.Half)
	return AssessmentHead{
		Plan: st.Plan, Half: st.Half, HalfLabel: half.Chinese(), Checkpoint: half.Checkpoint(loc), Stage: st.Stage, StageLabel: st.Stage.Chinese(),
		Since: in(st.Since, loc), Until: st.Until, WaitingOn: st.WaitingOn(), WaitingLabel: assessmentHolders[st.WaitingOn()], Seq: st.Seq,
	}
}

// showAssessmentUnit shows a unit of the ranking.
func showAssessmentUnit(st assessment.State, u assessment.UnitScore, p *plan.Plan) AssessmentUnit {
	said, light := st.Units[u.Unit], u.Figures.Light()
	return AssessmentUnit{
		Light: light, LightName: light.Chinese(), Grade: said.Grade, GradeName: said.Grade.Chinese(), GradeWhy: said.GradeWhy,
		Merits:   list(st.Merits(u), func(m assessment.Merit) AssessmentMerit { return AssessmentMerit{Code: m.Code, Title: m.Title} }),
		Verdicts: showVerdicts(said),
		UnitRef:  UnitRef{u.Unit, u.Name}, Rank: u.Rank, Points: worth(u.Points), Counted: worth(u.Points - said.Adjusted), Adjusted: worth(said.Adjusted),
		Reason: said.Reason, Self: worthOf(said.Self), SelfText: said.Text, Objection: said.Objection, Answer: said.Answer,
		Figures: AssessmentFigures(u.Figures), Vetoes: len(u.Vetoes), Vetoed: showLines(u.Vetoes, st.Card.Rules, p),
	}
}

func showAssessmentTasks(c assessment.Card, d obligation.Definition) []AssessmentTask {
	return list(c.Tasks, func(t assessment.TaskScore) AssessmentTask {
		out := AssessmentTask{Task: t.Task, Light: t.Figures.Light(), Figures: AssessmentFigures(t.Figures)}
		for _, task := range d.Plan.Tasks {
			if task.Code == t.Task {
				out.Title = task.Title
			}
		}
		return out
	})
}

func showLines(lines []assessment.Line, rules assessment.Rules, p *plan.Plan) []AssessmentLine {
	loc := obligation.Location(p.Zone)
	return list(lines, func(l assessment.Line) AssessmentLine {
		out := AssessmentLine{
			Obligation: l.Obligation, Seq: l.Seq, At: in(l.At, loc), On: l.On, OnLabel: l.On.Chinese(), Rung: l.Rung, RungLabel: l.Rung.Chinese(),
			GradeLabel: l.Grade.Chinese(), Item: l.Item, Points: worth(l.Points),
		}
		if id, ok := obligation.ParseID(l.Obligation); ok {
			m, _ := p.Measure(id.Measure) // the plan may have no such measure any more
			out.Title, out.Period = m.Title, cmp.Or(l.Period, id.Period)
		}
		for _, i := range rules.Items {
			if i.Code == l.Item {
				out.ItemTitle = i.Title
			}
		}
		return out
	})
}

func showAssessmentEvent(e assessment.Event, loc *time.Location) AssessmentEvent {
	return AssessmentEvent{
		Seq: e.Seq, Kind: e.Kind, KindLabel: e.Kind.Chinese(), At: in(e.At, loc), By: showActor(e.By), Unit: e.Unit, Points: worthOf(e.Points),
		Text: e.Text, Until: e.Until, To: e.To, Grade: e.Grade, GradeLabel: e.Grade.Chinese(), Matter: e.Matter, MatterLabel: e.Matter.Chinese(), Yes: e.Yes,
	}
}
