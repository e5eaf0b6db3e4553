package api_test

import (
	"context"
	"time"

	"duban/account"
)

// registry keeps accounts in memory, and what it was asked.
type registry struct {
	accounts []account.Account
	tokens   []account.Token
	entries  []account.Entry
	asked    []string
}

const rightPassword = "Chang-ning-2026"

func (r *registry) note(what string) { r.asked = append(r.asked, what) }

func (r *registry) Enter(_ context.Context, login, password, remote string) (account.Caller, error) {
	r.note("enter " + login + " from " + remote)
	if password != rightPassword {
		return account.Caller{}, account.Refuse(account.CodeWrongPassword)
	}
	return account.Caller{Login: login, Name: people[login], Role: account.Office, Scopes: account.Scopes}, nil
}

func (r *registry) Leave(_ context.Context, by account.Caller, _ string) error {
	r.note("leave " + by.Login)
	return nil
}

func (r *registry) Accept(_ context.Context, secret, password, _ string) (account.Account, error) {
	if secret != "link" {
		return account.Account{}, account.Refuse(account.CodeInvitation)
	}
	a := account.Account{Login: "li", Name: "李四", Role: account.Office, Password: "hash", Created: now}
	return a, account.CheckPassword(password, a)
}

func (r *registry) ChangePassword(_ context.Context, by account.Caller, old, _, _ string) error {
	if old != rightPassword {
		return account.Refuse(account.CodeWrongPassword)
	}
	r.note("password of " + by.Login)
	return nil
}

func (r *registry) List(context.Context) ([]account.Account, error) { return r.accounts, nil }

func (r *registry) Create(_ context.Context, by account.Caller, a account.Account, _ string) (account.Account, string, error) {
	if err := a.Check(func(unit string) bool { return unit == "xinhua" }); err != nil {
		return a, "", err
	}
	a.Created, a.InvitedTo = now, now.Add(account.InvitedFor)
	r.accounts = append(r.accounts, a)
	r.note(by.Login + " creates " + a.Login)
	return a, "link", nil
}

func (r *registry) Invite(_ context.Context, _ account.Caller, login string, reset bool, _ string) (account.Account, string, error) {
	if reset {
		r.note("reset " + login)
	}
	for _, a := range r.accounts {
		if a.Login == login {
			return a, "link", nil
		}
	}
	return account.Account{}, "", account.Refuse(account.CodeNotFound)
}

func (r *registry) Change(_ context.Context, _ account.Caller, login string, c account.Change, _ string) (account.Account, error) {
	for i, a := range r.accounts {
		if a.Login == login {
			r.accounts[i] = c.Apply(a)
			return r.accounts[i], nil
		}
	}
	return account.Account{}, account.Refuse(account.CodeNotFound)
}

func (r *registry) EndSessions(_ context.Context, _ account.Caller, login, _ string) error {
	r.note("end sessions of " + login)
	return nil
}

func (r *registry) IssueToken(_ context.Context, by account.Caller, label string, scopes []account.Scope, expires time.Time, _ string) (account.Token, string, error) {
	t := account.Token{ID: "t1", Login: by.Login, Label: label, Scopes: scopes, Created: now, Expires: expires}
	if err := t.Check(); err != nil {
		return t, "", err
	}
	r.tokens = append(r.tokens, t)
	return t, "duban_secret", nil
}

func (r *registry) Tokens(_ context.Context, login string) ([]account.Token, error) {
	var out []account.Token
	for _, t := range r.tokens {
		if t.Login == login {
			out = append(out, t)
		}
	}
	return out, nil
}

func (r *registry) RevokeToken(_ context.Context, _ account.Caller, login, id, _ string) error {
	for i, t := range r.tokens {
		if t.Login == login && t.ID == id {
			r.tokens[i].Revoked = now
			return nil
		}
	}
	return account.Refuse(account.CodeNotFound)
}

func (r *registry) Note(_ context.Context, by account.Caller, action account.Action, target, detail, remote string) error {
	r.entries = append(r.entries, account.Entry{Seq: int64(len(r.entries)) + 1, At: now, By: by.Login, Action: action, Target: target, Detail: detail, Remote: remote})
	return nil
}

func (r *registry) AdminLog(_ context.Context, before int64, limit int) ([]account.Entry, error) {
	var out []account.Entry
	for i := len(r.entries) - 1; i >= 0 && len(out) < limit; i-- {
		if e := r.entries[i]; before == 0 || e.Seq < before {
			out = append(out, e)
		}
	}
	return out, nil
}
