package api_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
)

// registry keeps accounts in memory, and what it was asked.
type registry struct {
	accounts []account.Account
	tokens   []account.Token
	feeds    []account.Feed
	owners   map[string]account.Caller // by the secret of a feed
	entries  []account.Entry
	asked    []string
}

const rightPassword = "Chang-ning-2026"

func (r *registry) note(what string) { r.asked = append(r.asked, what) }

func (r *registry) Enter(_ context.Context, login, password, remote string) (account.Caller, error) {
	r.note("enter " + login + " from " + remote)
	if password != rightPassword {
		return account.Caller{}, account.Refuse(account.CodeWrongPassword)
	}
	return account.Caller{Login: login, Name: people[login], Role: account.Office, Scopes: account.Scopes}, nil
}

func (r *registry) Leave(_ context.Context, by account.Caller, _ string) error {
	r.note("leave " + by.Login)
	return nil
}

func (r *registry) Accept(_ context.Context, secret, password, _ string) (account.Account, error) {
	if secret != "link" {
		return account.Account{}, account.Refuse(account.CodeInvitation)
	}
	a := account.Account{Login: "li", Name: "李四", Role: account.Office, Password: "hash", Created: now}
	return a, account.CheckPassword(password, a)
}

func (r *registry) ChangePassword(_ context.Context, by account.Caller, old, _, _ string) error {
	if old != rightPassword {
		return account.Refuse(account.CodeWrongPassword)
	}
	r.note("password of " + by.Login)
	return nil
}

func (r *registry) List(context.Context) ([]account.Account, error) { return r.accounts, nil }

func (r *registry) Create(_ context.Context, by account.Caller, a account.Account, _ string) (account.Account, string, error) {
	if err := a.Check(func(unit string) bool { return unit == "xinhua" }); err != nil {
		return a, "", err
	}
	a.Created, a.InvitedTo = now, now.Add(account.InvitedFor)
	r.accounts = append(r.accounts, a)
	r.note(by.Login + " creates " + a.Login)
	return a, "link", nil
}

func (r *registry) Invite(_ context.Context, _ account.Caller, login string, reset bool, _ string) (account.Account, string, error) {
	if reset {
		r.note("reset " + login)
	}
	for _, a := range r.accounts {
		if a.Login == login {
			return a, "link", nil
		}
	}
	return account.Account{}, "", account.Refuse(account.CodeNotFound)
}

func (r *registry) Change(_ context.Context, _ account.Caller, login string, c account.Change, _ string) (account.Account, error) {
	for i, a := range r.accounts {
		if a.Login == login {
			r.accounts[i] = c.Apply(a)
			return r.accounts[i], nil
		}
	}
	return account.Account{}, account.Refuse(account.CodeNotFound)
}

func (r *registry) EndSessions(_ context.Context, _ account.Caller, login, _ string) error {
	r.note("end sessions of " + login)
	return nil
}

func (r *registry) IssueToken(_ context.Context, by account.Caller, label string, scopes []account.Scope, expires time.Time, _ string) (account.Token, string, error) {
	t := account.Token{ID: "t1", Login: by.Login, Label: label, Scopes: scopes, Created: now, Expires: expires}
	if err := t.Check(); err != nil {
		return t, "", err
	}
	r.tokens = append(r.tokens, t)
	return t, "duban_secret", nil
}

func (r *registry) Tokens(_ context.Context, login string) ([]account.Token, error) {
	var out []account.Token
	for _, t := range r.tokens {
		if t.Login == login {
			out = append(out, t)
		}
	}
	return out, nil
}

func (r *registry) RevokeToken(_ context.Context, _ account.Caller, login, id, _ string) error {
	for i, t := range r.tokens {
		if t.Login == login && t.ID == id {
			r.tokens[i].Revoked = now
			return nil
		}
	}
	return account.Refuse(account.CodeNotFound)
}

func (r *registry) IssueFeed(_ context.Context, by account.Caller, _ string) (account.Feed, string, error) {
	f := account.Feed{ID: "f1", Login: by.Login, Created: now}
	r.feeds = append(r.feeds, f)
	r.owners = map[string]account.Caller{"SECRET": by}
	return f, "SECRET", nil
}

func (r *registry) Feeds(context.Context, string) ([]account.Feed, error) { return r.feeds, nil }

