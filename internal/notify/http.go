package notify

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"duban/obligation"
)

// HTTP says how to reach the server of a channel that speaks HTTP.
type HTTP struct {
	// URL is the address of the API without a slash at the end, or of the one endpoint that a channel posts to. There is
	// no default: private deployments have their own.
	URL     string
	CAFile  string        // path of a PEM file, trusted besides the system's; empty: none
	Timeout time.Duration // of one message with all its requests; default half a minute
	// PerMinute bounds what goes out in any minute; 0: the channel's own bound, or none. What is beyond waits.
	PerMinute int
	Clock     Clock
}

const (
	defaultHTTPTimeout = 30 * time.Second
	// maxReply is how much of an answer is read, in bytes. The documented ones are a few hundred.
	maxReply = 64 << 10
)

// client is what the channels over HTTP share: one request per connection, no proxy, no redirect, bounded answers, and
// errors that show neither an address's secrets nor its query.
type client struct {
	section string // of the settings: what people are told to check
	base    string
	http    *http.Client
	timeout time.Duration
	clock   Clock
	pace    *pace // nil: none
	secrets []string
}

// newClient checks the options and reads the CA's file. It does not connect. rate is the channel's own bound per minute,
// where the options name none; 0: none.
func newClient(section string, o HTTP, rate int, secrets ...string) (*client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return nil, errors.New(textURL(section))
	}
	var roots *x509.CertPool
	if o.CAFile != "" {
		if roots, err = trust(section, o.CAFile); err != nil {
			return nil, err
		}
	}
	var only http.Protocols
	only.SetHTTP1(true)
	c := &client{
		section: section, base: strings.TrimRight(o.URL, "/"), timeout: cmp.Or(o.Timeout, defaultHTTPTimeout), clock: o.Clock.orReal(),
		http: &http.Client{
			// Proxy stays nil: HTTP_PROXY of the environment is not meant for the intranet, and would be shown the messages.
			Transport: &http.Transport{
				TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
				// net/http repeats a request by itself when a connection it had kept breaks. None is kept, so it never does.
				DisableKeepAlives: true,
				// With one request per connection, HTTP/1 alone tells what has left this machine.
				Protocols: &only,
			},
			// A redirect would show the message and the secrets to somebody else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	c.pace = perMinute(cmp.Or(o.PerMinute, rate))
	// Receivers and gateways have their users put keys into the address.
	if len(u.Path) > 1 {
		secrets = append(secrets, u.Path)
	}
	for _, values := range u.Query() {
		secrets = append(secrets, values...)
	}
	for _, s := range secrets {
		c.secrets = append(c.secrets, forms(s)...)
	}
	return c, nil
}

// forms are the ways in which a secret may stand in a text.
func forms(secret string) []string {
	if secret == "" {
		return nil
	}
	return []string{secret, url.QueryEscape(secret)}
}

// message runs the requests of one message: after what the pace demands, and within the timeout.
func (c *client) message(ctx context.Context, send func(context.Context) (obligation.DeliveryStatus, error)) (obligation.DeliveryStatus, error) {
	if err := c.pace.turn(ctx, c.clock); err != nil {
		return obligation.DeliveryPending, explain(textPaced(c.section), err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	return send(ctx)
}

// request is one request of a channel.
type request struct {
	method string // default POST
	path   string
	query  url.Values
	header http.Header
	body   []byte
	hide   string // what errors must not repeat, besides the channel's secrets
}

// reply is what a server answered.
type reply struct {
	code int    // HTTP's
	body []byte // cut off at maxReply, or where the connection broke
	hide string // the request's
}

// do sends one request. Where no answer came, the status says whether the other side may have taken the request; it is
// DeliverySent otherwise, which is about the request alone: what the answer means is for the channel to say.
func (c *client) do(ctx context.Context, r request) (reply, obligation.DeliveryStatus, error) {
	address := c.base + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	var left departure
	ctx = httptrace.WithClientTrace(ctx, left.trace())
	req, err := http.NewRequestWithContext(ctx, cmp.Or(r.method, http.MethodPost), address, bytes.NewReader(r.body))
	if err != nil {
		return reply{}, obligation.DeliveryPending, errors.New(textURL(c.section)) // the error would show the address
	}
	maps.Copy(req.Header, r.header)
	req.Header.Set("User-Agent", "duban")
	resp, err := c.http.Do(req)
	if err != nil {
		status, err := c.broken(ctx, &left, err, r.hide)
		return reply{}, status, err
	}
	defer func() { _ = resp.Body.Close() }()
	// What breaks off here shows in what is missing: a code alone may be answer enough.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	return reply{resp.StatusCode, body, r.hide}, obligation.DeliverySent, nil
}

// broken says what became of a request that no answer came to. Until its last byte has left this machine the other
// side cannot have taken it: it is pending. From then on only the answer could tell: it is unknown, whether the
// connection broke or time was up.
func (c *client) broken(ctx context.Context, left *departure, err error, hide string) (obligation.DeliveryStatus, error) {
	// The error of net/http shows the whole address, and so what is secret in its query.
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	if cause := ctx.Err(); cause != nil {
		err = cause
	}
	if left.whole() {
		return obligation.DeliveryUnknown, c.explain(textNoAnswer(c.section), err, hide)
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return obligation.DeliveryPending, c.explain(textDistrusted(c.section), err, hide)
	}
	return obligation.DeliveryPending, c.explain(textNotReached(c.section), err, hide)
}

// departure knows how much of a request has left this machine.
type departure struct{ begun, cut atomic.Bool }

// trace follows the writing of a request. Headers and body wait in one buffer until both are complete, or the buffer
// is full: before WroteHeaders nothing has left, and an error of WroteRequest means that not all has.
func (d *departure) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		WroteHeaders: func() { d.begun.Store(true) },
		WroteRequest: func(info httptrace.WroteRequestInfo) { d.cut.Store(info.Err != nil) },
	}
}

// whole reports whether the request may have left as a whole. While it is still being written nobody knows, and that
// counts as yes.
func (d *departure) whole() bool { return d.begun.Load() && !d.cut.Load() }

// byCode says what an answer's HTTP code alone means for the message.
//
//   - 2xx: taken.
//   - 3xx, 401, 403, 404, 405, 407: the settings are wrong, not the message. It waits until they are put right.
//   - 408, 425, 429, 503: not taken now; later it may be. 501, 505, 511: not taken by this server.
//   - other 4xx: refused, and no later try would change that.
//   - other 5xx: the server, or one behind it, failed with the message in hand. Nobody knows how far it came.
func (c *client) byCode(r reply) (obligation.DeliveryStatus, error) {
	cause := c.said(r)
	switch {
	case r.code/100 == 2:
		return obligation.DeliverySent, nil
	case r.code/100 == 3, r.code == http.StatusUnauthorized, r.code == http.StatusForbidden, r.code == http.StatusNotFound,
		r.code == http.StatusMethodNotAllowed, r.code == http.StatusProxyAuthRequired, r.code == http.StatusNotImplemented,
		r.code == http.StatusHTTPVersionNotSupported, r.code == http.StatusNetworkAuthenticationRequired:
		return obligation.DeliveryPending, explain(textSettings(c.section), cause)
	case r.code == http.StatusRequestTimeout, r.code == http.StatusTooEarly, r.code == http.StatusTooManyRequests, r.code == http.StatusServiceUnavailable:
		return obligation.DeliveryPending, explain(textBusy(c.section), cause)
	case r.code/100 == 4:
		return obligation.DeliveryFailed, explain(textRejected(c.section), cause)
	default:
		return obligation.DeliveryUnknown, explain(textFailedThere(c.section), cause)
	}
}

// said is an answer as an error's cause.
func (c *client) said(r reply) error {
	text := http.StatusText(r.code)
	if body := strings.TrimSpace(string(r.body)); body != "" {
		text = body
	}
	return errors.New(c.scrub(fmt.Sprintf("HTTP %d %s", r.code, text), r.hide))
}

// explain is the package's explain for a cause that may repeat what is secret.
func (c *client) explain(text string, cause error, hide ...string) error {
	if shown := c.scrub(cause.Error(), hide...); shown != cause.Error() {
		cause = errors.New(shown)
	}
	return explain(text, cause)
}

const mask = "******"

// scrub takes the channel's secrets, and what else is to be hidden, out of a text.
func (c *client) scrub(text string, hide ...string) string {
	for _, s := range c.secrets {
		text = strings.ReplaceAll(text, s, mask)
	}
	for _, h := range hide {
		for _, s := range forms(h) {
			text = strings.ReplaceAll(text, s, mask)
		}
	}
	return text
}

// check refuses what no server needs to be asked about.
func check(section string, format *regexp.Regexp, address string, d obligation.Digest) error {
	if len(d.Messages) == 0 {
		return errors.New(textNothing)
	}
	if !format.MatchString(address) {
		return aboutAddress(explain(textBadAddress, errors.New(textFormat(section))))
	}
	return nil
}

// jsonHeader is that of a request with a JSON body.
func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/json; charset=utf-8"}}
}

// encode returns v as JSON that shows signs such as < as they are.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("notify: " + err.Error()) // only texts and numbers are ever encoded
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
