package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"duban/hazardlist"
	"duban/obligation"
	"duban/plan"
	"duban/tasklist"
)

// titles name the kinds of errors, by status.
var titles = map[int]string{
	http.StatusBadRequest:            "请求无法读取",
	http.StatusUnauthorized:          "没有登录",
	http.StatusForbidden:             "不允许访问",
	http.StatusNotFound:              "找不到",
	http.StatusMethodNotAllowed:      "不支持的操作",
	http.StatusRequestTimeout:        "传输超时",
	http.StatusConflict:              "与现状不符",
	http.StatusRequestEntityTooLarge: "内容过大",
	http.StatusUnsupportedMediaType:  "格式不支持",
	http.StatusUnprocessableEntity:   "内容有误",
	http.StatusTooManyRequests:       "请稍候再试",
	statusClientClosed:               "请求已取消",
	http.StatusInternalServerError:   "内部错误",
	http.StatusNotImplemented:        "本机不支持",
	http.StatusServiceUnavailable:    "暂时无法使用",
	http.StatusInsufficientStorage:   "空间不足",
}

// details say what happened and what to do. Those of refused commands are the core's own.
var details = map[Code]string{
	CodeBodyMissing:       "没有收到内容，请在请求体中以 JSON 提供。",
	CodeBadJSON:           "内容不是有效的 JSON，请检查逗号、引号和括号后重新提交。",
	CodeBadEncoding:       "内容或地址不是有效的 UTF-8 编码，请改用 UTF-8 后重新提交。",
	CodeBodyBroken:        "内容没有传完，请重新提交。",
	CodeBodyTimeout:       "内容传输太慢，已经中断；请检查网络后重新提交。",
	CodeBodyTooLarge:      "内容过大，没有接收；请精简后重新提交，详细材料请作为附件。",
	CodeMediaType:         "请以 application/json、UTF-8 编码提交内容，不要压缩。",
	CodeValidation:        "提交的内容有误，请按逐项说明改正后重新提交。",
	CodeRouteNotFound:     "没有这个地址，请对照接口文档 /api/docs 核对。",
	CodeMethodNotAllowed:  "这个地址不支持该方法，请对照接口文档 /api/docs 核对。",
	CodeCrossOrigin:       "该操作来自其他网站，已拒绝；请直接在本系统中操作。",
	CodeFaults:            "方案数据或办理情况有误，没有启动；请按逐项说明改正后重新提交。",
	CodeKeyReused:         "这个 Idempotency-Key 已用于另一次操作，请换一个新的再提交。",
	CodeEngine:            "流程引擎没有及时答复。已办理的内容不会丢失，请稍后用同一个 Idempotency-Key 重试；若持续出现，请把请求编号告诉管理员。",
	CodeDatabase:          "数据库暂时无法读写，已办理的内容不会丢失，请稍后重试；若持续出现，请把请求编号告诉管理员。",
	CodeNothingSelected:   "没有写明试算哪些事项，请给出 obligation、unit、task 或 year。",
	CodeNoAlternative:     "没有给出要试的，请至少给出 ladders、ladder、due、shiftDays、calendar、restDays 之一；不给就与实际相同。",
	CodeSelectionTooLarge: "所选的责任事项太多，请按单位、任务或年份缩小范围。",
	CodeNotReady:          "系统尚未就绪，请稍后再试；若持续出现，请把下列未通过的检查告诉管理员。",
	CodeWithdrawn:         "该文书没有签发就已撤回，没有文件可以下载。",
	CodeNotConcluded:      "约谈还没有登记结果，没有纪要；请先登记约谈情况。",
	CodeNotDecided:        "该事项没有答复过的延期申请，没有批复可以下载。",
	CodePDFMissing:        "生成 PDF 需要在服务器上安装 LibreOffice；请改为下载 DOCX，或请管理员安装后重新启动本系统。",
	CodeUploadsBusy:       "正在上传的文件较多，请等前面的传完再试。",
	CodeStorageFull:       "服务器存放材料的空间不足，没有接收；请联系管理员清理或扩充空间后再试。",
	CodeStorageDown:       "存放材料的服务暂时无法使用，没有接收；请稍后重试，若持续出现，请把请求编号告诉管理员。",
	CodeContentLost:       "材料的内容缺失或暂时读不出来；请把请求编号告诉管理员，由其用 duban verify 检查并从备份恢复。",
	CodePDFFailed:         "PDF 没有生成，请稍后重试，或先下载 DOCX；若持续出现，请把请求编号告诉管理员。",
	CodeExportTooLarge:    "符合条件的责任事项太多，一次最多导出 20000 件；请按任务、单位或年份缩小范围后再导出。",
	CodeChannelOff:        "这个渠道没有启用；请先在设置中填写它的服务器和账号，重新启动后再测试。",
	CodeRehearsal:         "这是演练环境，不向外发送任何消息；请在正式环境中测试渠道。",
	CodeSheet:             "这个文件读不出清单，没有接收；请按说明改正后重新上传。",
	CodeNotBegun:          "这个半年到所选的日子还没有开始，没有可以报告的；请选已经开始的半年，或晚一些的截至日期。",
	CodeUnsettled:         "清单里还有须确认或须改正的行，没有应用；请逐行确认、略去，或改正后重新上传。",
	CodeNotRepairable:     "这项故障不能自动修复；请按检查结果中的说明处理，或重新检查，看它是否还在。",
	CodeCanceled:          "请求在答复之前已取消。",
	CodeInternal:          "系统内部出错，没有完成该操作；请把请求编号告诉管理员。",
}

