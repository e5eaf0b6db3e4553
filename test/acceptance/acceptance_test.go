// Package acceptance runs the whole system — workflows, activities, store and the embedded Temporal server — on a held
// clock with the people of a script, and holds its ledgers against those of the pure rehearsal, entry by entry.
package acceptance

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"duban/activities"
	"duban/assessment"
	"duban/calendar"
	"duban/internal/devserver"
	"duban/internal/store"
	"duban/internal/training"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
	"duban/seed"
	"duban/worker"
	"duban/workflows"
)

var whole = flag.Bool("whole", false, "run the whole plan with all of its units, which takes tens of minutes")

// cast is a script in which everything happens: some are on time, some late, some silent, some are returned or ask for
// more time, and the office forgets.
func cast() rehearsal.Script {
	return rehearsal.Script{
		Code: "acceptance", Title: "验收", Seed: 20240419,
		Behaviours: []rehearsal.Behaviour{
			{Code: "on-time", Title: "按时", Sign: 1, Report: -2, Spread: 2, Rework: 2},
			{Code: "late", Title: "迟报", Sign: 4, Report: 10, Spread: 6, Rework: 3},
			{Code: "never", Title: "不报", Sign: rehearsal.Never, Report: rehearsal.Never},
			{Code: "wanting", Title: "两次退回", Sign: 1, Report: -1, Return: 2, Rework: 3},
			{Code: "extends", Title: "两次延期", Sign: 1, Report: -1, Rework: 2, Extend: []rehearsal.Extra{{Before: 4, By: 10}, {Before: 3, By: 8}}},
		},
		Units: []rehearsal.Rule{
			{Who: rehearsal.Who{Kinds: []plan.UnitKind{plan.KindStreet}}, Mix: []rehearsal.Share{
				{Behaviour: "on-time", Weight: 30},
				{Behaviour: "late", Weight: 30},
				{Behaviour: "never", Weight: 20},
				{Behaviour: "wanting", Weight: 10},
				{Behaviour: "extends", Weight: 10},
			}},
			{Mix: []rehearsal.Share{
				{Behaviour: "on-time", Weight: 60},
				{Behaviour: "late", Weight: 10},
				{Behaviour: "never", Weight: 10},
				{Behaviour: "wanting", Weight: 10},
				{Behaviour: "extends", Weight: 10},
			}},
		},
		Office: []rehearsal.Office{
			// It answers after the deadline has passed, and refuses.
			{Who: rehearsal.Who{Tasks: []string{"13"}}, Review: 8, Sign: 2, Meet: 2, Refuse: true},
			{Review: 2, Sign: 1, Meet: 4, Forgets: 10},
		},
	}
}

// cached keeps every workflow in memory: on a held clock all of them are asked all the time.
const cached = 5000

// house is duban in this process.
type house struct {
	t      *testing.T
	folder string
	store  *store.Store
	client *workflows.Client
	close  func()
}

func open(t *testing.T, folder string) *house {
	t.Helper()
	h := &house{t: t, folder: folder}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	var err error
	h.store, err = store.Open(t.Context(), store.Options{
		Driver: "sqlite", DSN: filepath.Join(folder, "duban.db"), Synchronous: "NORMAL", Now: time.Now, Logger: log,
	})
	require.NoError(t, err)
	engine, err := devserver.Start(t.Context(), devserver.Options{
		DataDir: filepath.Join(folder, "temporal"), HostPort: "127.0.0.1:0", SearchAttributes: workflows.SearchAttributes,
		Synchronous: "NORMAL", StickyCacheSize: cached, Logger: log,
	})
	require.NoError(t, err)
	h.client, err = workflows.Dial(t.Context(), workflows.Connection{
		HostPort: engine.HostPort(), Namespace: engine.Namespace(), APIKey: engine.Token(), Embedded: true, Log: log,
	})
	require.NoError(t, err)
	w := worker.New(h.client, &activities.Activities{
		Record: h.store, Documents: h.store, Outbox: h.store, Assessments: h.store, Hazards: h.store, Engine: h.client, Log: log,
	}, worker.Options{Cached: cached})
	require.NoError(t, w.Start())
	h.close = func() {
		w.Stop()
		h.client.Close()
		require.NoError(t, engine.Close())
		require.NoError(t, h.store.Close())
	}
	return h
}

// definition is the real plan, with the named units only where any are named.
func definition(t *testing.T, units ...string) obligation.Definition {
	t.Helper()
	b, err := seed.Embedded()
	require.NoError(t, err)
	if len(units) > 0 {
		b.Plan.Units = slices.DeleteFunc(slices.Clone(b.Plan.Units), func(u plan.Unit) bool { return !slices.Contains(units, u.Code) })
		require.Len(t, b.Plan.Units, len(units))
	}
	for i, st := range b.Ladders[1].Steps {
		if st.Rung == obligation.Letter {
			b.Ladders[1].Steps[i].SignOff = obligation.SignOffAuto // those of weekly and monthly duties go out by themselves
		}
	}
	return obligation.Definition{AsOf: b.Plan.Issued, Plan: b.Plan, Calendar: b.Calendar, Ladders: b.Ladders}
}

