// Package seed reads a plan, its units, the calendar of working days and the ladders from YAML files that the office
// can edit, and holds the files of the plan that duban was made for.
package seed

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// Bundle is everything that a plan is started with.
type Bundle struct {
	Plan     plan.Plan           `json:"plan"`
	Calendar *calendar.Calendar  `json:"calendar"`
	Ladders  []obligation.Ladder `json:"ladders"` // the first is the default
	// Assessment holds the rules of the half-yearly assessment; none: those that stand stay, or the embedded ones.
	Assessment *assessment.Rules `json:"assessment,omitempty"`
}

//go:embed changning-2024
var embedded embed.FS

// Files returns the embedded bundle's files, for those who want a copy to edit.
func Files() fs.FS {
	files, err := fs.Sub(embedded, "changning-2024")
	if err != nil {
		panic(err) // the directory is compiled in
	}
	return files
}

// Embedded loads the embedded bundle: 长安委〔2024〕5号 and the units of Changning.
func Embedded() (*Bundle, error) { return Load(Files()) }

// Limits of a bundle; the embedded one is about a hundredth of them.
const (
	maxFileSize = 1 << 20 // bytes
	maxFiles    = 200
)

// The folders beside a bundle's own files: what a rehearsal can be run with, by name.
const (
	ScriptsDir = "scripts"
	LaddersDir = "ladders"
)

// Named returns the file that goes by a name in one of the bundle's folders: scripts/mixed.yaml for "mixed". The error is
// fs.ErrNotExist where there is none.
func Named(fsys fs.FS, folder, name string) (file string, content []byte, err error) {
	if path.Base(name) != name {
		return "", nil, fs.ErrNotExist // a path is no name
	}
	file = path.Join(folder, name+".yaml")
	content, err = fs.ReadFile(fsys, file)
	return file, content, err
}

// Names returns the names that Named knows in the folder, in order.
func Names(fsys fs.FS, folder string) []string {
	files, _ := fs.Glob(fsys, path.Join(folder, "*.yaml")) // the pattern is sound
	for i, file := range files {
		files[i] = strings.TrimSuffix(path.Base(file), ".yaml")
	}
	return files
}

// The files of a bundle; each one in tasksDir holds some of the tasks with their measures.
const (
	planFile       = "plan.yaml"
	unitsFile      = "units.yaml"
	calendarFile   = "calendar.yaml"
	laddersFile    = "ladders.yaml"
	assessmentFile = "assessment.yaml" // may be missing
	tasksDir       = "tasks"
)

// Load reads a bundle: plan.yaml (the plan's head and actions), tasks/*.yaml (lists of tasks, each with its
// measures), units.yaml, calendar.yaml, ladders.yaml and, where it is there, assessment.yaml. Tasks stand in the order of the files, by number where
// their names have one, and within a file as written. White space in texts is normalised; a task's text keeps its paragraphs.
//
// The error is always *Faults and holds everything that is wrong, each with its file and line. Where a file can't be
// read at all, what only follows from its absence is not reported.
func Load(fsys fs.FS) (*Bundle, error) {
	l := &loader{fsys: fsys, decoder: newDecoder(planFile)}
	l.plan()
	l.units()
	l.tasks()
	l.calendar()
	l.ladders()
	l.assessment()
	l.unknownFiles()
	l.validate()
	if len(l.faults) > 0 {
		return nil, (&Faults{l.faults}).sorted()
	}
	return &l.bundle, nil
}

type loader struct {
	fsys fs.FS
	decoder
	bundle Bundle
	// What can't be judged because its file could not be read.
	noPlan, noUnits, noTasks, noLadders bool
}

// read returns the root of a file, or nil after a fault.
func (l *loader) read(file string) *yaml.Node {
	f, err := l.fsys.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		l.add(file, 0, CodeMissingFile, "这个文件")
		return nil
	}
	if err != nil {
		l.add(file, 0, CodeUnreadable)
		return nil
	}
	defer f.Close() //nolint:errcheck // only read
	content, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		l.add(file, 0, CodeUnreadable)
		return nil
	}
	return l.root(file, content)
}

// root returns the root of a file's content, or nil after a fault.
func (d *decoder) root(file string, content []byte) *yaml.Node {
	if len(content) > maxFileSize {
		d.add(file, 0, CodeTooLarge, maxFileSize>>10)
		return nil
	}
	return d.parse(file, content)
}

// section returns the value of the one key that the file has, or nil where that is not there.
func (l *loader) section(file, key string) *yaml.Node { return l.only(file, key, l.read(file)) }

// only returns the value of the one key that the root of the file has, or nil where that is not there.
func (d *decoder) only(file, key string, root *yaml.Node) *yaml.Node {
	if root == nil {
		return nil
	}
	if root.Kind != yaml.MappingNode {
		d.add(file, root.Line, CodeWrongType, name(""), mappingForm)
		return nil
	}
	d.places[key] = place{file, 1}
	var found *yaml.Node
	for _, e := range d.mapping(file, "", root) {
		if e.key != key {
			d.add(file, e.at.line, CodeUnknownField, e.key, key)
			continue
		}
		d.places[key] = e.at
		found = e.value
	}
	return found
}

func (l *loader) plan() {
	root := l.read(planFile)
	if root == nil {
		l.noPlan = true
		return
	}
	l.value(planFile, "", root, reflect.ValueOf(&l.bundle.Plan).Elem())
	l.noPlan = l.failed[""]
}

