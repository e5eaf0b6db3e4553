package obligation

import "slices"

// Hand is the last thing that somebody did to an obligation. What it does by itself, its reminders and rungs, is nobody's.
type Hand struct {
	Seq int   `json:"seq"`
	By  Actor `json:"by"`
}

// touches reports whether whoever saw the obligation before the event should look at it again before he acts: a person
// did it, or the plan has told the unit of something else.
func (e Event) touches() bool {
	if e.Kind.aboutInterview() {
		return false // it leaves the matter itself as it is
	}
	return e.By.Role != RoleSystem || (e.Kind == Rearmed && e.To != "")
}

// touch keeps the last hand, and the last one that is not the same person's: enough to tell anybody whether another was there.
func (s State) touch(e Event) State {
	hands := []Hand{{e.Seq, e.By}}
	if i := slices.IndexFunc(s.Hands, func(h Hand) bool { return !h.By.Is(e.By) }); i >= 0 {
		hands = append(hands, s.Hands[i])
	}
	s.Hands = hands
	return s
}

// movedOn reports whether another than the actor has had a hand in it since his view of the ledger at the sequence.
func (s State) movedOn(seen int, by Actor) bool {
	return slices.ContainsFunc(s.Hands, func(h Hand) bool { return h.Seq > seen && !h.By.Is(by) })
}