func (r *registry) RevokeFeed(_ context.Context, by account.Caller, id, _ string) error {
	for i, f := range r.feeds {
		if f.ID == id && f.Login == by.Login {
			r.feeds[i].Revoked, r.owners = now, nil
			return nil
		}
	}
	return account.Refuse(account.CodeNotFound)
}

func (r *registry) FeedOwner(_ context.Context, secret string) (account.Caller, error) {
	if who, ok := r.owners[secret]; ok {
		return who, nil
	}
	return account.Caller{}, account.Refuse(account.CodeNotFound)
}

func (r *registry) Note(_ context.Context, by account.Caller, action account.Action, target, detail, remote string) error {
	r.entries = append(r.entries, account.Entry{Seq: int64(len(r.entries)) + 1, At: now, By: by.Login, Action: action, Target: target, Detail: detail, Remote: remote})
	return nil
}

func (r *registry) AdminLog(_ context.Context, before int64, limit int) ([]account.Entry, error) {
	var out []account.Entry
	for i := len(r.entries) - 1; i >= 0 && len(out) < limit; i-- {
		if e := r.entries[i]; before == 0 || e.Seq < before {
			out = append(out, e)
		}
	}
	return out, nil
}

// registered is the API over a registry of two accounts.
func registered(t *testing.T) (http.Handler, *registry) {
	t.Helper()
	deps := newFake(t).deps()
	r := &registry{accounts: []account.Account{
		{
			Login: "li", Name: "李四", Role: account.Unit, Unit: "xinhua", Password: "hash-of-li", Created: now, Seen: now, Epoch: 3,
			LockedUntil: now.Add(time.Minute), Failures: 1,
		},
		{Login: "wang", Name: "王五", Role: account.Admin, Invitation: "hash-of-link", InvitedTo: now.Add(time.Hour), Created: now},
	}}
	deps.Accounts = r
	return api.New(deps), r
}

func TestLogInAndOut(t *testing.T) {
	h, r := registered(t)
	me := post(t, h, v1+"/login", `{"login":"zhang","password":"`+rightPassword+`"}`, asHeader, "nobody")
	require.Equal(t, map[string]any{
		"login": "zhang", "name": "张三", "role": "office", "roleLabel": "区安委办", "scopes": []any{"read", "act", "manage"},
	}, me)
	refuses(t, h, "wrong_password", http.StatusUnauthorized, v1+"/login", `{"login":"zhang","password":"x"}`, asHeader, "nobody")
	refuses(t, h, "validation_failed", http.StatusUnprocessableEntity, v1+"/login", `{"login":"zhang"}`, asHeader, "nobody")
	require.Equal(t, "xinhua", ask(t, h, http.StatusOK, request(http.MethodGet, v1+"/me", "", asHeader, "unit li xinhua"))["unit"])
	wantProblem(t, serve(h, request(http.MethodGet, v1+"/me", "", asHeader, "nobody")), http.StatusUnauthorized, "not_logged_in")
	require.Equal(t, map[string]any{"status": "done"}, post(t, h, v1+"/logout", "", asHeader, "office zhang"))
	require.Equal(t, []string{"enter zhang from 127.0.0.1", "enter zhang from 127.0.0.1", "leave zhang"}, r.asked)
}

// What was typed comes back in no answer.
func TestPasswordsAreNotEchoed(t *testing.T) {
	h, _ := registered(t)
	const typed = "typed-Geheim-2026"
	for path, body := range map[string]string{
		"/login":      `{"login":"zhang","password":"` + typed + `"}`,
		"/invitation": `{"secret":"` + typed + `","password":"` + typed + `"}`,
	} {
		w := serve(h, request(http.MethodPost, v1+path, body, asHeader, "nobody"))
		require.GreaterOrEqual(t, w.Code, 400)
		require.NotContains(t, w.Body.String(), typed)
	}
	for _, body := range []string{`{"login":"zhang","password":["` + typed + `"]}`, `{"login":"zhang","password":"x","more":"` + typed + `"}`, `{"password":"` + typed} {
		w := serve(h, request(http.MethodPost, v1+"/login", body, asHeader, "nobody"))
		require.GreaterOrEqual(t, w.Code, 400)
		require.NotContains(t, w.Body.String(), typed)
	}
	w := serve(h, request(http.MethodPut, v1+"/me/password", `{"old":"x","new":"`+typed+`"}`))
	wantProblem(t, w, http.StatusUnauthorized, "wrong_password")
	require.NotContains(t, w.Body.String(), typed)
}

