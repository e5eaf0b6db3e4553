package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"duban/api"
	"duban/calendar"
	"duban/internal/config"
	"duban/obligation"
	"duban/seed"
)

type serveCmd struct {
	Seed string `help:"首次启动时载入哪个方案：embedded（自带）或 none（不载入）。" enum:"embedded,none" default:"embedded"`
	AsOf string `help:"首次载入的起算日：此前到期的只作历史记录（默认：今天；演练默认：方案印发日）。" placeholder:"YYYY-MM-DD"`
	demoFlags
}

// Run implements the command.
func (c serveCmd) Run(e *env) error {
	asOf, err := parseDay(c.AsOf)
	if err != nil {
		return err
	}
	if c.Demo {
		return c.demo(e, asOf)
	}
	cfg, log, err := e.settings()
	if err != nil {
		return err
	}
	if cfg.Engine.Mode == config.EngineExternal {
		return usageError{errors.New(textServeExternal)}
	}
	i, err := open(e.ctx, cfg, log, parts{engine: true, worker: true, api: true})
	if err != nil {
		return err
	}
	defer func() { _ = i.Close() }()
	fmt.Fprintf(e.stdout, textServing, i.url(), i.url(), orNone(i.uiURL()), i.cfg.Engine.External.HostPort, cfg.Data.Folder)
	if err := i.firstAdmin(e); err != nil {
		return errors.Join(err, i.Close())
	}
	if c.Seed == "embedded" {
		if err := i.firstSeed(e, asOf); err != nil {
			return errors.Join(err, i.Close())
		}
	}
	return errors.Join(i.wait(e.ctx), i.Close())
}

func orNone(s string) string {
	if s == "" {
		return "（未开启）"
	}
	return s
}

// firstSeed applies the embedded plan where none is stored, and shows how the opening goes on.
func (i *installation) firstSeed(e *env, asOf calendar.Date) error {
	plans, err := i.store.Definitions(e.ctx)
	if err != nil || len(plans) > 0 {
		return err
	}
	bundle, err := seed.Embedded()
	if err != nil {
		return err
	}
	report, err := i.applier().Apply(e.ctx, seed.Request{Bundle: bundle, AsOf: asOf})
	if err != nil {
		return err
	}
	count := func(ctx context.Context) (int, error) {
		return i.opened(ctx, bundle.Plan.Code)
	}
	if err := showProgress(e.ctx, e.stderr, textSeeding, report.Due, count); err != nil {
		return unlessStopped(e.ctx, err)
	}
	fmt.Fprintf(e.stdout, textSeeded, bundle.Plan.Number, len(bundle.Plan.Tasks), len(bundle.Plan.Measures), report.Due, report.Total)
	return nil
}

// unlessStopped drops the error of a process that is told to stop: what was begun goes on with the next start.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = nil
	}
	return err
}

// opened counts the plan's obligations that are opened or recorded.
func (i *installation) opened(ctx context.Context, plan string) (int, error) {
	counts, err := i.store.Counts(ctx, plan, i.now())
	n := 0
	for _, c := range counts {
		n += c.Total
	}
	return n, err
}

type workerCmd struct{}

// Run implements the command.
func (workerCmd) Run(e *env) error { return e.external(parts{worker: true}) }

type apiCmd struct{}

// Run implements the command.
func (apiCmd) Run(e *env) error { return e.external(parts{api: true}) }

// external runs parts of duban against a Temporal cluster elsewhere.
func (e *env) external(p parts) error {
	cfg, log, err := e.settings()
	if err != nil {
		return err
	}
	if cfg.Engine.Mode != config.EngineExternal {
		return usageError{errors.New(textNeedsExternal)}
	}
	i, err := open(e.ctx, cfg, log, p)
	if err != nil {
		return err
	}
	if p.api {
		fmt.Fprintf(e.stdout, textServing, i.url(), i.url(), orNone(i.uiURL()), i.cfg.Engine.External.HostPort, cfg.Data.Folder)
		if err := i.firstAdmin(e); err != nil {
			return errors.Join(err, i.Close())
		}
	} else {
		fmt.Fprintln(e.stdout, textWorking)
	}
	return errors.Join(i.wait(e.ctx), i.Close())
}

// seeder lets the API start plans.
type seeder struct{ i *installation }

// Seed implements api.Seeder.
func (s seeder) Seed(ctx context.Context, r api.SeedRequest) (api.SeedReport, error) {
	if s.i.training != nil {
		return api.SeedReport{}, api.Faults{textDemoSeed}
	}
	bundle, err := bundleOf(r.Files)
	if err != nil {
		return api.SeedReport{}, refusedSeed(err)
	}
	rows := make([]seed.OutcomeRow, len(r.Outcomes))
	for n, o := range r.Outcomes {
		rows[n] = seed.OutcomeRow{Measure: o.Measure, Unit: o.Unit, Period: o.Period, Outcome: o.Outcome}
	}
	report, err := s.i.applier().Apply(ctx, seed.Request{Bundle: bundle, AsOf: r.AsOf, Outcomes: rows})
	if err != nil {
		return api.SeedReport{}, refusedSeed(err)
	}
	return shown(report), nil
}

func shown(report seed.Report) api.SeedReport {
	d := report.Definition
	return api.SeedReport{
		Plan: d.Plan.Code, Version: d.Version, AsOf: d.AsOf, Changed: report.Changed, Tasks: len(d.Plan.Tasks),
		Started: report.Started, Revised: report.Revised, Outcomes: report.Outcomes, Total: report.Total, Due: report.Due,
	}
}

// refusedSeed gives the API what the user can put right as its own kind of faults, one by one; other errors stay.
func refusedSeed(err error) error {
	var files *seed.Faults
	var outcomes *seed.OutcomeFaults
	var faults api.Faults
	switch {
	case errors.As(err, &files):
		for _, f := range files.List {
			faults = append(faults, f.String())
		}
	case errors.As(err, &outcomes):
		for _, f := range outcomes.Unwrap() {
			faults = append(faults, f.Error())
		}
	default:
		return err
	}
	return faults
}

func parseDay(text string) (calendar.Date, error) {
	if text == "" {
		return 0, nil
	}
	d, err := calendar.ParseDate(text)
	if err != nil {
		return 0, usageError{err}
	}
	return d, nil
}

// today is the civil date in the zone of the plans, by the wall clock.
func today() calendar.Date { return calendar.DateOf(time.Now(), obligation.Location(zone)) }
