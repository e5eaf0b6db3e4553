package rehearsal_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
)

// The ways of the tests' units.
var (
	onTime  = rehearsal.Behaviour{Code: "on-time", Title: "按时", Sign: 1, Report: -2, Rework: 2}
	late    = rehearsal.Behaviour{Code: "late", Title: "迟报", Sign: 3, Report: 8, Rework: 2}
	never   = rehearsal.Behaviour{Code: "never", Title: "不报", Sign: rehearsal.Never, Report: rehearsal.Never}
	wanting = rehearsal.Behaviour{Code: "wanting", Title: "两次退回", Sign: 1, Report: -5, Return: 2, Rework: 2}
	extends = rehearsal.Behaviour{Code: "extends", Title: "延期", Sign: 1, Report: -1, Rework: 2, Extend: []rehearsal.Extra{{Before: 4, By: 10}}}
)

var prompt = rehearsal.Office{Review: 1, Sign: 1, Meet: 3}

// script has every unit behave in one way.
func script(b rehearsal.Behaviour, o rehearsal.Office) rehearsal.Script {
	return rehearsal.Script{
		Code: "test", Title: "情景", Seed: 1, Behaviours: []rehearsal.Behaviour{b},
		Units: []rehearsal.Rule{{Mix: []rehearsal.Share{{Behaviour: b.Code, Weight: 1}}}}, Office: []rehearsal.Office{o},
	}
}

// one is the plan with nothing but the milestone of 区应急局 on 2025-06-30.
func one(t require.TestingT) obligation.Definition {
	d := small(t)
	d.Plan.Measures = d.Plan.Measures[:1]
	d.Plan.Measures[0].Audience = plan.Audience{Units: []string{"yingji"}}
	d.Plan.Measures[0].Schedule.Due = dates("2025-06-30")
	ladder := short()
	ladder.Extensions = 1
	d.Ladders = []obligation.Ladder{ladder}
	return d
}

func rehearse(t require.TestingT, d obligation.Definition, s rehearsal.Script, until string) *rehearsal.Run {
	require.Empty(t, s.Validate(&d.Plan))
	setting := nine
	if until != "" {
		setting.Until = calendar.MustDate(until).At(0, shanghai)
	}
	run, err := rehearsal.Rehearse(d, s, setting)
	require.NoError(t, err)
	return run
}

// story tells what happened, day by day.
func story(run *rehearsal.Run) []string {
	var out []string
	for told := range run.Told() {
		line := told.At.Format("01-02 ") + string(told.Kind)
		if told.Rung != "" {
			line += " " + string(told.Rung)
		}
		if told.To != "" {
			line += " → " + told.To
		}
		out = append(out, line)
	}
	return out
}

func TestUnitsBehaveByScript(t *testing.T) {
	tests := map[string]struct {
		unit   rehearsal.Behaviour
		office rehearsal.Office
		want   []string
	}{
		"on time": {onTime, prompt, []string{
			"04-21 opened → yingji", "04-22 signed", "06-25 reminded remind → yingji", "06-26 submitted → office", "06-27 accepted → yingji",
		}},
		"late": {late, prompt, []string{
			"04-21 opened → yingji", "04-23 reminded remind → yingji", "04-24 signed", "06-25 reminded remind → yingji", "07-01 overdue → yingji",
			"07-03 reminded press → yingji", "07-07 drafted letter → office", "07-08 issued letter → yingji", "07-10 reminded press → yingji",
			"07-10 submitted → office", "07-11 accepted → yingji",
		}},
		"never": {never, prompt, []string{
			"04-21 opened → yingji", "04-23 reminded remind → yingji", "06-25 reminded remind → yingji", "07-01 overdue → yingji",
			"07-03 reminded press → yingji", "07-07 drafted letter → office", "07-08 issued letter → yingji", "07-10 reminded press → yingji",
			"07-17 reminded press → yingji", "07-24 reminded press → yingji", "07-31 reminded press → yingji", "08-07 reminded press → yingji",
			"08-11 drafted interview → office", "08-12 issued interview → yingji", "08-14 reminded press → yingji",
		}},
		"returned twice": {wanting, prompt, []string{
			"04-21 opened → yingji", "04-22 signed", "06-23 submitted → office", "06-24 returned → yingji", "06-26 reminded remind → yingji",
			"06-26 submitted → office", "06-27 returned → yingji", "07-01 reminded remind → yingji", "07-01 submitted → office",
			"07-02 accepted → yingji",
		}},
		"extended": {extends, prompt, []string{
			"04-21 opened → yingji", "04-22 signed", "06-24 extension_asked → office", "06-25 reminded remind → yingji",
			"06-25 extended → yingji", "07-09 reminded remind → yingji", "07-11 submitted → office", "07-14 accepted → yingji",
		}},
		"the office refuses": {extends, rehearsal.Office{Review: 1, Sign: 1, Refuse: true}, []string{
			"04-21 opened → yingji", "04-22 signed", "06-24 extension_asked → office", "06-25 reminded remind → yingji",
			"06-25 extension_refused → yingji", "06-27 submitted → office", "06-30 accepted → yingji",
		}},
		"the office forgets": {late, rehearsal.Office{Review: 1, Sign: 1, Forgets: 100}, []string{
			"04-21 opened → yingji", "04-23 reminded remind → yingji", "04-24 signed", "06-25 reminded remind → yingji", "07-01 overdue → yingji",
			"07-03 reminded press → yingji", "07-07 drafted letter → office", "07-10 reminded press → yingji", "07-10 submitted → office",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, story(rehearse(t, one(t), script(test.unit, test.office), "2025-08-15")))
		})
	}
}

