package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
)

// promote is the verb by which a finding becomes a hazard under supervision.
const promote = "promote"

func (s *server) registerPromotion(p routes) {
	p.get(obligationRoute+"/"+promote, s.promotion)
}

func promotionSaid(c *gin.Context) any {
	return api.PromoteBody{
		Due: typed(c, "due"), Industry: typed(c, "industry"), Region: typed(c, "region"), Enterprise: typed(c, "enterprise"), Place: typed(c, "place"),
		Basis: typed(c, "basis"), Measures: typed(c, "measures"), Principal: typed(c, "principal"), Notified: typed(c, "notified"),
		Reviewer: typed(c, "reviewer"), PublicTitle: typed(c, "publicTitle"),
	}
}

// promotion is the form by which the office takes a finding into the register of hazards.
func (s *server) promotion(c *gin.Context) {
	if f, ok := s.planFrame(c, textPromote, menuInspections); ok {
		s.showPromotion(c, http.StatusOK, f)
	}
}

func (s *server) showPromotion(c *gin.Context, status int, f frame) {
	o, err := get[api.ObligationDetail](s, c, "/obligations"+at(oneOf(c)...), nil)
	var options api.HazardOptions
	if err == nil {
		options, err = get[api.HazardOptions](s, c, at("plans", f.Plan.Code, "hazards", "options"), nil)
	}
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, status, promotionPage(f, o, options))
}

// promotes reports whether the reader may have a finding become a hazard now; the API decides.
func promotes(f frame, o api.Obligation) bool {
	return f.Who.Role == account.Office && o.FindingOf != "" && o.WaitingOn != ""
}
