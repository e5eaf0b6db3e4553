package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/sebdah/goldie/v2"
	"github.com/stretchr/testify/require"

	"duban/account"
	"duban/api"
	"duban/web"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.TestMode)
	m.Run()
}

const right = "Yuan-Shan-Ru-Dai"

// door lets in whoever knows the password; a cookie says as whom.
type door struct {
	asked   []string
	invited account.Account
	fault   error
	next    string // of Back
}

func (d *door) note(format string, args ...any) {
	d.asked = append(d.asked, fmt.Sprintf(format, args...))
}

func (d *door) Identify(r *http.Request) (account.Caller, error) {
	if d.fault != nil {
		return account.Caller{}, d.fault
	}
	c, err := r.Cookie("as")
	if err != nil {
		return account.Caller{}, account.Refuse(account.CodeUnauthenticated)
	}
	who := account.Caller{Login: c.Value, Name: "张三", Role: account.Role(c.Value), Scopes: account.Scopes}
	if who.Role == account.Unit {
		who.Unit = "xinhua"
	}
	return who, nil
}

func (d *door) Enter(_ context.Context, login, password, remote string) (account.Caller, error) {
	d.note("enter %s from %s", login, remote)
	switch {
	case d.fault != nil:
		return account.Caller{}, d.fault
	case login == "locked":
		return account.Caller{}, account.Refuse(account.CodeLocked)
	case password != right:
		return account.Caller{}, account.Refuse(account.CodeWrongPassword)
	}
	return account.Caller{Login: login}, nil
}

func (d *door) Leave(_ context.Context, by account.Caller, remote string) error {
	d.note("leave %s from %s", by.Login, remote)
	return d.fault
}

func (d *door) Invited(_ context.Context, secret string) (account.Account, error) {
	if d.fault != nil {
		return account.Account{}, d.fault
	}
	if secret != "link" {
		return account.Account{}, account.Refuse(account.CodeInvitation)
	}
	return d.invited, nil
}

func (d *door) Accept(_ context.Context, _, password, remote string) (account.Account, error) {
	d.note("accept from %s", remote)
	return d.invited, account.CheckPassword(password, d.invited)
}

func (d *door) Away(_ context.Context, next string) (string, error) {
	d.note("away %s", next)
	return "https://sso.example/auth?state=x", d.fault
}

func (d *door) Back(_ context.Context, brought url.Values, remote string) (account.Caller, string, error) {
	d.note("back %s from %s", brought.Encode(), remote)
	return account.Caller{}, d.next, d.fault
}

func newDoor() *door {
	return &door{invited: account.Account{Login: "li", Name: "李四", Role: account.Leader}}
}

func pages(d *door, change ...func(*web.Deps)) *gin.Engine {
	deps := web.Deps{Login: d, API: new(programs), Workflows: "/temporal/", Log: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&deps)
	}
	return web.New(deps)
}

// programs stands for the API: it answers by method and path what it was given, and with nothing at all where it was given
// nothing.
type programs struct {
	answers map[string]any // an *api.Problem is a refusal
	asked   []string
}

// ServeHTTP implements http.Handler.
func (p *programs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	key := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/api/v1")
	p.asked = append(p.asked, strings.TrimSpace(key+" "+r.Header.Get("Idempotency-Key")+" "+r.Header.Get("If-Match")+" "+string(body)))
	out, ok := p.answers[key]
	if !ok {
		out = struct{}{}
	}
	if problem, refused := out.(*api.Problem); refused {
		w.WriteHeader(problem.Status)
	}
	_ = json.NewEncoder(w).Encode(out)
}

type header = map[string]string

