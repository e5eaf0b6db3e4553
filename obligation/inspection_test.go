package obligation_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

var office = obligation.Actor{Role: obligation.RoleOffice, Name: "王主任"}

// weekly returns the opening of the office's inspection in the week before the Sunday.
func weekly(sunday string) obligation.Opening {
	o := due(sunday)
	o.Facts.ID = obligation.ID{Plan: "p", Measure: "S6.3", Unit: "awb", Period: "2025W24"}
	o.Facts.Task, o.Facts.Quote, o.Facts.UnitName, o.Facts.Period = "S6", "每周组织一次专项督导检查", "区安委办", "2025年第24周"
	o.Facts.Form, o.Facts.Start = plan.FormInspection, o.Facts.Due.AddDays(-6)
	return o
}

// order is the ladder of findings.
func order() obligation.Ladder {
	l := standard()
	l.Code, l.Title, l.Rework, l.Cure = "order", "交办阶梯", 3, 3
	return l
}

// sheet lists visits as "unit day what was looked at".
func sheet(visits ...string) *obligation.InspectionSheet {
	out := &obligation.InspectionSheet{Theme: " 消防安全 ", Basis: "督查检查工作制度"}
	for _, v := range visits {
		f := strings.SplitN(v+"  ", " ", 3)
		out.Visits = append(out.Visits, obligation.Visit{Unit: f[0], UnitName: f[0] + "街道", Day: calendar.MustDate(f[1]), Places: "商铺", People: "李、赵", Seen: f[2]})
	}
	return out
}

func planned(visits ...string) obligation.Command {
	return obligation.Command{Kind: obligation.PlanInspection, By: office, Inspection: sheet(visits...)}
}

// recorded records an inspection with findings.
func recorded(s *obligation.InspectionSheet, findings ...obligation.Finding) obligation.Command {
	return obligation.Command{Kind: obligation.RecordInspection, By: office, Text: "总体情况", Inspection: s, Findings: findings, Ladders: []obligation.Ladder{order(), standard()}}
}

func later(findings ...obligation.Finding) obligation.Command {
	return obligation.Command{Kind: obligation.AddFindings, By: office, Findings: findings, Ladders: []obligation.Ladder{order(), standard()}}
}

// finding is something found with the unit; day "": its ladder's time.
func finding(unit, day string, changes ...func(*obligation.Finding)) obligation.Finding {
	f := obligation.Finding{Unit: unit, UnitName: unit + "街道", Place: "某商铺", Text: " 安全出口上锁 ", Basis: "消防法第二十八条", Severity: obligation.SeverityCommon, Demands: " 立即开启 ", Ladder: "order"}
	if day != "" {
		f.Due = calendar.MustDate(day)
	}
	for _, change := range changes {
		change(&f)
	}
	return f
}

func TestInspectionIsPlannedAndChanged(t *testing.T) {
	l := open(t, weekly("2025-06-15"), "2025-06-09")
	require.Equal(t, obligation.InspectionUnplanned, l.state.InspectionStage())
	e := l.put("2025-06-09 10:00", planned("huayang 2025-06-11", "xinhua 2025-06-12"))
	require.Empty(t, obligation.Notices(l.state, e), "it is the office's own")
	require.Equal(t, []any{"消防安全", 0, obligation.InspectionReady}, []any{l.state.Inspection.Plan.Theme, l.state.Inspection.Changes, l.state.InspectionStage()})
	_, err := l.decide("2025-06-09 11:00", planned("huayang 2025-06-11", "xinhua 2025-06-12"))
	requireCode(t, obligation.CodeNothingToDo, err)
	l.put("2025-06-10 10:00", planned("huayang 2025-06-13"))
	require.Equal(t, 1, l.state.Inspection.Changes)
	require.Len(t, l.state.Inspection.Plan.Visits, 1)
	require.Empty(t, l.state.InspectionReport())
	for code, c := range map[obligation.ErrorCode]obligation.Command{
		obligation.CodeVisitDay:             planned("huayang 2025-06-16"),
		obligation.CodeInspectionInvalid:    planned(),
		obligation.CodeInspectionUnrecorded: later(finding("huayang", "")),
	} {
		_, err := l.decide("2025-06-10 11:00", c)
		requireCode(t, code, err)
	}
	_, err = l.decide("2025-06-10 11:00", planned("huayang 2025-06-08"))
	requireCode(t, obligation.CodeVisitDay, err)
	other := open(t, due("2025-06-30"), "2025-06-09")
	for _, c := range []obligation.Command{planned("huayang 2025-06-11"), recorded(sheet("huayang 2025-06-09 看了")), later(finding("huayang", ""))} {
		_, err := other.decide("2025-06-10 11:00", c)
		requireCode(t, obligation.CodeNoInspection, err)
	}
}

