package letter

import (
	"fmt"
	"strings"

	"duban/obligation"
)

// What stands in the forms themselves.
const (
	textFile       = "文件" // after the issuer's name in the red heading
	textCopies     = "抄送："
	textPrinted    = "印发"
	textAttachment = "附件："
	textDateOpen   = "　　年　月　日" // to be filled in by hand, or not signed yet
	textSignHere   = "签字："
	textDraft      = "草　稿（未经签发，不得作为正式文书使用）"
	textExercise   = "演　练（演练环境的文书，不具效力）"
	textBoth       = "草　稿　·　演　练（不具效力）"
	textOffice     = "办公室" // after the committee's name
	textListNo     = "序号"
	textListUnit   = "责任单位"
	textListMatter = "责任事项"
	textListDue    = "完成期限"
	textListDays   = "逾期（天）"
)

// What numbers a report's tables and charts.
const (
	textTable     = "表%d　%s"
	textChart     = "图%d　%s"
	textChartName = "图%d"
)

// What is wrong with templates, each saying what to do.
const (
	textUnreadable = "无法读取，请检查文件是否存在、是否有权限"
	textTooLarge   = "文件过大，请检查是否放错了文件"
	textEncoding   = "不是 UTF-8 编码，请另存为 UTF-8"
)

func textFaults(n int) string { return fmt.Sprintf("文书模板有 %d 处需要改正：", n) }

func textFault(f Fault) string {
	if f.Line == 0 {
		return f.File + "：" + f.Text
	}
	return fmt.Sprintf("%s 第 %d 行：%s", f.File, f.Line, f.Text)
}

func textUnknownFile() string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = fileOf(k) + "（" + kindNames[k] + "）"
	}
	return "不认识这个文件，请改名或移走；可用：" + strings.Join(names, "、")
}

func textSyntax(detail string) string {
	return "模板语法有误，请检查 {{ }} 是否成对、引号是否为英文引号、if 和 define 是否有 end（" + detail + "）"
}

func textExecution(detail string) string {
	return "模板无法填写，请对照自带的模板改正（" + detail + "）"
}

func textUnknownPart(name string) string {
	return fmt.Sprintf("没有“%s”这一部分，可用：%s", name, strings.Join(partNames, "、"))
}

func textMissingPart(name string) string {
	return fmt.Sprintf("缺少“%[1]s”，请写上 {{define \"%[1]s\"}}……{{end}}，内容不能为空", name)
}

func textOutside() string {
	return "这些内容不在任何部分之内，不会出现在文书上，请移到 {{define \"正文\"}} 等部分里，或写成 {{/* 说明 */}}"
}

func textUnknownField(name string, known []string) string {
	if len(known) == 0 {
		return fmt.Sprintf("这里不能用字段 .%s：在 with 之内写作 $.%s", name, name)
	}
	return fmt.Sprintf("没有字段 .%s，可用：%s", name, strings.Join(known, "、"))
}

var kindNames = map[Kind]string{
	Urge: "督促函", Circular: "通报", Interview: "约谈通知书", Minutes: "约谈纪要", Extension: "延期批复", Expose: "曝光函", Transfer: "移交函", Order: "交办单",
}

func parties() []string { return []string{"约谈方：", "被约谈方："} }

// rungVerbs are what was done to a unit.
var rungVerbs = map[obligation.Rung]string{
	obligation.Letter: "函告", obligation.Circular: "通报", obligation.Interview: "约谈", obligation.Expose: "曝光", obligation.Transfer: "移交",
}

// Where a document cannot say something yet, or the plan has no word for it.
const (
	textAtSignOff = "（签发时写明）"
	textUnheld    = "（约谈后填写）"
	textTaskOf    = "第%s项任务"
	textGoals     = "总体目标和任务分工"
	textSafeguard = "保障措施第%s项"
	textMoment    = "%s（星期%s）%02d:%02d"
)

var weekdays = [...]string{"日", "一", "二", "三", "四", "五", "六"}
