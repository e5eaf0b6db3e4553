package letter

import (
	"fmt"
	"strings"
	"unicode"
)

// Measures of GB/T 9704—2012 in twentieths of a point; a millimetre has 56.7 of them.
const (
	pageWidth    = 11906 // 210 mm
	pageHeight   = 16838 // 297 mm
	marginTop    = 2098  // 37 mm
	marginBottom = 1984  // 35 mm
	marginLeft   = 1587  // 28 mm
	marginRight  = 1474  // 26 mm
	textWidth    = pageWidth - marginLeft - marginRight

	// The grid has 22 lines in 225 mm and 28 characters in 156 mm. A character of 16 pt is a little wider than its cell,
	// and LibreOffice would give it two; so the style sets line height and character spacing to the grid's, and leaves
	// the grid to what people add.
	linePitch = 579
	charPitch = 315
	charSpace = -842 // 1/4096 of a point

	nameTop     = 1701  // 30 mm: from the page's edge to the name over a letter
	ruleWidth   = 9638  // 170 mm: the double rules of a letter
	ruleLeft    = 1134  // 20 mm: centred on the page
	ruleBottom  = 15704 // 277 mm: the lower double rule, 20 mm above the edge
	ruleGap     = 227   // 4 mm: between the name or the number and the rule below
	headingTop  = 1984  // 35 mm: from the text area's top to the red heading of the file form
	numberGap   = 280   // 7/8 of a character of 16 pt: between a letter's rule and its number
	footerEdge  = 1446  // page numbers 7 mm below the text area
	markTop     = 737   // 13 mm
	thick, thin = 18, 6 // eighths of a point
	edge        = 8     // of the imprint
	seam        = 40    // between the thick and the thin line
)

// Sizes in half points.
const (
	sizeText   = 32 // 3号
	sizeTitle  = 44 // 2号
	sizeNumber = 28 // 4号: page numbers and imprint
	sizeTable  = 24
	maxHeading = 88
)

// Fonts, by name only: the document does not carry them.
const (
	fontText    = "仿宋_GB2312"
	fontTitle   = "方正小标宋简体"
	fontHead    = "黑体"
	fontSubhead = "楷体_GB2312"
	fontPage    = "宋体"
)

const red = "FF0000"

type side string

const (
	left  side = "left"
	right side = "right"
)

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	namespace = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
)

// pages are a document on report.
type pages struct {
	form form
	Letter
}

// document returns word/document.xml.
func (p pages) document() string {
	return xmlHead + "<w:document" + namespace + "><w:body>" + p.opening() + p.title() + p.text() + p.attachments() + p.ending() + p.section() +
		"</w:body></w:document>"
}

// opening is what stands above the title.
func (p pages) opening() string {
	switch p.form {
	case formFile:
		heading := p.Issuer + textFile
		// The heading's line is as high as its characters, so that its top is where the standard has it.
		size := fit(heading, textWidth)
		return paragraph{align: "center", before: headingTop, line: size * 10}.of(run{font: fontTitle, size: size, color: red}.of(heading)) +
			blank(2) +
			paragraph{align: "center"}.of(run{}.of(p.Number)) +
			rule{width: textWidth, before: ruleGap, top: thick}.paragraph() +
			blank(2)
	case formLetter:
		return paragraph{align: "right", before: numberGap}.of(run{}.of(p.Number)) + blank(2)
	case formMinutes, formReport:
	}
	return ""
}

func (p pages) title() string {
	return paragraph{align: "center", keep: true}.of(run{font: fontTitle, size: sizeTitle}.of(p.Title)) + blank(1)
}

func (p pages) text() string {
	var b strings.Builder
	if p.To != "" {
		b.WriteString(paragraph{}.of(run{}.of(p.To + "：")))
	}
	for i, text := range p.Body {
		if text == listHere && p.form == formFile {
			b.WriteString(p.list())
			continue
		}
		// Neither does the signature stand alone on a page, nor a heading without what it heads.
		alone := level(text) != "" && !strings.Contains(text, "。")
		b.WriteString(paragraph{indent: 2, keep: alone || i == len(p.Body)-1}.of(heading(text)))
	}
	return b.String()
}

