package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"duban/api"
)

func (s *server) registerHealth(p routes) {
	p.get("/health", s.health)
	p.post("/health/repair", s.repair)
}

// health shows what was found wrong last, or what is wrong now where that is asked for.
func (s *server) health(c *gin.Context) {
	s.showHealth(c, http.StatusOK, s.frame(c, textHealth, menuHealth))
}

func (s *server) showHealth(c *gin.Context, status int, f frame) {
	query := url.Values{}
	if how := c.Query("examine"); how != "" {
		query.Set("examine", how)
	}
	d, err := get[api.Diagnosis](s, c, "/doctor", query)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, status, healthPage(f, d))
}

// repair has a finding put right, and examines anew.
func (s *server) repair(c *gin.Context) {
	body := api.RepairBody{Kind: typed(c, "kind"), Subject: typed(c, "subject")}
	if _, err := send[api.Repaired](s, c, http.MethodPost, "/doctor/repair", body); err != nil {
		f := s.with(c, s.frame(c, textHealth, menuHealth), err)
		s.showHealth(c, f.refused.Status, f)
		return
	}
	done(c, "/health?examine=now", "repaired")
}
