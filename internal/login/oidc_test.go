package login

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"duban/account"
)

const (
	duban        = "https://duban.example"
	callback     = duban + "/login/oidc/back"
	clientSecret = "zhe-shi-mi-mi"
)

// provider is an OpenID provider with an account for every login that is asked for.
type provider struct {
	*httptest.Server
	t *testing.T

	mu     sync.Mutex
	tamper func(w http.ResponseWriter, r *http.Request, pass http.HandlerFunc) // nil: it is honest
}

// people are the accounts of the provider. They are called what they are called there.
type people struct{}

func (people) ExampleClientID() string { return "service" }

func (people) GetUserByID(id string) *storage.User {
	return &storage.User{ID: id, Username: strings.TrimPrefix(id, "id-of-"), Password: "x"}
}

func (people) GetUserByUsername(name string) *storage.User {
	return &storage.User{ID: "id-of-" + name, Username: name, Password: "x"}
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{t: t}
	var honest http.Handler
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		tamper := p.tamper
		p.mu.Unlock()
		if tamper == nil {
			honest.ServeHTTP(w, r)
			return
		}
		tamper(w, r, honest.ServeHTTP)
	}))
	t.Cleanup(p.Close)
	storage.RegisterClients(storage.WebClient("duban", clientSecret, callback))
	honest = exampleop.SetupServer(p.URL, storage.NewStorage(people{}), slog.New(slog.DiscardHandler), false)
	return p
}

func (p *provider) tampering(f func(w http.ResponseWriter, r *http.Request, pass http.HandlerFunc)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tamper = f
}

// vouching returns a world whose people may log in by the provider, too.
func vouching(t *testing.T, change func(*OIDC)) (*world, *provider) {
	t.Helper()
	p := newProvider(t)
	o := &OIDC{
		Issuer: p.URL, ClientID: "duban", ClientSecret: clientSecret, Redirect: callback, Claim: "preferred_username", Client: p.Client(),
	}
	if change != nil {
		change(o)
	}
	w := newWorld(t, Options{OIDC: o})
	w.secrets = append(w.secrets, clientSecret)
	t.Cleanup(w.holdsNoSecret)
	return w, p
}

func (b *browser) away(next string) (address string, err error) {
	b.w.t.Helper()
	b.visit(func(r *http.Request) { address, err = b.w.service.Away(r.Context(), next) })
	if u, parsed := url.Parse(address); parsed == nil {
		for _, name := range []string{"state", "nonce"} {
			if v := u.Query().Get(name); v != "" {
				b.w.secrets = append(b.w.secrets, v)
			}
		}
	}
	return address, err
}

// authenticate does at the provider what a person does there, and returns what it has the browser bring back.
func (p *provider) authenticate(address, name string) url.Values {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(p.t, err)
	c := *p.Client()
	c.Jar = jar
	var brought url.Values
	c.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), callback) {
			brought = r.URL.Query()
			return http.ErrUseLastResponse
		}
		return nil
	}
	page, err := c.Get(address)
	require.NoError(p.t, err)
	require.NoError(p.t, page.Body.Close())
	if brought != nil {
		return brought
	}
	id := page.Request.URL.Query().Get("authRequestID")
	require.NotEmpty(p.t, id, page.Request.URL)
	answer, err := c.PostForm(p.URL+"/login/username", url.Values{"username": {name}, "password": {"x"}, "id": {id}})
	require.NoError(p.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(p.t, err)
	require.NotNil(p.t, brought, "%s", text)
	return brought
}

func (b *browser) back(brought url.Values) (who account.Caller, next string, err error) {
	b.w.t.Helper()
	if c := brought.Get("code"); c != "" {
		b.w.secrets = append(b.w.secrets, c)
	}
	b.visit(func(r *http.Request) { who, next, err = b.w.service.Back(r.Context(), brought, remote) })
	return who, next, err
}

// through goes the whole way.
func (b *browser) through(p *provider, name string) (account.Caller, error) {
	b.w.t.Helper()
	address, err := b.away("/")
	require.NoError(b.w.t, err)
	who, _, err := b.back(p.authenticate(address, name))
	return who, err
}

