package assessment

// halfNames are how people call the halves of a year.
var halfNames = map[int]string{1: "%d年上半年", 2: "%d年下半年"}

// causeNames are what points are given for, as people call it.
var causeNames = map[Cause]string{
	OnTime: "按时办结", Late: "逾期办结", Overdue: "逾期未办", Returned: "报送被退回", Extended: "延期", Issued: "正式措施",
	Quality: "质量评价",
}

// gradeNames and matterNames are what people call them.
var (
	gradeNames  = map[Grade]string{Excellent: "优", Good: "良", Fair: "中", Poor: "差"}
	matterNames = map[Matter]string{Commend: "通报表扬", Veto: "一票否优"}
)

// What is wrong with rules.
const (
	ruleNothing = "评分规则至少要有一项"
	ruleCode    = "评分规则第 %d 项没有代码（code）"
	ruleTwice   = "评分规则的代码 %q 写了两次，请删除其一"
	ruleCause   = "评分规则 %q 的情形（on）%q 不认识，可以是 %s"
	ruleRung    = "评分规则 %q 的措施（rung）%q 不是正式措施"
	ruleNoRung  = "评分规则 %q 的情形不是正式措施（issued），不能限定措施（rung）"
	ruleMost    = "评分规则 %q 的封顶（most）不能是负数"

	ruleGrade      = "评分规则 %q 的等次（grade）%q 不认识，可以是 %s"
	ruleNoGrade    = "评分规则 %q 的情形不是质量评价（quality），不能限定等次（grade）"
	ruleNoMeasures = "评分规则 %q 的情形是质量评价（quality），对单位整体作出，不能限定分项任务（measures）"
	meritCode      = "表扬事实第 %d 项没有代码（code）"
	meritTwice     = "表扬事实的代码 %q 写了两次，请删除其一"
	meritNegative  = "表扬事实 %q 的件数（done）、名次（upper）不能是负数"
	meritGrade     = "表扬事实 %q 的等次（grade）%q 不认识，可以是 %s"
	meritNothing   = "表扬事实 %q 没有写条件，请写 done、onTime、passed、upper、grade 中的一个或几个"
)

// errorTexts say what is wrong and what to do.
var errorTexts = map[Code]string{
	CodeRole:        "这一步不由您的身份办理；自评和申诉由责任单位，复核和公布由区安委办，签发由领导。",
	CodeStage:       "考核评估现在不在这一步，请刷新页面，看它走到了哪里。",
	CodeOver:        "考核评估已经公布，不能再改。",
	CodeUnit:        "这次考核评估没有这家单位，请核对代码。",
	CodePoints:      "请填写单位和分数。",
	CodeReason:      "请写明理由。",
	CodeText:        "内容过长，请不超过 4000 个字。",
	CodeObjected:    "已有一份申诉在等答复，答复后才能再提。",
	CodeNoObjection: "没有待答复的申诉。",
	CodeUnanswered:  "还有申诉没有答复，请先逐一答复，再送签发。",
	CodeCard:        "还没有计分，请稍后再试。",
	CodeGrade:       "请选择单位和等次：优、良、中或差。",
	CodeMatter:      "请写明单位和事项：通报表扬或一票否优。",
	CodeUndecided:   "还有表扬、否优的拟办意见没有决定，请先逐一决定，再签发。",
	CodeNoOpinion:   "区安委办对这家单位还没有拟办意见，请先退回复核，由区安委办提出。",
	CodeBoth:        "一家单位不能既通报表扬又一票否优，请先改另一项。",
}

// stageNames and kindNames are what people call them.
var (
	stageNames = map[Stage]string{
		StageCounting: "待计分", StageUnits: "单位自评", StageOffice: "区安委办复核", StageLeader: "待签发", StageSigned: "待公布", StagePublished: "已公布",
	}
	kindNames = map[Kind]string{
		Counted: "计分", Scored: "自评", Objected: "申诉", Closed: "自评截止", Answered: "答复申诉", Adjusted: "调整", Proposed: "送签发", Sent: "退回复核",
		Signed: "签发", Published: "公布", Reminded: "提醒", Graded: "质量评价", Advised: "拟办意见", Decided: "决定",
	}
)

// Chinese returns what people call the stage.
func (s Stage) Chinese() string { return stageNames[s] }

// Chinese returns what people call what happened.
func (k Kind) Chinese() string { return kindNames[k] }

// What people are told.
const (
	noticeTitle    = "%s考核评估"
	noticeCounted  = "%s考核评估已计分，你单位 %s 分。请于%s前核对逐项得分，可以自评或申诉；逾期视为无异议。"
	noticeSilent   = "%s考核评估的自评和申诉%s截止，你单位还没有意见，请核对得分。"
	noticeOffice   = "%s考核评估在等区安委办办理（%s），请抓紧。"
	noticeLeader   = "%s考核评估已送签发，请提请领导签发。"
	noticeObjected = "%s对%s考核评估的得分提出申诉，请复核并答复：%s"
	noticeAnswered = "你单位对%s考核评估的申诉已答复：%s"
	noticeAdjusted = "%s考核评估中你单位的得分调整 %s 分，理由：%s"
	noticeSent     = "领导退回%s考核评估，请复核：%s"
	noticeResult   = "%s考核评估已公布，你单位 %s 分，第 %d 名。"
	noticeIdle     = "%s考核评估已公布，你单位本期无事项，不排名。"
	noticeGraded   = "%s考核评估中你单位的质量评价为“%s”，%s 分，理由：%s"
	noticeCommend  = "决定通报表扬：%s"
	noticeVeto     = "决定一票否优：%s"
	noticeWhy      = "依据：方案“每半年开展一次进度评估”；评分规则：%s；事由：%s"
)

// noticesOf are what a unit is told where it was decided on.
var noticesOf = map[Matter]string{Commend: noticeCommend, Veto: noticeVeto}