// What is wrong with a field. The numbers of arguments are huma's.
const (
	textInvalid            = "不符合要求，请对照接口文档核对"
	textUnexpectedProperty = "没有这个字段，请核对名称（区分大小写）"
	textDateTime           = "应为带时区的时间，如 2026-03-02T14:00:00+08:00"
	textDate               = "应为存在的日期，写作 YYYY-MM-DD"
	textBoolean            = "应为 true 或 false"
	textNumber             = "应为数字"
	textInteger            = "应为整数"
	textString             = "应为文字（加引号）"
	textArray              = "应为数组"
	textObject             = "应为对象"
	textOneOf              = "应为以下之一：%s"
	textMinimum            = "不能小于 %v"
	textMaximum            = "不能大于 %v"
	textMinLength          = "至少 %d 个字"
	textMaxLength          = "最多 %d 个字"
	textPattern            = "应为%s"
	textMinItems           = "至少 %d 项"
	textMaxItems           = "最多 %d 项"
	textRequired           = "缺少必填字段 %s"
	textCursor             = "翻页标记无效，请从第一页重新查询"
	textActionOfPlan       = "须同时给出 plan：行动是某个方案里的"
	textDueOrder           = "不能早于 dueFrom"
	textUnknownUnit        = "方案里没有这个代码的责任单位，请核对"
	textMeetingUnexpected  = "只有约谈需要时间和地点，请去掉"
	textJSONPosition       = "第 %d 行第 %d 列附近有误"
	textCheckFailed        = "%s不可用"
	textMoreFaults         = "还有 %d 处问题没有列出，请先改正以上各处"
)

// humaTexts are what huma says in words of its own.
var humaTexts = map[string]string{
	"unknown query parameter":             "没有这个查询参数，请核对名称",
	"required query parameter is missing": "缺少必填的查询参数",
	"required path parameter is missing":  "地址不完整",
	"invalid integer":                     textInteger,
	"invalid boolean":                     textBoolean,
}

const (
	textNoticeOrYears = "通知全文（notice）与按年份填写（years）二者取一"
	textRowNumber     = "键应为行号或列号，从 1 起"
	textPartNumber    = "键应为第几项，从 1 起"
	textOffice        = "区安委办"
	textDossierFile   = "卷宗" // what the name of an export begins with
	textDraftFile     = "草稿" // what the name of a preview begins with
	textOK            = "成功"

	textForAll   = "（不必登录）"
	textForRoles = "（身份：%s；令牌范围：%s）"
	textSession  = "登录后的会话；启用 TLS 时名称为 __Host-duban"
	textToken    = "程序用的令牌：duban_…"
)

var scheduleKinds = map[plan.ScheduleKind]string{
	plan.Milestone: "限期完成", plan.Recurring: "周期性", plan.Continuous: "持续推进",
}

var unitKinds = map[plan.UnitKind]string{
	plan.KindParty: "党群部门", plan.KindGovernment: "政府部门", plan.KindStreet: "街道（镇）", plan.KindGroup: "区属集团公司",
}

var roles = map[obligation.Role]string{
	obligation.RoleSystem: "系统", obligation.RoleOffice: "区安委办", obligation.RoleLeader: "安委会领导", obligation.RoleUnit: "责任单位",
}

var documentStatuses = map[obligation.DocumentStatus]string{
	obligation.DocumentDraft: "待签发", obligation.DocumentIssued: "已签发", obligation.DocumentWithdrawn: "已撤回",
}

var signOffs = map[obligation.SignOff]string{
	obligation.SignOffAuto: "自动签发", obligation.SignOffOffice: "区安委办主任签发", obligation.SignOffLeader: "安委会领导签发",
}

// channelNames are what people call the ways out of the application.
var channelNames = map[string]string{
	string(plan.ChannelWeCom): "企业微信", string(plan.ChannelDingTalk): "钉钉", string(plan.ChannelFeishu): "飞书", string(plan.ChannelMail): "电子邮件",
	string(plan.ChannelSMS): "短信", "webhook": "对接程序（webhook）",
}

var deliveryStatuses = map[obligation.DeliveryStatus]string{
	obligation.DeliveryPending: "待发送", obligation.DeliverySending: "发送中", obligation.DeliverySent: "已发出", obligation.DeliveryFailed: "没有发出",
	obligation.DeliveryUnknown: "不明",
}

// What the figures are called, and their columns.
const (
	textStatisticsTitle    = "督办统计："
	textProgressReportFile = "%s进展情况报告 %s.docx"
	textStatisticsFile     = "督办统计 "
	textStatisticsNote     = "%s到期的责任事项，截至 %s。用时只计工作日的时间，一个工作日按 24 小时计，中止的时间不计。"
	textSum                = "合计"
	textTimes              = "次数"
	textMedian             = "中位数"
	textP90                = "九成不超过"
	textHalfOrQuarter      = "半年（half）与季度（quarter）二者取一"
	textYearMissing        = "选半年或季度时应同时写明年份（year）"
)

// What the tables of hazards say.
const (
	textHazards         = "隐患台账"
	textHazardsTitle    = "长宁区事故隐患台账"
	textHazardsNote     = "截至 %s。误报（免办）的不计；新增按发现日期，销号按销号日期；天数为自然日。"
	textHazardsBy       = "隐患统计："
	textHazardAnalysis  = "隐患统计分析"
	textMovements       = "隐患存量和增量："
	textYears           = "年度"
	textQuarters        = "季度"
	textMonths          = "月份"
	textGoals           = "年度目标"
	textGoal            = "目标"
	textFigure          = "指标"
	textValue           = "数值"
	textStockGoal       = "%d年底前基本消除%d年及以前排查发现的重大隐患存量"
	textCurbGoal        = "%d年底前有效遏制重大隐患增量"
	textZeroGoal        = "%d年底前形成重大隐患动态清零的常态化机制"
	textStock           = "存量"
	textEliminated      = "到%d年底已销号"
	textLeft            = "至今没有销号"
	textStockRate       = "消除率"
	textNewIn           = "%d年新增"
	textOpenNow         = "现在没有销号"
	textOverdueNow      = "其中逾期未整改"
	textAge             = "没有销号的平均已有多少天"
	textOldest          = "最久的多少天"
	textCancelledIn     = "%d年销号"
	textZeroRate        = "按期销号率"
	textOnlySelfCheck   = "联络员只能登记本单位自查发现的隐患；检查发现的、群众举报的请报区安委办登记"
	textNoHazardHead    = "没有找到表头：至少要有“企业（单位）名称”和“隐患内容”两列；请用隐患清单模板填写"
	textHazardsBrought  = "隐患清单 %s：登记%d条"
	textTemplateNote    = "新登记的不填编号；已经销号的填销号日期，按补录登记。各列可填的内容见“填写说明”。"
	textTemplateHelp    = "填写说明"
	textTemplateColumn  = "列"
	textTemplateMeaning = "怎么填"
	textTemplateSuffix  = "（模板）"
)

