package login

// The texts that people read.
const (
	textOperator = "本机操作员"
	textFirst    = "系统管理员"
	textReset    = "原密码同时作废"

	textVouched       = "统一身份认证"
	textNotVouched    = "统一身份认证没有通过"
	textNotByPassword = "密码只供管理员使用"
)
