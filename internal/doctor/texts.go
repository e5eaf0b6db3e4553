package doctor

var kindNames = map[Kind]string{
	Nobody: "没有下一步，也没有等谁", WorkflowMissing: "缺少流程", WorkflowOrphan: "多余的流程", WorkflowAstray: "流程与台账不在同一时刻", WorkflowFailing: "流程出错", ModelDiffers: "读模型与台账不符",
	RecordDiffers: "通知、文件或编号与台账不符", LedgerBroken: "台账损坏", StepsMissed: "到时没有办理", NoticesWaiting: "通知没有汇总", SendingWaits: "通知迟迟没有发出",
	SendingFailed: "发送失败", SendingUnknown: "发出与否不明", DispatchSilent: "通知发送停了", WorkerSilent: "没有工作进程在运行", Provisional: "节假日安排未定",
	CertificateEnds: "证书即将到期", BackupOld: "备份过期", DiskFull: "磁盘空间不足", ClockSkewed: "时钟不一致", CheckFailed: "检查没有做成",
}

// What is looked at.
const (
	textPlans        = "方案"
	textWorkflows    = "流程与记录"
	textFailing      = "出错的流程"
	textRecord       = "台账与读模型"
	textOutbox       = "通知"
	textHeartbeats   = "心跳"
	textCalendars    = "日历"
	textCertificates = "证书"
	textBackups      = "备份"
	textDisks        = "磁盘"
	textClocks       = "时钟"
	textWholeRecord  = "整体"
	textMoments      = "流程与台账的先后"
)

// What is wrong.
const (
	textNobody                = "没有办结，却既没有下一步，也没有等谁办理"
	textNoWorkflow            = "引擎中没有它的流程，到时不会自动办理"
	textStopped               = "它的流程被终止或中断了，到时不会自动办理"
	textEnded                 = "它的流程已经结束，记录中却还没有办完"
	textNoPlan                = "流程在运行，记录中却没有方案 %s"
	textNoLedger              = "流程在运行，台账中却没有该事项"
	textClosed                = "台账中已经办结，流程还在运行"
	textNoDocument            = "流程在运行，记录中却没有该文书"
	textSettled               = "文书已经办结，流程还在运行"
	textBehindLedger          = "流程只知道台账的前%d条，台账已有%d条：数据库来自不同时刻"
	textAheadOfLedger         = "流程知道台账的%d条，台账只有%d条：数据库来自不同时刻，或台账有缺失"
	textSilent                = "流程在等台账里没有的记录，或长时间没有回答"
	textTaskFails             = "流程的任务反复失败，停在那里"
	textNotices               = "有%d条通知，过了一个发送时段还没有汇总"
	textUnsent                = "有%d份通知，过了一个发送时段还没有发出"
	textSendingFailed         = "有%d份通知没有发到，也没有人在收件箱里看过"
	textSendingUnknown        = "有%d份通知发出与否不明，也没有人在收件箱里看过"
	textMissed                = "有%d件事项，自动办理的步骤过了一天还没有办"
	textWorkerSilent          = "五分钟以上没有工作进程的心跳，什么都不会自动办理"
	textDispatchSilent        = "整整一个发送时段没有汇总和发送通知"
	textProvisional           = "%d年的节假日安排还没有录入，该年的日期按平常的周末推算，涉及%d件事项"
	textCertificateEnds       = "%s的证书 %s 到期"
	textCertificateUnreadable = "读不出%s的证书：%v"
	textNoCertificate         = "文件中没有证书"
	textBackupOld             = "最近一次备份是 %s，两天以上没有备份了"
	textBackupNone            = "还没有一份备份"
	textDiskFull              = "%s所在的磁盘只剩 %d MB，至少应留 %d MB"
	textSkewed                = "%s的时钟与本机相差 %s"
	textFailed                = "检查没有做成：%v"
	textUnable                = "“%s”（%s）不能自动修复，请按说明处理"
)

// What puts it right.
const (
	repairNobody      = "按台账重建该事项的读模型，并让它的流程重新读取台账"
	repairResume      = "按台账启动它的流程，从停下的地方继续；已经办过的不会再办"
	repairStop        = "终止该流程"
	repairCatchUp     = "通知该流程重新读取台账，由它自行结束"
	repairRead        = "通知该流程重新读取台账"
	repairAnew        = "请先用 duban verify 确认台账没有缺失；修复即按台账重新启动该流程，台账之后的不再算数"
	repairRebuild     = "按台账重建该事项的读模型"
	repairWake        = "唤醒通知发送的流程；没有的，从上一次发送处启动"
	repairFailing     = "请管理员在流程界面查看原因；若在升级之后出现，请退回原来的版本，用 duban replay 试跑新版本"
	repairRestore     = "不能自动修复：请停止办理，保全数据，从备份恢复，再用 duban verify 核验"
	repairRecord      = "不能自动修复：请管理员用 duban verify 查看全部问题，从备份恢复缺失的内容"
	repairAddress     = "请区安委办电话告知收件人，管理员核对地址和渠道的设置"
	repairCall        = "请区安委办电话确认；系统不会自动重发，以免收到两遍"
	repairMissed      = "先修复缺少、出错的流程；都没有的，请管理员查看工作进程的日志"
	repairWorker      = "请启动 duban serve 或 duban worker，并查看日志中停止的原因"
	repairCalendar    = "国务院办公厅公布后，请区安委办在“调整”中录入%d年的节假日安排"
	repairCertificate = "请管理员更换证书文件，再重新启动"
	repairBackup      = "请管理员查看日志中备份失败的原因（backup failed），检查备份目录是否在、有没有空间；可先用 duban backup 手工备份"
	repairDisk        = "请管理员清理或扩充磁盘；写满以后不能办理"
	repairClock       = "请管理员在各台机器上开启时间同步（NTP）"
	repairCheck       = "请管理员检查数据库和工作流引擎是否在运行，再检查一次"
)

// What was done.
const (
	doneResumed  = "已启动流程"
	doneRebuilt  = "已按台账重建"
	doneWoken    = "已唤醒通知发送"
	doneInformed = "已通知流程"
	doneStopped  = "已终止流程"
	doneNothing  = "已经正常，没有改动"
)
