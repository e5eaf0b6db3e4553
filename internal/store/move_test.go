package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
)

// everything leaves a row in every table there is.
func everything(t testing.TB, s *store.Store) {
	t.Helper()
	_, err := s.Installation(t.Context(), calendar.Clock{Origin: start, Start: start, Speed: 86.4})
	require.NoError(t, err)
	seedContacts(t, s)
	require.NoError(t, s.PutOutcomes(t.Context(), planCode, map[obligation.ID]obligation.Outcome{obligationID("10.2", "yingji"): obligation.Owed}))
	require.NoError(t, s.PutRules(t.Context(), planCode, scoring()))
	countedAssessment(t, s)
	id := obligationID("10.1", "yingji")
	issueLetter(t, s, id)
	_, err = s.KeepFile(t.Context(), letterFile(strings.Repeat("\x00\xff'PK\\", 300_000)))
	require.NoError(t, err)
	stage(t, s, "a")
	enter(t, s, "k'1")
	digest(t, s, monday, false, email...)
	i, file := brought("PK\x00\xff first", start)
	_, err = s.KeepImport(t.Context(), i, file)
	require.NoError(t, err)
	open(t, s, fullAccount("zhang"), bareAccount("li", account.Office))
	require.NoError(t, s.AddToken(t.Context(), account.Token{
		ID: "t1", Login: "zhang", Label: "脚本", Hash: strings.Repeat("t", 64), Scopes: []account.Scope{account.Read}, Created: start, Expires: start.Add(time.Hour),
	}, line(account.TokenIssued, "t1")))
	require.NoError(t, s.AddFeed(t.Context(), account.Feed{ID: "f1", Login: "zhang", Hash: strings.Repeat("f", 64), Created: start}, line(account.FeedIssued, "f1")))
	require.NoError(t, s.KeepSession(t.Context(), "session", []byte("\x00\xfe"), start.Add(time.Hour), start))
}

func TestMoveTakesEveryTableAlongExactly(t *testing.T) {
	for _, from := range databases() {
		t.Run(from.name, func(t *testing.T) {
			a, b, back := openStore(t, from.options(t)), openStore(t, databases()[1].options(t)), openStore(t, from.options(t))
			everything(t, a)
			want := dumped(t, a)
			done := 0
			moved, err := a.Move(t.Context(), b, func(n, total int) {
				require.GreaterOrEqual(t, n, done)
				require.LessOrEqual(t, n, total)
				done = n
			})
			require.NoError(t, err)
			require.False(t, moved.Before)
			require.Equal(t, moved.Rows(), done)
			for name, rows := range want {
				require.Equal(t, len(rows), moved.Tables[name], name)
				require.NotEmpty(t, rows, "nothing in %s proves that it is taken along", name)
			}
			requireSound(t, b)
			for table, rows := range moved.Tables {
				n, err := store.Number(t.Context(), b, "SELECT COUNT(*) FROM "+table)
				require.NoError(t, err)
				require.Equal(t, rows, n, table)
			}

			_, err = b.Move(t.Context(), back, nil)
			require.NoError(t, err)
			require.Equal(t, want, dumped(t, back), "there and back")

			// The record goes on where it was.
			put(t, b, tick(t, load(t, b, obligationID("10.1", "huayang")), late.AddDate(0, 0, 20)))
			require.Equal(t, "2026-002", enter(t, b, "k2").State.ID.Period)
			requireSound(t, b)
			require.Equal(t, want, dumped(t, a), "nothing in the source is changed")
		})
	}
}

// dumped returns what every table holds that the migrations make.
func dumped(t testing.TB, s *store.Store) map[string][]string {
	out, err := store.Dump(t.Context(), s)
	require.NoError(t, err)
	delete(out, "goose_db_version")
	delete(out, "sqlite_sequence") // it numbers the rows of that one alone
	return out
}

func load(t testing.TB, s *store.Store, id obligation.ID) obligation.State {
	v, err := s.Load(t.Context(), id)
	require.NoError(t, err)
	return v.State
}

