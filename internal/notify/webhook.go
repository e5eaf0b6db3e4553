package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"strconv"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// WebhookOptions says where a program of the house takes notices.
type WebhookOptions struct {
	HTTP
	Secret string // shared with the receiver, who checks the signature with it
}

// Webhook posts digests as JSON to a program. Its address is the recipient: a unit's code, or "office". It is safe
// for concurrent use.
//
// A request has these headers:
//
//   - Idempotency-Key: the delivery's key. The same key is the same delivery; a receiver drops the second one.
//   - X-Duban-Timestamp: the seconds since 1970 at which it was signed. A receiver refuses what is old.
//   - X-Duban-Signature: "sha256=" and the HMAC-SHA256 in hexadecimal of the timestamp, a full stop and the body.
//
// Any 2xx means that it was taken.
type Webhook struct {
	client *client
	secret string
}

// NewWebhook checks the options. It does not connect.
func NewWebhook(o WebhookOptions) (*Webhook, error) {
	if o.Secret == "" {
		return nil, errors.New(textAccount("webhook"))
	}
	c, err := newClient("webhook", o.HTTP, 0, o.Secret)
	if err != nil {
		return nil, err
	}
	return &Webhook{client: c, secret: o.Secret}, nil
}

// Name returns "webhook".
func (w *Webhook) Name() string { return "webhook" }

// recipientCode is a unit's code, or "office".
var recipientCode = regexp.MustCompile(`^[0-9a-z-]{1,64}$`)

// Send posts the digest.
func (w *Webhook) Send(ctx context.Context, address string, d obligation.Digest) (obligation.DeliveryStatus, error) {
	if err := check("webhook", recipientCode, address, d); err != nil {
		return obligation.DeliveryFailed, err
	}
	key := deliveryKey("webhook", address, d)
	body := encode(postOf(d, key))
	return w.client.message(ctx, func(ctx context.Context) (obligation.DeliveryStatus, error) {
		stamp := strconv.FormatInt(w.client.clock.Now().Unix(), 10)
		header := jsonHeader()
		header.Set("Idempotency-Key", key)
		header.Set("X-Duban-Timestamp", stamp)
		header.Set("X-Duban-Signature", "sha256="+w.sign(stamp, body))
		r, status, err := w.client.do(ctx, request{header: header, body: body})
		if err != nil {
			return status, err
		}
		return w.client.byCode(r)
	})
}

func (w *Webhook) sign(stamp string, body []byte) string {
	h := hmac.New(sha256.New, []byte(w.secret))
	h.Write([]byte(stamp + "."))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// post is a digest as the receiver reads it.
type post struct {
	Key       string        `json:"key"`
	Digest    string        `json:"digest"`
	Plan      string        `json:"plan"`
	Recipient string        `json:"recipient"` // a unit's code, or "office"
	Day       calendar.Date `json:"day"`
	Created   time.Time     `json:"created"`
	Subject   string        `json:"subject"`
	Messages  []postItem    `json:"messages"`
}

type postItem struct {
	Obligation string               `json:"obligation"`
	Kind       obligation.EventKind `json:"kind"`
	Rung       obligation.Rung      `json:"rung,omitempty"`
	Urgent     bool                 `json:"urgent"`
	Title      string               `json:"title"`
	Text       string               `json:"text"`
	Why        string               `json:"why"`
}

func postOf(d obligation.Digest, key string) post {
	p := post{
		Key: key, Digest: d.ID, Plan: d.Plan, Recipient: d.Recipient, Day: d.Day, Created: d.Created.UTC(), Subject: viewOf(d).subject(),
	}
	for _, m := range d.Messages {
		n := m.Notice
		p.Messages = append(p.Messages, postItem{m.About(), n.Kind, n.Rung, n.Urgent, n.Title, n.Text, n.Why})
	}
	return p
}
