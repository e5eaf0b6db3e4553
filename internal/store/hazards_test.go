package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
)

// hazard returns the opening of the n-th hazard of 2026.
func hazard(n int, changes ...func(*obligation.Hazard)) obligation.Opening {
	h := obligation.Hazard{
		Year: 2026, Number: n, Source: obligation.ByInspection, Grade: obligation.Major, Industry: "gas", Region: "huayang", Enterprise: "某某餐饮有限公司",
		Place: "甲路1号", Text: "燃气软管老化", Found: calendar.MustDate("2026-02-20"), Reviewer: "yjj", ReviewerName: "区应急局",
	}
	for _, change := range changes {
		change(&h)
	}
	o := opening(obligation.ID{Plan: planCode, Measure: "14.5", Unit: "huayang", Period: h.Key()}, "2026-03-31")
	o.Facts.Title, o.Facts.Hazard = h.Enterprise+"："+h.Text, &h
	return o
}

// enter takes the next hazard in.
func enter(t testing.TB, s *store.Store, key string, changes ...func(*obligation.Hazard)) obligation.Entered {
	out, err := s.Enter(t.Context(), planCode, key, 2026, entering(key, changes...))
	require.NoError(t, err)
	return out
}

func entering(key string, changes ...func(*obligation.Hazard)) func(n int) (obligation.Entry, error) {
	return func(n int) (obligation.Entry, error) {
		e := obligation.OpenHazard(hazard(n, changes...), obligation.Registration{By: office(), Key: key}, cal, start)
		return obligation.NewEntry(obligation.State{}, []obligation.Event{e}, cal), nil
	}
}

func TestHazardsAreNumberedOnceAndWithoutGaps(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		first := enter(t, s, "a")
		require.Equal(t, "2026-001", first.State.ID.Period)
		require.Equal(t, first, enter(t, s, "a"), "again it is what it was")
		refusal := errors.New("refused")
		_, err := s.Enter(t.Context(), planCode, "b", 2026, func(int) (obligation.Entry, error) { return obligation.Entry{}, refusal })
		require.ErrorIs(t, err, refusal)
		require.Equal(t, "2026-002", enter(t, s, "b").State.ID.Period, "what was refused took no number")
		_, err = s.Enter(t.Context(), planCode, "c", 2026, func(int) (obligation.Entry, error) { return entering("c")(7) })
		require.Error(t, err, "nobody numbers them himself")

		var wait sync.WaitGroup
		for i := range 8 {
			wait.Go(func() {
				_, err := s.Enter(t.Context(), planCode, fmt.Sprintf("many-%d", i/2), 2026, entering(fmt.Sprintf("many-%d", i/2)))
				require.NoError(t, err)
			})
		}
		wait.Wait()
		page, err := s.List(t.Context(), obligation.Filter{Plan: planCode, Hazards: &obligation.HazardFilter{}, Count: true, Now: start, Limit: 200})
		require.NoError(t, err)
		require.Equal(t, 6, page.Total)
		again, err := s.EnteredByKey(t.Context(), planCode, "a")
		require.NoError(t, err)
		require.Equal(t, first, again)
		_, err = s.EnteredByKey(t.Context(), planCode, "z")
		requireCode(t, obligation.CodeNotFound, err)
		requireSound(t, s)
	})
}

