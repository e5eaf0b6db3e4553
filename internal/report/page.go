package report

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"slices"
	"strconv"

	"duban/calendar"
	"duban/internal/echarts"
	"duban/rehearsal"
)

// The template with what it inlines.
//
//go:embed assets
var assets embed.FS

var document = template.Must(template.New("rehearsal.html").Funcs(template.FuncMap{
	"style":   func() (template.CSS, error) { return asset[template.CSS]("rehearsal.css") },
	"echarts": func() template.JS { return template.JS(echarts.Script) },
	"script":  func() (template.JS, error) { return asset[template.JS]("rehearsal.js") },
	"percent": percent, "week": week, "month": monthName,
}).ParseFS(assets, "assets/rehearsal.html"))

func asset[T ~string](name string) (T, error) {
	content, err := assets.ReadFile("assets/" + name)
	return T(content), err
}

// WriteRehearsals writes one HTML file that shows the runs beside each other; there must be one at least. It is the same
// for the same runs: nothing in it tells when it was written. It asks nothing of any other host.
func WriteRehearsals(w io.Writer, runs []Rehearsal) error {
	// The template goes on after a failed write, and would write a megabyte into nothing.
	var b bytes.Buffer
	if err := document.Execute(&b, viewOf(runs)); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// view is what the template shows.
type view struct {
	Title   string
	Number  string
	Period  string // of the plan
	AsOf    calendar.Date
	Last    calendar.Date
	Runs    []runView
	Columns int // of charts beside each other
	Months  []int
	Weeks   []calendar.Date
	Scripts []scriptView
	Ladders []ladderSet
	Notes   []string
	Data    chartData
}

// runView is one run as the tables show it.
type runView struct {
	Index     int
	Title     string
	Script    string
	Ladder    string
	Seed      int
	Measures  int
	Units     []rehearsal.UnitSummary
	Total     rehearsal.Tally
	End       rehearsal.Standing
	Ran       int // obligations that were not history
	Peak      calendar.Date
	Most      int
	Escalated []rehearsal.Tally // by month
	Loads     []rehearsal.Tally // by week
	Notices   []noticeRow
}

// noticeRow is one unit's notices by month.
type noticeRow struct {
	Name   string
	Months []int
	Total  int
}

type scriptView struct {
	Title, Code               string
	Seed                      int
	Behaviours, Rules, Office []line
}

// ladderSet are the ladders that a run goes by together.
type ladderSet struct {
	Title   string
	Ladders []ladderView
}

type ladderView struct {
	Title, Periods string
	Steps          []string
}

// chartData is what the page's script draws. Lists go by the lists of months, weeks and units.
type chartData struct {
	Months []string   `json:"months"`
	Weeks  []string   `json:"weeks"`
	Units  []string   `json:"units"`
	Runs   []chartRun `json:"runs"`
}

type chartRun struct {
	Title string   `json:"title"`
	End   [5]int   `json:"end"` // on time, late, green, yellow, red
	Units [][5]int `json:"units"`
	// By month.
	Letters    []int   `json:"letters"`
	Circulars  []int   `json:"circulars"`
	Interviews []int   `json:"interviews"`
	Notices    [][]int `json:"notices"` // by unit
	// By week.
	Reviews      []int `json:"reviews"`
	SignOffs     []int `json:"signOffs"`
	Applications []int `json:"applications"`
}

func viewOf(runs []Rehearsal) view {
	first := runs[0]
	p := first.plan
	v := view{
		Title: fmt.Sprintf(textTitle, p.Title), Number: p.Number, Period: p.From.String() + " — " + p.To.String(),
		AsOf: first.asOf, Last: first.last, Columns: columns(len(runs)),
	}
	v.Months, v.Weeks = span(runs)
	units := unitsOf(runs)
	for _, m := range v.Months {
		v.Data.Months = append(v.Data.Months, monthName(m))
	}
	for _, w := range v.Weeks {
		v.Data.Weeks = append(v.Data.Weeks, w.String())
	}
	for _, u := range units {
		v.Data.Units = append(v.Data.Units, u.name)
	}
	for i, r := range runs {
		v.Runs = append(v.Runs, r.view(i, v.Months, v.Weeks, units))
		v.Data.Runs = append(v.Data.Runs, v.Runs[i].chart(units))
	}
	v.Scripts, v.Ladders = scriptsOf(runs), laddersOf(runs)
	v.Notes = notes(runs)
	return v
}

// columns says how many charts stand beside each other: rows that are full, and no column too narrow to read.
func columns(runs int) int {
	if runs%2 == 1 && runs%3 == 0 {
		return 3
	}
	return min(runs, 2)
}

func (r Rehearsal) view(i int, months []int, weeks []calendar.Date, units []unitRef) runView {
	s := r.summary
	v := runView{
		Index: i, Title: r.title, Script: r.script.Title, Ladder: r.ladders[0].Title, Seed: r.script.Seed, Measures: len(r.plan.Measures),
		Units: s.Units, Total: s.Total, End: s.End, Ran: s.End.Counted(), Peak: s.OfficePeak, Most: s.OfficeMost,
		Loads: make([]rehearsal.Tally, len(weeks)), Escalated: make([]rehearsal.Tally, len(months)),
	}
	for j, m := range months {
		if t := r.months[m]; t != nil {
			v.Escalated[j] = *t
		}
	}
	for _, w := range s.Weeks {
		v.Loads[int(w.Monday-weeks[0])/7] = w.Tally
	}
	for _, u := range units {
		row := noticeRow{Name: u.name, Months: make([]int, len(months))}
		for j, m := range months {
			row.Months[j] = r.notices[u.code][m]
			row.Total += row.Months[j]
		}
		v.Notices = append(v.Notices, row)
	}
	return v
}

func (v runView) chart(units []unitRef) chartRun {
	c := chartRun{Title: v.Title, End: standing(v.End), Units: make([][5]int, len(units))}
	for i, u := range units {
		if at := slices.IndexFunc(v.Units, func(s rehearsal.UnitSummary) bool { return s.Code == u.code }); at >= 0 {
			c.Units[i] = standing(v.Units[at].End)
		}
		c.Notices = append(c.Notices, v.Notices[i].Months)
	}
	for _, t := range v.Escalated {
		c.Letters, c.Circulars, c.Interviews = append(c.Letters, t.Letters), append(c.Circulars, t.Circulars), append(c.Interviews, t.Interviews)
	}
	for _, t := range v.Loads {
		c.Reviews, c.SignOffs, c.Applications = append(c.Reviews, t.Submitted), append(c.SignOffs, t.Drafted), append(c.Applications, t.Asked)
	}
	return c
}

func standing(s rehearsal.Standing) [5]int { return [5]int{s.OnTime, s.Late, s.Green, s.Yellow, s.Red} }

// scriptsOf returns the scripts of the runs, each once.
func scriptsOf(runs []Rehearsal) []scriptView {
	var out []scriptView
	for _, r := range runs {
		v := scriptView{r.script.Title, r.script.Code, r.script.Seed, behaviours(r.script), rules(r.script, &r.plan), office(r.script, &r.plan)}
		if !slices.ContainsFunc(out, func(o scriptView) bool { return reflect.DeepEqual(o, v) }) {
			out = append(out, v)
		}
	}
	return out
}

// laddersOf returns the sets of ladders of the runs, each once.
func laddersOf(runs []Rehearsal) []ladderSet {
	var out []ladderSet
	for _, r := range runs {
		set := ladderSet{Title: r.ladders[0].Title}
		for _, l := range r.ladders {
			set.Ladders = append(set.Ladders, ladderView{l.Title, periods(l), steps(l)})
		}
		if !slices.ContainsFunc(out, func(o ladderSet) bool { return reflect.DeepEqual(o, set) }) {
			out = append(out, set)
		}
	}
	return out
}

// notes say which dates are not certain.
func notes(runs []Rehearsal) []string {
	var out []string
	for _, r := range runs {
		for _, year := range r.provisional {
			if note := fmt.Sprintf(textProvisional, year); !slices.Contains(out, note) {
				out = append(out, note)
			}
		}
	}
	return out
}

// percent returns the part in percent with one digit after the point; "—" of nothing.
func percent(part, whole int) string {
	if whole == 0 {
		return textNone
	}
	return strconv.FormatFloat(float64(part)*100/float64(whole), 'f', 1, 64) + "%"
}

func week(monday calendar.Date) string {
	if monday.IsZero() {
		return textNone
	}
	return monday.String()
}

func monthName(m int) string { return fmt.Sprintf(textMonth, m/12, m%12+1) }
