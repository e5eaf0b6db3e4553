package obligation

import (
	"fmt"
	"strconv"
	"time"

	"duban/calendar"
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
			if st.Adjusts(o.rearming(), d.Calendar, after.Calendar, now) {
				out = append(out, Effect{ID: st.ID, UnitName: st.UnitName, Title: st.Title, Kind: Rearming, Changes: d.adjustments(after, st, o, now)})
			}
		}
	}
	return out, nil
}

// Adjusts reports whether re-arming by the command changes anything: what the obligation is, the policy it runs by, or, by a
// calendar that follows another, when something of it is due.
func (s State) Adjusts(c Command, before, after *calendar.Calendar, now time.Time) bool {
	e := s.rearmed(c, after, now)
	if e.Facts != nil || e.Policy != nil || e.Due != 0 {
		return true
	}
	was, _ := NextStep(s, before)
	is, _ := NextStep(s, after)
	return !was.At.Equal(is.At) || !s.YellowAt(before).Equal(s.YellowAt(after)) || !s.OverdueAt(before).Equal(s.OverdueAt(after))
}

func (o Opening) rearming() Command {
	return Command{Kind: Rearm, By: System, Facts: &o.Facts, Policy: &o.Policy}
}

// adjustments says what of a running obligation becomes otherwise.
func (d Definition) adjustments(after Definition, st State, o Opening, now time.Time) []string {
	e := st.rearmed(o.rearming(), after.Calendar, now)
	e.Seq, e.At = st.Seq+1, now
	next := Apply(st, e)
	var out changes
	out.note(effectDue, st.Due.String(), next.Due.String())
	out.note(effectTitle, st.Title, next.Title)
	out.note(effectQuote, st.Quote, next.Quote)
	out.note(effectDone, st.Done, next.Done)
	out.note(effectForm, formNames[st.Form], formNames[next.Form])
	out.note(effectUnit, st.UnitName, next.UnitName)
	if e.Policy != nil {
		told := out.ladder(st.Policy.Ladder, next.Policy.Ladder)
		if !told {
			out.add(effectPolicy, next.Policy.Ladder.Title)
		}
	}
	if next.Due != st.Due {
		return out // all that is counted from it moves
	}
	was, _ := NextStep(st, d.Calendar)
	is, _ := NextStep(next, after.Calendar)
	if !was.At.Equal(is.At) {
		loc := next.Policy.Location()
		out.note(fmt.Sprintf(effectCode, effectNext, is.Describe()), shownAt(was.At, loc), shownAt(is.At, loc))
	}
	if st.Provisional && !next.Provisional {
		out.add(effectResolved)
	}
	return out
}

func shownAt(t time.Time, loc *time.Location) string {
	if t.IsZero() {
		return effectNone
	}
	return t.In(loc).Format(effectInstant)
}

// changes are Chinese lines.
type changes []string

func (c *changes) add(format string, args ...any) { *c = append(*c, fmt.Sprintf(format, args...)) }

func (c *changes) note(label, before, after string) {
	if before != after {
		c.add("%s：%s → %s", label, before, after)
	}
}

// ladder says what of a ladder becomes otherwise, and whether there was anything to say.
func (c *changes) ladder(before, after Ladder) bool {
	n := len(*c)
	was, is := before.Title, after.Title
	if was == is && before.Code != after.Code {
		was, is = fmt.Sprintf(effectCode, was, before.Code), fmt.Sprintf(effectCode, is, after.Code)
	}
	c.note(effectLadder, was, is)
	for _, v := range []struct {
		label         string
		before, after int
	}{
		{effectCure, before.Cure, after.Cure},
		{effectYellow, before.Yellow, after.Yellow},
		{effectRework, before.Rework, after.Rework},
		{effectNudge, before.Nudge, after.Nudge},
		{effectExtensions, before.Extensions, after.Extensions},
	} {
		c.note(v.label, strconv.Itoa(v.before), strconv.Itoa(v.after))
	}
	for _, old := range before.Steps {
		now, stays := after.step(old.Code)
		switch {
		case !stays:
			c.add(effectDropped, old.Code, old.tell())
		case now != old:
			c.add(effectStep, old.Code, old.tell(), now.tell())
		}
	}
	for _, s := range after.Steps {
		if _, known := before.step(s.Code); !known {
			c.add(effectAdded, s.Code, s.tell())
		}
	}
	return len(*c) > n
}
