// Package sheet reads tables that people bring (XLSX, CSV, YAML) as the rows that package tasklist understands, and writes
// tables for people: an export, a template, a list with what could not be read of it.
//
// A file is read as a stream in bounded memory, whatever it says of itself: no part of a workbook is ever held as a
// tree, and nothing is unpacked to disk. Only what a person sees is read: the shown text, the kept result of a formula.
//
// A refusal is an *Error; every other error is a failure to read or write.
package sheet

import (
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"duban/tasklist"
)

// The bounds of what is read. A district's list has some 300 rows and 10 columns.
const (
	MaxSize    = 16 << 20 // bytes of a file
	MaxRows    = 20_000   // rows with text, of all sheets together
	MaxColumns = 200
	MaxSheets  = 100

	maxLastRow = 100_000 // number of the last row with text
	maxCells   = 200_000 // cells with text, those that merged regions cover among them
	maxText    = 8 << 20 // bytes of text
)

// Book is what a file holds.
type Book struct {
	Sheets []tasklist.Sheet // that have any text, in the book's order
	Hidden []string         // names of sheets that are hidden and were not read
}

// Read reads a file of size bytes; name is the name that it came under.
func Read(r io.ReaderAt, size int64, name string) (*Book, error) {
	src := &source{ReaderAt: r, size: size}
	book, err := read(src, name)
	if src.failed != nil {
		return nil, src.failed
	}
	if err != nil {
		return nil, err
	}
	if len(book.Sheets) == 0 {
		return nil, refuse(CodeEmpty, textNothing(book.Hidden))
	}
	return book, nil
}

func read(src *source, name string) (*Book, error) {
	switch {
	case src.size == 0:
		return nil, refuse(CodeEmpty, textEmptyFile)
	case src.size > MaxSize:
		return nil, refuse(CodeTooLarge, textFileTooLarge)
	}
	head := make([]byte, min(src.size, 1024))
	if _, err := src.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	left := &bounds{rows: MaxRows, cells: maxCells, text: maxText}
	switch {
	case isCompound(head):
		return nil, compound(src)
	case bytes.HasPrefix(head, []byte("PK")):
		return readXLSX(src, left)
	case isMarkup(head):
		return nil, refuse(CodeNotSheet, textWebPage)
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".csv", ".tsv", ".txt":
		return readCSV(src, sheetName(name), left)
	case ".yaml", ".yml":
		return readYAML(src, sheetName(name), left)
	}
	return nil, refuse(CodeNotSheet, textNotSheet)
}

// isMarkup reports whether a file begins as HTML, XML or a saved web page: systems export those under the name of a spreadsheet.
func isMarkup(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("<")) || bytes.HasPrefix(head, []byte("MIME-Version:"))
}

// sheetName is what the only sheet of a text file is called: after the file.
func sheetName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	return strings.TrimSuffix(name, path.Ext(name))
}

// source remembers a failure that is not the file's own fault.
type source struct {
	io.ReaderAt
	size   int64
	failed error
}

func (s *source) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := s.ReaderAt.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		s.failed = err
	}
	return n, err
}

// bounds is what may still be taken.
type bounds struct{ rows, cells, text int }

// cell counts a cell with text.
func (b *bounds) cell(bytes int) error {
	b.cells--
	b.text -= bytes
	if b.cells < 0 || b.text < 0 {
		return refuse(CodeTooLarge, textTooMuch)
	}
	return nil
}

// row counts a row with text and says whether it lies within the bounds.
func (b *bounds) row(n int) error {
	if b.rows--; b.rows < 0 {
		return refuse(CodeTooLarge, textTooManyRows)
	}
	if n > maxLastRow {
		return refuse(CodeTooLarge, textRowTooFar(n))
	}
	return nil
}

// normal is a cell's text with line breaks of one kind; "" where nothing is to be seen.
func normal(s string) string {
	if strings.ContainsRune(s, '\r') {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return s
}
