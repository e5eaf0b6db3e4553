package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/api"
	"duban/monthly"
	"duban/obligation"
	"duban/plan"
)

const (
	monthRoute   = "/plans/:plan/monthly/:month"
	monthOfRoute = monthRoute + "/:unit"
)

func (s *server) registerMonthly(p routes) {
	p.get("/plans/:plan/monthly", s.months)
	p.get(monthRoute, s.month)
	p.get(monthOfRoute, s.monthOf)
	p.post(monthOfRoute+"/:verb", s.actOnMonth)
}

func (s *server) months(c *gin.Context) {
	f, ok := s.planFrame(c, textMonthly, menuMonthly)
	if !ok {
		return
	}
	list, err := get[api.MonthlyList](s, c, plansPath(f.Plan.Code, "monthly"), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, http.StatusOK, monthsPage(f, list))
}

// openMonth reads a month. It answers itself, and returns false, where there is nothing to show.
func (s *server) openMonth(c *gin.Context) (frame, api.MonthlySummary, bool) {
	f, ok := s.planFrame(c, textMonthly, menuMonthly)
	if !ok {
		return f, api.MonthlySummary{}, false
	}
	m, err := get[api.MonthlySummary](s, c, plansPath(f.Plan.Code, "monthly", c.Param("month")), nil)
	if err != nil {
		s.fail(c, f, err)
		return f, m, false
	}
	f.Title = m.Label + textMonthly
	return f, m, true
}

func (s *server) month(c *gin.Context) {
	if f, m, ok := s.openMonth(c); ok {
		s.render(c, http.StatusOK, monthPage(f, m))
	}
}

// monthReading is one unit's report among those of a month.
type monthReading struct {
	Month  api.MonthlySummary
	Entry  api.MonthlyEntry
	Said   *api.Event // with the whole report; nil: it is not among what happened last
	Place  int        // among those that have reported, from 1; 0: it has not
	Of     int
	Before string // units; "": there is none
	After  string
}

func (s *server) monthOf(c *gin.Context) {
	if f, m, ok := s.openMonth(c); ok {
		s.showMonthOf(c, http.StatusOK, f, m)
	}
}

