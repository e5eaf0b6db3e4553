package integration

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"duban/activities"
	"duban/internal/store"
	"duban/obligation"
)

// followUps are commands with what follows from each outside the database.
func followUps() map[string]struct {
	before  func(*fixture) obligation.State
	at      time.Time
	command obligation.Command
	told    []string
} {
	document := obligation.DocumentID(obligationID("yingji"), obligation.Letter)
	return map[string]struct {
		before  func(*fixture) obligation.State
		at      time.Time
		command obligation.Command
		told    []string
	}{
		"a letter is drafted": {
			func(f *fixture) obligation.State { return f.open("yingji") }, late,
			obligation.Command{Kind: obligation.Tick},
			[]string{"start " + document},
		},
		"the unit is asked": {
			func(f *fixture) obligation.State { return f.open("yingji") }, start,
			obligation.Command{Kind: obligation.Nudge, By: office, Text: "进展如何"},
			[]string{"dispatch " + planCode},
		},
		"what was late is accepted": {
			func(f *fixture) obligation.State {
				return f.decide(f.drafted("yingji"), late, obligation.Command{Kind: obligation.Submit, By: unit, Text: "已完成"})
			}, late,
			obligation.Command{Kind: obligation.Accept, By: office},
			[]string{"settle " + document, "task " + planCode + "/10"},
		},
	}
}

func TestDecideDoesWhatFollows(t *testing.T) {
	for name, c := range followUps() {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			state := c.before(f)
			f.engine.heard()
			f.decide(state, c.at, c.command)
			require.ElementsMatch(t, c.told, f.engine.heard())
			f.requireSound()
		})
	}
}

// A process that ended after the commit is followed by one that decides again: it gets the ledger's events, and what
// follows from them is done by the second.
func TestDecideAdoptsWhatAnEarlierAttemptStored(t *testing.T) {
	for name, c := range followUps() {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			state := c.before(f)
			first := f.decision(state, c.at, c.command)
			adopted, err := f.store.Append(t.Context(), []obligation.Entry{first.Entry})
			require.NoError(t, err)
			require.Empty(t, adopted[0])
			f.engine.heard()

			// It decides an hour later, and so, in its own words, something else.
			second := f.decision(state, c.at.Add(time.Hour), c.command)
			got, err := f.Decide(t.Context(), second)
			require.NoError(t, err)
			require.Equal(t, first.Entry.Events, got.Events, "the ledger wins")
			require.ElementsMatch(t, c.told, f.engine.heard())
			require.Equal(t, first.Entry.State.Seq, f.state("yingji").Seq, "nothing twice")
			f.requireSound()
		})
	}
}

// An engine that is down right after the commit does not undo the decision, and the retry completes it.
func TestDecideIsRetriedAfterTheCommit(t *testing.T) {
	for name, c := range followUps() {
		for failing := range c.told {
			t.Run(name, func(t *testing.T) {
				f := newFixture(t)
				decision := f.decision(c.before(f), c.at, c.command)
				f.engine.heard()
				f.engine.failures = 1
				for range failing { // the first call fails, then the first and the second …
					f.engine.failures++
				}
				attempts := 0
				for {
					attempts++
					adopted, err := f.Decide(t.Context(), decision)
					if err == nil {
						require.Equal(t, decision.Entry.Events, adopted.Events)
						break
					}
					require.ErrorIs(t, err, errEngine)
					var refusal *temporal.ApplicationError
					require.NotErrorAs(t, err, &refusal, "it must be tried again")
				}
				require.Equal(t, failing+2, attempts)
				require.Subset(t, f.engine.heard(), c.told)
				require.Equal(t, decision.Entry.State.Seq, f.state("yingji").Seq)
				f.requireSound()
			})
		}
	}
}

func TestReadLedgerReturnsWhatOthersRecorded(t *testing.T) {
	f := newFixture(t)
	state := f.drafted("yingji")
	got, err := f.ReadLedger(t.Context(), activities.Position{ID: state.ID, Seq: 1})
	require.NoError(t, err)
	require.Len(t, got.Events, state.Seq-1)
	require.Equal(t, 2, got.Events[0].Seq)
	got, err = f.ReadLedger(t.Context(), activities.Position{ID: state.ID, Seq: state.Seq})
	require.NoError(t, err)
	require.Empty(t, got.Events)
}

