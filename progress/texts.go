package progress

import (
	"time"

	"duban/calendar"
)

// The report's own words.
const (
	textTitle   = "关于《%s》%s进展情况的报告"
	textAsOf    = "截至%s"
	textNotOver = "，%s尚未结束"
	textOffice  = "办公室"
	textOpening = "现将《%s》%s%s的进展情况报告如下。报告中的数字均由督办台账统计，截至%s24时；责任事项按现行到期日归入所在的半年、季度和月份。"
	textClosing = "特此报告。"

	textTotal    = "%s到期的责任事项共%d件，其中应办%d件，免办%d件，补录%d件。"
	textDone     = "应办事项中，已办结%d件（按时办结%d件、逾期办结%d件），未办结%d件（其中逾期未办%d件）；完成率%s，按时率%s。"
	textNoBefore = "%s没有到期的应办事项，不作比较。"
	textBefore   = "与%s到期事项的现状相比，完成率%s，按时率%s，逾期未办%s。"
	textUp       = "上升%.1f个百分点"
	textDown     = "下降%.1f个百分点"
	textSame     = "持平"
	textMore     = "增加%d件"
	textFewer    = "减少%d件"
	textPoints   = "%+.1f"
	textActions  = "%d项行动（含保障措施与总体目标）有到期的应办事项。"
	textExtremes = "完成率较高的是%s；较低的是%s。"
	textNamed    = "%s（%s）"
	textSum      = "合计"

	textUnits     = "%d家责任单位有到期的应办事项，其中%d家全部办结。"
	textUnitsLast = "完成率较低的是%s。"
	textNoRungs   = "对%s到期的责任事项没有采取督促措施。"
	textRungs     = "对%s到期的责任事项，累计送达%s。"
	textTimes     = "%s%d次"

	textNoneOverdue = "截至%s，没有逾期未办的责任事项。"
	textOverdue     = "截至%s，方案全部责任事项中逾期未办的共%d件，涉及%d家责任单位；其中%s到期的%d件。"
	textLongest     = "逾期最久的是%s的“%s”，期限为%s，已逾期%d天。"
	textAhead       = "%s到期的应办事项共%d件，涉及%d家责任单位，其中已提前办结%d件。"

	textNotAssessed  = "%s考核评估的节点为%s24时，节点后按台账和评分规则计分。"
	textNoAssessment = "没有%s考核评估的计分记录。"
	textUnpublished  = "%s考核评估已按节点前的台账计分，%s处于“%s”阶段，尚未公布；得分和名次以公布的为准。"
	textPublished    = "%s考核评估已于%s公布，共评估%d家责任单位，评分规则为“%s”。"
	textScores       = "最高得分%s分，最低得分%s分；列有“一票否优”事实的%d家，是否否优由人决定。"

	dash = "—"
)

// What heads parts, columns and figures.
const (
	headOverall    = "总体情况"
	headTasks      = "各行动、各任务完成情况"
	headActions    = "各行动"
	headEachTask   = "各任务"
	headUnits      = "各责任单位完成情况"
	headEscalation = "督促措施"
	headTimes      = "办理用时"
	headNowOverdue = "目前逾期未办的事项"
	headAhead      = "%s到期的事项"
	headAssessment = "考核评估"

	headItem       = "项目"
	headChange     = "增减"
	headCompletion = "完成率"
	headRate       = "按时率"
	headCounted    = "应办"
	headClosed     = "已办结"
	headOnTime     = "按时办结"
	headLate       = "逾期办结"
	headOpen       = "未办结"
	headOverdue    = "逾期未办"
	headRunning    = "未到期或待审核"
	headRank       = "位次"
	headDue        = "到期月份"
	headCount      = "次数"
	headMedian     = "中位数"
	headP90        = "九成不超过"
	headMeaning    = "从何时到何时"
	headNumber     = "序号"
	headMatter     = "责任事项"
	headDeadline   = "期限"
	headDays       = "逾期天数"
	headTaken      = "已到措施"
)

var (
	comparedRows       = []string{headCounted, headClosed, headOnTime, headLate, headOpen, headOverdue}
	progressHeadings   = []string{headCounted, headClosed, headOnTime, headLate, headOverdue, headCompletion, headRate}
	assessmentHeadings = []string{"得分", headOnTime, headLate, headOverdue, "退回", "正式措施", "否优事实"}
)

// timeSentences are in the order of statistics.Works.
var timeSentences = []string{
	"责任单位签收%d次，用时中位数%s，九成不超过%s。",
	"责任单位报送%d次，用时中位数%s，九成不超过%s。",
	"区安委办审核%d次，用时中位数%s，九成不超过%s。",
	"区安委办答复延期等申请%d次，用时中位数%s，九成不超过%s。",
	"文书签发或撤回%d次，用时中位数%s，九成不超过%s。",
}

// What tables and charts show, and what is to be known of them.
const (
	captionCompared     = "完成情况与上一个半年对比"
	captionMonths       = "各月到期事项的办理情况（件）"
	captionTrend        = "方案开始以来各季度到期事项的完成率和按时率"
	captionActionsDrawn = "各行动到期事项的办理情况（件）"
	captionActions      = "各行动完成情况"
	captionTasks        = "各任务完成情况"
	captionUnits        = "各责任单位完成情况"
	captionOwing        = "逾期未办较多的责任单位（件）"
	captionRungs        = "各级措施送达责任单位的次数"
	captionFormal       = "各月到期事项的督促函、通报、约谈（件）"
	captionTimes        = "各项用时"
	captionUnitTimes    = "各责任单位事项的用时（中位数）"
	captionOverdue      = "逾期最久的事项"
	captionAheadMonths  = "%s各月到期事项（件）"
	captionAhead        = "%s各行动到期事项"
	captionAssessment   = "%s考核评估得分"

	noteCompared   = "注：完成率为已办结占应办的比例，按时率为按时办结占按时办结、逾期办结、逾期未办之和的比例；两个半年都截至同一时刻。率的增减为百分点。"
	noteTasks      = "注：没有到期应办事项的任务不列。"
	noteUnits      = "注：按完成率排列，完成率相同的按按时率，都相同的位次并列。"
	noteRungs      = "注：各级措施都归到事项的到期月份。"
	noteTimes      = "注：只计工作日的时间，一个工作日按24小时计，中止的时间不计。审核、答复、签发是区安委办和安委会领导的用时。"
	noteOverdue    = "注：只列逾期最久的%d件，全部%d件见督办系统。"
	noteAssessment = "注：考核评估按节点前发生的事计数，与按到期日统计的口径不同。"
)

// brackets sets a number beside a title; nothing for none.
func brackets(number string) string {
	if number == "" {
		return ""
	}
	return "（" + number + "）"
}

func dateOf(at time.Time, loc *time.Location) string { return calendar.DateOf(at, loc).Chinese() }
