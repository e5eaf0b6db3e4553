package store

import (
	"context"
	"database/sql"
	"net/url"
	"time"

	"github.com/libtnb/sqlite"
	"github.com/pressly/goose/v3"

	"duban/obligation"
)

// Contents is what a SQLite file holds.
type Contents struct {
	Schema      int64 // version of its tables
	Obligations int
	Events      int
	LastEvent   time.Time // business time; none: there is no event
	HandedIn    []string  // the keys of the evidence that was handed in (obligation.Evidence.Key)
}

// Look reads what a SQLite file holds that nobody writes to. Unlike Open it changes nothing, and takes a file whose schema is
// older than this build, or newer.
func Look(ctx context.Context, path string) (Contents, error) {
	var c Contents
	db, err := sql.Open(sqlite.DriverName, sqliteDSN(path, url.Values{"mode": {"ro"}, "immutable": {"1"}}))
	if err != nil {
		return c, err
	}
	defer db.Close() //nolint:errcheck // only read
	var last instant
	for _, q := range []struct {
		query string
		into  any
	}{
		{"SELECT COALESCE(MAX(version_id), 0) FROM " + goose.DefaultTablename, &c.Schema},
		{"SELECT COUNT(*) FROM obligations", &c.Obligations},
		{"SELECT COUNT(*) FROM ledger", &c.Events},
		{"SELECT MAX(at) FROM ledger", &last},
	} {
		if err := db.QueryRowContext(ctx, q.query).Scan(q.into); err != nil {
			return c, translate(err)
		}
	}
	c.LastEvent = last.Time
	rows, err := db.QueryContext(ctx, "SELECT id, sha256 FROM evidence WHERE seq IS NOT NULL ORDER BY id")
	if err != nil {
		return c, translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var e obligation.Evidence
		if err := rows.Scan(&e.ID, &e.SHA256); err != nil {
			return c, translate(err)
		}
		c.HandedIn = append(c.HandedIn, e.Key())
	}
	return c, translate(rows.Err())
}

// DropLostUploads removes the records of uploads that were not handed in and whose content is gone, and returns how many: a
// backup may have the record of a file that was removed before its content was copied.
func (s *Store) DropLostUploads(ctx context.Context, has func(key string) (bool, error)) (int, error) {
	var rows []evidenceRow
	if err := s.reader(ctx).Table("evidence").Where("seq IS NULL").Find(&rows).Error; err != nil {
		return 0, translate(err)
	}
	n := 0
	for _, r := range rows {
		there, err := has(r.evidence().Key())
		if err != nil {
			return n, err
		}
		if there {
			continue
		}
		err = s.write(ctx, func(t *tx) error {
			_, err := t.exec("DELETE FROM evidence WHERE seq IS NULL AND id = ?", r.ID)
			return err
		})
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
