package tasklist

import "duban/plan"

// Chinese returns the outcome as people read it.
func (o Outcome) Chinese() string { return outcomeNames[o] }

var outcomeNames = map[Outcome]string{
	Create: "新增", Update: "变更", Unchanged: "没有变化", Fault: "须改正", Confirm: "须确认", Skipped: "略去",
}

// Chinese returns the status as people read it.
func (s ImportStatus) Chinese() string { return statusNames[s] }

var statusNames = map[ImportStatus]string{Received: "已读取", Applied: "已应用"}

// What people read of a list.
const (
	textRemark              = "括号中的“%s”另有所指，没有读入"
	textRemarkProposal      = "按括号外的时限列；括号中的另有要求的，请另立一行"
	textReversed            = "起止时间颠倒：%v 至 %v"
	textReversedProposal    = "请核对起止时间"
	textOnlyStart           = "只写了起始时间 %s，没有写完成时限"
	textOutsidePlan         = "日期 %s 不在方案期限 %s 至 %s 之内"
	textNoSuchDay           = "没有 %d 年 %d 月 %d 日这一天"
	textNoSuchMonth         = "没有 %d 月这个月份"
	textNoSuchDayProposal   = "请改正日期"
	textEarlyMonth          = "“%d月初”没有写到日，请写明日期"
	textBeforeMonth         = "“%d月前”可能指 %d 月之前，也可能指当月底前"
	textBeforeMonthProposal = "按 %s 列"
	textOneOrMonth          = "“%s”中的“1、”可能是序号，也可能是 1 月"
	textDotOne              = "“%s”可能是 %s 年 1 月，也可能是电子表格把 %s.10 显示成了这样，请写明月份"
	textVague               = "“%s”不是日期，没有读入"
	textVagueProposal       = "请写明日期；没有期限的写“持续推进”"
	textNotEveryMonth       = "不是每个月都有 %d 日"
	textMonthEndProposal    = "按每期最后一天列"
	textOtherRhythm         = "周期“%s”没有对应的进度"
	textOtherRhythmProposal = "请改为每周、每月、每季度、每半年、每年，或写“持续推进”"
	textTimes               = "每期“%s”，系统按每期一次督办"
	textTimesProposal       = "按每期一次列，次数写入完成标准"
	textAlsoContinuous      = "既有日期又写持续推进"
	textAlsoRecurring       = "既有日期又有周期"
	textDatesOnly           = "只按写明的日期列"
	textManyRhythms         = "写了不止一种周期"
	textFirstRhythm         = "按%s列"
	textLeftOver            = "“%s”没有读入，请核对"
	textNoDeadline          = "没有写完成时限"
	textKeepDeadline        = "沿用现行时限：%s"
	textBeyond              = "%s 不在清单年度 %d 年"
	textBeyondProposal      = "确认后按 %s 列入方案"

	textUnitUnknown         = "没有“%s”这个单位"
	textUnitUnknownProposal = "请改正名称，或先在单位清单中加上"
	textUnitNear            = "没有“%s”这个单位"
	textUnitNearProposal    = "可能是%s"
	textUnitMany            = "“%s”可能指不止一个单位"
	textUnitManyProposal    = "请选定：%s"
	textUnitOpen            = "“%s”没有列全单位"
	textUnitOpenProposal    = "按已列明的单位列，其余请补充"
	textUnitVague           = "“%s”没有写明是哪些单位"
	textUnitGone            = "%s在 %d 年已不是有效单位"
	textUnitRemark          = "“%s”后的括号“%s”没有读入"
	textUnitRemarkProposal  = "按%s列"
	textGroupEmpty          = "方案中没有属于“%s”的单位"
	textNoUnits             = "没有写责任单位"
	textKeepUnits           = "沿用现行责任单位：%s"
	textTaskLead            = "由任务的牵头单位负责：%s"
	textNothingAbove        = "“%s”上面没有可以沿用的内容"

	textContinuedDue     = "第 %d 行续写了时限，不能确定各是谁的"
	textNoHeader         = "没有找到表头，不知道各列是什么"
	textNoHeaderProposal = "请对应各列：至少要有工作任务或具体措施一列"
	textNoText           = "没有写工作任务或措施"
	textStrayText        = "看不出这一行是什么"
	textStrayProposal    = "是任务的请补全各列；不是的请跳过此行"
	textTooLong          = "内容超过 %d 个字"
	textTooLongProposal  = "请分成几行"
	textTaskUnknown      = "看不出属于方案的哪项任务"
	textTaskUnsure       = "不能确定属于方案的哪项任务"
	textTaskProposal     = "可能是任务%s“%s”"
	textTaskMissing      = "方案中没有任务“%s”"
	textMeasureMissing   = "方案中没有分项任务“%s”"
	textMeasureAsNew     = "确认后作为新的分项任务 %s"
	textMeasureMaybe     = "与现有分项任务相近"
	textMeasureProposal  = "可能就是 %s“%s”；如不是，请选“新增”"
	textMeasureBeside    = "与 %s“%s”进度不同，确认后另列为 %s；如就是它，请选定"
	textMeasureSame      = "与第 %d 行是同一个分项任务 %s"
	textRowSame          = "与第 %d 行重复"
	textRowSameProposal  = "请跳过其中一行，或改为不同的内容"
	textPartsDiffer      = "措施分 %d 项，此格分 %d 项，对不上"
	textNoPart           = "确认里写了第 %d 项，这一行只有 %d 项"
	textNoPartProposal   = "请核对确认（parts）里的项号"
	textPart             = "第%d项："
	textPartsProposal    = "请按①②分别写明"
	textOtherYears       = "现行进度“%s”还管着其他年度，改为“%s”会一并改动"
	textOtherYearsPropos = "确认后从清单年度起改；其他年度不变的请选“新增”"
	textAnswerTask       = "选定的任务“%s”不在方案中"
	textAnswerUnit       = "选定的单位“%s”不在方案中"
	textAnswerDue        = "选定的日期“%s”无效或不在方案期限之内"
	textAnswerKind       = "选定的进度“%s”缺少日期或周期"
	textPlanFault        = "读得懂，但不能列入方案：%s"

	textChange    = "%s：%s → %s"
	textNone      = "（无）"
	textDueOf     = "完成时限"
	textUnitsOf   = "责任单位"
	textLeadOf    = "牵头单位"
	textTitleOf   = "具体措施"
	textDoneOf    = "完成标准"
	textSpanOf    = "起止日期"
	textSpan      = "%s 至 %s"
	textSourceRow = "%s第%d行"
	textList      = "%d年工作任务清单"

	textDoneUnwritten = "清单未写完成标准，由区安委办认定。"
	textNoteDone      = "清单没有写完成标准"
	textNoteDue       = "清单没有把完成时限写到日或写明年份，按本年度该月、该季或该年最后一天计"
	textNoteAudience  = "责任单位由区安委办确认"
	textNoteSchedule  = "完成时限由区安委办确认"
	textNoteRemark    = "清单备注：%s"

	textPending = "还有 %d 行没有确认或有错误，第 %s 行；请先确认、改正或跳过"
	textUnsound = "清单列入后方案有误：%s"

	textContinuous  = "持续推进"
	textAsBefore    = "按现行进度"
	textSep         = "、"
	textMonthlyOn   = "每月%s日前"
	textDueOn       = "%s前"
	textQuarterlyOn = "每季度末月%s日前"
	textYearlyOn    = "每年%[1]s月%[2]s日前"
	textWeeklyOn    = "每周"
)

