package obligation_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
)

// carrier is a plan of one measure that hazards are entered under.
func carrier() obligation.Definition {
	unit := func(code, name string, kind plan.UnitKind, tags ...string) plan.Unit {
		return plan.Unit{Code: code, Name: name, Kind: kind, Tags: tags}
	}
	hazards := standard()
	hazards.Code, hazards.Title = "hazard", "挂牌督办阶梯"
	return obligation.Definition{
		Version: 1, Calendar: holidays, Ladders: []obligation.Ladder{standard(), hazards},
		Plan: plan.Plan{
			Code: "p", Title: "三年行动实施方案", Issued: calendar.MustDate("2024-04-19"), From: calendar.MustDate("2024-01-01"), To: calendar.MustDate("2026-12-31"),
			Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextWorkday,
			Tasks: []plan.Task{{Code: "14", Title: "督办制度"}},
			Measures: []plan.Measure{{
				Code: "14.5", Task: "14", Title: "闭环整改", Quote: "确保重大隐患闭环整改到位", Form: plan.FormHazard,
				Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}, Tags: []string{"industry"}}, Schedule: plan.Schedule{Kind: plan.Continuous},
			}},
			Units: []plan.Unit{
				unit("huayang", "华阳路街道", plan.KindStreet), unit("yjj", "区应急局", plan.KindGovernment, "industry"),
				unit("xcb", "区委宣传部", plan.KindParty),
			},
		},
	}
}

// found is an entry about a hazard that the street has to put right by the end of June.
func found(changes ...func(*obligation.Registration)) obligation.Registration {
	r := obligation.Registration{
		By: obligation.Actor{Role: obligation.RoleOffice, Name: "王"}, Key: "entry-1", Unit: "huayang", Due: calendar.MustDate("2025-06-30"),
		Hazard: obligation.Hazard{
			Source: obligation.ByInspection, Reference: "督导检查记录第3号", Grade: obligation.Major, Industry: "warehouse", Region: "huayang",
			Enterprise: "某某仓储有限公司", Place: "甲路1号", Text: "仓库疏散通道被占用", Found: calendar.MustDate("2025-06-02"), Reviewer: "yjj",
		},
	}
	for _, change := range changes {
		change(&r)
	}
	return r
}

func general(r *obligation.Registration) { r.Hazard.Grade, r.Hazard.Reviewer = obligation.General, "" }

// entered is the life of a hazard that was entered on 2 June 2025.
func entered(t *testing.T, r obligation.Registration) *life {
	t.Helper()
	o, err := carrier().HazardOpening(r, 3, 9*60*60*1e9, moment("2025-06-02"))
	require.NoError(t, err)
	l := &life{t: t, cal: holidays}
	l.add(obligation.OpenHazard(o, r, l.cal, moment("2025-06-02")))
	return l
}

func (l *life) reviews(when string, kind obligation.CommandKind, checked string) obligation.Event {
	l.t.Helper()
	return l.put(when, obligation.Command{Kind: kind, Text: "现场看过", Checked: calendar.MustDate(checked), Unit: "yjj", By: obligation.Actor{Role: obligation.RoleUnit, Name: "李"}})
}

func TestAHazardIsEnteredUnderItsNumber(t *testing.T) {
	l := entered(t, found())
	s := l.state
	require.Equal(t, obligation.ID{Plan: "p", Measure: "14.5", Unit: "huayang", Period: "2025-003"}, s.ID)
	require.Equal(t, "长隐〔2025〕3号", s.Period)
	require.Equal(t, "某某仓储有限公司：仓库疏散通道被占用", s.Title)
	require.Equal(t, "hazard", s.Policy.Ladder.Code, "it has a ladder of its own")
	require.Equal(t, []string{"华阳路街道", "区应急局"}, []string{s.Hazard.RegionName, s.Hazard.ReviewerName})
	require.Equal(t, "entry-1", l.events[0].Key)
	require.Equal(t, "王", l.events[0].By.Name)

	d := carrier()
	d.Ladders = d.Ladders[:1]
	o, err := d.HazardOpening(found(), 1, 0, moment("2025-06-02"))
	require.NoError(t, err)
	require.Equal(t, "standard", o.Policy.Ladder.Code, "where the plan has none, that of the measure")
}

