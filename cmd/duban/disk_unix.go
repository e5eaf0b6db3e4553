//go:build unix

package main

import "golang.org/x/sys/unix"

// diskFree returns how many bytes the folder's disk has room for, and how many it has.
func diskFree(folder string) (free, total int64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), int64(s.Blocks) * int64(s.Bsize), nil //nolint:gosec,unconvert // the types differ by system; no disk has as much
}