// kindTexts are what schedules are called where there is nothing shorter to say.
var kindTexts = map[plan.ScheduleKind]string{
	plan.Milestone: "定期完成", plan.Recurring: "周期性", plan.Continuous: textContinuous,
}

// rhythmTexts are the rhythms that people have a word for.
var rhythmTexts = map[rhythm]string{
	{"0 0 1 1 *", plan.CronStart}:        "每年",
	{"0 0 1 1,7 *", plan.CronStart}:      "每半年",
	{"0 0 1 1,4,7,10 *", plan.CronStart}: "每季度",
	{"0 0 1 * *", plan.CronStart}:        "每月",
	{"0 0 * * 1", plan.CronStart}:        "每周",
}

// headings are what columns are called; marks, brackets and white space in headings do not count.
var headings = map[string]Field{
	"序号": FieldNumber, "编号": FieldNumber, "任务序号": FieldNumber, "任务编号": FieldNumber, "项号": FieldNumber, "序": FieldNumber,
	"行动": FieldAction, "主要任务": FieldAction, "重点任务": FieldAction, "专项行动": FieldAction, "行动名称": FieldAction, "任务类别": FieldAction,
	"类别": FieldAction, "行动主要任务": FieldAction, "一级任务": FieldAction, "重点行动": FieldAction,
	"工作任务": FieldTask, "任务": FieldTask, "任务名称": FieldTask, "目标任务": FieldTask, "重点工作": FieldTask, "工作项目": FieldTask, "二级任务": FieldTask,
	"工作任务名称": FieldTask, "任务事项": FieldTask,
	"具体措施": FieldMeasure, "工作内容": FieldMeasure, "任务内容": FieldMeasure, "工作措施": FieldMeasure, "主要措施": FieldMeasure, "具体内容": FieldMeasure,
	"具体任务": FieldMeasure, "分项任务": FieldMeasure, "工作要求": FieldMeasure, "具体举措": FieldMeasure, "工作举措": FieldMeasure, "措施": FieldMeasure,
	"具体工作任务": FieldMeasure, "具体工作": FieldMeasure, "任务分解": FieldMeasure, "三级任务": FieldMeasure, "重点举措": FieldMeasure,
	"牵头单位": FieldLead, "牵头部门": FieldLead, "责任领导单位": FieldLead, "牵头责任单位": FieldLead, "牵头": FieldLead, "主责单位": FieldLead, "主责部门": FieldLead,
	"主办单位": FieldLead, "第一责任单位": FieldLead,
	"责任单位": FieldUnits, "配合单位": FieldUnits, "责任部门": FieldUnits, "参与单位": FieldUnits, "配合部门": FieldUnits, "责任配合单位": FieldUnits, "协办单位": FieldUnits,
	"承办单位": FieldUnits, "落实单位": FieldUnits, "责任": FieldUnits, "配合": FieldUnits, "单位": FieldUnits, "责任主体": FieldUnits, "协同单位": FieldUnits,
	"完成时限": FieldDeadline, "完成时间": FieldDeadline, "时间节点": FieldDeadline, "时限要求": FieldDeadline, "时限": FieldDeadline, "完成期限": FieldDeadline,
	"时间要求": FieldDeadline, "完成节点": FieldDeadline, "进度安排": FieldDeadline, "期限": FieldDeadline, "办结时限": FieldDeadline, "时间安排": FieldDeadline, "推进时限": FieldDeadline,
	"工作成果": FieldDone, "完成标准": FieldDone, "成果形式": FieldDone, "工作目标": FieldDone, "预期成果": FieldDone, "验收标准": FieldDone, "完成标志": FieldDone,
	"成果": FieldDone, "目标要求": FieldDone, "办结标准": FieldDone,
	"备注": FieldNote, "说明": FieldNote, "备注说明": FieldNote,
	"分项任务编号": FieldCode, "分项编号": FieldCode,
	"完成情况": FieldStatus, "状态": FieldStatus, "进展情况": FieldStatus, "工作进展": FieldStatus, "办理情况": FieldStatus, "亮灯": FieldStatus, "完成进度": FieldStatus,
	"责任领导": FieldIgnored, "分管领导": FieldIgnored, "责任人": FieldIgnored, "联系人": FieldIgnored, "联络员": FieldIgnored, "联系电话": FieldIgnored, "电话": FieldIgnored,
	"任务来源": FieldIgnored, "依据": FieldIgnored,
}

// exported are the headings of a list that duban makes, in order.
var exported = []struct {
	field Field
	text  string
}{
	{FieldNumber, "序号"},
	{FieldAction, "行动"},
	{FieldTask, "工作任务"},
	{FieldMeasure, "具体措施"},
	{FieldLead, "牵头单位"},
	{FieldUnits, "责任单位"},
	{FieldDeadline, "完成时限"},
	{FieldDone, "完成标准"},
	{FieldCode, "分项任务编号"},
}
