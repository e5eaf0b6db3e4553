package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"duban/internal/backup"
	"duban/internal/blob"
	"duban/internal/config"
	"duban/internal/devserver"
	"duban/internal/store"
)

type moveCmd struct {
	From string `arg:"" type:"path" placeholder:"FOLDER|FILE" help:"已停止的单机安装：它的数据目录；数据库或材料另放他处的，给出它的设置文件。"`
	JSON bool   `help:"以 JSON 输出。"`
}

// moveReport says what is there now, and what was copied for it.
type moveReport struct {
	From      string         `json:"from"`     // folder of the old installation's data
	Tables    map[string]int `json:"tables"`   // rows, by table
	Before    bool           `json:"before"`   // the record was there already
	Evidence  int            `json:"evidence"` // files that were copied
	Verified  store.Report   `json:"verified"`
	Workflows int            `json:"workflows"` // that are open now
	Engine    string         `json:"engine"`
	Namespace string         `json:"namespace"`
}

// Run implements the command. Nothing in the old installation is changed, and it can't be started meanwhile. Whatever is done
// already is left as it is, so that it may be run again.
func (c moveCmd) Run(e *env) error {
	to, log, err := e.settings()
	if err != nil {
		return err
	}
	if to.Database.Driver != config.MySQL || to.Engine.Mode != config.EngineExternal {
		return usageError{errors.New(textMoveTo)}
	}
	from, err := c.settings()
	if err != nil {
		return err
	}
	engine := filepath.Join(from.Data.Folder, engineFolder)
	if v, err := devserver.Check(engine); v == "" {
		return errors.Join(usageError{fmt.Errorf(textMoveNoEngine, from.Data.Folder)}, err)
	}
	release, err := devserver.Lock(engine)
	if err != nil {
		return err
	}
	m := &moving{e: e, from: from, to: &installation{cfg: to, log: log}, report: moveReport{From: from.Data.Folder}}
	if err := errors.Join(m.move(e.ctx), m.to.Close(), release()); err != nil {
		return err
	}
	if c.JSON {
		if err := writeJSON(e.stdout, m.report); err != nil {
			return err
		}
	} else {
		m.report.tell(e.stdout)
	}
	if !m.report.Verified.Sound() {
		return brokenLedger(m.report.Verified, c.JSON)
	}
	return nil
}

// settings are those of the old installation. The environment and the command line speak of the new one.
func (c moveCmd) settings() (config.Config, error) {
	info, err := os.Stat(c.From)
	if err != nil {
		return config.Config{}, usageError{fmt.Errorf(textCannotRead, c.From, err)}
	}
	if info.IsDir() {
		return config.Config{
			Data:     config.Data{Folder: c.From},
			Database: config.Database{Driver: config.SQLite, DSN: config.Secret(filepath.Join(c.From, backup.Ledger))},
			Evidence: config.Evidence{Store: config.EvidenceFolder, Folder: filepath.Join(c.From, backup.Evidence)},
		}, nil
	}
	cfg, err := config.Load(config.Options{File: c.From})
	if err != nil {
		return cfg, usageError{err}
	}
	if cfg.Database.Driver != config.SQLite || cfg.Engine.Mode != config.EngineEmbedded {
		return cfg, usageError{fmt.Errorf(textMoveFrom, c.From)}
	}
	return cfg, nil
}

func (r moveReport) tell(w io.Writer) {
	rows := store.Moved{Tables: r.Tables}.Rows()
	fmt.Fprintf(w, textMovedHere, r.From, r.Verified.Obligations, r.Verified.Events, len(r.Tables), rows, r.Verified.Evidence, r.Evidence,
		r.Workflows, r.Engine, r.Namespace)
	if r.Before {
		fmt.Fprint(w, textMovedBefore)
	}
	fmt.Fprintf(w, textMoveNext, filepath.Join(r.From, backup.Templates))
}

// moving brings one installation to another place.
type moving struct {
	e      *env
	from   config.Config
	to     *installation
	report moveReport
}

