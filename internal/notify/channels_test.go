package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"duban/obligation"
)

// channel is what every channel is.
type channel interface {
	Name() string
	Send(ctx context.Context, address string, d obligation.Digest) (obligation.DeliveryStatus, error)
}

// The secrets that no error may show. The robots' signatures are looked for by their own names.
const (
	appSecret   = "app+secret/47"
	robotToken  = "robot-token-11"
	robotSecret = "SECrobot+31"
	bearer      = "bearer/secret=5"
	addressKey  = "address key/9" // as part of a gateway's or a receiver's address
	pathKey     = "path-key-23"
)

// stamp is what the clocks of the tests show.
var stamp = time.Date(2026, 3, 2, 1, 15, 0, 0, time.UTC)

// still is a clock that moves only when it is waited for.
type still struct {
	mu     sync.Mutex
	now    time.Time
	waited []time.Duration
}

func (s *still) clock() Clock {
	return Clock{
		Now: func() time.Time {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.now
		},
		Wait: func(ctx context.Context, d time.Duration) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.now, s.waited = s.now.Add(d), append(s.waited, d)
			return ctx.Err()
		},
	}
}

// got is one request that reached the server.
type got struct {
	method, path string
	query        url.Values
	header       http.Header
	body         []byte
}

// subject is one channel under test with the documented behaviour of its server.
type subject struct {
	name    string
	section string
	open    func(h HTTP) (channel, error)
	address string
	bad     []string // addresses that are not even sent

	tokenPath string // "": without a token
	tokenFor  func(t *testing.T, g got)
	tokenSays string // with %s for the token

	path  string
	right func(t *testing.T, g got, token string) // the documented request
	text  func(t *testing.T, g got) string
	limit func(text string) bool // whether it is no longer than the vendor takes

	taken   string // the answer to what was taken
	nobody  string // there is no such address
	refuses string
	busy    string
	expired string
	wrong   string // an account or a permission
	silent  bool   // HTTP's code alone tells
}

