package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"duban/assessment"
	"duban/obligation"
)

// PutRules keeps the rules by which a plan is assessed from now on, as their next version, from 1, unless they are those that
// stand. Every version is kept.
func (s *Store) PutRules(ctx context.Context, plan string, rules assessment.Rules) error {
	content, err := json.Marshal(rules)
	if err != nil {
		return fmt.Errorf("rules of %s: %w", plan, err)
	}
	sum := sha256.Sum256(content)
	return s.write(ctx, func(t *tx) error {
		var version int
		var hash string
		err := t.QueryRowContext(t.ctx, "SELECT version, content_hash FROM assessment_rules WHERE plan = ? ORDER BY version DESC LIMIT 1"+t.store.dialect.lock, plan).
			Scan(&version, &hash)
		if err != nil && !errors.Is(err, sql.ErrNoRows) || hash == hex.EncodeToString(sum[:]) {
			return err
		}
		return t.insert("assessment_rules", []string{"plan", "version", "content_hash", "content", "seeded_at"}, "",
			[][]any{{plan, version + 1, hex.EncodeToString(sum[:]), string(content), instant{s.now()}}})
	})
}

// Rules returns the rules by which a plan is assessed now.
func (s *Store) Rules(ctx context.Context, plan string) (assessment.Rules, error) {
	var row struct{ Content []byte }
	err := s.reader(ctx).Table("assessment_rules").Select("content").Where("plan = ?", plan).Order("version DESC").Limit(1).Take(&row).Error
	if err != nil {
		return assessment.Rules{}, translate(err)
	}
	var rules assessment.Rules
	if err := json.Unmarshal(row.Content, &rules); err != nil {
		return rules, fmt.Errorf("rules of %s: %w", plan, err)
	}
	return rules, nil
}

// assessmentRow is a row of assessments.
type assessmentRow struct {
	ID, Plan, Half, Stage, WaitingOn string
	NextAt                           instant
	Seq                              int
	HeadHash                         []byte
	State                            []byte
}

func (r assessmentRow) state() (assessment.State, error) {
	var s assessment.State
	if err := json.Unmarshal(r.State, &s); err != nil {
		return s, fmt.Errorf("assessment %s: %w", r.ID, err)
	}
	return s, nil
}

// assessmentEvent is a row of assessment_ledger.
type assessmentEvent struct {
	Assessment string
	Seq        int
	Kind       string
	At         instant
	Command    *string
	Notices    int
	Event      []byte
	Hash       []byte
}

func (r assessmentEvent) event() (assessment.Event, error) {
	var e assessment.Event
	if err := json.Unmarshal(r.Event, &e); err != nil {
		return e, fmt.Errorf("event %d of %s: %w", r.Seq, r.Assessment, err)
	}
	return e, nil
}

// DecideAssessment loads an assessment's state, lets decide make an event of it, and stores the event, the state after it and
// the notices that follow, all in one transaction in which nobody else changes the assessment. begun is its state where
// nothing is recorded yet. nextOf tells when something falls due next, zero where nothing does. An event that was stored
// with the key already is returned, with the state as it is now, and decide is not asked. decide may be called again and
// must not call the store; its refusal is returned as it is, with the state that it was made in. Where decide returns no
// event (Seq 0) nothing is stored. States are brief.
func (s *Store) DecideAssessment(ctx context.Context, begun assessment.State, key string,
	decide func(assessment.State) (assessment.Event, error), nextOf func(assessment.State) time.Time,
) (state assessment.State, e assessment.Event, err error) {
	err = s.write(ctx, func(t *tx) error {
		row, err := t.lockAssessment(begun)
		if err != nil {
			return err
		}
		if state, err = row.state(); err != nil {
			return err
		}
		var found bool
		if e, found, err = t.assessmentByKey(row.ID, key); err != nil || found {
			return err
		}
		if e, err = decide(state); err != nil || e.Seq == 0 {
			return err
		}
		if e.Seq != state.Seq+1 {
			return fmt.Errorf("%s at %d: %w", row.ID, state.Seq, errSequence)
		}
		state, err = t.recordAssessment(row, state, e, nextOf)
		return err
	})
	return state, e, err
}

// lockAssessment reads an assessment, locked until the transaction ends; where there is none, what is begun.
func (t *tx) lockAssessment(begun assessment.State) (assessmentRow, error) {
	row := assessmentRow{ID: begun.ID(), Plan: begun.Plan, Half: begun.Half}
	err := t.QueryRowContext(t.ctx, "SELECT seq, head_hash, state FROM assessments WHERE id = ?"+t.store.dialect.lock, row.ID).
		Scan(&row.Seq, &row.HeadHash, &row.State)
	if errors.Is(err, sql.ErrNoRows) {
		row.State, err = json.Marshal(begun)
	}
	return row, err
}