func TestInspectionIsRecordedOnce(t *testing.T) {
	l := open(t, weekly("2025-06-15"), "2025-06-09")
	seen := sheet("huayang 2025-06-11 查看商铺", "xinhua 2025-06-12 查看仓库")
	for code, c := range map[obligation.ErrorCode]obligation.Command{
		obligation.CodeVisitUnseen:    recorded(sheet("huayang 2025-06-11")),
		obligation.CodeVisitDay:       recorded(sheet("huayang 2025-06-13 明天")),
		obligation.CodeFindingUnit:    recorded(seen, finding("tianshan", "")),
		obligation.CodeFindingDue:     recorded(seen, finding("huayang", "2025-06-12")),
		obligation.CodeFindingInvalid: recorded(seen, finding("huayang", "", func(f *obligation.Finding) { f.Ladder = "none" })),
	} {
		_, err := l.decide("2025-06-12 15:00", c)
		requireCode(t, code, err)
	}
	for _, broken := range []func(*obligation.Finding){
		func(f *obligation.Finding) { f.Text = " " }, func(f *obligation.Finding) { f.Demands = "" }, func(f *obligation.Finding) { f.Severity = "grim" },
		func(f *obligation.Finding) { f.Text = strings.Repeat("长", 201) },
	} {
		_, err := l.decide("2025-06-12 15:00", recorded(seen, finding("huayang", "", broken)))
		requireCode(t, obligation.CodeFindingInvalid, err)
	}
	major := finding("xinhua", "2025-07-04", func(f *obligation.Finding) { f.Severity, f.Ladder = obligation.SeverityMajor, "standard" })
	e := l.put("2025-06-12 15:00", recorded(seen, finding("huayang", ""), major))
	require.Equal(t, []string{"order", "standard"}, []string{e.Ladders[0].Code, e.Ladders[1].Code})
	require.Equal(t, obligation.InspectionHeld, l.state.InspectionStage())
	require.Equal(t, "2025-06-17", l.state.Findings()[0].Due.String(), "three working days")
	require.Equal(t, "2025年第24周专项督导检查（消防安全）已经开展，检查huayang街道、xinhua街道等2个单位。"+
		"发现问题2个，均已交办，整改期限最迟到2025年7月4日。其中重大问题1个，应登记为重大事故隐患挂牌督办。", l.state.InspectionReport())
	for _, c := range []obligation.Command{planned("huayang 2025-06-13"), recorded(seen)} {
		_, err := l.decide("2025-06-12 16:00", c)
		requireCode(t, obligation.CodeInspectionRecorded, err)
	}
	before := l.state
	l.put("2025-06-13 10:00", later(finding("huayang", "2025-06-20")))
	require.Equal(t, 3, l.state.Findings()[2].N)
	require.Len(t, before.Findings(), 2, "the state before stays as it was")
	require.True(t, e.SaysInspection(recorded(seen, finding("huayang", ""), major)), "a retry")
	require.False(t, e.SaysInspection(recorded(seen, finding("huayang", ""))))
	require.False(t, e.SaysInspection(recorded(sheet("huayang 2025-06-11 其他"), finding("huayang", ""), major)))

	// Findings that are open keep it from nothing.
	l.put("2025-06-13 11:00", obligation.Command{Kind: obligation.Submit, By: zhang, Text: l.state.InspectionReport()})
	l.put("2025-06-13 12:00", later(finding("huayang", "2025-06-27")))
	l.put("2025-06-13 13:00", obligation.Command{Kind: obligation.Accept, By: office})
	require.Equal(t, obligation.InspectionDone, l.state.InspectionStage())
	_, err := l.decide("2025-06-13 14:00", later(finding("huayang", "2025-06-27")))
	requireCode(t, obligation.CodeClosed, err)
}

// A finding is an obligation of the unit with which it was found, under its own ladder.
func TestFindingIsAnObligation(t *testing.T) {
	l := open(t, weekly("2025-06-15"), "2025-06-09")
	l.put("2025-06-12 15:00", recorded(sheet("huayang 2025-06-11 查看商铺"), finding("huayang", "2025-06-20")))
	f := l.state.Findings()[0]
	o := obligation.FindingOpening(l.state, f)
	require.Equal(t, "p/S6.3/huayang/2025W24.awb.f1", o.Facts.ID.String(), "always the same")
	require.Equal(t, obligation.FindingID(l.state.ID, f), o.Facts.ID)
	found := open(t, o, "2025-06-12 15:00")
	require.Equal(t, []any{"某商铺：安全出口上锁", "立即开启（依据：消防法第二十八条）", "order", "huayang", false},
		[]any{found.state.Title, found.state.Done, found.state.Policy.Ladder.Code, found.state.WaitingOn(), found.state.IsInspection()})
	inspection, ok := found.state.Found()
	require.Equal(t, []any{l.state.ID, true}, []any{inspection, ok})
	_, ok = found.state.Lead()
	require.False(t, ok, "it is no part of anything")
	_, ok = l.state.Found()
	require.False(t, ok)
	require.Equal(t, "区安委办2025年第24周专项督导检查发现问题，现交办你单位整改，请签收并于2025年6月20日前完成整改、报送情况。整改要求：立即开启（依据：消防法第二十八条）",
		obligation.Notices(found.state, found.events[0])[0].Text)
	found.put("2025-06-13 10:00", parts("xinhua 2025-06-18"))
	require.Len(t, found.state.Parts, 1, "the unit may break it down as any obligation of its own")
}

