package obligation

import (
	"cmp"
	"slices"
	"time"
)

// MaxEvidence is the greatest number of files that one act of a unit names.
const MaxEvidence = 100

// Evidence (佐证材料) is a file that a unit hands in with a report. It stands in the ledger, so the chain of hashes vouches
// for the file's bytes as well.
type Evidence struct {
	ID     string `json:"id"`
	Name   string `json:"name"`   // as people read it; never a path
	Type   string `json:"type"`   // media type, as its content was found to be
	Size   int64  `json:"size"`   // in bytes
	SHA256 string `json:"sha256"` // of the content, in hexadecimal
}

// Key names the content where it is kept. Every upload has its own, also of equal content: so nothing that is removed can
// be somebody else's, and what is kept can be checked by its name alone.
func (e Evidence) Key() string { return e.SHA256 + "-" + e.ID }

func (e Evidence) valid() bool {
	return e.ID != "" && e.Name != "" && e.Type != "" && e.SHA256 != "" && e.Size > 0
}

// EvidenceFile is evidence as the record keeps it: uploaded for an obligation, and handed in or not yet.
type EvidenceFile struct {
	Evidence
	Obligation ID
	By         Actor
	Uploaded   time.Time
	Seq        int // of the first event that it was handed in with; 0: not yet, it may still be removed
}

// Staged reports whether the file was not handed in yet.
func (f EvidenceFile) Staged() bool { return f.Seq == 0 }

// EvidenceLimits bound what an obligation has of evidence, staged and handed in.
type EvidenceLimits struct {
	Files int
	Bytes int64
}

// evidenceOf returns the files that a command hands in, by name, so that the same command makes the same event.
func evidenceOf(c Command) ([]Evidence, error) {
	files := slices.Clone(c.Evidence)
	slices.SortFunc(files, func(a, b Evidence) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	seen := map[string]bool{}
	for _, f := range files {
		if !f.valid() || seen[f.ID] {
			return nil, refuse(CodeEvidenceInvalid)
		}
		seen[f.ID] = true
	}
	if len(files) > MaxEvidence {
		return nil, refuse(CodeEvidenceInvalid)
	}
	return files, nil
}
