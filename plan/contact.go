package plan

import (
	"fmt"
	"regexp"
	"slices"
)

// Channel is a way to tell a contact outside the application.
type Channel string

// The channels that have an address in a contact.
const (
	ChannelMail     Channel = "smtp"
	ChannelWeCom    Channel = "wecom"    // 企业微信、政务微信
	ChannelDingTalk Channel = "dingtalk" // 钉钉
	ChannelFeishu   Channel = "feishu"   // 飞书
	ChannelSMS      Channel = "sms"
)

// channels is the order in which a contact without a choice is told: what is read at once comes first, what costs money
// and says little comes last.
var channels = []Channel{ChannelWeCom, ChannelDingTalk, ChannelFeishu, ChannelMail, ChannelSMS}

// Contact (联络员) is where a unit's notices go.
type Contact struct {
	Name     string `json:"name" yaml:"name"`
	Email    string `json:"email,omitempty" yaml:"email"`
	WeCom    string `json:"wecom,omitempty" yaml:"wecom"`       // the member's userid
	DingTalk string `json:"dingtalk,omitempty" yaml:"dingtalk"` // the member's userid
	Feishu   string `json:"feishu,omitempty" yaml:"feishu"`     // user_id, open_id or union_id
	Mobile   string `json:"mobile,omitempty" yaml:"mobile"`     // eleven digits, for short messages
	// Channels is the contact's choice: the first that is switched on is used, and the next one where that fails. None:
	// all with an address, in the order above.
	Channels []Channel `json:"channels,omitempty" yaml:"channels"`
}

// Address is where a contact is reached on a channel.
type Address struct {
	Channel Channel
	Address string
}

// Addresses returns where the contact is reached, in the order of its choice.
func (c Contact) Addresses() []Address {
	order := c.Channels
	if len(order) == 0 {
		order = channels
	}
	var out []Address
	for _, channel := range order {
		if a := c.address(channel); a != "" {
			out = append(out, Address{channel, a})
		}
	}
	return out
}

func (c Contact) address(channel Channel) string {
	switch channel {
	case ChannelMail:
		return c.Email
	case ChannelWeCom:
		return c.WeCom
	case ChannelDingTalk:
		return c.DingTalk
	case ChannelFeishu:
		return c.Feishu
	case ChannelSMS:
		return c.Mobile
	}
	return ""
}

// MaskMobile shows of a mobile number what tells it from others: the first three digits and the last four.
func MaskMobile(number string) string {
	const head, tail = 3, 4
	if len(number) <= head+tail {
		return ""
	}
	return number[:head] + "****" + number[len(number)-tail:]
}

var (
	// memberFormat names one member of a chat service: "@all" and lists with "|" or "," would name many.
	memberFormat = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}$`)
	mobileFormat = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
)

func (v *validation) contact(at string, c Contact) {
	v.text(at+".name", c.Name, maxTitle)
	if c.Email != "" && !plainAddress(c.Email) {
		v.add(at+".email", CodeBadEmail, c.Email)
	}
	for _, channel := range []Channel{ChannelWeCom, ChannelDingTalk, ChannelFeishu} {
		if id := c.address(channel); id != "" && !memberFormat.MatchString(id) {
			v.add(at+"."+addressFields[channel], CodeBadMember, addressFields[channel], id)
		}
	}
	if c.Mobile != "" && !mobileFormat.MatchString(c.Mobile) {
		v.add(at+".mobile", CodeBadMobile, c.Mobile)
	}
	for i, channel := range c.Channels {
		path := fmt.Sprintf("%s.channels[%d]", at, i)
		switch {
		case !slices.Contains(channels, channel):
			v.add(path, CodeUnknownValue, "channels", channel, choices(channels))
		case slices.Contains(c.Channels[:i], channel):
			v.add(path, CodeDuplicate, "channels", channel)
		case c.address(channel) == "":
			v.add(path, CodeNoAddress, channel, addressFields[channel])
		}
	}
}

// addressFields are where the channels' addresses stand.
var addressFields = map[Channel]string{
	ChannelMail: "email", ChannelWeCom: "wecom", ChannelDingTalk: "dingtalk", ChannelFeishu: "feishu", ChannelSMS: "mobile",
}
