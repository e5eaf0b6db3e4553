package store_test

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
)

// Listings in SQL are those of the core, whatever the standing and the instant.
func TestListingsAgreeWithTheCore(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		views := population(t, s, 200)
		for i := range 12 {
			v := views[i*15].Standing
			for _, now := range []time.Time{v.OverdueAt, v.OverdueAt.Add(-time.Microsecond), v.YellowAt} {
				soon := now.AddDate(0, 0, 5)
				for _, l := range []obligation.Listing{obligation.ListDueSoon, obligation.ListOverdue, obligation.ListLate, obligation.ListDone} {
					got := all(t, s, obligation.Filter{Plan: planCode, Listing: l, Now: now, Soon: soon, Limit: 200})
					want := only(views, func(v obligation.View) bool { return v.Standing.In(l, now, soon) })
					require.Equal(t, want, ids(got), "%s at %s", l, now)
				}
			}
		}
	})
}

// What waits for the office is not about to become overdue, though its light is yellow.
func TestWhatWaitsForTheOfficeIsNotDueSoon(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		first := opened(obligationID("10.1", "yingji"))
		now := time.Date(2026, 3, 30, 2, 0, 0, 0, time.UTC)
		soon := func() []obligation.View {
			return all(t, s, obligation.Filter{Listing: obligation.ListDueSoon, Now: now, Soon: now.AddDate(0, 0, 30)})
		}
		put(t, s, first)
		require.Len(t, soon(), 1)
		put(t, s, decided(t, first.State, now, obligation.Command{Kind: obligation.AskExtension, By: unit(), Text: "材料未齐", Due: calendar.MustDate("2026-05-29")}))
		require.Empty(t, soon())
	})
}

// Every order is followed over all pages, both ways, and nothing is missed or doubled.
func TestListOrders(t *testing.T) {
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) {
			o := d.options(t)
			var puts atomic.Int64
			o.Now = func() time.Time { return start.Add(time.Duration(puts.Load()*7%5) * time.Hour) }
			s := openStore(t, o)
			for i := range 5 {
				puts.Add(1)
				more := populationOf(t, s, "10."+strconv.Itoa(i), 12)
				require.Len(t, more, 12)
			}
			views := all(t, s, obligation.Filter{Now: start})
			require.Len(t, views, 60)
			now := start.AddDate(0, 0, 20)
			lights := []obligation.Light{obligation.Red, obligation.Yellow, obligation.Green, obligation.None}
			tasks := []string{"2", "10", "30", "G", "S1"}
			for by, compare := range map[obligation.Sort]func(a, b obligation.View) int{
				obligation.SortDue:     func(a, b obligation.View) int { return 0 },
				obligation.SortUpdated: func(a, b obligation.View) int { return a.Updated.Compare(b.Updated) },
				obligation.SortUnit:    func(a, b obligation.View) int { return strings.Compare(a.State.ID.Unit, b.State.ID.Unit) },
				obligation.SortTask: func(a, b obligation.View) int {
					return slices.Index(tasks, a.State.Task) - slices.Index(tasks, b.State.Task)
				},
				obligation.SortLight: func(a, b obligation.View) int {
					light := func(v obligation.View) int { return slices.Index(lights, obligation.DeriveLight(v.Standing, now)) }
					return light(a) - light(b)
				},
			} {
				for _, down := range []bool{false, true} {
					want := slices.Clone(views)
					slices.SortFunc(want, func(a, b obligation.View) int {
						return cmp.Or(compare(a, b), cmp.Compare(a.State.Due, b.State.Due), cmp.Compare(a.State.ID.String(), b.State.ID.String()))
					})
					if down {
						slices.Reverse(want)
					}
					got := all(t, s, obligation.Filter{Sort: by, Descending: down, Now: now, Limit: 7})
					require.Equal(t, ids(want), ids(got), "%s, down: %t", by, down)
				}
			}
		})
	}
}

// A list by light goes on as of its first page: what turns red meanwhile is neither missed nor shown twice.
func TestListByLightGoesOnAsOfItsFirstPage(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		population(t, s, 60)
		f := obligation.Filter{Sort: obligation.SortLight, Now: start.AddDate(0, 0, 10), Limit: 7}
		want := ids(all(t, s, f))
		var got []string
		for {
			page, err := s.List(t.Context(), f)
			require.NoError(t, err)
			got = append(got, ids(page.Views)...)
			if f.After = page.Next; page.Next == "" {
				break
			}
			f.Now = f.Now.AddDate(0, 0, 5)
		}
		require.Equal(t, want, got)
	})
}

func TestListRefusesACursorOfAnotherOrder(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		population(t, s, 20)
		f := obligation.Filter{Sort: obligation.SortUnit, Now: start, Limit: 5}
		page, err := s.List(t.Context(), f)
		require.NoError(t, err)
		for _, change := range []func(*obligation.Filter){
			func(f *obligation.Filter) { f.Sort = obligation.SortTask },
			func(f *obligation.Filter) { f.Descending = true },
		} {
			other := f
			other.After = page.Next
			change(&other)
			_, err = s.List(t.Context(), other)
			requireCode(t, obligation.CodeNotFound, err)
		}
	})
}

func TestListCountsAllPages(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		views := population(t, s, 60)
		f := obligation.Filter{Stages: []obligation.Stage{obligation.StageOpen, obligation.StageSigned}, Tasks: []string{"2", "S1", "G"}, Now: start, Limit: 5, Count: true}
		want := only(views, func(v obligation.View) bool {
			return slices.Contains(f.Stages, v.State.Stage) && slices.Contains(f.Tasks, v.State.Task)
		})
		page, err := s.List(t.Context(), f)
		require.NoError(t, err)
		require.Equal(t, len(want), page.Total)
		f.After = page.Next
		page, err = s.List(t.Context(), f)
		require.NoError(t, err)
		require.Equal(t, len(want), page.Total)
		require.Equal(t, want, ids(all(t, s, obligation.Filter{Stages: f.Stages, Tasks: f.Tasks, Now: start})))
	})
}

// Words are looked for as they are written: nothing in them is a sign of the database's, and small letters are as good as capitals.
func TestListByWords(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		named := func(measure, unit, title, name string) {
			o := opening(obligationID(measure, unit), "2026-03-31")
			o.Facts.Title, o.Facts.UnitName = title, name
			put(t, s, openedFrom(o))
		}
		named("10.1", "a", "完成100%的排查", "区应急局")
		named("10.2", "b", "完成1000户的排查", "区消防救援局")
		named("11.1", "c", "推广 ABC_d 系统!", "区应急局")
		named("11.2", "d", "推广 abcxd 系统", "' OR 1=1 --")
		for sought, want := range map[string][]string{
			"排查":          {"a", "b"},
			"100%":        {"a"},
			"abc_D":       {"c"},
			"系统!":         {"c"},
			"区应急局":        {"a", "c"},
			"排查 应急":       {"a"},
			"11.2":        {"d"},
			"2026年3月":     {"a", "b", "c", "d"},
			"2026-03-31":  {"a", "b", "c", "d"},
			"没有":          nil,
			"' OR 1=1 --": {"d"},
			"\\":          nil,
		} {
			var got []string
			for _, plan := range []string{"", planCode} {
				for _, v := range all(t, s, obligation.Filter{Plan: plan, Words: obligation.SearchWords(sought), Now: start}) {
					got = append(got, v.State.ID.Unit)
				}
			}
			require.Equal(t, slices.Concat(want, want), got, sought)
		}
		require.Empty(t, all(t, s, obligation.Filter{Plan: "other", Words: []string{"排查"}, Now: start}))
	})
}
