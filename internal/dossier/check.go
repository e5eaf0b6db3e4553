package dossier

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"duban/obligation"
)

// Report is what Check proved, and what it found wrong.
type Report struct {
	Obligation string   `json:"obligation,omitempty"`
	Entries    int      `json:"entries"` // of the ledger
	Files      int      `json:"files"`
	Evidence   bool     `json:"evidence"` // the files of evidence are in it
	Manifest   string   `json:"manifest"` // SHA-256 of the manifest, to be compared with the one shown at export
	Faults     []string `json:"faults"`   // Chinese
}

// Intact reports whether nothing is wrong.
func (r Report) Intact() bool { return len(r.Faults) == 0 }

// Bounds of what is read of somebody's file.
const (
	maxFiles  = 10_000
	maxMemory = 64 << 20 // of a file that is read whole
	maxFaults = 100
)

// Check proves a dossier intact. It reads nothing but the file.
func Check(r io.ReaderAt, size int64) Report {
	c := &checker{report: Report{Faults: []string{}}, digests: map[string]File{}, policies: map[string]obligation.Policy{}}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		c.find(findNoZip, err)
		return c.report
	}
	if len(archive.File) > maxFiles {
		c.find(findTooMany, len(archive.File))
		return c.report
	}
	c.open(archive)
	if c.manifest() {
		c.ledger()
		c.documents()
		c.notices()
		c.evidence()
	}
	return c.report
}

type checker struct {
	report   Report
	files    map[string]*zip.File
	digests  map[string]File // as read, by name
	said     Manifest
	policies map[string]obligation.Policy
	entries  [][]byte
	events   []obligation.Event
	state    obligation.State
}

func (c *checker) find(format string, args ...any) {
	if len(c.report.Faults) < maxFaults {
		c.report.Faults = append(c.report.Faults, fmt.Sprintf(format, args...))
	}
}

// open takes the directory in. Names are never used as paths.
func (c *checker) open(archive *zip.Reader) {
	c.files = map[string]*zip.File{}
	for _, f := range archive.File {
		switch {
		case f.Name == "" || f.Name != path.Clean(f.Name) || strings.ContainsAny(f.Name, "\\\x00") || path.IsAbs(f.Name) || strings.HasPrefix(f.Name, "../"):
			c.find(findName, f.Name)
		case c.files[f.Name] != nil:
			c.find(findTwice, f.Name)
		case f.Method != zip.Store:
			c.find(findCompressed, f.Name) // nor would anybody know how much it swells to
		default:
			c.files[f.Name] = f
		}
	}
}

// read returns a file's content, nil where there is none or it is not to be read.
func (c *checker) read(name string) []byte {
	f := c.files[name]
	if f == nil {
		c.find(findMissing, name)
		return nil
	}
	if f.UncompressedSize64 > maxMemory {
		c.find(findTooLarge, name, f.UncompressedSize64)
		return nil
	}
	content, err := open(f, func(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, maxMemory+1)) })
	if err != nil {
		c.find(findUnreadable, name, err)
		return nil
	}
	return content
}

func open[T any](f *zip.File, read func(io.Reader) (T, error)) (T, error) {
	r, err := f.Open()
	if err != nil {
		var none T
		return none, err
	}
	out, err := read(r)
	return out, errors.Join(err, r.Close())
}

// digest returns size and SHA-256 of a file.
func (c *checker) digest(f *zip.File) (File, error) {
	if have, ok := c.digests[f.Name]; ok {
		return have, nil
	}
	out := File{Name: f.Name}
	h, err := open(f, func(r io.Reader) (hash.Hash, error) {
		h := sha256.New()
		n, err := io.Copy(h, r)
		out.Size = n
		return h, err
	})
	if err != nil {
		return out, err
	}
	out.SHA256 = hex.EncodeToString(h.Sum(nil))
	c.digests[f.Name] = out
	return out, nil
}

// decode reads a JSON file.
func (c *checker) decode(name string, into any) bool {
	content := c.read(name)
	if content == nil {
		return false
	}
	if err := json.Unmarshal(content, into); err != nil {
		c.find(findUnreadable, name, err)
		return false
	}
	return true
}

