package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"duban/internal/backup"
	"duban/internal/blob"
	"duban/internal/config"
	"duban/internal/devserver"
	"duban/internal/seal"
	"duban/internal/store"
)

type restoreCmd struct {
	File string `arg:"" type:"path" placeholder:"FILE" help:"备份文件。"`
	To   string `help:"恢复到哪个目录，须不存在或是空的（默认：设置中的数据目录）。" type:"path" placeholder:"FOLDER"`
	Keys string `help:"密钥文件的副本（默认：备份文件旁边的那一份）。" type:"path" placeholder:"FILE"`
	JSON bool   `help:"以 JSON 输出。"`
}

// restoreReport says what was restored, and what the proof of it found.
type restoreReport struct {
	Folder   string          `json:"folder"`
	Manifest backup.Manifest `json:"manifest"`
	Verified store.Report    `json:"verified"`
}

// restoring is how the folder ends that a restore works in; restoredFile is the note that it leaves to the next start.
const (
	restoring    = ".restoring"
	restoredFile = "restored.json"
)

// Run implements the command. Nothing has the folder's name before all of it is there and was looked at.
func (c restoreCmd) Run(e *env) error {
	cfg, err := c.settings(e)
	if err != nil {
		return err
	}
	to, err := filepath.Abs(cfg.Data.Folder)
	if err != nil {
		return err
	}
	if entries, err := os.ReadDir(to); len(entries) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return usageError{fmt.Errorf(textRestoreNotEmpty, to)}
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf(textDataFolder, to, err)
	}
	work := to + restoring
	if err := os.RemoveAll(work); err != nil { // of a process that was killed
		return err
	}
	if err := os.Mkdir(work, 0o700); err != nil {
		return fmt.Errorf(textDataFolder, work, err)
	}
	report, err := c.restore(e, work)
	if err == nil {
		err = settle(work, to)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(work))
	}
	report.Folder = to
	return report.tell(e, cfg, c.JSON)
}

// settings are those of the installation that the folder belongs to.
func (c restoreCmd) settings(e *env) (config.Config, error) {
	if c.To == "" {
		cfg, _, err := e.settings()
		return cfg, err
	}
	there, set := *e.cli, maps.Clone(e.cli.Set)
	if set == nil {
		set = map[string]string{}
	}
	set["data.folder"] = c.To
	there.Set = set
	cfg, _, err := (&env{cli: &there, vars: e.vars, stderr: e.stderr}).settings()
	return cfg, err
}

// restore brings everything back into the folder, and proves it.
func (c restoreCmd) restore(e *env, work string) (restoreReport, error) {
	var r restoreReport
	f, err := os.Open(c.File)
	if err != nil {
		return r, usageError{fmt.Errorf(textNoBackup, c.File, err)}
	}
	defer f.Close() //nolint:errcheck // only read
	if r.Manifest, err = backup.Extract(e.ctx, f, work); err != nil {
		return r, err
	}
	if _, err := devserver.Check(filepath.Join(work, engineFolder)); err != nil {
		return r, err
	}
	if err := c.keys(work, r.Manifest); err != nil {
		return r, err
	}
	if r.Verified, err = proveRestored(e, work, r.Manifest); err != nil {
		return r, err
	}
	note, err := os.OpenFile(filepath.Join(work, restoredFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return r, err
	}
	err = writeJSON(note, restoredNote{Moment: r.Manifest.Moment, Restored: time.Now().UTC()})
	return r, errors.Join(err, note.Sync(), note.Close())
}

// restoredNote tells the next start that its databases come from a backup.
type restoredNote struct {
	Moment   time.Time `json:"moment"` // real time: nothing later is in the ledger
	Restored time.Time `json:"restored"`
}

// keys brings the keys back. Without them the engine's workflows could not go on, so nothing is restored without them.
func (c restoreCmd) keys(work string, m backup.Manifest) error {
	from := c.Keys
	if from == "" {
		from = backup.Keys(c.File)
		if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
			if m.EngineVersion == "" {
				return nil
			}
			return usageError{fmt.Errorf(textRestoreKeys, from)}
		}
	}
	to := filepath.Join(work, "keys.yaml")
	if err := copyKeys(from, to); err != nil {
		return usageError{fmt.Errorf(textCannotRead, from, err)}
	}
	ring, err := seal.Open(to)
	if err != nil {
		return err
	}
	used, err := usedKeys(filepath.Join(work, engineFolder))
	if err != nil {
		return err
	}
	return ring.Require(used)
}

