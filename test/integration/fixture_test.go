// Package integration runs duban's activities against the real store.
package integration

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"duban/activities"
	"duban/calendar"
	"duban/internal/store"
	"duban/obligation"
	"duban/plan"
)

const planCode = "test-2026"

// start is a Monday morning in Shanghai, and late the day on which the letter of what was due on 31 March is drafted.
var (
	start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	late  = time.Date(2026, 4, 8, 2, 0, 0, 0, time.UTC)
)

var ladder = obligation.Ladder{
	Code: "standard", Title: "标准阶梯", Cure: 5, Yellow: 7, Rework: 5, Nudge: 2,
	Steps: []obligation.Step{
		{Code: "remind-7", Rung: obligation.Remind, Anchor: obligation.AnchorDue, Offset: -7, To: obligation.ToUnit},
		{Code: "letter+5", Rung: obligation.Letter, Anchor: obligation.AnchorDue, Offset: 5, To: obligation.ToUnit, SignOff: obligation.SignOffOffice},
		{Code: "interview+30", Rung: obligation.Interview, Anchor: obligation.AnchorDue, Offset: 30, To: obligation.ToUnit, SignOff: obligation.SignOffLeader},
	},
}

var (
	office = obligation.Actor{Role: obligation.RoleOffice, Name: "王主任"}
	unit   = obligation.Actor{Role: obligation.RoleUnit, Name: "李联络"}
)

func workdays(t testing.TB) *calendar.Calendar {
	t.Helper()
	cal, err := calendar.NewCalendar(1, map[int]calendar.Year{2026: {Off: []string{"0404-0406", "0501-0505", "1001-1007"}}})
	require.NoError(t, err)
	return cal
}

// fixture are the activities over a store of their own, and an engine that notes what it is told.
type fixture struct {
	*activities.Activities
	t      *testing.T
	store  *store.Store
	engine *engine
	cal    *calendar.Calendar
}

func newFixture(t *testing.T, channels ...activities.Channel) *fixture {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{
		Driver: store.SQLite, DSN: filepath.Join(t.TempDir(), "duban.db"), Synchronous: "OFF", Now: func() time.Time { return start },
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	e := &engine{}
	return &fixture{
		t: t, store: s, engine: e, cal: workdays(t),
		Activities: &activities.Activities{
			Record: s, Documents: s, Outbox: s, Assessments: s, Hazards: s, Engine: e, Channels: channels, Log: slog.New(slog.DiscardHandler),
		},
	}
}

func obligationID(unit string) obligation.ID {
	return obligation.ID{Plan: planCode, Measure: "10.1", Unit: unit, Period: "1"}
}

func opening(unit, due string) obligation.Opening {
	return obligation.Opening{
		Facts: obligation.Facts{
			ID: obligationID(unit), Task: "10", Title: "完善重大事故隐患判定标准汇编", Quote: "2026年3月底前，编制判定标准汇编", Done: "汇编印发",
			UnitName: "区应急局", Period: "2026年3月", Due: calendar.MustDate(due),
		},
		Policy: obligation.Policy{Ladder: ladder, Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextDay, At: 9 * time.Hour},
		AsOf:   calendar.MustDate("2026-03-01"),
	}
}

// open opens an obligation that is due on 31 March and returns its state.
func (f *fixture) open(unit string) obligation.State {
	f.t.Helper()
	_, err := f.Open(f.t.Context(), f.batch(opening(unit, "2026-03-31")))
	require.NoError(f.t, err)
	return f.state(unit)
}

func (f *fixture) batch(openings ...obligation.Opening) activities.Batch {
	return activities.Batch{Openings: openings, Calendar: f.cal, Now: start}
}

func (f *fixture) state(unit string) obligation.State {
	f.t.Helper()
	view, err := f.store.Load(f.t.Context(), obligationID(unit))
	require.NoError(f.t, err)
	return view.State
}

func (f *fixture) setting() activities.Setting { return activities.Setting{Calendar: f.cal} }

// decision is what the core decides on a command.
func (f *fixture) decision(s obligation.State, at time.Time, c obligation.Command) activities.Decision {
	f.t.Helper()
	events, err := obligation.Decide(s, c, f.cal, at)
	require.NoError(f.t, err)
	return activities.Decision{Entry: obligation.NewEntry(s, events, f.cal), Setting: f.setting(), Nudge: 2}
}

// decide records what the core decides and returns the state after it.
func (f *fixture) decide(s obligation.State, at time.Time, c obligation.Command) obligation.State {
	f.t.Helper()
	adopted, err := f.Decide(f.t.Context(), f.decision(s, at, c))
	require.NoError(f.t, err)
	require.Empty(f.t, adopted.Events)
	return f.state(s.ID.Unit)
}

// drafted lets an obligation escalate until its letter is drafted.
func (f *fixture) drafted(unit string) obligation.State {
	f.t.Helper()
	return f.decide(f.open(unit), late, obligation.Command{Kind: obligation.Tick})
}

func (f *fixture) draft(unit string) obligation.Document {
	f.t.Helper()
	doc, err := f.store.Document(f.t.Context(), obligationID(unit), obligation.Letter)
	require.NoError(f.t, err)
	return doc
}

// requireSound verifies the whole record.
func (f *fixture) requireSound() {
	f.t.Helper()
	report, err := f.store.Verify(f.t.Context(), nil)
	require.NoError(f.t, err)
	require.Empty(f.t, report.Findings)
}

// requireRefused holds an error to what workflows and people need of a refusal: no retry, a code, a Chinese text.
func requireRefused(t testing.TB, code obligation.ErrorCode, err error) {
	t.Helper()
	var refusal *temporal.ApplicationError
	require.ErrorAs(t, err, &refusal)
	require.True(t, refusal.NonRetryable())
	require.Equal(t, string(code), refusal.Type())
	require.Equal(t, (&obligation.Error{Code: code}).Error(), refusal.Message())
	require.True(t, unicode.Is(unicode.Han, []rune(refusal.Message())[0]))
}

// errEngine is an engine that cannot be reached.
var errEngine = errors.New("engine is down")

// engine notes what activities tell other workflows, and fails the next so many calls.
type engine struct {
	mu       sync.Mutex
	failures int
	told     []string
}

func (e *engine) note(what string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failures > 0 {
		e.failures--
		return errEngine
	}
	e.told = append(e.told, what)
	return nil
}

func (e *engine) StartDocument(_ context.Context, d activities.DocumentStart) error {
	return e.note("start " + obligation.DocumentID(d.Document.Obligation, d.Document.Rung))
}

func (e *engine) SettleDocument(_ context.Context, id obligation.ID, rung obligation.Rung) error {
	return e.note("settle " + obligation.DocumentID(id, rung))
}

func (e *engine) NotifyTask(_ context.Context, plan, task string) error {
	return e.note("task " + plan + "/" + task)
}

func (e *engine) NotifyDispatch(_ context.Context, plan string) error {
	return e.note("dispatch " + plan)
}

// heard returns what was told since the last call.
func (e *engine) heard() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	told := e.told
	e.told = nil
	return told
}
