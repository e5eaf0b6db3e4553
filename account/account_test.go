package account_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/account"
)

var noon = time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)

func zhang() account.Account {
	return account.Account{Login: "zhang.san", Name: "张三", Role: account.Office, Password: "hash", Created: noon}
}

func refusal(t require.TestingT, err error) account.Code {
	if err == nil {
		return ""
	}
	var refused *account.Error
	require.ErrorAs(t, err, &refused)
	require.NotEmpty(t, refused.Error())
	return refused.Code
}

func failed(a account.Account, times int, at time.Time) account.Account {
	for range times {
		a = a.Failed(at)
	}
	return a
}

func TestFiveWrongPasswordsLock(t *testing.T) {
	a := failed(zhang(), account.MaxFailures-1, noon)
	require.NoError(t, a.CanEnter(noon))
	a = a.Failed(noon)
	until := noon.Add(account.LockFor)
	require.Equal(t, until, a.LockedUntil)
	require.Equal(t, account.CodeLocked, refusal(t, a.CanEnter(noon)))
	require.Equal(t, account.CodeLocked, refusal(t, a.CanEnter(until.Add(-1))))
	require.Equal(t, account.CodeLocked, refusal(t, a.CanEnterVouched(until.Add(-1))), "whoever vouches for him")
	require.NoError(t, a.CanEnter(until), "the lock opens by itself")
	require.NoError(t, failed(a, account.MaxFailures-1, until).CanEnter(until), "and a new row begins")
	require.NoError(t, a.Unlocked().CanEnter(noon))
}

func TestFailuresAreForgotten(t *testing.T) {
	tests := map[string]struct {
		between func(account.Account) account.Account
		at      time.Time // of the last failure
		locked  bool
	}{
		"in a row":                  {func(a account.Account) account.Account { return a }, noon.Add(time.Minute), true},
		"just before the row is":    {func(a account.Account) account.Account { return a }, noon.Add(account.LockFor - 1), true},
		"after the row is":          {func(a account.Account) account.Account { return a }, noon.Add(account.LockFor), false},
		"after a login":             {func(a account.Account) account.Account { return a.Entered(noon) }, noon, false},
		"after a new password":      {func(a account.Account) account.Account { return a.WithPassword("other") }, noon, false},
		"after an administrator":    {account.Account.Unlocked, noon, false},
		"not by an invitation only": {func(a account.Account) account.Account { return a.Invited("link", false, noon) }, noon, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := tt.between(failed(zhang(), account.MaxFailures-1, noon)).Failed(tt.at)
			require.Equal(t, tt.locked, tt.at.Before(a.LockedUntil))
		})
	}
}

// Whatever happens, nobody tries more than five passwords in any stretch shorter than the lock.
func TestLockBoundsWhatCanBeTried(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, now := zhang(), noon
		var tried []time.Time
		for _, wait := range rapid.SliceOfN(rapid.IntRange(0, 20*60), 1, 60).Draw(t, "seconds between") {
			now = now.Add(time.Duration(wait) * time.Second)
			if a.CanEnter(now) != nil {
				continue
			}
			a = a.Failed(now)
			tried = append(tried, now)
			if n := len(tried) - account.MaxFailures - 1; n >= 0 {
				require.GreaterOrEqual(t, now.Sub(tried[n]), account.LockFor)
			}
		}
	})
}

func TestWhoCanEnter(t *testing.T) {
	tests := map[string]struct {
		change            func(*account.Account)
		password, vouched account.Code
	}{
		"as usual":               {func(*account.Account) {}, "", ""},
		"disabled":               {func(a *account.Account) { a.Disabled = true }, account.CodeWrongPassword, account.CodeNoAccount},
		"no password yet":        {func(a *account.Account) { a.Password = "" }, account.CodeWrongPassword, ""},
		"locked":                 {func(a *account.Account) { a.LockedUntil = noon.Add(1) }, account.CodeLocked, account.CodeLocked},
		"locked and disabled":    {func(a *account.Account) { a.LockedUntil, a.Disabled = noon.Add(1), true }, account.CodeLocked, account.CodeLocked},
		"lock over, but invited": {func(a *account.Account) { a.LockedUntil, a.Invitation = noon, "link" }, "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := zhang()
			tt.change(&a)
			require.Equal(t, tt.password, refusal(t, a.CanEnter(noon)))
			require.Equal(t, tt.vouched, refusal(t, a.CanEnterVouched(noon)))
		})
	}
}

func TestOneTimeLink(t *testing.T) {
	invited := zhang().Invited("link", false, noon)
	require.Equal(t, "hash", invited.Password, "good until the link is used")
	require.Equal(t, zhang().Epoch, invited.Epoch)
	require.NoError(t, invited.CanAccept(noon.Add(account.InvitedFor-1)))
	require.Equal(t, account.CodeInvitation, refusal(t, invited.CanAccept(noon.Add(account.InvitedFor))))

	reset := zhang().Invited("link", true, noon)
	require.Empty(t, reset.Password)
	require.Greater(t, reset.Epoch, zhang().Epoch, "sessions end at once")

	used := invited.WithPassword("new")
	require.Equal(t, []any{"new", ""}, []any{used.Password, used.Invitation})
	require.Greater(t, used.Epoch, invited.Epoch)
	require.Equal(t, account.CodeInvitation, refusal(t, used.CanAccept(noon)))

	invited.Disabled = true
	require.Equal(t, account.CodeInvitation, refusal(t, invited.CanAccept(noon)))
	require.Equal(t, account.CodeInvitation, refusal(t, zhang().CanAccept(noon)))
}

func TestEnteredRemembersWhen(t *testing.T) {
	require.Equal(t, noon, zhang().Entered(noon).Seen)
}

