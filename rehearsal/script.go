package rehearsal

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"duban/plan"
)

// Script (情景) says how the people around the obligations behave in a rehearsal: the units that answer for them and the
// office that reviews and signs off. It decides nothing by itself; Cast reads it.
type Script struct {
	Code       string      `json:"code" yaml:"code"`
	Title      string      `json:"title" yaml:"title"`
	Seed       int         `json:"seed" yaml:"seed"` // of all that is left to chance
	Behaviours []Behaviour `json:"behaviours" yaml:"behaviours"`
	Units      []Rule      `json:"units" yaml:"units"`   // the first that fits an obligation counts
	Office     []Office    `json:"office" yaml:"office"` // the first that fits an obligation counts
}

// Behaviour is one way in which a unit treats an obligation. All days are working days.
type Behaviour struct {
	Code   string  `json:"code" yaml:"code"`
	Title  string  `json:"title" yaml:"title"`
	Sign   Days    `json:"sign" yaml:"sign"`     // days from the opening to the signature
	Report Days    `json:"report" yaml:"report"` // days from the deadline to the report: -2 two days before, 10 ten days late
	Spread int     `json:"spread" yaml:"spread"` // the report comes up to so many days earlier or later, by chance
	Return int     `json:"return" yaml:"return"` // so often the office finds the report wanting and returns it
	Rework Days    `json:"rework" yaml:"rework"` // days from a return to the next report
	Extend []Extra `json:"extend" yaml:"extend"` // applications for more time, in this order
}

// Extra is an application for more time (延期).
type Extra struct {
	Before int `json:"before" yaml:"before"` // days before the deadline that then holds
	By     int `json:"by" yaml:"by"`         // days after it
}

// Rule says how the units that it selects behave: by one behaviour, or by several in proportion.
type Rule struct {
	Who `yaml:",inline"`
	Mix []Share `json:"mix" yaml:"mix"`
}

// Share is the part of a mix that falls to one behaviour.
type Share struct {
	Behaviour string `json:"behaviour" yaml:"behaviour"`
	Weight    int    `json:"weight" yaml:"weight"`
}

// Office says how the office and the leaders treat an obligation. All days are working days.
type Office struct {
	Who     `yaml:",inline"`
	Review  Days `json:"review" yaml:"review"`   // days from a report, or from an application for more time, to the decision
	Sign    Days `json:"sign" yaml:"sign"`       // days from a draft to its sign-off
	Meet    int  `json:"meet" yaml:"meet"`       // days from the sign-off of an interview to its date
	Refuse  bool `json:"refuse" yaml:"refuse"`   // applications for more time are refused
	Forgets int  `json:"forgets" yaml:"forgets"` // of a hundred things that wait for it, so many are never done
}

// Who selects obligations: those of the units, if any are named, and of the tasks and measures, if any are named.
type Who struct {
	Kinds    []plan.UnitKind `json:"kinds,omitempty" yaml:"kinds"`
	Tags     []string        `json:"tags,omitempty" yaml:"tags"`
	Units    []string        `json:"units,omitempty" yaml:"units"`       // codes
	Tasks    []string        `json:"tasks,omitempty" yaml:"tasks"`       // codes
	Measures []string        `json:"measures,omitempty" yaml:"measures"` // codes
}

func (w Who) fits(u plan.Unit, task, measure string) bool {
	audience := plan.Audience{Kinds: w.Kinds, Tags: w.Tags, Units: w.Units}
	anybody := len(w.Kinds)+len(w.Tags)+len(w.Units) == 0
	return (anybody || audience.Selects(u)) && (len(w.Tasks) == 0 || slices.Contains(w.Tasks, task)) &&
		(len(w.Measures) == 0 || slices.Contains(w.Measures, measure))
}

// Days is a number of working days, or Never.
type Days int

// Never is what is not done at all. It is written "never".
const Never Days = 1 << 30

// MarshalText implements encoding.TextMarshaler.
func (d Days) MarshalText() ([]byte, error) {
	if d == Never {
		return []byte("never"), nil
	}
	return fmt.Append(nil, int(d)), nil
}

var errDays = errors.New(textDays)

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Days) UnmarshalText(b []byte) error {
	if string(b) == "never" {
		*d = Never
		return nil
	}
	var n int
	if rest, err := fmt.Sscanf(string(b), "%d", &n); err != nil || rest != 1 || fmt.Sprint(n) != strings.TrimPrefix(string(b), "+") {
		return errDays
	}
	*d = Days(n)
	return nil
}

// Fault is one thing wrong with a script: where, as the path of the field ("units[2].mix[0].behaviour"), and what to do.
type Fault struct {
	Path    string
	Message string
}

// most is the greatest number of working days of anything in a script: about a year.
const most = 250

