package hazardlist

// Chinese returns the heading of the column.
func (f Field) Chinese() string { return headings[f] }

var headings = [fields]string{
	Number: "编号", Grade: "等级", Source: "来源", Reference: "来源依据", Industry: "行业领域", Region: "街道（镇）", Enterprise: "企业（单位）名称",
	Place: "地点", Text: "隐患内容", Basis: "判定依据", Measures: "整改和防范措施", Principal: "主要负责人（实际控制人）", Notified: "告知情况",
	Found: "发现日期", Unit: "责任单位", Due: "整改期限", Reviewer: "审核单位", Former: "反弹自（原编号）", Cancelled: "销号日期",
}

// What people read of a row.
const (
	textHazard         = "隐患"
	textAccidentHazard = "事故隐患"
	textMissing        = "没有填写%s"
	textNotAmong       = "“%s”不在名单里"
	textAmong          = "可填：%s"
	textNoUnit         = "“%s”不是方案里的单位"
	textUnitProposal   = "请写单位的全称、简称或代码"
	textNoDate         = "“%s”不是日期"
	textDateProposal   = "请写成 2026-03-02 或 2026年3月2日"
	textNoNumber       = "台账里没有编号 %s"
	textNumberProposal = "新登记的隐患不填编号，由系统编号"
	textSame           = "与台账中的 %s 企业、地点、内容和发现日期相同"
	textSameRow        = "与第 %d 行企业、地点、内容和发现日期相同"
	textSameProposal   = "确是另一条隐患的，请确认后再登记；否则不必重复登记"
)
