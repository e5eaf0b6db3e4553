package store

import (
	"context"
	"time"
)

var heartbeatColumns = []string{"name", "at"}

// Beat records that somebody was at work at an instant.
func (s *Store) Beat(ctx context.Context, name string, at time.Time) error {
	return s.write(ctx, func(t *tx) error { return t.beat(name, at) })
}

func (t *tx) beat(name string, at time.Time) error {
	return t.insert("heartbeats", heartbeatColumns, t.store.dialect.replace("name", []string{"at"}), [][]any{{name, instant{at}}})
}

// ExpectBeats records an instant for each of the names that has none yet, so that who never begins is missed from then on.
func (s *Store) ExpectBeats(ctx context.Context, at time.Time, names ...string) error {
	rows := make([][]any, len(names))
	for i, name := range names {
		rows[i] = []any{name, instant{at}}
	}
	return s.write(ctx, func(t *tx) error { return t.insert("heartbeats", heartbeatColumns, t.store.dialect.keep("name"), rows) })
}

// ForgetBeats drops the names with the prefix whose last instant lies before another.
func (s *Store) ForgetBeats(ctx context.Context, prefix string, before time.Time) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("DELETE FROM heartbeats WHERE name LIKE ? AND at < ?", prefix+"%", instant{before})
		return err
	})
}

// Beats returns by name when each was last at work.
func (s *Store) Beats(ctx context.Context) (map[string]time.Time, error) {
	var rows []struct {
		Name string
		At   instant
	}
	if err := s.reader(ctx).Table("heartbeats").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make(map[string]time.Time, len(rows))
	for _, r := range rows {
		out[r.Name] = r.At.Time
	}
	return out, nil
}

// DispatchBeat is the name under which the full runs of a plan's dispatcher are recorded, in business time.
func DispatchBeat(plan string) string { return "dispatch/" + plan }

// Clock returns the instant that the database's clock shows.
func (s *Store) Clock(ctx context.Context) (time.Time, error) {
	query := "SELECT UTC_TIMESTAMP(6)"
	if s.driver == SQLite {
		query = "SELECT strftime('%Y-%m-%d %H:%M:%f000', 'now')"
	}
	var at instant
	err := s.reader(ctx).Raw(query).Row().Scan(&at)
	return at.Time, translate(err)
}
