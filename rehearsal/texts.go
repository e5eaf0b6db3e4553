package rehearsal

import "duban/obligation"

// What is wrong with a script, and what to do.
const (
	textDays             = "应写整数个工作日，或 never（从不）"
	textNoCode           = "缺少代码（code），请补上"
	textNoTitle          = "缺少名称（title），报告里要用它"
	textNoBehaviour      = "至少要写一种做法（behaviours）"
	textNoRule           = "至少要写一条单位规则（units），最后一条不限单位，管其余所有单位"
	textNoMix            = "没有写这些单位按哪种做法办（mix）"
	textNoOffice         = "至少要写一条安委办的做法（office）"
	textUnknownBehaviour = "没有名为“%s”的做法，请先在 behaviours 中写明"
	textWeight           = "份额（weight）应为 1 到 1000000，现为 %d"
	textUnreachable      = "这条规则不限对象，后面的规则永远用不上；请把它放到最后"
	textRange            = "应在 %d 到 %d 之间，现为 %d"
	textWait             = "应为 0 到 %d 个工作日或 never，现为 %d"
	textTwice            = "代码“%s”已经用过，请换一个"
	textReturnOfNothing  = "从不报送（report: never）的单位没有可退回的材料，请删去 return"
	textUnknownUnit      = "方案里没有代码为“%s”的责任单位"
	textUnknownTag       = "方案里没有带“%s”标签的责任单位"
	textUnknownKind      = "方案里没有类别为“%s”的责任单位"
	textUnknownTask      = "方案里没有任务“%s”"
	textUnknownMeasure   = "方案里没有分项任务“%s”"
)

// What the people of a rehearsal are called and write.
const (
	textNobody     = "不动作"
	textOfficeName = "区安委办"
	textLeaderName = "区安委会"
	textReport     = "已按要求完成，材料随附。"
	textAsk        = "因实际进度需要，申请延期；前期工作正在推进。"
	textReturn     = "佐证材料不全，请补正后重新报送。"
	textRefuse     = "延期理由不充分，请按原定期限完成。"
	textPlace      = "区安委办会议室"
	textConcluded  = "责任单位说明了情况，提出了整改措施和时限。"
	textSelf       = "已对照逐条得分核对。"
	textObjection  = "部分事项受外部条件影响，已按要求补报，请复核。"
	textVerified   = "经核对，所述情况属实。"
	textGranted    = "所述情况属实，得分已调整。"
	textKept       = "经核对，台账记录无误，维持原分。"
	textExcellent  = "报送及时，材料完整，措施落实到位。"
	textPoor       = "报送不及时，材料多次补正，须加强。"
	textRuleOut    = "本期有 %d 条否优事实，拟一票否优。"
	textLetPass    = "否优事实 %d 条，已督促整改，拟不否优。"
	textAgreed     = "同意区安委办意见。"
	textNotAgreed  = "再作观察，本期不作此决定。"
	textExempt     = "按责任单位提出的措施和时限整改，不另定整改期限。"
)

// What a replay of the past says of what it does not know.
const (
	textUnnumbered    = "（试算，无文号）"
	textMoot          = "试算中该调整没有带来任何变化"
	textAssumePeople  = "签收、报送、审核、延期等都按实际办理的时间重来，不推测有关人员会因此改变做法"
	textAssumeLetters = "同一单位未选入的事项实际收到的督促函 %d 份照常计次"
	textAssumeHistory = "补录 %d 件保持原样，不参与试算"
	textAssumeDrift   = "仅按现行规则和日历重算就有 %d 处与台账不同（停机补发、日历或规则中途调整等所致），下列差别中含有这些"
)

// textsAssume say on what the sign-off of documents rests: rung, how many, working days, of how many documents.
var textsAssume = map[basis]string{
	asLong:    "%[1]s %[2]d 份在试算中换了拟文日期，从拟文到签发（或撤回）按该份实际经过的工作日计",
	asWaited:  "%[1]s %[2]d 份实际一直没有签发，试算中换了拟文日期，按实际等待的工作日计，至少 %[3]d 个",
	asUsual:   "%s %d 份只在试算中出现，按所选事项同类文书签发用时的中位数 %d 个工作日计（依据 %d 份）",
	asGuessed: "%[1]s %[2]d 份只在试算中出现，所选事项没有签发过同类文书，按 %[3]d 个工作日计",
}

// textsDropped say why somebody could not have done what he did. For other codes the core's own words do.
var textsDropped = map[obligation.ErrorCode]string{
	obligation.CodeNoDraft:        "试算中没有这份文书，或它已随事项办结撤回",
	obligation.CodeNoExtension:    "试算中没有待答复的延期申请",
	obligation.CodeExtensionsUsed: "试算中的阶梯不允许再延期",
	obligation.CodeExtensionLate:  "试算中提出时期限已过",
	obligation.CodeDueInvalid:     "该日期不晚于试算中的期限",
}

// What the units of a script report of a month.
var (
	textsProgress = []string{
		"主要负责人带队开展安全检查4次，检查点位26个，发现的隐患均已建账，即查即改19处。",
		"组织学习重大事故隐患判定标准2场，覆盖一线管理人员120余人次，并抽查学习效果。",
		"对重点场所疏散通道、安全出口逐一排查，清除占堵点15处，督促张贴禁停标识。",
		"推进自建房、老旧小区消防设施隐患整治，完成年度计划的六成，进度与台账一致。",
		"督促企业主要负责人每季度带队检查并在系统中填报，已填报企业占应填报的九成以上。",
		"组织应急疏散演练3次，完善现场处置方案，演练评估中提出的问题已逐条落实到人。",
		"开展动火作业、电气焊等重点环节专项检查，抽查作业票证32份，对不规范的当场纠正。",
		"在社区、企业开展安全宣传进基层活动6场，发放资料1500余份，受理群众举报线索2条，均已核查。",
	}
	textsProblems = []string{
		"部分小微企业安全管理人员更换频繁，隐患自查质量不高，重复出现的问题较多。",
		"老旧建筑消防设施改造涉及多个产权单位，协调难度大，个别点位进度偏慢。",
		"基层专业力量不足，对重大事故隐患的判定还需要专家支持。",
		"少数企业整改资金落实不到位，已约谈其主要负责人并明确时限。",
	}
	textsNext = []string{
		"对本月排查的隐患逐一回头看，确保按期闭环；组织下月的专题培训。",
		"继续推进年度工程治理任务，重点协调进度偏慢的点位，每周调度一次。",
		"结合季节特点，开展重点场所夜间检查，完善值班值守和信息报送。",
		"汇总企业自查情况，对填报质量不高的上门指导，下月底前全部复核。",
	}
)
