package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"duban/api"
	"duban/obligation"
)

// How much of one kind the desk shows; of more it says how many there are, and where.
const (
	deskRows  = 20
	deskFew   = 5  // of what is not urgent
	deskBack  = 10 // of what was returned, each with its reason
	deskFirst = 8  // of what is to be signed for, before the rest is unfolded
	maxSigned = 50 // signed for at once
)

// unitDesk is what a liaison has to do, in order of urgency.
type unitDesk struct {
	Unit       string // name; "": nothing of it is shown
	InHand     int    // all that the unit still has to do, urgent or not
	Returned   []returned
	Others     int // returned ones that are not shown
	Overdue    api.ObligationPage
	Unsigned   api.ObligationPage
	Soon       api.ObligationPage
	Waiting    api.ObligationPage // for the office
	Reviews    api.HazardPage     // of other units: to be reviewed
	Rectify    []api.Document     // rectifications to report
	Interviews []api.Document     // still to be held
	Checking   []api.Document     // rectifications that the office has to verify
	Digests    []api.Digest       // unread
	Signed     []signed           // what has just become of several
}

// returned is what the office has sent back, and why.
type returned struct {
	api.Obligation
	At     time.Time
	Reason string
}

// signed is what became of one of several obligations that were to be signed for.
type signed struct {
	Title, Path string
	Refusal     string // "": it is signed for
}

// Nothing reports whether nothing waits for the unit.
func (d unitDesk) Nothing() bool { return d.Due() == 0 && len(d.Interviews)+len(d.Digests) == 0 }

// Due counts what the unit has to do now.
func (d unitDesk) Due() int {
	return len(d.Returned) + d.Others + d.Overdue.Total + d.Unsigned.Total + d.Soon.Total + len(d.Rectify) + d.Reviews.Total
}

// Refused reports whether one of several could not be signed for.
func (d unitDesk) Refused() bool {
	return slices.ContainsFunc(d.Signed, func(r signed) bool { return r.Refusal != "" })
}

func (s *server) unitDesk(c *gin.Context) {
	if f, ok := s.planFrame(c, textDesk, menuDesk); ok {
		s.showUnitDesk(c, http.StatusOK, f, nil)
	}
}

func (s *server) showUnitDesk(c *gin.Context, status int, f frame, results []signed) {
	d, err := s.readUnitDesk(c, f)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	d.Signed = results
	s.render(c, status, unitDeskPage(f, d))
}

// lists are what the desk asks of the unit's obligations: each is in one of them at most.
func (d *unitDesk) lists(unit string) []deskList {
	own := func(more url.Values) url.Values {
		more.Set("waitingOn", unit)
		return more
	}
	return []deskList{
		{&d.Overdue, deskRows, own(url.Values{"stage": {"open,signed"}, "list": {string(obligation.ListOverdue)}})},
		{&d.Unsigned, maxSigned, own(url.Values{"stage": {string(obligation.StageOpen)}, "light": {"green,yellow"}})},
		{&d.Soon, deskRows, own(url.Values{"stage": {string(obligation.StageSigned)}, "list": {string(obligation.ListDueSoon)}})},
		{&d.Waiting, deskFew, url.Values{"waitingOn": {string(obligation.ToOffice)}, "open": {"true"}, "sort": {"-updated"}}},
	}
}

// deskList is a list of the desk, and how it is asked for.
type deskList struct {
	into  *api.ObligationPage
	limit int
	query url.Values
}

func (s *server) readUnitDesk(c *gin.Context, f frame) (unitDesk, error) {
	var d unitDesk
	plan, unit := f.Plan.Code, f.Who.Unit
	var err error
	for _, l := range d.lists(unit) {
		if *l.into, err = s.obligationsOf(c, plan, l.limit, l.query); err != nil {
			return d, err
		}
	}
	back, err := s.obligationsOf(c, plan, deskBack, url.Values{"stage": {string(obligation.StageReturned)}, "waitingOn": {unit}})
	if err != nil {
		return d, err
	}
	d.Others = back.Total - len(back.Obligations)
	for _, o := range back.Obligations {
		r, err := s.whyReturned(c, o)
		if err != nil {
			return d, err
		}
		d.Returned = append(d.Returned, r)
	}
	for _, list := range [][]api.Obligation{back.Obligations, d.Overdue.Obligations, d.Unsigned.Obligations, d.Soon.Obligations, d.Waiting.Obligations} {
		if len(list) > 0 {
			d.Unit = list[0].UnitName
		}
	}
	if d.Reviews, err = get[api.HazardPage](s, c, at("plans", plan, "hazards"), reviewsOf(unit, strconv.Itoa(deskRows))); err != nil {
		return d, err
	}
	if d.Unit == "" && len(d.Reviews.Hazards) > 0 {
		d.Unit = d.Reviews.Hazards[0].ReviewerName
	}
	if d.Rectify, err = s.interviewsOf(c, plan, unit); err != nil {
		return d, err
	}
	held, err := s.interviewsOf(c, plan, string(obligation.ToOffice))
	if err != nil {
		return d, err
	}
	for _, doc := range held {
		switch {
		case doc.Meeting == nil:
		case doc.Meeting.Held.IsZero():
			d.Interviews = append(d.Interviews, doc)
		default:
			d.Checking = append(d.Checking, doc)
		}
	}
	all, err := s.obligationsOf(c, plan, 1, url.Values{"waitingOn": {unit}})
	if err != nil {
		return d, err
	}
	d.InHand = all.Total
	inbox, err := get[api.InboxPage](s, c, inboxOf(plan, unit), url.Values{"limit": {strconv.Itoa(deskFew)}, "unread": {"true"}})
	d.Digests = inbox.Digests
	return d, err
}

