package assessment_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/assessment"
	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

var zone = obligation.Location("Asia/Shanghai")

func instant(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func campaign() plan.Plan {
	return plan.Plan{Code: "p", Zone: "Asia/Shanghai", Tasks: []plan.Task{{Code: "2"}, {Code: "10"}, {Code: "S1"}}}
}

// ledger returns the ledger of an obligation that fell due on 2026-05-29, from what its events say: "06-01 00:00 overdue".
func ledger(id string, lines ...string) []obligation.Event {
	key, ok := obligation.ParseID("p/" + id)
	if !ok {
		panic(id)
	}
	cal, err := calendar.NewCalendar(1, map[int]calendar.Year{2026: {}, 2027: {}})
	if err != nil {
		panic(err)
	}
	o := obligation.Opening{
		Facts:  obligation.Facts{ID: key, Task: strings.SplitN(key.Measure, ".", 2)[0], Title: "事项", UnitName: "单位" + key.Unit, Due: calendar.MustDate("2026-05-29")},
		Policy: obligation.Policy{Zone: "Asia/Shanghai"},
	}
	out := []obligation.Event{obligation.Open(o, cal, instant("2026-03-02 09:00"))}
	for _, line := range lines {
		words := strings.Fields(line)
		e := obligation.Event{Seq: len(out) + 1, Kind: obligation.EventKind(words[2]), At: instant("2026-" + words[0] + " " + words[1])}
		if len(words) > 3 {
			e.Rung = obligation.Rung(words[3])
		}
		if e.Kind == obligation.Returned || e.Kind == obligation.Extended {
			e.Due = calendar.MustDate("2026-12-31")
		}
		out = append(out, e)
	}
	return out
}

// dueOn returns such a ledger of an obligation that falls due on another day.
func dueOn(day, id string, lines ...string) []obligation.Event {
	events := ledger(id, lines...)
	facts := *events[0].Facts
	facts.Due = calendar.MustDate(day)
	events[0].Facts, events[0].Due = &facts, facts.Due
	return events
}

func rules() assessment.Rules {
	return assessment.Rules{Title: "试行", Base: 1000, Items: []assessment.Item{
		{Code: "on-time", On: assessment.OnTime, Points: 10, Most: 25},
		{Code: "late", On: assessment.Late, Points: -10},
		{Code: "report", On: assessment.Overdue, Measures: []string{"S1.1"}, Points: -100},
		{Code: "overdue", On: assessment.Overdue, Points: -20},
		{Code: "returned", On: assessment.Returned, Points: -20, Most: 30},
		{Code: "interview", On: assessment.Issued, Rung: obligation.Interview, Points: -50, Veto: true},
		{Code: "formal", On: assessment.Issued, Points: -5},
	}}
}

// told returns a unit's lines in short.
func told(u assessment.UnitScore) []string {
	out := make([]string, len(u.Lines))
	for i, l := range u.Lines {
		if (l.On == assessment.Issued) != (l.Rung != "") {
			panic("a measure is named by what was issued, and by nothing else: " + l.Rung)
		}
		out[i] = fmt.Sprintf("%s#%d %s %s %s", strings.TrimPrefix(l.Obligation, "p/"), l.Seq, l.On, l.Item, l.Points)
	}
	return out
}

func TestScore(t *testing.T) {
	first := assessment.Half{Year: 2026, N: 1}
	for name, tt := range map[string]struct {
		half    assessment.Half
		ledgers [][]obligation.Event
		points  string
		lines   []string
	}{
		"done in time": {first, [][]obligation.Event{ledger("2.1/a/1", "05-20 10:00 submitted", "05-21 10:00 accepted")}, "101", []string{"2.1/a/1#3 on_time on-time 1"}},
		"done late": {
			first,
			[][]obligation.Event{ledger("2.1/a/1", "05-30 00:00 overdue", "06-01 10:00 submitted", "06-02 10:00 accepted")},
			"99",
			[]string{"2.1/a/1#4 late late -1"},
		},
		"not done":                 {first, [][]obligation.Event{ledger("2.1/a/1", "05-30 00:00 overdue")}, "98", []string{"2.1/a/1#2 overdue overdue -2"}},
		"a report that is missing": {first, [][]obligation.Event{ledger("S1.1/a/1", "05-30 00:00 overdue")}, "90", []string{"S1.1/a/1#2 overdue report -10"}},
		"under review, once overdue": {
			first,
			[][]obligation.Event{ledger("2.1/a/1", "05-30 00:00 overdue", "06-05 10:00 issued letter", "06-20 10:00 submitted")},
			"99.5",
			[]string{"2.1/a/1#3 issued formal -0.5"},
		},
		"returned, and in time again": {
			first,
			[][]obligation.Event{ledger("2.1/a/1", "05-20 10:00 submitted", "05-21 10:00 returned", "05-25 10:00 submitted", "05-26 10:00 accepted")},
			"99",
			[]string{"2.1/a/1#3 returned returned -2", "2.1/a/1#5 on_time on-time 1"},
		},
		"more time is looked at, and worth nothing by these rules": {
			first,
			[][]obligation.Event{ledger("2.1/a/1", "05-20 10:00 extended")},
			"100",
			[]string{"2.1/a/1#2 extended  0"},
		},
		"letters and interviews": {
			first,
			[][]obligation.Event{ledger("2.1/a/1", "05-30 00:00 overdue", "06-05 10:00 issued letter", "06-25 10:00 issued interview")},
			"92.5",
			[]string{"2.1/a/1#2 overdue overdue -2", "2.1/a/1#3 issued formal -0.5", "2.1/a/1#4 issued interview -5"},
		},
		"a bound": {first, [][]obligation.Event{
			ledger("2.3/a/1", "05-20 10:00 submitted", "05-21 10:00 accepted"), ledger("2.1/a/1", "05-20 10:00 submitted", "05-21 10:00 accepted"),
			ledger("2.2/a/1", "05-20 10:00 submitted", "05-21 10:00 accepted"), ledger("2.4/a/1", "05-20 10:00 submitted", "05-21 10:00 accepted"),
		}, "102.5", []string{"2.1/a/1#3 on_time on-time 1", "2.2/a/1#3 on_time on-time 1", "2.3/a/1#3 on_time on-time 0.5", "2.4/a/1#3 on_time on-time 0"}},
		"the last instant belongs to it": {first, [][]obligation.Event{ledger("2.1/a/1", "06-30 23:59 submitted", "06-30 23:59 accepted")}, "101", []string{"2.1/a/1#3 on_time on-time 1"}},
		"the next one does not": {
			first,
			[][]obligation.Event{ledger("2.1/a/1", "06-30 23:59 submitted", "07-01 00:00 accepted"), ledger("2.2/a/1", "05-30 00:00 overdue")},
			"98",
			[]string{"2.2/a/1#2 overdue overdue -2"},
		},
		"still open in the second half": {
			assessment.Half{Year: 2026, N: 2},
			[][]obligation.Event{ledger("2.1/a/1", "05-30 00:00 overdue", "06-05 10:00 issued letter")},
			"98",
			[]string{"2.1/a/1#2 overdue overdue -2"},
		},
		"due on the last day": {first, [][]obligation.Event{dueOn("2026-06-30", "2.1/a/1"), dueOn("2026-07-01", "2.2/a/1")}, "98", []string{"2.1/a/1#1 overdue overdue -2"}},
		"due on the last day, after a reminder": {
			first, [][]obligation.Event{dueOn("2026-06-30", "2.1/a/1", "06-29 09:00 reminded remind")}, "98", []string{"2.1/a/1#2 overdue overdue -2"},
		},
		"due on the last day, and handed in": {first, [][]obligation.Event{
			dueOn("2026-06-30", "2.1/a/1", "06-30 17:00 submitted", "07-02 10:00 accepted"), ledger("2.2/a/1", "05-30 00:00 overdue"),
		}, "98", []string{"2.2/a/1#2 overdue overdue -2"}},
		"waived": {
			first,
			[][]obligation.Event{ledger("2.1/a/1", "05-30 00:00 overdue", "06-05 10:00 issued letter", "06-06 10:00 waived")},
			"99.5",
			[]string{"2.1/a/1#3 issued formal -0.5"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			card := assessment.Score(rules(), tt.half, campaign(), workdays(t), tt.ledgers)
			require.Len(t, card.Units, 1)
			require.Equal(t, []any{tt.points, tt.lines}, []any{card.Units[0].Points.String(), told(card.Units[0])})
		})
	}
}

func TestRanking(t *testing.T) {
	card := assessment.Score(rules(), assessment.Half{Year: 2026, N: 1}, campaign(), workdays(t), [][]obligation.Event{
		ledger("10.1/c/1", "05-30 00:00 overdue", "06-25 10:00 issued interview"),
		ledger("10.1/b/1", "05-20 10:00 submitted", "05-21 10:00 accepted"), ledger("S1.1/a/1", "05-20 10:00 submitted", "05-21 10:00 accepted"),
		ledger("2.1/d/1", "05-20 10:00 submitted"),
	})
	ranks := make([]string, len(card.Units))
	for i, u := range card.Units {
		ranks[i] = fmt.Sprintf("%d %s %s %s %d", u.Rank, u.Unit, u.Name, u.Points, len(u.Vetoes))
	}
	require.Equal(t, []string{"1 a 单位a 101 0", "1 b 单位b 101 0", "3 c 单位c 93 1"}, ranks, "of d nothing has happened yet")
	require.Equal(t, "-5", card.Units[2].Vetoes[0].Points.String())
	tasks := make([]string, len(card.Tasks))
	for i, task := range card.Tasks {
		tasks[i] = fmt.Sprint(task.Task, task.Figures)
	}
	require.Equal(t, []string{"10{1 0 1 0 0 1}", "S1{1 0 0 0 0 0}"}, tasks)
}

// The same ledgers under the same rules give the same card, byte for byte: in whatever order they come, and whatever
// happened after the checkpoint.
func TestScoresAreReproducible(t *testing.T) {
	kinds := []string{"submitted", "accepted", "returned", "overdue", "issued letter", "issued interview", "extended", "waived"}
	rapid.Check(t, func(r *rapid.T) {
		half := assessment.Half{Year: 2026, N: 1}
		var all, cut [][]obligation.Event
		for n := range rapid.IntRange(1, 8).Draw(r, "ledgers") {
			var lines []string
			at := instant("2026-04-01 00:00")
			for range rapid.IntRange(0, 6).Draw(r, "events") {
				at = at.Add(time.Duration(rapid.IntRange(0, 40*24).Draw(r, "hours")) * time.Hour)
				lines = append(lines, at.In(zone).Format("01-02 15:04 ")+rapid.SampledFrom(kinds).Draw(r, "kind"))
			}
			events := ledger(fmt.Sprintf("%d.1/%s/%d", 1+n%3, rapid.SampledFrom([]string{"a", "b"}).Draw(r, "unit"), n), lines...)
			all = append(all, events)
			cut = append(cut, slices.DeleteFunc(slices.Clone(events), func(e obligation.Event) bool { return !e.At.Before(half.Checkpoint(zone)) }))
		}
		shuffled := rapid.Permutation(all).Draw(r, "order")
		text := func(ledgers [][]obligation.Event) string {
			b, err := json.Marshal(assessment.Score(rules(), half, campaign(), workdays(t), ledgers))
			require.NoError(t, err)
			return string(b)
		}
		require.Equal(t, text(all), text(shuffled))
		require.Equal(t, text(all), text(cut))
	})
}

func TestRulesThatCannotBe(t *testing.T) {
	require.Empty(t, rules().Validate())
	for want, change := range map[string]func(*assessment.Rules){
		"至少要有一项":         func(r *assessment.Rules) { r.Items = nil },
		"第 2 项没有代码":      func(r *assessment.Rules) { r.Items[1].Code = "" },
		`"late" 写了两次`:    func(r *assessment.Rules) { r.Items[0].Code = "late" },
		`"early" 不认识`:    func(r *assessment.Rules) { r.Items[0].On = "early" },
		"不能限定措施":         func(r *assessment.Rules) { r.Items[0].Rung = obligation.Letter },
		`"press" 不是正式措施`: func(r *assessment.Rules) { r.Items[5].Rung = obligation.Press },
		"不能是负数":          func(r *assessment.Rules) { r.Items[0].Most = -1 },
		"不能限定等次":         func(r *assessment.Rules) { r.Items[0].Grade = assessment.Good },
		`"best" 不认识`:     func(r *assessment.Rules) { r.Items[0].On, r.Items[0].Grade = assessment.Quality, "best" },
		"不能限定分项任务":       func(r *assessment.Rules) { r.Items[2].On = assessment.Quality },
		"第 1 项没有代码（":     func(r *assessment.Rules) { r.Merits = []assessment.Merit{{Upper: 1}} },
		`代码 "m" 写了两次`:    func(r *assessment.Rules) { r.Merits = []assessment.Merit{{Code: "m", Upper: 1}, {Code: "m", Upper: 2}} },
		"（upper）不能是负数":   func(r *assessment.Rules) { r.Merits = []assessment.Merit{{Code: "m", Upper: -1}} },
		`"fine" 不认识`:     func(r *assessment.Rules) { r.Merits = []assessment.Merit{{Code: "m", Grade: "fine"}} },
		"没有写条件":          func(r *assessment.Rules) { r.Merits = []assessment.Merit{{Code: "m"}} },
	} {
		r := rules()
		change(&r)
		faults := r.Validate()
		require.Len(t, faults, 1, want)
		require.Contains(t, faults[0].Error(), want)
	}
	for _, c := range assessment.Causes {
		require.NotEmpty(t, c.Chinese())
	}
	for _, g := range assessment.Grades {
		require.NotEmpty(t, g.Chinese())
	}
	for _, m := range assessment.Matters {
		require.NotEmpty(t, m.Chinese())
	}
}
