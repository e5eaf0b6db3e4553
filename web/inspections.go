package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"duban/account"
	"duban/api"
	"duban/obligation"
)

// inspectionRoute is the page of a week's inspection.
const inspectionRoute = "/plans/:plan/inspections/:measure/:unit/:period"

func (s *server) registerInspections(p routes) {
	p.get("/plans/:plan/inspections", s.inspections)
	p.get("/plans/:plan/findings", s.findings)
	p.get(inspectionRoute, s.inspection)
	p.post(inspectionRoute+"/:verb", s.inspect)
}

// sought is what a list of inspections or findings is narrowed to, as it was chosen.
type sought struct {
	Year, Unit, State, Light, Open, Severity string
	Units                                    []api.Unit
}

// query returns what of it the API is asked; unit is the API's name for the unit.
func (v sought) query(unit string) url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"year": v.Year, unit: v.Unit, "state": v.State, "light": v.Light, "open": v.Open, "severity": v.Severity} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// download returns where the API gives the findings as a spreadsheet.
func (v sought) download(plan string) string {
	path := apiPrefix + plansPath(plan, "findings", "export")
	if q := v.query("of").Encode(); q != "" {
		path += "?" + q
	}
	return path
}

// seek reads what was chosen, and the units that there are to choose from.
func (s *server) seek(c *gin.Context, f frame, fields ...string) (sought, error) {
	chosen := func(name string) string {
		if !slices.Contains(fields, name) {
			return ""
		}
		return c.Query(name)
	}
	out := sought{
		Year: chosen("year"), Unit: chosen("unit"), State: chosen("state"), Light: chosen("light"), Open: chosen("open"), Severity: chosen("severity"),
	}
	list, err := get[api.UnitList](s, c, plansPath(f.Plan.Code, "units"), nil)
	out.Units = list.Units
	return out, err
}

func (s *server) inspections(c *gin.Context) {
	f, ok := s.planFrame(c, textInspections, menuInspections)
	if !ok {
		return
	}
	of, err := s.seek(c, f, "year", "unit", "state")
	if _, chosen := c.GetQuery("year"); !chosen {
		of.Year = strconv.Itoa(f.Plan.Today.Year()) // all weeks of three years are more than anybody looks through
	}
	var list api.InspectionList
	if err == nil {
		list, err = get[api.InspectionList](s, c, plansPath(f.Plan.Code, "inspections"), of.query("unit"))
	}
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, http.StatusOK, inspectionsPage(f, of, list))
}

func (s *server) findings(c *gin.Context) {
	f, ok := s.planFrame(c, textFindings, menuInspections)
	if !ok {
		return
	}
	of, err := s.seek(c, f, "year", "unit", "light", "open", "severity")
	var list api.FindingList
	if err == nil {
		list, err = get[api.FindingList](s, c, plansPath(f.Plan.Code, "findings"), of.query("of"))
	}
	if err != nil {
		s.fail(c, f, err)
		return
	}
	s.render(c, http.StatusOK, findingsPage(f, of, list.Findings))
}

func (s *server) inspection(c *gin.Context) {
	if f, ok := s.planFrame(c, textInspections, menuInspections); ok {
		s.showInspection(c, http.StatusOK, f)
	}
}

func (s *server) showInspection(c *gin.Context, status int, f frame) {
	i, err := get[api.InspectionDetail](s, c, "/obligations"+at(append(oneOf(c), "inspection")...), nil)
	if err != nil {
		s.fail(c, f, err)
		return
	}
	f.Title = i.PeriodLabel + textInspections
	f.Scripts = append(f.Scripts, "inspections.js")
	s.render(c, status, inspectionPage(f, i))
}

// inspectionVerbs say how what was typed becomes what the API is asked of an inspection.
var inspectionVerbs = map[string]func(c *gin.Context) any{
	"plan-inspection": func(c *gin.Context) any {
		return api.SheetBody{Theme: typed(c, "theme"), Basis: typed(c, "basis"), Material: typed(c, "material"), Visits: visitsSaid(c), Reason: typed(c, "reason")}
	},
	"record-inspection": func(c *gin.Context) any {
		return api.RecordBody{
			Theme: typed(c, "theme"), Basis: typed(c, "basis"), Material: typed(c, "material"), Visits: visitsSaid(c), Findings: findingsSaid(c), Summary: typed(c, "summary"),
		}
	},
	"add-findings": func(c *gin.Context) any {
		return api.AddFindingsBody{Findings: findingsSaid(c), Reason: typed(c, "reason")}
	},
}

func (s *server) inspect(c *gin.Context) {
	verb := c.Param("verb")
	read, ok := inspectionVerbs[verb]
	if !ok {
		s.lost(c)
		return
	}
	f, ok := s.planFrame(c, textInspections, menuInspections)
	if !ok {
		return
	}
	if _, err := send[struct{}](s, c, http.MethodPost, commandPath(c, verb), read(c)); err != nil {
		f = s.with(c, f, err)
		if f.refused.Code == api.Code(obligation.CodeConflict) {
			f.Refusal = textConflict
		}
		s.showInspection(c, f.refused.Status, f)
		return
	}
	done(c, plansPath(c.Param("plan"), append([]string{"inspections"}, oneOf(c)[1:]...)...), verb)
}

