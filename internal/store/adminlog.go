package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"duban/account"
)

// logRow is a line of the administrators' log. Its hash covers the content and the hash of the line before.
type logRow struct {
	Seq     int64
	Content []byte
	Hash    string
}

func (r logRow) entry() (account.Entry, error) {
	var e account.Entry
	err := json.Unmarshal(r.Content, &e)
	e.Hash = r.Hash
	return e, err
}

func logHash(before string, content []byte) string {
	sum := sha256.Sum256(append([]byte(before+"\n"), content...))
	return hex.EncodeToString(sum[:])
}

// Log adds a line to the administrators' log.
func (s *Store) Log(ctx context.Context, e account.Entry) error {
	return s.write(ctx, func(t *tx) error { return t.log(e) })
}

func (t *tx) log(e account.Entry) error {
	var last []logRow
	if err := t.db.Raw("SELECT * FROM admin_log ORDER BY seq DESC LIMIT 1" + t.store.dialect.lock).Scan(&last).Error; err != nil {
		return err
	}
	before := ""
	e.Seq, e.At = 1, e.At.UTC().Truncate(time.Microsecond)
	if len(last) > 0 {
		e.Seq, before = last[0].Seq+1, last[0].Hash
	}
	content, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return t.insert("admin_log", []string{"seq", "content", "hash"}, "", [][]any{{e.Seq, string(content), logHash(before, content)}})
}

// AdminLog returns up to limit lines (1 to 200) of the administrators' log before a sequence, the newest first; 0: from
// the end.
func (s *Store) AdminLog(ctx context.Context, before int64, limit int) ([]account.Entry, error) {
	q := s.reader(ctx).Table("admin_log").Order("seq DESC").Limit(pageSize(limit))
	if before > 0 {
		q = q.Where("seq < ?", before)
	}
	var rows []logRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]account.Entry, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.entry(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// adminLog verifies that no line of the administrators' log is missing or changed.
func (v *verifier) adminLog() error {
	rows, err := v.db.Table("admin_log").Order("seq").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	before, want := "", int64(1)
	for rows.Next() {
		var r logRow
		if err := v.db.ScanRows(rows, &r); err != nil {
			return err
		}
		var e account.Entry
		readable := json.Unmarshal(r.Content, &e) == nil && e.Seq == r.Seq && !bytes.Contains(r.Content, []byte{0})
		if r.Seq != want || !readable || r.Hash != logHash(before, r.Content) {
			v.find("", 0, findLog, want)
		}
		before, want = r.Hash, r.Seq+1
	}
	return rows.Err()
}
