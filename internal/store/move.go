package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
	"gorm.io/gorm"
)

// Moved says what Move copied.
type Moved struct {
	Tables map[string]int // rows, by table
	Before bool           // all of it was there already
}

// Rows returns how many rows there are in all tables.
func (m Moved) Rows() int {
	n := 0
	for _, rows := range m.Tables {
		n += rows
	}
	return n
}

// OccupiedError is the error of a target that holds something else than the record that is to be moved there.
type OccupiedError struct {
	Tables []string // that differ
}

func (e *OccupiedError) Error() string {
	return fmt.Sprintf(textOccupied, strings.Join(e.Tables, "、"))
}

// Move copies the record as it is, row by row, into a store that is empty: all of it in one transaction, in which every table
// is read again and compared, or nothing. Of a target that holds the very same record already nothing is changed; any other is
// an *OccupiedError. Which tables there are the database says itself. Nobody may write to either meanwhile: what is written to the source
// is not taken along. told, which may be nil, is told how many of how many rows are done.
func (s *Store) Move(ctx context.Context, to *Store, told func(done, total int)) (Moved, error) {
	if told == nil {
		told = func(int, int) {}
	}
	var moved Moved
	err := s.snapshot(ctx, func(from *gorm.DB) error {
		return to.write(ctx, func(t *tx) (err error) {
			m := &mover{ctx: ctx, from: from.Statement.ConnPool, to: t, told: told}
			if err := m.look(s.dialect); err != nil {
				return err
			}
			moved, err = m.move()
			return err
		})
	})
	return moved, translate(err)
}

// mover copies within one transaction of the target.
type mover struct {
	ctx         context.Context
	from        gorm.ConnPool
	to          *tx
	told        func(done, total int)
	tables      []table // whatever a table refers to stands before it
	done, total int
}

// table is one as both databases have it.
type table struct {
	name    string
	columns []string
	kinds   []kind
	rows    int // of the source
}

// kind is what a column holds: the drivers hand the same value out in different types.
type kind int

const (
	kindText kind = iota
	kindNumber
	kindBytes
	kindDate
	kindInstant
)

// look finds what there is to be copied.
func (m *mover) look(source dialect) error {
	names, err := m.names(m.from, source)
	if err != nil {
		return err
	}
	there, err := m.names(m.to, m.to.store.dialect)
	if err != nil {
		return err
	}
	if !slices.Equal(slices.Sorted(slices.Values(names)), slices.Sorted(slices.Values(there))) {
		return fmt.Errorf("tables differ: %v, %v", names, there)
	}
	for _, name := range names {
		t, err := m.table(name)
		if err != nil {
			return err
		}
		m.tables = append(m.tables, t)
		m.total += t.rows
	}
	return nil
}

// names returns every table but the migrations' own, each after those that it refers to.
func (m *mover) names(q querier, d dialect) ([]string, error) {
	refers := map[string][]string{}
	rows, err := q.QueryContext(m.ctx, d.tables)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var to sql.NullString
		if err := rows.Scan(&name, &to); err != nil {
			return nil, err
		}
		if refers[name] == nil {
			refers[name] = []string{}
		}
		if to.Valid && to.String != name {
			refers[name] = append(refers[name], to.String)
		}
	}
	delete(refers, goose.DefaultTablename)
	var ordered []string
	for len(refers) > 0 {
		before := len(ordered)
		for _, name := range slices.Sorted(keys(refers)) {
			if !slices.ContainsFunc(refers[name], func(to string) bool { return refers[to] != nil }) {
				ordered = append(ordered, name)
				delete(refers, name)
			}
		}
		if len(ordered) == before {
			return nil, fmt.Errorf("tables refer to each other: %v", refers)
		}
	}
	return ordered, rows.Err()
}

// table reads what a table's columns are on both sides.
func (m *mover) table(name string) (table, error) {
	t := table{name: name}
	from, err := m.types(m.from, name)
	if err != nil {
		return t, err
	}
	to, err := m.types(m.to, name)
	if err != nil {
		return t, err
	}
	t.columns = slices.Sorted(keys(from))
	if !slices.Equal(t.columns, slices.Sorted(keys(to))) {
		return t, fmt.Errorf("columns of %s differ: %v, %v", name, from, to)
	}
	for _, c := range t.columns {
		t.kinds = append(t.kinds, max(kindOf(from[c]), kindOf(to[c])))
	}
	return t, m.from.QueryRowContext(m.ctx, "SELECT COUNT(*) FROM "+name).Scan(&t.rows)
}

func (m *mover) types(q querier, name string) (map[string]string, error) {
	rows, err := q.QueryContext(m.ctx, "SELECT * FROM "+name+" LIMIT 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, t := range types {
		out[t.Name()] = t.DatabaseTypeName()
	}
	return out, rows.Err()
}

