package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"duban/account"
	"duban/assessment"
	"duban/obligation"
)

// transientError is an error that passes by itself: a later try may succeed. Its text is Chinese; the cause is for the log.
type transientError struct{ cause error }

func (e *transientError) Error() string { return textTransient + ": " + e.cause.Error() }
func (e *transientError) Unwrap() error { return e.cause }

// Transient reports whether a later try may succeed: the database cannot be reached, is locked or full, or gave up a
// transaction. Whether a write took effect is then unknown; every write of the store can be repeated.
func Transient(err error) bool {
	var t *transientError
	return errors.As(err, &t)
}

func transient(err error) error {
	if Transient(err) {
		return err
	}
	return &transientError{err}
}

// BehindError is a decision that knew more events than the ledger holds: the ledger has lost some.
type BehindError struct {
	ID   obligation.ID
	Have int // sequence of the ledger's last event
	Want int // sequence of the last event the decision knew of
}

// Error implements error.
func (e *BehindError) Error() string { return fmt.Sprintf(textBehind, e.ID, e.Have, e.Want) }

func notFound() error { return &obligation.Error{Code: obligation.CodeNotFound} }

// translate brings an error of a driver to the terms of this package.
func translate(err error) error {
	var refused *obligation.Error
	var denied *account.Error
	var assessed *assessment.Error
	switch {
	case err == nil, errors.As(err, &refused), errors.As(err, &denied), errors.As(err, &assessed), Transient(err):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, sql.ErrNoRows):
		return notFound()
	case passes(err):
		return transient(err)
	case turnedAway(err):
		return fmt.Errorf(textRefused, err)
	default:
		return fmt.Errorf("store: %w", err)
	}
}

// MySQL's error numbers.
const (
	mysqlTooManyConnections = 1040
	mysqlServerShutdown     = 1053
	mysqlDuplicate          = 1062
	mysqlKilledQuery        = 1317
	mysqlNoAccessToDatabase = 1044
	mysqlWrongPassword      = 1045
	mysqlUnknownDatabase    = 1049
	mysqlLockWait           = 1205
	mysqlDeadlock           = 1213
	mysqlReadOnlyOption     = 1290
	mysqlTooManyOfUser      = 1203
	mysqlDiskFull           = 1021
	mysqlReadOnly           = 1836
	mysqlNoReadOnlyTx       = 1792
	mariadbConnectionKilled = 1927
)

func passes(err error) bool {
	if my, ok := errors.AsType[*mysql.MySQLError](err); ok {
		switch my.Number {
		case mysqlTooManyConnections, mysqlServerShutdown, mysqlLockWait, mysqlDeadlock, mysqlReadOnlyOption, mysqlTooManyOfUser,
			mysqlDiskFull, mysqlReadOnly, mysqlNoReadOnlyTx, mariadbConnectionKilled, mysqlKilledQuery:
			return true
		}
		return false
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
			return true
		}
		return false
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// turnedAway reports whether the server let nobody in: only a person can change that.
func turnedAway(err error) bool {
	my, ok := errors.AsType[*mysql.MySQLError](err)
	if !ok {
		return false
	}
	return my.Number == mysqlNoAccessToDatabase || my.Number == mysqlWrongPassword || my.Number == mysqlUnknownDatabase
}

// raced reports whether the transaction was given up for another one and can be run again at once: a deadlock, or a
// row that somebody else inserted first.
func raced(err error) bool {
	if my, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return my.Number == mysqlDeadlock || my.Number == mysqlLockWait || my.Number == mysqlDuplicate
	}
	return false
}
