package main

// What the program says.
const (
	textServing = `duban 已启动
  网址      %s
  接口      %s/api/v1  （说明：/api/docs）
  流程界面  %s
  引擎      %s
  数据      %s
`
	textFirstAdmin = `
首次使用：管理员（登录名 %s）请在 72 小时内打开这个一次性链接设置密码：
  %s

`
	textInvited = `%s（%s，登录名 %s）请在 72 小时内打开这个一次性链接设置密码；链接只能用一次，请只交给本人：
  %s
`
	textStanding      = "%s（%s）：%s\n"
	textDisabled      = "已停用"
	textLocked        = "已锁定"
	textNoPassword    = "未设置密码"
	textInUse         = "正常"
	textNoKey         = "读不到 %s：请在运行 duban 的机器上、以同一个系统用户、用同样的 --set data.folder 操作，或在环境变量 DUBAN_TOKEN 中给出令牌: %w"
	textKeyActive     = "启用"
	textKeyKept       = "留作解密"
	textKeyFirst      = "已建立密钥文件 %s，密钥 %s 已启用。请与数据库一起备份，并分开保管。\n"
	textKeyAdded      = "已新增密钥 %s（%s），尚未启用。请把密钥文件备份并分发给各个进程，重新启动它们，再执行 duban key activate %[1]s。\n"
	textKeyActivated  = "已启用密钥 %s，重新启动后生效。以前的密钥请勿删除。\n"
	textHelp          = "显示用法。"
	textCommandLine   = "命令行有误（%w），请用 duban --help 或 duban 命令 --help 查看用法"
	textWorking       = "duban 工作进程已启动"
	textSeeding       = "正在开立责任事项"
	textSeeded        = "方案 %s 已载入：任务 %d 项、分项任务 %d 项，已开立责任事项 %d 件，全期共 %d 件\n"
	textApplied       = "方案 %s 第 %d 版：任务 %d 项，新启动 %d 项，调整 %d 项；起算日 %s，办理情况 %d 件\n"
	textUnchanged     = "方案 %s 没有变化（第 %d 版）；起算日 %s，办理情况 %d 件\n"
	textChecked       = "方案数据没有问题：任务 %d 项、分项任务 %d 项、责任单位 %d 家、责任事项 %d 件\n"
	textServeExternal = "serve 使用内嵌引擎；要连接外部 Temporal 集群，请分别运行 duban worker 和 duban api"
	textNeedsExternal = "请先设置外部 Temporal 集群：engine.mode=external、engine.external.hostPort、engine.external.namespace、privacy.keyFile"
	textDataFolder    = "不能建立数据目录 %s，请检查权限和磁盘空间: %w"
	textEngine        = "连接不上工作流引擎 %s，请检查地址、网络和证书: %w"
	textCertificate   = "证书文件 %s 读不出有效的证书"
	textListen        = "不能在 %s 上监听，端口可能已被占用，请用 --set listen.address=127.0.0.1:端口 换一个: %w"
	textOtherClock    = "这个数据目录属于另一种时钟（正式或演练），两者的数据不能混用；请用 --set data.folder=目录 另选一个"
	textNoServer      = "连接不上正在运行的 duban（%s），请先运行 duban serve，或用 --server 指明地址: %w"
	textServerSaid    = "duban 没有接受：%s"
	textReplayed      = "试跑通过：督办 %s 与录下的 %d 份历史、运行中的 %d 个流程都没有不同，可以升级\n"
	textDifferent     = "不能升级：本程序对流程 %s 的做法与已经发生的不同，运行起来会停在那里。请继续用现在的版本，并把以下内容交给开发者：%v"
	textBadHistory    = "读不懂流程 %s 的历史: %w"
	textVerifying     = "正在核验台账"
	textNoDossier     = "无法打开卷宗文件 %s，请检查路径和权限"
	textBrokenDossier = "卷宗核验发现 %d 个问题"
	textIntactDossier = "卷宗核验通过：%s，台账 %d 条，文件 %d 个；清单校验值 %s，请与导出时所示的核对\n"
	textBareDossier   = "卷宗不含佐证材料的文件，只核对了台账里的哈希\n"
	textNoExhibit     = "佐证材料的内容缺失或被改动过，不能放入卷宗；请用 duban verify 检查并从备份恢复，或者不放入材料文件（--no-evidence）: %w"
	textNoObligation  = "责任事项 %q 应写作 方案/分项任务/责任单位/周期"
	textNoOutput      = "无法写入 %s：文件已存在，或没有权限，请用 --output 另选"
	textExported      = "已导出到 %s；清单校验值 %s，请另行保存，核验时核对\n"
	textVerified      = "台账核验通过：责任事项 %d 件，考核评估 %d 次，记录 %d 条，文书编号 %d 个，材料 %d 件\n"
	textFinding       = "%s 第%d条：%s"
	textBroken        = "台账核验发现 %d 个问题"
	textNoDatabase    = "找不到数据库文件 %s，请用 --set data.folder=目录 指明数据目录"
	textDueNever      = "没有要办的周期"
	textDueMany       = "%s … %s（%d 期）"
	textUnitsMany     = "%s 等%d家"
	textNoMatch       = "没有符合条件的步骤"
	textPreviewTotal  = "共 %d 步\n"
	textProvisional   = "暂定"
	textBanner        = "演练：时钟不是真实时间，数据与正式环境分开"
	textMonth         = "月份 %q 应写成 2026-03"
	textNoUnit        = "方案里没有代码为 %q 的责任单位，请用 duban seed show 查看代码"
	textDemoSpan      = "演练的起算日（--as-of）须早于方案结束，分钟数（--minutes）须大于 0"
	textOtherTraining = "%s 里是另一次演练（单位、情景或起算日不同）；请用原来的选项继续，或删除这个目录重新开始"
	textDemoSeed      = "演练只走一个方案，不接受另外载入；请在正式环境中载入"
	textDemo          = "演练：情景“%s”，责任单位 %d 家，约 %.4g 分钟走完方案；数据与正式环境分开，不向外发送\n  暂停、加快、放慢、扮演单位：duban training pause|resume|take|give\n  演练账号：区安委办 office、领导 leader、审计 auditor、管理员 admin，责任单位用单位代码；密码都是 %s\n"
	textDemoAt        = "\r演练到 %s，台账 %d 条，每秒 %.3g 天 %-40s"
	textPaused        = "（已暂停）"
	textRunning       = "（进行中）"
	textFinished      = "（已走完）"
	textTraining      = "演练“%s”：%s，到 %s 为止；台账 %d 条，每秒 %.3g 天%s\n"
	textByHand        = "由人扮演：%s\n"
	textSlowed        = "（本机跟不上，实际每秒 %.3g 天）"
	textDemoEnded     = "\n演练结束：与推演逐条对照，一致 %d 条，不一致 %d 件（有人参与的事项会与推演不同）；可继续查看，按 Ctrl-C 退出\n"
)