var (
	hazardHeadings      = []string{"上账", "未销号", "逾期未整改", "已销号", "按期销号", "反弹", "平均整改天数"}
	movementHeadings    = []string{"期初存量", "新增", "销号", "期末存量"}
	hazardStateHeadings = []string{"状态", "亮灯", "等谁办理", "挂牌督办", "已采取的措施"}
)

// hazardOutcomes are what becomes of the rows of a list of hazards.
var hazardOutcomes = map[tasklist.Outcome]string{
	tasklist.Create: "登记", tasklist.Unchanged: "已在台账", tasklist.Fault: "须改正", tasklist.Confirm: "疑似重复，须确认",
}

// hazardFieldHelp says how the columns of a list are filled in.
var hazardFieldHelp = map[hazardlist.Field]string{
	hazardlist.Number: "不填。台账导出的清单带有编号，原样导入没有变化", hazardlist.Grade: "必填：重大、一般", hazardlist.Source: "必填：企业自查、督导检查、群众举报",
	hazardlist.Reference: "检查记录、举报件的名称和编号", hazardlist.Industry: "必填：见下面的名单", hazardlist.Region: "必填：街道（镇）的名称",
	hazardlist.Enterprise: "必填", hazardlist.Place: "必填", hazardlist.Text: "必填", hazardlist.Basis: "判定标准的条款", hazardlist.Measures: "整改措施和整改前的防范措施",
	hazardlist.Principal: "姓名、电话", hazardlist.Notified: "何时以何种方式告知", hazardlist.Found: "必填：2026-03-02 或 2026年3月2日", hazardlist.Unit: "必填：见下面的名单",
	hazardlist.Due: "必填：日期", hazardlist.Reviewer: "重大隐患必填：行业监管部门，不能是责任单位", hazardlist.Former: "反弹的，填原来的编号", hazardlist.Cancelled: "已经销号的填日期，没有销号的不填",
}

var statisticsHeadings = []string{"全部", "应办", "已办结", "按时办结", "逾期办结", "未办结", "逾期未办", "免办", "补录", "完成率", "按时率"}

// What a calendar says.
const (
	textCalendarName = "督办到期日"
	textEventTitle   = "【%s】%s（%s）"
	textEventAbout   = "状态：%s\n亮灯：%s\n责任单位：%s\n周期：%s\n分项任务：%s"
)

// What an export is called, and its columns.
const (
	textExportTitle = "责任事项"
	textExportNote  = "截至 %s，共 %d 件"
	textYes         = "是"
)

var exportColumns = []TableColumn{
	{"序号", 6},
	{"任务", 6},
	{"分项任务", 9},
	{"分项任务标题", 40},
	{"责任单位", 20},
	{"周期", 16},
	{"状态", 9},
	{"亮灯", 7},
	{"到期日", 12},
	{"原到期日", 12},
	{"现在的期限", 12},
	{"曾经逾期", 9},
	{"已采取的措施", 12},
	{"等谁办理", 16},
	{"下一步时间", 17},
	{"下一步", 20},
	{"最近报告的进展", 40},
	{"延期次数", 9},
	{"联络员", 10},
	{"最近变动", 17},
}

// textFindings is what a list of findings is called.
const textFindings = "督导检查问题清单"

var findingColumns = []TableColumn{
	{"序号", 6},
	{"检查周期", 16},
	{"责任单位", 20},
	{"企业、场所", 24},
	{"问题", 40},
	{"依据", 24},
	{"严重程度", 9},
	{"整改要求", 40},
	{"整改期限", 12},
	{"现在的期限", 12},
	{"状态", 9},
	{"亮灯", 7},
	{"已采取的措施", 12},
	{"等谁办理", 16},
}

var testResults = map[string]string{testSent: "对方已接收", testRefused: "没有发出", testUnknown: "发出与否不明"}

// faults name what may be broken, and say what to do.
var faults = map[obligation.Fault]struct{ label, help string }{
	obligation.FaultFailed:  {"发送失败", "在发送情况中查看原因：地址有误的请改正联络员信息，渠道不通的请测试渠道；收件人可在收件箱中阅读，也可打印送达。"},
	obligation.FaultUnknown: {"发出与否不明", "发送途中中断，系统不会重发，以免重复；请向收件人核实，没有收到的打印送达。"},
	obligation.FaultUnsent:  {"迟迟没有发出", "已错过一整个工作日的发送时间；请测试渠道，并检查系统是否在正常运行。"},
	obligation.FaultOutbox:  {"通知没有汇总", "已错过一整个工作日的汇总时间；请检查系统是否在正常运行，持续出现的查看运行日志。"},
	obligation.FaultMissed:  {"到时没有办理", "自动办理已迟了一天以上；请检查系统和流程引擎是否在正常运行，持续出现的在流程页面中查看。"},
	obligation.FaultNobody:  {"没有下一步也没有等谁", "这些事项不会再自己前进；请用 duban verify 检查记录，并把结果告诉维护人员。"},
}

// The groups of operations.
const (
	tagPlans       = "方案"
	tagObligations = "责任事项"
	tagDocuments   = "文书"
	tagInbox       = "收件箱"
	tagHealth      = "运行"
	tagTraining    = "演练"
	tagAccounts    = "账号"
	tagLists       = "清单"
	tagAssessments = "考核评估"
	tagHazards     = "隐患挂牌督办"
	tagInspections = "督导检查"
)

