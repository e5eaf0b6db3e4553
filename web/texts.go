package web

import (
	"duban/assessment"
	"duban/obligation"
)

// The texts that people read beside the templates'.
const (
	textTitle     = "督办"
	textLogin     = "登录"
	textSetup     = "设置密码"
	textResume    = "继续提交"
	textLost      = "没有这个页面"
	textSorry     = "未能办理"
	textFailed    = "系统暂时无法使用，请稍后再试；若持续出现，请把请求编号告诉管理员。"
	textTwice     = "两次输入的密码不一致，请重新输入。"
	textReady     = "密码已设置，请登录。"
	textExpired   = "登录已过期。请重新登录，您填写的内容会保留，登录后再点一次提交即可。"
	textMe        = "我的账号"
	textWorkflows = "流程界面"

	// Administration
	textUnits      = "责任单位"
	textCalendar   = "节假日与工作日"
	textAccounts   = "账号"
	textChannels   = "通知渠道"
	textAdminLog   = "管理日志"
	textHealth     = "健康"
	textStuck      = "卡点"
	textUnitAdd    = "新增单位"
	textUnitChange = "更改单位"
	textContacts   = "更换联络员"
	textRoster     = "导入联络员名册"
	textHolidays   = "公布节假日安排"
	textDateStays  = "有效期的首日、末日填写以后可以改成别的日期，不能清空。"
	textNoRows     = "名册里没有可以导入的联络员，请核对表头和内容。"
	textRosterBad  = "名册中有读不懂的行，没有导入。请改正后再试一次。"
	textRosterForm = "名册的格式读不懂：第 %d 行的引号不成对。请从表格软件中整块复制后重新粘贴。"
	textRow        = "第 %s 行：%s"
	textNoChange   = "没有改动任何内容，不必提交。"
	textNewUnit    = "（新增）"
	// lists
	textLists     = "任务清单"
	textRowOf     = "第 %d 行"
	textApplied   = "清单已应用"
	textNoFile    = "没有选文件，请选一份清单（xlsx、csv、yaml）再上传。"
	textBadUpload = "文件没有传完，请再上传一次。"

	textTraining = "演练控制"

	// changes and ladders
	textChanges  = "调整方案"
	textChanged  = "调整已办理"
	textLadders  = "升级阶梯"
	textNoLadder = "新增升级阶梯"

	textCrossOrigin = "这个操作是从其他网站发起的，没有办理；请回到本系统的页面重试。"
	textForm        = "提交的内容过长或格式不对，没有办理；请回到原来的页面重新填写。"

	// The wall chart and the tasks.
	textWall     = "挂图作战"
	textTasks    = "任务"
	textNoAction = "保障措施与总体目标"
	textTick     = "✓"

	// The figures.
	textStatistics = "统计"

	// Obligations.
	textObligations = "责任事项"
	textNudging     = "催问"
	textPick        = "没有催问：请先在清单里选中要催问的事项，一次最多 %d 件。"

	// One obligation.
	textConflict  = "没有办理：您打开本页之后，其他人刚刚办理过（见“最近办理”）。本页现在是最新情况，您填写的内容还在；请看过之后再决定是否提交。"
	textNextOver  = "已办结，没有下一步。"
	textNextWaits = "在等%s办理，系统没有排定自动进行的下一步。"

	// The desk of a unit, and inboxes.
	textDesk     = "我的待办"
	textInbox    = "收件箱"
	textSignSome = "请选择要签收的事项，一次最多 %d 件。"

	// Several at once.
	textHandover    = "联络员移交"
	textDelegateAll = "委托代办"

	// Documents.
	textDocuments = "文书"

	// The monthly reports.
	textMonthly = "月报"

	// The half-yearly assessment.
	textAssessments = "考核评估"
	textRecord      = "的记录"
	textTrial       = "：换规则试算"
	textNot         = "不%s"
	textOwnRecord   = "考核评估的记录"
	textPointsUnit  = " 分"
	textSayUntil    = "自评和申诉到"
	textPoints      = "请填写分数，最多一位小数，如 96.5；扣分填负数，如 -1.5。"
	textNextCount   = "%s结束时系统自动计分，并通知各责任单位。"
	textNextUnits   = "责任单位核对逐条得分，可以自评、申诉，%s截止；截止后由区安委办复核。"
	textRuleEach    = "每件（次）%s 分"
	textRuleMost    = "，最多 %s 分"

	// What a unit does on an obligation.
	textBreakDown     = "分解给配合单位"
	textIdleSuspended = "该事项已中止，恢复以前不必办理。"
	textIdleSubmitted = "已经报送，正在等区安委办审核，不必再操作。"

	// Evidence, as the script of its upload says it.
	textFileTooLarge  = "文件超过 %s，没有上传；请压缩图片、视频或拆分后再上传。"
	textUploadBroken  = "上传中断，没有传上；请检查网络后重试。"
	textUploadExpired = "登录已过期，没有传上；请在新窗口登录，回来后点“重试”。"
	textUploadFolder  = "不能上传文件夹；请打成压缩包，或选择其中的文件。"
	textUploaded      = "已上传："
	textUploadBusy    = "还有文件正在上传，请等传完，或取消后再提交。"
	textUploadMissing = "有文件没有传上，提交时不会带上它们。仍要提交吗？"
	textRemoveSure    = "删除这个还没有报送的文件，确定吗？"
)

// fieldNames are the parts of a measure that a plan may leave open, as people call them.
var fieldNames = map[string]string{
	"audience": "责任单位", "schedule": "时间安排", "schedule.from": "首日", "schedule.to": "末日", "done": "完成标准", "title": "标题",
}

