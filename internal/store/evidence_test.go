package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/internal/store"
	"duban/obligation"
)

var plenty = obligation.EvidenceLimits{Files: 20, Bytes: 1 << 30}

func uploaded(id string) obligation.EvidenceFile {
	return obligation.EvidenceFile{
		Evidence:   obligation.Evidence{ID: id, Name: "总结 “最终”.pdf", Type: "application/pdf", Size: 1000, SHA256: fmt.Sprintf("%064x", len(id))},
		Obligation: obligationID("10.1", "yingji"), By: unit(), Uploaded: late,
	}
}

func stage(t testing.TB, s *store.Store, id string) obligation.EvidenceFile {
	f, kept, err := s.StageEvidence(t.Context(), uploaded(id), "key-"+id, plenty)
	require.NoError(t, err)
	require.True(t, kept)
	return f
}

func TestEvidenceIsStagedAndHandedIn(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		_, _, err := s.StageEvidence(t.Context(), uploaded("a"), "1", plenty)
		requireCode(t, obligation.CodeNotFound, err)
		en := opened(id)
		put(t, s, en)
		list, err := s.Evidence(t.Context(), id)
		require.NoError(t, err)
		require.Empty(t, list)

		a := stage(t, s, "a")
		require.Equal(t, uploaded("a"), a)
		require.True(t, a.Staged())
		bb, ccc := stage(t, s, "bb"), stage(t, s, "ccc")
		got, err := s.EvidenceFile(t.Context(), id, "bb")
		require.NoError(t, err)
		require.Equal(t, bb, got)
		_, err = s.EvidenceFile(t.Context(), obligationID("10.2", "yingji"), "bb")
		requireCode(t, obligation.CodeNotFound, err)

		files, err := s.ClaimEvidence(t.Context(), id, []string{"bb", "a"})
		require.NoError(t, err)
		require.Equal(t, []obligation.Evidence{bb.Evidence, a.Evidence}, files)
		_, err = s.RemoveEvidence(t.Context(), id, "a")
		requireCode(t, obligation.CodeEvidenceBusy, err)
		next := decided(t, en.State, late, obligation.Command{Kind: obligation.Submit, By: unit(), Text: "已完成", Evidence: files})
		put(t, s, next)
		list, err = s.Evidence(t.Context(), id)
		require.NoError(t, err)
		seqs := map[string]int{}
		for _, f := range list {
			seqs[f.ID] = f.Seq
		}
		submitted := next.Events[len(next.Events)-1]
		require.Equal(t, map[string]int{"a": submitted.Seq, "bb": submitted.Seq, "ccc": 0}, seqs)
		events, err := s.Ledger(t.Context(), id, submitted.Seq-1, 1)
		require.NoError(t, err)
		require.Equal(t, []obligation.Evidence{a.Evidence, bb.Evidence}, events[0].Evidence)

		_, err = s.RemoveEvidence(t.Context(), id, "a")
		requireCode(t, obligation.CodeEvidenceFixed, err)
		_, err = s.ClaimEvidence(t.Context(), id, []string{"ccc", "a"})
		requireCode(t, obligation.CodeEvidenceGone, err)
		removed, err := s.RemoveEvidence(t.Context(), id, "ccc")
		require.NoError(t, err, "a claim of which one part is refused holds nothing")
		require.Equal(t, ccc, removed)
		_, err = s.RemoveEvidence(t.Context(), id, "ccc")
		requireCode(t, obligation.CodeNotFound, err)
		known, err := s.KnownEvidence(t.Context(), []string{a.Key(), ccc.Key(), strings.Repeat("0", 64) + "-a", "x"})
		require.NoError(t, err)
		require.Equal(t, map[string]bool{a.Key(): true}, known)
		requireSound(t, s)

		var handedIn []string
		require.NoError(t, s.HandedIn(t.Context(), func(f obligation.EvidenceFile) error {
			handedIn = append(handedIn, f.ID)
			return nil
		}))
		require.Equal(t, []string{"a", "bb"}, handedIn)
		put(t, s, decided(t, next.State, late, obligation.Command{Kind: obligation.Accept, By: office()}))
		_, _, err = s.StageEvidence(t.Context(), uploaded("dddd"), "late", plenty)
		requireCode(t, obligation.CodeClosed, err)
	})
}

