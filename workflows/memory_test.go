package workflows_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"duban/activities"
	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// memory keeps the record in memory, by the contract of the store: an entry is taken whole, or the ledger's own
// events are returned.
type memory struct {
	mu        sync.Mutex
	ledger    map[obligation.ID][]obligation.Event
	outcomes  map[obligation.ID]obligation.Outcome
	documents map[string]obligation.Document
	numbers   map[obligation.Series]int
	notices   []obligation.Notice
	posts     []obligation.Post
	runs      []activities.Dispatch
	failures  int // how many of the next calls fail as a database that is down does
	told      []string
	started   []activities.DocumentStart

	assessments map[string][]assessment.Event
	posted      []assessment.Notice
	unruled     int // how many of the next counts find no rules
	lost        int // how many of the next assessments are stored while their answer is lost
}

func newMemory() *memory {
	return &memory{
		ledger: map[obligation.ID][]obligation.Event{}, outcomes: map[obligation.ID]obligation.Outcome{},
		documents: map[string]obligation.Document{}, numbers: map[obligation.Series]int{},
		assessments: map[string][]assessment.Event{},
	}
}

func (m *memory) activities() *activities.Activities {
	return &activities.Activities{Record: m, Documents: m, Outbox: m, Engine: engine{m}, Assessments: m, Hazards: m}
}

func (m *memory) state(id obligation.ID) obligation.State {
	return obligation.Replay(obligation.State{}, m.ledger[id])
}

func (m *memory) Append(_ context.Context, entries []obligation.Entry) ([][]obligation.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failures > 0 {
		m.failures--
		return nil, context.DeadlineExceeded
	}
	out := make([][]obligation.Event, len(entries))
	for i, en := range entries {
		out[i] = m.append(en)
	}
	return out, nil
}

// add stores what an earlier attempt, or a stand-in, decided.
func (m *memory) add(en obligation.Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.append(en)
}

// say is the office's word on what fell due before the as-of date.
func (m *memory) say(id obligation.ID, outcome obligation.Outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.outcomes[id] = outcome
}

func (m *memory) append(en obligation.Entry) []obligation.Event {
	id := en.State.ID
	if have := m.ledger[id]; len(have) > en.Before {
		return slices.Clone(have[en.Before:])
	}
	m.ledger[id] = append(m.ledger[id], en.Events...)
	m.notices = append(m.notices, en.Notices...)
	for _, d := range en.Drafts {
		m.documents[obligation.DocumentID(id, d.Rung)] = d
	}
	for _, e := range en.Events {
		if !e.SettlesDocument() {
			continue
		}
		key := obligation.DocumentID(id, e.Rung)
		m.documents[key] = m.documents[key].After(e)
	}
	return nil
}

// Enter loses its answer as often as lost says, after it has entered the hazard.
func (m *memory) Enter(_ context.Context, _, key string, year int, open func(int) (obligation.Entry, error)) (obligation.Entered, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for id, events := range m.ledger {
		first := events[0]
		if first.Facts.Hazard == nil || first.Facts.Hazard.Year != year {
			continue
		}
		if first.Key == key {
			return obligation.Entered{State: obligation.Replay(obligation.State{}, m.ledger[id][:1]), Event: first}, nil
		}
		n++
	}
	en, err := open(n + 1)
	if err != nil {
		return obligation.Entered{}, err
	}
	m.append(en)
	if m.lost > 0 {
		m.lost--
		return obligation.Entered{}, errors.New("the answer is lost")
	}
	return obligation.Entered{State: en.State, Event: en.Events[0]}, nil
}

func (m *memory) OpenHazards(context.Context, string) ([]obligation.ID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []obligation.ID
	for id := range m.ledger {
		if s := m.state(id); s.Hazard != nil && !s.IsClosed() {
			out = append(out, id)
		}
	}
	slices.SortFunc(out, func(a, b obligation.ID) int { return strings.Compare(a.Period, b.Period) })
	return out, nil
}

func (m *memory) EventsAfter(_ context.Context, id obligation.ID, seq int) ([]obligation.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.ledger[id][seq:]), nil
}

func (m *memory) Outcomes(_ context.Context, ids []obligation.ID) (map[obligation.ID]obligation.Outcome, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.outcomes), nil
}

func (m *memory) Load(_ context.Context, id obligation.ID) (obligation.View, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return obligation.View{State: m.state(id)}, nil
}

func (m *memory) Counts(_ context.Context, plan string, _ time.Time) ([]obligation.Count, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	counts := map[string]obligation.Count{}
	for id := range m.ledger {
		s := m.state(id)
		c := counts[s.Task]
		c.Task, c.Total = s.Task, c.Total+1
		switch s.Stage {
		case obligation.StageAccepted:
			c.Closed++
		case obligation.StageWaived:
			c.Waived++
		case obligation.StageHistory:
			c.History++
		default:
			c.Open++
		}
		counts[s.Task] = c
	}
	var out []obligation.Count
	for _, c := range counts {
		out = append(out, c)
	}
	return out, nil
}

func (m *memory) Drafts(_ context.Context, id obligation.ID) ([]obligation.Document, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []obligation.Document
	for _, d := range m.documents {
		if d.Obligation == id && d.Status == obligation.DocumentDraft {
			out = append(out, d)
		}
	}
	return out, nil
}

