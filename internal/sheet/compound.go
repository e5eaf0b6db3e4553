package sheet

import (
	"bytes"
	"errors"
	"io"

	"github.com/richardlehane/mscfb"
)

// maxDirectory is how much of a compound file is read to list its parts, in bytes: a hostile one may nest parts without end.
const maxDirectory = 256 << 10

func isCompound(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
}

// compound says why a compound file is not read: Office puts a workbook with a password into one, and all workbooks of
// before 2007.
func compound(src *source) (err error) {
	// mscfb is told little and may be lied to: what makes it panic is as damaged as what it refuses.
	defer func() {
		if recover() != nil {
			err = damaged()
		}
	}()
	r, err := mscfb.New(&rationed{source: src, left: maxDirectory})
	if err != nil {
		return damaged()
	}
	reason := refuse(CodeNotSheet, textNotSheet)
	for _, p := range r.File {
		switch p.Name {
		case "EncryptedPackage":
			return refuse(CodeEncrypted, textEncrypted)
		case "Workbook", "Book":
			reason = refuse(CodeOldFormat, textOldFormat)
		}
	}
	return reason
}

// rationed is a reader that ends after so many bytes.
type rationed struct {
	*source
	left int
}

var errSpent = errors.New("too much to read")

func (b *rationed) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errSpent
	}
	return b.source.ReadAt(p, off)
}

var _ io.ReaderAt = (*rationed)(nil)
