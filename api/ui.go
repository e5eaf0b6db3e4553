package api

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/account"
)

// Where the Temporal UI is served, and where its pages have payloads decrypted.
const (
	uiPath    = "/temporal"
	codecPath = "/temporal-codec"
)

// LoginPage is the page by which people log in; its parameter "next" is where they go on.
const LoginPage = "/login"

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// registerUI serves the Temporal UI to who has logged in. Whoever is no administrator gets one that changes nothing; what
// an administrator changes stands in the administrators' log before it is done.
func (s *server) registerUI(r *gin.Engine) {
	ui := func(c *gin.Context) {
		who := caller(c.Request.Context())
		writable := who.Role == account.Admin && who.May(account.Manage)
		if writable && c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
			err := s.Accounts.Note(c.Request.Context(), who, account.WorkflowsChanged, c.Request.URL.Path, c.Request.Method, remote(c.Request.Context()))
			if err != nil {
				abort(c, s.problemOf(c.Request.Context(), err))
				return
			}
		}
		// The pages have a policy of their own.
		for _, name := range []string{"Content-Security-Policy", "Cache-Control"} {
			c.Writer.Header().Del(name)
		}
		s.UI(writable).ServeHTTP(c.Writer, c.Request)
	}
	for _, m := range methods {
		for _, path := range []string{uiPath, uiPath + "/*path"} {
			s.gate.add(m, path, "temporal-ui")
			r.Handle(m, path, ui)
		}
	}
	if s.Codec == nil {
		return
	}
	codec := func(c *gin.Context) { s.Codec.ServeHTTP(c.Writer, c.Request) }
	s.gate.add(http.MethodPost, codecPath+"/*path", "temporal-codec")
	r.POST(codecPath+"/*path", codec)
}

// toLogin sends a browser that asks for a page to where people log in.
func toLogin(c *gin.Context) bool {
	if c.Request.Method != http.MethodGet || !strings.Contains(c.GetHeader("Accept"), "text/html") {
		return false
	}
	c.Redirect(http.StatusSeeOther, fmt.Sprintf("%s?next=%s", LoginPage, url.QueryEscape(c.Request.URL.RequestURI())))
	c.Abort()
	return true
}
