package filetype_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"duban/internal/filetype"
	"duban/obligation"
)

func rules(t testing.TB, endings ...string) *filetype.Rules {
	r, err := filetype.NewRules(endings)
	require.NoError(t, err)
	return r
}

func codeOf(err error) obligation.ErrorCode {
	if refused, ok := errors.AsType[*obligation.Error](err); ok {
		return refused.Code
	}
	if err != nil {
		return obligation.ErrorCode(err.Error())
	}
	return ""
}

func check(t testing.TB, name string, content []byte) (string, obligation.ErrorCode) {
	media, err := rules(t).Check(t.Context(), name, bytes.NewReader(content), int64(len(content)))
	return media, codeOf(err)
}

const mp4 = "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"

func samples(t testing.TB) map[string][]byte {
	return map[string][]byte{
		"a.pdf": []byte("%PDF-1.7\n1 0 obj"), "a.ofd": zipped(t, part{"OFD.xml", "<ofd:OFD/>"}), "a.docx": docx(t),
		"a.xlsx": packaged(t, "spreadsheetml.sheet.main+xml"), "a.pptx": packaged(t, "presentationml.presentation.main+xml"),
		"a.doc": stored("WordDocument", "1Table"), "a.xls": stored("Workbook"), "old.xls": stored("Book"), "a.ppt": stored("Current User", "PowerPoint Document"),
		"a.wps": stored("WordDocument"), "a.et": stored("Workbook"), "a.dps": stored("PowerPoint Document"), "new.wps": docx(t),
		"a.jpg": []byte("\xff\xd8\xff\xe0\x00\x10JFIF"), "a.jpeg": []byte("\xff\xd8\xff\xe1\x00\x10Exif"), "a.png": []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
		"a.heic": []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "a.webp": []byte("RIFF\x24\x00\x00\x00WEBPVP8 "),
		"a.bmp": []byte("BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00"), "a.tif": []byte("II*\x00\x08\x00\x00\x00"), "a.tiff": []byte("MM\x00*\x00\x00\x00\x08"),
		"a.mp4": []byte(mp4), "a.zip": zipped(t, part{"材料/说明.txt", "说明"}, part{"材料/图.jpg", "\xff\xd8\xff"}),
		"a.txt": []byte("安全生产检查记录\n"), "gbk.txt": []byte("\xb0\xb2\xc8\xab\xc9\xfa\xb2\xfa\n"), "utf16.txt": []byte("\xff\xfe\x89\x5b\x68\x51\x0a\x00"),
		"a.csv": []byte("单位,数量\n华阳路,3\n"), "A.PDF": []byte("%PDF-1.4"),
	}
}

func TestEveryKindIsTaken(t *testing.T) {
	seen := map[string]bool{}
	for name, content := range samples(t) {
		media, code := check(t, name, content)
		require.Empty(t, code, name)
		require.Contains(t, media, "/", name)
		seen[strings.ToLower(name[strings.LastIndex(name, ".")+1:])] = true
	}
	for _, e := range filetype.Endings() {
		require.True(t, seen[e], e)
	}
}

