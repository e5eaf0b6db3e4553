//go:build windows

package blob

import (
	"os"

	"golang.org/x/sys/windows"
)

// syncsFolders reports whether the entries of a folder can be written through to the disk.
const syncsFolders = false

// free returns how many bytes the folder's disk has room for.
func free(folder *os.Root) (int64, error) {
	name, err := windows.UTF16PtrFromString(folder.Name())
	if err != nil {
		return 0, err
	}
	var available uint64
	if err := windows.GetDiskFreeSpaceEx(name, &available, nil, nil); err != nil {
		return 0, err
	}
	return int64(available), nil //nolint:gosec // no disk has as much
}
