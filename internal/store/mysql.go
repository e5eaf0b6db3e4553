package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/go-sql-driver/mysql"
	gormmysql "gorm.io/driver/mysql"
	"gorm.io/gorm"
)

// mysqlWriters store groups of entries side by side; an obligation always meets the same one.
const mysqlWriters = 4

// mysqlConnections bounds the pool of one process.
const mysqlConnections = 24

// mysqlMode refuses what does not fit instead of cutting it off.
const mysqlMode = "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"

func openMySQL(ctx context.Context, o Options) (*Store, error) {
	cfg, err := mysql.ParseDSN(o.DSN)
	if err != nil {
		return nil, fmt.Errorf(textBadDSN, err)
	}
	if cfg.DBName == "" {
		return nil, errors.New(textNoDatabase)
	}
	cfg.ParseTime, cfg.Loc, cfg.InterpolateParams, cfg.RejectReadOnly = true, time.UTC, true, true
	cfg.MultiStatements, cfg.ClientFoundRows = false, true
	cfg.Logger = &mysql.NopLogger{}
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
	}
	if cfg.ReadTimeout == 0 {
		cfg.ReadTimeout = time.Minute
	}
	if cfg.WriteTimeout == 0 {
		cfg.WriteTimeout = time.Minute
	}
	if cfg.Params == nil {
		cfg.Params = map[string]string{}
	}
	cfg.Params["time_zone"], cfg.Params["sql_mode"] = "'+00:00'", mysqlMode
	if cfg.Collation == "" {
		cfg.Collation = "utf8mb4_bin"
	}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf(textBadDSN, err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(mysqlConnections)
	db.SetMaxIdleConns(mysqlConnections / 2)
	db.SetConnMaxLifetime(3 * time.Minute)
	if err := migrate(ctx, MySQL, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	read, err := gorm.Open(gormmysql.New(gormmysql.Config{Conn: db, SkipInitializeWithVersion: true}), gormConfig())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := &Store{driver: MySQL, dialect: mysqlDialect, read: read, now: o.Now, log: o.Logger, observer: o.Observer}
	s.pools = append(s.pools, db)
	shards := make(sharded, mysqlWriters)
	for i := range shards {
		shards[i] = newWriter(s, &pooled{db: db})
	}
	s.appends, s.stop = shards, shards.close
	s.run = func(ctx context.Context, f func(*tx) error) error {
		return s.again(ctx, func() error { return s.inTransaction(ctx, db, f) })
	}
	return s.filled(ctx)
}

// readCommitted takes no locks on gaps, which two writers that insert neighbours would deadlock over.
var readCommitted = &sql.TxOptions{Isolation: sql.LevelReadCommitted}

func (s *Store) inTransaction(ctx context.Context, db *sql.DB, f func(*tx) error) error {
	begun, err := db.BeginTx(ctx, readCommitted)
	if err != nil {
		return err
	}
	defer func() { _ = begun.Rollback() }() // after a commit it does nothing
	t := s.newTx(ctx, begun)
	if err := f(t); err != nil {
		return err
	}
	if err := s.breakAt("commit"); err != nil {
		return err
	}
	if err := begun.Commit(); err != nil {
		return err
	}
	t.committed()
	return nil
}

// sharded spreads Appends over writers by their first obligation.
type sharded []*writer

func (w sharded) append(ctx context.Context, entries []prepared) ([]adoption, error) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(entries[0].id))
	return w[h.Sum32()%uint32(len(w))].append(ctx, entries)
}

func (w sharded) queued() int {
	n := 0
	for _, one := range w {
		n += one.queued()
	}
	return n
}

func (w sharded) close() {
	for _, one := range w {
		one.close()
	}
}

// pooled runs a writer's transactions on connections of the pool.
type pooled struct {
	db *sql.DB
	tx *sql.Tx
}

func (p *pooled) begin(ctx context.Context) (gorm.ConnPool, error) {
	var err error
	p.tx, err = p.db.BeginTx(ctx, readCommitted)
	return p.tx, err
}

func (p *pooled) commit(context.Context) error { return p.tx.Commit() }

func (p *pooled) rollback(context.Context) { _ = p.tx.Rollback() }

func (p *pooled) close() {}
