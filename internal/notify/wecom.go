package notify

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"duban/obligation"
)

// WeComOptions says how to reach 企业微信 or 政务微信.
type WeComOptions struct {
	HTTP
	CorpID  string
	AgentID int    // of the application that sends
	Secret  string // of that application
}

// WeCom sends digests as an application's text messages to members. It is safe for concurrent use.
type WeCom struct {
	client *client
	agent  int
	token  *token

	mu      sync.Mutex
	members map[string]*pace
}

// maxWeComText is the longest text of an application's message, in bytes.
const maxWeComText = 2048

// memberQuotas are how many messages an application may send to one member.
var memberQuotas = []quota{{30, time.Minute}, {1000, time.Hour}}

// wecomCodes are the errcodes that say more than that a message was refused.
var wecomCodes = map[int]meaning{
	-1:     meansBusy, // 系统繁忙
	45009:  meansBusy, // 接口调用超过限制
	45011:  meansBusy, // API 调用太频繁
	45033:  meansBusy, // 接口并发调用超过限制
	40014:  meansExpired,
	42001:  meansExpired,
	40001:  meansSettings, // 不合法的 secret
	40013:  meansSettings, // 不合法的 CorpID
	40056:  meansSettings, // 不合法的 agentid
	41001:  meansSettings, // 缺少 access_token
	41011:  meansSettings, // 缺少 agentid
	48002:  meansSettings, // API 接口无权限调用
	48004:  meansSettings, // API 接口被禁用
	60011:  meansSettings, // 指定的成员、部门、标签不在权限范围
	60020:  meansSettings, // 不安全的访问 IP
	301002: meansSettings, // 无权限操作指定的应用
	40003:  meansAddress,  // 无效的 UserID
	60111:  meansAddress,  // UserID 不存在
	81013:  meansAddress,  // 收件人全部无效
}

// NewWeCom checks the options. It does not connect.
func NewWeCom(o WeComOptions) (*WeCom, error) {
	if o.CorpID == "" || o.Secret == "" || o.AgentID <= 0 {
		return nil, errors.New(textAccount("wecom"))
	}
	c, err := newClient("wecom", o.HTTP, 0, o.Secret)
	if err != nil {
		return nil, err
	}
	return &WeCom{
		client: c, agent: o.AgentID, members: map[string]*pace{},
		token: &token{client: c, value: accessToken, code: codeOf, fetch: request{
			method: http.MethodGet, path: "/cgi-bin/gettoken", query: url.Values{"corpid": {o.CorpID}, "corpsecret": {o.Secret}},
		}},
	}, nil
}

// Name returns "wecom".
func (w *WeCom) Name() string { return "wecom" }

// Send sends the digest to the member with the ID. A member who has had as many messages as WeCom allows gets it later;
// the others do not wait for that.
func (w *WeCom) Send(ctx context.Context, address string, d obligation.Digest) (obligation.DeliveryStatus, error) {
	if err := check("wecom", memberID, address, d); err != nil {
		return obligation.DeliveryFailed, err
	}
	if wait := w.member(address).take(w.client.clock.Now()); wait > 0 {
		return obligation.DeliveryPending, aboutAddress(explain(textBusy("wecom"), errors.New(textQuota)))
	}
	text := chat(d, deliveryKey("wecom", address, d), maxWeComText, func(s string) int { return len(s) })
	return w.client.message(ctx, func(ctx context.Context) (obligation.DeliveryStatus, error) {
		return w.token.send(ctx, func(token string) verdict { return w.try(ctx, token, address, text) })
	})
}

func (w *WeCom) member(id string) *pace {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.members[id] == nil {
		w.members[id] = &pace{quotas: memberQuotas}
	}
	return w.members[id]
}

func (w *WeCom) try(ctx context.Context, token, address, text string) verdict {
	r, status, err := w.client.do(ctx, request{
		path: "/cgi-bin/message/send", query: url.Values{"access_token": {token}}, header: jsonHeader(),
		body: encode(map[string]any{
			"touser": address, "msgtype": "text", "agentid": w.agent, "text": map[string]string{"content": text},
		}),
		hide: token,
	})
	if err != nil {
		return verdict{status: status, err: err}
	}
	v := w.client.judge(r, codeOf, wecomCodes)
	if v.status == obligation.DeliverySent && leftOut(r.body, address) {
		// The code is 0 all the same: it tells of the message, and this of its only receiver.
		return verdict{status: obligation.DeliveryFailed, err: aboutAddress(explain(textNobody("wecom"), errors.New("invaliduser")))}
	}
	return v
}

// leftOut reports whether the answer names the member among those that got nothing: it does not exist, or its
// account may not get messages. IDs are compared as WeCom does, in lower case.
func leftOut(body []byte, address string) bool {
	var v struct {
		Invalid    string `json:"invaliduser"`
		Unlicensed string `json:"unlicenseduser"`
	}
	_ = json.Unmarshal(body, &v) // codeOf could read it
	for id := range strings.SplitSeq(v.Invalid+"|"+v.Unlicensed, "|") {
		if strings.EqualFold(id, address) {
			return true
		}
	}
	return false
}
