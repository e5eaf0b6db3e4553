package store_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/obligation"
)

func letterFile(content string) obligation.File {
	return obligation.File{Obligation: obligationID("10.1", "yingji"), Name: "letter.docx", Title: "关于督促落实的函", Made: late, Content: []byte(content)}
}

func TestFileIsKeptOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		_, err := s.KeepFile(t.Context(), letterFile("first"))
		requireCode(t, obligation.CodeNotFound, err)
		drafted(t, s, obligationID("10.1", "yingji"))
		_, err = s.File(t.Context(), obligationID("10.1", "yingji"), "letter.docx")
		requireCode(t, obligation.CodeNotFound, err)

		big := strings.Repeat("\x00\xffPK", 100_000)
		first, err := s.KeepFile(t.Context(), letterFile(big))
		require.NoError(t, err)
		require.Equal(t, big, string(first.Content))
		require.Equal(t, late, first.Made)
		require.Len(t, first.Digest, 64)
		again, err := s.KeepFile(t.Context(), letterFile("another wording"))
		require.NoError(t, err)
		require.Equal(t, first, again)
		stored, err := s.File(t.Context(), first.Obligation, first.Name)
		require.NoError(t, err)
		require.Equal(t, first, stored)

		pdf := letterFile("%PDF")
		pdf.Name = "letter.pdf"
		other, err := s.KeepFile(t.Context(), pdf)
		require.NoError(t, err)
		require.NotEqual(t, first.Digest, other.Digest)
		requireSound(t, s)
	})
}

func TestFileIsTheSameForAllWhoAskFirst(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		drafted(t, s, obligationID("10.1", "yingji"))
		var mu sync.Mutex
		seen := map[string]bool{}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				f, err := s.KeepFile(t.Context(), letterFile(fmt.Sprint("version ", i)))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				seen[string(f.Content)] = true
			})
		}
		wg.Wait()
		require.Len(t, seen, 1)
	})
}

// A kept file is a proof: the database itself refuses to change it, and one that was changed nevertheless is not given out.
func TestFileIsNeverChanged(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		drafted(t, s, obligationID("10.1", "yingji"))
		f, err := s.KeepFile(t.Context(), letterFile("first"))
		require.NoError(t, err)
		require.Error(t, store.Exec(t.Context(), s, "UPDATE document_files SET content = X'00'"))
		require.Error(t, store.Exec(t.Context(), s, "DELETE FROM document_files"))
		require.Error(t, store.Exec(t.Context(), s, "REPLACE INTO document_files SELECT obligation, name, title, digest, made_at, X'00' FROM document_files"))
		require.NoError(t, store.Exec(t.Context(), s, "DROP TRIGGER document_files_no_update", "UPDATE document_files SET content = X'00'"))
		_, err = s.File(t.Context(), f.Obligation, f.Name)
		require.ErrorContains(t, err, "被改动过")
		report, err := s.Verify(t.Context(), nil)
		require.NoError(t, err)
		require.Len(t, report.Findings, 1)
		require.Equal(t, f.Obligation.String(), report.Findings[0].Obligation)
		require.Contains(t, report.Findings[0].Problem, "letter.docx")
	})
}