func ask(h http.Handler, method, target string, form url.Values, headers header) *httptest.ResponseRecorder {
	var body io.Reader = http.NoBody
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, target, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func get(h http.Handler, target string, headers header) *httptest.ResponseRecorder {
	return ask(h, http.MethodGet, target, nil, headers)
}

func post(h http.Handler, target string, form url.Values, headers header) *httptest.ResponseRecorder {
	if form == nil {
		form = url.Values{}
	}
	return ask(h, http.MethodPost, target, form, headers)
}

func as(role string) header { return header{"Cookie": "as=" + role} }

// The table of role × page as it works. "go test ./web -update" takes a change over, which is to be looked at.
func TestAccessIsAsPublished(t *testing.T) {
	columns := []string{"nobody", "office", "leader", "unit", "auditor", "admin"}
	var out strings.Builder
	fmt.Fprintf(&out, "%-24s %s\n", "", strings.Join(columns, "  "))
	routes := pages(newDoor()).Routes()
	slices.SortFunc(routes, func(a, b gin.RouteInfo) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	for _, route := range routes {
		fmt.Fprintf(&out, "%-24s", route.Method+" "+route.Path)
		for _, who := range columns {
			headers := header{}
			if who != "nobody" {
				headers = as(who)
			}
			w := ask(pages(newDoor()), route.Method, strings.Replace(route.Path, ":file", "duban.css", 1), nil, headers)
			admitted := "yes"
			if w.Code == http.StatusForbidden {
				admitted = "-"
			}
			if route.Path != "/logout" && strings.HasPrefix(w.Header().Get("Location"), web.LoginPath) {
				admitted = "login"
			}
			fmt.Fprintf(&out, " %-*s", len(who)+1, admitted)
		}
		out.WriteString("\n")
	}
	text := regexp.MustCompile(` +\n`).ReplaceAllString(out.String(), "\n")
	goldie.New(t, goldie.WithNameSuffix(".txt")).Assert(t, "access", []byte(text))
}

func TestHomeIsForEachRole(t *testing.T) {
	for _, role := range account.Roles {
		w := get(pages(newDoor()), "/", as(string(role)))
		require.Equal(t, http.StatusOK, w.Code)
		require.Contains(t, w.Body.String(), "张三（"+role.Chinese())
		require.Equal(t, role != account.Unit, strings.Contains(w.Body.String(), `href="/temporal/"`), role)
	}
	require.NotContains(t, get(pages(newDoor(), func(d *web.Deps) { d.Workflows = "" }), "/", as("office")).Body.String(), "流程界面")
	require.Contains(t, get(pages(newDoor(), func(d *web.Deps) { d.Rehearsal = true }), "/", as("office")).Body.String(), "演练")
	w := get(pages(newDoor()), "/", nil)
	require.Equal(t, []any{http.StatusSeeOther, "/login"}, []any{w.Code, w.Header().Get("Location")})
	w = get(pages(newDoor()), "/?x=1", nil)
	require.Equal(t, "/login?next=%2F%3Fx%3D1", w.Header().Get("Location"), "and goes on from there")
	require.Equal(t, http.StatusForbidden, get(pages(newDoor()), "/", as("stranger")).Code)
	running := pages(newDoor(), func(d *web.Deps) {
		d.API = &programs{answers: map[string]any{"GET /plans": api.PlanList{Plans: []api.Plan{{Code: "p1"}}}}}
	})
	for role, want := range map[account.Role]string{
		account.Office: "/plans/p1", account.Leader: "/plans/p1", account.Auditor: "/plans/p1", account.Unit: "/plans/p1/desk", account.Admin: "/plans/p1/stuck",
	} {
		w := get(running, "/", as(string(role)))
		require.Equal(t, []any{http.StatusSeeOther, want}, []any{w.Code, w.Header().Get("Location")}, role)
	}
}

// What somebody wrote before his session ended goes through the login with him, and out when he says so.
func TestFormsOutliveTheSession(t *testing.T) {
	d := newDoor()
	h := pages(d)
	w := post(h, "/me/tokens?x=1", url.Values{"label": {`统计"><script>`}, "key": {"k-1"}, "evidence": {"F-1"}}, nil)
	require.Equal(t, http.StatusUnauthorized, w.Code)
	require.Contains(t, w.Body.String(), "登录已过期")
	kept := url.Values{
		"login": {"zhang"}, "password": {right}, "next": {"/"}, "kept-path": {hidden(t, w, "kept-path")}, "kept-form": {hidden(t, w, "kept-form")},
	}
	require.Equal(t, "/me/tokens?x=1", kept.Get("kept-path"))
	kept.Set("password", "wrong")
	w = post(h, "/login", kept, nil)
	require.Equal(t, http.StatusUnauthorized, w.Code)
	require.NotEmpty(t, hidden(t, w, "kept-form"), "a second try keeps it")
	kept.Set("password", right)
	w = post(h, "/login", kept, nil)
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `action="/me/tokens?x=1"`)
	require.Equal(t, "k-1", hidden(t, w, "key"), "it is carried out once")
	require.Equal(t, "F-1", hidden(t, w, "evidence"))
	require.NotContains(t, w.Body.String(), "<dd>F-1", "it is nothing that he has written")
	require.Equal(t, `统计"><script>`, hidden(t, w, "label"))
	require.NotContains(t, w.Body.String(), "<script>")
	for _, path := range []string{"https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"} {
		kept.Set("kept-path", path)
		w = post(h, "/login", kept, nil)
		require.Equal(t, []any{http.StatusSeeOther, "/"}, []any{w.Code, w.Header().Get("Location")}, path)
	}
	w = get(h, "/me", header{"HX-Request": "true"})
	require.Equal(t, []any{http.StatusUnauthorized, "/login"}, []any{w.Code, w.Header().Get("HX-Redirect")}, "no login within a part of a page")
}

// hidden returns the value of a page's hidden field.
func hidden(t *testing.T, w *httptest.ResponseRecorder, name string) string {
	t.Helper()
	found := regexp.MustCompile(`<input type="hidden" name="` + name + `" value="([^"]*)"`).FindStringSubmatch(w.Body.String())
	require.NotNil(t, found, name)
	return html.UnescapeString(found[1])
}

func TestLogin(t *testing.T) {
	d := newDoor()
	h := pages(d)
	w := get(h, "/login?next=/temporal/", nil)
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `name="next" value="/temporal/"`)
	w = post(h, "/login", url.Values{"login": {"zhang"}, "password": {right}, "next": {"/temporal/"}}, nil)
	require.Equal(t, []any{http.StatusSeeOther, "/temporal/"}, []any{w.Code, w.Header().Get("Location")})
	require.Equal(t, []string{"enter zhang from 192.0.2.1"}, d.asked)

	for login, want := range map[string]int{"zhang": http.StatusUnauthorized, "locked": http.StatusTooManyRequests} {
		w = post(h, "/login", url.Values{"login": {login}, "password": {"secret-as-typed"}, "next": {"/temporal/"}}, nil)
		require.Equal(t, want, w.Code)
		require.Contains(t, w.Body.String(), `role="alert"`)
		require.Contains(t, w.Body.String(), `value="`+login+`"`, "what was typed need not be typed again")
		require.Contains(t, w.Body.String(), `name="next" value="/temporal/"`)
		require.NotContains(t, w.Body.String(), "secret-as-typed")
	}
}

