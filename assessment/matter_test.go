package assessment_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// judged are rules by which quality is scored and commendations are judged.
func judged() assessment.Rules {
	r := rules()
	r.Items = append(r.Items, assessment.Item{Code: "excellent", On: assessment.Quality, Grade: assessment.Excellent, Points: 30, Most: 20},
		assessment.Item{Code: "graded", On: assessment.Quality, Points: -5})
	r.Merits = []assessment.Merit{
		{Code: "clean", OnTime: true, Passed: true, Done: 2}, {Code: "passed", Passed: true}, {Code: "top", Upper: 1}, {Code: "best", Grade: assessment.Excellent},
	}
	return r
}

// contest is an assessment of three units: a did two things in time, b one that was returned, c is overdue.
func contest(t *testing.T, r assessment.Rules) *trial {
	c := assessment.Score(r, assessment.Half{Year: 2026, N: 1}, campaign(), workdays(t), [][]obligation.Event{
		ledger("2.1/a/1", "05-20 10:00 submitted", "05-21 10:00 accepted"), ledger("2.2/a/1", "05-20 10:00 submitted", "05-21 10:00 accepted"),
		ledger("2.1/b/1", "05-20 10:00 submitted", "05-21 10:00 returned", "05-25 10:00 submitted", "05-26 10:00 accepted"),
		ledger("2.1/c/1", "05-30 00:00 overdue"),
	})
	tr := &trial{t: t, state: assessment.Begin("p", assessment.Half{Year: 2026, N: 1}, instant("2026-07-01 00:00"))}
	require.NoError(t, tr.do("07-01 00:00", assessment.Command{Kind: assessment.Counted, By: system, Card: &c}))
	return tr
}

// facts returns every unit's rank and points, its merits, and the lines that those rest on.
func (tr *trial) facts() []string {
	var out []string
	for _, u := range tr.state.Ranking() {
		text := fmt.Sprint(u.Rank, u.Unit, " ", u.Points, " ", u.Figures.Light())
		for _, m := range tr.state.Merits(u) {
			text += fmt.Sprintf(" %s:%d", m.Code, len(tr.state.Rests(m, u)))
		}
		out = append(out, text)
	}
	return out
}

// What speaks for a commendation follows from figures, rank and grade by the rules, and changes with them.
func TestMeritsFollowFromWhatHappened(t *testing.T) {
	tr := contest(t, judged())
	require.Equal(t, []string{"1a 102 green clean:2 passed:2 top:0", "2b 99 green", "3c 98 red"}, tr.facts())
	graded := assessment.Command{Kind: assessment.Graded, By: clerk, Unit: "b", Grade: assessment.Excellent, Text: "材料扎实"}
	require.NoError(t, tr.do("07-02 10:00", graded))
	require.Equal(t, []string{"1a 102 green clean:2 passed:2 top:0", "2b 101 green best:1", "3c 98 red"}, tr.facts(), "by the rule, within its bound")
	require.NoError(t, tr.do("07-02 11:00", assessment.Command{Kind: assessment.Adjusted, By: clerk, Unit: "b", Points: points(20), Text: "多做了一件"}))
	require.Equal(t, []string{"1b 103 green top:0 best:1", "2a 102 green clean:2 passed:2", "3c 98 red"}, tr.facts())
}

// A grade is worth what its rule says, and its line names the entry of the record that gave it.
func TestTheOfficesGradeIsTraceable(t *testing.T) {
	tr := contest(t, judged())
	grade := func(g assessment.Grade) assessment.Line {
		require.NoError(t, tr.do("07-02 10:00", assessment.Command{Kind: assessment.Graded, By: clerk, Unit: "b", Grade: g, Text: "因"}))
		lines := tr.state.Ranking()[1].Lines
		return lines[len(lines)-1]
	}
	require.Equal(t, assessment.Line{Seq: 2, At: instant("2026-07-02 10:00"), On: assessment.Quality, Grade: assessment.Excellent, Item: "excellent", Points: 20}, grade(assessment.Excellent))
	again := grade(assessment.Poor)
	require.Equal(t, []any{3, "graded", "-0.5", true}, []any{again.Seq, again.Item, again.Points.String(), again.OfRecord()})
	require.Equal(t, "98.5", tr.state.Ranking()[1].Points.String(), "the last one counts alone")
	unruled := contest(t, rules())
	require.NoError(t, unruled.do("07-02 10:00", assessment.Command{Kind: assessment.Graded, By: clerk, Unit: "b", Grade: assessment.Poor, Text: "因"}))
	require.Equal(t, "99", unruled.state.Ranking()[1].Points.String(), "no rule fits it")
}

