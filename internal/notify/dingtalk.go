package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"duban/obligation"
)

// DingTalkOptions says how to reach 钉钉: an application that sends work notices to members, or the robot of a group,
// which calls on the member by name. One of the two is filled in.
type DingTalkOptions struct {
	HTTP
	AppKey, AppSecret string
	AgentID           int

	RobotToken, RobotSecret string
}

// DingTalk sends digests as work notices, or through a group's robot. It is safe for concurrent use.
//
// DeliverySent is what DingTalk says of a work notice when it has taken it into its queue. Whether it reached the
// member's telephone shows with DingTalk only.
type DingTalk struct {
	client *client
	token  *token // nil: a robot
	agent  int
	robot  robot
}

// robot is what a robot signs with.
type robot struct{ token, secret string }

const (
	// maxWorkNotice is the longest "msg" of a work notice as JSON, in bytes.
	maxWorkNotice = 2048
	// maxRobotText keeps a robot's whole request below the 20,000 bytes that both vendors take.
	maxRobotText = 18000
	// dingtalkRobotRate is how many messages a minute DingTalk takes from a robot; one more, and it is shut up for ten minutes.
	dingtalkRobotRate = 20
)

// dingtalkCodes are the errcodes, and the sub_codes of errcode 88, that say more than that a message was refused.
var dingtalkCodes = map[int]meaning{
	-1:     meansBusy, // 系统繁忙
	90002:  meansBusy, // 每秒调用超过限制
	90005:  meansBusy, // 每分钟调用超过限制
	90018:  meansBusy, // 调用超过限制
	130101: meansBusy, // 机器人每分钟超过 20 条
	40001:  meansExpired,
	40014:  meansExpired,
	42001:  meansExpired,
	33001:  meansSettings, // 无效的企业 ID
	40035:  meansSettings, // 不合法的参数 agentid
	40089:  meansSettings, // 不合法的 appkey 或 appsecret
	52013:  meansSettings, // 签名校验失败
	60011:  meansSettings, // 没有调用该接口的权限
	60020:  meansSettings, // 访问 IP 不在白名单
	300001: meansSettings, // 机器人的 token 不存在
	300005: meansSettings, // 机器人的 token 不存在
	310000: meansSettings, // 机器人的安全设置：签名、关键词或 IP 不符
	33012:  meansAddress,  // 无效的 userid
	60121:  meansAddress,  // 找不到该用户
}

// NewDingTalk checks the options. It does not connect.
func NewDingTalk(o DingTalkOptions) (*DingTalk, error) {
	app := o.AppKey != "" && o.AppSecret != "" && o.AgentID > 0
	if app == (o.RobotToken != "") {
		return nil, errors.New(textAccount("dingtalk"))
	}
	rate := 0
	if !app {
		rate = dingtalkRobotRate
	}
	c, err := newClient("dingtalk", o.HTTP, rate, o.AppSecret, o.RobotToken, o.RobotSecret)
	if err != nil {
		return nil, err
	}
	d := &DingTalk{client: c, agent: o.AgentID, robot: robot{o.RobotToken, o.RobotSecret}}
	if app {
		d.token = &token{client: c, value: accessToken, code: dingtalkCode, fetch: request{
			method: http.MethodGet, path: "/gettoken", query: url.Values{"appkey": {o.AppKey}, "appsecret": {o.AppSecret}},
		}}
	}
	return d, nil
}

// Name returns "dingtalk".
func (d *DingTalk) Name() string { return "dingtalk" }

// Send sends the digest to the member with the ID.
func (d *DingTalk) Send(ctx context.Context, address string, g obligation.Digest) (obligation.DeliveryStatus, error) {
	if err := check("dingtalk", memberID, address, g); err != nil {
		return obligation.DeliveryFailed, err
	}
	key := deliveryKey("dingtalk", address, g)
	return d.client.message(ctx, func(ctx context.Context) (obligation.DeliveryStatus, error) {
		if d.token == nil {
			v := d.call(ctx, address, chat(g, key, maxRobotText, func(s string) int { return len(s) }))
			return v.status, v.err
		}
		text := chat(g, key, maxWorkNotice, func(s string) int { return len(encode(textMessage(s))) })
		return d.token.send(ctx, func(token string) verdict { return d.notice(ctx, token, address, text) })
	})
}

func textMessage(text string) map[string]any {
	return map[string]any{"msgtype": "text", "text": map[string]string{"content": text}}
}

func (d *DingTalk) notice(ctx context.Context, token, address, text string) verdict {
	return d.post(ctx, request{
		path: "/topapi/message/corpconversation/asyncsend_v2", query: url.Values{"access_token": {token}}, header: jsonHeader(),
		body: encode(map[string]any{"agent_id": d.agent, "userid_list": address, "msg": textMessage(text)}), hide: token,
	})
}

// call lets the robot speak to the group. The member is called on only where the text names it as well.
func (d *DingTalk) call(ctx context.Context, address, text string) verdict {
	message := textMessage(text + "\n@" + address)
	message["at"] = map[string]any{"atUserIds": []string{address}}
	query := url.Values{"access_token": {d.robot.token}}
	if d.robot.secret != "" {
		stamp := strconv.FormatInt(d.client.clock.Now().UnixMilli(), 10)
		query.Set("timestamp", stamp)
		query.Set("sign", mac(d.robot.secret, stamp+"\n"+d.robot.secret))
	}
	return d.post(ctx, request{path: "/robot/send", query: query, header: jsonHeader(), body: encode(message), hide: query.Get("sign")})
}

func (d *DingTalk) post(ctx context.Context, r request) verdict {
	got, status, err := d.client.do(ctx, r)
	if err != nil {
		return verdict{status: status, err: err}
	}
	return d.client.judge(got, dingtalkCode, dingtalkCodes)
}

// dingtalkCode reads an answer's code. 88 stands for what the gateway found, and the sub_code says what that was.
func dingtalkCode(body []byte) (coded, bool) {
	answer, ok := codeOf(body)
	if !ok || answer.code != gatewayCode {
		return answer, ok
	}
	var v struct {
		Code string `json:"sub_code"`
		Text string `json:"sub_msg"`
	}
	_ = json.Unmarshal(body, &v) // codeOf could read it
	if n, err := strconv.Atoi(v.Code); err == nil {
		return coded{n, v.Text}, true
	}
	return answer, true
}

const gatewayCode = 88

// mac returns the signature of a text in base64.
func mac(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
