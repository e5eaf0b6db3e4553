package obligation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
)

// Due on Monday 30 June: yellow from 19 June, seven working days before; red from 1 July.
func TestLights(t *testing.T) {
	early := func(l *life) { l.do("2025-06-10 10:00", obligation.Submit, "已完成") }
	late := func(l *life) { l.do("2025-07-02 10:00", obligation.Submit, "已完成") }
	accept := func(when string) func(*life) {
		return func(l *life) { l.do(when, obligation.Accept, "") }
	}
	back := func(when, until string) func(*life) {
		return func(l *life) {
			l.put(when, obligation.Command{Kind: obligation.Return, Text: "缺附件", Due: calendar.MustDate(until)})
		}
	}
	tests := []struct {
		name string
		did  []func(*life)
		when string
		want obligation.Light
	}{
		{"long before", nil, "2025-06-02 10:00", obligation.Green},
		{"the last green moment", nil, "2025-06-18 23:59", obligation.Green},
		{"seven working days before", nil, "2025-06-19 00:00", obligation.Yellow},
		{"the due date includes its whole day", nil, "2025-06-30 23:59", obligation.Yellow},
		{"overdue", nil, "2025-07-01 00:00", obligation.Red},
		{"signed for changes nothing", []func(*life){func(l *life) { l.do("2025-06-03", obligation.Sign, "") }}, "2025-06-19 00:00", obligation.Yellow},
		{"signed for and overdue", []func(*life){func(l *life) { l.do("2025-06-03", obligation.Sign, "") }}, "2025-07-01 00:00", obligation.Red},
		{"reported in time", []func(*life){early}, "2025-08-01 10:00", obligation.Green},
		{"reported late", []func(*life){late}, "2025-07-02 10:00", obligation.Yellow},
		{"accepted in time", []func(*life){early, accept("2025-07-15 10:00")}, "2026-12-31 10:00", obligation.Green},
		{"accepted late", []func(*life){late, accept("2025-07-03 10:00")}, "2026-12-31 10:00", obligation.Yellow},
		{"returned, long before", []func(*life){early, back("2025-06-11 10:00", "2025-06-30")}, "2025-06-11 10:00", obligation.Yellow},
		{"returned and late with it", []func(*life){early, back("2025-06-11 10:00", "2025-06-30")}, "2025-07-01 00:00", obligation.Red},
		{"returned after it was late", []func(*life){late, back("2025-07-03 10:00", "2025-07-31")}, "2025-07-03 10:00", obligation.Yellow},
		{"reworked in time, after it was late", []func(*life){
			late, back("2025-07-03 10:00", "2025-07-31"), func(l *life) { l.do("2025-07-04 10:00", obligation.Submit, "二稿") },
		}, "2025-07-04 10:00", obligation.Yellow},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := open(t, due("2025-06-30"), "2025-06-02")
			for _, do := range tt.did {
				do(l)
			}
			require.Equal(t, tt.want, obligation.LightAt(l.state, l.cal, moment(tt.when)))
			require.Equal(t, tt.want, obligation.DeriveLight(l.state.Standing(l.cal), moment(tt.when)), "a kept standing says the same")
		})
	}
}

func TestLightsUnderTheRulesOfRestDays(t *testing.T) {
	workday := open(t, due("2025-06-28"), "2025-06-02").state
	nextday := open(t, with(due("2025-06-28"), nextDay), "2025-06-02").state
	for when, want := range map[string][2]obligation.Light{
		"2025-06-28 23:59": {obligation.Yellow, obligation.Yellow},
		"2025-06-29 00:00": {obligation.Yellow, obligation.Red},
		"2025-06-30 23:59": {obligation.Yellow, obligation.Red},
		"2025-07-01 00:00": {obligation.Red, obligation.Red},
	} {
		require.Equal(t, want[0], obligation.LightAt(workday, holidays, moment(when)), when)
		require.Equal(t, want[1], obligation.LightAt(nextday, holidays, moment(when)), when)
	}
}

func TestLightsOfHistory(t *testing.T) {
	for is, want := range map[obligation.Outcome]obligation.Light{
		obligation.Done: obligation.Green, obligation.Missed: obligation.Red, obligation.Owed: obligation.Red, obligation.Unknown: obligation.None, "": obligation.None,
	} {
		require.Equal(t, want, obligation.DeriveLight(obligation.Standing{Stage: obligation.StageHistory, Outcome: is, WasOverdue: true}, time.Time{}))
	}
}

func TestWordsThatPeopleRead(t *testing.T) {
	require.Equal(t, "绿灯", obligation.Green.Chinese())
	for _, word := range []interface{ Chinese() string }{
		obligation.Yellow, obligation.Red, obligation.None,
		obligation.Remind, obligation.Press, obligation.Letter, obligation.Circular, obligation.Interview, obligation.Expose, obligation.Transfer,
		obligation.StageOpen, obligation.StageSigned, obligation.StageSubmitted, obligation.StageReturned, obligation.StageAccepted, obligation.StageHistory, obligation.StageWaived,
		obligation.Done, obligation.Missed, obligation.Unknown, obligation.Owed,
		obligation.Recorded, obligation.Opened, obligation.Reminded, obligation.Overdue, obligation.Drafted, obligation.Issued, obligation.Withdrawn,
		obligation.Signed, obligation.Submitted, obligation.Accepted, obligation.Returned, obligation.Nudged, obligation.Rearmed,
		obligation.ExtensionAsked, obligation.Extended, obligation.ExtensionRefused, obligation.Waived,
		obligation.Suspended, obligation.Resumed, obligation.SentBack, obligation.SendBackRefused, obligation.Progressed,
		obligation.InspectionPlanned, obligation.InspectionRecorded, obligation.FindingsAdded, obligation.SeverityCommon, obligation.SeverityGrave, obligation.SeverityMajor,
		obligation.InspectionUnplanned, obligation.InspectionReady, obligation.InspectionHeld, obligation.InspectionDone, obligation.InspectionDropped,
		obligation.BrokenDown, obligation.PartMoved, obligation.Delegated, obligation.DelegationEnded, obligation.HandedOver,
	} {
		require.NotEmpty(t, word.Chinese(), "%v", word)
	}
}