// fast is more than any machine keeps up with: the clock waits for the machine alone.
const fast = 1e9

// conductor seeds the plan and returns who conducts it.
func (h *house) conductor(d obligation.Definition, until time.Time) *training.Conductor {
	h.t.Helper()
	stored, _, err := h.store.PutDefinition(h.t.Context(), d)
	require.NoError(h.t, err)
	require.NoError(h.t, seed.PutRules(h.t.Context(), h.store, d.Plan.Code, nil))
	start := d.AsOf.At(obligation.DefaultWindow.From, obligation.Location(d.Plan.Zone))
	_, err = h.client.StartPlan(h.t.Context(), workflows.PlanInput{
		Setting: activities.Setting{Clock: calendar.Clock{Start: start, Held: true}, Calendar: d.Calendar},
		Window:  obligation.DefaultWindow, Definition: stored,
	})
	require.NoError(h.t, err)
	return training.New(training.Options{
		Definition: stored, Window: obligation.DefaultWindow, Script: cast(), Start: start, Until: until, Speed: fast,
		Record: h.store, Engine: workflows.Conducted{Client: h.client}, Real: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
}

// requireRehearsed asserts that the record holds what the rehearsal says, and nothing else, and returns what happened.
func (h *house) requireRehearsed(d obligation.Definition, until time.Time) rehearsal.Tally {
	h.t.Helper()
	run, err := rehearsal.Rehearse(d, cast(), rehearsal.Setting{At: obligation.DefaultWindow.From, Until: until})
	require.NoError(h.t, err)
	same, differences, err := training.Compare(h.t.Context(), h.store, run)
	require.NoError(h.t, err)
	for i, one := range differences {
		if i < 5 {
			h.t.Log(one)
		}
	}
	require.Empty(h.t, differences)
	counts, err := h.store.Counts(h.t.Context(), d.Plan.Code, until)
	require.NoError(h.t, err)
	total := 0
	for _, c := range counts {
		total += c.Total
	}
	require.Equal(h.t, len(run.Ledgers), total)
	report, err := h.store.Verify(h.t.Context(), func(int, int) {})
	require.NoError(h.t, err)
	require.Empty(h.t, report.Findings)
	require.Equal(h.t, same, report.Events)
	require.Positive(h.t, report.Assessments, "a half-year was over")
	h.requireAssessed(run)
	summary := run.Summary()
	h.t.Logf("%d obligations, %d entries, %d letters, %d interviews, %d extensions", total, same, summary.Total.Letters,
		summary.Total.Interviews, summary.Total.Extended)
	return summary.Total
}

// requireAssessed asserts that the records of the half-yearly assessments are what the rehearsal says, and that the first of them is
// published.
func (h *house) requireAssessed(run *rehearsal.Run) {
	h.t.Helper()
	p := run.Definition.Plan
	rules, err := h.store.Rules(h.t.Context(), p.Code)
	require.NoError(h.t, err)
	for i, half := range assessment.Checkpoints(p, run.Definition.AsOf) {
		st, want, err := run.Assess(half, rules, obligation.DefaultWindow.From)
		require.NoError(h.t, err)
		got, err := h.store.AssessmentEvents(h.t.Context(), p.Code, half.String())
		if err != nil {
			require.True(h.t, obligation.IsNotFound(err), err)
		}
		require.Len(h.t, got, len(want), half)
		for n := range want {
			a, errA := json.Marshal(want[n])
			b, errB := json.Marshal(got[n])
			require.NoError(h.t, cmp.Or(errA, errB))
			require.Equal(h.t, string(a), string(b), "%s, entry %d", half, n+1)
		}
		if i == 0 {
			require.Equal(h.t, assessment.StagePublished, st.Stage)
		}
	}
}

func TestLiveLedgersAreThoseOfTheRehearsal(t *testing.T) {
	d, until := definition(t, "huayang", "yjj", "xfjy"), calendar.MustDate("2024-10-15").At(0, obligation.Location("Asia/Shanghai"))
	if *whole {
		d = definition(t)
		until = rehearsal.End(d)
	}
	h := open(t, t.TempDir())
	defer h.close()
	require.NoError(t, h.conductor(d, until).Run(t.Context()))
	total := h.requireRehearsed(d, until)
	require.Positive(t, total.Letters, "the script has everything happen")
	require.Positive(t, total.Interviews)
	require.Positive(t, total.Extended)
	require.Positive(t, total.Returned)
}

func TestTrainingGoesOnAfterARestart(t *testing.T) {
	d, until := definition(t, "jiangsu"), calendar.MustDate("2024-08-10").At(0, obligation.Location("Asia/Shanghai"))
	folder := t.TempDir()
	h := open(t, folder)
	ctx, cancel := context.WithCancel(t.Context())
	c := h.conductor(d, until)
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	require.Eventually(t, func() bool { return c.Now().After(calendar.MustDate("2024-07-01").At(0, time.UTC)) }, 5*time.Minute, 5*time.Millisecond)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	h.close()

	h = open(t, folder)
	defer h.close()
	require.NoError(t, h.conductor(d, until).Run(t.Context()))
	h.requireRehearsed(d, until)
}
