package store

import (
	"context"
	"fmt"

	"duban/obligation"
)

// livePage is how many rows are read at a time.
const livePage = 1000

// Live visits every obligation that is not closed, and then every document that is not settled, a page at a time.
func (s *Store) Live(ctx context.Context, visit func(obligation.Live) error) error {
	if err := s.liveObligations(ctx, visit); err != nil {
		return err
	}
	return s.liveDocuments(ctx, visit)
}

func (s *Store) liveObligations(ctx context.Context, visit func(obligation.Live) error) error {
	for last := ""; ; {
		var rows []struct {
			ID, WaitingOn     string
			NextAt, UpdatedAt instant
		}
		err := s.reader(ctx).Table("obligations").Select("id, waiting_on, next_at, updated_at").Where("id > ? AND "+openSQL, last).
			Order("id").Limit(livePage).Find(&rows).Error
		if err != nil {
			return translate(err)
		}
		for _, r := range rows {
			id, ok := obligation.ParseID(r.ID)
			if !ok {
				return fmt.Errorf("obligation %q", r.ID)
			}
			if err := visit(obligation.Live{ID: id, Updated: r.UpdatedAt.Time, Nobody: r.WaitingOn == "" && r.NextAt.IsZero()}); err != nil {
				return err
			}
			last = r.ID
		}
		if len(rows) < livePage {
			return nil
		}
	}
}

func (s *Store) liveDocuments(ctx context.Context, visit func(obligation.Live) error) error {
	for last := ""; ; {
		var rows []struct {
			ID, Obligation, Rung string
			UpdatedAt            instant
		}
		err := s.reader(ctx).Table("documents").Select("documents.id, documents.obligation, documents.rung, obligations.updated_at").
			Joins("LEFT JOIN obligations ON obligations.id = documents.obligation").
			Where("documents.id > ? AND documents.waiting_on <> ''", last).Order("documents.id").Limit(livePage).Find(&rows).Error
		if err != nil {
			return translate(err)
		}
		for _, r := range rows {
			id, ok := obligation.ParseID(r.Obligation)
			if !ok {
				return fmt.Errorf("document %q", r.ID)
			}
			if err := visit(obligation.Live{ID: id, Rung: obligation.Rung(r.Rung), Updated: r.UpdatedAt.Time}); err != nil {
				return err
			}
			last = r.ID
		}
		if len(rows) < livePage {
			return nil
		}
	}
}

// Unsettled returns how many of what an inspection found have their obligations, counted from the first, and the numbers of those
// that are not closed.
func (s *Store) Unsettled(ctx context.Context, inspection obligation.State) (opened int, open []int, err error) {
	findings := inspection.Findings()
	ids := make([]string, len(findings))
	for i, f := range findings {
		ids[i] = obligation.FindingID(inspection.ID, f).String()
	}
	var rows []struct {
		ID     string
		IsOpen bool
	}
	if err := s.reader(ctx).Table("obligations").Select("id, "+openSQL+" AS is_open").Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return 0, nil, translate(err)
	}
	isOpen := map[string]bool{}
	for _, r := range rows {
		isOpen[r.ID] = r.IsOpen
	}
	for i, f := range findings {
		is, known := isOpen[ids[i]]
		if !known {
			break
		}
		opened++
		if is {
			open = append(open, f.N)
		}
	}
	return opened, open, nil
}
