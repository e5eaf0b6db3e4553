package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"duban/internal/backup"
	"duban/internal/blob"
	"duban/internal/config"
	"duban/internal/devserver"
	"duban/internal/seal"
	"duban/internal/store"
	"duban/obligation"
)

type backupCmd struct {
	Make   backupMakeCmd   `cmd:"" default:"withargs" help:"备份（不写子命令时即为备份）；督办可以在运行。"`
	Verify backupVerifyCmd `cmd:"" help:"核验一份备份：通读一遍，逐个文件核对；不需要数据库和网络。"`
}

type backupMakeCmd struct {
	Output string `help:"写到哪个文件或目录；目录里按时间取名（默认：设置中的 backup.folder）。" type:"path" placeholder:"FILE|FOLDER"`
	Keys   string `help:"密钥文件的副本写到哪里（默认：备份文件旁边）。" type:"path" placeholder:"FILE"`
	Keep   int    `help:"备份成功后，目录里只留最新的几份；0 为全部保留。" default:"0"`
	JSON   bool   `help:"以 JSON 输出。"`
}

// backupReport says what was copied, and where to.
type backupReport struct {
	File     string          `json:"file"`
	Keys     string          `json:"keys,omitempty"` // "": there are none yet
	SHA256   string          `json:"sha256"`         // of the file
	Manifest backup.Manifest `json:"manifest"`
	Removed  []string        `json:"removed,omitempty"` // older ones
}

// Run implements the command.
func (c backupMakeCmd) Run(e *env) error {
	cfg, _, err := e.settings()
	if err != nil {
		return err
	}
	to := c.Output
	if to == "" {
		to = cfg.Backup.Folder
	}
	if to == "" {
		return usageError{errors.New(textBackupWhere)}
	}
	info, err := os.Stat(to)
	folder := err == nil && info.IsDir()
	if c.Keep < 0 || c.Keep > 0 && !folder {
		return usageError{errors.New(textBackupKeep)}
	}
	into := to
	if folder {
		to = filepath.Join(to, backup.Name(backupNow()))
	}
	report, err := backUp(e.ctx, cfg, to, c.Keys, progressBar(e.stderr, textBackingUp))
	if err != nil {
		return err
	}
	var rotated error
	if folder {
		var removed []backup.Archive
		removed, rotated = backup.Rotate(into, obligation.Location(zone), c.Keep)
		for _, a := range removed {
			report.Removed = append(report.Removed, a.Path)
		}
	}
	if c.JSON {
		err = writeJSON(e.stdout, report.brief())
	} else {
		report.print(e.stdout)
	}
	return errors.Join(err, rotated, report.fault())
}

// backupNow is the instant that an archive is named by, in the zone of the plans.
func backupNow() time.Time { return time.Now().In(obligation.Location(zone)) }

// brief leaves the list of files to the archive.
func (r backupReport) brief() backupReport {
	r.Manifest.Files = nil
	return r
}

func (r backupReport) print(w io.Writer) {
	m := r.Manifest
	fmt.Fprintf(w, textBackedUp, r.File, shownTime(m.Begun), m.Obligations, m.Events, m.Evidence, r.SHA256)
	if m.EngineVersion == "" {
		fmt.Fprintln(w, textBackupEngineApart)
	}
	if m.EvidenceApart {
		fmt.Fprintln(w, textBackupEvidenceApart)
	}
	if r.Keys != "" {
		fmt.Fprintf(w, textBackupKeys, r.Keys)
	}
	for _, old := range r.Removed {
		fmt.Fprintf(w, textBackupRemoved, old)
	}
}

// fault names the evidence that the backup could not have.
func (r backupReport) fault() error {
	if len(r.Manifest.Lost) == 0 {
		return nil
	}
	return fmt.Errorf(textBackupLost, len(r.Manifest.Lost), strings.Join(r.Manifest.Lost, "\n"))
}

func shownTime(t time.Time) string {
	return t.In(obligation.Location(zone)).Format("2006-01-02 15:04:05")
}

// copying is a backup that is being made.
type copying struct {
	cfg      config.Config
	to       *backup.Writer
	manifest backup.Manifest
	handedIn []string // keys of the evidence that the ledger names
	paths    []string // of the databases, the ledger's last
	tell     func(done, total int)
	done     int
	total    int
}

