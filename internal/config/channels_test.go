package config

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const channelSettings = `
wecom: {baseURL: "https://wecom.example", corpID: ww1, agentID: 1000002, secret: s1, perMinute: 60}
dingtalk: {baseURL: "https://ding.example", appKey: k, appSecret: s2, agentID: 7, timeout: 5s}
feishu: {baseURL: "https://feishu.example", robotToken: s3, robotSecret: s4}
sms: {url: "https://sms.example/send?key=s5", form: form, body: "to={mobile}&text={text}", secret: s6, success: ok}
webhook: {url: "https://hooks.example/s7", secret: s8}
`

func TestChannels(t *testing.T) {
	c, err := Load(Options{File: write(t, channelSettings)})
	require.NoError(t, err)
	require.Equal(t, WeCom{
		BaseURL: "https://wecom.example", CorpID: "ww1", AgentID: 1000002, Secret: "s1", Timeout: 30 * time.Second, PerMinute: 60,
	}, c.WeCom)
	require.Equal(t, 5*time.Second, c.DingTalk.Timeout)
	require.Equal(t, Secret("s3"), c.Feishu.RobotToken)
	require.Equal(t, SMSFields, c.SMS.Form)
	shown := fmt.Sprintf("%v %+v %#v", c.Redacted(), c, c)
	for n := 1; n <= 8; n++ {
		require.NotContains(t, shown, fmt.Sprint("s", n, `"`))
		require.NotContains(t, shown, fmt.Sprint("s", n, " "))
	}
}

func TestChannelsAreOffByDefault(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := Load(Options{})
	require.NoError(t, err)
	require.Empty(t, c.WeCom.BaseURL+c.DingTalk.BaseURL+c.Feishu.BaseURL+c.SMS.URL.Reveal()+c.Webhook.URL.Reveal())
}

func TestFaultsOfChannels(t *testing.T) {
	for name, c := range map[string]struct{ key, value, fault, text string }{
		"account without address":   {"wecom.baseURL", "", "wecom.baseURL", textNoBaseURL},
		"no such address":           {"wecom.baseURL", "wecom.example", "wecom.baseURL", textURL},
		"a user in the address":     {"webhook.url", "https://u:p@hooks.example", "webhook.url", textURL},
		"another scheme":            {"sms.url", "ftp://sms.example", "sms.url", textURL},
		"no agent":                  {"wecom.agentID", "0", "wecom.baseURL", textWeCom},
		"application and robot":     {"dingtalk.robotToken", "x", "dingtalk.baseURL", textDingTalk},
		"two kinds of applications": {"dingtalk.tenantID", "1", "dingtalk.baseURL", textDingTalk},
		"half an application":       {"dingtalk.agentID", "0", "dingtalk.baseURL", textDingTalk},
		"a robot and a name":        {"feishu.appID", "x", "", ""}, // a name alone is no application
		"no place for the number":   {"sms.body", "text={text}", "sms.body", textSMSBody},
		"alert without a channel":   {"alert.to", "ops@example.cn", "alert.to", textGiven(textAlertForm, "ops@example.cn:")},
		"alert by pigeon":           {"alert.to", "pigeon:ops", "alert.to", textGiven(textAlertForm, "pigeon:ops")},
		"alert to nobody":           {"alert.to", "webhook:", "alert.to", textGiven(textAlertForm, "webhook:")},
		"alert that is off":         {"alert.to", "webhook:ops, smtp:a@example.cn", "alert.to", textGiven(textAlertOff, "smtp")},
		"unsigned":                  {"webhook.secret", "", "webhook.secret", textWebhook},
		"too short a time":          {"feishu.timeout", "1ms", "feishu.timeout", textGiven(textTimeout, "1ms")},
		"too many a minute":         {"sms.perMinute", "6001", "sms.perMinute", textPerMinute},
		"too many mails a minute":   {"smtp.perMinute", "6001", "smtp.perMinute", textPerMinute},
		"less than none":            {"sms.perMinute", "-1", "sms.perMinute", textPerMinute},
		"no such certificate":       {"webhook.ca", "nowhere.pem", "webhook.ca", textGiven(textPEM, "nowhere.pem")},
		"another form":              {"sms.form", "xml", "sms.form", textGiven(textOneOf([]string{"json", "form"}), "xml")},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{File: write(t, channelSettings), Overrides: map[string]string{c.key: c.value}}
			if c.fault == "" {
				_, err := Load(o)
				require.NoError(t, err)
				return
			}
			faults := faultsOf(t, o)
			require.Len(t, faults, 1)
			require.Equal(t, c.fault, faults[0].Key)
			require.Equal(t, c.text, faults[0].Text)
		})
	}
	o := Options{File: write(t, channelSettings), Overrides: map[string]string{"feishu.appID": "x", "feishu.appSecret": "y"}}
	require.Equal(t, textFeishu, faultsOf(t, o)[0].Text)
}
