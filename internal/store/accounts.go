package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"duban/account"
	"duban/obligation"
)

// accountRow is a row of accounts.
type accountRow struct {
	Login       string
	Name        string
	Role        string
	Unit        string
	Password    string
	Disabled    bool
	Epoch       int
	Invitation  *string
	InvitedTo   instant
	Failures    int
	FailedAt    instant
	LockedUntil instant
	CreatedAt   instant
	SeenAt      instant
}

func (r accountRow) account() account.Account {
	a := account.Account{
		Login: r.Login, Name: r.Name, Role: account.Role(r.Role), Unit: r.Unit, Password: r.Password, Disabled: r.Disabled, Epoch: r.Epoch,
		InvitedTo: r.InvitedTo.Time, Failures: r.Failures, FailedAt: r.FailedAt.Time, LockedUntil: r.LockedUntil.Time,
		Created: r.CreatedAt.Time, Seen: r.SeenAt.Time,
	}
	if r.Invitation != nil {
		a.Invitation = *r.Invitation
	}
	return a
}

// accountColumns are the columns that change, in the order of accountValues.
var accountColumns = []string{
	"name", "role", "unit", "password", "disabled", "epoch", "invitation", "invited_to", "failures", "failed_at", "locked_until", "created_at", "seen_at",
}

func accountValues(a account.Account) []any {
	var invitation *string
	if a.Invitation != "" {
		invitation = &a.Invitation
	}
	disabled := 0
	if a.Disabled {
		disabled = 1
	}
	return []any{
		a.Name, string(a.Role), a.Unit, a.Password, disabled, a.Epoch, invitation,
		instant{a.InvitedTo},
		a.Failures,
		instant{a.FailedAt},
		instant{a.LockedUntil},
		instant{a.Created},
		instant{a.Seen},
	}
}

// Accounts returns all accounts, by login.
func (s *Store) Accounts(ctx context.Context) ([]account.Account, error) {
	var rows []accountRow
	if err := s.reader(ctx).Table("accounts").Order("login").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]account.Account, len(rows))
	for i, r := range rows {
		out[i] = r.account()
	}
	return out, nil
}

// Account returns the account of a login, or account.CodeNotFound.
func (s *Store) Account(ctx context.Context, login string) (account.Account, error) {
	a, err := s.oneAccount(ctx, "login = ?", login)
	if err == nil && a.Login != login {
		return account.Account{}, account.Refuse(account.CodeNotFound) // MySQL overlooks blanks at the end
	}
	return a, err
}

// AccountByInvitation returns the account of a one-time link, given by its hash, or account.CodeNotFound.
func (s *Store) AccountByInvitation(ctx context.Context, hash string) (account.Account, error) {
	return s.oneAccount(ctx, "invitation = ?", hash)
}

func (s *Store) oneAccount(ctx context.Context, where string, arg any) (account.Account, error) {
	var row accountRow
	err := s.reader(ctx).Table("accounts").Where(where, arg).Take(&row).Error
	return row.account(), noAccount(translate(err))
}

func noAccount(err error) error {
	if obligation.IsNotFound(err) {
		return account.Refuse(account.CodeNotFound)
	}
	return err
}

// CreateAccount adds an account, and says so in the administrators' log. One of its login is account.CodeTaken.
func (s *Store) CreateAccount(ctx context.Context, a account.Account, e account.Entry) error {
	return s.write(ctx, func(t *tx) error {
		err := t.lockAccount(a.Login)
		if err == nil {
			return account.Refuse(account.CodeTaken)
		}
		if !isAccountCode(err, account.CodeNotFound) {
			return err
		}
		values := append([]any{a.Login}, accountValues(a)...)
		if err := t.insert("accounts", append([]string{"login"}, accountColumns...), "", [][]any{values}); err != nil {
			return err
		}
		return t.log(e)
	})
}

// ChangeAccount lets change make another account of one, and stores it with what the log says of that, in one transaction
// in which nobody else changes any account. change may be called again and must not call the store; its refusal is
// returned as it is. all are the accounts before the change.
func (s *Store) ChangeAccount(ctx context.Context, login string, change func(a account.Account, all []account.Account) (account.Account, []account.Entry, error)) (account.Account, error) {
	var changed account.Account
	err := s.write(ctx, func(t *tx) error {
		all, err := t.lockAccounts()
		if err != nil {
			return err
		}
		var a *account.Account
		for i := range all {
			if all[i].Login == login {
				a = &all[i]
			}
		}
		if a == nil {
			return account.Refuse(account.CodeNotFound)
		}
		var entries []account.Entry
		if changed, entries, err = change(*a, all); err != nil {
			return err
		}
		args := append(accountValues(changed), login)
		if _, err := t.exec("UPDATE accounts SET "+strings.Join(accountColumns, " = ?, ")+" = ? WHERE login = ?", args...); err != nil {
			return err
		}
		for _, e := range entries {
			if err := t.log(e); err != nil {
				return err
			}
		}
		return nil
	})
	return changed, err
}

