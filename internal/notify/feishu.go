package notify

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"duban/obligation"
)

// FeishuOptions says how to reach 飞书: an application that writes to members, or the robot of a group, which calls on
// the member by name. One of the two is filled in.
type FeishuOptions struct {
	HTTP
	AppID, AppSecret string

	RobotToken, RobotSecret string
}

// Feishu sends digests as an application's text messages, or through a group's robot. It is safe for concurrent use.
type Feishu struct {
	client *client
	token  *token // nil: a robot
	robot  robot
}

// feishuRobotRate is how many messages a minute Feishu takes from a robot.
const feishuRobotRate = 100

// feishuCodes are the codes that say more than that a message was refused.
var feishuCodes = map[int]meaning{
	9499:     meansBusy, // 机器人请求过于频繁
	11232:    meansBusy, // 机器人请求过于频繁
	230020:   meansBusy, // 触发频率限制
	99991400: meansBusy, // 接口调用超过限制
	99991661: meansExpired,
	99991663: meansExpired,
	99991664: meansExpired,
	99991671: meansExpired,
	99991677: meansExpired,
	19001:    meansSettings, // 机器人的 token 无效
	19021:    meansSettings, // 机器人的签名不符，或两边的时间相差一小时以上
	19022:    meansSettings, // 机器人的 IP 白名单
	19024:    meansSettings, // 机器人的关键词不符
	230006:   meansSettings, // 应用没有启用机器人能力
	230027:   meansSettings, // 缺少权限
	99991672: meansSettings, // 缺少权限
	230013:   meansAddress,  // 该用户不在应用的可用范围
	99992351: meansAddress,  // 无效的 open_id
	99992352: meansAddress,  // 无效的 union_id
	99992353: meansAddress,  // 无效的 user_id
}

// NewFeishu checks the options. It does not connect.
func NewFeishu(o FeishuOptions) (*Feishu, error) {
	app := o.AppID != "" && o.AppSecret != ""
	if app == (o.RobotToken != "") {
		return nil, errors.New(textAccount("feishu"))
	}
	rate := 0
	if !app {
		rate = feishuRobotRate
	}
	c, err := newClient("feishu", o.HTTP, rate, o.AppSecret, o.RobotToken, o.RobotSecret)
	if err != nil {
		return nil, err
	}
	f := &Feishu{client: c, robot: robot{o.RobotToken, o.RobotSecret}}
	if app {
		f.token = &token{client: c, value: tenantToken, code: feishuCode, fetch: request{
			path: "/open-apis/auth/v3/tenant_access_token/internal", header: jsonHeader(),
			body: encode(map[string]string{"app_id": o.AppID, "app_secret": o.AppSecret}),
		}}
	}
	return f, nil
}

// Name returns "feishu".
func (f *Feishu) Name() string { return "feishu" }

// Send sends the digest to the member with the ID: a user_id, or an open_id (ou_…) or union_id (on_…).
func (f *Feishu) Send(ctx context.Context, address string, d obligation.Digest) (obligation.DeliveryStatus, error) {
	if err := check("feishu", memberID, address, d); err != nil {
		return obligation.DeliveryFailed, err
	}
	key := deliveryKey("feishu", address, d)
	text := chat(d, key, maxRobotText, func(s string) int { return len(encode(s)) })
	return f.client.message(ctx, func(ctx context.Context) (obligation.DeliveryStatus, error) {
		if f.token == nil {
			v := f.call(ctx, address, text)
			return v.status, v.err
		}
		return f.token.send(ctx, func(token string) verdict { return f.write(ctx, token, address, text, key) })
	})
}

func (f *Feishu) write(ctx context.Context, token, address, text, key string) verdict {
	header := jsonHeader()
	header.Set("Authorization", "Bearer "+token)
	return f.post(ctx, request{
		path: "/open-apis/im/v1/messages", query: url.Values{"receive_id_type": {idType(address)}}, header: header,
		body: encode(map[string]string{
			"receive_id": address, "msg_type": "text", "content": string(encode(map[string]string{"text": text})),
			"uuid": key, // Feishu drops a second message with it for an hour
		}),
		hide: token,
	})
}

// idType tells the kinds of IDs apart by the prefixes that Feishu gives them.
func idType(address string) string {
	switch {
	case strings.HasPrefix(address, "ou_"):
		return "open_id"
	case strings.HasPrefix(address, "on_"):
		return "union_id"
	default:
		return "user_id"
	}
}

func (f *Feishu) call(ctx context.Context, address, text string) verdict {
	body := map[string]any{
		"msg_type": "text", "content": map[string]string{"text": text + "\n" + `<at user_id="` + address + `"></at>`},
	}
	sign := ""
	if f.robot.secret != "" {
		stamp := strconv.FormatInt(f.client.clock.Now().Unix(), 10)
		sign = mac(stamp+"\n"+f.robot.secret, "") // the text to sign is the key here, and nothing is signed with it
		body["timestamp"], body["sign"] = stamp, sign
	}
	return f.post(ctx, request{
		path: "/open-apis/bot/v2/hook/" + url.PathEscape(f.robot.token), header: jsonHeader(), body: encode(body), hide: sign,
	})
}

func (f *Feishu) post(ctx context.Context, r request) verdict {
	got, status, err := f.client.do(ctx, r)
	if err != nil {
		return verdict{status: status, err: err}
	}
	return f.client.judge(got, feishuCode, feishuCodes)
}

// feishuCode reads an answer's code, which stands in the body also where HTTP's own code is 400.
func feishuCode(body []byte) (coded, bool) {
	var v struct {
		Code *int   `json:"code"`
		Text string `json:"msg"`
	}
	if json.Unmarshal(body, &v) != nil || v.Code == nil {
		return coded{}, false
	}
	return coded{*v.Code, v.Text}, true
}

func tenantToken(body []byte) (string, time.Duration) {
	var v struct {
		Token  string `json:"tenant_access_token"`
		Expire int64  `json:"expire"` // seconds
	}
	_ = json.Unmarshal(body, &v) // feishuCode could read it
	return v.Token, time.Duration(v.Expire) * time.Second
}