// proveRestored opens the ledger with this build, and verifies it and the evidence as "duban verify" does.
func proveRestored(e *env, work string, m backup.Manifest) (report store.Report, err error) {
	s, err := store.Open(e.ctx, store.Options{Driver: store.SQLite, DSN: filepath.Join(work, backup.Ledger)})
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if report, err = s.Verify(e.ctx, progressBar(e.stderr, textVerifying)); err != nil || m.EvidenceApart {
		return report, err
	}
	place := config.Config{Evidence: config.Evidence{Store: config.EvidenceFolder, Folder: filepath.Join(work, backup.Evidence)}}
	if err := dropLostUploads(e.ctx, place, s); err != nil {
		return report, err
	}
	return report, verifyEvidence(e.ctx, place, s, &report)
}

// dropLostUploads forgets uploads that somebody removed while the backup was made.
func dropLostUploads(ctx context.Context, place config.Config, s *store.Store) error {
	contents, _, shut, err := openContents(place)
	if err != nil {
		return err
	}
	_, err = s.DropLostUploads(ctx, func(key string) (bool, error) {
		_, err := contents.Stat(ctx, key)
		if errors.Is(err, blob.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	})
	return errors.Join(err, shut())
}

// settle gives the restored folder its name, and writes all of it through to the disk.
func settle(work, to string) error {
	err := filepath.WalkDir(work, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return backup.SyncFolder(path)
	})
	if err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf(textRestoreInto, to, err)
	}
	if err := os.Rename(work, to); err != nil {
		return fmt.Errorf(textRestoreInto, to, err)
	}
	return backup.SyncFolder(filepath.Dir(to))
}

// tell says what is there now, as of when, and what to do next. What the ledger's proof found is an error: it was so when the
// backup was made, or the evidence was gone already.
func (r restoreReport) tell(e *env, cfg config.Config, quiet bool) error {
	m := r.Manifest
	if quiet {
		r.Manifest.Files = nil
		if err := writeJSON(e.stdout, r); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(e.stdout, textRestored, r.Folder, m.Program, shownTime(m.Begun), m.Obligations, m.Events, m.Evidence)
		if !m.LastEvent.IsZero() {
			fmt.Fprintf(e.stdout, textRestoredLast, shownTime(m.LastEvent))
		}
		if m.EngineVersion == "" {
			fmt.Fprintln(e.stdout, textRestoreEngineApart)
		}
		for _, hint := range elsewhere(cfg, m) {
			fmt.Fprintln(e.stdout, hint)
		}
		fmt.Fprintf(e.stdout, textRestoreNext, shownTime(m.Moment), r.Folder)
	}
	if !r.Verified.Sound() {
		return brokenLedger(r.Verified, quiet)
	}
	return nil
}

// elsewhere names the settings by which the restored files would not be found.
func elsewhere(cfg config.Config, m backup.Manifest) []string {
	var out []string
	hint := func(key, says, file string) {
		want := filepath.Join(cfg.Data.Folder, file)
		if filepath.Clean(says) != filepath.Clean(want) {
			out = append(out, fmt.Sprintf(textRestoreSetting, key, says, want))
		}
	}
	if cfg.Database.Driver != config.SQLite {
		out = append(out, fmt.Sprintf(textRestoreSetting, "database.driver", cfg.Database.Driver, config.SQLite))
	} else {
		hint("database.dsn", cfg.Database.DSN.Reveal(), backup.Ledger)
	}
	hint("privacy.keyFile", cfg.Privacy.KeyFile, "keys.yaml")
	if !m.EvidenceApart {
		hint("evidence.folder", cfg.Evidence.Folder, backup.Evidence)
	}
	return out
}
