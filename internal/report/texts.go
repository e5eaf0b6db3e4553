package report

import (
	"duban/obligation"
	"duban/plan"
)

// What the report says beyond its template.
const (
	textTitle       = "%s推演报告"
	textMonth       = "%d-%02d"
	textNone        = "—"
	textAllUnits    = "所有单位"
	textAllMatters  = "全部事项"
	textOthers      = "其余各项"
	textTags        = "带“%s”标签的单位"
	textTasks       = "任务%s"
	textMeasures    = "分项任务%s"
	textJoin        = "、"
	textAnd         = "，"
	textClause      = "；"
	textShare       = "%s %s%%"
	textProvisional = "%d年放假安排尚未公布，所涉日期为暂定。"
)

// How units behave; all days are working days.
const (
	textSignNever   = "不签收"
	textSignAtOnce  = "交办当天签收"
	textSign        = "交办后%d个工作日签收"
	textReportNever = "不报送"
	textReportEarly = "期限前%d个工作日报送"
	textReportDue   = "期限当天报送"
	textReportLate  = "逾期%d个工作日报送"
	textSpread      = "（前后浮动%d个工作日）"
	textReturn      = "退回%d次，每次%d个工作日后补报"
	textReturnAlone = "退回%d次，不再补报"
	textExtend      = "期限前%d个工作日申请延期%d个工作日"
)

// How the office behaves.
const (
	textReviewNever = "不审核"
	textReview      = "收到报送、延期申请后%d个工作日内办理"
	textSignOff     = "文书拟好后%d个工作日签发"
	textSignNo      = "不签发文书"
	textMeet        = "约谈在签发后%d个工作日举行"
	textRefuse      = "不同意延期"
	textForgets     = "每百件漏办%d件"
)

// The periods of a ladder.
const (
	textYellow     = "到期前%d个工作日起亮黄灯"
	textCure       = "两次正式措施至少隔%d个工作日"
	textRework     = "退回后%d个工作日内补正"
	textNudge      = "文书待签发每%d个工作日提醒一次"
	textExtensions = "最多延期%d次"
	textForward    = "，一年内第%d份督促函起提前"
	textToOffice   = "，发给区安委办"
)

var signOffs = map[obligation.SignOff]string{
	obligation.SignOffAuto: "，自动发出", obligation.SignOffOffice: "，区安委办签发", obligation.SignOffLeader: "，领导签发",
}

var kinds = map[plan.UnitKind]string{
	plan.KindParty: "党群部门", plan.KindGovernment: "政府部门", plan.KindStreet: "街道（镇）", plan.KindGroup: "区属集团公司",
}

// What the report of an assessment says.
const (
	textAssessment     = "# %s考核评估"
	textAssessmentHead = "%s。评估期 %s至%s，只看节点前的台账；评分规则：%s；进度：%s。"
	textCourse         = "## 过程"
	textRanking        = "## 名次、亮灯和得分"
	textIdle           = "本期无事项，不排名：%s。"
	textJudging        = "## 通报表扬和一票否优\n\n系统只列事实，由人决定：区安委办提出意见，领导决定，随结果公布。"
	textTaskPart       = "## 各任务的办理情况"
	textLines          = "## %s：逐条得分"
	textLinesHint      = "每一分都指明看了哪件事项台账的第几条（事项编号为“方案/分项任务/单位/周期”，单位 `%s`）、按哪一项规则。"
	textRules          = "## 评分规则\n\n%s，基础分 %s 分。"
	textBase           = "基础分"
	textAdjusted       = "区安委办调整"
	textTotal          = "得分"
	textOwnRecord      = "考核评估记录"
	textUnanswered     = "待答复"
	textRests          = "（依据台账 %d 条）"
	textRestsOnRecord  = "（考核评估记录第 %d 条）"
	textVetoFact       = "%s：`%s` 第 %d 条，%s"
	textNot            = "不%s"
	textAdvised        = "意见：%s，%s 待决定。"
	textDecided        = "意见：%s，%s 决定：%s，%s"
	textVeto           = "否优事实"
	textDash           = "—"
)

var (
	courseHeads  = []string{"事项", "次数", "最早", "最晚"}
	figureHeads  = []string{"按时办结", "逾期办结", "逾期未办", "退回", "延期", "正式措施"}
	rankingHeads = append([]string{"名次", "单位", "亮灯", "得分", "质量", "调整", "自评", "申诉的答复"}, figureHeads...)
	judgingHeads = []string{"单位", "表扬的事实", "否优的事实", "意见和决定"}
	taskHeads    = append([]string{"任务", "亮灯"}, figureHeads...)
	lineHeads    = []string{"责任事项", "台账", "时间", "情形", "评分项", "分数"}
	ruleHeads    = []string{"评分项", "情形", "每件（次）", ""}
)
