package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to this build's version, and refuses one that is newer.
func migrate(ctx context.Context, driver string, db *sql.DB) error {
	source, err := fs.Sub(migrations, "migrations/"+driver)
	if err != nil {
		return err
	}
	kind, options := goose.DialectSQLite3, []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if driver == MySQL {
		kind = goose.DialectMySQL
		options = append(options, goose.WithSessionLocker(namedLock{}))
	}
	provider, err := goose.NewProvider(kind, db, source, options...)
	if err != nil {
		return err
	}
	have, known, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > known {
		return fmt.Errorf(textNewerSchema, have, known)
	}
	_, err = provider.Up(ctx)
	return err
}

// namedLock lets one process at a time migrate a MySQL server's database: MySQL cannot roll back DDL.
type namedLock struct{}

var _ lock.SessionLocker = namedLock{}

// lockWait is short, so that a done context is noticed and no read times out.
const lockWait = 5 * time.Second

// SessionLock implements lock.SessionLocker.
func (namedLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	for {
		var got sql.NullInt64
		err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(CONCAT('duban/migrate/', DATABASE()), ?)", int(lockWait.Seconds())).Scan(&got)
		if err != nil {
			return err
		}
		if got.Int64 == 1 {
			return nil
		}
	}
}

// SessionUnlock implements lock.SessionLocker.
func (namedLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "DO RELEASE_LOCK(CONCAT('duban/migrate/', DATABASE()))")
	return err
}