// No address takes anybody to another site, wherever it comes from.
func TestNextStaysHere(t *testing.T) {
	for next, want := range map[string]string{
		"":                        "/",
		"/":                       "/",
		"/temporal/x?y=1":         "/temporal/x?y=1",
		"https://evil.example":    "/",
		"//evil.example":          "/",
		"///evil.example":         "/",
		"/\\evil.example":         "/",
		"\\\\evil.example":        "/",
		"/\t/evil.example":        "/",
		"/\n/evil.example":        "/",
		"javascript:alert(1)":     "/",
		"evil.example":            "/",
		"http:/evil.example":      "/",
		"/%zz":                    "/",
		"https:///evil.example/x": "/",
	} {
		d := newDoor()
		d.next = next
		h := pages(d)
		for name, w := range map[string]*httptest.ResponseRecorder{
			"password": post(h, "/login", url.Values{"login": {"zhang"}, "password": {right}, "next": {next}}, nil),
			"provider": get(h, web.CallbackPath+"?code=x", nil),
		} {
			require.Equal(t, http.StatusSeeOther, w.Code)
			require.Equal(t, want, w.Header().Get("Location"), "%s: %q", name, next)
		}
		get(h, "/login/oidc?next="+url.QueryEscape(next), nil)
		require.Equal(t, "away "+want, d.asked[len(d.asked)-1])
		body := get(h, "/login?next="+url.QueryEscape(next), nil).Body.String()
		require.NotContains(t, body, "evil.example")
		require.NotContains(t, body, "javascript:")
	}
}

