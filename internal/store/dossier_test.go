package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/obligation"
)

// What is exported of an obligation is byte for byte what its chain of hashes is over, and nothing of any other.
func TestDossier(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seedContacts(t, s)
		id, other := obligationID("10.1", "yingji"), obligationID("10.2", "yingji")
		drafted(t, s, other)
		drafted(t, s, id)
		issueLetter(t, s, id)
		require.Positive(t, digest(t, s, monday, false, mail))
		_, err := s.KeepFile(t.Context(), obligation.File{Obligation: id, Name: "letter.docx", Title: "督促函", Made: late, Content: []byte("docx")})
		require.NoError(t, err)

		d, err := s.Dossier(t.Context(), id)
		require.NoError(t, err)
		v, err := s.Load(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, v.State, d.State)
		require.Len(t, d.Entries, v.State.Seq)
		var before []byte
		var state obligation.State
		for _, entry := range d.Entries {
			before = obligation.Chain(before, id.String(), entry.Event)
			require.Equal(t, before, entry.Hash)
			e, err := obligation.ReadEvent(entry.Event, func(hash string) (obligation.Policy, error) {
				require.Contains(t, d.Policies, hash)
				return v.State.Policy, nil
			})
			require.NoError(t, err)
			state = obligation.Apply(state, e)
		}
		require.Equal(t, v.State, state)
		require.Len(t, d.Documents, 1)
		require.Len(t, d.Files, 1)
		require.Equal(t, []byte("docx"), d.Files[0].Content)
		require.NotEmpty(t, d.Told)
		sent := 0
		for _, told := range d.Told {
			require.Equal(t, id, told.Message.Obligation)
			sent += len(told.Deliveries)
		}
		require.Positive(t, sent, "what was told to whom by which channel")

		_, err = s.Dossier(t.Context(), obligationID("10.9", "yingji"))
		requireCode(t, obligation.CodeNotFound, err)
	})
}
