package training_test

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/assessment"
	"duban/calendar"
	"duban/internal/training"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
)

var shanghai = obligation.Location("Asia/Shanghai")

func day(text string) time.Time { return calendar.MustDate(text).At(0, shanghai) }

func definition(t *testing.T) obligation.Definition {
	t.Helper()
	cal, err := calendar.NewCalendar(1, map[int]calendar.Year{2025: {}})
	require.NoError(t, err)
	ladder := obligation.Ladder{Code: "standard", Title: "标准阶梯", Cure: 5, Yellow: 7, Rework: 5, Nudge: 3, Extensions: 1, Steps: []obligation.Step{
		{Code: "sign+2", Rung: obligation.Remind, Anchor: obligation.AnchorOpened, Offset: 2, To: obligation.ToUnit},
		{Code: "remind-3", Rung: obligation.Remind, Anchor: obligation.AnchorDue, Offset: -3, To: obligation.ToUnit},
		{Code: "press+3", Rung: obligation.Press, Anchor: obligation.AnchorDue, Offset: 3, Every: 5, To: obligation.ToUnit},
		{Code: "letter+5", Rung: obligation.Letter, Anchor: obligation.AnchorDue, Offset: 5, To: obligation.ToUnit, SignOff: obligation.SignOffOffice},
		{
			Code: "interview+30", Rung: obligation.Interview, Anchor: obligation.AnchorDue, Offset: 30, To: obligation.ToUnit,
			SignOff: obligation.SignOffLeader, Letters: 2,
		},
	}}
	return obligation.Definition{
		Version: 1, AsOf: calendar.MustDate("2025-01-02"), Calendar: cal, Ladders: []obligation.Ladder{ladder},
		Plan: plan.Plan{
			Code: "p", Title: "方案", Issued: calendar.MustDate("2025-01-02"), From: calendar.MustDate("2025-01-01"),
			To: calendar.MustDate("2025-12-31"), Zone: "Asia/Shanghai", RestDayRule: plan.RestDayNextWorkday,
			Tasks: []plan.Task{{Code: "1", Title: "每月报告"}, {Code: "2", Title: "修订标准"}},
			Measures: []plan.Measure{
				{
					Code: "1.1", Task: "1", Title: "每月报告", Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}},
					Schedule: plan.Schedule{Kind: plan.Recurring, Cron: "0 0 28 * *", Names: plan.CronDue},
				},
				{
					Code: "2.1", Task: "2", Title: "修订标准", Audience: plan.Audience{Kinds: []plan.UnitKind{plan.KindStreet}},
					Schedule: plan.Schedule{Kind: plan.Milestone, Due: []calendar.Date{calendar.MustDate("2025-06-30")}},
				},
			},
			Units: []plan.Unit{
				{Code: "huayang", Name: "华阳路街道", Kind: plan.KindStreet},
				{Code: "jiangsu", Name: "江苏路街道", Kind: plan.KindStreet},
				{Code: "xinhua", Name: "新华路街道", Kind: plan.KindStreet},
			},
		},
	}
}

func script() rehearsal.Script {
	return rehearsal.Script{
		Code: "s", Title: "情景", Seed: 3, Behaviours: []rehearsal.Behaviour{
			{Code: "on-time", Title: "按时", Sign: 1, Report: -2, Return: 1, Rework: 2, Extend: []rehearsal.Extra{{Before: 4, By: 5}}},
			{Code: "late", Title: "迟报", Sign: 4, Report: 8, Spread: 3, Rework: 2},
			{Code: "never", Title: "不报", Sign: rehearsal.Never, Report: rehearsal.Never},
		},
		Units: []rehearsal.Rule{{Mix: []rehearsal.Share{
			{Behaviour: "on-time", Weight: 2}, {Behaviour: "late", Weight: 2}, {Behaviour: "never", Weight: 1},
		}}},
		Office: []rehearsal.Office{
			{Who: rehearsal.Who{Units: []string{"xinhua"}}, Review: 7, Sign: 1, Meet: 3, Refuse: true}, // after the deadline
			{Review: 1, Sign: 1, Meet: 3, Forgets: 5},
		},
	}
}

