package obligation

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// Dossier (卷宗) is everything that the record keeps of one obligation, as of one moment.
type Dossier struct {
	State     State
	Entries   []LedgerEntry
	Policies  map[string][]byte // contents by the hash that entries name them by
	Documents []Document
	Files     []File // of documents, with their contents
	Told      []Told
}

// LedgerEntry is one event, byte for byte as the ledger keeps it, with its hash.
type LedgerEntry struct {
	Event []byte
	Hash  []byte
}

// Told is one notice, and what became of it outside the application.
type Told struct {
	Message    Message    `json:"message"`
	Digest     string     `json:"digest,omitempty"` // that it went out with; "": it has not, or was out of date
	Deliveries []Delivery `json:"deliveries,omitempty"`
}

// Chain returns the hash of a ledger's event: SHA-256 over the hash before it (nothing for the first event), the
// obligation's ID, a zero byte, and the event as it is kept.
func Chain(before []byte, id string, event []byte) []byte {
	h := sha256.New()
	h.Write(before)
	h.Write([]byte(id))
	h.Write([]byte{0})
	h.Write(event)
	return h.Sum(nil)
}

// KeptEvent is an event as the ledger keeps it, byte for byte what is hashed. Its policy is named by the hash of the
// policy's content, so that the chain covers that too without repeating it.
type KeptEvent struct {
	Event
	Policy string `json:"policy,omitempty"`
}

// ReadEvent reads an event as the ledger keeps it; policy returns a policy by the hash of its content.
func ReadEvent(content []byte, policy func(hash string) (Policy, error)) (Event, error) {
	var kept KeptEvent
	if err := json.Unmarshal(content, &kept); err != nil {
		return Event{}, fmt.Errorf("event: %w", err)
	}
	e := kept.Event
	if kept.Policy != "" {
		p, err := policy(kept.Policy)
		if err != nil {
			return Event{}, err
		}
		e.Policy = &p
	}
	return e, nil
}
