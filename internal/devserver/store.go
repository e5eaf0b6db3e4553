package devserver

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/schema/sqlite"
)

// Files of the data folder.
const (
	recordFile     = "engine.json"
	lockFileName   = "engine.lock"
	mainFile       = "engine.db"
	visibilityFile = "visibility.db"
)

// layout numbers our own arrangement of the files: which tables lie in which file, with which indexes. It is
// raised whenever a database written by an older build could not be opened as it stands.
const layout = 1

// openable lists the server versions whose data this build opens as they are, because their SQLite schema is
// the same. A version enters the list only after its data were opened and its histories replayed.
var openable = map[string]bool{ServerVersion: true}

var errLockHeld = errors.New("lock is held")

// record is what stands in engine.json beside the data.
type record struct {
	ServerVersion    string    `json:"serverVersion"`
	MainSchema       string    `json:"mainSchema"`
	VisibilitySchema string    `json:"visibilitySchema"`
	Layout           int       `json:"layout"`
	HistoryShards    int32     `json:"historyShards"`
	CreatedAt        time.Time `json:"createdAt"`
}

func (r record) schema() string {
	return fmt.Sprintf("%s/%s/%d", r.MainSchema, r.VisibilitySchema, r.Layout)
}

func currentRecord(shards int32) record {
	return record{
		ServerVersion:    ServerVersion,
		MainSchema:       sqlite.Version,
		VisibilitySchema: sqlite.VisibilityVersion,
		Layout:           layout,
		HistoryShards:    shards,
		CreatedAt:        time.Now().UTC().Truncate(time.Second),
	}
}

// dataDir is an opened, locked data folder whose databases carry their schema.
type dataDir struct {
	path   string
	lock   *os.File
	record record
}

// openDataDir locks the folder, checks that this build may open it, and sets up what is missing. The order makes
// every interruption harmless: the record is written before the tables, the tables of a file appear in one
// transaction, and a file without tables is simply set up again.
func openDataDir(path string) (*dataDir, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fail(ErrData, textDataDir(path), err)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fail(ErrData, textDataDir(path), err)
	}
	lock, err := lockFolder(path)
	if err != nil {
		return nil, err
	}
	d := &dataDir{path: path, lock: lock}
	if err := d.prepare(); err != nil {
		_ = lock.Close()
		return nil, err
	}
	held.Store(lock, struct{}{})
	return d, nil
}

// lockFolder locks a folder that is there, for as long as the file stays open.
func lockFolder(path string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(path, lockFileName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fail(ErrData, textDataDir(path), err)
	}
	if err := lockFile(lock); err != nil {
		_ = lock.Close()
		if errors.Is(err, errLockHeld) {
			return nil, fail(ErrLocked, textLocked(path), nil)
		}
		return nil, fail(ErrData, textLockFailed(path), err)
	}
	return lock, nil
}

// Lock keeps the engine of a data folder from being started until release is called. Where it runs, the error is ErrLocked.
func Lock(dir string) (release func() error, err error) {
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	return lock.Close, nil
}

func (d *dataDir) close() error {
	held.Delete(d.lock)
	return d.lock.Close()
}

// held refers to every lock file until its folder is closed. A file nobody refers to is closed by the garbage
// collector, which would unlock the folder of an engine that still runs but whose Server was let go.
var held sync.Map

func (d *dataDir) file(name string) string { return filepath.Join(d.path, name) }