func TestRulesCountInTheirOrder(t *testing.T) {
	d := small(t)
	s := script(onTime, prompt)
	s.Behaviours = append(s.Behaviours, never)
	s.Units = []rehearsal.Rule{
		{Who: rehearsal.Who{Units: []string{"huayang"}, Tasks: []string{"2"}}, Mix: []rehearsal.Share{{Behaviour: "never", Weight: 1}}},
		{Mix: []rehearsal.Share{{Behaviour: "on-time", Weight: 1}}},
	}
	run := rehearse(t, d, s, "")
	for i := range run.Ledgers {
		l := &run.Ledgers[i]
		want := "按时"
		if l.Facts.ID.Unit == "huayang" && l.Facts.Task == "2" {
			want = "不报"
		}
		require.Equal(t, want, l.Behaviour, l.Facts.ID)
	}
}

// many is a plan with enough obligations for shares to show.
func many(t require.TestingT) obligation.Definition {
	d := large(t)
	for i := range d.Ladders {
		d.Ladders[i].Extensions = 2
	}
	return d
}

// mixed has all ways side by side.
func mixed(seed int) rehearsal.Script {
	s := script(onTime, rehearsal.Office{Review: 2, Sign: 1, Meet: 3, Forgets: 10})
	s.Seed = seed
	s.Behaviours = []rehearsal.Behaviour{onTime, late, never, wanting, extends}
	s.Behaviours[0].Spread, s.Behaviours[1].Spread = 3, 5
	s.Units[0].Mix = []rehearsal.Share{
		{Behaviour: "on-time", Weight: 50},
		{Behaviour: "late", Weight: 20},
		{Behaviour: "never", Weight: 10},
		{Behaviour: "wanting", Weight: 10},
		{Behaviour: "extends", Weight: 10},
	}
	return s
}

func TestSharesHoldOverMany(t *testing.T) {
	run := rehearse(t, many(t), mixed(7), "2024-08-01")
	count := map[string]int{}
	for i := range run.Ledgers {
		count[run.Ledgers[i].Behaviour]++
	}
	total := len(run.Ledgers)
	for title, share := range map[string]float64{"按时": 0.5, "迟报": 0.2, "不报": 0.1, "两次退回": 0.1, "延期": 0.1} {
		require.InDelta(t, share, float64(count[title])/float64(total), 0.03, title)
	}
}

func TestSameSeedSameRunByteForByte(t *testing.T) {
	d := many(t)
	d.Plan.Units = d.Plan.Units[:8]
	text := func(seed int) string {
		content, err := json.Marshal(rehearse(t, d, mixed(seed), "2025-01-01").Ledgers)
		require.NoError(t, err)
		return string(content)
	}
	require.Equal(t, text(1), text(1))
	require.NotEqual(t, text(1), text(2))
}

func TestWhatHappensToOneUnitDoesNotChangeAnother(t *testing.T) {
	d := many(t)
	d.Plan.Units = d.Plan.Units[:6]
	all := rehearse(t, d, mixed(1), "2025-01-01")
	alone := d
	alone.Plan.Units = d.Plan.Units[:1]
	for _, l := range rehearse(t, alone, mixed(1), "2025-01-01").Ledgers {
		for i := range all.Ledgers {
			if all.Ledgers[i].Facts.ID == l.Facts.ID {
				require.Len(t, all.Ledgers[i].Events, len(l.Events), "only the numbers of documents go across units")
			}
		}
	}
}