func TestUploadIsRepeated(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		put(t, s, opened(obligationID("10.1", "yingji")))
		first := stage(t, s, "a")
		again := uploaded("x")
		again.SHA256 = first.SHA256
		f, kept, err := s.StageEvidence(t.Context(), again, "key-a", obligation.EvidenceLimits{Files: 1, Bytes: first.Size})
		require.NoError(t, err, "what is there already exceeds nothing")
		require.False(t, kept)
		require.Equal(t, first, f)
		for _, change := range []func(*obligation.EvidenceFile){
			func(f *obligation.EvidenceFile) { f.Name = "other.pdf" }, func(f *obligation.EvidenceFile) { f.SHA256 = strings.Repeat("f", 64) },
		} {
			other := again
			change(&other)
			_, _, err = s.StageEvidence(t.Context(), other, "key-a", plenty)
			requireCode(t, obligation.CodeEvidenceInvalid, err)
		}
	})
}

// Whoever uploads at the same time can't get beyond the limits together.
func TestEvidenceLimitsHoldForAllTogether(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		put(t, s, opened(obligationID("10.1", "yingji")))
		for _, limits := range []obligation.EvidenceLimits{{Files: 3, Bytes: 1 << 30}, {Files: 100, Bytes: 5999}} {
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					_, _, err := s.StageEvidence(t.Context(), uploaded(fmt.Sprint(limits.Files, "x", i)), fmt.Sprint(limits.Files, "x", i), limits)
					if err != nil {
						var refused *obligation.Error
						if !errors.As(err, &refused) || refused.Code != obligation.CodeEvidenceFull {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			list, err := s.Evidence(t.Context(), obligationID("10.1", "yingji"))
			require.NoError(t, err)
			require.Len(t, list, map[int]int{3: 3, 100: 5}[limits.Files])
		}
	})
}

func TestClaimIsReleased(t *testing.T) {
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) {
			o := d.options(t)
			now := start
			o.Now = func() time.Time { return now }
			s := openStore(t, o)
			id := obligationID("10.1", "yingji")
			put(t, s, opened(id))
			for _, free := range []func(){
				func() { require.NoError(t, s.ReleaseEvidence(t.Context(), id, []string{"a", "zz"})) },
				func() { now = now.Add(61 * time.Minute) },
			} {
				stage(t, s, "a")
				_, err := s.ClaimEvidence(t.Context(), id, []string{"a"})
				require.NoError(t, err)
				_, err = s.RemoveEvidence(t.Context(), id, "a")
				requireCode(t, obligation.CodeEvidenceBusy, err)
				free()
				_, err = s.RemoveEvidence(t.Context(), id, "a")
				require.NoError(t, err)
			}
			require.NoError(t, s.ReleaseEvidence(t.Context(), id, nil))
			_, err := s.ClaimEvidence(t.Context(), obligationID("10.2", "yingji"), nil)
			requireCode(t, obligation.CodeNotFound, err)
		})
	}
}

func TestStagedEvidenceExpires(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		en := opened(obligationID("10.1", "yingji"))
		put(t, s, en)
		a := stage(t, s, "a")
		stage(t, s, "bb")
		put(t, s, decided(t, en.State, late, obligation.Command{Kind: obligation.Submit, By: unit(), Text: "已完成", Evidence: []obligation.Evidence{a.Evidence}}))
		n, err := s.ExpireEvidence(t.Context(), late)
		require.NoError(t, err)
		require.Zero(t, n)
		n, err = s.ExpireEvidence(t.Context(), late.Add(time.Second))
		require.NoError(t, err)
		require.Equal(t, 1, n)
		list, err := s.Evidence(t.Context(), en.State.ID)
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, "a", list[0].ID)
	})
}

// A command that comes to its end after its file was removed makes a ledger that names it: the record follows the ledger.
func TestLedgerDecidesWhatWasHandedIn(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		en := opened(obligationID("10.1", "yingji"))
		put(t, s, en)
		gone := uploaded("gone")
		put(t, s, decided(t, en.State, late, obligation.Command{Kind: obligation.ReportProgress, By: unit(), Evidence: []obligation.Evidence{gone.Evidence}}))
		f, err := s.EvidenceFile(t.Context(), en.State.ID, "gone")
		require.NoError(t, err)
		require.Equal(t, gone.Evidence, f.Evidence)
		require.Equal(t, 3, f.Seq, "the deadline passed before")
		requireSound(t, s)
	})
}

