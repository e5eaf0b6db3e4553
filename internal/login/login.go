// Package login lets people and programs in: passwords (argon2id), one-time links, sessions on the server with a cookie,
// tokens for programs, and the key of whoever works at the machine itself. The rules are package account's; everything
// that administrators will want to know goes to their log. All instants are real time.
//
// Refusals are *account.Error; every other error is the store's.
package login

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/alexedwards/scs/v2"
	"github.com/coreos/go-oidc/v3/oidc"

	"duban/account"
)

// Store keeps accounts, tokens, sessions and the administrators' log.
type Store interface {
	Accounts(ctx context.Context) ([]account.Account, error)
	// Account returns account.CodeNotFound where there is none; so does AccountByInvitation.
	Account(ctx context.Context, login string) (account.Account, error)
	AccountByInvitation(ctx context.Context, hash string) (account.Account, error)
	// CreateAccount refuses a login that is taken with account.CodeTaken.
	CreateAccount(ctx context.Context, a account.Account, e account.Entry) error
	// ChangeAccount runs change in a transaction; it may call it again.
	ChangeAccount(ctx context.Context, login string, change func(a account.Account, all []account.Account) (account.Account, []account.Entry, error)) (account.Account, error)

	AddToken(ctx context.Context, t account.Token, e account.Entry) error
	Tokens(ctx context.Context, login string) ([]account.Token, error)
	// TokenByHash returns account.CodeToken where there is none.
	TokenByHash(ctx context.Context, hash string) (account.Token, account.Account, error)
	RevokeToken(ctx context.Context, login, id string, at time.Time, e account.Entry) error
	TokenUsed(ctx context.Context, id string, at time.Time) error

	AddFeed(ctx context.Context, f account.Feed, e account.Entry) error
	Feeds(ctx context.Context, login string) ([]account.Feed, error)
	// FeedByHash returns account.CodeNotFound where there is none; so does RevokeFeed.
	FeedByHash(ctx context.Context, hash string) (account.Feed, account.Account, error)
	RevokeFeed(ctx context.Context, login, id string, at time.Time, e account.Entry) error

	Session(ctx context.Context, token string, now time.Time) (data []byte, ok bool, err error)
	KeepSession(ctx context.Context, token string, data []byte, expires, now time.Time) error
	// ExtendSession keeps what KeepSession kept before, and does nothing where that was dropped meanwhile.
	ExtendSession(ctx context.Context, token string, data []byte, expires time.Time) error
	DropSession(ctx context.Context, token string) error

	Log(ctx context.Context, e account.Entry) error
	AdminLog(ctx context.Context, before int64, limit int) ([]account.Entry, error)
}

// How long a session lasts without a request, and at most.
const (
	Idle     = 30 * time.Minute
	Lifetime = 12 * time.Hour
)

// hashing is what a password costs: 64 MiB and some tens of milliseconds.
var hashing = &argon2id.Params{Memory: 64 << 10, Iterations: 2, Parallelism: 2, SaltLength: 16, KeyLength: 32}

// Options say how people are let in. Store is required.
type Options struct {
	Store Store
	// Secure marks the cookie as for encrypted connections alone.
	Secure bool
	// Operator is the key of whoever works at the machine itself; "": there is none.
	Operator string
	// OIDC is how people log in with an account of their organisation; nil: with a password alone.
	OIDC *OIDC
	// Units reports whether a unit exists in any plan; nil: all do.
	Units func(ctx context.Context, unit string) (bool, error)
	Now   func() time.Time // real time; nil: the wall clock
	Log   *slog.Logger     // nil: slog.Default
}

// Service lets people and programs in.
type Service struct {
	Options
	sessions *scs.SessionManager
	hashers  chan struct{} // bounds the memory that passwords take at once

	provider atomic.Pointer[oidc.Provider] // nil: not asked yet, or it did not answer

	mu   sync.Mutex
	used map[string]time.Time // when a token's use was noted last
}

