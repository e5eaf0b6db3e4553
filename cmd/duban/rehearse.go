package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
	"duban/seed"
)

type rehearseCmd struct {
	Script  []string `help:"情景：自带的 diligent（勤勉）、mixed（一般）、lax（松弛），或 YAML 文件；可重复，并排比较。" default:"mixed" sep:"none" placeholder:"NAME|FILE"`
	Ladders []string `help:"升级阶梯：default（方案自己的）、自带的 strict（从严），或 YAML 文件；可重复，并排比较。" default:"default" sep:"none" placeholder:"NAME|FILE"`
	Dir     []string `help:"方案数据所在的目录，default 为自带的方案；可重复，并排比较。" default:"default" sep:"none" placeholder:"DIR"`
	AsOf    string   `help:"起算日：此前到期的只作历史记录（默认：方案印发日）。" placeholder:"YYYY-MM-DD"`
	Until   string   `help:"推演到哪一天为止（默认：方案结束后两个月）。" placeholder:"YYYY-MM-DD"`
	Unit    string   `help:"只列一家责任单位（代码）。" placeholder:"CODE"`
	Format  string   `help:"输出格式：table、csv、json（每行一个事件）或 html（单个文件的图表报告）。" enum:"table,csv,json,html" default:"table"`
	JSON    bool     `help:"同 --format json。"`
	Of      string   `help:"CSV 列什么：events（逐个事件）、units（各单位合计和终了状态）、weeks（各单位和区安委办每周的件数）。" enum:"events,units,weeks" default:"events"`
	Out     string   `help:"写入文件（默认：标准输出）。" placeholder:"FILE"`
}

// maxRuns is how many runs are compared at most: more than anybody reads beside each other.
const maxRuns = 12

// own names the plan's own ladders, and the plan that the program carries.
const own = "default"

// Run implements the command. It needs no server and leaves no trace.
func (c rehearseCmd) Run(e *env) error {
	cfg, _, err := e.settings()
	if err != nil {
		return err
	}
	if c.JSON && c.Format != "table" && c.Format != "json" {
		return usageError{fmt.Errorf(textTwoFormats, c.Format)}
	}
	if c.JSON {
		c.Format = "json"
	}
	plays, err := c.plays(rehearsal.Setting{At: cfg.Window.From.Duration()})
	if err != nil {
		return usageError{err}
	}
	return c.write(e.stdout, func(w io.Writer) error {
		out := c.output(w, len(plays) > 1)
		for _, p := range plays {
			run, err := rehearsal.Rehearse(p.definition, p.script, p.setting)
			if err != nil {
				return usageError{err}
			}
			run.Title = p.title
			if err := out.add(run); err != nil {
				return err
			}
		}
		return out.end()
	})
}

// write hands f what the command writes to. A file appears only once it is complete.
func (c rehearseCmd) write(stdout io.Writer, f func(io.Writer) error) error {
	if c.Out == "" {
		buffered := bufio.NewWriterSize(stdout, 1<<16)
		return errors.Join(f(buffered), buffered.Flush())
	}
	file, err := os.CreateTemp(filepath.Dir(c.Out), ".duban-*")
	if err != nil {
		return usageError{fmt.Errorf(textCannotWrite, c.Out, err)}
	}
	buffered := bufio.NewWriterSize(file, 1<<16)
	err = f(buffered)
	if failed := errors.Join(buffered.Flush(), file.Chmod(0o644), file.Close()); err == nil && failed != nil {
		err = fmt.Errorf(textCannotWrite, c.Out, failed)
	}
	if err == nil {
		if err = os.Rename(file.Name(), c.Out); err == nil {
			return nil
		}
		err = fmt.Errorf(textCannotWrite, c.Out, err)
	}
	return errors.Join(err, os.Remove(file.Name()))
}

// play is one rehearsal to come.
type play struct {
	title      string
	definition obligation.Definition
	script     rehearsal.Script
	setting    rehearsal.Setting
}

// list is a plan with the scripts and ladders that it is rehearsed with.
type list struct {
	title   string
	files   fs.FS
	bundle  *seed.Bundle
	scripts []rehearsal.Script
	ladders [][]obligation.Ladder
}

// plays returns the rehearsals that the command line asks for: every combination. The error holds all that is wrong.
func (c rehearseCmd) plays(setting rehearsal.Setting) ([]play, error) {
	if n := len(c.Script) * len(c.Ladders) * len(c.Dir); n > maxRuns {
		return nil, fmt.Errorf(textTooManyRuns, n, maxRuns)
	}
	var faults faultLines
	if c.Unit != "" && c.Format == "html" {
		faults.add(errors.New(textUnitOfReport))
	}
	asOf, err := parseDay(c.AsOf)
	faults.add(err)
	until, err := parseDay(c.Until)
	faults.add(err)
	lists := make([]list, len(c.Dir))
	for i, dir := range c.Dir {
		faults.add(lists[i].read(dir, c.Script, c.Ladders))
	}
	known := func(l list) bool { _, ok := l.bundle.Plan.Unit(c.Unit); return ok }
	if !faults.any() && c.Unit != "" && !slices.ContainsFunc(lists, known) {
		faults.add(fmt.Errorf(textNoUnit, c.Unit))
	}
	var plays []play
	for _, l := range lists {
		if faults.any() {
			break
		}
		d := obligation.Definition{AsOf: asOf, Plan: l.bundle.Plan, Calendar: l.bundle.Calendar}
		if asOf.IsZero() {
			d.AsOf = d.Plan.Issued
		}
		setting.Until = rehearsal.End(d)
		if !until.IsZero() {
			setting.Until = until.End(obligation.Location(d.Plan.Zone))
		}
		if !d.AsOf.At(setting.At, obligation.Location(d.Plan.Zone)).Before(setting.Until) {
			faults.add(fmt.Errorf(textNoSpan, d.AsOf))
		}
		plays = append(plays, l.plays(d, setting)...)
	}
	name(plays, lists)
	return plays, faults.err()
}

