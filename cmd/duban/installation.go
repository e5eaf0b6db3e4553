package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	sdk "go.temporal.io/sdk/worker"

	"duban/activities"
	"duban/api"
	"duban/calendar"
	"duban/internal/blob"
	"duban/internal/config"
	"duban/internal/devserver"
	"duban/internal/doctor"
	"duban/internal/letter"
	"duban/internal/login"
	"duban/internal/seal"
	"duban/internal/store"
	"duban/internal/telemetry"
	"duban/internal/training"
	"duban/obligation"
	"duban/seed"
	"duban/worker"
	"duban/workflows"
)

// parts say what of an installation a process runs.
type parts struct {
	engine bool // the embedded Temporal server
	worker bool
	api    bool
	clock  calendar.Clock // to begin with, where it is not the settings'

	telemetry *telemetry.Telemetry // nil: as the settings ask
}

// installation is one running process of duban. Close ends what Open began, in reverse.
type installation struct {
	cfg      config.Config
	log      *slog.Logger
	store    *store.Store
	clock    calendar.Clock
	client   *workflows.Client
	training *training.Conductor // nil: this is no training
	letters  *letter.Writer
	login    *login.Service
	evidence *api.Evidence
	contents blob.Store // of evidence
	codec    *seal.Codec
	ui       *devserver.UI // nil: not served
	ns       string
	addr     string // where the API listens; "" without one
	works    bool   // a worker runs in this process
	failed   chan error
	closes   []func() error

	doctor *doctor.Doctor // nil: nobody looks after it

	operatorKey  string                      // of who works at the machine itself, while this process runs
	pingEvidence func(context.Context) error // nil: nothing can be asked

	telemetry   *telemetry.Telemetry
	metricsAddr string // where the metrics are; "": nowhere
}

// memoryLimit keeps the embedded engine from letting garbage pile up: thousands of obligations sleep in little.
const memoryLimit = 350 << 20

// A training asks all of its workflows all the time, for some minutes: they stay in memory, and garbage may wait.
const (
	trainingMemory  = 2 << 30
	trainingGarbage = 400 // per cent
	trainingCached  = 5000
)

func (i *installation) memory() int64 {
	if i.clock.Held {
		return trainingMemory
	}
	return memoryLimit
}

// cached returns how many workflows the worker keeps in memory.
func (i *installation) cached() int {
	if i.clock.Held {
		return trainingCached
	}
	return worker.DefaultCached
}

func open(ctx context.Context, cfg config.Config, log *slog.Logger, p parts) (*installation, error) {
	i := &installation{cfg: cfg, log: log, clock: p.clock, telemetry: p.telemetry, failed: make(chan error, 4)}
	for _, begin := range []struct {
		wanted bool
		f      func(context.Context) error
	}{
		{p.engine, i.checkEngine},
		{true, i.observe},
		{true, i.openStore},
		{true, i.openLetters},
		{p.api || p.engine, i.startLogin},
		{p.engine, i.startEngine},
		{true, i.openKeys},
		{true, i.dial},
		{p.worker, i.startWorker},
		{p.worker, i.resume},
		{p.worker, i.hear},
		{p.worker, i.beat},
		{p.api, i.openEvidence},
		{p.api, i.listen},
		{p.api, i.scheduleBackups},
		{p.engine && p.worker, i.reconcileRestored},
		{true, i.listenMetrics},
	} {
		if !begin.wanted {
			continue
		}
		if err := begin.f(ctx); err != nil {
			return nil, errors.Join(err, i.Close())
		}
	}
	return i, nil
}

// Close ends everything, the newest first. It may be called on an installation that is half open.
func (i *installation) Close() error {
	var faults []error
	for _, v := range slices.Backward(i.closes) {
		faults = append(faults, v())
	}
	i.closes = nil
	return errors.Join(faults...)
}

func (i *installation) closing(f func() error) { i.closes = append(i.closes, f) }

func (i *installation) openStore(ctx context.Context) error {
	if err := os.MkdirAll(i.cfg.Data.Folder, 0o700); err != nil {
		return fmt.Errorf(textDataFolder, i.cfg.Data.Folder, err)
	}
	options := storeOptions(i.cfg, i.log)
	options.Observer = i.storeObserver()
	s, err := store.Open(ctx, options)
	if err != nil {
		return err
	}
	i.store = s
	i.closing(s.Close)
	want := i.clock
	if !want.Held {
		want = i.cfg.Clock.At(time.Now(), obligation.Location(zone))
	}
	if i.clock, err = s.Installation(ctx, want); err != nil {
		return err
	}
	if i.clock.Scaled() != want.Scaled() || i.clock.Held != want.Held {
		return errors.New(textOtherClock)
	}
	return nil
}

func openStore(ctx context.Context, cfg config.Config, log *slog.Logger) (*store.Store, error) {
	return store.Open(ctx, storeOptions(cfg, log))
}

func storeOptions(cfg config.Config, log *slog.Logger) store.Options {
	return store.Options{
		Driver: string(cfg.Database.Driver), DSN: cfg.Database.DSN.Reveal(), Synchronous: cfg.Database.Synchronous, Now: time.Now, Logger: log,
	}
}

