package web

import "duban/obligation"

// The texts that people read beside the templates'.
const (
	textTitle     = "督办"
	textLogin     = "登录"
	textSetup     = "设置密码"
	textResume    = "继续提交"
	textLost      = "没有这个页面"
	textSorry     = "未能办理"
	textFailed    = "系统暂时无法使用，请稍后再试；若持续出现，请把请求编号告诉管理员。"
	textTwice     = "两次输入的密码不一致，请重新输入。"
	textReady     = "密码已设置，请登录。"
	textExpired   = "登录已过期。请重新登录，您填写的内容会保留，登录后再点一次提交即可。"
	textMe        = "我的账号"
	textWorkflows = "流程界面"

	textCrossOrigin = "这个操作是从其他网站发起的，没有办理；请回到本系统的页面重试。"
	textForm        = "提交的内容过长或格式不对，没有办理；请回到原来的页面重新填写。"

	// One obligation.
	textConflict  = "没有办理：您打开本页之后，其他人刚刚办理过（见台账最上面的几条）。本页现在是最新情况，您填写的内容还在；请看过之后再决定是否提交。"
	textNextOver  = "已办结，没有下一步。"
	textNextWaits = "在等%s办理，系统没有排定自动进行的下一步。"
)

// nextSteps say what happens by itself, by the kind of what it leads to; each takes the time and the step.
var nextSteps = map[obligation.EventKind]string{
	obligation.Opened:   "%s，系统自动办理：%s。",
	obligation.Reminded: "%s，仍未报送的，系统自动发出%s。",
	obligation.Overdue:  "%s，仍未报送的，记为%s，亮红灯。",
	obligation.Drafted:  "%s，仍未报送的，系统自动拟制%s，签发后发出。",
}

// notices say what has been done, by the word in the address that a form leads to.
var notices = map[string]string{
	"password":      "密码已修改。",
	"token-revoked": "令牌已吊销。",

	// Of the office on an obligation.
	"accept":           "已审核通过，该事项办结。",
	"return":           "已退回责任单位补正。",
	"nudge":            "已催问，责任单位会收到通知。",
	"waive":            "已免办，不再督办。",
	"suspend":          "已中止，期限相应顺延。",
	"resume":           "已恢复办理。",
	"refuse-send-back": "已答复：不同意退回。",
	"grant-extension":  "已同意延期。",
	"refuse-extension": "已答复：不同意延期。",
	"skip":             "已越级拟文，待签发。",
	"hand-over":        "已移交给新的联络员。",
}