// manifest holds every file against the manifest, and returns false where there is none to hold it against.
func (c *checker) manifest() bool {
	content := c.read(fileManifest)
	if content == nil {
		return false
	}
	c.report.Manifest = digest(content)
	if err := json.Unmarshal(content, &c.said); err != nil {
		c.find(findUnreadable, fileManifest, err)
		return false
	}
	if c.said.Format > Format {
		c.find(findFormat, c.said.Format, Format)
		return false
	}
	c.report.Obligation, c.report.Evidence = c.said.Obligation.String(), c.said.Evidence
	listed := map[string]bool{fileManifest: true}
	for _, want := range c.said.Files {
		listed[want.Name] = true
		f := c.files[want.Name]
		if f == nil {
			c.find(findMissing, want.Name)
			continue
		}
		c.report.Files++
		have, err := c.digest(f)
		switch {
		case err != nil:
			c.find(findUnreadable, want.Name, err)
		case have.SHA256 != want.SHA256 || have.Size != want.Size:
			c.find(findDigest, want.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		if !listed[name] {
			c.find(findStray, name)
		}
	}
	return true
}

// lines returns the lines of a file.
func (c *checker) lines(name string) [][]byte {
	content := c.read(name)
	if len(content) == 0 {
		return nil
	}
	return bytes.Split(bytes.TrimSuffix(content, []byte("\n")), []byte("\n"))
}

// ledger computes the chain again and replays the entries.
func (c *checker) ledger() {
	c.entries = c.lines(fileLedger)
	hashes := c.lines(fileHashes)
	c.report.Entries = len(c.entries)
	if len(hashes) != len(c.entries) {
		c.find(findHashCount, len(c.entries), len(hashes))
	}
	var before []byte
	for i, content := range c.entries {
		before = obligation.Chain(before, c.said.Obligation.String(), content)
		if i < len(hashes) && hex.EncodeToString(before) != string(hashes[i]) {
			c.find(findHash, i+1)
			// What follows is held against what stands there, so that one change is one fault.
			before, _ = hex.DecodeString(string(hashes[i]))
		}
		c.replay(i+1, content)
	}
	head := hex.EncodeToString(before)
	if c.said.Sequence != len(c.entries) || c.said.Head != head {
		c.find(findHead, c.said.Sequence, c.said.Head, len(c.entries), head)
	}
	if c.state.Seq > 0 && c.state.ID != c.said.Obligation {
		c.find(findObligation, c.state.ID, c.said.Obligation)
	}
	replayed, err := json.Marshal(c.state)
	if err != nil || !bytes.Equal(replayed, c.read(fileState)) {
		c.find(findState)
	}
}

func (c *checker) replay(seq int, content []byte) {
	e, err := obligation.ReadEvent(content, c.policy)
	if err != nil {
		c.find(findEntry, seq, err)
		return
	}
	if e.Seq != seq {
		c.find(findGap, seq, e.Seq)
	}
	opens := e.Kind == obligation.Opened || e.Kind == obligation.Recorded
	if (opens && (e.Facts == nil || e.Policy == nil)) || (!opens && c.state.Seq == 0) {
		c.find(findOpening)
		return
	}
	c.apply(seq, e)
}

// apply lets the core make of the entry what it makes of those that it decided itself. Of others it expects nothing.
func (c *checker) apply(seq int, e obligation.Event) {
	defer func() {
		if r := recover(); r != nil {
			c.find(findEntry, seq, r)
		}
	}()
	c.state = obligation.Apply(c.state, e)
	c.events = append(c.events, e)
}

// policy returns a policy that entries name by its hash.
func (c *checker) policy(hash string) (obligation.Policy, error) {
	if p, ok := c.policies[hash]; ok {
		return p, nil
	}
	var p obligation.Policy
	name := folderPolicies + hash + ".json"
	if c.files[name] == nil {
		return p, fmt.Errorf(findNoPolicy, hash)
	}
	content := c.read(name)
	if digest(content) != hash {
		c.find(findPolicy, hash)
	}
	if err := json.Unmarshal(content, &p); err != nil {
		return p, err
	}
	c.policies[hash] = p
	return p, nil
}

// documents holds the documents against the ledger, and their files against what was kept of them.
func (c *checker) documents() {
	var said papers
	if !c.decode(fileDocuments, &said) {
		return
	}
	want := map[obligation.Rung]obligation.Document{}
	for _, e := range c.events {
		if e.Kind == obligation.Drafted {
			want[e.Rung] = obligation.Document{Rung: e.Rung, Status: obligation.DocumentDraft}
		}
		if d, ok := want[e.Rung]; ok {
			want[e.Rung] = d.After(e)
		}
	}
	for _, d := range said.Documents {
		w, ok := want[d.Rung]
		delete(want, d.Rung)
		voided := w.Status == obligation.DocumentIssued && d.Status == obligation.DocumentWithdrawn
		switch {
		case !ok:
			c.find(findNoDraft, d.Rung.Chinese())
		case d.Number != w.Number || (d.Status != w.Status && !voided):
			c.find(findDocument, d.Rung.Chinese(), statuses[d.Status], d.Number, statuses[w.Status], w.Number)
		case !sameMeeting(d.Meeting, w.Meeting):
			c.find(findMeeting, d.Rung.Chinese())
		}
	}
	for _, rung := range slices.Sorted(maps.Keys(want)) {
		c.find(findNoDocument, rung.Chinese())
	}
	for _, f := range said.Files {
		name := folderDocuments + f.Name
		if c.files[name] == nil {
			c.find(findMissing, name)
			continue
		}
		if have, err := c.digest(c.files[name]); err != nil || have.SHA256 != f.Digest {
			c.find(findPaper, f.Name)
		}
	}
}

// sameMeeting reports whether an interview is what the ledger makes it. Of one that was arranged before the ledger spoke of
// interviews it does not know all.
func sameMeeting(said, told *obligation.Meeting) bool {
	if told == nil || (len(told.Moves) > 0 && told.Moves[0].From.IsZero()) {
		return true
	}
	a, errA := json.Marshal(said)
	b, errB := json.Marshal(told)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// notices holds what was told against what the entries lead to.
func (c *checker) notices() {
	var told []obligation.Told
	if !c.decode(fileNotices, &told) {
		return
	}
	last := len(c.entries)
	for _, t := range told {
		if seq := t.Message.Notice.Seq; seq < 0 || seq > last {
			c.find(findNoticeStray, seq)
		}
	}
}

// evidence holds the list, and the files where they are in it, against the entries.
func (c *checker) evidence() {
	var said []exhibit
	if !c.decode(fileEvidence, &said) {
		return
	}
	want, err := exhibits(c.entries)
	if err != nil {
		return // the entry has been found
	}
	if !slices.Equal(said, want) {
		c.find(findEvidence)
	}
	if !c.said.Evidence {
		return
	}
	for _, x := range want {
		f := c.files[x.file()]
		if f == nil {
			c.find(findNoExhibit, x.Name, x.Seq)
			continue
		}
		if have, err := c.digest(f); err != nil || have.SHA256 != x.SHA256 || have.Size != x.Size {
			c.find(findExhibit, x.Name, x.Seq)
		}
	}
}
