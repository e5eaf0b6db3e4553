package obligation

import (
	"fmt"
	"reflect"
	"time"
)

// EffectKind is what a changed definition does to an obligation.
type EffectKind string

// The kinds of effects.
const (
	Rearming    EffectKind = "rearmed"   // it runs on by other facts or another policy
	Withdrawing EffectKind = "withdrawn" // nobody has to deliver it any more
	Joining     EffectKind = "joined"    // it is opened now, since its period is
)

// Chinese returns the name that people read.
func (k EffectKind) Chinese() string { return effectNames[k] }

// Effect is what a changed definition does to one obligation.
type Effect struct {
	ID       ID
	UnitName string
	Title    string
	Kind     EffectKind
	Changes  []string // Chinese, one line each: 到期日：2026-06-30 → 2026-09-30
}

// Effects returns what the definition after does to what is open by d at the business instant now, in the plan's order. open
// are the obligations that are open; what is closed, or history, stays as it is. It is what tasks do when they are given
// the definition.
func (d Definition) Effects(after Definition, open map[ID]State, at time.Duration, now time.Time) ([]Effect, error) {
	var out []Effect
	old, err := d.Agenda("", at)
	if err != nil {
		return nil, err
	}
	opened := map[string]bool{}
	for _, s := range old {
		if s.At.After(now) {
			continue
		}
		opened[s.Key()] = true
		for _, o := range d.Gone(after, s, at) {
			if st, ok := open[o.Facts.ID]; ok {
				out = append(out, Effect{ID: st.ID, UnitName: st.UnitName, Title: st.Title, Kind: Withdrawing})
			}
		}
	}
	slots, err := after.Agenda("", at)
	if err != nil {
		return nil, err
	}
	for _, s := range slots {
		if !opened[s.Key()] && s.At.After(now) || s.Period.Due < after.AsOf {
			continue
		}
		change := d.Compare(after, s, at)
		for _, o := range change.Joined {
			if _, ok := open[o.Facts.ID]; !ok {
				out = append(out, Effect{ID: o.Facts.ID, UnitName: o.Facts.UnitName, Title: o.Facts.Title, Kind: Joining})
			}
		}
		for _, o := range change.Rearmed {
			st, ok := open[o.Facts.ID]
			if !ok {
				continue
			}
			changes := append(differences(st, o), d.recounted(after, st, o)...)
			if len(changes) > 0 {
				out = append(out, Effect{ID: st.ID, UnitName: st.UnitName, Title: st.Title, Kind: Rearming, Changes: changes})
			}
		}
	}
	return out, nil
}

// recounted says what another calendar changes, where nothing else does: the days that are counted from a date.
func (d Definition) recounted(after Definition, st State, o Opening) []string {
	if d.Calendar.Version() == after.Calendar.Version() || o.Facts.Due != st.Due {
		return nil
	}
	var out []string
	loc := st.Policy.Location()
	show := func(t time.Time) string {
		if t.IsZero() {
			return effectNone
		}
		return t.In(loc).Format(effectInstant)
	}
	before, _ := NextStep(st, d.Calendar)
	now, _ := NextStep(st, after.Calendar)
	if !before.At.Equal(now.At) {
		out = append(out, fmt.Sprintf("%s（%s）：%s → %s", effectNext, now.Describe(), show(before.At), show(now.At)))
	}
	if was, is := provisional(d.Calendar, st.Due, st.Policy.Ladder), provisional(after.Calendar, st.Due, st.Policy.Ladder); was && !is {
		out = append(out, effectResolved)
	}
	return out
}

// differences says what of a running obligation becomes otherwise.
func differences(st State, o Opening) []string {
	var out []string
	note := func(label, before, after string) {
		if before != after {
			out = append(out, fmt.Sprintf("%s：%s → %s", label, before, after))
		}
	}
	due := o.Facts.Due
	if !st.Planned.IsZero() && due == st.Planned {
		due = st.Due // an extension stays where the plan says what it said
	}
	note(effectDue, st.Due.String(), due.String())
	note(effectTitle, st.Title, o.Facts.Title)
	note(effectQuote, st.Quote, o.Facts.Quote)
	note(effectDone, st.Done, o.Facts.Done)
	note(effectUnit, st.UnitName, o.Facts.UnitName)
	note(effectLadder, st.Policy.Ladder.Title, o.Policy.Ladder.Title)
	if st.Policy.Ladder.Title == o.Policy.Ladder.Title && !reflect.DeepEqual(st.Policy, o.Policy) {
		out = append(out, fmt.Sprintf(effectPolicy, o.Policy.Ladder.Title))
	}
	return out
}
