package obligation

import "duban/plan"

// Chinese returns the name people read.
func (r Rung) Chinese() string { return rungNames[r] }

var rungNames = map[Rung]string{
	Remind: "提醒", Press: "催办", Letter: "督促函", Circular: "通报", Interview: "约谈", Expose: "曝光", Transfer: "移交",
}

// Chinese returns the name people read.
func (s Stage) Chinese() string { return stageNames[s] }

var stageNames = map[Stage]string{
	StageOpen: "待签收", StageSigned: "办理中", StageSubmitted: "待审核", StageReturned: "已退回",
	StageAccepted: "已完成", StageWaived: "已免办", StageHistory: "补录",
}

// Chinese returns the name people read.
func (l Light) Chinese() string { return lightNames[l] }

// Chinese returns what people read of a light, of what is waited for.
func (w Wait) Chinese() string { return waitNames[w] }

var waitNames = map[Wait]string{
	WaitUnit: "责任单位办理", WaitRectify: "责任单位整改", WaitDraft: "文书待签发", WaitSubmission: "报送待审核", WaitExtension: "延期申请待答复",
	WaitReview: "行业监管部门审核", WaitSupervision: "重大隐患待挂牌", WaitSendBack: "退回待答复", WaitSuspension: "中止待恢复", WaitInterview: "约谈待举行", WaitRectification: "整改报告待核查",
}

var lightNames = map[Light]string{Green: "绿灯", Yellow: "黄灯", Red: "红灯", None: "不亮灯"}

// Chinese returns the name people read.
func (s RectificationStatus) Chinese() string { return rectificationNames[s] }

var rectificationNames = map[RectificationStatus]string{
	RectificationOpen: "整改中", RectificationReported: "待核查", RectificationDone: "核查通过", RectificationDropped: "免予整改",
}

// Chinese returns the name people read.
func (o Outcome) Chinese() string { return outcomeNames[o] }

var outcomeNames = map[Outcome]string{Done: "已完成", Missed: "未完成", Unknown: "待确认", Owed: "仍需办理"}

// Chinese returns the name people read.
func (k EventKind) Chinese() string { return eventNames[k] }

var eventNames = map[EventKind]string{
	Recorded: "补录", Opened: "交办", Reminded: "提醒", Overdue: "逾期", Drafted: "拟文", Issued: "签发", Withdrawn: "撤回文书",
	Signed: "签收", Submitted: "提交", Accepted: "审核通过", Returned: "退回", Nudged: "催问", Progressed: "进展", Waived: "免办", BrokenDown: "分解", PartMoved: "分解事项进度", Delegated: "委托代办", DelegationEnded: "结束委托", HandedOver: "移交联络员", SentBack: "退回（不属本单位）", SendBackRefused: "不同意退回", Suspended: "中止", Resumed: "恢复", Rearmed: "调整",
	InterviewMoved: "约谈改期", InterviewHeld: "约谈纪要", Rectified: "报送整改", RectificationVerified: "整改核查通过",
	RectificationReturned: "整改退回", RectificationWaived: "免予整改",
	Supervised: "挂牌督办", Regraded: "调整隐患等级", ReviewPassed: "审核把关通过", ReviewFailed: "审核把关不通过",
	InspectionPlanned: "安排督导检查", InspectionRecorded: "登记督导检查", FindingsAdded: "补充交办问题", Promoted: "转挂牌督办",
	ExtensionAsked: "申请延期", Extended: "同意延期", ExtensionRefused: "不同意延期",
}

