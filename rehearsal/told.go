package rehearsal

import (
	"iter"
	"time"

	"duban/obligation"
)

// Told is one thing that happened, as lists show it.
type Told struct {
	At         time.Time            `json:"at"` // in the plan's zone
	Obligation string               `json:"obligation"`
	Unit       string               `json:"unit"`    // code
	Measure    string               `json:"measure"` // code
	Kind       obligation.EventKind `json:"kind"`
	Rung       obligation.Rung      `json:"rung"` // "" where the event is of none
	To         string               `json:"to"`   // who is told: the unit's code or "office"; "" for nobody
	Why        string               `json:"why"`  // why it happens, or what the person wrote

	Of     *obligation.Facts `json:"-"`
	Number string            `json:"-"` // of the document
}

// Told yields everything that happened in the order of time, with who is told of it and why.
func (r *Run) Told() iter.Seq[Told] {
	loc := obligation.Location(r.Definition.Plan.Zone)
	return func(yield func(Told) bool) {
		states := make(map[*Ledger]obligation.State, len(r.Ledgers))
		for h := range r.All() {
			s := obligation.Apply(states[h.Of], *h.Event)
			states[h.Of] = s
			e := h.Event
			t := Told{
				At: e.At.In(loc), Obligation: h.Of.Facts.ID.String(), Unit: h.Of.Facts.ID.Unit, Measure: h.Of.Facts.ID.Measure,
				Kind: e.Kind, Rung: e.Rung, Why: obligation.Reason(s, *e), Of: &h.Of.Facts, Number: e.Number,
			}
			if notices := obligation.Notices(s, *e); len(notices) > 0 {
				t.To = s.Address(notices[0].To)
			}
			if e.Text != "" {
				t.Why = e.Text
			}
			if !yield(t) {
				return
			}
		}
	}
}
