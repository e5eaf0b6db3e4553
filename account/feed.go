package account

import "time"

// Feed (日历订阅) lets a calendar program read the due dates that its owner may see, and nothing else. Only the hash of its secret
// is kept.
type Feed struct {
	ID      string
	Login   string
	Hash    string
	Created time.Time
	Revoked time.Time
}

// Caller returns for whom the feed is read, or an *Error with CodeNotFound where it is good for nothing: nobody is told why.
func (f Feed) Caller(a Account) (Caller, error) {
	if a.Disabled || !f.Revoked.IsZero() || a.Role == Admin {
		return Caller{}, Refuse(CodeNotFound)
	}
	c := a.Caller()
	c.Scopes, c.Token = []Scope{Read}, true
	return c, nil
}
