package login

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/stretchr/testify/require"

	"duban/account"
)

func TestMain(m *testing.M) {
	// What a password costs is not what is tested here.
	hashing = &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	os.Exit(m.Run())
}

const (
	right  = "Yuan-Shan-Ru-Dai"
	other  = "Jin-Shui-Han-Yan"
	remote = "10.1.2.3"
)

// world is a service with its store, and everything that may be said of it nowhere.
type world struct {
	t       *testing.T
	store   *memory
	service *Service
	logged  lines
	secrets []string
}

type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var admin = account.Caller{Login: "admin", Role: account.Admin, Scopes: account.Scopes}

// within runs the test on a clock of its own. At its end nothing secret stands in any log.
func within(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{})
		test(t, w)
		w.holdsNoSecret()
	})
}

func newWorld(t *testing.T, o Options) *world {
	w := &world{t: t, store: newMemory(), secrets: []string{right, other}}
	o.Store = w.store
	o.Log = slog.New(slog.NewTextHandler(&w.logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.service = New(o)
	w.open("admin", account.Admin)
	w.open("zhang", account.Office)
	w.store.log = nil
	return w
}

func (w *world) holdsNoSecret() {
	w.t.Helper()
	said := w.logged.String() + fmt.Sprint(w.store.log)
	for _, secret := range w.secrets {
		require.NotContains(w.t, said, secret)
	}
}

// open makes an account whose password is the right one.
func (w *world) open(login string, role account.Role) {
	w.t.Helper()
	_, link, err := w.service.Create(w.t.Context(), account.Caller{Login: account.Operator}, account.Account{Login: login, Name: login, Role: role}, "")
	require.NoError(w.t, err)
	w.secrets = append(w.secrets, link)
	_, err = w.service.Accept(w.t.Context(), link, right, remote)
	require.NoError(w.t, err)
}

func (w *world) told() []string {
	w.t.Helper()
	var told []string
	for _, e := range w.store.log {
		require.Equal(w.t, time.UTC, e.At.UTC().Location())
		told = append(told, strings.Join([]string{e.By, string(e.Action), e.Target, e.Detail, e.Remote}, " "))
	}
	return told
}

// browser is one that keeps its cookie.
type browser struct {
	w      *world
	cookie *http.Cookie
}

// visit makes one request, in whose context f runs.
func (b *browser) visit(f func(r *http.Request)) *httptest.ResponseRecorder {
	b.w.t.Helper()
	r := httptest.NewRequestWithContext(b.w.t.Context(), http.MethodPost, "/", http.NoBody)
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	answer := httptest.NewRecorder()
	failed := func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
	b.w.service.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { f(r) }), failed).ServeHTTP(answer, r)
	for _, c := range answer.Result().Cookies() {
		b.cookie = c
		b.w.secrets = append(b.w.secrets, c.Value)
		if c.MaxAge < 0 {
			b.cookie, b.w.secrets = nil, b.w.secrets[:len(b.w.secrets)-1]
		}
	}
	return answer
}

func (b *browser) enter(login, password string) (who account.Caller, err error) {
	b.w.t.Helper()
	b.visit(func(r *http.Request) { who, err = b.w.service.Enter(r.Context(), login, password, remote) })
	return who, err
}

// who returns the login of whoever is in, "" where nobody is.
func (b *browser) who() string {
	b.w.t.Helper()
	var login string
	b.visit(func(r *http.Request) {
		who, err := b.w.service.Identify(r)
		if err != nil {
			require.True(b.w.t, is(err, account.CodeUnauthenticated), err)
		}
		login = who.Login
	})
	return login
}

func code(err error) account.Code {
	if refused, ok := errors.AsType[*account.Error](err); ok {
		return refused.Code
	}
	return account.Code(fmt.Sprint(err))
}

