package account_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/account"
)

func repeat(s string, n int) string { return strings.Repeat(s, n) }

func TestPasswords(t *testing.T) {
	tests := map[string]struct {
		password string
		want     account.Code
	}{
		"three kinds":                  {"Yuan-Shan-Ru-Dai", ""},
		"letters, digits, signs":       {"yuan7shan-", ""},
		"Chinese and letters":          {"远山Ru黛3近水Han烟", ""},
		"shortest":                     {"Yuanshan7!", ""},
		"too short":                    {"Yuansha7!", account.CodePasswordLength},
		"empty":                        {"", account.CodePasswordLength},
		"longest":                      {repeat("Yuan7-shan", 12) + "Yuan7-sh", ""},
		"too long":                     {repeat("Yuan7-shan", 12) + "Yuan7-sha", account.CodePasswordLength},
		"no text at all":               {"Yuanshan7!\xff", account.CodePasswordLength},
		"with a tab":                   {"Yuanshan7\t!", account.CodePasswordLength},
		"two kinds":                    {"yuanshan77", account.CodePasswordKinds},
		"two kinds, nearly a sentence": {"yuan shan ru dai ya", account.CodePasswordKinds},
		"a sentence":                   {"yuan shan ru dai jin shui", ""},
		"digits, however long":         {repeat("1", 30), account.CodePasswordWeak},
		"of one pattern":               {"Aa1Aa1Aa1Aa1", account.CodePasswordWeak},
		"what is tried first":          {"Password123456!", account.CodePasswordWeak},
		"with capitals in between":     {"pAsSwOrD20267!", account.CodePasswordWeak},
		"with the year":                {"Password2026!", account.CodePasswordWeak},
		"in one word":                  {"Qwerty123456", account.CodePasswordWeak},
		"the login":                    {"Zhang.San-2026-Shan", account.CodePasswordWeak},
		"the name alone":               {"张三张三张三张三A1", account.CodePasswordWeak},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, refusal(t, account.CheckPassword(tt.password, zhang())))
		})
	}
}

// No password that holds the login passes, whatever stands around it and however it is written.
func TestPasswordNeverHoldsTheLogin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		around := rapid.StringMatching(`[A-Za-z0-9!-/]{0,30}`)
		login := rapid.SampledFrom([]string{"zhang.san", "Zhang.San", "ZHANG.SAN"}).Draw(t, "login")
		password := around.Draw(t, "before") + login + around.Draw(t, "after")
		require.Error(t, account.CheckPassword(password, zhang()))
	})
}

// Whoever takes a password that is random enough is never refused for what it is made of.
func TestLongRandomPasswordsPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		password := rapid.StringMatching(`[A-Z][a-z][0-9][b-df-hj-km-prtv-y2-57-9]{20}`).Draw(t, "password")
		distinct := map[rune]bool{}
		for _, r := range strings.ToLower(password) {
			distinct[r] = true
		}
		if len(distinct) < 5 {
			t.Skip("of one pattern")
		}
		require.NoError(t, account.CheckPassword(password, zhang()))
	})
}
