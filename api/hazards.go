package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"duban/account"
	"duban/calendar"
	"duban/hazardlist"
	"duban/obligation"
	"duban/plan"
)

// HazardPath addresses a hazard.
type HazardPath struct {
	PlanPath
	Number string `path:"number" maxLength:"64" example:"2026-003" doc:"隐患编号"`
}

// HazardSelection selects hazards and orders them. Several values of one filter are alternatives.
type HazardSelection struct {
	PlanPath
	Grade      []obligation.Grade        `query:"grade" maxItems:"2" enum:"major,general" doc:"等级：major 重大，general 一般"`
	Source     []obligation.HazardSource `query:"source" maxItems:"3" enum:"self_check,inspection,public_report" doc:"来源：self_check 企业自查，inspection 督导检查，public_report 群众举报"`
	Industry   []string                  `query:"industry" maxItems:"50" doc:"行业领域代码，见 get-hazard-options"`
	Region     []string                  `query:"region" maxItems:"50" doc:"街道（镇）代码"`
	Unit       []string                  `query:"unit" maxItems:"200" doc:"责任单位代码"`
	Reviewer   string                    `query:"reviewer" maxLength:"64" doc:"审核单位代码"`
	Stage      []obligation.Stage        `query:"stage" maxItems:"7" enum:"open,signed,submitted,returned,accepted,waived,history" doc:"状态"`
	Light      []obligation.Light        `query:"light" maxItems:"4" enum:"green,yellow,red,none" doc:"此刻的亮灯"`
	List       obligation.Listing        `query:"list" enum:"due-soon,overdue,late,done" doc:"due-soon 即将逾期，overdue 逾期未整改，late 逾期销号，done 已销号"`
	Open       string                    `query:"open" enum:"true,false" doc:"true 未销号，false 已销号、误报或补录"`
	Supervised string                    `query:"supervised" enum:"true,false" doc:"true 已挂牌督办，false 没有挂牌"`
	Year       int                       `query:"year" minimum:"2000" maximum:"2199" doc:"登记的年份"`
	FoundFrom  string                    `query:"foundFrom" format:"date" doc:"发现日期不早于"`
	FoundTo    string                    `query:"foundTo" format:"date" doc:"发现日期不晚于"`
	WaitingOn  string                    `query:"waitingOn" maxLength:"64" doc:"等谁办理：office 区安委办，leader 安委会领导（有文书待签发），或单位代码（责任单位或审核单位）"`
	Query      string                    `query:"q" maxLength:"100" doc:"搜索：企业、地点、隐患内容、责任单位、编号；以空格分隔的词须都出现"`
	Sort       string                    `query:"sort" enum:"due,updated,unit,light,-due,-updated,-unit,-light" default:"due" doc:"排序：due 整改期限，updated 最近变动，unit 责任单位代码，light 亮灯；加 - 为倒序"`
}

// HazardsInput asks for one page of the register.
type HazardsInput struct {
	Paging
	HazardSelection
}

