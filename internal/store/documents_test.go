package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
)

var series = obligation.Series{Code: "长安委办", Year: 2026}

// signOff returns the decision that issues the rung.
func signOff(t require.TestingT, rung obligation.Rung) func(obligation.State, string, int) (obligation.Entry, error) {
	return func(s obligation.State, number string, letters int) (obligation.Entry, error) {
		events, err := obligation.Decide(s, obligation.Command{Kind: obligation.Issue, By: office(), Rung: rung, Number: number, Letters: letters}, cal, late)
		if err != nil {
			return obligation.Entry{}, err
		}
		return obligation.NewEntry(s, events, cal), nil
	}
}

func issueLetter(t testing.TB, s *store.Store, id obligation.ID) obligation.Document {
	d, err := s.Issue(t.Context(), id, obligation.Letter, series, start, "王主任（代）", signOff(t, obligation.Letter))
	require.NoError(t, err)
	return d
}

func TestIssueNumbersOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		drafted(t, s, id)
		drafts, err := s.Drafts(t.Context(), id)
		require.NoError(t, err)
		require.Len(t, drafts, 1)

		d := issueLetter(t, s, id)
		require.Equal(t, "长安委办〔2026〕1号", d.Number)
		require.Equal(t, obligation.DocumentIssued, d.Status)
		require.Equal(t, "王主任（代）", d.SignedBy)
		require.Equal(t, late, d.Settled)
		require.Equal(t, d, issueLetter(t, s, id))
		stored, err := s.Document(t.Context(), id, obligation.Letter)
		require.NoError(t, err)
		require.Equal(t, d, stored)

		v, err := s.Load(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, d.Number, v.State.Formals[0].Number)
		_, err = s.Issue(t.Context(), id, obligation.Circular, series, start, "", signOff(t, obligation.Circular))
		requireCode(t, obligation.CodeNotFound, err)
		requireSound(t, s)
	})
}

// Invariant 2: one decision and one number for each obligation and rung; a series has no gaps.
func TestIssueConcurrentlyIsGapless(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const documents, rivals = 25, 2
		for i := range documents {
			drafted(t, s, obligationID("10.1", unitCode(i)))
		}
		var mu sync.Mutex
		numbers := map[string]map[string]bool{}
		var wg sync.WaitGroup
		for i := range documents * rivals {
			id := obligationID("10.1", unitCode(i%documents))
			wg.Go(func() {
				d, err := s.Issue(t.Context(), id, obligation.Letter, series, start, "王主任", signOff(t, obligation.Letter))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if numbers[id.String()] == nil {
					numbers[id.String()] = map[string]bool{}
				}
				numbers[id.String()][d.Number] = true
			})
		}
		wg.Wait()
		seen := map[string]bool{}
		for id, given := range numbers {
			require.Len(t, given, 1, id)
			for n := range given {
				seen[n] = true
			}
		}
		for i := range documents {
			require.Contains(t, seen, series.Format(i+1))
		}
		requireSound(t, s)
	})
}

// Invariant 2: whatever breaks off, the number is given back and the next attempt gets it.
func TestIssueBrokenOffLeavesNoGap(t *testing.T) {
	errKilled := errors.New("killed")
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		drafted(t, s, id)
		for _, point := range []string{"ledger", "settlements", "number", "commit"} {
			store.SetFault(s, func(p string) error {
				if p == point {
					return errKilled
				}
				return nil
			})
			_, err := s.Issue(t.Context(), id, obligation.Letter, series, start, "王主任", signOff(t, obligation.Letter))
			require.ErrorIs(t, err, errKilled, point)
		}
		store.SetFault(s, nil)
		_, err := s.Issue(t.Context(), id, obligation.Letter, series, start, "", func(obligation.State, string, int) (obligation.Entry, error) {
			return obligation.Entry{}, &obligation.Error{Code: obligation.CodeInReview}
		})
		requireCode(t, obligation.CodeInReview, err)
		require.Equal(t, series.Format(1), issueLetter(t, s, id).Number)
		requireSound(t, s)
	})
}

