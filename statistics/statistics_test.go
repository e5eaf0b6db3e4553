package statistics_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/statistics"
)

var shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	out, err := time.ParseInLocation("2006-01-02 15:04", text, shanghai)
	require.NoError(t, err)
	return out
}

func year2026(t *testing.T) *calendar.Calendar {
	t.Helper()
	cal, err := calendar.NewCalendar(1, map[int]calendar.Year{2026: {Off: []string{"0501-0505"}, On: []string{"0509"}}})
	require.NoError(t, err)
	return cal
}

func TestWorkingTime(t *testing.T) {
	cal := year2026(t)
	for name, c := range map[string]struct {
		from, to string
		want     time.Duration
	}{
		"within a day":                     {"2026-03-02 09:00", "2026-03-02 17:30", 8*time.Hour + 30*time.Minute},
		"over night":                       {"2026-03-02 17:00", "2026-03-03 09:00", 16 * time.Hour},
		"over a weekend":                   {"2026-03-06 17:00", "2026-03-09 09:00", 16 * time.Hour},
		"from a rest day":                  {"2026-03-07 12:00", "2026-03-09 09:00", 9 * time.Hour},
		"to a rest day":                    {"2026-03-06 17:00", "2026-03-08 09:00", 7 * time.Hour},
		"within a rest day":                {"2026-03-07 09:00", "2026-03-07 19:00", 0},
		"over a holiday":                   {"2026-04-30 12:00", "2026-05-06 12:00", 24 * time.Hour},
		"on a made-up day":                 {"2026-05-09 08:00", "2026-05-09 10:00", 2 * time.Hour},
		"a week":                           {"2026-03-02 09:00", "2026-03-09 09:00", 5 * 24 * time.Hour},
		"nothing":                          {"2026-03-02 09:00", "2026-03-02 09:00", 0},
		"backwards":                        {"2026-03-03 09:00", "2026-03-02 09:00", 0},
		"a year that nobody has published": {"2027-01-01 00:00", "2027-01-02 00:00", 24 * time.Hour},
	} {
		require.Equal(t, c.want, statistics.WorkingTime(cal, at(t, c.from), at(t, c.to), shanghai), name)
	}
}

func TestScope(t *testing.T) {
	for _, c := range []struct {
		scope statistics.Scope
		text  string
		last  string
		holds []string
		not   []string
	}{
		{statistics.Scope{}, "方案期全部", "", []string{"2024-01-01", "2026-12-31"}, nil},
		{statistics.Scope{Year: 2026}, "2026年", "2026-12-31", []string{"2026-01-01", "2026-12-31"}, []string{"2025-12-31", "2027-01-01"}},
		{statistics.Scope{Year: 2026, Half: 1}, "2026年上半年", "2026-06-30", []string{"2026-01-01", "2026-06-30"}, []string{"2026-07-01", "2025-03-01"}},
		{statistics.Scope{Year: 2026, Half: 2}, "2026年下半年", "2026-12-31", []string{"2026-07-01", "2026-12-31"}, []string{"2026-06-30"}},
		{statistics.Scope{Year: 2026, Quarter: 1}, "2026年第1季度", "2026-03-31", []string{"2026-01-01", "2026-03-31"}, []string{"2026-04-01"}},
		{statistics.Scope{Year: 2026, Quarter: 4}, "2026年第4季度", "2026-12-31", []string{"2026-10-01", "2026-12-31"}, []string{"2026-09-30"}},
	} {
		require.Equal(t, c.text, c.scope.Chinese())
		require.Equal(t, c.last, c.scope.Last().String())
		for _, day := range c.holds {
			require.True(t, c.scope.Holds(calendar.MustDate(day)), "%s: %s", c.text, day)
		}
		for _, day := range c.not {
			require.False(t, c.scope.Holds(calendar.MustDate(day)), "%s: %s", c.text, day)
		}
	}
}

// life is the ledger of one obligation while it is written.
type life struct {
	t     *testing.T
	cal   *calendar.Calendar
	state obligation.State
	kept  []obligation.Event
}

