package rehearsal

import (
	"cmp"
	"container/heap"
	"iter"
	"runtime"
	"slices"
	"sync"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// Run is one rehearsal: the ledger of every obligation of a plan under one script.
type Run struct {
	Title      string // what tells this run from the others it stands beside
	Definition obligation.Definition
	Script     Script
	From       time.Time // business instant of the start
	Until      time.Time // business instant of the end; nothing at or after it happened
	Ledgers    []Ledger  // in the plan's order of measures, units and due dates
}

// Ledger is what happened to one obligation.
type Ledger struct {
	Facts     obligation.Facts // as it opened
	Behaviour string           // title of how its unit treats it
	Events    []obligation.Event
	End       obligation.State // after the last event
}

// Happening is one event of one obligation.
type Happening struct {
	Of    *Ledger
	Event *obligation.Event
}

// Rehearse runs the whole plan from the start to the end of the setting through the decider, with the script's people.
// The same definition, script and setting give the same run, byte for byte.
//
// Obligations open when their periods begin, or at the start where that is past; what fell due before the as-of date is
// recorded as history. At one instant what falls due by itself comes before what people do, and within both the plan's
// order holds. Documents are numbered from 1 in the order of their sign-offs. The error is a fault of a schedule.
func Rehearse(d obligation.Definition, script Script, in Setting) (*Run, error) {
	loc := obligation.Location(d.Plan.Zone)
	if in.Start.IsZero() {
		in.Start = d.AsOf.At(in.At, loc)
	}
	if in.Until.IsZero() {
		in.Until = End(d)
	}
	run := &Run{Title: script.Title, Definition: d, Script: script, From: in.Start, Until: in.Until}
	p := &production{run: run, cast: NewCast(script, &d.Plan), setting: in, cal: d.Calendar, loc: loc}
	lives, err := p.open()
	if err != nil {
		return nil, err
	}
	p.play(lives)
	p.number()
	return run, nil
}

// closing is how many days after the end of a plan its last reminders and documents are followed.
const closing = 60

// End returns the business instant up to which a plan is rehearsed where nothing else is said: two months after its
// last day, when what fell due on that day has run its course.
func End(d obligation.Definition) time.Time {
	return d.Plan.To.AddDays(closing).End(obligation.Location(d.Plan.Zone))
}

type production struct {
	run     *Run
	cast    *Cast
	setting Setting
	cal     *calendar.Calendar
	loc     *time.Location
}

// life is one obligation on its way.
type life struct {
	*Ledger
	opening obligation.Opening
	role    Role
	place   int // in the plan's order
	next    time.Time
	act     *Act                     // what happens next where a person does it; nil: it opens, or a step falls due
	refused []obligation.CommandKind // since the last event
}

// open prepares the lives of all obligations in the plan's order.
func (p *production) open() ([]*life, error) {
	d := p.run.Definition
	var lives []*life
	for _, m := range d.Plan.Measures {
		periods, err := d.Periods(m)
		if err != nil {
			return nil, err
		}
		for _, period := range periods {
			slot := obligation.Slot{Measure: m, Period: period, At: period.Start.At(p.setting.At, p.loc)}
			at := slot.At
			if at.Before(p.setting.Start) {
				at = p.setting.Start
			}
			if !at.Before(p.setting.Until) {
				continue
			}
			for _, o := range d.Openings(slot, p.setting.At) {
				o.Outcome = p.setting.Outcomes[o.Facts.ID]
				role := p.cast.Role(o.Facts)
				lives = append(lives, &life{opening: o, role: role, next: at})
			}
		}
	}
	slices.SortStableFunc(lives, func(a, b *life) int { return p.cast.Compare(a.opening.Facts, b.opening.Facts) })
	p.run.Ledgers = make([]Ledger, len(lives))
	for i, l := range lives {
		l.place, l.Ledger = i, &p.run.Ledgers[i]
		l.Facts, l.Behaviour = l.opening.Facts, l.role.Unit.Title
	}
	return lives, nil
}

// play runs the units beside each other: nothing but the numbers of documents, which come last, goes across them.
func (p *production) play(lives []*life) {
	byUnit := map[string][]*life{}
	for _, l := range lives {
		byUnit[l.Facts.ID.Unit] = append(byUnit[l.Facts.ID.Unit], l)
	}
	units := make(chan []*life)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for of := range units {
				p.playUnit(of)
			}
		})
	}
	for _, of := range byUnit {
		units <- of
	}
	close(units)
	wg.Wait()
}

