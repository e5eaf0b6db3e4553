package rehearsal

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// Cast plays the people of a script: it says for any obligation what they do next. Its answer depends on nothing but
// the script and the obligation's state, so the pure rehearsal and the training mode, which meet the same states, see
// the same people.
type Cast struct {
	script   Script
	plan     *plan.Plan
	seed     uint64
	measures map[string]int // their places in the plan
	units    map[string]int
}

// NewCast returns the people of a script that Script.Validate finds no fault with.
func NewCast(s Script, p *plan.Plan) *Cast {
	c := &Cast{script: s, plan: p, seed: uint64(s.Seed), measures: map[string]int{}, units: map[string]int{}}
	for i, m := range p.Measures {
		c.measures[m.Code] = i
	}
	for i, u := range p.Units {
		c.units[u.Code] = i
	}
	return c
}

// Act is what somebody does of his own accord.
type Act struct {
	At      time.Time // business instant
	Command obligation.Command
}

// Role is how one obligation is treated: by its unit and by the office. It is fixed once and serves all of its states.
type Role struct {
	Unit   Behaviour
	Office Office
}

// nobody does nothing.
var nobody = Behaviour{Title: textNobody, Sign: Never, Report: Never}

// ByHand returns the role without its unit, which somebody else plays. The office takes what is reported as it comes.
func (r Role) ByHand() Role {
	r.Unit = nobody
	return r
}

// Role returns how the obligation is treated.
func (c *Cast) Role(f obligation.Facts) Role {
	var u plan.Unit
	if i, ok := c.units[f.ID.Unit]; ok {
		u = c.plan.Units[i]
	}
	var r Role
	for _, rule := range c.script.Units {
		if rule.fits(u, f.Task, f.ID.Measure) {
			r.Unit = c.draw(f.ID, rule.Mix)
			break
		}
	}
	if r.Unit.Code == "" {
		r.Unit = nobody
	}
	r.Office = Office{Review: Never, Sign: Never}
	for _, o := range c.script.Office {
		if o.fits(u, f.Task, f.ID.Measure) {
			r.Office = o
			break
		}
	}
	return r
}

// draw chooses one behaviour of a mix.
func (c *Cast) draw(id obligation.ID, mix []Share) Behaviour {
	total := 0
	for _, share := range mix {
		total += share.Weight
	}
	n := c.chance(id, "mix", total)
	for _, share := range mix {
		if n -= share.Weight; n < 0 {
			for _, b := range c.script.Behaviours {
				if b.Code == share.Behaviour {
					return b
				}
			}
		}
	}
	return Behaviour{}
}

// chance returns a number from 0 to n-1 that depends on the seed, the obligation and what is asked, and on nothing
// else: neither on the order of asking nor on what befalls other obligations.
func (c *Cast) chance(id obligation.ID, what string, n int) int {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d/%s/%s/%s/%s/%s", c.seed, id.Plan, id.Measure, id.Unit, id.Period, what)
	x := h.Sum64()
	// FNV leaves the high bits of short texts alike; a multiplication spreads them.
	x ^= x >> 32
	x *= 0x9e3779b97f4a7c15
	x ^= x >> 29
	return int(x % uint64(max(n, 1)))
}

// Next returns what the people around the obligation do next, and false where they do nothing any more. last is the
// business instant of the last event: nobody acts before it. What was refused in this state is not tried again.
func (c *Cast) Next(r Role, s obligation.State, last time.Time, refused []obligation.CommandKind, cal *calendar.Calendar) (Act, bool) {
	sc := situation{c, r, s, cal, s.Policy.Location()}
	var next Act
	found := false
	acts := []func(situation) (Act, bool){situation.conclude} // whatever became of the matter itself
	if !s.IsClosed() && s.Suspension == nil {                 // a script suspends nothing: whoever did so by hand lets it go on
		acts = append(acts, situation.sign, situation.extend, situation.report, situation.review, situation.decide, situation.signOff)
	}
	for _, f := range acts {
		if a, ok := f(sc); ok && !slices.Contains(refused, a.Command.Kind) && (!found || a.At.Before(next.At)) {
			next, found = a, true
		}
	}
	if next.At.Before(last) {
		next.At = last
	}
	// One command of a kind between two events: its place in the ledger names it.
	next.Command.Key = fmt.Sprintf("%s-%d", next.Command.Kind, s.Seq+1)
	return next, found
}