// heading returns the runs of a paragraph: what its numbering makes a heading, up to the first full stop, has the
// font of its level.
func heading(text string) string {
	font := level(text)
	if font == "" {
		return run{}.of(text)
	}
	head, rest := text, ""
	if i := strings.Index(text, "。"); i >= 0 {
		head, rest = text[:i+len("。")], text[i+len("。"):]
	}
	return run{font: font}.of(head) + run{}.of(rest)
}

// level returns the font of a heading, "" for text.
func level(text string) string {
	number := strings.TrimLeft(text, numerals)
	if number != text && strings.HasPrefix(number, "、") {
		return fontHead
	}
	inner, opened := strings.CutPrefix(text, "（")
	number = strings.TrimLeft(inner, numerals)
	if opened && number != inner && strings.HasPrefix(number, "）") {
		return fontSubhead
	}
	return ""
}

const numerals = "一二三四五六七八九十"

// list returns the table of a circular. Its head is repeated on every page, and no row is torn apart.
func (p pages) list() string {
	columns := []struct {
		head  string
		width int
	}{{textListNo, 650}, {textListUnit, 2200}, {textListMatter, 2895}, {textListDue, 2200}, {textListDays, 900}}
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = c.width
	}
	var b strings.Builder
	b.WriteString(grid(widths))
	row := func(property, font string, cells ...string) {
		b.WriteString(`<w:tr><w:trPr><w:cantSplit/>` + property + `</w:trPr>`)
		for i, c := range cells {
			align := "center"
			if font == fontText && (i == 1 || i == 2) {
				align = "left"
			}
			b.WriteString(cell(columns[i].width, paragraph{align: align, line: 400}.of(run{font: font, size: sizeTable}.of(c))))
		}
		b.WriteString(`</w:tr>`)
	}
	row("<w:tblHeader/>", fontHead, textListNo, textListUnit, textListMatter, textListDue, textListDays)
	for i, r := range p.Rows {
		row("", fontText, number(i+1), r.Unit, r.Matter, r.Due, number(r.Days))
	}
	b.WriteString(`</w:tbl>`)
	return b.String()
}

// grid begins a ruled table of the columns.
func grid(widths []int) string {
	sum := 0
	for _, w := range widths {
		sum += w
	}
	var b strings.Builder
	b.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="` + number(sum) + `" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>`)
	for _, at := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		b.WriteString(border(at, 4, "auto"))
	}
	b.WriteString(`</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>`)
	for _, w := range widths {
		b.WriteString(`<w:gridCol w:w="` + number(w) + `"/>`)
	}
	b.WriteString(`</w:tblGrid>`)
	return b.String()
}

func cell(width int, content string) string {
	return `<w:tc><w:tcPr><w:tcW w:w="` + number(width) + `" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>` + content + `</w:tc>`
}

// attachments are listed a line below the text, two characters in; with more than one they are numbered.
func (p pages) attachments() string {
	if len(p.Attachments) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(blankKept(1))
	for i, name := range p.Attachments {
		label, hang := textAttachment, 3
		if len(p.Attachments) > 1 {
			label += number(i+1) + "."
			hang = 4
		}
		if i > 0 {
			label = strings.Repeat("　", 3) + number(i+1) + "."
		}
		b.WriteString(paragraph{inset: 2 + hang, hang: hang, keep: true}.of(run{}.of(label + name)))
	}
	return b.String()
}

// ending is what follows the text: signature and date, or the places to sign.
func (p pages) ending() string {
	if p.form == formMinutes {
		return p.signatures()
	}
	out := p.signed()
	if p.Note != "" {
		out += paragraph{indent: 2}.of(run{}.of("（" + p.Note + "）"))
	}
	return out + p.imprint()
}

// signed is who issued it and when.
func (p pages) signed() string {
	date := p.date()
	// The issuer is centred on the date, which stands four characters in; a long name ends at the margin.
	in := max(0, 4+(width(date)-width(p.Issuer))/2)
	return blankKept(2) +
		paragraph{align: "right", right: in, keep: true}.of(run{}.of(p.Issuer)) +
		paragraph{align: "right", right: 4}.of(run{}.of(date))
}

// signatures are places for both sides of an interview to sign.
func (p pages) signatures() string {
	half := textWidth / 2
	var b strings.Builder
	b.WriteString(blankKept(1))
	b.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="` + number(2*half) + `" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid><w:gridCol w:w="` +
		number(half) + `"/><w:gridCol w:w="` + number(half) + `"/></w:tblGrid>`)
	for _, line := range []func(string) string{
		func(party string) string { return party },
		func(string) string { return textSignHere },
		func(string) string { return textDateOpen },
	} {
		b.WriteString(`<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="868" w:hRule="atLeast"/></w:trPr>`)
		for _, party := range p.Parties {
			b.WriteString(cell(half, paragraph{align: "left", keep: true}.of(run{}.of(line(party)))))
		}
		b.WriteString(`</w:tr>`)
	}
	b.WriteString(`</w:tbl>` + tail)
	return b.String()
}