func opened(t *testing.T, due, when string) *life {
	t.Helper()
	l := &life{t: t, cal: year2026(t)}
	ladder := obligation.Ladder{
		Code: "standard", Title: "标准阶梯", Cure: 5, Yellow: 7, Rework: 5, Nudge: 3, Extensions: 2,
		Steps: []obligation.Step{
			{Code: "remind-3", Rung: obligation.Remind, Anchor: obligation.AnchorDue, Offset: -3, To: obligation.ToUnit},
			{Code: "press+1", Rung: obligation.Press, Anchor: obligation.AnchorDue, Offset: 1, To: obligation.ToUnit},
			{Code: "letter+5", Rung: obligation.Letter, Anchor: obligation.AnchorDue, Offset: 5, To: obligation.ToUnit, SignOff: obligation.SignOffOffice},
			{Code: "review+1", Rung: obligation.Remind, Anchor: obligation.AnchorSubmitted, Offset: 1, To: obligation.ToOffice},
		},
	}
	facts := obligation.Facts{
		ID:   obligation.ID{Plan: "p", Measure: "1.1", Unit: "u1", Period: "2026"},
		Task: "1", Title: "报送", UnitName: "华阳路街道", Due: calendar.MustDate(due),
	}
	policy := obligation.Policy{Ladder: ladder, Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay, At: 9 * time.Hour}
	l.add(obligation.Open(obligation.Opening{Facts: facts, Policy: policy, AsOf: calendar.MustDate("2026-01-01")}, l.cal, at(t, when)))
	return l
}

func (l *life) add(events ...obligation.Event) {
	for _, e := range events {
		l.state, l.kept = obligation.Apply(l.state, e), append(l.kept, e)
	}
}

func (l *life) does(when string, c obligation.Command) *life {
	l.t.Helper()
	if c.Kind != obligation.Tick {
		c.By = obligation.Actor{Role: obligation.RoleOffice, Name: "王主任"}
	}
	events, err := obligation.Decide(l.state, c, l.cal, at(l.t, when))
	require.NoError(l.t, err)
	l.add(events...)
	return l
}

func (l *life) read(until time.Time) statistics.Case {
	l.t.Helper()
	c, ok := statistics.Read(l.kept, l.cal, until)
	require.True(l.t, ok)
	return c
}

// A unit that is pressed and gets a letter, reports, is sent back to work, and reports again.
func TestRead(t *testing.T) {
	l := opened(t, "2026-03-13", "2026-03-02 09:00").
		does("2026-03-03 10:00", obligation.Command{Kind: obligation.Sign}).
		does("2026-03-10 09:00", obligation.Command{Kind: obligation.Tick}).
		does("2026-03-16 09:00", obligation.Command{Kind: obligation.Tick}).
		does("2026-03-20 09:00", obligation.Command{Kind: obligation.Tick}).
		does("2026-03-23 11:00", obligation.Command{Kind: obligation.Issue, Rung: obligation.Letter, Number: "长安委办〔2026〕1号", Letters: 1}).
		does("2026-03-24 09:00", obligation.Command{Kind: obligation.Submit, Text: "已完成"}).
		does("2026-03-25 09:00", obligation.Command{Kind: obligation.Tick}). // to the office
		does("2026-03-26 12:00", obligation.Command{Kind: obligation.Return, Text: "补照片"}).
		does("2026-03-27 12:00", obligation.Command{Kind: obligation.Submit, Text: "已补"}).
		does("2026-03-30 12:00", obligation.Command{Kind: obligation.Accept})
	const day = 24 * time.Hour
	c := l.read(time.Time{})
	require.Equal(t, []statistics.Took{
		{statistics.Sign, 25 * time.Hour},
		{statistics.SignOff, day + 2*time.Hour},
		{statistics.Report, 16 * day},
		{statistics.Review, 2*day + 3*time.Hour},
		{statistics.Report, day},
		{statistics.Review, day},
	}, c.Took)
	require.Equal(t, [7]int{1, 1, 1}, c.Reached, "what goes to the office is no rung that reached the unit")
	require.Equal(t, []any{"1", "u1", "华阳路街道", "2026-03-13"}, []any{c.Task, c.Unit, c.UnitName, c.Due.String()})
	require.True(t, c.Standing.WasOverdue)

	before := l.read(at(t, "2026-03-23 11:00"))
	require.Equal(t, [7]int{1, 1}, before.Reached, "the instant itself is not included")
	require.Equal(t, []statistics.Took{{statistics.Sign, 25 * time.Hour}}, before.Took)
	_, ok := statistics.Read(l.kept, l.cal, at(t, "2026-03-02 09:00"))
	require.False(t, ok)
}

