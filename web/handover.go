package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
)

// handover is a unit's open obligations on their way to somebody else: for good, by the office, where a liaison leaves; for
// some days, by himself.
type handover struct {
	Units  []api.Unit
	Unit   api.Unit // zero: none is chosen yet
	From   string   // the former liaison, where one is named
	Open   api.ObligationPage
	Form   filled
	Result *api.Bulk // what became of it; nil: it is still to be asked for
}

// handoverShown is how many obligations the preview lists.
const handoverShown = 50

func (s *server) registerHandover(p routes) {
	p.get("/plans/:plan/handover", s.handoverPage)
	p.post("/plans/:plan/handover", s.handOverAll)
}

func (s *server) handoverPage(c *gin.Context) {
	f, ok := s.planFrame(c, handoverTitle(caller(c.Request.Context()).Role), menuDesk)
	if !ok {
		return
	}
	s.showHandover(c, http.StatusOK, f, c.Query("unit"), c.Query("from"), nil)
}

func handoverTitle(role account.Role) string {
	if role == account.Unit {
		return textDelegateAll
	}
	return textHandover
}

func (s *server) showHandover(c *gin.Context, status int, f frame, unit, from string, result *api.Bulk) {
	h := handover{From: from, Form: f.form("handover", 0), Result: result}
	units, _, err := s.unitsOf(c, f)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	if f.Who.Role == account.Unit {
		unit = f.Who.Unit
	}
	h.Units = units
	if i := slices.IndexFunc(units, func(u api.Unit) bool { return u.Code == unit }); i >= 0 {
		h.Unit = units[i]
	}
	if result != nil && result.Failed > 0 { // sent again it is completed, and nothing is done twice
		h.Form = filled{Name: "handover", Key: c.PostForm(fieldKey), Typed: c.Request.PostForm, Failed: true}
	}
	if h.Unit.Code != "" {
		q := url.Values{"unit": {h.Unit.Code}, "open": {"true"}}
		if h.Open, err = s.obligationsOf(c, f.Plan.Code, handoverShown, q); err != nil {
			s.fail(c, f, err)
			return
		}
	}
	s.render(c, status, handoverView(f, h))
}

func (s *server) handOverAll(c *gin.Context) {
	who := caller(c.Request.Context())
	f, ok := s.planFrame(c, handoverTitle(who.Role), menuDesk)
	if !ok {
		return
	}
	unit, verb, body := cmp.Or(who.Unit, c.PostForm("unit")), "delegate", delegate(c)
	if who.Role == account.Office {
		verb, body = "hand-over", handOver(c)
	}
	result, err := send[api.Bulk](s, c, http.MethodPost, "/plans"+at(f.Plan.Code, "units", unit, verb), body)
	if err != nil {
		f = s.with(c, f, err)
		s.showHandover(c, f.refused.Status, f, unit, typed(c, "from"), nil)
		return
	}
	s.showHandover(c, http.StatusOK, f, unit, typed(c, "from"), &result)
}

// named returns who a unit's liaisons are: those that notices go to, and those that its obligations name.
func (h handover) named() []string {
	var names []string
	for _, contact := range h.Unit.Contacts {
		names = append(names, contact.Name)
	}
	for _, o := range h.Open.Obligations {
		if o.Liaison != "" {
			names = append(names, o.Liaison)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
