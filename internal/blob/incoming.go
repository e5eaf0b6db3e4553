package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"
)

// incoming is a folder on this machine's disk where contents lie until they are received and looked at.
type incoming struct {
	root *os.Root
	// reserve is how many bytes the disk keeps free: nothing more is received then. 0: it is not asked.
	reserve int64
}

const incomingFolder = "incoming"

// openIncoming makes the folder, and whatever leads to it. Only this user may look in.
func openIncoming(folder string, reserve int64) (*incoming, error) {
	if err := os.MkdirAll(filepath.Join(folder, incomingFolder), 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	return &incoming{root, reserve}, nil
}

const (
	copySize   = 64 << 10 // how much of a content is in memory at once
	checkEvery = 4 << 20  // after how many bytes the disk is asked again for its room
)

// received is a content that is whole and lies in the folder of what is incoming.
type received struct {
	*os.File
	name   string
	digest string
	size   int64
}

// receive takes a content in to its end and lets check look at it. Whoever gets it must drop it.
func (i *incoming) receive(ctx context.Context, content io.Reader, limit int64, check Check) (*received, error) {
	name := path.Join(incomingFolder, rand.Text())
	f, err := i.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	r := &received{File: f, name: name}
	if err := i.fill(r, &bounded{ctx: ctx, from: content, left: limit}); err != nil {
		return nil, errors.Join(err, i.drop(r))
	}
	if check != nil {
		if err := check(r, r.size); err != nil {
			return nil, errors.Join(err, i.drop(r))
		}
	}
	return r, nil
}

func (i *incoming) fill(r *received, content io.Reader) error {
	sum := sha256.New()
	buf := make([]byte, copySize)
	asked := int64(-checkEvery)
	for {
		if r.size-asked >= checkEvery {
			asked = r.size
			if err := i.room(); err != nil {
				return err
			}
		}
		n, err := content.Read(buf)
		if _, failed := r.Write(buf[:n]); failed != nil {
			return failed
		}
		sum.Write(buf[:n])
		r.size += int64(n)
		if errors.Is(err, io.EOF) {
			r.digest = hex.EncodeToString(sum.Sum(nil))
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// room returns ErrFull where the disk has less than it should keep.
func (i *incoming) room() error {
	if i.reserve == 0 {
		return nil
	}
	free, _, err := space(i.root)
	if err != nil {
		return err
	}
	if free < i.reserve {
		return fmt.Errorf("%w: %d bytes free, %d to be kept", ErrFull, free, i.reserve)
	}
	return nil
}

// drop removes what was received, unless it was kept by another name.
func (i *incoming) drop(r *received) error {
	_ = r.Close()
	if err := i.root.Remove(r.name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Sweep implements Store.
func (i *incoming) Sweep(ctx context.Context, age time.Duration) error {
	oldest := time.Now().Add(-age)
	return fs.WalkDir(i.root.FS(), incomingFolder, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case info.ModTime().After(oldest):
			return ctx.Err()
		}
		if err := i.root.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, ctx.Err())
		}
		return ctx.Err()
	})
}
