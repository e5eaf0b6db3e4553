package monthly

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
