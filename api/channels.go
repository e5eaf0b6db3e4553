package api

import (
	"context"
	"net/http"

	"duban/account"
	"duban/obligation"
	"duban/plan"
)

// Channels are the ways out of the application, as this installation is configured.
type Channels interface {
	// All returns every channel there may be, switched on or not.
	All() []ChannelSetting
	// Test sends a test message at once and returns what became of it. A failure's error says in Chinese why. A channel that
	// is not switched on is an *obligation.Error with CodeNotFound.
	Test(ctx context.Context, channel, to string) (obligation.DeliveryStatus, error)
}

// ChannelSetting is how a channel is configured.
type ChannelSetting struct {
	Name string // smtp, wecom, …
	On   bool
	Host string // of the server it talks to; "" where it is off
}

// ChannelList is every channel.
type ChannelList struct {
	Channels []Channel `json:"channels" doc:"各渠道，不论是否启用"`
	Silent   bool      `json:"silent" doc:"演练：不论怎样设置，都不向外发送"`
}

// Channel is a way to tell people outside the application.
type Channel struct {
	Name  string `json:"name" enum:"wecom,dingtalk,feishu,smtp,sms,webhook" doc:"代码"`
	Label string `json:"label" doc:"名称"`
	On    bool   `json:"on" doc:"已启用"`
	Host  string `json:"host,omitempty" doc:"服务器的主机名和端口；没有启用则不出现"`
}

// ChannelTestInput sends a test message.
type ChannelTestInput struct {
	Channel string `path:"channel" maxLength:"64" enum:"wecom,dingtalk,feishu,smtp,sms,webhook" doc:"渠道代码"`
	Body    ChannelTestBody
}

// ChannelTestBody says whom the test message is for.
type ChannelTestBody struct {
	To string `json:"to" minLength:"1" maxLength:"254" doc:"收件地址：成员账号、邮箱或手机号；webhook 写单位代码或 office"`
}

// ChannelTest is what became of a test message.
type ChannelTest struct {
	Status      string `json:"status" enum:"sent,refused,unknown" doc:"sent 对方已接收，refused 没有发出，unknown 发出与否不明"`
	StatusLabel string `json:"statusLabel" doc:"名称"`
	Reason      string `json:"reason,omitempty" doc:"没有发出或不明的原因"`
}

func (s *server) registerChannels() {
	register(s, operation{id: "list-channels", method: http.MethodGet, path: "/channels", tag: tagHealth}, s.listChannels)
	register(s, operation{
		id: "test-channel", method: http.MethodPost, path: "/channels/{channel}/test", tag: tagHealth, limit: s.CommandTimeout,
		codes: []Code{CodeRehearsal, CodeChannelOff},
	}, s.testChannel)
}

func (s *server) listChannels(context.Context, *struct{}) (*Body[ChannelList], error) {
	return answer(ChannelList{
		list(s.Channels.All(), func(c ChannelSetting) Channel { return Channel{c.Name, channelNames[c.Name], c.On, c.Host} }), s.Rehearsal,
	}), nil
}

// What became of a test message.
const (
	testSent    = "sent"
	testRefused = "refused"
	testUnknown = "unknown"
)

func (s *server) testChannel(ctx context.Context, in *ChannelTestInput) (*Body[ChannelTest], error) {
	if s.Rehearsal {
		return nil, newProblem(CodeRehearsal)
	}
	status, err := s.Channels.Test(ctx, in.Channel, in.Body.To)
	if obligation.IsNotFound(err) {
		return nil, newProblem(CodeChannelOff)
	}
	out := ChannelTest{Status: testRefused}
	switch status {
	case obligation.DeliverySent:
		out.Status = testSent
	case obligation.DeliveryUnknown:
		out.Status = testUnknown
	case obligation.DeliveryPending, obligation.DeliverySending, obligation.DeliveryFailed:
	}
	out.StatusLabel = testResults[out.Status]
	if err != nil {
		out.Reason = masked(err.Error())
	}
	to := in.Body.To
	if in.Channel == string(plan.ChannelSMS) {
		to = plan.MaskMobile(to)
	}
	// The message is out: what became of it is told also where the caller has gone meanwhile.
	err = s.Accounts.Note(context.WithoutCancel(ctx), caller(ctx), account.ChannelTested, in.Channel, to+" "+out.StatusLabel, remote(ctx))
	return answer(out), err
}
