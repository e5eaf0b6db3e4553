package store

import (
	"context"
	"time"

	"duban/obligation"
)

// deliveryRow is a row of deliveries.
type deliveryRow struct {
	Digest, Channel, Address, Status, Error string
	Attempts                                int
	At                                      instant
}

func deliveries(rows []deliveryRow) []obligation.Delivery {
	out := make([]obligation.Delivery, len(rows))
	for i, r := range rows {
		out[i] = obligation.Delivery{
			Digest: r.Digest, Channel: r.Channel, Address: r.Address, Status: obligation.DeliveryStatus(r.Status),
			Attempts: r.Attempts, Error: r.Error, At: r.At.Time,
		}
	}
	return out
}

// PendingDeliveries returns up to limit deliveries of the plan that wait to be sent, the oldest first.
func (s *Store) PendingDeliveries(ctx context.Context, plan string, limit int) ([]obligation.Delivery, error) {
	if limit <= 0 {
		limit = defaultPage
	}
	var rows []deliveryRow
	err := s.reader(ctx).Table("deliveries").Where("plan = ? AND status = ?", plan, string(obligation.DeliveryPending)).
		Order("at, digest, channel, address").Limit(limit).Find(&rows).Error
	return deliveries(rows), translate(err)
}

// Deliveries returns up to limit deliveries of the plan in the state, "" for any, by digest, and the cursor of the
// next page, "" where there is none.
func (s *Store) Deliveries(ctx context.Context, plan string, status obligation.DeliveryStatus, after string, limit int) ([]obligation.Delivery, string, error) {
	q := s.reader(ctx).Table("deliveries").Where("plan = ?", plan)
	if status != "" {
		q = q.Where("status = ?", string(status))
	}
	if after != "" {
		c, err := parseCursor(after)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("digest >= ? AND (digest > ? OR CONCAT(channel, '/', address) > ?)", c.Key, c.Key, c.ID)
	}
	limit = pageSize(limit)
	var rows []deliveryRow
	if err := q.Order("digest, CONCAT(channel, '/', address)").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", translate(err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = cursor{last.Digest, last.Channel + "/" + last.Address}.String()
	}
	return deliveries(rows), next, nil
}

// BeginDelivery marks a pending delivery (its digest, channel and address count) as being sent, and reports whether
// it is to be sent: not where somebody else has begun it, nor where nothing in it holds any more. The mark is
// committed before BeginDelivery returns, so that a send which a crash interrupts is known to have begun.
func (s *Store) BeginDelivery(ctx context.Context, d obligation.Delivery, now time.Time) (bool, error) {
	var begun bool
	err := s.write(ctx, func(t *tx) error {
		begun = false
		stale, err := t.stale(d.Digest)
		if err != nil {
			return err
		}
		if stale {
			_, err := t.exec("UPDATE deliveries SET status = ?, error = ?, at = ? WHERE digest = ? AND channel = ? AND address = ? AND status = ?",
				string(obligation.DeliveryFailed), textStale, instant{now}, d.Digest, d.Channel, d.Address, string(obligation.DeliveryPending))
			return err
		}
		n, err := t.exec("UPDATE deliveries SET status = ?, attempts = attempts + 1, at = ? WHERE digest = ? AND channel = ? AND address = ? AND status = ?",
			string(obligation.DeliverySending), instant{now}, d.Digest, d.Channel, d.Address, string(obligation.DeliveryPending))
		begun = n == 1
		return err
	})
	return begun && err == nil, err
}

// stale reports whether none of the digest's messages holds any more: nobody is nagged after reporting, however long
// a channel was down.
func (t *tx) stale(digest string) (bool, error) {
	var rows []messageRow
	if err := t.db.Raw("SELECT "+messageView+" FROM messages WHERE digest = ? ORDER BY id", digest).Scan(&rows).Error; err != nil {
		return false, err
	}
	current, err := t.currency(rows)
	for _, holds := range current {
		if holds {
			return false, err
		}
	}
	return len(rows) > 0, err
}

// FinishDelivery keeps the outcome of a send: status, error and instant of d. A delivery that became unknown
// meanwhile takes it too, since what happened is known after all. One that nobody began is refused with CodeConflict.
func (s *Store) FinishDelivery(ctx context.Context, d obligation.Delivery) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec("UPDATE deliveries SET status = ?, error = ?, at = ? WHERE digest = ? AND channel = ? AND address = ? AND status IN (?, ?)",
			string(d.Status), d.Error, instant{d.At}, d.Digest, d.Channel, d.Address,
			string(obligation.DeliverySending), string(obligation.DeliveryUnknown))
		if err != nil || n == 1 {
			return err
		}
		var status string
		err = t.QueryRowContext(t.ctx, "SELECT status FROM deliveries WHERE digest = ? AND channel = ? AND address = ?",
			d.Digest, d.Channel, d.Address).Scan(&status)
		if err == nil && status != string(d.Status) {
			err = &obligation.Error{Code: obligation.CodeConflict}
		}
		return err
	})
}

// AbandonDeliveries makes unknown what was being sent when its process ended. Only who sends for the plan may call
// it, before sending.
func (s *Store) AbandonDeliveries(ctx context.Context, plan string) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("UPDATE deliveries SET status = ?, error = ? WHERE plan = ? AND status = ?",
			string(obligation.DeliveryUnknown), textLost, plan, string(obligation.DeliverySending))
		return err
	})
}