// The messages of the typed errors, by code.
var errorMessages = map[ErrorCode]string{
	CodeClosed:          "该事项已办结，不能再操作；如需更正请联系区安委办。",
	CodeAlreadySigned:   "该事项已经签收，不必再签。",
	CodeNotSubmitted:    "该事项还没有提交，无法审核；请等责任单位提交后再办。",
	CodeInReview:        "该事项已提交，正在等待审核，不必重复操作。",
	CodeReasonMissing:   "请写明理由。",
	CodeTextMissing:     "请写明完成情况。",
	CodeTextTooLong:     "文字过长，请精简到 4000 字以内，详细材料请作为附件。",
	CodeDueInvalid:      "日期无效：须晚于今天；延期的日期还须晚于现在的期限。",
	CodeNoDraft:         "没有待签发的文书，可能已经签发或撤回；请刷新后再看。",
	CodeUnknown:         "不认识的操作。",
	CodeSignOffRole:     "该文书须由安委会领导签发，请转给领导办理。",
	CodeMeetingMissing:  "约谈通知须写明时间和地点。",
	CodeMeetingAhead:    "约谈还没有到约定的日期；提前举行的，请先改期，再登记结果。",
	CodeMeetingPast:     "约谈时间须晚于现在。",
	CodeNoMeeting:       "没有待举行的约谈，可能尚未签发或已经办结；请刷新后再看。",
	CodeAsOfAhead:       "起算日（as-of）不能晚于今天。",
	CodeNotFound:        "找不到所要的内容，请核对编号后再试。",
	CodeConflict:        "其他人刚刚处理过，请刷新后再看。",
	CodeNothingToDo:     "内容没有变化，不必调整。",
	CodeSuspended:       "该事项已经中止，恢复之前不必办理；确需办理的，请区安委办先恢复。",
	CodeNameInvalid:     "请写明姓名（不超过 50 字），且不能是本人。",
	CodePeriodInvalid:   "委托的起止日期无效：截止日不能早于今天，也不能早于开始日。",
	CodeNoDelegation:    "现在没有委托，不必结束；可能已经到期或已经结束。",
	CodeOtherLiaison:    "该事项的联络员不是所写的原联络员，没有移交；请核对后再办。",
	CodePartOfPart:      "该事项本身是分解来的，不能再分解；请由牵头单位分解。",
	CodePartInvalid:     "分解事项须写明配合单位（不能是本单位）和内容（不超过 200 字），一个事项最多分解 50 件。",
	CodePartDue:         "分解事项的期限不能早于今天，也不能晚于本事项现在的期限。",
	CodePartsOpen:       "还有配合单位没有报送分解事项，暂不能报送；请催促，确实不需要的请区安委办免办。",
	CodePartsInReview:   "还有分解事项没有审核通过或免办，请先审核分解事项。",
	CodeNotOverdue:      "该事项没有逾期，或期限早于方案印发日，不能采取正式措施。",
	CodeDraftPending:    "已有待签发的文书，请先签发或撤回，再拟新的。",
	CodeRungInvalid:     "升级阶梯里没有这一级正式措施，或这一级、更高一级已经拟过；请另选一级。",
	CodeProgressMissing: "请写明进展，或填写完成的百分比。",
	CodePercentInvalid:  "完成的百分比应为 0 到 100 的整数。",
	CodeSendBackPending: "责任单位已经退回该事项（不属本单位），在等区安委办答复；请先改派（免办、调整）或不同意退回。",
	CodeNoSendBack:      "没有待答复的退回，可能已经答复，或责任单位已经签收、报送；请刷新后再看。",
	CodeSendBackUsed:    "区安委办已经答复，该事项仍由你单位办理，不能再次退回；确有新情况请与区安委办联系。",
	CodeNotSuspended:    "该事项没有中止，不必恢复；可能已经恢复，请刷新后再看。",

	CodeOutcomeMissing:           "请写明约谈情况。",
	CodeRectificationMissing:     "请写明整改要求（可以另定整改期限）；确实不需要另行整改的，请写明理由，不要两样都写。",
	CodeRectificationTextMissing: "请写明整改情况。",
	CodeNoRectification:          "没有待办理的整改，可能约谈没有提出整改要求，或已经核查、免予整改；请刷新后再看。",
	CodeRectified:                "整改报告已经报送，正在等待核查，不必重复操作。",
	CodeNotRectified:             "责任单位还没有报送整改报告，无法核查；请等报送后再办，确实不需要的可以免予整改。",

	CodeNoInspection:         "该事项不是督导检查，不能安排检查或登记问题；请从“督导检查”中选择当周的检查。",
	CodeNoFinding:            "该事项不是督导检查交办的问题，不能转为挂牌督办；其他隐患请直接在隐患台账登记。",
	CodePromoted:             "该问题已经转为重大隐患挂牌督办，不能重复转办；请到隐患台账中继续办理。",
	CodeInspectionInvalid:    "请写明检查主题（不超过 200 字）和受检单位（1 至 60 个）；场所、人员不超过 200 字，检查情况、依据不超过 1000 字。",
	CodeInspectionRecorded:   "该次检查已经登记，不能再改安排或重复登记；遗漏的问题请补充交办。",
	CodeInspectionUnrecorded: "该次检查还没有登记，请先登记检查情况，再补充问题。",
	CodeVisitDay:             "检查日期无效：须在本期之内；安排检查不能晚于本期期限，登记检查不能晚于今天。",
	CodeVisitUnseen:          "请写明对每个受检单位查看了什么。",
	CodeFindingInvalid:       "每个问题须写明内容（不超过 200 字）、严重程度、整改要求（不超过 1000 字）和方案里有的升级阶梯，一次检查最多 100 个问题。",
	CodeFindingUnit:          "问题的责任单位不在本次受检单位之中；请先在检查情况中写明该单位。",
	CodeFindingDue:           "问题的整改期限须晚于今天；不填的，按交办阶梯的补正时间计算。",

	CodeEvidenceInvalid:   "所附材料的编号有重复或有误，一次最多附 100 件；请刷新后重新选择。",
	CodeEvidenceGone:      "所附的材料中有的已被删除、过期，或先前已经报送过；请刷新材料列表后重新选择或上传。",
	CodeEvidenceFixed:     "该材料已随报送存入台账，不能删除；如有误，请在补正时上传新的材料并说明。",
	CodeEvidenceBusy:      "该材料正在随报送提交，暂不能删除；请稍后刷新再看。",
	CodeEvidenceFull:      "该事项的材料已达到件数或总大小的上限；请删除不需要的未报送材料，或合并后再上传。",
	CodeEvidenceTooLarge:  "文件超过大小上限；请压缩图片、视频或拆分后再上传。",
	CodeEvidenceEmpty:     "文件是空的；请检查后重新选择。",
	CodeEvidenceName:      "文件名无效：须有扩展名，不超过 120 字，不能含有 / \\ : * ? \" < > | 和控制字符；请改名后再上传。",
	CodeEvidenceType:      "不接收这类文件；请上传 PDF、Office 或 WPS 文档、OFD、图片、MP4、ZIP 或文本。",
	CodeEvidenceMismatch:  "文件的内容与扩展名或所报类型不符；请用原来的程序另存为正确的格式，不要直接改扩展名。",
	CodeEvidenceMacros:    "文档含有宏（程序），不能接收；请另存为不含宏的文档，或导出 PDF 后再上传。",
	CodeEvidenceEncrypted: "文件设有打开密码，审核时无法查看；请去掉密码后再上传。",
	CodeEvidenceArchive:   "压缩包不安全：解压后过大、条目过多、重叠，或含有程序、越出目录的路径；请重新打包，只放需要的材料。",
	CodeEvidenceDamaged:   "文件已损坏或不完整，无法打开；请检查后重新上传。",

	CodeHazardNoMeasure:   "该方案没有登记隐患的分项任务，或方案期已过，不能登记；请核对方案。",
	CodeHazardIncomplete:  "请写全隐患等级、来源、企业（单位）名称、地点和隐患内容。",
	CodeHazardTextTooLong: "文字过长：名称类不超过 200 字，隐患内容、依据、措施不超过 2000 字。",
	CodeHazardUnit:        "责任单位无效：须是本方案负责隐患整改的单位；请核对。",
	CodeHazardRegion:      "所在街道（镇）无效；请从名单中选择。",
	CodeHazardIndustry:    "行业领域无效；请从名单中选择。",
	CodeHazardReviewer:    "审核单位无效：重大隐患须有审核单位，且不能是责任单位自己；请另选行业监管部门。",
	CodeHazardDates:       "日期无效：发现日期不能晚于今天，整改期限不能早于发现日期，销号日期须在发现日期和今天之间。",
	CodeNoHazard:          "该事项不是隐患台账的事项，不能这样办理。",
	CodeSupervised:        "该隐患已经挂牌督办，不必重复挂牌。",
	CodeReviewMissing:     "行业监管部门还没有审核通过，不能销号；请等审核通过，或由区安委办代录审核意见。",
	CodeReviewed:          "没有待审核的整改报告，可能已经审核，或该隐患没有指定审核单位；请刷新后再看。",
	CodeNotReviewer:       "该隐患由另外的单位审核，你单位不能审核；请核对。",
	CodeCheckedInvalid:    "现场核查日期无效：不能早于发现日期，也不能晚于今天。",
	CodeHazardFormer:      "所填的原隐患编号不在台账里；请核对，不是反弹的不填。",

	CodeExtensionPending: "已有延期申请在等区安委办答复，请等答复后再申请；已经完成的可以直接报送。",
	CodeNoExtension:      "没有待答复的延期申请，可能已经答复，或责任单位已经报送；请刷新后再看。",
	CodeExtensionsUsed:   "该事项可以延期的次数已经用完，或不允许延期；请抓紧完成并报送，确有困难请与区安委办联系。",
	CodeExtensionLate:    "期限已过，不能再申请延期；请尽快完成并报送，在完成情况中说明原因。",

	CodeReportForm:     "该事项没有月报表单，请直接写明完成情况报送。",
	CodeReportProgress: "请写明工作开展情况；本月确实没有开展工作的，请勾选“零报告”。",
	CodeReportZero:     "勾选了“零报告”，又写有工作开展情况、存在问题或事项说明；请取消勾选，或清空所写内容。",
	CodeReportTooLong:  "月报内容过长：工作开展情况限 1800 字，存在问题、下步计划各限 1000 字，每件事项的说明限 200 字；详细材料请作为附件。",
	CodeReportLine:     "月报所列的事项中有的不是本单位本月的事项，或列了两次；请刷新后重新填报。",
}