// Hazard is an entry of the register.
type Hazard struct {
	Number        string                  `json:"number" doc:"编号，用于地址：2026-003"`
	Label         string                  `json:"label" doc:"编号的写法：长隐〔2026〕3号"`
	Grade         obligation.Grade        `json:"grade" enum:"major,general" doc:"等级"`
	GradeLabel    string                  `json:"gradeLabel" doc:"等级名称"`
	Source        obligation.HazardSource `json:"source" enum:"self_check,inspection,public_report" doc:"来源"`
	SourceLabel   string                  `json:"sourceLabel" doc:"来源名称"`
	Reference     string                  `json:"reference,omitempty" doc:"来源依据"`
	Inspection    string                  `json:"inspection,omitempty" doc:"督导检查的编号"`
	Finding       string                  `json:"finding,omitempty" doc:"由督导检查的哪个问题转来：方案/分项任务/单位/周期"`
	Industry      string                  `json:"industry" doc:"行业领域代码"`
	IndustryLabel string                  `json:"industryLabel" doc:"行业领域"`
	Region        string                  `json:"region" doc:"街道（镇）代码"`
	RegionName    string                  `json:"regionName" doc:"街道（镇）"`
	Enterprise    string                  `json:"enterprise" doc:"企业（单位）名称"`
	Place         string                  `json:"place" doc:"地点"`
	Text          string                  `json:"text" doc:"隐患内容"`
	Basis         string                  `json:"basis,omitempty" doc:"判定依据"`
	Measures      string                  `json:"measures,omitempty" doc:"整改和防范措施"`
	Principal     string                  `json:"principal,omitempty" doc:"主要负责人、实际控制人"`
	Notified      string                  `json:"notified,omitempty" doc:"何时以何种方式告知"`
	Found         calendar.Date           `json:"found" format:"date" doc:"发现日期"`
	Reviewer      string                  `json:"reviewer,omitempty" doc:"审核单位代码"`
	ReviewerName  string                  `json:"reviewerName,omitempty" doc:"审核单位"`
	PublicTitle   string                  `json:"publicTitle,omitempty" doc:"对外公布的名称"`
	Former        string                  `json:"former,omitempty" doc:"反弹的，原来的编号"`
	Cancelled     calendar.Date           `json:"cancelled,omitzero" format:"date" doc:"销号日期；没有销号的不出现"`
	Supervision   *Supervision            `json:"supervision,omitempty" doc:"挂牌督办；没有挂牌的不出现"`
	Review        *Review                 `json:"review,omitempty" doc:"最近一次审核；没有审核、或此后又报送的不出现"`
	Waited        int                     `json:"waited,omitempty" doc:"等谁办理的，已经等了几天（自然日）；当天的、已销号的不出现"`
	Obligation    Obligation              `json:"obligation" doc:"作为责任事项：办理、期限、亮灯都在这里，用它的地址办理"`
}

// Supervision is that a hazard is listed.
type Supervision struct {
	At        time.Time `json:"at" doc:"挂牌时间"`
	By        Actor     `json:"by" doc:"谁"`
	Authority string    `json:"authority" doc:"文号、督办单位或督办人"`
}

// Review is the reviewer's word.
type Review struct {
	At      time.Time     `json:"at" doc:"审核时间"`
	By      Actor         `json:"by" doc:"谁；由区安委办代录的为区安委办"`
	Checked calendar.Date `json:"checked" format:"date" doc:"现场核查日期"`
	Text    string        `json:"text" doc:"审核意见"`
	Passed  bool          `json:"passed" doc:"true 通过"`
}

// HazardPage is one page of the register.
type HazardPage struct {
	Hazards []Hazard `json:"hazards" doc:"隐患，按所要的顺序"`
	Total   int      `json:"total" doc:"符合条件的共有多少条"`
	Next    string   `json:"next,omitempty" doc:"下一页的 cursor；没有则为最后一页"`
}

// HazardOptions are what an entry may choose from.
type HazardOptions struct {
	Open       bool      `json:"open" doc:"false：该方案现在不能登记隐患"`
	Measure    string    `json:"measure,omitempty" doc:"隐患挂在哪个分项任务下"`
	Industries []Option  `json:"industries" doc:"行业领域"`
	Regions    []UnitRef `json:"regions" doc:"街道（镇）"`
	Units      []UnitRef `json:"units" doc:"可以作责任单位的"`
	Reviewers  []UnitRef `json:"reviewers" doc:"可以作审核单位的：行业监管部门"`
}

// Option is one of a few things to choose.
type Option struct {
	Code  string `json:"code" doc:"代码"`
	Label string `json:"label" doc:"名称"`
}

// RegisterHazardInput enters a hazard.
type RegisterHazardInput struct {
	PlanPath
	Retry
	Body HazardEntry
}

