package web

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"duban/api"
)

// partRows is how many co-organisers the form has room for at once; its script adds more.
const partRows = 3

func (s *server) registerBreakDown(p routes) {
	p.get(obligationRoute+"/break-down", s.breakDown)
}

// partTyped is a line of the form, as it was typed.
type partTyped struct{ Unit, Text, Due string }

func (s *server) breakDown(c *gin.Context) {
	if f, ok := s.planFrame(c, textBreakDown, menuObligations); ok {
		s.showBreakDown(c, http.StatusOK, f)
	}
}

// showBreakDown shows the form by which a lead unit asks others for parts of its obligation.
func (s *server) showBreakDown(c *gin.Context, status int, f frame) {
	o, err := get[api.ObligationDetail](s, c, "/obligations"+at(oneOf(c)...), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	list, err := get[api.UnitList](s, c, "/plans"+at(f.Plan.Code)+"/units", nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	f.Scripts = append(f.Scripts, "breakdown.js")
	units := slices.DeleteFunc(list.Units, func(u api.Unit) bool { return u.Code == o.Unit })
	s.render(c, status, breakDownPage(f, o, units, partsTyped(c)))
}

// partsTyped returns the lines of the form that say something.
func partsTyped(c *gin.Context) []partTyped {
	units, texts, dues := c.PostFormArray("unit"), c.PostFormArray("text"), c.PostFormArray("due")
	var out []partTyped
	for i := range min(len(units), len(texts), len(dues)) {
		if p := (partTyped{units[i], texts[i], dues[i]}); p.Unit != "" || p.Text != "" {
			out = append(out, p)
		}
	}
	return out
}
