package login

import (
	"context"

	"duban/account"
)

// IssueFeed gives a person a calendar feed, and returns its secret, which nobody can read again.
func (s *Service) IssueFeed(ctx context.Context, by account.Caller, remote string) (account.Feed, string, error) {
	if by.Token {
		return account.Feed{}, "", account.Refuse(account.CodeOnlyPerson)
	}
	plain := secret()
	f := account.Feed{ID: secret()[:12], Login: by.Login, Hash: hash(plain), Created: s.Now()}
	return f, plain, s.Store.AddFeed(ctx, f, s.entry(by.Login, account.FeedIssued, f.ID, "", remote))
}

// Feeds returns the feeds of an account, the newest first.
func (s *Service) Feeds(ctx context.Context, login string) ([]account.Feed, error) {
	return s.Store.Feeds(ctx, login)
}

// RevokeFeed ends one's own feed.
func (s *Service) RevokeFeed(ctx context.Context, by account.Caller, id, remote string) error {
	return s.Store.RevokeFeed(ctx, by.Login, id, s.Now(), s.entry(by.Login, account.FeedRevoked, id, by.Login, remote))
}

// FeedOwner returns for whom the feed of a secret is read, while it and its account are good; else account.CodeNotFound.
func (s *Service) FeedOwner(ctx context.Context, secret string) (account.Caller, error) {
	f, a, err := s.Store.FeedByHash(ctx, hash(secret))
	if err != nil {
		return account.Caller{}, err
	}
	return f.Caller(a)
}
