package obligation

// Chinese returns the name people read.
func (r Rung) Chinese() string { return rungNames[r] }

var rungNames = map[Rung]string{
	Remind: "提醒", Press: "催办", Letter: "督促函", Circular: "通报", Interview: "约谈", Expose: "曝光", Transfer: "移交",
}

// Chinese returns the name people read.
func (s Stage) Chinese() string { return stageNames[s] }

var stageNames = map[Stage]string{
	StageOpen: "待签收", StageSigned: "办理中", StageSubmitted: "待审核", StageReturned: "已退回",
	StageAccepted: "已完成", StageHistory: "补录",
}

// Chinese returns the name people read.
func (l Light) Chinese() string { return lightNames[l] }

var lightNames = map[Light]string{Green: "绿灯", Yellow: "黄灯", Red: "红灯", None: "不亮灯"}

// Chinese returns the name people read.
func (o Outcome) Chinese() string { return outcomeNames[o] }

var outcomeNames = map[Outcome]string{Done: "已完成", Missed: "未完成", Unknown: "待确认", Owed: "仍需办理"}

// Chinese returns the name people read.
func (k EventKind) Chinese() string { return eventNames[k] }

var eventNames = map[EventKind]string{
	Recorded: "补录", Opened: "交办", Reminded: "提醒", Overdue: "逾期", Drafted: "拟文", Issued: "签发", Withdrawn: "撤回文书",
	Signed: "签收", Submitted: "提交", Accepted: "审核通过", Returned: "退回", Nudged: "催问", Rearmed: "调整",
}

// The messages of the typed errors, by code.
var errorMessages = map[ErrorCode]string{
	CodeClosed:        "该事项已办结，不能再操作；如需更正请联系区安委办。",
	CodeAlreadySigned: "该事项已经签收，不必再签。",
	CodeNotSubmitted:  "该事项还没有提交，无法审核；请等责任单位提交后再办。",
	CodeInReview:      "该事项已提交，正在等待审核，不必重复操作。",
	CodeReasonMissing: "请写明理由。",
	CodeTextMissing:   "请写明完成情况。",
	CodeTextTooLong:   "文字过长，请精简到 4000 字以内，详细材料请作为附件。",
	CodeDueInvalid:    "日期无效：须晚于今天。",
	CodeNoDraft:       "没有待签发的文书，可能已经签发或撤回；请刷新后再看。",
	CodeUnknown:       "不认识的操作。",
	CodeNothingToDo:   "内容没有变化，不必调整。",
}
