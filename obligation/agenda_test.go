package obligation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// campaign is a plan of two tasks and three units, one of which exists from 2025-06-01 on.
func campaign() obligation.Definition {
	gentle := standard()
	gentle.Code = "gentle"
	return obligation.Definition{
		Version: 1, AsOf: calendar.MustDate("2025-04-21"), Calendar: holidays, Ladders: []obligation.Ladder{standard(), gentle},
		Plan: plan.Plan{
			Code: "p", Title: "方案", Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay,
			Issued: calendar.MustDate("2025-04-01"), From: calendar.MustDate("2025-01-01"), To: calendar.MustDate("2025-12-31"),
			Actions: []plan.Action{{Number: 1, Title: "行动"}},
			Tasks:   []plan.Task{{Code: "1", Text: "原文一"}, {Code: "2", Text: "原文二"}},
			Measures: []plan.Measure{
				{
					Code: "1.1", Task: "1", Title: "修订标准", Quote: "修订", Done: "印发", Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}},
					Schedule: plan.Schedule{Kind: plan.Milestone, Due: []calendar.Date{calendar.MustDate("2025-03-25"), calendar.MustDate("2025-06-30")}},
				},
				{
					Code: "2.1", Task: "2", Title: "每季度报告", Quote: "每季度", Ladder: "gentle", Audience: plan.Audience{Units: []string{"yingji"}},
					Schedule: plan.Schedule{Kind: plan.Recurring, Cron: "0 0 1 1,4,7,10 *", Names: plan.CronStart},
				},
			},
			Units: []plan.Unit{
				{Code: "huayang", Name: "华阳路街道", Kind: plan.KindStreet, Aliases: []string{"华阳"}, Contacts: []plan.Contact{{Name: "张三"}}},
				{Code: "new", Name: "新街道", Kind: plan.KindStreet, From: calendar.MustDate("2025-06-01")},
				{Code: "yingji", Name: "区应急局", Kind: plan.KindGovernment},
			},
		},
	}
}

const nine = 9 * time.Hour

func keys(slots []obligation.Slot) []string {
	var out []string
	for _, s := range slots {
		out = append(out, s.At.Format("01-02 15:04 ")+s.Key())
	}
	return out
}

func TestAgenda(t *testing.T) {
	slots, err := campaign().Agenda("", nine)
	require.NoError(t, err)
	require.Equal(t, []string{
		"03-25 09:00 1.1/1", "04-01 09:00 1.1/2", "04-01 09:00 2.1/2025Q2", "07-01 09:00 2.1/2025Q3", "10-01 09:00 2.1/2025Q4",
	}, keys(slots), "in the order in which they open, and of those on one day by due date")
	slots, err = campaign().Agenda("2", nine)
	require.NoError(t, err)
	require.Equal(t, []string{"04-01 09:00 2.1/2025Q2", "07-01 09:00 2.1/2025Q3", "10-01 09:00 2.1/2025Q4"}, keys(slots))
	later := campaign()
	later.Plan.Measures[0].Schedule.Due[1] = calendar.MustDate("2025-09-30")
	slots, err = later.Agenda("", nine)
	require.NoError(t, err)
	require.Equal(t, []string{"03-25 09:00 1.1/1", "04-01 09:00 2.1/2025Q2", "04-01 09:00 1.1/2"}, keys(slots)[:3])
	broken := campaign()
	broken.Plan.Measures[0].Schedule.Due = nil
	_, err = broken.Agenda("", nine)
	require.Error(t, err)
	_, err = broken.Agenda("2", nine)
	require.NoError(t, err)
}

func TestOpenings(t *testing.T) {
	d := campaign()
	slots, err := d.Agenda("", nine)
	require.NoError(t, err)
	units := map[string][]string{}
	for _, s := range slots {
		for _, o := range d.Openings(s, nine) {
			units[s.Key()] = append(units[s.Key()], o.Facts.ID.Unit)
		}
	}
	require.Equal(t, []string{"huayang"}, units["1.1/1"], "who does not exist on the due date owes nothing")
	require.Equal(t, []string{"huayang", "new"}, units["1.1/2"])
	require.Equal(t, obligation.Opening{
		AsOf: d.AsOf,
		Facts: obligation.Facts{
			ID:   obligation.ID{Plan: "p", Measure: "1.1", Unit: "huayang", Period: "1"},
			Task: "1", PlanTitle: "方案", Title: "修订标准", Quote: "修订", Done: "印发", UnitName: "华阳路街道", Period: "2025年3月25日前",
			Due: calendar.MustDate("2025-03-25"), BeforeIssue: true,
		},
		Policy: obligation.Policy{Ladder: standard(), Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay, At: nine},
	}, d.Openings(slots[0], nine)[0])
	require.False(t, d.Openings(slots[1], nine)[0].Facts.BeforeIssue)
	require.Equal(t, "gentle", d.Openings(slots[2], nine)[0].Policy.Ladder.Code)
	require.Equal(t, "standard", d.LadderOf(plan.Measure{Ladder: "unheard-of"}).Code)
}