func (s *server) showMonthOf(c *gin.Context, status int, f frame, m api.MonthlySummary) {
	r, ok := readingOf(m, c.Param("unit"))
	if !ok {
		s.lost(c)
		return
	}
	o, err := get[api.ObligationDetail](s, c, "/obligations"+at(f.Plan.Code, r.Entry.Measure, r.Entry.Unit, r.Entry.Period), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	for _, e := range o.Recent {
		if e.Kind == obligation.Submitted {
			r.Said = &e
			break
		}
	}
	s.render(c, status, monthOfPage(f, r, o))
}

// readingOf finds a unit's report, and those that are read before and after it.
func readingOf(m api.MonthlySummary, unit string) (monthReading, bool) {
	r := monthReading{Month: m}
	told := slices.DeleteFunc(slices.Clone(m.Entries), func(e api.MonthlyEntry) bool { return !hasReported(e) })
	r.Of = len(told)
	i := slices.IndexFunc(m.Entries, func(e api.MonthlyEntry) bool { return e.Unit == unit })
	if i < 0 {
		return r, false
	}
	r.Entry = m.Entries[i]
	if at := slices.IndexFunc(told, func(e api.MonthlyEntry) bool { return e.Unit == unit }); at >= 0 {
		r.Place = at + 1
		if at > 0 {
			r.Before = told[at-1].Unit
		}
		if at+1 < len(told) {
			r.After = told[at+1].Unit
		}
	}
	return r, true
}

func hasReported(e api.MonthlyEntry) bool {
	return e.Status == monthly.OnTime || e.Status == monthly.Late
}

// nextToReview returns the unit after the given one whose report waits for the office; "": none does.
func nextToReview(m api.MonthlySummary, unit string) string {
	at := slices.IndexFunc(m.Entries, func(e api.MonthlyEntry) bool { return e.Unit == unit })
	for i := range m.Entries {
		e := m.Entries[(at+1+i)%len(m.Entries)]
		if e.Unit != unit && e.Stage == obligation.StageSubmitted {
			return e.Unit
		}
	}
	return ""
}

// monthVerbs are what the office does on a report while it reads them.
var monthVerbs = []string{"accept", "return"}

// actOnMonth accepts a report or returns it, and goes on to the next one that waits.
func (s *server) actOnMonth(c *gin.Context) {
	verb := c.Param("verb")
	if !slices.Contains(monthVerbs, verb) {
		s.lost(c)
		return
	}
	f, m, ok := s.openMonth(c)
	if !ok {
		return
	}
	r, ok := readingOf(m, c.Param("unit"))
	if !ok {
		s.lost(c)
		return
	}
	path := "/obligations" + at(f.Plan.Code, r.Entry.Measure, r.Entry.Unit, r.Entry.Period, verb)
	if _, err := send[struct{}](s, c, http.MethodPost, path, acts[verb](c)); err != nil {
		f = s.with(c, f, err)
		s.showMonthOf(c, f.refused.Status, f, m)
		return
	}
	if next := nextToReview(m, r.Entry.Unit); next != "" {
		done(c, monthPath(f.Plan.Code, m, next), verb)
		return
	}
	done(c, monthPath(f.Plan.Code, m), verb)
}

// monthPath returns the address of a month's page, or of one unit's report on it.
func monthPath(plan string, m api.MonthlySummary, unit ...string) string {
	return plansPath(plan, append([]string{"monthly", string(m.Month)}, unit...)...)
}

// monthAPI returns where the API has a file of the month.
func monthAPI(plan string, m api.MonthlySummary, what string) string {
	return apiPrefix + plansPath(plan, "monthly", string(m.Month), what)
}

// entryPath returns the address of the obligation of a report.
func entryPath(plan string, e api.MonthlyEntry) string {
	return plansPath(plan, "obligations", e.Measure, e.Unit, e.Period)
}

// entryRow names the obligation of a report within its plan.
func entryRow(e api.MonthlyEntry) string {
	return strings.Join([]string{e.Measure, e.Unit, e.Period}, "/")
}

// unreported are the reports that can be asked for.
func unreported(m api.MonthlySummary) []api.MonthlyEntry {
	return slices.DeleteFunc(slices.Clone(m.Entries), func(e api.MonthlyEntry) bool { return e.Status != monthly.Missing && e.Status != monthly.Pending })
}

// fillsMonth reports whether whoever looks at an obligation reports on it by the form of a month.
func fillsMonth(f frame, o api.ObligationDetail) bool {
	return owns(f, o.Obligation) && o.Form == plan.FormMonthly && o.WaitingOn != "" && o.Suspended == nil && o.Stage != obligation.StageSubmitted
}

// submission is what a unit reports: by the form of a month, or in words.
func submission(c *gin.Context) any {
	body := api.SubmitBody{Text: typed(c, "text"), Evidence: c.PostFormArray("evidence")}
	if c.PostForm("monthly") == "" {
		return body
	}
	body.Report = &api.MonthlyReportInput{
		Zero: c.PostForm("zero") != "", Progress: typed(c, "progress"), Problems: typed(c, "problems"), Next: typed(c, "next"),
	}
	of := c.PostFormArray("of")
	for i, text := range c.PostFormArray("note") {
		if text = strings.TrimSpace(text); text == "" || i >= len(of) {
			continue
		}
		measure, period, _ := strings.Cut(of[i], "/")
		body.Report.Notes = append(body.Report.Notes, api.MonthlyNote{Measure: measure, Period: period, Text: text})
	}
	return body
}

// lineOf names a matter within its unit.
func lineOf(l api.MonthlyLine) string { return l.Measure + "/" + l.Period }

// noteOn returns what was typed on a matter, or else what was written on it before.
func noteOn(form filled, l api.MonthlyLine, before *api.MonthlyReport) string {
	if form.Failed {
		if i := slices.Index(form.Typed["of"], lineOf(l)); i >= 0 && i < len(form.Typed["note"]) {
			return form.Typed["note"][i]
		}
		return ""
	}
	if before != nil {
		for _, b := range before.Lines {
			if lineOf(b) == lineOf(l) {
				return b.Note
			}
		}
	}
	return ""
}

// written returns a part of the report as it was handed in before; "": it was not.
func written(r *api.MonthlyReport, part func(api.MonthlyReport) string) string {
	if r == nil {
		return ""
	}
	return part(*r)
}
