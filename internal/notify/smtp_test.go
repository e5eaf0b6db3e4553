package notify

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"duban/obligation"
)

const liaison = "liaison@fire.example.gov.cn"

// mailbox is a mail server in the test. Its hooks run where the command of the same name is answered.
type mailbox struct {
	onMail, onRcpt, onData func(c *smtp.Conn) error
	mechanisms             []string
	password               string
	unread                 bool // leaves the message's body on the wire

	mu   sync.Mutex
	mail []received
}

type received struct{ from, to, user, raw string }

func (m *mailbox) got() []received {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mail
}

type session struct {
	box  *mailbox
	conn *smtp.Conn
	now  received
}

func hook(f func(*smtp.Conn) error, c *smtp.Conn) error {
	if f == nil {
		return nil
	}
	return f(c)
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.box.password != "" && s.now.user == "" {
		return smtp.ErrAuthRequired
	}
	s.now.from = from
	return hook(s.box.onMail, s.conn)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.now.to = to
	return hook(s.box.onRcpt, s.conn)
}

func (s *session) Data(r io.Reader) error {
	if s.box.unread {
		return hook(s.box.onData, s.conn)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.now.raw = string(raw)
	if err := hook(s.box.onData, s.conn); err != nil {
		return err
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.mail = append(s.box.mail, s.now)
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string { return s.box.mechanisms }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != s.box.password {
			return smtp.ErrAuthFailed
		}
		s.now.user = user
		return nil
	}), nil
}

// serve starts the server on a free port of the loopback interface; options change the server before it starts.
func serve(t *testing.T, box *mailbox, options ...func(*smtp.Server)) Options {
	t.Helper()
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{box: box, conn: c}, nil
	}))
	server.Domain = "mail.example"
	server.ErrorLog = silent{}
	for _, o := range options {
		o(server)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return at(l)
}

func at(l net.Listener) Options {
	return Options{
		Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, TLS: TLSNone,
		From: "区安委办 <duban@example.gov.cn>", Timeout: 20 * time.Second,
	}
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// send sends a small digest.
func send(t *testing.T, o Options) (obligation.DeliveryStatus, error) {
	t.Helper()
	return sendWithin(t.Context(), t, o, digest(notice(obligation.Overdue)))
}

func sendWithin(ctx context.Context, t *testing.T, o Options, d obligation.Digest) (obligation.DeliveryStatus, error) {
	t.Helper()
	s, err := NewSMTP(o)
	require.NoError(t, err)
	require.Equal(t, "smtp", s.Name())
	return s.Send(ctx, liaison, d)
}

func answer(code int, text string) func(*smtp.Conn) error {
	return func(*smtp.Conn) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCodeNotSet, Message: text}
	}
}

func drop(c *smtp.Conn) error { return c.Conn().Close() }

func TestSend(t *testing.T) {
	box := &mailbox{}
	status, err := send(t, serve(t, box))
	require.NoError(t, err)
	require.Equal(t, obligation.DeliverySent, status)
	mail := box.got()
	require.Len(t, mail, 1)
	require.Equal(t, "duban@example.gov.cn", mail[0].from)
	require.Equal(t, liaison, mail[0].to)
	h, bodies := read(t, []byte(mail[0].raw))
	require.Equal(t, "【督办】逾期：上半年消防通道排查", decoded(t, h, "Subject"))
	require.Contains(t, bodies["text/plain; charset=UTF-8"], "已经逾期")
}

func TestSendsOneAfterAnother(t *testing.T) {
	box := &mailbox{}
	s, err := NewSMTP(serve(t, box))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			d := digest(notice(obligation.Overdue))
			d.ID = fmt.Sprint(d.ID, "/urgent-", i)
			status, err := s.Send(t.Context(), liaison, d)
			require.NoError(t, err)
			require.Equal(t, obligation.DeliverySent, status)
		})
	}
	wg.Wait()
	require.Len(t, box.got(), 8)
}

