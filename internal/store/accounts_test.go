package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/internal/store"
)

// fullAccount has everything set, to the microsecond that the databases keep.
func fullAccount(login string) account.Account {
	at := func(n int) time.Time { return start.Add(time.Duration(n)*time.Hour + 7*time.Microsecond) }
	return account.Account{
		Login: login, Name: "欧阳\"震华'𠮷", Role: account.Unit, Unit: "yingji", Password: "$argon2id$x", Disabled: true, Created: at(0), Seen: at(1), Epoch: 3,
		Invitation: strings.Repeat("a", 63) + login[:1], InvitedTo: at(2), Failures: 2, FailedAt: at(3), LockedUntil: at(4),
	}
}

func bareAccount(login string, role account.Role) account.Account {
	return account.Account{Login: login, Name: login, Role: role, Created: start}
}

func line(action account.Action, target string) account.Entry {
	return account.Entry{At: start, By: "admin", Action: action, Target: target, Detail: "开立", Remote: "10.1.2.3"}
}

func open(t testing.TB, s *store.Store, accounts ...account.Account) {
	for _, a := range accounts {
		require.NoError(t, s.CreateAccount(t.Context(), a, line(account.AccountCreated, a.Login)))
	}
}

func requireAccountCode(t testing.TB, want account.Code, err error) {
	t.Helper()
	var refused *account.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, want, refused.Code)
}

// logged returns the whole administrators' log, the oldest first.
func logged(t testing.TB, s *store.Store) []account.Entry {
	entries, err := s.AdminLog(t.Context(), 0, 200)
	require.NoError(t, err)
	slices.Reverse(entries)
	return entries
}

func TestAccounts(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		full, bare := fullAccount("zhang"), bareAccount("admin", account.Admin)
		open(t, s, full, bare)
		all, err := s.Accounts(t.Context())
		require.NoError(t, err)
		require.Equal(t, []account.Account{bare, full}, all)
		got, err := s.Account(t.Context(), "zhang")
		require.NoError(t, err)
		require.Equal(t, full, got)
		got, err = s.AccountByInvitation(t.Context(), full.Invitation)
		require.NoError(t, err)
		require.Equal(t, full, got)
		for _, login := range []string{"nobody", "Zhang", "zhang ", ""} {
			_, err = s.Account(t.Context(), login)
			requireAccountCode(t, account.CodeNotFound, err)
			_, err = s.AccountByInvitation(t.Context(), login)
			requireAccountCode(t, account.CodeNotFound, err)
		}
		requireAccountCode(t, account.CodeTaken, s.CreateAccount(t.Context(), bareAccount("zhang", account.Office), line(account.AccountCreated, "zhang")))
		require.Len(t, logged(t, s), 2, "what was refused is not said to have been done")
	})
}

func TestChangeAccount(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		open(t, s, fullAccount("zhang"), bareAccount("admin", account.Admin))
		changed := bareAccount("zhang", account.Office)
		got, err := s.ChangeAccount(t.Context(), "zhang", func(a account.Account, all []account.Account) (account.Account, []account.Entry, error) {
			require.Equal(t, fullAccount("zhang"), a)
			require.Len(t, all, 2)
			return changed, []account.Entry{line(account.AccountChanged, "zhang"), line(account.AccountEnabled, "zhang")}, nil
		})
		require.NoError(t, err)
		require.Equal(t, changed, got)
		got, err = s.Account(t.Context(), "zhang")
		require.NoError(t, err)
		require.Equal(t, changed, got, "nothing of what was set stays")
		require.Len(t, logged(t, s), 4)

		_, err = s.ChangeAccount(t.Context(), "zhang", func(a account.Account, _ []account.Account) (account.Account, []account.Entry, error) {
			a.Name = "另一个"
			return a, []account.Entry{line(account.AccountChanged, "zhang")}, account.Refuse(account.CodeLastAdmin)
		})
		requireAccountCode(t, account.CodeLastAdmin, err)
		got, err = s.Account(t.Context(), "zhang")
		require.NoError(t, err)
		require.Equal(t, changed, got)
		require.Len(t, logged(t, s), 4)

		_, err = s.ChangeAccount(t.Context(), "nobody", func(a account.Account, _ []account.Account) (account.Account, []account.Entry, error) {
			require.Fail(t, "there is none to be changed")
			return a, nil, nil
		})
		requireAccountCode(t, account.CodeNotFound, err)
	})
}