var tags = []*huma.Tag{
	{Name: tagPlans, Description: "方案、任务、分项任务与责任单位"},
	{Name: tagObligations, Description: "一个单位一个周期的一项分项任务：查询、台账、签收、报送、审核、催问、延期"},
	{Name: tagDocuments, Description: "督促函、通报、约谈等文书：签发、撤回，约谈的时间与结果"},
	{Name: tagHazards, Description: "隐患台账：登记、挂牌、整改、审核把关、销号，导入导出，存量增量和分行业、分区域分析。整改、延期、退回、销号、误报（免办）等与其他责任事项一样，用责任事项的接口办理"},
	{Name: tagAssessments, Description: "半年考核评估：得分与依据，自评、申诉、复核、签发、公布，换规则试算"},
	{Name: tagInspections, Description: "每周专项督导检查：安排、登记、交办问题、问题清单和交办单"},
	{Name: tagInbox, Description: "各单位与区安委办收到的每日摘要"},
	{Name: tagLists, Description: "年度工作任务清单：导入、预览、确认、应用，导出与模板"},
	{Name: tagHealth, Description: "运行状况"},
	{Name: tagAccounts, Description: "登录、密码、令牌；账号管理与管理日志"},
}

const (
	textTitle       = "督办接口"
	textDescription = `安全生产治本攻坚三年行动督办系统的接口。

人登录（` + "`POST /api/v1/login`" + `）后凭会话 Cookie 使用，闲置 30 分钟自动退出；程序凭令牌使用（` + "`Authorization: Bearer duban_…`" + `，登录后以 ` + "`POST /api/v1/me/tokens`" + ` 签发）。办理人就是登录的人。各身份能做什么，以每项操作的说明为准；责任单位的联络员只能查看和办理本单位的。

- 日期写作 2026-03-02；时间为方案所在时区（+08:00）的 RFC 3339 格式。代码旁的 …Label 字段是供人阅读的名称。
- 列表分页：以回答中的 ` + "`next`" + ` 作为下一次的 ` + "`cursor`" + `（台账为 ` + "`after`" + `），没有 ` + "`next`" + ` 即为最后一页。
- 错误为 application/problem+json：` + "`code`" + ` 稳定，供程序判断；` + "`detail`" + ` 供人阅读；报障时请提供 ` + "`requestId`" + `。
- 办理类操作可带 ` + "`Idempotency-Key`" + `：超时或断线后用同一个键重试，只办理一次，得到同样的回答。
- 办理责任事项可带 ` + "`If-Match`" + `：办理时所见的台账序号（` + "`seq`" + ` 或 ` + "`ETag`" + `）。此后有别人办理过的，不办理并答复 conflict，免得盖过没看到的内容；自动的提醒不算。
- 回答带有 ` + "`X-Duban-Rehearsal: true`" + ` 的是演练环境。`
)