func (t *tx) assessmentByKey(id, key string) (assessment.Event, bool, error) {
	if key == "" {
		return assessment.Event{}, false, nil
	}
	row := assessmentEvent{Assessment: id}
	err := t.QueryRowContext(t.ctx, "SELECT seq, event FROM assessment_ledger WHERE assessment = ? AND command = ?", id, key).Scan(&row.Seq, &row.Event)
	if errors.Is(err, sql.ErrNoRows) {
		return assessment.Event{}, false, nil
	}
	if err != nil {
		return assessment.Event{}, false, err
	}
	e, err := row.event()
	return e, err == nil, err
}

// recordAssessment stores an event that was decided from the locked state, and returns the state after it.
func (t *tx) recordAssessment(row assessmentRow, before assessment.State, e assessment.Event, nextOf func(assessment.State) time.Time) (assessment.State, error) {
	after := assessment.Apply(before, e)
	content, err := json.Marshal(e)
	if err != nil {
		return after, err
	}
	notices := assessment.Notices(after, e)
	after = after.Brief()
	kept, err := json.Marshal(after)
	if err != nil {
		return after, err
	}
	head := obligation.Chain(row.HeadHash, row.ID, content)
	values := []string{"stage", "waiting_on", "next_at", "updated_at", "seq", "head_hash", "state"}
	err = t.insert("assessments", append([]string{"id", "plan", "half"}, values...), t.store.dialect.replace("id", values), [][]any{{
		row.ID, row.Plan, row.Half, string(after.Stage), after.WaitingOn(), instant{nextOf(after)}, instant{t.store.now()}, e.Seq, head, string(kept),
	}})
	if err != nil {
		return after, err
	}
	if err := t.store.breakAt("assessment"); err != nil {
		return after, err
	}
	var command any
	if e.Key != "" {
		command = e.Key
	}
	if e.Key != "" && e.By.Role != obligation.RoleSystem {
		if err := t.noteUnheard([]obligation.Unheard{{Ledger: row.ID, Command: e.Key}}); err != nil {
			return after, err
		}
	}
	err = t.insert("assessment_ledger", []string{"assessment", "seq", "kind", "at", "command", "notices", "event", "hash"}, "",
		[][]any{{row.ID, e.Seq, string(e.Kind), instant{e.At}, command, len(notices), string(content), head}})
	if err != nil {
		return after, err
	}
	messages := make([][]any, len(notices))
	for i, n := range notices {
		notice, err := json.Marshal(n.Notice)
		if err != nil {
			return after, err
		}
		messages[i] = []any{row.Plan, row.ID, e.Seq, n.Recipient, flag(n.Urgent), messagePending, instant{e.At}, string(notice)}
	}
	if err := t.store.breakAt("assessment ledger"); err != nil {
		return after, err
	}
	return after, t.insert("messages", []string{"plan", "assessment", "seq", "recipient", "urgent", "status", "created_at", "notice"}, "", messages)
}

// Assessments returns the assessments of a plan in the order of their half-years. The states are brief.
func (s *Store) Assessments(ctx context.Context, plan string) ([]assessment.State, error) {
	var rows []assessmentRow
	if err := s.reader(ctx).Table("assessments").Where("plan = ?", plan).Order("half").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]assessment.State, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.state(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// AssessmentEvents returns an assessment's whole record, or CodeNotFound where nothing is recorded. The first event holds the
// card with every line.
func (s *Store) AssessmentEvents(ctx context.Context, plan, half string) ([]assessment.Event, error) {
	var rows []assessmentEvent
	err := s.reader(ctx).Table("assessment_ledger").Where("assessment = ?", assessment.ID(plan, half)).Order("seq").Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	if len(rows) == 0 {
		return nil, notFound()
	}
	out := make([]assessment.Event, len(rows))
	for i, r := range rows {
		if out[i], err = r.event(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// AssessmentHashes returns the hashes of an assessment's record, in its order and in hexadecimal.
func (s *Store) AssessmentHashes(ctx context.Context, plan, half string) ([]string, error) {
	sums, err := texts(ctx, s.reader(ctx).Statement.ConnPool, "SELECT hash FROM assessment_ledger WHERE assessment = ? ORDER BY seq", assessment.ID(plan, half))
	out := make([]string, len(sums))
	for i, sum := range sums {
		out[i] = hex.EncodeToString(sum)
	}
	return out, translate(err)
}

// EachLedger shows the ledger of every obligation of a plan, from its first event on, one after the other and all as of one
// moment. It changes nothing, and keeps few of them in memory.
func (s *Store) EachLedger(ctx context.Context, plan string, visit func([]obligation.Event)) error {
	return s.snapshot(ctx, func(db *gorm.DB) error {
		h := historian{store: s, ctx: ctx, db: db}
		for last := ""; ; {
			var keys []historyKey
			err := db.Table("obligations").Select("id, unit").Where("plan = ? AND id > ?", plan, last).Order("id").Limit(historyPage).Find(&keys).Error
			if err != nil || len(keys) == 0 {
				return err
			}
			ledgers, err := h.ledgers(keys)
			if err != nil {
				return err
			}
			for _, events := range ledgers {
				visit(events)
			}
			last = keys[len(keys)-1].ID
		}
	})
}
