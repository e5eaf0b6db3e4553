// Package web serves the pages that people see in a browser: in Chinese, without any other host, without script. What they
// do goes through the same use cases as the API's.
//
// Who may see what is one table (access). Nothing is open that is not in it.
package web

import (
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"duban/account"
)

//go:embed pages
var pages embed.FS

//go:embed assets
var assets embed.FS

// Login lets people in. Refusals are *account.Error; every other error is the store's.
type Login interface {
	Identify(r *http.Request) (account.Caller, error)
	Enter(ctx context.Context, login, password, remote string) (account.Caller, error)
	Leave(ctx context.Context, by account.Caller, remote string) error
	// Invited returns the account that a one-time link is for, while it is good.
	Invited(ctx context.Context, secret string) (account.Account, error)
	Accept(ctx context.Context, secret, password, remote string) (account.Account, error)
	// Away begins a login at the identity provider and returns the address where the browser has to go.
	Away(ctx context.Context, next string) (string, error)
	// Back ends it with what the provider had the browser bring. next is what Away was given, where it is still known.
	Back(ctx context.Context, brought url.Values, remote string) (who account.Caller, next string, err error)
}

// Deps are what the pages work with. Login is required.
type Deps struct {
	Login     Login
	Rehearsal bool   // every page says 演练
	Workflows string // path of the Temporal UI; "": there is none
	// Provider is the name of the identity provider (统一身份认证); "": there is none. With ProviderOnly, passwords are for
	// administrators alone.
	Provider     string
	ProviderOnly bool
	Encrypted    bool
	// Proxies are addresses or networks of proxies whose word of where a request came from is taken.
	Proxies []string
	// Origins are the installation's own addresses, such as https://duban.example, where a proxy in front of it changes the Host.
	Origins []string
	Log     *slog.Logger // nil: slog.Default
}

type server struct {
	Deps
	templates *template.Template
}

// The paths of the pages that others name: the one by which people log in, and the one to which the identity provider
// sends them back.
const (
	LoginPath    = "/login"
	CallbackPath = "/login/oidc/back"
)

// New returns the handler of all pages.
func New(d Deps) *gin.Engine {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	s := &server{Deps: d, templates: template.Must(template.ParseFS(pages, "pages/*.html"))}
	r := gin.New()
	r.RedirectTrailingSlash = false
	r.HandleMethodNotAllowed = true
	if err := r.SetTrustedProxies(d.Proxies); err != nil {
		panic(err) // the settings have been checked
	}
	r.Use(number, s.accessLog, s.survive, s.harden, s.sameOrigin(), s.admit, s.hold(), s.readForm)
	r.NoRoute(func(c *gin.Context) { s.show(c, http.StatusNotFound, "lost", page{Title: textLost}) })
	r.NoMethod(func(c *gin.Context) { s.show(c, http.StatusMethodNotAllowed, "lost", page{Title: textLost}) })
	s.register(r)
	return r
}

func (s *server) register(r *gin.Engine) {
	handle := func(method, path string, h gin.HandlerFunc) {
		ruled(method, path)
		r.Handle(method, path, h)
	}
	get := func(path string, h gin.HandlerFunc) {
		handle(http.MethodGet, path, h)
		handle(http.MethodHead, path, h)
	}
	get("/", s.home)
	get(LoginPath, s.loginPage)
	handle(http.MethodPost, LoginPath, s.login)
	get("/login/oidc", s.away)
	get(CallbackPath, s.back)
	get("/setup", s.setupPage)
	handle(http.MethodPost, "/setup", s.setup)
	handle(http.MethodPost, "/logout", s.logout)
	files := http.FileServerFS(assets)
	get("/assets/*file", func(c *gin.Context) {
		if f, err := assets.Open("assets" + c.Param("file")); err != nil || isFolder(f) {
			s.show(c, http.StatusNotFound, "lost", page{Title: textLost})
			return
		}
		files.ServeHTTP(c.Writer, c.Request)
	})
}
