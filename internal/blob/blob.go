// Package blob keeps the contents of evidence: in a folder, or in a bucket of an S3-compatible service. Both are Stores and
// keep the same promises (see blobtest):
//
//   - A content is kept whole or not at all, whatever breaks off, and never changes under its key.
//   - What is received is bounded by a limit that holds for disk, and takes little memory however large it is.
//   - A key is no path: nothing outside the folder or bucket is ever read, written or removed.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
	"time"
)

// ErrNotFound is returned for a key under which nothing is kept.
var ErrNotFound = errors.New("no such content")

// ErrTooLarge is returned by Put for more bytes than its limit.
var ErrTooLarge = errors.New("content exceeds the limit")

// ErrFull is returned by Put where the disk has less room than it should keep free.
var ErrFull = errors.New("not enough room on the disk")

// ErrChanged is returned by Verify, and by the reader that Open returns, where the content is not what its key says.
var ErrChanged = errors.New("content does not match its SHA-256")

// Info is what is known of a content without reading it.
type Info struct {
	Key      string
	Size     int64
	Modified time.Time
}

// Check looks at a content that was received, before it is kept. Its error refuses the content.
type Check = func(content io.ReaderAt, size int64) error

// Store keeps contents. It is safe for concurrent use, also by several processes.
type Store interface {
	// Put receives a content to its end, lets check look at it, and keeps it under SHA-256, hyphen, id. Where anything
	// fails, nothing is kept and nothing is left of it. More than limit bytes are ErrTooLarge.
	Put(ctx context.Context, id string, content io.Reader, limit int64, check Check) (digest string, size int64, err error)
	// Open returns the content for reading, or ErrNotFound. Instead of its last piece the reader returns ErrChanged where the
	// content is not what its key says: so what was changed never arrives whole.
	Open(ctx context.Context, key string) (io.ReadCloser, Info, error)
	// Stat returns ErrNotFound where nothing is kept under the key.
	Stat(ctx context.Context, key string) (Info, error)
	// Delete removes a content; where there is none it does nothing.
	Delete(ctx context.Context, key string) error
	// List calls f with everything that is kept, in no order, until f returns an error.
	List(ctx context.Context, f func(Info) error) error
	// Sweep removes what receiving left behind that nothing was written to for so long: its process was killed.
	Sweep(ctx context.Context, age time.Duration) error
}

// Verify reads the content and returns ErrChanged or ErrNotFound where it is not, or no longer, what its key says.
func Verify(ctx context.Context, s Store, key string) error {
	content, _, err := s.Open(ctx, key)
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = io.Copy(io.Discard, content)
	return err
}

var (
	idForm  = regexp.MustCompile(`^[0-9A-Za-z]{1,64}$`)
	keyForm = regexp.MustCompile(`^[0-9a-f]{64}-[0-9A-Za-z]{1,64}$`)
)

const digestLength = 2 * sha256.Size

// place returns where a key is kept: keys are spread over 256 folders, since some tools are slow with large ones.
func place(key string) string { return key[:2] + "/" + key }

func known(key string) error {
	if !keyForm.MatchString(key) {
		return fmt.Errorf("%w: key %q", ErrNotFound, key)
	}
	return nil
}

// bounded reads at most limit bytes and the context's time; one byte more is ErrTooLarge.
type bounded struct {
	ctx  context.Context
	from io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}

// proven reads a content and holds its last piece back until the whole of it was found to be what its key says.
type proven struct {
	io.ReadCloser
	digest string
	sum    hash.Hash
	left   int64
}

func prove(content io.ReadCloser, info Info) io.ReadCloser {
	return &proven{content, info.Key[:digestLength], sha256.New(), info.Size}
}

func (v *proven) Read(p []byte) (int, error) {
	if v.left == 0 {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := v.ReadCloser.Read(p[:min(int64(len(p)), v.left)])
	v.sum.Write(p[:n])
	v.left -= int64(n)
	if v.left == 0 && hex.EncodeToString(v.sum.Sum(nil)) != v.digest {
		return 0, ErrChanged
	}
	switch {
	case errors.Is(err, io.EOF) && v.left > 0:
		return 0, ErrChanged // cut off
	case errors.Is(err, io.EOF):
		return n, nil
	default:
		return n, err
	}
}
