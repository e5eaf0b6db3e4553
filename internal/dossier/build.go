package dossier

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"duban/obligation"
)

// Options are what a dossier is made with besides the record.
type Options struct {
	Definition obligation.Definition // of the plan
	Exported   time.Time
	Program    string // duban's version
	History    []byte // Temporal's, as JSON; none: Temporal has none any more

	// Evidence opens the content of a piece of evidence by its key; nil: the dossier has the hashes alone.
	Evidence func(key string) (io.ReadCloser, error)
}

// modified is when every file claims to be written: the earliest that a zip can say.
var modified = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// Build writes the dossier and returns the SHA-256 of its manifest, in hexadecimal.
func Build(w io.Writer, d obligation.Dossier, o Options) (string, error) {
	b := builder{zip: zip.NewWriter(w)}
	m := Manifest{
		Format: Format, Obligation: d.State.ID, Exported: o.Exported.UTC(), Program: o.Program, Sequence: d.State.Seq,
		Evidence: o.Evidence != nil, History: len(o.History) > 0,
	}
	if n := len(d.Entries); n > 0 {
		m.Head = hex.EncodeToString(d.Entries[n-1].Hash)
	}
	evidence, err := b.ledger(d)
	if err != nil {
		return "", err
	}
	b.text(fileSummary, textAboutSummary, summary(d, o, evidence))
	b.json(filePlan, textAboutPlan, excerptOf(o.Definition, d.State))
	b.papers(d)
	b.json(fileNotices, textAboutNotices, masked(d.Told))
	b.json(fileEvidence, textAboutEvidence, evidence)
	if o.Evidence != nil {
		b.evidence(evidence, o.Evidence)
	}
	if m.History {
		b.add(fileHistory, textAboutHistory, bytes.NewReader(o.History))
	}
	slices.SortFunc(b.files, func(a, c File) int { return cmp.Compare(a.Name, c.Name) })
	m.Files = b.files
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return "", err
	}
	b.add(fileManifest, "", bytes.NewReader(content))
	if b.err != nil {
		return "", b.err
	}
	return digest(content), b.zip.Close()
}

// builder writes files until one fails.
type builder struct {
	zip   *zip.Writer
	files []File
	err   error
}

func (b *builder) add(name, about string, content io.Reader) {
	if b.err != nil {
		return
	}
	// Stored, not compressed: a later compressor would make other bytes, and nothing in it can swell when it is read.
	f, err := b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: modified})
	if err != nil {
		b.err = err
		return
	}
	h := sha256.New()
	size, err := io.Copy(io.MultiWriter(f, h), content)
	if err != nil {
		b.err = fmt.Errorf("%s: %w", name, err)
	}
	b.files = append(b.files, File{Name: name, About: about, Size: size, SHA256: hex.EncodeToString(h.Sum(nil))})
}

func (b *builder) text(name, about, content string) { b.add(name, about, strings.NewReader(content)) }

func (b *builder) json(name, about string, value any) {
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil && b.err == nil {
		b.err = fmt.Errorf("%s: %w", name, err)
	}
	b.add(name, about, bytes.NewReader(content))
}

// ledger writes the entries, their hashes, the policies that they name, and the state that they lead to.
func (b *builder) ledger(d obligation.Dossier) ([]exhibit, error) {
	var entries, hashes strings.Builder
	var contents [][]byte
	for _, e := range d.Entries {
		if bytes.ContainsRune(e.Event, '\n') {
			return nil, fmt.Errorf("entry of %s with a line break", d.State.ID)
		}
		contents = append(contents, e.Event)
		entries.Write(e.Event)
		entries.WriteByte('\n')
		hashes.WriteString(hex.EncodeToString(e.Hash) + "\n")
	}
	b.text(fileLedger, textAboutLedger, entries.String())
	b.text(fileHashes, textAboutHashes, hashes.String())
	for _, hash := range slices.Sorted(maps.Keys(d.Policies)) {
		b.add(folderPolicies+hash+".json", textAboutPolicy, bytes.NewReader(d.Policies[hash]))
	}
	state, err := json.Marshal(d.State)
	if err != nil {
		return nil, err
	}
	b.add(fileState, textAboutState, bytes.NewReader(state))
	return exhibits(contents)
}

func (b *builder) papers(d obligation.Dossier) {
	b.json(fileDocuments, textAboutDocuments, papers{filled(d.Documents), filled(d.Files)})
	for _, f := range d.Files {
		b.add(folderDocuments+f.Name, f.Title, bytes.NewReader(f.Content))
	}
}

// evidence writes the contents, each once.
func (b *builder) evidence(list []exhibit, open func(key string) (io.ReadCloser, error)) {
	seen := map[string]bool{}
	for _, x := range list {
		if b.err != nil || seen[x.key()] {
			continue
		}
		seen[x.key()] = true
		content, err := open(x.key())
		if err != nil {
			b.err = fmt.Errorf("evidence %s: %w", x.ID, err)
			return
		}
		b.add(x.file(), x.Name, content)
		if err := content.Close(); err != nil && b.err == nil {
			b.err = err
		}
	}
}

func excerptOf(def obligation.Definition, s obligation.State) excerpt {
	p := def.Plan
	out := excerpt{
		Plan: p.Code, Title: p.Title, Number: p.Number, Issuer: p.Issuer, Issued: p.Issued, Version: def.Version, AsOf: def.AsOf,
	}
	for _, t := range p.Tasks {
		if t.Code == s.Task {
			out.Task = t
		}
	}
	for _, m := range p.Measures {
		if m.Code == s.ID.Measure {
			out.Measure = m
		}
	}
	if u, ok := p.Unit(s.ID.Unit); ok {
		u.Contacts = nil
		out.Unit = u
	}
	return out
}

// masked returns what was told, with addresses that a reader of the file can't use: 138****0001, z***@example.cn.
func masked(told []obligation.Told) []obligation.Told {
	out := slices.Clone(filled(told))
	for i := range out {
		out[i].Deliveries = slices.Clone(out[i].Deliveries)
		for j := range out[i].Deliveries {
			d := &out[i].Deliveries[j]
			hidden := mask(d.Address)
			d.Error = strings.ReplaceAll(d.Error, d.Address, hidden)
			d.Address = hidden
		}
	}
	return out
}

func mask(address string) string {
	const stars = "****"
	if name, domain, ok := strings.Cut(address, "@"); ok {
		r, _ := utf8.DecodeRuneInString(name)
		return string(r) + "***@" + domain
	}
	r := []rune(address)
	if len(r) >= 8 {
		return string(r[:3]) + stars + string(r[len(r)-4:])
	}
	return string(r[:min(len(r), 1)]) + stars
}

// filled returns the list itself, or an empty one in place of none.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
