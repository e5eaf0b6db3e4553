package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"duban/account"
	"duban/activities"
	"duban/api"
	"duban/internal/blob"
	"duban/internal/config"
	"duban/internal/doctor"
	"duban/internal/store"
	"duban/obligation"
	"duban/workflows"
)

type doctorCmd struct {
	JSON   bool   `help:"以 JSON 输出。"`
	Fix    bool   `help:"修复能自动修复的：先逐项说明将要做什么，再请您确认。"`
	Yes    bool   `help:"与 --fix 同用：不再询问（供脚本使用）。"`
	Server string `help:"正在运行的督办的地址（默认：设置中的监听地址）。" placeholder:"URL"`
}

// doctorReport is what the command says in JSON.
type doctorReport struct {
	api.Diagnosis
	Repaired []doctorRepair `json:"repaired,omitempty"`
}

// doctorRepair says what became of a repair.
type doctorRepair struct {
	Kind    string `json:"kind"`
	Subject string `json:"subject"`
	Done    string `json:"done,omitempty"`
	Error   string `json:"error,omitempty"`
}

// Run implements the command.
func (c doctorCmd) Run(e *env) error {
	d, done, err := c.source(e)
	if err != nil {
		return err
	}
	return errors.Join(c.examine(e, d), done())
}

func (c doctorCmd) examine(e *env, d api.Doctor) error {
	found, err := d.Examine(e.ctx, api.ExamineWhole)
	if err != nil {
		return err
	}
	report := doctorReport{Diagnosis: found}
	if !c.JSON {
		c.print(e.stdout, found)
	}
	if wanted := repairable(found); c.Fix && len(wanted) > 0 {
		if err := c.confirmed(e, len(wanted)); err != nil {
			return err
		}
		report.Repaired = c.repair(e, d, wanted)
		if report.Diagnosis, err = d.Examine(e.ctx, api.ExamineWhole); err != nil {
			return err
		}
		if !c.JSON {
			fmt.Fprintln(e.stdout)
			c.print(e.stdout, report.Diagnosis)
		}
	}
	if c.JSON {
		if err := writeJSON(e.stdout, report); err != nil {
			return err
		}
	}
	if n := faulty(report.Diagnosis); n > 0 {
		return fmt.Errorf(textUnwell, n)
	}
	return nil
}

func (c doctorCmd) print(w io.Writer, d api.Diagnosis) {
	if len(d.Findings) == 0 {
		fmt.Fprint(w, textWell)
		return
	}
	counts := map[string]int{}
	for _, f := range d.Findings {
		if counts[f.Kind]++; counts[f.Kind] > mostShown {
			continue
		}
		label := f.Label
		if f.Notice {
			label = textNotice + label
		}
		fmt.Fprintf(w, textFault, label, f.Subject, f.Problem)
		if f.Since != nil {
			fmt.Fprintf(w, textFaultSince, f.Since.In(obligation.Location(zone)).Format("2006-01-02 15:04"))
		}
		how := textByPerson
		if f.Automatic {
			how = textByItself
		}
		fmt.Fprintf(w, textFaultRepair, how, f.Repair)
	}
	for _, k := range doctor.Kinds {
		if more := counts[string(k)] - mostShown; more > 0 {
			fmt.Fprintf(w, textMoreOfKind, k.Chinese(), more)
		}
	}
}

func repairable(d api.Diagnosis) []api.DiagnosisFinding {
	var out []api.DiagnosisFinding
	for _, f := range d.Findings {
		if f.Automatic {
			out = append(out, f)
		}
	}
	return out
}

func faulty(d api.Diagnosis) int {
	n := 0
	for _, f := range d.Findings {
		if !f.Notice {
			n++
		}
	}
	return n
}

// confirmed asks whoever sits at the terminal. A script has to say so.
func (c doctorCmd) confirmed(e *env, n int) error {
	if c.Yes {
		return nil
	}
	if info, err := os.Stdin.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return usageError{errors.New(textNeedsYes)}
	}
	fmt.Fprintf(e.stderr, textConfirm, n)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil { // nobody is there: /dev/null passes for a terminal
		return usageError{errors.New(textNeedsYes)}
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes", "是":
		return nil
	default:
		return errors.New(textDeclined)
	}
}

func (c doctorCmd) repair(e *env, d api.Doctor, wanted []api.DiagnosisFinding) []doctorRepair {
	out := make([]doctorRepair, len(wanted))
	for n, f := range wanted {
		out[n] = doctorRepair{Kind: f.Kind, Subject: f.Subject}
		var err error
		if out[n].Done, err = d.Repair(e.ctx, f.Kind, f.Subject); err != nil {
			out[n].Error = err.Error()
		}
		if !c.JSON {
			fmt.Fprintf(e.stdout, textRepaired, f.Label, f.Subject, cmp.Or(out[n].Error, out[n].Done))
		}
	}
	return out
}

