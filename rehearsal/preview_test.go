package rehearsal_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
)

var shanghai = obligation.Location("Asia/Shanghai")

func holidays(t require.TestingT) *calendar.Calendar {
	cal, err := calendar.NewCalendar(3, map[int]calendar.Year{
		2024: {
			Off: []string{"0101", "0210-0217", "0404-0406", "0501-0505", "0608-0610", "0915-0917", "1001-1007"},
			On:  []string{"0204", "0218", "0407", "0428", "0511", "0914", "0929", "1012"},
		},
		2025: {
			Off: []string{"0101", "0128-0204", "0404-0406", "0501-0505", "0531-0602", "1001-1008"},
			On:  []string{"0126", "0208", "0427", "0928", "1011"},
		},
		2026: {
			Off: []string{"0101-0103", "0215-0223", "0404-0406", "0501-0505", "0619-0621", "0925-0927", "1001-1007"},
			On:  []string{"0104", "0214", "0228", "0509", "0920", "1010"},
		},
	})
	require.NoError(t, err)
	return cal
}

func step(code string, rung obligation.Rung, anchor obligation.Anchor, offset, every, letters int) obligation.Step {
	st := obligation.Step{Code: code, Rung: rung, Anchor: anchor, Offset: offset, Every: every, To: obligation.ToUnit, Letters: letters}
	if rung.Formal() {
		st.SignOff = obligation.SignOffOffice
	}
	return st
}

func short() obligation.Ladder {
	return obligation.Ladder{Code: "short", Title: "短阶梯", Cure: 5, Yellow: 7, Rework: 5, Nudge: 3, Steps: []obligation.Step{
		step("sign+2", obligation.Remind, obligation.AnchorOpened, 2, 0, 0),
		step("remind-3", obligation.Remind, obligation.AnchorDue, -3, 0, 0),
		step("press+3", obligation.Press, obligation.AnchorDue, 3, 5, 0),
		step("letter+5", obligation.Letter, obligation.AnchorDue, 5, 0, 0),
		step("interview+30", obligation.Interview, obligation.AnchorDue, 30, 0, 2),
	}}
}

func standard() obligation.Ladder {
	return obligation.Ladder{Code: "standard", Title: "标准阶梯", Cure: 5, Yellow: 7, Rework: 5, Nudge: 3, Steps: []obligation.Step{
		step("sign+2", obligation.Remind, obligation.AnchorOpened, 2, 5, 0),
		step("remind-15", obligation.Remind, obligation.AnchorDue, -15, 0, 0),
		step("remind-7", obligation.Remind, obligation.AnchorDue, -7, 0, 0),
		step("remind-3", obligation.Remind, obligation.AnchorDue, -3, 0, 0),
		step("remind-1", obligation.Remind, obligation.AnchorDue, -1, 0, 0),
		step("press+3", obligation.Press, obligation.AnchorDue, 3, 5, 0),
		step("letter+5", obligation.Letter, obligation.AnchorDue, 5, 0, 0),
		step("circular+15", obligation.Circular, obligation.AnchorDue, 15, 0, 0),
		step("interview+30", obligation.Interview, obligation.AnchorDue, 30, 0, 2),
	}}
}

func dates(days ...string) []calendar.Date {
	var out []calendar.Date
	for _, d := range days {
		out = append(out, calendar.MustDate(d))
	}
	return out
}

