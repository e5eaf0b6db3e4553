package obligation_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// whole is a campaign that the plan's own rules find nothing wrong with.
func whole(t *testing.T) obligation.Definition {
	t.Helper()
	d := campaign()
	d.Plan.Number, d.Plan.Issuer = "长安委〔2025〕1号", "区安委会"
	for i, title := range []string{"修订", "报告"} {
		d.Plan.Tasks[i].Title, d.Plan.Tasks[i].Action, d.Plan.Tasks[i].Lead = title, 1, []string{"yingji"}
	}
	d.Plan.Tasks[0].Text, d.Plan.Tasks[1].Text = "修订标准。", "每季度报告。"
	for i := range d.Plan.Measures {
		d.Plan.Measures[i].Inferred, d.Plan.Measures[i].Done = []string{}, "印发"
	}
	for i := range d.Plan.Units {
		d.Plan.Units[i].Tags, d.Plan.Units[i].Contacts = []string{}, nil
		if d.Plan.Units[i].Aliases == nil {
			d.Plan.Units[i].Aliases = []string{}
		}
	}
	require.Empty(t, d.Plan.Validate())
	return d
}

func TestAmend(t *testing.T) {
	day := calendar.MustDate
	for _, tt := range []struct {
		name  string
		a     obligation.Amendment
		check func(t *testing.T, d obligation.Definition)
	}{
		{"a unit's name", obligation.Amendment{Units: []obligation.UnitChange{{Code: "yingji", Name: new("区应急管理局")}}}, func(t *testing.T, d obligation.Definition) {
			u, _ := d.Plan.Unit("yingji")
			require.Equal(t, []any{"区应急管理局", []string{"区应急局"}}, []any{u.Name, u.Aliases})
		}},
		{"a name back", obligation.Amendment{Units: []obligation.UnitChange{{Code: "huayang", Name: new("华阳")}}}, func(t *testing.T, d obligation.Definition) {
			u, _ := d.Plan.Unit("huayang")
			require.Equal(t, []any{"华阳", []string{"华阳路街道"}}, []any{u.Name, u.Aliases})
		}},
		{"a new unit", obligation.Amendment{Units: []obligation.UnitChange{{Code: "xinjing", New: true, Name: new("新泾镇"), Kind: new(plan.KindStreet)}}}, func(t *testing.T, d obligation.Definition) {
			u, ok := d.Plan.Unit("xinjing")
			require.True(t, ok)
			require.Equal(t, plan.KindStreet, u.Kind)
		}},
		{"units that are merged", obligation.Amendment{Units: []obligation.UnitChange{
			{Code: "yingji", To: new(day("2025-06-30")), Into: "aqj"}, {Code: "aqj", New: true, Name: new("区安监局"), Kind: new(plan.KindGovernment), From: new(day("2025-07-01"))},
		}}, func(t *testing.T, d obligation.Definition) {
			require.Equal(t, []string{"yingji", "aqj"}, d.Plan.Measures[1].Audience.Units)
			require.Equal(t, []string{"yingji", "aqj"}, d.Plan.Tasks[1].Lead)
			require.Len(t, d.Plan.Resolve(d.Plan.Measures[1].Audience, day("2025-09-30")), 1)
			u, _ := d.Plan.Unit("yingji")
			require.Equal(t, "aqj", u.Into)
		}},
		{"due dates", obligation.Amendment{Measures: []obligation.MeasureChange{{Code: "1.1", Due: new([]calendar.Date{day("2025-03-25"), day("2025-09-30")})}}}, func(t *testing.T, d obligation.Definition) {
			require.Equal(t, day("2025-09-30"), d.Plan.Measures[0].Schedule.Due[1])
		}},
		{"a ladder and an audience", obligation.Amendment{Measures: []obligation.MeasureChange{{Code: "1.1", Ladder: new("gentle"), Audience: &plan.Audience{Units: []string{"huayang"}}}}}, func(t *testing.T, d obligation.Definition) {
			require.Equal(t, "gentle", d.LadderOf(d.Plan.Measures[0]).Code)
			require.Equal(t, []string{"huayang"}, d.Plan.Measures[0].Audience.Units)
		}},
		{"a ladder's steps", obligation.Amendment{Ladders: []obligation.Ladder{shorter("standard")}}, func(t *testing.T, d obligation.Definition) {
			require.Equal(t, []int{2, 10}, []int{len(d.Ladders), len(d.Ladders[1].Steps)})
			require.Equal(t, "standard", d.LadderOf(d.Plan.Measures[0]).Code)
			require.Len(t, d.LadderOf(d.Plan.Measures[0]).Steps, 9)
		}},
		{"a new ladder, named by a measure at once, and the one it had removed", obligation.Amendment{
			Ladders: []obligation.Ladder{shorter("short")}, Measures: []obligation.MeasureChange{{Code: "2.1", Ladder: new("short")}}, RemoveLadders: []string{"gentle"},
		}, func(t *testing.T, d obligation.Definition) {
			require.Equal(t, []string{"standard", "short"}, []string{d.Ladders[0].Code, d.Ladders[1].Code})
			require.Equal(t, "short", d.LadderOf(d.Plan.Measures[1]).Code)
		}},
		{"a year's holidays", obligation.Amendment{Years: map[int]calendar.Year{2027: {Off: []string{"0101"}}}}, func(t *testing.T, d obligation.Definition) {
			require.Contains(t, d.Calendar.Years(), 2027)
			require.Contains(t, d.Calendar.Years(), 2025, "the others stay")
			require.Equal(t, holidays.Version()+1, d.Calendar.Version())
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := whole(t)
			after, err := before.Amend(tt.a)
			require.NoError(t, err)
			tt.check(t, after)
			require.Equal(t, whole(t), before, "what was stays as it was")
		})
	}
}

