package store

import (
	"context"
	"encoding/json"
	"fmt"

	"duban/calendar"
)

// Installation returns the installation's one clock. Whoever asks first decides which; want is only stored then.
func (s *Store) Installation(ctx context.Context, want calendar.Clock) (calendar.Clock, error) {
	if err := want.Validate(); err != nil {
		return calendar.Clock{}, err
	}
	content, err := json.Marshal(want)
	if err != nil {
		return calendar.Clock{}, fmt.Errorf("clock: %w", err)
	}
	var stored []byte
	err = s.write(ctx, func(t *tx) error {
		err := t.insert("installation", []string{"id", "clock", "created_at"}, t.store.dialect.keep("id"), [][]any{{1, string(content), instant{s.now()}}})
		if err != nil {
			return err
		}
		return t.QueryRowContext(t.ctx, "SELECT clock FROM installation WHERE id = 1").Scan(&stored)
	})
	if err != nil {
		return calendar.Clock{}, err
	}
	var clock calendar.Clock
	if err := json.Unmarshal(stored, &clock); err != nil {
		return calendar.Clock{}, fmt.Errorf("clock: %w", err)
	}
	return clock, nil
}
