package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"duban/account"
	"duban/api"
	"duban/assessment"
	"duban/calendar"
	"duban/internal/config"
	"duban/internal/training"
	"duban/obligation"
	"duban/plan"
	"duban/rehearsal"
	"duban/seed"
	"duban/workflows"
)

// demoFlags are what a training can be told.
type demoFlags struct {
	Demo   bool   `help:"演练：用另一处数据和演练时钟，几分钟走完整个方案，单位和安委办按情景行事。"`
	Script string `help:"演练情景：自带的名称或 YAML 文件。" default:"mixed" placeholder:"NAME|FILE"`
	// Some of every kind, so that a machine with two cores keeps up with three years in five minutes.
	Units   string  `help:"演练哪些责任单位：代码以逗号分开，all 为全部（默认：各类单位共 12 家）。" default:"qwb,zzb,xcb,awb,yjj,xfjy,jyj,sfj,huayang,beixinjing,xinjing,xinchangning" placeholder:"CODES"`
	Minutes float64 `help:"演练用几分钟走完。" default:"5"`
}

// demo runs a training: its data, ports and clock are its own.
func (c serveCmd) demo(e *env, asOf calendar.Date) error {
	cfg, log, err := e.settings()
	if err != nil {
		return err
	}
	if cfg.Engine.Mode == config.EngineExternal {
		return usageError{errors.New(textServeExternal)}
	}
	bundle, script, err := c.cast()
	if err != nil {
		return err
	}
	if asOf.IsZero() {
		asOf = bundle.Plan.Issued
	}
	start := asOf.At(cfg.Window.From.Duration(), obligation.Location(bundle.Plan.Zone))
	until := rehearsal.End(obligation.Definition{Plan: bundle.Plan})
	if !start.Before(until) || !(c.Minutes > 0) {
		return usageError{errors.New(textDemoSpan)}
	}
	cfg = apart(cfg)
	if err := sameTraining(cfg.Data.Folder, bundle, script, asOf); err != nil {
		return err
	}
	i, err := open(e.ctx, cfg, log, parts{engine: true, worker: true, clock: calendar.Clock{Start: start, Held: true}})
	if err != nil {
		return err
	}
	defer func() { _ = i.Close() }()
	report, err := i.applier().Apply(e.ctx, seed.Request{Bundle: bundle, AsOf: asOf})
	if err != nil {
		return err
	}
	i.training = training.New(training.Options{
		Definition: report.Definition, Window: i.window(), Script: script, Start: i.clock.Start, Until: until,
		Speed:  until.Sub(i.clock.Start).Minutes() / c.Minutes,
		Record: i.store, Engine: workflows.Conducted{Client: i.client}, Real: time.Now, Log: log,
	})
	if err := i.listen(e.ctx); err != nil {
		return err
	}
	password, err := i.trainees(e.ctx, bundle.Plan.Units)
	if err != nil {
		return errors.Join(err, i.Close())
	}
	fmt.Fprintf(e.stdout, textServing, i.url(), i.url(), orNone(i.uiURL()), i.cfg.Engine.External.HostPort, cfg.Data.Folder)
	fmt.Fprintf(e.stdout, textDemo, script.Title, len(bundle.Plan.Units), c.Minutes, password)
	return errors.Join(i.conduct(e, report.Definition, script), i.Close())
}

// trainees opens the accounts of a training: one for each role and each unit, all with the one password that is returned.
func (i *installation) trainees(ctx context.Context, units []plan.Unit) (string, error) {
	var accounts []account.Account
	for _, role := range []account.Role{account.Office, account.Leader, account.Auditor, account.Admin} {
		accounts = append(accounts, account.Account{Login: string(role), Name: role.Chinese(), Role: role})
	}
	for _, u := range units {
		accounts = append(accounts, account.Account{Login: u.Code, Name: u.Name, Role: account.Unit, Unit: u.Code})
	}
	password := rand.Text()[:8]
	return password, i.login.Trainees(ctx, accounts, password)
}

