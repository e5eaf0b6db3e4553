package account

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of a password, in characters.
const (
	minPassword = 10
	maxPassword = 128
	// longPassword needs no mixture: whole sentences are easier to remember and harder to guess.
	longPassword = 20
)

// weak are passwords that are tried first, and what they are made of.
var weak = []string{
	"password", "passw0rd", "p@ssw0rd", "qwerty", "qwer", "asdf", "zxcv", "1q2w", "abc123", "123456", "654321", "111111", "000000",
	"888888", "666666", "admin", "root", "duban", "anwei", "anquan", "changning", "shanghai", "woaini", "iloveyou",
}

// year is what people add to what they know, and change every year.
var year = regexp.MustCompile(`(19|20)\d\d`)

// CheckPassword returns an *Error where the password is easily guessed: too short, of too few kinds of characters, made of
// the account's own names, of one pattern, or of what is tried first.
func CheckPassword(password string, a Account) error {
	n := utf8.RuneCountInString(password)
	switch {
	case n < minPassword, n > maxPassword, !utf8.ValidString(password), strings.ContainsFunc(password, unprintable):
		return Refuse(CodePasswordLength)
	case n < longPassword && kinds(password) < 3:
		return Refuse(CodePasswordKinds)
	}
	plain := strings.ToLower(password)
	rest := year.ReplaceAllString(plain, "")
	for _, part := range append(slices.Clone(weak), a.Login, strings.ToLower(a.Name)) {
		if part != "" {
			rest = strings.ReplaceAll(rest, part, "")
		}
	}
	if utf8.RuneCountInString(rest) < minPassword/2 || distinct(plain) < minPassword/2 || (a.Login != "" && strings.Contains(plain, a.Login)) {
		return Refuse(CodePasswordWeak)
	}
	return nil
}

// kinds counts what a password is made of: lower and upper case, digits, and everything else.
func kinds(s string) int {
	var has [4]bool
	for _, r := range s {
		switch {
		case unicode.IsLower(r):
			has[0] = true
		case unicode.IsUpper(r):
			has[1] = true
		case unicode.IsDigit(r):
			has[2] = true
		default:
			has[3] = true
		}
	}
	n := 0
	for _, h := range has {
		if h {
			n++
		}
	}
	return n
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}
