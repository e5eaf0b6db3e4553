package plan

import (
	"slices"
	"strings"

	"duban/calendar"
)

// UnitKind groups units by what they are.
type UnitKind string

// The kinds of units.
const (
	KindParty      UnitKind = "party"      // 党群部门
	KindGovernment UnitKind = "government" // 政府部门
	KindStreet     UnitKind = "street"     // 街道（镇）
	KindGroup      UnitKind = "group"      // 区属集团公司
)

// Unit (责任单位) answers for obligations. Units get renamed: the code stays, the old name becomes an alias.
type Unit struct {
	Code     string        `json:"code" yaml:"code"`
	Name     string        `json:"name" yaml:"name"`
	Kind     UnitKind      `json:"kind" yaml:"kind"`
	Tags     []string      `json:"tags" yaml:"tags"`
	Aliases  []string      `json:"aliases" yaml:"aliases"`
	From     calendar.Date `json:"from,omitzero" yaml:"from"`  // first day of validity; none: always
	To       calendar.Date `json:"to,omitzero" yaml:"to"`      // last day of validity; none: still valid
	Into     string        `json:"into,omitempty" yaml:"into"` // code of the unit that took its place when it ended; "": none did
	Contacts []Contact     `json:"contacts,omitempty" yaml:"contacts"`
}

// ValidOn reports whether the unit exists on the day.
func (u Unit) ValidOn(d calendar.Date) bool {
	return (u.From.IsZero() || u.From <= d) && (u.To.IsZero() || d <= u.To)
}

// Matches reports whether the unit is one that somebody looks for: by a part of its name, an alias, its code or a tag. An empty
// text matches all.
func (u Unit) Matches(text string) bool {
	text = strings.TrimSpace(text)
	return slices.ContainsFunc(append(append(u.names(), u.Code), u.Tags...), func(s string) bool { return strings.Contains(s, text) })
}

func (u Unit) names() []string { return append([]string{u.Name}, u.Aliases...) }