func TestIssueCountsLetters(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for i, measure := range []string{"10.1", "10.2", "10.3"} {
			id := obligationID(measure, "yingji")
			drafted(t, s, id)
			issueLetter(t, s, id)
			v, err := s.Load(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, i+1, v.State.Letters)
		}
		other := obligationID("10.1", "xiaofang")
		drafted(t, s, other)
		issueLetter(t, s, other)
		v, err := s.Load(t.Context(), other)
		require.NoError(t, err)
		require.Equal(t, 1, v.State.Letters)

		last := obligationID("10.4", "yingji")
		drafted(t, s, last)
		_, err = s.Issue(t.Context(), last, obligation.Letter, series, late.Add(time.Microsecond), "", func(_ obligation.State, _ string, letters int) (obligation.Entry, error) {
			require.Equal(t, 1, letters, "letters before the window do not count")
			return obligation.Entry{}, &obligation.Error{Code: obligation.CodeInReview}
		})
		requireCode(t, obligation.CodeInReview, err)
	})
}

func TestVoidKeepsTheNumber(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		first, second := obligationID("10.1", "yingji"), obligationID("10.2", "yingji")
		drafted(t, s, first)
		drafted(t, s, second)
		_, err := s.Void(t.Context(), first, obligation.Letter, "王主任", "主送单位有误", late)
		requireCode(t, obligation.CodeConflict, err)
		issueLetter(t, s, first)
		_, err = s.Void(t.Context(), first, obligation.Letter, "王主任", "", late)
		requireCode(t, obligation.CodeReasonMissing, err)

		for range 2 {
			d, err := s.Void(t.Context(), first, obligation.Letter, "王主任", "主送单位有误", late)
			require.NoError(t, err)
			require.Equal(t, obligation.DocumentWithdrawn, d.Status)
			require.Equal(t, series.Format(1), d.Number)
			require.Equal(t, "主送单位有误", d.Reason)
		}
		_, err = s.Issue(t.Context(), first, obligation.Letter, series, start, "", signOff(t, obligation.Letter))
		requireCode(t, obligation.CodeNoDraft, err)
		require.Equal(t, series.Format(2), issueLetter(t, s, second).Number)
		n, err := store.Number(t.Context(), s, "SELECT COUNT(*) FROM document_numbers WHERE voided_at IS NOT NULL AND number = 1")
		require.NoError(t, err)
		require.Equal(t, 1, n)
		requireSound(t, s)
	})
}

// What becomes of an interview follows from the ledger, in one transaction with each entry, and lists tell who holds it.
func TestInterview(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		drafted(t, s, id)
		escalate(t, s, id)
		v, err := s.Load(t.Context(), id)
		require.NoError(t, err)
		now := v.State.Formals[len(v.State.Formals)-1].Drafted
		act := func(c obligation.Command) obligation.Document {
			now = now.AddDate(0, 0, 7)
			c.By, c.Key = office(), string(c.Kind)+now.String()
			_, err := s.Decide(t.Context(), id, func(st obligation.State) (obligation.Entry, error) {
				events, err := obligation.Decide(st, c, cal, now)
				return obligation.NewEntry(st, events, cal), err
			})
			require.NoError(t, err)
			d, err := s.Document(t.Context(), id, obligation.Interview)
			require.NoError(t, err)
			v, err := s.Load(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, v.State.Meeting, d.Meeting)
			requireSound(t, s)
			return d
		}
		held := func(who string, today calendar.Date) []obligation.Document {
			docs, _, err := s.Documents(t.Context(), obligation.DocumentFilter{Plan: planCode, Rung: obligation.Interview, WaitingOn: who, Overdue: today})
			require.NoError(t, err)
			return docs
		}
		require.Len(t, held("leader", 0), 1, "a draft waits for who signs it off")
		meeting := &obligation.Meeting{At: now.AddDate(0, 0, 30), Place: "区应急局三楼会议室", Material: "整改方案"}
		signed, err := s.Issue(t.Context(), id, obligation.Interview, series, start, office().Name, func(st obligation.State, number string, letters int) (obligation.Entry, error) {
			c := obligation.Command{Kind: obligation.Issue, By: office(), Rung: obligation.Interview, Number: number, Letters: letters, Meeting: meeting}
			events, err := obligation.Decide(st, c, cal, now)
			return obligation.NewEntry(st, events, cal), err
		})
		require.NoError(t, err)
		require.Equal(t, meeting, signed.Meeting, "with the number, in one transaction")
		require.Len(t, held("office", 0), 1)
		require.Empty(t, held("leader", 0))

		moved := *meeting
		moved.At, moved.Place = now.AddDate(0, 0, 10), "区政府二楼"
		require.Len(t, act(obligation.Command{Kind: obligation.Arrange, Text: "会议室占用", Meeting: &moved}).Meeting.Moves, 1)
		due := act(obligation.Command{Kind: obligation.Conclude, Text: "说明了情况", Demands: "完成汇编"}).Meeting.Rectification.Due
		require.Len(t, held("yingji", 0), 1)
		require.Empty(t, held("yingji", due))
		require.Len(t, held("yingji", due+1), 1, "overdue on the day after")
		act(obligation.Command{Kind: obligation.Rectify, Text: "已完成"})
		require.Empty(t, held("yingji", 0))
		require.Empty(t, held("office", due+1), "the office has no deadline")
		require.Len(t, held("office", 0), 1)
		require.True(t, act(obligation.Command{Kind: obligation.VerifyRectification}).IsSettled())
		require.Empty(t, held("office", 0))

		require.NoError(t, store.Exec(t.Context(), s, "UPDATE documents SET meeting = REPLACE(meeting, '完成汇编', '写出汇编') WHERE rung = 'interview'"))
		report, err := s.Verify(t.Context(), nil)
		require.NoError(t, err)
		require.Len(t, report.Findings, 1)
		require.Contains(t, report.Findings[0].Problem, "约谈和整改情况与按台账重演的结果不符")
	})
}

