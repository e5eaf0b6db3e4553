package seed

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"

	"duban/obligation"
	"duban/plan"
)

// ReadLadders reads ladders that stand in for a plan's own, from a file of the same form as ladders.yaml. It must have
// every ladder that a measure of the plan names. The error is always *Faults.
func ReadLadders(file string, content []byte, p *plan.Plan) ([]obligation.Ladder, error) {
	d := newDecoder(file)
	var ladders []obligation.Ladder
	if root := d.root(file, content); root != nil {
		list := d.only(file, "ladders", root)
		if at, read := d.places["ladders"]; read {
			ladders = d.laddersIn(file, list)
			d.missingLadders(at, ladders, p)
		}
	}
	if len(d.faults) > 0 {
		return nil, (&Faults{d.faults}).sorted()
	}
	return ladders, nil
}

// laddersIn reads and checks the list of ladders in a file.
func (d *decoder) laddersIn(file string, list *yaml.Node) []obligation.Ladder {
	before := len(d.faults)
	var ladders []obligation.Ladder
	if list != nil {
		d.value(file, "ladders", list, reflect.ValueOf(&ladders).Elem())
	}
	if len(d.faults) > before {
		return ladders
	}
	if len(ladders) == 0 {
		d.add(file, d.locate("ladders").line, CodeWrongType, "ladders", "至少一个升级阶梯的列表")
	}
	for i, ladder := range ladders {
		at := fmt.Sprintf("ladders[%d]", i)
		if has(ladders[:i], ladder.Code) {
			d.add(file, d.locate(at).line, CodeDuplicateLadder, ladder.Code)
		}
		for _, err := range ladder.Validate() {
			where := at
			if step, ok := errors.AsType[*obligation.StepFault](err); ok {
				where = fmt.Sprintf("%s.steps[%d]", at, step.Index)
			}
			d.add(file, d.locate(where).line, CodeBadLadder, err)
		}
	}
	return ladders
}

// missingLadders adds a fault for each ladder that measures name and the list lacks.
func (d *decoder) missingLadders(at place, ladders []obligation.Ladder, p *plan.Plan) {
	if len(d.faults) > 0 {
		return // it may be there under a name that could not be read
	}
	var missing []string
	for _, m := range p.Measures {
		if m.Ladder != "" && !has(ladders, m.Ladder) && !slices.Contains(missing, m.Ladder) {
			missing = append(missing, m.Ladder)
			d.add(at.file, at.line, CodeMissingLadder, m.Ladder, m.Code)
		}
	}
}

func has(ladders []obligation.Ladder, code string) bool {
	return slices.ContainsFunc(ladders, func(l obligation.Ladder) bool { return l.Code == code })
}