func TestWhatCantBeEntered(t *testing.T) {
	set := func(change func(*obligation.Hazard)) func(*obligation.Registration) {
		return func(r *obligation.Registration) { change(&r.Hazard) }
	}
	for name, c := range map[string]struct {
		change func(*obligation.Registration)
		code   obligation.ErrorCode
	}{
		"no enterprise":         {set(func(h *obligation.Hazard) { h.Enterprise = " \t" }), obligation.CodeHazardIncomplete},
		"no place":              {set(func(h *obligation.Hazard) { h.Place = "" }), obligation.CodeHazardIncomplete},
		"no text":               {set(func(h *obligation.Hazard) { h.Text = "" }), obligation.CodeHazardIncomplete},
		"no grade":              {set(func(h *obligation.Hazard) { h.Grade = "" }), obligation.CodeHazardIncomplete},
		"no source":             {set(func(h *obligation.Hazard) { h.Source = "rumour" }), obligation.CodeHazardIncomplete},
		"no industry":           {set(func(h *obligation.Hazard) { h.Industry = "" }), obligation.CodeHazardIndustry},
		"too long":              {set(func(h *obligation.Hazard) { h.Place = strings.Repeat("字", 201) }), obligation.CodeHazardTextTooLong},
		"no such region":        {set(func(h *obligation.Hazard) { h.Region = "atlantis" }), obligation.CodeHazardRegion},
		"a region that is none": {set(func(h *obligation.Hazard) { h.Region = "yjj" }), obligation.CodeHazardRegion},
		"found tomorrow":        {set(func(h *obligation.Hazard) { h.Found = calendar.MustDate("2025-06-03") }), obligation.CodeHazardDates},
		"no day":                {set(func(h *obligation.Hazard) { h.Found = 0 }), obligation.CodeHazardDates},
		"cancelled first":       {set(func(h *obligation.Hazard) { h.Cancelled = calendar.MustDate("2025-06-01") }), obligation.CodeHazardDates},
		"cancelled later":       {set(func(h *obligation.Hazard) { h.Cancelled = calendar.MustDate("2025-06-03") }), obligation.CodeHazardDates},
		"nobody reviews":        {set(func(h *obligation.Hazard) { h.Reviewer = "" }), obligation.CodeHazardReviewer},
		"reviews itself":        {set(func(h *obligation.Hazard) { h.Reviewer = "huayang" }), obligation.CodeHazardReviewer},
		"no such reviewer":      {set(func(h *obligation.Hazard) { h.Reviewer = "atlantis" }), obligation.CodeHazardReviewer},
		"due before it":         {func(r *obligation.Registration) { r.Due = calendar.MustDate("2025-06-01") }, obligation.CodeHazardDates},
		"no such unit":          {func(r *obligation.Registration) { r.Unit = "atlantis" }, obligation.CodeHazardUnit},
		"not its business":      {func(r *obligation.Registration) { r.Unit = "xcb" }, obligation.CodeHazardUnit},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := carrier().HazardOpening(found(c.change), 1, 0, moment("2025-06-02"))
			requireCode(t, c.code, err)
		})
	}
	d := carrier()
	_, err := d.HazardOpening(found(), 1, 0, moment("2027-01-01"))
	requireCode(t, obligation.CodeHazardNoMeasure, err)
	d.Plan.Measures[0].Form = ""
	_, err = d.HazardOpening(found(), 1, 0, moment("2025-06-02"))
	requireCode(t, obligation.CodeHazardNoMeasure, err)
}

func TestAHazardOfThePast(t *testing.T) {
	owed := entered(t, found(func(r *obligation.Registration) {
		r.Hazard.Found, r.Due = calendar.MustDate("2023-11-01"), calendar.MustDate("2024-01-31")
	}))
	require.Equal(t, obligation.StageOpen, owed.state.Stage)
	require.True(t, owed.state.Overdue, "its deadline has passed")
	require.False(t, owed.state.BeforeIssue, "and it escalates, although that was before the plan was issued")
	owed.until("2025-06-20")
	_, drafted := owed.state.PendingDraft()
	require.True(t, drafted)

	history := entered(t, found(func(r *obligation.Registration) {
		r.Hazard.Found, r.Due, r.Hazard.Cancelled = calendar.MustDate("2023-11-01"), calendar.MustDate("2024-01-31"), calendar.MustDate("2024-01-20")
		r.Hazard.Reviewer = ""
	}))
	require.Equal(t, obligation.StageHistory, history.state.Stage)
	require.Equal(t, obligation.Done, history.state.Outcome)
}

