package store

import (
	"context"
	"time"

	"duban/obligation"
)

var unheardColumns = []string{"ledger", "command", "since"}

// noteUnheard notes the commands of people. What falls due by itself needs none: timers and signals come again.
func (t *tx) noteUnheard(commands []obligation.Unheard) error {
	rows := make([][]any, len(commands))
	for i, u := range commands {
		rows[i] = []any{u.Ledger, u.Command, instant{t.store.now()}}
	}
	return t.insert("unheard", unheardColumns, t.store.dialect.keep("ledger"), rows)
}

// unheardPage is how many are returned at once.
const unheardPage = 500

// Unheard returns what people had recorded up to the real instant and whose workflow has not answered since, the oldest first,
// and no more than some hundreds.
func (s *Store) Unheard(ctx context.Context, until time.Time) ([]obligation.Unheard, error) {
	var out []obligation.Unheard
	err := s.reader(ctx).Table("unheard").Select("ledger", "command").Where("since <= ?", instant{until}).Order("since, ledger, command").
		Limit(unheardPage).Find(&out).Error
	return out, translate(err)
}

// Heard forgets what the workflow has answered, or was told of. What is not noted needs no forgetting.
func (s *Store) Heard(ctx context.Context, u obligation.Unheard) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.exec("DELETE FROM unheard WHERE ledger = ? AND command = ?", u.Ledger, u.Command)
		return err
	})
}
