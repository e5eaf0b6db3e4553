package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
)

// An inspection as large as it can be is kept whole, and so are its findings; both are found by their measure.
func TestInspectionsAreKept(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		o := opening(obligation.ID{Plan: planCode, Measure: "S6.3", Unit: "awb", Period: "2026W10"}, "2026-03-08")
		o.Facts.Form, o.Facts.Start = plan.FormInspection, calendar.MustDate("2026-03-02")
		first := openedFrom(o)
		c := obligation.Command{Kind: obligation.RecordInspection, By: office(), Key: "k-1", Ladders: []obligation.Ladder{ladder}, Inspection: &obligation.InspectionSheet{
			Theme: "消防安全", Visits: []obligation.Visit{{Unit: "huayang", UnitName: "华阳路街道", Day: calendar.MustDate("2026-03-02"), Seen: strings.Repeat("看", 1000)}},
		}}
		for range obligation.MaxFindings {
			c.Findings = append(c.Findings, obligation.Finding{
				Unit: "huayang", UnitName: "华阳路街道", Place: strings.Repeat("地", 200), Text: strings.Repeat("问", 200), Severity: obligation.SeverityMajor,
				Demands: strings.Repeat("改", 1000), Ladder: ladder.Code,
			})
		}
		recorded := decided(t, first.State, start.Add(time.Hour), c)
		put(t, s, first, recorded)
		found := openedFrom(obligation.FindingOpening(recorded.State, recorded.State.Findings()[99]))
		second := openedFrom(obligation.FindingOpening(recorded.State, recorded.State.Findings()[1]))
		put(t, s, found, second, openedFrom(obligation.FindingOpening(recorded.State, recorded.State.Findings()[0])))
		opened, open, err := s.Unsettled(t.Context(), recorded.State)
		require.NoError(t, err)
		require.Equal(t, []any{2, []int{1, 2}}, []any{opened, open}, "counted up to the first that is not opened")
		put(t, s, decided(t, second.State, start.Add(2*time.Hour), obligation.Command{Kind: obligation.Waive, By: office(), Text: "重复"}))
		opened, open, err = s.Unsettled(t.Context(), recorded.State)
		require.NoError(t, err)
		require.Equal(t, []any{2, []int{1}}, []any{opened, open})

		v, err := s.Load(t.Context(), o.Facts.ID)
		require.NoError(t, err)
		require.Equal(t, recorded.State, v.State)
		e, err := s.EventByKey(t.Context(), o.Facts.ID, "k-1")
		require.NoError(t, err)
		require.True(t, e.SaysInspection(c))
		page, err := s.List(t.Context(), obligation.Filter{Plan: planCode, Measure: "S6.3", Now: start, Limit: 10})
		require.NoError(t, err)
		require.Len(t, page.Views, 4)
		of, ok := page.Views[1].State.Found()
		require.Equal(t, []any{o.Facts.ID, true}, []any{of, ok})
		requireSound(t, s)
	})
}