// The whole way of one: entered, listed, put right, not passed, put right again, passed, cancelled.
func TestAHazardsWay(t *testing.T) {
	l := entered(t, found())
	holds := func(who string, why obligation.Wait) {
		t.Helper()
		require.Equal(t, who, l.state.WaitingOn())
		require.Equal(t, why, l.state.WaitsFor())
	}
	holds("office", obligation.WaitSupervision)
	l.do("2025-06-03 10:00", obligation.Supervise, "长安委〔2025〕9号，分管副区长督办")
	require.Equal(t, "长安委〔2025〕9号，分管副区长督办", l.state.Supervision.Authority)
	holds("huayang", obligation.WaitUnit)
	l.do("2025-06-03 11:00", obligation.Sign, "")
	l.do("2025-06-10 10:00", obligation.Submit, "通道已清")
	holds("yjj", obligation.WaitReview)
	require.Equal(t, "区应急局", l.state.HolderName())
	_, err := l.decide("2025-06-10 11:00", obligation.Command{Kind: obligation.Accept})
	requireCode(t, obligation.CodeReviewMissing, err)

	failed := l.reviews("2025-06-11 10:00", obligation.FailReview, "2025-06-11")
	require.Equal(t, obligation.StageReturned, l.state.Stage)
	require.Equal(t, calendar.MustDate("2025-06-30"), failed.Due, "who reported early keeps the whole of his time")
	holds("huayang", obligation.WaitUnit)
	l.do("2025-06-12 10:00", obligation.Submit, "又清了一次")
	holds("yjj", obligation.WaitReview)
	l.reviews("2025-06-13 10:00", obligation.PassReview, "2025-06-13")
	holds("office", obligation.WaitSubmission)
	require.Equal(t, moment("2025-06-13 10:00").UTC(), l.state.WaitsSince(), "the office's time begins with the review")
	_, err = l.decide("2025-06-13 11:00", obligation.Command{Kind: obligation.PassReview, Text: "再审", Checked: calendar.MustDate("2025-06-13"), Unit: "yjj"})
	requireCode(t, obligation.CodeReviewed, err)
	l.do("2025-06-16 10:00", obligation.Accept, "")
	require.Equal(t, obligation.StageAccepted, l.state.Stage)
	holds("", "")
}

// Who has not been passed again after the office returned it is not cancelled by the review before.
func TestAReviewCountsForOneReport(t *testing.T) {
	l := entered(t, found())
	l.do("2025-06-10 10:00", obligation.Submit, "通道已清")
	l.reviews("2025-06-11 10:00", obligation.PassReview, "2025-06-11")
	l.do("2025-06-12 10:00", obligation.Return, "照片不清")
	l.do("2025-06-13 10:00", obligation.Submit, "照片已补")
	_, err := l.decide("2025-06-13 11:00", obligation.Command{Kind: obligation.Accept})
	requireCode(t, obligation.CodeReviewMissing, err)
}

func TestAGeneralHazardWithoutReviewer(t *testing.T) {
	l := entered(t, found(general))
	require.Equal(t, "huayang", l.state.WaitingOn(), "it need not be listed")
	l.do("2025-06-10 10:00", obligation.Submit, "已清")
	require.Equal(t, "office", l.state.WaitingOn())
	l.do("2025-06-11 10:00", obligation.Accept, "")
}