func TestCoverage(t *testing.T) {
	one := open(t, weekly("2025-06-15"), "2025-06-09")
	one.put("2025-06-12 15:00", recorded(sheet("huayang 2025-06-10 商铺", "huayang 2025-06-11 商铺", "xinhua 2025-06-12 仓库"), finding("huayang", "2025-06-20"), finding("xinhua", "2025-06-20")))
	late := open(t, obligation.FindingOpening(one.state, one.state.Findings()[0]), "2025-06-12 15:00")
	late.tick("2025-06-21 09:00")
	late.tick("2025-06-23 09:00")
	done := open(t, obligation.FindingOpening(one.state, one.state.Findings()[1]), "2025-06-12 15:00")
	done.put("2025-06-13 10:00", obligation.Command{Kind: obligation.Waive, By: office, Text: "重复"})
	only := open(t, weekly("2025-06-22"), "2025-06-16")
	only.put("2025-06-17 10:00", planned("tianshan 2025-06-18"))
	places := []obligation.Place{{Unit: "huayang"}, {Unit: "tianshan"}, {Unit: "xinhua"}}
	got := obligation.Covers(places, []obligation.State{one.state, only.state}, []obligation.View{{State: late.state}, {State: done.state}},
		calendar.MustDate("2025-06-02"), calendar.MustDate("2025-06-23"))
	require.Equal(t, []obligation.Coverage{
		{Place: places[1], Days: 21},
		{Place: places[0], Visits: 1, Last: calendar.MustDate("2025-06-11"), Days: 12, Open: 1, Overdue: 1},
		{Place: places[2], Visits: 1, Last: calendar.MustDate("2025-06-12"), Days: 11},
	}, got, "who was never inspected comes first; what is only planned counts for nothing")
}

// A week without a working day binds nobody; the agenda, and all that goes by it, follows the calendar.
func TestRestWeeksAreExempt(t *testing.T) {
	d := obligation.Definition{Calendar: holidays, Ladders: []obligation.Ladder{standard()}, Plan: plan.Plan{
		Code: "p", Issued: calendar.MustDate("2026-01-01"), From: calendar.MustDate("2026-02-02"), To: calendar.MustDate("2026-03-08"), Zone: "Asia/Shanghai",
		Units: []plan.Unit{{Code: "awb", Name: "区安委办"}},
		Measures: []plan.Measure{{
			Code: "S6.3", Task: "S6", Form: plan.FormInspection, Audience: plan.Audience{Units: []string{"awb"}},
			Schedule: plan.Schedule{Kind: plan.Recurring, Cron: "0 0 * * 1", Names: plan.CronStart, Exempt: plan.ExemptRestWeeks},
		}},
	}}
	weeks := func(d obligation.Definition) (out []string) {
		slots, err := d.Agenda("", nine)
		require.NoError(t, err)
		for _, s := range slots {
			out = append(out, s.Period.Key)
			o := d.Openings(s, nine)
			require.Equal(t, []any{plan.FormInspection, s.Period.Start}, []any{o[0].Facts.Form, o[0].Facts.Start})
		}
		return out
	}
	require.Equal(t, []string{"2026W06", "2026W07", "2026W09", "2026W10"}, weeks(d), "2026-02-16 to 22 are holidays")
	provisional := d
	var err error
	provisional.Calendar, err = calendar.NewCalendar(4, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"2026W06", "2026W07", "2026W08", "2026W09", "2026W10"}, weeks(provisional), "a provisional year has no holidays")
	slots, err := provisional.Agenda("", nine)
	require.NoError(t, err)
	require.Len(t, provisional.Gone(d, slots[2], nine), 1, "the calendar takes back what it exempts")
	require.Empty(t, provisional.Gone(d, slots[1], nine))
	require.Len(t, d.Compare(provisional, slots[2], nine).Joined, 1, "and brings what it does not exempt any more")
}
