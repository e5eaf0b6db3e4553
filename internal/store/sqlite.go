package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/libtnb/sqlite"
	"gorm.io/gorm"
)

// sqliteReaders is how many connections read at the same time; in WAL mode the writer does not hinder them.
const sqliteReaders = 4

// sqliteTimeout is how long a statement waits for another process that writes, in milliseconds.
const sqliteTimeout = 10_000

func openSQLite(ctx context.Context, o Options) (*Store, error) {
	if o.DSN == "" {
		return nil, errors.New(textNoPath)
	}
	if o.Synchronous == "" {
		o.Synchronous = "FULL"
	}
	if !slices.Contains([]string{"OFF", "NORMAL", "FULL", "EXTRA"}, o.Synchronous) {
		return nil, fmt.Errorf(textSynchronous, o.Synchronous)
	}
	if err := os.MkdirAll(filepath.Dir(o.DSN), 0o700); err != nil {
		return nil, err
	}
	common := []string{fmt.Sprintf("busy_timeout(%d)", sqliteTimeout), "foreign_keys(1)", "synchronous(" + o.Synchronous + ")"}
	writer, err := sql.Open(sqlite.DriverName, sqliteDSN(o.DSN, url.Values{
		"_txlock": {"immediate"}, "_pragma": append([]string{"journal_mode(WAL)", "wal_autocheckpoint(4000)"}, common...),
	}))
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	if err := migrate(ctx, SQLite, writer); err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	readers, err := sql.Open(sqlite.DriverName, sqliteDSN(o.DSN, url.Values{"_pragma": append([]string{"query_only(1)"}, common...)}))
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	readers.SetMaxOpenConns(sqliteReaders)
	readers.SetMaxIdleConns(sqliteReaders)
	read, err := gorm.Open(sqlite.New(sqlite.Config{Conn: readers}), gormConfig())
	if err != nil {
		return nil, errors.Join(err, readers.Close(), writer.Close())
	}
	s := &Store{driver: SQLite, dialect: sqliteDialect, read: read, now: o.Now, log: o.Logger, observer: o.Observer}
	w := newWriter(s, &pinned{db: writer})
	s.pools = append(s.pools, readers, writer)
	s.appends, s.run, s.stop = w, w.run, w.close
	return s.filled(ctx)
}

func sqliteDSN(path string, query url.Values) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: query.Encode()}
	return u.String()
}

// pinned is SQLite's one writing connection with its prepared statements. It belongs to one goroutine.
type pinned struct {
	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

// begin starts the transaction, on a new connection where the old one is broken.
func (p *pinned) begin(ctx context.Context) (gorm.ConnPool, error) {
	for again := true; ; again = false {
		if p.conn == nil {
			conn, err := p.db.Conn(ctx)
			if err != nil {
				return nil, err
			}
			p.conn, p.stmts = conn, map[string]*sql.Stmt{}
		}
		_, err := p.ExecContext(ctx, "BEGIN IMMEDIATE")
		broken := errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone)
		if !broken || !again {
			return p, err
		}
		p.drop()
	}
}

func (p *pinned) commit(ctx context.Context) error {
	_, err := p.ExecContext(ctx, "COMMIT")
	return err
}

func (p *pinned) rollback(ctx context.Context) {
	if _, err := p.ExecContext(ctx, "ROLLBACK"); err != nil {
		// SQLite may have rolled back by itself; a connection in doubt is not used again.
		p.drop()
	}
}

func (p *pinned) drop() {
	for _, s := range p.stmts {
		_ = s.Close()
	}
	if p.conn != nil {
		_ = p.conn.Raw(func(any) error { return driver.ErrBadConn })
		_ = p.conn.Close()
	}
	p.conn, p.stmts = nil, nil
}

func (p *pinned) close() {
	for _, s := range p.stmts {
		_ = s.Close()
	}
	if p.conn != nil {
		_ = p.conn.Close()
	}
	p.conn, p.stmts = nil, nil
}

// PrepareContext implements gorm.ConnPool. A statement is prepared once in the life of the connection.
func (p *pinned) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := p.stmts[query]; ok {
		return s, nil
	}
	s, err := p.conn.PrepareContext(ctx, query)
	if err == nil {
		p.stmts[query] = s
	}
	return s, err
}

// ExecContext implements gorm.ConnPool.
func (p *pinned) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.PrepareContext(ctx, query) //nolint:sqlclosecheck // it stays prepared until the connection ends
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// QueryContext implements gorm.ConnPool. Queries with lists of any length are not kept prepared.
func (p *pinned) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if len(args) > maxPreparedArgs {
		return p.conn.QueryContext(ctx, query, args...)
	}
	s, err := p.PrepareContext(ctx, query) //nolint:sqlclosecheck // it stays prepared until the connection ends
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

const maxPreparedArgs = 8

// QueryRowContext implements gorm.ConnPool.
func (p *pinned) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s, err := p.PrepareContext(ctx, query) //nolint:sqlclosecheck // it stays prepared until the connection ends
	if err != nil {
		return p.conn.QueryRowContext(ctx, query, args...) // fails the same way
	}
	return s.QueryRowContext(ctx, args...)
}
