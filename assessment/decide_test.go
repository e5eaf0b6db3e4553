package assessment_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
)

var (
	system = obligation.System
	clerk  = obligation.Actor{Role: obligation.RoleOffice, Name: "经办人"}
	leader = obligation.Actor{Role: obligation.RoleLeader, Name: "主任"}
	unit   = obligation.Actor{Role: obligation.RoleUnit, Name: "联络员"}
)

func workdays(t require.TestingT) *calendar.Calendar {
	cal, err := calendar.NewCalendar(1, map[int]calendar.Year{2026: {}})
	require.NoError(t, err)
	return cal
}

func card(t require.TestingT) *assessment.Card {
	c := assessment.Score(rules(), assessment.Half{Year: 2026, N: 1}, campaign(), workdays(t), [][]obligation.Event{
		ledger("2.1/a/1", "05-20 10:00 submitted", "05-21 10:00 accepted"), ledger("2.1/b/1", "05-30 00:00 overdue"),
	})
	return &c
}

// trial is an assessment in a test.
type trial struct {
	t     require.TestingT
	state assessment.State
	now   time.Time
}

func counted(t require.TestingT) *trial {
	tr := &trial{t: t, state: assessment.Begin("p", assessment.Half{Year: 2026, N: 1}, instant("2026-07-01 00:00")), now: instant("2026-07-01 00:00")}
	require.NoError(t, tr.do("07-01 00:00", assessment.Command{Kind: assessment.Counted, By: system, Card: card(t)}))
	return tr
}

func (tr *trial) do(at string, c assessment.Command) error {
	tr.now = instant("2026-" + at)
	e, err := assessment.Decide(tr.state, c, workdays(tr.t), zone, tr.now)
	if err == nil {
		tr.state = assessment.Apply(tr.state, e)
	}
	return err
}

func (tr *trial) next() string {
	n, ok := assessment.NextStep(tr.state, workdays(tr.t), zone, 9*time.Hour)
	if !ok {
		return ""
	}
	return n.At.In(zone).Format("01-02 15:04 ") + string(n.Kind)
}

func points(p assessment.Points) *assessment.Points { return new(p) }

// From the checkpoint to the publication, with everything that people may do on the way.
func TestStoryOfAnAssessment(t *testing.T) {
	tr := counted(t)
	stands := func(stage assessment.Stage, holder, next string) {
		t.Helper()
		require.Equal(t, []any{stage, holder, next}, []any{tr.state.Stage, tr.state.WaitingOn(), tr.next()})
	}
	do := func(at string, c assessment.Command) {
		t.Helper()
		require.NoError(t, tr.do(at, c))
	}
	stands(assessment.StageUnits, "units", "07-06 09:00 reminded")
	require.Equal(t, []string{"a", "b"}, tr.state.Silent())
	do("07-02 10:00", assessment.Command{Kind: assessment.Scored, By: unit, Unit: "a", Points: points(1010), Text: "全部按时"})
	do("07-06 09:00", assessment.Command{Kind: assessment.Reminded, By: system})
	stands(assessment.StageUnits, "units", "07-09 00:00 closed")
	do("07-07 10:00", assessment.Command{Kind: assessment.Objected, By: unit, Unit: "b", Text: "因上级调整"})
	require.Empty(t, tr.state.Silent())
	do("07-09 00:00", assessment.Command{Kind: assessment.Closed, By: system})
	stands(assessment.StageOffice, "office", "07-14 09:00 reminded")
	do("07-14 09:00", assessment.Command{Kind: assessment.Reminded, By: system})
	stands(assessment.StageOffice, "office", "07-17 09:00 reminded")
	do("07-15 10:00", assessment.Command{Kind: assessment.Adjusted, By: clerk, Unit: "b", Points: points(20), Text: "情况属实"})
	do("07-15 10:05", assessment.Command{Kind: assessment.Answered, By: clerk, Unit: "b", Text: "已调整"})
	do("07-15 11:00", assessment.Command{Kind: assessment.Proposed, By: clerk})
	stands(assessment.StageLeader, "leader", "07-20 09:00 reminded")
	do("07-16 10:00", assessment.Command{Kind: assessment.Sent, By: leader, Text: "请核实 b"})
	stands(assessment.StageOffice, "office", "07-21 09:00 reminded")
	require.Equal(t, "请核实 b", tr.state.Why)
	do("07-16 11:00", assessment.Command{Kind: assessment.Adjusted, By: clerk, Unit: "b", Points: points(30), Text: "已核实"})
	do("07-16 11:05", assessment.Command{Kind: assessment.Proposed, By: clerk})
	do("07-17 10:00", assessment.Command{Kind: assessment.Signed, By: leader})
	stands(assessment.StageSigned, "office", "07-22 09:00 reminded")
	do("07-17 11:00", assessment.Command{Kind: assessment.Published, By: clerk})
	stands(assessment.StagePublished, "", "")

	var ranks []string
	for _, u := range tr.state.Ranking() {
		ranks = append(ranks, fmt.Sprint(u.Rank, u.Unit, u.Points))
	}
	require.Equal(t, []string{"1a101", "1b101"}, ranks)
	require.Equal(t, "98", tr.state.Card.Units[1].Points.String(), "what was counted stays")
}

