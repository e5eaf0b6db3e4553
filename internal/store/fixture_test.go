package store_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/calendar"
	"duban/internal/store"
	"duban/internal/store/storetest"
	"duban/obligation"
	"duban/plan"
)

const planCode = "test-2026"

// start is a Monday morning in Shanghai; nothing in the tests depends on the wall clock.
var start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

var ladder = obligation.Ladder{
	Code: "standard", Title: "标准阶梯", Cure: 5, Yellow: 7, Rework: 5, Nudge: 2, Extensions: 2,
	Steps: []obligation.Step{
		{Code: "remind-7", Rung: obligation.Remind, Anchor: obligation.AnchorDue, Offset: -7, To: obligation.ToUnit},
		{Code: "press+3", Rung: obligation.Press, Anchor: obligation.AnchorDue, Offset: 3, Every: 3, To: obligation.ToUnit},
		{Code: "letter+5", Rung: obligation.Letter, Anchor: obligation.AnchorDue, Offset: 5, To: obligation.ToUnit, SignOff: obligation.SignOffOffice},
		{Code: "circular+15", Rung: obligation.Circular, Anchor: obligation.AnchorDue, Offset: 15, To: obligation.ToUnit, SignOff: obligation.SignOffLeader},
		{Code: "interview+30", Rung: obligation.Interview, Anchor: obligation.AnchorDue, Offset: 30, To: obligation.ToUnit, SignOff: obligation.SignOffLeader},
		{Code: "review+3", Rung: obligation.Remind, Anchor: obligation.AnchorSubmitted, Offset: 3, Every: 3, To: obligation.ToOffice},
	},
}

var cal = must(calendar.NewCalendar(1, map[int]calendar.Year{2026: {Off: []string{"0501-0505", "1001-1007"}}}))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func obligationID(measure, unit string) obligation.ID {
	return obligation.ID{Plan: planCode, Measure: measure, Unit: unit, Period: "2026-03-31"}
}

func opening(id obligation.ID, due string) obligation.Opening {
	return obligation.Opening{
		Facts: obligation.Facts{
			ID: id, Task: "10", Title: "完善重大事故隐患判定标准汇编", Quote: "2026年3月底前，编制判定标准汇编并开展专题学习", Done: "汇编印发",
			UnitName: "区应急局", Period: "2026年3月", Due: calendar.MustDate(due),
		},
		Policy: obligation.Policy{Ladder: ladder, Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay, At: 9 * time.Hour},
		AsOf:   calendar.MustDate("2026-03-01"),
	}
}

// opened returns the first entry of an obligation that is due on 31 March.
func opened(id obligation.ID) obligation.Entry { return openedFrom(opening(id, "2026-03-31")) }

func openedFrom(o obligation.Opening) obligation.Entry {
	return obligation.NewEntry(obligation.State{}, []obligation.Event{obligation.Open(o, cal, start)}, cal)
}

// decided returns the entry that a command leads to from the state.
func decided(t require.TestingT, s obligation.State, at time.Time, c obligation.Command) obligation.Entry {
	events, err := obligation.Decide(s, c, cal, at)
	require.NoError(t, err)
	return obligation.NewEntry(s, events, cal)
}

// tick returns the entry of everything that has fallen due at the instant.
func tick(t require.TestingT, s obligation.State, at time.Time) obligation.Entry {
	return decided(t, s, at, obligation.Command{Kind: obligation.Tick})
}

// late is when the letter falls due: its draft follows on the first tick.
var late = time.Date(2026, 4, 8, 2, 0, 0, 0, time.UTC)

func office() obligation.Actor {
	return obligation.Actor{Role: obligation.RoleOffice, Name: "王主任"}
}

func unit() obligation.Actor { return obligation.Actor{Role: obligation.RoleUnit, Name: "李联络"} }

// database is one kind of database that the conformance suite runs on.
type database struct {
	name string
	// options returns the options of a new, empty database.
	options func(t testing.TB) store.Options
}

func databases() []database {
	return []database{
		{"sqlite", func(t testing.TB) store.Options {
			return store.Options{Driver: store.SQLite, DSN: filepath.Join(t.TempDir(), "duban.db"), Synchronous: "NORMAL"}
		}},
		{"mysql", func(t testing.TB) store.Options {
			return store.Options{Driver: store.MySQL, DSN: storetest.MariaDB(t)}
		}},
	}
}

// each runs the test on a new store of every kind of database.
func each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	for _, d := range databases() {
		t.Run(d.name, func(t *testing.T) { test(t, openStore(t, d.options(t))) })
	}
}

func openStore(t testing.TB, o store.Options) *store.Store {
	if o.Now == nil {
		o.Now = func() time.Time { return start }
	}
	o.Logger = slog.New(slog.DiscardHandler)
	s, err := store.Open(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// put stores entries that nobody else competes for.
func put(t testing.TB, s *store.Store, entries ...obligation.Entry) {
	adopted, err := s.Append(t.Context(), entries)
	require.NoError(t, err)
	for i, a := range adopted {
		require.Empty(t, a, "entry %d", i)
	}
}

// drafted opens an obligation and lets it escalate until its letter is drafted.
func drafted(t testing.TB, s *store.Store, id obligation.ID) obligation.State {
	first := opened(id)
	put(t, s, first)
	second := tick(t, first.State, late)
	put(t, s, second)
	require.Len(t, second.Drafts, 1)
	return second.State
}

func requireCode(t testing.TB, code obligation.ErrorCode, err error) {
	var refused *obligation.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, code, refused.Code)
}

// requireSound verifies the whole record.
func requireSound(t testing.TB, s *store.Store) {
	report, err := s.Verify(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, report.Findings)
}

func unitCode(i int) string { return fmt.Sprintf("unit-%03d", i) }
