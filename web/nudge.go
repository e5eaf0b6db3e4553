package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/api"
	"duban/obligation"
)

// nudging is the office's choice of obligations to ask after, several at once.
type nudging struct {
	api.ObligationPage
	Units   []api.Unit
	List    string // overdue, or due soon
	Unit    string // code; "": all
	Form    filled
	Results []nudged
}

// nudged is what became of one of several obligations that were asked after.
type nudged struct {
	Title, Unit, Path string
	Refusal           string // "": the unit is told
}

// maxNudged is how many may be asked after at once.
const maxNudged = 50

var nudgeLists = []choice{{string(obligation.ListOverdue), "逾期未办"}, {string(obligation.ListDueSoon), "即将逾期"}}

func (s *server) registerNudge(p routes) {
	p.get("/plans/:plan/nudge", s.nudgePage)
	p.post("/plans/:plan/nudge", s.nudgeSeveral)
}

func (s *server) nudgePage(c *gin.Context) {
	if f, ok := s.planFrame(c, textNudge, menuDesk); ok {
		s.showNudge(c, http.StatusOK, f, c.Query("list"), c.Query("unit"), nil)
	}
}

func (s *server) showNudge(c *gin.Context, status int, f frame, list, unit string, results []nudged) {
	n := nudging{List: nudgeLists[0].value, Unit: unit, Form: f.form("nudge", 0), Results: results}
	if slices.ContainsFunc(nudgeLists, func(l choice) bool { return l.value == list }) {
		n.List = list
	}
	q := url.Values{"list": {n.List}}
	if unit != "" {
		q.Set("unit", unit)
	}
	var err error
	if n.ObligationPage, err = s.obligationsOf(c, f.Plan.Code, maxNudged, q); err == nil {
		n.Units, _, err = s.units(c, f)
	}
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, status, nudgeView(f, n))
}

// nudgeSeveral asks after what was chosen, one after the other: what becomes of one stops none of the others.
func (s *server) nudgeSeveral(c *gin.Context) {
	f, ok := s.planFrame(c, textNudge, menuDesk)
	if !ok {
		return
	}
	list, unit, items := c.PostForm("list"), c.PostForm("unit"), c.PostFormArray("item")
	if len(items) == 0 || len(items) > maxNudged {
		f = s.with(c, f, &api.Problem{Status: http.StatusUnprocessableEntity, Detail: fmt.Sprintf(textNudgeSome, maxNudged)})
		s.showNudge(c, http.StatusUnprocessableEntity, f, list, unit, nil)
		return
	}
	var results []nudged
	for i, item := range items {
		results = append(results, s.nudgeOne(c, f, item, fmt.Sprintf("%s-%d", c.PostForm(fieldKey), i)))
	}
	s.showNudge(c, http.StatusOK, f, list, unit, results)
}

func (s *server) nudgeOne(c *gin.Context, f frame, item, key string) nudged {
	parts := strings.Split(item, "/")
	out := nudged{Title: item, Path: plansPath(f.Plan.Code, append([]string{"obligations"}, parts...)...)}
	path := "/obligations" + at(append([]string{f.Plan.Code}, parts...)...)
	if o, err := get[api.ObligationDetail](s, c, path, nil); err == nil {
		out.Title, out.Unit = o.Title, o.UnitName
	}
	if _, err := sendAs[api.Event](s, c, http.MethodPost, path+"/nudge", note(c), key); err != nil {
		out.Refusal = s.problem(c, err).Detail
	}
	return out
}

// refusals counts those that could not be asked after.
func (n nudging) refusals() int {
	count := 0
	for _, r := range n.Results {
		if r.Refusal != "" {
			count++
		}
	}
	return count
}