// zone is that of all plans duban knows: it is the default of the clock before any plan is seeded.
const zone = "Asia/Shanghai"

// engineFolder is where the embedded engine lies in the data folder.
const engineFolder = "temporal"

// checkEngine refuses an engine's data that this build can't open before anything is touched: the ledger would be brought up to
// date, and stand there without its engine.
func (i *installation) checkEngine(context.Context) error {
	_, err := devserver.Check(filepath.Join(i.cfg.Data.Folder, engineFolder))
	return err
}

func (i *installation) startEngine(ctx context.Context) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(i.memory())
	}
	if i.clock.Held && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(trainingGarbage)
	}
	meter, err := i.engineMeter()
	if err != nil {
		return err
	}
	s, err := devserver.Start(ctx, devserver.Options{
		DataDir: filepath.Join(i.cfg.Data.Folder, engineFolder), HostPort: i.cfg.Engine.Embedded.HostPort,
		SearchAttributes: workflows.SearchAttributes, Synchronous: i.cfg.Database.Synchronous, StickyCacheSize: i.cached(), Logger: i.log,
		Meter: meter,
	})
	if err != nil {
		return err
	}
	i.closing(s.Close)
	i.cfg.Engine.External = config.External{HostPort: s.HostPort(), Namespace: s.Namespace(), APIKey: config.Secret(s.Token())}
	return nil
}

// dial connects to the engine, and makes an external one ready for duban.
func (i *installation) dial(ctx context.Context) error {
	if err := i.connect(ctx); err != nil || i.cfg.Engine.Mode == config.EngineEmbedded {
		return err
	}
	return i.client.Prepare(ctx)
}

// connect connects to the engine and changes nothing there.
func (i *installation) connect(ctx context.Context) error {
	x := i.cfg.Engine.External
	embedded := i.cfg.Engine.Mode == config.EngineEmbedded
	var secure *tls.Config
	if !embedded {
		var err error
		if secure, err = tlsConfig(x); err != nil {
			return err
		}
	}
	interceptors, err := i.telemetry.Interceptors()
	if err != nil {
		return err
	}
	c, err := workflows.Dial(ctx, workflows.Connection{
		Metrics: i.telemetry.Engine(), Interceptors: interceptors,
		HostPort: x.HostPort, Namespace: x.Namespace, Profile: x.Profile, APIKey: x.APIKey.Reveal(), TLS: secure,
		Embedded: embedded, Converter: seal.Converter(i.codec), TaskQueue: i.cfg.Engine.TaskQueue, Log: i.log,
		Heard: i.heard,
	})
	if err != nil {
		return fmt.Errorf(textEngine, x.HostPort, err)
	}
	i.client, i.ns = c, c.Namespace()
	i.closing(func() error { c.Close(); return nil })
	return nil
}