func TestProvider(t *testing.T) {
	d := newDoor()
	h := pages(d, func(d *web.Deps) { d.Provider = "区政务通" })
	body := get(h, "/login?next=/temporal/", nil).Body.String()
	require.Contains(t, body, `href="/login/oidc?next=%2Ftemporal%2F">区政务通登录`)
	require.NotContains(t, body, "<details")
	require.Contains(t, get(pages(d, func(d *web.Deps) { d.Provider, d.ProviderOnly = "区政务通", true }), "/login", nil).Body.String(), "管理员用密码登录")
	require.NotContains(t, get(pages(d), "/login", nil).Body.String(), "/login/oidc")

	w := get(h, "/login/oidc?next=/temporal/", nil)
	require.Equal(t, []any{http.StatusSeeOther, "https://sso.example/auth?state=x"}, []any{w.Code, w.Header().Get("Location")})
	d.next = "/temporal/"
	w = get(h, web.CallbackPath+"?state=x&code=y", nil)
	require.Equal(t, []any{http.StatusSeeOther, "/temporal/"}, []any{w.Code, w.Header().Get("Location")})
	require.Equal(t, []string{"away /temporal/", "back code=y&state=x from 192.0.2.1"}, d.asked)

	for code, want := range map[account.Code]int{
		account.CodeOIDC: http.StatusUnauthorized, account.CodeNoAccount: http.StatusForbidden, account.CodeNoOIDC: http.StatusNotFound,
		account.CodeOIDCUnreachable: http.StatusServiceUnavailable, account.CodeLocked: http.StatusTooManyRequests,
	} {
		d.fault = account.Refuse(code)
		for _, path := range []string{"/login/oidc?next=/temporal/", web.CallbackPath + "?code=x"} {
			w = get(pages(d, func(d *web.Deps) { d.Provider = "区政务通" }), path, nil)
			require.Equal(t, want, w.Code, code)
			require.Contains(t, w.Body.String(), d.fault.Error())
			require.Contains(t, w.Body.String(), `next=%2Ftemporal%2F`, "another try goes on to the same page")
			number := w.Header().Get("X-Request-Id")
			require.Equal(t, strings.Contains(d.fault.Error(), "请求编号"), strings.Contains(w.Body.String(), number), code)
		}
	}
}

func TestSetup(t *testing.T) {
	d := newDoor()
	h := pages(d)
	w := get(h, "/setup?secret=link", nil)
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), "李四，您好")
	require.Contains(t, w.Body.String(), `name="username" value="li"`)
	for _, secret := range []string{"", "x"} {
		for _, w := range []*httptest.ResponseRecorder{get(h, "/setup?secret="+secret, nil), post(h, "/setup", url.Values{"secret": {secret}}, nil)} {
			require.Equal(t, http.StatusUnprocessableEntity, w.Code)
			require.Contains(t, w.Body.String(), account.Refuse(account.CodeInvitation).Error())
			require.NotContains(t, w.Body.String(), `type="password"`)
		}
	}
	set := func(password, again string) *httptest.ResponseRecorder {
		return post(h, "/setup", url.Values{"secret": {"link"}, "password": {password}, "again": {again}}, nil)
	}
	w = set(right, "other")
	require.Contains(t, w.Body.String(), "两次输入的密码不一致")
	require.Empty(t, d.asked, "nothing is set")
	w = set("short", "short")
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), account.Refuse(account.CodePasswordLength).Error())
	require.Contains(t, w.Body.String(), `value="link"`, "the link is still good")
	w = set(right, right)
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), "密码已设置，请登录。")
	require.Contains(t, w.Body.String(), `name="login" value="li"`)
}

