package training_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
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
	script  rehearsal.Script
	mu      sync.Mutex
	ledgers map[obligation.ID][]obligation.Event
	slots   map[string]bool
	docs    map[string]obligation.Document
	numbers map[obligation.Series]int
	letters map[string][]time.Time
	digests []time.Time
	nudges  int
	before  func(now time.Time) // called before anything is done

	assessed map[string][]assessment.Event
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{
		t: t, d: definition(t), script: script(), ledgers: map[obligation.ID][]obligation.Event{}, slots: map[string]bool{}, docs: map[string]obligation.Document{},
		numbers: map[obligation.Series]int{}, letters: map[string][]time.Time{}, before: func(time.Time) {},
		assessed: map[string][]assessment.Event{},
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

func scoring() assessment.Rules {
	return assessment.Rules{Title: "试行", Base: 1000, Items: []assessment.Item{
		{Code: "on-time", On: assessment.OnTime, Points: 10}, {Code: "late", On: assessment.Late, Points: -10}, {Code: "overdue", On: assessment.Overdue, Points: -20},
	}, Merits: []assessment.Merit{{Code: "upper", Upper: 1}, {Code: "done", Done: 1}}}
}

// assessment returns how an assessment stands.
func (w *world) assessment(half string) assessment.State {
	h, ok := assessment.ParseHalf(half)
	require.True(w.t, ok)
	st := assessment.Begin("p", h, h.Checkpoint(shanghai))
	for _, e := range w.assessed[half] {
		st = assessment.Apply(st, e)
	}
	return st
}

func (w *world) assess(now time.Time, half string, c assessment.Command) error {
	st := w.assessment(half)
	e, err := assessment.Decide(st, c, w.d.Calendar, shanghai, now)
	if err == nil {
		w.assessed[half] = append(w.assessed[half], e)
	}
	return err
}

func (w *world) AdvanceAssessment(_ context.Context, now time.Time, _, half string) error {
	defer w.enter(now)()
	st := w.assessment(half)
	next, ok := assessment.NextStep(st, w.d.Calendar, shanghai, obligation.DefaultWindow.From)
	if !ok || next.At.After(now) {
		return nil
	}
	require.Equal(w.t, next.At, now, "at its own instant")
	c := assessment.Command{Kind: next.Kind, By: obligation.System, Key: fmt.Sprintf("%s/%d", next.Kind, st.Seq+1)}
	if next.Kind == assessment.Counted {
		h, _ := assessment.ParseHalf(half)
		card := assessment.Score(scoring(), h, w.d.Plan, w.d.Calendar, slices.Collect(maps.Values(w.ledgers)))
		c.Card = &card
	}
	return w.assess(now, half, c)
}

func (w *world) Assess(_ context.Context, now time.Time, _, half string, c assessment.Command) error {
	defer w.enter(now)()
	return w.assess(now, half, c)
}

func (w *world) Assessments(context.Context, string) ([]assessment.State, error) {
	defer w.enter(time.Time{})()
	var out []assessment.State
	for half := range w.assessed {
		out = append(out, w.assessment(half).Brief())
	}
	return out, nil
}

func (w *world) AssessmentEvents(_ context.Context, _, half string) ([]assessment.Event, error) {
	defer w.enter(time.Time{})()
	if len(w.assessed[half]) == 0 {
		return nil, &obligation.Error{Code: obligation.CodeNotFound}
	}
	return slices.Clone(w.assessed[half]), nil
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
		Definition: w.d, Window: obligation.DefaultWindow, Script: w.script, Start: w.d.AsOf.At(obligation.DefaultWindow.From, shanghai),
		Until: day(until), Speed: speed, Record: w, Engine: w, Real: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
}

func (w *world) rehearsed(until string) *rehearsal.Run {
	w.t.Helper()
	run, err := rehearsal.Rehearse(w.d, w.script, rehearsal.Setting{At: obligation.DefaultWindow.From, Until: day(until)})
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

// requireAssessed asserts that the record of an assessment is the rehearsal's.
func (w *world) requireAssessed(half assessment.Half, until string) {
	w.t.Helper()
	run := w.rehearsed(until)
	st, record, err := run.Assess(half, scoring(), obligation.DefaultWindow.From)
	require.NoError(w.t, err)
	require.Equal(w.t, assessment.StagePublished, st.Stage)
	require.Equal(w.t, record, w.assessed[half.String()])
}

func TestRecordsOfAssessmentsAreTheRehearsals(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.conductor(fast, "2025-09-01").Run(t.Context()))
	w.requireAssessed(assessment.Half{Year: 2025, N: 1}, "2025-09-01")
	w.requireWithin("2025-09-01")
}

// The last half-year ends with the plan, and is published though nothing else happens any more.
func TestAssessmentsKeepATrainingGoing(t *testing.T) {
	w := newWorld(t)
	w.d.Plan.Measures = w.d.Plan.Measures[1:]
	w.script.Units[0].Mix = w.script.Units[0].Mix[:1] // all is done by the middle of the year
	w.script.Office = []rehearsal.Office{{Review: 1, Sign: 1, Meet: 3}}
	require.NoError(t, w.conductor(fast, "2026-03-01").Run(t.Context()))
	require.Equal(t, assessment.StagePublished, w.assessment("2025H1").Stage)
}

// A person may take a hand in an assessment, and the others go on from there.
func TestAssessmentThatSomebodyTakesAHandIn(t *testing.T) {
	w := newWorld(t)
	c := w.conductor(fast, "2025-07-03")
	for _, u := range w.d.Plan.Units {
		require.NoError(t, c.Take(u.Code, true))
	}
	require.NoError(t, c.Run(t.Context()))
	require.Len(t, w.assessed["2025H1"], 1, "nobody speaks for them")
	assess := func(command assessment.Command) error {
		return c.Assess(t.Context(), "2025H1", func(now time.Time) error { return w.Assess(t.Context(), now, "p", "2025H1", command) })
	}
	require.NoError(t, assess(assessment.Command{Kind: assessment.Closed, By: obligation.Actor{Role: obligation.RoleOffice}}))
	require.Equal(t, &assessment.Error{Code: assessment.CodeStage}, assess(assessment.Command{Kind: assessment.Signed, By: obligation.Actor{Role: obligation.RoleLeader}}))
	again := w.conductor(fast, "2025-09-01")
	require.NoError(t, again.Run(t.Context()))
	require.Equal(t, assessment.StagePublished, w.assessment("2025H1").Stage)
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
	w.requireAssessed(assessment.Half{Year: 2025, N: 1}, "2025-12-01")
}

// The same while an assessment is under way.
func TestTrainingGoesOnWithAnAssessment(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.before = func(time.Time) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.assessed["2025H1"]) > 4 {
			cancel()
		}
	}
	require.ErrorIs(t, w.conductor(fast, "2025-09-01").Run(ctx), context.Canceled)
	w.before = func(time.Time) {}
	require.NoError(t, w.conductor(fast, "2025-09-01").Run(t.Context()))
	w.requireAssessed(assessment.Half{Year: 2025, N: 1}, "2025-09-01")
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
		Definition: w.d, Window: obligation.DefaultWindow, Script: w.script, Start: w.d.AsOf.At(obligation.DefaultWindow.From, shanghai),
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
