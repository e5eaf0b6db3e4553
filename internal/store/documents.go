package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"duban/obligation"
)

var documentColumns = []string{
	"id", "plan", "obligation", "rung", "status", "sign_off", "unit", "title", "body", "drafted_at", "signed_by", "reason", "place", "outcome",
	"waiting_on", "waits_for", "waits_since",
}

// documentValues are in the order of documentColumns.
func documentValues(d obligation.Document) []any {
	return []any{
		obligation.DocumentID(d.Obligation, d.Rung), d.Obligation.Plan, d.Obligation.String(), string(d.Rung),
		string(obligation.DocumentDraft), string(d.SignOff), d.Unit, d.Title, d.Body,
		instant{d.Drafted},
		"", "", "", "", d.WaitingOn(), string(d.WaitsFor()),
		instant{d.WaitsSince()},
	}
}

// documentRow is a row of documents.
type documentRow struct {
	ID         string
	Plan       string
	Obligation string
	Rung       string
	Status     string
	SignOff    string
	Unit       string
	Title      string
	Body       string
	DraftedAt  instant
	Number     *string
	SignedBy   string
	SettledAt  instant
	Reason     string
	MeetingAt  instant
	Place      string
	HeldAt     instant
	Outcome    string
	Meeting    []byte // JSON; none: as the four columns before say
	WaitsFor   string
	WaitsSince instant
}

func (r documentRow) document() obligation.Document {
	id, _ := obligation.ParseID(r.Obligation)
	d := obligation.Document{
		Obligation: id, Rung: obligation.Rung(r.Rung), Status: obligation.DocumentStatus(r.Status), SignOff: obligation.SignOff(r.SignOff),
		Unit: r.Unit, Title: r.Title, Body: r.Body, Drafted: r.DraftedAt.Time, SignedBy: r.SignedBy, Settled: r.SettledAt.Time, Reason: r.Reason,
	}
	if r.Number != nil {
		d.Number = *r.Number
	}
	switch {
	case len(r.Meeting) > 0:
		d.Meeting = &obligation.Meeting{}
		_ = json.Unmarshal(r.Meeting, d.Meeting) // written by settle; Verify compares it with the ledger
	case !r.MeetingAt.IsZero():
		d.Meeting = &obligation.Meeting{At: r.MeetingAt.Time, Place: r.Place, Held: r.HeldAt.Time, Outcome: r.Outcome}
	}
	return d
}

// settleDocuments brings the documents up to date with the events about them.
func (t *tx) settleDocuments(list []settlement) error {
	for _, s := range list {
		id := obligation.DocumentID(s.id, s.event.Rung)
		row, err := t.document(id)
		if err != nil {
			return fmt.Errorf("document %s: %w", id, err)
		}
		before := row.document()
		settles := s.event.Kind == obligation.Issued || s.event.Kind == obligation.Withdrawn
		if settles != (before.Status == obligation.DocumentDraft) {
			return fmt.Errorf("document %s: %s, but it is %s", id, s.event.Kind, before.Status)
		}
		if err := t.storeDocument(id, before.After(s.event)); err != nil {
			return err
		}
	}
	return nil
}

// storeDocument stores what events change of a document.
func (t *tx) storeDocument(id string, d obligation.Document) error {
	var number, meeting any
	if d.Number != "" {
		number = d.Number
	}
	if d.Meeting != nil {
		content, err := json.Marshal(d.Meeting)
		if err != nil {
			return err
		}
		meeting = string(content)
	}
	_, err := t.exec("UPDATE documents SET status = ?, number = ?, signed_by = ?, settled_at = ?, reason = ?, meeting = ?, waiting_on = ?, waits_for = ?, waits_since = ?, waits_until = ? WHERE id = ?",
		string(d.Status), number, d.SignedBy, instant{d.Settled}, d.Reason, meeting, d.WaitingOn(), string(d.WaitsFor()), instant{d.WaitsSince()}, date{d.WaitsUntil()}, id)
	return err
}

