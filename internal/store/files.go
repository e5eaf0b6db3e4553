package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"duban/obligation"
)

// fileRow is a row of document_files.
type fileRow struct {
	Obligation string
	Name       string
	Title      string
	Digest     string
	MadeAt     instant
	Content    []byte
}

func (r fileRow) file() obligation.File {
	id, _ := obligation.ParseID(r.Obligation)
	return obligation.File{Obligation: id, Name: r.Name, Title: r.Title, Digest: r.Digest, Made: r.MadeAt.Time, Content: r.Content}
}

// KeepFile keeps a file and returns it, with its digest. Where one of its name is kept already, that stays and is
// returned: whoever asks first decides for all. An obligation that does not exist is CodeNotFound.
func (s *Store) KeepFile(ctx context.Context, f obligation.File) (obligation.File, error) {
	var row fileRow
	err := s.write(ctx, func(t *tx) error {
		// Its row is locked, so that two who ask first come one after the other.
		if _, err := t.lockState(f.Obligation); err != nil {
			return err
		}
		query := "SELECT * FROM document_files WHERE obligation = ? AND name = ?"
		var rows []fileRow
		if err := t.db.Raw(query, f.Obligation.String(), f.Name).Scan(&rows).Error; err != nil {
			return err
		}
		if len(rows) > 0 {
			row = rows[0]
			return nil
		}
		row = fileRow{f.Obligation.String(), f.Name, f.Title, digest(f.Content), instant{f.Made}, f.Content}
		return t.insert("document_files", []string{"obligation", "name", "title", "digest", "made_at", "content"}, "",
			[][]any{{row.Obligation, row.Name, row.Title, row.Digest, row.MadeAt, row.Content}})
	})
	if err != nil {
		return obligation.File{}, err
	}
	return row.intact()
}

// File returns a kept file, or CodeNotFound.
func (s *Store) File(ctx context.Context, id obligation.ID, name string) (obligation.File, error) {
	var row fileRow
	err := s.reader(ctx).Table("document_files").Where("obligation = ? AND name = ?", id.String(), name).Take(&row).Error
	if err != nil {
		return obligation.File{}, translate(err)
	}
	return row.intact()
}

// intact returns the file, and an error where its content is not what was kept.
func (r fileRow) intact() (obligation.File, error) {
	if digest(r.Content) != r.Digest {
		return obligation.File{}, fmt.Errorf(textFileChanged, r.Name, r.Obligation)
	}
	return r.file(), nil
}

// files verifies that every kept file is what was kept. One is in memory at a time.
func (v *verifier) files() error {
	rows, err := v.db.Table("document_files").Order("obligation, name").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var row fileRow
		if err := v.db.ScanRows(rows, &row); err != nil {
			return err
		}
		if digest(row.Content) != row.Digest {
			v.find(row.Obligation, 0, findFile, row.Name)
		}
	}
	return rows.Err()
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
