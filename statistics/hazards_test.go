package statistics_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/obligation"
	"duban/plan"
	"duban/statistics"
)

func threeYears() obligation.Definition {
	return obligation.Definition{Plan: plan.Plan{
		Code: "p", From: calendar.MustDate("2024-01-01"), To: calendar.MustDate("2026-12-31"), Zone: "Asia/Shanghai",
		Units: []plan.Unit{{Code: "xinjing", Name: "新泾镇"}, {Code: "huayang", Name: "华阳路街道"}},
	}}
}

// hazard is a major one; cancelled "" is open.
func hazard(found, cancelled string, changes ...func(*statistics.HazardCase)) statistics.HazardCase {
	c := statistics.HazardCase{
		Grade: obligation.Major, Source: obligation.ByInspection, Industry: "gas", Region: "huayang", RegionName: "华阳路街道", Unit: "huayang", UnitName: "华阳路街道",
		Found: calendar.MustDate(found),
	}
	if cancelled != "" {
		c.Cancelled = calendar.MustDate(cancelled)
	}
	for _, change := range changes {
		change(&c)
	}
	return c
}

func lateHazard(c *statistics.HazardCase)    { c.Late = true }
func generalHazard(c *statistics.HazardCase) { c.Grade = obligation.General }

func TestStockMoves(t *testing.T) {
	cases := []statistics.HazardCase{
		hazard("2023-11-01", "2023-12-31"), // before all
		hazard("2023-12-31", "2024-01-01"),
		hazard("2023-05-01", ""),
		hazard("2024-01-01", "2024-01-31"),
		hazard("2024-01-31", "2024-02-01"),
		hazard("2024-03-31", "2024-03-31"),
		hazard("2024-04-01", "", generalHazard),
	}
	f := statistics.ComputeHazards(cases, threeYears(), "", calendar.MustDate("2024-04-15"))
	require.Equal(t, []statistics.Movement{
		{Key: "2024-01", Name: "2024年1月", Start: 2, New: 2, Cancelled: 2, End: 2},
		{Key: "2024-02", Name: "2024年2月", Start: 2, New: 0, Cancelled: 1, End: 1},
		{Key: "2024-03", Name: "2024年3月", Start: 1, New: 1, Cancelled: 1, End: 1},
		{Key: "2024-04", Name: "2024年4月", Start: 1, New: 1, Cancelled: 0, End: 2},
	}, f.Months)
	require.Equal(t, []statistics.Movement{
		{Key: "2024Q1", Name: "2024年第1季度", Start: 2, New: 3, Cancelled: 4, End: 1},
		{Key: "2024Q2", Name: "2024年第2季度", Start: 1, New: 1, End: 2},
	}, f.Quarters)
	require.Equal(t, []statistics.Movement{{Key: "2024", Name: "2024年", Start: 2, New: 4, Cancelled: 4, End: 2}}, f.Years)
	major := statistics.ComputeHazards(cases, threeYears(), obligation.Major, calendar.MustDate("2024-04-15"))
	require.Equal(t, 6, major.Total.Total)
	require.Equal(t, 1, major.Years[0].End)
	require.Equal(t, f.Stock, major.Stock, "the goals are of the major ones anyway")
}

