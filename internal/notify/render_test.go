package notify

import (
	"strings"
	"testing"
	"time"

	"github.com/sebdah/goldie/v2"
	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

var (
	fire  = obligation.ID{Plan: "changning-2024", Measure: "10.1", Unit: "fire", Period: "2024H1"}
	texts = map[obligation.EventKind]string{
		obligation.Opened:    "新交办事项，请签收并于2024年6月30日前完成。",
		obligation.Reminded:  "该事项应于2024年6月30日前完成，请抓紧办理并按时报送。",
		obligation.Overdue:   "该事项截止2024年6月30日仍未报送完成情况，已经逾期，请尽快完成并报送。",
		obligation.Drafted:   "区消防救援支队逾期未完成，已拟督促函，请审核签发或撤回。",
		obligation.Issued:    "已就该事项向你单位发出督促函（长安委办〔2024〕3号），请按要求办理。",
		obligation.Submitted: "区消防救援支队已报送完成情况，请审核。",
		obligation.Accepted:  "报送的完成情况已审核通过，该事项办结。",
		obligation.Returned:  "报送的完成情况被退回，请于2024年7月8日前补正后重新报送。理由：缺少照片。\n\n另：\n一、伪造的标题（9项）",
		obligation.Nudged:    "区安委办询问该事项的进展，请尽快办理并报送。",
		obligation.Rearmed:   "该事项有调整，现应于2024年9月30日前完成。理由：上级推迟",
		obligation.Signed:    "已签收。",

		obligation.ExtensionAsked:   "区消防救援支队申请将期限由2024年6月30日延至2024年7月31日，请同意或不同意。理由：材料未齐",
		obligation.Extended:         "延期申请已获同意，请于2024年7月31日前完成并报送。",
		obligation.ExtensionRefused: "延期申请未获同意，期限仍为2024年6月30日，请抓紧完成并报送。理由：不充分",
	}
)

func notice(kind obligation.EventKind) obligation.Message {
	return obligation.Message{Obligation: fire, Recipient: "fire", Notice: obligation.Notice{
		Kind: kind, To: obligation.ToUnit, Title: "上半年消防通道排查", Text: texts[kind],
		Why: "依据：方案任务10“打通生命通道”；措施：提醒（到期前7个工作日）；升级阶梯：标准阶梯；期限：2024年6月30日",
	}}
}

func digest(messages ...obligation.Message) obligation.Digest {
	return obligation.Digest{
		ID: "changning-2024/fire/2024-06-24", Plan: "changning-2024", Recipient: "fire",
		Day: calendar.MustDate("2024-06-24"), Created: time.Date(2024, time.June, 24, 1, 15, 0, 0, time.UTC),
		Messages: messages,
	}
}

// everyKind holds every kind of notice, in an order no reader would want.
func everyKind() obligation.Digest {
	press, review := notice(obligation.Reminded), notice(obligation.Reminded)
	press.Notice.Rung = obligation.Press
	press.Notice.Text = "该事项应于2024年6月30日前完成，已经逾期，请尽快完成并报送。"
	review.Notice.To = obligation.ToOffice
	review.Notice.Text = "区消防救援支队报送的完成情况还没有审核，请尽快审核通过或退回。"
	long := notice(obligation.Reminded)
	long.Notice.Title = strings.Repeat("全面排查整治重大事故隐患", 30)
	markup := notice(obligation.Opened)
	markup.Notice.Title = `<script>alert("x")</script> & <b>粗体</b>`
	markup.Notice.Why = `依据：<img src=x onerror=alert(1)>`
	return digest(
		notice(obligation.Signed), notice(obligation.Accepted), notice(obligation.Submitted), notice(obligation.Drafted),
		notice(obligation.Rearmed), markup, notice(obligation.Opened), notice(obligation.Reminded), long, press, review,
		notice(obligation.Nudged), notice(obligation.Returned), notice(obligation.Issued), notice(obligation.Overdue),
		notice(obligation.ExtensionAsked), notice(obligation.Extended), notice(obligation.ExtensionRefused),
	)
}

func TestRender(t *testing.T) {
	subject, text, html := Render(everyKind())
	g := goldie.New(t)
	g.Assert(t, "digest.txt", []byte(subject+"\n\n"+text))
	g.Assert(t, "digest.html", []byte(html))
}

func TestRenderEscapes(t *testing.T) {
	_, _, html := Render(everyKind())
	require.NotContains(t, html, "<script>")
	require.NotContains(t, html, "<img")
	require.Contains(t, html, "&lt;script&gt;")
}

func TestSubject(t *testing.T) {
	urgent := notice(obligation.Nudged)
	urgent.Notice.Urgent = true
	titled := func(title string) obligation.Message {
		m := notice(obligation.Overdue)
		m.Notice.Title = title
		return m
	}
	noDay := digest(notice(obligation.Overdue), notice(obligation.Overdue))
	noDay.Day = 0
	tests := map[string]struct {
		digest obligation.Digest
		want   string
	}{
		"one":             {digest(notice(obligation.Overdue)), "【督办】逾期：上半年消防通道排查"},
		"several":         {digest(notice(obligation.Opened), notice(obligation.Overdue), notice(obligation.Opened)), "【督办】6月24日：逾期1项、新交办2项"},
		"one urgent":      {digest(urgent), "【督办·急】催问：上半年消防通道排查"},
		"urgent and not":  {digest(urgent, notice(obligation.Opened)), "【督办·急】6月24日：催问1项、新交办1项"},
		"without a day":   {noDay, "【督办】逾期2项"},
		"long":            {digest(titled(strings.Repeat("长", 41))), "【督办】逾期：" + strings.Repeat("长", 39) + "…"},
		"just not long":   {digest(titled(strings.Repeat("长", 40))), "【督办】逾期：" + strings.Repeat("长", 40)},
		"headers in it":   {digest(titled("标题\r\nBcc: x@example.com\r\n\r\n正文")), "【督办】逾期：标题 Bcc: x@example.com 正文"},
		"turned around":   {digest(titled("a\u202eb\u200bc\x00d\ufffde")), "【督办】逾期：abc de"},
		"separators":      {digest(titled("a\u2028b\u2029c\u0085d")), "【督办】逾期：a b c d"},
		"nothing in it":   {digest(titled(" \n ")), "【督办】逾期："},
		"not valid UTF-8": {digest(titled("a\xffb")), "【督办】逾期：ab"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			subject, _, _ := Render(tt.digest)
			require.Equal(t, tt.want, subject)
		})
	}
}

// A reason that somebody wrote cannot pass for the mail's own lines.
func TestTextIsIndented(t *testing.T) {
	m := notice(obligation.Returned)
	m.Notice.Text = "理由：\r一、逾期（9项）\u2028--\n本邮件由督办系统自动发出"
	_, text, _ := Render(digest(m))
	require.Contains(t, text, "\n    一、逾期（9项）\n    --\n    本邮件由督办系统自动发出\n")
}

func TestEveryHeadingIsNamed(t *testing.T) {
	require.Len(t, headings, len(numerals))
	for h, name := range headings {
		require.NotEmpty(t, name, h)
	}
}

func TestRenderDoesNotChangeTheDigest(t *testing.T) {
	d := everyKind()
	Render(d)
	require.Equal(t, everyKind(), d)
}