// What is wrong with evidence.
const (
	textEvidenceFolder  = "不能使用存放材料的目录 %s，请检查权限和磁盘空间: %w"
	textEvidenceS3      = "存放材料的 S3 参数有误: %w"
	textEvidenceMissing = "材料 %q 的内容缺失（%s），请从备份恢复"
	textEvidenceChanged = "材料 %q 的内容与台账中的 SHA-256 不符（%s），文件被改动过或已损坏，请从备份恢复"
)

// accountHeadings are the columns of the list of accounts.
var accountHeadings = []string{"登录名", "姓名", "身份", "单位", "状态"}

// previewHeadings are the columns of the preview as CSV.
var previewHeadings = []string{"时间", "措施", "责任单位", "分项任务", "内容", "周期", "期限", "原因", "备注"}

// What a rehearsal says.
const (
	textCannotRead   = "读不出文件 %s，请检查路径和权限: %w"
	textCannotWrite  = "不能写入 %s，请检查目录、权限和磁盘空间: %w"
	textTooManyRuns  = "情景、阶梯、方案的组合共 %d 种，一次最多推演 %d 种，请减少后再试"
	textTwoFormats   = "--json 与 --format %s 只能用一个"
	textUnitOfReport = "图表报告总是列出全部单位，--unit 请与 table、csv 或 json 合用"
	textNoSpan       = "推演的最后一天（--until）须不早于起算日 %s"
	textOwnPlan      = "自带方案"
	textNoFolder     = "找不到目录 %s，请核对 --dir"
	textNoSuchName   = "没有名为 %q 的自带文件，可用：%s；自己写的请给出 .yaml 文件的路径"
	textAgain        = "%s（%d）"
	textOffice       = "区安委办"
	textDuties       = "办件"
	textNotices      = "通知"
	textRunHeading   = "推演"
	textMonday       = "星期一"
	textRehearsed    = "推演（不是真实办理数据）：%s（%s），%s 至 %s"
	textRunsTable    = "一、合计"
	textUnitsTable   = "二、各责任单位"
	textOfficeWeeks  = "三、区安委办每周办件（审核、延期、签发）"
	textUnitWeeks    = "三、该单位每周收到的通知"
)

