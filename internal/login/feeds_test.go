package login

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/account"
)

func TestFeeds(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		by := account.Caller{Login: "zhang", Role: account.Office, Scopes: account.Scopes}
		f, plain, err := w.service.IssueFeed(t.Context(), by, remote)
		require.NoError(t, err)
		w.secrets = append(w.secrets, plain)
		who, err := w.service.FeedOwner(t.Context(), plain)
		require.NoError(t, err)
		require.Equal(t, []any{"zhang", account.Office, []account.Scope{account.Read}, true}, []any{who.Login, who.Role, who.Scopes, who.Token})
		_, err = w.bearer("Bearer " + plain)
		require.Equal(t, account.CodeToken, code(err), "it opens nothing else")
		_, _, err = w.service.IssueFeed(t.Context(), who, remote)
		require.Equal(t, account.CodeOnlyPerson, code(err))

		require.Equal(t, account.CodeNotFound, code(w.service.RevokeFeed(t.Context(), admin, f.ID, remote)), "it is another's")
		require.NoError(t, w.service.RevokeFeed(t.Context(), by, f.ID, remote))
		_, err = w.service.FeedOwner(t.Context(), plain)
		require.Equal(t, account.CodeNotFound, code(err))

		_, plain, err = w.service.IssueFeed(t.Context(), by, remote)
		require.NoError(t, err)
		w.secrets = append(w.secrets, plain)
		_, err = w.service.Change(t.Context(), admin, "zhang", account.Change{Disabled: new(true)}, remote)
		require.NoError(t, err)
		_, err = w.service.FeedOwner(t.Context(), plain)
		require.Equal(t, account.CodeNotFound, code(err), "it ends with the account")
		all, err := w.service.Feeds(t.Context(), "zhang")
		require.NoError(t, err)
		require.Len(t, all, 2)
		require.Contains(t, w.told(), "zhang feed_issued "+f.ID+"  10.1.2.3")
		require.Contains(t, w.told(), "zhang feed_revoked "+f.ID+" zhang 10.1.2.3")
	})
}
