// Package store keeps duban's record in SQLite or MySQL: the ledger with its chain of hashes, the read model that
// follows from it, the outbox with digests and deliveries, documents and their number series, and the definitions
// that plans run by. An event, its read-model change, its messages and its documents are always one transaction.
//
// Errors that leave the package are an *obligation.Error with CodeNotFound where something does not exist, an error
// for which Transient is true where the database cannot be reached now, and a plain error otherwise. A cancelled
// context is returned as such. Instants are kept in UTC with microseconds.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"gorm.io/gorm"
	gormlogger "gorm.io/gorm/logger"
)

// The drivers.
const (
	SQLite = "sqlite"
	MySQL  = "mysql"
)

// Options say which database a Store keeps the record in.
type Options struct {
	Driver      string           // SQLite or MySQL
	DSN         string           // SQLite: path of the file, created where it is missing; MySQL: user:password@tcp(host:port)/name
	Synchronous string           // SQLite's pragma: OFF, NORMAL, FULL or EXTRA; "": FULL
	Now         func() time.Time // business time, for what carries no time of its own; nil: the wall clock
	Logger      *slog.Logger     // nil: silent

	Observer Observer // nil: nobody is told
}

// Store is the record. It is safe for concurrent use, by several processes too where the driver is MySQL.
type Store struct {
	driver  string
	dialect dialect
	read    *gorm.DB // a pool for reading
	pools   []io.Closer
	now     func() time.Time
	log     *slog.Logger

	appends  appender
	run      func(ctx context.Context, f func(*tx) error) error // one write transaction
	policies policyCache
	observer Observer
	stop     func() // stops the writers and waits for them
	closed   sync.Once

	// fault is called between the statements of a write transaction, so that tests can break it off there.
	fault func(point string) error
}

// appender stores the entries of one caller in one transaction and returns, by entry, what was adopted.
type appender interface {
	append(ctx context.Context, entries []prepared) ([]adoption, error)
	queued() int // callers that wait for their turn
}

// retryEvery and logEvery pace Open while the database is down.
const (
	retryEvery = 500 * time.Millisecond
	logEvery   = 5 * time.Second
)

// Open connects and brings the schema up to this build's version. While the database is down it tries again until ctx
// is done, logging now and then. It refuses a database whose schema is newer than this build.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	var open func(context.Context, Options) (*Store, error)
	switch o.Driver {
	case SQLite:
		open = openSQLite
	case MySQL:
		open = openMySQL
	default:
		return nil, fmt.Errorf(textUnknownDriver, o.Driver)
	}
	tick := time.NewTicker(retryEvery)
	defer tick.Stop()
	var logged time.Time
	for {
		s, err := open(ctx, o)
		if err == nil {
			return s, nil
		}
		if err = translate(err); !Transient(err) {
			return nil, err
		}
		if time.Since(logged) >= logEvery {
			o.Logger.WarnContext(ctx, "database cannot be reached, trying again", "driver", o.Driver, "error", err)
			logged = time.Now()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: %w", textUnreachable, transient(err))
		}
	}
}

// Close stops the writers, after they have stored what was handed to them, and closes the connections.
func (s *Store) Close() error {
	var err error
	s.closed.Do(func() {
		if s.stop != nil {
			s.stop()
		}
		for _, p := range s.pools {
			if e := p.Close(); e != nil && err == nil {
				err = e
			}
		}
	})
	return err
}

// Ping returns an error where the database cannot be reached.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return translate(s.reader(ctx).Raw("SELECT 1").Scan(&one).Error)
}

func (s *Store) reader(ctx context.Context) *gorm.DB { return s.read.WithContext(ctx) }

// write runs f in one write transaction. f may run more than once and must not call the store.
func (s *Store) write(ctx context.Context, f func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, ended := s.observe(ctx)
	err := translate(s.run(ctx, f))
	ended(err)
	return err
}

// snapshot runs f in a transaction that sees the database as of one moment.
func (s *Store) snapshot(ctx context.Context, f func(*gorm.DB) error) error {
	return translate(s.reader(ctx).Transaction(f, &sql.TxOptions{ReadOnly: true, Isolation: s.dialect.snapshot}))
}

func (s *Store) breakAt(point string) error {
	if s.fault == nil {
		return nil
	}
	return s.fault(point)
}

func gormConfig() *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true, DisableAutomaticPing: true, TranslateError: true, Logger: gormlogger.Discard,
	}
}
