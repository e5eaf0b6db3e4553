package letter

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// Style is how a block of a file looks.
type Style string

// The styles.
const (
	StyleMark       Style = "mark"       // 草稿, over everything
	StyleMasthead   Style = "masthead"   // the issuer's name, in red
	StyleRule       Style = "rule"       // a red line
	StyleTitle      Style = "title"      // 标题
	StyleText       Style = "text"       // a paragraph of the body
	StyleFlush      Style = "flush"      // from the margin on: addressee, attachments
	StyleCenter     Style = "center"     // in the middle: a number under a red heading
	StyleRight      Style = "right"      // at the right: number, signature, date
	StyleFoot       Style = "foot"       // 版记
	StyleTable      Style = "table"      // a list; its first row is the head
	StyleChart      Style = "chart"      // its first row are the names of its series
	StyleSignatures Style = "signatures" // places to sign, beside each other
)

// Block is a paragraph of a file, or a table.
type Block struct {
	Style  Style
	Pieces []Piece    // of a paragraph; none: a rule
	Rows   [][]string // of a table, or the figures of a chart
}

// Piece is a run of a paragraph.
type Piece struct {
	Text string
	Head bool // set as a heading
}

// Read returns what a DOCX that Render or RenderReport made says, from top to bottom. So whoever reads it on a screen reads the very file,
// whatever has become of the templates since.
func Read(docx []byte) ([]Block, error) {
	r, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
	if err != nil {
		return nil, err
	}
	document, err := readPart(r, "word/document.xml")
	if err != nil {
		return nil, err
	}
	body := document.child("body")
	header := "word/header1.xml"
	if body.child("sectPr").has("titlePg") {
		header = "word/header3.xml"
	}
	head, err := readPart(r, header)
	if err != nil {
		return nil, err
	}
	blocks := head.blocks()
	for i := range blocks {
		if blocks[i].Style == StyleFoot {
			blocks[i].Style = StyleMark // what is framed at the head of a page
		}
	}
	blocks = append(blocks, body.blocks()...)
	charts := 0
	for i := range blocks {
		if blocks[i].Style == StyleChart {
			charts++
			if blocks[i].Rows, err = readChart(r, charts); err != nil {
				return nil, err
			}
		}
	}
	return blocks, nil
}

// readChart returns the figures that the chart of the number shows, as a table: the names of its series, then a row for each
// category.
func readChart(r *zip.Reader, n int) ([][]string, error) {
	space, err := readPart(r, chartPart(n))
	if err != nil {
		return nil, err
	}
	plot := space.child("chart").child("plotArea")
	rows := [][]string{{""}}
	for _, series := range append(plot.child("barChart").all("ser"), plot.child("lineChart").all("ser")...) {
		rows[0] = append(rows[0], series.child("tx").child("strRef").child("strCache").points()...)
		for i, category := range series.child("cat").child("strRef").child("strCache").points() {
			if len(rows) == i+1 {
				rows = append(rows, []string{category})
			}
		}
		for i, value := range series.child("val").child("numRef").child("numCache").points() {
			rows[i+1] = append(rows[i+1], value)
		}
	}
	return rows, nil
}

// points returns the values that a chart keeps.
func (n node) points() []string {
	var out []string
	for _, p := range n.all("pt") {
		out = append(out, p.child("v").Text)
	}
	return out
}

// node is an element of a part.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Nodes   []node     `xml:",any"`
}

func readPart(r *zip.Reader, name string) (node, error) {
	var n node
	f, err := r.Open(name)
	if err != nil {
		return n, err
	}
	defer func() { _ = f.Close() }() // only read
	if err := xml.NewDecoder(f).Decode(&n); err != nil {
		return n, fmt.Errorf("%s: %w", name, err)
	}
	return n, nil
}

// child returns the first child of a name; the zero node where there is none.
func (n node) child(name string) node {
	i := slices.IndexFunc(n.Nodes, func(c node) bool { return c.XMLName.Local == name })
	if i < 0 {
		return node{}
	}
	return n.Nodes[i]
}

func (n node) has(name string) bool { return n.child(name).XMLName.Local != "" }

// all returns the children of a name.
func (n node) all(name string) []node {
	return slices.DeleteFunc(slices.Clone(n.Nodes), func(c node) bool { return c.XMLName.Local != name })
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// blocks returns the paragraphs and tables of a part, without the empty lines between them.
func (n node) blocks() []Block {
	var out []Block
	for _, c := range n.Nodes {
		switch c.XMLName.Local {
		case "p":
			if b := c.block(); b.Style != "" {
				out = append(out, b)
			}
		case "tbl":
			out = append(out, c.table())
		}
	}
	return out
}

// block returns a paragraph; one without a style is an empty line.
func (n node) block() Block {
	properties := n.child("pPr")
	if n.child("r").has("drawing") {
		return Block{Style: StyleChart}
	}
	var b Block
	for _, r := range n.all("r") {
		if text := r.text(); text != "" {
			font := r.child("rPr").child("rFonts").attr("eastAsia")
			b.Pieces = append(b.Pieces, Piece{text, font == fontHead || font == fontSubhead})
		}
	}
	align := properties.child("jc").attr("val")
	switch {
	case b.Pieces == nil && properties.has("pBdr"):
		b.Style = StyleRule
	case b.Pieces == nil:
	case properties.has("framePr"):
		b.Style = StyleFoot
	case n.child("r").child("rPr").child("color").attr("val") == red:
		b.Style = StyleMasthead
	case align == "center" && n.child("r").child("rPr").child("sz").attr("val") == number(sizeTitle):
		b.Style = StyleTitle
	case align == "center":
		b.Style = StyleCenter
	case align == "right":
		b.Style = StyleRight
	case properties.child("ind").attr("firstLine") != "":
		b.Style = StyleText
	default:
		b.Style = StyleFlush
	}
	return b
}

// text returns what a run says.
func (n node) text() string {
	var b strings.Builder
	for _, c := range n.Nodes {
		switch c.XMLName.Local {
		case "t":
			b.WriteString(c.Text)
		case "tab":
			b.WriteString("　")
		}
	}
	return b.String()
}

func (n node) table() Block {
	b := Block{Style: StyleSignatures}
	if n.child("tblPr").has("tblBorders") {
		b.Style = StyleTable
	}
	for _, row := range n.all("tr") {
		var cells []string
		for _, c := range row.all("tc") {
			var text strings.Builder
			for _, r := range c.child("p").all("r") {
				text.WriteString(r.text())
			}
			cells = append(cells, text.String())
		}
		b.Rows = append(b.Rows, cells)
	}
	return b
}