// operations are the summaries and descriptions of all operations, by id.
var operations = map[string]struct{ summary, description string }{
	"preview-changes":           {"预览调整", "更换节假日安排（可粘贴国务院办公厅通知全文）、单位的更名和撤并、分项任务的改期、改派、换阶梯和撤销、升级阶梯的修改和增删：逐件列出正在办理的事项怎样变化，不改动方案。"},
	"make-changes":              {"调整方案", "写明理由，按预览的内容调整方案：受影响的事项重新安排，撤销的不必再办，其余不动；历史保留。管理员只能调整节假日和单位。"},
	"upload-list":               {"导入清单", "上传年度工作任务清单（xlsx、csv、yaml，不超过 10 MB），逐行读取并给出结果；确认之前不改动方案。同一文件同一年份再次上传，是同一份清单。"},
	"list-lists":                {"导入过的清单", "导入过的清单及其应用情况，新的在前。"},
	"get-list":                  {"查看清单", "清单按到目前为止的确认读成什么：各种结果的项数，所选的行，以及正在办理的事项怎样变化，分页列出。"},
	"settle-list":               {"记下确认", "记下对清单的一部分确认：换工作表、指定列、逐行的确认、撤销；不改动方案，别人接着办时也看得到。应用时写明全部确认。"},
	"preview-list":              {"按确认重读清单", "按手工指定的列、逐行的确认重新读取，不改动方案；全部读得懂时，一并给出正在办理的事项怎样变化。"},
	"apply-list":                {"应用清单", "按预览时的确认把清单写进方案，写明理由：新增的按时交办，变更的调整正在办理的事项，撤销的不必再办。中断后重做、重复应用，结果相同。"},
	"download-corrections":      {"下载待改正的清单", "原来的工作簿加一列原因；改正后重新导入，该列不读。"},
	"export-list":               {"导出清单", "当年的工作任务清单与完成情况（xlsx）；原样导入没有变化。"},
	"download-template":         {"下载清单模板", "当年的空白清单（xlsx），任务、单位可以从下拉列表选择。"},
	"login":                     {"登录", "登录名和密码正确的，开始一个会话（Cookie）。连续输错 5 次锁定 15 分钟。"},
	"accept-invitation":         {"用一次性链接设置密码", "新开立的账号、忘记密码的账号，凭管理员交给的一次性链接设置密码。链接用过即作废；原有的会话全部结束。"},
	"logout":                    {"退出", "结束当前会话。"},
	"get-me":                    {"我是谁", "当前登录的账号、身份、单位和权限范围。"},
	"change-password":           {"修改密码", "须提供原密码。本账号的其他会话全部结束。"},
	"list-feeds":                {"我的日历订阅", "本人开通过的日历订阅；地址只在开通时显示一次。"},
	"issue-feed":                {"开通日历订阅", "开通一个日历订阅：手机、电脑的日历程序凭地址读取到期日，联络员为本单位的，其他人为全部的。须由本人登录后办理。"},
	"revoke-feed":               {"停止日历订阅", "停止本人的一个日历订阅，立即生效。"},
	"read-feed":                 {"日历", "到期日（iCalendar）：每件责任事项一个全天日程，从 90 天前到期的起。地址即凭据；停止的、账号停用的，答复没有找到。"},
	"list-tokens":               {"我的令牌", "本账号签发过的令牌；令牌本身只在签发时显示一次。"},
	"issue-token":               {"签发令牌", "为程序签发一个令牌，以本账号的名义办理，须写明用途、权限范围和截止时间。须由本人登录后办理。"},
	"revoke-token":              {"吊销令牌", "吊销本账号的一个令牌，立即生效。"},
	"list-accounts":             {"账号列表", "全部账号。"},
	"create-account":            {"开立账号", "开立账号并得到一次性链接，交给本人设置密码；管理员不经手密码。"},
	"change-account":            {"修改账号", "改姓名、身份、单位，停用、启用、解除锁定。最后一个可用的管理员账号不能停用。"},
	"invite-account":            {"重新签发一次性链接", "忘记密码、链接过期时重新签发；此前的链接作废，锁定随之解除。"},
	"end-sessions":              {"结束全部会话", "该账号在各处的会话立即结束，须重新登录。"},
	"list-account-tokens":       {"账号的令牌", "该账号签发过的令牌。"},
	"revoke-account-token":      {"吊销账号的令牌", "吊销该账号的一个令牌，立即生效。"},
	"list-admin-log":            {"管理日志", "登录与失败、账号与令牌的变动等，只增不改，新的在前。"},
	"list-open-workflows":       {"正在运行的流程", "引擎中正在运行的每一个流程及其最近一次运行的历史，与引擎保存的一样，载荷仍是加密的；一页一页给出。升级前由 duban replay 取来，用新版本逐个试跑。"},
	"list-hazards":              {"隐患台账", "按条件列出隐患，分页。联络员只看到本单位整改的和本单位审核的。"},
	"get-hazard":                {"一条隐患", "登记内容、挂牌、审核和办理情况。责任单位和审核单位的联络员可以看。"},
	"get-hazard-options":        {"登记隐患可选的内容", "行业领域、街道（镇）、责任单位、审核单位。"},
	"export-hazards":            {"导出隐患台账", "与查询同样的条件，写成表格（xlsx）。原样导入没有变化。"},
	"register-hazard":           {"登记隐患", "编入台账并交办：编号按年连续，没有缺号。区安委办可以登记任何一条，联络员只能登记本单位自查的。整改期限已过的按仍需整改登记，填了销号日期的按补录登记。"},
	"supervise-hazard":          {"挂牌督办", "由区安委办或安委会领导挂牌，写明文号和督办人。"},
	"regrade-hazard":            {"调整隐患等级", "须写明理由；调为重大的须有审核单位。"},
	"review-hazard":             {"审核把关", "由审核单位的联络员审核整改情况，或由区安委办代录；不通过的退回责任单位继续整改，通过的由区安委办销号（审核通过责任事项）。"},
	"analyse-hazards":           {"隐患统计分析", "各月、季、年的存量和增量，三个年度目标，分行业领域、分街道（镇）、分来源、分等级、分责任单位。误报（免办）的不计。"},
	"export-hazard-analysis":    {"导出隐患统计分析", "同样的数据，写成表格（xlsx），每种分组一张工作表。"},
	"download-hazard-template":  {"隐患清单模板", "空白的清单（xlsx），附填写说明。"},
	"preview-hazards":           {"预览隐患清单", "逐行说明导入后怎样，什么都不登记。请求体为文件（xlsx、csv）。与台账中企业、地点、内容、发现日期都相同的列为疑似重复，由人确认。"},
	"apply-hazards":             {"导入隐患清单", "逐行登记。中断的，再用同一个文件导入即可接着办，不会重复登记。"},
	"get-diagnosis":             {"健康检查", "系统有什么故障，各怎样修复。不写 examine 的，给出最近一次检查的结果（每 10 分钟自动检查一次）；now 现在检查，台账仍分批核验；whole 现在检查并核验全部台账，须等一会儿。"},
	"repair-fault":              {"修复故障", "修复检查出的一项能自动修复的故障，记入管理日志。可以重复提交：已经正常的不再改动。"},
	"get-training":              {"演练情况", "演练到哪一天、时钟快慢、是否暂停、本机是否跟得上、哪些单位由人扮演。"},
	"pace-training":             {"调整演练时钟", "暂停、继续、放慢或加快。本机跟不上时，时钟会自动等待，不会让步骤迟到。"},
	"take-unit":                 {"扮演或交还责任单位", "byHand 为 true 时该单位不再按情景行事，由人通过本接口签收、报送；为 false 时交还情景。"},
	"start-plan":                {"启动方案", "启动程序内置的或所附的方案；已经启动的再次启动不会重复，有变化的按变化调整。起算日前到期的事项作为补录，不再督办，除非标为仍需办理（owed）。"},
	"list-plans":                {"方案列表", "本系统中的全部方案。"},
	"get-plan":                  {"查看方案", "方案的基本情况、行动、升级阶梯与责任事项统计。"},
	"list-ladders":              {"升级阶梯列表", "方案的全部升级阶梯及其步骤，各有多少分项任务在用。改阶梯用方案调整（changes）的 ladders。"},
	"list-tasks":                {"任务列表", "方案的全部任务，含责任事项统计与亮灯。"},
	"get-task":                  {"查看任务", "任务原文与分项任务：依据的原句、时间安排、责任单位，以及须由区安委办确认的推定内容。"},
	"list-units":                {"责任单位列表", "方案的全部责任单位与联络员。"},
	"list-obligations":          {"责任事项列表", "按条件查询责任事项，按到期日排列。"},
	"get-obligation":            {"查看责任事项", "状态、亮灯、原定与现行期限、下一步及其理由、等谁办理、流程地址。"},
	"list-ledger":               {"责任事项的台账", "发生过的一切，只增不改，按序号排列。"},
	"list-obligation-documents": {"责任事项的文书", "该事项的全部文书，按升级先后排列。"},
	"sign-obligation":           {"签收", "责任单位签收。"},
	"submit-obligation":         {"报送完成情况", "责任单位报送完成情况，由区安委办审核。"},
	"accept-obligation":         {"审核通过", "区安委办审核通过，该事项办结；未签发的文书随之撤回。"},
	"return-obligation":         {"退回", "区安委办写明理由退回，责任单位补正后重新报送。"},
	"nudge-obligation":          {"催问", "区安委办询问进展，责任单位会收到通知。"},
	"waive-obligation":          {"免办", "区安委办写明理由，责任单位不必再办，该事项就此结束，不计按期也不计逾期；未签发的文书随之撤回，不能恢复。"},
	"send-back-obligation":      {"退回（不属本单位）", "责任单位写明理由退回不属于本单位的事项。答复之前由区安委办负责：不催办、不升级，没有逾期的不算逾期；签收或报送即收回退回。不同意的不能再次退回，除非该事项有调整。"},
	"refuse-send-back":          {"不同意退回", "区安委办写明理由不同意退回，该事项仍由责任单位办理，逾期后的措施扣除等待答复的时间。同意退回的，请免办，并在方案中改派。"},
	"report-progress":           {"报告进展", "责任单位报告完成的百分比、进展情况，至少一项；列表和详情中可见，不停止提醒，也不改变期限。答复催问的，区安委办会收到通知。"},
	"skip-rung":                 {"越级", "区安委办写明理由，对已经逾期的事项立即拟更高一级的正式措施，不等天数和整改期；签发照旧。跳过的不再补拟，其后的仍按次序，并至少隔一个整改期。"},
	"delegate-obligation":       {"委托代办", "联络员在写明的日期内委托他人代办；期间受托人办理的，台账上两人的姓名都在。新的委托代替旧的，到期自动失效。"},
	"end-delegation":            {"结束委托", "提前结束委托代办。"},
	"hand-over-obligation":      {"移交联络员", "区安委办写明理由，把该事项移交给该单位的另一位联络员；原来的委托随之失效。"},
	"delegate-unit":             {"全部委托代办", "联络员把本单位在办的责任事项全部委托他人代办，逐件报告结果。以后交办的不在其内。"},
	"hand-over-unit":            {"全部移交联络员", "联络员调离时，区安委办把该单位在办的责任事项一次移交给新联络员：每件记入台账，逐件报告结果；用同一个 Idempotency-Key 重试，已办的不会重复。"},
	"break-down-obligation":     {"分解给配合单位", "牵头单位把事项分解给配合单位：写明单位、内容和期限（不晚于本事项的期限）。每一件是配合单位自己的责任事项，有自己的台账、期限和升级阶梯，由区安委办审核；全部报送或免办后本事项才能报送，全部审核通过或免办后才能审核通过。"},
	"list-inspections":          {"督导检查列表", "每周的专项督导检查：状态、主题、受检单位、问题的整改情况；并列出各单位多久没有检查，建议先查的在前。没有工作日的周免予检查，不在其中。"},
	"get-inspection":            {"督导检查", "一次检查的安排、检查情况和问题清单，以及按检查情况拟的完成情况。"},
	"plan-inspection":           {"安排督导检查", "区安委办安排当周的检查：主题、受检单位和场所、日期、人员、依据。登记之前可以改，历次安排都在台账里。"},
	"record-inspection":         {"登记督导检查", "区安委办登记检查情况和发现的问题，只登记一次。每个问题成为责任单位的责任事项，有自己的台账、期限和升级阶梯；问题没有整改完，不妨碍当周检查办结。"},
	"add-findings":              {"补充交办问题", "检查登记之后、当周事项办结之前，补充发现的问题。办结之后发现的，登记在下一次检查里。"},
	"list-findings":             {"问题清单", "历次检查发现的问题和整改情况，最近的检查在前。责任单位只看到自己的。"},
	"export-findings":           {"导出问题清单", "按同样的条件导出为 Excel 文件。"},
	"download-order":            {"下载交办单", "问题所在检查交办给该单位的全部问题，信函式；没有文号，以周期和单位为名。补充问题后重新下载即为最新。"},
	"suspend-obligation":        {"中止", "区安委办写明理由中止办理：恢复之前不算逾期，不提醒、不升级，责任单位不必办理；待答复的延期申请随之作废。"},
	"resume-obligation":         {"恢复", "区安委办写明理由恢复办理：期限顺延中止的工作日数，原定到期日保留；中止前已经逾期的仍为逾期，逾期天数扣除中止的时间。"},
	"ask-extension":             {"申请延期", "责任单位在期限届满前申请延期，写明希望延至哪天、理由和目前进展；答复之前不算逾期。一次一件，同意的次数以升级阶梯为限。"},
	"grant-extension":           {"同意延期", "区安委办同意延期，可以另定日期。提醒按新的期限重新计算，原定到期日保留；退回补正的只延补正期限。"},
	"refuse-extension":          {"不同意延期", "区安委办写明理由不同意延期，原来的期限仍然有效；期限已过的随即逾期，逾期后的措施从答复之日起算。"},
	"list-documents":            {"文书列表", "按条件查询文书，新的在前。"},
	"get-document":              {"查看文书", "文书的正文、状态、文号；约谈的时间与结果。"},
	"get-wall":                  {"挂图", "各项任务 × 方案期各月：按到期日统计责任事项和亮灯。联络员只看得到本单位的。"},
	"get-overview":              {"概览", "今天怎样：即将逾期、逾期未办、逾期已办，等谁办理，各单位的按时率，各月的走势。联络员只看得到本单位的，不含待签发的文书。"},
	"get-matrix":                {"任务矩阵", "一项任务的分项任务 × 责任单位。联络员只看得到本单位的。"},
	"get-unit":                  {"查看责任单位", "单位的类别、别名、有效期、撤并、联络员和责任事项统计。手机号码只对管理员和区安委办完整显示；联络员只看得到本单位的。"},
	"get-calendar-year":         {"查看日历", "一年各日是工作日、周末、放假还是补班，按方案所用的节假日安排。"},
	"get-stuck":                 {"卡在哪里", "未办结的在等谁、从何时等起，与系统的故障（发送失败、没有发出、到时没有办理）分开列出。"},
	"list-deliveries":           {"发送情况", "摘要经各渠道向外发送的情况，最近变动的在前。"},
	"list-channels":             {"渠道", "各通知渠道是否启用、连接哪个服务器。"},
	"test-channel":              {"测试渠道", "立即向一个地址发一条测试消息，答复结果；记入管理日志。演练环境不能测试。"},
	"get-statistics":            {"统计", "完成率、按时率、各级措施送达的次数，以及签收、报送、审核等用时（工作日和小时），按行动、任务或责任单位，并按年度、季度、月份；都归到事项的到期日。审核、答复、签发用时是区安委办和安委会领导自己的。"},
	"export-statistics":         {"导出统计", "同样的数据，写成表格（xlsx）：每种分组一张工作表，末行为合计。"},
	"download-progress-report":  {"下载半年进展情况报告", "半年内到期事项的完成情况（总体、各行动、各任务、各责任单位）、督促措施、用时，目前逾期未办的事项，下一个半年到期的事项，以及公布后的考核评估得分，附图表，按 GB/T 9704—2012 排版（docx）。数字与“统计”相同。"},
	"list-monthly":              {"各月月报", "各月月报的报送情况：应报、已报、按时、逾期、零报告、未报各几家，新的在前。联络员只看得到本单位的。"},
	"get-monthly":               {"一个月的月报", "各单位的报送情况和所报内容，任务清单的完成情况（本月到期、全年，截至报送截止日），按任务汇集的事项说明。联络员只看得到本单位的。"},
	"download-monthly":          {"下载月报", "同样的内容，写成一份报告（DOCX）：报送情况、任务清单完成情况、各单位所报内容。"},
	"get-monthly-form":          {"月报表单", "责任单位填报月报用的底稿：本单位本月已办、逾期、到期、下月到期的事项，可以采用的文字，上月所报的内容。"},
	"export-monthly":            {"导出月报", "汇总月报存为 XLSX：报送情况、任务清单完成情况、各单位所报内容。"},
	"export-obligations":        {"导出责任事项", "按与列表相同的条件和排序导出表格（xlsx），最多 20000 件。"},
	"sign-off-document":         {"签发文书", "签发后编文号并发出；约谈须写明时间和地点。由区安委办主任还是安委会领导签发，以文书的 signOff 为准。"},
	"withdraw-document":         {"撤回文书", "写明理由撤回尚未签发的文书。"},
	"arrange-interview":         {"约谈改期", "已签发、尚未举行的约谈另定时间、地点或携带的材料，须写明理由；原定的时间和理由留在台账里。"},
	"conclude-interview":        {"登记约谈结果", "约谈举行后登记情况，并提出整改要求和整改期限；确实不需要另行整改的写明理由。责任单位由此须报送整改报告，到期前后都会提醒，逾期同时提醒区安委办。事项本身办结后整改仍继续。"},
	"report-rectification":      {"报送整改报告", "责任单位报送约谈所提整改要求的落实情况，由区安委办核查。"},
	"verify-rectification":      {"整改核查通过", "区安委办核查整改报告属实，约谈办结。"},
	"return-rectification":      {"退回整改报告", "区安委办退回整改报告，写明理由，可以另定整改期限。"},
	"waive-rectification":       {"免予整改", "区安委办不再要求整改，须写明理由；整改报告报送前后都可以办理。"},
	"download-document":         {"下载文书", "已签发的文书按 GB/T 9704—2012 排版，同一份文书每次下载都是同样的文件；待签发的为预览，带“草稿”字样，没有文号。另定时间的约谈，通知书随之更新。"},
	"download-minutes":          {"下载约谈纪要", "登记约谈结果后可以下载，供双方签字。"},
	"read-document":             {"阅读文书", "文书文件的内容，供在页面上阅读：与下载的是同一份文件。待签发的为预览，带“草稿”字样。"},
	"read-minutes":              {"阅读约谈纪要", "约谈纪要文件的内容，供在页面上阅读；登记约谈结果后才有。"},
	"download-extension-reply":  {"下载延期批复", "最近一次延期申请的批复：原期限、申请的期限、是否同意；不编文号。"},
	"export-dossier":            {"导出卷宗", "一件责任事项的全部记录（zip）：台账及其哈希链、文书文件、通知及其发送情况、佐证材料、Temporal 历史和可读的摘要。用 duban verify 文件名 离线核验；回答头 X-Duban-Manifest-SHA256 是清单的校验值，请另行保存。"},
	"list-inbox":                {"收件箱", "责任单位或区安委办（office）收到的摘要，新的在前。"},
	"read-digest":               {"标为已读", "把一份摘要标为已读；首次阅读的时间保留。"},
	"print-digest":              {"打印通知", "一份摘要的 A4 打印页，附签收栏；用于没有接通其他渠道的收件人。"},
	"health":                    {"运行状况", "进程在运行即答复，不检查其他部件。"},
	"ready":                     {"就绪检查", "数据库、流程引擎等各项检查都通过才答复成功；否则 503，并列出未通过的检查。"},
	"upload-evidence":           {"上传佐证材料", "以请求体直接传送文件内容，文件名写在 name 里。扩展名、所报类型与内容须一致；含宏的文档、加密文件、不安全的压缩包和可执行的内容不接收。上传后须在报送或报告进展时写明编号，才存入台账；一直没有报送的到期清理。"},
	"list-evidence":             {"佐证材料列表", "一个责任事项已上传的材料，以及上传的限制。"},
	"download-evidence":         {"下载佐证材料", "下载的内容与上传时逐字节相同，SHA-256 见 X-Duban-SHA256，与台账一致。"},
	"remove-evidence":           {"删除未报送的材料", "已随报送存入台账的材料不能删除。"},
	"list-assessments":          {"列出考核评估", "方案的各次半年考核评估走到了哪一步。"},
	"get-assessment":            {"查看考核评估", "名次、得分与办理情况。公布前，联络员只看得到本单位的；公布后看得到各单位的名次、得分和办理情况。"},
	"get-assessment-unit":       {"查看一家单位的得分", "逐条列出看了台账的哪一条、按哪一项规则值多少分。"},
	"list-assessment-record":    {"查看考核评估的记录", "计分、自评、申诉、答复、调整、签发、公布和提醒的全部记录，只增不改。"},
	"export-assessment":         {"导出考核评估", "各单位的名次、得分和办理情况，或一家单位的逐条依据，存为 XLSX。"},
	"try-assessment":            {"换规则试算考核评估", "按另一套评分规则重算这个半年各单位的得分。只读台账，不留痕迹；节点未到的，按目前的台账算。"},
	"score-assessment":          {"自评", "责任单位给自己打分，可以在截止前改。"},
	"object-assessment":         {"申诉", "责任单位对得分有异议。一份申诉答复后才能再提。"},
	"answer-assessment":         {"答复申诉", "须写明理由。"},
	"adjust-assessment":         {"调整得分", "区安委办加、扣分，须写明理由；再次调整代替前次。"},
	"close-assessment":          {"提前结束自评", "不等截止日。"},
	"propose-assessment":        {"送签发", "申诉都答复后才能送。"},
	"sign-assessment":           {"签发考核评估", "领导签发后由区安委办公布。"},
	"send-back-assessment":      {"退回复核", "领导退回区安委办，须写明理由。"},
	"grade-assessment":          {"评价质量", "区安委办评价一家单位半年工作的质量，按规则加、扣分，须写明理由；再次评价代替前次。"},
	"advise-assessment":         {"提出表扬、否优意见", "区安委办依据所列事实，对一家单位是否通报表扬、一票否优提出意见，须写明理由，由领导决定；再次提出代替前次，已有的决定作废。"},
	"decide-assessment":         {"决定表扬、否优", "领导对区安委办提出意见的单位决定是否通报表扬、一票否优，须写明理由；都决定后才能签发，随结果公布。"},
	"publish-assessment":        {"公布考核评估", "向各单位公布得分和名次，此后不能再改。"},
	"what-if":                   {"回放试算", "把所选事项的台账按另一升级阶梯、到期日、节假日安排或休息日规则重来一遍：谁会被提醒、督促、通报、约谈，与实际有何不同。只读台账，不留痕迹；人的操作按实际时间重来。"},
}

