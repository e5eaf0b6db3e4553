package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"duban/obligation"
)

// evidenceRow is a row of evidence.
type evidenceRow struct {
	ID         string
	Obligation string
	Name       string
	Type       string
	Size       int64
	SHA256     string `gorm:"column:sha256"`
	UploadKey  string
	UploadedBy []byte
	UploadedAt instant
	ClaimedAt  instant
	Seq        *int
}

var evidenceColumns = []string{"id", "obligation", "name", "type", "size", "sha256", "upload_key", "uploaded_by", "uploaded_at", "claimed_at", "seq"}

func (r evidenceRow) evidence() obligation.Evidence {
	return obligation.Evidence{ID: r.ID, Name: r.Name, Type: r.Type, Size: r.Size, SHA256: r.SHA256}
}

func (r evidenceRow) file() (obligation.EvidenceFile, error) {
	id, _ := obligation.ParseID(r.Obligation)
	f := obligation.EvidenceFile{Evidence: r.evidence(), Obligation: id, Uploaded: r.UploadedAt.Time}
	if r.Seq != nil {
		f.Seq = *r.Seq
	}
	return f, json.Unmarshal(r.UploadedBy, &f.By)
}

func evidenceFiles(rows []evidenceRow) ([]obligation.EvidenceFile, error) {
	out := make([]obligation.EvidenceFile, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.file(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// claimHolds is how long a file that is being handed in can't be removed. It only has to outlast a command; where the
// process that claimed it was killed, the file is free again then.
const claimHolds = time.Hour

// StageEvidence records a file that was uploaded and is kept, under a key of the upload. Where that key is recorded
// already with the same content, that file is returned, and kept is false: f's own content is not needed. Refusals are
// CodeNotFound and CodeClosed of the obligation, CodeEvidenceFull beyond the limits, and CodeEvidenceInvalid where the
// key stands for another file.
func (s *Store) StageEvidence(ctx context.Context, f obligation.EvidenceFile, key string, limits obligation.EvidenceLimits) (out obligation.EvidenceFile, kept bool, err error) {
	by, err := json.Marshal(f.By)
	if err != nil {
		return out, false, err
	}
	err = s.write(ctx, func(t *tx) error {
		// The obligation's row is held, so that of two who come at once the second sees what the first did.
		state, err := t.lockState(f.Obligation)
		if err != nil {
			return err
		}
		var rows []evidenceRow
		if err := t.db.Raw("SELECT * FROM evidence WHERE obligation = ?", f.Obligation.String()).Scan(&rows).Error; err != nil {
			return err
		}
		total := f.Size
		for _, r := range rows {
			if r.UploadKey == key {
				if r.Name != f.Name || r.SHA256 != f.SHA256 {
					return &obligation.Error{Code: obligation.CodeEvidenceInvalid}
				}
				out, kept = obligation.EvidenceFile{}, false
				out, err = r.file()
				return err
			}
			total += r.Size
		}
		switch {
		case !state.TakesEvidence():
			return &obligation.Error{Code: obligation.CodeClosed}
		case len(rows) >= limits.Files || total > limits.Bytes:
			return &obligation.Error{Code: obligation.CodeEvidenceFull}
		}
		out, kept = f, true
		out.Uploaded = f.Uploaded.UTC().Truncate(time.Microsecond)
		return t.insert("evidence", evidenceColumns, "", [][]any{{
			f.ID, f.Obligation.String(), f.Name, f.Type, f.Size, f.SHA256, key, string(by), instant{f.Uploaded}, nil, nil,
		}})
	})
	if err != nil {
		return obligation.EvidenceFile{}, false, err
	}
	return out, kept, nil
}

// Evidence returns what was uploaded for an obligation, in the order of its uploading. An obligation that does not exist has
// none.
func (s *Store) Evidence(ctx context.Context, id obligation.ID) ([]obligation.EvidenceFile, error) {
	var rows []evidenceRow
	err := s.reader(ctx).Table("evidence").Where("obligation = ?", id.String()).Order("uploaded_at, id").Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	return evidenceFiles(rows)
}

// EvidenceFile returns one file of an obligation, or CodeNotFound.
func (s *Store) EvidenceFile(ctx context.Context, id obligation.ID, file string) (obligation.EvidenceFile, error) {
	var row evidenceRow
	err := s.reader(ctx).Table("evidence").Where("obligation = ? AND id = ?", id.String(), file).Take(&row).Error
	if err != nil {
		return obligation.EvidenceFile{}, translate(err)
	}
	return row.file()
}

// ClaimEvidence returns the staged files of the IDs, for a command that hands them in; until that is done, or ReleaseEvidence
// is called, nobody can remove them. Where one is not staged, the error is CodeEvidenceGone.
func (s *Store) ClaimEvidence(ctx context.Context, id obligation.ID, files []string) ([]obligation.Evidence, error) {
	var out []obligation.Evidence
	err := s.write(ctx, func(t *tx) error {
		out = make([]obligation.Evidence, 0, len(files))
		if _, err := t.lockState(id); err != nil {
			return err
		}
		for _, file := range files {
			row, err := t.evidence(id, file)
			if err != nil {
				return err
			}
			if row.ID == "" || row.Seq != nil {
				return &obligation.Error{Code: obligation.CodeEvidenceGone}
			}
			if _, err := t.exec("UPDATE evidence SET claimed_at = ? WHERE id = ?", instant{t.store.now()}, file); err != nil {
				return err
			}
			out = append(out, row.evidence())
		}
		return nil
	})
	return out, err
}

// evidence returns a file's row; without an ID where there is none.
func (t *tx) evidence(id obligation.ID, file string) (row evidenceRow, err error) {
	err = t.db.Raw("SELECT * FROM evidence WHERE obligation = ? AND id = ?", id.String(), file).Scan(&row).Error
	return row, err
}

// ReleaseEvidence takes back a claim: the command was refused.
func (s *Store) ReleaseEvidence(ctx context.Context, id obligation.ID, files []string) error {
	if len(files) == 0 {
		return nil
	}
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("UPDATE evidence SET claimed_at = NULL WHERE obligation = ? AND seq IS NULL AND id IN ("+marks(len(files))+")",
			append([]any{id.String()}, anys(files)...)...)
		return err
	})
}

// RemoveEvidence removes the record of a staged file and returns it: its content is the caller's to remove. Refusals are
// CodeNotFound, CodeEvidenceFixed of what was handed in, and CodeEvidenceBusy of what is being handed in.
func (s *Store) RemoveEvidence(ctx context.Context, id obligation.ID, file string) (out obligation.EvidenceFile, err error) {
	err = s.write(ctx, func(t *tx) error {
		if _, err := t.lockState(id); err != nil {
			return err
		}
		row, err := t.evidence(id, file)
		switch {
		case err != nil:
			return err
		case row.ID == "":
			return &obligation.Error{Code: obligation.CodeNotFound}
		case row.Seq != nil:
			return &obligation.Error{Code: obligation.CodeEvidenceFixed}
		case row.ClaimedAt.After(t.store.now().Add(-claimHolds)):
			return &obligation.Error{Code: obligation.CodeEvidenceBusy}
		}
		if out, err = row.file(); err != nil {
			return err
		}
		_, err = t.exec("DELETE FROM evidence WHERE id = ?", file)
		return err
	})
	return out, err
}

// expireAtOnce bounds one transaction of ExpireEvidence.
const expireAtOnce = 100

// ExpireEvidence removes the records of staged files that were uploaded before an instant, some at a time, and returns how
// many; 0: there are no more.
func (s *Store) ExpireEvidence(ctx context.Context, before time.Time) (n int, err error) {
	err = s.write(ctx, func(t *tx) error {
		found, err := texts(t.ctx, t, "SELECT id FROM evidence WHERE seq IS NULL AND uploaded_at < ? AND (claimed_at IS NULL OR claimed_at < ?) ORDER BY id LIMIT ?"+
			t.store.dialect.lock, instant{before}, instant{before}, expireAtOnce)
		if n = len(found); err != nil || n == 0 {
			return err
		}
		ids := make([]string, n)
		for i, id := range found {
			ids[i] = string(id)
		}
		_, err = t.exec("DELETE FROM evidence WHERE seq IS NULL AND id IN ("+marks(n)+")", anys(ids)...)
		return err
	})
	return n, err
}

// KnownEvidence reports which of the keys of contents (obligation.Evidence.Key) belong to a file that is recorded.
func (s *Store) KnownEvidence(ctx context.Context, keys []string) (map[string]bool, error) {
	out := map[string]bool{}
	for part := range slices.Chunk(keys, expireAtOnce) {
		ids := make([]string, len(part))
		for i, k := range part {
			ids[i] = evidenceID(k)
		}
		var rows []evidenceRow
		if err := s.reader(ctx).Table("evidence").Where("id IN ?", ids).Find(&rows).Error; err != nil {
			return nil, translate(err)
		}
		for _, r := range rows {
			out[r.evidence().Key()] = true
		}
	}
	return out, nil
}

// evidenceID returns the ID in a content's key.
func evidenceID(key string) string { return key[min(len(key), len("-")+64):] }

// HandedIn calls f with every file that was handed in, in the order of obligations, until f returns an error. One page of
// them is in memory at a time.
func (s *Store) HandedIn(ctx context.Context, f func(obligation.EvidenceFile) error) error {
	for last := ""; ; {
		var rows []evidenceRow
		err := s.reader(ctx).Table("evidence").Where("seq IS NOT NULL AND id > ?", last).Order("id").Limit(verifyPage).Find(&rows).Error
		if err != nil {
			return translate(err)
		}
		files, err := evidenceFiles(rows)
		if err != nil {
			return err
		}
		for _, file := range files {
			last = file.ID
			if err := f(file); err != nil {
				return err
			}
		}
		if len(rows) < verifyPage {
			return nil
		}
	}
}

// handingIn is what an event hands in.
type handingIn struct {
	id    obligation.ID
	event obligation.Event
}

// handIn binds the files of events. The ledger decides: a file that is no longer recorded (it was removed while the engine was
// away) is recorded again from the event, and Verify names what has become of its content.
func (t *tx) handIn(list []handingIn) error {
	for _, h := range list {
		by, err := json.Marshal(h.event.By)
		if err != nil {
			return err
		}
		for _, e := range h.event.Evidence {
			row, err := t.evidence(h.id, e.ID)
			switch {
			case err != nil:
				return err
			case row.Seq != nil:
				continue // with an earlier event
			case row.ID != "":
				_, err = t.exec("UPDATE evidence SET seq = ?, claimed_at = NULL WHERE id = ?", h.event.Seq, e.ID)
			default:
				err = t.insert("evidence", evidenceColumns, "", [][]any{{
					e.ID, h.id.String(), e.Name, e.Type, e.Size, e.SHA256, e.ID, string(by), instant{h.event.At}, nil, h.event.Seq,
				}})
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// evidence compares the record of an obligation's files with the ledger.
func (v *verifier) evidence(id string, events []obligation.Event, rows []evidenceRow) {
	type expectation struct {
		obligation.Evidence
		seq int
	}
	expected := map[string]expectation{}
	for _, e := range events {
		for _, f := range e.Evidence {
			if _, ok := expected[f.ID]; !ok {
				expected[f.ID] = expectation{f, e.Seq}
			}
		}
	}
	for _, r := range rows {
		want, ok := expected[r.ID]
		delete(expected, r.ID)
		switch {
		case !ok && r.Seq != nil:
			v.find(id, *r.Seq, findStrayEvidence, r.Name)
		case ok && (r.Seq == nil || *r.Seq != want.seq || r.evidence() != want.Evidence):
			v.find(id, want.seq, findEvidence, want.Name)
		}
	}
	lost := make([]expectation, 0, len(expected))
	for _, e := range expected {
		lost = append(lost, e)
	}
	slices.SortFunc(lost, func(a, b expectation) int { return cmp.Or(a.seq-b.seq, cmp.Compare(a.ID, b.ID)) })
	for _, e := range lost {
		v.find(id, e.seq, findNoEvidence, e.Name)
	}
}
