package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
	"duban/obligation"
)

const documentRoute = "/plans/:plan/documents/:measure/:unit/:period/:rung"

func (s *server) registerDocuments(p routes) {
	p.get("/plans/:plan/documents", s.documents)
	p.get(documentRoute, s.document)
	p.post(documentRoute+"/:verb", s.actOnDocument)
}

// register is the list of documents, and what it is narrowed to.
type register struct {
	api.DocumentPage
	Units  []api.Unit
	Names  map[string]string // of units, by code
	Chosen url.Values
}

// documentFilters are the fields by which the list is narrowed, as the API names them.
var documentFilters = []string{"status", "rung", "unit", "waitingOn", "overdue"}

// documentStatuses, in the order in which they are offered; documentWaits are whom a document may wait for beside a unit.
var (
	documentStatuses = []option{{"draft", "待签发"}, {"issued", "已签发"}, {"withdrawn", "已撤回"}}
	documentWaits    = []option{{"office", "区安委办"}, {"leader", "安委会领导"}}
)

// option is one of a select's.
type option struct{ value, label string }

func (s *server) documents(c *gin.Context) {
	f, ok := s.planFrame(c, textDocuments, menuDocuments)
	if !ok {
		return
	}
	r := register{Chosen: url.Values{}}
	for _, name := range documentFilters {
		if v := c.Query(name); v != "" {
			r.Chosen.Set(name, v)
		}
	}
	var err error
	if r.Units, r.Names, err = s.unitsOf(c, f); err != nil {
		s.fail(c, f, err)
		return
	}
	q := url.Values{"plan": {f.Plan.Code}, "limit": {"30"}, "cursor": {c.Query("cursor")}}
	maps.Copy(q, r.Chosen)
	if r.DocumentPage, err = get[api.DocumentPage](s, c, "/documents", q); err != nil {
		s.fail(c, f, err)
		return
	}
	if part(c) {
		s.render(c, http.StatusOK, documentList(f, r))
		return
	}
	s.render(c, http.StatusOK, documentsPage(f, r))
}

// unitsOf returns the units of the page's plan, and their names by code.
func (s *server) unitsOf(c *gin.Context, f frame) ([]api.Unit, map[string]string, error) {
	list, err := get[api.UnitList](s, c, "/plans"+at(f.Plan.Code)+"/units", nil)
	names := map[string]string{}
	for _, u := range list.Units {
		names[u.Code] = u.Name
	}
	return list.Units, names, err
}

// more returns the address of the next page of the list, "" where there is none.
func (r register) more(plan string) string {
	if r.Next == "" {
		return ""
	}
	q := url.Values{"cursor": {r.Next}}
	maps.Copy(q, r.Chosen)
	return plansPath(plan, "documents") + "?" + q.Encode()
}

// paperwork is a document with what it is about and what it says.
type paperwork struct {
	api.Document
	About   api.ObligationDetail
	Sheet   *api.Sheet // nil: it can't be read
	Why     string     // then
	Minutes *api.Sheet // nil: there are none
}

func documentAPI(d api.Document, more ...string) string {
	return "/documents" + at(append([]string{d.Plan, d.Measure, d.Unit, d.Period, string(d.Rung)}, more...)...)
}

func (s *server) document(c *gin.Context) {
	if f, ok := s.planFrame(c, textDocuments, menuDocuments); ok {
		s.showDocument(c, http.StatusOK, f)
	}
}

// showDocument shows the document of the page's address as it is now; the frame may carry what was typed and refused.
func (s *server) showDocument(c *gin.Context, status int, f frame) {
	p, err := s.paperwork(c, append(oneOf(c), c.Param("rung")))
	if err != nil {
		s.fail(c, f, err)
		return
	}
	f.Title = p.Title
	s.render(c, status, documentPage(f, p))
}

// paperwork reads a document by the parts of its address.
func (s *server) paperwork(c *gin.Context, address []string) (paperwork, error) {
	d, err := get[api.Document](s, c, "/documents"+at(address...), nil)
	if err != nil {
		return paperwork{}, err
	}
	p := paperwork{Document: d}
	if p.About, err = get[api.ObligationDetail](s, c, "/obligations"+at(address[:4]...), nil); err != nil {
		return p, err
	}
	sheet, err := get[api.Sheet](s, c, documentAPI(d, "text"), nil)
	if err == nil {
		p.Sheet = &sheet
	} else {
		p.Why = s.problem(c, err).Detail // the rest of the page is worth having
	}
	if d.Meeting == nil || d.Meeting.Held.IsZero() {
		return p, nil
	}
	if minutes, err := get[api.Sheet](s, c, documentAPI(d, "minutes", "text"), nil); err == nil {
		p.Minutes = &minutes
	}
	return p, nil
}