func TestEnter(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		b := &browser{w: w}
		require.Empty(t, b.who())
		require.Nil(t, b.cookie, "nobody gets a session for looking")
		who, err := b.enter(" Zhang ", right)
		require.NoError(t, err)
		require.Equal(t, account.Caller{Login: "zhang", Name: "zhang", Role: account.Office, Scopes: account.Scopes}, who)
		require.Equal(t, "zhang", b.who())
		require.Equal(t, time.Now(), w.store.accounts["zhang"].Seen)
		require.Empty(t, (&browser{w: w}).who(), "another browser is in nothing")
		require.Equal(t, []string{"zhang login zhang  10.1.2.3"}, w.told())
	})
}

func TestCookie(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		for _, secure := range []bool{false, true} {
			w.service = New(Options{Store: w.store, Secure: secure})
			b := &browser{w: w}
			_, err := b.enter("zhang", right)
			require.NoError(t, err)
			c := b.cookie
			require.Equal(t, []any{true, secure, http.SameSiteLaxMode, "/", "", 0}, []any{c.HttpOnly, c.Secure, c.SameSite, c.Path, c.Domain, c.MaxAge})
			require.Equal(t, secure, strings.HasPrefix(c.Name, "__Host-"))
			require.Equal(t, "zhang", b.who())
			require.NotContains(t, w.store.sessions, c.Value, "the store knows hashes alone")
		}
	})
}

// Who knew the cookie before the login is in nothing afterwards.
func TestLoginChangesTheSession(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		b := &browser{w: w}
		b.visit(func(r *http.Request) { w.service.sessions.Put(r.Context(), "x", "y") })
		before := b.cookie
		require.NotNil(t, before)
		_, err := b.enter("zhang", right)
		require.NoError(t, err)
		require.NotEqual(t, before.Value, b.cookie.Value)
		require.Empty(t, (&browser{w: w, cookie: before}).who())

		again := b.cookie
		_, err = b.enter("admin", right)
		require.NoError(t, err)
		require.Equal(t, "admin", b.who())
		require.Empty(t, (&browser{w: w, cookie: again}).who())
	})
}

func TestWrongPasswords(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		b := &browser{w: w}
		for range account.MaxFailures - 1 {
			_, err := b.enter("zhang", other)
			require.Equal(t, account.CodeWrongPassword, code(err))
		}
		_, err := b.enter("zhang", other)
		require.Equal(t, account.CodeLocked, code(err))
		_, err = b.enter("zhang", right)
		require.Equal(t, account.CodeLocked, code(err), "now the right one is of no use")
		require.Empty(t, b.who())
		const failed = "zhang login_failed zhang  10.1.2.3"
		require.Equal(t, []string{failed, failed, failed, failed, failed, "zhang account_locked zhang  10.1.2.3", failed}, w.told())

		time.Sleep(account.LockFor)
		_, err = b.enter("zhang", right)
		require.NoError(t, err)
		require.Zero(t, w.store.accounts["zhang"].Failures)
	})
}

func TestAdministratorUnlocks(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		b := &browser{w: w}
		for range account.MaxFailures {
			_, _ = b.enter("zhang", other)
		}
		_, err := w.service.Change(t.Context(), admin, "zhang", account.Change{Unlock: true}, remote)
		require.NoError(t, err)
		_, err = b.enter("zhang", right)
		require.NoError(t, err)
		require.Contains(t, w.told(), "admin account_unlocked zhang  10.1.2.3")
	})
}

// Nobody learns which accounts there are: not by the answer, and not by what it takes to give it. What was typed as a login
// may be a password, and is logged nowhere.
func TestUnknownIsLikeWrong(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		w.open("off", account.Auditor)
		_, err := w.service.Change(t.Context(), admin, "off", account.Change{Disabled: new(true)}, remote)
		require.NoError(t, err)
		_, _, err = w.service.Create(t.Context(), admin, account.Account{Login: "fresh", Name: "新来的", Role: account.Auditor}, remote)
		require.NoError(t, err)
		w.store.log = nil
		for _, login := range []string{"zhang", "nobody", "off", "fresh", "Yuan-Shan-Ru-Dai"} {
			w.service.hashers <- struct{}{}
			w.service.hashers <- struct{}{}
			answered := make(chan error, 1)
			go func() {
				_, err := (&browser{w: w}).enter(login, other)
				answered <- err
			}()
			synctest.Wait()
			require.Empty(t, answered, "%s: the answer waits until passwords can be hashed", login)
			w.service.give()
			require.Equal(t, account.CodeWrongPassword, code(<-answered), login)
			w.service.give()
		}
		require.Equal(t, []string{
			"zhang login_failed zhang  10.1.2.3", " login_failed   10.1.2.3", "off login_failed off  10.1.2.3", "fresh login_failed fresh  10.1.2.3",
			" login_failed   10.1.2.3",
		}, w.told())
	})
}

