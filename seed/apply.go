package seed

import (
	"context"
	"slices"
	"time"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
)

// Store is the part of the store that seeding writes to.
type Store interface {
	// PutDefinition keeps a definition; its version grows only where its content differs from the one before.
	PutDefinition(ctx context.Context, d obligation.Definition) (stored obligation.Definition, changed bool, err error)
	// ReviseDefinition does so where d.Version is still the plan's last; else *obligation.Error with CodeConflict.
	ReviseDefinition(ctx context.Context, d obligation.Definition) (stored obligation.Definition, changed bool, err error)
	// Definition returns what a plan runs by, or an *obligation.Error with CodeNotFound.
	Definition(ctx context.Context, plan string) (obligation.Definition, error)
	PutOutcomes(ctx context.Context, plan string, outcomes map[obligation.ID]obligation.Outcome) error
	// Rules returns the rules by which a plan is assessed, or an *obligation.Error with CodeNotFound.
	Rules(ctx context.Context, plan string) (assessment.Rules, error)
	// PutRules keeps the rules by which it is assessed from now on.
	PutRules(ctx context.Context, plan string, rules assessment.Rules) error
}

// Engine starts the plan's workflow, or gives the running one the definition. reconsider names the tasks of whose past
// the office has said more; reason says why running obligations change, and who says so.
type Engine interface {
	StartPlan(ctx context.Context, d obligation.Definition, reconsider []string, reason string) (started, revised int, err error)
}

// Applier starts plans. Applying the same twice changes nothing, and applying again after a crash completes what was
// begun.
type Applier struct {
	Store  Store
	Engine Engine
	Window obligation.Window
	Now    func() time.Time // business time
}

// Request says what is applied.
type Request struct {
	Bundle   *Bundle
	Base     int           // version of the stored definition that the bundle was made from; 0: it is a whole of its own
	AsOf     calendar.Date // what fell due before is history; none: as it was seeded before, or today
	Outcomes []OutcomeRow
	Reason   string // why running obligations change, and who says so; "" says only that the plan changed
}

// Report tells what an application did.
type Report struct {
	Definition obligation.Definition
	Changed    bool // the definition differs from the one before
	Started    int  // tasks that were started
	Revised    int  // tasks that were told of a change
	Outcomes   int  // obligations of the past of which the office said something
	Total      int  // obligations of the plan's whole period
	Due        int  // of them, those to be opened or recorded by now
}

// Apply stores the definition and the outcomes and starts the plan. Errors are Chinese: *Faults where the request is
// wrong, else the store's or the engine's.
func (a *Applier) Apply(ctx context.Context, r Request) (Report, error) {
	d := obligation.Definition{Version: r.Base, AsOf: r.AsOf, Plan: r.Bundle.Plan, Calendar: r.Bundle.Calendar, Ladders: r.Bundle.Ladders}
	today := calendar.DateOf(a.Now(), obligation.Location(d.Plan.Zone))
	if d.AsOf.IsZero() {
		before, err := a.Store.Definition(ctx, d.Plan.Code)
		switch {
		case err == nil:
			d.AsOf = before.AsOf
		case obligation.IsNotFound(err):
			d.AsOf = today
		default:
			return Report{}, err
		}
	}
	if d.AsOf > today {
		return Report{}, &obligation.Error{Code: obligation.CodeAsOfAhead}
	}
	agenda, err := d.Agenda("", a.Window.From)
	if err != nil {
		return Report{}, err
	}
	outcomes, tasks, err := expand(d, agenda, r.Outcomes, a.Window.From)
	if err != nil {
		return Report{}, err
	}
	report := Report{Outcomes: len(outcomes)}
	now := a.Now()
	for _, s := range agenda {
		n := len(d.Openings(s, a.Window.From))
		report.Total += n
		if !s.At.After(now) {
			report.Due += n
		}
	}
	put := a.Store.PutDefinition
	if r.Base != 0 {
		put = a.Store.ReviseDefinition
	}
	if report.Definition, report.Changed, err = put(ctx, d); err != nil {
		return Report{}, err
	}
	if err := PutRules(ctx, a.Store, d.Plan.Code, r.Bundle.Assessment); err != nil {
		return Report{}, err
	}
	if len(outcomes) > 0 {
		if err := a.Store.PutOutcomes(ctx, d.Plan.Code, outcomes); err != nil {
			return Report{}, err
		}
	}
	report.Started, report.Revised, err = a.Engine.StartPlan(ctx, report.Definition, tasks, r.Reason)
	return report, err
}

// expand finds the obligations that the rows speak of, and the tasks they belong to.
func expand(d obligation.Definition, agenda []obligation.Slot, rows []OutcomeRow, at time.Duration) (map[obligation.ID]obligation.Outcome, []string, error) {
	outcomes := map[obligation.ID]obligation.Outcome{}
	var tasks []string
	var faults []error
	matched := make([]bool, len(rows))
	for _, s := range agenda {
		if s.Period.Due >= d.AsOf || !slices.ContainsFunc(rows, func(r OutcomeRow) bool { return r.Measure == s.Measure.Code }) {
			continue
		}
		for _, o := range d.Openings(s, at) {
			id := o.Facts.ID
			for i, r := range rows {
				if r.matches(id) {
					outcomes[id], matched[i] = r.Outcome, true
				}
			}
		}
		if !slices.Contains(tasks, s.Measure.Task) {
			tasks = append(tasks, s.Measure.Task)
		}
	}
	for i, ok := range matched {
		if !ok {
			faults = append(faults, rows[i].unmatched(d.AsOf))
		}
	}
	if len(faults) > 0 {
		return nil, nil, &OutcomeFaults{faults}
	}
	return outcomes, tasks, nil
}
