package rehearsal

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// Comparison says what would have differed.
type Comparison struct {
	Until       time.Time        `json:"until"`       // what happens later is not known
	Obligations []Relived        `json:"obligations"` // in the order of the ledgers
	Units       []UnitDifference `json:"units"`       // in the order in which they first occur
	Dropped     []Dropped        `json:"dropped"`     // what people did and could not have done
	Assumptions []Assumption     `json:"assumptions"`
}

// Relived is one obligation as it was and as it would have been.
type Relived struct {
	Facts       obligation.Facts   `json:"facts"` // as it really opened
	Events      []obligation.Event `json:"events"`
	Differences []Difference       `json:"differences"` // in the order of time

	Real []obligation.Event `json:"-"`
	End  obligation.State   `json:"-"` // of the replay
}

// Difference is something that happens by itself, or to a document, and would have happened at another time, not at all, or
// though it did not.
type Difference struct {
	Kind        obligation.EventKind `json:"kind"`
	Rung        obligation.Rung      `json:"rung,omitempty"`
	Step        string               `json:"step,omitempty"`       // code of the ladder's step, of reminders
	Real        time.Time            `json:"real,omitzero"`        // zero: it did not happen. In the plan's zone, as Alternative
	Alternative time.Time            `json:"alternative,omitzero"` // zero: it would not have happened
	Why         string               `json:"why"`                  // why it would have happened, else why it did
}

// first returns the earlier of the two instants that are.
func (d Difference) first() time.Time {
	if d.Real.IsZero() || (!d.Alternative.IsZero() && d.Alternative.Before(d.Real)) {
		return d.Alternative
	}
	return d.Real
}

// UnitDifference is what one unit went through and what it would have gone through.
type UnitDifference struct {
	Code        string `json:"code"`
	Name        string `json:"name"`
	Obligations int    `json:"obligations"`
	Changed     int    `json:"changed"` // obligations that differ
	Real        Tally  `json:"real"`
	Alternative Tally  `json:"alternative"`
}

// Dropped is something that somebody did and could not have done in the alternative world.
type Dropped struct {
	Obligation obligation.ID        `json:"obligation"`
	Seq        int                  `json:"seq"` // of the real event
	Kind       obligation.EventKind `json:"kind"`
	Rung       obligation.Rung      `json:"rung,omitempty"`
	At         time.Time            `json:"at"` // in the plan's zone
	By         obligation.Actor     `json:"by"`
	Code       obligation.ErrorCode `json:"code"` // why the core refuses it
	Why        string               `json:"why"`
}

// Assumption is something that the past does not say.
type Assumption struct {
	Code  string          `json:"code"`
	Rung  obligation.Rung `json:"rung,omitempty"`
	Count int             `json:"count,omitempty"` // of what it is assumed
	Days  int             `json:"days,omitempty"`  // working days that are assumed
	Of    int             `json:"of,omitempty"`    // documents that the days are the median of
	Text  string          `json:"text"`
}

// The codes of assumptions, beside the bases of sign-offs.
const (
	assumePeople  = "people"
	assumeLetters = "other_letters"
	assumeHistory = "history"
	assumeDrift   = "drift"
)

// drop lists a real event that is not done again; a nil error says that it would have changed nothing.
func (l *relife) drop(e obligation.Event, err error) {
	d := Dropped{
		Obligation: l.Facts.ID, Seq: e.Seq, Kind: e.Kind, Rung: e.Rung, At: e.At.In(zoneOf(l.real)), By: e.By,
		Code: obligation.CodeNothingToDo, Why: textMoot,
	}
	if refused, ok := errors.AsType[*obligation.Error](err); ok {
		d.Code, d.Why = refused.Code, cmp.Or(textsDropped[refused.Code], refused.Error())
	}
	l.dropped = append(l.dropped, d)
}

// dropSignOffs lists the real sign-offs whose documents nobody could have signed off.
func (l *relife) dropSignOffs() {
	waiting, _ := l.End.PendingDraft()
	for _, rung := range slices.Sorted(maps.Keys(l.papers)) {
		p := l.papers[rung]
		done := slices.ContainsFunc(l.settled, func(s signing) bool { return s.command.Rung == rung })
		if p.byPerson() && !done && rung != waiting {
			l.drop(*p.settled, &obligation.Error{Code: obligation.CodeNoDraft})
		}
	}
	slices.SortFunc(l.dropped, func(a, b Dropped) int { return cmp.Compare(a.Seq, b.Seq) })
}