func subjects() []subject {
	app := subject{
		name: "wecom", section: "wecom", address: "ZhangSan", bad: []string{"", "@all", "a|b", "张三", "a b"},
		open: func(h HTTP) (channel, error) {
			return NewWeCom(WeComOptions{HTTP: h, CorpID: "ww1", AgentID: 1000002, Secret: appSecret})
		},
		tokenPath: "/cgi-bin/gettoken", tokenSays: `{"errcode":0,"errmsg":"ok","access_token":"%s","expires_in":7200}`,
		tokenFor: func(t *testing.T, g got) {
			require.Equal(t, http.MethodGet, g.method)
			require.Equal(t, url.Values{"corpid": {"ww1"}, "corpsecret": {appSecret}}, g.query)
		},
		path: "/cgi-bin/message/send",
		right: func(t *testing.T, g got, token string) {
			require.Equal(t, url.Values{"access_token": {token}}, g.query)
			m := object(t, g.body)
			require.Equal(t, "ZhangSan", m["touser"])
			require.Equal(t, "text", m["msgtype"])
			require.InDelta(t, 1000002, m["agentid"], 0)
		},
		text: func(t *testing.T, g got) string {
			return object(t, g.body)["text"].(map[string]any)["content"].(string)
		},
		limit:   func(s string) bool { return len(s) <= 2048 },
		taken:   `{"errcode":0,"errmsg":"ok","invaliduser":"","msgid":"m1"}`,
		nobody:  `{"errcode":81013,"errmsg":"user & party & tag all invalid"}`,
		refuses: `{"errcode":45002,"errmsg":"content size out of limit"}`,
		busy:    `{"errcode":45009,"errmsg":"api freq out of limit"}`,
		expired: `{"errcode":42001,"errmsg":"access_token expired"}`,
		wrong:   `{"errcode":60020,"errmsg":"not allow to access from your ip"}`,
	}
	ding := subject{
		name: "dingtalk", section: "dingtalk", address: "manager4220", bad: []string{"", "a,b", "@all"},
		open: func(h HTTP) (channel, error) {
			return NewDingTalk(DingTalkOptions{HTTP: h, AppKey: "dingkey", AppSecret: appSecret, AgentID: 77})
		},
		tokenPath: "/gettoken", tokenSays: `{"errcode":0,"errmsg":"ok","access_token":"%s","expires_in":7200}`,
		tokenFor: func(t *testing.T, g got) {
			require.Equal(t, http.MethodGet, g.method)
			require.Equal(t, url.Values{"appkey": {"dingkey"}, "appsecret": {appSecret}}, g.query)
		},
		path: "/topapi/message/corpconversation/asyncsend_v2",
		right: func(t *testing.T, g got, token string) {
			require.Equal(t, url.Values{"access_token": {token}}, g.query)
			m := object(t, g.body)
			require.InDelta(t, 77, m["agent_id"], 0)
			require.Equal(t, "manager4220", m["userid_list"])
			require.Equal(t, "text", m["msg"].(map[string]any)["msgtype"])
		},
		text: func(t *testing.T, g got) string {
			return object(t, g.body)["msg"].(map[string]any)["text"].(map[string]any)["content"].(string)
		},
		limit:   func(s string) bool { return len(encode(textMessage(s))) <= 2048 },
		taken:   `{"errcode":0,"errmsg":"ok","task_id":256271667526,"request_id":"4jzllmte0wau"}`,
		nobody:  `{"errcode":33012,"errmsg":"无效的USERID"}`,
		refuses: `{"errcode":400005,"errmsg":"msg is too long"}`,
		busy:    `{"errcode":88,"sub_code":"90018","sub_msg":"调用过于频繁","errmsg":"ding talk error"}`,
		expired: `{"errcode":88,"sub_code":"40014","sub_msg":"不合法的access_token","errmsg":"ding talk error"}`,
		wrong:   `{"errcode":88,"sub_code":"60011","sub_msg":"没有调用该接口的权限","errmsg":"ding talk error"}`,
	}
	dingRobot := subject{
		name: "dingtalk robot", section: "dingtalk", address: "manager4220", bad: ding.bad,
		open: func(h HTTP) (channel, error) {
			return NewDingTalk(DingTalkOptions{HTTP: h, RobotToken: robotToken, RobotSecret: robotSecret})
		},
		path: "/robot/send",
		right: func(t *testing.T, g got, _ string) {
			ms := fmt.Sprint(stamp.UnixMilli())
			require.Equal(t, url.Values{"access_token": {robotToken}, "timestamp": {ms}, "sign": {mac(robotSecret, ms+"\n"+robotSecret)}}, g.query)
			m := object(t, g.body)
			require.Equal(t, []any{"manager4220"}, m["at"].(map[string]any)["atUserIds"])
			require.Contains(t, m["text"].(map[string]any)["content"], "@manager4220")
		},
		text:    app.text,
		limit:   func(s string) bool { return len(s) <= 20000 },
		taken:   `{"errcode":0,"errmsg":"ok"}`,
		nobody:  `{"errcode":60121,"errmsg":"user not found"}`,
		refuses: `{"errcode":400102,"errmsg":"message rejected"}`,
		busy:    `{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}`,
		wrong:   `{"errcode":310000,"errmsg":"sign not match"}`,
	}
	feishu := subject{
		name: "feishu", section: "feishu", address: "f7cb1d", bad: []string{"", "all users"},
		open: func(h HTTP) (channel, error) {
			return NewFeishu(FeishuOptions{HTTP: h, AppID: "cli_1", AppSecret: appSecret})
		},
		tokenPath: "/open-apis/auth/v3/tenant_access_token/internal", tokenSays: `{"code":0,"msg":"ok","tenant_access_token":"%s","expire":7200}`,
		tokenFor: func(t *testing.T, g got) {
			require.Equal(t, http.MethodPost, g.method)
			require.Equal(t, map[string]any{"app_id": "cli_1", "app_secret": appSecret}, object(t, g.body))
		},
		path: "/open-apis/im/v1/messages",
		right: func(t *testing.T, g got, token string) {
			require.Equal(t, url.Values{"receive_id_type": {"user_id"}}, g.query)
			require.Equal(t, "Bearer "+token, g.header.Get("Authorization"))
			m := object(t, g.body)
			require.Equal(t, "f7cb1d", m["receive_id"])
			require.Equal(t, "text", m["msg_type"])
			require.Len(t, m["uuid"], 32)
		},
		text: func(t *testing.T, g got) string {
			return object(t, []byte(object(t, g.body)["content"].(string)))["text"].(string)
		},
		limit:   func(s string) bool { return len(s) <= 20000 },
		taken:   `{"code":0,"msg":"success","data":{"message_id":"om_1"}}`,
		nobody:  `{"code":230013,"msg":"Bot has NO availability to this user."}`,
		refuses: `{"code":230001,"msg":"Your request contains an invalid request parameter."}`,
		busy:    `{"code":99991400,"msg":"request trigger frequency limit"}`,
		expired: `{"code":99991663,"msg":"Invalid access token for authorization"}`,
		wrong:   `{"code":99991672,"msg":"Access denied"}`,
	}
	feishuRobot := subject{
		name: "feishu robot", section: "feishu", address: "ou_18eac8", bad: feishu.bad,
		open: func(h HTTP) (channel, error) {
			return NewFeishu(FeishuOptions{HTTP: h, RobotToken: robotToken, RobotSecret: robotSecret})
		},
		path: "/open-apis/bot/v2/hook/" + robotToken,
		right: func(t *testing.T, g got, _ string) {
			m, seconds := object(t, g.body), fmt.Sprint(stamp.Unix())
			require.Equal(t, seconds, m["timestamp"])
			require.Equal(t, mac(seconds+"\n"+robotSecret, ""), m["sign"])
			require.Contains(t, m["content"].(map[string]any)["text"], `<at user_id="ou_18eac8"></at>`)
		},
		text: func(t *testing.T, g got) string {
			return object(t, g.body)["content"].(map[string]any)["text"].(string)
		},
		limit:   feishu.limit,
		taken:   `{"code":0,"msg":"success","data":{}}`,
		nobody:  feishu.nobody,
		refuses: `{"code":10000,"msg":"Bad Request"}`,
		busy:    `{"code":11232,"msg":"frequency limited"}`,
		wrong:   `{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}`,
	}
	return []subject{app, ding, dingRobot, govSubject(), feishu, feishuRobot, smsSubject(), smsFormSubject(), webhookSubject()}
}