// source returns who examines, and what ends its use: the duban that runs, else this process. Where an engine is embedded and no
// duban runs, it is opened for as long as it takes.
func (c doctorCmd) source(e *env) (api.Doctor, func() error, error) {
	cfg, log, err := e.settings()
	if err != nil {
		return nil, nil, err
	}
	none := func() error { return nil }
	server, err := dial(cfg, c.Server, e.vars)
	if err == nil {
		err = server.call(e.ctx, http.MethodGet, "/api/v1/health", nil, &struct{}{})
	}
	if err == nil || c.Server != "" {
		return remoteDoctor{server}, none, err
	}
	if cfg.Database.Driver == config.SQLite {
		s, err := openExisting(e.ctx, cfg, log) // none is created
		if err != nil {
			return nil, nil, err
		}
		if err := s.Close(); err != nil {
			return nil, nil, err
		}
	}
	cfg.Metrics, cfg.Tracing = config.Metrics{}, config.Tracing{} // their address is a serving process's
	i, err := open(e.ctx, cfg, log, parts{engine: cfg.Engine.Mode == config.EngineEmbedded})
	if err != nil {
		return nil, nil, err
	}
	return audited{physician{i.newDoctor()}, i.store}, i.Close, nil
}

// remoteDoctor asks a running duban.
type remoteDoctor struct{ server *remote }

// Examine implements api.Doctor.
func (r remoteDoctor) Examine(ctx context.Context, how api.Examination) (d api.Diagnosis, err error) {
	query := url.Values{}
	if how != api.ExamineLast {
		query.Set("examine", string(how))
	}
	return d, r.server.call(ctx, http.MethodGet, "/api/v1/doctor?"+query.Encode(), nil, &d)
}

// Repair implements api.Doctor.
func (r remoteDoctor) Repair(ctx context.Context, kind, subject string) (string, error) {
	var done api.Repaired
	err := r.server.call(ctx, http.MethodPost, "/api/v1/doctor/repair", api.RepairBody{Kind: kind, Subject: subject}, &done)
	return done.Done, err
}

// audited writes what is done without an API into the administrators' log.
type audited struct {
	api.Doctor
	store *store.Store
}

// Repair implements api.Doctor.
func (a audited) Repair(ctx context.Context, kind, subject string) (string, error) {
	done, err := a.Doctor.Repair(ctx, kind, subject)
	if err != nil {
		return "", err
	}
	return done, a.store.Log(ctx, account.Entry{At: time.Now(), By: account.Operator, Action: account.FaultRepaired, Target: subject, Detail: kind + " " + done})
}

// physician shows a doctor as the API has it.
type physician struct{ *doctor.Doctor }

// Examine implements api.Doctor.
func (p physician) Examine(ctx context.Context, how api.Examination) (api.Diagnosis, error) {
	report, ok := p.Last()
	if how != api.ExamineLast || !ok {
		report = p.Doctor.Examine(ctx, how == api.ExamineWhole)
	}
	d := api.Diagnosis{At: report.At, Whole: report.Whole, Healthy: len(report.Faults()) == 0}
	for _, f := range report.Findings {
		shown := api.DiagnosisFinding{
			Kind: string(f.Kind), Label: f.Kind.Chinese(), Subject: f.Subject, Problem: f.Problem, Repair: f.Repair, Automatic: f.Automatic, Notice: f.Notice,
		}
		if !f.Since.IsZero() {
			shown.Since = &f.Since
		}
		d.Findings = append(d.Findings, shown)
	}
	return d, ctx.Err()
}

// Repair implements api.Doctor.
func (p physician) Repair(ctx context.Context, kind, subject string) (string, error) {
	done, err := p.Doctor.Repair(ctx, doctor.Kind(kind), subject)
	if unable, ok := errors.AsType[*doctor.UnableError](err); ok {
		return "", fmt.Errorf("%w: %w", api.ErrNotRepairable, unable)
	}
	return done, err
}

// How long the record may be ahead of the engine: a seeding records hundreds of obligations before their workflows are started, and a
// busy machine takes minutes for them. None of them has anything to do so soon.
const (
	recordGrace  = time.Minute
	seedingGrace = 15 * time.Minute
)

// mostShown is how many findings of a kind are printed; the JSON has all.
const mostShown = 10

