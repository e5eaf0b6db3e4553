package workflows

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"duban/activities"
	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// commandTexts describe the Updates in the Temporal UI.
var commandTexts = map[obligation.CommandKind]string{
	obligation.Sign: "责任单位签收", obligation.Submit: "责任单位报送完成情况", obligation.Accept: "区安委办审核通过",
	obligation.Return: "区安委办退回补正", obligation.Nudge: "区安委办催问", obligation.Waive: "区安委办免办",
	obligation.SendBack: "责任单位退回（不属本单位）", obligation.RefuseSendBack: "区安委办不同意退回",
	obligation.ReportProgress: "责任单位报告进展", obligation.Skip: "区安委办越级拟文",
	obligation.Delegate: "责任单位委托代办", obligation.EndDelegation: "责任单位结束委托", obligation.HandOver: "移交联络员",
	obligation.BreakDown: "牵头单位分解给配合单位",
	obligation.Supervise: "挂牌督办", obligation.Regrade: "区安委办调整隐患等级",
	obligation.PassReview: "行业监管部门审核通过", obligation.FailReview: "行业监管部门审核不通过",
	obligation.PlanInspection: "区安委办安排督导检查", obligation.RecordInspection: "区安委办登记督导检查", obligation.AddFindings: "区安委办补充交办问题",
	obligation.Suspend: "区安委办中止办理", obligation.Resume: "区安委办恢复办理",
	obligation.Arrange: "约谈改期", obligation.Conclude: "登记约谈纪要", obligation.Rectify: "责任单位报送整改",
	obligation.VerifyRectification: "区安委办核查整改", obligation.ReturnRectification: "区安委办退回整改", obligation.WaiveRectification: "区安委办免予整改",
	obligation.AskExtension: "责任单位申请延期", obligation.GrantExtension: "区安委办同意延期", obligation.RefuseExtension: "区安委办不同意延期",
}

// The summaries of activities, timers and Updates in the Temporal UI.
const (
	textCatchUp  = "读取台账新增记录"
	textSignOff  = "签发文书"
	textWithdraw = "撤回文书"
	textHolder   = "提醒经办人"
	textDispatch = "汇总并发送通知"
	textCount    = "统计办理情况"
	textSeed     = "按最新方案启动或调整"
	textRevised  = "方案或清单有调整"
	textGone     = "方案或清单不再列有此项"
	textAdvance  = "演练时钟推进"
	textRegister = "登记隐患"
	textCarried  = "读取未销号的隐患"
	textClosing  = "方案期结束，不再登记隐患"
	textNewYear  = "节假日安排有调整"
	textOffice   = "区安委办"
	textAssess   = "按台账和评分规则计分"
	textRecord   = "记入考核评估："
)

// holderTexts name who holds an assessment up.
var holderTexts = map[string]string{"units": "责任单位", "office": textOffice, "leader": "安委会领导"}

func summaryOf(e obligation.Event) string {
	if e.Rung != "" {
		return "记入台账：" + e.Kind.Chinese() + "·" + e.Rung.Chinese()
	}
	return "记入台账：" + e.Kind.Chinese()
}

func openSummary(n int) string { return fmt.Sprintf("开立责任事项%d件", n) }

func slotSummary(s obligation.Slot) string {
	return fmt.Sprintf("开立%s %s", s.Measure.Code, s.Period.Label)
}

func obligationSummary(s obligation.State) string {
	return fmt.Sprintf("%s｜%s %s｜%s", s.UnitName, s.ID.Measure, s.Title, s.Period)
}

func obligationStaticDetails(s obligation.State) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**依据** 任务%s：%s\n\n**办结标准** %s\n\n**期限** %s（%s）", s.Task, s.Quote, s.Done, s.Due.Chinese(), s.Period)
	if s.BeforeIssue {
		b.WriteString("\n\n期限早于方案印发日，只记录、不催办。")
	}
	return b.String()
}

