package store

import (
	"context"
	"errors"
	"slices"
	"strings"

	"duban/calendar"
	"duban/obligation"
)

// Rebuilding says what of the read model is to be rebuilt.
type Rebuilding struct {
	Plan       string // "": every plan
	Obligation string // ID; "": every obligation
	// Calendars are those of the plans by code: what an obligation's lights and its next step are counted by. Of a plan that has none
	// here nothing is rebuilt.
	Calendars map[string]*calendar.Calendar
}

// Rebuilt is what Rebuild did.
type Rebuilt struct {
	Obligations int      `json:"obligations"`       // that were looked at
	Written     []string `json:"written"`           // IDs of those of which something differed
	Skipped     []string `json:"skipped,omitempty"` // IDs of those whose ledger is not whole: nothing is made of it
}

// rebuildPage is how many obligations are rebuilt in one transaction.
const rebuildPage = 100

// Rebuild makes the rows of obligations, of their documents and of the register of hazards anew from the ledger, by the functions that
// Append uses, and writes those that differ. It may run while others write.
func (s *Store) Rebuild(ctx context.Context, what Rebuilding) (Rebuilt, error) {
	out := Rebuilt{Written: []string{}}
	for after := ""; ; {
		ids, err := s.recorded(ctx, what, after)
		if err != nil || len(ids) == 0 {
			return out, translate(err)
		}
		var page Rebuilt
		err = s.write(ctx, func(t *tx) (err error) {
			page, err = t.rebuild(ids, what.Calendars)
			return err
		})
		if err != nil {
			return out, err
		}
		out.Obligations += page.Obligations
		out.Written, out.Skipped = append(out.Written, page.Written...), append(out.Skipped, page.Skipped...)
		after = ids[len(ids)-1]
	}
}

// recorded returns a page of the obligations that have a ledger, in order.
func (s *Store) recorded(ctx context.Context, what Rebuilding, after string) ([]string, error) {
	q := s.reader(ctx).Table("ledger").Where("obligation > ?", after)
	switch {
	case what.Obligation != "":
		q = q.Where("obligation = ?", what.Obligation)
	case what.Plan != "":
		// An ID begins with its plan's code and a slash; the next character after the slash ends the range.
		q = q.Where("obligation > ? AND obligation < ?", what.Plan+"/", what.Plan+"0")
	}
	var ids []string
	err := q.Distinct("obligation").Order("obligation").Limit(rebuildPage).Pluck("obligation", &ids).Error
	return ids, err
}

// rebuild does so for some obligations, in ascending order.
func (t *tx) rebuild(ids []string, calendars map[string]*calendar.Calendar) (Rebuilt, error) {
	out := Rebuilt{}
	stored, err := t.heads(ids) // and locks them, before anything is read
	if err != nil {
		return out, err
	}
	b := batch{states: map[string]stateRow{}}
	var others []func() error // once the rows that they refer to are there
	for _, id := range ids {
		v := &verifier{store: t.store, ctx: t.ctx}
		v.use(t.db)
		p, err := v.only(id)
		if err != nil {
			return out, err
		}
		plan, _, _ := strings.Cut(id, "/")
		cal := calendars[plan]
		if cal == nil || len(p.ledger) == 0 {
			continue
		}
		out.Obligations++
		n := len(others)
		changed, err := t.rebuildOne(v, id, p, cal, stored[id], &b, &others)
		switch {
		case errors.Is(err, errNotWhole):
			out.Skipped = append(out.Skipped, id)
		case err != nil:
			return out, err
		case changed || len(others) > n:
			out.Written = append(out.Written, id)
		}
	}
	if err := t.storePolicies(b.policies); err != nil {
		return out, err
	}
	if err := t.storeStates(b); err != nil {
		return out, err
	}
	for _, write := range others {
		if err := write(); err != nil {
			return out, err
		}
	}
	return out, nil
}

// errNotWhole says that a ledger is not whole.
var errNotWhole = errors.New("ledger is not whole")