// small is a plan of two tasks and two units over half a year, small enough to be counted by hand.
func small(t require.TestingT) obligation.Definition {
	return obligation.Definition{
		Version: 1, AsOf: calendar.MustDate("2025-04-21"), Calendar: holidays(t), Ladders: []obligation.Ladder{short()},
		Plan: plan.Plan{
			Code: "p", Title: "方案", Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextWorkday,
			Issued: calendar.MustDate("2025-03-01"), From: calendar.MustDate("2025-01-01"), To: calendar.MustDate("2025-09-30"),
			Tasks: []plan.Task{{Code: "1"}, {Code: "2"}},
			Measures: []plan.Measure{
				{
					Code: "1.1", Task: "1", Title: "修订标准", Quote: "修订", Audience: plan.Audience{Units: []string{"yingji", "huayang"}},
					Schedule: plan.Schedule{Kind: plan.Milestone, Due: dates("2025-03-31", "2025-06-30")},
				},
				{
					Code: "2.1", Task: "2", Title: "持续推进", Quote: "持续", Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}},
					Schedule: plan.Schedule{Kind: plan.Continuous},
				},
			},
			Units: []plan.Unit{
				{Code: "huayang", Name: "华阳路街道", Kind: plan.KindStreet},
				{Code: "yingji", Name: "区应急局", Kind: plan.KindGovernment},
			},
		},
	}
}

var nine = rehearsal.Setting{At: 9 * time.Hour}

// owed says that the first date of 1.1 was missed, and that 区应急局 still has to deliver it.
func owed() rehearsal.Setting {
	return rehearsal.Setting{At: 9 * time.Hour, Outcomes: map[obligation.ID]obligation.Outcome{
		{Plan: "p", Measure: "1.1", Unit: "huayang", Period: "1"}: obligation.Done,
		{Plan: "p", Measure: "1.1", Unit: "yingji", Period: "1"}:  obligation.Owed,
	}}
}

func tell(l rehearsal.Line) string {
	id := l.Of.ID
	what := string(l.Kind)
	if l.Code != "" {
		what = l.Code
	}
	if l.N > 1 {
		what += fmt.Sprintf(" ×%d", l.N)
	}
	return l.At.Format("01-02 15:04 ") + id.Measure + "/" + id.Unit + "/" + id.Period + " " + what
}

func told(lines []rehearsal.Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(tell(l) + "\n")
	}
	return b.String()
}

const everyStep = `04-21 09:00 1.1/huayang/2 opened
04-21 09:00 1.1/yingji/1 opened
04-21 09:00 1.1/yingji/2 opened
04-21 09:00 2.1/huayang/2025H1 opened
04-23 09:00 1.1/huayang/2 sign+2
04-23 09:00 1.1/yingji/2 sign+2
04-23 09:00 2.1/huayang/2025H1 sign+2
04-24 09:00 1.1/yingji/1 press+3
04-27 09:00 1.1/yingji/1 letter+5
04-30 09:00 1.1/yingji/1 press+3 ×2
05-12 09:00 1.1/yingji/1 press+3 ×3
05-19 09:00 1.1/yingji/1 press+3 ×4
05-26 09:00 1.1/yingji/1 press+3 ×5
06-03 09:00 1.1/yingji/1 press+3 ×6
06-05 09:00 1.1/yingji/1 interview+30
06-25 09:00 1.1/huayang/2 remind-3
06-25 09:00 1.1/yingji/2 remind-3
06-25 09:00 2.1/huayang/2025H1 remind-3
07-01 00:00 1.1/huayang/2 overdue
07-01 00:00 1.1/yingji/2 overdue
07-01 00:00 2.1/huayang/2025H1 overdue
07-01 09:00 2.1/huayang/2025H2 opened
07-03 09:00 1.1/huayang/2 press+3
07-03 09:00 1.1/yingji/2 press+3
07-03 09:00 2.1/huayang/2025H1 press+3
07-03 09:00 2.1/huayang/2025H2 sign+2
07-07 09:00 1.1/huayang/2 letter+5
07-07 09:00 1.1/yingji/2 letter+5
07-07 09:00 2.1/huayang/2025H1 letter+5
07-10 09:00 1.1/huayang/2 press+3 ×2
07-10 09:00 1.1/yingji/2 press+3 ×2
07-10 09:00 2.1/huayang/2025H1 press+3 ×2
07-14 09:00 1.1/yingji/2 interview+30
07-14 09:00 2.1/huayang/2025H1 interview+30
07-17 09:00 1.1/huayang/2 press+3 ×3
07-24 09:00 1.1/huayang/2 press+3 ×4
07-31 09:00 1.1/huayang/2 press+3 ×5
08-07 09:00 1.1/huayang/2 press+3 ×6
08-11 09:00 1.1/huayang/2 interview+30
09-26 09:00 2.1/huayang/2025H2 remind-3
10-01 00:00 2.1/huayang/2025H2 overdue
10-11 09:00 2.1/huayang/2025H2 press+3
10-14 09:00 2.1/huayang/2025H2 letter+5
10-17 09:00 2.1/huayang/2025H2 press+3 ×2
10-21 09:00 2.1/huayang/2025H2 interview+30
`

