package store_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/obligation"
	"duban/tasklist"
)

func brought(file string, at time.Time) (tasklist.Import, []byte) {
	sum := sha256.Sum256([]byte(file))
	d := hex.EncodeToString(sum[:])
	return tasklist.Import{
		ID: tasklist.ImportID(2026, d), Plan: planCode, Year: 2026, Name: "清单.xlsx", Digest: d, Size: int64(len(file)), By: "经办人", Login: "zhang",
		At: at, Status: tasklist.Received,
	}, []byte(file)
}

// A list that is brought again is the same import, and stays what it became; its file never changes.
func TestImportIsKeptOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		i, file := brought("PK\x00\xff first", start)
		kept, err := s.KeepImport(t.Context(), i, file)
		require.NoError(t, err)
		require.Equal(t, i, kept)
		i.Status, i.Version, i.Created, i.Reason = tasklist.Applied, 3, 12, "年度清单"
		i.Choices = tasklist.Choices{Answers: map[int]tasklist.Answer{5: {Task: "10", Confirm: true}}, Columns: map[int]tasklist.Field{2: tasklist.FieldTask}}
		require.NoError(t, s.SettleImport(t.Context(), i))
		again, _ := brought("PK\x00\xff first", start.Add(time.Hour))
		kept, err = s.KeepImport(t.Context(), again, file)
		require.NoError(t, err)
		require.Equal(t, i, kept)
		read, content, err := s.Import(t.Context(), planCode, i.ID)
		require.NoError(t, err)
		require.Equal(t, []any{i, file}, []any{read, content})

		note, answer := map[int]tasklist.Field{9: tasklist.FieldNote}, tasklist.Answer{Skip: true}
		revised, err := s.ReviseImport(t.Context(), planCode, i.ID, tasklist.Settling{Columns: note, Answers: map[int]*tasklist.Answer{5: nil, 7: &answer}})
		require.NoError(t, err)
		i.Settled = tasklist.Choices{Columns: note, Answers: map[int]tasklist.Answer{7: answer}}
		require.Equal(t, i, revised, "what was applied stays")
		_, err = s.ReviseImport(t.Context(), "another", i.ID, tasklist.Settling{})
		requireCode(t, obligation.CodeNotFound, err)

		other, file2 := brought("second", start.Add(time.Minute))
		_, err = s.KeepImport(t.Context(), other, file2)
		require.NoError(t, err)
		all, err := s.Imports(t.Context(), planCode)
		require.NoError(t, err)
		require.Equal(t, []tasklist.Import{other, i}, all, "the newest first")
		_, _, err = s.Import(t.Context(), "another", i.ID)
		requireCode(t, obligation.CodeNotFound, err)
		other.Plan = "another"
		requireCode(t, obligation.CodeNotFound, s.SettleImport(t.Context(), other))

		require.Error(t, store.Exec(t.Context(), s, "UPDATE imports SET file = X'00'"))
		require.Error(t, store.Exec(t.Context(), s, "DELETE FROM imports"))
	})
}