// documentActs say, by the verb that a form is posted to, how what was typed becomes what the API is asked.
var documentActs = map[string]func(c *gin.Context, loc *time.Location) any{
	"sign-off": func(c *gin.Context, loc *time.Location) any { return api.SignOffBody{Meeting: meetingTyped(c, loc)} },
	"withdraw": func(c *gin.Context, _ *time.Location) any { return api.WithdrawBody{Reason: typed(c, "reason")} },
	"arrange": func(c *gin.Context, loc *time.Location) any {
		body := api.ArrangeBody{Reason: typed(c, "reason")}
		if m := meetingTyped(c, loc); m != nil {
			body.Meeting = *m
		}
		return body
	},
	"conclude": func(c *gin.Context, _ *time.Location) any {
		return api.ConcludeBody{Outcome: typed(c, "outcome"), Demands: typed(c, "demands"), Due: typed(c, "due"), Exempt: typed(c, "exempt")}
	},
	"verify": func(c *gin.Context, _ *time.Location) any { return api.VerifyBody{Text: typed(c, "text")} },
	"return": func(c *gin.Context, _ *time.Location) any {
		return api.ReturnRectificationBody{Reason: typed(c, "reason"), Due: typed(c, "due")}
	},
	"waive": func(c *gin.Context, _ *time.Location) any { return api.WithdrawBody{Reason: typed(c, "reason")} },
}

// meetingTyped returns when and where an interview is to be held; nil where the form has no such fields. What is no instant
// goes to the API as it was typed.
func meetingTyped(c *gin.Context, loc *time.Location) *api.MeetingBody {
	when, has := c.GetPostForm("at")
	if !has {
		return nil
	}
	if t, err := time.ParseInLocation(minuteLayout, when, loc); err == nil {
		when = t.Format(time.RFC3339)
	}
	return &api.MeetingBody{At: when, Place: typed(c, "place"), Material: typed(c, "material")}
}

// minuteLayout is how browsers write what is typed into a field for date and time.
const minuteLayout = "2006-01-02T15:04"

func (s *server) actOnDocument(c *gin.Context) {
	f, ok := s.planFrame(c, textDocuments, menuDocuments)
	if !ok {
		return
	}
	address, verb := append(oneOf(c), c.Param("rung")), c.Param("verb")
	known, err := s.putDocument(c, f, address, verb)
	switch {
	case !known:
		s.lost(c)
	case err != nil:
		f = s.with(c, f, err)
		s.showDocument(c, f.refused.Status, f)
	default:
		done(c, plansPath(address[0], append([]string{"documents"}, address[1:]...)...), documentNotice(verb))
	}
}

// putDocument has the API carry out the command of a form on a document; known is false where there is no such command.
func (s *server) putDocument(c *gin.Context, f frame, address []string, verb string) (known bool, err error) {
	body, ok := documentActs[verb]
	if !ok {
		return false, nil
	}
	loc := obligation.Location(f.Plan.Zone)
	_, err = send[api.Document](s, c, http.MethodPost, "/documents"+at(append(slices.Clone(address), verb)...), body(c, loc))
	return true, err
}

// documentNotice is the key of what is said after a command on a document.
func documentNotice(verb string) string { return "document-" + verb }

// documentOffers returns the verbs that go with how a document stands and who looks at it, the most needed first.
func documentOffers(who account.Role, d api.Document) []string {
	m := d.Meeting
	signer := who == account.Office || who == account.Leader
	switch {
	case d.Status == obligation.DocumentDraft && signer && d.WaitingOn == string(who):
		return []string{"sign-off", "withdraw"}
	case d.Status == obligation.DocumentDraft && signer:
		return []string{"withdraw"}
	case m == nil || d.Status != obligation.DocumentIssued:
		return nil
	case who == account.Office && m.Held.IsZero():
		return []string{"conclude", "arrange"}
	case m.Rectification == nil:
		return nil
	case who == account.Office && m.Rectification.Status == obligation.RectificationReported:
		return []string{"verify", "return", "waive"}
	case who == account.Office && m.Rectification.Status == obligation.RectificationOpen:
		return []string{"waive"}
	default:
		return nil
	}
}

// waitingName names whom a document waits for.
func waitingName(d api.Document, units map[string]string) string {
	for _, w := range documentWaits {
		if w.value == d.WaitingOn {
			return w.label
		}
	}
	if name := units[d.WaitingOn]; name != "" {
		return name
	}
	return d.WaitingOn
}
