package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"duban/obligation"
)

// withUnitSQL holds where the unit has still to deliver, as obligation.Standing has it; overdueSQL and dueSoonSQL add what the
// passing of time makes of that. They take the business instant once, and twice with the instant soon.
const (
	withUnitSQL = "stage IN ('open', 'signed', 'returned')"
	overdueSQL  = "(" + withUnitSQL + " AND overdue_at <= ?)"
	dueSoonSQL  = "(" + withUnitSQL + " AND overdue_at > ? AND overdue_at < '9999-01-01' AND (yellow_at <= ? OR stage = 'returned' OR overdue_at <= ?))"
	lateSQL     = "(stage = 'accepted' AND was_overdue = 1)"
	doneSQL     = "stage = 'accepted'"
)

// order is what a list is ordered by: the column or expression, where it is not the due date, and its arguments.
type order struct {
	column string
	args   []any
	time   bool // the column is an instant
	light  bool // it is as of an instant, that of the first page
	back   bool // descending
}

// taskSQL orders as compareTasks does.
const taskSQL = "CASE WHEN task < 'A' THEN SUBSTR(CONCAT('00000000', task), -8) ELSE CONCAT('Z', task) END"

// lightOrderSQL puts what is worst first; it takes the business instant twice.
const lightOrderSQL = "CASE " + lightSQL + " WHEN 'red' THEN '0' WHEN 'yellow' THEN '1' WHEN 'green' THEN '2' ELSE '3' END"

func orderOf(f obligation.Filter, at time.Time) order {
	switch f.Sort {
	case obligation.SortUpdated:
		return order{column: "updated_at", time: true, back: f.Descending}
	case obligation.SortTask:
		return order{column: taskSQL, back: f.Descending}
	case obligation.SortUnit:
		return order{column: "unit", back: f.Descending}
	case obligation.SortLight:
		return order{column: lightOrderSQL, args: []any{standing(at), standing(at)}, light: true, back: f.Descending}
	case obligation.SortDue, "":
	}
	return order{back: f.Descending}
}

// place is where a page of a list ended. It is opaque to callers, and good for its own order alone.
type place struct {
	Due  string          `json:"k"`
	ID   string          `json:"i"`
	Sort obligation.Sort `json:"s,omitempty"`
	Back bool            `json:"b,omitempty"`
	Key  string          `json:"v,omitempty"` // of the column that is ordered by, where it is not the due date
	At   time.Time       `json:"a,omitzero"`  // that a list by light is ordered as of
}

// String returns the text form.
func (p place) String() string {
	b, _ := json.Marshal(p) // texts and an instant of this age cannot fail
	return base64.RawURLEncoding.EncodeToString(b)
}

func placeOf(f obligation.Filter) (place, error) {
	var p place
	var due date
	b, err := base64.RawURLEncoding.DecodeString(f.After)
	if err != nil || json.Unmarshal(b, &p) != nil || due.Scan(p.Due) != nil || p.Sort != f.Sort || p.Back != f.Descending {
		return place{}, errCursor
	}
	return p, nil
}

// after keeps what comes behind the place.
func (o order) after(q *gorm.DB, p place) (*gorm.DB, error) {
	beyond := ">"
	if o.back {
		beyond = "<"
	}
	if o.column == "" {
		return q.Where("due "+beyond+"= ? AND (due "+beyond+" ? OR id "+beyond+" ?)", p.Due, p.Due, p.ID), nil
	}
	if o.time {
		if _, err := time.Parse(instantLayout, p.Key); err != nil {
			return nil, errCursor
		}
	}
	column := "(" + o.column + ")"
	args := slices.Concat(o.args, []any{p.Key}, o.args, []any{p.Key}, o.args, []any{p.Key, p.Due, p.Due, p.ID})
	return q.Where(column+" "+beyond+"= ? AND ("+column+" "+beyond+" ? OR ("+column+" = ? AND (due "+beyond+" ? OR (due = ? AND id "+beyond+" ?))))", args...), nil
}

// List returns a page of the obligations that the filter selects, in its order, and among equals by due date and ID. Lights
// are derived as of f.Now. A cursor that is none, or is one of another order, is refused with CodeNotFound.
func (s *Store) List(ctx context.Context, f obligation.Filter) (obligation.Page, error) {
	db := s.reader(ctx)
	var page obligation.Page
	q := filtered(db.Table("obligations"), f)
	if f.Count {
		var n int64
		if err := q.Session(&gorm.Session{}).Count(&n).Error; err != nil {
			return page, translate(err)
		}
		page.Total = int(n)
	}
	keys, next, err := s.keys(q, f)
	if err != nil || len(keys) == 0 {
		return page, translate(err)
	}
	page.Next = next
	var rows []viewRow
	if err := db.Table("obligations").Select(viewColumns).Where("id IN ?", keys).Find(&rows).Error; err != nil {
		return page, translate(err)
	}
	slices.SortFunc(rows, func(a, b viewRow) int { return slices.Index(keys, a.ID) - slices.Index(keys, b.ID) })
	page.Views = make([]obligation.View, len(rows))
	for i, r := range rows {
		if page.Views[i], err = s.view(ctx, db.Statement.ConnPool, r); err != nil {
			return obligation.Page{}, translate(err)
		}
	}
	return page, nil
}