func TestRefusals(t *testing.T) {
	long := make([]rune, 4001)
	for i := range long {
		long[i] = '长'
	}
	say := assessment.Command{Kind: assessment.Scored, By: unit, Unit: "a", Points: points(0)}
	object := assessment.Command{Kind: assessment.Objected, By: unit, Unit: "b", Text: "不对"}
	closed := assessment.Command{Kind: assessment.Closed, By: clerk}
	proposed := assessment.Command{Kind: assessment.Proposed, By: clerk}
	signed := assessment.Command{Kind: assessment.Signed, By: leader}
	published := assessment.Command{Kind: assessment.Published, By: clerk}
	advised := func(m assessment.Matter) assessment.Command {
		return assessment.Command{Kind: assessment.Advised, By: clerk, Unit: "a", Matter: m, Yes: true, Text: "事实清楚"}
	}
	decided := func(m assessment.Matter) assessment.Command {
		return assessment.Command{Kind: assessment.Decided, By: leader, Unit: "a", Matter: m, Yes: true, Text: "同意"}
	}
	against := advised(assessment.Veto)
	against.Yes = false
	for name, tt := range map[string]struct {
		before []assessment.Command
		c      assessment.Command
		want   assessment.Code
	}{
		"counted twice":                {nil, assessment.Command{Kind: assessment.Counted, By: system, Card: card(t)}, assessment.CodeStage},
		"the office scores for a unit": {nil, assessment.Command{Kind: assessment.Scored, By: clerk, Unit: "a", Points: points(0)}, assessment.CodeRole},
		"no points":                    {nil, assessment.Command{Kind: assessment.Scored, By: unit, Unit: "a"}, assessment.CodePoints},
		"no such unit":                 {nil, assessment.Command{Kind: assessment.Scored, By: unit, Unit: "z", Points: points(0)}, assessment.CodeUnit},
		"an objection without a word":  {nil, assessment.Command{Kind: assessment.Objected, By: unit, Unit: "a", Text: " "}, assessment.CodeReason},
		"a second objection":           {[]assessment.Command{object}, object, assessment.CodeObjected},
		"too late":                     {[]assessment.Command{closed}, say, assessment.CodeStage},
		"too long":                     {nil, assessment.Command{Kind: assessment.Objected, By: unit, Unit: "a", Text: string(long)}, assessment.CodeText},
		"an answer to nothing":         {nil, assessment.Command{Kind: assessment.Answered, By: clerk, Unit: "a", Text: "好"}, assessment.CodeNoObjection},
		"an empty answer":              {[]assessment.Command{object}, assessment.Command{Kind: assessment.Answered, By: clerk, Unit: "b"}, assessment.CodeReason},
		"an adjustment without reason": {nil, assessment.Command{Kind: assessment.Adjusted, By: clerk, Unit: "a", Points: points(10)}, assessment.CodeReason},
		"an objection is open":         {[]assessment.Command{object, closed}, proposed, assessment.CodeUnanswered},
		"the office signs":             {[]assessment.Command{closed, proposed}, assessment.Command{Kind: assessment.Signed, By: clerk}, assessment.CodeRole},
		"given back without reason":    {[]assessment.Command{closed, proposed}, assessment.Command{Kind: assessment.Sent, By: leader}, assessment.CodeReason},
		"adjusted after the signature": {[]assessment.Command{closed, proposed, signed}, assessment.Command{Kind: assessment.Adjusted, By: clerk, Unit: "a", Points: points(1), Text: "晚"}, assessment.CodeStage},
		"published unsigned":           {[]assessment.Command{closed}, published, assessment.CodeStage},
		"no such grade":                {nil, assessment.Command{Kind: assessment.Graded, By: clerk, Unit: "a", Grade: "perfect", Text: "好"}, assessment.CodeGrade},
		"a grade of nobody":            {nil, assessment.Command{Kind: assessment.Graded, By: clerk, Grade: assessment.Good, Text: "好"}, assessment.CodeGrade},
		"a grade without reason":       {nil, assessment.Command{Kind: assessment.Graded, By: clerk, Unit: "a", Grade: assessment.Good}, assessment.CodeReason},
		"a leader grades":              {nil, assessment.Command{Kind: assessment.Graded, By: leader, Unit: "a", Grade: assessment.Good, Text: "好"}, assessment.CodeRole},
		"no such matter":               {nil, assessment.Command{Kind: assessment.Advised, By: clerk, Unit: "a", Matter: "expel", Text: "因"}, assessment.CodeMatter},
		"an opinion without reason":    {nil, assessment.Command{Kind: assessment.Advised, By: clerk, Unit: "a", Matter: assessment.Veto}, assessment.CodeReason},
		"the office decides":           {[]assessment.Command{closed, proposed}, assessment.Command{Kind: assessment.Decided, By: clerk, Unit: "a", Matter: assessment.Veto, Text: "因"}, assessment.CodeRole},
		"decided unasked":              {[]assessment.Command{closed, proposed}, decided(assessment.Veto), assessment.CodeNoOpinion},
		"commend whom a veto hits":     {[]assessment.Command{advised(assessment.Veto)}, advised(assessment.Commend), assessment.CodeBoth},
		"both by the leader":           {[]assessment.Command{advised(assessment.Commend), against, closed, proposed, decided(assessment.Commend)}, decided(assessment.Veto), assessment.CodeBoth},
		"signed undecided":             {[]assessment.Command{advised(assessment.Commend), closed, proposed}, signed, assessment.CodeUndecided},
		"an opinion too late":          {[]assessment.Command{closed, proposed}, advised(assessment.Commend), assessment.CodeStage},
		"it is over":                   {[]assessment.Command{closed, proposed, signed, published}, say, assessment.CodeOver},
	} {
		t.Run(name, func(t *testing.T) {
			tr := counted(t)
			for _, c := range tt.before {
				require.NoError(t, tr.do("07-02 10:00", c))
			}
			before := tr.state
			err := tr.do("07-02 11:00", tt.c)
			require.Equal(t, &assessment.Error{Code: tt.want}, err)
			require.Regexp(t, regexp.MustCompile(`\p{Han}.*。$`), err.Error())
			require.Equal(t, before, tr.state)
		})
	}
	begun := assessment.Begin("p", assessment.Half{Year: 2026, N: 1}, instant("2026-07-01 00:00"))
	_, err := assessment.Decide(begun, assessment.Command{Kind: assessment.Counted, By: system}, workdays(t), zone, begun.Since)
	require.Equal(t, &assessment.Error{Code: assessment.CodeCard}, err)
}