// backUp copies the installation of the settings into a file. duban may run meanwhile, and somebody else's process may do it.
//
// The moments of the databases are taken within a millisecond or so, the engine's first: so the ledger is never behind its
// workflows. Workflows adopt what the ledger is ahead of; what it was behind of, they would wait for in vain. Evidence is copied
// last: it is kept before the ledger names it, and never changes.
func backUp(ctx context.Context, cfg config.Config, file, keys string, tell func(done, total int)) (backupReport, error) {
	if cfg.Database.Driver != config.SQLite {
		return backupReport{}, usageError{errors.New(textBackupMySQL)}
	}
	c := &copying{cfg: cfg, tell: tell, manifest: backup.Manifest{Program: version, Begun: time.Now().UTC()}}
	if keys == "" {
		keys = backup.Keys(file)
	}
	if err := c.find(); err != nil {
		return backupReport{}, err
	}
	w, err := backup.Create(file)
	if err != nil {
		return backupReport{}, usageError{fmt.Errorf(textBackupTo, file, err)}
	}
	c.to = w
	w.Told = func(n int) {
		c.done += n
		c.tell(c.done/megabyte, max(c.total, c.done)/megabyte)
	}
	for _, step := range []func(context.Context) error{c.databases, c.records, c.templates, c.evidence} {
		if err := step(ctx); err != nil {
			return backupReport{}, errors.Join(err, w.Abort())
		}
	}
	// Before the archive: whoever sees that has the keys to it.
	if keys, err = c.keys(keys); err != nil {
		return backupReport{}, errors.Join(err, w.Abort())
	}
	m, digest, err := w.Finish(ctx, c.manifest)
	if err != nil {
		if keys != "" {
			err = errors.Join(err, os.Remove(keys))
		}
		return backupReport{}, err
	}
	return backupReport{File: file, Keys: keys, SHA256: digest, Manifest: m}, nil
}

func (c *copying) engine() string { return filepath.Join(c.cfg.Data.Folder, engineFolder) }

// find looks where the databases lie.
func (c *copying) find() error {
	ledger := c.cfg.Database.DSN.Reveal()
	if _, err := os.Stat(ledger); err != nil {
		return usageError{fmt.Errorf(textNoDatabase, ledger)}
	}
	c.manifest.EvidenceApart = c.cfg.Evidence.Store != config.EvidenceFolder
	if c.cfg.Engine.Mode == config.EngineEmbedded {
		v, err := devserver.Check(c.engine())
		if err != nil && v == "" {
			return err
		}
		if c.manifest.EngineVersion = v; v != "" {
			for _, name := range devserver.Databases() {
				c.paths = append(c.paths, filepath.Join(c.engine(), name))
			}
		}
	}
	c.paths = append(c.paths, ledger)
	return nil
}

// databases copies them as of one moment.
func (c *copying) databases(ctx context.Context) (err error) {
	moment, err := backup.Hold(ctx, c.paths...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, moment.Close()) }()
	c.manifest.Moment = moment.At
	if err := c.room(ctx, moment); err != nil {
		return err
	}
	for i, from := range c.paths {
		name := path.Join(backup.Engine, filepath.Base(from))
		last := i == len(c.paths)-1
		if last {
			name = backup.Ledger
		}
		// One after the other: together they would take twice the room.
		to := filepath.Join(c.to.Folder(), "copy.db")
		if err := moment.Copy(ctx, i, to); err != nil {
			return err
		}
		if last {
			if err := c.look(ctx, to); err != nil {
				return err
			}
		}
		if err := errors.Join(c.to.AddFile(name, to), os.Remove(to)); err != nil {
			return err
		}
	}
	return nil
}

func (c *copying) look(ctx context.Context, ledger string) error {
	found, err := store.Look(ctx, ledger)
	m := &c.manifest
	m.Schema, m.Obligations, m.Events, m.LastEvent = found.Schema, found.Obligations, found.Events, found.LastEvent
	c.handedIn = found.HandedIn
	return err
}

// spare is what a backup leaves free besides what it needs.
const spare = 64 * megabyte

