package devserver

import (
	"errors"
	"os"
	"path/filepath"
)

// Record is the file of the data folder that says which server wrote its databases: they are not opened without it.
const Record = recordFile

// Databases returns the names of the engine's SQLite files in its data folder. The list of workflows comes last: what is
// written to it was written to the main file before.
func Databases() []string { return []string{mainFile, visibilityFile} }

// Check returns ErrVersion where this build would not open the folder's databases, and the version of the server that wrote
// them. It changes nothing.
func Check(dir string) (serverVersion string, err error) {
	d := &dataDir{path: dir}
	rec, found, err := d.readRecord()
	if err != nil {
		return "", fail(ErrVersion, textRecordUnreadable(dir), err)
	}
	if !found {
		_, err := os.Stat(filepath.Join(dir, mainFile))
		if errors.Is(err, os.ErrNotExist) {
			return "", nil
		}
		return "", fail(ErrVersion, textRecordMissing(dir), err)
	}
	return rec.ServerVersion, rec.acceptable()
}

// acceptable returns ErrVersion where this build does not open databases with such a record.
func (r record) acceptable() error {
	if !openable[r.ServerVersion] {
		return fail(ErrVersion, textVersion(r.ServerVersion), nil)
	}
	want := currentRecord(r.HistoryShards)
	if r.schema() != want.schema() || r.HistoryShards < 1 {
		return fail(ErrVersion, textSchema(r.schema(), want.schema()), nil)
	}
	return nil
}
