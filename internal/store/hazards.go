package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"duban/obligation"
)

// movingHazardColumns are what events change of an entry.
var (
	movingHazardColumns = []string{"grade", "reviewer", "supervised"}
	hazardColumns       = slices.Concat(movingHazardColumns, []string{
		"obligation", "plan", "year", "number", "command", "unit", "source", "industry", "region", "enterprise", "found",
	})
)

// hazardValues are in the order of hazardColumns. key is that of the entry; "": it had none.
func hazardValues(s obligation.State, key string) []any {
	h, id := s.Hazard, s.ID
	var command any
	if key != "" {
		command = key
	}
	return []any{
		string(h.Grade), h.Reviewer, flag(s.Supervision != nil),
		id.String(), id.Plan, h.Year, h.Number, command, id.Unit, string(h.Source), h.Industry, h.Region, h.Enterprise, required(h.Found),
	}
}

// storeHazards brings the register up to date with the states.
func (t *tx) storeHazards(b batch) error {
	var rows [][]any
	for _, id := range b.order {
		row := b.states[id]
		p := row.entry
		if p.State.Hazard == nil {
			continue
		}
		key := ""
		if p.Before == 0 {
			key = p.Events[0].Key
		}
		values := hazardValues(p.State, key)
		if !row.head.exists {
			rows = append(rows, values)
			continue
		}
		moving := len(movingHazardColumns)
		if _, err := t.exec("UPDATE hazards SET "+setters(movingHazardColumns)+" WHERE obligation = ?", append(values[:moving:moving], p.id)...); err != nil {
			return err
		}
	}
	return t.insert("hazards", hazardColumns, "", rows)
}

// rebuildHazard writes an obligation's row in the register anew. Whatever else has its number or its key is wrong as well, and
// gives way.
func (t *tx) rebuildHazard(s obligation.State, opened obligation.Event) error {
	if _, err := t.exec("DELETE FROM hazards WHERE obligation = ?", s.ID.String()); err != nil || s.Hazard == nil {
		return err
	}
	h := s.Hazard
	_, err := t.exec("DELETE FROM hazards WHERE plan = ? AND (year = ? AND number = ? OR command = ?)", s.ID.Plan, h.Year, h.Number, opened.Key)
	if err != nil {
		return err
	}
	return t.insert("hazards", hazardColumns, "", [][]any{hazardValues(s, opened.Key)})
}

// Enter takes a hazard into the register: it gives the next number of the plan's year and stores the number with the entry that
// open makes of it in one transaction, so that the numbers have no gaps. Again with the same key it changes nothing and returns
// what it led to. open may be called again and must not call the store; its refusal is returned as it is.
func (s *Store) Enter(ctx context.Context, plan, key string, year int, open func(n int) (obligation.Entry, error)) (obligation.Entered, error) {
	var out obligation.Entered
	err := s.write(ctx, func(t *tx) error {
		// The series is locked first: of two with the same key the second then finds what the first has entered.
		n, err := t.nextHazard(plan, year)
		if err != nil {
			return err
		}
		var found bool
		if out, found, err = t.entered(plan, key); found || err != nil {
			return err
		}
		_, err = t.exec("UPDATE hazard_series SET last = ? WHERE plan = ? AND year = ?", n, plan, year)
		if err != nil {
			return err
		}
		entry, err := open(n)
		if err != nil {
			return err
		}
		if h := entry.State.Hazard; h == nil || h.Year != year || h.Number != n || entry.State.ID.Plan != plan || entry.Events[0].Key != key {
			return fmt.Errorf("entry of %s is not hazard %d of %d", entry.State.ID, n, year)
		}
		p, err := prepare(entry)
		if err != nil {
			return err
		}
		j := &job{ctx: t.ctx, entries: []prepared{p}}
		if err := t.appendJobs([]*job{j}); err != nil {
			return err
		}
		if j.err != nil {
			return j.err
		}
		if len(j.adopted[0]) > 0 {
			return fmt.Errorf("hazard %s is there already", entry.State.ID)
		}
		out = obligation.Entered{State: entry.State, Event: entry.Events[0]}
		return nil
	})
	return out, err
}