// newDoctor returns the doctor of the installation.
func (i *installation) newDoctor() *doctor.Doctor {
	chart := chart{i}
	o := doctor.Options{
		Record: i.store, Verifier: chart, Engine: chart, Window: i.window(), Now: i.now, Real: time.Now, Grace: recordGrace, Seeding: seedingGrace, Free: blob.Space, Log: i.log,
		Clocks: []doctor.Clock{{Label: textDatabaseClock, Ask: i.databaseClock}, {Label: textEngineClock, Ask: i.engineClock}},
	}
	for _, c := range []doctor.Certificate{
		{Label: textListenCertificate, Path: i.cfg.Listen.TLSCert},
		{Label: textEngineCertificate, Path: i.cfg.Engine.External.TLSCert},
		{Label: textEngineAuthority, Path: i.cfg.Engine.External.TLSCA},
	} {
		if c.Path != "" {
			o.Certificates = append(o.Certificates, c)
		}
	}
	if i.backsUp() {
		o.Backups = &doctor.Backups{Folder: i.cfg.Backup.Folder, Newest: i.newestBackup}
	}
	reserve := int64(i.cfg.Evidence.ReserveMB) << 20
	folders := []doctor.Disk{
		{Label: textDataDisk, Folder: i.cfg.Data.Folder, Reserve: reserve},
		{Label: textEvidenceDisk, Folder: cmp.Or(i.cfg.Evidence.Folder, filepath.Join(i.cfg.Data.Folder, "evidence")), Reserve: reserve},
	}
	for _, d := range folders {
		if _, err := os.Stat(d.Folder); err == nil { // not every process has evidence
			o.Disks = append(o.Disks, d)
		}
	}
	if len(i.cfg.Alert.Recipients()) > 0 {
		o.Tell = i.tellOperators
	}
	return doctor.New(o)
}

func (i *installation) databaseClock(ctx context.Context) (before, shown, after time.Time, err error) {
	before = time.Now()
	shown, err = i.store.Clock(ctx)
	return before, shown, time.Now(), err
}

func (i *installation) engineClock(ctx context.Context) (before, shown, after time.Time, err error) {
	return i.client.Clock(ctx, time.Now)
}

// chart is what a doctor sees of the record's verification and of the engine.
type chart struct{ i *installation }

var natures = map[store.Nature]doctor.Kind{
	store.NatureModel: doctor.ModelDiffers, store.NatureChain: doctor.LedgerBroken, store.NatureRecord: doctor.RecordDiffers,
}

func differences(found []store.Finding) []doctor.Difference {
	out := make([]doctor.Difference, len(found))
	for n, f := range found {
		out[n] = doctor.Difference{Kind: natures[f.Nature], Obligation: f.Obligation, Problem: f.Problem}
	}
	return out
}

// VerifyPage implements doctor.Verifier.
func (c chart) VerifyPage(ctx context.Context, after string) ([]doctor.Difference, string, error) {
	found, next, err := c.i.store.VerifyPage(ctx, after)
	return differences(found), next, err
}

// VerifyWhole implements doctor.Verifier.
func (c chart) VerifyWhole(ctx context.Context) ([]doctor.Difference, error) {
	found, err := c.i.store.VerifyWhole(ctx)
	return differences(found), err
}

// Rebuild implements doctor.Verifier.
func (c chart) Rebuild(ctx context.Context, id string) error {
	calendars, err := calendarsOf(ctx, c.i.store)
	if err != nil {
		return err
	}
	_, err = c.i.store.Rebuild(ctx, store.Rebuilding{Obligation: id, Calendars: calendars})
	return err
}

// Running implements doctor.Engine.
func (c chart) Running(ctx context.Context, visit func(workflow string)) error {
	return c.i.client.Running(ctx, visit)
}

var standings = map[workflows.Standing]doctor.Standing{
	workflows.Absent: doctor.Absent, workflows.Runs: doctor.Runs, workflows.Done: doctor.Done, workflows.Stopped: doctor.Stopped,
}

// Standing implements doctor.Engine.
func (c chart) Standing(ctx context.Context, workflow string) (doctor.Standing, time.Time, error) {
	s, ended, err := c.i.client.Standing(ctx, workflow)
	return standings[s], ended, err
}

// Failing implements doctor.Engine.
func (c chart) Failing(ctx context.Context, visit func(workflow string, since time.Time)) error {
	failing, err := c.i.client.Failing(ctx)
	for _, f := range failing {
		visit(f.Workflow, f.Since)
	}
	return err
}

// Position implements doctor.Engine.
func (c chart) Position(ctx context.Context, id obligation.ID) (seq int, says bool, err error) {
	return c.i.position(ctx, id)
}

// CatchUp implements doctor.Engine.
func (c chart) CatchUp(ctx context.Context, id obligation.ID) error {
	return c.i.client.CatchUp(ctx, id)
}

// Stop implements doctor.Engine.
func (c chart) Stop(ctx context.Context, workflow, reason string) error {
	return c.i.client.Stop(ctx, workflow, reason)
}