// nextSteps say what happens by itself, by the kind of what it leads to; each takes the time and the step.
var nextSteps = map[obligation.EventKind]string{
	obligation.Opened:   "%s，系统自动办理：%s。",
	obligation.Reminded: "%s，届时情况不变的，系统自动发出%s。",
	obligation.Overdue:  "%s，届时仍未报送的，记为%s，亮红灯。",
	obligation.Drafted:  "%s，届时情况不变的，系统自动拟制%s，签发后发出。",
}

// assessmentSteps are what is done at the stages of an assessment, in their order; nothing is once it is published.
var assessmentSteps = []struct {
	stage assessment.Stage
	label string
}{
	{assessment.StageCounting, "计分"},
	{assessment.StageUnits, "自评、申诉"},
	{assessment.StageOffice, "复核"},
	{assessment.StageLeader, "签发"},
	{assessment.StageSigned, "公布"},
}

// recordHolders say who was reminded.
var recordHolders = map[string]string{"units": "责任单位", "office": "区安委办", "leader": "安委会领导"}

// nextOfStage says what happens next where no date is part of it.
var nextOfStage = map[assessment.Stage]string{
	assessment.StageOffice:    "区安委办答复申诉、评价质量、调整得分，对表扬和否优提出意见，送领导签发。",
	assessment.StageLeader:    "领导决定表扬和否优，签发，或退回区安委办复核。",
	assessment.StageSigned:    "区安委办公布，各单位收到得分和名次。",
	assessment.StagePublished: "已公布，不再改动。",
}

// notices say what has been done, by the word in the address that a form leads to.
var notices = map[string]string{
	"password":      "密码已修改。",
	"token-revoked": "令牌已吊销。",
	"feed-revoked":  "日历订阅已停止。",

	// Of hazards.
	"hazard-entered":   "隐患已登记上账，并已交办责任单位。",
	"hazard-supervise": "已挂牌督办，责任单位会收到通知。",
	"hazard-regrade":   "已调整。",
	"hazard-review":    "审核意见已记录。",

	// Of the office on an obligation.
	"accept":           "已审核通过，该事项办结。",
	"return":           "已退回责任单位补正。",
	"nudge":            "已催问，责任单位会收到通知。",
	"waive":            "已免办，不再督办。",
	"suspend":          "已中止，期限相应顺延。",
	"resume":           "已恢复办理。",
	"refuse-send-back": "已答复：不同意退回。",
	"grant-extension":  "已同意延期。",
	"refuse-extension": "已答复：不同意延期。",
	"skip":             "已越级拟文，待签发。",
	"hand-over":        "已移交给新的联络员。",

	// On a weekly inspection.
	"plan-inspection":   "已保存检查安排。",
	"record-inspection": "已登记检查情况，问题已交办给责任单位。",
	"add-findings":      "已补充交办，责任单位会收到通知。",

	// On a document.
	"document-sign-off": "已签发并编号，责任单位会收到通知。",
	"document-withdraw": "已撤回，不再发出。",
	"document-arrange":  "已改期，责任单位会收到通知。",
	"document-conclude": "约谈情况已登记，纪要可以下载。",
	"document-verify":   "整改已核查通过。",
	"document-return":   "整改已退回责任单位。",
	"document-waive":    "已免予整改。",

	// Of the unit.
	"signed":         "已签收。",
	"sign":           "已签收，请在期限内办理并报送。",
	"progress":       "进展已报告。",
	"submit":         "已报送，等区安委办审核。",
	"ask-extension":  "延期申请已提交，等区安委办答复。",
	"send-back":      "已退回，等区安委办答复。",
	"delegate":       "已委托，受托人可以代您办理。",
	"end-delegation": "委托已结束。",
	"break-down":     "已分解，配合单位会收到通知。",
	"rectify":        "整改情况已报送，等区安委办核查。",
	"read":           "已标为已读。",

	// On an assessment.
	"assessment-close":     "自评已截止，请复核后送领导签发。",
	"assessment-propose":   "已送领导签发。",
	"assessment-sign":      "已签发，由区安委办公布。",
	"assessment-send-back": "已退回区安委办复核。",
	"assessment-publish":   "已公布，各单位会收到得分和名次。",
	"assessment-score":     "自评已提交。",
	"assessment-object":    "申诉已提交，等区安委办答复。",
	"assessment-answer":    "申诉已答复，责任单位会收到通知。",
	"assessment-adjust":    "得分已调整，责任单位会收到通知。",
	"assessment-grade":     "质量评价已记录，责任单位会收到通知。",
	"assessment-advise":    "意见已记录，由领导决定。",
	"assessment-decide":    "已决定，签发、公布后生效。",

	// Administration
	"amended":         "已调整，受影响的事项在后台陆续更新。",
	"account-changed": "账号已修改。改了身份或单位的，本人须重新登录。",
	"disabled":        "账号已停用：会话已结束，令牌不再有效。",
	"enabled":         "账号已启用。",
	"repaired":        "已修复；下面是现在检查的结果。",
	"unlocked":        "已解除锁定，本人可以重新登录。",
	"sessions-ended":  "会话已全部结束，本人须重新登录。",
}

// The pages of the register of hazards.
const (
	textHazards        = "隐患台账"
	textNewHazard      = "登记隐患"
	textHazardImport   = "导入隐患清单"
	textHazardAnalysis = "隐患统计分析"
)

// Of weekly inspections.
const (
	textInspections = "督导检查"
	textFindings    = "问题清单"
)

var (
	findingStates     = []option{{"true", "未办结"}, {"false", "已办结"}}
	findingLights     = []option{{"red", "红灯"}, {"yellow", "黄灯"}, {"green", "绿灯"}, {"none", "不亮灯"}}
	findingSeverities = []option{{"common", "一般"}, {"grave", "较大"}, {"major", "重大"}}
)