// What is wrong with what is to be tried.
const (
	textOneObligation   = "应写成 方案/分项任务/单位/周期，方案与 plan 相同，且不与 unit、task、year 合用"
	textDueOfOne        = "只能与 obligation 合用，且不与 shiftDays 合用"
	textUnknownLadder   = "没有这个代码的升级阶梯，请核对"
	textLadderTwice     = "这个代码写了两次，请删除其一"
	textYearKey         = "年份应为四位数字"
	textTooManySelected = "共 %d 件，一次最多试算 %d 件"
)

// textTextOrReport is what is wrong with a report in words and by the form.
const textTextOrReport = "填了月报表单（report）的，不另写 text"

// What an exported month says.
const (
	textMonthlyFile     = "工作开展情况月报"
	textMonthlyNote     = "%s；报送情况截至 %s，任务清单完成情况截至 %s"
	textMonthlyReports  = "报送情况"
	textMonthlyActions  = "各行动完成情况"
	textMonthlyTasks    = "各任务完成情况"
	textMonthlyContents = "所报内容"
	textMonthlyRemarks  = "事项说明"
)

var (
	monthlyCountHeadings  = []TableColumn{{"应报", 8}, {"已报", 8}, {"按时报送", 10}, {"逾期报送", 10}, {"其中零报告", 12}, {"其中退回补正", 14}, {"逾期未报", 10}, {"待报送", 8}, {"免报", 8}, {"补录", 8}}
	monthlyReportColumns  = []TableColumn{{"责任单位", 24}, {"报送情况", 12}, {"零报告", 8}, {"状态", 10}, {"报送时间", 18}, {"期限", 12}, {"联络员", 12}, {"已采取措施", 12}}
	monthlyFigureColumns  = []TableColumn{{"本月到期", 10}, {"已办结", 10}, {"逾期未办", 10}, {"全年应办", 10}, {"已办结", 10}, {"其中逾期办结", 14}, {"逾期未办", 10}, {"完成率", 10}}
	monthlyContentColumns = []TableColumn{{"责任单位", 24}, {"工作开展情况", 60}, {"存在问题", 40}, {"下步计划", 40}}
	monthlyRemarkColumns  = []TableColumn{{"任务", 30}, {"责任单位", 24}, {"事项", 40}, {"周期", 14}, {"说明", 60}}
)

