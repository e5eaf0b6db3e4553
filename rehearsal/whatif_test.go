package rehearsal_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
)

// pastOf takes a rehearsal for what really happened.
func pastOf(run *rehearsal.Run) rehearsal.Past {
	p := rehearsal.Past{Calendar: run.Definition.Calendar, Issued: run.Definition.Plan.Issued, Until: run.Until}
	for i := range run.Ledgers {
		p.Ledgers = append(p.Ledgers, run.Ledgers[i].Events)
	}
	return p
}

// anyScript draws people of all kinds.
func anyScript(t *rapid.T) rehearsal.Script {
	s := mixed(rapid.Int().Draw(t, "seed"))
	days := rapid.Custom(func(t *rapid.T) rehearsal.Days {
		if rapid.IntRange(0, 9).Draw(t, "never") == 0 {
			return rehearsal.Never
		}
		return rehearsal.Days(rapid.IntRange(0, 20).Draw(t, "days"))
	})
	for i := range s.Behaviours {
		b := &s.Behaviours[i]
		b.Sign, b.Rework = days.Draw(t, "sign"), days.Draw(t, "rework")
		b.Report, b.Spread = rehearsal.Days(rapid.IntRange(-30, 60).Draw(t, "report")), rapid.IntRange(0, 10).Draw(t, "spread")
	}
	s.Office[0].Review, s.Office[0].Sign = days.Draw(t, "review"), days.Draw(t, "sign off")
	s.Office[0].Refuse = rapid.Bool().Draw(t, "refuse")
	return s
}

// Without an alternative the past happens again, byte for byte: what was rehearsed lies exactly at its instants.
func TestWithoutAlternativeThePastHappensAgain(t *testing.T) {
	base := many(t)
	base.Plan.Measures = base.Plan.Measures[:20]
	rapid.Check(t, func(t *rapid.T) {
		d := base
		d.Plan.Units = d.Plan.Units[:rapid.IntRange(1, 2).Draw(t, "units")]
		if rapid.Bool().Draw(t, "automatic") {
			d.Ladders = []obligation.Ladder{automatic(d.Ladders[0])}
		}
		past := pastOf(rehearse(t, d, anyScript(t), "2024-12-01"))
		same := rehearsal.Alternative{}
		if rapid.Bool().Draw(t, "the same once more") {
			same = rehearsal.Alternative{Ladders: d.Ladders, Calendar: d.Calendar, RestDays: d.Plan.RestDayRule}
		}
		got := rehearsal.WhatIf(past, same)
		require.Empty(t, got.Dropped)
		require.Len(t, got.Obligations, len(past.Ledgers))
		for i, o := range got.Obligations {
			require.Empty(t, o.Differences, o.Facts.ID)
			require.Equal(t, text(t, past.Ledgers[i]), text(t, o.Events))
		}
		for _, u := range got.Units {
			require.Equal(t, u.Real, u.Alternative)
			require.Zero(t, u.Changed)
		}
		for _, a := range got.Assumptions {
			require.Contains(t, []string{"people", "history"}, a.Code, a.Text)
		}
	})
}

