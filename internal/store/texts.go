package store

// The texts that people read.
const (
	textUnknownDriver = "未知的数据库类型 %q，可用 sqlite、mysql"
	textUnreachable   = "数据库一直无法连接，请检查数据库服务和网络"
	textRefused       = "数据库拒绝连接，请检查用户名、口令、库名和权限：%w"
	textTransient     = "数据库暂时不可用"
	textNewerSchema   = "数据库的版本（%d）比本程序支持的版本（%d）新：它已由更新的程序升级过，请改用新版程序，不要用旧版程序打开"
	textBadDSN        = "数据库连接参数（DSN）有误，应为 用户:口令@tcp(主机:端口)/库名：%w"
	textNoDatabase    = "数据库连接参数（DSN）没有写明库名，应为 用户:口令@tcp(主机:端口)/库名"
	textNoPath        = "没有写明 SQLite 数据库文件的路径"
	textSynchronous   = "synchronous 只能是 OFF、NORMAL、FULL 或 EXTRA，现为 %q"
	textBehind        = "台账缺失：%s 的台账只到第%d条，而该决定以第%d条为前提；请停止办理并用 duban verify 检查"
	textBadCursor     = "翻页标记无效，请从第一页重新查询"
	textUnknownTarget = "未知的通知渠道 %q"
	textStale         = "内容已经过时（所涉事项均已办理），未再发出"
	textGivenUp       = "该渠道一天以上没有发出，已改用联系人的下一个渠道"
	textLost          = "发送时程序中断，结果不明；请人工核实，系统不会自动重发"
	textFileChanged   = "文书文件 %s（%s）与其 SHA-256 不符，文件被改动过"
)

// What Verify finds wrong.
const (
	findNoLedger        = "读模型有此事项，台账却没有记录"
	findOrphan          = "台账有此事项的记录，读模型却没有该事项"
	findGap             = "台账序号不连续：应为第%d条，实为第%d条"
	findHash            = "哈希链断裂：记录内容与其哈希不符，记录被改动过，或它之前的记录被改动、删除过"
	findUnreadable      = "记录无法读取：%v"
	findColumns         = "记录的查询列（序号、类型、时间或幂等键）与记录内容不符"
	findHead            = "读模型的序号或哈希与台账最后一条（第%d条）不符"
	findState           = "读模型的状态与按台账重演的结果不符"
	findStateColumn     = "读模型的查询列 %s 为 %q，而状态为 %q"
	findPolicy          = "所引用的办理规则（%s）缺失或内容被改动"
	findMessages        = "应有%d条通知，发件箱中有%d条"
	findStrayMessage    = "发件箱中有通知，台账却没有第%d条记录"
	findNoDocument      = "台账已拟文（%s），文书却不存在"
	findStrayDocument   = "有文书（%s），台账却没有拟文的记录"
	findDocumentStatus  = "文书（%s）的状态为 %s，按台账应为 %s"
	findDocumentNumber  = "文书（%s）的文号为 %q，按台账应为 %q"
	findMeeting         = "文书（%s）的约谈和整改情况与按台账重演的结果不符"
	findNumberMissing   = "文号 %s 缺号：该号没有登记给任何文书"
	findNumberBeyond    = "文号 %s 超出了登记的最后一个号（%d）"
	findNumberDocument  = "文号 %s 登记给了文书 %s，而文书上的文号为 %q"
	findNumberUnlisted  = "文书上的文号 %q 没有登记"
	findFile            = "文书文件 %s 与其 SHA-256 不符，文件被改动过"
	findDefinition      = "方案 %s 第%d版的内容与其哈希不符"
	findMessageNoDigest = "通知（编号 %d）已标记为发出，却不在任何一份汇总通知中"
)