// situation is one obligation in one state.
type situation struct {
	*Cast
	Role
	s   obligation.State
	cal *calendar.Calendar
	loc *time.Location
}

// The hours in which people act: after the steps and digests of the morning.
const (
	unitFrom   = 9*time.Hour + 30*time.Minute
	officeFrom = 13 * time.Hour
	hours      = 4 * 60 // minutes that both are at it
)

func (sc situation) day(t time.Time) calendar.Date { return calendar.DateOf(t, sc.loc) }

// after returns a minute of the working day that lies so many working days after the day, and later than since.
func (sc situation) after(day calendar.Date, days int, from time.Duration, what string, since time.Time) time.Time {
	date := sc.cal.AddWorkdays(day, days)
	date = max(date, sc.cal.NextWorkday(sc.day(since)))
	at := from + time.Duration(sc.chance(sc.s.ID, what, hours))*time.Minute
	for !date.At(at, sc.loc).After(since) {
		date = sc.cal.AddWorkdays(date, 1)
	}
	return date.At(at, sc.loc)
}

func (sc situation) unit(kind obligation.CommandKind, text string) obligation.Command {
	return obligation.Command{Kind: kind, By: obligation.Actor{Role: obligation.RoleUnit, Name: sc.s.UnitName}, Text: text}
}

func (sc situation) sign() (Act, bool) {
	if sc.s.Stage != obligation.StageOpen || sc.Unit.Sign == Never {
		return Act{}, false
	}
	at := sc.after(sc.day(sc.s.Opened), int(sc.Unit.Sign), unitFrom, "sign", sc.s.Opened)
	return Act{At: at, Command: sc.unit(obligation.Sign, "")}, true
}

// extend applies for more time, while there is time left.
func (sc situation) extend() (Act, bool) {
	if !sc.withUnit() || sc.s.Application != nil || sc.s.Asked >= len(sc.Unit.Extend) || sc.s.Extensions >= sc.s.Policy.Ladder.Extensions {
		return Act{}, false
	}
	x := sc.Unit.Extend[sc.s.Asked]
	at := sc.after(sc.s.Anchor, -x.Before, unitFrom, fmt.Sprintf("extend-%d", sc.s.Asked), sc.s.Since)
	if sc.s.Overdue || sc.day(at) > sc.s.Anchor {
		return Act{}, false
	}
	ask := sc.unit(obligation.AskExtension, textAsk)
	ask.Due = sc.cal.AddWorkdays(sc.s.Anchor, x.By)
	return Act{At: at, Command: ask}, true
}

func (sc situation) withUnit() bool {
	switch sc.s.Stage {
	case obligation.StageOpen, obligation.StageSigned, obligation.StageReturned:
		return true
	case obligation.StageSubmitted, obligation.StageAccepted, obligation.StageWaived, obligation.StageHistory:
	}
	return false
}

func (sc situation) report() (Act, bool) {
	if !sc.withUnit() || sc.Unit.Report == Never {
		return Act{}, false
	}
	what := fmt.Sprintf("report-%d-%d", sc.s.Round, sc.s.Extensions)
	submit := sc.unit(obligation.Submit, textReport)
	submit.Report = sc.monthly()
	if sc.s.Stage == obligation.StageReturned {
		if sc.Unit.Rework == Never {
			return Act{}, false
		}
		return Act{At: sc.after(sc.day(sc.s.Since), int(sc.Unit.Rework), unitFrom, what, sc.s.Since), Command: submit}, true
	}
	days := int(sc.Unit.Report) - sc.Unit.Spread + sc.chance(sc.s.ID, what+"-spread", 2*sc.Unit.Spread+1)
	return Act{At: sc.after(sc.s.Anchor, days, unitFrom, what, sc.s.Since), Command: submit}, true
}

// forgets reports whether the office never does what waits for it.
func (sc situation) forgets(what string) bool {
	return sc.chance(sc.s.ID, "forgets-"+what, 100) < sc.Office.Forgets
}

func (sc situation) office(kind obligation.CommandKind, text string) obligation.Command {
	return obligation.Command{Kind: kind, By: obligation.Actor{Role: obligation.RoleOffice, Name: textOfficeName}, Text: text}
}