func textWeeksTable(unit string) string {
	if unit != "" {
		return textUnitWeeks
	}
	return textOfficeWeeks
}

// rehearseHeadings are the columns of a rehearsal as CSV.
var rehearseHeadings = map[string][]string{
	"events": {"时间", "事件", "措施", "责任单位", "分项任务", "内容", "周期", "期限", "发给", "文号", "原因"},
	"units": {
		"责任单位", "通知", "逾期", "督促函", "通报", "约谈", "最忙的一周", "该周通知", "按期完成", "逾期完成", "在办绿灯", "在办黄灯", "在办红灯",
	},
	"weeks": {"星期一", "谁", "事项", "件数"},
}

// rehearseTotals are the columns of the runs in figures.
var rehearseTotals = []string{
	"推演", "责任事项", "按期完成", "逾期完成", "在办绿灯", "在办黄灯", "在办红灯", "提醒", "催办", "逾期", "督促函", "通报", "约谈",
	"报送", "退回", "申请延期", "同意延期", "办件", "最忙的一周", "该周办件",
}

// What a replay of the past says.
const (
	textSelectNothing     = "请写明试算哪些事项：--obligation、--unit、--task 或 --year"
	textNoAlternative     = "请至少给出一项要试的：--ladders、--ladder、--due、--shift-days、--calendar 或 --rest-days；不给就与实际相同"
	textDueOfMany         = "--due 只能与 --obligation 合用；多件事项请用 --shift-days"
	textDueAndShift       = "--due 与 --shift-days 只能给一个"
	textShift             = "--shift-days 应在 -%[1]d 到 %[1]d 之间，现为 %[2]d"
	textObligationID      = "责任事项编号 %q 应写成 方案/分项任务/单位/周期，如 changning-2024/10.1/yjj/2025H1"
	textObligationAlone   = "--obligation 已经写明一件事项，不必再给 --unit、--task、--year 或别的 --plan"
	textYear              = "年份 %d 应写成四位数字，如 2025"
	textNoPlans           = "数据库里还没有方案"
	textWhichPlan         = "请用 --plan 指明方案，可用：%s"
	textNoLadder          = "没有代码为 %q 的升级阶梯，可用：%s"
	textSelectedNone      = "没有符合条件的责任事项，请核对编号、单位、任务或年份"
	textSelectedMany      = "符合条件的责任事项共 %d 件，一次最多试算 %d 件，请缩小范围"
	textTellLadders       = "升级阶梯 "
	textTellLadder        = "统一用阶梯 "
	textTellDue           = "到期日 "
	textTellShift         = "到期日移动 %+d 天"
	textTellCalendar      = "节假日安排 "
	textTellRest          = "休息日规则 "
	textWhatIf            = "回放试算（不改动台账）：%s\n所试：%s；责任事项 %d 件；已知截至 %s\n"
	textWhatIfUnits       = "一、各责任单位（实际→试算，没有变化的只写一个数）"
	textWhatIfDifferences = "二、与实际的差别"
	textWhatIfWeighty     = "二、逾期和文书与实际的差别（提醒、催办的逐条差别请用 --format csv 查看）"
	textWhatIfDropped     = "三、试算中办不成的操作"
	textWhatIfAssumptions = "四、说明"
	textNone              = "无"
	textMoreDifferences   = "还有 %d 处没有列出，请用 --format csv 查看全部\n"
	textAdded             = "增加"
	textGone              = "取消"
	textMoved             = "改期"
	textTakenBack         = "撤回"
)