func text(t require.TestingT, v any) string {
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// automatic is the ladder with letters that need no sign-off.
func automatic(l obligation.Ladder) obligation.Ladder {
	l.Steps = slices.Clone(l.Steps)
	for i := range l.Steps {
		if l.Steps[i].Rung == obligation.Letter {
			l.Steps[i].SignOff = obligation.SignOffAuto
		}
	}
	return l
}

// Whatever the alternative, the ledgers are whole, nothing that fell due is left out, and everything that somebody did is
// done again or dropped.
func TestReplayOfAnyAlternativeIsSound(t *testing.T) {
	base := many(t)
	base.Plan.Measures = base.Plan.Measures[:20]
	rapid.Check(t, func(t *rapid.T) {
		d := base
		d.Plan.Units = d.Plan.Units[:1]
		past := pastOf(rehearse(t, d, anyScript(t), "2024-12-01"))
		a := anyAlternative(t, d)
		got := rehearsal.WhatIf(past, a)
		dropped := map[obligation.ID]int{}
		for _, drop := range got.Dropped {
			require.NotEmpty(t, drop.Why)
			require.NotEmpty(t, drop.Code)
			if drop.Kind != obligation.Issued && drop.Kind != obligation.Withdrawn {
				dropped[drop.Obligation]++
			}
		}
		cal := d.Calendar
		if a.Calendar != nil {
			cal = a.Calendar
		}
		for i, o := range got.Obligations {
			require.Equal(t, o.End, obligation.Replay(obligation.State{}, o.Events))
			require.Equal(t, acts(past.Ledgers[i]), acts(o.Events)+dropped[o.Facts.ID])
			for j, e := range o.Events {
				require.Equal(t, j+1, e.Seq)
				require.True(t, e.At.Before(past.Until))
				require.True(t, j == 0 || !e.At.Before(o.Events[j-1].At), "in the order of time")
			}
			if next, ok := obligation.NextStep(o.End, cal); ok {
				require.False(t, next.At.Before(past.Until), "nothing that fell due is left out")
			}
		}
		for _, assumed := range got.Assumptions {
			require.NotEqual(t, "drift", assumed.Code, assumed.Text)
			require.NotContains(t, assumed.Text, "%!", "every text has its values")
		}
		require.Equal(t, text(t, got), text(t, rehearsal.WhatIf(past, a)), "the same question has the same answer")
	})
}

// acts counts what people did but for sign-offs.
func acts(events []obligation.Event) int {
	n := 0
	for _, e := range events {
		if e.By.Role != obligation.RoleSystem && e.Kind != obligation.Issued && e.Kind != obligation.Withdrawn {
			n++
		}
	}
	return n
}

func anyAlternative(t *rapid.T, d obligation.Definition) rehearsal.Alternative {
	var a rehearsal.Alternative
	offset := rapid.IntRange(-4, 20)
	l := d.Ladders[0]
	l.Cure, l.Rework, l.Extensions = rapid.IntRange(1, 10).Draw(t, "cure"), rapid.IntRange(1, 10).Draw(t, "rework"), rapid.IntRange(0, 2).Draw(t, "extensions")
	l.Steps = slices.Clone(l.Steps)
	for i := range l.Steps {
		if st := &l.Steps[i]; st.Rung.Formal() {
			st.Offset += offset.Draw(t, "later")
			if i > 0 && l.Steps[i-1].Rung.Formal() {
				st.Offset = max(st.Offset, l.Steps[i-1].Offset)
			}
		}
	}
	if rapid.Bool().Draw(t, "automatic") {
		l = automatic(l)
	}
	require.Empty(t, l.Validate())
	switch rapid.IntRange(0, 2).Draw(t, "ladder") {
	case 0:
		a.Ladders = []obligation.Ladder{l}
	case 1:
		a.Ladder = &l
	}
	if rapid.Bool().Draw(t, "calendar") {
		cal, err := calendar.NewCalendar(9, map[int]calendar.Year{2024: {Off: []string{"0601-0620", "0901-0915"}, On: []string{"0706", "0707"}}})
		require.NoError(t, err)
		a.Calendar = cal
	}
	a.RestDays = rapid.SampledFrom([]plan.RestDayRule{"", plan.RestDayNextDay, plan.RestDayNextWorkday}).Draw(t, "rest days")
	a.Shift = rapid.SampledFrom([]int{0, 0, -30, -3, 3, 30}).Draw(t, "shift")
	if rapid.IntRange(0, 5).Draw(t, "due") == 0 {
		a.Due = calendar.MustDate("2024-08-31")
	}
	return a
}

// chronicle writes one obligation's ledger by hand: whatever falls due by itself happens on time.
type chronicle struct {
	t      *testing.T
	cal    *calendar.Calendar
	state  obligation.State
	events []obligation.Event
}

// opened begins the ledger of an obligation of 区应急局 that is due on 30 June.
func opened(t *testing.T, measure string, l obligation.Ladder) *chronicle {
	c := &chronicle{t: t, cal: holidays(t)}
	o := obligation.Opening{
		Facts: obligation.Facts{
			ID:   obligation.ID{Plan: "p", Measure: measure, Unit: "yingji", Period: "1"},
			Task: "1", Title: "修订标准", UnitName: "区应急局", Due: calendar.MustDate("2025-06-30"),
		},
		Policy: obligation.Policy{Ladder: l, Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay, At: 9 * time.Hour},
	}
	c.record(obligation.Open(o, c.cal, on("04-21 09:00")))
	return c
}

func on(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", "2025-"+text, shanghai)
	if err != nil {
		panic(err)
	}
	return at
}

func (c *chronicle) record(events ...obligation.Event) {
	c.state, c.events = obligation.Replay(c.state, events), append(c.events, events...)
}

func (c *chronicle) until(now time.Time) {
	for {
		next, ok := obligation.NextStep(c.state, c.cal)
		if !ok || next.At.After(now) {
			return
		}
		at := next.At
		if last := c.events[len(c.events)-1].At; at.Before(last) {
			at = last // something had held it up
		}
		events, err := obligation.Decide(c.state, obligation.Command{Kind: obligation.Tick}, c.cal, at)
		require.NoError(c.t, err)
		c.record(events...)
	}
}

func (c *chronicle) do(at string, command obligation.Command) *chronicle {
	c.until(on(at))
	command.By = obligation.Actor{Role: obligation.RoleUnit, Name: "李联络"}
	if command.Kind != obligation.Sign && command.Kind != obligation.Submit && command.Kind != obligation.AskExtension {
		command.By = obligation.Actor{Role: obligation.RoleOffice, Name: "王主任"}
	}
	if command.Kind == obligation.Issue {
		command.Number, command.Letters = "长安委办〔2025〕1号", 1
	}
	if command.Text == "" && command.Kind != obligation.Issue && command.Kind != obligation.Sign {
		command.Text = "写明"
	}
	events, err := obligation.Decide(c.state, command, c.cal, on(at))
	require.NoError(c.t, err, at)
	c.record(events...)
	return c
}

// past is what the ledgers say up to a day.
func past(day string, ledgers ...*chronicle) rehearsal.Past {
	p := rehearsal.Past{Until: on(day + " 00:00"), Issued: calendar.MustDate("2025-03-01")}
	for _, c := range ledgers {
		c.until(p.Until.Add(-1))
		p.Calendar, p.Ledgers = c.cal, append(p.Ledgers, c.events)
	}
	return p
}

// told lists the differences: what, when really, when otherwise.
func toldDifferences(c *rehearsal.Comparison) []string {
	day := func(at time.Time) string {
		if at.IsZero() {
			return "-"
		}
		return at.In(shanghai).Format("01-02")
	}
	out := []string{}
	for _, o := range c.Obligations {
		for _, d := range o.Differences {
			name := string(d.Kind)
			if d.Step != "" {
				name = d.Step
			} else if d.Rung != "" {
				name += " " + string(d.Rung)
			}
			out = append(out, fmt.Sprintf("%s %s → %s", name, day(d.Real), day(d.Alternative)))
		}
	}
	return out
}

func toldDrops(c *rehearsal.Comparison) []string {
	out := []string{}
	for _, d := range c.Dropped {
		out = append(out, fmt.Sprintf("%s %s: %s", d.At.In(shanghai).Format("01-02"), d.Kind, d.Code))
	}
	return out
}

func assumed(c *rehearsal.Comparison) []string {
	out := []string{}
	for _, a := range c.Assumptions {
		if a.Code != "people" {
			out = append(out, fmt.Sprintf("%s %s ×%d %d/%d", a.Code, a.Rung, a.Count, a.Days, a.Of))
		}
	}
	return out
}

// bare is a ladder with nothing but a letter and an interview.
func bare(letter, interview int) obligation.Ladder {
	l := short()
	l.Extensions = 1
	l.Steps = []obligation.Step{
		step("letter", obligation.Letter, obligation.AnchorDue, letter, 0, 0),
		step("interview", obligation.Interview, obligation.AnchorDue, interview, 0, 2),
	}
	return l
}

var (
	sign   = obligation.Command{Kind: obligation.Sign}
	submit = obligation.Command{Kind: obligation.Submit}
	accept = obligation.Command{Kind: obligation.Accept}
	issue  = obligation.Command{Kind: obligation.Issue, Rung: obligation.Letter}
)

// The letter really came on 7 July, waited until the 9th, and the unit reported on the 30th.
func lateByAMonth(t *testing.T) *chronicle {
	return opened(t, "1.1", bare(5, 30)).do("04-22 10:00", sign).do("07-09 15:00", issue).do("07-30 10:00", submit).do("07-31 10:00", accept)
}

func TestAnotherLadder(t *testing.T) {
	for name, c := range map[string]struct {
		ladder                 obligation.Ladder
		differ, drop, assuming []string
	}{
		"earlier, and as long until it is signed off": {
			bare(2, 30),
			[]string{"drafted letter 07-07 → 07-02", "issued letter 07-09 → 07-04"},
			[]string{},
			[]string{"as_long letter ×1 0/0"},
		},
		"never, so that nothing is signed off": {
			bare(40, 60),
			[]string{"drafted letter 07-07 → -", "issued letter 07-09 → -"},
			[]string{"07-09 issued: no_draft"},
			[]string{},
		},
		"an interview that never was": {
			bare(2, 12),
			[]string{"drafted letter 07-07 → 07-02", "issued letter 07-09 → 07-04", "drafted interview - → 07-16", "issued interview - → 07-17"},
			[]string{},
			[]string{"as_guessed interview ×1 1/0", "as_long letter ×1 0/0"},
		},
		"by itself": {
			automatic(bare(5, 30)),
			[]string{"issued letter 07-09 → 07-07"},
			[]string{},
			[]string{},
		},
		"the same": {bare(5, 30), []string{}, []string{}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := rehearsal.WhatIf(past("08-15", lateByAMonth(t)), rehearsal.Alternative{Ladders: []obligation.Ladder{c.ladder}})
			require.Equal(t, c.differ, toldDifferences(got))
			require.Equal(t, c.drop, toldDrops(got))
			require.Equal(t, c.assuming, assumed(got))
		})
	}
}