// compare lays the replay beside the past. The control is the replay without an alternative.
func compare(past Past, r, control *revival) *Comparison {
	out := &Comparison{Until: past.Until}
	units := map[string]int{}
	drift, history := 0, 0
	for i, l := range r.lives {
		l.dropSignOffs()
		one := Relived{
			Facts: l.Facts, Events: l.Events, End: l.End, Real: l.real, Differences: differences(past.Ledgers[i], l.Events),
		}
		out.Obligations = append(out.Obligations, one)
		out.Dropped = append(out.Dropped, l.dropped...)
		drift += len(differences(past.Ledgers[i], control.lives[i].Events))
		if l.real[len(l.real)-1].Kind == obligation.Recorded {
			history++
		}
		u, known := units[l.Facts.ID.Unit]
		if !known {
			u = len(out.Units)
			units[l.Facts.ID.Unit] = u
			out.Units = append(out.Units, UnitDifference{Code: l.Facts.ID.Unit, Name: l.Facts.UnitName})
		}
		out.Units[u].count(one)
	}
	out.assume(r, history, drift)
	return out
}

func (u *UnitDifference) count(r Relived) {
	u.Obligations++
	if len(r.Differences) > 0 {
		u.Changed++
	}
	for i := range r.Real {
		u.Real.Count(&r.Real[i])
	}
	for i := range r.Events {
		u.Alternative.Count(&r.Events[i])
	}
}

// event is something in a ledger that differences are sought in.
type event struct {
	at  time.Time
	day calendar.Date
	why string
}

// what tells events that correspond to each other: the same step, the same document.
type what struct {
	kind obligation.EventKind
	rung obligation.Rung
	step string
}

// differences returns what is not the same, to the day.
func differences(real, alternative []obligation.Event) []Difference {
	a, b := byWhat(real), byWhat(alternative)
	var out []Difference
	for k := range merged(a, b) {
		gone, added := apart(a[k], b[k]), apart(b[k], a[k])
		for i := range max(len(gone), len(added)) {
			d := Difference{Kind: k.kind, Rung: k.rung, Step: k.step}
			if i < len(gone) {
				d.Real, d.Why = gone[i].at, gone[i].why
			}
			if i < len(added) {
				d.Alternative, d.Why = added[i].at, added[i].why
			}
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b Difference) int {
		return cmp.Or(a.first().Compare(b.first()), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Rung, b.Rung))
	})
	return out
}

func merged(a, b map[what][]event) map[what]bool {
	keys := map[what]bool{}
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	return keys
}

// byWhat gathers what happens by itself, and what happens to documents, in the order of time.
func byWhat(events []obligation.Event) map[what][]event {
	out := map[what][]event{}
	var s obligation.State
	for _, e := range events {
		s = obligation.Apply(s, e)
		k := what{kind: e.Kind, rung: e.Rung}
		switch e.Kind {
		case obligation.Reminded:
			k.step = e.Step
		case obligation.Overdue, obligation.Drafted, obligation.Issued, obligation.Withdrawn:
		default:
			continue
		}
		at := e.At.In(s.Policy.Location())
		out[k] = append(out[k], event{at, calendar.DateOf(at, at.Location()), obligation.Reason(s, e)})
	}
	return out
}

// apart returns the events of a list that no event of the other has the day of.
func apart(list, other []event) []event {
	days := map[calendar.Date]bool{}
	for _, e := range other {
		days[e.day] = true
	}
	var out []event
	for _, e := range list {
		if !days[e.day] {
			out = append(out, e)
		}
	}
	return out
}

// assume names what the replay rests on that the past does not say.
func (c *Comparison) assume(r *revival, history, drift int) {
	c.add(Assumption{Code: assumePeople, Text: textAssumePeople})
	count := map[obligation.Rung]map[basis]int{}
	for _, l := range r.lives {
		for _, s := range l.settled {
			if count[s.command.Rung] == nil {
				count[s.command.Rung] = map[basis]int{}
			}
			count[s.command.Rung][s.basis]++
		}
	}
	for _, rung := range slices.Sorted(maps.Keys(count)) {
		usual := r.usually(rung)
		for _, b := range []basis{asLong, asWaited, asUsual, asGuessed} {
			if n := count[rung][b]; n > 0 {
				a := Assumption{Code: string(b), Rung: rung, Count: n, Text: fmt.Sprintf(textsAssume[b], rung.Chinese(), n, usual.days, usual.of)}
				if b != asLong {
					a.Days, a.Of = usual.days, usual.of
				}
				c.add(a)
			}
		}
	}
	for _, a := range []struct {
		code, text string
		n          int
	}{
		{assumeLetters, textAssumeLetters, len(r.past.Letters)}, {assumeHistory, textAssumeHistory, history}, {assumeDrift, textAssumeDrift, drift},
	} {
		if a.n > 0 {
			c.add(Assumption{Code: a.code, Count: a.n, Text: fmt.Sprintf(a.text, a.n)})
		}
	}
}

func (c *Comparison) add(a Assumption) { c.Assumptions = append(c.Assumptions, a) }
