package account

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Token lets a program act in the name of an account. Only its hash is kept.
type Token struct {
	ID      string
	Login   string
	Label   string // what it is for
	Hash    string
	Scopes  []Scope
	Created time.Time
	Expires time.Time
	Used    time.Time // last time, to the minute
	Revoked time.Time
}

// MaxTokenLife is the longest time that a token may be good for.
const MaxTokenLife = 366 * 24 * time.Hour

// Check returns an *Error where a token can't be given like this.
func (t Token) Check() error {
	switch {
	case strings.TrimSpace(t.Label) == "" || utf8.RuneCountInString(t.Label) > maxName || strings.ContainsFunc(t.Label, unprintable):
		return Refuse(CodeTokenLabel)
	case len(t.Scopes) == 0 || slices.ContainsFunc(t.Scopes, func(s Scope) bool { return !slices.Contains(Scopes, s) }):
		return Refuse(CodeTokenScopes)
	case !t.Expires.After(t.Created) || t.Expires.Sub(t.Created) > MaxTokenLife:
		return Refuse(CodeTokenExpiry)
	}
	return nil
}

// Caller returns who acts with the token, or an *Error where it is good for nothing now.
func (t Token) Caller(a Account, now time.Time) (Caller, error) {
	if a.Disabled || !t.Revoked.IsZero() || !now.Before(t.Expires) {
		return Caller{}, Refuse(CodeToken)
	}
	c := a.Caller()
	c.Scopes, c.Token = t.Scopes, true
	return c, nil
}
