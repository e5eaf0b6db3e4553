package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"duban/activities"
	"duban/api"
	"duban/calendar"
	"duban/internal/config"
	"duban/internal/notify"
	"duban/internal/sheet"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
)

// outlet is a channel as the settings have it.
type outlet struct {
	name string
	on   bool
	url  string // of its server
	make func(config.Config) (activities.Channel, error)
}

// outlets are all channels that there may be.
func outlets(cfg config.Config) []outlet {
	return []outlet{
		{string(plan.ChannelWeCom), cfg.WeCom.BaseURL != "", cfg.WeCom.BaseURL, wecom},
		{string(plan.ChannelDingTalk), cfg.DingTalk.BaseURL != "", cfg.DingTalk.BaseURL, dingtalk},
		{string(plan.ChannelFeishu), cfg.Feishu.BaseURL != "", cfg.Feishu.BaseURL, feishu},
		{string(plan.ChannelMail), cfg.SMTP.Host != "", "//" + net.JoinHostPort(cfg.SMTP.Host, strconv.Itoa(cfg.SMTP.Port)), mail},
		{string(plan.ChannelSMS), cfg.SMS.URL.Reveal() != "", cfg.SMS.URL.Reveal(), sms},
		{store.ChannelWebhook, cfg.Webhook.URL.Reveal() != "", cfg.Webhook.URL.Reveal(), webhook},
	}
}

// host is the server's name alone: the rest of an address may be a secret.
func (o outlet) host() string {
	u, err := url.Parse(o.url)
	if !o.on || err != nil {
		return ""
	}
	return u.Host
}

// channelsOf returns the channels that are switched on. On a clock that is not the wall's there is none: what is
// rehearsed reaches nobody.
func channelsOf(cfg config.Config) ([]activities.Channel, error) {
	if cfg.Clock.Mode != config.ClockWall {
		return nil, nil
	}
	var out []activities.Channel
	for _, o := range outlets(cfg) {
		if !o.on {
			continue
		}
		channel, err := o.make(cfg)
		if err != nil {
			return nil, err
		}
		out = append(out, channel)
	}
	return out, nil
}

// channelTests let the API show the channels, and test them.
type channelTests struct{ i *installation }

// All implements api.Channels.
func (c channelTests) All() []api.ChannelSetting {
	var out []api.ChannelSetting
	for _, o := range outlets(c.i.cfg) {
		out = append(out, api.ChannelSetting{Name: o.name, On: o.on, Host: o.host()})
	}
	return out
}

// Test implements api.Channels.
func (c channelTests) Test(ctx context.Context, name, to string) (obligation.DeliveryStatus, error) {
	channels, err := c.i.channels()
	if err != nil {
		return obligation.DeliveryFailed, err
	}
	for _, channel := range channels {
		if channel.Name() == name {
			return channel.Send(ctx, to, testDigest(time.Now()))
		}
	}
	return obligation.DeliveryFailed, &obligation.Error{Code: obligation.CodeNotFound}
}

func mail(cfg config.Config) (activities.Channel, error) {
	m := cfg.SMTP
	return notify.NewSMTP(notify.Options{
		Host: m.Host, Port: m.Port, TLS: notify.TLSMode(m.TLS), CAFile: m.CA, User: m.User, Password: m.Password.Reveal(),
		From: m.From, Timeout: m.Timeout, PerMinute: m.PerMinute,
	})
}

func wecom(cfg config.Config) (activities.Channel, error) {
	w := cfg.WeCom
	return notify.NewWeCom(notify.WeComOptions{
		HTTP:   notify.HTTP{URL: w.BaseURL, CAFile: w.CA, Timeout: w.Timeout, PerMinute: w.PerMinute},
		CorpID: w.CorpID, AgentID: w.AgentID, Secret: w.Secret.Reveal(),
	})
}

func dingtalk(cfg config.Config) (activities.Channel, error) {
	d := cfg.DingTalk
	return notify.NewDingTalk(notify.DingTalkOptions{
		HTTP:   notify.HTTP{URL: d.BaseURL, CAFile: d.CA, Timeout: d.Timeout, PerMinute: d.PerMinute},
		AppKey: d.AppKey, AppSecret: d.AppSecret.Reveal(), AgentID: d.AgentID, TenantID: d.TenantID,
		RobotToken: d.RobotToken.Reveal(), RobotSecret: d.RobotSecret.Reveal(),
	})
}

