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
	textServer       = "邮件服务器的主机名或端口无效，请核对 smtp.host 和 smtp.port"
	textFrom         = "发件地址无效，请核对 smtp.from，如 区安委办 <duban@example.gov.cn>"
	textCAUnreadable = "无法读取 smtp.ca 指定的证书文件，请核对路径和权限"
)

func textCAEmpty(path string) string {
	return fmt.Sprintf("smtp.ca 指定的文件 %s 中没有 PEM 证书，请核对", path)
}

func textMode(mode TLSMode) string {
	return fmt.Sprintf("smtp.tls 只能是 none、starttls 或 tls，现为 %q", mode)
}