// tail is the paragraph that a document must have after a table.
var tail = paragraph{line: 20}.of("")

// imprint (版记) stands at the foot of the last page: with rules, and with who printed it and when, in the file form
// only. Each part is a frame of its own at its place on the page, because LibreOffice leaves a floating table in the text.
func (p pages) imprint() string {
	file := p.form == formFile && p.Printer != ""
	out, bottom := "", pageHeight-marginBottom
	if file {
		bottom -= linePitch
		out = p.printed(bottom)
	}
	if p.Copies != "" {
		out = p.copies(bottom, file) + out
	}
	if out == "" {
		return ""
	}
	return out + tail
}

// printed is the line that says who printed and sent it, and when; y is its top.
func (p pages) printed(y int) string {
	top := edge
	if p.Copies != "" {
		top = 0 // the rule under the copies
	}
	return paragraph{align: "left", inset: 1, right: 1, tab: textWidth - charPitch, frame: footFrame(y), borders: rules(top, edge)}.of(
		run{size: sizeNumber}.of(p.Printer) + "<w:r><w:tab/></w:r>" + run{size: sizeNumber}.of(p.date()+textPrinted))
}

// copies says who else gets it; y is where it ends.
func (p pages) copies(y int, ruled bool) string {
	text := textCopies + p.Copies + "。"
	// A character in on both sides; the lines after the first stand under the names.
	const line, label = 29, 3
	y -= linePitch * max(1, (width(text)-label+line-label-1)/(line-label))
	borders := ""
	if ruled {
		borders = rules(edge, thin)
	}
	return paragraph{align: "left", inset: 1 + label, hang: label, right: 1, frame: footFrame(y), borders: borders}.of(run{size: sizeNumber}.of(text))
}

func footFrame(y int) string {
	return fmt.Sprintf(`<w:framePr w:w="%d" w:hSpace="0" w:wrap="around" w:vAnchor="page" w:hAnchor="page" w:x="%d" w:y="%d"/>`, textWidth, marginLeft, y)
}

// rules returns black borders above and below; 0: none.
func rules(top, bottom int) string {
	out := "<w:pBdr>"
	if top > 0 {
		out += border("top", top, "auto")
	}
	return out + border("bottom", bottom, "auto") + "</w:pBdr>"
}

// date is that of the document, or the place for it.
func (p pages) date() string {
	if p.Signed.IsZero() {
		return textDateOpen
	}
	return p.Signed.Chinese()
}

// section is the page: size, margins and grid.
func (p pages) section() string {
	return section(p.form == formLetter, false)
}

// section is a page's size, margins and grid. In landscape the sheet is turned: what was left is on top.
func section(first, turned bool) string {
	size := fmt.Sprintf(`<w:pgSz w:w="%d" w:h="%d"/>`, pageWidth, pageHeight)
	margins := [...]int{marginTop, marginRight, marginBottom, marginLeft, footerEdge}
	if turned {
		size = fmt.Sprintf(`<w:pgSz w:w="%d" w:h="%d" w:orient="landscape"/>`, pageHeight, pageWidth)
		margins = [...]int{marginLeft, marginTop, marginRight, marginBottom, footerEdge - marginBottom + marginRight}
	}
	titled := ""
	if first {
		titled = `<w:titlePg/>`
	}
	return `<w:sectPr><w:headerReference w:type="default" r:id="rId11"/><w:headerReference w:type="even" r:id="rId12"/><w:headerReference w:type="first" r:id="rId13"/>` +
		`<w:footerReference w:type="default" r:id="rId21"/><w:footerReference w:type="even" r:id="rId22"/><w:footerReference w:type="first" r:id="rId23"/>` +
		size + fmt.Sprintf(`<w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="%d" w:footer="%d" w:gutter="0"/>`,
		margins[0], margins[1], margins[2], margins[3], min(nameTop, margins[0]), margins[4]) +
		titled + fmt.Sprintf(`<w:docGrid w:type="linesAndChars" w:linePitch="%d" w:charSpace="%d"/></w:sectPr>`, linePitch, charSpace)
}

