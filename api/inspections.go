package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// InspectionsInput selects the inspections of a plan.
type InspectionsInput struct {
	Plan  string                     `path:"plan" maxLength:"64" doc:"方案代码"`
	Year  int                        `query:"year" minimum:"1990" maximum:"2199" doc:"到期的年份"`
	Unit  string                     `query:"unit" maxLength:"64" doc:"受检单位代码：只要安排或检查过它的"`
	State obligation.InspectionStage `query:"state" enum:"unplanned,planned,recorded,done,dropped" doc:"状态：未安排、已安排、已登记、已办结、免办或补录"`
}

// InspectionList are the inspections of a plan, and how they cover its units.
type InspectionList struct {
	Inspections []Inspection `json:"inspections" doc:"每周的督导检查，最近的在前；尚未到的周不在其中"`
	Coverage    []Coverage   `json:"coverage" doc:"各单位的检查情况，建议先查的在前：最久没有检查的，同样的以未整改问题多的为先；不受筛选影响"`
	Ladders     []LadderRef  `json:"ladders" doc:"可用于交办问题的升级阶梯，默认的在前"`
}

// LadderRef names a ladder.
type LadderRef struct {
	Code  string `json:"code" doc:"阶梯代码"`
	Title string `json:"title" doc:"阶梯名称"`
}

// Inspection is a week's inspection in a list.
type Inspection struct {
	Measure     string                     `json:"measure" doc:"分项任务编号"`
	Unit        string                     `json:"unit" doc:"组织检查的单位代码"`
	Period      string                     `json:"period" doc:"周期代码"`
	PeriodLabel string                     `json:"periodLabel" doc:"周期名称"`
	Start       calendar.Date              `json:"start,omitzero" format:"date" doc:"本期第一天"`
	Due         calendar.Date              `json:"due" format:"date" doc:"到期日"`
	State       obligation.InspectionStage `json:"state" enum:"unplanned,planned,recorded,done,dropped" doc:"检查的状态"`
	StateLabel  string                     `json:"stateLabel" doc:"检查的状态名称"`
	Stage       obligation.Stage           `json:"stage" doc:"责任事项的状态"`
	StageLabel  string                     `json:"stageLabel" doc:"责任事项的状态名称"`
	Light       obligation.Light           `json:"light" enum:"green,yellow,red,none" doc:"责任事项此刻的亮灯"`
	LightLabel  string                     `json:"lightLabel" doc:"亮灯名称"`
	Theme       string                     `json:"theme,omitempty" doc:"检查主题"`
	Units       []string                   `json:"units" doc:"受检单位名称"`
	Findings    int                        `json:"findings" doc:"问题数"`
	Open        int                        `json:"open" doc:"未办结的问题数"`
	Overdue     int                        `json:"overdue" doc:"其中逾期的"`
	Major       int                        `json:"major" doc:"重大问题数：应登记为重大事故隐患"`
}

// Coverage says how a unit was inspected.
type Coverage struct {
	Unit     string        `json:"unit" doc:"单位代码"`
	UnitName string        `json:"unitName" doc:"单位名称"`
	Visits   int           `json:"visits" doc:"检查过几期"`
	Last     calendar.Date `json:"last,omitzero" format:"date" doc:"最近一次检查的日期；没有检查过的没有"`
	Days     int           `json:"days" doc:"多少天没有检查；没有检查过的，从检查制度开始之日算起"`
	Open     int           `json:"open" doc:"未办结的问题数"`
	Overdue  int           `json:"overdue" doc:"其中逾期的"`
}

// InspectionDetail is everything about one inspection.
type InspectionDetail struct {
	Inspection
	Seq      int              `json:"seq" doc:"台账序号，可作为办理时的 If-Match"`
	Plan     *InspectionSheet `json:"plan,omitempty" doc:"安排；没有安排则不出现"`
	Changes  int              `json:"changes,omitempty" doc:"安排改过几次；历次安排在台账里"`
	Record   *InspectionSheet `json:"record,omitempty" doc:"检查情况；没有登记则不出现"`
	Summary  string           `json:"summary,omitempty" doc:"检查小结"`
	Recorded time.Time        `json:"recorded,omitzero" doc:"登记时间"`
	Report   string           `json:"report,omitempty" doc:"按检查情况拟的完成情况，供报送时使用"`
	List     []Finding        `json:"list" doc:"问题清单，按序号排列"`
	Units    []UnitRef        `json:"allUnits" doc:"可以检查的单位"`
	Ladders  []LadderRef      `json:"ladders" doc:"可用于交办问题的升级阶梯，默认的在前"`
}

