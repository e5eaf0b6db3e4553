package statistics

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// HazardCase is what of one entry of the register its figures are taken from.
type HazardCase struct {
	Key, Unit, UnitName string
	Grade               obligation.Grade
	Source              obligation.HazardSource
	Industry            string // code
	Region, RegionName  string
	Found               calendar.Date
	Due                 calendar.Date // the deadline that holds now
	Cancelled           calendar.Date // the day of its cancellation (销号); zero: it is open
	Late                bool          // a deadline ever passed
	Overdue             bool          // it is open and late by now
	Relapse             bool          // it names an entry before it
}

// ReadHazard takes a case out of a hazard's view, as of the business instant now; dates are those of its plan's zone. It is false
// where there is nothing to count: the obligation is no hazard, or was waived, since then it was none (误报).
func ReadHazard(v obligation.View, now time.Time) (HazardCase, bool) {
	s := v.State
	h := s.Hazard
	if h == nil || s.Stage == obligation.StageWaived {
		return HazardCase{}, false
	}
	c := HazardCase{
		Key: h.Key(), Unit: s.ID.Unit, UnitName: s.UnitName, Grade: h.Grade, Source: h.Source, Industry: h.Industry, Region: h.Region, RegionName: h.RegionName,
		Found: h.Found, Due: s.Deadline(), Cancelled: s.CancelledOn(), Late: s.WasOverdue, Overdue: v.Standing.IsOverdue(now), Relapse: h.Former != "",
	}
	if s.Stage == obligation.StageHistory {
		c.Late = h.Cancelled > s.Due
	}
	return c, true
}

// HazardKey is what hazards are counted by.
type HazardKey string

// The keys.
const (
	HazardsByIndustry HazardKey = "industry"
	HazardsByRegion   HazardKey = "region"
	HazardsBySource   HazardKey = "source"
	HazardsByGrade    HazardKey = "grade"
	HazardsByUnit     HazardKey = "unit"
)

// HazardKeys are all, in the order in which people are shown the tables.
var HazardKeys = [...]HazardKey{HazardsByIndustry, HazardsByRegion, HazardsBySource, HazardsByGrade, HazardsByUnit}

// Movement is how the stock moved in a span of days: Start + New − Cancelled = End.
type Movement struct {
	Key       string `json:"key"` // 2026, 2026Q1, 2026-01
	Name      string `json:"name"`
	Start     int    `json:"start"`     // (期初存量) found before the span and not cancelled before it
	New       int    `json:"new"`       // (新增) found in it
	Cancelled int    `json:"cancelled"` // (销号) in it
	End       int    `json:"end"`       // (期末存量) at the end of its last day, or now
}

// HazardRow is how the hazards of one key stand.
type HazardRow struct {
	Key       string `json:"key"`
	Name      string `json:"name"`
	Total     int    `json:"total"`     // ever entered
	Open      int    `json:"open"`      // not cancelled
	Overdue   int    `json:"overdue"`   // of them, late by now
	Cancelled int    `json:"cancelled"` // 销号
	InTime    int    `json:"inTime"`    // of them, without ever having been late
	Relapsed  int    `json:"relapsed"`  // entered as a relapse of another
	// Days (平均整改天数) are the calendar days from the finding to the cancellation, on average over those that are cancelled, rounded
	// half up; 0 where none is.
	Days int `json:"days"`
	days int
}

// HazardTable is the figures by one key.
type HazardTable struct {
	By   HazardKey   `json:"by"`
	Rows []HazardRow `json:"rows"`
}

// StockGoal (2024年底前基本消除存量): of the major hazards that were found before the plan's first day and not cancelled by then, how
// many are cancelled by the end of its first year, or by now.
type StockGoal struct {
	Year       int     `json:"year"`
	Stock      int     `json:"stock"`
	Eliminated int     `json:"eliminated"`
	Left       int     `json:"left"` // not cancelled by now
	Rate       float64 `json:"rate"` // Eliminated of Stock, from 0 to 1; 1 where there was none
}

// CurbGoal (2025年底前有效遏制增量): how many major hazards were found in the plan's second year, and in the year before.
type CurbGoal struct {
	Year     int        `json:"year"`
	New      int        `json:"new"`
	Before   int        `json:"before"`
	Curbed   bool       `json:"curbed"`   // fewer than the year before, or none at all
	Quarters []Movement `json:"quarters"` // of both years, up to now
}