// Counted by hand. The second letter to a unit within a year (07-07: to 区应急局 after that of 04-27, and to 华阳路街道 on one
// day) brings the interview forward to the end of the cure period.
func TestEveryStepIfNobodyActs(t *testing.T) {
	lines, err := rehearsal.Preview(small(t), owed(), rehearsal.Filter{})
	require.NoError(t, err)
	require.Equal(t, everyStep, told(lines))
}

func TestHistoryHasNoLines(t *testing.T) {
	lines, err := rehearsal.Preview(small(t), nine, rehearsal.Filter{})
	require.NoError(t, err)
	for _, l := range lines {
		require.NotEqual(t, "1.1/1", l.Of.ID.Measure+"/"+l.Of.ID.Period)
	}
}

func TestPreviewSelects(t *testing.T) {
	with := func(words ...string) string {
		var b strings.Builder
		for line := range strings.Lines(everyStep) {
			all := true
			for _, w := range words {
				all = all && strings.Contains(line, w)
			}
			if all {
				b.WriteString(line)
			}
		}
		return b.String()
	}
	day := calendar.MustDate
	for _, tt := range []struct {
		filter rehearsal.Filter
		want   string
	}{
		{rehearsal.Filter{Unit: "yingji"}, with("yingji")},
		{rehearsal.Filter{Unit: "huayang", Task: "2"}, with("2.1/huayang")}, // its letter under task 1 counts
		{rehearsal.Filter{Task: "1"}, with("1.1/")},
		{rehearsal.Filter{Measure: "2.1"}, with("2.1/")},
		{rehearsal.Filter{Task: "1", Measure: "2.1"}, ""},
		{rehearsal.Filter{From: day("2025-07-01"), To: day("2025-07-31")}, with("07-")[:len(with("07-"))]},
		{rehearsal.Filter{From: day("2025-10-14")}, with("10-14") + with("10-17") + with("10-21")},
		{rehearsal.Filter{To: day("2025-04-23")}, with("04-21") + with("04-23")},
		{rehearsal.Filter{From: day("2025-10-01"), To: day("2025-10-01"), Unit: "huayang"}, with("10-01")},
		{rehearsal.Filter{From: day("2026-01-01")}, ""},
	} {
		lines, err := rehearsal.Preview(small(t), owed(), tt.filter)
		require.NoError(t, err)
		require.Equal(t, tt.want, told(lines), "%+v", tt.filter)
	}
}

func TestPreviewRefuses(t *testing.T) {
	for _, f := range []rehearsal.Filter{{Unit: "nobody"}, {Task: "9"}, {Measure: "9.9"}} {
		_, err := rehearsal.Preview(small(t), nine, f)
		require.True(t, obligation.IsNotFound(err), "%+v: %v", f, err)
	}
	_, err := rehearsal.Preview(small(t), nine, rehearsal.Filter{From: calendar.MustDate("2025-05-02"), To: calendar.MustDate("2025-05-01")})
	require.ErrorContains(t, err, "起止日期颠倒了")
	d := small(t)
	d.Plan.Measures[1].Schedule.Kind = "sometimes"
	_, err = rehearsal.Preview(d, nine, rehearsal.Filter{})
	var fault plan.Fault
	require.ErrorAs(t, err, &fault)
}