func govSubject() subject {
	return subject{
		name: "dingtalk of governments", section: "dingtalk", address: "123456", bad: []string{"", "1,2"},
		open: func(h HTTP) (channel, error) {
			return NewDingTalk(DingTalkOptions{HTTP: h, AppKey: "govkey", AppSecret: appSecret, TenantID: "196729"})
		},
		path: "/message/workNotification",
		right: func(t *testing.T, g got, _ string) {
			v, err := url.ParseQuery(string(g.body))
			require.NoError(t, err)
			require.Len(t, v, 4)
			require.Len(t, v.Get("bizMsgId"), 32)
			require.Equal(t, "123456", v.Get("receiverIds"))
			require.Equal(t, "196729", v.Get("tenantId"))
			require.Equal(t, "govkey", g.header.Get("apiKey"))
			require.Equal(t, "1.0", g.header.Get("X-Hmac-Auth-Version"))
			require.Equal(t, "2026-03-02T09:15:00.000+08:00", g.header.Get("X-Hmac-Auth-Timestamp"))
			nonce := g.header.Get("X-Hmac-Auth-Nonce")
			require.Regexp(t, `^\d{17}$`, nonce)
			signed := "POST\n2026-03-02T09:15:00.000+08:00\n" + nonce + "\n/message/workNotification\nbizMsgId=" + v.Get("bizMsgId") +
				"&msg=" + v.Get("msg") + "&receiverIds=123456&tenantId=196729"
			require.Equal(t, mac(appSecret, signed), g.header.Get("X-Hmac-Auth-Signature"))
		},
		text: func(t *testing.T, g got) string {
			v, err := url.ParseQuery(string(g.body))
			require.NoError(t, err)
			return object(t, []byte(v.Get("msg")))["text"].(map[string]any)["content"].(string)
		},
		limit:   func(s string) bool { return len(encode(textMessage(s))) <= 2048 },
		taken:   `{"success":true,"content":{"success":true,"content":{"msgId":"aeb07a"}}}`,
		refuses: `{"success":true,"content":{"success":false,"responseMessage":"no such receiver"}}`,
	}
}

func smsSubject() subject {
	return subject{
		name: "sms", section: "sms", address: "13800000001", bad: []string{"", "138", "13800000001,13800000002", "电话"},
		open: func(h HTTP) (channel, error) {
			h.URL += "/send?key=" + url.QueryEscape(addressKey)
			return NewSMS(SMSOptions{
				HTTP: h, Body: `{"to":"{mobile}","content":"{text}","id":"{key}","sign":"{secret}"}`, Secret: appSecret,
				Authorization: "Bearer " + bearer, Success: `"result":0`, Later: `"result":8`,
			})
		},
		path: "/send",
		right: func(t *testing.T, g got, _ string) {
			require.Equal(t, "Bearer "+bearer, g.header.Get("Authorization"))
			require.Equal(t, addressKey, g.query.Get("key"))
			m := object(t, g.body)
			require.Equal(t, "13800000001", m["to"])
			require.Equal(t, appSecret, m["sign"])
			require.Len(t, m["id"], 32)
		},
		text:    func(t *testing.T, g got) string { return object(t, g.body)["content"].(string) },
		limit:   func(s string) bool { return utf8.RuneCountInString(s) <= 70 },
		taken:   `{"result":0}`,
		nobody:  `{"result":3,"message":"no such number"}`,
		refuses: `{"result":4,"message":"forbidden word"}`,
		busy:    `{"result":8,"message":"too many"}`,
	}
}

func smsFormSubject() subject {
	s := smsSubject()
	s.name = "sms form"
	s.open = func(h HTTP) (channel, error) {
		h.URL += "/send?key=" + url.QueryEscape(addressKey)
		return NewSMS(SMSOptions{
			HTTP: h, Form: SMSFields, Body: "to={mobile}&content={text}&password={secret}", Secret: appSecret, Success: `"result":0`, Later: `"result":8`,
		})
	}
	s.right = func(t *testing.T, g got, _ string) {
		require.Equal(t, "application/x-www-form-urlencoded", g.header.Get("Content-Type"))
		v, err := url.ParseQuery(string(g.body))
		require.NoError(t, err)
		require.Len(t, v, 3)
		require.Equal(t, appSecret, v.Get("password"))
		require.Equal(t, "13800000001", v.Get("to"))
	}
	s.text = func(t *testing.T, g got) string {
		v, err := url.ParseQuery(string(g.body))
		require.NoError(t, err)
		return v.Get("content")
	}
	return s
}

func webhookSubject() subject {
	return subject{
		name: "webhook", section: "webhook", address: "fire", bad: []string{"", "a/b"}, silent: true,
		open: func(h HTTP) (channel, error) {
			h.URL += "/hook/" + pathKey + "?key=" + url.QueryEscape(addressKey)
			return NewWebhook(WebhookOptions{HTTP: h, Secret: appSecret})
		},
		path: "/hook/" + pathKey,
		right: func(t *testing.T, g got, _ string) {
			h := hmac.New(sha256.New, []byte(appSecret))
			h.Write([]byte(fmt.Sprint(stamp.Unix()) + "." + string(g.body)))
			require.Equal(t, "sha256="+hex.EncodeToString(h.Sum(nil)), g.header.Get("X-Duban-Signature"))
			require.Equal(t, fmt.Sprint(stamp.Unix()), g.header.Get("X-Duban-Timestamp"))
			m := object(t, g.body)
			require.Equal(t, m["key"], g.header.Get("Idempotency-Key"))
			require.Len(t, m["key"], 32)
			require.Equal(t, "fire", m["recipient"])
		},
	}
}

func object(t *testing.T, body []byte) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal(body, &m), "%s", body)
	return m
}

// server is the vendor's server in the test.
type server struct {
	s subject
	t *testing.T

	mu     sync.Mutex                                          // a connection that was cut orders nothing between the server and the test
	answer func(w http.ResponseWriter, r *http.Request, n int) // to the nth message, from 1; nil: it is taken
	tokens int
	got    []got
	echo   string // everything that was ever sent to it
}