// HazardEntry is what is to be entered.
type HazardEntry struct {
	Unit        string                  `json:"unit,omitempty" maxLength:"64" doc:"责任单位代码；联络员不填即为本单位"`
	Due         string                  `json:"due" format:"date" doc:"整改期限"`
	Grade       obligation.Grade        `json:"grade" enum:"major,general" doc:"等级"`
	Source      obligation.HazardSource `json:"source" enum:"self_check,inspection,public_report" doc:"来源；联络员只能登记自查的"`
	Reference   string                  `json:"reference,omitempty" maxLength:"200" doc:"来源依据：检查记录、举报件的名称和编号"`
	Inspection  string                  `json:"inspection,omitempty" maxLength:"200" doc:"督导检查的编号"`
	Industry    string                  `json:"industry" maxLength:"40" doc:"行业领域代码，见 get-hazard-options"`
	Region      string                  `json:"region" maxLength:"64" doc:"街道（镇）代码"`
	Enterprise  string                  `json:"enterprise" maxLength:"200" doc:"企业（单位）名称"`
	Place       string                  `json:"place" maxLength:"200" doc:"地点"`
	Text        string                  `json:"text" maxLength:"2000" doc:"隐患内容"`
	Basis       string                  `json:"basis,omitempty" maxLength:"2000" doc:"判定依据：判定标准的条款"`
	Measures    string                  `json:"measures,omitempty" maxLength:"2000" doc:"整改措施和整改前的防范措施"`
	Principal   string                  `json:"principal,omitempty" maxLength:"200" doc:"主要负责人、实际控制人"`
	Notified    string                  `json:"notified,omitempty" maxLength:"200" doc:"何时以何种方式告知"`
	Found       string                  `json:"found" format:"date" doc:"发现日期"`
	Reviewer    string                  `json:"reviewer,omitempty" maxLength:"64" doc:"审核单位代码；重大隐患必填，不能是责任单位"`
	PublicTitle string                  `json:"publicTitle,omitempty" maxLength:"200" doc:"对外公布的名称"`
	Former      string                  `json:"former,omitempty" maxLength:"64" doc:"反弹的，原来的编号"`
	Cancelled   string                  `json:"cancelled,omitempty" format:"date" doc:"补录已经整改销号的，填销号日期"`
}

func (b HazardEntry) registration() (obligation.Registration, error) {
	r := obligation.Registration{Unit: b.Unit, Hazard: obligation.Hazard{
		Grade: b.Grade, Source: b.Source, Reference: b.Reference, Inspection: b.Inspection, Industry: b.Industry, Region: b.Region, Enterprise: b.Enterprise,
		Place: b.Place, Text: b.Text, Basis: b.Basis, Measures: b.Measures, Principal: b.Principal, Notified: b.Notified, Reviewer: b.Reviewer,
		PublicTitle: b.PublicTitle, Former: hazardlist.Key(b.Former),
	}}
	if b.Former != "" && r.Hazard.Former == "" {
		return r, &obligation.Error{Code: obligation.CodeHazardFormer}
	}
	for _, day := range []struct {
		field, text string
		to          *calendar.Date
	}{{"due", b.Due, &r.Due}, {"found", b.Found, &r.Hazard.Found}, {"cancelled", b.Cancelled, &r.Hazard.Cancelled}} {
		var err error
		if *day.to, err = date("body."+day.field, day.text); err != nil {
			return r, err
		}
	}
	return r, nil
}

// HazardOutput answers with an entry.
type HazardOutput struct {
	Key    string `header:"Idempotency-Key" doc:"本次操作的键；查询时没有"`
	Replay string `header:"Idempotent-Replayed" doc:"true：此前已登记，这是当时的那一条"`
	ETag   string `header:"ETag" doc:"台账序号，可作为办理时的 If-Match"`
	Body   Hazard
}

// SuperviseHazardInput lists a hazard.
type SuperviseHazardInput struct {
	HazardPath
	Acting
	Body SuperviseHazardBody
}

// SuperviseHazardBody says by what authority.
type SuperviseHazardBody struct {
	Authority string `json:"authority" maxLength:"4000" doc:"挂牌文号、督办单位或督办人"`
}

// RegradeHazardInput grades a hazard otherwise.
type RegradeHazardInput struct {
	HazardPath
	Acting
	Body RegradeHazardBody
}

// RegradeHazardBody is the grade, and why.
type RegradeHazardBody struct {
	Grade    obligation.Grade `json:"grade" enum:"major,general" doc:"等级"`
	Reviewer string           `json:"reviewer,omitempty" maxLength:"64" doc:"审核单位代码；不填为原来的"`
	Reason   string           `json:"reason" maxLength:"4000" doc:"理由"`
}

// ReviewHazardInput reviews what was put right.
type ReviewHazardInput struct {
	HazardPath
	Acting
	Body ReviewHazardBody
}

// ReviewHazardBody is the reviewer's word.
type ReviewHazardBody struct {
	Passed  bool   `json:"passed" doc:"true 通过，由区安委办销号；false 不通过，退回继续整改"`
	Checked string `json:"checked" format:"date" doc:"现场核查日期"`
	Text    string `json:"text" maxLength:"4000" doc:"审核意见"`
	Due     string `json:"due,omitempty" format:"date" doc:"不通过的，继续整改的期限；不填按升级阶梯"`
}