// Chinese returns the name people read.
func (g Grade) Chinese() string { return gradeNames[g] }

var gradeNames = map[Grade]string{Major: "重大", General: "一般"}

// Chinese returns the name people read.
func (s HazardSource) Chinese() string { return hazardSourceNames[s] }

var hazardSourceNames = map[HazardSource]string{SelfCheck: "企业自查", ByInspection: "督导检查", PublicReport: "群众举报"}

// Industry is an 行业领域 that hazards are counted by.
type Industry struct{ Code, Name string }

// Industries are all, in the order in which people are shown them.
var Industries = []Industry{
	{"chemicals", "危险化学品"},
	{"highrise", "高层建筑"},
	{"gas", "燃气"},
	{"selfbuilt", "自建房"},
	{"ebike", "电动自行车"},
	{"warehouse", "厂房仓库"},
	{"lift", "电梯"},
	{"industry", "工贸"},
	{"construction", "建设施工"},
	{"traffic", "交通运输"},
	{"fire", "消防"},
	{"special", "特种设备"},
	{"crowded", "人员密集场所"},
	{"other", "其他"},
}

// IndustryName returns the name that people read, "" where there is no such industry.
func IndustryName(code string) string {
	for _, i := range Industries {
		if i.Code == code {
			return i.Name
		}
	}
	return ""
}