func TestLadderOfAnotherCodeIsNotReplaced(t *testing.T) {
	other := bare(2, 30)
	other.Code = "other"
	p := past("08-15", lateByAMonth(t))
	require.Empty(t, toldDifferences(rehearsal.WhatIf(p, rehearsal.Alternative{Ladders: []obligation.Ladder{other}})))
	require.NotEmpty(t, toldDifferences(rehearsal.WhatIf(p, rehearsal.Alternative{Ladder: &other})), "but one for all is")
}

func TestUnitsAreSummedUp(t *testing.T) {
	got := rehearsal.WhatIf(past("08-15", lateByAMonth(t)), rehearsal.Alternative{Ladders: []obligation.Ladder{bare(2, 12)}})
	require.Len(t, got.Units, 1)
	u := got.Units[0]
	require.Equal(t, "区应急局", u.Name)
	require.Equal(t, [2]int{1, 1}, [2]int{u.Obligations, u.Changed})
	require.Equal(t, [2]int{1, 0}, [2]int{u.Real.Letters, u.Real.Interviews})
	require.Equal(t, [2]int{1, 1}, [2]int{u.Alternative.Letters, u.Alternative.Interviews})
	require.Equal(t, "（试算，无文号）", got.Obligations[0].Events[len(got.Obligations[0].Events)-3].Number)
}