// The office has an opinion, a leader decides, and another opinion asks him again.
func TestPeopleDecideAboutCommendationAndVeto(t *testing.T) {
	tr := contest(t, judged())
	do := func(c assessment.Command) { t.Helper(); require.NoError(t, tr.do("07-02 10:00", c)) }
	advise := func(unit string, m assessment.Matter, yes bool) {
		t.Helper()
		do(assessment.Command{Kind: assessment.Advised, By: clerk, Unit: unit, Matter: m, Yes: yes, Text: "全部按时"})
	}
	decide := func(unit string, m assessment.Matter, yes bool) {
		t.Helper()
		do(assessment.Command{Kind: assessment.Decided, By: leader, Unit: unit, Matter: m, Yes: yes, Text: "同意"})
	}
	advise("a", assessment.Commend, true)
	advise("c", assessment.Veto, true)
	do(assessment.Command{Kind: assessment.Closed, By: clerk})
	do(assessment.Command{Kind: assessment.Proposed, By: clerk})
	decide("a", assessment.Commend, true)
	decide("c", assessment.Veto, false)
	v, _ := tr.state.Verdict("c", assessment.Veto)
	require.Equal(t, assessment.Verdict{Opinion: true, Why: "全部按时", Decided: true, Reason: "同意"}, v, "the leader does not follow the office")
	do(assessment.Command{Kind: assessment.Sent, By: leader, Text: "再看 a"})
	advise("a", assessment.Commend, false)
	do(assessment.Command{Kind: assessment.Proposed, By: clerk})
	require.Equal(t, &assessment.Error{Code: assessment.CodeUndecided}, tr.do("07-02 10:00", assessment.Command{Kind: assessment.Signed, By: leader}))
	decide("a", assessment.Commend, true)
	do(assessment.Command{Kind: assessment.Signed, By: leader})
	require.Equal(t, []bool{true, false}, []bool{tr.state.Decided("a", assessment.Commend), tr.state.Decided("c", assessment.Veto)})
}

// Units of which nothing was looked at are named, without a rank; who had ended by then is not.
func TestUnitsWithNothingToDoAreNamed(t *testing.T) {
	p := campaign()
	p.Units = []plan.Unit{{Code: "z", Name: "甲"}, {Code: "a", Name: "乙"}, {Code: "old", Name: "丙", To: calendar.MustDate("2026-06-29")}, {Code: "y", Name: "丁"}}
	card := assessment.Score(rules(), assessment.Half{Year: 2026, N: 1}, p, workdays(t), [][]obligation.Event{
		ledger("2.1/a/1", "05-20 10:00 submitted", "05-21 10:00 accepted"), ledger("2.1/y/1", "05-20 10:00 submitted"),
	})
	require.Len(t, card.Units, 1)
	require.Equal(t, []assessment.IdleUnit{{Unit: "z", Name: "甲"}, {Unit: "y", Name: "丁"}}, card.Idle)
}

// Everybody hears of the publication: what was decided, and who had nothing to do.
func TestNoticesOfWhatWasDecided(t *testing.T) {
	tr := contest(t, judged())
	tr.state.Card.Idle = []assessment.IdleUnit{{Unit: "z", Name: "甲"}}
	var told []string
	do := func(c assessment.Command) {
		e, err := assessment.Decide(tr.state, c, workdays(t), zone, instant("2026-07-02 10:00"))
		require.NoError(t, err)
		tr.state, told = assessment.Apply(tr.state, e), nil
		for _, n := range assessment.Notices(tr.state, e) {
			told = append(told, n.Recipient+" "+n.Text)
			require.True(t, tr.state.Current(n.Recipient, n.Notice))
		}
	}
	do(assessment.Command{Kind: assessment.Graded, By: clerk, Unit: "a", Grade: assessment.Excellent, Text: "材料扎实"})
	require.Equal(t, []string{"a 2026年上半年考核评估中你单位的质量评价为“优”，2 分，理由：材料扎实"}, told)
	do(assessment.Command{Kind: assessment.Advised, By: clerk, Unit: "a", Matter: assessment.Commend, Yes: true, Text: "突出"})
	require.Empty(t, told, "an opinion is the office's own")
	do(assessment.Command{Kind: assessment.Advised, By: clerk, Unit: "c", Matter: assessment.Veto, Yes: true, Text: "屡催不办"})
	do(assessment.Command{Kind: assessment.Closed, By: clerk})
	do(assessment.Command{Kind: assessment.Proposed, By: clerk})
	do(assessment.Command{Kind: assessment.Decided, By: leader, Unit: "a", Matter: assessment.Commend, Yes: true, Text: "按时率 100%"})
	do(assessment.Command{Kind: assessment.Decided, By: leader, Unit: "c", Matter: assessment.Veto, Yes: true, Text: "逾期未办"})
	require.Empty(t, told)
	do(assessment.Command{Kind: assessment.Signed, By: leader})
	do(assessment.Command{Kind: assessment.Published, By: clerk})
	require.Equal(t, []string{
		"a 2026年上半年考核评估已公布，你单位 104 分，第 1 名。决定通报表扬：按时率 100%", "b 2026年上半年考核评估已公布，你单位 99 分，第 2 名。",
		"c 2026年上半年考核评估已公布，你单位 98 分，第 3 名。决定一票否优：逾期未办", "z 2026年上半年考核评估已公布，你单位本期无事项，不排名。",
	}, told)
}
