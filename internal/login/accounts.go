package login

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"duban/account"
)

// First makes the first administrator where there is no account at all, and returns the secret of the one-time link by
// which he sets his password. While he has not, every call gives a new one and voids the one before; "": it is done.
func (s *Service) First(ctx context.Context) (login, secretOfLink string, err error) {
	all, err := s.Store.Accounts(ctx)
	if err != nil {
		return "", "", err
	}
	link := secret()
	if len(all) == 0 {
		a := account.Account{Login: firstLogin, Name: textFirst, Role: account.Admin, Created: s.Now()}.Invited(hash(link), false, s.Now())
		err := s.Store.CreateAccount(ctx, a, s.entry(account.Operator, account.AccountCreated, firstLogin, textFirst, ""))
		if refused, ok := errors.AsType[*account.Error](err); ok && refused.Code == account.CodeTaken {
			return "", "", nil // another process began at the same time, and has his link
		}
		return firstLogin, link, err
	}
	if slices.ContainsFunc(all, func(a account.Account) bool { return a.Role == account.Admin && (a.Password != "" || !a.Seen.IsZero()) }) {
		return "", "", nil
	}
	i := slices.IndexFunc(all, func(a account.Account) bool { return a.Role == account.Admin && !a.Disabled })
	if i < 0 {
		return "", "", nil
	}
	_, link, err = s.Invite(ctx, account.Caller{Login: account.Operator}, all[i].Login, false, "")
	return all[i].Login, link, err
}

// firstLogin is the login of the first administrator.
const firstLogin = "admin"

// List returns all accounts, by login.
func (s *Service) List(ctx context.Context) ([]account.Account, error) { return s.Store.Accounts(ctx) }

// Create opens an account and returns the secret of the one-time link by which its owner sets the password: nobody else
// ever knows one.
func (s *Service) Create(ctx context.Context, by account.Caller, a account.Account, remote string) (account.Account, string, error) {
	a.Login, a.Name = strings.TrimSpace(a.Login), strings.TrimSpace(a.Name)
	a = account.Account{Login: a.Login, Name: a.Name, Role: a.Role, Unit: a.Unit, Created: s.Now()}
	if err := s.check(ctx, a); err != nil {
		return a, "", err
	}
	link := secret()
	a = a.Invited(hash(link), false, s.Now())
	return a, link, s.Store.CreateAccount(ctx, a, s.entry(by.Login, account.AccountCreated, a.Login, describe(a), remote))
}

func (s *Service) check(ctx context.Context, a account.Account) error {
	var failed error
	err := a.Check(func(unit string) bool {
		if s.Units == nil {
			return true
		}
		var ok bool
		ok, failed = s.Units(ctx, unit)
		return ok
	})
	if failed != nil {
		return failed
	}
	return err
}

func describe(a account.Account) string {
	parts := []string{a.Name, a.Role.Chinese()}
	if a.Unit != "" {
		parts = append(parts, a.Unit)
	}
	return strings.Join(parts, " ")
}

// Change changes an account. Whoever gets another role or unit, or is disabled, has to log in again. The last
// administrator stays one.
func (s *Service) Change(ctx context.Context, by account.Caller, login string, c account.Change, remote string) (account.Account, error) {
	before, err := s.Store.Account(ctx, login)
	if err != nil {
		return before, err
	}
	if err := s.check(ctx, c.Apply(before)); err != nil {
		return before, err
	}
	return s.Store.ChangeAccount(ctx, login, func(a account.Account, all []account.Account) (account.Account, []account.Entry, error) {
		changed := c.Apply(a)
		if a.CanManage() && !changed.CanManage() && !slices.ContainsFunc(all, func(o account.Account) bool { return o.Login != login && o.CanManage() }) {
			return a, nil, account.Refuse(account.CodeLastAdmin)
		}
		var entries []account.Entry
		note := func(action account.Action, detail string) {
			entries = append(entries, s.entry(by.Login, action, login, detail, remote))
		}
		if describe(a) != describe(changed) {
			note(account.AccountChanged, describe(a)+" → "+describe(changed))
		}
		if a.Disabled != changed.Disabled {
			action := account.AccountEnabled
			if changed.Disabled {
				action = account.AccountDisabled
			}
			note(action, "")
		}
		if c.Unlock {
			note(account.AccountUnlocked, "")
		}
		return changed, entries, nil
	})
}

// Invite gives an account a new one-time link and returns its secret. With reset, the present password and all sessions
// end at once.
func (s *Service) Invite(ctx context.Context, by account.Caller, login string, reset bool, remote string) (account.Account, string, error) {
	link := secret()
	a, err := s.Store.ChangeAccount(ctx, login, func(a account.Account, _ []account.Account) (account.Account, []account.Entry, error) {
		detail := ""
		if reset {
			detail = textReset
		}
		return a.Invited(hash(link), reset, s.Now()).Unlocked(), []account.Entry{s.entry(by.Login, account.AccountInvited, login, detail, remote)}, nil
	})
	return a, link, err
}

// EndSessions ends all sessions of an account.
func (s *Service) EndSessions(ctx context.Context, by account.Caller, login, remote string) error {
	_, err := s.Store.ChangeAccount(ctx, login, func(a account.Account, _ []account.Account) (account.Account, []account.Entry, error) {
		a.Epoch++
		return a, []account.Entry{s.entry(by.Login, account.SessionsEnded, login, "", remote)}, nil
	})
	return err
}

// tokenMark begins every token, so that one that leaks is recognised.
const tokenMark = "duban_"

// IssueToken gives a program a token in the name of who asks, and returns its secret, which nobody can read again.
func (s *Service) IssueToken(ctx context.Context, by account.Caller, label string, scopes []account.Scope, expires time.Time, remote string) (account.Token, string, error) {
	if by.Token {
		return account.Token{}, "", account.Refuse(account.CodeOnlyPerson)
	}
	plain := tokenMark + secret()
	slices.Sort(scopes)
	now := s.Now()
	t := account.Token{
		ID: secret()[:12], Login: by.Login, Label: strings.TrimSpace(label), Hash: hash(plain), Scopes: slices.Compact(scopes), Created: now, Expires: expires,
	}
	if err := t.Check(); err != nil {
		return t, "", err
	}
	return t, plain, s.Store.AddToken(ctx, t, s.entry(by.Login, account.TokenIssued, t.ID, t.Label, remote))
}

// Tokens returns the tokens of an account, the newest first.
func (s *Service) Tokens(ctx context.Context, login string) ([]account.Token, error) {
	return s.Store.Tokens(ctx, login)
}

// RevokeToken ends a token of an account.
func (s *Service) RevokeToken(ctx context.Context, by account.Caller, login, id, remote string) error {
	return s.Store.RevokeToken(ctx, login, id, s.Now(), s.entry(by.Login, account.TokenRevoked, id, login, remote))
}

// Trainees gives the accounts of a training one password, and makes those that there are not. It checks no rule: in a
// training nothing is at stake.
func (s *Service) Trainees(ctx context.Context, accounts []account.Account, password string) error {
	hashed, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		a.Password, a.Created = hashed, s.Now()
		err := s.Store.CreateAccount(ctx, a, s.entry(account.Operator, account.AccountCreated, a.Login, describe(a), ""))
		if is(err, account.CodeTaken) {
			_, err = s.Store.ChangeAccount(ctx, a.Login, func(a account.Account, _ []account.Account) (account.Account, []account.Entry, error) {
				return a.WithPassword(hashed), []account.Entry{s.entry(account.Operator, account.PasswordSet, a.Login, "", "")}, nil
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
