package store

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"duban/obligation"
)

// The sizes of pages.
const (
	defaultPage = 50
	maxPage     = 200
)

func pageSize(limit int) int {
	if limit <= 0 {
		return defaultPage
	}
	return min(limit, maxPage)
}

// cursor points behind the last row of a page: its sort key and its ID. It is opaque to callers.
type cursor struct {
	Key string `json:"k"`
	ID  string `json:"i"`
}

// String returns the text form.
func (c cursor) String() string {
	b, _ := json.Marshal(c) // two texts cannot fail
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(s string) (cursor, error) {
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || json.Unmarshal(b, &c) != nil || c.Key == "" {
		return cursor{}, errCursor
	}
	return c, nil
}

// lightSQL derives the light as obligation.DeriveLight does; it takes the business instant twice.
const lightSQL = `CASE
 WHEN stage = 'history' THEN CASE outcome WHEN 'done' THEN 'green' WHEN 'missed' THEN 'red' WHEN 'owed' THEN 'red' ELSE 'none' END
 WHEN stage = 'waived' THEN 'none'
 WHEN stage IN ('open', 'signed', 'returned') AND overdue_at <= ? THEN 'red'
 WHEN stage IN ('open', 'signed', 'returned') AND (yellow_at <= ? OR stage = 'returned') THEN 'yellow'
 WHEN was_overdue = 1 THEN 'yellow'
 ELSE 'green' END`

// openSQL holds where an obligation is not closed.
const openSQL = "stage NOT IN ('accepted', 'waived', 'history')"

// viewRow is a row of obligations as lists need it.
type viewRow struct {
	ID         string
	Due        date
	Stage      string
	Outcome    string
	YellowAt   instant
	OverdueAt  instant
	WasOverdue bool
	NextAt     instant
	NextKind   string
	UpdatedAt  instant
	Seq        int
	HeadHash   []byte
	Policy     string
	State      []byte
}

const viewColumns = "id, due, stage, outcome, yellow_at, overdue_at, was_overdue, next_at, next_kind, updated_at, seq, head_hash, policy, state"

func (s *Store) view(ctx context.Context, q querier, r viewRow) (obligation.View, error) {
	state, err := s.decodeState(ctx, q, r.State, r.Policy)
	return obligation.View{
		State: state,
		Standing: obligation.Standing{
			Stage: obligation.Stage(r.Stage), Outcome: obligation.Outcome(r.Outcome), WasOverdue: r.WasOverdue,
			YellowAt: r.YellowAt.Time, OverdueAt: r.OverdueAt.Time,
		},
		NextAt: r.NextAt.Time, NextKind: r.NextKind, Updated: r.UpdatedAt.Time,
	}, err
}

// Load returns an obligation as it stands.
func (s *Store) Load(ctx context.Context, id obligation.ID) (obligation.View, error) {
	db := s.reader(ctx)
	var row viewRow
	if err := db.Table("obligations").Select(viewColumns).Where("id = ?", id.String()).Take(&row).Error; err != nil {
		return obligation.View{}, translate(err)
	}
	v, err := s.view(ctx, db.Statement.ConnPool, row)
	return v, translate(err)
}

// Counts returns how the plan's obligations stand, by task: the numbered tasks first, in order. Red and yellow are as
// of now and count every obligation that List shows with that light.
func (s *Store) Counts(ctx context.Context, plan string, now time.Time) ([]obligation.Count, error) {
	at := standing(now)
	var rows []struct {
		Task, Stage, Light string
		N                  int
	}
	err := s.reader(ctx).Raw("SELECT task, stage, light, COUNT(*) AS n FROM (SELECT task, stage, "+lightSQL+
		" AS light FROM obligations WHERE plan = ?) AS o GROUP BY task, stage, light", at, at, plan).Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	byTask := map[string]*obligation.Count{}
	for _, r := range rows {
		c := byTask[r.Task]
		if c == nil {
			c = &obligation.Count{Task: r.Task}
			byTask[r.Task] = c
		}
		c.Total += r.N
		switch obligation.Stage(r.Stage) {
		case obligation.StageAccepted:
			c.Closed += r.N
		case obligation.StageWaived:
			c.Waived += r.N
		case obligation.StageHistory:
			c.History += r.N
		default:
			c.Open += r.N
		}
		switch obligation.Light(r.Light) {
		case obligation.Red:
			c.Red += r.N
		case obligation.Yellow:
			c.Yellow += r.N
		default:
		}
	}
	out := make([]obligation.Count, 0, len(byTask))
	for _, c := range byTask {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b obligation.Count) int { return compareTasks(a.Task, b.Task) })
	return out, nil
}

