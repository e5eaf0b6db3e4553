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
		{"a form", func(d *obligation.Definition) { d.Plan.Measures[1].Form = plan.FormMonthly }, []string{"调整 " + report.String() + " 报送表单：无 → 月报"}},
		{"another ladder", func(d *obligation.Definition) { d.Plan.Measures[0].Ladder = "gentle" }, []string{
			"调整 " + street.String() + " 升级阶梯：标准阶梯（standard） → 标准阶梯（gentle）", "调整 p/1.1/new/2 升级阶梯：标准阶梯（standard） → 标准阶梯（gentle）",
		}},
		{"steps of a ladder", func(d *obligation.Definition) {
			l := standard()
			l.Cure = 3
			l.Steps = slices.Delete(l.Steps, 1, 2)                            // remind-15
			l.Steps[5].Offset, l.Steps[5].SignOff = 3, obligation.SignOffAuto // letter+5
			l.Steps = append(l.Steps, obligation.Step{Code: "late", Rung: obligation.Press, Anchor: obligation.AnchorDue, Offset: 20, To: obligation.ToOffice})
			d.Ladders = []obligation.Ladder{d.Ladders[0], l}
			d.Ladders[1].Code = "gentle"
		}, []string{"调整 " + report.String() + " 两次正式措施至少间隔（工作日）：5 → 3" +
			" 取消步骤 remind-15：提醒（到期前15个工作日）" +
			" 步骤 letter+5：督促函（逾期5个工作日），区安委办签发 → 督促函（逾期3个工作日），自动签发" +
			" 增加步骤 late：催办（逾期20个工作日），发给区安委办"}},
		{"the order of a ladder's steps", func(d *obligation.Definition) {
			l := d.Ladders[1]
			l.Steps = slices.Clone(l.Steps)
			l.Steps[1], l.Steps[2] = l.Steps[2], l.Steps[1]
			d.Ladders = []obligation.Ladder{d.Ladders[0], l}
		}, []string{"调整 " + report.String() + " 升级阶梯：标准阶梯，步骤的先后或计日的规则有变"}},
		{"when the next step is taken", func(d *obligation.Definition) {
			l := d.Ladders[1]
			l.Steps = slices.Clone(l.Steps)
			l.Steps[0].Offset = 4 // sign+2, of what was handed over on 2025-05-12
			d.Ladders = []obligation.Ladder{d.Ladders[0], l}
		}, []string{"调整 " + report.String() +
			" 步骤 sign+2：提醒（交办后2个工作日未签收，其后每5个工作日一次） → 提醒（交办后4个工作日未签收，其后每5个工作日一次）" +
			" 下一步（提醒（交办后4个工作日未签收，其后每5个工作日一次））：2025-05-14 09:00 → 2025-05-16 09:00"}},
		{"a due date more, before the one that runs", func(d *obligation.Definition) {
			s := &d.Plan.Measures[0].Schedule
			*s = s.WithDue([]calendar.Date{calendar.MustDate("2025-03-25"), calendar.MustDate("2025-05-30"), calendar.MustDate("2025-06-30")})
		}, []string{"交办 p/1.1/huayang/3"}},
		{"a due date less, before the one that runs", func(d *obligation.Definition) {
			s := &d.Plan.Measures[0].Schedule
			*s = s.WithDue([]calendar.Date{calendar.MustDate("2025-06-30")})
		}, nil},
		{"a due date less, that runs", func(d *obligation.Definition) {
			s := &d.Plan.Measures[0].Schedule
			*s = s.WithDue([]calendar.Date{calendar.MustDate("2025-03-25")})
		}, []string{"撤销 " + street.String(), "撤销 p/1.1/new/2"}},
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

// Another calendar is an effect where something is due at another time, and nowhere else: who has nothing of it is left alone.
func TestCalendarAdjustsOnlyWhatItMoves(t *testing.T) {
	now := moment("2025-05-12 10:00")
	before := campaign()
	years := map[int]calendar.Year{2027: {Off: []string{"0101"}}}
	for _, n := range before.Calendar.Years() {
		years[n] = before.Calendar.Year(n)
	}
	after := before
	var err error
	after.Calendar, err = calendar.NewCalendar(before.Calendar.Version()+1, years)
	require.NoError(t, err)
	open := runningBy(t, before, now)
	require.NotEmpty(t, open)
	effects, err := before.Effects(after, open, nine, now)
	require.NoError(t, err)
	require.Empty(t, effects)

	y := before.Calendar.Year(2025)
	years[2025] = calendar.Year{Off: append(slices.Clone(y.Off), "0514"), On: y.On}
	after.Calendar, err = calendar.NewCalendar(before.Calendar.Version()+1, years)
	require.NoError(t, err)
	effects, err = before.Effects(after, open, nine, now)
	require.NoError(t, err)
	require.Len(t, effects, len(open), "all are to be signed for by the 14th")
	require.Contains(t, effects[0].Changes[0], "2025-05-14 09:00 → 2025-05-15 09:00")
}