// Whatever the script, ledgers are whole, in order, within the span, and the documents' series have no gaps.
func TestLedgersOfAnyScriptAreSound(t *testing.T) {
	base := many(t)
	rapid.Check(t, func(t *rapid.T) {
		d := base
		d.Plan.Units = d.Plan.Units[:rapid.IntRange(1, 2).Draw(t, "units")]
		sound(t, rehearse(t, d, anyScript(t), "2024-11-15"))
	})
}

func sound(t *rapid.T, run *rehearsal.Run) {
	numbers := map[obligation.Series]int{}
	at := run.From
	for h := range run.All() {
		require.False(t, h.Event.At.Before(at), "in the order of time")
		at = h.Event.At
		require.True(t, at.Before(run.Until))
		if h.Event.Kind == obligation.Issued {
			series := obligation.SeriesOf(h.Event.Rung, calendar.DateOf(at, shanghai))
			numbers[series]++
			require.Equal(t, series.Format(numbers[series]), h.Event.Number)
		}
	}
	for i := range run.Ledgers {
		l := &run.Ledgers[i]
		require.NotEmpty(t, l.Events)
		for j, e := range l.Events {
			require.Equal(t, j+1, e.Seq)
			require.True(t, j == 0 || !e.At.Before(l.Events[j-1].At), "no ledger runs backwards")
		}
		require.Equal(t, l.End, obligation.Replay(obligation.State{}, l.Events))
		if next, ok := obligation.NextStep(l.End, run.Definition.Calendar); ok {
			require.False(t, next.At.Before(run.Until), "nothing that fell due is left out")
		}
	}
}

// While nobody acts, a rehearsal is what the preview says, up to the first document.
func TestNobodyActingIsThePreview(t *testing.T) {
	d := small(t)
	lines, err := rehearsal.Preview(d, nine, rehearsal.Filter{})
	require.NoError(t, err)
	want := map[obligation.ID][]string{}
	over := map[obligation.ID]bool{}
	for _, l := range lines {
		if id := l.Of.ID; !over[id] {
			want[id] = append(want[id], fmt.Sprint(l.At.Unix(), l.Kind, l.Code, l.N))
			over[id] = l.Kind == obligation.Drafted
		}
	}
	run := rehearse(t, d, script(never, rehearsal.Office{Review: rehearsal.Never, Sign: rehearsal.Never}), "2026-03-01")
	for i := range run.Ledgers {
		l := &run.Ledgers[i]
		var got []string
		for _, e := range l.Events {
			if e.Kind == obligation.Recorded {
				continue
			}
			got = append(got, fmt.Sprint(e.At.Unix(), e.Kind, e.Step, e.N))
			if e.Kind == obligation.Drafted {
				break
			}
		}
		require.Equal(t, want[l.Facts.ID], got, l.Facts.ID)
	}
}

func TestSummaryCountsEverythingOnce(t *testing.T) {
	run := rehearse(t, many(t), mixed(3), "2025-01-01")
	s := run.Summary()
	events, counted := 0, rehearsal.Tally{}
	for range run.All() {
		events++
	}
	standing := 0
	for _, u := range s.Units {
		counted.Add(u.Total)
		standing += u.End.Total()
		notices := 0
		for _, n := range u.Weeks {
			notices += n
			require.LessOrEqual(t, n, u.Most)
		}
		require.Equal(t, u.Total.Unit(), notices, u.Code)
	}
	require.Equal(t, s.Total, counted)
	require.Equal(t, len(run.Ledgers), standing)
	require.Equal(t, len(run.Ledgers), s.End.Total())
	require.Equal(t, len(run.Ledgers), s.Total.Opened+s.Total.History)
	require.Positive(t, s.OfficeMost)
	for _, w := range s.Weeks {
		require.Equal(t, time.Monday, w.Monday.Weekday())
		require.LessOrEqual(t, w.Office(), s.OfficeMost)
	}
	require.Greater(t, events, s.Total.Opened)
}

func BenchmarkRehearse(b *testing.B) {
	d := many(b)
	n := 0
	for b.Loop() {
		run, err := rehearsal.Rehearse(d, mixed(1), nine)
		require.NoError(b, err)
		n = len(run.Ledgers)
	}
	b.ReportMetric(float64(n), "obligations")
}