// The fields of a row of visits, and of a row of findings.
var (
	visitFields   = []string{"visit-unit", "visit-day", "visit-places", "visit-people", "visit-seen"}
	findingFields = []string{
		"finding-unit", "finding-severity", "finding-place", "finding-text", "finding-basis", "finding-demands", "finding-due", "finding-ladder",
	}
)

// row is a row of a form, by field.
type row map[string]string

// rowsOf returns the rows of a form that say something in one of the fields.
func rowsOf(form url.Values, fields []string, telling ...string) []row {
	var out []row
	for i := range form[fields[0]] {
		r := row{}
		for _, name := range fields {
			if values := form[name]; i < len(values) {
				r[name] = values[i]
			}
		}
		if slices.ContainsFunc(telling, func(name string) bool { return r[name] != "" }) {
			out = append(out, r)
		}
	}
	return out
}

func visitRows(form url.Values) []row {
	return rowsOf(form, visitFields, "visit-unit", "visit-places", "visit-people", "visit-seen")
}

func findingRows(form url.Values) []row {
	return rowsOf(form, findingFields, "finding-unit", "finding-place", "finding-text", "finding-basis", "finding-demands")
}

func visitsSaid(c *gin.Context) []api.VisitInput {
	out := []api.VisitInput{}
	for _, r := range visitRows(c.Request.PostForm) {
		out = append(out, api.VisitInput{Unit: r["visit-unit"], Day: r["visit-day"], Places: r["visit-places"], People: r["visit-people"], Seen: r["visit-seen"]})
	}
	return out
}

func findingsSaid(c *gin.Context) []api.FindingInput {
	out := []api.FindingInput{}
	for _, r := range findingRows(c.Request.PostForm) {
		out = append(out, api.FindingInput{
			Unit: r["finding-unit"], Place: r["finding-place"], Text: r["finding-text"], Basis: r["finding-basis"], Severity: obligation.Severity(r["finding-severity"]),
			Demands: r["finding-demands"], Due: r["finding-due"], Ladder: r["finding-ladder"],
		})
	}
	return out
}

// visitsBegin returns the rows that a form of visits begins with: what was typed, or else those of the sheet.
func visitsBegin(form filled, sheet *api.InspectionSheet) []row {
	if form.Failed {
		return visitRows(form.Typed)
	}
	if sheet == nil {
		return nil
	}
	out := make([]row, len(sheet.Visits))
	for i, v := range sheet.Visits {
		out[i] = row{"visit-unit": v.Unit, "visit-day": v.Day.String(), "visit-places": v.Places, "visit-people": v.People, "visit-seen": v.Seen}
	}
	return out
}

func findingsBegin(form filled) []row {
	if form.Failed {
		return findingRows(form.Typed)
	}
	return nil
}

// padded returns the rows with empty ones after them, n in all at least.
func padded(rows []row, n int) []row {
	for len(rows) < n {
		rows = append(rows, row{})
	}
	return rows
}

// sheetText returns a text of a sheet, "" where there is none.
func sheetText(sheet *api.InspectionSheet, read func(api.InspectionSheet) string) string {
	if sheet == nil {
		return ""
	}
	return read(*sheet)
}

func inspectionPath(plan string, i api.Inspection, verb ...string) string {
	return plansPath(plan, append([]string{"inspections", i.Measure, i.Unit, i.Period}, verb...)...)
}

// inspectionPathOf returns the page of an inspection by its ID.
func inspectionPathOf(text string) string {
	id, _ := obligation.ParseID(text) // the API wrote it
	return plansPath(id.Plan, "inspections", id.Measure, id.Unit, id.Period)
}

// orderPath returns where the API gives the 交办单 on which a finding stands.
func orderPath(o api.Obligation) string { return obligationAPI(o, "order") }

// yearsOf returns the years of the plan, for a list to be narrowed to.
func yearsOf(f frame) []string {
	var out []string
	for y := f.Plan.From.Year(); y <= f.Plan.To.Year(); y++ {
		out = append(out, strconv.Itoa(y))
	}
	return out
}

// inspects reports whether the reader plans and records inspections.
func inspects(f frame) bool { return f.Who.Role == account.Office }

// adds reports whether findings may still be added.
func adds(i api.InspectionDetail) bool { return i.State == obligation.InspectionHeld }

// plans reports whether it may still be planned or recorded.
func plans(i api.InspectionDetail) bool {
	return (i.State == obligation.InspectionUnplanned || i.State == obligation.InspectionReady) && i.Stage != obligation.StageSubmitted
}