func (d *dataDir) prepare() error {
	mainThere, err := hasTable(d.file(mainFile), "namespaces")
	if err != nil {
		return fail(ErrData, textDataDir(d.path), err)
	}
	visibilityThere, err := hasTable(d.file(visibilityFile), "executions_visibility")
	if err != nil {
		return fail(ErrData, textDataDir(d.path), err)
	}
	rec, found, err := d.readRecord()
	switch {
	case err != nil:
		return fail(ErrVersion, textRecordUnreadable(d.path), err)
	case !found && (mainThere || visibilityThere):
		return fail(ErrVersion, textRecordMissing(d.path), nil)
	case !found:
		rec = currentRecord(historyShards)
	}
	if err := rec.acceptable(); err != nil {
		return err
	}
	want := currentRecord(rec.HistoryShards)
	// Visibility is set up last, so its tables without the main ones can only mean that a file was lost.
	if visibilityThere && !mainThere {
		return fail(ErrData, textFilesMismatch(d.path, mainFile), nil)
	}
	want.CreatedAt = rec.CreatedAt
	if !found || rec != want {
		if err := d.writeRecord(want); err != nil {
			return fail(ErrData, textRecordWrite, err)
		}
	}
	d.record = want
	if !mainThere {
		if err := createSchema(d.file(mainFile), mainSchema); err != nil {
			return fail(ErrData, textDataDir(d.path), err)
		}
	}
	if !visibilityThere {
		if err := createSchema(d.file(visibilityFile), visibilitySchema); err != nil {
			return fail(ErrData, textDataDir(d.path), err)
		}
	}
	return nil
}

func (d *dataDir) readRecord() (record, bool, error) {
	raw, err := os.ReadFile(d.file(recordFile))
	if errors.Is(err, os.ErrNotExist) {
		return record{}, false, nil
	}
	if err != nil {
		return record{}, false, err
	}
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		return record{}, false, err
	}
	return r, true, nil
}

// writeRecord replaces the record so that a power cut leaves the old or the new one, whole.
func (d *dataDir) writeRecord(r record) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(d.path, recordFile+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(append(raw, '\n'))
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), d.file(recordFile)); err != nil {
		return err
	}
	return syncDir(d.path)
}

// syncDir makes a rename last through a power cut. Systems that cannot sync a folder do not need it.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = dir.Sync()
	return dir.Close()
}

// uriPath escapes what SQLite would read as part of a URI (% ? #), and turns separators into slashes.
func uriPath(file string) string {
	return (&url.URL{Path: filepath.ToSlash(file)}).EscapedPath()
}

func openFile(file string) (*sql.DB, error) {
	db, err := sql.Open(sqliteplugin.PluginName,
		"file:"+uriPath(file)+"?mode=rwc&_pragma=busy_timeout=5000&_pragma=journal_mode=wal&_pragma=synchronous=full")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func hasTable(file, table string) (bool, error) {
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	db, err := openFile(file)
	if err != nil {
		return false, err
	}
	defer func() { _ = db.Close() }()
	var n int
	err = db.QueryRowContext(context.Background(), `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?`, table).Scan(&n)
	return n > 0, err
}

// createSchema runs the server's own schema in one transaction, each statement as rewrite gives it back.
func createSchema(file string, rewrite func(stmt string) []string) error {
	db, err := openFile(file)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := sqlite.SetupSchemaOnDB(schemaTx{tx: tx, rewrite: rewrite}); err != nil {
		return err
	}
	return tx.Commit()
}

// schemaTx lets the server's schema set-up, which wants an AdminDB but only ever calls Exec, run inside a
// transaction of ours.
type schemaTx struct {
	sqlplugin.AdminDB
	tx      *sql.Tx
	rewrite func(stmt string) []string
}

func (s schemaTx) Exec(stmt string, args ...any) error {
	for _, ours := range s.rewrite(stmt) {
		if _, err := s.tx.ExecContext(context.Background(), ours, args...); err != nil {
			return err
		}
	}
	return nil
}

// checkpoint folds the write-ahead log of a file back into it, so that a folder at rest is small and whole.
func checkpoint(file string) error {
	db, err := openFile(file)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(context.Background(), `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}

// sqlConfig opens a file with one connection, which is what SQLite writes with anyway, and megabytes of page cache.
func sqlConfig(file, synchronous string, megabytes int) *config.SQL {
	return &config.SQL{
		PluginName:   sqliteplugin.PluginName,
		DatabaseName: uriPath(file),
		MaxConns:     1,
		MaxIdleConns: 1,
		ConnectAttributes: map[string]string{
			"mode":         "rwc",
			"busy_timeout": "10000",
			"journal_mode": "wal",
			"synchronous":  synchronous,
			"temp_store":   "memory",
			"cache_size":   strconv.Itoa(-1024 * megabytes),
			// 16 MB of log before it is folded back: hot pages are then written once instead of again and again.
			"wal_autocheckpoint": "4000",
		},
	}
}
