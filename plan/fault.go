package plan

import "fmt"

// Fault is something wrong in a plan: where, a stable code, and a message for the office that says what to do.
type Fault struct {
	// Path leads to the faulty value: fields by their YAML names, list items by index from 0 in the lists of Plan,
	// for example "measures[3].schedule.cron". A missing field's path is its own, although nothing stands there.
	Path    string `json:"path"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error implements error with the message alone.
func (f Fault) Error() string { return f.Message }

// The codes of faults.
const (
	CodeMissing          = "missing"            // a field that must be filled is empty
	CodeTooLong          = "too_long"           // a text longer than its place in the database and on paper
	CodeBadFormat        = "bad_format"         // a code that can't be part of a workflow ID or an address
	CodeDuplicate        = "duplicate"          // a code or list entry that occurs twice
	CodeUnknownValue     = "unknown_value"      // not one of the values of the field
	CodeUnknownZone      = "unknown_zone"       // no such time zone
	CodeUnknownAction    = "unknown_action"     // a task of an action that does not exist
	CodeUnknownTask      = "unknown_task"       // a measure of a task that does not exist
	CodeUnknownUnit      = "unknown_unit"       // no unit has this code
	CodeUnknownKind      = "unknown_kind"       // no such kind of unit
	CodeUnknownTag       = "unknown_tag"        // no unit has this tag
	CodeAliasCollision   = "alias_collision"    // two units would answer to the same name
	CodeNoMeasure        = "no_measure"         // a task that nothing follows from
	CodeQuoteNotFound    = "quote_not_found"    // the phrase is not in the task's text
	CodeEmptyAudience    = "empty_audience"     // a period for which nobody is responsible
	CodeNothingDue       = "nothing_due"        // a milestone without a date
	CodeBadNumbers       = "bad_numbers"        // numbers of periods that do not tell them apart
	CodeNotApplicable    = "not_applicable"     // a field that this kind of schedule does not have
	CodeUnlikelyDate     = "unlikely_date"      // a date of another age
	CodeDateOrder        = "date_order"         // dates that do not ascend, or an end before its beginning
	CodeDueBeforePeriod  = "due_before_period"  // a due date before the schedule's or the plan's first year begins
	CodeDueAfterPeriod   = "due_after_period"   // a due date after the schedule's or plan's last day
	CodeOutsidePlan      = "outside_plan"       // a schedule that begins before or ends after the plan
	CodeBadCron          = "bad_cron"           // not a five-field cron expression
	CodeCronNotDays      = "cron_not_days"      // a cron expression that names more than one time a day
	CodeCronSkipsMonth   = "cron_skips_month"   // a day of the month that not every named month has
	CodeTooManyPeriods   = "too_many_periods"   // more than MaxPeriods
	CodeNoPeriod         = "no_period"          // a schedule without a single period
	CodeInferredUnknown  = "inferred_unknown"   // "inferred" names something that can't be inferred
	CodeInferredNoReason = "inferred_no_reason" // "inferred" without a note
	CodeBadEmail         = "bad_email"          // not an e-mail address
	CodeBadMember        = "bad_member"         // not the ID of one member of a chat service
	CodeBadMobile        = "bad_mobile"         // not a mobile number
	CodeNoAddress        = "no_address"         // a chosen channel without an address
	CodeFormTwice        = "form_twice"         // a form that two measures would have
	CodeFormSchedule     = "form_schedule"      // a monthly report that is not due once in a month
)

// messages holds what people read for each code.
var messages = map[string]string{
	CodeMissing:          "缺少 %s，请填写",
	CodeTooLong:          "%s 超过 %d 个字，请缩短",
	CodeBadFormat:        "%s %q 格式不对，应为%s",
	CodeDuplicate:        "%s %q 重复，请改名或删除其一",
	CodeUnknownValue:     "%s 的值 %q 无效，只能是 %s",
	CodeUnknownZone:      "时区 %q 不存在，请写 IANA 时区名，如 Asia/Shanghai",
	CodeUnknownAction:    "行动 %d 不存在，请核对 actions 中的编号（保障措施和总体目标写 0）",
	CodeUnknownTask:      "任务 %q 不存在，请核对任务编码",
	CodeUnknownUnit:      "责任单位 %q 不存在，请核对 units 中的编码",
	CodeUnknownKind:      "单位类别 %q 不存在，只能是 %s",
	CodeUnknownTag:       "没有任何单位带有标签 %q，请核对标签或先给单位加上",
	CodeAliasCollision:   "名称 %q 已属于单位 %q，同一名称只能指一个单位，请改名或删除其一",
	CodeNoMeasure:        "任务 %q 没有分项任务，请至少写一项",
	CodeQuoteNotFound:    "引文 %q 不在任务 %q 的原文中，请逐字摘录（空格、换行不计）",
	CodeEmptyAudience:    "责任范围在 %s（周期 %s）没有有效单位，请核对范围和单位的有效期",
	CodeNothingDue:       "定期完成（milestone）的事项必须写明完成日期 due",
	CodeBadNumbers:       "numbers 是各完成日期的编号，应与 due 一一对应，从 1 起、互不相同，且不大于 given（用过的最大编号）；没有增减过日期的请删除这两项",
	CodeNotApplicable:    "%s 类进度不使用 %s，请删除",
	CodeUnlikelyDate:     "日期 %s 不在 %s 至 %s 之间，请核对年份",
	CodeDateOrder:        "日期 %s 应在 %s 之后，请按先后顺序填写",
	CodeDueBeforePeriod:  "完成日期 %s 早于起始日 %s，请核对",
	CodeDueAfterPeriod:   "完成日期 %s 晚于截止日 %s，请核对",
	CodeOutsidePlan:      "日期 %s 不在方案期限 %s 至 %s 之内，请核对",
	CodeBadCron:          "cron 表达式 %q 无法识别，应为“分 时 日 月 周”五段，如 0 0 28 * *",
	CodeCronNotDays:      "cron 表达式 %q 只用来指明日期，前两段（分、时）请写固定数字，如 0 0 28 * *",
	CodeCronSkipsMonth:   "cron 表达式 %q 在有的月份没有对应日期，会被漏掉；月末请写 names: start 加 0 0 1 * *",
	CodeTooManyPeriods:   "周期超过 %d 个，请改用更长的周期或缩短起止日期",
	CodeNoPeriod:         "在起止日期内没有任何周期，请核对 cron 表达式和起止日期",
	CodeInferredUnknown:  "inferred 中的 %q 不是可推定的字段，只能是 %s",
	CodeInferredNoReason: "写了 inferred 就必须在 note 中说明推定的内容和理由",
	CodeBadEmail:         "电子邮箱 %q 无效，请核对",
	CodeBadMember:        "%s 账号 %q 无效，应为一个成员的账号（字母、数字和 _ . @ -，不超过64个字符），不能填全体或多人",
	CodeBadMobile:        "手机号码 %q 无效，应为11位数字",
	CodeNoAddress:        "选了渠道 %q，却没有填写 %s，请补上或从 channels 中删去",
	CodeFormTwice:        "表单 %q 只能用于一项分项任务，请从其余的删去 form",
	CodeFormSchedule:     "表单 %q 只能用于每月一次的分项任务，请核对 schedule（如 cron: 0 0 28 * *，names: due）",
}

func fault(path, code string, args ...any) Fault {
	return Fault{Path: path, Code: code, Message: fmt.Sprintf(messages[code], args...)}
}

// within moves faults to where their subject stands in the plan.
func within(path string, faults []Fault) []Fault {
	for i := range faults {
		faults[i].Path = path + "." + faults[i].Path
	}
	return faults
}