// While one looks whether a password is right, others may have locked the account or made the password void.
func TestRightPasswordComesTooLate(t *testing.T) {
	locked := func(w *world) {
		for range account.MaxFailures {
			_ = w.service.failed(w.t.Context(), "zhang", remote)
		}
	}
	disabled := func(w *world) {
		_, err := w.service.Change(w.t.Context(), admin, "zhang", account.Change{Disabled: new(true)}, remote)
		require.NoError(w.t, err)
	}
	void := func(w *world) {
		_, link, err := w.service.Invite(w.t.Context(), admin, "zhang", true, remote)
		require.NoError(w.t, err)
		w.secrets = append(w.secrets, link)
	}
	another := func(w *world) {
		a := w.store.accounts["zhang"]
		w.store.accounts["zhang"] = a.WithPassword("another")
	}
	tests := map[string]struct {
		meanwhile func(*world)
		want      account.Code
	}{
		"locked": {locked, account.CodeLocked}, "disabled": {disabled, account.CodeWrongPassword},
		"void": {void, account.CodeWrongPassword}, "another": {another, account.CodeWrongPassword},
	}
	enter := func(w *world) error {
		_, err := (&browser{w: w}).enter("zhang", right)
		return err
	}
	change := func(w *world) (err error) {
		(&browser{w: w}).visit(func(r *http.Request) {
			err = w.service.ChangePassword(r.Context(), account.Caller{Login: "zhang"}, right, other, remote)
		})
		return err
	}
	for name, tt := range tests {
		for what, do := range map[string]func(*world) error{"enter": enter, "change": change} {
			t.Run(name+" "+what, func(t *testing.T) {
				within(t, func(t *testing.T, w *world) {
					w.service.hashers <- struct{}{}
					w.service.hashers <- struct{}{}
					answered := make(chan error, 1)
					go func() { answered <- do(w) }()
					synctest.Wait()
					tt.meanwhile(w)
					w.service.give()
					require.Equal(t, tt.want, code(<-answered))
					w.service.give()
				})
			})
		}
	}
}

func TestSessionIdlesOut(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		b := &browser{w: w}
		_, err := b.enter("zhang", right)
		require.NoError(t, err)
		for range 4 {
			time.Sleep(Idle - time.Second)
			require.Equal(t, "zhang", b.who(), "whoever goes on stays in")
		}
		time.Sleep(Idle)
		require.Empty(t, b.who())
		_, err = b.enter("admin", right)
		require.NoError(t, err)
		require.Len(t, w.store.sessions, 1, "the one that is over is removed")
	})
}

func TestSessionEndsWhateverIsDone(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		b := &browser{w: w}
		_, err := b.enter("zhang", right)
		require.NoError(t, err)
		began := time.Now()
		for time.Since(began) < Lifetime-Idle {
			time.Sleep(Idle / 2)
			require.Equal(t, "zhang", b.who())
		}
		time.Sleep(Lifetime - time.Since(began) - 1)
		b.who()
		time.Sleep(time.Nanosecond)
		require.Empty(t, b.who())
	})
}

func TestLeave(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		b := &browser{w: w}
		who, err := b.enter("zhang", right)
		require.NoError(t, err)
		cookie := b.cookie
		b.visit(func(r *http.Request) { require.NoError(t, w.service.Leave(r.Context(), who, remote)) })
		require.Nil(t, b.cookie, "the browser forgets it")
		require.Empty(t, (&browser{w: w, cookie: cookie}).who(), "and whoever kept it is out as well")
		require.Empty(t, w.store.sessions)
		require.Contains(t, w.told(), "zhang logout zhang  10.1.2.3")
		who.Token = true
		require.Equal(t, account.CodeOnlyPerson, code(w.service.Leave(t.Context(), who, remote)))
	})
}