func (v *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g := got{r.Method, r.URL.Path, r.URL.Query(), r.Header, body}
	v.mu.Lock()
	v.echo = fmt.Sprint(r.URL.RawQuery, " ", r.URL.Path, " ", r.URL.Query(), " ", r.Header, " ", string(body))
	if v.s.tokenPath != "" && r.URL.Path == v.s.tokenPath {
		v.tokens++
		token := v.token()
		v.mu.Unlock()
		v.s.tokenFor(v.t, g)
		fmt.Fprintf(w, v.s.tokenSays, token)
		return
	}
	v.got = append(v.got, g)
	n, answer := len(v.got), v.answer
	v.mu.Unlock()
	if r.URL.Path != v.s.path || r.Method != http.MethodPost {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if answer != nil {
		answer(w, r, n)
		return
	}
	_, _ = io.WriteString(w, v.s.taken)
}

// token returns the newest token; the caller holds the lock.
func (v *server) token() string { return fmt.Sprintf("token+%d/x", v.tokens) }

// answers changes what the server says to messages; nil: it takes them.
func (v *server) answers(answer func(http.ResponseWriter, *http.Request, int)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answer = answer
}

// all returns the messages that came.
func (v *server) all() []got {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.got)
}

// issued returns how many tokens were given out, forget begins the count anew, and newest returns the last of them.
func (v *server) issued() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.tokens
}

func (v *server) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tokens = 0
}

func (v *server) newest() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.token()
}

// last returns everything that was sent to the server last.
func (v *server) last() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.echo
}

// says answers with a code and a text.
func says(code int, body string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// cutOff closes the connection instead of answering.
func cutOff(w http.ResponseWriter, _ *http.Request, _ int) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// each runs a test for every channel against a server of its own.
func each(t *testing.T, f func(t *testing.T, v *server, c channel, clock *still)) {
	for _, s := range subjects() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			v := &server{s: s, t: t}
			host := httptest.NewServer(v)
			t.Cleanup(host.Close)
			clock := &still{now: stamp}
			c, err := s.open(HTTP{URL: host.URL, Clock: clock.clock(), Timeout: time.Minute})
			require.NoError(t, err)
			require.Equal(t, s.section, c.Name())
			f(t, v, c, clock)
		})
	}
}

func small() obligation.Digest { return digest(notice(obligation.Overdue)) }

func requireOutcome(t *testing.T, want obligation.DeliveryStatus, text string, status obligation.DeliveryStatus, err error) {
	t.Helper()
	require.Equal(t, want, status, "%v", err)
	if text == "" {
		require.NoError(t, err)
		return
	}
	require.ErrorContains(t, err, text)
}

func isOfAddress(err error) bool {
	var told interface{ OfAddress() bool }
	return errors.As(err, &told) && told.OfAddress()
}

func TestChannelSendsOnce(t *testing.T) {
	each(t, func(t *testing.T, v *server, c channel, _ *still) {
		for range 2 {
			status, err := c.Send(t.Context(), v.s.address, small())
			requireOutcome(t, obligation.DeliverySent, "", status, err)
		}
		require.Len(t, v.all(), 2)
		for _, g := range v.all() {
			v.s.right(t, g, "token+1/x")
		}
		if v.s.tokenPath != "" {
			require.Equal(t, 1, v.issued(), "a token is kept")
		}
		if v.s.text != nil {
			text := v.s.text(t, v.all()[0])
			require.Contains(t, text, "逾期：上半年消防通道排查")
			require.Contains(t, text, "请登录督办系统", "the reader is told where to go")
		}
	})
}

// Every notice says why it came. The short message leaves that to the inbox.
func TestChannelSaysWhy(t *testing.T) {
	each(t, func(t *testing.T, v *server, c channel, _ *still) {
		if v.s.section == "sms" {
			return
		}
		status, err := c.Send(t.Context(), v.s.address, small())
		requireOutcome(t, obligation.DeliverySent, "", status, err)
		text := string(v.all()[0].body)
		if v.s.text != nil {
			text = v.s.text(t, v.all()[0])
		}
		require.Contains(t, text, "依据：方案任务10")
	})
}

func TestChannelRefusesAddressesThatAreNone(t *testing.T) {
	each(t, func(t *testing.T, v *server, c channel, _ *still) {
		for _, address := range v.s.bad {
			status, err := c.Send(t.Context(), address, small())
			requireOutcome(t, obligation.DeliveryFailed, textBadAddress, status, err)
			require.True(t, isOfAddress(err))
		}
		status, err := c.Send(t.Context(), v.s.address, digest())
		requireOutcome(t, obligation.DeliveryFailed, textNothing, status, err)
		require.Empty(t, v.all())
		require.Zero(t, v.issued())
	})
}

func TestChannelServerIsDown(t *testing.T) {
	for _, s := range subjects() {
		t.Run(s.name, func(t *testing.T) {
			host := httptest.NewServer(http.NotFoundHandler())
			host.Close()
			c, err := s.open(HTTP{URL: host.URL})
			require.NoError(t, err, "a server that is down keeps nothing from starting")
			status, err := c.Send(t.Context(), s.address, small())
			requireOutcome(t, obligation.DeliveryPending, textNotReached(s.section), status, err)
			require.False(t, isOfAddress(err))
			require.NotContains(t, err.Error(), "http:", "the address may hold what is secret")
		})
	}
}

