package web

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// officeDesk sends the office and the leaders to the wall, where what waits for them stands.
func (s *server) officeDesk(c *gin.Context) {
	c.Redirect(http.StatusSeeOther, plansPath(c.Param("plan")))
}
