// Package rehearsal runs a plan through the same core as production without a server, a database or a clock. Preview
// lists every step of a plan if nobody acts.
package rehearsal

import (
	"cmp"
	"container/heap"
	"errors"
	"slices"
	"time"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// Filter selects lines; zero fields select all.
type Filter struct {
	Task, Measure, Unit string        // codes
	From, To            calendar.Date // days on which the steps are taken, both included
}

// Setting is what a preview assumes beyond the plan.
type Setting struct {
	At time.Duration // time of day at which steps are taken, from midnight in the plan's zone
	// Start is the business instant at which the plan starts; zero: the as-of date at the time of day of steps.
	Start time.Time
	// Until is the business instant at which a rehearsal ends; zero: End. A preview has no end of its own.
	Until time.Time
	// Outcomes is what the office says of what fell due before the as-of date.
	Outcomes map[obligation.ID]obligation.Outcome
}

// Line is one step of one obligation. Lines share what they point to: it is for reading only.
type Line struct {
	*Step
	Of *obligation.Facts
}

// Step is what happens at one time, the same for every obligation that it happens to.
type Step struct {
	At          time.Time // in the plan's zone
	Kind        obligation.EventKind
	Rung        obligation.Rung // "" where the kind is Opened or Overdue
	Code        string          // of the ladder's step; "" where Rung is
	N           int             // occurrence of the step, from 1; 0 for formal rungs and where Rung is ""
	Why         string          // when the step is taken: "到期前7个工作日：提醒"
	Provisional bool            // counted through a year whose holidays are not published

	place *int // where the next line of its instant goes
}

// Preview returns every step of the plan if nobody acts, from its start on, ordered by time and then by the plan's
// order of measures, units and periods.
//
// Each obligation opens when its period begins, or at the start where that is past. Whoever signs off documents does so
// at once; letters count from the start on, so that the second one to a unit within a year brings an interview forward
// as in production. What fell due before the as-of date has no lines: nothing of it happens any more; only what
// the office says is still owed opens. A step that repeats is listed for as long as anything else is still ahead for
// the obligation; when only repetitions are left, they go on in production until somebody acts, and end here. Steps of
// what falls due at the end of the plan lie after it.
//
// The error is an *obligation.Error with CodeNotFound where the filter names what the plan does not have, a fault of
// a schedule, or a Chinese text where the days are reversed.
func Preview(d obligation.Definition, in Setting, f Filter) ([]Line, error) {
	if err := f.check(&d.Plan); err != nil {
		return nil, err
	}
	r := &run{
		definition: d, setting: in, filter: f, loc: obligation.Location(d.Plan.Zone),
		scripts: map[scene]*act{},
	}
	if in.Start.IsZero() {
		r.setting.Start = d.AsOf.At(in.At, r.loc)
	}
	parts, err := r.cast()
	if err != nil {
		return nil, err
	}
	r.play(parts)
	return r.lines(parts), nil
}

var errReversed = errors.New("起止日期颠倒了，请把较早的日期写在前面。")

func (f Filter) check(p *plan.Plan) error {
	_, task := p.Task(f.Task)
	_, measure := p.Measure(f.Measure)
	_, unit := p.Unit(f.Unit)
	if (f.Task != "" && !task) || (f.Measure != "" && !measure) || (f.Unit != "" && !unit) {
		return &obligation.Error{Code: obligation.CodeNotFound}
	}
	if !f.From.IsZero() && !f.To.IsZero() && f.To < f.From {
		return errReversed
	}
	return nil
}

func (f Filter) day(d calendar.Date) bool {
	return (f.From.IsZero() || d >= f.From) && (f.To.IsZero() || d <= f.To)
}

type run struct {
	definition obligation.Definition
	setting    Setting
	filter     Filter
	loc        *time.Location
	scripts    map[scene]*act // nil: history
}

// part is one obligation and what happens to it, act by act.
type part struct {
	facts obligation.Facts
	unit  int // its place among the plan's units
	acts  []*act
}

// scene is everything that decides within one plan what happens to an obligation that nobody acts on. Obligations of
// the same scene, most of a measure's units and many measures with the same period, share one script.
type scene struct {
	ladder  string
	opened  int64 // Unix seconds
	due     calendar.Date
	outcome obligation.Outcome
}

// act is what happens up to the next formal rung, that one included, or to the end. What follows upon a formal rung
// depends on how many letters its unit got.
type act struct {
	steps []Step // on the days that the filter selects
	state obligation.State
	rung  obligation.Rung // whose draft awaits its sign-off at the end; "": this is the last act
	at    time.Time       // of the draft
	next  map[int]*act    // by letters
	parts int             // how many of the listed parts it occurs in
}

// cast opens every obligation, in the plan's order of measures, units and periods. What is history has no part.
func (r *run) cast() ([]*part, error) {
	units := make(map[string]int, len(r.definition.Plan.Units))
	for i, u := range r.definition.Plan.Units {
		units[u.Code] = i
	}
	var parts []*part
	for _, m := range r.definition.Plan.Measures {
		periods, err := r.definition.Periods(m)
		if err != nil {
			return nil, err
		}
		first := len(parts)
		for _, p := range periods {
			slot := obligation.Slot{Measure: m, Period: p, At: p.Start.At(r.setting.At, r.loc)}
			for _, o := range r.definition.Openings(slot, r.setting.At) {
				if r.filter.Unit != "" && o.Facts.ID.Unit != r.filter.Unit {
					continue
				}
				if a := r.open(o, slot.At); a != nil {
					parts = append(parts, &part{facts: o.Facts, unit: units[o.Facts.ID.Unit], acts: []*act{a}})
				}
			}
		}
		slices.SortStableFunc(parts[first:], func(a, b *part) int { return cmp.Compare(a.unit, b.unit) })
	}
	return parts, nil
}

// open returns the first act of an obligation, nil for history.
func (r *run) open(o obligation.Opening, at time.Time) *act {
	if at.Before(r.setting.Start) {
		at = r.setting.Start
	}
	o.Outcome = r.setting.Outcomes[o.Facts.ID]
	key := scene{o.Policy.Ladder.Code, at.Unix(), o.Facts.Due, o.Outcome}
	a, ok := r.scripts[key]
	if !ok {
		e := obligation.Open(o, r.definition.Calendar, at)
		if e.Kind == obligation.Opened {
			a = r.act(obligation.State{}, []obligation.Event{e})
		}
		r.scripts[key] = a
	}
	return a
}

// act follows an obligation from the events on, while nobody acts, to the next formal rung or until only repetitions
// are ahead.
func (r *run) act(s obligation.State, events []obligation.Event) *act {
	a := &act{next: map[int]*act{}}
	cal := r.definition.Calendar
	for {
		for _, e := range events {
			s = obligation.Apply(s, e)
			a.at = e.At
			if day := calendar.DateOf(e.At, r.loc); e.Kind != obligation.Issued && r.filter.day(day) {
				a.steps = append(a.steps, Step{
					At: e.At.In(r.loc), Kind: e.Kind, Rung: e.Rung, Code: e.Step, N: e.N, Why: obligation.Reason(s, e),
					Provisional: s.Provisional || cal.Provisional(day),
				})
			}
		}
		a.state = s
		if rung, waits := s.PendingDraft(); waits {
			a.rung = rung
			return a
		}
		if _, ok := obligation.NextNewStep(s, cal); !ok {
			return a
		}
		next, _ := obligation.NextStep(s, cal)
		// A tick is never refused, and at the time of a step it always leads to something.
		events, _ = obligation.Decide(s, obligation.Command{Kind: obligation.Tick}, cal, next.At)
	}
}

// play follows every obligation to its end. Those of one unit are followed together in the order of time, because its
// letters count together.
func (r *run) play(parts []*part) {
	byUnit := map[int][]*part{}
	for _, p := range parts {
		byUnit[p.unit] = append(byUnit[p.unit], p)
	}
	for _, of := range byUnit {
		r.playUnit(of)
	}
}

func (r *run) playUnit(parts []*part) {
	var waiting queue
	for i, p := range parts {
		waiting.add(p.acts[0], i)
	}
	var letters []time.Time // within a year, ascending
	for waiting.Len() > 0 {
		draft := heap.Pop(&waiting).(draft)
		p := parts[draft.part]
		for len(letters) > 0 && letters[0].Before(draft.at.Add(-obligation.LettersWithin)) {
			letters = letters[1:]
		}
		n := len(letters)
		if draft.rung == obligation.Letter {
			letters = append(letters, draft.at)
			n++
		}
		a := r.following(draft.act, n)
		p.acts = append(p.acts, a)
		waiting.add(a, draft.part)
	}
}

// draft is the end of an act that a sign-off follows.
type draft struct {
	*act
	part int
}

// queue holds the drafts of one unit by time, and by the order of the parts where they fall on the same instant.
type queue []draft

func (q *queue) add(a *act, part int) {
	if a.rung != "" {
		heap.Push(q, draft{a, part})
	}
}

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(draft)) }

func (q queue) Less(i, j int) bool {
	return cmp.Or(q[i].at.Compare(q[j].at), cmp.Compare(q[i].part, q[j].part)) < 0
}

func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// following returns the act after the sign-off of the draft at the end of a.
func (r *run) following(a *act, letters int) *act {
	// More letters than the ladder asks for change nothing.
	most := 0
	for _, st := range a.state.Policy.Ladder.Steps {
		most = max(most, st.Letters)
	}
	letters = min(letters, most)
	next, ok := a.next[letters]
	if !ok {
		issue := obligation.Command{Kind: obligation.Issue, By: obligation.System, Rung: a.rung, Number: string(a.rung), Letters: letters}
		// The draft waits, and nobody has reported in the meantime: it is never refused.
		events, _ := obligation.Decide(a.state, issue, r.definition.Calendar, a.at)
		next = r.act(a.state, events)
		a.next[letters] = next
	}
	return next
}
