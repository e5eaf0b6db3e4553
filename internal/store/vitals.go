package store

import (
	"context"
	"fmt"
	"time"

	"duban/obligation"
)

// Vitals are what operators watch of the record: how much there is, and how much of it waits. They name nobody.
type Vitals struct {
	Obligations []StandingCount
	Outbox      []WaitingCount // notices that are in no digest yet
	Deliveries  []WaitingCount // what has not gone out on its channel, by channel
	Documents   []WaitingCount // by what their holder has to do
	Files       int            // of evidence, handed in and not
	Bytes       int64          // of evidence
}

// StandingCount is how many obligations of a plan stand alike.
type StandingCount struct {
	Plan  string
	Stage obligation.Stage
	Light obligation.Light
	N     int
}

// WaitingCount is how much of a kind waits, and since when.
type WaitingCount struct {
	Plan   string
	Kind   string // "": there is but one
	N      int
	Oldest time.Time
}

type waitingRow struct {
	Plan, Kind string
	N          int
	Oldest     instant
}

func waitingCounts(rows []waitingRow) []WaitingCount {
	var out []WaitingCount
	for _, r := range rows {
		out = append(out, WaitingCount{Plan: r.Plan, Kind: r.Kind, N: r.N, Oldest: r.Oldest.Time})
	}
	return out
}

// Vitals counts what there is of the plans, as of the business instant now, in a handful of grouped queries.
func (s *Store) Vitals(ctx context.Context, plans []string, now time.Time) (Vitals, error) {
	var v Vitals
	var outbox, deliveries, documents []waitingRow
	var evidence struct{ Files, Bytes int64 }
	db, at := s.reader(ctx), standing(now)
	const grouped = "SELECT plan, %s AS kind, COUNT(*) AS n, MIN(%s) AS oldest FROM %s WHERE plan IN ? AND %s GROUP BY 1, 2 ORDER BY 1, 2"
	for _, q := range []struct {
		into any
		sql  string
		args []any
	}{
		{
			&v.Obligations, "SELECT plan, stage, light, COUNT(*) AS n FROM (SELECT plan, stage, " + lightSQL +
				" AS light FROM obligations WHERE plan IN ?) AS o GROUP BY plan, stage, light ORDER BY plan, stage, light", []any{at, at, plans},
		},
		{&outbox, fmt.Sprintf(grouped, "''", "created_at", "messages", "status = '"+messagePending+"'"), []any{plans}},
		{
			&deliveries, fmt.Sprintf(grouped, "channel", "at", "deliveries", "status IN ?"),
			[]any{plans, []obligation.DeliveryStatus{obligation.DeliveryPending, obligation.DeliverySending}},
		},
		{&documents, fmt.Sprintf(grouped, "waits_for", "waits_since", "documents", "waits_for <> ''"), []any{plans}},
		{&evidence, "SELECT COUNT(*) AS files, COALESCE(SUM(size), 0) AS bytes FROM evidence", nil},
	} {
		if err := db.Raw(q.sql, q.args...).Scan(q.into).Error; err != nil {
			return Vitals{}, translate(err)
		}
	}
	v.Outbox, v.Deliveries, v.Documents = waitingCounts(outbox), waitingCounts(deliveries), waitingCounts(documents)
	v.Files, v.Bytes = int(evidence.Files), evidence.Bytes
	return v, nil
}