func TestWhatIsRefusedAboutHazards(t *testing.T) {
	text, checked := "写了", calendar.MustDate("2025-06-10")
	unit := obligation.Actor{Role: obligation.RoleUnit, Name: "李"}
	grade := func(g obligation.Grade, reviewer string) *obligation.Hazard {
		return &obligation.Hazard{Grade: g, Reviewer: reviewer}
	}
	pass := obligation.Command{Kind: obligation.PassReview, Text: text, Checked: checked, Unit: "yjj", By: unit}
	change := func(f func(*obligation.Command)) obligation.Command { c := pass; f(&c); return c }
	for name, c := range map[string]struct {
		r       obligation.Registration
		reports bool
		command obligation.Command
		code    obligation.ErrorCode
	}{
		"listed without authority":    {found(), false, obligation.Command{Kind: obligation.Supervise}, obligation.CodeReasonMissing},
		"regraded without reason":     {found(), false, obligation.Command{Kind: obligation.Regrade, Hazard: grade(obligation.General, "")}, obligation.CodeReasonMissing},
		"regraded to nothing":         {found(), false, obligation.Command{Kind: obligation.Regrade, Text: text}, obligation.CodeHazardIncomplete},
		"regraded to what it is":      {found(), false, obligation.Command{Kind: obligation.Regrade, Text: text, Hazard: grade(obligation.Major, "")}, obligation.CodeNothingToDo},
		"made major without reviewer": {found(general), false, obligation.Command{Kind: obligation.Regrade, Text: text, Hazard: grade(obligation.Major, "")}, obligation.CodeHazardReviewer},
		"its own reviewer":            {found(general), false, obligation.Command{Kind: obligation.Regrade, Text: text, Hazard: grade(obligation.Major, "huayang")}, obligation.CodeHazardReviewer},
		"reviewed before the report":  {found(), false, pass, obligation.CodeNotSubmitted},
		"reviewed by another unit":    {found(), true, change(func(c *obligation.Command) { c.Unit = "huayang" }), obligation.CodeNotReviewer},
		"reviewed without a word":     {found(), true, change(func(c *obligation.Command) { c.Text = "" }), obligation.CodeReasonMissing},
		"never looked at":             {found(), true, change(func(c *obligation.Command) { c.Checked = 0 }), obligation.CodeCheckedInvalid},
		"looked at tomorrow":          {found(), true, change(func(c *obligation.Command) { c.Checked++ }), obligation.CodeCheckedInvalid},
		"looked at before it was":     {found(), true, change(func(c *obligation.Command) { c.Checked = calendar.MustDate("2025-06-01") }), obligation.CodeCheckedInvalid},
		"nobody reviews it":           {found(general), true, pass, obligation.CodeReviewed},
	} {
		t.Run(name, func(t *testing.T) {
			l := entered(t, c.r)
			if c.reports {
				l.do("2025-06-10 10:00", obligation.Submit, "通道已清")
			}
			_, err := l.decide("2025-06-10 11:00", c.command)
			requireCode(t, c.code, err)
		})
	}
	none := open(t, due("2025-06-30"), "2025-06-02")
	for _, kind := range obligation.HazardCommands {
		_, err := none.decide("2025-06-10", obligation.Command{Kind: kind, Text: text})
		requireCode(t, obligation.CodeNoHazard, err)
	}
	l := entered(t, found())
	l.do("2025-06-03 10:00", obligation.Supervise, "长安委〔2025〕9号")
	_, err := l.decide("2025-06-03 11:00", obligation.Command{Kind: obligation.Supervise, Text: text})
	requireCode(t, obligation.CodeSupervised, err)
}

func TestTheOfficeRecordsAReviewForTheReviewer(t *testing.T) {
	l := entered(t, found())
	l.do("2025-06-10 10:00", obligation.Submit, "通道已清")
	e := l.put("2025-06-11 10:00", obligation.Command{
		Kind: obligation.PassReview, Text: "电话确认", Checked: calendar.MustDate("2025-06-11"), By: obligation.Actor{Role: obligation.RoleOffice, Name: "王"},
	})
	require.Equal(t, obligation.ReviewPassed, e.Kind)
	require.Equal(t, "王", l.state.Review.By.Name)
}

func TestRegrading(t *testing.T) {
	l := entered(t, found(general))
	before := l.state.Facts
	l.put("2025-06-03 10:00", obligation.Command{Kind: obligation.Regrade, Text: "达到重大标准", Hazard: &obligation.Hazard{Grade: obligation.Major, Reviewer: "yjj", ReviewerName: "区应急局"}})
	require.Equal(t, obligation.Major, l.state.Hazard.Grade)
	require.Equal(t, obligation.General, before.Hazard.Grade, "what was recorded stays")
	require.Equal(t, obligation.WaitSupervision, l.state.WaitsFor(), "a major one waits to be listed")
	l.do("2025-06-04 10:00", obligation.Submit, "已清")
	require.Equal(t, "yjj", l.state.WaitingOn())
}