// The columns of a replay of the past.
var (
	whatIfUnitHeadings    = []string{"责任单位", "事项", "有变化", "提醒", "催办", "逾期", "督促函", "通报", "约谈", "曝光移交"}
	whatIfHeadings        = []string{"责任事项", "责任单位", "内容", "原期限", "措施", "步骤", "实际", "试算", "变化", "原因"}
	whatIfDroppedHeadings = []string{"责任事项", "责任单位", "时间", "操作", "办理人", "原因"}
)

// What the test of a channel says, and sends.
const (
	textNoChannels  = "没有启用任何通知渠道（演练时钟下一律不用）；请在设置中填写渠道的网址和账号"
	textNoChannel   = "没有启用渠道 %q，已启用的有：%s"
	textTestSent    = "已发出（%s）：%s 已收下测试消息；是否显示在对方的设备上请向收件人核实\n"
	textTestNotSent = "没有发出（%s）：%w"
	textAlarmTitle  = "督办系统体检发现问题：%s"
	textAlarmMore   = "共 %d 处，第一处：\n"
	textRepair      = "处理办法："
	textAlarmWhy    = "您是本系统的运维联系人（设置 alert.to）。详情见“健康”页，或在服务器上运行 duban doctor。"
	textTestTitle   = "通知渠道测试"
	textTestText    = "这是一条测试消息，收到即说明渠道可用，不需要办理。"
	textTestWhy     = "运维人员用 duban notify test 发出，与任何责任事项无关。"
)

// Of annual lists.
const (
	textListName     = "%d年工作任务清单"
	textNoSheet      = "工作簿里没有名为“%s”的工作表，请核对"
	textRowReason    = "第%d行：%s"
	textNotMissing   = "分项任务 %s 不在“清单里没有的”之列，不能随这份清单撤销"
	textNotInPlan    = "方案里没有分项任务 %s（可能已经撤销），请从撤销（withdraw）里去掉"
	textListFaults   = "这份清单还不能应用：\n"
	textChangedBy    = "%s（%s）"
	textCorrections  = "%d年工作任务清单（待改正）.xlsx"
	textListFile     = "%d年工作任务清单.xlsx"
	textTemplateFile = "%d年工作任务清单（模板）.xlsx"
	textTemplateNote = "一行一项；单位之间用顿号分开；时限如 2026年6月底前、6月30日前、每季度、每月28日前、持续推进；分项任务编号留空即为新增。"
	textListStanding = "共%d件，已办结%d件，红灯%d件"
	textDrafted      = "下一轮方案的底稿已写到 %s：任务 %d 项、分项任务 %d 项，%s 至 %s；推定的内容（inferred）请逐条确认，改好后用 duban seed check --dir 检查\n"
	textBadAnswers   = "确认文件 %s 有误，应为 JSON：{\"answers\": {\"5\": {\"confirm\": true}}}：%w"
	textListSum      = "共 %d 行：新增 %d，变更 %d，没有变化 %d，略去 %d，须确认或改正 %d\n"
	textListMissing  = "方案里当年有、清单里没有的分项任务（不写明撤销的保留）：%s\n"
	textContacts     = "已更换 %d 家单位的联络员，共 %d 人\n"
	textListApplied  = "清单已应用：新增 %d 行，变更 %d 行，没有变化 %d 行，略去 %d 行；方案现为第 %d 版\n"
)

// Of changes in the middle of a plan.
const (
	textNoChanges   = "请给出调整的内容（YAML 或 JSON 文件），或用 --notice 给出节假日安排的通知"
	textTwoNotices  = "文件里已有通知（notice），不必再给 --notice，请去掉其一"
	textNoReason    = "请用 --reason 写明理由，或写在文件的 reason 里；它会写进受影响事项的台账"
	textChangesSum  = "正在办理的事项有变化的 %d 件：调整 %d，撤销 %d，交办 %d\n"
	textChangesMade = "方案已调整，现为第 %d 版\n"
	textChangesSame = "方案没有变化（第 %d 版）\n"
)

// changesHeadings are the columns of what an amendment does.
var changesHeadings = []string{"怎样", "责任事项", "责任单位", "内容", "原来 → 之后"}

// listHeadings are the columns of a preview.
var listHeadings = []string{"行", "结果", "编号", "标题", "单位数", "到期日", "说明"}

