package login

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"duban/account"
)

// memory keeps what a Store keeps, and holds whoever uses it to the interface's contract: it calls every change twice, as a
// database does that has to begin anew, and takes what the second call returns.
type memory struct {
	mu       sync.Mutex
	accounts map[string]account.Account
	tokens   map[string]account.Token
	feeds    []account.Feed
	sessions map[string]session
	log      []account.Entry
	fault    error // what everything returns, if anything
	noted    int   // uses of tokens
}

type session struct {
	data    []byte
	expires time.Time
}

func newMemory() *memory {
	return &memory{accounts: map[string]account.Account{}, tokens: map[string]account.Token{}, sessions: map[string]session{}}
}

func (m *memory) note(entries ...account.Entry) {
	for _, e := range entries {
		e.Seq = int64(len(m.log)) + 1
		m.log = append(m.log, e)
	}
}

func (m *memory) Accounts(context.Context) ([]account.Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all(), m.fault
}

func (m *memory) all() []account.Account {
	var all []account.Account
	for _, a := range m.accounts {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b account.Account) int { return strings.Compare(a.Login, b.Login) })
	return all
}

func (m *memory) Account(_ context.Context, login string) (account.Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fault != nil {
		return account.Account{}, m.fault
	}
	a, ok := m.accounts[login]
	if !ok {
		return account.Account{}, account.Refuse(account.CodeNotFound)
	}
	return a, nil
}

func (m *memory) AccountByInvitation(_ context.Context, hash string) (account.Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.accounts {
		if a.Invitation == hash && hash != "" {
			return a, m.fault
		}
	}
	return account.Account{}, account.Refuse(account.CodeNotFound)
}

func (m *memory) CreateAccount(_ context.Context, a account.Account, e account.Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.accounts[a.Login]; taken {
		return account.Refuse(account.CodeTaken)
	}
	m.accounts[a.Login] = a
	m.note(e)
	return m.fault
}

func (m *memory) ChangeAccount(_ context.Context, login string, change func(account.Account, []account.Account) (account.Account, []account.Entry, error)) (account.Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fault != nil {
		return account.Account{}, m.fault
	}
	a, ok := m.accounts[login]
	if !ok {
		return account.Account{}, account.Refuse(account.CodeNotFound)
	}
	_, _, _ = change(a, m.all())
	changed, entries, err := change(a, m.all())
	if err != nil {
		return changed, err
	}
	m.accounts[login] = changed
	m.note(entries...)
	return changed, nil
}

func (m *memory) AddToken(_ context.Context, t account.Token, e account.Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.accounts[t.Login]; !ok {
		return account.Refuse(account.CodeNotFound)
	}
	m.tokens[t.ID] = t
	m.note(e)
	return m.fault
}

func (m *memory) Tokens(_ context.Context, login string) ([]account.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []account.Token
	for _, t := range m.tokens {
		if t.Login == login {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b account.Token) int { return b.Created.Compare(a.Created) })
	return all, m.fault
}

func (m *memory) TokenByHash(_ context.Context, hash string) (account.Token, account.Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.tokens {
		if t.Hash == hash {
			return t, m.accounts[t.Login], m.fault
		}
	}
	return account.Token{}, account.Account{}, account.Refuse(account.CodeToken)
}

func (m *memory) RevokeToken(_ context.Context, login, id string, at time.Time, e account.Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.tokens[id]
	switch {
	case !ok || t.Login != login:
		return account.Refuse(account.CodeNotFound)
	case !t.Revoked.IsZero():
		return nil
	}
	t.Revoked = at
	m.tokens[id] = t
	m.note(e)
	return m.fault
}

func (m *memory) TokenUsed(_ context.Context, id string, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.noted++
	t := m.tokens[id]
	t.Used = at
	m.tokens[id] = t
	return m.fault
}

func (m *memory) AddFeed(_ context.Context, f account.Feed, e account.Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.feeds = append(m.feeds, f)
	m.note(e)
	return m.fault
}

func (m *memory) Feeds(_ context.Context, login string) ([]account.Feed, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []account.Feed
	for _, f := range m.feeds {
		if f.Login == login {
			all = append(all, f)
		}
	}
	return all, m.fault
}

func (m *memory) FeedByHash(_ context.Context, hash string) (account.Feed, account.Account, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.feeds {
		if f.Hash == hash {
			return f, m.accounts[f.Login], m.fault
		}
	}
	return account.Feed{}, account.Account{}, account.Refuse(account.CodeNotFound)
}

func (m *memory) RevokeFeed(_ context.Context, login, id string, at time.Time, e account.Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, f := range m.feeds {
		if f.ID == id && f.Login == login {
			m.feeds[i].Revoked = at
			m.note(e)
			return m.fault
		}
	}
	return account.Refuse(account.CodeNotFound)
}

func (m *memory) Session(_ context.Context, token string, now time.Time) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.sessions[token]
	if !ok || !s.expires.After(now) {
		return nil, false, m.fault
	}
	return s.data, true, m.fault
}

func (m *memory) KeepSession(_ context.Context, token string, data []byte, expires, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, s := range m.sessions {
		if !s.expires.After(now) {
			delete(m.sessions, k)
		}
	}
	m.sessions[token] = session{data, expires}
	return m.fault
}

func (m *memory) ExtendSession(_ context.Context, token string, data []byte, expires time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.sessions[token]; ok {
		m.sessions[token] = session{data, expires}
	}
	return m.fault
}

func (m *memory) DropSession(_ context.Context, token string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sessions, token)
	return m.fault
}

func (m *memory) Log(_ context.Context, e account.Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.note(e)
	return m.fault
}

func (m *memory) AdminLog(_ context.Context, before int64, limit int) ([]account.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var page []account.Entry
	for _, e := range slices.Backward(m.log) {
		if (before == 0 || e.Seq < before) && len(page) < limit {
			page = append(page, e)
		}
	}
	return page, m.fault
}
