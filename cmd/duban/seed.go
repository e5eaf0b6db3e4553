package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"testing/fstest" //nolint:depguard // the standard library has no other file system in memory
	"text/tabwriter"

	"duban/calendar"
	"duban/obligation"
	"duban/seed"
)

type seedCmd struct {
	Show  seedShowCmd  `cmd:"" help:"显示整理后的方案。"`
	Check seedCheckCmd `cmd:"" help:"检查方案数据，一次列出所有问题。"`
	Draft seedDraftCmd `cmd:"" help:"以现有方案为底稿，起草下一轮方案：各项日期顺延，写成可以修改、检查、载入的数据。"`
	Apply seedApplyCmd `cmd:"" help:"把方案载入正在运行的 duban；重复执行不会重复开立。"`
}

type bundleFlag struct {
	Dir string `help:"方案数据所在的目录（默认：自带的方案）。" type:"existingdir" placeholder:"DIR"`
}

func (b bundleFlag) load() (*seed.Bundle, error) {
	if b.Dir == "" {
		return seed.Embedded()
	}
	return seed.Load(os.DirFS(b.Dir))
}

// files returns the texts of the bundle for the server, nil where it is the embedded one.
func (b bundleFlag) files() (map[string]string, error) {
	if b.Dir == "" {
		return nil, nil
	}
	files := map[string]string{}
	root := os.DirFS(b.Dir)
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" {
			return err
		}
		text, err := fs.ReadFile(root, name)
		files[name] = string(text)
		return err
	})
	return files, err
}

// bundleOf reads the bundle from the texts of its files; none: the embedded one.
func bundleOf(files map[string]string) (*seed.Bundle, error) {
	if len(files) == 0 {
		return seed.Embedded()
	}
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return seed.Load(root)
}

type seedShowCmd struct {
	bundleFlag
	JSON bool `help:"以 JSON 输出。"`
}

// Run implements the command.
func (c seedShowCmd) Run(e *env) error {
	b, err := c.load()
	if err != nil {
		return err
	}
	listing, err := seed.List(&b.Plan, b.Calendar)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(e.stdout, listing)
	}
	out := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintf(out, "%s\t%s\n", b.Plan.Number, b.Plan.Title)
	for _, m := range listing.Measures {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", m.Code, m.Title, due(m.Schedule.Due), units(m.Units), strings.Join(m.Inferred, " "))
	}
	return out.Flush()
}

func due(days []calendar.Date) string {
	switch len(days) {
	case 0:
		return textDueNever
	case 1:
		return days[0].String()
	}
	return fmt.Sprintf(textDueMany, days[0], days[len(days)-1], len(days))
}

func units(codes []string) string {
	if len(codes) <= 3 {
		return strings.Join(codes, " ")
	}
	return fmt.Sprintf(textUnitsMany, codes[0], len(codes))
}

func writeJSON(w io.Writer, value any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(value)
}

type seedCheckCmd struct{ bundleFlag }

// Run implements the command.
func (c seedCheckCmd) Run(e *env) error {
	b, err := c.load()
	if err != nil {
		return err
	}
	d := obligation.Definition{AsOf: b.Plan.Issued, Plan: b.Plan, Calendar: b.Calendar, Ladders: b.Ladders}
	agenda, err := d.Agenda("", obligation.DefaultWindow.From)
	if err != nil {
		return err
	}
	n := 0
	for _, s := range agenda {
		n += len(d.Openings(s, obligation.DefaultWindow.From))
	}
	_, err = fmt.Fprintf(e.stdout, textChecked, len(b.Plan.Tasks), len(b.Plan.Measures), len(b.Plan.Units), n)
	return err
}

type seedApplyCmd struct {
	bundleFlag
	AsOf   string `help:"起算日：此前到期的只作历史记录（默认：首次载入那天）。" placeholder:"YYYY-MM-DD"`
	Done   string `help:"起算日之前的办理情况（CSV：measure,unit,period,outcome）。" type:"existingfile" placeholder:"FILE"`
	Server string `help:"正在运行的 duban（默认：本机的）。" placeholder:"URL"`
}

// applyRequest is the body of POST /api/v1/plans.
type applyRequest struct {
	AsOf     string            `json:"asOf,omitempty"`
	Outcomes []applyOutcome    `json:"outcomes,omitempty"`
	Files    map[string]string `json:"files,omitempty"`
}

type applyOutcome struct {
	Measure string             `json:"measure"`
	Unit    string             `json:"unit,omitempty"`
	Period  string             `json:"period,omitempty"`
	Outcome obligation.Outcome `json:"outcome"`
}

// applyAnswer is what it answers.
type applyAnswer struct {
	Plan     string `json:"plan"`
	Version  int    `json:"version"`
	AsOf     string `json:"asOf"`
	Changed  bool   `json:"changed"`
	Tasks    int    `json:"tasks"`
	Started  int    `json:"started"`
	Revised  int    `json:"revised"`
	Outcomes int    `json:"outcomes"`
	Due      int    `json:"due"`
}

// Run implements the command.
func (c seedApplyCmd) Run(e *env) error {
	b, err := c.load() // every fault is found here, with file and line, before the server is asked
	if err != nil {
		return err
	}
	request, err := c.request()
	if err != nil {
		return err
	}
	server, err := e.dial(c.Server)
	if err != nil {
		return err
	}
	var answer applyAnswer
	if err := server.call(e.ctx, http.MethodPost, "/api/v1/plans", request, &answer); err != nil {
		return err
	}
	if err := server.awaitOpened(e, answer); err != nil {
		return err
	}
	if !answer.Changed && answer.Started == 0 && answer.Revised == 0 {
		fmt.Fprintf(e.stdout, textUnchanged, b.Plan.Number, answer.Version, answer.AsOf, answer.Outcomes)
		return nil
	}
	fmt.Fprintf(e.stdout, textApplied, b.Plan.Number, answer.Version, answer.Tasks, answer.Started, answer.Revised, answer.AsOf, answer.Outcomes)
	return nil
}

func (c seedApplyCmd) request() (applyRequest, error) {
	r := applyRequest{AsOf: c.AsOf}
	if _, err := parseDay(c.AsOf); err != nil {
		return r, err
	}
	files, err := c.files()
	if err != nil {
		return r, err
	}
	r.Files = files
	if c.Done == "" {
		return r, nil
	}
	f, err := os.Open(c.Done)
	if err != nil {
		return r, err
	}
	defer f.Close() //nolint:errcheck // only read
	rows, err := seed.ReadOutcomes(f)
	for _, row := range rows {
		r.Outcomes = append(r.Outcomes, applyOutcome{row.Measure, row.Unit, row.Period, row.Outcome})
	}
	return r, err
}
