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