// What the office left lying is not signed off because it comes on another day, before it has waited as long.
func TestDraftThatNobodySignedOff(t *testing.T) {
	left := opened(t, "1.1", bare(5, 30)).do("04-22 10:00", sign).do("07-16 10:00", submit).do("07-17 10:00", accept)
	p := past("08-15", left)
	require.Empty(t, toldDifferences(rehearsal.WhatIf(p, rehearsal.Alternative{})))
	got := rehearsal.WhatIf(p, rehearsal.Alternative{Ladders: []obligation.Ladder{bare(2, 30)}})
	require.Equal(t, []string{"drafted letter 07-07 → 07-02", "issued letter - → 07-11", "withdrawn letter 07-17 → -"}, toldDifferences(got),
		"it had waited seven working days when the report came")
	require.Equal(t, []string{"as_waited letter ×1 1/0"}, assumed(got))
}

// The time in review is not the sign-off's: what took two days from the return takes two days from it again.
func TestSignOffAfterAReturn(t *testing.T) {
	back := obligation.Command{Kind: obligation.Return, Due: calendar.MustDate("2025-08-29")}
	c := opened(t, "1.1", bare(5, 60)).do("07-08 10:00", submit).do("07-22 10:00", back).do("07-24 15:00", issue)
	got := rehearsal.WhatIf(past("08-15", c), rehearsal.Alternative{Ladders: []obligation.Ladder{bare(4, 60)}})
	require.Equal(t, []string{"drafted letter 07-07 → 07-04"}, toldDifferences(got))
	got = rehearsal.WhatIf(past("08-15", c), rehearsal.Alternative{Ladders: []obligation.Ladder{bare(1, 60)}})
	require.Equal(t, []string{"drafted letter 07-07 → 07-01", "issued letter 07-24 → 07-03"}, toldDifferences(got))
}

func TestSignOffThatWaitsForAReturnOnARestDay(t *testing.T) {
	back := obligation.Command{Kind: obligation.Return, Due: calendar.MustDate("2025-08-29")}
	c := opened(t, "1.1", bare(5, 60)).do("07-07 15:00", issue).do("07-08 10:00", submit).do("07-19 11:00", back)
	got := rehearsal.WhatIf(past("08-15", c), rehearsal.Alternative{Ladders: []obligation.Ladder{bare(6, 60)}})
	require.Equal(t, []string{"drafted letter 07-07 → 07-08", "issued letter 07-07 → 07-19"}, toldDifferences(got))
}