// room refuses to begin what the disk has no room for: the archive, as if nothing could be compressed, and the largest database.
func (c *copying) room(ctx context.Context, moment *backup.Moment) error {
	var total, largest int64
	for i := range c.paths {
		total += moment.Size(i)
		largest = max(largest, moment.Size(i))
	}
	err := c.eachEvidence(ctx, func(_ *blob.Folder, info blob.Info) error {
		total += info.Size
		return nil
	})
	if err != nil {
		return err
	}
	c.total = int(total)
	free, _, err := blob.Space(c.to.Folder())
	if err == nil && free < total+largest+spare {
		err = fmt.Errorf(textBackupRoom, (total+largest+spare)/megabyte+1, free/megabyte)
	}
	return err
}

// records copies what says how the engine's databases are to be opened, and by which keys.
func (c *copying) records(context.Context) error {
	if c.manifest.EngineVersion == "" {
		return nil
	}
	for _, name := range []string{devserver.Record, usedKeysFile} {
		err := c.to.AddFile(path.Join(backup.Engine, name), filepath.Join(c.engine(), name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// templates copies the house's own wording of documents.
func (c *copying) templates(context.Context) error {
	root := filepath.Join(c.cfg.Data.Folder, backup.Templates)
	return filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		below, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		return c.to.AddFile(path.Join(backup.Templates, filepath.ToSlash(below)), file)
	})
}

// eachEvidence calls f with every content in the folder of evidence.
func (c *copying) eachEvidence(ctx context.Context, f func(*blob.Folder, blob.Info) error) (err error) {
	if _, err := os.Stat(c.cfg.Evidence.Folder); c.manifest.EvidenceApart || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	contents, err := blob.OpenFolder(c.cfg.Evidence.Folder, 0)
	if err != nil {
		return fmt.Errorf(textEvidenceFolder, c.cfg.Evidence.Folder, err)
	}
	defer func() { err = errors.Join(err, contents.Close()) }()
	return contents.List(ctx, func(info blob.Info) error { return f(contents, info) })
}

// evidence copies the contents as they lie there, and notes what the ledger names and was not there, or was changed.
func (c *copying) evidence(ctx context.Context) error {
	whole := map[string]bool{}
	err := c.eachEvidence(ctx, func(folder *blob.Folder, info blob.Info) error {
		content, info, err := folder.Raw(info.Key)
		if errors.Is(err, blob.ErrNotFound) {
			return nil // removed meanwhile
		}
		if err != nil {
			return err
		}
		defer content.Close()
		digest, err := c.to.Add(path.Join(backup.Evidence, blob.Place(info.Key)), info.Size, content)
		c.manifest.Evidence++
		whole[info.Key] = strings.HasPrefix(info.Key, digest)
		return err
	})
	if err != nil || c.manifest.EvidenceApart {
		return err
	}
	for _, key := range c.handedIn {
		if !whole[key] {
			c.manifest.Lost = append(c.manifest.Lost, key)
		}
	}
	return nil
}

// keys copies the keys to a file of their own, apart from what they open, and returns where they are; "": there are none yet.
func (c *copying) keys(to string) (string, error) {
	from := c.cfg.Privacy.KeyFile
	ring, err := seal.Open(from)
	if errors.Is(err, seal.ErrNoFile) && c.manifest.EngineVersion == "" {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	used, err := usedKeys(c.engine())
	if err != nil {
		return "", err
	}
	if err := ring.Require(used); err != nil {
		return "", err
	}
	if _, err := os.Lstat(to); err == nil {
		return "", usageError{fmt.Errorf(textBackupKeysExist, to)}
	}
	return to, copyKeys(from, to)
}

// copyKeys copies a key file, for its owner alone.
func copyKeys(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

type backupVerifyCmd struct {
	File string `arg:"" type:"path" placeholder:"FILE" help:"备份文件。"`
	JSON bool   `help:"以 JSON 输出。"`
}

// Run implements the command.
func (c backupVerifyCmd) Run(e *env) error {
	f, err := os.Open(c.File)
	if err != nil {
		return usageError{fmt.Errorf(textNoBackup, c.File, err)}
	}
	defer f.Close() //nolint:errcheck // only read
	m, err := backup.Check(e.ctx, f, nil)
	if err != nil {
		return err
	}
	files := len(m.Files)
	if c.JSON {
		m.Files = slices.Clip(m.Files[:0])
		return writeJSON(e.stdout, m)
	}
	fmt.Fprintf(e.stdout, textBackupIntact, files, shownTime(m.Begun), m.Program, m.Obligations, m.Events, m.Evidence)
	return backupReport{Manifest: m}.fault()
}
