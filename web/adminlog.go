package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"duban/api"
)

func (s *server) registerAdminLog(p routes) {
	p.get("/admin-log", s.adminLog)
}

// adminLog shows one page of the administrators' log, the newest first.
func (s *server) adminLog(c *gin.Context) {
	f := s.frame(c, textAdminLog, menuLog)
	query := url.Values{}
	before := c.Query("before")
	if before != "" {
		query.Set("before", before)
	}
	page, err := get[api.LogPage](s, c, "/admin-log", query)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, http.StatusOK, adminLogPage(f, page, before != ""))
}
