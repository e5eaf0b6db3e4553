package config

import "strings"

// Alert is who looks after the installation and is told of what duban doctor finds.
type Alert struct {
	To string `key:"to"` // channel:address, with commas between them
}

// Recipient is one of those who are told.
type Recipient struct{ Channel, Address string }

// Recipients returns all of them.
func (a Alert) Recipients() []Recipient {
	var out []Recipient
	for one := range strings.SplitSeq(a.To, ",") {
		if one = strings.TrimSpace(one); one != "" {
			channel, address, _ := strings.Cut(one, ":")
			out = append(out, Recipient{channel, strings.TrimSpace(address)})
		}
	}
	return out
}

// alert checks that what is to be told can be sent.
func (k *checker) alert() {
	c := k.config
	channels := map[string]bool{ // whether they are on
		"wecom": c.WeCom.BaseURL != "", "dingtalk": c.DingTalk.BaseURL != "", "feishu": c.Feishu.BaseURL != "",
		"smtp": c.SMTP.Host != "", "sms": c.SMS.URL != "", "webhook": c.Webhook.URL != "",
	}
	for _, r := range c.Alert.Recipients() {
		on, known := channels[r.Channel]
		k.require(known && r.Address != "", textGiven(textAlertForm, r.Channel+":"+r.Address), keyAlertTo)
		k.require(!known || on, textGiven(textAlertOff, r.Channel), keyAlertTo, r.Channel)
	}
}
