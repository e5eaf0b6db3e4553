package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"duban/obligation"
)

// fill completes the rows that were stored before there were columns for what they wait for. Whatever is stored meanwhile
// is complete already. It may be broken off, and several may do it at the same time.
func (s *Store) fill(ctx context.Context) error {
	for _, f := range []struct {
		table string
		fill  func(*tx) (int, error)
	}{{"obligations", (*tx).fillObligations}, {"documents", (*tx).fillDocuments}} {
		var left int
		// Asked before anything is locked: as a rule there is nothing to do.
		if err := s.reader(ctx).Raw("SELECT EXISTS (SELECT 1 FROM " + f.table + " WHERE waits_for IS NULL)").Scan(&left).Error; err != nil {
			return err
		}
		for left > 0 {
			err := s.write(ctx, func(t *tx) (err error) {
				left, err = f.fill(t)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// filled returns the store once its rows are complete.
func (s *Store) filled(ctx context.Context) (*Store, error) {
	if err := s.fill(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// fillPage is how many rows are completed in one transaction.
const fillPage = 500

func (t *tx) fillObligations() (int, error) {
	var rows []struct {
		ID    string
		State []byte
	}
	err := t.db.Raw("SELECT id, state FROM obligations WHERE waits_for IS NULL ORDER BY id LIMIT ?"+t.store.dialect.lock, fillPage).Scan(&rows).Error
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		var stored storedState // what it waits for does not depend on the policy
		if err := json.Unmarshal(r.State, &stored); err != nil {
			return 0, fmt.Errorf("state of %s: %w", r.ID, err)
		}
		_, err := t.exec("UPDATE obligations SET waits_for = ?, waits_since = ?, search_text = ? WHERE id = ?",
			string(stored.State.WaitsFor()), instant{stored.State.WaitsSince()}, stored.State.SearchText(), r.ID)
		if err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

func (t *tx) fillDocuments() (int, error) {
	var rows []documentRow
	if err := t.db.Raw("SELECT * FROM documents WHERE waits_for IS NULL ORDER BY id LIMIT ?"+t.store.dialect.lock, fillPage).Scan(&rows).Error; err != nil {
		return 0, err
	}
	for _, r := range rows {
		d := r.document()
		if _, err := t.exec("UPDATE documents SET waits_for = ?, waits_since = ? WHERE id = ?", string(d.WaitsFor()), instant{d.WaitsSince()}, r.ID); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// Awaited counts by kind what of the plan waits for the office or a leader; with a unit, what of that unit's does.
func (s *Store) Awaited(ctx context.Context, plan, unit string) ([]obligation.Awaited, error) {
	found := map[obligation.Wait]obligation.Awaited{}
	for _, table := range []string{"obligations", "documents"} {
		var rows []struct {
			WaitsFor string
			N        int
			Oldest   instant
		}
		q := s.reader(ctx).Table(table).Select("waits_for, COUNT(*) AS n, MIN(waits_since) AS oldest").
			Where("waits_for IN ? AND plan = ?", obligation.OfficeWaits, plan)
		if unit != "" {
			q = q.Where("unit = ?", unit)
		}
		if err := q.Group("waits_for").Find(&rows).Error; err != nil {
			return nil, translate(err)
		}
		for _, r := range rows {
			w := obligation.Wait(r.WaitsFor)
			found[w] = obligation.Awaited{For: w, Count: r.N, Oldest: r.Oldest.Time}
		}
	}
	var out []obligation.Awaited
	for _, w := range obligation.OfficeWaits {
		if a, ok := found[w]; ok {
			out = append(out, a)
		}
	}
	return out, nil
}

// Holdings returns whom everything that is open in the plan waits for, in no order, each with up to most of what waits longest.
func (s *Store) Holdings(ctx context.Context, plan string, most int) ([]obligation.Holding, error) {
	byHolder := map[string]*obligation.Holding{}
	for _, table := range []string{"obligations", "documents"} {
		var rows []struct {
			WaitingOn string
			N         int
			Since     instant
		}
		err := s.reader(ctx).Table(table).Select("waiting_on, COUNT(*) AS n, MIN(waits_since) AS since").
			Where("plan = ? AND waiting_on <> ''", plan).Group("waiting_on").Find(&rows).Error
		if err != nil {
			return nil, translate(err)
		}
		for _, r := range rows {
			h := byHolder[r.WaitingOn]
			if h == nil {
				h = &obligation.Holding{Who: r.WaitingOn, Since: r.Since.Time}
				byHolder[r.WaitingOn] = h
			}
			h.Count += r.N
			if r.Since.Before(h.Since) {
				h.Since = r.Since.Time
			}
		}
	}
	out := make([]obligation.Holding, 0, len(byHolder))
	for _, h := range byHolder {
		var err error
		if h.Oldest, err = s.oldest(ctx, plan, h.Who, most); err != nil {
			return nil, translate(err)
		}
		out = append(out, *h)
	}
	return out, nil
}

// heldRow is an obligation or a document that waits.
type heldRow struct {
	Obligation, Rung, Title, WaitsFor string
	WaitsSince                        instant
	State                             []byte
}

// oldest returns up to most of what waits longest for one holder.
func (s *Store) oldest(ctx context.Context, plan, who string, most int) ([]obligation.Held, error) {
	var rows, documents []heldRow
	err := s.reader(ctx).Table("obligations").Select("id AS obligation, waits_for, waits_since, state").
		Where("plan = ? AND waiting_on = ?", plan, who).Order("waits_since, id").Limit(most).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	err = s.reader(ctx).Table("documents").Select("documents.obligation, documents.rung, documents.title, documents.waits_for, documents.waits_since, obligations.state").
		Joins("JOIN obligations ON obligations.id = documents.obligation").Where("documents.plan = ? AND documents.waiting_on = ?", plan, who).
		Order("documents.waits_since, documents.id").Limit(most).Find(&documents).Error
	if err != nil {
		return nil, err
	}
	held := make([]obligation.Held, 0, len(rows)+len(documents))
	for _, r := range append(rows, documents...) {
		var stored storedState
		if err := json.Unmarshal(r.State, &stored); err != nil {
			return nil, fmt.Errorf("state of %s: %w", r.Obligation, err)
		}
		h := obligation.Held{
			ID: stored.State.ID, Rung: obligation.Rung(r.Rung), Title: r.Title, UnitName: stored.State.UnitName, For: obligation.Wait(r.WaitsFor), Since: r.WaitsSince.Time,
		}
		if r.Rung == "" {
			h.Title, h.Period = stored.State.Title, stored.State.Period
		}
		held = append(held, h)
	}
	return obligation.Longest(held, most), nil
}

// Broken counts what of the plan is broken or should have gone out, or happened, by now; what is not there is left out.
func (s *Store) Broken(ctx context.Context, plan string, p obligation.Patience) ([]obligation.Broken, error) {
	const unread = " FROM deliveries AS d JOIN digests AS g ON g.id = d.digest WHERE d.plan = ? AND d.status = ? AND g.read_at IS NULL"
	var out []obligation.Broken
	for _, f := range []struct {
		fault obligation.Fault
		since string
		from  string
		args  []any
	}{
		{
			obligation.FaultFailed, "d.at", unread + " AND d.error <> ? AND NOT EXISTS (SELECT 1 FROM deliveries AS o WHERE o.digest = d.digest AND o.channel <> ? AND o.status IN ?)",
			[]any{plan, string(obligation.DeliveryFailed), textStale, ChannelInbox, []obligation.DeliveryStatus{obligation.DeliveryPending, obligation.DeliverySending, obligation.DeliverySent}},
		},
		{obligation.FaultUnknown, "d.at", unread, []any{plan, string(obligation.DeliveryUnknown)}},
		{
			obligation.FaultUnsent, "at", " FROM deliveries WHERE plan = ? AND status IN ? AND at < ?",
			[]any{plan, []obligation.DeliveryStatus{obligation.DeliveryPending, obligation.DeliverySending}, instant{p.Told}},
		},
		{obligation.FaultOutbox, "created_at", " FROM messages WHERE plan = ? AND status = '" + messagePending + "' AND created_at < ?", []any{plan, instant{p.Told}}},
		{obligation.FaultMissed, "next_at", " FROM obligations WHERE plan = ? AND next_at < ? AND " + openSQL, []any{plan, instant{p.Stepped}}},
		{obligation.FaultNobody, "updated_at", " FROM obligations WHERE plan = ? AND waiting_on = '' AND next_at IS NULL AND " + openSQL, []any{plan}},
	} {
		var found struct {
			N     int
			Since instant
		}
		if err := s.reader(ctx).Raw("SELECT COUNT(*) AS n, MIN("+f.since+") AS since"+f.from, f.args...).Scan(&found).Error; err != nil {
			return nil, translate(err)
		}
		if found.N > 0 {
			out = append(out, obligation.Broken{Fault: f.fault, Count: found.N, Since: found.Since.Time})
		}
	}
	return out, nil
}