// An interview that was arranged before the ledger spoke of interviews keeps what its columns say.
func TestInterviewFromBeforeTheLedgerSpokeOfIt(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		id := obligationID("10.1", "yingji")
		drafted(t, s, id)
		escalate(t, s, id)
		_, err := s.Issue(t.Context(), id, obligation.Interview, series, start, "王主任", signOff(t, obligation.Interview))
		require.NoError(t, err)
		require.NoError(t, store.Exec(t.Context(), s, "UPDATE documents SET meeting_at = '2026-06-01 06:00:00.000000', place = '三楼' WHERE rung = 'interview'"))
		d, err := s.Document(t.Context(), id, obligation.Interview)
		require.NoError(t, err)
		require.Equal(t, "三楼", d.Meeting.Place)
		_, err = s.Decide(t.Context(), id, func(st obligation.State) (obligation.Entry, error) {
			c := obligation.Command{Kind: obligation.Conclude, By: office(), Text: "说明了情况", Demands: "完成汇编"}
			events, err := obligation.Decide(st.Adopting(d.Meeting), c, cal, d.Meeting.At.Add(time.Hour))
			return obligation.NewEntry(st, events, cal), err
		})
		require.NoError(t, err)
		after, err := s.Document(t.Context(), id, obligation.Interview)
		require.NoError(t, err)
		require.Equal(t, d.Meeting.At, after.Meeting.At)
		require.True(t, after.Meeting.Rectification.WithUnit())
		requireSound(t, s)
	})
}