func TestHazardsAreFoundByWhatTheyAre(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		put(t, s, opened(obligationID("10.1", "yingji"))) // none
		enter(t, s, "a")
		enter(t, s, "b", func(h *obligation.Hazard) {
			h.Grade, h.Reviewer, h.Industry, h.Region, h.Source, h.Found = obligation.General, "", "lift", "jiangsu", obligation.SelfCheck, calendar.MustDate("2025-12-01")
			h.Enterprise = "另一家公司"
		})
		third := enter(t, s, "c", func(h *obligation.Hazard) { h.Text, h.Place = "燃气报警器失效", "乙路2号" }).State
		put(t, s, decided(t, third, start, obligation.Command{Kind: obligation.Supervise, By: office(), Text: "长安委〔2026〕1号"}))
		yes, no := true, false
		for name, c := range map[string]struct {
			f    obligation.HazardFilter
			want []string
		}{
			"all":        {obligation.HazardFilter{}, []string{"2026-001", "2026-002", "2026-003"}},
			"grade":      {obligation.HazardFilter{Grades: []obligation.Grade{obligation.Major}}, []string{"2026-001", "2026-003"}},
			"source":     {obligation.HazardFilter{Sources: []obligation.HazardSource{obligation.SelfCheck}}, []string{"2026-002"}},
			"industry":   {obligation.HazardFilter{Industries: []string{"lift", "fire"}}, []string{"2026-002"}},
			"region":     {obligation.HazardFilter{Regions: []string{"huayang"}}, []string{"2026-001", "2026-003"}},
			"reviewer":   {obligation.HazardFilter{Reviewer: "yjj"}, []string{"2026-001", "2026-003"}},
			"involved":   {obligation.HazardFilter{Involved: "huayang"}, []string{"2026-001", "2026-002", "2026-003"}},
			"reviews":    {obligation.HazardFilter{Involved: "yjj"}, []string{"2026-001", "2026-003"}},
			"listed":     {obligation.HazardFilter{Supervised: &yes}, []string{"2026-003"}},
			"unlisted":   {obligation.HazardFilter{Supervised: &no}, []string{"2026-001", "2026-002"}},
			"year":       {obligation.HazardFilter{Year: 2025}, nil},
			"from":       {obligation.HazardFilter{FoundFrom: calendar.MustDate("2026-01-01")}, []string{"2026-001", "2026-003"}},
			"to":         {obligation.HazardFilter{FoundTo: calendar.MustDate("2026-01-01")}, []string{"2026-002"}},
			"enterprise": {obligation.HazardFilter{Enterprise: "另一家公司"}, []string{"2026-002"}},
			"numbers":    {obligation.HazardFilter{Numbers: []string{"2026-002", "2026-009", "x"}}, []string{"2026-002"}},
			"no number":  {obligation.HazardFilter{Numbers: []string{"x"}}, nil},
		} {
			page, err := s.List(t.Context(), obligation.Filter{Plan: planCode, Hazards: &c.f, Now: start, Limit: 200})
			require.NoError(t, err, name)
			var got []string
			for _, v := range page.Views {
				got = append(got, v.State.Hazard.Key())
			}
			require.Equal(t, c.want, got, name)
		}
		page, err := s.List(t.Context(), obligation.Filter{Plan: planCode, Hazards: &obligation.HazardFilter{}, Words: []string{"报警器", "乙路"}, Now: start})
		require.NoError(t, err)
		require.Len(t, page.Views, 1)
		put(t, s, decided(t, enter(t, s, "a").State, start, obligation.Command{Kind: obligation.Waive, By: office(), Text: "误报"}))
		ids, err := s.OpenHazards(t.Context(), planCode)
		require.NoError(t, err)
		require.Len(t, ids, 2)
		require.Equal(t, "2026-002", ids[0].Period)
		requireSound(t, s)
	})
}

func TestTheReviewerIsToldByHisAddress(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		enter(t, s, "a")
		n, err := s.Digest(t.Context(), planCode, calendar.MustDate("2026-03-02"), false, start, nil)
		require.NoError(t, err)
		require.Equal(t, 3, n, "the unit, the reviewer and the office")
		digests, _, err := s.Inbox(t.Context(), obligation.InboxFilter{Plan: planCode, Recipient: "yjj"})
		require.NoError(t, err)
		require.Len(t, digests, 1)
		require.Contains(t, digests[0].Messages[0].Notice.Text, "审核把关")
	})
}

func TestVerifyComparesTheRegister(t *testing.T) {
	where := " WHERE obligation = '" + hazard(1).Facts.ID.String() + "'"
	each(t, func(t *testing.T, s *store.Store) {
		enter(t, s, "a")
		requireSound(t, s)
		for _, c := range []struct{ change, back, problem string }{
			{"UPDATE hazards SET grade = 'general'" + where, "UPDATE hazards SET grade = 'major'" + where, "hazards.grade"},
			{"UPDATE hazards SET reviewer = 'xcb'" + where, "UPDATE hazards SET reviewer = 'yjj'" + where, "hazards.reviewer"},
			{"UPDATE hazards SET supervised = 1" + where, "UPDATE hazards SET supervised = 0" + where, "hazards.supervised"},
			{"UPDATE hazards SET found = '2026-01-01'" + where, "UPDATE hazards SET found = '2026-02-20'" + where, "hazards.found"},
			{"UPDATE hazards SET command = 'x'" + where, "UPDATE hazards SET command = 'a'" + where, "hazards.command"},
			{"UPDATE hazards SET number = 4" + where, "UPDATE hazards SET number = 1" + where, "编号不连续"},
			{"UPDATE hazard_series SET last = 5", "UPDATE hazard_series SET last = 1", "编号不连续"},
			{"DELETE FROM hazards" + where, "", "隐患台账中却没有"},
		} {
			tamper(t, s, c.change)
			report, err := s.Verify(t.Context(), nil)
			require.NoError(t, err)
			require.NotEmpty(t, report.Findings, c.change)
			require.Contains(t, fmt.Sprint(report.Findings), c.problem)
			if c.back != "" {
				tamper(t, s, c.back)
				requireSound(t, s)
			}
		}
	})
}