// document reads a document inside a transaction, locked until it ends.
func (t *tx) document(id string) (documentRow, error) {
	var row documentRow
	err := t.db.Raw("SELECT * FROM documents WHERE id = ?"+t.store.dialect.lock, id).Take(&row).Error
	return row, err
}

// Issue signs a draft off: it gives the next number of the series and stores the number, the decision and the
// document in one transaction, so that the series has no gaps. decide gets the obligation's state, the number, and
// how many letters were issued to the unit at or after lettersSince, this one included; it may be called again and
// must not call the store. A document that is issued already is returned unchanged; one that is withdrawn is refused
// with CodeNoDraft.
func (s *Store) Issue(ctx context.Context, id obligation.ID, rung obligation.Rung, series obligation.Series, lettersSince time.Time, by string,
	decide func(state obligation.State, number string, letters int) (obligation.Entry, error),
) (obligation.Document, error) {
	var out obligation.Document
	err := s.write(ctx, func(t *tx) error {
		state, err := t.lockState(id)
		if err != nil {
			return err
		}
		doc := obligation.DocumentID(id, rung)
		row, err := t.document(doc)
		if err != nil {
			return err
		}
		switch obligation.DocumentStatus(row.Status) {
		case obligation.DocumentIssued:
			out = row.document()
			return nil
		case obligation.DocumentWithdrawn:
			return &obligation.Error{Code: obligation.CodeNoDraft}
		case obligation.DocumentDraft:
		}
		n, err := t.nextNumber(series)
		if err != nil {
			return err
		}
		letters, err := t.letters(id, rung, lettersSince)
		if err != nil {
			return err
		}
		number := series.Format(n)
		entry, err := decide(state, number, letters)
		if err != nil {
			return err
		}
		if !issues(entry, rung, number) {
			return fmt.Errorf("decision on %s does not issue it as %s", doc, number)
		}
		if err := t.record(state, entry); err != nil {
			return err
		}
		if _, err := t.exec("UPDATE documents SET signed_by = ? WHERE id = ?", by, doc); err != nil {
			return err
		}
		if err := t.store.breakAt("number"); err != nil {
			return err
		}
		err = t.insert("document_numbers", []string{"series", "year", "number", "document", "given_at", "voided_by", "reason"}, "",
			[][]any{{series.Code, series.Year, n, doc, instant{s.now()}, "", ""}})
		if err != nil {
			return err
		}
		row, err = t.document(doc)
		out = row.document()
		return err
	})
	return out, err
}

func issues(en obligation.Entry, rung obligation.Rung, number string) bool {
	for _, e := range en.Events {
		if e.Kind == obligation.Issued && e.Rung == rung && e.Number == number {
			return true
		}
	}
	return false
}

// nextNumber takes the next number of the series; a transaction that fails gives it back.
func (t *tx) nextNumber(series obligation.Series) (int, error) {
	err := t.insert("document_series", []string{"series", "year", "last"}, t.store.dialect.keep("last"), [][]any{{series.Code, series.Year, 0}})
	if err != nil {
		return 0, err
	}
	if _, err := t.exec("UPDATE document_series SET last = last + 1 WHERE series = ? AND year = ?", series.Code, series.Year); err != nil {
		return 0, err
	}
	var last int
	err = t.QueryRowContext(t.ctx, "SELECT last FROM document_series WHERE series = ? AND year = ?", series.Code, series.Year).Scan(&last)
	return last, err
}

// letters counts the letters to the unit since the instant, with the one at hand. Voided ones do not count. It is
// called with the series locked, so that no other letter is issued meanwhile.
func (t *tx) letters(id obligation.ID, rung obligation.Rung, since time.Time) (int, error) {
	var n int
	err := t.QueryRowContext(t.ctx,
		"SELECT COUNT(*) FROM documents WHERE plan = ? AND unit = ? AND rung = ? AND status = ? AND settled_at >= ?",
		id.Plan, id.Unit, string(obligation.Letter), string(obligation.DocumentIssued), standing(since)).Scan(&n)
	if rung == obligation.Letter {
		n++
	}
	return n, err
}

