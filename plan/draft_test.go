package plan_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/plan"
)

func TestNextCampaign(t *testing.T) {
	day := calendar.MustDate
	p := plan.Plan{
		Code: "p-2024", From: day("2024-01-01"), To: day("2026-12-31"), Issued: day("2024-04-19"),
		Tasks: []plan.Task{{Code: "1", Lead: []string{"old", "new"}}},
		Units: []plan.Unit{{Code: "old", To: day("2026-06-30")}, {Code: "new"}, {Code: "last", To: day("2027-01-01")}},
		Measures: []plan.Measure{
			{
				Code: "1.1", Note: "原注", Inferred: []string{"audience"}, Audience: plan.Audience{Units: []string{"old", "new"}},
				Schedule: plan.Schedule{Kind: plan.Milestone, Due: []calendar.Date{day("2024-02-29"), day("2024-12-31")}, From: day("2024-02-01")},
			},
			{Code: "1.2", Inferred: []string{"schedule"}, Schedule: plan.Schedule{Kind: plan.Continuous}},
		},
	}
	next := p.Next(plan.Draft{Code: "p-2027", Number: "长安委〔2027〕1号", Title: "新方案", Issued: day("2027-03-01"), Years: 3})
	require.Equal(t, []any{"p-2027", day("2027-01-01"), day("2029-12-31"), day("2027-03-01")}, []any{next.Code, next.From, next.To, next.Issued})
	require.Equal(t, []calendar.Date{day("2027-02-28"), day("2027-12-31")}, next.Measures[0].Schedule.Due)
	require.Equal(t, day("2027-02-01"), next.Measures[0].Schedule.From)
	require.True(t, next.Measures[0].Schedule.To.IsZero())
	require.Equal(t, []string{"new"}, next.Measures[0].Audience.Units)
	require.Equal(t, []string{"new"}, next.Tasks[0].Lead)
	require.Len(t, next.Units, 2)
	require.Equal(t, []string{"audience", "schedule"}, next.Measures[0].Inferred)
	require.Equal(t, []string{"schedule"}, next.Measures[1].Inferred)
	require.Equal(t, "原注 由上一方案顺延3年，待对照新方案确认。", next.Measures[0].Note)
	require.Equal(t, day("2024-12-31"), p.Measures[0].Schedule.Due[1], "what was stays as it was")
}