// InspectionSheet is what an inspection is about: as it was planned, or as it was recorded.
type InspectionSheet struct {
	Theme    string  `json:"theme" doc:"检查主题"`
	Basis    string  `json:"basis,omitempty" doc:"检查依据"`
	Material string  `json:"material,omitempty" doc:"携带的材料、仪器"`
	Visits   []Visit `json:"visits" doc:"受检单位"`
}

// Visit is what an inspection looks at with one unit.
type Visit struct {
	Unit     string        `json:"unit" doc:"受检单位代码"`
	UnitName string        `json:"unitName" doc:"受检单位名称"`
	Day      calendar.Date `json:"day" format:"date" doc:"检查日期"`
	Places   string        `json:"places,omitempty" doc:"企业、场所"`
	People   string        `json:"people,omitempty" doc:"检查人员"`
	Seen     string        `json:"seen,omitempty" doc:"检查情况：查看了什么"`
}

// Finding is what an inspection found, and how it stands.
type Finding struct {
	Inspection    string              `json:"inspection" doc:"哪次检查：方案/分项任务/单位/周期"`
	PeriodLabel   string              `json:"periodLabel" doc:"检查的周期名称"`
	N             int                 `json:"n" doc:"序号，在该次检查之内"`
	Unit          string              `json:"unit" doc:"责任单位代码"`
	UnitName      string              `json:"unitName" doc:"责任单位名称"`
	Place         string              `json:"place,omitempty" doc:"企业、场所"`
	Text          string              `json:"text" doc:"问题"`
	Basis         string              `json:"basis,omitempty" doc:"依据的条款"`
	Severity      obligation.Severity `json:"severity" enum:"common,grave,major" doc:"严重程度"`
	SeverityLabel string              `json:"severityLabel" doc:"严重程度名称"`
	Major         bool                `json:"major,omitempty" doc:"重大：应登记为重大事故隐患"`
	Demands       string              `json:"demands" doc:"整改要求"`
	Due           calendar.Date       `json:"due" format:"date" doc:"交办时的期限"`
	Ladder        string              `json:"ladder,omitempty" doc:"升级阶梯代码"`
	Obligation    *Obligation         `json:"obligation,omitempty" doc:"该问题的责任事项，按此刻的情况；正在开立的没有"`
}

// EventFinding is a finding as the ledger has it.
type EventFinding struct {
	N             int           `json:"n" doc:"序号"`
	Unit          string        `json:"unit" doc:"责任单位代码"`
	UnitName      string        `json:"unitName" doc:"责任单位名称"`
	Place         string        `json:"place,omitempty" doc:"企业、场所"`
	Text          string        `json:"text" doc:"问题"`
	SeverityLabel string        `json:"severityLabel" doc:"严重程度名称"`
	Demands       string        `json:"demands" doc:"整改要求"`
	Due           calendar.Date `json:"due" format:"date" doc:"期限"`
}

func showFindings(findings []obligation.Finding) []EventFinding {
	if len(findings) == 0 {
		return nil
	}
	return list(findings, func(f obligation.Finding) EventFinding {
		return EventFinding{f.N, f.Unit, f.UnitName, f.Place, f.Text, f.Severity.Chinese(), f.Demands, f.Due}
	})
}

// FindingsInput selects findings.
type FindingsInput struct {
	Plan  string             `path:"plan" maxLength:"64" doc:"方案代码"`
	Year  int                `query:"year" minimum:"1990" maximum:"2199" doc:"检查到期的年份"`
	Of    []string           `query:"of" maxItems:"200" doc:"责任单位代码，可列多个，以逗号分隔"`
	Light []obligation.Light `query:"light" maxItems:"4" enum:"green,yellow,red,none" doc:"此刻的亮灯，可列多个，以逗号分隔"`
	Open  string             `query:"open" enum:"true,false" doc:"true 未办结，false 已办结"`
	Level string             `query:"severity" enum:"common,grave,major" doc:"严重程度"`
}