// Void takes an issued document back. Its number is kept as voided and never given again, the document is shown as
// withdrawn with the number and the reason. The decision stays in the ledger. Voiding again changes nothing; a
// document without a number is refused with CodeConflict.
func (s *Store) Void(ctx context.Context, id obligation.ID, rung obligation.Rung, by, reason string, at time.Time) (obligation.Document, error) {
	var out obligation.Document
	err := s.write(ctx, func(t *tx) error {
		doc := obligation.DocumentID(id, rung)
		row, err := t.document(doc)
		if err != nil {
			return err
		}
		if row.Number == nil {
			return &obligation.Error{Code: obligation.CodeConflict}
		}
		if row.Status == string(obligation.DocumentIssued) {
			if reason == "" {
				return &obligation.Error{Code: obligation.CodeReasonMissing}
			}
			_, err := t.exec("UPDATE document_numbers SET voided_at = ?, voided_by = ?, reason = ? WHERE document = ? AND voided_at IS NULL",
				instant{at}, by, reason, doc)
			if err != nil {
				return err
			}
			_, err = t.exec("UPDATE documents SET status = ?, reason = ?, waiting_on = '', waits_for = '', waits_since = NULL, waits_until = NULL WHERE id = ?",
				string(obligation.DocumentWithdrawn), reason, doc)
			if err != nil {
				return err
			}
		}
		row, err = t.document(doc)
		out = row.document()
		return err
	})
	return out, err
}

// Document returns the document of an obligation's rung.
func (s *Store) Document(ctx context.Context, id obligation.ID, rung obligation.Rung) (obligation.Document, error) {
	var row documentRow
	err := s.reader(ctx).Table("documents").Where("id = ?", obligation.DocumentID(id, rung)).Take(&row).Error
	if err != nil {
		return obligation.Document{}, translate(err)
	}
	return row.document(), nil
}

// Drafts returns the obligation's documents that await sign-off.
func (s *Store) Drafts(ctx context.Context, id obligation.ID) ([]obligation.Document, error) {
	var rows []documentRow
	err := s.reader(ctx).Table("documents").Where("obligation = ? AND status = ?", id.String(), string(obligation.DocumentDraft)).
		Order("drafted_at, id").Find(&rows).Error
	return documents(rows), translate(err)
}

func documents(rows []documentRow) []obligation.Document {
	out := make([]obligation.Document, len(rows))
	for i, r := range rows {
		out[i] = r.document()
	}
	return out
}

// Documents returns a page of documents, newest first, and the cursor of the next page, "" where there is none.
func (s *Store) Documents(ctx context.Context, f obligation.DocumentFilter) ([]obligation.Document, string, error) {
	q := s.reader(ctx).Table("documents")
	for _, c := range []struct{ column, value string }{
		{"plan", f.Plan}, {"unit", f.Unit}, {"rung", string(f.Rung)}, {"status", string(f.Status)}, {"waiting_on", f.WaitingOn},
	} {
		if c.value != "" {
			q = q.Where(c.column+" = ?", c.value)
		}
	}
	if !f.Overdue.IsZero() {
		q = q.Where("waits_until < ?", date{f.Overdue})
	}
	if f.After != "" {
		at, id, err := newerThan(f.After)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("drafted_at <= ? AND (drafted_at < ? OR id < ?)", at, at, id)
	}
	limit := pageSize(f.Limit)
	var rows []documentRow
	if err := q.Order("drafted_at DESC, id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", translate(err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = cursor{stamp(last.DraftedAt), last.ID}.String()
	}
	return documents(rows), next, nil
}

// newerThan reads a cursor of a list that is ordered by an instant, newest first.
func newerThan(after string) (instant, string, error) {
	c, err := parseCursor(after)
	if err != nil {
		return instant{}, "", err
	}
	at, err := time.Parse(instantLayout, c.Key)
	if err != nil {
		return instant{}, "", errCursor
	}
	return instant{at}, c.ID, nil
}

// errCursor is what a forged or outdated cursor gets.
var errCursor = fmt.Errorf("%s: %w", textBadCursor, notFound())

var errSequence = errors.New("decision does not follow the state it was given")
