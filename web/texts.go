package web

// The texts that people read beside the templates'.
const (
	textTitle  = "督办"
	textLogin  = "登录"
	textSetup  = "设置密码"
	textLost   = "没有这个页面"
	textFailed = "系统暂时无法使用，请稍后再试；若持续出现，请联系管理员。"
	textTwice  = "两次输入的密码不一致，请重新输入。"
	textReady  = "密码已设置，请登录。"
)