func feishu(cfg config.Config) (activities.Channel, error) {
	f := cfg.Feishu
	return notify.NewFeishu(notify.FeishuOptions{
		HTTP:  notify.HTTP{URL: f.BaseURL, CAFile: f.CA, Timeout: f.Timeout, PerMinute: f.PerMinute},
		AppID: f.AppID, AppSecret: f.AppSecret.Reveal(), RobotToken: f.RobotToken.Reveal(), RobotSecret: f.RobotSecret.Reveal(),
	})
}

func sms(cfg config.Config) (activities.Channel, error) {
	s := cfg.SMS
	return notify.NewSMS(notify.SMSOptions{
		HTTP: notify.HTTP{URL: s.URL.Reveal(), CAFile: s.CA, Timeout: s.Timeout, PerMinute: s.PerMinute},
		Body: s.Body, Form: notify.SMSForm(s.Form), Secret: s.Secret.Reveal(), Authorization: s.Authorization.Reveal(),
		Success: s.Success, Later: s.Later,
	})
}

func webhook(cfg config.Config) (activities.Channel, error) {
	h := cfg.Webhook
	return notify.NewWebhook(notify.WebhookOptions{
		HTTP:   notify.HTTP{URL: h.URL.Reveal(), CAFile: h.CA, Timeout: h.Timeout, PerMinute: h.PerMinute},
		Secret: h.Secret.Reveal(),
	})
}

// printed is a digest for those whom no channel reaches.
func printed(d obligation.Digest, to string) (page, policy string) {
	return notify.Print(d, to), notify.PrintPolicy
}

// spreadsheet writes a table of the API as a workbook.
func spreadsheet(w io.Writer, head api.Table, rows iter.Seq2[[]string, error]) error {
	t := sheet.Table{Title: head.Title, Note: head.Note}
	for _, c := range head.Columns {
		t.Columns = append(t.Columns, sheet.Column{Heading: c.Heading, Width: c.Width})
	}
	return sheet.Stream(w, t, rows)
}

// workbook writes filled tables of the API as a workbook.
func workbook(w io.Writer, tabs []api.Tab) error {
	tables := make([]sheet.Table, len(tabs))
	for i, t := range tabs {
		tables[i] = sheet.Table{Sheet: t.Name, Title: t.Title, Note: t.Note, Rows: t.Rows}
		for _, c := range t.Columns {
			tables[i].Columns = append(tables[i].Columns, sheet.Column{Heading: c.Heading, Width: c.Width})
		}
	}
	return sheet.WriteAll(w, tables...)
}

type notifyCmd struct {
	Test notifyTestCmd `cmd:"" help:"向一个地址发一条测试消息，显示对方的答复；发出为 0，没有发出或不明为 1。"`
}

type notifyTestCmd struct {
	Channel string `arg:"" help:"渠道：wecom、dingtalk、feishu、smtp、sms 或 webhook，须已在设置中启用。"`
	To      string `required:"" placeholder:"ADDRESS" help:"收件地址：成员账号、邮箱或手机号；webhook 写单位代码或 office。"`
}

// Run implements the command.
func (c notifyTestCmd) Run(e *env) error {
	cfg, _, err := e.settings()
	if err != nil {
		return err
	}
	channels, err := channelsOf(cfg)
	if err != nil {
		return usageError{err}
	}
	var on []string
	for _, channel := range channels {
		if channel.Name() == c.Channel {
			return c.send(e, channel)
		}
		on = append(on, channel.Name())
	}
	if len(on) == 0 {
		return usageError{errors.New(textNoChannels)}
	}
	return usageError{fmt.Errorf(textNoChannel, c.Channel, strings.Join(on, "、"))}
}

func (c notifyTestCmd) send(e *env, channel activities.Channel) error {
	status, err := channel.Send(context.WithoutCancel(e.ctx), c.To, testDigest(time.Now()))
	if status != obligation.DeliverySent {
		return fmt.Errorf(textTestNotSent, status, err)
	}
	fmt.Fprintf(e.stdout, textTestSent, status, c.Channel)
	return nil
}

// testDigest is a digest like any other, but for its content. The instant keeps two tests from passing for one.
func testDigest(now time.Time) obligation.Digest {
	const name = "test"
	return obligation.Digest{
		ID: name + "/" + now.UTC().Format(time.RFC3339Nano), Plan: name, Recipient: string(obligation.ToOffice),
		Day: calendar.DateOf(now, obligation.Location(zone)), Created: now,
		Messages: []obligation.Message{{
			Obligation: obligation.ID{Plan: name, Measure: name, Unit: name, Period: name}, Recipient: string(obligation.ToOffice), Created: now,
			Notice: obligation.Notice{To: obligation.ToOffice, Title: textTestTitle, Text: textTestText, Why: textTestWhy},
		}},
	}
}