// What the server says at every point of the conversation, and what it means for the delivery.
func TestReplies(t *testing.T) {
	const (
		sent, pending   = obligation.DeliverySent, obligation.DeliveryPending
		failed, unknown = obligation.DeliveryFailed, obligation.DeliveryUnknown
	)
	tests := map[string]struct {
		box  *mailbox
		want obligation.DeliveryStatus
		text string
	}{
		"busy at MAIL":               {&mailbox{onMail: answer(451, "greylisted")}, pending, textLater},
		"busy at RCPT":               {&mailbox{onRcpt: answer(450, "mailbox busy")}, pending, textLater},
		"busy after the data":        {&mailbox{onData: answer(452, "disk full")}, pending, textLater},
		"closing after the data":     {&mailbox{onData: answer(421, "shutting down")}, pending, textLater},
		"sender refused":             {&mailbox{onMail: answer(550, "not allowed")}, failed, textRefused},
		"login wanted at MAIL":       {&mailbox{onMail: answer(530, "authentication required")}, pending, textAuth},
		"no such recipient":          {&mailbox{onRcpt: answer(550, "no such user")}, failed, textRefused},
		"refused after the data":     {&mailbox{onData: answer(554, "spam")}, failed, textRefused},
		"dropped at MAIL":            {&mailbox{onMail: drop}, pending, textBroken},
		"dropped at RCPT":            {&mailbox{onRcpt: drop}, pending, textBroken},
		"dropped after the data":     {&mailbox{onData: drop}, unknown, textUnknown},
		"taken, though in odd words": {&mailbox{onData: answer(251, "will forward")}, sent, ""},
		"nonsense after the data":    {&mailbox{onData: answer(354, "go on")}, unknown, textUnknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, err := send(t, serve(t, tt.box))
			require.Equal(t, tt.want, status)
			if tt.text == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.text)
		})
	}
}

// One mailbox that is not ready says nothing about the others; a server that is not ready does.
func TestReplyToOneAddressIsToldApart(t *testing.T) {
	for name, c := range map[string]struct {
		box  *mailbox
		want bool
	}{
		"mailbox full":         {&mailbox{onRcpt: answer(452, "mailbox full")}, true},
		"closing at RCPT":      {&mailbox{onRcpt: answer(421, "shutting down")}, false},
		"login wanted at RCPT": {&mailbox{onRcpt: answer(530, "authentication required")}, false},
		"busy at MAIL":         {&mailbox{onMail: answer(451, "try later")}, false},
		"dropped at RCPT":      {&mailbox{onRcpt: drop}, false},
	} {
		status, err := send(t, serve(t, c.box))
		require.Equal(t, obligation.DeliveryPending, status, name)
		var told interface{ OfAddress() bool }
		require.ErrorAs(t, err, &told, name)
		require.Equal(t, c.want, told.OfAddress(), name)
	}
}

func TestRepliesAreShown(t *testing.T) {
	box := &mailbox{onRcpt: answer(550, "no such user\x1b[31m"+strings.Repeat("!", 500))}
	_, err := send(t, serve(t, box))
	require.ErrorContains(t, err, "550 5.0.0 no such user [31m!!!")
	require.NotContains(t, err.Error(), "\x1b")
	require.Less(t, len([]rune(err.Error())), len([]rune(textRefused))+maxCause+3)
}

func TestServerIsDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	o := at(l)
	require.NoError(t, l.Close())
	status, err := send(t, o)
	require.Equal(t, obligation.DeliveryPending, status)
	require.ErrorContains(t, err, "连不上邮件服务器")
}

// script serves one connection with the given lines, each after a line of the client's; a line "" reads on without an
// answer, and at the end the connection is closed.
func script(t *testing.T, greeting string, answers ...string) Options {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, greeting+"\r\n")
		r := bufio.NewReader(c)
		for _, a := range answers {
			if _, err := r.ReadString('\n'); err != nil {
				return
			}
			_, _ = io.WriteString(c, a+"\r\n")
		}
	}()
	return at(l)
}

func TestServerThatDoesNotEvenGreet(t *testing.T) {
	for name, o := range map[string]Options{
		"refuses":         script(t, "554 no mail here"),
		"hangs up":        script(t, "220 mail.example"),
		"refuses HELO":    script(t, "220 mail.example", "502 what", "502 what"),
		"is no server":    script(t, "SSH-2.0-OpenSSH_9.6"),
		"drops at DATA":   script(t, "220 x", "250 x", "250 ok", "250 ok"),
		"busy at DATA":    script(t, "220 x", "250 x", "250 ok", "250 ok", "451 later"),
		"drops in 354":    script(t, "220 x", "250 x", "250 ok", "250 ok", "35"),
		"closes at RCPT":  script(t, "220 x", "250 x", "250 ok", "421 closing"),
		"another answer":  script(t, "220 x", "250 x", "250 ok", "250 ok", "250 thanks"),
		"refuses 8BITMIM": script(t, "220 x", "250-x\r\n250 8BITMIME", "451 later"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, err := send(t, o)
			require.Error(t, err)
			require.Equal(t, obligation.DeliveryPending, status, err)
		})
	}
}