// Time that is up before anything has left is no message that may have arrived.
func TestChannelHasNoTime(t *testing.T) {
	each(t, func(t *testing.T, v *server, c channel, _ *still) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		status, err := c.Send(ctx, v.s.address, small())
		require.Equal(t, obligation.DeliveryPending, status)
		require.ErrorIs(t, err, context.Canceled)
		require.Empty(t, v.all())
	})
}

func TestChannelIsCutOffAfterTheRequest(t *testing.T) {
	each(t, func(t *testing.T, v *server, c channel, _ *still) {
		v.answers(cutOff)
		status, err := c.Send(t.Context(), v.s.address, small())
		requireOutcome(t, obligation.DeliveryUnknown, textNoAnswer(v.s.section), status, err)
		require.Len(t, v.all(), 1, "nothing repeats it")
	})
}

// net/http repeats a request by itself where a connection breaks that it had kept, all the more with an idempotency key.
func TestChannelIsCutOffLater(t *testing.T) {
	each(t, func(t *testing.T, v *server, c channel, _ *still) {
		v.answers(func(w http.ResponseWriter, r *http.Request, n int) {
			if n == 1 {
				says(200, v.s.taken)(w, r, n)
				return
			}
			cutOff(w, r, n)
		})
		status, err := c.Send(t.Context(), v.s.address, small())
		requireOutcome(t, obligation.DeliverySent, "", status, err)
		status, err = c.Send(t.Context(), v.s.address, small())
		requireOutcome(t, obligation.DeliveryUnknown, textNoAnswer(v.s.section), status, err)
		require.Len(t, v.all(), 2)
	})
}

// A token is no message: whatever happens to the request for one, the message is still there.
func TestChannelIsCutOffFetchingAToken(t *testing.T) {
	for _, s := range subjects() {
		if s.tokenPath == "" {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			for name, answer := range map[string]func(http.ResponseWriter, *http.Request, int){
				"cut": cutOff, "failed": says(500, "oops"), "no token": says(200, `{"errcode":0,"code":0}`),
				"refused": says(200, `{"errcode":40001,"code":40001,"errmsg":"invalid secret `+appSecret+`","msg":"invalid"}`),
			} {
				host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r, 1) }))
				c, err := s.open(HTTP{URL: host.URL})
				require.NoError(t, err)
				status, err := c.Send(t.Context(), s.address, small())
				require.Equal(t, obligation.DeliveryPending, status, name)
				require.ErrorContains(t, err, textToken(s.section), name)
				require.NotContains(t, err.Error(), appSecret)
				host.Close()
			}
		})
	}
}

// What does not answer in time may have taken the message all the same.
func TestChannelDoesNotAnswer(t *testing.T) {
	each(t, func(t *testing.T, v *server, c channel, _ *still) {
		reached, released := make(chan struct{}), make(chan struct{})
		t.Cleanup(func() { close(released) })
		v.answers(func(http.ResponseWriter, *http.Request, int) {
			close(reached)
			<-released
		})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			<-reached
			cancel()
		}()
		status, err := c.Send(ctx, v.s.address, small())
		requireOutcome(t, obligation.DeliveryUnknown, textNoAnswer(v.s.section), status, err)
		require.ErrorIs(t, err, context.Canceled)
	})
}

// What HTTP's code alone means where the body says nothing.
func TestChannelAnswersByCode(t *testing.T) {
	const (
		pending, failed, unknown = obligation.DeliveryPending, obligation.DeliveryFailed, obligation.DeliveryUnknown
	)
	each(t, func(t *testing.T, v *server, c channel, clock *still) {
		for code, want := range map[int]obligation.DeliveryStatus{
			302: pending, 400: failed, 401: pending, 403: pending, 404: pending, 405: pending, 408: pending, 410: failed, 413: failed,
			422: failed, 429: pending, 500: unknown, 501: pending, 502: unknown, 503: pending, 504: unknown,
		} {
			v.answers(says(code, "<html>oops</html>"))
			clock.now = clock.now.Add(time.Hour) // members have their limits
			status, err := c.Send(t.Context(), v.s.address, small())
			require.Equal(t, want, status, "%d: %v", code, err)
			require.ErrorContains(t, err, fmt.Sprintf("HTTP %d <html>oops", code))
			require.False(t, isOfAddress(err))
		}
	})
}

// A server that is not the vendor's answers 200 as well: who knows what it did with the message.
func TestChannelAnswersNonsense(t *testing.T) {
	each(t, func(t *testing.T, v *server, c channel, _ *still) {
		if v.s.silent {
			return
		}
		v.answers(says(200, ""))
		status, err := c.Send(t.Context(), v.s.address, small())
		requireOutcome(t, obligation.DeliveryUnknown, textNoAnswer(v.s.section), status, err)
		if v.s.section != "sms" {
			v.answers(says(200, strings.Repeat("x", maxReply*2)))
			status, err = c.Send(t.Context(), v.s.address, small())
			requireOutcome(t, obligation.DeliveryUnknown, textNoAnswer(v.s.section), status, err)
			require.Less(t, len([]rune(err.Error())), 400)
		}
	})
}