// New returns the service.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	// Not by scs.New: the store it begins with would sweep its emptiness for ever.
	s := &Service{Options: o, sessions: &scs.SessionManager{Codec: scs.GobCodec{}}, hashers: make(chan struct{}, 2), used: map[string]time.Time{}}
	m := s.sessions
	m.IdleTimeout, m.Lifetime, m.HashTokenInStore = Idle, Lifetime, true
	m.Store = sessions{s}
	m.Cookie.Name, m.Cookie.Secure, m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Path = "duban", o.Secure, true, http.SameSiteLaxMode, "/"
	if o.Secure {
		m.Cookie.Name = "__Host-duban"
	}
	return s
}

// Wrap gives a handler the sessions that Identify and Enter need. failed answers where the store can't be asked.
func (s *Service) Wrap(next http.Handler, failed func(http.ResponseWriter, *http.Request, error)) http.Handler {
	s.sessions.ErrorFunc = failed
	serve := s.sessions.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), foundKey{}, new(string))))
	})
}

// foundKey is where a request's context has the session that the request began with.
type foundKey struct{}

// What a session holds.
const (
	keyLogin = "login"
	keyEpoch = "epoch"
)

// Identify returns who makes the request: by its token, or by its session.
func (s *Service) Identify(r *http.Request) (account.Caller, error) {
	if authorization := r.Header.Get("Authorization"); authorization != "" {
		return s.bearer(r.Context(), authorization)
	}
	login := s.sessions.GetString(r.Context(), keyLogin)
	if login == "" {
		return account.Caller{}, account.Refuse(account.CodeUnauthenticated)
	}
	a, err := s.Store.Account(r.Context(), login)
	if err != nil {
		return account.Caller{}, unknown(err)
	}
	if a.Disabled || a.Epoch != s.sessions.GetInt(r.Context(), keyEpoch) {
		return account.Caller{}, account.Refuse(account.CodeUnauthenticated)
	}
	return a.Caller(), nil
}

func unknown(err error) error {
	if is(err, account.CodeNotFound) {
		return account.Refuse(account.CodeUnauthenticated)
	}
	return err
}

func is(err error, code account.Code) bool {
	var refused *account.Error
	return errors.As(err, &refused) && refused.Code == code
}

func (s *Service) bearer(ctx context.Context, authorization string) (account.Caller, error) {
	kind, secret, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(kind, "Bearer") || secret == "" {
		return account.Caller{}, account.Refuse(account.CodeToken)
	}
	if s.Operator != "" && subtle.ConstantTimeCompare([]byte(secret), []byte(s.Operator)) == 1 {
		return account.Caller{Login: account.Operator, Name: textOperator, Role: account.Admin, Scopes: account.Scopes, Token: true}, nil
	}
	t, a, err := s.Store.TokenByHash(ctx, hash(secret))
	if err != nil {
		return account.Caller{}, err
	}
	caller, err := t.Caller(a, s.Now())
	if err == nil {
		s.note(ctx, t)
	}
	return caller, err
}

// note records that a token was used, at most once a minute. That it can't be recorded keeps nobody out.
func (s *Service) note(ctx context.Context, t account.Token) {
	now := s.Now()
	s.mu.Lock()
	due := now.Sub(s.used[t.ID]) >= time.Minute && now.Sub(t.Used) >= time.Minute
	if due {
		s.used[t.ID] = now
	}
	s.mu.Unlock()
	if !due {
		return
	}
	if err := s.Store.TokenUsed(ctx, t.ID, now); err != nil {
		s.Log.WarnContext(ctx, "use of a token not noted", "token", t.ID, "error", err)
	}
}

