package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// Bounds of what an archive of anybody is let take of memory.
const (
	maxWindow   = 64 << 20
	maxManifest = 512 << 20
)

// Check reads an archive to its end and proves that it is what its manifest says. keep, which may be nil, takes the files
// in; it is closed after each. Until Check has returned no error nothing that keep took counts. The error is ErrBroken or
// ErrNewer where the archive is at fault.
func Check(ctx context.Context, archive io.Reader, keep func(name string, size int64) (io.WriteCloser, error)) (Manifest, error) {
	zip, err := zstd.NewReader(archive, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
	if err != nil {
		return Manifest{}, broken("%v", err)
	}
	defer zip.Close()
	c := checker{tar: tar.NewReader(cancelable{ctx, zip}), keep: keep, found: map[string]File{}}
	for {
		header, err := c.tar.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Manifest{}, c.fault(ctx, err)
		}
		if err := c.file(header); err != nil {
			return Manifest{}, c.fault(ctx, err)
		}
	}
	// The last frame's checksum stands behind the tar's end.
	n, err := io.Copy(io.Discard, zip)
	if err == nil && n > 0 {
		err = broken(textTrailing)
	}
	if err != nil {
		return Manifest{}, c.fault(ctx, err)
	}
	return c.manifest()
}

type checker struct {
	tar   *tar.Reader
	keep  func(name string, size int64) (io.WriteCloser, error)
	found map[string]File
	said  []byte // the manifest
	own   error  // of keep: not the archive's fault
}

// cancelable reads until the context ends.
type cancelable struct {
	ctx  context.Context
	from io.Reader
}

func (c cancelable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.from.Read(p)
}

// fault says whose fault an error is.
func (c *checker) fault(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case c.own != nil:
		return c.own
	case errors.Is(err, ErrBroken):
		return err
	default:
		return broken("%v", err)
	}
}

func (c *checker) file(h *tar.Header) error {
	_, twice := c.found[h.Name]
	switch {
	case c.said != nil:
		return broken(textBehindManifest, h.Name)
	case h.Typeflag != tar.TypeReg || !valid(h.Name) || twice || h.Size < 0:
		return broken(textBadName, h.Name)
	case h.Name == manifestName:
		if h.Size > maxManifest {
			return broken(textBadName, h.Name)
		}
		var b bytes.Buffer
		_, err := io.Copy(&b, c.tar)
		c.said = b.Bytes()
		return err
	}
	sum := sha256.New()
	to := io.Writer(sum)
	var kept io.WriteCloser
	if c.keep != nil {
		if kept, c.own = c.keep(h.Name, h.Size); c.own != nil {
			return c.own
		}
		to = io.MultiWriter(sum, ownFault{kept, c})
	}
	n, err := io.Copy(to, c.tar)
	if kept != nil {
		if closed := kept.Close(); closed != nil && c.own == nil {
			c.own = closed
			err = errors.Join(err, closed)
		}
	}
	c.found[h.Name] = File{h.Name, n, hex.EncodeToString(sum.Sum(nil))}
	return err
}

// ownFault remembers that writing failed, not reading.
type ownFault struct {
	io.Writer
	c *checker
}

func (o ownFault) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if err != nil {
		o.c.own = err
	}
	return n, err
}

// manifest holds what was found against what the manifest says.
func (c *checker) manifest() (Manifest, error) {
	var m Manifest
	if c.said == nil {
		return m, broken(textNoManifest)
	}
	if err := json.Unmarshal(c.said, &m); err != nil {
		return m, broken("%s: %v", manifestName, err)
	}
	if m.Format > Format {
		return m, fmt.Errorf("%w（%d > %d）", ErrNewer, m.Format, Format)
	}
	for _, f := range m.Files {
		if found, ok := c.found[f.Name]; !ok {
			return m, broken(textMissing, f.Name)
		} else if found != f {
			return m, broken(textChanged, f.Name)
		}
		delete(c.found, f.Name)
	}
	for name := range c.found {
		return m, broken(textUnlisted, name)
	}
	if !slices.ContainsFunc(m.Files, func(f File) bool { return f.Name == Ledger }) {
		return m, broken(textMissing, Ledger)
	}
	return m, nil
}

// Extract reads an archive into an empty folder, where every file is the user's alone and lies on the disk when it
// returns. What it took counts for nothing where it returns an error.
func Extract(ctx context.Context, archive io.Reader, folder string) (Manifest, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return Manifest{}, err
	}
	defer root.Close() //nolint:errcheck // files were synced one by one
	return Check(ctx, archive, func(name string, _ int64) (io.WriteCloser, error) {
		if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
			return nil, err
		}
		f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, err
		}
		return syncing{f}, nil
	})
}

// syncing writes a file through to the disk when it is closed.
type syncing struct{ *os.File }

// Close implements io.Closer.
func (s syncing) Close() error { return errors.Join(s.Sync(), s.File.Close()) }