func TestLogout(t *testing.T) {
	d := newDoor()
	h := pages(d)
	for _, headers := range []header{as("office"), nil} {
		w := post(h, "/logout", nil, headers)
		require.Equal(t, []any{http.StatusSeeOther, "/login"}, []any{w.Code, w.Header().Get("Location")})
	}
	require.Equal(t, []string{"leave office from 192.0.2.1"}, d.asked)
	require.Equal(t, http.StatusMethodNotAllowed, get(h, "/logout", as("office")).Code, "no picture on another page logs anybody out")
}

func TestOtherSitesSendNoForms(t *testing.T) {
	for name, headers := range map[string]header{
		"another site":      {"Sec-Fetch-Site": "cross-site"},
		"another subdomain": {"Sec-Fetch-Site": "same-site"},
		"an older browser":  {"Origin": "https://evil.example"},
	} {
		for _, path := range []string{"/login", "/setup", "/logout"} {
			d := newDoor()
			headers["Cookie"] = "as=office"
			w := post(pages(d), path, url.Values{"login": {"zhang"}, "password": {right}, "secret": {"link"}}, headers)
			require.Equal(t, http.StatusForbidden, w.Code, name)
			require.Contains(t, w.Body.String(), "从其他网站发起")
			require.Empty(t, d.asked)
		}
	}
	for _, route := range pages(newDoor()).Routes() {
		if route.Method != http.MethodPost {
			continue
		}
		p := new(programs)
		h := pages(newDoor(), func(d *web.Deps) { d.API = p })
		w := post(h, route.Path, nil, header{"Cookie": "as=office", "Sec-Fetch-Site": "cross-site"})
		require.Equal(t, http.StatusForbidden, w.Code, route.Path)
		require.Empty(t, p.asked, route.Path)
	}
	d := newDoor()
	proxied := pages(d, func(d *web.Deps) { d.Origins = []string{"https://duban.example"} })
	w := post(proxied, "/login", url.Values{"login": {"zhang"}, "password": {right}}, header{"Origin": "https://duban.example"})
	require.Equal(t, http.StatusSeeOther, w.Code, "the installation's own address, where a proxy changes the Host")
}

// Whoever comes through a trusted proxy is known by what it says; nobody else is believed.
func TestWhereRequestsComeFrom(t *testing.T) {
	forwarded := header{"X-Forwarded-For": "10.9.9.9"}
	for _, tt := range []struct {
		proxies []string
		want    string
	}{
		{nil, "192.0.2.1"},
		{[]string{"192.0.2.0/24"}, "10.9.9.9"},
		{[]string{"10.0.0.1"}, "192.0.2.1"},
	} {
		d := newDoor()
		h := pages(d, func(d *web.Deps) { d.Proxies = tt.proxies })
		post(h, "/login", url.Values{"login": {"zhang"}}, forwarded)
		require.Equal(t, []string{"enter zhang from " + tt.want}, d.asked)
	}
}

// An address that tries again and again is held back; all the others are not.
func TestAttemptsAreBounded(t *testing.T) {
	for _, path := range []string{"/login", "/setup"} {
		h := pages(newDoor(), func(d *web.Deps) { d.Proxies = []string{"192.0.2.1"} })
		from := func(address string) *httptest.ResponseRecorder {
			return post(h, path, url.Values{"login": {"zhang"}}, header{"X-Forwarded-For": address})
		}
		tried := 0
		w := from("10.1.1.1")
		for ; w.Code != http.StatusTooManyRequests; w = from("10.1.1.1") {
			tried++
			require.Less(t, tried, 100)
		}
		require.GreaterOrEqual(t, tried, 20)
		require.NotEmpty(t, w.Header().Get("Retry-After"))
		require.Contains(t, w.Body.String(), account.Refuse(account.CodeTooMany).Error())
		require.NotEqual(t, http.StatusTooManyRequests, from("10.1.1.2").Code)
		require.Equal(t, http.StatusOK, get(h, "/login", header{"X-Forwarded-For": "10.1.1.1"}).Code, "looking is no attempt")
	}
}

