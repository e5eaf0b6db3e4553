package monthly

import (
	"duban/report"
	"duban/statistics"
)

// Chinese returns the name people read.
func (s Status) Chinese() string { return statusNames[s] }

var statusNames = map[Status]string{
	OnTime: "按时报送", Late: "逾期报送", Missing: "逾期未报", Pending: "待报送", Waived: "免报", History: "补录",
}

// What a unit may take over into its report.
const (
	textMonth      = "%d年%d月"
	textMatter     = "%s（%s）"      // title, period
	textDone       = "本月完成%d项：%s。" // number, matters
	textInReview   = "其中%d项已报送待审核。"
	textOverdue    = "逾期未完成%d项：%s。"
	textOverdueBy  = "%s（%s到期）" // title, due date
	textNextMost   = "抓紧完成已逾期的%d项。"
	textNextDue    = "按期完成本月到期的%d项：%s。"
	textNextMonth  = "推进下月到期的%d项：%s。"
	textMore       = "%s等"
	textBetween    = "；"
	textNothingDue = "继续按方案推进各项任务。"
)

// What the office's report says.
const (
	textReportTitle   = "%s工作开展情况月报"
	textReportOpening = "根据《%s》（%s）“每月28日前报送工作开展情况及任务清单完成情况”的要求，现将各单位报送情况（截至%s）和任务清单完成情况（截至%s）汇总如下。"
	textOfficeOf      = "办公室"

	textReports      = "报送情况"
	textReportCounts = "应报送%d家，已报送%d家，其中按时报送%d家、逾期报送%d家，零报告%d家；逾期未报%d家，期限未到待报送%d家。"
	textReturned     = "已报送的有%d家退回补正。"
	textWaived       = "另有%d家免报。"
	textHistory      = "另有%d家为补录。"
	textMissingTable = "未报送的单位"
	textLateUnits    = "逾期报送的单位：%s。"
	textZeroUnits    = "零报告的单位：%s。"
	textNone         = "无"

	textTaskList     = "任务清单完成情况"
	textMonthFigures = "本月到期%d项，已办结%d项，逾期未办%d项。"
	textYearFigures  = "全年应办%d项，已办结%d项（其中逾期办结%d项），逾期未办%d项，完成率%s。"
	textActionTable  = "各行动任务完成情况"
	textTaskTable    = "各项任务完成情况"
	textSum          = "合计"

	textContents    = "各单位工作开展情况"
	textProgress    = "工作开展情况："
	textProblems    = "存在问题："
	textNextSteps   = "下步计划："
	textNothingTold = "没有单位按表单报送工作开展情况。"
	textRemarks     = "有关事项的说明"
	textRemark      = "%s：“%s”（%s），%s" // unit, matter, period, what it says

	instantLayout = "2006年1月2日15时04分"
	textMidnight  = "24时"
)

// heading is one of a table's columns.
type heading struct {
	text  string
	width int
	align report.Align
}

var headingsMissing = []heading{{"序号", 6, ""}, {"单位", 26, report.Left}, {"情况", 14, ""}, {"联络员", 14, ""}, {"已采取措施", 14, ""}}

func headingsFigures(by statistics.Key) []heading {
	return []heading{
		{by.Chinese(), 30, report.Left},
		{"本月到期", 11, ""},
		{"本月办结", 11, ""},
		{"本月逾期", 11, ""},
		{"全年应办", 11, ""},
		{"全年办结", 11, ""},
		{"全年逾期", 11, ""},
		{"完成率", 11, ""},
	}
}
