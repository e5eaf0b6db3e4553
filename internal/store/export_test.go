package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"slices"

	"github.com/pressly/goose/v3"
	"gorm.io/gorm"
)

// SetFault lets f break write transactions off between their statements.
func SetFault(s *Store, f func(point string) error) { s.fault = f }

// Exec runs the statements in one transaction, as somebody with a database shell would: on SQLite over a connection of
// its own that checks no foreign keys.
func Exec(ctx context.Context, s *Store, statements ...string) error {
	db := s.read
	if s.driver == SQLite {
		shell, err := sqliteShell(s)
		if err != nil {
			return err
		}
		defer shell.Close()
		db = db.Session(&gorm.Session{NewDB: true, Context: ctx})
		db.Statement.ConnPool = shell
	}
	return db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		for _, q := range statements {
			if _, err := tx.Statement.ConnPool.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
}

func sqliteShell(s *Store) (*sql.DB, error) {
	var path string
	if err := s.read.Raw("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path).Error; err != nil {
		return nil, err
	}
	return sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(10000)")
}

// Apply runs one migration, whatever others ran.
func Apply(ctx context.Context, s *Store, version int64) error {
	source, err := fs.Sub(migrations, "migrations/"+s.driver)
	if err != nil {
		return err
	}
	db, err := s.read.DB()
	dialect := goose.DialectMySQL
	if s.driver == SQLite {
		dialect = goose.DialectSQLite3
		if db, err = sqliteShell(s); err == nil {
			defer db.Close()
		}
	}
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(dialect, db, source, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.ApplyVersion(ctx, version, true)
	return err
}

// Number returns what a query for one number returns.
func Number(ctx context.Context, s *Store, query string) (int, error) {
	var n int
	err := s.read.WithContext(ctx).Raw(query).Scan(&n).Error
	return n, err
}

// Driver returns which database the store is on.
func (s *Store) Driver() string { return s.driver }

// Dump returns the content of every table, row by row.
func Dump(ctx context.Context, s *Store) (map[string][]string, error) {
	tables := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if s.driver == MySQL {
		tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
	}
	var names []string
	if err := s.reader(ctx).Raw(tables).Scan(&names).Error; err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, name := range names {
		var rows []map[string]any
		if err := s.reader(ctx).Table(name).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			out[name] = append(out[name], fmt.Sprint(row))
		}
		slices.Sort(out[name])
	}
	return out, nil
}

// QueryPlan returns how SQLite answers a query.
func QueryPlan(ctx context.Context, s *Store, query string) (string, error) {
	var steps []struct{ Detail string }
	err := s.reader(ctx).Raw("EXPLAIN QUERY PLAN " + query).Scan(&steps).Error
	return fmt.Sprint(steps), err
}
