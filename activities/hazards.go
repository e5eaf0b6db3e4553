package activities

import (
	"context"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// Hazards is the part of the store that keeps the register of hazards.
type Hazards interface {
	// Enter gives the next number of the plan's year and stores what open makes of it, in one transaction. Again with the same key
	// it changes nothing and returns what it led to.
	Enter(ctx context.Context, plan, key string, year int, open func(n int) (obligation.Entry, error)) (obligation.Entered, error)
	// OpenHazards returns the plan's hazards that are not closed.
	OpenHazards(ctx context.Context, plan string) ([]obligation.ID, error)
}

// Entry is a hazard to be entered.
type Entry struct {
	Registration obligation.Registration
	Definition   obligation.Definition // of the task that carries it
	Calendar     *calendar.Calendar
	At           time.Duration // time of day of the steps
	Now          time.Time
}

// EnterHazard takes a hazard into the register and tells whoever is to be told. Again it changes nothing.
func (a *Activities) EnterHazard(ctx context.Context, en Entry) (obligation.Entered, error) {
	plan := en.Definition.Plan
	year := calendar.DateOf(en.Now, obligation.Location(plan.Zone)).Year()
	out, err := a.Hazards.Enter(ctx, plan.Code, en.Registration.Key, year, func(n int) (obligation.Entry, error) {
		o, err := en.Definition.HazardOpening(en.Registration, n, en.At, en.Now)
		if err != nil {
			return obligation.Entry{}, err
		}
		first := obligation.OpenHazard(o, en.Registration, en.Calendar, en.Now)
		return obligation.NewEntry(obligation.State{}, []obligation.Event{first}, en.Calendar), nil
	})
	return out, final(err)
}

// OpenHazards returns the plan's hazards that are not closed.
func (a *Activities) OpenHazards(ctx context.Context, plan string) ([]obligation.ID, error) {
	ids, err := a.Hazards.OpenHazards(ctx, plan)
	return ids, final(err)
}