// at runs f so many times at once, and returns what each returned.
func at(n int, f func(i int) error) []error {
	var wg sync.WaitGroup
	faults := make([]error, n)
	for i := range n {
		wg.Go(func() { faults[i] = f(i) })
	}
	wg.Wait()
	return faults
}

func TestOneLoginIsOpenedOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		opened := 0
		for _, err := range at(8, func(i int) error {
			a := bareAccount("zhang", account.Office)
			a.Name = fmt.Sprint("张", i)
			return s.CreateAccount(t.Context(), a, line(account.AccountCreated, "zhang"))
		}) {
			if err == nil {
				opened++
				continue
			}
			requireAccountCode(t, account.CodeTaken, err)
		}
		require.Equal(t, 1, opened)
		require.Len(t, logged(t, s), 1)
		requireSound(t, s)
	})
}

// Wrong passwords are counted one by one, however many try at once.
func TestNoChangeOfAnAccountIsLost(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		open(t, s, bareAccount("zhang", account.Office))
		for _, err := range at(20, func(int) error {
			_, err := s.ChangeAccount(t.Context(), "zhang", func(a account.Account, _ []account.Account) (account.Account, []account.Entry, error) {
				a.Epoch++
				return a, []account.Entry{line(account.SessionsEnded, "zhang")}, nil
			})
			return err
		}) {
			require.NoError(t, err)
		}
		a, err := s.Account(t.Context(), "zhang")
		require.NoError(t, err)
		require.Equal(t, 20, a.Epoch)
		require.Len(t, logged(t, s), 21)
		requireSound(t, s)
	})
}

// Of administrators who disable each other at once, one stays.
func TestOneAdministratorStays(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const n = 6
		login := func(i int) string { return fmt.Sprint("admin", i) }
		for i := range n {
			open(t, s, bareAccount(login(i), account.Admin))
		}
		faults := at(n, func(i int) error {
			_, err := s.ChangeAccount(t.Context(), login(i), func(a account.Account, all []account.Account) (account.Account, []account.Entry, error) {
				if !slices.ContainsFunc(all, func(o account.Account) bool { return o.Login != a.Login && o.CanManage() }) {
					return a, nil, account.Refuse(account.CodeLastAdmin)
				}
				a.Disabled = true
				return a, nil, nil
			})
			return err
		})
		refused := slices.DeleteFunc(faults, func(err error) bool { return err == nil })
		require.Len(t, refused, 1)
		requireAccountCode(t, account.CodeLastAdmin, refused[0])
	})
}

