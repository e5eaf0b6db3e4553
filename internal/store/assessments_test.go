package store_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/assessment"
	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
)

var (
	half       = assessment.Half{Year: 2026, N: 1}
	shanghai   = obligation.Location("Asia/Shanghai")
	checkpoint = half.Checkpoint(shanghai)
)

func scoring() assessment.Rules {
	return assessment.Rules{Title: "试行", Base: 1000, Items: []assessment.Item{{Code: "overdue", Title: "逾期未办", On: assessment.Overdue, Points: -20}}}
}

// score gives a card to the units whose obligations are overdue.
func score(t testing.TB, s *store.Store) *assessment.Card {
	scoring := assessment.NewScoring(scoring(), half, plan.Plan{Code: planCode, Zone: "Asia/Shanghai"}, cal)
	require.NoError(t, s.EachLedger(t.Context(), planCode, scoring.Ledger))
	card := scoring.Card()
	return &card
}

// assess lets the store decide a command about the assessment of the test.
func assess(t testing.TB, s *store.Store, c assessment.Command, at time.Time) (assessment.State, assessment.Event, error) {
	return s.DecideAssessment(t.Context(), assessment.Begin(planCode, half, checkpoint), c.Key,
		func(st assessment.State) (assessment.Event, error) {
			return assessment.Decide(st, c, cal, shanghai, at)
		},
		func(st assessment.State) time.Time {
			next, _ := assessment.NextStep(st, cal, shanghai, 9*time.Hour)
			return next.At
		})
}

// countedAssessment is of two units whose obligations were overdue at the checkpoint.
func countedAssessment(t testing.TB, s *store.Store) {
	for _, unit := range []string{"huayang", "yingji"} {
		drafted(t, s, obligationID("10.1", unit))
	}
	_, _, err := assess(t, s, assessment.Command{Kind: assessment.Counted, By: obligation.System, Key: "counted/1", Card: score(t, s)}, checkpoint)
	require.NoError(t, err)
}

func TestRulesAreKeptByVersion(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		_, err := s.Rules(t.Context(), planCode)
		requireCode(t, obligation.CodeNotFound, err)
		rules := scoring()
		for range 2 {
			require.NoError(t, s.PutRules(t.Context(), planCode, rules))
		}
		rules.Base = 900
		require.NoError(t, s.PutRules(t.Context(), planCode, rules))
		got, err := s.Rules(t.Context(), planCode)
		require.NoError(t, err)
		require.Equal(t, rules, got)
		n, err := store.Number(t.Context(), s, "SELECT COUNT(*) FROM assessment_rules")
		require.NoError(t, err)
		require.Equal(t, 2, n, "what was there stays, and the same is no other version")
		requireSound(t, s)
	})
}

func TestAssessmentIsRecordedWithItsNotices(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		_, err := s.AssessmentEvents(t.Context(), planCode, half.String())
		requireCode(t, obligation.CodeNotFound, err)
		countedAssessment(t, s)
		said := assessment.Command{Kind: assessment.Objected, By: unit(), Key: "k-1", Unit: "yingji", Text: "情况不符"}
		state, e, err := assess(t, s, said, checkpoint.Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, []any{2, assessment.StageUnits, "情况不符"}, []any{state.Seq, state.Stage, state.Units["yingji"].Objection})

		again, same, err := assess(t, s, said, checkpoint.Add(2*time.Hour))
		require.NoError(t, err, "asked again it changes nothing, though the core would refuse it now")
		require.Equal(t, []any{state, e}, []any{again, same})
		said.Key = "k-2"
		_, _, err = assess(t, s, said, checkpoint.Add(3*time.Hour))
		var refused *assessment.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, assessment.CodeObjected, refused.Code)

		events, err := s.AssessmentEvents(t.Context(), planCode, half.String())
		require.NoError(t, err)
		require.Len(t, events, 2)
		require.Equal(t, "-2", events[0].Card.Units[0].Lines[0].Points.String(), "the card is kept with every line")
		hashes, err := s.AssessmentHashes(t.Context(), planCode, half.String())
		require.NoError(t, err)
		content, err := json.Marshal(events[0])
		require.NoError(t, err)
		first := obligation.Chain(nil, state.ID(), content)
		content, err = json.Marshal(events[1])
		require.NoError(t, err)
		require.Equal(t, []string{hex.EncodeToString(first), hex.EncodeToString(obligation.Chain(first, state.ID(), content))}, hashes)
		list, err := s.Assessments(t.Context(), planCode)
		require.NoError(t, err)
		require.Equal(t, []assessment.State{state}, list)

		_, err = s.Digest(t.Context(), planCode, calendar.MustDate("2026-07-01"), false, checkpoint.Add(9*time.Hour), nil)
		require.NoError(t, err)
		told := map[string][]string{}
		for _, recipient := range []string{"huayang", "yingji", "office"} {
			for _, g := range inbox(t, s, recipient) {
				for _, m := range g.Messages {
					if m.Assessment != "" {
						told[recipient] = append(told[recipient], m.About()+" "+string(assessment.KindOf(m.Notice)))
					}
				}
			}
		}
		about := planCode + "/2026H1 "
		require.Equal(t, map[string][]string{"huayang": {about + "counted"}, "yingji": {about + "counted"}, "office": {about + "objected"}}, told)
		requireSound(t, s)
	})
}