// A request that is being served while somebody leaves does not bring his session back.
func TestLeftIsLeft(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		b := &browser{w: w}
		who, err := b.enter("zhang", right)
		require.NoError(t, err)
		cookie := b.cookie
		b.visit(func(*http.Request) {
			(&browser{w: w, cookie: cookie}).visit(func(r *http.Request) { require.NoError(t, w.service.Leave(r.Context(), who, remote)) })
		})
		require.Empty(t, w.store.sessions)
		require.Empty(t, (&browser{w: w, cookie: cookie}).who())
	})
}

// What ends the sessions of an account ends them at once, wherever they are.
func TestSessionsAreRevoked(t *testing.T) {
	tests := map[string]func(w *world) error{
		"ended by an administrator": func(w *world) error { return w.service.EndSessions(w.t.Context(), admin, "zhang", remote) },
		"disabled": func(w *world) error {
			_, err := w.service.Change(w.t.Context(), admin, "zhang", account.Change{Disabled: new(true)}, remote)
			return err
		},
		"another role": func(w *world) error {
			_, err := w.service.Change(w.t.Context(), admin, "zhang", account.Change{Role: new(account.Auditor)}, remote)
			return err
		},
		"another unit": func(w *world) error {
			_, err := w.service.Change(w.t.Context(), admin, "zhang", account.Change{Role: new(account.Unit), Unit: new("xinhua")}, remote)
			return err
		},
		"password void": func(w *world) error {
			_, link, err := w.service.Invite(w.t.Context(), admin, "zhang", true, remote)
			w.secrets = append(w.secrets, link)
			return err
		},
		"password by a link": func(w *world) error {
			_, link, err := w.service.Invite(w.t.Context(), admin, "zhang", false, remote)
			require.NoError(w.t, err)
			w.secrets = append(w.secrets, link)
			_, err = w.service.Accept(w.t.Context(), link, other, remote)
			return err
		},
		"account gone": func(w *world) error { delete(w.store.accounts, "zhang"); return nil },
	}
	for name, revoke := range tests {
		t.Run(name, func(t *testing.T) {
			within(t, func(t *testing.T, w *world) {
				b, bystander := &browser{w: w}, &browser{w: w}
				_, err := b.enter("zhang", right)
				require.NoError(w.t, err)
				_, err = bystander.enter("admin", right)
				require.NoError(w.t, err)
				require.NoError(w.t, revoke(w))
				require.Empty(w.t, b.who())
				require.Equal(w.t, "admin", bystander.who())
			})
		})
	}
}

func TestChangePassword(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		here, elsewhere := &browser{w: w}, &browser{w: w}
		who, err := here.enter("zhang", right)
		require.NoError(t, err)
		_, err = elsewhere.enter("zhang", right)
		require.NoError(t, err)
		change := func(old, password string) (err error) {
			here.visit(func(r *http.Request) { err = w.service.ChangePassword(r.Context(), who, old, password, remote) })
			return err
		}
		require.Equal(t, account.CodeWrongPassword, code(change(other, "Bu-Zhi-Dao-Mima")))
		require.Equal(t, account.CodePasswordSame, code(change(right, right)))
		require.Equal(t, account.CodePasswordKinds, code(change(right, "yuanshanrudai")))
		before := here.cookie.Value
		require.NoError(t, change(right, other))
		require.NotEqual(t, before, here.cookie.Value)
		require.Equal(t, "zhang", here.who())
		require.Empty(t, elsewhere.who())
		_, err = elsewhere.enter("zhang", right)
		require.Equal(t, account.CodeWrongPassword, code(err))
		_, err = elsewhere.enter("zhang", other)
		require.NoError(t, err)
		require.Contains(t, w.told(), "zhang password_changed zhang  10.1.2.3")

		who.Token = true
		require.Equal(t, account.CodeOnlyPerson, code(change(other, right)))
		who.Token = false
		for range account.MaxFailures {
			err = change(right, "Bu-Zhi-Dao-Mima")
		}
		require.Equal(t, account.CodeLocked, code(err), "nobody tries passwords this way either")
		require.Equal(t, account.CodeLocked, code(change(other, right)))
	})
}

