package assessment

// halfNames are how people call the halves of a year.
var halfNames = map[int]string{1: "%d年上半年", 2: "%d年下半年"}

// causeNames are what points are given for, as people call it.
var causeNames = map[Cause]string{
	OnTime: "按时办结", Late: "逾期办结", Overdue: "逾期未办", Returned: "报送被退回", Extended: "延期", Issued: "正式措施",
}

// What is wrong with rules.
const (
	ruleNothing = "评分规则至少要有一项"
	ruleCode    = "评分规则第 %d 项没有代码（code）"
	ruleTwice   = "评分规则的代码 %q 写了两次，请删除其一"
	ruleCause   = "评分规则 %q 的情形（on）%q 不认识，可以是 %s"
	ruleRung    = "评分规则 %q 的措施（rung）%q 不是正式措施"
	ruleNoRung  = "评分规则 %q 的情形不是正式措施（issued），不能限定措施（rung）"
	ruleMost    = "评分规则 %q 的封顶（most）不能是负数"
)