func TestCheck(t *testing.T) {
	liaison := account.Account{Login: "li", Name: "李四", Role: account.Unit, Unit: "xinhua"}
	tests := map[string]struct {
		change func(*account.Account)
		want   account.Code
	}{
		"a liaison":           {func(*account.Account) {}, ""},
		"of the office":       {func(a *account.Account) { a.Role, a.Unit = account.Office, "" }, ""},
		"no login":            {func(a *account.Account) { a.Login = "" }, account.CodeLogin},
		"one letter":          {func(a *account.Account) { a.Login = "a" }, account.CodeLogin},
		"capitals":            {func(a *account.Account) { a.Login = "Li" }, account.CodeLogin},
		"Chinese login":       {func(a *account.Account) { a.Login = "李四" }, account.CodeLogin},
		"begins with a digit": {func(a *account.Account) { a.Login = "4li" }, account.CodeLogin},
		"longest login":       {func(a *account.Account) { a.Login = "abcdefghijklmnopqrstuvwxyz012345" }, ""},
		"too long a login":    {func(a *account.Account) { a.Login = "abcdefghijklmnopqrstuvwxyz0123456" }, account.CodeLogin},
		"login over lines":    {func(a *account.Account) { a.Login = "li\n" }, account.CodeLogin},
		"the machine's own":   {func(a *account.Account) { a.Login = account.Operator }, account.CodeTaken},
		"no name":             {func(a *account.Account) { a.Name = "" }, account.CodeName},
		"name with blanks":    {func(a *account.Account) { a.Name = " 李四" }, account.CodeName},
		"name over lines":     {func(a *account.Account) { a.Name = "李\n四" }, account.CodeName},
		"name made backwards": {func(a *account.Account) { a.Name = "李\u202e四" }, account.CodeName},
		"longest name":        {func(a *account.Account) { a.Name = repeat("李", 50) }, ""},
		"too long a name":     {func(a *account.Account) { a.Name = repeat("李", 51) }, account.CodeName},
		"no role":             {func(a *account.Account) { a.Role = "" }, account.CodeRole},
		"unknown role":        {func(a *account.Account) { a.Role = "root" }, account.CodeRole},
		"liaison of no unit":  {func(a *account.Account) { a.Unit = "" }, account.CodeUnit},
		"of an unknown unit":  {func(a *account.Account) { a.Unit = "nowhere" }, account.CodeUnit},
		"office with a unit":  {func(a *account.Account) { a.Role = account.Office }, account.CodeUnit},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := liaison
			tt.change(&a)
			require.Equal(t, tt.want, refusal(t, a.Check(func(unit string) bool { return unit == "xinhua" })))
		})
	}
}

func TestChange(t *testing.T) {
	liaison := account.Account{Login: "li", Name: "李四", Role: account.Unit, Unit: "xinhua", Epoch: 3}
	off := liaison
	off.Disabled = true
	locked := failed(liaison, account.MaxFailures, noon)
	tests := map[string]struct {
		before account.Account
		change account.Change
		want   func(*account.Account) // of the account before
	}{
		"nothing":         {liaison, account.Change{}, func(*account.Account) {}},
		"name":            {liaison, account.Change{Name: new(" 李肆 ")}, func(a *account.Account) { a.Name = "李肆" }},
		"same role":       {liaison, account.Change{Role: new(account.Unit)}, func(*account.Account) {}},
		"other role":      {liaison, account.Change{Role: new(account.Office), Unit: new("")}, func(a *account.Account) { a.Role, a.Unit, a.Epoch = account.Office, "", 4 }},
		"other unit":      {liaison, account.Change{Unit: new("tianshan")}, func(a *account.Account) { a.Unit, a.Epoch = "tianshan", 4 }},
		"disabled":        {liaison, account.Change{Disabled: new(true)}, func(a *account.Account) { a.Disabled, a.Epoch = true, 4 }},
		"disabled again":  {off, account.Change{Disabled: new(true)}, func(*account.Account) {}},
		"enabled":         {off, account.Change{Disabled: new(false)}, func(a *account.Account) { a.Disabled = false }},
		"unlocked":        {locked, account.Change{Unlock: true}, func(a *account.Account) { *a = liaison }},
		"not unlocked by": {locked, account.Change{Name: new("李肆")}, func(a *account.Account) { a.Name = "李肆" }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := tt.before
			tt.want(&want)
			require.Equal(t, want, tt.change.Apply(tt.before))
		})
	}
}

func TestCanManage(t *testing.T) {
	for _, role := range account.Roles {
		a := account.Account{Role: role}
		require.Equal(t, role == account.Admin, a.CanManage(), role)
		a.Disabled = true
		require.False(t, a.CanManage(), role)
	}
}

func TestOwns(t *testing.T) {
	for _, role := range account.Roles {
		c := account.Caller{Role: role, Unit: "xinhua"}
		require.True(t, c.Owns("xinhua"), role)
		require.Equal(t, role != account.Unit, c.Owns("tianshan"), role)
		require.Equal(t, role != account.Unit, c.Owns(""), role)
	}
	require.False(t, account.Caller{Role: account.Unit}.Owns(""), "a liaison of no unit owns nothing")
}

func TestCallerMayWhatItsScopesSay(t *testing.T) {
	c := zhang().Caller()
	require.Equal(t, account.Caller{Login: "zhang.san", Name: "张三", Role: account.Office, Scopes: account.Scopes}, c)
	for _, s := range account.Scopes {
		require.True(t, c.May(s))
		require.Equal(t, s == account.Read, account.Caller{Scopes: []account.Scope{account.Read}}.May(s))
	}
}