// Wake implements doctor.Engine.
func (c chart) Wake(ctx context.Context, plan string) error {
	standing, _, err := c.i.client.Standing(ctx, workflows.DispatchID(plan))
	switch {
	case err != nil:
		return err
	case standing == workflows.Runs:
		return c.i.client.NotifyDispatch(ctx, plan)
	default:
		return c.Resume(ctx, doctor.Work{Kind: doctor.WorkDispatch, Plan: plan})
	}
}

// Resume implements doctor.Engine.
func (c chart) Resume(ctx context.Context, w doctor.Work) error {
	plan := cmp.Or(w.Plan, w.ID.Plan)
	d, err := c.i.store.Definition(ctx, plan)
	if err != nil {
		return err
	}
	return c.resume(ctx, w, d)
}

func (c chart) resume(ctx context.Context, w doctor.Work, d obligation.Definition) error {
	setting, window, client := c.i.setting(d.Calendar), c.i.window(), c.i.client
	switch w.Kind {
	case doctor.WorkPlan:
		return client.ResumePlan(ctx, workflows.PlanInput{Setting: setting, Window: window, Definition: d})
	case doctor.WorkTask:
		return client.ResumeTask(ctx, workflows.TaskInput{Setting: setting, Window: window, Definition: d.ForTask(w.Part)})
	case doctor.WorkDispatch:
		beats, err := c.i.store.Beats(ctx)
		if err != nil {
			return err
		}
		return client.ResumeDispatch(ctx, d, workflows.DispatchInput{
			Plan: w.Plan, Zone: d.Plan.Zone, Setting: setting, Window: window, Last: beats[store.DispatchBeat(w.Plan)], Urgent: true,
		})
	case doctor.WorkAssessment:
		return client.ResumeAssessment(ctx, d, workflows.AssessmentInput{Plan: w.Plan, Half: w.Part, Zone: d.Plan.Zone, At: window.From, Setting: setting})
	case doctor.WorkDocument:
		return c.resumeDocument(ctx, w, setting)
	default:
		return c.resumeObligation(ctx, w.ID, setting)
	}
}

// resumeObligation starts what the ledger says is open; the ledger decides, whatever its row says. An inspection that is closed
// lasts until what it found is.
func (c chart) resumeObligation(ctx context.Context, id obligation.ID, setting activities.Setting) error {
	events, err := c.i.store.EventsAfter(ctx, id, 0)
	if err != nil || len(events) == 0 {
		return err
	}
	in := workflows.ObligationInput{State: obligation.Replay(obligation.State{}, events), Setting: setting}
	if in.Found, in.Unsettled, err = c.i.store.Unsettled(ctx, in.State); err != nil {
		return err
	}
	if in.State.IsClosed() && len(in.Unsettled) == 0 {
		return nil
	}
	if err := c.i.client.ResumeObligation(ctx, in, c.i.now()); err != nil {
		return err
	}
	if inspection, found := in.State.Found(); found && !in.State.IsClosed() {
		return c.resumeObligation(ctx, inspection, setting)
	}
	return nil
}

func (c chart) resumeDocument(ctx context.Context, w doctor.Work, setting activities.Setting) error {
	doc, err := c.i.store.Document(ctx, w.ID, w.Rung)
	if err != nil || doc.IsSettled() {
		return err
	}
	v, err := c.i.store.Load(ctx, w.ID)
	if err != nil {
		return err
	}
	return c.i.client.ResumeDocument(ctx, activities.DocumentStart{
		Document: doc, UnitName: v.State.UnitName, Setting: setting, Zone: v.State.Policy.Zone, At: v.State.Policy.At, Nudge: v.State.Policy.Ladder.Nudge,
	})
}

// beat records every minute that this process works, beginning now, and from when on the dispatchers are missed.
func (i *installation) beat(ctx context.Context) error {
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s%s/%d", doctor.WorkerBeat, host, os.Getpid())
	once := func(ctx context.Context) error {
		now := time.Now()
		if err := i.store.Beat(ctx, name, now); err != nil {
			return err
		}
		plans, err := i.store.Definitions(ctx)
		if err != nil {
			return err
		}
		var names []string
		for _, d := range plans {
			names = append(names, store.DispatchBeat(d.Plan.Code))
		}
		if err := i.store.ExpectBeats(ctx, i.clock.Business(now), names...); err != nil {
			return err
		}
		return i.store.ForgetBeats(ctx, doctor.WorkerBeat, now.Add(-beatsKept))
	}
	if err := once(ctx); err != nil {
		return err
	}
	return i.every("@every 1m", func(ctx context.Context) {
		if err := once(ctx); err != nil && ctx.Err() == nil {
			i.log.WarnContext(ctx, "heartbeat", "error", err)
		}
	})
}

// beatsKept is how long a process that works no more is remembered.
const beatsKept = 24 * time.Hour

// watch has the doctor examine the installation while the API runs.
func (i *installation) watch() error {
	i.doctor = i.newDoctor()
	return i.every("@every 10m", i.doctor.Watch)
}