func TestLineSaysEverything(t *testing.T) {
	lines, err := rehearsal.Preview(small(t), nine, rehearsal.Filter{Unit: "huayang", Measure: "1.1"})
	require.NoError(t, err)
	opened := *lines[0].Step
	require.Equal(t, time.Date(2025, 4, 21, 9, 0, 0, 0, shanghai), opened.At)
	require.Equal(t, []any{obligation.Opened, "任务周期开始：交办", 0, false}, []any{opened.Kind, opened.Why, opened.N, opened.Provisional})
	require.Equal(t, &obligation.Facts{
		ID:   obligation.ID{Plan: "p", Measure: "1.1", Unit: "huayang", Period: "2"},
		Task: "1", PlanTitle: "方案", Title: "修订标准", Quote: "修订", UnitName: "华阳路街道", Period: "2025年6月30日前", Due: calendar.MustDate("2025-06-30"),
	}, lines[0].Of)
	why := map[string]string{}
	for _, l := range lines {
		why[tell(l)[6:]] = l.Why
		require.False(t, l.Provisional)
		switch l.Kind {
		case obligation.Opened, obligation.Overdue:
			require.Empty(t, l.Rung)
		default:
			require.NotEmpty(t, l.Rung)
		}
	}
	require.Equal(t, "交办后2个工作日未签收：提醒", why["09:00 1.1/huayang/2 sign+2"])
	require.Equal(t, "到期前3个工作日：提醒", why["09:00 1.1/huayang/2 remind-3"])
	require.Equal(t, "期限已过仍未完成", why["00:00 1.1/huayang/2 overdue"])
	require.Equal(t, "逾期3个工作日，其后每5个工作日一次：催办", why["09:00 1.1/huayang/2 press+3 ×2"])
	require.Equal(t, "逾期5个工作日：督促函", why["09:00 1.1/huayang/2 letter+5"])
	require.Equal(t, "逾期30个工作日：约谈", why["09:00 1.1/huayang/2 interview+30"])

	lines, err = rehearsal.Preview(small(t), nine, rehearsal.Filter{Unit: "huayang", Measure: "2.1", From: calendar.MustDate("2025-07-14"), To: calendar.MustDate("2025-07-14")})
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.Equal(t, "一年内督促函达到2份，提前进行：约谈", lines[0].Why)
}

// Dates that were counted through a year without holidays are marked, line by line.
func TestPreviewMarksWhatIsProvisional(t *testing.T) {
	d := small(t)
	d.Plan.To = calendar.MustDate("2026-12-31")
	lines, err := rehearsal.Preview(d, nine, rehearsal.Filter{Measure: "2.1"})
	require.NoError(t, err)
	last := lines[len(lines)-1]
	require.Equal(t, 2027, last.At.Year(), "the steps of what falls due at the end lie after it")
	for _, l := range lines {
		require.Equal(t, l.Of.ID.Period == "2026H2", l.Provisional, tell(l))
	}
}

// A cure period may carry a single step into a year that the ladder's own days do not reach.
func TestPreviewMarksTheDayItself(t *testing.T) {
	d := small(t)
	d.Plan.To = calendar.MustDate("2026-12-31")
	d.Plan.Measures[0].Schedule.Due = dates("2026-11-13")
	d.Ladders[0].Cure = 40
	lines, err := rehearsal.Preview(d, nine, rehearsal.Filter{Measure: "1.1", Unit: "huayang"})
	require.NoError(t, err)
	for _, l := range lines {
		require.Equal(t, l.At.Year() == 2027, l.Provisional, tell(l))
	}
	require.Equal(t, "interview+30", lines[len(lines)-1].Code)
	require.Equal(t, 2027, lines[len(lines)-1].At.Year())
}

