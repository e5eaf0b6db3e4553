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

func TestKeepMobiles(t *testing.T) {
	before := []Contact{{Name: "张三", Mobile: "13800000001"}, {Name: "李四", Mobile: "13811110001"}, {Name: "王五", Mobile: "13922220002"}}
	for name, c := range map[string]struct{ given, want Contact }{
		"of the same person":     {Contact{Name: "李四", Mobile: "138****0001"}, Contact{Name: "李四", Mobile: "13811110001"}},
		"of another by the name": {Contact{Name: "王五六", Mobile: "139****0002"}, Contact{Name: "王五六", Mobile: "13922220002"}},
		"of nobody can tell who": {Contact{Name: "赵六", Mobile: "138****0001"}, Contact{Name: "赵六", Mobile: "138****0001"}},
		"of nobody":              {Contact{Name: "张三", Mobile: "137****0009"}, Contact{Name: "张三", Mobile: "137****0009"}},
		"a new one":              {Contact{Name: "张三", Mobile: "13700000009"}, Contact{Name: "张三", Mobile: "13700000009"}},
		"none":                   {Contact{Name: "张三"}, Contact{Name: "张三"}},
	} {
		require.Equal(t, []Contact{c.want}, KeepMobiles([]Contact{c.given}, before), name)
	}
}

func TestMaskMobile(t *testing.T) {
	require.Equal(t, "138****0001", MaskMobile("13800000001"))
	require.Empty(t, MaskMobile("1380000"))
	require.Empty(t, MaskMobile(""))
}
