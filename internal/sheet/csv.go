package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"duban/tasklist"
)

// sample is how much of a text is looked at to find what separates its columns, in bytes.
const sample = 64 << 10

// readCSV reads a text of separated columns as the only sheet. Rows count as a spreadsheet counts them: a quoted line
// break is within a row, an empty line is a row.
func readCSV(src *source, name string, left *bounds) (*Book, error) {
	open, err := decoding(src)
	if err != nil {
		return nil, err
	}
	head := make([]byte, sample)
	n, err := io.ReadFull(open(), head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, refuse(CodeEncoding, textEncoding)
	}
	if isMarkup(head[:n]) {
		return nil, refuse(CodeNotSheet, textWebPage)
	}
	var rows []tasklist.Line
	var line tasklist.Line
	c := &csvReader{r: bufio.NewReader(open()), separator: separator(head[:n])}
	err = c.read(func(row, column int, text string) error {
		if text = normal(text); text == "" {
			return nil
		}
		if column > MaxColumns {
			return refuse(CodeTooLarge, textColumnTooFar(name, cellName(column, row)))
		}
		line.Cells = append(line.Cells, tasklist.Cell{Column: column, Text: text})
		return left.cell(len(text))
	}, func(row int) error {
		if len(line.Cells) == 0 {
			return nil
		}
		line.N = row
		rows = append(rows, line)
		line = tasklist.Line{}
		return left.row(row)
	})
	if err != nil {
		return nil, err
	}
	if rows = withoutReasons(rows); len(rows) == 0 {
		return &Book{}, nil
	}
	return &Book{Sheets: []tasklist.Sheet{{Name: name, Rows: rows}}}, nil
}

// decoding finds a text's encoding and returns what opens it as UTF-8: by its byte order mark, as UTF-8 where the whole of it
// is, or else as GB18030, of which GBK is a part.
func decoding(src *source) (func() io.Reader, error) {
	head := make([]byte, min(src.size, 3))
	if _, err := src.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	whole := func() io.Reader { return io.NewSectionReader(src, 0, src.size) }
	as := func(t func() transform.Transformer) func() io.Reader {
		return func() io.Reader { return transform.NewReader(whole(), t()) }
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		whole = func() io.Reader { return io.NewSectionReader(src, 3, src.size-3) }
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return as(func() transform.Transformer {
			return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
		}), nil
	}
	valid, err := isUTF8(whole())
	if err != nil {
		return nil, err
	}
	if valid {
		return whole, nil
	}
	return as(func() transform.Transformer { return simplifiedchinese.GB18030.NewDecoder() }), nil
}

// isUTF8 reads all of a text.
func isUTF8(r io.Reader) (bool, error) {
	in := bufio.NewReaderSize(r, sample)
	for {
		c, size, err := in.ReadRune()
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil || (c == utf8.RuneError && size == 1) {
			return false, err
		}
	}
}

// separator finds what separates the columns: what gives the most cells in rows of equal length.
func separator(head []byte) rune {
	best, most := ',', 0
	for _, candidate := range []rune{',', '\t', ';'} {
		lengths := map[int]int{}
		columns := 0
		c := &csvReader{r: bufio.NewReader(bytes.NewReader(head)), separator: candidate, lenient: true}
		//nolint:errcheck // a sample may end anywhere, and what is wrong with it shows when the whole is read
		c.read(func(_, column int, _ string) error { columns = column; return nil }, func(int) error { lengths[columns]++; return nil })
		for length, rows := range lengths {
			if cells := length * rows; length > 1 && cells > most {
				best, most = candidate, cells
			}
		}
	}
	return best
}

// csvReader reads separated columns as spreadsheets do: a quotation mark that doesn't begin a cell is a character.
type csvReader struct {
	r         *bufio.Reader
	separator rune
	lenient   bool // a sample, which may end anywhere

	text   strings.Builder
	row    int
	column int
	line   int
}

func (c *csvReader) read(cell func(row, column int, text string) error, end func(row int) error) error {
	c.row, c.column, c.line = 1, 1, 1
	for {
		last, err := c.cell()
		if err != nil {
			return err
		}
		if err := cell(c.row, c.column, c.text.String()); err != nil {
			return err
		}
		if last == c.separator {
			c.column++
			continue
		}
		if err := end(c.row); err != nil {
			return err
		}
		if last == 0 {
			return nil
		}
		c.row, c.column = c.row+1, 1
	}
}

// cell reads one cell's text and returns what ended it: the separator, a line feed, or 0 for the end.
func (c *csvReader) cell() (rune, error) {
	c.text.Reset()
	quoted, begun := false, c.line
	for first := true; ; first = false {
		r, err := c.rune()
		if err != nil {
			return 0, err
		}
		switch {
		case r == 0:
			if quoted && !c.lenient {
				return 0, refuse(CodeDamaged, textUnclosedQuote(begun))
			}
			return 0, nil
		case r == '"' && first:
			quoted, begun = true, c.line
		case r == '"' && quoted:
			next, err := c.rune()
			if err != nil {
				return 0, err
			}
			if next == '"' {
				break // one that is doubled stands for itself
			}
			quoted = false
			if next == 0 || next == '\n' || next == c.separator {
				return next, nil
			}
			r = next
			c.text.WriteRune(r)
			continue
		case !quoted && (r == '\n' || r == c.separator):
			return r, nil
		}
		if r == '"' && first {
			continue
		}
		if c.text.WriteRune(r); c.text.Len() > maxToken {
			return 0, refuse(CodeTooLarge, textTooMuch)
		}
	}
}

// rune reads the next character, line breaks of all kinds as a line feed; 0 at the end.
func (c *csvReader) rune() (rune, error) {
	r, size, err := c.r.ReadRune()
	switch {
	case errors.Is(err, io.EOF):
		return 0, nil
	case err != nil:
		return 0, refuse(CodeEncoding, textEncoding)
	case r == utf8.RuneError && !c.lenient, r == 0:
		return 0, refuse(CodeEncoding, textEncoding)
	case r == utf8.RuneError && size == 1:
		return ' ', nil // where a sample cuts a character
	case r == '\r':
		if next, _, err := c.r.ReadRune(); err == nil && next != '\n' {
			if err := c.r.UnreadRune(); err != nil {
				return 0, err
			}
		}
		r = '\n'
	}
	if r == '\n' {
		c.line++
	}
	return r, nil
}