// Letters of one instant are counted in the plan's order.
func TestLettersOfOneInstant(t *testing.T) {
	d := small(t)
	d.Ladders[0].Steps[4].Letters = 3
	m := d.Plan.Measures[0]
	m.Schedule.Due = dates("2025-06-30")
	d.Plan.Measures = nil
	for i := range 5 {
		m.Code = fmt.Sprintf("1.%d", i+1)
		d.Plan.Measures = append(d.Plan.Measures, m)
	}
	lines, err := rehearsal.Preview(d, nine, rehearsal.Filter{Unit: "huayang"})
	require.NoError(t, err)
	interviews := slices.DeleteFunc(lines, func(l rehearsal.Line) bool { return l.Rung != obligation.Interview })
	require.Equal(t, `07-14 09:00 1.3/huayang/1 interview+30
07-14 09:00 1.4/huayang/1 interview+30
07-14 09:00 1.5/huayang/1 interview+30
08-11 09:00 1.1/huayang/1 interview+30
08-11 09:00 1.2/huayang/1 interview+30
`, told(interviews))
}

// Where the plan starts later on the as-of date, what was to be sent that morning is past.
func TestPreviewFromAnotherMoment(t *testing.T) {
	d := small(t)
	d.AsOf = calendar.MustDate("2025-06-25")
	at := func(clock time.Duration) []rehearsal.Line {
		lines, err := rehearsal.Preview(d, rehearsal.Setting{At: 9 * time.Hour, Start: d.AsOf.At(clock, shanghai)}, rehearsal.Filter{Unit: "yingji", To: d.AsOf})
		require.NoError(t, err)
		return lines
	}
	require.Equal(t, "06-25 08:00 1.1/yingji/2 opened\n06-25 09:00 1.1/yingji/2 remind-3\n", told(at(8*time.Hour)))
	require.Equal(t, "06-25 09:00 1.1/yingji/2 opened\n", told(at(9*time.Hour)))
	require.Equal(t, "06-25 14:00 1.1/yingji/2 opened\n", told(at(14*time.Hour)))
	lines, err := rehearsal.Preview(d, nine, rehearsal.Filter{Unit: "yingji", To: d.AsOf})
	require.NoError(t, err)
	require.Equal(t, "06-25 09:00 1.1/yingji/2 opened\n", told(lines), "the time of day of steps is what is assumed")
}

// What the preview says of any obligation is what production would do: the same core, step by step.
func TestPreviewSaysWhatProductionDoes(t *testing.T) {
	d := large(t)
	lines, err := rehearsal.Preview(d, nine, rehearsal.Filter{})
	require.NoError(t, err)
	require.True(t, slices.IsSortedFunc(lines, func(a, b rehearsal.Line) int { return a.At.Compare(b.At) }))
	byID := map[obligation.ID][]numbered{}
	letters := map[string][]numbered{} // by unit
	for i, l := range lines {
		byID[l.Of.ID] = append(byID[l.Of.ID], numbered{i, l})
		if l.Rung == obligation.Letter {
			letters[l.Of.ID.Unit] = append(letters[l.Of.ID.Unit], numbered{i, l})
		}
	}
	agenda, err := d.Agenda("", nine.At)
	require.NoError(t, err)
	var all []obligation.Opening
	var begins []time.Time
	start := d.AsOf.At(nine.At, shanghai)
	for _, s := range agenda {
		for _, o := range d.Openings(s, nine.At) {
			all, begins = append(all, o), append(begins, slices.MaxFunc([]time.Time{s.At, start}, time.Time.Compare))
		}
	}
	require.Greater(t, len(all), 14_000)
	require.Less(t, len(byID), len(all), "some are history")
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(all)-1).Draw(t, "obligation")
		follow(t, d, all[i], begins[i], byID[all[i].Facts.ID], letters[all[i].Facts.ID.Unit])
	})
}