// move goes from what can be refused to what can't be taken back.
func (m *moving) move(ctx context.Context) error {
	if err := os.MkdirAll(m.to.cfg.Data.Folder, 0o700); err != nil {
		return fmt.Errorf(textDataFolder, m.to.cfg.Data.Folder, err)
	}
	for _, step := range []func(context.Context) error{m.to.openKeys, m.to.dial, m.record, m.evidence, m.to.openStore, m.verify, m.resume} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// record copies the record. A copy is brought up to this build's version on the way, and not the old installation's own.
func (m *moving) record(ctx context.Context) (err error) {
	folder, err := os.MkdirTemp(m.to.cfg.Data.Folder, "move-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	ledger := filepath.Join(folder, backup.Ledger)
	if err := copyLedger(m.from.Database.DSN.Reveal(), ledger); err != nil {
		return err
	}
	from, err := store.Open(ctx, store.Options{Driver: store.SQLite, DSN: ledger, Synchronous: "OFF", Logger: m.to.log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := openStore(ctx, m.to.cfg, m.to.log)
	if err != nil {
		return err
	}
	moved, err := from.Move(ctx, to, progressBar(m.e.stderr, textMoving))
	m.report.Tables, m.report.Before = moved.Tables, moved.Before
	if _, ok := errors.AsType[*store.OccupiedError](err); ok {
		err = usageError{err}
	}
	return errors.Join(err, to.Close())
}

// copyLedger copies a database that nobody writes to, as files: SQLite would leave files of its own beside it. Its log is copied first,
// since whoever reads the database may fold that into it meanwhile.
func copyLedger(from, to string) error {
	if _, err := os.Stat(from); err != nil {
		return usageError{fmt.Errorf(textMoveNoDatabase, from)}
	}
	if err := copyFile(from+"-wal", to+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return copyFile(from, to)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// evidence copies what is not there yet. What was changed in the old place is left behind: the proof names it as missing.
func (m *moving) evidence(ctx context.Context) (err error) {
	if m.from.Evidence.Store == config.EvidenceFolder {
		if _, err := os.Stat(m.from.Evidence.Folder); errors.Is(err, fs.ErrNotExist) {
			return nil // nothing was ever uploaded
		}
	}
	from, _, shut, err := openContents(m.from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shut()) }()
	to, _, shutTo, err := openContents(m.to.cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shutTo()) }()
	total, done := 0, 0
	if err := from.List(ctx, func(blob.Info) error { total++; return nil }); err != nil {
		return err
	}
	told := progressBar(m.e.stderr, textMovingEvidence)
	return from.List(ctx, func(info blob.Info) error {
		copied, err := copyContent(ctx, from, to, info)
		if copied {
			m.report.Evidence++
		}
		done++
		told(done, total)
		return err
	})
}

func copyContent(ctx context.Context, from, to blob.Store, info blob.Info) (bool, error) {
	if _, err := to.Stat(ctx, info.Key); !errors.Is(err, blob.ErrNotFound) {
		return false, err
	}
	content, _, err := from.Open(ctx, info.Key)
	if err != nil {
		return false, err
	}
	defer content.Close()
	_, id, _ := strings.Cut(info.Key, "-")
	_, _, err = to.Put(ctx, id, content, info.Size, nil)
	if errors.Is(err, blob.ErrChanged) {
		return false, nil
	}
	return err == nil, err
}

// verify proves what is there now, as "duban verify" does.
func (m *moving) verify(ctx context.Context) (err error) {
	if m.report.Verified, err = m.to.store.Verify(ctx, progressBar(m.e.stderr, textVerifying)); err != nil {
		return err
	}
	return verifyEvidence(ctx, m.to.cfg, m.to.store, &m.report.Verified)
}

// resume starts the workflows of everything that is open. Nobody has to work yet: they wait for a worker.
func (m *moving) resume(ctx context.Context) error {
	d, err := m.to.rearmer(ctx)
	if err != nil {
		return err
	}
	m.report.Workflows, err = d.Resume(ctx, progressBar(m.e.stderr, textRearming))
	m.report.Engine, m.report.Namespace = m.to.cfg.Engine.External.HostPort, m.to.ns
	return err
}
