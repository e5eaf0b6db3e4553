package web

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
	"duban/obligation"
)

const hazardsRoute = "/plans/:plan/hazards"

func (s *server) registerHazards(p routes) {
	p.get(hazardsRoute, s.hazards)
	p.get(hazardsRoute+"/new", s.newHazard)
	p.post(hazardsRoute+"/new", s.enterHazard)
	p.get(hazardsRoute+"/import", s.hazardImport)
	p.post(hazardsRoute+"/import/:verb", s.bringHazards)
	p.get(hazardsRoute+"/analysis", s.hazardAnalysis)
	p.get(hazardsRoute+"/:number", s.hazard)
	p.post(hazardsRoute+"/:number/:verb", s.actOnHazard)
}

// hazardSelectors are what of the address of the register selects; each goes to the API as it is.
var hazardSelectors = []string{"list", "q", "grade", "source", "industry", "region", "unit", "stage", "light", "open", "supervised", "waitingOn", "sort"}

// hazardListing is what the page of the register shows.
type hazardListing struct {
	plan    string
	values  url.Values
	cursor  string
	Options api.HazardOptions
	api.HazardPage
}

// path returns the register's address with one selector changed, from its first page on; "" takes it away.
func (l hazardListing) path(name, value string) string {
	values := url.Values{}
	maps.Copy(values, l.values)
	values.Del(name)
	if value != "" {
		values.Set(name, value)
	}
	path := plansPath(l.plan, "hazards")
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	return path
}

// export returns where the API has all that is selected as a spreadsheet.
func (l hazardListing) export() string {
	path := apiPrefix + plansPath(l.plan, "hazards", "export")
	if len(l.values) > 0 {
		path += "?" + l.values.Encode()
	}
	return path
}

func (s *server) hazards(c *gin.Context) {
	f, ok := s.planFrame(c, textHazards, menuHazards)
	if !ok {
		return
	}
	l := hazardListing{plan: f.Plan.Code, values: url.Values{}, cursor: c.Query("cursor")}
	for _, name := range hazardSelectors {
		if v := strings.Join(slices.DeleteFunc(c.QueryArray(name), func(v string) bool { return v == "" }), ","); v != "" {
			l.values.Set(name, v)
		}
	}
	query := url.Values{"limit": {"50"}}
	maps.Copy(query, l.values)
	if l.cursor != "" {
		query.Set("cursor", l.cursor)
	}
	var err error
	if l.Options, err = get[api.HazardOptions](s, c, at("plans", f.Plan.Code, "hazards", "options"), nil); err == nil {
		l.HazardPage, err = get[api.HazardPage](s, c, at("plans", f.Plan.Code, "hazards"), query)
	}
	if err != nil {
		s.fail(c, f, err)
		return
	}
	if part(c) {
		s.render(c, http.StatusOK, hazardsPart(f, l))
		return
	}
	s.render(c, http.StatusOK, hazardsPage(f, l))
}

func (s *server) newHazard(c *gin.Context) {
	if f, ok := s.planFrame(c, textNewHazard, menuHazards); ok {
		s.showNewHazard(c, http.StatusOK, f)
	}
}

func (s *server) showNewHazard(c *gin.Context, status int, f frame) {
	options, err := get[api.HazardOptions](s, c, at("plans", f.Plan.Code, "hazards", "options"), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, status, newHazardPage(f, options, c.Query("former")))
}

