// Package notify sends digests through channels outside duban.
package notify

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"duban/obligation"
)

// TLSMode says how the connection to the mail server is encrypted. Certificates are always verified.
type TLSMode string

// The kinds of encryption.
const (
	TLSNone     TLSMode = "none"
	TLSStartTLS TLSMode = "starttls" // required: a server that does not offer it gets nothing
	TLSImplicit TLSMode = "tls"      // from the first byte
)

// Options says how to reach the mail server.
type Options struct {
	Host     string
	Port     int
	TLS      TLSMode // default TLSStartTLS
	CAFile   string  // path of a PEM file, trusted besides the system's; empty: none
	User     string  // empty: no login
	Password string  // sent in clear only over an encrypted connection
	From     string  // "name <address>" or the address alone
	// Timeout is how long one mail may take from dialling to the server's last word; default a minute.
	Timeout time.Duration
	// PerMinute bounds how many mails go out in any minute; 0: no bound. What is beyond waits.
	PerMinute int
	Clock     Clock
}

const (
	defaultTimeout = time.Minute
	// quitTimeout is how long a server may take to say goodbye. The mail is delivered by then.
	quitTimeout = 2 * time.Second
)

// SMTP sends digests as mail, each over a connection of its own. It is safe for concurrent use.
type SMTP struct {
	address string // host:port
	host    string
	mode    TLSMode
	tls     *tls.Config
	user    string
	pass    string
	from    *mail.Address
	timeout time.Duration
	quit    time.Duration
	helo    string
	pace    *pace
	clock   Clock
}

// NewSMTP checks the options and reads the CA's file. It does not connect: a mail server that is down must not keep
// duban from starting.
func NewSMTP(o Options) (*SMTP, error) {
	if o.Host == "" || o.Port < 1 || o.Port > 65535 {
		return nil, errors.New(textServer)
	}
	from, err := parseAddress(o.From)
	if err != nil {
		return nil, errors.New(textFrom)
	}
	s := &SMTP{
		address: net.JoinHostPort(o.Host, strconv.Itoa(o.Port)),
		host:    o.Host,
		mode:    cmp.Or(o.TLS, TLSStartTLS),
		tls:     &tls.Config{ServerName: o.Host, MinVersion: tls.VersionTLS12},
		user:    o.User,
		pass:    o.Password,
		from:    from,
		timeout: cmp.Or(o.Timeout, defaultTimeout),
		quit:    quitTimeout,
		helo:    "localhost",
		pace:    perMinute(o.PerMinute),
		clock:   o.Clock.orReal(),
	}
	switch s.mode {
	case TLSNone, TLSStartTLS, TLSImplicit:
	default:
		return nil, errors.New(textMode(s.mode))
	}
	if o.CAFile != "" {
		if s.tls.RootCAs, err = trust("smtp", o.CAFile); err != nil {
			return nil, err
		}
	}
	if name, err := os.Hostname(); err == nil && !strings.ContainsFunc(name, notInHostname) {
		s.helo = cmp.Or(name, s.helo)
	}
	return s, nil
}

func notInHostname(r rune) bool { return r <= ' ' || r > '~' }

// trust returns the system's roots and those of the file that the settings' section names.
func trust(section, path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s：%w", textCAUnreadable(section), err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New(textCAEmpty(section, path))
	}
	return pool, nil
}

// Name returns "smtp", the channel in a delivery's key.
func (s *SMTP) Name() string { return "smtp" }

