package login

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/account"
)

func (w *world) bearer(authorization string) (account.Caller, error) {
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header.Set("Authorization", authorization)
	return w.service.Identify(r)
}

func TestTokens(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		by := account.Caller{Login: "zhang", Role: account.Office, Scopes: account.Scopes}
		issue := func(life time.Duration) (account.Token, string) {
			k, plain, err := w.service.IssueToken(t.Context(), by, " 报表 ", []account.Scope{account.Read, account.Act, account.Read}, time.Now().Add(life), remote)
			require.NoError(t, err)
			w.secrets = append(w.secrets, plain)
			return k, plain
		}
		k, plain := issue(time.Hour)
		require.True(t, strings.HasPrefix(plain, "duban_"))
		require.NotContains(t, k.Hash, plain)
		require.Equal(t, []any{"报表", "zhang"}, []any{k.Label, k.Login})

		who, err := w.bearer("bearer " + plain)
		require.NoError(t, err)
		require.Equal(t, account.Caller{
			Login: "zhang", Name: "zhang", Role: account.Office, Scopes: []account.Scope{account.Act, account.Read}, Token: true,
		}, who)
		for _, wrong := range []string{"Bearer", "Bearer ", "Bearer x", "Bearer " + plain + "x", "Basic " + plain, plain, "Bearer  " + plain} {
			_, err := w.bearer(wrong)
			require.Equal(t, account.CodeToken, code(err), wrong)
		}
		_, _, err = w.service.IssueToken(t.Context(), who, "另一个", account.Scopes, time.Now().Add(time.Hour), remote)
		require.Equal(t, account.CodeOnlyPerson, code(err), "a token begets no token")
		_, _, err = w.service.IssueToken(t.Context(), by, "另一个", account.Scopes, time.Now().Add(account.MaxTokenLife+time.Hour), remote)
		require.Equal(t, account.CodeTokenExpiry, code(err))

		require.Equal(t, account.CodeNotFound, code(w.service.RevokeToken(t.Context(), admin, "admin", k.ID, remote)), "it is another's")
		require.NoError(t, w.service.RevokeToken(t.Context(), by, "zhang", k.ID, remote))
		require.NoError(t, w.service.RevokeToken(t.Context(), by, "zhang", k.ID, remote))
		_, err = w.bearer("Bearer " + plain)
		require.Equal(t, account.CodeToken, code(err))

		_, plain = issue(time.Hour)
		time.Sleep(time.Hour)
		_, err = w.bearer("Bearer " + plain)
		require.Equal(t, account.CodeToken, code(err), "it is over")

		last, plain := issue(time.Hour)
		_, err = w.service.Change(t.Context(), admin, "zhang", account.Change{Disabled: new(true)}, remote)
		require.NoError(t, err)
		_, err = w.bearer("Bearer " + plain)
		require.Equal(t, account.CodeToken, code(err))
		all, err := w.service.Tokens(t.Context(), "zhang")
		require.NoError(t, err)
		require.Len(t, all, 3)
		require.Contains(t, w.told(), "zhang token_issued "+last.ID+" 报表 10.1.2.3")
		require.Contains(t, w.told(), "zhang token_revoked "+k.ID+" zhang 10.1.2.3")
	})
}

// A program that asks all the time costs a write a minute.
func TestUseOfATokenIsNotedOnceAMinute(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		k, plain, err := w.service.IssueToken(t.Context(), account.Caller{Login: "zhang"}, "报表", account.Scopes, time.Now().Add(time.Hour), remote)
		require.NoError(t, err)
		w.secrets = append(w.secrets, plain)
		ask := func() {
			_, err := w.bearer("Bearer " + plain)
			require.NoError(t, err)
		}
		ask()
		require.Equal(t, time.Now(), w.store.tokens[k.ID].Used)
		time.Sleep(time.Minute - 1)
		ask()
		require.Equal(t, 1, w.store.noted)
		time.Sleep(time.Nanosecond)
		ask()
		require.Equal(t, 2, w.store.noted)
	})
}

func TestOperatorsKey(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		_, err := w.bearer("Bearer ")
		require.Equal(t, account.CodeToken, code(err))
		w.service = New(Options{Store: w.store, Operator: "key"})
		who, err := w.bearer("Bearer key")
		require.NoError(t, err)
		require.Equal(t, account.Caller{Login: account.Operator, Name: "本机操作员", Role: account.Admin, Scopes: account.Scopes, Token: true}, who)
		_, err = w.bearer("Bearer kex")
		require.Equal(t, account.CodeToken, code(err))
	})
}

func TestFirst(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		w.store.accounts = map[string]account.Account{}
		first := func() (string, string) {
			login, link, err := w.service.First(t.Context())
			require.NoError(t, err)
			w.secrets = append(w.secrets, link+"#")
			return login, link
		}
		login, void := first()
		require.Equal(t, "admin", login)
		require.Equal(t, account.Admin, w.store.accounts["admin"].Role)
		_, link := first()
		require.NotEqual(t, void, link)
		_, err := w.service.Accept(t.Context(), void, right, remote)
		require.Equal(t, account.CodeInvitation, code(err))
		_, err = w.service.Accept(t.Context(), link, right, remote)
		require.NoError(t, err)
		login, link = first()
		require.Empty(t, login+link)
		require.Equal(t, []string{"operator account_created admin 系统管理员 ", "operator account_invited admin  ", "admin password_set admin  10.1.2.3"}, w.told())

		a := w.store.accounts["admin"]
		a.Password = ""
		w.store.accounts["admin"] = a
		_, link = first()
		require.NotEmpty(t, link, "nobody could get in")
		a.Seen = time.Now()
		w.store.accounts["admin"] = a
		_, link = first()
		require.Empty(t, link, "he gets in by the identity provider")
		w.store.accounts = map[string]account.Account{"admin": {Login: "admin", Role: account.Admin, Disabled: true}}
		_, link = first()
		require.Empty(t, link, "who is disabled is not let in by a restart")
	})
}