func TestGoals(t *testing.T) {
	day := calendar.MustDate("2026-06-30")
	f := statistics.ComputeHazards([]statistics.HazardCase{
		hazard("2022-01-01", "2023-12-31"), // gone before the plan began: no stock
		hazard("2023-01-01", "2024-12-31"), // on the last day
		hazard("2023-01-01", "2025-01-01"), // a day late
		hazard("2023-12-31", ""),
		hazard("2023-12-31", "", generalHazard),
		hazard("2024-01-01", "2024-06-01"),
		hazard("2024-07-01", "2024-08-01"),
		hazard("2025-01-01", "2026-01-10", lateHazard),
		hazard("2026-06-20", "", func(c *statistics.HazardCase) { c.Overdue, c.Late = true, true }),
		hazard("2026-03-01", "2026-03-11"),
	}, threeYears(), "", day)
	require.Equal(t, statistics.StockGoal{Year: 2024, Stock: 3, Eliminated: 1, Left: 1, Rate: 1.0 / 3}, f.Stock)
	require.Equal(t, []int{2025, 1, 2}, []int{f.Curb.Year, f.Curb.New, f.Curb.Before})
	require.True(t, f.Curb.Curbed)
	require.Len(t, f.Curb.Quarters, 8)
	require.Equal(t, statistics.ZeroGoal{Year: 2026, Open: 2, Overdue: 1, Age: (912 + 10) / 2, Oldest: 912, Cancelled: 2, InTime: 1, Rate: 0.5}, f.Zero)

	none := statistics.ComputeHazards(nil, threeYears(), "", day)
	require.InDelta(t, 1, none.Stock.Rate, 0, "no stock is eliminated stock")
	require.True(t, none.Curb.Curbed)
	require.True(t, none.Zero.Zero)
	same := statistics.ComputeHazards([]statistics.HazardCase{hazard("2024-02-01", ""), hazard("2025-02-01", "")}, threeYears(), "", day)
	require.False(t, same.Curb.Curbed, "as many is not fewer")
}

func TestTablesOfHazards(t *testing.T) {
	other := func(c *statistics.HazardCase) {
		c.Industry, c.Region, c.RegionName, c.Unit, c.UnitName, c.Source, c.Relapse = "chemicals", "xinjing", "新泾镇", "gone", "已撤并", obligation.SelfCheck, true
	}
	f := statistics.ComputeHazards([]statistics.HazardCase{
		hazard("2026-01-01", "2026-01-11"), hazard("2026-01-01", "2026-01-12", lateHazard), hazard("2026-02-01", "", other),
		hazard("2026-02-01", "", func(c *statistics.HazardCase) { c.Overdue = true }),
	}, threeYears(), "", calendar.MustDate("2026-03-01"))
	require.Equal(t, []string{"chemicals", "gas"}, keysOf(f.By(statistics.HazardsByIndustry)), "as the catalogue has them")
	require.Equal(t, []string{"xinjing", "huayang"}, keysOf(f.By(statistics.HazardsByRegion)), "as the plan has them")
	require.Equal(t, []string{"huayang", "gone"}, keysOf(f.By(statistics.HazardsByUnit)), "and who is no more behind")
	require.Equal(t, []string{"self_check", "inspection"}, keysOf(f.By(statistics.HazardsBySource)))
	gas := f.By(statistics.HazardsByIndustry)[1]
	require.Equal(t, []int{3, 1, 1, 2, 1, 0, 11}, []int{gas.Total, gas.Open, gas.Overdue, gas.Cancelled, gas.InTime, gas.Relapsed, gas.Days}, "10½ days are 11")
	require.Equal(t, 1, f.Total.Relapsed)
	require.Nil(t, f.By("colour"))
}

func keysOf(rows []statistics.HazardRow) (out []string) {
	for _, r := range rows {
		out = append(out, r.Key)
	}
	return out
}

