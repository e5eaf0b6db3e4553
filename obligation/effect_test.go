package obligation_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// runningBy returns what is open by a definition at an instant.
func runningBy(t *testing.T, d obligation.Definition, now time.Time) map[obligation.ID]obligation.State {
	t.Helper()
	open := map[obligation.ID]obligation.State{}
	slots, err := d.Agenda("", nine)
	require.NoError(t, err)
	for _, s := range slots {
		if s.At.After(now) {
			continue
		}
		for _, o := range d.Openings(s, nine) {
			if st := obligation.Apply(obligation.State{}, obligation.Open(o, d.Calendar, now)); !st.IsClosed() {
				open[o.Facts.ID] = st
			}
		}
	}
	return open
}

func TestEffectsOfAChangedDefinition(t *testing.T) {
	now := moment("2025-05-12 10:00")
	street := obligation.ID{Plan: "p", Measure: "1.1", Unit: "huayang", Period: "2"}
	report := obligation.ID{Plan: "p", Measure: "2.1", Unit: "yingji", Period: "2025Q2"}
	for _, tt := range []struct {
		name   string
		revise func(*obligation.Definition)
		want   []string
	}{
		{"nothing", func(*obligation.Definition) {}, nil},
		{"another due date", func(d *obligation.Definition) {
			d.Plan.Measures[0].Schedule.Due = []calendar.Date{calendar.MustDate("2025-03-25"), calendar.MustDate("2025-09-30")}
		}, []string{"调整 " + street.String() + " 到期日：2025-06-30 → 2025-09-30", "调整 p/1.1/new/2 到期日：2025-06-30 → 2025-09-30"}},
		{"another ladder", func(d *obligation.Definition) { d.Plan.Measures[0].Ladder = "gentle" }, []string{"调整 " + street.String() + " 升级阶梯：标准阶梯，步骤或天数有变", "调整 p/1.1/new/2 升级阶梯：标准阶梯，步骤或天数有变"}},
		{"a withdrawn measure", func(d *obligation.Definition) { d.Plan.Measures = d.Plan.Measures[:1] }, []string{"撤销 " + report.String()}},
		{"another unit", func(d *obligation.Definition) {
			d.Plan.Measures[1].Audience = plan.Audience{Units: []string{"huayang"}}
		}, []string{
			"撤销 " + report.String(), "交办 p/2.1/huayang/2025Q2",
		}},
		{"another name of a unit", func(d *obligation.Definition) {
			d.Plan.Units = slices.Clone(d.Plan.Units)
			d.Plan.Units[2].Name = "区应急管理局"
		}, []string{"调整 " + report.String() + " 单位名称：区应急局 → 区应急管理局"}},
		{"a measure that is new", func(d *obligation.Definition) {
			m := d.Plan.Measures[1]
			m.Code = "2.2"
			d.Plan.Measures = append(d.Plan.Measures, m)
		}, []string{"交办 p/2.2/yingji/2025Q2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before, after := campaign(), campaign()
			after.Version = 2
			after.Plan.Measures = slices.Clone(after.Plan.Measures)
			tt.revise(&after)
			effects, err := before.Effects(after, runningBy(t, before, now), nine, now)
			require.NoError(t, err)
			var got []string
			for _, e := range effects {
				line := e.Kind.Chinese() + " " + e.ID.String()
				for _, c := range e.Changes {
					line += " " + c
				}
				got = append(got, line)
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// What somebody has closed is left as it is, and an extension stays where the plan says what it said.
func TestEffectsLeaveWhatIsDecided(t *testing.T) {
	now := moment("2025-05-12 10:00")
	before, after := campaign(), campaign()
	after.Plan.Measures = slices.Clone(after.Plan.Measures)
	after.Plan.Measures[0].Title = "修订判定标准"
	open := runningBy(t, before, now)
	street := obligation.ID{Plan: "p", Measure: "1.1", Unit: "huayang", Period: "2"}
	st := open[street]
	st.Planned, st.Due = st.Due, calendar.MustDate("2025-07-31")
	open[street] = st
	effects, err := before.Effects(after, open, nine, now)
	require.NoError(t, err)
	require.Equal(t, []string{"标题：修订标准 → 修订判定标准"}, effects[0].Changes)
	clear(open)
	effects, err = before.Effects(after, open, nine, now)
	require.NoError(t, err)
	require.Empty(t, effects)
}
