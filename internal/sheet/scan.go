package sheet

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"io"
)

// The bounds of one piece of XML.
const (
	maxToken = 1 << 20 // bytes of one element's start, or of one run of text
	maxDepth = 100
)

var (
	errExpansion = errors.New("expands to too much")
	errToken     = errors.New("one token is too long")
)

// meter hands out a part's bytes and ends where they become too many. It reads byte by byte, so that the decoder puts no buffer
// of its own before it.
type meter struct {
	*bufio.Reader
	left  *int64 // of the whole workbook
	token int    // since the last token
	err   error
}

// ReadByte implements io.ByteReader.
func (m *meter) ReadByte() (byte, error) {
	*m.left--
	m.token++
	switch {
	case *m.left < 0:
		m.err = errExpansion
	case m.token > maxToken:
		m.err = errToken
	default:
		return m.Reader.ReadByte()
	}
	return 0, m.err
}

// scanner reads a part token by token.
type scanner struct {
	meter *meter
	d     *xml.Decoder
	part  io.ReadCloser
	depth int
}

func (b *workbook) scan(e *zip.File) (*scanner, error) {
	if e == nil {
		return nil, damaged()
	}
	part, err := e.Open()
	if err != nil {
		return nil, damaged()
	}
	m := &meter{Reader: bufio.NewReaderSize(part, 16<<10), left: &b.expansion}
	return &scanner{meter: m, d: xml.NewDecoder(m), part: part}, nil
}

func (s *scanner) close() { s.part.Close() }

// next returns the next token; io.EOF after the last. The bytes of a text are valid until the next call.
func (s *scanner) next() (xml.Token, error) {
	s.meter.token = 0
	t, err := s.d.RawToken()
	switch {
	case errors.Is(s.meter.err, errExpansion):
		return nil, refuse(CodeTooLarge, textExpansion)
	case errors.Is(err, io.EOF) && s.depth == 0:
		return nil, io.EOF
	case err != nil:
		return nil, damaged()
	}
	switch t.(type) {
	case xml.StartElement:
		s.depth++
	case xml.EndElement:
		s.depth--
	case xml.Directive:
		return nil, damaged() // a document type: entities that expand have no place in a workbook
	}
	if s.depth > maxDepth || s.depth < 0 {
		return nil, damaged()
	}
	return t, nil
}

// elements calls visit for every element's start.
func (s *scanner) elements(visit func(xml.StartElement) error) error {
	defer s.close()
	for {
		t, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := visit(e); err != nil {
				return err
			}
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