func TestNoDataForPermanentlyRefused(t *testing.T) {
	status, err := send(t, script(t, "220 x", "250 x", "250 ok", "250 ok", "554 no valid recipients"))
	require.Equal(t, obligation.DeliveryFailed, status)
	require.ErrorContains(t, err, textRefused)
}

// The line between pending and unknown: the closing dot did not leave this machine.
func TestBrokenBeforeTheClosingDot(t *testing.T) {
	near, far := net.Pipe()
	go func() {
		_, _ = bufio.NewReader(far).ReadString('\n')
		_, _ = io.WriteString(far, "354 go on\r\n")
		_ = far.Close()
	}()
	status, err := handOver(textproto.NewConn(near), []byte("small enough to wait in the buffer\r\n"))
	require.Equal(t, obligation.DeliveryPending, status)
	require.ErrorContains(t, err, textBroken)
}

// talk serves one connection and answers by the first word of a line, "250 ok" where there is no answer for it and
// nothing where it is empty. What the client said, without the message, is there once it hangs up.
func talk(t *testing.T, answers map[string]string) (o Options, said chan []string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	said = make(chan []string, 1)
	go func() {
		var lines []string
		defer func() { said <- lines }()
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, "220 x\r\n")
		in, data := bufio.NewScanner(c), false
		for in.Scan() {
			word, _, _ := strings.Cut(in.Text(), " ")
			if data = data && word != "."; data {
				continue
			}
			lines = append(lines, in.Text())
			data = word == "DATA"
			answer, ok := answers[word]
			if !ok {
				answer = "250 ok"
			}
			if answer != "" {
				_, _ = io.WriteString(c, answer+"\r\n")
			}
		}
	}()
	return at(l), said
}

func TestConversation(t *testing.T) {
	o, said := talk(t, map[string]string{
		"EHLO": "250-x\r\n250-8BITMIME\r\n250 SMTPUTF8", "DATA": "354 go on", "QUIT": "221 bye",
	})
	status, err := send(t, o)
	require.NoError(t, err)
	require.Equal(t, obligation.DeliverySent, status)
	lines := <-said
	require.Regexp(t, `^EHLO \S+$`, lines[0])
	require.Equal(t, []string{
		"MAIL FROM:<duban@example.gov.cn> BODY=8BITMIME", "RCPT TO:<liaison@fire.example.gov.cn>", "DATA", ".", "QUIT",
	}, lines[1:], "nothing asks for SMTPUTF8, and the server is told goodbye")
}

func TestServerThatDoesNotSayGoodbye(t *testing.T) {
	o, _ := talk(t, map[string]string{"DATA": "354 go on", "QUIT": ""})
	s, err := NewSMTP(o)
	require.NoError(t, err)
	s.quit = 20 * time.Millisecond
	begun := time.Now()
	status, err := s.Send(t.Context(), liaison, digest(notice(obligation.Overdue)))
	require.NoError(t, err)
	require.Equal(t, obligation.DeliverySent, status)
	require.Less(t, time.Since(begun), s.timeout/2)
}

// A mail that the server refused in the last moment stays refused, whatever became of the time.
func TestBlame(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	broken := explain(textBroken, io.ErrClosedPipe)
	said := explain(textRefused, &textproto.Error{Code: 550, Msg: "no"})
	require.Equal(t, broken, blame(ctx, obligation.DeliveryPending, broken))
	cancel()
	require.ErrorIs(t, blame(ctx, obligation.DeliveryPending, broken), context.Canceled)
	require.Equal(t, said, blame(ctx, obligation.DeliveryFailed, said))
	require.NoError(t, blame(ctx, obligation.DeliverySent, nil))
}

// wait returns a hook that tells it was reached and then holds the server up until the test ends.
func wait(t *testing.T) (reached chan struct{}, h func(*smtp.Conn) error) {
	reached = make(chan struct{})
	released := make(chan struct{})
	t.Cleanup(func() { close(released) })
	return reached, func(*smtp.Conn) error {
		close(reached)
		<-released
		return nil
	}
}

// sendUntil cancels as soon as the server has reached the hook.
func sendUntil(t *testing.T, reached chan struct{}, o Options, d obligation.Digest) (obligation.DeliveryStatus, error) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		<-reached
		cancel()
	}()
	begun := time.Now()
	status, err := sendWithin(ctx, t, o, d)
	require.Less(t, time.Since(begun), o.Timeout/2, "the caller's context is honoured")
	require.ErrorIs(t, err, context.Canceled)
	return status, err
}