func TestChannelAnswersByTheVendorsCode(t *testing.T) {
	each(t, func(t *testing.T, v *server, c channel, _ *still) {
		s := v.s
		for _, a := range []struct {
			body    string
			want    obligation.DeliveryStatus
			text    string
			address bool
		}{
			{s.nobody, obligation.DeliveryFailed, textNobody(s.section), true},
			{s.refuses, obligation.DeliveryFailed, textRejected(s.section), false},
			{s.busy, obligation.DeliveryPending, textBusy(s.section), false},
			{s.wrong, obligation.DeliveryPending, textSettings(s.section), false},
		} {
			if a.body == "" {
				continue
			}
			if s.section == "sms" && a.address { // a gateway's words are its own
				a.text, a.address = textRejected("sms"), false
			}
			for _, code := range []int{200, 400} { // Feishu sets both
				v.answers(says(code, a.body))
				if s.section == "sms" && code == 400 && a.want == obligation.DeliveryPending {
					continue
				}
				status, err := c.Send(t.Context(), s.address, small())
				requireOutcome(t, a.want, a.text, status, err)
				require.Equal(t, a.address, isOfAddress(err), "%v", err)
			}
		}
	})
}

func TestChannelRenewsItsTokenOnce(t *testing.T) {
	each(t, func(t *testing.T, v *server, c channel, clock *still) {
		if v.s.expired == "" {
			return
		}
		v.answers(func(w http.ResponseWriter, r *http.Request, n int) {
			body := v.s.taken
			if n == 1 {
				body = v.s.expired
			}
			says(200, body)(w, r, n)
		})
		status, err := c.Send(t.Context(), v.s.address, small())
		requireOutcome(t, obligation.DeliverySent, "", status, err)
		require.Equal(t, 2, v.issued())
		v.s.right(t, v.all()[1], "token+2/x")

		v.answers(says(200, v.s.expired))
		status, err = c.Send(t.Context(), v.s.address, small())
		requireOutcome(t, obligation.DeliveryPending, textToken(v.s.section), status, err)
		require.Len(t, v.all(), 4, "twice, and no more")

		v.answers(nil)
		v.forget()
		for _, at := range []time.Duration{0, time.Hour, 3 * time.Hour} {
			clock.now = stamp.Add(at)
			status, err = c.Send(t.Context(), v.s.address, small())
			requireOutcome(t, obligation.DeliverySent, "", status, err)
		}
		require.Equal(t, 2, v.issued(), "a token of two hours")
	})
}

// The text is no longer than the vendor takes, whole characters only, and says where the rest is.
func TestChannelCutsWhatIsTooLong(t *testing.T) {
	each(t, func(t *testing.T, v *server, c channel, clock *still) {
		if v.s.text == nil {
			return
		}
		for pad := range 4 { // so that the limit falls on every byte of a character
			var many []obligation.Message
			for i := range 300 {
				m := notice(obligation.Overdue)
				m.Notice.Title = strings.Repeat("x", pad) + fmt.Sprint(i, "全面排查整治重大事故隐患“\"\\")
				many = append(many, m)
			}
			clock.now = stamp.Add(time.Hour * time.Duration(pad))
			status, err := c.Send(t.Context(), v.s.address, digest(many...))
			requireOutcome(t, obligation.DeliverySent, "", status, err)
			g := v.all()[pad]
			require.True(t, utf8.Valid(g.body))
			text := v.s.text(t, g)
			require.True(t, utf8.ValidString(text))
			require.NotContains(t, text, "\uFFFD")
			require.True(t, v.s.limit(text), "%d bytes", len(text))
			require.Contains(t, text, "收件箱")
			if v.s.section != "sms" {
				require.Contains(t, text, "共300项")
			}
		}
	})
}

// Two digests that read the same are two messages: some vendors drop what they hold for a repetition.
func TestChatTextsDiffer(t *testing.T) {
	size := func(s string) int { return len(s) }
	one, other := small(), small()
	other.ID += "/urgent-1"
	require.NotEqual(t, chat(one, deliveryKey("wecom", "a", one), 2048, size), chat(other, deliveryKey("wecom", "a", other), 2048, size))
	require.NotEqual(t, deliveryKey("wecom", "a", one), deliveryKey("feishu", "a", one))
}

// What people write is text, for every vendor.
func TestChannelTakesMarkupForText(t *testing.T) {
	d := small()
	d.Messages[0].Notice.Title = `x","to":"1","y":"{secret}&to=1`
	d.Messages[0].Notice.Text = `<at user_id="all">everybody</at> {secret} ","to":"13900000000`
	each(t, func(t *testing.T, v *server, c channel, _ *still) {
		status, err := c.Send(t.Context(), v.s.address, d)
		requireOutcome(t, obligation.DeliverySent, "", status, err)
		v.s.right(t, v.all()[0], "token+1/x")
		if v.s.text != nil {
			require.NotContains(t, v.s.text(t, v.all()[0]), `<at user_id="all">`)
		}
	})
}

// No error shows a secret, whatever the server repeats of what it was sent and wherever the connection breaks.
func TestChannelKeepsItsSecrets(t *testing.T) {
	each(t, func(t *testing.T, v *server, c channel, clock *still) {
		echo := func(code int, format string) func(http.ResponseWriter, *http.Request, int) {
			return func(w http.ResponseWriter, r *http.Request, n int) {
				says(code, strings.ReplaceAll(format, "ECHO", string(encode(v.last()))))(w, r, n)
			}
		}
		for _, answer := range []func(http.ResponseWriter, *http.Request, int){
			cutOff, echo(500, "ECHO"), echo(400, "ECHO"), echo(401, "ECHO"),
			echo(200, `{"errcode":45002,"code":230001,"errmsg":ECHO,"msg":ECHO,"success":false}`),
			func(w http.ResponseWriter, _ *http.Request, _ int) { // what is no HTTP is repeated by net/http
				conn, buf, err := w.(http.Hijacker).Hijack()
				if err == nil {
					_, _ = buf.WriteString("?" + strings.ReplaceAll(v.last(), "\n", " ") + "\r\n\r\n")
					_ = buf.Flush()
					_ = conn.Close()
				}
			},
		} {
			v.answers(answer)
			clock.now = clock.now.Add(time.Hour)
			_, err := c.Send(t.Context(), v.s.address, small())
			if err == nil { // a webhook's receiver may say what it likes
				require.True(t, v.s.silent)
				continue
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				requireNoSecret(t, v, fmt.Sprintf("%v %+v %#v", e, e, e))
			}
		}
	})
}

