package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
	"duban/calendar"
	"duban/obligation"
)

func (s *server) registerMe(p routes) {
	p.get("/me", s.me)
	p.post("/me/password", s.changePassword)
	p.post("/me/tokens", s.issueToken)
	p.post("/me/tokens/:id/revoke", s.revokeToken)
	p.post("/me/feeds", s.issueFeed)
	p.post("/me/feeds/:id/revoke", s.revokeFeed)
}

func (s *server) me(c *gin.Context) {
	s.showMe(c, http.StatusOK, s.frame(c, textMe, menuMe), shownOnce{})
}

// shownOnce is what has just been issued: the secret of a token, or the address of a calendar feed. It is shown this once.
type shownOnce struct{ Token, Feed string }

// showMe shows what is the caller's own.
func (s *server) showMe(c *gin.Context, status int, f frame, once shownOnce) {
	tokens, err := get[api.TokenList](s, c, "/me/tokens", nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	var feeds api.FeedList
	if hasFeeds(f.Who) {
		if feeds, err = get[api.FeedList](s, c, "/me/feeds", nil); err != nil {
			s.fail(c, f, err)
			return
		}
	}
	s.render(c, status, mePage(f, tokens.Tokens, feeds.Feeds, once))
}

func (s *server) refuseMe(c *gin.Context, err error) {
	f := s.with(c, s.frame(c, textMe, menuMe), err)
	s.showMe(c, f.refused.Status, f, shownOnce{})
}

func (s *server) changePassword(c *gin.Context) {
	if c.PostForm("password") != c.PostForm("again") {
		s.refuseMe(c, &api.Problem{Status: http.StatusUnprocessableEntity, Detail: textTwice})
		return
	}
	body := api.PasswordBody{Old: c.PostForm("current"), New: c.PostForm("password")}
	if _, err := send[struct{}](s, c, http.MethodPut, "/me/password", body); err != nil {
		s.refuseMe(c, err)
		return
	}
	done(c, "/me", "password")
}

func (s *server) issueToken(c *gin.Context) {
	f := s.frame(c, textMe, menuMe)
	body := api.IssueTokenBody{Label: c.PostForm("label"), Expires: c.PostForm("expires")}
	if last, err := calendar.ParseDate(body.Expires); err == nil {
		body.Expires = last.End(obligation.Location(f.Plan.Zone)).Format(time.RFC3339)
	}
	for _, scope := range c.PostFormArray("scopes") {
		body.Scopes = append(body.Scopes, account.Scope(scope))
	}
	issued, err := send[api.IssuedToken](s, c, http.MethodPost, "/me/tokens", body)
	if err != nil {
		s.refuseMe(c, err)
		return
	}
	s.showMe(c, http.StatusOK, f, shownOnce{Token: issued.Secret})
}

func (s *server) revokeToken(c *gin.Context) {
	if _, err := send[struct{}](s, c, http.MethodDelete, "/me/tokens"+at(c.Param("id")), nil); err != nil {
		s.refuseMe(c, err)
		return
	}
	done(c, "/me", "token-revoked")
}

// hasFeeds reports whether there are due dates for somebody to subscribe to.
func hasFeeds(who account.Caller) bool { return slices.Contains(forBusiness, who.Role) }

func (s *server) issueFeed(c *gin.Context) {
	issued, err := send[api.IssuedFeed](s, c, http.MethodPost, "/me/feeds", nil)
	if err != nil {
		s.refuseMe(c, err)
		return
	}
	s.showMe(c, http.StatusOK, s.frame(c, textMe, menuMe), shownOnce{Feed: s.origin(c) + issued.Path})
}

func (s *server) revokeFeed(c *gin.Context) {
	if _, err := send[struct{}](s, c, http.MethodDelete, "/me/feeds"+at(c.Param("id")), nil); err != nil {
		s.refuseMe(c, err)
		return
	}
	done(c, "/me", "feed-revoked")
}
