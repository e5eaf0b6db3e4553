package plan

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAddressesInTheOrderOfChoice(t *testing.T) {
	c := Contact{Name: "联络员", Email: "a@example.com", WeCom: "a", DingTalk: "b", Feishu: "c", Mobile: "13800000001"}
	require.Equal(t, []Address{
		{ChannelWeCom, "a"}, {ChannelDingTalk, "b"}, {ChannelFeishu, "c"}, {ChannelMail, "a@example.com"}, {ChannelSMS, "13800000001"},
	}, c.Addresses())
	c.Channels = []Channel{ChannelSMS, ChannelMail}
	require.Equal(t, []Address{{ChannelSMS, "13800000001"}, {ChannelMail, "a@example.com"}}, c.Addresses(), "what was not chosen is not used")
	require.Empty(t, Contact{Name: "联络员"}.Addresses())
}

func TestMaskMobile(t *testing.T) {
	require.Equal(t, "138****0001", MaskMobile("13800000001"))
	require.Empty(t, MaskMobile("1380000"))
	require.Empty(t, MaskMobile(""))
}
