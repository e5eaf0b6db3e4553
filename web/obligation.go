package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
	"duban/obligation"
)

const obligationRoute = "/plans/:plan/obligations/:measure/:unit/:period"

func (s *server) registerObligation(p routes) {
	p.get(obligationRoute, s.obligation)
	p.post(obligationRoute+"/:verb", s.act)
}

// oneOf returns the parts of an address that name the obligation of a page.
func oneOf(c *gin.Context) []string {
	return []string{c.Param("plan"), c.Param("measure"), c.Param("unit"), c.Param("period")}
}

// obligationPath returns the address of the page of an obligation, or of one below it.
func obligationPath(o api.Obligation, more ...string) string {
	return plansPath(o.Plan, append([]string{"obligations", o.Measure, o.Unit, o.Period}, more...)...)
}

// obligationAPI returns where the API has something of an obligation, for links to what is downloaded.
func obligationAPI(o api.Obligation, more ...string) string {
	return apiPrefix + "/obligations" + at(append([]string{o.Plan, o.Measure, o.Unit, o.Period}, more...)...)
}

// documentPath returns the address of the page of a document.
func documentPath(d api.Document) string {
	return plansPath(d.Plan, "documents", d.Measure, d.Unit, d.Period, string(d.Rung))
}

// record is what the page of an obligation shows.
type record struct {
	api.ObligationDetail
	Documents []api.Document
	Files     api.EvidenceList // what the unit may hand in; zero for everybody else
	Ledger    ledger
	Monthly   *api.MonthlyForm // what the unit fills in; nil: nothing, or nobody of it asks
}

// ledger is a piece of a ledger, newest first.
type ledger struct {
	Events  []api.Event
	Earlier string // where the entries before these are; "": there are none
	Later   bool   // it does not begin with the newest
}

// ledgerPiece is how many entries of a ledger are shown at once.
const ledgerPiece = 20

func (s *server) obligation(c *gin.Context) {
	f, ok := s.planFrame(c, "", menuObligations)
	if !ok {
		return
	}
	if part(c) && c.Query("before") != "" {
		s.olderLedger(c, f)
		return
	}
	s.showObligation(c, http.StatusOK, f)
}

// showObligation shows an obligation as it is now; the frame may carry what was typed and refused.
func (s *server) showObligation(c *gin.Context, status int, f frame) {
	o, err := get[api.ObligationDetail](s, c, "/obligations"+at(oneOf(c)...), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	r := record{ObligationDetail: o}
	if r.Ledger, err = s.ledger(c, o.Obligation); err != nil {
		s.fail(c, f, err)
		return
	}
	own := owns(f, o.Obligation)
	if len(o.Formals) > 0 && (own || f.Who.Role != account.Unit) {
		list, err := get[api.DocumentList](s, c, "/obligations"+at(append(oneOf(c), "documents")...), nil)
		if err != nil {
			s.fail(c, f, err)
			return
		}
		r.Documents = list.Documents
	}
	if own && (o.WaitingOn != "" || demands(r) != nil) {
		if r.Files, err = s.evidence(c); err != nil {
			s.fail(c, f, err)
			return
		}
		f.Scripts = append(f.Scripts, "evidence.js")
	}
	if fillsMonth(f, o) {
		m, err := get[api.MonthlyForm](s, c, "/obligations"+at(append(oneOf(c), "monthly")...), nil)
		switch p, _ := errors.AsType[*api.Problem](err); {
		case err == nil:
			r.Monthly = &m
			f.Scripts = append(f.Scripts, "monthly.js")
		case p != nil && p.Code == api.Code(obligation.CodeReportForm): // the plan has no such month any more: it is reported in words
		default:
			s.fail(c, f, err)
			return
		}
	}
	f.Title = o.Title
	s.render(c, status, obligationPage(f, r))
}

// owns reports whether the reader is a liaison of the unit that has to put the obligation right; a hazard's reviewer only reads it.
func owns(f frame, o api.Obligation) bool {
	return f.Who.Role == account.Unit && f.Who.Unit == o.Unit
}

// olderLedger answers with the next piece of a ledger alone.
func (s *server) olderLedger(c *gin.Context, f frame) {
	p := oneOf(c)
	o := api.Obligation{Plan: p[0], Measure: p[1], Unit: p[2], Period: p[3]}
	l, err := s.ledger(c, o)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, http.StatusOK, ledgerPart(o, l))
}

// ledger reads the piece of a ledger that the page's address asks for: what comes before an entry, or
// what lies around one, or else the newest.
func (s *server) ledger(c *gin.Context, o api.Obligation) (ledger, error) {
	last := o.Seq
	before, err := strconv.Atoi(c.Query("before"))
	older := err == nil && before > 1
	if older {
		last = before - 1
	} else if entry, err := strconv.Atoi(c.Query("entry")); err == nil && entry > 0 && entry <= last-ledgerPiece {
		last, older = entry+ledgerPiece/2, true // that one in the middle of the piece
	}
	first := max(1, last-ledgerPiece+1)
	q := url.Values{"after": {strconv.Itoa(first - 1)}, "limit": {strconv.Itoa(max(1, last-first+1))}}
	page, err := get[api.LedgerPage](s, c, "/obligations"+at(append(oneOf(c), "ledger")...), q)
	if err != nil {
		return ledger{}, err
	}
	slices.Reverse(page.Events)
	l := ledger{Events: page.Events, Later: older}
	if first > 1 {
		l.Earlier = obligationPath(o) + "?before=" + strconv.Itoa(first)
	}
	return l, nil
}

// waitingSince returns since when somebody is waited for; the zero time where the API does not tell.
func waitingSince(o api.ObligationDetail) time.Time {
	switch {
	case o.WaitingOn == "":
		return time.Time{}
	case o.Suspended != nil:
		return o.Suspended.Since
	case o.SentBack != nil:
		return o.SentBack.At
	case o.Stage == obligation.StageSubmitted:
		return o.Submitted
	case o.Application != nil:
		return o.Application.At
	case o.Stage == obligation.StageSigned:
		return o.Signed
	case o.Stage == obligation.StageOpen:
		return o.Opened
	}
	for _, e := range o.Recent {
		if e.Kind == obligation.Returned || e.Kind == obligation.ReviewFailed {
			return e.At
		}
	}
	return time.Time{}
}