func (m *memory) Document(_ context.Context, id obligation.ID, rung obligation.Rung) (obligation.Document, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.documents[obligation.DocumentID(id, rung)], nil
}

func (m *memory) Issue(_ context.Context, id obligation.ID, rung obligation.Rung, series obligation.Series, _ time.Time, _ string,
	decide func(obligation.State, string, int) (obligation.Entry, error),
) (obligation.Document, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := obligation.DocumentID(id, rung)
	if d := m.documents[key]; d.Status == obligation.DocumentIssued {
		return d, nil
	}
	letters := 0
	for _, d := range m.documents {
		if d.Rung == obligation.Letter && d.Status == obligation.DocumentIssued && d.Unit == id.Unit {
			letters++
		}
	}
	if rung == obligation.Letter {
		letters++
	}
	en, err := decide(m.state(id), series.Format(m.numbers[series]+1), letters)
	if err != nil {
		return obligation.Document{}, err
	}
	m.numbers[series]++
	m.append(en)
	return m.documents[key], nil
}

func (m *memory) Decide(_ context.Context, id obligation.ID, decide func(obligation.State) (obligation.Entry, error)) ([]obligation.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	en, err := decide(m.state(id))
	if err != nil {
		return nil, err
	}
	m.append(en)
	return en.Events, nil
}

func (m *memory) EventByKey(_ context.Context, id obligation.ID, key string) (obligation.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.ledger[id] {
		if e.Key == key {
			return e, nil
		}
	}
	return obligation.Event{}, &obligation.Error{Code: obligation.CodeNotFound}
}

func (m *memory) Post(_ context.Context, p obligation.Post) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.ContainsFunc(m.posts, func(have obligation.Post) bool { return have.Key == p.Key }) {
		m.posts = append(m.posts, p)
	}
	return nil
}

func (m *memory) Digest(_ context.Context, plan string, day calendar.Date, urgent bool, now time.Time, _ []string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.runs = append(m.runs, activities.Dispatch{Plan: plan, Day: day, Urgent: urgent, Now: now})
	return 0, nil
}

func (m *memory) PendingDeliveries(context.Context, string, string, int) ([]obligation.Delivery, error) {
	return nil, nil
}

func (m *memory) DigestByID(context.Context, string) (obligation.Digest, error) {
	return obligation.Digest{}, nil
}

func (m *memory) BeginDelivery(context.Context, obligation.Delivery, time.Time) (bool, error) {
	return true, nil
}

func (m *memory) FinishDelivery(context.Context, obligation.Delivery, ...string) error { return nil }

func (m *memory) AbandonDeliveries(context.Context, string) error { return nil }

func (m *memory) Definition(context.Context, string) (obligation.Definition, error) {
	return obligation.Definition{Plan: plan.Plan{Code: "p", Zone: "Asia/Shanghai"}}, nil
}

func (m *memory) Rules(context.Context, string) (assessment.Rules, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.unruled > 0 {
		m.unruled--
		return assessment.Rules{}, &obligation.Error{Code: obligation.CodeNotFound}
	}
	return assessment.Rules{Title: "试行", Base: 1000, Items: []assessment.Item{{Code: "overdue", On: assessment.Overdue, Points: -20}}}, nil
}

func (m *memory) EachLedger(_ context.Context, _ string, visit func([]obligation.Event)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, events := range m.ledger {
		visit(events)
	}
	return nil
}

func (m *memory) DecideAssessment(_ context.Context, begun assessment.State, key string, decide func(assessment.State) (assessment.Event, error),
	_ func(assessment.State) time.Time,
) (assessment.State, assessment.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	state := begun
	var found assessment.Event
	for _, e := range m.assessments[begun.ID()] {
		state = assessment.Apply(state, e)
		if key != "" && e.Key == key {
			found = e
		}
	}
	if found.Seq > 0 {
		return state.Brief(), found, nil
	}
	e, err := decide(state)
	if err != nil || e.Seq == 0 {
		return state.Brief(), e, err
	}
	m.assessments[begun.ID()] = append(m.assessments[begun.ID()], e)
	state = assessment.Apply(state, e)
	m.posted = append(m.posted, assessment.Notices(state, e)...)
	if m.lost > 0 {
		m.lost--
		return assessment.State{}, assessment.Event{}, context.DeadlineExceeded
	}
	return state.Brief(), e, nil
}

// engine notes what activities tell other workflows.
type engine struct{ m *memory }

func (e engine) StartDocument(_ context.Context, d activities.DocumentStart) error {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	e.m.started = append(e.m.started, d)
	return nil
}

func (e engine) SettleDocument(_ context.Context, id obligation.ID, rung obligation.Rung) error {
	e.note("settle " + obligation.DocumentID(id, rung))
	return nil
}

func (e engine) NotifyTask(_ context.Context, plan, task string) error {
	e.note("task " + plan + "/" + task)
	return nil
}

func (e engine) NotifyDispatch(_ context.Context, plan string) error {
	e.note("dispatch " + plan)
	return nil
}

func (e engine) note(text string) {
	e.m.mu.Lock()
	defer e.m.mu.Unlock()
	e.m.told = append(e.m.told, text)
}
