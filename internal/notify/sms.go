package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"duban/obligation"
)

// SMSOptions says how to reach an SMS gateway. Every gateway has its own form of a request: Body is its template.
type SMSOptions struct {
	HTTP
	// Body is what is posted. {mobile}, {text}, {key} (the delivery's key) and {secret} are replaced, escaped as Form
	// demands.
	Body string
	Form SMSForm // default SMSJSON
	// Secret is the gateway's; it may also go into Authorization.
	Secret        string
	Authorization string // the header's whole value; empty: none
	// Success is what the answer to a message that was taken holds; empty: HTTP's code is enough. Later is what the answer
	// holds where a later try may succeed; empty: nothing tells.
	Success, Later string
}

// SMSForm is how the body of a gateway's request is written.
type SMSForm string

// The forms of bodies.
const (
	SMSJSON   SMSForm = "json"
	SMSFields SMSForm = "form"
)

// SMS sends word of digests through a gateway: how many there are of what, and that they lie in the inbox. It is safe
// for concurrent use.
type SMS struct {
	client *client
	o      SMSOptions
}

// maxSMS is how long a text may be to go out as one message, in characters.
const maxSMS = 70

// mobileNumber is a number as gateways take it.
var mobileNumber = regexp.MustCompile(`^\+?[0-9]{6,20}$`)

// NewSMS checks the options. It does not connect.
func NewSMS(o SMSOptions) (*SMS, error) {
	if o.Form == "" {
		o.Form = SMSJSON
	}
	if !strings.Contains(o.Body, "{mobile}") || !strings.Contains(o.Body, "{text}") {
		return nil, errors.New(textSMSBody)
	}
	if o.Form == SMSJSON && !json.Valid([]byte(fill(o, "1", "1", "1"))) {
		return nil, errors.New(textSMSJSON)
	}
	_, credentials, _ := strings.Cut(o.Authorization, " ") // after the scheme: "Bearer …"
	c, err := newClient("sms", o.HTTP, 0, o.Secret, o.Authorization, credentials)
	if err != nil {
		return nil, err
	}
	return &SMS{client: c, o: o}, nil
}

// Name returns "sms".
func (s *SMS) Name() string { return "sms" }

// Send sends word of the digest to the mobile number. Errors never show the number.
func (s *SMS) Send(ctx context.Context, address string, d obligation.Digest) (obligation.DeliveryStatus, error) {
	if err := check("sms", mobileNumber, address, d); err != nil {
		return obligation.DeliveryFailed, err
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if s.o.Form == SMSJSON {
		header = jsonHeader()
	}
	if s.o.Authorization != "" {
		header.Set("Authorization", s.o.Authorization)
	}
	body := fill(s.o, address, viewOf(d).sms(), deliveryKey("sms", address, d))
	return s.client.message(ctx, func(ctx context.Context) (obligation.DeliveryStatus, error) {
		r, status, err := s.client.do(ctx, request{header: header, body: []byte(body), hide: address})
		if err != nil {
			return status, err
		}
		return s.judge(r)
	})
}

// judge reads an answer as the settings say. Gateways tell of their refusals with HTTP's 200.
func (s *SMS) judge(r reply) (obligation.DeliveryStatus, error) {
	status, err := s.client.byCode(r)
	switch {
	case s.o.Later != "" && bytes.Contains(r.body, []byte(s.o.Later)):
		return obligation.DeliveryPending, explain(textBusy("sms"), s.client.said(r))
	case status != obligation.DeliverySent || s.o.Success == "" || bytes.Contains(r.body, []byte(s.o.Success)):
		return status, err
	case len(bytes.TrimSpace(r.body)) == 0:
		return obligation.DeliveryUnknown, explain(textNoAnswer("sms"), s.client.said(r))
	default:
		return obligation.DeliveryFailed, explain(textRejected("sms"), s.client.said(r))
	}
}

// fill puts the values into the template, so that none of them can end its place there.
func fill(o SMSOptions, mobile, text, key string) string {
	escape := url.QueryEscape
	if o.Form == SMSJSON {
		escape = func(s string) string {
			quoted := string(encode(s))
			return quoted[1 : len(quoted)-1]
		}
	}
	return strings.NewReplacer(
		"{mobile}", escape(mobile), "{text}", escape(text), "{key}", escape(key), "{secret}", escape(o.Secret),
	).Replace(o.Body)
}

// sms is the short text. What it is about stands in the inbox, and so does why.
func (v view) sms() string {
	head := v.subject()
	return shorten(head, maxSMS-len([]rune(textSMSEnd))) + textSMSEnd
}
