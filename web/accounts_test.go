package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/web"
)

func people() *programs {
	until := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	return offices(map[string]any{
		"GET /accounts": api.AccountList{Accounts: []api.Account{
			{Login: "li", Name: hostile, Role: account.Unit, RoleLabel: "责任单位联络员", Unit: "yjj", Ready: true, LockedUntil: until},
			{Login: "admin", Name: "管理员", Role: account.Admin, RoleLabel: "管理员", Ready: true},
		}},
		"GET /accounts/li/tokens":      api.TokenList{Tokens: []api.Token{{ID: "t1", Label: "统计" + hostile, Scopes: []account.Scope{account.Read}}}},
		"POST /accounts":               api.Invitation{Account: api.Account{Login: "wang", Name: "王五"}, Secret: "S", Path: "/setup?secret=S"},
		"POST /accounts/li/invitation": api.Invitation{Account: api.Account{Login: "li", Name: "李四"}, Secret: "T", Path: "/setup?secret=T"},
	})
}

func TestAccounts(t *testing.T) {
	h := opened(people())
	for _, role := range []string{"admin", "auditor"} {
		body := get(h, "/accounts", as(role)).Body.String()
		require.Contains(t, body, "区应急局")
		require.Contains(t, body, "锁定至 2026年3月2日 09:00")
		require.NotContains(t, body, "<script>alert")
		require.Equal(t, role == "admin", strings.Contains(body, "开立账号"), role)
		body = get(h, "/accounts/li", as(role)).Body.String()
		require.NotContains(t, body, "<script>alert")
		for _, button := range []string{"停用账号", "解除锁定", "结束全部会话", "吊销</button>", "签发一次性链接"} {
			require.Equal(t, role == "admin", strings.Contains(body, button), "%s %s", role, button)
		}
	}
	require.NotContains(t, get(h, "/accounts/admin", as("admin")).Body.String(), "停用账号", "nobody shuts himself out")
	require.Equal(t, http.StatusNotFound, get(h, "/accounts/nobody", as("admin")).Code)
	require.Equal(t, http.StatusForbidden, get(h, "/accounts", as("office")).Code)
}

// The link is on the page that answers, and nowhere else.
func TestAccountIsOpened(t *testing.T) {
	p := people()
	h := pages(newDoor(), func(d *web.Deps) { d.API, d.Origins = p, []string{"https://duban.example"} })
	form := url.Values{"form": {"account"}, "key": {"k1"}, "login": {" wang "}, "name": {"王五"}, "role": {"unit"}, "unit": {"yjj"}}
	w := post(h, "/accounts", form, as("admin"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `value="https://duban.example/setup?secret=S"`)
	require.Equal(t, []string{`k1  {"login":"wang","name":"王五","role":"unit","unit":"yjj"}`}, sent(p, "POST /accounts "))
	require.Contains(t, post(h, "/accounts/li/invitation", url.Values{"reset": {"yes"}}, as("admin")).Body.String(), "secret=T")
	require.Equal(t, []string{`{"reset":true}`}, sent(p, "POST /accounts/li/invitation"))
	require.Contains(t, post(opened(p), "/accounts", form, as("admin")).Body.String(), `value="http://example.com/setup?secret=S"`)

	p.answers["POST /accounts"] = &api.Problem{Status: http.StatusConflict, Detail: "该登录名已被使用"}
	w = post(h, "/accounts", form, as("admin"))
	require.Equal(t, http.StatusConflict, w.Code)
	require.Contains(t, w.Body.String(), "该登录名已被使用")
	require.Contains(t, w.Body.String(), `value="王五"`)
}

func TestAccountIsChanged(t *testing.T) {
	for path, c := range map[string]struct{ call, body, notice string }{
		"":                  {"PATCH /accounts/li", `{"name":"李四","role":"office","unit":""}`, "account-changed"},
		"/disable":          {"PATCH /accounts/li", `{"disabled":true}`, "disabled"},
		"/enable":           {"PATCH /accounts/li", `{"disabled":false}`, "enabled"},
		"/unlock":           {"PATCH /accounts/li", `{"unlock":true}`, "unlocked"},
		"/sessions":         {"DELETE /accounts/li/sessions", "", "sessions-ended"},
		"/tokens/t1/revoke": {"DELETE /accounts/li/tokens/t1", "", "token-revoked"},
	} {
		p := people()
		h := opened(p)
		form := url.Values{"form": {"account"}, "name": {"李四"}, "role": {"office"}, "unit": {""}}
		w := post(h, "/accounts/li"+path, form, as("admin"))
		require.Equal(t, []any{http.StatusSeeOther, "/accounts/li?done=" + c.notice}, []any{w.Code, w.Header().Get("Location")})
		require.Equal(t, []string{c.body}, sent(p, c.call), path)
		require.NotEmpty(t, get(h, "/accounts/li?done="+c.notice, as("admin")).Body.String())
		require.Contains(t, get(h, "/accounts/li?done="+c.notice, as("admin")).Body.String(), `class="notice"`)
		require.Equal(t, http.StatusForbidden, post(h, "/accounts/li"+path, form, as("auditor")).Code)
		p.answers[c.call] = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "这是最后一个可用的管理员账号"}
		w = post(h, "/accounts/li"+path, form, as("admin"))
		require.Equal(t, http.StatusUnprocessableEntity, w.Code, path)
		require.Contains(t, w.Body.String(), "这是最后一个可用的管理员账号")
	}
}
