package statistics

import "fmt"

// Chinese returns what people call the work.
func (w Work) Chinese() string { return workNames[w] }

var workNames = map[Work]string{Sign: "签收用时", Report: "报送用时", Review: "审核用时", Answer: "答复用时", SignOff: "签发用时"}

// Meaning returns from when to when the work takes.
func (w Work) Meaning() string { return workMeanings[w] }

var workMeanings = map[Work]string{
	Sign:    "责任单位从交办到签收（没有签收就报送的，到报送）",
	Report:  "责任单位从交办或退回到报送",
	Review:  "区安委办从报送到审核通过或退回",
	Answer:  "区安委办从申请延期或提出不属本单位到答复",
	SignOff: "区安委办、安委会领导从文书拟稿到签发或撤回",
}

// Chinese returns what people call the rows of a table by the key.
func (k Key) Chinese() string { return keyNames[k] }

var keyNames = map[Key]string{
	ByAction: "行动", ByTask: "任务", ByUnit: "责任单位", ByYear: "年度", ByQuarter: "季度", ByMonth: "月份",
}

// Chinese returns what people call the rows of a table by the key.
func (k HazardKey) Chinese() string { return hazardKeyNames[k] }

var hazardKeyNames = map[HazardKey]string{
	HazardsByIndustry: "行业领域", HazardsByRegion: "街道（镇）", HazardsBySource: "来源", HazardsByGrade: "等级", HazardsByUnit: "责任单位",
}

// Chinese returns what people call the scope: 2026年上半年.
func (s Scope) Chinese() string {
	switch {
	case s.Year == 0:
		return textAll
	case s.Half > 0:
		return fmt.Sprintf(textHalf, s.Year, [...]string{"上", "下"}[s.Half-1])
	case s.Quarter > 0:
		return fmt.Sprintf(textQuarter, s.Year, s.Quarter)
	case s.Month > 0:
		return fmt.Sprintf(textMonth, s.Year, s.Month)
	default:
		return fmt.Sprintf(textYear, s.Year)
	}
}

// Chinese returns the span as people read it.
func (s Span) Chinese() string {
	switch {
	case s.Days > 0 && s.Hours > 0:
		return fmt.Sprintf(textDaysHours, s.Days, s.Hours)
	case s.Days > 0:
		return fmt.Sprintf(textDays, s.Days)
	case s.Hours > 0:
		return fmt.Sprintf(textHours, s.Hours)
	default:
		return textMinutes
	}
}

// Percent is a share as people read it, with one decimal; a dash where there is nothing that it would be of.
func Percent(share float64, known bool) string {
	if !known {
		return "—"
	}
	return fmt.Sprintf("%.1f%%", share*100)
}

const (
	textAction    = "行动%d %s"
	textNoAction  = "保障措施与总体目标"
	textTask      = "任务%s %s"
	textYear      = "%d年"
	textHalf      = "%d年%s半年"
	textQuarter   = "%d年第%d季度"
	textMonth     = "%d年%d月"
	textTotal     = "合计"
	textAll       = "方案期全部"
	textDaysHours = "%d个工作日%d小时"
	textDays      = "%d个工作日"
	textHours     = "%d小时"
	textMinutes   = "不足1小时"
)