// nextHazard returns the next number, and locks the series until the transaction ends.
func (t *tx) nextHazard(plan string, year int) (int, error) {
	err := t.insert("hazard_series", []string{"plan", "year", "last"}, t.store.dialect.keep("last"), [][]any{{plan, year, 0}})
	if err != nil {
		return 0, err
	}
	var last int
	err = t.QueryRowContext(t.ctx, "SELECT last FROM hazard_series WHERE plan = ? AND year = ?"+t.store.dialect.lock, plan, year).Scan(&last)
	return last + 1, err
}

// entered returns what a registration with the key led to.
func (t *tx) entered(plan, key string) (obligation.Entered, bool, error) {
	var out obligation.Entered
	var id string
	err := t.QueryRowContext(t.ctx, "SELECT obligation FROM hazards WHERE plan = ? AND command = ?"+t.store.dialect.lock, plan, key).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return out, false, nil
	}
	if err != nil {
		return out, false, err
	}
	of, _ := obligation.ParseID(id)
	events, err := t.store.events(t.ctx, t, of, 0, 1)
	if err != nil {
		return out, false, err
	}
	out.Event = events[0]
	out.State = obligation.Apply(obligation.State{}, out.Event)
	return out, true, nil
}

// EnteredByKey returns what the registration with the idempotency key led to, or CodeNotFound.
func (s *Store) EnteredByKey(ctx context.Context, plan, key string) (obligation.Entered, error) {
	var id string
	db := s.reader(ctx)
	err := db.Raw("SELECT obligation FROM hazards WHERE plan = ? AND command = ?", plan, key).Row().Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return obligation.Entered{}, notFound()
	}
	if err != nil {
		return obligation.Entered{}, translate(err)
	}
	of, _ := obligation.ParseID(id)
	events, err := s.events(ctx, db.Statement.ConnPool, of, 0, 1)
	if err != nil {
		return obligation.Entered{}, translate(err)
	}
	return obligation.Entered{State: obligation.Apply(obligation.State{}, events[0]), Event: events[0]}, nil
}

// OpenHazards returns the plan's hazards that are not closed, in the order of their numbers.
func (s *Store) OpenHazards(ctx context.Context, plan string) ([]obligation.ID, error) {
	ids, err := texts(ctx, s.reader(ctx).Statement.ConnPool, "SELECT obligation FROM hazards WHERE plan = ? AND obligation IN (SELECT id FROM obligations WHERE "+openSQL+") ORDER BY year, number", plan)
	if err != nil {
		return nil, translate(err)
	}
	out := make([]obligation.ID, len(ids))
	for i, id := range ids {
		out[i], _ = obligation.ParseID(string(id))
	}
	return out, nil
}

// hazardous keeps the hazards that the filter selects.
func hazardous(q *gorm.DB, f obligation.Filter) *gorm.DB {
	h := f.Hazards
	if h == nil {
		return q
	}
	sub := q.Session(&gorm.Session{NewDB: true}).Table("hazards").Select("obligation")
	for _, c := range []struct{ column, value string }{{"plan", f.Plan}, {"reviewer", h.Reviewer}, {"enterprise", h.Enterprise}} {
		if c.value != "" {
			sub = sub.Where(c.column+" = ?", c.value)
		}
	}
	sub = among(sub, "grade", h.Grades)
	sub = among(sub, "source", h.Sources)
	sub = among(sub, "industry", h.Industries)
	sub = among(sub, "region", h.Regions)
	if len(h.Numbers) > 0 {
		var keys [][]any
		for _, key := range h.Numbers {
			var year, number int
			if n, err := fmt.Sscanf(key, "%d-%d", &year, &number); n == 2 && err == nil {
				keys = append(keys, []any{year, number})
			}
		}
		if keys == nil {
			return q.Where("1 = 0")
		}
		sub = sub.Where("(year, number) IN ?", keys)
	}
	if h.Involved != "" {
		sub = sub.Where("(unit = ? OR reviewer = ?)", h.Involved, h.Involved)
	}
	if h.Supervised != nil {
		sub = sub.Where("supervised = ?", flag(*h.Supervised))
	}
	if h.Year != 0 {
		sub = sub.Where("year = ?", h.Year)
	}
	if !h.FoundFrom.IsZero() {
		sub = sub.Where("found >= ?", h.FoundFrom.String())
	}
	if !h.FoundTo.IsZero() {
		sub = sub.Where("found <= ?", h.FoundTo.String())
	}
	return q.Where("id IN (?)", sub)
}

