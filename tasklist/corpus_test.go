package tasklist

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"duban/calendar"
	"duban/plan"
)

// The corpus holds sheets as offices lay them out, each with what has to be read of it. "go test ./tasklist -reread" writes
// down what is read now; look at every difference before it is kept.
var reread = flag.Bool("reread", false, "write the corpus' readings anew")

// realPlan is the plan that the lists belong to. It is read once; whoever adds to it gets lists of his own.
func realPlan(t testing.TB) plan.Plan {
	t.Helper()
	once.Do(func() { loaded = loadPlan(t) })
	p := loaded
	p.Units, p.Tasks, p.Measures = slices.Clone(p.Units), slices.Clone(p.Tasks), slices.Clone(p.Measures)
	return p
}

var (
	once   sync.Once
	loaded plan.Plan
)

func loadPlan(t testing.TB) plan.Plan {
	t.Helper()
	const bundle = "../seed/changning-2024/"
	load := func(file string, v any) {
		content, err := os.ReadFile(filepath.FromSlash(file))
		require.NoError(t, err)
		require.NoError(t, yaml.Unmarshal(content, v), file)
	}
	var p plan.Plan
	load(bundle+"plan.yaml", &p)
	var units struct{ Units []plan.Unit }
	load(bundle+"units.yaml", &units)
	p.Units = units.Units
	files := []string{}
	for i := range 10 {
		files = append(files, fmt.Sprintf("action-%02d", i+1))
	}
	for _, file := range append(files, "goals", "safeguards") {
		var list struct {
			Tasks []struct {
				plan.Task `yaml:",inline"`
				Measures  []plan.Measure
			}
		}
		load(bundle+"tasks/"+file+".yaml", &list)
		for _, task := range list.Tasks {
			p.Tasks = append(p.Tasks, task.Task)
			for _, m := range task.Measures {
				m.Task = task.Code
				p.Measures = append(p.Measures, m)
			}
		}
	}
	require.Empty(t, p.Validate())
	return p
}

// sheetCase is a file of the corpus.
type sheetCase struct {
	About   string             `yaml:"about"`
	Year    int                `yaml:"year"`
	Columns map[int]Field      `yaml:"columns,omitempty"`
	Answers map[int]caseAnswer `yaml:"answers,omitempty"`
	Units   []plan.Unit        `yaml:"units,omitempty"` // besides the plan's
	Grid    string             `yaml:"grid"`
	Want    *caseWant          `yaml:"want,omitempty"`
}

type caseAnswer struct {
	Skip, Confirm    bool
	Task, Measure    string
	Lead, Units, Due []string
	Kind             plan.ScheduleKind
}

type caseWant struct {
	Columns   string    `yaml:"columns"`
	Header    int       `yaml:"header"`
	Titles    []int     `yaml:"titles,flow,omitempty"`
	Notes     []int     `yaml:"notes,flow,omitempty"`
	Headings  []int     `yaml:"headings,flow,omitempty"`
	Continued []int     `yaml:"continued,flow,omitempty"`
	Rows      []caseRow `yaml:"rows"`
}

type caseRow struct {
	At       string   `yaml:"at"` // row, and part
	Is       string   `yaml:"is"` // outcome, measure and task
	Title    string   `yaml:"title"`
	Lead     string   `yaml:"lead,omitempty"`
	Units    string   `yaml:"units,omitempty"`
	When     string   `yaml:"when,omitempty"`
	Problems []string `yaml:"problems,omitempty"`
	Changes  []string `yaml:"changes,omitempty"`
}

// grid reads the compact form of a sheet: a row a line, cells between "｜"; "^" is merged with the cell above, "<" with the
// one on the left, "⏎" a line break within a cell, "@2024-06-30 text" a cell that is kept as a date. An empty line is an empty row.
func grid(t testing.TB, text string) Sheet {
	t.Helper()
	s := Sheet{Name: "Sheet1"}
	above := map[int]Cell{}
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		row := Line{N: i + 1}
		now := map[int]Cell{}
		for j, field := range strings.Split(line, "｜") {
			c := Cell{Column: j + 1, Text: strings.ReplaceAll(strings.Trim(field, " "), "⏎", "\n")}
			switch {
			case c.Text == "^":
				c = Cell{Column: j + 1, Text: above[j+1].Text, Date: above[j+1].Date, Merged: true}
			case c.Text == "<":
				c = Cell{Column: j + 1, Text: now[j].Text, Date: now[j].Date, Merged: true}
			case strings.HasPrefix(c.Text, "@"):
				date, shown, _ := strings.Cut(c.Text[1:], " ")
				d, err := calendar.ParseDate(date)
				require.NoError(t, err)
				c.Date, c.Text = d, shown
			}
			now[j+1] = c
			if c.Text != "" || !c.Date.IsZero() {
				row.Cells = append(row.Cells, c)
			}
		}
		above = now
		if len(row.Cells) > 0 {
			s.Rows = append(s.Rows, row)
		}
	}
	return s
}