// What counting a half-year says.
const (
	textReported     = "已把%s进展情况报告写入 %s\n"
	textHalfOutside  = "《%s》的期限内没有%s，请核对"
	textHalfAhead    = "%s到所选的日子还没有开始，没有可以报告的；请选已经开始的半年，或晚一些的 --as-of"
	textAsOfDate     = "%q 不是日期，请写成 2026-06-30"
	textHalf         = "%q 不是半年，请写成 2026H1（上半年）或 2026H2（下半年）"
	textAssess       = "%s\n%s考核评估（试算，不留痕迹）\n评分规则：%s，基础分 %s\n\n"
	textAssessNobody = "单位 %q 在%s没有可计分的事项，请核对单位代码"
	textAssessTotal  = "合计"
)

var (
	assessHeadings     = []string{"单位", "代码", "名次", "得分", "按时办结", "逾期办结", "逾期未办", "退回", "延期", "正式措施", "否优事实"}
	assessLineHeadings = []string{"责任事项", "情形", "台账第几条", "时间", "评分项", "分数"}
)

// What the command says about a month's reports.
const (
	textMonthWritten = "已写到 %s\n"
	textMonthCounts  = "%s月报（报送情况截至 %s）\n应报 %d 家，已报 %d 家：按时 %d、逾期 %d，其中零报告 %d；逾期未报 %d 家，待报送 %d 家\n\n"
	textMonthZero    = "（零报告）"
	textMonthTasks   = "\n任务清单完成情况（截至 %s）\n"
)

var (
	monthHeadings       = []string{"单位", "报送情况", "报送时间", "联络员", "已采取措施"}
	monthFigureHeadings = []string{"行动", "本月到期", "已办结", "逾期未办", "全年应办", "已办结", "逾期未办", "完成率"}
)

// What is said of the register of hazards.
const (
	textHazardsSum     = "共 %d 条\n"
	textHazardsPreview = "将登记 %d 条，已在台账 %d 条，疑似重复须确认 %d 条，须改正 %d 条；现在什么都没有登记\n"
	textHazardsApplied = "登记 %d 条，已在台账 %d 条，疑似重复没有登记 %d 条，须改正没有登记 %d 条\n"
)

var (
	hazardsHeadings   = []string{"编号", "等级", "企业（单位）", "隐患内容", "责任单位", "期限", "状态", "亮灯", "等谁办理"}
	hazardRowHeadings = []string{"行", "结果", "编号", "企业（单位）", "隐患内容", "说明"}
)

// Of backups.
const (
	textBackingUp           = "正在备份（MB）"
	textBackupWhere         = "请用 --output 写明备份到哪个文件或目录，或在设置中填写 backup.folder"
	textBackupKeep          = "--keep 须不小于 0，并且 --output 是已有的目录时才能用"
	textBackupTo            = "不能备份到 %s：%w"
	textBackupMySQL         = "台账在 MySQL 里，督办不备份它：请先用 mysqldump --single-transaction 备份数据库，再复制 evidence.folder（或用存储桶的版本功能），流程引擎用集群自己的备份；密钥文件另存"
	textBackupRoom          = "备份目录所在的磁盘空间不足：需要约 %d MB，只有 %d MB；请清理，或用 --output 换一个地方"
	textBackupKeysExist     = "%s 已经存在，没有覆盖；请用 --keys 另写一个文件"
	textBackupEngineApart   = "未含流程引擎：它不在本机（外部集群），请用集群自己的备份。"
	textBackupEvidenceApart = "未含材料：它们在存储桶里，请用存储桶的版本功能或复制。"
	textBackupKeys          = "密钥的副本：%s。没有它，备份不能恢复；请另行保管，不要与备份放在一起。\n"
	textBackupRemoved       = "已删除旧的备份 %s\n"
	textBackupLost          = "台账里的 %d 件材料已经缺失或被改动，备份里也没有完好的内容，请从以前的备份恢复：\n%s"
	textBackedUp            = `已备份到 %s
  时间    %s 以前办妥的都在内
  内容    责任事项 %d 件，台账 %d 条，材料 %d 件
  校验值  SHA-256 %s，请另行保存，使用前核对
`
	textBackupIntact = "备份完好：文件 %d 个，%s 由督办 %s 备份；责任事项 %d 件，台账 %d 条，材料 %d 件\n"
	textNoBackup     = "不能打开备份文件 %s，请检查路径和权限: %w"
)