// hazardRow is a row of hazards.
type hazardRow struct {
	Obligation, Plan                                            string
	Year, Number                                                int
	Command                                                     *string
	Unit, Grade, Source, Industry, Region, Enterprise, Reviewer string
	Found                                                       date
	Supervised                                                  bool
}

func (r hazardRow) columns(s obligation.State, opened obligation.Event) []column {
	h, command := s.Hazard, ""
	if r.Command != nil {
		command = *r.Command
	}
	return []column{
		{"hazards.plan", r.Plan, s.ID.Plan},
		{"hazards.year", strconv.Itoa(r.Year), strconv.Itoa(h.Year)},
		{"hazards.number", strconv.Itoa(r.Number), strconv.Itoa(h.Number)},
		{"hazards.command", command, opened.Key},
		{"hazards.unit", r.Unit, s.ID.Unit},
		{"hazards.grade", r.Grade, string(h.Grade)},
		{"hazards.source", r.Source, string(h.Source)},
		{"hazards.industry", r.Industry, h.Industry},
		{"hazards.region", r.Region, h.Region},
		{"hazards.enterprise", r.Enterprise, h.Enterprise},
		{"hazards.found", required(r.Found.Date).(string), required(h.Found).(string)},
		{"hazards.reviewer", r.Reviewer, h.Reviewer},
		{"hazards.supervised", strconv.FormatBool(r.Supervised), strconv.FormatBool(s.Supervision != nil)},
	}
}

// hazards compares an obligation's row in the register, of which there is at most one, with what the ledger leads to.
func (v *verifier) hazards(id string, s obligation.State, events []obligation.Event, rows []hazardRow) {
	switch {
	case len(events) == 0:
	case s.Hazard == nil && len(rows) > 0:
		v.find(id, 0, findStrayHazard)
	case s.Hazard != nil && len(rows) == 0:
		v.find(id, 0, findNoHazard)
	case s.Hazard != nil:
		for _, c := range rows[0].columns(s, events[0]) {
			if c.have != c.want {
				v.find(id, s.Seq, findStateColumn, c.name, c.have, c.want)
			}
		}
	}
}

// hazardNumbers verifies that the numbers of every plan and year are gapless.
func (v *verifier) hazardNumbers() error {
	type series struct {
		Plan         string
		Year         int
		N, Top, Last int
	}
	var given, kept []series
	if err := v.db.Table("hazards").Select("plan, year, COUNT(*) AS n, MAX(number) AS top").Group("plan, year").Find(&given).Error; err != nil {
		return err
	}
	if err := v.db.Table("hazard_series").Order("plan, year").Find(&kept).Error; err != nil {
		return err
	}
	for _, g := range given {
		if !slices.ContainsFunc(kept, func(k series) bool { return k.Plan == g.Plan && k.Year == g.Year }) {
			kept = append(kept, series{Plan: g.Plan, Year: g.Year})
		}
	}
	for _, k := range kept {
		i := slices.IndexFunc(given, func(g series) bool { return g.Plan == k.Plan && g.Year == k.Year })
		if i >= 0 {
			k.N, k.Top = given[i].N, given[i].Top
		}
		if k.N != k.Top || k.N != k.Last {
			v.find("", 0, findHazardNumbers, k.Plan, k.Year, k.N, k.Top, k.Last)
		}
	}
	return nil
}