func TestAccountsAndTheirLogAreOne(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		open(t, s, bareAccount("zhang", account.Office))
		gone := errors.New("power cut")
		var cut atomic.Bool
		store.SetFault(s, func(string) error {
			if cut.Load() {
				return gone
			}
			return nil
		})
		cut.Store(true)
		require.ErrorIs(t, s.CreateAccount(t.Context(), bareAccount("li", account.Office), line(account.AccountCreated, "li")), gone)
		_, err := s.ChangeAccount(t.Context(), "zhang", func(a account.Account, _ []account.Account) (account.Account, []account.Entry, error) {
			a.Epoch++
			return a, []account.Entry{line(account.SessionsEnded, "zhang")}, nil
		})
		require.ErrorIs(t, err, gone)
		cut.Store(false)
		all, err := s.Accounts(t.Context())
		require.NoError(t, err)
		require.Equal(t, []account.Account{bareAccount("zhang", account.Office)}, all)
		require.Len(t, logged(t, s), 1)
	})
}

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		open(t, s, bareAccount("zhang", account.Office), bareAccount("li", account.Office))
		token := func(id, login string, created time.Time) account.Token {
			return account.Token{
				ID: id, Login: login, Label: "报表", Hash: strings.Repeat("h", 62) + id, Scopes: []account.Scope{account.Act, account.Read},
				Created: created, Expires: start.Add(time.Hour),
			}
		}
		add := func(k account.Token) error { return s.AddToken(t.Context(), k, line(account.TokenIssued, k.ID)) }
		older, newer, his := token("t1", "zhang", start), token("t2", "zhang", start.Add(time.Minute)), token("t3", "li", start)
		for _, k := range []account.Token{older, newer, his} {
			require.NoError(t, add(k))
		}
		requireAccountCode(t, account.CodeNotFound, add(token("t4", "nobody", start)))
		all, err := s.Tokens(t.Context(), "zhang")
		require.NoError(t, err)
		require.Equal(t, []account.Token{newer, older}, all)
		k, a, err := s.TokenByHash(t.Context(), his.Hash)
		require.NoError(t, err)
		require.Equal(t, his, k)
		require.Equal(t, bareAccount("li", account.Office), a)
		_, _, err = s.TokenByHash(t.Context(), strings.Repeat("h", 64))
		requireAccountCode(t, account.CodeToken, err)

		require.NoError(t, s.TokenUsed(t.Context(), "t1", start.Add(time.Second)))
		revoke := func(login, id string, after time.Duration) error {
			return s.RevokeToken(t.Context(), login, id, start.Add(after), line(account.TokenRevoked, id))
		}
		requireAccountCode(t, account.CodeNotFound, revoke("li", "t1", 0))
		requireAccountCode(t, account.CodeNotFound, revoke("zhang", "t9", 0))
		require.NoError(t, revoke("zhang", "t1", time.Minute))
		require.NoError(t, revoke("zhang", "t1", time.Hour))
		older.Used, older.Revoked = start.Add(time.Second), start.Add(time.Minute)
		k, _, err = s.TokenByHash(t.Context(), older.Hash)
		require.NoError(t, err)
		require.Equal(t, older, k, "it was revoked when it was revoked first")
		require.Len(t, logged(t, s), 2+3+1)
	})
}

func TestSessions(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		keep := func(token, data string, expires, now time.Time) {
			require.NoError(t, s.KeepSession(t.Context(), token, []byte(data), expires, now))
		}
		holds := func(token string, now time.Time, want string) {
			t.Helper()
			data, ok, err := s.Session(t.Context(), token, now)
			require.NoError(t, err)
			require.Equal(t, want != "", ok)
			require.Equal(t, want, string(data))
		}
		over := start.Add(30 * time.Minute)
		keep("one", "a\x00\xff'", over, start)
		keep("two", "b", over.Add(time.Hour), start)
		holds("one", over.Add(-time.Microsecond), "a\x00\xff'")
		holds("one", over, "")
		holds("three", start, "")
		require.NoError(t, s.ExtendSession(t.Context(), "one", []byte("c\x00"), over.Add(time.Minute)))
		holds("one", over, "c\x00")
		keep("one", "c", over.Add(time.Minute), start)
		holds("one", over, "c")

		keep("three", "d", over.Add(2*time.Hour), over.Add(time.Minute))
		n, err := store.Number(t.Context(), s, "SELECT COUNT(*) FROM sessions")
		require.NoError(t, err)
		require.Equal(t, 2, n, "what is over is removed")
		require.NoError(t, s.DropSession(t.Context(), "two"))
		require.NoError(t, s.DropSession(t.Context(), "two"))
		require.NoError(t, s.ExtendSession(t.Context(), "two", []byte("b"), over))
		holds("two", start, "")
		holds("three", start, "d")
	})
}

