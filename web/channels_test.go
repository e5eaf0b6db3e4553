package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/api"
	"duban/obligation"
)

func wires() *programs {
	return offices(map[string]any{
		"GET /channels": api.ChannelList{Channels: []api.Channel{
			{Name: "smtp", Label: "电子邮件", On: true, Host: "mail.example.cn:465"}, {Name: "sms", Label: "短信"},
		}},
		"GET /plans/p1/deliveries": api.DeliveryPage{Next: "c2", Deliveries: []api.Delivery{
			{RecipientName: "区应急局", ChannelLabel: "电子邮件", Address: "a@example.cn", Status: obligation.DeliveryUnknown, StatusLabel: "不明", Error: hostile},
		}},
		"POST /channels/smtp/test": api.ChannelTest{Status: "unknown", StatusLabel: "发出与否不明", Reason: "连接中断"},
	})
}

func TestChannels(t *testing.T) {
	h := opened(wires())
	for _, role := range []string{"office", "admin", "auditor"} {
		body := get(h, "/channels", as(role)).Body.String()
		require.Contains(t, body, "mail.example.cn:465")
		require.Contains(t, body, "▲ 不明")
		require.Contains(t, body, "系统不会自动重发")
		require.Contains(t, body, "cursor=c2&amp;plan=p1")
		require.NotContains(t, body, "<script>alert")
		require.Equal(t, role == "admin", strings.Contains(body, "发送测试"), role)
	}
	require.Equal(t, 1, strings.Count(get(h, "/channels", as("admin")).Body.String(), "发送测试"), "what is off can't be tested")
	silent := offices(map[string]any{"GET /channels": api.ChannelList{Silent: true, Channels: []api.Channel{{Name: "smtp", On: true}}}})
	body := get(opened(silent), "/channels", as("admin")).Body.String()
	require.Contains(t, body, "都不向外发送")
	require.NotContains(t, body, "发送测试")
	require.Contains(t, body, "没有发送失败或不明的通知")
}

func TestChannelIsTested(t *testing.T) {
	p := wires()
	h := opened(p)
	form := url.Values{"form": {"smtp"}, "key": {"k1"}, "to": {"a@example.cn"}}
	w := post(h, "/channels/smtp/test", form, as("admin"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), "发出与否不明")
	require.Contains(t, w.Body.String(), "连接中断")
	require.Contains(t, w.Body.String(), `value="a@example.cn"`, "for another try")
	require.Equal(t, []string{`k1  {"to":"a@example.cn"}`}, sent(p, "POST /channels/smtp/test"))
	p.answers["POST /channels/smtp/test"] = &api.Problem{Status: http.StatusConflict, Detail: "演练中不能发送"}
	w = post(h, "/channels/smtp/test", form, as("admin"))
	require.Equal(t, http.StatusConflict, w.Code)
	require.Contains(t, w.Body.String(), "演练中不能发送")
	require.Contains(t, w.Body.String(), `value="a@example.cn"`)
	require.Equal(t, http.StatusForbidden, post(h, "/channels/smtp/test", form, as("office")).Code)
}
