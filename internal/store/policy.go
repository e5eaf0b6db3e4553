package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync"

	"duban/obligation"
)

// policyCache spares every decision the reading and writing of its policy. Policies are few and never change.
type policyCache struct {
	decoded sync.Map // hash → *obligation.Policy
	stored  sync.Map // hashes that a committed transaction holds
}

// policyRow is a policy as it is stored: once, by the SHA-256 of its content.
type policyRow struct {
	Hash    string
	Content []byte
}

func newPolicy(p obligation.Policy) (policyRow, error) {
	content, err := json.Marshal(p)
	if err != nil {
		return policyRow{}, fmt.Errorf("policy: %w", err)
	}
	sum := sha256.Sum256(content)
	return policyRow{hex.EncodeToString(sum[:]), content}, nil
}

// policy returns a stored policy. Steps are shared between all who ask: they must not be changed.
func (s *Store) policy(ctx context.Context, q querier, hash string) (obligation.Policy, error) {
	if p, ok := s.knownPolicy(hash); ok {
		return p, nil
	}
	var content []byte
	if err := q.QueryRowContext(ctx, "SELECT content FROM policies WHERE hash = ?", hash).Scan(&content); err != nil {
		return obligation.Policy{}, fmt.Errorf("policy %s: %w", hash, err)
	}
	var p obligation.Policy
	if err := json.Unmarshal(content, &p); err != nil {
		return obligation.Policy{}, fmt.Errorf("policy %s: %w", hash, err)
	}
	s.policies.decoded.Store(hash, &p)
	return p, nil
}

// knownPolicy returns a policy that was read before.
func (s *Store) knownPolicy(hash string) (obligation.Policy, bool) {
	p, ok := s.policies.decoded.Load(hash)
	if !ok {
		return obligation.Policy{}, false
	}
	return *p.(*obligation.Policy), true
}

// storedState is a state as the read model keeps it; the policy stands in a column of its own.
type storedState struct {
	obligation.State
	Policy *struct{} `json:"policy,omitempty"`
}

func (s *Store) decodeEvent(ctx context.Context, q querier, content []byte) (obligation.Event, error) {
	return obligation.ReadEvent(content, func(hash string) (obligation.Policy, error) { return s.policy(ctx, q, hash) })
}

func (s *Store) decodeState(ctx context.Context, q querier, content []byte, policy string) (obligation.State, error) {
	var stored storedState
	if err := json.Unmarshal(content, &stored); err != nil {
		return obligation.State{}, fmt.Errorf("state: %w", err)
	}
	var err error
	stored.State.Policy, err = s.policy(ctx, q, policy)
	return stored.State, err
}
