package letter

import (
	"fmt"
	"strings"

	"duban/report"
)

// Widths of the text in twentieths of a point, and sizes in half points, of a report.
const (
	turnedWidth = pageHeight - marginTop - marginBottom // in landscape
	sizeCaption = 24
	sizeNote    = 21
	cellLine    = 340
	noteLine    = 300
	wideAt      = 8 // columns from which on a table is set smaller
)

// RenderReport returns a report as DOCX. An error says what of the report can't be set.
func RenderReport(r report.Report) ([]byte, error) {
	s := &setter{turned: turned(r.Blocks)}
	for i, b := range r.Blocks {
		if err := s.block(i, b); err != nil {
			return nil, fmt.Errorf("block %d: %w", i, err)
		}
	}
	s.turn(false)
	p := pages{formReport, Letter{Issuer: r.Issuer, Number: r.Number, Title: r.Title, Signed: r.Date, Mark: r.Mark}}
	if r.Number != "" {
		p.form = formFile
	}
	document := xmlHead + "<w:document" + namespace + "><w:body>" + p.opening() + reportTitle(r) + s.String() + p.signed() + p.section() + "</w:body></w:document>"
	return pack(p, document, s.charts)
}

func reportTitle(r report.Report) string {
	out := paragraph{align: "center", keep: true}.of(run{font: fontTitle, size: sizeTitle}.of(r.Title))
	if r.Subtitle != "" {
		out += paragraph{align: "center", keep: true}.of(run{font: fontSubhead}.of("（" + r.Subtitle + "）"))
	}
	out += blank(1)
	if r.To != "" {
		out += paragraph{}.of(run{}.of(r.To + "："))
	}
	return out
}

// turned says which blocks stand on pages in landscape: wide tables, what heads them and their notes.
func turned(blocks []report.Block) []bool {
	out := make([]bool, len(blocks))
	for i, b := range blocks {
		switch b := b.(type) {
		case report.Table:
			out[i] = b.Wide
		case report.Note:
			out[i] = i > 0 && out[i-1]
		default:
		}
	}
	for i := len(blocks) - 2; i >= 0; i-- {
		if _, heading := blocks[i].(report.Heading); heading {
			out[i] = out[i+1]
		}
	}
	return out
}

// setter sets the blocks of a report one after another.
type setter struct {
	strings.Builder
	turned    []bool // of each block
	landscape bool   // where it has come to
	numbers   [3]int // of the latest headings
	tables    int
	charts    []string
}

func (s *setter) block(i int, b report.Block) error {
	s.turn(s.turned[i])
	switch b := b.(type) {
	case report.Heading:
		if b.Level < 1 || b.Level > len(s.numbers) {
			return fmt.Errorf("no heading of level %d", b.Level)
		}
		s.heading(b)
	case report.Paragraph:
		s.WriteString(paragraph{indent: 2}.of(run{}.of(b.Text)))
	case report.Note:
		s.WriteString(paragraph{align: "left", line: noteLine, after: noteLine / 2}.of(run{font: fontPage, size: sizeNote}.of(b.Text)))
	case report.Table:
		return s.table(b)
	case report.Chart:
		return s.chart(b)
	}
	return nil
}

// turn ends the pages of one orientation, where another is wanted.
func (s *setter) turn(landscape bool) {
	if landscape != s.landscape {
		s.WriteString(paragraph{line: 20, section: section(false, s.landscape)}.of(""))
		s.landscape = landscape
	}
}

func (s *setter) heading(h report.Heading) {
	s.numbers[h.Level-1]++
	clear(s.numbers[h.Level:])
	n := s.numbers[h.Level-1]
	text := [...]string{chinese(n) + "、", "（" + chinese(n) + "）", number(n) + "."}[h.Level-1] + h.Text
	font := [...]string{fontHead, fontSubhead, fontText}[h.Level-1]
	s.WriteString(paragraph{indent: 2, keep: true, outline: h.Level}.of(run{font: font}.of(text)))
}

func (s *setter) table(t report.Table) error {
	shares := 0
	for _, c := range t.Columns {
		shares += c.Width
	}
	if shares <= 0 {
		return fmt.Errorf("table %q has no columns with a width", t.Caption)
	}
	s.tables++
	s.WriteString(caption(fmt.Sprintf(textTable, s.tables, t.Caption), true))
	full := textWidth
	if s.landscape {
		full = turnedWidth
	}
	widths, headings := make([]int, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		widths[i], headings[i] = full*c.Width/shares, c.Heading
	}
	size := sizeTable
	if len(t.Columns) >= wideAt {
		size = sizeNote
	}
	row := func(property, font string, texts []string, align func(i int) report.Align) {
		s.WriteString(`<w:tr><w:trPr><w:cantSplit/>` + property + `</w:trPr>`)
		for i, text := range texts {
			at := string(align(i))
			if at == "" {
				at = "center"
			}
			s.WriteString(cell(widths[i], paragraph{align: at, line: cellLine}.of(run{font: font, size: size}.of(text))))
		}
		s.WriteString(`</w:tr>`)
	}
	s.WriteString(grid(widths))
	row("<w:tblHeader/>", fontHead, headings, func(int) report.Align { return report.Center })
	for i, texts := range t.Rows {
		if len(texts) != len(t.Columns) {
			return fmt.Errorf("table %q, row %d: %d texts for %d columns", t.Caption, i, len(texts), len(t.Columns))
		}
		font := fontText
		if t.Total && i == len(t.Rows)-1 {
			font = fontHead
		}
		row("", font, texts, func(i int) report.Align { return t.Columns[i].Align })
	}
	s.WriteString(`</w:tbl>` + paragraph{line: cellLine / 2}.of(""))
	return nil
}

func (s *setter) chart(c report.Chart) error {
	for _, series := range c.Series {
		if len(series.Values) != len(c.Categories) {
			return fmt.Errorf("chart %q, %q: %d values for %d categories", c.Caption, series.Name, len(series.Values), len(c.Categories))
		}
	}
	d := drawing{c}
	s.charts = append(s.charts, d.part())
	n := len(s.charts)
	s.WriteString(paragraph{align: "center", auto: true, keep: true, before: cellLine / 2}.of("<w:r>" + d.inline(n) + "</w:r>"))
	s.WriteString(caption(fmt.Sprintf(textChart, n, c.Caption), false))
	return nil
}

// caption names a table, above it, or a chart, below it.
func caption(text string, above bool) string {
	p := paragraph{align: "center", line: 400, keep: above}
	if above {
		p.before = cellLine / 2
	} else {
		p.after = cellLine / 2
	}
	return p.of(run{font: fontHead, size: sizeCaption}.of(text))
}

// chinese writes a number from 1 to 99 as headings do: 十二.
func chinese(n int) string {
	digits := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	switch {
	case n < 10:
		return digits[n]
	case n < 20:
		return "十" + digits[n-10]
	default:
		return digits[n/10%10] + "十" + digits[n%10]
	}
}
