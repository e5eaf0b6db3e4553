package rehearsal_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/assessment"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
)

var firstHalf = assessment.Half{Year: 2025, N: 1}

func assessRules() assessment.Rules {
	return assessment.Rules{Title: "试行", Base: 1000, Items: []assessment.Item{
		{Code: "on-time", On: assessment.OnTime, Points: 10},
		{Code: "late", On: assessment.Late, Points: -10},
		{Code: "overdue", On: assessment.Overdue, Points: -20},
		{Code: "formal", On: assessment.Issued, Points: -20, Veto: true},
		{Code: "excellent", On: assessment.Quality, Grade: assessment.Excellent, Points: 30},
		{Code: "poor", On: assessment.Quality, Grade: assessment.Poor, Points: -30},
	}, Merits: []assessment.Merit{{Code: "clean", Title: "全部按时", OnTime: true}, {Code: "passed", Title: "无一退回", Passed: true}}}
}

// assessed plays the first half of 2025, and returns how often everything happened.
func assessed(t *testing.T, run *rehearsal.Run) (assessment.State, []assessment.Event, map[assessment.Kind]int) {
	t.Helper()
	st, record, err := run.Assess(firstHalf, assessRules(), 9*time.Hour)
	require.NoError(t, err)
	kinds := map[assessment.Kind]int{}
	for i, e := range record {
		require.Equal(t, i+1, e.Seq)
		require.True(t, i == 0 || !e.At.Before(record[i-1].At), "in the order of time")
		kinds[e.Kind]++
	}
	return st, record, kinds
}

// crowd is the plan with thirty streets that have three dates each within the half-year.
func crowd(t *testing.T) obligation.Definition {
	d := small(t)
	d.Plan.Units = nil
	for n := range 30 {
		d.Plan.Units = append(d.Plan.Units, plan.Unit{Code: fmt.Sprintf("u%02d", n), Name: fmt.Sprintf("第%d街道", n+1), Kind: plan.KindStreet})
	}
	d.Plan.Measures = d.Plan.Measures[:1]
	d.Plan.Measures[0].Audience = plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}}
	d.Plan.Measures[0].Schedule.Due = dates("2025-05-12", "2025-05-30", "2025-06-13")
	return d
}

// manners are those of a crowd that behaves in four ways.
func manners(o rehearsal.Office) rehearsal.Script {
	s := script(onTime, o)
	s.Behaviours = append(s.Behaviours, late, never, wanting)
	s.Units[0].Mix = []rehearsal.Share{{Behaviour: "on-time", Weight: 6}, {Behaviour: "late", Weight: 1}, {Behaviour: "never", Weight: 1}, {Behaviour: "wanting", Weight: 1}}
	return s
}

// The people of a script bring an assessment to its publication, and everybody does what is his to do.
func TestPeopleCarryAnAssessmentThrough(t *testing.T) {
	run := rehearse(t, crowd(t), manners(prompt), "")
	st, record, kinds := assessed(t, run)
	require.Equal(t, assessment.StagePublished, st.Stage)
	for _, k := range []assessment.Kind{assessment.Counted, assessment.Closed, assessment.Proposed, assessment.Signed, assessment.Published} {
		require.Equal(t, 1, kinds[k], k)
	}
	for _, k := range []assessment.Kind{assessment.Scored, assessment.Objected, assessment.Answered, assessment.Adjusted, assessment.Graded, assessment.Advised} {
		require.Positive(t, kinds[k], k)
	}
	require.Equal(t, kinds[assessment.Objected], kinds[assessment.Answered])
	require.Equal(t, kinds[assessment.Advised], kinds[assessment.Decided])
	for _, e := range record {
		require.NotEmpty(t, e.By.Role)
		require.Equal(t, obligation.RoleSystem == e.By.Role, slices.Contains([]assessment.Kind{assessment.Counted, assessment.Closed, assessment.Reminded}, e.Kind), e.Kind)
	}

	again, _, _ := assessed(t, rehearse(t, crowd(t), manners(prompt), ""))
	a, errA := json.Marshal(st)
	b, errB := json.Marshal(again)
	require.NoError(t, errA)
	require.NoError(t, errB)
	require.Equal(t, string(a), string(b), "the same run and rules give the same")
}

// Where somebody does nothing it goes no further, and he is reminded.
func TestWhoDoesNothingHoldsAnAssessmentUp(t *testing.T) {
	for name, tt := range map[string]struct {
		office rehearsal.Office
		stage  assessment.Stage
	}{
		"the office": {rehearsal.Office{Review: rehearsal.Never, Sign: 1}, assessment.StageOffice},
		"the leader": {rehearsal.Office{Review: 1, Sign: rehearsal.Never}, assessment.StageLeader},
	} {
		st, _, kinds := assessed(t, rehearse(t, crowd(t), manners(tt.office), "2025-09-01"))
		require.Equal(t, tt.stage, st.Stage, name)
		require.Greater(t, kinds[assessment.Reminded], 5, name)
	}
}

// A unit that somebody plays by hand is left to him, and what was refused is not tried again.
func TestUnitsThatArePlayedByHandSpeakForThemselves(t *testing.T) {
	run := rehearse(t, crowd(t), manners(prompt), "")
	_, record, _ := assessed(t, run)
	st := assessment.Apply(assessment.Begin("p", firstHalf, record[0].At), record[0])
	cast := rehearsal.NewCast(run.Script, &run.Definition.Plan)
	said := func(byHand bool, refused ...assessment.Kind) bool {
		_, ok := cast.Assess(st, st.Since, func(string) bool { return byHand }, refused, run.Definition.Calendar)
		return ok
	}
	require.True(t, said(false))
	require.False(t, said(true))
	require.False(t, said(false, assessment.Scored, assessment.Objected))
}
