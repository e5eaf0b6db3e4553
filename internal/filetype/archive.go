package filetype

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"duban/obligation"
)

// What an archive may come to. An archive in an archive counts as the bytes that it is: nothing here unpacks it.
const (
	maxEntries  = 5000
	maxExpanded = 1 << 30  // bytes, of all entries together
	freeRatio   = 32 << 20 // up to so many bytes the ratio does not matter: a form of blanks is small
	maxRatio    = 200      // expanded to stored
	maxPath     = 1000     // bytes of an entry's name
	maxManifest = 1 << 20  // of an office document
)

// programs are endings of entries that run when they are opened.
var programs = strings.Fields(`.exe .com .scr .pif .dll .sys .cpl .msi .msp .msc .bat .cmd .ps1 .psm1 .vbs .vbe .js .jse .wsf .wsh .hta .lnk .url .reg
	.jar .apk .sh .py .html .htm .xhtml .mht .mhtml .svg .chm .docm .dotm .xlsm .xltm .xlam .xlsb .pptm .potm .ppsm .ppam .iso .img .vhd`)

func isZip(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// archive takes a ZIP of whatever is no program.
func archive(ctx context.Context, f file) error {
	r, err := open(f)
	if err != nil {
		return err
	}
	for _, e := range r.File {
		if slices.Contains(programs, strings.ToLower(path.Ext(strings.TrimRight(e.Name, ". ")))) {
			return refuse(obligation.CodeEvidenceArchive)
		}
	}
	return expand(ctx, r, f.size)
}

// office takes an Office document whose main part is of the kind, "" any of the three; none with a program in it.
func office(main string) func(context.Context, file) error {
	return func(ctx context.Context, f file) error {
		if isCompound(f.head) {
			// Office puts a document with a password into a compound file.
			return withPassword(f)
		}
		r, err := open(f)
		if err != nil {
			return err
		}
		for _, e := range r.File {
			name := strings.ToLower(path.Base(e.Name))
			if strings.HasPrefix(name, "vbaproject") || strings.HasPrefix(name, "vbadata") {
				return refuse(obligation.CodeEvidenceMacros)
			}
		}
		if err := expand(ctx, r, f.size); err != nil {
			return err
		}
		return manifest(r, main)
	}
}

// withPassword says why a compound file is no package: it has a password, or it is something else.
func withPassword(f file) error {
	parts, err := compoundParts(f)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if len(p.Path) == 0 && p.Name == "EncryptedPackage" {
			return refuse(obligation.CodeEvidenceEncrypted)
		}
	}
	return refuse(obligation.CodeEvidenceMismatch)
}

// manifest reads what a package says that it is.
func manifest(r *zip.Reader, main string) error {
	at := slices.IndexFunc(r.File, func(e *zip.File) bool { return e.Name == "[Content_Types].xml" })
	if at < 0 {
		return refuse(obligation.CodeEvidenceMismatch)
	}
	part, err := r.File[at].Open()
	if err != nil {
		return broken(err)
	}
	defer part.Close()
	var types struct {
		Override []struct {
			PartName    string `xml:"PartName,attr"`
			ContentType string `xml:"ContentType,attr"`
		} `xml:"Override"`
		Default []struct {
			ContentType string `xml:"ContentType,attr"`
		} `xml:"Default"`
	}
	if err := xml.NewDecoder(io.LimitReader(part, maxManifest)).Decode(&types); err != nil {
		return refuse(obligation.CodeEvidenceDamaged)
	}
	found := false
	for _, o := range types.Override {
		kind := strings.ToLower(o.ContentType)
		if strings.Contains(kind, "macroenabled") || strings.Contains(kind, "vbaproject") {
			return refuse(obligation.CodeEvidenceMacros)
		}
		for _, m := range []string{"wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation"} {
			found = found || (main == "" || main == m) && kind == ooxml+m+".main+xml"
		}
	}
	for _, d := range types.Default {
		if strings.Contains(strings.ToLower(d.ContentType), "vbaproject") {
			return refuse(obligation.CodeEvidenceMacros)
		}
	}
	if !found {
		return refuse(obligation.CodeEvidenceMismatch)
	}
	return nil
}

// ofd takes a document of GB/T 33190: a package with OFD.xml at its root.
func ofd(ctx context.Context, f file) error {
	r, err := open(f)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(r.File, func(e *zip.File) bool { return e.Name == "OFD.xml" }) {
		return refuse(obligation.CodeEvidenceMismatch)
	}
	return expand(ctx, r, f.size)
}

// open lists the entries of an archive whose directory is whole and says of every entry something harmless.
func open(f file) (*zip.Reader, error) {
	if !isZip(f.head) {
		return nil, refuse(obligation.CodeEvidenceMismatch)
	}
	directory, err := count(f)
	if err != nil {
		return nil, err
	}
	r, err := zip.NewReader(f, f.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, broken(err)
	}
	var declared uint64
	for _, e := range r.File {
		switch {
		case e.Flags&1 != 0:
			return nil, refuse(obligation.CodeEvidenceEncrypted)
		case e.Method != zip.Store && e.Method != zip.Deflate, unsafePath(e), e.Mode()&^fs.ModePerm&^fs.ModeDir != 0:
			return nil, refuse(obligation.CodeEvidenceArchive)
		}
		declared += min(e.UncompressedSize64, maxExpanded+1)
	}
	if tooLarge(declared, f.size) {
		return nil, refuse(obligation.CodeEvidenceArchive)
	}
	return r, apart(r, directory)
}