// FindingList are findings, latest inspection first.
type FindingList struct {
	Findings []Finding `json:"findings" doc:"问题，最近的检查在前"`
}

// SheetInput plans an inspection.
type SheetInput struct {
	ObligationPath
	Acting
	Body SheetBody
}

// SheetBody is the plan.
type SheetBody struct {
	Theme    string       `json:"theme" minLength:"1" maxLength:"200" doc:"检查主题"`
	Basis    string       `json:"basis,omitempty" maxLength:"1000" doc:"检查依据"`
	Material string       `json:"material,omitempty" maxLength:"1000" doc:"携带的材料、仪器"`
	Visits   []VisitInput `json:"visits" minItems:"1" maxItems:"60" doc:"受检单位"`
	Reason   string       `json:"reason,omitempty" maxLength:"4000" doc:"改变安排的理由；首次安排可以不填"`
}

// VisitInput is what is looked at with one unit.
type VisitInput struct {
	Unit   string `json:"unit" maxLength:"64" doc:"受检单位代码"`
	Day    string `json:"day" format:"date" doc:"检查日期，须在本期之内"`
	Places string `json:"places,omitempty" maxLength:"200" doc:"企业、场所"`
	People string `json:"people,omitempty" maxLength:"200" doc:"检查人员"`
	Seen   string `json:"seen,omitempty" maxLength:"1000" doc:"检查情况：查看了什么；登记时必填"`
}

// RecordInput records an inspection.
type RecordInput struct {
	ObligationPath
	Acting
	Body RecordBody
}

// RecordBody is the record.
type RecordBody struct {
	Theme    string         `json:"theme" minLength:"1" maxLength:"200" doc:"检查主题"`
	Basis    string         `json:"basis,omitempty" maxLength:"1000" doc:"检查依据"`
	Material string         `json:"material,omitempty" maxLength:"1000" doc:"携带的材料、仪器"`
	Visits   []VisitInput   `json:"visits" minItems:"1" maxItems:"60" doc:"受检单位和检查情况"`
	Findings []FindingInput `json:"findings,omitempty" maxItems:"100" doc:"发现的问题；没有则不填"`
	Summary  string         `json:"summary,omitempty" maxLength:"4000" doc:"检查小结"`
}

// FindingInput is what was found.
type FindingInput struct {
	Unit     string              `json:"unit" maxLength:"64" doc:"责任单位代码，须是受检单位"`
	Place    string              `json:"place,omitempty" maxLength:"200" doc:"企业、场所"`
	Text     string              `json:"text" minLength:"1" maxLength:"200" doc:"问题"`
	Basis    string              `json:"basis,omitempty" maxLength:"200" doc:"依据的条款"`
	Severity obligation.Severity `json:"severity" enum:"common,grave,major" doc:"严重程度：一般、较大、重大"`
	Demands  string              `json:"demands" minLength:"1" maxLength:"1000" doc:"整改要求"`
	Due      string              `json:"due,omitempty" format:"date" doc:"整改期限，须晚于今天；不填按阶梯的补正时间（工作日）"`
	Ladder   string              `json:"ladder,omitempty" maxLength:"64" doc:"升级阶梯代码；不填为交办阶梯，方案没有交办阶梯的为默认阶梯"`
}

// AddFindingsInput hands over what was found later.
type AddFindingsInput struct {
	ObligationPath
	Acting
	Body AddFindingsBody
}

// AddFindingsBody is what was found later.
type AddFindingsBody struct {
	Findings []FindingInput `json:"findings" minItems:"1" maxItems:"100" doc:"补充的问题"`
	Reason   string         `json:"reason,omitempty" maxLength:"4000" doc:"说明"`
}

// PromoteInput enters a finding into the register of hazards.
type PromoteInput struct {
	ObligationPath
	Acting
	Body PromoteBody
}