// What broke off left nothing, what is there is not copied again, and what is another record is left alone.
func TestMoveMayBeRepeated(t *testing.T) {
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) {
			a, b := openStore(t, databases()[0].options(t)), openStore(t, d.options(t))
			everything(t, a)
			power := errors.New("power cut")
			store.SetFault(b, func(point string) error {
				if point == "commit" {
					return power
				}
				return nil
			})
			_, err := a.Move(t.Context(), b, nil)
			require.ErrorIs(t, err, power)
			store.SetFault(b, nil)
			n, err := store.Number(t.Context(), b, "SELECT COUNT(*) FROM ledger")
			require.NoError(t, err)
			require.Zero(t, n)

			first, err := a.Move(t.Context(), b, nil)
			require.NoError(t, err)
			again, err := a.Move(t.Context(), b, nil)
			require.NoError(t, err)
			require.True(t, again.Before)
			require.Equal(t, first.Tables, again.Tables)
			requireSound(t, b)

			open(t, b, bareAccount("wang", account.Auditor))
			before := dumped(t, b)
			_, err = a.Move(t.Context(), b, nil)
			var occupied *store.OccupiedError
			require.ErrorAs(t, err, &occupied)
			require.ElementsMatch(t, []string{"accounts", "admin_log"}, occupied.Tables)
			require.ErrorContains(t, err, "目标数据库不是空的")
			require.Equal(t, before, dumped(t, b))
		})
	}
}

// A table that a later migration adds is taken along without a word of it here.
func TestMoveFindsTheTablesItself(t *testing.T) {
	a, b := openStore(t, databases()[0].options(t)), openStore(t, databases()[1].options(t))
	require.NoError(t, store.Exec(t.Context(), a, "CREATE TABLE later (id INTEGER NOT NULL PRIMARY KEY, account TEXT REFERENCES accounts (login), at TEXT, day TEXT, held BLOB) STRICT"))
	require.NoError(t, store.Exec(t.Context(), b, "CREATE TABLE later (at DATETIME(6), day DATE, held LONGBLOB, id BIGINT PRIMARY KEY, account VARCHAR(64), FOREIGN KEY (account) REFERENCES accounts (login))"))
	open(t, a, bareAccount("zhang", account.Office))
	require.NoError(t, store.Exec(t.Context(), a,
		"INSERT INTO later VALUES (7, 'zhang', '2026-03-02 01:00:00.000007', '2026-03-02', x'00ff'), (9, NULL, NULL, NULL, NULL)"))
	moved, err := a.Move(t.Context(), b, nil)
	require.NoError(t, err)
	require.Equal(t, 2, moved.Tables["later"])
	n, err := store.Number(t.Context(), b,
		"SELECT COUNT(*) FROM later WHERE id = 7 AND account = 'zhang' AND at = '2026-03-02 01:00:00.000007' AND day = '2026-03-02' AND held = x'00ff' OR id = 9 AND at IS NULL AND held IS NULL")
	require.NoError(t, err)
	require.Equal(t, 2, n)

	require.NoError(t, store.Exec(t.Context(), a, "CREATE TABLE only_here (id INTEGER)"))
	_, err = a.Move(t.Context(), b, nil)
	require.ErrorContains(t, err, "only_here", "no table is left out silently")
}

// A large record goes over in pieces that any server takes.
func TestMoveTakesManyRows(t *testing.T) {
	a, b := openStore(t, databases()[0].options(t)), openStore(t, databases()[1].options(t))
	var entries []obligation.Entry
	for i := range 450 {
		entries = append(entries, opened(obligationID(fmt.Sprint("10.", i%3), unitCode(i))))
	}
	put(t, a, entries...)
	moved, err := a.Move(t.Context(), b, nil)
	require.NoError(t, err)
	require.Equal(t, 450, moved.Tables["obligations"])
	requireSound(t, b)
}
