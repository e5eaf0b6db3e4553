// Package letter makes official documents (公文) as files by GB/T 9704—2012: DOCX for Word and WPS, by the standard
// library alone, and PDF where LibreOffice is installed. What a document says is derived from the obligation and worded
// by templates that the office may change; how it looks is fixed here. The same input gives the same bytes.
package letter

import (
	"archive/zip"
	"bytes"
	"embed"
	"fmt"
	"strings"
	"time"

	"duban/calendar"
)

// Kind is what a document is.
type Kind string

// The kinds of documents.
const (
	Urge      Kind = "letter"    // 督促函
	Circular  Kind = "circular"  // 通报
	Interview Kind = "interview" // 约谈通知书
	Minutes   Kind = "minutes"   // 约谈纪要
	Extension Kind = "extension" // 延期批复
	Expose    Kind = "expose"    // 曝光函
	Transfer  Kind = "transfer"  // 移交函
	Order     Kind = "order"     // 交办单
)

// kinds are all of them, in the order people read.
var kinds = []Kind{Urge, Circular, Interview, Minutes, Extension, Expose, Transfer, Order}

// form is how a document looks.
type form int

const (
	formLetter  form = iota // 信函式: name and double rules above and below, number flush right
	formFile                // 文件式: red heading, number and rule, imprint
	formMinutes             // two signature places, no heading
	formReport              // no heading
)

func (k Kind) form() form {
	switch k {
	case Circular:
		return formFile
	case Minutes:
		return formMinutes
	case Urge, Interview, Extension, Expose, Transfer, Order:
	}
	return formLetter
}

// Letter is what a document says, worded. Every text is one line.
type Letter struct {
	Issuer      string        // over the document, and above the date
	Number      string        // 长安委办〔2026〕5号; "": none
	Title       string        // may wrap
	To          string        // addressee, without the colon; "": none
	Body        []string      // paragraphs; 一、 and （一） begin headings; listHere is where the list stands
	Rows        []Row         // the list
	Attachments []string      // names
	Signed      calendar.Date // date of the document; zero: not signed yet
	Note        string        // 附注, set in brackets
	Copies      string        // 抄送; "": none
	Printer     string        // who prints and sends it (印发), file form only
	Parties     []string      // who signs minutes
	Mark        string        // across the head of every page: 草稿; "": none
}

// Row is one line of a circular's list.
type Row struct {
	Unit, Matter, Due string
	Days              int // overdue

	Severity, Basis, Demands string // of a finding
}

//go:embed parts
var parts embed.FS

// modified is when every part of every file claims to be written: the earliest that a zip can say.
var modified = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// Render returns the document as DOCX.
func Render(kind Kind, l Letter) ([]byte, error) {
	p := pages{kind.form(), l}
	return pack(p, p.document(), nil)
}

// entry is one file in a DOCX.
type entry struct{ name, text string }

// pack returns the DOCX of a document's text with the head and foot of its pages. Charts are numbered in their order.
func pack(p pages, document string, charts []string) ([]byte, error) {
	list := []entry{
		{"[Content_Types].xml", announced(fixed("content_types.xml"), "</Types>", chartType, len(charts))},
		{"_rels/.rels", fixed("package_rels.xml")},
		{"word/document.xml", document},
		{"word/_rels/document.xml.rels", announced(fixed("document_rels.xml"), "</Relationships>", chartRelation, len(charts))},
		{"word/styles.xml", fixed("styles.xml")},
		{"word/settings.xml", fixed("settings.xml")},
		{"word/fontTable.xml", fixed("fontTable.xml")},
		{"word/header1.xml", p.header(false)},
		{"word/header2.xml", p.header(false)},
		{"word/header3.xml", p.header(true)},
		{"word/footer1.xml", p.footer(right)},
		{"word/footer2.xml", p.footer(left)},
		{"word/footer3.xml", p.firstFooter()},
	}
	for i, c := range charts {
		list = append(list, entry{chartPart(i + 1), c})
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range list {
		// Stored, not compressed: a later compressor would make other bytes of the same text.
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Store, Modified: modified})
		if err != nil {
			return nil, err
		}
		if _, err := f.Write([]byte(e.text)); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// announced returns a list of parts with a line for each chart before its end.
func announced(list, end, line string, charts int) string {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(list, end))
	for i := range charts {
		fmt.Fprintf(&b, line, i+1)
	}
	b.WriteString(end)
	return b.String()
}

// fixed returns a part that is the same in every document.
func fixed(name string) string {
	text, err := parts.ReadFile("parts/" + name)
	if err != nil {
		panic(fmt.Sprintf("embedded part: %v", err)) // a test opens them all
	}
	return string(text)
}
