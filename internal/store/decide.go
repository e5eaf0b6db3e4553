package store

import (
	"context"
	"fmt"

	"duban/obligation"
)

// Decide loads the state, lets decide make an entry of it and stores that, all in one transaction in which nobody
// else changes the obligation. It returns the events stored. decide may be called again and must not call the store;
// its refusal is returned as it is.
func (s *Store) Decide(ctx context.Context, id obligation.ID, decide func(obligation.State) (obligation.Entry, error)) ([]obligation.Event, error) {
	var out []obligation.Event
	err := s.write(ctx, func(t *tx) error {
		state, err := t.lockState(id)
		if err != nil {
			return err
		}
		entry, err := decide(state)
		if err != nil {
			return err
		}
		out = entry.Events
		return t.record(state, entry)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// lockState reads the state, locked until the transaction ends.
func (t *tx) lockState(id obligation.ID) (obligation.State, error) {
	var content []byte
	var policy string
	err := t.QueryRowContext(t.ctx, "SELECT state, policy FROM obligations WHERE id = ?"+t.store.dialect.lock, id.String()).Scan(&content, &policy)
	if err != nil {
		return obligation.State{}, err
	}
	return t.store.decodeState(t.ctx, t, content, policy)
}

// record stores an entry that was decided from the locked state.
func (t *tx) record(state obligation.State, en obligation.Entry) error {
	if en.State.ID != state.ID || en.Before != state.Seq {
		return fmt.Errorf("%s at %d: %w", state.ID, state.Seq, errSequence)
	}
	p, err := prepare(en)
	if err != nil {
		return err
	}
	j := &job{ctx: t.ctx, entries: []prepared{p}}
	if err := t.appendJobs([]*job{j}); err != nil {
		return err
	}
	return j.err
}