// What two people did at one instant is done again in the order in which it is recorded.
func TestActsAtOneInstantKeepTheirOrder(t *testing.T) {
	nudge := obligation.Command{Kind: obligation.Nudge}
	for _, c := range []*chronicle{
		opened(t, "1.1", bare(5, 60)).do("07-08 15:00", issue).do("07-08 15:00", nudge),
		opened(t, "1.1", bare(5, 60)).do("07-08 15:00", nudge).do("07-08 15:00", issue),
	} {
		p := past("08-15", c)
		require.Equal(t, text(t, c.events), text(t, rehearsal.WhatIf(p, rehearsal.Alternative{}).Obligations[0].Events))
	}
}

// A refusal after the deadline lets the deadline pass there and then.
func TestApplicationThatWasRefusedLate(t *testing.T) {
	ask := obligation.Command{Kind: obligation.AskExtension, Due: calendar.MustDate("2025-07-18")}
	c := opened(t, "1.1", bare(5, 60)).do("06-20 10:00", ask).do("07-03 10:00", obligation.Command{Kind: obligation.RefuseExtension})
	p := past("08-15", c)
	got := rehearsal.WhatIf(p, rehearsal.Alternative{})
	require.Equal(t, text(t, c.events), text(t, got.Obligations[0].Events))
	require.Equal(t, on("07-03 10:00").UTC(), got.Obligations[0].Events[3].At)
}

func TestSignOffThatIsStillToComeIsNotDropped(t *testing.T) {
	c := opened(t, "1.1", bare(5, 30)).do("07-09 15:00", issue)
	got := rehearsal.WhatIf(past("07-29", c), rehearsal.Alternative{Ladders: []obligation.Ladder{bare(20, 30)}})
	require.Equal(t, []string{"drafted letter 07-07 → 07-28", "issued letter 07-09 → -"}, toldDifferences(got))
	require.Empty(t, toldDrops(got))
}

// What went out by itself says nothing of how long the office takes.
func TestLetterThatNeedsASignOffAfterAll(t *testing.T) {
	c := opened(t, "1.1", automatic(bare(5, 60)))
	c.until(on("07-07 09:00"))
	issue := obligation.Command{Kind: obligation.Issue, By: obligation.System, Rung: obligation.Letter, Number: "1号", Letters: 1}
	events, err := obligation.Decide(c.state, issue, c.cal, on("07-07 09:00"))
	require.NoError(t, err)
	c.record(events...)
	p := past("07-31", c)
	require.Equal(t, text(t, c.events), text(t, rehearsal.WhatIf(p, rehearsal.Alternative{}).Obligations[0].Events))
	got := rehearsal.WhatIf(p, rehearsal.Alternative{Ladders: []obligation.Ladder{bare(5, 60)}})
	require.Equal(t, []string{"issued letter 07-07 → 07-08"}, toldDifferences(got))
	require.Equal(t, []string{"as_guessed letter ×1 1/0"}, assumed(got))
	last := got.Obligations[0].Events[len(got.Obligations[0].Events)-1]
	require.Equal(t, obligation.RoleOffice, last.By.Role)
}

func TestWaivedObligation(t *testing.T) {
	c := opened(t, "1.1", bare(5, 60)).do("07-08 10:00", obligation.Command{Kind: obligation.Waive})
	p := past("08-15", c)
	require.Equal(t, text(t, c.events), text(t, rehearsal.WhatIf(p, rehearsal.Alternative{}).Obligations[0].Events))
	got := rehearsal.WhatIf(p, rehearsal.Alternative{Ladders: []obligation.Ladder{bare(30, 60)}})
	require.Equal(t, []string{"drafted letter 07-07 → -", "withdrawn letter 07-08 → -"}, toldDifferences(got))
	require.Equal(t, obligation.StageWaived, got.Obligations[0].End.Stage)
}

