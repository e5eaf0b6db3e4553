package store

import (
	"context"
	"database/sql"
	"strings"

	"gorm.io/gorm"
)

// querier is what statements run on: a pool, a transaction, or SQLite's one writing connection.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// tx is one write transaction.
type tx struct {
	querier
	ctx   context.Context
	store *Store
	db    *gorm.DB // the same transaction
	done  []func() // to be called once it is committed
}

func (s *Store) newTx(ctx context.Context, pool gorm.ConnPool) *tx {
	db := s.read.Session(&gorm.Session{NewDB: true, Context: ctx})
	db.Statement.ConnPool = pool
	return &tx{querier: pool, ctx: ctx, store: s, db: db}
}

func (t *tx) committed() {
	for _, f := range t.done {
		f()
	}
}

func (t *tx) exec(query string, args ...any) (int64, error) {
	result, err := t.ExecContext(t.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// dialect is where the databases differ.
type dialect struct {
	rows     int    // rows that one INSERT carries: prepared single rows are cheapest on SQLite, round trips dear on MySQL
	lock     string // makes a SELECT lock its rows
	snapshot sql.IsolationLevel
	tables   string // SELECTs every table, once for each one that it refers to
	// keep and replace complete an INSERT that meets a row with the same key; columns are those to be replaced.
	keep    func(key string) string
	replace func(key string, columns []string) string
}

var sqliteDialect = dialect{
	rows: 1, snapshot: sql.LevelDefault,
	tables: `SELECT t.name, f."table" FROM sqlite_master AS t LEFT JOIN pragma_foreign_key_list(t.name) AS f WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`,
	keep:   func(string) string { return " ON CONFLICT DO NOTHING" },
	replace: func(key string, columns []string) string {
		return " ON CONFLICT (" + key + ") DO UPDATE SET " + assign(columns, "excluded.", "")
	},
}

var mysqlDialect = dialect{
	rows: 100, snapshot: sql.LevelRepeatableRead, lock: " FOR UPDATE",
	tables: "SELECT t.table_name, r.referenced_table_name FROM information_schema.tables AS t LEFT JOIN information_schema.referential_constraints AS r " +
		"ON r.constraint_schema = t.table_schema AND r.table_name = t.table_name WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'",
	// Not INSERT IGNORE, which would also cut off what is too long.
	keep: func(key string) string { return " ON DUPLICATE KEY UPDATE " + key + " = " + key },
	replace: func(_ string, columns []string) string {
		return " ON DUPLICATE KEY UPDATE " + assign(columns, "VALUES(", ")")
	},
}

func assign(columns []string, before, after string) string {
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = c + " = " + before + c + after
	}
	return strings.Join(parts, ", ")
}

// insert stores the rows, as many at once as the dialect takes; suffix is what keep or replace returned.
func (t *tx) insert(table string, columns []string, suffix string, rows [][]any) error {
	for len(rows) > 0 {
		n := min(len(rows), t.store.dialect.rows)
		args := make([]any, 0, n*len(columns))
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		if _, err := t.ExecContext(t.ctx, insertSQL(table, columns, n)+suffix, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func insertSQL(table string, columns []string, rows int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES ")
	row := "(" + marks(len(columns)) + ")"
	for i := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(row)
	}
	return b.String()
}

// marks returns n placeholders.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}