func (l *loader) units() {
	list := l.section(unitsFile, "units")
	if list == nil {
		_, read := l.places["units"]
		l.noUnits = !read
		return
	}
	l.value(unitsFile, "units", list, reflect.ValueOf(&l.bundle.Plan.Units).Elem())
	l.noUnits = l.failed["units"]
}

func (l *loader) tasks() {
	entries, err := fs.ReadDir(l.fsys, tasksDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.add(tasksDir, 0, CodeUnreadable)
	}
	var files []string
	for _, e := range entries {
		if yamlName(e.Name()) {
			files = append(files, path.Join(tasksDir, e.Name()))
		}
	}
	slices.SortFunc(files, natural)
	if len(files) > maxFiles {
		l.add(tasksDir, 0, CodeTooManyFiles, maxFiles)
		l.noTasks = true
		return
	}
	if len(files) == 0 && err == nil || errors.Is(err, fs.ErrNotExist) {
		l.add(tasksDir, 0, CodeMissingFile, "任务文件（tasks/*.yaml）")
	}
	l.noTasks = len(files) == 0
	for _, file := range files {
		list := l.section(file, "tasks")
		if list == nil {
			l.noTasks = l.noTasks || l.places["tasks"].file != file
			continue
		}
		if list.Kind != yaml.SequenceNode && !null(list) {
			l.add(file, list.Line, CodeWrongType, "tasks", listForm)
			l.noTasks = true
			continue
		}
		for _, item := range list.Content {
			l.task(file, item)
		}
	}
}

// taskEntry is a task as it stands in a file: plan.Task with its measures.
type taskEntry struct {
	Code     string     `yaml:"code"`
	Action   int        `yaml:"action"`
	Title    string     `yaml:"title"`
	Text     string     `yaml:"text"`
	Lead     []string   `yaml:"lead"`
	Measures *yaml.Node `yaml:"measures"`
}

// task reads one task and its measures; both stand in lists over all files.
func (l *loader) task(file string, n *yaml.Node) {
	p := &l.bundle.Plan
	at := fmt.Sprintf("tasks[%d]", len(p.Tasks))
	var e taskEntry
	l.value(file, at, n, reflect.ValueOf(&e).Elem())
	p.Tasks = append(p.Tasks, plan.Task{
		Code: e.Code, Action: e.Action, Title: plan.Normalise(e.Title), Text: plan.NormaliseLines(e.Text), Lead: e.Lead,
	})
	if e.Measures == nil {
		return
	}
	for _, item := range l.sequence(file, at+".measures", e.Measures) {
		m := plan.Measure{}
		l.value(file, fmt.Sprintf("measures[%d]", len(p.Measures)), item, reflect.ValueOf(&m).Elem())
		m.Task = e.Code
		for _, text := range []*string{&m.Title, &m.Quote, &m.Done, &m.Note, &m.Source} {
			*text = plan.Normalise(*text)
		}
		p.Measures = append(p.Measures, m)
	}
}

func (l *loader) calendar() {
	if root := l.read(calendarFile); root != nil {
		l.bundle.Calendar = l.calendarIn(calendarFile, root)
	}
}

func (l *loader) ladders() {
	list := l.section(laddersFile, "ladders")
	if _, read := l.places["ladders"]; !read {
		l.noLadders = true
		return
	}
	l.bundle.Ladders = l.laddersIn(laddersFile, list)
}

// unknownFiles reports YAML files that nothing reads: a mistyped name must not silently leave out what it holds.
func (l *loader) unknownFiles() {
	entries, err := fs.ReadDir(l.fsys, ".")
	if err != nil {
		l.add(".", 0, CodeUnreadable)
		return
	}
	known := []string{planFile, unitsFile, calendarFile, laddersFile, assessmentFile}
	for _, e := range entries {
		if yamlName(e.Name()) && !slices.Contains(known, e.Name()) {
			l.add(e.Name(), 0, CodeUnknownFile)
		}
	}
}

func yamlName(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return (ext == ".yaml" || ext == ".yml") && !strings.HasPrefix(name, ".")
}

// validate adds what is wrong with what the files say, less what only follows from faults found before.
func (l *loader) validate() {
	p := &l.bundle.Plan
	for _, f := range p.Validate() {
		if l.spoilt(f.Path) || l.follows(f) {
			continue
		}
		at := l.locate(f.Path)
		l.faults = append(l.faults, Fault{at.file, at.line, f.Code, f.Message})
	}
	for i, m := range p.Measures {
		if m.Ladder != "" && !has(l.bundle.Ladders, m.Ladder) && !l.noLadders {
			at := l.locate(fmt.Sprintf("measures[%d].ladder", i))
			l.add(at.file, at.line, CodeUnknownLadder, m.Ladder)
		}
	}
}

// follows reports whether a fault is no more than a consequence of a file that could not be read.
func (l *loader) follows(f plan.Fault) bool {
	head, _, _ := strings.Cut(f.Path, "[")
	switch f.Code {
	case plan.CodeUnknownUnit, plan.CodeUnknownTag, plan.CodeEmptyAudience:
		return l.noUnits
	case plan.CodeUnknownAction:
		return l.noPlan
	}
	switch head {
	case "units":
		return l.noUnits
	case "tasks":
		return l.noTasks && f.Path == "tasks"
	case "measures":
		return false
	}
	return l.noPlan
}
