package web

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

	// Administration
	textUnits      = "责任单位"
	textCalendar   = "节假日与工作日"
	textAccounts   = "账号"
	textChannels   = "通知渠道"
	textAdminLog   = "管理日志"
	textStuck      = "卡点"
	textUnitAdd    = "新增单位"
	textUnitChange = "更改单位"
	textContacts   = "更换联络员"
	textRoster     = "导入联络员名册"
	textHolidays   = "公布节假日安排"
	textDateStays  = "有效期的首日、末日填写以后可以改成别的日期，不能清空。"
	textNoRows     = "名册里没有可以导入的联络员，请核对表头和内容。"
	textRosterBad  = "名册中有读不懂的行，没有导入。请改正后再试一次。"
	textRosterForm = "名册的格式读不懂：第 %d 行的引号不成对。请从表格软件中整块复制后重新粘贴。"
	textRow        = "第 %s 行：%s"
	textNoChange   = "没有改动任何内容，不必提交。"
	textNewUnit    = "（新增）"

	textCrossOrigin = "这个操作是从其他网站发起的，没有办理；请回到本系统的页面重试。"
	textForm        = "提交的内容过长或格式不对，没有办理；请回到原来的页面重新填写。"
)

// notices say what has been done, by the word in the address that a form leads to.
var notices = map[string]string{
	"password":      "密码已修改。",
	"token-revoked": "令牌已吊销。",
	// Administration
	"amended":         "已调整，受影响的事项在后台陆续更新。",
	"account-changed": "账号已修改。改了身份或单位的，本人须重新登录。",
	"disabled":        "账号已停用：会话已结束，令牌不再有效。",
	"enabled":         "账号已启用。",
	"unlocked":        "已解除锁定，本人可以重新登录。",
	"sessions-ended":  "会话已全部结束，本人须重新登录。",
}