func TestHeaders(t *testing.T) {
	for _, path := range []string{"/login", "/nothing", "/assets/duban.css", "/setup?secret=link"} {
		h := get(pages(newDoor()), path, nil).Header()
		csp := h.Get("Content-Security-Policy")
		require.Contains(t, csp, "default-src 'none'")
		require.Contains(t, csp, "frame-ancestors 'self'")
		require.Contains(t, csp, "form-action 'self'")
		require.Contains(t, csp, "script-src 'self';")
		require.NotContains(t, csp, "unsafe")
		require.Equal(t, []string{"nosniff", "SAMEORIGIN", "no-referrer", "no-store", ""}, []string{
			h.Get("X-Content-Type-Options"), h.Get("X-Frame-Options"), h.Get("Referrer-Policy"), h.Get("Cache-Control"), h.Get("Strict-Transport-Security"),
		})
		require.NotEmpty(t, h.Get("X-Request-Id"))
	}
	h := get(pages(newDoor(), func(d *web.Deps) { d.Encrypted = true }), "/login", nil).Header()
	require.Contains(t, h.Get("Strict-Transport-Security"), "max-age=")
}

// What people are called and what they type stays text, wherever it stands.
func TestNothingTypedBecomesMarkup(t *testing.T) {
	const markup = `"><script>alert(1)</script>`
	d := newDoor()
	d.invited.Name, d.invited.Login = markup, markup
	h := pages(d, func(d *web.Deps) { d.Provider = markup })
	for name, w := range map[string]*httptest.ResponseRecorder{
		"login":    post(h, "/login", url.Values{"login": {markup}, "password": {"x"}, "next": {"/" + markup}}, nil),
		"next":     get(h, "/login?next="+url.QueryEscape("/"+markup), nil),
		"setup":    get(h, "/setup?secret=link", nil),
		"secret":   get(h, "/setup?secret="+url.QueryEscape(markup), nil),
		"mismatch": post(h, "/setup", url.Values{"secret": {"link"}, "password": {markup}, "again": {"x"}}, nil),
		"ready":    post(h, "/setup", url.Values{"secret": {"link"}, "password": {right}, "again": {right}}, nil),
		"lost":     get(h, "/"+url.PathEscape(markup), nil),
	} {
		require.NotContains(t, w.Body.String(), "<script>", name)
		require.Contains(t, strings.ToLower(w.Body.String()), "<!doctype html>", name)
	}
}

func TestForms(t *testing.T) {
	d := newDoor()
	h := pages(d)
	huge := url.Values{"login": {"zhang"}, "password": {strings.Repeat("x", 257<<10)}}
	w := post(h, "/login", huge, nil)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	require.Contains(t, w.Body.String(), "过长")
	require.Equal(t, http.StatusBadRequest, ask(h, http.MethodPost, "/login?x=%zz", url.Values{}, nil).Code)
	require.Equal(t, http.StatusUnsupportedMediaType, post(h, "/login", url.Values{"login": {"zhang"}}, header{"Content-Type": "application/json"}).Code)
	require.Empty(t, d.asked)
}

func TestLost(t *testing.T) {
	h := pages(newDoor())
	for _, path := range []string{"/nothing", "/login/", "/assets/", "/assets/nothing.css", "/assets/../web.go", "/assets"} {
		w := get(h, path, as("office"))
		require.Equal(t, http.StatusNotFound, w.Code, path)
		require.Contains(t, w.Body.String(), "没有这个页面")
	}
	require.Equal(t, http.StatusMethodNotAllowed, ask(h, http.MethodDelete, "/login", nil, nil).Code)
	w := get(h, "/assets/duban.css", nil)
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Header().Get("Content-Type"), "text/css")
}