// early is a store as a process sees it that looked just before another one made the first account.
type early struct{ *memory }

func (early) Accounts(context.Context) ([]account.Account, error) { return nil, nil }

// Several processes begin at once in a new installation: one of them makes the first administrator, and his link stays good.
func TestFirstOfSeveralProcesses(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		w.store.accounts = map[string]account.Account{}
		_, link, err := w.service.First(t.Context())
		require.NoError(t, err)
		w.secrets = append(w.secrets, link+"#")
		w.service.Store = early{w.store}
		login, none, err := w.service.First(t.Context())
		w.service.Store = w.store
		require.NoError(t, err)
		require.Empty(t, login+none)
		_, err = w.service.Accept(t.Context(), link, right, remote)
		require.NoError(t, err)
	})
}

func TestTrainees(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		trainees := []account.Account{{Login: "zhang", Name: "张三", Role: account.Office}, {Login: "xinhua", Name: "新华", Role: account.Unit, Unit: "xinhua"}}
		require.NoError(t, w.service.Trainees(t.Context(), trainees, "short"))
		for _, login := range []string{"zhang", "xinhua"} {
			_, err := (&browser{w: w}).enter(login, "short")
			require.NoError(t, err)
		}
		require.Equal(t, "zhang", w.store.accounts["zhang"].Name, "who is there already keeps the rest")
	})
}

func TestCreate(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		w.service.Units = func(_ context.Context, unit string) (bool, error) { return unit == "xinhua", nil }
		create := func(a account.Account) error {
			_, link, err := w.service.Create(t.Context(), admin, a, remote)
			w.secrets = append(w.secrets, link+"#")
			return err
		}
		require.Equal(t, account.CodeTaken, code(create(account.Account{Login: "zhang", Name: "张三", Role: account.Office})))
		require.Equal(t, account.CodeLogin, code(create(account.Account{Login: "Zhang", Name: "张三", Role: account.Office})))
		require.Equal(t, account.CodeUnit, code(create(account.Account{Login: "li", Name: "李四", Role: account.Unit, Unit: "nowhere"})))
		require.NoError(t, create(account.Account{Login: "li", Name: "李四", Role: account.Unit, Unit: "xinhua"}))
		require.Equal(t, []string{"admin account_created li 李四 责任单位联络员 xinhua 10.1.2.3"}, w.told())

		gone := errors.New("database gone")
		w.service.Units = func(context.Context, string) (bool, error) { return false, gone }
		require.ErrorIs(t, create(account.Account{Login: "wang", Name: "王五", Role: account.Unit, Unit: "xinhua"}), gone)
	})
}

func TestChangeIsLogged(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		for _, c := range []account.Change{
			{Name: new("张叁")},
			{Role: new(account.Unit), Unit: new("xinhua"), Disabled: new(true)},
			{Disabled: new(true)},
			{Disabled: new(false)},
			{Unlock: true},
			{},
		} {
			_, err := w.service.Change(t.Context(), admin, "zhang", c, remote)
			require.NoError(t, err)
		}
		require.Equal(t, []string{
			"admin account_changed zhang zhang 区安委办 → 张叁 区安委办 10.1.2.3",
			"admin account_changed zhang 张叁 区安委办 → 张叁 责任单位联络员 xinhua 10.1.2.3", "admin account_disabled zhang  10.1.2.3",
			"admin account_enabled zhang  10.1.2.3", "admin account_unlocked zhang  10.1.2.3",
		}, w.told())
		_, err := w.service.Change(t.Context(), admin, "nobody", account.Change{Name: new("x")}, remote)
		require.Equal(t, account.CodeNotFound, code(err))
		_, err = w.service.Change(t.Context(), admin, "zhang", account.Change{Name: new("")}, remote)
		require.Equal(t, account.CodeName, code(err))
	})
}

func TestLastAdministratorStays(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		change := func(login string, c account.Change) account.Code {
			_, err := w.service.Change(t.Context(), admin, login, c, remote)
			return code(err)
		}
		require.Equal(t, account.CodeLastAdmin, change("admin", account.Change{Disabled: new(true)}))
		require.Equal(t, account.CodeLastAdmin, change("admin", account.Change{Role: new(account.Office)}))
		require.Empty(t, w.told())
		require.Equal(t, account.Code("<nil>"), change("admin", account.Change{Name: new("管理员")}))
		w.open("second", account.Admin)
		require.Equal(t, account.Code("<nil>"), change("admin", account.Change{Disabled: new(true)}))
		require.Equal(t, account.CodeLastAdmin, change("second", account.Change{Disabled: new(true)}), "the other one is disabled")
	})
}

func TestNoteAndLog(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		require.NoError(t, w.service.Note(t.Context(), admin, account.PlanSeeded, "p", "d", remote))
		require.NoError(t, w.service.EndSessions(t.Context(), admin, "zhang", remote))
		page, err := w.service.AdminLog(t.Context(), 0, 1)
		require.NoError(t, err)
		require.Equal(t, account.SessionsEnded, page[0].Action)
		page, err = w.service.AdminLog(t.Context(), page[0].Seq, 10)
		require.NoError(t, err)
		require.Equal(t, []account.Entry{{Seq: 1, At: time.Now(), By: "admin", Action: account.PlanSeeded, Target: "p", Detail: "d", Remote: remote}}, page)
	})
}
