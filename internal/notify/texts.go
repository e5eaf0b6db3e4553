package notify

import (
	"fmt"
	"strings"

	"duban/obligation"
)

// What the mail says.

const (
	textSubject       = "【督办】"
	textSubjectUrgent = "【督办·急】"
)

// labels are the mail's own words.
type labels struct {
	Title, Greeting, Ref, Footer string
}

var mailLabels = labels{
	Title:    "督办事项",
	Greeting: "您好！",
	Ref:      "编号：",
	Footer:   "本邮件由督办系统自动发出，请勿直接回复。办理、报送和查询请登录督办系统；如有疑问请联系区安委办。",
}

var headings = [...]string{
	headOverdue: "逾期", headDocument: "正式文书", headReturned: "退回补正", headExtension: "延期答复", headNudge: "催问", headPress: "催办",
	headRemind: "提醒", headOpened: "新交办", headRearmed: "调整", headDraft: "待签发文书", headReview: "待审核",
	headAccepted: "办结", headOther: "其他",
}

var numerals = [...]string{"一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三"}

func textIntro(day string, count int) string {
	if day != "" {
		day += "，"
	}
	return fmt.Sprintf("%s有%d项督办事项请您阅办。", day, count)
}

func textCounts(day string, groups []group) string {
	if day != "" {
		day += "："
	}
	var parts []string
	for _, g := range groups {
		parts = append(parts, fmt.Sprintf("%s%d项", g.Name, len(g.Items)))
	}
	return day + strings.Join(parts, "、")
}

func textGroup(i int, g group) string {
	return fmt.Sprintf("%s、%s（%d项）", numerals[i], g.Name, len(g.Items))
}

func textItem(i int, title string) string { return fmt.Sprintf("%d. %s", i+1, title) }

// What the office reads of a mail that was not sent.

const (
	textEmpty   = "汇总中没有内容，没有可发的邮件"
	textCompose = "邮件未能生成，请把这一条报告给运维人员"
)

func textAddress(address string) string {
	return fmt.Sprintf("收件地址 %q 无效，请在责任单位的联系方式中改正", shorten(line(address), maxCause))
}

func textUnreachable(server string) string {
	return fmt.Sprintf("连不上邮件服务器 %s，稍后会重发；请检查网络和 smtp.host、smtp.port", server)
}

const (
	textGreeting   = "与邮件服务器没有谈成，稍后会重发；请核对 smtp.host、smtp.port、smtp.tls"
	textUntrusted  = "不信任邮件服务器的证书，邮件未发，稍后会重发；请核对 smtp.host，或把签发证书的 CA 填在 smtp.ca"
	textNoStartTLS = "邮件服务器不支持 STARTTLS，邮件未发，稍后会重发；请核对 smtp.port 和 smtp.tls"
	textNoAuth     = "邮件服务器没有可用的登录方式，邮件未发，稍后会重发；不加密时不会用明文发送密码，请核对 smtp.tls"
	textAuth       = "登录邮件服务器失败，邮件未发，稍后会重发；请核对 smtp.user 和 smtp.password"
	textBroken     = "与邮件服务器的连接中断，邮件未交出，稍后会重发"
	textLater      = "邮件服务器暂时不收，稍后会重发"
	textRefused    = "邮件服务器拒收，不再重发；请核对收件地址和发件地址"
	textUnknown    = "邮件已交给邮件服务器，但没有等到答复，是否送达不明；请向收件人核实后再决定是否重发"
)

func textTimedOut(status obligation.DeliveryStatus) string {
	if status == obligation.DeliveryUnknown {
		return textUnknown
	}
	return "邮件服务器在限定时间内没有完成，邮件未交出，稍后会重发"
}

// What operators read at the start.

const (
	textServer = "邮件服务器的主机名或端口无效，请核对 smtp.host 和 smtp.port"
	textFrom   = "发件地址无效，请核对 smtp.from，如 区安委办 <duban@example.gov.cn>"
)

func textCAUnreadable(section string) string {
	return fmt.Sprintf("无法读取 %s.ca 指定的证书文件，请核对路径和权限", section)
}

func textCAEmpty(section, path string) string {
	return fmt.Sprintf("%s.ca 指定的文件 %s 中没有 PEM 证书，请核对", section, path)
}

