package sheet

import (
	"fmt"
	"strings"

	"duban/tasklist"
)

const (
	textEmptyFile    = "文件是空的，请核对后重新上传。"
	textFileTooLarge = "文件超过 16 MB；请只保留任务清单本身，删除图片等内容后再上传。"
	textWebPage      = "这是网页或 XML 文件，只是改了扩展名，不是真正的表格；请用 Excel 或 WPS 打开，“另存为”Excel 工作簿（.xlsx）后再上传。"
	textNotSheet     = "这不是能读取的表格；请上传 Excel 工作簿（.xlsx）、CSV（.csv）或 YAML（.yaml）文件。"
	textOldFormat    = "这是旧版或其他格式的表格（如 .xls、.et、.xlsb、.ods）；请用 Excel 或 WPS 打开，“另存为”Excel 工作簿（.xlsx）后再上传。"
	textEncrypted    = "文件设有打开密码，无法读取；请用 Excel 或 WPS 打开，去掉密码后保存，再上传。"
	textMacros       = "文件含有宏（程序），不予读取；请用 Excel 或 WPS“另存为”不含宏的 Excel 工作簿（.xlsx）后再上传。"
	textLinkedBook   = "文件引用了其他工作簿或外部数据；请在“数据”中断开全部链接（保留数值）后保存，再上传。"
	textTooMuch      = "表格内容太多：最多读取 20 万个有文字的单元格、8 MB 文字；请拆分后分次上传。"
	textTooManyRows  = "表格太长：最多读取 2 万行；请拆分后分次上传。"
	textBlankRows    = "表格中带格式的空白行或空白单元格过多；请选中数据下方、右侧的全部空白行列并删除，保存后再上传。"
	textExpansion    = "文件展开后过大，不予读取；请把任务清单复制到一个新的工作簿，保存后再上传。"
	textDamaged      = "文件已损坏，或不是有效的表格；请用 Excel 或 WPS 打开核对，重新“另存为”Excel 工作簿（.xlsx）后再上传。"
	textEncoding     = "无法识别文本的编码；请把文件另存为 UTF-8 或 GBK 编码的 CSV 后再上传。"
	textYAMLTooLarge = "YAML 文件超过 256 KB；请改用 Excel 工作簿（.xlsx）上传，或拆分后分次上传。"
	textTooManySheet = "工作表太多：最多读取 100 张；请只保留任务清单。"

	textReason     = "无法读取的原因"
	textPage       = "第 &P 页，共 &N 页"
	textListTitle  = "请选择"
	textListError  = "请从下拉列表中选择。"
	textListPrompt = "可从下拉列表中选择，也可填写多个，以顿号分隔。"
	textLists      = "选项"
	textCreator    = "督办"
)

// headings are what a list in YAML is headed with where it names fields.
var headings = map[tasklist.Field]string{
	tasklist.FieldNumber: "序号", tasklist.FieldAction: "行动", tasklist.FieldTask: "工作任务", tasklist.FieldMeasure: "具体措施",
	tasklist.FieldLead: "牵头单位", tasklist.FieldUnits: "责任单位", tasklist.FieldDeadline: "完成时限", tasklist.FieldDone: "完成标准",
	tasklist.FieldNote: "备注", tasklist.FieldCode: "分项任务编号", tasklist.FieldStatus: "完成情况",
}

func textNothing(hidden []string) string {
	if len(hidden) > 0 {
		return fmt.Sprintf("没有可见的内容：工作表“%s”是隐藏的；请取消隐藏后保存，再上传。", strings.Join(hidden, "”“"))
	}
	return "表格中没有任何文字，请核对后重新上传。"
}

func textRowTooFar(n int) string {
	return fmt.Sprintf("第 %d 行还有内容，离表格太远（最多读取到第 10 万行）；请删除多余内容，保存后再上传。", n)
}

func textColumnTooFar(sheet, cell string) string {
	return fmt.Sprintf("工作表“%s”的 %s 还有内容，离表格太远（最多读取 200 列）；请删除多余内容，保存后再上传。", sheet, cell)
}

func textLinkedFormula(sheet, cell string) string {
	return fmt.Sprintf("工作表“%s”的 %s 的公式引用了其他文件、程序或网络；请把它改为数值（复制后“选择性粘贴”为数值），保存后再上传。", sheet, cell)
}

func textUncalculated(sheet, cell string) string {
	return fmt.Sprintf("工作表“%s”的 %s 的公式没有保存计算结果；请用 Excel 或 WPS 打开并保存一次，再上传。", sheet, cell)
}

func textUnclosedQuote(line int) string {
	return fmt.Sprintf("第 %d 行的双引号没有结束；请核对该行后重新上传。", line)
}

func textYAML(err error) string {
	return fmt.Sprintf("YAML 格式有误：%s；请改正后重新上传。", err)
}

func textYAMLShape(line int) string {
	return fmt.Sprintf("YAML 第 %d 行：清单须是一个列表，每项写“列名: 内容”，内容为文字、数字、日期或它们的列表，不用引用（& 和 *）。", line)
}

func textYAMLTwice(line int, key string) string {
	return fmt.Sprintf("YAML 第 %d 行：同一项中“%s”写了两次，请改正。", line, key)
}

func textNoSuchSheet(name string) string {
	return fmt.Sprintf("工作簿中没有可见且有内容的工作表“%s”。", name)
}