// world is a record and an engine in memory that decide by the core.
type world struct {
	t       *testing.T
	d       obligation.Definition
	mu      sync.Mutex
	ledgers map[obligation.ID][]obligation.Event
	slots   map[string]bool
	docs    map[string]obligation.Document
	numbers map[obligation.Series]int
	letters map[string][]time.Time
	digests []time.Time
	nudges  int
	before  func(now time.Time) // called before anything is done

	assessed map[string][]time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{
		t: t, d: definition(t), ledgers: map[obligation.ID][]obligation.Event{}, slots: map[string]bool{}, docs: map[string]obligation.Document{},
		numbers: map[obligation.Series]int{}, letters: map[string][]time.Time{}, before: func(time.Time) {},
		assessed: map[string][]time.Time{},
	}
}

func (w *world) enter(now time.Time) func() {
	w.before(now)
	w.mu.Lock()
	return w.mu.Unlock
}

func (w *world) state(id obligation.ID) obligation.State {
	return obligation.Replay(obligation.State{}, w.ledgers[id])
}

func (w *world) add(id obligation.ID, events []obligation.Event) {
	s := w.state(id)
	for _, e := range events {
		s = obligation.Apply(s, e)
		if e.Kind == obligation.Drafted {
			doc := obligation.Draft(s, e)
			w.docs[obligation.DocumentID(id, e.Rung)] = doc
		}
		if e.SettlesDocument() {
			key := obligation.DocumentID(id, e.Rung)
			w.docs[key] = w.docs[key].After(e)
		}
	}
	w.ledgers[id] = append(w.ledgers[id], events...)
}

func (w *world) EventsAfter(_ context.Context, id obligation.ID, seq int) ([]obligation.Event, error) {
	defer w.enter(time.Time{})()
	return w.ledgers[id][min(seq, len(w.ledgers[id])):], nil
}

func (w *world) Documents(_ context.Context, f obligation.DocumentFilter) ([]obligation.Document, string, error) {
	defer w.enter(time.Time{})()
	var out []obligation.Document
	for _, d := range w.docs {
		if d.Status == f.Status {
			out = append(out, d)
		}
	}
	return out, "", nil
}

func (w *world) AdvanceTask(_ context.Context, now time.Time, _, task string) error {
	defer w.enter(now)()
	slots, err := w.d.Agenda(task, obligation.DefaultWindow.From)
	require.NoError(w.t, err)
	for _, s := range slots {
		if s.At.After(now) || w.slots[s.Key()] {
			continue
		}
		w.slots[s.Key()] = true
		for _, o := range w.d.Openings(s, obligation.DefaultWindow.From) {
			w.add(o.Facts.ID, []obligation.Event{obligation.Open(o, w.d.Calendar, now)})
		}
	}
	return nil
}

func (w *world) AdvanceObligation(_ context.Context, now time.Time, id obligation.ID) error {
	defer w.enter(now)()
	events, err := obligation.Decide(w.state(id), obligation.Command{Kind: obligation.Tick}, w.d.Calendar, now)
	w.add(id, events)
	return err
}

func (w *world) AdvanceDocument(_ context.Context, now time.Time, _ obligation.ID, _ obligation.Rung) error {
	defer w.enter(now)()
	w.nudges++
	return nil
}

// AdvanceAssessment counts at the checkpoint, and has the office reminded every week.
func (w *world) AdvanceAssessment(_ context.Context, now time.Time, _, half string) (time.Time, error) {
	defer w.enter(now)()
	h, _ := assessment.ParseHalf(half)
	at := h.Checkpoint(shanghai)
	for !at.After(now) {
		if !slices.Contains(w.assessed[half], at) {
			w.assessed[half] = append(w.assessed[half], at)
			require.Equal(w.t, at, now, "at its own instant")
		}
		at = at.Add(7 * 24 * time.Hour)
	}
	return at, nil
}

func (w *world) AdvanceDispatch(_ context.Context, now time.Time, _ string) error {
	defer w.enter(now)()
	w.digests = append(w.digests, now)
	return nil
}

func (w *world) Command(_ context.Context, now time.Time, id obligation.ID, c obligation.Command) error {
	defer w.enter(now)()
	events, err := obligation.Decide(w.state(id), c, w.d.Calendar, now)
	w.add(id, events)
	return err
}

