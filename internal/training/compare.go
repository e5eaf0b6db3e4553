package training

import (
	"context"
	"encoding/json"
	"fmt"

	"duban/obligation"
	"duban/rehearsal"
)

// Difference is where a live ledger and the rehearsal part: the first entry of an obligation that is not the same.
type Difference struct {
	Obligation obligation.ID
	Seq        int
	Live       string // the entry as JSON; "" where it is missing
	Rehearsed  string
}

// String returns both entries.
func (d Difference) String() string {
	return fmt.Sprintf("%s %d:\n  live:      %s\n  rehearsed: %s", d.Obligation, d.Seq, d.Live, d.Rehearsed)
}

// Compare holds the ledgers of a record against a rehearsal, entry by entry, and returns how many are the same and where
// obligations part.
func Compare(ctx context.Context, r Record, run *rehearsal.Run) (same int, differences []Difference, err error) {
	for i := range run.Ledgers {
		l := &run.Ledgers[i]
		live, err := r.EventsAfter(ctx, l.Facts.ID, 0)
		if err != nil {
			return same, differences, err
		}
		n, d, err := compare(live, l.Events)
		if err != nil {
			return same, differences, err
		}
		same += n
		if d != nil {
			d.Obligation = l.Facts.ID
			differences = append(differences, *d)
		}
	}
	return same, differences, nil
}

func compare(live, rehearsed []obligation.Event) (same int, d *Difference, err error) {
	for i := range max(len(live), len(rehearsed)) {
		a, err := entry(live, i)
		if err != nil {
			return same, nil, err
		}
		b, err := entry(rehearsed, i)
		if err != nil {
			return same, nil, err
		}
		if a != b {
			return same, &Difference{Seq: i + 1, Live: a, Rehearsed: b}, nil
		}
		same++
	}
	return same, nil, nil
}

func entry(events []obligation.Event, i int) (string, error) {
	if i >= len(events) {
		return "", nil
	}
	content, err := json.Marshal(events[i])
	return string(content), err
}