// What is told about hazards, with the number first where there is one.
const (
	seriesHazard       = "长隐"
	textHazardDone     = "隐患整改完成，经行业监管部门审核通过，由区安委办销号。"
	textHazardReviewer = "隐患%s已上账，由%s于%s前整改，整改后由你单位审核把关，请加强专业指导。" // number, unit, deadline
	textHazardToList   = "重大隐患%s（%s）已上账，请研究挂牌督办。"                 // number, unit
	textSupervised     = "隐患%s已挂牌督办，请于%s前完成整改。督办依据：%s"            // number, deadline, authority
	textRegraded       = "该隐患的等级调整为%s。理由：%s"                      // grade, reason
	textReviewPassed   = "%s于%s现场核查，审核通过，请销号或退回。审核意见：%s"          // reviewer, day, text
	textReviewFailed   = "%s于%s现场核查，审核没有通过，请于%s前继续整改并重新报送。审核意见：%s"
	textReviewWaits    = "%s报送的隐患整改情况还没有审核，请现场核查后尽快审核。"
)

// Why something happens that is no step of a ladder.
const (
	textOpens  = "任务周期开始：交办"
	textLapses = "期限已过仍未完成"
)

// What is told about applications for more time, with the dates in Chinese.
const (
	textAsked      = "%s申请将期限由%s延至%s，请同意或不同意。理由：%s" // unit, deadline, date wished for, reason
	textExtended   = "延期申请已获同意，请于%s前完成并报送。"         // new deadline
	textRemark     = "附言：%s"
	textRefused    = "延期申请未获同意，期限仍为%s，请抓紧完成并报送。理由：%s"  // deadline, reason
	textUndecided  = "%s申请将期限由%s延至%s，还没有答复，请尽快同意或不同意。" // unit, deadline, date wished for
	textUnanswered = "申请延期后%d个工作日未答复"
	textLateFrom   = "；逾期后的措施从%s（答复延期申请之日）起算"
)