// ZeroGoal (2026年底前形成动态清零的常态化机制): what of the major ones is open now, and how the plan's third year went.
type ZeroGoal struct {
	Year      int     `json:"year"`
	Open      int     `json:"open"`
	Overdue   int     `json:"overdue"`
	Age       int     `json:"age"`    // calendar days that those that are open have been known, on average, rounded half up
	Oldest    int     `json:"oldest"` // of the oldest
	Cancelled int     `json:"cancelled"`
	InTime    int     `json:"inTime"`
	Rate      float64 `json:"rate"` // InTime of Cancelled, from 0 to 1; 1 where none was cancelled
	Zero      bool    `json:"zero"` // none that is open is overdue
}

// HazardFigures are everything that is told of the register. The same cases and day give the same figures.
type HazardFigures struct {
	Day      calendar.Date `json:"day"` // as of which
	Total    HazardRow     `json:"total"`
	Tables   []HazardTable `json:"tables"` // in the order of HazardKeys
	Years    []Movement    `json:"years"`
	Quarters []Movement    `json:"quarters"`
	Months   []Movement    `json:"months"`
	Stock    StockGoal     `json:"stock"`
	Curb     CurbGoal      `json:"curb"`
	Zero     ZeroGoal      `json:"zero"`
}

// By returns the rows of one key's table.
func (f HazardFigures) By(k HazardKey) []HazardRow {
	for _, t := range f.Tables {
		if t.By == k {
			return t.Rows
		}
	}
	return nil
}

// ComputeHazards returns the figures of the cases as of the day. Tables and movements are of the grade alone where one is given;
// the goals are the plan's, and always of the major ones. Movements run from the plan's first day, or that of the period in which it
// lies, to the day.
func ComputeHazards(all []HazardCase, d obligation.Definition, grade obligation.Grade, day calendar.Date) HazardFigures {
	cases := all
	if grade != "" {
		cases = slices.DeleteFunc(slices.Clone(all), func(c HazardCase) bool { return c.Grade != grade })
	}
	f := HazardFigures{Day: day, Total: HazardRow{Name: textTotal}}
	for _, c := range cases {
		f.Total.add(c)
	}
	f.Total.average()
	for _, k := range HazardKeys {
		f.Tables = append(f.Tables, HazardTable{k, hazardRows(cases, k, d)})
	}
	f.Years = movements(cases, d.Plan.From, day, 12)
	f.Quarters = movements(cases, d.Plan.From, day, 3)
	f.Months = movements(cases, d.Plan.From, day, 1)
	major := slices.DeleteFunc(slices.Clone(all), func(c HazardCase) bool { return c.Grade != obligation.Major })
	first := d.Plan.From.Year()
	f.Stock, f.Curb, f.Zero = stockGoal(major, first, day), curbGoal(major, first+1, day), zeroGoal(major, first+2, day)
	return f
}

func (r *HazardRow) add(c HazardCase) {
	r.Total++
	if c.Relapse {
		r.Relapsed++
	}
	if c.Cancelled.IsZero() {
		r.Open++
		if c.Overdue {
			r.Overdue++
		}
		return
	}
	r.Cancelled++
	r.days += int(c.Cancelled - c.Found)
	if !c.Late {
		r.InTime++
	}
}

func (r *HazardRow) average() { r.Days = rounded(r.days, r.Cancelled) }

// rounded returns the average, rounded half up; 0 of nothing.
func rounded(sum, n int) int {
	if n == 0 {
		return 0
	}
	return (2*sum + n) / (2 * n)
}

func hazardRows(cases []HazardCase, k HazardKey, d obligation.Definition) []HazardRow {
	groups := map[string]*HazardRow{}
	var rows []*HazardRow
	for _, c := range cases {
		key, name := c.by(k)
		if groups[key] == nil {
			groups[key] = &HazardRow{Key: key, Name: name}
			rows = append(rows, groups[key])
		}
		groups[key].add(c)
	}
	slices.SortStableFunc(rows, func(a, b *HazardRow) int {
		return cmp.Or(cmp.Compare(hazardPlace(a.Key, k, d), hazardPlace(b.Key, k, d)), cmp.Compare(a.Key, b.Key))
	})
	out := make([]HazardRow, len(rows))
	for i, r := range rows {
		r.average()
		out[i] = *r
	}
	return out
}

func (c HazardCase) by(k HazardKey) (key, name string) {
	switch k {
	case HazardsByIndustry:
		return c.Industry, obligation.IndustryName(c.Industry)
	case HazardsByRegion:
		return c.Region, c.RegionName
	case HazardsBySource:
		return string(c.Source), c.Source.Chinese()
	case HazardsByGrade:
		return string(c.Grade), c.Grade.Chinese()
	default:
		return c.Unit, c.UnitName
	}
}