func TestSlowBeforeTheData(t *testing.T) {
	reached, h := wait(t)
	o := serve(t, &mailbox{onRcpt: h})
	status, err := sendUntil(t, reached, o, digest(notice(obligation.Overdue)))
	require.Equal(t, obligation.DeliveryPending, status)
	require.ErrorContains(t, err, "未交出")
}

// A server that stops reading in the middle of the message has not got its end.
func TestSlowWithinTheData(t *testing.T) {
	box := &mailbox{unread: true}
	reached, h := wait(t)
	box.onData = h
	box.onMail = func(c *smtp.Conn) error { return c.Conn().(*net.TCPConn).SetReadBuffer(4096) }
	m := notice(obligation.Returned)
	m.Notice.Text = strings.Repeat("理由", 1<<19) // as mail more than the sending end's buffer holds
	status, err := sendUntil(t, reached, serve(t, box), digest(m))
	require.Equal(t, obligation.DeliveryPending, status)
	require.ErrorContains(t, err, "未交出")
	require.Empty(t, box.got())
}

func TestSlowAfterTheData(t *testing.T) {
	reached, h := wait(t)
	box := &mailbox{onData: h}
	status, err := sendUntil(t, reached, serve(t, box), digest(notice(obligation.Overdue)))
	require.Equal(t, obligation.DeliveryUnknown, status)
	require.ErrorContains(t, err, textUnknown)
}

func TestOwnTimeout(t *testing.T) {
	_, h := wait(t)
	o := serve(t, &mailbox{onMail: h})
	o.Timeout = 50 * time.Millisecond
	status, err := send(t, o)
	require.Equal(t, obligation.DeliveryPending, status)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestSilentServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts nothing: the kernel does, and nobody greets
	require.NoError(t, err)
	defer l.Close()
	o := at(l)
	o.Timeout = 50 * time.Millisecond
	status, err := send(t, o)
	require.Equal(t, obligation.DeliveryPending, status)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestCancelledBeforehand(t *testing.T) {
	box := &mailbox{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	status, err := sendWithin(ctx, t, serve(t, box), digest(notice(obligation.Overdue)))
	require.Equal(t, obligation.DeliveryPending, status)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, box.got())
}

// The mail is delivered once the server has said so, however it behaves afterwards.
func TestSentThoughQuitFails(t *testing.T) {
	box := &mailbox{}
	box.onData = func(c *smtp.Conn) error {
		// The answer goes out before the reading end notices.
		return c.Conn().(*net.TCPConn).CloseRead()
	}
	status, err := send(t, serve(t, box))
	require.NoError(t, err)
	require.Equal(t, obligation.DeliverySent, status)
}

func TestBadInputIsRefusedWithoutConnecting(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s, err := NewSMTP(at(l))
	require.NoError(t, err)
	require.NoError(t, l.Close())
	status, err := s.Send(t.Context(), "a@b.cn\r\nRCPT TO:<c@d.cn>", digest(notice(obligation.Overdue)))
	require.Equal(t, obligation.DeliveryFailed, status)
	require.ErrorContains(t, err, "收件地址")
	require.NotContains(t, err.Error(), "\n")
	status, err = s.Send(t.Context(), liaison, digest())
	require.Equal(t, obligation.DeliveryFailed, status)
	require.EqualError(t, err, textEmpty)
}

// authority returns the path of a CA's certificate and a server's certificate for the host signed by it.
func authority(t *testing.T, host string) (caFile string, server tls.Certificate) {
	t.Helper()
	key := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		return k
	}
	template := func(serial int64) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "duban test"},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		}
	}
	caKey, ca := key(), template(1)
	ca.IsCA, ca.BasicConstraintsValid, ca.KeyUsage = true, true, x509.KeyUsageCertSign
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	require.NoError(t, err)
	serverKey, cert := key(), template(2)
	cert.IPAddresses = []net.IP{net.ParseIP(host)}
	cert.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, cert, ca, serverKey.Public(), caKey)
	require.NoError(t, err)
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}), 0o600))
	return caFile, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: serverKey}
}

func encrypted(cert tls.Certificate) func(*smtp.Server) {
	return func(s *smtp.Server) { s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}} }
}