func TestOneTimeLink(t *testing.T) {
	h, _ := registered(t)
	a := post(t, h, v1+"/invitation", `{"secret":"link","password":"`+rightPassword+`"}`, asHeader, "nobody")
	require.Equal(t, []any{"li", true}, []any{a["login"], a["ready"]})
	refuses(t, h, "invitation_invalid", http.StatusConflict, v1+"/invitation", `{"secret":"x","password":"`+rightPassword+`"}`, asHeader, "nobody")
	refuses(t, h, "password_length", http.StatusUnprocessableEntity, v1+"/invitation", `{"secret":"link","password":"short"}`, asHeader, "nobody")
}

func TestOwnPassword(t *testing.T) {
	h, r := registered(t)
	ask(t, h, http.StatusOK, request(http.MethodPut, v1+"/me/password", `{"old":"`+rightPassword+`","new":"another"}`, asHeader, "auditor wang"))
	require.Equal(t, []string{"password of wang"}, r.asked)
}

func TestAccounts(t *testing.T) {
	h, r := registered(t)
	list := ask(t, h, http.StatusOK, request(http.MethodGet, v1+"/accounts", "", asHeader, "auditor"))
	require.Equal(t, []map[string]any{
		{
			"login": "li", "name": "李四", "role": "unit", "roleLabel": "责任单位联络员", "unit": "xinhua", "ready": true, "disabled": false,
			"created": shown(now), "seen": shown(now), "lockedUntil": shown(now.Add(time.Minute)),
		},
		{
			"login": "wang", "name": "王五", "role": "admin", "roleLabel": "管理员", "ready": false, "disabled": false, "created": shown(now),
			"invitedTo": shown(now.Add(time.Hour)),
		},
	}, objects(t, list["accounts"]), "no hash, whatever it is of")

	made := post(t, h, v1+"/accounts", `{"login":"zhao","name":"赵六","role":"unit","unit":"xinhua"}`)
	require.Equal(t, []any{"link", "/setup?secret=link"}, []any{made["secret"], made["path"]})
	require.Equal(t, "zhao", made["account"].(map[string]any)["login"])
	require.Equal(t, []string{"zhang creates zhao"}, r.asked)
	for body, code := range map[string]string{
		`{"login":"Zhao","name":"赵六","role":"office"}`:                "login_invalid",
		`{"login":"zhao","name":" ","role":"office"}`:                 "name_of_account_invalid",
		`{"login":"zhao","name":"赵六","role":"unit"}`:                  "unit_of_account_invalid",
		`{"login":"zhao","name":"赵六","role":"unit","unit":"nowhere"}`: "unit_of_account_invalid",
		`{"login":"zhao","name":"赵六","role":"root"}`:                  "validation_failed",
		`{"login":"zhao","name":"赵六","role":"office","password":"x"}`: "validation_failed",
	} {
		refuses(t, h, code, http.StatusUnprocessableEntity, v1+"/accounts", body)
	}
}

func shown(at time.Time) string { return at.In(time.FixedZone("", 8*3600)).Format(time.RFC3339Nano) }

func TestChangeAccounts(t *testing.T) {
	h, r := registered(t)
	patch := func(login, body string) map[string]any {
		return ask(t, h, http.StatusOK, request(http.MethodPatch, v1+"/accounts/"+login, body))
	}
	a := patch("li", `{"disabled":true,"unlock":true}`)
	require.Equal(t, true, a["disabled"])
	require.NotContains(t, a, "lockedUntil")
	require.Equal(t, []any{"李四", "unit", "xinhua"}, []any{a["name"], a["role"], a["unit"]}, "what is not named stays")
	a = patch("li", `{"name":"李肆","role":"office","unit":""}`)
	require.Equal(t, []any{"李肆", "office", true}, []any{a["name"], a["role"], a["disabled"]})
	wantProblem(t, serve(h, request(http.MethodPatch, v1+"/accounts/nobody", `{"name":"x"}`)), http.StatusNotFound, "account_not_found")

	invited := post(t, h, v1+"/accounts/wang/invitation", none)
	require.Equal(t, "/setup?secret=link", invited["path"])
	require.Empty(t, r.asked, "the password stays")
	post(t, h, v1+"/accounts/wang/invitation", `{"reset":true}`)
	require.Equal(t, []string{"reset wang"}, r.asked)
	refuses(t, h, "account_not_found", http.StatusNotFound, v1+"/accounts/nobody/invitation", "{}")
	ask(t, h, http.StatusOK, request(http.MethodDelete, v1+"/accounts/li/sessions", ""))
	require.Equal(t, "end sessions of li", r.asked[1])
}