// reviewsOf selects of the register what waits for the unit's review; what has stood longest comes first.
func reviewsOf(unit, limit string) url.Values {
	query := url.Values{"waitingOn": {unit}, "stage": {string(obligation.StageSubmitted)}, "sort": {"updated"}}
	if limit != "" {
		query.Set("limit", limit)
	}
	return query
}

func (s *server) obligationsOf(c *gin.Context, plan string, limit int, query url.Values) (api.ObligationPage, error) {
	query.Set("plan", plan)
	query.Set("limit", strconv.Itoa(limit))
	return get[api.ObligationPage](s, c, "/obligations", query)
}

// interviewsOf returns interviews that wait for somebody.
func (s *server) interviewsOf(c *gin.Context, plan, waitingOn string) ([]api.Document, error) {
	page, err := get[api.DocumentPage](s, c, "/documents", url.Values{
		"plan": {plan}, "rung": {string(obligation.Interview)}, "waitingOn": {waitingOn}, "limit": {strconv.Itoa(deskRows)},
	})
	return page.Documents, err
}

// whyReturned finds when and why the office has sent back what it has.
func (s *server) whyReturned(c *gin.Context, o api.Obligation) (returned, error) {
	out := returned{Obligation: o}
	detail, err := get[api.ObligationDetail](s, c, obligationAt(o), nil)
	for _, e := range detail.Recent {
		if e.Kind == obligation.Returned || e.Kind == obligation.ReviewFailed {
			out.At, out.Reason = e.At, e.Text
			break
		}
	}
	return out, err
}

// obligationAt returns where the API has an obligation.
func obligationAt(o api.Obligation) string {
	return "/obligations" + at(o.Plan, o.Measure, o.Unit, o.Period)
}

// signSeveral signs for one obligation of the desk, or for all that it showed, and says what became of each.
func (s *server) signSeveral(c *gin.Context) {
	f, ok := s.planFrame(c, textDesk, menuDesk)
	if !ok {
		return
	}
	items := c.PostFormArray("item")
	if one := c.PostForm("one"); one != "" {
		items = []string{one}
	}
	if len(items) == 0 || len(items) > maxSigned {
		f = s.with(c, f, &api.Problem{Status: http.StatusUnprocessableEntity, Detail: fmt.Sprintf(textSignSome, maxSigned)})
		s.showUnitDesk(c, http.StatusUnprocessableEntity, f, nil)
		return
	}
	before, err := s.obligationsOf(c, f.Plan.Code, maxSigned, url.Values{"stage": {string(obligation.StageOpen)}})
	if err != nil {
		s.fail(c, f, err)
		return
	}
	titles := map[string]string{}
	for _, o := range before.Obligations {
		titles[itemOf(o)] = o.Title
	}
	results := make([]signed, len(items))
	for i, item := range items {
		results[i] = s.signOne(c, f, item, fmt.Sprintf("%s-%d", c.PostForm(fieldKey), i))
		if title := titles[item]; title != "" {
			results[i].Title = title
		}
	}
	if len(results) == 1 && results[0].Refusal == "" {
		done(c, plansPath(f.Plan.Code, "desk"), "signed")
		return
	}
	s.showUnitDesk(c, http.StatusOK, f, results)
}

// itemOf names an obligation of the unit in the desk's form.
func itemOf(o api.Obligation) string { return o.Measure + "/" + o.Period }

func (s *server) signOne(c *gin.Context, f frame, item, key string) signed {
	measure, period, _ := strings.Cut(item, "/")
	out := signed{Title: measure, Path: plansPath(f.Plan.Code, "obligations", measure, f.Who.Unit, period)}
	path := "/obligations" + at(f.Plan.Code, measure, f.Who.Unit, period) + "/sign"
	if _, err := sendAs[api.Event](s, c, http.MethodPost, path, api.ActBody{}, key); err != nil {
		out.Refusal = s.problem(c, err).Detail
	}
	return out
}
