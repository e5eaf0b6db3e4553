package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"duban/account"
)

// rule says who may see a page.
type rule struct {
	public bool // whoever asks, logged in or not
	roles  []account.Role
}

// The rules that several pages share.
var (
	public         = rule{public: true}
	anybody        = rule{roles: account.Roles}
	readers        = rule{roles: forReaders}
	business       = rule{roles: forBusiness}
	office         = rule{roles: forOffice}
	units          = rule{roles: forUnits}
	signers        = rule{roles: []account.Role{account.Office, account.Leader}}
	leaders        = rule{roles: []account.Role{account.Leader}}
	correspondents = rule{roles: []account.Role{account.Office, account.Unit}}
	deskHolders    = rule{roles: []account.Role{account.Office, account.Leader, account.Unit}}
	seeders        = rule{roles: []account.Role{account.Office, account.Admin}}
	settings       = rule{roles: []account.Role{account.Office, account.Leader, account.Auditor, account.Admin}}
	channels       = rule{roles: []account.Role{account.Office, account.Auditor, account.Admin}}
	admins         = rule{roles: []account.Role{account.Admin}}
	controls       = rule{roles: []account.Role{account.Admin, account.Auditor}}
)

// access is the table of role × page. A page that is not in it can't be registered.
var access = map[string]rule{
	"GET /":               anybody,
	"GET /login":          public,
	"POST /login":         public,
	"GET /login/oidc":     public,
	"GET " + CallbackPath: public,
	"GET /setup":          public,
	"POST /setup":         public,
	"POST /logout":        public, // whoever is out already stays out
	"GET /assets/:file":   public,

	// What is one's own.
	"GET /me":                    anybody,
	"POST /me/password":          anybody,
	"POST /me/tokens":            anybody,
	"POST /me/tokens/:id/revoke": anybody,
	"POST /me/feeds":             business,
	"POST /me/feeds/:id/revoke":  business,

	// Administration.
	"GET /plans/:plan/units":                  settings,
	"POST /plans/:plan/units":                 seeders,
	"POST /plans/:plan/contacts":              seeders,
	"GET /plans/:plan/units/:unit":            settings,
	"POST /plans/:plan/units/:unit":           seeders,
	"GET /plans/:plan/calendar":               settings,
	"POST /plans/:plan/calendar":              seeders,
	"GET /plans/:plan/stuck":                  settings,
	"GET /accounts":                           controls,
	"POST /accounts":                          admins,
	"GET /accounts/:login":                    controls,
	"POST /accounts/:login":                   admins,
	"POST /accounts/:login/invitation":        admins,
	"POST /accounts/:login/disable":           admins,
	"POST /accounts/:login/enable":            admins,
	"POST /accounts/:login/unlock":            admins,
	"POST /accounts/:login/sessions":          admins,
	"POST /accounts/:login/tokens/:id/revoke": admins,
	"GET /admin-log":                          controls,
	"GET /health":                             controls,
	"POST /health/repair":                     admins,
	"GET /channels":                           channels,
	"POST /channels/:channel/test":            admins,

	// The wall chart and the tasks.
	"GET /plans/:plan":             readers,
	"GET /plans/:plan/tasks":       readers,
	"GET /plans/:plan/tasks/:task": readers,

	// Weekly inspections.
	"GET /plans/:plan/inspections":       readers,
	"GET /plans/:plan/findings":          business,
	"GET " + inspectionRoute:             business,
	"POST " + inspectionRoute + "/:verb": office,

	// The figures.
	"GET /plans/:plan/statistics": readers,

	// The register of hazards.
	"GET /plans/:plan/hazards":                business,
	"GET /plans/:plan/hazards/new":            correspondents,
	"POST /plans/:plan/hazards/new":           correspondents,
	"GET /plans/:plan/hazards/import":         office,
	"POST /plans/:plan/hazards/import/:verb":  office,
	"GET /plans/:plan/hazards/analysis":       readers,
	"GET /plans/:plan/hazards/:number":        business,
	"POST /plans/:plan/hazards/:number/:verb": deskHolders,

	// Obligations.
	"GET " + obligationsRoute:                business,
	"POST " + obligationsRoute + "/nudge":    office,
	"GET " + obligationRoute:                 business,
	"POST " + obligationRoute + "/:verb":     correspondents,
	"GET " + obligationRoute + "/break-down": units,

	// Desks, documents, notices.
	"GET /plans/:plan/desk":            deskHolders,
	"POST /plans/:plan/desk":           signers,
	"POST /plans/:plan/desk/sign":      units,
	"GET /plans/:plan/documents":       business,
	"GET " + documentRoute:             business,
	"POST " + documentRoute + "/:verb": signers,
	"GET /plans/:plan/handover":        correspondents,
	"POST /plans/:plan/handover":       correspondents,
	"GET /plans/:plan/inbox":           correspondents,
	"POST /plans/:plan/inbox/read":     correspondents,

	// The monthly reports.
	"GET /plans/:plan/monthly":        business,
	"GET " + monthRoute:               business,
	"GET " + monthOfRoute:             business,
	"POST " + monthOfRoute + "/:verb": office,

	// The half-yearly assessment.
	"GET /plans/:plan/assessments":            business,
	"GET " + assessmentRoute:                  business,
	"GET " + assessmentRoute + "/record":      business,
	"GET " + assessmentRoute + "/what-if":     readers,
	"POST " + assessmentRoute + "/what-if":    readers,
	"POST " + assessmentRoute + "/:verb":      signers,
	"GET " + assessmentUnitRoute:              business,
	"POST " + assessmentUnitRoute + "/decide": leaders,
	"POST " + assessmentUnitRoute + "/:verb":  correspondents,

	// The annual list of tasks.
	"GET /plans/:plan/lists":                   office,
	"POST /plans/:plan/lists":                  office,
	"GET /plans/:plan/lists/:list":             office,
	"POST /plans/:plan/lists/:list":            office,
	"GET /plans/:plan/lists/:list/rows/:row":   office,
	"POST /plans/:plan/lists/:list/rows/:row":  office,
	"POST /plans/:plan/lists/:list/apply":      office,
	"GET /plans/:plan/lists/:list/corrections": office,

	// Changes of what a plan runs by.
	"GET /plans/:plan/changes":          seeders,
	"GET /plans/:plan/changes/:kind":    seeders,
	"POST /plans/:plan/changes/:kind":   seeders,
	"GET /plans/:plan/ladders":          settings,
	"GET /plans/:plan/ladders/:ladder":  settings,
	"POST /plans/:plan/ladders/:ladder": office,

	// A training.
	"GET /training":        anybody,
	"POST /training/pace":  seeders,
	"POST /training/units": seeders,
}