const hazardsPath = "/plans/{plan}/hazards"

func (s *server) registerHazards() {
	notFound := []Code{Code(obligation.CodeNotFound)}
	get := func(id, path string) operation {
		return operation{id: id, method: http.MethodGet, path: hazardsPath + path, tag: tagHazards, codes: notFound}
	}
	sheet := map[string]*huma.MediaType{spreadsheetType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	register(s, get("list-hazards", ""), s.listHazards)
	register(s, get("get-hazard-options", "/options"), s.hazardOptions)
	register(s, get("get-hazard", "/{number}"), s.getHazard)
	file := func(id, path string) operation {
		o := get(id, path)
		o.limit, o.content = exportTimeout, sheet
		return o
	}
	export := file("export-hazards", "/export")
	export.codes = append(slices.Clone(notFound), CodeExportTooLarge)
	register(s, export, s.exportHazards)
	register(s, file("download-hazard-template", "/template"), s.hazardTemplate)
	analysis := get("analyse-hazards", "/analysis")
	analysis.limit = exportTimeout
	register(s, analysis, s.analyseHazards)
	register(s, file("export-hazard-analysis", "/analysis/export"), s.exportHazardAnalysis)
	act := func(id, path string, codes ...obligation.ErrorCode) operation {
		return operation{
			id: id, method: http.MethodPost, path: hazardsPath + path, tag: tagHazards, limit: s.CommandTimeout,
			codes: append(list(codes, func(c obligation.ErrorCode) Code { return Code(c) }), codesOfCommands...),
		}
	}
	register(s, act("register-hazard", "", refusalsOfEntries...), s.registerHazard)
	register(s, act("supervise-hazard", "/{number}/supervise", obligation.CodeReasonMissing, obligation.CodeSupervised), s.superviseHazard)
	register(s, act("regrade-hazard", "/{number}/regrade", obligation.CodeReasonMissing, obligation.CodeNothingToDo, obligation.CodeHazardReviewer), s.regradeHazard)
	register(s, act("review-hazard", "/{number}/review", obligation.CodeReasonMissing, obligation.CodeNotSubmitted, obligation.CodeReviewed,
		obligation.CodeNotReviewer, obligation.CodeCheckedInvalid, obligation.CodeDueInvalid), s.reviewHazard)
	s.registerHazardLists()
}

// refusalsOfEntries are why a hazard can't be entered.
var refusalsOfEntries = []obligation.ErrorCode{
	obligation.CodeHazardNoMeasure, obligation.CodeHazardIncomplete, obligation.CodeHazardTextTooLong, obligation.CodeHazardUnit, obligation.CodeHazardRegion,
	obligation.CodeHazardIndustry, obligation.CodeHazardReviewer, obligation.CodeHazardDates, obligation.CodeHazardFormer,
}

// hazardFilter reads what a caller selects. A liaison sees what his unit has to put right, and what it reviews.
func (s *server) hazardFilter(ctx context.Context, in HazardSelection) (obligation.Filter, obligation.Definition, error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return obligation.Filter{}, d, err
	}
	now := s.Now()
	h := &obligation.HazardFilter{
		Grades: in.Grade, Sources: in.Source, Industries: in.Industry, Regions: in.Region, Reviewer: in.Reviewer, Year: in.Year,
	}
	f := obligation.Filter{
		Plan: in.Plan, Units: in.Unit, Stages: in.Stage, Lights: in.Light, Listing: in.List, WaitingOn: in.WaitingOn, Hazards: h,
		Words: obligation.SearchWords(in.Query), Now: now, Soon: soonAt(now, obligation.Location(d.Plan.Zone)),
	}
	f.Sort, f.Descending = obligation.Sort(strings.TrimPrefix(in.Sort, "-")), strings.HasPrefix(in.Sort, "-")
	f.Open, h.Supervised = truth(in.Open), truth(in.Supervised)
	if h.FoundFrom, err = date("query.foundFrom", in.FoundFrom); err != nil {
		return f, d, err
	}
	if h.FoundTo, err = date("query.foundTo", in.FoundTo); err != nil {
		return f, d, err
	}
	if who := caller(ctx); who.Role == account.Unit {
		if f.WaitingOn == string(obligation.RoleLeader) {
			return f, d, account.Refuse(account.CodeForbidden)
		}
		h.Involved = who.Unit
	}
	return f, d, nil
}

