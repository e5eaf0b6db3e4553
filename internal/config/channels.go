package config

import (
	"net/url"
	"strings"
	"time"
)

// The channels over HTTP. Each is off until it has an address, which has no default: private deployments have their own.
// CA is the path of a PEM file, trusted besides the system's. Timeout is that of one message. PerMinute bounds how many
// messages go out in any minute; 0: the vendor's own bound, or none.

// WeCom is the application of 企业微信 or 政务微信 that sends messages to members.
type WeCom struct {
	BaseURL   string        `key:"baseURL"`
	CorpID    string        `key:"corpID"`
	AgentID   int           `key:"agentID"`
	Secret    Secret        `key:"secret"`
	CA        string        `key:"ca"`
	Timeout   time.Duration `key:"timeout"`
	PerMinute int           `key:"perMinute"`
}

// DingTalk is the application of 钉钉 (AgentID) or 专有钉钉 (TenantID) that sends work notices, or the robot of a group.
type DingTalk struct {
	BaseURL     string        `key:"baseURL"`
	AppKey      string        `key:"appKey"`
	AppSecret   Secret        `key:"appSecret"`
	AgentID     int           `key:"agentID"`
	TenantID    string        `key:"tenantID"`
	RobotToken  Secret        `key:"robotToken"`
	RobotSecret Secret        `key:"robotSecret"`
	CA          string        `key:"ca"`
	Timeout     time.Duration `key:"timeout"`
	PerMinute   int           `key:"perMinute"`
}

// Feishu is the application of 飞书 that writes to members, or the robot of a group.
type Feishu struct {
	BaseURL     string        `key:"baseURL"`
	AppID       string        `key:"appID"`
	AppSecret   Secret        `key:"appSecret"`
	RobotToken  Secret        `key:"robotToken"`
	RobotSecret Secret        `key:"robotSecret"`
	CA          string        `key:"ca"`
	Timeout     time.Duration `key:"timeout"`
	PerMinute   int           `key:"perMinute"`
}

// SMSForm is how the body of a gateway's request is written.
type SMSForm string

// The forms of bodies.
const (
	SMSJSON   SMSForm = "json"
	SMSFields SMSForm = "form"
)

// SMS is the gateway for short messages. Every gateway has its own form of a request: Body is its template.
type SMS struct {
	URL           Secret        `key:"url"` // some gateways want their key in it
	Form          SMSForm       `key:"form" oneof:"json,form"`
	Body          string        `key:"body"`
	Secret        Secret        `key:"secret"`
	Authorization Secret        `key:"authorization"`
	Success       string        `key:"success"`
	Later         string        `key:"later"`
	CA            string        `key:"ca"`
	Timeout       time.Duration `key:"timeout"`
	PerMinute     int           `key:"perMinute"`
}

// Webhook is a program of the house that is told of every digest.
type Webhook struct {
	URL       Secret        `key:"url"` // some receivers want a token in it
	Secret    Secret        `key:"secret"`
	CA        string        `key:"ca"`
	Timeout   time.Duration `key:"timeout"`
	PerMinute int           `key:"perMinute"`
}

const (
	channelTimeout = 30 * time.Second
	maxPerMinute   = 6000
)

func (k *checker) channels() {
	w, d, f, s, h := k.config.WeCom, k.config.DingTalk, k.config.Feishu, k.config.SMS, k.config.Webhook
	k.channel("wecom", "baseURL", w.BaseURL, w.CorpID != "" || w.Secret != "", w.CA, w.Timeout, w.PerMinute)
	k.require(w.BaseURL == "" || w.CorpID != "" && w.Secret != "" && w.AgentID > 0, textWeCom, "wecom.baseURL", "wecom.agentID")

	k.channel("dingtalk", "baseURL", d.BaseURL, d.AppKey != "" || d.AppSecret != "" || d.RobotToken != "", d.CA, d.Timeout, d.PerMinute)
	k.require(d.BaseURL == "" || d.kinds() == 1, textDingTalk, "dingtalk.baseURL", "dingtalk.agentID")

	app, robot := f.AppID != "" && f.AppSecret != "", f.RobotToken != ""
	k.channel("feishu", "baseURL", f.BaseURL, f.AppID != "" || f.AppSecret != "" || robot, f.CA, f.Timeout, f.PerMinute)
	k.require(f.BaseURL == "" || app != robot, textFeishu, "feishu.baseURL")

	k.channel("sms", "url", s.URL.Reveal(), s.Body != "" || s.Secret != "" || s.Authorization != "", s.CA, s.Timeout, s.PerMinute)
	k.require(s.URL == "" || strings.Contains(s.Body, "{mobile}") && strings.Contains(s.Body, "{text}"), textSMSBody, "sms.body", "sms.url")

	k.channel("webhook", "url", h.URL.Reveal(), h.Secret != "", h.CA, h.Timeout, h.PerMinute)
	k.require(h.URL == "" || h.Secret != "", textWebhook, "webhook.secret", "webhook.url")
}

// kinds counts the ways to send that are filled in.
func (d DingTalk) kinds() int {
	n, account := 0, d.AppKey != "" && d.AppSecret != ""
	for _, filled := range []bool{account && d.AgentID > 0, account && d.TenantID != "", d.RobotToken != ""} {
		if filled {
			n++
		}
	}
	return n
}

// channel checks what all of them have. Whoever fills in an account wants it to be used: without an address it is a fault.
func (k *checker) channel(section, name, address string, filled bool, ca string, timeout time.Duration, perMinute int) {
	key := section + "." + name
	k.require(address != "" || !filled, textNoBaseURL, key)
	u, err := url.Parse(address)
	// The address is not repeated: it may hold a key.
	k.require(address == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil, textURL, key)
	k.readable(ca, section+".ca")
	k.require(timeout >= minTimeout && timeout <= maxTimeout, textGiven(textTimeout, shortDuration(timeout)), section+".timeout")
	k.require(perMinute >= 0 && perMinute <= maxPerMinute, textPerMinute, section+".perMinute")
}
