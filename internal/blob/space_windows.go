//go:build windows

package blob

import (
	"os"

	"golang.org/x/sys/windows"
)

// syncsFolders reports whether the entries of a folder can be written through to the disk.
const syncsFolders = false

// space returns how many bytes the folder's disk has room for, and how many it has.
func space(folder *os.Root) (free, total int64, err error) {
	name, err := windows.UTF16PtrFromString(folder.Name())
	if err != nil {
		return 0, 0, err
	}
	var available, all uint64
	if err := windows.GetDiskFreeSpaceEx(name, &available, &all, nil); err != nil {
		return 0, 0, err
	}
	return int64(available), int64(all), nil //nolint:gosec // no disk has as much
}
