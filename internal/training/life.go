package training

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"duban/calendar"
	"duban/obligation"
)

// restore takes in what was done before a restart: obligations of every period that has begun, and the documents.
func (c *Conductor) restore(ctx context.Context) error {
	for n, s := range c.slots {
		if tasks, err := c.meetAll(ctx, c.slots[n:n+1]); err != nil {
			return err
		} else if len(tasks) > 0 && !c.anyMet(s) {
			break
		}
	}
	return c.loadPapers(ctx)
}

func (c *Conductor) anyMet(s obligation.Slot) bool {
	return slices.ContainsFunc(c.Definition.Openings(s, c.Window.From), func(o obligation.Opening) bool { return c.met[o.Facts.ID] })
}

// loadPapers takes the documents that somebody holds from the record.
func (c *Conductor) loadPapers(ctx context.Context) error {
	held := map[string]*paper{}
	for _, status := range []obligation.DocumentStatus{obligation.DocumentDraft, obligation.DocumentIssued} {
		after := ""
		for more := true; more; more = after != "" {
			docs, next, err := c.Record.Documents(ctx, obligation.DocumentFilter{Plan: c.Definition.Plan.Code, Status: status, After: after, Limit: 200})
			if err != nil {
				return err
			}
			for _, d := range docs {
				key := obligation.DocumentID(d.Obligation, d.Rung)
				if p := c.papers[key]; p != nil && !d.IsSettled() {
					p.doc, held[key] = d, p
				}
			}
			after = next
		}
	}
	c.papers = held
	return nil
}

// meet takes in an obligation, and returns false where it was not opened.
func (c *Conductor) meet(ctx context.Context, id obligation.ID) (bool, error) {
	if c.met[id] {
		return true, nil
	}
	events, err := c.Record.EventsAfter(ctx, id, 0)
	if err != nil || len(events) == 0 {
		return false, err
	}
	c.met[id] = true
	l := &life{id: id}
	c.learn(l, events)
	if !l.state.IsOver() {
		c.lives[id] = l
	}
	return true, nil
}

// refresh reads what was recorded of a life since.
func (c *Conductor) refresh(ctx context.Context, l *life) error {
	events, err := c.Record.EventsAfter(ctx, l.id, l.state.Seq)
	if err != nil {
		return err
	}
	c.learn(l, events)
	return nil
}

// learn takes in what was recorded of a life, and foresees what happens to it next.
func (c *Conductor) learn(l *life, events []obligation.Event) {
	for _, e := range events {
		if l.state.Seq == 0 {
			l.role = c.cast.Role(*e.Facts)
		}
		l.state, l.last, l.refused = obligation.Apply(l.state, e), e.At, nil
		c.file(l, e)
	}
	c.mu.Lock()
	c.events += len(events)
	c.mu.Unlock()
	c.foresee(l)
}

// file follows the documents of a life: what is drafted is held by somebody until it is settled.
func (c *Conductor) file(l *life, e obligation.Event) {
	c.filing.Lock()
	defer c.filing.Unlock()
	key := obligation.DocumentID(l.id, e.Rung)
	switch e.Kind {
	case obligation.Drafted:
		c.papers[key] = &paper{doc: obligation.Draft(l.state, e), nudge: l.state.Policy.Ladder.Nudge, at: l.state.Policy.At}
	default:
		p := c.papers[key]
		if p == nil || !e.SettlesDocument() {
			return
		}
		if p.doc, p.reminded = p.doc.After(e), 0; p.doc.IsSettled() {
			delete(c.papers, key)
		}
	}
}

// foresee finds what happens to the life next: what falls due, and what somebody does.
func (c *Conductor) foresee(l *life) {
	l.step, l.act = time.Time{}, nil
	if next, ok := obligation.NextStep(l.state, c.Definition.Calendar); ok {
		l.step = next.At
		if l.step.Before(l.last) {
			l.step = l.last // what was held up falls due now
		}
	}
	role := l.role
	if c.byHand(l.id.Unit) {
		role = role.ByHand()
	}
	if act, ok := c.cast.Next(role, l.state, l.last, l.refused, c.Definition.Calendar); ok {
		l.act = &act
	}
}

// byHand reports whether a person plays the unit.
func (c *Conductor) byHand(unit string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.taken[unit]
}

// abreast is how many workflows are moved on at the same time.
const abreast = 24

// each does something for all of the list, several at a time.
func each[T any](ctx context.Context, list []T, do func(ctx context.Context, one T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(abreast)
	for _, one := range list {
		group.Go(func() error { return do(ctx, one) })
	}
	return group.Wait()
}

// tries is how often a workflow is asked to go on that says it did and left no trace in the ledger.
const tries = 20

// next returns the instant at which anything happens to the life, and whether somebody does it; false where nothing
// happens. What falls due by itself comes first.
func (l *life) next() (at time.Time, acts, ok bool) {
	if l.act != nil && (l.step.IsZero() || l.act.At.Before(l.step)) {
		return l.act.At, true, true
	}
	return l.step, false, !l.step.IsZero()
}

// issues reports whether what happens next is the sign-off of a draft.
func (l *life) issues() bool {
	_, acts, _ := l.next()
	return acts && l.act.Command.Kind == obligation.Issue
}

// advance lets the step of the life that falls due next be taken.
func (c *Conductor) advance(ctx context.Context, l *life) error {
	at := l.step
	for range tries {
		if err := c.Engine.AdvanceObligation(ctx, at, l.id); err != nil {
			return err
		}
		if err := c.refresh(ctx, l); err != nil {
			return err
		}
		if l.step.IsZero() || l.step.After(at) {
			return nil
		}
	}
	return fmt.Errorf("%s: moved on to %s without effect", l.id, at)
}

// perform lets somebody do what he does next. What the core refuses is let be until something changes.
func (c *Conductor) perform(ctx context.Context, l *life) error {
	act := *l.act
	var err error
	switch act.Command.Kind {
	case obligation.Issue:
		err = c.Engine.SignOff(ctx, act.At, l.id, act.Command)
	case obligation.Conclude:
		err = c.Engine.Interview(ctx, act.At, l.id, act.Command)
	default:
		err = c.Engine.Command(ctx, act.At, l.id, act.Command)
	}
	if refused, ok := errors.AsType[*obligation.Error](err); ok {
		c.Log.WarnContext(ctx, "refused", "obligation", l.id.String(), "command", act.Command.Kind, "code", refused.Code)
		l.refused = append(l.refused, act.Command.Kind)
		c.foresee(l)
		return nil
	}
	if err != nil {
		return err
	}
	return c.refresh(ctx, l)
}

// byTime orders lives by their next acts, and those of one instant as the plan does.
func (c *Conductor) byTime(lives []*life) {
	slices.SortFunc(lives, func(a, b *life) int {
		if n := a.act.At.Compare(b.act.At); n != 0 {
			return n
		}
		return c.cast.Compare(a.state.Facts, b.state.Facts)
	})
}

// nudgeAt returns the business instant at which whoever holds the document is reminded next.
func (c *Conductor) nudgeAt(p *paper) time.Time {
	return p.doc.RemindAt(p.reminded, p.nudge, p.at, c.Definition.Calendar, c.loc)
}

// midnight returns the end of the day of the instant.
func (c *Conductor) midnight(at time.Time) time.Time { return calendar.DateOf(at, c.loc).End(c.loc) }
