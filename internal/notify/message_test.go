package notify

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/obligation"
)

var (
	from = &netmail.Address{Name: "区安委办", Address: "duban@example.gov.cn"}
	to   = &netmail.Address{Address: "liaison@fire.example.gov.cn"}
)

// read takes a mail apart the way a mail program does.
func read(t *testing.T, raw []byte) (header netmail.Header, bodies map[string]string) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	require.NoError(t, err)
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", kind)
	bodies = map[string]string{}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return m.Header, bodies
		}
		require.NoError(t, err)
		require.Equal(t, "base64", p.Header.Get("Content-Transfer-Encoding"))
		body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, p))
		require.NoError(t, err)
		bodies[p.Header.Get("Content-Type")] = string(body)
	}
}

func decoded(t *testing.T, h netmail.Header, name string) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(h.Get(name))
	require.NoError(t, err)
	return s
}

func TestCompose(t *testing.T) {
	d := everyKind()
	raw, err := compose(from, to, d)
	require.NoError(t, err)
	subject, text, html := Render(d)
	h, bodies := read(t, raw)
	require.Equal(t, subject, decoded(t, h, "Subject"))
	senders, err := h.AddressList("From")
	require.NoError(t, err)
	require.Equal(t, []*netmail.Address{from}, senders)
	require.Equal(t, "<liaison@fire.example.gov.cn>", h.Get("To"))
	require.Equal(t, "auto-generated", h.Get("Auto-Submitted"))
	date, err := h.Date()
	require.NoError(t, err)
	require.True(t, date.Equal(d.Created))
	require.Equal(t, map[string]string{
		"text/plain; charset=UTF-8": text, "text/html; charset=UTF-8": html,
	}, bodies)
	for l := range bytes.Lines(raw) {
		require.LessOrEqual(t, len(l), 998+len("\r\n"), "RFC 5322 allows no longer lines")
		for _, b := range l {
			require.Less(t, b, byte(0x80), "not every server takes 8 bits")
		}
	}
}

// A mail that was sent twice after all is recognised by its Message-ID.
func TestComposeIsDeterministic(t *testing.T) {
	d := everyKind()
	one, err := compose(from, to, d)
	require.NoError(t, err)
	two, err := compose(from, to, d)
	require.NoError(t, err)
	require.Equal(t, string(one), string(two))

	id := func(d obligation.Digest, to *netmail.Address) string {
		raw, err := compose(from, to, d)
		require.NoError(t, err)
		h, _ := read(t, raw)
		return h.Get("Message-ID")
	}
	require.Regexp(t, `^<[0-9a-f]{32}@example\.gov\.cn>$`, id(d, to))
	other := d
	other.ID += "/urgent-1"
	require.NotEqual(t, id(d, to), id(other, to))
	require.NotEqual(t, id(d, to), id(d, from))
}

func TestComposeInjectsNoHeader(t *testing.T) {
	m := notice(obligation.Overdue)
	m.Notice.Title = "x\r\nBcc: everybody@example.com\r\n\r\nhello"
	d := digest(m)
	d.ID = "a\r\nBcc: everybody@example.com"
	d.Recipient = "a\r\nBcc: everybody@example.com"
	raw, err := compose(from, to, d)
	require.NoError(t, err)
	h, bodies := read(t, raw)
	require.Empty(t, h.Get("Bcc"))
	require.Len(t, bodies, 2)
}

func TestComposeNothing(t *testing.T) {
	_, err := compose(from, to, digest())
	require.EqualError(t, err, textEmpty)
}

func TestParseAddress(t *testing.T) {
	for _, in := range []string{
		"", "liaison", "a@b.cn\r\nBcc: c@d.cn", "a@b.cn, c@d.cn", "a@b.cn c@d.cn", "联络员@b.cn", "a@例子.中国",
		`"a b"@c.cn`, `"a>b"@c.cn`, "<a@b.cn>\r\n", "a@b.cn>",
	} {
		_, err := parseAddress(in)
		require.Error(t, err, in)
	}
	for in, want := range map[string]string{
		"a@b.cn": "a@b.cn", " a@b.cn ": "a@b.cn", "区安委办 <a@b.cn>": "a@b.cn", "<a@b.cn>": "a@b.cn",
	} {
		a, err := parseAddress(in)
		require.NoError(t, err, in)
		require.Equal(t, want, a.Address)
	}
}
