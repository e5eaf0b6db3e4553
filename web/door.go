package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"duban/account"
)

func (s *server) showDoor(c *gin.Context, status int, d door, card func(door) templ.Component) {
	d.Rehearsal, d.Provider, d.ProviderOnly = s.Rehearsal, s.Provider, s.ProviderOnly
	d.ProviderPath = "/login/oidc"
	if d.Next != "" && d.Next != "/" {
		d.ProviderPath += "?" + url.Values{"next": {d.Next}}.Encode()
	}
	s.render(c, status, doorPage(d, card(d)))
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

// refused shows a card again with what went wrong.
func (s *server) refused(c *gin.Context, d door, card func(door) templ.Component, err error) {
	c.Abort()
	ctx := c.Request.Context()
	var denied *account.Error
	if !errors.As(err, &denied) {
		s.Log.ErrorContext(ctx, "page", "request", numberOf(ctx), "page", c.FullPath(), "error", err)
		d.Refusal, d.Number = textFailed, numberOf(ctx)
		s.showDoor(c, http.StatusServiceUnavailable, d, card)
		return
	}
	d.Refusal = denied.Error()
	if denied.Code == account.CodeOIDC || denied.Code == account.CodeOIDCUnreachable {
		s.Log.WarnContext(ctx, "page", "request", numberOf(ctx), "page", c.FullPath(), "code", string(denied.Code))
		d.Number = numberOf(ctx)
	}
	s.showDoor(c, cmp.Or(statuses[denied.Code], http.StatusUnprocessableEntity), d, card)
}

func (s *server) sorry(c *gin.Context, status int, text string) {
	s.showDoor(c, status, door{Title: textSorry, Refusal: text}, sorryCard)
	c.Abort()
}

func (s *server) loginPage(c *gin.Context) {
	s.showDoor(c, http.StatusOK, door{Title: textLogin, Next: onward(c.Query("next"))}, loginCard)
}

func (s *server) login(c *gin.Context) {
	r := c.Request
	d := door{Title: textLogin, Login: r.PostFormValue("login"), Next: onward(r.PostFormValue("next")), Kept: broughtBack(c)}
	if _, err := s.Login.Enter(r.Context(), d.Login, r.PostFormValue("password"), c.ClientIP()); err != nil {
		s.refused(c, d, loginCard, err)
		return
	}
	if d.Kept != nil {
		d.Title = textResume
		s.showDoor(c, http.StatusOK, d, resumeCard)
		return
	}
	c.Redirect(http.StatusSeeOther, d.Next)
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
	d := door{Title: textLogin, Next: onward(c.Query("next"))}
	address, err := s.Login.Away(c.Request.Context(), d.Next)
	if err != nil {
		s.refused(c, d, loginCard, err)
		return
	}
	c.Redirect(http.StatusSeeOther, address)
}

// back is where the identity provider sends him.
func (s *server) back(c *gin.Context) {
	_, next, err := s.Login.Back(c.Request.Context(), c.Request.URL.Query(), c.ClientIP())
	if err != nil {
		s.refused(c, door{Title: textLogin, Next: onward(next)}, loginCard, err)
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
		s.refused(c, door{Title: textSorry}, sorryCard, err)
		return
	}
	c.Redirect(http.StatusSeeOther, LoginPath)
}

func (s *server) setupPage(c *gin.Context) {
	d := door{Title: textSetup, Secret: c.Query("secret")}
	a, err := s.Login.Invited(c.Request.Context(), d.Secret)
	if err != nil {
		d.Secret = ""
		s.refused(c, d, setupCard, err)
		return
	}
	d.Login, d.Name = a.Login, a.Name
	s.showDoor(c, http.StatusOK, d, setupCard)
}

func (s *server) setup(c *gin.Context) {
	r := c.Request
	d := door{Title: textSetup, Secret: r.PostFormValue("secret")}
	a, err := s.Login.Invited(r.Context(), d.Secret)
	if err != nil {
		d.Secret = ""
		s.refused(c, d, setupCard, err)
		return
	}
	d.Login, d.Name = a.Login, a.Name
	if r.PostFormValue("password") != r.PostFormValue("again") {
		d.Refusal = textTwice
		s.showDoor(c, http.StatusUnprocessableEntity, d, setupCard)
		return
	}
	if a, err = s.Login.Accept(r.Context(), d.Secret, r.PostFormValue("password"), c.ClientIP()); err != nil {
		s.refused(c, d, setupCard, err)
		return
	}
	s.showDoor(c, http.StatusOK, door{Title: textLogin, Login: a.Login, Next: "/", Notice: textReady}, loginCard)
}
