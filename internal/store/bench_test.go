package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/assessment"
	"duban/internal/store"
	"duban/internal/store/storetest"
	"duban/obligation"
)

// benchmarked are the databases as they run in production: SQLite waits for the disk with every commit.
func benchmarked(b *testing.B, run func(b *testing.B, open func() *store.Store)) {
	b.Run("sqlite", func(b *testing.B) {
		run(b, func() *store.Store {
			return openStore(b, store.Options{Driver: store.SQLite, DSN: filepath.Join(b.TempDir(), "duban.db"), Synchronous: "FULL"})
		})
	})
	b.Run("mysql", func(b *testing.B) {
		run(b, func() *store.Store {
			return openStore(b, store.Options{Driver: store.MySQL, DSN: storetest.MariaDB(b)})
		})
	})
}

// BenchmarkAppend stores 5,000 entries handed in at the same instant, each by a caller of its own: openings, and
// reminders of what is open.
func BenchmarkAppend(b *testing.B) {
	const callers = 5000
	benchmarked(b, func(b *testing.B, open func() *store.Store) {
		for b.Loop() {
			b.StopTimer()
			s := open()
			first, second := make([]obligation.Entry, callers), make([]obligation.Entry, callers)
			for i := range callers {
				first[i] = opened(obligationID("10.1", "unit-"+unitCode(i)))
				second[i] = tick(b, first[i].State, start.AddDate(0, 0, 20))
				require.Len(b, second[i].Events, 1)
			}
			b.StartTimer()
			b.ReportMetric(appendAll(b, s, first).Seconds(), "s/5000-openings")
			b.ReportMetric(appendAll(b, s, second).Seconds(), "s/5000-reminders")
			b.StopTimer()
			n, err := store.Number(b.Context(), s, "SELECT COUNT(*) FROM ledger")
			require.NoError(b, err)
			require.Equal(b, 2*callers, n)
			b.StartTimer()
		}
	})
}

func appendAll(b *testing.B, s *store.Store, entries []obligation.Entry) time.Duration {
	began := time.Now()
	var wg sync.WaitGroup
	for _, en := range entries {
		wg.Go(func() {
			if _, err := s.Append(b.Context(), []obligation.Entry{en}); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
	return time.Since(began)
}

// BenchmarkRead reads what pages show, with 100,000 obligations stored.
func BenchmarkRead(b *testing.B) {
	benchmarked(b, func(b *testing.B, open func() *store.Store) {
		s := open()
		for range 100 {
			populate(b, s, 1000)
		}
		now := start.AddDate(0, 0, 20)
		yes := true
		for name, f := range map[string]obligation.Filter{
			"first-page":    {Plan: planCode},
			"unit":          {Plan: planCode, Units: []string{"unit-unit-500"}},
			"task-red":      {Plan: planCode, Tasks: []string{"30"}, Lights: []obligation.Light{obligation.Red}},
			"red":           {Plan: planCode, Lights: []obligation.Light{obligation.Red}},
			"none-of-light": {Plan: planCode, Lights: []obligation.Light{obligation.None}, Open: &yes}, // matches nothing: everything is looked at
			"measure":       {Plan: planCode, Measure: "10.7"},
		} {
			f.Now = now
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					_, err := s.List(b.Context(), f)
					require.NoError(b, err)
				}
			})
		}
		b.Run("counts", func(b *testing.B) {
			for b.Loop() {
				_, err := s.Counts(b.Context(), planCode, now)
				require.NoError(b, err)
			}
		})
		b.Run("load", func(b *testing.B) {
			for b.Loop() {
				_, err := s.Load(b.Context(), obligationID("10.7", "unit-unit-500"))
				require.NoError(b, err)
			}
		})
		b.Run("verify", func(b *testing.B) {
			for b.Loop() {
				report, err := s.Verify(b.Context(), nil)
				require.NoError(b, err)
				require.Empty(b, report.Findings)
			}
		})
	})
}