func textMode(mode TLSMode) string {
	return fmt.Sprintf("smtp.tls 只能是 none、starttls 或 tls，现为 %q", mode)
}

// What chat messages and short messages say.

const textSMSEnd = "请登录督办系统收件箱办理。"

// keyLength is how much of a delivery's key people are shown.
const keyLength = 8

func textChatEnd(key string) string {
	return fmt.Sprintf("\n办理、报送和查询请登录督办系统。通知编号：%s", key[:keyLength])
}

func textChatCut(count int, key string) string {
	return fmt.Sprintf("…\n（内容未完，共%d项，请登录督办系统收件箱查看。通知编号：%s）", count, key[:keyLength])
}

// What the office reads of a message that was not sent.

const (
	textNothing = "汇总中没有内容，没有可发的消息"
	textQuota   = "该收件人已达每分钟30条或每小时1000条的上限"
)

// channelNames are the channels by the section of the settings.
var channelNames = map[string]string{
	"smtp": "邮件服务器", "wecom": "企业微信", "dingtalk": "钉钉", "feishu": "飞书", "sms": "短信网关", "webhook": "回调地址",
}

// addressNames are what a channel's addresses are called in the settings of contacts.
var addressNames = map[string]string{
	"wecom": "wecom：企业微信的成员账号（userid）", "dingtalk": "dingtalk：钉钉的 userid", "feishu": "feishu：飞书的 user_id、open_id 或 union_id",
	"sms": "mobile：手机号码", "webhook": "责任单位代码",
}

const textBadAddress = "收件地址无效，不再发送，请在责任单位的联系方式中改正"

func textFormat(section string) string { return "应为 " + addressNames[section] }

func textNobody(section string) string {
	return channelNames[section] + "没有这个收件人，或其不能收消息，不再发送；请在责任单位的联系方式中改正"
}

func textNotReached(section string) string {
	return fmt.Sprintf("连不上%s，消息未交出，稍后会重发；请检查网络和 %s 的地址", channelNames[section], section)
}

func textDistrusted(section string) string {
	return fmt.Sprintf("不信任%s的证书，消息未发，稍后会重发；请把签发证书的 CA 填在 %s.ca", channelNames[section], section)
}

func textNoAnswer(section string) string {
	return fmt.Sprintf("消息已交给%s，但没有等到明确的答复，是否送达不明；请向收件人核实后再决定是否重发", channelNames[section])
}

func textFailedThere(section string) string {
	return fmt.Sprintf("%s处理消息时出错，是否送达不明；请向收件人核实后再决定是否重发", channelNames[section])
}

func textBusy(section string) string {
	return channelNames[section] + "暂时不收（繁忙或超过频率），稍后会重发"
}

func textPaced(section string) string {
	return channelNames[section] + "按频率排队时发送被中断，消息未发，稍后会重发"
}

func textToken(section string) string {
	return fmt.Sprintf("没有取得%s的访问凭证，消息未发，稍后会重发；请核对 %s 的账号和密钥", channelNames[section], section)
}

func textSettings(section string) string {
	return fmt.Sprintf("%s不认可账号、权限或地址，消息未发，改正后会重发；请核对 %s 的各项设置", channelNames[section], section)
}

func textRejected(section string) string {
	return channelNames[section] + "拒收这条消息，不再重发"
}

// What operators read at the start.

const (
	textSMSBody = "sms.body 中要有 {mobile} 和 {text}"
	textSMSJSON = "sms.body 不是有效的 JSON；表单请把 sms.form 设为 form"
)

func textURL(section string) string {
	return fmt.Sprintf("%s 的网址无效，应以 http:// 或 https:// 开头，不带用户名", channelNames[section])
}

func textAccount(section string) string {
	return fmt.Sprintf("%s 的账号不完整，请核对 %s 的各项设置", channelNames[section], section)
}

// printLabels are the printed notice's own words.
type printLabels struct {
	Heading, Urgent, Receipt, Footer string
}

var printed = printLabels{
	Heading: "督办通知",
	Urgent:  "急",
	Receipt: "签收人：________________　　签收日期：______年____月____日",
	Footer:  "由督办系统打印，办理、报送和查询请登录督办系统。通知编号：",
}