// lockAccount locks an account, or returns account.CodeNotFound.
func (t *tx) lockAccount(login string) error {
	var rows []accountRow
	err := t.db.Raw("SELECT * FROM accounts WHERE login = ?"+t.store.dialect.lock, login).Scan(&rows).Error
	if err == nil && len(rows) == 0 {
		err = account.Refuse(account.CodeNotFound)
	}
	return err
}

func (t *tx) lockAccounts() ([]account.Account, error) {
	var rows []accountRow
	if err := t.db.Raw("SELECT * FROM accounts ORDER BY login" + t.store.dialect.lock).Scan(&rows).Error; err != nil {
		return nil, err
	}
	out := make([]account.Account, len(rows))
	for i, r := range rows {
		out[i] = r.account()
	}
	return out, nil
}

func isAccountCode(err error, code account.Code) bool {
	var refused *account.Error
	return errors.As(err, &refused) && refused.Code == code
}

// tokenRow is a row of tokens.
type tokenRow struct {
	ID        string
	Login     string
	Label     string
	Hash      string
	Scopes    string
	CreatedAt instant
	ExpiresAt instant
	UsedAt    instant
	RevokedAt instant
}

func (r tokenRow) token() account.Token {
	t := account.Token{
		ID: r.ID, Login: r.Login, Label: r.Label, Hash: r.Hash, Created: r.CreatedAt.Time, Expires: r.ExpiresAt.Time, Used: r.UsedAt.Time, Revoked: r.RevokedAt.Time,
	}
	for scope := range strings.SplitSeq(r.Scopes, ",") {
		t.Scopes = append(t.Scopes, account.Scope(scope))
	}
	return t
}

// AddToken keeps a token of an account that exists, and says so in the log.
func (s *Store) AddToken(ctx context.Context, k account.Token, e account.Entry) error {
	scopes := make([]string, len(k.Scopes))
	for i, scope := range k.Scopes {
		scopes[i] = string(scope)
	}
	return s.write(ctx, func(t *tx) error {
		if err := t.lockAccount(k.Login); err != nil {
			return err
		}
		columns := []string{"id", "login", "label", "hash", "scopes", "created_at", "expires_at"}
		values := []any{k.ID, k.Login, k.Label, k.Hash, strings.Join(scopes, ","), instant{k.Created}, instant{k.Expires}}
		if err := t.insert("tokens", columns, "", [][]any{values}); err != nil {
			return err
		}
		return t.log(e)
	})
}

// Tokens returns the tokens of an account, the newest first.
func (s *Store) Tokens(ctx context.Context, login string) ([]account.Token, error) {
	var rows []tokenRow
	if err := s.reader(ctx).Table("tokens").Where("login = ?", login).Order("created_at DESC, id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]account.Token, len(rows))
	for i, r := range rows {
		out[i] = r.token()
	}
	return out, nil
}

// TokenByHash returns a token with its account, or account.CodeToken.
func (s *Store) TokenByHash(ctx context.Context, hash string) (account.Token, account.Account, error) {
	var row tokenRow
	err := translate(s.reader(ctx).Table("tokens").Where("hash = ?", hash).Take(&row).Error)
	if obligation.IsNotFound(err) {
		err = account.Refuse(account.CodeToken)
	}
	if err != nil {
		return account.Token{}, account.Account{}, err
	}
	a, err := s.Account(ctx, row.Login)
	return row.token(), a, err
}

// RevokeToken ends a token of an account, and says so in the log. Again it changes nothing; one that the account does not
// have is account.CodeNotFound.
func (s *Store) RevokeToken(ctx context.Context, login, id string, at time.Time, e account.Entry) error {
	return s.revoke(ctx, "tokens", login, id, at, e)
}

// revoke ends a secret of an account, which stands in the table, as RevokeToken says.
func (s *Store) revoke(ctx context.Context, table, login, id string, at time.Time, e account.Entry) error {
	return s.write(ctx, func(t *tx) error {
		var rows []struct{ RevokedAt instant }
		if err := t.db.Raw("SELECT revoked_at FROM "+table+" WHERE id = ? AND login = ?"+t.store.dialect.lock, id, login).Scan(&rows).Error; err != nil {
			return err
		}
		switch {
		case len(rows) == 0:
			return account.Refuse(account.CodeNotFound)
		case !rows[0].RevokedAt.IsZero():
			return nil
		}
		if _, err := t.exec("UPDATE "+table+" SET revoked_at = ? WHERE id = ?", instant{at}, id); err != nil {
			return err
		}
		return t.log(e)
	})
}

// TokenUsed notes when a token was last used.
func (s *Store) TokenUsed(ctx context.Context, id string, at time.Time) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("UPDATE tokens SET used_at = ? WHERE id = ?", instant{at}, id)
		return err
	})
}