// Whatever a file is, it is taken by no name but its own.
func TestContentMustBeWhatTheNameSays(t *testing.T) {
	same := map[string]string{"jpg": "photo", "jpeg": "photo", "tif": "tiff", "tiff": "tiff", "txt": "text", "csv": "text"}
	form := func(name string) string {
		e := strings.ToLower(name[strings.LastIndex(name, ".")+1:])
		if s, ok := same[e]; ok {
			return s
		}
		return e
	}
	// A compound file or a package is read by WPS and by Office alike, and every package is an archive too.
	related := map[string]string{"a.doc": "wps", "a.wps": "doc", "a.xls": "et", "old.xls": "et", "a.et": "xls", "a.ppt": "dps", "a.dps": "ppt"}
	for name, content := range samples(t) {
		for other := range samples(t) {
			if form(other) == form(name) || related[name] == form(other) || form(other) == "zip" && bytes.HasPrefix(content, []byte("PK")) ||
				bytes.HasPrefix(content, []byte("PK")) && strings.Contains(string(content), "Content_Types") && (form(other) == "wps" || form(other) == "et" || form(other) == "dps") ||
				form(name) == "wps" && form(other) == "docx" {
				continue
			}
			_, code := check(t, other, content)
			require.Equal(t, obligation.CodeEvidenceMismatch, code, "%s as %s", name, other)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	macro := strings.Replace(types, "openxmlformats-officedocument.", "", 1)
	for name, c := range map[string]struct {
		as      string
		content []byte
		code    obligation.ErrorCode
	}{
		"nothing":          {"a.pdf", nil, obligation.CodeEvidenceEmpty},
		"page":             {"a.txt", []byte("<!DOCTYPE html><script>alert(1)</script>"), obligation.CodeEvidenceMismatch},
		"drawing":          {"a.txt", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), obligation.CodeEvidenceMismatch},
		"script":           {"a.csv", []byte("#!/bin/sh\nrm -rf /\n"), obligation.CodeEvidenceMismatch},
		"program":          {"a.pdf", []byte("MZ\x90\x00\x03\x00\x00\x00"), obligation.CodeEvidenceMismatch},
		"binary after":     {"a.txt", []byte(strings.Repeat("文字", 50_000) + "\x00\x01"), obligation.CodeEvidenceMismatch},
		"macros":           {"a.docx", docx(t, part{"word/vbaProject.bin", "x"}), obligation.CodeEvidenceMacros},
		"macros elsewhere": {"a.xlsx", packaged(t, "spreadsheetml.sheet.main+xml", part{"XL/VBAPROJECT.BIN", "x"}), obligation.CodeEvidenceMacros},
		"docm":             {"a.docx", zipped(t, part{"[Content_Types].xml", macro + `ms-word.document.macroEnabled.main+xml"/></Types>`}), obligation.CodeEvidenceMacros},
		"old macros":       {"a.doc", stored("WordDocument", "_VBA_PROJECT"), obligation.CodeEvidenceMacros},
		"old xls macros":   {"a.xls", stored("Workbook", "_VBA_PROJECT_CUR"), obligation.CodeEvidenceMacros},
		"password":         {"a.docx", stored("EncryptionInfo", "EncryptedPackage"), obligation.CodeEvidenceEncrypted},
		"old in new":       {"a.docx", stored("WordDocument"), obligation.CodeEvidenceMismatch},
		"installer":        {"a.doc", stored("\u4840\u3f3f"), obligation.CodeEvidenceMismatch},
		"cut off compound": {"a.doc", stored("WordDocument")[:600], obligation.CodeEvidenceDamaged},
		"no manifest":      {"a.docx", zipped(t, part{"word/document.xml", "<x/>"}), obligation.CodeEvidenceMismatch},
		"broken manifest":  {"a.docx", zipped(t, part{"[Content_Types].xml", "<Types>"}), obligation.CodeEvidenceDamaged},
		"up":               {"a.zip", zipped(t, part{"../../etc/cron.d/x", "x"}), obligation.CodeEvidenceArchive},
		"up by backslash":  {"a.zip", zipped(t, part{`材料\..\..\x.txt`, "x"}), obligation.CodeEvidenceArchive},
		"absolute":         {"a.zip", zipped(t, part{"/etc/passwd", "x"}), obligation.CodeEvidenceArchive},
		"drive":            {"a.zip", zipped(t, part{`C:\x.txt`, "x"}), obligation.CodeEvidenceArchive},
		"up in a document": {"a.docx", docx(t, part{"../x.xml", "x"}), obligation.CodeEvidenceArchive},
		"program in it":    {"a.zip", zipped(t, part{"材料/安装.EXE", "MZ"}), obligation.CodeEvidenceArchive},
		"program, dotted":  {"a.zip", zipped(t, part{"材料/安装.exe. ", "MZ"}), obligation.CodeEvidenceArchive},
		"page in it":       {"a.zip", zipped(t, part{"index.html", "<script>"}), obligation.CodeEvidenceArchive},
		"link": {
			"a.zip", zippedAs(t, func(h *zip.FileHeader) { h.SetMode(fs.ModeSymlink | 0o777) }, []byte("/etc/passwd")),
			obligation.CodeEvidenceArchive,
		},
		"encrypted":        {"a.zip", zippedAs(t, func(h *zip.FileHeader) { h.Flags |= 1 }, []byte("secret")), obligation.CodeEvidenceEncrypted},
		"unknown method":   {"a.zip", zippedAs(t, func(h *zip.FileHeader) { h.Method = 14 }, []byte("lzma")), obligation.CodeEvidenceArchive},
		"wrong sum":        {"a.zip", zippedAs(t, func(h *zip.FileHeader) { h.CRC32++ }, []byte("text")), obligation.CodeEvidenceDamaged},
		"cut off":          {"a.zip", zipped(t, part{"a.txt", "text"})[:40], obligation.CodeEvidenceDamaged},
		"with a tail":      {"a.zip", append(zipped(t, part{"a.txt", "text"}), "tail"...), obligation.CodeEvidenceDamaged},
		"nothing declared": {"a.zip", declaring(t, 1), obligation.CodeEvidenceDamaged},
	} {
		_, code := check(t, c.as, c.content)
		require.Equal(t, c.code, code, name)
	}
}

func deflated(t testing.TB, content []byte) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	require.NoError(t, err)
	_, err = w.Write(content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// expanding is an archive of an entry that says it is so long.
func expanding(t testing.TB, content []byte, declared uint64) []byte {
	return zippedAs(t, func(h *zip.FileHeader) {
		h.Method, h.UncompressedSize64, h.CRC32 = zip.Deflate, declared, crc32.ChecksumIEEE(content)
	}, deflated(t, content))
}

// declaring is an archive of an entry that says it is so long and is much longer.
func declaring(t testing.TB, n uint64) []byte {
	return expanding(t, make([]byte, 8<<20), n)
}

// quoted is an archive whose entries all point at the same bytes.
func quoted(t testing.TB, entries int) []byte {
	one := zippedAs(t, func(h *zip.FileHeader) { h.Method, h.UncompressedSize64 = zip.Deflate, 1<<20 }, deflated(t, make([]byte, 1<<20)))
	end := bytes.LastIndex(one, []byte("PK\x05\x06"))
	begin := int(binary.LittleEndian.Uint32(one[end+16:]))
	item := one[begin:end]
	out := append(bytes.Clone(one[:begin]), bytes.Repeat(item, entries)...)
	tail := bytes.Clone(one[end:])
	binary.LittleEndian.PutUint16(tail[8:], uint16(entries))
	binary.LittleEndian.PutUint16(tail[10:], uint16(entries))
	binary.LittleEndian.PutUint32(tail[12:], uint32(entries*len(item)))
	return append(out, tail...)
}

// What would fill a disk or the memory is refused for little of either.
func TestBombsCostLittle(t *testing.T) {
	nested := zipped(t, part{"inner.zip", string(zipped(t, part{"zeros", strings.Repeat("\x00", 1<<20)}))})
	many := zipped(t, slices.Repeat([]part{{"a.txt", ""}}, 5001)...)
	// A directory of many entries that its end counts as none: 65,536 more than it says.
	liar := quoted(t, 1<<16)
	binary.LittleEndian.PutUint16(liar[len(liar)-14:], 0)
	binary.LittleEndian.PutUint16(liar[len(liar)-12:], 0)
	for name, c := range map[string]struct {
		content []byte
		code    obligation.ErrorCode
	}{
		"expands": {expanding(t, make([]byte, 33<<20), 33<<20), obligation.CodeEvidenceArchive},
		"claims":  {zippedAs(t, func(h *zip.FileHeader) { h.UncompressedSize64 = 1 << 62 }, []byte("x")), obligation.CodeEvidenceArchive},
		"quoted":  {quoted(t, 1000), obligation.CodeEvidenceArchive},
		"shared":  {quoted(t, 2), obligation.CodeEvidenceArchive},
		"many":    {many, obligation.CodeEvidenceArchive},
		"liar":    {liar, obligation.CodeEvidenceDamaged},
		"lies":    {declaring(t, 1<<20), obligation.CodeEvidenceDamaged},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, code := check(t, "a.zip", c.content)
		runtime.ReadMemStats(&after)
		require.Equal(t, c.code, code, name)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20), name)
	}
	_, code := check(t, "a.zip", nested)
	require.Empty(t, code, "an archive in an archive is the bytes that it is")

	parts := append(slices.Repeat([]string{"x"}, 40_000), "WordDocument")
	_, code = check(t, "a.doc", stored(parts...))
	require.Equal(t, obligation.CodeEvidenceDamaged, code, "a directory without end is not read to its end")
	_, code = check(t, "a.doc", stored(parts[39_000:]...))
	require.Empty(t, code)
}