// Enter logs a person in and begins a session. The answer takes as long for a login that nobody has.
func (s *Service) Enter(ctx context.Context, login, password, remote string) (account.Caller, error) {
	login = strings.ToLower(strings.TrimSpace(login))
	a, err := s.Store.Account(ctx, login)
	if is(err, account.CodeNotFound) {
		s.waste(ctx, password)
		// What was typed as a login may be a password.
		s.log(ctx, account.Entry{Action: account.EnterFailed, Remote: remote})
		return account.Caller{}, account.Refuse(account.CodeWrongPassword)
	}
	if err != nil {
		return account.Caller{}, err
	}
	if err := a.CanEnter(s.Now()); err != nil {
		s.waste(ctx, password)
		s.log(ctx, account.Entry{By: login, Action: account.EnterFailed, Target: login, Remote: remote})
		return account.Caller{}, err
	}
	matches, err := s.matches(ctx, password, a.Password)
	if err != nil {
		return account.Caller{}, err
	}
	if !matches {
		return account.Caller{}, s.failed(ctx, login, remote)
	}
	if s.OIDC != nil && s.OIDC.Only && a.Role != account.Admin {
		s.log(ctx, account.Entry{By: login, Action: account.EnterFailed, Target: login, Detail: textNotByPassword, Remote: remote})
		return account.Caller{}, account.Refuse(account.CodeOIDCOnly)
	}
	matched := a.Password
	a, err = s.Store.ChangeAccount(ctx, login, func(a account.Account, _ []account.Account) (account.Account, []account.Entry, error) {
		if err := s.stillMatches(a, matched); err != nil {
			return a, nil, err
		}
		return a.Entered(s.Now()), []account.Entry{s.entry(login, account.Entered, login, "", remote)}, nil
	})
	if err != nil {
		return account.Caller{}, err
	}
	return a.Caller(), s.begin(ctx, a)
}

// stillMatches returns an *account.Error where the account changed while its password was looked at, which takes a while:
// others may have locked it by trying, or an administrator has made the password void. Then the right one comes too late.
func (s *Service) stillMatches(a account.Account, matched string) error {
	if err := a.CanEnter(s.Now()); err != nil {
		return err
	}
	if a.Password != matched {
		return account.Refuse(account.CodeWrongPassword)
	}
	return nil
}

// begin puts the account into a session with a new token, so that nobody who knew the old one is in it.
func (s *Service) begin(ctx context.Context, a account.Account) error {
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, keyLogin, a.Login)
	s.sessions.Put(ctx, keyEpoch, a.Epoch)
	return nil
}

func (s *Service) failed(ctx context.Context, login, remote string) error {
	a, err := s.Store.ChangeAccount(ctx, login, func(a account.Account, _ []account.Account) (account.Account, []account.Entry, error) {
		a = a.Failed(s.Now())
		entries := []account.Entry{s.entry(login, account.EnterFailed, login, "", remote)}
		if s.Now().Before(a.LockedUntil) {
			entries = append(entries, s.entry(login, account.AccountLocked, login, "", remote))
		}
		return a, entries, nil
	})
	if err != nil {
		return err
	}
	return cmp.Or(a.CanEnter(s.Now()), account.Refuse(account.CodeWrongPassword))
}

// Leave ends the session of the request.
func (s *Service) Leave(ctx context.Context, by account.Caller, remote string) error {
	if by.Token {
		return account.Refuse(account.CodeOnlyPerson)
	}
	if err := s.sessions.Destroy(ctx); err != nil {
		return err
	}
	return s.Store.Log(ctx, s.entry(by.Login, account.Left, by.Login, "", remote))
}

// Accept sets the password of the account that a one-time link is for. The link is used up.
func (s *Service) Accept(ctx context.Context, secret, password, remote string) (account.Account, error) {
	a, err := s.Invited(ctx, secret)
	if err != nil {
		return a, err
	}
	if err := account.CheckPassword(password, a); err != nil {
		return a, err
	}
	hashed, err := s.hash(ctx, password)
	if err != nil {
		return a, err
	}
	return s.Store.ChangeAccount(ctx, a.Login, func(a account.Account, _ []account.Account) (account.Account, []account.Entry, error) {
		if err := a.CanAccept(s.Now()); err != nil || a.Invitation != hash(secret) {
			return a, nil, account.Refuse(account.CodeInvitation)
		}
		return a.WithPassword(hashed), []account.Entry{s.entry(a.Login, account.PasswordSet, a.Login, "", remote)}, nil
	})
}

// Invited returns the account that a one-time link is for, while it is good.
func (s *Service) Invited(ctx context.Context, secret string) (account.Account, error) {
	a, err := s.Store.AccountByInvitation(ctx, hash(secret))
	if is(err, account.CodeNotFound) {
		return a, account.Refuse(account.CodeInvitation)
	}
	if err != nil {
		return a, err
	}
	return a, a.CanAccept(s.Now())
}