// Nothing is signed off while an obligation is suspended, and what waited is signed off once it goes on.
func TestSuspendedObligation(t *testing.T) {
	suspend, resume := obligation.Command{Kind: obligation.Suspend}, obligation.Command{Kind: obligation.Resume}
	c := opened(t, "1.1", bare(5, 60)).do("07-09 15:00", issue).do("07-10 10:00", suspend).do("07-21 10:00", resume).do("07-24 10:00", submit)
	p := past("08-15", c)
	require.Equal(t, text(t, c.events), text(t, rehearsal.WhatIf(p, rehearsal.Alternative{}).Obligations[0].Events))
	got := rehearsal.WhatIf(p, rehearsal.Alternative{Ladders: []obligation.Ladder{bare(7, 60)}})
	require.Equal(t, []string{"drafted letter 07-07 → 07-09", "issued letter 07-09 → 07-21"}, toldDifferences(got))
	require.Empty(t, toldDrops(got))
	got = rehearsal.WhatIf(p, rehearsal.Alternative{Shift: 30})
	require.Equal(t, 7, got.Obligations[0].End.SuspendedDays)
	require.Equal(t, []string{"07-09 issued: no_draft"}, toldDrops(got))
}

// A kind of event that the replay has no command for is listed, and holds nothing up.
func TestEventOfAnUnknownKindIsDropped(t *testing.T) {
	c := opened(t, "1.1", bare(5, 60)).do("07-09 15:00", issue)
	c.record(obligation.Event{Seq: c.state.Seq + 1, Kind: "danced", At: on("07-10 10:00").UTC(), By: obligation.Actor{Role: obligation.RoleUnit}})
	got := rehearsal.WhatIf(past("08-15", c), rehearsal.Alternative{})
	require.Equal(t, []string{"07-10 danced: unknown_command"}, toldDrops(got))
	require.Empty(t, toldDifferences(got))
}

func TestDraftThatTheOfficeWithdrew(t *testing.T) {
	withdrawn := opened(t, "1.1", bare(5, 60)).do("07-08 10:00", obligation.Command{Kind: obligation.WithdrawDoc, Rung: obligation.Letter})
	got := rehearsal.WhatIf(past("08-15", withdrawn), rehearsal.Alternative{Ladders: []obligation.Ladder{bare(2, 60)}})
	require.Equal(t, []string{"drafted letter 07-07 → 07-02", "withdrawn letter 07-08 → 07-03"}, toldDifferences(got))
}

// The median of what the past's letters took, for a letter that never was.
func TestLetterThatNeverWasIsSignedOffAfterTheMedian(t *testing.T) {
	a := opened(t, "1.1", bare(5, 60)).do("07-08 15:00", issue)
	b := opened(t, "1.2", bare(5, 60)).do("07-14 15:00", issue)
	c := opened(t, "1.3", bare(5, 60)).do("07-10 15:00", issue)
	mild := bare(60, 90)
	mild.Code = "mild"
	d := opened(t, "1.4", mild).do("07-28 10:00", submit)
	got := rehearsal.WhatIf(past("08-01", a, b, c, d), rehearsal.Alternative{Ladder: new(bare(5, 60))})
	require.Contains(t, toldDifferences(got), "issued letter - → 07-10")
	require.Contains(t, assumed(got), "as_usual letter ×1 3/3")
}

func TestAnotherDueDate(t *testing.T) {
	p := past("08-15", lateByAMonth(t))
	for name, a := range map[string]rehearsal.Alternative{
		"a date": {Due: calendar.MustDate("2025-07-29")}, "days": {Shift: 29}, "a date before days": {Due: calendar.MustDate("2025-07-29"), Shift: -5},
	} {
		got := rehearsal.WhatIf(p, a)
		require.Equal(t, []string{"overdue 07-01 → 07-30", "drafted letter 07-07 → -", "issued letter 07-09 → -"}, toldDifferences(got), name)
		require.Equal(t, "2025-07-29", got.Obligations[0].End.Original.String(), name)
		require.Equal(t, "2025-06-30", got.Obligations[0].Facts.Due.String(), name)
	}
	early := rehearsal.WhatIf(p, rehearsal.Alternative{Due: calendar.MustDate("2025-02-28")})
	require.True(t, early.Obligations[0].End.BeforeIssue, "what falls due before the plan was issued never escalates")
	require.Equal(t, []string{"overdue 07-01 → -", "drafted letter 07-07 → -", "issued letter 07-09 → -"}, toldDifferences(early))
}

func TestAnotherCalendarAndRestDayRule(t *testing.T) {
	p := past("08-15", lateByAMonth(t))
	cal, err := calendar.NewCalendar(4, map[int]calendar.Year{2025: {Off: []string{"0630", "0702"}}})
	require.NoError(t, err)
	require.Equal(t, []string{"drafted letter 07-07 → 07-08", "issued letter 07-09 → 07-10"},
		toldDifferences(rehearsal.WhatIf(p, rehearsal.Alternative{Calendar: cal})))
	require.Equal(t, []string{"overdue 07-01 → 07-02", "drafted letter 07-07 → 07-09", "issued letter 07-09 → 07-11"},
		toldDifferences(rehearsal.WhatIf(p, rehearsal.Alternative{Calendar: cal, RestDays: plan.RestDayNextWorkday})))
}

