// Package web serves the pages that people see in a browser: in Chinese, without any other host, without script. What they
// do goes through the same use cases as the API's.
package web

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/time/rate"

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
}

// Deps are what the pages work with. Login is required.
type Deps struct {
	Login     Login
	Rehearsal bool   // every page says 演练
	Workflows string // path of the Temporal UI; "": there is none
	Encrypted bool
	Log       *slog.Logger // nil: slog.Default
	// Remote returns the address that a request came from; nil: that of the connection.
	Remote func(*http.Request) string
}

type server struct {
	Deps
	templates *template.Template
	attempts  *rate.Limiter // of all who try to get in by a page
}

// New returns the handler of all pages.
func New(d Deps) http.Handler {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Remote == nil {
		d.Remote = func(r *http.Request) string {
			host, _, err := net.SplitHostPort(r.RemoteAddr)
			if err != nil {
				return r.RemoteAddr
			}
			return host
		}
	}
	s := &server{Deps: d, templates: template.Must(template.ParseFS(pages, "pages/*.html")), attempts: rate.NewLimiter(5, 50)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /login", s.loginPage)
	mux.HandleFunc("POST /login", s.login)
	mux.HandleFunc("GET /setup", s.setupPage)
	mux.HandleFunc("POST /setup", s.setup)
	mux.HandleFunc("POST /logout", s.logout)
	mux.Handle("GET /assets/", http.FileServerFS(assets))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.show(w, r, http.StatusNotFound, "lost", page{Title: textLost})
	})
	return s.harden(http.NewCrossOriginProtection().Handler(mux))
}

// policy lets a page use nothing but what this program serves, and send forms nowhere else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// maxForm is the greatest length of a form, in bytes.
const maxForm = 8 << 10

func (s *server) harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer") // a one-time link is nobody else's to know
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if s.Encrypted {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

// page is what a template shows.
type page struct {
	Title     string
	Rehearsal bool
	Who       account.Caller
	RoleLabel string
	Workflows string
	Refusal   string // what went wrong and what to do
	Notice    string

	Login  string // as typed
	Next   string
	Secret string
	Name   string
}

func (s *server) show(w http.ResponseWriter, r *http.Request, status int, name string, p page) {
	p.Rehearsal, p.Workflows = s.Rehearsal, s.Workflows
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := s.templates.ExecuteTemplate(w, name+".html", p); err != nil {
		s.Log.ErrorContext(r.Context(), "page", "page", name, "error", err)
	}
}

// refused shows a page again with what went wrong.
func (s *server) refused(w http.ResponseWriter, r *http.Request, name string, p page, err error) {
	var denied *account.Error
	if !errors.As(err, &denied) {
		s.Log.ErrorContext(r.Context(), "page", "page", name, "error", err)
		p.Refusal = textFailed
		s.show(w, r, http.StatusServiceUnavailable, name, p)
		return
	}
	p.Refusal = denied.Error()
	status := http.StatusUnprocessableEntity
	if denied.Code == account.CodeWrongPassword {
		status = http.StatusUnauthorized
	}
	if denied.Code == account.CodeLocked || denied.Code == account.CodeTooMany {
		status = http.StatusTooManyRequests
	}
	s.show(w, r, status, name, p)
}

func (s *server) home(w http.ResponseWriter, r *http.Request) {
	who, err := s.Login.Identify(r)
	if err != nil {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	p := page{Title: textTitle, Who: who, RoleLabel: who.Role.Chinese()}
	s.show(w, r, http.StatusOK, "home", p)
}

func (s *server) loginPage(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "login", page{Title: textLogin, Next: onward(r.FormValue("next"))})
}

func (s *server) login(w http.ResponseWriter, r *http.Request) {
	p := page{Title: textLogin, Login: r.PostFormValue("login"), Next: onward(r.PostFormValue("next"))}
	if !s.attempts.Allow() {
		s.refused(w, r, "login", p, account.Refuse(account.CodeTooMany))
		return
	}
	if _, err := s.Login.Enter(r.Context(), p.Login, r.PostFormValue("password"), s.Remote(r)); err != nil {
		s.refused(w, r, "login", p, err)
		return
	}
	http.Redirect(w, r, p.Next, http.StatusSeeOther)
}

// onward returns the path where somebody goes on after the login: one of this installation, or its first page.
func onward(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

func (s *server) logout(w http.ResponseWriter, r *http.Request) {
	if who, err := s.Login.Identify(r); err == nil {
		if err := s.Login.Leave(r.Context(), who, s.Remote(r)); err != nil {
			s.refused(w, r, "login", page{Title: textLogin, Next: "/"}, err)
			return
		}
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

func (s *server) setupPage(w http.ResponseWriter, r *http.Request) {
	p := page{Title: textSetup, Secret: r.FormValue("secret")}
	a, err := s.Login.Invited(r.Context(), p.Secret)
	if err != nil {
		p.Secret = ""
		s.refused(w, r, "setup", p, err)
		return
	}
	p.Login, p.Name = a.Login, a.Name
	s.show(w, r, http.StatusOK, "setup", p)
}

func (s *server) setup(w http.ResponseWriter, r *http.Request) {
	p := page{Title: textSetup, Secret: r.PostFormValue("secret")}
	if !s.attempts.Allow() {
		s.refused(w, r, "setup", p, account.Refuse(account.CodeTooMany))
		return
	}
	a, err := s.Login.Invited(r.Context(), p.Secret)
	if err != nil {
		p.Secret = ""
		s.refused(w, r, "setup", p, err)
		return
	}
	p.Login, p.Name = a.Login, a.Name
	if r.PostFormValue("password") != r.PostFormValue("again") {
		p.Refusal = textTwice
		s.show(w, r, http.StatusUnprocessableEntity, "setup", p)
		return
	}
	if a, err = s.Login.Accept(r.Context(), p.Secret, r.PostFormValue("password"), s.Remote(r)); err != nil {
		s.refused(w, r, "setup", p, err)
		return
	}
	s.show(w, r, http.StatusOK, "login", page{Title: textLogin, Login: a.Login, Next: "/", Notice: textReady})
}