func (s *server) enterHazard(c *gin.Context) {
	f, ok := s.planFrame(c, textNewHazard, menuHazards)
	if !ok {
		return
	}
	body := api.HazardEntry{
		Unit: typed(c, "unit"), Due: typed(c, "due"), Grade: obligation.Grade(typed(c, "grade")), Source: obligation.HazardSource(typed(c, "source")),
		Reference: typed(c, "reference"), Inspection: typed(c, "inspection"), Industry: typed(c, "industry"), Region: typed(c, "region"),
		Enterprise: typed(c, "enterprise"), Place: typed(c, "place"), Text: typed(c, "text"), Basis: typed(c, "basis"), Measures: typed(c, "measures"),
		Principal: typed(c, "principal"), Notified: typed(c, "notified"), Found: typed(c, "found"), Reviewer: typed(c, "reviewer"),
		PublicTitle: typed(c, "publicTitle"), Former: typed(c, "former"),
	}
	h, err := send[api.Hazard](s, c, http.MethodPost, at("plans", f.Plan.Code, "hazards"), body)
	if err != nil {
		f = s.with(c, f, err)
		s.showNewHazard(c, f.refused.Status, f)
		return
	}
	done(c, plansPath(f.Plan.Code, "hazards", h.Number), "hazard-entered")
}

func (s *server) hazard(c *gin.Context) {
	if f, ok := s.planFrame(c, "", menuHazards); ok {
		s.showHazard(c, http.StatusOK, f)
	}
}

func (s *server) showHazard(c *gin.Context, status int, f frame) {
	path := at("plans", f.Plan.Code, "hazards")
	h, err := get[api.Hazard](s, c, path+at(c.Param("number")), nil)
	var options api.HazardOptions
	if err == nil {
		options, err = get[api.HazardOptions](s, c, path+"/options", nil)
	}
	if err != nil {
		s.fail(c, f, err)
		return
	}
	f.Title = h.Label
	s.render(c, status, hazardPage(f, h, options))
}

// hazardActs say, by the verb that a form is posted to, what the API is asked.
var hazardActs = map[string]func(c *gin.Context) any{
	"supervise": func(c *gin.Context) any { return api.SuperviseHazardBody{Authority: typed(c, "authority")} },
	"regrade": func(c *gin.Context) any {
		return api.RegradeHazardBody{Grade: obligation.Grade(typed(c, "grade")), Reviewer: typed(c, "reviewer"), Reason: typed(c, "reason")}
	},
	"review": func(c *gin.Context) any {
		return api.ReviewHazardBody{Passed: typed(c, "passed") == "true", Checked: typed(c, "checked"), Text: typed(c, "text"), Due: typed(c, "due")}
	},
}

func (s *server) actOnHazard(c *gin.Context) {
	verb := c.Param("verb")
	body, ok := hazardActs[verb]
	if !ok {
		s.lost(c)
		return
	}
	f, ok := s.planFrame(c, "", menuHazards)
	if !ok {
		return
	}
	path := at("plans", f.Plan.Code, "hazards", c.Param("number"))
	if _, err := send[struct{}](s, c, http.MethodPost, path+"/"+verb, body(c)); err != nil {
		f = s.with(c, f, err)
		s.showHazard(c, f.refused.Status, f)
		return
	}
	done(c, plansPath(f.Plan.Code, "hazards", c.Param("number")), "hazard-"+verb)
}

func (s *server) hazardImport(c *gin.Context) {
	if f, ok := s.planFrame(c, textHazardImport, menuHazards); ok {
		s.render(c, http.StatusOK, hazardImportPage(f, nil, false))
	}
}

// bringHazards passes the file on as it comes, to be looked at or to be entered.
func (s *server) bringHazards(c *gin.Context) {
	verb := c.Param("verb")
	if verb != "preview" && verb != "apply" {
		s.lost(c)
		return
	}
	f, ok := s.planFrame(c, textHazardImport, menuHazards)
	if !ok {
		return
	}
	read, err := s.passHazards(c, f.Plan.Code, verb)
	if err != nil {
		f = s.with(c, f, err)
		if part(c) {
			s.render(c, f.refused.Status, hazardImportRefusal(f))
			return
		}
		s.render(c, f.refused.Status, hazardImportPage(f, nil, false))
		return
	}
	if part(c) {
		s.render(c, http.StatusOK, hazardImportPart(f, &read, verb == "apply"))
		return
	}
	s.render(c, http.StatusOK, hazardImportPage(f, &read, verb == "apply"))
}

