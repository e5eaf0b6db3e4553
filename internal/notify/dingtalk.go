package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/obligation"
)

// DingTalkOptions says how to reach 钉钉: an application that sends work notices to members, the same of 专有钉钉
// (governments have their own deployments, with another API), or the robot of a group, which calls on the member by
// name. AgentID, TenantID or RobotToken tells which one, and the others stay empty.
type DingTalkOptions struct {
	HTTP
	AppKey, AppSecret string
	AgentID           int
	TenantID          string // of 专有钉钉

	RobotToken, RobotSecret string
}

// DingTalk sends digests as work notices, or through a group's robot. It is safe for concurrent use.
//
// DeliverySent is what DingTalk says of a work notice when it has taken it into its queue. Whether it reached the
// member's telephone shows with DingTalk only.
type DingTalk struct {
	client *client
	token  *token // of an application of 钉钉; nil: something else
	agent  int
	tenant tenant // of 专有钉钉
	robot  robot
}

// tenant is whom an application of 专有钉钉 signs for.
type tenant struct{ id, key, secret string }

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
	account := o.AppKey != "" && o.AppSecret != ""
	app, gov, group := account && o.AgentID > 0, account && o.TenantID != "", o.RobotToken != ""
	if app && gov || app && group || gov && group || !app && !gov && !group {
		return nil, errors.New(textAccount("dingtalk"))
	}
	rate := 0
	if group {
		rate = dingtalkRobotRate
	}
	c, err := newClient("dingtalk", o.HTTP, rate, o.AppSecret, o.RobotToken, o.RobotSecret)
	if err != nil {
		return nil, err
	}
	d := &DingTalk{client: c, agent: o.AgentID, robot: robot{o.RobotToken, o.RobotSecret}, tenant: tenant{o.TenantID, o.AppKey, o.AppSecret}}
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
		if d.robot.token != "" {
			v := d.call(ctx, address, chat(g, key, maxRobotText, func(s string) int { return len(s) }))
			return v.status, v.err
		}
		text := chat(g, key, maxWorkNotice, func(s string) int { return len(encode(textMessage(s))) })
		if d.token == nil {
			v := d.govern(ctx, address, text, key)
			return v.status, v.err
		}
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

const (
	govPath = "/message/workNotification"
	govTime = "2006-01-02T15:04:05.000-07:00"
)

// china is the zone that 专有钉钉 writes its instants in.
var china = time.FixedZone("", 8*60*60)

// govern sends a work notice of 专有钉钉. There is no token: every request is signed, over its values as they are and
// not as the form encodes them. The message's own ID lets 专有钉钉 drop a second one.
func (d *DingTalk) govern(ctx context.Context, address, text, key string) verdict {
	values := map[string]string{
		"bizMsgId": key, "msg": string(encode(textMessage(text))), "receiverIds": address, "tenantId": d.tenant.id,
	}
	now := d.client.clock.Now()
	stamp, nonce := now.In(china).Format(govTime), fmt.Sprintf("%d%04d", now.UnixMilli(), rand.N(10000))
	form, pairs := url.Values{}, []string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		form.Set(name, values[name])
		pairs = append(pairs, name+"="+values[name])
	}
	sign := mac(d.tenant.secret, strings.Join([]string{http.MethodPost, stamp, nonce, govPath, strings.Join(pairs, "&")}, "\n"))
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	header.Set("apiKey", d.tenant.key)
	header.Set("X-Hmac-Auth-Version", "1.0")
	header.Set("X-Hmac-Auth-Timestamp", stamp)
	header.Set("X-Hmac-Auth-Nonce", nonce)
	header.Set("X-Hmac-Auth-Signature", sign)
	got, status, err := d.client.do(ctx, request{path: govPath, header: header, body: []byte(form.Encode()), hide: sign})
	if err != nil {
		return verdict{status: status, err: err}
	}
	return d.client.judge(got, govCode, nil)
}

// govCode reads an answer of 专有钉钉: a word for success, which may stand in another one, and texts where there is none.
// Its codes are not published, so every refusal is shown as it is.
func govCode(body []byte) (coded, bool) {
	var v struct {
		Success *bool           `json:"success"`
		Content json.RawMessage `json:"content"`
	}
	if json.Unmarshal(body, &v) != nil || v.Success == nil {
		return coded{}, false
	}
	var inner struct {
		Success *bool `json:"success"`
	}
	_ = json.Unmarshal(v.Content, &inner) // it may be a text, which says no more
	if *v.Success && (inner.Success == nil || *inner.Success) {
		return coded{}, true
	}
	return coded{-1, string(body)}, true
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
