package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"duban/calendar"
	"duban/tasklist"
)

// The bounds of what a workbook holds without text: formatted rows and cells.
const (
	maxBlankRows  = 100_000
	maxBlankCells = 600_000
)

// blanks is how many rows and cells may still come, with or without text.
type blanks struct{ rows, cells int }

// rowReader reads the rows of one sheet.
type rowReader struct {
	book  *workbook
	sheet string

	rows   []tasklist.Line
	merges []region

	inRows  bool
	row     tasklist.Line
	column  int // of the last cell
	cell    rawCell
	gather  *[]byte // of the cell's parts the one whose text comes
	inCell  bool
	formula bool
}

// rawCell is a cell as the sheet has it.
type rawCell struct {
	kind     string
	style    int
	value    []byte
	hasValue bool
	formula  []byte
	inline   richText
}

// rows reads a sheet's rows with text, merged regions resolved.
func (b *workbook) rows(t sheetTab) ([]tasklist.Line, error) {
	s, err := b.scan(b.parts[t.part])
	if err != nil {
		return nil, err
	}
	defer s.close()
	r := &rowReader{book: b, sheet: t.name}
	for {
		token, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = r.take(token)
		}
		if err != nil {
			return nil, err
		}
	}
	return resolve(r.rows, r.merges, b.left)
}

func (r *rowReader) take(t xml.Token) error {
	if r.inCell {
		r.cell.inline.take(t)
	}
	switch t := t.(type) {
	case xml.StartElement:
		return r.start(t)
	case xml.EndElement:
		return r.end(t.Name.Local)
	case xml.CharData:
		if r.gather != nil {
			*r.gather = append(*r.gather, t...)
			if len(*r.gather) > maxToken {
				return damaged()
			}
		}
	}
	return nil
}

func (r *rowReader) start(e xml.StartElement) error {
	switch {
	case e.Name.Local == "sheetData":
		r.inRows = true
	case e.Name.Local == "mergeCell" && !r.inRows:
		region, ok := parseRegion(attribute(e, "ref"))
		if !ok || len(r.merges) >= maxRegions {
			return damaged()
		}
		r.merges = append(r.merges, region)
	case !r.inRows:
	case e.Name.Local == "row":
		return r.startRow(e)
	case e.Name.Local == "c":
		return r.startCell(e)
	case !r.inCell:
	case e.Name.Local == "v":
		r.cell.hasValue, r.gather = true, &r.cell.value
	case e.Name.Local == "f":
		r.formula, r.gather = true, &r.cell.formula
	}
	return nil
}

func (r *rowReader) end(name string) error {
	switch name {
	case "sheetData":
		r.inRows = false
	case "v", "f":
		r.gather = nil
	case "c":
		if !r.inCell {
			return nil
		}
		r.inCell = false
		return r.endCell()
	case "row":
		if r.inRows && len(r.row.Cells) > 0 {
			if err := r.book.left.row(r.row.N); err != nil {
				return err
			}
			r.rows = append(r.rows, tasklist.Line{N: r.row.N, Cells: slices.Clone(r.row.Cells)})
			r.row.Cells = r.row.Cells[:0]
		}
	}
	return nil
}

func (r *rowReader) startRow(e xml.StartElement) error {
	if r.book.blank.rows--; r.book.blank.rows < 0 {
		return refuse(CodeTooLarge, textBlankRows)
	}
	n := r.row.N + 1
	if a := attribute(e, "r"); a != "" {
		named, err := strconv.Atoi(a)
		if err != nil || named < n || named > lastRow {
			return damaged()
		}
		n = named
	}
	r.row.N, r.row.Cells, r.column = n, r.row.Cells[:0], 0
	return nil
}