func TestReadAnswers(t *testing.T) {
	asks := obligation.Command{Kind: obligation.AskExtension, Text: "等设备", Due: calendar.MustDate("2026-03-31")}
	granted := opened(t, "2026-03-13", "2026-03-02 09:00").does("2026-03-05 09:00", asks).does("2026-03-06 10:00", obligation.Command{Kind: obligation.GrantExtension})
	require.Equal(t, []statistics.Took{{statistics.Answer, 25 * time.Hour}}, granted.read(time.Time{}).Took)
	require.Equal(t, "2026-03-31", granted.read(time.Time{}).Due.String(), "it counts to the month in which it is due now")

	refused := opened(t, "2026-03-13", "2026-03-02 09:00").does("2026-03-05 09:00", asks).does("2026-03-05 12:00", obligation.Command{Kind: obligation.RefuseExtension, Text: "按期"})
	require.Equal(t, []statistics.Took{{statistics.Answer, 3 * time.Hour}}, refused.read(time.Time{}).Took)

	objected := opened(t, "2026-03-13", "2026-03-02 09:00").
		does("2026-03-05 09:00", obligation.Command{Kind: obligation.SendBack, Text: "不属本单位"}).
		does("2026-03-06 09:00", obligation.Command{Kind: obligation.RefuseSendBack, Text: "属于"})
	require.Equal(t, []statistics.Took{{statistics.Answer, 24 * time.Hour}}, objected.read(time.Time{}).Took)

	waived := opened(t, "2026-03-13", "2026-03-02 09:00").does("2026-03-05 09:00", obligation.Command{Kind: obligation.Waive, Text: "另有安排"})
	require.Empty(t, waived.read(time.Time{}).Took)
}

// Nobody's time runs while an obligation is suspended.
func TestReadSuspended(t *testing.T) {
	l := opened(t, "2026-03-31", "2026-03-02 09:00").
		does("2026-03-03 09:00", obligation.Command{Kind: obligation.Suspend, Text: "等通知"}).
		does("2026-03-13 09:00", obligation.Command{Kind: obligation.Resume, Text: "已来"}).
		does("2026-03-16 09:00", obligation.Command{Kind: obligation.Submit, Text: "已完成"})
	require.Equal(t, []statistics.Took{{statistics.Sign, 48 * time.Hour}, {statistics.Report, 48 * time.Hour}}, l.read(time.Time{}).Took, "who reports without having signed has signed")
}

