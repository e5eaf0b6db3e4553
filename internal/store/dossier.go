package store

import (
	"context"
	"encoding/json"

	"gorm.io/gorm"

	"duban/obligation"
)

// Dossier returns everything that the record keeps of an obligation, in one snapshot, or CodeNotFound.
func (s *Store) Dossier(ctx context.Context, id obligation.ID) (obligation.Dossier, error) {
	var out obligation.Dossier
	err := s.snapshot(ctx, func(db *gorm.DB) error {
		out = obligation.Dossier{Policies: map[string][]byte{}}
		var row struct {
			State  []byte
			Policy string
		}
		if err := db.Table("obligations").Select("state, policy").Where("id = ?", id.String()).Take(&row).Error; err != nil {
			return err
		}
		var err error
		if out.State, err = s.decodeState(ctx, db.Statement.ConnPool, row.State, row.Policy); err != nil {
			return err
		}
		for _, read := range []func(*gorm.DB, obligation.ID, *obligation.Dossier) error{readLedger, readPapers, readTold} {
			if err := read(db, id, &out); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// readLedger reads the entries and the policies that they name.
func readLedger(db *gorm.DB, id obligation.ID, out *obligation.Dossier) error {
	var rows []ledgerRow
	if err := db.Table("ledger").Where("obligation = ?", id.String()).Order("seq").Find(&rows).Error; err != nil {
		return err
	}
	var hashes []string
	for _, r := range rows {
		out.Entries = append(out.Entries, obligation.LedgerEntry{Event: r.Event, Hash: r.Hash})
		var named struct{ Policy string }
		if err := json.Unmarshal(r.Event, &named); err == nil && named.Policy != "" {
			hashes = append(hashes, named.Policy)
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	var policies []policyRow
	err := db.Table("policies").Where("hash IN ?", hashes).Find(&policies).Error
	for _, p := range policies {
		out.Policies[p.Hash] = p.Content
	}
	return err
}

// readPapers reads the documents and their files.
func readPapers(db *gorm.DB, id obligation.ID, out *obligation.Dossier) error {
	var docs []documentRow
	if err := db.Table("documents").Where("obligation = ?", id.String()).Order("drafted_at, id").Find(&docs).Error; err != nil {
		return err
	}
	out.Documents = documents(docs)
	var files []fileRow
	err := db.Table("document_files").Where("obligation = ?", id.String()).Order("name").Find(&files).Error
	for _, f := range files {
		out.Files = append(out.Files, f.file())
	}
	return err
}

// readTold reads the notices, and what became of them.
func readTold(db *gorm.DB, id obligation.ID, out *obligation.Dossier) error {
	var rows []struct {
		Row  messageRow `gorm:"embedded"`
		Sent *string
	}
	err := db.Table("messages").Select("id, obligation, recipient, urgent, created_at, notice, digest AS sent").
		Where("obligation = ?", id.String()).Order("id").Find(&rows).Error
	if err != nil {
		return err
	}
	var ids []string
	for _, r := range rows {
		m, err := r.Row.message()
		if err != nil {
			return err
		}
		t := obligation.Told{Message: m}
		if r.Sent != nil {
			t.Digest = *r.Sent
			ids = append(ids, t.Digest)
		}
		out.Told = append(out.Told, t)
	}
	for len(ids) > 0 {
		n := min(len(ids), maxPage)
		var sent []deliveryRow
		if err := db.Table("deliveries").Where("digest IN ?", ids[:n]).Order("digest, channel, address").Find(&sent).Error; err != nil {
			return err
		}
		byDigest := groupBy(deliveries(sent), func(d obligation.Delivery) string { return d.Digest })
		for i := range out.Told {
			if d := byDigest[out.Told[i].Digest]; len(d) > 0 {
				out.Told[i].Deliveries = d
			}
		}
		ids = ids[n:]
	}
	return nil
}