// Send mails the digest to the address and says what became of it:
//
//   - DeliverySent: the server took it over.
//   - DeliveryPending: nothing was taken over; it may be sent again.
//   - DeliveryFailed: it was refused for good.
//   - DeliveryUnknown: it was handed over whole, and the server's answer never came. It may have been delivered and is
//     not to be repeated blindly.
//
// The error is nil only where it was sent; its text is for the office.
func (s *SMTP) Send(ctx context.Context, address string, d obligation.Digest) (obligation.DeliveryStatus, error) {
	to, err := parseAddress(address)
	if err != nil {
		return obligation.DeliveryFailed, errors.New(textAddress(address))
	}
	message, err := compose(s.from, to, d)
	if err != nil {
		return obligation.DeliveryFailed, err
	}

	if err := s.pace.turn(ctx, s.clock); err != nil {
		return obligation.DeliveryPending, explain(textPaced("smtp"), err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", s.address)
	if err != nil {
		return obligation.DeliveryPending, explain(textUnreachable(s.address), err)
	}
	// Whatever happens, the connection is cut rather than ended politely: a QUIT would end an unfinished message first,
	// and the server would take over half of it.
	defer func() { _ = conn.Close() }()
	// Closing is what makes a blocked read or write return; a deadline would have to be kept in step at every command.
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()

	status, err := s.converse(conn, to, message)
	return status, blame(ctx, status, err)
}

// blame says why the connection broke where duban cut it itself. What the server said before stands.
func blame(ctx context.Context, status obligation.DeliveryStatus, err error) error {
	var reply *textproto.Error
	if err == nil || ctx.Err() == nil || errors.As(err, &reply) {
		return err
	}
	return explain(textTimedOut(status), ctx.Err())
}

func (s *SMTP) converse(conn net.Conn, to *mail.Address, message []byte) (obligation.DeliveryStatus, error) {
	client, err := s.open(conn)
	if err != nil {
		// So far it was about the server and the login, never about this mail: whatever it says, it can be put right.
		return obligation.DeliveryPending, err
	}
	if err := client.Mail("<" + s.from.Address + ">"); err != nil {
		return refused(err)
	}
	if err := client.Rcpt("<" + to.Address + ">"); err != nil {
		status, err := refused(err)
		return status, ofAddress(err)
	}
	status, err := handOver(client.Text, message)
	if status == obligation.DeliverySent {
		_ = conn.SetDeadline(time.Now().Add(s.quit))
		_ = client.Quit()
	}
	return status, err
}

// open greets the server, turns encryption on and logs in.
func (s *SMTP) open(conn net.Conn) (*smtp.Client, error) {
	if s.mode == TLSImplicit {
		conn = tls.Client(conn, s.tls)
	}
	client, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return nil, explainOpening(err)
	}
	// Addresses are plain ASCII, and a mail that claims to need SMTPUTF8 is bounced by the next server without it.
	client.SkipSMTPUTF8(true)
	if err := client.Hello(s.helo); err != nil {
		return nil, explainOpening(err)
	}
	if s.mode == TLSStartTLS {
		if ok, _ := client.Extension("STARTTLS"); !ok {
			return nil, errors.New(textNoStartTLS)
		}
		if err := client.StartTLS(s.tls); err != nil {
			return nil, explainOpening(err)
		}
	}
	if s.user == "" {
		return client, nil
	}
	auth := s.auth(client)
	if auth == nil {
		return nil, errors.New(textNoAuth)
	}
	if err := client.Auth(auth); err != nil {
		return nil, explain(textAuth, err)
	}
	return client, nil
}

// auth returns the best way to log in that the server offers, or nil. Without encryption only those count that do not
// show the password.
func (s *SMTP) auth(client *smtp.Client) smtp.Auth {
	_, list := client.Extension("AUTH")
	offered := map[string]bool{}
	for mechanism := range strings.FieldsSeq(list) {
		offered[strings.ToUpper(mechanism)] = true
	}
	encrypted := s.mode != TLSNone
	switch {
	case offered["SCRAM-SHA-256"]:
		return smtp.ScramSHA256Auth(s.user, s.pass)
	case encrypted && offered["PLAIN"]:
		return smtp.PlainAuth("", s.user, s.pass, s.host, false)
	case encrypted && offered["LOGIN"]:
		return smtp.LoginAuth(s.user, s.pass, s.host, false)
	case offered["CRAM-MD5"]:
		return smtp.CRAMMD5Auth(s.user, s.pass)
	default:
		return nil
	}
}

// handOver sends the message itself. It speaks DATA by hand because the line between pending and unknown runs through
// it: until the closing dot has left this machine the server cannot have taken the message over.
func handOver(text *textproto.Conn, message []byte) (obligation.DeliveryStatus, error) {
	id, err := text.Cmd("DATA")
	if err != nil {
		return refused(err)
	}
	text.StartResponse(id)
	defer text.EndResponse(id)
	if _, _, err := text.ReadResponse(354); err != nil {
		return refused(err)
	}
	w := text.DotWriter()
	if _, err = w.Write(message); err == nil {
		err = w.Close()
	}
	if err != nil {
		return refused(err)
	}
	_, _, err = text.ReadResponse(250)
	var reply *textproto.Error
	switch {
	case err == nil:
		return obligation.DeliverySent, nil
	case errors.As(err, &reply) && reply.Code/100 == 2:
		return obligation.DeliverySent, nil
	case errors.As(err, &reply) && (reply.Code/100 == 4 || reply.Code/100 == 5):
		return refused(err)
	default:
		return obligation.DeliveryUnknown, explain(textUnknown, err)
	}
}

// codeLoginNeeded is the reply to MAIL where the server wants a login or encryption first: a matter of the settings.
const codeLoginNeeded = 530

// refused classifies an error from before the message was handed over.
func refused(err error) (obligation.DeliveryStatus, error) {
	var reply *textproto.Error
	switch {
	case !errors.As(err, &reply):
		return obligation.DeliveryPending, explain(textBroken, err)
	case reply.Code == codeLoginNeeded:
		return obligation.DeliveryPending, explain(textAuth, err)
	case reply.Code/100 == 5:
		return obligation.DeliveryFailed, explain(textRefused, err)
	default:
		return obligation.DeliveryPending, explain(textLater, err)
	}
}

// codeClosing is the reply of a server that is about to hang up, whatever it was asked.
const codeClosing = 421

// ofAddress marks a reply to RCPT as being about the one address: a mailbox that is full, or a server that lets
// strangers wait, says nothing about the next one.
func ofAddress(err error) error {
	var sent *sendError
	var reply *textproto.Error
	if errors.As(err, &sent) && errors.As(err, &reply) && reply.Code != codeClosing && reply.Code != codeLoginNeeded {
		sent.address = true
	}
	return err
}

// explainOpening tells a certificate that is not trusted from all else that can go wrong before a login.
func explainOpening(err error) error {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return explain(textUntrusted, err)
	}
	return explain(textGreeting, err)
}

// sendError says in Chinese what to do; the cause, which may be the server's reply, stands in brackets.
type sendError struct {
	text    string
	cause   error
	address bool
}

func explain(text string, cause error) error { return &sendError{text: text, cause: cause} }

// OfAddress reports whether the address alone is the reason, so that others may well be reached.
func (e *sendError) OfAddress() bool { return e.address }

func (e *sendError) Error() string {
	cause := e.cause.Error()
	if reply, ok := errors.AsType[*textproto.Error](e.cause); ok {
		cause = fmt.Sprintf("%d %s", reply.Code, reply.Msg) // as the server said it, without Go's quotation marks
	}
	return e.text + "（" + shorten(line(cause), maxCause) + "）"
}

func (e *sendError) Unwrap() error { return e.cause }

// maxCause is how much of a server's reply is kept, in characters.
const maxCause = 200
