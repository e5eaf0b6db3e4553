package seed

import (
	"reflect"
	"strings"

	"duban/plan"
	"duban/rehearsal"
)

// ReadScript reads a rehearsal's script for the plan. The error is always *Faults and holds everything that is wrong,
// each with its line: how it is written, and what makes no sense or not for this plan.
func ReadScript(file string, content []byte, p *plan.Plan) (rehearsal.Script, error) {
	d := newDecoder(file)
	var s rehearsal.Script
	if root := d.root(file, content); root != nil {
		d.value(file, "", root, reflect.ValueOf(&s).Elem())
		if !d.failed[""] {
			d.script(s, p)
		}
	}
	if len(d.faults) > 0 {
		return rehearsal.Script{}, (&Faults{d.faults}).sorted()
	}
	return s, nil
}

// script adds what is wrong with what the script says, less what only follows from faults found before.
func (d *decoder) script(s rehearsal.Script, p *plan.Plan) {
	known := len(s.Behaviours) > 0
	for path := range d.failed {
		known = known && !strings.HasPrefix(path, "behaviours")
	}
	for _, f := range s.Validate(p) {
		if d.spoilt(f.Path) || strings.HasSuffix(f.Path, ".behaviour") && !known {
			continue
		}
		at := d.locate(f.Path)
		message := f.Message
		if !strings.HasSuffix(f.Path, "]") {
			message = field(f.Path) + "：" + message
		}
		d.add(at.file, at.line, CodeBadScript, message)
	}
}
