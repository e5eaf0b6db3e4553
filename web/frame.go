package web

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
)

// frame is what every page shows around its own content.
type frame struct {
	Title     string
	Here      string // key of the menu's entry that the page belongs to
	Who       account.Caller
	Menu      []entry
	Plan      api.Plan   // the page's; zero where a page belongs to none
	Plans     []api.Plan // all of the installation
	Rehearsal bool
	Training  bool     // which is steered from a page of its own
	Wide      bool     // uses the whole width of the screen
	Sheets    []string // style sheets of the page itself, beside the one of all
	Scripts   []string // of the page itself, beside those of all
	Notice    string   // what has just been done
	Refusal   string   // what went wrong and what to do
	Reasons   []string // and in detail
	Number    string   // of the request, where somebody will have to look for it

	refused *api.Problem // of the form that was sent
	typed   url.Values   // into it
	fault   error        // why the plans are not known; nil: they are
}

// entry is one of the menu.
type entry struct {
	Key, Label, Path string
}

// frame returns what surrounds a page that belongs to no plan.
func (s *server) frame(c *gin.Context, title, here string) frame {
	f := frame{Title: title, Here: here, Who: caller(c.Request.Context()), Rehearsal: s.Rehearsal, Training: s.Training, Notice: notices[c.Query("done")], Sheets: sheetsOf(c.FullPath())}
	list, err := get[api.PlanList](s, c, "/plans", nil)
	f.Plans, f.fault = list.Plans, err
	f.choose(c.Param("plan"))
	f.Menu = s.menu(f)
	return f
}

// choose takes the plan of the page's address, or else the last of the installation.
func (f *frame) choose(code string) {
	for _, p := range f.Plans {
		if p.Code == code || code == "" {
			f.Plan = p
		}
	}
}

// planFrame returns what surrounds a page of the plan in its address. It answers itself, and returns false, where there is
// no such plan, or nobody can tell.
func (s *server) planFrame(c *gin.Context, title, here string) (frame, bool) {
	f := s.frame(c, title, here)
	switch {
	case f.fault != nil:
		s.fail(c, f, f.fault)
	case f.Plan.Code == "":
		s.lost(c)
	default:
		return f, true
	}
	return f, false
}

// statusOf returns the status of a page that may have been refused.
func statusOf(f frame) int {
	if f.refused != nil {
		return f.refused.Status
	}
	return http.StatusOK
}

// render answers with a page.
func (s *server) render(c *gin.Context, status int, page templ.Component) {
	c.Status(status)
	c.Header("Content-Type", "text/html; charset=utf-8")
	if err := page.Render(c.Request.Context(), c.Writer); err != nil {
		ctx := c.Request.Context()
		s.Log.WarnContext(ctx, "page broken off", "request", numberOf(ctx), "path", c.FullPath(), "error", err)
	}
}

// part reports whether a script asks for what changes of a page, and not for the page.
func part(c *gin.Context) bool {
	return c.GetHeader("HX-Request") != "" && c.GetHeader("HX-Boosted") == "" && c.GetHeader("HX-History-Restore-Request") == ""
}

// fail answers where a page can't be shown, with what went wrong.
func (s *server) fail(c *gin.Context, f frame, err error) {
	p := s.problem(c, err)
	if p.Status == http.StatusNotFound {
		s.lost(c)
		return
	}
	f.Refusal = p.Detail
	if p.Status >= http.StatusInternalServerError {
		f.Number = p.Request
	}
	if f.Title == "" {
		f.Title = textSorry
	}
	s.render(c, p.Status, sorryPage(f))
}

func (s *server) lost(c *gin.Context) { s.lostAs(c, http.StatusNotFound) }

func (s *server) lostAs(c *gin.Context, status int) {
	s.render(c, status, doorPage(door{Title: textLost, Rehearsal: s.Rehearsal}, lostCard()))
}

// plansPath returns the address of a page of a plan.
func plansPath(plan string, parts ...string) string {
	return "/plans" + at(append([]string{plan}, parts...)...)
}