func (s *server) passHazards(c *gin.Context, plan, verb string) (api.HazardListPreview, error) {
	none := &api.Problem{Status: http.StatusUnprocessableEntity, Detail: textNoFile}
	broken := &api.Problem{Status: http.StatusBadRequest, Detail: textBadUpload}
	var out api.HazardListPreview
	form, err := c.Request.MultipartReader()
	if err != nil {
		return out, none
	}
	query := url.Values{}
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return out, none
		case err != nil:
			return out, broken
		case part.FormName() == "confirm":
			rows, err := io.ReadAll(io.LimitReader(part, 4096))
			if err != nil {
				return out, broken
			}
			if confirmed := strings.Join(strings.FieldsFunc(string(rows), func(r rune) bool { return r < '0' || r > '9' }), ","); confirmed != "" {
				query.Set("confirm", confirmed)
			}
		case part.FormName() == "file" && part.FileName() == "":
			return out, none
		case part.FormName() == "file":
			query.Set("name", part.FileName())
			r := request(c, http.MethodPost, at("plans", plan, "hazards", verb), query, part)
			r.ContentLength = -1
			r.Header.Set("Content-Type", "application/octet-stream")
			return out, s.call(r, &out)
		}
	}
}

func (s *server) hazardAnalysis(c *gin.Context) {
	f, ok := s.planFrame(c, textHazardAnalysis, menuHazards)
	if !ok {
		return
	}
	f.Scripts = []string{chartsFile, "charts.js"}
	query := url.Values{}
	if grade := c.Query("grade"); grade != "" {
		query.Set("grade", grade)
	}
	a, err := get[api.HazardAnalysis](s, c, at("plans", f.Plan.Code, "hazards", "analysis"), query)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, http.StatusOK, hazardAnalysisPage(f, a, c.Query("grade")))
}

// reviews reports whether the caller may review the hazard now; the API decides.
func reviews(f frame, h api.Hazard) bool {
	return h.Reviewer != "" && h.Obligation.WaitingOn == h.Reviewer && h.Obligation.Stage == obligation.StageSubmitted &&
		(f.Who.Role == account.Office || f.Who.Role == account.Unit && f.Who.Unit == h.Reviewer)
}

// lists reports whether the caller may list the hazard for supervision now; the API decides.
func lists(f frame, h api.Hazard) bool {
	return h.Supervision == nil && h.Obligation.WaitingOn != "" && (f.Who.Role == account.Office || f.Who.Role == account.Leader)
}

// reads reports whether the caller may open the obligation that the hazard is.
func reads(f frame, h api.Hazard) bool {
	return f.Who.Role != account.Unit || f.Who.Unit == h.Obligation.Unit || f.Who.Unit == h.Reviewer
}

// gradeOptions and sourceOptions are what of an entry can be chosen that is no list of the plan.
var (
	gradeOptions  = options(obligation.Grades, obligation.Grade.Chinese)
	sourceOptions = options(obligation.HazardSources, obligation.HazardSource.Chinese)
)

func options[T ~string](values []T, label func(T) string) []api.Option {
	out := make([]api.Option, len(values))
	for i, v := range values {
		out[i] = api.Option{Code: string(v), Label: label(v)}
	}
	return out
}

func lightOptions() []api.Option {
	return options(lights, func(l obligation.Light) string { return lampSign(string(l)) + " " + l.Chinese() })
}

// refs returns units to choose of.
func refs(units []api.UnitRef) []api.Option {
	out := make([]api.Option, len(units))
	for i, u := range units {
		out[i] = api.Option{Code: u.Code, Label: u.Name}
	}
	return out
}

// analysisExport returns where the API has the figures as a spreadsheet.
func analysisExport(plan, grade string) string {
	path := apiPrefix + plansPath(plan, "hazards", "analysis", "export")
	if grade != "" {
		path += "?" + url.Values{"grade": {grade}}.Encode()
	}
	return path
}