// What fails inside is nobody's to read, and found by its number. Nobody is told that his session is over where it is not.
func TestFailures(t *testing.T) {
	var logged bytes.Buffer
	d := newDoor()
	d.fault = errors.New("dial tcp 10.0.0.7:3306")
	h := pages(d, func(d *web.Deps) { d.Log = slog.New(slog.NewTextHandler(&logged, nil)) })
	for _, w := range []*httptest.ResponseRecorder{
		get(h, "/", as("office")), post(h, "/login", url.Values{"login": {"zhang"}, "password": {right}}, nil), get(h, "/setup?secret=link", nil),
		post(h, "/logout", nil, as("office")), get(h, "/login/oidc", nil), get(h, web.CallbackPath, nil),
	} {
		require.Equal(t, http.StatusServiceUnavailable, w.Code)
		require.NotContains(t, w.Body.String(), "3306")
		require.Contains(t, w.Body.String(), w.Header().Get("X-Request-Id"))
		require.Contains(t, logged.String(), "request="+w.Header().Get("X-Request-Id")+" page=")
	}
	require.Contains(t, logged.String(), "3306")
}

// The log names pages and people, never a link or a password.
func TestAccessLog(t *testing.T) {
	var logged bytes.Buffer
	h := pages(newDoor(), func(d *web.Deps) { d.Log = slog.New(slog.NewTextHandler(&logged, nil)) })
	get(h, "/setup?secret=link-of-somebody", nil)
	post(h, "/login", url.Values{"login": {"zhang"}, "password": {right}}, nil)
	get(h, "/", as("office"))
	require.Contains(t, logged.String(), "path=/setup status=422")
	require.Contains(t, logged.String(), "path=/login status=303")
	require.Contains(t, logged.String(), "remote=192.0.2.1 login=office")
	require.NotContains(t, logged.String(), "link-of-somebody")
	require.NotContains(t, logged.String(), right)
}

func TestPanicsAreAnswered(t *testing.T) {
	var logged bytes.Buffer
	h := web.New(web.Deps{API: new(programs), Log: slog.New(slog.NewTextHandler(&logged, nil))}) // nobody is at the door
	w := get(h, "/", nil)
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Contains(t, w.Body.String(), w.Header().Get("X-Request-Id"))
	require.Contains(t, logged.String(), "panic")
}

// That nobody can tell whether there is a plan is not that there is none.
func TestPlansThatNobodyKnows(t *testing.T) {
	down := &api.Problem{Status: http.StatusServiceUnavailable, Code: api.CodeDatabase, Detail: "数据库暂时无法访问，请稍后再试。", Request: "R1"}
	h := pages(newDoor(), func(d *web.Deps) { d.API = &programs{answers: map[string]any{"GET /plans": down}} })
	for _, path := range []string{"/", "/plans/p1", "/plans/p1/units", "/plans/p1/obligations"} {
		w := get(h, path, as("office"))
		require.Equal(t, http.StatusServiceUnavailable, w.Code, path)
		require.Contains(t, w.Body.String(), down.Detail, path)
		require.Contains(t, w.Body.String(), "R1", path)
	}
}

// The API is asked as whoever asks for the page, be it by a session or by a token.
func TestPagesAskAsTheirCaller(t *testing.T) {
	var asked []http.Header
	d := newDoor()
	h := pages(d, func(d *web.Deps) {
		d.API = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.Header)
			_, _ = w.Write([]byte("{}"))
		})
	})
	get(h, "/me", header{"Cookie": "as=office", "Authorization": "Bearer t-1", "X-Forwarded-For": "10.9.9.9", "If-None-Match": "x"})
	require.NotEmpty(t, asked)
	for _, got := range asked {
		require.Equal(t, []string{"as=office", "Bearer t-1", "10.9.9.9", ""}, []string{got.Get("Cookie"), got.Get("Authorization"), got.Get("X-Forwarded-For"), got.Get("If-None-Match")})
	}
}