// A major hazard has to be put right at once: its clocks run while it waits to be listed.
func TestAnUnlistedHazardEscalates(t *testing.T) {
	l := entered(t, found())
	l.until("2025-06-05")
	require.Equal(t, []string{"06-04 09:00 reminded sign+2"}, l.since(1))
	l.until("2025-07-01 10:00")
	require.True(t, l.state.Overdue)
	require.Equal(t, "huayang", l.state.WaitingOn(), "once it is late it is the unit's alone")
}

func TestTheReviewerIsReminded(t *testing.T) {
	l := entered(t, found())
	l.do("2025-06-10 10:00", obligation.Submit, "通道已清")
	n := len(l.events)
	l.until("2025-06-13 10:00")
	require.Equal(t, []string{"06-13 09:00 reminded review+3"}, l.since(n))
	e := l.events[n]
	require.Equal(t, obligation.ToReviewer, e.To)
	notices := obligation.Notices(l.state, e)
	require.Len(t, notices, 1)
	require.Equal(t, "yjj", l.state.Address(notices[0].To))
	require.Contains(t, notices[0].Text, "还没有审核")
	require.True(t, notices[0].Current(l.state))

	l.reviews("2025-06-16 10:00", obligation.PassReview, "2025-06-16")
	require.False(t, notices[0].Current(l.state), "who has reviewed is not nagged")
	n = len(l.events)
	l.until("2025-06-19 10:00")
	require.Equal(t, []string{"06-19 09:00 reminded review+3"}, l.since(n), "then the office, counted from the review")
	require.Equal(t, obligation.ToOffice, l.events[n].To)
}

func TestWhoIsToldOfAHazard(t *testing.T) {
	l := entered(t, found())
	to := func(e obligation.Event) (out []string) {
		for _, n := range obligation.Notices(l.state, e) {
			require.NotEmpty(t, n.Text)
			require.NotEmpty(t, n.Why)
			require.True(t, n.Current(l.state))
			out = append(out, l.state.Address(n.To))
		}
		return out
	}
	require.Equal(t, []string{"huayang", "yjj", "office"}, to(l.events[0]))
	require.Equal(t, []string{"huayang"}, to(l.do("2025-06-03 10:00", obligation.Supervise, "长安委〔2025〕9号")))
	require.Equal(t, []string{"yjj"}, to(l.do("2025-06-10 10:00", obligation.Submit, "通道已清")))
	require.Equal(t, []string{"huayang"}, to(l.reviews("2025-06-11 10:00", obligation.FailReview, "2025-06-11")))
	l.do("2025-06-12 10:00", obligation.Submit, "通道已清")
	require.Equal(t, []string{"office"}, to(l.reviews("2025-06-13 10:00", obligation.PassReview, "2025-06-13")))
	minor := entered(t, found(general))
	require.Len(t, obligation.Notices(minor.state, minor.events[0]), 1)
}

// What the plan says of the measure is nothing to what is entered: neither is it re-armed nor gone.
func TestAgendasLeaveHazardsAlone(t *testing.T) {
	d := carrier()
	without := d
	without.Plan.Measures = nil
	slots, err := d.Agenda("14", 0)
	require.NoError(t, err)
	l := entered(t, found())
	for _, s := range slots {
		for _, o := range d.Gone(without, s, 0) {
			require.NotEqual(t, l.state.ID, o.Facts.ID)
		}
	}
	effects, err := d.Effects(without, map[obligation.ID]obligation.State{l.state.ID: l.state}, 0, moment("2025-06-03"))
	require.NoError(t, err)
	require.Empty(t, effects, "withdrawing the measure ends the entering, not what was entered")
}

func TestFactsAreComparedByWhatTheySay(t *testing.T) {
	a := entered(t, found()).state.Facts
	content, err := json.Marshal(a)
	require.NoError(t, err)
	var b obligation.Facts
	require.NoError(t, json.Unmarshal(content, &b))
	require.True(t, a.Same(b))
	b.Hazard.Place = "乙路2号"
	require.False(t, a.Same(b))
	b.Hazard = nil
	require.False(t, a.Same(b))
	require.True(t, b.Same(b))
}

func TestTheSameHazard(t *testing.T) {
	h := found().Hazard
	o := h
	o.Enterprise, o.Place, o.Grade = " 某某仓储 有限公司", "甲路 1号", obligation.General
	require.True(t, h.SameAs(o))
	o.Found++
	require.False(t, h.SameAs(o))
}
