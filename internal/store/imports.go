package store

import (
	"context"
	"encoding/json"
	"fmt"

	"duban/tasklist"
)

// importRow is a row of imports.
type importRow struct {
	Plan    string
	ID      string
	Content []byte
	Digest  string
	File    []byte
}

func (r importRow) value() (tasklist.Import, error) {
	var i tasklist.Import
	if err := json.Unmarshal(r.Content, &i); err != nil {
		return i, fmt.Errorf("import %s of %s: %w", r.ID, r.Plan, err)
	}
	return i, nil
}

// KeepImport keeps a list with its file, and returns it as it is kept: one that is brought again stays what it became.
func (s *Store) KeepImport(ctx context.Context, i tasklist.Import, file []byte) (tasklist.Import, error) {
	var kept tasklist.Import
	err := s.write(ctx, func(t *tx) error {
		rows, err := t.lockImport(i.Plan, i.ID)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			kept, err = rows[0].value()
			return err
		}
		content, err := json.Marshal(i)
		if err != nil {
			return err
		}
		kept = i
		return t.insert("imports", []string{"plan", "id", "year", "content", "digest", "file", "at"}, "",
			[][]any{{i.Plan, i.ID, i.Year, string(content), i.Digest, file, instant{i.At}}})
	})
	return kept, err
}

func (t *tx) lockImport(plan, id string) ([]importRow, error) {
	var rows []importRow
	err := t.db.Raw("SELECT plan, id, content, digest FROM imports WHERE plan = ? AND id = ?"+t.store.dialect.lock, plan, id).Scan(&rows).Error
	return rows, err
}

// Import returns a list with its file, or CodeNotFound.
func (s *Store) Import(ctx context.Context, plan, id string) (tasklist.Import, []byte, error) {
	var row importRow
	if err := s.reader(ctx).Table("imports").Where("plan = ? AND id = ?", plan, id).Take(&row).Error; err != nil {
		return tasklist.Import{}, nil, translate(err)
	}
	if digest(row.File) != row.Digest {
		return tasklist.Import{}, nil, fmt.Errorf(textImportChanged, row.ID)
	}
	i, err := row.value()
	return i, row.File, err
}

// Imports returns the lists of a plan, the newest first, without their files.
func (s *Store) Imports(ctx context.Context, plan string) ([]tasklist.Import, error) {
	var rows []importRow
	err := s.reader(ctx).Table("imports").Select("plan, id, content, digest").Where("plan = ?", plan).Order("at DESC, id").Limit(maxImports).Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	out := make([]tasklist.Import, len(rows))
	for n, r := range rows {
		if out[n], err = r.value(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// maxImports is how many lists of a plan are shown: more than a district brings in three years.
const maxImports = 500

// ReviseImport records what more has been settled of a list, and returns it. One that does not exist is CodeNotFound.
func (s *Store) ReviseImport(ctx context.Context, plan, id string, settling tasklist.Settling) (tasklist.Import, error) {
	var i tasklist.Import
	err := s.write(ctx, func(t *tx) error {
		rows, err := t.lockImport(plan, id)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return notFound()
		}
		if i, err = rows[0].value(); err != nil {
			return err
		}
		i.Settled = i.Settled.With(settling)
		return t.putImport(i)
	})
	return i, err
}

func (t *tx) putImport(i tasklist.Import) error {
	content, err := json.Marshal(i)
	if err != nil {
		return err
	}
	_, err = t.exec("UPDATE imports SET content = ? WHERE plan = ? AND id = ?", string(content), i.Plan, i.ID)
	return err
}

// SettleImport records that a list was applied. What it is of its file stays. One that does not exist is CodeNotFound.
func (s *Store) SettleImport(ctx context.Context, i tasklist.Import) error {
	return s.write(ctx, func(t *tx) error {
		rows, err := t.lockImport(i.Plan, i.ID)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return notFound()
		}
		return t.putImport(i)
	})
}
