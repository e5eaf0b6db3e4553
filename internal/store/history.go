package store

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"duban/calendar"
	"duban/obligation"
)

// historyPage is how many ledgers are read at a time.
const historyPage = 200

// Histories returns the ledgers of the obligations that are selected, in one snapshot, and changes nothing. Where more
// than most are selected it returns none of them, only how many they are.
func (s *Store) Histories(ctx context.Context, sel obligation.Selection, most int) (obligation.Histories, error) {
	var out obligation.Histories
	err := s.snapshot(ctx, func(db *gorm.DB) error {
		out = obligation.Histories{}
		h := historian{store: s, ctx: ctx, db: db}
		keys, err := h.selected(sel, most)
		if err != nil || len(keys) == 0 {
			return err
		}
		if out.Total = len(keys); out.Total > most {
			var total int64
			err := h.query(sel).Count(&total).Error
			out.Total = int(total)
			return err
		}
		if out.Ledgers, err = h.ledgers(keys); err != nil {
			return err
		}
		out.Letters, err = h.letters(sel, keys)
		return err
	})
	return out, err
}

type historian struct {
	store *Store
	ctx   context.Context
	db    *gorm.DB
}

// historyKey is an obligation that is selected.
type historyKey struct{ ID, Unit string }

func (h historian) query(sel obligation.Selection) *gorm.DB {
	q := h.db.Table("obligations")
	if sel.ID != (obligation.ID{}) {
		q = q.Where("id = ?", sel.ID.String())
	}
	f := obligation.Filter{Plan: sel.Plan, DueFrom: sel.DueFrom, DueTo: sel.DueTo}
	if sel.Task != "" {
		f.Tasks = []string{sel.Task}
	}
	if sel.Unit != "" {
		f.Units = []string{sel.Unit}
	}
	return filtered(q, f)
}

// selected returns at most one obligation more than are wanted at most.
func (h historian) selected(sel obligation.Selection, most int) ([]historyKey, error) {
	var keys []historyKey
	err := h.query(sel).Select("id, unit").Order("due, id").Limit(most + 1).Find(&keys).Error
	return keys, err
}

// ledgers returns the ledgers in the order of the keys.
func (h historian) ledgers(keys []historyKey) ([][]obligation.Event, error) {
	out := make([][]obligation.Event, len(keys))
	for from := 0; from < len(keys); from += historyPage {
		page := keys[from:min(from+historyPage, len(keys))]
		place := make(map[string]int, len(page))
		ids := make([]string, len(page))
		for i, k := range page {
			ids[i], place[k.ID] = k.ID, from+i
		}
		rows, err := h.entries(ids)
		if err != nil {
			return nil, err
		}
		events, err := h.decoded(rows)
		if err != nil {
			return nil, err
		}
		for n, r := range rows {
			i := place[r.obligation]
			out[i] = append(out[i], events[n])
		}
	}
	return out, nil
}

// entryRow is an entry of a ledger as it is stored.
type entryRow struct {
	obligation string
	event      []byte
}