// only reads what the record has of one obligation.
func (v *verifier) only(id string) (recordPage, error) {
	p := recordPage{}
	if err := v.db.Table("obligations").Where("id = ?", id).Find(&p.rows).Error; err != nil {
		return p, err
	}
	if err := v.db.Table("ledger").Where("obligation = ?", id).Order("seq").Find(&p.ledger).Error; err != nil {
		return p, err
	}
	err := v.db.Table("documents").Select(numberedColumns).Joins(numberedJoin).Where("obligation = ?", id).Order("documents.id").Find(&p.docs).Error
	if err != nil {
		return p, err
	}
	return p, v.db.Table("hazards").Where("obligation = ?", id).Find(&p.hazards).Error
}

// rebuildOne adds the obligation's row to the batch where it differs, and to the others the writing of its documents and of its
// row in the register where they do.
func (t *tx) rebuildOne(v *verifier, id string, p recordPage, cal *calendar.Calendar, h head, b *batch, others *[]func() error) (differs bool, err error) {
	state, events, err := v.chain(id, p.ledger, nil)
	if err != nil {
		return false, err
	}
	if v.has(NatureChain) {
		return false, errNotWhole
	}
	entry, err := prepare(obligation.NewEntry(state, nil, cal))
	if err != nil {
		return false, err
	}
	differs = len(p.rows) == 0
	for _, r := range p.rows {
		if err := v.model(r, p.ledger, state); err != nil {
			return false, err
		}
		differs = v.has(NatureModel) || r.counts(&entry)
		if (obligation.ID{Plan: r.Plan, Measure: r.Measure, Unit: r.Unit, Period: r.Period}) != state.ID {
			if _, err := t.exec("UPDATE obligations SET "+setters(fixedColumns[1:])+" WHERE id = ?", append(entry.fixedValues()[1:], id)...); err != nil {
				return false, err
			}
		}
	}
	if differs {
		b.policies = append(b.policies, entry.policies...)
		b.order = append(b.order, id)
		b.states[id] = stateRow{entry: &entry, head: h, headHash: p.ledger[len(p.ledger)-1].Hash}
	}
	v.report.Findings = nil
	if v.documents(id, events, p.docs); v.has(NatureModel) {
		*others = append(*others, func() error { return t.rebuildDocuments(events, p.docs) })
	}
	v.report.Findings = nil
	if v.hazards(id, state, events, p.hazards); v.has(NatureModel) {
		*others = append(*others, func() error { return t.rebuildHazard(state, events[0]) })
	}
	return differs, nil
}

// has reports whether anything of the nature was found.
func (v *verifier) has(n Nature) bool {
	return slices.ContainsFunc(v.report.Findings, func(f Finding) bool { return f.Nature == n })
}

// counts reports whether what follows from the calendar is not what is stored.
func (r obligationRow) counts(p *prepared) bool {
	l := p.listing()
	return stamp(r.YellowAt) != l.yellowAt || stamp(r.OverdueAt) != l.overdueAt || stampOrNone(r.NextAt.Time) != stampOrNone(p.NextAt) || r.NextKind != p.NextKind
}

// rebuildDocuments brings the documents up to date with the ledger's events. One that the ledger does not know stays.
func (t *tx) rebuildDocuments(events []obligation.Event, docs []numberedDocument) error {
	var told []obligation.Document
	var state obligation.State
	for _, e := range events {
		state = obligation.Apply(state, e)
		if e.Kind == obligation.Drafted {
			told = append(slices.DeleteFunc(told, func(d obligation.Document) bool { return d.Rung == e.Rung }), obligation.Draft(state, e))
		}
		if e.SettlesDocument() {
			for i := range told {
				told[i] = told[i].After(e)
			}
		}
	}
	for _, d := range told {
		at := slices.IndexFunc(docs, func(have numberedDocument) bool { return have.Row.Rung == string(d.Rung) })
		if at < 0 {
			if err := t.insert("documents", documentColumns, "", [][]any{documentValues(d)}); err != nil {
				return err
			}
		} else {
			have := docs[at]
			if sameMeeting(have.Row.document().Meeting, d.Meeting) {
				d.Meeting = have.Row.document().Meeting
			}
			if have.Row.SignedBy != "" {
				d.SignedBy = have.Row.SignedBy
			}
			if have.Voided {
				d.Status, d.Reason = obligation.DocumentWithdrawn, *have.VoidReason
			}
		}
		if err := t.storeDocument(obligation.DocumentID(d.Obligation, d.Rung), d); err != nil {
			return err
		}
	}
	return nil
}
