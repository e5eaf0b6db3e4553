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

	// lists
	textLists     = "任务清单"
	textRow       = "第 %d 行"
	textApplied   = "清单已应用"
	textNoFile    = "没有选文件，请选一份清单（xlsx、csv、yaml）再上传。"
	textBadUpload = "文件没有传完，请再上传一次。"

	textTraining = "演练控制"

	// changes and ladders
	textChanges  = "调整方案"
	textChanged  = "调整已办理"
	textLadders  = "升级阶梯"
	textNoLadder = "新增升级阶梯"

	textCrossOrigin = "这个操作是从其他网站发起的，没有办理；请回到本系统的页面重试。"
	textForm        = "提交的内容过长或格式不对，没有办理；请回到原来的页面重新填写。"
)

// notices say what has been done, by the word in the address that a form leads to.
var notices = map[string]string{
	"password":      "密码已修改。",
	"token-revoked": "令牌已吊销。",
}