func TestTokens(t *testing.T) {
	h, _ := registered(t)
	expires := now.Add(24 * time.Hour)
	body := fmt.Sprintf(`{"label":"报表","scopes":["read","act"],"expires":%q}`, expires.Format(time.RFC3339))
	made := post(t, h, v1+"/me/tokens", body, asHeader, "office zhang")
	require.Equal(t, map[string]any{
		"id": "t1", "label": "报表", "scopes": []any{"read", "act"}, "created": shown(now), "expires": shown(expires), "secret": "duban_secret",
	}, made)
	see := func(path string, headers ...string) []map[string]any {
		return objects(t, ask(t, h, http.StatusOK, request(http.MethodGet, v1+path, "", headers...))["tokens"])
	}
	delete(made, "secret")
	require.Equal(t, []map[string]any{made}, see("/me/tokens", asHeader, "office zhang"), "its secret is shown once")
	require.Empty(t, see("/me/tokens", asHeader, "office li"))
	require.Len(t, see("/accounts/zhang/tokens", asHeader, "auditor wang"), 1)
	for body, code := range map[string]string{
		`{"label":"","scopes":["read"],"expires":"2027-01-01T00:00:00Z"}`:     "token_label_invalid",
		`{"label":"报表","scopes":["read"],"expires":"2020-01-01T00:00:00Z"}`:   "token_expiry_invalid",
		`{"label":"报表","scopes":[],"expires":"2027-01-01T00:00:00Z"}`:         "validation_failed",
		`{"label":"报表","scopes":["all"],"expires":"2027-01-01T00:00:00Z"}`:    "validation_failed",
		`{"label":"报表","scopes":["read"],"expires":"soon"}`:                   "validation_failed",
		`{"label":"报表","scopes":["read"],"expires":"2027-01-01T00:00:00"}`:    "validation_failed",
		`{"label":"报表","scopes":["read"],"expires":"2027-02-30T00:00:00Z"}`:   "validation_failed",
		`{"label":"报表","scopes":["read","act","manage","read"],"expires":""}`: "validation_failed",
	} {
		w := serve(h, request(http.MethodPost, v1+"/me/tokens", body))
		wantProblem(t, w, http.StatusUnprocessableEntity, code)
	}
	revoke := func(path string, headers ...string) int {
		return serve(h, request(http.MethodDelete, v1+path, "", headers...)).Code
	}
	require.Equal(t, http.StatusNotFound, revoke("/me/tokens/t1", asHeader, "office li"), "it is another's")
	require.Equal(t, http.StatusNotFound, revoke("/accounts/li/tokens/t1"))
	require.Equal(t, http.StatusOK, revoke("/me/tokens/t1", asHeader, "office zhang"))
	require.Equal(t, shown(now), see("/me/tokens", asHeader, "office zhang")[0]["revoked"])
	require.Equal(t, http.StatusOK, revoke("/accounts/zhang/tokens/t1"))
}

func TestAdminLogPages(t *testing.T) {
	h, r := registered(t)
	require.Empty(t, objects(t, ask(t, h, http.StatusOK, request(http.MethodGet, v1+"/admin-log", "", asHeader, "auditor"))["entries"]))
	for i := range 5 {
		require.NoError(t, r.Note(t.Context(), account.Caller{Login: "wang"}, account.PlanSeeded, fmt.Sprint("方案", i), "详情", "10.1.2.3"))
	}
	var seen []string
	pages := 0
	for before := "0"; before != ""; pages++ {
		page := get(t, h, v1+"/admin-log?limit=2&before="+before)
		for _, e := range objects(t, page["entries"]) {
			seen = append(seen, e["target"].(string))
		}
		before = ""
		if next, more := page["next"].(float64); more {
			before = fmt.Sprint(next)
		}
	}
	require.Equal(t, []string{"方案4", "方案3", "方案2", "方案1", "方案0"}, seen)
	require.Equal(t, 3, pages)
	e := objects(t, get(t, h, v1+"/admin-log?limit=1")["entries"])[0]
	require.Equal(t, map[string]any{
		"seq": 5.0, "at": shown(now), "by": "wang", "action": "plan_seeded", "actionLabel": "载入方案", "target": "方案4", "detail": "详情",
		"remote": "10.1.2.3", "hash": "",
	}, e)
}
