//go:build unix

package blob

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncsFolders reports whether the entries of a folder can be written through to the disk.
const syncsFolders = true

// space returns how many bytes the folder's disk has room for, and how many it has.
func space(folder *os.Root) (free, total int64, err error) {
	f, err := folder.Open(".")
	if err != nil {
		return 0, 0, err
	}
	defer f.Close() //nolint:errcheck // only asked
	var s unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &s); err != nil {
		return 0, 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), int64(s.Blocks) * int64(s.Bsize), nil //nolint:gosec,unconvert // the types differ by system; no disk has as much
}