// entries returns the entries of the obligations. They are most of what there is to read, so they go without reflection.
func (h historian) entries(ids []string) ([]entryRow, error) {
	rows, err := h.db.Table("ledger").Select("obligation, event").Where("obligation IN ?", ids).Order("obligation, seq").Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []entryRow
	for rows.Next() {
		var r entryRow
		if err := rows.Scan(&r.obligation, &r.event); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// decoded returns the events of the entries. Reading them takes more than half of the time, so all processors take part.
func (h historian) decoded(rows []entryRow) ([]obligation.Event, error) {
	out := make([]obligation.Event, len(rows))
	share := max(1, (len(rows)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	group, ctx := errgroup.WithContext(h.ctx)
	var asking sync.Mutex // a snapshot has one connection, which serves one query at a time
	policy := func(hash string) (obligation.Policy, error) {
		if p, ok := h.store.knownPolicy(hash); ok {
			return p, nil
		}
		asking.Lock()
		defer asking.Unlock()
		return h.store.policy(ctx, h.db.Statement.ConnPool, hash)
	}
	for from := 0; from < len(rows); from += share {
		group.Go(func() error {
			for i := from; i < min(from+share, len(rows)); i++ {
				var err error
				if out[i], err = obligation.ReadEvent(rows[i].event, policy); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return out, group.Wait()
}

// letters returns the letters that the units of the selected obligations got about others of the plan. Voided ones do not
// count.
func (h historian) letters(sel obligation.Selection, keys []historyKey) ([]obligation.PastLetter, error) {
	units, selected := map[string]bool{}, map[string]bool{}
	for _, k := range keys {
		units[k.Unit], selected[k.ID] = true, true
	}
	var rows []documentRow
	err := h.db.Table("documents").Select("obligation, unit, settled_at").
		Where("plan = ? AND rung = ? AND status = ?", sel.Plan, string(obligation.Letter), string(obligation.DocumentIssued)).
		Order("settled_at, id").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	var out []obligation.PastLetter
	for _, r := range rows {
		if units[r.Unit] && !selected[r.Obligation] {
			out = append(out, obligation.PastLetter{Unit: r.Unit, At: r.SettledAt.Time})
		}
	}
	return out, nil
}

// KnownUntil returns the business instant up to which the record is known at the real instant: what the installation's
// clock shows then, or, where a training's clock is held and only the training knows, the last event. It changes nothing.
func (s *Store) KnownUntil(ctx context.Context, real time.Time) (time.Time, error) {
	clock, err := s.clock(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if !clock.Held {
		return clock.Business(real), nil
	}
	var last struct{ At instant }
	err = s.reader(ctx).Table("ledger").Select("MAX(at) AS at").Scan(&last).Error
	if last.At.Before(clock.Start) {
		return clock.Start, translate(err)
	}
	// Until is not included itself, and what happened last is known.
	return last.At.Add(time.Microsecond), translate(err)
}

// Exercise reports whether the installation's clock is not the wall's.
func (s *Store) Exercise(ctx context.Context) (bool, error) {
	clock, err := s.clock(ctx)
	return clock.Scaled(), err
}

// clock returns the installation's clock, that of the wall where none is recorded yet.
func (s *Store) clock(ctx context.Context) (calendar.Clock, error) {
	var rows []struct{ Clock []byte }
	if err := s.reader(ctx).Table("installation").Select("clock").Find(&rows).Error; err != nil {
		return calendar.Clock{}, translate(err)
	}
	var clock calendar.Clock
	for _, r := range rows {
		if err := json.Unmarshal(r.Clock, &clock); err != nil {
			return clock, fmt.Errorf("clock: %w", err)
		}
	}
	return clock, nil
}

// inFlight is how many entries may get their number in the ledger before others with lower ones are committed, and more.
const inFlight = 1000

// Changed hands every ledger of the plan that has grown since a position in the record, whole, to each: all of them where
// since is 0. It returns the position that is reached, and changes nothing. A ledger may come again that has not grown.
func (s *Store) Changed(ctx context.Context, plan string, since int64, each func(id obligation.ID, ledger []obligation.Event)) (int64, error) {
	var position int64
	err := s.snapshot(ctx, func(db *gorm.DB) error {
		if err := db.Table("ledger").Select("COALESCE(MAX(id), 0)").Scan(&position).Error; err != nil {
			return err
		}
		h := historian{store: s, ctx: ctx, db: db}
		for last, more := plan+"/", true; more; {
			// An ID begins with its plan and a slash, which "0" follows: so the key alone finds them.
			q := db.Table("obligations").Where("id > ? AND id < ?", last, plan+"0")
			if since > 0 {
				q = q.Where("id IN (?)", db.Table("ledger").Select("obligation").Where("id > ?", since-inFlight))
			}
			var keys []historyKey
			if err := q.Select("id").Order("id").Limit(historyPage).Find(&keys).Error; err != nil {
				return err
			}
			ledgers, err := h.ledgers(keys)
			if err != nil {
				return err
			}
			for i, k := range keys {
				id, _ := obligation.ParseID(k.ID)
				each(id, ledgers[i])
				last = k.ID
			}
			more = len(keys) == historyPage
		}
		return nil
	})
	return position, err
}
