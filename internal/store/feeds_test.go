package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/internal/store"
)

func TestFeeds(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		open(t, s, bareAccount("zhang", account.Office), bareAccount("li", account.Office))
		feed := func(id, login string, created time.Time) account.Feed {
			return account.Feed{ID: id, Login: login, Hash: strings.Repeat("f", 62) + id, Created: created}
		}
		add := func(f account.Feed) error { return s.AddFeed(t.Context(), f, line(account.FeedIssued, f.ID)) }
		older, newer, his := feed("f1", "zhang", start), feed("f2", "zhang", start.Add(time.Minute)), feed("f3", "li", start)
		for _, f := range []account.Feed{older, newer, his} {
			require.NoError(t, add(f))
		}
		requireAccountCode(t, account.CodeNotFound, add(feed("f4", "nobody", start)))
		all, err := s.Feeds(t.Context(), "zhang")
		require.NoError(t, err)
		require.Equal(t, []account.Feed{newer, older}, all)
		f, a, err := s.FeedByHash(t.Context(), his.Hash)
		require.NoError(t, err)
		require.Equal(t, his, f)
		require.Equal(t, bareAccount("li", account.Office), a)
		_, _, err = s.FeedByHash(t.Context(), strings.Repeat("f", 64))
		requireAccountCode(t, account.CodeNotFound, err)

		revoke := func(login, id string, after time.Duration) error {
			return s.RevokeFeed(t.Context(), login, id, start.Add(after), line(account.FeedRevoked, id))
		}
		requireAccountCode(t, account.CodeNotFound, revoke("li", "f1", 0))
		requireAccountCode(t, account.CodeNotFound, revoke("zhang", "f9", 0))
		require.NoError(t, revoke("zhang", "f1", time.Minute))
		require.NoError(t, revoke("zhang", "f1", time.Hour))
		older.Revoked = start.Add(time.Minute)
		f, _, err = s.FeedByHash(t.Context(), older.Hash)
		require.NoError(t, err)
		require.Equal(t, older, f, "it was revoked when it was revoked first")
		require.Len(t, logged(t, s), 2+3+1)
	})
}
