package store

import (
	"context"
	"time"

	"duban/account"
)

// feedRow is a row of feeds.
type feedRow struct {
	ID        string
	Login     string
	Hash      string
	CreatedAt instant
	RevokedAt instant
}

func (r feedRow) feed() account.Feed {
	return account.Feed{ID: r.ID, Login: r.Login, Hash: r.Hash, Created: r.CreatedAt.Time, Revoked: r.RevokedAt.Time}
}

// AddFeed keeps a feed of an account that exists, and says so in the log.
func (s *Store) AddFeed(ctx context.Context, f account.Feed, e account.Entry) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.lockAccount(f.Login); err != nil {
			return err
		}
		if err := t.insert("feeds", []string{"id", "login", "hash", "created_at"}, "", [][]any{{f.ID, f.Login, f.Hash, instant{f.Created}}}); err != nil {
			return err
		}
		return t.log(e)
	})
}

// Feeds returns the feeds of an account, the newest first.
func (s *Store) Feeds(ctx context.Context, login string) ([]account.Feed, error) {
	var rows []feedRow
	if err := s.reader(ctx).Table("feeds").Where("login = ?", login).Order("created_at DESC, id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	out := make([]account.Feed, len(rows))
	for i, r := range rows {
		out[i] = r.feed()
	}
	return out, nil
}

// FeedByHash returns a feed with its account, or account.CodeNotFound.
func (s *Store) FeedByHash(ctx context.Context, hash string) (account.Feed, account.Account, error) {
	var row feedRow
	if err := noAccount(translate(s.reader(ctx).Table("feeds").Where("hash = ?", hash).Take(&row).Error)); err != nil {
		return account.Feed{}, account.Account{}, err
	}
	a, err := s.Account(ctx, row.Login)
	return row.feed(), a, err
}

// RevokeFeed ends a feed of an account, and says so in the log. Again it changes nothing; one that the account does not have is
// account.CodeNotFound.
func (s *Store) RevokeFeed(ctx context.Context, login, id string, at time.Time, e account.Entry) error {
	return s.revoke(ctx, "feeds", login, id, at, e)
}
