// Package web serves the pages that people see in a browser: in Chinese, without any other host, and without a script within
// a page. They are a client of the JSON API and hold no rule: what they show and do is asked of it, in the name of whoever
// asked for the page.
//
// Who may see which page is one table (access). Nothing is open that is not in it.
package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"duban/account"
)

// Login lets people in. Refusals are *account.Error; every other error is the store's.
type Login interface {
	Identify(r *http.Request) (account.Caller, error)
	Enter(ctx context.Context, login, password, remote string) (account.Caller, error)
	Leave(ctx context.Context, by account.Caller, remote string) error
	// Invited returns the account that a one-time link is for, while it is good.
	Invited(ctx context.Context, secret string) (account.Account, error)
	Accept(ctx context.Context, secret, password, remote string) (account.Account, error)
	// Away begins a login at the identity provider and returns the address where the browser has to go.
	Away(ctx context.Context, next string) (string, error)
	// Back ends it with what the provider had the browser bring. next is what Away was given, where it is still known.
	Back(ctx context.Context, brought url.Values, remote string) (who account.Caller, next string, err error)
}

// Deps are what the pages work with. Login and API are required.
type Deps struct {
	Login     Login
	API       http.Handler // the JSON API, as it is before the sessions are wrapped around it
	Rehearsal bool         // every page says 演练
	Training  bool         // and leads to where it is steered
	Workflows string       // path of the Temporal UI; "": there is none
	Views     []View       // lists of the Temporal UI; none where there is no UI
	// Provider is the name of the identity provider (统一身份认证); "": there is none. With ProviderOnly, passwords are for
	// administrators alone.
	Provider     string
	ProviderOnly bool
	Encrypted    bool
	// Proxies are addresses or networks of proxies whose word of where a request came from is taken.
	Proxies []string
	// Origins are the installation's own addresses, such as https://duban.example, where a proxy in front of it changes the Host.
	Origins []string
	Log     *slog.Logger // nil: slog.Default

	Observe gin.HandlerFunc // is around every page that has a number; nil: nobody is
}

// View is a list of the Temporal UI that has a name.
type View struct{ Name, Path string }

type server struct {
	Deps
}

// The paths of the pages that others name: the one by which people log in, and the one to which the identity provider
// sends them back.
const (
	LoginPath    = "/login"
	CallbackPath = "/login/oidc/back"
)

// New returns the handler of all pages.
func New(d Deps) *gin.Engine {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	s := &server{Deps: d}
	r := gin.New()
	r.RedirectTrailingSlash = false
	r.HandleMethodNotAllowed = true
	if err := r.SetTrustedProxies(d.Proxies); err != nil {
		panic(err) // the settings have been checked
	}
	r.Use(number)
	if d.Observe != nil {
		r.Use(d.Observe)
	}
	r.Use(s.accessLog, s.survive, s.harden, s.sameOrigin(), s.readForm, s.admit, s.hold())
	r.NoRoute(s.lost)
	r.NoMethod(func(c *gin.Context) { s.lostAs(c, http.StatusMethodNotAllowed) })
	s.register(r)
	return r
}

func (s *server) register(r *gin.Engine) {
	p := routes{r}
	p.get("/", s.home)
	p.get(LoginPath, s.loginPage)
	p.post(LoginPath, s.login)
	p.get("/login/oidc", s.away)
	p.get(CallbackPath, s.back)
	p.get("/setup", s.setupPage)
	p.post("/setup", s.setup)
	p.post("/logout", s.logout)
	p.get("/assets/:file", s.serveAsset)
	s.registerUnits(p)
	s.registerCalendar(p)
	s.registerAccounts(p)
	s.registerAdminLog(p)
	s.registerChannels(p)
	s.registerStuck(p)
	s.registerHealth(p)
	s.registerMe(p)
	s.registerWall(p)
	s.registerTasks(p)
	s.registerStatistics(p)
	s.registerHazards(p)
	s.registerObligations(p)
	s.registerObligation(p)
	s.registerBreakDown(p)
	s.registerInspections(p)
	s.registerDesk(p)
	s.registerOfficeDesk(p)
	s.registerDocuments(p)
	s.registerHandover(p)
	s.registerInbox(p)
	s.registerAssessments(p)
	s.registerMonthly(p)
	s.registerLists(p)
	s.registerChanges(p)
	s.registerLadders(p)
	s.registerTraining(p)
}

// routes register pages under their rules of access.
type routes struct{ *gin.Engine }

func (r routes) add(method, path string, h gin.HandlerFunc) {
	ruled(method, path)
	r.Handle(method, path, h)
}

func (r routes) get(path string, h gin.HandlerFunc) {
	r.add(http.MethodGet, path, h)
	r.add(http.MethodHead, path, h)
}

func (r routes) post(path string, h gin.HandlerFunc) { r.add(http.MethodPost, path, h) }

// home is where everybody begins: at what he is here for.
func (s *server) home(c *gin.Context) {
	f := s.frame(c, textTitle, "")
	if f.fault != nil {
		s.fail(c, f, f.fault)
		return
	}
	if len(f.Menu) > 0 && f.Plan.Code != "" {
		c.Redirect(http.StatusSeeOther, f.Menu[0].Path)
		return
	}
	s.render(c, http.StatusOK, helloPage(f))
}