// cast reads the plan with the units that take part, and the script.
func (c serveCmd) cast() (*seed.Bundle, rehearsal.Script, error) {
	bundle, err := seed.Embedded()
	if err != nil {
		return nil, rehearsal.Script{}, err
	}
	script, err := readScript(c.Script, &bundle.Plan)
	if err != nil {
		return nil, rehearsal.Script{}, err
	}
	if c.Units == "all" {
		return bundle, script, nil
	}
	var units []plan.Unit
	for code := range strings.SplitSeq(c.Units, ",") {
		u, ok := bundle.Plan.Unit(strings.TrimSpace(code))
		if !ok {
			return nil, script, usageError{fmt.Errorf(textNoUnit, code)}
		}
		units = append(units, u)
	}
	keep := func(u plan.Unit) bool {
		return slices.ContainsFunc(units, func(o plan.Unit) bool { return o.Code == u.Code })
	}
	bundle.Plan.Units = slices.DeleteFunc(slices.Clone(bundle.Plan.Units), func(u plan.Unit) bool { return !keep(u) })
	return bundle, script, nil
}

// trainingFile says in a training's data folder what it runs by.
const trainingFile = "training.json"

// sameTraining notes what a training runs by, and refuses to go on with one that began by something else: what its
// ledgers hold would belong to two.
func sameTraining(folder string, b *seed.Bundle, s rehearsal.Script, asOf calendar.Date) error {
	units := make([]string, len(b.Plan.Units))
	for i, u := range b.Plan.Units {
		units[i] = u.Code
	}
	now, err := json.Marshal(struct {
		Plan   string           `json:"plan"`
		Units  []string         `json:"units"`
		AsOf   calendar.Date    `json:"asOf"`
		Script rehearsal.Script `json:"script"`
	}{b.Plan.Code, units, asOf, s})
	if err != nil {
		return err
	}
	file := filepath.Join(folder, trainingFile)
	before, err := os.ReadFile(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf(textDataFolder, folder, err)
		}
		return os.WriteFile(file, now, 0o600)
	case err != nil:
		return err
	case !bytes.Equal(before, now):
		return usageError{fmt.Errorf(textOtherTraining, folder)}
	}
	return nil
}

// apart returns the settings of a training beside an installation: its own folder and ports, its own database, nothing
// that reaches anybody outside. A power cut may cost it its last moments.
func apart(cfg config.Config) config.Config {
	cfg.Data.Folder += "-demo"
	cfg.Database = config.Database{
		Driver: config.SQLite, DSN: config.Secret(filepath.Join(cfg.Data.Folder, "duban.db")), Synchronous: "NORMAL",
	}
	cfg.Privacy.KeyFile = filepath.Join(cfg.Data.Folder, "keys.yaml")
	cfg.SMTP = config.SMTP{}
	cfg.Metrics, cfg.Tracing = config.Metrics{}, config.Tracing{} // what is rehearsed alarms nobody
	cfg.Evidence = evidenceApart(cfg.Evidence, cfg.Data.Folder)
	for _, address := range []*string{&cfg.Listen.Address, &cfg.Engine.Embedded.HostPort} {
		*address = nextPort(*address)
	}
	return cfg
}

// nextPort returns the address with the port after its own. Port 0, which the system gives, stays.
func nextPort(address string) string {
	host, port, err := net.SplitHostPort(address)
	n, notNumber := strconv.Atoi(port)
	if err != nil || notNumber != nil || n == 0 {
		return address
	}
	return net.JoinHostPort(host, strconv.Itoa(n+1))
}

// conduct runs the training and says how it goes; afterwards it stays for people to look at.
func (i *installation) conduct(e *env, d obligation.Definition, script rehearsal.Script) error {
	ctx, cancel := context.WithCancel(e.ctx)
	ended := make(chan error, 1)
	go func() { ended <- i.training.Run(ctx) }()
	defer cancel()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			if err != nil {
				return unlessStopped(e.ctx, err)
			}
			if err := i.compare(e, d, script); err != nil {
				return unlessStopped(e.ctx, err)
			}
			return i.wait(e.ctx)
		case err := <-i.failed:
			return err
		case <-tick.C:
			i.tell(e)
		}
	}
}

