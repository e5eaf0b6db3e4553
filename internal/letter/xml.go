package letter

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// paragraph is how a paragraph is set. Indents count in characters, spaces in twentieths of a point.
type paragraph struct {
	align   string // "": justified
	indent  int    // of the first line
	inset   int    // from the left
	hang    int    // how far the first line stands out of the inset
	right   int    // from the right
	before  int
	line    int  // exact height; 0: the grid's
	tab     int  // a stop for what stands at its left
	auto    bool // as high as what stands in it: a drawing
	after   int
	outline int    // level in the outline, from 1; 0: text
	section string // ends here
	keep    bool
	wide    bool // as wide as a letter's rules, over both margins
	borders string
	frame   string
}

// of returns the paragraph with the runs in it. The order of properties is the schema's: Word refuses another.
func (p paragraph) of(runs string) string {
	var b strings.Builder
	b.WriteString("<w:p><w:pPr>")
	if p.keep {
		b.WriteString("<w:keepNext/>")
	}
	b.WriteString(p.frame + p.borders)
	if p.tab > 0 {
		b.WriteString(`<w:tabs><w:tab w:val="right" w:pos="` + number(p.tab) + `"/></w:tabs>`)
	}
	b.WriteString(p.spacing() + p.indents())
	if p.align != "" {
		b.WriteString(`<w:jc w:val="` + p.align + `"/>`)
	}
	if p.outline > 0 {
		b.WriteString(`<w:outlineLvl w:val="` + number(p.outline-1) + `"/>`)
	}
	b.WriteString(p.section + "</w:pPr>" + runs + "</w:p>")
	return b.String()
}

func (p paragraph) spacing() string {
	line := p.line
	if line == 0 {
		line = linePitch
	}
	before := ""
	if p.before > 0 {
		before = ` w:before="` + number(p.before) + `"`
	}
	if p.after > 0 {
		before += ` w:after="` + number(p.after) + `"`
	}
	if p.auto {
		return `<w:spacing` + before + ` w:line="240" w:lineRule="auto"/>`
	}
	return `<w:spacing` + before + ` w:line="` + number(line) + `" w:lineRule="exact"/>`
}

func (p paragraph) indents() string {
	switch {
	case p.wide:
		return fmt.Sprintf(`<w:ind w:left="%d" w:right="%d"/>`, ruleLeft-marginLeft, ruleLeft-marginRight)
	case p.indent > 0:
		return fmt.Sprintf(`<w:ind w:firstLineChars="%d" w:firstLine="%d"/>`, 100*p.indent, charPitch*p.indent)
	case p.inset > 0 || p.right > 0:
		out := fmt.Sprintf(`<w:ind w:left="%d" w:right="%d"`, charPitch*p.inset, charPitch*p.right)
		if p.hang > 0 {
			out += fmt.Sprintf(` w:hanging="%d"`, charPitch*p.hang)
		}
		return out + "/>"
	}
	return ""
}

// blank returns empty lines.
func blank(n int) string { return strings.Repeat(paragraph{}.of(""), n) }

// blankKept returns empty lines that stay on the page of what follows.
func blankKept(n int) string { return strings.Repeat(paragraph{keep: true}.of(""), n) }

// run is how a piece of text is set; zero fields are the document's own.
type run struct {
	font  string
	size  int // half points
	color string
}

// of returns the run with the text; none for no text.
func (r run) of(text string) string {
	if text == "" {
		return ""
	}
	return r.wrap(`<w:t xml:space="preserve">` + escape(text) + `</w:t>`)
}

func (r run) wrap(content string) string {
	var b strings.Builder
	b.WriteString("<w:r><w:rPr>")
	font := r.font
	if font == "" {
		font = fontText
	}
	// The hint keeps quotation marks and dashes, which Latin fonts have too, in the Chinese one.
	fmt.Fprintf(&b, `<w:rFonts w:hint="eastAsia" w:ascii="%[1]s" w:hAnsi="%[1]s" w:eastAsia="%[1]s" w:cs="%[1]s"/>`, font)
	if r.color != "" {
		b.WriteString(`<w:color w:val="` + r.color + `"/>`)
	}
	if r.size > 0 {
		fmt.Fprintf(&b, `<w:sz w:val="%[1]d"/><w:szCs w:val="%[1]d"/>`, r.size)
	}
	b.WriteString("</w:rPr>" + content + "</w:r>")
	return b.String()
}

// escape makes any text safe inside an element; what XML cannot hold becomes U+FFFD.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes everything
	return b.String()
}

func number(n int) string { return strconv.Itoa(n) }
