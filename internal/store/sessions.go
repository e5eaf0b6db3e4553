package store

import (
	"context"
	"time"
)

// Session returns the data of a session that is not over at the instant, given by the hash of its token; ok is false where
// there is none.
func (s *Store) Session(ctx context.Context, token string, now time.Time) (data []byte, ok bool, err error) {
	found, err := texts(ctx, s.reader(ctx).Statement.ConnPool, "SELECT data FROM sessions WHERE token = ? AND expires_at > ?", token, instant{now})
	if err != nil || len(found) == 0 {
		return nil, false, translate(err)
	}
	return found[0], true, nil
}

// KeepSession stores the data of a session, and removes those that are over at the instant.
func (s *Store) KeepSession(ctx context.Context, token string, data []byte, expires, now time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.exec("DELETE FROM sessions WHERE expires_at <= ?", instant{now}); err != nil {
			return err
		}
		replace := t.store.dialect.replace("token", []string{"data", "expires_at"})
		return t.insert("sessions", []string{"token", "data", "expires_at"}, replace, [][]any{{token, data, instant{expires}}})
	})
}

// ExtendSession stores the data of a session that is kept already. One that was dropped meanwhile stays so.
func (s *Store) ExtendSession(ctx context.Context, token string, data []byte, expires time.Time) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("UPDATE sessions SET data = ?, expires_at = ? WHERE token = ?", data, instant{expires}, token)
		return err
	})
}

// DropSession ends a session. One that does not exist needs no ending.
func (s *Store) DropSession(ctx context.Context, token string) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("DELETE FROM sessions WHERE token = ?", token)
		return err
	})
}