// Documents of before anybody knew who holds them are found with whoever does.
func TestMigrationTellsWhoHoldsADocument(t *testing.T) {
	undo := map[string][]string{
		store.SQLite: {
			"DROP INDEX documents_by_holder", "ALTER TABLE documents DROP COLUMN meeting", "ALTER TABLE documents DROP COLUMN waiting_on",
			"ALTER TABLE documents DROP COLUMN waits_until",
		},
		store.MySQL: {"ALTER TABLE documents DROP KEY documents_by_holder, DROP COLUMN meeting, DROP COLUMN waiting_on, DROP COLUMN waits_until"},
	}
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) {
			o := d.options(t)
			s, err := store.Open(t.Context(), o)
			require.NoError(t, err)
			arranged := func(id obligation.ID) {
				drafted(t, s, id)
				escalate(t, s, id)
				_, err := s.Issue(t.Context(), id, obligation.Interview, series, start, "王主任", signOff(t, obligation.Interview))
				require.NoError(t, err)
			}
			drafted(t, s, obligationID("1", "draft"))
			drafted(t, s, obligationID("1", "leader"))
			escalate(t, s, obligationID("1", "leader"))
			arranged(obligationID("1", "waits"))
			arranged(obligationID("1", "held"))
			drafted(t, s, obligationID("1", "withdrawn"))
			_, err = s.Decide(t.Context(), obligationID("1", "withdrawn"), func(st obligation.State) (obligation.Entry, error) {
				return decided(t, st, late, obligation.Command{Kind: obligation.Waive, By: office(), Text: "上级已统一印发"}), nil
			})
			require.NoError(t, err)
			require.NoError(t, store.Exec(t.Context(), s,
				"UPDATE documents SET meeting_at = '2026-06-01 06:00:00.000000', place = '三楼' WHERE rung = 'interview' AND unit IN ('waits', 'held')",
				"UPDATE documents SET held_at = '2026-06-01 08:00:00.000000', outcome = '说明了情况' WHERE rung = 'interview' AND unit = 'held'"))
			require.NoError(t, store.Exec(t.Context(), s, append(undo[s.Driver()], "DELETE FROM goose_db_version WHERE version_id = 6")...))
			require.NoError(t, store.Apply(t.Context(), s, 6))
			require.NoError(t, s.Close())

			s = openStore(t, o)
			holders := map[string]string{}
			docs, _, err := s.Documents(t.Context(), obligation.DocumentFilter{Plan: planCode})
			require.NoError(t, err)
			for _, doc := range docs {
				holders[doc.Unit+" "+string(doc.Rung)] = "nobody"
				for _, who := range []string{"office", "leader"} {
					found, _, err := s.Documents(t.Context(), obligation.DocumentFilter{Plan: planCode, Unit: doc.Unit, Rung: doc.Rung, WaitingOn: who})
					require.NoError(t, err)
					if len(found) > 0 {
						holders[doc.Unit+" "+string(doc.Rung)] = who
						require.Equal(t, who, doc.WaitingOn(), "the list agrees with the document")
					}
				}
			}
			want := map[string]string{
				"draft letter": "office", "withdrawn letter": "nobody", "leader interview": "leader", "waits interview": "office", "held interview": "nobody",
			}
			for _, unit := range []string{"leader", "waits", "held"} {
				want[unit+" letter"], want[unit+" circular"] = "nobody", "nobody"
			}
			require.Equal(t, want, holders)
		})
	}
}

// escalate issues whatever is drafted until an interview is.
func escalate(t testing.TB, s *store.Store, id obligation.ID) {
	at := late
	for range 60 {
		v, err := s.Load(t.Context(), id)
		require.NoError(t, err)
		switch rung, waiting := v.State.PendingDraft(); {
		case waiting && rung == obligation.Interview:
			return
		case waiting:
			_, err := s.Issue(t.Context(), id, rung, obligation.SeriesOf(rung, v.State.Due), start, "王主任", signOff(t, rung))
			require.NoError(t, err)
		default:
			at = at.AddDate(0, 0, 7)
			put(t, s, tick(t, v.State, at))
		}
	}
	require.Fail(t, "no interview")
}

func TestDocumentsByPage(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for i := range 7 {
			drafted(t, s, obligationID("10.1", unitCode(i)))
		}
		issueLetter(t, s, obligationID("10.1", unitCode(0)))
		var seen []string
		after := ""
		for {
			docs, next, err := s.Documents(t.Context(), obligation.DocumentFilter{Plan: planCode, Status: obligation.DocumentDraft, After: after, Limit: 4})
			require.NoError(t, err)
			for _, d := range docs {
				seen = append(seen, d.Unit)
			}
			if after = next; next == "" {
				break
			}
		}
		require.Equal(t, []string{unitCode(6), unitCode(5), unitCode(4), unitCode(3), unitCode(2), unitCode(1)}, seen)
		docs, _, err := s.Documents(t.Context(), obligation.DocumentFilter{Unit: unitCode(0)})
		require.NoError(t, err)
		require.Len(t, docs, 1)
		for _, bad := range []string{"x", "e30", fmt.Sprintf("%x", 7)} {
			_, _, err = s.Documents(t.Context(), obligation.DocumentFilter{After: bad})
			requireCode(t, obligation.CodeNotFound, err)
		}
	})
}
