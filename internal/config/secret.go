package config

import (
	"fmt"
	"io"
	"strings"
)

// Secret is a text that is never printed: fmt, log/slog and the encoders all show a mask in its place.
type Secret string

const mask = "******"

// Reveal returns the text itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String returns a mask, or "" where there is nothing to hide.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return mask
}

// Format implements fmt.Formatter, so that no verb shows the text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText implements encoding.TextMarshaler with the mask.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Setting is one key with what it is set to, for people to read.
type Setting struct {
	Key    string `json:"key"`
	Value  string `json:"value"` // a secret is masked
	Source string `json:"source"`
}

// Redacted returns every setting in the order of Example, without secrets: of a MySQL DSN only the password is masked.
func (c Config) Redacted() []Setting {
	var settings []Setting
	for _, f := range fieldsOf(&c) {
		value := f.text()
		if f.key == keyDSN {
			value = c.Database.redactedDSN()
		}
		settings = append(settings, Setting{Key: f.key, Value: value, Source: c.source(f.key)})
	}
	return settings
}

func (c Config) source(key string) string {
	if s, ok := c.sources[key]; ok {
		return s
	}
	return textDefault
}

// redactedDSN tells a wrong server from a wrong password without showing the password. What does not look like a DSN
// is masked whole, because it might be the password.
func (d Database) redactedDSN() string {
	dsn := d.DSN.Reveal()
	if d.Driver == SQLite {
		return dsn
	}
	at := strings.LastIndex(dsn, "@")
	if at < 0 {
		return d.DSN.String()
	}
	user, _, hasPassword := strings.Cut(dsn[:at], ":")
	if !hasPassword {
		return dsn
	}
	return user + ":" + mask + dsn[at:]
}