// compareTasks orders numbers as numbers, before everything else.
func compareTasks(a, b string) int {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	switch {
	case errX == nil && errY == nil:
		return cmp.Compare(x, y)
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	default:
		return cmp.Compare(a, b)
	}
}

// events reads the obligation's events after a sequence, ascending; limit 0 means all.
func (s *Store) events(ctx context.Context, q querier, id obligation.ID, after, limit int) ([]obligation.Event, error) {
	query, args := "SELECT event FROM ledger WHERE obligation = ? AND seq > ? ORDER BY seq", []any{id.String(), after}
	if limit > 0 {
		query, args = query+" LIMIT ?", append(args, limit)
	}
	contents, err := texts(ctx, q, query, args...)
	if err != nil {
		return nil, err
	}
	events := make([]obligation.Event, len(contents))
	for i, content := range contents {
		if events[i], err = s.decodeEvent(ctx, q, content); err != nil {
			return nil, err
		}
	}
	return events, nil
}

// texts reads a query's one column to its end, so that the connection is free for the next query.
func texts(ctx context.Context, q querier, query string, args ...any) ([][]byte, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]byte
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, rows.Err()
}

// EventsAfter returns all events of the obligation whose sequence is greater than seq, ascending.
func (s *Store) EventsAfter(ctx context.Context, id obligation.ID, seq int) ([]obligation.Event, error) {
	events, err := s.events(ctx, s.reader(ctx).Statement.ConnPool, id, seq, 0)
	return events, translate(err)
}

// Ledger returns up to limit events whose sequence is greater than after, ascending. An obligation that does not
// exist is CodeNotFound.
func (s *Store) Ledger(ctx context.Context, id obligation.ID, after, limit int) ([]obligation.Event, error) {
	events, err := s.events(ctx, s.reader(ctx).Statement.ConnPool, id, after, pageSize(limit))
	if err == nil && len(events) == 0 {
		err = s.exists(ctx, id)
	}
	return events, translate(err)
}

// Hashes returns the hashes of the events that Ledger returns for the same arguments, in hexadecimal.
func (s *Store) Hashes(ctx context.Context, id obligation.ID, after, limit int) ([]string, error) {
	sums, err := texts(ctx, s.reader(ctx).Statement.ConnPool,
		"SELECT hash FROM ledger WHERE obligation = ? AND seq > ? ORDER BY seq LIMIT ?", id.String(), after, pageSize(limit))
	out := make([]string, len(sums))
	for i, sum := range sums {
		out[i] = hex.EncodeToString(sum)
	}
	return out, translate(err)
}

func (s *Store) exists(ctx context.Context, id obligation.ID) error {
	var seq int
	return s.reader(ctx).Table("obligations").Select("seq").Where("id = ?", id.String()).Take(&seq).Error
}

// EventByKey returns the event that the command with the idempotency key led to, or CodeNotFound.
func (s *Store) EventByKey(ctx context.Context, id obligation.ID, key string) (obligation.Event, error) {
	pool := s.reader(ctx).Statement.ConnPool
	contents, err := texts(ctx, pool, "SELECT event FROM ledger WHERE obligation = ? AND command = ? ORDER BY seq LIMIT 1", id.String(), key)
	if err == nil && len(contents) == 0 {
		err = notFound()
	}
	if err != nil {
		return obligation.Event{}, translate(err)
	}
	e, err := s.decodeEvent(ctx, pool, contents[0])
	return e, translate(err)
}