func (w *world) SignOff(_ context.Context, now time.Time, id obligation.ID, c obligation.Command) error {
	defer w.enter(now)()
	series := obligation.SeriesOf(c.Rung, calendar.DateOf(now, shanghai))
	for _, at := range w.letters[id.Unit] {
		if !at.Before(now.Add(-obligation.LettersWithin)) {
			c.Letters++
		}
	}
	if c.Rung == obligation.Letter {
		c.Letters++
		w.letters[id.Unit] = append(w.letters[id.Unit], now)
	}
	w.numbers[series]++
	c.Number = series.Format(w.numbers[series])
	events, err := obligation.Decide(w.state(id), c, w.d.Calendar, now)
	w.add(id, events)
	return err
}

func (w *world) Interview(_ context.Context, now time.Time, id obligation.ID, c obligation.Command) error {
	defer w.enter(now)()
	events, err := obligation.Decide(w.state(id), c, w.d.Calendar, now)
	w.add(id, events)
	return err
}

const fast = 1e9

func (w *world) conductor(speed float64, until string) *training.Conductor {
	return training.New(training.Options{
		Definition: w.d, Window: obligation.DefaultWindow, Script: script(), Start: w.d.AsOf.At(obligation.DefaultWindow.From, shanghai),
		Until: day(until), Speed: speed, Record: w, Engine: w, Real: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
}

func (w *world) rehearsed(until string) *rehearsal.Run {
	w.t.Helper()
	run, err := rehearsal.Rehearse(w.d, script(), rehearsal.Setting{At: obligation.DefaultWindow.From, Until: day(until)})
	require.NoError(w.t, err)
	return run
}

func (w *world) requireRehearsed(until string) {
	w.t.Helper()
	run := w.rehearsed(until)
	same, differences, err := training.Compare(w.t.Context(), w, run)
	require.NoError(w.t, err)
	require.Empty(w.t, differences)
	require.Greater(w.t, same, 200)
	require.Len(w.t, w.ledgers, len(run.Ledgers))
}

func TestLedgersAreTheRehearsals(t *testing.T) {
	w := newWorld(t)
	c := w.conductor(fast, "2025-12-01")
	require.NoError(t, c.Run(t.Context()))
	w.requireRehearsed("2025-12-01")
	require.True(t, c.Status().Finished)
	require.Equal(t, day("2025-12-01"), c.Now())
	require.Positive(t, w.nudges, "whoever holds a document is reminded")
	for _, d := range w.docs {
		if d.Rung == obligation.Interview && d.Status == obligation.DocumentIssued && d.Meeting.At.Before(day("2025-11-28")) {
			require.False(t, d.Meeting.Held.IsZero(), "interviews are concluded")
		}
	}
}

func TestAssessmentsAreMovedOnAtTheirOwnInstants(t *testing.T) {
	w := newWorld(t)
	c := w.conductor(fast, "2025-08-01")
	require.NoError(t, c.Run(t.Context()))
	require.Equal(t, []time.Time{day("2025-07-01"), day("2025-07-08")}, w.assessed["2025H1"][:2])
}

func TestDigestsGoOutEveryWorkingDay(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.conductor(fast, "2025-03-01").Run(t.Context()))
	morning := map[calendar.Date]bool{}
	for i, at := range w.digests {
		require.True(t, i == 0 || at.After(w.digests[i-1]))
		if local := at.In(shanghai); local.Hour() == 9 {
			require.Equal(t, 15, local.Minute())
			morning[calendar.DateOf(at, shanghai)] = true
		}
	}
	require.Len(t, morning, w.d.Calendar.WorkdaysBetween(calendar.MustDate("2025-01-01"), calendar.MustDate("2025-02-28")))
}

func TestTrainingGoesOnFromItsLedgers(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.before = func(now time.Time) {
		if now.After(day("2025-06-10")) {
			cancel() // as a process that is killed: what was done is in the ledgers, and nothing else is known
		}
	}
	require.ErrorIs(t, w.conductor(fast, "2025-12-01").Run(ctx), context.Canceled)
	w.before = func(time.Time) {}
	require.NoError(t, w.conductor(fast, "2025-12-01").Run(t.Context()))
	w.requireRehearsed("2025-12-01")
	require.Equal(t, day("2025-07-01"), w.assessed["2025H1"][0])
}

func TestUnitThatIsPlayedByHand(t *testing.T) {
	w := newWorld(t)
	c := w.conductor(fast, "2025-03-20")
	require.NoError(t, c.Take("xinhua", true))
	require.Error(t, c.Take("nobody", true))
	require.Equal(t, []string{"xinhua"}, c.Status().Taken)
	require.NoError(t, c.Run(t.Context()))
	issued := 0
	for id, events := range w.ledgers {
		for _, e := range events {
			require.False(t, id.Unit == "xinhua" && e.By.Role == obligation.RoleUnit, "nobody plays it")
			if id.Unit == "xinhua" && e.Kind == obligation.Issued {
				issued++
			}
		}
	}
	require.Positive(t, issued, "the office goes on as the script says")
	id := obligation.ID{Plan: "p", Measure: "2.1", Unit: "xinhua", Period: "1"}
	err := c.Act(t.Context(), id, func(now time.Time) error {
		return w.Command(t.Context(), now, id, obligation.Command{Kind: obligation.Sign, By: obligation.Actor{Role: obligation.RoleUnit, Name: "学员"}})
	})
	require.NoError(t, err)
	require.Equal(t, obligation.StageSigned, w.state(id).Stage)
}

func TestPausedClockStands(t *testing.T) {
	w := newWorld(t)
	c := w.conductor(1e-3, "2025-02-01") // nothing would happen for months
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	c.Pace(fast, true)
	require.True(t, c.Status().Paused)
	at := c.Now()
	require.Equal(t, at, c.Now())
	c.Pace(fast, false)
	require.NoError(t, <-ended)
	require.True(t, c.Status().Finished)
}

func TestClockWaitsForTheMachineAndSaysSo(t *testing.T) {
	w := newWorld(t)
	var mu sync.Mutex
	real := time.Now()
	var slow atomic.Bool
	var c *training.Conductor
	w.before = func(now time.Time) {
		mu.Lock()
		real = real.Add(20 * time.Millisecond) // so long everything takes
		mu.Unlock()
		if c.Status().Slow {
			slow.Store(true)
		}
		require.False(t, c.Now().After(day("2025-06-01")), "the clock shows no more than what is done")
	}
	c = training.New(training.Options{
		Definition: w.d, Window: obligation.DefaultWindow, Script: script(), Start: w.d.AsOf.At(obligation.DefaultWindow.From, shanghai),
		Until: day("2025-06-01"), Speed: fast, Record: w, Engine: w, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Real: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			real = real.Add(time.Millisecond)
			return real
		},
	})
	require.NoError(t, c.Run(t.Context()))
	require.True(t, slow.Load())
	w.before = func(time.Time) {}
	w.requireWithin("2025-06-01")
}

// requireWithin asserts that the ledgers are the rehearsal's, however few entries there are.
func (w *world) requireWithin(until string) {
	w.t.Helper()
	_, differences, err := training.Compare(w.t.Context(), w, w.rehearsed(until))
	require.NoError(w.t, err)
	require.Empty(w.t, differences)
}

func TestCompareFindsWhatDiffers(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.conductor(fast, "2025-04-01").Run(t.Context()))
	var some obligation.ID
	for id, events := range w.ledgers {
		if len(events) > 2 {
			some = id
		}
	}
	w.ledgers[some][1].Text = "改过"
	_, differences, err := training.Compare(t.Context(), w, w.rehearsed("2025-04-01"))
	require.NoError(t, err)
	require.Len(t, differences, 1)
	require.Equal(t, some, differences[0].Obligation)
	require.Equal(t, 2, differences[0].Seq)
	require.Contains(t, differences[0].String(), "改过")
	w.ledgers[some] = w.ledgers[some][:1]
	_, differences, err = training.Compare(t.Context(), w, w.rehearsed("2025-04-01"))
	require.NoError(t, err)
	require.Empty(t, differences[0].Live, "an entry is missing")
}
