package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to this build's version. One that is newer is left as it is, and refused unless each of its newer
// migrations lets this build go on (schema_compatibility). On MySQL one process at a time does so.
func migrate(ctx context.Context, driver string, db *sql.DB) (err error) {
	source, err := fs.Sub(migrations, "migrations/"+driver)
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	if driver == MySQL {
		dialect = goose.DialectMySQL
		unlock, err := lockMigrations(ctx, db)
		if err != nil {
			return err
		}
		defer unlock()
		if err := repairVersions(ctx, db); err != nil {
			return err
		}
	}
	provider, err := goose.NewProvider(dialect, db, source, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	have, known, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > known {
		return admit(ctx, db, have, known)
	}
	_, err = provider.Up(ctx)
	return err
}

// admit refuses a schema that a newer build made, unless it lets this build go on. One from before this was said lets no older one.
func admit(ctx context.Context, db *sql.DB, have, known int64) error {
	const shutOut = `SELECT COUNT(*) FROM goose_db_version v LEFT JOIN schema_compatibility c ON c.version = v.version_id
		WHERE v.version_id > ? AND (c.since IS NULL OR c.since > ?)`
	var n int
	if err := db.QueryRowContext(ctx, shutOut, known, known).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf(textNewerSchema, have, known)
	}
	return nil
}

// lockWait is short, so that a done context is noticed and no read times out.
const lockWait = 5 * time.Second

// lockMigrations waits for the lock and holds it on a connection of its own: with that, even a killed process lets go.
func lockMigrations(ctx context.Context, db *sql.DB) (unlock func(), err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	for {
		var got sql.NullInt64
		err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(SHA1(CONCAT('duban/', DATABASE())), ?)", int(lockWait.Seconds())).Scan(&got)
		switch {
		case err != nil:
			return nil, errors.Join(err, conn.Close())
		case got.Int64 == 1:
			return func() {
				_, _ = conn.ExecContext(context.WithoutCancel(ctx), "DO RELEASE_LOCK(SHA1(CONCAT('duban/', DATABASE())))")
				_ = conn.Close()
			}, nil
		}
	}
}

// repairVersions removes the table of versions where it is still empty: a process ended between creating and filling
// it, which MySQL cannot do in one transaction.
func repairVersions(ctx context.Context, db *sql.DB) error {
	table := goose.DefaultTablename
	var n int
	err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?", table).Scan(&n)
	if err != nil || n == 0 {
		return err
	}
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table).Scan(&n); err != nil || n > 0 {
		return err
	}
	_, err = db.ExecContext(ctx, "DROP TABLE "+table)
	return err
}