// BenchmarkPages reads what the first page, the wall chart and a list show, of plans of two sizes.
func BenchmarkPages(b *testing.B) {
	for _, size := range []int{5_000, 100_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := openStore(b, store.Options{Driver: store.SQLite, DSN: filepath.Join(b.TempDir(), "duban.db"), Synchronous: "FULL"})
			for range size / 1000 {
				populate(b, s, 1000)
			}
			now := start.AddDate(0, 0, 20)
			soon := now.AddDate(0, 0, 30)
			page := obligation.Filter{Plan: planCode, Now: now, Soon: soon, Count: true}
			with := func(change func(*obligation.Filter)) obligation.Filter {
				f := page
				change(&f)
				return f
			}
			for _, c := range []struct {
				name string
				read func() error
			}{
				{"wall", func() error { _, err := s.Tallies(b.Context(), page, obligation.TallyTask); return err }},
				{"overview", func() error { return overview(b, s, page) }},
				{"stuck", func() error { _, err := s.Holdings(b.Context(), planCode, 3); return err }},
				{"broken", func() error {
					_, err := s.Broken(b.Context(), planCode, obligation.Patience{Told: now, Stepped: now.AddDate(0, 0, -40)})
					return err
				}},
				{"vitals", func() error { _, err := s.Vitals(b.Context(), []string{planCode}, now); return err }},
				{"matrix", func() error {
					_, err := s.Shares(b.Context(), with(func(f *obligation.Filter) { f.Tasks = []string{"30"} }))
					return err
				}},
				{"list", list(b, s, page)},
				{"list-overdue", list(b, s, with(func(f *obligation.Filter) { f.Listing = obligation.ListOverdue }))},
				{"list-waiting", list(b, s, with(func(f *obligation.Filter) { f.WaitsFor = obligation.WaitSubmission }))},
				{"list-words", list(b, s, with(func(f *obligation.Filter) { f.Words = []string{"10.7", "unit-500"} }))},
				{"list-by-light", list(b, s, with(func(f *obligation.Filter) { f.Sort = obligation.SortLight }))},
				{"list-by-task", list(b, s, with(func(f *obligation.Filter) { f.Sort = obligation.SortTask }))},
				{"list-by-unit", list(b, s, with(func(f *obligation.Filter) { f.Sort = obligation.SortUnit }))},
				{"list-by-update", list(b, s, with(func(f *obligation.Filter) { f.Sort, f.Descending = obligation.SortUpdated, true }))},
			} {
				b.Run(c.name, func(b *testing.B) {
					for b.Loop() {
						require.NoError(b, c.read())
					}
				})
			}
		})
	}
}

// overview reads all that the first page shows.
func overview(b *testing.B, s *store.Store, f obligation.Filter) error {
	if _, err := s.Tallies(b.Context(), f, obligation.TallyUnit); err != nil {
		return err
	}
	_, err := s.Awaited(b.Context(), planCode, "")
	return err
}

func list(b *testing.B, s *store.Store, f obligation.Filter) func() error {
	return func() error {
		_, err := s.List(b.Context(), f)
		return err
	}
}

// populated counts the measures that populate has used.
var populated int

// populate stores n obligations of another measure, due over two months.
func populate(b *testing.B, s *store.Store, n int) {
	populated++
	measure := "10." + unitCode(populated)[5:]
	if populated%100 == 7 {
		measure = "10.7"
	}
	entries := make([]obligation.Entry, n)
	for i := range entries {
		o := opening(obligationID(measure, "unit-"+unitCode(i)), monday.AddDays((i*7+populated)%60).String())
		o.Facts.Task = []string{"10", "20", "30", "S1"}[populated%4]
		entries[i] = openedFrom(o)
	}
	put(b, s, entries...)
}

// BenchmarkAssessment counts a half-year of 5,000 obligations of 60 units, each reminded, overdue, reported, returned, reported
// again and accepted, and records it with its notices.
func BenchmarkAssessment(b *testing.B) {
	const obligations, units = 5000, 60
	benchmarked(b, func(b *testing.B, open func() *store.Store) {
		s := open()
		act := func(st obligation.State, days int, c obligation.Command) obligation.Entry {
			return decided(b, st, late.AddDate(0, 0, days).Add(-time.Hour), c)
		}
		var entries []obligation.Entry
		for i := range obligations {
			first := opened(obligationID(fmt.Sprint("10.", i/units+1), unitCode(i%units)))
			events := first.Events
			st := first.State
			add := func(en obligation.Entry) { events, st = append(events, en.Events...), en.State }
			for _, days := range []int{-20, -10, -5} {
				add(tick(b, st, late.AddDate(0, 0, days)))
			}
			for n := range 2 {
				add(act(st, 20*n, obligation.Command{Kind: obligation.Submit, By: unit(), Text: "已完成"}))
				kind := obligation.Return
				if n == 1 {
					kind = obligation.Accept
				}
				add(act(st, 20*n+1, obligation.Command{Kind: kind, By: office(), Text: "请补充"}))
			}
			entries = append(entries, obligation.NewEntry(obligation.State{}, events, cal))
		}
		for chunk := range slices.Chunk(entries, 500) {
			put(b, s, chunk...)
		}
		var card *assessment.Card
		for b.Loop() {
			card = score(b, s)
		}
		n, err := store.Number(b.Context(), s, "SELECT COUNT(*) FROM ledger")
		require.NoError(b, err)
		b.ReportMetric(float64(n), "events")
		require.Len(b, card.Units, units)
		_, _, err = assess(b, s, assessment.Command{Kind: assessment.Counted, By: obligation.System, Card: card}, checkpoint)
		require.NoError(b, err)
		requireSound(b, s)
	})
}