// plays returns every combination of the list's scripts and ladders.
func (l list) plays(d obligation.Definition, setting rehearsal.Setting) []play {
	var plays []play
	for _, s := range l.scripts {
		for _, ladders := range l.ladders {
			d.Ladders = ladders
			plays = append(plays, play{script: s, definition: d, setting: setting})
		}
	}
	return plays
}

// name gives the runs titles by what differs between them, and numbers those that still are called the same.
func name(plays []play, lists []list) {
	seen := map[string]int{}
	for i := range plays {
		l := lists[i*len(lists)/len(plays)]
		parts := []string{plays[i].script.Title}
		if len(l.ladders) > 1 {
			parts = append(parts, plays[i].definition.Ladders[0].Title)
		}
		if len(lists) > 1 {
			parts = append(parts, l.title)
		}
		title := strings.Join(parts, "·")
		if seen[title]++; seen[title] > 1 {
			title = fmt.Sprintf(textAgain, title, seen[title])
		}
		plays[i].title = title
	}
}

// read reads the plan and whatever of the scripts and ladders can be read for it.
func (l *list) read(dir string, scripts, ladders []string) error {
	l.title, l.files = filepath.Base(dir), seed.Files()
	if dir == own {
		l.title = textOwnPlan
	} else {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return fmt.Errorf(textNoFolder, dir)
		}
		l.files = os.DirFS(dir)
	}
	bundle, err := seed.Load(l.files)
	if err != nil {
		return err
	}
	l.bundle = bundle
	var faults faultLines
	for _, name := range scripts {
		s, err := l.script(name)
		faults.add(err)
		l.scripts = append(l.scripts, s)
	}
	for _, name := range ladders {
		read, err := l.ladder(name)
		faults.add(err)
		l.ladders = append(l.ladders, read)
	}
	return faults.err()
}

func (l *list) script(name string) (rehearsal.Script, error) {
	file, content, err := l.find(seed.ScriptsDir, name)
	if err != nil {
		return rehearsal.Script{}, err
	}
	return seed.ReadScript(file, content, &l.bundle.Plan)
}

func (l *list) ladder(name string) ([]obligation.Ladder, error) {
	if name == own {
		return l.bundle.Ladders, nil
	}
	file, content, err := l.find(seed.LaddersDir, name)
	if err != nil {
		return nil, err
	}
	return seed.ReadLadders(file, content, &l.bundle.Plan)
}

// find returns a file that is given by its path, or by its name in a folder of the list or of the embedded plan.
func (l *list) find(folder, name string) (file string, content []byte, err error) {
	if ext := filepath.Ext(name); filepath.Base(name) != name || ext == ".yaml" || ext == ".yml" {
		content, err = readSome(name)
		return name, content, err
	}
	for _, files := range []fs.FS{l.files, seed.Files()} {
		if file, content, err = seed.Named(files, folder, name); err == nil {
			return file, content, nil
		}
	}
	names := append(seed.Names(l.files, folder), seed.Names(seed.Files(), folder)...)
	slices.Sort(names)
	return "", nil, fmt.Errorf(textNoSuchName, name, strings.Join(slices.Compact(names), "、"))
}

// readSome reads a file up to a size at which seed says that it is too large.
func readSome(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf(textCannotRead, name, err)
	}
	defer f.Close() //nolint:errcheck // only read
	content, err := io.ReadAll(io.LimitReader(f, 2<<20))
	if err != nil {
		return nil, fmt.Errorf(textCannotRead, name, err)
	}
	return content, nil
}

// readScript reads a script for the plan by its name among those that the program carries, or from a file.
func readScript(name string, p *plan.Plan) (rehearsal.Script, error) {
	l := list{files: seed.Files(), bundle: &seed.Bundle{Plan: *p}}
	s, err := l.script(name)
	if err != nil {
		return s, usageError{err}
	}
	return s, nil
}

// faultLines gathers faults, each line once: two plans find the same fault in the same script.
type faultLines struct{ lines []string }

func (f *faultLines) add(err error) {
	if err == nil {
		return
	}
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); !slices.Contains(f.lines, line) {
			f.lines = append(f.lines, line)
		}
	}
}

func (f *faultLines) any() bool { return len(f.lines) > 0 }

func (f *faultLines) err() error {
	if !f.any() {
		return nil
	}
	return errors.New(strings.Join(f.lines, "\n"))
}

// weekOf is one week's figure of a unit.
func weekOf(u rehearsal.UnitSummary, i int) int {
	if i < len(u.Weeks) {
		return u.Weeks[i]
	}
	return 0
}

// lastDay returns the last day that was rehearsed.
func lastDay(run *rehearsal.Run) calendar.Date {
	return calendar.DateOf(run.Until.Add(-time.Nanosecond), obligation.Location(run.Definition.Plan.Zone))
}