func TestStartTLS(t *testing.T) {
	ca, cert := authority(t, "127.0.0.1")
	otherCA, otherHost := authority(t, "127.0.0.2")

	box := &mailbox{}
	o := serve(t, box, encrypted(cert))
	o.TLS = "" // the default
	status, err := send(t, o)
	require.Equal(t, obligation.DeliveryPending, status)
	require.ErrorContains(t, err, textUntrusted)

	o.CAFile = otherCA
	_, err = send(t, o)
	require.ErrorContains(t, err, textUntrusted)
	require.Empty(t, box.got())

	o.CAFile = ca
	status, err = send(t, o)
	require.NoError(t, err)
	require.Equal(t, obligation.DeliverySent, status)
	require.Len(t, box.got(), 1)

	o = serve(t, box, encrypted(otherHost))
	o.TLS, o.CAFile = TLSStartTLS, otherCA
	_, err = send(t, o)
	require.ErrorContains(t, err, textUntrusted, "the certificate is another host's")
	require.Len(t, box.got(), 1)
}

// A server, or somebody in between, that does not offer encryption gets nothing.
func TestStartTLSIsNotOffered(t *testing.T) {
	box := &mailbox{}
	o := serve(t, box)
	o.TLS = TLSStartTLS
	status, err := send(t, o)
	require.Equal(t, obligation.DeliveryPending, status)
	require.EqualError(t, err, textNoStartTLS)
	require.Empty(t, box.got())
}

func TestImplicitTLS(t *testing.T) {
	ca, cert := authority(t, "127.0.0.1")
	box := &mailbox{mechanisms: []string{"PLAIN"}, password: "hush"}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{box: box, conn: c}, nil
	}))
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	require.NoError(t, err)
	server.ErrorLog = silent{}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })

	o := at(l)
	o.TLS, o.User, o.Password = TLSImplicit, "duban", "hush"
	status, err := send(t, o)
	require.Equal(t, obligation.DeliveryPending, status)
	require.ErrorContains(t, err, textUntrusted)

	o.CAFile = ca
	status, err = send(t, o)
	require.NoError(t, err)
	require.Equal(t, obligation.DeliverySent, status)
	require.Equal(t, "duban", box.got()[0].user)
}

func TestAuth(t *testing.T) {
	ca, cert := authority(t, "127.0.0.1")
	box := &mailbox{mechanisms: []string{"LOGIN", "PLAIN"}, password: "hush"}
	o := serve(t, box, encrypted(cert))
	o.TLS, o.CAFile = TLSStartTLS, ca

	o.User, o.Password = "duban", "wrong"
	status, err := send(t, o)
	require.Equal(t, obligation.DeliveryPending, status, "a wrong password can be put right")
	require.ErrorContains(t, err, textAuth)
	require.NotContains(t, err.Error(), "wrong")

	o.Password = "hush"
	status, err = send(t, o)
	require.NoError(t, err)
	require.Equal(t, obligation.DeliverySent, status)
	require.Equal(t, "duban", box.got()[0].user)
}

// The password does not go over the wire in clear, whatever the server offers.
func TestNoPasswordInClear(t *testing.T) {
	box := &mailbox{mechanisms: []string{"PLAIN"}, password: "hush"}
	o := serve(t, box, func(s *smtp.Server) { s.AllowInsecureAuth = true })
	o.User, o.Password = "duban", "hush"
	status, err := send(t, o)
	require.Equal(t, obligation.DeliveryPending, status)
	require.EqualError(t, err, textNoAuth)
	require.Empty(t, box.got())
}

func TestNewSMTPRefuses(t *testing.T) {
	good := Options{Host: "mail.example", Port: 25, From: "duban@example.gov.cn"}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for want, change := range map[string]func(*Options){
		textServer:                 func(o *Options) { o.Host = "" },
		textFrom:                   func(o *Options) { o.From = "区安委办" },
		textMode("ssl"):            func(o *Options) { o.TLS = "ssl" },
		textCAUnreadable("smtp"):   func(o *Options) { o.CAFile = empty + ".none" },
		textCAEmpty("smtp", empty): func(o *Options) { o.CAFile = empty },
	} {
		o := good
		change(&o)
		_, err := NewSMTP(o)
		require.ErrorContains(t, err, want)
	}
	for _, port := range []int{0, -1, 65536} {
		o := good
		o.Port = port
		_, err := NewSMTP(o)
		require.EqualError(t, err, textServer)
	}
	_, err := NewSMTP(good)
	require.NoError(t, err, "the server need not be there")
}

func TestErrorsUnwrap(t *testing.T) {
	cause := errors.New("cause")
	require.ErrorIs(t, explain(textLater, cause), cause)
	require.EqualError(t, explain("邮件未发", cause), "邮件未发（cause）")
}
