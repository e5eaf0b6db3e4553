package seed

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"

	"duban/assessment"
	"duban/obligation"
	"duban/plan"
)

// DefaultRules are the rules that assess a plan that has none of its own: the embedded ones, without what they say of the
// embedded plan's measures.
func DefaultRules() (assessment.Rules, error) {
	content, err := fs.ReadFile(Files(), assessmentFile)
	if err != nil {
		return assessment.Rules{}, err
	}
	rules, err := ReadRules(assessmentFile, content, nil)
	rules.Items = slices.DeleteFunc(rules.Items, func(i assessment.Item) bool { return len(i.Measures) > 0 })
	return rules, err
}

// PutRules keeps the rules by which a plan is assessed. Without rules those that stand stay, and a plan that has none yet gets
// DefaultRules.
func PutRules(ctx context.Context, s Store, plan string, rules *assessment.Rules) error {
	if rules != nil {
		return s.PutRules(ctx, plan, *rules)
	}
	if _, err := s.Rules(ctx, plan); !obligation.IsNotFound(err) {
		return err
	}
	standard, err := DefaultRules()
	if err != nil {
		return err
	}
	return s.PutRules(ctx, plan, standard)
}

// ReadRules reads the rules of an assessment from a file of the form of assessment.yaml. Points are tenths of a point. p,
// which may be nil, has to have the measures that they name. The error is always *Faults.
func ReadRules(file string, content []byte, p *plan.Plan) (assessment.Rules, error) {
	d := newDecoder(file)
	var rules assessment.Rules
	if root := d.root(file, content); root != nil {
		rules = d.rulesIn(file, root, p)
	}
	if len(d.faults) > 0 {
		return assessment.Rules{}, (&Faults{d.faults}).sorted()
	}
	return rules, nil
}

// rulesIn reads and checks the rules in a file.
func (d *decoder) rulesIn(file string, root *yaml.Node, p *plan.Plan) assessment.Rules {
	before := len(d.faults)
	var rules assessment.Rules
	d.value(file, rulesPath, root, reflect.ValueOf(&rules).Elem())
	if len(d.faults) > before {
		return rules
	}
	for _, err := range rules.Validate() {
		at := rulesPath
		if item, ok := errors.AsType[*assessment.ItemFault](err); ok {
			at = fmt.Sprintf("%s.items[%d]", rulesPath, item.Index)
		}
		if merit, ok := errors.AsType[*assessment.MeritFault](err); ok {
			at = fmt.Sprintf("%s.merits[%d]", rulesPath, merit.Index)
		}
		d.add(file, d.locate(at).line, CodeBadRules, err)
	}
	for i, item := range rules.Items {
		for _, m := range item.Measures {
			if p != nil && !slices.ContainsFunc(p.Measures, func(have plan.Measure) bool { return have.Code == m }) {
				d.add(file, d.locate(fmt.Sprintf("%s.items[%d]", rulesPath, i)).line, CodeRulesMeasure, item.Code, m)
			}
		}
	}
	return rules
}

// rulesPath keeps the places of rules apart from those of the plan.
const rulesPath = "assessment"

func (l *loader) assessment() {
	if _, err := fs.Stat(l.fsys, assessmentFile); err != nil {
		return
	}
	root := l.read(assessmentFile)
	if root == nil {
		return
	}
	var p *plan.Plan
	if !l.noTasks {
		p = &l.bundle.Plan
	}
	rules := l.rulesIn(assessmentFile, root, p)
	l.bundle.Assessment = &rules
}
