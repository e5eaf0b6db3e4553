package seed

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing wrong in a bundle's files.
type Fault struct {
	File    string `json:"file"` // path within the bundle, "tasks/10.yaml"
	Line    int    `json:"line"` // from 1; 0 where no line can be told
	Code    string `json:"code"` // one of this package's or of package plan's codes
	Message string `json:"message"`
}

// String returns "tasks/10.yaml:12: message".
func (f Fault) String() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s", f.File, f.Message)
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
}

// Faults is the error of a bundle that can't be loaded: everything that is wrong with it, by file and line.
type Faults struct {
	List []Fault `json:"faults"`
}

// Error implements error: one fault a line, in Chinese.
func (f *Faults) Error() string {
	lines := make([]string, len(f.List))
	for i, fault := range f.List {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// MaxFaults is the number of faults after which no more are listed.
const MaxFaults = 500

// sorted puts the faults in the order in which people go through files, and cuts the list at MaxFaults.
func (f *Faults) sorted() *Faults {
	slices.SortStableFunc(f.List, func(a, b Fault) int {
		return cmp.Or(natural(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	if n := len(f.List) - MaxFaults; n > 0 {
		last := f.List[MaxFaults-1]
		f.List = append(f.List[:MaxFaults:MaxFaults], newFault(last.File, 0, CodeTooManyFaults, n))
	}
	return f
}

// natural compares file names the way people count: "2.yaml" before "10.yaml".
func natural(a, b string) int {
	for a != "" && b != "" {
		da, db := leadingDigits(a), leadingDigits(b)
		if da > 0 && db > 0 {
			na, nb := strings.TrimLeft(a[:da], "0"), strings.TrimLeft(b[:db], "0")
			if c := cmp.Or(cmp.Compare(len(na), len(nb)), strings.Compare(na, nb)); c != 0 {
				return c
			}
			a, b = a[da:], b[db:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func leadingDigits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}

// The codes of faults in files; what files say is checked by package plan with codes of its own.
const (
	CodeMissingFile     = "missing_file"
	CodeUnknownFile     = "unknown_file"
	CodeUnreadable      = "unreadable"
	CodeTooLarge        = "too_large"
	CodeTooManyFiles    = "too_many_files"
	CodeTooManyFaults   = "too_many_faults"
	CodeEncoding        = "encoding"
	CodeSyntax          = "syntax"
	CodeAlias           = "alias" // anchors and aliases hide what a line says and can grow without bound
	CodeDocuments       = "documents"
	CodeUnknownField    = "unknown_field"
	CodeDuplicateKey    = "duplicate_key"
	CodeWrongType       = "wrong_type"
	CodeBadValue        = "bad_value"
	CodeBadCalendar     = "bad_calendar"
	CodeBadLadder       = "bad_ladder"
	CodeUnknownLadder   = "unknown_ladder"
	CodeDuplicateLadder = "duplicate_ladder"
	CodeMissingLadder   = "missing_ladder"
	CodeBadScript       = "bad_script"
	CodeBadRules        = "bad_rules"
	CodeRulesMeasure    = "rules_measure_unknown"
)

// messages holds what people read for each code.
var messages = map[string]string{
	CodeMissingFile:     "缺少%s，请补上",
	CodeUnknownFile:     "不认识这个文件，应为 plan.yaml、units.yaml、calendar.yaml、ladders.yaml、assessment.yaml 或 tasks/ 下的 .yaml，请改名或移走",
	CodeUnreadable:      "无法读取，请检查文件是否存在、是否有权限",
	CodeTooLarge:        "超过 %d KB，请检查是否放错了文件",
	CodeTooManyFiles:    "文件超过 %d 个，请检查是否放错了目录",
	CodeTooManyFaults:   "还有 %d 处问题没有列出，请先改正以上各处",
	CodeEncoding:        "不是 UTF-8 编码，请另存为 UTF-8",
	CodeSyntax:          "YAML 语法有误，请检查缩进、冒号和引号（%s）",
	CodeAlias:           "不支持 YAML 的锚点和引用（& 和 *），请直接写出内容；以 * 或 & 开头的文字请加引号",
	CodeDocuments:       "一个文件里只能有一份内容，请删除“---”及其后的部分",
	CodeUnknownField:    "不认识的字段 %q，可用：%s",
	CodeDuplicateKey:    "字段 %q 写了两次，请删除其一",
	CodeWrongType:       "%s 应为%s，请核对",
	CodeBadValue:        "%s 的值无效：%s",
	CodeBadCalendar:     "节假日安排有误：%s",
	CodeBadLadder:       "%s",
	CodeDuplicateLadder: "升级阶梯 %q 重复，请改名或删除其一",
	CodeMissingLadder:   "缺少升级阶梯 %q（分项任务 %s 等要用它），请补上",
	CodeBadScript:       "%s",
	CodeBadRules:        "%s",
	CodeRulesMeasure:    "评分规则 %q 所列的分项任务 %s 不在方案里，请核对编号",
	CodeUnknownLadder:   "升级阶梯 %q 不存在，请核对 ladders.yaml 中的代码",
}

func newFault(file string, line int, code string, args ...any) Fault {
	return Fault{File: file, Line: line, Code: code, Message: fmt.Sprintf(messages[code], args...)}
}

// The forms that values should have.
const (
	listForm    = "列表（每项以“- ”开头，或写成 [甲, 乙]）"
	mappingForm = "“字段: 值”的形式"
)
