package notify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"

	"github.com/wneessen/go-mail"

	"duban/obligation"
)

// compose builds the mail of a digest. The same digest to the same address is the same mail to the byte, with the same
// Message-ID, so that a duplicate can be told.
func compose(from, to *netmail.Address, d obligation.Digest) ([]byte, error) {
	if len(d.Messages) == 0 {
		return nil, errors.New(textEmpty)
	}
	subject, text, html := Render(d)
	_, domain, _ := strings.Cut(from.Address, "@")
	id := identify(d.ID, to.Address)

	// Base64, because in quoted-printable every Chinese character takes nine.
	m := mail.NewMsg(mail.WithEncoding(mail.EncodingB64), mail.WithNoDefaultUserAgent(), mail.WithBoundary(id))
	m.FromMailAddress(from)
	m.ToMailAddress(to)
	m.Subject(subject)
	m.SetMessageIDWithValue(id + "@" + domain)
	if !d.Created.IsZero() {
		m.SetDateWithValue(d.Created)
	}
	// Keeps answering machines silent (RFC 3834, and Exchange's own).
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetBodyString(mail.TypeTextPlain, text)
	m.AddAlternativeString(mail.TypeTextHTML, html)
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("%s：%w", textCompose, err)
	}
	return b.Bytes(), nil
}

// deliveryKey names one delivery for good, so that its receiver can tell a double: digest, channel and address, hashed,
// because an address may be a person's number.
func deliveryKey(channel, address string, d obligation.Digest) string {
	return identify(d.ID, channel+"\x00"+address)
}

func identify(digest, address string) string {
	sum := sha256.Sum256([]byte(digest + "\x00" + address))
	return hex.EncodeToString(sum[:16])
}

// parseAddress reads one mail address. Only ASCII addresses are taken: others need every server on the way to know
// SMTPUTF8.
func parseAddress(s string) (*netmail.Address, error) {
	a, err := netmail.ParseAddress(s)
	if err != nil {
		return nil, err
	}
	if strings.ContainsFunc(a.Address, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }) {
		return nil, errors.New("address")
	}
	return a, nil
}