// textSubmittedWith takes the unit and the number of its files.
const textSubmittedWith = "%s已报送完成情况，附材料%d件，请审核。"

// textForward is why a formal rung comes before its time; it takes the letters within a year that bring it forward.
const textForward = "一年内督促函达到%d份，提前进行"

// withdrawals are the reasons of drafts that duban itself withdraws, by what closes the obligation.
var withdrawals = map[EventKind]string{Accepted: "事项已完成，文书不再发出", Waived: "事项已免办，文书不再发出", Promoted: "问题已转为重大隐患挂牌督办，文书不再发出"}

// What is told about a rung that the office has drafted before its time.
const (
	textSkipped = "%s逾期未完成，已越级拟%s，请审核签发或撤回。理由：%s" // unit, rung, reason
	textSkips   = "措施：%s（越级）；"
	textSkip    = "越级"
)

// textPartOpened takes the lead unit and the due date.
const textPartOpened = "%s牵头的事项请你单位配合，请签收并于%s前完成报送。"

// What is told of inspections and their findings.
const (
	textFindingOpened = "%s%s专项督导检查发现问题，现交办你单位整改，请签收并于%s前完成整改、报送情况。整改要求：%s"
	textOffends       = "（依据：%s）"
	textInspected     = "%s专项督导检查（%s）已经开展，检查%s等%d个单位。"
	textFoundNothing  = "未发现需要交办的问题。"
	textFound         = "发现问题%d个，均已交办，整改期限最迟到%s。"
	textFoundMajor    = "其中重大问题%d个，应登记为重大事故隐患挂牌督办。"
)

// Chinese returns the name people read.
func (s Severity) Chinese() string { return severityNames[s] }

var severityNames = map[Severity]string{SeverityCommon: "一般", SeverityGrave: "较大", SeverityMajor: "重大"}

// Chinese returns the name people read.
func (s InspectionStage) Chinese() string { return inspectionStageNames[s] }

var inspectionStageNames = map[InspectionStage]string{
	InspectionUnplanned: "未安排", InspectionReady: "已安排", InspectionHeld: "已登记", InspectionDone: "已办结", InspectionDropped: "免办或补录",
}

// textPartMoved takes the co-organiser, what it was asked for, and how that stands.
const textPartMoved = "配合单位%s的分解事项“%s”：%s。"

// What is told about a new liaison: the former, the new one twice, and the reason.
const (
	textHandedOver     = "该事项的联络员变更为%s，请%s接续办理。理由：%s"
	textHandedOverFrom = "该事项的联络员由%s变更为%s，请%s接续办理。理由：%s"
)

// What is told about progress, after the unit's name.
const (
	textProgress = "答复催问，报告进展"
	textPercent  = "（%d%%）"
)

// What is told about objections, with the unit or the deadline, and the reason.
const (
	textSentBack        = "%s退回该事项，认为不属于本单位，请改派（免办、调整）或不同意退回。理由：%s"
	textSendBackRefused = "退回未获同意，该事项仍由你单位办理，期限为%s，请抓紧完成并报送。理由：%s"
	textBackUndecided   = "%s退回了该事项，还没有答复，请尽快改派（免办、调整）或不同意退回。"
	textBackUnanswered  = "退回后%d个工作日未答复"
)