// truth reads a filter that may be left out.
func truth(text string) *bool {
	if text == "" {
		return nil
	}
	is := text == "true"
	return &is
}

func (s *server) listHazards(ctx context.Context, in *HazardsInput) (*Body[HazardPage], error) {
	f, _, err := s.hazardFilter(ctx, in.HazardSelection)
	if err != nil {
		return nil, err
	}
	f.After, f.Limit, f.Count = in.Cursor, in.Limit, true
	page, err := s.Reader.List(ctx, f)
	if err != nil {
		return nil, paged(err, in.Cursor)
	}
	return answer(HazardPage{
		Hazards: list(page.Views, func(v obligation.View) Hazard { return showHazard(v, f.Now) }), Total: page.Total, Next: page.Next,
	}), nil
}

// hazards returns all that the filter selects, at most so many.
func (s *server) hazards(ctx context.Context, f obligation.Filter, most int) ([]obligation.View, error) {
	f.Limit, f.Count = exportPage, true
	var out []obligation.View
	for {
		page, err := s.Reader.List(ctx, f)
		if err != nil {
			return nil, err
		}
		if f.Count && page.Total > most {
			return nil, newProblem(CodeExportTooLarge)
		}
		out = append(out, page.Views...)
		if page.Next == "" {
			return out, nil
		}
		f.After, f.Count = page.Next, false
	}
}

func (s *server) hazardOptions(ctx context.Context, in *PlanPath) (*Body[HazardOptions], error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	m, carried := d.Carrier()
	today := calendar.DateOf(s.Now(), obligation.Location(d.Plan.Zone))
	out := HazardOptions{
		Open: carried && today <= d.Plan.To, Measure: m.Code, Regions: []UnitRef{}, Units: []UnitRef{}, Reviewers: []UnitRef{},
		Industries: list(obligation.Industries, func(i obligation.Industry) Option { return Option{i.Code, i.Name} }),
	}
	for _, u := range d.Plan.Units {
		if !u.ValidOn(today) {
			continue
		}
		ref := UnitRef{u.Code, u.Name}
		if u.Kind == plan.KindStreet {
			out.Regions = append(out.Regions, ref)
		}
		if carried && m.Audience.Selects(u) {
			out.Units = append(out.Units, ref)
		}
		if u.Kind == plan.KindGovernment {
			out.Reviewers = append(out.Reviewers, ref)
		}
	}
	return answer(out), nil
}

// hazard returns the entry of a number. Whoever it does not concern does not see it.
func (s *server) hazard(ctx context.Context, in HazardPath) (obligation.View, error) {
	if _, err := s.Reader.Definition(ctx, in.Plan); err != nil {
		return obligation.View{}, err
	}
	page, err := s.Reader.List(ctx, obligation.Filter{Plan: in.Plan, Hazards: &obligation.HazardFilter{Numbers: []string{in.Number}}, Now: s.Now(), Limit: 1})
	if err != nil {
		return obligation.View{}, err
	}
	if len(page.Views) == 0 {
		return obligation.View{}, &obligation.Error{Code: obligation.CodeNotFound}
	}
	v := page.Views[0]
	if who := caller(ctx); !who.Owns(v.State.ID.Unit) && !who.Owns(v.State.Hazard.Reviewer) {
		return obligation.View{}, account.Refuse(account.CodeForeign)
	}
	return v, nil
}

func (s *server) getHazard(ctx context.Context, in *HazardPath) (*HazardOutput, error) {
	v, err := s.hazard(ctx, *in)
	if err != nil {
		return nil, err
	}
	return &HazardOutput{ETag: etag(v.State.Seq), Body: showHazard(v, s.Now())}, nil
}

