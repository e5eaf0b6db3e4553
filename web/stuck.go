package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
)

func (s *server) registerStuck(p routes) {
	p.get("/plans/:plan/stuck", s.stuck)
}

// stuck shows what does not move: whom it waits for, told apart from what is broken.
func (s *server) stuck(c *gin.Context) {
	f, ok := s.planFrame(c, textStuck, menuStuck)
	if !ok {
		return
	}
	v, err := get[api.Stuck](s, c, at("plans", f.Plan.Code, "stuck"), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, http.StatusOK, stuckPage(f, v, s.Views))
}

// waitsPath returns where to see all that waits for somebody; "" for who sees no obligations.
func waitsPath(f frame, p api.StuckPerson) string {
	switch {
	case f.Who.Role == account.Admin:
		return ""
	case p.Kind == "unit":
		return plansPath(f.Plan.Code, "obligations") + "?" + url.Values{"unit": {p.Who}, "waitingOn": {"unit"}}.Encode()
	default:
		return plansPath(f.Plan.Code, "obligations") + "?" + url.Values{"waitingOn": {p.Who}}.Encode()
	}
}

// refPath returns the address of what waits; "" for who may not see it.
func refPath(f frame, r api.ObligationRef) string {
	parts := []string{"obligations", r.Measure, r.Unit, r.Period}
	switch {
	case f.Who.Role == account.Admin:
		return ""
	case r.Rung != "":
		parts[0] = "documents"
		parts = append(parts, string(r.Rung))
	}
	return plansPath(r.Plan, parts...)
}
