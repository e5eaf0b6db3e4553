package account_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/account"
)

func issued() account.Token {
	return account.Token{
		ID: "t1", Login: "zhang.san", Label: "报表", Scopes: []account.Scope{account.Read}, Created: noon, Expires: noon.Add(time.Hour),
	}
}

func TestTokenCheck(t *testing.T) {
	tests := map[string]struct {
		change func(*account.Token)
		want   account.Code
	}{
		"as it should be": {func(*account.Token) {}, ""},
		"every scope":     {func(k *account.Token) { k.Scopes = account.Scopes }, ""},
		"no label":        {func(k *account.Token) { k.Label = "  " }, account.CodeTokenLabel},
		"too long":        {func(k *account.Token) { k.Label = repeat("报", 51) }, account.CodeTokenLabel},
		"over lines":      {func(k *account.Token) { k.Label = "报\n表" }, account.CodeTokenLabel},
		"no scope":        {func(k *account.Token) { k.Scopes = nil }, account.CodeTokenScopes},
		"unknown scope":   {func(k *account.Token) { k.Scopes = []account.Scope{account.Read, "all"} }, account.CodeTokenScopes},
		"over already":    {func(k *account.Token) { k.Expires = noon }, account.CodeTokenExpiry},
		"as long as may":  {func(k *account.Token) { k.Expires = noon.Add(account.MaxTokenLife) }, ""},
		"for ever":        {func(k *account.Token) { k.Expires = noon.Add(account.MaxTokenLife + 1) }, account.CodeTokenExpiry},
		"no end":          {func(k *account.Token) { k.Expires = time.Time{} }, account.CodeTokenExpiry},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			k := issued()
			tt.change(&k)
			require.Equal(t, tt.want, refusal(t, k.Check()))
		})
	}
}

func TestTokenSpeaksForItsAccount(t *testing.T) {
	c, err := issued().Caller(zhang(), noon)
	require.NoError(t, err)
	require.Equal(t, account.Caller{
		Login: "zhang.san", Name: "张三", Role: account.Office, Scopes: []account.Scope{account.Read}, Token: true,
	}, c)

	off, revoked := zhang(), issued()
	off.Disabled, revoked.Revoked = true, noon
	for name, err := range map[string]error{
		"disabled": second(issued().Caller(off, noon)),
		"revoked":  second(revoked.Caller(zhang(), noon)),
		"over":     second(issued().Caller(zhang(), noon.Add(time.Hour))),
	} {
		require.Equal(t, account.CodeToken, refusal(t, err), name)
	}
}

func second[T any](_ T, err error) error { return err }