func requireNoSecret(t *testing.T, v *server, text string) {
	t.Helper()
	secrets := []string{appSecret, robotToken, robotSecret, bearer, addressKey, pathKey}
	if v.s.tokenPath != "" {
		secrets = append(secrets, v.newest())
	}
	if v.s.section == "sms" {
		secrets = append(secrets, v.s.address)
	}
	for _, g := range v.all() {
		secrets = append(secrets, g.query["sign"]...)
		secrets = append(secrets, g.header.Values("X-Hmac-Auth-Signature")...)
	}
	for _, s := range secrets {
		require.NotContains(t, text, s)
		require.NotContains(t, text, url.QueryEscape(s))
	}
}

// A proxy of the environment is not meant for the intranet.
func TestChannelUsesNoProxy(t *testing.T) {
	c, err := newClient("webhook", HTTP{URL: "http://hooks.example"}, 0)
	require.NoError(t, err)
	require.Nil(t, c.http.Transport.(*http.Transport).Proxy)
}

func TestChannelFollowsNoRedirect(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was followed") }))
	t.Cleanup(elsewhere.Close)
	each(t, func(t *testing.T, v *server, c channel, _ *still) {
		v.answers(func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		})
		status, err := c.Send(t.Context(), v.s.address, small())
		requireOutcome(t, obligation.DeliveryPending, textSettings(v.s.section), status, err)
	})
}

func TestChannelTrustsTheCAThatItIsGiven(t *testing.T) {
	for _, s := range subjects() {
		t.Run(s.name, func(t *testing.T) {
			v := &server{s: s, t: t}
			host := httptest.NewUnstartedServer(v)
			host.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
			host.StartTLS()
			t.Cleanup(host.Close)
			clock := (&still{now: stamp}).clock()
			c, err := s.open(HTTP{URL: host.URL, Clock: clock})
			require.NoError(t, err)
			status, err := c.Send(t.Context(), s.address, small())
			requireOutcome(t, obligation.DeliveryPending, textDistrusted(s.section), status, err)

			c, err = s.open(HTTP{URL: host.URL, Clock: clock, CAFile: pemFile(t, host.Certificate().Raw)})
			require.NoError(t, err)
			status, err = c.Send(t.Context(), s.address, small())
			requireOutcome(t, obligation.DeliverySent, "", status, err)

			_, err = s.open(HTTP{URL: host.URL, CAFile: "nowhere.pem"})
			require.ErrorContains(t, err, s.section+".ca")
		})
	}
}

func TestChannelRefusesBadOptions(t *testing.T) {
	for _, s := range subjects() {
		for _, address := range []string{"", "host.example", "ftp://host.example", "https://user:" + appSecret + "@host.example", "https://"} {
			_, err := s.open(HTTP{URL: address})
			require.Error(t, err, "%s %s", s.name, address)
			require.NotContains(t, err.Error(), appSecret)
		}
	}
	h := HTTP{URL: "https://host.example"}
	for name, f := range map[string]func() error{
		"wecom":         func() error { _, err := NewWeCom(WeComOptions{HTTP: h, CorpID: "ww1", Secret: "s"}); return err },
		"dingtalk none": func() error { _, err := NewDingTalk(DingTalkOptions{HTTP: h}); return err },
		"dingtalk of two kinds": func() error {
			_, err := NewDingTalk(DingTalkOptions{HTTP: h, AppKey: "a", AppSecret: "b", AgentID: 1, TenantID: "2"})
			return err
		},
		"dingtalk both": func() error {
			_, err := NewDingTalk(DingTalkOptions{HTTP: h, AppKey: "a", AppSecret: "b", AgentID: 1, RobotToken: "c"})
			return err
		},
		"feishu none": func() error { _, err := NewFeishu(FeishuOptions{HTTP: h, AppID: "a"}); return err },
		"webhook":     func() error { _, err := NewWebhook(WebhookOptions{HTTP: h}); return err },
		"sms body":    func() error { _, err := NewSMS(SMSOptions{HTTP: h, Body: "{mobile}"}); return err },
		"sms json":    func() error { _, err := NewSMS(SMSOptions{HTTP: h, Body: "to={mobile}&text={text}"}); return err },
	} {
		require.Error(t, f(), name)
	}
}

// The code says that the message was taken, and the list beside it that its only receiver got nothing.
func TestWeComTellsOfMembersThatGotNothing(t *testing.T) {
	for body, want := range map[string]obligation.DeliveryStatus{
		`{"errcode":0,"errmsg":"ok","invaliduser":"zhangsan"}`:    obligation.DeliveryFailed,
		`{"errcode":0,"errmsg":"ok","unlicenseduser":"ZhangSan"}`: obligation.DeliveryFailed,
		`{"errcode":0,"errmsg":"ok","invaliduser":"lisi|wangwu"}`: obligation.DeliverySent,
	} {
		v := &server{s: subjects()[0], t: t, answer: says(200, body)}
		host := httptest.NewServer(v)
		c, err := v.s.open(HTTP{URL: host.URL})
		require.NoError(t, err)
		status, err := c.Send(t.Context(), v.s.address, small())
		require.Equal(t, want, status, body)
		require.Equal(t, want == obligation.DeliveryFailed, isOfAddress(err))
		host.Close()
	}
}