func shorter(code string) obligation.Ladder {
	l := standard()
	l.Code, l.Steps = code, slices.Delete(l.Steps, 1, 2)
	return l
}

// What an amendment says that holds already leaves everything as it is, down to the calendar's version.
func TestAmendmentAgainChangesNothing(t *testing.T) {
	day := calendar.MustDate
	a := obligation.Amendment{
		Years:    map[int]calendar.Year{2027: {Off: []string{"0101"}}},
		Units:    []obligation.UnitChange{{Code: "yingji", Name: new("区应急管理局"), To: new(day("2025-06-30")), Into: "huayang"}},
		Measures: []obligation.MeasureChange{{Code: "1.1", Due: new([]calendar.Date{day("2025-03-25"), day("2025-09-30")}), Ladder: new("short")}},
		Ladders:  []obligation.Ladder{shorter("short"), shorter("standard")},
	}
	once, err := whole(t).Amend(a)
	require.NoError(t, err)
	require.NotEqual(t, whole(t), once)
	twice, err := once.Amend(a)
	require.NoError(t, err)
	require.Equal(t, once, twice)
}

func TestAmendmentThatCannotBe(t *testing.T) {
	for want, a := range map[string]obligation.Amendment{
		"没有写明":          {},
		"nobody":        {Units: []obligation.UnitChange{{Code: "nobody", Name: new("无")}}},
		"已有单位":          {Units: []obligation.UnitChange{{Code: "yingji", New: true}}},
		"一个不留":          {Units: []obligation.UnitChange{{Code: "yingji", Contacts: &[]plan.Contact{}}}},
		"最后一日":          {Units: []obligation.UnitChange{{Code: "yingji", Into: "huayang"}}},
		"9.9":           {Measures: []obligation.MeasureChange{{Code: "9.9", Withdraw: true}}},
		"harsh":         {Measures: []obligation.MeasureChange{{Code: "1.1", Ladder: new("harsh")}}},
		"默认的，不能删除":      {RemoveLadders: []string{"standard"}},
		"还在用（分项任务 2.1）": {RemoveLadders: []string{"gentle"}},
		"strict":        {RemoveLadders: []string{"strict"}},
		"写了两次":          {Ladders: []obligation.Ladder{shorter("short"), shorter("short")}},
		"至少要有一个步骤":      {Ladders: []obligation.Ladder{{Code: "short", Title: "短", Cure: 1, Rework: 1, Nudge: 1}}},
		"没有单独的":         {Measures: []obligation.MeasureChange{{Code: "2.1", Due: new([]calendar.Date{calendar.MustDate("2025-06-30")})}}},
		"先后顺序":          {Measures: []obligation.MeasureChange{{Code: "1.1", Due: new([]calendar.Date{calendar.MustDate("2025-06-30"), calendar.MustDate("2025-03-25"), calendar.MustDate("2025-09-30")})}}},
		"完成日期 due":      {Measures: []obligation.MeasureChange{{Code: "1.1", Due: &[]calendar.Date{}}}},
		"0230":          {Years: map[int]calendar.Year{2027: {Off: []string{"0230"}}}},
		"任务":            {Measures: []obligation.MeasureChange{{Code: "1.1", Withdraw: true}}},
		"ghost":         {Measures: []obligation.MeasureChange{{Code: "1.1", Audience: &plan.Audience{Units: []string{"ghost"}}}}},
	} {
		before := whole(t)
		after, err := before.Amend(a)
		require.ErrorContains(t, err, want)
		require.Equal(t, before, after)
	}
}

// A year's holidays that were not published move what was counted by plain weeks.
func TestCalendarMovesWhatIsCountedFromADate(t *testing.T) {
	before := whole(t)
	cal, err := calendar.NewCalendar(1, map[int]calendar.Year{2024: {}})
	require.NoError(t, err)
	before.Calendar = cal
	now := moment("2025-05-12 10:00")
	after, err := before.Amend(obligation.Amendment{Years: map[int]calendar.Year{2025: {Off: []string{"0616-0620", "0628-0630"}}}})
	require.NoError(t, err)
	effects, err := before.Effects(after, runningBy(t, before, now), nine, now)
	require.NoError(t, err)
	require.NotEmpty(t, effects)
	for _, e := range effects {
		require.Contains(t, e.Changes, "日期不再是暂定")
	}
}