// review accepts a report, or returns it where the unit's reports are wanting.
func (sc situation) review() (Act, bool) {
	what := fmt.Sprintf("review-%d", sc.s.Round)
	if sc.s.Stage != obligation.StageSubmitted || sc.Office.Review == Never || sc.forgets(what) {
		return Act{}, false
	}
	command := sc.office(obligation.Accept, "")
	if sc.s.Round < sc.Unit.Return {
		command = sc.office(obligation.Return, textReturn)
	}
	at := sc.after(sc.day(sc.s.Submitted), int(sc.Office.Review), officeFrom, what, sc.s.Submitted)
	return Act{At: at, Command: command}, true
}

// decide grants or refuses an application for more time.
func (sc situation) decide() (Act, bool) {
	what := fmt.Sprintf("decide-%d", sc.s.Asked)
	if sc.s.Application == nil || sc.Office.Review == Never || sc.forgets(what) {
		return Act{}, false
	}
	asked := sc.s.Application.At
	at := sc.after(sc.day(asked), int(sc.Office.Review), officeFrom, what, asked)
	command := sc.office(obligation.GrantExtension, "")
	if sc.Office.Refuse || sc.s.Application.Due <= sc.day(at) {
		command = sc.office(obligation.RefuseExtension, textRefuse)
	}
	return Act{At: at, Command: command}, true
}

// signOff lets the draft that waits go out. What may go out by itself does so at once.
func (sc situation) signOff() (Act, bool) {
	rung, waits := sc.s.PendingDraft()
	if !waits || !sc.withUnit() {
		return Act{}, false
	}
	drafted := sc.s.Formals[len(sc.s.Formals)-1].Drafted
	issue := obligation.Command{Kind: obligation.Issue, Rung: rung}
	who := signOffOf(sc.s.Policy.Ladder, rung)
	if who == obligation.SignOffAuto && rung != obligation.Interview { // whose time and place somebody has to say
		issue.By = obligation.System
		return Act{At: drafted, Command: issue}, true
	}
	issue.By = obligation.Actor{Role: obligation.RoleOffice, Name: textOfficeName}
	if who == obligation.SignOffLeader {
		issue.By = obligation.Actor{Role: obligation.RoleLeader, Name: textLeaderName}
	}
	if sc.Office.Sign == Never || sc.forgets("sign-"+string(rung)) {
		return Act{}, false
	}
	since := drafted
	if sc.s.Since.After(since) {
		since = sc.s.Since // it was returned meanwhile
	}
	act := Act{At: sc.after(sc.day(since), int(sc.Office.Sign), officeFrom, "sign-"+string(rung), since), Command: issue}
	if rung == obligation.Interview {
		date := sc.cal.AddWorkdays(sc.day(act.At), max(sc.Office.Meet, 1))
		act.Command.Meeting = &obligation.Meeting{At: date.At(meetAt, sc.loc), Place: textPlace}
	}
	return act, true
}

// signOffOf returns who lets the rung's documents go out.
func signOffOf(l obligation.Ladder, rung obligation.Rung) obligation.SignOff {
	for _, st := range l.Steps {
		if st.Rung == rung {
			return st.SignOff
		}
	}
	return obligation.SignOffOffice
}

// Interviews are in the afternoon, and their outcome is written down before the day is over.
const meetAt, meetsFor = 14 * time.Hour, 3 * time.Hour

// conclude records the outcome of an interview that was arranged.
func (sc situation) conclude() (Act, bool) {
	m := sc.s.Meeting
	if m == nil || !m.Held.IsZero() {
		return Act{}, false
	}
	command := obligation.Command{Kind: obligation.Conclude, By: obligation.Actor{Role: obligation.RoleOffice}, Text: textConcluded, Exempt: textExempt}
	return Act{At: m.At.Add(meetsFor), Command: command}, true
}

// Compare orders obligations as the plan does: by measure, unit and due date.
func (c *Cast) Compare(a, b obligation.Facts) int {
	return cmp.Or(
		cmp.Compare(c.measures[a.ID.Measure], c.measures[b.ID.Measure]), cmp.Compare(c.units[a.ID.Unit], c.units[b.ID.Unit]),
		cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID.Period, b.ID.Period))
}
