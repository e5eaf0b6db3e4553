package assessment

import "slices"

// Matter is what people decide about a unit by facts: the office gives its opinion, a leader decides.
type Matter string

// The matters.
const (
	Commend Matter = "commend" // 通报表扬 ("加大……通报表扬力度")
	Veto    Matter = "veto"    // 一票否优 ("严格落实安全生产“一票否优”")
)

// Matters are all of them.
var Matters = []Matter{Commend, Veto}

// Chinese returns what people call it.
func (m Matter) Chinese() string { return matterNames[m] }

// Verdict is what people make of the facts about one matter of a unit.
type Verdict struct {
	Opinion bool   `json:"opinion"` // the office's
	Why     string `json:"why"`     // of the opinion
	Decided bool   `json:"decided"`
	Yes     bool   `json:"yes"`              // the leader's decision
	Reason  string `json:"reason,omitempty"` // of the decision
}

// Verdict returns what was said of a matter of a unit, and false where nothing was.
func (s State) Verdict(unit string, m Matter) (Verdict, bool) {
	v, ok := s.Units[unit].Verdicts[m]
	return v, ok
}

// Decided reports whether a leader has decided for the matter: the unit is commended, or ruled out.
func (s State) Decided(unit string, m Matter) bool {
	v := s.Units[unit].Verdicts[m]
	return v.Decided && v.Yes
}

// undecided reports whether an opinion of the office awaits a leader's decision.
func (s State) undecided() bool {
	return slices.ContainsFunc(s.Card.Units, func(u UnitScore) bool {
		return slices.ContainsFunc(Matters, func(m Matter) bool {
			v, said := s.Verdict(u.Unit, m)
			return said && !v.Decided
		})
	})
}

// against returns the matter that excludes the other: whom a veto hits is not commended.
func (m Matter) against() Matter {
	if m == Commend {
		return Veto
	}
	return Commend
}