func TestCompute(t *testing.T) {
	d := obligation.Definition{Plan: plan.Plan{
		Actions: []plan.Action{{Number: 2, Title: "二"}, {Number: 1, Title: "一"}},
		Tasks:   []plan.Task{{Code: "9", Action: 2, Title: "九"}, {Code: "1", Action: 1, Title: "一"}, {Code: "S1", Title: "保障"}},
		Units:   []plan.Unit{{Code: "z", Name: "甲"}, {Code: "a", Name: "乙"}},
	}}
	now := at(t, "2026-05-01 09:00")
	of := func(task, unit, due string, s obligation.Standing, hours ...int) statistics.Case {
		c := statistics.Case{Task: task, Unit: unit, UnitName: "旧" + unit, Due: calendar.MustDate(due), Standing: s, Reached: [7]int{1}}
		for _, h := range hours {
			c.Took = append(c.Took, statistics.Took{Work: statistics.Review, Time: time.Duration(h) * time.Hour})
		}
		return c
	}
	open := obligation.Standing{Stage: obligation.StageOpen, YellowAt: now.AddDate(1, 0, 0), OverdueAt: now.AddDate(1, 0, 0)}
	overdue := obligation.Standing{Stage: obligation.StageSigned, WasOverdue: true}
	cases := []statistics.Case{
		of("1", "a", "2026-01-31", obligation.Standing{Stage: obligation.StageAccepted}, 1, 2, 3, 4, 5, 6, 7, 8, 9, 30),
		of("1", "a", "2026-04-30", obligation.Standing{Stage: obligation.StageAccepted, WasOverdue: true}),
		of("9", "z", "2026-04-30", overdue),
		of("S1", "gone", "2026-12-31", open),
		of("X", "z", "2025-12-31", obligation.Standing{Stage: obligation.StageWaived}),
		of("9", "z", "2025-12-31", obligation.Standing{Stage: obligation.StageHistory, Outcome: obligation.Unknown}),
	}
	f := statistics.Compute(cases, d, statistics.Scope{}, now)
	r := f.Total
	require.Equal(t, []int{6, 4, 2, 1, 1, 2, 1, 1, 1}, []int{r.Total, r.Counted, r.Closed, r.OnTime, r.Late, r.Open, r.Overdue, r.Waived, r.History})
	require.InDelta(t, 0.5, r.Completion, 1e-9)
	require.InDelta(t, 1.0/3, r.Rate, 1e-9)
	require.Equal(t, 6, r.Reached[0])
	require.Equal(t, statistics.Time{Work: statistics.Review, Count: 10, Median: statistics.Span{Hours: 5}, P90: statistics.Span{Hours: 9}}, r.Times[2])
	require.Equal(t, statistics.Time{Work: statistics.Sign}, r.Times[0])

	for by, want := range map[statistics.Key][]string{
		statistics.ByAction:  {"行动2 二", "行动1 一", "保障措施与总体目标"},
		statistics.ByTask:    {"任务9 九", "任务1 一", "任务S1 保障", "X"},
		statistics.ByUnit:    {"甲", "乙", "旧gone"},
		statistics.ByYear:    {"2025年", "2026年"},
		statistics.ByQuarter: {"2025年第4季度", "2026年第1季度", "2026年第2季度", "2026年第4季度"},
		statistics.ByMonth:   {"2025年12月", "2026年1月", "2026年4月", "2026年12月"},
	} {
		var names []string
		total := 0
		for _, row := range f.By(by) {
			names, total = append(names, row.Name), total+row.Total
		}
		require.Equal(t, want, names)
		require.Equal(t, 6, total, "every table has everything")
	}
	half := statistics.Compute(cases, d, statistics.Scope{Year: 2026, Half: 1}, now)
	require.Equal(t, 3, half.Total.Total)
	require.Len(t, half.By(statistics.ByUnit), 2)

	one, err := json.Marshal(f)
	require.NoError(t, err)
	for range 20 {
		again, err := json.Marshal(statistics.Compute(cases, d, statistics.Scope{}, now))
		require.NoError(t, err)
		require.Equal(t, string(one), string(again))
	}
	none, err := json.Marshal(statistics.Compute(nil, d, statistics.Scope{}, now))
	require.NoError(t, err)
	require.Contains(t, string(none), `{"by":"action","rows":[]}`)
}

func TestSpan(t *testing.T) {
	for span, want := range map[statistics.Span]string{
		{Days: 2, Hours: 5}: "2个工作日5小时", {Days: 2}: "2个工作日", {Hours: 5}: "5小时", {}: "不足1小时",
	} {
		require.Equal(t, want, span.Chinese())
	}
	require.Equal(t, "66.7%", statistics.Percent(2.0/3, true))
	require.Equal(t, "—", statistics.Percent(0, false))
}