// What is told about suspensions, with the working days, the deadline and the reason.
const (
	textSuspended   = "该事项中止办理，恢复之前不必报送，也不会催办。理由：%s"
	textResumed     = "该事项恢复办理，中止%d个工作日，期限相应顺延，现应于%s前完成。理由：%s"
	textResumedLate = "该事项恢复办理，中止%d个工作日，期限相应顺延至%s，仍已逾期，请尽快完成并报送。理由：%s"
	textWithout     = "；已扣除中止的%d个工作日"
	textCountsFrom  = "；逾期后的措施从%s起算"
)

// What is said of a finding that became a hazard.
const (
	textPromotedFrom  = "%s督导检查第%d个问题" // period, number
	textPromotedFiles = "；佐证材料：%s"     // names
	textPromotedTo    = "转为重大隐患%s"     // the hazard's number
	textPromoted      = "该问题已%s，由隐患台账继续督办，不必再按问题报送。"
	textStagePromoted = "转挂牌督办"
)

// textWaived takes the reason.
const textWaived = "该事项已免办，不必再报送。理由：%s"

// The series of document numbers: the committee's and the office's own.
const (
	seriesCommittee = "长安委"
	seriesOffice    = "长安委办"
)

// draftTitles are the titles of documents; the argument is the obligation's title.
var draftTitles = map[Rung]string{
	Letter:    "关于督促落实“%s”的函",
	Circular:  "关于“%s”逾期未完成情况的通报",
	Interview: "关于就“%s”进行约谈的通知",
	Expose:    "关于曝光“%s”逾期未完成情况的函",
	Transfer:  "关于移交“%s”有关问题线索的函",
}

// draftBody takes the unit, the plan's title, task, quote, the obligation's title, due date, how it stands, and the demands.
const draftBody = "%s：\n根据《%s》任务%s“%s”，你单位负责的“%s”应于%s前完成。%s\n%s"

// How it stands takes the days since the due date, or the deadline of the rework and the days since that.
const (
	draftLate     = "截至拟文之日已逾期%d天，仍未报送完成情况。"
	draftReturned = "报送的完成情况已退回补正，补正期限为%s，截至拟文之日已逾期%d天，仍未重新报送。"
)

// What was done before a draft.
const (
	draftReminded = "其间已提醒、催办不少于%d次，最近一次为%s。" // times, date
	draftFormals  = "此前已发出%s。"                // of draftSent
	draftSent     = "%s（%s，%s）"               // rung, number, date
)

// draftDemands are what a document asks for.
var draftDemands = map[Rung]string{
	Letter:    "请高度重视，抓紧办理，于收到本函后5个工作日内书面报送完成情况。",
	Circular:  "现予通报。请立即整改，并将整改情况书面报区安委会办公室。",
	Interview: "经研究，决定对你单位进行约谈。请主要负责同志到场，准备书面情况说明，不得委托他人。时间、地点和需要携带的材料另附。",
	Expose:    "拟将有关情况向社会公开，请即整改。",
	Transfer:  "现将有关问题线索移交，请依规处理。",
}

// What is told about an interview.
const (
	momentLayout        = "2006年1月2日15:04"
	textMeeting         = "时间：%s；地点：%s。" // after the sentence about the document
	textMaterial        = "请携带：%s。"
	textInterviewMoved  = "约谈改为%s，地点：%s（原定%s）。"
	textMovedWhy        = "理由：%s"
	textInterviewHeld   = "约谈纪要要求整改，请于%s前报送整改报告。整改要求：%s"
	textWithFiles       = "，附材料%d件"
	textRectified       = "%s已报送整改报告%s，请核查。整改情况：%s"
	textRectifiedLate   = "%s已逾期报送整改报告%s，请核查。整改情况：%s"
	textVerified        = "整改已核查通过。"
	textReturnedAgain   = "整改报告被退回，请于%s前继续整改并重新报送。理由：%s"
	textRectifyWaived   = "约谈所提整改要求不再执行，不必报送整改报告。理由：%s"
	textRectifySoon     = "约谈要求的整改应于%s前完成并报送整改报告，请抓紧办理。"
	textRectifyLate     = "约谈要求的整改应于%s前完成，已经逾期，请立即整改并报送整改报告。"
	textRectifyUnitLate = "责任单位应于%s前完成约谈要求的整改，至今没有报送整改报告，请关注。"
	textRectifyWhy      = "依据：约谈纪要提出的整改要求和整改期限；这是第%d次提醒。"
)