// Whatever people do, it waits for somebody and reminds him, until it is published; and its state survives JSON.
func TestNobodyHoldsItUpUnseen(t *testing.T) {
	kinds := []assessment.Kind{
		assessment.Scored, assessment.Objected, assessment.Closed, assessment.Answered, assessment.Adjusted, assessment.Proposed, assessment.Sent,
		assessment.Signed, assessment.Published, assessment.Reminded, assessment.Graded, assessment.Advised, assessment.Decided,
	}
	for _, k := range append(kinds, assessment.Counted) {
		require.NotEmpty(t, k.Chinese())
	}
	rapid.Check(t, func(r *rapid.T) {
		tr := counted(r)
		for range rapid.IntRange(0, 20).Draw(r, "commands") {
			tr.now = tr.now.Add(time.Duration(rapid.IntRange(0, 72).Draw(r, "hours")) * time.Hour)
			c := assessment.Command{
				Kind: rapid.SampledFrom(kinds).Draw(r, "kind"), By: rapid.SampledFrom([]obligation.Actor{system, clerk, leader, unit}).Draw(r, "by"),
				Unit: rapid.SampledFrom([]string{"", "a", "b"}).Draw(r, "unit"), Text: rapid.SampledFrom([]string{"", "理由"}).Draw(r, "text"), Points: points(10),
				Grade: rapid.SampledFrom(append(assessment.Grades, "")).Draw(r, "grade"), Matter: rapid.SampledFrom(append(assessment.Matters, "")).Draw(r, "matter"),
				Yes: rapid.Bool().Draw(r, "yes"),
			}
			e, err := assessment.Decide(tr.state, c, workdays(r), zone, tr.now)
			if err != nil {
				continue
			}
			seq := tr.state.Seq
			tr.state = assessment.Apply(tr.state, e)
			require.Equal(r, seq+1, tr.state.Seq)
		}
		over := tr.state.Stage == assessment.StagePublished
		require.Equal(r, over, tr.state.WaitingOn() == "")
		require.Equal(r, over, tr.next() == "")
		require.NotEmpty(r, tr.state.Stage.Chinese())
		text, err := json.Marshal(tr.state)
		require.NoError(r, err)
		var again assessment.State
		require.NoError(r, json.Unmarshal(text, &again))
		require.Equal(r, tr.state, again)
		for unit := range tr.state.Units {
			require.False(r, tr.state.Decided(unit, assessment.Commend) && tr.state.Decided(unit, assessment.Veto), "commended and ruled out")
		}
	})
}