func obligationDetails(s obligation.State, cal *calendar.Calendar) string {
	var b strings.Builder
	loc := s.Policy.Location()
	fmt.Fprintf(&b, "**%s**｜期限 %s", s.Stage.Chinese(), s.Anchor.Chinese())
	if s.Original != s.Anchor {
		fmt.Fprintf(&b, "（原定 %s）", s.Original.Chinese())
	}
	if s.WasOverdue {
		b.WriteString("｜曾逾期")
	}
	if s.Extensions > 0 {
		fmt.Fprintf(&b, "｜已延期 %d 次", s.Extensions)
	}
	if s.SuspendedDays > 0 {
		fmt.Fprintf(&b, "｜中止过 %d 个工作日", s.SuspendedDays)
	}
	switch who := s.WaitingOn(); {
	case who == "":
	case s.Objection != nil:
		fmt.Fprintf(&b, "\n\n等待：区安委办答复退回（%s 退回：%s）", instant(s.Objection.At, loc), s.Objection.Reason)
	case s.Suspension != nil:
		fmt.Fprintf(&b, "\n\n等待：区安委办恢复办理（%s 中止：%s）", instant(s.Suspension.At, loc), s.Suspension.Reason)
	case s.Application != nil:
		fmt.Fprintf(&b, "\n\n等待：区安委办答复延期申请（%s 申请延至 %s）", instant(s.Application.At, loc), s.Application.Due.Chinese())
	case s.WaitsFor() == obligation.WaitSupervision:
		fmt.Fprintf(&b, "\n\n等待：区安委办挂牌督办；整改由%s负责", s.UnitName)
	case who == string(obligation.ToOffice):
		b.WriteString("\n\n等待：区安委办审核")
	default:
		fmt.Fprintf(&b, "\n\n等待：%s", s.HolderName())
	}
	for _, p := range s.Parts {
		fmt.Fprintf(&b, "\n\n配合：%s %s（期限 %s）%s", p.UnitName, p.Text, p.Due.Chinese(), cmp.Or(p.Stage, obligation.StageOpen).Chinese())
	}
	if s.Liaison != "" {
		fmt.Fprintf(&b, "\n\n联络员：%s", s.Liaison)
	}
	if d := s.Delegation; d != nil {
		fmt.Fprintf(&b, "\n\n委托代办：%s 代 %s，%s至%s", d.To, d.By, d.From.Chinese(), d.Until.Chinese())
	}
	if p := s.Progress; p != nil {
		b.WriteString(progressDetails(*p, loc))
	}
	if rung, ok := s.PendingDraft(); ok {
		fmt.Fprintf(&b, "；%s待签发", rung.Chinese())
	}
	if next, ok := obligation.NextStep(s, cal); ok {
		fmt.Fprintf(&b, "\n\n下一步：%s %s", instant(next.At, loc), next.Describe())
	}
	if m := s.Meeting; m != nil && m.Rectification.Open() {
		fmt.Fprintf(&b, "\n\n约谈整改：%s，期限 %s", m.Rectification.Status().Chinese(), m.Rectification.Due.Chinese())
	}
	for _, f := range s.Formals {
		fmt.Fprintf(&b, "\n\n- %s %s：%s", instant(f.Drafted, loc), f.Rung.Chinese(), formalStatus(f))
	}
	return b.String()
}

func progressDetails(p obligation.Progress, loc *time.Location) string {
	var b strings.Builder
	b.WriteString("\n\n进展：" + instant(p.At, loc))
	if p.Percent != nil {
		fmt.Fprintf(&b, " %d%%", *p.Percent)
	}
	if p.Text != "" {
		b.WriteString(" " + p.Text)
	}
	return b.String()
}

func formalStatus(f obligation.Formal) string {
	switch {
	case f.Settled.IsZero():
		return "待签发"
	case f.Number == "":
		return "已撤回"
	default:
		return "已签发 " + f.Number
	}
}

func instant(t time.Time, loc *time.Location) string {
	return t.In(loc).Format("2006年1月2日 15:04")
}

func documentSummary(d obligation.Document) string { return d.Rung.Chinese() + "｜" + d.Title }

func documentDetails(d obligation.Document, loc *time.Location) string {
	var b strings.Builder
	switch d.Status {
	case obligation.DocumentDraft:
		fmt.Fprintf(&b, "**待签发**｜拟于 %s", instant(d.Drafted, loc))
	case obligation.DocumentIssued:
		fmt.Fprintf(&b, "**已签发** %s｜%s｜%s", d.Number, d.SignedBy, instant(d.Settled, loc))
	case obligation.DocumentWithdrawn:
		fmt.Fprintf(&b, "**已撤回** %s｜%s", instant(d.Settled, loc), d.Reason)
	}
	if m := d.Meeting; m != nil {
		b.WriteString(meetingDetails(*m, loc))
	}
	fmt.Fprintf(&b, "\n\n%s", d.Body)
	return b.String()
}

func meetingDetails(m obligation.Meeting, loc *time.Location) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n\n约谈：%s，%s", instant(m.At, loc), m.Place)
	if m.Material != "" {
		fmt.Fprintf(&b, "；携带材料：%s", m.Material)
	}
	if m.Outcome != "" {
		fmt.Fprintf(&b, "；结果：%s", m.Outcome)
	}
	for _, move := range m.Moves {
		fmt.Fprintf(&b, "\n\n- %s 改期：%s → %s（%s）", instant(move.On, loc), instant(move.From, loc), instant(move.To, loc), move.Reason)
	}
	if r := m.Rectification; r != nil {
		fmt.Fprintf(&b, "\n\n**整改：%s**｜期限 %s｜%s", r.Status().Chinese(), r.Due.Chinese(), r.Demands)
		if r.Original != r.Due {
			fmt.Fprintf(&b, "（原定 %s）", r.Original.Chinese())
		}
	}
	return b.String()
}