func TestEvidenceThatWasHandedInIsNeverChanged(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		en := opened(obligationID("10.1", "yingji"))
		put(t, s, en)
		a := stage(t, s, "a")
		put(t, s, decided(t, en.State, late, obligation.Command{Kind: obligation.Submit, By: unit(), Text: "已完成", Evidence: []obligation.Evidence{a.Evidence}}))
		for _, statement := range []string{
			"UPDATE evidence SET name = 'x'", "UPDATE evidence SET seq = NULL", "DELETE FROM evidence",
			"REPLACE INTO evidence SELECT id, obligation, 'x', type, size, sha256, upload_key, uploaded_by, uploaded_at, claimed_at, NULL FROM evidence",
		} {
			require.Error(t, store.Exec(t.Context(), s, statement), statement)
		}
		requireSound(t, s)
		for statement, want := range map[string]string{
			"UPDATE evidence SET sha256 = 'x'":                              "登记与台账不符",
			"UPDATE evidence SET seq = 4":                                   "登记与台账不符",
			"UPDATE evidence SET id = 'other'":                              "登记中却没有",
			"UPDATE evidence SET obligation = 'test-2026/10.2/yingji/2026'": "登记中却没有",
		} {
			tampered(t, s, statement, want)
		}
	})
}

// Of an interview something may be handed in after the obligation is closed, by a decision under the row's lock.
func TestEvidenceOfARectification(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		drafted(t, s, id)
		escalate(t, s, id)
		v, err := s.Load(t.Context(), id)
		require.NoError(t, err)
		now := v.State.Formals[len(v.State.Formals)-1].Drafted
		_, err = s.Issue(t.Context(), id, obligation.Interview, series, start, office().Name, func(st obligation.State, number string, letters int) (obligation.Entry, error) {
			c := obligation.Command{
				Kind: obligation.Issue, By: office(), Rung: obligation.Interview, Number: number, Letters: letters,
				Meeting: &obligation.Meeting{At: now.AddDate(0, 0, 1), Place: "区应急局三楼会议室"},
			}
			events, err := obligation.Decide(st, c, cal, now)
			return obligation.NewEntry(st, events, cal), err
		})
		require.NoError(t, err)
		act := func(c obligation.Command) {
			t.Helper()
			now = now.AddDate(0, 0, 1)
			c.By = office()
			_, err := s.Decide(t.Context(), id, func(st obligation.State) (obligation.Entry, error) {
				events, err := obligation.Decide(st, c, cal, now)
				return obligation.NewEntry(st, events, cal), err
			})
			require.NoError(t, err)
		}
		act(obligation.Command{Kind: obligation.Conclude, Text: "说明了情况", Demands: "完成汇编"})
		act(obligation.Command{Kind: obligation.Waive, Text: "上级已统一印发"})
		a := stage(t, s, "a")
		files, err := s.ClaimEvidence(t.Context(), id, []string{"a"})
		require.NoError(t, err)
		act(obligation.Command{Kind: obligation.Rectify, Text: "已完成", Evidence: files})

		v, err = s.Load(t.Context(), id)
		require.NoError(t, err)
		got, err := s.EvidenceFile(t.Context(), id, "a")
		require.NoError(t, err)
		require.Equal(t, v.State.Seq, got.Seq)
		d, err := s.Document(t.Context(), id, obligation.Interview)
		require.NoError(t, err)
		require.Equal(t, []obligation.Evidence{a.Evidence}, d.Meeting.Rectification.Evidence)
		requireSound(t, s)
		_, _, err = s.StageEvidence(t.Context(), uploaded("bb"), "bb", plenty)
		requireCode(t, obligation.CodeClosed, err)
	})
}

// tampered changes the record as nobody may, sees that it is found, and puts it right again.
func tampered(t *testing.T, s *store.Store, statement, want string) {
	t.Helper()
	ctx := context.Background()
	_ = store.Exec(ctx, s, "DROP TRIGGER evidence_no_update")
	if err := store.Exec(ctx, s, statement); err != nil {
		require.ErrorContains(t, err, "oreign key", "only a key of another table stops it")
		return
	}
	report, err := s.Verify(ctx, nil)
	require.NoError(t, err)
	texts := ""
	for _, f := range report.Findings {
		texts += f.Problem
	}
	require.Contains(t, texts, want, statement)
	a := uploaded("a")
	require.NoError(t, store.Exec(ctx, s, fmt.Sprintf("UPDATE evidence SET id = 'a', obligation = '%s', sha256 = '%s', seq = 3", a.Obligation, a.SHA256)))
}