func TestOpenSaysWhatBecameOfEach(t *testing.T) {
	f := newFixture(t)
	said := map[obligation.ID]obligation.Outcome{
		obligationID("done"): obligation.Done, obligationID("missed"): obligation.Missed, obligationID("owed"): obligation.Owed,
	}
	require.NoError(t, f.store.PutOutcomes(t.Context(), planCode, said))
	batch := func() activities.Batch {
		return f.batch(
			opening("ahead", "2026-03-31"), opening("done", "2026-02-10"), opening("missed", "2026-02-10"), opening("owed", "2026-02-10"),
			opening("silent", "2026-02-10"))
	}
	want := []activities.Opened{
		{Live: true, At: start, Seq: 1},
		{Outcome: obligation.Done},
		{Outcome: obligation.Missed},
		{Live: true, Outcome: obligation.Owed, At: start, Seq: 1},
		{},
	}
	got, err := f.Open(t.Context(), batch())
	require.NoError(t, err)
	require.Equal(t, want, got)
	stages := map[string]obligation.Outcome{"done": obligation.Done, "missed": obligation.Missed, "silent": obligation.Unknown}
	for unit, outcome := range stages {
		s := f.state(unit)
		require.Equal(t, obligation.StageHistory, s.Stage, unit)
		require.Equal(t, outcome, s.Outcome, unit)
	}

	// Half of a batch is there already, later and as an earlier attempt left it.
	f.decide(f.state("ahead"), start, obligation.Command{Kind: obligation.Sign, By: unit})
	again := batch()
	again.Now = start.Add(24 * time.Hour)
	again.Openings = append(again.Openings, opening("new", "2026-03-31"))
	got, err = f.Open(t.Context(), again)
	require.NoError(t, err)
	require.Equal(t, append(want, activities.Opened{Live: true, At: again.Now, Seq: 1}), got)
	require.Equal(t, 1, f.state("owed").Seq, "nothing twice")
	require.Equal(t, 2, f.state("ahead").Seq)
	f.requireSound()
}

func TestOpenDoesNotReviveWhatIsClosed(t *testing.T) {
	f := newFixture(t)
	s := f.decide(f.open("yingji"), start, obligation.Command{Kind: obligation.Submit, By: unit, Text: "已完成"})
	f.decide(s, start, obligation.Command{Kind: obligation.Accept, By: office})
	got, err := f.Open(t.Context(), f.batch(opening("yingji", "2026-03-31")))
	require.NoError(t, err)
	require.False(t, got[0].Live)
}

// The office says later what became of the past.
func TestOpenReconsidersHistory(t *testing.T) {
	f := newFixture(t)
	say := func(outcome obligation.Outcome) activities.Opened {
		require.NoError(t, f.store.PutOutcomes(t.Context(), planCode, map[obligation.ID]obligation.Outcome{obligationID("yingji"): outcome}))
		got, err := f.Open(t.Context(), f.batch(opening("yingji", "2026-02-10")))
		require.NoError(t, err)
		return got[0]
	}
	_, err := f.Open(t.Context(), f.batch(opening("yingji", "2026-02-10")))
	require.NoError(t, err)
	require.Equal(t, activities.Opened{Outcome: obligation.Missed}, say(obligation.Missed))
	require.Equal(t, obligation.Missed, f.state("yingji").Outcome)
	require.Equal(t, 2, f.state("yingji").Seq)
	say(obligation.Missed)
	require.Equal(t, 2, f.state("yingji").Seq, "the same word changes nothing")

	require.Equal(t, activities.Opened{Live: true, Outcome: obligation.Owed, At: start, Seq: 3}, say(obligation.Owed))
	require.Equal(t, activities.Opened{Live: true, Outcome: obligation.Owed, At: start, Seq: 3}, say(obligation.Owed))
	require.Equal(t, obligation.StageOpen, f.state("yingji").Stage)
	require.Equal(t, activities.Opened{Live: true, Outcome: obligation.Done, At: start, Seq: 3}, say(obligation.Done))
	require.Equal(t, obligation.StageOpen, f.state("yingji").Stage, "what runs is closed by its own report only")
	f.requireSound()
}

func TestCountTellsHowATaskStands(t *testing.T) {
	f := newFixture(t)
	f.open("yingji")
	_, err := f.Open(t.Context(), f.batch(opening("history", "2026-02-10")))
	require.NoError(t, err)
	got, err := f.Count(t.Context(), activities.TaskRef{Plan: planCode, Task: "10", Now: start})
	require.NoError(t, err)
	require.Equal(t, 1, got.Open)
	require.Equal(t, 1, got.History)
	got, err = f.Count(t.Context(), activities.TaskRef{Plan: planCode, Task: "11", Now: start})
	require.NoError(t, err)
	require.Equal(t, obligation.Count{Task: "11"}, got)
}

// What passes by itself is tried again: it is no refusal.
func TestDatabaseErrorsAreRetried(t *testing.T) {
	f := newFixture(t)
	decision := f.decision(f.open("yingji"), start, obligation.Command{Kind: obligation.Sign, By: unit})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"decide": func() error { _, err := f.Decide(ctx, decision); return err },
		"open":   func() error { _, err := f.Open(ctx, f.batch(opening("other", "2026-03-31"))); return err },
		"count":  func() error { _, err := f.Count(ctx, activities.TaskRef{Plan: planCode}); return err },
		"dispatch": func() error {
			_, err := f.Dispatch(ctx, activities.Dispatch{Plan: planCode, Now: start})
			return err
		},
	} {
		err := call()
		require.Error(t, err, name)
		var refusal *temporal.ApplicationError
		require.NotErrorAs(t, err, &refusal, name)
	}
	require.Equal(t, 1, f.state("yingji").Seq)
	var behind *store.BehindError
	ahead := decision
	ahead.Entry.Before, ahead.Entry.State.Seq = 7, 8
	ahead.Entry.Events = []obligation.Event{decision.Entry.Events[0]}
	ahead.Entry.Events[0].Seq = 8
	ahead.Entry.Notices = nil
	_, err := f.Decide(t.Context(), ahead)
	require.ErrorAs(t, err, &behind, "a ledger that lost events is shouted about, not taken for a refusal")
}
