package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// Folder keeps contents in a folder of this machine, a file each. Files are readable by this user only, and nothing
// follows a link out of the folder.
type Folder struct {
	*incoming
}

// OpenFolder opens the folder, which is made where it is missing. Uploads end with ErrFull where less than reserve bytes
// would be left on the disk; 0: it is not asked.
func OpenFolder(folder string, reserve int64) (*Folder, error) {
	in, err := openIncoming(folder, reserve)
	if err != nil {
		return nil, err
	}
	return &Folder{in}, nil
}

// Close closes the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Put implements Store. What is received is written through to the disk and then renamed: after a power cut it is there
// whole, or not at all.
func (f *Folder) Put(ctx context.Context, id string, content io.Reader, limit int64, check Check) (digest string, size int64, err error) {
	if !idForm.MatchString(id) {
		return "", 0, fmt.Errorf("id %q", id)
	}
	r, err := f.receive(ctx, content, limit, check)
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, f.drop(r)) }()
	if err := errors.Join(r.Sync(), r.Close(), ctx.Err()); err != nil {
		return "", 0, err
	}
	where := place(r.digest + "-" + id)
	parent := path.Dir(where)
	if err := f.root.Mkdir(parent, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", 0, err
	}
	// A hard link would refuse what is there already; but not every file system has them, and an id is used once.
	if _, err := f.root.Lstat(where); !errors.Is(err, fs.ErrNotExist) {
		return "", 0, errors.Join(err, fmt.Errorf("%s: %w", where, fs.ErrExist))
	}
	if err := f.root.Rename(r.name, where); err != nil {
		return "", 0, err
	}
	return r.digest, r.size, errors.Join(f.sync(parent), f.sync("."))
}

// sync writes a folder's entries through to the disk.
func (f *Folder) sync(folder string) error {
	if !syncsFolders {
		return nil
	}
	d, err := f.root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open implements Store.
func (f *Folder) Open(_ context.Context, key string) (io.ReadCloser, Info, error) {
	content, info, err := f.Raw(key)
	if err != nil {
		return nil, Info{}, err
	}
	return prove(content, info), info, nil
}

// Raw returns a content as it lies there, whether or not it is still what its key says: for copies, which keep what there is.
func (f *Folder) Raw(key string) (io.ReadCloser, Info, error) {
	if err := known(key); err != nil {
		return nil, Info{}, err
	}
	content, err := f.root.Open(place(key))
	if err != nil {
		return nil, Info{}, missing(key, err)
	}
	info, err := content.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, Info{}, errors.Join(ErrChanged, err, content.Close())
	}
	return content, Info{key, info.Size(), info.ModTime()}, nil
}

// Place returns where a key's content lies in the folder, as a path with slashes.
func Place(key string) string { return place(key) }

// Space returns how many bytes the disk of a folder has room for, and how many it has.
func Space(folder string) (free, total int64, err error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return 0, 0, err
	}
	defer root.Close() //nolint:errcheck // only asked
	return space(root)
}

// Stat implements Store.
func (f *Folder) Stat(_ context.Context, key string) (Info, error) {
	if err := known(key); err != nil {
		return Info{}, err
	}
	info, err := f.root.Lstat(place(key))
	if err != nil {
		return Info{}, missing(key, err)
	}
	return Info{key, info.Size(), info.ModTime()}, nil
}

// Delete implements Store.
func (f *Folder) Delete(_ context.Context, key string) error {
	if known(key) != nil {
		return nil //nolint:nilerr // nothing is kept under what is no key
	}
	if err := f.root.Remove(place(key)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// List implements Store. Files that are no contents are not its business.
func (f *Folder) List(ctx context.Context, visit func(Info) error) error {
	return fs.WalkDir(f.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name == incomingFolder:
			return fs.SkipDir
		case e.IsDir() || !keyForm.MatchString(e.Name()) || name != place(e.Name()):
			return ctx.Err()
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed meanwhile
		}
		if err != nil {
			return err
		}
		return errors.Join(visit(Info{e.Name(), info.Size(), info.ModTime()}), ctx.Err())
	})
}

func missing(key string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s", ErrNotFound, key)
	}
	return err
}

var _ Store = (*Folder)(nil)
