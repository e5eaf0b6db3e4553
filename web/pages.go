package web

import (
	"bytes"
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/account"
)

// page is what a template shows.
type page struct {
	Title     string
	Rehearsal bool
	Who       account.Caller
	Workflows string // "": there is none, or not for whoever asks
	Refusal   string // what went wrong and what to do
	Number    string // of the request, where somebody will have to look for it
	Notice    string

	Login        string // as typed
	Next         string
	Secret       string
	Name         string
	Provider     string
	ProviderOnly bool
	ProviderPath string
}

func (s *server) show(c *gin.Context, status int, name string, p page) {
	p.Rehearsal, p.Provider, p.ProviderOnly = s.Rehearsal, s.Provider, s.ProviderOnly
	p.ProviderPath = "/login/oidc"
	if p.Next != "" && p.Next != "/" {
		p.ProviderPath += "?" + url.Values{"next": {p.Next}}.Encode()
	}
	var b bytes.Buffer
	if err := s.templates.ExecuteTemplate(&b, name+".html", p); err != nil {
		panic(err)
	}
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
}

// statuses of what is refused; of the rest it is 422.
var statuses = map[account.Code]int{
	account.CodeWrongPassword:   http.StatusUnauthorized,
	account.CodeOIDC:            http.StatusUnauthorized,
	account.CodeForbidden:       http.StatusForbidden,
	account.CodeNoAccount:       http.StatusForbidden,
	account.CodeOIDCOnly:        http.StatusForbidden,
	account.CodeOnlyPerson:      http.StatusForbidden,
	account.CodeNoOIDC:          http.StatusNotFound,
	account.CodeLocked:          http.StatusTooManyRequests,
	account.CodeTooMany:         http.StatusTooManyRequests,
	account.CodeOIDCUnreachable: http.StatusServiceUnavailable,
}

// refused shows a page again with what went wrong.
func (s *server) refused(c *gin.Context, name string, p page, err error) {
	c.Abort()
	ctx := c.Request.Context()
	var denied *account.Error
	if !errors.As(err, &denied) {
		s.Log.ErrorContext(ctx, "page", "request", numberOf(ctx), "page", name, "error", err)
		p.Refusal, p.Number = textFailed, numberOf(ctx)
		s.show(c, http.StatusServiceUnavailable, name, p)
		return
	}
	p.Refusal = denied.Error()
	if denied.Code == account.CodeOIDC || denied.Code == account.CodeOIDCUnreachable {
		s.Log.WarnContext(ctx, "page", "request", numberOf(ctx), "page", name, "code", string(denied.Code))
		p.Number = numberOf(ctx)
	}
	s.show(c, cmp.Or(statuses[denied.Code], http.StatusUnprocessableEntity), name, p)
}

func (s *server) home(c *gin.Context) {
	p := page{Title: textTitle, Who: caller(c.Request.Context())}
	if p.Who.Role != account.Unit {
		p.Workflows = s.Workflows
	}
	s.show(c, http.StatusOK, "home", p)
}

func (s *server) loginPage(c *gin.Context) {
	s.show(c, http.StatusOK, "login", page{Title: textLogin, Next: onward(c.Query("next"))})
}

func (s *server) login(c *gin.Context) {
	r := c.Request
	p := page{Title: textLogin, Login: r.PostFormValue("login"), Next: onward(r.PostFormValue("next"))}
	if _, err := s.Login.Enter(r.Context(), p.Login, r.PostFormValue("password"), c.ClientIP()); err != nil {
		s.refused(c, "login", p, err)
		return
	}
	c.Redirect(http.StatusSeeOther, p.Next)
}

// onward returns the path where somebody goes on after the login: one of this installation, or its first page.
func onward(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// away sends somebody to the identity provider.
func (s *server) away(c *gin.Context) {
	p := page{Title: textLogin, Next: onward(c.Query("next"))}
	address, err := s.Login.Away(c.Request.Context(), p.Next)
	if err != nil {
		s.refused(c, "login", p, err)
		return
	}
	c.Redirect(http.StatusSeeOther, address)
}

// back is where the identity provider sends him.
func (s *server) back(c *gin.Context) {
	_, next, err := s.Login.Back(c.Request.Context(), c.Request.URL.Query(), c.ClientIP())
	if err != nil {
		s.refused(c, "login", page{Title: textLogin, Next: onward(next)}, err)
		return
	}
	c.Redirect(http.StatusSeeOther, onward(next))
}

func (s *server) logout(c *gin.Context) {
	who, err := s.Login.Identify(c.Request)
	if err == nil {
		err = s.Login.Leave(c.Request.Context(), who, c.ClientIP())
	} else if _, ok := errors.AsType[*account.Error](err); ok {
		err = nil // he is out
	}
	if err != nil {
		s.refused(c, "sorry", page{Title: textSorry}, err)
		return
	}
	c.Redirect(http.StatusSeeOther, LoginPath)
}

func (s *server) setupPage(c *gin.Context) {
	p := page{Title: textSetup, Secret: c.Query("secret")}
	a, err := s.Login.Invited(c.Request.Context(), p.Secret)
	if err != nil {
		p.Secret = ""
		s.refused(c, "setup", p, err)
		return
	}
	p.Login, p.Name = a.Login, a.Name
	s.show(c, http.StatusOK, "setup", p)
}

func (s *server) setup(c *gin.Context) {
	r := c.Request
	p := page{Title: textSetup, Secret: r.PostFormValue("secret")}
	a, err := s.Login.Invited(r.Context(), p.Secret)
	if err != nil {
		p.Secret = ""
		s.refused(c, "setup", p, err)
		return
	}
	p.Login, p.Name = a.Login, a.Name
	if r.PostFormValue("password") != r.PostFormValue("again") {
		p.Refusal = textTwice
		s.show(c, http.StatusUnprocessableEntity, "setup", p)
		return
	}
	if a, err = s.Login.Accept(r.Context(), p.Secret, r.PostFormValue("password"), c.ClientIP()); err != nil {
		s.refused(c, "setup", p, err)
		return
	}
	s.show(c, http.StatusOK, "login", page{Title: textLogin, Login: a.Login, Next: "/", Notice: textReady})
}
