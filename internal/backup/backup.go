// Package backup copies an installation into one archive while others write to it, and gets it back.
//
// An archive is a tar under zstd. Its last file is the manifest, which names every file with its SHA-256: an archive that
// was cut off has none, and one that was changed does not agree with it. It gets its name only when it is complete, lies on
// the disk and was read again.
package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// Format numbers the form of archives. A build reads its own and all before it.
const Format = 1

// Names of files in an archive, and in the folder that they are restored to.
const (
	Ledger    = "duban.db"
	Engine    = "temporal"
	Evidence  = "evidence"
	Templates = "templates"

	manifestName = "manifest.json"
)

// ErrBroken is the error of an archive that is not what was written: cut off, changed, or no archive at all.
var ErrBroken = errors.New(textBroken)

// ErrNewer is the error of an archive that a newer build wrote.
var ErrNewer = errors.New(textNewer)

// Manifest says what an archive holds.
type Manifest struct {
	Format  int       `json:"format"`
	Program string    `json:"program"` // duban's version
	Begun   time.Time `json:"begun"`   // real time: what was acknowledged before is in it
	Moment  time.Time `json:"moment"`  // real time: nothing later is in the ledger
	Schema  int64     `json:"schema"`  // version of the ledger's tables

	Obligations int       `json:"obligations"`
	Events      int       `json:"events"`
	LastEvent   time.Time `json:"lastEvent,omitzero"` // business time
	Evidence    int       `json:"evidence"`           // files

	EngineVersion string   `json:"engineVersion,omitempty"` // of the embedded Temporal server; "": the engine is elsewhere
	EvidenceApart bool     `json:"evidenceApart,omitempty"` // evidence lies in a bucket, which is not copied
	Lost          []string `json:"lost,omitempty"`          // evidence that the ledger names and the installation no longer had, or not as it was

	Files []File `json:"files"`
}

// File is one file of an archive.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Bytes returns how much room the files take.
func (m Manifest) Bytes() int64 {
	var n int64
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

func (m Manifest) encode() ([]byte, error) { return json.MarshalIndent(m, "", " ") }

// valid reports whether a name is one that an archive may hold: a path below the folder and nothing else.
func valid(name string) bool { return fs.ValidPath(name) && name != "." }

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrBroken, fmt.Sprintf(format, args...))
}