// ChangePassword sets another password. All other sessions of the account end.
func (s *Service) ChangePassword(ctx context.Context, by account.Caller, old, password, remote string) error {
	if by.Token {
		return account.Refuse(account.CodeOnlyPerson)
	}
	a, err := s.Store.Account(ctx, by.Login)
	if err != nil {
		return err
	}
	if err := a.CanEnter(s.Now()); err != nil {
		return err
	}
	matches, err := s.matches(ctx, old, a.Password)
	if err != nil {
		return err
	}
	if !matches {
		return s.failed(ctx, by.Login, remote)
	}
	if old == password {
		return account.Refuse(account.CodePasswordSame)
	}
	if err := account.CheckPassword(password, a); err != nil {
		return err
	}
	hashed, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	matched := a.Password
	a, err = s.Store.ChangeAccount(ctx, by.Login, func(a account.Account, _ []account.Account) (account.Account, []account.Entry, error) {
		if err := s.stillMatches(a, matched); err != nil {
			return a, nil, err
		}
		return a.WithPassword(hashed), []account.Entry{s.entry(by.Login, account.PasswordChanged, by.Login, "", remote)}, nil
	})
	if err != nil {
		return err
	}
	return s.begin(ctx, a)
}

// hash and matches work on so many passwords at once as memory allows.

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	if err := s.take(ctx); err != nil {
		return "", err
	}
	defer s.give()
	return argon2id.CreateHash(password, hashing)
}

func (s *Service) matches(ctx context.Context, password, hashed string) (bool, error) {
	if err := s.take(ctx); err != nil {
		return false, err
	}
	defer s.give()
	return argon2id.ComparePasswordAndHash(password, hashed)
}

// waste takes as long as a comparison.
func (s *Service) waste(ctx context.Context, password string) { _, _ = s.hash(ctx, password) }

func (s *Service) take(ctx context.Context) error {
	select {
	case s.hashers <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Service) give() { <-s.hashers }

func (s *Service) entry(by string, action account.Action, target, detail, remote string) account.Entry {
	return account.Entry{At: s.Now(), By: by, Action: action, Target: target, Detail: detail, Remote: remote}
}

// log writes a line that nothing else depends on.
func (s *Service) log(ctx context.Context, e account.Entry) {
	e.At = s.Now()
	if err := s.Store.Log(ctx, e); err != nil {
		s.Options.Log.ErrorContext(ctx, "administrators' log", "action", e.Action, "error", err)
	}
}

// Note writes a line of what somebody did into the administrators' log.
func (s *Service) Note(ctx context.Context, by account.Caller, action account.Action, target, detail, remote string) error {
	return s.Store.Log(ctx, s.entry(by.Login, action, target, detail, remote))
}

// AdminLog returns up to limit lines of the administrators' log before a sequence, the newest first; 0: from the end.
func (s *Service) AdminLog(ctx context.Context, before int64, limit int) ([]account.Entry, error) {
	return s.Store.AdminLog(ctx, before, limit)
}

// secret returns a new secret, too long to guess.
func secret() string { return rand.Text() + rand.Text() }

// hash is what the store knows of a secret. Secrets are random, so it needs no salt and no cost.
func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// sessions is the store as scs wants it.
type sessions struct{ s *Service }

func (x sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	data, ok, err := x.s.Store.Session(ctx, token, x.s.Now())
	if found, wrapped := ctx.Value(foundKey{}).(*string); ok && wrapped {
		*found = token
	}
	return data, ok, err
}

// CommitCtx keeps a session. One that somebody left while a request of his was still being served stays over.
func (x sessions) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	if found, wrapped := ctx.Value(foundKey{}).(*string); wrapped && *found == token {
		return x.s.Store.ExtendSession(ctx, token, b, expiry)
	}
	return x.s.Store.KeepSession(ctx, token, b, expiry, x.s.Now())
}

func (x sessions) DeleteCtx(ctx context.Context, token string) error {
	return x.s.Store.DropSession(ctx, token)
}

// scs asks for these where a store knows no contexts.

func (x sessions) Find(token string) ([]byte, bool, error) {
	return x.FindCtx(context.Background(), token)
}

func (x sessions) Commit(token string, b []byte, expiry time.Time) error {
	return x.CommitCtx(context.Background(), token, b, expiry)
}

func (x sessions) Delete(token string) error { return x.DeleteCtx(context.Background(), token) }
