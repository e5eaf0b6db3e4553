package dossier

import "duban/obligation"

// What the files of a dossier are.
const (
	textAboutSummary   = "目录和摘要，供阅读"
	textAboutPlan      = "方案摘录：任务、分项任务、责任单位"
	textAboutLedger    = "台账，一行一条，逐字节为计算哈希的内容"
	textAboutHashes    = "台账各条的哈希，一行一条"
	textAboutPolicy    = "办理规则（升级阶梯等），台账以其哈希引用"
	textAboutState     = "按台账重演应得的状态"
	textAboutDocuments = "文书的登记情况"
	textAboutNotices   = "通知及其发送情况，地址已遮盖"
	textAboutEvidence  = "佐证材料的清单和哈希"
	textAboutHistory   = "Temporal 的流程历史，载荷按其保存的原样"
)

// The summary.
const (
	textTitle         = "卷宗：%s　%s"
	textBasis         = "依据：《%s》任务%s“%s”"
	textDue           = "期限：%s（%s）　现状：%s"
	textExported      = "导出：%s　程序版本：%s"
	textLedger        = "一、台账（%d 条）"
	textEntry         = "%4d　%s　%s　%s"
	textDocuments     = "二、文书（%d 件，文件在 documents 目录）"
	textDocument      = "　　%s　%s　%s　%s"
	textNoNumber      = "（无文号）"
	textNotices       = "三、通知（%d 条，见 notices.json）"
	textExhibits      = "四、佐证材料（%d 件，文件在 evidence 目录，以 SHA-256 命名）"
	textExhibitsApart = "四、佐证材料（%d 件，文件未放入）"
	textExhibit       = "　　第%d条　%s　%d 字节　SHA-256 %s"
	textProve         = "核验：duban verify 本文件。不需要数据库和网络；导出时所示的清单校验值（manifest.json 的 SHA-256）可以证明台账的末尾也没有被删去。"
)

var roles = map[obligation.Role]string{
	obligation.RoleSystem: "系统", obligation.RoleOffice: "区安委办", obligation.RoleLeader: "安委会领导", obligation.RoleUnit: "责任单位",
}

var statuses = map[obligation.DocumentStatus]string{
	obligation.DocumentDraft: "待签发", obligation.DocumentIssued: "已签发", obligation.DocumentWithdrawn: "已撤回",
}

// What Check finds wrong.
const (
	findNoZip       = "不是卷宗文件，或文件不完整：%v"
	findTooMany     = "文件过多（%d 个），不是本系统导出的卷宗"
	findName        = "文件名 %q 不合规"
	findTwice       = "文件 %s 出现两次"
	findCompressed  = "文件 %s 被压缩过，不是导出时的样子"
	findTooLarge    = "文件 %s 过大（%d 字节）"
	findMissing     = "缺少文件 %s"
	findStray       = "多出文件 %s，清单里没有"
	findUnreadable  = "文件 %s 无法读取：%v"
	findDigest      = "文件 %s 与清单的 SHA-256 或大小不符，被改动过"
	findFormat      = "卷宗的格式（%d）比本程序支持的（%d）新，请用新版程序核验"
	findHashCount   = "台账有 %d 条，哈希有 %d 个"
	findGap         = "台账序号不连续：应为第%d条，实为第%d条"
	findHash        = "台账第%d条与哈希链不符：该条或它之前的记录被改动、删除过"
	findHead        = "台账的末尾与清单不符：清单为第%d条、哈希 %s，实为第%d条、哈希 %s"
	findEntry       = "台账第%d条无法读取：%v"
	findOpening     = "台账的第一条不是交办或补录"
	findPolicy      = "办理规则 %s 与其哈希不符"
	findNoPolicy    = "缺少台账引用的办理规则 %s"
	findState       = "state.json 与按台账重演的结果不符"
	findObligation  = "台账是 %s 的，清单写的是 %s"
	findDocument    = "文书（%s）的登记与台账不符：状态为%s、文号为%q，按台账应为%s、%q"
	findMeeting     = "文书（%s）的约谈和整改情况与台账不符"
	findNoDocument  = "台账有文书（%s），登记里没有"
	findNoDraft     = "登记里有文书（%s），台账没有拟文的记录"
	findPaper       = "文书文件 %s 与登记的 SHA-256 不符"
	findEvidence    = "佐证材料的清单与台账不符"
	findExhibit     = "佐证材料 %s（台账第%d条）与台账记载的 SHA-256 或大小不符"
	findNoExhibit   = "缺少佐证材料 %s（台账第%d条）"
	findNoticeStray = "通知针对台账第%d条，而台账没有这一条"
)