// What is wrong with points.
const textOneDecimal = "最多一位小数"

// assessmentHolders name who holds an assessment up.
var assessmentHolders = map[string]string{"units": "责任单位", "office": "区安委办", "leader": "安委会领导"}

// What an exported assessment says.
const (
	textAssessmentTitle    = "%s考核评估"
	textAssessmentNote     = "%s；评分规则：%s；进度：%s"
	textAssessmentBase     = "基础分"
	textAssessmentAdjusted = "区安委办调整"
	textAssessmentTotal    = "得分"
	textAssessmentIdle     = "本期无事项"
	textAssessmentRecord   = "考核评估记录"
	textVerdict            = "%s：%s"
	textOpinion            = "拟%s，待决定：%s"
)

// yesNo is how a matter is decided.
var yesNo = map[bool]string{true: "是", false: "否"}

var (
	assessmentColumns = []TableColumn{
		{"名次", 6},
		{"单位", 24},
		{"得分", 8},
		{"计分", 8},
		{"调整", 8},
		{"调整理由", 24},
		{"自评", 8},
		{"申诉", 24},
		{"答复", 24},
		{"亮灯", 8},
		{"质量评价", 10},
		{"按时办结", 10},
		{"逾期办结", 10},
		{"逾期未办", 10},
		{"退回", 8},
		{"延期", 8},
		{"正式措施", 10},
		{"否优事实", 10},
		{"表扬事实", 30},
		{"通报表扬", 30},
		{"一票否优", 30},
	}
	assessmentLineColumns = []TableColumn{{"责任事项", 36}, {"台账第几条", 10}, {"时间", 18}, {"情形", 12}, {"措施或等次", 12}, {"评分项", 20}, {"分数", 8}}
)