func TestAdminLog(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for i := range 5 {
			e := line(account.PlanSeeded, fmt.Sprint("方案", i))
			e.At = start.Add(time.Duration(i) * time.Microsecond).In(time.FixedZone("Shanghai", 8*3600))
			require.NoError(t, s.Log(t.Context(), e))
		}
		all := logged(t, s)
		require.Len(t, all, 5)
		for i, e := range all {
			require.NotEmpty(t, e.Hash)
			e.Hash = ""
			want := line(account.PlanSeeded, fmt.Sprint("方案", i))
			want.Seq, want.At = int64(i)+1, start.Add(time.Duration(i)*time.Microsecond)
			require.Equal(t, want, e)
		}
		page, err := s.AdminLog(t.Context(), 4, 2)
		require.NoError(t, err)
		require.Equal(t, []account.Entry{all[2], all[1]}, page)
		page, err = s.AdminLog(t.Context(), 1, 2)
		require.NoError(t, err)
		require.Empty(t, page)
	})
}

func TestAdminLogGrowsFromManySides(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for _, err := range at(12, func(int) error { return s.Log(t.Context(), line(account.Entered, "zhang")) }) {
			require.NoError(t, err)
		}
		require.Len(t, logged(t, s), 12)
		requireSound(t, s)
	})
}

func TestAdminLogOnlyGrows(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		require.NoError(t, s.Log(t.Context(), line(account.Entered, "zhang")))
		require.NoError(t, s.Log(t.Context(), line(account.Left, "zhang")))
		for _, statement := range []string{
			"UPDATE admin_log SET content = 'x' WHERE seq = 1", "DELETE FROM admin_log WHERE seq = 2", "DELETE FROM admin_log",
			"REPLACE INTO admin_log (seq, content, hash) VALUES (1, 'x', 'x')",
		} {
			require.ErrorContains(t, store.Exec(t.Context(), s, statement), "管理日志只增不改", statement)
		}
		require.Len(t, logged(t, s), 2)
		requireSound(t, s)
	})
}

func TestVerifyFindsWhatWasDoneToTheAdminLog(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		triggers := []string{"admin_log_no_update", "admin_log_no_delete"}
		if s.Driver() == store.SQLite {
			triggers = append(triggers, "admin_log_no_replace")
		}
		for _, trigger := range triggers {
			require.NoError(t, store.Exec(t.Context(), s, "DROP TRIGGER "+trigger))
		}
		for range 4 {
			require.NoError(t, s.Log(t.Context(), line(account.Entered, "zhang")))
		}
		require.NoError(t, store.Exec(t.Context(), s, "CREATE TABLE kept_admin_log AS SELECT * FROM admin_log"))
		for name, tt := range map[string]struct {
			statement string
			found     int // the line
		}{
			"content changed":   {"UPDATE admin_log SET content = REPLACE(content, 'zhang', 'li') WHERE seq = 2", 2},
			"hash changed":      {"UPDATE admin_log SET hash = '" + strings.Repeat("a", 64) + "' WHERE seq = 3", 3},
			"first removed":     {"DELETE FROM admin_log WHERE seq = 1", 1},
			"one removed":       {"DELETE FROM admin_log WHERE seq = 3", 3},
			"moved":             {"UPDATE admin_log SET seq = 9 WHERE seq = 4", 4},
			"content no JSON":   {"UPDATE admin_log SET content = 'x' WHERE seq = 4", 4},
			"one comes between": {"INSERT INTO admin_log (seq, content, hash) SELECT 5, content, hash FROM kept_admin_log WHERE seq = 4", 5},
		} {
			t.Run(name, func(t *testing.T) {
				requireSound(t, s)
				require.NoError(t, store.Exec(t.Context(), s, tt.statement))
				report, err := s.Verify(t.Context(), nil)
				require.NoError(t, err)
				require.True(t, named(report, 0, fmt.Sprintf("管理日志第%d条", tt.found)), "%+v", report.Findings)
				require.NoError(t, store.Exec(t.Context(), s, "DELETE FROM admin_log", "INSERT INTO admin_log SELECT * FROM kept_admin_log"))
			})
		}
	})
}
