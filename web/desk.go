package web

import (
	"github.com/gin-gonic/gin"

	"duban/account"
)

func (s *server) registerDesk(p routes) {
	p.get("/plans/:plan/desk", s.desk)
	p.post("/plans/:plan/desk/sign", s.signSeveral)
}

// desk is where everybody finds what waits for him.
func (s *server) desk(c *gin.Context) {
	if caller(c.Request.Context()).Role == account.Unit {
		s.unitDesk(c)
		return
	}
	s.officeDesk(c)
}