func TestWhatIsCountedOfAHazard(t *testing.T) {
	now := at(t, "2026-06-30 10:00")
	view := func(change func(*obligation.State)) obligation.View {
		s := obligation.State{
			Facts: obligation.Facts{
				ID: obligation.ID{Unit: "huayang"}, Due: calendar.MustDate("2026-06-01"),
				Hazard: &obligation.Hazard{Year: 2026, Number: 2, Grade: obligation.Major, Found: calendar.MustDate("2026-05-01"), Former: "2025-001"},
			},
			Stage: obligation.StageOpen, Policy: obligation.Policy{Zone: "Asia/Shanghai"}, Anchor: calendar.MustDate("2026-06-01"),
		}
		change(&s)
		return obligation.View{State: s, Standing: obligation.Standing{Stage: s.Stage, OverdueAt: at(t, "2026-06-02 00:00")}}
	}
	open, ok := statistics.ReadHazard(view(func(*obligation.State) {}), now)
	require.True(t, ok)
	require.True(t, open.Overdue && open.Relapse && open.Cancelled.IsZero() && open.Key == "2026-002")
	done, _ := statistics.ReadHazard(view(func(s *obligation.State) {
		s.Stage, s.WasOverdue, s.Closed = obligation.StageAccepted, true, time.Date(2026, 6, 10, 16, 30, 0, 0, time.UTC)
	}), now)
	require.Equal(t, calendar.MustDate("2026-06-11"), done.Cancelled, "in the plan's zone it was the next day already")
	require.True(t, done.Late && !done.Overdue)
	history, _ := statistics.ReadHazard(view(func(s *obligation.State) {
		s.Stage = obligation.StageHistory
		h := *s.Hazard
		h.Cancelled = calendar.MustDate("2026-06-02")
		s.Hazard = &h
	}), now)
	require.True(t, history.Late && history.Cancelled == calendar.MustDate("2026-06-02"))
	_, ok = statistics.ReadHazard(view(func(s *obligation.State) { s.Stage = obligation.StageWaived }), now)
	require.False(t, ok, "what was none is not counted")
	_, ok = statistics.ReadHazard(view(func(s *obligation.State) { s.Hazard = nil }), now)
	require.False(t, ok)
}

// The figures agree with a count that goes day by day and knows nothing of how they are made.
func TestHazardsRecounted(t *testing.T) {
	r := rand.New(rand.NewPCG(14, 16))
	day := calendar.MustDate("2026-11-25")
	var cases []statistics.HazardCase
	for range 400 {
		c := hazard("2023-01-01", "")
		c.Found = c.Found.AddDays(r.IntN(int(day - c.Found + 1)))
		if r.IntN(4) > 0 {
			c.Cancelled = min(day, c.Found.AddDays(r.IntN(300)))
		}
		if r.IntN(3) == 0 {
			c.Grade = obligation.General
		}
		c.Industry = obligation.Industries[r.IntN(len(obligation.Industries))].Code
		cases = append(cases, c)
	}
	f := statistics.ComputeHazards(cases, threeYears(), "", day)
	stock := func(d calendar.Date) (n int) { // at the end of the day
		for _, c := range cases {
			if c.Found <= d && (c.Cancelled.IsZero() || c.Cancelled > d) {
				n++
			}
		}
		return n
	}
	for name, list := range map[string][]statistics.Movement{"months": f.Months, "quarters": f.Quarters, "years": f.Years} {
		before := stock(calendar.MustDate("2023-12-31"))
		for _, m := range list {
			require.Equal(t, before, m.Start, "%s: each begins where the last ended: %s", name, m.Key)
			before = m.End
		}
		require.Equal(t, stock(day), before, name)
	}
	for d := calendar.MustDate("2024-01-01"); d <= day; d++ {
		year, month, dom := d.AddDays(1).Civil()
		if dom != 1 && d != day {
			continue
		}
		if d == day {
			year, month, _ = d.Civil()
			month++
		}
		last := time.Date(year, month-1, 1, 0, 0, 0, 0, time.UTC)
		key := fmt.Sprintf("%d-%02d", last.Year(), last.Month())
		for _, m := range f.Months {
			if m.Key == key {
				require.Equal(t, stock(d), m.End, key)
			}
		}
	}
	total, open := 0, 0
	for _, row := range f.By(statistics.HazardsByIndustry) {
		total, open = total+row.Total, open+row.Open
	}
	require.Equal(t, []int{len(cases), stock(day)}, []int{total, open})
	require.Equal(t, f.Total.Open, f.Years[len(f.Years)-1].End)
}