// hazardPlace is where a row stands: as the catalogue or the plan has it, and what they don't have (any more) behind.
func hazardPlace(key string, k HazardKey, d obligation.Definition) int {
	place := -1
	switch k {
	case HazardsByIndustry:
		place = slices.IndexFunc(obligation.Industries, func(i obligation.Industry) bool { return i.Code == key })
	case HazardsBySource:
		place = slices.Index(obligation.HazardSources, obligation.HazardSource(key))
	case HazardsByGrade:
		place = slices.Index(obligation.Grades, obligation.Grade(key))
	case HazardsByRegion, HazardsByUnit:
		for i, u := range d.Plan.Units {
			if u.Code == key {
				place = i
			}
		}
	}
	if place < 0 {
		return 1 << 30
	}
	return place
}

// movements returns how the stock moved in each span of so many months, from the one that the first day lies in to that of the last.
func movements(cases []HazardCase, first, last calendar.Date, months int) []Movement {
	out := []Movement{}
	year, month, _ := first.Civil()
	start := calendar.NewDate(year, month-time.Month((int(month)-1)%months), 1)
	for start <= last {
		y, m, _ := start.Civil()
		next := calendar.NewDate(y, m+time.Month(months), 1)
		out = append(out, movement(cases, start, min(next-1, last), months))
		start = next
	}
	return out
}

func movement(cases []HazardCase, from, to calendar.Date, months int) Movement {
	year, month, _ := from.Civil()
	m := Movement{}
	switch months {
	case 12:
		m.Key, m.Name = fmt.Sprint(year), fmt.Sprintf(textYear, year)
	case 3:
		m.Key, m.Name = fmt.Sprintf("%dQ%d", year, (month+2)/3), fmt.Sprintf(textQuarter, year, (month+2)/3)
	default:
		m.Key, m.Name = fmt.Sprintf("%d-%02d", year, month), fmt.Sprintf(textMonth, year, month)
	}
	for _, c := range cases {
		gone := !c.Cancelled.IsZero()
		switch {
		case c.Found < from && (!gone || c.Cancelled >= from):
			m.Start++
		case c.Found >= from && c.Found <= to:
			m.New++
		}
		if gone && c.Cancelled >= from && c.Cancelled <= to {
			m.Cancelled++
		}
	}
	m.End = m.Start + m.New - m.Cancelled
	return m
}

func stockGoal(major []HazardCase, year int, day calendar.Date) StockGoal {
	g := StockGoal{Year: year, Rate: 1}
	first, last := calendar.NewDate(year, time.January, 1), min(calendar.NewDate(year, time.December, 31), day)
	for _, c := range major {
		if c.Found >= first || (!c.Cancelled.IsZero() && c.Cancelled < first) {
			continue
		}
		g.Stock++
		switch {
		case c.Cancelled.IsZero():
			g.Left++
		case c.Cancelled <= last:
			g.Eliminated++
		}
	}
	if g.Stock > 0 {
		g.Rate = float64(g.Eliminated) / float64(g.Stock)
	}
	return g
}

func curbGoal(major []HazardCase, year int, day calendar.Date) CurbGoal {
	g := CurbGoal{Year: year}
	for _, c := range major {
		switch {
		case c.Found > day:
		case c.Found.Year() == year:
			g.New++
		case c.Found.Year() == year-1:
			g.Before++
		}
	}
	g.Curbed = g.New == 0 || g.New < g.Before
	g.Quarters = movements(major, calendar.NewDate(year-1, time.January, 1), min(calendar.NewDate(year, time.December, 31), day), 3)
	return g
}

func zeroGoal(major []HazardCase, year int, day calendar.Date) ZeroGoal {
	g := ZeroGoal{Year: year, Rate: 1}
	ages := 0
	for _, c := range major {
		switch {
		case c.Cancelled.IsZero():
			age := max(0, int(day-c.Found))
			g.Open, ages, g.Oldest = g.Open+1, ages+age, max(g.Oldest, age)
			if c.Overdue {
				g.Overdue++
			}
		case c.Cancelled.Year() == year:
			g.Cancelled++
			if !c.Late {
				g.InTime++
			}
		}
	}
	g.Age, g.Zero = rounded(ages, g.Open), g.Overdue == 0
	if g.Cancelled > 0 {
		g.Rate = float64(g.InTime) / float64(g.Cancelled)
	}
	return g
}