func TestOneTimeLinks(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		a, first, err := w.service.Create(t.Context(), admin, account.Account{Login: " li ", Name: " 李四 ", Role: account.Leader, Password: "x", Epoch: 7}, remote)
		require.NoError(t, err)
		require.Equal(t, []any{"li", "李四", "", 0}, []any{a.Login, a.Name, a.Password, a.Epoch}, "nothing else is taken from who asks")
		_, second, err := w.service.Invite(t.Context(), admin, "li", false, remote)
		require.NoError(t, err)
		w.secrets = append(w.secrets, first, second)
		_, err = w.service.Accept(t.Context(), first, right, remote)
		require.Equal(t, account.CodeInvitation, code(err), "another has taken its place")
		for _, none := range []string{"", "x"} {
			_, err = w.service.Accept(t.Context(), none, right, remote)
			require.Equal(t, account.CodeInvitation, code(err))
		}
		invited, err := w.service.Invited(t.Context(), second)
		require.NoError(t, err)
		require.Equal(t, "li", invited.Login)
		_, err = w.service.Accept(t.Context(), second, "li", remote)
		require.Equal(t, account.CodePasswordLength, code(err))
		_, err = w.service.Accept(t.Context(), second, right, remote)
		require.NoError(t, err, "a password that is refused does not use it up")
		_, err = w.service.Accept(t.Context(), second, other, remote)
		require.Equal(t, account.CodeInvitation, code(err))
		_, err = (&browser{w: w}).enter("li", right)
		require.NoError(t, err)

		_, late, err := w.service.Invite(t.Context(), admin, "li", true, remote)
		require.NoError(t, err)
		w.secrets = append(w.secrets, late)
		_, err = (&browser{w: w}).enter("li", right)
		require.Equal(t, account.CodeWrongPassword, code(err), "the password is void")
		time.Sleep(account.InvitedFor)
		_, err = w.service.Invited(t.Context(), late)
		require.Equal(t, account.CodeInvitation, code(err))
		require.Equal(t, []string{
			"admin account_created li 李四 领导 10.1.2.3", "admin account_invited li  10.1.2.3", "li password_set li  10.1.2.3", "li login li  10.1.2.3",
			"admin account_invited li 原密码同时作废 10.1.2.3", "li login_failed li  10.1.2.3",
		}, w.told())
		require.NotContains(t, w.store.accounts["li"].Invitation, late, "the store knows its hash alone")
	})
}

// Of two who use one link at the same time, one sets the password.
func TestLinkIsGoodOnce(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		_, link, err := w.service.Create(t.Context(), admin, account.Account{Login: "li", Name: "李四", Role: account.Leader}, remote)
		require.NoError(t, err)
		w.secrets = append(w.secrets, link)
		w.service.hashers <- struct{}{}
		w.service.hashers <- struct{}{}
		answers := make(chan error, 2)
		for _, password := range []string{right, other} {
			go func() {
				_, err := w.service.Accept(t.Context(), link, password, remote)
				answers <- err
			}()
		}
		synctest.Wait() // both have seen that it is good
		w.service.give()
		w.service.give()
		require.ElementsMatch(t, []account.Code{"<nil>", account.CodeInvitation}, []account.Code{code(<-answers), code(<-answers)})
	})
}

func TestStoreFails(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		b := &browser{w: w}
		who, err := b.enter("zhang", right)
		require.NoError(t, err)
		w.store.fault = errors.New("database gone")
		_, err = w.service.Enter(context.Background(), "zhang", right, remote)
		require.ErrorIs(t, err, w.store.fault)
		require.ErrorIs(t, w.service.EndSessions(t.Context(), who, "zhang", remote), w.store.fault)
		require.Equal(t, http.StatusServiceUnavailable, b.visit(func(*http.Request) { require.Fail(t, "served without a session") }).Code)
	})
}
