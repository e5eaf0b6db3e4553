package obligation

import (
	"strings"
	"time"
	"unicode/utf8"

	"duban/calendar"
)

// maxName is the greatest length of a person's name, in characters.
const maxName = 50

// Delegation (委托代办) lets another act for a liaison for some days. Both names stand on what he does meanwhile.
type Delegation struct {
	By    string        `json:"by"` // who delegates
	To    string        `json:"to"`
	From  calendar.Date `json:"from"`
	Until calendar.Date `json:"until"` // the last day
}

func (s State) delegate(c Command, now time.Time) (Event, error) {
	today := calendar.DateOf(now, s.Policy.Location())
	d := Delegation{By: c.By.Name, To: c.Name, From: c.From, Until: c.Due}
	if d.From.IsZero() {
		d.From = today
	}
	switch {
	case !named(d.To), d.To == d.By:
		return Event{}, refuse(CodeNameInvalid)
	case d.Until < today, d.Until < d.From:
		return Event{}, refuse(CodePeriodInvalid)
	}
	return Event{Kind: Delegated, Delegation: &d}, nil
}

func (s State) endDelegation(now time.Time) (Event, error) {
	if s.Delegation == nil || s.Delegation.Until < calendar.DateOf(now, s.Policy.Location()) {
		return Event{}, refuse(CodeNoDelegation)
	}
	return Event{Kind: DelegationEnded}, nil
}

// actor returns who acts by the command, with the name for whom he does where the obligation is delegated to him now.
func (s State) actor(by Actor, now time.Time) Actor {
	today := calendar.DateOf(now, s.Policy.Location())
	if d := s.Delegation; d != nil && by.Role == RoleUnit && by.Name == d.To && d.From <= today && today <= d.Until {
		by.For = d.By
	}
	return by
}

// handOver (移交) gives the obligation to another liaison of the unit. Asked again it changes nothing.
func (s State) handOver(c Command) (Event, error) {
	switch {
	case !named(c.Name):
		return Event{}, refuse(CodeNameInvalid)
	case s.Liaison == c.Name:
		return Event{}, refuse(CodeNothingToDo)
	case c.Former != "" && s.Liaison != "" && s.Liaison != c.Former:
		return Event{}, refuse(CodeOtherLiaison)
	case c.Text == "":
		return Event{}, refuse(CodeReasonMissing)
	}
	return Event{Kind: HandedOver, Name: c.Name, Former: s.former(c)}, nil
}

// former returns the liaison until now: the one the ledger knows, or the one that is named.
func (s State) former(c Command) string {
	if s.Liaison != "" {
		return s.Liaison
	}
	return c.Former
}

func named(name string) bool {
	return strings.TrimSpace(name) == name && name != "" && utf8.RuneCountInString(name) <= maxName
}

// aside reports whether the command says nothing of the matter itself, only of who attends to it.
func (k CommandKind) aside() bool { return k == Delegate || k == EndDelegation || k == HandOver }
