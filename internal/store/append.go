package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"duban/obligation"
)

// prepared is an entry in the form in which it is stored, so that writers have little left to do.
type prepared struct {
	obligation.Entry
	id       string
	policies []policyRow // of the state first
	events   []preparedEvent
	state    []byte
}

type preparedEvent struct {
	content []byte
	notices []preparedNotice
}

type preparedNotice struct {
	obligation.Notice
	recipient string
	content   []byte
}

// maxID is the greatest length of an obligation's ID, in characters.
const maxID = 255

func prepare(en obligation.Entry) (prepared, error) {
	p := prepared{Entry: en, id: en.State.ID.String()}
	if _, ok := obligation.ParseID(p.id); !ok || utf8.RuneCountInString(p.id) > maxID {
		return p, fmt.Errorf("entry: invalid obligation %q", p.id)
	}
	if en.State.Seq != en.Before+len(en.Events) {
		return p, fmt.Errorf("entry of %s: state at %d after %d events from %d", p.id, en.State.Seq, len(en.Events), en.Before)
	}
	policy, err := newPolicy(en.State.Policy)
	if err != nil {
		return p, err
	}
	p.policies = []policyRow{policy}
	if p.state, err = json.Marshal(storedState{State: en.State}); err != nil {
		return p, fmt.Errorf("state of %s: %w", p.id, err)
	}
	p.events = make([]preparedEvent, len(en.Events))
	for i, e := range en.Events {
		if e.Seq != en.Before+i+1 {
			return p, fmt.Errorf("entry of %s: event %d stands after %d", p.id, e.Seq, en.Before+i)
		}
		if p.events[i], err = p.prepareEvent(e); err != nil {
			return p, fmt.Errorf("event %d of %s: %w", e.Seq, p.id, err)
		}
	}
	for _, n := range en.Notices {
		i := n.Seq - en.Before - 1
		if i < 0 || i >= len(p.events) {
			return p, fmt.Errorf("entry of %s: notice of event %d, which is not in it", p.id, n.Seq)
		}
		content, err := json.Marshal(n)
		if err != nil {
			return p, fmt.Errorf("notice of %s: %w", p.id, err)
		}
		p.events[i].notices = append(p.events[i].notices, preparedNotice{n, en.State.Address(n.To), content})
	}
	return p, nil
}

func (p *prepared) prepareEvent(e obligation.Event) (preparedEvent, error) {
	stored := obligation.KeptEvent{Event: e}
	if e.Policy != nil {
		row, err := newPolicy(*e.Policy)
		if err != nil {
			return preparedEvent{}, err
		}
		stored.Policy = row.Hash
		if row.Hash != p.policies[0].Hash {
			p.policies = append(p.policies, row)
		}
	}
	content, err := json.Marshal(stored)
	return preparedEvent{content: content}, err
}

// Append stores the entries in one transaction, all or none: ledger, read model, messages and documents. Where the
// ledger is already ahead of an entry (an earlier attempt stored it before its process ended, or somebody else
// recorded something), nothing of that entry is stored and the element of the result is the ledger's events after
// the entry's Before, for the caller to adopt; otherwise it is nil. An entry without events only refreshes standing
// and next step. The error is a *BehindError where the ledger has lost events.
func (s *Store) Append(ctx context.Context, entries []obligation.Entry) ([][]obligation.Event, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	list := make([]prepared, len(entries))
	for i, en := range entries {
		var err error
		if list[i], err = prepare(en); err != nil {
			return nil, err
		}
	}
	ctx, ended := s.observe(ctx)
	adopted, err := s.appends.append(ctx, list)
	err = translate(err)
	ended(err)
	if err != nil {
		return nil, err
	}
	out := make([][]obligation.Event, len(adopted))
	for i, a := range adopted {
		out[i] = a
	}
	return out, nil
}

// head is what the read model says of an obligation before a write.
type head struct {
	seq     int
	hash    []byte
	listing listing
	exists  bool
}

// listing is what obligations are listed by. It stands in indexes, so it is only written where it changed.
type listing struct {
	task, due, stage, outcome, yellowAt, overdueAt string
	wasOverdue                                     bool
	waitingOn, waitsFor, waitsSince, searchText    string
}