// kindOf returns the kind of a type. SQLite keeps dates and instants as text: there the other side says which.
func kindOf(databaseType string) kind {
	switch {
	case strings.Contains(databaseType, "DATETIME"):
		return kindInstant
	case strings.Contains(databaseType, "DATE"):
		return kindDate
	case strings.Contains(databaseType, "BLOB"), strings.Contains(databaseType, "BINARY"):
		return kindBytes
	case strings.Contains(databaseType, "INT"):
		return kindNumber
	default:
		return kindText
	}
}

func (m *mover) move() (Moved, error) {
	moved := Moved{Tables: map[string]int{}}
	for _, t := range m.tables {
		moved.Tables[t.name] = t.rows
	}
	empty, err := m.empty()
	if err != nil {
		return moved, err
	}
	moved.Before = !empty
	var differ []string
	for _, t := range m.tables {
		want, err := m.each(m.from, t, func(rows [][]any) error {
			m.done += len(rows)
			m.told(m.done, m.total)
			if !empty {
				return nil
			}
			return m.to.insert(t.name, t.columns, "", rows)
		})
		if err != nil {
			return moved, fmt.Errorf("%s: %w", t.name, err)
		}
		have, err := m.each(m.to, t, func([][]any) error { return nil })
		if err != nil {
			return moved, fmt.Errorf("%s: %w", t.name, err)
		}
		if have != want {
			differ = append(differ, t.name)
		}
	}
	switch {
	case len(differ) == 0:
		return moved, nil
	case empty:
		return moved, fmt.Errorf(textNotExact, strings.Join(differ, "、"))
	default:
		return moved, &OccupiedError{differ}
	}
}

// empty reports whether the target holds nothing.
func (m *mover) empty() (bool, error) {
	for _, t := range m.tables {
		var one int
		switch err := m.to.QueryRowContext(m.ctx, "SELECT 1 FROM "+t.name+" LIMIT 1").Scan(&one); {
		case err == nil:
			return false, nil
		case !errors.Is(err, sql.ErrNoRows):
			return false, err
		}
	}
	return true, nil
}

// content is what a table holds, in whatever order: the sum of its rows' digests.
type content struct {
	rows int
	sum  [sha256.Size]byte
}

func (c *content) add(row []any) error {
	h := sha256.New()
	for _, v := range row {
		if valuer, ok := v.(driver.Valuer); ok {
			var err error
			if v, err = valuer.Value(); err != nil {
				return err
			}
		}
		shown, ok := v.([]byte)
		if !ok {
			shown = fmt.Append(nil, v)
		}
		fmt.Fprintf(h, "%T %d ", v, len(shown))
		h.Write(shown)
	}
	for i, b := range h.Sum(nil) {
		c.sum[i] ^= b
	}
	c.rows++
	return nil
}

// movedAtOnce bounds the rows, and movedBytes roughly what is in them, that are handed over at once.
const (
	movedAtOnce = 100
	movedBytes  = 1 << 20
)

// each calls f with the table's rows, some at a time, and returns what they hold together.
func (m *mover) each(q querier, t table, f func(rows [][]any) error) (content, error) {
	var c content
	rows, err := q.QueryContext(m.ctx, "SELECT "+strings.Join(t.columns, ", ")+" FROM "+t.name)
	if err != nil {
		return c, err
	}
	defer rows.Close()
	var batch [][]any
	size := 0
	for rows.Next() {
		row, n, err := t.scan(rows)
		if err != nil {
			return c, err
		}
		if err := c.add(row); err != nil {
			return c, err
		}
		batch, size = append(batch, row), size+n
		if len(batch) < movedAtOnce && size < movedBytes {
			continue
		}
		if err := f(batch); err != nil {
			return c, err
		}
		batch, size = nil, 0
	}
	if err := rows.Err(); err != nil {
		return c, err
	}
	return c, f(batch)
}

// scan reads a row as values that every driver takes, and returns roughly how many bytes they have.
func (t table) scan(rows *sql.Rows) (row []any, size int, err error) {
	into := make([]any, len(t.columns))
	for i, k := range t.kinds {
		switch k {
		case kindText:
			into[i] = new(sql.NullString)
		case kindNumber:
			into[i] = new(sql.NullInt64)
		case kindBytes:
			into[i] = new([]byte)
		case kindDate:
			into[i] = new(date)
		case kindInstant:
			into[i] = new(instant)
		}
	}
	if err := rows.Scan(into...); err != nil {
		return nil, 0, err
	}
	row = make([]any, len(into))
	for i, v := range into {
		switch v := v.(type) {
		case *sql.NullString:
			row[i], size = *v, size+len(v.String)
		case *sql.NullInt64:
			row[i] = *v
		case *[]byte:
			row[i], size = *v, size+len(*v)
		case *date:
			row[i] = *v
		case *instant:
			row[i] = *v
		}
	}
	return row, size, nil
}
