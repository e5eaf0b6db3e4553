package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// The states of a message.
const (
	messagePending    = "pending"
	messageDigested   = "digested"
	messageSuperseded = "superseded" // it did not hold any more when it was about to go out
)

// Channels besides those of plan.Channel, whose addresses stand in the contacts. The inbox is the application's own and
// always works.
const (
	ChannelInbox   = "inbox"
	ChannelMail    = string(plan.ChannelMail)
	ChannelWebhook = "webhook" // a program that is told of every digest; its address is the recipient
)

// Post puts a notice that follows from no event into the outbox, once for its key.
func (s *Store) Post(ctx context.Context, p obligation.Post) error {
	content, err := json.Marshal(p.Notice)
	if err != nil {
		return fmt.Errorf("notice of %s: %w", p.Obligation, err)
	}
	return s.write(ctx, func(t *tx) error {
		return t.insert("messages", messageColumns, t.store.dialect.keep("post_key"), [][]any{{
			p.Obligation.Plan, p.Obligation.String(), nil, p.Key, p.Recipient, flag(p.Notice.Urgent), messagePending, instant{p.Created}, string(content),
		}})
	})
}

// messageRow is a row of messages.
type messageRow struct {
	ID         int64
	Obligation string // "" where it is about an assessment
	Assessment string // "" where it is about an obligation
	Recipient  string
	Urgent     bool
	CreatedAt  instant
	Notice     []byte
	Digest     string
}

const messageView = "id, obligation, assessment, recipient, urgent, created_at, notice, digest"

func (r messageRow) message() (obligation.Message, error) {
	id, _ := obligation.ParseID(r.Obligation)
	m := obligation.Message{ID: r.ID, Obligation: id, Assessment: r.Assessment, Recipient: r.Recipient, Created: r.CreatedAt.Time}
	if err := json.Unmarshal(r.Notice, &m.Notice); err != nil {
		return m, fmt.Errorf("message %d: %w", r.ID, err)
	}
	return m, nil
}

// Digest gathers what waits in the plan's outbox into digests and returns how many it wrote or added to. Messages
// that do not hold any more by the present state of their obligation are dropped. Each recipient gets one digest for
// the day (a date in the plan's zone), and for what is urgent one of its own with every run; urgentOnly leaves the
// rest waiting. What arrives after the day's digest joins it, unless that is on its way outside the application
// already: then it waits for the next day's. now is the business instant. channels are the names of the channels
// outside the application to deliver to. Every contact is told by the first of its choices among them; where that was
// down for a day, or has failed, by the next. What only a short message could tell stays in the inbox once the number has
// had the day's one.
//
// Every recipient is a transaction of its own. A run that broke off is completed by the next one.
func (s *Store) Digest(ctx context.Context, planCode string, day calendar.Date, urgentOnly bool, now time.Time, channels []string) (int, error) {
	for _, c := range channels {
		if !known(c) {
			return 0, fmt.Errorf(textUnknownTarget, c)
		}
	}
	if err := s.giveUp(ctx, planCode, now, channels); err != nil {
		return 0, err
	}
	db := s.reader(ctx)
	waiting := db.Table("messages").Distinct("recipient").Where("plan = ? AND status = '"+messagePending+"'", planCode)
	if urgentOnly {
		waiting = waiting.Where("urgent = 1")
	}
	var recipients []string
	if err := waiting.Order("recipient").Find(&recipients).Error; err != nil {
		return 0, translate(err)
	}
	contacts := map[string][]contact{}
	if len(channels) > 0 && len(recipients) > 0 {
		var err error
		if contacts, err = contactsOf(db, planCode); err != nil {
			return 0, translate(err)
		}
	}
	written := 0
	for _, r := range recipients {
		g := gathering{plan: planCode, recipient: r, day: day, now: now, urgentOnly: urgentOnly, book: book{channels, contacts[r]}}
		n := 0
		err := s.write(ctx, func(t *tx) (err error) {
			n, err = t.gather(g)
			return err
		})
		if err != nil {
			return written, err
		}
		written += n
	}
	if urgentOnly {
		return written, nil
	}
	return written, s.Beat(ctx, DispatchBeat(planCode), now)
}

// gathering is what one recipient gets in one run.
type gathering struct {
	plan, recipient string
	day             calendar.Date
	now             time.Time
	urgentOnly      bool
	book            book
}