func TestVouchedFor(t *testing.T) {
	w, p := vouching(t, nil)
	b := &browser{w: w}
	address, err := b.away("/temporal/namespaces?x=1")
	require.NoError(t, err)
	u, err := url.Parse(address)
	require.NoError(t, err)
	require.Equal(t, []string{"S256", callback, "code"}, []string{u.Query().Get("code_challenge_method"), u.Query().Get("redirect_uri"), u.Query().Get("response_type")})
	brought, before := p.authenticate(address, "Zhang"), b.cookie
	who, next, err := b.back(brought)
	require.NoError(t, err)
	require.Equal(t, account.Caller{Login: "zhang", Name: "zhang", Role: account.Office, Scopes: account.Scopes}, who)
	require.Equal(t, "/temporal/namespaces?x=1", next)
	require.Equal(t, "zhang", b.who())
	require.NotEqual(t, before.Value, b.cookie.Value)
	require.Empty(t, (&browser{w: w, cookie: before}).who(), "who knew the session before is in nothing")
	require.Equal(t, []string{"zhang login zhang 统一身份认证 10.1.2.3"}, w.told())
	require.False(t, w.store.accounts["zhang"].Seen.IsZero())
	require.NoError(t, w.service.EndSessions(t.Context(), admin, "zhang", remote))
	require.Empty(t, b.who())

	_, _, err = b.back(brought)
	require.Equal(t, account.CodeOIDC, code(err), "what was brought once is of no use again")
	require.Contains(t, w.logged.String(), "the state is not")
}

func TestVouchedForWithoutPassword(t *testing.T) {
	w, p := vouching(t, nil)
	_, _, err := w.service.Create(t.Context(), admin, account.Account{Login: "li", Name: "李四", Role: account.Leader}, remote)
	require.NoError(t, err)
	who, err := (&browser{w: w}).through(p, "li")
	require.NoError(t, err)
	require.Equal(t, account.Leader, who.Role)
}

// The claim may stand in the ID token itself.
func TestClaimOfTheToken(t *testing.T) {
	w, p := vouching(t, func(o *OIDC) { o.Claim = "sub" })
	w.open("id-of-wang", account.Auditor)
	p.tampering(func(w http.ResponseWriter, r *http.Request, pass http.HandlerFunc) {
		if r.URL.Path == "/userinfo" {
			http.Error(w, "not needed", http.StatusTeapot)
			return
		}
		pass(w, r)
	})
	who, err := (&browser{w: w}).through(p, "wang")
	require.NoError(t, err)
	require.Equal(t, "id-of-wang", who.Login)
}

func TestWhoIsNotLetIn(t *testing.T) {
	tests := map[string]struct {
		name   string
		change func(a account.Account) account.Account
		want   account.Code
		target string
	}{
		"unknown":  {"wang", func(a account.Account) account.Account { return a }, account.CodeNoAccount, "wang"},
		"disabled": {"zhang", func(a account.Account) account.Account { a.Disabled = true; return a }, account.CodeNoAccount, "zhang"},
		"locked": {"zhang", func(a account.Account) account.Account {
			a.LockedUntil = time.Now().Add(time.Hour)
			return a
		}, account.CodeLocked, "zhang"},
		"with a long name": {strings.Repeat("王", 70), func(a account.Account) account.Account { return a }, account.CodeNoAccount, strings.Repeat("王", 64) + "…"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w, p := vouching(t, nil)
			w.store.accounts["zhang"] = tt.change(w.store.accounts["zhang"])
			before := len(w.store.accounts)
			b := &browser{w: w}
			_, err := b.through(p, tt.name)
			require.Equal(t, tt.want, code(err))
			require.Empty(t, b.who())
			require.Len(t, w.store.accounts, before, "nobody is made an account")
			require.Equal(t, []string{" login_failed " + tt.target + " 统一身份认证 10.1.2.3"}, w.told())
		})
	}
}