// values are in the order of listedColumns.
func (l listing) values() []any {
	var since any
	if l.waitsSince != "" {
		since = l.waitsSince
	}
	return []any{
		l.task, l.due, l.stage, l.outcome, l.yellowAt, l.overdueAt, flag(l.wasOverdue), l.waitingOn, l.waitsFor, since, l.searchText,
	}
}

func (p *prepared) listing() listing {
	return listing{
		task: p.State.Task, due: required(p.State.Due).(string), stage: string(p.Standing.Stage), outcome: string(p.Standing.Outcome),
		yellowAt: stamp(standing(p.Standing.YellowAt)), overdueAt: stamp(standing(p.Standing.OverdueAt)), wasOverdue: p.Standing.WasOverdue,
		waitingOn: p.State.WaitingOn(), waitsFor: string(p.State.WaitsFor()), waitsSince: stampOrNone(p.State.WaitsSince()), searchText: p.State.SearchText(),
	}
}

// stampOrNone returns the instant as it is stored, "" for none.
func stampOrNone(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(instant{t})
}

func stamp(t instant) string { return t.UTC().Format(instantLayout) }

// headQuery is answered from the row alone; ids follow.
const headQuery = "SELECT id, seq, head_hash, task, due, stage, outcome, yellow_at, overdue_at, was_overdue, waiting_on, COALESCE(waits_for, ''), waits_since, search_text" +
	" FROM obligations WHERE id "

// heads returns the heads of the obligations that exist, locked until the transaction ends.
func (t *tx) heads(ids []string) (map[string]head, error) {
	out := make(map[string]head, len(ids))
	one := t.store.dialect.rows == 1
	for len(ids) > 0 {
		n := min(len(ids), t.store.dialect.rows)
		query := headQuery + "= ?"
		if !one {
			query = headQuery + "IN (" + marks(n) + ") ORDER BY id" + t.store.dialect.lock
		}
		if err := t.scanHeads(out, query, anys(ids[:n])); err != nil {
			return nil, err
		}
		ids = ids[n:]
	}
	return out, nil
}

func (t *tx) scanHeads(out map[string]head, query string, args []any) error {
	rows, err := t.QueryContext(t.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		h := head{exists: true}
		var id string
		var due date
		var yellow, overdue, since instant
		l := &h.listing
		err := rows.Scan(&id, &h.seq, &h.hash, &l.task, &due, &l.stage, &l.outcome, &yellow, &overdue, &l.wasOverdue,
			&l.waitingOn, &l.waitsFor, &since, &l.searchText)
		if err != nil {
			return err
		}
		l.due, l.yellowAt, l.overdueAt, l.waitsSince = due.String(), stamp(yellow), stamp(overdue), stampOrNone(since.Time)
		out[id] = h
	}
	return rows.Err()
}

// batch is what the entries of one transaction come to, table by table.
type batch struct {
	policies  []policyRow
	states    map[string]stateRow // the last state of each obligation
	order     []string            // of states
	ledger    [][]any
	messages  [][]any
	documents [][]any
	settled   []settlement
	handedIn  []handingIn
	adoptions []pendingAdoption
}

type stateRow struct {
	entry    *prepared
	head     head // as stored before the transaction
	headHash []byte
}

// settlement is what an event does to its document.
type settlement struct {
	id    obligation.ID
	event obligation.Event
}

// pendingAdoption is an entry that the ledger is ahead of; its events are read once all others are written.
type pendingAdoption struct {
	out    *adoption
	id     obligation.ID
	before int
}

func (b *batch) add(other batch) {
	b.policies = append(b.policies, other.policies...)
	for _, id := range other.order {
		if _, ok := b.states[id]; !ok {
			b.order = append(b.order, id)
		}
		b.states[id] = other.states[id]
	}
	b.ledger = append(b.ledger, other.ledger...)
	b.messages = append(b.messages, other.messages...)
	b.documents = append(b.documents, other.documents...)
	b.settled = append(b.settled, other.settled...)
	b.handedIn = append(b.handedIn, other.handedIn...)
	b.adoptions = append(b.adoptions, other.adoptions...)
}