// Validate returns everything that makes no sense in the script, or not for the plan.
func (s Script) Validate(p *plan.Plan) []Fault {
	v := &validation{plan: p, behaviours: map[string]bool{}}
	v.check(s.Code != "", "code", textNoCode)
	v.check(s.Title != "", "title", textNoTitle)
	v.check(len(s.Behaviours) > 0, "behaviours", textNoBehaviour)
	for i, b := range s.Behaviours {
		v.behaviour(fmt.Sprintf("behaviours[%d]", i), b)
	}
	v.check(len(s.Units) > 0, "units", textNoRule)
	for i, r := range s.Units {
		at := fmt.Sprintf("units[%d]", i)
		v.who(at, r.Who)
		v.check(len(r.Mix) > 0, at+".mix", textNoMix)
		for j, share := range r.Mix {
			path := fmt.Sprintf("%s.mix[%d]", at, j)
			v.check(v.behaviours[share.Behaviour], path+".behaviour", textUnknownBehaviour, share.Behaviour)
			v.check(share.Weight > 0 && share.Weight <= 1_000_000, path+".weight", textWeight, share.Weight)
		}
		v.check(i == len(s.Units)-1 || !r.all(), at, textUnreachable)
	}
	v.check(len(s.Office) > 0, "office", textNoOffice)
	for i, o := range s.Office {
		at := fmt.Sprintf("office[%d]", i)
		v.who(at, o.Who)
		v.wait(at+".review", o.Review)
		v.wait(at+".sign", o.Sign)
		v.check(o.Meet >= 0 && o.Meet <= most, at+".meet", textRange, 0, most, o.Meet)
		v.check(o.Forgets >= 0 && o.Forgets <= 100, at+".forgets", textRange, 0, 100, o.Forgets)
		v.check(i == len(s.Office)-1 || !o.all(), at, textUnreachable)
	}
	return v.faults
}

// all reports whether every obligation is selected, so that no later rule is ever asked.
func (w Who) all() bool {
	return len(w.Kinds)+len(w.Tags)+len(w.Units)+len(w.Tasks)+len(w.Measures) == 0
}

type validation struct {
	plan       *plan.Plan
	behaviours map[string]bool
	faults     []Fault
}

func (v *validation) check(ok bool, path, format string, args ...any) {
	if !ok {
		v.faults = append(v.faults, Fault{path, fmt.Sprintf(format, args...)})
	}
}

// wait checks a number of days that can't be negative.
func (v *validation) wait(path string, d Days) {
	v.check(d == Never || (d >= 0 && d <= most), path, textWait, most, int(d))
}

func (v *validation) behaviour(at string, b Behaviour) {
	v.check(b.Code != "", at+".code", textNoCode)
	v.check(b.Title != "", at+".title", textNoTitle)
	v.check(!v.behaviours[b.Code], at+".code", textTwice, b.Code)
	v.behaviours[b.Code] = true
	v.wait(at+".sign", b.Sign)
	v.wait(at+".rework", b.Rework)
	v.check(b.Report == Never || (b.Report >= -most && b.Report <= most), at+".report", textRange, -most, most, int(b.Report))
	v.check(b.Spread >= 0 && b.Spread <= most, at+".spread", textRange, 0, most, b.Spread)
	v.check(b.Return >= 0 && b.Return <= 20, at+".return", textRange, 0, 20, b.Return)
	v.check(b.Return == 0 || b.Report != Never, at+".return", textReturnOfNothing)
	for i, x := range b.Extend {
		v.check(x.Before >= 0 && x.Before <= most, fmt.Sprintf("%s.extend[%d].before", at, i), textRange, 0, most, x.Before)
		v.check(x.By >= 1 && x.By <= most, fmt.Sprintf("%s.extend[%d].by", at, i), textRange, 1, most, x.By)
	}
}

func (v *validation) who(at string, w Who) {
	for i, code := range w.Units {
		_, ok := v.plan.Unit(code)
		v.check(ok, fmt.Sprintf("%s.units[%d]", at, i), textUnknownUnit, code)
	}
	for i, tag := range w.Tags {
		ok := slices.ContainsFunc(v.plan.Units, func(u plan.Unit) bool { return slices.Contains(u.Tags, tag) })
		v.check(ok, fmt.Sprintf("%s.tags[%d]", at, i), textUnknownTag, tag)
	}
	for i, kind := range w.Kinds {
		ok := slices.ContainsFunc(v.plan.Units, func(u plan.Unit) bool { return u.Kind == kind })
		v.check(ok, fmt.Sprintf("%s.kinds[%d]", at, i), textUnknownKind, kind)
	}
	for i, code := range w.Tasks {
		_, ok := v.plan.Task(code)
		v.check(ok, fmt.Sprintf("%s.tasks[%d]", at, i), textUnknownTask, code)
	}
	for i, code := range w.Measures {
		_, ok := v.plan.Measure(code)
		v.check(ok, fmt.Sprintf("%s.measures[%d]", at, i), textUnknownMeasure, code)
	}
}