func TestNames(t *testing.T) {
	r := rules(t)
	for raw, want := range map[string]string{
		"总结.pdf": "总结.pdf", "e\u0301.pdf": "\u00e9.pdf", "a.tar.ZIP": "a.tar.ZIP", "con-1.pdf": "con-1.pdf",
	} {
		name, err := r.Name(raw)
		require.NoError(t, err, raw)
		require.Equal(t, want, name)
	}
	for _, raw := range []string{
		"", ".", "..", ".pdf", "总结", "总结.", "../总结.pdf", "a/b.pdf", `a\b.pdf`, `C:\a.pdf`, "C:a.pdf", "/etc/passwd.pdf", "a\x00.pdf", "a\n.pdf", "a\u202efdp.exe.pdf",
		"a\u200b.pdf", "a\ufeff.pdf", "\xff\xfe.pdf", "a?.pdf", "a|b.pdf", "con.pdf", "NUL.txt", "aux.tar.zip", ".hidden.pdf", "a .pdf", "a\u2028.pdf", "a／b.pdf", "a．．＼b.pdf", "a\ue000.pdf",
		strings.Repeat("长", 117) + ".pdf",
	} {
		_, err := r.Name(raw)
		require.Equal(t, obligation.CodeEvidenceName, codeOf(err), "%q", raw)
	}
	name, err := r.Name("\u0020 检查 记录（一）.docx ")
	require.NoError(t, err)
	require.Equal(t, "检查 记录（一）.docx", name)
	name, err = r.Name(strings.Repeat("长", 116) + ".pdf")
	require.NoError(t, err)
	require.Len(t, []rune(name), 120)
	for _, raw := range []string{"a.exe", "a.docm", "a.html", "a.svg", "a.pdf.js", "a.rar"} {
		_, err := r.Name(raw)
		require.Equal(t, obligation.CodeEvidenceType, codeOf(err), raw)
	}
}