func TestReturnsAndTheirDeadlines(t *testing.T) {
	l := bare(5, 60)
	l.Rework = 3
	back := obligation.Command{Kind: obligation.Return}
	own := obligation.Command{Kind: obligation.Return, Due: calendar.MustDate("2025-07-18")}
	byLadder := opened(t, "1.1", bare(5, 60)).do("06-27 10:00", submit).do("07-01 10:00", back)
	byOffice := opened(t, "1.2", bare(5, 60)).do("06-27 10:00", submit).do("07-01 10:00", own)
	got := rehearsal.WhatIf(past("07-31", byLadder, byOffice), rehearsal.Alternative{Ladders: []obligation.Ladder{l}})
	require.Equal(t, []string{"overdue 07-09 → 07-05", "drafted letter 07-15 → 07-11", "issued letter - → 07-28"}, toldDifferences(got),
		"the ladder's is the ladder's again, the office's stays")
}

func TestExtensionsKeepTheirDates(t *testing.T) {
	ask := obligation.Command{Kind: obligation.AskExtension, Due: calendar.MustDate("2025-07-18")}
	grant := obligation.Command{Kind: obligation.GrantExtension}
	extended := opened(t, "1.1", bare(5, 60)).do("06-20 10:00", ask).do("06-23 10:00", grant).do("07-17 10:00", submit)
	p := past("07-31", extended)
	require.Equal(t, "2025-07-18", rehearsal.WhatIf(p, rehearsal.Alternative{Shift: 7}).Obligations[0].End.Due.String())

	got := rehearsal.WhatIf(p, rehearsal.Alternative{Shift: 30})
	require.Equal(t, []string{"06-20 extension_asked: due_invalid", "06-23 extended: no_extension"}, toldDrops(got), "there was as much time already")
	for _, d := range got.Dropped {
		require.Equal(t, "1.1", d.Obligation.Measure)
	}
	none := bare(5, 60)
	none.Extensions = 0
	got = rehearsal.WhatIf(p, rehearsal.Alternative{Ladders: []obligation.Ladder{none}})
	require.Equal(t, []string{"06-20 extension_asked: extensions_used", "06-23 extended: no_extension"}, toldDrops(got))
	require.Equal(t, []string{"overdue - → 07-01", "drafted letter - → 07-07", "issued letter - → 07-08"}, toldDifferences(got))
}

func TestRearmings(t *testing.T) {
	c := opened(t, "1.1", bare(5, 60))
	c.until(on("05-06 10:00"))
	moved, policy := c.state.Facts, c.state.Policy
	moved.Title, moved.Due = "修订并印发标准", calendar.MustDate("2025-07-10")
	policy.Ladder = bare(10, 60)
	c.do("05-06 10:00", obligation.Command{Kind: obligation.Rearm, Facts: &moved})
	c.do("05-07 10:00", obligation.Command{Kind: obligation.Rearm, Policy: &policy})
	p := past("08-15", c)
	require.Empty(t, toldDifferences(rehearsal.WhatIf(p, rehearsal.Alternative{})))

	got := rehearsal.WhatIf(p, rehearsal.Alternative{Ladders: []obligation.Ladder{bare(2, 60)}})
	require.Equal(t, []string{"drafted letter 07-24 → 07-14", "issued letter - → 08-04"}, toldDifferences(got),
		"the facts are kept, the ladder is the alternative's")
	require.Equal(t, "修订并印发标准", got.Obligations[0].End.Title)
	require.Equal(t, []string{"05-07 rearmed: nothing_to_do"}, toldDrops(got))

	got = rehearsal.WhatIf(p, rehearsal.Alternative{Due: calendar.MustDate("2025-06-30")})
	require.Equal(t, "修订并印发标准", got.Obligations[0].End.Title)
	require.Equal(t, "2025-06-30", got.Obligations[0].End.Due.String())
	require.Equal(t, "2025-07-17", rehearsal.WhatIf(p, rehearsal.Alternative{Shift: 7}).Obligations[0].End.Due.String())
}

