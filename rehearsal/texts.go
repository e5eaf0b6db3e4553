package rehearsal

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
)