func TestDeclaredType(t *testing.T) {
	r := rules(t)
	for name, good := range map[string][]string{
		"a.pdf": {"", "application/pdf", "application/octet-stream"}, "a.csv": {"text/csv; charset=gbk", "application/vnd.ms-excel"}, "a.wps": {"application/octet-stream"},
		"a.zip": {"application/x-zip-compressed"}, "a.JPG": {"image/jpeg"},
	} {
		for _, d := range good {
			require.NoError(t, r.Declared(name, d), "%s %s", name, d)
		}
	}
	for name, bad := range map[string]string{"a.pdf": "text/html", "a.txt": "text/html", "a.zip": "application/pdf", "a.jpg": "image/png", "a.png": "; ;"} {
		require.Equal(t, obligation.CodeEvidenceMismatch, codeOf(r.Declared(name, bad)), name)
	}
}

func TestSomeKindsOnly(t *testing.T) {
	r := rules(t, "PDF", " .jpg ")
	_, err := r.Name("a.docx")
	require.Equal(t, obligation.CodeEvidenceType, codeOf(err))
	_, err = r.Check(t.Context(), "a.docx", bytes.NewReader(docx(t)), 1)
	require.Equal(t, obligation.CodeEvidenceType, codeOf(err))
	_, err = r.Name("a.jpg")
	require.NoError(t, err)
	_, err = filetype.NewRules([]string{"exe"})
	require.ErrorContains(t, err, "exe")
}

// A disk that fails is nobody's fault, and nobody is told that his file is damaged.
type failing struct{ bytes.Reader }

var errDisk = &fs.PathError{Op: "read", Path: "x", Err: errors.New("input/output error")}

func (*failing) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

func TestDiskThatFails(t *testing.T) {
	_, err := rules(t).Check(t.Context(), "a.zip", &failing{}, 100)
	require.ErrorIs(t, err, errDisk)
}

func TestCheckEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, content := range map[string][]byte{"a.zip": zipped(t, part{"a.txt", "text"}), "a.txt": []byte("text")} {
		_, err := rules(t).Check(ctx, name, bytes.NewReader(content), int64(len(content)))
		require.ErrorIs(t, err, context.Canceled, name)
	}
}

func FuzzCheck(f *testing.F) {
	for name, content := range samples(f) {
		f.Add(name, content)
	}
	r := rules(f)
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		clean, err := r.Name(name)
		if err != nil {
			return
		}
		_, err = r.Check(t.Context(), clean, bytes.NewReader(content), int64(len(content)))
		if _, refused := errors.AsType[*obligation.Error](err); err != nil && !refused {
			t.Fatal(err)
		}
	})
}