type numbered struct {
	n int
	rehearsal.Line
}

// follow ticks one obligation on time, with each draft signed off at once, and expects the lines. letters are those to
// its unit.
func follow(t *rapid.T, d obligation.Definition, o obligation.Opening, opened time.Time, lines, letters []numbered) {
	e := obligation.Open(o, d.Calendar, opened)
	s := obligation.Apply(obligation.State{}, e)
	if s.IsClosed() {
		require.Empty(t, lines)
		return
	}
	events := []obligation.Event{e}
	for {
		last := 0
		for _, e := range events {
			require.NotEmpty(t, lines, "%s happens at %s", e.Kind, e.At)
			l := lines[0]
			require.True(t, e.At.Equal(l.At), "%s %s: %s", l.Kind, e.At, l.At)
			require.Equal(t, []any{e.Kind, e.Step, e.Rung, e.N, o.Facts.Due}, []any{l.Kind, l.Code, l.Rung, l.N, l.Of.Due})
			last, lines = l.n, lines[1:]
		}
		if rung, waits := s.PendingDraft(); waits {
			at := s.Formals[len(s.Formals)-1].Drafted
			n := 0
			for _, l := range letters {
				if l.n <= last && !l.At.Before(at.Add(-obligation.LettersWithin)) {
					n++
				}
			}
			signed, err := obligation.Decide(s, obligation.Command{Kind: obligation.Issue, Rung: rung, Number: "1", Letters: n}, d.Calendar, at)
			require.NoError(t, err)
			s = obligation.Replay(s, signed)
		}
		if _, ok := obligation.NextNewStep(s, d.Calendar); !ok {
			require.Empty(t, lines)
			return
		}
		next, _ := obligation.NextStep(s, d.Calendar)
		var err error
		events, err = obligation.Decide(s, obligation.Command{Kind: obligation.Tick}, d.Calendar, next.At)
		require.NoError(t, err)
		s = obligation.Replay(s, events)
	}
}

// large is a plan like the real one: 60 units, 150 measures and three years.
func large(t require.TestingT) obligation.Definition {
	d := obligation.Definition{
		Version: 1, AsOf: calendar.MustDate("2024-04-19"), Calendar: holidays(t), Ladders: []obligation.Ladder{standard()},
		Plan: plan.Plan{
			Code: "changning-2024", Title: "三年行动实施方案", Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextWorkday,
			Issued: calendar.MustDate("2024-04-19"), From: calendar.MustDate("2024-01-01"), To: calendar.MustDate("2026-12-31"),
		},
	}
	kinds := []plan.UnitKind{plan.KindParty, plan.KindGovernment, plan.KindGovernment, plan.KindGovernment, plan.KindStreet, plan.KindGroup}
	for i := range 60 {
		u := plan.Unit{Code: fmt.Sprintf("unit-%02d", i), Name: fmt.Sprintf("责任单位%d", i), Kind: kinds[i%6], Tags: []string{"member"}}
		if i%4 == 0 {
			u.Tags = append(u.Tags, "regulator")
		}
		d.Plan.Units = append(d.Plan.Units, u)
	}
	schedules := []plan.Schedule{
		{Kind: plan.Milestone, Due: dates("2024-12-31")},
		{Kind: plan.Milestone, Due: dates("2024-03-25", "2024-06-30", "2025-06-30", "2026-12-31")},
		{Kind: plan.Recurring, Cron: "0 0 28 * *", Names: plan.CronDue, From: calendar.MustDate("2024-05-01")},
		{Kind: plan.Recurring, Cron: "0 0 1 1,4,7,10 *", Names: plan.CronStart},
		{Kind: plan.Continuous},
		{Kind: plan.Recurring, Cron: "0 0 1 1,7 *", Names: plan.CronStart},
		{Kind: plan.Milestone, Due: dates("2026-06-30", "2026-12-31")},
		{Kind: plan.Recurring, Cron: "0 0 1 1 *", Names: plan.CronStart},
		{Kind: plan.Recurring, Cron: "0 0 1 * *", Names: plan.CronStart},
		{Kind: plan.Recurring, Cron: "0 0 * * 1", Names: plan.CronStart},
	}
	audiences := []plan.Audience{
		{Kinds: []plan.UnitKind{plan.KindStreet}},
		{Tags: []string{"regulator"}},
		{Units: []string{"unit-01", "unit-02", "unit-07"}},
		{Tags: []string{"member"}},
		{Kinds: []plan.UnitKind{plan.KindGovernment}, Except: []string{"unit-01"}},
		{Units: []string{"unit-05"}},
		{Kinds: []plan.UnitKind{plan.KindGroup, plan.KindParty}},
	}
	for task := range 30 {
		d.Plan.Tasks = append(d.Plan.Tasks, plan.Task{Code: fmt.Sprint(task + 1)})
		for i := range 5 {
			n := task*5 + i
			a := audiences[n%len(audiences)]
			if n%10 == 9 {
				a = plan.Audience{Units: []string{"unit-03"}} // the weekly duty falls to one
			}
			d.Plan.Measures = append(d.Plan.Measures, plan.Measure{
				Code: fmt.Sprintf("%d.%d", task+1, i+1), Task: fmt.Sprint(task + 1), Title: fmt.Sprintf("分项任务%d", n), Quote: "原文",
				Schedule: schedules[n%len(schedules)], Audience: a,
			})
		}
	}
	return d
}