// Of restoring them.
const (
	textRestoreNotEmpty = "目录 %s 不是空的，没有恢复；请用 --to 另选一个不存在或空的目录，确认不再需要旧数据时也可以先把它移走"
	textRestoreInto     = "不能把恢复好的数据放到 %s（如果它是一个挂载点，请用 --to 给出它下面的目录）: %w"
	textRestoreKeys     = "找不到密钥的副本 %s：没有它，流程无法继续，所以没有恢复；请用 --keys 给出与备份分开保管的那个文件"
	textRestored        = `已恢复到 %s
  来自    督办 %s 的备份，%s 以前办妥的都在内
  内容    责任事项 %d 件，台账 %d 条，材料 %d 件，已核验
`
	textRestoredLast       = "  台账最后一条记于 %s\n"
	textRestoreEngineApart = "备份里没有流程引擎，请另行恢复集群。"
	textRestoreSetting     = "注意：设置 %s 现为 %s，恢复的数据在 %s；请改设置，或把文件移过去。"
	textRestoreNext        = `接下来：
  1. %s 以后办理的、发出的都不在内：对照发文登记，补办之前先不要签发新的文书，以免文号重复。
  2. 启动：duban serve --set data.folder=%s；启动时流程自动与台账对齐。
  3. 请各单位核对自己的事项，缺的重新报送。
`
)

// What the doctor and the rebuilding say.
const (
	textWell              = "一切正常，没有发现故障\n"
	textUnwell            = "发现 %d 项故障"
	textNotice            = "提示："
	textFault             = "■ %s  %s\n    %s\n"
	textFaultSince        = "    自 %s 起\n"
	textFaultRepair       = "    %s：%s\n"
	textMoreOfKind        = "… %s 另有 %d 项（--json 列出全部）\n"
	textByItself          = "可自动修复（--fix）"
	textByPerson          = "须人处理"
	textNeedsYes          = "不在终端上运行，不能询问；确认要修复的，请加 --yes"
	textConfirm           = "将按以上说明自动修复 %d 项，继续吗？（y/N）"
	textDeclined          = "没有修复"
	textRepaired          = "修复 %s  %s：%s\n"
	textDatabaseClock     = "数据库"
	textEngineClock       = "工作流引擎"
	textListenCertificate = "网站"
	textEngineCertificate = "连接工作流引擎所用"
	textEngineAuthority   = "工作流引擎签发机构"
	textDataDisk          = "数据目录"
	textEvidenceDisk      = "材料目录"
	textRebuilt           = "核对责任事项 %d 件，重建 %d 件\n"
	textNotRebuilt        = "有 %d 件的台账损坏，不能据以重建；重建以后读模型仍有 %d 处与台账不符。请用 duban verify 检查并从备份恢复"
	textSkipped           = "  %s：台账损坏"
)

// Of moving an installation.
const (
	textMoveTo         = "迁移的去处须是 MySQL 和外部集群：请用 --config 给出新安装的设置（database.driver=mysql、engine.mode=external、privacy.keyFile）"
	textMoveFrom       = "%s 不是单机安装的设置（SQLite、内嵌引擎），没有什么要迁移"
	textMoveNoEngine   = "%s 里没有内嵌引擎的数据，不是单机安装的数据目录；请给出旧安装的数据目录或设置文件"
	textMoveNoDatabase = "找不到旧安装的数据库文件 %s；数据库另放他处的，请给出旧安装的设置文件，而不是数据目录"
	textMoving         = "正在复制台账"
	textMovingEvidence = "正在复制材料"
	textRearming       = "正在启动流程"
	textMovedHere      = `已迁移 %s
  台账    责任事项 %d 件，台账 %d 条；%d 张表 %d 行，逐表核对无误
  材料    %d 件，本次复制 %d 件
  流程    %d 个，在集群 %s 的命名空间 %s，等候工作进程
`
	textMovedBefore = "  台账此前已经迁入，内容相同，没有再复制。\n"
	textMoveNext    = `接下来：
  1. 改过文书用语的，把 %s 复制到每台机器的数据目录。
  2. 启动：duban worker、duban api；再用 duban doctor 检查。
  3. 旧安装原样未动，不要再启动它：两处同时运行，通知和文书会发两遍。
`
)

// Of telemetry.
const textListenMetrics = "不能在 %s 上提供运行指标，端口可能已被占用，请用 --set metrics.address=127.0.0.1:端口 换一个: %w"