func taskSummary(t plan.Task) string { return "任务" + t.Code + "｜" + t.Title }

func taskDetails(d obligation.Definition, c obligation.Count, pending []obligation.Slot) string {
	var b strings.Builder
	fmt.Fprintf(&b, "责任事项 %d 件：在办 %d（红灯 %d、黄灯 %d），已完成 %d，已免办 %d，补录 %d", c.Total, c.Open, c.Red, c.Yellow, c.Closed, c.Waived, c.History)
	if len(pending) > 0 {
		next := pending[0]
		fmt.Fprintf(&b, "\n\n下一批：%s %s %s，%s开立；尚未开立 %d 批", next.Measure.Code, next.Measure.Title, next.Period.Label,
			instant(next.At, obligation.Location(d.Plan.Zone)), len(pending))
	}
	for _, m := range d.Plan.Measures {
		fmt.Fprintf(&b, "\n\n- %s %s", m.Code, m.Title)
	}
	return b.String()
}

func planSummary(p plan.Plan) string { return p.Number + " " + p.Title }

func planDetails(in PlanInput) string {
	p := in.Definition.Plan
	return fmt.Sprintf("%s\n\n任务 %d 项（已启动 %d，已结束 %d），分项任务 %d 项，责任单位 %d 家；方案第 %d 版，起算日 %s",
		p.Title, len(p.Tasks), len(in.Started), len(in.Done), len(p.Measures), len(p.Units), in.Definition.Version, in.Definition.AsOf.Chinese())
}

func assessmentSummary(p plan.Plan, half assessment.Half) string {
	return half.Chinese() + "考核评估｜" + p.Number
}

func assessmentDetails(s assessment.State, next time.Time, loc *time.Location) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**", s.Stage.Chinese())
	if len(s.Card.Units) > 0 {
		fmt.Fprintf(&b, "｜%d 家单位，评分规则：%s", len(s.Card.Units), s.Card.Rules.Title)
	}
	if s.Stage == assessment.StageUnits {
		fmt.Fprintf(&b, "\n\n自评和申诉截止 %s，尚无意见 %d 家", s.Until.Chinese(), len(s.Silent()))
	}
	if who := holderTexts[s.WaitingOn()]; who != "" {
		fmt.Fprintf(&b, "\n\n等待：%s", who)
	}
	if s.Why != "" {
		fmt.Fprintf(&b, "（领导退回：%s）", s.Why)
	}
	if !next.IsZero() {
		fmt.Fprintf(&b, "\n\n下一步：%s", instant(next, loc))
	}
	return b.String()
}

func dispatchSummary(p plan.Plan) string { return "通知发送｜" + p.Number }

func dispatchDetails(at time.Time, loc *time.Location, d activities.Dispatched) string {
	return fmt.Sprintf("上次发送 %s：汇总 %d 份，外发成功 %d、待重试 %d、失败 %d、结果不明 %d",
		instant(at, loc), d.Digests, d.Sent, d.Retry, d.Failed, d.Unknown)
}

// View is a list that people look for in the Temporal UI.
type View struct {
	Name  string
	Query string // by search attributes
}

// failingQuery finds the workflows whose tasks fail.
const failingQuery = `TemporalReportedProblems IN ("category=WorkflowTaskFailed", "category=WorkflowTaskTimedOut")`

// Views are the lists that the office looks for most.
var Views = []View{
	{"责任事项", `WorkflowType = "ObligationWorkflow" AND ExecutionStatus = "Running"`},
	{"红灯", `DubanLight = "` + obligation.Red.Chinese() + `" AND ExecutionStatus = "Running"`},
	{"待审核", `DubanStage = "` + obligation.StageSubmitted.Chinese() + `" AND ExecutionStatus = "Running"`},
	{"文书", `WorkflowType = "DocumentWorkflow" AND ExecutionStatus = "Running"`},
	{"考核评估", `WorkflowType = "AssessmentWorkflow" AND ExecutionStatus = "Running"`},
	{"任务", `WorkflowType = "TaskWorkflow" AND ExecutionStatus = "Running"`},
	{"出错的流程", failingQuery},
}

// revised says why a definition changed something.
func revised(what, reason string) string {
	if reason == "" {
		return what
	}
	return what + "：" + reason
}