// ruled returns the rule of a page, and panics where there is none: nothing is open by mistake.
func ruled(method, path string) rule {
	r, ok := access[key(method, path)]
	if !ok {
		panic("no rule of access for " + method + " " + path)
	}
	return r
}

// key returns how the tables name a page. Who asks for its headers alone asks for the page.
func key(method, path string) string {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	return method + " " + path
}

type callerKey struct{}

// caller returns who asks for the page.
func caller(ctx context.Context) account.Caller {
	c, _ := ctx.Value(callerKey{}).(account.Caller)
	return c
}

// admit is the middleware: who asks, and may he? Whoever has not logged in is sent to where people do, and goes on from there.
func (s *server) admit(c *gin.Context) {
	if c.FullPath() == "" {
		return // there is no such page
	}
	r := ruled(c.Request.Method, c.FullPath())
	if r.public {
		return
	}
	who, err := s.Login.Identify(c.Request)
	var refused *account.Error
	switch {
	case errors.As(err, &refused):
		s.out(c)
	case err != nil:
		s.refused(c, door{Title: textSorry}, sorryCard, err)
	case !slices.Contains(r.roles, who.Role) || !who.May(account.Read):
		s.refused(c, door{Title: textSorry}, sorryCard, account.Refuse(account.CodeForbidden))
	default:
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), callerKey{}, who))
	}
}

// out sends whoever has not logged in, or no longer is, to where people do. What he has written goes with him.
func (s *server) out(c *gin.Context) {
	defer c.Abort()
	if k := keep(c); k != nil {
		s.showDoor(c, http.StatusUnauthorized, door{Title: textLogin, Refusal: textExpired, Next: "/", Kept: k}, loginCard)
		return
	}
	if c.GetHeader("HX-Request") != "" { // a part of a page: the whole page goes
		c.Header("HX-Redirect", LoginPath)
		c.Status(http.StatusUnauthorized)
		return
	}
	c.Redirect(http.StatusSeeOther, toLogin(c.Request))
}

func toLogin(r *http.Request) string {
	next := r.URL.RequestURI()
	if r.Method != http.MethodGet || next == "/" {
		return LoginPath
	}
	return LoginPath + "?" + url.Values{"next": {next}}.Encode()
}
