package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// partial is how the folder of an archive that is not complete begins; abandoned is when it is taken for one whose process
// was killed.
const (
	partial   = ".duban-backup-"
	abandoned = 24 * time.Hour
)

// Writer writes an archive. Nothing has the archive's name before Finish.
type Writer struct {
	path   string // of the archive
	folder string // for what is not complete, beside it
	file   *os.File
	zip    *zstd.Encoder
	tar    *tar.Writer
	files  []File
	// Told is called with every byte count that was written; nil: nobody wants to know.
	Told func(n int)
}

// Create begins an archive; its folder must exist, and no file of its name.
func Create(path string) (*Writer, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf(textExists, path)
	}
	parent := filepath.Dir(path)
	if err := sweep(parent, time.Now()); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(parent, partial)
	if err != nil {
		return nil, err
	}
	w := &Writer{path: path, folder: folder}
	w.file, err = os.OpenFile(filepath.Join(folder, filepath.Base(path)), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		// One thread: the archive may be written beside everybody's work.
		w.zip, err = zstd.NewWriter(w.file, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	}
	if err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	w.tar = tar.NewWriter(w.zip)
	return w, nil
}

// sweep removes what processes left that were killed in the middle of an archive.
func sweep(parent string, now time.Time) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), partial) {
			continue
		}
		if info, err := e.Info(); err == nil && info.ModTime().Before(now.Add(-abandoned)) {
			if err := os.RemoveAll(filepath.Join(parent, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Folder is where what has to lie on the disk for a while has its place: it goes with the end of the writing.
func (w *Writer) Folder() string { return w.folder }

// Add writes a file of so many bytes and returns its SHA-256, in hexadecimal.
func (w *Writer) Add(name string, size int64, content io.Reader) (string, error) {
	err := w.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, Format: tar.FormatPAX})
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(w.tar, sum, teller(w.tell)), content)
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	digest := hex.EncodeToString(sum.Sum(nil))
	w.files = append(w.files, File{name, size, digest})
	return digest, nil
}

func (w *Writer) tell(n int) {
	if w.Told != nil {
		w.Told(n)
	}
}

// teller tells of what is written to it.
type teller func(n int)

func (t teller) Write(p []byte) (int, error) {
	t(len(p))
	return len(p), nil
}

// AddFile writes a file of this machine.
func (w *Writer) AddFile(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	_, err = w.Add(name, info.Size(), f)
	return err
}

// Finish writes the manifest, reads the archive again from the disk, and gives it its name. It returns the manifest as
// written and the SHA-256 of the whole archive.
func (w *Writer) Finish(ctx context.Context, m Manifest) (Manifest, string, error) {
	m.Format, m.Files = Format, w.files
	content, err := m.encode()
	if err != nil {
		return m, "", errors.Join(err, w.Abort())
	}
	if _, err := w.Add(manifestName, int64(len(content)), bytes.NewReader(content)); err != nil {
		return m, "", errors.Join(err, w.Abort())
	}
	digest, err := w.seal(ctx)
	if err != nil {
		return m, "", errors.Join(err, w.Abort())
	}
	return m, digest, w.Abort()
}

func (w *Writer) seal(ctx context.Context) (string, error) {
	if err := errors.Join(w.tar.Close(), w.zip.Close()); err != nil {
		return "", err
	}
	if err := w.file.Sync(); err != nil {
		return "", err
	}
	if _, err := w.file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	sum := sha256.New()
	if _, err := Check(ctx, io.TeeReader(w.file, sum), nil); err != nil {
		return "", err
	}
	if _, err := os.Lstat(w.path); err == nil {
		return "", fmt.Errorf(textExists, w.path)
	}
	if err := os.Rename(w.file.Name(), w.path); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), SyncFolder(filepath.Dir(w.path))
}

// Abort gives up what is not complete. After Finish it does nothing more.
func (w *Writer) Abort() error {
	if w.file != nil {
		_ = w.file.Close() // what counted was synced
	}
	return os.RemoveAll(w.folder)
}

// SyncFolder makes a rename last through a power cut. Systems that can't sync a folder do not need it.
func SyncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}