// header returns a page's head: the mark, and on a letter's first page the issuer's name over the double rule.
func (p pages) header(first bool) string {
	content := ""
	if p.Mark != "" {
		content += paragraph{
			align: "center", line: 320, frame: fmt.Sprintf(
				`<w:framePr w:w="%d" w:hRule="exact" w:h="360" w:wrap="around" w:vAnchor="page" w:hAnchor="page" w:xAlign="center" w:y="%d"/>`, ruleWidth, markTop),
		}.of(run{font: fontHead, size: sizeNumber}.of(p.Mark))
	}
	if first {
		size := fit(p.Issuer, ruleWidth)
		content += paragraph{align: "center", line: size * 10, wide: true}.of(run{font: fontTitle, size: size, color: red}.of(p.Issuer)) +
			rule{width: ruleWidth, before: ruleGap, top: thick, bottom: thin}.paragraph()
	} else {
		content += paragraph{line: 20}.of("")
	}
	return xmlHead + "<w:hdr" + namespace + ">" + content + "</w:hdr>"
}

// footer returns the page number on one side, a character in.
func (p pages) footer(at side) string {
	in := paragraph{align: string(at), line: 280, right: 1}
	if at == left {
		in.right, in.inset = 0, 1
	}
	dash := run{font: fontPage, size: sizeNumber}
	field := dash.wrap(`<w:fldChar w:fldCharType="begin"/>`) + dash.wrap(`<w:instrText xml:space="preserve"> PAGE </w:instrText>`) +
		dash.wrap(`<w:fldChar w:fldCharType="separate"/>`) + dash.of("1") + dash.wrap(`<w:fldChar w:fldCharType="end"/>`)
	return xmlHead + "<w:ftr" + namespace + ">" + in.of(dash.of("— ")+field+dash.of(" —")) + "</w:ftr>"
}

// firstFooter returns the lower double rule of a letter, at its place on the page.
func (p pages) firstFooter() string {
	framed := rule{width: ruleWidth, top: thin, bottom: thick}
	return xmlHead + "<w:ftr" + namespace + ">" + framed.frame(ruleLeft, ruleBottom) + paragraph{line: 20}.of("") + "</w:ftr>"
}

// rule is a red line, or two, as the borders of a paragraph with nothing in it.
type rule struct {
	width, before int
	top, bottom   int // eighths of a point; 0: none
}

func (r rule) borders() string {
	out := "<w:pBdr>" + border("top", r.top, red)
	if r.bottom > 0 {
		out += border("bottom", r.bottom, red)
	}
	return out + "</w:pBdr>"
}

// paragraph returns the rule where the text has come to, centred on the page.
func (r rule) paragraph() string {
	return paragraph{before: r.before, line: seam, borders: r.borders(), wide: r.width == ruleWidth}.of(run{size: 2}.of(""))
}

// frame returns the rule at a place on the page.
func (r rule) frame(x, y int) string {
	return paragraph{line: seam, borders: r.borders(), frame: fmt.Sprintf(
		`<w:framePr w:w="%d" w:wrap="around" w:vAnchor="page" w:hAnchor="page" w:x="%d" w:y="%d"/>`, r.width, x, y)}.of(run{size: 2}.of(""))
}

func border(at string, size int, color string) string {
	return `<w:` + at + ` w:val="single" w:sz="` + number(size) + `" w:space="0" w:color="` + color + `"/>`
}

// fit returns the size in half points at which a line fills the width, within bounds.
func fit(text string, twips int) int {
	return max(sizeText, min(maxHeading, twips/10/max(1, width(text))))
}

// width returns how many characters' widths a text has; letters and digits have half of one.
func width(text string) int {
	halves := 0
	for _, r := range text {
		if r < unicode.MaxLatin1 {
			halves++
		} else {
			halves += 2
		}
	}
	return (halves + 1) / 2
}