// appendJobs stores the entries of all jobs. A job that cannot be stored gets its error and leaves the others alone;
// an error returned fails the transaction.
func (t *tx) appendJobs(jobs []*job) error {
	if len(jobs) == 0 {
		return nil
	}
	var ids []string
	for _, j := range jobs {
		for i := range j.entries {
			ids = append(ids, j.entries[i].id)
		}
	}
	slices.Sort(ids) // rows are locked in one order
	stored, err := t.heads(slices.Compact(ids))
	if err != nil {
		return err
	}
	all := batch{states: map[string]stateRow{}}
	current := map[string]stateRow{} // of obligations that this transaction has written already
	for _, j := range jobs {
		b, err := planJob(j, stored, current)
		if err != nil {
			j.err = err
			continue
		}
		maps.Copy(current, b.states)
		all.add(b)
	}
	return t.flush(all)
}

// planJob works out what the entries of one job come to.
func planJob(j *job, stored map[string]head, current map[string]stateRow) (batch, error) {
	b := batch{states: map[string]stateRow{}}
	j.adopted = make([]adoption, len(j.entries))
	for i := range j.entries {
		p := &j.entries[i]
		h := stored[p.id]
		seq, hash := h.seq, h.hash
		for _, written := range []map[string]stateRow{current, b.states} {
			if row, ok := written[p.id]; ok {
				seq, hash = row.entry.State.Seq, row.headHash
			}
		}
		switch {
		case seq > p.Before:
			b.adoptions = append(b.adoptions, pendingAdoption{&j.adopted[i], p.State.ID, p.Before})
		case seq < p.Before:
			return batch{}, &BehindError{ID: p.State.ID, Have: seq, Want: p.Before}
		case seq == 0 && len(p.events) == 0:
			return batch{}, fmt.Errorf("entry of %s opens nothing", p.id)
		default:
			b.record(p, h, hash)
		}
	}
	return b, nil
}

// record adds an entry that follows the ledger's last event, whose hash is before.
func (b *batch) record(p *prepared, h head, before []byte) {
	id := p.State.ID
	b.policies = append(b.policies, p.policies...)
	for i, e := range p.Events {
		pe := p.events[i]
		before = obligation.Chain(before, p.id, pe.content)
		var command any
		if e.Key != "" {
			command = e.Key
		}
		b.ledger = append(b.ledger, []any{p.id, e.Seq, string(e.Kind), instant{e.At}, command, len(pe.notices), string(pe.content), before})
		for _, n := range pe.notices {
			b.messages = append(b.messages, []any{
				id.Plan, p.id, n.Seq, nil, n.recipient, flag(n.Urgent), messagePending, instant{e.At}, string(n.content),
			})
		}
		if e.SettlesDocument() {
			b.settled = append(b.settled, settlement{id, e})
		}
		if len(e.Evidence) > 0 {
			b.handedIn = append(b.handedIn, handingIn{id, e})
		}
	}
	for _, d := range p.Drafts {
		b.documents = append(b.documents, documentValues(d))
	}
	if _, ok := b.states[p.id]; !ok {
		b.order = append(b.order, p.id)
	}
	b.states[p.id] = stateRow{entry: p, head: h, headHash: before}
}

var (
	ledgerColumns  = []string{"obligation", "seq", "kind", "at", "command", "notices", "event", "hash"}
	messageColumns = []string{"plan", "obligation", "seq", "post_key", "recipient", "urgent", "status", "created_at", "notice"}

	// stateColumns change with every event, listedColumns stand in indexes, fixedColumns never change.
	stateColumns = []string{
		"original_due", "deadline", "next_at", "next_kind", "rung", "opened_at", "closed_at", "updated_at",
		"seq", "head_hash", "policy", "state",
	}
	listedColumns = []string{
		"task", "due", "stage", "outcome", "yellow_at", "overdue_at", "was_overdue", "waiting_on", "waits_for", "waits_since", "search_text",
	}
	fixedColumns = []string{"id", "plan", "measure", "unit", "period"}

	obligationColumns = slices.Concat(stateColumns, listedColumns, fixedColumns)

	updateState  = "UPDATE obligations SET " + setters(stateColumns) + " WHERE id = ?"
	updateListed = "UPDATE obligations SET " + setters(slices.Concat(stateColumns, listedColumns)) + " WHERE id = ?"
)