// One member who had too many holds up nobody else.
func TestWeComKeepsTheMembersLimits(t *testing.T) {
	v := &server{s: subjects()[0], t: t}
	host := httptest.NewServer(v)
	t.Cleanup(host.Close)
	clock := &still{now: stamp}
	c, err := v.s.open(HTTP{URL: host.URL, Clock: clock.clock()})
	require.NoError(t, err)
	send := func(address string) (obligation.DeliveryStatus, error) { return c.Send(t.Context(), address, small()) }
	for range 30 {
		status, err := send("ZhangSan")
		requireOutcome(t, obligation.DeliverySent, "", status, err)
	}
	status, err := send("ZhangSan")
	requireOutcome(t, obligation.DeliveryPending, textQuota, status, err)
	require.True(t, isOfAddress(err))
	require.Len(t, v.all(), 30, "WeCom is not even asked")
	status, err = send("LiSi")
	requireOutcome(t, obligation.DeliverySent, "", status, err)
	clock.now = stamp.Add(59 * time.Second)
	status, _ = send("ZhangSan")
	require.Equal(t, obligation.DeliveryPending, status)
	clock.now = stamp.Add(time.Minute)
	status, err = send("ZhangSan")
	requireOutcome(t, obligation.DeliverySent, "", status, err)
	require.Empty(t, clock.waited)
}

func TestPaceKeepsEveryQuota(t *testing.T) {
	p := pace{quotas: memberQuotas}
	now, sent := stamp, []time.Time{}
	for range 3000 {
		if wait := p.take(now); wait > 0 {
			now = now.Add(wait)
			require.Zero(t, p.take(now))
		}
		sent = append(sent, now)
	}
	for _, q := range memberQuotas {
		for i := q.n; i < len(sent); i++ {
			require.GreaterOrEqual(t, sent[i].Sub(sent[i-q.n]), q.span)
		}
	}
	require.Equal(t, 2*time.Hour, now.Sub(stamp).Truncate(time.Hour), "and no slower than they demand")
	require.LessOrEqual(t, len(p.past), 1000)
}

// A mail server of the house may have its own bound.
func TestMailWaitsItsTurn(t *testing.T) {
	box, clock := &mailbox{}, &still{now: stamp}
	o := serve(t, box)
	o.PerMinute, o.Clock = 2, clock.clock()
	s, err := NewSMTP(o)
	require.NoError(t, err)
	for range 5 {
		status, err := s.Send(t.Context(), liaison, small())
		requireOutcome(t, obligation.DeliverySent, "", status, err)
	}
	require.Equal(t, []time.Duration{time.Minute, time.Minute}, clock.waited)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = s.Send(t.Context(), liaison, small())
	status, err := s.Send(ctx, liaison, small())
	require.Equal(t, obligation.DeliveryPending, status)
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, box.got(), 6)
}

// A robot that speaks too often is shut up: what is beyond its rate waits.
func TestRobotsWaitTheirTurn(t *testing.T) {
	each(t, func(t *testing.T, v *server, c channel, clock *still) {
		if v.s.name != "dingtalk robot" {
			return
		}
		for range 41 {
			status, err := c.Send(t.Context(), v.s.address, small())
			requireOutcome(t, obligation.DeliverySent, "", status, err)
		}
		require.Equal(t, []time.Duration{time.Minute, time.Minute}, clock.waited)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 20 {
			_, _ = c.Send(t.Context(), v.s.address, small())
		}
		status, err := c.Send(ctx, v.s.address, small())
		require.Equal(t, obligation.DeliveryPending, status)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestFeishuTellsIDsApart(t *testing.T) {
	for id, want := range map[string]string{"ou_1": "open_id", "on_1": "union_id", "f7cb1d": "user_id", "out1": "user_id"} {
		require.Equal(t, want, idType(id))
	}
}

// The line between pending and unknown: the last byte of the request did not leave this machine.
func TestDeparture(t *testing.T) {
	var d departure
	require.False(t, d.whole(), "nothing was written")
	trace := d.trace()
	trace.WroteHeaders()
	require.True(t, d.whole(), "nobody knows yet")
	trace.WroteRequest(httptraceInfo(errors.New("broken pipe")))
	require.False(t, d.whole())
	trace.WroteRequest(httptraceInfo(nil))
	require.True(t, d.whole())
}

// A request that its server stops reading in the middle was not taken.
func TestChannelIsCutOffWithinTheRequest(t *testing.T) {
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { cutOff(w, r, 1) }))
	t.Cleanup(host.Close)
	c, err := newClient("webhook", HTTP{URL: host.URL}, 0)
	require.NoError(t, err)
	// Far more than the buffers between the two take in.
	_, status, err := c.do(t.Context(), request{header: jsonHeader(), body: bytes.Repeat([]byte("x"), 64<<20)})
	require.Error(t, err)
	require.Equal(t, obligation.DeliveryPending, status, "%v", err)
}

func httptraceInfo(err error) httptrace.WroteRequestInfo { return httptrace.WroteRequestInfo{Err: err} }

// pemFile writes a certificate to a file and returns its path.
func pemFile(t *testing.T, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return path
}
