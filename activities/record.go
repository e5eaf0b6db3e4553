package activities

import (
	"context"
	"slices"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// Decision is one entry for the record, with what follow-up workflows run by.
type Decision struct {
	Entry   obligation.Entry
	Setting Setting
	Nudge   int // working days after which whoever sits on a draft is reminded
}

// Adopted are events that the ledger had already: an earlier attempt stored them before its process ended.
type Adopted struct {
	Events []obligation.Event `json:"events,omitempty"`
}

// Decide stores a decision in one transaction and then does what follows from it outside the database: it starts
// the workflows of drafted documents, tells the task of an outcome and the dispatcher of what is urgent. All of
// that is idempotent, so a retry after a crash between the two completes it.
func (a *Activities) Decide(ctx context.Context, d Decision) (Adopted, error) {
	adopted, err := a.Record.Append(ctx, []obligation.Entry{d.Entry})
	if err != nil {
		return Adopted{}, final(err)
	}
	if events := adopted[0]; len(events) > 0 {
		return Adopted{events}, a.followAdopted(ctx, d, events)
	}
	return Adopted{}, a.follow(ctx, d, d.Entry)
}

// followAdopted repeats the follow-ups of events that an earlier attempt stored, from the stored state.
func (a *Activities) followAdopted(ctx context.Context, d Decision, events []obligation.Event) error {
	view, err := a.Record.Load(ctx, d.Entry.State.ID)
	if err != nil {
		return final(err)
	}
	drafts, err := a.Documents.Drafts(ctx, d.Entry.State.ID)
	if err != nil {
		return final(err)
	}
	en := obligation.Entry{State: view.State, Events: events, Drafts: drafts}
	for _, e := range events {
		en.Notices = append(en.Notices, obligation.Notices(view.State, e)...)
	}
	return a.follow(ctx, d, en)
}

func (a *Activities) follow(ctx context.Context, d Decision, en obligation.Entry) error {
	id := en.State.ID
	for _, doc := range en.Drafts {
		start := DocumentStart{
			Document: doc, UnitName: en.State.UnitName, Setting: d.Setting, Zone: en.State.Policy.Zone, Nudge: d.Nudge, At: en.State.Policy.At,
		}
		if err := a.Engine.StartDocument(ctx, start); err != nil {
			return err
		}
	}
	for _, e := range en.Events {
		var err error
		switch e.Kind {
		case obligation.Withdrawn:
			err = a.Engine.SettleDocument(ctx, id, e.Rung)
		case obligation.Accepted, obligation.Waived:
			err = a.Engine.NotifyTask(ctx, id.Plan, en.State.Task)
		default:
		}
		if err != nil {
			return err
		}
	}
	if isUrgent(en) {
		return a.Engine.NotifyDispatch(ctx, id.Plan)
	}
	return nil
}

// isUrgent reports whether anybody is to be told at once.
func isUrgent(en obligation.Entry) bool {
	return slices.ContainsFunc(en.Notices, func(n obligation.Notice) bool { return n.Urgent })
}

// Position is how far somebody has read an obligation's ledger.
type Position struct {
	ID  obligation.ID `json:"id"`
	Seq int           `json:"seq"`
}

// ReadLedger returns the events after a position: what others (a sign-off) recorded for the obligation.
func (a *Activities) ReadLedger(ctx context.Context, p Position) (Adopted, error) {
	events, err := a.Record.EventsAfter(ctx, p.ID, p.Seq)
	return Adopted{events}, final(err)
}

// MakeUp returns the events after the decision's state, which a lost Update has recorded, and does what follows from them outside the
// database, as Decide would have.
func (a *Activities) MakeUp(ctx context.Context, d Decision) (Adopted, error) {
	events, err := a.Record.EventsAfter(ctx, d.Entry.State.ID, d.Entry.State.Seq)
	if err != nil {
		return Adopted{}, final(err)
	}
	return Adopted{events}, a.followAdopted(ctx, d, events)
}

// Batch are obligations to open at the same business instant.
type Batch struct {
	Openings []obligation.Opening `json:"openings"`
	Calendar *calendar.Calendar   `json:"calendar"`
	Now      time.Time            `json:"now"`
}

// Opened tells of one obligation of a batch what its workflow starts from.
type Opened struct {
	Live    bool               `json:"live"` // false: history or closed, it runs no workflow
	Outcome obligation.Outcome `json:"outcome,omitempty"`
	At      time.Time          `json:"at"`  // of the event that opened it
	Seq     int                `json:"seq"` // of that event
}

// Open records the first events of a batch in one transaction and returns, in the same order, what became of each.
// What was opened by an earlier attempt is returned as that left it. History is reconsidered: the office may have said
// since that it was done, or is still owed.
func (a *Activities) Open(ctx context.Context, b Batch) ([]Opened, error) {
	ids := make([]obligation.ID, len(b.Openings))
	for i, o := range b.Openings {
		ids[i] = o.Facts.ID
	}
	outcomes, err := a.Record.Outcomes(ctx, ids)
	if err != nil {
		return nil, final(err)
	}
	entries := make([]obligation.Entry, len(b.Openings))
	for i := range b.Openings {
		b.Openings[i].Outcome = outcomes[ids[i]]
		first := obligation.Open(b.Openings[i], b.Calendar, b.Now)
		entries[i] = obligation.NewEntry(obligation.State{}, []obligation.Event{first}, b.Calendar)
	}
	ledgers, err := a.append(ctx, entries)
	if err != nil {
		return nil, final(err)
	}
	out := make([]Opened, len(entries))
	for i, events := range ledgers {
		if events, err = a.reconsider(ctx, events, b.Openings[i], b); err != nil {
			return nil, final(err)
		}
		out[i] = opened(events, outcomes[ids[i]])
	}
	return out, nil
}

// append stores the entries and returns the events that the ledger then has after each entry's Before.
func (a *Activities) append(ctx context.Context, entries []obligation.Entry) ([][]obligation.Event, error) {
	ledgers, err := a.Record.Append(ctx, entries)
	if err != nil {
		return nil, err
	}
	for i := range ledgers {
		if len(ledgers[i]) == 0 {
			ledgers[i] = entries[i].Events
		}
	}
	return ledgers, nil
}

func (a *Activities) reconsider(ctx context.Context, events []obligation.Event, o obligation.Opening, b Batch) ([]obligation.Event, error) {
	state := obligation.Replay(obligation.State{}, events)
	e, changed := obligation.Reconsider(state, o, b.Calendar, b.Now)
	if !changed {
		return events, nil
	}
	more, err := a.append(ctx, []obligation.Entry{obligation.NewEntry(state, []obligation.Event{e}, b.Calendar)})
	if err != nil {
		return nil, err
	}
	return append(events, more[0]...), nil
}

func opened(events []obligation.Event, outcome obligation.Outcome) Opened {
	o := Opened{Live: !obligation.Replay(obligation.State{}, events).IsClosed(), Outcome: outcome}
	for _, e := range events {
		if e.Kind == obligation.Opened {
			o.At, o.Seq = e.At, e.Seq
		}
	}
	return o
}

// TaskRef names a task.
type TaskRef struct {
	Plan string    `json:"plan"`
	Task string    `json:"task"`
	Now  time.Time `json:"now"`
}

// Count returns how the obligations of a task stand.
func (a *Activities) Count(ctx context.Context, t TaskRef) (obligation.Count, error) {
	counts, err := a.Record.Counts(ctx, t.Plan, t.Now)
	if err != nil {
		return obligation.Count{}, final(err)
	}
	for _, c := range counts {
		if c.Task == t.Task {
			return c, nil
		}
	}
	return obligation.Count{Task: t.Task}, nil
}
