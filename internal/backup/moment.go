package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
)

// Moment holds several SQLite databases as they are at one moment, while others go on writing to them: each is held by a
// transaction that reads, which in WAL mode keeps nobody from writing. The log of a database grows until the moment is
// released.
type Moment struct {
	At   time.Time // real time, after the last of them was taken
	held []held
}

type held struct {
	path string
	db   *sql.DB
	conn *sql.Conn
	size int64
}

// busyTimeout is how long another process that recovers or checkpoints a database is waited for, in milliseconds.
const busyTimeout = 10_000

// pages is how much is copied between two looks at the context.
const pages = 1024

// Hold takes the moment of each database, one right after the other, in the order given: of what a process writes first to
// one and then to another one named before it, the moment has at most the former.
func Hold(ctx context.Context, paths ...string) (*Moment, error) {
	m := &Moment{}
	for _, path := range paths {
		h, err := connect(ctx, path)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", path, err), m.Close())
		}
		m.held = append(m.held, h)
	}
	for i := range m.held {
		// A transaction sees the database as its first read found it.
		err := m.held[i].conn.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size, (SELECT COUNT(*) FROM sqlite_schema)").
			Scan(&m.held[i].size)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", m.held[i].path, err), m.Close())
		}
	}
	m.At = time.Now().UTC()
	return m, nil
}

func connect(ctx context.Context, path string) (held, error) {
	if _, err := os.Stat(path); err != nil {
		return held{}, err
	}
	db, err := sql.Open("sqlite", uri(path, url.Values{"mode": {"ro"}, "_pragma": {fmt.Sprintf("busy_timeout(%d)", busyTimeout)}}))
	if err != nil {
		return held{}, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return held{}, errors.Join(err, db.Close())
	}
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return held{}, errors.Join(err, conn.Close(), db.Close())
	}
	return held{path: path, db: db, conn: conn}, nil
}

func uri(path string, query url.Values) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: query.Encode()}
	return u.String()
}

// Size returns the size of a database, in bytes.
func (m *Moment) Size(i int) int64 { return m.held[i].size }

// Copy writes a database to a new file, page by page as it is: SQLite's VACUUM INTO would number rows anew, which the
// engine's full-text tables refer to. The copy is proven to be a sound database.
func (m *Moment) Copy(ctx context.Context, i int, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	err = m.held[i].conn.Raw(func(c any) error {
		from, ok := c.(interface {
			NewBackup(to string) (*sqlite.Backup, error)
		})
		if !ok {
			return fmt.Errorf("%T copies no databases", c)
		}
		// The copy is thrown away when anything fails, and is read again before it counts.
		b, err := from.NewBackup(uri(path, url.Values{"_pragma": {"journal_mode(OFF)", "synchronous(OFF)"}}))
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			if more, err = b.Step(pages); err == nil {
				err = ctx.Err()
			}
		}
		return errors.Join(err, b.Finish())
	})
	if err != nil {
		return fmt.Errorf("%s: %w", m.held[i].path, err)
	}
	return sound(ctx, path)
}

// sound returns an error where a database that nobody writes to has damaged pages.
func sound(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", uri(path, url.Values{"mode": {"ro"}, "immutable": {"1"}}))
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // only read
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf(textUnsound, filepath.Base(path), verdict)
	}
	return nil
}

// Close releases the databases.
func (m *Moment) Close() error {
	var faults []error
	for _, h := range m.held {
		faults = append(faults, h.conn.Close(), h.db.Close())
	}
	m.held = nil
	return errors.Join(faults...)
}
