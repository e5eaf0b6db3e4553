package store

import (
	"context"

	"duban/obligation"
)

// standingRow is how many obligations of one key stand alike. What that comes to is the core's to say: the databases only group.
type standingRow struct {
	Key                 string
	Due                 date
	Stage, Outcome      string
	WasOverdue          bool
	YellowAt, OverdueAt instant
	N                   int
}

const standingColumns = "due, stage, outcome, was_overdue, yellow_at, overdue_at"

func (r standingRow) standing() obligation.Standing {
	return obligation.Standing{
		Stage: obligation.Stage(r.Stage), Outcome: obligation.Outcome(r.Outcome), WasOverdue: r.WasOverdue, YellowAt: r.YellowAt.Time, OverdueAt: r.OverdueAt.Time,
	}
}

// Tallies tells how the obligations of the filter's plan and units stand as of f.Now and f.Soon, by task or unit and by the month in
// which they fall due: the keys and the months in order.
func (s *Store) Tallies(ctx context.Context, f obligation.Filter, by obligation.TallyKey) ([]obligation.MonthTally, error) {
	key := "task"
	if by == obligation.TallyUnit {
		key = "unit"
	}
	columns := key + ", " + standingColumns
	q := among(s.reader(ctx).Table("obligations").Where("plan = ?", f.Plan), "unit", f.Units)
	rows, err := q.Select(key + " AS `key`, " + standingColumns + ", COUNT(*) AS n").Group(columns).Order(columns).Rows()
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	var out []obligation.MonthTally
	for rows.Next() {
		var r standingRow
		if err := rows.Scan(&r.Key, &r.Due, &r.Stage, &r.Outcome, &r.WasOverdue, &r.YellowAt, &r.OverdueAt, &r.N); err != nil {
			return nil, translate(err)
		}
		month := r.Due.String()[:len("2006-01")]
		if n := len(out); n == 0 || out[n-1].Key != r.Key || out[n-1].Month != month {
			out = append(out, obligation.MonthTally{Key: r.Key, Month: month})
		}
		out[len(out)-1].Add(r.standing(), r.N, f.Now, f.Soon)
	}
	return out, translate(rows.Err())
}

// Shares tells how the obligations that the filter selects stand as of f.Now and f.Soon, by measure and unit in order.
func (s *Store) Shares(ctx context.Context, f obligation.Filter) ([]obligation.Share, error) {
	rows, err := filtered(s.reader(ctx).Table("obligations"), f).Select("measure, unit, period, " + standingColumns).Order("measure, unit, due").Rows()
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	var out []obligation.Share
	for rows.Next() {
		var measure, unit, period string
		var r standingRow
		if err := rows.Scan(&measure, &unit, &period, &r.Due, &r.Stage, &r.Outcome, &r.WasOverdue, &r.YellowAt, &r.OverdueAt); err != nil {
			return nil, translate(err)
		}
		if n := len(out); n == 0 || out[n-1].Measure != measure || out[n-1].Unit != unit {
			out = append(out, obligation.Share{Measure: measure, Unit: unit})
		}
		out[len(out)-1].Add(period, r.Due.Date, r.standing(), f.Now, f.Soon)
	}
	return out, translate(rows.Err())
}