func (g gathering) id() string { return g.plan + "/" + g.recipient + "/" + g.day.String() }

func (t *tx) gather(g gathering) (int, error) {
	urgent, calm, err := t.pending(g)
	if err != nil {
		return 0, err
	}
	written := 0
	if len(urgent) > 0 {
		var last int
		err := t.QueryRowContext(t.ctx, "SELECT COALESCE(MAX(number), 0) FROM digests WHERE plan = ? AND recipient = ? AND day = ?",
			g.plan, g.recipient, date{g.day}).Scan(&last)
		if err != nil {
			return 0, err
		}
		if err := t.writeDigest(g, fmt.Sprintf("%s/urgent-%d", g.id(), last+1), last+1, urgent); err != nil {
			return 0, err
		}
		written++
	}
	if len(calm) > 0 {
		joinable, err := t.joinable(g.id())
		if err != nil {
			return 0, err
		}
		if joinable {
			if err := t.writeDigest(g, g.id(), 0, calm); err != nil {
				return 0, err
			}
			written++
		}
	}
	return written, t.store.breakAt("gathered")
}

// pending returns the recipient's waiting messages that still hold, and drops those that do not.
func (t *tx) pending(g gathering) (urgent, calm []int64, err error) {
	query := "SELECT " + messageView + " FROM messages WHERE plan = ? AND recipient = ? AND status = '" + messagePending + "'"
	if g.urgentOnly {
		query += " AND urgent = 1"
	}
	var rows []messageRow
	if err := t.db.Raw(query+" ORDER BY id"+t.store.dialect.lock, g.plan, g.recipient).Scan(&rows).Error; err != nil {
		return nil, nil, err
	}
	current, err := t.currency(rows)
	if err != nil {
		return nil, nil, err
	}
	var stale []int64
	for _, r := range rows {
		switch {
		case !current[r.ID]:
			stale = append(stale, r.ID)
		case r.Urgent:
			urgent = append(urgent, r.ID)
		default:
			calm = append(calm, r.ID)
		}
	}
	return urgent, calm, t.mark(stale, messageSuperseded, nil)
}