func setters(columns []string) string { return strings.Join(columns, " = ?, ") + " = ?" }

// flush writes the batch. The order lets every row find what it refers to.
func (t *tx) flush(b batch) error {
	steps := []struct {
		point string
		write func() error
	}{
		{"policies", func() error { return t.storePolicies(b.policies) }},
		{"obligations", func() error { return t.storeStates(b) }},
		{"hazards", func() error { return t.storeHazards(b) }},
		{"ledger", func() error { return t.insert("ledger", ledgerColumns, "", b.ledger) }},
		{"messages", func() error { return t.insert("messages", messageColumns, "", b.messages) }},
		{"documents", func() error { return t.insert("documents", documentColumns, "", b.documents) }},
		{"settlements", func() error { return t.settleDocuments(b.settled) }},
		{"evidence", func() error { return t.handIn(b.handedIn) }},
	}
	for _, s := range steps {
		if err := t.store.breakAt(s.point); err != nil {
			return err
		}
		if err := s.write(); err != nil {
			return err
		}
	}
	for _, a := range b.adoptions {
		events, err := t.store.events(t.ctx, t, a.id, a.before, 0)
		if err != nil {
			return err
		}
		*a.out = events
	}
	return nil
}

func (t *tx) storePolicies(policies []policyRow) error {
	stored := &t.store.policies.stored
	seen := map[string]bool{}
	for _, p := range policies {
		if _, ok := stored.Load(p.Hash); ok || seen[p.Hash] {
			continue
		}
		seen[p.Hash] = true
		t.done = append(t.done, func() { stored.Store(p.Hash, true) })
		// Looked for first, since a stored policy may not even seem to be updated.
		have, err := texts(t.ctx, t, "SELECT hash FROM policies WHERE hash = ?", p.Hash)
		if err != nil {
			return err
		}
		if len(have) > 0 {
			continue
		}
		if err := t.insert("policies", []string{"hash", "content"}, "", [][]any{{p.Hash, string(p.Content)}}); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) storeStates(b batch) error {
	now := t.store.now()
	var rows [][]any
	for _, id := range b.order {
		row := b.states[id]
		p := row.entry
		l := p.listing()
		values := p.stateValues(row.headHash, now)
		listed := l.values()
		fixed := p.fixedValues()
		if t.store.dialect.rows > 1 || !row.head.exists {
			rows = append(rows, slices.Concat(values, listed, fixed))
			continue
		}
		query, args := updateState, slices.Concat(values, []any{p.id})
		if l != row.head.listing {
			query, args = updateListed, slices.Concat(values, listed, []any{p.id})
		}
		if n, err := t.exec(query, args...); err != nil || n != 1 {
			return errors.Join(err, missing(n))
		}
	}
	suffix := ""
	if t.store.dialect.rows > 1 {
		suffix = t.store.dialect.replace("id", slices.Concat(stateColumns, listedColumns))
	}
	return t.insert("obligations", obligationColumns, suffix, rows)
}

func missing(n int64) error {
	if n == 1 {
		return nil
	}
	return fmt.Errorf("%d rows instead of one", n)
}

// fixedValues are in the order of fixedColumns.
func (p *prepared) fixedValues() []any {
	return []any{p.id, p.State.ID.Plan, p.State.ID.Measure, p.State.ID.Unit, p.State.ID.Period}
}

// stateValues are in the order of stateColumns.
func (p *prepared) stateValues(headHash []byte, now time.Time) []any {
	s := p.State
	return []any{
		required(s.Original), required(s.Anchor),
		instant{p.NextAt},
		p.NextKind, string(s.HighestRung()),
		instant{s.Opened},
		instant{s.Closed},
		instant{now},
		s.Seq, headHash, p.policies[0].Hash, string(p.state),
	}
}
