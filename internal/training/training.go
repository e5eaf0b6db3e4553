// Package training conducts a plan on a held clock, for people to learn on and for the acceptance of the whole system:
// it moves the clock on to whatever falls due next, moves the workflows on that have something to do then, and plays the
// people of a script. What the ledgers then hold is what the pure rehearsal of the same script says.
package training

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/rehearsal"
)

// Record is the part of the store that the conductor reads.
type Record interface {
	EventsAfter(ctx context.Context, id obligation.ID, seq int) ([]obligation.Event, error)
	Documents(ctx context.Context, f obligation.DocumentFilter) ([]obligation.Document, string, error)
	// Assessments returns the half-yearly assessments of which something is recorded, brief.
	Assessments(ctx context.Context, plan string) ([]assessment.State, error)
	// AssessmentEvents returns an assessment's whole record, or CodeNotFound where nothing is recorded.
	AssessmentEvents(ctx context.Context, plan, half string) ([]assessment.Event, error)
}

// Engine moves workflows on and puts people's commands to them, each at a business instant. What is asked to be moved on
// has done what falls due up to then when it returns. Refusals of the core are *obligation.Error.
type Engine interface {
	AdvanceTask(ctx context.Context, now time.Time, plan, task string) error
	AdvanceObligation(ctx context.Context, now time.Time, id obligation.ID) error
	AdvanceDocument(ctx context.Context, now time.Time, id obligation.ID, rung obligation.Rung) error
	AdvanceDispatch(ctx context.Context, now time.Time, plan string) error
	AdvanceAssessment(ctx context.Context, now time.Time, plan, half string) error
	Command(ctx context.Context, now time.Time, id obligation.ID, c obligation.Command) error
	SignOff(ctx context.Context, now time.Time, id obligation.ID, c obligation.Command) error
	Interview(ctx context.Context, now time.Time, id obligation.ID, c obligation.Command) error
	// Assess refuses by *assessment.Error.
	Assess(ctx context.Context, now time.Time, plan, half string, c assessment.Command) error
}

// Options are what a training runs by.
type Options struct {
	Definition obligation.Definition // as it was seeded
	Window     obligation.Window
	Script     rehearsal.Script
	Start      time.Time // business instant at which the clock begins
	Until      time.Time // business instant at which the training ends; zero: rehearsal.End
	Speed      float64   // business seconds a real second
	Record     Record
	Engine     Engine
	Real       func() time.Time // the real clock
	Log        *slog.Logger
}

// Conductor conducts one training. All methods may be called at the same time.
type Conductor struct {
	Options
	cast *rehearsal.Cast
	loc  *time.Location
	pace *pace

	turn   sync.Mutex              // held while anything happens; guards what follows
	lives  map[obligation.ID]*life // not over
	met    map[obligation.ID]bool
	slots  []obligation.Slot // not opened, by time
	papers map[string]*paper
	filing sync.Mutex // guards papers while lives are followed beside each other
	digest time.Time  // of the next run of the dispatcher
	halves map[string]*half

	mu       sync.Mutex      // guards what follows
	taken    map[string]bool // units that are played by hand
	slow     bool            // as it was said last
	finished bool
	events   int
}

// life is one obligation as its ledger has it, until nothing happens to it any more: it is closed, and nothing of an
// interview is left to do.
type life struct {
	id    obligation.ID
	state obligation.State
	role  rehearsal.Role
	last  time.Time      // of the latest event
	step  time.Time      // of the next step; zero: nothing falls due by itself
	act   *rehearsal.Act // of somebody; nil: nobody does anything
	// What was refused since the last event: they let it be until something changes.
	refused []obligation.CommandKind
}

// paper is one document that somebody holds.
type paper struct {
	doc      obligation.Document
	reminded int
	nudge    int
	at       time.Duration
}

// New returns a conductor; Run begins.
func New(o Options) *Conductor {
	if o.Until.IsZero() {
		o.Until = rehearsal.End(o.Definition)
	}
	return &Conductor{
		Options: o, cast: rehearsal.NewCast(o.Script, &o.Definition.Plan), loc: obligation.Location(o.Definition.Plan.Zone),
		pace: newPace(o.Real, o.Start, o.Speed), lives: map[obligation.ID]*life{}, met: map[obligation.ID]bool{}, papers: map[string]*paper{}, taken: map[string]bool{},
	}
}

// Now returns the business instant that the clock shows.
func (c *Conductor) Now() time.Time { return c.pace.now() }

// Status is how a training stands.
type Status struct {
	Script   string
	Start    time.Time // business instants
	Now      time.Time
	Until    time.Time
	Speed    float64 // business seconds a real second, as asked for
	Actual   float64 // over the last seconds; 0: can't be told yet
	Paused   bool
	Slow     bool // the machine can't keep up: the clock waits for it
	Finished bool
	Events   int      // entries in the ledgers
	Taken    []string // units that are played by hand, by code
}

// Status returns how the training stands.
func (c *Conductor) Status() Status {
	r := c.pace.read()
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Status{
		Script: c.Script.Title, Start: c.Start, Now: c.pace.now(), Until: c.Until, Speed: r.speed, Actual: r.actual, Paused: r.paused,
		Slow: r.slow, Finished: c.finished, Events: c.events,
	}
	for code, taken := range c.taken {
		if taken {
			s.Taken = append(s.Taken, code)
		}
	}
	slices.Sort(s.Taken)
	return s
}

// Pace sets how many business seconds pass in a real one, or stops the clock.
func (c *Conductor) Pace(speed float64, paused bool) {
	c.pace.set(speed, paused)
}

// Take lets a unit be played by hand, or gives it back to the script.
func (c *Conductor) Take(unit string, byHand bool) error {
	if _, ok := c.Definition.Plan.Unit(unit); !ok {
		return &obligation.Error{Code: obligation.CodeNotFound}
	}
	c.mu.Lock()
	c.taken[unit] = byHand
	c.mu.Unlock()
	c.turn.Lock()
	defer c.turn.Unlock()
	for _, l := range c.lives {
		if l.id.Unit == unit {
			c.foresee(l)
		}
	}
	for _, h := range c.halves {
		c.foreseeHalf(h)
	}
	return nil
}

// Act lets a person do something at the present instant: nothing else happens meanwhile, and what it changes is taken
// into account before the clock goes on.
func (c *Conductor) Act(ctx context.Context, id obligation.ID, do func(now time.Time) error) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	if err := do(c.pace.now()); err != nil {
		return err
	}
	l := c.lives[id]
	if l == nil {
		return nil
	}
	if err := c.refresh(ctx, l); err != nil {
		return err
	}
	if l.state.IsOver() {
		delete(c.lives, id)
	}
	return nil
}

// Enter lets a person open an obligation at the present instant, and takes it in with the others.
func (c *Conductor) Enter(ctx context.Context, do func(now time.Time) (obligation.ID, error)) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	id, err := do(c.pace.now())
	if err != nil {
		return err
	}
	_, err = c.meet(ctx, id)
	return err
}

// today returns the day of a business instant.
func (c *Conductor) today(at time.Time) calendar.Date { return calendar.DateOf(at, c.loc) }