// What the office is reminded of about a document that waits for it.
const (
	textDraftWaits     = "%s仍待签发，请审核签发或撤回。"
	textInterviewWaits = "约谈尚未登记结果，请登记约谈情况，或另定时间。"
	textVerifyWaits    = "整改报告已经报送，还没有核查，请尽快核查通过或退回。"
	textHolderWhy      = "依据：文书在办理环节停留，按升级阶梯规定的间隔提醒经办人；这是第%d次提醒。"
)

var effectNames = map[EffectKind]string{Rearming: "调整", Withdrawing: "撤销", Joining: "交办"}

// What of an obligation a changed definition changes.
const (
	effectDue      = "到期日"
	effectTitle    = "标题"
	effectQuote    = "依据"
	effectDone     = "完成标准"
	effectUnit     = "单位名称"
	effectForm     = "报送表单"
	effectLadder   = "升级阶梯"
	effectNext     = "下一步"
	effectNone     = "无"
	effectInstant  = "2006-01-02 15:04"
	effectResolved = "日期不再是暂定"
	effectPolicy   = "升级阶梯：%s，步骤的先后或计日的规则有变"
	effectCode     = "%s（%s）"        // title and code of a ladder, where another has the same title
	effectStep     = "步骤 %s：%s → %s" // code, before, after
	effectAdded    = "增加步骤 %s：%s"
	effectDropped  = "取消步骤 %s：%s"

	effectCure       = "两次正式措施至少间隔（工作日）"
	effectYellow     = "到期前亮黄灯（工作日）"
	effectRework     = "退回补正（工作日）"
	effectNudge      = "催办待签发的文书（工作日）"
	effectExtensions = "可以延期（次）"
)

// What a step of a ladder is, beside its rung and when it is taken.
const (
	stepSignOff = "，%s签发"
	stepLetters = "，一年内督促函达到%d份即提前"
	stepOffice  = "，发给区安委办"
)

// signOffNames are who lets a formal rung go out.
var signOffNames = map[SignOff]string{SignOffAuto: "自动", SignOffOffice: "区安委办", SignOffLeader: "领导"}

// Why an amendment can't be made.
const (
	amendNothing       = "没有写明调整什么，请至少给出节假日、单位、分项任务、升级阶梯之一"
	amendNoUnit        = "方案里没有代码为 %q 的单位，请核对"
	amendUnitTaken     = "代码 %q 已有单位使用，请换一个"
	amendNoContact     = "%s的联络员不能一个不留：请给出接任的人，整组替换"
	amendNoEnd         = "%s撤并，须写明最后一日（to）"
	amendNoMeasure     = "方案里没有分项任务 %q，请核对编号"
	amendNoLadder      = "没有代码为 %q 的升级阶梯，请核对"
	amendLadderTwice   = "升级阶梯 %q 写了两次，请删除其一"
	amendDefaultLadder = "升级阶梯 %q 是默认的，不能删除；可以改它的步骤"
	amendLadderUsed    = "升级阶梯 %q 还在用（分项任务 %s），不能删除；请先给它们换一个"
	amendNoRecurrence  = "分项任务 %s 是限期完成的，没有首期可改；请改它的到期日"
	amendNoMilestone   = "分项任务 %s 不是限期完成的，没有单独的到期日可改"
)

// formNames are the forms that units fill in, as people call them.
var formNames = map[plan.Form]string{"": effectNone, plan.FormMonthly: "月报", plan.FormHazard: "隐患", plan.FormInspection: "督导检查"}

// Chinese returns the name people read.
func (g LineGroup) Chinese() string { return lineGroupNames[g] }

var lineGroupNames = map[LineGroup]string{LineDone: "本月已办", LineOverdue: "逾期未办", LineDue: "本月到期未办", LineNext: "下月到期"}

// The words of a month's report.
const (
	textZeroReport     = "零报告：本月没有需要报告的工作开展情况。"
	textReportProgress = "工作开展情况："
	textReportProblems = "存在问题："
	textReportNext     = "下步计划："
)