func TestPreviewOfAWholePlanCounts(t *testing.T) {
	d := large(t)
	lines, err := rehearsal.Preview(d, nine, rehearsal.Filter{})
	require.NoError(t, err)
	count := map[obligation.EventKind]map[obligation.ID]int{obligation.Opened: {}, obligation.Overdue: {}, obligation.Drafted: {}, obligation.Reminded: {}}
	type occurrence struct {
		id   obligation.ID
		code string
		n    int
	}
	taken := map[occurrence]bool{}
	for _, l := range lines {
		count[l.Kind][l.Of.ID]++
		if l.Code == "" {
			continue
		}
		key := occurrence{l.Of.ID, l.Code, l.N}
		if taken[key] {
			t.Fatalf("twice: %s", tell(l))
		}
		taken[key] = true
		if !d.Calendar.Workday(calendar.DateOf(l.At, shanghai)) {
			t.Fatalf("on a rest day: %s", tell(l))
		}
	}
	require.Len(t, count[obligation.Overdue], len(count[obligation.Opened]), "nobody acts, so all are overdue in the end")
	for id, n := range count[obligation.Opened] {
		formal := count[obligation.Drafted][id]
		if n != 1 || count[obligation.Overdue][id] != 1 || formal < 2 || formal > 3 {
			t.Fatalf("%s: opened %d times, %d formal rungs", id, n, formal) // the circular is skipped where the interview came first
		}
	}
	parts := 0
	for _, u := range d.Plan.Units {
		of, err := rehearsal.Preview(d, nine, rehearsal.Filter{Unit: u.Code})
		require.NoError(t, err)
		parts += len(of)
	}
	require.Equal(t, len(lines), parts, "the parts make the whole")
}

func BenchmarkPreview(b *testing.B) {
	d := large(b)
	n := 0
	for b.Loop() {
		lines, err := rehearsal.Preview(d, nine, rehearsal.Filter{})
		require.NoError(b, err)
		n = len(lines)
	}
	b.ReportMetric(float64(n), "lines")
}

func BenchmarkPreviewOfAUnit(b *testing.B) {
	d := large(b)
	for b.Loop() {
		_, err := rehearsal.Preview(d, nine, rehearsal.Filter{Unit: "unit-07"})
		require.NoError(b, err)
	}
}