func (s *server) registerHazard(ctx context.Context, in *RegisterHazardInput) (*HazardOutput, error) {
	r, err := in.Body.registration()
	if err != nil {
		return nil, err
	}
	r.By = by(ctx, obligation.RoleOffice)
	if who := caller(ctx); who.Role == account.Unit {
		if r.Unit == "" {
			r.Unit = who.Unit
		}
		if r.Unit != who.Unit {
			return nil, account.Refuse(account.CodeForeign)
		}
		if r.Hazard.Source != obligation.SelfCheck {
			return nil, invalid("body.source", textOnlySelfCheck)
		}
		r.By = by(ctx, obligation.RoleUnit)
	}
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	if r.Hazard.Former != "" {
		if _, err := s.hazard(ctx, HazardPath{in.PlanPath, r.Hazard.Former}); obligation.IsNotFound(err) {
			return nil, &obligation.Error{Code: obligation.CodeHazardFormer}
		} else if err != nil {
			return nil, err
		}
	}
	r.Key = in.Key
	if r.Key == "" {
		r.Key = rand.Text()
	}
	out := &HazardOutput{Key: r.Key}
	id, replayed, err := s.enter(ctx, d, r)
	if err != nil {
		return nil, keyed{err, r.Key}
	}
	if replayed {
		out.Replay = "true"
	}
	v, err := s.Reader.Load(ctx, id)
	if err != nil {
		return nil, keyed{err, r.Key}
	}
	out.ETag, out.Body = etag(v.State.Seq), showHazard(v, s.Now())
	return out, nil
}

// enter takes a hazard into the register, or returns what an earlier try with the same key led to.
func (s *server) enter(ctx context.Context, d obligation.Definition, r obligation.Registration) (obligation.ID, bool, error) {
	was, err := s.Reader.EnteredByKey(ctx, d.Plan.Code, r.Key)
	if err == nil {
		st := was.State
		if !was.Event.By.Is(r.By) || st.ID.Unit != r.Unit || st.Original != r.Due || !st.Hazard.SameAs(r.Hazard) {
			return st.ID, false, newProblem(CodeKeyReused)
		}
		return st.ID, true, nil
	}
	if !obligation.IsNotFound(err) {
		return obligation.ID{}, false, err
	}
	// Asked here as well: by now the task's workflow may have ended, and then nobody could say why.
	if _, err := d.HazardOpening(r, 1, 0, s.Now()); err != nil {
		return obligation.ID{}, false, err
	}
	m, _ := d.Carrier()
	e, err := s.Commands.Register(ctx, d.Plan.Code, m.Task, r)
	if obligation.IsNotFound(err) {
		err = engine(fmt.Errorf("no workflow runs for task %s of %s", m.Task, d.Plan.Code))
	}
	if err != nil {
		return obligation.ID{}, false, engine(err)
	}
	return e.Facts.ID, false, nil
}

func (s *server) superviseHazard(ctx context.Context, in *SuperviseHazardInput) (*EventOutput, error) {
	return s.onHazard(ctx, in.HazardPath, in.Acting, obligation.Command{Kind: obligation.Supervise, By: signer(ctx), Text: in.Body.Authority})
}

func (s *server) regradeHazard(ctx context.Context, in *RegradeHazardInput) (*EventOutput, error) {
	h := &obligation.Hazard{Grade: in.Body.Grade, Reviewer: in.Body.Reviewer}
	if h.Reviewer != "" {
		d, err := s.Reader.Definition(ctx, in.Plan)
		if err != nil {
			return nil, err
		}
		u, ok := d.Plan.Unit(h.Reviewer)
		if !ok {
			return nil, &obligation.Error{Code: obligation.CodeHazardReviewer}
		}
		h.ReviewerName = u.Name
	}
	return s.onHazard(ctx, in.HazardPath, in.Acting, obligation.Command{
		Kind: obligation.Regrade, By: by(ctx, obligation.RoleOffice), Text: in.Body.Reason, Hazard: h,
	})
}

func (s *server) reviewHazard(ctx context.Context, in *ReviewHazardInput) (*EventOutput, error) {
	c := obligation.Command{Kind: obligation.PassReview, By: by(ctx, obligation.RoleOffice), Text: in.Body.Text}
	if who := caller(ctx); who.Role == account.Unit {
		c.By, c.Unit = by(ctx, obligation.RoleUnit), who.Unit
	}
	if !in.Body.Passed {
		c.Kind = obligation.FailReview
	}
	var err error
	if c.Checked, err = date("body.checked", in.Body.Checked); err != nil {
		return nil, err
	}
	if c.Due, err = date("body.due", in.Body.Due); err != nil {
		return nil, err
	}
	if in.Body.Passed {
		c.Due = 0
	}
	return s.onHazard(ctx, in.HazardPath, in.Acting, c)
}

