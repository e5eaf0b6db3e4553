package filetype

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/richardlehane/mscfb"

	"duban/obligation"
)

// maxDirectory is how much of a compound file is read to list its parts, in bytes: some 2,000 parts. It also bounds
// the memory that the listing takes, since a hostile file may nest parts without end.
const maxDirectory = 256 << 10

func isCompound(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
}

// compound takes an Office document of before 2007, or of WPS, that has one of the streams and no program in it.
func compound(streams ...string) func(context.Context, file) error {
	return func(_ context.Context, f file) error {
		if !isCompound(f.head) {
			return refuse(obligation.CodeEvidenceMismatch)
		}
		parts, err := compoundParts(f)
		if err != nil {
			return err
		}
		found := false
		for _, p := range parts {
			root := len(p.Path) == 0
			switch {
			case root && p.Name == "EncryptedPackage":
				return refuse(obligation.CodeEvidenceEncrypted)
			case p.Name == "_VBA_PROJECT", p.Name == "_VBA_PROJECT_CUR", p.Name == "VBA":
				return refuse(obligation.CodeEvidenceMacros)
			}
			found = found || root && slices.Contains(streams, p.Name)
		}
		if !found {
			return refuse(obligation.CodeEvidenceMismatch)
		}
		return nil
	}
}

// compoundParts lists the parts of a compound file. Its reader is told little and may be lied to: what makes it panic
// is as damaged as what it refuses.
func compoundParts(f file) (parts []*mscfb.File, err error) {
	source := &budget{ReaderAt: f, left: maxDirectory}
	defer func() {
		if recover() != nil {
			parts, err = nil, refuse(obligation.CodeEvidenceDamaged)
		}
	}()
	r, err := mscfb.New(source)
	switch {
	case source.failed != nil:
		return nil, source.failed
	case err != nil:
		return nil, refuse(obligation.CodeEvidenceDamaged)
	}
	return r.File, nil
}

// budget is a reader that ends after so many bytes, and remembers a failure that is not the file's.
type budget struct {
	io.ReaderAt
	left   int
	failed error
}

var errSpent = errors.New("too much to read")

func (b *budget) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= len(p); b.left < 0 || off < 0 {
		return 0, errSpent
	}
	n, err := b.ReaderAt.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	return n, err
}

// either takes a WPS document in either of its forms: as Office of before 2007 has it, or as a package of parts.
func either(streams ...string) func(context.Context, file) error {
	old := compound(streams...)
	return func(ctx context.Context, f file) error {
		if isZip(f.head) {
			return office("")(ctx, f)
		}
		return old(ctx, f)
	}
}
