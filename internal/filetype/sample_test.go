package filetype_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

// part is an entry of an archive.
type part struct{ name, content string }

func zipped(t testing.TB, parts ...part) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		f, err := w.Create(p.name)
		require.NoError(t, err)
		_, err = io.WriteString(f, p.content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// zippedAs is an archive of one entry whose header says what it likes.
func zippedAs(t testing.TB, change func(*zip.FileHeader), packed []byte) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: "a.txt", CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(len(packed)), CRC32: crc32.ChecksumIEEE(packed)}
	change(h)
	f, err := w.CreateRaw(h)
	require.NoError(t, err)
	_, err = f.Write(packed)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

const types = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>` +
	`<Override PartName="/main.xml" ContentType="application/vnd.openxmlformats-officedocument.`

func packaged(t testing.TB, main string, more ...part) []byte {
	return zipped(t, append([]part{{"[Content_Types].xml", types + main + `"/></Types>`}, {"main.xml", "<x/>"}}, more...)...)
}

func docx(t testing.TB, more ...part) []byte {
	return packaged(t, "wordprocessingml.document.main+xml", more...)
}

// stored is a compound file with the streams at its root.
func stored(streams ...string) []byte {
	const sector, free, end, none = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF
	le := binary.LittleEndian
	entries := len(streams) + 1
	folders := (entries + 3) / 4          // sectors of the directory
	fats := (folders+folders/100)/120 + 1 // sectors of the table: they come first
	out := make([]byte, sector*(1+fats+folders))
	h := out[:sector]
	copy(h, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	le.PutUint16(h[24:], 0x3e)
	le.PutUint16(h[26:], 3)
	le.PutUint16(h[28:], 0xfffe)
	le.PutUint16(h[30:], 9)
	le.PutUint16(h[32:], 6)
	le.PutUint32(h[44:], uint32(fats))
	le.PutUint32(h[48:], uint32(fats)) // where the directory begins
	le.PutUint32(h[56:], 4096)
	le.PutUint32(h[60:], end)
	le.PutUint32(h[68:], end)
	for i := range 109 {
		le.PutUint32(h[76+4*i:], free)
	}
	fat := out[sector : (1+fats)*sector]
	for i := range len(fat) / 4 {
		le.PutUint32(fat[4*i:], free)
	}
	for i := range fats {
		le.PutUint32(h[76+4*i:], uint32(i))
		le.PutUint32(fat[4*i:], 0xFFFFFFFD)
	}
	for i := range folders {
		next := uint32(fats + i + 1)
		if i == folders-1 {
			next = end
		}
		le.PutUint32(fat[4*(fats+i):], next)
	}
	entry := func(i int, name string, kind byte, right, child uint32) {
		d := out[(1+fats)*sector+128*i:]
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