// currency tells of every message whether it still holds by the present state of what it is about.
func (t *tx) currency(rows []messageRow) (map[int64]bool, error) {
	states := map[string]obligation.State{}
	var ids []string
	assessments := map[string]assessment.State{}
	for _, r := range rows {
		if r.Assessment == "" {
			ids = append(ids, r.Obligation)
			continue
		}
		if _, known := assessments[r.Assessment]; known {
			continue
		}
		var found assessmentRow
		if err := t.db.Raw("SELECT id, state FROM assessments WHERE id = ?", r.Assessment).Take(&found).Error; err != nil {
			return nil, err
		}
		var err error
		if assessments[r.Assessment], err = found.state(); err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	for chunk := range slices.Chunk(slices.Compact(ids), lookup) {
		var found []viewRow
		if err := t.db.Raw("SELECT id, policy, state FROM obligations WHERE id IN ?", chunk).Scan(&found).Error; err != nil {
			return nil, err
		}
		for _, f := range found {
			state, err := t.store.decodeState(t.ctx, t, f.State, f.Policy)
			if err != nil {
				return nil, err
			}
			states[f.ID] = state
		}
	}
	out := make(map[int64]bool, len(rows))
	for _, r := range rows {
		m, err := r.message()
		if err != nil {
			return nil, err
		}
		if r.Assessment != "" {
			out[r.ID] = assessments[r.Assessment].Current(r.Recipient, m.Notice)
		} else {
			out[r.ID] = m.Notice.Current(states[r.Obligation])
		}
	}
	return out, nil
}

func (t *tx) mark(messages []int64, status string, digest any) error {
	for chunk := range slices.Chunk(messages, lookup) {
		args := append([]any{status, digest}, anys(chunk)...)
		if _, err := t.db.Statement.ConnPool.ExecContext(t.ctx, "UPDATE messages SET status = ?, digest = ? WHERE id IN ("+marks(len(chunk))+")", args...); err != nil {
			return err
		}
	}
	return nil
}

// joinable reports whether messages can still be added to the digest: none of its deliveries outside the application
// has begun, so that nobody misses what is added.
func (t *tx) joinable(digest string) (bool, error) {
	var begun int
	err := t.QueryRowContext(t.ctx, "SELECT COUNT(*) FROM deliveries WHERE digest = ? AND channel <> ? AND status <> ?",
		digest, ChannelInbox, string(obligation.DeliveryPending)).Scan(&begun)
	return begun == 0, err
}

// writeDigest writes the digest, or adds to it, with its deliveries. The inbox has it at once.
func (t *tx) writeDigest(g gathering, id string, number int, messages []int64) error {
	err := t.insert("digests", []string{"id", "plan", "recipient", "day", "number", "created_at"}, t.store.dialect.replace("id", []string{"read_at"}),
		[][]any{{id, g.plan, g.recipient, date{g.day}, number, instant{g.now}}})
	if err != nil {
		return err
	}
	if err := t.store.breakAt("digest"); err != nil {
		return err
	}
	if err := t.mark(messages, messageDigested, id); err != nil {
		return err
	}
	rows := [][]any{{id, ChannelInbox, g.recipient, g.plan, string(obligation.DeliverySent), 1, "", instant{g.now}}}
	targets, err := t.first(g.book, digestRow{ID: id, Plan: g.plan, Recipient: g.recipient, Day: date{g.day}})
	if err != nil {
		return err
	}
	for _, to := range targets {
		rows = append(rows, []any{id, to.channel, to.address, g.plan, string(obligation.DeliveryPending), 0, "", instant{g.now}})
	}
	return t.insert("deliveries", deliveryColumns, t.store.dialect.keep("plan"), rows)
}

// digestRow is a row of digests.
type digestRow struct {
	ID        string
	Plan      string
	Recipient string
	Day       date
	CreatedAt instant
	ReadAt    instant
}

func (s *Store) digests(ctx context.Context, rows []digestRow) ([]obligation.Digest, error) {
	out := make([]obligation.Digest, len(rows))
	ids := make([]string, len(rows))
	index := map[string]int{}
	for i, r := range rows {
		out[i] = obligation.Digest{ID: r.ID, Plan: r.Plan, Recipient: r.Recipient, Day: r.Day.Date, Created: r.CreatedAt.Time, Read: r.ReadAt.Time}
		ids[i], index[r.ID] = r.ID, i
	}
	var messages []messageRow
	if err := s.reader(ctx).Table("messages").Select(messageView).Where("digest IN ?", ids).Order("digest, id").Find(&messages).Error; err != nil {
		return nil, err
	}
	for _, r := range messages {
		m, err := r.message()
		if err != nil {
			return nil, err
		}
		d := &out[index[r.Digest]]
		d.Messages = append(d.Messages, m)
	}
	return out, nil
}

// DigestByID returns a digest with its messages.
func (s *Store) DigestByID(ctx context.Context, id string) (obligation.Digest, error) {
	var row digestRow
	if err := s.reader(ctx).Table("digests").Where("id = ?", id).Take(&row).Error; err != nil {
		return obligation.Digest{}, translate(err)
	}
	list, err := s.digests(ctx, []digestRow{row})
	if err != nil {
		return obligation.Digest{}, translate(err)
	}
	return list[0], nil
}

// Inbox returns a page of a recipient's digests, newest first, and the cursor of the next page, "" where there is none.
func (s *Store) Inbox(ctx context.Context, f obligation.InboxFilter) ([]obligation.Digest, string, error) {
	q := s.reader(ctx).Table("digests").Where("recipient = ?", f.Recipient)
	if f.Plan != "" {
		q = q.Where("plan = ?", f.Plan)
	}
	if f.Unread {
		q = q.Where("read_at IS NULL")
	}
	if f.After != "" {
		at, id, err := newerThan(f.After)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("created_at <= ? AND (created_at < ? OR id < ?)", at, at, id)
	}
	limit := pageSize(f.Limit)
	var rows []digestRow
	if err := q.Order("created_at DESC, id DESC").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", translate(err)
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = cursor{stamp(last.CreatedAt), last.ID}.String()
	}
	list, err := s.digests(ctx, rows)
	return list, next, translate(err)
}

// MarkRead keeps the business instant at which a digest was read first.
func (s *Store) MarkRead(ctx context.Context, digest string, at time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.exec("UPDATE digests SET read_at = ? WHERE id = ? AND read_at IS NULL", instant{at}, digest); err != nil {
			return err
		}
		var id string
		return t.QueryRowContext(t.ctx, "SELECT id FROM digests WHERE id = ?", digest).Scan(&id)
	})
}