// keyRow is what a page is found by: most orders find it in an index alone, and only its own rows are then read.
type keyRow struct {
	ID      string
	Due     date
	SortKey string
	Updated instant
}

// keys returns the IDs of a page in order, and the cursor of the next page.
func (s *Store) keys(q *gorm.DB, f obligation.Filter) ([]string, string, error) {
	at := f.Now
	var last place
	if f.After != "" {
		var err error
		if last, err = placeOf(f); err != nil {
			return nil, "", err
		}
		if !last.At.IsZero() {
			at = last.At
		}
	}
	o := orderOf(f, at)
	columns, sorted := "id, due", []string{"due", "id"}
	switch {
	case o.time:
		columns, sorted = columns+", updated_at AS updated", append([]string{"updated_at"}, sorted...)
	case o.column != "":
		columns, sorted = columns+", "+o.column+" AS sort_key", append([]string{"sort_key"}, sorted...)
	}
	q = q.Select(columns, o.args...)
	if f.After != "" {
		var err error
		if q, err = o.after(q, last); err != nil {
			return nil, "", err
		}
	}
	down := ""
	if o.back {
		down = " DESC"
	}
	limit := pageSize(f.Limit)
	var rows []keyRow
	if err := q.Order(strings.Join(sorted, down+", ") + down).Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = o.place(f, at, rows[limit-1]).String()
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return ids, next, nil
}

// place returns where a page with this last row ends.
func (o order) place(f obligation.Filter, at time.Time, last keyRow) place {
	p := place{Due: required(last.Due.Date).(string), ID: last.ID, Sort: f.Sort, Back: f.Descending, Key: last.SortKey}
	if o.time {
		p.Key = stamp(last.Updated)
	}
	if o.light {
		p.At = at
	}
	return p
}

// filtered keeps what the filter selects, on whatever page.
func filtered(q *gorm.DB, f obligation.Filter) *gorm.DB {
	for _, c := range []struct{ column, value string }{{"plan", f.Plan}, {"measure", f.Measure}, {"period", f.Period}} {
		if c.value != "" {
			q = q.Where(c.column+" = ?", c.value)
		}
	}
	q = among(q, "task", f.Tasks)
	q = among(q, "unit", f.Units)
	q = among(q, "stage", f.Stages)
	now := standing(f.Now)
	if len(f.Lights) > 0 {
		q = q.Where(lightSQL+" IN ?", now, now, f.Lights)
	}
	switch f.Listing {
	case "":
	case obligation.ListDueSoon:
		q = q.Where(dueSoonSQL, now, now, standing(f.Soon))
	case obligation.ListOverdue:
		q = q.Where(overdueSQL, now)
	case obligation.ListLate:
		q = q.Where(lateSQL)
	case obligation.ListDone:
		q = q.Where(doneSQL)
	}
	switch {
	case f.Open == nil:
	case *f.Open:
		q = q.Where(openSQL)
	default:
		q = q.Where("NOT (" + openSQL + ")")
	}
	if !f.DueFrom.IsZero() {
		q = q.Where("due >= ?", f.DueFrom.String())
	}
	if !f.DueTo.IsZero() {
		q = q.Where("due <= ?", f.DueTo.String())
	}
	return sought(hazardous(waiting(q, f), f), f)
}

// among keeps the rows whose column has one of the values; none keep all.
func among[T ~string](q *gorm.DB, column string, values []T) *gorm.DB {
	if len(values) == 0 {
		return q
	}
	return q.Where(column+" IN ?", values)
}

// waiting keeps what waits for whom, or for what, the filter says: itself, or by a document of it.
func waiting(q *gorm.DB, f obligation.Filter) *gorm.DB {
	const byDocument = "id IN (SELECT obligation FROM documents WHERE "
	switch f.WaitingOn {
	case "":
	case string(obligation.RoleLeader):
		q = q.Where(byDocument+"waiting_on = ?)", f.WaitingOn)
	default:
		q = q.Where("id IN (SELECT id FROM obligations WHERE waiting_on = ?)", f.WaitingOn)
	}
	switch {
	case f.WaitsFor == "":
		return q
	case f.WaitsFor.OfDocument():
		return q.Where(byDocument+"waits_for = ?)", string(f.WaitsFor))
	default:
		// As a list of IDs: what an order by due date would read row by row stands in an index of its own.
		return q.Where("id IN (SELECT id FROM obligations WHERE waits_for = ?)", string(f.WaitsFor))
	}
}

// wild are the characters that LIKE takes for others; ! keeps them as they are on every database.
var wild = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// sought keeps what has all the words. They are looked for in an index alone, where there is one.
func sought(q *gorm.DB, f obligation.Filter) *gorm.DB {
	if len(f.Words) == 0 {
		return q
	}
	var having []string
	var args []any
	if f.Plan != "" {
		having, args = append(having, "plan = ?"), append(args, f.Plan)
	}
	for _, word := range f.Words {
		having, args = append(having, "search_text LIKE ? ESCAPE '!'"), append(args, "%"+wild.Replace(word)+"%")
	}
	return q.Where("id IN (SELECT id FROM obligations WHERE "+strings.Join(having, " AND ")+")", args...)
}
