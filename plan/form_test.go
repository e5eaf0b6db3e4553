package plan

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestForms(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(p *Plan)
		code   string // "": no fault
		path   string
	}{
		"none":      {func(*Plan) {}, "", ""},
		"monthly":   {func(p *Plan) { p.Measures[3].Form = FormMonthly }, "", ""},
		"unknown":   {func(p *Plan) { p.Measures[3].Form = "weekly" }, CodeUnknownValue, "measures[3].form"},
		"milestone": {func(p *Plan) { p.Measures[1].Form = FormMonthly }, CodeFormSchedule, "measures[1].form"},
		"quarterly": {func(p *Plan) { p.Measures[0].Form = FormMonthly }, CodeFormSchedule, "measures[0].form"},
		"by first days": {func(p *Plan) {
			p.Measures[3].Form = FormMonthly
			p.Measures[3].Schedule.Cron, p.Measures[3].Schedule.Names = "0 0 1 * *", CronStart
		}, "", ""},
		"broken schedule": {func(p *Plan) {
			p.Measures[3].Form = FormMonthly
			p.Measures[3].Schedule.Cron = "0 0 31 * *"
		}, CodeCronSkipsMonth, "measures[3].schedule.cron"},
	} {
		p := small()
		tt.change(p)
		faults := p.Validate()
		if tt.code == "" {
			require.Empty(t, faults, name)
			continue
		}
		require.Len(t, faults, 1, name)
		require.Equal(t, []string{tt.code, tt.path}, []string{faults[0].Code, faults[0].Path}, name)
	}

	p := small()
	_, ok := p.Monthly()
	require.False(t, ok)
	p.Measures[3].Form = FormMonthly
	m, ok := p.Monthly()
	require.True(t, ok)
	require.Equal(t, "S6.1", m.Code)
	twice := m
	twice.Code = "S6.2"
	p.Measures = append(p.Measures, twice)
	require.Len(t, p.Validate(), 2)
	require.Equal(t, CodeFormTwice, p.Validate()[0].Code)
}