func TestCompare(t *testing.T) {
	none := func(*obligation.Definition) {}
	tests := []struct {
		name            string
		change          func(*obligation.Definition)
		joined, rearmed []string
	}{
		{"nothing", none, nil, nil},
		{"a new due date", func(d *obligation.Definition) { d.Plan.Measures[0].Schedule.Due[1] = calendar.MustDate("2025-07-31") }, nil, []string{"huayang", "new"}},
		{"another wording", func(d *obligation.Definition) { d.Plan.Measures[0].Done = "印发并公布" }, nil, []string{"huayang", "new"}},
		{"another name", func(d *obligation.Definition) { d.Plan.Units[0].Name = "华阳街道" }, nil, []string{"huayang"}},
		{"a unit more", func(d *obligation.Definition) { d.Plan.Measures[0].Audience.Units = []string{"yingji"} }, []string{"yingji"}, nil},
		{"another ladder", func(d *obligation.Definition) { d.Plan.Measures[0].Ladder = "gentle" }, nil, []string{"huayang", "new"}},
		{"a step of the ladder", func(d *obligation.Definition) { d.Ladders[0].Steps[0].Offset = 3 }, nil, []string{"huayang", "new"}},
		{"the rule of rest days", func(d *obligation.Definition) { d.Plan.RestDayRule = plan.RestDayNextWorkday }, nil, []string{"huayang", "new"}},
		{"the date of issue", func(d *obligation.Definition) { d.Plan.Issued = calendar.MustDate("2025-07-01") }, nil, []string{"huayang", "new"}},
		{"another measure", func(d *obligation.Definition) { d.Plan.Measures[1].Done = "报送" }, nil, nil},
		{"the calendar", func(d *obligation.Definition) {
			cal, err := calendar.NewCalendar(4, nil)
			require.NoError(t, err)
			d.Calendar = cal
		}, nil, []string{"huayang", "new"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before, after := campaign(), campaign()
			tt.change(&after)
			slots, err := after.Agenda("1", nine)
			require.NoError(t, err)
			slot := slots[len(slots)-1]
			require.Equal(t, "1.1/2", slot.Key())
			c := before.Compare(after, slot, nine)
			unitsOf := func(openings []obligation.Opening) []string {
				var out []string
				for _, o := range openings {
					out = append(out, o.Facts.ID.Unit)
				}
				return out
			}
			require.Equal(t, tt.joined, unitsOf(c.Joined))
			require.Equal(t, tt.rearmed, unitsOf(c.Rearmed))
		})
	}
	// A measure that is new, or could not run before, joins as a whole.
	before, after := campaign(), campaign()
	before.Plan.Measures = before.Plan.Measures[1:]
	slots, err := after.Agenda("1", nine)
	require.NoError(t, err)
	require.Len(t, before.Compare(after, slots[1], nine).Joined, 2)
	before = campaign()
	before.Plan.Measures[0].Schedule.Due = nil
	require.Len(t, before.Compare(after, slots[1], nine).Joined, 2)
}

func TestDefinitionOfATask(t *testing.T) {
	d := campaign()
	only := d.ForTask("1")
	require.Equal(t, []plan.Task{{Code: "1"}}, only.Plan.Tasks, "workflows need no wording")
	require.Len(t, only.Plan.Measures, 1)
	require.Len(t, only.Plan.Units, 2)
	require.Empty(t, only.Plan.Actions)
	require.Empty(t, only.Plan.Units[0].Aliases)
	require.Empty(t, only.Plan.Units[0].Contacts)
	require.Equal(t, "原文一", d.Plan.Tasks[0].Text, "the definition itself is left alone")
	require.NotEmpty(t, d.Plan.Units[0].Contacts)
	want, err := d.Agenda("1", nine)
	require.NoError(t, err)
	got, err := only.Agenda("1", nine)
	require.NoError(t, err)
	require.Equal(t, keys(want), keys(got))
	for i := range want {
		require.Equal(t, d.Openings(want[i], nine), only.Openings(got[i], nine))
	}
}

func TestSameTask(t *testing.T) {
	d := campaign()
	require.True(t, d.SameTask(campaign(), "1"))
	for name, change := range map[string]func(*obligation.Definition){
		"measure": func(d *obligation.Definition) { d.Plan.Measures[0].Done = "公布" },
		"unit":    func(d *obligation.Definition) { d.Plan.Units[0].Name = "华阳街道" },
		"ladder":  func(d *obligation.Definition) { d.Ladders[0].Cure = 6 },
		"plan":    func(d *obligation.Definition) { d.Plan.To = calendar.MustDate("2025-12-30") },
		"calendar": func(d *obligation.Definition) {
			cal, err := calendar.NewCalendar(4, nil)
			require.NoError(t, err)
			d.Calendar = cal
		},
	} {
		after := campaign()
		change(&after)
		require.False(t, d.SameTask(after, "1"), name)
	}
	for name, change := range map[string]func(*obligation.Definition){
		"wording": func(d *obligation.Definition) { d.Plan.Tasks[0].Text = "别的原文" },
		"contact": func(d *obligation.Definition) { d.Plan.Units[0].Contacts = nil },
		"other":   func(d *obligation.Definition) { d.Plan.Measures[1].Done = "公布" },
		"version": func(d *obligation.Definition) { d.Version = 2 },
	} {
		after := campaign()
		change(&after)
		require.True(t, d.SameTask(after, "1"), name)
	}
}
