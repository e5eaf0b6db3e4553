package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"duban/tasklist"
)

// The bounds of what a workbook keeps for its cells.
const (
	maxFormats = 65_536
	maxShared  = 400_000 // texts
)

// workbook is an XLSX that is being read.
type workbook struct {
	parts     parts
	left      *bounds
	expansion int64 // bytes of XML that may still be looked at

	from1904 bool
	shared   []string // texts that cells refer to
	formats  formats
	blank    blanks
}

// tab is one sheet as the workbook names it.
type tab struct {
	name, id string
	hidden   bool
}

func readXLSX(src *source, left *bounds) (*Book, error) {
	b, tabs, err := openWorkbook(src, left)
	if err != nil {
		return nil, err
	}
	book := &Book{}
	for _, t := range tabs {
		if t.hidden {
			book.Hidden = append(book.Hidden, t.name)
			continue
		}
		rows, err := b.rows(t)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			book.Sheets = append(book.Sheets, tasklist.Sheet{Name: t.name, Rows: withoutReasons(rows)})
		}
	}
	return book, nil
}

// sheetTab is a tab whose part is known.
type sheetTab struct {
	tab
	part string
}

func openWorkbook(src *source, left *bounds) (*workbook, []sheetTab, error) {
	parts, err := openParts(src)
	if err != nil {
		return nil, nil, err
	}
	b := &workbook{parts: parts, left: left, expansion: maxExpanded, blank: blanks{rows: maxBlankRows, cells: maxBlankCells}}
	if err := b.kinds(); err != nil {
		return nil, nil, err
	}
	main, err := b.main()
	if err != nil {
		return nil, nil, err
	}
	tabs, err := b.tabs(main)
	if err != nil {
		return nil, nil, err
	}
	related, err := b.relations(main)
	if err != nil {
		return nil, nil, err
	}
	var out []sheetTab
	for _, t := range tabs {
		// Charts and dialogues stand among the sheets.
		if r, ok := related[t.id]; ok && r.kind == "worksheet" {
			out = append(out, sheetTab{t, r.part})
		}
	}
	for _, r := range related {
		switch r.kind {
		case "sharedStrings":
			err = b.readShared(r.part)
		case "styles":
			err = b.readFormats(r.part)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return b, out, nil
}

// kinds refuses a package that says of itself that it holds programs, or no workbook.
func (b *workbook) kinds() error {
	s, err := b.scan(b.parts["[content_types].xml"])
	if err != nil {
		return err
	}
	found := false
	err = s.elements(func(e xml.StartElement) error {
		kind := strings.ToLower(attribute(e, "ContentType"))
		switch {
		case strings.Contains(kind, "macroenabled"), strings.Contains(kind, "vbaproject"):
			return refuse(CodeMacros, textMacros)
		case strings.HasSuffix(kind, "spreadsheetml.sheet.main+xml"), strings.HasSuffix(kind, "spreadsheetml.template.main+xml"):
			found = true
		}
		return nil
	})
	if err == nil && !found {
		err = refuse(CodeNotSheet, textNotSheet)
	}
	return err
}

type relation struct {
	kind string // last word of its type
	part string // in lower case
}

// relations returns what the part refers to, by ID.
func (b *workbook) relations(of string) (map[string]relation, error) {
	dir, base := path.Split(of)
	s, err := b.scan(b.parts[dir+"_rels/"+base+".rels"])
	if err != nil {
		return nil, err
	}
	out := map[string]relation{}
	return out, s.elements(func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attribute(e, "TargetMode") == "External" {
			return nil
		}
		if len(out) >= maxEntries {
			return damaged()
		}
		target := strings.ToLower(strings.ReplaceAll(attribute(e, "Target"), `\`, "/"))
		if absolute, ok := strings.CutPrefix(target, "/"); ok {
			target = path.Clean(absolute)
		} else {
			target = path.Join(dir, target)
		}
		out[attribute(e, "Id")] = relation{path.Base(attribute(e, "Type")), target}
		return nil
	})
}

// main returns the part that the package names as its workbook.
func (b *workbook) main() (string, error) {
	related, err := b.relations("")
	if err != nil {
		return "", err
	}
	for _, r := range related {
		if r.kind == "officeDocument" {
			return r.part, nil
		}
	}
	return "", damaged()
}

func (b *workbook) tabs(main string) ([]tab, error) {
	s, err := b.scan(b.parts[main])
	if err != nil {
		return nil, err
	}
	var out []tab
	return out, s.elements(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			b.from1904 = truth(attribute(e, "date1904"))
		case "sheet":
			state := attribute(e, "state")
			out = append(out, tab{attribute(e, "name"), attribute(e, "id"), state == "hidden" || state == "veryHidden"})
			if len(out) > MaxSheets {
				return refuse(CodeTooLarge, textTooManySheet)
			}
		}
		return nil
	})
}

func truth(s string) bool { return s == "1" || s == "true" || s == "on" }

// readFormats reads the number formats that cells refer to.
func (b *workbook) readFormats(part string) error {
	s, err := b.scan(b.parts[part])
	if err != nil {
		return err
	}
	codes := map[int]string{}
	inCells := false
	return s.elements(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			// Conditional formats have some of their own, which are shown on conditions that nobody here knows.
			if id, err := strconv.Atoi(attribute(e, "numFmtId")); err == nil && codes[id] == "" && len(codes) < maxFormats {
				codes[id] = attribute(e, "formatCode")
			}
		case "cellXfs":
			inCells = true
		case "cellStyleXfs", "cellStyles", "dxfs":
			inCells = false
		case "xf":
			if !inCells {
				return nil
			}
			if len(b.formats.cells) >= maxFormats {
				return damaged()
			}
			id, err := strconv.Atoi(attribute(e, "numFmtId"))
			if err != nil {
				id = 0
			}
			b.formats.cells = append(b.formats.cells, format{id, codes[id]})
		}
		return nil
	})
}

// readShared reads the texts that cells share.
func (b *workbook) readShared(part string) error {
	s, err := b.scan(b.parts[part])
	if err != nil {
		return err
	}
	defer s.close()
	var text richText
	for {
		t, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		text.take(t)
		e, ok := t.(xml.EndElement)
		if !ok || e.Name.Local != "si" {
			continue
		}
		whole := normal(text.done()) // here, once: a million cells may refer to it
		if b.left.text -= len(whole); b.left.text < 0 || len(b.shared) >= maxShared {
			return refuse(CodeTooLarge, textTooMuch)
		}
		b.shared = append(b.shared, whole)
	}
}

// richText gathers the runs of a text; how to pronounce it is left out.
type richText struct {
	runs     []byte
	inText   bool
	phonetic bool
}

func (r *richText) take(t xml.Token) {
	switch t := t.(type) {
	case xml.StartElement:
		switch t.Name.Local {
		case "t":
			r.inText = true
		case "rPh":
			r.phonetic = true
		}
	case xml.EndElement:
		switch t.Name.Local {
		case "t":
			r.inText = false
		case "rPh":
			r.phonetic = false
		}
	case xml.CharData:
		if r.inText && !r.phonetic && len(r.runs) <= maxText {
			r.runs = append(r.runs, t...)
		}
	}
}

// done returns the text and begins the next.
func (r *richText) done() string {
	s := unescape(string(r.runs))
	r.runs = r.runs[:0]
	return s
}

// unescape resolves _x000D_, which is how a workbook writes what XML can't hold.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var out strings.Builder
	for {
		at := strings.Index(s, "_x")
		if at < 0 || at+7 > len(s) {
			break
		}
		code, err := strconv.ParseUint(s[at+2:at+6], 16, 16)
		if err != nil || s[at+6] != '_' {
			out.WriteString(s[:at+2])
			s = s[at+2:]
			continue
		}
		out.WriteString(s[:at])
		if code == '\n' || code == '\r' || code == '\t' || code >= ' ' {
			out.WriteRune(rune(code)) //nolint:gosec // read as 16 bits
		}
		s = s[at+7:]
	}
	out.WriteString(s)
	return out.String()
}