// onHazard puts a command to the obligation that the hazard is.
func (s *server) onHazard(ctx context.Context, in HazardPath, a Acting, c obligation.Command) (*EventOutput, error) {
	v, err := s.hazard(ctx, in)
	if err != nil {
		return nil, err
	}
	return s.command(ctx, v.State.ID, a, c)
}

// sameHazard reports whether the event says of a hazard what the command asked for.
func sameHazard(e obligation.Event, c obligation.Command) bool {
	if c.Kind == obligation.Regrade {
		h := e.Facts.Hazard
		return c.Hazard != nil && h.Grade == c.Hazard.Grade && (c.Hazard.Reviewer == "" || h.Reviewer == c.Hazard.Reviewer)
	}
	return e.Checked == c.Checked
}

func showHazard(v obligation.View, now time.Time) Hazard {
	st := v.State
	h, loc := st.Hazard, st.Policy.Location()
	out := Hazard{
		Number: h.Key(), Label: h.Label(), Grade: h.Grade, GradeLabel: h.Grade.Chinese(), Source: h.Source, SourceLabel: h.Source.Chinese(), Reference: h.Reference,
		Inspection: h.Inspection, Finding: h.Finding, Industry: h.Industry, IndustryLabel: obligation.IndustryName(h.Industry), Region: h.Region, RegionName: h.RegionName,
		Enterprise: h.Enterprise, Place: h.Place, Text: h.Text, Basis: h.Basis, Measures: h.Measures, Principal: h.Principal, Notified: h.Notified,
		Found: h.Found, Reviewer: h.Reviewer, ReviewerName: h.ReviewerName, PublicTitle: h.PublicTitle, Former: h.Former, Cancelled: st.CancelledOn(),
		Waited: st.DaysWaited(now), Obligation: showObligation(v, now),
	}
	if p := st.Supervision; p != nil {
		out.Supervision = &Supervision{in(p.At, loc), showActor(p.By), p.Authority}
	}
	if r := st.Review; r != nil {
		out.Review = &Review{in(r.At, loc), showActor(r.By), r.Checked, r.Text, r.Passed}
	}
	return out
}

// exportHazards writes the register as people keep it. Read in again it enters nothing.
func (s *server) exportHazards(ctx context.Context, in *HazardSelection) (*FileOutput, error) {
	f, d, err := s.hazardFilter(ctx, *in)
	if err != nil {
		return nil, err
	}
	views, err := s.hazards(ctx, f, maxExport)
	if err != nil {
		return nil, err
	}
	at := f.Now.In(obligation.Location(d.Plan.Zone))
	tab := Tab{Name: textHazards, Table: Table{Title: textHazardsTitle, Note: fmt.Sprintf(textExportNote, at.Format(minuteLayout), len(views)), Columns: hazardTableColumns()}}
	for _, h := range hazardStateHeadings {
		tab.Columns = append(tab.Columns, TableColumn{h, 14})
	}
	for _, v := range views {
		h := showHazard(v, f.Now)
		authority := ""
		if h.Supervision != nil {
			authority = h.Supervision.Authority
		}
		tab.Rows = append(tab.Rows, append(hazardlist.Cells(v.State),
			h.Obligation.StageLabel, h.Obligation.LightLabel, h.Obligation.WaitingOnName, authority, h.Obligation.RungLabel))
	}
	return s.hazardWorkbook(textHazardsTitle+" "+calendar.DateOf(at, at.Location()).String()+".xlsx", tab)
}

func (s *server) hazardWorkbook(name string, tabs ...Tab) (*FileOutput, error) {
	var out bytes.Buffer
	if err := s.Workbook(&out, tabs); err != nil {
		return nil, err
	}
	return spreadsheet(name, out.Bytes(), nil)
}

func hazardTableColumns() []TableColumn {
	return list(hazardlist.Fields(), func(f hazardlist.Field) TableColumn {
		width := 14.0
		switch f {
		case hazardlist.Enterprise, hazardlist.Place, hazardlist.Region, hazardlist.Reviewer, hazardlist.Unit:
			width = 24
		case hazardlist.Text, hazardlist.Basis, hazardlist.Measures:
			width = 40
		default:
		}
		return TableColumn{f.Chinese(), width}
	})
}
