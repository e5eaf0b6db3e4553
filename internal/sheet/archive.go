package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"path"
	"strings"
)

// The bounds of a workbook's archive.
const (
	maxEntries        = 2000
	maxDirectoryBytes = 1 << 20
	maxExpanded       = 32 << 20 // bytes of XML that are looked at; pictures never are
	endLength         = 22
	endSignature      = "PK\x05\x06"
)

// parts are the parts of a workbook by name, in lower case: names are compared without regard to it.
type parts map[string]*zip.File

// openParts lists the parts of an archive that holds nothing but a workbook without programs and links.
func openParts(src *source) (parts, error) {
	if err := directory(src); err != nil {
		return nil, err
	}
	r, err := zip.NewReader(src, src.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, damaged()
	}
	out := parts{}
	for _, e := range r.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(e.Name, `\`, "/"), "/"))
		if _, twice := out[name]; twice {
			return nil, damaged() // two readers might read two workbooks
		}
		if e.Flags&1 != 0 {
			return nil, refuse(CodeEncrypted, textEncrypted)
		}
		out[name] = e
	}
	return out, out.harmless()
}

// harmless refuses what else an archive may be, programs, and data from elsewhere.
func (p parts) harmless() error {
	if p["[content_types].xml"] == nil {
		if p["content.xml"] != nil && p["mimetype"] != nil {
			return refuse(CodeOldFormat, textOldFormat) // OpenDocument
		}
		return refuse(CodeNotSheet, textNotSheet)
	}
	if p["xl/workbook.bin"] != nil {
		return refuse(CodeOldFormat, textOldFormat)
	}
	for name := range p {
		base := path.Base(name)
		switch {
		case strings.HasPrefix(base, "vbaproject"), strings.HasPrefix(base, "vbadata"), strings.HasPrefix(name, "xl/macrosheets/"):
			return refuse(CodeMacros, textMacros)
		case strings.HasPrefix(name, "xl/externallinks/"), name == "xl/connections.xml":
			return refuse(CodeLinks, textLinkedBook)
		}
	}
	return nil
}

// directory looks at the end of an archive before its directory is believed: whoever reads it takes as many entries as
// there are, whatever the end says.
func directory(src *source) error {
	tail := make([]byte, min(src.size, endLength+1<<16))
	from := src.size - int64(len(tail))
	if _, err := src.ReadAt(tail, from); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	at := bytes.LastIndex(tail, []byte(endSignature))
	if at < 0 || len(tail)-at < endLength {
		return damaged()
	}
	end := tail[at:]
	entries := binary.LittleEndian.Uint16(end[10:])
	length, begin := int64(binary.LittleEndian.Uint32(end[12:])), int64(binary.LittleEndian.Uint32(end[16:]))
	switch {
	case entries > maxEntries, length > maxDirectoryBytes:
		return refuse(CodeTooLarge, textExpansion)
	case begin+length != from+int64(at):
		return damaged()
	}
	return nil
}