func tooLarge(expanded uint64, stored int64) bool {
	return expanded > maxExpanded || (expanded > freeRatio && expanded/uint64(max(stored, 1)) > maxRatio) //nolint:gosec // no size is negative
}

// Of the archive's end and of its directory's entries: length and signature.
const (
	endLength     = 22
	endSignature  = "PK\x05\x06"
	itemLength    = 46
	itemSignature = "PK\x01\x02"
	// maxDirectoryBytes is the longest directory: entries with names and what else they carry.
	maxDirectoryBytes = 4 << 20
)

// count finds the directory without reading it into memory and counts its entries: whoever reads it believes that
// count, which a hostile file may set at will. It returns where the directory begins. Only an archive that ends with its
// directory, and nothing after it, is taken; ZIP64 is for archives beyond what is taken at all.
func count(f file) (int64, error) {
	tail := make([]byte, min(f.size, endLength+1<<16))
	from := f.size - int64(len(tail))
	if _, err := f.ReadAt(tail, from); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	at := bytes.LastIndex(tail, []byte(endSignature))
	if at < 0 || len(tail)-at < endLength {
		return 0, refuse(obligation.CodeEvidenceDamaged)
	}
	end := tail[at:]
	entries := int(binary.LittleEndian.Uint16(end[10:]))
	length, begin := int64(binary.LittleEndian.Uint32(end[12:])), int64(binary.LittleEndian.Uint32(end[16:]))
	comment := int(binary.LittleEndian.Uint16(end[20:]))
	switch {
	case entries > maxEntries, length > maxDirectoryBytes:
		return 0, refuse(obligation.CodeEvidenceArchive)
	case begin+length != from+int64(at), endLength+comment != len(end), binary.LittleEndian.Uint16(end[8:]) != uint16(entries): //nolint:gosec // read from 16 bits
		return 0, refuse(obligation.CodeEvidenceDamaged)
	}
	directory := make([]byte, length)
	if _, err := f.ReadAt(directory, begin); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	for ; len(directory) > 0; entries-- {
		if len(directory) < itemLength || string(directory[:4]) != itemSignature {
			return 0, refuse(obligation.CodeEvidenceDamaged)
		}
		item := itemLength + int(binary.LittleEndian.Uint16(directory[28:])) + int(binary.LittleEndian.Uint16(directory[30:])) +
			int(binary.LittleEndian.Uint16(directory[32:]))
		directory = directory[min(item, len(directory)):]
	}
	if entries != 0 {
		return 0, refuse(obligation.CodeEvidenceDamaged)
	}
	return begin, nil
}

// apart refuses entries that share bytes: a small file that expands to a large one by being read again and again.
func apart(r *zip.Reader, directory int64) error {
	type span struct{ from, to int64 }
	spans := make([]span, 0, len(r.File))
	for _, e := range r.File {
		from, err := e.DataOffset()
		if err != nil {
			return broken(err)
		}
		if e.CompressedSize64 > uint64(directory) { //nolint:gosec // an offset in the file
			return refuse(obligation.CodeEvidenceArchive)
		}
		spans = append(spans, span{from - localLength - int64(len(e.Name)), from + int64(e.CompressedSize64)}) //nolint:gosec // checked above
	}
	slices.SortFunc(spans, func(a, b span) int { return int(a.from - b.from) })
	for i, s := range spans {
		next := directory
		if i+1 < len(spans) {
			next = spans[i+1].from
		}
		if s.to > next {
			return refuse(obligation.CodeEvidenceArchive)
		}
	}
	return nil
}

// localLength is the length of an entry's own header, without its name and what else it carries.
const localLength = 30

// unsafePath reports whether an entry's name leads out of the folder it is unpacked to, or is no name. Chinese Windows
// writes names in GBK without saying so.
func unsafePath(e *zip.File) bool {
	name := e.Name
	if len(name) > maxPath {
		return true
	}
	if !utf8.ValidString(name) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().String(name)
		if err != nil {
			return true
		}
		name = decoded
	}
	name = strings.ReplaceAll(name, `\`, "/")
	if name == "" || strings.HasPrefix(name, "/") || strings.ContainsFunc(name, unicode.IsControl) || strings.Contains(name, ":") {
		return true
	}
	return slices.Contains(strings.Split(name, "/"), "..")
}

// expand unpacks every entry into nothing, so that an archive is what it says, and stops at the bounds.
func expand(ctx context.Context, r *zip.Reader, stored int64) error {
	var total uint64
	for _, e := range r.File {
		n, err := expandOne(ctx, e)
		if err != nil {
			return err
		}
		if total += n; tooLarge(total, stored) {
			return refuse(obligation.CodeEvidenceArchive)
		}
	}
	return nil
}

func expandOne(ctx context.Context, e *zip.File) (uint64, error) {
	part, err := e.Open()
	if err != nil {
		return 0, broken(err)
	}
	defer part.Close()
	limit := int64(e.UncompressedSize64) //nolint:gosec // open has bounded it
	n, err := io.Copy(io.Discard, cancelled{ctx, io.LimitReader(part, limit+1)})
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case err != nil:
		return 0, broken(err)
	case n > limit:
		return 0, refuse(obligation.CodeEvidenceArchive)
	}
	return uint64(n), nil //nolint:gosec // never negative
}

// cancelled ends a long unpacking with its context.
type cancelled struct {
	ctx context.Context
	io.Reader
}

func (c cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(p)
}

// broken tells a damaged archive from a disk that fails.
func broken(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed
	}
	return refuse(obligation.CodeEvidenceDamaged)
}