func (r *rowReader) startCell(e xml.StartElement) error {
	if r.book.blank.cells--; r.book.blank.cells < 0 {
		return refuse(CodeTooLarge, textBlankRows)
	}
	column := r.column + 1
	if a := attribute(e, "r"); a != "" {
		c, n, ok := parseCell(a)
		if !ok || c < column || n != r.row.N {
			return damaged()
		}
		column = c
	}
	style, err := strconv.Atoi(attribute(e, "s"))
	if err != nil {
		style = 0
	}
	r.column, r.inCell, r.formula = column, true, false
	r.cell = rawCell{kind: attribute(e, "t"), style: style, value: r.cell.value[:0], formula: r.cell.formula[:0], inline: richText{runs: r.cell.inline.runs[:0]}}
	return nil
}

func (r *rowReader) endCell() error {
	r.gather = nil
	if r.formula {
		if linked(string(r.cell.formula)) {
			return refuse(CodeLinks, textLinkedFormula(r.sheet, cellName(r.column, r.row.N)))
		}
		if !r.cell.hasValue {
			return refuse(CodeUncalculated, textUncalculated(r.sheet, cellName(r.column, r.row.N)))
		}
	}
	text, date, err := r.shown()
	if err != nil {
		return err
	}
	if text = normal(text); text == "" {
		return nil
	}
	if r.column > MaxColumns {
		return refuse(CodeTooLarge, textColumnTooFar(r.sheet, cellName(r.column, r.row.N)))
	}
	own := len(text)
	if r.cell.kind == "s" {
		own = 0 // counted once, with those that are shared
	}
	if err := r.book.left.cell(own); err != nil {
		return err
	}
	r.row.Cells = append(r.row.Cells, tasklist.Cell{Column: r.column, Text: text, Date: date})
	return nil
}

// shown is the cell's text as a person sees it.
func (r *rowReader) shown() (string, calendar.Date, error) {
	value := string(r.cell.value)
	switch r.cell.kind {
	case "s":
		at, err := strconv.Atoi(strings.TrimSpace(value))
		if value == "" {
			return "", 0, nil
		}
		if err != nil || at < 0 || at >= len(r.book.shared) {
			return "", 0, damaged()
		}
		return r.book.shared[at], 0, nil
	case "inlineStr":
		return r.cell.inline.done(), 0, nil
	case "str":
		return unescape(value), 0, nil
	case "e":
		return value, 0, nil
	case "b":
		if strings.TrimSpace(value) == "" {
			return "", 0, nil
		}
		if truth(strings.TrimSpace(value)) {
			return "TRUE", 0, nil
		}
		return "FALSE", 0, nil
	case "d":
		if d, err := calendar.ParseDate(value[:min(len(value), len("2006-01-02"))]); err == nil {
			return d.String(), d, nil
		}
		return value, 0, nil
	}
	text, date := r.book.formats.show(strings.TrimSpace(value), r.cell.style, r.book.from1904)
	return text, date, nil
}

var (
	// A reference to another workbook is [1]Sheet1!A1 or '[1]Sheet 1'!A1; one to a table of this one has no number.
	otherBook = regexp.MustCompile(`\[\d+\]|\[[^\[\]]*\.(?i:xls|csv)\w*\]`)
	outward   = regexp.MustCompile(`(?i)\b(WEBSERVICE|RTD|CALL|REGISTER(\.ID)?|EXEC|DDE|IMPORTDATA|IMPORTXML|IMAGE|SQL\.REQUEST)\s*\(`)
	hyperlink = regexp.MustCompile(`(?i)\bHYPERLINK\s*\(`)
	inward    = regexp.MustCompile(`(?i)\bHYPERLINK\s*\(\s*"#`)
	quoted    = regexp.MustCompile(`"[^"]*"`)
	dde       = regexp.MustCompile(`\w\s*\|\s*['\w]`)
)

// linked reports whether a formula takes its value from another file, program or place: by reference, by a function, or by
// dynamic data exchange (cmd|'/c …'!A1).
func linked(formula string) bool {
	if formula == "" {
		return false
	}
	if len(hyperlink.FindAllStringIndex(formula, -1)) > len(inward.FindAllStringIndex(formula, -1)) {
		return true
	}
	bare := quoted.ReplaceAllString(formula, `""`)
	return otherBook.MatchString(bare) || outward.MatchString(bare) || dde.MatchString(bare)
}