// PromoteBody is what the register has to know beyond what the inspection recorded.
type PromoteBody struct {
	Due         string `json:"due" format:"date" doc:"整改期限"`
	Industry    string `json:"industry" maxLength:"40" doc:"行业领域代码，见 get-hazard-options"`
	Region      string `json:"region" maxLength:"64" doc:"街道（镇）代码"`
	Enterprise  string `json:"enterprise" maxLength:"200" doc:"企业（单位）名称"`
	Place       string `json:"place" maxLength:"200" doc:"地点"`
	Basis       string `json:"basis,omitempty" maxLength:"2000" doc:"判定依据：判定标准的条款"`
	Measures    string `json:"measures,omitempty" maxLength:"2000" doc:"整改措施和整改前的防范措施"`
	Principal   string `json:"principal,omitempty" maxLength:"200" doc:"主要负责人、实际控制人"`
	Notified    string `json:"notified,omitempty" maxLength:"200" doc:"何时以何种方式告知"`
	Reviewer    string `json:"reviewer" maxLength:"64" doc:"审核单位代码，不能是责任单位"`
	PublicTitle string `json:"publicTitle,omitempty" maxLength:"200" doc:"对外公布的名称"`
}

// OrderInput asks for the 交办单 that a finding stands on.
type OrderInput struct {
	ObligationPath
	Format
}

