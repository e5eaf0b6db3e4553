package login

// The texts that people read.
const (
	textOperator = "本机操作员"
	textFirst    = "系统管理员"
	textReset    = "原密码同时作废"
)