// tell says where the training is, on one line that is written over.
func (i *installation) tell(e *env) {
	s := i.training.Status()
	state := ""
	switch {
	case s.Paused:
		state = textPaused
	case s.Slow:
		state = fmt.Sprintf(textSlowed, days(s.Actual))
	}
	fmt.Fprintf(e.stderr, textDemoAt, s.Now.In(obligation.Location(zone)).Format("2006-01-02"), s.Events, days(s.Speed), state)
}

// days turns business seconds a real second into business days.
func days(speed float64) float64 { return speed / (24 * 60 * 60) }

// compare holds what happened against the rehearsal of the same script, unless somebody took a hand in it.
func (i *installation) compare(e *env, d obligation.Definition, script rehearsal.Script) error {
	run, err := rehearsal.Rehearse(d, script, rehearsal.Setting{At: i.window().From, Start: i.clock.Start})
	if err != nil {
		return err
	}
	same, differences, err := training.Compare(e.ctx, i.store, run)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, textDemoEnded, same, len(differences))
	return nil
}

// byHand are the commands of people in a training: each at the instant that the clock shows, between what is conducted.
type byHand struct{ i *installation }

// act puts a person's command.
func act[T any](ctx context.Context, b byHand, id obligation.ID, do func(*workflows.Client) (T, error)) (T, error) {
	var out T
	err := b.i.training.Act(ctx, id, func(now time.Time) (err error) {
		out, err = do(b.i.client.At(now))
		return err
	})
	return out, err
}

// Command implements api.Commands.
func (b byHand) Command(ctx context.Context, id obligation.ID, c obligation.Command) (obligation.Event, error) {
	return act(ctx, b, id, func(w *workflows.Client) (obligation.Event, error) { return w.Command(ctx, id, c) })
}

// SignOff implements api.Commands.
func (b byHand) SignOff(
	ctx context.Context, id obligation.ID, rung obligation.Rung, by obligation.Actor, m *obligation.Meeting, key string,
) (obligation.Document, error) {
	return act(ctx, b, id, func(w *workflows.Client) (obligation.Document, error) { return w.SignOff(ctx, id, rung, by, m, key) })
}

// Withdraw implements api.Commands.
func (b byHand) Withdraw(
	ctx context.Context, id obligation.ID, rung obligation.Rung, by obligation.Actor, reason, key string,
) (obligation.Document, error) {
	return act(ctx, b, id, func(w *workflows.Client) (obligation.Document, error) {
		return w.Withdraw(ctx, id, rung, by, reason, key)
	})
}

// Interview implements api.Commands.
func (b byHand) Interview(ctx context.Context, id obligation.ID, c obligation.Command) (obligation.Document, error) {
	return act(ctx, b, id, func(w *workflows.Client) (obligation.Document, error) { return w.Interview(ctx, id, c) })
}

// Register implements api.Commands.
func (b byHand) Register(ctx context.Context, plan, task string, r obligation.Registration) (obligation.Event, error) {
	var out obligation.Event
	err := b.i.training.Enter(ctx, func(now time.Time) (id obligation.ID, err error) {
		if out, err = b.i.client.At(now).Register(ctx, plan, task, r); err == nil {
			id = out.Facts.ID
		}
		return id, err
	})
	return out, err
}

// Assess implements api.Commands.
func (b byHand) Assess(ctx context.Context, plan, half string, c assessment.Command) (assessment.Event, error) {
	var out assessment.Event
	err := b.i.training.Assess(ctx, half, func(now time.Time) (err error) {
		out, err = b.i.client.At(now).Assess(ctx, plan, half, c)
		return err
	})
	return out, err
}

// trainer lets people steer a training through the API.
type trainer struct{ *training.Conductor }

// Status implements api.Training.
func (t trainer) Status() api.TrainingStatus {
	s := t.Conductor.Status()
	return api.TrainingStatus{
		Script: s.Script, Start: s.Start, Now: s.Now, Until: s.Until, DaysPerSecond: days(s.Speed), Actual: days(s.Actual),
		Paused: s.Paused, Slow: s.Slow, Finished: s.Finished, Events: s.Events, ByHand: s.Taken,
	}
}

// Pace implements api.Training.
func (t trainer) Pace(daysPerSecond float64, paused bool) {
	t.Conductor.Pace(daysPerSecond*24*60*60, paused)
}
