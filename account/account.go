package account

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Account is one person who may use duban. Instants are real time, UTC: whoever tries passwords doesn't wait for business days.
type Account struct {
	Login    string // never changes; it names the account in the record
	Name     string // as the record calls the person
	Role     Role
	Unit     string // of a liaison, else ""
	Password string // hash; "": not set yet
	Disabled bool
	Created  time.Time
	Seen     time.Time // last login

	// Epoch counts the times at which all sessions were ended; a session of another epoch is over.
	Epoch int

	Invitation string // hash of the one-time link by which a password is set; "": none
	InvitedTo  time.Time

	Failures    int // wrong passwords in a row
	FailedAt    time.Time
	LockedUntil time.Time
}

// The rules of locking: so many wrong passwords in a row lock an account for a while. A row is forgotten after the same while.
const (
	MaxFailures = 5
	LockFor     = 15 * time.Minute
)

// InvitedFor is how long a one-time link is good.
const InvitedFor = 72 * time.Hour

// CanEnter returns an *Error where nobody may log in to the account now, whatever the password.
func (a Account) CanEnter(now time.Time) error {
	switch {
	case now.Before(a.LockedUntil):
		return Refuse(CodeLocked)
	case a.Disabled, a.Password == "":
		return Refuse(CodeWrongPassword) // tells nobody which accounts there are
	}
	return nil
}

// CanEnterVouched returns an *Error where somebody else's word for who it is lets nobody in to the account now. A password
// it needs not.
func (a Account) CanEnterVouched(now time.Time) error {
	switch {
	case now.Before(a.LockedUntil):
		return Refuse(CodeLocked)
	case a.Disabled:
		return Refuse(CodeNoAccount)
	}
	return nil
}

// Failed returns the account after a wrong password.
func (a Account) Failed(now time.Time) Account {
	if now.Sub(a.FailedAt) >= LockFor {
		a.Failures = 0
	}
	a.Failures++
	a.FailedAt = now
	if a.Failures >= MaxFailures {
		a.LockedUntil, a.Failures = now.Add(LockFor), 0
	}
	return a
}

// Entered returns the account after a login.
func (a Account) Entered(now time.Time) Account {
	a.Failures, a.FailedAt, a.LockedUntil, a.Seen = 0, time.Time{}, time.Time{}, now
	return a
}

// Unlocked returns the account as if nobody had failed.
func (a Account) Unlocked() Account {
	a.Failures, a.FailedAt, a.LockedUntil = 0, time.Time{}, time.Time{}
	return a
}

// Invited returns the account with a new one-time link, given by its hash; the one before is void. The password stays until
// the link is used, unless reset: then nobody gets in but by the link.
func (a Account) Invited(hash string, reset bool, now time.Time) Account {
	a.Invitation, a.InvitedTo = hash, now.Add(InvitedFor)
	if reset {
		a.Password = ""
		a.Epoch++
	}
	return a
}

// CanAccept returns an *Error where the account's one-time link is no good any more.
func (a Account) CanAccept(now time.Time) error {
	if a.Disabled || a.Invitation == "" || !now.Before(a.InvitedTo) {
		return Refuse(CodeInvitation)
	}
	return nil
}

// WithPassword returns the account with a new password, given by its hash. All sessions end, and so does the one-time link.
func (a Account) WithPassword(hash string) Account {
	a.Password, a.Invitation, a.InvitedTo = hash, "", time.Time{}
	a.Epoch++
	return a.Unlocked()
}

// Caller returns the account as who makes a request.
func (a Account) Caller() Caller {
	return Caller{Login: a.Login, Name: a.Name, Role: a.Role, Unit: a.Unit, Scopes: Scopes}
}

var loginForm = regexp.MustCompile(`^[a-z][a-z0-9._-]{1,31}$`)

// maxName is the greatest length of a name, in characters: that of the ledger.
const maxName = 50

// Check returns an *Error where the account can't be as it is. known reports whether a unit exists.
func (a Account) Check(known func(unit string) bool) error {
	switch {
	case !loginForm.MatchString(a.Login):
		return Refuse(CodeLogin)
	case a.Login == Operator:
		return Refuse(CodeTaken)
	case a.Name == "" || strings.TrimSpace(a.Name) != a.Name || utf8.RuneCountInString(a.Name) > maxName || strings.ContainsFunc(a.Name, unprintable):
		return Refuse(CodeName)
	case roleNames[a.Role] == "":
		return Refuse(CodeRole)
	case (a.Role == Unit) != (a.Unit != ""), a.Unit != "" && !known(a.Unit):
		return Refuse(CodeUnit)
	}
	return nil
}

func unprintable(r rune) bool { return !unicode.IsGraphic(r) }

// CanManage reports whether the account is one of an administrator who can log in, or will once he has used his link.
func (a Account) CanManage() bool { return a.Role == Admin && !a.Disabled }

// InvitationPath returns the path of a one-time link.
func InvitationPath(secret string) string { return "/setup?secret=" + secret }