func tlsConfig(x config.External) (*tls.Config, error) {
	if x.TLSCA == "" && x.TLSCert == "" && x.APIKey.Reveal() == "" {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if x.TLSCA != "" {
		pem, err := os.ReadFile(x.TLSCA)
		if err != nil {
			return nil, err
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf(textCertificate, x.TLSCA)
		}
	}
	if x.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(x.TLSCert, x.TLSKey)
		if err != nil {
			return nil, fmt.Errorf(textCertificate+": %w", x.TLSCert, err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

func (i *installation) startWorker(context.Context) error {
	channels, err := i.channels()
	if err != nil {
		return err
	}
	options := worker.Options{BuildID: version, Cached: i.cached(), OnFatal: func(err error) { i.failed <- err }}
	if i.cfg.Engine.Mode == config.EngineExternal {
		options.Sticky = worker.StickyShared
	}
	w := worker.New(i.client, &activities.Activities{
		Record: i.store, Documents: i.store, Outbox: i.store, Engine: i.client, Channels: channels, Log: i.log,
		Assessments: i.store, Hazards: i.store,
	}, options)
	if err := w.Start(); err != nil {
		return err
	}
	i.works = true
	i.closing(func() error { stop(w); return nil })
	return nil
}

func stop(w sdk.Worker) { w.Stop() }

func (i *installation) channels() ([]activities.Channel, error) {
	if i.clock.Scaled() {
		return nil, nil
	}
	channels, err := channelsOf(i.cfg)
	return i.observed(channels), err
}

// resume starts the workflows of every plan that is stored: a process that was killed between storing a plan and
// starting it makes up for that now. Starting what runs changes nothing.
func (i *installation) resume(ctx context.Context) error {
	plans, err := i.store.Definitions(ctx)
	if err != nil {
		return err
	}
	for _, d := range plans {
		// One that was seeded by a release that knew no assessment has no rules yet.
		if err := seed.PutRules(ctx, i.store, d.Plan.Code, nil); err != nil {
			return err
		}
		if _, _, err := i.StartPlan(ctx, d, nil, ""); err != nil {
			return err
		}
	}
	return nil
}

// hear lets workflows make up for what was recorded without them, while the process runs.
func (i *installation) hear(context.Context) error {
	h := &worker.Hearing{Record: i.store, Client: i.client, Setting: i.setting, Log: i.log}
	i.beside(h.Run)
	return nil
}

// setting returns what a workflow that begins now runs by. A clock that is held stands where the training has it.
func (i *installation) setting(c *calendar.Calendar) activities.Setting {
	s := activities.Setting{Clock: i.clock, Calendar: c}
	if s.Clock.Held {
		s.Clock = s.Clock.Moved(i.now())
	}
	return s
}

// heard forgets that a workflow owes somebody an answer. Where that fails the workflow is told once more of what it knows.
func (i *installation) heard(ctx context.Context, u obligation.Unheard) {
	if err := i.store.Heard(ctx, u); err != nil {
		i.log.WarnContext(ctx, "answer not noted", "ledger", u.Ledger, "error", err)
	}
}

// StartPlan implements seed.Engine.
func (i *installation) StartPlan(ctx context.Context, d obligation.Definition, reconsider []string, reason string) (started, revised int, err error) {
	result, err := i.client.StartPlan(ctx, workflows.PlanInput{
		Setting: activities.Setting{Clock: i.clock, Calendar: d.Calendar}, Window: i.window(), Definition: d, Reconsider: reconsider, Reason: reason,
	})
	return result.Started, result.Revised, err
}

func (i *installation) window() obligation.Window {
	w := i.cfg.Window
	return obligation.Window{From: w.From.Duration(), To: w.To.Duration(), Digest: w.Digest.Duration()}
}

// now returns the business instant that the installation's clock shows.
func (i *installation) now() time.Time {
	if i.training != nil {
		return i.training.Now()
	}
	return i.clock.Business(time.Now())
}

func (i *installation) applier() *seed.Applier {
	return &seed.Applier{Store: i.store, Engine: i, Window: i.window(), Now: i.now}
}

// listen serves the pages and the API.
func (i *installation) listen(ctx context.Context) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", i.cfg.Listen.Address)
	if err != nil {
		return fmt.Errorf(textListen, i.cfg.Listen.Address, err)
	}
	i.addr = l.Addr().String()
	if err := i.watch(); err != nil {
		return errors.Join(err, l.Close())
	}
	if err := i.leaveKey(); err != nil {
		return errors.Join(err, l.Close())
	}
	if i.cfg.Engine.UI {
		if err := i.openUI(); err != nil {
			return errors.Join(err, l.Close())
		}
	}
	server := &http.Server{
		Handler:           i.handler(),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 3 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(i.log.Handler(), slog.LevelDebug),
	}
	serve := func() error { return server.Serve(l) }
	if c := i.cfg.Listen; c.TLSCert != "" {
		if _, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
			return errors.Join(fmt.Errorf(textCertificate+": %w", c.TLSCert, err), l.Close())
		}
		server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		serve = func() error { return server.ServeTLS(l, c.TLSCert, c.TLSKey) }
	}
	go func() {
		if err := serve(); !errors.Is(err, http.ErrServerClosed) {
			i.failed <- err
		}
	}()
	i.closing(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return server.Shutdown(ctx)
	})
	return nil
}

func (i *installation) deps() api.Deps {
	d := api.Deps{
		Reader: i.store, Commands: i.client, Seeder: seeder{i}, Now: i.now, Log: i.log, Version: version, Rehearsal: i.clock.Scaled(),
		Accounts: i.login, Identify: i.login.Identify, Proxies: i.cfg.Listen.Proxies(), Encrypted: i.cfg.Listen.Encrypted(),
		WorkflowURL: i.workflowURL, Transient: store.Transient, Print: printed, Dossiers: dossiers{i}, Workflows: histories{i.client},
		Checks: []api.Check{
			{Name: "database", Label: "数据库", Probe: i.store.Ping},
			{Name: "engine", Label: "工作流引擎", Probe: i.client.Check},
		},
	}
	if u := trimSlash(i.cfg.Listen.URL); u != "" {
		d.Origins = []string{u}
	}
	i.withLetters(&d)
	d.Changes, d.Lists, d.Channels, d.Spreadsheet = changes{i}, lists{i}, channelTests{i}, spreadsheet
	d.Workbook, d.ReadSheets = workbook, readSheets
	d.Window = i.window()
	d.Evidence = i.evidence
	if i.pingEvidence != nil {
		d.Checks = append(d.Checks, api.Check{Name: "evidence", Label: "材料存储", Probe: i.pingEvidence})
	}
	if i.ui != nil {
		d.UI, d.Codec = i.ui.Handler, i.decoder()
	}
	d.Doctor = physician{i.doctor}
	if i.backsUp() {
		d.LastBackup = i.newestBackup
	}
	if i.training != nil {
		d.Commands, d.Training = byHand{i}, trainer{i.training}
	}
	i.withTelemetry(&d)
	return d
}

func (i *installation) workflowURL(id obligation.ID) string {
	if i.ui == nil {
		return ""
	}
	return uiPath + "/namespaces/" + url.PathEscape(i.ns) + "/workflows/" + url.PathEscape(workflows.ObligationID(id))
}

// wait blocks until the context ends or a part fails.
func (i *installation) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-i.failed:
		return err
	}
}
