// Package dossier makes the complete file (卷宗) of one obligation as a zip, and proves such a file intact without database,
// server or network: the ledger's chain of hashes is computed again, the ledger is replayed through the core, and every
// document, notice and piece of evidence is held against it. The same record gives the same bytes but for the manifest.
package dossier

import (
	"encoding/json"
	"path"
	"time"

	"duban/calendar"
	"duban/obligation"
)

// Format is the version of the layout that this package writes.
const Format = 1

// The files of a dossier.
const (
	fileManifest  = "manifest.json"
	fileSummary   = "卷宗.txt"
	filePlan      = "plan.json"
	fileLedger    = "ledger.jsonl"
	fileHashes    = "ledger.sha256"
	fileState     = "state.json"
	fileDocuments = "documents.json"
	fileNotices   = "notices.json"
	fileEvidence  = "evidence.json"
	fileHistory   = "history.json"

	folderPolicies  = "policies/"
	folderDocuments = "documents/"
	folderEvidence  = "evidence/"
)

// Manifest says what a dossier holds. Whoever has the digest of its bytes from when it was exported can prove that nothing
// was exchanged since, the end of the ledger included.
type Manifest struct {
	Format     int           `json:"format"`
	Obligation obligation.ID `json:"obligation"`
	Exported   time.Time     `json:"exported"`
	Program    string        `json:"program"`  // duban's version
	Sequence   int           `json:"sequence"` // of the ledger's last entry
	Head       string        `json:"head"`     // its hash, in hexadecimal
	Evidence   bool          `json:"evidence"` // the files of evidence are in it, not their hashes alone
	History    bool          `json:"history"`  // Temporal still had the history
	Files      []File        `json:"files"`    // all but the manifest, by name
}

// File is one file of a dossier.
type File struct {
	Name   string `json:"name"`
	About  string `json:"about"` // what it is, in Chinese
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // in hexadecimal
}

// excerpt is what a dossier says of the plan.
type excerpt struct {
	Plan    string        `json:"plan"`
	Title   string        `json:"title"`
	Number  string        `json:"number"`
	Issuer  string        `json:"issuer"`
	Issued  calendar.Date `json:"issued"`
	Version int           `json:"version"` // of the definition
	AsOf    calendar.Date `json:"asOf"`
	Task    any           `json:"task,omitempty"`
	Measure any           `json:"measure,omitempty"`
	Unit    any           `json:"unit,omitempty"` // without its contacts
}

// paper is a document as the dossier keeps it: the record, and the files of it.
type papers struct {
	Documents []obligation.Document `json:"documents"`
	Files     []obligation.File     `json:"files"`
}

// exhibit is one piece of evidence as an entry of the ledger names it.
type exhibit struct {
	Seq    int    `json:"seq"` // of the entry
	ID     string `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// key names the content where it is kept.
func (e exhibit) key() string { return e.SHA256 + "-" + e.ID }

// file names it in the dossier: with the extension by which people's programs know what it is.
func (e exhibit) file() string { return folderEvidence + e.key() + path.Ext(e.Name) }

// exhibits returns the evidence that the entries name.
func exhibits(entries [][]byte) ([]exhibit, error) {
	out := []exhibit{}
	for _, content := range entries {
		var e struct {
			Seq      int       `json:"seq"`
			Evidence []exhibit `json:"evidence"`
		}
		if err := json.Unmarshal(content, &e); err != nil {
			return nil, err
		}
		for _, x := range e.Evidence {
			x.Seq = e.Seq
			out = append(out, x)
		}
	}
	return out, nil
}