func (s *server) registerInspections() {
	notFound := []Code{Code(obligation.CodeNotFound)}
	const one = "/obligations/{plan}/{measure}/{unit}/{period}"
	get := func(id, path string, codes ...Code) operation {
		return operation{id: id, method: http.MethodGet, path: path, tag: tagInspections, codes: append(codes, notFound...)}
	}
	act := func(id, verb string, codes ...obligation.ErrorCode) operation {
		all := append(list(codes, func(c obligation.ErrorCode) Code { return Code(c) }), codesOfCommands...)
		return operation{id: id, method: http.MethodPost, path: one + "/" + verb, tag: tagInspections, limit: s.CommandTimeout, codes: all}
	}
	register(s, get("list-inspections", "/plans/{plan}/inspections"), s.listInspections)
	register(s, get("get-inspection", one+"/inspection", Code(obligation.CodeNoInspection)), s.getInspection)
	register(s, act("plan-inspection", "plan-inspection", obligation.CodeNoInspection, obligation.CodeInspectionRecorded, obligation.CodeInReview,
		obligation.CodeInspectionInvalid, obligation.CodeVisitDay, obligation.CodeNothingToDo), s.planInspection)
	found := []obligation.ErrorCode{obligation.CodeNoInspection, obligation.CodeFindingInvalid, obligation.CodeFindingUnit, obligation.CodeFindingDue}
	register(s, act("record-inspection", "record-inspection", append(found, obligation.CodeInspectionRecorded, obligation.CodeInReview,
		obligation.CodeInspectionInvalid, obligation.CodeVisitDay, obligation.CodeVisitUnseen)...), s.recordInspection)
	register(s, act("add-findings", "add-findings", append(found, obligation.CodeInspectionUnrecorded)...), s.addFindings)
	refusals := []obligation.ErrorCode{obligation.CodeNoFinding, obligation.CodePromoted, obligation.CodeClosed}
	register(s, act("promote-finding", "promote", append(refusals, refusalsOfEntries...)...), s.promoteFinding)
	register(s, get("list-findings", "/plans/{plan}/findings"), s.listFindings)
	export := get("export-findings", "/plans/{plan}/findings/export")
	export.limit = exportTimeout
	export.content = map[string]*huma.MediaType{spreadsheetType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	register(s, export, s.exportFindings)
	if s.Letters == nil {
		return
	}
	order := get("download-order", one+"/order", Code(obligation.CodeNoInspection), CodePDFMissing, CodePDFFailed)
	order.limit, order.content = pdfTimeout, map[string]*huma.MediaType{}
	for _, t := range mediaTypes {
		order.content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	register(s, order, s.downloadOrder)
}

// inspected is everything that a plan's inspections and their findings are.
type inspected struct {
	definition  obligation.Definition
	inspections []obligation.View // latest first
	findings    map[obligation.ID]obligation.View
	since       calendar.Date // the first day of the first one
}

// inspected reads the inspections of a plan.
func (s *server) inspected(ctx context.Context, code string) (inspected, error) {
	d, err := s.Reader.Definition(ctx, code)
	out := inspected{definition: d, findings: map[obligation.ID]obligation.View{}}
	if err != nil {
		return out, err
	}
	for _, m := range d.Plan.Measures {
		if m.Form != plan.FormInspection {
			continue
		}
		if periods, err := d.Periods(m); err == nil && len(periods) > 0 && (out.since.IsZero() || periods[0].Start < out.since) {
			out.since = periods[0].Start
		}
		f := obligation.Filter{Plan: code, Measure: m.Code, Now: s.Now(), Sort: obligation.SortDue, Descending: true, Limit: exportPage}
		for {
			page, err := s.Reader.List(ctx, f)
			if err != nil {
				return out, err
			}
			for _, v := range page.Views {
				switch {
				case v.State.Finding > 0:
					out.findings[v.State.ID] = v
				case v.State.Part == 0:
					out.inspections = append(out.inspections, v)
				}
			}
			if page.Next == "" {
				break
			}
			f.After = page.Next
		}
	}
	slices.SortStableFunc(out.inspections, func(a, b obligation.View) int { return int(b.State.Original - a.State.Original) })
	return out, nil
}

func (s *server) listInspections(ctx context.Context, in *InspectionsInput) (*Body[InspectionList], error) {
	all, err := s.inspected(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	today := calendar.DateOf(now, obligation.Location(all.definition.Plan.Zone))
	out := InspectionList{Inspections: []Inspection{}, Ladders: ladderRefs(all.definition)}
	states := make([]obligation.State, len(all.inspections))
	for i, v := range all.inspections {
		st := v.State
		states[i] = st
		if in.Year != 0 && st.Original.Year() != in.Year || in.State != "" && st.InspectionStage() != in.State || in.Unit != "" && !visits(st, in.Unit) {
			continue
		}
		out.Inspections = append(out.Inspections, all.show(v, now))
	}
	var places []obligation.Place
	for _, u := range all.definition.Plan.Units {
		if u.ValidOn(today) {
			places = append(places, obligation.Place{Unit: u.Code, UnitName: u.Name})
		}
	}
	findings := make([]obligation.View, 0, len(all.findings))
	for _, v := range all.findings {
		findings = append(findings, v)
	}
	out.Coverage = list(obligation.Covers(places, states, findings, all.since, today), func(c obligation.Coverage) Coverage {
		return Coverage{c.Unit, c.UnitName, c.Visits, c.Last, c.Days, c.Open, c.Overdue}
	})
	return answer(out), nil
}

// visits reports whether an inspection was with the unit, or is to be.
func visits(st obligation.State, unit string) bool {
	sheet := sheetOf(st)
	return sheet != nil && slices.ContainsFunc(sheet.Visits, func(v obligation.Visit) bool { return v.Unit == unit })
}

// sheetOf returns what is known of an inspection: its record, or else its plan.
func sheetOf(st obligation.State) *obligation.InspectionSheet {
	if st.Inspection == nil {
		return nil
	}
	if st.Inspection.Record != nil {
		return st.Inspection.Record
	}
	return st.Inspection.Plan
}

func (all inspected) show(v obligation.View, now time.Time) Inspection {
	st := v.State
	light := obligation.DeriveLight(v.Standing, now)
	state := st.InspectionStage()
	out := Inspection{
		Measure: st.ID.Measure, Unit: st.ID.Unit, Period: st.ID.Period, PeriodLabel: st.Period, Start: st.Start, Due: st.Due,
		State: state, StateLabel: state.Chinese(), Stage: st.Stage, StageLabel: st.Stage.Chinese(), Light: light, LightLabel: light.Chinese(), Units: []string{},
	}
	if sheet := sheetOf(st); sheet != nil {
		out.Theme = sheet.Theme
		for _, v := range sheet.Visits {
			if !slices.Contains(out.Units, v.UnitName) {
				out.Units = append(out.Units, v.UnitName)
			}
		}
	}
	for _, f := range st.Findings() {
		out.Findings++
		if f.Severity == obligation.SeverityMajor {
			out.Major++
		}
		of, opened := all.findings[obligation.FindingID(st.ID, f)]
		if !opened || !of.State.IsClosed() {
			out.Open++
		}
		if opened && !of.State.IsClosed() && of.State.Overdue {
			out.Overdue++
		}
	}
	return out
}

func (all inspected) list(st obligation.State, now time.Time) []Finding {
	return list(st.Findings(), func(f obligation.Finding) Finding {
		out := Finding{
			Inspection: st.ID.String(), PeriodLabel: st.Period, N: f.N, Unit: f.Unit, UnitName: f.UnitName, Place: f.Place, Text: f.Text, Basis: f.Basis,
			Severity: f.Severity, SeverityLabel: f.Severity.Chinese(), Major: f.Severity == obligation.SeverityMajor, Demands: f.Demands, Due: f.Due, Ladder: f.Ladder,
		}
		if v, opened := all.findings[obligation.FindingID(st.ID, f)]; opened {
			o := showObligation(v, now)
			out.Obligation = &o
		}
		return out
	})
}

func ladderRefs(d obligation.Definition) []LadderRef {
	first, _ := d.FindingLadder("")
	out := []LadderRef{{first.Code, first.Title}}
	for _, l := range d.Ladders {
		if l.Code != first.Code {
			out = append(out, LadderRef{l.Code, l.Title})
		}
	}
	return out
}

func (s *server) getInspection(ctx context.Context, path *ObligationPath) (*Body[InspectionDetail], error) {
	v, err := s.Reader.Load(ctx, path.id())
	if err != nil {
		return nil, err
	}
	st := v.State
	if !st.IsInspection() {
		return nil, &obligation.Error{Code: obligation.CodeNoInspection}
	}
	d, err := s.Reader.Definition(ctx, path.Plan)
	if err != nil {
		return nil, err
	}
	all := inspected{definition: d, findings: map[obligation.ID]obligation.View{}}
	for _, f := range st.Findings() {
		id := obligation.FindingID(st.ID, f)
		of, err := s.Reader.Load(ctx, id)
		if err != nil && !obligation.IsNotFound(err) {
			return nil, err
		}
		if err == nil { // else it is being opened
			all.findings[id] = of
		}
	}
	now, loc := s.Now(), st.Policy.Location()
	today := calendar.DateOf(now, loc)
	out := InspectionDetail{
		Inspection: all.show(v, now), Seq: st.Seq, Report: st.InspectionReport(), List: all.list(st, now), Units: []UnitRef{}, Ladders: ladderRefs(d),
	}
	for _, u := range d.Plan.Units {
		if u.ValidOn(today) {
			out.Units = append(out.Units, UnitRef{u.Code, u.Name})
		}
	}
	if i := st.Inspection; i != nil {
		out.Plan, out.Changes, out.Record, out.Summary, out.Recorded = showSheet(i.Plan), i.Changes, showSheet(i.Record), i.Summary, in(i.Recorded, loc)
	}
	return answer(out), nil
}

func showSheet(sheet *obligation.InspectionSheet) *InspectionSheet {
	if sheet == nil {
		return nil
	}
	return &InspectionSheet{sheet.Theme, sheet.Basis, sheet.Material, list(sheet.Visits, func(v obligation.Visit) Visit { return Visit(v) })}
}

func (s *server) planInspection(ctx context.Context, in *SheetInput) (*EventOutput, error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	sheet, err := readSheet(d, in.Body.Theme, in.Body.Basis, in.Body.Material, in.Body.Visits)
	if err != nil {
		return nil, err
	}
	return s.command(ctx, in.id(), in.Acting, obligation.Command{
		Kind: obligation.PlanInspection, By: by(ctx, obligation.RoleOffice), Text: in.Body.Reason, Inspection: sheet,
	})
}

func (s *server) recordInspection(ctx context.Context, in *RecordInput) (*EventOutput, error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	c := obligation.Command{Kind: obligation.RecordInspection, By: by(ctx, obligation.RoleOffice), Text: in.Body.Summary}
	if c.Inspection, err = readSheet(d, in.Body.Theme, in.Body.Basis, in.Body.Material, in.Body.Visits); err != nil {
		return nil, err
	}
	if c.Findings, c.Ladders, err = readFindings(d, in.Body.Findings); err != nil {
		return nil, err
	}
	return s.command(ctx, in.id(), in.Acting, c)
}

func (s *server) addFindings(ctx context.Context, in *AddFindingsInput) (*EventOutput, error) {
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	c := obligation.Command{Kind: obligation.AddFindings, By: by(ctx, obligation.RoleOffice), Text: in.Body.Reason}
	if c.Findings, c.Ladders, err = readFindings(d, in.Body.Findings); err != nil {
		return nil, err
	}
	return s.command(ctx, in.id(), in.Acting, c)
}

// promoteFinding enters a finding into the register as a major hazard. The task's workflow, which enters it, closes the finding: a
// process that ends in between leaves nothing half done, and the finding's own key lets nobody enter it twice.
func (s *server) promoteFinding(ctx context.Context, in *PromoteInput) (*HazardOutput, error) {
	v, err := s.Reader.Load(ctx, in.id())
	if err != nil {
		return nil, err
	}
	d, err := s.Reader.Definition(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	b := in.Body
	r := obligation.Registration{By: by(ctx, obligation.RoleOffice), Asked: in.Key, Hazard: obligation.Hazard{
		Industry: b.Industry, Region: b.Region, Enterprise: b.Enterprise, Place: b.Place, Basis: b.Basis, Measures: b.Measures,
		Principal: b.Principal, Notified: b.Notified, Reviewer: b.Reviewer, PublicTitle: b.PublicTitle,
	}}
	if r.Due, err = date("body.due", b.Due); err != nil {
		return nil, err
	}
	if r.Asked == "" {
		r.Asked = rand.Text()
	}
	out, err := s.promotion(ctx, v.State, r)
	if obligation.IsNotFound(err) {
		if err = s.promote(ctx, d, v.State, r, in.seen()); err == nil {
			out, err = s.promotion(ctx, v.State, r)
		}
	} else if err == nil {
		out.Replay = "true"
	}
	if err != nil {
		return nil, keyed{err, r.Asked}
	}
	return out, nil
}

// promote puts it to the register.
func (s *server) promote(ctx context.Context, d obligation.Definition, finding obligation.State, r obligation.Registration, seen int) error {
	files, err := s.evidence(ctx, finding.ID, finding.Policy.Location())
	if err != nil {
		return err
	}
	if r, err = finding.Promotion(r, list(files, func(f EvidenceItem) string { return f.Name }), seen); err != nil {
		return err
	}
	_, _, err = s.enter(ctx, d, r)
	return err
}

// promotion returns what the registration led to, CodePromoted where the finding is the hazard of another one, and CodeNotFound
// where it is none yet.
func (s *server) promotion(ctx context.Context, finding obligation.State, r obligation.Registration) (*HazardOutput, error) {
	was, err := s.Reader.EnteredByKey(ctx, finding.ID.Plan, obligation.PromotionKey(finding.ID))
	switch {
	case err != nil:
		return nil, err
	case was.Event.Asked != r.Asked:
		return nil, &obligation.Error{Code: obligation.CodePromoted}
	case !was.Event.By.Is(r.By) || was.State.Original != r.Due || was.State.Hazard.Enterprise != strings.TrimSpace(r.Hazard.Enterprise) ||
		was.State.Hazard.Reviewer != r.Hazard.Reviewer:
		return nil, newProblem(CodeKeyReused)
	}
	v, err := s.Reader.Load(ctx, was.State.ID)
	if err != nil {
		return nil, err
	}
	return &HazardOutput{Key: r.Asked, ETag: etag(v.State.Seq), Body: showHazard(v, s.Now())}, nil
}

func readSheet(d obligation.Definition, theme, basis, material string, visits []VisitInput) (*obligation.InspectionSheet, error) {
	out := obligation.InspectionSheet{Theme: theme, Basis: basis, Material: material}
	for i, v := range visits {
		day, err := date(fmt.Sprintf("body.visits[%d].day", i), v.Day)
		if err != nil {
			return nil, err
		}
		u, known := d.Plan.Unit(v.Unit)
		if !known {
			return nil, invalid(fmt.Sprintf("body.visits[%d].unit", i), textUnknownUnit)
		}
		out.Visits = append(out.Visits, obligation.Visit{Unit: v.Unit, UnitName: u.Name, Day: day, Places: v.Places, People: v.People, Seen: v.Seen})
	}
	return &out, nil
}

func readFindings(d obligation.Definition, findings []FindingInput) ([]obligation.Finding, []obligation.Ladder, error) {
	var out []obligation.Finding
	var ladders []obligation.Ladder
	for i, f := range findings {
		at := func(name string) string { return fmt.Sprintf("body.findings[%d].%s", i, name) }
		due, err := date(at("due"), f.Due)
		if err != nil {
			return nil, nil, err
		}
		u, known := d.Plan.Unit(f.Unit)
		if !known {
			return nil, nil, invalid(at("unit"), textUnknownUnit)
		}
		ladder, known := d.FindingLadder(f.Ladder)
		if !known {
			return nil, nil, invalid(at("ladder"), textUnknownLadder)
		}
		if !slices.ContainsFunc(ladders, func(l obligation.Ladder) bool { return l.Code == ladder.Code }) {
			ladders = append(ladders, ladder)
		}
		out = append(out, obligation.Finding{
			Unit: f.Unit, UnitName: u.Name, Place: f.Place, Text: f.Text, Basis: f.Basis, Severity: f.Severity, Demands: f.Demands, Due: due, Ladder: ladder.Code,
		})
	}
	return out, ladders, nil
}

// found returns the findings of a plan that the input selects; a unit hears of its own alone.
func (s *server) found(ctx context.Context, in FindingsInput) ([]Finding, error) {
	f := obligation.Filter{Units: in.Of}
	if err := ownUnit(ctx, &f); err != nil {
		return nil, err
	}
	all, err := s.inspected(ctx, in.Plan)
	if err != nil {
		return nil, err
	}
	out := []Finding{}
	for _, v := range all.inspections {
		if in.Year != 0 && v.State.Original.Year() != in.Year {
			continue
		}
		for _, found := range all.list(v.State, s.Now()) {
			light, open := obligation.Light(""), true
			if o := found.Obligation; o != nil {
				light, open = o.Light, all.findings[obligation.ID{Plan: o.Plan, Measure: o.Measure, Unit: o.Unit, Period: o.Period}].State.Closed.IsZero()
			}
			if len(f.Units) > 0 && !slices.Contains(f.Units, found.Unit) || len(in.Light) > 0 && !slices.Contains(in.Light, light) ||
				in.Open != "" && (in.Open == "true") != open || in.Level != "" && string(found.Severity) != in.Level {
				continue
			}
			out = append(out, found)
		}
	}
	return out, nil
}

func (s *server) listFindings(ctx context.Context, in *FindingsInput) (*Body[FindingList], error) {
	found, err := s.found(ctx, *in)
	return answer(FindingList{found}), err
}

func (s *server) exportFindings(ctx context.Context, in *FindingsInput) (*FileOutput, error) {
	found, err := s.found(ctx, *in)
	if err != nil {
		return nil, err
	}
	at := s.Now().In(zoneOfOffice)
	head := Table{Title: textFindings, Note: fmt.Sprintf(textExportNote, at.Format(minuteLayout), len(found)), Columns: findingColumns}
	rows := func(yield func([]string, error) bool) {
		for i, f := range found {
			if !yield(findingRow(i+1, f), nil) {
				return
			}
		}
	}
	var out bytes.Buffer
	if err := s.Spreadsheet(&out, head, rows); err != nil {
		return nil, err
	}
	name := textFindings + " " + calendar.DateOf(at, zoneOfOffice).String() + ".xlsx"
	return fileNamed(spreadsheetType, "findings.xlsx", name, out.Bytes()), nil
}

// findingRow is in the order of findingColumns.
func findingRow(n int, f Finding) []string {
	row := []string{strconv.Itoa(n), f.PeriodLabel, f.UnitName, f.Place, f.Text, f.Basis, f.SeverityLabel, f.Demands, f.Due.String()}
	if o := f.Obligation; o != nil {
		return append(row, o.Deadline.String(), o.StageLabel, o.LightLabel, o.RungLabel, o.WaitingOnName)
	}
	return append(row, "", "", "", "", "")
}

// downloadOrder makes the 交办单 of a finding's inspection and unit. It grows where findings are added, so it is never kept.
func (s *server) downloadOrder(ctx context.Context, in *OrderInput) (*FileOutput, error) {
	v, err := s.Reader.Load(ctx, in.id())
	if err != nil {
		return nil, err
	}
	id, found := v.State.Found()
	if !found {
		return nil, &obligation.Error{Code: obligation.CodeNoInspection}
	}
	inspection, err := s.Reader.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.download(ctx, paper{
		id: in.id(), name: "order", label: v.State.UnitName,
		write: func(ctx context.Context) (string, []byte, error) {
			def, err := s.Reader.Definition(ctx, in.Plan)
			if err != nil {
				return "", nil, err
			}
			return written(s.Letters.Order(inspection.State, v.State.ID.Unit, def))
		},
	}, in.Format.Format)
}
