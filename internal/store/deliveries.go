package store

import (
	"context"
	"slices"
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

var deliveryColumns = []string{"digest", "channel", "address", "plan", "status", "attempts", "error", "at"}

// PendingDeliveries returns up to limit deliveries of the plan that wait to be sent on the channel, what is urgent first
// and then the oldest.
func (s *Store) PendingDeliveries(ctx context.Context, plan, channel string, limit int) ([]obligation.Delivery, error) {
	if limit <= 0 {
		limit = defaultPage
	}
	var rows []deliveryRow
	err := s.reader(ctx).Table("deliveries").Select("deliveries.*").Joins("JOIN digests ON digests.id = deliveries.digest").
		Where("deliveries.plan = ? AND status = ? AND channel = ?", plan, string(obligation.DeliveryPending), channel).
		Order("CASE WHEN digests.number > 0 THEN 0 ELSE 1 END, at, digest, address").Limit(limit).Find(&rows).Error
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

// Dispatches returns a page of deliveries outside the application with whom they are for, what changed last first, and the cursor of
// the next page, "" where there is none.
func (s *Store) Dispatches(ctx context.Context, f obligation.DispatchFilter) ([]obligation.Dispatch, string, error) {
	const key = "CONCAT(deliveries.digest, '/', channel, '/', address)"
	q := s.reader(ctx).Table("deliveries").Select("deliveries.*, digests.recipient, digests.day").Joins("JOIN digests ON digests.id = deliveries.digest").
		Where("deliveries.plan = ? AND channel <> ?", f.Plan, ChannelInbox)
	if len(f.Statuses) > 0 {
		q = q.Where("status IN ?", f.Statuses)
	}
	if f.After != "" {
		at, id, err := newerThan(f.After)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("at <= ? AND (at < ? OR "+key+" < ?)", at, at, id)
	}
	limit := pageSize(f.Limit)
	var rows []struct {
		Row       deliveryRow `gorm:"embedded"`
		Recipient string
		Day       date
	}
	if err := q.Order("at DESC, " + key + " DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", translate(err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = cursor{stamp(last.Row.At), last.Row.Digest + "/" + last.Row.Channel + "/" + last.Row.Address}.String()
	}
	out := make([]obligation.Dispatch, len(rows))
	for i, r := range rows {
		out[i] = obligation.Dispatch{Delivery: deliveries([]deliveryRow{r.Row})[0], Recipient: r.Recipient, Day: r.Day.Date}
	}
	return out, next, nil
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
// In place of one that failed, the next choice of its contact among the channels is begun, in the same transaction; one
// that ended unknown may have arrived, and nothing takes its place.
func (s *Store) FinishDelivery(ctx context.Context, d obligation.Delivery, channels ...string) error {
	return s.write(ctx, func(t *tx) error {
		n, err := t.exec("UPDATE deliveries SET status = ?, error = ?, at = ? WHERE digest = ? AND channel = ? AND address = ? AND status IN (?, ?)",
			string(d.Status), d.Error, instant{d.At}, d.Digest, d.Channel, d.Address,
			string(obligation.DeliverySending), string(obligation.DeliveryUnknown))
		switch {
		case err != nil:
			return err
		case n == 1 && d.Status == obligation.DeliveryFailed:
			_, err = t.fallBack(d, channels)
			return err
		case n == 1:
			return nil
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

// fallBack adds a delivery by the next choice of whoever has the delivery's address, and reports whether there is one.
func (t *tx) fallBack(d obligation.Delivery, channels []string) (bool, error) {
	var g digestRow
	if err := t.db.Raw("SELECT id, plan, recipient, day FROM digests WHERE id = ?", d.Digest).Scan(&g).Error; err != nil {
		return false, err
	}
	contacts, err := contactsOf(t.db, g.Plan)
	if err != nil {
		return false, err
	}
	var rows [][]any
	for _, c := range contacts[g.Recipient] {
		at := slices.Index(c, target{d.Channel, d.Address})
		if at < 0 {
			continue
		}
		next, err := t.usable(book{channels: channels}, g, c[at+1:])
		if err != nil {
			return false, err
		}
		for _, to := range next {
			rows = append(rows, []any{g.ID, to.channel, to.address, g.Plan, string(obligation.DeliveryPending), 0, "", instant{d.At}})
		}
	}
	return len(rows) > 0, t.insert("deliveries", deliveryColumns, t.store.dialect.keep("plan"), rows)
}

// patience is how long a delivery waits for a channel that is down before the contact's next choice is used.
const patience = 24 * time.Hour

// giveUp lets the next choices take over what has waited too long on a channel that was tried in vain: one of its
// deliveries shows that, and the others wait behind it. What has no next choice goes on waiting.
func (s *Store) giveUp(ctx context.Context, plan string, now time.Time, channels []string) error {
	if len(channels) < 2 {
		return nil
	}
	db, pending := s.reader(ctx), string(obligation.DeliveryPending)
	down := db.Table("deliveries").Select("channel").Where("plan = ? AND status = ? AND attempts > 0", plan, pending)
	var late []deliveryRow
	err := s.reader(ctx).Table("deliveries").Select("deliveries.*").Joins("JOIN digests ON digests.id = deliveries.digest").
		Where("deliveries.plan = ? AND status = ? AND channel IN ? AND channel IN (?) AND digests.created_at <= ?",
			plan, pending, channels, down, instant{now.Add(-patience)}).
		Order("digest, channel, address").Find(&late).Error
	if err != nil {
		return translate(err)
	}
	for _, d := range deliveries(late) {
		d.At = now
		err := s.write(ctx, func(t *tx) error {
			stale, err := t.stale(d.Digest)
			if err != nil || stale {
				return err // nobody is told of it any more, on whatever channel
			}
			next, err := t.fallBack(d, channels)
			if err != nil || !next {
				return err
			}
			_, err = t.exec("UPDATE deliveries SET status = ?, error = ?, at = ? WHERE digest = ? AND channel = ? AND address = ? AND status = ?",
				string(obligation.DeliveryFailed), textGivenUp, instant{now}, d.Digest, d.Channel, d.Address, string(obligation.DeliveryPending))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
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
