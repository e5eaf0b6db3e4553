package e2e

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"unicode/utf16"
)

// pdfOf makes a PDF of one A4 page with lines of Chinese text, as a unit's report is.
func pdfOf(lines ...string) []byte {
	var page bytes.Buffer
	page.WriteString("BT /F1 16 Tf 72 750 Td 28 TL\n")
	for _, line := range lines {
		var wide []byte
		for _, unit := range utf16.Encode([]rune(line)) {
			wide = append(wide, byte(unit>>8), byte(unit))
		}
		fmt.Fprintf(&page, "<%s> Tj T*\n", hex.EncodeToString(wide))
	}
	page.WriteString("ET\n")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", page.Len(), page.String()),
		"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [6 0 R] >>",
		"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 5 >> " +
			"/FontDescriptor 7 0 R >>",
		"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 " +
			"/CapHeight 880 /StemV 93 >>",
	}
	var out, table bytes.Buffer
	out.WriteString("%PDF-1.5\n%\xe7\x9d\xa3\xe5\x8a\x9e\n")
	for i, object := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, &table, len(objects)+1, start)
	return out.Bytes()
}