// An interview comes forward with the unit's second letter, wherever the first one was about.
func TestLettersOfOneUnitCountTogether(t *testing.T) {
	a, b := opened(t, "1.1", bare(5, 60)).do("07-08 15:00", issue), opened(t, "1.2", bare(40, 60))
	p := past("08-15", a, b)
	two := rehearsal.Alternative{Ladders: []obligation.Ladder{bare(5, 60)}}
	require.Empty(t, toldDifferences(rehearsal.WhatIf(p, rehearsal.Alternative{})))
	require.Contains(t, toldDifferences(rehearsal.WhatIf(p, two)), "drafted interview - → 07-15")

	alone := past("08-15", b)
	require.NotContains(t, toldDifferences(rehearsal.WhatIf(alone, two)), "drafted interview - → 07-15")
	alone.Letters = []obligation.PastLetter{{Unit: "huayang", At: on("03-01 10:00")}, {Unit: "yingji", At: on("03-03 10:00")}, {Unit: "yingji", At: on("08-01 10:00")}}
	got := rehearsal.WhatIf(alone, two)
	require.Contains(t, toldDifferences(got), "drafted interview - → 07-15")
	require.Contains(t, assumed(got), "other_letters  ×3 0/0")
	elsewhere := alone
	elsewhere.Letters = []obligation.PastLetter{{Unit: "huayang", At: on("03-01 10:00")}, {Unit: "huayang", At: on("03-03 10:00")}}
	require.NotContains(t, toldDifferences(rehearsal.WhatIf(elsewhere, two)), "drafted interview - → 07-15", "another unit's letters do not count")
	alone.Letters = alone.Letters[2:]
	require.NotContains(t, toldDifferences(rehearsal.WhatIf(alone, two)), "drafted interview - → 07-15", "a letter to come does not count yet")
}

func TestHistoryStaysAndWhatIsOwedOpensAgain(t *testing.T) {
	c := opened(t, "1.1", bare(5, 60))
	o := obligation.Opening{Facts: c.state.Facts, Policy: c.state.Policy, AsOf: calendar.MustDate("2025-08-01"), Outcome: obligation.Missed}
	c.state, c.events = obligation.State{}, nil
	c.record(obligation.Open(o, c.cal, on("08-01 09:00")))
	shifted := rehearsal.Alternative{Shift: 90, Ladders: []obligation.Ladder{bare(2, 60)}}
	p := past("09-30", c)
	got := rehearsal.WhatIf(p, shifted)
	require.Equal(t, c.events, got.Obligations[0].Events)
	require.Equal(t, []string{"history  ×1 0/0"}, assumed(got))

	o.Outcome = obligation.Owed
	owed, ok := obligation.Reconsider(c.state, o, c.cal, on("08-04 09:00"))
	require.True(t, ok)
	c.record(owed)
	p = past("09-30", c)
	require.Equal(t, text(t, c.events), text(t, rehearsal.WhatIf(p, rehearsal.Alternative{}).Obligations[0].Events))
	got = rehearsal.WhatIf(p, rehearsal.Alternative{Ladders: []obligation.Ladder{bare(2, 60)}})
	require.Equal(t, []string{"drafted letter 08-11 → 08-06", "issued letter - → 09-25"}, toldDifferences(got), "its ladder counts from the same day")
	got = rehearsal.WhatIf(p, rehearsal.Alternative{Shift: 120})
	require.False(t, got.Obligations[0].End.Overdue, "with more time it was not owed yet")
}

// What a server that stood still did late is not the alternative's doing.
func TestPastThatWasLateIsNamed(t *testing.T) {
	c := opened(t, "1.1", bare(5, 60))
	events, err := obligation.Decide(c.state, obligation.Command{Kind: obligation.Tick}, c.cal, on("07-20 10:00"))
	require.NoError(t, err)
	c.record(events...)
	got := rehearsal.WhatIf(past("07-31", c), rehearsal.Alternative{Ladders: []obligation.Ladder{bare(40, 60)}})
	require.Contains(t, assumed(got), "drift  ×3 0/0")
}

func TestNothingIsKnownAfterTheEnd(t *testing.T) {
	p := past("08-15", lateByAMonth(t))
	p.Until = on("07-08 00:00")
	got := rehearsal.WhatIf(p, rehearsal.Alternative{})
	require.Empty(t, toldDifferences(got))
	require.Equal(t, obligation.Drafted, got.Obligations[0].Events[len(got.Obligations[0].Events)-1].Kind)
	p.Until = on("04-01 00:00")
	require.Empty(t, rehearsal.WhatIf(p, rehearsal.Alternative{}).Obligations)
}