func (c sheetCase) options(t testing.TB) Options {
	o := Options{Plan: realPlan(t), Year: c.Year, Columns: c.Columns, Answers: map[int]Answer{}}
	o.Plan.Units = append(o.Plan.Units, c.Units...)
	for row, a := range c.Answers {
		o.Answers[row] = Answer{
			Skip: a.Skip, Confirm: a.Confirm, Task: a.Task, Measure: a.Measure, Lead: a.Lead, Units: a.Units, Due: a.Due, Kind: a.Kind,
		}
	}
	return o
}

func wantOf(o Options, p Preview) *caseWant {
	dir := newDirectory(&o.Plan, o.Year)
	w := &caseWant{Header: p.Header, Titles: p.Titles, Notes: p.Notes, Headings: p.Headings, Continued: p.Continued}
	var columns []string
	for n := range 30 {
		if f, ok := p.Columns[n]; ok {
			columns = append(columns, ColumnName(n)+"="+string(f))
		}
	}
	w.Columns = strings.Join(columns, " ")
	for _, r := range p.Rows {
		c := caseRow{At: fmt.Sprint(r.Row), Is: string(r.Outcome), Title: r.Title, When: strings.TrimSpace(string(r.Kind) + " " + r.When), Changes: r.Changes}
		if r.Part > 0 {
			c.At += fmt.Sprintf(" (%d)", r.Part)
		}
		if r.Measure != "" {
			c.Is += " " + r.Measure
		} else if r.Task != "" {
			c.Is += " " + r.Task + ".?"
		}
		c.Lead, c.Units = strings.Join(dir.words(r.Lead), "、"), strings.Join(dir.words(r.Units), "、")
		for _, problem := range r.Problems {
			text := problem.Cell + " " + problem.Reason
			if problem.Proposal != "" {
				text += " → " + problem.Proposal
			}
			c.Problems = append(c.Problems, text)
		}
		w.Rows = append(w.Rows, c)
	}
	return w
}

func corpus(t testing.TB) map[string]sheetCase {
	files, err := filepath.Glob("testdata/corpus/*.yaml")
	require.NoError(t, err)
	cases := map[string]sheetCase{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		var c sheetCase
		decode := yaml.NewDecoder(bytes.NewReader(content))
		decode.KnownFields(true)
		require.NoError(t, decode.Decode(&c), file)
		cases[file] = c
	}
	return cases
}

func TestCorpus(t *testing.T) {
	cases := corpus(t)
	for file, c := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			o, s := c.options(t), grid(t, c.Grid)
			got := Read(s, o)
			checkPreview(t, o, s, got)
			if *reread {
				write(t, file, wantOf(o, got))
				return
			}
			want, err := yaml.Marshal(c.Want)
			require.NoError(t, err)
			read, err := yaml.Marshal(wantOf(o, got))
			require.NoError(t, err)
			require.Equal(t, string(want), string(read))
		})
	}
	require.GreaterOrEqual(t, len(cases), 25)
}

// write replaces the reading at the end of a file of the corpus.
func write(t *testing.T, file string, want *caseWant) {
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	head, _, _ := strings.Cut(string(content), "\nwant:")
	var b bytes.Buffer
	encode := yaml.NewEncoder(&b)
	encode.SetIndent(2)
	require.NoError(t, encode.Encode(map[string]*caseWant{"want": want}))
	require.NoError(t, os.WriteFile(file, []byte(strings.TrimRight(head, "\n")+"\n"+b.String()), 0o644))
}

// checkPreview checks what holds for every sheet.
func checkPreview(t testing.TB, o Options, s Sheet, p Preview) {
	t.Helper()
	places := map[int]string{}
	put := func(row int, as string) {
		if before, ok := places[row]; ok && (before != as || as != "row") {
			t.Errorf("row %d is %s and %s", row, before, as)
		}
		places[row] = as
	}
	for _, list := range []struct {
		as   string
		rows []int
	}{{"title", p.Titles}, {"note", p.Notes}, {"heading", p.Headings}, {"continued", p.Continued}} {
		for _, row := range list.rows {
			put(row, list.as)
		}
	}
	units := map[string]bool{}
	for _, u := range o.Plan.Units {
		units[u.Code] = true
	}
	for _, r := range p.Rows {
		put(r.Row, "row")
		for _, code := range slices.Concat(r.Lead, r.Units) {
			if !units[code] {
				t.Errorf("row %d: unit %q is not of the plan", r.Row, code)
			}
		}
		for _, d := range r.Due {
			if d.Year() != o.Year {
				t.Errorf("row %d: %s is not in %d", r.Row, d, o.Year)
			}
		}
		able := r.Outcome == Create || r.Outcome == Update || r.Outcome == Unchanged
		if able != (r.Becomes != nil) || able && len(r.Problems) > 0 || (r.Outcome == Fault || r.Outcome == Confirm) && len(r.Problems) == 0 {
			t.Errorf("row %d: %s with %d problems", r.Row, r.Outcome, len(r.Problems))
		}
		if (r.Outcome == Update) != (len(r.Changes) > 0) {
			t.Errorf("row %d: %s with %d changes", r.Row, r.Outcome, len(r.Changes))
		}
	}
	for _, row := range s.Rows {
		if _, ok := places[row.N]; !ok && slices.ContainsFunc(row.Cells, filled) {
			t.Errorf("row %d is lost", row.N)
		}
	}
}
