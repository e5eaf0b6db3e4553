package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"duban/obligation"
)

// meaning is what a vendor's error code means for a message.
type meaning int

const (
	meansRefused  meaning = iota // no later try helps. It is also what a code that nobody wrote down means: then people look
	meansBusy                    // not now: rate limits, and servers that say so
	meansExpired                 // the token is not valid any more; a new one may be
	meansSettings                // an account, a permission, a list of addresses: the operators put it right, and then it goes out
	meansAddress                 // there is nobody with this address
)

// coded is an answer by the vendors' convention: a code that is 0 for success, and its text.
type coded struct {
	code int
	text string
}

// judge says what an answer means by the vendor's table. read finds the code in it.
func (c *client) judge(r reply, read func(body []byte) (coded, bool), codes map[int]meaning) verdict {
	answer, ok := read(r.body)
	if !ok {
		status, err := c.byCode(r)
		if status == obligation.DeliverySent { // taken, it seems, but by whom? Not by what is documented.
			status, err = obligation.DeliveryUnknown, explain(textNoAnswer(c.section), c.said(r))
		}
		return verdict{status: status, err: err}
	}
	if answer.code == 0 {
		return verdict{status: obligation.DeliverySent}
	}
	cause := errors.New(c.scrub(fmt.Sprintf("%d %s", answer.code, answer.text), r.hide))
	switch codes[answer.code] {
	case meansBusy:
		return verdict{status: obligation.DeliveryPending, err: explain(textBusy(c.section), cause)}
	case meansExpired:
		return verdict{status: obligation.DeliveryPending, err: explain(textToken(c.section), cause), expired: true}
	case meansSettings:
		return verdict{status: obligation.DeliveryPending, err: explain(textSettings(c.section), cause)}
	case meansAddress:
		return verdict{status: obligation.DeliveryFailed, err: aboutAddress(explain(textNobody(c.section), cause))}
	case meansRefused:
	}
	return verdict{status: obligation.DeliveryFailed, err: explain(textRejected(c.section), cause)}
}

// verdict is what became of one try.
type verdict struct {
	status  obligation.DeliveryStatus
	err     error
	expired bool // the token is to blame
}

// aboutAddress marks an error of explain as one of the address alone.
func aboutAddress(err error) error {
	if sent, ok := errors.AsType[*sendError](err); ok {
		sent.address = true
	}
	return err
}

// token is an access token that is fetched when it is needed and kept until shortly before it ends. It is safe for
// concurrent use.
type token struct {
	client *client
	fetch  request
	// read returns the token and how long it lives, from an answer that reports success.
	value func(body []byte) (value string, life time.Duration)
	code  func(body []byte) (coded, bool)

	mu    sync.Mutex
	now   string // "": none
	until time.Time
}

// early is how long before its end a token is not used any more: the message must arrive within its life.
const early = 5 * time.Minute

// get returns a valid token. Its failure is never about a message: nothing was handed over yet, so whatever happened to
// the request, the message is pending.
func (t *token) get(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.client
	if t.now != "" && c.clock.Now().Before(t.until) {
		return t.now, nil
	}
	r, _, err := c.do(ctx, t.fetch)
	if err != nil {
		return "", err
	}
	answer, ok := t.code(r.body)
	if !ok {
		return "", c.explain(textToken(c.section), fmt.Errorf("HTTP %d", r.code)) // the answer may hold a token
	}
	value, life := t.value(r.body)
	if answer.code != 0 || value == "" {
		return "", c.explain(textToken(c.section), fmt.Errorf("%d %s", answer.code, answer.text))
	}
	t.now, t.until = value, c.clock.Now().Add(max(life-early, 0))
	return value, nil
}

// drop forgets the token, unless somebody has fetched another one meanwhile.
func (t *token) drop(value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now == value {
		t.now = ""
	}
}

// send tries a message with a token, and once more with a new one where the server does not take the first any more:
// it may end early when somebody else fetches one for the same account. A message whose token was refused was not taken.
func (t *token) send(ctx context.Context, try func(token string) verdict) (obligation.DeliveryStatus, error) {
	var v verdict
	for range 2 {
		value, err := t.get(ctx)
		if err != nil {
			return obligation.DeliveryPending, notYet(t.client.section, err)
		}
		if v = try(value); !v.expired {
			break
		}
		t.drop(value)
	}
	return v.status, v.err
}

// notYet says of an error from fetching a token what it means for the message: an answer that did not come is no
// message that may have arrived.
func notYet(section string, err error) error {
	if sent, ok := errors.AsType[*sendError](err); ok && sent.text == textNoAnswer(section) {
		return &sendError{text: textToken(section), cause: sent.cause}
	}
	return err
}

// codeOf reads the convention of WeCom and DingTalk: {"errcode":0,"errmsg":"ok"}.
func codeOf(body []byte) (coded, bool) {
	var v struct {
		Code *int   `json:"errcode"`
		Text string `json:"errmsg"`
	}
	if json.Unmarshal(body, &v) != nil || v.Code == nil {
		return coded{}, false
	}
	return coded{*v.Code, v.Text}, true
}

// accessToken reads the token of WeCom and DingTalk.
func accessToken(body []byte) (string, time.Duration) {
	var v struct {
		Token   string `json:"access_token"`
		Expires int64  `json:"expires_in"` // seconds
	}
	_ = json.Unmarshal(body, &v) // codeOf could read it
	return v.Token, time.Duration(v.Expires) * time.Second
}