// set changes one parameter of an address.
func set(t *testing.T, address, name, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// rewrite has the provider answer a path with something else than it would.
func rewrite(t *testing.T, path string, change func(answer map[string]any)) func(http.ResponseWriter, *http.Request, http.HandlerFunc) {
	return func(w http.ResponseWriter, r *http.Request, pass http.HandlerFunc) {
		if r.URL.Path != path {
			pass(w, r)
			return
		}
		recorded := httptest.NewRecorder()
		pass(recorded, r)
		var answer map[string]any
		if err := json.Unmarshal(recorded.Body.Bytes(), &answer); err != nil {
			t.Error(path, err)
		}
		change(answer)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	}
}

func TestForgeries(t *testing.T) {
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	// Each is a way to get in as zhang without being him, or in somebody else's browser.
	tests := map[string]func(t *testing.T, w *world, p *provider, b *browser) url.Values{
		"no login begun": func(_ *testing.T, _ *world, p *provider, b *browser) url.Values {
			address, _ := (&browser{w: b.w}).away("/")
			return p.authenticate(address, "zhang")
		},
		"an empty state": func(_ *testing.T, _ *world, _ *provider, _ *browser) url.Values {
			return url.Values{"state": {""}, "code": {"x"}}
		},
		"no state": func(t *testing.T, _ *world, p *provider, b *browser) url.Values {
			address, err := b.away("/")
			require.NoError(t, err)
			brought := p.authenticate(address, "zhang")
			brought.Del("state")
			return brought
		},
		"state of another login": func(t *testing.T, w *world, p *provider, b *browser) url.Values {
			_, err := b.away("/")
			require.NoError(t, err)
			address, err := (&browser{w: w}).away("/")
			require.NoError(t, err)
			return p.authenticate(address, "zhang")
		},
		"code of another login": func(t *testing.T, w *world, p *provider, b *browser) url.Values {
			mine, err := b.away("/")
			require.NoError(t, err)
			address, err := (&browser{w: w}).away("/")
			require.NoError(t, err)
			brought := p.authenticate(address, "zhang")
			brought.Set("state", query(t, mine, "state"))
			return brought
		},
		"code that was used": func(t *testing.T, w *world, p *provider, b *browser) url.Values {
			another := &browser{w: w}
			address, err := another.away("/")
			require.NoError(t, err)
			brought := p.authenticate(address, "zhang")
			_, _, err = another.back(brought)
			require.NoError(t, err)
			mine, err := b.away("/")
			require.NoError(t, err)
			brought.Set("state", query(t, mine, "state"))
			return brought
		},
		"no code": func(t *testing.T, _ *world, _ *provider, b *browser) url.Values {
			address, err := b.away("/")
			require.NoError(t, err)
			return url.Values{"state": {query(t, address, "state")}}
		},
		"nonce of another login": func(t *testing.T, _ *world, p *provider, b *browser) url.Values {
			address, err := b.away("/")
			require.NoError(t, err)
			return p.authenticate(set(t, address, "nonce", "another"), "zhang")
		},
		"signed by another key": func(t *testing.T, _ *world, p *provider, b *browser) url.Values {
			p.tampering(rewrite(t, "/keys", func(answer map[string]any) {
				key := answer["keys"].([]any)[0].(map[string]any)
				key["n"] = base64.RawURLEncoding.EncodeToString(foreign.N.Bytes())
			}))
			address, err := b.away("/")
			require.NoError(t, err)
			return p.authenticate(address, "zhang")
		},
		"no token": func(t *testing.T, _ *world, p *provider, b *browser) url.Values {
			p.tampering(rewrite(t, "/oauth/token", func(answer map[string]any) { delete(answer, "id_token") }))
			address, err := b.away("/")
			require.NoError(t, err)
			return p.authenticate(address, "zhang")
		},
		"somebody else's userinfo": func(t *testing.T, _ *world, p *provider, b *browser) url.Values {
			p.tampering(rewrite(t, "/userinfo", func(answer map[string]any) { answer["sub"] = "id-of-admin" }))
			address, err := b.away("/")
			require.NoError(t, err)
			return p.authenticate(address, "zhang")
		},
		"no claim": func(t *testing.T, _ *world, p *provider, b *browser) url.Values {
			p.tampering(rewrite(t, "/userinfo", func(answer map[string]any) { delete(answer, "preferred_username") }))
			address, err := b.away("/")
			require.NoError(t, err)
			return p.authenticate(address, "zhang")
		},
		"claim that is no text": func(t *testing.T, _ *world, p *provider, b *browser) url.Values {
			p.tampering(rewrite(t, "/userinfo", func(answer map[string]any) { answer["preferred_username"] = []string{"zhang"} }))
			address, err := b.away("/")
			require.NoError(t, err)
			return p.authenticate(address, "zhang")
		},
		"answer of another provider": func(t *testing.T, _ *world, p *provider, b *browser) url.Values {
			address, err := b.away("/")
			require.NoError(t, err)
			brought := p.authenticate(address, "zhang")
			brought.Set("iss", "https://other.example")
			return brought
		},
		"cancelled": func(t *testing.T, _ *world, p *provider, b *browser) url.Values {
			address, err := b.away("/")
			require.NoError(t, err)
			brought := p.authenticate(set(t, address, "prompt", "none"), "")
			require.Equal(t, "login_required", brought.Get("error"))
			return brought
		},
	}
	causes := map[string]string{
		"no login begun": "the state", "no state": "the state", "an empty state": "the state", "state of another login": "the state",
		"code of another login": "does not take the code", "code that was used": "does not take the code", "no code": "does not take the code",
		"nonce of another login": "the nonce", "signed by another key": "verify signature", "no token": "malformed jwt",
		"somebody else's userinfo": "somebody else's", "no claim": "no claim", "claim that is no text": "no claim",
		"answer of another provider": "other.example", "cancelled": "login_required",
	}
	for name, bring := range tests {
		t.Run(name, func(t *testing.T) {
			w, p := vouching(t, nil)
			b := &browser{w: w}
			brought := bring(t, w, p, b)
			w.store.log = nil
			_, _, err := b.back(brought)
			require.Equal(t, account.CodeOIDC, code(err))
			require.Empty(t, b.who())
			require.Equal(t, []string{" login_failed  统一身份认证没有通过 10.1.2.3"}, w.told())
			require.NotEmpty(t, causes[name])
			require.Contains(t, w.logged.String(), causes[name], "why stands in the log")

			p.tampering(nil)
			w.service.provider.Store(nil) // its keys are asked for anew
			_, err = b.through(p, "zhang")
			require.NoError(t, err, "an honest one is let in afterwards")
		})
	}
}

func query(t *testing.T, address, name string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u.Query().Get(name)
}

// duban starts while the provider is down, and finds it as soon as it is there.
func TestProviderIsDown(t *testing.T) {
	w, p := vouching(t, nil)
	p.tampering(func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
		http.Error(w, "", http.StatusBadGateway)
	})
	b := &browser{w: w}
	_, err := b.away("/")
	require.Equal(t, account.CodeOIDCUnreachable, code(err))
	require.Nil(t, b.cookie)

	p.tampering(nil)
	address, err := b.away("/")
	require.NoError(t, err)
	brought := p.authenticate(address, "zhang")
	p.tampering(func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
		http.Error(w, "", http.StatusBadGateway)
	})
	_, _, err = b.back(brought)
	require.Equal(t, account.CodeOIDC, code(err))

	discoveries := 0
	p.tampering(func(w http.ResponseWriter, r *http.Request, pass http.HandlerFunc) {
		if strings.HasPrefix(r.URL.Path, "/.well-known/") {
			discoveries++
		}
		pass(w, r)
	})
	_, err = b.through(p, "zhang")
	require.NoError(t, err)
	require.Zero(t, discoveries, "where its endpoints are is known by now")
}

func TestNoProvider(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		b := &browser{w: w}
		_, err := b.away("/")
		require.Equal(t, account.CodeNoOIDC, code(err))
		_, _, err = b.back(url.Values{"state": {""}, "code": {"x"}})
		require.Equal(t, account.CodeNoOIDC, code(err))
	})
}

func TestPasswordsForAdministratorsAlone(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		w.service.OIDC = &OIDC{Only: true}
		b := &browser{w: w}
		_, err := b.enter("zhang", other)
		require.Equal(t, account.CodeWrongPassword, code(err), "who does not know it learns nothing")
		_, err = b.enter("zhang", right)
		require.Equal(t, account.CodeOIDCOnly, code(err))
		require.Empty(t, b.who())
		require.Contains(t, w.told(), "zhang login_failed zhang 密码只供管理员使用 10.1.2.3")
		_, err = b.enter("admin", right)
		require.NoError(t, err)
	})
}