// playUnit follows one unit's obligations together in the order of time, because its letters count together.
func (p *production) playUnit(lives []*life) {
	waiting := agenda(lives)
	heap.Init(&waiting)
	var letters []time.Time // ascending
	for waiting.Len() > 0 {
		l := waiting[0]
		if p.take(l, &letters) {
			heap.Fix(&waiting, 0)
		} else {
			heap.Pop(&waiting)
		}
	}
}

// take lets happen what the life waits for, and returns false where nothing happens to it any more.
func (p *production) take(l *life, letters *[]time.Time) bool {
	now := l.next
	var events []obligation.Event
	switch {
	case len(l.Events) == 0:
		events = []obligation.Event{obligation.Open(l.opening, p.cal, now)}
	case l.act == nil:
		// A tick is never refused, and at the time of a step it always leads to something.
		events, _ = obligation.Decide(l.End, obligation.Command{Kind: obligation.Tick}, p.cal, now)
	default:
		command := l.act.Command
		if command.Kind == obligation.Issue {
			command.Number, command.Letters = unnumbered, lettersOf(command.Rung, *letters, now)
		}
		var err error
		if events, err = obligation.Decide(l.End, command, p.cal, now); err != nil {
			l.refused = append(l.refused, command.Kind) // they let it be until something changes
			return p.await(l)
		}
		if command.Kind == obligation.Issue && command.Rung == obligation.Letter {
			*letters = append(*letters, now)
		}
	}
	for _, e := range events {
		l.End = obligation.Apply(l.End, e)
	}
	l.Events, l.refused = append(l.Events, events...), nil
	return p.await(l)
}

// unnumbered stands for a document's number until all are known: what is issued has one, and what is withdrawn none.
const unnumbered = "-"

// lettersOf counts the letters to a unit within a year, the one that is signed off now included.
func lettersOf(rung obligation.Rung, letters []time.Time, now time.Time) int {
	n := 0
	for _, at := range letters {
		if !at.Before(now.Add(-obligation.LettersWithin)) {
			n++
		}
	}
	if rung == obligation.Letter {
		n++
	}
	return n
}

// await finds what happens to the life next, and returns false where nothing does before the end.
func (p *production) await(l *life) bool {
	last := l.Events[len(l.Events)-1].At
	step, falls := obligation.NextStep(l.End, p.cal)
	if step.At.Before(last) {
		step.At = last // what was held up falls due now
	}
	l.next, l.act = step.At, nil
	if act, ok := p.cast.Next(l.role, l.End, last, l.refused, p.cal); ok {
		if !falls || act.At.Before(step.At) {
			l.next, l.act, falls = act.At, &act, true
		}
	}
	return falls && l.next.Before(p.run.Until)
}

// agenda orders lives by what happens to them next.
type agenda []*life

func (a agenda) Len() int      { return len(a) }
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(*life)) }

func (a agenda) Less(i, j int) bool {
	x, y := a[i], a[j]
	if !x.next.Equal(y.next) {
		return x.next.Before(y.next)
	}
	if (x.act == nil) != (y.act == nil) {
		return x.act == nil
	}
	return x.place < y.place
}

func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// number gives the documents their numbers in the order of their sign-offs.
func (p *production) number() {
	given := map[obligation.Series]int{}
	for h := range p.run.All() {
		e := h.Event
		if e.Kind != obligation.Issued {
			continue
		}
		series := obligation.SeriesOf(e.Rung, calendar.DateOf(e.At, p.loc))
		given[series]++
		e.Number = series.Format(given[series])
		for i, f := range h.Of.End.Formals {
			if f.Rung == e.Rung {
				h.Of.End.Formals[i].Number = e.Number
			}
		}
	}
}

// All yields everything that happened in the order of time, and at one instant in the plan's order.
func (r *Run) All() iter.Seq[Happening] {
	type ref struct {
		at     int64
		ledger int32
		event  int32
	}
	total := 0
	for i := range r.Ledgers {
		total += len(r.Ledgers[i].Events)
	}
	refs := make([]ref, 0, total)
	for i := range r.Ledgers {
		for j := range r.Ledgers[i].Events {
			refs = append(refs, ref{r.Ledgers[i].Events[j].At.UnixMicro(), int32(i), int32(j)})
		}
	}
	slices.SortFunc(refs, func(a, b ref) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.ledger, b.ledger), cmp.Compare(a.event, b.event))
	})
	return func(yield func(Happening) bool) {
		for _, f := range refs {
			l := &r.Ledgers[f.ledger]
			if !yield(Happening{l, &l.Events[f.event]}) {
				return
			}
		}
	}
}
