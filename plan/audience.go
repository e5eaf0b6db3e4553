package plan

import (
	"slices"

	"duban/calendar"
)

// Audience selects the units a measure falls to: every unit of the named kinds, with one of the tags, or named by
// code, less the excepted ones.
type Audience struct {
	Kinds  []UnitKind `json:"kinds,omitempty" yaml:"kinds"`
	Tags   []string   `json:"tags,omitempty" yaml:"tags"`
	Units  []string   `json:"units,omitempty" yaml:"units"`
	Except []string   `json:"except,omitempty" yaml:"except"`
}

// Selects reports whether the unit belongs to the audience, whatever its dates of validity.
func (a Audience) Selects(u Unit) bool {
	if slices.Contains(a.Except, u.Code) {
		return false
	}
	return slices.Contains(a.Units, u.Code) || slices.Contains(a.Kinds, u.Kind) ||
		slices.ContainsFunc(u.Tags, func(tag string) bool { return slices.Contains(a.Tags, tag) })
}

// Resolve returns the units of the audience that are valid on the day, in the plan's order and each once.
func (p *Plan) Resolve(a Audience, on calendar.Date) []Unit {
	var units []Unit
	for _, u := range p.Units {
		if u.ValidOn(on) && a.Selects(u) {
			units = append(units, u)
		}
	}
	return units
}
