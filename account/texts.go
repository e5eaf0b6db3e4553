package account

var roleNames = map[Role]string{
	Office: "区安委办", Leader: "领导", Unit: "责任单位联络员", Auditor: "审计", Admin: "管理员",
}

var actionNames = map[Action]string{
	Entered: "登录", EnterFailed: "登录失败", AccountLocked: "账号锁定", Left: "退出", AccountCreated: "开立账号", AccountChanged: "修改账号",
	AccountDisabled: "停用账号", AccountEnabled: "启用账号", AccountUnlocked: "解除锁定", AccountInvited: "签发一次性链接",
	PasswordSet: "通过一次性链接设置密码", PasswordChanged: "修改密码", SessionsEnded: "结束全部会话", TokenIssued: "签发令牌", TokenRevoked: "吊销令牌",
	FeedIssued: "开通日历订阅", FeedRevoked: "停止日历订阅",
	PlanSeeded: "载入方案", WorkflowsChanged: "在 Temporal 界面中操作流程", DossierExported: "导出卷宗", TrainingSteered: "操纵演练", ChannelTested: "测试渠道",
	FaultRepaired: "修复故障",
}

var messages = map[Code]string{
	CodeUnauthenticated: "请先登录；会话闲置 30 分钟后会自动退出，重新登录即可继续。程序请在 Authorization 头中提供令牌。",
	CodeForbidden:       "您的身份不能进行该操作；如确需办理，请联系区安委办或管理员。",
	CodeForeign:         "只能查看和办理本单位的事项。",
	CodeScope:           "该令牌没有这项操作的权限范围；请改用有相应范围的令牌。",
	CodeWrongPassword:   "账号或密码不对，请核对后重试；连续输错 5 次将锁定 15 分钟。忘记密码的，请管理员重新签发一次性链接。",
	CodeLocked:          "密码连续输错，账号已锁定 15 分钟；请稍后再试，或请管理员解除锁定。",
	CodeInvitation:      "该一次性链接无效：已经用过、已过期（72 小时），或已被新的链接取代；请管理员重新签发。",
	CodeToken:           "令牌无效、已过期或已吊销；请在账号中重新签发一个。",
	CodeTooMany:         "请求过于频繁，请稍候再试。",
	CodeNotFound:        "没有这个账号，请核对登录名。",
	CodeTaken:           "该登录名已被使用，请换一个。",
	CodeLogin:           "登录名须为 2 至 32 位：以小写字母开头，其后可以有小写字母、数字、点、横线和下划线。",
	CodeName:            "请填写姓名，不超过 50 个字，前后不留空格。",
	CodeRole:            "没有这种身份；请在 office、leader、unit、auditor、admin 中选择。",
	CodeUnit:            "责任单位联络员必须填写方案中有的单位代码，其他身份不填单位。",
	CodeLastAdmin:       "这是最后一个可用的管理员账号，不能停用或改作其他身份；请先开立另一个管理员账号。",
	CodePasswordLength:  "密码须为 10 至 128 个字。",
	CodePasswordKinds:   "密码太简单：不足 20 个字的，须含大写字母、小写字母、数字、其他字符中的三种。",
	CodePasswordWeak:    "密码容易被猜到：不能含有登录名，也不能主要由姓名、常用词或重复的字符组成。",
	CodePasswordSame:    "新密码与原密码相同，请换一个。",
	CodeTokenLabel:      "请写明令牌的用途，不超过 50 个字。",
	CodeTokenScopes:     "请写明令牌的权限范围：read 查看，act 办理，manage 管理，可以多选。",
	CodeTokenExpiry:     "令牌的截止时间须晚于现在，且不超过 366 天。",
	CodeOnlyPerson:      "该操作须由本人登录后办理，不能使用令牌。",
	CodeOIDC:            "统一身份认证没有通过，请重新登录；若持续出现，请把请求编号告诉管理员。",
	CodeNoOIDC:          "本系统没有开启统一身份认证，请用账号和密码登录。",
	CodeOIDCUnreachable: "暂时连不上统一身份认证，请稍后再试；若持续出现，请把请求编号告诉管理员。",
	CodeNoAccount:       "统一身份认证已通过，但本系统没有您的账号，或账号已停用；请联系管理员。",
	CodeOIDCOnly:        "本系统已改用统一身份认证登录，密码只供管理员使用；请点击统一身份认证登录。",
}