func TestNoticesOfAnAssessmentThatHoldNoLongerAreDropped(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		countedAssessment(t, s)
		_, _, err := assess(t, s, assessment.Command{Kind: assessment.Closed, By: office()}, checkpoint.Add(time.Hour))
		require.NoError(t, err)
		_, err = s.Digest(t.Context(), planCode, calendar.MustDate("2026-07-01"), false, checkpoint.Add(9*time.Hour), nil)
		require.NoError(t, err)
		for _, g := range inbox(t, s, "yingji") {
			for _, m := range g.Messages {
				require.Empty(t, m.Assessment, "units have had their say")
			}
		}
		requireSound(t, s)
	})
}

func TestAssessmentBrokenOffLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		countedAssessment(t, s)
		before, err := store.Dump(t.Context(), s)
		require.NoError(t, err)
		for _, point := range []string{"assessment", "assessment ledger"} {
			broken := errors.New("broken off at " + point)
			store.SetFault(s, func(at string) error {
				if at == point {
					return broken
				}
				return nil
			})
			_, _, err := assess(t, s, assessment.Command{Kind: assessment.Objected, By: unit(), Unit: "yingji", Text: "不符"}, checkpoint.Add(time.Hour))
			require.ErrorIs(t, err, broken)
			store.SetFault(s, nil)
			after, err := store.Dump(t.Context(), s)
			require.NoError(t, err)
			require.Equal(t, before, after)
		}
	})
}

func TestManyAtOnceLoseNothingOfAnAssessment(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		countedAssessment(t, s)
		var wg sync.WaitGroup
		for n := range 20 {
			points := assessment.Points(n)
			wg.Go(func() {
				c := assessment.Command{Kind: assessment.Scored, By: unit(), Key: fmt.Sprint("k-", n), Unit: "yingji", Points: &points}
				if _, _, err := assess(t, s, c, checkpoint.Add(time.Hour)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		events, err := s.AssessmentEvents(t.Context(), planCode, half.String())
		require.NoError(t, err)
		require.Len(t, events, 21)
		requireSound(t, s)
	})
}

func TestVerifyFindsWhatWasChangedOfAnAssessment(t *testing.T) {
	where := " WHERE assessment = '" + planCode + "/2026H1' AND seq = 2"
	row := " WHERE id = '" + planCode + "/2026H1'"
	for name, tt := range map[string]struct{ statement, problem string }{
		"event changed":    {"UPDATE assessment_ledger SET event = REPLACE(event, '情况不符', '情况属实')" + where, "哈希链断裂"},
		"event removed":    {"DELETE FROM assessment_ledger" + where, "台账最后一条"},
		"column changed":   {"UPDATE assessment_ledger SET kind = 'scored'" + where, "查询列"},
		"state changed":    {"UPDATE assessments SET state = REPLACE(state, '情况不符', '无异议')" + row, "按台账重演"},
		"points changed":   {"UPDATE assessments SET state = REPLACE(state, '\"points\":980', '\"points\":1000')" + row, "按台账重演"},
		"stage changed":    {"UPDATE assessments SET stage = 'published'" + row, "stage"},
		"head changed":     {"UPDATE assessments SET seq = 1" + row, "序号或哈希"},
		"row removed":      {"DELETE FROM assessments" + row, "读模型却没有"},
		"message removed":  {"DELETE FROM messages" + where, "应有1条通知"},
		"message invented": {"UPDATE messages SET seq = 9" + where, "第9条"},
		"rules changed":    {"UPDATE assessment_rules SET content = REPLACE(content, '-20', '-10')", "评分规则"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *store.Store) {
				countedAssessment(t, s)
				require.NoError(t, s.PutRules(t.Context(), planCode, scoring()))
				_, _, err := assess(t, s, assessment.Command{Kind: assessment.Objected, By: unit(), Unit: "yingji", Text: "情况不符"}, checkpoint.Add(time.Hour))
				require.NoError(t, err)
				requireSound(t, s)
				require.Error(t, store.Exec(t.Context(), s, "UPDATE assessment_ledger SET kind = 'x'"), "the record only grows")
				require.Error(t, store.Exec(t.Context(), s, "DELETE FROM assessment_ledger"))
				require.NoError(t, store.Exec(t.Context(), s, "DROP TRIGGER assessment_ledger_no_update"))
				require.NoError(t, store.Exec(t.Context(), s, "DROP TRIGGER assessment_ledger_no_delete"))
				tamper(t, s, tt.statement)
				report, err := s.Verify(t.Context(), nil)
				require.NoError(t, err)
				var problems []string
				for _, f := range report.Findings {
					problems = append(problems, f.Problem)
				}
				require.Contains(t, fmt.Sprint(problems), tt.problem)
			})
		})
	}
}
